#include "lite/op/layer_norm.h"

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

TEST_CASE("LayerNormalization by numpy") {
    const TestTensor x = activation(f32({2, 3}, {1, 2, -1, 0.5f, -3, 4})), scale = constant(f32({3}, {1, 2, 3})), bias = constant(f32({3}, {0.5f, 0, -1}));
    const auto y = OpCase(describe<LayerNormalization>(), {}, {x, scale, bias}, 3).run_reference();
    check_close(y[0], f32({2, 3}, {0.76726038f, 2.1380831f, -5.0089057f, 0.5f, -2.4494882f, 2.6742324f}), 1e-6, 1e-6, "y");
    check_close(y[1], f32({2, 1}, {0.66666667f, 0.5f}), 1e-7, 1e-6, "mean");
    check_close(y[2], f32({2, 1}, {0.80178115f, 0.34992689f}), 1e-7, 1e-6, "inverse deviation");
    check_close(OpCase(describe<LayerNormalization>(), attributes({{"mode", int64_t{1}}}), {x, scale}).run_reference()[0], f32({2, 3}, {0.70710501f, 2.8284201f, -2.121315f, 0.17234539f, -2.0681447f, 4.1362895f}), 1e-6, 1e-6, "rms");
    CHECK_THROWS_WITH_AS(OpCase(describe<LayerNormalization>(), {}, {x, constant(f32({2}, {1, 2}))}), doctest::Contains("broadcast"), Error);
}

TEST_CASE("LayerNormalization kernels") {
    for (int64_t mode : {0, 1})
        for (int64_t axis : {-1, 1})
            for (const Shape& s : {Shape{2, 3, 5}, Shape{4, 7, 192}, Shape{1, 1, 33}, Shape{3, 2, 1000}, Shape{0, 2, 3}})
                for (size_t outputs : {1u, 3u}) {
                    if (mode == 1 && outputs == 3) continue;
                    Shape row = s;
                    row.erase(0);
                    if (axis == -1) row.erase(0);
                    const Attributes a = attributes({{"mode", mode}, {"axis", axis}});
                    const OpCase both(describe<LayerNormalization>(), a, {activation(random_f32(s, 1, -1.f, 3.f)), constant(random_f32(row, 2)), constant(random_f32(row, 3))}, outputs);
                    // Values of up to 20 after the division, sums of up to 2000 terms in float blocks.
                    CHECK(check_all_kernels(both, 1e-5, 1e-5) == static_cast<int>(all_bricks().size()) * 2);
                    const OpCase plain(describe<LayerNormalization>(), a, {activation(random_f32(s, 1, -1.f, 3.f)), activation(random_f32(row, 2))}, outputs);
                    CHECK(check_all_kernels(plain, 1e-5, 1e-5) == static_cast<int>(all_bricks().size()) * 2);
                }
    // A scale that is no row: the reference.
    const OpCase odd(describe<LayerNormalization>(), attributes({{"axis", int64_t{1}}}), {activation(random_f32({2, 3, 4}, 1)), constant(random_f32({4}, 2))});
    CHECK(check_all_kernels(odd, 0, 0) == 0);
}
