// SpaceToDepth: blocks of pixels become blocks of channels.
#ifndef LITE_OP_SPACE_TO_DEPTH_H_
#define LITE_OP_SPACE_TO_DEPTH_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// [N, C, H b, W b] -> [N, b^2 C, H, W]. Mode DCR: pixel (bh, bw) of a block goes to channel (bh b + bw) C + c; CRD: to channel
// (c b + bh) b + bw.
struct SpaceToDepth {
    static constexpr std::string_view name = "SpaceToDepth";
    static constexpr Spelling spellings[] = {{"onnx", "", "SpaceToDepth"}};
    struct Attributes {
        int64_t blocksize = 1;
        std::string mode = "DCR";
        template <class V> void visit(V& v) {
            v("blocksize", blocksize);
            v("mode", mode);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const int64_t b = a.blocksize;
        c.check_that(b > 0 && b < (1 << 15), "blocksize ", b);
        c.check_that(a.mode == "DCR" || a.mode == "CRD", "mode '", a.mode, "'");
        if (!x.has_shape) return c.output_unknown(0, x.dtype, 4);
        c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        const auto over = [&](int64_t d) {
            c.check_that(d < 0 || d % b == 0, "an image of shape ", x.shape, " in blocks of ", b);
            return d < 0 ? kUnknown : d / b;
        };
        c.check_that(x.shape[1] <= kMaxElements / (b * b), x.shape[1], " channels in blocks of ", b);
        c.output(0, x.dtype, Shape{x.shape[0], x.shape[1] < 0 ? kUnknown : x.shape[1] * b * b, over(x.shape[2]), over(x.shape[3])});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const int64_t b = a.blocksize;
        const TensorView &x = c.input(0), &y = c.output(0);
        const int64_t ch = x.shape[1], h = y.shape[2], w = y.shape[3], plane = h * w, image = ch * b * b * plane;
        StridedCopy copy;
        copy.axis(x.shape[0], image, image);
        if (a.mode == "CRD") copy.axis(ch, b * b * plane, b * b * plane);
        copy.axis(b, (a.mode == "CRD" ? b : b * ch) * plane, w * b);
        copy.axis(b, (a.mode == "CRD" ? 1 : ch) * plane, 1);
        if (a.mode == "DCR") copy.axis(ch, plane, b * b * plane);
        copy.axis(h, w, b * w * b);
        copy.axis(w, 1, b);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }
};

LITE_NAMESPACE_END
#endif
