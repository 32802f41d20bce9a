// EyeLike: ones on a diagonal of a matrix of the shape of the input, zeros elsewhere.
#ifndef LITE_OP_EYE_LIKE_H_
#define LITE_OP_EYE_LIKE_H_
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

// `dtype` is ONNX's number of a type, 0: that of the input. k > 0 is a diagonal above the main one.
struct EyeLike {
    static constexpr std::string_view name = "EyeLike";
    static constexpr Spelling spellings[] = {{"onnx", "", "EyeLike"}};
    struct Attributes {
        int64_t dtype = 0, k = 0;
        template <class V> void visit(V& v) {
            v("dtype", dtype);
            v("k", k);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const DType t = a.dtype ? dtype_of_onnx_code(a.dtype) : x.dtype;
        c.check_that(t != DType::none, "dtype ", a.dtype, " is not supported");
        if (!x.has_shape) return c.output_unknown(0, t, 2);
        c.check_that(x.shape.rank() == 2, "input 0 has shape ", x.shape, ", a matrix was expected");
        c.output(0, t, x.shape);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        if (y.count() == 0) return;
        std::memset(y.data, 0, y.bytes());
        const int64_t rows = y.shape[0], cols = y.shape[1], k = std::clamp<int64_t>(c.attributes<Attributes>().k, -rows, cols);
        const double one = 1;
        for (int64_t r = std::max<int64_t>(0, -k); r < rows && r + k < cols; ++r) store_wide(y, r * cols + r + k, 1, 1, &one);
    }
};

LITE_NAMESPACE_END
#endif
