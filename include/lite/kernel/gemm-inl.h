// The gemm family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// BlendedStore and MaskedLoad of Highway 1.0.3 are truly masked here; elsewhere they touch memory behind the end.
#if HWY_ARCH_X86 && HWY_MAX_BYTES >= 32
inline constexpr bool kGemmMasks = true;
using GemmHalf = hn::Half<DF>;
inline constexpr size_t kGemmNarrowRows = 8;  // eight chains hide the latency of an FMA
#else
inline constexpr bool kGemmMasks = false;
inline constexpr size_t kGemmNarrowRows = kMR < 8 ? kMR : 8;
#endif

template <class D> HWY_INLINE hn::Vec<D> gemm_load_part(D d, const float* p, size_t n) {
    if (n >= hn::Lanes(d)) return hn::LoadU(d, p);
    if constexpr (kGemmMasks) {
        return hn::MaskedLoad(hn::FirstN(d, n), d, p);
    } else {
        alignas(64) float t[16] = {};
        if (n) std::memcpy(t, p, n * sizeof(float));
        return hn::Load(d, t);
    }
}
template <class D> HWY_INLINE void gemm_store_part(D d, hn::Vec<D> v, float* p, size_t n) {
    if (n >= hn::Lanes(d)) {
        hn::StoreU(v, d, p);
        return;
    }
    if constexpr (kGemmMasks) {
        hn::BlendedStore(v, hn::FirstN(d, n), d, p);
    } else {
        alignas(64) float t[16];
        hn::Store(v, d, t);
        if (n) std::memcpy(p, t, n * sizeof(float));
    }
}
// Columns of vector `offset` / lanes that exist.
HWY_INLINE size_t gemm_left(size_t n, size_t offset) { return n > offset ? n - offset : 0; }
// A NaN stays a NaN: x86's max and min return the second operand then, those of NEON and the portable targets drop it.
template <class D> HWY_INLINE hn::Vec<D> gemm_clamp(D, hn::Vec<D> v, hn::Vec<D> low, hn::Vec<D> high) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
    return hn::Min(high, hn::Max(low, v));
#else
    v = hn::IfThenElse(hn::Lt(v, low), low, v);
    return hn::IfThenElse(hn::Lt(high, v), high, v);
#endif
}

template <class D, size_t NB, bool Packed, size_t... I, class... Vs>
HWY_INLINE void gemm_body(std::index_sequence<I...>, const GemmTileArgs& g, Vs... acc) {  // I = row * NB + vector
    const D d;
    const size_t L = hn::Lanes(d);
    const float* HWY_RESTRICT a = g.a;
    const float* HWY_RESTRICT b = g.b;
    // A run-time stride of packed panels, too, would cost clang 8 %.
    const size_t lda = g.lda, k = g.k, ldb = Packed ? NB * L : g.ldb;
    size_t i = 0;
    for (; i + 4 <= k; i += 4, a += 4, b += 4 * ldb) {  // the addresses of the rows are formed once for four steps
        ((acc = hn::MulAdd(hn::Set(d, a[(I / NB) * lda + 0]), hn::LoadU(d, b + 0 * ldb + (I % NB) * L), acc)), ...);
        ((acc = hn::MulAdd(hn::Set(d, a[(I / NB) * lda + 1]), hn::LoadU(d, b + 1 * ldb + (I % NB) * L), acc)), ...);
        ((acc = hn::MulAdd(hn::Set(d, a[(I / NB) * lda + 2]), hn::LoadU(d, b + 2 * ldb + (I % NB) * L), acc)), ...);
        ((acc = hn::MulAdd(hn::Set(d, a[(I / NB) * lda + 3]), hn::LoadU(d, b + 3 * ldb + (I % NB) * L), acc)), ...);
    }
    for (; i < k; ++i, ++a, b += ldb)
        ((acc = hn::MulAdd(hn::Set(d, a[(I / NB) * lda]), hn::LoadU(d, b + (I % NB) * L), acc)), ...);
    float* HWY_RESTRICT c = g.c;
    const size_t ldc = g.ldc;
    if (g.row_bias) ((acc = hn::Add(acc, hn::Set(d, g.row_bias[I / NB]))), ...);
    if (g.accumulate)
        ((acc = hn::Add(acc, gemm_load_part(d, c + (I / NB) * ldc + (I % NB) * L, gemm_left(g.n, (I % NB) * L)))), ...);
    const auto low = hn::Set(d, g.low), high = hn::Set(d, g.high);
    ((acc = gemm_clamp(d, acc, low, high)), ...);
    if (HWY_LIKELY(g.n >= NB * L)) (hn::StoreU(acc, d, c + (I / NB) * ldc + (I % NB) * L), ...);
    else (gemm_store_part(d, acc, c + (I / NB) * ldc + (I % NB) * L, gemm_left(g.n, (I % NB) * L)), ...);
}
template <size_t N, class D> HWY_INLINE hn::Vec<D> gemm_bias_nth(D d, const float* p) {
    return p ? hn::LoadU(d, p + N * hn::Lanes(d)) : hn::Zero(d);
}
template <class D, size_t NB, bool Packed, size_t... I>
HWY_INLINE void gemm_init(std::index_sequence<I...> s, const GemmTileArgs& g) {
    gemm_body<D, NB, Packed>(s, g, gemm_bias_nth<I % NB>(D(), g.bias)...);
}
template <class D, size_t NB, bool Packed, size_t MR> HWY_NOINLINE void gemm_tile(const GemmTileArgs& g) {
    gemm_init<D, NB, Packed>(std::make_index_sequence<MR * NB>(), g);
}

template <class D, size_t NB, size_t N, size_t... I, class... Vs>
HWY_INLINE void gemv_finish(std::index_sequence<I...>, const GemmTileArgs& g, size_t done, const float* b, Vs... acc) {
    const D d;
    const size_t L = hn::Lanes(d), ldb = g.ldb;
    auto s = gemm_bias_nth<N>(d, g.bias);
    ((s = I % NB == N ? hn::Add(s, acc) : s), ...);
    for (size_t i = done; i < g.k; ++i, b += ldb) s = hn::MulAdd(hn::Set(d, g.a[i]), hn::LoadU(d, b + N * L), s);
    if (g.row_bias) s = hn::Add(s, hn::Set(d, g.row_bias[0]));
    const size_t n = gemm_left(g.n, N * L);
    if (g.accumulate) s = hn::Add(s, gemm_load_part(d, g.c + N * L, n));
    gemm_store_part(d, gemm_clamp(d, s, hn::Set(d, g.low), hn::Set(d, g.high)), g.c + N * L, n);
}
template <class D, size_t NB, size_t... N, size_t... I, class... Vs>
HWY_INLINE void gemv_body(std::index_sequence<N...>, std::index_sequence<I...> s, const GemmTileArgs& g, Vs... acc) {
    const D d;
    const size_t L = hn::Lanes(d), ldb = g.ldb, k = g.k;
    constexpr size_t kSteps = sizeof...(I) / NB;  // I = step * NB + vector
    const float* HWY_RESTRICT a = g.a;
    const float* HWY_RESTRICT b = g.b;
    size_t i = 0;
    for (; i + kSteps <= k; i += kSteps, b += kSteps * ldb)
        ((acc = hn::MulAdd(hn::Set(d, a[i + I / NB]), hn::LoadU(d, b + (I / NB) * ldb + (I % NB) * L), acc)), ...);
    (gemv_finish<D, NB, N>(s, g, i, b, acc...), ...);
}
template <size_t, class D> HWY_INLINE hn::Vec<D> gemv_zero(D d) { return hn::Zero(d); }
template <class D, size_t NB, size_t... I> HWY_INLINE void gemv_init(std::index_sequence<I...> s, const GemmTileArgs& g) {
    gemv_body<D, NB>(std::make_index_sequence<NB>(), s, g, gemv_zero<I>(D())...);
}
template <class D, size_t NB> HWY_NOINLINE void gemv_tile(const GemmTileArgs& g) {
    gemv_init<D, NB>(std::make_index_sequence<4 * NB>(), g);
}

// out[c * ldo + r] = scale * in[r * ldi + c]: 4 x 4 blocks in 128-bit registers.
inline void gemm_transpose(const float* in, size_t rows, size_t columns, size_t ldi, float scale, float* out, size_t ldo) {
    size_t r = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::CappedTag<float, 4> d;
    const hn::Repartition<uint64_t, decltype(d)> dw;
    const auto s = hn::Set(d, scale);
    if (hn::Lanes(d) == 4)
        for (; r + 4 <= rows; r += 4) {
            size_t c = 0;
            for (; c + 4 <= columns; c += 4) {
                const float* p = in + r * ldi + c;
                float* o = out + c * ldo + r;
                const auto r0 = hn::LoadU(d, p), r1 = hn::LoadU(d, p + ldi), r2 = hn::LoadU(d, p + 2 * ldi), r3 = hn::LoadU(d, p + 3 * ldi);
                const auto a = hn::BitCast(dw, hn::InterleaveLower(d, r0, r1)), b = hn::BitCast(dw, hn::InterleaveLower(d, r2, r3));
                const auto e = hn::BitCast(dw, hn::InterleaveUpper(d, r0, r1)), f = hn::BitCast(dw, hn::InterleaveUpper(d, r2, r3));
                hn::StoreU(hn::Mul(s, hn::BitCast(d, hn::InterleaveLower(dw, a, b))), d, o);
                hn::StoreU(hn::Mul(s, hn::BitCast(d, hn::InterleaveUpper(dw, a, b))), d, o + ldo);
                hn::StoreU(hn::Mul(s, hn::BitCast(d, hn::InterleaveLower(dw, e, f))), d, o + 2 * ldo);
                hn::StoreU(hn::Mul(s, hn::BitCast(d, hn::InterleaveUpper(dw, e, f))), d, o + 3 * ldo);
            }
            for (; c < columns; ++c)
                for (size_t j = 0; j < 4; ++j) out[c * ldo + r + j] = scale * in[(r + j) * ldi + c];
        }
#endif
    for (; r < rows; ++r)
        for (size_t c = 0; c < columns; ++c) out[c * ldo + r] = scale * in[r * ldi + c];
}

inline size_t gemm_panel() { return kNB * hn::Lanes(DF()); }
inline size_t gemm_half() {
#if HWY_ARCH_X86 && HWY_MAX_BYTES >= 32
    return hn::Lanes(GemmHalf());
#else
    return 0;
#endif
}
inline size_t gemm_width(size_t n) {
    const size_t L = hn::Lanes(DF());
    return n <= gemm_half() ? gemm_half() : n <= L ? L : gemm_panel();
}
inline void gemm_pack(const float* b, size_t k, size_t n, size_t ldb, float scale, float* out) {
    const DF d;
    const size_t L = hn::Lanes(d), R = gemm_panel();
    const auto s = hn::Set(d, scale);
    for (size_t c = 0; c < n; c += R) {
        const float* p = b + c;
        if (n - c >= R) {
            for (size_t i = 0; i < k; ++i, out += R, p += ldb)
                for (size_t j = 0; j < R; j += L) hn::StoreU(hn::Mul(s, hn::LoadU(d, p + j)), d, out + j);
            continue;
        }
        const size_t w = n - c, width = gemm_width(w);
        for (size_t i = 0; i < k; ++i, out += width, p += ldb) {
            size_t j = 0;
            for (; j < w; ++j) out[j] = scale * p[j];
            for (; j < width; ++j) out[j] = 0.f;
        }
    }
}
inline void gemm_pack_t(const float* bt, size_t k, size_t n, size_t ldb, float scale, float* out) {
    const size_t R = gemm_panel();
    for (size_t c = 0; c < n; c += R) {
        const size_t w = n - c < R ? n - c : R, width = gemm_width(w);
        gemm_transpose(bt + c * ldb, w, k, ldb, scale, out, width);
        if (w < width)
            for (size_t i = 0; i < k; ++i)
                for (size_t j = w; j < width; ++j) out[i * width + j] = 0.f;
        out += k * width;
    }
}

// The maxima of all rows before their exponentials: one row's reduction overlaps the next row, which made a tile of 14 x 197
// 1.6 times as fast as row by row.
inline void gemm_exp_rows(float* x, size_t rows, size_t n, size_t stride, float* inverse) {
    if (n == 0) return;
    const DF d;
    const size_t L = hn::Lanes(d), whole = (n + L - 1) / L * L;
    for (size_t r = 0; r < rows; ++r) {
        float* p = x + r * stride;
        for (size_t i = n; i < whole; ++i) p[i] = -__builtin_inff();
        VF m0 = hn::LoadU(d, p), m1 = m0;
        size_t i = L;
        for (; i + 2 * L <= whole; i += 2 * L) {
            m0 = hn::Max(m0, hn::LoadU(d, p + i));
            m1 = hn::Max(m1, hn::LoadU(d, p + i + L));
        }
        if (i < whole) m0 = hn::Max(m0, hn::LoadU(d, p + i));
        inverse[r] = hn::GetLane(hn::MaxOfLanes(d, hn::Max(m0, m1)));
    }
    for (size_t r = 0; r < rows; ++r) {
        float* p = x + r * stride;
        const VF m = hn::Set(d, inverse[r]);
        VF s0 = hn::Zero(d), s1 = s0;
        size_t i = 0;
        for (; i + 2 * L <= whole; i += 2 * L) {
            const VF a = ExpOfNegative(d, hn::Sub(hn::LoadU(d, p + i), m)), b = ExpOfNegative(d, hn::Sub(hn::LoadU(d, p + i + L), m));
            hn::StoreU(a, d, p + i);
            hn::StoreU(b, d, p + i + L);
            s0 = hn::Add(s0, a);
            s1 = hn::Add(s1, b);
        }
        if (i < whole) {
            const VF a = ExpOfNegative(d, hn::Sub(hn::LoadU(d, p + i), m));
            hn::StoreU(a, d, p + i);
            s0 = hn::Add(s0, a);
        }
        inverse[r] = 1.f / hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1)));
    }
}
inline void gemm_scale_rows(float* x, size_t rows, size_t n, size_t stride, const float* s) {
    const DF d;
    const size_t L = hn::Lanes(d);
    for (size_t r = 0; r < rows; ++r, x += stride) {
        const VF f = hn::Set(d, s[r]);
        size_t i = 0;
        for (; i + L <= n; i += L) hn::StoreU(hn::Mul(f, hn::LoadU(d, x + i)), d, x + i);
        if (i < n) gemm_store_part(d, hn::Mul(f, gemm_load_part(d, x + i, n - i)), x + i, n - i);
    }
}

template <class D, size_t NB, bool Packed, size_t... I> inline const GemmTile* gemm_tiles(std::index_sequence<I...>) {
    static constexpr GemmTile tiles[] = {&gemm_tile<D, NB, Packed, I + 1>...};
    return tiles;
}
inline void fill(GemmBricks& t) {
    t.panel = gemm_panel();
    t.lanes = hn::Lanes(DF());
    t.half = gemm_half();
    t.rows = kMR;
    t.narrow_rows = kGemmNarrowRows;
    t.packed = gemm_tiles<DF, kNB, true>(std::make_index_sequence<kMR>());
    t.in_place = gemm_tiles<DF, kNB, false>(std::make_index_sequence<kMR>());
    t.narrow = gemm_tiles<DF, 1, true>(std::make_index_sequence<kGemmNarrowRows>());
    t.gemv = &gemv_tile<DF, kNB>;
    t.gemv_narrow = &gemv_tile<DF, 1>;
#if HWY_ARCH_X86 && HWY_MAX_BYTES >= 32
    t.narrow_half = gemm_tiles<GemmHalf, 1, true>(std::make_index_sequence<kGemmNarrowRows>());
    t.gemv_half = &gemv_tile<GemmHalf, 1>;
#endif
    t.pack = &gemm_pack;
    t.pack_t = &gemm_pack_t;
    t.transpose = &gemm_transpose;
    t.exp_rows = &gemm_exp_rows;
    t.scale_rows = &gemm_scale_rows;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
