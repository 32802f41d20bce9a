// Concat: tensors one behind the other along an axis.
#ifndef LITE_OP_CONCAT_H_
#define LITE_OP_CONCAT_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Any number of inputs of the same dtype and rank, equal in all other axes.
struct Concat {
    static constexpr std::string_view name = "Concat";
    static constexpr Spelling spellings[] = {{"onnx", "", "Concat"}};
    struct Attributes {
        int64_t axis = 1;  // the default of opset 1, required since
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& first = c.input(0);
        int known = -1;
        for (size_t i = 0; i < c.input_count() && known < 0; ++i)
            if (c.input(i).has_shape) known = static_cast<int>(i);
        if (known < 0) return c.output_unknown(0, first.dtype);
        Shape y = c.input(static_cast<size_t>(known)).shape;
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.rank(), c.where());
        y[axis] = 0;
        for (size_t i = 0; i < c.input_count(); ++i) {
            const TensorInfo& x = c.input(i);
            c.check_that(x.dtype == first.dtype, "input ", i, " is ", x.dtype, ", input 0 is ", first.dtype);
            if (!x.has_shape) {
                y[axis] = kUnknown;
                continue;
            }
            c.check_that(x.shape.rank() == y.rank(), "input ", i, " has shape ", x.shape, ", ", y.rank(), " axes were expected");
            for (size_t k = 0; k < y.rank(); ++k) {
                if (k == axis) {
                    if (x.shape[k] < 0) y[k] = kUnknown;
                    else if (y[k] >= 0) y[k] += x.shape[k];
                } else if (y[k] < 0) {
                    y[k] = x.shape[k];
                } else {
                    c.check_that(x.shape[k] < 0 || x.shape[k] == y[k], "input ", i, " of shape ", x.shape, " does not fit the inputs before it, ", y);
                }
            }
        }
        c.output(0, first.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.shape.rank(), name), size = size_of(y.dtype);
        const int64_t outer = y.shape.count(0, axis), whole = y.shape.count(axis, y.shape.rank());
        auto* out = y.as<std::byte>();
        for (const TensorView& x : c.inputs) {
            const int64_t run = x.shape.count(axis, x.shape.rank());
            StridedCopy copy;
            copy.axis(outer, whole, run);
            copy.axis(run, 1, 1);
            copy.run(out, x.data, size, c.pool, c.bricks);
            out += static_cast<size_t>(run) * size;
        }
    }
};

LITE_NAMESPACE_END
#endif
