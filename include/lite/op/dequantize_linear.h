// DequantizeLinear: y = (x - zero point) * scale, per tensor, per axis or in blocks.
#ifndef LITE_OP_DEQUANTIZE_LINEAR_H_
#define LITE_OP_DEQUANTIZE_LINEAR_H_
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

// The type of y is attribute output_dtype, or that of the scale. x may be i32, too (biases).
struct DequantizeLinear {
    static constexpr std::string_view name = "DequantizeLinear";
    static constexpr Spelling spellings[] = {{"onnx", "", "DequantizeLinear"}, {"onnx", "com.microsoft", "DequantizeLinear"}};
    using Attributes = QuantizeLinear::Attributes;
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(is_quantized(x.dtype) || x.dtype == DType::i32, "the input is ", x.dtype, ", u8, i8, u16, i16 or i32 was expected");
        DType t = dtype_of_onnx_code(a.output_dtype);
        if (t == DType::none) t = c.input(1).dtype;
        c.check_that(is_float(t), "the output would be ", t, ", a float type was expected");
        if (c.has_input(2)) c.check_that(c.input(2).dtype == x.dtype, "the zero point is ", c.input(2).dtype, ", the input ", x.dtype);
        if (x.shape_known() && c.input(1).shape_known()) QuantAxis(x.shape, c.shape(1), a.axis, a.block_size, c.where());
        if (x.has_shape) c.output(0, t, x.shape);
        else c.output_unknown(0, t);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const DType t = dtype_of_onnx_code(a.output_dtype);
        const TensorView y = c.output(0, t == DType::none ? c.input(1).dtype : t, x.shape);
        const QuantAxis axis(x.shape, c.input(1).shape, a.axis, a.block_size, c.where());
        const auto scale = scales(c, 1);
        const auto zero = zero_points(c, 2);
        visit_dtype(y.dtype, [&](auto tag) {
            using T = decltype(tag);
            for (int64_t i = 0; i < x.count(); ++i) {
                const int64_t d = int64_t{load_quantized(x, i)} - pick(zero, axis(i));
                const float v = static_cast<float>(d) * scale[axis(i)];
                y.as<T>()[i] = static_cast<T>(v);
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
