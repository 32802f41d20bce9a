// Values between operators, and weights, in half precision (Options::enable_f16_io_comp).
#ifndef LITE_PASS_HALVE_H_
#define LITE_PASS_HALVE_H_
#include <unordered_map>

#include "lite/op/cast.h"
#include "lite/op/listed.h"
#include "lite/op/registry.h"
#include "lite/pass/dead.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); }
// Whether it only moves elements, or asks for the shape: it does so with halves, too.
inline bool moves_elements(const Node& n) {
    return is_one_of(n.op->name, {"ChannelShuffle", "Concat", "Expand", "Flatten", "Identity", "Reshape", "Shape", "Size", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze"});
}
// Whether an input is no content but says where, how far or how large: a coordinate of 2049.5 has no half.
inline bool keeps_float(const Node& n, size_t input) {
    const std::string_view op = n.op->name;
    for (std::string_view part : {"Quantize", "QLinear", "Integer"})
        if (op.find(part) != std::string_view::npos) return true;
    if (is_one_of(op, {"Random", "Range", "NonMaxSuppression", "KeepBoxes"})) return true;
    return input > 0 && is_one_of(op, {"AffineGrid", "DeformConv", "GridSample", "MaxRoiPool", "MovedRoiPool", "OneHot", "Remap", "Resize", "RoiAlign", "RoiPool", "RoiSamples", "WarpPerspective"});
}

class Halver {
public:
    explicit Halver(Graph& g) : g_(g), wide_(g.values.size(), kNoValue), half_(g.values.size(), kNoValue), output_(g.values.size(), 0) {}
    void run() {
        for (ValueId o : g_.outputs) output_[index(o)] = 1;
        std::vector<Node> nodes = std::move(g_.nodes);
        g_.nodes.clear();
        for (ValueId i : g_.inputs)
            if (g_.value(i).dtype == DType::f32) {
                wide_[index(i)] = i;
                cast(i, half_[index(i)] = like(i, DType::f16));
            }
        for (Node& n : nodes) node(n);
        remove_dead_nodes(g_);
    }

private:
    static size_t index(ValueId v) { return static_cast<size_t>(v); }
    // Another value of that shape.
    ValueId like(ValueId v, DType t) {
        Value x = g_.value(v);
        append(x.name, t == DType::f16 ? ":half" : ":float");
        x.dtype = t;
        g_.values.push_back(std::move(x));
        return static_cast<ValueId>(g_.values.size() - 1);
    }
    void cast(ValueId from, ValueId to) {
        Node n;
        n.op = &registry().named(Cast::name);
        n.name = text(g_.value(from).name, "/Cast");
        n.inputs = {from};
        n.outputs = {to};
        n.attributes.set("to", int64_t{g_.value(to).dtype == DType::f16 ? 10 : 1});  // as ONNX numbers the types
        g_.nodes.push_back(std::move(n));
    }
    bool is_known(ValueId v) const { return index(v) < half_.size(); }
    void node(Node& n) {
        bool moves = moves_elements(n);
        for (ValueId i : n.inputs) moves = moves && (i == kNoValue || g_.value(i).dtype != DType::f32 || g_.value(i).is_constant() || (is_known(i) && half_[index(i)] != kNoValue));
        for (size_t k = 0; k < n.inputs.size(); ++k) {
            ValueId& i = n.inputs[k];
            if (i == kNoValue || !is_known(i)) continue;
            if (g_.value(i).is_constant()) {
                if (g_.value(i).dtype == DType::f32 && (moves || !keeps_float(n, k))) i = constant(i, moves);
                continue;
            }
            const ValueId h = half_[index(i)], w = wide_[index(i)];
            if (h == kNoValue) continue;
            if (moves) {
                i = h;
            } else if (w != kNoValue && keeps_float(n, k)) {
                i = w;
            } else {
                const ValueId f = like(i, DType::f32);
                cast(h, f);
                i = f;
            }
        }
        std::vector<std::pair<ValueId, ValueId>> casts;
        for (ValueId& o : n.outputs) {
            if (o == kNoValue || g_.value(o).dtype != DType::f32) continue;
            const ValueId v = o;
            // A value keeps its name as the half that others read; an output of the graph stays a float.
            const ValueId h = output_[index(v)] ? like(v, DType::f16) : v;
            half_[index(v)] = h;
            o = h;
            if (!moves) {
                o = wide_[index(v)] = like(v, DType::f32);
                casts.emplace_back(o, h);
            }
            if (h != v) casts.emplace_back(h, v);
            g_.value(h).dtype = DType::f16;
        }
        g_.nodes.push_back(std::move(n));
        for (const auto& [from, to] : casts) cast(from, to);
    }
    // The constant as halves, or as the floats that they stand for; numbers beyond their range become the last of it. Computed when it is
    // packed, so that of a large model one layer at a time is there twice.
    ValueId constant(ValueId v, bool as_half) {
        const auto [it, is_new] = constants_.try_emplace(2 * index(v) + as_half, kNoValue);
        if (!is_new) return it->second;
        const Array from = g_.value(v).constant;
        const auto fill = [from, as_half](std::byte* out) {
            for (size_t i = 0, n = static_cast<size_t>(from.count()); i < n; ++i) {
                float x;  // the pages of a model file hold it at any address
                std::memcpy(&x, from.data() + 4 * i, 4);
                const Half h(std::isfinite(x) ? std::clamp(x, -65504.f, 65504.f) : x);
                const float f(h);
                std::memcpy(out + i * (as_half ? 2 : 4), as_half ? static_cast<const void*>(&h) : &f, as_half ? 2 : 4);
            }
        };
        const DType t = as_half ? DType::f16 : DType::f32;
        const Array rounded = Array::deferred(t, from.shape(), fill).with_identity(derived_identity(from.identity(), lasting_identity(as_half ? 16 : 17)));
        return it->second = g_.add_constant(text(g_.value(v).name, as_half ? ":half" : ":rounded"), rounded);
    }

    Graph& g_;
    std::vector<ValueId> wide_, half_;  // of the values that were there: the float that its node made, and the half
    std::vector<char> output_;
    std::unordered_map<size_t, ValueId> constants_;
};
}  // namespace detail

// Every float that an operator makes is stored as a half, and widened for the operators that read it; inputs are rounded, and so are
// constants. Inputs and outputs of the graph stay floats. Run when nothing more is to be merged.
inline void halve(Graph& g) {
    if constexpr (!kHasOperator<Cast>) fail("Options::enable_f16_io_comp takes the operator Cast, which LITE_OPS does not list");
    else detail::Halver(g).run();
}

LITE_NAMESPACE_END
#endif
