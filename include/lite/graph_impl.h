// The definitions of the graph builder.
#ifndef LITE_GRAPH_IMPL_H_
#define LITE_GRAPH_IMPL_H_
#include <unordered_set>

#include "lite/graph.h"
#include "lite/op/infer.h"
#include "lite/op/listed.h"
#include "lite/op/onnx_types.h"
#include "lite/op/rare_names.h"

LITE_NAMESPACE_BEGIN

struct GraphBuilder::State {
    std::unordered_set<std::string> names;
    Inference inference;
    size_t constants = 0;
    explicit State(Graph& g) : inference(g) {}
    // `base` if it is free, else with a number behind it.
    std::string unique(const std::string& base) {
        std::string name = base;
        for (size_t k = 1; !names.insert(name).second; ++k) name = text(base, '_', k);
        return name;
    }
};

LITE_INLINE GraphBuilder::GraphBuilder(std::string name) : state_(std::make_unique<State>(graph_)) {
    graph_.name = std::move(name);
    graph_.opset = opset;
}
LITE_INLINE GraphBuilder::~GraphBuilder() = default;
LITE_INLINE Value& GraphBuilder::value(ValueId id) {
    check(id >= 0 && static_cast<size_t>(id) < graph_.values.size(), "a value of a graph that was finished is used");
    return graph_.value(id);
}
LITE_INLINE DType Var::dtype() const {
    check(graph_ != nullptr, "an absent value has no dtype");
    return graph_->value(id_).dtype;
}
LITE_INLINE Shape Var::shape() const {
    check(graph_ != nullptr, "an absent value has no shape");
    const Value& v = graph_->value(id_);
    check(v.has_shape, "the shape of '", v.name, "' is known only when the graph runs");
    return v.shape;
}
LITE_INLINE std::string Var::name() const {
    check(graph_ != nullptr, "an absent value has no name");
    return graph_->value(id_).name;
}
LITE_INLINE const Var& Var::named(std::string name) const {
    check(graph_ != nullptr, "an absent value cannot be named '", name, "'");
    Value& v = graph_->value(id_);
    if (v.name == name) return *this;
    check(graph_->state_->names.insert(name).second, "two values of a graph are to be named '", name, "'");
    graph_->state_->names.erase(v.name);
    v.name = std::move(name);
    return *this;
}

LITE_INLINE Var GraphBuilder::input(std::string name, const Shape& shape, DType dtype) {
    check(!name.empty(), "an input of a graph needs a name");
    check(state_->names.insert(name).second, "two values of a graph are to be named '", name, "'");
    return {*this, graph_.add_input(std::move(name), dtype, shape)};
}
LITE_INLINE Var GraphBuilder::constant(Array data, std::string name) {
    check(static_cast<bool>(data), "an empty array was given as a constant");
    if (name.empty()) name = state_->unique(text("constant_", state_->constants++));
    else check(state_->names.insert(name).second, "two values of a graph are to be named '", name, "'");
    return {*this, graph_.add_constant(std::move(name), std::move(data))};
}
LITE_INLINE std::vector<Var> GraphBuilder::add_node(std::string_view op, std::string_view domain, std::span<const Var> inputs,
                                                    std::span<const AttributeEntry> attributes, size_t outputs) {
    const auto [found, mode] = registry().find("onnx", domain, op);
    check(found != nullptr, "there is no operator ", domain, domain.empty() ? "" : ".", op, is_rare(domain, op) ? ": it comes with #include <lite/all_ops.h>" : kListNote);
    Node n;
    n.op = found;
    for (const AttributeEntry& a : attributes) n.attributes.set(a.name, a.value);
    if (mode >= 0) n.attributes.set("mode", mode);
    n.version = domain.empty() ? opset : 1;
    return add_node(std::move(n), op, inputs, outputs);
}
LITE_INLINE std::vector<Var> GraphBuilder::add_node(const Operator& op, Attributes attributes, const Attributes& defaults, std::span<const Var> inputs,
                                                    size_t outputs) {
    Node n;
    n.op = &op;
    // A family's own spelling, for the name; and whether it is of the default domain, for the version.
    std::string_view base = op.name, domain;
    const int64_t mode = attributes.get<int64_t>("mode", -1);
    bool family = false;
    for (const Spelling& s : op.spellings) {
        if (s.format != "onnx") continue;
        family = family || s.mode >= 0;
        if (s.mode >= 0 && s.mode != mode) continue;
        base = s.name;
        domain = s.domain;
        break;
    }
    for (const auto& [name, v] : attributes) {
        const AttributeValue* d = defaults.find(name);
        const bool is_default = std::visit(
                [&](const auto& x) {
                    using T = std::decay_t<decltype(x)>;
                    if constexpr (std::is_same_v<T, Array>) return !x;
                    else if constexpr (std::is_same_v<T, std::shared_ptr<const Graph>>) return x == nullptr;
                    else {
                        const T* y = d ? std::get_if<T>(d) : nullptr;
                        return y && *y == x;
                    }
                },
                v);
        if (!is_default || (family && name == "mode")) n.attributes.set(name, v);
    }
    n.version = domain.empty() ? opset : 1;
    return add_node(std::move(n), base, inputs, outputs);
}
LITE_INLINE std::vector<Var> GraphBuilder::add_node(Node n, std::string_view base_name, std::span<const Var> inputs, size_t outputs) {
    n.name = state_->unique(text(base_name, '_', graph_.nodes.size()));
    size_t last = inputs.size();  // absent inputs at the end are left out
    while (last > 0 && !inputs[last - 1]) --last;
    for (const Var& v : inputs.first(last)) {
        check(!v || &v.graph() == this, n.op->name, " \"", n.name, "\": input '", v ? v.name() : std::string(), "' belongs to another graph");
        if (v) (void)value(v.id());
        n.inputs.push_back(v ? v.id() : kNoValue);
    }
    const size_t values = graph_.values.size();
    std::vector<Var> result;
    for (size_t i = 0; i < outputs; ++i) {
        n.outputs.push_back(graph_.add_value(outputs == 1 ? n.name : state_->unique(text(n.name, ':', i))));
        result.push_back({*this, n.outputs.back()});
    }
    // A node that does not fit leaves no trace, so that the caller may catch the error and go on.
    struct Undo {
        GraphBuilder& g;
        const Node& n;
        size_t values;
        bool armed = true;
        ~Undo() {
            if (!armed) return;
            g.state_->names.erase(n.name);
            for (size_t i = values; i < g.graph_.values.size(); ++i) g.state_->names.erase(g.graph_.values[i].name);
            g.graph_.values.resize(values);
        }
    } undo{*this, n, values};
    if (n.op->normalize) n.op->normalize(graph_, n);
    state_->inference.step(n, {.fold = false, .max_bytes = int64_t{64} << 10});
    undo.armed = false;
    graph_.nodes.push_back(std::move(n));
    return result;
}
LITE_INLINE Graph GraphBuilder::finish(std::span<const Var> outputs) {
    check(outputs.size() > 0, "a graph needs at least one output");
    for (const Var& v : outputs) {
        check(v && &v.graph() == this, "an output of the graph is absent or belongs to another graph");
        (void)value(v.id());
        graph_.outputs.push_back(v.id());
    }
    Graph done = std::move(graph_);
    graph_ = Graph();
    graph_.opset = opset;
    state_ = std::make_unique<State>(graph_);
    return done;
}

namespace detail {
using Entries = std::vector<AttributeEntry>;
inline Var add_one(std::string_view op, std::initializer_list<Var> inputs, const Entries& attributes = {}) {
    for (const Var& v : inputs)
        if (v) return v.graph().add_node(op, "", {inputs.begin(), inputs.size()}, attributes, 1)[0];
    fail("operator ", op, " was given no input");
}
inline void put(Entries& e, std::string_view name, const std::vector<int64_t>& list) {
    if (!list.empty()) e.emplace_back(name, AttributeValue(list));
}
// One number stands for every side; `spatial` axes.
inline std::vector<int64_t> every_side(const std::vector<int64_t>& pads, size_t sides) {
    return pads.size() == 1 && sides > 1 ? std::vector<int64_t>(sides, pads[0]) : pads;
}
inline Var list_constant(const Var& like, const std::vector<int64_t>& v) { return like.graph().constant(Array::vector_i64(v)); }
inline size_t spatial_axes(const Var& x) {
    check(x.shape().rank() >= 2, "'", x.name(), "' is ", x.shape(), ", an image [N, C, spatial...] was expected");
    return x.shape().rank() - 2;
}
}  // namespace detail

LITE_INLINE Var conv(const Var& x, const Var& w, const Var& b, const Conv2dOptions& o) {
    detail::Entries e;
    const size_t spatial = detail::spatial_axes(x);
    detail::put(e, "strides", detail::every_side(o.strides, spatial));
    detail::put(e, "pads", detail::every_side(o.pads, 2 * spatial));
    detail::put(e, "dilations", detail::every_side(o.dilations, spatial));
    if (o.group != 1) e.emplace_back("group", o.group);
    return detail::add_one("Conv", {x, w, b}, e);
}
LITE_INLINE Var conv2d(const Var& x, const Var& w, const Var& b, const Conv2dOptions& o) {
    check(x.shape().rank() == 4, "conv2d: '", x.name(), "' is ", x.shape(), ", an image [N, C, H, W] was expected");
    return conv(x, w, b, o);
}
LITE_INLINE Var conv_transpose(const Var& x, const Var& w, const Var& b, const ConvTransposeOptions& o) {
    detail::Entries e;
    const size_t spatial = detail::spatial_axes(x);
    detail::put(e, "strides", detail::every_side(o.strides, spatial));
    detail::put(e, "pads", detail::every_side(o.pads, 2 * spatial));
    detail::put(e, "dilations", detail::every_side(o.dilations, spatial));
    detail::put(e, "output_padding", detail::every_side(o.output_padding, spatial));
    if (o.group != 1) e.emplace_back("group", o.group);
    return detail::add_one("ConvTranspose", {x, w, b}, e);
}
LITE_INLINE Var matmul(const Var& a, const Var& b) { return detail::add_one("MatMul", {a, b}); }
LITE_INLINE Var gemm(const Var& a, const Var& b, const Var& c, const GemmOptions& o) {
    detail::Entries e;
    if (o.alpha != 1.f) e.emplace_back("alpha", o.alpha);
    if (o.beta != 1.f) e.emplace_back("beta", o.beta);
    if (o.trans_a) e.emplace_back("transA", 1);
    if (o.trans_b) e.emplace_back("transB", 1);
    return detail::add_one("Gemm", {a, b, c}, e);
}
LITE_INLINE Var linear(const Var& x, const Var& w, const Var& b) {
    if (x.shape().rank() == 2) return gemm(x, w, b, {.trans_b = true});
    const Var y = matmul(x, transpose(w, {1, 0}));
    return b ? add(y, b) : y;
}
namespace detail {
inline Var window_pool(std::string_view op, const Var& x, const std::vector<int64_t>& kernel, const PoolOptions& o) {
    Entries e;
    const size_t spatial = spatial_axes(x);
    const std::vector<int64_t> size = every_side(kernel, spatial);
    put(e, "kernel_shape", size);
    put(e, "strides", o.strides.empty() ? size : every_side(o.strides, spatial));
    put(e, "pads", every_side(o.pads, 2 * spatial));
    put(e, "dilations", every_side(o.dilations, spatial));
    if (o.ceil_mode) e.emplace_back("ceil_mode", 1);
    if (o.count_include_pad) e.emplace_back("count_include_pad", 1);
    return add_one(op, {x}, e);
}
}  // namespace detail
LITE_INLINE Var max_pool(const Var& x, const std::vector<int64_t>& kernel, const PoolOptions& o) {
    check(!o.count_include_pad, "max_pool has no count_include_pad");
    return detail::window_pool("MaxPool", x, kernel, o);
}
LITE_INLINE Var average_pool(const Var& x, const std::vector<int64_t>& kernel, const PoolOptions& o) {
    return detail::window_pool("AveragePool", x, kernel, o);
}
LITE_INLINE Var global_average_pool(const Var& x) { return detail::add_one("GlobalAveragePool", {x}); }
LITE_INLINE Var global_max_pool(const Var& x) { return detail::add_one("GlobalMaxPool", {x}); }

LITE_INLINE Var batch_norm(const Var& x, const Var& scale, const Var& bias, const Var& mean, const Var& variance, float epsilon) {
    return detail::add_one("BatchNormalization", {x, scale, bias, mean, variance}, {{"epsilon", epsilon}});
}
LITE_INLINE Var layer_norm(const Var& x, const Var& scale, const Var& bias, int64_t axis, float epsilon) {
    return detail::add_one("LayerNormalization", {x, scale, bias}, {{"axis", axis}, {"epsilon", epsilon}});
}
LITE_INLINE Var instance_norm(const Var& x, const Var& scale, const Var& bias, float epsilon) {
    return detail::add_one("InstanceNormalization", {x, scale, bias}, {{"epsilon", epsilon}});
}
LITE_INLINE Var softmax(const Var& x, int64_t axis) { return detail::add_one("Softmax", {x}, {{"axis", axis}}); }
LITE_INLINE Var log_softmax(const Var& x, int64_t axis) { return detail::add_one("LogSoftmax", {x}, {{"axis", axis}}); }

LITE_INLINE Var relu(const Var& x) { return detail::add_one("Relu", {x}); }
LITE_INLINE Var relu6(const Var& x) { return clip(x, 0.f, 6.f); }
LITE_INLINE Var leaky_relu(const Var& x, float alpha) { return detail::add_one("LeakyRelu", {x}, {{"alpha", alpha}}); }
LITE_INLINE Var prelu(const Var& x, const Var& slope) { return detail::add_one("PRelu", {x, slope}); }
LITE_INLINE Var elu(const Var& x, float alpha) { return detail::add_one("Elu", {x}, {{"alpha", alpha}}); }
LITE_INLINE Var sigmoid(const Var& x) { return detail::add_one("Sigmoid", {x}); }
LITE_INLINE Var hard_sigmoid(const Var& x) { return detail::add_one("HardSigmoid", {x}, {{"alpha", 1.f / 6.f}, {"beta", 0.5f}}); }
LITE_INLINE Var hard_swish(const Var& x) { return detail::add_one("HardSwish", {x}); }
LITE_INLINE Var silu(const Var& x) { return mul(x, sigmoid(x)); }
LITE_INLINE Var gelu(const Var& x, bool tanh_form) {
    return tanh_form ? detail::add_one("Gelu", {x}, {{"approximate", "tanh"}}) : detail::add_one("Gelu", {x});
}
LITE_INLINE Var softplus(const Var& x) { return detail::add_one("Softplus", {x}); }
LITE_INLINE Var tanh(const Var& x) { return detail::add_one("Tanh", {x}); }
LITE_INLINE Var clip(const Var& x, float low, float high) {
    return detail::add_one("Clip", {x, scalar_like(x, static_cast<double>(low)), scalar_like(x, static_cast<double>(high))});
}
LITE_INLINE Var exp(const Var& x) { return detail::add_one("Exp", {x}); }
LITE_INLINE Var log(const Var& x) { return detail::add_one("Log", {x}); }
LITE_INLINE Var sqrt(const Var& x) { return detail::add_one("Sqrt", {x}); }
LITE_INLINE Var abs(const Var& x) { return detail::add_one("Abs", {x}); }
LITE_INLINE Var neg(const Var& x) { return detail::add_one("Neg", {x}); }
LITE_INLINE Var reciprocal(const Var& x) { return detail::add_one("Reciprocal", {x}); }
LITE_INLINE Var erf(const Var& x) { return detail::add_one("Erf", {x}); }
LITE_INLINE Var sin(const Var& x) { return detail::add_one("Sin", {x}); }
LITE_INLINE Var cos(const Var& x) { return detail::add_one("Cos", {x}); }
LITE_INLINE Var floor(const Var& x) { return detail::add_one("Floor", {x}); }
LITE_INLINE Var ceil(const Var& x) { return detail::add_one("Ceil", {x}); }
LITE_INLINE Var round(const Var& x) { return detail::add_one("Round", {x}); }
LITE_INLINE Var logical_not(const Var& x) { return detail::add_one("Not", {x}); }
LITE_INLINE Var identity(const Var& x) { return detail::add_one("Identity", {x}); }
LITE_INLINE Var cast(const Var& x, DType dtype) { return detail::add_one("Cast", {x}, {{"to", detail::onnx_of_dtype(dtype)}}); }
LITE_INLINE Var add(const Var& a, const Var& b) { return detail::add_one("Add", {a, b}); }
LITE_INLINE Var sub(const Var& a, const Var& b) { return detail::add_one("Sub", {a, b}); }
LITE_INLINE Var mul(const Var& a, const Var& b) { return detail::add_one("Mul", {a, b}); }
LITE_INLINE Var div(const Var& a, const Var& b) { return detail::add_one("Div", {a, b}); }
LITE_INLINE Var pow(const Var& a, const Var& b) { return detail::add_one("Pow", {a, b}); }
LITE_INLINE Var maximum(const Var& a, const Var& b) { return detail::add_one("Max", {a, b}); }
LITE_INLINE Var minimum(const Var& a, const Var& b) { return detail::add_one("Min", {a, b}); }
LITE_INLINE Var equal(const Var& a, const Var& b) { return detail::add_one("Equal", {a, b}); }
LITE_INLINE Var less(const Var& a, const Var& b) { return detail::add_one("Less", {a, b}); }
LITE_INLINE Var greater(const Var& a, const Var& b) { return detail::add_one("Greater", {a, b}); }
LITE_INLINE Var where(const Var& condition, const Var& a, const Var& b) { return detail::add_one("Where", {condition, a, b}); }
LITE_INLINE Var scalar_like(const Var& x, double number) {
    Array a = Array::zeros(x.dtype(), {});
    visit_dtype(x.dtype(), [&](auto tag) {
        using T = decltype(tag);
        if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) tag = T(static_cast<float>(number));
        else tag = static_cast<T>(number);
        std::memcpy(a.mutable_data(), &tag, sizeof tag);
    });
    return x.graph().constant(std::move(a));
}

LITE_INLINE Var reshape(const Var& x, const std::vector<int64_t>& shape) { return reshape(x, detail::list_constant(x, shape)); }
LITE_INLINE Var reshape(const Var& x, const Var& shape) { return detail::add_one("Reshape", {x, shape}); }
LITE_INLINE Var flatten(const Var& x, int64_t axis) { return detail::add_one("Flatten", {x}, {{"axis", axis}}); }
LITE_INLINE Var squeeze(const Var& x, const std::vector<int64_t>& axes) { return detail::add_one("Squeeze", {x, detail::list_constant(x, axes)}); }
LITE_INLINE Var unsqueeze(const Var& x, const std::vector<int64_t>& axes) { return detail::add_one("Unsqueeze", {x, detail::list_constant(x, axes)}); }
LITE_INLINE Var transpose(const Var& x, const std::vector<int64_t>& permutation) {
    return detail::add_one("Transpose", {x}, {{"perm", AttributeValue(permutation)}});
}
LITE_INLINE Var concat(std::initializer_list<Var> parts, int64_t axis) { return concat(std::span(parts.begin(), parts.size()), axis); }
LITE_INLINE Var concat(std::span<const Var> parts, int64_t axis) {
    check(!parts.empty() && parts[0], "concat was given nothing");
    const AttributeEntry e[] = {{"axis", axis}};
    return parts[0].graph().add_node("Concat", "", parts, e, 1)[0];
}
LITE_INLINE std::vector<Var> split(const Var& x, const std::vector<int64_t>& sizes, int64_t axis) {
    const AttributeEntry e[] = {{"axis", axis}};
    const Var in[] = {x, detail::list_constant(x, sizes)};
    return x.graph().add_node("Split", "", in, e, sizes.size());
}
LITE_INLINE Var slice(const Var& x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends, const std::vector<int64_t>& axes,
                      const std::vector<int64_t>& steps) {
    const auto optional = [&](const std::vector<int64_t>& v) { return v.empty() ? Var() : detail::list_constant(x, v); };
    return detail::add_one("Slice", {x, detail::list_constant(x, starts), detail::list_constant(x, ends), optional(axes), optional(steps)});
}
LITE_INLINE Var gather(const Var& x, const Var& indices, int64_t axis) { return detail::add_one("Gather", {x, indices}, {{"axis", axis}}); }
LITE_INLINE Var pad(const Var& x, const std::vector<int64_t>& pads, double value, const std::string& mode) {
    return detail::add_one("Pad", {x, detail::list_constant(x, pads), mode == "constant" ? scalar_like(x, value) : Var()}, {{"mode", AttributeValue(mode)}});
}
LITE_INLINE Var expand(const Var& x, const std::vector<int64_t>& shape) { return detail::add_one("Expand", {x, detail::list_constant(x, shape)}); }
LITE_INLINE Var tile(const Var& x, const std::vector<int64_t>& repeats) { return detail::add_one("Tile", {x, detail::list_constant(x, repeats)}); }
LITE_INLINE Var shape_of(const Var& x) { return detail::add_one("Shape", {x}); }
LITE_INLINE Var resize(const Var& x, const ResizeOptions& o) {
    check(o.scales.empty() != o.sizes.empty(), "resize takes either scales or sizes");
    detail::Entries e = {{"mode", AttributeValue(o.mode)}, {"coordinate_transformation_mode", AttributeValue(o.coordinate_transformation_mode)}};
    if (o.mode == "nearest") e.emplace_back("nearest_mode", AttributeValue(o.nearest_mode));
    GraphBuilder& g = x.graph();
    if (o.sizes.empty()) return detail::add_one("Resize", {x, Var(), g.constant({static_cast<int64_t>(o.scales.size())}, o.scales)}, e);
    return detail::add_one("Resize", {x, Var(), Var(), detail::list_constant(x, o.sizes)}, e);
}

namespace detail {
inline Var reduce(std::string_view op, const Var& x, const std::vector<int64_t>& axes, bool keepdims) {
    return add_one(op, {x, list_constant(x, axes)}, {{"keepdims", keepdims}});
}
}  // namespace detail
LITE_INLINE Var reduce_mean(const Var& x, const std::vector<int64_t>& axes, bool keepdims) { return detail::reduce("ReduceMean", x, axes, keepdims); }
LITE_INLINE Var reduce_sum(const Var& x, const std::vector<int64_t>& axes, bool keepdims) { return detail::reduce("ReduceSum", x, axes, keepdims); }
LITE_INLINE Var reduce_max(const Var& x, const std::vector<int64_t>& axes, bool keepdims) { return detail::reduce("ReduceMax", x, axes, keepdims); }
LITE_INLINE Var reduce_min(const Var& x, const std::vector<int64_t>& axes, bool keepdims) { return detail::reduce("ReduceMin", x, axes, keepdims); }
LITE_INLINE Var argmax(const Var& x, int64_t axis, bool keepdims) { return detail::add_one("ArgMax", {x}, {{"axis", axis}, {"keepdims", keepdims}}); }

LITE_NAMESPACE_END
#endif
