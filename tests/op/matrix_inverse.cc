#include "lite/op/matrix_inverse.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("MatrixInverse") {
    const auto inverse = [](const Array& x) { return OpCase(describe<MatrixInverse>(), {}, {activation(x)}).run_reference()[0]; };
    check_close(inverse(f32({2, 2}, {4, 7, 2, 6})), f32({2, 2}, {.6f, -.7f, -.2f, .4f}), 1e-6, 0, "two by two");
    check_close(inverse(f32({2, 3, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 0, 4, 0, 1, 0, 1})), f32({2, 3, 3}, {0, 0, 1, 1, 0, 0, 0, 1, 0, .5f, 0, 0, 0, .25f, 0, -.5f, 0, 1}), 1e-6, 0,
                "rows exchanged, a batch");
    CHECK(inverse(f32({0, 2, 2}, {})).count() == 0);
    CHECK_THROWS_AS(inverse(f32({2, 2}, {1, 2, 2, 4})), Error);
    CHECK_THROWS_AS(inverse(f32({2, 3}, {1, 2, 3, 4, 5, 6})), Error);
}
