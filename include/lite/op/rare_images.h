// AffineGrid, Col2Im, DeformConv, Det, MaxUnpool, SwiGLU, TensorScatter: operators that few models use, by their references only.
#ifndef LITE_OP_RARE_IMAGES_H_
#define LITE_OP_RARE_IMAGES_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// Where each pixel of an image [batch, channels, (depth,) height, width] of `size` comes from: theta [batch, axes, axes + 1] times its
// place in [-1, 1].
struct AffineGrid {
    static constexpr std::string_view name = "AffineGrid";
    static constexpr Spelling spellings[] = {{"onnx", "", "AffineGrid"}};
    struct Attributes {
        int64_t align_corners = 0;
        template <class V> void visit(V& v) { v("align_corners", align_corners); }
    };
    static Shape shape_of(const std::vector<int64_t>& size, const Who& where) {
        check(size.size() == 4 || size.size() == 5, where, ": its size has ", static_cast<int64_t>(size.size()), " numbers");
        Shape s{size[0]};
        for (size_t i = 2; i < size.size(); ++i) s.push_back(size[i]);
        s.push_back(static_cast<int64_t>(size.size()) - 2);
        for (int64_t d : s) check(d >= 0 && d <= kMaxElements, where, ": its size has an extent of ", d);
        return s;
    }
    static void infer(InferContext& c) {
        if (c.value(1)) c.output(0, c.input(0).dtype, shape_of(c.value(1)->values<int64_t>(), c.where()));
        else c.output_unknown(0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        const bool corners = c.attributes<Attributes>().align_corners != 0;
        const Shape s = shape_of(detail::integers(c.input(1)), c.where());
        const int64_t axes = s.back(), pixels = s.count(1, s.rank() - 1);
        c.check_that(c.input(0).shape == Shape{s[0], axes, axes + 1}, "its matrices are ", c.input(0).shape);
        const auto theta = detail::doubles(c.input(0));
        std::vector<double> y(detail::at(s.count()));
        for (int64_t i = 0; i < s[0] * pixels; ++i) {
            double place[4] = {0, 0, 0, 1};
            int64_t rest = i % pixels;
            for (int64_t k = 0; k < axes; ++k) {  // the last axis is x, the first coordinate
                const int64_t n = s[detail::at(axes - k)], p = rest % n;
                rest /= n;
                place[k] = corners ? -1 + 2.0 * static_cast<double>(p) / static_cast<double>(std::max<int64_t>(n - 1, 1)) : (2.0 * static_cast<double>(p) + 1) / static_cast<double>(n) - 1;
            }
            place[axes] = 1;
            for (int64_t r = 0; r < axes; ++r) {
                double sum = 0;
                for (int64_t k = 0; k <= axes; ++k) sum += theta[detail::at((i / pixels * axes + r) * (axes + 1) + k)] * place[k];
                y[detail::at(i * axes + r)] = sum;
            }
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, s), y);
    }
};

// Blocks [batch, channels * window, places] added up into an image: the reverse of cutting it into overlapping windows. Inputs:
// blocks, shape of the image, shape of the window.
struct Col2Im {
    static constexpr std::string_view name = "Col2Im";
    static constexpr Spelling spellings[] = {{"onnx", "", "Col2Im"}};
    struct Attributes {
        std::vector<int64_t> dilations, pads, strides;
        template <class V> void visit(V& v) {
            v("dilations", dilations);
            v("pads", pads);
            v("strides", strides);
        }
    };
    static Shape shape_of(const Shape& x, const std::vector<int64_t>& image, const std::vector<int64_t>& window, const Who& where) {
        check(x.rank() == 3 && image.size() == window.size() && !image.empty() && image.size() + 2 <= kMaxRank, where, ": blocks are ", x);
        int64_t taps = 1;
        for (int64_t w : window) {
            check(w > 0 && w <= kMaxElements, where, ": its window has an extent of ", w);
            check(!__builtin_mul_overflow(taps, w, &taps), where, ": its window is too large");
        }
        Shape y{x[0], x[1] < 0 ? kUnknown : x[1] / taps};
        for (int64_t d : image) {
            check(d >= 0 && d <= kMaxElements, where, ": its image has an extent of ", d);
            y.push_back(d);
        }
        return y;
    }
    static void infer(InferContext& c) {
        if (c.value(1) && c.value(2)) c.output(0, c.input(0).dtype, shape_of(c.shape(0), c.value(1)->values<int64_t>(), c.value(2)->values<int64_t>(), c.where()));
        else c.output_unknown(0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        auto a = c.attributes<Attributes>();
        const auto image = detail::integers(c.input(1)), window = detail::integers(c.input(2));
        const Shape &x = c.input(0).shape, y = shape_of(x, image, window, c.where());
        const size_t axes = image.size();
        c.check_that(detail::sane(a.dilations, 1) && detail::sane(a.strides, 1) && detail::sane(a.pads, 0), "dilations ", text(a.dilations), ", strides ",
                     text(a.strides), ", pads ", text(a.pads));
        a.dilations.resize(axes, 1);
        a.strides.resize(axes, 1);
        a.pads.resize(2 * axes, 0);
        std::vector<int64_t> places(axes);
        int64_t taps = 1, all = 1, pixels = 1;
        for (size_t k = 0; k < axes; ++k) {
            const int64_t room = image[k] + a.pads[k] + a.pads[axes + k] - a.dilations[k] * std::min(window[k] - 1, int64_t{1} << 31) - 1;
            places[k] = room < 0 ? 0 : room / a.strides[k] + 1;
            taps *= window[k];
            pixels *= image[k];
            c.check_that(!__builtin_mul_overflow(all, places[k], &all), "the image ", y, " has too many places");
        }
        c.check_that(all == x[2] && x[1] == y[1] * taps, "blocks are ", x, ", the image ", y, " has ", all, " places of ", taps, " elements");
        const auto in = detail::doubles(c.input(0));
        std::vector<double> out(detail::at(y.count()));
        for (int64_t i = 0; i < x.count(); ++i) {
            int64_t place = i % all, tap = i / all % taps, offset = 0, step = 1;
            bool inside = true;
            for (size_t k = axes; k-- > 0;) {
                const int64_t p = place % places[k] * a.strides[k] + tap % window[k] * a.dilations[k] - a.pads[k];
                place /= places[k];
                tap /= window[k];
                inside = inside && p >= 0 && p < image[k];
                offset += p * step;
                step *= image[k];
            }
            if (inside) out[detail::at(i / all / taps * pixels + offset)] += in[detail::at(i)];
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, y), out);
    }
};

// A convolution of images whose taps are moved by offsets [batch, offset groups * window * 2, out height, out width], and weighted by
// a mask. Inputs: x, w, offsets, bias (optional), mask (optional).
struct DeformConv {
    static constexpr std::string_view name = "DeformConv";
    static constexpr Spelling spellings[] = {{"onnx", "", "DeformConv"}};
    struct Attributes {
        std::vector<int64_t> dilations, kernel_shape, pads, strides;
        int64_t group = 1, offset_group = 1;
        template <class V> void visit(V& v) {
            v("dilations", dilations);
            v("kernel_shape", kernel_shape);
            v("pads", pads);
            v("strides", strides);
            v("group", group);
            v("offset_group", offset_group);
        }
    };
    static void infer(InferContext& c) {
        const Shape &x = c.shape(0), &w = c.shape(1), &o = c.shape(2);
        const auto a = c.attributes<Attributes>();
        c.check_that(x.rank() == 4 && w.rank() == 4 && o.rank() == 4 && a.group > 0 && a.offset_group > 0 &&
                         a.group <= kMaxElements / std::max<int64_t>(w[1], 1), "its input is ", x, ", its weights ", w, ", its offsets ", o);
        c.check_that(x[1] < 0 || w[1] < 0 || (x[1] == w[1] * a.group && x[1] % a.offset_group == 0 && w[0] % a.group == 0), "its input is ", x, ", its weights ", w);
        c.check_that(detail::may_equal(o[0], x[0]) && (o[1] < 0 || w[2] < 0 || w[3] < 0 || (o[1] % a.offset_group == 0 && o[1] / a.offset_group == Shape{w[2], w[3], 2}.count())), "its input is ", x,
                     ", its offsets ", o, ", its weights ", w);
        c.check_that(detail::sane(a.dilations, 1) && detail::sane(a.strides, 1) && detail::sane(a.pads, 0), "dilations ", text(a.dilations), ", strides ",
                     text(a.strides), ", pads ", text(a.pads));
        c.output(0, c.input(0).dtype, Shape{x[0], w[0], o[2], o[3]});
    }
    static void reference(RunContext& c) {
        auto a = c.attributes<Attributes>();
        a.dilations.resize(2, 1);
        a.strides.resize(2, 1);
        a.pads.resize(4, 0);
        const Shape &xs = c.input(0).shape, &ws = c.input(1).shape, &os = c.input(2).shape;
        const auto x = detail::doubles(c.input(0)), w = detail::doubles(c.input(1)), offset = detail::doubles(c.input(2));
        const auto bias = c.has_input(3) ? detail::doubles(c.input(3)) : std::vector<double>(detail::at(ws[0]));
        const auto mask = c.has_input(4) ? detail::doubles(c.input(4)) : std::vector<double>(offset.size() / 2, 1.0);
        detail::check_count(bias, ws[0]);
        detail::check_count(mask, static_cast<int64_t>(offset.size() / 2));
        const int64_t height = xs[2], width = xs[3], taps = ws[2] * ws[3], pixels = os[2] * os[3], per_group = ws[0] / a.group, per_offset = xs[1] / a.offset_group;
        const auto pixel = [&](const double* p, int64_t i, int64_t j) { return i < 0 || i >= height || j < 0 || j >= width ? 0.0 : p[i * width + j]; };
        std::vector<double> y(detail::at(xs[0] * ws[0] * pixels));
        for (int64_t b = 0; b < xs[0]; ++b)
            for (int64_t m = 0; m < ws[0]; ++m)
                for (int64_t o = 0; o < pixels; ++o) {
                    double sum = bias[detail::at(m)];
                    for (int64_t k = 0; k < ws[1]; ++k) {
                        const int64_t channel = m / per_group * ws[1] + k, group = channel / per_offset;
                        const double* plane = x.data() + (b * xs[1] + channel) * height * width;
                        for (int64_t t = 0; t < taps; ++t) {
                            const int64_t at = (b * a.offset_group + group) * taps + t;
                            const double i = static_cast<double>(o / os[3] * a.strides[0] - a.pads[0] + t / ws[3] * a.dilations[0]) + offset[detail::at(at * 2 * pixels + o)];
                            const double j = static_cast<double>(o % os[3] * a.strides[1] - a.pads[1] + t % ws[3] * a.dilations[1]) + offset[detail::at((at * 2 + 1) * pixels + o)];
                            if (!(i > -1 && i < static_cast<double>(height) && j > -1 && j < static_cast<double>(width))) continue;
                            const int64_t i0 = static_cast<int64_t>(std::floor(i)), j0 = static_cast<int64_t>(std::floor(j));
                            const double u = i - static_cast<double>(i0), v = j - static_cast<double>(j0);
                            const double value = (1 - u) * ((1 - v) * pixel(plane, i0, j0) + v * pixel(plane, i0, j0 + 1)) +
                                                 u * ((1 - v) * pixel(plane, i0 + 1, j0) + v * pixel(plane, i0 + 1, j0 + 1));
                            sum += value * w[detail::at((m * ws[1] + k) * taps + t)] * mask[detail::at(at * pixels + o)];
                        }
                    }
                    y[detail::at((b * ws[0] + m) * pixels + o)] = sum;
                }
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{xs[0], ws[0], os[2], os[3]}), y);
    }
};

// The determinants of matrices [..., n, n].
struct Det {
    static constexpr std::string_view name = "Det";
    static constexpr Spelling spellings[] = {{"onnx", "", "Det"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static Shape shape_of(const Shape& x, const Who& where) {
        check(x.rank() >= 2 && (x.at(-1) < 0 || x.at(-2) < 0 || x.at(-1) == x.at(-2)), where, ": its matrices are ", x);
        Shape y = x;
        y.resize(x.rank() - 2);
        return y;
    }
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, shape_of(c.shape(0), c.where())); }
    static void reference(RunContext& c) {
        const Shape &x = c.input(0).shape, y = shape_of(x, c.where());
        const int64_t n = x.back();
        auto all = detail::doubles(c.input(0));
        std::vector<double> out(detail::at(y.count()), 1.0);
        for (size_t m = 0; m < out.size(); ++m) {
            double* a = all.data() + static_cast<int64_t>(m) * n * n;
            for (int64_t i = 0; i < n && out[m] != 0; ++i) {
                int64_t pivot = i;
                for (int64_t r = i + 1; r < n; ++r)
                    if (std::abs(a[r * n + i]) > std::abs(a[pivot * n + i])) pivot = r;
                if (pivot != i) {
                    std::swap_ranges(a + i * n, a + (i + 1) * n, a + pivot * n);
                    out[m] = -out[m];
                }
                out[m] *= a[i * n + i];
                for (int64_t r = i + 1; r < n && out[m] != 0; ++r) {
                    const double f = a[r * n + i] / a[i * n + i];
                    for (int64_t k = i; k < n; ++k) a[r * n + k] -= f * a[i * n + k];
                }
            }
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, y), out);
    }
};

// The largest elements put back where MaxPool found them. Inputs: x, their places, shape of the output (optional).
struct MaxUnpool {
    static constexpr std::string_view name = "MaxUnpool";
    static constexpr Spelling spellings[] = {{"onnx", "", "MaxUnpool"}};
    struct Attributes {
        std::vector<int64_t> kernel_shape, pads, strides;
        template <class V> void visit(V& v) {
            v("kernel_shape", kernel_shape);
            v("pads", pads);
            v("strides", strides);
        }
    };
    static Shape pooled_from(Attributes a, const Shape& x, const Who& where) {
        const size_t axes = a.kernel_shape.size();
        check(axes + 2 == x.rank(), where, ": its input is ", x, ", its kernel has ", static_cast<int64_t>(axes), " axes");
        check(detail::sane(a.kernel_shape, 1) && detail::sane(a.strides, 1) && detail::sane(a.pads, 0), where, ": kernel ", text(a.kernel_shape), ", strides ",
              text(a.strides), ", pads ", text(a.pads));
        a.strides.resize(axes, 1);
        a.pads.resize(2 * axes, 0);
        Shape y = x;
        for (size_t k = 0; k < axes; ++k)
            if (x[k + 2] >= 0) y[k + 2] = std::max<int64_t>((std::min(x[k + 2], int64_t{1} << 31) - 1) * a.strides[k] - a.pads[k] - a.pads[axes + k] + a.kernel_shape[k], 0);
        return y;
    }
    static void infer(InferContext& c) {
        const Shape y = pooled_from(c.attributes<Attributes>(), c.shape(0), c.where());
        if (!c.has_input(2)) c.output(0, c.input(0).dtype, y);
        else if (c.value(2)) c.output(0, c.input(0).dtype, Shape(c.value(2)->values<int64_t>()));
        else c.output_unknown(0, c.input(0).dtype, static_cast<int>(y.rank()));
    }
    static void reference(RunContext& c) {
        const Shape inner = pooled_from(c.attributes<Attributes>(), c.input(0).shape, c.where());
        const Shape s = c.has_input(2) ? Shape(detail::integers(c.input(2))) : inner;
        const TensorView y = c.output(0, c.input(0).dtype, s);
        c.check_that(s.rank() == inner.rank() && c.input(1).shape == c.input(0).shape, "its output is ", s, ", its places ", c.input(1).shape);
        const auto places = detail::integers(c.input(1));
        const size_t es = size_of(y.dtype);
        if (y.bytes()) std::memset(y.data, 0, y.bytes());
        for (size_t i = 0; i < places.size(); ++i) {
            int64_t place = places[i], offset = 0, step = 1;
            bool inside = place >= 0 && place < inner.count();
            for (size_t k = s.rank(); inside && k-- > 0;) {  // the places are those of an output that is not enlarged
                offset += place % inner[k] * step;
                inside = place % inner[k] < s[k];
                step *= s[k];
                place /= inner[k];
            }
            if (inside) std::memcpy(y.as<std::byte>() + detail::at(offset) * es, c.input(0).as<std::byte>() + i * es, es);
        }
    }
};

// a sigmoid(alpha a) b.
struct SwiGLU {
    static constexpr std::string_view name = "SwiGLU";
    static constexpr Spelling spellings[] = {{"onnx", "", "SwiGLU"}};
    struct Attributes {
        float alpha = 1.f;
        template <class V> void visit(V& v) { v("alpha", alpha); }
    };
    static void infer(InferContext& c) {
        if (c.input(0).shape_known() && c.input(1).shape_known()) c.check_that(c.shape(0) == c.shape(1), "its inputs are ", c.shape(0), " and ", c.shape(1));
        detail::like_input(c, 0, 0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        const double alpha = c.attributes<Attributes>().alpha;
        c.check_that(c.input(0).shape == c.input(1).shape, "its inputs are ", c.input(0).shape, " and ", c.input(1).shape);
        auto a = detail::doubles(c.input(0));
        const auto b = detail::doubles(c.input(1));
        for (size_t i = 0; i < a.size(); ++i) a[i] = a[i] / (1 + std::exp(-alpha * a[i])) * b[i];
        detail::put_doubles(c.output(0, c.input(0).dtype, c.input(0).shape), a);
    }
};

// A cache [batch, ..., length, ...] with an update written from an index of each batch on. Inputs: cache, update, indices (optional).
struct TensorScatter {
    static constexpr std::string_view name = "TensorScatter";
    static constexpr Spelling spellings[] = {{"onnx", "", "TensorScatter"}};
    struct Attributes {
        int64_t axis = -2;
        std::string mode = "linear";
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("mode", mode);
        }
    };
    static void infer(InferContext& c) { detail::like_input(c, 0, 0, c.input(0).dtype); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &cache = c.input(0), &update = c.input(1), y = c.output(0, cache.dtype, cache.shape);
        const size_t axis = normalize_axis(a.axis, cache.shape.rank(), c.where()), es = size_of(y.dtype);
        Shape fits = cache.shape;
        if (update.shape.rank() == fits.rank()) fits[axis] = update.shape[axis];
        c.check_that(axis > 0 && update.shape == fits && update.dtype == cache.dtype, "its cache is ", cache.shape, ", its update ", update.shape);
        const auto indices = c.has_input(2) ? detail::integers(c.input(2)) : std::vector<int64_t>(detail::at(cache.shape[0]));
        const int64_t room = cache.shape[axis], length = update.shape[axis], outer = cache.shape.count(0, axis), per_batch = cache.shape.count(1, axis);
        const size_t inner = detail::at(cache.shape.count(axis + 1, cache.shape.rank())) * es;
        c.check_that(static_cast<int64_t>(indices.size()) == cache.shape[0], "it has ", static_cast<int64_t>(indices.size()), " indices for a batch of ", cache.shape[0]);
        if (y.bytes()) std::memcpy(y.data, cache.data, y.bytes());
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i = 0; i < length; ++i) {
                const int64_t from = indices[detail::at(o / per_batch)];
                c.check_that(from >= 0 && from <= kMaxElements, "index ", from, " is outside a cache of ", room);
                int64_t to = from + i;
                if (a.mode == "circular" && room > 0) to %= room;
                c.check_that(to >= 0 && to < room, "index ", to, " is outside a cache of ", room);
                if (inner) std::memcpy(y.as<std::byte>() + detail::at(o * room + to) * inner, update.as<std::byte>() + detail::at(o * length + i) * inner, inner);
            }
    }
};

LITE_NAMESPACE_END
#endif
