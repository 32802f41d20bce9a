// Concat: tensors one behind the other along an axis.
#ifndef LITE_OP_CONCAT_H_
#define LITE_OP_CONCAT_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Any number of inputs of the same dtype and rank, equal in all other axes.
struct Concat {
    static constexpr std::string_view name = "Concat";
    static constexpr Spelling spellings[] = {{"onnx", "", "Concat"}};
    struct Attributes {
        int64_t axis = 1;  // the default of opset 1, required since
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& first = c.input(0);
        int known = -1;
        for (size_t i = 0; i < c.input_count() && known < 0; ++i)
            if (c.input(i).has_shape) known = static_cast<int>(i);
        if (known < 0) return c.output_unknown(0, first.dtype);
        Shape y = c.input(static_cast<size_t>(known)).shape;
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.rank(), c.where());
        y[axis] = 0;
        for (size_t i = 0; i < c.input_count(); ++i) {
            const TensorInfo& x = c.input(i);
            c.check_that(x.dtype == first.dtype, "input ", i, " is ", x.dtype, ", input 0 is ", first.dtype);
            if (!x.has_shape) {
                y[axis] = kUnknown;
                continue;
            }
            c.check_that(x.shape.rank() == y.rank(), "input ", i, " has shape ", x.shape, ", ", y.rank(), " axes were expected");
            for (size_t k = 0; k < y.rank(); ++k) {
                if (k == axis) {
                    if (x.shape[k] < 0) y[k] = kUnknown;
                    else if (y[k] >= 0) c.check_that((y[k] += x.shape[k]) <= kMaxElements, "the output is too large to address");
                } else if (y[k] < 0) {
                    y[k] = x.shape[k];
                } else {
                    c.check_that(x.shape[k] < 0 || x.shape[k] == y[k], "input ", i, " of shape ", x.shape, " does not fit the inputs before it, ", y);
                }
            }
        }
        c.output(0, first.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.shape.rank(), name), size = size_of(y.dtype);
        const int64_t outer = y.shape.count(0, axis), whole = y.shape.count(axis, y.shape.rank());
        auto* out = y.as<std::byte>();
        for (const TensorView& x : c.inputs) {
            const int64_t run = x.shape.count(axis, x.shape.rank());
            StridedCopy copy;
            copy.axis(outer, whole, run);
            copy.axis(run, 1, 1);
            copy.run(out, x.data, size, c.pool, c.bricks);
            out += static_cast<size_t>(run) * size;
        }
    }
};

// Runs of memory in every layout; channels that do not fill blocks are shifted lane by lane. An input whose producer wrote it into the
// output already is left where it is (unet: 0.76 of 17.5 ms).
struct ConcatKernel {
    static constexpr std::string_view name = "concat/copy";
    struct State {
        size_t axis;
        bool aligned;
    };
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        // A constant input is dense, whatever the layout of the others is.
        for (const TensorInfo& t : n.inputs)
            if (t.layout != layout) return false;
        return n.inputs.size() <= kMaxInputs && (layout == LayoutTag::nchw || n.output().shape.rank() <= 6) && (gathers_channels(layout) || state(n).aligned);
    }
    static double cost(const NodeInfo& n) { return copy_cost(n, state(n).aligned ? 60 : 20); }
    static State prepare(const NodeInfo& n, PrepareContext&) { return state(n); }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView& y = c.output(0);
        const size_t size = size_of(y.dtype);
        auto* to = y.as<std::byte>();
        if (!s.aligned) {
            ChannelRange ranges[kMaxInputs];
            for (size_t i = 0; i < c.inputs.size(); ++i) ranges[i] = {c.input(i).as<const std::byte>(), c.input(i).shape[1], 0, c.input(i).shape[1]};
            gather_channels(pack_of(y.layout), to, {ranges, c.inputs.size()}, y.shape[0], y.shape.count(2, y.shape.rank()), size, c.pool);
            return;
        }
        const Shape whole = memory_shape(y.layout, y.shape);
        const int64_t outer = whole.count(0, s.axis), y_run = whole.count(s.axis, whole.rank());
        for (const TensorView& x : c.inputs) {
            const Shape part = memory_shape(y.layout, x.shape);
            const int64_t run = part.count(s.axis, part.rank());
            if (x.data != to) {
                StridedCopy copy;
                copy.axis(outer, y_run, run);
                copy.axis(run, 1, 1);
                copy.run(to, x.data, size, c.pool, c.bricks);
            }
            to += static_cast<size_t>(run) * size;
        }
    }
    static ptrdiff_t place_of_input(const NodeInfo& n, size_t i) {
        const State s = state(n);
        const TensorInfo& y = n.output();
        if (!s.aligned || memory_shape(y.layout, y.shape).count(0, s.axis) != 1) return -1;
        int64_t elements = 0;
        for (size_t k = 0; k < i; ++k) elements += padded_count(y.layout, n.input(k).shape);
        return static_cast<ptrdiff_t>(elements) * static_cast<ptrdiff_t>(size_of(y.dtype));
    }

private:
    static constexpr size_t kMaxInputs = 64;
    static State state(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        const size_t rank = n.output().shape.rank(), axis = normalize_axis(n.attributes<Concat::Attributes>().axis, rank, Concat::name);
        bool aligned = true;
        for (size_t i = 0; axis == 1 && i + 1 < n.inputs.size(); ++i) aligned = aligned && n.input(i).shape[1] % pack_of(layout) == 0;
        return {memory_axis(layout, axis, rank), aligned};
    }
};
template <LayoutType L> struct Kernel<Concat, L, void> : ConcatKernel {};

LITE_NAMESPACE_END
#endif
