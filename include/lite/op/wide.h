// Elements of any dtype widened to double, int64_t or uint64_t and narrowed back: references compute in three types, not in thirteen.
#ifndef LITE_OP_WIDE_H_
#define LITE_OP_WIDE_H_
#include <bit>
#include <cmath>
#include <limits>

#include "lite/base/small_number.h"
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
    if (is_float(t) || is_small_float(t)) return f(double());
    if (t == DType::u64) return f(uint64_t());
    return f(int64_t());
}

// Calls f with a value of the type in which sums of products of that dtype are kept, and one of the type of `values` that go into
// them: floats in double, integers wrap around.
template <class F>
void visit_sums(DType t, F&& f) {
    if (is_float(t)) f(double(), double());
    else f(uint64_t(), int64_t());
}

// out[i] = element offset + i * step of the dense tensor.
template <class W>
void load_wide(const TensorView& v, int64_t offset, int64_t step, size_t n, W* out) {
    if (is_small_float(v.dtype)) {
        for (size_t i = 0; i < n; ++i) out[i] = convert_element<W>(small_to_double(v.dtype, v.as<const uint8_t>()[offset + static_cast<int64_t>(i) * step]));
        return;
    }
    visit_dtype(v.dtype, [&](auto tag) {
        using T = decltype(tag);
        const auto* p = v.as<const std::byte>() + offset * static_cast<int64_t>(sizeof(T));  // maybe of a mapped file, at any address
        for (size_t i = 0; i < n; ++i, p += step * static_cast<int64_t>(sizeof(T))) {
            std::conditional_t<std::is_same_v<T, bool>, uint8_t, T> e;
            std::memcpy(&e, p, sizeof(T));
            if constexpr (std::is_same_v<T, bool>) out[i] = e != 0;
            else out[i] = convert_element<W>(e);
        }
    });
}
// Element offset + i * step = in[i].
template <class W>
void store_wide(const TensorView& v, int64_t offset, int64_t step, size_t n, const W* in) {
    if (is_small_float(v.dtype) || is_small_int(v.dtype)) {
        for (size_t i = 0; i < n; ++i)
            v.as<uint8_t>()[offset + static_cast<int64_t>(i) * step] =
                    is_small_float(v.dtype) ? small_from_double(v.dtype, static_cast<double>(in[i]))
                                            : static_cast<uint8_t>(wrap_small_int(v.dtype, convert_element<int64_t>(in[i])));
        return;
    }
    visit_dtype(v.dtype, [&](auto tag) {
        using T = decltype(tag);
        T* p = v.as<T>() + offset;
        for (size_t i = 0; i < n; ++i) p[static_cast<int64_t>(i) * step] = convert_element<T>(in[i]);
    });
}
// The same elements as numbers that compare as they do, whatever the dtype: equal elements have equal keys, NaN the largest.
inline void load_keys(const TensorView& v, int64_t offset, int64_t step, size_t n, uint64_t* out) {
    constexpr uint64_t sign = uint64_t{1} << 63;
    for (size_t i = 0; i < n; i += 64) {
        const size_t m = std::min<size_t>(64, n - i);
        const int64_t at = offset + static_cast<int64_t>(i) * step;
        if (is_float(v.dtype)) {
            double x[64];
            load_wide(v, at, step, m, x);
            for (size_t k = 0; k < m; ++k) {
                const uint64_t bits = std::bit_cast<uint64_t>(x[k] + 0.0);  // -0 becomes 0
                out[i + k] = x[k] != x[k] ? ~uint64_t{0} : bits & sign ? ~bits : bits | sign;
            }
        } else {
            int64_t x[64];
            load_wide(v, at, step, m, x);
            for (size_t k = 0; k < m; ++k) out[i + k] = static_cast<uint64_t>(x[k]) ^ (v.dtype == DType::u64 ? 0 : sign);
        }
    }
}
// What is sorted: by the key, of equal keys the lower index first.
struct KeyedIndex {
    uint64_t key;
    int64_t index;
    bool operator<(const KeyedIndex& o) const { return key != o.key ? key < o.key : index < o.index; }
};

LITE_NAMESPACE_END
#endif
