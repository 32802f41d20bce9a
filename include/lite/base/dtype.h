// Element types of tensors inside a graph, and the two 16-bit floats as storage types.
#ifndef LITE_BASE_DTYPE_H_
#define LITE_BASE_DTYPE_H_
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

// Behind boolean: numbers of at most eight bits, one in a byte each, which are only stored and converted (base/small_number.h), and
// handles of values that are no numbers (base/objects.h).
enum class DType : uint8_t {
    none, f32, f16, bf16, f64, i8, u8, i16, u16, i32, u32, i64, u64, boolean,
    f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz, f8e8m0, f4e2m1, i4, u4, i2, u2,
    string, sequence, optional, map
};

// IEEE 754 binary16 and bfloat16: storage only, arithmetic goes through float.
struct Half {
    uint16_t bits = 0;
    Half() = default;
    explicit Half(float f) {
        const uint32_t x = std::bit_cast<uint32_t>(f), sign = (x >> 16) & 0x8000u, mag = x & 0x7fffffffu;
        if (mag >= 0x47800000u) {  // too large, infinity or NaN
            bits = static_cast<uint16_t>(sign | (mag > 0x7f800000u ? 0x7e00u : 0x7c00u));
        } else if (mag < 0x38800000u) {  // subnormal in binary16: let a float addition round
            const float r = std::bit_cast<float>(mag) + 0.5f;
            bits = static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(r) - 0x3f000000u));
        } else {
            const uint32_t odd = (mag >> 13) & 1u;
            bits = static_cast<uint16_t>(sign | ((mag - 0x38000000u + 0xfffu + odd) >> 13));
        }
    }
    explicit operator float() const {
        const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16, mag = bits & 0x7fffu;
        if (mag >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((mag & 0x3ffu) << 13));
        if (mag < 0x400u) {
            const float f = static_cast<float>(mag) * 0x1p-24f;
            return sign ? -f : f;
        }
        return std::bit_cast<float>(sign | ((mag << 13) + 0x38000000u));
    }
};
struct BFloat16 {
    uint16_t bits = 0;
    BFloat16() = default;
    explicit BFloat16(float f) {
        const uint32_t x = std::bit_cast<uint32_t>(f);
        bits = (x & 0x7fffffffu) > 0x7f800000u ? static_cast<uint16_t>((x >> 16) | 0x40u)
                                               : static_cast<uint16_t>((x + 0x7fffu + ((x >> 16) & 1u)) >> 16);
    }
    explicit operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// Bytes of one element.
constexpr size_t size_of(DType t) {
    switch (t) {
        case DType::f64: case DType::i64: case DType::u64: return 8;
        case DType::f32: case DType::i32: case DType::u32: return 4;
        case DType::f16: case DType::bf16: case DType::i16: case DType::u16: return 2;
        case DType::none: return 0;
        case DType::string: return 16;
        case DType::sequence: case DType::optional: case DType::map: return 8;
        default: return 1;
    }
}
constexpr std::string_view name_of(DType t) {
    constexpr std::string_view names[] = {"none", "f32", "f16", "bf16", "f64", "i8",  "u8",
                                          "i16",  "u16", "i32", "u32",  "i64", "u64", "bool",
                                          "f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f8e8m0", "f4e2m1", "i4", "u4", "i2", "u2",
                                          "string", "sequence", "optional", "map"};
    return names[static_cast<size_t>(t)];
}
inline void append(std::string& s, DType t) { s += name_of(t); }
constexpr bool is_float(DType t) { return t == DType::f32 || t == DType::f16 || t == DType::bf16 || t == DType::f64; }
constexpr bool is_small_float(DType t) { return t >= DType::f8e4m3fn && t <= DType::f4e2m1; }
constexpr bool is_small_int(DType t) { return t >= DType::i4 && t <= DType::u2; }
constexpr bool is_object(DType t) { return t >= DType::string; }

template <class T> struct dtype_of_t;
template <> struct dtype_of_t<float> { static constexpr DType value = DType::f32; };
template <> struct dtype_of_t<Half> { static constexpr DType value = DType::f16; };
template <> struct dtype_of_t<BFloat16> { static constexpr DType value = DType::bf16; };
template <> struct dtype_of_t<double> { static constexpr DType value = DType::f64; };
template <> struct dtype_of_t<int8_t> { static constexpr DType value = DType::i8; };
template <> struct dtype_of_t<uint8_t> { static constexpr DType value = DType::u8; };
template <> struct dtype_of_t<int16_t> { static constexpr DType value = DType::i16; };
template <> struct dtype_of_t<uint16_t> { static constexpr DType value = DType::u16; };
template <> struct dtype_of_t<int32_t> { static constexpr DType value = DType::i32; };
template <> struct dtype_of_t<uint32_t> { static constexpr DType value = DType::u32; };
template <> struct dtype_of_t<int64_t> { static constexpr DType value = DType::i64; };
template <> struct dtype_of_t<uint64_t> { static constexpr DType value = DType::u64; };
template <> struct dtype_of_t<bool> { static constexpr DType value = DType::boolean; };
template <class T> inline constexpr DType dtype_of = dtype_of_t<T>::value;

// Calls f with a value of the C++ type that `t` names: visit_dtype(t, [&](auto tag) { using T = decltype(tag); ... }).
template <class F>
decltype(auto) visit_dtype(DType t, F&& f) {
    switch (t) {
        case DType::f32: return f(float());
        case DType::f16: return f(Half());
        case DType::bf16: return f(BFloat16());
        case DType::f64: return f(double());
        case DType::i8: return f(int8_t());
        case DType::u8: return f(uint8_t());
        case DType::i16: return f(int16_t());
        case DType::u16: return f(uint16_t());
        case DType::i32: return f(int32_t());
        case DType::u32: return f(uint32_t());
        case DType::i64: return f(int64_t());
        case DType::u64: return f(uint64_t());
        case DType::boolean: return f(bool());
        case DType::i4: case DType::i2: return f(int8_t());
        case DType::u4: case DType::u2: return f(uint8_t());
        default: break;
    }
    fail("elements of type ", name_of(t), " cannot be computed with here");
}

LITE_NAMESPACE_END
#endif
