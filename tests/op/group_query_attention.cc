// The kernel of GroupQueryAttention against its reference, whose figures are those of onnxruntime (see contrib_attention.cc).
#include "lite/op/group_query_attention.h"
#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
Array i32(const Shape& shape, const std::vector<int32_t>& v) { return Array::of(shape, v); }
struct Setting {
    int64_t batch, length, room, total;
    std::vector<int32_t> last;  // filled place of each sequence
    bool packed = false, rotary = true, interleaved = false;
    int64_t window = -1;
    bool places = false;  // of the queries are given
};
int run(const Setting& s) {
    constexpr int64_t heads = 4, kv = 2, size = 8;
    const auto queries = activation(random_f32({s.batch, s.length, (s.packed ? heads + 2 * kv : heads) * size}, 1));
    const auto fresh = [&](uint32_t seed) { return s.packed ? absent() : activation(random_f32({s.batch, s.length, kv * size}, seed)); };
    const auto cache = [&](uint32_t seed) { return s.room ? activation(random_f32({s.batch, kv, s.room, size}, seed)) : absent(); };
    const auto angles = [&](uint32_t seed) { return s.rotary ? activation(random_f32({s.total, 4}, seed)) : absent(); };
    std::vector<int64_t> places;
    for (int64_t i = 0; i < s.batch * s.length; ++i) places.push_back(i * 5 % s.total);
    const OpCase test(describe<GroupQueryAttention>(),
                      with("num_heads", heads)("kv_num_heads", kv)("do_rotary", int64_t{s.rotary})("rotary_interleaved", int64_t{s.interleaved})("local_window_size", s.window),
                      {queries, fresh(2), fresh(3), cache(4), cache(5), activation(i32({s.batch}, s.last)), constant(i32({1}, {static_cast<int32_t>(s.total)})), angles(6), angles(7),
                       s.places ? activation(i64({s.batch, s.length}, places)) : absent()},
                      3, 1);
    return check_all_kernels(test, 3e-6, 2e-5);  // as for FusedAttention: roundings of the scores go into the exponentials
}
}  // namespace

TEST_CASE("GroupQueryAttention: prompts, steps with a cache, sequences of different length") {
    CHECK(run({1, 5, 0, 5, {4}}) > 0);
    CHECK(run({2, 3, 4, 7, {6, 6}}) > 0);
    CHECK(run({1, 1, 20, 21, {20}, false, true, true}) > 0);
    CHECK(run({2, 1, 9, 9, {8, 3}}) > 0);  // room for all of it, the second not filled
    CHECK(run({1, 6, 2, 8, {7}, true}) > 0);
    CHECK(run({1, 9, 0, 9, {8}, true, false, false, 3}) > 0);
    CHECK(run({2, 3, 4, 7, {6, 6}, false, true, false, -1, true}) > 0);
}

namespace {
// Two heads of queries that are zero, so that scores are what is added to them; values are 3 and 6.
std::vector<Array> attend(With attributes, const TestTensor& bias, const TestTensor& sinks) {
    return OpCase(describe<GroupQueryAttention>(), attributes("num_heads", int64_t{2}),
                  {activation(f32({1, 1, 2}, {0, 0})), activation(f32({1, 1, 1}, {9})), activation(f32({1, 1, 1}, {6})), activation(f32({1, 1, 1, 1}, {8})),
                   activation(f32({1, 1, 1, 1}, {3})), activation(i32({1}, {1})), constant(i32({1}, {2})), absent(), absent(), absent(), bias, sinks},
                  4, 1)
            .run_reference();
}
}  // namespace

TEST_CASE("GroupQueryAttention: a bias of scores, sinks, and what it shows") {
    const float three = std::log(3.f), two = std::log(2.f);
    const auto biased = attend(with("qk_output", int64_t{1}), activation(f32({1, 1, 1, 2}, {0, three})), absent());
    check_close(biased[0], f32({1, 1, 2}, {5.25f, 5.25f}), 1e-6, 0, "bias");
    check_close(biased[3], f32({1, 2, 1, 2}, {0, three, 0, three}), 1e-6, 0, "scores");
    const auto sinks = attend(with("qk_output", int64_t{2}), absent(), activation(f32({2}, {0, two})));
    check_close(sinks[0], f32({1, 1, 2}, {3, 2.25f}), 1e-6, 0, "sinks");
    check_close(sinks[3], f32({1, 2, 1, 2}, {1.f / 3, 1.f / 3, .25f, .25f}), 1e-6, 0, "probabilities");
    check_close(attend(with("smooth_softmax", int64_t{1}), absent(), absent())[0], f32({1, 1, 2}, {3, 3}), 1e-6, 0, "a sink of zero");
    const auto narrow = attend(with("local_window_size", int64_t{1})("qk_output", int64_t{1}), activation(f32({1, 1, 1, 2}, {5, three})), absent());
    check_close(narrow[3], f32({1, 2, 1, 2}, {0, three, 0, three}), 1e-6, 0, "keys that are not seen have scores of zero");
    CHECK_THROWS_AS(attend({}, absent(), activation(f32({3}, {0, 0, 0}))), Error);
    CHECK_THROWS_AS(attend(with("k_quant_type", std::string("PER_TENSOR")), absent(), absent()), Error);
}

TEST_CASE("GroupQueryAttention without causal: a query sees what follows it") {
    const auto run = [](int64_t causal) {
        return OpCase(describe<GroupQueryAttention>(), with("causal", causal),
                      {activation(f32({1, 2, 1}, {0, 0})), activation(f32({1, 2, 1}, {1, 1})), activation(f32({1, 2, 1}, {2, 4})), absent(), absent(), activation(i32({1}, {1})),
                       constant(i32({1}, {2}))},
                      3, 1)
                .run_reference()[0];
    };
    check_close(run(1), f32({1, 2, 1}, {2, 3}), 1e-6, 0, "causal");
    check_close(run(0), f32({1, 2, 1}, {3, 3}), 1e-6, 0, "not causal");
}

TEST_CASE("GroupQueryAttention of open shapes") {
    const TensorInfo open{DType::f32, {kUnknown, kUnknown, kUnknown}, true}, cache{DType::f32, {kUnknown, 1, kUnknown, kUnknown}, true};
    const Inferred y(describe<GroupQueryAttention>(), with("num_heads", int64_t{2}), {open, open, open, cache, cache, {DType::i32, {kUnknown}, true}, {DType::i32, {}, true}}, 3, 1);
    CHECK(y.outputs[0].shape == Shape{kUnknown, kUnknown, kUnknown});
    CHECK(y.outputs[1].shape == Shape{kUnknown, 1, kUnknown, kUnknown});
}
