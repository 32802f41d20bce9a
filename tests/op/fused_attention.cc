#include "lite/op/fused_attention.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
int run(int64_t b, int64_t h, int64_t tq, int64_t tk, int64_t d, int64_t dv, int order, const Shape* mask = nullptr) {
    FusedAttention::Attributes a;
    a.scale = 0.5f;
    a.q_time_first = order & 1;
    a.k_time_first = order >> 1 & 1;
    a.v_time_first = order >> 2 & 1;
    a.y_time_first = order >> 3 & 1;
    a.k_columns = order >> 4 & 1;
    std::vector<TestTensor> in{activation(random_f32(a.q_time_first ? Shape{b, tq, h, d} : Shape{b, h, tq, d}, 1, -2, 2)),
                               activation(random_f32(a.k_columns ? Shape{b, h, d, tk} : a.k_time_first ? Shape{b, tk, h, d} : Shape{b, h, tk, d}, 2, -2, 2)),
                               activation(random_f32(a.v_time_first ? Shape{b, tk, h, dv} : Shape{b, h, tk, dv}, 3))};
    if (mask) {
        Array m = random_f32(*mask, 4);
        for (int64_t i = 0; i + 1 < m.count(); i += 3) reinterpret_cast<float*>(m.mutable_data())[i] = -1e9f;  // a masked key
        in.push_back(activation(m));
    }
    const OpCase test(describe<FusedAttention>(), write_attributes(a), in);
    CHECK(test.outputs[0].shape == (a.y_time_first ? Shape{b, tq, h, dv} : Shape{b, h, tq, dv}));
    // scores of some units carry the roundings of d products into the exponentials
    return check_all_kernels(test, 3e-6, 2e-5, 3);
}
}  // namespace

TEST_CASE("FusedAttention's reference on a case by hand") {
    FusedAttention::Attributes a;
    a.scale = 2.f;
    // one head, two keys: scores 2 * (1, 0) + mask (0, 2 - ln 3), so weights 3 : 1
    const OpCase test(describe<FusedAttention>(), write_attributes(a),
                      {activation(Array::of({1, 1, 1, 1}, std::vector<float>{1})), activation(Array::of({1, 1, 2, 1}, std::vector<float>{1, 0})),
                       activation(Array::of({1, 1, 2, 2}, std::vector<float>{4, 8, 0, -8})),
                       activation(Array::of({2}, std::vector<float>{0, 2.f - 1.0986123f}))});
    check_close(test.run_reference()[0], Array::of({1, 1, 1, 2}, std::vector<float>{3, 4}), 1e-6, 1e-6, "by hand");
}

TEST_CASE("FusedAttention's kernel agrees with the reference") {
    for (int order = 0; order < 32; ++order) {
        CHECK(run(2, 3, 5, 7, 9, 6, order) > 0);
        CHECK(run(1, 2, 30, 45, 16, 33, order) > 0);
        CHECK(run(1, 2, 1, 20, 8, 8, order) > 0);
    }
    CHECK(run(1, 3, 197, 197, 64, 64, 0) > 0);
    CHECK(run(1, 1, 1, 1, 1, 1, 0) > 0);
    CHECK(run(0, 3, 4, 5, 6, 7, 0) > 0);
    CHECK(run(1, 3, 0, 5, 6, 7, 0) > 0);
    CHECK(run(1, 3, 4, 5, 0, 7, 0) > 0);
    CHECK(run(1, 3, 4, 0, 6, 7, 0) == 0);
    for (const Shape& mask : {Shape{2, 3, 17, 19}, Shape{1, 1, 17, 19}, Shape{2, 1, 1, 19}, Shape{17, 19}, Shape{19}, Shape{3, 1, 19}})
        for (int order : {0, 15, 23}) CHECK(run(2, 3, 17, 19, 8, 8, order, &mask) > 0);
    const Shape one_for_a_row{17, 1};
    CHECK(run(2, 3, 17, 19, 8, 8, 0, &one_for_a_row) == 0);
}

TEST_CASE("Heads of keys serve several of queries; rows that are masked as a whole give zeros") {
    for (const int64_t kv : {1, 2}) {
        FusedAttention::Attributes a;
        a.q_time_first = a.y_time_first = kv == 1;
        Array mask = random_f32({7, 21}, 4);
        auto* m = reinterpret_cast<float*>(mask.mutable_data());
        for (int64_t i = 0; i < 7; ++i)
            for (int64_t j = 0; j < 21; ++j)
                if (i == 3 || j % 5 == 0) m[i * 21 + j] = -INFINITY;
        const OpCase test(describe<FusedAttention>(), write_attributes(a),
                          {activation(random_f32(kv == 1 ? Shape{2, 7, 4, 8} : Shape{2, 4, 7, 8}, 1)), activation(random_f32({2, kv, 21, 8}, 2)),
                           activation(random_f32({2, kv, 21, 5}, 3)), activation(mask)});
        CHECK(check_all_kernels(test, 3e-6, 2e-5, 3) > 0);
        const Array y = test.run_reference()[0];
        const auto v = y.values<float>();
        for (int64_t x = 0; x < 5; ++x) CHECK(v[static_cast<size_t>(kv == 1 ? (3 * 4 + 1) * 5 + x : (7 + 3) * 5 + x)] == 0);  // head 1, row 3
    }
}

TEST_CASE("FusedAttention refuses what does not fit") {
    const auto make = [](const Shape& q, const Shape& k, const Shape& v, const Shape& mask) {
        const OpCase test(describe<FusedAttention>(), {}, {activation(random_f32(q, 1)), activation(random_f32(k, 1)), activation(random_f32(v, 1)), activation(random_f32(mask, 1))});
    };
    make({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6}, {5});
    CHECK_THROWS_WITH_AS(make({1, 2, 3, 4}, {1, 2, 5, 3}, {1, 2, 5, 6}, {5}), doctest::Contains("do not fit together"), Error);
    CHECK_THROWS_AS(make({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 4, 6}, {5}), Error);
    CHECK_THROWS_AS(make({1, 3, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6}, {5}), Error);
    CHECK_THROWS_AS(make({1, 4, 3, 4}, {1, 2, 5, 4}, {1, 4, 5, 6}, {5}), Error);
    CHECK_THROWS_AS(make({2, 3, 4}, {2, 5, 4}, {2, 5, 6}, {5}), Error);
    CHECK_THROWS_AS(make({1, 2, 3, 4}, {1, 2, 5, 4}, {1, 2, 5, 6}, {4}), Error);
}
