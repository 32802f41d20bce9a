// GatherND: slices picked by whole coordinates.
#ifndef LITE_OP_GATHER_ND_H_
#define LITE_OP_GATHER_ND_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The last axis of the indices holds coordinates of the axes of x that follow the batch_dims leading ones.
struct GatherND {
    static constexpr std::string_view name = "GatherND";
    static constexpr Spelling spellings[] = {{"onnx", "", "GatherND"}};
    struct Attributes {
        int64_t batch_dims = 0;
        template <class V> void visit(V& v) { v("batch_dims", batch_dims); }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &i = c.input(1);
        c.check_that(i.dtype == DType::i32 || i.dtype == DType::i64, "indices are ", i.dtype, ", i32 or i64 was expected");
        if (!x.has_shape || !i.has_shape || i.shape.empty() || i.shape.back() < 0) return c.output_unknown(0, x.dtype);
        const int64_t batch = c.attributes<Attributes>().batch_dims, depth = i.shape.back();
        c.check_that(batch >= 0 && batch < static_cast<int64_t>(i.shape.rank()) && batch + depth <= static_cast<int64_t>(x.shape.rank()),
                     "indices of shape ", i.shape, " with ", batch, " batch axes for a tensor of shape ", x.shape);
        Shape y;
        for (size_t k = 0; k + 1 < i.shape.rank(); ++k) y.push_back(i.shape[k]);
        for (size_t k = static_cast<size_t>(batch + depth); k < x.shape.rank(); ++k) y.push_back(x.shape[k]);
        for (size_t k = 0; k < static_cast<size_t>(batch); ++k)
            c.check_that(x.shape[k] < 0 || i.shape[k] < 0 || x.shape[k] == i.shape[k], "indices of shape ", i.shape, " with ", batch,
                         " batch axes for a tensor of shape ", x.shape);
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0), &i = c.input(1);
        const size_t batch = static_cast<size_t>(c.attributes<Attributes>().batch_dims), depth = static_cast<size_t>(i.shape.back());
        const std::vector<int64_t> index = i.values<int64_t>();
        const size_t run = static_cast<size_t>(x.shape.count(batch + depth, x.shape.rank())) * size_of(x.dtype);
        const size_t batches = static_cast<size_t>(x.shape.count(0, batch)), each = static_cast<size_t>(i.shape.count(batch, i.shape.rank() - 1));
        const size_t plane = static_cast<size_t>(x.shape.count(batch, batch + depth));
        if (run == 0) return;
        for (size_t k = 0; k < batches * each; ++k) {
            size_t offset = 0;
            for (size_t d = 0; d < depth; ++d) {
                int64_t v = index[k * depth + d];
                const int64_t extent = x.shape[batch + d];
                c.check_that(v >= -extent && v < extent, "index ", v, " is outside axis ", batch + d, " of ", x.shape);
                offset = offset * static_cast<size_t>(extent) + static_cast<size_t>(v < 0 ? v + extent : v);
            }
            std::memcpy(y.as<std::byte>() + k * run, x.as<std::byte>() + (k / each * plane + offset) * run, run);
        }
    }
};

LITE_NAMESPACE_END
#endif
