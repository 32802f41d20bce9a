// What the kernels of MatMul, Gemm and others that multiply matrices share: a batch of products planned once, run many times.
#ifndef LITE_OP_PRODUCT_H_
#define LITE_OP_PRODUCT_H_
#include <bit>

#include "lite/kernel/gemm.h"
#include "lite/op/activation.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// An activation behind a product: a clamp happens in registers, anything else in a pass over the result.
inline void set_clamp(const Activation& a, GemmCall& call) {
    if (!as_clamp(a, call.low, call.high)) call.low = -__builtin_inff(), call.high = __builtin_inff();
}
inline bool is_clamp(const Activation& a) {
    float low, high;
    return as_clamp(a, low, high);
}
inline void run_activation(const RunContext& c, const Activation& a, float* y, size_t n) {
    if (is_clamp(a)) return;
    c.pool->parallel_for(n, 4096, [&](size_t begin, size_t end, int) {
        c.bricks->math.unary(a.mode, a.alpha, a.beta, y + begin, y + begin, end - begin);
    });
}
// Nanoseconds of one element: about 2.5 elements of a vector of 16 take a nanosecond.
inline double activation_cost(const NodeInfo& n, const Activation& a, double count) { return is_clamp(a) ? 0. : count * 8 / n.bricks->lanes; }

// op(A) [m x k] times op(B) [k x n] for each of `batch` products, dense row-major operands.
struct ProductShape {
    size_t m = 0, n = 0, k = 0;
    bool trans_a = false, trans_b = false;  // A lies as [k x m], B as [n x k]
    std::vector<size_t> a_at, b_at;         // index of the matrix of A and of B for each product
    size_t a_count = 1, b_count = 1;        // matrices that A and B consist of
    size_t batch() const { return a_at.size(); }
};

struct ProductPlan {
    ProductShape shape;
    GemmCall call;  // all but the pointers
    Activation activation;
    std::shared_ptr<const std::byte> packed;
    size_t packed_floats = 0;               // of one matrix of B
    size_t a_offset = 0, scratch_offset = 0;  // in bytes of workspace: A transposed, panels of each thread
    size_t workspace = 0;

    // B is packed now if it is constant. `scale` multiplies the product.
    void prepare(const NodeInfo& n, PrepareContext& c, size_t b_input, float scale) {
        const Bricks& bricks = *n.bricks;
        call.m = shape.m;
        call.n = shape.n;
        call.k = shape.k;
        call.lda = shape.k;
        call.ldc = shape.n;
        call.uniform = n.uniform;
        set_clamp(activation, call);
        if (const Array* b = n.constant(b_input)) {
            call.form = GemmB::packed;
            packed_floats = packed_b_size(bricks, shape.k, shape.n) / sizeof(float);
            const std::string key = text("gemm ", bricks.name, ' ', shape.k, 'x', shape.n, ' ', shape.trans_b, ' ', std::bit_cast<uint32_t>(scale));
            packed = c.weights->packed(*b, key, packed_floats * shape.b_count * sizeof(float), [&](std::byte* out) {
                std::vector<float> keep;
                const float* from = b->floats(keep);
                for (size_t i = 0; i < shape.b_count; ++i) {
                    float* to = reinterpret_cast<float*>(out) + i * packed_floats;
                    if (shape.trans_b) pack_bt(bricks, from + i * shape.k * shape.n, shape.k, shape.n, shape.k, to, scale);
                    else pack_b(bricks, from + i * shape.k * shape.n, shape.k, shape.n, shape.n, to, scale);
                }
            });
            c.drop(b_input);
        } else {
            call.form = shape.trans_b ? GemmB::transposed : GemmB::rows;
            call.ldb = shape.trans_b ? shape.k : shape.n;
            call.scale = scale;
            scratch_offset = workspace;
            workspace += gemm_scratch_size(bricks, shape.k) * static_cast<size_t>(n.threads);
        }
        if (shape.trans_a) {
            a_offset = workspace;
            workspace += (shape.a_count * shape.m * shape.k * sizeof(float) + 63) / 64 * 64;
        }
        c.need_workspace(workspace);
    }
    // `set` is the call with its bias; only pointers of A, B and C are filled in here.
    void run(const RunContext& c, GemmCall set, const float* a, const float* b, float* y) const noexcept {
        const size_t mk = shape.m * shape.k, kn = shape.k * shape.n, mn = shape.m * shape.n;
        if (mn == 0 || shape.batch() == 0) return;
        if (shape.trans_a) {
            float* t = reinterpret_cast<float*>(c.workspace + a_offset);
            c.pool->parallel_for(shape.a_count * shape.k, std::max<size_t>(8, 16384 / (shape.m + 1)), [&](size_t begin, size_t end, int) {
                while (begin < end) {
                    const size_t i = begin / shape.k, from = begin % shape.k, to = std::min(shape.k, from + (end - begin));
                    c.bricks->gemm.transpose(a + i * mk + from * shape.m, to - from, shape.m, shape.m, 1.f, t + i * mk + from, shape.k);
                    begin += to - from;
                }
            });
            a = t;
        }
        const bool is_packed = packed != nullptr;
        const float* from = is_packed ? reinterpret_cast<const float*>(packed.get()) : b;
        const size_t b_step = is_packed ? packed_floats : kn;
        gemm_f32_batch(
                *c.bricks, *c.pool, set, shape.batch(),
                [&](size_t i, GemmCall& one) {
                    one.a = a + shape.a_at[i] * mk;
                    one.b = from + shape.b_at[i] * b_step;
                    one.c = y + i * mn;
                },
                is_packed ? nullptr : reinterpret_cast<float*>(c.workspace + scratch_offset));
        run_activation(c, activation, y, shape.batch() * mn);
    }
    double cost(const NodeInfo& n, bool constant_b) const {
        const double batch = static_cast<double>(shape.batch()), m = static_cast<double>(shape.m), k = static_cast<double>(shape.k),
                     cols = static_cast<double>(shape.n);
        double ns = batch * gemm_cost(*n.bricks, m, cols, k);
        if (!constant_b) ns += batch * k * cols * 0.1;
        if (shape.trans_a) ns += static_cast<double>(shape.a_count) * m * k * 0.2;
        return ns + activation_cost(n, activation, batch * m * cols);
    }
};

LITE_NAMESPACE_END
#endif
