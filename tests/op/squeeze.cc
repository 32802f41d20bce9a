#include "lite/op/squeeze.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Squeeze drops the axes it is told, or all of extent 1") {
    const Array x = iota({1, 3, 1, 5});
    check_output(OpCase(describe<Squeeze>(), {}, {activation(x), constant(i64({0}))}), iota({3, 1, 5}));
    check_output(OpCase(describe<Squeeze>(), {}, {activation(x), constant(i64({-2, 0}))}), iota({3, 5}));
    check_output(OpCase(describe<Squeeze>(), {}, {activation(x)}), iota({3, 5}));
    check_output(OpCase(describe<Squeeze>(), with("axes", std::vector<int64_t>{2}), {activation(x)}, 1, 11), iota({1, 3, 5}));
    check_output(OpCase(describe<Squeeze>(), {}, {activation(x), constant(i64(std::vector<int64_t>{}))}), x);
    CHECK_THROWS_AS(OpCase(describe<Squeeze>(), {}, {activation(x), constant(i64({1}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Squeeze>(), {}, {activation(x), constant(i64({4}))}), Error);
    const Array axis = i64({0});
    CHECK(Inferred(describe<Squeeze>(), {}, {info({1, kUnknown}), info(axis)}).outputs[0].shape == Shape{kUnknown});
    CHECK_FALSE(Inferred(describe<Squeeze>(), {}, {info({1, kUnknown})}).outputs[0].has_shape);
}
