// ConstantOfShape: a tensor of a shape that is an input, filled with one value.
#ifndef LITE_OP_CONSTANT_OF_SHAPE_H_
#define LITE_OP_CONSTANT_OF_SHAPE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The value and its dtype are those of the one-element attribute `value`; f32 0 without it.
struct ConstantOfShape {
    static constexpr std::string_view name = "ConstantOfShape";
    static constexpr Spelling spellings[] = {{"onnx", "", "ConstantOfShape"}};
    struct Attributes {
        Array value;
        template <class V> void visit(V& v) { v("value", value); }
    };
    static void infer(InferContext& c) {
        const Array value = value_of(c.attributes<Attributes>());
        c.check_that(value.count() == 1, "the attribute 'value' has shape ", value.shape(), ", one element was expected");
        const Array* v = c.value(0);
        if (!v) {
            const TensorInfo& s = c.input(0);
            return c.output_unknown(0, value.dtype(), s.shape_known() ? static_cast<int>(s.shape.count()) : -1);
        }
        const Shape shape(v->values<int64_t>());
        for (int64_t d : shape) c.check_that(d >= 0, "the shape ", v->values<int64_t>(), " has a negative extent");
        c.check_that(shape.addressable(), "the shape ", shape, " is too large to address");
        if (shape.count() > kSmall) return c.output(0, value.dtype(), shape);
        Array y = Array::zeros(value.dtype(), shape);
        fill(y.mutable_data(), value, shape.count(), nullptr);
        c.output_value(0, std::move(y));
    }
    static void reference(RunContext& c) {
        const Array value = value_of(c.attributes<Attributes>());
        const Shape shape(c.input(0).values<int64_t>());
        const TensorView y = c.output(0, value.dtype(), shape);
        fill(y.data, value, shape.count(), c.pool);
    }

private:
    static constexpr int64_t kSmall = 1024;
    static Array value_of(const Attributes& a) { return a.value ? a.value : Array::scalar(0.f); }
    static void fill(void* y, const Array& value, int64_t n, ThreadPool* pool) {
        StridedCopy copy;
        copy.axis(n, 1, 0);
        copy.run(y, value.data(), size_of(value.dtype()), pool, nullptr);
    }
};

LITE_NAMESPACE_END
#endif
