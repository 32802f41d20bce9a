// Transpose: the axes in another order.
#ifndef LITE_OP_TRANSPOSE_H_
#define LITE_OP_TRANSPOSE_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y's axis i is x's axis perm[i]; without perm the order is reversed.
struct Transpose {
    static constexpr std::string_view name = "Transpose";
    static constexpr Spelling spellings[] = {{"onnx", "", "Transpose"}};
    struct ChannelsLast {};  // the algorithm of two orders that are the same bytes in other layouts
    using Algorithms = TypeList<Default, ChannelsLast>;
    struct Attributes {
        std::vector<int64_t> perm;
        template <class V> void visit(V& v) { v("perm", perm); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        if (!x.has_shape) return c.output_unknown(0, x.dtype, a.perm.empty() ? -1 : static_cast<int>(a.perm.size()));
        Shape y = x.shape;
        std::vector<bool> used(y.rank());
        c.check_that(a.perm.empty() || a.perm.size() == y.rank(), "perm ", a.perm, " is no order of the axes of ", x.shape);
        for (size_t i = 0; i < y.rank(); ++i) {
            const int64_t p = axis(a, y.rank(), i);
            c.check_that(p >= 0 && p < static_cast<int64_t>(y.rank()) && !used[static_cast<size_t>(p)], "perm ", a.perm, " is no order of the axes of ", x.shape);
            used[static_cast<size_t>(p)] = true;
            y[i] = x.shape[static_cast<size_t>(p)];
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        int64_t moved[kMaxRank];
        strides(c.attributes<Attributes>(), x.shape, moved);
        StridedCopy copy;
        copy.row_major(y.shape, moved);
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }
    // Of each axis of y: its stride in x.
    static void strides(const Attributes& a, const Shape& x, int64_t* out) {
        int64_t stride[kMaxRank], n = 1;
        for (size_t i = x.rank(); i-- > 0; n *= x[i]) stride[i] = n;
        for (size_t i = 0; i < x.rank(); ++i) out[i] = stride[axis(a, x.rank(), i)];
    }

private:
    static int64_t axis(const Attributes& a, size_t rank, size_t i) {
        if (a.perm.empty()) return static_cast<int64_t>(rank - 1 - i);
        return a.perm[i] < 0 ? a.perm[i] + static_cast<int64_t>(rank) : a.perm[i];
    }
};

template <> struct Kernel<Transpose, NCHW, void> {
    static constexpr std::string_view name = "transpose/copy";
    struct State {
        int64_t stride[kMaxRank];  // in x, of each axis of y
    };
    static double cost(const NodeInfo& n) { return copy_cost(n, size_of(n.input(0).dtype) == 4 ? 50 : 8); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        State s{};
        Transpose::strides(n.attributes<Transpose::Attributes>(), n.input(0).shape, s.stride);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        StridedCopy copy;
        copy.row_major(c.output(0).shape, s.stride);
        copy.run(c.output(0).data, c.input(0).data, size_of(c.input(0).dtype), c.pool, c.bricks);
    }
};
// From channels last to [N, H, W, C] as a dense tensor, and back: the same bytes.
template <> struct Kernel<Transpose, NCHW, void, Transpose::ChannelsLast> {
    static constexpr std::string_view name = "transpose/nothing";
    static constexpr LayoutTag in_layout = LayoutTag::nhwc;
    static constexpr bool in_place = true;
    struct State {};
    static bool applicable(const NodeInfo& n) {
        return n.input(0).layout == LayoutTag::nhwc && n.attributes<Transpose::Attributes>().perm == std::vector<int64_t>{0, 2, 3, 1};
    }
    static double cost(const NodeInfo& n) { return copy_cost(n); }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        if (c.output(0).data != c.input(0).data) copy_bytes(c.output(0).data, c.input(0).data, c.output(0).bytes(), c.pool);
    }
};
template <> struct Kernel<Transpose, NHWC, void, Transpose::ChannelsLast> {
    static constexpr std::string_view name = "transpose/nothing";
    static constexpr LayoutTag in_layout = LayoutTag::nchw;
    static constexpr bool in_place = true;
    struct State {};
    static bool applicable(const NodeInfo& n) {
        return n.output().layout == LayoutTag::nhwc && n.attributes<Transpose::Attributes>().perm == std::vector<int64_t>{0, 3, 1, 2};
    }
    static double cost(const NodeInfo& n) { return copy_cost(n); }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        if (c.output(0).data != c.input(0).data) copy_bytes(c.output(0).data, c.input(0).data, c.output(0).bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
