#include "lite/op/scatter_elements.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase scattered(const Array& x, const Array& i, const Array& u, int64_t axis, std::string reduction = "none") {
    return OpCase(describe<ScatterElements>(), with("axis", axis)("reduction", reduction), {activation(x), activation(i), activation(u)}, 1, 18);
}

TEST_CASE("ScatterElements replaces and combines") {
    const Array x = f32({1, 4}, {1, 2, 3, 4}), i = i64({1, 3}, {1, -1, 1}), u = f32({1, 3}, {5, 6, 7});
    check_output(scattered(x, i, u, 1), f32({1, 4}, {1, 7, 3, 6}));
    check_output(scattered(x, i, u, 1, "add"), f32({1, 4}, {1, 14, 3, 10}));
    check_output(scattered(x, i, u, 1, "mul"), f32({1, 4}, {1, 70, 3, 24}));
    check_output(scattered(x, i, u, 1, "max"), f32({1, 4}, {1, 7, 3, 6}));
    check_output(scattered(x, i, u, 1, "min"), f32({1, 4}, {1, 2, 3, 4}));
    check_output(scattered(iota({2, 2}), i64({1, 2}, {1, 0}), f32({1, 2}, {8, 9}), 0), f32({2, 2}, {0, 9, 8, 3}));
    for (DType t : kAllTypes)
        for (const char* r : {"none", "add", "max"}) CHECK(scattered(iota({2}, t), i64({0}), iota({1}, t, 1), 0, r).run_reference()[0].values<int>() == std::vector<int>{1, 1});
    CHECK_THROWS_AS(scattered(x, i64({1, 1}, {4}), f32({1, 1}, {0}), 1).run_reference(), Error);
    CHECK_THROWS_AS(scattered(x, i, f32({1, 2}, {0, 0}), 1), Error);
    CHECK_THROWS_AS(scattered(x, i, u, 1, "average"), Error);
}
