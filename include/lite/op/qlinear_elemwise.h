// Element-wise operators on quantized tensors: QLinearAdd, QLinearMul, QLinearSigmoid, QLinearLeakyRelu.
#ifndef LITE_OP_QLINEAR_ELEMWISE_H_
#define LITE_OP_QLINEAR_ELEMWISE_H_
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

// Broadcasting index: the element of a dense tensor `s` that belongs to element i of the result `y`.
inline int64_t broadcast_index(const Shape& y, const Shape& s, int64_t i) {
    int64_t index = 0, scale = 1;
    for (size_t axis = y.rank(); axis-- > 0; i /= y[axis]) {
        if (axis + s.rank() < y.rank()) continue;
        const int64_t extent = s[axis + s.rank() - y.rank()];
        index += (extent == 1 ? 0 : i % y[axis]) * scale;
        scale *= extent;
    }
    return index;
}
// The float result of a sum, in units of y before its zero point: one order of operations for reference and SIMD bricks.
inline float qlinear_sum(int32_t a, int32_t b, float a_ratio, float b_ratio) {
    return static_cast<float>(a) * a_ratio + static_cast<float>(b) * b_ratio;
}

struct QLinearBinary {
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        check_8bit(c, 0, "A");
        c.check_that(c.input(3).dtype == c.input(0).dtype, "B is ", c.input(3).dtype, ", A ", c.input(0).dtype);
        for (size_t i : {1, 2, 4, 5, 6, 7}) check_scalar(c, i, "a scale or zero point");
        if (c.input(0).has_shape && c.input(3).has_shape) c.output(0, c.input(0).dtype, broadcast(c.shape(0), c.shape(3), c.where()));
        else c.output_unknown(0, c.input(0).dtype);
    }
    template <class F> static void reference(RunContext& c, F&& f) {
        const TensorView &a = c.input(0), &b = c.input(3);
        const TensorView y = c.output(0, a.dtype, broadcast(a.shape, b.shape, c.where()));
        const int32_t za = zero_points(c, 2)[0], zb = zero_points(c, 5)[0], zy = zero_points(c, 7)[0];
        const float sa = scales(c, 1)[0], sb = scales(c, 4)[0], sy = scales(c, 6)[0];
        for (int64_t i = 0; i < y.count(); ++i) {
            const int32_t va = load_quantized(a, broadcast_index(y.shape, a.shape, i)) - za;
            const int32_t vb = load_quantized(b, broadcast_index(y.shape, b.shape, i)) - zb;
            store_quantized(y, i, quantize_value(f(va, vb, sa, sb, sy), zy, quant_range(y.dtype)));
        }
    }
};

// Inputs of both: A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point; absent zero points are 0.
struct QLinearAdd : QLinearBinary {
    static constexpr std::string_view name = "QLinearAdd";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearAdd"}};
    static void reference(RunContext& c) {
        QLinearBinary::reference(c, [](int32_t a, int32_t b, float sa, float sb, float sy) { return qlinear_sum(a, b, sa / sy, sb / sy); });
    }
};
struct QLinearMul : QLinearBinary {
    static constexpr std::string_view name = "QLinearMul";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearMul"}};
    static void reference(RunContext& c) {
        QLinearBinary::reference(c, [](int32_t a, int32_t b, float sa, float sb, float sy) { return static_cast<float>(a * b) * (sa * sb / sy); });
    }
};

// A function of one quantized value as a table of its 256 results, indexed by the bits of x.
template <class F>
std::array<uint8_t, 256> quantized_table(DType x, float x_scale, int32_t x_zero, DType y, float y_scale, int32_t y_zero, F&& f) {
    std::array<uint8_t, 256> table{};
    for (size_t i = 0; i < 256; ++i) {
        const int32_t q = x == DType::i8 ? static_cast<int8_t>(static_cast<uint8_t>(i)) : static_cast<int32_t>(i);
        const float v = f(static_cast<float>(q - x_zero) * x_scale);
        table[i] = static_cast<uint8_t>(quantize_value(v / y_scale, y_zero, quant_range(y)));
    }
    return table;
}

// Inputs: X, X_scale, X_zero_point, Y_scale, Y_zero_point; absent zero points are 0.
struct QLinearUnary {
    static void infer(InferContext& c) {
        check_8bit(c, 0, "X");
        for (size_t i : {1, 2, 3, 4}) check_scalar(c, i, "a scale or zero point");
        if (c.input(0).has_shape) c.output(0, c.input(0).dtype, c.shape(0));
        else c.output_unknown(0, c.input(0).dtype);
    }
    template <class F> static void reference(RunContext& c, F&& f) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const auto table = quantized_table(x.dtype, scales(c, 1)[0], zero_points(c, 2)[0], y.dtype, scales(c, 3)[0], zero_points(c, 4)[0], f);
        for (int64_t i = 0; i < x.count(); ++i) y.as<uint8_t>()[i] = table[x.as<const uint8_t>()[i]];
    }
};
struct QLinearSigmoid : QLinearUnary {
    static constexpr std::string_view name = "QLinearSigmoid";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearSigmoid"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static float apply(float v) { return 1.f / (1.f + std::exp(-v)); }
    static void reference(RunContext& c) { QLinearUnary::reference(c, apply); }
};
struct QLinearLeakyRelu : QLinearUnary {
    static constexpr std::string_view name = "QLinearLeakyRelu";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearLeakyRelu"}};
    struct Attributes {
        float alpha = 0.01f;
        template <class V> void visit(V& v) { v("alpha", alpha); }
    };
    static void reference(RunContext& c) {
        const float alpha = c.attributes<Attributes>().alpha;
        QLinearUnary::reference(c, [=](float v) { return v < 0.f ? alpha * v : v; });
    }
};

LITE_NAMESPACE_END
#endif
