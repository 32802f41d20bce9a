#include "lite/op/flatten.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Flatten makes a matrix at every axis") {
    const Shape x{2, 3, 4};
    const std::pair<int64_t, Shape> cases[] = {{0, {1, 24}}, {1, {2, 12}}, {2, {6, 4}}, {3, {24, 1}}, {-1, {6, 4}}, {-3, {1, 24}}};
    for (const auto& [axis, want] : cases) check_output(OpCase(describe<Flatten>(), with("axis", axis), {activation(iota(x))}), iota(want));
    CHECK(OpCase(describe<Flatten>(), {}, {activation(iota({2, 0, 4}))}).outputs[0].shape == Shape{2, 0});
    CHECK(Inferred(describe<Flatten>(), {}, {info({kUnknown, 3, 4})}).outputs[0].shape == Shape{kUnknown, 12});
    CHECK_THROWS_AS(OpCase(describe<Flatten>(), with("axis", int64_t{4}), {activation(iota(x))}), Error);
}
