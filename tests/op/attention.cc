#include "lite/op/attention.h"
#include "lite/op/linear_attention.h"
#include "lite/op/rotary_embedding.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Attention weighs values by their keys, within masks and windows") {
    // Keys that are all alike: every key that is not masked has the same weight.
    const Array q = f32({1, 1, 2, 1}, {1, 1}), k = f32({1, 1, 3, 1}, {1, 1, 1}), v = f32({1, 1, 3, 1}, {3, 6, 9});
    const auto run = [&](Attributes a, TestTensor mask = absent(), TestTensor filled = absent()) {
        return OpCase(describe<Attention>(), a, {activation(q), activation(k), activation(v), mask, absent(), absent(), filled}, 1, 25);
    };
    check_close(run({}).run_reference()[0], f32({1, 1, 2, 1}, {6, 6}), 1e-6, 0, "all");
    check_close(run(with("is_causal", int64_t{1})).run_reference()[0], f32({1, 1, 2, 1}, {3, 4.5f}), 1e-6, 0, "causal");
    check_close(run({}, activation(booleans({2, 3}, {0, 1, 0, 0, 0, 0}))).run_reference()[0], f32({1, 1, 2, 1}, {6, 0}), 1e-6, 0, "a row without keys is zero");
    check_close(run({}, activation(f32({3}, {-1000, 0, 0}))).run_reference()[0], f32({1, 1, 2, 1}, {7.5f, 7.5f}), 1e-6, 0, "added mask");
    check_close(run({}, absent(), activation(i64({1}, {2}))).run_reference()[0], f32({1, 1, 2, 1}, {4.5f, 4.5f}), 1e-6, 0, "padding");
    check_close(run(with("left_window_size", int64_t{0})("right_window_size", int64_t{1})).run_reference()[0], f32({1, 1, 2, 1}, {4.5f, 7.5f}), 1e-6, 0, "window");
}

TEST_CASE("Attention takes packed heads, shared heads and a cache") {
    const Array q = random_f32({2, 3, 8}, 1), k = random_f32({2, 3, 4}, 2), v = random_f32({2, 3, 4}, 3);
    const Array past_k = random_f32({2, 2, 2, 2}, 4), past_v = random_f32({2, 2, 2, 2}, 5);
    const Attributes a = with("q_num_heads", int64_t{4})("kv_num_heads", int64_t{2});
    const auto got = OpCase(describe<Attention>(), a, {activation(q), activation(k), activation(v), absent(), activation(past_k), activation(past_v)}, 4, 23).run_reference();
    REQUIRE(got[0].shape() == Shape{2, 3, 8});
    REQUIRE(got[1].shape() == Shape{2, 2, 5, 2});
    const auto Q = q.values<double>(), K = k.values<double>(), V = v.values<double>(), PK = past_k.values<double>(), PV = past_v.values<double>();
    const auto Y = got[0].values<double>();
    for (size_t b = 0; b < 2; ++b)
        for (size_t h = 0; h < 4; ++h)
            for (size_t i = 0; i < 3; ++i) {
                double e[5], sum = 0, want[2] = {0, 0};
                const auto key = [&](size_t j, size_t d) { return j < 2 ? PK[((b * 2 + h / 2) * 2 + j) * 2 + d] : K[(b * 3 + j - 2) * 4 + h / 2 * 2 + d]; };
                const auto value = [&](size_t j, size_t d) { return j < 2 ? PV[((b * 2 + h / 2) * 2 + j) * 2 + d] : V[(b * 3 + j - 2) * 4 + h / 2 * 2 + d]; };
                for (size_t j = 0; j < 5; ++j) {
                    e[j] = std::exp((Q[(b * 3 + i) * 8 + h * 2] * key(j, 0) + Q[(b * 3 + i) * 8 + h * 2 + 1] * key(j, 1)) / std::sqrt(2.0));
                    sum += e[j];
                }
                for (size_t j = 0; j < 5; ++j)
                    for (size_t d = 0; d < 2; ++d) want[d] += e[j] / sum * value(j, d);
                for (size_t d = 0; d < 2; ++d) CHECK(Y[(b * 3 + i) * 8 + h * 2 + d] == doctest::Approx(want[d]).epsilon(1e-5));
            }
    CHECK_THROWS_AS(OpCase(describe<Attention>(), {}, {activation(q), activation(k), activation(v)}), Error);  // packed, and no number of heads
}

TEST_CASE("FlexAttention without bodies is Attention") {
    const Array q = random_f32({1, 4, 3, 2}, 1), k = random_f32({1, 2, 5, 2}, 2), v = random_f32({1, 2, 5, 3}, 3);
    const std::vector<TestTensor> in{activation(q), activation(k), activation(v)};
    check_close(OpCase(describe<FlexAttention>(), {}, in, 1, 1).run_reference()[0], OpCase(describe<Attention>(), {}, in, 1, 23).run_reference()[0], 1e-7, 0, "flex");
}

TEST_CASE("LinearAttention carries its state over a cut") {
    for (const char* rule : {"linear", "gated", "delta", "gated_delta"}) {
        const std::string r = rule;
        const bool gated = r.find("gated") == 0, delta = r.find("delta") != r.npos;
        const Attributes a = with("q_num_heads", int64_t{4})("kv_num_heads", int64_t{2})("update_rule", r);
        const auto run = [&](const std::vector<Array>& t, const Array& state) {
            return OpCase(describe<LinearAttention>(), a,
                          {activation(t[0]), activation(t[1]), activation(t[2]), state ? activation(state) : absent(), gated ? activation(t[3]) : absent(),
                           delta ? activation(t[4]) : absent()}, 2, 27).run_reference();
        };
        const std::vector<Array> all{random_f32({1, 4, 12}, 1), random_f32({1, 4, 6}, 2), random_f32({1, 4, 4}, 3), random_f32({1, 4, 2}, 4), random_f32({1, 4, 1}, 5)};
        const auto part = [&](int64_t from, int64_t to) {
            std::vector<Array> cut;
            for (const Array& x : all) {
                const int64_t n = x.shape()[2];
                const auto v = x.values<float>();
                cut.push_back(f32({1, to - from, n}, std::vector<float>(v.begin() + from * n, v.begin() + to * n)));
            }
            return cut;
        };
        const auto whole = run(all, {}), first = run(part(0, 3), {}), second = run(part(3, 4), first[1]);
        check_close(second[1], whole[1], 1e-6, 1e-5, rule);
        const auto y = whole[0].values<float>();
        check_close(second[0], f32({1, 1, 8}, std::vector<float>(y.end() - 8, y.end())), 1e-6, 1e-5, rule);
        if (r == "linear") {  // the state is the sum of products of keys and values
            double sum = 0;
            for (size_t t = 0; t < 4; ++t) sum += all[1].values<double>()[t * 6 + 4] * all[2].values<double>()[t * 4 + 3];
            CHECK(whole[1].values<double>()[(3 + 1) * 2 + 1] == doctest::Approx(sum).epsilon(1e-5));
        }
    }
}

TEST_CASE("CausalConvWithState looks back only") {
    const Array x = f32({1, 2, 3}, {1, 2, 3, 4, 5, 6}), w = f32({2, 1, 2}, {10, 1, 100, 1}), bias = f32({2}, {0, 0.5f}), past = f32({1, 2, 1}, {7, 8});
    const auto got = OpCase(describe<CausalConvWithState>(), {}, {activation(x), constant(w), constant(bias), activation(past)}, 2, 27).run_reference();
    check_close(got[0], f32({1, 2, 3}, {71, 12, 23, 804.5f, 405.5f, 506.5f}), 0, 0, "y");
    check_close(got[1], f32({1, 2, 1}, {3, 6}), 0, 0, "state");
    CHECK_THROWS_AS(OpCase(describe<CausalConvWithState>(), with("activation", std::string("relu")), {activation(x), constant(w)}), Error);
}

TEST_CASE("RotaryEmbedding turns pairs") {
    const Array x = f32({1, 1, 1, 4}, {1, 2, 3, 4}), co = f32({2, 2}, {1, 1, 0, -1}), si = f32({2, 2}, {0, 0, 1, 0});
    const auto run = [&](Attributes a, int64_t position) {
        return OpCase(describe<RotaryEmbedding>(), a, {activation(x), constant(co), constant(si), activation(i64({1, 1}, {position}))}, 1, 23).run_reference()[0];
    };
    check_close(run({}, 0), x, 0, 0, "no angle");
    check_close(run({}, 1), f32({1, 1, 1, 4}, {-3, -2, 1, -4}), 0, 0, "halves");
    check_close(run(with("interleaved", int64_t{1}), 1), f32({1, 1, 1, 4}, {-2, 1, -3, -4}), 0, 0, "neighbours");
    CHECK_THROWS_AS(run({}, 2), Error);
    CHECK_THROWS_AS(OpCase(describe<RotaryEmbedding>(), {}, {activation(x), constant(f32({}, {1})), constant(f32({}, {1}))}, 1, 23).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<RotaryEmbedding>(), {}, {activation(x)}, 1, 23).run_reference(), Error);
}
