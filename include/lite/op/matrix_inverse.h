// MatrixInverse.
#ifndef LITE_OP_MATRIX_INVERSE_H_
#define LITE_OP_MATRIX_INVERSE_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// The inverses of matrices [..., n, n]. A singular one is an error.
struct MatrixInverse {
    static constexpr std::string_view name = "MatrixInverse";
    static constexpr Spelling spellings[] = {{"mge", "", "MatrixInverse"}, {"onnx", "com.microsoft", "Inverse"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const Shape& x = c.shape(0);
        c.check_that(is_float(c.input(0).dtype) && x.rank() >= 2 && detail::may_equal(x.at(-1), x.at(-2)), "its matrices are ", c.input(0).dtype, " ", x,
                     ", floats [..., n, n] were expected");
        detail::like_input(c, 0, 0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        const Shape& x = c.input(0).shape;
        const int64_t n = x.back(), all = n > 0 ? x.count() / (n * n) : 0;
        auto from = detail::doubles(c.input(0));
        std::vector<double> to(from.size());
        for (int64_t m = 0; m < all; ++m) c.check_that(invert(from.data() + m * n * n, to.data() + m * n * n, n), "matrix ", m, " of ", x, " is singular");
        detail::put_doubles(c.output(0, c.input(0).dtype, x), to);
    }

private:
    // Gauss and Jordan's elimination, with the largest pivot of each column. Overwrites a.
    static bool invert(double* a, double* y, int64_t n) {
        for (int64_t i = 0; i < n; ++i) y[i * n + i] = 1;
        for (int64_t i = 0; i < n; ++i) {
            int64_t pivot = i;
            for (int64_t r = i + 1; r < n; ++r)
                if (std::abs(a[r * n + i]) > std::abs(a[pivot * n + i])) pivot = r;
            if (a[pivot * n + i] == 0) return false;
            if (pivot != i)
                for (double* p : {a, y}) std::swap_ranges(p + i * n, p + (i + 1) * n, p + pivot * n);
            const double scale = 1 / a[i * n + i];
            for (double* p : {a, y})
                for (int64_t k = 0; k < n; ++k) p[i * n + k] *= scale;
            for (int64_t r = 0; r < n; ++r) {
                const double f = a[r * n + i];
                if (r == i || f == 0) continue;
                for (double* p : {a, y})
                    for (int64_t k = 0; k < n; ++k) p[r * n + k] -= f * p[i * n + k];
            }
        }
        return true;
    }
};

LITE_NAMESPACE_END
#endif
