// The gemm family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// BlendedStore and MaskedLoad of Highway 1.0.3 are truly masked here; elsewhere they touch memory behind the end.
#if HWY_ARCH_X86 && HWY_MAX_BYTES >= 32
inline constexpr bool kGemmMasks = true;
using GemmHalf = hn::Half<DF>;
#else
inline constexpr bool kGemmMasks = false;
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

template <class D> HWY_INLINE hn::Vec<D> gemm_bias(D d, const float* p, size_t v) {
    return p ? hn::LoadU(d, p + v * hn::Lanes(d)) : hn::Zero(d);
}
// What a tile does with its sums, row after row, in the general case.
template <class D> HWY_NOINLINE void gemm_finish(const GemmTileArgs& g, const float* sums, size_t rows, size_t vectors) {
    const D d;
    const size_t L = hn::Lanes(d);
    const auto low = hn::Set(d, g.low), high = hn::Set(d, g.high);
    for (size_t r = 0; r < rows; ++r)
        for (size_t v = 0; v < vectors; ++v, sums += L) {
            const size_t n = gemm_left(g.n, v * L);
            float* c = g.c + r * g.ldc + v * L;
            auto x = hn::LoadU(d, sums);
            if (g.row_bias) x = hn::Add(x, hn::Set(d, g.row_bias[r]));
            if (g.accumulate) x = hn::Add(x, gemm_load_part(d, c, n));
            gemm_store_part(d, gemm_clamp(d, x, low, high), c, n);
        }
}
// The rows of A in a tile: every fourth one has a register, and the others are one or three strides from it, which is one operand of
// an instruction. Left alone, g++ forms the offset of each row and step before the loop and spills them: 56 stores a tile, and a
// load for every broadcast.
template <size_t MR> struct GemmRows {
    const char* base[(MR + 3) / 4];
    size_t one, three;  // strides in bytes

    HWY_INLINE GemmRows(const float* a, size_t lda) : one(lda * sizeof(float)), three(3 * one) {
        LITE_UNROLL
        for (size_t i = 0; i < (MR + 3) / 4; ++i) base[i] = reinterpret_cast<const char*>(a) + 4 * i * one;
        __asm__("" : "+r"(one), "+r"(three));
    }
    HWY_INLINE const float* row(size_t r) const {
        return reinterpret_cast<const float*>(base[r / 4] + (r % 4 == 3 ? three : r % 4 * one));
    }
    HWY_INLINE void advance(size_t steps) {
        LITE_UNROLL
        for (size_t i = 0; i < (MR + 3) / 4; ++i) {
            base[i] += steps * sizeof(float);
            __asm__("" : "+r"(base[i]));
        }
    }
};
// Step j of k.
template <class D, size_t MR, size_t NB>
HWY_INLINE void gemm_step(D d, const GemmRows<MR>& rows, size_t j, const float* HWY_RESTRICT b, hn::Vec<D> (&acc)[MR][NB]) {
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) {
        LITE_UNROLL
        for (size_t v = 0; v < NB; ++v) acc[r][v] = hn::MulAdd(hn::Set(d, rows.row(r)[j]), hn::LoadU(d, b + v * hn::Lanes(d)), acc[r][v]);
    }
}
template <class D, size_t NB, bool Packed, size_t MR> HWY_NOINLINE void gemm_tile(const GemmTileArgs& g) {
    const D d;
    const size_t L = hn::Lanes(d);
    hn::Vec<D> acc[MR][NB];
    LITE_UNROLL
    for (size_t v = 0; v < NB; ++v) {
        const auto bias = gemm_bias(d, g.bias, v);
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) acc[r][v] = bias;
    }
    GemmRows<MR> rows(g.a, g.lda);
    const float* HWY_RESTRICT b = g.b;
    // A run-time stride of packed panels, too, would cost clang 8 %.
    const size_t k = g.k, ldb = Packed ? NB * L : g.ldb;
    size_t i = 0;
    for (; i + 2 <= k; i += 2, b += 2 * ldb) {
        gemm_step(d, rows, 0, b, acc);
        gemm_step(d, rows, 1, b + ldb, acc);
        rows.advance(2);
    }
    for (; i < k; ++i, b += ldb) {
        gemm_step(d, rows, 0, b, acc);
        rows.advance(1);
    }
    const bool direct = g.n >= NB * L && !g.accumulate && !g.row_bias;
    alignas(64) float sums[MR * NB * 16];
    float* HWY_RESTRICT c = direct ? g.c : sums;
    const size_t ldc = direct ? g.ldc : NB * L;
    const auto low = hn::Set(d, direct ? g.low : -__builtin_inff()), high = hn::Set(d, direct ? g.high : __builtin_inff());
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) {
        LITE_UNROLL
        for (size_t v = 0; v < NB; ++v) hn::StoreU(gemm_clamp(d, acc[r][v], low, high), d, c + r * ldc + v * L);
    }
    if (!direct) gemm_finish<D>(g, sums, MR, NB);
}

// One row: kSteps chains of k for each vector.
template <class D, size_t NB> HWY_NOINLINE void gemv_tile(const GemmTileArgs& g) {
    const D d;
    const size_t L = hn::Lanes(d), ldb = g.ldb, k = g.k;
    constexpr size_t kSteps = 4;
    const float* HWY_RESTRICT a = g.a;
    const float* HWY_RESTRICT b = g.b;
    hn::Vec<D> acc[kSteps][NB];
    LITE_UNROLL
    for (size_t j = 0; j < kSteps; ++j) {
        LITE_UNROLL
        for (size_t v = 0; v < NB; ++v) acc[j][v] = hn::Zero(d);
    }
    size_t i = 0;
    for (; i + kSteps <= k; i += kSteps, b += kSteps * ldb) {
        LITE_UNROLL
        for (size_t j = 0; j < kSteps; ++j) {
            LITE_UNROLL
            for (size_t v = 0; v < NB; ++v) acc[j][v] = hn::MulAdd(hn::Set(d, a[i + j]), hn::LoadU(d, b + j * ldb + v * L), acc[j][v]);
        }
    }
    alignas(64) float sums[NB * 16];
    LITE_UNROLL
    for (size_t v = 0; v < NB; ++v) {
        auto s = gemm_bias(d, g.bias, v);
        LITE_UNROLL
        for (size_t j = 0; j < kSteps; ++j) s = hn::Add(s, acc[j][v]);
        const float* p = b + v * L;
        for (size_t n = i; n < k; ++n, p += ldb) s = hn::MulAdd(hn::Set(d, a[n]), hn::LoadU(d, p), s);
        hn::StoreU(s, d, sums + v * L);
    }
    gemm_finish<D>(g, sums, 1, NB);
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

template <class D, size_t NB, bool Packed, size_t... M> inline void gemm_tiles(std::index_sequence<M...>, GemmTile* tiles) {
    ((tiles[M - 1] = &gemm_tile<D, NB, Packed, M>), ...);
}
inline void fill(GemmBricks& t) {
    t.panel = gemm_panel();
    t.lanes = hn::Lanes(DF());
    t.half = gemm_half();
    t.rows = kMR;
    gemm_tiles<DF, kNB, true>(TileHeights(), t.packed);
    gemm_tiles<DF, kNB, false>(FewHeights(), t.in_place);
    t.gemv = &gemv_tile<DF, kNB>;
#if HWY_TARGET == HWY_SCALAR
    t.narrow_rows = kMR;
    gemm_tiles<DF, 1, true>(TileHeights(), t.narrow);
    t.gemv_narrow = t.gemv;
#else
    using Narrow = std::index_sequence<1, 2, 4, 8>;  // eight chains hide the latency of an FMA
    t.narrow_rows = 8;
    gemm_tiles<DF, 1, true>(Narrow(), t.narrow);
    t.gemv_narrow = &gemv_tile<DF, 1>;
#endif
#if HWY_ARCH_X86 && HWY_MAX_BYTES >= 32
    gemm_tiles<GemmHalf, 1, true>(Narrow(), t.narrow_half);
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
