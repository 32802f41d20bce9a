// QuantizeLinear: y = saturate(round(x / scale) + zero point), per tensor, per axis or in blocks.
#ifndef LITE_OP_QUANTIZE_LINEAR_H_
#define LITE_OP_QUANTIZE_LINEAR_H_
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

// Which scale belongs to an element of a dense tensor: of one scale, one per index of `axis`, or one per block along `axis`.
struct QuantAxis {
    int64_t inner = 1, extent = 1, block = 0, blocks = 1;
    bool per_tensor = true;

    QuantAxis(const Shape& x, const Shape& scale, int64_t axis, int64_t block_size, const std::string& where) {
        if (scale.count() == 1 && scale.rank() <= 1 && block_size == 0) return;
        per_tensor = false;
        const size_t a = normalize_axis(axis, x.rank(), where);
        extent = x[a];
        inner = x.count(a + 1, x.rank());
        if (scale.rank() <= 1) {
            check(scale.count() == extent, where, ": scale has shape ", scale, ", axis ", axis, " of the tensor ", x, " has ", extent, " indices");
            return;
        }
        Shape expected = x;
        check(scale.rank() == x.rank() && scale[a] > 0, where, ": scale has shape ", scale, ", the tensor ", x);
        blocks = scale[a];
        block = block_size > 0 ? block_size : (extent + blocks - 1) / blocks;
        expected[a] = (extent + block - 1) / block;
        check(scale == expected, where, ": scale has shape ", scale, ", blocks of ", block, " along axis ", axis, " of ", x, " need ", expected);
    }
    size_t operator()(int64_t i) const {
        if (per_tensor) return 0;
        const int64_t a = i / inner % extent;
        if (!block) return static_cast<size_t>(a);
        return static_cast<size_t>((i / inner / extent * blocks + a / block) * inner + i % inner);
    }
};

// The type of y is that of the zero point, or of attribute output_dtype, or u8. com.microsoft's form is the same.
struct QuantizeLinear {
    static constexpr std::string_view name = "QuantizeLinear";
    static constexpr Spelling spellings[] = {{"onnx", "", "QuantizeLinear"}, {"onnx", "com.microsoft", "QuantizeLinear"}};
    struct Attributes {
        int64_t axis = 1, block_size = 0, output_dtype = 0;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("block_size", block_size);
            v("output_dtype", output_dtype);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype) || x.dtype == DType::i32, "the input is ", x.dtype, ", a float or i32 tensor was expected");
        c.check_that(is_float(c.input(1).dtype), "the scale is ", c.input(1).dtype, ", a float tensor was expected");
        DType t = c.has_input(2) ? c.input(2).dtype : dtype_of_onnx_code(a.output_dtype);
        if (t == DType::none) t = DType::u8;
        c.check_that(is_quantized(t), "the output would be ", t, ", u8, i8, u16 or i16 was expected");
        if (c.has_input(2) && c.input(2).shape_known() && c.input(1).shape_known())
            c.check_that(c.shape(2).count() == c.shape(1).count(), "zero points ", c.shape(2), " and scales ", c.shape(1), " differ in shape");
        if (x.shape_known() && c.input(1).shape_known()) QuantAxis(x.shape, c.shape(1), a.axis, a.block_size, c.where());
        if (x.has_shape) c.output(0, t, x.shape);
        else c.output_unknown(0, t);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        DType t = c.has_input(2) ? c.input(2).dtype : dtype_of_onnx_code(a.output_dtype);
        const TensorView y = c.output(0, t == DType::none ? DType::u8 : t, x.shape);
        const QuantAxis axis(x.shape, c.input(1).shape, a.axis, a.block_size, c.where());
        const auto scale = scales(c, 1), in = x.values<float>();
        const auto zero = zero_points(c, 2);
        const QuantRange range = quant_range(y.dtype);
        for (int64_t i = 0; i < x.count(); ++i)
            store_quantized(y, i, quantize_value(in[static_cast<size_t>(i)] / scale[axis(i)], pick(zero, axis(i)), range));
    }
};

LITE_NAMESPACE_END
#endif
