// ConvInteger: convolution of 8-bit tensors with 32-bit sums.
#ifndef LITE_OP_CONV_INTEGER_H_
#define LITE_OP_CONV_INTEGER_H_
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

struct IntegerConvAttributes {
    int64_t group = 1;
    std::vector<int64_t> kernel_shape, strides, dilations, pads;
    std::string auto_pad = "NOTSET";
    template <class V> void visit(V& v) {
        v("group", group);
        v("kernel_shape", kernel_shape);
        v("strides", strides);
        v("dilations", dilations);
        v("pads", pads);
        v("auto_pad", auto_pad);
    }
    // For an image [N, C, spatial...] and weights [M, C / group, kernel...].
    QuantWindow window(const Shape& x, const Shape& w, const std::string& where) const {
        check(x.rank() >= 3 && w.rank() == x.rank(), where, ": the image has shape ", x, ", the weights ", w, ": equal ranks of 3 or more were expected");
        check(group >= 1 && w[0] % group == 0, where, ": ", w[0], " output channels in ", group, " groups");
        check(x[1] < 0 || x[1] == w[1] * group, where, ": the weights are ", w, ", the image ", x, " has ", x[1], " channels, expected ", w[1],
              " in each of ", group, " groups");
        const std::span<const int64_t> kernel(w.begin() + 2, w.end());
        check(kernel_shape.empty() || std::equal(kernel_shape.begin(), kernel_shape.end(), kernel.begin(), kernel.end()), where, ": kernel_shape ",
              kernel_shape, " does not agree with the weights ", w);
        return quant_window({x.begin() + 2, x.end()}, kernel, strides, dilations, pads, auto_pad, false, where);
    }
};
// Infers the output of a convolution of inputs x and w; no shape when either rank is unknown.
inline void infer_integer_conv(InferContext& c, size_t x, size_t w, DType type) {
    check_8bit(c, x, "the image");
    check_8bit(c, w, "the weights");
    if (!c.input(x).has_shape || !c.input(w).shape_known()) {
        c.output_unknown(0, type, c.input(x).has_shape ? static_cast<int>(c.shape(x).rank()) : -1);
        return;
    }
    const QuantWindow window = c.attributes<IntegerConvAttributes>().window(c.shape(x), c.shape(w), c.where());
    Shape y{c.shape(x)[0], c.shape(w)[0]};
    for (size_t i = 0; i < window.rank; ++i) y.push_back(window.out[i]);
    c.output(0, type, y);
}
// The sums [N, M, out...] of (x - x_zero) * (w - w_zero); padding counts as x_zero. w_zero: one, or one per output channel.
inline std::vector<int32_t> integer_conv_sums(const TensorView& x, const TensorView& w, int32_t x_zero, const std::vector<int32_t>& w_zero,
                                              int64_t group, const QuantWindow& window) {
    const auto n = static_cast<size_t>(x.shape[0]), m = static_cast<size_t>(w.shape[0]), groups = static_cast<size_t>(group);
    const auto channels = static_cast<size_t>(w.shape[1]), in = static_cast<size_t>(window.in_count());
    const auto out = static_cast<size_t>(window.out_count()), taps = static_cast<size_t>(window.taps());
    const auto offsets = tap_offsets(window);
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
    using Attributes = IntegerConvAttributes;
    static void infer(InferContext& c) {
        infer_integer_conv(c, 0, 1, DType::i32);
        check_scalar(c, 2, "x_zero_point");
        if (c.has_input(3) && c.input(3).shape_known() && c.input(1).shape_known())
            c.check_that(c.shape(3).count() == 1 || c.shape(3).count() == c.shape(1)[0], "w_zero_point has shape ", c.shape(3), " for ",
                         c.shape(1)[0], " output channels");
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &w = c.input(1);
        const QuantWindow window = a.window(x.shape, w.shape, c.where());
        Shape shape{x.shape[0], w.shape[0]};
        for (size_t i = 0; i < window.rank; ++i) shape.push_back(window.out[i]);
        const TensorView y = c.output(0, DType::i32, shape);
        const auto sums = integer_conv_sums(x, w, zero_points(c, 2)[0], zero_points(c, 3), a.group, window);
        if (!sums.empty()) std::memcpy(y.data, sums.data(), y.bytes());
    }
};

LITE_NAMESPACE_END
#endif
