// Gather: slices along one axis, picked by indices.
#ifndef LITE_OP_GATHER_H_
#define LITE_OP_GATHER_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y[..., i..., ...] = x[..., indices[i...], ...]: the axis is replaced by the axes of the indices, which may count from the end.
struct Gather {
    static constexpr std::string_view name = "Gather";
    static constexpr Spelling spellings[] = {{"onnx", "", "Gather"}};
    struct Attributes {
        int64_t axis = 0;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo &x = c.input(0), &i = c.input(1);
        c.check_that(i.dtype == DType::i32 || i.dtype == DType::i64, "indices are ", i.dtype, ", i32 or i64 was expected");
        if (!x.has_shape || !i.has_shape) return c.output_unknown(0, x.dtype);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, x.shape.rank(), c.where());
        Shape y;
        for (size_t k = 0; k < axis; ++k) y.push_back(x.shape[k]);
        for (int64_t d : i.shape) y.push_back(d);
        for (size_t k = axis + 1; k < x.shape.rank(); ++k) y.push_back(x.shape[k]);
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, x.shape.rank(), name), size = size_of(x.dtype);
        std::vector<int64_t> index = c.input(1).values<int64_t>();
        const int64_t extent = x.shape[axis];
        for (int64_t& i : index) {
            c.check_that(i >= -extent && i < extent, "index ", i, " is outside axis ", axis, " of ", x.shape);
            if (i < 0) i += extent;
        }
        const size_t outer = static_cast<size_t>(x.shape.count(0, axis)), n = index.size();
        const size_t run = static_cast<size_t>(x.shape.count(axis + 1, x.shape.rank())) * size;
        if (outer * n * run == 0) return;
        const auto* from = x.as<const std::byte>();
        auto* to = y.as<std::byte>();
        const auto work = [&](size_t begin, size_t end, int) {
            const auto each = [&](auto copy) {
                for (size_t k = begin; k < end; ++k)
                    copy(to + k * run, from + (k / n * static_cast<size_t>(extent) + static_cast<size_t>(index[k % n])) * run);
            };
            switch (run) {
                case 1: return each([](std::byte* a, const std::byte* b) { std::memcpy(a, b, 1); });
                case 2: return each([](std::byte* a, const std::byte* b) { std::memcpy(a, b, 2); });
                case 4: return each([](std::byte* a, const std::byte* b) { std::memcpy(a, b, 4); });
                case 8: return each([](std::byte* a, const std::byte* b) { std::memcpy(a, b, 8); });
                default: return each([run](std::byte* a, const std::byte* b) { std::memcpy(a, b, run); });
            }
        };
        if (!c.pool || outer * n * run < kParallelBytes) work(0, outer * n, 0);
        else c.pool->parallel_for(outer * n, std::max<size_t>(1, kParallelBytes / 2 / run), work);
    }
};

LITE_NAMESPACE_END
#endif
