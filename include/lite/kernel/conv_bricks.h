// The conv family of SIMD bricks: argument structs and the table of function pointers.
#ifndef LITE_KERNEL_CONV_BRICKS_H_
#define LITE_KERNEL_CONV_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"
#include "lite/kernel/tile_rows.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

// One register tile of a sum of products: y[r][v] = f(bias + sum over blocks b, taps t, steps i of
//     x[rows[r] + b * block_stride + taps[t] + i] * w[b][t][i][v] + residual[r][v])
// for all rows r of the tile (pixels, or output channels of a dense layout) and the vectors v of one panel. The same loop
// is a 1x1, a KxK, a dilated, a grouped and a 3-D convolution, in packed and in channels-last layouts: only the tables differ.
struct ConvTileArgs {
    const float* x = nullptr;
    const ptrdiff_t* rows = nullptr;  // offsets in floats
    const ptrdiff_t* taps = nullptr;
    size_t tap_count = 1;
    size_t blocks = 1;
    size_t block_stride = 0;
    size_t steps = 0, last_steps = 0;  // per tap; last_steps in the last block
    const float* w = nullptr;          // read once from front to back
    const float* bias = nullptr;       // a panel's vectors; one number per row if row_bias; may be null
    const float* residual = nullptr;   // addressed like y; may be null
    float* y = nullptr;
    ptrdiff_t y_row = 0;                    // from row to row
    ptrdiff_t y_vector[4] = {0, 0, 0, 0};  // of the vectors of the panel
    float low = 0.f, high = 0.f;
    bool clamp = false, row_bias = false;
    // Pick tiles: a step multiplies a vector of weights with a block's lanes in another order, instead of with one lane.
    const size_t* block_steps = nullptr;  // of each block, in place of steps and last_steps
    const int32_t* picks = nullptr;       // [block][step][lanes]: the lane of the block that goes to each lane
};
using ConvTileFn = void (*)(const ConvTileArgs&);

// The tiles of one vector width. Entries are null for sizes that were left out.
struct ConvTiles {
    static constexpr size_t kMaxRows = 14;
    size_t lanes = 0;    // floats in a vector; 0: the target has no such tiles
    size_t vectors = 1;  // of a full panel: 1, 2 or 4
    size_t max_rows = 0;
    ConvTileFn tile[3][kMaxRows] = {};  // [log2 of the vectors of the panel][rows - 1]
    ConvTileFn adjacent = nullptr;      // a full panel and max_rows rows, each one vector behind the one before; may be null

    size_t next_rows(size_t left) const { return next_tile_rows(tile[0], max_rows, left); }
    // `offsets`: of the rows, which never come closer than a vector.
    ConvTileFn get(size_t panel_vectors, size_t rows, const ptrdiff_t* offsets) const {
        if (adjacent && rows == max_rows && panel_vectors == vectors && offsets[rows - 1] - offsets[0] == static_cast<ptrdiff_t>((rows - 1) * lanes)) return adjacent;
        return get(panel_vectors, rows);
    }
    ConvTileFn get(size_t panel_vectors, size_t rows) const {
        return tile[panel_vectors == 4 ? 2 : panel_vectors - 1][rows - 1];
    }
};

// Transforms of a run of tiles of one channel block for Winograd's F(4x4, 3x3). A tile is 4x4 outputs, made of 6x6 inputs; the
// image is in a packed layout whose block is one vector. Point p of tile i of the run lies at v + p * point + i * lanes.
struct WinogradArgs {
    const float* x = nullptr;         // input(): the plane of the channel block
    float* v = nullptr;               // input() writes it, output() reads it
    float* y = nullptr;               // output(): the plane, with the plane of the residual and the bias of the block (or null)
    const float* residual = nullptr;
    const float* bias = nullptr;
    ptrdiff_t height = 0, width = 0, row = 0;  // of the plane; from one row to the next in floats
    ptrdiff_t pad_top = 0, pad_left = 0;
    size_t tiles_x = 1, first = 0, count = 0;  // tiles in a row of tiles; the run
    float low = 0.f, high = 0.f;
};
struct WinogradBricks {
    size_t lanes = 0, max_tiles = 0, point = 0;
    void (*input)(const WinogradArgs&) = nullptr;
    void (*output)(const WinogradArgs&) = nullptr;
};

// Row r of the 6x6 products of 4 tiles with one block of output channels, from weights [channel][3][3][lanes].
struct WinogradSmallArgs {
    const float* v = nullptr;      // points of the row in the first block of input channels
    const float* w = nullptr;
    const float* ahead = nullptr;  // fetched into the L2 cache meanwhile, ahead_step floats per channel
    float* y = nullptr;            // the row's products
    size_t blocks = 0, last_steps = 0, ahead_step = 0;
    const float* scale = nullptr;  // of the 6 columns, applied to the sums
    bool first = true;             // else the sums in y go on
};
struct WinogradSmallBricks {
    WinogradBricks transforms;  // lanes = 0: the target has too few registers
    void (*row[6])(const WinogradSmallArgs&) = {};
};

struct ConvBricks {
    WinogradBricks winograd;
    WinogradSmallBricks winograd_small;
    ConvTiles picks;     // of one native vector; lanes = 0: the target has none
    // Rows are output channels and vectors are pixels: y[r][v] = f(bias[r] + sum over taps t of x[taps[t] + v * lanes] * w[t][r]).
    ConvTiles pixels;    // tile[0] only, of `vectors` vectors; lanes = 0: the target has none
    ConvTiles tiles[3];  // widest first: native vectors, 8 lanes, 4 lanes; widths that the target lacks have lanes = 0

    // The widest tiles whose vectors lie inside a block of `pack` channels.
    const ConvTiles& tiles_for(size_t pack) const {
        for (const ConvTiles& t : tiles)
            if (t.lanes && t.lanes <= pack) return t;
        return tiles[0];
    }
};

LITE_NAMESPACE_END
#endif
