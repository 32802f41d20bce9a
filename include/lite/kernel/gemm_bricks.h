// The gemm family of SIMD bricks: argument structs and the table of function pointers. kernel/gemm.h drives them.
#ifndef LITE_KERNEL_GEMM_BRICKS_H_
#define LITE_KERNEL_GEMM_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

// One register tile of C[rows x n] = clamp(A[rows x k] * B[k x n] + bias). Every element is one chain of fused multiply-adds
// over rising k from the bias (0 without one), so its value does not depend on the tile that computes it.
struct GemmTileArgs {
    const float* a;         // row r at a + r * lda
    const float* b;         // row i of the panel at b + i * ldb, readable over the width of the panel
    const float* bias;      // one for each column, readable over the width of the panel; or nullptr
    const float* row_bias;  // one for each row; or nullptr
    float* c;               // row r at c + r * ldc
    size_t k, lda, ldb, ldc;
    size_t n;               // columns that are stored: at most the width of the panel
    float low, high;        // a NaN passes
    bool accumulate;        // C += instead of C =, before the clamp
};
using GemmTile = void (*)(const GemmTileArgs&);

// B is worked off in panels of `panel` columns; the last one may be `lanes` or `half` wide. A packed panel is [k][width], and
// panel p of a packed matrix begins at p * panel * k.
struct GemmBricks {
    size_t panel = 0, lanes = 0, half = 0;  // floats; half = 0: there is none
    size_t rows = 0, narrow_rows = 0;       // of the largest tile, in panels and in the narrower last panels
    // [rows - 1], null for heights that do not exist: next_tile_rows.
    static constexpr size_t kMaxRows = 14;
    GemmTile packed[kMaxRows] = {};       // ldb == panel
    GemmTile in_place[kMaxRows] = {};     // any ldb
    GemmTile narrow[kMaxRows] = {};       // lanes wide, packed
    GemmTile narrow_half[kMaxRows] = {};  // half wide, packed
    // One row, any ldb: four interleaved chains of k, which one row needs to hide the latency of the sums.
    GemmTile gemv = nullptr, gemv_narrow = nullptr, gemv_half = nullptr;
    // Packs scale * B, n columns: the panels one after another, zeros behind the last column.
    void (*pack)(const float* b, size_t k, size_t n, size_t ldb, float scale, float* out) = nullptr;
    // The same from B^T: column j of B is row j of `bt`, ldb floats apart.
    void (*pack_t)(const float* bt, size_t k, size_t n, size_t ldb, float scale, float* out) = nullptr;
    // out[c * ldo + r] = scale * in[r * ldi + c]
    void (*transpose)(const float* in, size_t rows, size_t columns, size_t ldi, float scale, float* out, size_t ldo) = nullptr;
    // For each row of x: x = exp(x - largest of the row), inverse[row] = 1 / their sum. The row stride is a whole number of
    // vectors; what lies between n and the next whole vector is overwritten.
    void (*exp_rows)(float* x, size_t rows, size_t n, size_t stride, float* inverse) = nullptr;
    // x[row] *= s[row]
    void (*scale_rows)(float* x, size_t rows, size_t n, size_t stride, const float* s) = nullptr;
};

LITE_NAMESPACE_END
#endif
