// Slice: every step-th element of a range of each axis.
#ifndef LITE_OP_SLICE_H_
#define LITE_OP_SLICE_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// starts, ends, axes, steps as in numpy, negative steps included: attributes before opset 10, inputs 1..4 since.
struct Slice {
    static constexpr std::string_view name = "Slice";
    static constexpr Spelling spellings[] = {{"onnx", "", "Slice"}};
    struct Attributes {
        std::vector<int64_t> starts, ends, axes;
        template <class V> void visit(V& v) {
            v("starts", starts);
            v("ends", ends);
            v("axes", axes);
        }
    };
    // What one axis of extent `extent` keeps: `count` elements from `start` on. step != 0.
    struct Range {
        int64_t start = 0, step = 1, count = 0;
    };
    static Range range(int64_t start, int64_t end, int64_t step, int64_t extent) {
        if (start < 0) start += extent;
        if (end < 0) end += extent;
        step = std::max(step, -INT64_MAX);
        if (step > 0) {
            start = std::clamp<int64_t>(start, 0, extent);
            end = std::clamp<int64_t>(end, 0, extent);
            return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
        }
        if (extent == 0) return {0, step, 0};
        start = std::clamp<int64_t>(start, 0, extent - 1);
        end = std::clamp<int64_t>(end, -1, extent - 1);
        return {start, step, start > end ? (start - end - 1) / -step + 1 : 0};
    }
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        std::vector<int64_t> p[4];  // starts, ends, axes, steps
        const auto a = c.attributes<Attributes>();
        p[0] = a.starts;
        p[1] = a.ends;
        p[2] = a.axes;
        bool known = true;
        for (size_t i = 1; i < 5; ++i)
            if (c.has_input(i)) {
                if (const Array* v = c.value(i)) p[i - 1] = v->values<int64_t>();
                else known = false;
            }
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        Shape y = x.shape;
        if (!known) {
            // Without the axes nothing is known but the rank.
            if (c.has_input(3) ? !c.value(3) : !c.has_input(1) || !c.input(1).shape_known()) return c.output_unknown(0, x.dtype, static_cast<int>(y.rank()));
            const size_t n = c.has_input(3) ? p[2].size() : static_cast<size_t>(c.input(1).shape.count());
            for (size_t i = 0; i < n; ++i) y[c.has_input(3) ? normalize_axis(p[2][i], y.rank(), c.where()) : i] = kUnknown;
            return c.output(0, x.dtype, y);
        }
        complete(p, y.rank(), [&](bool ok) { c.check_that(ok, "starts ", p[0], ", ends ", p[1], ", axes ", p[2], ", steps ", p[3], " of a tensor of shape ", x.shape); });
        for (size_t i = 0; i < p[0].size(); ++i) {
            const size_t axis = normalize_axis(p[2][i], y.rank(), c.where());
            y[axis] = x.shape[axis] < 0 ? kUnknown : range(p[0][i], p[1][i], p[3][i], x.shape[axis]).count;
            if (x.shape[axis] < 0 && p[0][i] == 0 && p[1][i] >= INT32_MAX && p[3][i] == 1) y[axis] = x.shape[axis];
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        std::vector<int64_t> p[4];
        const auto a = c.attributes<Attributes>();
        p[0] = a.starts;
        p[1] = a.ends;
        p[2] = a.axes;
        for (size_t i = 1; i < 5; ++i)
            if (c.has_input(i)) p[i - 1] = c.input(i).values<int64_t>();
        complete(p, x.shape.rank(), [](bool) {});
        int64_t stride[kMaxRank], n = 1, offset = 0;
        for (size_t i = x.shape.rank(); i-- > 0; n *= x.shape[i]) stride[i] = n;
        for (size_t i = 0; i < p[0].size(); ++i) {
            const size_t axis = normalize_axis(p[2][i], x.shape.rank(), name);
            const Range r = range(p[0][i], p[1][i], p[3][i], x.shape[axis]);
            if (r.count == 0) return;
            offset += r.start * stride[axis];
            if (r.count > 1) stride[axis] *= r.step;
        }
        StridedCopy copy;
        copy.row_major(y.shape, stride);
        copy.run(y.data, x.as<std::byte>() + offset * static_cast<int64_t>(size_of(x.dtype)), size_of(x.dtype), c.pool, c.bricks);
    }
    // Fills in the defaults of axes and steps.
    template <class Check> static void complete(std::vector<int64_t> (&p)[4], size_t rank, Check&& check_that) {
        if (p[2].empty())
            for (size_t i = 0; i < p[0].size(); ++i) p[2].push_back(static_cast<int64_t>(i));
        if (p[3].empty()) p[3].assign(p[0].size(), 1);
        check_that(p[1].size() == p[0].size() && p[2].size() == p[0].size() && p[3].size() == p[0].size() && p[0].size() <= rank &&
                   std::find(p[3].begin(), p[3].end(), 0) == p[3].end());
    }
};

// Strides over the memory of every layout; ranges of channels that do not begin at a block are shifted lane by lane.
struct SliceKernel {
    static constexpr std::string_view name = "slice/copy";
    struct State {
        Slice::Range ranges[kMaxRank];  // of each logical axis
        bool shifted = false;           // only channels are cut, not at blocks
    };
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        State s;
        return n.input(0).layout == layout && (layout == LayoutTag::nchw || n.input(0).shape.rank() <= 6) && state(n, s);
    }
    static double cost(const NodeInfo& n) {
        State s;
        state(n, s);
        return copy_cost(n, s.shifted ? 20 : 60);
    }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        State s;
        state(n, s);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView &x = c.input(0), &y = c.output(0);
        const size_t size = size_of(x.dtype), rank = x.shape.rank();
        if (y.count() == 0) return;
        const int64_t pack = pack_of(x.layout);
        if (s.shifted) {
            const ChannelRange range{x.as<const std::byte>(), x.shape[1], s.ranges[1].start, s.ranges[1].count};
            gather_channels(pack, y.as<std::byte>(), {&range, 1}, y.shape[0], y.shape.count(2, rank), size, c.pool);
            return;
        }
        const Shape from = memory_shape(x.layout, x.shape), to = memory_shape(x.layout, y.shape);
        int64_t stride[kMaxRank], n = 1, offset = 0;
        for (size_t i = from.rank(); i-- > 0; n *= from[i]) stride[i] = n;
        for (size_t i = 0; i < rank; ++i) {
            const size_t m = memory_axis(x.layout, i, rank);
            const int64_t unit = i == 1 ? pack : 1;
            offset += s.ranges[i].start / unit * stride[m];
            if (s.ranges[i].count > 1) stride[m] *= s.ranges[i].step;
        }
        StridedCopy copy;
        copy.row_major(to, stride);
        copy.run(y.data, x.as<const std::byte>() + offset * static_cast<int64_t>(size), size, c.pool, c.bricks);
    }

private:
    static bool state(const NodeInfo& n, State& s) {
        const auto a = n.attributes<Slice::Attributes>();
        std::vector<int64_t> p[4] = {a.starts, a.ends, a.axes, {}};
        for (size_t i = 1; i < 5; ++i)
            if (n.has_input(i)) {
                if (!n.constant(i)) return false;
                p[i - 1] = n.constant(i)->values<int64_t>();
            }
        const Shape& x = n.input(0).shape;
        Slice::complete(p, x.rank(), [](bool) {});
        bool others = false;
        for (size_t i = 0; i < x.rank(); ++i) s.ranges[i] = {0, 1, x[i]};
        for (size_t i = 0; i < p[0].size(); ++i) {
            const size_t axis = normalize_axis(p[2][i], x.rank(), Slice::name);
            s.ranges[axis] = Slice::range(p[0][i], p[1][i], p[3][i], x[axis]);
            others |= axis != 1 && (s.ranges[axis].count != x[axis] || s.ranges[axis].step != 1);
        }
        if (const int64_t pack = pack_of(n.layout()); pack > 1) {
            const Slice::Range& r = s.ranges[1];
            if (r.count != x[1] || r.step != 1) {
                if (r.count > 1 && r.step != 1) return false;
                // Whole blocks, or all up to the last channel, whose padding comes along.
                const bool blocks = r.start % pack == 0 && (r.count % pack == 0 || r.start + r.count == x[1]);
                if (!blocks && (others || !gathers_channels(n.layout()))) return false;
                s.shifted = !blocks;
            }
        }
        return true;
    }
};
template <LayoutType L> struct Kernel<Slice, L, void> : SliceKernel {};

LITE_NAMESPACE_END
#endif
