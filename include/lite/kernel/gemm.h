// The drivers of the gemm bricks: C = clamp(A * B + bias) in fp32, whole, in part, or split over the threads of a pool.
#ifndef LITE_KERNEL_GEMM_H_
#define LITE_KERNEL_GEMM_H_
#include "lite/kernel/bricks.h"
#include "lite/kernel/tile_rows.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// How B [k x n] is given.
enum class GemmB : uint8_t {
    packed,      // by pack_b or pack_bt; panels one after another
    rows,        // row-major, row i at b + i * ldb; packed panel by panel when that pays
    transposed,  // row-major B^T: column j at b + j * ldb; packed panel by panel
};

// All matrices are row-major with a row stride. C must not overlap A or B. Exactly one of bias and row_bias may be given.
struct GemmCall {
    size_t m = 0, n = 0, k = 0;
    const float* a = nullptr;
    size_t lda = 0;
    GemmB form = GemmB::packed;
    const float* b = nullptr;
    size_t ldb = 0;                   // unused for packed
    float scale = 1.f;                // multiplies B; unused for packed, and for rows only where B is packed (see gemm_packs_rows)
    const float* bias = nullptr;      // n values, one for each column
    const float* row_bias = nullptr;  // m values, one for each row (a convolution whose weights are A)
    float* c = nullptr;
    size_t ldc = 0;
    float low = -__builtin_inff(), high = __builtin_inff();
    bool accumulate = false;  // C += instead of C =, before the clamp
    bool uniform = false;     // one row is computed as each of several would be, bit for bit
};

// A rectangle of C: rows [row_begin, row_end), panels [panel_begin, panel_end). It never changes what an element computes.
struct GemmPart {
    size_t row_begin = 0, row_end = 0, panel_begin = 0, panel_end = 0;
};

inline size_t gemm_panels(const Bricks& b, size_t n) { return (n + b.gemm.panel - 1) / b.gemm.panel; }
// Floats in which a panel of n <= panel columns is packed.
inline size_t gemm_panel_width(const GemmBricks& g, size_t n) { return g.half && n <= g.half ? g.half : n <= g.lanes ? g.lanes : g.panel; }
// Bytes of a packed B.
inline size_t packed_b_size(const Bricks& b, size_t k, size_t n) {
    const size_t whole = n / b.gemm.panel * b.gemm.panel, rest = n - whole;
    return (whole + (rest ? gemm_panel_width(b.gemm, rest) : 0)) * k * sizeof(float);
}
inline void pack_b(const Bricks& b, const float* from, size_t k, size_t n, size_t ldb, float* out, float scale = 1.f) {
    b.gemm.pack(from, k, n, ldb, scale, out);
}
inline void pack_bt(const Bricks& b, const float* from, size_t k, size_t n, size_t ldb, float* out, float scale = 1.f) {
    b.gemm.pack_t(from, k, n, ldb, scale, out);
}
// Bytes of scratch that one thread needs for a B that is not packed: one panel.
inline size_t gemm_scratch_size(const Bricks& b, size_t k) { return (k * b.gemm.panel * sizeof(float) + 63) / 64 * 64; }

// Whether a row-major B is packed: measured at 768 x 768, packing costs 38 % of the call at 8 rows and 8 % at 64. Rows that
// lie a multiple of 4 KB apart fall into one set of the first-level cache, so they are packed from 8 rows on.
inline bool gemm_packs_rows(const GemmCall& c) { return c.scale != 1.f || c.m > 64 || (c.m > 8 && c.ldb % 1024 == 0); }

// Computes one part; `scratch` (of gemm_scratch_size) is needed unless B is packed.
inline void gemm_f32(const Bricks& bricks, const GemmCall& call, const GemmPart& part, float* scratch = nullptr) {
    const GemmBricks& g = bricks.gemm;
    if (part.row_begin >= part.row_end) return;
    // A block of rows of A stays in the second-level cache while all panels of a packed B pass by.
    constexpr size_t kBlockFloats = size_t{128} << 10;
    const size_t rows_here = part.row_end - part.row_begin;
    size_t block = rows_here;
    if (call.form == GemmB::packed && part.panel_end - part.panel_begin > 1 && rows_here * call.k > kBlockFloats) {
        const size_t fit = std::max(kBlockFloats / call.k, 4 * g.rows), blocks = (rows_here + fit - 1) / fit;
        block = (rows_here + blocks - 1) / blocks;
    }
    const bool pack_rows = call.form == GemmB::rows && gemm_packs_rows(call);
    for (size_t row = part.row_begin; row < part.row_end; row += block) {
        const size_t row_end = std::min(row + block, part.row_end);
        for (size_t p = part.panel_begin; p < part.panel_end; ++p) {
            const size_t col = p * g.panel, w = std::min(g.panel, call.n - col), width = gemm_panel_width(g, w);
            GemmTileArgs t{};
            t.k = call.k;
            t.lda = call.lda;
            t.ldb = width;
            t.ldc = call.ldc;
            t.n = w;
            t.low = call.low;
            t.high = call.high;
            t.accumulate = call.accumulate;
            bool in_place = false;
            if (call.form == GemmB::packed) {
                t.b = call.b + col * call.k;
            } else if (call.form == GemmB::transposed) {
                g.pack_t(call.b + col * call.ldb, call.k, w, call.ldb, call.scale, scratch);
                t.b = scratch;
            } else if (pack_rows || w < g.panel) {
                g.pack(call.b + col, call.k, w, call.ldb, call.scale, scratch);
                t.b = scratch;
            } else {
                t.b = call.b + col;
                t.ldb = call.ldb;
                in_place = true;
            }
            float last_bias[64];  // the tile reads the bias over the width of the panel
            if (call.bias) {
                t.bias = call.bias + col;
                if (w < width) {
                    for (size_t i = 0; i < width; ++i) last_bias[i] = i < w ? call.bias[col + i] : 0.f;
                    t.bias = last_bias;
                }
            }
            const bool full = width == g.panel, half = !full && width == g.half;
            if (call.m == 1 && !call.uniform) {
                t.a = call.a;
                t.c = call.c + col;
                t.row_bias = call.row_bias;
                (full ? g.gemv : half ? g.gemv_half : g.gemv_narrow)(t);
                continue;
            }
            const GemmTile* tiles = full ? (in_place ? g.in_place : g.packed) : half ? g.narrow_half : g.narrow;
            const size_t most = full ? g.rows : g.narrow_rows;
            for (size_t m = row; m < row_end;) {
                const size_t r = next_tile_rows(tiles, most, row_end - m);
                t.a = call.a + m * call.lda;
                t.c = call.c + m * call.ldc + col;
                if (call.row_bias) t.row_bias = call.row_bias + m;
                tiles[r - 1](t);
                m += r;
            }
        }
    }
}
inline void gemm_f32(const Bricks& bricks, const GemmCall& call, float* scratch = nullptr) {
    gemm_f32(bricks, call, {0, call.m, 0, gemm_panels(bricks, call.n)}, scratch);
}

// Multiply-adds of the least work that is worth a thread: about 1 us.
inline constexpr size_t kGemmSplitWork = 50000;

// How `batch` equal products that are not empty are cut for `threads` threads: into units of one product's panels or rows.
struct GemmSplit {
    bool by_rows = false;
    size_t units = 1;  // of one product
};
inline GemmSplit gemm_split(const Bricks& bricks, const GemmCall& call, size_t batch, size_t threads) {
    const size_t panels = gemm_panels(bricks, call.n);
    if (threads <= 1) return {false, panels};
    // The share of the busiest thread, in columns or rows that it computes over the fair share. Rows that share a B which is not
    // packed would pack it once for each thread.
    const auto busiest = [&](size_t units) {
        const double all = static_cast<double>(units * batch), mine = static_cast<double>((units * batch + threads - 1) / threads);
        return mine * static_cast<double>(threads) / all;
    };
    // Many rows of which a thread has the same ones in each product are in its cache, and are more than B: [3136, 192] x [192, 48] took two
    // threads 0.68 of one's time by panels of the product before.
    const double rows_extra = call.form != GemmB::packed ? 0.15 : batch == 1 && call.m > call.n && call.m >= 16 * bricks.gemm.rows * threads ? -0.02 : 0.02;
    const bool by_rows = busiest(panels) > busiest(call.m) + rows_extra;
    return {by_rows, by_rows ? call.m : panels};
}

// Predicted nanoseconds of one product on one thread: arithmetic at 95 % of 2 FMA of `lanes` each 2 cycles at 3.5 GHz, or B at 40 GB/s.
inline double gemm_cost(const Bricks& bricks, double m, double n, double k) {
    const double per_ns = 3.3 * static_cast<double>(bricks.lanes), panel = static_cast<double>(bricks.gemm.lanes);
    const double columns = (n + panel - 1) / panel * panel;
    return 20.0 + std::max(m * columns * k / (per_ns < 4 ? 1.0 : per_ns), n * k * 0.1);
}

// The products call.b + i * ..., i in [0, batch), over all threads. `at(i, call)` sets the pointers of product i. `scratch` holds
// gemm_scratch_size for each thread unless B is packed.
template <class At>
inline void gemm_f32_batch(const Bricks& bricks, ThreadPool& pool, const GemmCall& call, size_t batch, At&& at, float* scratch = nullptr) {
    if (call.m == 0 || call.n == 0) return;
    const size_t threads = static_cast<size_t>(pool.threads());
    const GemmSplit s = gemm_split(bricks, call, batch, threads);
    const size_t panels = gemm_panels(bricks, call.n), units = batch * s.units;
    const size_t grain = batch * call.m * call.n * call.k < 2 * kGemmSplitWork ? std::max<size_t>(units, 1) : 1;
    const size_t scratch_floats = gemm_scratch_size(bricks, call.k) / sizeof(float);
    // A piece of rows has whole tiles and is worth reading B for; B that is not packed would be packed for each piece.
    const size_t piece = !s.by_rows ? 1 : call.form == GemmB::packed ? 2 * bricks.gemm.rows : units;
    pool.expect(static_cast<double>(batch) * gemm_cost(bricks, static_cast<double>(call.m), static_cast<double>(call.n), static_cast<double>(call.k)));
    const auto work = [&](size_t begin, size_t end, int thread) {
        float* mine = scratch ? scratch + static_cast<size_t>(thread) * scratch_floats : nullptr;
        while (begin < end) {
            const size_t i = begin / s.units, from = begin % s.units, to = std::min(s.units, from + (end - begin));
            GemmCall one = call;
            at(i, one);
            gemm_f32(bricks, one, s.by_rows ? GemmPart{from, to, 0, panels} : GemmPart{0, call.m, from, to}, mine);
            begin += to - from;
        }
    };
    pool.parallel_for(units, grain, work, piece);
}
inline void gemm_f32(const Bricks& bricks, ThreadPool& pool, const GemmCall& call, float* scratch = nullptr) {
    gemm_f32_batch(bricks, pool, call, 1, [](size_t, GemmCall&) {}, scratch);
}

LITE_NAMESPACE_END
#endif
