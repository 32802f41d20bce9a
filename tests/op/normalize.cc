#include "lite/op/normalize.h"

#include "lite/op/batch_norm.h"
#include "lite/op/group_norm.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Array f32(const Shape& s, std::vector<float> v) { return Array::of<float>(s, v); }
Attributes attributes(std::initializer_list<std::pair<const char*, AttributeValue>> list) {
    Attributes a;
    for (const auto& [k, v] : list) a.set(k, v);
    return a;
}
}  // namespace

TEST_CASE("normalisations by numpy") {
    const TestTensor x = activation(f32({1, 4, 1, 2}, {-3, -2, -1, 0, 1, 2, 3, 4}));
    const TestTensor scale = constant(f32({4}, {1, 2, 3, 4})), bias = constant(f32({4}, {0, 1, 0, -1}));
    const auto is = [](const OpCase& test, std::vector<float> want, const char* what) {
        const Array y = test.run_reference()[0];
        check_close(y, f32(y.shape(), want), 1e-6, 1e-6, what);
    };
    is(OpCase(describe<BatchNormalization>(), {}, {x, scale, bias, constant(f32({4}, {0, 0.5f, 1, 2})), constant(f32({4}, {1, 2, 0.5f, 4}))}, 1, 15), {-2.999985f, -1.99999f, -1.121315f, 0.29289499f, 0.f, 4.2425983f, 0.9999975f, 2.999995f}, "batch");
    is(OpCase(describe<GroupNormalization>(), {}, {x, scale, bias}), {-0.99998f, 0.99998f, -0.99996f, 2.99996f, -2.99994f, 2.99994f, -4.99992f, 2.99992f}, "instance");
    is(OpCase(describe<GroupNormalization>(), attributes({{"mode", int64_t{1}}, {"num_groups", int64_t{2}}}), {x, scale, bias}, 1, 21), {-1.3416354f, -0.44721181f, 1.8944236f, 3.6832708f, -4.0249063f, -1.3416354f, 0.78884723f, 4.3665417f}, "group");
    is(OpCase(describe<GroupNormalization>(), attributes({{"mode", int64_t{1}}, {"num_groups", int64_t{2}}}), {x, constant(f32({2}, {1, 2})), constant(f32({2}, {0.5f, -1}))}, 1, 18), {-0.84163542f, 0.052788193f, 0.94721181f, 1.8416354f, -3.6832708f, -1.8944236f, -0.10557639f, 1.6832708f}, "group, parameters by group");
    is(OpCase(describe<LRN>(), attributes({{"size", int64_t{3}}, {"alpha", 0.1f}}), {x}), {-2.4177823f, -1.8207979f, -0.79113946f, 0.f, 0.79113946f, 1.3634632f, 2.4177823f, 2.7269265f}, "LRN");
    is(OpCase(describe<LpNormalization>(), attributes({{"axis", int64_t{1}}}), {x}), {-0.67082039f, -0.40824829f, -0.2236068f, 0.f, 0.2236068f, 0.40824829f, 0.67082039f, 0.81649658f}, "L2");
    is(OpCase(describe<LpNormalization>(), attributes({{"axis", int64_t{1}}, {"p", int64_t{1}}}), {x}), {-0.375f, -0.25f, -0.125f, 0.f, 0.125f, 0.25f, 0.375f, 0.5f}, "L1");
    std::vector<float> squares;
    for (int i = 0; i < 12; ++i) squares.push_back(static_cast<float>(i * i) / 7.f);
    is(OpCase(describe<MeanVarianceNormalization>(), {}, {activation(f32({2, 3, 1, 2}, squares))}), {-1.f, -0.95348837f, -1.05688f, -0.90802367f, -1.0826949f, -0.88584127f, 0.6744186f, 1.2790698f, 0.72939606f, 1.2355076f, 0.75460552f, 1.2139306f}, "mean and variance");
    CHECK_THROWS_WITH_AS(OpCase(describe<BatchNormalization>(), {}, {x, constant(f32({3}, {1, 2, 3})), bias, bias, bias}), doctest::Contains("expected 4 channels"), Error);
    CHECK_THROWS_AS(OpCase(describe<GroupNormalization>(), attributes({{"mode", int64_t{1}}, {"num_groups", int64_t{3}}}), {x, scale, bias}), Error);
}

TEST_CASE("BatchNormalization in training mode takes its mean and variance from the input, and tells the running ones") {
    const TestTensor x = activation(f32({2, 2, 2}, {1, 3, 0, 0, 5, 7, 4, 8}));  // channel 0: mean 4, variance 5; channel 1: mean 3, variance 11
    const TestTensor one = constant(f32({2}, {1, 1})), zero = constant(f32({2}, {0, 0})), two = constant(f32({2}, {2, 2}));
    const auto y = OpCase(describe<BatchNormalization>(), attributes({{"training_mode", int64_t{1}}, {"momentum", 0.75f}, {"epsilon", 0.f}}), {x, two, one, zero, one}, 3, 15)
                           .run_reference();
    const float a = 2 / std::sqrt(5.f), b = 2 / std::sqrt(11.f);
    check_close(y[0], f32({2, 2, 2}, {-3 * a + 1, -a + 1, -3 * b + 1, -3 * b + 1, a + 1, 3 * a + 1, b + 1, 5 * b + 1}), 1e-6, 1e-6, "normalised");
    check_close(y[1], f32({2}, {1, 0.75f}), 1e-6, 1e-6, "running mean");
    check_close(y[2], f32({2}, {2, 3.5f}), 1e-6, 1e-6, "running variance");
}

TEST_CASE("BatchNormalization kernels: pads stay zero") {
    for (const Shape& s : {Shape{2, 5, 3, 7}, Shape{1, 16, 4, 4}, Shape{3, 9}, Shape{2, 3, 5}, Shape{0, 4, 2, 2}}) {
        const Shape c{s[1]};
        const OpCase test(describe<BatchNormalization>(), {}, {activation(random_f32(s, 1)), constant(random_f32(c, 2)), constant(random_f32(c, 3)), constant(random_f32(c, 4)),
                                                               constant(random_f32(c, 5, 0.5f, 2.f))}, 1, 15);
        // x s + t instead of (x - mean) s + bias: a rounding of t.
        CHECK(check_all_kernels(test, 1e-6, 1e-6) == static_cast<int>(all_bricks().size()) * 2 * (s.rank() >= 3 ? 5 : 1));
    }
}

TEST_CASE("InstanceNormalization and GroupNormalization kernels") {
    for (int64_t groups : {0, 1, 3})
        for (const Shape& s : {Shape{2, 6, 3, 7}, Shape{1, 3, 50}, Shape{2, 12, 1, 5}}) {
            const Attributes a = attributes({{"mode", int64_t{groups > 0}}, {"num_groups", std::max<int64_t>(1, groups)}});
            const OpCase test(describe<GroupNormalization>(), a, {activation(random_f32(s, 1, -1.f, 3.f)), constant(random_f32({s[1]}, 2)), activation(random_f32({s[1]}, 3))}, 1, 21);
            CHECK(check_all_kernels(test, 1e-5, 1e-5) == static_cast<int>(all_bricks().size()) * 2);  // values of up to 5, sums of up to 150 terms
        }
}
