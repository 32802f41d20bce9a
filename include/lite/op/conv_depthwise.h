// Depthwise convolution (one filter per channel) in packed layouts.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_DEPTHWISE_H_
#define LITE_OP_CONV_DEPTHWISE_H_
#include "lite/kernel/tile_rows.h"
#include "lite/op/relayout.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// The input is read in place, without a padded copy. Threads split blocks x groups of rows.
struct ConvDepthwiseKernel {
    static constexpr std::string_view name = "conv/depthwise";
    struct State {
        int64_t pack = 0;
        ConvShape shape;
        Activation activation;
        bool residual = false, clamp = true;
        bool dirty_lanes = false;  // the activation of 0 is not 0: the lanes behind the last channel must be cleared
        float low = 0.f, high = 0.f;
        bool fixed = false;        // the tiles made for this window are used
        int64_t rows = 1, row_shift = 0, columns = 1;
        bool vectors = true;       // else a block is less than a vector
        LayoutStrides x, y;
        std::shared_ptr<const std::byte> weights, bias;
    };

    static bool applicable(const NodeInfo& n) {
        const int64_t P = pack_of(n.layout());
        const Shape& x = n.input(0).shape;
        if (x.rank() > 4 || !n.constant(1) || (n.has_input(2) && !n.constant(2)) || (P > 8 && P % static_cast<int64_t>(n.bricks->lanes) != 0)) return false;
        const auto a = n.attributes<Conv::Attributes>();
        const Shape& w = n.input(1).shape;
        float low, high;
        return a.group == x[1] && w[0] == x[1] && w[1] == 1 && (as_clamp(a.fused(), low, high) || n.bricks->math.unary != nullptr);
    }
    static double cost(const NodeInfo& n) {
        const ConvShape s = ConvShape::of(n);
        const int64_t P = pack_of(n.layout()), blocks = (s.c + P - 1) / P;
        const double pixels = static_cast<double>(s.n * blocks * P) * static_cast<double>(s.in_pixels() + s.out_pixels());
        // Per lane 15 GFLOP/s at the peak, of which two thirds are reached; 60 GB/s.
        const double flops = s.flops() / static_cast<double>(std::max<int64_t>(s.c, 1)) * static_cast<double>(blocks * P);
        const double lanes = P % static_cast<int64_t>(n.bricks->lanes) == 0 ? n.bricks->lanes : 1.5;  // the rows of blocks that are less than a vector: 15 GFLOP/s
        return 200 + std::max(flops / (10.0 * lanes), pixels * 4 / 60);
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State st;
        const int64_t P = st.pack = pack_of(n.layout());
        const auto a = n.attributes<Conv::Attributes>();
        st.shape = ConvShape::of(n);
        const ConvShape& s = st.shape;
        const WindowAxis &v = s.axis[1], &h = s.axis[2];
        st.activation = a.fused();
        st.residual = a.residual != 0;
        st.clamp = as_clamp(st.activation, st.low, st.high);
        if (!st.clamp) as_clamp({}, st.low, st.high);
        st.dirty_lanes = s.c % P != 0 && (st.clamp ? std::min(std::max(0.f, st.low), st.high) != 0.f
                                                   : unary_value(st.activation.mode, st.activation.alpha, st.activation.beta, 0.f) != 0.f);
        const DepthwiseBricks& b = n.bricks->depthwise;
        st.vectors = P % static_cast<int64_t>(n.bricks->lanes) == 0;
        st.x = layout_strides(n.layout(), s.c, v.in, h.in);
        st.y = layout_strides(n.layout(), s.c, v.out, h.out);
        const bool pairs = v.stride % v.dilation == 0;  // two output rows share input rows
        st.fixed = b.fixed_rows > 0 && (b.fixed_rows == 1 || pairs) && P == static_cast<int64_t>(n.bricks->lanes) && (h.window == 3 || h.window == 5) &&
                   (h.stride == 1 || h.stride == 2) && h.dilation == 1 && h.out >= 4 && h.pad <= h.window / 2 &&
                   (h.out - 1) * h.stride - h.pad + h.window - h.in <= h.window / 2;
        st.rows = st.fixed ? static_cast<int64_t>(b.fixed_rows) : pairs ? 2 : 1;
        st.columns = st.fixed ? 7 : static_cast<int64_t>(b.columns);
        st.row_shift = pairs ? v.stride / v.dilation : 0;
        st.weights = pack(*n.constant(1), s, P, s.taps(), c);
        if (n.constant(2)) {
            st.bias = pack(*n.constant(2), s, P, 1, c);
        } else {
            const size_t bytes = static_cast<size_t>((s.c + P - 1) / P * P) * sizeof(float);
            const auto zeros = allocate_bytes(bytes);
            std::memset(zeros.get(), 0, bytes);
            st.bias = zeros;
        }
        c.drop(1);
        c.drop(2);
        return st;
    }
    static void run(const State& st, const RunContext& c) noexcept {
        const ConvShape& s = st.shape;
        const int64_t P = st.pack;
        const size_t groups = static_cast<size_t>((s.axis[1].out + st.rows - 1) / st.rows), blocks = static_cast<size_t>((s.c + P - 1) / P);
        const auto threads = static_cast<size_t>(c.pool->threads());
        // A thread has rows of all blocks, as the convolutions before and after give them to it, and goes through them block by block. Those
        // of images of 7x7 have more weights than pixels and give a thread all pixels of its channels.
        if (s.out_pixels() <= 64 && blocks >= 4 * threads) {
            c.pool->parallel_for(static_cast<size_t>(s.n) * blocks, 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i)
                    for (size_t g = 0; g < groups; ++g)
                        rows(st, c, static_cast<int64_t>(i / blocks), static_cast<int64_t>(i % blocks), static_cast<int64_t>(g) * st.rows);
            });
            return;
        }
        c.pool->parallel_for(static_cast<size_t>(s.n) * groups * blocks, 1, [&](size_t begin, size_t end, int) {
            const auto from = [&](size_t unit, size_t block) { return (unit + blocks - 1 - block) / blocks; };
            for (size_t k = 0; k < blocks; ++k)
                for (size_t i = from(begin, k); i < from(end, k); ++i)
                    rows(st, c, static_cast<int64_t>(i / groups), static_cast<int64_t>(k), static_cast<int64_t>(i % groups) * st.rows);
        });
    }

private:
    // [channel][taps] to [block][taps][P], zeros in the lanes behind the last channel.
    static std::shared_ptr<const std::byte> pack(const Array& from, const ConvShape& s, int64_t P, int64_t taps, PrepareContext& c) {
        const size_t count = static_cast<size_t>((s.c + P - 1) / P * P * taps);
        return c.weights->packed(from, text("depthwise", P), count * sizeof(float), [&](std::byte* out) {
            std::vector<float> keep;
            const float* const w = from.floats(keep);
            float* p = reinterpret_cast<float*>(out);
            std::fill(p, p + count, 0.f);
            for (int64_t k = 0; k < s.c; ++k)
                for (int64_t t = 0; t < taps; ++t) p[(k / P * taps + t) * P + k % P] = w[static_cast<size_t>(k * taps + t)];
        });
    }
    // One output row of a block that is less than a vector; `top` is the input row of its first taps. A tap at a time over the whole
    // row, with weights that repeat in every pixel.
    static void narrow_row(const MathBricks& m, const DepthwiseArgs& g, int64_t top, const WindowAxis& h, float* y, const float* residual) {
        const int64_t P = g.pack, floats = h.out * P, step = h.stride * P;
        for (int64_t i = 0; i < floats; ++i) y[i] = g.bias[i % P];
        for (int64_t i = 0; i < g.kernel_h; ++i) {
            const int64_t row = top + i * g.dilation_h;
            if (row < 0 || row >= g.height) continue;
            for (int64_t j = 0; j < g.kernel_w; ++j) {
                const int64_t shift = j * h.dilation - h.pad;  // the input column of output q is q * stride + shift
                const int64_t from = shift >= 0 ? 0 : (-shift + h.stride - 1) / h.stride, to = h.in > shift ? std::min(h.out, (h.in - shift - 1) / h.stride + 1) : 0;
                const float *x = g.x + row * g.x_row + from * step + shift * P, *w = g.weights + (i * g.kernel_w + j) * P;
                alignas(64) float pattern[16], line[64 * 8];
                for (int64_t k = 0; k < 16; ++k) pattern[k] = w[k % P];
                for (int64_t q = from, n; q < to; q += n, x += n * step) {
                    n = h.stride == 1 ? to - q : std::min<int64_t>(64, to - q);
                    for (int64_t k = 0; k < n && h.stride != 1; ++k)
                        if (P == 4) std::memcpy(line + k * 4, x + k * step, 16);
                        else std::memcpy(line + k * 8, x + k * step, 32);
                    m.scale_shift(h.stride == 1 ? x : line, pattern, kPattern, y + q * P, kDense, y + q * P, static_cast<size_t>(n * P));
                }
            }
        }
        for (int64_t i = 0; i < floats; ++i) y[i] = std::min(std::max(y[i] + (residual ? residual[i] : 0.f), g.low), g.high);  // NaN stays
    }
    // The output rows [r, r + st.rows) of block k of an image.
    static void rows(const State& st, const RunContext& c, int64_t image, int64_t k, int64_t r) {
        const ConvShape& s = st.shape;
        const int64_t P = st.pack;
        const WindowAxis &v = s.axis[1], &h = s.axis[2];
        const DepthwiseBricks& b = c.bricks->depthwise;
        const int64_t count = std::min(st.rows, v.out - r), at = image * st.y.image + k * st.y.block + r * st.y.row;
        float* y = c.output(0).as<float>() + at;
        DepthwiseArgs g{};
        g.x = c.input(0).as<float>() + image * st.x.image + k * st.x.block;
        g.weights = reinterpret_cast<const float*>(st.weights.get()) + k * s.taps() * P;
        g.bias = reinterpret_cast<const float*>(st.bias.get()) + k * P;
        g.x_row = st.x.row;
        g.y_row = st.y.row;
        g.height = v.in;
        g.width = h.in;
        g.top = r * v.stride - v.pad;
        g.kernel_h = v.window;
        g.kernel_w = h.window;
        g.dilation_h = v.dilation;
        g.dilation_w = h.dilation;
        g.stride_w = h.stride;
        g.row_shift = st.row_shift;
        g.pack = P;
        g.low = st.low;
        g.high = st.high;
        const DepthwiseTile* tiles = st.fixed && count == st.rows ? b.fixed[h.window == 5][h.stride == 2] : b.tile[count - 1];
        const auto next = [&](int64_t left) {
            return static_cast<int64_t>(next_tile_rows(tiles, static_cast<size_t>(st.columns), static_cast<size_t>(left)));
        };
        for (int64_t q = 0; q < h.out && st.vectors;) {
            const int64_t width = next(h.out - q);
            int64_t n = 1;  // tiles of this width side by side
            while (q + (n + 1) * width <= h.out && next(h.out - q - n * width) == width) ++n;
            g.y = y + q * P;
            g.residual = st.residual ? c.input(3).as<float>() + at + q * P : nullptr;
            g.left = q * h.stride - h.pad;
            tiles[width - 1](g, static_cast<size_t>(n));
            q += n * width;
        }
        for (int64_t i = 0; i < count && !st.vectors; ++i)
            narrow_row(c.bricks->math, g, (r + i) * v.stride - v.pad, h, y + i * st.y.row, st.residual ? c.input(3).as<float>() + at + i * st.y.row : nullptr);
        const size_t floats = static_cast<size_t>(h.out * P);
        for (int64_t i = 0; i < count; ++i, y += st.y.row) {
            if (!st.clamp) c.bricks->math.unary(st.activation.mode, st.activation.alpha, st.activation.beta, y, y, floats);
            if (st.dirty_lanes && (k + 1) * P > s.c)
                for (float* p = y; p < y + floats; p += P) std::fill(p + s.c % P, p + P, 0.f);
        }
    }
};
}  // namespace detail

template <LayoutType L>
    requires(L::pack > 1)
struct Kernel<Conv, L, float, Depthwise> : detail::ConvDepthwiseKernel {};

LITE_NAMESPACE_END
#endif
