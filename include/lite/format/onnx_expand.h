// Operators that optimizers and quantizers of ONNX Runtime write (com.microsoft), spelled out in operators that are there.
#ifndef LITE_FORMAT_ONNX_EXPAND_H_
#define LITE_FORMAT_ONNX_EXPAND_H_
#include "lite/op/listed.h"

LITE_NAMESPACE_BEGIN

struct Elemwise;
struct Gather;
struct LayerNormalization;
struct MatMulIntegerToFloat;
struct Pool;
struct Reduce;
struct Split;
struct Transpose;
struct Unsqueeze;

namespace detail {

// Writes nodes in the place of `node`, whose operator is not known. They mean what they mean in opset 17.
class OnnxExpander {
public:
    OnnxExpander(Graph& g, const Node& node, std::string_view op_name) : graph(g), n(node), op(op_name) {}
    Graph& graph;
    const Node& n;
    std::string_view op;

    ValueId in(size_t i) const { return i < n.inputs.size() ? n.inputs[i] : kNoValue; }
    ValueId out(size_t i) const { return i < n.outputs.size() ? n.outputs[i] : kNoValue; }
    // A node; its result becomes `to`, or a new value.
    ValueId add(std::string_view name, std::vector<ValueId> inputs, Attributes a = {}, ValueId to = kNoValue, std::string_view domain = "") {
        Node made;
        const auto [found, mode] = registry().find("onnx", domain, name);
        check(found != nullptr, "node '", n.name, "' (", op, ") needs operator ", name, ", which is not in the list of operators; <lite/all_ops.h> brings all");
        made.op = found;
        made.name = text(n.name, '/', name, '_', count_++);
        made.inputs = std::move(inputs);
        made.outputs = {to == kNoValue ? graph.add_value(made.name) : to};
        made.attributes = std::move(a);
        if (mode >= 0) made.attributes.set("mode", mode);
        const ValueId result = made.outputs[0];
        graph.nodes.push_back(std::move(made));
        return result;
    }
    // The result of another output of the node that was added last.
    ValueId more(ValueId to = kNoValue) {
        Node& last = graph.nodes.back();
        const ValueId result = to == kNoValue ? graph.add_value(text(last.name, '_', last.outputs.size())) : to;
        graph.nodes.back().outputs.push_back(result);
        return result;
    }
    ValueId number(float v) { return graph.add_constant(text(n.name, '/', count_++), Array::scalar(v)); }
    ValueId place(int64_t v) { return graph.add_constant(text(n.name, '/', count_++), Array::scalar(v)); }
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
// Words, places and segments looked up, added up and normalised. Output 1: how many words are not masked; 2: the sum. Tables and the
// numbers of the normalisation may be quantized: then their scales are six inputs further on, their zero points eleven.
inline void expand_embed_layer_norm(OnnxExpander& e) {
    const bool quantized = e.op[0] == 'Q';
    const auto real = [&](size_t i, ValueId v) { return quantized ? e.add("DequantizeLinear", {v, e.in(i + 6), e.in(i + 11)}) : v; };
    const ValueId words = real(2, e.add("Gather", {e.in(2), e.in(0)}));
    ValueId places;
    if (!quantized && e.in(8) != kNoValue) {
        places = e.add("Gather", {e.in(3), e.in(8)});
    } else {
        const ValueId length = e.add("Gather", {e.add("Shape", {e.in(0)}), e.list({1})});
        places = real(3, e.add("Slice", {e.in(3), e.list({0}), length, e.list({0})}));
    }
    const ValueId segments = e.in(1) == kNoValue || e.in(4) == kNoValue ? kNoValue : real(4, e.add("Gather", {e.in(4), e.in(1)}));
    e.normalize(e.sum({words, places, segments}, e.out(2)), real(5, e.in(5)), real(6, e.in(6)), false, false);
    if (e.out(1) == kNoValue) return;
    Attributes a;
    a.set("keepdims", int64_t{0});
    ValueId mask = e.in(7);
    if (mask == kNoValue) mask = e.add("Sub", {e.in(0), e.in(0)});
    e.add("ReduceSum", {mask, e.list({1})}, std::move(a), e.out(1));
}
// Queries, keys and values of 8-bit products. Inputs: x, weights, bias, their scales, mask, their zero points, past.
inline void expand_quantized_attention(OnnxExpander& e) {
    Attributes axis, first, a = e.n.attributes;
    check(!a.get<int64_t>("do_rotary", 0) && !a.get<int64_t>("past_present_share_buffer", 0), "node '", e.n.name,
          "' (QAttention) has rotary embedding or shares its cache, which is not supported");
    axis.set("axis", int64_t{2});
    first.set("axis", int64_t{0});
    const ValueId x = e.add("MatMulIntegerToFloat", {e.in(0), e.in(1), e.in(3), e.in(4), e.in(6), e.in(7), e.in(2)}, {}, kNoValue, "com.microsoft");
    const ValueId q = e.add("Split", {x}, std::move(axis)), k = e.more(), v = e.more();
    ValueId past[2] = {kNoValue, kNoValue};
    if (e.in(8) != kNoValue)
        for (int64_t i : {0, 1}) past[i] = e.add("Gather", {e.in(8), e.place(i)});
    e.add("MultiHeadAttention", {q, k, v, kNoValue, e.in(5), kNoValue, past[0], past[1]}, std::move(a), e.out(0), "com.microsoft");
    if (e.out(1) == kNoValue) return;
    const ValueId keys = e.more(), values = e.more();
    e.add("Concat", {e.add("Unsqueeze", {keys, e.list({0})}), e.add("Unsqueeze", {values, e.list({0})})}, std::move(first), e.out(1));
}
// Inputs: condition, then tensor, scale and zero point of both sides, then scale and zero point of the result.
inline void expand_quantized_where(OnnxExpander& e) {
    const auto rescaled = [&](size_t i) { return e.add("QuantizeLinear", {e.add("DequantizeLinear", {e.in(i), e.in(i + 1), e.in(i + 2)}), e.in(7), e.in(8)}); };
    const ValueId x = rescaled(1), y = rescaled(4);
    e.add("Where", {e.in(0), x, y}, {}, e.out(0));
}
// Channels are the last axis.
inline void expand_last_axis_pool(OnnxExpander& e) {
    std::vector<int64_t> to{0}, back{0};
    const auto axes = static_cast<int64_t>(e.n.attributes.get("kernel_shape", std::vector<int64_t>()).size());
    to.push_back(axes + 1);
    for (int64_t i = 1; i <= axes; ++i) to.push_back(i), back.push_back(i + 1);
    back.push_back(1);
    Attributes there, here;
    there.set("perm", to);
    here.set("perm", back);
    e.add("Transpose", {e.add("MaxPool", {e.add("Transpose", {e.in(0)}, std::move(there))}, e.n.attributes)}, std::move(here), e.out(0));
}
// Distances of all rows of one matrix to all of another.
inline void expand_distances(OnnxExpander& e) {
    const auto metric = e.n.attributes.get("metric", std::string("sqeuclidean"));
    check(metric == "sqeuclidean" || metric == "euclidean", "node '", e.n.name, "' (CDist) has the metric '", metric, "', sqeuclidean or euclidean was expected");
    Attributes a;
    a.set("axes", std::vector<int64_t>{2});
    a.set("keepdims", int64_t{0});
    const ValueId difference = e.add("Sub", {e.add("Unsqueeze", {e.in(0), e.list({1})}), e.add("Unsqueeze", {e.in(1), e.list({0})})});
    const bool root = metric == "euclidean";
    const ValueId square = e.add("ReduceSumSquare", {difference}, std::move(a), root ? kNoValue : e.out(0));
    if (root) e.add("Sqrt", {square}, {}, e.out(0));
}
// What ai.onnx has under the same name today.
inline void expand_same(OnnxExpander& e) { e.add(e.op, e.n.inputs, e.n.attributes, e.out(0)); }
inline void expand_range(OnnxExpander& e) {
    e.add("Range", {e.in(0), e.in(1), e.in(2) == kNoValue ? e.add("CastLike", {e.place(1), e.in(0)}) : e.in(2)}, {}, e.out(0));
}
inline void expand_expand_dims(OnnxExpander& e) {
    Attributes a;
    a.set("to", int64_t{7});
    e.add("Unsqueeze", {e.in(0), e.add("Reshape", {e.add("Cast", {e.in(1)}, std::move(a)), e.list({1})})}, {}, e.out(0));
}
// Outputs: values in the order of their appearance, the place of each element among them, their numbers.
inline void expand_unique(OnnxExpander& e) {
    Attributes a;
    a.set("sorted", int64_t{0});
    e.add("Unique", {e.in(0)}, std::move(a), e.out(0));
    std::vector<ValueId>& outputs = e.graph.nodes.back().outputs;
    outputs.insert(outputs.end(), {kNoValue, e.out(1), e.out(2)});
}
inline void expand_transpose_matmul(OnnxExpander& e) { e.add("FusedMatMul", e.n.inputs, e.n.attributes, e.out(0), "com.microsoft"); }
// Weights of a few bits become floats when the model is loaded.
inline void expand_matmul_nbits(OnnxExpander& e) {
    check(!e.n.attributes.get<int64_t>("weight_prepacked", 0), "node '", e.n.name, "' (MatMulNBits) has weights in the order of another runtime's kernels, which is not supported");
    const ValueId weights = e.add("DequantizeNBits", {e.in(1), e.in(2), e.in(3), e.in(4)}, e.n.attributes, kNoValue, "lite");
    const bool bias = e.in(5) != kNoValue;
    const ValueId y = e.add("MatMul", {e.in(0), weights}, {}, bias ? kNoValue : e.out(0));
    if (bias) e.sum({y, e.in(5)}, e.out(0));
}
inline void expand_matmul_bnb4(OnnxExpander& e) {
    check(e.n.attributes.get<int64_t>("transB", 1) != 0, "node '", e.n.name, "' (MatMulBnb4) has weights that are not transposed, which is not supported");
    e.add("MatMul", {e.in(0), e.add("DequantizeBnb4", {e.in(1), e.in(2)}, e.n.attributes, kNoValue, "lite")}, {}, e.out(0));
}

struct OnnxExpansion {
    std::string_view name;  // of com.microsoft
    void (*write)(OnnxExpander&);  // null: the program has not the operators
};
// Left out where the list of operators (LITE_OPS) lacks one of what it writes.
template <class... Op> constexpr auto writes(void (*write)(OnnxExpander&)) { return (kHasOperator<Op> && ...) ? write : nullptr; }
inline constexpr OnnxExpansion kOnnxExpansions[] = {
        {"BiasGelu", expand_bias_gelu},
        {"CDist", writes<Unsqueeze, Elemwise, Reduce>(expand_distances)},
        {"EmbedLayerNormalization", writes<Gather, LayerNormalization>(expand_embed_layer_norm)},
        {"ExpandDims", expand_expand_dims},
        {"FusedConv", expand_fused_conv},
        {"FusedGemm", expand_fused_gemm},
        {"GatherND", expand_same},
        {"GridSample", expand_same},
        {"MatMulBnb4", expand_matmul_bnb4},
        {"MatMulNBits", expand_matmul_nbits},
        {"NhwcMaxPool", writes<Transpose, Pool>(expand_last_axis_pool)},
        {"Pad", expand_same},
        {"QAttention", writes<MatMulIntegerToFloat, Split>(expand_quantized_attention)},
        {"QEmbedLayerNormalization", writes<Gather, LayerNormalization>(expand_embed_layer_norm)},
        {"QLinearWhere", expand_quantized_where},
        {"Range", expand_range},
        {"SkipLayerNormalization", expand_skip_layer_norm},
        {"SkipSimplifiedLayerNormalization", expand_skip_simple_norm},
        {"TransposeMatMul", expand_transpose_matmul},
        {"Trilu", expand_same},
        {"Unique", expand_unique},
};

}  // namespace detail

LITE_NAMESPACE_END
#endif
