// Trilu: the upper or lower triangle of matrices, zero elsewhere.
#ifndef LITE_OP_TRILU_H_
#define LITE_OP_TRILU_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Keeps elements with column - row >= k (upper) or <= k (lower); k is input 1, 0 without it.
struct Trilu {
    static constexpr std::string_view name = "Trilu";
    static constexpr Spelling spellings[] = {{"onnx", "", "Trilu"}};
    struct Attributes {
        bool upper = true;
        template <class V> void visit(V& v) { v("upper", upper); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.check_that(x.shape.rank() >= 2, "input 0 has shape ", x.shape, ", matrices were expected");
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const bool upper = c.attributes<Attributes>().upper;
        const size_t size = size_of(x.dtype);
        const int64_t rows = x.shape.at(-2), cols = x.shape.at(-1), count = x.shape.count(0, x.shape.rank() - 2);
        const int64_t k = std::clamp<int64_t>(c.has_input(1) ? c.input(1).scalar<int64_t>() : 0, -rows - 1, cols + 1);
        const auto bytes = [&](int64_t n) { return static_cast<size_t>(n) * size; };
        for (int64_t m = 0; m < count * rows; ++m) {
            const int64_t cut = std::clamp<int64_t>(m % rows + k + (upper ? 0 : 1), 0, cols);
            const std::byte* from = x.as<const std::byte>() + bytes(m * cols);
            std::byte* to = y.as<std::byte>() + bytes(m * cols);
            if (cols == 0) continue;
            if (upper) {
                std::memset(to, 0, bytes(cut));
                std::memcpy(to + bytes(cut), from + bytes(cut), bytes(cols - cut));
            } else {
                std::memcpy(to, from, bytes(cut));
                std::memset(to + bytes(cut), 0, bytes(cols - cut));
            }
        }
    }
};

LITE_NAMESPACE_END
#endif
