#include "lite/op/center_crop_pad.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("CenterCropPad cuts and pads around the middle") {
    const auto run = [](const Array& x, std::vector<int64_t> sizes, Attributes a = {}) { return OpCase(describe<CenterCropPad>(), a, {activation(x), constant(i64(sizes))}, 1, 18); };
    check_output(run(iota({5}), {2}), f32({2}, {1, 2}));
    check_output(run(iota({2}, DType::f32, 1), {5}), f32({5}, {0, 1, 2, 0, 0}));
    check_output(run(iota({1, 4}), {3, 2}), f32({3, 2}, {0, 0, 1, 2, 0, 0}));
    check_output(run(iota({2, 4}), {2}, with("axes", std::vector<int64_t>{-1})), f32({2, 2}, {1, 2, 5, 6}));
    CHECK_THROWS_AS(run(iota({2, 4}), {2}), Error);
}
