// QLinearConcat: joins quantized tensors of different scales along an axis.
#ifndef LITE_OP_QLINEAR_CONCAT_H_
#define LITE_OP_QLINEAR_CONCAT_H_
#include "lite/op/qlinear_elemwise.h"

LITE_NAMESPACE_BEGIN

// Inputs: Y_scale, Y_zero_point, then X, X_scale, X_zero_point of every part.
struct QLinearConcat {
    static constexpr std::string_view name = "QLinearConcat";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearConcat"}};
    struct Attributes {
        int64_t axis = 0;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        c.check_that(c.input_count() >= 5 && (c.input_count() - 2) % 3 == 0, c.input_count(), " inputs: 2 and 3 for every part were expected");
        const DType type = c.input(1).dtype;
        Shape y;
        bool known = true;
        for (size_t i = 2; i < c.input_count(); i += 3) {
            check_8bit(c, i, "a part");
            c.check_that(c.input(i).dtype == type, "a part is ", c.input(i).dtype, ", the output ", type);
            known = known && c.input(i).has_shape;
        }
        if (!known) {
            c.output_unknown(0, type);
            return;
        }
        y = c.shape(2);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.rank(), c.where());
        for (size_t i = 5; i < c.input_count(); i += 3) {
            const Shape& s = c.shape(i);
            c.check_that(s.rank() == y.rank(), "shapes ", y, " and ", s, " do not join");
            for (size_t k = 0; k < s.rank(); ++k) {
                if (k == axis) y[k] = y[k] < 0 || s[k] < 0 ? kUnknown : y[k] + s[k];
                else if (y[k] < 0) y[k] = s[k];
                else c.check_that(s[k] < 0 || s[k] == y[k], "shapes ", y, " and ", s, " do not join along axis ", axis);
            }
        }
        c.output(0, type, y);
    }
    static void reference(RunContext& c) {
        Shape shape = c.input(2).shape;
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, shape.rank(), c.where());
        for (size_t i = 5; i < c.inputs.size(); i += 3) shape[axis] += c.input(i).shape[axis];
        const TensorView y = c.output(0, c.input(1).dtype, shape);
        const float y_scale = scales(c, 0)[0];
        const int32_t y_zero = zero_points(c, 1)[0];
        const int64_t outer = shape.count(0, axis), inner = shape.count(axis + 1, shape.rank());
        int64_t at = 0;
        for (size_t i = 2; i < c.inputs.size(); i += 3) {
            const TensorView& x = c.input(i);
            const auto table = quantized_table(x.dtype, scales(c, i + 1)[0], zero_points(c, i + 2)[0], y.dtype, y_scale, y_zero, [](float v) { return v; });
            const int64_t run = x.shape[axis] * inner;
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t k = 0; k < run; ++k)
                    y.as<uint8_t>()[o * shape[axis] * inner + at + k] = table[x.as<const uint8_t>()[o * run + k]];
            at += run;
        }
    }
};

LITE_NAMESPACE_END
#endif
