// Remap, WarpPerspective: images sampled at the pixels that a map or a projective matrix names.
#ifndef LITE_OP_REMAP_H_
#define LITE_OP_REMAP_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// What stands outside of an image: its border pixel, its mirror image (with or without the border pixel twice), its repetition, or a
// constant. Values are stored in graphs.
enum class ImageBorder : int64_t { replicate, reflect, reflect_101, wrap, constant };

namespace detail {
// Where coordinate i outside [0, n) lies inside; -1: nowhere (constant).
inline int64_t border_position(int64_t i, int64_t n, ImageBorder border) {
    if (i >= 0 && i < n) return i;
    switch (border) {
        case ImageBorder::replicate: return i < 0 ? 0 : n - 1;
        case ImageBorder::wrap: {
            const int64_t r = i % n;
            return r < 0 ? r + n : r;
        }
        case ImageBorder::reflect:
        case ImageBorder::reflect_101: {
            if (n == 1) return 0;
            const int64_t twice = border == ImageBorder::reflect ? 0 : 1, period = 2 * (n - twice);
            int64_t r = i % period;
            if (r < 0) r += period;
            return r < n ? r : period - r - 1 + twice;
        }
        case ImageBorder::constant: return -1;
    }
    return -1;
}
// One image of x sampled at (w, h) for all channels, into y at `to`. Coordinates that are no numbers, or far outside, are clamped.
struct ImageSampler {
    const TensorView &x, &y;
    ImageBorder border;
    float border_value;
    bool linear;
    float steps;  // coordinates are rounded to so many steps of a pixel; 0: they are not

    template <class W> void sample(int64_t image, float w, float h, int64_t to, int64_t plane) const {
        const int64_t channels = x.shape[1], rows = x.shape[2], columns = x.shape[3];
        constexpr float far = 1e9f;
        w = w > -far ? w : -far;
        h = h > -far ? h : -far;
        w = w < far ? w : far;
        h = h < far ? h : far;
        if (steps > 0) {
            w = std::nearbyint(w * steps) / steps;
            h = std::nearbyint(h * steps) / steps;
        }
        const float w0 = linear ? std::floor(w) : std::nearbyint(w), h0 = linear ? std::floor(h) : std::nearbyint(h);
        int64_t at[4];
        float weight[4] = {1, 0, 0, 0};
        const int taps = linear ? 4 : 1;
        for (int t = 0; t < taps; ++t) {
            const int64_t c = border_position(static_cast<int64_t>(w0) + t % 2, columns, border), r = border_position(static_cast<int64_t>(h0) + t / 2, rows, border);
            at[t] = c < 0 || r < 0 ? -1 : r * columns + c;
            if (linear) weight[t] = (t % 2 ? w - w0 : 1 - (w - w0)) * (t / 2 ? h - h0 : 1 - (h - h0));
        }
        for (int64_t c = 0; c < channels; ++c) {
            double sum = 0;
            for (int t = 0; t < taps; ++t) {
                W v = static_cast<W>(border_value);
                if (at[t] >= 0) load_wide(x, (image * channels + c) * rows * columns + at[t], 1, 1, &v);
                sum += static_cast<double>(weight[t]) * static_cast<double>(v);
            }
            const W out = static_cast<W>(std::is_integral_v<W> ? std::round(sum) : sum);
            store_wide(y, to + c * plane, 1, 1, &out);
        }
    }
};
inline void check_image(const InferContext& c) {
    const TensorInfo& x = c.input(0);
    c.check_that(x.dtype != DType::boolean, "the image is ", x.dtype, ", numbers were expected");
    if (x.has_shape) c.check_that(x.shape.rank() == 4, "the image has shape ", x.shape, ", [N, C, H, W] was expected");
    c.check_that(c.input(1).dtype == DType::f32, "input 1 is ", c.input(1).dtype, ", f32 was expected");
}
// f(image, row, column, offset in y of channel 0) for every output pixel, over the threads.
template <class F> void for_each_pixel(const TensorView& y, ThreadPool* pool, const F& f) {
    const int64_t rows = y.shape[2], columns = y.shape[3], channels = y.shape[1];
    const size_t all = static_cast<size_t>(y.shape[0] * rows);
    const auto work = [&](size_t begin, size_t end, int) {
        for (size_t i = begin; i < end; ++i) {
            const int64_t image = static_cast<int64_t>(i) / rows, row = static_cast<int64_t>(i) % rows;
            for (int64_t column = 0; column < columns; ++column) f(image, row, column, image * channels * rows * columns + row * columns + column);
        }
    };
    if (!pool || y.count() < 4096) work(0, all, 0);
    else pool->parallel_for(all, 1, work);
}
}  // namespace detail

struct ImageSamplingAttributes {
    ImageBorder border = ImageBorder::replicate;
    float border_value = 0.f;
    bool linear = true;  // else the nearest pixel
    int64_t steps = 0;   // coordinates are rounded to so many steps of a pixel, as tables of weights have them; 0: they are not
    template <class V> void visit(V& v) {
        v("border", border);
        v("border_value", border_value);
        v("linear", linear);
        v("steps", steps);
    }
};

// y[n, c, i, j] = x[n, c, row, column] with (column, row) = map[n, i, j], in pixels, between which is interpolated. x is
// [N, C, H, W], the map f32 [N, OH, OW, 2].
struct Remap {
    static constexpr std::string_view name = "Remap";
    static constexpr Spelling spellings[] = {{"mge", "", "RemapV1"}};
    using Attributes = ImageSamplingAttributes;
    static void infer(InferContext& c) {
        detail::check_image(c);
        const TensorInfo &x = c.input(0), &m = c.input(1);
        if (!x.has_shape || !m.has_shape) return c.output_unknown(0, x.dtype, 4);
        c.check_that(m.shape.rank() == 4 && (m.shape[3] == 2 || m.shape[3] < 0) && (m.shape[0] == x.shape[0] || m.shape[0] < 0 || x.shape[0] < 0), "a map of shape ",
                     m.shape, " for an image of shape ", x.shape);
        const Shape y{x.shape[0] < 0 ? m.shape[0] : x.shape[0], x.shape[1], m.shape[1], m.shape[2]};
        if (x.shape_known() && y.known()) c.check_that(x.shape.count(2, 4) > 0 || y.count() == 0, "an image without pixels");
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &m = c.input(1);
        const TensorView y = c.output(0, x.dtype, Shape{x.shape[0], x.shape[1], m.shape[1], m.shape[2]});
        const detail::ImageSampler s{x, y, a.border, a.border_value, a.linear, static_cast<float>(a.steps)};
        const int64_t plane = y.shape[2] * y.shape[3];
        const float* map = m.as<const float>();
        visit_wide(x.dtype, [&](auto tag) {
            detail::for_each_pixel(y, c.pool, [&](int64_t image, int64_t row, int64_t column, int64_t to) {
                const float* p = map + 2 * ((image * y.shape[2] + row) * y.shape[3] + column);
                s.sample<decltype(tag)>(image, p[0], p[1], to, plane);
            });
        });
    }
};

// y[n, c, i, j] = x[k, c, row, column] with column = (m0 j + m1 i + m2) / d, row = (m3 j + m4 i + m5) / d, d = m6 j + m7 i + m8
// and m = mat[n]. With `fixed_point`, for matrices whose d is 1, m0 j and m1 i + m2 are rounded to 1024ths before they are added, and
// their sum to the nearest 32nd of a pixel (between which is interpolated) or to the nearest pixel, halves up. Inputs: x [K, C, H, W], mat f32 [N, 3, 3], the extents [OH, OW], and for each n its image k (default: n).
struct WarpPerspective {
    static constexpr std::string_view name = "WarpPerspective";
    static constexpr Spelling spellings[] = {{"mge", "", "WarpPerspectiveV2"}};
    struct Attributes : ImageSamplingAttributes {
        bool fixed_point = false;
        template <class V> void visit(V& v) {
            ImageSamplingAttributes::visit(v);
            v("fixed_point", fixed_point);
        }
    };
    static Shape result(const Shape& x, const Shape& mat, const std::vector<int64_t>& extents) { return Shape{mat[0], x[1], extents[0], extents.size() > 1 ? extents[1] : extents[0]}; }
    static void infer(InferContext& c) {
        detail::check_image(c);
        const TensorInfo &x = c.input(0), &m = c.input(1);
        if (!x.has_shape || !m.has_shape) return c.output_unknown(0, x.dtype, 4);
        c.check_that(m.shape.rank() == 3 && (m.shape[1] == 3 || m.shape[1] < 0) && (m.shape[2] == 3 || m.shape[2] < 0), "matrices of shape ", m.shape,
                     ", [N, 3, 3] was expected");
        if (!c.has_input(3)) c.check_that(m.shape[0] == x.shape[0] || m.shape[0] < 0 || x.shape[0] < 0, m.shape[0], " matrices for ", x.shape[0], " images");
        const Array* size = c.value(2);
        std::vector<int64_t> extents(2, kUnknown);
        if (size) {
            extents = size->values<int64_t>();
            c.check_that((extents.size() == 1 || extents.size() == 2) && std::all_of(extents.begin(), extents.end(), [](int64_t e) { return e >= 0; }), "an output of ",
                         extents, " pixels");
        }
        const Shape y = result(x.shape, m.shape, extents);
        if (x.shape_known() && y.known()) c.check_that(x.shape.count(2, 4) > 0 || y.count() == 0, "an image without pixels");
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &m = c.input(1);
        const std::vector<int64_t> extents = c.input(2).values<int64_t>();
        c.check_that((extents.size() == 1 || extents.size() == 2) && std::all_of(extents.begin(), extents.end(), [](int64_t e) { return e >= 0; }), "an output of ",
                     extents, " pixels");
        const std::vector<int64_t> images = c.has_input(3) ? c.input(3).values<int64_t>() : std::vector<int64_t>();
        for (int64_t k : images) c.check_that(k >= 0 && k < x.shape[0], "image ", k, " of ", x.shape[0]);
        c.check_that(images.empty() || static_cast<int64_t>(images.size()) == m.shape[0], images.size(), " images for ", m.shape[0], " matrices");
        const TensorView y = c.output(0, x.dtype, result(x.shape, m.shape, extents));
        const detail::ImageSampler s{x, y, a.border, a.border_value, a.linear, static_cast<float>(a.steps)};
        const int64_t plane = y.shape[2] * y.shape[3];
        const float* mats = m.as<const float>();
        visit_wide(x.dtype, [&](auto tag) {
            detail::for_each_pixel(y, c.pool, [&](int64_t n, int64_t row, int64_t column, int64_t to) {
                const float *p = mats + 9 * n, i = static_cast<float>(row), j = static_cast<float>(column);
                const float d = p[6] * j + p[7] * i + p[8];
                const auto place = [&](const float* of) {
                    if (!a.fixed_point) return (of[0] * j + of[1] * i + of[2]) / d;
                    const double w = std::nearbyint(double{of[0]} * static_cast<double>(column) * 1024) + std::nearbyint((double{of[1]} * static_cast<double>(row) + double{of[2]}) * 1024), step = a.linear ? 32 : 1024;
                    return static_cast<float>(std::floor((w + step / 2) / step) * step / 1024);
                };
                s.sample<decltype(tag)>(images.empty() ? n : images[static_cast<size_t>(n)], place(p), place(p + 3), to, plane);
            });
        });
    }
};

LITE_NAMESPACE_END
#endif
