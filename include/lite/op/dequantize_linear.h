// DequantizeLinear: y = (x - zero point) * scale, per tensor, per axis or in blocks.
#ifndef LITE_OP_DEQUANTIZE_LINEAR_H_
#define LITE_OP_DEQUANTIZE_LINEAR_H_
#include "lite/op/quantize_linear.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// The type of y is attribute output_dtype, or that of the scale. x may be i32, too (biases).
struct DequantizeLinear {
    static constexpr std::string_view name = "DequantizeLinear";
    static constexpr Spelling spellings[] = {{"onnx", "", "DequantizeLinear"}, {"onnx", "com.microsoft", "DequantizeLinear"}};
    using Attributes = QuantizeLinear::Attributes;
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(is_quantized(x.dtype) || x.dtype == DType::i32 || is_small_int(x.dtype) || is_small_float(x.dtype), "the input is ", x.dtype,
                     ", a quantized type or i32 was expected");
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
        for (int64_t i = 0; i < x.count(); ++i) {
            const float d = is_small_float(x.dtype) ? static_cast<float>(small_to_double(x.dtype, x.as<const uint8_t>()[i]))
                                                    : static_cast<float>(int64_t{load_quantized(x, i)} - pick(zero, axis(i)));
            const float v = d * scale[axis(i)];
            if (y.dtype == DType::f32) {
                y.as<float>()[i] = v;
            } else {
                const double wide = static_cast<double>(v);
                store_wide(y, i, 1, 1, &wide);
            }
        }
    }
};

namespace detail {
struct DequantizeFlat {
    static constexpr std::string_view name = "dequantize_linear/flat";
    using State = NoState;
    static bool applicable(const NodeInfo& n) {
        return n.output().dtype == DType::f32 && is_scalar_f32(n, 1) && is_scalar_zero(n, 2, n.input(0).dtype) &&
               n.attributes<DequantizeLinear::Attributes>().block_size == 0;
    }
    static double cost(const NodeInfo& n) { return 200 + static_cast<double>(n.input(0).shape.count()) / n.bricks->lanes * 0.6; }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        const float scale = scalar_f32(c, 1);
        const DType t = c.input(0).dtype;
        const int32_t zero = scalar_zero(c, 2) + byte_shift(t);
        const uint8_t* x = c.input(0).as<const uint8_t>();
        float* y = c.output(0).as<float>();
        c.pool->parallel_for(c.input(0).bytes(), 8192,
                             [&](size_t begin, size_t end, int) { c.bricks->int8.dequantize(x + begin, end - begin, scale, zero, byte_flip(t), y + begin); });
        zero_pad_lanes(c.output(0), *c.pool);
    }
};
// Of 16 bits, by a plain loop.
struct DequantizeFlat16 {
    static constexpr std::string_view name = "dequantize_linear/16";
    using State = NoState;
    static bool applicable(const NodeInfo& n) { return (n.input(0).dtype == DType::u16 || n.input(0).dtype == DType::i16) && DequantizeFlat::applicable(n); }
    static double cost(const NodeInfo& n) { return 200 + static_cast<double>(n.input(0).shape.count()) * 0.4; }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        const float scale = scalar_f32(c, 1);
        const int32_t zero = scalar_zero(c, 2);
        float* y = c.output(0).as<float>();
        const auto each = [&](const auto* x) {
            c.pool->parallel_for(static_cast<size_t>(c.output(0).count()), 8192, [=](size_t begin, size_t end, int) {
                constexpr size_t kPiece = 256;
                const auto* __restrict from = x + begin;
                float* __restrict to = y + begin;
                size_t n = end - begin;
                for (; n >= kPiece; n -= kPiece, from += kPiece, to += kPiece)  // a number of steps that the compiler knows: it takes vectors
                    for (size_t i = 0; i < kPiece; ++i) to[i] = static_cast<float>(from[i] - zero) * scale;
                for (size_t i = 0; i < n; ++i) to[i] = static_cast<float>(from[i] - zero) * scale;
            });
        };
        if (c.input(0).dtype == DType::u16) each(c.input(0).as<const uint16_t>());
        else each(c.input(0).as<const int16_t>());
    }
};
}  // namespace detail

template <> struct Kernel<DequantizeLinear, NCHW, void> : detail::DequantizeFlat16 {};
template <> struct Kernel<DequantizeLinear, NHWC, void> : detail::DequantizeFlat16 {};
template <> struct Kernel<DequantizeLinear, NCHW, uint8_t> : detail::DequantizeFlat {};
template <> struct Kernel<DequantizeLinear, NHWC, uint8_t> : detail::DequantizeFlat {};
template <> struct Kernel<DequantizeLinear, NCHW, int8_t> : detail::DequantizeFlat {};
template <> struct Kernel<DequantizeLinear, NHWC, int8_t> : detail::DequantizeFlat {};
template <PackedInt8Layout L> struct Kernel<DequantizeLinear, L, uint8_t> : detail::DequantizeFlat {};
template <PackedInt8Layout L> struct Kernel<DequantizeLinear, L, int8_t> : detail::DequantizeFlat {};

LITE_NAMESPACE_END
#endif
