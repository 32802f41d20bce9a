#include "lite/op/gather_elements.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase gathered(const Array& x, const Array& i, int64_t axis) { return OpCase(describe<GatherElements>(), with("axis", axis), {activation(x), activation(i)}); }

TEST_CASE("GatherElements picks single elements") {
    const Array x = iota({2, 3});
    check_output(gathered(x, i64({2, 2}, {0, 2, -1, 1}), 1), f32({2, 2}, {0, 2, 5, 4}));
    check_output(gathered(x, i64({1, 3}, {1, 0, -1}), 0), f32({1, 3}, {3, 1, 5}));
    for (DType t : kAllTypes) CHECK(gathered(iota({2}, t), i64({1, 0}), 0).run_reference()[0].values<int>() == std::vector<int>{1, 0});
    CHECK_THROWS_AS(gathered(x, i64({1, 1}, {3}), 1).run_reference(), Error);
    CHECK_THROWS_AS(gathered(x, i64({0}), 0), Error);
    CHECK_THROWS_AS(gathered(x, i64({3, 1}, {0, 0, 0}), 1), Error);
}
