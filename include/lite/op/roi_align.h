// RoiAlign: every region of interest pooled to an image of one size.
#ifndef LITE_OP_ROI_ALIGN_H_
#define LITE_OP_ROI_ALIGN_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Inputs: x [N, C, H, W], regions [R, 4] as x1, y1, x2, y2, i64 [R] image of each. Output [R, C, output_height, output_width].
struct RoiAlign {
    static constexpr std::string_view name = "RoiAlign";
    static constexpr Spelling spellings[] = {{"onnx", "", "RoiAlign"}};
    struct Attributes {
        std::string mode = "avg", coordinate_transformation_mode;
        int64_t output_height = 1, output_width = 1, sampling_ratio = 0;
        float spatial_scale = 1.f;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("coordinate_transformation_mode", coordinate_transformation_mode);
            v("output_height", output_height);
            v("output_width", output_width);
            v("sampling_ratio", sampling_ratio);
            v("spatial_scale", spatial_scale);
        }
    };
    static constexpr int64_t kMostSamples = 10000;  // in a row of one output pixel
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &r = c.input(1), &b = c.input(2);
        const auto a = c.attributes<Attributes>();
        c.check_that(a.mode == "avg" || a.mode == "max", "mode '", a.mode, "'");
        c.check_that(is_float(x.dtype) && x.dtype == r.dtype, "the image is ", x.dtype, ", the regions are ", r.dtype, ", the same kind of float was expected");
        c.check_that(b.dtype == DType::i64, "the images of the regions are ", b.dtype, ", i64 was expected");
        c.check_that(a.output_height > 0 && a.output_width > 0 && a.sampling_ratio >= 0 && a.sampling_ratio <= kMostSamples, "output ",
                     a.output_height, " x ", a.output_width, ", sampling_ratio ", a.sampling_ratio);
        if (x.has_shape) c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        if (r.has_shape) c.check_that(r.shape.rank() == 2 && (r.shape[1] < 0 || r.shape[1] == 4), "input 1 has shape ", r.shape, ", [regions, 4] was expected");
        if (b.has_shape)
            c.check_that(b.shape.rank() == 1 && (!r.has_shape || b.shape[0] < 0 || r.shape[0] < 0 || b.shape[0] == r.shape[0]), "input 2 has shape ",
                         b.shape, ", the image of each region was expected");
        const int64_t regions = r.has_shape && r.shape[0] >= 0 ? r.shape[0] : b.has_shape && b.shape.rank() == 1 ? b.shape[0] : kUnknown;
        c.output(0, x.dtype, Shape{regions, x.has_shape ? x.shape[1] : kUnknown, a.output_height, a.output_width});
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const auto a = c.attributes<Attributes>();
        const bool half = a.coordinate_transformation_mode.empty() ? c.version() >= 16 : a.coordinate_transformation_mode == "half_pixel";
        const std::vector<float> regions = c.input(1).values<float>();
        const std::vector<int64_t> images = c.input(2).values<int64_t>();
        c.check_that(regions.size() == 4 * images.size() && y.shape[0] == static_cast<int64_t>(images.size()), images.size(),
                     " images for regions of shape ", c.input(1).shape);
        for (int64_t i : images) c.check_that(i >= 0 && i < x.shape[0], "a region of image ", i, " of ", x.shape[0]);
        if (x.count() == 0) {  // an image without pixels
            if (y.bytes()) std::memset(y.data, 0, y.bytes());
            return;
        }
        const Pooling pooling = x.dtype == DType::f64   ? &pool<double, double>
                                : x.dtype == DType::f16  ? &pool<Half, float>
                                : x.dtype == DType::bf16 ? &pool<BFloat16, float>
                                                         : &pool<float, float>;
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) region(x, images[r], &regions[4 * r], a, half, y, static_cast<int64_t>(r), pooling);
        };
        if (c.pool) c.pool->parallel_for(images.size(), 1, work);
        else work(0, images.size(), 0);
    }

private:
    struct Sample {
        int64_t at[4];
        float w[4];
    };
    // One pixel of all channels: elements `from` on of x, `to` on of y.
    using Pooling = void (*)(const TensorView& x, int64_t from, const std::vector<Sample>& samples, bool average, const TensorView& y, int64_t to);
    template <class T, class V>
    static void pool(const TensorView& x, int64_t from, const std::vector<Sample>& samples, bool average, const TensorView& y, int64_t to) {
        const int64_t in_plane = x.shape.count(2, 4), out_plane = y.shape.count(2, 4);
        for (int64_t ch = 0; ch < x.shape[1]; ++ch) {
            const T* p = x.as<const T>() + from + ch * in_plane;
            V result(0);
            bool first = true;
            for (const Sample& s : samples) {
                V t[4];
                for (int k = 0; k < 4; ++k) t[k] = static_cast<V>(s.w[k]) * static_cast<V>(p[s.at[k]]);
                if (average) {
                    result += t[0] + t[1] + t[2] + t[3];
                } else {
                    const V m = std::max(std::max(t[0], t[1]), std::max(t[2], t[3]));
                    result = first ? m : std::max(result, m);
                    first = false;
                }
            }
            if (average) result /= static_cast<V>(std::max<size_t>(samples.size(), 1));
            y.as<T>()[to + ch * out_plane] = static_cast<T>(result);
        }
    }
    static void region(const TensorView& x, int64_t image, const float* box, const Attributes& a, bool half, const TensorView& y, int64_t index, Pooling pooling) {
        const int64_t channels = x.shape[1], height = x.shape[2], width = x.shape[3];
        const float offset = half ? 0.5f : 0.f;
        const float x0 = box[0] * a.spatial_scale - offset, y0 = box[1] * a.spatial_scale - offset;
        float w = box[2] * a.spatial_scale - offset - x0, h = box[3] * a.spatial_scale - offset - y0;
        if (!half) {
            w = std::max(w, 1.f);
            h = std::max(h, 1.f);
        }
        const float bin_h = h / static_cast<float>(a.output_height), bin_w = w / static_cast<float>(a.output_width);
        const auto samples_of = [&](float bin) { return a.sampling_ratio > 0 ? a.sampling_ratio : static_cast<int64_t>(std::clamp(std::ceil(bin), 0.f, static_cast<float>(kMostSamples))); };
        const int64_t ny = samples_of(bin_h), nx = samples_of(bin_w);
        std::vector<Sample> samples(static_cast<size_t>(ny * nx));
        const bool average = a.mode == "avg";
        for (int64_t py = 0; py < a.output_height; ++py)
            for (int64_t px = 0; px < a.output_width; ++px) {
                for (int64_t i = 0; i < ny * nx; ++i) {
                    const float v = y0 + static_cast<float>(py) * bin_h + (static_cast<float>(i / nx) + 0.5f) * bin_h / static_cast<float>(ny);
                    const float u = x0 + static_cast<float>(px) * bin_w + (static_cast<float>(i % nx) + 0.5f) * bin_w / static_cast<float>(nx);
                    samples[static_cast<size_t>(i)] = sample(u, v, height, width);
                }
                pooling(x, image * channels * height * width, samples, average, y, (index * channels * a.output_height + py) * a.output_width + px);
            }
    }
    static Sample sample(float u, float v, int64_t height, int64_t width) {
        if (!(v >= -1.f && v <= static_cast<float>(height) && u >= -1.f && u <= static_cast<float>(width))) return {};
        v = std::max(v, 0.f);
        u = std::max(u, 0.f);
        int64_t r0 = static_cast<int64_t>(v), c0 = static_cast<int64_t>(u), r1 = r0 + 1, c1 = c0 + 1;
        if (r0 >= height - 1) {
            r0 = r1 = height - 1;
            v = static_cast<float>(r0);
        }
        if (c0 >= width - 1) {
            c0 = c1 = width - 1;
            u = static_cast<float>(c0);
        }
        const float ly = v - static_cast<float>(r0), lx = u - static_cast<float>(c0), hy = 1.f - ly, hx = 1.f - lx;
        return {{r0 * width + c0, r0 * width + c1, r1 * width + c0, r1 * width + c1}, {hy * hx, hy * lx, ly * hx, ly * lx}};
    }
};

LITE_NAMESPACE_END
#endif
