#include "lite/op/remap.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static Array remapped(const Array& x, const std::vector<float>& map, With a = {}) {
    const int64_t n = static_cast<int64_t>(map.size()) / 2;
    return OpCase(describe<Remap>(), a, {activation(x), activation(f32({1, 1, n, 2}, map))}).run_reference()[0];
}

TEST_CASE("Remap interpolates between pixels, the column first") {
    const Array x = iota({1, 1, 3, 4});  // column + 4 row
    check_close(remapped(x, {1.5f, 0.25f, 3, 2, 0, 0}), f32({1, 1, 1, 3}, {2.5f, 11, 0}), 1e-6, 0, "bilinear");
    check_close(remapped(x, {1.4f, 0.6f, 2.5f, 0, 1.5f, 0}, with("linear", int64_t{0})), f32({1, 1, 1, 3}, {5, 2, 2}), 0, 0, "nearest, halves to even, as MegEngine has it");
    const Array two = iota({1, 2, 2, 2}, DType::u8);
    check_output(OpCase(describe<Remap>(), {}, {activation(two), activation(f32({1, 1, 1, 2}, {0.5f, 0.5f}))}), Array::of(Shape{1, 2, 1, 1}, std::vector<uint8_t>{2, 6}));
}

TEST_CASE("Remap outside of the image") {
    const Array x = f32({1, 1, 1, 3}, {10, 20, 30});
    const std::vector<float> map = {-1, 0, -2, 0, 3, 0, 4, 0, -7, 0};
    const auto border = [](ImageBorder b) { return with("border", static_cast<int64_t>(b))("border_value", 5.f); };
    check_close(remapped(x, map, border(ImageBorder::replicate)), f32({1, 1, 1, 5}, {10, 10, 30, 30, 10}), 0, 0, "replicate");
    check_close(remapped(x, map, border(ImageBorder::reflect)), f32({1, 1, 1, 5}, {10, 20, 30, 20, 10}), 0, 0, "reflect");
    check_close(remapped(x, map, border(ImageBorder::reflect_101)), f32({1, 1, 1, 5}, {20, 30, 20, 10, 20}), 0, 0, "reflect_101");
    check_close(remapped(x, map, border(ImageBorder::wrap)), f32({1, 1, 1, 5}, {30, 20, 10, 20, 30}), 0, 0, "wrap");
    check_close(remapped(x, map, border(ImageBorder::constant)), f32({1, 1, 1, 5}, {5, 5, 5, 5, 5}), 0, 0, "constant");
    check_close(remapped(x, {-0.5f, 0}, border(ImageBorder::constant)), f32({1, 1, 1, 1}, {7.5f}), 1e-6, 0, "half outside");
    const float bad[] = {NAN, INFINITY};
    check_close(remapped(x, {bad[0], bad[1]}), f32({1, 1, 1, 1}, {10}), 0, 0, "no numbers");
    CHECK_THROWS_AS(remapped(Array::zeros(DType::f32, {1, 1, 0, 3}), {0, 0}), Error);
    CHECK_THROWS_AS(OpCase(describe<Remap>(), {}, {activation(x), activation(f32({1, 1, 1, 3}, {0, 0, 0}))}), Error);
}

TEST_CASE("WarpPerspective maps output pixels to input pixels") {
    const Array x = iota({2, 1, 3, 3});
    const auto warped = [&](const std::vector<float>& m, const std::vector<int64_t>& size, std::vector<TestTensor> more = {}) {
        const int64_t n = static_cast<int64_t>(m.size()) / 9;
        std::vector<TestTensor> in = {activation(x), activation(f32({n, 3, 3}, m)), constant(i64(size))};
        in.insert(in.end(), more.begin(), more.end());
        return OpCase(describe<WarpPerspective>(), {}, in).run_reference()[0];
    };
    const std::vector<float> shift = {1, 0, 1, 0, 1, 0, 0, 0, 1}, half = {1, 0, 0, 0, 1, 0, 0, 0, 2};
    std::vector<float> both = shift;
    both.insert(both.end(), half.begin(), half.end());
    check_close(warped(both, {1, 2}), f32({2, 1, 1, 2}, {1, 2, 9, 9.5f}), 1e-6, 0, "a matrix for each image");
    check_close(warped(shift, {1, 2}, {activation(i64({1}))}), f32({1, 1, 1, 2}, {10, 11}), 1e-6, 0, "an image for each matrix");
    CHECK_THROWS_AS(warped(shift, {1, 2}, {activation(i64({2}))}), Error);
    CHECK_THROWS_AS(warped(shift, {1, 2}), Error);
    CHECK_THROWS_AS(warped(both, {-1, 2}), Error);
    // MegEngine's numbers: m0 j and m1 i + m2 in 1024ths, the sum to the nearest pixel, or to the nearest 32nd.
    const auto fixed = [](int64_t linear) {
        const std::vector<TestTensor> in = {activation(iota({1, 1, 3, 4})), activation(f32({1, 3, 3}, {.5f, .26f, .2f, .13f, .9f, -.35f, 0, 0, 1})), constant(i64({3, 5}))};
        return OpCase(describe<WarpPerspective>(), with("fixed_point", int64_t{1})("linear", linear), in).run_reference()[0];
    };
    check_close(fixed(0), f32({1, 1, 3, 5}, {0, 1, 1, 2, 2, 4, 5, 5, 6, 6, 5, 9, 10, 10, 11}), 0, 0, "fixed point, nearest");
    check_close(fixed(1), f32({1, 1, 3, 5}, {.1875f, .6875f, 1.1875f, 1.8125f, 2.8125f, 2.71875f, 3.71875f, 4.71875f, 5.71875f, 6.71875f, 6.46875f, 7.59375f, 8.59375f, 9.59375f, 10.59375f}), 1e-6, 0,
                "fixed point, linear");
    const Inferred open(describe<WarpPerspective>(), {}, {{DType::f32, Shape{2, 5, 3, 3}, true}, {DType::f32, Shape{2, 3, 3}, true}, {DType::i64, Shape{2}, true}});
    CHECK(open.outputs[0].shape == Shape{2, 5, kUnknown, kUnknown});
}
