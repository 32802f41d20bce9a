// QuantizeLinear: y = saturate(round(x / scale) + zero point), per tensor, per axis or in blocks.
#ifndef LITE_OP_QUANTIZE_LINEAR_H_
#define LITE_OP_QUANTIZE_LINEAR_H_
#include "lite/op/int8_conv.h"

LITE_NAMESPACE_BEGIN

// Which scale belongs to an element of a dense tensor: of one scale, one per index of `axis`, or one per block along `axis`.
struct QuantAxis {
    int64_t inner = 1, extent = 1, block = 0, blocks = 1;
    bool per_tensor = true;

    QuantAxis(const Shape& x, const Shape& scale, int64_t axis, int64_t block_size, const Who& where) {
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
        int64_t axis = 1, block_size = 0, output_dtype = 0, saturate = 1;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("block_size", block_size);
            v("output_dtype", output_dtype);
            v("saturate", saturate);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype) || x.dtype == DType::i32, "the input is ", x.dtype, ", a float or i32 tensor was expected");
        c.check_that(is_float(c.input(1).dtype), "the scale is ", c.input(1).dtype, ", a float tensor was expected");
        DType t = c.has_input(2) ? c.input(2).dtype : dtype_of_onnx_code(a.output_dtype);
        if (t == DType::none) t = DType::u8;
        c.check_that(is_quantized(t) || is_small_int(t) || is_small_float(t), "the output would be ", t, ", an integer of at most 16 bits or a float of at most 8 was expected");
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
        if (is_small_float(y.dtype)) {
            for (int64_t i = 0; i < x.count(); ++i)
                y.as<uint8_t>()[i] = small_from_double(y.dtype, in[static_cast<size_t>(i)] / pick(scale, axis(i)), a.saturate != 0);
            return;
        }
        const auto zero = zero_points(c, 2);
        const QuantRange range = quant_range(y.dtype);
        for (int64_t i = 0; i < x.count(); ++i)
            store_quantized(y, i, quantize_value(in[static_cast<size_t>(i)] / scale[axis(i)], pick(zero, axis(i)), range));
    }
};

namespace detail {
// A scalar of f32 whose value may come from a run.
inline bool is_scalar_f32(const NodeInfo& n, size_t i) { return n.input(i).dtype == DType::f32 && n.input(i).shape_known() && n.input(i).shape.count() == 1; }
inline bool is_scalar_zero(const NodeInfo& n, size_t i, DType t) {
    return !n.has_input(i) || (n.input(i).dtype == t && n.input(i).shape_known() && n.input(i).shape.count() == 1);
}
inline float scalar_f32(const RunContext& c, size_t i) { return *c.input(i).as<const float>(); }
inline int32_t scalar_zero(const RunContext& c, size_t i) { return c.has_input(i) ? load_quantized(c.input(i), 0) : 0; }

struct NoState {};
// Of 16 bits; by plain loops, 8 times as fast as the reference.
inline void quantize16(const MathBricks& m, const float* x, size_t n, float scale, int32_t zero, DType t, uint16_t* y) noexcept {
    constexpr size_t kPiece = 1024;
    alignas(64) float steps[kPiece];
    const float low = static_cast<float>((t == DType::i16 ? -32768 : 0) - zero), high = static_cast<float>((t == DType::i16 ? 32767 : 65535) - zero);
    const auto nearest = [=](float v) {
        v = v > low ? v : low;
        v = v < high ? v : high;
        v = (v + 12582912.f) - 12582912.f;  // 1.5 * 2^23: what is behind the point falls off, to the even one
        return static_cast<uint16_t>(static_cast<int32_t>(v) + zero);
    };
    for (size_t at = 0; at < n; at += kPiece) {
        const size_t count = std::min(kPiece, n - at);
        m.binary(ElemwiseMode::div, x + at, kDense, &scale, kScalar, steps, count);
        uint16_t* __restrict to = y + at;
        if (count == kPiece)  // a number of steps that the compiler knows: it takes vectors
            for (size_t i = 0; i < kPiece; ++i) to[i] = nearest(steps[i]);
        else
            for (size_t i = 0; i < count; ++i) to[i] = nearest(steps[i]);
    }
}
struct QuantizeFlat {
    static constexpr std::string_view name = "quantize_linear/flat";
    using State = NoState;
    static bool applicable(const NodeInfo& n) {
        const DType t = n.output().dtype;
        return (is_quantized8(t) || (is_quantized(t) && pack_of(n.layout()) == 1)) && is_scalar_f32(n, 1) && is_scalar_zero(n, 2, n.output().dtype) && n.attributes<QuantizeLinear::Attributes>().block_size == 0;
    }
    static double cost(const NodeInfo& n) {
        return 200 + static_cast<double>(padded_count(n.layout(), n.output().shape)) * (is_quantized8(n.output().dtype) ? 0.6 / n.bricks->lanes : 0.8);
    }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        const float scale = scalar_f32(c, 1);
        if (const DType t = c.output(0).dtype; !is_quantized8(t)) {
            const int32_t zero = scalar_zero(c, 2);
            c.pool->parallel_for(c.output(0).bytes() / 2, 8192, [&](size_t begin, size_t end, int) {
                quantize16(c.bricks->math, c.input(0).as<const float>() + begin, end - begin, scale, zero, t, c.output(0).as<uint16_t>() + begin);
            });
            return;
        }
        const Int8Store store = int8_store(c.output(0).dtype, scalar_zero(c, 2));
        const float* x = c.input(0).as<const float>();
        uint8_t* y = c.output(0).as<uint8_t>();
        c.pool->parallel_for(c.output(0).bytes(), 8192,
                             [&](size_t begin, size_t end, int) { c.bricks->int8.quantize(x + begin, end - begin, scale, store, y + begin); });
        zero_pad_lanes(c.output(0), *c.pool);
    }
};
}  // namespace detail

template <> struct Kernel<QuantizeLinear, NCHW, float> : detail::QuantizeFlat {};
template <> struct Kernel<QuantizeLinear, NHWC, float> : detail::QuantizeFlat {};
template <PackedInt8Layout L> struct Kernel<QuantizeLinear, L, float> : detail::QuantizeFlat {};

LITE_NAMESPACE_END
#endif
