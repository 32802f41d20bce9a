// The int8 family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
// Where interleaving and packing work on blocks of 128 bits, and arrays of vectors may be.
#undef LITE_INT8_BLOCKS
#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE
#define LITE_INT8_BLOCKS 0
#else
#define LITE_INT8_BLOCKS 1
#endif
#undef LITE_INT8_X86
#if HWY_ARCH_X86 && LITE_INT8_BLOCKS && HWY_TARGET != HWY_EMU128
#define LITE_INT8_X86 1
#else
#define LITE_INT8_X86 0
#endif
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

using DI = hn::RebindToSigned<DF>;
using VI = hn::Vec<DI>;
#if HWY_TARGET == HWY_SCALAR
inline constexpr size_t kI8NB = 1;
#else
inline constexpr size_t kI8NB = 2;
#endif

template <class D> HWY_INLINE hn::Vec<D> i8_weights(D d, const int8_t* p) {
    return hn::LoadU(d, reinterpret_cast<const int32_t*>(p));  // packed weights are aligned to 4 bytes
}

// Half to even. |v| stays below 2^30, so the treatment of overflow in Highway's NearestInt is left out; and two vectors of i16
// packed to u8 block by block.
#if LITE_INT8_X86
template <size_t N> HWY_INLINE hn::Vec128<int32_t, N> i8_round(hn::Vec128<float, N> v) { return hn::Vec128<int32_t, N>{_mm_cvtps_epi32(v.raw)}; }
HWY_INLINE hn::Vec128<uint8_t> i8_pack(hn::Vec128<int16_t> a, hn::Vec128<int16_t> b) { return hn::Vec128<uint8_t>{_mm_packus_epi16(a.raw, b.raw)}; }
#if HWY_MAX_BYTES >= 32
HWY_INLINE hn::Vec256<int32_t> i8_round(hn::Vec256<float> v) { return hn::Vec256<int32_t>{_mm256_cvtps_epi32(v.raw)}; }
HWY_INLINE hn::Vec256<uint8_t> i8_pack(hn::Vec256<int16_t> a, hn::Vec256<int16_t> b) { return hn::Vec256<uint8_t>{_mm256_packus_epi16(a.raw, b.raw)}; }
#endif
#if HWY_MAX_BYTES >= 64
HWY_INLINE hn::Vec512<int32_t> i8_round(hn::Vec512<float> v) { return hn::Vec512<int32_t>{_mm512_cvtps_epi32(v.raw)}; }
HWY_INLINE hn::Vec512<uint8_t> i8_pack(hn::Vec512<int16_t> a, hn::Vec512<int16_t> b) { return hn::Vec512<uint8_t>{_mm512_packus_epi16(a.raw, b.raw)}; }
#endif
#else
template <class V> HWY_INLINE VI i8_round(V v) { return hn::NearestInt(v); }
#if LITE_INT8_BLOCKS
template <class V> HWY_INLINE auto i8_pack(V a, V b) {
    const hn::FixedTag<uint8_t, 16> d;
    const hn::FixedTag<uint8_t, 8> half;
    return hn::Combine(d, hn::DemoteTo(half, b), hn::DemoteTo(half, a));
}
#endif
#endif

// Stores the first n bytes of a vector.
template <class D> HWY_INLINE void i8_store_bytes(D d, hn::Vec<D> v, uint8_t* p, size_t n) {
    if (HWY_LIKELY(n >= hn::Lanes(d))) {
        hn::StoreU(v, d, p);
        return;
    }
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
    hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#else
    uint8_t t[64];
    hn::StoreU(v, d, t);
    if (n) std::memcpy(p, t, n);
#endif
}
template <class D> HWY_INLINE hn::Vec<D> i8_finish(D d, hn::Vec<D> v, const Int8Store& s) {
    return hn::Xor(hn::Min(hn::Max(v, hn::Set(d, s.low)), hn::Set(d, s.high)), hn::Set(d, s.flip));
}
// One vector of integers to bytes.
HWY_INLINE void i8_store_vector(VI v, const Int8Store& s, uint8_t* p, size_t n) {
    const hn::Rebind<uint8_t, DI> d8;
    i8_store_bytes(d8, i8_finish(d8, hn::DemoteTo(d8, hn::Add(v, hn::Set(DI(), s.zero))), s), p, n);
}
template <class D> HWY_INLINE hn::Vec<D> i8_scaled(D, hn::Vec<D> v, const float* scale) {
    const hn::Rebind<float, D> df;
    return i8_round(hn::Mul(hn::ConvertTo(df, v), hn::LoadU(df, scale)));
}

// Rows of sums that were stored; any number of rows and columns, sums or bytes.
template <size_t NB> HWY_NOINLINE void i8_store_rows(const Int8TileArgs& g, const int32_t* sums) {
    const DI d;
    const size_t L = hn::Lanes(d);
    for (size_t r = 0; r < g.rows; ++r, sums += NB * L) {
        if (!g.scale) {
            std::memcpy(static_cast<int32_t*>(g.y) + r * g.ldy, sums, g.n * sizeof(int32_t));
            continue;
        }
        uint8_t* y = static_cast<uint8_t*>(g.y) + r * g.ldy;
#if LITE_INT8_BLOCKS
        if constexpr (NB == 2) {
            const hn::Repartition<int16_t, DI> d16;
            const hn::Rebind<uint8_t, decltype(d16)> d8;
            const auto p = hn::ReorderDemote2To(d16, i8_scaled(d, hn::LoadU(d, sums), g.scale), i8_scaled(d, hn::LoadU(d, sums + L), g.scale + L));
            const auto q = hn::SaturatedAdd(p, hn::Set(d16, static_cast<int16_t>(g.store.zero)));
            i8_store_bytes(d8, i8_finish(d8, hn::DemoteTo(d8, q), g.store), y, g.n);
            continue;
        }
#endif
        i8_store_vector(i8_scaled(d, hn::LoadU(d, sums), g.scale), g.store, y, g.n);
        if constexpr (NB == 2)
            if (g.n > L) i8_store_vector(i8_scaled(d, hn::LoadU(d, sums + L), g.scale + L), g.store, y + L, g.n - L);
    }
}

#if LITE_INT8_BLOCKS
// Bytes of two rows, packed block by block, in the order of rows.
#if LITE_INT8_X86
HWY_INLINE hn::Vec128<uint8_t> i8_unmix(hn::Vec128<uint8_t> v) { return v; }
#if HWY_MAX_BYTES >= 32
HWY_INLINE hn::Vec256<uint8_t> i8_unmix(hn::Vec256<uint8_t> v) { return hn::Vec256<uint8_t>{_mm256_permute4x64_epi64(v.raw, 0xD8)}; }
#endif
#if HWY_MAX_BYTES >= 64
HWY_INLINE hn::Vec512<uint8_t> i8_unmix(hn::Vec512<uint8_t> v) {
    return hn::Vec512<uint8_t>{_mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), v.raw)};
}
#endif
#else
template <class V> HWY_INLINE V i8_unmix(V v) { return v; }
#endif
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
inline constexpr bool kI8Masks = true;  // stores of a part of a vector
#else
inline constexpr bool kI8Masks = false;
#endif
// Whole tiles of bytes, two rows at a time.
HWY_INLINE void i8_store_pair(const Int8Store& s, const float* scale, uint8_t* y, size_t ldy, size_t n, const VI (&v)[2], const VI (&w)[2]) {
    const DI d;
    const hn::Repartition<int16_t, DI> d16;
    const hn::Repartition<uint8_t, DI> d8;
    const hn::Half<decltype(d8)> half;
    const size_t L = hn::Lanes(d);
    const auto zero = hn::Set(d16, static_cast<int16_t>(s.zero));
    const auto a = hn::SaturatedAdd(hn::ReorderDemote2To(d16, i8_scaled(d, v[0], scale), i8_scaled(d, v[1], scale + L)), zero);
    const auto b = hn::SaturatedAdd(hn::ReorderDemote2To(d16, i8_scaled(d, w[0], scale), i8_scaled(d, w[1], scale + L)), zero);
    const auto q = i8_finish(d8, i8_unmix(i8_pack(a, b)), s);
    i8_store_bytes(half, hn::LowerHalf(half, q), y, n);
    i8_store_bytes(half, hn::UpperHalf(half, q), y + ldy, n);
}
// The same in narrow panels: four rows at a time, or the last two.
#if LITE_INT8_X86
HWY_INLINE hn::Vec128<uint8_t> i8_unmix4(hn::Vec128<uint8_t> v) { return v; }
#if HWY_MAX_BYTES >= 32
HWY_INLINE hn::Vec256<uint8_t> i8_unmix4(hn::Vec256<uint8_t> v) {
    return hn::Vec256<uint8_t>{_mm256_permutevar8x32_epi32(v.raw, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))};
}
#endif
#if HWY_MAX_BYTES >= 64
HWY_INLINE hn::Vec512<uint8_t> i8_unmix4(hn::Vec512<uint8_t> v) {
    return hn::Vec512<uint8_t>{_mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v.raw)};
}
#endif
#else
template <class V> HWY_INLINE V i8_unmix4(V v) { return v; }
#endif
HWY_INLINE void i8_store_quad(const Int8Store& s, const float* scale, uint8_t* y, size_t ldy, size_t n, bool four, VI v0, VI v1, VI v2, VI v3) {
    const DI d;
    const hn::Repartition<int16_t, DI> d16;
    const hn::Repartition<uint8_t, DI> d8;
    const hn::Half<decltype(d8)> half;
    const hn::Half<decltype(half)> quarter;
    const auto zero = hn::Set(d16, static_cast<int16_t>(s.zero));
    const auto a = hn::SaturatedAdd(hn::ReorderDemote2To(d16, i8_scaled(d, v0, scale), i8_scaled(d, v1, scale)), zero);
    const auto b = hn::SaturatedAdd(hn::ReorderDemote2To(d16, i8_scaled(d, v2, scale), i8_scaled(d, v3, scale)), zero);
    const auto q = i8_finish(d8, i8_unmix4(i8_pack(a, b)), s);
    const auto low = hn::LowerHalf(half, q);
    i8_store_bytes(quarter, hn::LowerHalf(quarter, low), y, n);
    i8_store_bytes(quarter, hn::UpperHalf(quarter, low), y + ldy, n);
    if (!four) return;
    const auto high = hn::UpperHalf(half, q);
    i8_store_bytes(quarter, hn::LowerHalf(quarter, high), y + 2 * ldy, n);
    i8_store_bytes(quarter, hn::UpperHalf(quarter, high), y + 3 * ldy, n);
}
#endif

#if LITE_INT8_BLOCKS
// One output of a depthwise tile.
HWY_NOINLINE inline void i8_store_output_sums(const Int8DepthwiseArgs& g, size_t output, const int32_t* sums, size_t block) {
    int32_t* y = static_cast<int32_t*>(g.y) + output * g.ldy;
    for (size_t c = 0; c < block; ++c) y[c] = sums[int8_depthwise_channel(block, c)];
}
template <class D8, class V> HWY_INLINE void i8_store_output(D8 d8, const Int8DepthwiseArgs& g, size_t output, const V (&v)[4]) {
    if (output >= g.count) return;
    const hn::Repartition<int16_t, D8> d16;
    const hn::Repartition<int32_t, D8> d;
    const size_t L = hn::Lanes(d);
    if (!g.scale) {
        int32_t sums[64];
        LITE_UNROLL
        for (size_t i = 0; i < 4; ++i) hn::StoreU(v[i], d, sums + i * L);
        return i8_store_output_sums(g, output, sums, 4 * L);
    }
    const auto zero = hn::Set(d16, static_cast<int16_t>(g.store.zero));
    const auto a = hn::ReorderDemote2To(d16, i8_scaled(d, v[0], g.scale), i8_scaled(d, v[1], g.scale + L));
    const auto b = hn::ReorderDemote2To(d16, i8_scaled(d, v[2], g.scale + 2 * L), i8_scaled(d, v[3], g.scale + 3 * L));
    const auto p = i8_pack(hn::SaturatedAdd(a, zero), hn::SaturatedAdd(b, zero));
    hn::StoreU(i8_finish(d8, p, g.store), d8, static_cast<uint8_t*>(g.y) + output * g.ldy);
}
#endif

namespace portable {
// acc + x0 w0 + x1 w1 + x2 w2 + x3 w3 in every 32-bit lane, x unsigned and w signed bytes; exact. Not pmaddubsw, which saturates,
// and not Highway's ReorderWidenMulAccumulate on other machines, where it moves sums to other lanes.
template <class D> HWY_INLINE hn::Vec<D> dot(D d, hn::Vec<D> acc, hn::Vec<D> x, hn::Vec<D> w) {
#if LITE_INT8_X86
    const hn::Repartition<int16_t, D> d16;
    const hn::Repartition<uint16_t, D> du16;
    const auto w16 = hn::BitCast(d16, w);
    const auto even = hn::ShiftRight<8>(hn::ShiftLeft<8>(w16)), odd = hn::ShiftRight<8>(w16);
    const auto x_even = hn::BitCast(d16, hn::And(x, hn::Set(d, 0x00FF00FF)));
    const auto x_odd = hn::BitCast(d16, hn::ShiftRight<8>(hn::BitCast(du16, x)));
    hn::Vec<D> unused = hn::Zero(d);
    acc = hn::ReorderWidenMulAccumulate(d, even, x_even, acc, unused);
    return hn::ReorderWidenMulAccumulate(d, odd, x_odd, acc, unused);
#else
    const auto byte = hn::Set(d, 0xFF);
    acc = hn::Add(acc, hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<24>(w)), hn::And(x, byte)));
    acc = hn::Add(acc, hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<16>(w)), hn::And(hn::ShiftRight<8>(x), byte)));
    acc = hn::Add(acc, hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<8>(w)), hn::And(hn::ShiftRight<16>(x), byte)));
    return hn::Add(acc, hn::Mul(hn::ShiftRight<24>(w), hn::And(hn::ShiftRight<24>(x), byte)));
#endif
}
// Accumulators, two halves of each weight, two halves of x.
#if HWY_TARGET == HWY_SCALAR
using Heights = std::index_sequence<1, 2>;
#elif HWY_MAX_BYTES == 64 && !HWY_HAVE_SCALABLE
using Heights = std::index_sequence<1, 4, 12>;
#else
using Heights = std::index_sequence<1, 2, 4>;
#endif
inline constexpr size_t kSteps = 1;
#include "lite/kernel/int8_tile-inl.h"
}  // namespace portable

inline void i8_quantize(const float* x, size_t n, float scale, const Int8Store& s, uint8_t* y) {
    const DF d;
    const size_t L = hn::Lanes(d);
    const float flow = static_cast<float>(s.low - s.zero), fhigh = static_cast<float>(s.high - s.zero);
    const auto vs = hn::Set(d, scale), low = hn::Set(d, flow), high = hn::Set(d, fhigh);
    for (size_t i = 0; i < n; i += L) {
        const size_t left = n - i;
        VF v;
        if (HWY_LIKELY(left >= L)) {
            v = hn::LoadU(d, x + i);
        } else {
            float t[16] = {};
            std::memcpy(t, x + i, left * sizeof(float));
            v = hn::LoadU(d, t);
        }
        v = hn::Div(v, vs);
        v = hn::Min(hn::IfThenElse(hn::Gt(v, low), v, low), high);  // a NaN becomes the lowest value
        i8_store_vector(i8_round(v), s, y + i, left);
    }
}
// L bytes as integers, zeros behind the last of `left`.
HWY_INLINE VI i8_load_vector(const uint8_t* p, size_t left, uint8_t flip) {
    const DI d;
    const hn::Rebind<uint8_t, DI> d8;
    if (HWY_LIKELY(left >= hn::Lanes(d))) return hn::PromoteTo(d, hn::Xor(hn::LoadU(d8, p), hn::Set(d8, flip)));
    uint8_t t[16] = {};
    if (left) std::memcpy(t, p, left);
    return hn::PromoteTo(d, hn::Xor(hn::LoadU(d8, t), hn::Set(d8, flip)));
}
HWY_INLINE void i8_store_floats(VF v, float* p, size_t left) {
    const DF d;
    if (HWY_LIKELY(left >= hn::Lanes(d))) {
        hn::StoreU(v, d, p);
        return;
    }
    float t[16];
    hn::StoreU(v, d, t);
    if (left) std::memcpy(p, t, left * sizeof(float));
}
inline void i8_dequantize(const uint8_t* x, size_t n, float scale, int32_t zero, uint8_t flip, float* y) {
    const DF d;
    const DI di;
    const size_t L = hn::Lanes(d);
    const auto z = hn::Set(di, zero);
    const auto s = hn::Set(d, scale);
    for (size_t i = 0; i < n; i += L)
        i8_store_floats(hn::Mul(hn::ConvertTo(d, hn::Sub(i8_load_vector(x + i, n - i, flip), z)), s), y + i, n - i);
}
// Results of an element-wise function are held below the range of i32 before they are rounded.
HWY_INLINE VI i8_round_any(VF v) {
    const DF d;
    return i8_round(hn::Min(hn::Max(v, hn::Set(d, -1e9f)), hn::Set(d, 1e9f)));
}
inline void i8_add(const uint8_t* a, const uint8_t* b, size_t n, int32_t a_zero, int32_t b_zero, float a_ratio, float b_ratio, const Int8Store& s,
                   uint8_t* y) {
    const DF d;
    const DI di;
    const size_t L = hn::Lanes(d);
    const auto za = hn::Set(di, a_zero), zb = hn::Set(di, b_zero);
    const auto ra = hn::Set(d, a_ratio), rb = hn::Set(d, b_ratio);
    for (size_t i = 0; i < n; i += L) {
        const auto va = hn::ConvertTo(d, hn::Sub(i8_load_vector(a + i, n - i, s.flip), za));
        const auto vb = hn::ConvertTo(d, hn::Sub(i8_load_vector(b + i, n - i, s.flip), zb));
        i8_store_vector(i8_round_any(hn::MulAdd(va, ra, hn::Mul(vb, rb))), s, y + i, n - i);
    }
}
inline void i8_mul(const uint8_t* a, const uint8_t* b, size_t n, int32_t a_zero, int32_t b_zero, float ratio, const Int8Store& s, uint8_t* y) {
    const DF d;
    const DI di;
    const size_t L = hn::Lanes(d);
    const auto za = hn::Set(di, a_zero), zb = hn::Set(di, b_zero);
    const auto r = hn::Set(d, ratio);
    for (size_t i = 0; i < n; i += L) {
        const auto p = hn::Mul(hn::Sub(i8_load_vector(a + i, n - i, s.flip), za), hn::Sub(i8_load_vector(b + i, n - i, s.flip), zb));
        i8_store_vector(i8_round_any(hn::Mul(hn::ConvertTo(d, p), r)), s, y + i, n - i);
    }
}
inline void i8_flip(const uint8_t* x, size_t n, uint8_t* y) {
    const hn::CappedTag<uint8_t, 64> d;
    const size_t L = hn::Lanes(d);
    size_t i = 0;
    for (; i + L <= n; i += L) hn::StoreU(hn::Xor(hn::LoadU(d, x + i), hn::Set(d, uint8_t{0x80})), d, y + i);
    for (; i < n; ++i) y[i] = static_cast<uint8_t>(x[i] ^ 0x80);
}
inline void i8_sum_rows(const uint8_t* x, size_t rows, size_t stride, size_t n, int32_t* sums) {
    const DI d;
    const hn::Rebind<uint8_t, DI> d8;
    const size_t L = hn::Lanes(d);
    size_t i = 0;
    for (; i + 4 * L <= n; i += 4 * L) {
        auto s0 = hn::LoadU(d, sums + i), s1 = hn::LoadU(d, sums + i + L), s2 = hn::LoadU(d, sums + i + 2 * L), s3 = hn::LoadU(d, sums + i + 3 * L);
        const uint8_t* p = x + i;
        for (size_t r = 0; r < rows; ++r, p += stride) {
            s0 = hn::Add(s0, hn::PromoteTo(d, hn::LoadU(d8, p)));
            s1 = hn::Add(s1, hn::PromoteTo(d, hn::LoadU(d8, p + L)));
            s2 = hn::Add(s2, hn::PromoteTo(d, hn::LoadU(d8, p + 2 * L)));
            s3 = hn::Add(s3, hn::PromoteTo(d, hn::LoadU(d8, p + 3 * L)));
        }
        hn::StoreU(s0, d, sums + i);
        hn::StoreU(s1, d, sums + i + L);
        hn::StoreU(s2, d, sums + i + 2 * L);
        hn::StoreU(s3, d, sums + i + 3 * L);
    }
    for (; i < n; ++i) {
        int32_t s = sums[i];
        for (size_t r = 0; r < rows; ++r) s += x[r * stride + i];
        sums[i] = s;
    }
}
inline int32_t i8_sum(const uint8_t* x, size_t n) {
    const DI d;
    const hn::Rebind<uint8_t, DI> d8;
    const size_t L = hn::Lanes(d);
    auto a = hn::Zero(d), b = hn::Zero(d);
    size_t i = 0;
    for (; i + 2 * L <= n; i += 2 * L) {
        a = hn::Add(a, hn::PromoteTo(d, hn::LoadU(d8, x + i)));
        b = hn::Add(b, hn::PromoteTo(d, hn::LoadU(d8, x + i + L)));
    }
    int32_t sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
    for (; i < n; ++i) sum += x[i];
    return sum;
}
HWY_INLINE VI i8_load_sums(const int32_t* p, size_t left) {
    const DI d;
    if (HWY_LIKELY(left >= hn::Lanes(d))) return hn::LoadU(d, p);
    int32_t t[16] = {};
    if (left) std::memcpy(t, p, left * sizeof(int32_t));
    return hn::LoadU(d, t);
}
inline void i8_requantize(const int32_t* sums, size_t n, float scale, const Int8Store& s, uint8_t* y) {
    const DF d;
    const size_t L = hn::Lanes(d);
    const auto r = hn::Set(d, scale);
    for (size_t i = 0; i < n; i += L)
        i8_store_vector(i8_round_any(hn::Mul(hn::ConvertTo(d, i8_load_sums(sums + i, n - i)), r)), s, y + i, n - i);
}
inline void i8_to_float(const int32_t* sums, size_t n, const float* scale, const float* bias, float* y) {
    const DF d;
    const size_t L = hn::Lanes(d);
    size_t i = 0;
    for (; i + L <= n; i += L) {
        const auto v = hn::Mul(hn::ConvertTo(d, hn::LoadU(DI(), sums + i)), hn::LoadU(d, scale + i));
        hn::StoreU(bias ? hn::Add(v, hn::LoadU(d, bias + i)) : v, d, y + i);
    }
    for (; i < n; ++i) {
        const float v = static_cast<float>(sums[i]) * scale[i];
        y[i] = bias ? v + bias[i] : v;
    }
}

inline void fill(Int8Bricks& t) {
    portable::i8_fill_tiles(t);
    t.quantize = &i8_quantize;
    t.dequantize = &i8_dequantize;
    t.add = &i8_add;
    t.mul = &i8_mul;
    t.flip = &i8_flip;
    t.sum = &i8_sum;
    t.sum_rows = &i8_sum_rows;
    t.requantize = &i8_requantize;
    t.to_float = &i8_to_float;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();

// The same tiles with 4-way int8 dot products. An extra attribute instead of one more target: Highway 1.0.3 has no target
// with AVX-512 VNNI and without AVX-VNNI. Functions inline only into functions with more features, so the tiles are repeated here.
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {
namespace vnni {
HWY_INLINE hn::Vec512<int32_t> dot(hn::Full512<int32_t>, hn::Vec512<int32_t> acc, hn::Vec512<int32_t> x, hn::Vec512<int32_t> w) {
    return hn::Vec512<int32_t>{_mm512_dpbusd_epi32(acc.raw, x.raw, w.raw)};
}
HWY_INLINE hn::Vec256<int32_t> dot(hn::Full256<int32_t>, hn::Vec256<int32_t> acc, hn::Vec256<int32_t> x, hn::Vec256<int32_t> w) {
    return hn::Vec256<int32_t>{_mm256_dpbusd_epi32(acc.raw, x.raw, w.raw)};
}
HWY_INLINE hn::Vec128<int32_t> dot(hn::Full128<int32_t>, hn::Vec128<int32_t> acc, hn::Vec128<int32_t> x, hn::Vec128<int32_t> w) {
    return hn::Vec128<int32_t>{_mm_dpbusd_epi32(acc.raw, x.raw, w.raw)};
}
using Heights = std::index_sequence<1, 2, 4, 6, 8, 14>;
inline constexpr size_t kSteps = 4;
#include "lite/kernel/int8_tile-inl.h"
}  // namespace vnni
inline void fill_vnni(Int8Bricks& t) { vnni::i8_fill_tiles(t); }
}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_POP_ATTRIBUTES
#endif
