// MovedRoiPool: regions of interest cut into cells that may be moved, each the mean of samples of it (deformable convolutional networks).
#ifndef LITE_OP_MOVED_ROI_POOL_H_
#define LITE_OP_MOVED_ROI_POOL_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// Inputs: x [N, C, H, W], regions [R, 5] as image, x1, y1, x2, y2, shifts [R, 2, ...] in widths and heights of the region, times
// `shift_scale` (optional). Of them a region has 2 * parts * parts, row by row, one for each part of the grid of cells, those across first.
// Corners are rounded and scaled, the last pixel belonging to the region; a cell is the mean of samples * samples bilinear samples that lie
// in the image, whose border pixels reach half a pixel out, or 0. Outputs [R, C, output_height, output_width]: y, and the number of samples.
struct MovedRoiPool {
    static constexpr std::string_view name = "MovedRoiPool";
    static constexpr Spelling spellings[] = {{"mge", "", "DeformablePSROIPoolingForward"}};
    struct Attributes {
        int64_t output_height = 1, output_width = 1, parts = 1, samples = 1;
        float spatial_scale = 1.f, shift_scale = 1.f;
        template <class V> void visit(V& v) {
            v("output_height", output_height);
            v("output_width", output_width);
            v("parts", parts);
            v("samples", samples);
            v("spatial_scale", spatial_scale);
            v("shift_scale", shift_scale);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        constexpr int64_t most = 1 << 12;
        const auto fits = [](int64_t v) { return v > 0 && v <= most; };
        c.check_that(fits(a.output_height) && fits(a.output_width) && fits(a.parts) && fits(a.samples), "output ", a.output_height, " x ", a.output_width, " of ", a.parts,
                     " x ", a.parts, " parts, ", a.samples, " x ", a.samples, " samples");
        const Shape &x = c.shape(0), &r = c.shape(1);
        c.check_that(is_float(c.input(0).dtype) && is_float(c.input(1).dtype) && x.rank() == 4 && r.rank() == 2 && detail::may_equal(r[1], 5), "its image is ", c.input(0).dtype, " ", x,
                     ", its regions are ", c.input(1).dtype, " ", r, ", [N, C, H, W] and [regions, 5] were expected");
        for (size_t k = 0; k < 2; ++k)
            if (c.has_output(k)) c.output(k, c.input(0).dtype, Shape{r[0], x[1], a.output_height, a.output_width});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &x = c.input(0).shape, &r = c.input(1).shape;
        const Shape y{r[0], x[1], a.output_height, a.output_width};
        const auto image = detail::doubles(c.input(0)), regions = detail::doubles(c.input(1));
        const bool moved = c.has_input(2);
        const auto shifts = moved ? detail::doubles(c.input(2)) : std::vector<double>();
        if (moved) c.check_that(static_cast<int64_t>(shifts.size()) >= r[0] * 2 * a.parts * a.parts, "its shifts are ", c.input(2).shape, " for ", r[0], " regions of ", a.parts, " x ", a.parts, " parts");
        const int64_t channels = x[1], rows = x[2], columns = x[3];
        std::vector<double> out(detail::at(y.count())), count(out.size());
        for (size_t k = 0; k < out.size(); ++k) {
            const int64_t at = static_cast<int64_t>(k), j = at % y[3], i = at / y[3] % y[2], channel = at / (y[3] * y[2]) % channels, region = at / (y[3] * y[2] * channels);
            const double* p = regions.data() + 5 * region;
            c.check_that(p[0] >= 0 && p[0] < static_cast<double>(x[0]), "region ", region, " is of image ", p[0], " of ", x[0]);
            const int64_t part = (region * 2 * a.parts + i * a.parts / y[2]) * a.parts + j * a.parts / y[3];
            const auto along = [&](double low, double high, int64_t cell, int64_t cells, int64_t shift, int64_t sample) {
                const double scale = static_cast<double>(a.spatial_scale), first = std::round(low) * scale - 0.5;
                const double length = std::max((std::round(high) + 1) * scale - 0.5 - first, 0.1), size = length / static_cast<double>(cells);
                const double move = moved ? shifts[detail::at(shift)] * static_cast<double>(a.shift_scale) * length : 0;
                return first + move + size * (static_cast<double>(cell) + static_cast<double>(sample) / static_cast<double>(a.samples));
            };
            const double* plane = image.data() + (static_cast<int64_t>(p[0]) * channels + channel) * rows * columns;
            for (int64_t t = 0; t < a.samples * a.samples; ++t) {
                double w = along(p[1], p[3], j, y[3], part, t % a.samples), h = along(p[2], p[4], i, y[2], part + a.parts * a.parts, t / a.samples);
                const double last_row = static_cast<double>(rows - 1), last_column = static_cast<double>(columns - 1);
                if (!(w >= -0.5 && w <= last_column + 0.5 && h >= -0.5 && h <= last_row + 0.5)) continue;
                w = std::clamp(w, 0.0, last_column);
                h = std::clamp(h, 0.0, last_row);
                const int64_t h0 = static_cast<int64_t>(h), w0 = static_cast<int64_t>(w), h1 = std::min(h0 + 1, rows - 1), w1 = std::min(w0 + 1, columns - 1);
                const double u = h - static_cast<double>(h0), v = w - static_cast<double>(w0);
                out[k] += (1 - u) * ((1 - v) * plane[h0 * columns + w0] + v * plane[h0 * columns + w1]) + u * ((1 - v) * plane[h1 * columns + w0] + v * plane[h1 * columns + w1]);
                ++count[k];
            }
            if (count[k] > 0) out[k] /= count[k];
        }
        if (c.has_output(0)) detail::put_doubles(c.output(0, c.input(0).dtype, y), out);
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(0).dtype, y), count);
    }
};

LITE_NAMESPACE_END
#endif
