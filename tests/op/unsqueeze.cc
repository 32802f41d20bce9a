#include "lite/op/unsqueeze.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Unsqueeze adds axes at positions of the output") {
    const Array x = iota({3, 4});
    check_output(OpCase(describe<Unsqueeze>(), {}, {activation(x), constant(i64({0, 2}))}), iota({1, 3, 1, 4}));
    check_output(OpCase(describe<Unsqueeze>(), {}, {activation(x), constant(i64({-1}))}), iota({3, 4, 1}));
    check_output(OpCase(describe<Unsqueeze>(), with("axes", std::vector<int64_t>{2, 1}), {activation(x)}, 1, 11), iota({3, 1, 1, 4}));
    check_output(OpCase(describe<Unsqueeze>(), {}, {activation(Array::scalar(2.f)), constant(i64({0}))}), f32({1}, {2}));
    CHECK_THROWS_AS(OpCase(describe<Unsqueeze>(), {}, {activation(x), constant(i64({1, 1}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Unsqueeze>(), {}, {activation(x), constant(i64({3}))}), Error);
    const Array axis = i64({1});
    CHECK(Inferred(describe<Unsqueeze>(), {}, {info({kUnknown, 2}), info(axis)}).outputs[0].shape == Shape{kUnknown, 1, 2});
    CHECK(Inferred(describe<Unsqueeze>(), {}, {info({5, 2}), info(Shape{2}, DType::i64)}).outputs[0].shape.rank() == 4);
}
