// The drivers of the int8 bricks: packed weights, and products of rows that are given by pointers.
#ifndef LITE_KERNEL_INT8_H_
#define LITE_KERNEL_INT8_H_
#include <algorithm>
#include <cstring>

#include "lite/kernel/bricks.h"
#include "lite/kernel/tile_rows.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Columns of a product with 8-bit inputs: n of them, each the sum over `taps` runs of k bytes.
struct Int8Shape {
    size_t n = 0, taps = 1, k = 0;
    size_t depth() const { return taps * ((k + 3) / 4 * 4); }  // bytes of one column of packed weights
};
inline size_t int8_panels(const Int8Bricks& b, size_t n) { return (n + b.panel - 1) / b.panel; }
inline bool int8_is_wide(const Int8Bricks& b, size_t n, size_t panel) { return n - panel * b.panel > b.lanes; }
// Columns with those that pad the last panel.
inline size_t int8_columns(const Int8Bricks& b, size_t n) {
    const size_t whole = n / b.panel * b.panel, rest = n - whole;
    return whole + (rest == 0 ? 0 : rest <= b.lanes ? b.lanes : b.panel);
}
inline size_t packed_int8_size(const Int8Bricks& b, const Int8Shape& s) { return int8_columns(b, s.n) * s.depth(); }
// Where column c lies in the packed arrays (bias, scale...). `bytes`: the product is stored in 8 bits.
inline size_t int8_position(const Int8Bricks& b, size_t n, bool bytes, size_t c) {
    const size_t p = c / b.panel;
    return p * b.panel + int8_column(b, int8_is_wide(b, n, p), bytes, c % b.panel);
}
// get(c, t, i) is the signed weight of column c for byte i of tap t.
template <class Get> void pack_int8(const Int8Bricks& b, const Int8Shape& s, bool bytes, int8_t* out, Get&& get) {
    std::memset(out, 0, packed_int8_size(b, s));
    const size_t k4 = (s.k + 3) / 4;
    for (size_t c = 0; c < s.n; ++c) {
        const size_t p = c / b.panel, width = int8_is_wide(b, s.n, p) ? b.panel : b.lanes;
        int8_t* to = out + p * b.panel * s.depth() + (int8_position(b, s.n, bytes, c) - p * b.panel) * 4;
        for (size_t t = 0; t < s.taps; ++t)
            for (size_t i = 0; i < s.k; ++i) to[(t * k4 + i / 4) * width * 4 + i % 4] = get(c, t, i);
    }
}

// A product whose weights are packed. Rows of y are ldy elements apart; bias, scale and column_zero are in the packed order.
struct Int8Call {
    Int8Shape shape;
    const int8_t* w = nullptr;
    const int32_t* bias = nullptr;
    const float* scale = nullptr;            // nullptr: y is i32
    const int32_t* column_zero = nullptr;    // nullptr: weights have no zero point
    void* y = nullptr;
    size_t ldy = 0;
    Int8Store store;
};
// Tiles whose pointers are made at once, so that a panel of weights is read once for all of them: as many as keep their rows in
// half of a first-level cache.
inline size_t int8_block(const Int8Bricks& b, const Int8Shape& s) {
    return std::clamp<size_t>(16384 / std::max<size_t>(b.rows * s.taps * s.k, 1), 1, 8);
}
// Scratch of one thread: pointers and sums of rows.
inline size_t int8_scratch_size(const Int8Bricks& b, const Int8Shape& s) {
    return (int8_block(b, s) * b.rows * (s.taps * sizeof(void*) + sizeof(int32_t)) + 63) / 64 * 64;
}
// Rows [row_begin, row_end) and panels [panel_begin, panel_end) of the product. fill(row, count, to, stride) writes the pointers of
// count rows: tap t of row + j to to[t * stride + j].
template <class Fill>
void int8_product(const Int8Bricks& b, const Int8Call& call, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end,
                  std::byte* scratch, Fill&& fill) {
    const size_t block = int8_block(b, call.shape), taps = call.shape.taps, depth = call.shape.depth(), columns = call.shape.n;
    const auto** pointers = reinterpret_cast<const uint8_t**>(scratch);
    auto* sums = reinterpret_cast<int32_t*>(scratch + block * b.rows * taps * sizeof(void*));
    Int8TileArgs g;
    g.a_stride = b.rows;
    g.taps = taps;
    g.k = call.shape.k;
    g.ldy = call.ldy;
    g.store = call.store;
    const size_t element = call.scale ? 1 : sizeof(int32_t);
    while (row_begin < row_end) {
        size_t count[8] = {}, tiles = 0, end = row_begin;
        for (; tiles < block && end < row_end; ++tiles) {
            const size_t rows = count[tiles] = next_tile_rows(b.wide, b.rows, row_end - end);
            const uint8_t** to = pointers + tiles * b.rows * taps;
            fill(end, rows, to, b.rows);
            for (size_t j = rows; j < b.height[rows - 1]; ++j)
                for (size_t t = 0; t < taps; ++t) to[t * b.rows + j] = to[t * b.rows + rows - 1];
            if (call.column_zero)
                for (size_t j = 0; j < b.height[rows - 1]; ++j) {
                    int32_t sum = 0;
                    for (size_t t = 0; t < taps; ++t) sum += b.sum(to[t * b.rows + j], g.k);
                    sums[tiles * b.rows + j] = sum;
                }
            end += rows;
        }
        for (size_t p = panel_begin; p < panel_end; ++p) {
            const size_t at = p * b.panel;
            const Int8Tile* tile = int8_is_wide(b, columns, p) ? b.wide : b.narrow;
            g.w = call.w + at * depth;
            g.bias = call.bias + at;
            g.scale = call.scale ? call.scale + at : nullptr;
            g.column_zero = call.column_zero ? call.column_zero + at : nullptr;
            g.n = std::min(columns - at, b.panel);
            size_t row = row_begin;
            for (size_t i = 0; i < tiles; row += count[i++]) {
                g.a = pointers + i * b.rows * taps;
                g.row_sums = call.column_zero ? sums + i * b.rows : nullptr;
                g.rows = count[i];
                g.y = static_cast<std::byte*>(call.y) + (row * call.ldy + at) * element;
                tile[count[i] - 1](g);
            }
        }
        row_begin = end;
    }
}
// Predicted nanoseconds of `macs` multiply-accumulates on one thread.
inline double int8_cost(const Bricks& b, double macs) {
    const double per_ns = b.int8.rows >= 14 ? 250. : b.lanes >= 16 ? 80. : b.lanes >= 8 ? 40. : b.lanes > 1 ? 8. : 1.;
    return macs / per_ns;
}
// The whole product over the threads of a pool: split by rows, and by panels too where there are few rows. `scratch` has
// int8_scratch_size bytes for every thread.
template <class Fill>
void int8_product(const Bricks& bricks, ThreadPool& pool, const Int8Call& call, size_t rows, std::byte* scratch, Fill&& fill) {
    const Int8Bricks& b = bricks.int8;
    const size_t panels = int8_panels(b, call.shape.n), tiles = (rows + b.rows - 1) / b.rows, each = int8_scratch_size(b, call.shape);
    const auto threads = static_cast<size_t>(pool.threads());
    const size_t parts = tiles >= 2 * threads || threads == 1 ? 1 : std::min(panels, (2 * threads + tiles - 1) / std::max<size_t>(tiles, 1));
    pool.expect(int8_cost(bricks, static_cast<double>(rows * call.shape.n * call.shape.depth())));
    if (parts <= 1) {
        const auto work = [&](size_t begin, size_t end, int part) {
            int8_product(b, call, begin, end, 0, panels, scratch + static_cast<size_t>(part) * each, fill);
        };
        pool.parallel_for(rows, b.rows, work, int8_block(b, call.shape));
        return;
    }
    pool.parallel_for(tiles * parts, 1, [&](size_t begin, size_t end, int part) {
        for (size_t i = begin; i < end; ++i) {
            const size_t tile = i % tiles, of = i / tiles;
            int8_product(b, call, tile * b.rows, std::min(rows, (tile + 1) * b.rows), panels * of / parts, panels * (of + 1) / parts,
                         scratch + static_cast<size_t>(part) * each, fill);
        }
    });
}

LITE_NAMESPACE_END
#endif
