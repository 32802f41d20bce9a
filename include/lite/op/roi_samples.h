// RoiSamples: every region of interest as an image of one size, of samples around which what lies outside of the image is zero.
#ifndef LITE_OP_ROI_SAMPLES_H_
#define LITE_OP_ROI_SAMPLES_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Inputs: x [N, C, H, W], regions [R, 5] as image, x1, y1, x2, y2, both f32. A region has the corners scaled, less `offset`, and may be
// empty; each of its cells is the mean (or the maximum) of sample_height x sample_width bilinear samples spread evenly over it. RoiAlign
// is ONNX's form, which clamps samples near the border instead.
struct RoiSamples {
    static constexpr std::string_view name = "RoiSamples";
    static constexpr Spelling spellings[] = {{"mge", "", "ROIAlignV1"}};
    struct Attributes {
        int64_t mean = 1, output_height = 1, output_width = 1, sample_height = 2, sample_width = 2;
        float spatial_scale = 1.f, offset = 0.f;
        template <class V> void visit(V& v) {
            v("mean", mean);
            v("output_height", output_height);
            v("output_width", output_width);
            v("sample_height", sample_height);
            v("sample_width", sample_width);
            v("spatial_scale", spatial_scale);
            v("offset", offset);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &r = c.input(1);
        const auto a = c.attributes<Attributes>();
        c.check_that(x.dtype == DType::f32 && r.dtype == DType::f32, "the image is ", x.dtype, ", the regions are ", r.dtype, ", f32 was expected");
        c.check_that(a.output_height > 0 && a.output_width > 0 && a.sample_height > 0 && a.sample_width > 0 && a.sample_height <= 1000 && a.sample_width <= 1000,
                     "output ", a.output_height, " x ", a.output_width, " of ", a.sample_height, " x ", a.sample_width, " samples");
        if (x.has_shape) c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        if (r.has_shape) c.check_that(r.shape.rank() == 2 && (r.shape[1] < 0 || r.shape[1] == 5), "input 1 has shape ", r.shape, ", [regions, 5] was expected");
        c.output(0, x.dtype, Shape{r.has_shape ? r.shape[0] : kUnknown, x.has_shape ? x.shape[1] : kUnknown, a.output_height, a.output_width});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &y = c.output(0);
        const float* regions = c.input(1).as<const float>();
        const int64_t channels = x.shape[1], rows = x.shape[2], columns = x.shape[3], cells = a.output_height * a.output_width;
        for (int64_t r = 0; r < y.shape[0]; ++r)
            c.check_that(regions[5 * r] >= 0 && regions[5 * r] < static_cast<float>(x.shape[0]), "region ", r, " is of image ", regions[5 * r], " of ", x.shape[0]);
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                const float* p = regions + 5 * (static_cast<int64_t>(i) / channels);
                const float* from = x.as<const float>() + (static_cast<int64_t>(p[0]) * channels + static_cast<int64_t>(i) % channels) * rows * columns;
                float* to = y.as<float>() + static_cast<int64_t>(i) * cells;
                const auto corner = [&](float v) { return v * a.spatial_scale - a.offset; };
                const float top = corner(p[2]), left = corner(p[1]);
                const float step_h = std::max(corner(p[4]) - top, 0.f) / static_cast<float>(a.output_height);
                const float step_w = std::max(corner(p[3]) - left, 0.f) / static_cast<float>(a.output_width);
                for (int64_t k = 0; k < cells; ++k) {
                    float best = 0.f, sum = 0.f;
                    for (int64_t s = 0; s < a.sample_height * a.sample_width; ++s) {
                        const auto at = [](float first, float step, int64_t cell, int64_t sample, int64_t samples) {
                            return first + step * (static_cast<float>(cell) + (static_cast<float>(sample) + 0.5f) / static_cast<float>(samples));
                        };
                        const float v = sample(from, rows, columns, at(top, step_h, k / a.output_width, s / a.sample_width, a.sample_height),
                                               at(left, step_w, k % a.output_width, s % a.sample_width, a.sample_width));
                        best = s == 0 || v > best ? v : best;
                        sum += v;
                    }
                    to[k] = a.mean ? sum / static_cast<float>(a.sample_height * a.sample_width) : best;
                }
            }
        };
        const size_t all = static_cast<size_t>(y.shape[0] * channels);
        if (!c.pool || y.count() < 4096) work(0, all, 0);
        else c.pool->parallel_for(all, 1, work);
    }

private:
    static float sample(const float* image, int64_t rows, int64_t columns, float h, float w) {
        if (!(h > -1.f && h < static_cast<float>(rows) && w > -1.f && w < static_cast<float>(columns))) return 0.f;
        const float h0 = std::floor(h), w0 = std::floor(w);
        const int64_t r = static_cast<int64_t>(h0), k = static_cast<int64_t>(w0);
        float sum = 0.f;
        for (int64_t t = 0; t < 4; ++t) {
            const int64_t row = r + t / 2, column = k + t % 2;
            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
            sum += (t / 2 ? h - h0 : 1 - (h - h0)) * (t % 2 ? w - w0 : 1 - (w - w0)) * image[row * columns + column];
        }
        return sum;
    }
};

LITE_NAMESPACE_END
#endif
