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

struct MoveBricks {
    void (*transpose32)(const TransposeArgs&) = nullptr;  // elements of 4 bytes
};

LITE_NAMESPACE_END
#endif
