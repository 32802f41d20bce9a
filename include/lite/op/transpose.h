// Transpose: the axes in another order.
#ifndef LITE_OP_TRANSPOSE_H_
#define LITE_OP_TRANSPOSE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y's axis i is x's axis perm[i]; without perm the order is reversed.
struct Transpose {
    static constexpr std::string_view name = "Transpose";
    static constexpr Spelling spellings[] = {{"onnx", "", "Transpose"}};
    struct Attributes {
        std::vector<int64_t> perm;
        template <class V> void visit(V& v) { v("perm", perm); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        if (!x.has_shape) return c.output_unknown(0, x.dtype, a.perm.empty() ? -1 : static_cast<int>(a.perm.size()));
        Shape y = x.shape;
        std::vector<bool> used(y.rank());
        c.check_that(a.perm.empty() || a.perm.size() == y.rank(), "perm ", a.perm, " is no order of the axes of ", x.shape);
        for (size_t i = 0; i < y.rank(); ++i) {
            const int64_t p = axis(a, y.rank(), i);
            c.check_that(p >= 0 && p < static_cast<int64_t>(y.rank()) && !used[static_cast<size_t>(p)], "perm ", a.perm, " is no order of the axes of ", x.shape);
            used[static_cast<size_t>(p)] = true;
            y[i] = x.shape[static_cast<size_t>(p)];
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), &y = c.output(0);
        int64_t stride[kMaxRank], moved[kMaxRank], n = 1;
        const size_t rank = x.shape.rank();
        for (size_t i = rank; i-- > 0; n *= x.shape[i]) stride[i] = n;
        for (size_t i = 0; i < rank; ++i) moved[i] = stride[axis(a, rank, i)];
        StridedCopy copy;
        copy.row_major(y.shape, moved);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }

private:
    static int64_t axis(const Attributes& a, size_t rank, size_t i) {
        if (a.perm.empty()) return static_cast<int64_t>(rank - 1 - i);
        return a.perm[i] < 0 ? a.perm[i] + static_cast<int64_t>(rank) : a.perm[i];
    }
};

LITE_NAMESPACE_END
#endif
