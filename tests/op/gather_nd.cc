#include "lite/op/gather_nd.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase gathered(const Array& x, const Array& i, int64_t batch = 0) { return OpCase(describe<GatherND>(), with("batch_dims", batch), {activation(x), activation(i)}); }

TEST_CASE("GatherND picks elements and slices, by batches") {
    check_output(gathered(iota({2, 2}), i64({2, 2}, {0, 0, 1, -1})), f32({2}, {0, 3}));
    check_output(gathered(iota({2, 2}), i64({2, 1}, {1, 0})), f32({2, 2}, {2, 3, 0, 1}));
    check_output(gathered(iota({2, 2, 2}), i64({2, 1, 2}, {0, 1, 1, 0})), f32({2, 1, 2}, {2, 3, 4, 5}));
    check_output(gathered(iota({2, 2, 2}), i64({2, 1}, {1, 0}), 1), f32({2, 2}, {2, 3, 4, 5}));
    check_output(gathered(iota({2, 2}), i64({0, 2}, {})), f32({0}, {}));
    CHECK_THROWS_AS(gathered(iota({2, 2}), i64({1, 2}, {0, 2})).run_reference(), Error);
    CHECK_THROWS_AS(gathered(iota({2, 2}), i64({1, 3}, {0, 0, 0})), Error);
}
