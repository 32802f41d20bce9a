// The depthwise family of SIMD bricks: argument structs and the table of function pointers.
#ifndef LITE_KERNEL_DEPTHWISE_BRICKS_H_
#define LITE_KERNEL_DEPTHWISE_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// One channel block of NCHWc<pack>, pack a multiple of the vector. The input has no padding: taps outside of it are skipped.
// Sizes and positions are in pixels, strides in floats.
struct DepthwiseArgs {
    const float* x;         // pixel (0, 0) of the input
    const float* weights;   // [kernel_h][kernel_w][pack]
    const float* bias;      // [pack]
    const float* residual;  // added before the clamp, laid out as y; or nullptr
    float* y;               // the first output pixel of the tiles
    ptrdiff_t x_row, y_row;
    ptrdiff_t height, width;          // of the input
    ptrdiff_t top, left;              // input position of the first tap of the first output pixel; may be negative
    ptrdiff_t kernel_h, kernel_w;
    ptrdiff_t dilation_h, dilation_w;
    ptrdiff_t stride_w;
    ptrdiff_t row_shift;              // tiles of two rows: the second begins that many taps below the first (stride_h / dilation_h)
    ptrdiff_t pack;
    float low, high;
};
// `tiles` tiles side by side.
using DepthwiseTile = void (*)(const DepthwiseArgs&, size_t tiles);

struct DepthwiseBricks {
    static constexpr size_t kMostColumns = 7;
    size_t columns = 1;  // the widest tile
    DepthwiseTile tile[2][kMostColumns] = {};  // [rows - 1][columns - 1], null for widths that do not exist: next_tile_rows
    // For the common windows, if present: 3x3 and 5x5, stride 1 and 2, no dilation, `pack` of one vector, at most K / 2
    // columns of a window outside of the image; tiles of `fixed_rows` rows x 4 to 7 columns.
    size_t fixed_rows = 0;
    DepthwiseTile fixed[2][2][kMostColumns] = {};  // [K == 5][stride == 2][columns - 1]
};

LITE_NAMESPACE_END
#endif
