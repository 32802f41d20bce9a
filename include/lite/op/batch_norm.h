// BatchNormalization: a scale and a shift per channel, in a finished model from constants.
#ifndef LITE_OP_BATCH_NORM_H_
#define LITE_OP_BATCH_NORM_H_
#include "lite/op/axis_split.h"
#include "lite/op/elemwise.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// y = (x - mean) / sqrt(variance + epsilon) * scale + bias; inputs x [N, C, ...], scale, bias, mean, variance, all [C]. In training mode
// mean and variance are those of x, and two more outputs [C] hold what was given * momentum + these * (1 - momentum).
struct BatchNormalization {
    static constexpr std::string_view name = "BatchNormalization";
    static constexpr Spelling spellings[] = {{"onnx", "", "BatchNormalization"}};
    struct Attributes {
        float epsilon = 1e-5f, momentum = 0.9f;
        int64_t training_mode = 0, spatial = 1;
        template <class V> void visit(V& v) {
            v("epsilon", epsilon);
            v("momentum", momentum);
            v("training_mode", training_mode);
            v("spatial", spatial);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(a.spatial == 1, "spatial = 0 is not supported");
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        for (size_t o = 1; a.training_mode && o < 3; ++o) c.output_like(o, c.input(o + 2));
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.check_that(x.shape.rank() >= 1, "the input has no axes");
        const int64_t channels = x.shape.rank() > 1 ? x.shape[1] : 1;
        for (size_t i = 1; i <= 4; ++i)
            if (c.input(i).shape_known() && channels >= 0)
                c.check_that(c.input(i).shape.count() == channels, "input ", i, " is ", c.input(i).shape, ", expected ", channels, " channels");
        c.output(0, x.dtype, x.shape);
    }
    // Mean and variance of each channel.
    static std::array<std::vector<double>, 2> moments(const TensorView& x, const AxisSplit& s) {
        std::array<std::vector<double>, 2> m;
        std::vector<double> row(s.inner);
        for (size_t o = 0; o < 2; ++o) {
            m[o].assign(s.n, 0.0);
            for (size_t i = 0; i < s.outer * s.n; ++i) {
                const size_t k = i % s.n;
                load_wide(x, static_cast<int64_t>(i * s.inner), 1, s.inner, row.data());
                for (double v : row) m[o][k] += o ? (v - m[0][k]) * (v - m[0][k]) : v;
            }
            for (double& v : m[o]) v /= static_cast<double>(s.outer * s.inner);
        }
        return m;
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s = x.shape.rank() > 1 ? AxisSplit(x.shape, 1) : AxisSplit(x.shape, 1, 1);
        const auto scale = c.input(1).values<double>(), bias = c.input(2).values<double>();
        auto mean = c.input(3).values<double>(), variance = c.input(4).values<double>();
        std::vector<double> row(s.inner);
        if (a.training_mode) {
            auto own = moments(x, s);
            for (size_t o = 0; o < 2; ++o) {
                std::vector<double>& given = o ? variance : mean;
                for (size_t k = 0; k < s.n; ++k) given[k] = given[k] * static_cast<double>(a.momentum) + own[o][k] * (1 - static_cast<double>(a.momentum));
                if (c.has_output(o + 1)) store_wide(c.output(o + 1, c.input(o + 3).dtype, c.input(o + 3).shape), 0, 1, s.n, given.data());
                given.swap(own[o]);
            }
        }
        for (size_t i = 0; i < s.outer * s.n; ++i) {
            const size_t k = i % s.n;
            const double f = scale[k] / std::sqrt(variance[k] + static_cast<double>(a.epsilon));
            load_wide(x, static_cast<int64_t>(i * s.inner), 1, s.inner, row.data());
            for (double& v : row) v = (v - mean[k]) * f + bias[k];
            store_wide(y, static_cast<int64_t>(i * s.inner), 1, s.inner, row.data());
        }
    }
};

// Where the four parameters are constants (else the reference): y = x * s + t.
struct BatchNormKernel {
    static constexpr std::string_view name = "batch_norm";
    static constexpr bool in_place = true;
    struct State {
        std::vector<float> scale, shift;  // padded with zeros to whole blocks of channels
        size_t outer = 0, blocks = 0, inner = 0;
    };
    static bool applicable(const NodeInfo& n) {
        const Shape& s = n.output().shape;
        if (n.attributes<BatchNormalization::Attributes>().training_mode || !n.output().shape_known() || s.rank() < (n.layout() == LayoutTag::nchw ? 2u : 3u)) return false;
        for (size_t i = 1; i <= 4; ++i)
            if (!n.constant(i)) return false;
        return true;
    }
    static double cost(const NodeInfo& n) { return 100 + 0.12 * static_cast<double>(padded_count(n.layout(), n.output().shape)); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const Shape& s = n.output().shape;
        const auto a = n.attributes<BatchNormalization::Attributes>();
        std::vector<double> p[4];
        for (size_t i = 0; i < 4; ++i) {
            p[i] = n.constant(i + 1)->values<double>();
            c.drop(i + 1);
        }
        State st;
        const size_t channels = static_cast<size_t>(s[1]), pack = static_cast<size_t>(pack_of(n.layout()));
        st.blocks = (channels + pack - 1) / pack;
        st.outer = static_cast<size_t>(s[0]);
        st.inner = static_cast<size_t>(s.count(2, s.rank()));
        st.scale.resize(st.blocks * pack);
        st.shift.resize(st.blocks * pack);
        for (size_t k = 0; k < channels; ++k) {
            const double f = p[0][k] / std::sqrt(p[3][k] + static_cast<double>(a.epsilon));
            st.scale[k] = static_cast<float>(f);
            st.shift[k] = static_cast<float>(p[1][k] - p[2][k] * f);
        }
        return st;
    }
    static void run(const State& st, const RunContext& c) noexcept {
        const float* x = c.input(0).as<const float>();
        float* y = c.output(0).as<float>();
        const MathBricks& m = c.bricks->math;
        if (c.output(0).layout == LayoutTag::nhwc) {
            const size_t channels = st.scale.size();
            c.pool->parallel_for(st.outer * st.inner, channels ? 8192 / channels + 1 : 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i)
                    m.scale_shift(x + i * channels, st.scale.data(), kDense, st.shift.data(), kDense, y + i * channels, channels);
            });
        } else {
            const size_t pack = static_cast<size_t>(pack_of(c.output(0).layout));
            const size_t row = st.inner * pack;
            c.pool->parallel_for(st.outer * st.blocks, row ? 8192 / row + 1 : 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) {
                    const size_t b = i % st.blocks;
                    alignas(64) float s[16], t[16];
                    for (size_t k = 0; k < 16; ++k) {
                        s[k] = st.scale[b * pack + (k & (pack - 1))];
                        t[k] = st.shift[b * pack + (k & (pack - 1))];
                    }
                    m.scale_shift(x + i * row, s, kPattern, t, kPattern, y + i * row, row);
                }
            });
        }
    }
};
template <ImageLayout L> struct Kernel<BatchNormalization, L, float> : BatchNormKernel {};

LITE_NAMESPACE_END
#endif
