// Conv: convolution of 1 to 3 spatial axes, with an optional fused residual addition and activation.
#ifndef LITE_OP_CONV_H_
#define LITE_OP_CONV_H_
#include "lite/kernel/bricks.h"
#include "lite/op/activation.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// The kernels of Conv beside Default (direct): names of algorithms.
struct Depthwise {};
struct FirstLayer {};
struct Winograd {};
struct WinogradSmall {};
struct Vector {};
struct Grouped {};
struct Dense {};

// y = f(x (*) w + b + residual). Inputs: x [N, C, spatial...], w [K, C / group, window...], b [K] (optional) and, when
// `residual` is 1, at index 3 a tensor of the shape of y. Passes set residual and activation*; the rest is ONNX.
struct Conv {
    static constexpr std::string_view name = "Conv";
    static constexpr Spelling spellings[] = {{"onnx", "", "Conv"}};
    using Algorithms = TypeList<Default, Depthwise, FirstLayer, Winograd, WinogradSmall, Vector, Grouped, Dense>;
    struct Attributes {
        std::string auto_pad = "NOTSET";
        std::vector<int64_t> dilations, kernel_shape, pads, strides;
        int64_t group = 1, residual = 0;
        ElemwiseMode activation = ElemwiseMode::identity;
        float activation_alpha = 0.f, activation_beta = 0.f;
        template <class V> void visit(V& v) {
            v("auto_pad", auto_pad);
            v("dilations", dilations);
            v("group", group);
            v("kernel_shape", kernel_shape);
            v("pads", pads);
            v("strides", strides);
            v("residual", residual);
            v("activation", activation);
            v("activation_alpha", activation_alpha);
            v("activation_beta", activation_beta);
        }
        Activation fused() const { return {activation, activation_alpha, activation_beta}; }
    };
    static void infer(InferContext& c);
    static void reference(RunContext& c);
};

// Where a window lies on one spatial axis. `in` may be kUnknown, then `out` is, too.
struct WindowAxis {
    int64_t in = 1, out = 1, window = 1, stride = 1, dilation = 1, pad = 0 /* before */;
    int64_t reach() const { return (window - 1) * dilation + 1; }  // input positions from the first tap to behind the last
};

// The axis `i` of `spatial` under ONNX's attributes; lists may be empty (their defaults). `who` opens the messages.
struct WindowLists {
    const std::string& auto_pad;
    const std::vector<int64_t>&strides, &dilations, &pads;
};
inline WindowAxis window_axis(const WindowLists& a, size_t i, size_t spatial, int64_t in, int64_t window, const Who& who) {
    const auto checked = [&](const std::vector<int64_t>& list, size_t count, std::string_view what) {
        check(list.empty() || list.size() == count, who, ": ", what, " is ", list, ", expected ", count, " numbers");
    };
    checked(a.strides, spatial, "strides");
    checked(a.dilations, spatial, "dilations");
    checked(a.pads, 2 * spatial, "pads");
    WindowAxis w;
    w.in = in;
    w.window = window;
    w.stride = a.strides.empty() ? 1 : a.strides[i];
    w.dilation = a.dilations.empty() ? 1 : a.dilations[i];
    constexpr int64_t limit = int64_t{1} << 31;  // keeps the arithmetic below from overflowing on malformed models
    check(w.stride >= 1 && w.stride < limit && w.dilation >= 1 && w.dilation < limit && window >= 1 && window < limit, who, ": window ",
          window, ", stride ", w.stride, " and dilation ", w.dilation, " must be positive");
    check(w.reach() < limit && in < limit, who, ": a window that reaches over ", w.reach(), " positions of ", in, " is too large");
    int64_t after = 0;
    if (a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER") {
        if (in < 0) {
            w.out = kUnknown;
            return w;
        }
        w.out = (in + w.stride - 1) / w.stride;
        const int64_t total = std::max<int64_t>((w.out - 1) * w.stride + w.reach() - in, 0);
        w.pad = a.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
        return w;
    }
    if (a.auto_pad.empty() || a.auto_pad == "NOTSET") {
        if (!a.pads.empty()) {
            w.pad = a.pads[i];
            after = a.pads[i + spatial];
        }
        check(w.pad >= 0 && after >= 0 && w.pad < limit && after < limit, who, ": pads are ", a.pads, ", expected numbers from 0 on");
    } else {
        check(a.auto_pad == "VALID", who, ": auto_pad is '", a.auto_pad, "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
    }
    if (in < 0) {
        w.out = kUnknown;
        return w;
    }
    const int64_t room = in + w.pad + after - w.reach();
    check(room >= 0 || in == 0, who, ": a window of ", window, " with dilation ", w.dilation, " does not fit in ", in, " + ", w.pad, " + ",
          after, " positions");
    w.out = room < 0 ? 0 : room / w.stride + 1;
    return w;
}

// A convolution in numbers, always with three spatial axes (missing ones in front are 1).
struct ConvShape {
    int64_t n = 0, c = 0, k = 0, group = 1;
    WindowAxis axis[3];  // depth, height, width

    int64_t in_pixels() const { return axis[0].in * axis[1].in * axis[2].in; }
    int64_t out_pixels() const { return axis[0].out * axis[1].out * axis[2].out; }
    int64_t taps() const { return axis[0].window * axis[1].window * axis[2].window; }
    double flops() const {
        return 2.0 * static_cast<double>(n * k) * static_cast<double>(out_pixels()) * static_cast<double>(c / std::max<int64_t>(group, 1) * taps());
    }
    // Checks what is known of the shapes against each other.
    static ConvShape of(const Conv::Attributes& a, const Shape& x, const Shape& w, const Who& who) {
        check(x.rank() >= 3 && x.rank() <= 5, who, ": input 0 is ", x, ", expected [N, C] and 1 to 3 spatial axes");
        check(w.rank() == x.rank(), who, ": input 1 is ", w, ", expected ", x.rank(), " axes as input 0 ", x, " has");
        const size_t spatial = x.rank() - 2;
        check(a.kernel_shape.empty() || a.kernel_shape.size() == spatial, who, ": kernel_shape is ", a.kernel_shape, ", expected ", spatial,
              " numbers");
        check(a.group >= 1, who, ": group is ", a.group);
        ConvShape s;
        s.n = x[0];
        s.c = x[1];
        s.k = w[0];
        s.group = a.group;
        check(s.c < 0 || w[1] < 0 || (s.c % a.group == 0 && s.c / a.group == w[1]), who, ": input 1 is ", w, ", input 0 has ", s.c, " channels in ", a.group,
              " groups");
        check(s.k < 0 || s.k % a.group == 0, who, ": ", s.k, " output channels do not divide into ", a.group, " groups");
        for (size_t i = 0; i < spatial; ++i) {
            int64_t window = w[2 + i];
            if (!a.kernel_shape.empty()) {
                check(window < 0 || window == a.kernel_shape[i], who, ": kernel_shape is ", a.kernel_shape, ", input 1 is ", w);
                window = a.kernel_shape[i];
            }
            WindowAxis& out = s.axis[3 - spatial + i];
            if (window < 0) out.in = out.out = kUnknown;
            else out = window_axis({a.auto_pad, a.strides, a.dilations, a.pads}, i, spatial, x[2 + i], window, who);
        }
        return s;
    }
    static ConvShape of(const NodeInfo& n) {
        return of(n.attributes<Conv::Attributes>(), n.input(0).shape, n.input(1).shape, n.node->name);
    }
};

inline void Conv::infer(InferContext& c) {
    const TensorInfo &x = c.input(0), &w = c.input(1);
    c.check_that(is_float(x.dtype) && x.dtype == w.dtype, "inputs 0 and 1 are ", x.dtype, " and ", w.dtype, ", expected one floating type");
    const auto a = c.attributes<Attributes>();
    if (!x.has_shape || !w.has_shape) {
        if (x.has_shape || w.has_shape) c.output_unknown(0, x.dtype, static_cast<int>((x.has_shape ? x : w).shape.rank()));
        else c.output_unknown(0, x.dtype);
        return;
    }
    const ConvShape s = ConvShape::of(a, x.shape, w.shape, c.where());
    if (c.has_input(2) && c.input(2).has_shape) {
        const Shape& b = c.shape(2);
        c.check_that(b.rank() == 1 && (b[0] < 0 || s.k < 0 || b[0] == s.k), "input 2 is ", b, ", expected one number for each of ", s.k,
                     " output channels");
    }
    Shape y = x.shape;
    y[1] = s.k;
    for (size_t i = 2; i < y.rank(); ++i) y[i] = s.axis[3 - y.rank() + i].out;
    if (a.residual) {
        const Shape& r = c.shape(3);
        bool same = r.rank() == y.rank();
        for (size_t i = 0; same && i < y.rank(); ++i) same = r[i] < 0 || y[i] < 0 || r[i] == y[i];
        c.check_that(same, "the residual is ", r, ", the result ", y);
    }
    c.output(0, x.dtype, y);
}

namespace detail {
// Sums in double, one row of outputs at a time, so that it may stand in for a missing kernel.
inline void conv_reference(const RunContext& c, const ConvShape& s, const Activation& act, bool residual, const TensorView& y) {
    const auto values = [&](size_t i) { return c.input(i).values<double>(); };
    const std::vector<double> x = values(0), w = values(1), b = c.has_input(2) ? values(2) : std::vector<double>(), r = residual ? values(3) : std::vector<double>();
    const auto &[d, h, v] = s.axis;
    const int64_t cg = s.c / s.group, kg = s.k / s.group;
    std::vector<double> row(static_cast<size_t>(v.out));
    int64_t at = 0;
    for (int64_t n = 0; n < s.n; ++n)
        for (int64_t k = 0; k < s.k; ++k)
            for (int64_t od = 0; od < d.out; ++od)
                for (int64_t oh = 0; oh < h.out; ++oh) {
                    std::fill(row.begin(), row.end(), b.empty() ? 0.0 : b[static_cast<size_t>(k)]);
                    for (int64_t i = 0; i < cg; ++i)
                        for (int64_t kd = 0; kd < d.window; ++kd)
                            for (int64_t kh = 0; kh < h.window; ++kh) {
                                const int64_t id = od * d.stride + kd * d.dilation - d.pad, ih = oh * h.stride + kh * h.dilation - h.pad;
                                if (id < 0 || id >= d.in || ih < 0 || ih >= h.in) continue;
                                const double* line = x.data() + (((n * s.c + k / kg * cg + i) * d.in + id) * h.in + ih) * v.in;
                                const double* taps = w.data() + (((k * cg + i) * d.window + kd) * h.window + kh) * v.window;
                                for (int64_t kw = 0; kw < v.window; ++kw) {
                                    const double f = taps[kw];
                                    const int64_t shift = kw * v.dilation - v.pad;
                                    for (int64_t o = 0; o < v.out; ++o) {
                                        const int64_t iw = o * v.stride + shift;
                                        if (iw >= 0 && iw < v.in) row[static_cast<size_t>(o)] += f * line[iw];
                                    }
                                }
                            }
                    for (size_t o = 0; o < row.size(); ++o) row[o] = activate(act, row[o] + (residual ? r[static_cast<size_t>(at) + o] : 0.0));
                    store_wide(y, at, 1, row.size(), row.data());
                    at += v.out;
                }
}
}  // namespace detail

inline void Conv::reference(RunContext& c) {
    const auto a = c.attributes<Attributes>();
    const ConvShape s = ConvShape::of(a, c.input(0).shape, c.input(1).shape, c.where());
    Shape shape = c.input(0).shape;
    shape[1] = s.k;
    for (size_t i = 2; i < shape.rank(); ++i) shape[i] = s.axis[3 - shape.rank() + i].out;
    const TensorView y = c.output(0, c.input(0).dtype, shape);
    detail::conv_reference(c, s, a.fused(), a.residual != 0, y);
}

LITE_NAMESPACE_END

#include "lite/op/conv_direct.h"
#include "lite/op/conv_winograd.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/conv_vector.h"
#include "lite/op/conv_grouped.h"
#include "lite/op/conv_dense.h"
#endif
