// ConvInteger: convolution of 8-bit tensors with 32-bit sums.
#ifndef LITE_OP_CONV_INTEGER_H_
#define LITE_OP_CONV_INTEGER_H_
#include "lite/op/int8_conv.h"
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

// [N, K, out...] of a convolution of an image of the rank of x.
inline Shape integer_conv_output(const ConvShape& s, const Shape& x) {
    Shape y{s.n, s.k};
    for (size_t i = 2; i < x.rank(); ++i) y.push_back(s.axis[i + 3 - x.rank()].out);
    return y;
}
// Infers the output of a convolution of inputs x and w; no shape when either is unknown.
inline void infer_integer_conv(InferContext& c, size_t x, size_t w, DType type) {
    check_8bit(c, x, "the image");
    check_8bit(c, w, "the weights");
    if (!c.input(x).has_shape || !c.input(w).shape_known()) {
        c.output_unknown(0, type, c.input(x).has_shape ? static_cast<int>(c.shape(x).rank()) : -1);
        return;
    }
    const ConvShape s = ConvShape::of(c.attributes<Conv::Attributes>(), c.shape(x), c.shape(w), c.where());
    c.output(0, type, integer_conv_output(s, c.shape(x)));
}
// The sums [N, M, out...] of (x - x_zero) * (w - w_zero); padding counts as x_zero. w_zero: one, or one per output channel.
inline std::vector<int32_t> integer_conv_sums(const TensorView& x, const TensorView& w, int32_t x_zero, const std::vector<int32_t>& w_zero,
                                              const ConvShape& s) {
    const auto n = static_cast<size_t>(s.n), m = static_cast<size_t>(s.k), groups = static_cast<size_t>(s.group);
    const auto channels = static_cast<size_t>(w.shape[1]), in = static_cast<size_t>(s.in_pixels());
    const auto out = static_cast<size_t>(s.out_pixels()), taps = static_cast<size_t>(s.taps());
    const auto offsets = tap_offsets(s);
    std::vector<int32_t> sums(n * m * out);
    for (size_t b = 0; b < n; ++b)
        for (size_t o = 0; o < m; ++o)
            for (size_t i = 0; i < channels; ++i) {
                const size_t x_at = (b * channels * groups + o / (m / groups) * channels + i) * in, w_at = (o * channels + i) * taps;
                int32_t* sum = sums.data() + (b * m + o) * out;
                for (size_t p = 0; p < out; ++p)
                    for (size_t t = 0; t < taps; ++t)
                        if (const int64_t at = offsets[p * taps + t]; at >= 0)
                            sum[p] = wrap_add(sum[p], (load_quantized(x, static_cast<int64_t>(x_at) + at) - x_zero) *
                                                              (load_quantized(w, static_cast<int64_t>(w_at + t)) - pick(w_zero, o)));
            }
    return sums;
}

// y = conv(x - x_zero_point, w - w_zero_point), i32. w_zero_point is a scalar or has one element per output channel.
struct ConvInteger {
    static constexpr std::string_view name = "ConvInteger";
    static constexpr Spelling spellings[] = {{"onnx", "", "ConvInteger"}};
    using Attributes = Conv::Attributes;
    static void infer(InferContext& c) {
        infer_integer_conv(c, 0, 1, DType::i32);
        check_scalar(c, 2, "x_zero_point");
        if (c.has_input(3) && c.input(3).shape_known() && c.input(1).shape_known())
            c.check_that(c.shape(3).count() == 1 || c.shape(3).count() == c.shape(1)[0], "w_zero_point has shape ", c.shape(3), " for ",
                         c.shape(1)[0], " output channels");
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &w = c.input(1);
        const ConvShape s = ConvShape::of(c.attributes<Attributes>(), x.shape, w.shape, c.where());
        const TensorView y = c.output(0, DType::i32, integer_conv_output(s, x.shape));
        const auto sums = integer_conv_sums(x, w, zero_points(c, 2)[0], zero_points(c, 3), s);
        if (!sums.empty()) std::memcpy(y.data, sums.data(), y.bytes());
    }
};

namespace detail {
// The sums of an integer convolution whose weights are constant, with their zero points at input `zero`. The zero point of x may
// come from a run (DynamicQuantizeLinear).
inline bool integer_conv_applicable(const NodeInfo& n, size_t zero) {
    return n.constant(1) && n.input(0).shape_known() && (!n.has_input(zero) || n.constant(zero));
}
inline Int8ConvSpec integer_conv_spec(const NodeInfo& n, size_t zero) {
    Int8ConvSpec s;
    s.x_type = n.input(0).dtype;
    s.w = n.constant(1);
    s.w_zero = constant_zero_points(n, zero);
    return s;
}
inline double integer_conv_cost(const NodeInfo& n, size_t zero) { return Int8ConvPlan::cost(*n.bricks, ConvShape::of(n), integer_conv_spec(n, zero)); }
inline Int8ConvPlan integer_conv_plan(const NodeInfo& n, PrepareContext& c, size_t zero) {
    c.drop(1);
    if (n.has_input(zero)) c.drop(zero);
    return Int8ConvPlan(n, c, ConvShape::of(n), integer_conv_spec(n, zero));
}
struct ConvIntegerNhwc {
    static constexpr std::string_view name = "conv_integer/nhwc";
    static bool applicable(const NodeInfo& n) { return integer_conv_applicable(n, 3) && !n.attributes<Conv::Attributes>().residual; }
    static double cost(const NodeInfo& n) { return integer_conv_cost(n, 3); }
    using State = Int8ConvPlan;
    static State prepare(const NodeInfo& n, PrepareContext& c) { return integer_conv_plan(n, c, 3); }
    static void run(const State& s, const RunContext& c) noexcept {
        s.run(c, c.input(0).as<const uint8_t>(), scalar_zero(c, 2), c.output(0).data);
    }
};
}  // namespace detail

template <> struct Kernel<ConvInteger, NHWC, uint8_t> : detail::ConvIntegerNhwc {};
template <> struct Kernel<ConvInteger, NHWC, int8_t> : detail::ConvIntegerNhwc {};

LITE_NAMESPACE_END
#endif
