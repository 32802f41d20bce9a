// Size: the number of elements of a tensor.
#ifndef LITE_OP_SIZE_H_
#define LITE_OP_SIZE_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

struct Size {
    static constexpr std::string_view name = "Size";
    static constexpr Spelling spellings[] = {{"onnx", "", "Size"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (x.shape_known()) c.output_value(0, Array::scalar(x.shape.count()));
        else c.output(0, DType::i64, Shape{});
    }
    static void reference(RunContext& c) {
        const int64_t n = c.input(0).count();
        std::memcpy(c.output(0, DType::i64, Shape{}).data, &n, sizeof n);
    }
};

LITE_NAMESPACE_END
#endif
