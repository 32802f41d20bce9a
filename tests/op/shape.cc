#include "lite/op/shape.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Shape and its parts") {
    const Array x = iota({2, 3, 4});
    const auto part = [&](int64_t start, int64_t end) { return OpCase(describe<ShapeOf>(), with("start", start)("end", end), {activation(x)}); };
    check_output(OpCase(describe<ShapeOf>(), {}, {activation(x)}), i64({2, 3, 4}));
    check_output(part(1, INT64_MAX), i64({3, 4}));
    check_output(part(-1, INT64_MAX), i64({4}));
    check_output(part(0, -1), i64({2, 3}));
    check_output(part(2, 1), i64(std::vector<int64_t>{}));
    check_output(part(-9, 9), i64({2, 3, 4}));
    check_output(OpCase(describe<ShapeOf>(), {}, {activation(Array::scalar(1.f))}), i64(std::vector<int64_t>{}));
}
TEST_CASE("Shape is a value as soon as its extents are known") {
    CHECK(Inferred(describe<ShapeOf>(), {}, {info({2, 3})}).values[0].values<int64_t>() == std::vector<int64_t>{2, 3});
    const Inferred part(describe<ShapeOf>(), with("start", int64_t{1}), {info({kUnknown, 3})});
    CHECK(part.values[0].values<int64_t>() == std::vector<int64_t>{3});
    const Inferred all(describe<ShapeOf>(), {}, {info({kUnknown, 3})});
    CHECK_FALSE(all.values[0]);
    CHECK(all.outputs[0].shape == Shape{2});
}
