#include "lite/op/top_k.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase top(const Array& x, int64_t k, int64_t axis, bool largest) {
    return OpCase(describe<TopK>(), with("axis", axis)("largest", int64_t{largest}), {activation(x), constant(i64({k}))}, 2, 11);
}

TEST_CASE("TopK: values and indices, the first of equal ones first") {
    const Array x = f32({2, 4}, {3, 1, 3, 2, 0, 5, -1, 5});
    check_output(top(x, 3, 1, true), f32({2, 3}, {3, 3, 2, 5, 5, 0}));
    check_output(top(x, 3, 1, true), i64({2, 3}, {0, 2, 3, 1, 3, 0}), "indices", 1);
    check_output(top(x, 2, -1, false), f32({2, 2}, {1, 2, -1, 0}));
    check_output(top(x, 1, 0, true), f32({1, 4}, {3, 5, 3, 5}));
    check_output(top(x, 1, 0, true), i64({1, 4}, {0, 1, 0, 1}), "indices", 1);
    check_output(top(x, 0, 1, true), f32({2, 0}, {}));
    for (DType t : kAllTypes) CHECK(top(iota({2}, t), 2, 0, true).run_reference()[0].values<int>() == std::vector<int>{1, 0});
    check_output(OpCase(describe<TopK>(), with("k", int64_t{1}), {activation(x)}, 2, 1), f32({2, 1}, {3, 5}));
    CHECK_THROWS_AS(top(x, 5, 1, true), Error);
    CHECK_THROWS_AS(top(x, -1, 1, true), Error);
    CHECK(Inferred(describe<TopK>(), {}, {info({2, 4}), info(Shape{1}, DType::i64)}, 2, 11).outputs[1].shape == Shape{2, kUnknown});
}
