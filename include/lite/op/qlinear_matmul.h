// Matrix products of 8-bit matrices scaled back to 8 bits: QLinearMatMul and QGemm.
#ifndef LITE_OP_QLINEAR_MATMUL_H_
#define LITE_OP_QLINEAR_MATMUL_H_
#include "lite/op/matmul_integer.h"

LITE_NAMESPACE_BEGIN

// y = saturate(round((a - a_zp)(b - b_zp) * (a_scale * b_scale / y_scale)) + y_zp).
// Inputs: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point.
struct QLinearMatMul {
    static constexpr std::string_view name = "QLinearMatMul";
    static constexpr Spelling spellings[] = {{"onnx", "", "QLinearMatMul"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        check_8bit(c, 0, "A");
        check_8bit(c, 3, "B");
        check_8bit(c, 7, "y_zero_point");
        check_scalar(c, 6, "y_scale");
        check_scalar(c, 7, "y_zero_point");
        for (size_t i : {1, 2}) check_matrix_parameter(c, i, 0, true, i == 1 ? "a_scale" : "a_zero_point");
        for (size_t i : {4, 5}) check_matrix_parameter(c, i, 3, false, i == 4 ? "b_scale" : "b_zero_point");
        infer_integer_matmul(c, 0, 3, c.input(7).dtype);
    }
    static void reference(RunContext& c) {
        const TensorView &a = c.input(0), &b = c.input(3);
        const TensorView y = c.output(0, c.input(7).dtype, integer_matmul_shape(a.shape, b.shape, c.where()));
        const auto sa = scales(c, 1), sb = scales(c, 4);
        const float sy = scales(c, 6)[0];
        const int32_t zero = zero_points(c, 7)[0];
        const int64_t m = a.shape.rank() > 1 ? a.shape.at(-2) : 1, n = b.shape.rank() > 1 ? b.shape.at(-1) : 1;
        integer_matmul(a, b, zero_points(c, 2), zero_points(c, 5), c.where(),
                       [&](int64_t at, int64_t ia, int64_t i, int64_t ib, int64_t j, int32_t sum) {
                           const float scale = matrix_parameter(sa, ia, m, i) * matrix_parameter(sb, ib, n, j) / sy;
                           store_quantized(y, at, quantize_value(static_cast<float>(sum) * scale, zero, quant_range(y.dtype)));
                       });
    }
};

// y = alpha * A' B' + C for matrices, C an i32 of scale alpha * a_scale * b_scale that broadcasts to the result. Without y_scale the
// result is f32. Inputs: A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point (the last three optional).
struct QGemm {
    static constexpr std::string_view name = "QGemm";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QGemm"}};
    struct Attributes {
        float alpha = 1.f;
        bool transA = false, transB = false;
        template <class V> void visit(V& v) {
            v("alpha", alpha);
            v("transA", transA);
            v("transB", transB);
        }
    };
    static void infer(InferContext& c) {
        const auto t = c.attributes<Attributes>();
        check_8bit(c, 0, "A");
        check_8bit(c, 3, "B");
        const DType type = c.has_input(7) ? (c.has_input(8) ? c.input(8).dtype : c.input(0).dtype) : DType::f32;
        check_scalar(c, 1, "a_scale");
        check_scalar(c, 2, "a_zero_point");
        check_scalar(c, 7, "y_scale");
        check_scalar(c, 8, "y_zero_point");
        if (c.has_input(6)) c.check_that(c.input(6).dtype == DType::i32, "C is ", c.input(6).dtype, ", i32 was expected");
        Shape y = Shape::filled(2, kUnknown);
        if (c.input(0).has_shape) {
            c.check_that(c.shape(0).rank() == 2, "A has shape ", c.shape(0), ", a matrix was expected");
            y[0] = c.shape(0)[t.transA];
        }
        if (c.input(3).has_shape) {
            c.check_that(c.shape(3).rank() == 2, "B has shape ", c.shape(3), ", a matrix was expected");
            y[1] = c.shape(3)[!t.transB];
        }
        for (size_t i : {4, 5}) check_matrix_parameter(c, i, 3, t.transB, i == 4 ? "b_scale" : "b_zero_point");
        if (c.input(0).shape_known() && c.input(3).shape_known())
            c.check_that(c.shape(0)[!t.transA] == c.shape(3)[t.transB], "shapes ", c.shape(0), " and ", c.shape(3), " do not multiply");
        if (c.has_input(6) && c.input(6).shape_known() && y.known())
            c.check_that(broadcast(c.shape(6), y, c.where()) == y, "C has shape ", c.shape(6), ", the result ", y);
        c.output(0, type, y);
    }
    static void reference(RunContext& c) {
        const auto t = c.attributes<Attributes>();
        const TensorView &a = c.input(0), &b = c.input(3);
        const int64_t m = a.shape[t.transA], k = a.shape[!t.transA], n = b.shape[!t.transB];
        const DType type = c.has_input(7) ? (c.has_input(8) ? c.input(8).dtype : a.dtype) : DType::f32;
        const TensorView y = c.output(0, type, {m, n});
        const float sa = scales(c, 1)[0];
        const auto sb = scales(c, 4);
        const auto zb = zero_points(c, 5);
        const int32_t za = zero_points(c, 2)[0], zy = zero_points(c, 8)[0];
        const int64_t rows = c.has_input(6) && c.input(6).shape.rank() == 2 ? c.input(6).shape[0] : 1;
        for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
                int32_t sum = 0;
                for (int64_t q = 0; q < k; ++q)
                    sum = wrap_add(sum, (load_quantized(a, t.transA ? q * m + i : i * k + q) - za) *
                                                (load_quantized(b, t.transB ? j * k + q : q * n + j) - pick(zb, static_cast<size_t>(j))));
                if (c.has_input(6)) {
                    const int64_t columns = c.input(6).count() / std::max<int64_t>(rows, 1);
                    sum = wrap_add(sum, load_quantized(c.input(6), (rows == 1 ? 0 : i * columns) + (columns == 1 ? 0 : j)));
                }
                const float scale = t.alpha * sa * pick(sb, static_cast<size_t>(j));
                if (type == DType::f32) y.as<float>()[i * n + j] = static_cast<float>(sum) * scale;
                else store_quantized(y, i * n + j, quantize_value(static_cast<float>(sum) * (scale / scales(c, 7)[0]), zy, quant_range(type)));
            }
    }
};

namespace detail {
struct QLinearMatMulKernel {
    static constexpr std::string_view name = "qlinear_matmul";
    static Int8ConvSpec spec(const NodeInfo& n) {
        Int8ConvSpec s = int8_matmul_spec(n, n.input(0).dtype, 3, 5);
        const float a = n.constant(1)->scalar_value<float>(), y = n.constant(6)->scalar_value<float>();
        s.scale = n.constant(4)->values<float>();
        for (float& f : s.scale) f = a * f / y;
        s.store = int8_store(n.output().dtype, n.constant(7)->scalar_value<int32_t>());
        return s;
    }
    static bool applicable(const NodeInfo& n) {
        for (size_t i : {1, 2, 6, 7})
            if (!constant_scalar(n, i)) return false;
        if (!int8_matmul_applicable(n, 0, 3, 5) || !n.constant(4)) return false;
        const int64_t columns = n.constant(3)->shape()[1];
        for (size_t i : {4, 5})
            if (n.has_input(i) && n.constant(i)->count() != 1 && n.constant(i)->count() != columns) return false;
        return Int8ConvPlan::in_range(int8_matmul_shape(n, 0, 3), spec(n));
    }
    static double cost(const NodeInfo& n) { return Int8ConvPlan::cost(*n.bricks, int8_matmul_shape(n, 0, 3), spec(n)); }
    struct State {
        Int8ConvPlan plan;
        int32_t zero;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        for (size_t i = 1; i < 8; ++i)
            if (n.has_input(i)) c.drop(i);
        return {Int8ConvPlan(n, c, int8_matmul_shape(n, 0, 3), spec(n)), n.constant(2)->scalar_value<int32_t>()};
    }
    static void run(const State& s, const RunContext& c) noexcept { s.plan.run(c, c.input(0).as<const uint8_t>(), s.zero, c.output(0).data); }
};
// With a C that is absent or one value for each column, constant.
struct QGemmKernel {
    static constexpr std::string_view name = "qgemm";
    static Int8ConvSpec spec(const NodeInfo& n) {
        const auto t = n.attributes<QGemm::Attributes>();
        Int8ConvSpec s = int8_matmul_spec(n, n.input(0).dtype, 3, 5, t.transB);
        if (n.has_input(6)) {
            s.bias = n.constant(6)->values<int32_t>();
            s.bias.resize(static_cast<size_t>(n.constant(3)->shape()[!t.transB]), s.bias[0]);
        }
        if (!n.has_input(7)) return s;
        s.scale = column_scales(n);
        for (float& f : s.scale) f = f / n.constant(7)->scalar_value<float>();
        s.store = int8_store(n.output().dtype, constant_zero_points(n, 8)[0]);
        return s;
    }
    static std::vector<float> column_scales(const NodeInfo& n) {
        std::vector<float> scale = n.constant(4)->values<float>();
        for (float& f : scale) f = n.attributes<QGemm::Attributes>().alpha * n.constant(1)->scalar_value<float>() * f;
        return scale;
    }
    static ConvShape shape(const NodeInfo& n) { return int8_matmul_shape(n, 0, 3, n.attributes<QGemm::Attributes>().transB); }
    static bool applicable(const NodeInfo& n) {
        const auto t = n.attributes<QGemm::Attributes>();
        if (t.transA || !constant_scalar(n, 1) || !constant_scalar(n, 2) || !int8_matmul_applicable(n, 0, 3, 5) || !n.constant(4)) return false;
        const int64_t columns = n.constant(3)->shape()[!t.transB];
        if (n.has_input(6)) {
            const Array* b = n.constant(6);
            if (!b || (b->count() != 1 && (b->count() != columns || b->shape().back() != columns))) return false;
        }
        for (size_t i : {7, 8})
            if (n.has_input(i) && !constant_scalar(n, i)) return false;
        for (size_t i : {4, 5})
            if (n.has_input(i) && n.constant(i)->count() != 1 && n.constant(i)->count() != columns) return false;
        return Int8ConvPlan::in_range(shape(n), spec(n));
    }
    static double cost(const NodeInfo& n) { return Int8ConvPlan::cost(*n.bricks, shape(n), spec(n)); }
    struct State {
        Int8ConvPlan plan;
        int32_t zero;
        std::vector<float> scale;  // of the columns; empty: the result is 8-bit
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        for (size_t i = 1; i < n.inputs.size(); ++i)
            if (n.has_input(i)) c.drop(i);
        State s{Int8ConvPlan(n, c, shape(n), spec(n)), n.constant(2)->scalar_value<int32_t>(), {}};
        if (!n.has_input(7)) {
            s.scale = column_scales(n);
            s.scale.resize(static_cast<size_t>(n.output().shape[1]), s.scale[0]);
        }
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView& y = c.output(0);
        s.plan.run(c, c.input(0).as<const uint8_t>(), s.zero, y.data);
        const auto columns = s.scale.size();
        if (!columns) return;
        for (size_t r = 0; r < static_cast<size_t>(y.shape[0]); ++r)
            c.bricks->int8.to_float(y.as<const int32_t>() + r * columns, columns, s.scale.data(), nullptr, y.as<float>() + r * columns);
    }
};
}  // namespace detail

template <> struct Kernel<QLinearMatMul, NCHW, uint8_t> : detail::QLinearMatMulKernel {};
template <> struct Kernel<QLinearMatMul, NCHW, int8_t> : detail::QLinearMatMulKernel {};
template <> struct Kernel<QGemm, NCHW, uint8_t> : detail::QGemmKernel {};
template <> struct Kernel<QGemm, NCHW, int8_t> : detail::QGemmKernel {};

LITE_NAMESPACE_END
#endif
