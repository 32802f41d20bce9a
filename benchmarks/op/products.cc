// MatMul, FusedAttention and recurrent layers.
#include "benchmarks/support/bench.h"
#include "lite/op/fused_attention.h"
#include "lite/op/matmul.h"
#include "lite/op/recurrent.h"

namespace lite_bench {
namespace {
enum class B { constant, rows, transposed };
struct Product {
    int64_t batch, m, k, n;
    B b = B::constant;
};
constexpr Product kProducts[] = {{1, 197, 192, 576}, {1, 197, 192, 192}, {1, 197, 192, 768}, {1, 197, 768, 192}, {3, 197, 64, 197, B::transposed}, {3, 197, 64, 197, B::rows},
                                 {3, 197, 197, 64, B::rows}, {1, 1, 1280, 1000}, {1, 1, 512, 1000}, {1, 1, 128, 512}, {1, 45, 120, 6625}, {1, 1, 768, 768, B::rows},
                                 {1, 8, 768, 768, B::rows}, {1, 64, 768, 768, B::rows}, {1, 2, 768, 768}, {1, 4, 768, 768}, {1, 8, 768, 768}, {1, 128, 1024, 1024},
                                 {1, 128, 768, 3072}, {1, 512, 512, 512}, {1, 512, 4096, 64}, {1, 3136, 64, 256}, {1, 3136, 96, 384}, {1, 197, 192, 8}, {1, 197, 192, 1},
                                 {1, 64, 147, 12544, B::rows}};

template <class Op> void add_recurrent(const Machine& m, int64_t t, int64_t b, int64_t in, int64_t h, const char* direction) {
    typename Op::Attributes a;
    a.hidden_size = h;
    a.direction = direction;
    const int64_t d = a.directions(), g = Op::kGates;
    add_node(m, text(Op::name, "/", t, " steps of ", b, "x", in, " to ", h, " ", direction), describe<Op>(), write_attributes(a),
             {{random_f32({t, b, in}, 1)}, {random_f32({d, g * h, in}, 2), true}, {random_f32({d, g * h, h}, 3), true}, {random_f32({d, 2 * g * h}, 4), true}}, 1 + Op::kStates,
             {2.0 * static_cast<double>(d * t * b * g * h) * static_cast<double>(in + h)});
}
}  // namespace

void add_products(const Machine& m) {
    for (const Product& p : kProducts) {
        MatMul::Attributes a;
        a.transB = p.b == B::transposed;
        const Shape b = p.b == B::transposed ? Shape{p.batch, p.n, p.k} : Shape{p.batch, p.k, p.n};
        add_node(m, text("MatMul/", p.batch, "x", p.m, "x", p.k, "x", p.n, p.b == B::constant ? " constant B" : p.b == B::rows ? " run-time B" : " run-time B^T"), describe<MatMul>(),
                 write_attributes(a), {{random_f32({p.batch, p.m, p.k}, 1)}, {random_f32(b, 2), p.b == B::constant}}, 1,
                 {2.0 * static_cast<double>(p.batch * p.m * p.k * p.n)});
    }
    for (const auto& [heads, t, d] : std::vector<std::array<int64_t, 3>>{{3, 197, 64}, {12, 128, 64}, {8, 45, 15}, {12, 16, 32}, {192, 49, 32}}) {
        FusedAttention::Attributes a;
        a.scale = 0.125f;
        const Shape s{1, heads, t, d};
        add_node(m, text("FusedAttention/", heads, " heads ", t, "x", d), describe<FusedAttention>(), write_attributes(a), {{random_f32(s, 1)}, {random_f32(s, 2)}, {random_f32(s, 3)}}, 1,
                 {4.0 * static_cast<double>(heads * t * t * d)});
    }
    add_recurrent<LSTM>(m, 1, 1, 128, 128, "forward");
    add_recurrent<LSTM>(m, 32, 1, 128, 128, "forward");
    add_recurrent<LSTM>(m, 64, 1, 512, 256, "bidirectional");
    add_recurrent<LSTM>(m, 26, 8, 256, 256, "forward");
    add_recurrent<GRU>(m, 20, 1, 256, 256, "forward");
    add_recurrent<GRU>(m, 20, 1, 256, 256, "bidirectional");
    add_recurrent<RNN>(m, 100, 1, 64, 128, "forward");
}

}  // namespace lite_bench
