// GatherElements: one element for every index, the other coordinates those of the index itself.
#ifndef LITE_OP_GATHER_ELEMENTS_H_
#define LITE_OP_GATHER_ELEMENTS_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y[i][j][k] = x[i][indices[i][j][k]][k] for axis 1.
struct GatherElements {
    static constexpr std::string_view name = "GatherElements";
    static constexpr Spelling spellings[] = {{"onnx", "", "GatherElements"}};
    struct Attributes {
        int64_t axis = 0;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &i = c.input(1);
        c.check_that(i.dtype == DType::i32 || i.dtype == DType::i64, "indices are ", i.dtype, ", i32 or i64 was expected");
        if (!i.has_shape) return c.output_unknown(0, x.dtype, x.has_shape ? static_cast<int>(x.shape.rank()) : -1);
        if (x.has_shape) {
            c.check_that(x.shape.rank() == i.shape.rank(), "indices of shape ", i.shape, " for a tensor of shape ", x.shape);
            const size_t axis = normalize_axis(c.attributes<Attributes>().axis, x.shape.rank(), c.where());
            for (size_t k = 0; k < x.shape.rank(); ++k)
                c.check_that(k == axis || x.shape[k] < 0 || i.shape[k] <= x.shape[k], "indices of shape ", i.shape, " for a tensor of shape ", x.shape);
        }
        c.output(0, x.dtype, i.shape);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, x.shape.rank(), name), rank = x.shape.rank();
        const std::vector<int64_t> index = c.input(1).values<int64_t>();
        int64_t stride[kMaxRank], at[kMaxRank] = {}, n = 1;
        for (size_t i = rank; i-- > 0; n *= x.shape[i]) stride[i] = n;
        const int64_t extent = x.shape[axis];
        visit_element_size(size_of(x.dtype), [&](auto tag) {
            using T = decltype(tag);
            const auto* from = x.as<const std::byte>();
            auto* to = y.as<std::byte>();
            for (size_t k = 0; k < index.size(); ++k) {
                int64_t i = index[k], offset = 0;
                c.check_that(i >= -extent && i < extent, "index ", i, " is outside axis ", axis, " of ", x.shape);
                if (i < 0) i += extent;
                for (size_t d = 0; d < rank; ++d) offset += (d == axis ? i : at[d]) * stride[d];
                store_element(to + k * sizeof(T), load_element<T>(from + offset * static_cast<int64_t>(sizeof(T))));
                for (size_t d = rank; d-- > 0;)
                    if (++at[d] < y.shape[d]) break;
                    else at[d] = 0;
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
