// Elemwise: the family of element-wise operators of one, two or many inputs, with numpy's broadcasting.
#ifndef LITE_OP_ELEMWISE_H_
#define LITE_OP_ELEMWISE_H_
#include "lite/kernel/bricks.h"
#include "lite/kernel/packed_copy.h"
#include "lite/op/broadcast.h"
#include "lite/op/operator.h"
#include "lite/op/relayout.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

constexpr int64_t mode_of(ElemwiseMode m) { return static_cast<int64_t>(m); }

// y = f(x...), f given by the attribute "mode". The parameters alpha and beta are those of ElemwiseMode's comments; the names by
// which ONNX calls them (gamma, lambd, bias, min, max, detect_negative, detect_positive, approximate, fmod, direction) are
// understood, too. Clip takes its bounds from inputs 1 and 2 where they are given. Modes of one input add a second one, if there
// is one, before f (com.microsoft.FastGelu).
struct Elemwise {
    static constexpr std::string_view name = "Elemwise";
    static constexpr Spelling spellings[] = {
            {"onnx", "", "Relu", mode_of(ElemwiseMode::relu)},
            {"onnx", "", "Sigmoid", mode_of(ElemwiseMode::sigmoid)},
            {"onnx", "", "Tanh", mode_of(ElemwiseMode::tanh)},
            {"onnx", "", "Exp", mode_of(ElemwiseMode::exp)},
            {"onnx", "", "Log", mode_of(ElemwiseMode::log)},
            {"onnx", "", "Sqrt", mode_of(ElemwiseMode::sqrt)},
            {"onnx", "", "Reciprocal", mode_of(ElemwiseMode::reciprocal)},
            {"onnx", "", "Abs", mode_of(ElemwiseMode::abs)},
            {"onnx", "", "Neg", mode_of(ElemwiseMode::neg)},
            {"onnx", "", "Floor", mode_of(ElemwiseMode::floor)},
            {"onnx", "", "Ceil", mode_of(ElemwiseMode::ceil)},
            {"onnx", "", "Round", mode_of(ElemwiseMode::round)},
            {"onnx", "", "Sign", mode_of(ElemwiseMode::sign)},
            {"onnx", "", "Erf", mode_of(ElemwiseMode::erf)},
            {"onnx", "", "Sin", mode_of(ElemwiseMode::sin)},
            {"onnx", "", "Cos", mode_of(ElemwiseMode::cos)},
            {"onnx", "", "Tan", mode_of(ElemwiseMode::tan)},
            {"onnx", "", "Asin", mode_of(ElemwiseMode::asin)},
            {"onnx", "", "Acos", mode_of(ElemwiseMode::acos)},
            {"onnx", "", "Atan", mode_of(ElemwiseMode::atan)},
            {"onnx", "", "Sinh", mode_of(ElemwiseMode::sinh)},
            {"onnx", "", "Cosh", mode_of(ElemwiseMode::cosh)},
            {"onnx", "", "Asinh", mode_of(ElemwiseMode::asinh)},
            {"onnx", "", "Acosh", mode_of(ElemwiseMode::acosh)},
            {"onnx", "", "Atanh", mode_of(ElemwiseMode::atanh)},
            {"onnx", "", "Softplus", mode_of(ElemwiseMode::softplus)},
            {"onnx", "", "Softsign", mode_of(ElemwiseMode::softsign)},
            {"onnx", "", "Mish", mode_of(ElemwiseMode::mish)},
            {"onnx", "", "Gelu", mode_of(ElemwiseMode::gelu)},
            {"onnx", "", "Swish", mode_of(ElemwiseMode::swish)},
            {"onnx", "", "HardSigmoid", mode_of(ElemwiseMode::hard_sigmoid)},
            {"onnx", "", "HardSwish", mode_of(ElemwiseMode::hard_swish)},
            {"onnx", "", "LeakyRelu", mode_of(ElemwiseMode::leaky_relu)},
            {"onnx", "", "Elu", mode_of(ElemwiseMode::elu)},
            {"onnx", "", "Selu", mode_of(ElemwiseMode::selu)},
            {"onnx", "", "Celu", mode_of(ElemwiseMode::celu)},
            {"onnx", "", "ThresholdedRelu", mode_of(ElemwiseMode::thresholded_relu)},
            {"onnx", "", "Clip", mode_of(ElemwiseMode::clip)},
            {"onnx", "", "Shrink", mode_of(ElemwiseMode::shrink)},
            {"onnx", "", "Not", mode_of(ElemwiseMode::logical_not)},
            {"onnx", "", "BitwiseNot", mode_of(ElemwiseMode::bitwise_not)},
            {"onnx", "", "IsNaN", mode_of(ElemwiseMode::is_nan)},
            {"onnx", "", "IsInf", mode_of(ElemwiseMode::is_inf)},
            {"onnx", "", "Add", mode_of(ElemwiseMode::add)},
            {"onnx", "", "Sub", mode_of(ElemwiseMode::sub)},
            {"onnx", "", "Mul", mode_of(ElemwiseMode::mul)},
            {"onnx", "", "Div", mode_of(ElemwiseMode::div)},
            {"onnx", "", "Pow", mode_of(ElemwiseMode::pow)},
            {"onnx", "", "Mod", mode_of(ElemwiseMode::mod)},
            {"onnx", "", "PRelu", mode_of(ElemwiseMode::prelu)},
            {"onnx", "", "Equal", mode_of(ElemwiseMode::equal)},
            {"onnx", "", "Less", mode_of(ElemwiseMode::less)},
            {"onnx", "", "LessOrEqual", mode_of(ElemwiseMode::less_equal)},
            {"onnx", "", "Greater", mode_of(ElemwiseMode::greater)},
            {"onnx", "", "GreaterOrEqual", mode_of(ElemwiseMode::greater_equal)},
            {"onnx", "", "And", mode_of(ElemwiseMode::logical_and)},
            {"onnx", "", "Or", mode_of(ElemwiseMode::logical_or)},
            {"onnx", "", "Xor", mode_of(ElemwiseMode::logical_xor)},
            {"onnx", "", "BitwiseAnd", mode_of(ElemwiseMode::bitwise_and)},
            {"onnx", "", "BitwiseOr", mode_of(ElemwiseMode::bitwise_or)},
            {"onnx", "", "BitwiseXor", mode_of(ElemwiseMode::bitwise_xor)},
            {"onnx", "", "BitShift", mode_of(ElemwiseMode::shift_left)},
            {"onnx", "", "Sum", mode_of(ElemwiseMode::sum)},
            {"onnx", "", "Mean", mode_of(ElemwiseMode::mean)},
            {"onnx", "", "Max", mode_of(ElemwiseMode::max_n)},
            {"onnx", "", "Min", mode_of(ElemwiseMode::min_n)},
            {"onnx", "com.microsoft", "Gelu", mode_of(ElemwiseMode::gelu)},
            {"onnx", "com.microsoft", "FastGelu", mode_of(ElemwiseMode::gelu_tanh)},
            {"onnx", "com.microsoft", "QuickGelu", mode_of(ElemwiseMode::quick_gelu)},
    };
    static constexpr OperatorTraits traits{.elementwise = true};
    struct Attributes {
        ElemwiseMode mode = ElemwiseMode::identity;
        template <class V> void visit(V& v) { v("mode", mode); }
    };
    static void infer(InferContext& c);
    static void reference(RunContext& c);
};

// The function of a node with its parameters, whatever names they were given.
inline Activation elemwise_function(const Node& n) {
    const Attributes& a = n.attributes;
    Activation f;
    f.mode = a.get("mode", ElemwiseMode::identity);
    const auto set = [&](float alpha, float beta = 0.f) {
        f.alpha = a.get("alpha", alpha);
        f.beta = a.get("beta", beta);
    };
    set(0.f);
    constexpr float inf = std::numeric_limits<float>::infinity();
    switch (f.mode) {
        case ElemwiseMode::hard_sigmoid: set(0.2f, 0.5f); break;
        case ElemwiseMode::leaky_relu: set(0.01f); break;
        case ElemwiseMode::elu:
        case ElemwiseMode::celu:
        case ElemwiseMode::thresholded_relu:
        case ElemwiseMode::swish: set(1.f); break;
        case ElemwiseMode::quick_gelu:
            set(1.702f);
            f.mode = ElemwiseMode::swish;
            break;
        case ElemwiseMode::selu:
            set(1.67326319217681884765625f, 1.05070102214813232421875f);
            f.beta = a.get("gamma", f.beta);
            break;
        case ElemwiseMode::shrink:
            set(0.5f, 0.f);
            f.alpha = a.get("lambd", f.alpha);
            f.beta = a.get("bias", f.beta);
            break;
        case ElemwiseMode::clip:
            set(-inf, inf);
            f.alpha = a.get("min", f.alpha);
            f.beta = a.get("max", f.beta);
            break;
        case ElemwiseMode::is_inf:
            set(1.f, 1.f);
            f.alpha = a.get("detect_negative", f.alpha);
            f.beta = a.get("detect_positive", f.beta);
            break;
        case ElemwiseMode::gelu:
            if (a.get("approximate", std::string()) == "tanh") f.mode = ElemwiseMode::gelu_tanh;
            break;
        case ElemwiseMode::mod:
            if (a.get("fmod", int64_t{0}) != 0) f.mode = ElemwiseMode::fmod;
            break;
        case ElemwiseMode::shift_left:
            if (a.get("direction", std::string()) == "RIGHT") f.mode = ElemwiseMode::shift_right;
            break;
        default: break;
    }
    if (f.mode == ElemwiseMode::swish && f.alpha == 1.f) f.mode = ElemwiseMode::silu;
    return f;
}

// Whether the result of the mode is a truth value, whatever the inputs are.
constexpr bool is_predicate(ElemwiseMode m) {
    switch (m) {
        case ElemwiseMode::logical_not:
        case ElemwiseMode::is_nan:
        case ElemwiseMode::is_inf:
        case ElemwiseMode::equal:
        case ElemwiseMode::not_equal:
        case ElemwiseMode::less:
        case ElemwiseMode::less_equal:
        case ElemwiseMode::greater:
        case ElemwiseMode::greater_equal:
        case ElemwiseMode::logical_and:
        case ElemwiseMode::logical_or:
        case ElemwiseMode::logical_xor: return true;
        default: return false;
    }
}

// The node as a function of its input 0 alone with constant parameters, so that a pass may fuse it behind what makes that input:
// modes of one input, Clip with constant bounds, Max or Min with a constant, PRelu with a constant slope of one element.
// (Elements are taken to be float; constants of more axes than input 0 are refused, they would change the shape.)
inline bool as_activation(const Node& n, const Graph& g, Activation& out);

// ---- meaning ----

inline void Elemwise::infer(InferContext& c) {
    const Activation f = elemwise_function(c.node());
    c.check_that(c.input_count() > 0, "no inputs");
    const TensorInfo& x = c.input(0);
    Shape shape;
    bool known = true;
    size_t shaping = c.input_count();
    if (is_unary(f.mode)) {
        c.check_that(c.input_count() <= (f.mode == ElemwiseMode::clip ? 3u : 2u), c.input_count(), " inputs for a function of one");
        if (f.mode == ElemwiseMode::clip) shaping = 1;
    } else if (is_binary(f.mode)) {
        c.check_that(c.input_count() == 2, c.input_count(), " inputs, expected 2");
    }
    const bool mixed = f.mode == ElemwiseMode::pow || f.mode == ElemwiseMode::shift_left || f.mode == ElemwiseMode::shift_right;
    for (size_t i = 0; i < shaping; ++i) {
        if (is_unary(f.mode) && i > 0 && !c.has_input(i)) continue;
        const TensorInfo& t = c.input(i);
        c.check_that(t.dtype == x.dtype || mixed, "input ", i, " is ", t.dtype, ", input 0 is ", x.dtype);
        if (!t.has_shape) known = false;
        else if (known) shape = i == 0 ? t.shape : broadcast(shape, t.shape, c.where());
    }
    const DType dtype = is_predicate(f.mode) ? DType::boolean : x.dtype;
    if (known) c.output(0, dtype, shape);
    else c.output_unknown(0, dtype);
}

namespace detail {

template <class T> struct ElemwiseParameters {
    T alpha{}, beta{};
};

inline void elemwise_unary(ElemwiseMode mode, const ElemwiseParameters<double>& p, double* x, size_t n) {
    for (size_t i = 0; i < n; ++i) x[i] = unary_value<double>(mode, p.alpha, p.beta, x[i]);
}
// Integers: arithmetic wraps, and functions of real numbers go through double.
template <class I>
void elemwise_unary(ElemwiseMode mode, const ElemwiseParameters<I>& p, I* x, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        const I v = x[i];
        const I negated = static_cast<I>(uint64_t{0} - static_cast<uint64_t>(v));
        switch (mode) {
            case ElemwiseMode::identity:
            case ElemwiseMode::floor:
            case ElemwiseMode::ceil:
            case ElemwiseMode::round:
            case ElemwiseMode::round_away: break;
            case ElemwiseMode::relu: x[i] = v > 0 ? v : I(0); break;
            case ElemwiseMode::abs: x[i] = std::is_signed_v<I> && v < 0 ? negated : v; break;
            case ElemwiseMode::neg: x[i] = negated; break;
            case ElemwiseMode::sign: x[i] = v > 0 ? I(1) : v == 0 ? I(0) : static_cast<I>(-1); break;
            case ElemwiseMode::square: x[i] = static_cast<I>(static_cast<uint64_t>(v) * static_cast<uint64_t>(v)); break;
            case ElemwiseMode::clip: x[i] = std::min(std::max(v, p.alpha), p.beta); break;
            case ElemwiseMode::logical_not: x[i] = v == 0; break;
            case ElemwiseMode::bitwise_not: x[i] = static_cast<I>(~static_cast<uint64_t>(v)); break;
            case ElemwiseMode::is_nan:
            case ElemwiseMode::is_inf: x[i] = 0; break;
            default:
                x[i] = convert_element<I>(unary_value<double>(mode, static_cast<double>(p.alpha), static_cast<double>(p.beta), static_cast<double>(v)));
        }
    }
}

inline void elemwise_binary(ElemwiseMode mode, const double* a, const double* b, double* y, size_t n) {
    for (size_t i = 0; i < n; ++i) y[i] = binary_value<double>(mode, a[i], b[i]);
}
// a / b toward zero; 0 for b = 0, where the machine would trap.
template <class I> I divide(I a, I b) {
    if (b == 0) return 0;
    if (std::is_signed_v<I> && b == static_cast<I>(-1)) return static_cast<I>(uint64_t{0} - static_cast<uint64_t>(a));
    return a / b;
}
template <class I> I integer_power(I base, I exponent) {
    if (std::is_signed_v<I> && exponent < 0)
        return convert_element<I>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    uint64_t r = 1, b = static_cast<uint64_t>(base);
    for (uint64_t e = static_cast<uint64_t>(exponent); e; e >>= 1, b *= b)
        if (e & 1) r *= b;
    return static_cast<I>(r);
}
template <class I>
void elemwise_binary(ElemwiseMode mode, const I* a, const I* b, I* y, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        const I v = a[i], w = b[i];
        const uint64_t uv = static_cast<uint64_t>(v), uw = static_cast<uint64_t>(w);
        switch (mode) {
            case ElemwiseMode::add: y[i] = static_cast<I>(uv + uw); break;
            case ElemwiseMode::sub: y[i] = static_cast<I>(uv - uw); break;
            case ElemwiseMode::mul: y[i] = static_cast<I>(uv * uw); break;
            case ElemwiseMode::div: y[i] = divide(v, w); break;
            case ElemwiseMode::pow: y[i] = integer_power(v, w); break;
            case ElemwiseMode::max: y[i] = v > w ? v : w; break;
            case ElemwiseMode::min: y[i] = v < w ? v : w; break;
            case ElemwiseMode::fmod:
            case ElemwiseMode::mod:
            case ElemwiseMode::floor_div: {
                const I q = divide(v, w), r = static_cast<I>(uv - static_cast<uint64_t>(q) * uw);
                const bool floors = w != 0 && r != 0 && (r < 0) != (w < 0);
                if (mode == ElemwiseMode::floor_div) y[i] = floors ? static_cast<I>(q - 1) : q;
                else if (w == 0) y[i] = 0;
                else y[i] = mode == ElemwiseMode::mod && floors ? static_cast<I>(r + w) : r;
                break;
            }
            case ElemwiseMode::prelu: y[i] = std::is_signed_v<I> && v < 0 ? static_cast<I>(uv * uw) : v; break;
            case ElemwiseMode::switch_gt0: y[i] = v > 0 ? w : I(0); break;
            case ElemwiseMode::equal: y[i] = v == w; break;
            case ElemwiseMode::not_equal: y[i] = v != w; break;
            case ElemwiseMode::less: y[i] = v < w; break;
            case ElemwiseMode::less_equal: y[i] = v <= w; break;
            case ElemwiseMode::greater: y[i] = v > w; break;
            case ElemwiseMode::greater_equal: y[i] = v >= w; break;
            case ElemwiseMode::logical_and: y[i] = v != 0 && w != 0; break;
            case ElemwiseMode::logical_or: y[i] = v != 0 || w != 0; break;
            case ElemwiseMode::logical_xor: y[i] = (v != 0) != (w != 0); break;
            case ElemwiseMode::bitwise_and: y[i] = static_cast<I>(uv & uw); break;
            case ElemwiseMode::bitwise_or: y[i] = static_cast<I>(uv | uw); break;
            case ElemwiseMode::bitwise_xor: y[i] = static_cast<I>(uv ^ uw); break;
            case ElemwiseMode::shift_left: y[i] = uw < 64 ? static_cast<I>(uv << uw) : I(0); break;
            case ElemwiseMode::shift_right: y[i] = uw < 64 ? static_cast<I>(v >> uw) : std::is_signed_v<I> ? static_cast<I>(v >> 63) : I(0); break;
            default: y[i] = convert_element<I>(binary_value<double>(mode, static_cast<double>(v), static_cast<double>(w)));
        }
    }
}
// The two-input mode that joins the inputs of an n-ary one.
constexpr ElemwiseMode joining_mode(ElemwiseMode m) {
    switch (m) {
        case ElemwiseMode::sum:
        case ElemwiseMode::mean: return ElemwiseMode::add;
        case ElemwiseMode::max_n: return ElemwiseMode::max;
        case ElemwiseMode::min_n: return ElemwiseMode::min;
        default: return m;
    }
}

// m elements of a run of operand o, from its k-th on.
template <class W, size_t kOperands>
void load_run(const BroadcastLoop<kOperands>& loop, size_t o, const TensorView& v, int64_t offset, size_t k, size_t m, W* out) {
    if (loop.step[o] == kPattern)
        for (size_t e = 0; e < m; ++e) load_wide(v, offset + static_cast<int64_t>((k + e) % loop.period), 0, 1, out + e);
    else if (loop.step[o] == kScalar) load_wide(v, offset, 0, m, out);
    else load_wide(v, offset + static_cast<int64_t>(k), 1, m, out);
}

// The inputs folded from left to right into y, in the arithmetic of W, in pieces that fit the stack.
template <class W>
void elemwise_reference(const Activation& f, const ElemwiseParameters<W>& p, std::span<const TensorView> in, size_t count, const TensorView& y) {
    constexpr size_t kChunk = 512;
    W a[kChunk], b[kChunk];
    const ElemwiseMode join = is_unary(f.mode) ? ElemwiseMode::add : joining_mode(f.mode);
    const bool alone = count == 1;
    for (size_t i = alone ? 0 : 1; i < count; ++i) {
        const TensorView& left = i <= 1 ? in[0] : y;
        const Shape pair[] = {left.shape, alone ? Shape{} : in[i].shape};
        const BroadcastLoop<2> loop(y.shape, pair);
        loop.for_each_run(0, loop.total, [&](size_t first, const int64_t* offset, size_t n) {
            for (size_t k = 0; k < n; k += kChunk) {
                const size_t m = std::min(kChunk, n - k);
                load_run(loop, 0, left, offset[0], k, m, a);
                if (!alone) {
                    load_run(loop, 1, in[i], offset[1], k, m, b);
                    elemwise_binary(join, a, b, a, m);
                }
                if (is_unary(f.mode)) elemwise_unary(f.mode, p, a, m);
                if (f.mode == ElemwiseMode::mean && i + 1 == count)
                    for (size_t e = 0; e < m; ++e) a[e] /= static_cast<W>(count);
                store_wide(y, static_cast<int64_t>(first + k), 1, m, a);
            }
        });
    }
}
}  // namespace detail

namespace detail {
// Strings can be compared, and nothing else.
inline void equal_strings(const RunContext& c, const TensorView& y) {
    for (int64_t i = 0; i < y.count(); ++i) {
        std::string_view s[2];
        for (size_t k = 0; k < 2; ++k) {
            const Shape& x = c.input(k).shape;
            int64_t at = 0, step = 1, rest = i;
            for (size_t a = 1; a <= x.rank(); ++a) {
                const int64_t extent = y.shape[y.shape.rank() - a];
                if (x[x.rank() - a] != 1) at += rest % extent * step;
                step *= x[x.rank() - a];
                rest /= extent;
            }
            s[k] = c.input(k).as<const std::string_view>()[at];
        }
        y.as<bool>()[i] = s[0] == s[1];
    }
}
}  // namespace detail

inline void Elemwise::reference(RunContext& c) {
    const Activation f = elemwise_function(*c.node);
    const TensorView& x = c.input(0);
    size_t count = c.inputs.size();
    if (is_unary(f.mode)) count = f.mode != ElemwiseMode::clip && c.has_input(1) ? 2 : 1;
    Shape shape = x.shape;
    for (size_t i = 1; i < count; ++i) shape = broadcast(shape, c.input(i).shape, c.where());
    const TensorView y = c.output(0, is_predicate(f.mode) ? DType::boolean : x.dtype, shape);
    if (shape.count() == 0) return;
    if (x.dtype == DType::string && f.mode == ElemwiseMode::equal) return detail::equal_strings(c, y);
    // An exponent of another type decides with the base how a power is computed.
    const bool real = is_float(x.dtype) || (count > 1 && is_float(c.input(1).dtype));
    visit_wide(real ? DType::f64 : x.dtype, [&](auto tag) {
        using W = decltype(tag);
        detail::ElemwiseParameters<W> p{convert_element<W>(f.alpha), convert_element<W>(f.beta)};
        if (f.mode == ElemwiseMode::clip) {
            if (c.has_input(1) && c.input(1).count() == 1) load_wide(c.input(1), 0, 1, 1, &p.alpha);
            if (c.has_input(2) && c.input(2).count() == 1) load_wide(c.input(2), 0, 1, 1, &p.beta);
        }
        detail::elemwise_reference<W>(f, p, c.inputs, count, y);
    });
}

// ---- kernels, float ----

// Rough time of one element on one thread in ns, data in L2: figures of benchmarks/op/math on AVX2.
inline double elemwise_cost(ElemwiseMode m, const Bricks& bricks) {
    const double vector = 8.0 / std::min(bricks.lanes, 8);
    switch (m) {
        case ElemwiseMode::exp:
        case ElemwiseMode::log:
        case ElemwiseMode::tanh:
        case ElemwiseMode::hard_sigmoid: return 0.3 * vector;
        case ElemwiseMode::sigmoid:
        case ElemwiseMode::silu:
        case ElemwiseMode::swish:
        case ElemwiseMode::gelu_tanh:
        case ElemwiseMode::mish:
        case ElemwiseMode::elu:
        case ElemwiseMode::selu:
        case ElemwiseMode::celu: return 0.5 * vector;
        case ElemwiseMode::erf:
        case ElemwiseMode::gelu:
        case ElemwiseMode::softplus: return 0.9 * vector;
        case ElemwiseMode::pow:
        case ElemwiseMode::sin:
        case ElemwiseMode::cos:
        case ElemwiseMode::tan:
        case ElemwiseMode::mod:
        case ElemwiseMode::fmod: return 8;
        default: return 0.1 * vector;
    }
}

// Whether the bricks compute the function on floats and give floats.
inline bool has_float_kernel(ElemwiseMode m) { return !is_predicate(m) && m != ElemwiseMode::bitwise_not && !(m >= ElemwiseMode::bitwise_and && m <= ElemwiseMode::shift_right); }

// Whether f(0) is +0 (and f(0, 0), f(0, 0 of a packed operand) is), so that the pad lanes of packed layouts stay zero by themselves.
inline bool keeps_zero(const Activation& f) {
    switch (f.mode) {
        case ElemwiseMode::identity:
        case ElemwiseMode::relu:
        case ElemwiseMode::tanh:
        case ElemwiseMode::abs:
        case ElemwiseMode::sqrt:
        case ElemwiseMode::erf:
        case ElemwiseMode::softsign:
        case ElemwiseMode::silu:
        case ElemwiseMode::gelu:
        case ElemwiseMode::gelu_tanh:
        case ElemwiseMode::hard_swish:
        case ElemwiseMode::leaky_relu:
        case ElemwiseMode::square:
        case ElemwiseMode::add:
        case ElemwiseMode::mul:
        case ElemwiseMode::max:
        case ElemwiseMode::sum:
        case ElemwiseMode::max_n: return true;
        case ElemwiseMode::clip: return f.alpha == 0.f && f.beta >= 0.f;
        default: return false;
    }
}

// How one operand of an element-wise kernel in a layout reaches the loop.
struct ElemwiseOperand {
    bool usable = false;
    bool packed = false;  // a constant that `prepare` brings into the layout
    bool scalar = false;
    Shape shape;          // physical
    Shape logical;        // with the rank of the output
};

// An operand against an output of logical shape `out`. NCHW takes everything that broadcasts; NHWC images and constants;
// packed layouts images with all channels, scalars, and constants.
inline ElemwiseOperand elemwise_operand(LayoutTag layout, const TensorInfo& t, const Shape& out) {
    ElemwiseOperand o;
    if (!t || t.dtype != DType::f32) return o;
    o.logical = t.shape;
    while (o.logical.rank() < out.rank()) o.logical.insert(0, 1);
    o.scalar = t.shape.count() == 1;
    if (layout == LayoutTag::nchw) {
        o.usable = t.layout == LayoutTag::nchw;
        o.shape = t.shape;
        return o;
    }
    if (o.scalar) {  // one element lies at offset 0 in every layout
        o.usable = true;
        return o;
    }
    const bool packs = pack_of(layout) > 1;
    if (t.value) {
        // Packed lanes belong to channels, so a constant that varies over pixels only is spread over all of them.
        if (packs) o.logical[1] = out[1];
        o.usable = o.packed = true;
    } else {
        o.usable = t.layout == layout && t.shape.rank() == out.rank() && (!packs || t.shape[1] == out[1]);
    }
    if (o.usable) o.shape = memory_shape(layout, o.logical);
    return o;
}
// A constant brought into the layout: axes of extent 1 stay (but for the channels of a packed layout, which are all there).
inline std::shared_ptr<const std::byte> pack_operand(LayoutTag layout, const ElemwiseOperand& o, const NodeInfo& n, size_t input, PrepareContext& c) {
    const Array& a = *n.constant(input);
    const size_t bytes = static_cast<size_t>(padded_count(layout, o.logical)) * sizeof(float);
    c.drop(input);
    return c.weights->packed(a, text("elemwise/", layout, o.logical), bytes, [&](std::byte* out) {
        Array dense = Array::zeros(DType::f32, o.logical);
        const size_t rank = o.logical.rank(), missing = rank - a.shape().rank();
        int64_t stride[kMaxRank] = {}, count = 1;
        for (size_t k = rank; k-- > missing; count *= a.shape()[k - missing])
            if (a.shape()[k - missing] != 1) stride[k] = count;
        StridedCopy spread;
        spread.row_major(o.logical, stride);
        spread.run(dense.mutable_data(), a.data(), sizeof(float), nullptr, nullptr);
        InlinePool pool;
        relayout({dense.mutable_data(), DType::f32, o.logical, LayoutTag::nchw}, {out, DType::f32, o.logical, layout}, *n.bricks, pool);
    });
}

struct ElemwiseKernel {
    static constexpr std::string_view name = "elemwise";
    static constexpr bool in_place = true;

    struct Step {
        size_t other = 0;        // index of the second operand; 0 and n == 1: function of one operand
        BroadcastLoop<2> loop;
    };
    struct State {
        Activation f;
        size_t operands = 0;     // 1: of one input
        std::vector<Step> steps; // first operand: input 0 in the first step, then the output
        std::vector<std::shared_ptr<const std::byte>> packed;  // by input; null: read from the tensor
        bool clean = false;      // pad lanes must be zeroed
        size_t total = 0, grain = 1;
    };

    static size_t operand_count(const NodeInfo& n, const Activation& f) {
        if (is_unary(f.mode)) return 1;
        return n.inputs.size();
    }
    static bool parameters(const NodeInfo& n, Activation& f) {
        f = elemwise_function(*n.node);
        if (!has_float_kernel(f.mode)) return false;
        if (f.mode == ElemwiseMode::clip) {
            for (size_t i = 1; i <= 2; ++i) {
                if (!n.has_input(i)) continue;
                if (n.input(i).shape.count() != 1) return false;
                if (const Array* v = n.constant(i)) (i == 1 ? f.alpha : f.beta) = v->scalar_value<float>();
            }
        } else if (is_unary(f.mode) && n.has_input(1)) {
            return false;
        }
        return true;
    }
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        Activation f;
        if (n.inputs.empty() || !n.input(0) || n.output().dtype != DType::f32 || !parameters(n, f)) return false;
        if (layout != LayoutTag::nchw && n.output().shape.rank() < 3) return false;
        const size_t count = operand_count(n, f);
        for (size_t i = 2; i < count; ++i)  // a third operand is read when the output, which may lie on input 0, is written
            if (n.node->inputs[i] == n.node->inputs[0]) return false;
        bool image = layout == LayoutTag::nchw;
        for (size_t i = 0; i < count; ++i) {
            const ElemwiseOperand o = elemwise_operand(layout, n.input(i), n.output().shape);
            if (!o.usable) return false;
            image = image || (!o.packed && !o.scalar);
        }
        return image;
    }
    static double cost(const NodeInfo& n) {
        Activation f;
        if (!parameters(n, f)) return 1e9;
        const double elements = static_cast<double>(padded_count(n.layout(), n.output().shape));
        return 100 + elements * std::max(elemwise_cost(f.mode, *n.bricks), 0.1 * static_cast<double>(operand_count(n, f)));
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const LayoutTag layout = n.layout();
        State s;
        parameters(n, s.f);
        s.operands = operand_count(n, s.f);
        const Shape out = memory_shape(layout, n.output().shape);
        s.total = static_cast<size_t>(out.count());
        s.grain = std::max<size_t>(64, static_cast<size_t>(1500 / elemwise_cost(s.f.mode, *n.bricks)) / 64 * 64);
        s.packed.resize(s.operands);
        Shape first;
        for (size_t i = 0; i < s.operands; ++i) {
            const ElemwiseOperand o = elemwise_operand(layout, n.input(i), n.output().shape);
            if (o.packed) s.packed[i] = pack_operand(layout, o, n, i, c);
            if (i == 0) {
                first = o.shape;
                if (s.operands == 1) {
                    const Shape pair[] = {o.shape, Shape{}};
                    s.steps.push_back({0, BroadcastLoop<2>(out, pair)});
                }
            } else {
                const Shape pair[] = {i == 1 ? first : out, o.shape};
                s.steps.push_back({i, BroadcastLoop<2>(out, pair)});
            }
        }
        const bool pads = pack_of(layout) > 1 && n.output().shape[1] % pack_of(layout) != 0;
        s.clean = pads && !keeps_zero(s.f);
        for (size_t i = 0; i < s.operands; ++i)  // a scalar is not zero in the pad lanes
            if (!is_unary(s.f.mode) && elemwise_operand(layout, n.input(i), n.output().shape).scalar) s.clean = pads;
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        float* const y = c.output(0).as<float>();
        const MathBricks& m = c.bricks->math;
        Activation f = s.f;
        if (f.mode == ElemwiseMode::clip)
            for (size_t i = 1; i <= 2; ++i)  // bounds that only a run tells
                if (c.has_input(i) && c.input(i).data) (i == 1 ? f.alpha : f.beta) = *c.input(i).as<const float>();
        const auto operand = [&](size_t i) {
            return s.packed[i] ? reinterpret_cast<const float*>(s.packed[i].get()) : c.input(i).as<const float>();
        };
        const ElemwiseMode join = detail::joining_mode(f.mode);
        c.pool->parallel_for(s.total, s.grain, [&](size_t begin, size_t end, int) {
            if (s.operands == 1) {
                const float* x = operand(0);
                if (is_unary(f.mode)) m.unary(f.mode, f.alpha, f.beta, x + begin, y + begin, end - begin);
                else if (x != y) std::memcpy(y + begin, x + begin, (end - begin) * sizeof(float));
                return;
            }
            for (size_t k = 0; k < s.steps.size(); ++k) {
                const Step& t = s.steps[k];
                const float *a = k ? y : operand(0), *b = operand(t.other);
                t.loop.for_each_run(begin, end, [&](size_t first, const int64_t* at, size_t n) {
                    alignas(64) float pa[16], pb[16];
                    const float *ra = a + at[0], *rb = b + at[1];
                    if (t.loop.step[0] == kPattern) {
                        for (size_t j = 0; j < 16; ++j) pa[j] = ra[j % t.loop.period];
                        ra = pa;
                    }
                    if (t.loop.step[1] == kPattern) {
                        for (size_t j = 0; j < 16; ++j) pb[j] = rb[j % t.loop.period];
                        rb = pb;
                    }
                    m.binary(join, ra, t.loop.step[0], rb, t.loop.step[1], y + first, n);
                });
            }
            if (f.mode == ElemwiseMode::mean) {
                const float count = static_cast<float>(s.operands);
                m.binary(ElemwiseMode::div, y + begin, kDense, &count, kScalar, y + begin, end - begin);
            }
        });
        if (s.clean) zero_pad_lanes(c.output(0), *c.pool);
    }
};
template <LayoutType L> struct Kernel<Elemwise, L, float> : ElemwiseKernel {};

// Comparisons of any common type, logic of truth values, arithmetic of integers: plain loops, 0.3-1 ns an element where the
// reference takes 20.
template <> struct Kernel<Elemwise, NCHW, void> {
    static constexpr std::string_view name = "elemwise/typed";
    // y[i] = f(a[i & mask_a], b[i & mask_b])
    using Row = void (*)(const std::byte* a, size_t mask_a, const std::byte* b, size_t mask_b, std::byte* y, size_t n);
    struct State {
        Row row = nullptr;
        BroadcastLoop<2> loop;
    };
    static bool applicable(const NodeInfo& n) {
        return n.inputs.size() == 2 && n.input(0) && n.input(1) && n.output().shape_known() && n.input(0).dtype == n.input(1).dtype && row_of(n);
    }
    static double cost(const NodeInfo& n) { return 50 + static_cast<double>(n.output().shape.count()); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const Shape pair[] = {n.input(0).shape, n.input(1).shape};
        return {row_of(n), BroadcastLoop<2>(n.output().shape, pair)};
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const auto *a = c.input(0).as<const std::byte>(), *b = c.input(1).as<const std::byte>();
        auto* y = c.output(0).as<std::byte>();
        const size_t in = size_of(c.input(0).dtype), out = size_of(c.output(0).dtype);
        c.pool->parallel_for(s.loop.total, 4096, [&](size_t begin, size_t end, int) {
            s.loop.for_each_run(begin, end, [&](size_t first, const int64_t* at, size_t n) {
                s.row(a + static_cast<size_t>(at[0]) * in, s.loop.mask(0), b + static_cast<size_t>(at[1]) * in, s.loop.mask(1), y + first * out, n);
            });
        });
    }

private:
    // Null: there is none.
    static Row row_of(const NodeInfo& n) {
        const ElemwiseMode m = detail::joining_mode(elemwise_function(*n.node).mode);
        switch (n.input(0).dtype) {
            case DType::boolean:
                switch (m) {
                    case ElemwiseMode::logical_and: return row<uint8_t, std::bit_and<uint8_t>>;
                    case ElemwiseMode::logical_or: return row<uint8_t, std::bit_or<uint8_t>>;
                    case ElemwiseMode::logical_xor: return row<uint8_t, std::bit_xor<uint8_t>>;
                    case ElemwiseMode::equal: return row<uint8_t, std::equal_to<uint8_t>>;
                    default: return nullptr;
                }
            case DType::f32: return comparison<float>(m);
            case DType::u8: return comparison<uint8_t>(m);
            case DType::i8: return comparison<int8_t>(m);
            case DType::i32: return arithmetic<int32_t>(m);
            case DType::i64: return arithmetic<int64_t>(m);
            default: return nullptr;
        }
    }
    template <class T, class F>
    static void row(const std::byte* a, size_t mask_a, const std::byte* b, size_t mask_b, std::byte* y, size_t n) {
        const T *p = reinterpret_cast<const T*>(a), *q = reinterpret_cast<const T*>(b);
        auto* to = reinterpret_cast<std::remove_cvref_t<decltype(F()(*p, *q))>*>(y);
        for (size_t i = 0; i < n; ++i) to[i] = F()(p[i & mask_a], q[i & mask_b]);
    }
    template <class T>
    static Row comparison(ElemwiseMode m) {
        switch (m) {
            case ElemwiseMode::equal: return row<T, std::equal_to<T>>;
            case ElemwiseMode::not_equal: return row<T, std::not_equal_to<T>>;
            case ElemwiseMode::less: return row<T, std::less<T>>;
            case ElemwiseMode::less_equal: return row<T, std::less_equal<T>>;
            case ElemwiseMode::greater: return row<T, std::greater<T>>;
            case ElemwiseMode::greater_equal: return row<T, std::greater_equal<T>>;
            default: return nullptr;
        }
    }
    // Sums and products wrap.
    template <class I>
    static Row arithmetic(ElemwiseMode m) {
        using U = std::make_unsigned_t<I>;
        struct Divide {
            I operator()(I a, I b) const { return detail::divide(a, b); }
        };
        struct Max {
            I operator()(I a, I b) const { return std::max(a, b); }
        };
        struct Min {
            I operator()(I a, I b) const { return std::min(a, b); }
        };
        switch (m) {
            case ElemwiseMode::add: return row<U, std::plus<U>>;
            case ElemwiseMode::sub: return row<U, std::minus<U>>;
            case ElemwiseMode::mul: return row<U, std::multiplies<U>>;
            case ElemwiseMode::div: return row<I, Divide>;
            case ElemwiseMode::max: return row<I, Max>;
            case ElemwiseMode::min: return row<I, Min>;
            default: return comparison<I>(m);
        }
    }
};

inline bool as_activation(const Node& n, const Graph& g, Activation& out) {
    if (n.op->name != Elemwise::name || n.inputs.empty() || n.inputs[0] == kNoValue) return false;
    const Value& x = g.value(n.inputs[0]);
    if (x.dtype != DType::none && !is_float(x.dtype)) return false;
    Activation f = elemwise_function(n);
    const auto scalar = [&](size_t i, float& v) {
        const Array& a = g.value(n.inputs[i]).constant;
        if (!a || a.count() != 1) return false;
        if (a.shape().rank() > 0 && !(x.has_shape && a.shape().rank() <= x.shape.rank())) return false;
        v = a.scalar_value<float>();
        return true;
    };
    constexpr float inf = std::numeric_limits<float>::infinity();
    if (f.mode == ElemwiseMode::clip) {
        for (size_t i = 1; i < n.inputs.size(); ++i) {
            if (n.inputs[i] == kNoValue) continue;
            const Array& a = g.value(n.inputs[i]).constant;
            if (!a || a.count() != 1) return false;
            (i == 1 ? f.alpha : f.beta) = a.scalar_value<float>();
        }
    } else if (is_unary(f.mode)) {
        if (is_predicate(f.mode) || f.mode == ElemwiseMode::bitwise_not) return false;
        if (n.inputs.size() > 1 && n.inputs[1] != kNoValue) return false;
    } else {
        float v = 0.f;
        if (n.inputs.size() != 2 || n.inputs[1] == kNoValue || !scalar(1, v)) return false;
        switch (detail::joining_mode(f.mode)) {
            case ElemwiseMode::max: f = {ElemwiseMode::clip, v, inf}; break;
            case ElemwiseMode::min: f = {ElemwiseMode::clip, -inf, v}; break;
            case ElemwiseMode::prelu: f = {ElemwiseMode::leaky_relu, v, 0.f}; break;
            default: return false;
        }
    }
    if (f.mode == ElemwiseMode::clip && f.alpha == 0.f && f.beta == inf) f = {ElemwiseMode::relu, 0.f, 0.f};
    out = f;
    return true;
}

LITE_NAMESPACE_END
#endif
