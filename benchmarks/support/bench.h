// What the benchmarks of operators share: the machine's limits, and one node run by each of its kernels without a network around it.
#ifndef LITE_BENCHMARKS_SUPPORT_BENCH_H_
#define LITE_BENCHMARKS_SUPPORT_BENCH_H_
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <random>

#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/plan/weight_store.h"
#include "lite/platform/thread_pool.h"

namespace lite_bench {
using namespace lite;

struct Machine {
    const Bricks* bricks;
    ThreadPool* pool;
    double peak;       // GFLOP/s of multiply-adds in registers, all threads together
    double int8_peak;  // the same of the largest int8 tile, in Gop/s
};

// What one run of a benchmark does; 0: not said.
struct Work {
    double operations = 0, bytes = 0, elements = 0;
    double peak = 0;  // of the operations, in G a second
};

// The least nanoseconds of one call over the iterations of a benchmark (or of `for_ns` without one), of `inner` calls each.
class Clock {
public:
    template <class F> void sample(F&& f, size_t inner = 1) {
        const auto begin = std::chrono::steady_clock::now();
        for (size_t i = 0; i < inner; ++i) f();
        const double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(inner);
        best_ = best_ == 0 || ns < best_ ? ns : best_;
    }
    double best() const { return best_; }

private:
    double best_ = 0;
};
template <class F> double best_ns(F&& f, double for_ns = 2e7) {
    Clock clock;
    const auto begin = std::chrono::steady_clock::now();
    do clock.sample(f);
    while (std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() < for_ns);
    return clock.best();
}

// Nanoseconds in which all threads together copy half as many bytes, so that as many are moved: from the same level of the memory
// as tensors of that size lie in.
double copy_ns(const Machine& m, double bytes);

// Counters of the fastest iteration: microseconds, the rate, the share of the peak and of what a copy of as many bytes reaches.
void report(benchmark::State& state, const Machine& m, const Clock& clock, const Work& work);

Array random_f32(const Shape& shape, uint32_t seed);

struct Input {
    Array data;  // none: an absent optional
    bool constant = false;
};
// Registers "name/kernel/layout" for every kernel that applies to the node in dense, channels-last or the native packed layout.
void add_node(const Machine& m, const std::string& name, const Operator& op, Attributes attributes, std::vector<Input> inputs, size_t outputs, Work work);
void add_function(const Machine& m, const std::string& name, std::function<void()> f, size_t inner, Work work);

// One function for each file of op/.
void add_convolutions(const Machine& m);
void add_products(const Machine& m);
void add_elements(const Machine& m);

}  // namespace lite_bench
#endif
