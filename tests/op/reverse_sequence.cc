#include "lite/op/reverse_sequence.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("ReverseSequence along either axis") {
    const Array x = iota({2, 3});
    check_output(OpCase(describe<ReverseSequence>(), with("batch_axis", int64_t{0})("time_axis", int64_t{1}), {activation(x), activation(i64({2, 3}))}), f32({2, 3}, {1, 0, 2, 5, 4, 3}));
    check_output(OpCase(describe<ReverseSequence>(), {}, {activation(x), activation(i64({1, 2, 0}))}), f32({2, 3}, {0, 4, 2, 3, 1, 5}));
    CHECK_THROWS_AS(OpCase(describe<ReverseSequence>(), {}, {activation(x), activation(i64({1, 3, 0}))}).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<ReverseSequence>(), {}, {activation(x), activation(i64({1}))}).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<ReverseSequence>(), with("time_axis", int64_t{1}), {activation(x), activation(i64({1, 1}))}), Error);
}
