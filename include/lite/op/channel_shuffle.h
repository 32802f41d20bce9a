// ChannelShuffle: channels of groups interleaved, as in ShuffleNet. Made by the optimizer from Reshape, Transpose, Reshape.
#ifndef LITE_OP_CHANNEL_SHUFFLE_H_
#define LITE_OP_CHANNEL_SHUFFLE_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// y[n, i * group + g, ...] = x[n, g * (C / group) + i, ...].
struct ChannelShuffle {
    static constexpr std::string_view name = "ChannelShuffle";
    static constexpr std::array<Spelling, 0> spellings{};
    struct Attributes {
        int64_t group = 1;
        template <class V> void visit(V& v) { v("group", group); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const int64_t group = c.attributes<Attributes>().group;
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.check_that(x.shape.rank() >= 2 && group > 0 && (x.shape[1] < 0 || x.shape[1] % group == 0), "groups of ", group, " of an input of shape ", x.shape);
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        dense(x, y, c.attributes<Attributes>().group, c.pool, c.bricks);
    }
    static void dense(const TensorView& x, const TensorView& y, int64_t group, ThreadPool* pool, const Bricks* bricks) noexcept {
        const int64_t channels = x.shape[1], pixels = x.shape.count(2, x.shape.rank()), each = channels / group;
        StridedCopy copy;
        copy.axis(x.shape[0], channels * pixels, channels * pixels);
        copy.axis(each, group * pixels, pixels);
        copy.axis(group, pixels, each * pixels);
        copy.axis(pixels, 1, 1);
        copy.run(y.data, x.data, size_of(x.dtype), pool, bricks);
    }
};

// In the layout that the tensors have, with P channels in a block.
struct ChannelShuffleKernel {
    static constexpr std::string_view name = "channel_shuffle/copy";
    struct State {
        int64_t group;
    };
    static bool applicable(const NodeInfo& n) { return n.input(0).layout == n.layout(); }
    static double cost(const NodeInfo& n) {
        const int64_t P = pack_of(n.layout());
        return copy_cost(n, P == 1 ? 50 : fast(n.attributes<ChannelShuffle::Attributes>().group, P, n.input(0).dtype) ? 20 : 6);
    }
    static State prepare(const NodeInfo& n, PrepareContext&) { return {n.attributes<ChannelShuffle::Attributes>().group}; }
    static void run(const State& s, const RunContext& c) noexcept {
        const int64_t group = s.group;
        const TensorView &x = c.input(0), &y = c.output(0);
        const int64_t P = pack_of(x.layout);
        if (x.layout == LayoutTag::nchw) {
            ChannelShuffle::dense(x, y, group, c.pool, c.bricks);
        } else if (x.layout == LayoutTag::nhwc) {
            const int64_t channels = x.shape[1], pixels = x.shape[0] * x.shape.count(2, x.shape.rank()), each = channels / group;
            StridedCopy copy;
            copy.axis(pixels, channels, channels);
            copy.axis(each, group, 1);
            copy.axis(group, 1, each);
            copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
        } else {
            const size_t size = size_of(x.dtype), pixels = static_cast<size_t>(x.shape.count(2, x.shape.rank())), plane = pixels * static_cast<size_t>(P) * size;
            const int64_t channels = x.shape[1], blocks = (channels + P - 1) / P;
            const size_t items = static_cast<size_t>(x.shape[0] * blocks);
            if (items * plane == 0) return;
            const auto work = [&](size_t begin, size_t end, int) {
                for (size_t item = begin; item < end; ++item) {
                    const std::byte* image = x.as<const std::byte>() + item / static_cast<size_t>(blocks) * static_cast<size_t>(blocks) * plane;
                    const int64_t block = static_cast<int64_t>(item) % blocks;
                    std::byte* to = y.as<std::byte>() + item * plane;
                    if (fast(group, P, x.dtype)) interleave(image, to, P, block, channels, group, pixels, *c.bricks);
                    else pick(image, to, P, block, channels, group, pixels, size);
                }
            };
            c.pool->parallel_for(items, std::max<size_t>(1, kParallelBytes / 4 / plane), work);
        }
    }

private:
    static bool fast(int64_t group, int64_t P, DType t) { return size_of(t) == 4 && group > 1 && P % group == 0; }
    // Lane by lane.
    static void pick(const std::byte* image, std::byte* to, int64_t P, int64_t block, int64_t channels, int64_t group, size_t pixels, size_t size) noexcept {
        visit_element_size(size, [&](auto tag) {
            using T = decltype(tag);
            const size_t step = static_cast<size_t>(P) * sizeof(T);
            for (int64_t lane = 0; lane < P; ++lane) {
                const int64_t c = block * P + lane, from = c % group * (channels / group) + c / group;
                std::byte* q = to + static_cast<size_t>(lane) * sizeof(T);
                const std::byte* p = image + static_cast<size_t>(from / P) * pixels * step + static_cast<size_t>(from % P) * sizeof(T);
                for (size_t i = 0; i < pixels; ++i, q += step, p += step) store_element(q, c < channels ? load_element<T>(p) : T(0));
            }
        });
    }
    // The lanes of each group side by side for some pixels, then one transpose.
    static void interleave(const std::byte* image, std::byte* to, int64_t P, int64_t block, int64_t channels, int64_t group, size_t pixels, const Bricks& bricks) noexcept {
        constexpr size_t kPixels = 64, kMaxPack = 16;
        alignas(64) float lanes[kPixels * kMaxPack];
        const size_t block_bytes = static_cast<size_t>(P) * 4;
        const int64_t width = P / group, each = channels / group;
        for (size_t p0 = 0; p0 < pixels; p0 += kPixels) {
            const size_t n = std::min(kPixels, pixels - p0);
            for (int64_t g = 0; g < group; ++g) {
                detail::LanePiece pieces[kMaxPack + 1];
                size_t count = 0;
                const int64_t valid = std::clamp<int64_t>(each - block * width, 0, width);
                for (int64_t at = 0; at < valid;) {
                    const int64_t c = g * each + block * width + at, take = std::min(valid - at, P - c % P);
                    pieces[count++] = {image + (static_cast<size_t>(c / P) * pixels + p0) * block_bytes + static_cast<size_t>(c % P) * 4, block_bytes, static_cast<size_t>(at), static_cast<size_t>(take)};
                    at += take;
                }
                if (valid < width) pieces[count++] = {detail::kZeroBlock, 0, static_cast<size_t>(valid), static_cast<size_t>(width - valid)};
                auto* out = reinterpret_cast<std::byte*>(lanes) + static_cast<size_t>(g * width) * n * 4;
                switch (width) {
                    case 1: detail::copy_lanes<4>(out, pieces, count, n, 4); break;
                    case 2: detail::copy_lanes<8>(out, pieces, count, n, 4); break;
                    case 4: detail::copy_lanes<16>(out, pieces, count, n, 4); break;
                    default: detail::copy_lanes<32>(out, pieces, count, n, 4); break;
                }
            }
            const size_t cols = n * static_cast<size_t>(width);
            bricks.move.transpose32({lanes, static_cast<ptrdiff_t>(cols), to + p0 * block_bytes, static_cast<ptrdiff_t>(group), static_cast<size_t>(group), cols, static_cast<size_t>(group)});
        }
    }
};
template <ImageLayout L> struct Kernel<ChannelShuffle, L, void> : ChannelShuffleKernel {};

LITE_NAMESPACE_END
#endif
