// Element-wise operators on quantized tensors: QLinearAdd, QLinearMul, QLinearSigmoid, QLinearLeakyRelu.
#ifndef LITE_OP_QLINEAR_ELEMWISE_H_
#define LITE_OP_QLINEAR_ELEMWISE_H_
#include "lite/op/quantize_linear.h"

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
    static void reference(RunContext& c, float (*f)(int32_t a, int32_t b, float sa, float sb, float sy)) {
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
using QuantizedFunction = float (*)(float x, float alpha);
inline std::array<uint8_t, 256> quantized_table(DType x, float x_scale, int32_t x_zero, DType y, float y_scale, int32_t y_zero, QuantizedFunction f, float alpha) {
    std::array<uint8_t, 256> table{};
    for (size_t i = 0; i < 256; ++i) {
        const int32_t q = x == DType::i8 ? static_cast<int8_t>(static_cast<uint8_t>(i)) : static_cast<int32_t>(i);
        const float v = f(static_cast<float>(q - x_zero) * x_scale, alpha);
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
    static void reference(RunContext& c, QuantizedFunction f, float alpha) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const auto table = quantized_table(x.dtype, scales(c, 1)[0], zero_points(c, 2)[0], y.dtype, scales(c, 3)[0], zero_points(c, 4)[0], f, alpha);
        for (int64_t i = 0; i < x.count(); ++i) y.as<uint8_t>()[i] = table[x.as<const uint8_t>()[i]];
    }
};
struct QLinearSigmoid : QLinearUnary {
    static constexpr std::string_view name = "QLinearSigmoid";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearSigmoid"}};
    struct Attributes {
        static constexpr float alpha = 0.f;
        template <class V> void visit(V&) {}
    };
    static float function(float v, float) { return 1.f / (1.f + std::exp(-v)); }
    static void reference(RunContext& c) { QLinearUnary::reference(c, &function, 0.f); }
};
struct QLinearLeakyRelu : QLinearUnary {
    static constexpr std::string_view name = "QLinearLeakyRelu";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearLeakyRelu"}};
    struct Attributes {
        float alpha = 0.01f;
        template <class V> void visit(V& v) { v("alpha", alpha); }
    };
    static float function(float v, float alpha) { return v < 0.f ? alpha * v : v; }
    static void reference(RunContext& c) { QLinearUnary::reference(c, &function, c.attributes<Attributes>().alpha); }
};

namespace detail {
// Equal shapes; parameters may come from a run.
struct QLinearBinaryBody {
    using State = NoState;
    static bool applicable(const NodeInfo& n) {
        const DType t = n.input(0).dtype;
        return n.input(0).shape == n.input(3).shape && !n.constant(0) && !n.constant(3) && is_scalar_f32(n, 1) && is_scalar_f32(n, 4) && is_scalar_f32(n, 6) &&
               is_scalar_zero(n, 2, t) && is_scalar_zero(n, 5, t) && is_scalar_zero(n, 7, t);
    }
    static double cost(const NodeInfo& n) { return 200 + static_cast<double>(n.input(0).shape.count()) / n.bricks->lanes * 1.5; }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const RunContext& c, bool mul) noexcept {
        const int32_t shift = byte_shift(c.output(0).dtype), za = scalar_zero(c, 2) + shift, zb = scalar_zero(c, 5) + shift;
        const float sa = scalar_f32(c, 1), sb = scalar_f32(c, 4), sy = scalar_f32(c, 6);
        const Int8Store store = int8_store(c.output(0).dtype, scalar_zero(c, 7));
        const uint8_t *a = c.input(0).as<const uint8_t>(), *b = c.input(3).as<const uint8_t>();
        uint8_t* y = c.output(0).as<uint8_t>();
        c.pool->parallel_for(c.output(0).bytes(), 8192, [&](size_t begin, size_t end, int) {
            if (mul) c.bricks->int8.mul(a + begin, b + begin, end - begin, za, zb, sa * sb / sy, store, y + begin);
            else c.bricks->int8.add(a + begin, b + begin, end - begin, za, zb, sa / sy, sb / sy, store, y + begin);
        });
        zero_pad_lanes(c.output(0), *c.pool);
    }
};
// By a table of 256 results. One layout of input and output, which has no padding lanes.
template <bool kMul> struct QLinearBinaryFlat : QLinearBinaryBody {
    static constexpr std::string_view name = kMul ? "qlinear_mul/flat" : "qlinear_add/flat";
    static void run(const State&, const RunContext& c) noexcept { QLinearBinaryBody::run(c, kMul); }
};
struct QLinearTableBody {
    using State = std::array<uint8_t, 256>;
    static bool applicable(const NodeInfo& n) {
        return n.constant(1) && n.constant(3) && (!n.has_input(2) || n.constant(2)) && (!n.has_input(4) || n.constant(4));
    }
    static double cost(const NodeInfo& n) { return 1000 + static_cast<double>(n.input(0).shape.count()) * 0.4; }
    static State prepare(const NodeInfo& n, QuantizedFunction f, float alpha) {
        return quantized_table(n.input(0).dtype, n.constant(1)->scalar_value<float>(), constant_zero_points(n, 2)[0], n.output().dtype,
                               n.constant(3)->scalar_value<float>(), constant_zero_points(n, 4)[0], f, alpha);
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const uint8_t* x = c.input(0).as<const uint8_t>();
        uint8_t* y = c.output(0).as<uint8_t>();
        c.pool->parallel_for(static_cast<size_t>(c.output(0).count()), 8192, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) y[i] = s[x[i]];
        });
    }
};
template <class Op> struct QLinearTable : QLinearTableBody {
    static constexpr std::string_view name = "qlinear/table";
    static State prepare(const NodeInfo& n, PrepareContext&) { return QLinearTableBody::prepare(n, &Op::function, n.attributes<typename Op::Attributes>().alpha); }
};
}  // namespace detail

template <> struct Kernel<QLinearAdd, NCHW, uint8_t> : detail::QLinearBinaryFlat<false> {};
template <> struct Kernel<QLinearAdd, NHWC, uint8_t> : detail::QLinearBinaryFlat<false> {};
template <> struct Kernel<QLinearAdd, NCHW, int8_t> : detail::QLinearBinaryFlat<false> {};
template <> struct Kernel<QLinearAdd, NHWC, int8_t> : detail::QLinearBinaryFlat<false> {};
template <PackedInt8Layout L> struct Kernel<QLinearAdd, L, uint8_t> : detail::QLinearBinaryFlat<false> {};
template <PackedInt8Layout L> struct Kernel<QLinearAdd, L, int8_t> : detail::QLinearBinaryFlat<false> {};
template <> struct Kernel<QLinearMul, NCHW, uint8_t> : detail::QLinearBinaryFlat<true> {};
template <> struct Kernel<QLinearMul, NHWC, uint8_t> : detail::QLinearBinaryFlat<true> {};
template <> struct Kernel<QLinearMul, NCHW, int8_t> : detail::QLinearBinaryFlat<true> {};
template <> struct Kernel<QLinearMul, NHWC, int8_t> : detail::QLinearBinaryFlat<true> {};
template <> struct Kernel<QLinearSigmoid, NCHW, void> : detail::QLinearTable<QLinearSigmoid> {};
template <> struct Kernel<QLinearSigmoid, NHWC, void> : detail::QLinearTable<QLinearSigmoid> {};
template <> struct Kernel<QLinearLeakyRelu, NCHW, void> : detail::QLinearTable<QLinearLeakyRelu> {};
template <> struct Kernel<QLinearLeakyRelu, NHWC, void> : detail::QLinearTable<QLinearLeakyRelu> {};

LITE_NAMESPACE_END
#endif
