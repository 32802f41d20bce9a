// SpaceToDepth: blocks of pixels become blocks of channels.
#ifndef LITE_OP_SPACE_TO_DEPTH_H_
#define LITE_OP_SPACE_TO_DEPTH_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// [N, C, H b, W b] -> [N, b^2 C, H, W]; pixel (bh, bw) of a block goes to channel (bh b + bw) C + c.
struct SpaceToDepth {
    static constexpr std::string_view name = "SpaceToDepth";
    static constexpr Spelling spellings[] = {{"onnx", "", "SpaceToDepth"}};
    struct Attributes {
        int64_t blocksize = 1;
        template <class V> void visit(V& v) { v("blocksize", blocksize); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const int64_t b = c.attributes<Attributes>().blocksize;
        c.check_that(b > 0 && b < (1 << 15), "blocksize ", b);
        if (!x.has_shape) return c.output_unknown(0, x.dtype, 4);
        c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        const auto over = [&](int64_t d) {
            c.check_that(d < 0 || d % b == 0, "an image of shape ", x.shape, " in blocks of ", b);
            return d < 0 ? kUnknown : d / b;
        };
        c.output(0, x.dtype, Shape{x.shape[0], x.shape[1] < 0 ? kUnknown : x.shape[1] * b * b, over(x.shape[2]), over(x.shape[3])});
    }
    static void reference(RunContext& c) {
        const int64_t b = c.attributes<Attributes>().blocksize;
        const TensorView &x = c.input(0), &y = c.output(0);
        const int64_t ch = x.shape[1], h = y.shape[2], w = y.shape[3], plane = h * w, image = ch * b * b * plane;
        StridedCopy copy;
        copy.axis(x.shape[0], image, image);
        copy.axis(b, b * ch * plane, w * b);
        copy.axis(b, ch * plane, 1);
        copy.axis(ch, plane, b * b * plane);
        copy.axis(h, w, b * w * b);
        copy.axis(w, 1, b);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }
};

LITE_NAMESPACE_END
#endif
