// ArgMax, ArgMin: where along an axis the largest or smallest element stands.
#ifndef LITE_OP_ARG_REDUCE_H_
#define LITE_OP_ARG_REDUCE_H_
#include "lite/op/axis_split.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Mode 0: the largest, 1: the smallest. Of equals the first, or the last with select_last_index. int64 indices.
struct ArgReduce {
    static constexpr std::string_view name = "ArgReduce";
    static constexpr Spelling spellings[] = {{"onnx", "", "ArgMax", 0}, {"onnx", "", "ArgMin", 1}};
    struct Attributes {
        int64_t mode = 0, axis = 0;
        bool keepdims = true, select_last_index = false;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("axis", axis);
            v("keepdims", keepdims);
            v("select_last_index", select_last_index);
        }
    };
    static Shape result_shape(const Attributes& a, Shape s, const Who& who) {
        const size_t k = normalize_axis(a.axis, s.rank(), who);
        if (a.keepdims) s[k] = 1;
        else s.erase(k);
        return s;
    }
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (!x.has_shape) return c.output_unknown(0, DType::i64);
        const Attributes a = c.attributes<Attributes>();
        c.check_that(x.shape.at(static_cast<int64_t>(normalize_axis(a.axis, x.shape.rank(), c.where()))) != 0, "axis ", a.axis, " of ", x.shape, " is empty");
        c.output(0, DType::i64, result_shape(a, x.shape, c.where()));
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), c.where());
        const TensorView y = c.output(0, DType::i64, result_shape(a, x.shape, c.where()));
        run(a, AxisSplit(x.shape, axis), x, y.as<int64_t>(), *c.pool);
    }
    static void run(const Attributes& a, const AxisSplit& s, const TensorView& x, int64_t* y, ThreadPool& pool) {
        if (s.total() == 0) return;
        pool.parallel_for(s.outer * s.inner, 4096 / s.n + 1, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                const size_t at = i / s.inner * s.n * s.inner + i % s.inner;
                if (x.dtype == DType::f32) {
                    y[i] = best(a, x.as<const float>() + at, s.n, s.inner);
                    continue;
                }
                visit_wide(x.dtype, [&](auto tag) {
                    std::vector<decltype(tag)> row(s.n);
                    load_wide(x, static_cast<int64_t>(at), static_cast<int64_t>(s.inner), s.n, row.data());
                    y[i] = best(a, row.data(), s.n, 1);
                });
            }
        });
    }

private:
    template <class T>
    static int64_t best(const Attributes& a, const T* p, size_t n, size_t step) {
        size_t at = 0;
        T top = p[0];
        for (size_t k = 1; k < n; ++k) {
            const T v = p[k * step];
            const bool better = a.mode == 0 ? v > top : v < top;
            if (better || (a.select_last_index && v == top)) {
                top = v;
                at = k;
            }
        }
        return static_cast<int64_t>(at);
    }
};

template <> struct Kernel<ArgReduce, NCHW, float> {
    static constexpr std::string_view name = "arg_reduce";
    struct State {
        ArgReduce::Attributes a;
        AxisSplit s;
    };
    static bool applicable(const NodeInfo& n) { return n.input(0).shape_known(); }
    static double cost(const NodeInfo& n) { return 50 + static_cast<double>(n.input(0).shape.count()); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const auto a = n.attributes<ArgReduce::Attributes>();
        return {a, AxisSplit(n.input(0).shape, normalize_axis(a.axis, n.input(0).shape.rank(), "ArgReduce"))};
    }
    static void run(const State& s, const RunContext& c) noexcept { ArgReduce::run(s.a, s.s, c.input(0), c.output(0).as<int64_t>(), *c.pool); }
};

LITE_NAMESPACE_END
#endif
