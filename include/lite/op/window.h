// Sliding windows: the attributes of convolutions and pools resolved to one set of numbers per spatial axis.
#ifndef LITE_OP_WINDOW_H_
#define LITE_OP_WINDOW_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

struct WindowAttributes {
    std::string auto_pad = "NOTSET";
    std::vector<int64_t> kernel_shape, strides, dilations, pads;  // pads: all begins, then all ends; empty lists: the defaults
    template <class V> void visit(V& v) {
        v("auto_pad", auto_pad);
        v("kernel_shape", kernel_shape);
        v("strides", strides);
        v("dilations", dilations);
        v("pads", pads);
    }
};

struct WindowAxis {
    int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1;
    int64_t begin = 0, end = 0;  // pads; the last window may reach beyond the end pad (ceil_mode)

    int64_t span() const { return (kernel - 1) * dilation + 1; }
    // The taps [first, last) of window o that lie inside the input.
    int64_t first_tap(int64_t o) const {
        const int64_t at = o * stride - begin;
        return at >= 0 ? 0 : std::min(kernel, (-at + dilation - 1) / dilation);
    }
    int64_t last_tap(int64_t o) const {
        const int64_t room = in - (o * stride - begin);
        return room <= 0 ? 0 : std::min(kernel, (room + dilation - 1) / dilation);
    }
    // Taps inside the input or its pads.
    int64_t taps_with_pads(int64_t o) const {
        const int64_t room = in + end - (o * stride - begin);
        return room <= 0 ? 0 : std::min(kernel, (room + dilation - 1) / dilation);
    }
};

struct Windows {
    size_t rank = 0;
    std::array<WindowAxis, kMaxRank> axis{};

    const WindowAxis& operator[](size_t i) const { return axis[i]; }
    // The axes (height, width) of a window of rank 1 or 2.
    WindowAxis height() const { return rank == 2 ? axis[0] : WindowAxis{}; }
    WindowAxis width() const { return axis[rank - 1]; }
};

// `x` is [N, C, spatial...]; unknown extents give unknown outputs. The attributes must have passed check_windows.
inline Windows resolve_windows(const WindowAttributes& a, const std::vector<int64_t>& kernel, const Shape& x, bool ceil_mode = false) {
    Windows w;
    w.rank = x.rank() - 2;
    for (size_t i = 0; i < w.rank; ++i) {
        WindowAxis& r = w.axis[i];
        r.in = x[i + 2];
        r.kernel = kernel[i];
        if (!a.strides.empty()) r.stride = a.strides[i];
        if (!a.dilations.empty()) r.dilation = a.dilations[i];
        const bool same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
        if (!same && a.auto_pad != "VALID" && !a.pads.empty()) {
            r.begin = a.pads[i];
            r.end = a.pads[i + w.rank];
        }
        if (r.in < 0) {
            r.out = kUnknown;
            continue;
        }
        if (same) {
            r.out = (r.in + r.stride - 1) / r.stride;
            const int64_t total = std::max<int64_t>(0, (r.out - 1) * r.stride + r.span() - r.in);
            r.begin = a.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
            r.end = total - r.begin;
            continue;
        }
        const int64_t room = r.in + r.begin + r.end - r.span();
        if (room < 0) {
            r.out = 0;
            continue;
        }
        r.out = room / r.stride + 1;
        // A window that would start in the end pad does not count.
        if (ceil_mode && room % r.stride != 0 && r.out * r.stride < r.in + r.begin) ++r.out;
    }
    return w;
}

// Whether the attributes fit a [N, C, spatial...] tensor, with a message of the operator's if not.
template <class Context>
void check_windows(const Context& c, const WindowAttributes& a, const std::vector<int64_t>& kernel, const Shape& x) {
    c.check_that(x.rank() >= 3, "the input has shape ", x, ", expected [N, C, spatial...]");
    const size_t rank = x.rank() - 2;
    c.check_that(kernel.size() == rank, "kernel_shape ", kernel, " does not fit an input of shape ", x);
    c.check_that(a.strides.empty() || a.strides.size() == rank, "strides ", a.strides, " do not fit an input of shape ", x);
    c.check_that(a.dilations.empty() || a.dilations.size() == rank, "dilations ", a.dilations, " do not fit an input of shape ", x);
    c.check_that(a.pads.empty() || a.pads.size() == 2 * rank, "pads ", a.pads, " do not fit an input of shape ", x);
    c.check_that(a.auto_pad == "NOTSET" || a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER" || a.auto_pad == "VALID" || a.auto_pad.empty(),
                 "auto_pad is '", a.auto_pad, "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
    constexpr int64_t most = int64_t{1} << 30;  // so that no product of two of them overflows
    const auto within = [&](const std::vector<int64_t>& v, int64_t low) {
        return std::all_of(v.begin(), v.end(), [&](int64_t i) { return i >= low && i <= most; });
    };
    c.check_that(within(kernel, 1), "kernel_shape ", kernel, " holds an extent that is not positive");
    c.check_that(within(a.strides, 1), "strides ", a.strides, " hold a value that is not positive");
    c.check_that(within(a.dilations, 1), "dilations ", a.dilations, " hold a value that is not positive");
    c.check_that(within(a.pads, -most), "pads ", a.pads, " hold a value out of range");
}

LITE_NAMESPACE_END
#endif
