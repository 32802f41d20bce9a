// The move family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// Without vectors, and for what is left over: any sizes, any alignment.
inline void transpose32_scalar(const uint32_t* x, ptrdiff_t xs, uint32_t* y, ptrdiff_t ys, size_t rows, size_t cols, size_t padded) {
    for (size_t j = 0; j < cols; ++j) {
        uint32_t* out = y + static_cast<ptrdiff_t>(j) * ys;
        for (size_t i = 0; i < padded; ++i) {
            if (i < rows) __builtin_memcpy(out + i, x + static_cast<ptrdiff_t>(i) * xs + static_cast<ptrdiff_t>(j), 4);
            else __builtin_memset(out + i, 0, 4);
        }
    }
}

#if HWY_TARGET == HWY_SCALAR
inline void transpose32(const TransposeArgs& a) {
    transpose32_scalar(static_cast<const uint32_t*>(a.x), a.x_stride, static_cast<uint32_t*>(a.y), a.y_stride, a.rows, a.cols,
                       a.padded_rows);
}
#else
template <size_t N> using TagU32 = hn::CappedTag<uint32_t, N>;
// Side of the largest square tile: one vector.
#if HWY_HAVE_SCALABLE || HWY_MAX_BYTES == 16
inline constexpr size_t kTile = 4;
#elif HWY_MAX_BYTES == 32
inline constexpr size_t kTile = 8;
#else
inline constexpr size_t kTile = 16;
#endif

alignas(64) inline constexpr uint32_t kZeroRow[16] = {};

// The rows of a tile: vectors read at x + i * stride, zero behind the last row.
template <bool kFull> struct TileRows {
    const uint32_t* x;
    ptrdiff_t stride;
    size_t rows;
    template <class D> HWY_INLINE hn::Vec<D> load(D d, size_t i) const {
        if constexpr (kFull) return hn::LoadU(d, x + static_cast<ptrdiff_t>(i) * stride);
        else return hn::LoadU(d, i < rows ? x + static_cast<ptrdiff_t>(i) * stride : kZeroRow);
    }
};

// 4 x 4 transposes inside the 128-bit blocks of four vectors.
template <class D, class V>
HWY_INLINE void transpose_in_blocks(D d, V& r0, V& r1, V& r2, V& r3) {
    const hn::RepartitionToWide<D> w;
    const auto a = hn::BitCast(w, hn::InterleaveLower(d, r0, r1)), b = hn::BitCast(w, hn::InterleaveLower(d, r2, r3));
    const auto c = hn::BitCast(w, hn::InterleaveUpper(d, r0, r1)), e = hn::BitCast(w, hn::InterleaveUpper(d, r2, r3));
    r0 = hn::BitCast(d, hn::InterleaveLower(w, a, b));
    r1 = hn::BitCast(d, hn::InterleaveUpper(w, a, b));
    r2 = hn::BitCast(d, hn::InterleaveLower(w, c, e));
    r3 = hn::BitCast(d, hn::InterleaveUpper(w, c, e));
}
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<4>) {
    const TagU32<4> d;
    auto r0 = x.load(d, 0), r1 = x.load(d, 1), r2 = x.load(d, 2), r3 = x.load(d, 3);
    transpose_in_blocks(d, r0, r1, r2, r3);
    hn::StoreU(r0, d, y);
    hn::StoreU(r1, d, y + ys);
    hn::StoreU(r2, d, y + 2 * ys);
    hn::StoreU(r3, d, y + 3 * ys);
}
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 32
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<8>) {
    const TagU32<8> d;
    auto a0 = x.load(d, 0), a1 = x.load(d, 1), a2 = x.load(d, 2), a3 = x.load(d, 3);
    transpose_in_blocks(d, a0, a1, a2, a3);
    auto b0 = x.load(d, 4), b1 = x.load(d, 5), b2 = x.load(d, 6), b3 = x.load(d, 7);
    transpose_in_blocks(d, b0, b1, b2, b3);
    hn::StoreU(hn::ConcatLowerLower(d, b0, a0), d, y);
    hn::StoreU(hn::ConcatLowerLower(d, b1, a1), d, y + ys);
    hn::StoreU(hn::ConcatLowerLower(d, b2, a2), d, y + 2 * ys);
    hn::StoreU(hn::ConcatLowerLower(d, b3, a3), d, y + 3 * ys);
    hn::StoreU(hn::ConcatUpperUpper(d, b0, a0), d, y + 4 * ys);
    hn::StoreU(hn::ConcatUpperUpper(d, b1, a1), d, y + 5 * ys);
    hn::StoreU(hn::ConcatUpperUpper(d, b2, a2), d, y + 6 * ys);
    hn::StoreU(hn::ConcatUpperUpper(d, b3, a3), d, y + 7 * ys);
}
#endif
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 64
// Columns k, 4 + k, 8 + k and 12 + k from the k-th vectors of the four row groups: a transpose of 128-bit blocks.
template <class D, class V>
HWY_INLINE void store_block_columns(D d, V a, V b, V c, V e, uint32_t* y, ptrdiff_t ys) {
    const auto ac = hn::ConcatLowerLower(d, c, a), be = hn::ConcatLowerLower(d, e, b);
    hn::StoreU(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(be), ac), d, y);
    hn::StoreU(hn::OddEvenBlocks(be, hn::SwapAdjacentBlocks(ac)), d, y + 4 * ys);
    const auto ac2 = hn::ConcatUpperUpper(d, c, a), be2 = hn::ConcatUpperUpper(d, e, b);
    hn::StoreU(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(be2), ac2), d, y + 8 * ys);
    hn::StoreU(hn::OddEvenBlocks(be2, hn::SwapAdjacentBlocks(ac2)), d, y + 12 * ys);
}
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<16>) {
    const TagU32<16> d;
    auto a0 = x.load(d, 0), a1 = x.load(d, 1), a2 = x.load(d, 2), a3 = x.load(d, 3);
    transpose_in_blocks(d, a0, a1, a2, a3);
    auto b0 = x.load(d, 4), b1 = x.load(d, 5), b2 = x.load(d, 6), b3 = x.load(d, 7);
    transpose_in_blocks(d, b0, b1, b2, b3);
    auto c0 = x.load(d, 8), c1 = x.load(d, 9), c2 = x.load(d, 10), c3 = x.load(d, 11);
    transpose_in_blocks(d, c0, c1, c2, c3);
    auto e0 = x.load(d, 12), e1 = x.load(d, 13), e2 = x.load(d, 14), e3 = x.load(d, 15);
    transpose_in_blocks(d, e0, e1, e2, e3);
    store_block_columns(d, a0, b0, c0, e0, y, ys);
    store_block_columns(d, a1, b1, c1, e1, y + ys, ys);
    store_block_columns(d, a2, b2, c2, e2, y + 2 * ys, ys);
    store_block_columns(d, a3, b3, c3, e3, y + 3 * ys, ys);
}
#endif

// Tiles of N x N inside squares of 16 x 16, so that every cache line of either side is used up while it is in L1 whatever the
// strides are. A tile at an edge overlaps the one before it.
template <size_t N>
inline void transpose_tiles(const uint32_t* x, ptrdiff_t xs, uint32_t* y, ptrdiff_t ys, size_t rows, size_t cols, size_t padded) {
    for (size_t j0 = 0; j0 < cols; j0 += 16)
        for (size_t i0 = 0; i0 < padded; i0 += 16)
            for (size_t j1 = j0; j1 < j0 + 16 && j1 < cols; j1 += N)
                for (size_t i1 = i0; i1 < i0 + 16 && i1 < padded; i1 += N) {
                    const size_t i = i1 + N > padded ? padded - N : i1, j = j1 + N > cols ? cols - N : j1;
                    const uint32_t* from = x + static_cast<ptrdiff_t>(i < rows ? i : 0) * xs + static_cast<ptrdiff_t>(j);
                    uint32_t* to = y + static_cast<ptrdiff_t>(j) * ys + static_cast<ptrdiff_t>(i);
                    if (i + N <= rows) transpose_tile(TileRows<true>{from, xs, N}, to, ys, hwy::SizeTag<N>());
                    else transpose_tile(TileRows<false>{from, xs, i < rows ? rows - i : 0}, to, ys, hwy::SizeTag<N>());
                }
}

inline void transpose32(const TransposeArgs& a) {
    const auto* x = static_cast<const uint32_t*>(a.x);
    auto* y = static_cast<uint32_t*>(a.y);
    const ptrdiff_t xs = a.x_stride, ys = a.y_stride;
    const size_t rows = a.rows, cols = a.cols, padded = a.padded_rows;
    const hn::ScalableTag<uint32_t> d;
    const size_t lanes = hn::Lanes(d);
    const size_t side = padded < cols ? padded : cols;
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 64
    if (side >= 16) return transpose_tiles<16>(x, xs, y, ys, rows, cols, padded);
#endif
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 32
    if (side >= 8) return transpose_tiles<8>(x, xs, y, ys, rows, cols, padded);
#endif
    if (side >= 4) return transpose_tiles<4>(x, xs, y, ys, rows, cols, padded);
    // Two or three interleaved channels: images, and pixel shuffles by 2.
    size_t done = 0;
    if (rows == padded && ys == static_cast<ptrdiff_t>(rows)) {
        if (rows == 2)
            for (; done + lanes <= cols; done += lanes)
                hn::StoreInterleaved2(hn::LoadU(d, x + done), hn::LoadU(d, x + xs + static_cast<ptrdiff_t>(done)), d, y + 2 * done);
        if (rows == 3)
            for (; done + lanes <= cols; done += lanes)
                hn::StoreInterleaved3(hn::LoadU(d, x + done), hn::LoadU(d, x + xs + static_cast<ptrdiff_t>(done)),
                                      hn::LoadU(d, x + 2 * xs + static_cast<ptrdiff_t>(done)), d, y + 3 * done);
        return transpose32_scalar(x + done, xs, y + static_cast<ptrdiff_t>(done) * ys, ys, rows, cols - done, rows);
    }
    if (rows == padded && xs == static_cast<ptrdiff_t>(cols)) {
        auto v0 = hn::Zero(d), v1 = v0, v2 = v0;
        if (cols == 2)
            for (; done + lanes <= rows; done += lanes) {
                hn::LoadInterleaved2(d, x + 2 * done, v0, v1);
                hn::StoreU(v0, d, y + done);
                hn::StoreU(v1, d, y + ys + static_cast<ptrdiff_t>(done));
            }
        if (cols == 3)
            for (; done + lanes <= rows; done += lanes) {
                hn::LoadInterleaved3(d, x + 3 * done, v0, v1, v2);
                hn::StoreU(v0, d, y + done);
                hn::StoreU(v1, d, y + ys + static_cast<ptrdiff_t>(done));
                hn::StoreU(v2, d, y + 2 * ys + static_cast<ptrdiff_t>(done));
            }
        return transpose32_scalar(x + static_cast<ptrdiff_t>(done) * xs, xs, y + done, ys, rows - done, cols, rows - done);
    }
    transpose32_scalar(x, xs, y, ys, rows, cols, padded);
}
#endif

// w = 0 gives a and w = 1 gives b exactly.
template <class V> HWY_INLINE V lerp(V a, V b, V w) { return hn::MulAdd(w, b, hn::NegMulAdd(w, a, a)); }

inline void lerp_rows(const float* a, const float* b, float* y, size_t n, float weight) {
    const DF d;
    const size_t lanes = hn::Lanes(d);
    const auto w = hn::Set(d, weight);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) hn::StoreU(lerp(hn::LoadU(d, a + i), hn::LoadU(d, b + i), w), d, y + i);
    const hn::CappedTag<float, 1> one;
    for (; i < n; ++i) hn::StoreU(lerp(hn::LoadU(one, a + i), hn::LoadU(one, b + i), hn::Set(one, weight)), one, y + i);
}

// Pixels of whole vectors of at most N lanes.
template <size_t N> HWY_INLINE void lerp_vectors(const LerpPixelsArgs& a) {
    const hn::CappedTag<float, N> d;
    const size_t lanes = hn::Lanes(d);
    float* y = a.y;
    for (size_t i = 0; i < a.n; ++i) {
        const float *p = a.x + a.first[i], *q = a.x + a.second[i];
        const auto w = hn::Set(d, a.weight[i]);
        for (size_t j = 0; j < a.unit; j += lanes, y += lanes) hn::StoreU(lerp(hn::LoadU(d, p + j), hn::LoadU(d, q + j), w), d, y);
    }
}
inline void lerp_pixels(const LerpPixelsArgs& a) {
    if (a.unit == 1) {
        const DF d;
        const hn::Rebind<int32_t, DF> di;
        const size_t lanes = hn::Lanes(d);
        size_t i = 0;
        for (; i + lanes <= a.n; i += lanes)
            hn::StoreU(lerp(hn::GatherIndex(d, a.x, hn::LoadU(di, a.first + i)), hn::GatherIndex(d, a.x, hn::LoadU(di, a.second + i)), hn::LoadU(d, a.weight + i)), d, a.y + i);
        const hn::CappedTag<float, 1> one;
        for (; i < a.n; ++i)
            hn::StoreU(lerp(hn::LoadU(one, a.x + a.first[i]), hn::LoadU(one, a.x + a.second[i]), hn::LoadU(one, a.weight + i)), one, a.y + i);
        return;
    }
    if (a.unit % 16 == 0) return lerp_vectors<16>(a);
    if (a.unit % 4 == 0) return lerp_vectors<4>(a);
    for (size_t i = 0; i < a.n; ++i) lerp_rows(a.x + a.first[i], a.x + a.second[i], a.y + i * a.unit, a.unit, a.weight[i]);
}

inline void fill(MoveBricks& t) {
    t.transpose32 = &transpose32;
    t.lerp_pixels = &lerp_pixels;
    t.lerp_rows = &lerp_rows;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
