// Matrix products of 8-bit matrices with 32-bit sums: MatMulInteger, MatMulIntegerToFloat, DynamicQuantizeMatMul.
#ifndef LITE_OP_MATMUL_INTEGER_H_
#define LITE_OP_MATMUL_INTEGER_H_
#include "lite/op/dynamic_quantize_linear.h"

LITE_NAMESPACE_BEGIN

// The shape of numpy's matmul; unknown extents stay unknown.
inline Shape integer_matmul_shape(Shape a, Shape b, const Who& where) {
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
// Throws if such a parameter, input `i`, has another number of elements than the rows (columns) of input `matrix` want.
inline void check_matrix_parameter(const InferContext& c, size_t i, size_t matrix, bool rows, std::string_view what) {
    if (!c.has_input(i) || !c.input(i).shape_known() || !c.input(matrix).shape_known()) return;
    const Shape &p = c.shape(i), &s = c.shape(matrix);
    const int64_t extent = s.rank() < 2 ? 1 : s.at(rows ? -2 : -1), matrices = s.rank() < 3 ? 1 : s.count(0, s.rank() - 2);
    c.check_that(p.count() == 1 || p.count() == extent || p.count() == extent * matrices, what, " has shape ", p, ", the matrix has ", s);
}
// The same of a row that is added to every row of the product with input `matrix`.
inline void check_bias(const InferContext& c, size_t i, size_t matrix) {
    if (!c.has_input(i) || !c.input(i).shape_known() || !c.input(matrix).shape_known()) return;
    const int64_t columns = c.shape(matrix).rank() < 2 ? 1 : c.shape(matrix).at(-1);
    c.check_that(c.shape(i).count() == 1 || c.shape(i).count() == columns, "the bias has shape ", c.shape(i), ", the matrix has ", c.shape(matrix));
}
// Calls f(output index, row's matrix and index, column's matrix and index, sum) for every element of the product of dense stacks.
using IntegerMatmulElement = std::function<void(int64_t at, int64_t ia, int64_t i, int64_t ib, int64_t j, int32_t sum)>;
inline void integer_matmul(const TensorView& a, const TensorView& b, const std::vector<int32_t>& a_zero, const std::vector<int32_t>& b_zero,
                           const Who& where, const IntegerMatmulElement& f) {
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
        check_matrix_parameter(c, 2, 0, true, "a_zero_point");
        check_matrix_parameter(c, 3, 1, false, "b_zero_point");
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
        for (size_t i : {2, 4}) check_matrix_parameter(c, i, 0, true, i == 2 ? "a_scale" : "a_zero_point");
        for (size_t i : {3, 5}) check_matrix_parameter(c, i, 1, false, i == 3 ? "b_scale" : "b_zero_point");
        check_bias(c, 6, 1);
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
        for (size_t i : {2, 3}) check_matrix_parameter(c, i, 1, false, i == 2 ? "b_scale" : "b_zero_point");
        check_bias(c, 4, 1);
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

namespace detail {
// The products of this file and of qlinear_matmul.h with a constant matrix B, run as convolutions of single pixels. `a` and `b` are
// the indices of the inputs.
inline bool int8_matmul_applicable(const NodeInfo& n, size_t a, size_t b, size_t b_zero) {
    return n.input(a).shape_known() && n.input(a).shape.rank() >= 1 && n.constant(b) && n.constant(b)->shape().rank() == 2 &&
           (!n.has_input(b_zero) || n.constant(b_zero));
}
inline ConvShape int8_matmul_shape(const NodeInfo& n, size_t a, size_t b, bool transposed = false) {
    const Shape &sa = n.input(a).shape, &sb = n.constant(b)->shape();
    return Int8ConvPlan::product(sa.count(0, sa.rank() - 1), sb[transposed], sb[!transposed]);
}
inline Int8ConvSpec int8_matmul_spec(const NodeInfo& n, DType a_type, size_t b, size_t b_zero, bool transposed = false) {
    Int8ConvSpec s;
    s.x_type = a_type;
    s.w = n.constant(b);
    s.columns = !transposed;
    s.w_zero = constant_zero_points(n, b_zero);
    return s;
}

struct MatMulIntegerKernel {
    static constexpr std::string_view name = "matmul_integer";
    static Int8ConvSpec spec(const NodeInfo& n) { return int8_matmul_spec(n, n.input(0).dtype, 1, 3); }
    // A zero point for every row of A has no kernel.
    static bool applicable(const NodeInfo& n) { return int8_matmul_applicable(n, 0, 1, 3) && is_scalar_zero(n, 2, n.input(0).dtype); }
    static double cost(const NodeInfo& n) { return Int8ConvPlan::cost(*n.bricks, int8_matmul_shape(n, 0, 1), spec(n)); }
    using State = Int8ConvPlan;
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        c.drop(1);
        if (n.has_input(3)) c.drop(3);
        return Int8ConvPlan(n, c, int8_matmul_shape(n, 0, 1), spec(n));
    }
    static void run(const State& s, const RunContext& c) noexcept { s.run(c, c.input(0).as<const uint8_t>(), scalar_zero(c, 2), c.output(0).data); }
};

// Sums in place of the floats that they become.
struct IntegerToFloat {
    std::vector<float> b_scale, bias;  // one for each column; bias may be empty
    size_t scale_at = 0;               // in the workspace: the scales of the columns
    void prepare(const NodeInfo& n, PrepareContext& c, size_t b, size_t scale_input, size_t bias_input, size_t workspace) {
        const auto columns = static_cast<size_t>(n.constant(b)->shape()[1]);
        b_scale = n.constant(scale_input)->values<float>();
        b_scale.resize(columns, b_scale[0]);
        if (n.has_input(bias_input)) bias = n.constant(bias_input)->values<float>();
        scale_at = (workspace + 63) / 64 * 64;
        c.need_workspace(scale_at + columns * sizeof(float));
        c.drop(b);
        c.drop(scale_input);
        if (n.has_input(bias_input)) c.drop(bias_input);
    }
    void run(const RunContext& c, float a_scale, const TensorView& y) const noexcept {
        float* scale = reinterpret_cast<float*>(c.workspace + scale_at);
        const size_t columns = b_scale.size();
        for (size_t i = 0; i < columns; ++i) scale[i] = a_scale * b_scale[i];
        if (columns == 0) return;
        c.pool->parallel_for(static_cast<size_t>(y.count()) / columns, 1 + 4096 / columns, [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r)
                c.bricks->int8.to_float(y.as<const int32_t>() + r * columns, columns, scale, bias.empty() ? nullptr : bias.data(), y.as<float>() + r * columns);
        });
    }
    static bool applicable(const NodeInfo& n, size_t b, size_t scale_input, size_t bias_input) {
        const int64_t columns = n.constant(b)->shape()[1];
        return n.constant(scale_input) && (n.constant(scale_input)->count() == 1 || n.constant(scale_input)->count() == columns) &&
               (!n.has_input(bias_input) || (n.constant(bias_input) && n.constant(bias_input)->count() == columns));
    }
};

struct MatMulIntegerToFloatKernel {
    static constexpr std::string_view name = "matmul_integer_to_float";
    static Int8ConvSpec spec(const NodeInfo& n) { return int8_matmul_spec(n, n.input(0).dtype, 1, 5); }
    static bool applicable(const NodeInfo& n) {
        return int8_matmul_applicable(n, 0, 1, 5) && is_scalar_f32(n, 2) && is_scalar_zero(n, 4, n.input(0).dtype) && IntegerToFloat::applicable(n, 1, 3, 6);
    }
    static double cost(const NodeInfo& n) {
        return Int8ConvPlan::cost(*n.bricks, int8_matmul_shape(n, 0, 1), spec(n)) + static_cast<double>(n.output().shape.count()) / n.bricks->lanes;
    }
    struct State {
        Int8ConvPlan plan;
        IntegerToFloat finish;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s{Int8ConvPlan(n, c, int8_matmul_shape(n, 0, 1), spec(n)), {}};
        s.finish.prepare(n, c, 1, 3, 6, s.plan.workspace_bytes());
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        s.plan.run(c, c.input(0).as<const uint8_t>(), scalar_zero(c, 4), c.output(0).data);
        s.finish.run(c, scalar_f32(c, 2), c.output(0));
    }
};
struct DynamicQuantizeMatMulKernel {
    static constexpr std::string_view name = "dynamic_quantize_matmul";
    static Int8ConvSpec spec(const NodeInfo& n) { return int8_matmul_spec(n, DType::u8, 1, 3); }
    static bool applicable(const NodeInfo& n) { return int8_matmul_applicable(n, 0, 1, 3) && IntegerToFloat::applicable(n, 1, 2, 4); }
    static double cost(const NodeInfo& n) {
        return Int8ConvPlan::cost(*n.bricks, int8_matmul_shape(n, 0, 1), spec(n)) +
               static_cast<double>(n.output().shape.count() + n.input(0).shape.count()) / n.bricks->lanes;
    }
    struct State {
        Int8ConvPlan plan;
        IntegerToFloat finish;
        size_t range_at = 0, bytes_at = 0;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s{Int8ConvPlan(n, c, int8_matmul_shape(n, 0, 1), spec(n)), {}};
        s.finish.prepare(n, c, 1, 2, 4, s.plan.workspace_bytes());
        s.range_at = (c.workspace_bytes + 63) / 64 * 64;
        s.bytes_at = s.range_at + dynamic_range_scratch(n.threads) * sizeof(float);
        c.need_workspace(s.bytes_at + static_cast<size_t>(n.input(0).shape.count()));
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const float* x = c.input(0).as<const float>();
        const auto n = static_cast<size_t>(c.input(0).count());
        const DynamicScale scale = dynamic_scale(c, x, n, reinterpret_cast<float*>(c.workspace + s.range_at));
        auto* bytes = reinterpret_cast<uint8_t*>(c.workspace + s.bytes_at);
        const Int8Store store = int8_store(DType::u8, scale.zero);
        c.pool->parallel_for(n, 8192, [&](size_t begin, size_t end, int) {
            c.bricks->int8.quantize(x + begin, end - begin, scale.scale, store, bytes + begin);
        });
        s.plan.run(c, bytes, scale.zero, c.output(0).data);
        s.finish.run(c, scale.scale, c.output(0));
    }
};
}  // namespace detail

template <> struct Kernel<MatMulInteger, NCHW, uint8_t> : detail::MatMulIntegerKernel {};
template <> struct Kernel<MatMulInteger, NCHW, int8_t> : detail::MatMulIntegerKernel {};
template <> struct Kernel<MatMulIntegerToFloat, NCHW, uint8_t> : detail::MatMulIntegerToFloatKernel {};
template <> struct Kernel<MatMulIntegerToFloat, NCHW, int8_t> : detail::MatMulIntegerToFloatKernel {};
template <> struct Kernel<DynamicQuantizeMatMul, NCHW, float> : detail::DynamicQuantizeMatMulKernel {};

LITE_NAMESPACE_END
#endif
