// Support vector machines of ai.onnx.ml: SVMClassifier and SVMRegressor.
#ifndef LITE_OP_SUPPORT_VECTORS_H_
#define LITE_OP_SUPPORT_VECTORS_H_
#include <numeric>

#include "lite/op/classical.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// How alike a row and a support vector are.
struct VectorKernel {
    std::string type;
    double gamma = 0, offset = 0, degree = 0;
    VectorKernel(std::string name, const std::vector<float>& params, const Who& where) : type(std::move(name)) {
        check(type == "LINEAR" || type == "POLY" || type == "RBF" || type == "SIGMOID", where, ": kernel_type '", type, "' is not known");
        check(params.empty() || params.size() == 3, where, ": kernel_params are ", static_cast<int64_t>(params.size()), " numbers, 3 were expected");
        if (!params.empty()) gamma = double{params[0]}, offset = double{params[1]}, degree = double{params[2]};
    }
    double operator()(const double* x, const float* v, int64_t n) const {
        double sum = 0;
        if (type == "RBF") {
            for (int64_t i = 0; i < n; ++i) sum += (x[i] - double{v[i]}) * (x[i] - double{v[i]});
            return std::exp(-gamma * sum);
        }
        for (int64_t i = 0; i < n; ++i) sum += x[i] * double{v[i]};
        return type == "LINEAR" ? sum : type == "POLY" ? std::pow(gamma * sum + offset, degree) : std::tanh(gamma * sum + offset);
    }
};

// Probabilities p of n classes from r[i * n + j], that of class i where it is i or j: those that minimise the sum over all pairs of
// (r_ji p_i - r_ij p_j)^2, found as LIBSVM does (Wu, Lin, Weng 2004): one class after the other, until all gradients agree.
inline void couple_pairs(const std::vector<double>& r, int64_t n, double* p) {
    std::vector<double> q(at(n * n)), qp(at(n));
    for (int64_t i = 0; i < n; ++i) {
        p[i] = 1.0 / static_cast<double>(n);
        for (int64_t j = 0; j < n; ++j) {
            if (i == j) continue;
            q[at(i * n + i)] += r[at(j * n + i)] * r[at(j * n + i)];
            q[at(i * n + j)] = -r[at(j * n + i)] * r[at(i * n + j)];
        }
    }
    for (int sweep = 0; sweep < 100; ++sweep) {
        double pqp = 0, apart = 0;
        for (int64_t i = 0; i < n; ++i) {
            qp[at(i)] = std::inner_product(p, p + n, q.begin() + i * n, 0.0);
            pqp += p[i] * qp[at(i)];
        }
        for (int64_t i = 0; i < n; ++i) apart = std::max(apart, std::abs(qp[at(i)] - pqp));
        if (apart < 0.005 / static_cast<double>(n)) return;
        for (int64_t i = 0; i < n; ++i) {
            const double d = (pqp - qp[at(i)]) / q[at(i * n + i)], whole = 1 + d;
            pqp = (pqp + d * (d * q[at(i * n + i)] + 2 * qp[at(i)])) / (whole * whole);
            p[i] += d;
            for (int64_t j = 0; j < n; ++j) {
                qp[at(j)] = (qp[at(j)] + d * q[at(i * n + j)]) / whole;
                p[j] /= whole;
            }
        }
    }
}

}  // namespace detail

// With support vectors each pair of classes votes, and its scores, or calibrated by prob_a and prob_b the probabilities of the classes, are
// output 1; without them coefficients are a row for each class. As ONNX Runtime has it: the one score of two classes becomes
// [-score, score], or with a post_transform [1 - score, score], of which LOGISTIC alone changes the score.
struct SVMClassifier {
    static constexpr std::string_view name = "SVMClassifier";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "SVMClassifier"}};
    struct Attributes {
        std::vector<float> coefficients, kernel_params, prob_a, prob_b, rho, support_vectors;
        std::vector<int64_t> classlabels_ints, vectors_per_class;
        std::vector<std::string> classlabels_strings;
        std::string kernel_type = "LINEAR", post_transform = "NONE";
        template <class V> void visit(V& v) {
            v("coefficients", coefficients);
            v("kernel_params", kernel_params);
            v("prob_a", prob_a);
            v("prob_b", prob_b);
            v("rho", rho);
            v("support_vectors", support_vectors);
            v("classlabels_ints", classlabels_ints);
            v("vectors_per_class", vectors_per_class);
            v("classlabels_strings", classlabels_strings);
            v("kernel_type", kernel_type);
            v("post_transform", post_transform);
        }
        detail::Labels labels() const { return {classlabels_strings, classlabels_ints}; }
        int64_t vectors() const {
            int64_t sum = 0;
            for (int64_t n : vectors_per_class) sum += std::clamp<int64_t>(n, 0, kMaxElements - sum);
            return sum;
        }
        int64_t outputs() const {
            const int64_t n = labels().size();
            return vectors() && prob_a.empty() && n > 2 ? n * (n - 1) / 2 : n;
        }
        void check_sizes(int64_t columns, const Who& where) const {
            const int64_t n = labels().size(), v = vectors();
            const auto count = [](const auto& list) { return static_cast<int64_t>(list.size()); };
            detail::check_transform(where, post_transform);
            check(n > 0 && n < 65536, where, ": it has ", n, " classes");
            check(std::all_of(vectors_per_class.begin(), vectors_per_class.end(), [](int64_t k) { return k >= 0; }), where, ": vectors_per_class has negative numbers");
            if (!v) return check(count(coefficients) == n * columns && !rho.empty(), where, ": ", count(coefficients), " coefficients do not fit ", n, " classes and ", columns, " columns");
            const int64_t pairs = n * (n - 1) / 2;
            check(n > 1 && count(vectors_per_class) == n && count(support_vectors) == v * columns && count(coefficients) >= (n - 1) * v && count(rho) >= pairs && prob_a.size() == prob_b.size() &&
                      (prob_a.empty() || count(prob_a) >= pairs),
                  where, ": support vectors (", count(support_vectors), " numbers), coefficients (", count(coefficients), "), rho (", count(rho), ") and prob_a (", count(prob_a),
                  ") do not fit ", n, " classes, ", v, " vectors and ", columns, " columns");
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& x = c.shape(0);
        const int64_t rows = x.rank() <= 1 ? 1 : x[0];
        c.output(0, a.labels().dtype(), Shape{rows});
        c.output(1, DType::f32, Shape{rows, a.outputs()});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t columns = detail::columns_of(s), rows = detail::rows_of(s), n = a.labels().size(), all = a.vectors(), outputs = a.outputs();
        a.check_sizes(columns, c.where());
        const detail::VectorKernel kernel(all ? a.kernel_type : "LINEAR", a.kernel_params, c.where());
        const bool positive = std::all_of(a.coefficients.begin(), a.coefficients.end(), [](float f) { return f >= 0; });
        const auto x = detail::doubles(c.input(0));
        const TensorView labels = c.output(0, a.labels().dtype(), Shape{rows});
        std::vector<double> y(detail::at(rows * outputs)), alike(detail::at(all)), pairs;
        for (int64_t row = 0; row < rows; ++row) {
            const double* in = x.data() + row * columns;
            double* out = y.data() + row * outputs;
            if (!all) {
                for (int64_t k = 0; k < n; ++k) out[k] = kernel(in, a.coefficients.data() + k * columns, columns) + double{a.rho[0]};
                int64_t best = std::max_element(out, out + n) - out;
                if (n == 2 && (positive ? out[best] >= 0.5 : out[best] > 0)) best = 1;
                a.labels().put(c, labels, row, best);
                detail::post_transform(a.post_transform, out, n);
                continue;
            }
            for (int64_t v = 0; v < all; ++v) alike[detail::at(v)] = kernel(in, a.support_vectors.data() + v * columns, columns);
            std::vector<int64_t> votes(detail::at(n));
            pairs.clear();
            const auto part = [&](int64_t of, int64_t begin, int64_t end) {  // what vectors of one class say against another
                double sum = 0;
                for (int64_t v = begin; v < end; ++v) sum += double{a.coefficients[detail::at(of * all + v)]} * alike[detail::at(v)];
                return sum;
            };
            for (int64_t i = 0, at_i = 0; i < n; at_i += a.vectors_per_class[detail::at(i++)])
                for (int64_t j = i + 1, at_j = at_i + a.vectors_per_class[detail::at(i)]; j < n; at_j += a.vectors_per_class[detail::at(j++)]) {
                    const double score = part(j - 1, at_i, at_i + a.vectors_per_class[detail::at(i)]) + part(i, at_j, at_j + a.vectors_per_class[detail::at(j)]) +
                                         double{a.rho[pairs.size()]};
                    ++votes[detail::at(score > 0 ? i : j)];
                    pairs.push_back(score);
                }
            a.labels().put(c, labels, row, std::max_element(votes.begin(), votes.end()) - votes.begin());
            if (!a.prob_a.empty()) {
                std::vector<double> r(detail::at(n * n));
                for (int64_t i = 0, k = 0; i < n; ++i)
                    for (int64_t j = i + 1; j < n; ++j, ++k) {
                        const double p = 1 / (1 + std::exp(pairs[detail::at(k)] * double{a.prob_a[detail::at(k)]} + double{a.prob_b[detail::at(k)]}));
                        r[detail::at(i * n + j)] = std::clamp(p, 1e-7, 1 - 1e-7);
                        r[detail::at(j * n + i)] = 1 - r[detail::at(i * n + j)];
                    }
                detail::couple_pairs(r, n, out);
                detail::post_transform(a.post_transform, out, n);
            } else if (n == 2) {
                out[1] = a.post_transform == "LOGISTIC" ? 1 / (1 + std::exp(-pairs[0])) : pairs[0];
                out[0] = a.post_transform == "NONE" ? -pairs[0] : 1 - out[1];
            } else {
                std::copy(pairs.begin(), pairs.end(), out);
                detail::post_transform(a.post_transform, out, outputs);
            }
        }
        if (c.has_output(1)) detail::put_doubles(c.output(1, DType::f32, Shape{rows, outputs}), y);
    }
};

// A sum over support vectors, or without them of the columns; with one_class only its sign.
struct SVMRegressor {
    static constexpr std::string_view name = "SVMRegressor";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "SVMRegressor"}};
    struct Attributes {
        std::vector<float> coefficients, kernel_params, rho, support_vectors;
        std::string kernel_type = "LINEAR", post_transform = "NONE";
        int64_t n_supports = 0, one_class = 0;
        template <class V> void visit(V& v) {
            v("coefficients", coefficients);
            v("kernel_params", kernel_params);
            v("rho", rho);
            v("support_vectors", support_vectors);
            v("kernel_type", kernel_type);
            v("post_transform", post_transform);
            v("n_supports", n_supports);
            v("one_class", one_class);
        }
    };
    static void infer(InferContext& c) {
        detail::check_transform(c.where(), c.attributes<Attributes>().post_transform);
        c.output(0, DType::f32, Shape{c.shape(0).rank() <= 1 ? 1 : c.shape(0)[0], 1});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t columns = detail::columns_of(s), rows = detail::rows_of(s), n = static_cast<int64_t>(a.coefficients.size());
        const bool vectors = a.n_supports > 0;
        const auto size = static_cast<int64_t>(a.support_vectors.size());
        c.check_that(!a.rho.empty() && n > 0 && (vectors ? n == a.n_supports && size / n == columns && size % n == 0 : n == columns), "it has ", n, " coefficients, ", size,
                     " numbers of support vectors for ", a.n_supports, " vectors and ", columns, " columns");
        const detail::VectorKernel kernel(vectors ? a.kernel_type : "LINEAR", a.kernel_params, c.where());
        const auto x = detail::doubles(c.input(0));
        std::vector<double> y(detail::at(rows), double{a.rho[0]});
        for (int64_t r = 0; r < rows; ++r) {
            double &out = y[detail::at(r)];
            const double* in = x.data() + r * columns;
            if (vectors)
                for (int64_t v = 0; v < n; ++v) out += double{a.coefficients[detail::at(v)]} * kernel(in, a.support_vectors.data() + v * columns, columns);
            else out += kernel(in, a.coefficients.data(), columns);
            if (a.one_class) out = out > 0 ? 1 : -1;
            detail::post_transform(a.post_transform, &out, 1);
        }
        detail::put_doubles(c.output(0, DType::f32, Shape{rows, 1}), y);
    }
};

LITE_NAMESPACE_END
#endif
