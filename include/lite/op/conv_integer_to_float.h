// ConvIntegerToFloat: a ConvInteger with the float arithmetic that follows it in dynamically quantized networks. Only passes make it.
#ifndef LITE_OP_CONV_INTEGER_TO_FLOAT_H_
#define LITE_OP_CONV_INTEGER_TO_FLOAT_H_
#include "lite/op/conv_integer.h"
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

// y = f(conv(x - x_zero_point, w - w_zero_point) * (x_scale * w_scale) + bias), f a fused clamp. Inputs: x, w, x_scale, w_scale (scalars),
// x_zero_point, w_zero_point, bias (one float per output channel); the last three may be absent.
struct ConvIntegerToFloat {
    static constexpr std::string_view name = "ConvIntegerToFloat";
    static constexpr Spelling spellings[] = {{"lite", "", "ConvIntegerToFloat"}};
    using Attributes = Conv::Attributes;
    static void infer(InferContext& c) {
        infer_integer_conv(c, 0, 1, DType::f32);
        for (size_t i : {2, 3}) {
            check_scalar(c, i, "a scale");
            c.check_that(c.input(i).dtype == DType::f32, "input ", i, " is ", c.input(i).dtype, ", f32 was expected");
        }
        check_scalar(c, 4, "x_zero_point");
        float low, high;
        const auto a = c.attributes<Attributes>();
        c.check_that(!a.residual && as_clamp(a.fused(), low, high), "only a clamp can be fused");
        if (c.has_input(6) && c.input(6).shape_known() && c.input(1).shape_known())
            c.check_that(c.input(6).dtype == DType::f32 && c.shape(6).count() == c.shape(1)[0], "the bias is ", c.input(6).dtype, c.shape(6), ", ",
                         c.shape(1)[0], " floats were expected");
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &w = c.input(1);
        const auto a = c.attributes<Attributes>();
        const ConvShape s = ConvShape::of(a, x.shape, w.shape, c.where());
        const TensorView y = c.output(0, DType::f32, integer_conv_output(s, x.shape));
        const auto sums = integer_conv_sums(x, w, zero_points(c, 4)[0], zero_points(c, 5), s);
        const float scale = scales(c, 2)[0] * scales(c, 3)[0];
        const auto bias = c.has_input(6) ? scales(c, 6) : std::vector<float>(1);
        float low = 0.f, high = 0.f;
        as_clamp(a.fused(), low, high);
        for (size_t i = 0; i < sums.size(); ++i) {
            const float v = static_cast<float>(sums[i]) * scale + pick(bias, i / static_cast<size_t>(s.out_pixels()) % static_cast<size_t>(s.k));
            y.as<float>()[i] = std::min(std::max(v, low), high);
        }
    }
};

namespace detail {
struct ConvIntegerToFloatNhwc {
    static constexpr std::string_view name = "conv_integer_to_float/nhwc";
    static bool applicable(const NodeInfo& n) {
        return integer_conv_applicable(n, 5) && (!n.has_input(6) || n.constant(6)) && is_scalar_f32(n, 2) && is_scalar_f32(n, 3) &&
               is_scalar_zero(n, 4, n.input(0).dtype);
    }
    static double cost(const NodeInfo& n) { return integer_conv_cost(n, 5) + static_cast<double>(n.output().shape.count()) / n.bricks->lanes; }
    struct State {
        Int8ConvPlan plan;
        Activation activation;
        std::vector<float> bias;
        size_t scale_at = 0, channels = 0;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s{integer_conv_plan(n, c, 5), n.attributes<Conv::Attributes>().fused(), {}};
        s.channels = static_cast<size_t>(n.output().shape[1]);
        if (n.has_input(6)) s.bias = n.constant(6)->values<float>();
        s.scale_at = (s.plan.workspace_bytes() + 63) / 64 * 64;
        c.need_workspace(s.scale_at + s.channels * sizeof(float));
        if (n.has_input(6)) c.drop(6);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView& y = c.output(0);
        if (y.count() == 0) return;
        s.plan.run(c, c.input(0).as<const uint8_t>(), scalar_zero(c, 4), y.data);
        float* scale = reinterpret_cast<float*>(c.workspace + s.scale_at);
        std::fill(scale, scale + s.channels, scalar_f32(c, 2) * scalar_f32(c, 3));
        c.pool->parallel_for(static_cast<size_t>(y.count()) / s.channels, 1 + 4096 / s.channels, [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                float* to = y.as<float>() + r * s.channels;
                c.bricks->int8.to_float(y.as<const int32_t>() + r * s.channels, s.channels, scale, s.bias.empty() ? nullptr : s.bias.data(), to);
                if (s.activation.mode != ElemwiseMode::identity)
                    c.bricks->math.unary(s.activation.mode, s.activation.alpha, s.activation.beta, to, to, s.channels);
            }
        });
    }
};
}  // namespace detail

template <> struct Kernel<ConvIntegerToFloat, NHWC, uint8_t> : detail::ConvIntegerToFloatNhwc {};
template <> struct Kernel<ConvIntegerToFloat, NHWC, int8_t> : detail::ConvIntegerToFloatNhwc {};

LITE_NAMESPACE_END
#endif
