// Split: a tensor cut into pieces along an axis.
#ifndef LITE_OP_SPLIT_H_
#define LITE_OP_SPLIT_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Lengths of the pieces: the attribute `split` (also input 1 of opset 1), from opset 13 on input 1; without them equal pieces, the
// last one shorter if need be.
struct Split {
    static constexpr std::string_view name = "Split";
    static constexpr Spelling spellings[] = {{"onnx", "", "Split"}};
    struct Attributes {
        int64_t axis = 0;
        std::vector<int64_t> split;
        int64_t num_outputs = 0;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("split", split);
            v("num_outputs", num_outputs);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const size_t n = c.output_count();
        c.check_that(n > 0, "a split into no pieces");
        if (!x.has_shape) {
            for (size_t i = 0; i < n; ++i) c.output_unknown(i, x.dtype);
            return;
        }
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), c.where());
        const int64_t extent = x.shape[axis];
        std::vector<int64_t> lengths = a.split;
        if (const Array* v = c.value(1)) lengths = v->values<int64_t>();
        for (int64_t l : lengths) c.check_that(l >= 0, "pieces of lengths ", lengths);
        if (c.has_input(1) && !c.value(1)) lengths.assign(n, kUnknown);
        else if (lengths.empty()) lengths = equal_pieces(a, extent, n);
        c.check_that(lengths.size() == n, "pieces of lengths ", lengths, " for ", n, " outputs");
        int64_t sum = 0;
        bool known = extent >= 0;
        for (int64_t l : lengths) {
            if (l < 0) known = false;
            c.check_that(!known || l <= extent, "pieces of lengths ", lengths, " of axis ", axis, " of ", x.shape);
            if (known) sum += l;
        }
        c.check_that(!known || sum == extent, "pieces of lengths ", lengths, " do not make up axis ", axis, " of ", x.shape);
        for (size_t i = 0; i < n; ++i) {
            Shape y = x.shape;
            y[axis] = lengths[i];
            c.output(i, x.dtype, y);
        }
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), name), size = size_of(x.dtype);
        const int64_t outer = x.shape.count(0, axis), whole = x.shape.count(axis, x.shape.rank()), inner = x.shape.count(axis + 1, x.shape.rank());
        std::vector<int64_t> lengths = c.has_input(1) ? c.input(1).values<int64_t>() : a.split;
        if (lengths.empty()) lengths = equal_pieces(a, x.shape[axis], c.outputs.size());
        const auto* in = x.as<const std::byte>();
        for (size_t i = 0; i < c.outputs.size(); ++i) {
            const TensorView& y = c.outputs[i];
            const int64_t run = lengths[i] * inner;  // an output may be absent
            StridedCopy copy;
            copy.axis(outer, run, whole);
            copy.axis(run, 1, 1);
            if (c.has_output(i) && y.data) copy.run(y.data, in, size, c.pool, c.bricks);
            in += static_cast<size_t>(run) * size;
        }
    }

private:
    static std::vector<int64_t> equal_pieces(const Attributes& a, int64_t extent, size_t outputs) {
        const int64_t pieces = a.num_outputs > 0 ? a.num_outputs : static_cast<int64_t>(outputs);
        const int64_t piece = extent < 0 ? kUnknown : (extent + pieces - 1) / pieces;
        std::vector<int64_t> lengths;
        for (int64_t i = 0; i < static_cast<int64_t>(outputs); ++i)
            lengths.push_back(extent < 0 ? kUnknown : std::clamp<int64_t>(extent - piece * i, 0, piece));
        return lengths;
    }
};

// Runs of memory in every layout; channels that do not begin at a block are shifted lane by lane.
struct SplitKernel {
    static constexpr std::string_view name = "split/copy";
    struct State {
        size_t axis;
        bool aligned;
    };
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        for (const TensorInfo& t : n.outputs)
            if (!t) return false;  // the length of an absent piece is not known here
        return n.input(0).layout == layout && (layout == LayoutTag::nchw || n.input(0).shape.rank() <= 6) && (gathers_channels(layout) || state(n).aligned);
    }
    static double cost(const NodeInfo& n) { return copy_cost(n, state(n).aligned ? 60 : 20); }
    static State prepare(const NodeInfo& n, PrepareContext&) { return state(n); }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView& x = c.input(0);
        const size_t size = size_of(x.dtype);
        const Shape whole = memory_shape(x.layout, x.shape);
        const int64_t outer = whole.count(0, s.axis), x_run = whole.count(s.axis, whole.rank());
        int64_t at = 0;
        for (const TensorView& y : c.outputs) {
            if (!s.aligned) {
                const ChannelRange range{x.as<const std::byte>(), x.shape[1], at, y.shape[1]};
                gather_channels(pack_of(x.layout), y.as<std::byte>(), {&range, 1}, y.shape[0], y.shape.count(2, y.shape.rank()), size, c.pool);
                at += y.shape[1];
                continue;
            }
            const Shape part = memory_shape(x.layout, y.shape);
            const int64_t run = part.count(s.axis, part.rank());
            StridedCopy copy;
            copy.axis(outer, run, x_run);
            copy.axis(run, 1, 1);
            copy.run(y.data, x.as<const std::byte>() + static_cast<size_t>(at) * size, size, c.pool, c.bricks);
            at += run;
        }
    }

private:
    static State state(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        const size_t rank = n.input(0).shape.rank(), axis = normalize_axis(n.attributes<Split::Attributes>().axis, rank, Split::name);
        bool aligned = true;
        for (size_t i = 0; axis == 1 && i + 1 < n.outputs.size(); ++i) aligned = aligned && n.output(i).shape[1] % pack_of(layout) == 0;
        return {memory_axis(layout, axis, rank), aligned};
    }
};
template <LayoutType L> struct Kernel<Split, L, void> : SplitKernel {};

LITE_NAMESPACE_END
#endif
