// Element-wise operators on quantized tensors: QLinearAdd, QLinearMul, QLinearSigmoid, QLinearLeakyRelu.
#ifndef LITE_OP_QLINEAR_ELEMWISE_H_
#define LITE_OP_QLINEAR_ELEMWISE_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/broadcast.h"
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
// Runs of the broadcast result; an operand that repeats is written out in L1 first. Packed layouts take equal shapes only.
struct QLinearBinaryBody {
    using State = BroadcastLoop<2>;
    // The shape of input i as it lies in memory; false if the layout does not fit it.
    static bool operand(const NodeInfo& n, size_t i, Shape& s) {
        const LayoutTag layout = n.layout();
        const TensorInfo& t = n.input(i);
        s = t.shape;
        if (layout == LayoutTag::nchw) return t.layout == layout;
        if (layout != LayoutTag::nhwc) {
            s = Shape{padded_count(layout, s)};
            return !t.value && t.layout == layout && t.shape == n.output().shape;
        }
        // What has one axis only lies the same in both orders.
        const size_t rank = n.output().shape.rank();
        const bool line = std::count_if(s.begin(), s.end(), [](int64_t d) { return d != 1; }) <= 1, image = !t.value && t.layout == layout && s.rank() == rank;
        if (rank < 3 || (!line && !image)) return false;
        while (s.rank() < rank) s.insert(0, 1);
        s = memory_shape(layout, s);
        return true;
    }
    static bool applicable(const NodeInfo& n) {
        const DType t = n.input(0).dtype;
        const bool image = n.layout() == LayoutTag::nchw || (!n.constant(0) && n.input(0).layout == n.layout()) || (!n.constant(3) && n.input(3).layout == n.layout());
        Shape a, b;
        return image && operand(n, 0, a) && operand(n, 3, b) && is_scalar_f32(n, 1) && is_scalar_f32(n, 4) && is_scalar_f32(n, 6) && is_scalar_zero(n, 2, t) &&
               is_scalar_zero(n, 5, t) && is_scalar_zero(n, 7, t);
    }
    static State loop(const NodeInfo& n) {
        Shape pair[2];
        operand(n, 0, pair[0]);
        operand(n, 3, pair[1]);
        const LayoutTag layout = n.layout();
        const bool packed = layout != LayoutTag::nchw && layout != LayoutTag::nhwc;
        return State(packed ? pair[0] : memory_shape(layout, n.output().shape), pair);
    }
    static double cost(const NodeInfo& n) {
        const State s = loop(n);
        const auto total = static_cast<double>(s.total), runs = total / static_cast<double>(std::max<size_t>(s.inner, 1));
        return 200 + total / n.bricks->lanes * 1.5 + runs * 10;
    }
    static State prepare(const NodeInfo& n, PrepareContext&) { return loop(n); }
    static void run(const State& s, const RunContext& c, bool mul) noexcept {
        const int32_t shift = byte_shift(c.output(0).dtype), za = scalar_zero(c, 2) + shift, zb = scalar_zero(c, 5) + shift;
        const float sa = scalar_f32(c, 1), sb = scalar_f32(c, 4), sy = scalar_f32(c, 6);
        const Int8Store store = int8_store(c.output(0).dtype, scalar_zero(c, 7));
        const uint8_t* const from[] = {c.input(0).as<const uint8_t>(), c.input(3).as<const uint8_t>()};
        uint8_t* y = c.output(0).as<uint8_t>();
        const auto bytes = [&](const uint8_t* a, const uint8_t* b, size_t n, uint8_t* to) {
            if (mul) c.bricks->int8.mul(a, b, n, za, zb, sa * sb / sy, store, to);
            else c.bricks->int8.add(a, b, n, za, zb, sa / sy, sb / sy, store, to);
        };
        c.pool->parallel_for(s.total, 8192, [&](size_t begin, size_t end, int) {
            s.for_each_run(begin, end, [&](size_t first, const int64_t* at, size_t n) {
                constexpr size_t kPiece = 1024;
                alignas(64) uint8_t repeated[2][kPiece];
                const uint8_t* p[2];
                bool dense[2];
                for (size_t o = 0; o < 2; ++o) {
                    p[o] = from[o] + at[o];
                    dense[o] = s.step[o] == kDense;
                    if (dense[o]) continue;
                    size_t have = s.step[o] == kScalar ? 1 : s.period;
                    std::memcpy(repeated[o], p[o], have);
                    for (const size_t want = std::min(n, kPiece); have < want; have *= 2) std::memcpy(repeated[o] + have, repeated[o], std::min(have, kPiece - have));
                    p[o] = repeated[o];
                }
                const size_t piece = dense[0] && dense[1] ? n : kPiece;
                for (size_t i = 0; i < n; i += piece) bytes(p[0] + (dense[0] ? i : 0), p[1] + (dense[1] ? i : 0), std::min(piece, n - i), y + first + i);
            });
        });
        zero_pad_lanes(c.output(0), *c.pool);
    }
};
template <bool kMul> struct QLinearBinaryFlat : QLinearBinaryBody {
    static constexpr std::string_view name = kMul ? "qlinear_mul/flat" : "qlinear_add/flat";
    static void run(const State& s, const RunContext& c) noexcept { QLinearBinaryBody::run(s, c, kMul); }
};
// By a table of 256 results. One layout of input and output, which has no padding lanes.
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
