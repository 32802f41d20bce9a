#include "lite/op/scatter_nd.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase scattered(const Array& x, const Array& i, const Array& u, std::string reduction = "none") {
    return OpCase(describe<ScatterND>(), with("reduction", reduction), {activation(x), activation(i), activation(u)}, 1, 18);
}

TEST_CASE("ScatterND replaces and combines elements and slices") {
    check_output(scattered(iota({4}), i64({2, 1}, {1, -1}), f32({2}, {8, 9})), f32({4}, {0, 8, 2, 9}));
    check_output(scattered(iota({2, 2}), i64({1, 1}, {1}), f32({1, 2}, {8, 9})), f32({2, 2}, {0, 1, 8, 9}));
    check_output(scattered(iota({2, 2}), i64({2, 2}, {0, 1, 0, 1}), f32({2}, {8, 9}), "add"), f32({2, 2}, {0, 18, 2, 3}));
    check_output(scattered(iota({2}), i64({1, 1}, {1}), f32({1}, {5}), "mul"), f32({2}, {0, 5}));
    check_output(scattered(iota({2}), i64({0, 1}, {}), f32({0}, {})), f32({2}, {0, 1}));
    CHECK_THROWS_AS(scattered(iota({4}), i64({1, 1}, {4}), f32({1}, {0})).run_reference(), Error);
    CHECK_THROWS_AS(scattered(iota({4}), i64({1, 1}, {0}), f32({2}, {0, 0})), Error);
}
