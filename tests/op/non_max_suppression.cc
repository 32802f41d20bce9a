#include "lite/op/non_max_suppression.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static const Array boxes = f32({1, 6, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, -0.1f, 1, 0.9f, 0, 10, 1, 11, 0, 10.1f, 1, 11.1f, 0, 100, 1, 101});
static const Array scores = f32({1, 1, 6}, {0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f});

static OpCase kept(int64_t most, float overlap, Array limit = {}, const Array& b = boxes, bool center = false) {
    return OpCase(describe<NonMaxSuppression>(), with("center_point_box", int64_t{center}),
                  {activation(b), activation(scores), activation(i64({most})), activation(f32({1}, {overlap})), limit ? activation(limit) : absent()}, 1, 11);
}

TEST_CASE("NonMaxSuppression keeps the best of overlapping boxes") {
    check_output(kept(3, 0.5f), i64({3, 3}, {0, 0, 3, 0, 0, 0, 0, 0, 5}));
    check_output(kept(2, 0.5f), i64({2, 3}, {0, 0, 3, 0, 0, 0}));
    check_output(kept(3, 0.5f, f32({1}, {0.4f})), i64({2, 3}, {0, 0, 3, 0, 0, 0}));
    check_output(kept(0, 0.5f), i64({0, 3}, {}));
    // The same boxes with corners exchanged, and as centres.
    Array flipped = f32({1, 6, 4}, {1, 1, 0, 0, 0, 0.1f, 1, 1.1f, 0, 0.9f, 1, -0.1f, 0, 10, 1, 11, 1, 10.1f, 0, 11.1f, 1, 101, 0, 100});
    check_output(kept(3, 0.5f, {}, flipped), i64({3, 3}, {0, 0, 3, 0, 0, 0, 0, 0, 5}));
    Array centers = f32({1, 6, 4}, {0.5f, 0.5f, 1, 1, 0.5f, 0.6f, 1, 1, 0.5f, 0.4f, 1, 1, 0.5f, 10.5f, 1, 1, 0.5f, 10.6f, 1, 1, 0.5f, 100.5f, 1, 1});
    check_output(kept(3, 0.5f, {}, centers, true), i64({3, 3}, {0, 0, 3, 0, 0, 0, 0, 0, 5}));
    CHECK_THROWS_AS(OpCase(describe<NonMaxSuppression>(), {}, {activation(iota({1, 2, 4})), activation(iota({1, 1, 3}))}, 1, 11), Error);
}
