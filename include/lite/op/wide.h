// Elements of any dtype widened to double, int64_t or uint64_t and narrowed back: references compute in three types, not in thirteen.
#ifndef LITE_OP_WIDE_H_
#define LITE_OP_WIDE_H_
#include <cmath>
#include <limits>

#include "lite/layout/tensor_view.h"

LITE_NAMESPACE_BEGIN

// A number in another element type: integers wrap, NaN becomes 0 in integers, floats beyond the range of an integer saturate.
template <class To, class From>
inline To convert_element(From v) {
    constexpr auto is_small_float = []<class T>(T) { return std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>; };
    if constexpr (std::is_same_v<To, From>) return v;
    else if constexpr (is_small_float(From())) return convert_element<To>(static_cast<float>(v));
    else if constexpr (is_small_float(To())) return To(static_cast<float>(v));
    else if constexpr (std::is_same_v<To, bool>) return v != From(0);
    else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        // The bounds as floats: the upper one is 2^k, just outside.
        constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
        constexpr From high = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
        return v != v ? To(0) : v < low ? std::numeric_limits<To>::min() : v >= high ? std::numeric_limits<To>::max() : static_cast<To>(v);
    } else return static_cast<To>(v);
}

// Calls f with a value of the type in which tensors of that dtype are computed.
template <class F>
decltype(auto) visit_wide(DType t, F&& f) {
    if (is_float(t)) return f(double());
    if (t == DType::u64) return f(uint64_t());
    return f(int64_t());
}

// out[i] = element offset + i * step of the dense tensor.
template <class W>
void load_wide(const TensorView& v, int64_t offset, int64_t step, size_t n, W* out) {
    visit_dtype(v.dtype, [&](auto tag) {
        using T = decltype(tag);
        const T* p = v.as<const T>() + offset;
        for (size_t i = 0; i < n; ++i) out[i] = convert_element<W>(p[static_cast<int64_t>(i) * step]);
    });
}
// Element offset + i * step = in[i].
template <class W>
void store_wide(const TensorView& v, int64_t offset, int64_t step, size_t n, const W* in) {
    visit_dtype(v.dtype, [&](auto tag) {
        using T = decltype(tag);
        T* p = v.as<T>() + offset;
        for (size_t i = 0; i < n; ++i) p[static_cast<int64_t>(i) * step] = convert_element<T>(in[i]);
    });
}

LITE_NAMESPACE_END
#endif
