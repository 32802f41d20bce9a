// Squeeze: without some axes of extent 1.
#ifndef LITE_OP_SQUEEZE_H_
#define LITE_OP_SQUEEZE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The axes are an attribute, from opset 13 on an input; without them every axis of extent 1 goes.
struct Squeeze {
    static constexpr std::string_view name = "Squeeze";
    static constexpr Spelling spellings[] = {{"onnx", "", "Squeeze"}};
    static constexpr OperatorTraits traits{.view = true};
    struct Attributes {
        std::vector<int64_t> axes;
        template <class V> void visit(V& v) { v("axes", axes); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        std::vector<int64_t> axes = c.attributes<Attributes>().axes;
        const bool all = axes.empty() && !c.has_input(1);
        if (c.has_input(1)) {
            const Array* v = c.value(1);
            if (!v) return c.output_unknown(0, x.dtype);
            axes = v->values<int64_t>();
        }
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        if (all && !x.shape.known()) return c.output_unknown(0, x.dtype);
        std::vector<bool> drop(x.shape.rank());
        for (size_t i = 0; i < drop.size(); ++i) drop[i] = all && x.shape[i] == 1;
        for (int64_t axis : axes) {
            const size_t i = normalize_axis(axis, x.shape.rank(), c.where());
            c.check_that(x.shape[i] == 1 || x.shape[i] < 0, "axis ", axis, " of an input of shape ", x.shape, " is not 1");
            drop[i] = true;
        }
        Shape y;
        for (size_t i = 0; i < drop.size(); ++i)
            if (!drop[i]) y.push_back(x.shape[i]);
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        copy_bytes(y.data, c.input(0).data, y.bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
