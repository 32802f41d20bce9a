// LayerNormalization, RMSNormalization: rows of the last axes scaled to unit variance.
#ifndef LITE_OP_LAYER_NORM_H_
#define LITE_OP_LAYER_NORM_H_
#include "lite/kernel/bricks.h"
#include "lite/op/axis_split.h"
#include "lite/op/broadcast.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// y = (x - mean) / sqrt(variance + epsilon) * scale + bias over the axes from `axis` on; inputs x, scale, bias (optional), the
// last two broadcast to x. Outputs y and, in mode 0, mean and 1 / sqrt(...) with extents 1 on the reduced axes. Mode 1 takes no
// mean off (RMS); its second output is 1 / sqrt(...).
struct LayerNormalization {
    static constexpr std::string_view name = "LayerNormalization";
    static constexpr Spelling spellings[] = {{"onnx", "", "LayerNormalization", 0},
                                             {"onnx", "", "RMSNormalization", 1},
                                             {"onnx", "", "SimplifiedLayerNormalization", 1},
                                             {"onnx", "com.microsoft", "SimplifiedLayerNormalization", 1}};
    struct Attributes {
        int64_t mode = 0, axis = -1, stash_type = 1;
        float epsilon = 1e-5f;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("axis", axis);
            v("stash_type", stash_type);
            v("epsilon", epsilon);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        const Shape& s = c.shape(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        const size_t axis = normalize_axis(a.axis, s.rank(), c.where());
        for (size_t i = 1; i < 3 && i < c.input_count(); ++i)
            if (c.has_input(i) && c.input(i).shape_known() && s.known())
                c.check_that(c.input(i).shape.rank() <= s.rank() && broadcast(s, c.input(i).shape, c.where()) == s, "input ", i, " is ", c.input(i).shape,
                             ", it must broadcast to ", s);
        Shape reduced = s;
        for (size_t k = axis; k < s.rank(); ++k) reduced[k] = 1;
        c.output(0, x.dtype, s);
        for (size_t i = 1; i < c.output_count(); ++i) c.output(i, a.stash_type == 1 ? DType::f32 : x.dtype, reduced);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), c.where());
        const AxisSplit s(x.shape, axis, x.shape.rank());
        const TensorView y = c.output(0, x.dtype, x.shape);
        Shape reduced = x.shape;
        for (size_t k = axis; k < reduced.rank(); ++k) reduced[k] = 1;
        const DType stash = a.stash_type == 1 ? DType::f32 : x.dtype;
        const TensorView first = c.has_output(1) ? c.output(1, stash, reduced) : TensorView{};
        const TensorView second = c.has_output(2) ? c.output(2, stash, reduced) : TensorView{};
        // scale and bias, spread over x
        const auto full = [&](size_t i, double fallback) {
            std::vector<double> v(s.total(), fallback);
            if (!c.has_input(i) || v.empty()) return v;
            const Shape shape[] = {c.input(i).shape};
            const BroadcastLoop<1> loop(x.shape, shape);
            loop.for_each_run(0, loop.total, [&](size_t at, const int64_t* from, size_t n) {
                for (size_t k = 0; k < n; ++k)
                    load_wide(c.input(i), from[0] + static_cast<int64_t>(loop.step[0] == kScalar ? 0 : loop.step[0] == kDense ? k : k % loop.period), 1, 1, &v[at + k]);
            });
            return v;
        };
        const std::vector<double> scale = full(1, 1.0), bias = full(2, 0.0);
        std::vector<double> row(s.n);
        for (size_t o = 0; o < s.outer; ++o) {
            load_wide(x, static_cast<int64_t>(o * s.n), 1, s.n, row.data());
            double mean = 0, square = 0;
            if (a.mode == 0) {
                for (double v : row) mean += v;
                mean /= static_cast<double>(s.n);
            }
            for (double v : row) square += (v - mean) * (v - mean);
            const double inv = 1 / std::sqrt(square / static_cast<double>(s.n) + static_cast<double>(a.epsilon));
            for (size_t k = 0; k < s.n; ++k) row[k] = (row[k] - mean) * inv * scale[o * s.n + k] + bias[o * s.n + k];
            store_wide(y, static_cast<int64_t>(o * s.n), 1, s.n, row.data());
            if (first) store_wide(first, static_cast<int64_t>(o), 1, 1, a.mode == 0 ? &mean : &inv);
            if (second) store_wide(second, static_cast<int64_t>(o), 1, 1, &inv);
        }
    }
};

template <> struct Kernel<LayerNormalization, NCHW, float> {
    static constexpr std::string_view name = "layer_norm";
    static constexpr bool in_place = true;
    struct State {
        AxisSplit s;
        float epsilon = 0.f;
        bool rms = false;
    };
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const auto a = n.attributes<LayerNormalization::Attributes>();
        const Shape& x = n.output().shape;
        return {AxisSplit(x, normalize_axis(a.axis, x.rank(), "LayerNormalization"), x.rank()), a.epsilon, a.mode == 1};
    }
    // scale and bias must be one row.
    static bool applicable(const NodeInfo& n) {
        PrepareContext c;
        const AxisSplit s = prepare(n, c).s;
        const Shape& x = n.output().shape;
        for (size_t i = 1; i < 3; ++i) {
            if (!n.has_input(i)) continue;
            const TensorInfo& t = n.input(i);
            if (t.dtype != DType::f32 || static_cast<size_t>(t.shape.count()) != s.n || t.layout != LayoutTag::nchw) return false;
            for (size_t k = 0; k < t.shape.rank(); ++k)
                if (t.shape[t.shape.rank() - 1 - k] != x[x.rank() - 1 - k] && t.shape[t.shape.rank() - 1 - k] != 1) return false;
        }
        for (const TensorInfo& t : n.outputs)
            if (t && t.dtype != DType::f32) return false;
        return s.n > 0;
    }
    static double cost(const NodeInfo& n) { return 100 + static_cast<double>(n.output().shape.count()) * 2.0 / std::min(n.bricks->lanes, 8); }
    static void run(const State& st, const RunContext& c) noexcept {
        const AxisSplit& s = st.s;
        const float* x = c.input(0).as<const float>();
        const float* scale = c.has_input(1) ? c.input(1).as<const float>() : nullptr;
        const float* bias = c.has_input(2) ? c.input(2).as<const float>() : nullptr;
        float* y = c.output(0).as<float>();
        float* first = c.has_output(1) ? c.output(1).as<float>() : nullptr;
        float* mean = st.rms ? nullptr : first;
        float* inv = st.rms ? first : c.has_output(2) ? c.output(2).as<float>() : nullptr;
        c.pool->parallel_for(s.outer, 4096 / s.n + 1, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i)
                c.bricks->math.layer_norm(x + i * s.n, scale, bias, y + i * s.n, s.n, st.epsilon, st.rms, mean ? mean + i : nullptr, inv ? inv + i : nullptr);
        });
    }
};

LITE_NAMESPACE_END
#endif
