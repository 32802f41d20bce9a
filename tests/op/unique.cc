#include "lite/op/unique.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Unique of flat tensors, sorted and in order") {
    const Array x = f32({6}, {2, 1, 1, 3, 4, 3});
    const OpCase sorted(describe<Unique>(), {}, {activation(x)}, 4);
    check_output(sorted, f32({4}, {1, 2, 3, 4}));
    check_output(sorted, i64({1, 0, 3, 4}), "first", 1);
    check_output(sorted, i64({1, 0, 0, 2, 3, 2}), "inverse", 2);
    check_output(sorted, i64({2, 1, 2, 1}), "counts", 3);
    const OpCase order(describe<Unique>(), with("sorted", int64_t{0}), {activation(x)}, 4);
    check_output(order, f32({4}, {2, 1, 3, 4}));
    check_output(order, i64({0, 1, 3, 4}), "first", 1);
    check_output(order, i64({0, 1, 1, 2, 3, 2}), "inverse", 2);
    check_output(order, i64({1, 2, 2, 1}), "counts", 3);
}
TEST_CASE("Unique slices along an axis") {
    const OpCase test(describe<Unique>(), with("axis", int64_t{1}), {activation(f32({2, 3}, {1, 0, 1, 2, 3, 2}))}, 4);
    check_output(test, f32({2, 2}, {0, 1, 3, 2}));
    check_output(test, i64({1, 0, 1}), "inverse", 2);
    check_output(OpCase(describe<Unique>(), {}, {activation(f32({0}, {}))}, 1), f32({0}, {}));
    for (DType t : kAllTypes) CHECK(OpCase(describe<Unique>(), {}, {activation(iota({2}, t))}, 1).run_reference()[0].values<int>() == std::vector<int>{0, 1});
}
