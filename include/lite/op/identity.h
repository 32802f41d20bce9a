// Identity: the tensor itself.
#ifndef LITE_OP_IDENTITY_H_
#define LITE_OP_IDENTITY_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y = x, any dtype and shape.
struct Identity {
    static constexpr std::string_view name = "Identity";
    static constexpr Spelling spellings[] = {{"onnx", "", "Identity"}};
    static constexpr OperatorTraits traits{.view = true};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        c.output_like(0, c.input(0));
    }
    static void reference(RunContext& c) {
        const TensorView y = c.output(0, c.input(0).dtype, c.input(0).shape);
        copy_bytes(y.data, c.input(0).data, y.bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
