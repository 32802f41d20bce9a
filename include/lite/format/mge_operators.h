// The operators of .mge files as nodes of ours: one function for each family, and the table of their names.
#ifndef LITE_FORMAT_MGE_OPERATORS_H_
#define LITE_FORMAT_MGE_OPERATORS_H_
#include "lite/format/mge_builder.h"

#if LITE_HAS_MGE
LITE_NAMESPACE_BEGIN
namespace detail::mge {

using B = MgeBuilder;
using M = ElemwiseMode;
constexpr int32_t kNoAxis = 2147483647;

// Reading happens once: these functions are compiled for size ("cold").

// ---- element by element ----

// Numbers of param.Elemwise.mode, those that are written out below as -1.
struct PlainMode {
    int number;
    M mode;
    double alpha = 0, beta = 0;
};
constexpr PlainMode kPlainModes[] = {
        {0, M::relu}, {1, M::abs}, {2, M::acos}, {3, M::asin}, {4, M::ceil}, {5, M::cos}, {6, M::exp}, {7, M::expm1}, {8, M::floor},
        {9, M::log}, {10, M::log1p}, {11, M::neg}, {12, M::sigmoid}, {13, M::sin}, {14, M::tanh}, {16, M::add}, {17, M::floor_div},
        {18, M::max}, {19, M::min}, {21, M::mul}, {22, M::pow}, {24, M::sub}, {25, M::switch_gt0}, {27, M::div}, {28, M::log_sum_exp},
        {29, M::less}, {30, M::less_equal}, {31, M::equal}, {32, M::shift_left}, {33, M::shift_right}, {40, M::fast_tanh}, {42, M::round_away},
        {44, M::atan2}, {45, M::erf}, {47, M::erfc}, {49, M::hard_swish}, {52, M::logical_not}, {53, M::logical_and}, {54, M::logical_or},
        {55, M::logical_xor}, {56, M::silu}, {58, M::gelu}, {61, M::not_equal}, {62, M::is_nan}, {63, M::is_inf, 1, 1}, {64, M::sinh}, {65, M::cosh},
        {66, M::asinh}, {67, M::acosh}, {68, M::atanh}, {69, M::tan}, {73, M::prelu}, {76, M::softplus}, {78, M::clip, 0, 6},
        {80, M::hard_sigmoid, 1. / 6, 0.5}, {82, M::log_sigmoid}, {83, M::sqrt}, {84, M::square}, {85, M::sign},
};

// The function `mode` of the operands; kNoValue if there is none.
[[gnu::cold]] inline ValueId elemwise(B& b, uint32_t mode, const std::vector<ValueId>& x) {
    const auto need = [&](size_t n) {
        check(x.size() == n, "not a valid .mge model: ", b.who(), " has ", x.size(), " inputs, ", n, " were expected");
    };
    for (const PlainMode& p : kPlainModes)
        if (p.number == static_cast<int>(mode)) {
            const bool one = static_cast<int64_t>(p.mode) < static_cast<int64_t>(M::add);
            need(one ? 1 : 2);
            if (p.mode == M::abs && b.dtype(x[0]) == DType::boolean) return x[0];
            if (!one) return b.binary(p.mode, x[0], x[1]);
            return p.alpha == 0 && p.beta == 0 ? b.unary(p.mode, x[0]) : b.unary(p.mode, x[0], p.alpha, p.beta);
        }
    const auto positive = [&](ValueId v) { return b.binary(M::greater, v, b.number(0, b.dtype(v))); };
    const auto between = [&](ValueId v, double low, double high) {
        return b.binary(M::logical_and, b.binary(M::greater, v, b.number(low)), b.binary(M::less, v, b.number(high)));
    };
    const auto zero = [&] { return b.number(0, b.dtype(x[1])); };
    const auto one_minus = [&](ValueId v) { return b.sub(b.number(1), v); };
    switch (mode) {
        case 15: need(2); return b.where(positive(x[0]), x[1], b.unary(M::neg, x[1]));
        case 20: {
            need(2);
            const DType t = b.dtype(x[0]);
            return b.node("Elemwise", {x[0], x[1]}, {{"mode", is_float(t) ? M::fmod : M::mod}});
        }
        case 23: need(2); return b.mul(b.mul(x[0], one_minus(x[0])), x[1]);
        case 26: need(2); return b.mul(one_minus(b.unary(M::square, x[0])), x[1]);
        case 34: need(3); return b.where(b.binary(M::less_equal, x[0], x[1]), x[2], b.number(0, b.dtype(x[2])));
        case 35: need(3); return b.add(b.mul(x[0], x[1]), x[2]);
        case 36: need(4); return b.add(b.mul(x[0], x[1]), b.mul(x[2], x[3]));
        case 37: need(2); return b.unary(M::relu, b.add(x[0], x[1]));
        case 38: need(2); return b.unary(M::sigmoid, b.add(x[0], x[1]));
        case 39: need(2); return b.unary(M::tanh, b.add(x[0], x[1]));
        case 41: {  // ((9 - x^2) / (3 + x^2))^2 / 9
            need(2);
            const ValueId s = b.unary(M::square, x[0]);
            return b.mul(b.times(b.unary(M::square, b.div(b.sub(b.number(9), s), b.plus(s, 3))), 1. / 9), x[1]);
        }
        case 43: {  // (x y + 2^30) >> 31, saturating
            need(2);
            const ValueId p = b.mul(b.cast(x[0], DType::i64), b.cast(x[1], DType::i64));
            const ValueId r = b.binary(M::shift_right, b.plus(p, double{1 << 30}), b.number(31, DType::i64));
            return b.cast(b.binary(M::min, r, b.number(2147483647, DType::i64)), b.dtype(x[0]));
        }
        case 46: need(1); return b.unary(M::erfinv, x[0]);
        case 48: need(1); return b.unary(M::erfinv, one_minus(x[0]));
        case 50: {  // h_swish'
            need(2);
            const ValueId inner = b.mul(b.times(b.plus(b.times(x[0], 2), 3), 1. / 6), x[1]);
            return b.where(b.binary(M::less, x[0], b.number(-3)), zero(), b.where(b.binary(M::greater, x[0], b.number(3)), x[1], inner));
        }
        case 51: need(2); return b.unary(M::hard_swish, b.add(x[0], x[1]));
        case 57: {
            need(2);
            const ValueId s = b.unary(M::sigmoid, x[0]);
            return b.mul(b.mul(s, b.plus(b.mul(x[0], one_minus(s)), 1)), x[1]);
        }
        case 59: {  // Phi(x) + x phi(x)
            need(2);
            const ValueId cumulative = b.times(b.unary(M::erfc, b.times(x[0], -0.70710678118654752440)), 0.5);
            const ValueId density = b.times(b.unary(M::exp, b.times(b.unary(M::square, x[0]), -0.5)), 0.3989422804014327);
            return b.mul(b.add(cumulative, b.mul(x[0], density)), x[1]);
        }
        case 60: need(3); return b.where(b.binary(M::less, x[0], x[1]), x[2], b.number(0, b.dtype(x[2])));
        case 70: need(2); return b.div(x[1], b.unary(M::sqrt, b.plus(b.unary(M::square, x[0]), 1)));
        case 71: need(2); return b.div(x[1], b.unary(M::sqrt, b.minus(b.unary(M::square, x[0]), 1)));
        case 72: need(2); return b.div(x[1], one_minus(b.unary(M::square, x[0])));
        case 74: need(3); return b.binary(M::min, b.binary(M::max, x[0], x[1]), x[2]);
        case 75: need(3); return b.where(positive(x[0]), x[1], b.mul(x[1], x[2]));
        case 77: need(2); return b.mul(x[1], b.unary(M::sigmoid, x[0]));
        case 79: need(2); return b.where(between(x[0], 0, 6), x[1], zero());
        case 81: need(2); return b.where(between(x[0], -3, 3), b.times(x[1], 1. / 6), zero());
        default: return kNoValue;
    }
}

// All operands in one packing, so that they meet element by element.
[[gnu::cold]] inline MgePacking align(B& b, std::vector<MgeVar>& v) {
    MgePacking p = MgePacking::none;
    for (const MgeVar& x : v)
        if (x.packing != MgePacking::none) p = x.packing;
    if (p == MgePacking::none) return p;
    for (const MgeVar& x : v) {
        const bool fits = x.packing == p || b.is_single(x.id) || (x.packing == MgePacking::none && b.value(x.id).has_shape && b.rank(x.id) == (p == MgePacking::nhwc ? 4u : 5u));
        if (fits) continue;
        for (MgeVar& y : v) y = b.flat(y);
        return MgePacking::none;
    }
    for (MgeVar& x : v)
        if (x.packing != p && !b.is_single(x.id)) x.id = b.nchw(x, p);
    return p;
}
[[gnu::cold]] inline std::vector<MgeVar> operands(B& b) {
    std::vector<MgeVar> v;
    for (size_t k = 0; k < b.inputs(); ++k) v.push_back(b.in(k));
    return v;
}

[[gnu::cold]] inline void elemwise_operator(B& b, int) {
    std::vector<MgeVar> v = operands(b);
    check(!v.empty(), "not a valid .mge model: ", b.who(), " has no inputs");
    const MgePacking p = align(b, v);
    MgeType type = v[0].type;
    bool quantized = false;
    std::vector<ValueId> x;
    for (const MgeVar& o : v) {
        quantized = quantized || is_mge_quantized(o.type.kind);
        x.push_back(b.real(o));
    }
    const uint32_t mode = b.u(0);
    if (mode == 43) quantized = false;
    if ((mode == 22 || mode == 27) && !is_mge_float(type.kind)) {  // powers and quotients of integers are floats
        type = {};
        for (ValueId& id : x) id = b.cast(id, DType::f32);
    }
    const ValueId y = elemwise(b, mode, x);
    if (y == kNoValue) {
        b.refuse(text("mode ", mode));
        return b.put_none();
    }
    if (type.kind == MgeKind::f32)
        for (const MgeVar& o : v)
            if (o.type.kind == MgeKind::f16 && !b.is_single(o.id)) type = o.type;
    b.put(b.typed(y, b.result_type(type), p));
}

[[gnu::cold]] inline ValueId round_shift_saturate(B& b, ValueId x, ValueId shift, DType to) {  // x / 2^shift, half away from zero
    const ValueId wide = b.cast(x, DType::i64), s = b.cast(shift, DType::i64), one = b.number(1, DType::i64);
    // Of floats: exact, |x| < 2^32.
    const ValueId real = b.div(b.cast(wide, DType::f64), b.cast(b.binary(M::shift_left, one, s), DType::f64));
    return b.cast(b.unary(M::round_away, real), to);
}

// The Elemwise mode of each mode of ElemwiseMultiType, from 6 on: those of quantized tensors, then, from 58 on, those with boolean results.
constexpr int8_t kQuantizedModes[] = {16, 37, 21, 19, 18, 24, 27, 38, 39, 0, 1, 12, 6, 14, 35, 40, 11, 2, 3, 4, 5, 7, 8, 9, 10, 13, 42, 45, 46, 47, 48, 15,
                                      17, 20, 23, 25, 26, 29, 30, 31, 22, 28, 41, 44, 34, 49, 51, 50, -1, -1, -1, 60, 31, 61, 29, 30, 62, 63};

[[gnu::cold]] inline void elemwise_multi_type(B& b, int) {
    std::vector<MgeVar> v = operands(b);
    check(!v.empty(), "not a valid .mge model: ", b.who(), " has no inputs");
    const MgePacking p = align(b, v);
    const uint32_t mode = b.u(0);
    std::vector<ValueId> x;
    for (const MgeVar& o : v) x.push_back(b.real(o));
    const auto need = [&](size_t n) {
        check(x.size() == n, "not a valid .mge model: ", b.who(), " has ", x.size(), " inputs, ", n, " were expected");
    };
    if (mode >= 6 && mode < 6 + std::size(kQuantizedModes) && kQuantizedModes[mode - 6] >= 0) {
        if (mode < 58)
            for (ValueId& id : x) id = b.cast(id, DType::f32);
        const ValueId y = elemwise(b, static_cast<uint32_t>(kQuantizedModes[mode - 6]), x);
        return b.put(b.typed(y, b.result_type(mode >= 58 ? mge_type(MgeKind::boolean) : v[0].type), p));
    }
    switch (mode) {
        case 0: {  // i16 x, i32 k, i32 b
            need(3);
            const ValueId y = b.add(b.mul(b.cast(x[0], DType::i32), x[1]), x[2]);
            return b.put(y, mge_type(MgeKind::i32), p);
        }
        case 1: {  // f32 k, b; the result rounded and saturated
            need(3);
            const ValueId y = b.add(b.mul(b.cast(x[0], DType::f32), x[1]), x[2]);
            return b.put(b.cast(b.unary(M::round_away, y), DType::i8), mge_type(MgeKind::i8), p);
        }
        case 2: case 5: {
            need(2);
            const bool narrow = mode == 2;
            return b.put(round_shift_saturate(b, x[0], x[1], narrow ? DType::i8 : DType::i16), mge_type(narrow ? MgeKind::i8 : MgeKind::i16), p);
        }
        case 3: case 4: {  // x + bias, times a Q31 (Q15) number, shifted, clamped
            need(6);
            const int bits = mode == 3 ? 15 : 31;
            const double high = mode == 3 ? 32767 : 2147483647;
            const auto w = [&](size_t k) { return b.cast(x[k], DType::i64); };
            const auto saturate = [&](ValueId s) {
                return b.binary(M::min, b.binary(M::max, s, b.number(-high - 1, DType::i64)), b.number(high, DType::i64));
            };
            const ValueId sum = b.cast(b.cast(b.add(w(0), w(1)), mode == 3 ? DType::i16 : DType::i32), DType::i64);  // wraps
            const ValueId product = b.plus(b.mul(sum, w(2)), static_cast<double>(int64_t{1} << (bits - 1)));
            const ValueId scaled = saturate(b.binary(M::shift_right, product, b.number(bits, DType::i64)));
            const ValueId y = b.cast(round_shift_saturate(b, scaled, x[3], DType::i32), DType::i64);
            return b.put(b.cast(b.binary(M::min, b.binary(M::max, y, w(4)), w(5)), DType::i8), mge_type(MgeKind::i8), p);
        }
        case 54: case 56: need(3); return b.put(b.add(b.mul(b.cast(x[0], DType::f32), x[1]), x[2]), {}, p);
        case 55: need(2); return b.put(b.mul(b.cast(x[0], DType::f32), x[1]), {}, p);
        default: b.refuse(text("mode ", mode)); return b.put_none();
    }
}

[[gnu::cold]] inline void power(B& b, int) {
    const MgeVar x = b.in(0);
    const float e = b.f(0);
    const ValueId v = b.real(x);
    const ValueId y = e == 2.f ? b.unary(M::square, v) : e == 0.5f ? b.unary(M::sqrt, v) : e == 1.f ? v : b.binary(M::pow, v, b.number(static_cast<double>(e), b.dtype(v)));
    b.put(b.typed(y, x.type, x.packing));
}

[[gnu::cold]] inline void convert_type(B& b, int) {
    const MgeVar x = b.in(0);
    const MgeType to = read_mge_type(b.op->param);
    if (to == x.type) return b.put(x);
    check(held_as(to.kind) != DType::none, "the .mge model's ", b.who(), " makes complex numbers, which are not supported");
    ValueId v = b.real(x);
    if (to.kind == MgeKind::f16 || to.kind == MgeKind::bf16) {
        if (x.type.kind != to.kind) v = b.cast(b.cast(b.cast(v, DType::f32), shown_as(to.kind)), DType::f32);
        return b.put(v, to, x.packing);
    }
    if (to.kind == MgeKind::q_s32) {
        const double s = static_cast<double>(to.scale);
        return b.put(b.times(b.unary(M::round_away, b.div(b.cast(v, DType::f32), b.number(s))), s), to, x.packing);
    }
    if (is_float(b.dtype(v)) && !is_mge_float(to.kind) && !is_mge_quantized(to.kind) && to.kind != MgeKind::boolean) v = b.cast(v, DType::i32);  // wraps from there
    b.put(b.typed(v, to, x.packing));
}

[[gnu::cold]] inline void identity(B& b, int which) {
    const MgeVar x = b.in(static_cast<size_t>(which));
    b.put(x);
}
[[gnu::cold]] inline void assert_equal(B& b, int) {
    b.asserts = true;
    b.put(b.in(1));
}

// ---- convolutions ----

struct WindowParam {
    std::vector<int64_t> pads, strides, dilations;
};
inline WindowParam window_param(const B& b, int first, size_t spatial) {
    WindowParam w;
    const auto list = [&](int at, uint32_t otherwise) {
        std::vector<int64_t> v;
        for (size_t k = 0; k < spatial; ++k) v.push_back(b.u(at + static_cast<int>(k), otherwise));
        return v;
    };
    const int n = static_cast<int>(spatial);
    w.pads = list(first, 0);
    w.pads.insert(w.pads.end(), w.pads.begin(), w.pads.end());
    w.strides = list(first + n, 1);
    w.dilations = list(first + 2 * n, 1);
    return w;
}

// Weights as [O, I / groups, window...] (transposed: [I, O / groups, window...]) from the form that the format and group say.
[[gnu::cold]] inline ValueId conv_weights(B& b, ValueId w, uint32_t format, bool group, size_t spatial, int64_t& groups) {
    const size_t r = b.rank(w);
    const auto e = [&](ValueId v, size_t axis) { return MgeExtent(v, axis); };
    const auto product = [&](ValueId v, size_t i, size_t j) {
        const int64_t x = b.extent(v, i), y = b.extent(v, j);
        check(x >= 0 && y >= 0, "the .mge model's ", b.who(), " has weights whose shape is not known");
        return MgeExtent(x * y);
    };
    groups = 1;
    const MgePacking p = B::packing_of(format);
    const bool dot = format == 8;
    const auto bad = [&]() -> ValueId { fail("not a valid .mge model: ", b.who(), " has weights of shape ", b.value(w).shape); };
    if (spatial == 2 && (p == MgePacking::c4 || p == MgePacking::c8) && (format == 7 || format == 8 || format == 6)) {
        if (group) {
            groups = b.extent(w, 0);
            if (r == 6) {  // channel-wise: [G/b, 1, 1, kh, kw, b]
                const ValueId t = b.transpose(w, {0, 5, 1, 2, 3, 4});
                groups = product(t, 0, 1).number;
                return b.reshape(t, {groups, e(t, 2), e(t, 4), e(t, 5)});
            }
            if (r != 7) bad();  // [G, O/b, I/b, kh, kw, b, b]
            const ValueId t = dot ? b.transpose(w, {0, 1, 5, 2, 6, 3, 4}) : b.transpose(w, {0, 1, 6, 2, 5, 3, 4});
            return b.reshape(t, {b.extent(t, 0) * product(t, 1, 2).number, product(t, 3, 4), e(t, 5), e(t, 6)});
        }
        if (r == 5) {  // the first layer: [O/b, kh, kw, I, b]
            const ValueId t = b.transpose(w, {0, 4, 3, 1, 2});
            return b.reshape(t, {product(t, 0, 1), e(t, 2), e(t, 3), e(t, 4)});
        }
        if (r == 4) return w;
        if (r != 6) bad();
        const ValueId t = dot ? b.transpose(w, {0, 4, 1, 5, 2, 3}) : b.transpose(w, {0, 5, 1, 4, 2, 3});
        return b.reshape(t, {product(t, 0, 1), product(t, 2, 3), e(t, 4), e(t, 5)});
    }
    if (spatial == 2 && (p == MgePacking::c4 || p == MgePacking::c32 || p == MgePacking::c64)) {  // [(G,) O, I/b, kh, kw, b]
        if (r == (group ? 5u : 4u)) {
            if (!group) return w;
        } else if (group) {
            if (r != 6) bad();
            groups = b.extent(w, 0);
            const ValueId t = b.transpose(w, {0, 1, 2, 5, 3, 4});
            return b.reshape(t, {product(t, 0, 1), product(t, 2, 3), e(t, 4), e(t, 5)});
        } else {
            if (r != 5) bad();
            const ValueId t = b.transpose(w, {0, 1, 4, 2, 3});
            return b.reshape(t, {e(t, 0), product(t, 1, 2), e(t, 3), e(t, 4)});
        }
    }
    if (spatial == 2 && p == MgePacking::nhwc) {  // [(G,) O, kh, kw, I]
        w = group ? b.transpose(w, {0, 1, 4, 2, 3}) : b.transpose(w, {0, 3, 1, 2});
    } else if (spatial == 2 && p == MgePacking::chwn4 && r == 5) {  // [I/4, kh, kw, O, 4]
        const ValueId t = b.transpose(w, {3, 0, 4, 1, 2});
        return b.reshape(t, {e(t, 0), product(t, 1, 2), e(t, 3), e(t, 4)});
    } else if (spatial == 2 && p == MgePacking::nhwcd4) {
        if (!group && r == 5) {  // [O/4, kh, kw, I, 4]
            const ValueId t = b.transpose(w, {0, 4, 3, 1, 2});
            return b.reshape(t, {product(t, 0, 1), e(t, 2), e(t, 3), e(t, 4)});
        }
        if (group && r == 5) {  // channel-wise [G/4, 1, kh, kw, 4]
            const ValueId t = b.transpose(w, {0, 4, 1, 2, 3});
            groups = product(t, 0, 1).number;
            return b.reshape(t, {groups, 1, e(t, 3), e(t, 4)});
        }
        if (group && r == 6) {  // [G, O/4, kh, kw, I, 4]
            groups = b.extent(w, 0);
            const ValueId t = b.transpose(w, {0, 1, 5, 4, 2, 3});
            return b.reshape(t, {b.extent(t, 0) * product(t, 1, 2).number, e(t, 3), e(t, 4), e(t, 5)});
        }
        if (!group && r == 6) {  // of integers: [O/4, kh, kw, I/4, 4, 4]
            const ValueId t = b.transpose(w, {0, 4, 3, 5, 1, 2});
            return b.reshape(t, {product(t, 0, 1), product(t, 2, 3), e(t, 4), e(t, 5)});
        }
        if (group && r == 7) {
            groups = b.extent(w, 0);
            const ValueId t = b.transpose(w, {0, 1, 5, 4, 6, 2, 3});
            return b.reshape(t, {b.extent(t, 0) * product(t, 1, 2).number, product(t, 3, 4), e(t, 5), e(t, 6)});
        }
        if (r != 4) bad();
    }
    if (!group) {
        if (r != spatial + 2) bad();
        return w;
    }
    if (r != spatial + 3) bad();
    groups = b.extent(w, 0);
    std::vector<MgeExtent> to = {product(w, 0, 1)};
    for (size_t k = 2; k < r; ++k) to.push_back(e(w, k));
    return b.reshape(w, to);
}
[[gnu::cold]] inline ValueId flip_window(B& b, ValueId w, size_t spatial) {
    for (size_t k = 0; k < spatial; ++k) w = b.slice(w, static_cast<int64_t>(2 + k), -1, INT64_MIN, -1);
    return w;
}
// The type of a product of these two.
inline MgeType product_type(const MgeType& x, const MgeType& w) {
    if (is_mge_quantized(x.kind) && is_mge_quantized(w.kind)) return {MgeKind::q_s32, x.scale * w.scale, 0};
    if (x.kind == MgeKind::i8 || x.kind == MgeKind::u8 || x.kind == MgeKind::i16) return mge_type(MgeKind::i32);
    return x;
}
// Both operands of a convolution or product as floats; exact for the sums that 8-bit integers make (below 2^24).
[[gnu::cold]] inline ValueId as_float(B& b, const MgeVar& v, ValueId id) { return is_mge_quantized(v.type.kind) ? b.real({id, v.type}) : b.cast(id, DType::f32); }

[[gnu::cold]] inline void convolution(B& b, int spatial) {
    const size_t n = static_cast<size_t>(spatial);
    const bool flat3 = n == 3;
    const MgeVar x = b.in(0), w = b.in(1);
    const uint32_t mode = b.u(0), sparse = flat3 ? b.u(10) : b.u(7), format = flat3 ? b.u(12) : b.u(8);
    const WindowParam p = window_param(b, 1, n);
    const MgePacking packing = flat3 ? MgePacking::none : B::packing_of(format);
    int64_t groups = 1;
    ValueId xv = b.nchw(x, packing);
    if (flat3 && format == 1) xv = b.transpose(xv, {0, 4, 1, 2, 3});
    ValueId wv = b.flat(w).id;
    if (flat3 && format == 1) wv = sparse ? b.transpose(wv, {0, 1, 5, 2, 3, 4}) : b.transpose(wv, {0, 4, 1, 2, 3});
    wv = conv_weights(b, wv, flat3 ? 0 : format, sparse == 1, n, groups);
    if (mode == 1) wv = flip_window(b, wv, n);
    ValueId y = b.node("Conv", {as_float(b, x, xv), as_float(b, w, wv)}, {{"group", groups}, {"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    if (flat3 && format == 1) y = b.transpose(y, {0, 2, 3, 4, 1});
    b.put(b.typed(y, b.result_type(product_type(x.type, w.type)), format == 11 || format == 12 ? MgePacking::none : packing));
}

[[gnu::cold]] inline void conv_bias(B& b, int) {
    const MgeVar x = b.in(0), w = b.in(1);
    const uint32_t nonlinear = b.u(0), mode = b.u(1), sparse = b.u(2), format = b.u(3);
    const WindowParam p = window_param(b, 4, 2);
    const MgePacking packing = B::packing_of(format);
    MgePacking out = packing;
    if (format == 9) out = MgePacking::c32;                      // NCHW4 -> NCHW32
    if (format == 10 || format == 13 || format == 14) out = MgePacking::c4;
    if (format == 11 || format == 12) out = MgePacking::none;
    if (format == 17) out = MgePacking::nhwc;
    int64_t groups = 1;
    const ValueId xv = b.nchw(x, packing);
    ValueId wv = conv_weights(b, b.flat(w).id, format, sparse == 1, 2, groups);
    if (mode == 1) wv = flip_window(b, wv, 2);
    std::vector<ValueId> in = {as_float(b, x, xv), as_float(b, w, wv)}, added;
    for (size_t k = 2; k < b.inputs(); ++k) {
        const MgeVar v = b.in(k);
        const ValueId id = b.nchw(v, out), r = as_float(b, v, id);
        const Value& info = b.value(id);
        const bool per_channel = info.shape_known() && info.shape.rank() == 4 && info.shape.count() == info.shape[1];
        if (k == 2 && per_channel && info.shape[1] == b.extent(wv, 0)) in.push_back(b.reshape(r, {-1}));
        else added.push_back(r);
    }
    ValueId y = b.node("Conv", in, {{"group", groups}, {"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    for (ValueId a : added) y = b.add(y, a);
    constexpr M functions[] = {M::identity, M::relu, M::sigmoid, M::hard_swish};
    if (nonlinear >= std::size(functions)) {
        b.refuse(text("nonlinear mode ", nonlinear));
        return b.put_none();
    }
    if (nonlinear) y = b.unary(functions[nonlinear], y);
    b.put(b.typed(y, b.result_type(product_type(x.type, w.type)), out));
}

// The first elements of the spatial axes, as many as `extents` says.
[[gnu::cold]] inline ValueId cut_to(B& b, ValueId y, ValueId extents, size_t spatial) {
    std::vector<int64_t> axes;
    for (size_t k = 0; k < spatial; ++k) axes.push_back(static_cast<int64_t>(2 + k));
    return b.node("Slice", {y, b.ints(std::vector<int64_t>(spatial, 0)), extents, b.ints(axes), b.ints(std::vector<int64_t>(spatial, 1))});
}
[[gnu::cold]] inline void deconvolution(B& b, int spatial) {
    const size_t n = static_cast<size_t>(spatial);
    const bool flat3 = n == 3;
    const MgeVar w = b.in(0), x = b.in(1);
    const uint32_t mode = b.u(0), sparse = flat3 ? b.u(10) : b.u(7), format = flat3 ? b.u(12) : b.u(8);
    const WindowParam p = window_param(b, 1, n);
    const MgePacking packing = flat3 ? MgePacking::none : B::packing_of(format);
    if (flat3 && format == 1) {
        b.refuse("NDHWC");
        return b.put_none();
    }
    int64_t groups = 1;
    const ValueId xv = b.nchw(x, packing);
    ValueId wv = conv_weights(b, b.flat(w).id, flat3 ? 0 : format, sparse == 1, n, groups);
    if (mode == 1) wv = flip_window(b, wv, n);
    std::vector<int64_t> more;
    if (b.inputs() > 2)  // the shape of what the forward convolution took: at most what the stride left over
        for (size_t k = 0; k < n; ++k) more.push_back(p.strides[k] - 1);
    const std::vector<ValueId> in = {as_float(b, x, xv), as_float(b, w, wv)};
    ValueId y = b.node("ConvTranspose", in, {{"group", groups}, {"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}, {"output_padding", more}});
    if (b.inputs() > 2) y = cut_to(b, y, b.extents(b.nchw(b.in(2), packing), 2, INT64_MAX), n);
    b.put(b.typed(y, b.result_type(product_type(x.type, w.type)), packing));
}

// ---- pools ----

[[gnu::cold]] inline void pool_node(B& b, const MgeVar& x, MgePacking packing, uint32_t mode, std::initializer_list<MgeAttribute> attributes) {
    const ValueId v = b.nchw(x, packing);
    const bool max = mode == 0;
    if (mode > 2) {
        b.refuse(text("mode ", mode));
        return b.put_none();
    }
    const ValueId from = max && (is_mge_quantized(x.type.kind) || x.type.kind == MgeKind::u8 || x.type.kind == MgeKind::i8) ? v : as_float(b, x, v);
    const ValueId y = b.node("Pool", {from}, attributes);
    Attributes& a = b.graph.nodes.back().attributes;
    a.set("mode", int64_t{!max});
    if (mode == 1) a.set("count_include_pad", int64_t{1});
    if (from == v) return b.put(y, x.type, packing);
    // Of integers: the sum of all taps is divided as integers are, that of the valid ones is rounded.
    const bool rounds = mode == 2 && !is_mge_float(x.type.kind) && !is_mge_quantized(x.type.kind);
    b.put(b.typed(rounds ? b.unary(M::round_away, y) : y, x.type, packing));
}
[[gnu::cold]] inline void pooling(B& b, int) {
    const std::vector<int64_t> pads = {b.u(1), b.u(2), b.u(1), b.u(2)}, strides = {b.u(3, 2), b.u(4, 2)}, window = {b.u(5, 2), b.u(6, 2)};
    pool_node(b, b.in(0), B::packing_of(b.u(7)), b.u(0), {{"pads", pads}, {"strides", strides}, {"kernel_shape", window}});
}
[[gnu::cold]] inline void adaptive_pooling(B& b, int) {
    const Array* size = b.known(b.plain(1));
    if (!size || size->count() < 1) {
        b.refuse("an output size that only a run tells");
        return b.put_none();
    }
    std::vector<int64_t> to = size->values<int64_t>();
    if (to.size() == 1) to.push_back(to[0]);
    pool_node(b, b.in(0), B::packing_of(b.u(1)), b.u(0), {{"adaptive", to}});
}

// ---- products ----

[[gnu::cold]] inline void matrix_product(B& b, int) {
    const MgeVar x = b.in(0), y = b.in(1);
    if (b.u(3) != 0) {
        b.refuse(text("packed matrices of format ", b.u(3)));
        return b.put_none();
    }
    const ValueId p = as_float(b, x, b.flat(x).id), q = as_float(b, y, b.flat(y).id);
    const bool ta = b.flag(0), tb = b.flag(1);
    const ValueId z = b.node("MatMul", {p, q}, {{"transA", ta}, {"transB", tb}});
    b.put(b.typed(z, b.result_type(product_type(x.type, y.type))));
}
[[gnu::cold]] inline void dot(B& b, int) {
    const MgeVar x = b.in(0), y = b.in(1);
    const ValueId z = b.node("MatMul", {b.reshape(as_float(b, x, b.plain(0)), {1, -1}), b.reshape(as_float(b, y, b.plain(1)), {-1, 1})});
    b.put(b.typed(b.reshape(z, {1}), b.result_type(product_type(x.type, y.type))));
}

// ---- normalisations ----

[[gnu::cold]] inline void batch_norm(B& b, int) {
    const MgeVar x = b.in(0);
    if (b.u(1) != 1 || b.inputs() != 5) {
        b.refuse("a batch normalisation in training mode");
        return b.put_none(static_cast<size_t>(std::max<int64_t>(b.op->outputs, 1)));
    }
    const uint32_t dim = b.u(0);
    const double epsilon = b.op->param.number<double>(2, 1e-4);
    ValueId p[4], y;
    for (size_t k = 0; k < 4; ++k) p[k] = b.plain(k + 1);
    MgePacking packing = x.packing;
    if (dim == 2) {  // [1, C, 1, 1]
        for (ValueId& v : p) v = b.reshape(v, {-1});
        y = b.node("BatchNormalization", {x.id, p[0], p[1], p[2], p[3]}, {{"epsilon", epsilon}});
    } else {
        packing = MgePacking::none;
        const ValueId v = b.flat(x).id;
        const ValueId deviation = b.unary(M::sqrt, b.plus(p[3], epsilon));
        y = b.add(b.mul(b.div(b.sub(v, p[2]), deviation), p[0]), p[1]);
    }
    const int64_t n = b.op->outputs < 0 ? 4 : b.op->outputs;
    b.put_none(static_cast<size_t>(std::max<int64_t>(n - 1, 0)));
    b.put(y, x.type, packing);
}
[[gnu::cold]] inline void layer_norm(B& b, int) {
    const MgeVar x = b.in(0);
    const double epsilon = static_cast<double>(b.f(1, 1e-5f));
    const int64_t axes = static_cast<int64_t>(b.op->param.number<uint64_t>(2, 1));
    const ValueId v = b.plain(0);
    const int64_t r = static_cast<int64_t>(b.rank(v));
    check(axes >= 1 && axes <= r, "not a valid .mge model: ", b.who(), " normalises ", axes, " axes of ", r);
    ValueId scale = b.inputs() > 1 ? b.plain(1) : kNoValue;
    const ValueId bias = b.inputs() > 2 ? b.plain(2) : kNoValue;
    if (scale == kNoValue) {
        std::vector<MgeExtent> to;
        for (int64_t k = r - axes; k < r; ++k) to.emplace_back(v, static_cast<size_t>(k));
        scale = b.expand(b.number(1), b.shape(to));
    }
    const std::vector<ValueId> y = b.nodes("LayerNormalization", bias == kNoValue ? std::vector<ValueId>{v, scale} : std::vector<ValueId>{v, scale, bias},
                                           {{"axis", r - axes}, {"epsilon", epsilon}}, 3);
    b.put(y[0], x.type);
    for (size_t k = 1; k < 3; ++k) {  // without the axes that are normalised
        std::vector<MgeExtent> to;
        for (int64_t a = 0; a < r - axes; ++a) to.emplace_back(v, static_cast<size_t>(a));
        if (to.empty()) to.emplace_back(1);
        b.put(b.reshape(y[k], to));
    }
}
[[gnu::cold]] inline void general_norm(B& b, int) {
    const MgeVar x = b.in(0);
    const double epsilon = static_cast<double>(b.f(1, 1e-5f));
    const int64_t from = static_cast<int64_t>(b.op->param.number<uint64_t>(2)), to = static_cast<int64_t>(b.op->param.number<uint64_t>(3));
    const ValueId v = b.plain(0);
    const int64_t r = static_cast<int64_t>(b.rank(v));
    check(from >= 0 && from < to && to <= r, "not a valid .mge model: ", b.who(), " normalises the axes ", from, " to ", to, " of ", r);
    std::vector<int64_t> axes, behind;
    for (int64_t k = from; k < to; ++k) axes.push_back(k);
    for (int64_t k = to; k < r; ++k) behind.push_back(k - from);
    const auto mean_of = [&](ValueId t) { return b.node("Reduce", {t, b.ints(axes)}, {{"mode", static_cast<int64_t>(ReduceMode::mean)}, {"keepdims", 1}}); };
    const ValueId mean = mean_of(v), centred = b.sub(v, mean);
    const ValueId rstd = b.unary(M::reciprocal, b.unary(M::sqrt, b.plus(mean_of(b.unary(M::square, centred)), epsilon)));
    ValueId y = b.mul(centred, rstd);
    const auto affine = [&](size_t k) {  // [axes from..to], then as many ones as axes follow
        std::vector<int64_t> ones;
        const int64_t have = static_cast<int64_t>(b.rank(b.plain(k)));
        for (int64_t i = 0; i < r - to; ++i) ones.push_back(have + i);
        return b.unsqueeze(b.plain(k), ones);
    };
    if (b.inputs() > 1) y = b.mul(y, affine(1));
    if (b.inputs() > 2) y = b.add(y, affine(2));
    b.put(y, x.type);
    b.put(b.squeeze(mean, axes));
    b.put(b.squeeze(rstd, axes));
}
// which: 0 groups, 1 every channel
[[gnu::cold]] inline void group_norm(B& b, int which) {
    const MgeVar x = b.in(0);
    const double epsilon = static_cast<double>(b.f(1, 1e-5f));
    const MgePacking packing = B::packing_of(b.u(3));
    const ValueId v = b.nchw(x, packing);
    const int64_t groups = which == 1 ? 0 : static_cast<int64_t>(b.u(2, 1));
    check(which == 1 || groups >= 1, "not a valid .mge model: ", b.who(), " has ", groups, " groups");
    // Mean and variance are outputs, too; they are dead in a network that only infers, and then go away.
    const ValueId rows = b.reshape(v, {{v, 0}, which == 1 ? MgeExtent(v, 1) : MgeExtent(groups), -1});
    const auto mean_of = [&](ValueId t) { return b.node("Reduce", {t, b.ints({2})}, {{"mode", static_cast<int64_t>(ReduceMode::mean)}, {"keepdims", 1}}); };
    const ValueId mean = mean_of(rows);
    const ValueId variance = mean_of(b.unary(M::square, b.sub(rows, mean)));
    const auto parameter = [&](size_t k, double otherwise) {
        if (b.inputs() > k) return b.reshape(b.plain(k), {-1});
        return b.expand(b.number(otherwise), b.shape({{v, 1}}));
    };
    const ValueId scale = parameter(1, 1), bias = parameter(2, 0);
    const ValueId y = b.node("GroupNormalization", {v, scale, bias}, {{"mode", which == 0}, {"num_groups", groups}, {"epsilon", epsilon}});
    b.graph.nodes.back().version = 21;  // scale and bias of each channel
    b.put(y, x.type, packing);
    b.put(b.squeeze(mean, {2}));
    b.put(b.squeeze(variance, {2}));
}
[[gnu::cold]] inline void lrn(B& b, int) {
    const MgeVar x = b.in(0);
    const uint32_t n = b.u(0, 5);
    const ValueId y = b.node("LRN", {b.plain(0)}, {{"size", n}, {"bias", b.f(1, 2.f)}, {"alpha", b.f(2, 1e-4f) * static_cast<float>(n)}, {"beta", b.f(3, 0.75f)}});
    b.put(y, x.type);
}
[[gnu::cold]] inline void softmax(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(b.typed(b.node("Softmax", {as_float(b, x, b.plain(0))}, {{"mode", 0}, {"axis", b.i(0, -1)}}), x.type));
}

// ---- reductions ----

[[gnu::cold]] inline void reduce(B& b, int) {
    const MgeVar x = b.in(0);
    constexpr ReduceMode modes[] = {ReduceMode::sum, ReduceMode::sum_square, ReduceMode::prod, ReduceMode::min, ReduceMode::max, ReduceMode::mean};
    const uint32_t mode = b.u(0), data_type = b.u(2);
    if (mode >= std::size(modes)) {
        b.refuse(text("mode ", mode));
        return b.put_none();
    }
    MgeType to = x.type;
    if (data_type == 2) to = {};
    if (data_type == 3) to = mge_type(MgeKind::f16);
    if (is_mge_quantized(x.type.kind) && data_type >= 4) to = {MgeKind::q_s32, x.type.scale, 0};
    const bool extreme = mode == 3 || mode == 4;
    const ValueId v = extreme && !is_mge_quantized(x.type.kind) ? b.plain(0) : b.real(b.flat(x));
    const int32_t axis = b.i(1, kNoAxis);
    const auto over = [&](const std::vector<int64_t>& axes) {
        const ValueId y = b.node("Reduce", {v, b.ints(axes)}, {{"mode", static_cast<int64_t>(modes[mode])}, {"keepdims", 1}});
        return y;
    };
    if (axis != kNoAxis) return b.put(b.typed(over({static_cast<int64_t>(b.axis_of(v, axis))}), b.result_type(to)));
    const size_t r = b.rank(v);
    std::vector<int64_t> axes;
    const ValueId target = b.inputs() > 1 ? b.plain(1) : kNoValue;
    const Array* known = target == kNoValue ? nullptr : b.known(target);
    if (target == kNoValue || (known && known->count() == 1 && known->values<int64_t>()[0] == 1)) {
        for (size_t k = 0; k < r; ++k) axes.push_back(static_cast<int64_t>(k));
        return b.put(b.typed(b.reshape(over(axes), {1}), b.result_type(to)));
    }
    if (!known) {
        b.refuse("a target shape that only a run tells");
        return b.put_none();
    }
    const std::vector<int64_t> shape = known->values<int64_t>();
    for (size_t k = 0; k < r; ++k) {
        const size_t missing = r > shape.size() ? r - shape.size() : 0;
        if (k < missing || (shape[k - missing] == 1 && b.extent(v, k) != 1)) axes.push_back(static_cast<int64_t>(k));
    }
    b.put(b.typed(b.reshape_to(axes.empty() ? v : over(axes), b.cast(target, DType::i64)), b.result_type(to)));
}
[[gnu::cold]] inline void arg_reduce(B& b, int which) {
    const ValueId v = b.plain(0);
    const int32_t axis = b.i(0);
    const ValueId y = axis == kNoAxis ? b.node("ArgReduce", {b.reshape(v, {-1})}, {{"mode", which}, {"axis", 0}, {"keepdims", 1}})
                                      : b.node("ArgReduce", {v}, {{"mode", which}, {"axis", axis}, {"keepdims", 1}});
    b.put(b.cast(y, DType::i32), mge_type(MgeKind::i32));
}
[[gnu::cold]] inline void cumsum(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const int32_t axis = b.i(0, kNoAxis);
    const ValueId from = axis == kNoAxis ? b.reshape(v, {-1}) : v;
    b.put(b.node("CumSum", {from, b.number(axis == kNoAxis ? 0 : axis, DType::i64)}, {{"mode", 0}, {"exclusive", b.flag(1, true)}, {"reverse", b.flag(2)}}), x.type);
}
[[gnu::cold]] inline void top_k(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const uint32_t mode = b.u(0);
    int64_t k = 0;
    if (!b.known_number(b.plain(1), k) || k == 0) {
        b.refuse("a k that only a run tells");
        return b.put_none(mode == 0 ? 1 : 2);
    }
    const bool largest = k < 0;
    const std::vector<ValueId> y = b.nodes("TopK", {v, b.ints({largest ? -k : k})}, {{"axis", -1}, {"largest", largest}}, 2);
    if (mode == 0) {  // the k-th alone
        const int64_t last = static_cast<int64_t>(b.rank(v)) - 1;
        return b.put(b.at_least_1d(b.squeeze(b.slice(y[0], last, -1, INT64_MAX), {last})), x.type);
    }
    b.put(y[0], x.type);
    b.put(b.cast(y[1], DType::i32), mge_type(MgeKind::i32));
}
[[gnu::cold]] inline void argsort(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const size_t last = b.rank(v) - 1;
    const std::vector<ValueId> y = b.nodes("TopK", {v, b.shape({{v, last}})}, {{"axis", -1}, {"largest", b.u(0) == 1}}, 2);
    b.put(y[0], x.type);
    b.put(b.cast(y[1], DType::i32), mge_type(MgeKind::i32));
}

// ---- shapes and moves ----

[[gnu::cold]] inline void shape_of(B& b, int) {
    ValueId s = kNoValue;
    for (size_t k = 0; k < b.inputs(); ++k) {
        const ValueId v = b.plain(k);
        const ValueId one = b.shape_of(v);
        if (s == kNoValue) {
            s = one;
            continue;
        }
        // The shape to which all broadcast; no axis here is empty.
        const auto padded = [&](ValueId from, size_t add) { return add ? b.concat({b.ints(std::vector<int64_t>(add, 1)), from}, 0) : from; };
        const int64_t p = b.extent(s, 0), q = b.extent(one, 0);
        check(p >= 0 && q >= 0, "the .mge model's ", b.who(), " takes the shape of tensors whose number of axes only a run tells");
        s = b.binary(M::max, padded(s, static_cast<size_t>(std::max<int64_t>(q - p, 0))), padded(one, static_cast<size_t>(std::max<int64_t>(p - q, 0))));
    }
    const int32_t axis = b.i(0, 7);
    if (axis != 7) s = axis < 0 ? b.slice(s, 0, axis, axis == -1 ? INT64_MAX : axis + 1) : b.slice(s, 0, axis, int64_t{axis} + 1);
    b.put(b.cast(s, DType::i32), mge_type(MgeKind::i32));
}
[[gnu::cold]] inline void reshape(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    ValueId to = b.cast(b.plain(1), DType::i64);
    const int32_t axis = b.i(0, 7);
    const Array* known = b.known(to);
    if (known && axis >= 0 && axis < known->count() && axis != 7) {
        std::vector<int64_t> s = known->values<int64_t>();
        s[static_cast<size_t>(axis)] = -1;
        to = b.ints(s);
    }
    b.put(b.reshape_to(v, to), x.type);
}
[[gnu::cold]] inline void broadcast(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(b.expand(b.plain(0), b.cast(b.plain(1), DType::i64)), x.type);
}
[[gnu::cold]] inline void dimshuffle(B& b, int) {
    const MgeVar x = b.in(0);
    ValueId v = b.plain(0);
    const std::vector<int32_t> pattern = b.op->param.numbers<int32_t>(0);
    const size_t r = b.rank(v);
    std::vector<int64_t> perm, dropped, added;
    std::vector<int64_t> place(r, -1);
    for (size_t k = 0; k < pattern.size(); ++k) {
        check(pattern[k] < static_cast<int32_t>(r) && pattern[k] >= -1, "not a valid .mge model: ", b.who(), " has axis ", pattern[k], " of ", r);
        if (pattern[k] < 0) added.push_back(static_cast<int64_t>(k));
        else place[static_cast<size_t>(pattern[k])] = 0;
    }
    int64_t kept = 0;
    for (size_t k = 0; k < r; ++k) {
        if (place[k] < 0) dropped.push_back(static_cast<int64_t>(k));
        else place[k] = kept++;
    }
    for (int32_t p : pattern)
        if (p >= 0) perm.push_back(place[static_cast<size_t>(p)]);
    check(perm.size() == static_cast<size_t>(kept), "not a valid .mge model: ", b.who(), " has an axis twice");
    v = b.unsqueeze(b.transpose(b.squeeze(v, dropped), perm), added);
    b.put(b.at_least_1d(v), x.type);
}
[[gnu::cold]] inline void axis_add_remove(B& b, int) {
    const MgeVar x = b.in(0);
    ValueId v = b.plain(0);
    const std::span<const std::byte> list = b.op->param.bytes(0, 8);
    for (size_t at = 0; at + 8 <= list.size(); at += 8) {
        int32_t axis;
        std::memcpy(&axis, list.data() + at + 4, 4);
        if (list[at] == std::byte{0}) v = b.unsqueeze(v, {axis});
        else v = b.squeeze(v, {axis});
    }
    b.put(b.at_least_1d(v), x.type);
}
[[gnu::cold]] inline void concat(B& b, int) {
    std::vector<MgeVar> v = operands(b);
    check(!v.empty(), "not a valid .mge model: ", b.who(), " has no inputs");
    const int32_t axis = b.i(0);
    // Packed tensors along the channels stay packed.
    MgePacking p = v[0].packing;
    for (const MgeVar& o : v)
        if (o.packing != p) p = MgePacking::none;
    const bool packed = p != MgePacking::none && axis == (p == MgePacking::nhwc ? 3 : 1) && p != MgePacking::chwn4 && p != MgePacking::nhwcd4;
    const MgeType to = b.result_type(v[0].type);
    std::vector<ValueId> parts;
    bool same = true;
    for (MgeVar& o : v) {
        if (!packed) o = b.flat(o);
        same = same && o.type == v[0].type;
    }
    for (const MgeVar& o : v) parts.push_back(same ? o.id : b.typed(b.real(o), to).id);
    b.put(b.concat(parts, packed ? 1 : axis), to, packed ? p : MgePacking::none);
}
[[gnu::cold]] inline void split(B& b, int) {
    const MgeVar x = b.in(0);
    std::vector<ValueId> sizes;
    for (size_t k = 1; k < b.inputs(); ++k) sizes.push_back(b.cast(b.flatten(b.plain(k)), DType::i64));
    check(!sizes.empty(), "not a valid .mge model: ", b.who(), " has no parts");
    const size_t n = sizes.size();
    for (ValueId y : b.nodes("Split", {b.plain(0), b.concat(sizes, 0)}, {{"axis", b.i(0)}}, n)) b.put(y, x.type);
}

// An item of an index: which parts of it are inputs.
struct IndexItem {
    int64_t axis = 0;
    ValueId begin = kNoValue, end = kNoValue, step = kNoValue, index = kNoValue;
};
[[gnu::cold]] inline std::vector<IndexItem> index_items(B& b, size_t first, size_t r) {
    const std::span<const std::byte> list = b.op->param.bytes(0, 5);
    std::vector<IndexItem> items;
    for (size_t at = 0; at + 5 <= list.size(); at += 5) {
        IndexItem i;
        i.axis = static_cast<int64_t>(normalize_axis(static_cast<int8_t>(list[at]), r, text("the .mge model's ", b.who())));
        const auto take = [&](size_t k) { return list[at + k] != std::byte{0} ? b.plain(first++) : kNoValue; };
        i.begin = take(1);
        i.end = take(2);
        i.step = take(3);
        i.index = take(4);
        items.push_back(i);
    }
    return items;
}
// The items without an index as one slice; known scalar indices, too, where `scalars` says so: their axes are left with one element.
[[gnu::cold]] inline ValueId slice_items(B& b, ValueId x, std::vector<IndexItem>& items, bool scalars) {
    std::vector<ValueId> starts, ends, steps;
    std::vector<int64_t> axes;
    const auto one = [&](ValueId v, int64_t otherwise) { return v == kNoValue ? b.ints({otherwise}) : b.cast(b.flatten(v), DType::i64); };
    for (IndexItem& i : items) {
        int64_t at = 0;
        if (i.index != kNoValue) {
            if (!scalars || !b.known_number(i.index, at)) continue;
            starts.push_back(b.ints({at}));
            ends.push_back(b.ints({at == -1 ? INT64_MAX : at + 1}));
            steps.push_back(b.ints({1}));
            i.index = kNoValue;
        } else {
            int64_t step = 1;
            if (i.step != kNoValue && !b.known_number(i.step, step)) step = 1;
            starts.push_back(one(i.begin, step < 0 ? INT64_MAX : 0));
            ends.push_back(one(i.end, step < 0 ? INT64_MIN : INT64_MAX));
            steps.push_back(one(i.step, 1));
        }
        axes.push_back(i.axis);
    }
    if (axes.empty()) return x;
    return b.node("Slice", {x, b.concat(starts, 0), b.concat(ends, 0), b.ints(axes), b.concat(steps, 0)});
}
// x with all items applied, scalar indices taking their axes away.
[[gnu::cold]] inline ValueId subtensor_of(B& b, ValueId x, std::vector<IndexItem> items) {
    std::vector<int64_t> gone;
    for (const IndexItem& i : items)
        if (i.index != kNoValue) gone.push_back(i.axis);
    x = slice_items(b, x, items, true);
    for (const IndexItem& i : items)
        if (i.index != kNoValue) x = b.node("Gather", {x, b.flatten(i.index)}, {{"axis", i.axis}});
    return b.at_least_1d(b.squeeze(x, gone));
}
// numpy's advanced indexing: the axes of the indices stand where the first one was if the indexed axes follow each other, else in front.
[[gnu::cold]] inline ValueId multi_axis_of(B& b, ValueId x, std::vector<IndexItem> items) {
    x = slice_items(b, x, items, false);
    std::vector<IndexItem> picked;
    for (const IndexItem& i : items)
        if (i.index != kNoValue) picked.push_back(i);
    std::sort(picked.begin(), picked.end(), [](const IndexItem& p, const IndexItem& q) { return p.axis < q.axis; });
    if (picked.empty()) return x;
    if (picked.size() == 1) return b.node("Gather", {x, picked[0].index}, {{"axis", picked[0].axis}});
    const int64_t r = static_cast<int64_t>(b.rank(x));
    ValueId common = b.cast(picked[0].index, DType::i64);
    for (size_t k = 1; k < picked.size(); ++k) common = b.add(common, b.cast(picked[k].index, DType::i64));
    const ValueId to = b.shape_of(common);
    const int64_t n = static_cast<int64_t>(b.rank(common));
    std::vector<ValueId> coordinates;
    std::vector<int64_t> perm;
    bool together = true;
    for (size_t k = 0; k < picked.size(); ++k) {
        check(k == 0 || picked[k].axis != picked[k - 1].axis, "not a valid .mge model: ", b.who(), " indexes an axis twice");
        coordinates.push_back(b.unsqueeze(b.expand(b.cast(picked[k].index, DType::i64), to), {n}));
        perm.push_back(picked[k].axis);
        together = together && (k == 0 || picked[k].axis == picked[k - 1].axis + 1);
    }
    for (int64_t k = 0; k < r; ++k)
        if (std::find(perm.begin(), perm.end(), k) == perm.end()) perm.push_back(k);
    ValueId y = b.node("GatherND", {b.transpose(x, perm), b.concat(coordinates, n)});
    if (!together) return y;
    std::vector<int64_t> back;
    const int64_t first = picked[0].axis, rest = r - static_cast<int64_t>(picked.size());
    for (int64_t k = 0; k < first; ++k) back.push_back(n + k);
    for (int64_t k = 0; k < n; ++k) back.push_back(k);
    for (int64_t k = first; k < rest; ++k) back.push_back(n + k);
    return b.transpose(y, back);
}
// One list of indices for each axis, all combinations of them.
[[gnu::cold]] inline ValueId mesh_of(B& b, ValueId x, std::vector<IndexItem> items) {
    x = slice_items(b, x, items, false);
    for (const IndexItem& i : items)
        if (i.index != kNoValue) x = b.node("Gather", {x, b.flatten(i.index)}, {{"axis", i.axis}});
    return x;
}
// The same with the first axis of x and of each index as a batch.
[[gnu::cold]] inline ValueId batched_mesh_of(B& b, ValueId x, std::vector<IndexItem> items) {
    x = slice_items(b, x, items, false);
    const size_t r = b.rank(x);
    for (const IndexItem& i : items) {
        if (i.index == kNoValue) continue;
        check(i.axis > 0, "not a valid .mge model: ", b.who(), " indexes the axis of the batch");
        std::vector<int64_t> ones;  // [N, n] as [N, 1, .., n, .., 1]
        for (size_t k = 1; k < r; ++k)
            if (static_cast<int64_t>(k) != i.axis) ones.push_back(static_cast<int64_t>(k));
        std::vector<MgeExtent> to;
        const ValueId index = b.unsqueeze(b.cast(i.index, DType::i64), ones);
        for (size_t k = 0; k < r; ++k) to.emplace_back(static_cast<int64_t>(k) == i.axis ? index : x, k);
        x = b.node("GatherElements", {x, b.expand(index, b.shape(to))}, {{"axis", i.axis}});
    }
    return x;
}
using IndexFunction = ValueId (*)(B&, ValueId, std::vector<IndexItem>);
constexpr IndexFunction kIndexing[] = {&subtensor_of, &multi_axis_of, &mesh_of, &batched_mesh_of};

[[gnu::cold]] inline void index(B& b, int kind) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    b.put(kIndexing[kind](b, v, index_items(b, 1, b.rank(v))), x.type);
}
// A copy of x where the elements that the index picks are replaced, or (kind + 8) added to: the same index picks their numbers.
[[gnu::cold]] inline void index_set(B& b, int kind) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0), all = b.shape_of(v), numbers = b.reshape_to(b.iota(b.node("Size", {v}), DType::i64), all);
    const ValueId at = kIndexing[kind & 7](b, numbers, index_items(b, 2, b.rank(v)));
    const ValueId update = b.expand(b.cast(b.plain(1), b.dtype(v)), b.shape_of(at));
    const ValueId y = b.node("ScatterND", {b.reshape(v, {-1}), b.reshape(at, {-1, 1}), b.reshape(update, {-1})}, {{"reduction", kind & 8 ? "add" : "none"}});
    b.put(b.reshape_to(y, all), x.type);
}
[[gnu::cold]] inline ValueId one_hot_index(B& b, ValueId x) {  // without its axis of one, if it has that
    const ValueId i = b.plain(1);
    return b.rank(i) == b.rank(x) ? b.reshape(i, {-1}) : i;
}
[[gnu::cold]] inline void index_one_hot(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const int64_t axis = static_cast<int64_t>(b.axis_of(v, b.i(0)));
    b.put(b.node("GatherElements", {v, b.unsqueeze(one_hot_index(b, v), {axis})}, {{"axis", axis}}), x.type);
}
[[gnu::cold]] inline void index_set_one_hot(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const int64_t axis = static_cast<int64_t>(b.axis_of(v, b.i(0)));
    const ValueId at = b.unsqueeze(one_hot_index(b, v), {axis});
    b.put(b.node("ScatterElements", {v, at, b.expand(b.cast(b.plain(2), b.dtype(v)), b.shape_of(at))}, {{"axis", axis}, {"reduction", "none"}}), x.type);
}

[[gnu::cold]] inline void cond_take(B& b, int) {
    const MgeVar x = b.in(0), mask = b.in(1);
    const uint32_t mode = b.u(0);
    const double v = static_cast<double>(b.f(1)), eps = static_cast<double>(b.f(2, 1e-6f));
    const ValueId m = b.reshape(b.cast(b.real(b.flat(mask)), DType::f32), {-1});
    ValueId q = kNoValue;
    const auto distance = [&] { return b.unary(M::abs, b.minus(m, v)); };
    switch (mode) {
        case 0: q = b.binary(M::less, distance(), b.number(eps)); break;
        case 1: q = b.binary(M::greater_equal, distance(), b.number(eps)); break;
        case 2: q = b.binary(M::less, m, b.number(v)); break;
        case 3: q = b.binary(M::less_equal, m, b.number(v)); break;
        case 4: q = b.binary(M::greater, m, b.number(v)); break;
        case 5: q = b.binary(M::greater_equal, m, b.number(v)); break;
        default: b.refuse(text("mode ", mode)); return b.put_none(2);
    }
    b.put(b.node("Compress", {b.reshape(b.plain(0), {-1}), q}, {{"axis", 0}}), x.type);
    b.put(b.cast(b.reshape(b.node("NonZero", {q}), {-1}), DType::i32), mge_type(MgeKind::i32));
}
[[gnu::cold]] inline void non_zero(B& b, int) { b.put(b.cast(b.node("NonZero", {b.plain(0)}), DType::i32), mge_type(MgeKind::i32)); }
[[gnu::cold]] inline void where(B& b, int) {
    std::vector<MgeVar> v = operands(b);
    check(v.size() == 3, "not a valid .mge model: ", b.who(), " has ", v.size(), " inputs, 3 were expected");
    b.put(b.where(b.cast(b.plain(0), DType::boolean), b.plain(1), b.plain(2)), v[1].type);
}
[[gnu::cold]] inline void masked_fill(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    ValueId mask = b.cast(b.plain(1), DType::boolean);
    std::vector<int64_t> behind;  // the mask covers the leading axes
    for (size_t k = b.rank(mask); k < b.rank(v); ++k) behind.push_back(static_cast<int64_t>(k));
    mask = b.unsqueeze(mask, behind);
    b.put(b.where(mask, b.number(static_cast<double>(b.f(0)), b.dtype(v)), v), x.type);
}
[[gnu::cold]] inline void padding(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const size_t r = b.rank(v);
    check(r <= 7, "not a valid .mge model: ", b.who(), " pads a tensor of ", r, " axes");
    std::vector<int64_t> pads(2 * r);
    for (size_t k = 0; k < r; ++k) {
        pads[k] = b.u(static_cast<int>(k));
        pads[r + k] = b.u(7 + static_cast<int>(k));
    }
    constexpr const char* modes[] = {"edge", "reflect", "constant"};
    const uint32_t mode = b.u(15, 2);
    if (mode > 2) {
        b.refuse(text("mode ", mode));
        return b.put_none();
    }
    b.put(b.node("Pad", {v, b.ints(pads), b.number(static_cast<double>(b.f(14)), b.dtype(v))}, {{"mode", modes[mode]}}), x.type);
}

// ---- made from nothing ----

[[gnu::cold]] inline void linspace(B& b, int) {
    const auto one = [&](size_t k, DType t) { return b.reshape_to(b.cast(b.plain(k), t), b.ints({})); };
    const ValueId start = one(0, DType::f32), stop = one(1, DType::f32), count = one(2, DType::i64);
    const ValueId steps = b.flag(0, true) ? b.binary(M::max, b.minus(count, 1), b.number(1, DType::i64)) : count;
    const ValueId step = b.div(b.sub(stop, start), b.cast(steps, DType::f32));
    b.put(b.add(b.mul(b.iota(count, DType::f32), step), start));
}
inline MgeType param_type(const B& b, int field, MgeKind otherwise) {
    const int k = b.op->param.number<int8_t>(field, static_cast<int8_t>(otherwise));
    check(k >= 0 && k <= static_cast<int>(MgeKind::q_s1) && !is_mge_quantized(static_cast<MgeKind>(k)), "the .mge model's ", b.who(), " makes elements of type ", k, ", which is not supported");
    return mge_type(static_cast<MgeKind>(k));
}
[[gnu::cold]] inline void eye(B& b, int) {
    const MgeType t = param_type(b, 1, MgeKind::f32);
    const ValueId zeros = b.node("ConstantOfShape", {b.cast(b.plain(0), DType::i64)}, {{"value", AttributeValue(Array::zeros(held_as(t.kind), Shape{1}))}});
    b.put(b.node("EyeLike", {zeros}, {{"k", b.i(0)}}), t);
}
[[gnu::cold]] inline void alloc(B& b, int) {
    const MgeType t = param_type(b, 0, MgeKind::byte);
    b.put(b.node("ConstantOfShape", {b.cast(b.plain(0), DType::i64)}, {{"value", AttributeValue(Array::zeros(held_as(t.kind), Shape{1}))}}), t);
}
[[gnu::cold]] inline void affine_int(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(b.add(b.mul(b.plain(0), b.plain(1)), b.plain(2)), x.type);
}
[[gnu::cold]] inline void fake_quant(B& b, int) {
    const MgeVar x = b.in(0);
    const double low = b.i(0, INT32_MIN), high = b.i(1, INT32_MAX);
    const ValueId v = b.plain(0), scale = b.plain(1), zero = b.inputs() > 2 ? b.plain(2) : b.number(0);
    const ValueId q = b.add(b.unary(M::round_away, b.div(v, scale)), zero);
    const ValueId c = b.binary(M::min, b.binary(M::max, q, b.number(low)), b.number(high));
    b.put(b.mul(b.sub(c, zero), scale), x.type);
}

// ---- recurrent ----

// Nodes for nonline(x w_ih^T + b_ih + h w_hh^T + b_hh), the sum alone.
[[gnu::cold]] inline ValueId cell_sum(B& b) {
    const auto product = [&](ValueId x, ValueId w) { return b.node("MatMul", {x, w}, {{"transA", 0}, {"transB", 1}}); };
    const auto flat = [&](size_t k) { return b.reshape(b.plain(k), {-1}); };
    return b.add(b.add(product(b.plain(0), b.plain(1)), flat(2)), b.add(product(b.plain(3), b.plain(4)), flat(5)));
}
constexpr M kCellFunctions[] = {M::identity, M::relu, M::tanh};
[[gnu::cold]] inline void rnn_cell(B& b, int) {
    const MgeVar x = b.in(0);
    const uint32_t f = b.u(0);
    if (f >= std::size(kCellFunctions)) {
        b.refuse(text("nonlinear mode ", f));
        return b.put_none();
    }
    const ValueId s = cell_sum(b);
    b.put(f ? b.unary(kCellFunctions[f], s) : s, x.type);
}
[[gnu::cold]] inline void lstm_cell(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId gates = cell_sum(b), c = b.plain(6);
    const int64_t axis = static_cast<int64_t>(b.rank(gates)) - 1;
    const std::vector<ValueId> g = b.nodes("Split", {gates}, {{"axis", axis}, {"num_outputs", 4}}, 4);
    const ValueId next = b.add(b.mul(b.unary(M::sigmoid, g[1]), c), b.mul(b.unary(M::sigmoid, g[0]), b.unary(M::tanh, g[2])));
    const ValueId h = b.mul(b.unary(M::sigmoid, g[3]), b.unary(M::tanh, next));
    b.put(h, x.type);
    b.put(next, x.type);
    b.put(gates, x.type);
}
// cell: 0 RNN, 1 LSTM. Layers one behind the other, each our recurrent operator.
[[gnu::cold]] inline void recurrent(B& b, int cell) {
    const bool lstm = cell == 1;
    const MgeVar x = b.in(0);
    const size_t outs = lstm ? 4 : 3;
    const int64_t layers = b.u(0, 1), directions = b.flag(1) ? 2 : 1, hidden = b.u(3, 128), gates = lstm ? 4 : 1;
    const bool bias = b.flag(2, true);
    const uint32_t f = lstm ? 0 : b.u(5);
    if ((lstm && b.u(4) != 0) || f >= std::size(kCellFunctions)) {
        b.refuse(lstm ? "proj_size" : "nonlinear mode");
        return b.put_none(outs);
    }
    ValueId y = b.plain(0), h0 = b.plain(1), c0 = lstm ? b.plain(2) : kNoValue;
    const ValueId flat = b.reshape(b.plain(lstm ? 3 : 2), {-1});
    check(layers >= 1 && layers <= 1024 && hidden >= 1 && hidden <= (1 << 24), "not a valid .mge model: ", b.who(), " has ", layers, " layers of ", hidden);
    // The size of what comes in follows from how many weights there are, even while the shapes of inputs are open.
    const int64_t per_row = gates * hidden * directions, rest = hidden + (bias ? 2 : 0), total = b.extent(flat, 0);
    const int64_t first_size = total < 0 ? -1 : total / per_row - rest - (layers - 1) * (directions * hidden + rest);
    int64_t at = 0;
    const auto take = [&](int64_t n) {
        at += n;
        return b.slice(flat, 0, at - n, at);
    };
    // i f g o -> i o f g
    const auto ordered = [&](ValueId w, std::vector<MgeExtent> shape) {
        if (lstm) w = b.node("Gather", {b.reshape(w, {4, hidden, -1}), b.ints({0, 3, 1, 2})}, {{"axis", 0}});
        return b.reshape(w, shape);
    };
    std::vector<ValueId> last_h, last_c;
    for (int64_t layer = 0; layer < layers; ++layer) {
        const int64_t size = layer == 0 ? first_size : directions * hidden;
        check(size >= 1 && size <= (1 << 24), "not a valid .mge model: ", b.who(), " has ", total, " weights");
        std::vector<ValueId> w, r, add;
        for (int64_t d = 0; d < directions; ++d) {
            w.push_back(ordered(take(gates * hidden * size), {1, gates * hidden, size}));
            r.push_back(ordered(take(gates * hidden * hidden), {1, gates * hidden, hidden}));
            if (!bias) continue;
            const ValueId first = ordered(take(gates * hidden), {gates * hidden}), second = ordered(take(gates * hidden), {gates * hidden});
            add.push_back(b.reshape(b.concat({first, second}, 0), {1, 2 * gates * hidden}));
        }
        const auto state = [&](ValueId s) { return b.slice(s, 0, layer * directions, (layer + 1) * directions); };
        std::vector<ValueId> in = {y, b.concat(w, 0), b.concat(r, 0), bias ? b.concat(add, 0) : kNoValue, kNoValue, state(h0)};
        if (lstm) in.push_back(state(c0));
        std::vector<ValueId> o = b.nodes(lstm ? "LSTM" : "RNN", in, {{"hidden_size", hidden}, {"direction", directions == 2 ? "bidirectional" : "forward"}}, lstm ? 3 : 2);
        if (!lstm) {
            std::vector<std::string> names(static_cast<size_t>(directions), f == 1 ? "Relu" : f == 2 ? "Tanh" : "Affine");
            b.graph.nodes.back().attributes.set("activations", std::move(names));
        }
        const ValueId t = b.transpose(o[0], {0, 2, 1, 3});  // T B D H
        y = b.reshape(t, {{t, 0}, {t, 1}, directions * hidden});
        last_h.push_back(o[1]);
        if (lstm) last_c.push_back(o[2]);
    }
    b.put(y, x.type);
    b.put(b.concat(last_h, 0), x.type);
    if (lstm) b.put(b.concat(last_c, 0), x.type);
    b.put_none();
}

// ---- images ----

[[gnu::cold]] inline void resize(B& b, int) {
    const MgeVar x = b.in(0);
    const uint32_t mode = b.u(0, 1);
    const MgePacking packing = B::packing_of(b.u(1, 1));
    const ValueId v = b.nchw(x, packing), r = mode == 0 ? v : as_float(b, x, v);
    if (mode != 0 && mode != 1 && mode != 3) {
        b.refuse(text("interpolation mode ", mode));
        return b.put_none();
    }
    const ValueId sizes = b.concat({b.extents(r, 0, 2), b.cast(b.flatten(b.plain(1)), DType::i64)}, 0);
    ValueId y = b.node("Resize", {r, kNoValue, kNoValue, sizes},
                       {{"mode", mode == 0 ? "nearest" : mode == 1 ? "linear" : "cubic"},
                        {"coordinate_transformation_mode", mode == 0 ? "asymmetric" : "half_pixel"},
                        {"nearest_mode", "floor"}});
    if (mode == 0) return b.put(y, x.type, packing);
    if (!is_float(held_as(x.type.kind)) && !is_mge_quantized(x.type.kind)) y = b.unary(M::round_away, y);
    b.put(b.typed(y, x.type, packing));
}
[[gnu::cold]] inline void roi_align(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId y = b.node("RoiSamples", {b.nchw(x, B::packing_of(b.u(1))), b.plain(1)},
                             {{"mean", b.u(0)}, {"spatial_scale", b.f(2, 1.f)}, {"offset", b.f(3)}, {"output_height", b.u(4, 1)}, {"output_width", b.u(5, 1)},
                              {"sample_height", b.u(6, 2)}, {"sample_width", b.u(7, 2)}});
    b.put(y, x.type, B::packing_of(b.u(1)));
    b.put_none();
}
[[gnu::cold]] inline void roi_pooling(B& b, int) {
    const MgeVar x = b.in(0);
    const Array* size = b.known(b.plain(2));
    if (!size || size->count() < 1 || b.u(0) > 1) {
        b.refuse("an output size that only a run tells, or a mode that is not known");
        return b.put_none(2);
    }
    const std::vector<int64_t> to = size->values<int64_t>();
    b.put(b.node("RoiPool", {b.plain(0), b.plain(1)}, {{"mode", b.u(0)}, {"spatial_scale", b.f(1, 1.f)}, {"pooled_shape", std::vector<int64_t>{to[0], to.back()}}}), x.type);
    b.put_none();
}
// The value as what the sampling operators take, and back.
[[gnu::cold]] inline ValueId sampled(B& b, const MgeVar& x, MgePacking packing) { return is_mge_quantized(x.type.kind) ? b.real({b.nchw(x, packing), x.type}) : b.nchw(x, packing); }
// fields: interpolation, border, constant
inline bool sampling(B& b, uint32_t mode, uint32_t border) {
    if (mode <= 1 && border <= 4) return true;
    b.refuse(text("interpolation mode ", mode, ", border mode ", border));
    b.put_none();
    return false;
}
// affine: matrices [N, 2, 3], and other parameter fields.
[[gnu::cold]] inline void warp(B& b, int affine) {
    const uint32_t mode = b.u(0, 1), border = b.u(1);
    const MgePacking packing = B::packing_of(affine ? b.u(3, 1) : b.u(2));
    const float constant = affine ? b.f(2) : b.f(3);
    if (!sampling(b, mode, border)) return;
    const MgeVar x = b.in(0);
    // Images, of which several come as inputs of their own, matrices, the image of each matrix (optional), extents.
    const size_t n = b.inputs();
    const bool chosen = n > 3 && b.rank(b.plain(n - 2)) == 1;
    const size_t images = n - (chosen ? 3 : 2);
    check(n >= 3 && images >= 1, "not a valid .mge model: ", b.who(), " has ", n, " inputs");
    std::vector<ValueId> parts;
    for (size_t k = 0; k < images; ++k) parts.push_back(sampled(b, b.in(k), packing));
    ValueId mat = b.cast(b.plain(images), DType::f32);
    if (affine) {
        const ValueId row = b.reshape(b.constant(Array::of(Shape{3}, std::vector<float>{0, 0, 1})), {1, 1, 3});
        mat = b.concat({mat, b.expand(row, b.shape({{mat, 0}, 1, 3}))}, 1);
    }
    std::vector<ValueId> in = {b.concat(parts, 0), mat, b.plain(n - 1)};
    if (chosen) in.push_back(b.plain(images + 1));
    // Pictures of one to three channels with the channels last go through tables of 32 steps a pixel there, affine ones in fixed point.
    const bool table = packing == MgePacking::nhwc && b.extent(in[0], 1) <= 3;
    const int64_t steps = mode == 1 && table && !affine ? 32 : 0;
    b.put(b.typed(b.node("WarpPerspective", in, {{"border", border}, {"border_value", constant}, {"linear", mode}, {"steps", steps}, {"fixed_point", table && affine}}), x.type, packing));
}
[[gnu::cold]] inline void remap(B& b, int) {
    const uint32_t mode = b.u(0, 1), border = b.u(1);
    if (!sampling(b, mode, border)) return;
    const MgeVar x = b.in(0);
    const MgePacking packing = B::packing_of(b.u(2, 1));
    const ValueId y = b.node("Remap", {sampled(b, x, packing), b.cast(b.plain(1), DType::f32)}, {{"border", border}, {"border_value", b.f(3)}, {"linear", mode}});
    b.put(b.typed(y, x.type, packing));
}

// The number of taps of a window.
[[gnu::cold]] inline int64_t window_area(const B& b, int64_t h, int64_t w) {
    check(h > 0 && w > 0 && h <= 4096 && w <= 4096 && h * w <= 4096, "the .mge model's ", b.who(), " has a window of ", h, " x ", w);
    return h * w;
}
// Windows of an image as [N, C, OH, OW, wh, ww]: a convolution that copies every tap into a channel of its own.
[[gnu::cold]] inline ValueId taps(B& b, int64_t h, int64_t w) {
    const int64_t n = window_area(b, h, w);
    Array a = Array::zeros(DType::f32, Shape{n, 1, h, w});
    const float one = 1.f;
    for (int64_t k = 0; k < n; ++k) std::memcpy(a.mutable_data() + 4 * static_cast<size_t>(k * n + k), &one, 4);
    return b.constant(std::move(a));
}
[[gnu::cold]] inline void windows(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const WindowParam p = window_param(b, 0, 2);
    const int64_t h = b.u(6, 3), w = b.u(7, 3);
    const ValueId images = b.reshape(as_float(b, x, v), {-1, 1, {v, 2}, {v, 3}});
    const ValueId y = b.node("Conv", {images, taps(b, h, w)}, {{"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    const ValueId t = b.transpose(y, {0, 2, 3, 1});
    b.put(b.typed(b.reshape(t, {{v, 0}, {v, 1}, {t, 1}, {t, 2}, h, w}), x.type));
}
[[gnu::cold]] inline void windows_back(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const WindowParam p = window_param(b, 2, 2);
    const int64_t h = b.u(8, 3), w = b.u(9, 3), to[] = {b.u(0), b.u(1)};
    const std::vector<int64_t> more = {p.strides[0] - 1, p.strides[1] - 1};
    const ValueId t = b.transpose(b.reshape(v, {-1, {v, 2}, {v, 3}, window_area(b, h, w)}), {0, 3, 1, 2});
    const ValueId y = b.node("ConvTranspose", {t, taps(b, h, w)}, {{"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}, {"output_padding", more}});
    b.put(b.reshape(cut_to(b, y, b.ints({to[0], to[1]}), 2), {{v, 0}, {v, 1}, to[0], to[1]}), x.type);
}

// Conversions between packings.
[[gnu::cold]] inline void relayout(B& b, int) {
    const MgeVar x = b.in(0);
    const uint32_t mode = b.u(0);
    struct Pair {
        int8_t mode;
        MgePacking from, to;
    };
    using P = MgePacking;
    constexpr Pair pairs[] = {{0, P::nhwc, P::nhwcd4}, {1, P::nhwcd4, P::nhwc}, {3, P::none, P::nhwcd4}, {6, P::nhwcd4, P::none}, {15, P::c4, P::chwn4}, {16, P::chwn4, P::c4},
                              {20, P::none, P::c8}, {21, P::c8, P::none}, {24, P::none, P::c4}, {25, P::c4, P::none}, {27, P::none, P::c64}, {28, P::c64, P::none},
                              {29, P::none, P::nhwc}, {30, P::nhwc, P::none}, {22, P::none, P::c4},
                              {2, P::nhwc, P::nhwcd4}, {4, P::none, P::nhwcd4}, {5, P::nhwcd4, P::none}, {31, P::nhwcd4, P::nhwc}};
    for (const Pair& p : pairs) {
        if (p.mode != static_cast<int>(mode)) continue;
        ValueId v = b.nchw(x, p.from);
        const int64_t c = b.extent(v, 1), block = mge_block(p.to), wanted = b.u(1);
        if (p.to == P::none || p.to == P::nhwc) {  // channels that only filled a block go
            if (wanted > 0 && wanted != c) v = b.slice(v, 1, 0, wanted);
        } else if (c < 0) {
            const ValueId own = b.extents(v, 1, 2), fill = b.ints({block}), missing = b.binary(M::mod, b.sub(fill, b.binary(M::mod, own, fill)), fill);
            v = b.node("Pad", {v, b.concat({b.ints({0, 0, 0, 0, 0}), missing, b.ints({0, 0})}, 0), b.number(0, b.dtype(v))}, {{"mode", "constant"}});
        } else if (c % block != 0) {
            v = b.node("Pad", {v, b.ints({0, 0, 0, 0, 0, block - c % block, 0, 0}), b.number(0, b.dtype(v))}, {{"mode", "constant"}});
        }
        return b.put(v, x.type, p.to);
    }
    const ValueId v = b.plain(0);
    const auto e = [&](ValueId w, size_t k) { return MgeExtent(w, k); };
    const auto part = [&](ValueId w, size_t k, int64_t n) { return b.extent(w, k) >= 0 ? MgeExtent(b.extent(w, k) / n) : MgeExtent(-1); };
    switch (mode) {  // weights
        case 17: {
            const ValueId t = b.reshape(v, {part(v, 0, 8), 8, part(v, 1, 8), 8, e(v, 2), e(v, 3)});
            return b.put(b.transpose(t, {0, 2, 4, 5, 3, 1}), x.type);
        }
        case 18: {
            const ValueId t = b.reshape(v, {part(v, 0, 8), 8, 1, 1, e(v, 3), e(v, 4)});
            return b.put(b.transpose(t, {0, 2, 3, 4, 5, 1}), x.type);
        }
        case 19: {
            const ValueId t = b.reshape(v, {e(v, 0), part(v, 1, 8), 8, part(v, 2, 8), 8, e(v, 3), e(v, 4)});
            return b.put(b.transpose(t, {0, 1, 3, 5, 6, 4, 2}), x.type);
        }
        case 7: {  // [O, I, kh, kw] -> [O/4, kh, kw, I, 4]
            const ValueId t = b.reshape(v, {part(v, 0, 4), 4, e(v, 1), e(v, 2), e(v, 3)});
            return b.put(b.transpose(t, {0, 3, 4, 2, 1}), x.type);
        }
        case 9: {
            const ValueId t = b.reshape(v, {e(v, 0), part(v, 1, 4), 4, e(v, 2), e(v, 3), e(v, 4)});
            return b.put(b.transpose(t, {0, 1, 4, 5, 3, 2}), x.type);
        }
        case 11: {  // [G, 1, 1, kh, kw] -> [G/4, 1, kh, kw, 4]
            const ValueId t = b.reshape(v, {part(v, 0, 4), 4, 1, e(v, 3), e(v, 4)});
            return b.put(b.transpose(t, {0, 2, 3, 4, 1}), x.type);
        }
        case 26: {  // [O, I, kh, kw] -> [O, I/4, kh, kw, 4]
            const ValueId t = b.reshape(v, {e(v, 0), part(v, 1, 4), 4, e(v, 2), e(v, 3)});
            return b.put(b.transpose(t, {0, 1, 3, 4, 2}), x.type);
        }
        default: b.refuse(text("mode ", mode)); return b.put_none();
    }
}

// ---- pictures, channels last ----

// Every pixel's channels times a matrix [channels, to], plus an offset; integers are rounded and saturate.
[[gnu::cold]] inline void color_matrix(B& b, const MgeVar& x, ValueId v, int64_t from, int64_t to, std::initializer_list<float> matrix, std::initializer_list<float> offset) {
    ValueId y = b.node("MatMul", {b.cast(v, DType::f32), b.constant(Array::of(Shape{from, to}, std::vector<float>(matrix)))}, {{"transA", 0}, {"transB", 0}});
    y = b.add(y, b.constant(Array::of(Shape{to}, std::vector<float>(offset))));
    if (!is_mge_float(x.type.kind)) y = b.unary(M::clip, b.unary(M::round_away, y), 0, 255);
    b.put(b.typed(y, x.type));
}
[[gnu::cold]] inline void convert_color(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const uint32_t mode = b.u(0);
    const float half = is_mge_float(x.type.kind) ? 0.5f : 128.f;
    const auto pick = [&](const std::vector<int64_t>& channels) { b.put(b.node("Gather", {v, b.ints(channels)}, {{"axis", 3}}), x.type); };
    switch (mode) {
        case 0: return color_matrix(b, x, v, 3, 1, {0.299f, 0.587f, 0.114f}, {0});
        case 1:
            return color_matrix(b, x, v, 3, 3, {0.114f, 0.435912f, -0.0999787f, 0.587f, -0.288804f, -0.514805f, 0.299f, -0.147108f, 0.614784f}, {0, half, half});
        case 2: return color_matrix(b, x, v, 3, 3, {1, 1, 1, 2.032f, -0.395f, 0, 0, -0.581f, 1.14f}, {-2.032f * half, 0.976f * half, -1.14f * half});
        case 3: return pick({0, 0, 0});
        case 4: return pick({0, 1, 2});
        case 5: case 7: case 9: return pick({2, 1, 0});
        case 6: return color_matrix(b, x, v, 4, 1, {0.299f, 0.587f, 0.114f, 0}, {0});
        case 8: return color_matrix(b, x, v, 3, 1, {0.114f, 0.587f, 0.299f}, {0});
        case 22: return color_matrix(b, x, v, 3, 3, {1, 1, 1, 1.403f, -0.714f, 0, 0, -0.344f, 1.773f}, {-1.403f * half, 1.058f * half, -1.773f * half});
        case 23: return color_matrix(b, x, v, 3, 3, {1, 1, 1, 0, -0.714f, 1.403f, 1.773f, -0.344f, 0}, {-1.773f * half, 1.058f * half, -1.403f * half});
        default: break;
    }
    if (mode < 10 || mode > 31) {
        b.refuse(text("mode ", mode));
        return b.put_none();
    }
    // A plane of Y above those of U and V at half the resolution: [N, H + H / 2, W, 1]. Of each kind come gray, RGB, BGR, and last RGB and
    // BGR in studio range.
    enum Planes { nv21, nv12, yv12, yu12 };
    const bool studio = mode >= 24;
    const int planes = static_cast<int>(studio ? (mode - 24) / 2 : (mode - 10) / 3), to = static_cast<int>(studio ? 1 + (mode - 24) % 2 : (mode - 10) % 3);
    const ValueId rows = b.extents(v, 1, 2), three = b.ints({3}), two = b.ints({2});
    const ValueId height = b.mul(b.div(rows, three), two);
    const auto rows_of = [&](ValueId from, ValueId end) { return b.node("Slice", {v, from, end, b.ints({1}), b.ints({1})}); };
    const ValueId luma = rows_of(b.ints({0}), height);
    if (to == 0) return b.put(luma, x.type);
    ValueId chroma = rows_of(height, rows);
    if (planes == nv21 || planes == nv12) chroma = b.reshape(chroma, {{chroma, 0}, {chroma, 1}, -1, 2});
    else chroma = b.transpose(b.reshape(chroma, {{chroma, 0}, 2, {chroma, 1}, -1}), {0, 2, 3, 1});
    const ValueId doubled = b.expand(b.unsqueeze(chroma, {2, 4}), b.shape({{chroma, 0}, {chroma, 1}, 2, {chroma, 2}, 2, 2}));
    const ValueId full = b.reshape_to(doubled, b.concat({b.extents(luma, 0, 3), b.ints({2})}, 0));
    const ValueId yuv = b.concat({luma, full}, 3);
    const float y = studio ? 1.164f : 1.f, r = studio ? 1.596f : 1.402f, gu = studio ? 0.391f : 0.344136f, gv = studio ? 0.813f : 0.714136f, bu = studio ? 2.018f : 1.772f;
    const float dark = studio ? -16.f * y : 0.f, zr = dark - 128 * r, zg = dark + 128 * (gu + gv), zb = dark - 128 * bu;
    const bool v_first = planes == nv21 || planes == yv12;
    if (to == 1) {
        if (v_first) return color_matrix(b, x, yuv, 3, 3, {y, y, y, r, -gv, 0, 0, -gu, bu}, {zr, zg, zb});
        return color_matrix(b, x, yuv, 3, 3, {y, y, y, 0, -gu, bu, r, -gv, 0}, {zr, zg, zb});
    }
    if (v_first) return color_matrix(b, x, yuv, 3, 3, {y, y, y, 0, -gv, r, bu, -gu, 0}, {zb, zg, zr});
    color_matrix(b, x, yuv, 3, 3, {y, y, y, bu, -gu, 0, 0, -gv, r}, {zb, zg, zr});
}
[[gnu::cold]] inline ValueId mirror(B& b, ValueId x, int64_t axis) { return b.slice(x, axis, -1, INT64_MIN, -1); }
[[gnu::cold]] inline void flip(B& b, int) {
    const MgeVar x = b.in(0);
    ValueId v = b.plain(0);
    if (b.flag(0)) v = mirror(b, v, 1);
    if (b.flag(1)) v = mirror(b, v, 2);
    b.put(v, x.type);
}
[[gnu::cold]] inline void rotate(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(mirror(b, b.transpose(b.plain(0), {0, 2, 1, 3}), b.flag(0, true) ? 2 : 1), x.type);
}
[[gnu::cold]] inline void gaussian_blur(B& b, int) {
    const MgeVar x = b.in(0);
    const uint32_t border = b.u(0);
    int64_t size[2] = {b.u(1), b.u(2)};
    double sigma[2] = {static_cast<double>(b.f(4)), static_cast<double>(b.f(3))};  // of rows, of columns
    if (sigma[0] <= 0) sigma[0] = sigma[1];
    if (border != 0 && border != 2 && border != 4) {
        b.refuse(text("border mode ", border));
        return b.put_none();
    }
    std::vector<float> kernel[2];
    for (size_t k = 0; k < 2; ++k) {
        if (size[k] == 0) size[k] = static_cast<int64_t>(std::lround(std::clamp(sigma[k], 0., 100.) * (is_mge_float(x.type.kind) ? 4 : 3) * 2 + 1)) | 1;
        check(size[k] >= 1 && size[k] <= 1024, "not a valid .mge model: ", b.who(), " has a kernel of ", size[k]);
        if (sigma[k] <= 0) sigma[k] = 0.3 * (static_cast<double>(size[k] - 1) * 0.5 - 1) + 0.8;
        double sum = 0;
        const auto weight = [&](int64_t i) {
            const double d = static_cast<double>(i) - static_cast<double>(size[k] - 1) / 2;
            return std::exp(-d * d / (2 * sigma[k] * sigma[k]));
        };
        for (int64_t i = 0; i < size[k]; ++i) sum += weight(i);
        for (int64_t i = 0; i < size[k]; ++i) kernel[k].push_back(static_cast<float>(weight(i) / sum));
    }
    const ValueId v = b.transpose(b.cast(b.plain(0), DType::f32), {0, 3, 1, 2}), planes = b.reshape(v, {-1, 1, {v, 2}, {v, 3}});
    const int64_t h = size[0] / 2, w = size[1] / 2;
    ValueId y = b.node("Pad", {planes, b.ints({0, 0, h, w, 0, 0, h, w}), b.number(0)}, {{"mode", border == 0 ? "edge" : border == 2 ? "reflect" : "constant"}});
    y = b.node("Conv", {y, b.constant(Array::of(Shape{1, 1, size[0], 1}, kernel[0]))});
    y = b.node("Conv", {y, b.constant(Array::of(Shape{1, 1, 1, size[1]}, kernel[1]))});
    y = b.transpose(b.reshape_to(y, b.shape_of(v)), {0, 2, 3, 1});
    if (!is_mge_float(x.type.kind)) y = b.unary(M::clip, b.unary(M::round_away, y), 0, 255);
    b.put(b.typed(y, x.type));
}
[[gnu::cold]] inline void resize_3d(B& b, int) {
    const MgeVar x = b.in(0);
    const bool last = b.u(1, 1) == 1;
    const ValueId v = last ? b.transpose(b.plain(0), {0, 4, 1, 2, 3}) : b.plain(0);
    const ValueId sizes = b.concat({b.extents(v, 0, 2), b.cast(b.flatten(b.plain(1)), DType::i64)}, 0);
    const ValueId y = b.node("Resize", {v, kNoValue, kNoValue, sizes}, {{"mode", "linear"}, {"coordinate_transformation_mode", b.flag(2) ? "align_corners" : "half_pixel"}});
    b.put(last ? b.transpose(y, {0, 2, 3, 4, 1}) : y, x.type);
}
[[gnu::cold]] inline void keep_boxes(B& b, int) {
    const std::vector<ValueId> y = b.nodes("KeepBoxes", {b.plain(0)}, {{"threshold", b.f(0)}, {"most", b.u(1)}}, 2);
    b.put(y[0], mge_type(MgeKind::i32));
    b.put(y[1], mge_type(MgeKind::i32));
}

// ---- further convolutions ----

// The windows of x [N, C, H, W] as [OH * OW, N, C * taps], for products with weights of every place; `like` gets a value with the extents OH, OW.
[[gnu::cold]] inline ValueId places(B& b, ValueId x, int64_t c, const WindowParam& p, int64_t h, int64_t w, ValueId& like) {
    const ValueId images = b.reshape(x, {-1, 1, {x, 2}, {x, 3}});
    like = b.node("Conv", {images, taps(b, h, w)}, {{"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    const ValueId t = b.transpose(b.reshape(like, {{x, 0}, c, h * w, {like, 2}, {like, 3}}), {3, 4, 0, 1, 2});  // OH OW N C taps
    return b.reshape(t, {-1, {t, 2}, c * h * w});
}
// kind: 0 weights [OH, OW, C, h, w, O]; 1 with groups in front, each [OH, OW, C / G, h, w, O / G]; 2 LocalShare: [a, b, C, h, w, O] for a x b parts.
[[gnu::cold]] inline void local_convolution(B& b, int kind) {
    const MgeVar x = b.in(0);
    ValueId v = b.plain(0), w = b.plain(1);
    const WindowParam p = window_param(b, 1, 2);
    const size_t first = kind == 1 ? 1 : 0, r = b.rank(w);
    const bool grouped = kind == 1 || (kind == 2 && b.u(9) == 1);
    if (b.u(0) != 0 || r != 6 + first || !b.value(w).shape.known() || (kind == 2 && grouped) || (kind == 1 && b.extent(w, 0) > 65536) || B::packing_of(kind == 2 ? b.u(10) : b.u(8)) != MgePacking::none) {
        b.refuse("this form");
        return b.put_none();
    }
    const int64_t groups = kind == 1 ? b.extent(w, 0) : 1, h = b.extent(w, first + 3), wide = b.extent(w, first + 4), c = b.extent(w, first + 2), o = b.extent(w, first + 5);
    std::vector<ValueId> parts;
    for (int64_t g = 0; g < groups; ++g) {
        ValueId like = kNoValue;
        // The channels follow from the weights, also while the input's are open.
        const ValueId rows = places(b, groups == 1 ? v : b.slice(v, 1, g * c, (g + 1) * c), c, p, h, wide, like);
        ValueId wg = groups == 1 && kind != 1 ? w : b.squeeze(b.slice(w, 0, g, g + 1), {0});
        if (kind == 2) {  // every part's weights at each of its places
            const int64_t a = b.extent(w, 0), k = b.extent(w, 1);
            const ValueId down = b.div(b.extents(like, 2, 3), b.ints({a})), across = b.div(b.extents(like, 3, 4), b.ints({k}));
            const ValueId spread = b.expand(b.reshape(wg, {a, 1, k, 1, c * h * wide * o}), b.concat({b.ints({a}), down, b.ints({k}), across, b.ints({c * h * wide * o})}, 0));
            wg = b.reshape(spread, {-1, c * h * wide, o});
        } else {
            wg = b.reshape(wg, {-1, c * h * wide, o});
        }
        const ValueId y = b.node("MatMul", {rows, wg});  // OH * OW, N, O
        parts.push_back(b.transpose(b.reshape(y, {{like, 2}, {like, 3}, {v, 0}, o}), {2, 3, 0, 1}));
    }
    b.put(b.concat(parts, 1), x.type);
}
[[gnu::cold]] inline void batch_conv_bias(B& b, int) {
    const MgeVar x = b.in(0), w = b.in(1);
    const uint32_t nonlinear = b.u(0), mode = b.u(1), sparse = b.u(8);
    const WindowParam p = window_param(b, 2, 2);
    const MgePacking packing = B::packing_of(b.u(9));
    constexpr M functions[] = {M::identity, M::relu, M::sigmoid, M::hard_swish};
    const ValueId all = b.plain(1);
    const int64_t n = b.extent(all, 0);
    if (nonlinear >= std::size(functions) || mode != 0 || sparse != 0 || n < 1 || n > 65536) {
        b.refuse("this form");
        return b.put_none();
    }
    int64_t groups = 1;
    std::vector<ValueId> each;
    for (int64_t k = 0; k < n; ++k) each.push_back(conv_weights(b, as_float(b, w, b.squeeze(b.slice(all, 0, k, k + 1), {0})), b.u(9), false, 2, groups));
    const ValueId weights = b.concat(each, 0), xv = as_float(b, x, b.nchw(x, packing));
    const int64_t channels = b.extent(weights, 1), outputs = b.extent(weights, 0);
    const ValueId flat = b.reshape(xv, {1, n * channels, {xv, 2}, {xv, 3}});
    ValueId y = b.node("Conv", {flat, weights}, {{"group", n}, {"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    y = b.reshape(y, {n, outputs / n, {y, 2}, {y, 3}});
    for (size_t k = 2; k < b.inputs(); ++k) y = b.add(y, as_float(b, b.in(k), b.nchw(b.in(k), packing)));
    if (nonlinear) y = b.unary(functions[nonlinear], y);
    b.put(b.typed(y, b.result_type(product_type(x.type, w.type)), packing));
}
// Taps moved by offsets, and weighed: the same as ONNX's, but for the order of the inputs.
[[gnu::cold]] inline void deformable_convolution(B& b, int) {
    const MgeVar x = b.in(0);
    const WindowParam p = window_param(b, 1, 2);
    int64_t groups = 1;
    const ValueId w = conv_weights(b, b.plain(1), 0, b.u(7) == 1, 2, groups), offset = b.plain(2), mask = b.plain(3);
    const int64_t taps = b.extent(w, 2) * b.extent(w, 3), moved = b.extent(mask, 1) >= 0 ? b.extent(mask, 1) : b.extent(offset, 1) / 2;
    if (B::packing_of(b.u(8)) != MgePacking::none || b.u(0) != 0 || taps <= 0) {
        b.refuse("this form");
        return b.put_none();
    }
    b.put(b.node("DeformConv", {b.plain(0), w, offset, kNoValue, mask},
                 {{"group", groups}, {"offset_group", moved > 0 ? moved / taps : 1}, {"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}}),
          x.type);
}
// A convolution whose results count only where a mask [OH, OW] is not zero.
[[gnu::cold]] inline void masked_convolution(B& b, int) {
    const MgeVar mask = b.in(2);
    convolution(b, 2);
    MgeVar& y = b.vars.back();
    const ValueId m = b.cast(b.cast(b.flat(mask).id, DType::boolean), DType::f32);
    y.id = b.mul(y.id, m);
}

// A convolution in which a tap counts only where the region of its pixel, in [N, H, W], is that of the result, in [N, OH, OW].
[[gnu::cold]] inline void region_convolution(B& b, int) {
    const MgeVar x = b.in(0);
    const WindowParam p = window_param(b, 1, 2);
    int64_t groups = 1;
    const ValueId v = b.plain(0), w = conv_weights(b, b.plain(1), 0, b.u(7) == 1, 2, groups);
    const int64_t h = b.extent(w, 2), wide = b.extent(w, 3), c = b.extent(w, 1) * groups, n = h > 0 && wide > 0 ? window_area(b, h, wide) : 0;
    if (B::packing_of(b.u(8)) != MgePacking::none || b.u(0) != 0 || n <= 0 || c <= 0) {
        b.refuse("this form");
        return b.put_none();
    }
    const auto spread = [&](ValueId images) { return b.node("Conv", {images, taps(b, h, wide)}, {{"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}}); };
    const ValueId windows = spread(b.reshape(v, {-1, 1, {v, 2}, {v, 3}})), y = b.reshape(windows, {{v, 0}, c, n, {windows, 2}, {windows, 3}});
    const ValueId regions = b.unsqueeze(spread(b.unsqueeze(b.cast(b.plain(2), DType::f32), {1})), {1});
    const ValueId own = b.cast(b.binary(M::equal, regions, b.unsqueeze(b.cast(b.plain(3), DType::f32), {1, 2})), DType::f32);
    const ValueId counted = b.reshape(b.mul(y, own), {{v, 0}, c * n, {windows, 2}, {windows, 3}});
    b.put(b.node("Conv", {counted, b.reshape(w, {{w, 0}, b.extent(w, 1) * n, 1, 1})}, {{"group", groups}}), x.type);
}
// Where a convolution of a mask [H, W] has a tap that is not zero.
[[gnu::cold]] inline void spread_mask(B& b, int) {
    const MgeVar x = b.in(0);
    const WindowParam p = {{b.u(0), b.u(1), b.u(0), b.u(1)}, {b.u(2, 1), b.u(3, 1)}, {b.u(6, 1), b.u(7, 1)}};
    const int64_t h = b.u(4, 1), w = b.u(5, 1), n = window_area(b, h, w);
    const ValueId mask = b.unsqueeze(b.cast(b.cast(b.plain(0), DType::boolean), DType::f32), {0, 1});
    const ValueId ones = b.constant(Array::of(Shape{1, 1, h, w}, std::vector<float>(static_cast<size_t>(n), 1.f)));
    const ValueId y = b.node("Conv", {mask, ones}, {{"pads", p.pads}, {"strides", p.strides}, {"dilations", p.dilations}});
    b.put(b.typed(b.squeeze(b.binary(M::greater, y, b.number(0)), {0, 1}), x.type));
}

// ---- attention ----

// Inputs: queries, keys, values [N, length, size], the weights of the four products one behind the other, behind them their biases, and a
// mask that is added to the scores. Outputs: the result, and the weights of the values [N * heads, queries, keys].
[[gnu::cold]] inline void multi_head_attention(B& b, int) {
    const MgeVar x = b.in(0);
    const int64_t heads = b.u(0, 1), sizes[4][2] = {{b.u(1), b.u(4)}, {b.u(2), b.u(5)}, {b.u(3), b.u(6)}, {b.u(6) ? b.u(6) : b.u(3), b.u(7)}};
    const uint32_t combination = b.u(15);
    const bool masked = combination == 1;
    const bool drops = b.flag(19, true) && (b.f(21) != 0 || b.f(22) != 0);
    if (combination > 1 || b.flag(16) || b.flag(18) || drops || heads < 1 || b.inputs() != (masked ? 5U : 4U) || (b.u(14) != 0 && !masked)) {
        b.refuse("dropout, keys and values of its own, a further zero, or a residual");
        return b.put_none(static_cast<size_t>(std::max<int64_t>(b.op->outputs, 1)));
    }
    const ValueId weights = b.flatten(b.plain(3));
    int64_t at = 0, bias_at = 0;
    for (const auto& s : sizes) {
        check(s[0] <= 1 << 24 && s[1] <= 1 << 24, "not a valid .mge model: ", b.who(), " has a matrix of ", s[0], " x ", s[1]);
        bias_at += s[0] * s[1];
    }
    const auto product = [&](ValueId v, int k) {
        const int64_t from = sizes[k][0], to = sizes[k][1];
        if (to != 0) {
            v = b.node("MatMul", {v, b.reshape(b.slice(weights, 0, at, at + from * to), {from, to})});
            at += from * to;
            if (b.flag(8 + k)) {
                v = b.add(v, b.slice(weights, 0, bias_at, bias_at + to));
                bias_at += to;
            }
        }
        return v;
    };
    const auto split = [&](ValueId v) { return b.transpose(b.reshape(v, {{v, 0}, {v, 1}, heads, b.extent(v, 2) >= 0 ? MgeExtent(b.extent(v, 2) / heads) : MgeExtent(-1)}), {0, 2, 1, 3}); };
    const ValueId q = split(product(b.plain(0), 0)), k = split(product(b.plain(1), 1)), v = split(product(b.plain(2), 2));
    ValueId scores = b.times(b.node("MatMul", {q, b.transpose(k, {0, 1, 3, 2})}), static_cast<double>(b.f(12, 1.f)));
    if (masked) {
        const ValueId mask = b.plain(4);
        scores = b.add(scores, b.rank(mask) == 2 ? mask : b.reshape(mask, {-1, heads, {mask, 1}, {mask, 2}}));
    }
    const ValueId shares = b.node("Softmax", {scores}, {{"axis", -1}}), y = b.transpose(b.node("MatMul", {shares, v}), {0, 2, 1, 3});
    const int64_t each = b.extent(y, 3);
    b.put(product(b.reshape(y, {{y, 0}, {y, 1}, each >= 0 ? MgeExtent(each * heads) : MgeExtent(-1)}), 3), x.type);
    b.put(b.reshape(shares, {-1, {shares, 2}, {shares, 3}}), x.type);
    b.put_none(2);
}

// ---- rarely met ----

[[gnu::cold]] inline void matrix_inverse(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(b.node("MatrixInverse", {b.plain(0)}), x.type);
}
[[gnu::cold]] inline void svd(B& b, int) {
    const MgeVar x = b.in(0);
    if (b.flag(0)) {
        b.refuse("square matrices of all vectors");
        return b.put_none(3);
    }
    for (ValueId v : b.nodes("SVD", {b.plain(0)}, {}, 3)) b.put(v, x.type);
}
// The cosine transform of blocks of an image, a channel for each of its frequencies, or for those that offsets into a list give it.
[[gnu::cold]] inline void cosine_channels(B& b, int) {
    const ValueId v = b.plain(0);
    const int64_t size = b.i(2, 8), all = size * size;
    const bool chosen = b.inputs() == 3;
    const Array *from = chosen ? b.known(b.plain(1)) : nullptr, *which = chosen ? b.known(b.plain(2)) : nullptr;
    const std::vector<int64_t> offsets = from ? from->values<int64_t>() : std::vector<int64_t>(), frequencies = which ? which->values<int64_t>() : offsets;
    const int64_t channels = from ? static_cast<int64_t>(offsets.size()) - 1 : b.extent(v, 1);
    if (b.u(0) != 0 || size < 1 || size > 64 || (chosen && (!from || !which || channels < 0))) {
        b.refuse("this form");
        return b.put_none();
    }
    std::vector<float> waves;
    for (int64_t k = 0; k < all; ++k)
        for (int64_t t = 0; t < all; ++t) {
            const auto wave = [&](int64_t f, int64_t i) {
                const double n = static_cast<double>(size);
                return std::sqrt((f ? 2 : 1) / n) * std::cos(static_cast<double>((2 * i + 1) * f) * 3.14159265358979323846 / (2 * n));
            };
            waves.push_back(static_cast<float>(wave(k / size, t / size) * wave(k % size, t % size)));
        }
    const ValueId planes = b.reshape(b.cast(v, DType::f32), {-1, 1, {v, 2}, {v, 3}}), kernel = b.constant(Array::of(Shape{all, 1, size, size}, waves));
    const ValueId y = b.node("Conv", {planes, kernel}, {{"strides", std::vector<int64_t>{size, size}}});
    const ValueId flat = b.reshape(y, {{v, 0}, channels >= 0 ? MgeExtent(channels * all) : MgeExtent(-1), {y, 2}, {y, 3}});
    if (!chosen) return b.put(flat, mge_type(MgeKind::f32));
    std::vector<int64_t> picked;
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t k = offsets[static_cast<size_t>(c)]; k < offsets[static_cast<size_t>(c) + 1]; ++k) {
            check(k >= 0 && k < static_cast<int64_t>(frequencies.size()) && frequencies[static_cast<size_t>(k)] >= 0 && frequencies[static_cast<size_t>(k)] < all,
                  "not a valid .mge model: ", b.who(), " names frequency ", k, " of ", frequencies.size());
            picked.push_back(c * all + frequencies[static_cast<size_t>(k)]);
        }
    b.put(b.node("Gather", {flat, b.ints(picked)}, {{"axis", 1}}), mge_type(MgeKind::f32));
}
[[gnu::cold]] inline void correlation(B& b, int) {
    const MgeVar x = b.in(0);
    if (b.u(0) != 0) {
        b.refuse(text("images of format ", b.u(0)));
        return b.put_none();
    }
    b.put(b.node("Correlation", {b.plain(0), b.plain(1)},
                 {{"kernel_size", b.u(1, 1)}, {"max_displacement", b.u(2, 1)}, {"stride1", b.u(3, 1)}, {"stride2", b.u(4, 1)}, {"pad", b.u(5)}, {"multiply", b.flag(6, true)}}),
          x.type);
}
[[gnu::cold]] inline void moved_roi_pooling(B& b, int) {
    const MgeVar x = b.in(0);
    const std::vector<ValueId> y = b.nodes("MovedRoiPool", {b.plain(0), b.plain(1), b.flag(0, true) ? kNoValue : b.plain(2)},
                                           {{"spatial_scale", b.f(1, 1.f)}, {"shift_scale", b.f(2, 1.f)}, {"output_height", b.u(3, 1)}, {"output_width", b.u(4, 1)},
                                            {"parts", b.u(5, 1)}, {"samples", b.u(6, 1)}}, 2);
    b.put(y[0], x.type);
    b.put(y[1], x.type);
}
// Every input scaled, and at last whether one of them has an element that is no finite number.
[[gnu::cold]] inline void check_finite(B& b, int) {
    check(b.inputs() > 0, "not a valid .mge model: ", b.who(), " has no inputs");
    std::vector<ValueId> bad;
    for (size_t k = 0; k < b.inputs(); ++k) {
        const ValueId v = b.real_f32(b.flat(b.in(k)));
        const ValueId odd = b.binary(M::logical_or, b.unary(M::is_nan, v), b.unary(M::is_inf, v, 1, 1));
        bad.push_back(b.node("Reduce", {b.reshape(b.cast(odd, DType::i32), {-1}), b.ints({0})}, {{"mode", static_cast<int64_t>(ReduceMode::max)}, {"keepdims", 1}}));
        b.put(b.times(v, static_cast<double>(b.f(0, 1.f))), b.in(k).type);
    }
    b.put(b.node("Reduce", {b.concat(bad, 0), b.ints({0})}, {{"mode", static_cast<int64_t>(ReduceMode::max)}, {"keepdims", 1}}), mge_type(MgeKind::i32));
}
// Numbers of a generator of ours, others in each run; kind: 0 uniform in [0, 1), 1 normal. Modes of Random: 2 and 3, of the shape of its input.
[[gnu::cold]] inline void random(B& b, int kind) {
    const MgeType t = param_type(b, kind ? 3 : 1, MgeKind::f32);
    if (!is_mge_float(t.kind)) {
        b.refuse("numbers that are no floats");
        return b.put_none();
    }
    const ValueId like = b.expand(b.number(0), b.cast(b.plain(0), DType::i64));
    b.put(kind ? b.node("Random", {like}, {{"mode", 2}, {"mean", b.f(1)}, {"scale", b.f(2, 1.f)}}) : b.node("Random", {like}, {{"mode", 3}}), t);
}

[[gnu::cold]] inline void diagonal(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId v = b.plain(0);
    const int64_t k = b.i(0), down = std::max<int64_t>(-k, 0), across = std::max<int64_t>(k, 0);
    const auto steps = [&](ValueId count, ValueId columns) {  // positions down the diagonal, in rows of so many columns
        const ValueId first = b.add(b.mul(columns, b.ints({down})), b.ints({across}));
        return b.add(b.mul(b.iota(count, DType::i64), b.add(columns, b.ints({1}))), first);
    };
    if (b.rank(v) == 2) {
        const ValueId rows = b.extents(v, 0, 1), columns = b.extents(v, 1, 2);
        const ValueId count = b.binary(M::max, b.binary(M::min, b.sub(rows, b.ints({down})), b.sub(columns, b.ints({across}))), b.ints({0}));
        return b.put(b.node("Gather", {b.reshape(v, {-1}), steps(count, columns)}, {{"axis", 0}}), x.type);
    }
    const ValueId n = b.extents(v, 0, 1), side = b.add(n, b.ints({down + across}));
    const ValueId zeros = b.expand(b.number(0, b.dtype(v)), b.mul(side, side));
    const ValueId y = b.node("ScatterND", {zeros, b.unsqueeze(steps(n, side), {1}), v}, {{"reduction", "none"}});
    b.put(b.reshape_to(y, b.concat({side, side}, 0)), x.type);
}
[[gnu::cold]] inline void cross(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId p = b.plain(0), q = b.plain(1);
    const auto turned = [&](ValueId v, int32_t axis, std::vector<int64_t> order) { return b.node("Gather", {v, b.ints(order)}, {{"axis", axis}}); };
    const int32_t a = b.i(0, -1), c = b.i(1, -1), to = b.i(2, -1);
    if (b.axis_of(p, a) != b.axis_of(q, c) || b.axis_of(p, a) != b.axis_of(p, to)) {
        b.refuse("different axes");
        return b.put_none();
    }
    b.put(b.sub(b.mul(turned(p, a, {1, 2, 0}), turned(q, c, {2, 0, 1})), b.mul(turned(p, a, {2, 0, 1}), turned(q, c, {1, 2, 0}))), x.type);
}
[[gnu::cold]] inline void gather_nd(B& b, int) {
    const MgeVar x = b.in(0);
    b.put(b.node("GatherND", {b.plain(0), b.plain(1)}), x.type);
}
[[gnu::cold]] inline void tqt(B& b, int) {
    const MgeVar x = b.in(0);
    const ValueId step = b.binary(M::pow, b.number(2), b.plain(1));
    const ValueId q = b.unary(M::clip, b.unary(M::round_away, b.div(b.plain(0), step)), b.i(0, INT32_MIN), b.i(1, INT32_MAX));
    b.put(b.mul(q, step), x.type);
}
[[gnu::cold]] inline void dropout(B& b, int) {  // as inference has it
    b.put(b.in(0));
    b.put_none();
}

// ---- the table ----

struct Row {
    std::string_view name;
    void (*convert)(MgeBuilder&, int);
    int argument = 0;
};
// Names as either format has them; the hashes of both kinds are made of these.
constexpr Row kRows[] = {
        {"AdaptivePoolingV1", &adaptive_pooling}, {"AdaptivePooling", &adaptive_pooling},
        {"AffineInt", &affine_int},
        {"Alloc", &alloc},
        {"Argmax", &arg_reduce, 0}, {"Argmin", &arg_reduce, 1},
        {"Argsort", &argsort},
        {"AssertEqual", &assert_equal},
        {"AxisAddRemove", &axis_add_remove},
        {"BatchNormV1", &batch_norm}, {"BatchNorm", &batch_norm},
        {"BatchedIncrMeshIndexing", &index_set, 3 + 8}, {"BatchedMeshIndexing", &index, 3}, {"BatchedSetMeshIndexing", &index_set, 3},
        {"BatchedMatrixMulV2", &matrix_product}, {"BatchedMatrixMul", &matrix_product},
        {"Broadcast", &broadcast},
        {"Concat", &concat},
        {"CondTake", &cond_take},
        {"CheckNonFinite", &check_finite},
        {"ConvBiasForward", &conv_bias}, {"ConvBiasForwardV4", &conv_bias},
        {"Convolution", &convolution, 2}, {"ConvolutionV2", &convolution, 2},
        {"Convolution3D", &convolution, 3},
        {"Convolution3DBackwardData", &deconvolution, 3},
        {"BatchConvBiasForward", &batch_conv_bias}, {"BatchConvBiasForwardV1", &batch_conv_bias},
        {"MaskConvolutionV2", &masked_convolution}, {"MaskConvolution", &masked_convolution},
        {"LocalV2", &local_convolution, 0}, {"Local", &local_convolution, 0}, {"GroupLocalV2", &local_convolution, 1}, {"GroupLocal", &local_convolution, 1},
        {"LocalShareForward", &local_convolution, 2}, {"LocalShareForwardV1", &local_convolution, 2},
        {"CorrelationForward", &correlation}, {"DctChannelSelectV1", &cosine_channels}, {"DctChannelSelect", &cosine_channels},
        {"DeformablePSROIPoolingForward", &moved_roi_pooling}, {"MaskPropagate", &spread_mask}, {"MatrixInverse", &matrix_inverse},
        {"MultiHeadAttn", &multi_head_attention}, {"RegionRestrictedConvolution", &region_convolution}, {"SVD", &svd},
        {"GaussianRNGV1", &random, 1}, {"GaussianRNG", &random, 1}, {"UniformRNGV1", &random, 0}, {"UniformRNG", &random, 0},
        {"Cross", &cross}, {"CvtColor", &convert_color}, {"Diag", &diagonal}, {"Dropout", &dropout}, {"Flip", &flip}, {"Rotate", &rotate}, {"GaussianBlur", &gaussian_blur},
        {"IndexingRemap", &gather_nd}, {"LSQ", &fake_quant}, {"TQT", &tqt}, {"NMSKeepMGB", &keep_boxes}, {"Resize3D", &resize_3d},
        {"ConvolutionBackwardData", &deconvolution, 2}, {"ConvolutionBackwardDataV2", &deconvolution, 2},
        {"Copy", &identity, 0},
        {"CumsumV1", &cumsum}, {"Cumsum", &cumsum},
        {"DeformableConvForward", &deformable_convolution}, {"DeformableConvForwardV1", &deformable_convolution},
        {"Dimshuffle", &dimshuffle},
        {"Dot", &dot},
        {"Elemwise", &elemwise_operator}, {"ElemwiseMultiType", &elemwise_multi_type},
        {"Eye", &eye},
        {"FakeQuant", &fake_quant},
        {"GeneralNorm", &general_norm},
        {"GetVarShapeV1", &shape_of}, {"GetVarShape", &shape_of},
        {"GroupNorm", &group_norm, 0}, {"InstanceNorm", &group_norm, 1},
        {"Identity", &identity, 0},
        {"Images2Neibs", &windows}, {"SlidingWindowTranspose", &windows_back},
        {"IncrMeshIndexing", &index_set, 2 + 8}, {"MeshIndexing", &index, 2}, {"SetMeshIndexing", &index_set, 2},
        {"IncrSubtensor", &index_set, 0 + 8}, {"SetSubtensor", &index_set, 0}, {"Subtensor", &index, 0},
        {"IndexingIncrMultiAxisVec", &index_set, 1 + 8}, {"IndexingMultiAxisVec", &index, 1}, {"IndexingSetMultiAxisVec", &index_set, 1},
        {"IndexingOneHot", &index_one_hot}, {"IndexingSetOneHot", &index_set_one_hot},
        {"LRN", &lrn},
        {"LSTMCellForward", &lstm_cell}, {"LSTMForward", &recurrent, 1},
        {"LayerNorm", &layer_norm},
        {"Linspace", &linspace},
        {"MarkDynamicVar", &identity, 0}, {"MarkNoBroadcastElemwise", &identity, 0},
        {"MaskedFill", &masked_fill},
        {"MatrixMulV2", &matrix_product}, {"MatrixMul", &matrix_product},
        {"NonZero", &non_zero},
        {"Padding", &padding},
        {"PersistentOutputStorage", &identity, 0},
        {"PoolingV1", &pooling}, {"Pooling", &pooling},
        {"PowC", &power},
        {"RNNCellForward", &rnn_cell}, {"RNNForward", &recurrent, 0},
        {"ROIAlignV1", &roi_align}, {"ROIPooling", &roi_pooling},
        {"ReduceV2", &reduce}, {"Reduce", &reduce},
        {"RelayoutFormatV1", &relayout}, {"RelayoutFormat", &relayout},
        {"RemapV1", &remap}, {"Remap", &remap},
        {"ReshapeV1", &reshape}, {"Reshape", &reshape},
        {"ResizeV2", &resize}, {"Resize", &resize},
        {"Sleep", &identity, 0},
        {"Softmax", &softmax},
        {"Split", &split},
        {"TopK", &top_k},
        {"TypeCvtV2", &convert_type}, {"TypeCvt", &convert_type},
        {"VirtualDep", &identity, 0},
        {"WarpAffineV2", &warp, 1}, {"WarpAffine", &warp, 1},
        {"WarpPerspectiveV2", &warp, 0}, {"WarpPerspective", &warp, 0},
        {"Where", &where},
};

}  // namespace detail::mge
LITE_NAMESPACE_END
#endif
#endif
