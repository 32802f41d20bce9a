// Fuses what follows a convolution or matrix product into its store: bias of a matrix product, a residual addition, an activation.
#ifndef LITE_PASS_FUSE_EPILOGUE_H_
#define LITE_PASS_FUSE_EPILOGUE_H_
#include "lite/op/elemwise.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline bool takes_activation(const Node& n) {
    return n.op->name == "Conv" || n.op->name == "ConvTranspose" || n.op->name == "Gemm" || n.op->name == "MatMul";
}
// MatMul + a constant vector over the last axis.
inline bool fuse_matmul_bias(Matcher& m, Node& add) {
    ValueId product, bias;
    if (Matcher::mode(add) != ElemwiseMode::add || !m.either(add, [&](ValueId v) { return m.producer(v, "MatMul") && m.single_use(v); }, product, bias))
        return false;
    Node& mm = *m.producer(product);
    const Array* b = m.constant(bias);
    const Value& y = m.g.value(product);
    if (!b || b->dtype() != DType::f32 || y.dtype != DType::f32 || !y.has_shape || y.shape.rank() < 2 || mm.attributes.get<int64_t>("bias", 0) ||
        mm.attributes.get<int64_t>("activation", 0) || b->shape() != Shape{y.shape.back()})
        return false;
    mm.inputs.resize(3, kNoValue);
    mm.inputs[2] = bias;
    mm.attributes.set("bias", int64_t{1});
    m.take_output(mm, add);
    return true;
}
// Conv + a tensor of the same shape that the convolution does not wait for.
inline bool fuse_residual(Matcher& m, Node& add) {
    if (Matcher::mode(add) != ElemwiseMode::add || add.inputs.size() != 2 || add.inputs[0] == add.inputs[1]) return false;
    Node* best = nullptr;
    ValueId residual = kNoValue;
    for (size_t i = 0; i < 2; ++i) {
        const ValueId y = add.inputs[i], other = add.inputs[1 - i];
        Node* conv = m.producer(y, "Conv");
        if (!conv || !m.single_use(y) || conv->attributes.get<int64_t>("activation", 0) || conv->attributes.get<int64_t>("residual", 0)) continue;
        const Value &a = m.g.value(y), &b = m.g.value(other);
        if (!a.shape_known() || !b.shape_known() || a.shape != b.shape || b.is_constant() || a.dtype != DType::f32 || b.dtype != DType::f32) continue;
        if (best && m.index_of(*best) > m.index_of(*conv)) continue;  // the later one: its residual exists by then
        best = conv;
        residual = other;
    }
    if (!best) return false;
    best->inputs.resize(4, kNoValue);
    best->inputs[3] = residual;
    best->attributes.set("residual", int64_t{1});
    m.take_output(*best, add);
    return true;
}
inline bool fuse_activation(Matcher& m, Node& f) {
    Activation a;
    if (f.op->name != "Elemwise" || f.inputs.empty() || f.inputs[0] == kNoValue) return false;
    Node* before = m.producer(f.inputs[0]);
    if (!before || !takes_activation(*before) || !m.single_use(f.inputs[0]) || before->attributes.get<int64_t>("activation", 0)) return false;
    if (m.g.value(f.inputs[0]).dtype != DType::f32 || !as_activation(f, m.g, a)) return false;
    before->attributes.set("activation", static_cast<int64_t>(a.mode));
    before->attributes.set("activation_alpha", a.alpha);
    before->attributes.set("activation_beta", a.beta);
    m.take_output(*before, f);
    return true;
}
}  // namespace detail

inline bool fuse_epilogue(Graph& g) {
    bool changed = false;
    Matcher m(g);
    for (Node& n : g.nodes) {
        if (n.outputs.empty() || n.outputs[0] == kNoValue) continue;
        if (detail::fuse_matmul_bias(m, n) || detail::fuse_residual(m, n) || detail::fuse_activation(m, n)) {
            changed = true;
            m.update(n);
        }
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
