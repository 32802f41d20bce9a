// The operators of ours as those of .mge files: one function for each family, and the table of their names.
#ifndef LITE_FORMAT_MGE_WRITER_OPERATORS_H_
#define LITE_FORMAT_MGE_WRITER_OPERATORS_H_
#include "lite/format/mge_emitter.h"
#include "lite/format/mge_operators.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/correlation.h"
#include "lite/op/elemwise.h"
#include "lite/op/group_norm.h"
#include "lite/op/layer_norm.h"
#include "lite/op/matmul.h"
#include "lite/op/moved_roi_pool.h"
#include "lite/op/pool.h"
#include "lite/op/quantize_linear.h"
#include "lite/op/random.h"
#include "lite/op/recurrent.h"
#include "lite/op/reduce.h"
#include "lite/op/remap.h"
#include "lite/op/resize.h"
#include "lite/op/roi_pool.h"
#include "lite/op/roi_samples.h"
#include "lite/op/softmax.h"

#if LITE_HAS_MGE
LITE_NAMESPACE_BEGIN
namespace detail::mge {

using W = MgeEmitter;
using Out = MgeOut;
using K = MgeKind;

// Writing happens once: these functions are compiled for size ("cold").

// ---- element by element ----

enum Number : int {  // of param.Elemwise.mode
    kRelu = 0, kAbs = 1, kExp = 6, kExpm1 = 7, kFloor = 8, kLog = 9, kNegate = 11, kSigmoid = 12, kTanh = 14, kAdd = 16, kFloorDiv = 17, kMax = 18, kMin = 19,
    kMod = 20, kMul = 21, kPow = 22, kSub = 24, kSwitchGt0 = 25, kTrueDiv = 27, kLess = 29, kLessEqual = 30, kEqual = 31, kMulAdd3 = 35, kRound = 42, kAtan2 = 44,
    kErfinv = 46, kHSwish = 49, kNot = 52, kAnd = 53, kOr = 54, kXor = 55, kCondLtMov = 60, kPrelu = 73, kSoftplus = 76, kSqrt = 83, kSquare = 84,
};

[[gnu::cold]] inline Out boolean(W& w, const Out& x) { return w.convert(x, K::boolean); }
[[gnu::cold]] inline Out one_minus(W& w, const Out& x) { return w.difference(w.number(1, x.type), x); }
// q ? a : b, q a boolean.
[[gnu::cold]] inline Out select(W& w, const Out& q, const Out& a, const Out& b) {
    if (a.type.kind == K::boolean) return w.elemwise(kOr, {w.elemwise(kAnd, {q, a}), w.elemwise(kAnd, {w.elemwise(kNot, {q}), b})});
    const Out yes = w.convert(q, a.type);
    return w.sum(w.elemwise(kSwitchGt0, {yes, a}), w.elemwise(kSwitchGt0, {one_minus(w, yes), b}));
}
[[gnu::cold]] inline Out clamp(W& w, Out x, double low, double high) {
    if (low > -std::numeric_limits<double>::infinity()) x = w.elemwise(kMax, {x, w.number(low, x.type)});
    if (high < std::numeric_limits<double>::infinity()) x = w.elemwise(kMin, {x, w.number(high, x.type)});
    return x;
}
// Half to even: theirs goes away from zero, and from there back where it met a half.
[[gnu::cold]] inline Out round_even(W& w, const Out& x) {
    const Out r = w.elemwise(kRound, {x}), tie = w.elemwise(kEqual, {w.elemwise(kAbs, {w.difference(r, x)}), w.number(0.5, x.type)});
    const Out even = w.scaled(w.elemwise(kRound, {w.scaled(x, 0.5)}), 2);
    return w.sum(r, w.elemwise(kSwitchGt0, {tie, w.difference(even, r)}));
}
// f(x), an absent variable where MegEngine has no form of it.
[[gnu::cold]] inline Out activation(W& w, const Activation& f, const Out& x) {
    const double a = static_cast<double>(f.alpha), b = static_cast<double>(f.beta);
    const auto negative = [&] { return w.elemwise(kMin, {x, w.number(0, x.type)}); };
    const auto test = [&](const Out& y) { return boolean(w, y); };
    switch (f.mode) {
        case M::identity: return x;
        case M::clip:
            if (a == 0 && b == 6) return w.elemwise(78, {x});
            return clamp(w, x, a, b);
        case M::is_nan: return w.elemwise(kNot, {test(w.elemwise(kEqual, {x, x}))});
        case M::is_inf: {
            const auto is = [&](double v) { return test(w.elemwise(kEqual, {x, w.number(v, x.type)})); };
            constexpr double inf = std::numeric_limits<double>::infinity();
            if (a != 0 && b != 0) return w.elemwise(kOr, {is(inf), is(-inf)});
            return is(a != 0 ? -inf : inf);
        }
        case M::hard_sigmoid: return clamp(w, w.shifted(w.scaled(x, a), b), 0, 1);
        case M::reciprocal: return w.quotient(w.number(1, x.type), x);
        case M::round: return round_even(w, x);
        case M::atan: return w.elemwise(kAtan2, {x, w.number(1, x.type)});
        case M::softsign: return w.quotient(x, w.shifted(w.elemwise(kAbs, {x}), 1));
        case M::mish: return w.product(x, w.elemwise(kTanh, {w.elemwise(kSoftplus, {x})}));
        case M::gelu_tanh: {
            const Out inner = w.product(x, w.shifted(w.scaled(w.elemwise(kSquare, {x}), 0.044715), 1));
            return w.product(w.scaled(x, 0.5), w.shifted(w.elemwise(kTanh, {w.scaled(inner, 0.7978845608028654)}), 1));
        }
        case M::leaky_relu: return w.elemwise(kPrelu, {x, w.number(a, x.type)});
        case M::elu: return w.sum(w.elemwise(kRelu, {x}), w.scaled(w.elemwise(kExpm1, {negative()}), a));
        case M::celu: return w.sum(w.elemwise(kRelu, {x}), w.scaled(w.elemwise(kExpm1, {w.scaled(negative(), 1 / a)}), a));
        case M::selu: return w.scaled(w.sum(w.elemwise(kRelu, {x}), w.scaled(w.elemwise(kExpm1, {negative()}), a)), b);
        case M::thresholded_relu: return w.elemwise(kCondLtMov, {w.number(a, x.type), x, x});
        case M::shrink:
            return w.sum(w.elemwise(kCondLtMov, {x, w.number(-a, x.type), w.shifted(x, b)}), w.elemwise(kCondLtMov, {w.number(a, x.type), x, w.shifted(x, -b)}));
        case M::swish: case M::quick_gelu: return w.product(x, w.elemwise(kSigmoid, {w.scaled(x, a)}));
        case M::erfinv: return w.elemwise(kErfinv, {x});
        default: break;
    }
    for (const PlainMode& p : kPlainModes)
        if (p.mode == f.mode && is_unary(f.mode)) {
            if (x.type.kind == K::boolean && f.mode != M::logical_not) return f.mode == M::abs ? x : Out{};
            return w.elemwise(p.number, {x});
        }
    return {};
}
[[gnu::cold]] inline Out binary(W& w, M mode, const Out& x, Out y) {
    const bool floats = is_mge_float(x.type.kind), bools = x.type.kind == K::boolean;
    if (y.type.kind != x.type.kind) y = w.convert(y, x.type);
    const auto test = [&](const Out& v) { return boolean(w, v); };
    const auto truncated = [&] {  // of the floor, one more where a fraction of a negative quotient was cut
        const Out q = w.elemwise(kFloorDiv, {x, y}), zero = w.number(0, x.type);
        const Out cut = w.difference(w.number(1, x.type), w.elemwise(kEqual, {w.product(q, y), x}));
        const Out sign = w.difference(w.elemwise(kLess, {x, zero}), w.elemwise(kLess, {y, zero}));
        return w.sum(q, w.product(cut, w.product(sign, sign)));
    };
    switch (mode) {
        case M::greater: return binary(w, M::less, y, x);
        case M::greater_equal: return binary(w, M::less_equal, y, x);
        case M::equal: return bools ? w.elemwise(kNot, {w.elemwise(kXor, {x, y})}) : test(w.elemwise(kEqual, {x, y}));
        case M::not_equal: return bools ? w.elemwise(kXor, {x, y}) : w.elemwise(kNot, {test(w.elemwise(kEqual, {x, y}))});
        case M::less: return bools ? w.elemwise(kAnd, {w.elemwise(kNot, {x}), y}) : test(w.elemwise(kLess, {x, y}));
        case M::less_equal: return bools ? w.elemwise(kOr, {w.elemwise(kNot, {x}), y}) : test(w.elemwise(kLessEqual, {x, y}));
        case M::div: return floats ? w.quotient(x, y) : bools ? Out{} : truncated();
        case M::pow: return floats ? w.elemwise(kPow, {x, y}) : w.convert(w.elemwise(kRound, {w.elemwise(kPow, {w.real(x), w.real(y)})}), x.type);
        case M::mod: return floats ? w.difference(x, w.product(y, w.elemwise(kFloor, {w.quotient(x, y)}))) : w.elemwise(kMod, {x, y});
        case M::fmod: return floats ? w.elemwise(kMod, {x, y}) : w.difference(x, w.product(y, truncated()));
        case M::sum: case M::add: return w.sum(x, y);
        case M::max_n: return binary(w, M::max, x, y);
        case M::min_n: return binary(w, M::min, x, y);
        case M::mean: return w.sum(x, y);
        case M::bitwise_and: return bools ? w.elemwise(kAnd, {x, y}) : Out{};
        case M::bitwise_or: return bools ? w.elemwise(kOr, {x, y}) : Out{};
        case M::bitwise_xor: return bools ? w.elemwise(kXor, {x, y}) : Out{};
        default: break;
    }
    for (const PlainMode& p : kPlainModes)
        if (p.mode == mode && is_binary(mode)) {
            if (bools) {
                if (mode == M::max) return w.elemwise(kOr, {x, y});
                if (mode == M::min) return w.elemwise(kAnd, {x, y});
                if (mode != M::logical_and && mode != M::logical_or && mode != M::logical_xor) return {};
            }
            return w.elemwise(p.number, {x, y});
        }
    return {};
}

// The inputs, all in one packing so that they meet element by element: that of the first which is packed, if it suits the others.
[[gnu::cold]] inline std::vector<Out> aligned(W& w, MgePacking& p) {
    p = MgePacking::none;
    int64_t channels = 0;
    for (size_t i = 0; i < w.node->inputs.size(); ++i) {
        if (!w.has(i) || !w.written(w.id(i)) || w.given(i)) continue;
        const Out o = w.raw(w.id(i));
        if (o.packing == MgePacking::none || is_mge_quantized(o.type.kind)) continue;
        p = o.packing;
        channels = w.shape(i)[1];
    }
    const auto single = [&](size_t i) { return w.shape(i).known() && w.shape(i).count() == 1; };
    for (size_t i = 0; i < w.node->inputs.size() && p != MgePacking::none; ++i)
        if (w.has(i) && !single(i) && (w.rank(i) != 4 || w.shape(i)[1] != channels)) p = MgePacking::none;
    std::vector<Out> v;
    for (size_t i = 0; i < w.node->inputs.size(); ++i)
        if (w.has(i)) v.push_back(p == MgePacking::none || single(i) ? w.in(i) : w.packed(w.raw(w.id(i)), p));
        else v.emplace_back();
    return v;
}
[[gnu::cold]] inline void put_packed(W& w, Out y, MgePacking p) {
    y.packing = p;
    w.put(y);
}
// (x y + 2^30) >> 31 of integers of 64 bits is the high half of a product of those of 32, the only such shift that has a form.
[[gnu::cold]] inline Out high_product(W& w) {
    const auto made_by = [&](ValueId v, M mode) {
        const Node* n = w.producer(v);
        return n && n->op->name == "Elemwise" && n->inputs.size() == 2 && elemwise_function(*n).mode == mode ? n : nullptr;
    };
    const auto is = [&](ValueId v, int64_t number) { const Array* a = w.known(v); return a && a->count() == 1 && a->scalar_value<int64_t>() == number; };
    const Node* sum = is(w.id(1), 31) ? made_by(w.id(0), M::add) : nullptr;
    const Node* product = sum && is(sum->inputs[1], int64_t{1} << 30) ? made_by(sum->inputs[0], M::mul) : nullptr;
    if (!product) return {};
    std::vector<Out> x;
    for (ValueId v : product->inputs) {
        const Node* cast = w.producer(v);
        const bool narrow = cast && cast->op->name == "Cast" && w.value(cast->inputs[0]).dtype == DType::i32;
        if (narrow || w.known(v)) x.push_back(w.plain(narrow ? cast->inputs[0] : v));
    }
    return x.size() == 2 ? w.elemwise(43, x) : Out{};
}
[[gnu::cold]] inline void elemwise_node(W& w) {
    const Activation f = elemwise_function(*w.node);
    if (f.mode == M::shift_right && size_of(w.dtype(0)) == 8) {
        const Out y = high_product(w);
        if (w.need(static_cast<bool>(y), "shifts of integers of 64 bits")) w.put(y);
        return;
    }
    MgePacking p;
    std::vector<Out> x = aligned(w, p);
    Out y = x[0];
    if (f.mode == M::clip && x.size() > 1) {
        if (x[1]) y = w.elemwise(kMax, {y, x[1]});
        if (x.size() > 2 && x[2]) y = w.elemwise(kMin, {y, x[2]});
    } else if (is_unary(f.mode) || f.mode == M::identity) {
        if (x.size() > 1 && x[1]) y = w.sum(y, x[1]);
        y = activation(w, f, y);
    } else {
        for (size_t i = 1; i < x.size() && y; ++i) y = binary(w, f.mode, y, x[i]);
        if (y && f.mode == M::mean) y = w.quotient(y, w.number(static_cast<double>(x.size()), y.type));
    }
    if (!w.need(static_cast<bool>(y), text("mode ", static_cast<int64_t>(f.mode), " of ", w.dtype(0)))) return;
    put_packed(w, y, p);
}
[[gnu::cold]] inline void where_node(W& w) {
    MgePacking p;
    const std::vector<Out> x = aligned(w, p);
    put_packed(w, select(w, x[0], x[1], x[2]), p);
}
[[gnu::cold]] inline void cast_node(W& w) {
    const DType to = w.result().dtype;
    Out x = w.raw(w.id(0));
    if (is_mge_quantized(x.type.kind)) x = w.in(0);
    w.put(w.convert(x, W::plain_type(to)));
}
[[gnu::cold]] inline void same_node(W& w) { w.put(w.raw(w.id(0))); }
[[gnu::cold]] inline void constant_node(W& w) { w.put(w.constant(w.node->attributes.get<Array>("value", {}), w.result().name)); }

// ---- convolutions ----

// Pads before and behind each spatial axis; false if they depend on an extent that only a run tells.
[[gnu::cold]] inline bool window_pads(W& w, const Conv::Attributes& a, const std::vector<int64_t>& window, std::vector<int64_t>& before,
                                              std::vector<int64_t>& behind) {
    const size_t n = window.size();
    const bool same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
    for (size_t k = 0; k < n; ++k) {
        int64_t in = w.shape(0)[2 + k];
        const int64_t stride = a.strides.empty() ? 1 : a.strides[k];
        if (same && in < 0) {
            if (stride != 1) return false;
            in = int64_t{1} << 20;  // with stride 1 the pads are the same for every extent
        }
        const WindowAxis x = window_axis({a.auto_pad, a.strides, a.dilations, a.pads}, k, n, in, window[k], *w.node);
        before.push_back(x.pad);
        behind.push_back(same ? std::max<int64_t>((x.out - 1) * x.stride + x.reach() - in, 0) - x.pad : a.auto_pad == "VALID" || a.pads.empty() ? 0 : a.pads[k + n]);
    }
    return true;
}
// x with borders on its axes from 2 on (a cut where they are negative).
[[gnu::cold]] inline Out padded(W& w, Out x, size_t first, const std::vector<int64_t>& before, const std::vector<int64_t>& behind, double value, int mode = 2) {
    MgeParam p{82};
    bool any = false;
    for (size_t k = 0; k < before.size(); ++k) {
        any = any || before[k] > 0 || behind[k] > 0;
        p.fields.push_back({static_cast<int>(first + k), static_cast<uint32_t>(std::max<int64_t>(before[k], 0))});
        p.fields.push_back({static_cast<int>(7 + first + k), static_cast<uint32_t>(std::max<int64_t>(behind[k], 0))});
    }
    p.fields.push_back({14, static_cast<float>(value)});
    p.fields.push_back({15, static_cast<uint32_t>(mode)});
    return any ? w.add("Padding", {x}, p) : x;
}

// The constant [O, I / groups, kh, kw] as MegEngine stores it: packed by blocks of b, or with the groups in front.
enum class WeightForm { dense, grouped, channelwise, first };
[[gnu::cold]] inline Array packed_weights(const Array& a, int64_t groups, int64_t b, WeightForm form) {
    const Shape& s = a.shape();
    const int64_t o = s[0] / groups, i = s[1], h = s[2], v = s[3];
    // Each form as an order of the axes G, O / b, b of O, I / b, b of I, kh, kw.
    const int64_t bo = form == WeightForm::channelwise ? 1 : b, bi = form == WeightForm::first || form == WeightForm::channelwise ? 1 : b;
    const int64_t g_block = form == WeightForm::channelwise ? b : 1;
    const int64_t extents[8] = {groups / g_block, g_block, o / bo, bo, i / bi, bi, h, v};
    int64_t strides[8], run = 1;
    for (size_t k = 8; k-- > 0;) strides[k] = run, run *= extents[k];
    std::vector<size_t> order;
    Shape shape;
    switch (form) {
        case WeightForm::dense: order = {2, 4, 6, 7, 5, 3}; break;
        case WeightForm::grouped: order = {0, 2, 4, 6, 7, 5, 3}; break;
        case WeightForm::channelwise: order = {0, 2, 4, 6, 7, 1}; break;
        case WeightForm::first: order = {2, 6, 7, 4, 3}; break;
    }
    for (size_t k : order) shape.push_back(extents[k]);
    Array out = Array::zeros(a.dtype(), shape);
    const size_t each = size_of(a.dtype());
    std::vector<int64_t> at(order.size(), 0);
    for (int64_t n = 0; n < out.count(); ++n) {
        int64_t from = 0;
        for (size_t k = 0; k < order.size(); ++k) from += at[k] * strides[order[k]];
        std::memcpy(out.mutable_data() + static_cast<size_t>(n) * each, a.data() + static_cast<size_t>(from) * each, each);
        for (size_t k = order.size(); k-- > 0 && ++at[k] == shape[k];) at[k] = 0;
    }
    return out;
}

// A convolution on its way into the file; what a quantized one has besides is in `to` and the types of the inputs.
struct ConvolutionParts {
    Conv::Attributes a;
    Out x, weights, bias;  // the bias (absent: none) as it is there
    MgeType to;
    bool quantized = false;
    uint32_t format = 0;
};
[[gnu::cold]] inline int nonlinear_mode(const Activation& f) {
    switch (f.mode) {
        case M::identity: return 0;
        case M::relu: return 1;
        case M::sigmoid: return 2;
        case M::hard_swish: return 3;
        default: return -1;
    }
}
[[gnu::cold]] inline Out convolution_2d(W& w, const ConvolutionParts& c, const std::vector<int64_t>& pads, int nonlinear) {
    const auto or_one = [](const std::vector<int64_t>& v, size_t k) { return static_cast<uint32_t>(v.empty() ? 1 : v[k]); };
    const uint32_t grouped = c.a.group > 1, pad[2] = {static_cast<uint32_t>(pads[0]), static_cast<uint32_t>(pads[1])};
    const MgePacking packing = c.format == 6 ? MgePacking::c8 : c.format == 7 ? MgePacking::c4 : MgePacking::none;
    Out y;
    if (!c.bias && nonlinear == 0 && !c.quantized) {
        y = w.add("Convolution", {c.x, c.weights},
                  {3, {{1, pad[0]}, {2, pad[1]}, {3, or_one(c.a.strides, 0)}, {4, or_one(c.a.strides, 1)}, {5, or_one(c.a.dilations, 0)}, {6, or_one(c.a.dilations, 1)},
                       {7, grouped}, {8, c.format}}},
                  c.to);
    } else {
        std::vector<Out> in{c.x, c.weights};
        if (c.bias) in.push_back(c.bias);
        y = w.add("ConvBiasForward", in,
                  {6, {{0, nonlinear}, {2, grouped}, {3, c.format}, {4, pad[0]}, {5, pad[1]}, {6, or_one(c.a.strides, 0)}, {7, or_one(c.a.strides, 1)},
                       {8, or_one(c.a.dilations, 0)}, {9, or_one(c.a.dilations, 1)}}},
                  c.to, c.quantized ? &c.to : nullptr);
    }
    y.packing = packing;
    return y;
}
// Weights [O, I / groups, window...] as they stand in a file of plain layout.
[[gnu::cold]] inline Out plain_weights(W& w, const Out& x, ValueId id, int64_t groups) {
    if (groups == 1) return x;
    std::vector<MgeSize> to = w.sizes(id);
    to[0] = w.quotient(to[0], groups);
    to.insert(to.begin(), MgeSize(groups));
    return w.reshape(x, to);
}
[[gnu::cold]] inline void conv_node(W& w) {
    const auto a = read_attributes<Conv::Attributes>(w.node->attributes);
    const size_t spatial = w.rank(0) - 2;
    const Shape ws = w.shape(1);
    if (!w.need(spatial <= 3 && w.value(w.id(1)).shape_known(), "weights whose shape is not known")) return;
    std::vector<int64_t> window(ws.begin() + 2, ws.end()), before, behind;
    if (!w.need(window_pads(w, a, window, before, behind), text("auto_pad ", a.auto_pad, " of an image whose extents only a run tells"))) return;
    const Activation f = a.fused();
    const bool even = before == behind;
    const MgeType type = W::plain_type(w.dtype(0));
    if (spatial == 3) {
        Out x = w.in(0);
        if (!even) x = padded(w, x, 2, before, behind, 0);
        MgeParam p{41, {{10, a.group > 1 ? 1 : 0}}};
        for (size_t k = 0; k < 3; ++k) {
            p.fields.push_back({static_cast<int>(1 + k), even ? before[k] : 0});
            p.fields.push_back({static_cast<int>(4 + k), a.strides.empty() ? 1 : a.strides[k]});
            p.fields.push_back({static_cast<int>(7 + k), a.dilations.empty() ? 1 : a.dilations[k]});
        }
        Out y = w.add("Convolution3D", {x, plain_weights(w, w.in(1), w.id(1), a.group)}, p, type);
        if (w.has(2)) y = w.sum(y, w.reshape(w.in(2), {1, -1, 1, 1, 1}));
        if (a.residual) y = w.sum(y, w.in(3));
        y = activation(w, f, y);
        if (w.need(static_cast<bool>(y), "its activation")) w.put(y);
        return;
    }
    ConvolutionParts c;
    c.a = a;
    c.to = type;
    // A fourth input of ConvBias would be the residual, but the wheel's kernels for f32 leave it out of the sum: it is added behind.
    const int nonlinear = a.residual ? (f.mode == M::identity ? 0 : -1) : nonlinear_mode(f);
    // What was chosen for the output, where the channels fit its blocks.
    const Array* constant = w.given(1);
    const bool bias_fits = !w.has(2) || w.given(2);
    const LayoutTag chosen = w.result().layout;
    const int64_t block = chosen == LayoutTag::nchw44 ? 4 : chosen == LayoutTag::nchw88 ? 8 : 0;
    WeightForm form = WeightForm::dense;
    bool fits = block && spatial == 2 && constant && constant->dtype() == DType::f32 && bias_fits && ws[0] % block == 0 && even;
    if (fits) {
        const int64_t o = ws[0] / a.group, i = ws[1];
        if (a.group == 1 && i < 4) form = WeightForm::first;
        else if (a.group > 1 && o == 1 && i == 1) form = WeightForm::channelwise, fits = a.group % block == 0;
        else if (a.group > 1) form = WeightForm::grouped, fits = o % block == 0 && i % block == 0;
        else fits = i % block == 0;
    }
    Out x = w.raw(w.id(0));
    if (is_mge_quantized(x.type.kind)) x = w.in(0);
    const MgePacking packing = !fits ? MgePacking::none : block == 8 ? MgePacking::c8 : MgePacking::c4;
    if (fits) {
        c.format = block == 8 ? 6 : 7;
        c.weights = w.stored(packed_weights(*constant, a.group, block, form), type, w.value(w.id(1)).name);
        if (w.has(2)) c.bias = w.stored(w.given(2)->reshaped(Shape{1, ws[0] / block, 1, 1, block}), type, w.value(w.id(2)).name);
        c.x = form == WeightForm::first ? w.flat(x) : w.packed(x, packing);
    } else {
        c.x = w.flat(x);
        c.weights = plain_weights(w, w.in(1), w.id(1), a.group);
        if (w.has(2)) c.bias = w.given(2) ? w.stored(w.given(2)->reshaped(Shape{1, ws[0], 1, 1}), type, w.value(w.id(2)).name) : w.reshape(w.in(2), {1, -1, 1, 1});
        if (!even) {
            c.x = padded(w, c.x, 2, before, behind, 0);
            std::fill(before.begin(), before.end(), 0);
        }
    }
    if (spatial == 1) {  // as an image of one row
        c.x = w.add_axes(c.x, {2});
        c.weights = w.add_axes(c.weights, {static_cast<int64_t>(a.group > 1 ? 3 : 2)});
        before.insert(before.begin(), 0);
        if (!c.a.strides.empty()) c.a.strides.insert(c.a.strides.begin(), 1);
        if (!c.a.dilations.empty()) c.a.dilations.insert(c.a.dilations.begin(), 1);
    }
    Out y = convolution_2d(w, c, before, std::max(nonlinear, 0));
    if (spatial == 1) y = w.remove_axes(y, {2});
    if (a.residual) y = w.sum(y, w.packed(w.raw(w.id(3)), packing));
    if (nonlinear < 0) y = activation(w, f, y);
    if (w.need(static_cast<bool>(y), "its activation")) put_packed(w, y, packing);
}
[[gnu::cold]] inline void conv_transpose_node(W& w) {
    const auto a = read_attributes<ConvTranspose::Attributes>(w.node->attributes);
    const size_t spatial = w.rank(0) - 2;
    const auto at = [](const std::vector<int64_t>& v, size_t k, int64_t otherwise) { return v.empty() ? otherwise : v[k]; };
    const bool plain = (a.auto_pad.empty() || a.auto_pad == "NOTSET") && a.output_shape.empty();
    if (!w.need(w.value(w.id(1)).shape_known() && plain, "auto_pad, output_shape, or weights whose shape is not known")) return;
    // Theirs pads both sides alike and takes the extents from a third input: everything is computed, then cut.
    Out x = w.in(0), weights = w.in(1);
    if (a.group > 1) weights = w.reshape(weights, [&] {
        std::vector<MgeSize> to = w.sizes(w.id(1));
        to[0] = w.quotient(to[0], a.group);
        to.insert(to.begin(), MgeSize(a.group));
        return to;
    }());
    bool even = true, more = false;
    std::vector<int64_t> pad(spatial), end(spatial);
    for (size_t k = 0; k < spatial; ++k) {
        pad[k] = at(a.pads, k, 0);
        end[k] = at(a.pads, k + spatial, 0) - at(a.output_padding, k, 0);
        even = even && pad[k] == end[k];
        more = more || end[k] < 0;
    }
    const auto params = [&](int kind, size_t n) {
        MgeParam p{kind, {{kind == 3 ? 7 : 10, a.group > 1 ? 1 : 0}}};
        const size_t missing = n - spatial;
        for (size_t k = 0; k < n; ++k) {
            const bool real = k >= missing;
            p.fields.push_back({static_cast<int>(1 + k), real && even ? pad[k - missing] : 0});
            p.fields.push_back({static_cast<int>(1 + n + k), real ? at(a.strides, k - missing, 1) : 1});
            p.fields.push_back({static_cast<int>(1 + 2 * n + k), real ? at(a.dilations, k - missing, 1) : 1});
        }
        return p;
    };
    const MgeType type = W::plain_type(w.dtype(0));
    Out y;
    if (spatial == 3) {
        y = w.add("Convolution3DBackwardData", {weights, x}, params(41, 3), type);
    } else {
        if (spatial == 1) {
            x = w.add_axes(x, {2});
            weights = w.add_axes(weights, {static_cast<int64_t>(a.group > 1 ? 3 : 2)});
        }
        y = w.add("ConvolutionBackwardData", {weights, x}, params(3, 2), type);
        if (spatial == 1) y = w.remove_axes(y, {2});
    }
    if (!even) {
        std::vector<int64_t> none(spatial, 0), behind(spatial, 0);
        for (size_t k = 0; k < spatial; ++k) behind[k] = std::max<int64_t>(-end[k], 0);
        if (more) y = padded(w, y, 2, none, behind, 0);
        for (size_t k = 0; k < spatial; ++k) {
            const int64_t cut = std::max<int64_t>(end[k], 0);
            if (pad[k] == 0 && cut == 0) continue;
            MgeParam p{66};
            p.items = {{static_cast<int8_t>(2 + k), pad[k] > 0, cut > 0, 0, 0}};
            std::vector<Out> in{y};
            if (pad[k] > 0) in.push_back(w.ints({pad[k]}));
            if (cut > 0) in.push_back(w.ints({-cut}));
            y = w.add("Subtensor", in, p);
        }
    }
    if (w.has(2)) {
        std::vector<MgeSize> to{1, -1};
        to.resize(2 + spatial, MgeSize(1));
        y = w.sum(y, w.reshape(w.in(2), to));
    }
    y = activation(w, Activation{a.activation, a.activation_alpha, a.activation_beta}, y);
    if (w.need(static_cast<bool>(y), "its activation")) w.put(y);
}
[[gnu::cold]] inline void deform_conv_node(W& w) {
    const Attributes& a = w.node->attributes;
    const auto list = [&](const char* name, std::vector<int64_t> otherwise) {
        std::vector<int64_t> v = a.get(name, otherwise);
        return v.empty() ? otherwise : v;
    };
    const std::vector<int64_t> pads = list("pads", {0, 0, 0, 0}), strides = list("strides", {1, 1}), dilations = list("dilations", {1, 1});
    const int64_t group = a.get<int64_t>("group", 1);
    if (!w.need(w.rank(0) == 4 && pads[0] == pads[2] && pads[1] == pads[3] && w.has(4), "pads that differ between the sides, or no mask")) return;
    Out y = w.add("DeformableConvForward", {w.in(0), plain_weights(w, w.in(1), w.id(1), group), w.in(2), w.in(4)},
                  {3, {{1, pads[0]}, {2, pads[1]}, {3, strides[0]}, {4, strides[1]}, {5, dilations[0]}, {6, dilations[1]}, {7, group > 1 ? 1 : 0}}});
    if (w.has(3)) y = w.sum(y, w.reshape(w.in(3), {1, -1, 1, 1}));
    w.put(y);
}

// ---- pools ----

[[gnu::cold]] inline void pool_node(W& w) {
    const auto a = read_attributes<Pool::Attributes>(w.node->attributes);
    const size_t spatial = w.rank(0) - 2;
    const PoolMode mode = a.windowed();
    const Value& x = w.value(w.id(0));
    if (!w.need(mode != PoolMode::lp && !w.wants(1), "an Lp norm, or the positions of maxima")) return;
    const bool max = mode == PoolMode::max;
    if (a.global()) {
        Out y = w.in(0);
        for (size_t k = 0; k < spatial; ++k) y = w.reduce(y, max ? 4 : 5, static_cast<int64_t>(2 + k));
        return w.put(y);
    }
    if (!w.need(spatial <= 2, "windows of three axes")) return;
    if (!a.adaptive.empty()) {
        if (!w.need(spatial == 2, "an adaptive pool of one axis")) return;
        return w.put(w.add("AdaptivePoolingV1", {w.in(0), w.ints(a.adaptive)}, {70, {{0, max ? 0 : 1}}}, W::plain_type(w.dtype(0))));
    }
    PoolAxis axis[2];
    bool even = true, dilated = false, open = false;
    for (size_t k = 0; k < spatial; ++k) {
        axis[k] = pool_axis(a, k, spatial, x.shape[2 + k], *w.node);
        dilated = dilated || axis[k].dilation != 1;
        open = open || axis[k].in < 0;
        even = even && axis[k].pad == axis[k].pad_end && !a.ceil_mode && (a.auto_pad.empty() || a.auto_pad == "NOTSET" || axis[k].in >= 0);
    }
    const bool follows = !a.ceil_mode && (a.auto_pad.empty() || a.auto_pad == "NOTSET" || a.auto_pad == "VALID");
    if (!w.need(!dilated && (!open || follows), "dilations, or ceil_mode of extents that only a run tells")) return;
    // As many positions behind the input as the last window reaches; ceil_mode may take it behind the pads.
    std::vector<int64_t> before, behind;
    for (size_t k = 0; k < spatial; ++k) {
        const int64_t reach = open ? 0 : (axis[k].out - 1) * axis[k].stride + axis[k].window - axis[k].in - axis[k].pad;
        before.push_back(axis[k].pad);
        behind.push_back(open ? axis[k].pad_end : std::max({reach, axis[k].pad_end, int64_t{0}}));
        even = even && before[k] == axis[k].pad_end && (open || reach <= axis[k].pad_end);
    }
    if (!w.need(even || max || !open, "pads that differ between the sides of an average of extents that only a run tells")) return;
    Out v = w.raw(w.id(0));
    const LayoutTag chosen = w.result().layout;
    const bool packed = v.packing != MgePacking::none && even && spatial == 2 && !is_mge_quantized(v.type.kind) &&
                        (chosen == LayoutTag::nchw44 || chosen == LayoutTag::nchw88);
    if (!packed) v = w.in(0);
    if (!even) {
        const double low = is_float(x.dtype) ? -3.4028234663852886e38 : x.dtype == DType::i8 ? -128. : 0.;
        v = padded(w, v, 2, before, behind, max ? low : 0);
    }
    if (spatial == 1) v = w.add_axes(v, {2});
    const auto of = [&](size_t k, auto member) { return spatial == 2 ? axis[k].*member : k == 1 ? axis[0].*member : int64_t{1}; };
    const int64_t pad_h = spatial == 2 && even ? axis[0].pad : 0, pad_w = even ? axis[spatial - 1].pad : 0;
    const int number = max ? 0 : a.count_include_pad || !even ? 1 : 2;
    Out y = w.add("PoolingV1", {v},
                  {9, {{0, number}, {1, pad_h}, {2, pad_w}, {3, of(0, &PoolAxis::stride)}, {4, of(1, &PoolAxis::stride)}, {5, of(0, &PoolAxis::window)},
                       {6, of(1, &PoolAxis::window)}, {7, v.packing == MgePacking::c8 ? 6 : v.packing == MgePacking::c4 ? 7 : 0}}});
    y.packing = v.packing;
    if (spatial == 1) y = w.remove_axes(y, {2});
    if (!max && !even) {  // it divided by the area of the window
        std::vector<float> factor;
        for (int64_t i = 0; i < (spatial == 2 ? axis[0].out : 1); ++i)
            for (int64_t j = 0; j < axis[spatial - 1].out; ++j) {
                const int64_t h = spatial == 2 ? axis[0].counted(i, a.count_include_pad) : 1, n = axis[spatial - 1].counted(j, a.count_include_pad);
                const int64_t area = axis[0].window * (spatial == 2 ? axis[1].window : 1);
                factor.push_back(static_cast<float>(area) / static_cast<float>(std::max<int64_t>(h * n, 1)));
            }
        const Shape s = spatial == 2 ? Shape{1, 1, axis[0].out, axis[1].out} : Shape{1, 1, axis[0].out};
        y = w.product(y, w.stored(Array::of(s, factor), MgeType{}));
    }
    w.put(y);
}

// ---- products ----

[[gnu::cold]] inline Out matrix_product(W& w, std::string_view op, const Out& a, const Out& b, bool ta, bool tb) {
    const MgeType to = is_mge_float(a.type.kind) ? a.type : mge_type(K::i32);
    return w.add(op, {a, b}, {20, {{0, ta}, {1, tb}}}, to);
}
[[gnu::cold]] inline void matmul_node(W& w) {
    const auto a = read_attributes<MatMul::Attributes>(w.node->attributes);
    if (!w.need(!a.transBatchA && !a.transBatchB, "transposed batches")) return;
    Out x = w.in(0), y = w.in(1);
    const bool integers = !is_float(w.dtype(0));
    if (integers) x = w.real(x), y = w.real(y);
    std::vector<MgeSize> xs = w.sizes(w.id(0)), ys = w.sizes(w.id(1));
    bool ta = a.transA && xs.size() > 1, tb = a.transB && ys.size() > 1;
    if (xs.size() == 1) xs.insert(xs.begin(), MgeSize(1)), x = w.reshape(x, xs);
    if (ys.size() == 1) ys.push_back(MgeSize(1)), y = w.reshape(y, ys);
    const size_t rx = xs.size(), ry = ys.size();
    const MgeSize m = xs[rx - (ta ? 1 : 2)], k = xs[rx - (ta ? 2 : 1)], n = ys[ry - (tb ? 2 : 1)];
    std::vector<MgeSize> result;
    Out z;
    if (rx == 2 && ry == 2) {
        z = matrix_product(w, "MatrixMulV2", x, y, ta, tb);
    } else if (ry == 2 && !ta) {
        result.assign(xs.begin(), xs.end() - 2);
        z = matrix_product(w, "MatrixMulV2", w.reshape(x, {-1, k}), y, false, tb);
    } else {
        std::vector<MgeSize> batch;
        const size_t count = std::max(rx, ry) - 2;
        bool x_same = rx == count + 2, y_same = ry == count + 2;
        for (size_t i = 0; i < count; ++i) {
            const bool in_x = i + rx >= count + 2, in_y = i + ry >= count + 2;
            const MgeSize p = in_x ? xs[i + rx - count - 2] : MgeSize(1), q = in_y ? ys[i + ry - count - 2] : MgeSize(1);
            MgeSize to = p;
            if (p.known() && (p.number == 1 || q.known())) to = p.number == 1 ? q : p;
            else if (!q.known() && !p.known()) to = w.elemwise(kMax, {p.var, q.var});
            else if (q.known() && q.number != 1) to = q;
            x_same = x_same && ((p.known() && to.known() && p.number == to.number) || (!p.known() && !to.known() && p.var.var == to.var.var));
            y_same = y_same && ((q.known() && to.known() && q.number == to.number) || (!q.known() && !to.known() && q.var.var == to.var.var));
            batch.push_back(to);
        }
        const auto full = [&](const std::vector<MgeSize>& s) {
            std::vector<MgeSize> to = batch;
            to.insert(to.end(), s.end() - 2, s.end());
            return to;
        };
        if (!x_same) x = w.broadcast(x, full(xs));
        if (!y_same) y = w.broadcast(y, full(ys));
        if (count != 1) {
            x = w.reshape(x, {-1, xs[rx - 2], xs[rx - 1]});
            y = w.reshape(y, {-1, ys[ry - 2], ys[ry - 1]});
            result = batch;
        }
        z = matrix_product(w, "BatchedMatrixMulV2", x, y, ta, tb);
    }
    if (!result.empty() || w.rank(0) == 1 || w.rank(1) == 1) {
        if (result.empty() && (rx > 2 || ry > 2)) result.assign((rx >= ry ? xs : ys).begin(), (rx >= ry ? xs : ys).end() - 2);
        if (w.rank(0) > 1) result.push_back(m);
        if (w.rank(1) > 1) result.push_back(n);
        size_t open = 0;
        for (MgeSize& s : result) open += !s.known();
        if (open == 1)
            for (MgeSize& s : result)
                if (!s.known()) s = MgeSize(-1);
        z = w.reshape(z, result);
    }
    z = w.scaled(z, static_cast<double>(a.alpha));
    if (a.bias) z = w.sum(z, w.in(2));
    if (integers) z = w.convert(z, W::plain_type(w.result().dtype));
    z = activation(w, a.fused(), z);
    if (w.need(static_cast<bool>(z), "its activation")) w.put(z);
}
[[gnu::cold]] inline void gemm_node(W& w) {
    const Attributes& a = w.node->attributes;
    if (!w.need(is_float(w.dtype(0)), "matrices of integers")) return;
    Out y = matrix_product(w, "MatrixMulV2", w.in(0), w.in(1), a.get("transA", int64_t{0}) != 0, a.get("transB", int64_t{0}) != 0);
    y = w.scaled(y, static_cast<double>(a.get("alpha", 1.f)));
    const double beta = static_cast<double>(a.get("beta", 1.f));
    if (w.has(2) && beta != 0) y = w.sum(y, w.scaled(w.in(2), beta));
    y = activation(w, Activation{a.get("activation", M::identity), a.get("activation_alpha", 0.f), a.get("activation_beta", 0.f)}, y);
    if (w.need(static_cast<bool>(y), "its activation")) w.put(y);
}

// ---- normalisations ----

[[gnu::cold]] inline Out inverse_root(W& w, const Out& x, double epsilon) { return w.quotient(w.number(1, x.type), w.elemwise(kSqrt, {w.shifted(x, epsilon)})); }
[[gnu::cold]] inline void batch_norm_node(W& w) {
    const double epsilon = static_cast<double>(w.node->attributes.get("epsilon", 1e-5f));
    if (!w.need(w.rank(0) >= 2 && !w.node->attributes.get("training_mode", int64_t{0}), "an input without channels, or training_mode")) return;
    std::vector<MgeSize> to{1, -1};
    to.resize(w.rank(0), MgeSize(1));
    Out scale, shift;
    if (w.given(1) && w.given(2) && w.given(3) && w.given(4)) {
        const auto g = w.given(1)->values<double>(), b = w.given(2)->values<double>(), m = w.given(3)->values<double>(), v = w.given(4)->values<double>();
        std::vector<float> s, t;
        for (size_t k = 0; k < g.size(); ++k) {
            const double f = g[k] / std::sqrt(v[k] + epsilon);
            s.push_back(static_cast<float>(f));
            t.push_back(static_cast<float>(b[k] - m[k] * f));
        }
        Shape shape = Shape::filled(w.rank(0), 1);
        shape[1] = static_cast<int64_t>(s.size());
        const MgeType type = W::plain_type(w.dtype(0));
        scale = w.convert(w.stored(Array::of(shape, s), MgeType{}, w.value(w.id(1)).name), type);
        shift = w.convert(w.stored(Array::of(shape, t), MgeType{}, w.value(w.id(2)).name), type);
    } else {
        const Out f = w.product(w.in(1), inverse_root(w, w.in(4), epsilon));
        shift = w.reshape(w.difference(w.in(2), w.product(w.in(3), f)), to);
        scale = w.reshape(f, to);
    }
    w.put(w.elemwise(kMulAdd3, {w.in(0), scale, shift}));
}
// (x - mean) / sqrt(variance + epsilon) over these axes; without the mean for the root mean square.
[[gnu::cold]] inline Out normalised(W& w, const Out& x, const std::vector<int64_t>& axes, double epsilon, bool centred, Out* mean_out = nullptr,
                                     Out* root_out = nullptr) {
    const auto mean = [&](Out v) {
        for (int64_t k : axes) v = w.reduce(v, 5, k);
        return v;
    };
    const Out m = centred ? mean(x) : Out{}, c = centred ? w.difference(x, m) : x, r = inverse_root(w, mean(w.elemwise(kSquare, {c})), epsilon);
    if (mean_out) *mean_out = m;
    if (root_out) *root_out = r;
    return w.product(c, r);
}
[[gnu::cold]] inline void layer_norm_node(W& w) {
    const Attributes& a = w.node->attributes;
    const int64_t rank = static_cast<int64_t>(w.rank(0)), axis = static_cast<int64_t>(normalize_axis(a.get<int64_t>("axis", -1), w.rank(0), *w.node));
    const double epsilon = static_cast<double>(a.get("epsilon", 1e-5f));
    const Out x = w.in(0);
    int64_t count = 1;
    std::vector<int64_t> axes;
    for (int64_t k = axis; k < rank; ++k) {
        axes.push_back(k);
        count = count < 0 || w.shape(0)[static_cast<size_t>(k)] < 0 ? -1 : count * w.shape(0)[static_cast<size_t>(k)];
    }
    Shape behind(std::span(w.shape(0).begin() + axis, w.shape(0).end()));
    const bool fits = a.get<int64_t>("mode", 0) == 0 && count > 0 && axis > 0 && is_float(w.dtype(0)) && w.shape(1) == behind && (!w.has(2) || w.shape(2) == behind);
    if (fits) {
        const Out scale = w.in(1), bias = w.has(2) ? w.in(2) : w.broadcast(w.number(0, x.type), w.sizes(w.id(1)));
        const MgeType types[] = {x.type, x.type, x.type};
        const auto y = w.add("LayerNorm", {x, scale, bias},
                             {85, {{0, true}, {1, static_cast<float>(epsilon)}, {2, static_cast<uint64_t>(axes.size())}, {3, static_cast<uint64_t>(count)}}}, types);
        w.put(y[0]);
        for (size_t o = 1; o < 3; ++o)
            if (w.wants(o)) w.put(w.add_axes(y[o], axes), o);
        return;
    }
    Out mean, root;
    Out y = normalised(w, x, axes, epsilon, a.get<int64_t>("mode", 0) == 0, &mean, &root);
    if (w.has(1)) y = w.product(y, w.in(1));
    if (w.has(2)) y = w.sum(y, w.in(2));
    w.put(y);
    if (w.wants(1) && w.need(static_cast<bool>(mean), "the mean that it does not compute")) w.put(mean, 1);
    if (w.wants(2)) w.put(root, 2);
}
[[gnu::cold]] inline void group_norm_node(W& w) {
    const auto a = read_attributes<GroupNormalization::Attributes>(w.node->attributes);
    const bool groups = a.mode != 0;
    const int64_t parameters = w.rank(1) == 1 ? w.shape(1)[0] : -1, channels = w.shape(0)[1] < 0 ? parameters : w.shape(0)[1];
    // Since opset 21 they are of each channel, before of each group.
    const bool fits = w.rank(0) >= 3 && channels > 0 && (!groups || (parameters == channels && (w.node->version >= 21 || w.shape(0)[1] > 0)));
    if (!w.need(fits, "an unknown number of channels, or parameters of each group")) return;
    const double epsilon = static_cast<double>(a.epsilon);
    const int64_t n = groups ? a.num_groups : channels;
    if (w.rank(0) == 4) {
        const Out v = w.in(0);
        const MgeType types[] = {v.type, v.type, v.type};
        const MgeParam p(92, {{0, true}, {1, static_cast<float>(epsilon)}, {2, static_cast<uint32_t>(n)}});
        return w.put(w.add(groups ? "GroupNorm" : "InstanceNorm", {v, w.in(1), w.in(2)}, p, types)[0]);
    }
    std::vector<MgeSize> ones{1, -1};
    ones.resize(w.rank(0), MgeSize(1));
    const Out rows = w.reshape(w.in(0), {w.size(w.id(0), 0), n, -1});
    const Out y = w.reshape(normalised(w, rows, {2}, epsilon, true), w.sizes(w.id(0)));
    w.put(w.elemwise(kMulAdd3, {y, w.reshape(w.in(1), ones), w.reshape(w.in(2), ones)}));
}
[[gnu::cold]] inline void lrn_node(W& w) {
    const Attributes& a = w.node->attributes;
    const int64_t n = a.get<int64_t>("size", 1);
    if (!w.need(w.rank(0) == 4, "an input without four axes")) return;
    const float alpha = a.get("alpha", 1e-4f) / static_cast<float>(n);
    w.put(w.add("LRN", {w.in(0)}, {10, {{0, static_cast<uint32_t>(n)}, {1, a.get("bias", 1.f)}, {2, alpha}, {3, a.get("beta", 0.75f)}}}));
}
[[gnu::cold]] inline void softmax_node(W& w) {
    const auto a = read_attributes<Softmax::Attributes>(w.node->attributes);
    if (!w.need(a.mode != Softmax::hard && w.rank(0) > 0, "Hardmax")) return;
    const bool old = w.node->version < 13;
    size_t axis = normalize_axis(a.axis != INT64_MIN ? a.axis : old ? 1 : -1, w.rank(0), *w.node);
    Out x = w.in(0);
    const bool flat = old && axis + 1 != w.rank(0);
    if (flat) {  // all axes from that one on count as one
        int64_t rest = 1;
        for (size_t k = axis; k < w.rank(0); ++k) rest = rest < 0 || w.shape(0)[k] < 0 ? -1 : rest * w.shape(0)[k];
        if (!w.need(rest > 0, "axes of extents that only a run tells as one")) return;
        x = w.reshape(x, {-1, rest});
        axis = 1;
    }
    Out y;
    if (a.mode == Softmax::plain) {
        y = w.add("Softmax", {x}, {90, {{0, static_cast<int32_t>(axis)}}});
    } else {
        const Out c = w.difference(x, w.reduce(x, 4, static_cast<int64_t>(axis)));
        y = w.difference(c, w.elemwise(kLog, {w.reduce(w.elemwise(kExp, {c}), 0, static_cast<int64_t>(axis))}));
    }
    w.put(flat ? w.reshape(y, w.sizes(w.id(0))) : y);
}

// ---- reductions ----

[[gnu::cold]] inline void reduce_node(W& w) {
    const auto a = read_attributes<Reduce::Attributes>(w.node->attributes);
    std::vector<int64_t> axes = a.axes, gone;
    if (!w.need(!w.has(1) || w.given(1), "axes that only a run tells")) return;
    if (w.has(1)) axes = w.given(1)->values<int64_t>();
    const std::vector<bool> over = Reduce::reduced_axes(a, axes, w.rank(0), *w.node);
    for (size_t k = 0; k < over.size(); ++k)
        if (over[k]) gone.push_back(static_cast<int64_t>(k));
    Out x = w.in(0);
    const MgeType type = x.type;
    const auto all = [&](Out v, int mode) {
        for (int64_t k : gone) v = w.reduce(v, mode, k);
        return v;
    };
    const bool integers = !is_mge_float(type.kind), root = a.mode == ReduceMode::l2 || a.mode == ReduceMode::log_sum || a.mode == ReduceMode::log_sum_exp;
    if ((integers && root) || type.kind == K::boolean) x = w.real(x);
    Out y;
    switch (a.mode) {
        case ReduceMode::sum: y = all(x, 0); break;
        case ReduceMode::mean: y = all(x, 5); break;
        case ReduceMode::max: y = all(x, 4); break;
        case ReduceMode::min: y = all(x, 3); break;
        case ReduceMode::prod: y = all(x, 2); break;
        case ReduceMode::l1: y = all(w.elemwise(kAbs, {x}), 0); break;
        case ReduceMode::sum_square: y = all(w.product(x, x), 0); break;
        case ReduceMode::l2: y = w.elemwise(kSqrt, {all(w.product(x, x), 0)}); break;
        case ReduceMode::log_sum: y = w.elemwise(kLog, {all(x, 0)}); break;
        case ReduceMode::log_sum_exp: {
            const Out m = all(x, 4);
            y = w.sum(w.elemwise(kLog, {all(w.elemwise(kExp, {w.difference(x, m)}), 0)}), m);
            break;
        }
    }
    y = w.convert(y, type);
    if (!a.keepdims && !gone.empty()) y = gone.size() == w.rank(0) ? w.reshape(y, {MgeSize(1)}) : w.remove_axes(y, gone);
    w.put(y);
}
[[gnu::cold]] inline void arg_reduce_node(W& w) {
    const Attributes& a = w.node->attributes;
    const int64_t axis = static_cast<int64_t>(normalize_axis(a.get<int64_t>("axis", 0), w.rank(0), *w.node));
    if (!w.need(!a.get("select_last_index", int64_t{0}), "select_last_index")) return;
    Out y = w.add(a.get<int64_t>("mode", 0) ? "Argmin" : "Argmax", {w.in(0)}, {2, {{0, static_cast<int32_t>(axis)}}}, mge_type(K::i32));
    if (!a.get("keepdims", int64_t{1}) && w.rank(0) > 1) y = w.remove_axes(y, {axis});
    w.put(y);
}
[[gnu::cold]] inline void cumsum_node(W& w) {
    const Attributes& a = w.node->attributes;
    if (!w.need(a.get<int64_t>("mode", 0) == 0 && w.given(1), "running products, or an axis that only a run tells")) return;
    const int64_t axis = static_cast<int64_t>(normalize_axis(w.given(1)->scalar_value<int64_t>(), w.rank(0), *w.node));
    w.put(w.add("CumsumV1", {w.in(0)},
                {24, {{0, static_cast<int32_t>(axis)}, {1, a.get("exclusive", int64_t{0}) != 0}, {2, a.get("reverse", int64_t{0}) != 0}}}));
}
[[gnu::cold]] inline void top_k_node(W& w) {
    const Attributes& a = w.node->attributes;
    const size_t r = w.rank(0);
    const int64_t axis = static_cast<int64_t>(normalize_axis(a.get<int64_t>("axis", -1), r, *w.node)), last = static_cast<int64_t>(r) - 1;
    const bool largest = a.get<int64_t>("largest", 1) != 0;
    std::vector<int64_t> perm(r);
    for (size_t k = 0; k < r; ++k) perm[k] = static_cast<int64_t>(k);
    std::swap(perm[static_cast<size_t>(axis)], perm[static_cast<size_t>(last)]);
    Out x = axis == last ? w.in(0) : w.dimshuffle(w.in(0), perm, r);
    std::vector<MgeSize> to = w.sizes(w.id(0));
    std::swap(to[static_cast<size_t>(axis)], to.back());
    // Theirs sorts the rows of a matrix, and takes a negative k for the largest.
    if (r != 2) x = w.reshape(x, {-1, to.back()});
    const MgeType types[] = {x.type, mge_type(K::i32)};
    const Array* k = w.has(1) ? w.given(1) : nullptr;
    // As many as there are: all, sorted.
    const Node* count_of = w.has(1) ? w.producer(w.id(1)) : nullptr;
    if (count_of && count_of->op->name == "Shape" && count_of->inputs[0] == w.id(0) && count_of->attributes.get<int64_t>("start", 0) == axis &&
        count_of->attributes.get<int64_t>("end", 0) == axis + 1) {
        const std::vector<Out> y = w.add("Argsort", {x}, {26, {{0, largest ? 1 : 0}}}, types);
        for (size_t o = 0; o < 2; ++o)
            if (w.wants(o)) {
                const Out v = r != 2 ? w.reshape(y[o], to) : y[o];
                w.put(axis == last ? v : w.dimshuffle(v, perm, r), o);
            }
        return;
    }
    const int64_t given = k ? k->scalar_value<int64_t>() : a.get<int64_t>("k", 0);
    const Out count = w.has(1) && !k ? (largest ? w.elemwise(kNegate, {w.in(1)}) : w.in(1)) : w.ints({largest ? -given : given});
    const std::vector<Out> y = w.add("TopK", {x, count}, {44, {{0, 2}}}, types);
    to.back() = w.has(1) && !k ? MgeSize(w.in(1)) : MgeSize(given);
    for (size_t o = 0; o < 2; ++o) {
        if (!w.wants(o)) continue;
        Out v = y[o];
        if (r != 2) v = w.reshape(v, to);
        w.put(axis == last ? v : w.dimshuffle(v, perm, r), o);
    }
}

// ---- shapes and moves ----

// A target shape as numbers and variables; empty if nothing is known of a vector that only a run tells.
[[gnu::cold]] inline std::vector<MgeSize> target(W& w, ValueId shape) {
    std::vector<MgeSize> to;
    if (const Array* a = w.known(shape)) {
        for (int64_t e : a->values<int64_t>()) to.push_back(e);
        return to;
    }
    const Value& v = w.value(shape);
    if (!v.shape_known() || v.shape.rank() != 1) return to;
    // What it is put together from may be constants, -1 among them.
    const Node* n = w.producer(shape);
    while (n && (n->op->name == "Cast" || n->op->name == "Identity")) n = w.producer(n->inputs[0]);
    if (n && n->op->name == "Concat") {
        for (ValueId part : n->inputs)
            for (const MgeSize& s : target(w, part)) to.push_back(s);
        if (static_cast<int64_t>(to.size()) == v.shape[0]) return to;
        to.clear();
    }
    const Out all = w.plain(shape);
    if (v.shape[0] == 1) return {MgeSize(all)};
    for (int64_t k = 0; k < v.shape[0]; ++k) to.push_back(w.slice(all, 0, k, k + 1));
    return to;
}
// x under the shape that inference found for the result, as far as one open extent; false if more are open.
[[gnu::cold]] inline bool put_reshaped(W& w, const Out& x) {
    const Value& y = w.result();
    if (!y.has_shape) return false;
    std::vector<MgeSize> to;
    size_t open = 0;
    for (int64_t e : y.shape) {
        open += e < 0;
        to.push_back(e < 0 ? -1 : e);
    }
    if (open > 1) return false;
    w.put(w.reshape(x, to));
    return true;
}
[[gnu::cold]] inline void reshape_node(W& w) {
    const Out x = w.flat(w.raw(w.id(0)));  // a quantized tensor stays one
    if (put_reshaped(w, x)) return;
    std::vector<MgeSize> to;
    if (w.has(1)) to = target(w, w.id(1));
    else
        for (int64_t e : w.node->attributes.get("shape", std::vector<int64_t>())) to.push_back(e);
    if (!w.need(!to.empty(), "a shape whose number of axes only a run tells")) return;
    const Shape& s = w.result().shape;
    const bool zeros = w.node->attributes.get("allowzero", int64_t{0}) != 0;
    for (size_t k = 0; k < to.size(); ++k) {
        if (to[k].known() && to[k].number == 0 && !zeros && k < w.rank(0)) to[k] = w.size(w.id(0), k);
        if (!to[k].known() && k < s.rank() && s[k] >= 0) to[k] = s[k];
    }
    w.put(w.reshape(x, to));
}
[[gnu::cold]] inline void flatten_node(W& w) {
    const Out x = w.in(0);
    if (put_reshaped(w, x)) return;
    const size_t r = w.rank(0);
    const int64_t given = w.node->attributes.get<int64_t>("axis", 1), axis = given < 0 ? given + static_cast<int64_t>(r) : given;
    MgeSize rows = 1;
    for (int64_t k = 0; k < axis; ++k) rows = w.product(rows, w.size(w.id(0), static_cast<size_t>(k)));
    w.put(w.reshape(x, {rows, -1}));
}
[[gnu::cold]] inline std::vector<int64_t> axes_of(W& w, size_t rank, bool& known) {
    std::vector<int64_t> axes = w.node->attributes.get("axes", std::vector<int64_t>());
    known = !w.has(1) || w.given(1);
    if (w.has(1) && known) axes = w.given(1)->values<int64_t>();
    for (int64_t& k : axes) k = static_cast<int64_t>(normalize_axis(k, rank, *w.node));
    return axes;
}
[[gnu::cold]] inline void squeeze_node(W& w) {
    bool known;
    std::vector<int64_t> axes = axes_of(w, w.rank(0), known);
    if (!w.need(known, "axes that only a run tells")) return;
    if (axes.empty())
        for (size_t k = 0; k < w.rank(0); ++k)
            if (w.shape(0)[k] == 1) axes.push_back(static_cast<int64_t>(k));
    Out x = w.flat(w.raw(w.id(0)));
    if (axes.size() == w.rank(0) && !axes.empty()) return w.put(w.reshape(x, {MgeSize(1)}));
    w.put(w.remove_axes(x, axes));
}
[[gnu::cold]] inline void unsqueeze_node(W& w) {
    bool known;
    const size_t given = w.has(1) && w.given(1) ? static_cast<size_t>(w.given(1)->count()) : w.node->attributes.get("axes", std::vector<int64_t>()).size();
    std::vector<int64_t> axes = axes_of(w, w.rank(0) + given, known);
    if (!w.need(known, "axes that only a run tells")) return;
    Out x = w.flat(w.raw(w.id(0)));
    if (w.rank(0) == 0) return w.put(w.reshape(x, std::vector<MgeSize>(given, MgeSize(1))));
    w.put(w.add_axes(x, axes));
}
[[gnu::cold]] inline void transpose_node(W& w) {
    const size_t r = w.rank(0);
    std::vector<int64_t> perm = w.node->attributes.get("perm", std::vector<int64_t>());
    if (perm.empty())
        for (size_t k = r; k-- > 0;) perm.push_back(static_cast<int64_t>(k));
    const Out x = w.flat(w.raw(w.id(0)));
    w.put(r < 2 ? x : w.dimshuffle(x, perm, r));
}
[[gnu::cold]] inline void concat_node(W& w) {
    const size_t r = w.rank(0);
    const int64_t axis = static_cast<int64_t>(normalize_axis(w.node->attributes.get<int64_t>("axis", 0), r, *w.node));
    std::vector<Out> parts;
    bool packed = axis == 1 && r == 4, any = false;
    for (size_t i = 0; i < w.node->inputs.size(); ++i) {
        if (w.shape(i).known() && w.shape(i).count() == 0) continue;
        const Out o = w.raw(w.id(i));
        packed = packed && o.packing != MgePacking::none && (!any || o.packing == parts[0].packing) && !is_mge_quantized(o.type.kind);
        any = true;
        parts.push_back(o);
    }
    if (!packed) {
        parts.clear();
        for (size_t i = 0; i < w.node->inputs.size(); ++i)
            if (!w.shape(i).known() || w.shape(i).count() != 0) parts.push_back(w.in(i));
    }
    if (!w.need(!parts.empty(), "tensors without elements")) return;
    Out y = w.concat(parts, axis);
    y.packing = packed ? parts[0].packing : MgePacking::none;
    w.put(y);
}
[[gnu::cold]] inline void split_node(W& w) {
    const int64_t axis = static_cast<int64_t>(normalize_axis(w.node->attributes.get<int64_t>("axis", 0), w.rank(0), *w.node));
    const size_t n = w.node->outputs.size();
    std::vector<Out> in{w.in(0)};
    std::vector<MgeType> types(n, in[0].type);
    bool known = true;
    std::vector<int64_t> sizes;
    for (ValueId o : w.node->outputs) {
        sizes.push_back(o == kNoValue || !w.value(o).has_shape ? -1 : w.value(o).shape[static_cast<size_t>(axis)]);
        known = known && sizes.back() >= 0;
    }
    if (known) {
        for (int64_t s : sizes) in.push_back(w.ints({s}));
    } else if (w.has(1) && !w.given(1)) {
        for (const MgeSize& s : target(w, w.id(1))) in.push_back(w.var_of(s));
    } else if (w.has(1)) {
        for (int64_t s : w.given(1)->values<int64_t>()) in.push_back(w.ints({s}));
    } else {  // equal parts, the last one smaller
        const MgeSize all = w.size(w.id(0), static_cast<size_t>(axis));
        const std::vector<int64_t> given = w.node->attributes.get("split", std::vector<int64_t>());
        const Out others = w.ints({static_cast<int64_t>(n) - 1});
        const Out each = w.elemwise(kFloorDiv, {w.sum(w.var_of(all), others), w.ints({static_cast<int64_t>(n)})});
        for (size_t k = 0; k < n; ++k)
            in.push_back(!given.empty() ? w.ints({given[k]}) : k + 1 < n ? each : w.difference(w.var_of(all), w.product(each, others)));
    }
    if (!w.need(in.size() == n + 1, "parts whose number only a run tells")) return;
    const std::vector<Out> y = w.add("Split", in, {2, {{0, static_cast<int32_t>(axis)}}}, types);
    for (size_t o = 0; o < n; ++o) w.put(y[o], o);
}
[[gnu::cold]] inline void slice_node(W& w) {
    const Attributes& a = w.node->attributes;
    const bool attributes = !w.has(1);
    const auto list = [&](size_t i, const char* name) {
        if (attributes) {
            std::vector<MgeSize> v;
            for (int64_t e : a.get(name, std::vector<int64_t>())) v.push_back(e);
            return v;
        }
        return w.has(i) ? target(w, w.id(i)) : std::vector<MgeSize>();
    };
    const std::vector<MgeSize> from = list(1, "starts"), to = list(2, "ends"), axes = list(3, "axes"), steps = attributes ? std::vector<MgeSize>() : list(4, "");
    const bool fits = !from.empty() && from.size() == to.size() && (!w.has(3) || axes.size() == from.size()) && (!w.has(4) || steps.size() == from.size());
    if (!w.need(fits, "bounds whose number only a run tells")) return;
    std::vector<Out> in{w.flat(w.raw(w.id(0)))};
    MgeParam p{66};
    for (size_t k = 0; k < from.size(); ++k) {
        const MgeSize axis = axes.empty() ? MgeSize(static_cast<int64_t>(k)) : axes[k], step = steps.empty() ? MgeSize(1) : steps[k];
        if (!w.need(axis.known() && step.known(), "axes or steps that only a run tells")) return;
        const size_t at = normalize_axis(axis.number, w.rank(0), *w.node);
        const int64_t n = w.shape(0)[at];
        MgeSize begin = from[k], end = to[k];
        // Bounds behind the ends are no bounds; others must lie within.
        const auto bound = [&](MgeSize& b, bool first) {
            if (!b.known()) return true;
            const bool forward = step.number > 0;
            if (n >= 0 && b.number < 0) b.number = std::max(b.number + n, forward ? int64_t{0} : int64_t{-1});
            if (n >= 0 && b.number > n) b.number = n;
            if (forward && (b.number >= INT32_MAX || (!first && n >= 0 && b.number >= n))) return false;
            if (forward && first && b.number == 0) return false;
            if (!forward && first && (b.number >= INT32_MAX || (n >= 0 && b.number >= n - 1))) return false;
            if (!forward && !first && (b.number < INT32_MIN / 2 || (n >= 0 && b.number == -1))) return false;
            return true;
        };
        const bool has_begin = bound(begin, true), has_end = bound(end, false), has_step = step.number != 1;
        if (!has_begin && !has_end && !has_step) continue;
        p.items.push_back({static_cast<int8_t>(at), has_begin, has_end, has_step, 0});
        if (has_begin) in.push_back(w.var_of(begin));
        if (has_end) in.push_back(w.var_of(end));
        if (has_step) in.push_back(w.ints({step.number}));
    }
    Out x = in[0];
    if (!p.items.empty()) x = w.add("Subtensor", in, p);
    w.put(x);
}
// Indices counted from the front where they are known.
[[gnu::cold]] inline Out indices(W& w, size_t i, int64_t extent) {
    const Array* a = w.given(i);
    if (!a) return w.convert(w.in(i), K::i32);
    std::vector<int64_t> v = a->values<int64_t>();
    for (int64_t& k : v)
        if (k < 0 && extent >= 0) k += extent;
    return w.constant(Array::of(a->shape(), v), w.value(w.id(i)).name);
}
[[gnu::cold]] inline void gather_node(W& w) {
    const size_t axis = normalize_axis(w.node->attributes.get<int64_t>("axis", 0), w.rank(0), *w.node);
    const Out x = w.flat(w.raw(w.id(0)));
    const Array* k = w.given(1);
    const int64_t n = w.shape(0)[axis], at = static_cast<int64_t>(axis);
    if (w.rank(1) == 0 || (k && k->count() == 1 && w.rank(1) == 1)) {
        const Out index = k ? Out{} : w.convert(w.in(1), K::i32);
        MgeParam p{66};
        p.items = {{static_cast<int8_t>(axis), 0, 0, 0, 1}};
        if (w.rank(1) == 0) return w.put(w.add("Subtensor", {x, k ? w.ints({k->scalar_value<int64_t>()}) : index}, p));
        int64_t v = k->scalar_value<int64_t>();
        if (v < 0 && n >= 0) v += n;
        p.items = {{static_cast<int8_t>(axis), 1, v != -1, 0, 0}};
        std::vector<Out> in{x, w.ints({v})};
        if (v != -1) in.push_back(w.ints({v + 1}));
        return w.put(w.add("Subtensor", in, p));
    }
    w.put(w.gather(x, at, indices(w, 1, n)));
}
// For every axis of x the coordinates that GatherElements and ScatterElements mean.
[[gnu::cold]] inline std::vector<Out> element_indices(W& w, size_t axis) {
    std::vector<Out> in;
    const size_t r = w.rank(0);
    const std::vector<MgeSize> to = w.sizes(w.id(1));
    for (size_t k = 0; k < r; ++k) {
        if (k == axis) {
            in.push_back(indices(w, 1, w.shape(0)[axis]));
            continue;
        }
        std::vector<MgeSize> along(r, MgeSize(1));
        along[k] = -1;
        in.push_back(w.broadcast(w.reshape(w.iota(to[k]), along), to));
    }
    return in;
}
[[gnu::cold]] inline MgeParam index_param(size_t axes) {
    MgeParam p{66};
    for (size_t k = 0; k < axes; ++k) p.items.push_back({static_cast<int8_t>(k), 0, 0, 0, 1});
    return p;
}
[[gnu::cold]] inline void gather_elements_node(W& w) {
    const size_t axis = normalize_axis(w.node->attributes.get<int64_t>("axis", 0), w.rank(0), *w.node);
    std::vector<Out> in = element_indices(w, axis);
    in.insert(in.begin(), w.in(0));
    w.put(w.add("IndexingMultiAxisVec", in, index_param(w.rank(0))));
}
// The columns of a list of coordinates [..., n].
[[gnu::cold]] inline std::vector<Out> columns(W& w, size_t i, int64_t n) {
    std::vector<Out> v;
    const Out all = w.convert(w.in(i), K::i32);
    for (int64_t k = 0; k < n; ++k) {
        MgeParam p{66};
        p.items = {{static_cast<int8_t>(w.rank(i) - 1), 0, 0, 0, 1}};
        v.push_back(w.add("Subtensor", {all, w.ints({k})}, p));
    }
    return v;
}
[[gnu::cold]] inline void gather_nd_node(W& w) {
    const int64_t n = w.rank(1) ? w.shape(1).back() : -1;
    if (!w.need(n > 0 && w.node->attributes.get<int64_t>("batch_dims", 0) == 0, "batch_dims, or coordinates whose number only a run tells")) return;
    std::vector<Out> in = columns(w, 1, n);
    in.insert(in.begin(), w.in(0));
    Out y = w.add("IndexingMultiAxisVec", in, index_param(static_cast<size_t>(n)));
    w.put(y);
}
[[gnu::cold]] inline void scatter(W& w, std::vector<Out> at, const std::string& reduction) {
    if (!w.need(reduction == "none" || reduction == "add" || reduction.empty(), text("reduction ", reduction))) return;
    std::vector<Out> in{w.in(0), w.in(2)};
    in.insert(in.end(), at.begin(), at.end());
    w.put(w.add(reduction == "add" ? "IndexingIncrMultiAxisVec" : "IndexingSetMultiAxisVec", in, index_param(at.size())));
}
[[gnu::cold]] inline void scatter_nd_node(W& w) {
    const int64_t n = w.rank(1) ? w.shape(1).back() : -1;
    if (!w.need(n > 0, "coordinates whose number only a run tells")) return;
    scatter(w, columns(w, 1, n), w.node->attributes.get("reduction", std::string("none")));
}
[[gnu::cold]] inline void scatter_elements_node(W& w) {
    const size_t axis = normalize_axis(w.node->attributes.get<int64_t>("axis", 0), w.rank(0), *w.node);
    scatter(w, element_indices(w, axis), w.node->attributes.get("reduction", std::string("none")));
}
[[gnu::cold]] inline void expand_node(W& w) {
    std::vector<MgeSize> to = target(w, w.id(1));
    const Shape& y = w.result().shape;
    if (!w.need(w.result().has_shape, "a shape whose number of axes only a run tells")) return;
    if (y.rank() == 0) return w.put(w.in(0));
    const size_t r = y.rank();
    std::vector<MgeSize> full;
    for (size_t k = 0; k < r; ++k) {
        if (y[k] >= 0) {
            full.push_back(y[k]);
            continue;
        }
        const bool in_x = k + w.rank(0) >= r, in_to = k + to.size() >= r;
        const MgeSize a = in_x ? w.size(w.id(0), k + w.rank(0) - r) : MgeSize(1), b = in_to ? to[k + to.size() - r] : MgeSize(1);
        if (a.known() && a.number == 1) full.push_back(b);
        else if (b.known() && b.number == 1) full.push_back(a);
        else full.push_back(w.elemwise(kMax, {w.var_of(a), w.var_of(b)}));
    }
    w.put(w.broadcast(w.in(0), full));
}
[[gnu::cold]] inline void tile_node(W& w) {
    const std::vector<MgeSize> repeats = target(w, w.id(1));
    if (!w.need(repeats.size() == w.rank(0) && !repeats.empty(), "repeats that only a run tells")) return;
    const std::vector<MgeSize> x = w.sizes(w.id(0));
    std::vector<MgeSize> split, grown, joined;
    for (size_t k = 0; k < x.size(); ++k) {
        split.insert(split.end(), {MgeSize(1), x[k]});
        grown.insert(grown.end(), {repeats[k], x[k]});
        joined.push_back(w.product(repeats[k], x[k]));
    }
    w.put(w.reshape(w.broadcast(w.reshape(w.in(0), split), grown), joined));
}
[[gnu::cold]] inline void pad_node(W& w) {
    const Attributes& a = w.node->attributes;
    const size_t r = w.rank(0);
    std::vector<int64_t> pads = a.get("pads", a.get("paddings", std::vector<int64_t>())), before(r, 0), behind(r, 0);
    if (!w.need((!w.has(1) || w.given(1)) && (!w.has(2) || w.given(2)) && (!w.has(3) || w.given(3)) && r <= 7, "pads that only a run tells")) return;
    if (w.has(1)) pads = w.given(1)->values<int64_t>();
    std::vector<int64_t> axes;
    if (w.has(3)) axes = w.given(3)->values<int64_t>();
    else
        for (size_t k = 0; k < r; ++k) axes.push_back(static_cast<int64_t>(k));
    for (size_t k = 0; k < axes.size(); ++k) {
        const size_t axis = normalize_axis(axes[k], r, *w.node);
        before[axis] = pads[k];
        behind[axis] = pads[k + axes.size()];
    }
    const double value = w.has(2) ? w.given(2)->scalar_value<double>() : static_cast<double>(a.get("value", 0.f));
    const std::string mode = a.get("mode", std::string("constant"));
    if (!w.need(mode != "wrap", "mode wrap")) return;
    Out x = w.in(0);
    for (size_t k = 0; k < r; ++k) {  // what is cut off goes first
        if (before[k] >= 0 && behind[k] >= 0) continue;
        MgeParam p{66};
        p.items = {{static_cast<int8_t>(k), before[k] < 0, behind[k] < 0, 0, 0}};
        std::vector<Out> in{x};
        if (before[k] < 0) in.push_back(w.ints({-before[k]}));
        if (behind[k] < 0) in.push_back(w.ints({behind[k]}));
        x = w.add("Subtensor", in, p);
    }
    w.put(padded(w, x, 0, before, behind, value, mode == "edge" ? 0 : mode == "reflect" ? 1 : 2));
}
[[gnu::cold]] inline void shape_node(W& w) {
    const Attributes& a = w.node->attributes;
    const int64_t r = static_cast<int64_t>(w.rank(0));
    const auto bound = [&](const char* name, int64_t otherwise) {
        const int64_t v = a.get<int64_t>(name, otherwise);
        return std::clamp<int64_t>(v < 0 ? v + r : v, 0, r);
    };
    const int64_t from = bound("start", 0), to = bound("end", r);
    if (!w.need(from < to, "no extents")) return;
    std::vector<MgeSize> s;
    for (int64_t k = from; k < to; ++k) s.push_back(w.shape(0)[static_cast<size_t>(k)]);
    const bool all = from == 0 && to == r && std::all_of(s.begin(), s.end(), [](const MgeSize& e) { return e.number < 0; });
    if (all) return w.put(w.add("GetVarShapeV1", {w.flat(w.raw(w.id(0)))}, {54, {{0, 7}}}, mge_type(K::i32)));
    for (int64_t k = from; k < to; ++k) s[static_cast<size_t>(k - from)] = w.size(w.id(0), static_cast<size_t>(k));
    w.put(w.shape_var(s));
}
[[gnu::cold]] inline void size_node(W& w) {
    MgeSize n = 1;
    for (const MgeSize& s : w.sizes(w.id(0))) n = w.product(n, s);
    w.put(w.var_of(n));
}
[[gnu::cold]] inline void range_node(W& w) {
    const Out start = w.in(0), step = w.in(2);
    Out count = w.elemwise(42, {w.elemwise(4, {w.quotient(w.difference(w.real(w.in(1)), w.real(start)), w.real(step))})});
    count = w.convert(clamp(w, count, 0, std::numeric_limits<double>::infinity()), K::i32);
    Out numbers = w.iota(count);
    if (is_mge_float(start.type.kind)) numbers = w.convert(numbers, start.type);
    w.put(w.sum(w.product(numbers, step), start));
}
[[gnu::cold]] inline void constant_of_shape_node(W& w) {
    const std::vector<MgeSize> to = target(w, w.id(0));
    if (!w.need(!to.empty(), "a shape whose number of axes only a run tells")) return;
    const Array v = w.node->attributes.get<Array>("value", Array::of(Shape{1}, std::vector<float>{0}));
    w.put(w.broadcast(w.constant(v), to));
}
[[gnu::cold]] inline void one_hot_node(W& w) {
    const Value& y = w.result();
    if (!w.need(w.given(1) && y.has_shape, "a depth that only a run tells")) return;
    const int64_t depth = w.given(1)->scalar_value<int64_t>();
    const size_t axis = normalize_axis(w.node->attributes.get<int64_t>("axis", -1), w.rank(0) + 1, *w.node);
    Out i = w.convert(w.in(0), K::i32);
    std::vector<int64_t> positions;
    for (int64_t k = 0; k < depth; ++k) positions.push_back(k);
    Shape s = Shape::filled(y.shape.rank(), 1);
    s[axis] = depth;
    // Of -depth to -1 count from the end; what is outside meets no position.
    i = w.sum(i, w.product(w.elemwise(kLess, {i, w.ints({0})}), w.ints({depth})));
    i = w.rank(0) ? w.add_axes(i, {static_cast<int64_t>(axis)}) : i;
    const Out hot = boolean(w, w.elemwise(kEqual, {i, w.constant(Array::of(s, positions))}));
    const Out values = w.in(2);
    w.put(select(w, hot, w.slice(values, 0, 1, 2), w.slice(values, 0, 0, 1)));
}
[[gnu::cold]] inline std::vector<Out> taken(W& w, const Out& x, const Out& mask) {
    const MgeType types[] = {x.type, mge_type(K::i32)};
    return w.add("CondTake", {x, w.convert(mask, K::f32)}, {25, {{0, 0}, {1, 1.f}}}, types);
}
[[gnu::cold]] inline void compress_node(W& w) {
    const bool flat = !w.node->attributes.has("axis");
    if (!w.need(flat || w.rank(0) == 1, "an axis of several")) return;
    w.put(taken(w, w.rank(0) == 1 ? w.in(0) : w.reshape(w.in(0), {-1}), w.in(1))[0]);
}
[[gnu::cold]] inline void non_zero_node(W& w) {
    const size_t r = w.rank(0);
    Out x = w.in(0);
    if (r != 1) x = w.reshape(x, {-1});
    const Out mask = x.type.kind == K::boolean ? x : w.elemwise(kNot, {boolean(w, w.elemwise(kEqual, {x, w.number(0, x.type)}))});
    const Out at = taken(w, x.type.kind == K::boolean ? w.convert(x, K::u8) : x, mask)[1];
    std::vector<Out> rows;
    MgeSize inner = 1;
    for (size_t k = std::max<size_t>(r, 1); k-- > 0;) {
        Out row = at;
        if (!inner.known() || inner.number != 1) row = w.elemwise(kFloorDiv, {row, w.var_of(inner)});
        if (k > 0) row = w.elemwise(kMod, {row, w.var_of(w.size(w.id(0), k))});
        rows.insert(rows.begin(), w.reshape(row, {1, -1}));
        if (k > 0) inner = w.product(inner, w.size(w.id(0), k));
    }
    w.put(w.concat(rows, 0));
}
[[gnu::cold]] inline void depth_to_space_node(W& w) {
    const int64_t b = w.node->attributes.get<int64_t>("blocksize", 1);
    const bool columns_first = w.node->attributes.get("mode", std::string("DCR")) == "CRD";
    const std::vector<MgeSize> s = w.sizes(w.id(0));
    const MgeSize c = w.quotient(s[1], b * b);
    const Out x = columns_first ? w.reshape(w.in(0), {s[0], c, b, b, s[2], s[3]}) : w.reshape(w.in(0), {s[0], b, b, c, s[2], s[3]});
    const Out t = columns_first ? w.dimshuffle(x, {0, 1, 4, 2, 5, 3}, 6) : w.dimshuffle(x, {0, 3, 4, 1, 5, 2}, 6);
    w.put(w.reshape(t, {s[0], c, w.product(s[2], b), w.product(s[3], b)}));
}
[[gnu::cold]] inline void space_to_depth_node(W& w) {
    const int64_t b = w.node->attributes.get<int64_t>("blocksize", 1);
    if (!w.need(w.node->attributes.get("mode", std::string("DCR")) == "DCR", "mode CRD")) return;
    const std::vector<MgeSize> s = w.sizes(w.id(0));
    const MgeSize h = w.quotient(s[2], b), v = w.quotient(s[3], b);
    const Out t = w.dimshuffle(w.reshape(w.in(0), {s[0], s[1], h, b, v, b}), {0, 3, 5, 1, 2, 4}, 6);
    w.put(w.reshape(t, {s[0], w.product(s[1], b * b), h, v}));
}
[[gnu::cold]] inline void channel_shuffle_node(W& w) {
    const int64_t g = w.node->attributes.get<int64_t>("group", 1);
    std::vector<MgeSize> s = w.sizes(w.id(0)), split{s[0], g, w.quotient(s[1], g)};
    split.push_back(-1);
    w.put(w.reshape(w.dimshuffle(w.reshape(w.in(0), split), {0, 2, 1, 3}, 4), s));
}

// ---- images ----

[[gnu::cold]] inline void resize_node(W& w) {
    const auto a = read_attributes<Resize::Attributes>(w.node->attributes);
    Resize::Options o;
    Resize::parse(a, w.node->version, o);
    const size_t scale_at = Resize::scales_input(w.node->version);
    std::vector<float> scales = a.scales;
    std::vector<int64_t> sizes;
    const auto empty = [&](size_t i) { return !w.has(i) || (w.shape(i).known() && w.shape(i).count() == 0); };
    if (!empty(scale_at) && w.given(scale_at)) scales = w.given(scale_at)->values<float>();
    const bool open_scales = !empty(scale_at) && !w.given(scale_at), has_sizes = scale_at == 2 && scales.empty() && !open_scales && !empty(3);
    if (has_sizes && w.given(3)) sizes = w.given(3)->values<int64_t>();
    Resize::Axis axes[kMaxRank];
    const Shape& x = w.shape(0);
    const bool sized = !has_sizes || w.given(3);
    if (!w.need(!open_scales && o.coordinates != Resize::Coordinates::tf_crop_and_resize && w.rank(0) >= 2, "scales that only a run tells, or a crop")) return;
    if (sized) {
        const std::string problem = Resize::geometry(a, x, {}, scales, sizes, nullptr, axes);
        if (!w.need(problem.empty(), problem)) return;
    }
    const size_t r = w.rank(0);
    // Theirs: the last two axes of four, linear with half pixels, or nearest from the left, and its scale is the quotient of the extents.
    bool direct = r == 4 && !o.antialias && !o.exclude_outside, whole = true;
    for (size_t k = 0; k < r && sized; ++k) {
        const float s = axes[k].scale;
        whole = whole && s >= 1.f && s == std::floor(s);
        if (k < 2) direct = direct && s == 1.f && axes[k].out == axes[k].in;
        else if (!scales.empty()) direct = direct && (s == std::floor(s) || static_cast<float>(axes[k].out) / static_cast<float>(axes[k].in) == s);
    }
    if (!sized) direct = direct && a.axes.empty() && a.keep_aspect_ratio_policy == "stretch";
    const bool half = o.coordinates == Resize::Coordinates::half_pixel || o.coordinates == Resize::Coordinates::pytorch_half_pixel ||
                      o.coordinates == Resize::Coordinates::half_pixel_symmetric;
    int mode = -1;
    if (o.mode == Resize::Mode::nearest) {
        const bool floor = o.coordinates == Resize::Coordinates::asymmetric &&
                           (o.nearest == Resize::Nearest::floor || (o.nearest == Resize::Nearest::simple && sized && whole));
        if (floor || (sized && whole && half && o.nearest == Resize::Nearest::round_prefer_floor)) mode = 0;
    } else if (half && (o.coordinates == Resize::Coordinates::half_pixel || (sized && axes[r - 1].out > 1 && axes[r - 2].out > 1))) {
        mode = o.mode == Resize::Mode::linear ? 1 : o.cubic_a == -0.75f ? 3 : -1;
    }
    if (direct && mode >= 0) {
        std::vector<MgeSize> to;
        for (size_t k = 2; k < 4; ++k) {
            if (!sized) to.push_back(w.slice(w.in(3), 0, static_cast<int64_t>(k), static_cast<int64_t>(k) + 1));
            else if (axes[k].out >= 0) to.push_back(axes[k].out);
            else to.push_back(w.product(w.size(w.id(0), k), static_cast<int64_t>(axes[k].scale)));
        }
        return w.put(w.add("ResizeV2", {w.in(0), w.shape_var(to)}, {40, {{0, mode}, {1, 0}}}));
    }
    const bool corners = o.coordinates == Resize::Coordinates::align_corners;
    if (r == 5 && o.mode == Resize::Mode::linear && !o.antialias && !o.exclude_outside && a.axes.empty() && a.keep_aspect_ratio_policy == "stretch" && has_sizes &&
        (corners || o.coordinates == Resize::Coordinates::half_pixel)) {
        const std::vector<MgeSize> to = target(w, w.id(3));
        if (!w.need(to.size() == 5, "sizes whose number only a run tells")) return;
        return w.put(w.add("Resize3D", {w.in(0), w.shape_var({to[2], to[3], to[4]})}, {96, {{0, 1}, {1, 0}, {2, corners}}}));
    }
    // Everything else is linear in x: a matrix for each axis.
    Out y = w.in(0);
    for (size_t k = 0; k < r; ++k) {
        const bool fits = sized && axes[k].in > 0 && axes[k].out > 0 && is_float(w.dtype(0));
        if (!w.need(fits, "this interpolation of an image whose extents only a run tells, or of integers")) return;
        if (axes[k].in == axes[k].out && axes[k].scale == 1.f) continue;
        const Resize::Table t = Resize::table(axes[k], o, false);
        std::vector<float> m(static_cast<size_t>(axes[k].in * axes[k].out), 0.f);
        for (int64_t i = 0; i < axes[k].out; ++i)
            for (int64_t j = 0; j < t.taps; ++j) {
                const size_t tap = static_cast<size_t>(i * t.taps + j);
                m[static_cast<size_t>(t.index[tap] * axes[k].out + i)] += t.weight[tap];
            }
        std::vector<int64_t> perm(r);
        for (size_t i = 0; i < r; ++i) perm[i] = static_cast<int64_t>(i);
        std::swap(perm[k], perm[r - 1]);
        std::vector<MgeSize> to;
        for (size_t i = 0; i < r; ++i) to.push_back(i <= k ? axes[i].out : axes[i].in);
        std::swap(to[k], to[r - 1]);
        if (k != r - 1) y = w.dimshuffle(y, perm, r);
        const Out matrix = w.convert(w.stored(Array::of(Shape{axes[k].in, axes[k].out}, m), MgeType{}), y.type);
        y = matrix_product(w, "MatrixMulV2", w.reshape(y, {-1, axes[k].in}), matrix, false, false);
        y = w.reshape(y, to);
        if (k != r - 1) y = w.dimshuffle(y, perm, r);
    }
    w.put(y);
}
[[gnu::cold]] inline void remap_node(W& w) {
    const auto a = read_attributes<ImageSamplingAttributes>(w.node->attributes);
    w.put(w.add("RemapV1", {w.in(0), w.in(1)}, {68, {{0, a.linear ? 1 : 0}, {1, static_cast<uint32_t>(a.border)}, {2, 0}, {3, a.border_value}}}));
}
[[gnu::cold]] inline void warp_perspective_node(W& w) {
    const auto a = read_attributes<WarpPerspective::Attributes>(w.node->attributes);
    const bool last = a.fixed_point || a.steps != 0 || !a.linear;  // their tables of steps, and the nearest pixel, are those of images with the channels last
    Out x = w.in(0);
    if (last) x = w.dimshuffle(x, {0, 2, 3, 1}, 4);
    const uint32_t border = static_cast<uint32_t>(a.border);
    std::vector<Out> in{x, a.fixed_point ? w.slice(w.in(1), 1, 0, 2) : w.in(1)};
    if (!w.need(!a.fixed_point || !w.has(3), "images chosen for affine matrices")) return;
    if (w.has(3)) in.push_back(w.convert(w.in(3), K::i32));
    in.push_back(w.convert(w.in(2), K::i32));
    Out y = a.fixed_point ? w.add("WarpAffineV2", in, {38, {{0, a.linear ? 1 : 0}, {1, border}, {2, a.border_value}, {3, 1}}})
                          : w.add("WarpPerspectiveV2", in, {13, {{0, a.linear ? 1 : 0}, {1, border}, {2, last ? 1 : 0}, {3, a.border_value}}});
    w.put(last ? w.dimshuffle(y, {0, 3, 1, 2}, 4) : y);
}
[[gnu::cold]] inline void correlation_node(W& w) {
    const auto a = read_attributes<Correlation::Attributes>(w.node->attributes);
    w.put(w.add("CorrelationForward", {w.in(0), w.in(1)}, {75, {{1, a.kernel_size}, {2, a.max_displacement}, {3, a.stride1}, {4, a.stride2}, {5, a.pad}, {6, a.multiply != 0}}}));
}
[[gnu::cold]] inline void moved_roi_pool_node(W& w) {
    const auto a = read_attributes<MovedRoiPool::Attributes>(w.node->attributes);
    const Out x = w.in(0);
    const MgeType types[] = {x.type, x.type};
    const int64_t regions = w.shape(1)[0];
    if (!w.need(w.has(2) || regions >= 0, "regions without shifts whose number only a run tells")) return;
    const Out shifts = w.has(2) ? w.in(2) : w.stored(Array::zeros(DType::f32, Shape{regions, 2, a.output_height, a.output_width}), MgeType{});
    const MgeParam p{49, {{0, !w.has(2)}, {1, a.spatial_scale}, {2, a.shift_scale}, {3, a.output_height}, {4, a.output_width}, {5, a.parts}, {6, a.samples}}};
    const auto y = w.add("DeformablePSROIPoolingForward", {x, w.in(1), shifts}, p, types);
    w.put(y[0], 0);
    w.put(y[1], 1);
}
[[gnu::cold]] inline void eye_node(W& w) {
    const int32_t k = static_cast<int32_t>(w.node->attributes.get("k", int64_t{0}));
    const Out y = w.add("Eye", {w.shape_var(w.sizes(w.id(0)))}, {31, {{0, k}}}, mge_type(K::f32));
    w.put(w.convert(y, W::plain_type(w.result().dtype)));
}
// Of a seed that is the node's own: numbers of its generator, not those of ours.
[[gnu::cold]] inline void random_node(W& w) {
    const auto a = read_attributes<Random::Attributes>(w.node->attributes);
    if (!w.need(a.mode != Random::multinomial, "numbers of classes")) return;
    const bool alone = a.mode == Random::normal || a.mode == Random::uniform, normal = a.mode == Random::normal || a.mode == Random::normal_like;
    const Out shape = alone ? w.ints(a.shape) : w.shape_var(w.sizes(w.id(0)));
    const uint64_t seed = std::isnan(a.seed) ? mge_hash(w.node->name) : std::bit_cast<uint32_t>(a.seed);
    Out y = normal ? w.add("GaussianRNGV1", {shape}, {33, {{0, seed}, {1, a.mean}, {2, a.scale}}}, mge_type(K::f32))
                   : w.add("UniformRNGV1", {shape}, {32, {{0, seed}}}, mge_type(K::f32));
    if (a.mode == Random::bernoulli) y = w.elemwise(kLess, {y, w.real(w.in(0))});
    else if (!normal) y = w.sum(w.scaled(y, static_cast<double>(a.high) - static_cast<double>(a.low)), w.number(static_cast<double>(a.low)));
    w.put(w.convert(y, W::plain_type(w.result().dtype)));
}
[[gnu::cold]] inline void matrix_inverse_node(W& w) { w.put(w.add("MatrixInverse", {w.in(0)})); }
[[gnu::cold]] inline void svd_node(W& w) {
    const Out x = w.in(0);
    const MgeType types[] = {x.type, x.type, x.type};
    const auto y = w.add("SVD", {x}, {22}, types);
    for (size_t k = 0; k < 3; ++k) w.put(y[k], k);
}
[[gnu::cold]] inline void roi_samples_node(W& w) {
    const auto a = read_attributes<RoiSamples::Attributes>(w.node->attributes);
    const Out x = w.in(0);
    const MgeType types[] = {x.type, mge_type(K::i32)};
    w.put(w.add("ROIAlignV1", {x, w.in(1)},
                {48, {{0, a.mean ? 1 : 0}, {1, 0}, {2, a.spatial_scale}, {3, a.offset}, {4, a.output_height}, {5, a.output_width}, {6, a.sample_height}, {7, a.sample_width}}},
                types)[0]);
}
[[gnu::cold]] inline void roi_pool_node(W& w) {
    const auto a = read_attributes<RoiPool::Attributes>(w.node->attributes);
    const Out x = w.in(0);
    const MgeType types[] = {x.type, mge_type(K::i32)};
    w.put(w.add("ROIPooling", {x, w.in(1), w.ints(a.pooled_shape)}, {12, {{0, static_cast<uint32_t>(a.mode)}, {1, a.spatial_scale}}}, types)[0]);
}
[[gnu::cold]] inline void keep_boxes_node(W& w) {
    const Attributes& a = w.node->attributes;
    const MgeType types[] = {mge_type(K::i32), mge_type(K::i32)};
    const auto y = w.add("NMSKeepMGB", {w.in(0)}, {69, {{0, a.get("threshold", 0.f)}, {1, static_cast<uint32_t>(a.get<int64_t>("most", 0))}}}, types);
    w.put(y[0], 0);
    w.put(y[1], 1);
}

// ---- recurrent ----

[[gnu::cold]] inline void recurrent(W& w, RecurrentCell cell) {
    const auto a = read_attributes<RecurrentNetwork::Attributes>(w.node->attributes);
    const bool lstm = cell == RecurrentCell::lstm;
    const int64_t d = a.directions(), gates = lstm ? 4 : 1;
    int nonlinear = 2;
    bool plain = a.direction != "reverse" && a.clip == 0.f && !a.input_forget && !a.layout && !w.has(4) && !w.has(7);
    plain = plain && w.given(1) && w.given(2) && (!w.has(3) || w.given(3)) && a.activation_alpha.empty() && a.activation_beta.empty() && w.dtype(0) == DType::f32;
    for (size_t k = 0; k < a.activations.size(); ++k) {
        constexpr std::string_view usual[] = {"Sigmoid", "Tanh", "Tanh"};
        const std::string& name = a.activations[k];
        if (lstm) plain = plain && name == usual[k % 3];
        else if (k == 0) nonlinear = name == "Affine" ? 0 : name == "Relu" ? 1 : name == "Tanh" ? 2 : -1;
        else plain = plain && name == a.activations[0];
    }
    if (!w.need(plain && nonlinear >= 0, "reversed time, sequence lengths, peepholes, a clip, other functions, or weights that are no constants")) return;
    const Shape& ws = w.shape(1);
    const int64_t hidden = w.shape(2)[2], in = ws[2];
    const auto wv = w.given(1)->values<float>(), rv = w.given(2)->values<float>();
    const auto bv = w.has(3) ? w.given(3)->values<float>() : std::vector<float>(static_cast<size_t>(d * 2 * gates * hidden), 0.f);
    // Theirs: i, f, g, o; ours, as ONNX's: i, o, f, g.
    constexpr int64_t order[] = {0, 2, 3, 1};
    std::vector<float> flat;
    const auto take = [&](const std::vector<float>& from, int64_t first, int64_t row) {
        for (int64_t g = 0; g < gates; ++g) {
            const auto at = from.begin() + first + (lstm ? order[g] : 0) * row;
            flat.insert(flat.end(), at, at + row);
        }
    };
    for (int64_t k = 0; k < d; ++k) {
        take(wv, k * gates * hidden * in, hidden * in);
        take(rv, k * gates * hidden * hidden, hidden * hidden);
        take(bv, k * 2 * gates * hidden, hidden);
        take(bv, (k * 2 + 1) * gates * hidden, hidden);
    }
    const Out x = w.in(0);
    const auto state = [&](size_t i) { return w.has(i) ? w.in(i) : w.broadcast(w.number(0), {MgeSize(d), w.size(w.id(0), 1), MgeSize(hidden)}); };
    std::vector<Out> inputs{x, state(5)};
    if (lstm) inputs.push_back(state(6));
    inputs.push_back(w.stored(Array::of(Shape{static_cast<int64_t>(flat.size())}, flat), MgeType{}, w.value(w.id(1)).name));
    const std::vector<MgeType> types(lstm ? 4 : 3, x.type);
    MgeParam p(lstm ? 89 : 88, {{0, 1}, {1, d == 2}, {2, true}, {3, hidden}});
    if (!lstm) p.fields.push_back({5, nonlinear});
    p.fields.push_back({6, 1});  // inference
    const std::vector<Out> y = w.add(lstm ? "LSTMForward" : "RNNForward", inputs, p, types);
    if (w.wants(0)) w.put(w.dimshuffle(w.reshape(y[0], {w.size(w.id(0), 0), w.size(w.id(0), 1), MgeSize(d), MgeSize(hidden)}), {0, 2, 1, 3}, 4), 0);
    for (size_t o = 1; o < (lstm ? 3u : 2u); ++o) w.put(y[o], o);
}
[[gnu::cold]] inline void lstm_node(W& w) { recurrent(w, RecurrentCell::lstm); }
[[gnu::cold]] inline void rnn_node(W& w) { recurrent(w, RecurrentCell::rnn); }

// ---- quantized ----

// Constant scale and zero point of a QuantizeLinear or DequantizeLinear; false if they are none, or not one for the whole tensor.
struct Scale {
    float scale = 1.f;
    int64_t zero = 0;
};
[[gnu::cold]] inline bool scale_of(const W& w, const Node& n, DType t, Scale& s) {
    const Array* scale = n.inputs.size() > 1 ? w.known(n.inputs[1]) : nullptr;
    const ValueId z = n.inputs.size() > 2 ? n.inputs[2] : kNoValue;
    if (!scale || scale->count() != 1 || (z != kNoValue && (!w.known(z) || w.known(z)->count() != 1)) || n.attributes.get<int64_t>("block_size", 0)) return false;
    s = {scale->scalar_value<float>(), z == kNoValue ? 0 : w.known(z)->scalar_value<int64_t>()};
    return t == DType::u8 || (t == DType::i8 && s.zero == 0);
}
inline MgeType quantized_type(DType t, const Scale& s) {
    return t == DType::u8 ? MgeType{K::q8_asymm, s.scale, static_cast<uint8_t>(s.zero)} : MgeType{K::q_s8, s.scale, 0};
}
// The same but for the last bits: the reader makes scales smaller by them, so that halves are rounded as there.
inline bool same_scale(float a, float b) { return std::abs(a - b) <= 0x1p-20f * std::abs(b); }
inline bool same_type(const MgeType& a, const MgeType& b) { return a.kind == b.kind && a.zero == b.zero && same_scale(a.scale, b.scale); }

// Parameters of one element, or one for each index of `axis`, against a tensor of that rank.
[[gnu::cold]] inline Out along(W& w, const Out& v, ValueId id, size_t rank, int64_t axis) {
    if (w.value(id).shape_known() && w.value(id).shape.count() == 1) return v;
    std::vector<MgeSize> to(rank, MgeSize(1));
    to[normalize_axis(axis, rank, *w.node)] = -1;
    return w.reshape(v, to);
}
[[gnu::cold]] inline void dequantize_node(W& w) {
    Scale s;
    const DType t = w.dtype(0);
    if (!w.need(!w.node->attributes.get<int64_t>("block_size", 0), "scales in blocks")) return;
    Out x = w.flat(w.raw(w.id(0)));
    if (scale_of(w, *w.node, t, s)) {
        const MgeType q = quantized_type(t, s);
        if (w.given(0)) x = w.stored(*w.given(0), q, w.value(w.id(0)).name);
        if (same_type(x.type, q)) return w.put(w.convert(x, K::f32));
    }
    const int64_t axis = w.node->attributes.get<int64_t>("axis", 1);
    Out y = w.convert(w.in(0), K::f32);
    if (w.has(2)) y = w.difference(y, along(w, w.convert(w.in(2), K::f32), w.id(2), w.rank(0), axis));
    w.put(w.product(y, along(w, w.in(1), w.id(1), w.rank(0), axis)));
}
[[gnu::cold]] inline void quantize_node(W& w, const MgeType* type) {
    if (type) return w.put(w.convert(w.in(0), *type));
    const bool bytes = w.result().dtype == DType::u8 || w.result().dtype == DType::i8;
    if (!w.need(bytes && !w.node->attributes.get<int64_t>("block_size", 0), "scales in blocks, or other than 8 bits")) return;
    const int64_t axis = w.node->attributes.get<int64_t>("axis", 1);
    Out y = w.elemwise(kRound, {w.quotient(w.in(0), along(w, w.in(1), w.id(1), w.rank(0), axis))});
    if (w.has(2)) y = w.sum(y, along(w, w.convert(w.in(2), K::f32), w.id(2), w.rank(0), axis));
    const bool u = w.result().dtype == DType::u8;
    w.put(w.convert(clamp(w, y, u ? 0 : -128, u ? 255 : 127), W::plain_type(w.result().dtype)));
}

// ---- the table ----

struct Writing {
    std::string_view name;  // of our operator
    void (*write)(MgeEmitter&);
};
constexpr Writing kWritings[] = {
        {"ArgReduce", &arg_reduce_node},
        {"BatchNormalization", &batch_norm_node},
        {"Cast", &cast_node}, {"CastLike", &cast_node},
        {"ChannelShuffle", &channel_shuffle_node},
        {"Compress", &compress_node},
        {"Concat", &concat_node},
        {"Constant", &constant_node},
        {"ConstantOfShape", &constant_of_shape_node},
        {"Conv", &conv_node}, {"ConvTranspose", &conv_transpose_node},
        {"CumSum", &cumsum_node},
        {"DeformConv", &deform_conv_node},
        {"DepthToSpace", &depth_to_space_node}, {"SpaceToDepth", &space_to_depth_node},
        {"DequantizeLinear", &dequantize_node},
        {"Dropout", &same_node}, {"Identity", &same_node},
        {"Elemwise", &elemwise_node},
        {"EyeLike", &eye_node}, {"Random", &random_node},
        {"Expand", &expand_node}, {"Tile", &tile_node},
        {"Flatten", &flatten_node}, {"Reshape", &reshape_node}, {"Squeeze", &squeeze_node}, {"Unsqueeze", &unsqueeze_node}, {"Transpose", &transpose_node},
        {"Gather", &gather_node}, {"GatherElements", &gather_elements_node}, {"GatherND", &gather_nd_node},
        {"Gemm", &gemm_node}, {"MatMul", &matmul_node},
        {"GroupNormalization", &group_norm_node}, {"LayerNormalization", &layer_norm_node}, {"LRN", &lrn_node},
        {"KeepBoxes", &keep_boxes_node},
        {"LSTM", &lstm_node}, {"RNN", &rnn_node},
        {"NonZero", &non_zero_node},
        {"OneHot", &one_hot_node},
        {"Pad", &pad_node},
        {"Pool", &pool_node},
        {"Range", &range_node},
        {"Reduce", &reduce_node},
        {"Correlation", &correlation_node}, {"MatrixInverse", &matrix_inverse_node}, {"MovedRoiPool", &moved_roi_pool_node}, {"SVD", &svd_node},
        {"Remap", &remap_node}, {"WarpPerspective", &warp_perspective_node}, {"RoiSamples", &roi_samples_node}, {"RoiPool", &roi_pool_node},
        {"Resize", &resize_node},
        {"ScatterElements", &scatter_elements_node}, {"ScatterND", &scatter_nd_node},
        {"Shape", &shape_node}, {"Size", &size_node},
        {"Slice", &slice_node}, {"Split", &split_node},
        {"Softmax", &softmax_node},
        {"TopK", &top_k_node},
        {"Where", &where_node},
};

}  // namespace detail::mge
LITE_NAMESPACE_END
#endif
#endif
