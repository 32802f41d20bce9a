// Convolution of stride 1 on dense images into few output channels: vectors of neighbouring pixels, so that no lane is idle where a
// packed layout would compute a whole block of channels.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_DENSE_H_
#define LITE_OP_CONV_DENSE_H_
#include "lite/op/conv_direct.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// A unit is a few output rows of one group. Its input is copied between zeros, and all positions of the copy from the first output
// on are computed as one run, also those between the end of one row and the next, which are few.
struct ConvDensePlan {
    ConvShape s;
    ConvEpilogue end;
    size_t rows = 1, row_parts = 1;             // output rows of a unit
    size_t row = 0, channel = 0;                // of the copy, in floats
    size_t run = 0, copy_floats = 0, floats = 0;  // positions of a unit in whole tiles; workspace of a thread
    std::vector<ptrdiff_t> taps;
    std::shared_ptr<const std::byte> weights;  // [tile of output channels][tap][channel of the tile]
    const ConvTiles* tiles = nullptr;
};

inline bool conv_dense_applicable(const NodeInfo& n) {
    if (n.bricks->conv.pixels.lanes == 0 || !conv_packable(n) || n.input(0).shape.rank() > 4) return false;
    const ConvShape s = ConvShape::of(n);
    return n.attributes<Conv::Attributes>().residual == 0 && s.k <= 16 * s.group && s.axis[1].stride == 1 && s.axis[2].stride == 1 &&
           s.n > 0 && s.axis[1].out > 0 && s.axis[2].out > 0;
}
inline double conv_dense_cost(const NodeInfo& n) {
    const ConvShape s = ConvShape::of(n);
    const ConvTiles& t = n.bricks->conv.pixels;
    const size_t kg = as_size(s.k / s.group), high = std::min(kg, t.max_rows);
    const double row = static_cast<double>(s.axis[2].out + s.axis[2].reach() - 1), used = s.flops() * row / static_cast<double>(s.axis[2].out);
    const double bytes = 4.0 * static_cast<double>(s.n) * static_cast<double>(s.in_pixels() * s.c * 2 + s.out_pixels() * s.k * 3);
    // A tile loads every vector of pixels once: with less than three rows that takes longer than the multiply-adds.
    return conv_ns(t.lanes, used, high >= 3 ? 0.8 : 0.3 * static_cast<double>(high), bytes);
}
inline ConvDensePlan conv_dense_plan(const NodeInfo& node, PrepareContext& prepare) {
    ConvDensePlan p;
    const ConvShape& s = p.s = ConvShape::of(node);
    const WindowAxis &h = s.axis[1], &v = s.axis[2];
    p.end = ConvEpilogue(node.attributes<Conv::Attributes>().fused());
    p.tiles = &node.bricks->conv.pixels;
    const size_t cg = as_size(s.c / s.group), kg = as_size(s.k / s.group), taps = as_size(s.taps()), threads = as_size(std::max(node.threads, 1));
    const size_t out_rows = as_size(h.out), tile = p.tiles->vectors * p.tiles->lanes;
    p.row = as_size(v.out + v.reach() - 1);
    // The copy of a unit takes about half of a first-level cache, but a window's rows are copied for a few output rows at least.
    p.rows = std::min(out_rows, std::max<size_t>({16 * 1024 / std::max<size_t>(cg * p.row * sizeof(float), 1), 2 * as_size(h.reach()), (2 * tile + p.row - 1) / p.row}));
    const size_t parts = as_size(s.n * s.group), units = std::max<size_t>((out_rows + p.rows - 1) / p.rows, (2 * threads + parts - 1) / parts);
    if (threads > 1 || units > 1) p.rows = (out_rows + std::min(units, out_rows) - 1) / std::min(units, out_rows);
    p.row_parts = (out_rows + p.rows - 1) / p.rows;
    p.run = up((p.rows - 1) * p.row + as_size(v.out), tile);
    p.channel = (p.rows - 1 + as_size(h.reach())) * p.row;
    p.copy_floats = up(cg * p.channel + tile + as_size(v.reach()), 16);  // the last tile reads behind the last row
    p.floats = p.copy_floats + up(p.tiles->max_rows * p.run, 16);
    prepare.need_workspace(p.floats * threads * sizeof(float));
    for (size_t c = 0; c < cg; ++c)
        for (size_t i = 0; i < as_size(h.window); ++i)
            for (size_t j = 0; j < as_size(v.window); ++j)
                p.taps.push_back(static_cast<ptrdiff_t>(c * p.channel + i * as_size(h.dilation) * p.row + j * as_size(v.dilation)));
    const Array& w = *node.constant(1);
    p.weights = prepare.weights->packed(w, text("conv/dense ", p.tiles->max_rows, " group ", s.group), as_size(w.count()) * sizeof(float), [&](std::byte* to) {
        const std::vector<float> from = w.values<float>();
        float* out = reinterpret_cast<float*>(to);
        for (size_t g = 0; g < as_size(s.group); ++g)
            for (size_t k = 0; k < kg;) {
                const size_t m = p.tiles->next_rows(kg - k);
                for (size_t t = 0; t < cg * taps; ++t)
                    for (size_t r = 0; r < m; ++r) *out++ = from[(g * kg + k + r) * cg * taps + t];
                k += m;
            }
    });
    prepare.drop(1);
    return p;
}

inline void conv_dense_run(const ConvDensePlan& p, const RunContext& c) {
    const ConvShape& s = p.s;
    const WindowAxis &h = s.axis[1], &v = s.axis[2];
    const size_t groups = as_size(s.group), cg = as_size(s.c) / groups, kg = as_size(s.k) / groups, width = as_size(v.out), tile = p.tiles->vectors * p.tiles->lanes;
    const size_t in_pixels = as_size(s.in_pixels()), out_pixels = as_size(s.out_pixels());
    const float* const bias = c.has_input(2) ? c.input(2).as<float>() : nullptr;
    c.pool->parallel_for(as_size(s.n) * groups * p.row_parts, 1, [&](size_t begin, size_t end, int part) {
        float *const copy = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * p.floats, *const sums = copy + p.copy_floats;
        const int64_t from = std::min(v.pad, static_cast<int64_t>(p.row)), inside = std::clamp<int64_t>(static_cast<int64_t>(p.row) - from, 0, v.in);
        std::memset(copy + cg * p.channel, 0, (p.copy_floats - cg * p.channel) * sizeof(float));
        ConvTileArgs t;
        p.end.fill(t);
        t.taps = p.taps.data();
        t.tap_count = p.taps.size();
        t.y_row = static_cast<ptrdiff_t>(p.run);
        for (size_t unit = begin; unit < end; ++unit) {
            const size_t row0 = unit % p.row_parts * p.rows, ng = unit / p.row_parts, g = ng % groups, rows = std::min(p.rows, as_size(h.out) - row0);
            for (size_t i = 0; i < cg; ++i) {
                const float* image = c.input(0).as<float>() + (ng * cg + i) * in_pixels;
                float* out = copy + i * p.channel;
                for (size_t r = 0; r < p.channel / p.row; ++r, out += p.row) {
                    const int64_t at = static_cast<int64_t>(row0 + r) - h.pad;
                    if (at < 0 || at >= h.in) {
                        std::memset(out, 0, p.row * sizeof(float));
                        continue;
                    }
                    std::memset(out, 0, as_size(from) * sizeof(float));
                    std::memcpy(out + from, image + at * v.in, as_size(inside) * sizeof(float));
                    std::memset(out + from + inside, 0, (p.row - as_size(from + inside)) * sizeof(float));
                }
            }
            const size_t run = (rows - 1) * p.row + width;
            t.w = reinterpret_cast<const float*>(p.weights.get()) + g * kg * p.taps.size();
            for (size_t k = 0; k < kg;) {
                const size_t m = p.tiles->next_rows(kg - k);
                t.bias = bias ? bias + g * kg + k : nullptr;
                for (size_t q = 0; q < run; q += tile) {
                    t.x = copy + q;
                    t.y = sums + q;
                    p.tiles->get(1, m)(t);
                }
                for (size_t r = 0; r < m; ++r) {
                    float* const y = c.output(0).as<float>() + (ng * kg + k + r) * out_pixels + row0 * width;
                    for (size_t i = 0; i < rows; ++i) std::memcpy(y + i * width, sums + r * p.run + i * p.row, width * sizeof(float));
                    if (p.end.unary) p.end.apply(*c.bricks, y, rows * width);
                }
                t.w += m * p.taps.size();
                k += m;
            }
        }
    });
}
}  // namespace detail

template <> struct Kernel<Conv, NCHW, float, Dense> {
    static constexpr std::string_view name = "conv/dense";
    using State = detail::ConvDensePlan;
    static bool applicable(const NodeInfo& n) { return detail::conv_dense_applicable(n); }
    static double cost(const NodeInfo& n) { return detail::conv_dense_cost(n); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::conv_dense_plan(n, c); }
    static void run(const State& s, const RunContext& c) noexcept { detail::conv_dense_run(s, c); }
};

LITE_NAMESPACE_END
#endif
