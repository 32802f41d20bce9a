#include "lite/op/roi_pool.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static Array pooled(const Array& x, const Array& regions, With a) { return OpCase(describe<RoiPool>(), a, {activation(x), activation(regions)}).run_reference()[0]; }

TEST_CASE("RoiPool takes the maximum or the mean of the cells of a region") {
    const Array x = iota({1, 2, 4, 4});  // the second channel 16 higher
    const With grid = with("pooled_shape", std::vector<int64_t>{2, 2});
    check_close(pooled(x, f32({1, 5}, {0, 0, 0, 3, 3}), grid), f32({1, 2, 2, 2}, {5, 7, 13, 15, 21, 23, 29, 31}), 0, 0, "whole image");
    check_close(pooled(x, f32({1, 5}, {0, 0, 0, 3, 3}), With(grid)("mode", int64_t{1})), f32({1, 2, 2, 2}, {2.5f, 4.5f, 10.5f, 12.5f, 18.5f, 20.5f, 26.5f, 28.5f}), 1e-6, 0, "mean");
    // Three pixels in two cells: the middle one belongs to both.
    check_close(pooled(x, f32({1, 5}, {0, 1, 1, 3, 3}), grid), f32({1, 2, 2, 2}, {10, 11, 14, 15, 26, 27, 30, 31}), 0, 0, "overlapping cells");
    check_close(pooled(x, f32({1, 5}, {0, 2.6f, 2.4f, 5, 5}), with("spatial_scale", 0.5f)), f32({1, 2, 1, 1}, {15, 31}), 0, 0, "scaled and rounded");
    check_close(pooled(x, f32({1, 5}, {0, 50, 50, 60, 60}), grid), f32({1, 2, 2, 2}, std::vector<float>(8, 0.f)), 0, 0, "outside");
    check_close(pooled(Array::zeros(DType::f32, {1, 1, 0, 4}), f32({1, 5}, {0, 0, 0, 1, 1}), {}), f32({1, 1, 1, 1}, {0}), 0, 0, "no pixels");
    CHECK_THROWS_AS(pooled(x, f32({1, 5}, {1, 0, 0, 1, 1}), grid), Error);
    CHECK_THROWS_AS(pooled(x, f32({1, 5}, {NAN, 0, 0, 1, 1}), grid), Error);
    CHECK_THROWS_AS(pooled(x, f32({1, 4}, {0, 0, 1, 1}), grid), Error);
}
