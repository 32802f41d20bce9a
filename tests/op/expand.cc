#include "lite/op/expand.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Expand broadcasts both ways") {
    for (DType t : kAllTypes) {
        const Array x = iota({2, 1}, t);
        CHECK(OpCase(describe<Expand>(), {}, {activation(x), constant(i64({3}))}).run_reference()[0].values<int>() == std::vector<int>{0, 0, 0, 1, 1, 1});
        CHECK(OpCase(describe<Expand>(), {}, {activation(x), constant(i64({2, 1, 1}))}).run_reference()[0].values<int>() == std::vector<int>{0, 1, 0, 1});
    }
    check_output(OpCase(describe<Expand>(), {}, {activation(Array::scalar(4.f)), constant(i64({2, 2}))}), f32({2, 2}, {4, 4, 4, 4}));
    check_output(OpCase(describe<Expand>(), {}, {activation(iota({2})), constant(i64({0, 1}))}), f32({0, 2}, {}));
    CHECK_THROWS_AS(OpCase(describe<Expand>(), {}, {activation(iota({2})), constant(i64({3}))}), Error);
    const auto y = Inferred(describe<Expand>(), {}, {info({1, 2}), info(Shape{3}, DType::i64)}).outputs[0];
    CHECK(y.shape == Shape{kUnknown, kUnknown, kUnknown});
}
