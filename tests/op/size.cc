#include "lite/op/size.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Size counts elements") {
    check_output(OpCase(describe<Size>(), {}, {activation(iota({2, 3, 4}))}), Array::scalar(int64_t{24}));
    check_output(OpCase(describe<Size>(), {}, {activation(iota({2, 0}))}), Array::scalar(int64_t{0}));
    CHECK(Inferred(describe<Size>(), {}, {info({2, 3})}).values[0].scalar_value<int64_t>() == 6);
    CHECK_FALSE(Inferred(describe<Size>(), {}, {info({2, kUnknown})}).values[0]);
}
