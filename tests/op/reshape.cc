#include "lite/op/reshape.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static Shape reshaped(const Shape& x, const std::vector<int64_t>& to, bool allowzero = false) {
    const OpCase test(describe<Reshape>(), with("allowzero", int64_t{allowzero}), {activation(iota(x)), constant(i64(to))});
    check_output(test, iota(x).reshaped(test.outputs[0].shape));
    return test.outputs[0].shape;
}

TEST_CASE("Reshape finds -1, copies 0, and keeps the elements") {
    CHECK(reshaped({2, 3, 4}, {4, 6}) == Shape{4, 6});
    CHECK(reshaped({2, 3, 4}, {-1}) == Shape{24});
    CHECK(reshaped({2, 3, 4}, {0, -1}) == Shape{2, 12});
    CHECK(reshaped({2, 3, 4}, {0, 0, 2, -1}) == Shape{2, 3, 2, 2});
    CHECK(reshaped({1}, {}) == Shape{});
    CHECK(reshaped({0, 3}, {3, 0}, true) == Shape{3, 0});
    CHECK(reshaped({0, 3}, {0, -1}) == Shape{0, 3});
    CHECK(reshaped({0, 3}, {-1, 5}) == Shape{0, 5});
}
TEST_CASE("Reshape refuses what does not fit") {
    CHECK_THROWS_AS(reshaped({2, 3}, {4}), Error);
    CHECK_THROWS_AS(reshaped({2, 3}, {-1, -1}), Error);
    CHECK_THROWS_AS(reshaped({2, 3}, {4, -1}), Error);
    CHECK_THROWS_AS(reshaped({2, 3}, {2, 3, 0}), Error);
    CHECK_THROWS_AS(reshaped({2, 3}, {-2, 3}), Error);
    CHECK_THROWS_AS(reshaped({2, 3}, {INT64_MAX, INT64_MAX, -1}), Error);
}
TEST_CASE("Reshape of unknown extents") {
    const Array keep = i64({0, -1}), batch = i64({-1, 12});
    CHECK(Inferred(describe<Reshape>(), {}, {info({kUnknown, 3, 4}), info(keep)}).outputs[0].shape == Shape{kUnknown, 12});
    CHECK(Inferred(describe<Reshape>(), {}, {info({kUnknown, 3, 4}), info(batch)}).outputs[0].shape == Shape{kUnknown, 12});
    const auto later = Inferred(describe<Reshape>(), {}, {info({2, 3}), info(Shape{3}, DType::i64)}).outputs[0];
    CHECK(later.shape == Shape{kUnknown, kUnknown, kUnknown});
    CHECK_FALSE(Inferred(describe<Reshape>(), {}, {info({2, 3}), no_shape(DType::i64)}).outputs[0].has_shape);
}
TEST_CASE("Reshape of opset 1 has its shape in an attribute") {
    const OpCase test(describe<Reshape>(), with("shape", std::vector<int64_t>{3, 2}), {activation(iota({2, 3}))}, 1, 1);
    check_output(test, iota({3, 2}));
}
