// RoiPool: every region of interest cut into a grid of cells, of each its maximum or mean (Fast R-CNN).
#ifndef LITE_OP_ROI_POOL_H_
#define LITE_OP_ROI_POOL_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Inputs: x [N, C, H, W], regions [R, 5] as image, x1, y1, x2, y2, both f32. Corners are scaled, then rounded to pixels, the last one
// belonging to the region; cells overlap where they do not divide it evenly. A cell outside of the image is 0.
struct RoiPool {
    static constexpr std::string_view name = "RoiPool";
    static constexpr Spelling spellings[] = {{"mge", "", "ROIPooling"}, {"onnx", "", "MaxRoiPool", 0}};
    struct Attributes {
        int64_t mode = 0;  // 0: maximum, 1: mean
        std::vector<int64_t> pooled_shape{1, 1};
        float spatial_scale = 1.f;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("pooled_shape", pooled_shape);
            v("spatial_scale", spatial_scale);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &r = c.input(1);
        const auto a = c.attributes<Attributes>();
        c.check_that(x.dtype == DType::f32 && r.dtype == DType::f32, "the image is ", x.dtype, ", the regions are ", r.dtype, ", f32 was expected");
        c.check_that(a.pooled_shape.size() == 2 && a.pooled_shape[0] > 0 && a.pooled_shape[1] > 0, "pooled_shape is ", Shape(a.pooled_shape), ", two extents were expected");
        if (x.has_shape) c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        if (r.has_shape) c.check_that(r.shape.rank() == 2 && (r.shape[1] < 0 || r.shape[1] == 5), "input 1 has shape ", r.shape, ", [regions, 5] was expected");
        c.output(0, x.dtype, Shape{r.has_shape ? r.shape[0] : kUnknown, x.has_shape ? x.shape[1] : kUnknown, a.pooled_shape[0], a.pooled_shape[1]});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &y = c.output(0);
        const float* regions = c.input(1).as<const float>();
        const int64_t channels = x.shape[1], rows = x.shape[2], columns = x.shape[3], height = a.pooled_shape[0], width = a.pooled_shape[1], cells = height * width;
        for (int64_t r = 0; r < y.shape[0]; ++r)
            c.check_that(regions[5 * r] >= 0 && regions[5 * r] < static_cast<float>(x.shape[0]), "region ", r, " is of image ", regions[5 * r], " of ", x.shape[0]);
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                const int64_t region = static_cast<int64_t>(i) / channels, channel = static_cast<int64_t>(i) % channels;
                const float* p = regions + 5 * region;
                const float* from = x.as<const float>() + (static_cast<int64_t>(p[0]) * channels + channel) * rows * columns;
                float* to = y.as<float>() + static_cast<int64_t>(i) * cells;
                for (int64_t k = 0; k < cells; ++k) {
                    const Span v = cell(p[2], p[4], a.spatial_scale, k / width, height, rows);
                    const Span h = cell(p[1], p[3], a.spatial_scale, k % width, width, columns);
                    float best = 0.f;
                    double sum = 0;
                    for (int64_t row = v.begin; row < v.end; ++row)
                        for (int64_t column = h.begin; column < h.end; ++column) {
                            const float e = from[row * columns + column];
                            best = (row == v.begin && column == h.begin) || e > best ? e : best;
                            sum += static_cast<double>(e);
                        }
                    const int64_t n = std::max<int64_t>(v.end - v.begin, 0) * std::max<int64_t>(h.end - h.begin, 0);
                    to[k] = a.mode ? (n ? static_cast<float>(sum / static_cast<double>(n)) : 0.f) : best;
                }
            }
        };
        const size_t all = static_cast<size_t>(y.shape[0] * channels);
        if (!c.pool || y.count() < 4096) work(0, all, 0);
        else c.pool->parallel_for(all, 1, work);
    }

private:
    struct Span {
        int64_t begin, end;
    };
    static Span cell(float first, float last, float scale, int64_t k, int64_t cells, int64_t extent) {
        const auto pixel = [&](float v) { return std::round(std::clamp(v == v ? v * scale : 0.f, -1e9f, 1e9f)); };
        const float start = pixel(first), size = std::max(pixel(last) - start + 1.f, 1.f), step = size / static_cast<float>(cells);
        const auto clamp = [&](float v) { return std::clamp<int64_t>(static_cast<int64_t>(v), 0, extent); };
        return {clamp(std::floor(static_cast<float>(k) * step) + start), clamp(std::ceil(static_cast<float>(k + 1) * step) + start)};
    }
};

LITE_NAMESPACE_END
#endif
