// Fork-join threads for one network: the caller works too; workers spin for a bounded while between jobs, then sleep.
#ifndef LITE_PLATFORM_THREAD_POOL_H_
#define LITE_PLATFORM_THREAD_POOL_H_
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
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

    // What the jobs that come next take on one thread, predicted or measured: how finely they are worth cutting.
    void expect(double ns) { expected_ns_.store(static_cast<float>(ns), std::memory_order_relaxed); }

    // The pieces of [0, n) that one thread computes: its own range from the front, a quarter of what is left at a time, and then, where
    // another thread is behind, half of what is left at the end of that one's.
    class Share {
    public:
        // The next piece, which follows the one before if both are of one range; false when nothing is left.
        [[gnu::noinline]] bool next(size_t& begin, size_t& end) {
            if (!work_.slots) {
                if (finished_) return false;
                finished_ = true;
                work_.piece(work_.units * part_ / work_.parts, work_.units * (part_ + 1) / work_.parts, begin, end);
                return true;
            }
            for (; victim_ < work_.parts; ++victim_) {
                std::atomic<uint64_t>& range = work_.slots[(part_ + victim_) % work_.parts].range;
                for (uint64_t v = range.load(std::memory_order_relaxed);;) {
                    const uint64_t first = v >> 32, last = v & 0xffffffff, rest = last - first, least = work_.least;
                    uint64_t take = std::max(victim_ ? (rest + 1) / 2 : rest / 4, least);
                    if (victim_ == 0 && rest < take + least) take = rest;
                    if (rest == 0 || (victim_ && rest < work_.behind)) break;
                    const uint64_t after = victim_ ? first << 32 | (last - take) : (first + take) << 32 | last;
                    if (!range.compare_exchange_weak(v, after, std::memory_order_relaxed)) continue;
                    work_.piece(victim_ ? last - take : first, victim_ ? last : first + take, begin, end);
                    return true;
                }
            }
            return false;
        }

    private:
        friend class ThreadPool;
        struct alignas(64) Slot {
            std::atomic<uint64_t> range;  // first unit that is left << 32 | end, so that the owner and a thief agree by one exchange
        };
        struct Work {
            void (*shares)(const void* body, Share& share, int part);
            const void* body;
            size_t n, grain, units, parts;
            size_t least, behind;  // units of a piece, and units left of a range that are worth taking away from its thread
            Slot* slots;           // of each part; null: ranges are not cut
            void piece(size_t first, size_t last, size_t& begin, size_t& end) const {
                begin = first * grain;
                end = std::min(last * grain, n);
            }
        };
        Share(const Work& work, size_t part) : work_(work), part_(part) {}
        const Work& work_;
        const size_t part_;
        size_t victim_ = 0;  // parts behind the own one
        bool finished_ = false;
    };

    // Splits [0, n) into at most threads() equal ranges of at least `grain` (multiples of it but for the last) and calls
    // f(begin, end, part) for their pieces. `part` is below threads() and belongs to one thread at a time, for workspaces; the pieces with
    // one `part` come one behind the other, of at least `piece` times the grain where it can be. How it is split never changes what one index computes.
    template <class F>
    [[gnu::always_inline]] void parallel_for(size_t n, size_t grain, F&& f, size_t piece = 1) {
        using Body = std::remove_reference_t<F>;
        split(
                n, grain, piece,
                [](const void* body, Share& share, int part) {
                    for (size_t begin, end; share.next(begin, end);) (*static_cast<Body*>(const_cast<void*>(body)))(begin, end, part);
                },
                std::addressof(f));
    }
    // The same for bodies that keep something from one piece to the next: calls f(share, part), once for each part.
    template <class F>
    [[gnu::always_inline]] void parallel_shares(size_t n, size_t grain, F&& f, size_t piece = 1) {
        using Body = std::remove_reference_t<F>;
        split(
                n, grain, piece, [](const void* body, Share& share, int part) { (*static_cast<Body*>(const_cast<void*>(body)))(share, part); }, std::addressof(f));
    }

private:
    // What a thread has to be behind before others take its work: a piece that another core computes is read and written from there in the
    // next step, too. With 20 us mobilenetv2 (0.1 ms a step) is as fast as with ranges that nobody takes from; with less it lost 2 to 4 %
    // where cores are far from each other. A range of less than twice that is one piece.
    static constexpr float kBehindNs = 20e3f, kPieceNs = 3e3f;  // kPieceNs: what a piece takes at least
    static constexpr size_t kMostSlots = 64;                    // with more parts all ranges are one piece
    void split(size_t n, size_t grain, size_t piece, decltype(Share::Work::shares) shares, const void* body) {
        if (n == 0) return;
        const size_t units = (n + grain - 1) / grain, parts = std::min(units, static_cast<size_t>(threads()));
        Share::Work all{shares, body, n, grain, units, std::max<size_t>(parts, 1), 1, 1, nullptr};
        if (parts <= 1) {
            Share share(all, 0);
            shares(body, share, 0);
            return;
        }
        const auto work = [](void* p, int part) {
            const Share::Work& w = *static_cast<const Share::Work*>(p);
            Share share(w, static_cast<size_t>(part));
            w.shares(w.body, share, part);
        };
        const float expected = expected_ns_.load(std::memory_order_relaxed);
        const uint64_t wide = units;
        if (expected < 2 * kBehindNs * static_cast<float>(parts) || units < 2 * piece * parts || parts > kMostSlots || wide >> 32) {
            run(static_cast<int>(parts), work, &all);
            return;
        }
        alignas(Share::Slot) std::byte memory[kMostSlots * sizeof(Share::Slot)];  // written only as far as there are parts
        all.slots = reinterpret_cast<Share::Slot*>(memory);
        for (size_t i = 0; i < parts; ++i) new (&all.slots[i]) Share::Slot{wide * i / parts << 32 | wide * (i + 1) / parts};
        const auto worth = [&](float ns) { return static_cast<size_t>(ns / expected * static_cast<float>(units)); };
        all.least = std::max({units / parts / 16, worth(kPieceNs), piece - 1}) + 1;
        all.behind = std::max({units / parts / 8, worth(kBehindNs), all.least});
        run(static_cast<int>(parts), work, &all);
    }
    std::atomic<float> expected_ns_{1e9f};
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
                work(i);
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
        const uint32_t bits = static_cast<uint32_t>(std::min(parts, 64));
        job_ = job;
        context_ = context;
        parts_ = parts;
        done_.store(0, std::memory_order_relaxed);
        claims_.store(~uint64_t{0} >> (64 - bits), std::memory_order_release);
        generation_.fetch_add(1, std::memory_order_seq_cst);
        if (sleepers_.load(std::memory_order_seq_cst)) generation_.notify_all();
        drain(0);
        while (done_.load(std::memory_order_acquire) != bits) relax();
    }

private:
    static void relax() {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
    // A bit of `claims_` is a part that nobody has begun (of more than 64 parts each bit is several). Thread i takes part i where it can,
    // so that it finds in its cache what it wrote in the job before. The caller waits only for parts that somebody claimed, never for a
    // worker that the scheduler has not started yet (that cost 1 ms).
    void drain(int thread) {
        const uint64_t own = uint64_t{1} << (thread & 63);
        for (uint64_t v = claims_.load(std::memory_order_acquire); v;) {
            const uint64_t bit = v & own ? own : v & (~v + 1);
            if (!claims_.compare_exchange_weak(v, v & ~bit, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
            for (int part = __builtin_ctzll(bit); part < parts_; part += 64) job_(context_, part);
            done_.fetch_add(1, std::memory_order_release);
            v = claims_.load(std::memory_order_acquire);
        }
    }
    void work(int thread) {
        for (uint32_t seen = 0;;) {
            for (int i = 0; i < spins_ && generation_.load(std::memory_order_acquire) == seen; ++i) relax();
            if (generation_.load(std::memory_order_acquire) == seen) {
                sleepers_.fetch_add(1, std::memory_order_seq_cst);
                while (generation_.load(std::memory_order_seq_cst) == seen) generation_.wait(seen);
                sleepers_.fetch_sub(1, std::memory_order_relaxed);
            }
            seen = generation_.load(std::memory_order_acquire);
            if (stop_.load(std::memory_order_relaxed)) return;
            drain(thread);
        }
    }
    alignas(64) std::atomic<uint32_t> generation_{0};
    std::atomic<int> sleepers_{0};
    alignas(64) std::atomic<uint64_t> claims_{0};
    alignas(64) std::atomic<uint32_t> done_{0};
    Job job_ = nullptr;
    void* context_ = nullptr;
    int parts_ = 0;
    std::atomic<bool> stop_{false};
    std::atomic<int> started_{0};
    bool pending_caller_affinity_ = false;
    int spins_;
    std::function<void(int)> affinity_;
    std::vector<std::thread> workers_;
};

LITE_NAMESPACE_END
#endif
