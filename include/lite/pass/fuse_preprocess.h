// What stands right behind an input picture (conversion, scale and shift per channel, channels put first, channels of zeros added)
// becomes one node.
#ifndef LITE_PASS_FUSE_PREPROCESS_H_
#define LITE_PASS_FUSE_PREPROCESS_H_
#include "lite/op/preprocess.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
class PreprocessMatch {
public:
    PreprocessMatch(Matcher& m, ValueId input) : m_(m), at_(input), shape_(m.g.value(input).shape), dtype_(m.g.value(input).dtype) {}
    // Takes in one more node; false if it is none of these.
    bool take(Node& n) {
        if (n.outputs.size() != 1 || pad_) return false;
        if (n.op->name == "Cast") {
            if (n.inputs.size() != 1 || n.attributes.get<int64_t>("to", 1) != 1 || n.attributes.get<int64_t>("mode", 0)) return false;
            dtype_ = DType::f32;
        } else if (n.op->name == "Transpose") {
            if (last_ || n.attributes.get("perm", std::vector<int64_t>()) != std::vector<int64_t>{0, 3, 1, 2} || !steps_by_axis(3)) return false;
            last_ = true;
        } else if (n.op->name == "Pad") {
            if (!padding(n)) return false;
        } else if (!affine(n)) {
            return false;
        }
        at_ = n.outputs[0];
        ++taken_;
        return true;
    }
    // Without a transposition the steps must be along the axis 1.
    bool done() const { return taken_ >= 2 && dtype_ == DType::f32 && (last_ || steps_by_axis(1)); }
    void replace(Node& last, ValueId input) {
        const Shape& s = m_.g.value(input).shape;
        const size_t channels = static_cast<size_t>(s[last_ ? 3 : 1]);
        std::vector<float> scale(channels, 1.f), shift(channels, 0.f);
        for (const Step& step : steps_)
            for (size_t c = 0; c < channels; ++c) {
                const float v = step.values.size() == 1 ? step.values[0] : step.values[c];
                switch (step.mode) {
                    case ElemwiseMode::add: shift[c] += v; break;
                    case ElemwiseMode::sub: shift[c] -= v; break;
                    case ElemwiseMode::mul: scale[c] *= v, shift[c] *= v; break;
                    default: scale[c] /= v, shift[c] /= v; break;
                }
            }
        const Shape one{static_cast<int64_t>(channels)};
        last.op = &registry().named("Preprocess");
        last.inputs = {input, m_.g.add_constant(last.name + "/scale", Array::of(one, scale)), m_.g.add_constant(last.name + "/shift", Array::of(one, shift))};
        last.attributes = Attributes();
        last.attributes.set("channels_last", static_cast<int64_t>(last_));
        last.attributes.set("pad", pad_);
    }
    ValueId at() const { return at_; }

private:
    struct Step {
        ElemwiseMode mode;
        std::vector<float> values;
        size_t axis;  // 0: one value for all
    };
    bool steps_by_axis(size_t axis) const {
        return std::all_of(steps_.begin(), steps_.end(), [&](const Step& s) { return s.axis == 0 || s.axis == axis; });
    }
    bool affine(const Node& n) {
        const ElemwiseMode mode = Matcher::mode(n);
        const bool commutes = mode == ElemwiseMode::add || mode == ElemwiseMode::mul;
        if (dtype_ != DType::f32 || n.inputs.size() != 2 || (!commutes && mode != ElemwiseMode::sub && mode != ElemwiseMode::div)) return false;
        const bool first = n.inputs[0] == at_;
        const Array* a = m_.constant(n.inputs[first ? 1 : 0]);
        if (!a || (!first && !commutes) || a->dtype() != DType::f32 || a->shape().rank() > 4) return false;
        Step s{mode, a->values<float>(), 0};
        if (a->count() != 1) {
            Shape k = a->shape();
            while (k.rank() < 4) k.insert(0, 1);
            for (size_t i = 0; i < 4; ++i)
                if (k[i] != 1) {
                    if (s.axis || i == 0) return false;
                    s.axis = i;
                }
            const Shape now = m_.g.value(at_).shape;
            if (now.rank() != 4 || k[s.axis] != now[s.axis] || (last_ && s.axis != 1)) return false;
        }
        steps_.push_back(std::move(s));
        return true;
    }
    // Zeros behind the last channel, which is axis 1 by now.
    bool padding(const Node& n) {
        if (dtype_ != DType::f32 || !(last_ || steps_by_axis(1)) || n.attributes.get<std::string>("mode", "constant") != "constant" || n.inputs.size() > 3) return false;
        const Array* pads = n.inputs.size() > 1 ? m_.constant(n.inputs[1]) : nullptr;
        if (!pads || pads->count() != 8) return false;
        if (n.inputs.size() > 2 && n.inputs[2] != kNoValue && !m_.is_scalar(n.inputs[2], 0)) return false;
        const auto p = pads->values<int64_t>();
        for (size_t i = 0; i < 8; ++i)
            if (p[i] != 0 && i != 5) return false;
        if (p[5] <= 0) return false;
        pad_ = p[5];
        return true;
    }
    Matcher& m_;
    ValueId at_;
    Shape shape_;
    DType dtype_;
    bool last_ = false;
    int64_t pad_ = 0;
    std::vector<Step> steps_;
    size_t taken_ = 0;
};
}  // namespace detail

inline bool fuse_preprocess(Graph& g) {
    if constexpr (!kHasOperator<Preprocess>) return false;
    bool changed = false;
    Matcher m(g);
    for (ValueId input : std::vector<ValueId>(g.inputs)) {
        const Value& v = g.value(input);
        if (!v.shape_known() || v.shape.rank() != 4 || v.dtype == DType::none || v.dtype > DType::boolean) continue;
        detail::PreprocessMatch match(m, input);
        Node* last = nullptr;
        std::vector<Node*> nodes;
        for (Node* n; (n = m.single_user(match.at())) && match.take(*n); last = n) nodes.push_back(n);
        if (!last || !match.done()) continue;
        match.replace(*last, input);
        for (Node* n : nodes)
            if (n != last) m.retire(*n);
        m.update(*last);
        changed = true;
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
