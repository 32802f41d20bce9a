// The move family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// Without vectors, and for what is left over: any sizes, any alignment.
template <class T>
inline void transpose_scalar(const T* x, ptrdiff_t xs, T* y, ptrdiff_t ys, size_t rows, size_t cols, size_t padded) {
    for (size_t j = 0; j < cols; ++j) {
        T* out = y + static_cast<ptrdiff_t>(j) * ys;
        for (size_t i = 0; i < padded; ++i) {
            if (i < rows) __builtin_memcpy(out + i, x + static_cast<ptrdiff_t>(i) * xs + static_cast<ptrdiff_t>(j), sizeof(T));
            else __builtin_memset(out + i, 0, sizeof(T));
        }
    }
}

#if HWY_TARGET == HWY_SCALAR
template <class T> inline void transpose(const TransposeArgs& a) {
    transpose_scalar(static_cast<const T*>(a.x), a.x_stride, static_cast<T*>(a.y), a.y_stride, a.rows, a.cols, a.padded_rows);
}
#else
// The rows of a tile: vectors read at x + i * stride, zero behind the last row.
template <class T, bool kFull> struct TileRows {
    const T* x;
    ptrdiff_t stride;
    size_t rows;
    template <class D> HWY_INLINE hn::Vec<D> load(D d, size_t i) const {
        if constexpr (kFull) return hn::LoadU(d, x + static_cast<ptrdiff_t>(i) * stride);
        else return i < rows ? hn::LoadU(d, x + static_cast<ptrdiff_t>(i) * stride) : hn::Zero(d);
    }
};

// 4 x 4 transposes of 32-bit lanes inside the 128-bit blocks of four vectors.
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
HWY_INLINE void transpose_tile(const TileRows<uint32_t, kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<4>) {
    const hn::CappedTag<uint32_t, 4> d;
    auto r0 = x.load(d, 0), r1 = x.load(d, 1), r2 = x.load(d, 2), r3 = x.load(d, 3);
    transpose_in_blocks(d, r0, r1, r2, r3);
    hn::StoreU(r0, d, y);
    hn::StoreU(r1, d, y + ys);
    hn::StoreU(r2, d, y + 2 * ys);
    hn::StoreU(r3, d, y + 3 * ys);
}
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 32
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<uint32_t, kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<8>) {
    const hn::CappedTag<uint32_t, 8> d;
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
HWY_INLINE void transpose_tile(const TileRows<uint32_t, kFull>& x, uint32_t* y, ptrdiff_t ys, hwy::SizeTag<16>) {
    const hn::CappedTag<uint32_t, 16> d;
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


#if !HWY_HAVE_SCALABLE
// One round of the perfect shuffle that transposes 2^k rows of 2^k lanes in k rounds: rows i and i + half interleaved.
template <class D, class V>
HWY_INLINE void shuffle_rows(D d, V& r0, V& r1, V& r2, V& r3, V& r4, V& r5, V& r6, V& r7) {
    const V a = r0, b = r1, c = r2, e = r3;
    r0 = hn::InterleaveLower(d, a, r4);
    r1 = hn::InterleaveUpper(d, a, r4);
    r2 = hn::InterleaveLower(d, b, r5);
    r3 = hn::InterleaveUpper(d, b, r5);
    r4 = hn::InterleaveLower(d, c, r6);
    const V f = hn::InterleaveUpper(d, c, r6);
    r6 = hn::InterleaveLower(d, e, r7);
    r7 = hn::InterleaveUpper(d, e, r7);
    r5 = f;
}
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<uint16_t, kFull>& x, uint16_t* y, ptrdiff_t ys, hwy::SizeTag<8>) {
    const hn::CappedTag<uint16_t, 8> d;
    auto r0 = x.load(d, 0), r1 = x.load(d, 1), r2 = x.load(d, 2), r3 = x.load(d, 3);
    auto r4 = x.load(d, 4), r5 = x.load(d, 5), r6 = x.load(d, 6), r7 = x.load(d, 7);
    shuffle_rows(d, r0, r1, r2, r3, r4, r5, r6, r7);
    shuffle_rows(d, r0, r1, r2, r3, r4, r5, r6, r7);
    shuffle_rows(d, r0, r1, r2, r3, r4, r5, r6, r7);
    hn::StoreU(r0, d, y);
    hn::StoreU(r1, d, y + ys);
    hn::StoreU(r2, d, y + 2 * ys);
    hn::StoreU(r3, d, y + 3 * ys);
    hn::StoreU(r4, d, y + 4 * ys);
    hn::StoreU(r5, d, y + 5 * ys);
    hn::StoreU(r6, d, y + 6 * ys);
    hn::StoreU(r7, d, y + 7 * ys);
}
// 8 x 8 bytes in half vectors.
template <bool kFull>
HWY_INLINE void transpose_tile(const TileRows<uint8_t, kFull>& x, uint8_t* y, ptrdiff_t ys, hwy::SizeTag<8>) {
    const hn::CappedTag<uint8_t, 8> d;
    auto r0 = x.load(d, 0), r1 = x.load(d, 1), r2 = x.load(d, 2), r3 = x.load(d, 3);
    auto r4 = x.load(d, 4), r5 = x.load(d, 5), r6 = x.load(d, 6), r7 = x.load(d, 7);
    // Rows i and i + 4 side by side in full vectors: then two rounds of 16 x 8.
    const hn::CappedTag<uint8_t, 16> f;
    auto a = hn::InterleaveLower(f, hn::ZeroExtendVector(f, r0), hn::ZeroExtendVector(f, r4));
    auto b = hn::InterleaveLower(f, hn::ZeroExtendVector(f, r1), hn::ZeroExtendVector(f, r5));
    auto c = hn::InterleaveLower(f, hn::ZeroExtendVector(f, r2), hn::ZeroExtendVector(f, r6));
    auto e = hn::InterleaveLower(f, hn::ZeroExtendVector(f, r3), hn::ZeroExtendVector(f, r7));
    const auto g = hn::InterleaveLower(f, a, c), h = hn::InterleaveUpper(f, a, c), k = hn::InterleaveLower(f, b, e), l = hn::InterleaveUpper(f, b, e);
    a = hn::InterleaveLower(f, g, k);
    b = hn::InterleaveUpper(f, g, k);
    c = hn::InterleaveLower(f, h, l);
    e = hn::InterleaveUpper(f, h, l);
    hn::StoreU(hn::LowerHalf(d, a), d, y);
    hn::StoreU(hn::UpperHalf(d, a), d, y + ys);
    hn::StoreU(hn::LowerHalf(d, b), d, y + 2 * ys);
    hn::StoreU(hn::UpperHalf(d, b), d, y + 3 * ys);
    hn::StoreU(hn::LowerHalf(d, c), d, y + 4 * ys);
    hn::StoreU(hn::UpperHalf(d, c), d, y + 5 * ys);
    hn::StoreU(hn::LowerHalf(d, e), d, y + 6 * ys);
    hn::StoreU(hn::UpperHalf(d, e), d, y + 7 * ys);
}
#endif

// Tiles of N x N inside squares of a cache line, so that every line of either side is used up while it is in L1 whatever the
// strides are. A tile at an edge overlaps the one before it.
template <size_t N, class T>
inline void transpose_tiles(const T* x, ptrdiff_t xs, T* y, ptrdiff_t ys, size_t rows, size_t cols, size_t padded) {
    constexpr size_t kSquare = 64 / sizeof(T);
    for (size_t j0 = 0; j0 < cols; j0 += kSquare)
        for (size_t i0 = 0; i0 < padded; i0 += kSquare)
            for (size_t j1 = j0; j1 < j0 + kSquare && j1 < cols; j1 += N)
                for (size_t i1 = i0; i1 < i0 + kSquare && i1 < padded; i1 += N) {
                    const size_t i = i1 + N > padded ? padded - N : i1, j = j1 + N > cols ? cols - N : j1;
                    const T* from = x + static_cast<ptrdiff_t>(i < rows ? i : 0) * xs + static_cast<ptrdiff_t>(j);
                    T* to = y + static_cast<ptrdiff_t>(j) * ys + static_cast<ptrdiff_t>(i);
                    if (i + N <= rows) transpose_tile(TileRows<T, true>{from, xs, N}, to, ys, hwy::SizeTag<N>());
                    else transpose_tile(TileRows<T, false>{from, xs, i < rows ? rows - i : 0}, to, ys, hwy::SizeTag<N>());
                }
}

// Up to four interleaved channels: images, and pixel shuffles by 2. Returns how many of `n` positions it did.
template <class T>
inline size_t interleave(const T* x, ptrdiff_t xs, T* y, size_t rows, size_t padded, size_t n) {
    const hn::ScalableTag<T> d;
    const size_t lanes = hn::Lanes(d);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes, x += lanes, y += padded * lanes) {
        const auto a = hn::LoadU(d, x), b = rows > 1 ? hn::LoadU(d, x + xs) : hn::Zero(d);
        if (padded == 2) {
            hn::StoreInterleaved2(a, b, d, y);
            continue;
        }
        const auto c = rows > 2 ? hn::LoadU(d, x + 2 * xs) : hn::Zero(d);
        if (padded == 3) hn::StoreInterleaved3(a, b, c, d, y);
        else hn::StoreInterleaved4(a, b, c, rows > 3 ? hn::LoadU(d, x + 3 * xs) : hn::Zero(d), d, y);
    }
    return i;
}
template <class T>
inline size_t deinterleave(const T* x, T* y, ptrdiff_t ys, size_t cols, size_t n) {
    const hn::ScalableTag<T> d;
    const size_t lanes = hn::Lanes(d);
    auto a = hn::Zero(d), b = a, c = a, e = a;
    size_t i = 0;
    for (; i + lanes <= n; i += lanes, x += cols * lanes, y += lanes) {
        if (cols == 2) hn::LoadInterleaved2(d, x, a, b);
        else if (cols == 3) hn::LoadInterleaved3(d, x, a, b, c);
        else hn::LoadInterleaved4(d, x, a, b, c, e);
        hn::StoreU(a, d, y);
        hn::StoreU(b, d, y + ys);
        if (cols > 2) hn::StoreU(c, d, y + 2 * ys);
        if (cols > 3) hn::StoreU(e, d, y + 3 * ys);
    }
    return i;
}

template <class T>
inline void transpose(const TransposeArgs& a) {
    const auto* x = static_cast<const T*>(a.x);
    auto* y = static_cast<T*>(a.y);
    const ptrdiff_t xs = a.x_stride, ys = a.y_stride;
    const size_t rows = a.rows, cols = a.cols, padded = a.padded_rows;
    const size_t side = padded < cols ? padded : cols;
    if constexpr (sizeof(T) == 4) {
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 64
        if (side >= 16) return transpose_tiles<16>(x, xs, y, ys, rows, cols, padded);
#endif
#if !HWY_HAVE_SCALABLE && HWY_MAX_BYTES >= 32
        if (side >= 8) return transpose_tiles<8>(x, xs, y, ys, rows, cols, padded);
#endif
        if (side >= 4) return transpose_tiles<4>(x, xs, y, ys, rows, cols, padded);
    } else {
#if !HWY_HAVE_SCALABLE
        if (side >= 8) return transpose_tiles<8>(x, xs, y, ys, rows, cols, padded);
#endif
    }
    if (rows > 0 && padded >= 2 && padded <= 4 && ys == static_cast<ptrdiff_t>(padded)) {
        const size_t done = interleave(x, xs, y, rows, padded, cols);
        return transpose_scalar(x + done, xs, y + done * padded, ys, rows, cols - done, padded);
    }
    if (rows == padded && cols >= 2 && cols <= 4 && xs == static_cast<ptrdiff_t>(cols)) {
        const size_t done = deinterleave(x, y, ys, cols, rows);
        return transpose_scalar(x + done * cols, xs, y + done, ys, rows - done, cols, rows - done);
    }
    transpose_scalar(x, xs, y, ys, rows, cols, padded);
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

// As class Half does it, by integers: the same bits on every target.
template <class D> HWY_INLINE void half_vector(D d, const float* x, uint16_t* y) {
    const hn::RebindToSigned<D> di;
    const hn::Rebind<uint16_t, D> d16;
    const auto bits = hn::BitCast(di, hn::LoadU(d, x)), mag = hn::And(bits, hn::Set(di, 0x7fffffff));
    const auto sign = hn::And(hn::ShiftRight<16>(bits), hn::Set(di, 0x8000)), odd = hn::And(hn::ShiftRight<13>(mag), hn::Set(di, 1));
    const auto normal = hn::ShiftRight<13>(hn::Add(hn::Sub(mag, hn::Set(di, 0x38000000 - 0xfff)), odd));
    const auto small = hn::Sub(hn::BitCast(di, hn::Add(hn::BitCast(d, mag), hn::Set(d, 0.5f))), hn::Set(di, 0x3f000000));
    const auto large = hn::IfThenElse(hn::Gt(mag, hn::Set(di, 0x7f800000)), hn::Set(di, 0x7e00), hn::Set(di, 0x7c00));
    const auto half = hn::IfThenElse(hn::Gt(hn::Set(di, 0x38800000), mag), small, hn::IfThenElse(hn::Gt(mag, hn::Set(di, 0x477fffff)), large, normal));
    hn::StoreU(hn::DemoteTo(d16, hn::Or(half, sign)), d16, y);
}
template <class D> HWY_INLINE void half_vector(D d, const uint16_t* x, float* y) {
    const hn::RebindToSigned<D> di;
    const hn::Rebind<uint16_t, D> d16;
    const auto bits = hn::PromoteTo(di, hn::LoadU(d16, x)), mag = hn::And(bits, hn::Set(di, 0x7fff)), up = hn::ShiftLeft<13>(mag);
    const auto small = hn::BitCast(di, hn::Mul(hn::ConvertTo(d, mag), hn::Set(d, 0x1p-24f)));
    const auto large = hn::Or(up, hn::Set(di, 0x7f800000)), normal = hn::Add(up, hn::Set(di, 0x38000000));
    const auto f = hn::IfThenElse(hn::Gt(hn::Set(di, 0x400), mag), small, hn::IfThenElse(hn::Gt(mag, hn::Set(di, 0x7bff)), large, normal));
    hn::StoreU(hn::BitCast(d, hn::Or(f, hn::ShiftLeft<16>(hn::Sub(bits, mag)))), d, y);
}
// Either way, by the types.
template <class From, class To> void convert_halves(const From* x, To* y, size_t n) {
    const DF d;
    const size_t lanes = hn::Lanes(d);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) half_vector(d, x + i, y + i);
    for (; i < n; ++i) half_vector(hn::CappedTag<float, 1>(), x + i, y + i);
}

inline void fill(MoveBricks& t) {
    t.transpose8 = &transpose<uint8_t>;
    t.transpose16 = &transpose<uint16_t>;
    t.transpose32 = &transpose<uint32_t>;
    t.lerp_pixels = &lerp_pixels;
    t.lerp_rows = &lerp_rows;
    t.to_half = &convert_halves<float, uint16_t>;
    t.from_half = &convert_halves<uint16_t, float>;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
