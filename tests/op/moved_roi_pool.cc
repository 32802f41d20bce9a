#include "lite/op/moved_roi_pool.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("MovedRoiPool averages samples of cells, which may be moved") {
    const Array x = iota({1, 1, 8, 8}), regions = f32({2, 5}, {0, .5f, 1.5f, 5.2f, 6, 0, -2, -3, 2, 1});
    const With grid = with("output_height", int64_t{2})("output_width", int64_t{2})("parts", int64_t{2})("samples", int64_t{2});
    const auto run = [&](const Array& where, TestTensor shifts, With how) { return OpCase(describe<MovedRoiPool>(), how, {activation(x), activation(where), shifts}, 2).run_reference(); };
    // The numbers are MegEngine's.
    const auto still = run(regions, absent(), grid);
    check_close(still[0], f32({2, 1, 2, 2}, {18.125f, 20.625f, 38.125f, 40.625f, 0, 0, 0, 2.625f}), 1e-5, 0, "still");
    check_close(still[1], f32({2, 1, 2, 2}, {4, 4, 4, 4, 0, 0, 0, 2}), 0, 0, "samples in the image");
    Array shifts = iota({2, 2, 2, 2});
    for (int i = 0; i < 16; ++i) reinterpret_cast<float*>(shifts.mutable_data())[i] /= 8;
    check_close(run(regions, activation(shifts), With(grid)("shift_scale", .5f)("spatial_scale", .9f))[0],
                f32({2, 1, 2, 2}, {24.8625f, 29.64375f, 47.925f, 52.70625f, 6.4375f, 11.19375f, 29.475f, 34.25625f}), 1e-4, 0, "moved");
    CHECK_THROWS_AS(run(f32({1, 5}, {1, 0, 0, 1, 1}), absent(), grid), Error);
    CHECK_THROWS_AS(run(regions, activation(f32({2}, {0, 0})), grid), Error);
    CHECK_THROWS_AS(run(regions, absent(), With(grid)("samples", int64_t{0})), Error);
    CHECK_THROWS_AS(run(f32({1, 4}, {0, 0, 1, 1}), absent(), grid), Error);
}
