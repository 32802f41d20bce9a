// The arithmetic peak of this core, measured with multiply-adds on registers alone, and the best time of many runs.
#ifndef LITE_BENCHMARKS_SUPPORT_PEAK_H_
#define LITE_BENCHMARKS_SUPPORT_PEAK_H_
#include <algorithm>
#include <chrono>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lite_bench {

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
// Seconds of the fastest call of f within `budget` seconds.
template <class F> double best_time(F&& f, double budget) {
    f();
    double best = 1e9;
    const double end = now() + budget;
    for (int n = 0; n < 6 || now() < end; ++n) {
        const double t = now();
        f();
        best = std::min(best, now() - t);
    }
    return best;
}

// 12 independent chains of multiply-adds; returns their operations.
#if defined(__x86_64__)
inline volatile float g_one = 1.f, g_sink;
__attribute__((target("avx512f"), noinline)) inline double chains_512(int rounds) {
    const __m512 m = _mm512_set1_ps(g_one);
    __m512 a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = m, i = m, j = m, k = m, l = m;
    for (int r = 0; r < rounds; ++r) {
        __asm__ volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f));
        __asm__ volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));
        a = _mm512_fmadd_ps(a, m, m), b = _mm512_fmadd_ps(b, m, m), c = _mm512_fmadd_ps(c, m, m), d = _mm512_fmadd_ps(d, m, m);
        e = _mm512_fmadd_ps(e, m, m), f = _mm512_fmadd_ps(f, m, m), g = _mm512_fmadd_ps(g, m, m), h = _mm512_fmadd_ps(h, m, m);
        i = _mm512_fmadd_ps(i, m, m), j = _mm512_fmadd_ps(j, m, m), k = _mm512_fmadd_ps(k, m, m), l = _mm512_fmadd_ps(l, m, m);
    }
    g_sink = a[0] + b[0] + c[0] + d[0] + e[0] + f[0] + g[0] + h[0] + i[0] + j[0] + k[0] + l[0];
    return 2.0 * 12 * 16 * rounds;
}
__attribute__((target("avx2,fma"), noinline)) inline double chains_256(int rounds) {
    const __m256 m = _mm256_set1_ps(g_one);
    __m256 a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = m, i = m, j = m, k = m, l = m;
    for (int r = 0; r < rounds; ++r) {
        __asm__ volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f));
        __asm__ volatile("" : "+x"(g), "+x"(h), "+x"(i), "+x"(j), "+x"(k), "+x"(l));
        a = _mm256_fmadd_ps(a, m, m), b = _mm256_fmadd_ps(b, m, m), c = _mm256_fmadd_ps(c, m, m), d = _mm256_fmadd_ps(d, m, m);
        e = _mm256_fmadd_ps(e, m, m), f = _mm256_fmadd_ps(f, m, m), g = _mm256_fmadd_ps(g, m, m), h = _mm256_fmadd_ps(h, m, m);
        i = _mm256_fmadd_ps(i, m, m), j = _mm256_fmadd_ps(j, m, m), k = _mm256_fmadd_ps(k, m, m), l = _mm256_fmadd_ps(l, m, m);
    }
    g_sink = a[0] + b[0] + c[0] + d[0] + e[0] + f[0] + g[0] + h[0] + i[0] + j[0] + k[0] + l[0];
    return 2.0 * 12 * 8 * rounds;
}
#endif
// GFLOP/s with vectors of `lanes` floats; 0 where it is not measured.
inline double fma_peak([[maybe_unused]] int lanes) {
    double flops = 0;
#if defined(__x86_64__)
    if (lanes < 8) return 0;
    const double s = best_time([&] { flops = lanes >= 16 ? chains_512(100000) : chains_256(100000); }, 0.2);
    return flops / s * 1e-9;
#else
    return flops;
#endif
}

}  // namespace lite_bench
#endif
