// QLinearConv: convolution of 8-bit tensors whose sums are scaled back to 8 bits.
#ifndef LITE_OP_QLINEAR_CONV_H_
#define LITE_OP_QLINEAR_CONV_H_
#include "lite/op/conv_integer.h"

LITE_NAMESPACE_BEGIN

// y = saturate(round((conv(x - x_zp, w - w_zp) + bias) * (x_scale * w_scale / y_scale)) + y_zp); bias is i32, of scale x_scale * w_scale.
// Inputs: x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias (optional); parameters of w may be one
// per output channel.
struct QLinearConv {
    static constexpr std::string_view name = "QLinearConv";
    static constexpr Spelling spellings[] = {{"onnx", "", "QLinearConv"}, {"onnx", "com.microsoft", "QLinearConv"}};
    using Attributes = Conv::Attributes;
    static void infer(InferContext& c) {
        c.check_that(!c.node().attributes.get<int64_t>("channels_last", 0), "channels_last = 1 is not supported");
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
        const auto m = static_cast<size_t>(w.shape[0]), out = static_cast<size_t>(s.out_pixels());
        for (size_t i = 0; i < sums.size(); ++i) {
            const size_t o = i / out % m;
            const float scale = x_scale * pick(w_scale, o) / y_scale;
            store_quantized(y, static_cast<int64_t>(i),
                            quantize_value(static_cast<float>(wrap_add(sums[i], pick(bias, o))) * scale, zero, quant_range(y.dtype)));
        }
    }
};

LITE_NAMESPACE_END
#endif
