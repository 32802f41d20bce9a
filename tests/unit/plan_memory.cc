#include <doctest/doctest.h>

#include <random>

#include "lite/plan/memory_plan.h"
using namespace lite;

namespace {
void check_no_overlap(const std::vector<BufferLife>& b, size_t arena) {
    for (size_t i = 0; i < b.size(); ++i) {
        CHECK(b[i].offset % kAlignment == 0);
        CHECK(b[i].offset + b[i].bytes <= arena);
        for (size_t j = 0; j < i; ++j) {
            const bool together = b[i].first <= b[j].last && b[j].first <= b[i].last;
            const bool apart = b[i].offset + b[i].bytes <= b[j].offset || b[j].offset + b[j].bytes <= b[i].offset;
            if (together && b[i].bytes && b[j].bytes && !apart) FAIL("buffers ", i, " and ", j, " overlap");
        }
    }
}
}  // namespace

TEST_CASE("buffers that are never alive together share memory") {
    std::vector<BufferLife> b = {{1000, 0, 1, 0}, {1000, 2, 3, 0}, {1000, 4, 5, 0}};
    CHECK(plan_memory(b) == 1024);
    CHECK(b[0].offset == b[2].offset);
}
TEST_CASE("a chain of layers needs two buffers at a time") {
    std::vector<BufferLife> b;
    for (int i = 0; i < 10; ++i) b.push_back({640, i, i + 1, 0});
    const size_t arena = plan_memory(b);
    CHECK(arena == 1280);
    CHECK(memory_lower_bound(b) == 1280);
    check_no_overlap(b, arena);
}
TEST_CASE("buffers of no bytes take no memory") {
    std::vector<BufferLife> b = {{0, 0, 9, 0}, {64, 0, 9, 0}};
    CHECK(plan_memory(b) == 64);
    std::vector<BufferLife> none;
    CHECK(plan_memory(none) == 0);
    CHECK(memory_lower_bound(none) == 0);
}
TEST_CASE("random lifetimes never overlap and stay near the lower bound") {
    std::mt19937 g(7);
    for (int round = 0; round < 50; ++round) {
        std::vector<BufferLife> b;
        for (int i = 0; i < 120; ++i) {
            const int first = static_cast<int>(g() % 100), length = static_cast<int>(g() % 6);
            b.push_back({g() % 5000, first, first + length, 0});
        }
        const size_t arena = plan_memory(b);
        check_no_overlap(b, arena);
        CHECK(arena >= memory_lower_bound(b));
        CHECK(static_cast<double>(arena) <= 1.1 * static_cast<double>(memory_lower_bound(b)));  // 1.09 at most over these seeds
    }
}
