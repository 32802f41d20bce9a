// SVD: singular values and vectors of matrices.
#ifndef LITE_OP_SVD_H_
#define LITE_OP_SVD_H_
#include <array>

#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// x [..., m, n] = u diag(s) v with r = min(m, n): outputs u [..., m, r] of orthonormal columns, s [..., r], the largest first, v [..., r, n]
// of orthonormal rows. The largest component of each column of u is positive.
struct SVD {
    static constexpr std::string_view name = "SVD";
    static constexpr Spelling spellings[] = {{"mge", "", "SVD"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    // The shapes of u, s and v.
    static std::array<Shape, 3> shapes_of(const Shape& x) {
        const int64_t m = x.at(-2), n = x.at(-1), r = m < 0 || n < 0 ? kUnknown : std::min(m, n);
        Shape u = x, s = x, v = x;
        u[x.rank() - 1] = r;
        s.erase(x.rank() - 1);
        s[x.rank() - 2] = r;
        v[x.rank() - 2] = r;
        return {u, s, v};
    }
    static void infer(InferContext& c) {
        const Shape& x = c.shape(0);
        c.check_that(is_float(c.input(0).dtype) && x.rank() >= 2, "its matrices are ", c.input(0).dtype, " ", x, ", floats [..., m, n] were expected");
        const auto shapes = shapes_of(x);
        for (size_t k = 0; k < 3; ++k)
            if (c.has_output(k)) c.output(k, c.input(0).dtype, shapes[k]);
    }
    static void reference(RunContext& c) {
        const Shape& x = c.input(0).shape;
        const auto shapes = shapes_of(x);
        const int64_t m = x.at(-2), n = x.at(-1), r = std::min(m, n), all = r > 0 ? x.count() / (m * n) : 0;
        const auto from = detail::doubles(c.input(0));
        std::vector<double> y[3];
        for (size_t k = 0; k < 3; ++k) y[k].resize(detail::at(shapes[k].count()));
        for (int64_t i = 0; i < all; ++i) decompose(from.data() + i * m * n, m, n, y[0].data() + i * m * r, y[1].data() + i * r, y[2].data() + i * r * n);
        for (size_t k = 0; k < 3; ++k)
            if (c.has_output(k)) detail::put_doubles(c.output(k, c.input(0).dtype, shapes[k]), y[k]);
    }

private:
    // Hestenes' method: the longer side's vectors are rotated in pairs until all are orthogonal; their lengths are the singular values.
    static void decompose(const double* x, int64_t m, int64_t n, double* u, double* s, double* v) {
        const bool wide = m < n;
        const int64_t longer = std::max(m, n), r = std::min(m, n);
        std::vector<double> a(detail::at(r * longer)), turn(detail::at(r * r));  // r vectors each
        for (int64_t k = 0; k < r; ++k) {
            turn[detail::at(k * r + k)] = 1;
            for (int64_t i = 0; i < longer; ++i) a[detail::at(k * longer + i)] = wide ? x[k * n + i] : x[i * n + k];
        }
        const auto dot = [](const double* p, const double* q, int64_t count) {
            double sum = 0;
            for (int64_t i = 0; i < count; ++i) sum += p[i] * q[i];
            return sum;
        };
        const auto rotate = [](double* p, double* q, int64_t count, double cosine, double sine) {
            for (int64_t i = 0; i < count; ++i) {
                const double b = p[i];
                p[i] = cosine * b - sine * q[i];
                q[i] = sine * b + cosine * q[i];
            }
        };
        bool turned = true;
        for (int sweep = 0; turned && sweep < 60; ++sweep) {  // ten or so are enough
            turned = false;
            for (int64_t k = 0; k < r; ++k)
                for (int64_t l = k + 1; l < r; ++l) {
                    double *p = a.data() + k * longer, *q = a.data() + l * longer;
                    const double pp = dot(p, p, longer), qq = dot(q, q, longer), pq = dot(p, q, longer);
                    if (!(std::abs(pq) > 1e-15 * std::sqrt(pp * qq))) continue;
                    turned = true;
                    const double z = (qq - pp) / (2 * pq), t = (z < 0 ? -1 : 1) / (std::abs(z) + std::sqrt(1 + z * z)), cosine = 1 / std::sqrt(1 + t * t);
                    rotate(p, q, longer, cosine, cosine * t);
                    rotate(turn.data() + k * r, turn.data() + l * r, r, cosine, cosine * t);
                }
        }
        std::vector<double> length(detail::at(r));
        for (int64_t k = 0; k < r; ++k) length[detail::at(k)] = std::sqrt(dot(a.data() + k * longer, a.data() + k * longer, longer));
        std::vector<char> taken(detail::at(r), 0);
        for (int64_t k = 0; k < r; ++k) {
            int64_t best = -1;
            for (int64_t l = 0; l < r; ++l)
                if (!taken[detail::at(l)] && (best < 0 || length[detail::at(l)] > length[detail::at(best)])) best = l;
            taken[detail::at(best)] = 1;
            s[k] = length[detail::at(best)];
            double* unit = a.data() + best * longer;
            if (s[k] > 0) {
                for (int64_t i = 0; i < longer; ++i) unit[i] /= s[k];
            } else if (s[k] == 0) {
                complete(a, taken, best, longer);
            }
            const double* left = wide ? turn.data() + best * r : unit;
            double largest = 0;
            for (int64_t i = 0; i < m; ++i)
                if (std::abs(left[i]) > std::abs(largest)) largest = left[i];
            const double sign = largest < 0 ? -1 : 1;
            for (int64_t i = 0; i < m; ++i) u[i * r + k] = sign * left[i];
            const double* right = wide ? unit : turn.data() + best * r;
            for (int64_t i = 0; i < n; ++i) v[k * n + i] = sign * right[i];
        }
    }
    // Vector `k`, which is zero, becomes a unit vector orthogonal to those taken.
    static void complete(std::vector<double>& a, const std::vector<char>& taken, int64_t k, int64_t longer) {
        double* p = a.data() + k * longer;
        for (int64_t axis = 0; axis < longer; ++axis) {
            std::fill(p, p + longer, 0.0);
            p[axis] = 1;
            for (int64_t l = 0; l < static_cast<int64_t>(taken.size()); ++l) {
                if (!taken[detail::at(l)] || l == k) continue;
                const double* q = a.data() + l * longer;
                double along = 0;
                for (int64_t i = 0; i < longer; ++i) along += p[i] * q[i];
                for (int64_t i = 0; i < longer; ++i) p[i] -= along * q[i];
            }
            double left = 0;
            for (int64_t i = 0; i < longer; ++i) left += p[i] * p[i];
            if (left < 0.5 / static_cast<double>(longer)) continue;  // at least one axis leaves 1 / longer
            for (int64_t i = 0; i < longer; ++i) p[i] /= std::sqrt(left);
            return;
        }
    }
};

LITE_NAMESPACE_END
#endif
