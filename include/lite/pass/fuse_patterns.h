// Recognises functions that exporters write out as several nodes: SiLU, hard-swish, GELU, layer normalisation, channel
// shuffle, and padding before a convolution.
#ifndef LITE_PASS_FUSE_PATTERNS_H_
#define LITE_PASS_FUSE_PATTERNS_H_
#include "lite/op/channel_shuffle.h"
#include "lite/op/elemwise.h"
#include "lite/op/layer_norm.h"
#include "lite/op/reduce.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline void make_unary(Node& n, ElemwiseMode mode, ValueId x) {
    n.op = &registry().named("Elemwise");
    n.inputs = {x};
    n.attributes = Attributes();
    n.attributes.set("mode", static_cast<int64_t>(mode));
}
// x * sigmoid(x), x * hard_sigmoid(x) with slope 1/6, x * clip(x + 3, 0, 6) / 6 in its orders.
inline bool match_gated(Matcher& m, Node& n) {
    if (Matcher::mode(n) != ElemwiseMode::mul || n.inputs.size() != 2) return false;
    for (size_t i = 0; i < 2; ++i) {
        const ValueId x = n.inputs[1 - i];
        Node* gate = m.producer(n.inputs[i]);
        if (!gate || gate->inputs.empty() || gate->inputs[0] != x) continue;
        const ElemwiseMode mode = Matcher::mode(*gate);
        if (mode == ElemwiseMode::sigmoid) return make_unary(n, ElemwiseMode::silu, x), true;
        if (mode == ElemwiseMode::hard_sigmoid && std::abs(gate->attributes.get<float>("alpha", 0.2f) - 1.f / 6) < 1e-5f &&
            std::abs(gate->attributes.get<float>("beta", 0.5f) - 0.5f) < 1e-5f)
            return make_unary(n, ElemwiseMode::hard_swish, x), true;
    }
    return false;
}
// clip(x + 3, 0, 6): the x, or kNoValue.
inline ValueId match_relu6_of_x_plus_3(Matcher& m, ValueId v) {
    Node* clip = m.producer(v, "Elemwise");
    Activation a;
    if (!clip || Matcher::mode(*clip) != ElemwiseMode::clip || !as_activation(*clip, m.g, a) || a.alpha != 0.f || a.beta != 6.f) return kNoValue;
    Node* add = m.elemwise(clip->inputs[0], ElemwiseMode::add);
    ValueId three, x;
    return add && m.either(*add, [&](ValueId i) { return m.is_scalar(i, 3.0); }, three, x) ? x : kNoValue;
}
// (x * clip(x + 3, 0, 6)) / 6 or * (1/6); and x * (clip(x + 3, 0, 6) / 6).
inline bool match_hard_swish(Matcher& m, Node& n) {
    const auto sixth_of = [&](Node& q, ValueId& rest) {
        if (q.inputs.size() != 2) return false;
        if (Matcher::mode(q) == ElemwiseMode::div && m.is_scalar(q.inputs[1], 6.0)) return rest = q.inputs[0], true;
        ValueId c;
        return Matcher::mode(q) == ElemwiseMode::mul && m.either(q, [&](ValueId i) { return m.is_scalar(i, 1.0 / 6); }, c, rest);
    };
    ValueId rest;
    if (sixth_of(n, rest)) {
        Node* mul = m.elemwise(rest, ElemwiseMode::mul);
        if (mul && mul->inputs.size() == 2)
            for (size_t i = 0; i < 2; ++i)
                if (match_relu6_of_x_plus_3(m, mul->inputs[i]) == mul->inputs[1 - i] && mul->inputs[1 - i] != kNoValue)
                    return make_unary(n, ElemwiseMode::hard_swish, mul->inputs[1 - i]), true;
    }
    if (Matcher::mode(n) == ElemwiseMode::mul && n.inputs.size() == 2)
        for (size_t i = 0; i < 2; ++i) {
            Node* q = m.producer(n.inputs[i], "Elemwise");
            if (q && sixth_of(*q, rest) && match_relu6_of_x_plus_3(m, rest) == n.inputs[1 - i])
                return make_unary(n, ElemwiseMode::hard_swish, n.inputs[1 - i]), true;
        }
    return false;
}
// x * (1 + erf(x / sqrt 2)) * 0.5 in the orders in which exporters write it.
inline bool match_gelu(Matcher& m, Node& n) {
    if (Matcher::mode(n) != ElemwiseMode::mul) return false;
    // The three factors: 0.5, x, 1 + erf(...), in any nesting of two multiplications.
    ValueId factors[3];
    size_t count = 0;
    const auto one_plus_erf = [&](ValueId v, ValueId& x) {
        Node* add = m.elemwise(v, ElemwiseMode::add);
        ValueId one, e;
        if (!add || !m.either(*add, [&](ValueId i) { return m.is_scalar(i, 1.0); }, one, e)) return false;
        Node* erf = m.elemwise(e, ElemwiseMode::erf);
        if (!erf) return false;
        Node* q = m.producer(erf->inputs[0], "Elemwise");
        if (!q || q->inputs.size() != 2) return false;
        if (Matcher::mode(*q) == ElemwiseMode::div && m.is_scalar(q->inputs[1], 1.41421356)) return x = q->inputs[0], true;
        ValueId c;
        return Matcher::mode(*q) == ElemwiseMode::mul && m.either(*q, [&](ValueId i) { return m.is_scalar(i, 0.70710678); }, c, x);
    };
    for (size_t outer = 0; outer < 2; ++outer) {
        Node* inner = m.elemwise(n.inputs[outer], ElemwiseMode::mul);
        if (!inner || inner->inputs.size() != 2) continue;
        count = 0;
        factors[count++] = n.inputs[1 - outer];
        factors[count++] = inner->inputs[0];
        factors[count++] = inner->inputs[1];
        for (size_t e = 0; e < 3; ++e) {
            ValueId x;
            if (!one_plus_erf(factors[e], x)) continue;
            const ValueId a = factors[(e + 1) % 3], b = factors[(e + 2) % 3];
            if ((a == x && m.is_scalar(b, 0.5)) || (b == x && m.is_scalar(a, 0.5))) return make_unary(n, ElemwiseMode::gelu, x), true;
        }
    }
    return false;
}
// (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * gamma + beta over the last axis.
inline bool match_layer_norm(Matcher& m, Node& n) {
    ValueId gamma = kNoValue, beta, scaled;
    if (Matcher::mode(n) != ElemwiseMode::add || !m.either(n, [&](ValueId v) { return m.constant(v) != nullptr; }, beta, scaled)) return false;
    Node* mul = m.elemwise(scaled, ElemwiseMode::mul);
    ValueId normal;
    if (!mul || !m.single_use(scaled) || !m.either(*mul, [&](ValueId v) { return m.constant(v) != nullptr; }, gamma, normal)) return false;
    Node* div = m.elemwise(normal, ElemwiseMode::div);
    if (!div) return false;
    const ValueId centred = div->inputs[0];
    Node* root = m.elemwise(div->inputs[1], ElemwiseMode::sqrt);
    Node* plus = root ? m.elemwise(root->inputs[0], ElemwiseMode::add) : nullptr;
    ValueId eps, variance;
    if (!plus || !m.either(*plus, [&](ValueId v) { return m.constant(v) && m.constant(v)->count() == 1; }, eps, variance)) return false;
    const auto mean_over_last = [&](ValueId v, ValueId& x) {
        Node* mean = m.producer(v, "Reduce");
        if (!mean || mean->attributes.get<ReduceMode>("mode", ReduceMode::sum) != ReduceMode::mean || mean->attributes.get<int64_t>("keepdims", 1) != 1 || !m.g.value(mean->inputs[0]).has_shape) return false;
        std::vector<int64_t> axes = mean->attributes.get<std::vector<int64_t>>("axes", {});
        if (mean->inputs.size() > 1 && mean->inputs[1] != kNoValue) {
            if (!m.constant(mean->inputs[1])) return false;
            axes = m.constant(mean->inputs[1])->values<int64_t>();
        }
        const int64_t rank = static_cast<int64_t>(m.g.value(mean->inputs[0]).shape.rank());
        x = mean->inputs[0];
        return axes.size() == 1 && (axes[0] == -1 || axes[0] == rank - 1);
    };
    ValueId squared, x, mean_of;
    if (!mean_over_last(variance, squared)) return false;
    Node* square = m.producer(squared, "Elemwise");
    if (!square || square->inputs.size() != 2 || square->inputs[0] != centred) return false;
    const bool is_square = (Matcher::mode(*square) == ElemwiseMode::pow && m.is_scalar(square->inputs[1], 2.0)) ||
                           (Matcher::mode(*square) == ElemwiseMode::mul && square->inputs[1] == centred);
    Node* sub = m.elemwise(centred, ElemwiseMode::sub);
    if (!is_square || !sub || !mean_over_last(sub->inputs[1], mean_of) || mean_of != sub->inputs[0]) return false;
    x = sub->inputs[0];
    const Value& v = m.g.value(x);
    const int64_t last = v.shape.rank() ? v.shape.back() : kUnknown;
    if (v.dtype != DType::f32 || last < 0 || m.constant(gamma)->shape() != Shape{last} || m.constant(beta)->shape() != Shape{last}) return false;
    const float epsilon = m.constant(eps)->scalar_value<float>();
    n.op = &registry().named("LayerNormalization");
    n.inputs = {x, gamma, beta};
    n.attributes = Attributes();
    n.attributes.set("axis", int64_t{-1});
    n.attributes.set("epsilon", epsilon);
    n.version = 17;
    return true;
}
// Reshape [N, g, C/g, H, W], Transpose of the two channel axes, Reshape back.
inline bool match_channel_shuffle(Matcher& m, Node& n) {
    if (n.op->name != "Reshape") return false;
    Node* transpose = m.producer(n.inputs[0], "Transpose");
    Node* split = transpose ? m.producer(transpose->inputs[0], "Reshape") : nullptr;
    if (!split) return false;
    const Value &in = m.g.value(split->inputs[0]), &mid = m.g.value(split->outputs[0]), &out = m.g.value(n.outputs[0]);
    if (!in.shape_known() || !mid.shape_known() || !out.shape_known() || in.shape.rank() < 3 || in.shape != out.shape ||
        mid.shape.rank() != in.shape.rank() + 1 || mid.shape[0] != in.shape[0] || mid.shape[1] * mid.shape[2] != in.shape[1])
        return false;
    const auto perm = transpose->attributes.get<std::vector<int64_t>>("perm", {});
    if (perm.size() != mid.shape.rank() || perm[0] != 0 || perm[1] != 2 || perm[2] != 1) return false;
    for (size_t i = 3; i < perm.size(); ++i)
        if (perm[i] != static_cast<int64_t>(i) || mid.shape[i] != in.shape[i - 1]) return false;
    const int64_t group = mid.shape[1];
    n.op = &registry().named("ChannelShuffle");
    n.inputs = {split->inputs[0]};
    n.attributes = Attributes();
    n.attributes.set("group", group);
    return true;
}
// Zero padding of the spatial axes becomes the padding of the convolution that alone uses it.
inline bool match_pad(Matcher& m, Node& n) {
    if (n.op->name != "Conv" || n.attributes.get<std::string>("auto_pad", "NOTSET") != "NOTSET") return false;
    Node* pad = m.producer(n.inputs[0], "Pad");
    if (!pad || !m.single_use(n.inputs[0]) || pad->attributes.get<std::string>("mode", "constant") != "constant") return false;
    std::vector<int64_t> pads = pad->attributes.get<std::vector<int64_t>>("pads", {});
    if (pad->inputs.size() > 1) {
        if (!m.constant(pad->inputs[1])) return false;
        pads = m.constant(pad->inputs[1])->values<int64_t>();
        if (pad->inputs.size() > 2 && pad->inputs[2] != kNoValue && !m.is_scalar(pad->inputs[2], 0.0)) return false;
        if (pad->inputs.size() > 3 && pad->inputs[3] != kNoValue) return false;
    } else if (pad->attributes.get<float>("value", 0.f) != 0.f) {
        return false;
    }
    const size_t rank = pads.size() / 2;
    if (pads.size() < 6 || pads.size() % 2) return false;
    for (int64_t p : pads)
        if (p < 0) return false;
    if (pads[0] || pads[1] || pads[rank] || pads[rank + 1]) return false;
    std::vector<int64_t> sum = n.attributes.get<std::vector<int64_t>>("pads", {});
    if (sum.empty()) sum.assign(2 * (rank - 2), 0);
    if (sum.size() != 2 * (rank - 2)) return false;
    for (size_t i = 0; i < rank - 2; ++i) {
        sum[i] += pads[2 + i];
        sum[i + rank - 2] += pads[rank + 2 + i];
    }
    n.attributes.set("pads", sum);
    n.inputs[0] = pad->inputs[0];
    return true;
}
}  // namespace detail

inline bool fuse_patterns(Graph& g) {
    bool changed = false;
    Matcher m(g);
    for (Node& n : g.nodes) {
        if (n.outputs.empty() || n.outputs[0] == kNoValue) continue;
        if (detail::match_gated(m, n) || detail::match_hard_swish(m, n) || detail::match_gelu(m, n) || (kHasOperator<LayerNormalization> && detail::match_layer_norm(m, n)) ||
            (kHasOperator<ChannelShuffle> && detail::match_channel_shuffle(m, n)) || detail::match_pad(m, n)) {
            changed = true;
            m.update(n);
        }
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
