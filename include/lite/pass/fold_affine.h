// Folds what multiplies and adds per channel into the weights of the convolution or matrix product before it: batch
// normalisation in inference, a constant scale, a constant shift.
#ifndef LITE_PASS_FOLD_AFFINE_H_
#define LITE_PASS_FOLD_AFFINE_H_
#include "lite/pass/match.h"
#include "lite/platform/file_map.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// y = x * scale + shift per channel; either list may be empty (1 or 0).
struct PerChannel {
    std::vector<float> scale, shift;
    uint64_t identity = kLasting;
};
// A constant that broadcasts along the channel axis 1 of an image of `rank` axes: [C,1,1], [1,C,1,1], or one element.
inline bool per_channel(const Array& a, size_t rank, int64_t channels, std::vector<float>& out) {
    if (a.dtype() != DType::f32 || a.shape().rank() > rank) return false;
    Shape s = a.shape();
    while (s.rank() < rank) s.insert(0, 1);
    for (size_t i = 0; i < rank; ++i)
        if (i != 1 && s[i] != 1) return false;
    if (s[1] != 1 && s[1] != channels) return false;
    out = a.values<float>();
    if (out.size() == 1) out.assign(static_cast<size_t>(channels), out[0]);
    return true;
}
inline bool per_channel_of(Matcher& m, const Node& n, ValueId x, int64_t channels, size_t rank, PerChannel& p) {
    if (n.op->name == "BatchNormalization") {
        if (n.inputs.size() != 5 || n.inputs[0] != x || n.attributes.get<int64_t>("training_mode", 0)) return false;
        for (size_t o = 1; o < n.outputs.size(); ++o)
            if (n.outputs[o] != kNoValue) return false;
        std::vector<float> v[4];
        for (size_t i = 0; i < 4; ++i) {
            const Array* a = m.constant(n.inputs[i + 1]);
            if (!a || a->dtype() != DType::f32 || a->count() != channels) return false;
            v[i] = a->values<float>();
            p.identity = derived_identity(p.identity, a->content_identity());
        }
        const float epsilon = n.attributes.get<float>("epsilon", 1e-5f);
        for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
            const double s = static_cast<double>(v[0][c]) / std::sqrt(static_cast<double>(v[3][c]) + static_cast<double>(epsilon));
            p.scale.push_back(static_cast<float>(s));
            p.shift.push_back(static_cast<float>(static_cast<double>(v[1][c]) - static_cast<double>(v[2][c]) * s));
        }
        return true;
    }
    const ElemwiseMode mode = Matcher::mode(n);
    if (n.inputs.size() != 2 || (mode != ElemwiseMode::add && mode != ElemwiseMode::mul && mode != ElemwiseMode::sub && mode != ElemwiseMode::div))
        return false;
    const bool x_first = n.inputs[0] == x;
    if (!x_first && mode != ElemwiseMode::add && mode != ElemwiseMode::mul) return false;
    const Array* a = m.constant(n.inputs[x_first ? 1 : 0]);
    std::vector<float> v;
    if (!a || n.inputs[0] == n.inputs[1] || !per_channel(*a, rank, channels, v)) return false;
    p.identity = derived_identity(a->content_identity(), lasting_identity(static_cast<uint64_t>(mode)));
    for (float& f : v) {
        if (mode == ElemwiseMode::sub) f = -f;
        if (mode == ElemwiseMode::div) f = 1.f / f;
    }
    (mode == ElemwiseMode::add || mode == ElemwiseMode::sub ? p.shift : p.scale) = std::move(v);
    return true;
}
// The weights of a convolution times a factor for each output channel; `groups` are those of a transposed one, else 0. They are
// computed when they are packed, so that of a large model one layer at a time is there twice.
inline Array scaled(const Array& w, const std::vector<float>& scale, int64_t groups) {
    return Array::deferred(DType::f32, w.shape(), [w, scale, groups](std::byte* out) {
        w.copy_to(out);
        release_pages(w.data(), w.bytes());
        float* to = reinterpret_cast<float*>(out);
        const int64_t taps = w.shape().count(2, w.shape().rank()), rows = w.shape()[0], columns = w.shape()[1];
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t c = 0; c < columns; ++c) {
                const float factor = scale[static_cast<size_t>(groups ? r / (rows / groups) * columns + c : r)];
                for (int64_t t = 0; t < taps; ++t) *to++ *= factor;
            }
    });
}
}  // namespace detail

// Conv and ConvTranspose in fp32 with constant weights, followed only by BatchNormalization or by Mul, Div, Add or Sub with a
// constant per channel. Changes results by rounding only. Returns whether it changed the graph.
inline bool fold_affine(Graph& g) {
    bool changed = false;
    Matcher m(g);
    for (Node& node : g.nodes) {
        const bool transposed = node.op->name == "ConvTranspose";
        if ((node.op->name != "Conv" && !transposed) || node.outputs[0] == kNoValue) continue;
        while (true) {
            const ValueId y = node.outputs[0];
            if (node.attributes.get<int64_t>("activation", 0) || node.attributes.get<int64_t>("residual", 0)) break;
            const Array* w = m.constant(node.inputs[1]);
            const Array* b = node.inputs.size() > 2 ? m.constant(node.inputs[2]) : nullptr;
            Node* next = m.single_user(y);
            if (!next || !w || w->dtype() != DType::f32 || w->shape().rank() < 3) break;
            if (node.inputs.size() > 2 && node.inputs[2] != kNoValue && !b) break;
            const int64_t group = node.attributes.get<int64_t>("group", 1);
            const int64_t channels = transposed ? w->shape()[1] * group : w->shape()[0];
            // The other operand must not make the result larger than y: checked by its being constant per channel.
            detail::PerChannel p;
            if (!detail::per_channel_of(m, *next, y, channels, w->shape().rank(), p)) break;
            // Both ends of the pair are read before a new constant may move the graph's values.
            std::vector<float> bias = b ? b->values<float>() : std::vector<float>(static_cast<size_t>(channels), 0.f);
            const uint64_t bias_identity = derived_identity(b ? b->content_identity() : lasting_identity(1), p.identity);
            if (!p.scale.empty()) {
                const uint64_t id = derived_identity(w->identity(), p.identity);
                const std::string name = g.value(node.inputs[1]).name;
                node.inputs[1] = g.add_constant(name, detail::scaled(*w, p.scale, transposed ? group : 0).with_identity(id));
            }
            for (size_t c = 0; c < bias.size(); ++c) {
                if (!p.scale.empty()) bias[c] *= p.scale[c];
                if (!p.shift.empty()) bias[c] += p.shift[c];
            }
            node.inputs.resize(std::max<size_t>(node.inputs.size(), 3), kNoValue);
            node.inputs[2] = g.add_constant(node.name + "/bias", Array::of<float>({channels}, bias).with_identity(bias_identity));
            m.take_output(node, *next);
            changed = true;
            m.update(node);
        }
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
