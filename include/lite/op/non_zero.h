// NonZero: the coordinates of all elements that are not zero.
#ifndef LITE_OP_NON_ZERO_H_
#define LITE_OP_NON_ZERO_H_
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// i64 [rank, count], in row-major order of the elements.
struct NonZero {
    static constexpr std::string_view name = "NonZero";
    static constexpr Spelling spellings[] = {{"onnx", "", "NonZero"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (x.has_shape) c.output(0, DType::i64, Shape{std::max<int64_t>(1, static_cast<int64_t>(x.shape.rank())), kUnknown});
        else c.output_unknown(0, DType::i64, 2);
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        std::vector<int64_t> found;
        for (int64_t i = 0, count = x.count(); i < count; i += 64) {
            double v[64];  // no number but 0 becomes 0
            const int64_t n = std::min<int64_t>(64, count - i);
            load_wide(x, i, 1, static_cast<size_t>(n), v);
            for (int64_t k = 0; k < n; ++k)
                if (v[k] != 0) found.push_back(i + k);
        }
        // A scalar counts as a list of one element.
        const Shape shape = x.shape.empty() ? Shape{1} : x.shape;
        const int64_t n = static_cast<int64_t>(found.size());
        const TensorView y = c.output(0, DType::i64, Shape{static_cast<int64_t>(shape.rank()), n});
        for (size_t axis = shape.rank(); axis-- > 0;)
            for (int64_t i = 0; i < n; ++i) {
                int64_t& rest = found[static_cast<size_t>(i)];
                y.as<int64_t>()[static_cast<int64_t>(axis) * n + i] = rest % shape[axis];
                rest /= shape[axis];
            }
    }
};

LITE_NAMESPACE_END
#endif
