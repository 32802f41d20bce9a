// ScatterElements: a copy of a tensor with single elements replaced or combined.
#ifndef LITE_OP_SCATTER_ELEMENTS_H_
#define LITE_OP_SCATTER_ELEMENTS_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

namespace detail {
enum class ScatterReduction { none, add, mul, max, min };
inline bool parse_reduction(std::string_view s, ScatterReduction& out) {
    constexpr std::string_view names[] = {"none", "add", "mul", "max", "min"};
    for (size_t i = 0; i < 5; ++i)
        if (names[i] == s) {
            out = static_cast<ScatterReduction>(i);
            return true;
        }
    return false;
}
// What stands at a scattered place after the update v. Integers wrap; for booleans add is or, mul is and.
template <class T> T scatter_combine(ScatterReduction r, T a, T v) {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
        return T(scatter_combine(r, static_cast<float>(a), static_cast<float>(v)));
    } else {
        using U = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
        switch (r) {
            case ScatterReduction::none: return v;
            case ScatterReduction::add: return static_cast<T>(static_cast<U>(a) + static_cast<U>(v));
            case ScatterReduction::mul: return static_cast<T>(static_cast<U>(a) * static_cast<U>(v));
            case ScatterReduction::max: return a < v ? v : a;
            case ScatterReduction::min: return v < a ? v : a;
        }
        return v;
    }
}
// n elements at `to` combined with those at `from`.
inline void scatter_run(ScatterReduction r, DType dtype, std::byte* to, const std::byte* from, size_t n) {
    if (r == ScatterReduction::none) {
        std::memcpy(to, from, n * size_of(dtype));
        return;
    }
    visit_dtype(dtype, [&](auto tag) {
        using T = decltype(tag);
        for (size_t i = 0; i < n; ++i, to += sizeof(T), from += sizeof(T)) store_element(to, scatter_combine(r, load_element<T>(to), load_element<T>(from)));
    });
}
}  // namespace detail

// y = x, then y[i][indices[i][j]] = updates[i][j] (axis 1), in the order of the indices. Old name: Scatter.
struct ScatterElements {
    static constexpr std::string_view name = "ScatterElements";
    static constexpr Spelling spellings[] = {{"onnx", "", "ScatterElements"}, {"onnx", "", "Scatter"}};
    struct Attributes {
        int64_t axis = 0;
        std::string reduction = "none";
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("reduction", reduction);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &i = c.input(1), &u = c.input(2);
        const auto a = c.attributes<Attributes>();
        detail::ScatterReduction r;
        c.check_that(detail::parse_reduction(a.reduction, r), "reduction '", a.reduction, "'");
        c.check_that(i.dtype == DType::i32 || i.dtype == DType::i64, "indices are ", i.dtype, ", i32 or i64 was expected");
        c.check_that(u.dtype == x.dtype, "updates are ", u.dtype, ", the data is ", x.dtype);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        normalize_axis(a.axis, x.shape.rank(), c.where());
        if (i.has_shape) c.check_that(i.shape.rank() == x.shape.rank(), "indices of shape ", i.shape, " for a tensor of shape ", x.shape);
        if (i.shape_known() && u.shape_known()) c.check_that(i.shape == u.shape, "updates of shape ", u.shape, " for indices of shape ", i.shape);
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::ScatterReduction reduction = detail::ScatterReduction::none;
        detail::parse_reduction(a.reduction, reduction);
        const TensorView &x = c.input(0), &u = c.input(2), &y = c.output(0);
        if (y.data != x.data) copy_bytes(y.data, x.data, y.bytes(), c.pool);
        const std::vector<int64_t> index = c.input(1).values<int64_t>();
        const size_t rank = x.shape.rank(), axis = normalize_axis(a.axis, rank, name), size = size_of(x.dtype);
        int64_t stride[kMaxRank], at[kMaxRank] = {}, n = 1;
        for (size_t i = rank; i-- > 0; n *= x.shape[i]) stride[i] = n;
        const int64_t extent = x.shape[axis];
        for (size_t d = 0; d < rank; ++d)
            c.check_that(d == axis || u.shape[d] <= x.shape[d], "indices of shape ", u.shape, " for a tensor of shape ", x.shape);
        for (size_t k = 0; k < index.size(); ++k) {
            int64_t i = index[k], offset = 0;
            c.check_that(i >= -extent && i < extent, "index ", i, " is outside axis ", axis, " of ", x.shape);
            if (i < 0) i += extent;
            for (size_t d = 0; d < rank; ++d) offset += (d == axis ? i : at[d]) * stride[d];
            detail::scatter_run(reduction, x.dtype, y.as<std::byte>() + static_cast<size_t>(offset) * size, u.as<std::byte>() + k * size, 1);
            for (size_t d = rank; d-- > 0;)
                if (++at[d] < u.shape[d]) break;
                else at[d] = 0;
        }
    }
};

LITE_NAMESPACE_END
#endif
