// TopK: the k largest or smallest elements along an axis, and where they were.
#ifndef LITE_OP_TOP_K_H_
#define LITE_OP_TOP_K_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Outputs: values, i64 indices; always sorted, of equal elements the one of the lower index first. k is input 1, before opset 10
// an attribute.
struct TopK {
    static constexpr std::string_view name = "TopK";
    static constexpr Spelling spellings[] = {{"onnx", "", "TopK"}};
    struct Attributes {
        int64_t axis = -1, k = -1;
        bool largest = true;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("k", k);
            v("largest", largest);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        int64_t k = a.k;
        if (c.has_input(1)) {
            const Array* v = c.value(1);
            k = v ? v->scalar_value<int64_t>() : kUnknown;
            c.check_that(!v || k >= 0, "k = ", k);
        } else {
            c.check_that(k >= 0, "k = ", k);
        }
        if (!x.has_shape) {
            c.output_unknown(0, x.dtype);
            return c.output_unknown(1, DType::i64);
        }
        Shape y = x.shape;
        const size_t axis = normalize_axis(a.axis, y.rank(), c.where());
        c.check_that(y[axis] < 0 || k <= y[axis], "k = ", k, " of axis ", axis, " of ", x.shape);
        y[axis] = k;
        c.output(0, x.dtype, y);
        c.output(1, DType::i64, y);
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), name);
        const TensorView* y = c.has_output(0) ? &c.output(0) : nullptr;
        const TensorView* where = c.has_output(1) ? &c.output(1) : nullptr;
        if (!y && !where) return;
        const int64_t n = x.shape[axis], k = (y ? y : where)->shape[axis], inner = x.shape.count(axis + 1, x.shape.rank()), outer = x.shape.count(0, axis);
        if (k == 0) return;
        const size_t size = size_of(x.dtype);
        const auto slices = [&](size_t begin, size_t end, int) {
            std::vector<uint64_t> keys(static_cast<size_t>(n));
            std::vector<KeyedIndex> order(keys.size());
            for (size_t s = begin; s < end; ++s) {
                const int64_t o = static_cast<int64_t>(s) / inner, i = static_cast<int64_t>(s) % inner, from = o * n * inner + i;
                load_keys(x, from, inner, keys.size(), keys.data());
                for (size_t j = 0; j < keys.size(); ++j) order[j] = {a.largest ? ~keys[j] : keys[j], static_cast<int64_t>(j)};
                std::partial_sort(order.begin(), order.begin() + k, order.end());
                for (int64_t j = 0; j < k; ++j) {
                    const int64_t at = (o * k + j) * inner + i, source = order[static_cast<size_t>(j)].index;
                    if (y) std::memcpy(y->as<std::byte>() + static_cast<size_t>(at) * size, x.as<const std::byte>() + static_cast<size_t>(from + source * inner) * size, size);
                    if (where) where->as<int64_t>()[at] = source;
                }
            }
        };
        const size_t count = static_cast<size_t>(outer * inner);
        if (!c.pool || count * static_cast<size_t>(n) < 16384) slices(0, count, 0);
        else c.pool->parallel_for(count, 1, slices);
    }
};

LITE_NAMESPACE_END
#endif
