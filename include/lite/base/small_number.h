// Numbers of at most eight bits: what a byte of one of the small floats means, and the nearest byte to a number.
#ifndef LITE_BASE_SMALL_NUMBER_H_
#define LITE_BASE_SMALL_NUMBER_H_
#include <cmath>
#include <limits>

#include "lite/base/dtype.h"

LITE_NAMESPACE_BEGIN

// Sign, exponent and mantissa of a small float. Its largest codes stand for infinity and NaN in f8e5m2, for NaN in f8e4m3fn and
// f8e8m0; the fnuz kinds have one NaN, in the place of -0; f4e2m1 has
// none and makes -0 of it.
struct SmallFloat {
    int mantissa, bias;
    uint8_t sign, largest;  // the bit of the sign; the code of the largest finite number
    bool unsigned_zero;
};
constexpr SmallFloat small_float(DType t) {
    switch (t) {
        case DType::f8e4m3fn: return {3, 7, 0x80, 0x7e, false};
        case DType::f8e4m3fnuz: return {3, 8, 0x80, 0x7f, true};
        case DType::f8e5m2: return {2, 15, 0x80, 0x7b, false};
        case DType::f8e5m2fnuz: return {2, 16, 0x80, 0x7f, true};
        case DType::f8e8m0: return {0, 127, 0, 0xfe, false};
        default: return {1, 1, 0x8, 0x7, false};
    }
}
inline double small_to_double(DType t, uint8_t code) {
    const SmallFloat f = small_float(t);
    if (f.sign == 0) return code == 0xff ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1.0, code - f.bias);
    const int magnitude = code & (f.sign - 1);
    const bool negative = code & f.sign;
    double v;
    if ((f.unsigned_zero && code == 0x80) || (t == DType::f8e5m2 && magnitude > 0x7c)) v = std::numeric_limits<double>::quiet_NaN();
    else if (magnitude > f.largest) v = t == DType::f8e5m2 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    else if (const int e = magnitude >> f.mantissa; e == 0) v = std::ldexp(magnitude, 1 - f.bias - f.mantissa);
    else v = std::ldexp((magnitude & ((1 << f.mantissa) - 1)) + (1 << f.mantissa), e - f.bias - f.mantissa);
    return negative ? -v : v;
}
// Rounded to the nearest, of two as near to the even one; with `up` or `down` (of f8e8m0) to that side. What is too large becomes
// the largest number if `saturate`, else infinity or NaN, whichever the type has.
enum class SmallRound { nearest, up, down };
inline uint8_t small_from_double(DType t, double v, bool saturate = true, SmallRound round = SmallRound::nearest) {
    const SmallFloat f = small_float(t);
    const uint8_t nan = f.unsigned_zero ? 0x80 : t == DType::f8e8m0 ? 0xff : t == DType::f4e2m1 ? f.sign : 0x7f;
    const uint8_t sign = std::signbit(v) ? f.sign : 0;
    if (v != v) return f.unsigned_zero || t == DType::f8e8m0 || t == DType::f4e2m1 ? nan : static_cast<uint8_t>(sign | nan);
    const double a = std::abs(v);
    int low = 0, high = f.largest;  // the codes whose numbers lie around `a`
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (small_to_double(t, static_cast<uint8_t>(middle)) <= a) low = middle;
        else high = middle - 1;
    }
    const double below = small_to_double(t, static_cast<uint8_t>(low));
    // Behind the largest number the scale goes on, for rounding.
    const double step = low < f.largest ? small_to_double(t, static_cast<uint8_t>(low + 1)) - below
                        : f.sign ? below - small_to_double(t, static_cast<uint8_t>(low - 1)) : below;
    const double over = (a - below) / step;
    // Half between two powers of two belongs to the upper one: f8e8m0 has no even ones.
    const bool next = round == SmallRound::up ? over > 0 : round == SmallRound::down ? false : t == DType::f8e8m0 ? over >= 0.5 : over > 0.5 || (over == 0.5 && (low & 1));
    int code = low + (next && a >= below);
    if (code > f.largest || a > 1e300) {
        if (saturate || t == DType::f4e2m1) code = f.largest;
        else return t == DType::f8e5m2 ? static_cast<uint8_t>(sign | 0x7c) : f.unsigned_zero || t == DType::f8e8m0 ? nan : static_cast<uint8_t>(sign | nan);
    }
    return code == 0 && f.unsigned_zero ? 0 : static_cast<uint8_t>(sign | code);
}

// The range of a small integer, and a number wrapped around into it.
struct SmallIntRange {
    int low, high;
};
constexpr SmallIntRange small_int_range(DType t) {
    const int bits = t == DType::i4 || t == DType::u4 ? 4 : 2;
    return t == DType::i4 || t == DType::i2 ? SmallIntRange{-(1 << (bits - 1)), (1 << (bits - 1)) - 1} : SmallIntRange{0, (1 << bits) - 1};
}
constexpr int8_t wrap_small_int(DType t, int64_t v) {
    const SmallIntRange r = small_int_range(t);
    const int span = r.high - r.low + 1, low_bits = static_cast<int>(v & (span - 1));
    return static_cast<int8_t>(low_bits > r.high ? low_bits - span : low_bits);
}
// Elements of a packed tensor in a byte of a file.
constexpr size_t small_per_byte(DType t) {
    return t == DType::i4 || t == DType::u4 || t == DType::f4e2m1 ? 2 : t == DType::i2 || t == DType::u2 ? 4 : 1;
}

LITE_NAMESPACE_END
#endif
