// Shape: the extents of a tensor as a tensor.
#ifndef LITE_OP_SHAPE_H_
#define LITE_OP_SHAPE_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The extents of the axes [start, end), i64.
struct ShapeOf {
    static constexpr std::string_view name = "Shape";
    static constexpr Spelling spellings[] = {{"onnx", "", "Shape"}};
    struct Attributes {
        int64_t start = 0, end = INT64_MAX;
        template <class V> void visit(V& v) {
            v("start", start);
            v("end", end);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (!x.has_shape) return c.output_unknown(0, DType::i64, 1);
        const std::vector<int64_t> part = part_of(x.shape, c.attributes<Attributes>());
        if (Shape(part).known()) c.output_value(0, Array::vector_i64(part));
        else c.output(0, DType::i64, Shape{static_cast<int64_t>(part.size())});
    }
    static void reference(RunContext& c) {
        const std::vector<int64_t> part = part_of(c.input(0).shape, c.attributes<Attributes>());
        const TensorView y = c.output(0, DType::i64, Shape{static_cast<int64_t>(part.size())});
        if (!part.empty()) std::memcpy(y.data, part.data(), part.size() * sizeof(int64_t));
    }

private:
    static std::vector<int64_t> part_of(const Shape& s, const Attributes& a) {
        const int64_t rank = static_cast<int64_t>(s.rank());
        const auto clamp = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank); };
        const int64_t from = clamp(a.start), to = std::max(from, clamp(a.end));
        return {s.begin() + from, s.begin() + to};
    }
};

LITE_NAMESPACE_END
#endif
