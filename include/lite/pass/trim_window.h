// Takes from the windows of convolutions the taps that only ever meet padding.
// A 3x3 window with dilation 18 on 16x16 pixels is a 1x1 window (DeepLab's pyramid), and so is any 3x3 window on one pixel.
#ifndef LITE_PASS_TRIM_WINDOW_H_
#define LITE_PASS_TRIM_WINDOW_H_
#include "lite/op/conv.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// The taps [first, last) of an axis that meet the image somewhere; all of them where leaving others out would change the result's shape.
struct LiveTaps {
    int64_t first, last, after /* the padding behind the image */;
};
inline LiveTaps live_taps(const WindowAxis& w) {
    const auto after = [&](int64_t first, int64_t last) {
        return std::max<int64_t>((w.out - 1) * w.stride + (last - first - 1) * w.dilation + 1 - w.in - (w.pad - first * w.dilation), 0);
    };
    int64_t first = 0, last = w.window;
    while (first < last && (w.out - 1) * w.stride + first * w.dilation < w.pad) ++first;  // before the image for the last output
    while (last > first && (last - 1) * w.dilation - w.pad >= w.in) --last;               // behind it for the first output
    const int64_t pad = w.pad - first * w.dilation, reach = (last - first - 1) * w.dilation + 1;
    const bool same = first < last && pad >= 0 && (w.in + pad + after(first, last) - reach) / w.stride + 1 == w.out;
    return same ? LiveTaps{first, last, after(first, last)} : LiveTaps{0, w.window, after(0, w.window)};
}
}  // namespace detail

// Conv in fp32 with constant weights, on axes whose lengths are known. Results stay the same to the last bit of what is not NaN:
// what is left out are products with zero. Returns whether it changed the graph.
inline bool trim_windows(Graph& g) {
    bool changed = false;
    for (Node& node : g.nodes) {
        if (node.op->name != "Conv") continue;
        const Value &x = g.value(node.inputs[0]), &weights = g.value(node.inputs[1]);
        if (!x.has_shape || !weights.is_constant() || weights.dtype != DType::f32 || weights.constant.count() == 0) continue;
        auto a = read_attributes<Conv::Attributes>(node.attributes);
        const Array w = weights.constant;
        const ConvShape s = ConvShape::of(a, x.shape, w.shape(), node.name);
        const size_t spatial = w.shape().rank() - 2;
        detail::LiveTaps live[3] = {{0, 1, 0}, {0, 1, 0}, {0, 1, 0}};
        bool known = true, trim = false;
        for (size_t i = 0; i < spatial; ++i) {
            const WindowAxis& axis = s.axis[3 - spatial + i];
            known = known && axis.in > 0 && axis.out > 0;
            if (!known) break;
            live[3 - spatial + i] = detail::live_taps(axis);
            trim = trim || live[3 - spatial + i].last - live[3 - spatial + i].first < axis.window;
        }
        if (!known || !trim) continue;
        Shape shape = w.shape();
        uint64_t ranges = 0;
        a.auto_pad = "NOTSET";
        a.kernel_shape.resize(spatial);
        a.pads.resize(2 * spatial);
        for (size_t i = 0; i < spatial; ++i) {
            const detail::LiveTaps& t = live[3 - spatial + i];
            const WindowAxis& axis = s.axis[3 - spatial + i];
            shape[2 + i] = a.kernel_shape[i] = t.last - t.first;
            a.pads[i] = axis.pad - t.first * axis.dilation;
            a.pads[spatial + i] = t.after;
            ranges = mix(mix(ranges, static_cast<uint64_t>(t.first)), static_cast<uint64_t>(t.last));
        }
        const int64_t depth = s.axis[0].window, height = s.axis[1].window, width = s.axis[2].window;
        const detail::LiveTaps d = live[0], h = live[1], v = live[2];  // clang 14 captures no structured bindings
        Array trimmed = Array::deferred(DType::f32, shape, [=](std::byte* out) {
            const std::vector<float> all = w.values<float>();
            float* to = reinterpret_cast<float*>(out);
            for (size_t filter = 0; filter < all.size(); filter += static_cast<size_t>(depth * height * width))
                for (int64_t i = d.first; i < d.last; ++i)
                    for (int64_t j = h.first; j < h.last; ++j)
                        to = std::copy_n(&all[filter + static_cast<size_t>((i * height + j) * width + v.first)], v.last - v.first, to);
        });
        const std::string name = weights.name;
        node.inputs[1] = g.add_constant(name, trimmed.with_identity(derived_identity(w.identity(), lasting_identity(ranges))));
        node.attributes.set("auto_pad", a.auto_pad);
        node.attributes.set("kernel_shape", a.kernel_shape);
        node.attributes.set("pads", a.pads);
        changed = true;
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
