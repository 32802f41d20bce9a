// The move family of SIMD bricks: argument structs and the table of function pointers.
#ifndef LITE_KERNEL_MOVE_BRICKS_H_
#define LITE_KERNEL_MOVE_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

// y[j * y_stride + i] = x[i * x_stride + j] for i < rows, j < cols; y is zero for i in [rows, padded_rows). Strides count
// elements. x and y do not overlap.
struct TransposeArgs {
    const void* x;
    ptrdiff_t x_stride;
    void* y;
    ptrdiff_t y_stride;
    size_t rows, cols, padded_rows;
};

// y[i * unit + j] = (1 - weight[i]) * x[first[i] + j] + weight[i] * x[second[i] + j] for i < n, j < unit.
struct LerpPixelsArgs {
    const float* x;
    float* y;
    const int32_t* first;  // offsets in floats
    const int32_t* second;
    const float* weight;
    size_t n, unit;
};

struct MoveBricks {
    void (*transpose8)(const TransposeArgs&) = nullptr;  // elements of 8, 16, 32 bits
    void (*transpose16)(const TransposeArgs&) = nullptr;
    void (*transpose32)(const TransposeArgs&) = nullptr;
    void (*lerp_pixels)(const LerpPixelsArgs&) = nullptr;
    // y[i] = (1 - weight) * a[i] + weight * b[i]; y may be a or b.
    void (*lerp_rows)(const float* a, const float* b, float* y, size_t n, float weight) = nullptr;
    // The same numbers in binary16 and in binary32, ties rounded to even.
    void (*to_half)(const float* x, uint16_t* y, size_t n) = nullptr;
    void (*from_half)(const uint16_t* x, float* y, size_t n) = nullptr;
};

LITE_NAMESPACE_END
#endif
