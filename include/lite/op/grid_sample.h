// GridSample: an image sampled at the places that a grid names.
#ifndef LITE_OP_GRID_SAMPLE_H_
#define LITE_OP_GRID_SAMPLE_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// x [N, C, spatial...], grid [N, out..., rank of spatial] of coordinates in [-1, 1], the last spatial axis first. Modes linear
// (bilinear), nearest, cubic (bicubic); outside: zeros, border, reflection.
struct GridSample {
    static constexpr std::string_view name = "GridSample";
    static constexpr Spelling spellings[] = {{"onnx", "", "GridSample"}};
    struct Attributes {
        std::string mode = "linear", padding_mode = "zeros";
        bool align_corners = false;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("padding_mode", padding_mode);
            v("align_corners", align_corners);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &g = c.input(1);
        const auto a = c.attributes<Attributes>();
        c.check_that(is_float(x.dtype) && is_float(g.dtype), "the image is ", x.dtype, ", the grid ", g.dtype, ", floats were expected");
        c.check_that(taps_of(a.mode) > 0, "mode '", a.mode, "'");
        c.check_that(a.padding_mode == "zeros" || a.padding_mode == "border" || a.padding_mode == "reflection", "padding_mode '", a.padding_mode, "'");
        if (!x.has_shape || !g.has_shape) return c.output_unknown(0, x.dtype, x.has_shape ? static_cast<int>(x.shape.rank()) : -1);
        const size_t rank = x.shape.rank();
        c.check_that(rank >= 3 && rank <= 5 && g.shape.rank() == rank && (g.shape.back() < 0 || g.shape.back() == static_cast<int64_t>(rank) - 2),
                     "a grid of shape ", g.shape, " for an image of shape ", x.shape);
        c.check_that(x.shape[0] < 0 || g.shape[0] < 0 || x.shape[0] == g.shape[0], x.shape[0], " images, and grids for ", g.shape[0]);
        for (size_t i = 2; i < rank; ++i) c.check_that(x.shape[i] != 0, "an image of shape ", x.shape, " has no pixels to sample");
        Shape y = x.shape;
        for (size_t i = 2; i < rank; ++i) y[i] = g.shape[i - 1];
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &g = c.input(1), &y = c.output(0);
        const auto a = c.attributes<Attributes>();
        const size_t rank = x.shape.rank() - 2;
        const int64_t points = y.shape.count(2, y.shape.rank()), plane = x.shape.count(2, x.shape.rank()), channels = x.shape[1];
        const std::vector<double> grid = g.values<double>();
        const int taps = taps_of(a.mode);
        const Sum sum = x.dtype == DType::f64 ? &sum_of<double, double> : x.dtype == DType::f16 ? &sum_of<Half, float> : x.dtype == DType::bf16 ? &sum_of<BFloat16, float> : &sum_of<float, float>;
        const auto work = [&](size_t begin, size_t end, int) {
            int64_t offset[64];
            double weight[64];
            for (size_t p = begin; p < end; ++p) {
                const int n = place(&grid[p * rank], rank, x.shape, a, taps, offset, weight);
                const int64_t image = static_cast<int64_t>(p) / points;
                sum(x, image * channels * plane, plane, offset, weight, n, y, image * channels * points + static_cast<int64_t>(p) % points, points);
            }
        };
        const size_t all = static_cast<size_t>(x.shape[0] * points);
        if (!c.pool || all * static_cast<size_t>(channels) < 16384) work(0, all, 0);
        else c.pool->parallel_for(all, 64, work);
    }

private:
    // One point of all channels: planes of x from element `from` on, of y from `to` on.
    using Sum = void (*)(const TensorView& x, int64_t from, int64_t plane, const int64_t* offset, const double* weight, int n, const TensorView& y, int64_t to,
                         int64_t points);
    template <class T, class V>
    static void sum_of(const TensorView& x, int64_t from, int64_t plane, const int64_t* offset, const double* weight, int n, const TensorView& y, int64_t to,
                       int64_t points) {
        V w[64];
        for (int t = 0; t < n; ++t) w[t] = static_cast<V>(weight[t]);
        for (int64_t ch = 0; ch < x.shape[1]; ++ch) {
            const T* p = x.as<const T>() + from + ch * plane;
            V sum(0);
            for (int t = 0; t < n; ++t)
                if (offset[t] >= 0) sum += w[t] * static_cast<V>(p[offset[t]]);
            y.as<T>()[to + ch * points] = static_cast<T>(sum);
        }
    }
    static int taps_of(std::string_view mode) {
        return mode == "nearest" ? 1 : mode == "linear" || mode == "bilinear" ? 2 : mode == "cubic" || mode == "bicubic" ? 4 : 0;
    }
    static double reflect(double v, double low, double high) {
        const double range = high - low;
        if (range <= 0) return low;
        if (v >= low && v <= high) return v;
        const double d = v < low ? low - v : v - high;
        const double n = std::floor(d / range), r = d - n * range;
        return (std::fmod(n, 2.0) == 0) == (v < low) ? low + r : high - r;
    }
    // The elements that one point is made of: offsets in a plane (-1: a zero outside) and weights; returns their number.
    static int place(const double* at, size_t rank, const Shape& shape, const Attributes& a, int taps, int64_t* offset, double* weight) {
        int n = 1;
        offset[0] = 0;
        weight[0] = 1;
        const bool zeros = a.padding_mode == "zeros", border = a.padding_mode == "border";
        for (size_t d = 0; d < rank; ++d) {
            const int64_t extent = shape[d + 2];
            const double last = static_cast<double>(extent - 1), low = a.align_corners ? 0 : -0.5, high = a.align_corners ? last : last + 0.5;
            const double u = at[rank - 1 - d];
            double v = a.align_corners ? (u + 1) / 2 * last : ((u + 1) * static_cast<double>(extent) - 1) / 2;
            if (!(v > -0x1p30)) v = -0x1p30;  // and NaN
            if (v > 0x1p30) v = 0x1p30;
            if (taps == 1) v = std::nearbyint(v);
            if (taps < 4 && (v < low || v > high)) {  // the taps of cubic go to the border one by one
                if (border) v = std::clamp(v, 0.0, std::max(last, 0.0));
                else if (!zeros) v = reflect(v, low, high);
            }
            const double base = std::floor(v), r = v - base;
            double w[4];
            if (taps == 1) {
                w[0] = 1;
            } else if (taps == 2) {
                w[0] = 1 - r;
                w[1] = r;
            } else {
                constexpr double k = -0.75;
                const auto far = [&](double t) { return ((k * t - 5 * k) * t + 8 * k) * t - 4 * k; };
                const auto near = [&](double t) { return ((k + 2) * t - (k + 3)) * t * t + 1; };
                w[0] = far(r + 1);
                w[1] = near(r);
                w[2] = near(1 - r);
                w[3] = far(2 - r);
            }
            const int64_t first = static_cast<int64_t>(base) - (taps == 4 ? 1 : 0);
            // From the last to the first, so that the entries of the axes before are read before they are overwritten.
            for (int t = taps; t-- > 0;) {
                int64_t i = first + t;
                if (i < 0 || i >= extent) {
                    if (zeros || extent == 0) i = -1;
                    else if (border) i = std::clamp<int64_t>(i, 0, extent - 1);
                    else i = std::clamp<int64_t>(static_cast<int64_t>(reflect(static_cast<double>(i), low, high)), 0, extent - 1);
                }
                for (int k = 0; k < n; ++k) {
                    offset[t * n + k] = i < 0 || offset[k] < 0 ? -1 : offset[k] * extent + i;
                    weight[t * n + k] = weight[k] * w[t];
                }
            }
            n *= taps;
        }
        return n;
    }
};

LITE_NAMESPACE_END
#endif
