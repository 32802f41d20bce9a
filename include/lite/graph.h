// Building a network in code: a GraphBuilder, the values that flow in it, and a function for each common operator.
//
//   lite::GraphBuilder g;
//   const lite::Var x = g.input("x", {1, 3, 224, 224});
//   const lite::Var y = relu(conv2d(x, g.constant({16, 3, 3, 3}, weights), g.constant({16}, bias), {.strides = {2, 2}}));
//   network.load_model(g.finish({softmax(flatten(global_average_pool(y))).named("y")}));
//
// Names and meanings are those of ONNX; sizes left out have the defaults of PyTorch. The dtype and shape of a value are known as soon
// as it is made, and what does not fit is an error that names the operator and the shapes. Operators without a function here are
// added by their ONNX name, and a user's own by their type:
//   const lite::Var z = g.add("Hardmax", {y}, {{"axis", 1}});
//   const lite::Var w = g.add<MyOperator>({y}, {.strength = 2.f});
#ifndef LITE_GRAPH_H_
#define LITE_GRAPH_H_
#include <memory>
#include <optional>

#include "lite/op/registry.h"

LITE_NAMESPACE_BEGIN

class GraphBuilder;

// A value in a graph that is being built: cheap to copy, alive as long as its builder. A default-made one stands for an optional
// input that is absent.
class Var {
public:
    Var() = default;
    explicit operator bool() const { return graph_ != nullptr; }
    DType dtype() const;
    // Extents that only a run tells are kUnknown; an error if not even the rank is known.
    Shape shape() const;
    std::string name() const;
    // Gives the value another name, that of an output, say.
    const Var& named(std::string name) const;
    GraphBuilder& graph() const { return *graph_; }
    ValueId id() const { return id_; }

private:
    friend class GraphBuilder;
    Var(GraphBuilder& g, ValueId id) : graph_(&g), id_(id) {}
    GraphBuilder* graph_ = nullptr;
    ValueId id_ = kNoValue;
};

// What an attribute may be given as: numbers, texts and lists of them, tensors.
struct AttributeEntry {
    std::string_view name;
    AttributeValue value;
    AttributeEntry(std::string_view n, std::integral auto v) : name(n), value(static_cast<int64_t>(v)) {}
    AttributeEntry(std::string_view n, std::floating_point auto v) : name(n), value(static_cast<float>(v)) {}
    AttributeEntry(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
    AttributeEntry(std::string_view n, std::initializer_list<int64_t> v) : name(n), value(std::vector<int64_t>(v)) {}
    AttributeEntry(std::string_view n, AttributeValue v) : name(n), value(std::move(v)) {}
};

class GraphBuilder {
public:
    // The ONNX opset whose meaning the nodes have.
    static constexpr int opset = 20;

    explicit GraphBuilder(std::string name = "graph");
    ~GraphBuilder();
    GraphBuilder(const GraphBuilder&) = delete;
    GraphBuilder& operator=(const GraphBuilder&) = delete;

    // An input; extents of kUnknown are given with each run.
    Var input(std::string name, const Shape& shape, DType dtype = DType::f32);
    Var constant(Array data, std::string name = "");
    template <class T> Var constant(const Shape& shape, const std::vector<T>& values) { return constant(Array::of(shape, values)); }
    template <class T> Var constant(const Shape& shape, std::span<const T> values) { return constant(Array::of(shape, values)); }
    template <class T>
        requires std::is_arithmetic_v<T>
    Var constant(T scalar) {
        return constant(Array::scalar(scalar));
    }

    // A node by its name in ONNX.
    Var add(std::string_view op, std::initializer_list<Var> inputs, std::initializer_list<AttributeEntry> attributes = {},
            std::string_view domain = "") {
        return add_node(op, domain, {inputs.begin(), inputs.size()}, {attributes.begin(), attributes.size()}, 1)[0];
    }
    // A node by its type: an operator of the user's own, or one of lite/op/. Attributes at their defaults are left out.
    template <class Op> Var add(std::initializer_list<Var> inputs, const typename Op::Attributes& attributes = {}) { return add_n<Op>(1, inputs, attributes)[0]; }
    template <class Op> std::vector<Var> add_n(size_t outputs, std::initializer_list<Var> inputs, const typename Op::Attributes& attributes = {}) {
        return add_node(describe<Op>(), write_attributes(attributes), write_attributes(typename Op::Attributes()), {inputs.begin(), inputs.size()}, outputs);
    }
    std::vector<Var> add_node(std::string_view op, std::string_view domain, std::span<const Var> inputs, std::span<const AttributeEntry> attributes, size_t outputs);

    // The graph with these outputs, named as they are. The builder is empty afterwards, its values are gone.
    Graph finish(std::initializer_list<Var> outputs) { return finish(std::span(outputs.begin(), outputs.size())); }
    Graph finish(std::span<const Var> outputs);

    const Graph& graph() const { return graph_; }

private:
    friend class Var;
    struct State;
    std::vector<Var> add_node(const Operator& op, Attributes attributes, const Attributes& defaults, std::span<const Var> inputs, size_t outputs);
    std::vector<Var> add_node(Node node, std::string_view base_name, std::span<const Var> inputs, size_t outputs);
    Value& value(ValueId id);

    Graph graph_;
    std::unique_ptr<State> state_;
};

// ---- convolutions and matrices ----

struct Conv2dOptions {
    std::vector<int64_t> strides = {}, pads = {} /* begin of each axis, then ends; one number: everywhere */, dilations = {};
    int64_t group = 1;
};
// x [N, C, spatial...], w [K, C / group, window...], b [K] (optional). conv2d is the same with two spatial axes.
Var conv(const Var& x, const Var& w, const Var& b = {}, const Conv2dOptions& options = {});
Var conv2d(const Var& x, const Var& w, const Var& b = {}, const Conv2dOptions& options = {});
struct ConvTransposeOptions {
    std::vector<int64_t> strides = {}, pads = {}, dilations = {}, output_padding = {};
    int64_t group = 1;
};
// x [N, C, spatial...], w [C, K / group, window...], b [K] (optional).
Var conv_transpose(const Var& x, const Var& w, const Var& b = {}, const ConvTransposeOptions& options = {});
Var matmul(const Var& a, const Var& b);
struct GemmOptions {
    float alpha = 1.f, beta = 1.f;
    bool trans_a = false, trans_b = false;
};
// alpha a b + beta c, of matrices.
Var gemm(const Var& a, const Var& b, const Var& c = {}, const GemmOptions& options = {});
// x w^T + b as in PyTorch: x [..., in], w [out, in], b [out] (optional).
Var linear(const Var& x, const Var& w, const Var& b = {});

// ---- pools ----

struct PoolOptions {
    std::vector<int64_t> strides = {} /* default: the kernel's size */, pads = {}, dilations = {};
    bool ceil_mode = false, count_include_pad = false;
};
Var max_pool(const Var& x, const std::vector<int64_t>& kernel, const PoolOptions& options = {});
Var average_pool(const Var& x, const std::vector<int64_t>& kernel, const PoolOptions& options = {});
Var global_average_pool(const Var& x);
Var global_max_pool(const Var& x);

// ---- normalisations ----

Var batch_norm(const Var& x, const Var& scale, const Var& bias, const Var& mean, const Var& variance, float epsilon = 1e-5f);
Var layer_norm(const Var& x, const Var& scale, const Var& bias = {}, int64_t axis = -1, float epsilon = 1e-5f);
Var instance_norm(const Var& x, const Var& scale, const Var& bias, float epsilon = 1e-5f);
Var softmax(const Var& x, int64_t axis = -1);
Var log_softmax(const Var& x, int64_t axis = -1);

// ---- element by element ----

Var relu(const Var& x);
Var relu6(const Var& x);
Var leaky_relu(const Var& x, float alpha = 0.01f);
Var prelu(const Var& x, const Var& slope);
Var elu(const Var& x, float alpha = 1.f);
Var sigmoid(const Var& x);
Var hard_sigmoid(const Var& x);  // clamp(x / 6 + 1 / 2, 0, 1), as in PyTorch
Var hard_swish(const Var& x);
Var silu(const Var& x);
Var gelu(const Var& x, bool tanh_form = false);
Var softplus(const Var& x);
Var tanh(const Var& x);
Var clip(const Var& x, float low, float high);
Var exp(const Var& x);
Var log(const Var& x);
Var sqrt(const Var& x);
Var abs(const Var& x);
Var neg(const Var& x);
Var reciprocal(const Var& x);
Var erf(const Var& x);
Var sin(const Var& x);
Var cos(const Var& x);
Var floor(const Var& x);
Var ceil(const Var& x);
Var round(const Var& x);
Var logical_not(const Var& x);
Var identity(const Var& x);
Var cast(const Var& x, DType dtype);
Var add(const Var& a, const Var& b);
Var sub(const Var& a, const Var& b);
Var mul(const Var& a, const Var& b);
Var div(const Var& a, const Var& b);
Var pow(const Var& a, const Var& b);
Var maximum(const Var& a, const Var& b);
Var minimum(const Var& a, const Var& b);
Var equal(const Var& a, const Var& b);
Var less(const Var& a, const Var& b);
Var greater(const Var& a, const Var& b);
Var where(const Var& condition, const Var& a, const Var& b);
inline Var operator+(const Var& a, const Var& b) { return add(a, b); }
inline Var operator-(const Var& a, const Var& b) { return sub(a, b); }
inline Var operator*(const Var& a, const Var& b) { return mul(a, b); }
inline Var operator/(const Var& a, const Var& b) { return div(a, b); }
inline Var operator-(const Var& a) { return neg(a); }
// A number beside a value becomes a constant of the value's dtype.
Var scalar_like(const Var& x, double number);
inline Var operator+(const Var& a, double b) { return add(a, scalar_like(a, b)); }
inline Var operator-(const Var& a, double b) { return sub(a, scalar_like(a, b)); }
inline Var operator*(const Var& a, double b) { return mul(a, scalar_like(a, b)); }
inline Var operator/(const Var& a, double b) { return div(a, scalar_like(a, b)); }
inline Var operator+(double a, const Var& b) { return add(scalar_like(b, a), b); }
inline Var operator-(double a, const Var& b) { return sub(scalar_like(b, a), b); }
inline Var operator*(double a, const Var& b) { return mul(scalar_like(b, a), b); }
inline Var operator/(double a, const Var& b) { return div(scalar_like(b, a), b); }

// ---- shapes and moves ----

// One extent may be -1 (what is left over), 0 keeps that of x.
Var reshape(const Var& x, const std::vector<int64_t>& shape);
Var reshape(const Var& x, const Var& shape);
Var flatten(const Var& x, int64_t axis = 1);  // to a matrix: the axes before `axis`, and the others
Var squeeze(const Var& x, const std::vector<int64_t>& axes);
Var unsqueeze(const Var& x, const std::vector<int64_t>& axes);
Var transpose(const Var& x, const std::vector<int64_t>& permutation);
Var concat(std::initializer_list<Var> parts, int64_t axis);
Var concat(std::span<const Var> parts, int64_t axis);
std::vector<Var> split(const Var& x, const std::vector<int64_t>& sizes, int64_t axis);
Var slice(const Var& x, const std::vector<int64_t>& starts, const std::vector<int64_t>& ends, const std::vector<int64_t>& axes = {},
          const std::vector<int64_t>& steps = {});
Var gather(const Var& x, const Var& indices, int64_t axis = 0);
// Pads: the begin of each axis, then the ends. Mode: "constant", "reflect", "edge", "wrap".
Var pad(const Var& x, const std::vector<int64_t>& pads, double value = 0, const std::string& mode = "constant");
Var expand(const Var& x, const std::vector<int64_t>& shape);
Var tile(const Var& x, const std::vector<int64_t>& repeats);
Var shape_of(const Var& x);
struct ResizeOptions {
    std::vector<float> scales = {};   // of each axis; or
    std::vector<int64_t> sizes = {};  // extents of each axis
    std::string mode = "nearest";     // "linear", "cubic"
    std::string coordinate_transformation_mode = "half_pixel";
    std::string nearest_mode = "round_prefer_floor";
};
Var resize(const Var& x, const ResizeOptions& options);

// ---- reductions ----

Var reduce_mean(const Var& x, const std::vector<int64_t>& axes, bool keepdims = true);
Var reduce_sum(const Var& x, const std::vector<int64_t>& axes, bool keepdims = true);
Var reduce_max(const Var& x, const std::vector<int64_t>& axes, bool keepdims = true);
Var reduce_min(const Var& x, const std::vector<int64_t>& axes, bool keepdims = true);
Var argmax(const Var& x, int64_t axis = 0, bool keepdims = true);

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/impl.h"
#endif
#endif
