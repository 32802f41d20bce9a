#include "lite/op/resize.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase scaled(const Array& x, Attributes a, std::vector<float> scales, int version = 18) {
    return OpCase(describe<Resize>(), a, {activation(x), absent(), constant(f32({static_cast<int64_t>(scales.size())}, scales))}, 1, version);
}
static OpCase sized(const Array& x, Attributes a, std::vector<int64_t> sizes) {
    return OpCase(describe<Resize>(), a, {activation(x), absent(), absent(), constant(i64(sizes))}, 1, 18);
}
static Attributes modes(const char* mode, const char* coordinates, const char* nearest = "round_prefer_floor") {
    return with("mode", std::string(mode))("coordinate_transformation_mode", std::string(coordinates))("nearest_mode", std::string(nearest));
}

TEST_CASE("Resize nearest: the four roundings") {
    const Array x = iota({1, 1, 1, 4});
    check_output(scaled(x, modes("nearest", "half_pixel"), {1, 1, 1, 2}), f32({1, 1, 1, 8}, {0, 0, 1, 1, 2, 2, 3, 3}));
    // Coordinates of align_corners: 0, 0.5, 1, ... 3.
    check_output(sized(x, modes("nearest", "align_corners"), {1, 1, 1, 7}), f32({1, 1, 1, 7}, {0, 0, 1, 1, 2, 2, 3}));
    check_output(sized(x, modes("nearest", "align_corners", "round_prefer_ceil"), {1, 1, 1, 7}), f32({1, 1, 1, 7}, {0, 1, 1, 2, 2, 3, 3}));
    check_output(sized(x, modes("nearest", "align_corners", "floor"), {1, 1, 1, 7}), f32({1, 1, 1, 7}, {0, 0, 1, 1, 2, 2, 3}));
    check_output(sized(x, modes("nearest", "align_corners", "ceil"), {1, 1, 1, 7}), f32({1, 1, 1, 7}, {0, 1, 1, 2, 2, 3, 3}));
    for (DType t : kAllTypes) CHECK(scaled(iota({1, 2}, t), modes("nearest", "asymmetric"), {1, 2}).run_reference()[0].values<int>() == std::vector<int>{0, 0, 1, 1});
}
TEST_CASE("Resize linear: coordinates by hand") {
    const Array x = iota({1, 1, 1, 3});
    const auto row = [&](const char* coordinates) { return scaled(x, modes("linear", coordinates), {1, 1, 1, 2}).run_reference()[0]; };
    check_close(row("half_pixel"), f32({1, 1, 1, 6}, {0, 0.25f, 0.75f, 1.25f, 1.75f, 2}), 1e-6, 0, "half_pixel");
    check_close(row("asymmetric"), f32({1, 1, 1, 6}, {0, 0.5f, 1, 1.5f, 2, 2}), 1e-6, 0, "asymmetric");
    check_close(row("align_corners"), f32({1, 1, 1, 6}, {0, 0.4f, 0.8f, 1.2f, 1.6f, 2}), 1e-6, 0, "align_corners");
    check_close(sized(x, modes("linear", "pytorch_half_pixel"), {1, 1, 1, 1}).run_reference()[0], f32({1, 1, 1, 1}, {0}), 1e-6, 0, "one element");
    check_close(scaled(iota({1, 1, 2, 2}), modes("linear", "half_pixel"), {1, 1, 2, 1}).run_reference()[0], f32({1, 1, 4, 2}, {0, 1, 0.5f, 1.5f, 1.5f, 2.5f, 2, 3}), 1e-6, 0, "rows");
    CHECK(scaled(iota({1, 1, 1, 2}, DType::u8), modes("linear", "half_pixel"), {1, 1, 1, 2}).run_reference()[0].values<int>() == std::vector<int>{0, 0, 0, 1});
}
// Expected values: the reference implementation of the standard.
TEST_CASE("Resize cubic and antialiased") {
    check_close(scaled(iota({1, 1, 1, 4}), modes("cubic", "half_pixel"), {1, 1, 1, 0.8f}).run_reference()[0], f32({1, 1, 1, 3}, {0.09423828f, 1.4042969f, 2.7055664f}), 1e-5, 0, "cubic");
    check_close(sized(iota({1, 1, 1, 8}), with("mode", std::string("linear"))("antialias", int64_t{1}), {1, 1, 1, 4}).run_reference()[0],
                f32({1, 1, 1, 4}, {0.625f, 2.5f, 4.5f, 6.375f}), 1e-5, 0, "antialias");
}
TEST_CASE("Resize keeps an aspect ratio and takes some axes") {
    const Array x = iota({1, 1, 2, 4});
    const auto policy = [&](const char* p) {
        return OpCase(describe<Resize>(), with("keep_aspect_ratio_policy", std::string(p))("axes", std::vector<int64_t>{2, -1}),
                      {activation(x), absent(), absent(), constant(i64({7, 8}))}, 1, 18).outputs[0].shape;
    };
    CHECK(policy("stretch") == Shape{1, 1, 7, 8});
    CHECK(policy("not_larger") == Shape{1, 1, 4, 8});
    CHECK(policy("not_smaller") == Shape{1, 1, 7, 14});
}
TEST_CASE("Resize crops and extrapolates") {
    const OpCase test(describe<Resize>(), with("mode", std::string("linear"))("coordinate_transformation_mode", std::string("tf_crop_and_resize"))("extrapolation_value", 9.f),
                      {activation(iota({1, 3})), constant(f32({4}, {0, 0.5f, 1, 1.5f})), absent(), constant(i64({1, 3}))}, 1, 18);
    check_close(test.run_reference()[0], f32({1, 3}, {1, 2, 9}), 1e-6, 0, "crop");
}
TEST_CASE("Upsample and the Resize of opset 10") {
    check_output(OpCase(describe<Resize>(), with("scales", std::vector<float>{1, 1, 1, 2}), {activation(iota({1, 1, 1, 2}))}, 1, 7), f32({1, 1, 1, 4}, {0, 0, 1, 1}));
    const Array scales = f32({2}, {1, 0.5f}), up = f32({2}, {1, 1.5f});
    check_output(OpCase(describe<Resize>(), {}, {activation(iota({1, 4})), constant(scales)}, 1, 10), f32({1, 2}, {0, 2}));
    check_output(OpCase(describe<Resize>(), {}, {activation(iota({1, 2})), constant(up)}, 1, 9), f32({1, 3}, {0, 0, 1}));
}
TEST_CASE("Resize errors and unknown extents") {
    const Array x = iota({1, 1, 2, 2});
    CHECK_THROWS_AS(scaled(x, {}, {1, 1, 2}), Error);
    CHECK_THROWS_AS(scaled(x, {}, {1, 1, 2, -1}), Error);
    CHECK_THROWS_AS(sized(x, {}, {1, 1, 2, -1}), Error);
    CHECK_THROWS_AS(scaled(x, with("mode", std::string("spline")), {1, 1, 2, 2}), Error);
    CHECK_THROWS_AS(OpCase(describe<Resize>(), {}, {activation(x)}, 1, 18), Error);
    const Array scales = f32({4}, {1, 1, 2, 2});
    CHECK(Inferred(describe<Resize>(), {}, {info({kUnknown, 3, kUnknown, 5}), {}, info(scales)}, 1, 18).outputs[0].shape == Shape{kUnknown, 3, kUnknown, 10});
    CHECK(Inferred(describe<Resize>(), {}, {info({1, 3, 4, 5}), {}, {}, info(Shape{4}, DType::i64)}, 1, 18).outputs[0].shape.rank() == 4);
    CHECK(sized(f32({0, 1, 2, 2}, {}), {}, {0, 1, 4, 4}).run_reference()[0].shape() == Shape{0, 1, 4, 4});
}
TEST_CASE("Resize kernels in every layout against the reference") {
    for (const Shape& s : {Shape{2, 10, 4, 5}, Shape{1, 16, 7, 3}, Shape{1, 3, 33, 20}, Shape{1, 1, 1, 1}, Shape{1, 24, 20, 20}}) {
        const Array x = random_f32(s, 5);
        for (const char* coordinates : {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel", "half_pixel_symmetric", "tf_half_pixel_for_nn"})
            for (const auto& [h, w] : {std::pair<int64_t, int64_t>{2 * s[2], 2 * s[3]}, {s[2], 3 * s[3]}, {s[2] + 3, s[3]}, {std::max<int64_t>(1, s[2] / 2), s[3] + 1}, {s[2], s[3]}}) {
                CHECK(check_all_kernels(sized(x, modes("nearest", coordinates), {s[0], s[1], h, w}), 0, 0) == rows_of_all_layouts(4, 1));
                // Rounding of a sum of four products in another order.
                CHECK(check_all_kernels(sized(x, modes("linear", coordinates), {s[0], s[1], h, w}), 1e-6, 0) == rows_of_all_layouts(4, 1));
            }
    }
}
