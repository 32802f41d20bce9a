// Places buffers with known lifetimes into one arena.
#ifndef LITE_PLAN_MEMORY_PLAN_H_
#define LITE_PLAN_MEMORY_PLAN_H_
#include <algorithm>
#include <cstddef>
#include <vector>

#include "lite/base/array.h"

LITE_NAMESPACE_BEGIN

struct BufferLife {
    size_t bytes = 0;
    int first = 0, last = 0;  // steps, inclusive
    size_t offset = 0;        // out
};

// Assigns offsets (multiples of 64) so that buffers alive in the same step do not overlap; returns the size of the arena.
// Largest first, each into the lowest gap that fits. Deterministic.
inline size_t plan_memory(std::vector<BufferLife>& buffers) {
    std::vector<size_t> order(buffers.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b;
    });
    const auto round = [](size_t b) { return (b + kAlignment - 1) / kAlignment * kAlignment; };
    std::vector<size_t> placed;  // by offset
    size_t arena = 0;
    for (size_t i : order) {
        BufferLife& b = buffers[i];
        if (b.bytes == 0) continue;
        size_t at = 0;
        for (size_t j : placed) {
            const BufferLife& o = buffers[j];
            if (o.last < b.first || b.last < o.first) continue;
            if (at + b.bytes <= o.offset) break;
            at = std::max(at, o.offset + round(o.bytes));
        }
        b.offset = at;
        arena = std::max(arena, at + round(b.bytes));
        placed.insert(std::upper_bound(placed.begin(), placed.end(), at, [&](size_t v, size_t j) { return v < buffers[j].offset; }), i);
    }
    return arena;
}
// What no plan can go below: the largest sum of bytes alive in one step.
inline size_t memory_lower_bound(const std::vector<BufferLife>& buffers) {
    int steps = 0;
    for (const BufferLife& b : buffers) steps = std::max(steps, b.last + 1);
    std::vector<size_t> sum(static_cast<size_t>(steps), 0);
    for (const BufferLife& b : buffers)
        for (int s = b.first; s <= b.last; ++s) sum[static_cast<size_t>(s)] += b.bytes;
    return sum.empty() ? 0 : *std::max_element(sum.begin(), sum.end());
}

LITE_NAMESPACE_END
#endif
