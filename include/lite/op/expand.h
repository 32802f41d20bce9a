// Expand: broadcast to a shape by numpy's rules.
#ifndef LITE_OP_EXPAND_H_
#define LITE_OP_EXPAND_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Input 1 is the shape; where it says 1 the input's extent stays.
struct Expand {
    static constexpr std::string_view name = "Expand";
    static constexpr Spelling spellings[] = {{"onnx", "", "Expand"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const Array* v = c.value(1);
        if (!v || !x.has_shape) {
            const TensorInfo& s = c.input(1);
            const bool rank_known = x.has_shape && s.shape_known();
            return c.output_unknown(0, x.dtype, rank_known ? static_cast<int>(std::max<int64_t>(static_cast<int64_t>(x.shape.rank()), s.shape.count())) : -1);
        }
        const Shape wanted(v->values<int64_t>());
        for (int64_t d : wanted) c.check_that(d >= 0, "the shape ", v->values<int64_t>(), " has a negative extent");
        c.output(0, x.dtype, broadcast(x.shape, wanted, c.where()));
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        int64_t stride[kMaxRank] = {}, n = 1;
        const size_t lead = y.shape.rank() - x.shape.rank();
        for (size_t i = x.shape.rank(); i-- > 0; n *= x.shape[i]) stride[lead + i] = x.shape[i] == 1 ? 0 : n;
        StridedCopy copy;
        copy.row_major(y.shape, stride);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }
};

LITE_NAMESPACE_END
#endif
