// 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3): 36 products for 16 outputs of 9 taps each.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_WINOGRAD_H_
#define LITE_OP_CONV_WINOGRAD_H_
#include "lite/op/conv_direct.h"

LITE_NAMESPACE_BEGIN

namespace detail {
struct ConvWinogradPlan {
    ConvShape s;
    ConvEpilogue end;
    bool residual = false;
    size_t tiles_x = 0, tiles = 0;           // of an image
    size_t block_tiles = 0, blocks = 0;      // an image's tiles in blocks: the points of a block's inputs stay in the L2 cache
    size_t in_blocks = 0, out_blocks = 0;    // of channels
    size_t buffer_floats = 0;
    std::vector<ConvPanel> panels;
    std::vector<ptrdiff_t> rows;
    std::shared_ptr<const std::byte> weights, bias;
    const ConvTiles* gemm = nullptr;
};

// Tiles of a block. Inputs' points (36 c floats per tile) take at most 600 KB of a 1 MB cache, but a block is never smaller than
// a register tile, because each block reads all weights. With very few channels everything stays in the L1 cache.
inline size_t winograd_block(size_t c, size_t group, size_t tiles, size_t rows, size_t most, size_t threads) {
    const size_t l1 = c + group <= 32 ? 38 * 1024 / (36 * (c + group) * 4) : 0, l2 = 600 * 1024 / (36 * c * 4);
    const size_t cap = std::min(most, l1 >= 7 ? l1 : std::max(l2, rows));
    size_t blocks = (tiles + cap - 1) / cap;
    // Blocks of whole register tiles, unless a thread would have one block of a few more than the others: 7 blocks took two threads 0.60 of
    // the time of one, 8 smaller ones 0.53.
    if (blocks > 2 && cap > rows) {
        const size_t whole = cap / rows * rows;
        blocks = (tiles + whole - 1) / whole;
        if (blocks % threads == 0 || blocks >= 16 * threads) return whole;
    }
    if (blocks > 1) blocks = up(blocks, threads);
    return (tiles + blocks - 1) / blocks;
}

// The matrix G of the points in the order of the transforms; rows are 1, p, p^2 over the product of differences.
inline void winograd_weights(double (&g)[6][3]) {
    const double a = std::sqrt(0.5), b = std::sqrt(2.0), p[] = {0, a, -a, b, -b};
    for (int i = 0; i < 5; ++i) {
        double n = 1;
        for (int j = 0; j < 5; ++j)
            if (j != i) n *= p[i] - p[j];
        for (int k = 0; k < 3; ++k) g[i][k] = (k == 0 ? 1 : k == 1 ? p[i] : p[i] * p[i]) / n;
    }
    g[5][0] = g[5][1] = 0;
    g[5][2] = 1;
}

inline void conv_winograd_run(const ConvWinogradPlan& p, const RunContext& c) {
    const size_t groups = p.panels.size();
    c.pool->parallel_shares(as_size(p.s.n) * p.blocks * groups, 1, [&](ThreadPool::Share& share, int part) {
        const WinogradBricks& wino = c.bricks->conv.winograd;
        const WindowAxis &h = p.s.axis[1], &v = p.s.axis[2];
        const size_t pack = wino.lanes, in_plane = as_size(h.in * v.in) * pack, out_plane = as_size(h.out * v.out) * pack;
        float* const points = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * p.buffer_floats;
        float* const products = points + p.in_blocks * 36 * wino.point;
        const ptrdiff_t tap = 0;
        ConvTileArgs t;
        t.taps = &tap;
        t.blocks = p.in_blocks;
        t.block_stride = 36 * wino.point;
        t.steps = pack;
        t.last_steps = as_size(p.s.c) - (p.in_blocks - 1) * pack;
        t.rows = p.rows.data();
        t.y_row = static_cast<ptrdiff_t>(pack);
        for (size_t j = 0; j < 4; ++j) t.y_vector[j] = static_cast<ptrdiff_t>(j * 36 * wino.point);
        WinogradArgs a;
        a.tiles_x = p.tiles_x;
        a.low = p.end.low;
        a.high = p.end.high;
        size_t transformed = SIZE_MAX;  // the block whose points are in the buffer
        for (size_t i = 0, end = 0; i < end || share.next(i, end); ++i) {
            const size_t group = i % groups, block = i / groups % p.blocks, n = i / groups / p.blocks;
            a.first = block * p.block_tiles;
            a.count = std::min(p.block_tiles, p.tiles - a.first);
            if (i / groups != transformed) {
                transformed = i / groups;
                a.height = static_cast<ptrdiff_t>(h.in);
                a.width = static_cast<ptrdiff_t>(v.in);
                a.row = a.width * static_cast<ptrdiff_t>(pack);
                a.pad_top = static_cast<ptrdiff_t>(h.pad);
                a.pad_left = static_cast<ptrdiff_t>(v.pad);
                for (size_t b = 0; b < p.in_blocks; ++b) {
                    a.x = c.input(0).as<float>() + (n * p.in_blocks + b) * in_plane;
                    a.v = points + b * 36 * wino.point;
                    wino.input(a);
                }
            }
            const ConvPanel& panel = p.panels[group];
            t.w = reinterpret_cast<const float*>(p.weights.get()) + panel.weights;
            const size_t panel_floats = as_size(p.s.c) * panel.vectors * pack;
            for (size_t point = 0; point < 36; ++point, t.w += panel_floats)
                for (size_t q = 0; q < a.count;) {
                    const size_t m = p.gemm->next_rows(a.count - q);
                    t.x = points + point * wino.point + q * pack;
                    t.y = products + point * wino.point + q * pack;
                    p.gemm->get(panel.vectors, m)(t);
                    q += m;
                }
            a.height = static_cast<ptrdiff_t>(h.out);
            a.width = static_cast<ptrdiff_t>(v.out);
            a.row = a.width * static_cast<ptrdiff_t>(pack);
            for (size_t j = 0; j < panel.vectors; ++j) {
                const size_t channel = panel.channel + j * pack, plane = (n * p.out_blocks + channel / pack) * out_plane;
                a.v = products + j * 36 * wino.point;
                a.y = c.output(0).as<float>() + plane;
                a.residual = p.residual ? c.input(3).as<float>() + plane : nullptr;
                a.bias = p.bias ? reinterpret_cast<const float*>(p.bias.get()) + channel : nullptr;
                wino.output(a);
                const bool zero = p.end.dirty && channel + pack > as_size(p.s.k);
                if (!p.end.unary && !zero) continue;
                for (size_t tile = a.first, last = a.first + a.count; tile < last;) {  // what the tiles of one row wrote
                    const size_t x0 = tile % p.tiles_x, run = std::min(p.tiles_x - x0, last - tile);
                    const size_t columns = std::min((x0 + run) * 4, as_size(v.out)) - x0 * 4;
                    for (size_t r = tile / p.tiles_x * 4, r1 = std::min(r + 4, as_size(h.out)); r < r1; ++r) {
                        float* y = a.y + (r * as_size(v.out) + x0 * 4) * pack;
                        if (p.end.unary) p.end.apply(*c.bricks, y, columns * pack);
                        if (zero) zero_lanes(y, columns, pack, as_size(p.s.k) - channel);
                    }
                    tile += run;
                }
            }
        }
    });
}

// The bias with zeros up to `count`, or null.
inline std::shared_ptr<const std::byte> winograd_bias(const NodeInfo& node, PrepareContext& prepare, size_t count) {
    const Array* b = node.constant(2);
    if (!b) return nullptr;
    prepare.drop(2);
    return prepare.weights->packed(*b, text("conv/bias padded to ", count), count * sizeof(float), [&](std::byte* to) {
        std::memset(to, 0, count * sizeof(float));
        b->copy_to(to);
    });
}

inline ConvWinogradPlan conv_winograd_plan(const NodeInfo& node, PrepareContext& prepare) {
    const auto a = node.attributes<Conv::Attributes>();
    const WinogradBricks& wino = node.bricks->conv.winograd;
    ConvWinogradPlan p;
    const ConvShape& s = p.s = ConvShape::of(node);
    p.end = ConvEpilogue(a.fused());
    p.residual = a.residual != 0;
    p.gemm = &node.bricks->conv.tiles[0];
    const size_t pack = wino.lanes, c = as_size(s.c), k = as_size(s.k), threads = static_cast<size_t>(std::max(node.threads, 1));
    p.in_blocks = (c + pack - 1) / pack;
    p.out_blocks = (k + pack - 1) / pack;
    p.tiles_x = as_size(s.axis[2].out + 3) / 4;
    p.tiles = p.tiles_x * (as_size(s.axis[1].out + 3) / 4);
    p.block_tiles = winograd_block(c, p.gemm->vectors * pack, p.tiles, p.gemm->max_rows, wino.max_tiles, threads);
    p.blocks = (p.tiles + p.block_tiles - 1) / p.block_tiles;
    p.buffer_floats = up((p.in_blocks + p.gemm->vectors) * 36 * wino.point, 16);
    prepare.need_workspace(p.buffer_floats * threads * sizeof(float));
    for (size_t r = 0; r < p.gemm->max_rows; ++r) p.rows.push_back(static_cast<ptrdiff_t>(r * pack));
    size_t floats = 0;
    for (size_t done = 0; done < p.out_blocks;) {
        size_t nb = p.gemm->vectors;
        while (nb > p.out_blocks - done) nb /= 2;
        p.panels.push_back({done * pack, 0, nb, std::min(nb * pack, k - done * pack), floats, done * pack, p.gemm});
        floats += 36 * c * nb * pack;
        done += nb;
    }
    const Array& w = *node.constant(1);
    p.weights = prepare.weights->packed(w, text("conv/winograd4 ", pack, "x", p.gemm->vectors), floats * sizeof(float), [&](std::byte* to) {
        double g[6][3];
        winograd_weights(g);
        std::vector<float> keep;
        const float* const from = w.floats(keep);
        float* const out = reinterpret_cast<float*>(to);
        constexpr size_t kAtOnce = 16;  // output channels; loops of a constant length become vector code
        double taps[9][kAtOnce], half[6][3][kAtOnce];
        float whole[kAtOnce];
        for (const ConvPanel& panel : p.panels) {
            const size_t width = panel.vectors * pack;
            for (size_t o = 0; o < width; o += kAtOnce)
                for (size_t i = 0; i < c; ++i) {
                    for (size_t j = 0; j < kAtOnce; ++j)
                        for (size_t t = 0; t < 9; ++t)
                            taps[t][j] = o + j < panel.valid ? static_cast<double>(from[((panel.channel + o + j) * c + i) * 9 + t]) : 0.0;
                    for (size_t r = 0; r < 6; ++r)
                        for (size_t q = 0; q < 3; ++q)
                            for (size_t j = 0; j < kAtOnce; ++j)
                                half[r][q][j] = g[r][0] * taps[q][j] + g[r][1] * taps[3 + q][j] + g[r][2] * taps[6 + q][j];
                    for (size_t point = 0; point < 36; ++point) {
                        const double* const column = g[point % 6];
                        const auto& row = half[point / 6];
                        for (size_t j = 0; j < kAtOnce; ++j)
                            whole[j] = static_cast<float>(row[0][j] * column[0] + row[1][j] * column[1] + row[2][j] * column[2]);
                        std::memcpy(out + panel.weights + (point * c + i) * width + o, whole, std::min(kAtOnce, width - o) * sizeof(float));
                    }
                }
        }
    });
    prepare.drop(1);
    p.bias = winograd_bias(node, prepare, p.out_blocks * pack);
    return p;
}

inline bool winograd_applicable(const NodeInfo& n, size_t P) {
    if (n.bricks->conv.winograd.lanes != P || !conv_packable(n) || n.input(0).shape.rank() != 4) return false;
    const ConvShape s = ConvShape::of(n);
    bool fits = s.group == 1 && s.n > 0;
    for (const WindowAxis& a : {s.axis[1], s.axis[2]}) fits = fits && a.window == 3 && a.stride == 1 && a.dilation == 1 && a.out > 0;
    return fits;
}
inline double winograd_cost(const NodeInfo& n, size_t P) {
    const ConvShape s = ConvShape::of(n);
    const double lanes = static_cast<double>(P), c = static_cast<double>(s.c), k = static_cast<double>(up(as_size(s.k), P));
    const double tiles = static_cast<double>(s.n * ((s.axis[1].out + 3) / 4) * ((s.axis[2].out + 3) / 4));
    // Vectors transformed: some 40 ns each way on Zen 5. Weights are four times those of direct convolution, and nothing hides
    // their way from memory when there are few tiles.
    const double transforms = tiles * (c + k) / lanes * 40.0, weights = 36 * 4.0 * c * k;
    const double bytes = 4.0 * static_cast<double>(s.n) * (static_cast<double>(s.in_pixels()) * c + static_cast<double>(s.out_pixels()) * k);
    return conv_ns(P, 2 * 36 * tiles * (c + 4) * k, 0.9, bytes) + transforms + weights / 40.0;
}
}  // namespace detail

template <int P>
    requires(P <= 16)
struct Kernel<Conv, NCHWc<P>, float, Winograd> {
    static constexpr std::string_view name = "conv/winograd4";
    using State = detail::ConvWinogradPlan;
    static bool applicable(const NodeInfo& n) { return detail::winograd_applicable(n, P); }
    static double cost(const NodeInfo& n) { return detail::winograd_cost(n, P); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::conv_winograd_plan(n, c); }
    static void run(const State& s, const RunContext& c) noexcept { detail::conv_winograd_run(s, c); }
};

namespace detail {
struct ConvWinogradSmallPlan {
    ConvShape s;
    ConvEpilogue end;
    bool residual = false;
    size_t tiles_x = 0, tiles = 0, in_blocks = 0, out_blocks = 0, buffer_floats = 0;
    float scale[6] = {};
    std::shared_ptr<const std::byte> weights, bias;
};

inline void conv_winograd_small_run(const ConvWinogradSmallPlan& p, const RunContext& c) {
    c.pool->parallel_shares(as_size(p.s.n) * p.out_blocks, 1, [&](ThreadPool::Share& share, int part) {
        const WinogradSmallBricks& small = c.bricks->conv.winograd_small;
        const WinogradBricks& wino = small.transforms;
        const WindowAxis &h = p.s.axis[1], &v = p.s.axis[2];
        const size_t pack = wino.lanes, in_plane = as_size(h.in * v.in) * pack, out_plane = as_size(h.out * v.out) * pack;
        // 256 channels: their points, their weights and those fetched ahead fit in a 1 MB cache, and are read six times.
        const size_t chunk = 256 / pack, channels = as_size(p.s.c), filter = 9 * pack;
        float* const points = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * p.buffer_floats;
        float* const products = points + p.in_blocks * 36 * wino.point;
        WinogradArgs a;
        a.tiles_x = p.tiles_x;
        a.count = p.tiles;
        a.low = p.end.low;
        a.high = p.end.high;
        size_t transformed = SIZE_MAX;  // the image whose points are in the buffer
        for (size_t i = 0, end = 0; i < end || share.next(i, end); ++i) {
            const size_t block = i % p.out_blocks, n = i / p.out_blocks;
            if (n != transformed) {
                transformed = n;
                a.height = static_cast<ptrdiff_t>(h.in);
                a.width = static_cast<ptrdiff_t>(v.in);
                a.row = a.width * static_cast<ptrdiff_t>(pack);
                a.pad_top = static_cast<ptrdiff_t>(h.pad);
                a.pad_left = static_cast<ptrdiff_t>(v.pad);
                for (size_t b = 0; b < p.in_blocks; ++b) {
                    a.x = c.input(0).as<float>() + (n * p.in_blocks + b) * in_plane;
                    a.v = points + b * 36 * wino.point;
                    wino.input(a);
                    for (size_t point = 0; point < 36 && p.tiles < 4; ++point)  // lanes that are multiplied but not used
                        std::memset(a.v + point * wino.point + p.tiles * pack, 0, (4 - p.tiles) * pack * sizeof(float));
                }
            }
            const float* w = reinterpret_cast<const float*>(p.weights.get()) + block * channels * filter;
            WinogradSmallArgs t;
            for (size_t b = 0; b < p.in_blocks; b += chunk) {
                t.blocks = std::min(chunk, p.in_blocks - b);
                const bool last = b + t.blocks == p.in_blocks;
                t.last_steps = last ? channels - (p.in_blocks - 1) * pack : pack;
                t.first = b == 0;
                t.w = w;
                const size_t steps = (t.blocks - 1) * pack + t.last_steps;
                const bool end_of_weights = last && block + 1 == p.out_blocks;
                t.ahead_step = end_of_weights ? 0 : filter / 6;
                for (size_t r = 0; r < 6; ++r) {
                    float scale[6];
                    for (size_t j = 0; j < 6; ++j) scale[j] = last ? p.scale[r] * p.scale[j] : 1.f;
                    t.scale = scale;
                    t.v = points + (b * 36 + r * 6) * wino.point;
                    t.y = products + r * 6 * wino.point;
                    t.ahead = end_of_weights ? w : w + steps * filter + r * steps * (filter / 6);
                    small.row[r](t);
                }
                w += steps * filter;
            }
            const size_t plane = (n * p.out_blocks + block) * out_plane;
            a.height = static_cast<ptrdiff_t>(h.out);
            a.width = static_cast<ptrdiff_t>(v.out);
            a.row = a.width * static_cast<ptrdiff_t>(pack);
            a.v = products;
            a.y = c.output(0).as<float>() + plane;
            a.residual = p.residual ? c.input(3).as<float>() + plane : nullptr;
            a.bias = p.bias ? reinterpret_cast<const float*>(p.bias.get()) + block * pack : nullptr;
            wino.output(a);
            if (p.end.unary) p.end.apply(*c.bricks, a.y, out_plane);
            if (p.end.dirty && (block + 1) * pack > as_size(p.s.k)) zero_lanes(a.y, out_plane / pack, pack, as_size(p.s.k) - block * pack);
        }
    });
}

inline bool winograd_small_applicable(const NodeInfo& n, size_t P) {
    if (n.bricks->conv.winograd_small.transforms.lanes != P || !winograd_applicable(n, P)) return false;
    const ConvShape s = ConvShape::of(n);
    return ((s.axis[1].out + 3) / 4) * ((s.axis[2].out + 3) / 4) <= 4;
}
inline double winograd_small_cost(const NodeInfo& n, size_t P) {
    const ConvShape s = ConvShape::of(n);
    const double c = static_cast<double>(s.c), k = static_cast<double>(up(as_size(s.k), P)), images = static_cast<double>(s.n);
    return conv_ns(P, 2 * 36 * 4 * images * c * k, 0.65, 36 * c * k) + images * 4 * (c + k) / static_cast<double>(P) * 40.0;
}
inline ConvWinogradSmallPlan winograd_small_plan(const NodeInfo& n, PrepareContext& prepare, size_t P) {
    const auto a = n.attributes<Conv::Attributes>();
    const WinogradBricks& wino = n.bricks->conv.winograd_small.transforms;
    ConvWinogradSmallPlan p;
    const ConvShape& s = p.s = ConvShape::of(n);
    p.end = ConvEpilogue(a.fused());
    p.residual = a.residual != 0;
    const size_t c = as_size(s.c), k = as_size(s.k);
    p.in_blocks = (c + P - 1) / P;
    p.out_blocks = (k + P - 1) / P;
    p.tiles_x = as_size(s.axis[2].out + 3) / 4;
    p.tiles = p.tiles_x * (as_size(s.axis[1].out + 3) / 4);
    p.buffer_floats = up((p.in_blocks + 1) * 36 * wino.point, 16);
    prepare.need_workspace(p.buffer_floats * static_cast<size_t>(std::max(n.threads, 1)) * sizeof(float));
    double g[6][3];
    winograd_weights(g);
    for (int i = 0; i < 6; ++i) p.scale[i] = i < 5 ? static_cast<float>(g[i][0]) : 2.f;  // 2 = 1 / a^2
    const Array& w = *n.constant(1);
    p.weights = prepare.weights->packed(w, text("conv/winograd4_small ", P), p.out_blocks * c * 9 * P * sizeof(float), [&](std::byte* to) {
        std::vector<float> keep;
        const float* const from = w.floats(keep);
        float* out = reinterpret_cast<float*>(to);
        const double p1 = std::sqrt(0.5), powers[] = {1, p1, p1 * p1, p1 * p1 * p1, p1 * p1 * p1 * p1};
        for (size_t b = 0; b < p.out_blocks; ++b)
            for (size_t i = 0; i < c; ++i)
                for (size_t t = 0; t < 9; ++t)
                    for (size_t o = b * P; o < (b + 1) * P; ++o)
                        *out++ = o < k ? static_cast<float>(static_cast<double>(from[(o * c + i) * 9 + t]) * powers[t / 3 + t % 3]) : 0.f;
    });
    prepare.drop(1);
    p.bias = winograd_bias(n, prepare, p.out_blocks * P);
    return p;
}
}  // namespace detail

// Images of at most 4 tiles.
template <int P>
    requires(P <= 16)
struct Kernel<Conv, NCHWc<P>, float, WinogradSmall> {
    static constexpr std::string_view name = "conv/winograd4_small";
    using State = detail::ConvWinogradSmallPlan;
    static bool applicable(const NodeInfo& n) { return detail::winograd_small_applicable(n, P); }
    static double cost(const NodeInfo& n) { return detail::winograd_small_cost(n, P); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::winograd_small_plan(n, c, P); }
    static void run(const State& s, const RunContext& c) noexcept { detail::conv_winograd_small_run(s, c); }
};

LITE_NAMESPACE_END
#endif
