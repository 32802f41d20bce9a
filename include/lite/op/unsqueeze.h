// Unsqueeze: with new axes of extent 1.
#ifndef LITE_OP_UNSQUEEZE_H_
#define LITE_OP_UNSQUEEZE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The axes, positions in the output, are an attribute, from opset 13 on an input.
struct Unsqueeze {
    static constexpr std::string_view name = "Unsqueeze";
    static constexpr Spelling spellings[] = {{"onnx", "", "Unsqueeze"}};
    static constexpr OperatorTraits traits{.view = true};
    struct Attributes {
        std::vector<int64_t> axes;
        template <class V> void visit(V& v) { v("axes", axes); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        std::vector<int64_t> axes = c.attributes<Attributes>().axes;
        if (c.has_input(1)) {
            const Array* v = c.value(1);
            if (!v) {
                const TensorInfo& s = c.input(1);
                const bool known = x.has_shape && s.shape_known();
                return c.output_unknown(0, x.dtype, known ? static_cast<int>(x.shape.rank() + static_cast<size_t>(s.shape.count())) : -1);
            }
            axes = v->values<int64_t>();
        }
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        const size_t rank = x.shape.rank() + axes.size();
        Shape y = Shape::filled(rank, 0);
        for (int64_t axis : axes) {
            const size_t i = normalize_axis(axis, rank, c.where());
            c.check_that(y[i] == 0, "axis ", axis, " is given twice");
            y[i] = 1;
        }
        for (size_t i = 0, from = 0; i < rank; ++i) y[i] = y[i] == 1 ? 1 : x.shape[from++];
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        copy_bytes(y.data, c.input(0).data, y.bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
