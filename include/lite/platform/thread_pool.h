// Fork-join threads for one network: the caller works too; workers spin for a bounded while between jobs, then sleep.
#ifndef LITE_PLATFORM_THREAD_POOL_H_
#define LITE_PLATFORM_THREAD_POOL_H_
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// The interface that kernels see. A caller may bring a pool of its own: it overrides these two.
class ThreadPool {
public:
    using Job = void (*)(void* context, int part);
    virtual ~ThreadPool() = default;
    virtual int threads() const = 0;
    // Called by the thread that is about to run jobs: what it has to do for itself, such as its affinity, it does here.
    virtual void enter() {}
    // Calls job(context, part) once for every part in [0, parts), on any threads, and returns when all have returned.
    virtual void run(int parts, Job job, void* context) = 0;

    // Splits [0, n) into at most threads() equal ranges of at least `grain` (multiples of it but for the last) and calls
    // f(begin, end, part) for each. How it is split never changes what one index computes.
    template <class F>
    [[gnu::always_inline]] void parallel_for(size_t n, size_t grain, F&& f) {
        using Body = std::remove_reference_t<F>;
        split(
                n, grain, [](const void* body, size_t begin, size_t end, int part) { (*static_cast<Body*>(const_cast<void*>(body)))(begin, end, part); },
                std::addressof(f));
    }

private:
    using Range = void (*)(const void* body, size_t begin, size_t end, int part);
    void split(size_t n, size_t grain, Range range, const void* body) {
        if (n == 0) return;
        const size_t units = (n + grain - 1) / grain;
        const size_t parts = units < static_cast<size_t>(threads()) ? units : static_cast<size_t>(threads());
        if (parts <= 1) {
            range(body, 0, n, 0);
            return;
        }
        struct Context {
            Range range;
            const void* body;
            size_t n, grain, units, parts;
        } c{range, body, n, grain, units, parts};
        run(
                static_cast<int>(parts),
                [](void* p, int part) {
                    const Context& x = *static_cast<Context*>(p);
                    const size_t i = static_cast<size_t>(part);
                    const size_t begin = x.units * i / x.parts * x.grain, end = x.units * (i + 1) / x.parts * x.grain;
                    x.range(x.body, begin, end < x.n ? end : x.n, part);
                },
                &c);
    }
};

// No threads: everything in the caller.
class InlinePool final : public ThreadPool {
public:
    int threads() const override { return 1; }
    void run(int parts, Job job, void* context) override {
        for (int i = 0; i < parts; ++i) job(context, i);
    }
};

class SpinPool final : public ThreadPool {
public:
    // `affinity(i)` runs first on thread i; on those of the pool before the constructor returns, on the caller's (0) in its next
    // enter() or run(). A spin of ~100 us (4000 pauses of 25 ns)
    // covers the gap between two layers; a sleeping worker costs the caller 3-4 us to wake.
    explicit SpinPool(int threads, std::function<void(int)> affinity = {}, int spins = 4000) : spins_(spins), affinity_(std::move(affinity)) {
        for (int i = 1; i < threads; ++i)
            workers_.emplace_back([this, i] {
                if (affinity_) {
                    affinity_(i);
                    started_.fetch_add(1, std::memory_order_release);
                    started_.notify_one();
                }
                work();
            });
        pending_caller_affinity_ = static_cast<bool>(affinity_);
        if (affinity_)
            for (int n = started_.load(std::memory_order_acquire); n + 1 < threads; n = started_.load(std::memory_order_acquire)) started_.wait(n);
    }
    SpinPool(const SpinPool&) = delete;
    SpinPool& operator=(const SpinPool&) = delete;
    ~SpinPool() override {
        stop_.store(true, std::memory_order_relaxed);
        generation_.fetch_add(1, std::memory_order_seq_cst);
        generation_.notify_all();
        for (auto& t : workers_) t.join();
    }
    int threads() const override { return static_cast<int>(workers_.size()) + 1; }

    void enter() override {
        if (!pending_caller_affinity_) return;
        pending_caller_affinity_ = false;
        affinity_(0);
    }
    void run(int parts, Job job, void* context) override {
        enter();
        if (workers_.empty() || parts <= 1) {
            for (int i = 0; i < parts; ++i) job(context, i);
            return;
        }
        const uint32_t total = static_cast<uint32_t>(parts), g = generation_.load(std::memory_order_relaxed) + 1;
        job_ = job;
        context_ = context;
        total_ = total;
        done_.store(0, std::memory_order_relaxed);
        claims_.store(static_cast<uint64_t>(g) << 32 | total, std::memory_order_release);
        generation_.store(g, std::memory_order_seq_cst);
        if (sleepers_.load(std::memory_order_seq_cst)) generation_.notify_all();
        drain();
        while (done_.load(std::memory_order_acquire) != total) relax();
    }

private:
    static void relax() {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
    // `claims_` is generation << 32 | parts left, so a worker that wakes late can claim nothing of an old job, and the caller
    // waits only for parts that somebody claimed, never for a worker that the scheduler has not started yet (that cost 1 ms).
    void drain() {
        uint64_t v = claims_.load(std::memory_order_acquire);
        while (static_cast<uint32_t>(v)) {
            if (claims_.compare_exchange_weak(v, v - 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
                job_(context_, static_cast<int>(total_ - static_cast<uint32_t>(v)));
                done_.fetch_add(1, std::memory_order_release);
                v = claims_.load(std::memory_order_acquire);
            }
        }
    }
    void work() {
        for (uint32_t seen = 0;;) {
            for (int i = 0; i < spins_ && generation_.load(std::memory_order_acquire) == seen; ++i) relax();
            if (generation_.load(std::memory_order_acquire) == seen) {
                sleepers_.fetch_add(1, std::memory_order_seq_cst);
                while (generation_.load(std::memory_order_seq_cst) == seen) generation_.wait(seen);
                sleepers_.fetch_sub(1, std::memory_order_relaxed);
            }
            seen = generation_.load(std::memory_order_acquire);
            if (stop_.load(std::memory_order_relaxed)) return;
            drain();
        }
    }
    alignas(64) std::atomic<uint32_t> generation_{0};
    std::atomic<int> sleepers_{0};
    alignas(64) std::atomic<uint64_t> claims_{0};
    alignas(64) std::atomic<uint32_t> done_{0};
    Job job_ = nullptr;
    void* context_ = nullptr;
    uint32_t total_ = 0;
    std::atomic<bool> stop_{false};
    std::atomic<int> started_{0};
    bool pending_caller_affinity_ = false;
    int spins_;
    std::function<void(int)> affinity_;
    std::vector<std::thread> workers_;
};

LITE_NAMESPACE_END
#endif
