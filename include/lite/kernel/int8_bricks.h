// The int8 family of SIMD bricks: argument structs and the table of function pointers. kernel/int8.h drives the tiles.
#ifndef LITE_KERNEL_INT8_BRICKS_H_
#define LITE_KERNEL_INT8_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

// How 32-bit sums become 8 bits: clamp(round_half_even(sum * scale) + zero, low, high) ^ flip, all in the range of u8. Signed
// results are made as u8 around a zero point 128 higher, and flip = 0x80 brings them back. |sum * scale| must stay below 2^30.
struct Int8Store {
    int32_t zero = 0;
    uint8_t low = 0, high = 255, flip = 0;
};

// One register tile of a product: sum[r][c] = bias[c] + row_sums[r] * column_zero[c] + sum over taps t and bytes i of
// a[t * a_stride + r][i] * w(t, i, c), with unsigned a and signed w. Sums are exact (they wrap around at 32 bits).
struct Int8TileArgs {
    const uint8_t* const* a;        // pointers to k bytes for every tap and row; rows up to the height of the tile must be there
    size_t a_stride, taps, k;
    const int8_t* w;                // a panel of packed weights: [taps][ceil(k / 4)][width][4]
    const int32_t* bias;            // [width], in the order of the panel, as all of the following
    const float* scale;             // [width]; nullptr: y gets the sums, i32
    const int32_t* row_sums;        // nullptr: none
    const int32_t* column_zero;     // [width]
    void* y;                        // row r at y + r * ldy elements
    size_t ldy;
    size_t rows, n;                 // that are stored, of y
    Int8Store store;
};
using Int8Tile = void (*)(const Int8TileArgs&);

// Outputs in a row of a depthwise convolution, for one block of channels, in tiles of `outputs` neighbours. Columns of the image are
// taken four at a time: sum[o] = bias + sum over window rows r and quads q of dot(columns 4q ... 4q + 3 of row r, w[r][o][q]).
struct Int8DepthwiseArgs {
    const uint8_t* const* const* a; // for each window row [tiles][4 * quads] pointers to pixels, for columns that no output needs, too
    size_t channel;                 // of the pixels: the first of the block
    size_t rows;
    const int8_t* w;                // [rows][outputs][quads][4][block bytes]
    const int32_t* bias;            // [block], in the order of the sums
    const float* scale;             // [block]; nullptr: i32 output
    void* y;                        // output o at y + o * ldy elements
    size_t ldy, count;              // outputs in the row
    Int8Store store;
    size_t quads;
};
using Int8Depthwise = void (*)(const Int8DepthwiseArgs&);

// The forms of a depthwise tile: `outputs` neighbours from `quads` quads of columns.
struct Int8DepthwiseForm {
    size_t outputs, quads;
};
inline constexpr Int8DepthwiseForm kInt8DepthwiseForms[] = {{2, 1}, {1, 1}, {4, 2}, {2, 2}, {1, 2}};
inline constexpr size_t kInt8DepthwiseFormCount = 5;

struct Int8Bricks {
    size_t panel = 0, lanes = 0;         // columns of a panel; a last panel of at most `lanes` columns is narrow
    bool blocked = false;                // wide panels of 8-bit results hold their columns in the order of int8_column
    size_t rows = 0;                     // of the highest tile
    static constexpr size_t kMaxRows = 14;
    Int8Tile wide[kMaxRows] = {};        // [rows - 1], null for heights that do not exist: next_tile_rows
    Int8Tile narrow[kMaxRows] = {};
    size_t height[kMaxRows] = {};        // [rows - 1]: rows that this tile reads pointers for
    size_t depthwise_block[3] = {};      // channels of a block, falling; 0: no such block
    Int8Depthwise depthwise[3][kInt8DepthwiseFormCount] = {};

    // y[i] = clamp(round(x[i] / scale) + zero) ^ flip
    void (*quantize)(const float* x, size_t n, float scale, const Int8Store& s, uint8_t* y) = nullptr;
    // y[i] = ((x[i] ^ flip) - zero) * scale
    void (*dequantize)(const uint8_t* x, size_t n, float scale, int32_t zero, uint8_t flip, float* y) = nullptr;
    // y[i] = (a[i] - a_zero) * a_ratio + (b[i] - b_zero) * b_ratio, a and b after ^ flip.
    void (*add)(const uint8_t* a, const uint8_t* b, size_t n, int32_t a_zero, int32_t b_zero, float a_ratio, float b_ratio, const Int8Store& s,
                uint8_t* y) = nullptr;
    // y[i] = (a[i] - a_zero) * (b[i] - b_zero) * ratio, a and b after ^ flip.
    void (*mul)(const uint8_t* a, const uint8_t* b, size_t n, int32_t a_zero, int32_t b_zero, float ratio, const Int8Store& s, uint8_t* y) = nullptr;
    // y[i] = x[i] ^ 0x80
    void (*flip)(const uint8_t* x, size_t n, uint8_t* y) = nullptr;
    // The sum of n bytes.
    int32_t (*sum)(const uint8_t* x, size_t n) = nullptr;
    // sums[i] += x[r * stride + i] over all rows r
    void (*sum_rows)(const uint8_t* x, size_t rows, size_t stride, size_t n, int32_t* sums) = nullptr;
    // y[i] from sums[i] * scale
    void (*requantize)(const int32_t* sums, size_t n, float scale, const Int8Store& s, uint8_t* y) = nullptr;
    // y[i] = sums[i] * scale[i] + bias[i]; bias may be nullptr
    void (*to_float)(const int32_t* sums, size_t n, const float* scale, const float* bias, float* y) = nullptr;
};

// Where column c of a panel lies in it. In the blocked order, packing two vectors of sums to 16 bits restores the columns.
inline size_t int8_column(const Int8Bricks& b, bool wide, bool bytes, size_t c) {
    if (!wide || !bytes || !b.blocked) return c;
    return (c % 8) / 4 * b.lanes + c / 8 * 4 + c % 4;
}
// Where channel c of a depthwise block lies among its 32-bit sums: four vectors, each with 4 neighbours of every 16.
inline size_t int8_depthwise_channel(size_t block, size_t c) { return c % 16 / 4 * (block / 4) + c / 16 * 4 + c % 4; }

LITE_NAMESPACE_END
#endif
