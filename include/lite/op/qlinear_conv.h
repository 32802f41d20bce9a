// QLinearConv: convolution of 8-bit tensors whose sums are scaled back to 8 bits.
#ifndef LITE_OP_QLINEAR_CONV_H_
#define LITE_OP_QLINEAR_CONV_H_
#include "lite/op/conv_integer.h"
#include "lite/op/int8_conv.h"

LITE_NAMESPACE_BEGIN

// y = saturate(round((conv(x - x_zp, w - w_zp) + bias) * (x_scale * w_scale / y_scale)) + y_zp); bias is i32, of scale x_scale * w_scale.
// A fused activation is a clamp: its bounds, quantized as y is.
// Inputs: x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias (optional); parameters of w may be one
// per output channel.
struct QLinearConv {
    static constexpr std::string_view name = "QLinearConv";
    static constexpr Spelling spellings[] = {{"onnx", "", "QLinearConv"}, {"onnx", "com.microsoft", "QLinearConv"}};
    using Attributes = Conv::Attributes;
    static void infer(InferContext& c) {
        c.check_that(!c.node().attributes.get<int64_t>("channels_last", 0), "channels_last = 1 is not supported");
        const auto a = c.attributes<Attributes>();
        float low, high;
        c.check_that(!a.residual && as_clamp(a.fused(), low, high), "only a clamp can be fused");
        check_8bit(c, 7, "y_zero_point");
        infer_integer_conv(c, 0, 3, c.input(7).dtype);
        check_scalar(c, 1, "x_scale");
        check_scalar(c, 2, "x_zero_point");
        check_scalar(c, 6, "y_scale");
        check_scalar(c, 7, "y_zero_point");
        if (!c.input(3).shape_known()) return;
        const int64_t m = c.shape(3)[0];
        for (size_t i : {4, 5})
            if (c.has_input(i) && c.input(i).shape_known())
                c.check_that(c.shape(i).count() == 1 || c.shape(i).count() == m, "input ", i, " has shape ", c.shape(i), ", 1 or ", m,
                             " elements were expected");
        if (c.has_input(8)) {
            c.check_that(c.input(8).dtype == DType::i32, "the bias is ", c.input(8).dtype, ", i32 was expected");
            if (c.input(8).shape_known()) c.check_that(c.shape(8).count() == m, "the bias has shape ", c.shape(8), ", ", m, " elements were expected");
        }
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &w = c.input(3);
        const ConvShape s = ConvShape::of(c.attributes<Attributes>(), x.shape, w.shape, c.where());
        const TensorView y = c.output(0, c.input(7).dtype, integer_conv_output(s, x.shape));
        const auto sums = integer_conv_sums(x, w, zero_points(c, 2)[0], zero_points(c, 5), s);
        const auto w_scale = scales(c, 4);
        const float x_scale = scales(c, 1)[0], y_scale = scales(c, 6)[0];
        const auto bias = c.has_input(8) ? c.input(8).values<int32_t>() : std::vector<int32_t>(1);
        const int32_t zero = zero_points(c, 7)[0];
        const QuantRange range = clamp_range(c.attributes<Attributes>().fused(), y.dtype, y_scale, zero);
        const auto m = static_cast<size_t>(w.shape[0]), out = static_cast<size_t>(s.out_pixels());
        for (size_t i = 0; i < sums.size(); ++i) {
            const size_t o = i / out % m;
            const float scale = x_scale * pick(w_scale, o) / y_scale;
            store_quantized(y, static_cast<int64_t>(i), quantize_value(static_cast<float>(wrap_add(sums[i], pick(bias, o))) * scale, zero, range));
        }
    }
};

namespace detail {
struct QLinearConvNhwc {
    static constexpr std::string_view name = "qlinear_conv/nhwc";
    static ConvShape shape(const NodeInfo& n) {
        return ConvShape::of(n.attributes<Conv::Attributes>(), n.input(0).shape, n.input(3).shape, n.node->name);
    }
    static Int8ConvSpec spec(const NodeInfo& n) {
        Int8ConvSpec s;
        s.x_type = n.input(0).dtype;
        s.w = n.constant(3);
        s.w_zero = constant_zero_points(n, 5);
        if (n.constant(8)) s.bias = n.constant(8)->values<int32_t>();
        const float x_scale = n.constant(1)->scalar_value<float>(), y_scale = n.constant(6)->scalar_value<float>();
        s.scale = n.constant(4)->values<float>();
        for (float& f : s.scale) f = x_scale * f / y_scale;
        const DType type = n.output().dtype;
        const int32_t zero = n.constant(7)->scalar_value<int32_t>();
        const QuantRange range = clamp_range(n.attributes<Conv::Attributes>().fused(), type, y_scale, zero);
        s.store = int8_store(type, zero, range.low, range.high);
        return s;
    }
    static bool applicable(const NodeInfo& n) {
        for (size_t i : {1, 2, 6, 7})
            if (!constant_scalar(n, i)) return false;
        if (!n.constant(3) || !n.constant(4) || !n.input(0).shape_known() || (n.has_input(5) && !n.constant(5)) || (n.has_input(8) && !n.constant(8)))
            return false;
        return Int8ConvPlan::in_range(shape(n), spec(n));
    }
    static double cost(const NodeInfo& n) { return Int8ConvPlan::cost(*n.bricks, shape(n), spec(n)); }
    struct State {
        Int8ConvPlan plan;
        int32_t x_zero;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        for (size_t i = 1; i < 9; ++i)
            if (n.has_input(i)) c.drop(i);
        return {Int8ConvPlan(n, c, shape(n), spec(n)), n.constant(2)->scalar_value<int32_t>()};
    }
    static void run(const State& s, const RunContext& c) noexcept { s.plan.run(c, c.input(0).as<const uint8_t>(), s.x_zero, c.output(0).data); }
};
}  // namespace detail

template <> struct Kernel<QLinearConv, NHWC, uint8_t> : detail::QLinearConvNhwc {};
template <> struct Kernel<QLinearConv, NHWC, int8_t> : detail::QLinearConvNhwc {};

LITE_NAMESPACE_END
#endif
