// Copies of whole blocks and of single channels in the packed layouts: what concatenating, splitting and cutting images needs.
#ifndef LITE_KERNEL_PACKED_COPY_H_
#define LITE_KERNEL_PACKED_COPY_H_
#include <span>

#include "lite/kernel/strided_copy.h"

LITE_NAMESPACE_BEGIN

// The layouts of float images that are chosen without being asked for (see on_request).
template <class L>
concept ImageLayout = std::is_same_v<L, NCHW> || std::is_same_v<L, NHWC> || std::is_same_v<L, NCHW44> || std::is_same_v<L, NCHW88> || std::is_same_v<L, NCHW1616>;

// A tensor of a layout as a row-major array: [N, C, spatial...], [N, spatial..., C], [N, blocks, spatial..., lanes] or [N, H, blocks, W, lanes].
inline Shape memory_shape(LayoutTag layout, const Shape& s) {
    if (layout == LayoutTag::nchw) return s;
    Shape m = s;
    if (layout == LayoutTag::nhwc) {
        m.erase(1);
        m.push_back(s[1]);
    } else {
        const int64_t pack = pack_of(layout);
        m[1] = (s[1] + pack - 1) / pack;
        if (layout == LayoutTag::nhwcd4) std::swap(m[1], m[2]);
        m.push_back(pack);
    }
    return m;
}
// Where a logical axis stands in it; the channels of a packed layout: the axis of the blocks.
inline size_t memory_axis(LayoutTag layout, size_t axis, size_t rank) {
    if (layout == LayoutTag::nhwcd4 && (axis == 1 || axis == 2)) return 3 - axis;
    if (layout != LayoutTag::nhwc || axis == 0) return axis;
    return axis == 1 ? rank - 1 : axis - 1;
}

// Whether gather_channels takes the layout.
constexpr bool gathers_channels(LayoutTag layout) { return layout != LayoutTag::nhwcd4 && layout != LayoutTag::nchw32 && layout != LayoutTag::nchw64; }

// `count` channels from `first` on of a tensor of `channels` channels in a packed layout.
struct ChannelRange {
    const std::byte* data;
    int64_t channels, first, count;
};

namespace detail {
// Lanes [lane, lane + count) of a block of y. A source of zeros has step 0.
struct LanePiece {
    const std::byte* x;
    size_t step, lane, count;
};
// One block of y, all its pixels: every piece is copied as a whole block and what it spills over is overwritten by the next piece or
// the next pixel; only the last pixel is copied lane by lane.
template <size_t kBytes>
void copy_lanes(std::byte* y, const LanePiece* pieces, size_t n, size_t pixels, size_t size) noexcept {
    for (size_t p = 0; p + 1 < pixels; ++p, y += kBytes)
        for (size_t k = 0; k < n; ++k) std::memcpy(y + pieces[k].lane * size, pieces[k].x + p * pieces[k].step, kBytes);
    for (size_t k = 0; k < n; ++k) std::memcpy(y + pieces[k].lane * size, pieces[k].x + (pixels - 1) * pieces[k].step, pieces[k].count * size);
}
alignas(64) inline constexpr std::byte kZeroBlock[128] = {};
}  // namespace detail

// y, of `images` x `pixels` in blocks of `pack` <= 16 channels, gets the channels of the ranges one behind the other, and zeros behind the last.
inline void gather_channels(int64_t pack, std::byte* y, std::span<const ChannelRange> ranges, int64_t images, int64_t pixels, size_t size,
                            ThreadPool* pool) noexcept {
    int64_t channels = 0;
    for (const ChannelRange& r : ranges) channels += r.count;
    const int64_t blocks = (channels + pack - 1) / pack;
    const size_t block_bytes = static_cast<size_t>(pack) * size, plane = static_cast<size_t>(pixels) * block_bytes;
    if (images * blocks == 0 || pixels == 0) return;
    const auto work = [&](size_t begin, size_t end, int) {
        for (size_t item = begin; item < end; ++item) {
            const int64_t n = static_cast<int64_t>(item) / blocks, block = static_cast<int64_t>(item) % blocks;
            detail::LanePiece pieces[2 * 16 + 1];
            size_t count = 0;
            int64_t c = 0;  // first channel of the range in y
            for (const ChannelRange& r : ranges) {
                const int64_t from = std::max(c, block * pack), to = std::min(c + r.count, (block + 1) * pack);
                const int64_t source_blocks = (r.channels + pack - 1) / pack;
                for (int64_t at = from; at < to;) {
                    const int64_t s = r.first + at - c, take = std::min(to - at, pack - s % pack);
                    pieces[count++] = {r.data + static_cast<size_t>(n * source_blocks + s / pack) * plane + static_cast<size_t>(s % pack) * size, block_bytes,
                                       static_cast<size_t>(at - block * pack), static_cast<size_t>(take)};
                    at += take;
                }
                c += r.count;
            }
            if (channels < (block + 1) * pack)
                pieces[count++] = {detail::kZeroBlock, 0, static_cast<size_t>(channels - block * pack), static_cast<size_t>((block + 1) * pack - channels)};
            std::byte* to = y + item * plane;
            if (count == 1) {
                std::memcpy(to, pieces[0].x, plane);
                continue;
            }
            switch (block_bytes) {
                case 4: detail::copy_lanes<4>(to, pieces, count, static_cast<size_t>(pixels), size); break;
                case 8: detail::copy_lanes<8>(to, pieces, count, static_cast<size_t>(pixels), size); break;
                case 16: detail::copy_lanes<16>(to, pieces, count, static_cast<size_t>(pixels), size); break;
                case 32: detail::copy_lanes<32>(to, pieces, count, static_cast<size_t>(pixels), size); break;
                case 64: detail::copy_lanes<64>(to, pieces, count, static_cast<size_t>(pixels), size); break;
                default: detail::copy_lanes<128>(to, pieces, count, static_cast<size_t>(pixels), size); break;
            }
        }
    };
    const size_t items = static_cast<size_t>(images * blocks);
    if (!pool || items * plane < kParallelBytes) work(0, items, 0);
    else pool->parallel_for(items, std::max<size_t>(1, kParallelBytes / 2 / plane), work);
}

// ns of moving that many bytes in, and out, on one thread: ~60 bytes/ns where whole runs are copied.
template <class NodeInfo> double copy_cost(const NodeInfo& n, double bytes_per_ns = 60) {
    double bytes = 0;
    for (const auto& t : n.outputs)
        if (t) bytes += 2.0 * static_cast<double>(padded_count(t.layout, t.shape) * static_cast<int64_t>(size_of(t.dtype)));
    return 150 + bytes / bytes_per_ns;
}

LITE_NAMESPACE_END
#endif
