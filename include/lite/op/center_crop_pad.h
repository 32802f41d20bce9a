// CenterCropPad: axes cut or padded on both sides to given extents.
#ifndef LITE_OP_CENTER_CROP_PAD_H_
#define LITE_OP_CENTER_CROP_PAD_H_
#include "lite/op/pad.h"

LITE_NAMESPACE_BEGIN

// Input 1: the extents of the axes. Of an odd difference the larger half is behind.
struct CenterCropPad {
    static constexpr std::string_view name = "CenterCropPad";
    static constexpr Spelling spellings[] = {{"onnx", "", "CenterCropPad"}};
    struct Attributes {
        std::vector<int64_t> axes;
        template <class V> void visit(V& v) { v("axes", axes); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const Array* v = c.value(1);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        if (!v) return c.output_unknown(0, x.dtype, static_cast<int>(x.shape.rank()));
        const auto sizes = v->values<int64_t>();
        const auto axes = c.attributes<Attributes>().axes;
        c.check_that(sizes.size() == (axes.empty() ? x.shape.rank() : axes.size()), "extents ", sizes, " of a tensor of shape ", x.shape);
        Shape y = x.shape;
        for (size_t i = 0; i < sizes.size(); ++i) {
            c.check_that(sizes[i] >= 0, "extents ", sizes);
            y[axes.empty() ? i : normalize_axis(axes[i], y.rank(), c.where())] = sizes[i];
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        Pad::Border borders[kMaxRank];
        for (size_t i = 0; i < x.shape.rank(); ++i) {
            const int64_t more = y.shape[i] - x.shape[i], before = more / 2;  // towards zero, for a cut as for a pad
            borders[i] = {before, more - before};
        }
        const std::byte zero[8] = {};
        Pad::run(x.data, y.data, size_of(x.dtype), Pad::maps(x.shape, y.shape, "constant", borders), zero, c.pool);
    }
};

LITE_NAMESPACE_END
#endif
