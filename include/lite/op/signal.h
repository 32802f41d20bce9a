// DFT, STFT, the windows of Blackman, Hamming and Hann, MelWeightMatrix: from sound to spectra.
#ifndef LITE_OP_SIGNAL_H_
#define LITE_OP_SIGNAL_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline constexpr double kPi = 3.14159265358979323846;

// y[k] = sum of x[i] exp(-+2 pi i k / n) for k < bins; real and imaginary parts in turn, x shorter than n is followed by zeros.
inline void fourier(const std::vector<double>& x, int64_t n, int64_t bins, bool inverse, double* y) {
    std::vector<double> turn(at(2 * n));
    for (int64_t i = 0; i < n; ++i) {
        const double angle = (inverse ? 2 : -2) * kPi * static_cast<double>(i) / static_cast<double>(n);
        turn[at(2 * i)] = std::cos(angle);
        turn[at(2 * i + 1)] = std::sin(angle);
    }
    const int64_t m = std::min<int64_t>(n, static_cast<int64_t>(x.size() / 2));
    for (int64_t k = 0; k < bins; ++k) {
        double re = 0, im = 0;
        for (int64_t i = 0, t = 0; i < m; ++i, t = (t + k) % n) {
            const double a = x[at(2 * i)], b = x[at(2 * i + 1)], co = turn[at(2 * t)], si = turn[at(2 * t + 1)];
            re += a * co - b * si;
            im += a * si + b * co;
        }
        y[2 * k] = inverse ? re / static_cast<double>(n) : re;
        y[2 * k + 1] = inverse ? im / static_cast<double>(n) : im;
    }
}
inline int64_t known_scalar(InferContext& c, size_t i) { return c.value(i) && c.value(i)->count() == 1 ? c.value(i)->values<int64_t>()[0] : kUnknown; }

}  // namespace detail

// x [..., 1 or 2] (real, or real and imaginary) along an axis; length (optional), axis (since opset 20; an attribute before).
// onesided: only the first half of the bins, which tell a real signal; inverse and onesided: from that half to the real signal.
struct DFT {
    static constexpr std::string_view name = "DFT";
    static constexpr Spelling spellings[] = {{"onnx", "", "DFT"}};
    struct Attributes {
        int64_t axis = INT64_MIN, inverse = 0, onesided = 0;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("inverse", inverse);
            v("onesided", onesided);
        }
    };
    static Shape shape_of(const Attributes& a, const Shape& x, size_t axis, int64_t length) {
        Shape y = x;
        y[x.rank() - 1] = a.inverse && a.onesided ? 1 : 2;
        if (length < 0 && x[axis] >= 0) length = a.inverse && a.onesided ? 2 * (x[axis] - 1) : x[axis];
        y[axis] = length < 0 ? kUnknown : a.onesided && !a.inverse ? length / 2 + 1 : length;
        return y;
    }
    static size_t axis_of(const Attributes& a, int64_t given, int version, size_t rank, const Who& where) {
        const int64_t axis = version < 20 ? (a.axis == INT64_MIN ? 1 : a.axis) : given == INT64_MIN ? -2 : given;
        const size_t n = normalize_axis(axis, rank, where);
        check(rank >= 2 && n + 1 < rank, where, ": axis ", axis, " of ", rank, " is that of the parts of a number");
        return n;
    }
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& x = c.shape(0);
        c.check_that(x.rank() >= 2 && (x.back() < 0 || x.back() == 1 || x.back() == 2), "its input is ", x, ", an axis of 1 or 2 parts was expected last");
        const DType t = c.input(0).dtype;
        if (c.version() >= 20 && c.has_input(2) && !c.value(2)) return c.output_unknown(0, t, static_cast<int>(x.rank()));
        const size_t axis = axis_of(a, c.version() >= 20 && c.has_input(2) ? detail::known_scalar(c, 2) : INT64_MIN, c.version(), x.rank(), c.where());
        if (c.has_input(1) && !c.value(1)) return c.output_unknown(0, t, static_cast<int>(x.rank()));
        const int64_t length = detail::known_scalar(c, 1);
        c.check_that(!c.has_input(1) || length > 0, "its length is ", length);
        c.output(0, t, shape_of(a, x, axis, length));
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& x = c.input(0).shape;
        const size_t axis = axis_of(a, c.version() >= 20 && c.has_input(2) ? c.input(2).scalar<int64_t>() : INT64_MIN, c.version(), x.rank(), c.where());
        const Shape y = shape_of(a, x, axis, c.has_input(1) ? c.input(1).scalar<int64_t>() : kUnknown);
        const bool half = a.onesided && !a.inverse, real = a.onesided && a.inverse;
        const int64_t n = half && c.has_input(1) ? c.input(1).scalar<int64_t>() : half ? x[axis] : y[axis], parts = x.back(), bins = y[axis], kept = y.back();
        const int64_t inner = x.count(axis + 1, x.rank() - 1), outer = x.count(0, axis), from = x[axis];
        const auto in = detail::doubles(c.input(0));
        std::vector<double> out(detail::at(y.count())), line, made(detail::at(2 * std::max<int64_t>(bins, 0)));
        for (int64_t o = 0; n > 0 && o < outer * inner; ++o) {
            line.assign(detail::at(2 * (real ? n : from)), 0.0);
            for (int64_t i = 0; i < from; ++i)
                for (int64_t p = 0; p < parts; ++p) {
                    const double v = in[detail::at(((o / inner * from + i) * inner + o % inner) * parts + p)];
                    if (real ? i < n : true) line[detail::at(2 * i + p)] = v;
                    if (real && i > 0 && i < n - i) line[detail::at(2 * (n - i) + p)] = p ? -v : v;  // the other half is its mirror
                }
            detail::fourier(line, n, bins, a.inverse != 0, made.data());
            for (int64_t k = 0; k < bins; ++k)
                for (int64_t p = 0; p < kept; ++p) out[detail::at(((o / inner * bins + k) * inner + o % inner) * kept + p)] = made[detail::at(2 * k + p)];
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, y), out);
    }
};

// Spectra of pieces of a signal [batch, length, 1 or 2]: step, window (optional), length of a piece (optional).
struct STFT {
    static constexpr std::string_view name = "STFT";
    static constexpr Spelling spellings[] = {{"onnx", "", "STFT"}};
    struct Attributes {
        int64_t onesided = 1;
        template <class V> void visit(V& v) { v("onesided", onesided); }
    };
    static void infer(InferContext& c) {
        const Shape& x = c.shape(0);
        c.check_that(x.rank() == 2 || (x.rank() == 3 && (x[2] < 0 || x[2] == 1 || x[2] == 2)), "its signal is ", x);
        c.check_that(c.has_input(2) || c.has_input(3), "it needs a window or the length of a piece");
        const int64_t step = detail::known_scalar(c, 1), length = c.has_input(3) ? detail::known_scalar(c, 3) : c.shape(2).at(0);
        c.check_that((!c.value(1) || step > 0) && (!c.value(3) || length > 0), "pieces of ", length, " in steps of ", step);
        const int64_t frames = x[1] < 0 || step < 0 || length < 0 ? kUnknown : x[1] < length ? 0 : (x[1] - length) / step + 1;
        c.output(0, c.input(0).dtype, Shape{x[0], frames, length < 0 ? kUnknown : c.attributes<Attributes>().onesided ? length / 2 + 1 : length, 2});
    }
    static void reference(RunContext& c) {
        const Shape& x = c.input(0).shape;
        const int64_t step = c.input(1).scalar<int64_t>(), n = c.has_input(3) ? c.input(3).scalar<int64_t>() : c.input(2).shape[0];
        c.check_that(step > 0 && n > 0, "pieces of ", n, " in steps of ", step);
        const int64_t frames = x[1] < n ? 0 : (x[1] - n) / step + 1, bins = c.attributes<Attributes>().onesided ? n / 2 + 1 : n, parts = x.rank() == 3 ? x[2] : 1;
        const auto in = detail::doubles(c.input(0)), window = c.has_input(2) ? detail::doubles(c.input(2)) : std::vector<double>(detail::at(n), 1.0);
        c.check_that(static_cast<int64_t>(window.size()) == n, "its window has ", static_cast<int64_t>(window.size()), " elements, its pieces ", n);
        std::vector<double> out(detail::at(x[0] * frames * bins * 2)), line(detail::at(2 * n));
        for (int64_t f = 0; f < x[0] * frames; ++f) {
            for (int64_t i = 0; i < n; ++i)
                for (int64_t p = 0; p < parts; ++p)
                    line[detail::at(2 * i + p)] = in[detail::at((f / frames * x[1] + f % frames * step + i) * parts + p)] * window[detail::at(i)];
            detail::fourier(line, n, bins, false, out.data() + f * bins * 2);
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{x[0], frames, bins, 2}), out);
    }
};

namespace detail {
struct WindowAttributes {
    int64_t output_datatype = 1, periodic = 1;
    template <class V> void visit(V& v) {
        v("output_datatype", output_datatype);
        v("periodic", periodic);
    }
};
inline void infer_window(InferContext& c) {
    const int64_t n = known_scalar(c, 0);
    c.check_that(!c.value(0) || n >= 0, "its size is ", n);
    c.output(0, dtype_of_onnx(c.attributes<WindowAttributes>().output_datatype), Shape{n});
}
// a + b cos(t) + d cos(2 t), t from 0 to 2 pi.
inline void window(RunContext& c, double a, double b, double d) {
    const auto attributes = c.attributes<WindowAttributes>();
    c.check_that(c.has_input(0), "its size is absent");
    const int64_t n = c.input(0).scalar<int64_t>();
    c.check_that(n >= 0, "its size is ", n);
    std::vector<double> y(at(n));
    for (int64_t i = 0; i < n; ++i) {
        const double t = 2 * kPi * static_cast<double>(i) / static_cast<double>(std::max<int64_t>(attributes.periodic ? n : n - 1, 1));
        y[at(i)] = a + b * std::cos(t) + d * std::cos(2 * t);
    }
    put_doubles(c.output(0, dtype_of_onnx(attributes.output_datatype), Shape{n}), y);
}
}  // namespace detail

// Of so many elements as the input says.
struct BlackmanWindow {
    static constexpr std::string_view name = "BlackmanWindow";
    static constexpr Spelling spellings[] = {{"onnx", "", "BlackmanWindow"}};
    using Attributes = detail::WindowAttributes;
    static void infer(InferContext& c) { detail::infer_window(c); }
    static void reference(RunContext& c) { detail::window(c, 0.42, -0.5, 0.08); }
};
struct HammingWindow {
    static constexpr std::string_view name = "HammingWindow";
    static constexpr Spelling spellings[] = {{"onnx", "", "HammingWindow"}};
    using Attributes = detail::WindowAttributes;
    static void infer(InferContext& c) { detail::infer_window(c); }
    static void reference(RunContext& c) { detail::window(c, 25.0 / 46, -21.0 / 46, 0); }
};
struct HannWindow {
    static constexpr std::string_view name = "HannWindow";
    static constexpr Spelling spellings[] = {{"onnx", "", "HannWindow"}};
    using Attributes = detail::WindowAttributes;
    static void infer(InferContext& c) { detail::infer_window(c); }
    static void reference(RunContext& c) { detail::window(c, 0.5, -0.5, 0); }
};

// Weights [length / 2 + 1, bins] of triangles that stand at equal steps of pitch. Inputs: bins, length of the transform, sample rate,
// lowest and highest frequency.
struct MelWeightMatrix {
    static constexpr std::string_view name = "MelWeightMatrix";
    static constexpr Spelling spellings[] = {{"onnx", "", "MelWeightMatrix"}};
    struct Attributes {
        int64_t output_datatype = 1;
        template <class V> void visit(V& v) { v("output_datatype", output_datatype); }
    };
    static void infer(InferContext& c) {
        const int64_t bins = detail::known_scalar(c, 0), length = detail::known_scalar(c, 1);
        c.output(0, detail::dtype_of_onnx(c.attributes<Attributes>().output_datatype), Shape{length < 0 ? kUnknown : length / 2 + 1, bins});
    }
    static void reference(RunContext& c) {
        const int64_t bins = c.input(0).scalar<int64_t>(), length = c.input(1).scalar<int64_t>(), rate = c.input(2).scalar<int64_t>(), rows = length / 2 + 1;
        c.check_that(bins >= 0 && bins <= kMaxElements && length >= 0 && length <= kMaxElements && rate > 0, bins, " bins of ", length, " at ", rate, " Hz");
        const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
        const double low = mel(c.input(3).scalar<double>()), step = (mel(c.input(4).scalar<double>()) - low) / static_cast<double>(bins + 2);
        const auto edge = [&](int64_t i) {
            const double hertz = 700 * (std::pow(10, (low + step * static_cast<double>(i)) / 2595) - 1);
            const double row = std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
            c.check_that(std::abs(row) <= static_cast<double>(2 * length + 2), "edge ", i, " of the bins is at ", hertz, " Hz, its samples are of ", rate, " Hz");
            return static_cast<int64_t>(row);
        };
        std::vector<double> y(detail::at(Shape{rows, bins}.count()));
        for (int64_t b = 0; b < bins; ++b) {
            const int64_t left = edge(b), middle = edge(b + 1), right = edge(b + 2);
            const auto put = [&](int64_t r, double v) {
                if (r >= 0 && r < rows) y[detail::at(r * bins + b)] = v;
            };
            if (left == middle) put(middle, 1);
            for (int64_t r = left; left < middle && r <= middle; ++r) put(r, static_cast<double>(r - left) / static_cast<double>(middle - left));
            for (int64_t r = middle; r < right; ++r) put(r, static_cast<double>(right - r) / static_cast<double>(right - middle));
        }
        detail::put_doubles(c.output(0, detail::dtype_of_onnx(c.attributes<Attributes>().output_datatype), Shape{rows, bins}), y);
    }
};

LITE_NAMESPACE_END
#endif
