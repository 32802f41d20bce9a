// Convolution of images of one pixel (squeeze-and-excitation, classifiers): a matrix product in which each weight is read once.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_VECTOR_H_
#define LITE_OP_CONV_VECTOR_H_
#include "lite/kernel/gemm.h"
#include "lite/kernel/packed_copy.h"
#include "lite/op/conv_direct.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// The weights as B [c, k] with channels padded to the pack of the layout, so that packed tensors are rows of A and C as they
// are. Sums run in 4 independent streams: on one pixel the tiles of larger images wait for one chain of additions, and
// round twice as much.
struct ConvVector {
    size_t n = 0, c = 0, k = 0, valid = 0;  // rows, padded channels, padded and real output channels
    std::shared_ptr<const std::byte> weights, bias;
    ConvEpilogue end;
};

struct ConvVectorKernel {
    static constexpr std::string_view name = "conv/vector";
    using State = ConvVector;
    static bool applicable(const NodeInfo& n) {
        if (!n.constant(1) || n.input(1).dtype != DType::f32 || !n.input(0).shape_known() || !n.output().shape_known()) return false;
        if (n.has_input(2) && !n.constant(2)) return false;
        const auto a = n.attributes<Conv::Attributes>();
        const ConvShape s = ConvShape::of(n);
        return a.group == 1 && !a.residual && s.in_pixels() == 1 && s.out_pixels() == 1 && s.taps() == 1 && s.n > 0 && s.c > 0 && s.k > 0;
    }
    static double cost(const NodeInfo& n) {
        const ConvShape s = ConvShape::of(n);
        const size_t pack = as_size(pack_of(n.layout()));
        const double weights = 4.0 * static_cast<double>(up(as_size(s.c), pack) * up(as_size(s.k), pack));
        return 100 + std::max(s.flops() / (16.0 * static_cast<double>(n.bricks->lanes)), weights / 90);
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const ConvShape s = ConvShape::of(n);
        const size_t pack = as_size(pack_of(n.layout()));
        State p;
        p.n = as_size(s.n);
        p.c = up(as_size(s.c), pack);
        p.k = up(as_size(s.k), pack);
        p.valid = as_size(s.k);
        p.end = ConvEpilogue(n.attributes<Conv::Attributes>().fused());
        const Array& w = *n.constant(1);
        p.weights = c.weights->packed(w, text("conv/vector/", n.bricks->name, "/", pack), packed_b_size(*n.bricks, p.c, p.k), [&](std::byte* to) {
            std::vector<float> keep;
            const float* const from = w.floats(keep);
            std::vector<float> b(p.c * p.k, 0.f);
            for (size_t k = 0; k < p.valid; ++k)
                for (size_t i = 0; i < as_size(s.c); ++i) b[i * p.k + k] = from[k * as_size(s.c) + i];
            pack_b(*n.bricks, b.data(), p.c, p.k, p.k, reinterpret_cast<float*>(to));
        });
        c.drop(1);
        if (const Array* b = n.constant(2)) {
            p.bias = c.weights->packed(*b, text("conv/vector/", p.k), p.k * sizeof(float), [&](std::byte* to) {
                std::memset(to, 0, p.k * sizeof(float));
                b->copy_to(to);
            });
            c.drop(2);
        }
        return p;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const Bricks& bricks = *c.bricks;
        float* const y = c.output(0).as<float>();
        GemmCall g;
        g.m = s.n;
        g.n = s.k;
        g.k = s.c;
        g.a = c.input(0).as<const float>();
        g.lda = s.c;
        g.b = reinterpret_cast<const float*>(s.weights.get());
        g.bias = reinterpret_cast<const float*>(s.bias.get());
        g.c = y;
        g.ldc = s.k;
        g.low = s.end.low;
        g.high = s.end.high;
        const size_t panels = gemm_panels(bricks, s.k), grain = std::max<size_t>(kGemmSplitWork / std::max<size_t>(s.n * s.c * bricks.gemm.panel, 1), 1);
        c.pool->parallel_for(panels, grain, [&](size_t begin, size_t end, int) {
            gemm_f32(bricks, g, {0, s.n, begin, end});
            const size_t from = begin * bricks.gemm.panel, to = std::min(end * bricks.gemm.panel, s.k);
            for (size_t i = 0; i < s.n; ++i) {
                float* const row = y + i * s.k;
                if (s.end.unary) s.end.apply(bricks, row + from, to - from);
                if (s.end.dirty)
                    for (size_t k = std::max(from, s.valid); k < to; ++k) row[k] = 0.f;
            }
        });
    }
};
}  // namespace detail

template <LayoutType L> struct Kernel<Conv, L, float, Vector> : detail::ConvVectorKernel {};

LITE_NAMESPACE_END
#endif
