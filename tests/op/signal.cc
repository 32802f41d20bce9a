#include "lite/op/signal.h"
#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
Array scalar_i64(int64_t v) { return Array::scalar(v); }
Array dft(const Array& x, Attributes a, const Array& length = {}, int version = 17) {
    return OpCase(describe<DFT>(), a, {activation(x), length ? constant(length) : absent()}, 1, version).run_reference()[0];
}
}  // namespace

TEST_CASE("DFT makes a spectrum and its inverse the signal again") {
    const Array x = f32({1, 4, 1}, {1, 2, 3, 4});
    check_close(dft(x, {}), f32({1, 4, 2}, {10, 0, -2, 2, -2, 0, -2, -2}), 1e-6, 1e-6, "all bins");
    check_close(dft(x, with("onesided", int64_t{1})), f32({1, 3, 2}, {10, 0, -2, 2, -2, 0}), 1e-6, 1e-6, "half of them");
    const Array z = random_f32({2, 5, 3, 2}, 3);
    for (int64_t axis : {0, 1, 2, -2}) {
        const Array there = dft(z, with("axis", axis)), back = dft(there, with("axis", axis)("inverse", int64_t{1}));
        check_close(back, z, 1e-6, 1e-6, "there and back");
    }
    for (int64_t n : {1, 2, 5, 8}) {  // a real signal from one half of its spectrum
        const Array r = random_f32({3, n, 1}, 7);
        const Array half = dft(r, with("onesided", int64_t{1}));
        CHECK(half.shape() == Shape{3, n / 2 + 1, 2});
        check_close(dft(half, with("onesided", int64_t{1})("inverse", int64_t{1}), scalar_i64(n)), r, 1e-6, 1e-6, "real");
    }
    CHECK(dft(x, {}, scalar_i64(6)).shape() == Shape{1, 6, 2});
    CHECK_THROWS_AS(dft(x, with("axis", int64_t{2})), Error);
    CHECK_THROWS_AS(dft(random_f32({1, 4, 3}, 1), {}), Error);
}

TEST_CASE("STFT cuts a signal into pieces") {
    const Array x = random_f32({2, 10, 1}, 11), w = f32({4}, {1, 2, 2, 1});
    const Array y = OpCase(describe<STFT>(), {}, {activation(x), constant(scalar_i64(3)), constant(w), absent()}).run_reference()[0];
    CHECK(y.shape() == Shape{2, 3, 3, 2});
    std::vector<float> piece;
    for (size_t i = 0; i < 4; ++i) piece.push_back(x.values<float>()[10 + 6 + i] * w.values<float>()[i]);
    const std::vector<float> want = dft(f32({1, 4, 1}, piece), with("onesided", int64_t{1})).values<float>();
    for (size_t i = 0; i < 6; ++i) CHECK(y.values<float>()[(1 * 3 + 2) * 6 + i] == doctest::Approx(want[i]).epsilon(1e-5));
    CHECK_THROWS_AS(OpCase(describe<STFT>(), {}, {activation(x), constant(scalar_i64(0)), constant(w), absent()}), Error);
    CHECK_THROWS_AS(OpCase(describe<STFT>(), {}, {activation(random_f32({1, 8, 3}, 1)), constant(scalar_i64(3)), constant(w), absent()}), Error);
}

TEST_CASE("Windows rise and fall") {
    const auto of = [](const Operator& op, int64_t n, int64_t periodic) {
        return OpCase(op, with("periodic", periodic), {constant(scalar_i64(n))}).run_reference()[0];
    };
    check_close(of(describe<HannWindow>(), 4, 1), f32({4}, {0, 0.5f, 1, 0.5f}), 1e-7, 0, "Hann");
    check_close(of(describe<HannWindow>(), 5, 0), f32({5}, {0, 0.5f, 1, 0.5f, 0}), 1e-7, 0, "Hann, symmetric");
    check_close(of(describe<HammingWindow>(), 4, 1), f32({4}, {4.f / 46, 25.f / 46, 1, 25.f / 46}), 1e-7, 0, "Hamming");
    check_close(of(describe<BlackmanWindow>(), 4, 1), f32({4}, {0, 0.34f, 1, 0.34f}), 1e-7, 0, "Blackman");
    CHECK(of(describe<HannWindow>(), 0, 1).count() == 0);
    CHECK(OpCase(describe<HannWindow>(), with("output_datatype", int64_t{11}), {constant(scalar_i64(3))}).run_reference()[0].dtype() == DType::f64);
}

TEST_CASE("MelWeightMatrix makes triangles") {
    const Array y = OpCase(describe<MelWeightMatrix>(), {},
                           {constant(scalar_i64(8)), constant(scalar_i64(16)), constant(scalar_i64(8192)), constant(f32({}, {0})), constant(f32({}, {4096}))})
                            .run_reference()[0];
    REQUIRE(y.shape() == Shape{9, 8});
    for (float top : {1e30f, std::numeric_limits<float>::quiet_NaN()})
        CHECK_THROWS_AS(OpCase(describe<MelWeightMatrix>(), {},
                               {constant(scalar_i64(8)), constant(scalar_i64(16)), constant(scalar_i64(8192)), constant(f32({}, {0})), constant(f32({}, {top}))})
                                .run_reference(),
                        Error);
    const auto v = y.values<float>();
    for (float x : v) CHECK((x >= 0 && x <= 1));
    for (size_t b = 0; b < 8; ++b) {  // each bin has its top
        float top = 0;
        for (size_t r = 0; r < 9; ++r) top = std::max(top, v[r * 8 + b]);
        CHECK(top == 1);
    }
}
