#include "lite/op/pad.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static OpCase padded(const Array& x, std::vector<int64_t> pads, std::string mode = "constant", Array value = {}) {
    return OpCase(describe<Pad>(), with("mode", mode), {activation(x), constant(i64(pads)), value ? constant(value) : absent()});
}

TEST_CASE("Pad in every mode, as numpy does it") {
    const Array x = iota({3});
    check_output(padded(x, {2, 1}), f32({6}, {0, 0, 0, 1, 2, 0}));
    check_output(padded(x, {2, 1}, "constant", Array::scalar(9.f)), f32({6}, {9, 9, 0, 1, 2, 9}));
    check_output(padded(x, {2, 2}, "reflect"), f32({7}, {2, 1, 0, 1, 2, 1, 0}));
    check_output(padded(x, {5, 5}, "reflect"), f32({13}, {1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1}));
    check_output(padded(x, {2, 2}, "edge"), f32({7}, {0, 0, 0, 1, 2, 2, 2}));
    check_output(padded(x, {4, 2}, "wrap"), f32({9}, {2, 0, 1, 2, 0, 1, 2, 0, 1}));
    check_output(padded(iota({2, 2}), {1, 0, 0, 1}), f32({3, 3}, {0, 0, 0, 0, 1, 0, 2, 3, 0}));
    check_output(padded(iota({2, 2}), {0, 1, 0, 0}, "edge"), f32({2, 3}, {0, 0, 1, 2, 2, 3}));
    check_output(padded(iota({1}), {2, 2}, "reflect"), f32({5}, {0, 0, 0, 0, 0}));
}
TEST_CASE("Pad with negative pads cuts first") {
    check_output(padded(iota({5}), {-1, -2}), f32({2}, {1, 2}));
    check_output(padded(iota({5}), {-2, 2}), f32({5}, {2, 3, 4, 0, 0}));
    check_output(padded(iota({5}), {-2, 2}, "reflect"), f32({5}, {2, 3, 4, 3, 2}));
    check_output(padded(iota({2, 3}), {0, -1, 1, 1}), f32({3, 3}, {1, 2, 0, 4, 5, 0, 0, 0, 0}));
    CHECK_THROWS_AS(padded(iota({2}), {-2, -1}), Error);
}
TEST_CASE("Pad of any dtype, of empty tensors, by axes, by attributes") {
    for (DType t : kAllTypes) CHECK(padded(iota({2}, t), {1, 1}).run_reference()[0].values<int>() == std::vector<int>{0, 0, 1, 0});
    check_output(padded(f32({0, 2}, {}), {1, 0, 0, 0}), f32({1, 2}, {0, 0}));
    CHECK_THROWS_AS(padded(f32({0}, {}), {1, 0}, "edge"), Error);
    check_output(OpCase(describe<Pad>(), {}, {activation(iota({2, 2})), constant(i64({1, 0})), absent(), constant(i64({-1}))}, 1, 18), f32({2, 3}, {0, 0, 1, 0, 2, 3}));
    check_output(OpCase(describe<Pad>(), with("pads", std::vector<int64_t>{1, 0})("value", 5.f), {activation(iota({2}))}, 1, 2), f32({3}, {5, 0, 1}));
    CHECK_THROWS_AS(padded(iota({2}), {1}), Error);
    CHECK_THROWS_AS(padded(iota({2}), {1, 1}, "mirror"), Error);
    CHECK(Inferred(describe<Pad>(), {}, {info({2, 3}), info(Shape{4}, DType::i64)}).outputs[0].shape == Shape{kUnknown, kUnknown});
}
TEST_CASE("Pad kernels in every layout") {
    const int sets = static_cast<int>(all_bricks().size());
    for (const char* mode : {"constant", "reflect", "edge", "wrap"})
        for (const Shape& s : {Shape{2, 10, 4, 5}, Shape{1, 16, 3, 3}, Shape{1, 3, 40, 40}}) {
            CHECK(check_all_kernels(padded(iota(s), {0, 0, 1, 2, 0, 0, 2, 1}, mode), 0, 0) == rows_of_all_layouts(4));
            CHECK(check_all_kernels(padded(iota(s), {0, 0, -1, 2, 0, 0, 2, 0}, mode), 0, 0) == rows_of_all_layouts(4));
            CHECK(check_all_kernels(padded(iota(s), {0, 1, 0, 1, 1, 0, 0, 0}, mode), 0, 0) == 4 * sets);
        }
    // A border that is not zero may only stand in full blocks: 10 channels leave lanes that must stay zero.
    CHECK(check_all_kernels(padded(iota({1, 64, 3, 3}), {0, 0, 1, 1, 0, 0, 1, 1}, "constant", Array::scalar(3.f)), 0, 0) == rows_of_all_layouts(4));
    CHECK(check_all_kernels(padded(iota({1, 10, 3, 3}), {0, 0, 1, 1, 0, 0, 1, 1}, "constant", Array::scalar(3.f)), 0, 0) == 4 * sets);
}
