#include "lite/op/svd.h"
#include "tests/support/move_test.h"
using namespace lite_test;

static std::vector<Array> decomposed(const Array& x) { return OpCase(describe<SVD>(), {}, {activation(x)}, 3).run_reference(); }
// u diag(s) v of one matrix [m, n]
static Array product(const std::vector<Array>& y) {
    const int64_t m = y[0].shape()[0], r = y[0].shape()[1], n = y[2].shape()[1];
    const std::vector<float> u = y[0].values<float>(), s = y[1].values<float>(), v = y[2].values<float>();
    std::vector<float> x;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (int64_t k = 0; k < r; ++k) sum += static_cast<double>(u[static_cast<size_t>(i * r + k)]) * static_cast<double>(s[static_cast<size_t>(k)]) * static_cast<double>(v[static_cast<size_t>(k * n + j)]);
            x.push_back(static_cast<float>(sum));
        }
    return f32({m, n}, x);
}

TEST_CASE("SVD") {
    const auto plain = decomposed(f32({2, 2}, {0, 3, -2, 0}));
    check_close(plain[0], f32({2, 2}, {1, 0, 0, 1}), 1e-6, 0, "u");
    check_close(plain[1], f32({2}, {3, 2}), 1e-6, 0, "s");
    check_close(plain[2], f32({2, 2}, {0, 1, -1, 0}), 1e-6, 0, "v");
    for (const Shape& s : {Shape{3, 5}, Shape{5, 3}, Shape{4, 4}}) {
        const Array x = random_f32(s, 7);
        const auto y = decomposed(x);
        check_close(product(y), x, 2e-6, 0, "product");
        const std::vector<float> values = y[1].values<float>();
        CHECK(std::is_sorted(values.rbegin(), values.rend()));
    }
    // Of rank one: the vectors of the zeros are orthonormal, too.
    const auto flat = decomposed(f32({3, 2}, {1, 2, 2, 4, 2, 4}));
    check_close(flat[1], f32({2}, {std::sqrt(45.f), 0}), 1e-5, 0, "rank one");
    const std::vector<float> u = flat[0].values<float>();
    CHECK(std::abs(u[0] * u[1] + u[2] * u[3] + u[4] * u[5]) < 1e-6f);
    CHECK(std::abs(u[1] * u[1] + u[3] * u[3] + u[5] * u[5] - 1) < 1e-5f);
    CHECK(decomposed(f32({2, 0, 3}, {}))[2].shape() == Shape{2, 0, 3});
    CHECK(std::isnan(decomposed(f32({1, 1}, {NAN}))[1].values<float>()[0]));
    CHECK_THROWS_AS(decomposed(f32({3}, {1, 2, 3})), Error);
}
