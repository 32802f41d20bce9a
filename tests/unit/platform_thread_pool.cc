#include <doctest/doctest.h>

#include <chrono>
#include <mutex>
#include <set>

#include "lite/platform/thread_pool.h"
using namespace lite;

TEST_CASE("every index is visited exactly once, whatever the number of threads and the grain") {
    for (int threads : {1, 2, 3, 8}) {
        SpinPool pool(threads);
        CHECK(pool.threads() == threads);
        for (size_t n : {size_t{0}, size_t{1}, size_t{7}, size_t{64}, size_t{1001}})
            for (size_t grain : {size_t{1}, size_t{8}, size_t{2000}}) {
                std::vector<std::atomic<int>> seen(n);
                std::atomic<int> parts{0};
                pool.parallel_for(n, grain, [&](size_t begin, size_t end, int part) {
                    ++parts;
                    CHECK(part >= 0);
                    CHECK(part < threads);
                    CHECK(begin < end);
                    for (size_t i = begin; i < end; ++i) ++seen[i];
                });
                for (auto& s : seen) CHECK(s == 1);
                CHECK(parts <= threads);
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
