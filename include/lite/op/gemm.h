// Gemm: y = alpha op(A) op(B) + beta C on matrices, with an optional fused activation.
#ifndef LITE_OP_GEMM_H_
#define LITE_OP_GEMM_H_
#include "lite/op/product.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Inputs: A [M, K] ([K, M] if transA), B [K, N] ([N, K] if transB), C (optional) of at most two axes that broadcast to [M, N].
// Passes set activation*; the rest is ONNX.
struct Gemm {
    static constexpr std::string_view name = "Gemm";
    static constexpr Spelling spellings[] = {{"onnx", "", "Gemm"}};
    struct Attributes {
        float alpha = 1.f, beta = 1.f;
        int64_t transA = 0, transB = 0;
        ElemwiseMode activation = ElemwiseMode::identity;
        float activation_alpha = 0.f, activation_beta = 0.f;
        template <class V> void visit(V& v) {
            v("alpha", alpha);
            v("beta", beta);
            v("transA", transA);
            v("transB", transB);
            v("activation", activation);
            v("activation_alpha", activation_alpha);
            v("activation_beta", activation_beta);
        }
        Activation fused() const { return {activation, activation_alpha, activation_beta}; }
    };
    struct Extents {
        int64_t m, n, k;
        static Extents of(const Attributes& at, const Shape& a, const Shape& b, const Who& who) {
            check(a.rank() == 2 && b.rank() == 2, who, ": operands are ", a, " and ", b, ", expected matrices");
            Extents e{at.transA ? a[1] : a[0], at.transB ? b[0] : b[1], at.transA ? a[0] : a[1]};
            const int64_t kb = at.transB ? b[1] : b[0];
            check(e.k == kb || e.k < 0 || kb < 0, who, ": operands are ", a, " and ", b, ": ", e.k, " columns do not meet ", kb, " rows");
            if (e.k < 0) e.k = kb;
            return e;
        }
    };

    static void infer(InferContext& c) {
        const auto at = c.attributes<Attributes>();
        const TensorInfo &a = c.input(0), &b = c.input(1);
        c.check_that(a.dtype == b.dtype, "the operands are ", a.dtype, " and ", b.dtype, ", expected the same type");
        c.check_that(a.dtype != DType::boolean, "the operands are bool, expected numbers");
        if (c.has_input(2)) c.check_that(c.input(2).dtype == a.dtype, "input 2 is ", c.input(2).dtype, ", the operands are ", a.dtype);
        if (!a.has_shape || !b.has_shape) return c.output_unknown(0, a.dtype, 2);
        const Extents e = Extents::of(at, a.shape, b.shape, c.where());
        if (c.has_input(2) && c.input(2).has_shape) {
            const Shape& s = c.input(2).shape;
            bool fits = s.rank() <= 2;
            for (size_t i = 0; fits && i < s.rank(); ++i) {
                const int64_t mine = s[s.rank() - 1 - i], want = i ? e.m : e.n;
                fits = mine == 1 || mine == want || mine < 0 || want < 0;
            }
            c.check_that(fits, "input 2 is ", s, ", which does not broadcast to ", Shape{e.m, e.n});
        }
        c.output(0, a.dtype, {e.m, e.n});
    }

    // Floating-point sums are kept in double; integers wrap around, and go through double if alpha or beta is not 1.
    static void reference(RunContext& c) {
        const auto at = c.attributes<Attributes>();
        const TensorView &a = c.input(0), &b = c.input(1);
        const Extents e = Extents::of(at, a.shape, b.shape, c.where());
        const TensorView y = c.output(0, a.dtype, {e.m, e.n});
        const Activation act = at.fused();
        const size_t m = static_cast<size_t>(e.m), n = static_cast<size_t>(e.n), k = static_cast<size_t>(e.k);
        size_t c_row = 0, c_col = 0;  // steps of C
        if (c.has_input(2)) {
            const Shape& s = c.input(2).shape;
            c_col = s.rank() >= 1 && s.back() != 1 ? 1 : 0;
            c_row = s.rank() == 2 && s[0] != 1 ? static_cast<size_t>(s[1]) : 0;
        }
        // An integer that was computed in 64 bits, as a number of the tensors' type.
        const size_t spare = 64 - 8 * size_of(y.dtype);
        const bool is_signed = y.dtype == DType::i8 || y.dtype == DType::i16 || y.dtype == DType::i32 || y.dtype == DType::i64;
        const auto as_double = [&](uint64_t v) {
            return is_signed ? static_cast<double>(static_cast<int64_t>(v << spare) >> spare) : static_cast<double>(v << spare >> spare);
        };
        visit_sums(a.dtype, [&](auto sum, auto value) {
            using Sum = decltype(sum);
            using V = decltype(value);
            const std::vector<V> va = a.values<V>(), vb = b.values<V>(), vc = c.has_input(2) ? c.input(2).values<V>() : std::vector<V>();
            std::vector<Sum> row(n);
            std::vector<V> out(n);
            for (size_t r = 0; r < m; ++r) {
                std::fill(row.begin(), row.end(), Sum{});
                for (size_t q = 0; q < k; ++q) {
                    const Sum x = static_cast<Sum>(va[at.transA ? q * m + r : r * k + q]);
                    for (size_t j = 0; j < n; ++j) row[j] += x * static_cast<Sum>(vb[at.transB ? j * k + q : q * n + j]);
                }
                for (size_t j = 0; j < n; ++j) {
                    const Sum add = vc.empty() ? Sum{} : static_cast<Sum>(vc[r * c_row + j * c_col]);
                    if constexpr (std::is_same_v<V, double>)
                        out[j] = activate(act, static_cast<double>(at.alpha) * row[j] + (vc.empty() ? 0. : static_cast<double>(at.beta) * add));
                    else if (at.alpha == 1.f && at.beta == 1.f) out[j] = static_cast<V>(row[j] + add);
                    else out[j] = static_cast<V>(static_cast<double>(at.alpha) * as_double(row[j]) + static_cast<double>(at.beta) * as_double(add));
                }
                store_wide(y, static_cast<int64_t>(r * n), 1, n, out.data());
            }
        });
    }
};

// alpha is packed into B. C becomes the bias of columns or rows, or is laid into y first if it is a whole matrix.
template <> struct Kernel<Gemm, NCHW, float> {
    static constexpr std::string_view name = "gemm/gemm";
    enum class Addend { none, columns, rows, matrix };
    struct State {
        ProductPlan plan;
        Addend addend = Addend::none;
        float beta = 1.f;
        bool scalar = false;          // one value for all columns
        std::vector<float> bias;      // of a constant C, times beta
        size_t bias_offset = 0;       // in the workspace, for a C of the run
    };
    static ProductPlan planned(const NodeInfo& n) {
        const auto at = n.attributes<Gemm::Attributes>();
        const auto e = Gemm::Extents::of(at, n.input(0).shape, n.input(1).shape, n.node->name);
        ProductPlan p;
        p.shape.m = static_cast<size_t>(e.m);
        p.shape.n = static_cast<size_t>(e.n);
        p.shape.k = static_cast<size_t>(e.k);
        p.shape.trans_a = at.transA != 0 && e.m > 1 && e.k > 1;
        p.shape.trans_b = at.transB != 0;
        p.shape.a_at = p.shape.b_at = {0};
        p.activation = at.fused();
        return p;
    }
    static bool applicable(const NodeInfo& n) {
        const auto at = n.attributes<Gemm::Attributes>();
        return n.input(0).shape_known() && n.input(1).shape_known() && (!n.has_input(2) || n.input(2).shape_known()) && is_unary(at.activation);
    }
    static double cost(const NodeInfo& n) { return planned(n).cost(n, n.constant(1) != nullptr); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const auto at = n.attributes<Gemm::Attributes>();
        State s;
        s.plan = planned(n);
        s.beta = at.beta;
        if (n.has_input(2) && at.beta != 0.f) {
            const Shape& sc = n.input(2).shape;
            const size_t rows = sc.rank() == 2 ? static_cast<size_t>(sc[0]) : 1, columns = sc.rank() ? static_cast<size_t>(sc.back()) : 1;
            s.addend = rows == 1 ? Addend::columns : columns == 1 ? Addend::rows : Addend::matrix;
            s.scalar = rows == 1 && columns == 1;
            if (const Array* given = n.constant(2); given && s.addend != Addend::matrix) {
                s.bias = given->values<float>();
                if (s.scalar) s.bias = std::vector<float>(s.plan.shape.n, s.bias[0]);
                for (float& x : s.bias) x *= at.beta;
                c.drop(2);
            } else if (s.addend != Addend::matrix && (at.beta != 1.f || s.scalar)) {
                s.bias_offset = s.plan.workspace;
                s.plan.workspace += (std::max(rows, s.plan.shape.n) * sizeof(float) + 63) / 64 * 64;
            }
        }
        s.plan.prepare(n, c, 1, at.alpha);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const size_t m = s.plan.shape.m, n = s.plan.shape.n;
        GemmCall call = s.plan.call;
        float* y = c.output(0).as<float>();
        if (s.addend == Addend::matrix) {
            const float* from = c.input(2).as<float>();
            for (size_t i = 0; i < m * n; ++i) y[i] = s.beta * from[i];
            call.accumulate = true;
        } else if (s.addend != Addend::none) {
            const float* bias = s.bias.data();
            if (s.bias.empty()) {
                bias = c.input(2).as<float>();
                if (s.beta != 1.f || s.scalar) {
                    float* scaled = reinterpret_cast<float*>(c.workspace + s.bias_offset);
                    const size_t count = s.addend == Addend::rows ? m : n;
                    for (size_t i = 0; i < count; ++i) scaled[i] = s.beta * bias[s.scalar ? 0 : i];
                    bias = scaled;
                }
            }
            (s.addend == Addend::rows ? call.row_bias : call.bias) = bias;
        }
        s.plan.run(c, call, c.input(0).as<float>(), c.input(1).as<float>(), y);
    }
};

LITE_NAMESPACE_END
#endif
