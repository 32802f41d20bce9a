#include "lite/op/roi_samples.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static Array sampled(const Array& x, const Array& regions, With a) { return OpCase(describe<RoiSamples>(), a, {activation(x), activation(regions)}).run_reference()[0]; }

TEST_CASE("RoiSamples averages or takes the maximum of bilinear samples") {
    const Array x = iota({1, 1, 8, 8});  // a sample at (row, column) is 8 row + column
    const auto grid = [](int64_t samples) {
        return with("output_height", int64_t{2})("output_width", int64_t{2})("sample_height", samples)("sample_width", samples);
    };
    // The numbers are MegEngine's.
    check_close(sampled(x, f32({1, 5}, {0, 0, 0, 2, 2}), grid(1)), f32({1, 1, 2, 2}, {4.5f, 5.5f, 12.5f, 13.5f}), 1e-6, 0, "one sample");
    check_close(sampled(x, f32({1, 5}, {0, 0, 0, 2, 2}), With(grid(2))("mean", int64_t{0})), f32({1, 1, 2, 2}, {6.75f, 7.75f, 14.75f, 15.75f}), 1e-6, 0, "maximum");
    check_close(sampled(x, f32({1, 5}, {0, 6, 6, 9, 9}), grid(2)), f32({1, 1, 2, 2}, {52.734375f, 3.5351562f, 3.671875f, 0.24609375f}), 1e-6, 0, "over the border");
    check_close(sampled(x, f32({1, 5}, {0, -2, -2, 1, 1}), grid(2)), f32({1, 1, 2, 2}, {0, 0.01953125f, 0.15625f, 2.6367188f}), 1e-6, 0, "before the border");
    check_close(sampled(x, f32({1, 5}, {0, 5, 5, 2, 2}), With(grid(1))("offset", 0.5f)), f32({1, 1, 2, 2}, {40.5f, 40.5f, 40.5f, 40.5f}), 1e-6, 0, "an empty region");
    check_close(sampled(Array::zeros(DType::f32, {1, 1, 0, 4}), f32({1, 5}, {0, 0, 0, 1, 1}), {}), f32({1, 1, 1, 1}, {0}), 0, 0, "no pixels");
    CHECK_THROWS_AS(sampled(x, f32({1, 5}, {1, 0, 0, 1, 1}), grid(1)), Error);
    CHECK_THROWS_AS(sampled(x, f32({1, 5}, {0, 0, 0, 1, 1}), grid(0)), Error);
    CHECK_THROWS_AS(sampled(x, f32({1, 4}, {0, 0, 1, 1}), grid(1)), Error);
}
