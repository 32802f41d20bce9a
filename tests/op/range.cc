#include "lite/op/range.h"
#include "tests/support/move_test.h"
using namespace lite_test;

template <class T> static OpCase ranged(T a, T b, T d, bool known) {
    const auto t = [&](T v) { return known ? constant(Array::scalar(v)) : activation(Array::scalar(v)); };
    return OpCase(describe<Range>(), {}, {t(a), t(b), t(d)});
}

TEST_CASE("Range counts up and down, known at load or only at run time") {
    for (bool known : {true, false}) {
        check_output(ranged<int64_t>(3, 10, 3, known), i64({3, 6, 9}));
        check_output(ranged<int64_t>(10, 4, -2, known), i64({10, 8, 6}));
        check_output(ranged<int64_t>(0, 0, 1, known), i64(std::vector<int64_t>{}));
        check_output(ranged<int64_t>(5, 1, 1, known), i64(std::vector<int64_t>{}));
        check_output(ranged<float>(1, 2, 0.25f, known), f32({4}, {1, 1.25f, 1.5f, 1.75f}));
        check_output(ranged<float>(1, 2.1f, 0.5f, known), f32({3}, {1, 1.5f, 2}));
        check_output(ranged<int64_t>(INT64_MAX - 1, INT64_MAX, 5, known), i64({INT64_MAX - 1}));
        CHECK(ranged<int16_t>(0, 3, 1, known).run_reference()[0].values<int>() == std::vector<int>{0, 1, 2});
    }
    CHECK_THROWS_AS(ranged<int64_t>(0, 1, 0, true), Error);
    CHECK(ranged<int64_t>(0, 100000, 1, true).outputs[0].shape == Shape{100000});
    CHECK(ranged<int64_t>(0, 3, 1, false).outputs[0].shape == Shape{kUnknown});
}
