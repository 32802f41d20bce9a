#include "lite/op/rare_images.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("AffineGrid of the identity is the grid itself") {
    const auto run = [](int64_t corners) {
        return OpCase(describe<AffineGrid>(), with("align_corners", corners), {activation(f32({1, 2, 3}, {1, 0, 0, 0, 1, 0})), constant(i64({1, 1, 2, 3}))}, 1, 20).run_reference()[0];
    };
    check_close(run(1), f32({1, 2, 3, 2}, {-1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1}), 1e-6, 0, "corners");
    check_close(run(0), f32({1, 2, 3, 2}, {-2.f / 3, -.5f, 0, -.5f, 2.f / 3, -.5f, -2.f / 3, .5f, 0, .5f, 2.f / 3, .5f}), 1e-6, 0, "centres");
    const Array y = OpCase(describe<AffineGrid>(), {}, {activation(f32({1, 3, 4}, {0, 0, 1, 5, 0, 1, 0, 0, 1, 0, 0, 0})), constant(i64({1, 1, 1, 1, 2}))}, 1, 20).run_reference()[0];
    check_close(y, f32({1, 1, 1, 2, 3}, {5, 0, -.5f, 5, 0, .5f}), 1e-6, 0, "axes exchanged");
}

TEST_CASE("Col2Im adds up what overlaps") {
    const auto run = [](const Array& x, std::vector<int64_t> image, std::vector<int64_t> window, Attributes a = {}) {
        return OpCase(describe<Col2Im>(), a, {activation(x), constant(i64(image)), constant(i64(window))}, 1, 18).run_reference()[0];
    };
    check_close(run(f32({1, 2, 3}, {1, 2, 3, 10, 20, 30}), {4}, {2}), f32({1, 1, 4}, {1, 12, 23, 30}), 0, 0, "overlapping");
    check_close(run(f32({1, 2, 2}, {1, 2, 10, 20}), {2}, {2}, with("pads", std::vector<int64_t>{1, 1})("strides", std::vector<int64_t>{2})), f32({1, 1, 2}, {10, 2}), 0, 0, "padded");
    CHECK_THROWS_AS(run(f32({1, 2, 2}, {1, 2, 3, 4}), {4}, {2}), Error);
    CHECK_THROWS_AS(run(f32({1, 2, 2}, {1, 2, 10, 20}), {2}, {2}, with("dilations", std::vector<int64_t>{INT64_MAX})), Error);
    CHECK_THROWS_AS(run(f32({1, 2, 2}, {1, 2, 10, 20}), {2}, {2}, with("strides", std::vector<int64_t>{0})), Error);
    CHECK_THROWS_AS(run(f32({1, 2, 2}, {1, 2, 10, 20}), {-2}, {2}), Error);
}

TEST_CASE("DeformConv without offsets is a convolution; with them taps move") {
    const Array x = f32({1, 1, 3, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8}), w = f32({1, 1, 2, 2}, {1, 1, 1, 1});
    const auto run = [&](const Array& offset, TestTensor mask = absent()) {
        return OpCase(describe<DeformConv>(), {}, {activation(x), constant(w), activation(offset), constant(f32({1}, {100})), mask}, 1, 19).run_reference()[0];
    };
    Array offset = Array::zeros(DType::f32, {1, 8, 2, 2});
    check_close(run(offset), f32({1, 1, 2, 2}, {108, 112, 120, 124}), 0, 0, "no offsets");
    reinterpret_cast<float*>(offset.mutable_data())[0] = 0.5f;  // the first tap of the first pixel half a row down: 1.5 instead of 0
    check_close(run(offset), f32({1, 1, 2, 2}, {109.5f, 112, 120, 124}), 0, 0, "half a row");
    reinterpret_cast<float*>(offset.mutable_data())[0] = -9.f;
    check_close(run(offset), f32({1, 1, 2, 2}, {108, 112, 120, 124}), 0, 0, "outside");
    check_close(run(offset, activation(Array::zeros(DType::f32, {1, 4, 2, 2}))), f32({1, 1, 2, 2}, {100, 100, 100, 100}), 0, 0, "masked");
    CHECK_THROWS_AS(run(offset, activation(Array::zeros(DType::f32, {1, 4, 2, 1}))), Error);
    CHECK_THROWS_AS(run(Array::zeros(DType::f32, {2, 8, 2, 2})), Error);
    CHECK_THROWS_AS(OpCase(describe<DeformConv>(), {}, {activation(x), constant(w), activation(offset), constant(f32({0}, {}))}, 1, 19).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<DeformConv>(), with("strides", std::vector<int64_t>{INT64_MAX, 1}), {activation(x), constant(w), activation(offset)}, 1, 19), Error);
}

TEST_CASE("Det") {
    const auto run = [](const Array& x) { return OpCase(describe<Det>(), {}, {activation(x)}).run_reference()[0]; };
    check_close(run(f32({2, 2}, {1, 2, 3, 4})), f32({}, {-2}), 1e-6, 0, "two by two");
    check_close(run(f32({2, 3, 3}, {0, 1, 0, 1, 0, 0, 0, 0, 5, 1, 2, 3, 2, 4, 6, 1, 1, 1})), f32({2}, {-5, 0}), 1e-6, 0, "exchanged, singular");
    check_close(run(f32({0, 0}, {})), f32({}, {1}), 0, 0, "empty");
    CHECK_THROWS_AS(run(f32({2, 3}, {1, 2, 3, 4, 5, 6})), Error);
}

TEST_CASE("MaxUnpool puts elements back") {
    const Array x = f32({1, 1, 2}, {5, 6}), places = i64({1, 1, 2}, {1, 2});
    const Attributes a = with("kernel_shape", std::vector<int64_t>{2})("strides", std::vector<int64_t>{2});
    check_output(OpCase(describe<MaxUnpool>(), a, {activation(x), activation(places)}), f32({1, 1, 4}, {0, 5, 6, 0}));
    check_output(OpCase(describe<MaxUnpool>(), a, {activation(x), activation(places), constant(i64({1, 1, 5}))}), f32({1, 1, 5}, {0, 5, 6, 0, 0}));
    CHECK_THROWS_AS(OpCase(describe<MaxUnpool>(), with("kernel_shape", std::vector<int64_t>{2})("strides", std::vector<int64_t>{INT64_MAX}), {activation(x), activation(places)}), Error);
}

TEST_CASE("SwiGLU") {
    const Array y = OpCase(describe<SwiGLU>(), with("alpha", 2.f), {activation(f32({2}, {0, 1})), activation(f32({2}, {3, 4}))}, 1, 28).run_reference()[0];
    check_close(y, f32({2}, {0, 4 / (1 + std::exp(-2.f))}), 1e-6, 0, "y");
    CHECK_THROWS_AS(OpCase(describe<SwiGLU>(), {}, {activation(f32({2}, {0, 1})), activation(f32({1}, {3}))}), Error);
}

TEST_CASE("TensorScatter writes into a cache") {
    const Array cache = iota({2, 3, 1}), update = f32({2, 2, 1}, {10, 11, 12, 13});
    const auto run = [&](Attributes a, std::vector<int64_t> at) { return OpCase(describe<TensorScatter>(), a, {activation(cache), activation(update), activation(i64(at))}, 1, 24); };
    check_output(run({}, {0, 1}), f32({2, 3, 1}, {10, 11, 2, 3, 12, 13}));
    check_output(run(with("mode", std::string("circular")), {2, 0}), f32({2, 3, 1}, {11, 1, 10, 12, 13, 5}));
    CHECK_THROWS_AS(run({}, {2, 0}).run_reference(), Error);
    CHECK_THROWS_AS(run({}, {INT64_MAX, 0}).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<TensorScatter>(), with("mode", std::string("circular")), {activation(Array::zeros(DType::f32, {2, 0, 1})), activation(update)}, 1, 24).run_reference(),
                    Error);
    CHECK_THROWS_AS(OpCase(describe<TensorScatter>(), {}, {activation(cache), absent()}, 1, 24).run_reference(), Error);
}
