// A loop of nothing but fused multiply-adds in registers: what the machine's peak is measured with.
#ifndef LITE_KERNEL_PROBE_BRICKS_H_
#define LITE_KERNEL_PROBE_BRICKS_H_
#include <chrono>
#include <cstddef>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

struct ProbeBricks {
    // `rounds` rounds of 12 independent multiply-adds of a whole vector; returns the operations done (two per lane).
    double (*fma)(size_t rounds) = nullptr;
};

// GFLOP/s of one thread, the best of some samples within `seconds`.
inline double measure_peak_gflops(const ProbeBricks& probe, double seconds = 0.02) {
    using Clock = std::chrono::steady_clock;
    double best = 0;
    const auto start = Clock::now();
    do {
        const auto begin = Clock::now();
        const double flops = probe.fma(20000);
        const double ns = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
        if (ns > 0 && flops / ns > best) best = flops / ns;
    } while (std::chrono::duration<double>(Clock::now() - start).count() < seconds);
    return best;
}

LITE_NAMESPACE_END
#endif
