// MatMul: matrix products over broadcast batches, with an optional fused bias and activation.
#ifndef LITE_OP_MATMUL_H_
#define LITE_OP_MATMUL_H_
#include "lite/op/product.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// y = f(alpha * op(a) op(b) + bias) as numpy.matmul: leading axes broadcast, an operand of one axis is a row (a) or a column (b)
// whose axis the result lacks. Inputs: a, b, and when `bias` is 1 a vector with one value for each column. transA and transB
// exchange the last two axes. Passes set bias and activation*; alpha, transA, transB are those of com.microsoft.FusedMatMul.
struct MatMul {
    static constexpr std::string_view name = "MatMul";
    static constexpr Spelling spellings[] = {{"onnx", "", "MatMul"}, {"onnx", "com.microsoft", "FusedMatMul"}};
    struct Attributes {
        int64_t bias = 0, transA = 0, transB = 0, transBatchA = 0, transBatchB = 0;
        float alpha = 1.f;
        ElemwiseMode activation = ElemwiseMode::identity;
        float activation_alpha = 0.f, activation_beta = 0.f;
        template <class V> void visit(V& v) {
            v("bias", bias);
            v("transA", transA);
            v("transB", transB);
            v("transBatchA", transBatchA);
            v("transBatchB", transBatchB);
            v("alpha", alpha);
            v("activation", activation);
            v("activation_alpha", activation_alpha);
            v("activation_beta", activation_beta);
        }
        Activation fused() const { return {activation, activation_alpha, activation_beta}; }
    };

    // The operands with their axes made at least two, transpositions applied, and the result before axes are taken away again.
    struct Extents {
        Shape a_batch, b_batch, batch;
        int64_t m = 1, n = 1, k = 1;
        bool trans_a = false, trans_b = false;
        Shape result;
        static Extents of(const Attributes& at, const Shape& a, const Shape& b, const Who& who) {
            check(a.rank() >= 1 && b.rank() >= 1, who, ": operands are ", a, " and ", b, ", expected at least one axis each");
            Extents e;
            e.trans_a = at.transA != 0 && a.rank() > 1;
            e.trans_b = at.transB != 0 && b.rank() > 1;
            const size_t ra = a.rank(), rb = b.rank();
            e.m = ra == 1 ? 1 : a[ra - (e.trans_a ? 1 : 2)];
            e.k = a[ra - (e.trans_a ? 2 : 1)];
            const int64_t kb = rb == 1 ? b[0] : b[rb - (e.trans_b ? 1 : 2)];
            e.n = rb == 1 ? 1 : b[rb - (e.trans_b ? 2 : 1)];
            check(e.k == kb || e.k < 0 || kb < 0, who, ": operands are ", a, " and ", b, ": ", e.k, " columns do not meet ", kb, " rows");
            if (e.k < 0) e.k = kb;
            e.a_batch = Shape(std::span(a.begin(), ra > 2 ? ra - 2 : 0));
            e.b_batch = Shape(std::span(b.begin(), rb > 2 ? rb - 2 : 0));
            e.result = e.batch = broadcast(e.a_batch, e.b_batch, who);
            if (ra > 1) e.result.push_back(e.m);
            if (rb > 1) e.result.push_back(e.n);
            return e;
        }
        // For every index of the broadcast batch the index of the matrix in an operand with the given batch axes.
        std::vector<size_t> matrices(const Shape& own) const {
            std::vector<size_t> at(static_cast<size_t>(batch.count()));
            for (size_t i = 0; i < at.size(); ++i) {
                size_t rest = i, index = 0, step = 1;
                for (size_t d = 0; d < batch.rank(); ++d) {  // from the last axis
                    const size_t extent = static_cast<size_t>(batch[batch.rank() - 1 - d]), x = rest % extent;
                    rest /= extent;
                    if (d >= own.rank()) continue;
                    const size_t mine = static_cast<size_t>(own[own.rank() - 1 - d]);
                    index += (mine == 1 ? 0 : x) * step;
                    step *= mine;
                }
                at[i] = index;
            }
            return at;
        }
    };

    static void infer(InferContext& c) {
        const auto at = c.attributes<Attributes>();
        const TensorInfo &a = c.input(0), &b = c.input(1);
        c.check_that(a.dtype == b.dtype, "the operands are ", a.dtype, " and ", b.dtype, ", expected the same type");
        c.check_that(a.dtype != DType::boolean, "the operands are bool, expected numbers");
        c.check_that(at.transBatchA == 0 && at.transBatchB == 0, "transBatchA and transBatchB are not supported");
        if (at.bias) c.check_that(c.input(2).dtype == a.dtype, "the bias is ", c.input(2).dtype, ", the operands are ", a.dtype);
        if (!a.has_shape || !b.has_shape) return c.output_unknown(0, a.dtype);
        const Extents e = Extents::of(at, a.shape, b.shape, c.where());
        if (at.bias && c.input(2).has_shape) {
            const Shape& s = c.input(2).shape;
            c.check_that(s.rank() == 1 && (s[0] == e.n || s[0] < 0 || e.n < 0), "the bias is ", s, ", expected one value for each of ", e.n, " columns");
        }
        c.output(0, a.dtype, e.result);
    }

    // Floating-point sums are kept in double; integers wrap around.
    static void reference(RunContext& c) {
        const auto at = c.attributes<Attributes>();
        const TensorView &a = c.input(0), &b = c.input(1);
        const Extents e = Extents::of(at, a.shape, b.shape, c.where());
        const TensorView y = c.output(0, a.dtype, e.result);
        const Activation act = at.fused();
        const auto a_at = e.matrices(e.a_batch), b_at = e.matrices(e.b_batch);
        const size_t m = static_cast<size_t>(e.m), n = static_cast<size_t>(e.n), k = static_cast<size_t>(e.k);
        visit_sums(a.dtype, [&](auto sum, auto value) {
            using Sum = decltype(sum);
            using V = decltype(value);
            const std::vector<V> va = a.values<V>(), vb = b.values<V>(), bias = at.bias ? c.input(2).values<V>() : std::vector<V>();
            std::vector<Sum> row(n);
            std::vector<V> out(n);
            for (size_t i = 0; i < a_at.size(); ++i) {
                const V *pa = va.data() + a_at[i] * m * k, *pb = vb.data() + b_at[i] * k * n;
                for (size_t r = 0; r < m; ++r) {
                    std::fill(row.begin(), row.end(), Sum{});
                    for (size_t q = 0; q < k; ++q) {
                        const Sum x = static_cast<Sum>(pa[e.trans_a ? q * m + r : r * k + q]);
                        for (size_t j = 0; j < n; ++j) row[j] += x * static_cast<Sum>(pb[e.trans_b ? j * k + q : q * n + j]);
                    }
                    for (size_t j = 0; j < n; ++j) {
                        Sum s = row[j];
                        if constexpr (std::is_same_v<V, double>) s *= static_cast<double>(at.alpha);
                        if (at.bias) s += static_cast<Sum>(bias[j]);
                        if constexpr (std::is_same_v<V, double>) s = activate(act, s);
                        out[j] = static_cast<V>(s);
                    }
                    store_wide(y, static_cast<int64_t>((i * m + r) * n), 1, n, out.data());
                }
            }
        });
    }
};

// B packed once if it is constant; else in place or panel by panel.
template <> struct Kernel<MatMul, NCHW, float> {
    static constexpr std::string_view name = "matmul/gemm";
    struct State {
        ProductPlan plan;
        std::vector<float> bias;  // a constant one
        bool has_bias = false;
    };
    static ProductPlan planned(const NodeInfo& n) {
        const auto at = n.attributes<MatMul::Attributes>();
        const auto e = MatMul::Extents::of(at, n.input(0).shape, n.input(1).shape, n.node->name);
        ProductPlan p;
        ProductShape& s = p.shape;
        s.m = static_cast<size_t>(e.m);
        s.n = static_cast<size_t>(e.n);
        s.k = static_cast<size_t>(e.k);
        s.trans_a = e.trans_a && s.m > 1 && s.k > 1;
        s.trans_b = e.trans_b;
        s.a_count = static_cast<size_t>(e.a_batch.count());
        s.b_count = static_cast<size_t>(e.b_batch.count());
        if (s.b_count == 1 && !s.trans_a) {  // one B for all: the batch is just more rows
            s.m *= s.a_count;
            s.a_count = 1;
            s.a_at = s.b_at = {0};
        } else {
            s.a_at = e.matrices(e.a_batch);
            s.b_at = e.matrices(e.b_batch);
        }
        p.activation = at.fused();
        return p;
    }
    static bool applicable(const NodeInfo& n) {
        const auto at = n.attributes<MatMul::Attributes>();
        return n.input(0).shape_known() && n.input(1).shape_known() && (!at.bias || n.input(2).dtype == DType::f32) && is_unary(at.activation);
    }
    static double cost(const NodeInfo& n) { return planned(n).cost(n, n.constant(1) != nullptr); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const auto at = n.attributes<MatMul::Attributes>();
        State s;
        s.plan = planned(n);
        s.plan.prepare(n, c, 1, at.alpha);
        s.has_bias = at.bias != 0;
        if (s.has_bias && n.constant(2)) {
            s.bias = n.constant(2)->values<float>();
            c.drop(2);
        }
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        GemmCall call = s.plan.call;
        if (s.has_bias) call.bias = s.bias.empty() ? c.input(2).as<float>() : s.bias.data();
        s.plan.run(c, call, c.input(0).as<float>(), c.input(1).as<float>(), c.output(0).as<float>());
    }
};

LITE_NAMESPACE_END
#endif
