// The math bricks of every instruction set of this machine against the C library in double.
#include <bit>
#include <cstring>

#include "lite/kernel/bricks.h"
#include "tests/support/op_test.h"
using namespace lite_test;
using M = lite::ElemwiseMode;

namespace {

struct Case {
    ElemwiseMode mode;
    double ulp, absolute;  // |got - want| <= ulp * (one unit in the last place of want) + absolute * max(1, |want|)
    float alpha = 0.f, beta = 0.f;
};

// ulp of a normal float of that size; subnormal results count in the unit of the smallest normal, since bricks may flush them.
double unit_of(double v) {
    const float f = std::abs(static_cast<float>(v));
    return f < 1.17549435e-38f ? 1.17549435e-38 : std::ldexp(1.0, std::ilogb(f) - 23);
}

std::vector<float> sample_of_all_floats() {
    std::vector<float> x;
    // 4057 is a prime: mantissas, exponents and signs all vary; the length is no whole number of vectors.
    for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 4057) x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    for (int i = -40000; i <= 40000; ++i) x.push_back(static_cast<float>(i) * 0.0025f + 0.0000131f);
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (float v : {0.f, -0.f, 0.5f, -0.5f, 1.f, -1.f, 1.5f, -1.5f, 2.5f, -2.5f, 88.72283f, 88.72284f, -87.3365f, -103.f, -104.f, 9.f, -9.f, 1e-30f,
                    -1e-30f, 1e-45f, 3.4e38f, -3.4e38f, inf, -inf, nan, -nan, std::bit_cast<float>(0x7fc12345u)})
        x.push_back(v);
    if (x.size() % 2 == 0) x.push_back(0.25f);
    return x;
}

}  // namespace

TEST_CASE("one-input functions are within some ulp of the C library on all floats") {
    // Bounds of hidden cancellation: sums and products of rounded parts have a few ulp; gelu has an absolute error, sin and cos
    // have one near their zeros;
    // silu and mish take exp(x) = 0 below the smallest normal float.
    const Case cases[] = {{M::relu, 0, 0}, {M::sigmoid, 3, 0}, {M::tanh, 5, 0}, {M::exp, 1.1, 0}, {M::log, 1, 0}, {M::sqrt, 0.5, 0}, {M::reciprocal, 0.5, 0},
                          {M::abs, 0, 0}, {M::neg, 0, 0}, {M::floor, 0, 0}, {M::ceil, 0, 0}, {M::round, 0, 0}, {M::sign, 0, 0}, {M::erf, 3, 0},
                          {M::softplus, 4, 0}, {M::softsign, 1.5, 0}, {M::silu, 4, 2e-8}, {M::mish, 6, 2e-36}, {M::gelu, 2, 1e-6}, {M::gelu_tanh, 4, 3e-7},
                          {M::hard_sigmoid, 1, 1e-7, 0.2f, 0.5f}, {M::hard_swish, 2, 2e-7}, {M::leaky_relu, 0.5, 0, 0.1f},
                          {M::elu, 4, 0, 1.3f}, {M::selu, 4, 0, 1.6732632f, 1.0507009f}, {M::celu, 4, 0, 0.7f},
                          {M::thresholded_relu, 0, 0, 0.8f}, {M::clip, 0, 0, -1.25f, 6.f}, {M::square, 0.5, 0},
                          {M::expm1, 1, 0}, {M::log1p, 1, 0}, {M::erfc, 3, 0}, {M::round_away, 0, 0}, {M::log_sigmoid, 4, 0}, {M::shrink, 0.5, 0, 0.5f, 0.25f},
                          {M::sin, 1, 1e-7}, {M::cos, 1, 1e-7}, {M::logical_not, 0, 0}, {M::is_nan, 0, 0}, {M::is_inf, 0, 0, 1.f, 1.f}};
    const std::vector<float> x = sample_of_all_floats();
    std::vector<float> y(x.size() + 1);
    for (const Case& c : cases) {
        std::vector<double> want(x.size());
        for (size_t i = 0; i < x.size(); ++i) want[i] = unary_value<double>(c.mode, c.alpha, c.beta, x[i]);
        for (const Bricks* b : all_bricks()) {
            y.back() = 42.f;
            b->math.unary(c.mode, c.alpha, c.beta, x.data(), y.data(), x.size());
            CHECK(y.back() == 42.f);
            if (c.mode == M::tanh || c.mode == M::erf || c.mode == M::sigmoid)
                for (size_t i = 0; i < x.size(); ++i)
                    if (std::abs(y[i]) > 1.f) FAIL_CHECK("mode ", static_cast<int64_t>(c.mode), " leaves [-1, 1] at ", x[i]);
            double worst = 0;
            size_t at = 0;
            for (size_t i = 0; i < x.size(); ++i) {
                const double w = want[i];
                const float wf = static_cast<float>(w);
                double excess;
                if (std::isnan(w)) excess = std::isnan(y[i]) ? 0 : 1e9;
                else if (std::isnan(y[i])) excess = 1e9;
                else if (std::isinf(wf) || std::isinf(y[i])) excess = wf == y[i] || std::abs(w) > 3.4028e38 ? 0 : 1e9;
                else excess = std::max(0.0, std::abs(static_cast<double>(y[i]) - w) - c.absolute * std::max(1.0, std::abs(w))) / unit_of(w);
                if (excess > worst) {
                    worst = excess;
                    at = i;
                }
            }
            INFO("mode ", static_cast<int64_t>(c.mode), " on ", std::string(b->name), ": f(", x[at], ") is ", y[at], ", expected ", want[at]);
            CHECK(worst <= c.ulp + 0.51);  // 0.5: the rounding of the exact result itself
        }
    }
}

TEST_CASE("special values") {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const Bricks* b : all_bricks()) {
        const auto f = [&](ElemwiseMode m, float v, float al = 0.f, float be = 0.f) {
            float y[3] = {};
            const float x[3] = {v, v, v};
            b->math.unary(m, al, be, x, y, 3);
            CHECK((y[0] == y[1] || std::isnan(y[0])));
            return y[2];
        };
        CHECK(f(M::exp, -inf) == 0.f);
        CHECK(f(M::exp, inf) == inf);
        CHECK(f(M::exp, 89.f) == inf);
        CHECK(f(M::exp, 0.f) == 1.f);
        CHECK(f(M::log, 0.f) == -inf);
        CHECK(std::isnan(f(M::log, -1.f)));
        CHECK(f(M::log, inf) == inf);
        CHECK(f(M::log, 1.f) == 0.f);
        CHECK(f(M::tanh, inf) == 1.f);
        CHECK(f(M::tanh, -inf) == -1.f);
        CHECK(f(M::sigmoid, inf) == 1.f);
        CHECK(f(M::sigmoid, -inf) == 0.f);
        CHECK(f(M::erf, inf) == 1.f);
        CHECK(f(M::erf, -inf) == -1.f);
        CHECK(f(M::gelu, inf) == inf);
        CHECK(f(M::gelu, -inf) == 0.f);
        CHECK(f(M::gelu, -1e6f) == 0.f);
        CHECK(std::abs(f(M::silu, -inf)) <= 2e-36f);  // what its absolute error allows
        CHECK(f(M::hard_swish, -inf) == 0.f);
        CHECK(f(M::hard_swish, inf) == inf);
        CHECK(f(M::softplus, -inf) == 0.f);
        CHECK(f(M::softplus, inf) == inf);
        for (ElemwiseMode m : {M::relu, M::sigmoid, M::tanh, M::exp, M::log, M::sqrt, M::erf, M::silu, M::mish, M::gelu, M::gelu_tanh, M::softplus, M::hard_swish, M::leaky_relu, M::sign})
            CHECK_MESSAGE(std::isnan(f(m, nan)), static_cast<int64_t>(m), " on ", std::string(b->name));
        CHECK(std::isnan(f(M::clip, nan, 0.f, 6.f)));
        CHECK(std::isnan(f(M::hard_sigmoid, nan, 0.2f, 0.5f)));
        CHECK(std::isnan(f(M::elu, nan, 1.f)));
    }
}

TEST_CASE("two-input functions for every pair of steps, lengths around a vector, and in place") {
    for (const Bricks* b : all_bricks())
        for (ElemwiseMode m : {M::add, M::sub, M::mul, M::div, M::max, M::min, M::pow, M::prelu, M::not_equal, M::floor_div, M::atan2, M::log_sum_exp, M::switch_gt0, M::mod, M::fmod, M::equal, M::less, M::less_equal, M::greater, M::greater_equal, M::logical_and,
                               M::logical_or, M::logical_xor})
            for (size_t n : {0u, 1u, 3u, 15u, 16u, 17u, 33u, 100u})
                for (size_t sa : {kScalar, kDense, kPattern})
                    for (size_t sb : {kScalar, kDense, kPattern}) {
                        Array aa = random_f32({128}, 1, -2.f, 2.f), bb = random_f32({128}, 2, -2.f, 2.f);
                        auto* pa = reinterpret_cast<float*>(aa.mutable_data());
                        auto* pb = reinterpret_cast<float*>(bb.mutable_data());
                        pa[5] = pb[5];
                        if (m == M::pow)
                            for (int i = 0; i < 128; ++i) pa[i] = std::abs(pa[i]);
                        std::vector<float> want(n), y(n + 1, 42.f);
                        const auto at = [](size_t i, size_t s) { return s == kScalar ? 0 : s == kDense ? i : i % 16; };
                        for (size_t i = 0; i < n; ++i) want[i] = binary_value<float>(m, pa[at(i, sa)], pb[at(i, sb)]);
                        b->math.binary(m, pa, sa, pb, sb, y.data(), n);
                        bool same = y[n] == 42.f;
                        for (size_t i = 0; i < n; ++i) same = same && y[i] == want[i];
                        INFO("mode ", static_cast<int64_t>(m), " on ", std::string(b->name), ", n ", n, ", steps ", sa, " ", sb);
                        CHECK(same);
                        if (sa == kDense) {
                            b->math.binary(m, pa, sa, pb, sb, pa, n);
                            CHECK((n == 0 || std::memcmp(pa, want.data(), n * sizeof(float)) == 0));
                        }
                    }
}

TEST_CASE("powers that models use are exact products and roots; max and min keep NaN") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const Bricks* b : all_bricks()) {
        const float x[5] = {0.5f, 1.f, 2.25f, 3.f, 100.f};
        float y[5];
        for (float e : {-1.f, 0.5f, 1.f, 2.f, 3.f, 1.7f}) {
            b->math.binary(M::pow, x, kDense, &e, kScalar, y, 5);
            for (int i = 0; i < 5; ++i) CHECK(std::abs(y[i] / std::pow(x[i], e) - 1.f) < 1e-6f);
        }
        const float p[2] = {nan, 1.f}, q[2] = {1.f, nan};
        float r[2];
        for (ElemwiseMode m : {M::max, M::min}) {
            b->math.binary(m, p, kDense, q, kDense, r, 2);
            CHECK(std::isnan(r[0]));
            CHECK(std::isnan(r[1]));
        }
    }
}

TEST_CASE("reductions to 16 lanes for lengths around their blocks") {
    for (const Bricks* b : all_bricks())
        for (size_t n : {0u, 1u, 15u, 16u, 17u, 63u, 64u, 65u, 100u, 2048u, 2049u, 5000u}) {
            const std::vector<float> x = random_f32({static_cast<int64_t>(n)}, 3, -1.5f, 1.5f).values<float>();
            for (ReduceMode m : {ReduceMode::sum, ReduceMode::l1, ReduceMode::sum_square, ReduceMode::max, ReduceMode::min, ReduceMode::prod}) {
                float out[16];
                b->math.reduce16(m, x.data(), n, out);
                for (size_t lane = 0; lane < 16; ++lane) {
                    const float inf = std::numeric_limits<float>::infinity();
                    double want = m == ReduceMode::prod ? 1 : m == ReduceMode::max ? -inf : m == ReduceMode::min ? inf : 0;
                    for (size_t i = lane; i < n; i += 16) {
                        const double v = x[i];
                        if (m == ReduceMode::sum) want += v;
                        else if (m == ReduceMode::l1) want += std::abs(v);
                        else if (m == ReduceMode::sum_square) want += v * v;
                        else if (m == ReduceMode::prod) want *= v;
                        else if (m == ReduceMode::max) want = std::max(want, v);
                        else want = std::min(want, v);
                    }
                    // 312 terms per lane in four chains: 80 roundings of values up to 700.
                    const bool same = want == out[lane] || std::abs(out[lane] - want) <= 1e-5 + 5e-6 * std::abs(want);
                    CHECK_MESSAGE(same, "mode ", static_cast<int64_t>(m), " on ", std::string(b->name), ", n ", n, ": ", out[lane], ", expected ", want);
                }
            }
        }
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const Bricks* b : all_bricks()) {
        std::vector<float> x(100, 1.f);
        x[3] = nan;
        float out[16];
        for (ReduceMode m : {ReduceMode::sum, ReduceMode::max, ReduceMode::min, ReduceMode::prod, ReduceMode::l1}) {
            b->math.reduce16(m, x.data(), x.size(), out);
            CHECK(std::isnan(out[3]));
            CHECK(!std::isnan(out[4]));
        }
    }
}

TEST_CASE("softmax and layer norm of a row, in place too") {
    for (const Bricks* b : all_bricks())
        for (size_t n : {1u, 2u, 7u, 16u, 31u, 64u, 65u, 197u, 1000u, 4097u}) {
            std::vector<float> x = random_f32({static_cast<int64_t>(n)}, 5, -20.f, 20.f).values<float>(), y(n + 1, 42.f);
            if (n > 2) x[1] = -std::numeric_limits<float>::infinity();
            double top = -1e30, sum = 0;
            for (float v : x) top = std::max<double>(top, v);
            for (float v : x) sum += std::exp(v - top);
            INFO("n ", n, " on ", std::string(b->name));
            b->math.softmax(x.data(), y.data(), n, false);
            double worst = 0;
            for (size_t i = 0; i < n; ++i) worst = std::max(worst, std::abs(y[i] - std::exp(x[i] - top) / sum));
            CHECK(worst < 5e-7);  // of values up to 1: exp 1 ulp, sum and scale some more
            b->math.softmax(x.data(), y.data(), n, true);
            worst = 0;
            for (size_t i = 0; i < n; ++i)
                if (!std::isinf(x[i])) worst = std::max(worst, std::abs(y[i] - (x[i] - top - std::log(sum))));
                else CHECK(std::isinf(y[i]));
            CHECK(worst < 8e-6);  // of values down to -50
            CHECK(y[n] == 42.f);

            if (n > 2) x[1] = 0.f;
            std::vector<float> g = random_f32({static_cast<int64_t>(n)}, 6).values<float>(), t = random_f32({static_cast<int64_t>(n)}, 7).values<float>();
            for (int with = 0; with < 4; ++with)
                for (bool rms : {false, true}) {
                    double mean = 0, var = 0;
                    for (float v : x) mean += v / static_cast<double>(n);
                    if (rms) mean = 0;
                    for (float v : x) var += (v - mean) * (v - mean) / static_cast<double>(n);
                    float m = 0, inv = 0;
                    std::vector<float> z = x;
                    b->math.layer_norm(z.data(), with & 1 ? g.data() : nullptr, with & 2 ? t.data() : nullptr, z.data(), n, 1e-5f, rms, &m, &inv);
                    worst = 0;
                    for (size_t i = 0; i < n; ++i) {
                        const double want = (x[i] - mean) / std::sqrt(var + 1e-5) * (with & 1 ? g[i] : 1.f) + (with & 2 ? t[i] : 0.f);
                        worst = std::max(worst, std::abs(z[i] - want));
                    }
                    CHECK(worst < (n == 1 ? 1e-2 : 5e-6));  // n = 1: x - mean is a rounding error times 1 / sqrt(epsilon)
                    CHECK(std::abs(m - mean) < 1e-5);
                    CHECK(std::abs(inv * std::sqrt(var + 1e-5) - 1) < 1e-6);
                }
        }
}

TEST_CASE("scale and shift") {
    for (const Bricks* b : all_bricks())
        for (size_t n : {0u, 1u, 16u, 37u})
            for (size_t ss : {kScalar, kDense, kPattern})
                for (size_t ts : {kScalar, kDense, kPattern}) {
                    const auto x = random_f32({64}, 1).values<float>(), s = random_f32({64}, 2).values<float>(), t = random_f32({64}, 3).values<float>();
                    std::vector<float> y(n + 1, 42.f);
                    b->math.scale_shift(x.data(), s.data(), ss, t.data(), ts, y.data(), n);
                    const auto at = [](size_t i, size_t step) { return step == kScalar ? 0 : step == kDense ? i : i % 16; };
                    bool same = y[n] == 42.f;
                    for (size_t i = 0; i < n; ++i)
                        same = same && std::abs(y[i] - (static_cast<double>(x[i]) * s[at(i, ss)] + t[at(i, ts)])) < 2.5e-7;
                    CHECK_MESSAGE(same, "n ", n, " steps ", ss, " ", ts, " on ", std::string(b->name));
                }
}
