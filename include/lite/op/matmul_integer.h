// Matrix products of 8-bit matrices with 32-bit sums: MatMulInteger, MatMulIntegerToFloat, DynamicQuantizeMatMul.
#ifndef LITE_OP_MATMUL_INTEGER_H_
#define LITE_OP_MATMUL_INTEGER_H_
#include "lite/op/dynamic_quantize_linear.h"

LITE_NAMESPACE_BEGIN

// The shape of numpy's matmul; unknown extents stay unknown.
inline Shape integer_matmul_shape(Shape a, Shape b, const std::string& where) {
    check(a.rank() >= 1 && b.rank() >= 1, where, ": a matrix product of a scalar");
    const bool a_vector = a.rank() == 1, b_vector = b.rank() == 1;
    if (a_vector) a.insert(0, 1);
    if (b_vector) b.push_back(1);
    const int64_t ka = a.at(-1), kb = b.at(-2), m = a.at(-2), n = b.at(-1);
    check(ka < 0 || kb < 0 || ka == kb, where, ": shapes ", a, " and ", b, " do not multiply");
    a.resize(a.rank() - 2);
    b.resize(b.rank() - 2);
    Shape y = broadcast(a, b, where);
    if (!a_vector) y.push_back(m);
    if (!b_vector) y.push_back(n);
    return y;
}
inline void infer_integer_matmul(InferContext& c, size_t a, size_t b, DType type) {
    if (c.input(a).has_shape && c.input(b).has_shape) c.output(0, type, integer_matmul_shape(c.shape(a), c.shape(b), c.where()));
    else c.output_unknown(0, type);
}
// A parameter (scale or zero point) of the rows of A or the columns of B: one, one per row/column, or one per row/column of
// each matrix of a stack (shape [D1, D2, M, 1] for A, [D1, D2, 1, N] for B).
template <class T> T matrix_parameter(const std::vector<T>& v, int64_t matrix, int64_t extent, int64_t i) {
    if (v.size() == 1) return v[0];
    return v[static_cast<size_t>(static_cast<int64_t>(v.size()) > extent ? matrix * extent + i : i)];
}
// Calls f(output index, row's matrix and index, column's matrix and index, sum) for every element of the product of dense stacks.
template <class F>
void integer_matmul(const TensorView& a, const TensorView& b, const std::vector<int32_t>& a_zero, const std::vector<int32_t>& b_zero,
                    const std::string& where, F&& f) {
    Shape sa = a.shape, sb = b.shape;
    if (sa.rank() == 1) sa.insert(0, 1);
    if (sb.rank() == 1) sb.push_back(1);
    const int64_t m = sa.at(-2), k = sa.at(-1), n = sb.at(-1);
    sa.resize(sa.rank() - 2);
    sb.resize(sb.rank() - 2);
    const Shape stack = broadcast(sa, sb, where);
    // The matrix of an operand behind a matrix of the result.
    const auto source = [&](const Shape& s, int64_t i) {
        int64_t index = 0, scale = 1;
        for (size_t axis = stack.rank(); axis-- > 0; i /= stack[axis]) {
            if (axis + s.rank() < stack.rank()) continue;
            const int64_t extent = s[axis + s.rank() - stack.rank()];
            index += (extent == 1 ? 0 : i % stack[axis]) * scale;
            scale *= extent;
        }
        return index;
    };
    for (int64_t s = 0; s < stack.count(); ++s) {
        const int64_t ia = source(sa, s), ib = source(sb, s);
        for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
                const int32_t za = matrix_parameter(a_zero, ia, m, i), zb = matrix_parameter(b_zero, ib, n, j);
                int32_t sum = 0;
                for (int64_t q = 0; q < k; ++q)
                    sum = wrap_add(sum, (load_quantized(a, (ia * m + i) * k + q) - za) * (load_quantized(b, (ib * k + q) * n + j) - zb));
                f((s * m + i) * n + j, ia, i, ib, j, sum);
            }
    }
}

// y = (a - a_zero_point)(b - b_zero_point), i32.
struct MatMulInteger {
    static constexpr std::string_view name = "MatMulInteger";
    static constexpr Spelling spellings[] = {{"onnx", "", "MatMulInteger"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        check_8bit(c, 0, "A");
        check_8bit(c, 1, "B");
        infer_integer_matmul(c, 0, 1, DType::i32);
    }
    static void reference(RunContext& c) {
        const TensorView &a = c.input(0), &b = c.input(1);
        const TensorView y = c.output(0, DType::i32, integer_matmul_shape(a.shape, b.shape, c.where()));
        integer_matmul(a, b, zero_points(c, 2), zero_points(c, 3), c.where(),
                       [&](int64_t at, int64_t, int64_t, int64_t, int64_t, int32_t sum) { y.as<int32_t>()[at] = sum; });
    }
};

// y = (a - a_zp)(b - b_zp) * (a_scale * b_scale) + bias. Inputs: a, b, a_scale, b_scale, a_zp, b_zp, bias (the last three optional).
struct MatMulIntegerToFloat {
    static constexpr std::string_view name = "MatMulIntegerToFloat";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "MatMulIntegerToFloat"}};
    using Attributes = MatMulInteger::Attributes;
    static void infer(InferContext& c) {
        check_8bit(c, 0, "A");
        check_8bit(c, 1, "B");
        c.check_that(c.input(2).dtype == DType::f32 && c.input(3).dtype == DType::f32, "the scales are ", c.input(2).dtype, " and ",
                     c.input(3).dtype, ", f32 was expected");
        infer_integer_matmul(c, 0, 1, DType::f32);
    }
    static void reference(RunContext& c) {
        const TensorView &a = c.input(0), &b = c.input(1);
        const TensorView y = c.output(0, DType::f32, integer_matmul_shape(a.shape, b.shape, c.where()));
        const auto sa = scales(c, 2), sb = scales(c, 3), bias = c.has_input(6) ? scales(c, 6) : std::vector<float>(1);
        const int64_t m = a.shape.rank() > 1 ? a.shape.at(-2) : 1, n = b.shape.rank() > 1 ? b.shape.at(-1) : 1;
        integer_matmul(a, b, zero_points(c, 4), zero_points(c, 5), c.where(),
                       [&](int64_t at, int64_t ia, int64_t i, int64_t ib, int64_t j, int32_t sum) {
                           const float scale = matrix_parameter(sa, ia, m, i) * matrix_parameter(sb, ib, n, j);
                           y.as<float>()[at] = static_cast<float>(sum) * scale + pick(bias, static_cast<size_t>(j));
                       });
    }
};

// The same for a float a, which is quantized to u8 first, with the scale of its own range. Inputs: a, b, b_scale, b_zp, bias.
struct DynamicQuantizeMatMul {
    static constexpr std::string_view name = "DynamicQuantizeMatMul";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "DynamicQuantizeMatMul"}};
    using Attributes = MatMulInteger::Attributes;
    static void infer(InferContext& c) {
        c.check_that(c.input(0).dtype == DType::f32 && c.input(2).dtype == DType::f32, "A is ", c.input(0).dtype, " and b_scale ",
                     c.input(2).dtype, ", f32 was expected");
        check_8bit(c, 1, "B");
        infer_integer_matmul(c, 0, 1, DType::f32);
    }
    static void reference(RunContext& c) {
        const TensorView &a = c.input(0), &b = c.input(1);
        const TensorView y = c.output(0, DType::f32, integer_matmul_shape(a.shape, b.shape, c.where()));
        const float* in = a.as<const float>();
        float low = 0.f, high = 0.f;
        for (int64_t i = 0; i < a.count(); ++i) {
            low = std::min(low, in[i]);
            high = std::max(high, in[i]);
        }
        const DynamicScale s = dynamic_scale(low, high);
        Array q = Array::zeros(DType::u8, a.shape);
        for (int64_t i = 0; i < a.count(); ++i)
            reinterpret_cast<uint8_t*>(q.mutable_data())[i] = static_cast<uint8_t>(quantize_value(in[i] / s.scale, s.zero, {0, 255}));
        const auto sb = scales(c, 2), bias = c.has_input(4) ? scales(c, 4) : std::vector<float>(1);
        const int64_t n = b.shape.rank() > 1 ? b.shape.at(-1) : 1;
        integer_matmul(TensorView{q.mutable_data(), DType::u8, a.shape, LayoutTag::nchw}, b, {s.zero}, zero_points(c, 3), c.where(),
                       [&](int64_t at, int64_t, int64_t, int64_t ib, int64_t j, int32_t sum) {
                           const float scale = s.scale * matrix_parameter(sb, ib, n, j);
                           y.as<float>()[at] = static_cast<float>(sum) * scale + pick(bias, static_cast<size_t>(j));
                       });
    }
};

LITE_NAMESPACE_END
#endif
