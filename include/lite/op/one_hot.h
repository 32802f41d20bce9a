// OneHot: indices as vectors with one element switched on.
#ifndef LITE_OP_ONE_HOT_H_
#define LITE_OP_ONE_HOT_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Inputs: indices of any numeric dtype, depth, [off, on]. A new axis of extent `depth` stands at `axis` of the output; an index
// outside [-depth, depth) switches nothing on.
struct OneHot {
    static constexpr std::string_view name = "OneHot";
    static constexpr Spelling spellings[] = {{"onnx", "", "OneHot"}};
    struct Attributes {
        int64_t axis = -1;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &values = c.input(2);
        if (!x.has_shape) return c.output_unknown(0, values.dtype);
        const Array* depth = c.value(1);
        int64_t d = kUnknown;
        if (depth) {
            c.check_that(depth->count() == 1, "depth has shape ", depth->shape());
            d = depth->values<int64_t>()[0];
            c.check_that(d >= 0, "a depth of ", d);
        }
        Shape y = x.shape;
        y.insert(normalize_axis(c.attributes<Attributes>().axis, x.shape.rank() + 1, c.where()), d);
        c.output(0, values.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &values = c.input(2), &y = c.output(0);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.shape.rank(), name), size = size_of(y.dtype);
        c.check_that(values.count() == 2, "values have shape ", values.shape, ", [off, on] was expected");
        const int64_t depth = y.shape[axis], inner = y.shape.count(axis + 1, y.shape.rank());
        StridedCopy off;
        off.axis(y.count(), 1, 0);
        off.run(y.data, values.data, size, c.pool, c.bricks);
        const std::vector<double> index = x.values<double>();
        for (size_t i = 0; i < index.size(); ++i) {
            double v = index[i];
            if (v < 0) v += static_cast<double>(depth);
            if (!(v >= 0 && v < static_cast<double>(depth))) continue;
            const int64_t at = static_cast<int64_t>(i), k = at / inner * depth * inner + static_cast<int64_t>(v) * inner + at % inner;
            std::memcpy(y.as<std::byte>() + static_cast<size_t>(k) * size, values.as<std::byte>() + size, size);
        }
    }
};

LITE_NAMESPACE_END
#endif
