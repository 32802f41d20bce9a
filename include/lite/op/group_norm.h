// InstanceNormalization, GroupNormalization: groups of channels of one image scaled to unit variance.
#ifndef LITE_OP_GROUP_NORM_H_
#define LITE_OP_GROUP_NORM_H_
#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Inputs x [N, C, ...], scale, bias. Mode 0: every channel is a group (InstanceNormalization); mode 1: num_groups groups.
// scale and bias are [C], before opset 21 of GroupNormalization [num_groups].
struct GroupNormalization {
    static constexpr std::string_view name = "GroupNormalization";
    static constexpr Spelling spellings[] = {{"onnx", "", "InstanceNormalization", 0}, {"onnx", "", "GroupNormalization", 1}};
    struct Attributes {
        int64_t mode = 0, num_groups = 1;
        float epsilon = 1e-5f;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("num_groups", num_groups);
            v("epsilon", epsilon);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        const Shape& s = c.shape(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        c.check_that(s.rank() >= 2, "the input is ", s, ", expected [N, C, ...]");
        if (s[1] >= 0) {
            c.check_that(a.mode == 0 || (a.num_groups > 0 && s[1] % a.num_groups == 0), s[1], " channels in ", a.num_groups, " groups");
            for (size_t i = 1; i <= 2; ++i)
                if (c.input(i).shape_known()) {
                    const int64_t n = c.input(i).shape.count();
                    c.check_that(n == s[1] || (a.mode == 1 && n == a.num_groups), "input ", i, " is ", c.input(i).shape, ", expected ", s[1], " channels");
                }
        }
        c.output(0, x.dtype, s);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const size_t channels = static_cast<size_t>(x.shape[1]), groups = a.mode == 0 ? channels : static_cast<size_t>(a.num_groups);
        const size_t pixels = static_cast<size_t>(x.shape.count(2, x.shape.rank())), images = static_cast<size_t>(x.shape[0]);
        if (images * channels * pixels == 0) return;
        const size_t in_group = channels / groups;
        const auto scale = c.input(1).values<double>(), bias = c.input(2).values<double>();
        std::vector<double> row(in_group * pixels);
        for (size_t g = 0; g < images * groups; ++g) {
            load_wide(x, static_cast<int64_t>(g * row.size()), 1, row.size(), row.data());
            double mean = 0, square = 0;
            for (double v : row) mean += v;
            mean /= static_cast<double>(row.size());
            for (double v : row) square += (v - mean) * (v - mean);
            const double inv = 1 / std::sqrt(square / static_cast<double>(row.size()) + static_cast<double>(a.epsilon));
            for (size_t i = 0; i < row.size(); ++i) {
                const size_t channel = g % groups * in_group + i / pixels, k = scale.size() == channels ? channel : g % groups;
                row[i] = (row[i] - mean) * inv * scale[k] + bias[k];
            }
            store_wide(y, static_cast<int64_t>(g * row.size()), 1, row.size(), row.data());
        }
    }
};

template <> struct Kernel<GroupNormalization, NCHW, float> {
    static constexpr std::string_view name = "group_norm";
    static constexpr bool in_place = true;
    struct State {
        size_t images = 0, channels = 0, groups = 1, pixels = 0;
        float epsilon = 0.f;
    };
    static bool applicable(const NodeInfo& n) { return n.output().shape_known() && n.output().shape.count() > 0; }
    static double cost(const NodeInfo& n) { return 100 + static_cast<double>(n.output().shape.count()) * 3.0 / std::min(n.bricks->lanes, 8); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const auto a = n.attributes<GroupNormalization::Attributes>();
        const Shape& s = n.output().shape;
        return {static_cast<size_t>(s[0]), static_cast<size_t>(s[1]), static_cast<size_t>(a.mode == 0 ? s[1] : a.num_groups),
                static_cast<size_t>(s.count(2, s.rank())), a.epsilon};
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const float *x = c.input(0).as<const float>(), *scale = c.input(1).as<const float>(), *bias = c.input(2).as<const float>();
        float* y = c.output(0).as<float>();
        const MathBricks& m = c.bricks->math;
        const size_t in_group = s.channels / s.groups, n = in_group * s.pixels;
        const bool by_channel = static_cast<size_t>(c.input(1).count()) == s.channels;
        c.pool->parallel_for(s.images * s.groups, 4096 / n + 1, [&](size_t begin, size_t end, int) {
            for (size_t g = begin; g < end; ++g) {
                m.layer_norm(x + g * n, nullptr, nullptr, y + g * n, n, s.epsilon, false, nullptr, nullptr);
                for (size_t i = 0; i < in_group; ++i) {
                    float* p = y + g * n + i * s.pixels;
                    const size_t k = by_channel ? g % s.groups * in_group + i : g % s.groups;
                    m.scale_shift(p, scale + k, kScalar, bias + k, kScalar, p, s.pixels);
                }
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
