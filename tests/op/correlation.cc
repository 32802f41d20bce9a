#include "lite/op/correlation.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Correlation of displaced images") {
    const Array a = iota({1, 1, 4, 4});
    Array b = Array::zeros(DType::f32, {1, 1, 4, 4});
    for (int i = 0; i < 16; ++i) reinterpret_cast<float*>(b.mutable_data())[i] = static_cast<float>(15 - i);
    const auto run = [&](const Array& other, With how) { return OpCase(describe<Correlation>(), how, {activation(a), activation(other)}).run_reference()[0]; };
    // The numbers are MegEngine's.
    check_close(run(b, with("stride1", int64_t{2})("pad", int64_t{1})),
                f32({1, 9, 2, 2}, {0, 0, 0, 100, 0, 0, 88, 90, 0, 0, 80, 80, 0, 28, 0, 60, 0, 26, 56, 50, 0, 24, 48, 40, 0, 20, 0, 20, 0, 18, 24, 10, 0, 16, 16, 0}), 0, 0, "products");
    const Array far = run(b, with("kernel_size", int64_t{3})("stride1", int64_t{2})("pad", int64_t{2})("multiply", int64_t{0}));
    REQUIRE(far.shape() == Shape{1, 9, 2, 2});
    const std::vector<float> v = far.values<float>();
    check_close(f32({4}, {v[0], v[3], v[17], v[35]}), f32({4}, {1.6666666f, 5.7777777f, 4.6666665f, 8.8888889f}), 1e-6, 0, "differences over windows");
    CHECK_THROWS_AS(run(iota({1, 1, 4, 5}), {}), Error);
    CHECK_THROWS_AS(run(b, with("max_displacement", int64_t{4})), Error);
    CHECK_THROWS_AS(run(b, with("stride2", int64_t{0})), Error);
    CHECK_THROWS_AS(run(b, with("pad", INT64_MAX)), Error);
}
