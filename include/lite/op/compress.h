// Compress: the slices for which a condition holds.
#ifndef LITE_OP_COMPRESS_H_
#define LITE_OP_COMPRESS_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Input 1 is a list of bool, maybe shorter than the axis. Without an axis the input is taken as flat.
struct Compress {
    static constexpr std::string_view name = "Compress";
    static constexpr Spelling spellings[] = {{"onnx", "", "Compress"}};
    struct Attributes {
        int64_t axis = INT64_MAX;  // none
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const int64_t axis = c.attributes<Attributes>().axis;
        c.check_that(c.input(1).dtype == DType::boolean, "the condition is ", c.input(1).dtype, ", bool was expected");
        if (axis == INT64_MAX) return c.output(0, x.dtype, Shape{kUnknown});
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        Shape y = x.shape;
        y[normalize_axis(axis, y.rank(), c.where())] = kUnknown;
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &condition = c.input(1);
        const int64_t given = c.attributes<Attributes>().axis;
        const bool flat = given == INT64_MAX;
        const size_t axis = flat ? 0 : normalize_axis(given, x.shape.rank(), name);
        const Shape from = flat ? Shape{x.count()} : x.shape;
        std::vector<int64_t> keep;
        for (int64_t i = 0; i < std::min(condition.count(), from[axis]); ++i)
            if (condition.as<uint8_t>()[i]) keep.push_back(i);
        Shape shape = from;
        shape[axis] = static_cast<int64_t>(keep.size());
        const TensorView y = c.output(0, x.dtype, shape);
        const size_t run = static_cast<size_t>(from.count(axis + 1, from.rank())) * size_of(x.dtype);
        auto* to = y.as<std::byte>();
        if (run == 0) return;
        for (int64_t o = 0; o < from.count(0, axis); ++o)
            for (int64_t i : keep) {
                std::memcpy(to, x.as<std::byte>() + static_cast<size_t>(o * from[axis] + i) * run, run);
                to += run;
            }
    }
};

LITE_NAMESPACE_END
#endif
