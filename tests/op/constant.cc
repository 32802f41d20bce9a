#include "lite/op/constant.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Constant in all its spellings") {
    check_output(OpCase(describe<Constant>(), with("value", iota({2, 2}, DType::i8)), {}), iota({2, 2}, DType::i8));
    check_output(OpCase(describe<Constant>(), with("value_float", 2.5f), {}), Array::scalar(2.5f));
    check_output(OpCase(describe<Constant>(), with("value_floats", std::vector<float>{1, 2}), {}), f32({2}, {1, 2}));
    check_output(OpCase(describe<Constant>(), with("value_int", int64_t{5}), {}), Array::scalar(int64_t{5}));
    check_output(OpCase(describe<Constant>(), with("value_ints", std::vector<int64_t>{5, 6}), {}), i64({5, 6}));
    CHECK(Inferred(describe<Constant>(), with("value_int", int64_t{5}), {}).values[0].scalar_value<int64_t>() == 5);
    CHECK_THROWS_AS(OpCase(describe<Constant>(), with("value_string", std::string("x")), {}), Error);
}
