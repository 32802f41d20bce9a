#include "lite/op/one_hot.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("OneHot at any axis") {
    const auto run = [](const Array& i, int64_t axis) {
        return OpCase(describe<OneHot>(), with("axis", axis), {activation(i), constant(Array::scalar(int64_t{3})), activation(f32({2}, {1, 5}))});
    };
    check_output(run(i64({1, -1, 7}), -1), f32({3, 3}, {1, 5, 1, 1, 1, 5, 1, 1, 1}));
    check_output(run(i64({1, -1, 7}), 0), f32({3, 3}, {1, 1, 1, 5, 1, 1, 1, 5, 1}));
    check_output(run(f32({1}, {2}), -1), f32({1, 3}, {1, 1, 5}));
    CHECK_THROWS_AS(run(i64({1}), 2), Error);
    CHECK(Inferred(describe<OneHot>(), {}, {info(Shape{2}, DType::i64), info(Shape{}, DType::i64), info(Shape{2})}).outputs[0].shape == Shape{2, kUnknown});
}
