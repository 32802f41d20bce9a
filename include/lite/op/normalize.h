// LRN, LpNormalization, MeanVarianceNormalization: normalisations that only few models have; by reference.
#ifndef LITE_OP_NORMALIZE_H_
#define LITE_OP_NORMALIZE_H_
#include "lite/op/axis_split.h"
#include "lite/op/operator.h"
#include "lite/op/reduce.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// y = x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta; x [N, C, ...].
struct LRN {
    static constexpr std::string_view name = "LRN";
    static constexpr Spelling spellings[] = {{"onnx", "", "LRN"}};
    struct Attributes {
        float alpha = 1e-4f, beta = 0.75f, bias = 1.f;
        int64_t size = 1;
        template <class V> void visit(V& v) {
            v("alpha", alpha);
            v("beta", beta);
            v("bias", bias);
            v("size", size);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        c.check_that(c.attributes<Attributes>().size > 0, "size must be positive");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.check_that(x.shape.rank() >= 2, "the input is ", x.shape, ", expected [N, C, ...]");
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s(x.shape, 1);
        if (s.total() == 0) return;
        const int64_t n = static_cast<int64_t>(s.n), before = (a.size - 1) / 2, after = a.size - 1 - before;
        std::vector<double> row(s.n), out(s.n);
        for (size_t i = 0; i < s.outer * s.inner; ++i) {
            const int64_t at = static_cast<int64_t>(i / s.inner * s.n * s.inner + i % s.inner);
            load_wide(x, at, static_cast<int64_t>(s.inner), s.n, row.data());
            for (int64_t k = 0; k < n; ++k) {
                double sum = 0;
                for (int64_t j = std::max<int64_t>(0, k - before); j <= std::min(n - 1, k + after); ++j)
                    sum += row[static_cast<size_t>(j)] * row[static_cast<size_t>(j)];
                const double f = static_cast<double>(a.bias) + static_cast<double>(a.alpha) / static_cast<double>(a.size) * sum;
                out[static_cast<size_t>(k)] = row[static_cast<size_t>(k)] / std::pow(f, static_cast<double>(a.beta));
            }
            store_wide(y, at, static_cast<int64_t>(s.inner), s.n, out.data());
        }
    }
};

// y = x / |x|_p along one axis, p = 1 or 2; zero where the norm is zero.
struct LpNormalization {
    static constexpr std::string_view name = "LpNormalization";
    static constexpr Spelling spellings[] = {{"onnx", "", "LpNormalization"}};
    struct Attributes {
        int64_t axis = -1, p = 2;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("p", p);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        c.check_that(a.p == 1 || a.p == 2, "p is ", a.p, ", expected 1 or 2");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        normalize_axis(a.axis, x.shape.rank(), c.where());
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s(x.shape, normalize_axis(a.axis, x.shape.rank(), c.where()));
        if (s.total() == 0) return;
        std::vector<double> row(s.n);
        for (size_t i = 0; i < s.outer * s.inner; ++i) {
            const int64_t at = static_cast<int64_t>(i / s.inner * s.n * s.inner + i % s.inner);
            load_wide(x, at, static_cast<int64_t>(s.inner), s.n, row.data());
            const double norm = detail::reduce_group(a.p == 1 ? ReduceMode::l1 : ReduceMode::l2, row.data(), row.size());
            for (double& v : row) v = norm == 0 ? 0 : v / norm;
            store_wide(y, at, static_cast<int64_t>(s.inner), s.n, row.data());
        }
    }
};

// y = (x - mean) / (standard deviation + 1e-9) over `axes`.
struct MeanVarianceNormalization {
    static constexpr std::string_view name = "MeanVarianceNormalization";
    static constexpr Spelling spellings[] = {{"onnx", "", "MeanVarianceNormalization"}};
    struct Attributes {
        std::vector<int64_t> axes{0, 2, 3};
        template <class V> void visit(V& v) { v("axes", axes); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        for (int64_t k : c.attributes<Attributes>().axes) normalize_axis(k, x.shape.rank(), c.where());
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const size_t rank = x.shape.rank(), total = static_cast<size_t>(x.count());
        std::vector<bool> reduced(rank);
        for (int64_t k : c.attributes<Attributes>().axes) reduced[normalize_axis(k, rank, c.where())] = true;
        // The group of every element, and the sums of the groups.
        std::vector<size_t> group(total);
        size_t groups = 1;
        std::vector<int64_t> index(rank, 0);
        for (size_t k = 0; k < rank; ++k)
            if (!reduced[k]) groups *= static_cast<size_t>(x.shape[k]);
        for (size_t i = 0; i < total; ++i) {
            for (size_t k = 0; k < rank; ++k)
                if (!reduced[k]) group[i] = group[i] * static_cast<size_t>(x.shape[k]) + static_cast<size_t>(index[k]);
            for (size_t k = rank; k-- > 0;)
                if (++index[k] < x.shape[k]) break;
                else index[k] = 0;
        }
        std::vector<double> v(total), mean(groups), square(groups);
        load_wide(x, 0, 1, total, v.data());
        const double n = groups ? static_cast<double>(total / groups) : 1;
        for (size_t i = 0; i < total; ++i) mean[group[i]] += v[i] / n;
        for (size_t i = 0; i < total; ++i) square[group[i]] += (v[i] - mean[group[i]]) * (v[i] - mean[group[i]]) / n;
        for (size_t i = 0; i < total; ++i) v[i] = (v[i] - mean[group[i]]) / (std::sqrt(square[group[i]]) + 1e-9);
        store_wide(y, 0, 1, total, v.data());
    }
};

LITE_NAMESPACE_END
#endif
