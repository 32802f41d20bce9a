#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "lite/platform/thread_pool.h"
using namespace lite;

TEST_CASE("every index is visited exactly once, whatever the number of threads and the grain") {
    for (int threads : {1, 2, 3, 8}) {
        SpinPool pool(threads);
        CHECK(pool.threads() == threads);
        for (size_t n : {size_t{0}, size_t{1}, size_t{7}, size_t{64}, size_t{1001}})
            for (size_t grain : {size_t{1}, size_t{8}, size_t{2000}}) {
                std::vector<std::atomic<int>> seen(n);
                pool.parallel_for(n, grain, [&](size_t begin, size_t end, int part) {
                    CHECK(part >= 0);
                    CHECK(part < threads);
                    CHECK(begin < end);
                    for (size_t i = begin; i < end; ++i) ++seen[i];
                });
                for (auto& s : seen) CHECK(s == 1);
            }
    }
}
TEST_CASE("workers that fell asleep wake for the next job") {
    SpinPool pool(2, {}, 10);
    for (int round = 0; round < 20; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        std::atomic<int> sum{0};
        pool.run(16, [](void* p, int part) { *static_cast<std::atomic<int>*>(p) += part; }, &sum);
        CHECK(sum == 120);
    }
}
TEST_CASE("the affinity callback runs once on every thread") {
    std::mutex m;
    std::set<std::thread::id> ids;
    std::multiset<int> numbers;
    {
        SpinPool pool(4, [&](int i) {
            std::lock_guard lock(m);
            ids.insert(std::this_thread::get_id());
            numbers.insert(i);
        });
        std::atomic<int> n{0};
        for (int k = 0; k < 3; ++k) pool.run(8, [](void* p, int) { ++*static_cast<std::atomic<int>*>(p); }, &n);
        CHECK(n == 24);
    }
    CHECK(ids.size() == 4);
    CHECK(numbers == std::multiset<int>{0, 1, 2, 3});
}

namespace {
// A pool of a user: threads of its own for each job, or all parts one behind the other.
struct UserPool final : ThreadPool {
    int count;
    bool together;
    UserPool(int n, bool at_once) : count(n), together(at_once) {}
    int threads() const override { return count; }
    void run(int parts, Job job, void* context) override {
        std::vector<std::thread> threads;
        for (int i = parts; i-- > 0;) {
            if (together) threads.emplace_back(job, context, i);
            else job(context, i);
        }
        for (std::thread& t : threads) t.join();
    }
};
// Runs bodies whose first range is slow; checks that every index comes once and that no part is used by two threads at once.
void check_shares(ThreadPool& pool, size_t n, size_t grain, size_t piece) {
    CAPTURE(pool.threads());
    CAPTURE(n);
    CAPTURE(grain);
    const auto threads = static_cast<size_t>(pool.threads());
    std::vector<std::atomic<int>> seen(n), busy(threads);
    std::vector<int> calls(threads, 0);
    std::atomic<int> wrong{0};
    pool.parallel_shares(
            n, grain,
            [&](ThreadPool::Share& share, int part) {
                const auto p = static_cast<size_t>(part);
                wrong += busy[p]++ != 0;
                ++calls[p];  // a race if a part is used by two threads
                for (size_t begin, end; share.next(begin, end);) {
                    wrong += begin >= end || end > n || begin % grain != 0 || (end % grain != 0 && end != n);
                    for (size_t i = begin; i < end; ++i) ++seen[i];
                    if (begin < n / threads) std::this_thread::sleep_for(std::chrono::microseconds(100));
                }
                --busy[p];
            },
            piece);
    CHECK(wrong == 0);
    size_t once = 0;
    for (auto& s : seen) once += s == 1;
    CHECK(once == n);
    for (int c : calls) CHECK(c <= 1);
}
}  // namespace

TEST_CASE("threads that have finished take from those that are behind, and every index still comes once") {
    for (int threads : {2, 3, 5, 80})
        for (size_t n : {size_t{2}, size_t{9}, size_t{1000}, size_t{100000}})
            for (size_t piece : {size_t{1}, size_t{4}}) {
                SpinPool own(threads, {}, 100);
                check_shares(own, n, 1, piece);
                check_shares(own, n, 7, piece);
                if (threads == 80) continue;
                UserPool at_once(threads, true), one_by_one(threads, false);
                check_shares(at_once, n, 3, piece);
                check_shares(one_by_one, n, 3, piece);
            }
}
TEST_CASE("a thread that is held up loses the end of its range to the others") {
    SpinPool pool(2);
    std::atomic<size_t> held{0};
    std::atomic<bool> rest_done{false};
    pool.parallel_shares(1024, 1, [&](ThreadPool::Share& share, int part) {
        size_t mine = 0;
        for (size_t begin, end; share.next(begin, end); mine += end - begin)
            while (part == 0 && mine == 0 && !rest_done) std::this_thread::yield();  // holds its first piece until the other finds no more
        if (part == 0) held = mine;
        else rest_done = true;
    });
    CHECK(held >= 128);        // its first piece is a quarter of 512
    CHECK(held <= 128 + 64);  // what is left of it at the end is less than an eighth
}
TEST_CASE("what is expected to be short is not cut") {
    SpinPool pool(2);
    pool.expect(1000);
    std::atomic<int> pieces{0};
    pool.parallel_for(1000, 1, [&](size_t, size_t, int) { ++pieces; });
    CHECK(pieces == 2);
    pool.expect(1e6);
    pool.parallel_for(1000, 1, [&](size_t, size_t, int) { ++pieces; });
    CHECK(pieces > 4);
}
TEST_CASE("there may be more parts than bits of a word") {
    SpinPool pool(3);
    std::vector<std::atomic<int>> seen(200);
    pool.run(200, [](void* p, int part) { ++(*static_cast<std::vector<std::atomic<int>>*>(p))[static_cast<size_t>(part)]; }, &seen);
    for (auto& s : seen) CHECK(s == 1);
}
