#include "lite/op/compress.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Compress keeps what a condition says") {
    const Array x = iota({3, 2});
    check_output(OpCase(describe<Compress>(), with("axis", int64_t{0}), {activation(x), activation(booleans({3}, {0, 1, 1}))}), f32({2, 2}, {2, 3, 4, 5}));
    check_output(OpCase(describe<Compress>(), with("axis", int64_t{-1}), {activation(x), activation(booleans({2}, {0, 1}))}), f32({3, 1}, {1, 3, 5}));
    check_output(OpCase(describe<Compress>(), {}, {activation(x), activation(booleans({5}, {0, 1, 0, 0, 1}))}), f32({2}, {1, 4}));
    check_output(OpCase(describe<Compress>(), with("axis", int64_t{0}), {activation(x), activation(booleans({1}, {0}))}), f32({0, 2}, {}));
    CHECK_THROWS_AS(OpCase(describe<Compress>(), {}, {activation(x), activation(iota({2}))}), Error);
}
