// Random numbers: their moments, their types, and when they are the same again.
#include "lite/op/random.h"

#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
struct Moments {
    double mean = 0, variance = 0, low = 0, high = 0;
};
Moments moments_of(const Array& a) {
    const auto v = a.values<double>();
    Moments m;
    for (double x : v) m.mean += x / static_cast<double>(v.size());
    for (double x : v) m.variance += (x - m.mean) * (x - m.mean) / static_cast<double>(v.size());
    m.low = *std::min_element(v.begin(), v.end());
    m.high = *std::max_element(v.begin(), v.end());
    return m;
}
Array made(const With& attributes, std::vector<TestTensor> inputs = {}) { return OpCase(describe<Random>(), attributes, std::move(inputs)).run_reference()[0]; }
}  // namespace

TEST_CASE("Normal and uniform numbers have their moments") {
    // of 10^4 numbers: the error of a mean is a hundredth of the deviation, here five times that
    const Array normal = made(with("mode", int64_t{Random::normal})("shape", std::vector<int64_t>{100, 100})("mean", 3.f)("scale", 2.f));
    CHECK(normal.dtype() == DType::f32);
    CHECK(normal.shape() == Shape{100, 100});
    CHECK(std::abs(moments_of(normal).mean - 3) < 0.1);
    CHECK(std::abs(moments_of(normal).variance - 4) < 0.4);
    const Array uniform = made(with("mode", int64_t{Random::uniform_like})("low", -1.f)("high", 3.f)("dtype", int64_t{11}), {activation(random_f32({100, 100}, 1))});
    CHECK(uniform.dtype() == DType::f64);
    const Moments u = moments_of(uniform);
    CHECK(std::abs(u.mean - 1) < 0.06);
    CHECK(std::abs(u.variance - 16. / 12) < 0.1);
    CHECK(u.low >= -1);
    CHECK(u.high < 3);
    CHECK(u.high - u.low > 3.9);
}

TEST_CASE("Bernoulli and Multinomial follow their probabilities") {
    Array p = Array::zeros(DType::f32, {10000});
    for (int i = 0; i < 10000; ++i) reinterpret_cast<float*>(p.mutable_data())[i] = i < 5000 ? 0.25f : 1.f;
    const Array b = made(with("mode", int64_t{Random::bernoulli})("dtype", int64_t{9}), {activation(p)});
    CHECK(b.dtype() == DType::boolean);
    CHECK(std::abs(moments_of(b).mean - 0.625) < 0.02);
    const Array drawn = made(with("mode", int64_t{Random::multinomial})("sample_size", int64_t{10000}),
                             {activation(f32({2, 3}, {std::log(1.f), std::log(2.f), std::log(1.f), -INFINITY, 0, -INFINITY}))});
    CHECK(drawn.dtype() == DType::i32);
    CHECK(drawn.shape() == Shape{2, 10000});
    const auto v = drawn.values<int>();
    CHECK(std::abs(std::count(v.begin(), v.begin() + 10000, 1) - 5000) < 250);
    CHECK(std::count(v.begin() + 10000, v.end(), 1) == 10000);
}

TEST_CASE("A seed gives the same numbers again, none gives others") {
    const auto values = [](float seed) {
        return made(with("mode", int64_t{Random::normal})("shape", std::vector<int64_t>{8})("seed", seed)).values<float>();
    };
    CHECK(values(7.f) == values(7.f));
    CHECK(values(7.f) != values(8.f));
    CHECK(values(NAN) != values(NAN));
    CHECK_THROWS_WITH_AS(made(with("mode", int64_t{Random::normal})("shape", std::vector<int64_t>{8})("dtype", int64_t{6})), doctest::Contains("cannot make numbers of type i32"), Error);
    CHECK_THROWS_WITH_AS(made(with("mode", int64_t{Random::multinomial}), {activation(f32({3}, {1, 1, 1}))}), doctest::Contains("[batch, classes]"), Error);
}
