#include "lite/op/split.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Split by lengths: attribute, input, and equal parts") {
    const Array x = iota({2, 5});
    const OpCase old(describe<Split>(), with("axis", int64_t{1})("split", std::vector<int64_t>{2, 3}), {activation(x)}, 2, 11);
    check_output(old, f32({2, 2}, {0, 1, 5, 6}), "", 0);
    check_output(old, f32({2, 3}, {2, 3, 4, 7, 8, 9}), "", 1);
    const OpCase input(describe<Split>(), with("axis", int64_t{-1}), {activation(x), constant(i64({4, 0, 1}))}, 3, 13);
    check_output(input, f32({2, 4}, {0, 1, 2, 3, 5, 6, 7, 8}), "", 0);
    check_output(input, f32({2, 0}, {}), "", 1);
    check_output(input, f32({2, 1}, {4, 9}), "", 2);
    const OpCase equal(describe<Split>(), {}, {activation(x)}, 2, 13);
    check_output(equal, f32({1, 5}, {0, 1, 2, 3, 4}), "", 0);
    check_output(equal, f32({1, 5}, {5, 6, 7, 8, 9}), "", 1);
    const OpCase uneven(describe<Split>(), with("axis", int64_t{1})("num_outputs", int64_t{2}), {activation(x)}, 2, 18);
    check_output(uneven, f32({2, 3}, {0, 1, 2, 5, 6, 7}), "", 0);
    check_output(uneven, f32({2, 2}, {3, 4, 8, 9}), "", 1);
}
TEST_CASE("Split of unknown extents, and errors") {
    const auto y = Inferred(describe<Split>(), with("axis", int64_t{1}), {info({2, kUnknown})}, 2).outputs;
    CHECK(y[1].shape == Shape{2, kUnknown});
    CHECK_THROWS_AS(OpCase(describe<Split>(), with("split", std::vector<int64_t>{1, 2}), {activation(iota({2}))}, 2, 11), Error);
    CHECK_THROWS_AS(OpCase(describe<Split>(), with("split", std::vector<int64_t>{1, 1}), {activation(iota({2}))}, 3, 11), Error);
    CHECK_THROWS_AS(OpCase(describe<Split>(), with("split", std::vector<int64_t>{3, -1}), {activation(iota({2}))}, 2, 11), Error);
}
TEST_CASE("Split kernels in every layout") {
    struct Case {
        Shape x;
        int64_t axis;
        std::vector<int64_t> pieces;
    };
    const Case cases[] = {{{1, 64, 5, 4}, 1, {16, 48}}, {{2, 116, 7, 3}, 1, {58, 58}}, {{1, 21, 2, 2}, 1, {3, 1, 17}}, {{2, 10, 6, 5}, 2, {1, 5}}, {{2, 10, 3, 7}, 3, {3, 4}},
                          {{4, 5, 2, 2}, 0, {1, 3}},    {{1, 116, 40, 40}, 1, {58, 58}}, {{1, 9, 4}, 1, {5, 4}}};
    for (const Case& k : cases)
        CHECK(check_all_kernels(OpCase(describe<Split>(), with("axis", k.axis)("split", k.pieces), {activation(iota(k.x))}, k.pieces.size(), 11), 0, 0) >=
              10 * static_cast<int>(all_bricks().size()));
}
TEST_CASE("Split skips a piece that nobody wants") {
    OpCase test(describe<Split>(), with("split", std::vector<int64_t>{1, 2}), {activation(iota({3}))}, 2, 11);
    test.graph.nodes[0].outputs[0] = kNoValue;
    test.outputs[0] = {};
    check_output(test, f32({2}, {1, 2}), "", 1);
    CHECK_FALSE(test.run_reference()[0]);
}
