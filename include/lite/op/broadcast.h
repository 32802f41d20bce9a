// The loop over tensors that broadcast to one shape: axes collapsed to few, and an innermost run of simple steps.
#ifndef LITE_OP_BROADCAST_H_
#define LITE_OP_BROADCAST_H_
#include <span>

#include "lite/base/shape.h"
#include "lite/kernel/math_bricks.h"

LITE_NAMESPACE_BEGIN

// `kOperands` tensors over the elements of `out`, in row-major order. Shapes are physical ones: as the tensor lies in memory.
template <size_t kOperands>
struct BroadcastLoop {
    size_t outer = 0;                 // axes of `extent` and `stride` before the innermost run
    int64_t extent[kMaxRank + 1] = {};
    int64_t stride[kOperands][kMaxRank + 1] = {};  // elements per step of each outer axis
    size_t inner = 0;                 // length of the innermost run
    size_t step[kOperands] = {};      // in it: kScalar, kDense, or kPattern (the first `period` elements repeat)
    size_t period = 0;
    size_t total = 0;

    BroadcastLoop() = default;
    // Operands are aligned at the last axis and have the extent of `out` or 1 on each of theirs.
    BroadcastLoop(const Shape& out, std::span<const Shape> operands) {
        total = static_cast<size_t>(out.count());
        const size_t rank = out.rank();
        int64_t s[kOperands][kMaxRank] = {};
        for (size_t o = 0; o < operands.size(); ++o) {
            int64_t n = 1;
            const Shape& x = operands[o];
            for (size_t k = 0; k < x.rank(); ++k) {
                const int64_t e = x[x.rank() - 1 - k];
                s[o][rank - 1 - k] = e == 1 ? 0 : n;
                n *= e;
            }
        }
        // Axes of extent 1 vanish; an axis joins the one behind it if every operand runs through both without a jump.
        size_t n = 0;
        for (size_t k = 0; k < rank; ++k) {
            if (out[k] == 1) continue;
            bool joins = n > 0;
            for (size_t o = 0; o < operands.size() && joins; ++o) joins = stride[o][n - 1] == s[o][k] * out[k];
            if (!joins) {
                extent[n] = 1;
                ++n;
            }
            extent[n - 1] *= out[k];
            for (size_t o = 0; o < operands.size(); ++o) stride[o][n - 1] = s[o][k];
        }
        if (n == 0) {
            inner = 1;
            for (size_t o = 0; o < operands.size(); ++o) step[o] = kScalar;
            return;
        }
        outer = n - 1;
        inner = static_cast<size_t>(extent[outer]);
        for (size_t o = 0; o < operands.size(); ++o) step[o] = stride[o][outer] == 0 ? kScalar : kDense;
        // Rows of 2, 4, 8 or 16 (a packed block, few channels last) under an operand that is the same in each: one long run.
        if (outer > 0 && (inner == 2 || inner == 4 || inner == 8 || inner == 16)) {
            const int64_t block = static_cast<int64_t>(inner);
            bool fits = true;
            for (size_t o = 0; o < operands.size() && fits; ++o)
                fits = stride[o][outer] == 0 ? stride[o][outer - 1] == 0 : (stride[o][outer - 1] == block || stride[o][outer - 1] == 0);
            if (fits) {
                for (size_t o = 0; o < operands.size(); ++o)
                    if (step[o] == kDense && stride[o][outer - 1] == 0) step[o] = kPattern;
                period = inner;
                --outer;
                inner *= static_cast<size_t>(extent[outer]);
            }
        }
    }

    // Of operand o, the element of a run that belongs to its i-th: i & mask(o).
    size_t mask(size_t o) const { return step[o] == kDense ? ~size_t{0} : step[o] == kScalar ? 0 : period - 1; }

    // Calls f(first, offsets, n) for pieces of the elements [begin, end): output elements [first, first + n), operand o from
    // element offsets[o] with step[o]. A piece begins at a multiple of `period` in its row if `begin` is one of 16.
    template <class F>
    void for_each_run(size_t begin, size_t end, F&& f) const {
        runs(begin, end, [](const void* body, size_t first, const int64_t* offsets, size_t n) { (*static_cast<const std::remove_reference_t<F>*>(body))(first, offsets, n); }, &f);
    }

private:
    void runs(size_t begin, size_t end, void (*f)(const void* body, size_t first, const int64_t* offsets, size_t n), const void* body) const {
        if (begin >= end) return;
        int64_t index[kMaxRank + 1] = {};
        int64_t base[kOperands] = {};
        size_t row = begin / inner, column = begin % inner;
        for (size_t k = outer; k-- > 0;) {
            index[k] = static_cast<int64_t>(row) % extent[k];
            row /= static_cast<size_t>(extent[k]);
            for (size_t o = 0; o < kOperands; ++o) base[o] += index[k] * stride[o][k];
        }
        for (size_t at = begin; at < end;) {
            const size_t n = std::min(inner - column, end - at);
            int64_t offsets[kOperands];
            for (size_t o = 0; o < kOperands; ++o)
                offsets[o] = base[o] + (step[o] == kDense ? static_cast<int64_t>(column) : 0);
            f(body, at, offsets, n);
            at += n;
            column = 0;
            for (size_t k = outer; k-- > 0;) {
                for (size_t o = 0; o < kOperands; ++o) base[o] += stride[o][k];
                if (++index[k] < extent[k]) break;
                for (size_t o = 0; o < kOperands; ++o) base[o] -= extent[k] * stride[o][k];
                index[k] = 0;
            }
        }
    }
};

LITE_NAMESPACE_END
#endif
