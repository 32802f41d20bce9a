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

// What no plan can go below: the largest sum of bytes alive in one step.
inline size_t memory_lower_bound(const std::vector<BufferLife>& buffers) {
    int steps = 0;
    for (const BufferLife& b : buffers) steps = std::max(steps, b.last + 1);
    std::vector<size_t> sum(static_cast<size_t>(steps), 0);
    for (const BufferLife& b : buffers)
        for (int s = b.first; s <= b.last; ++s) sum[static_cast<size_t>(s)] += b.bytes;
    return sum.empty() ? 0 : *std::max_element(sum.begin(), sum.end());
}

namespace detail {
inline size_t rounded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }
// In that order, each into the lowest gap that fits; returns the size of the arena.
inline size_t place_buffers(std::vector<BufferLife>& buffers, const std::vector<size_t>& order) {
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
            at = std::max(at, o.offset + rounded(o.bytes));
        }
        b.offset = at;
        arena = std::max(arena, at + rounded(b.bytes));
        placed.insert(std::upper_bound(placed.begin(), placed.end(), at, [&](size_t v, size_t j) { return v < buffers[j].offset; }), i);
    }
    return arena;
}
}  // namespace detail

// Assigns offsets (multiples of 64) so that buffers alive in the same step do not overlap; returns the size of the arena.
// Deterministic. Largest first reaches the lower bound on most nets; where it does not, the buffer that stands out at the top is placed
// earlier, again and again, and the best of these is taken: basic_pitch comes from 1.32 of the bound to 1.00.
inline size_t plan_memory(std::vector<BufferLife>& buffers) {
    std::vector<size_t> order(buffers.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b;
    });
    std::vector<BufferLife> best = buffers;
    size_t least = detail::place_buffers(best, order);
    size_t bound = 0;
    {
        std::vector<BufferLife> whole = buffers;
        for (BufferLife& b : whole) b.bytes = detail::rounded(b.bytes);
        bound = memory_lower_bound(whole);
    }
    // A try costs about 5 ns for each pair of buffers: all of them together stay below 5 ms.
    const size_t pairs = std::max<size_t>(1, buffers.size() * buffers.size()), tries = std::min<size_t>(100, 1000000 / pairs);
    std::vector<BufferLife> other = best;
    size_t arena = least;
    for (size_t t = 0; t < tries && least > bound + bound / 64; ++t) {
        const auto top = std::find_if(order.begin(), order.end(), [&](size_t i) {
            return other[i].bytes && other[i].offset + detail::rounded(other[i].bytes) == arena;
        });
        std::rotate(order.begin(), top, top + 1);
        arena = detail::place_buffers(other, order);
        if (arena < least) least = arena, best = other;
    }
    buffers = std::move(best);
    return least;
}

LITE_NAMESPACE_END
#endif
