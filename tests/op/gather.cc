#include "lite/op/gather.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase gathered(const Array& x, const Array& indices, int64_t axis) { return OpCase(describe<Gather>(), with("axis", axis), {activation(x), activation(indices)}); }

TEST_CASE("Gather picks slices along any axis") {
    const Array x = iota({2, 3});
    check_output(gathered(x, i64({1, 0, -1}), 0), f32({3, 3}, {3, 4, 5, 0, 1, 2, 3, 4, 5}));
    check_output(gathered(x, i64({2, 2}, {0, 2, -3, 1}), 1), f32({2, 2, 2}, {0, 2, 0, 1, 3, 5, 3, 4}));
    check_output(gathered(x, Array::scalar(int64_t{2}), -1), f32({2}, {2, 5}));
    check_output(gathered(x, Array::of(Shape{1}, std::vector<int32_t>{1}), 0), f32({1, 3}, {3, 4, 5}));
    check_output(gathered(x, i64(std::vector<int64_t>{}), 0), f32({0, 3}, {}));
    for (DType t : kAllTypes) CHECK(gathered(iota({2, 1}, t), i64({1, 0}), 0).run_reference()[0].values<int>() == std::vector<int>{1, 0});
}
TEST_CASE("Gather names indices outside the axis") {
    CHECK_THROWS_AS(gathered(iota({2, 3}), i64({2}), 0).run_reference(), Error);
    CHECK_THROWS_AS(gathered(iota({2, 3}), i64({-3}), 0).run_reference(), Error);
    CHECK_THROWS_AS(gathered(iota({2, 3}), iota({1}), 0), Error);
    CHECK_THROWS_AS(gathered(iota({2, 3}), i64({0}), 2), Error);
    CHECK(Inferred(describe<Gather>(), {}, {info({kUnknown, 3}), info(Shape{4}, DType::i64)}).outputs[0].shape == Shape{4, 3});
    CHECK_FALSE(Inferred(describe<Gather>(), {}, {no_shape(), info(Shape{4}, DType::i64)}).outputs[0].has_shape);
}
