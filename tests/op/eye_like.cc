#include "lite/op/eye_like.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("EyeLike writes a diagonal in any dtype") {
    const Array x = iota({2, 3}, DType::i64);
    const auto run = [&](int64_t k) { return OpCase(describe<EyeLike>(), with("k", k)("dtype", int64_t{1}), {activation(x)}); };
    check_output(run(0), f32({2, 3}, {1, 0, 0, 0, 1, 0}));
    check_output(run(1), f32({2, 3}, {0, 1, 0, 0, 0, 1}));
    check_output(run(-1), f32({2, 3}, {0, 0, 0, 1, 0, 0}));
    check_output(run(9), f32({2, 3}, {0, 0, 0, 0, 0, 0}));
    check_output(OpCase(describe<EyeLike>(), {}, {activation(iota({2, 2}, DType::i64))}), i64({2, 2}, {1, 0, 0, 1}));
    CHECK_THROWS_AS(OpCase(describe<EyeLike>(), {}, {activation(iota({2}))}), Error);
}
