// Dropout: in a finished model the tensor itself, and a mask that says that nothing was dropped.
#ifndef LITE_OP_DROPOUT_H_
#define LITE_OP_DROPOUT_H_
#include "lite/op/identity.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

struct Dropout {
    static constexpr std::string_view name = "Dropout";
    static constexpr Spelling spellings[] = {{"onnx", "", "Dropout"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    // Without a mask it is an Identity, which costs nothing.
    static void normalize(Graph& g, Node& n) {
        if (n.outputs.size() > 1 && n.outputs[1] != kNoValue) return;
        if (n.inputs.size() > 2 && n.inputs[2] != kNoValue) {  // training_mode
            const Array& training = g.value(n.inputs[2]).constant;
            if (!training || training.count() != 1 || training.scalar_value<int64_t>() != 0) return;
        }
        n.op = &describe<Identity>();
        n.attributes = {};
        n.inputs.resize(1);
        n.outputs.resize(1);
    }
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (const Array* training = c.value(2)) c.check_that(training->scalar_value<int64_t>() == 0, "training_mode is not supported, only inference");
        const DType mask = c.version() < 10 ? x.dtype : DType::boolean;
        if (x.has_shape) {
            c.output(0, x.dtype, x.shape);
            c.output(1, mask, x.shape);
        } else {
            c.output_unknown(0, x.dtype);
            c.output_unknown(1, mask);
        }
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        if (c.has_input(2)) c.check_that(c.input(2).scalar<int64_t>() == 0, "training_mode is not supported, only inference");
        if (c.has_output(0)) {
            const TensorView y = c.output(0, x.dtype, x.shape);
            copy_bytes(y.data, x.data, y.bytes(), c.pool);
        }
        if (!c.has_output(1)) return;
        const TensorView mask = c.output(1, c.version() < 10 ? x.dtype : DType::boolean, x.shape);
        const double one = 1;
        for (int64_t i = 0; i < mask.count(); ++i) store_wide(mask, i, 1, 1, &one);
    }
};

LITE_NAMESPACE_END
#endif
