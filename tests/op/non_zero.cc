#include "lite/op/non_zero.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("NonZero lists coordinates") {
    check_output(OpCase(describe<NonZero>(), {}, {activation(f32({2, 2}, {1, 0, -0.f, 2}))}), i64({2, 2}, {0, 1, 0, 1}));
    check_output(OpCase(describe<NonZero>(), {}, {activation(booleans({3}, {0, 1, 1}))}), i64({1, 2}, {1, 2}));
    check_output(OpCase(describe<NonZero>(), {}, {activation(f32({2, 2}, {0, 0, 0, 0}))}), i64({2, 0}, {}));
    check_output(OpCase(describe<NonZero>(), {}, {activation(Array::scalar(3.f))}), i64({1, 1}, {0}));
    for (DType t : kAllTypes) CHECK(OpCase(describe<NonZero>(), {}, {activation(iota({2}, t))}).run_reference()[0].values<int>() == std::vector<int>{1});
}
