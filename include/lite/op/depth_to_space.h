// DepthToSpace: blocks of channels become blocks of pixels.
#ifndef LITE_OP_DEPTH_TO_SPACE_H_
#define LITE_OP_DEPTH_TO_SPACE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// [N, C, H, W] -> [N, C / b^2, H b, W b]. Mode DCR: channel (bh b + bw) C' + c goes to pixel (bh, bw) of its block; CRD: channel
// (c b + bh) b + bw does.
struct DepthToSpace {
    static constexpr std::string_view name = "DepthToSpace";
    static constexpr Spelling spellings[] = {{"onnx", "", "DepthToSpace"}};
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
        c.check_that(a.blocksize > 0 && a.blocksize < (1 << 15), "blocksize ", a.blocksize);
        c.check_that(a.mode == "DCR" || a.mode == "CRD", "mode '", a.mode, "'");
        if (!x.has_shape) return c.output_unknown(0, x.dtype, 4);
        c.check_that(x.shape.rank() == 4, "input 0 has shape ", x.shape, ", 4 axes were expected");
        const int64_t b = a.blocksize;
        c.check_that(x.shape[1] < 0 || x.shape[1] % (b * b) == 0, x.shape[1], " channels in blocks of ", b * b);
        const auto times = [&](int64_t d) { return d < 0 ? kUnknown : d * b; };
        c.output(0, x.dtype, Shape{x.shape[0], x.shape[1] < 0 ? kUnknown : x.shape[1] / (b * b), times(x.shape[2]), times(x.shape[3])});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &y = c.output(0);
        const int64_t b = a.blocksize, ch = y.shape[1], h = x.shape[2], w = x.shape[3], plane = h * w;
        const bool dcr = a.mode == "DCR";
        const int64_t sc = dcr ? plane : b * b * plane, sh = (dcr ? b * ch : b) * plane, sw = (dcr ? ch : 1) * plane;
        StridedCopy copy;
        copy.axis(x.shape[0], ch * b * b * plane, ch * b * b * plane);
        copy.axis(ch, b * b * plane, sc);
        copy.axis(h, b * b * w, w);
        copy.axis(b, b * w, sh);
        copy.axis(w, b, 1);
        copy.axis(b, 1, sw);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }
};

LITE_NAMESPACE_END
#endif
