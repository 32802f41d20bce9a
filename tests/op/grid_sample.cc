#include "lite/op/grid_sample.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static Array sampled(const Array& x, const Array& grid, const char* mode, const char* padding, bool align) {
    return OpCase(describe<GridSample>(), with("mode", std::string(mode))("padding_mode", std::string(padding))("align_corners", int64_t{align}), {activation(x), activation(grid)}, 1, 20)
            .run_reference()[0];
}

TEST_CASE("GridSample at corners, centres and outside") {
    const Array x = f32({1, 1, 2, 2}, {1, 2, 3, 4});
    const Array grid = f32({1, 1, 4, 2}, {-1, -1, 1, 1, 0, 0, 3, -1});
    check_close(sampled(x, grid, "linear", "zeros", true), f32({1, 1, 1, 4}, {1, 4, 2.5f, 0}), 1e-6, 0, "zeros");
    check_close(sampled(x, grid, "linear", "border", true), f32({1, 1, 1, 4}, {1, 4, 2.5f, 2}), 1e-6, 0, "border");
    check_close(sampled(x, grid, "linear", "reflection", true), f32({1, 1, 1, 4}, {1, 4, 2.5f, 1}), 1e-6, 0, "reflection");
    check_close(sampled(x, grid, "nearest", "border", true), f32({1, 1, 1, 4}, {1, 4, 1, 2}), 1e-6, 0, "nearest");
    // Without align_corners a corner lies half an element outside: one quarter of its weight is left.
    check_close(sampled(x, grid, "bilinear", "zeros", false), f32({1, 1, 1, 4}, {0.25f, 1, 2.5f, 0}), 1e-6, 0, "half outside");
    // Cubic weights at the middle of two elements are -3/32, 19/32, 19/32, -3/32; the border repeats.
    check_close(sampled(x, grid, "cubic", "border", true), f32({1, 1, 1, 4}, {1, 4, 2.5f, 2}), 1e-5, 0, "cubic");
    CHECK_THROWS_AS(sampled(x, f32({1, 1, 1, 3}, {0, 0, 0}), "linear", "zeros", true), Error);
    CHECK_THROWS_AS(sampled(x, grid, "spline", "zeros", true), Error);
}
TEST_CASE("GridSample in three dimensions and for NaN") {
    const Array x = iota({1, 1, 2, 2, 2});
    check_close(sampled(x, f32({1, 1, 1, 2, 3}, {0, 0, 0, 1, -1, -1}), "linear", "zeros", true), f32({1, 1, 1, 1, 2}, {3.5f, 1}), 1e-6, 0, "volume");
    const float nan = std::nanf("");
    check_close(sampled(iota({1, 1, 2, 2}), f32({1, 1, 1, 2}, {nan, nan}), "linear", "zeros", true), f32({1, 1, 1, 1}, {0}), 0, 0, "nan");
}
