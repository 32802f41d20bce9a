// The pool family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

template <bool Max, class D>
HWY_INLINE hn::Vec<D> pool_step(D, hn::Vec<D> a, hn::Vec<D> b) {
    if constexpr (Max) return hn::Max(a, b);
    else return hn::Add(a, b);
}
// Sum (or maximum) k of as many as there are `acc` takes x + k * apart and goes to y + k * y_apart.
template <bool Max, class D, class T, class... Vs>
HWY_INLINE void pool_sums(D d, const PoolWindows<T>& g, const T* x, ptrdiff_t apart, T* y, ptrdiff_t y_apart, Vs... acc) {
    for (size_t r = 0; r < g.rows; ++r, x += g.row) {
        const T* p = x;
        for (size_t j = 0; j < g.columns; ++j, p += g.column) {
            const T* at = p;
            ((acc = pool_step<Max>(d, acc, hn::LoadU(d, at)), at += apart), ...);
        }
    }
    if constexpr (!Max) {
        const auto scale = hn::Set(d, g.scale);
        ((acc = hn::Mul(acc, scale)), ...);
    }
    ((hn::StoreU(acc, d, y), y += y_apart), ...);
}
template <class T>
HWY_INLINE constexpr T pool_lowest() {
    if constexpr (sizeof(T) == 1) return static_cast<T>(T(-1) < T(0) ? -128 : 0);
    else return -__builtin_inff();
}
template <bool Max, class D, class T>
HWY_INLINE void pool_1(D d, const PoolWindows<T>& g, const T* x, T* y) {
    pool_sums<Max>(d, g, x, 0, y, 0, hn::Set(d, Max ? pool_lowest<T>() : T(0)));
}
template <bool Max, class D, class T>
HWY_INLINE void pool_4(D d, const PoolWindows<T>& g, const T* x, ptrdiff_t apart, T* y, ptrdiff_t y_apart) {
    const auto v = hn::Set(d, Max ? pool_lowest<T>() : T(0));
    pool_sums<Max>(d, g, x, apart, y, y_apart, v, v, v, v);
}
template <bool Max, class T>
HWY_NOINLINE void pool_pixels(const PoolWindows<T>& g) {
    const hn::CappedTag<T, 64 / sizeof(T)> d;
    const hn::CappedTag<T, 16 / sizeof(T)> narrow;
    const hn::CappedTag<T, 1> one;
    const size_t lanes = hn::Lanes(d), few = hn::Lanes(narrow), n = g.n;
    const ptrdiff_t step = g.step, y_step = static_cast<ptrdiff_t>(n), apart = static_cast<ptrdiff_t>(lanes);
    // Four sums at a time: of neighbouring vectors, or, where a pixel is a packed block, of neighbouring pixels.
    const bool block = n < 4 * lanes && n % lanes == 0, tail = n >= lanes && n % lanes != 0;
    const size_t vectors = n / lanes, outer = block ? vectors : g.pixels, inner = block ? g.pixels : vectors;
    const ptrdiff_t x_outer = block ? apart : step, x_inner = block ? step : apart;
    const ptrdiff_t y_outer = block ? apart : y_step, y_inner = block ? y_step : apart;
    const T* x = g.x;
    T* y = g.y;
    for (size_t o = 0; o < outer; ++o, x += x_outer, y += y_outer) {
        const T* p = x;
        T* to = y;
        size_t j = 0;
        for (; j + 4 <= inner; j += 4, p += 4 * x_inner, to += 4 * y_inner) pool_4<Max>(d, g, p, x_inner, to, y_inner);
        for (; j < inner + tail; ++j, p += x_inner, to += y_inner)  // the tail computes some elements again
            pool_1<Max>(d, g, j < inner ? p : x + (n - lanes), j < inner ? to : y + (n - lanes));
        if (n >= lanes) continue;
        size_t i = 0;
        for (; i + few <= n; i += few) pool_1<Max>(narrow, g, x + i, y + i);
        if (i < n && n >= few) pool_1<Max>(narrow, g, x + (n - few), y + (n - few));
        else
            for (; i < n; ++i) pool_1<Max>(one, g, x + i, y + i);
    }
}
#if HWY_TARGET != HWY_SCALAR
template <bool Max, class D>
HWY_INLINE size_t pool_pairs_of(D d, const PoolPixels& g, size_t q) {
    const size_t lanes = hn::Lanes(d);
    for (; q + lanes <= g.pixels; q += lanes) {
        auto acc = hn::Set(d, Max ? -__builtin_inff() : 0.f);
        const float* p = g.x + 2 * q;
        for (size_t j = 0; j < g.columns; ++j, p += g.column)
            acc = pool_step<Max>(d, acc, hn::ConcatEven(d, hn::LoadU(d, p + lanes), hn::LoadU(d, p)));
        if constexpr (!Max) acc = hn::Mul(acc, hn::Set(d, g.scale));
        hn::StoreU(acc, d, g.y + q);
    }
    return q;
}
#endif
template <bool Max>
HWY_NOINLINE void pool_pairs(const PoolPixels& g) {
    size_t q = 0;
#if HWY_TARGET != HWY_SCALAR
    q = pool_pairs_of<Max>(DF(), g, q);
    q = pool_pairs_of<Max>(hn::CappedTag<float, 4>(), g, q);
#endif
    const hn::CappedTag<float, 1> one;
    for (; q < g.pixels; ++q) {
        PoolPixels rest = g;
        rest.rows = 1;
        pool_1<Max>(one, rest, g.x + 2 * q, g.y + q);
    }
}
inline void fill(PoolBricks& b) {
    b.max = &pool_pixels<true, float>;
    b.sum = &pool_pixels<false, float>;
    b.max_u8 = &pool_pixels<true, uint8_t>;
    b.max_i8 = &pool_pixels<true, int8_t>;
    b.max_pairs = &pool_pairs<true>;
    b.sum_pairs = &pool_pairs<false>;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
