// Grouped convolution in the native packed layout, of groups that lie within blocks of channels: 4 or 8 channels wide, or a few
// output channels for each input channel.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_GROUPED_H_
#define LITE_OP_CONV_GROUPED_H_
#include "lite/op/conv_direct.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// Wider groups run faster in the layouts of smaller blocks, or where groups are whole blocks.
inline bool grouped_applicable(const Bricks& b, int64_t c, int64_t k, int64_t group, size_t pack) {
    if (group <= 1 || c <= 0 || k <= 0 || b.conv.picks.lanes != pack || c / group >= static_cast<int64_t>(pack)) return false;
    return ConvPicks().make(as_size(c), as_size(k), as_size(group), pack);
}

struct ConvGroupedKernel {
    static constexpr std::string_view name = "conv/grouped";
    using State = ConvDirectPlan;
    static bool applicable(const NodeInfo& n) {
        if (!conv_packable(n)) return false;
        const ConvShape s = ConvShape::of(n);
        return grouped_applicable(*n.bricks, s.c, s.k, s.group, as_size(pack_of(n.layout())));
    }
    static double cost(const NodeInfo& n) {
        const ConvShape s = ConvShape::of(n);
        const size_t pack = as_size(pack_of(n.layout()));
        const double used = s.flops() * static_cast<double>(up(as_size(s.k), pack)) / static_cast<double>(s.k);
        const double bytes = 4.0 * static_cast<double>(s.n * (s.in_pixels() * s.c * 2 + s.out_pixels() * s.k));
        return conv_ns(pack, used, 0.5, bytes);
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return conv_direct_plan(n, c, ConvForm::grouped, as_size(pack_of(n.layout()))); }
    static void run(const State& s, const RunContext& c) noexcept { conv_direct_run(s, c); }
};
}  // namespace detail

template <int P>
    requires(P <= 16)
struct Kernel<Conv, NCHWc<P>, float, Grouped> : detail::ConvGroupedKernel {};

LITE_NAMESPACE_END
#endif
