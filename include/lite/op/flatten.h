// Flatten: the tensor as a matrix, the axes before and from `axis` on as its two.
#ifndef LITE_OP_FLATTEN_H_
#define LITE_OP_FLATTEN_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

struct Flatten {
    static constexpr std::string_view name = "Flatten";
    static constexpr Spelling spellings[] = {{"onnx", "", "Flatten"}};
    static constexpr OperatorTraits traits{.view = true};
    struct Attributes {
        int64_t axis = 1;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (!x.has_shape) return c.output_unknown(0, x.dtype, 2);
        const int64_t axis = c.attributes<Attributes>().axis, rank = static_cast<int64_t>(x.shape.rank());
        c.check_that(axis >= -rank && axis <= rank, "axis ", axis, " is outside a tensor of ", rank, " axes");
        const size_t split = static_cast<size_t>(axis < 0 ? axis + rank : axis);
        const auto product = [&](size_t from, size_t to) {
            for (size_t i = from; i < to; ++i)
                if (x.shape[i] < 0) return kUnknown;
            return x.shape.count(from, to);
        };
        c.output(0, x.dtype, Shape{product(0, split), product(split, x.shape.rank())});
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        copy_bytes(y.data, c.input(0).data, y.bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
