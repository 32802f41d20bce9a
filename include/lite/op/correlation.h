// Correlation: how alike two images are where one of them is displaced (FlowNet).
#ifndef LITE_OP_CORRELATION_H_
#define LITE_OP_CORRELATION_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// Inputs: a, b [N, C, H, W], around which `pad` zeros stand. Output [N, D * D, OH, OW] with D = 2 * (max_displacement / stride2) + 1:
// channel (i, j) is the mean, over the channels and a window of 2 * ((kernel_size - 1) / 2) + 1 pixels a side, of the products (or the
// absolute differences) of a and of b displaced by stride2 times (i - D / 2, j - D / 2). Windows are stride1 apart.
struct Correlation {
    static constexpr std::string_view name = "Correlation";
    static constexpr Spelling spellings[] = {{"mge", "", "CorrelationForward"}};
    struct Attributes {
        int64_t kernel_size = 1, max_displacement = 1, stride1 = 1, stride2 = 1, pad = 0, multiply = 1;
        template <class V> void visit(V& v) {
            v("kernel_size", kernel_size);
            v("max_displacement", max_displacement);
            v("stride1", stride1);
            v("stride2", stride2);
            v("pad", pad);
            v("multiply", multiply);
        }
        int64_t radius() const { return (kernel_size - 1) / 2; }
        int64_t border() const { return max_displacement + radius(); }
        int64_t reach() const { return max_displacement / stride2; }
    };
    static Shape result(const Shape& x, const Attributes& a, const Who& where) {
        constexpr int64_t most = 1 << 15;
        check(a.kernel_size > 0 && a.kernel_size <= most && a.max_displacement >= 0 && a.max_displacement <= most && a.stride1 > 0 && a.stride2 > 0 && a.pad >= 0 && a.pad <= most,
              where, ": kernel_size ", a.kernel_size, ", max_displacement ", a.max_displacement, ", strides ", a.stride1, ", ", a.stride2, ", pad ", a.pad);
        const auto places = [&](int64_t extent) {
            if (extent < 0) return kUnknown;
            const int64_t room = extent + 2 * (a.pad - a.border());
            check(room > 0, where, ": an image of shape ", x, " has no room for displacements of ", a.max_displacement, " with ", a.pad, " zeros around");
            return (room - 1) / a.stride1 + 1;
        };
        const int64_t side = 2 * a.reach() + 1;
        return Shape{x[0], side * side, places(x[2]), places(x[3])};
    }
    static void infer(InferContext& c) {
        const Shape &x = c.shape(0), &y = c.shape(1);
        bool fits = x.rank() == 4 && y.rank() == 4 && is_float(c.input(0).dtype) && c.input(0).dtype == c.input(1).dtype;
        for (size_t k = 0; fits && k < 4; ++k) fits = detail::may_equal(x[k], y[k]);
        c.check_that(fits, "its images are ", c.input(0).dtype, " ", x, " and ", c.input(1).dtype, " ", y, ", two alike [N, C, H, W] were expected");
        c.output(0, c.input(0).dtype, result(x, c.attributes<Attributes>(), c.where()));
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &x = c.input(0).shape, y = result(x, a, c.where());
        const auto p = detail::doubles(c.input(0)), q = detail::doubles(c.input(1));
        detail::check_count(q, static_cast<int64_t>(p.size()));
        const int64_t channels = x[1], rows = x[2], columns = x[3], side = 2 * a.reach() + 1, radius = a.radius(), taps = 2 * radius + 1;
        const auto pixel = [&](const std::vector<double>& v, int64_t plane, int64_t i, int64_t j) {
            return i < 0 || i >= rows || j < 0 || j >= columns ? 0.0 : v[detail::at((plane * rows + i) * columns + j)];
        };
        std::vector<double> out(detail::at(y.count()));
        for (size_t k = 0; k < out.size(); ++k) {
            const int64_t at = static_cast<int64_t>(k), j = at % y[3], i = at / y[3] % y[2], way = at / (y[3] * y[2]) % y[1], image = at / (y[3] * y[2] * y[1]);
            const int64_t down = (way / side - a.reach()) * a.stride2, across = (way % side - a.reach()) * a.stride2;
            const int64_t row = i * a.stride1 + a.border() - a.pad, column = j * a.stride1 + a.border() - a.pad;
            double sum = 0;
            for (int64_t t = 0; t < channels * taps * taps; ++t) {
                const int64_t plane = image * channels + t / (taps * taps), r = row + t / taps % taps - radius, s = column + t % taps - radius;
                const double u = pixel(p, plane, r, s), v = pixel(q, plane, r + down, s + across);
                sum += a.multiply ? u * v : std::abs(u - v);
            }
            out[k] = channels > 0 ? sum / static_cast<double>(channels * taps * taps) : 0;
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, y), out);
    }
};

LITE_NAMESPACE_END
#endif
