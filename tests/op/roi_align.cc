#include "lite/op/roi_align.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase aligned(const Array& x, const Array& rois, With a, int version = 16) {
    return OpCase(describe<RoiAlign>(), a, {activation(x), activation(rois), activation(i64(std::vector<int64_t>(static_cast<size_t>(rois.shape()[0]), 0)))}, 1, version);
}

TEST_CASE("RoiAlign averages samples of a ramp") {
    // x = column + 4 * row: a bilinear sample at (u, v) is u + 4 v, so that a bin has the value of its centre.
    const Array x = iota({1, 1, 4, 4});
    const Array roi = f32({1, 4}, {1, 1, 3, 3});
    check_close(aligned(x, roi, with("output_height", int64_t{2})("output_width", int64_t{2})("sampling_ratio", int64_t{2}), 10).run_reference()[0],
                f32({1, 1, 2, 2}, {7.5f, 8.5f, 11.5f, 12.5f}), 1e-5, 0, "whole pixels");
    check_close(aligned(x, roi, with("output_height", int64_t{2})("output_width", int64_t{2})).run_reference()[0], f32({1, 1, 2, 2}, {5, 6, 9, 10}), 1e-5, 0, "half pixels");
    check_close(aligned(x, f32({1, 4}, {100, 100, 104, 104}), with("output_height", int64_t{1})).run_reference()[0], f32({1, 1, 1, 1}, {0}), 0, 0, "outside");
    check_close(aligned(x, roi, with("mode", std::string("max"))("sampling_ratio", int64_t{1})("coordinate_transformation_mode", std::string("output_half_pixel"))).run_reference()[0],
                f32({1, 1, 1, 1}, {10}), 1e-5, 0, "max at a pixel");
    const OpCase wrong(describe<RoiAlign>(), {}, {activation(x), activation(roi), activation(i64({1}))}, 1, 16);
    CHECK_THROWS_AS(wrong.run_reference(), Error);
    CHECK_THROWS_AS(aligned(x, roi, with("mode", std::string("sum"))), Error);
    CHECK_THROWS_AS(OpCase(describe<RoiAlign>(), {}, {activation(x), activation(roi), activation(i64({0, 0}))}, 1, 16), Error);
    CHECK_THROWS_AS(aligned(x, roi, with("sampling_ratio", int64_t{1} << 32)), Error);
    const Array nothing = Array::zeros(DType::f32, {1, 1, 0, 4});
    check_close(aligned(nothing, roi, with("output_height", int64_t{1})).run_reference()[0], f32({1, 1, 1, 1}, {0}), 0, 0, "no pixels");
}
