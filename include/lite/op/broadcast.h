// The loop over tensors that broadcast to one shape: axes collapsed to few, and an innermost run of simple steps.
#ifndef LITE_OP_BROADCAST_H_
#define LITE_OP_BROADCAST_H_
#include <span>

#include "lite/base/shape.h"
#include "lite/kernel/math_bricks.h"

LITE_NAMESPACE_BEGIN

// What BroadcastLoop knows of all operands together.
struct BroadcastAxes {
    size_t outer = 0;                       // axes of `extent` and `stride` before the innermost run
    int64_t extent[kMaxRank + 1] = {};
    size_t inner = 0;                       // length of the innermost run
    size_t period = 0;
    size_t total = 0;

protected:
    using Strides = int64_t[kMaxRank + 1];
    void collapse(const Shape& out, std::span<const Shape> operands, Strides* stride, size_t* step) {
        total = static_cast<size_t>(out.count());
        const size_t rank = out.rank(), count = operands.size();
        // Axes of extent 1 vanish; an axis joins the one behind it if every operand runs through both without a jump.
        size_t n = 0;
        for (size_t k = 0; k < rank; ++k) {
            if (out[k] == 1) continue;
            bool joins = n > 0;
            for (size_t o = 0; o < count && joins; ++o) joins = stride[o][n - 1] == stride_of(operands[o], rank, k) * out[k];
            if (!joins) extent[n++] = 1;
            extent[n - 1] *= out[k];
            for (size_t o = 0; o < count; ++o) stride[o][n - 1] = stride_of(operands[o], rank, k);
        }
        if (n == 0) {
            inner = 1;
            for (size_t o = 0; o < count; ++o) step[o] = kScalar;
            return;
        }
        outer = n - 1;
        inner = static_cast<size_t>(extent[outer]);
        for (size_t o = 0; o < count; ++o) step[o] = stride[o][outer] == 0 ? kScalar : kDense;
        // Rows of 2, 4, 8 or 16 (a packed block, few channels last) under an operand that is the same in each: one long run.
        if (outer > 0 && (inner == 2 || inner == 4 || inner == 8 || inner == 16)) {
            const int64_t block = static_cast<int64_t>(inner);
            for (size_t o = 0; o < count; ++o)
                if (stride[o][outer - 1] != 0 && (stride[o][outer] == 0 || stride[o][outer - 1] != block)) return;
            for (size_t o = 0; o < count; ++o)
                if (step[o] == kDense && stride[o][outer - 1] == 0) step[o] = kPattern;
            period = inner;
            --outer;
            inner *= static_cast<size_t>(extent[outer]);
        }
    }

private:
    // Elements from one index of axis k of the output to the next, in an operand aligned at the last axis; 0 where it is repeated.
    static int64_t stride_of(const Shape& s, size_t rank, size_t k) {
        if (k + s.rank() < rank) return 0;
        const size_t axis = k + s.rank() - rank;
        return s[axis] == 1 ? 0 : s.count(axis + 1, s.rank());
    }
};

// `kOperands` tensors over the elements of `out`, in row-major order. Shapes are physical ones: as the tensor lies in memory.
template <size_t kOperands>
struct BroadcastLoop : BroadcastAxes {
    int64_t stride[kOperands][kMaxRank + 1] = {};  // elements per step of each outer axis
    size_t step[kOperands] = {};                   // in the innermost run: kScalar, kDense, or kPattern (the first `period` elements repeat)

    BroadcastLoop() = default;
    // Operands are aligned at the last axis and have the extent of `out` or 1 on each of theirs.
    BroadcastLoop(const Shape& out, std::span<const Shape> operands) { collapse(out, operands, stride, step); }

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
