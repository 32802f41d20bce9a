// Relayout: the same tensor in another memory layout. The optimizer puts it between kernels that want different ones.
#ifndef LITE_OP_RELAYOUT_H_
#define LITE_OP_RELAYOUT_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// A layout of one shape as strides: element (n, c, h, w) lies at n * image + c / pack * block + h * row + w * pixel + c % pack.
// All spatial axes are one (w) but for NHWCD4, whose rows stand outside the channels.
struct LayoutStrides {
    int64_t pack = 1, image = 0, block = 0, row = 0, pixel = 0;
    int64_t blocks = 1;  // of channels, with the padding
};
inline LayoutStrides layout_strides(LayoutTag t, int64_t c, int64_t h, int64_t w) {
    LayoutStrides s;
    if (t == LayoutTag::nhwc) {
        s.pack = std::max<int64_t>(c, 1);
        s.pixel = c;
        s.row = w * c;
        s.block = 0;
    } else {
        s.pack = pack_of(t);
        s.blocks = (c + s.pack - 1) / s.pack;
        s.pixel = s.pack;
        s.row = (t == LayoutTag::nhwcd4 ? s.blocks : 1) * w * s.pack;
        s.block = (t == LayoutTag::nhwcd4 ? 1 : h) * w * s.pack;
    }
    s.image = h * w * (t == LayoutTag::nhwc ? c : s.blocks * s.pack);
    return s;
}
// Whether every element and every padding lane has the same address in both.
inline bool same_bytes(const LayoutStrides& a, const LayoutStrides& b, int64_t n, int64_t c, int64_t h, int64_t w) {
    if ((n > 1 && a.image != b.image) || (h > 1 && a.row != b.row) || (w > 1 && a.pixel != b.pixel)) return false;
    if (a.blocks * a.pack != b.blocks * b.pack) return false;
    if (a.pack == b.pack) return a.blocks == 1 || a.block == b.block;
    for (int64_t i = 1; i < c; ++i)
        if (i / a.pack * a.block + i % a.pack != i / b.pack * b.block + i % b.pack) return false;
    return true;
}
struct RelayoutShape {
    int64_t n = 1, c = 1, h = 1, w = 1;
    RelayoutShape(const Shape& s, LayoutTag from, LayoutTag to) {
        if (s.rank() < 2) {
            w = s.count();
            return;
        }
        n = s[0];
        c = s[1];
        if (from == LayoutTag::nhwcd4 || to == LayoutTag::nhwcd4) {
            h = s[2];
            w = s.count(3, s.rank());
        } else {
            w = s.count(2, s.rank());
        }
    }
};
}  // namespace detail

// Whether the tensor's bytes are the same in both layouts, so that Relayout is a plain copy, or nothing.
inline bool relayout_is_copy(const Shape& shape, LayoutTag from, LayoutTag to) {
    if (from == to) return true;
    const detail::RelayoutShape s(shape, from, to);
    return detail::same_bytes(detail::layout_strides(from, s.c, s.h, s.w), detail::layout_strides(to, s.c, s.h, s.w), s.n, s.c, s.h, s.w);
}

// Writes `from` (in from.layout) to `to` (in to.layout): same logical shape and dtype, any pair of layouts that the rank allows.
// The padding lanes of `from` are not read, those of `to` become zero. bricks must be a table of this CPU.
inline void relayout(const TensorView& from, const TensorView& to, const Bricks& bricks, ThreadPool& pool) noexcept {
    const size_t size = size_of(from.dtype);
    const detail::RelayoutShape s(from.shape, from.layout, to.layout);
    if (s.n == 0 || s.c == 0 || s.h == 0 || s.w == 0) return;
    const detail::LayoutStrides x = detail::layout_strides(from.layout, s.c, s.h, s.w), y = detail::layout_strides(to.layout, s.c, s.h, s.w);
    if (from.layout == to.layout || detail::same_bytes(x, y, s.n, s.c, s.h, s.w)) return copy_bytes(to.data, from.data, to.bytes(), &pool);
    // One item: a chunk of channels that crosses no block of either side, times a run of pixels.
    const auto block = [](LayoutTag t) { return t == LayoutTag::nhwc || t == LayoutTag::nchw ? int64_t{64} : pack_of(t); };
    const int64_t unit = std::min(block(from.layout), block(to.layout));
    // Chunks count over the padded channels of `to`, so that blocks of padding alone are written, too.
    const int64_t channels = y.blocks * y.pack, chunks = (channels + unit - 1) / unit;
    const int64_t run = 256, runs = (s.w + run - 1) / run;
    const auto* src = static_cast<const std::byte*>(from.data);
    auto* dst = static_cast<std::byte*>(to.data);
    const auto work = [&](size_t begin, size_t end, int) {
        for (size_t item = begin; item < end; ++item) {
            int64_t i = static_cast<int64_t>(item);
            const int64_t w0 = i % runs * run;
            i /= runs;
            const int64_t c0 = i % chunks * unit;
            i /= chunks;
            const int64_t h = i % s.h, n = i / s.h;
            const size_t pixels = static_cast<size_t>(std::min(run, s.w - w0));
            const int64_t c1 = std::min({c0 + unit, channels, y.pack == 1 ? channels : (c0 / y.pack + 1) * y.pack});
            const size_t lanes = static_cast<size_t>(c1 - c0), valid = static_cast<size_t>(std::clamp<int64_t>(s.c - c0, 0, c1 - c0));
            const std::byte* p = src + static_cast<size_t>(n * x.image + (valid ? c0 / x.pack * x.block + c0 % x.pack : 0) + h * x.row + w0 * x.pixel) * size;
            std::byte* q = dst + static_cast<size_t>(n * y.image + c0 / y.pack * y.block + c0 % y.pack + h * y.row + w0 * y.pixel) * size;
            if (y.pack == 1) {
                transpose_2d(size, {p, static_cast<ptrdiff_t>(x.pixel), q, static_cast<ptrdiff_t>(y.block), pixels, valid, pixels}, &bricks);
            } else if (x.pack == 1) {
                transpose_2d(size, {p, static_cast<ptrdiff_t>(x.block), q, static_cast<ptrdiff_t>(y.pixel), valid, pixels, lanes}, &bricks);
            } else {
                const ptrdiff_t step = static_cast<ptrdiff_t>(y.pixel) * static_cast<ptrdiff_t>(size);
                if (valid) copy_rows(q, step, p, static_cast<ptrdiff_t>(x.pixel) * static_cast<ptrdiff_t>(size), pixels, valid * size);
                if (valid < lanes)
                    for (size_t k = 0; k < pixels; ++k) std::memset(q + static_cast<ptrdiff_t>(k) * step + valid * size, 0, (lanes - valid) * size);
            }
        }
    };
    const size_t items = static_cast<size_t>(s.n * s.h * chunks * runs);
    const size_t item_bytes = static_cast<size_t>(unit * std::min(run, s.w)) * size;
    if (items * item_bytes < kParallelBytes) work(0, items, 0);
    else pool.parallel_for(items, std::max<size_t>(1, kParallelBytes / 2 / item_bytes), work);
}

// Zeroes the lanes behind the last channel of a tensor [N, C, spatial...]; none are there in layouts that do not pack.
inline void zero_pad_lanes(const TensorView& v, ThreadPool& pool) {
    const Shape& s = v.shape;
    const int64_t used = pack_of(v.layout) == 1 ? 0 : s[1] % pack_of(v.layout);
    if (used == 0) return;
    const size_t size = size_of(v.dtype);
    const int64_t pixels = s.count(2, s.rank()), width = v.layout == LayoutTag::nhwcd4 ? s[3] : pixels;
    const detail::LayoutStrides at = detail::layout_strides(v.layout, s[1], pixels / std::max<int64_t>(width, 1), width);
    std::byte* const y = v.as<std::byte>() + static_cast<size_t>((at.blocks - 1) * at.block + used) * size;
    pool.parallel_for(static_cast<size_t>(s[0] * pixels), 4096, [&](size_t begin, size_t end, int) {
        for (int64_t i = static_cast<int64_t>(begin); i < static_cast<int64_t>(end); ++i)
            std::memset(y + static_cast<size_t>(i / pixels * at.image + i % pixels / width * at.row + i % width * at.pixel) * size, 0,
                        static_cast<size_t>(at.pack - used) * size);
    });
}

// Predicted nanoseconds of relayout() on one thread.
inline double relayout_cost(const TensorInfo& t, LayoutTag from, LayoutTag to) {
    const double bytes = static_cast<double>(padded_count(from, t.shape) + padded_count(to, t.shape)) * static_cast<double>(size_of(t.dtype));
    // Measured: 65-120 bytes/ns wherever whole vectors move, 6 through the scalar transposes of 64-bit elements.
    const bool vectors = size_of(t.dtype) <= 4 || (from != LayoutTag::nchw && to != LayoutTag::nchw) || relayout_is_copy(t.shape, from, to);
    return 100 + bytes / (vectors ? 75 : 6);
}

struct Relayout {
    static constexpr std::string_view name = "Relayout";
    static constexpr std::array<Spelling, 0> spellings{};  // made by the optimizer only
    struct Attributes {
        int64_t from = 0, to = 0;  // LayoutTag
        template <class V> void visit(V& v) {
            v("from", from);
            v("to", to);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        const auto a = c.attributes<Attributes>();
        for (int64_t tag : {a.from, a.to}) {
            c.check_that(tag >= 0 && tag <= static_cast<int64_t>(LayoutTag::nchw64), "there is no layout of number ", tag);
            c.check_that(layout_fits(static_cast<LayoutTag>(tag), x.shape.rank()), "a tensor of shape ", x.shape, " has no layout ",
                         static_cast<LayoutTag>(tag));
        }
        c.output(0, x.dtype, x.shape);
    }
    // Layouts of the tensors are those of the attributes, whatever the views say.
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        TensorView x = c.input(0), y = c.output(0, x.dtype, x.shape);
        x.layout = static_cast<LayoutTag>(a.from);
        y.layout = static_cast<LayoutTag>(a.to);
        relayout(x, y, *c.bricks, *c.pool);
    }
};

// A copy of the elements in their logical order.
[[gnu::cold]] inline Array dense_array(const TensorView& v, const Bricks& bricks) {
    Array a = Array::zeros(v.dtype, v.shape);
    if (v.bytes() == 0) return a;
    InlinePool here;
    if (v.layout == LayoutTag::nchw) std::memcpy(a.mutable_data(), v.data, v.bytes());
    else relayout(v, {a.mutable_data(), v.dtype, v.shape, LayoutTag::nchw}, bricks, here);
    return a;
}

LITE_NAMESPACE_END
#endif
