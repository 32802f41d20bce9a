#include "lite/op/slice.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase sliced(const Array& x, std::vector<int64_t> starts, std::vector<int64_t> ends, std::vector<int64_t> axes = {}, std::vector<int64_t> steps = {}) {
    std::vector<TestTensor> in{activation(x), constant(i64(starts)), constant(i64(ends))};
    in.push_back(axes.empty() ? absent() : constant(i64(axes)));
    if (!steps.empty()) in.push_back(constant(i64(steps)));
    return OpCase(describe<Slice>(), {}, in);
}

TEST_CASE("Slice: ranges, steps, negatives and clamping as in numpy") {
    const Array x = iota({3, 4});
    check_output(sliced(x, {1, 0}, {3, 2}), f32({2, 2}, {4, 5, 8, 9}));
    check_output(sliced(x, {-1}, {INT64_MAX}, {1}), f32({3, 1}, {3, 7, 11}));
    check_output(sliced(x, {0}, {-1}, {-1}, {2}), f32({3, 2}, {0, 2, 4, 6, 8, 10}));
    check_output(sliced(x, {-1}, {INT64_MIN}, {1}, {-1}), f32({3, 4}, {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8}));
    check_output(sliced(x, {10, 3}, {-10, 0}, {0, 1}, {-2, -1}), f32({2, 3}, {11, 10, 9, 3, 2, 1}));
    check_output(sliced(x, {2}, {1}), f32({0, 4}, {}));
    check_output(sliced(x, {5}, {9}, {1}), f32({3, 0}, {}));
    check_output(sliced(x, {3}, {0}, {1}, {INT64_MIN}), f32({3, 1}, {3, 7, 11}));
    check_output(sliced(x, {0}, {4}, {1}, {INT64_MAX}), f32({3, 1}, {0, 4, 8}));
    check_output(sliced(iota({0, 2}), {0}, {5}, {0}, {-1}), f32({0, 2}, {}));
    for (DType t : kAllTypes) check_output(sliced(iota({2, 3}, t), {1}, {2}), iota({1, 3}, t, 3), text(t));
}
TEST_CASE("Slice of opset 9 takes attributes") {
    check_output(OpCase(describe<Slice>(), with("starts", std::vector<int64_t>{1})("ends", std::vector<int64_t>{3})("axes", std::vector<int64_t>{1}),
                        {activation(iota({2, 4}))}, 1, 9),
                 f32({2, 2}, {1, 2, 5, 6}));
}
TEST_CASE("Slice of unknown extents, and errors") {
    const Array zero = i64({0}), one = i64({1}), all = i64({INT64_MAX});
    CHECK(Inferred(describe<Slice>(), {}, {info({kUnknown, 4}), info(one), info(all), info(one)}).outputs[0].shape == Shape{kUnknown, 3});
    CHECK(Inferred(describe<Slice>(), {}, {info({kUnknown, 4}), info(one), info(all), info(zero)}).outputs[0].shape == Shape{kUnknown, 4});
    CHECK(Inferred(describe<Slice>(), {}, {info({5, 4}), info(Shape{1}, DType::i64), info(all), info(one)}).outputs[0].shape == Shape{5, kUnknown});
    CHECK(Inferred(describe<Slice>(), {}, {info({5, 4}), info(Shape{1}, DType::i64), info(all)}).outputs[0].shape == Shape{kUnknown, 4});
    CHECK_THROWS_AS(sliced(iota({3}), {0}, {1}, {0}, {0}), Error);
    CHECK_THROWS_AS(sliced(iota({3}), {0}, {1}, {1}), Error);
    CHECK_THROWS_AS(sliced(iota({3}), {0, 0}, {1}), Error);
}
TEST_CASE("Slice kernels in every layout") {
    struct Case {
        Shape x;
        std::vector<int64_t> starts, ends, axes, steps;
        bool packed;
    };
    const Case cases[] = {{{1, 64, 5, 4}, {16}, {48}, {1}, {1}, true},       {{2, 70, 7, 3}, {3}, {60}, {1}, {1}, true},  {{1, 40, 6, 6}, {16}, {40}, {1}, {1}, true},
                          {{1, 12, 9, 8}, {0, 1}, {9, 8}, {2, 3}, {2, 2}, true}, {{1, 12, 9, 8}, {-1}, {-10}, {2}, {-1}, true}, {{3, 5, 4, 4}, {1}, {3}, {0}, {1}, true},
                          {{1, 33, 6, 5}, {16, 1}, {33, 4}, {1, 2}, {1, 1}, true}, {{1, 33, 6, 5}, {3, 1}, {9, 4}, {1, 2}, {1, 1}, false}, {{1, 33, 3, 5}, {0}, {33}, {1}, {2}, false},
                          {{1, 33, 3, 5}, {5}, {6}, {1}, {1}, true}};
    for (const Case& k : cases) {
        // Channels that are cut elsewhere than at blocks: not in the layouts of wide blocks and of lines.
        const int ran = check_all_kernels(sliced(iota(k.x), k.starts, k.ends, k.axes, k.steps), 0, 0), sets = static_cast<int>(all_bricks().size());
        if (k.packed) CHECK(ran >= rows_of_all_layouts(4, 3));
        else CHECK(ran >= 4 * sets);
    }
}
