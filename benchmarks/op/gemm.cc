// Times the gemm drivers on shapes of real networks: microseconds and the share of a register-only FMA peak measured in the same run.
#include "benchmarks/support/bench.h"
#include "lite/kernel/gemm.h"

using namespace lite_bench;

namespace {
double g_peak = 1;
enum class Mode { constant, rows, transposed };

void measure(const Bricks& b, ThreadPool& pool, size_t batch, size_t m, size_t k, size_t n, Mode mode) {
    std::vector<float> a(batch * m * k, 0.25f), w(batch * k * n, 0.5f), bias(n, 1.f), packed(packed_b_size(b, k, n) / 4 + 16);
    std::vector<float> scratch(gemm_scratch_size(b, k) / 4 * static_cast<size_t>(pool.threads()) + 16);
    std::vector<float> out(batch * m * n + 16);
    pack_b(b, w.data(), k, n, n, packed.data());
    GemmCall c;
    c.m = m;
    c.n = n;
    c.k = k;
    c.lda = k;
    c.ldc = n;
    c.bias = bias.data();
    c.form = mode == Mode::constant ? GemmB::packed : mode == Mode::rows ? GemmB::rows : GemmB::transposed;
    c.ldb = mode == Mode::transposed ? k : n;
    const double s = best_time([&] {
        gemm_f32_batch(b, pool, c, batch, [&](size_t i, GemmCall& x) {
            x.a = a.data() + i * m * k;
            x.b = mode == Mode::constant ? packed.data() : w.data() + i * k * n;
            x.c = out.data() + i * m * n;
        }, scratch.data());
    });
    const double gf = 2e-9 * static_cast<double>(batch * m * n * k) / s;
    std::printf("%-8s %d thread%s %2zu x %4zu x %4zu x %4zu %-10s %9.1f us %7.1f GF/s %5.1f %%  B at %5.1f GB/s\n", b.name, pool.threads(),
                pool.threads() > 1 ? "s" : " ", batch, m, k, n, mode == Mode::constant ? "constant B" : mode == Mode::rows ? "run-time B" : "B^T", s * 1e6, gf,
                100 * gf / (g_peak * pool.threads()), 4e-9 * static_cast<double>(batch * k * n) / s);
}
}  // namespace

// usage: gemm [ISA] [threads]
int main(int argc, char** argv) {
    const Bricks& b = find_bricks(argc > 1 ? argv[1] : "");
    SpinPool pool(argc > 2 ? std::atoi(argv[2]) : 1);
    g_peak = measure_peak_gflops(b.probe, 0.3);
    std::printf("peak %.1f GF/s on one thread\n", g_peak);
    measure(b, pool, 1, 197, 192, 576, Mode::constant);
    measure(b, pool, 1, 197, 192, 192, Mode::constant);
    measure(b, pool, 1, 197, 192, 768, Mode::constant);
    measure(b, pool, 1, 197, 768, 192, Mode::constant);
    measure(b, pool, 3, 197, 64, 197, Mode::transposed);
    measure(b, pool, 3, 197, 64, 197, Mode::rows);
    measure(b, pool, 3, 197, 197, 64, Mode::rows);
    measure(b, pool, 1, 1, 1280, 1000, Mode::constant);
    measure(b, pool, 1, 1, 512, 1000, Mode::constant);
    measure(b, pool, 1, 1, 128, 512, Mode::constant);
    measure(b, pool, 1, 45, 120, 6625, Mode::constant);
    measure(b, pool, 1, 1, 768, 768, Mode::rows);
    measure(b, pool, 1, 8, 768, 768, Mode::rows);
    measure(b, pool, 1, 64, 768, 768, Mode::rows);
    measure(b, pool, 1, 2, 768, 768, Mode::constant);
    measure(b, pool, 1, 4, 768, 768, Mode::constant);
    measure(b, pool, 1, 8, 768, 768, Mode::constant);
    measure(b, pool, 1, 128, 1024, 1024, Mode::constant);
    measure(b, pool, 1, 128, 768, 3072, Mode::constant);
    measure(b, pool, 1, 512, 512, 512, Mode::constant);
    measure(b, pool, 1, 512, 4096, 64, Mode::constant);
    measure(b, pool, 1, 3136, 64, 256, Mode::constant);
    measure(b, pool, 1, 197, 192, 8, Mode::constant);
    measure(b, pool, 1, 197, 192, 1, Mode::constant);
    measure(b, pool, 1, 64, 147, 12544, Mode::rows);
    std::printf("peak %.1f GF/s afterwards\n", measure_peak_gflops(b.probe, 0.3));
    return 0;
}
