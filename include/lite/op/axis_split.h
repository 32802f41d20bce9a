// A dense tensor seen as [outer, n, inner] around one axis, or around a run of axes.
#ifndef LITE_OP_AXIS_SPLIT_H_
#define LITE_OP_AXIS_SPLIT_H_
#include "lite/base/shape.h"

LITE_NAMESPACE_BEGIN

struct AxisSplit {
    size_t outer = 1, n = 1, inner = 1;
    AxisSplit() = default;
    // The axes [from, to) are n.
    AxisSplit(const Shape& s, size_t from, size_t to)
            : outer(static_cast<size_t>(s.count(0, from))), n(static_cast<size_t>(s.count(from, to))), inner(static_cast<size_t>(s.count(to, s.rank()))) {}
    AxisSplit(const Shape& s, size_t axis) : AxisSplit(s, axis, axis + 1) {}
    size_t total() const { return outer * n * inner; }
};

LITE_NAMESPACE_END
#endif
