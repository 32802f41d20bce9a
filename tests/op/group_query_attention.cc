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
};
int run(const Setting& s) {
    constexpr int64_t heads = 4, kv = 2, size = 8;
    const auto queries = activation(random_f32({s.batch, s.length, (s.packed ? heads + 2 * kv : heads) * size}, 1));
    const auto fresh = [&](uint32_t seed) { return s.packed ? absent() : activation(random_f32({s.batch, s.length, kv * size}, seed)); };
    const auto cache = [&](uint32_t seed) { return s.room ? activation(random_f32({s.batch, kv, s.room, size}, seed)) : absent(); };
    const auto angles = [&](uint32_t seed) { return s.rotary ? activation(random_f32({s.total, 4}, seed)) : absent(); };
    const OpCase test(describe<GroupQueryAttention>(),
                      with("num_heads", heads)("kv_num_heads", kv)("do_rotary", int64_t{s.rotary})("rotary_interleaved", int64_t{s.interleaved})("local_window_size", s.window),
                      {queries, fresh(2), fresh(3), cache(4), cache(5), activation(i32({s.batch}, s.last)), constant(i32({1}, {static_cast<int32_t>(s.total)})), angles(6), angles(7)},
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
}
