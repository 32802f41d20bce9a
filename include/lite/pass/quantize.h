// Turns float operators between DequantizeLinear and QuantizeLinear into operators on the quantized tensors themselves.
#ifndef LITE_PASS_QUANTIZE_H_
#define LITE_PASS_QUANTIZE_H_
#include "lite/op/elemwise.h"
#include "lite/op/gemm.h"
#include "lite/op/matmul.h"
#include "lite/op/pool.h"
#include "lite/op/quantized_ops.h"
#include "lite/op/recurrent.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

// For FoldOptions::keep: quantized weights are not folded to floats before fuse_qdq has seen them.
inline bool keep_dequantized(const Graph&, const Node& n) { return n.op->name == "DequantizeLinear"; }

namespace detail {
// A tensor behind DequantizeLinear, or before QuantizeLinear, with its constant parameters.
struct Quantized {
    ValueId x = kNoValue, scale = kNoValue, zero = kNoValue;  // zero: kNoValue if it was absent
    std::vector<float> scales;
    std::vector<int32_t> zeros;
    int64_t axis = 0;  // of the parameters, if there are several
    DType type = DType::none;

    explicit operator bool() const { return x != kNoValue; }
    bool per_tensor() const { return scales.size() == 1 && zeros.size() == 1; }
    bool same_as(const Quantized& o) const { return type == o.type && scales == o.scales && zeros == o.zeros && per_tensor(); }
};

class QdqFusion {
public:
    explicit QdqFusion(Graph& graph) : g_(graph), m_(graph) {}

    bool run() {
        bool any = false;
        for (bool changed = true; changed;) {
            changed = false;
            for (size_t i = 0; i < g_.nodes.size(); ++i) {
                Node& n = g_.nodes[i];
                if (n.outputs.empty() || n.outputs[0] == kNoValue || !fuse(n)) continue;
                changed = any = true;
                m_.update(n);
            }
        }
        if (any) tidy(g_);
        return any;
    }

private:
    bool fuse(Node& n) {
        const std::string_view op = n.op->name;
        if (op == "QuantizeLinear") return fuse_into(n);
        if (op == "MatMul") return fuse_matmul_to_float(n);
        if (op == "Gemm") return !is_quantized_next(n) && fuse_gemm(n, nullptr, nullptr, nullptr);
        if (op == "DynamicQuantizeLSTM") return lower_lstm(n);
        if (Matcher::mode(n) == ElemwiseMode::mul) return fuse_integer_matmul(n);
        if (Matcher::mode(n) == ElemwiseMode::add) return fuse_integer_bias(n);
        if (Matcher::mode(n) == ElemwiseMode::relu || Matcher::mode(n) == ElemwiseMode::clip) return fuse_integer_clamp(n);
        return false;
    }

    // ---- what a value is ----

    Quantized parameters(const Node& n, ValueId x, DType type) {
        Quantized q;
        const Array* scale = m_.constant(n.inputs[1]);
        const ValueId zero = n.inputs.size() > 2 ? n.inputs[2] : kNoValue;
        if (!scale || scale->dtype() != DType::f32 || (zero != kNoValue && !m_.constant(zero)) || n.attributes.get<int64_t>("block_size", 0)) return q;
        if (scale->shape().rank() > 1 && scale->count() != 1) return q;
        q.scales = scale->values<float>();
        q.zeros = zero == kNoValue ? std::vector<int32_t>{0} : m_.constant(zero)->values<int32_t>();
        if (std::all_of(q.zeros.begin(), q.zeros.end(), [&](int32_t z) { return z == q.zeros[0]; })) q.zeros.resize(1);
        if (q.zeros.empty() || q.scales.empty() || (q.zeros.size() > 1 && q.zeros.size() != q.scales.size())) return q;
        for (float s : q.scales)
            if (!(s > 0.f)) return q;
        q.axis = n.attributes.get<int64_t>("axis", 1);
        const Value& v = g_.value(x);
        if (q.axis < 0 && v.has_shape) q.axis += static_cast<int64_t>(v.shape.rank());
        q.type = type;
        q.scale = n.inputs[1];
        q.zero = zero;
        q.x = x;
        return q;
    }
    // The quantized tensor that a float value was made from.
    Quantized dequantized(ValueId v) {
        const Node* n = m_.producer(v, "DequantizeLinear");
        if (!n || g_.value(v).dtype != DType::f32) return {};
        return parameters(*n, n->inputs[0], g_.value(n->inputs[0]).dtype);
    }
    Quantized bytes(ValueId v) {
        Quantized q = dequantized(v);
        return q && is_quantized8(q.type) && q.per_tensor() ? q : Quantized{};
    }
    // Constant weights of 8 bits; one scale, or one for each index of `axis`.
    Quantized weights(ValueId v, int64_t axis) {
        Quantized q = dequantized(v);
        if (!q || !is_quantized8(q.type) || !m_.constant(q.x)) return {};
        return q.scales.size() == 1 || q.axis == axis ? q : Quantized{};
    }
    ValueId zero_of(Quantized& q) {
        if (q.zero == kNoValue) {
            Array a = Array::zeros(q.type, {});
            q.zero = g_.add_constant("zero_point", std::move(a));
        }
        return q.zero;
    }

    // ---- patterns that end in QuantizeLinear ----

    // `end` is the QuantizeLinear. Between it and the operator there may be a clamp.
    bool fuse_into(Node& end) {
        const ValueId x = end.inputs[0];
        if (x == kNoValue || g_.value(x).dtype != DType::f32) return false;
        Quantized y = parameters(end, x, g_.value(end.outputs[0]).dtype);
        if (!y || !is_quantized8(y.type) || !y.per_tensor()) return false;
        if (const Quantized same = bytes(x); same && same.same_as(y)) return bypass(end, same.x);
        if (!m_.single_use(x)) return false;
        Node* op = m_.producer(x);
        Node* clamp = nullptr;
        Activation f;
        float low, high;
        if (op && as_activation(*op, g_, f) && as_clamp(f, low, high) && m_.single_use(op->inputs[0])) {
            clamp = op;
            op = m_.producer(op->inputs[0]);
        }
        if (!op || op->inputs.empty()) return false;
        // A clamp behind which nothing but a quantized tensor stands is one of values that are moved only.
        const QuantRange r = clamp_range(f, y.type, y.scales[0], y.zeros[0]), whole = quant_range(y.type);
        const bool implied = !clamp || (r.low == whole.low && r.high == whole.high);
        const std::string_view name = op->op->name;
        if (name == "Conv") return fuse_conv(*op, clamp, f, end, y);
        if (!implied) return false;
        if (name == "Gemm") return fuse_gemm(*op, clamp, &end, &y);
        if (name == "MatMul") return fuse_matmul(*op, clamp, end, y);
        if (Matcher::mode(*op) == ElemwiseMode::add) return fuse_binary<QLinearAdd>(*op, clamp, end, y);
        if (Matcher::mode(*op) == ElemwiseMode::mul) return fuse_binary<QLinearMul>(*op, clamp, end, y);
        if (clamp) return false;
        if (Matcher::mode(*op) == ElemwiseMode::sigmoid) return fuse_unary<QLinearSigmoid>(*op, end, y);
        if (Matcher::mode(*op) == ElemwiseMode::leaky_relu) return fuse_unary<QLinearLeakyRelu>(*op, end, y);
        if (name == "Softmax") return fuse_softmax(*op, end, y);
        if (name == "Pool") return fuse_pool(*op, end, y);
        if (name == "Concat") return fuse_concat(*op, end, y);
        return fuse_movement(*op, end, y);
    }
    // The users of the quantized `end` read x instead.
    bool bypass(Node& end, ValueId x) {
        const ValueId y = end.outputs[0];
        for (ValueId o : g_.outputs)
            if (o == y) return false;
        for (size_t n : m_.users(y))
            for (ValueId& i : m_.node(n).inputs)
                if (i == y) i = x;
        m_.retire(end);
        return true;
    }
    // `n` becomes the operator Op with these inputs; its result is that of `end`.
    template <class Op> bool become(Node& n, std::vector<ValueId> inputs, Node* clamp, Node& end) {
        n.op = &registry().named(Op::name);
        n.inputs = std::move(inputs);
        n.outputs.resize(1);
        if (clamp) m_.retire(*clamp);
        m_.take_output(n, end);
        return true;
    }

    // The bias of a sum of scale x_scale * w_scale as i32; false if it is no constant or far from such steps.
    bool integer_bias(ValueId bias, size_t count, float x_scale, const std::vector<float>& w_scales, float y_scale, std::vector<int32_t>& out) {
        std::vector<double> values;
        if (const Array* a = m_.constant(bias)) {
            if (a->dtype() != DType::f32) return false;
            values = a->values<double>();
        } else {
            const Quantized q = dequantized(bias);
            if (!q || q.type != DType::i32 || !m_.constant(q.x)) return false;
            values = m_.constant(q.x)->values<double>();
            bool same = values.size() == count;
            for (size_t i = 0; same && i < count; ++i) {
                const double step = static_cast<double>(x_scale) * static_cast<double>(pick(w_scales, i));
                same = pick(q.zeros, i) == 0 && std::abs(step - static_cast<double>(pick(q.scales, i))) <= 1e-6 * step;
            }
            if (same) {  // as quantizers make it
                out = m_.constant(q.x)->values<int32_t>();
                return true;
            }
            for (size_t i = 0; i < values.size(); ++i) values[i] = (values[i] - pick(q.zeros, i)) * static_cast<double>(pick(q.scales, i));
        }
        if (values.size() != count) return false;
        for (size_t i = 0; i < count; ++i) {
            const double step = static_cast<double>(x_scale) * static_cast<double>(pick(w_scales, i)), v = std::nearbyint(values[i] / step);
            // Rounding to such a step must not show in y.
            if (!(std::abs(v) < 1e9) || (std::abs(v * step - values[i]) > 0.02 * static_cast<double>(y_scale))) return false;
            out.push_back(static_cast<int32_t>(v));
        }
        return true;
    }

    bool fuse_conv(Node& n, Node* clamp, const Activation& f, Node& end, Quantized& y) {
        const auto a = n.attributes;
        if (!kHasOperator<QLinearConv> || a.get<int64_t>("residual", 0) || a.get<int64_t>("activation", 0)) return false;
        Quantized x = bytes(n.inputs[0]), w = weights(n.inputs[1], 0);
        if (!x || !w) return false;
        const auto channels = static_cast<size_t>(m_.constant(w.x)->shape()[0]);
        std::vector<ValueId> in = {x.x, x.scale, zero_of(x), w.x, w.scale, zero_of(w), y.scale, zero_of(y)};
        if (n.inputs.size() > 2 && n.inputs[2] != kNoValue) {
            std::vector<int32_t> bias;
            if (!integer_bias(n.inputs[2], channels, x.scales[0], w.scales, y.scales[0], bias)) return false;
            in.push_back(g_.add_constant("bias", Array::of(Shape{static_cast<int64_t>(channels)}, bias)));
        }
        if (clamp) {
            n.attributes.set("activation", static_cast<int64_t>(f.mode));
            n.attributes.set("activation_alpha", f.alpha);
            n.attributes.set("activation_beta", f.beta);
        }
        return become<QLinearConv>(n, std::move(in), clamp, end);
    }
    // With no `end`: the result stays float.
    bool fuse_gemm(Node& n, Node* clamp, Node* end, Quantized* y) {
        const auto a = read_attributes<Gemm::Attributes>(n.attributes);
        if (!kHasOperator<QGemm> || n.inputs.size() < 2 || a.activation != ElemwiseMode::identity || a.transA || !(a.alpha > 0.f)) return false;
        Quantized x = bytes(n.inputs[0]), w = weights(n.inputs[1], a.transB ? 0 : 1);
        if (!x || !w || m_.constant(w.x)->shape().rank() != 2) return false;
        const auto columns = static_cast<size_t>(m_.constant(w.x)->shape()[!a.transB]);
        std::vector<ValueId> in = {x.x, x.scale, zero_of(x), w.x, w.scale, zero_of(w), kNoValue};
        if (n.inputs.size() > 2 && n.inputs[2] != kNoValue) {
            std::vector<int32_t> bias;
            // A float result has no step of its own to compare with: as fine as 1/1000 of a product of whole scales.
            const float step = y ? y->scales[0] : x.scales[0] * 255.f * *std::max_element(w.scales.begin(), w.scales.end()) / 20.f;
            if (a.beta != 1.f || !integer_bias(n.inputs[2], columns, a.alpha * x.scales[0], w.scales, step, bias)) return false;
            in[6] = g_.add_constant("bias", Array::of(Shape{static_cast<int64_t>(columns)}, bias));
        }
        Attributes to;
        to.set("alpha", a.alpha);
        to.set("transB", a.transB);
        n.attributes = std::move(to);
        if (end) {
            in.push_back(y->scale);
            in.push_back(zero_of(*y));
            return become<QGemm>(n, std::move(in), clamp, *end);
        }
        n.op = &registry().named(QGemm::name);
        n.inputs = std::move(in);
        return true;
    }
    // Then the product with its QuantizeLinear is the better match.
    bool is_quantized_next(const Node& n) {
        Node* user = m_.single_user(n.outputs[0]);
        Activation f;
        if (user && as_activation(*user, g_, f)) user = m_.single_user(user->outputs[0]);
        return user && user->op->name == "QuantizeLinear";
    }
    // A product with a constant matrix.
    bool matmul_operands(const Node& n, Quantized& x, Quantized& w) {
        if (n.inputs.size() != 2 || n.attributes.get<int64_t>("activation", 0) || n.attributes.get<int64_t>("transA", 0) ||
            n.attributes.get<int64_t>("transB", 0) || n.attributes.get<float>("alpha", 1.f) != 1.f)
            return false;
        x = bytes(n.inputs[0]);
        w = weights(n.inputs[1], 1);
        return x && w && m_.constant(w.x)->shape().rank() == 2;
    }
    bool fuse_matmul(Node& n, Node* clamp, Node& end, Quantized& y) {
        Quantized x, w;
        if (!kHasOperator<QLinearMatMul> || !matmul_operands(n, x, w)) return false;
        n.attributes = {};
        return become<QLinearMatMul>(n, {x.x, x.scale, zero_of(x), w.x, w.scale, zero_of(w), y.scale, zero_of(y)}, clamp, end);
    }
    bool fuse_matmul_to_float(Node& n) {
        Quantized x, w;
        if (!kHasOperator<MatMulIntegerToFloat> || is_quantized_next(n)) return false;
        if (!matmul_operands(n, x, w)) return false;
        n.attributes = {};
        n.op = &registry().named(MatMulIntegerToFloat::name);
        n.inputs = {x.x, w.x, x.scale, w.scale, zero_of(x), zero_of(w)};
        return true;
    }
    template <class Op> bool fuse_binary(Node& n, Node* clamp, Node& end, Quantized& y) {
        if (!kHasOperator<Op> || n.inputs.size() != 2) return false;
        Quantized a = bytes(n.inputs[0]), b = bytes(n.inputs[1]);
        if (!a || !b || a.type != y.type || b.type != y.type) return false;
        const Value &va = g_.value(a.x), &vb = g_.value(b.x);
        if (!va.has_shape || !vb.has_shape || (va.is_constant() && vb.is_constant())) return false;
        // Sums that broadcast may end in halves everywhere (1 added to a quantized Erf), which ONNX Runtime rounds in an order of its own:
        // as floats they agree with it (a ViT to one step on 100 % of the elements, else on 99.8 %), and so do products of signed ones.
        const bool same = va.shape == vb.shape && !va.is_constant() && !vb.is_constant();
        if (!same && (!std::is_same_v<Op, QLinearMul> || y.type != DType::u8)) return false;
        n.attributes = {};
        return become<Op>(n, {a.x, a.scale, zero_of(a), b.x, b.scale, zero_of(b), y.scale, zero_of(y)}, clamp, end);
    }
    template <class Op> bool fuse_unary(Node& n, Node& end, Quantized& y) {
        Quantized x = bytes(n.inputs[0]);
        if (!kHasOperator<Op> || !x || x.type != y.type || (n.inputs.size() > 1 && n.inputs[1] != kNoValue)) return false;
        Activation f;
        if (!as_activation(n, g_, f)) return false;
        n.attributes = {};
        if (f.mode == ElemwiseMode::leaky_relu) n.attributes.set("alpha", f.alpha);
        return become<Op>(n, {x.x, x.scale, zero_of(x), y.scale, zero_of(y)}, nullptr, end);
    }
    // Along the last axis only: that has a kernel.
    bool fuse_softmax(Node& n, Node& end, Quantized& y) {
        const auto a = read_attributes<Softmax::Attributes>(n.attributes);
        Quantized x = bytes(n.inputs[0]);
        if (!kHasOperator<QLinearSoftmax> || !x || x.type != y.type || a.mode != Softmax::plain || !g_.value(x.x).has_shape) return false;
        QLinearSoftmax::Attributes to{a.axis, n.version};
        if (to.split(Shape::filled(g_.value(x.x).shape.rank(), 2), n).inner != 1) return false;
        n.attributes = write_attributes(to);
        return become<QLinearSoftmax>(n, {x.x, x.scale, zero_of(x), y.scale, zero_of(y)}, nullptr, end);
    }
    bool fuse_pool(Node& n, Node& end, Quantized& y) {
        const auto a = read_attributes<Pool::Attributes>(n.attributes);
        Quantized x = bytes(n.inputs[0]);
        if (!x || x.type != y.type || (n.outputs.size() > 1 && n.outputs[1] != kNoValue)) return false;
        std::vector<ValueId> in = {x.x, x.scale, zero_of(x), y.scale, zero_of(y)};
        if (a.mode == PoolMode::global_average) {
            if (!kHasOperator<QLinearGlobalAveragePool>) return false;
            n.attributes = {};
            return become<QLinearGlobalAveragePool>(n, std::move(in), nullptr, end);
        }
        if (a.mode == PoolMode::average) {
            if (!kHasOperator<QLinearAveragePool>) return false;
            for (int64_t d : a.dilations)
                if (d != 1) return false;
            n.attributes.erase("mode");
            n.attributes.erase("dilations");
            return become<QLinearAveragePool>(n, std::move(in), nullptr, end);
        }
        if (a.mode != PoolMode::max && a.mode != PoolMode::global_max) return false;
        return fuse_movement(n, end, y);
    }
    bool fuse_concat(Node& n, Node& end, Quantized& y) {
        std::vector<ValueId> in = {y.scale, zero_of(y)};
        bool same = true;
        std::vector<ValueId> parts;
        for (ValueId i : n.inputs) {
            Quantized x = bytes(i);
            if (!x || x.type != y.type || m_.constant(x.x)) return false;
            in.insert(in.end(), {x.x, x.scale, zero_of(x)});
            parts.push_back(x.x);
            same = same && x.same_as(y);
        }
        if (same) {
            n.inputs = std::move(parts);
            m_.take_output(n, end);
            return true;
        }
        if (!kHasOperator<QLinearConcat>) return false;
        return become<QLinearConcat>(n, std::move(in), nullptr, end);
    }
    // Operators that only move values, or choose among them, where x and y have the same parameters.
    bool fuse_movement(Node& n, Node& end, Quantized& y) {
        static constexpr std::string_view movers[] = {"Reshape",   "Flatten", "Transpose", "Squeeze",      "Unsqueeze",    "Slice", "Gather",
                                                      "Expand",    "Tile",    "Identity",  "DepthToSpace", "SpaceToDepth", "Pool"};
        if (std::find(std::begin(movers), std::end(movers), n.op->name) == std::end(movers)) return false;
        for (size_t i = 1; i < n.outputs.size(); ++i)
            if (n.outputs[i] != kNoValue) return false;
        const Quantized x = bytes(n.inputs[0]);
        if (!x || !x.same_as(y)) return false;
        n.inputs[0] = x.x;
        m_.take_output(n, end);
        return true;
    }

    // ---- dynamic quantization ----

    // Cast(MatMulInteger or ConvInteger) * (a_scale * b_scale), one of them a constant.
    bool fuse_integer_matmul(Node& mul) {
        ValueId cast = kNoValue, factor = kNoValue;
        if (!m_.either(mul, [&](ValueId v) { return m_.producer(v, "Cast") && m_.single_use(v); }, cast, factor)) return false;
        Node& c = *m_.producer(cast);
        Node* product = m_.producer(c.inputs[0]);
        if (!product || !m_.single_use(c.inputs[0]) || g_.value(cast).dtype != DType::f32) return false;
        const bool is_conv = product->op->name == "ConvInteger";
        if (!is_conv && product->op->name != "MatMulInteger") return false;
        if (!(is_conv ? kHasOperator<ConvIntegerToFloat> : kHasOperator<MatMulIntegerToFloat>)) return false;
        Node* scales = m_.elemwise(factor, ElemwiseMode::mul);
        if (!scales || scales->inputs.size() != 2) return false;
        ValueId constant, dynamic;
        if (!m_.either(*scales, [&](ValueId v) { return m_.constant(v) != nullptr; }, constant, dynamic)) return false;
        const Value &s = g_.value(dynamic), &w = g_.value(product->inputs[1]);
        const Array* b = m_.constant(constant);
        if (s.dtype != DType::f32 || !s.shape_known() || s.shape.count() != 1 || s.shape.rank() > 1 || !w.has_shape || b->dtype() != DType::f32 ||
            b->shape().rank() > 1)
            return false;
        if (b->count() != 1 && (is_conv || w.shape.rank() != 2 || b->count() != w.shape[1])) return false;
        if (!is_conv && w.shape.rank() != 2) return false;
        // The fused node stands where the product of floats stood: its scales exist there.
        std::vector<ValueId> in = {product->inputs[0], product->inputs[1], dynamic, constant};
        for (size_t i = 2; i < 4; ++i) in.push_back(i < product->inputs.size() ? product->inputs[i] : kNoValue);
        mul.op = &registry().named(is_conv ? ConvIntegerToFloat::name : MatMulIntegerToFloat::name);
        mul.attributes = product->attributes;
        mul.inputs = std::move(in);
        return true;
    }
    bool fuse_integer_bias(Node& add) {
        ValueId product = kNoValue, bias = kNoValue;
        const auto is_product = [&](ValueId v) {
            return (m_.producer(v, "MatMulIntegerToFloat") || m_.producer(v, "ConvIntegerToFloat")) && m_.single_use(v);
        };
        if (!m_.either(add, is_product, product, bias)) return false;
        Node& n = *m_.producer(product);
        const Array* b = m_.constant(bias);
        const Value& w = g_.value(n.inputs[1]);
        if (n.inputs.size() > 6 || !b || b->dtype() != DType::f32 || !w.has_shape || n.attributes.get<int64_t>("activation", 0)) return false;
        if (n.op->name == "MatMulIntegerToFloat") {
            if (w.shape.rank() != 2 || b->shape() != Shape{w.shape[1]}) return false;
        } else {  // [1, K, 1, 1] or without the first axis
            Shape want = Shape::filled(w.shape.rank() - 1, 1);
            want[0] = w.shape[0];
            Shape have = b->shape();
            if (have.rank() == w.shape.rank() && have[0] == 1) have.erase(0);
            if (have != want) return false;
            bias = g_.add_constant("bias", b->reshaped({w.shape[0]}));
        }
        n.inputs.resize(6, kNoValue);
        n.inputs.push_back(bias);
        m_.take_output(n, add);
        return true;
    }
    // A clamp behind ConvIntegerToFloat.
    bool fuse_integer_clamp(Node& f) {
        Activation a;
        float low, high;
        if (!as_activation(f, g_, a) || !as_clamp(a, low, high)) return false;
        Node* n = m_.producer(f.inputs[0], "ConvIntegerToFloat");
        if (!n || !m_.single_use(f.inputs[0]) || n->attributes.get<int64_t>("activation", 0)) return false;
        n->attributes.set("activation", static_cast<int64_t>(a.mode));
        n->attributes.set("activation_alpha", a.alpha);
        n->attributes.set("activation_beta", a.beta);
        m_.take_output(*n, f);
        return true;
    }
    // With constant weights it is an LSTM.
    bool lower_lstm(Node& n) {
        if (!kHasOperator<LSTM>) return false;
        std::vector<ValueId> in(n.inputs.begin(), n.inputs.begin() + std::min<std::ptrdiff_t>(8, static_cast<std::ptrdiff_t>(n.inputs.size())));
        for (size_t i : {1, 2}) {
            const size_t s = 6 + 2 * i, z = s + 1;
            if (n.inputs.size() <= s || !m_.constant(n.inputs[i]) || !m_.constant(n.inputs[s])) return false;
            const Array &w = *m_.constant(n.inputs[i]), &scale = *m_.constant(n.inputs[s]);
            std::vector<int32_t> zero = {0};
            if (n.inputs.size() > z && n.inputs[z] != kNoValue) {
                if (!m_.constant(n.inputs[z])) return false;
                zero = m_.constant(n.inputs[z])->values<int32_t>();
            }
            in[i] = g_.add_constant(g_.value(n.inputs[i]).name, DynamicQuantizeLSTM::dequantize(
                    TensorView{const_cast<std::byte*>(w.data()), w.dtype(), w.shape(), LayoutTag::nchw}, scale.values<float>(), zero));
        }
        n.op = &registry().named(LSTM::name);
        n.inputs = std::move(in);
        n.attributes.set("quantized", int64_t{1});
        return true;
    }

    Graph& g_;
    Matcher m_;
};
// A QLinearMatMul without a constant matrix has no kernel: it becomes a product of floats between DequantizeLinear and QuantizeLinear,
// whose sums are right but for float's rounding.
inline bool spell_products(Graph& g) {
    if (!kHasOperator<QLinearMatMul> || !kHasOperator<MatMul> || !kHasOperator<DequantizeLinear> || !kHasOperator<QuantizeLinear>) return false;
    std::vector<Node> added;
    const auto scalar = [&](ValueId v) { return v != kNoValue && g.value(v).shape_known() && g.value(v).shape.count() == 1; };
    const auto add = [&](std::string_view op, const Node& n, std::vector<ValueId> inputs, ValueId to = kNoValue) {
        Node made;
        made.op = &registry().named(op);
        made.name = text(n.name, '/', op, '_', added.size());
        made.inputs = std::move(inputs);
        made.outputs = {to == kNoValue ? g.add_value(made.name, DType::f32) : to};
        added.push_back(std::move(made));
        return added.back().outputs[0];
    };
    for (Node& n : g.nodes) {
        if (n.op->name != QLinearMatMul::name || (g.value(n.inputs[3]).is_constant() && g.value(n.inputs[3]).shape.rank() == 2)) continue;
        if (!std::all_of(n.inputs.begin(), n.inputs.end(), [&](ValueId v) { return v == n.inputs[0] || v == n.inputs[3] || scalar(v); })) continue;
        const ValueId a = add(DequantizeLinear::name, n, {n.inputs[0], n.inputs[1], n.inputs[2]}), b = add(DequantizeLinear::name, n, {n.inputs[3], n.inputs[4], n.inputs[5]});
        add(QuantizeLinear::name, n, {add(MatMul::name, n, {a, b}), n.inputs[6], n.inputs[7]}, n.outputs[0]);
        n.outputs[0] = kNoValue;
    }
    if (added.empty()) return false;
    g.nodes.insert(g.nodes.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    tidy(g);
    return true;
}
}  // namespace detail

// Convolutions, matrix products, sums, pools and whatever only moves values become operators on 8-bit tensors; weights of what stays
// float are left to constant folding. Also MatMulInteger with the float arithmetic behind it, and DynamicQuantizeLSTM. Values must have
// dtypes and, for element-wise operators, shapes.
inline bool fuse_qdq(Graph& g) {
    if constexpr (!kHasAny<QuantizedOps>) return false;
    const bool spelled = detail::spell_products(g);
    bool candidate = false;
    for (const Node& n : g.nodes)
        candidate = candidate || n.op->name == "DequantizeLinear" || n.op->name == "MatMulInteger" || n.op->name == "ConvInteger" ||
                    n.op->name == "DynamicQuantizeLSTM";
    return (candidate && detail::QdqFusion(g).run()) || spelled;
}

LITE_NAMESPACE_END
#endif
