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
// `Lanes...` is as many zeros as there are sums; sum k takes x + k * apart and goes to y + k * y_apart.
template <bool Max, class D, class... Vs>
HWY_INLINE void pool_sums(D d, const PoolPixels& g, const float* x, ptrdiff_t apart, float* y, ptrdiff_t y_apart, Vs... acc) {
    for (size_t r = 0; r < g.rows; ++r, x += g.row) {
        const float* p = x;
        for (size_t j = 0; j < g.columns; ++j, p += g.column) {
            const float* at = p;
            ((acc = pool_step<Max>(d, acc, hn::LoadU(d, at)), at += apart), ...);
        }
    }
    if constexpr (!Max) {
        const auto scale = hn::Set(d, g.scale);
        ((acc = hn::Mul(acc, scale)), ...);
    }
    ((hn::StoreU(acc, d, y), y += y_apart), ...);
}
template <bool Max, class D>
HWY_INLINE void pool_1(D d, const PoolPixels& g, const float* x, float* y) {
    pool_sums<Max>(d, g, x, 0, y, 0, hn::Set(d, Max ? -__builtin_inff() : 0.f));
}
template <bool Max, class D>
HWY_INLINE void pool_4(D d, const PoolPixels& g, const float* x, ptrdiff_t apart, float* y, ptrdiff_t y_apart) {
    const auto v = hn::Set(d, Max ? -__builtin_inff() : 0.f);
    pool_sums<Max>(d, g, x, apart, y, y_apart, v, v, v, v);
}
template <bool Max>
HWY_NOINLINE void pool_pixels(const PoolPixels& g) {
    const DF d;
    const hn::CappedTag<float, 4> four;
    const hn::CappedTag<float, 1> one;
    const size_t lanes = hn::Lanes(d), quarter = hn::Lanes(four), n = g.n;
    const ptrdiff_t step = g.step, y_step = static_cast<ptrdiff_t>(n);
    if (n < 4 * lanes && n % lanes == 0) {  // a packed block: four pixels at a time
        for (size_t i = 0; i < n; i += lanes) {
            const float* x = g.x + i;
            float* y = g.y + i;
            size_t q = 0;
            for (; q + 4 <= g.pixels; q += 4, x += 4 * step, y += 4 * y_step) pool_4<Max>(d, g, x, step, y, y_step);
            for (; q < g.pixels; ++q, x += step, y += y_step) pool_1<Max>(d, g, x, y);
        }
        return;
    }
    const float* x = g.x;
    float* y = g.y;
    for (size_t q = 0; q < g.pixels; ++q, x += step, y += y_step) {
        size_t i = 0;
        for (; i + 4 * lanes <= n; i += 4 * lanes) pool_4<Max>(d, g, x + i, static_cast<ptrdiff_t>(lanes), y + i, static_cast<ptrdiff_t>(lanes));
        for (; i + lanes <= n; i += lanes) pool_1<Max>(d, g, x + i, y + i);
        if (i == n) continue;
        if (n >= lanes) {  // computes some elements again
            pool_1<Max>(d, g, x + (n - lanes), y + (n - lanes));
            continue;
        }
        for (; i + quarter <= n; i += quarter) pool_1<Max>(four, g, x + i, y + i);
        if (i < n && n >= quarter) pool_1<Max>(four, g, x + (n - quarter), y + (n - quarter));
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
    b.max = &pool_pixels<true>;
    b.sum = &pool_pixels<false>;
    b.max_pairs = &pool_pairs<true>;
    b.sum_pairs = &pool_pairs<false>;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
