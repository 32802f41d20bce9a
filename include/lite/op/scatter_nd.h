// ScatterND: a copy of a tensor with slices replaced or combined.
#ifndef LITE_OP_SCATTER_ND_H_
#define LITE_OP_SCATTER_ND_H_
#include "lite/op/scatter_elements.h"

LITE_NAMESPACE_BEGIN

// y = x, then y[indices[i]] = updates[i], the last axis of the indices being coordinates of the leading axes of x.
struct ScatterND {
    static constexpr std::string_view name = "ScatterND";
    static constexpr Spelling spellings[] = {{"onnx", "", "ScatterND"}};
    struct Attributes {
        std::string reduction = "none";
        template <class V> void visit(V& v) { v("reduction", reduction); }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &i = c.input(1), &u = c.input(2);
        const auto a = c.attributes<Attributes>();
        detail::ScatterReduction r;
        c.check_that(detail::parse_reduction(a.reduction, r), "reduction '", a.reduction, "'");
        c.check_that(i.dtype == DType::i32 || i.dtype == DType::i64, "indices are ", i.dtype, ", i32 or i64 was expected");
        c.check_that(u.dtype == x.dtype, "updates are ", u.dtype, ", the data is ", x.dtype);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        if (x.shape_known() && i.shape_known() && u.shape_known()) {
            const bool ok = i.shape.rank() >= 1 && i.shape.back() <= static_cast<int64_t>(x.shape.rank());
            Shape want;
            for (size_t k = 0; ok && k + 1 < i.shape.rank(); ++k) want.push_back(i.shape[k]);
            for (size_t k = ok ? static_cast<size_t>(i.shape.back()) : 0; ok && k < x.shape.rank(); ++k) want.push_back(x.shape[k]);
            c.check_that(ok && want == u.shape, "updates of shape ", u.shape, " for indices of shape ", i.shape, " into a tensor of shape ", x.shape);
        }
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        detail::ScatterReduction reduction = detail::ScatterReduction::none;
        detail::parse_reduction(c.attributes<Attributes>().reduction, reduction);
        const TensorView &x = c.input(0), &i = c.input(1), &u = c.input(2), &y = c.output(0);
        if (y.data != x.data) copy_bytes(y.data, x.data, y.bytes(), c.pool);
        const size_t depth = static_cast<size_t>(i.shape.back()), size = size_of(x.dtype);
        const std::vector<int64_t> index = i.values<int64_t>();
        const size_t run = static_cast<size_t>(x.shape.count(depth, x.shape.rank())), slices = static_cast<size_t>(i.shape.count(0, i.shape.rank() - 1));
        if (run == 0) return;
        for (size_t k = 0; k < slices; ++k) {
            size_t offset = 0;
            for (size_t d = 0; d < depth; ++d) {
                const int64_t v = index[k * depth + d], extent = x.shape[d];
                c.check_that(v >= -extent && v < extent, "index ", v, " is outside axis ", d, " of ", x.shape);
                offset = offset * static_cast<size_t>(extent) + static_cast<size_t>(v < 0 ? v + extent : v);
            }
            detail::scatter_run(reduction, x.dtype, y.as<std::byte>() + offset * run * size, u.as<std::byte>() + k * run * size, run);
        }
    }
};

LITE_NAMESPACE_END
#endif
