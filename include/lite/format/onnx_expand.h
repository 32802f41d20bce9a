// Operators that optimizers and quantizers of ONNX Runtime write (com.microsoft), spelled out in operators that are there.
#ifndef LITE_FORMAT_ONNX_EXPAND_H_
#define LITE_FORMAT_ONNX_EXPAND_H_
#include "lite/op/registry.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// Writes nodes in the place of `node`, whose operator is not known. They mean what they mean in opset 17.
class OnnxExpander {
public:
    OnnxExpander(Graph& g, const Node& node) : graph(g), n(node) {}
    Graph& graph;
    const Node& n;

    ValueId in(size_t i) const { return i < n.inputs.size() ? n.inputs[i] : kNoValue; }
    ValueId out(size_t i) const { return i < n.outputs.size() ? n.outputs[i] : kNoValue; }
    // A node; its result becomes `to`, or a new value.
    ValueId add(std::string_view op, std::vector<ValueId> inputs, Attributes a = {}, ValueId to = kNoValue, std::string_view domain = "") {
        Node made;
        const auto [found, mode] = registry().find("onnx", domain, op);
        check(found != nullptr, "node '", n.name, "' needs operator ", op, ", which is not in the list of operators");
        made.op = found;
        made.name = text(n.name, '/', op, '_', count_++);
        made.inputs = std::move(inputs);
        made.outputs = {to == kNoValue ? graph.add_value(made.name) : to};
        made.attributes = std::move(a);
        if (mode >= 0) made.attributes.set("mode", mode);
        const ValueId result = made.outputs[0];
        graph.nodes.push_back(std::move(made));
        return result;
    }
    ValueId number(float v) { return graph.add_constant(text(n.name, '/', count_++), Array::scalar(v)); }
    ValueId list(std::vector<int64_t> v) { return graph.add_constant(text(n.name, '/', count_++), Array::vector_i64(v)); }
    // The sum of those that are there.
    ValueId sum(std::vector<ValueId> inputs, ValueId to = kNoValue) {
        std::erase(inputs, kNoValue);
        check(!inputs.empty(), "node '", n.name, "' lacks its inputs");
        ValueId s = inputs[0];
        if (inputs.size() == 1 && to != kNoValue) return add("Identity", {s}, {}, to);
        for (size_t i = 1; i < inputs.size(); ++i) s = add("Add", {s, inputs[i]}, {}, i + 1 == inputs.size() ? to : kNoValue);
        return s;
    }
    void activation(std::string_view name, ValueId x, float alpha, float beta, ValueId to) {
        if (name.empty()) return void(add("Identity", {x}, {}, to));
        Attributes a;
        std::vector<ValueId> inputs{x};
        if (name == "LeakyRelu") a.set("alpha", alpha);
        if (name == "HardSigmoid") a.set("alpha", alpha), a.set("beta", beta);
        if (name == "Clip") inputs.insert(inputs.end(), {number(alpha), number(beta)});
        add(name, std::move(inputs), std::move(a), to);
    }
    // LayerNormalization, or with `simple` without the mean, over the last axis; its mean and deviation may be outputs 1 and 2.
    void normalize(ValueId x, ValueId scale, ValueId bias, bool simple, bool statistics) {
        Attributes a;
        a.set("epsilon", n.attributes.get("epsilon", 1e-12f));
        a.set("axis", int64_t{-1});
        add(simple ? "SimplifiedLayerNormalization" : "LayerNormalization", {x, scale, bias}, std::move(a), out(0));
        Node& made = graph.nodes.back();
        if (statistics && (out(1) != kNoValue || out(2) != kNoValue)) made.outputs.insert(made.outputs.end(), {out(1), out(2)});
    }

private:
    int64_t count_ = 0;
};

inline void expand_bias_gelu(OnnxExpander& e) { e.add("Gelu", {e.sum({e.in(0), e.in(1)})}, {}, e.out(0), "com.microsoft"); }
inline void expand_fused_conv(OnnxExpander& e) {
    Attributes a = e.n.attributes;
    const auto name = a.get("activation", std::string());
    const auto p = a.get("activation_params", std::vector<float>());
    a.erase("activation");
    a.erase("activation_params");
    const ValueId conv = e.add("Conv", {e.in(0), e.in(1), e.in(2)}, std::move(a));
    e.activation(name, e.sum({conv, e.in(3)}), p.empty() ? 0.01f : p[0], p.size() > 1 ? p[1] : 0.f, e.out(0));
}
inline void expand_fused_gemm(OnnxExpander& e) {
    Attributes a = e.n.attributes;
    const auto name = a.get("activation", std::string());
    const float alpha = a.get("activation_alpha", 0.01f), beta = a.get("activation_beta", 0.f);
    for (const char* own : {"activation", "activation_alpha", "activation_beta", "activation_gamma"}) a.erase(own);
    e.activation(name, e.add("Gemm", {e.in(0), e.in(1), e.in(2)}, std::move(a)), alpha, beta, e.out(0));
}
// Inputs: x, skip, scale, bias of the normalisation, bias of the sum. Output 3: the sum.
inline void expand_skip_layer_norm(OnnxExpander& e) { e.normalize(e.sum({e.in(0), e.in(1), e.in(4)}, e.out(3)), e.in(2), e.in(3), false, true); }
// The same without the mean: x, skip, scale, bias of the sum.
inline void expand_skip_simple_norm(OnnxExpander& e) { e.normalize(e.sum({e.in(0), e.in(1), e.in(3)}, e.out(3)), e.in(2), kNoValue, true, false); }
// Words, places and segments looked up, added up and normalised. Output 1: how many words are not masked; 2: the sum.
inline void expand_embed_layer_norm(OnnxExpander& e) {
    const ValueId words = e.add("Gather", {e.in(2), e.in(0)});
    ValueId places;
    if (e.in(8) != kNoValue) {
        places = e.add("Gather", {e.in(3), e.in(8)});
    } else {
        const ValueId length = e.add("Gather", {e.add("Shape", {e.in(0)}), e.list({1})});
        places = e.add("Slice", {e.in(3), e.list({0}), length, e.list({0})});
    }
    const ValueId segments = e.in(1) == kNoValue || e.in(4) == kNoValue ? kNoValue : e.add("Gather", {e.in(4), e.in(1)});
    e.normalize(e.sum({words, places, segments}, e.out(2)), e.in(5), e.in(6), false, false);
    if (e.out(1) == kNoValue) return;
    Attributes a;
    a.set("keepdims", int64_t{0});
    ValueId mask = e.in(7);
    if (mask == kNoValue) mask = e.add("Sub", {e.in(0), e.in(0)});
    e.add("ReduceSum", {mask, e.list({1})}, std::move(a), e.out(1));
}
// Weights of a few bits become floats when the model is loaded.
inline void expand_matmul_nbits(OnnxExpander& e) {
    check(e.in(4) == kNoValue, "node '", e.n.name, "' (MatMulNBits) has a group index, which is not supported");
    const ValueId weights = e.add("DequantizeNBits", {e.in(1), e.in(2), e.in(3)}, e.n.attributes, kNoValue, "lite");
    const bool bias = e.in(5) != kNoValue;
    const ValueId y = e.add("MatMul", {e.in(0), weights}, {}, bias ? kNoValue : e.out(0));
    if (bias) e.sum({y, e.in(5)}, e.out(0));
}

struct OnnxExpansion {
    std::string_view name;  // of com.microsoft
    void (*write)(OnnxExpander&);
};
inline constexpr OnnxExpansion kOnnxExpansions[] = {
        {"BiasGelu", expand_bias_gelu},
        {"EmbedLayerNormalization", expand_embed_layer_norm},
        {"FusedConv", expand_fused_conv},
        {"FusedGemm", expand_fused_gemm},
        {"MatMulNBits", expand_matmul_nbits},
        {"SkipLayerNormalization", expand_skip_layer_norm},
        {"SkipSimplifiedLayerNormalization", expand_skip_simple_norm},
};

}  // namespace detail

LITE_NAMESPACE_END
#endif
