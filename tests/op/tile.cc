#include "lite/op/tile.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Tile repeats every axis") {
    check_output(OpCase(describe<Tile>(), {}, {activation(iota({2, 2})), constant(i64({2, 3}))}),
                 f32({4, 6}, {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3}));
    check_output(OpCase(describe<Tile>(), {}, {activation(iota({2})), constant(i64({0}))}), f32({0}, {}));
    check_output(OpCase(describe<Tile>(), {}, {activation(iota({2, 2})), constant(i64({2})), constant(i64({1}))}, 1, 1), f32({2, 4}, {0, 1, 0, 1, 2, 3, 2, 3}));
    CHECK_THROWS_AS(OpCase(describe<Tile>(), {}, {activation(iota({2})), constant(i64({1, 2}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Tile>(), {}, {activation(iota({2})), constant(i64({-1}))}), Error);
    CHECK(Inferred(describe<Tile>(), {}, {info({2, 3}), info(Shape{2}, DType::i64)}).outputs[0].shape == Shape{kUnknown, kUnknown});
    for (DType t : kAllTypes)
        CHECK(OpCase(describe<Tile>(), {}, {activation(iota({1, 2}, t)), constant(i64({2, 2}))}).run_reference()[0].values<int>() == std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1});
}
