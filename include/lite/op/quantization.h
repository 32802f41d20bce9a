// What the quantized operators share: ranges, rounding, and the parameters of a tensor.
#ifndef LITE_OP_QUANTIZATION_H_
#define LITE_OP_QUANTIZATION_H_
#include <algorithm>
#include <cmath>

#include "lite/base/elemwise_mode.h"
#include "lite/op/conv.h"
#include "lite/op/onnx_types.h"

LITE_NAMESPACE_BEGIN

// The values that a quantized dtype can hold.
struct QuantRange {
    int32_t low = 0, high = 255;
};
inline bool is_quantized(DType t) { return t == DType::u8 || t == DType::i8 || t == DType::u16 || t == DType::i16; }
inline bool is_quantized8(DType t) { return t == DType::u8 || t == DType::i8; }
inline QuantRange quant_range(DType t) {
    switch (t) {
        case DType::u8: return {0, 255};
        case DType::i8: return {-128, 127};
        case DType::u16: return {0, 65535};
        case DType::i16: return {-32768, 32767};
        default: break;
    }
    if (is_small_int(t)) return {small_int_range(t).low, small_int_range(t).high};
    fail("a quantized tensor is u8, i8, u16 or i16, not ", t);
}
// round_half_even(clamp(v, low - zero, high - zero)) + zero: the order of clamp and rounding is that of the SIMD bricks and
// of ONNX Runtime. NaN gives `low`.
inline int32_t quantize_value(float v, int32_t zero, QuantRange r) {
    const float low = static_cast<float>(r.low - zero), high = static_cast<float>(r.high - zero);
    v = v > low ? v : low;
    v = v < high ? v : high;
    return static_cast<int32_t>(std::nearbyint(v)) + zero;
}
// The range of results that a fused clamp leaves: quantizing is monotonous, so the bounds may be quantized instead of the values.
inline QuantRange clamp_range(const Activation& a, DType t, float scale, int32_t zero) {
    const QuantRange r = quant_range(t);
    float low, high;
    if (!as_clamp(a, low, high)) return r;
    return {quantize_value(low / scale, zero, r), quantize_value(high / scale, zero, r)};
}
// The dtype that an ONNX attribute such as output_dtype names; `none` for 0.
inline DType dtype_of_onnx_code(int64_t code) {
    const DType t = detail::dtype_of_onnx(code);
    if (t == DType::none && code != 0) fail("element type ", code, " of ONNX is not supported here");
    return t;
}
// Element i of a dense quantized tensor (or i32) as an integer.
inline int32_t load_quantized(const TensorView& t, int64_t i) {
    switch (t.dtype) {
        case DType::u8: case DType::u4: case DType::u2: return t.as<const uint8_t>()[i];
        case DType::i8: case DType::i4: case DType::i2: return t.as<const int8_t>()[i];
        case DType::u16: return t.as<const uint16_t>()[i];
        case DType::i16: return t.as<const int16_t>()[i];
        case DType::i32: return t.as<const int32_t>()[i];
        default: return 0;
    }
}
inline void store_quantized(const TensorView& t, int64_t i, int32_t v) {
    switch (t.dtype) {
        case DType::u8: case DType::u4: case DType::u2: t.as<uint8_t>()[i] = static_cast<uint8_t>(v); break;
        case DType::i8: case DType::i4: case DType::i2: t.as<int8_t>()[i] = static_cast<int8_t>(v); break;
        case DType::u16: t.as<uint16_t>()[i] = static_cast<uint16_t>(v); break;
        case DType::i16: t.as<int16_t>()[i] = static_cast<int16_t>(v); break;
        case DType::i32: t.as<int32_t>()[i] = v; break;
        default: break;
    }
}
// 32-bit sums wrap around, as ONNX allows.
inline int32_t wrap_add(int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b)); }
// A small integer or float parameter that may be absent.
inline std::vector<int32_t> zero_points(const RunContext& c, size_t i) {
    return c.has_input(i) ? c.input(i).values<int32_t>() : std::vector<int32_t>{0};
}
inline std::vector<float> scales(const RunContext& c, size_t i) { return c.input(i).values<float>(); }
// The only element, or element i.
template <class T> T pick(const std::vector<T>& v, size_t i) { return v.size() == 1 ? v[0] : v[i]; }

// The same of a node whose parameters are constants.
inline std::vector<int32_t> constant_zero_points(const NodeInfo& n, size_t i) {
    return n.constant(i) ? n.constant(i)->values<int32_t>() : std::vector<int32_t>{0};
}
inline bool constant_scalar(const NodeInfo& n, size_t i) { return n.constant(i) && n.constant(i)->count() == 1; }

inline void check_scalar(const InferContext& c, size_t i, std::string_view what) {
    if (c.has_input(i) && c.input(i).shape_known())
        c.check_that(c.shape(i).count() == 1, what, " has shape ", c.shape(i), ", a scalar was expected");
}
inline void check_8bit(const InferContext& c, size_t i, std::string_view what) {
    c.check_that(is_quantized8(c.input(i).dtype), what, " is ", c.input(i).dtype, ", u8 or i8 was expected");
}

// For every output position the input offsets of its taps, -1 in the padding: the heart of the references.
inline std::vector<int64_t> tap_offsets(const ConvShape& s) {
    const int64_t outs = s.out_pixels(), taps = s.taps();
    std::vector<int64_t> offsets(static_cast<size_t>(outs * taps));
    for (int64_t i = 0; i < outs; ++i)
        for (int64_t t = 0; t < taps; ++t) {
            int64_t at[3], o = i, k = t, offset = 0;
            for (size_t a = 3; a-- > 0;) {
                const WindowAxis& w = s.axis[a];
                at[a] = o % w.out * w.stride - w.pad + k % w.window * w.dilation;
                o /= w.out;
                k /= w.window;
            }
            for (size_t a = 0; a < 3 && offset >= 0; ++a) offset = at[a] < 0 || at[a] >= s.axis[a].in ? -1 : offset * s.axis[a].in + at[a];
            offsets[static_cast<size_t>(i * taps + t)] = offset;
        }
    return offsets;
}

LITE_NAMESPACE_END
#endif
