#include "lite/op/keep_boxes.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("KeepBoxes drops what overlaps a better box") {
    const Array boxes = f32({2, 3, 4}, {0, 0, 10, 10, 1, 1, 10, 10, 20, 20, 30, 30, /**/ 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1});
    const auto kept = [&](float threshold, int64_t most) {
        return OpCase(describe<KeepBoxes>(), with("threshold", threshold)("most", most), {activation(boxes)}, 2).run_reference();
    };
    CHECK(kept(0.5f, 3)[0].values<int>() == std::vector<int>{0, 2, 2, 0, 0, 0});
    CHECK(kept(0.5f, 3)[1].values<int>() == std::vector<int>{2, 1});
    CHECK(kept(0.9f, 2)[0].values<int>() == std::vector<int>{0, 1, 0, 0});
    CHECK(kept(1.f, 3)[1].values<int>() == std::vector<int>{3, 3});  // equal boxes share no more than everything
    CHECK(kept(0.5f, 0)[0].count() == 0);
    const OpCase none(describe<KeepBoxes>(), with("most", int64_t{2}), {activation(Array::zeros(DType::f32, {1, 0, 4}))}, 2);
    CHECK(none.run_reference()[0].values<int>() == std::vector<int>{0, 0});
    CHECK_THROWS_AS(OpCase(describe<KeepBoxes>(), {}, {activation(f32({1, 4}, {0, 0, 1, 1}))}, 2), Error);
    CHECK_THROWS_AS(OpCase(describe<KeepBoxes>(), with("most", int64_t{-1}), {activation(boxes)}, 2), Error);
}
