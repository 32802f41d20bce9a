// Times FusedAttention against the matrix products and the softmax that it stands for: microseconds.
#include "benchmarks/support/bench.h"
#include "lite/op/fused_attention.h"
#include "lite/op/matmul.h"

using namespace lite_bench;

namespace {
void measure(const Bricks& bricks, ThreadPool& pool, int64_t h, int64_t t, int64_t d) {
    FusedAttention::Attributes a;
    a.scale = 0.125f;
    const Array q = random_f32({1, h, t, d}, 1), k = random_f32({1, h, t, d}, 2), v = random_f32({1, h, t, d}, 3), p = random_f32({1, h, t, t}, 4);
    const double fused = time_node(describe<FusedAttention>(), write_attributes(a), {{q}, {k}, {v}}, 1, bricks, pool);
    MatMul::Attributes transposed;
    transposed.transB = 1;
    const double qk = time_node(describe<MatMul>(), write_attributes(transposed), {{q}, {k}}, 1, bricks, pool);
    const double pv = time_node(describe<MatMul>(), {}, {{p}, {v}}, 1, bricks, pool);
    std::vector<float> x(static_cast<size_t>(h * t * t), 1.f);
    const size_t n = static_cast<size_t>(t);
    const double softmax = best_time([&] {
        pool.parallel_for(static_cast<size_t>(h * t), 16, [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) bricks.math.softmax(x.data() + r * n, x.data() + r * n, n, false);
        });
    });
    const double flops = 4.0 * static_cast<double>(h * t * t * d);
    std::printf("%-8s %d thread%s %2lld heads, %3lld x %3lld: fused %7.1f us (%5.1f GF/s), apart %7.1f us (products %.1f and %.1f, softmax %.1f)\n", bricks.name,
                pool.threads(), pool.threads() > 1 ? "s" : " ", static_cast<long long>(h), static_cast<long long>(t), static_cast<long long>(d), fused * 1e6,
                flops / fused * 1e-9, (qk + pv + softmax) * 1e6, qk * 1e6, pv * 1e6, softmax * 1e6);
}
}  // namespace

// usage: fused_attention [ISA] [threads]
int main(int argc, char** argv) {
    const Bricks& bricks = find_bricks(argc > 1 ? argv[1] : "");
    SpinPool pool(argc > 2 ? std::atoi(argv[2]) : 1);
    measure(bricks, pool, 3, 197, 64);
    measure(bricks, pool, 12, 128, 64);
    measure(bricks, pool, 8, 45, 15);
    measure(bricks, pool, 12, 16, 32);
    return 0;
}
