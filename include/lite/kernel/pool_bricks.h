// The pool family of SIMD bricks: argument structs and the table of function pointers.
#ifndef LITE_KERNEL_POOL_BRICKS_H_
#define LITE_KERNEL_POOL_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// y[q * n + i] = reduction over r < rows, j < columns of x[q * step + r * row + j * column + i], for q < pixels, i < n.
// Where windows are one pixel apart, a whole row of pixels is one "pixel" of n = width * channels.
template <class T>
struct PoolWindows {
    const T* x;
    T* y;
    size_t pixels, n, rows, columns;
    ptrdiff_t step, row, column;
    float scale;  // multiplies sums
};
using PoolPixels = PoolWindows<float>;
struct PoolBricks {
    void (*max)(const PoolPixels&) = nullptr;
    void (*sum)(const PoolPixels&) = nullptr;
    // The same for n = 1, step = 2, rows = 1; reads up to one vector behind the last window.
    void (*max_pairs)(const PoolPixels&) = nullptr;
    void (*sum_pairs)(const PoolPixels&) = nullptr;
    void (*max_u8)(const PoolWindows<uint8_t>&) = nullptr;
    void (*max_i8)(const PoolWindows<int8_t>&) = nullptr;
};

LITE_NAMESPACE_END
#endif
