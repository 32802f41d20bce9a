// The writer of .mge files: node by node, through the table of operators, and what is written as one operator on quantized tensors.
#ifndef LITE_FORMAT_MGE_WRITER_IMPL_H_
#define LITE_FORMAT_MGE_WRITER_IMPL_H_
#include "lite/format/mge.h"
#include "lite/format/mge_writer.h"
#include "lite/format/mge_writer_operators.h"
#include "lite/op/infer.h"

LITE_NAMESPACE_BEGIN

#if LITE_HAS_MGE
namespace detail {

class MgeWriter {
public:
    MgeWriter(const Graph& given, int version) : w_(inferred(given), version), g_(w_.graph) {}

    std::vector<std::byte> write() {
        uses_ = g_.use_counts();
        plan();
        for (ValueId i : g_.inputs) w_.reserve(g_.value(i).name);
        for (ValueId o : g_.outputs) w_.reserve(g_.value(o).name);
        for (ValueId i : g_.inputs) input(i);
        for (size_t n = 0; n < g_.nodes.size(); ++n)
            if (steps_[n].needed) node(n);
        w_.finish_refusals();
        for (ValueId o : g_.outputs) output(o);
        return w_.finish();
    }

private:
    // How a node is written; as one operator with what stands before it: the values that it then takes, all quantized.
    struct Step {
        bool needed = false;
        bool quantizes = false;  // it is a QuantizeLinear with one scale
        MgeType type;            // of its result then
        const Node* conv = nullptr;
        const Node* nonlinear = nullptr;
        int multi_mode = -1;     // of ElemwiseMultiType
        std::vector<ValueId> takes;
        std::vector<MgeType> types;
    };

    static Graph inferred(const Graph& given) {
        Graph g = given;
        FoldOptions fold;
        fold.max_bytes = int64_t{1} << 20;
        fold.keep = [](const Graph&, const Node& n) { return n.op->name == "DequantizeLinear"; };
        infer_and_fold(g, fold);
        return g;
    }
    const Node* only_used(ValueId v) const { return v != kNoValue && uses_[static_cast<size_t>(v)] == 1 ? w_.producer(v) : nullptr; }

    // From the outputs on: what is needed, and what is written as one.
    void plan() {
        steps_.resize(g_.nodes.size());
        std::vector<char> wanted(g_.values.size(), 0);
        for (ValueId o : g_.outputs) wanted[static_cast<size_t>(o)] = 1;
        for (size_t k = g_.nodes.size(); k-- > 0;) {
            const Node& n = g_.nodes[k];
            Step& s = steps_[k];
            for (ValueId o : n.outputs) s.needed = s.needed || (o != kNoValue && wanted[static_cast<size_t>(o)]);
            if (!s.needed) continue;
            if (n.op->name == "QuantizeLinear") quantization(n, s);
            for (ValueId i : s.takes.empty() ? n.inputs : s.takes)
                if (i != kNoValue) wanted[static_cast<size_t>(i)] = 1;
        }
    }
    void quantization(const Node& n, Step& s) {
        mge::Scale scale;
        const DType t = g_.value(n.outputs[0]).dtype;
        if (!mge::scale_of(w_, n, t, scale)) return;
        s.quantizes = true;
        // The scale by which the result is read again may be the truer one.
        for (const Node& u : g_.nodes) {
            mge::Scale read;
            if (u.op->name != "DequantizeLinear" || u.inputs[0] != n.outputs[0] || !mge::scale_of(w_, u, t, read)) continue;
            if (read.zero == scale.zero && mge::same_scale(read.scale, scale.scale)) scale.scale = read.scale;
        }
        s.type = mge::quantized_type(t, scale);
        const Node* last = only_used(n.inputs[0]);
        if (!last) return;
        if (!quantized_conv(*last, s) && !quantized_function(*last, s)) s.takes.clear(), s.types.clear();
    }
    // The quantized tensor behind a value that DequantizeLinear made.
    bool dequantized(ValueId v, Step& s) const {
        const Node* n = w_.producer(v);
        mge::Scale scale;
        if (!n || n->op->name != "DequantizeLinear") return false;
        const DType t = g_.value(n->inputs[0]).dtype;
        if (!mge::scale_of(w_, *n, t, scale)) return false;
        s.takes.push_back(n->inputs[0]);
        s.types.push_back(mge::quantized_type(t, scale));
        return true;
    }
    static bool is(const Node* n, ElemwiseMode mode) { return n && n->op->name == "Elemwise" && n->attributes.get<int64_t>("mode", 0) == static_cast<int64_t>(mode); }

    // Conv, maybe a function.
    bool quantized_conv(const Node& end, Step& s) const {
        const Node* n = &end;
        if (n->op->name == "Elemwise" && n->inputs.size() == 1) {
            const int mode = mge::nonlinear_mode(elemwise_function(*n));
            if (mode != 1 && mode != 3) return false;  // the others have no kernels there
            s.nonlinear = n;
            n = only_used(n->inputs[0]);
        }
        if (!n || n->op->name != "Conv") return false;
        const auto a = read_attributes<Conv::Attributes>(n->attributes);
        const size_t half = a.pads.size() / 2;
        bool fits = !a.residual && a.activation == ElemwiseMode::identity && (a.auto_pad.empty() || a.auto_pad == "NOTSET");
        for (size_t k = 0; k < half; ++k) fits = fits && a.pads[k] == a.pads[k + half];
        const Value& weights = g_.value(n->inputs[1]);
        if (!fits || !weights.shape_known() || weights.shape.rank() != 4 || !dequantized(n->inputs[0], s) || !dequantized(n->inputs[1], s)) return false;
        if (s.types[0].kind != s.types[1].kind || s.types[0].kind != s.type.kind || !w_.known(s.takes[1])) return false;
        if (n->inputs.size() > 2 && n->inputs[2] != kNoValue && !w_.known(n->inputs[2])) return false;
        s.conv = n;
        return true;
    }
    // One function of quantized tensors, or relu, sigmoid, tanh of a sum.
    bool quantized_function(const Node& end, Step& s) const {
        if (end.op->name != "Elemwise") return false;
        const Node* n = &end;
        const Activation f = elemwise_function(end);
        int number = -1;
        if (end.inputs.size() == 1) {
            const Node* sum = only_used(end.inputs[0]);
            if (is(sum, ElemwiseMode::add)) {
                number = f.mode == ElemwiseMode::relu ? 37 : f.mode == ElemwiseMode::sigmoid ? 38 : f.mode == ElemwiseMode::tanh ? 39 : -1;
                n = sum;
            }
        }
        if (n == &end)
            for (const mge::PlainMode& p : mge::kPlainModes)
                if (p.mode == f.mode && p.alpha == 0 && p.beta == 0 && end.inputs.size() == (is_unary(p.mode) ? 1u : 2u)) number = p.number;
        const auto at = std::find(std::begin(mge::kQuantizedModes), std::begin(mge::kQuantizedModes) + 52, number);
        if (number < 0 || at == std::begin(mge::kQuantizedModes) + 52) return false;
        for (ValueId i : n->inputs)
            if (!dequantized(i, s) || w_.known(s.takes.back())) return false;
        s.multi_mode = 6 + static_cast<int>(at - std::begin(mge::kQuantizedModes));
        return true;
    }

    void input(ValueId id) {
        const Value& v = g_.value(id);
        check(v.has_shape || !v.usual.empty(), "input '", v.name, "' of the graph has a shape that is not known: give its Value::usual");
        check(MgeEmitter::has_type(v.dtype), "input '", v.name, "' of the graph is of type ", name_of(v.dtype), ", for which MegEngine has none");
        Shape s = v.has_shape ? v.shape : v.usual;
        for (size_t k = 0; k < s.rank(); ++k) {
            if (s[k] >= 0) continue;
            s[k] = v.usual.rank() == s.rank() && v.usual[k] >= 0 ? v.usual[k] : k == 0 ? 1 : kUnknown;
            check(s[k] >= 0, "input '", v.name, "' of the graph has shape ", v.shape, ": a .mge file needs the extents that it usually has, give its Value::usual");
        }
        w_.set(id, w_.input(v.name, s, MgeEmitter::plain_type(v.dtype)));
    }
    void node(size_t k) {
        const Node& n = g_.nodes[k];
        const Step& s = steps_[k];
        w_.begin(n);
        const size_t refused = w_.refused();
        write(n, s);
        // The list goes on behind what was refused: something has to stand for its results.
        if (w_.refused() != refused)
            for (ValueId o : n.outputs)
                if (o != kNoValue) w_.set(o, w_.number(0));
    }
    void write(const Node& n, const Step& s) {
        for (ValueId o : n.outputs)
            if (o != kNoValue && !MgeEmitter::has_type(g_.value(o).dtype)) return w_.refuse(text("results of type ", name_of(g_.value(o).dtype)));
        for (ValueId i : n.inputs)
            if (i != kNoValue && !g_.value(i).has_shape) return w_.refuse("a tensor whose number of axes only a run tells");
        if (s.conv) return quantized_conv(s);
        if (s.multi_mode >= 0) return quantized_function(s);
        if (n.op->name == "QuantizeLinear") return mge::quantize_node(w_, s.quantizes ? &s.type : nullptr);
        for (const mge::Writing& r : mge::kWritings)
            if (r.name == n.op->name) return r.write(w_);
        w_.refuse();
    }
    // A value as a variable of that quantized type.
    MgeOut taken(ValueId v, const MgeType& type) {
        if (w_.known(v)) return w_.stored(*w_.known(v), type, g_.value(v).name);
        const MgeOut x = w_.flat(w_.raw(v));
        if (mge::same_type(x.type, type)) return x;
        const MgeOut real = w_.scaled(w_.shifted(w_.convert(w_.plain(v), MgeKind::f32), -static_cast<double>(type.zero)), static_cast<double>(type.scale));
        return w_.convert(real, type);
    }
    void quantized_conv(const Step& s) {
        mge::ConvolutionParts c;
        c.a = read_attributes<Conv::Attributes>(s.conv->attributes);
        c.quantized = true;
        c.to = s.type;
        c.x = taken(s.takes[0], s.types[0]);
        Array weights = *w_.known(s.takes[1]);
        const Shape& ws = weights.shape();
        const int64_t outputs = ws[0];
        if (c.a.group > 1) weights = weights.reshaped(Shape{c.a.group, ws[0] / c.a.group, ws[1], ws[2], ws[3]});
        c.weights = w_.stored(weights, s.types[1], g_.value(s.takes[1]).name);
        // The bias has the scale of the products.
        const MgeType sums{MgeKind::q_s32, s.types[0].scale * s.types[1].scale, 0};
        std::vector<int32_t> bias(static_cast<size_t>(outputs), 0);
        const bool has_bias = s.conv->inputs.size() > 2 && s.conv->inputs[2] != kNoValue;
        if (has_bias) {
            const std::vector<double> b = w_.known(s.conv->inputs[2])->values<double>();
            for (size_t k = 0; k < bias.size(); ++k)
                bias[k] = static_cast<int32_t>(std::clamp(std::round(b[k] / static_cast<double>(sums.scale)), -2147483648., 2147483647.));
        }
        c.bias = w_.stored(Array::of(Shape{1, outputs, 1, 1}, bias), sums, has_bias ? g_.value(s.conv->inputs[2]).name : std::string());
        std::vector<int64_t> pads = c.a.pads;
        pads.resize(2, 0);
        w_.put(mge::convolution_2d(w_, c, pads, s.nonlinear ? mge::nonlinear_mode(elemwise_function(*s.nonlinear)) : 0));
    }
    void quantized_function(const Step& s) {
        std::vector<MgeOut> in;
        for (size_t k = 0; k < s.takes.size(); ++k) in.push_back(taken(s.takes[k], s.types[k]));
        w_.put(w_.add("ElemwiseMultiType", in, {18, {{0, s.multi_mode}}}, s.type, &s.type));
    }
    void output(ValueId id) {
        const Value& v = g_.value(id);
        MgeOut x = w_.flat(w_.raw(id));
        const bool input = std::any_of(g_.inputs.begin(), g_.inputs.end(), [&](ValueId i) { return w_.raw(i).var == x.var; });
        if (input || v.is_constant() || w_.is_output(x.var)) x = w_.add("Identity", {x});
        w_.output(x, v.name.empty() ? text("output:", id) : v.name);
    }

    MgeEmitter w_;
    const Graph& g_;
    std::vector<int32_t> uses_;
    std::vector<Step> steps_;
};

}  // namespace detail

LITE_INLINE std::vector<std::byte> write_mge(const Graph& graph, int version) {
    check(version == 1 || version == 2, "there are versions 1 and 2 of .mge files, ", version, " was asked for");
    return detail::MgeWriter(graph, version).write();
}
#else
LITE_INLINE std::vector<std::byte> write_mge(const Graph&, int) {
    fail("a .mge model was to be written, and lite was compiled without the headers of FlatBuffers that this takes: install them "
         "(libflatbuffers-dev) and compile again without LITE_NO_MGE");
}
#endif

namespace detail {
inline const bool mge_writer_added = (mge_file_writer = [](const Graph& graph, const std::string& path) { write_mge(graph, path); }, true);
}  // namespace detail

LITE_NAMESPACE_END
#endif
