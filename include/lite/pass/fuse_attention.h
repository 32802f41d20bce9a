// Recognises attention, written out as matrix products around a softmax, and makes it one operator that never stores the scores.
#ifndef LITE_PASS_FUSE_ATTENTION_H_
#define LITE_PASS_FUSE_ATTENTION_H_
#include "lite/op/fused_attention.h"
#include "lite/op/matmul.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// The input of a Transpose with that permutation, or kNoValue.
inline ValueId transposed(Matcher& m, ValueId v, const std::vector<int64_t>& perm) {
    Node* t = m.producer(v, "Transpose");
    return t && t->attributes.get<std::vector<int64_t>>("perm", {}) == perm ? t->inputs[0] : kNoValue;
}
// Passes over a multiplication with or a division by a constant scalar, and collects its factor.
inline bool take_scale(Matcher& m, ValueId& v, double& scale) {
    Node* n = m.producer(v, "Elemwise");
    if (!n || n->inputs.size() != 2) return false;
    const ElemwiseMode mode = Matcher::mode(*n);
    if (mode != ElemwiseMode::mul && mode != ElemwiseMode::div) return false;
    for (size_t i = mode == ElemwiseMode::div ? 1 : 0; i < 2; ++i) {
        const Array* a = m.constant(n->inputs[i]);
        if (!a || a->count() != 1 || a->dtype() != DType::f32 || a->shape().rank() > m.g.value(v).shape.rank()) continue;
        const double s = a->scalar_value<double>();
        scale *= mode == ElemwiseMode::div ? 1 / s : s;
        v = n->inputs[1 - i];
        return true;
    }
    return false;
}
inline bool match_attention(Matcher& m, Node& pv) {
    if (pv.op->name != "MatMul" || pv.inputs.size() != 2) return false;
    const auto plain = [&](ValueId v) {  // f32 of four known axes
        const Value& x = m.g.value(v);
        return x.dtype == DType::f32 && x.shape_known() && x.shape.rank() == 4;
    };
    const auto attributes = read_attributes<MatMul::Attributes>(pv.attributes);
    if (attributes.transA || attributes.transB || attributes.alpha != 1.f || attributes.activation != ElemwiseMode::identity) return false;
    ValueId v = pv.inputs[1], s = pv.inputs[0];
    Node* softmax = m.producer(s, "Softmax");
    if (!softmax || !m.single_use(s) || !plain(s) || !plain(v) || softmax->attributes.get<int64_t>("mode", 0) != 0) return false;
    const int64_t axis = softmax->attributes.get<int64_t>("axis", softmax->version < 13 ? 1 : -1);
    if (axis != -1 && axis != 3) return false;
    const Shape scores = m.g.value(s).shape;
    s = softmax->inputs[0];
    // scores = [scale * (q k)] [+ mask]
    ValueId mask = kNoValue;
    if (Node* add = m.elemwise(s, ElemwiseMode::add); add && add->inputs.size() == 2 && m.single_use(s)) {
        for (size_t i = 0; i < 2 && mask == kNoValue; ++i) {
            const ValueId sum = add->inputs[i], other = add->inputs[1 - i];
            const Value &x = m.g.value(sum), &y = m.g.value(other);
            if (!m.single_use(sum) || !x.shape_known() || x.shape != scores || y.dtype != DType::f32 || !y.shape_known() || y.shape.rank() == 0 ||
                y.shape.rank() > 4 || y.shape.back() != scores[3])
                continue;
            ValueId through = sum;
            double ignored = 1;
            while (take_scale(m, through, ignored)) {}
            if (!m.producer(through, "MatMul")) continue;
            mask = other;
            s = sum;
        }
        if (mask == kNoValue) return false;
    }
    double scale = 1;
    while (m.single_use(s) && take_scale(m, s, scale)) {}
    Node* qk = m.producer(s, "MatMul");
    if (!qk || !m.single_use(s) || qk->inputs.size() != 2 || m.g.value(s).shape != scores) return false;
    const auto product = read_attributes<MatMul::Attributes>(qk->attributes);
    if (product.transA || product.activation != ElemwiseMode::identity) return false;
    scale *= static_cast<double>(product.alpha);
    ValueId q = qk->inputs[0], k = qk->inputs[1];
    if (!plain(q) || !plain(k)) return false;
    for (size_t i = 0; i < 2; ++i) {  // batches that broadcast stay as they are
        const int64_t n = scores[i];
        if (m.g.value(q).shape[i] != n || m.g.value(k).shape[i] != n || m.g.value(v).shape[i] != n) return false;
    }
    FusedAttention::Attributes a;
    const auto time_first = [&](ValueId& x) {
        const ValueId from = transposed(m, x, {0, 2, 1, 3});
        if (from == kNoValue) return int64_t{0};
        x = from;
        return int64_t{1};
    };
    while (take_scale(m, q, scale)) {}
    a.q_time_first = time_first(q);
    while (take_scale(m, k, scale)) {}
    if (product.transB) {
        a.k_time_first = time_first(k);
    } else if (const ValueId rows = transposed(m, k, {0, 2, 3, 1}); rows != kNoValue) {
        k = rows;
        a.k_time_first = 1;
    } else if (const ValueId other = transposed(m, k, {0, 1, 3, 2}); other != kNoValue) {
        k = other;
        while (take_scale(m, k, scale)) {}
        a.k_time_first = time_first(k);
    } else {
        a.k_columns = 1;
    }
    a.v_time_first = time_first(v);
    a.scale = static_cast<float>(scale);
    if (!plain(q) || !plain(k) || !plain(v)) return false;
    Node* after = m.single_user(pv.outputs[0]);
    const bool turn = after && transposed(m, after->outputs[0], {0, 2, 1, 3}) == pv.outputs[0];
    a.y_time_first = turn;
    pv.op = &registry().named(FusedAttention::name);
    pv.inputs = {q, k, v};
    if (mask != kNoValue) pv.inputs.push_back(mask);
    pv.attributes = write_attributes(a);
    if (turn) m.take_output(pv, *after);
    return true;
}
}  // namespace detail

inline bool fuse_attention(Graph& g) {
    if constexpr (!kHasOperator<FusedAttention>) return false;
    bool changed = false;
    Matcher m(g);
    for (Node& n : g.nodes) {
        if (n.outputs.empty() || n.outputs[0] == kNoValue || !detail::match_attention(m, n)) continue;
        changed = true;
        m.update(n);
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
