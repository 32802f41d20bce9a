#include "lite/op/trilu.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Trilu keeps a triangle of every matrix") {
    const Array x = iota({2, 2, 3}, DType::f32, 1);
    const auto run = [&](bool upper, int64_t k) { return OpCase(describe<Trilu>(), with("upper", int64_t{upper}), {activation(x), activation(Array::scalar(k))}); };
    check_output(run(true, 0), f32({2, 2, 3}, {1, 2, 3, 0, 5, 6, 7, 8, 9, 0, 11, 12}));
    check_output(run(true, 1), f32({2, 2, 3}, {0, 2, 3, 0, 0, 6, 0, 8, 9, 0, 0, 12}));
    check_output(run(false, 0), f32({2, 2, 3}, {1, 0, 0, 4, 5, 0, 7, 0, 0, 10, 11, 0}));
    check_output(run(false, -1), f32({2, 2, 3}, {0, 0, 0, 4, 0, 0, 0, 0, 0, 10, 0, 0}));
    check_output(run(true, INT64_MIN), x);
    check_output(run(true, INT64_MAX), Array::zeros(DType::f32, {2, 2, 3}));
    check_output(OpCase(describe<Trilu>(), {}, {activation(iota({2, 2}, DType::i64, 1))}), i64({2, 2}, {1, 2, 0, 4}));
    check_output(OpCase(describe<Trilu>(), {}, {activation(f32({2, 0}, {}))}), f32({2, 0}, {}));
    CHECK_THROWS_AS(OpCase(describe<Trilu>(), {}, {activation(iota({2}))}), Error);
}
