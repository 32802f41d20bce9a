#include "lite/op/dequantize_bnb4.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Four bits stand for a number of a table, times the largest of the block; high bits first") {
    const auto run = [](int64_t type, int64_t n) {
        std::vector<uint8_t> w(static_cast<size_t>(8 * n), 0x70);
        w[0] = 0x3f;
        std::vector<float> top(static_cast<size_t>(n), 2);
        return OpCase(describe<DequantizeBnb4>(), with("K", int64_t{16})("N", n)("block_size", int64_t{16})("quant_type", type),
                      {constant(Array::of(Shape{8 * n}, w)), constant(f32({n}, top))})
                .run_reference()[0];
    };
    const Array normal = run(1, 2), floats = run(0, 1);
    REQUIRE(normal.shape() == Shape{16, 2});
    const auto v = normal.values<float>(), f = floats.values<float>();
    CHECK(v[0] == 2 * -0.39491748809814453f);
    CHECK(v[2] == 2);
    CHECK(v[1] == 0);   // column 1 begins with 0x70
    CHECK(v[3] == -2);
    CHECK(f[0] == 2);
    CHECK(f[1] == -.5f);
    CHECK(f[2] == .5f);
    CHECK(f[3] == 0);
    CHECK_THROWS_AS(run(2, 1), Error);
}
