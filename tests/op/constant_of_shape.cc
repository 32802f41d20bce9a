#include "lite/op/constant_of_shape.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("ConstantOfShape fills any dtype") {
    check_output(OpCase(describe<ConstantOfShape>(), {}, {constant(i64({2, 2}))}), f32({2, 2}, {0, 0, 0, 0}));
    check_output(OpCase(describe<ConstantOfShape>(), with("value", i64({7})), {constant(i64({3}))}), i64({7, 7, 7}));
    check_output(OpCase(describe<ConstantOfShape>(), with("value", i64({7})), {activation(i64({3}))}), i64({7, 7, 7}));
    check_output(OpCase(describe<ConstantOfShape>(), with("value", booleans({1}, {1})), {constant(i64({2, 0}))}), booleans({2, 0}, {}));
    check_output(OpCase(describe<ConstantOfShape>(), with("value", i64({7})), {constant(i64(std::vector<int64_t>{}))}), Array::scalar(int64_t{7}));
    CHECK_THROWS_AS(OpCase(describe<ConstantOfShape>(), {}, {constant(i64({-2}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<ConstantOfShape>(), with("value", i64({7, 8})), {constant(i64({2}))}), Error);
    CHECK(Inferred(describe<ConstantOfShape>(), {}, {info(Shape{2}, DType::i64)}).outputs[0].shape == Shape{kUnknown, kUnknown});
}
