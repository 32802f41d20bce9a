// Transforms of Winograd's F(4x4, 3x3) convolution, compiled once per target. No include guard: all-inl.h includes it once per pass.
//
// Points 0, +-1/sqrt(2), +-sqrt(2), infinity: half the rounding error of 0, +-1, +-2 at the same speed (Barabasz et al., "Error
// analysis and improving the accuracy of Winograd convolution"). Rows of the transforms come in pairs, even part +- odd part.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// Tiles of a block: two register tiles of the products (four with 16 registers). An odd number of vectors from point to point
// keeps the 36 streams of stores in different sets of the cache; a constant one makes them immediate offsets.
inline constexpr size_t kWinogradTiles = kMR > 6 ? 2 * kMR : 4 * kMR;

template <class D> struct Winograd4 {
    using V = hn::Vec<D>;
    static constexpr float kA = 0.70710678118654752f, kB = 1.41421356237309505f, kA3 = 0.35355339059327376f, kB3 = 2.8284271247461901f;
    static HWY_INLINE size_t lanes() { return hn::Lanes(D()); }
    static HWY_INLINE V load(const float* p) { return hn::LoadU(D(), p); }
    static HWY_INLINE V set(float f) { return hn::Set(D(), f); }

    // Rows of B^T: G = 0: of 0 and infinity; 1: of +-a; 2: of +-b.
    template <int G> static HWY_INLINE void input_1d(V d0, V d1, V d2, V d3, V d4, V d5, V& p, V& q) {
        if constexpr (G == 0) {
            p = hn::NegMulAdd(set(2.5f), d2, hn::Add(d0, d4));
            q = hn::NegMulAdd(set(2.5f), d3, hn::Add(d1, d5));
        } else {
            constexpr float own = G == 1 ? kA : kB, other = G == 1 ? 2.f : 0.5f;  // the other point squared
            const V even = hn::NegMulAdd(set(other), d2, d4), odd = hn::NegMulAdd(set(other), d1, d3);
            p = hn::MulAdd(set(own), odd, even);
            q = hn::NegMulAdd(set(own), odd, even);
        }
    }
    template <int G> static HWY_INLINE void input_column(const float* x, ptrdiff_t row, V& p, V& q) {
        input_1d<G>(load(x), load(x + row), load(x + 2 * row), load(x + 3 * row), load(x + 4 * row), load(x + 5 * row), p, q);
    }
    static HWY_INLINE void input_row(V a0, V a1, V a2, V a3, V a4, V a5, float* v, size_t point) {
        const D d;
        V p, q;
        input_1d<0>(a0, a1, a2, a3, a4, a5, p, q);
        hn::StoreU(p, d, v);
        hn::StoreU(q, d, v + 5 * point);
        input_1d<1>(a0, a1, a2, a3, a4, a5, p, q);
        hn::StoreU(p, d, v + point);
        hn::StoreU(q, d, v + 2 * point);
        input_1d<2>(a0, a1, a2, a3, a4, a5, p, q);
        hn::StoreU(p, d, v + 3 * point);
        hn::StoreU(q, d, v + 4 * point);
    }
    template <int G> static HWY_INLINE void input_pair(const float* x, ptrdiff_t row, float* v, size_t point) {
        const size_t l = lanes();
        V a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5;
        input_column<G>(x, row, a0, b0);
        input_column<G>(x + l, row, a1, b1);
        input_column<G>(x + 2 * l, row, a2, b2);
        input_column<G>(x + 3 * l, row, a3, b3);
        input_column<G>(x + 4 * l, row, a4, b4);
        input_column<G>(x + 5 * l, row, a5, b5);
        input_row(a0, a1, a2, a3, a4, a5, v + (G ? 2 * G - 1 : 0) * 6 * point, point);
        input_row(b0, b1, b2, b3, b4, b5, v + (G ? 2 * G : 5) * 6 * point, point);
    }
    // B^T x B of the 6x6 pixels at x into the 36 points at v.
    static HWY_INLINE void input(const float* x, ptrdiff_t row, float* v, size_t point) {
        input_pair<0>(x, row, v, point);
        input_pair<1>(x, row, v, point);
        input_pair<2>(x, row, v, point);
    }

    // Rows of A^T: G = 0: 0 and 2; 1: 1 and 3.
    template <int G> static HWY_INLINE void output_1d(V m0, V m1, V m2, V m3, V m4, V m5, V& p, V& q) {
        if constexpr (G == 0) {
            const V s = hn::Add(m1, m2), t = hn::Add(m3, m4);
            p = hn::Add(m0, hn::Add(s, t));
            q = hn::MulAdd(set(2.f), t, hn::Mul(set(0.5f), s));
        } else {
            const V s = hn::Sub(m1, m2), t = hn::Sub(m3, m4);
            p = hn::MulAdd(set(kB), t, hn::Mul(set(kA), s));
            q = hn::MulAdd(set(kB3), t, hn::MulAdd(set(kA3), s, m5));
        }
    }
    template <int G> static HWY_INLINE void output_column(const float* m, size_t point, V& p, V& q) {
        output_1d<G>(load(m), load(m + 6 * point), load(m + 12 * point), load(m + 18 * point), load(m + 24 * point), load(m + 30 * point), p, q);
    }
    template <bool Residual> static HWY_INLINE void put(V sum, V bias, V low, V high, const float* residual, float* y) {
        sum = hn::Add(sum, bias);
        if constexpr (Residual) sum = hn::Add(sum, load(residual));
        hn::StoreU(hn::Min(high, hn::Max(low, sum)), D(), y);
    }
    template <bool Residual>
    static HWY_INLINE void output_row(V a0, V a1, V a2, V a3, V a4, V a5, V bias, V low, V high, const float* residual, float* y) {
        const size_t l = lanes();
        V p, q;
        output_1d<0>(a0, a1, a2, a3, a4, a5, p, q);
        put<Residual>(p, bias, low, high, residual, y);
        put<Residual>(q, bias, low, high, residual + (Residual ? 2 * l : 0), y + 2 * l);
        output_1d<1>(a0, a1, a2, a3, a4, a5, p, q);
        put<Residual>(p, bias, low, high, residual + (Residual ? l : 0), y + l);
        put<Residual>(q, bias, low, high, residual + (Residual ? 3 * l : 0), y + 3 * l);
    }
    template <bool Residual, int G>
    static HWY_INLINE void output_pair(const float* m, size_t point, V bias, V low, V high, const float* residual, float* y, ptrdiff_t row) {
        V a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5;
        output_column<G>(m, point, a0, b0);
        output_column<G>(m + point, point, a1, b1);
        output_column<G>(m + 2 * point, point, a2, b2);
        output_column<G>(m + 3 * point, point, a3, b3);
        output_column<G>(m + 4 * point, point, a4, b4);
        output_column<G>(m + 5 * point, point, a5, b5);
        output_row<Residual>(a0, a1, a2, a3, a4, a5, bias, low, high, residual + (Residual ? G * row : 0), y + G * row);
        output_row<Residual>(b0, b1, b2, b3, b4, b5, bias, low, high, residual + (Residual ? (G + 2) * row : 0), y + (G + 2) * row);
    }
    // f(A^T m A + bias + residual) of the 36 points at m into the 4x4 pixels at y.
    template <bool Residual>
    static HWY_INLINE void output(const float* m, size_t point, V bias, V low, V high, const float* residual, float* y, ptrdiff_t row) {
        output_pair<Residual, 0>(m, point, bias, low, high, residual, y, row);
        output_pair<Residual, 1>(m, point, bias, low, high, residual, y, row);
    }
};

template <class D, size_t Tiles>
HWY_NOINLINE void winograd_input(const WinogradArgs& a) {
    const D d;
    const size_t l = hn::Lanes(d), point = (Tiles + 1) * l;
    HWY_ALIGN float edge[36 * 16];
    size_t ty = a.first / a.tiles_x, tx = a.first % a.tiles_x;
    float* v = a.v;
    for (size_t i = 0; i < a.count; ++i, v += l) {
        const ptrdiff_t r0 = static_cast<ptrdiff_t>(ty * 4) - a.pad_top, c0 = static_cast<ptrdiff_t>(tx * 4) - a.pad_left;
        const float* x = a.x + r0 * a.row + c0 * static_cast<ptrdiff_t>(l);
        ptrdiff_t row = a.row;
        if (r0 < 0 || c0 < 0 || r0 + 6 > a.height || c0 + 6 > a.width) {
            for (ptrdiff_t r = 0; r < 6; ++r)
                for (ptrdiff_t c = 0; c < 6; ++c) {
                    const bool inside = r0 + r >= 0 && r0 + r < a.height && c0 + c >= 0 && c0 + c < a.width;
                    const auto value = inside ? hn::LoadU(d, a.x + (r0 + r) * a.row + (c0 + c) * static_cast<ptrdiff_t>(l)) : hn::Zero(d);
                    hn::StoreU(value, d, edge + static_cast<size_t>(r * 6 + c) * l);
                }
            x = edge;
            row = static_cast<ptrdiff_t>(6 * l);
        }
        Winograd4<D>::input(x, row, v, point);
        if (++tx == a.tiles_x) tx = 0, ++ty;
    }
}
template <class D, size_t Tiles>
HWY_NOINLINE void winograd_output(const WinogradArgs& a) {
    const D d;
    const size_t l = hn::Lanes(d), point = (Tiles + 1) * l;
    HWY_ALIGN float edge[16 * 16];
    const auto bias = a.bias ? hn::LoadU(d, a.bias) : hn::Zero(d), low = hn::Set(d, a.low), high = hn::Set(d, a.high);
    size_t ty = a.first / a.tiles_x, tx = a.first % a.tiles_x;
    const float* m = a.v;
    for (size_t i = 0; i < a.count; ++i, m += l) {
        const ptrdiff_t r0 = static_cast<ptrdiff_t>(ty * 4), c0 = static_cast<ptrdiff_t>(tx * 4), at = r0 * a.row + c0 * static_cast<ptrdiff_t>(l);
        const bool inside = r0 + 4 <= a.height && c0 + 4 <= a.width;
        if (inside && a.residual) {
            Winograd4<D>::template output<true>(m, point, bias, low, high, a.residual + at, a.y + at, a.row);
        } else {
            const auto inf = hn::Set(d, __builtin_inff());
            Winograd4<D>::template output<false>(m, point, bias, inside ? low : hn::Neg(inf), inside ? high : inf, nullptr,
                                                 inside ? a.y + at : edge, inside ? a.row : static_cast<ptrdiff_t>(4 * l));
        }
        if (!inside) {
            for (ptrdiff_t r = 0; r < 4 && r0 + r < a.height; ++r)
                for (ptrdiff_t c = 0; c < 4 && c0 + c < a.width; ++c) {
                    const ptrdiff_t to = at + r * a.row + c * static_cast<ptrdiff_t>(l);
                    auto sum = hn::LoadU(d, edge + static_cast<size_t>(r * 4 + c) * l);
                    if (a.residual) sum = hn::Add(sum, hn::LoadU(d, a.residual + to));
                    hn::StoreU(hn::Min(high, hn::Max(low, sum)), d, a.y + to);
                }
        }
        if (++tx == a.tiles_x) tx = 0, ++ty;
    }
}

template <class D, size_t Tiles>
inline void fill_transforms(WinogradBricks& b) {
    b.lanes = hn::Lanes(D());
    b.max_tiles = Tiles;
    b.point = (Tiles + 1) * b.lanes;
    b.input = winograd_input<D, Tiles>;
    b.output = winograd_output<D, Tiles>;
}

#if HWY_MAX_BYTES == 64 && !HWY_HAVE_SCALABLE
// Images of at most 4 tiles: transformed weights are read once for 4 tiles, so their four-fold size costs more than the products
// save. Weights stay 3x3 here and a row of their transform is made in registers: 24 accumulators, 6 weights. They come scaled so
// that the points +-a, +-2a act like +-1, +-2: additions only.
template <int R> HWY_INLINE VF winograd_weight_column(const float* w, size_t l) {
    const DF d;
    if constexpr (R == 0) return hn::LoadU(d, w);
    else if constexpr (R == 5) return hn::LoadU(d, w + 6 * l);
    else {
        auto odd = hn::LoadU(d, w + 3 * l), even = hn::LoadU(d, w);
        const auto last = hn::LoadU(d, w + 6 * l);
        if constexpr (R <= 2) {
            even = hn::Add(even, last);
        } else {
            even = hn::MulAdd(hn::Set(d, 4.f), last, even);
            odd = hn::Add(odd, odd);
        }
        return R % 2 ? hn::Add(even, odd) : hn::Sub(even, odd);
    }
}
template <int R>
HWY_NOINLINE void winograd_small_row(const WinogradSmallArgs& a) {
    const DF d;
    const size_t l = hn::Lanes(d);
    constexpr size_t kPoint = 5 * 16;
    const float* HWY_RESTRICT w = a.w;
    const float* HWY_RESTRICT x = a.v;
    const float* ahead = a.ahead;
    VF acc[6][4];  // [column of the transform][tile]
    LITE_UNROLL
    for (size_t j = 0; j < 6; ++j) {
        LITE_UNROLL
        for (size_t t = 0; t < 4; ++t) acc[j][t] = hn::Zero(d);
    }
    if (!a.first) {
        LITE_UNROLL
        for (size_t j = 0; j < 6; ++j) {
            LITE_UNROLL
            for (size_t t = 0; t < 4; ++t) acc[j][t] = hn::LoadU(d, a.y + j * kPoint + t * 16);
        }
    }
    for (size_t b = 0; b < a.blocks; ++b, x += 36 * kPoint) {
        const size_t steps = b + 1 == a.blocks ? a.last_steps : l;
        for (size_t i = 0; i < steps; ++i, w += 9 * l, ahead += a.ahead_step) {
            __builtin_prefetch(ahead, 0, 2);
            __builtin_prefetch(ahead + 16, 0, 2);
            const auto k0 = winograd_weight_column<R>(w, l), k1 = winograd_weight_column<R>(w + l, l), k2 = winograd_weight_column<R>(w + 2 * l, l);
            const auto e1 = hn::Add(k0, k2), e2 = hn::MulAdd(hn::Set(d, 4.f), k2, k0), o2 = hn::Add(k1, k1);
            const VF u[6] = {k0, hn::Add(e1, k1), hn::Sub(e1, k1), hn::Add(e2, o2), hn::Sub(e2, o2), k2};
            LITE_UNROLL
            for (size_t j = 0; j < 6; ++j) {
                LITE_UNROLL
                for (size_t t = 0; t < 4; ++t) acc[j][t] = hn::MulAdd(hn::Set(d, x[j * kPoint + t * 16 + i]), u[j], acc[j][t]);
            }
        }
    }
    LITE_UNROLL
    for (size_t j = 0; j < 6; ++j) {
        LITE_UNROLL
        for (size_t t = 0; t < 4; ++t) hn::StoreU(hn::Mul(acc[j][t], hn::Set(d, a.scale[j])), d, a.y + j * kPoint + t * 16);
    }
}
template <size_t... R>
inline void fill_small_rows(WinogradSmallBricks& b, std::index_sequence<R...>) {
    ((b.row[R] = winograd_small_row<static_cast<int>(R)>), ...);
}
inline void fill(WinogradSmallBricks& b) {
    fill_transforms<DF, 4>(b.transforms);
    fill_small_rows(b, std::make_index_sequence<6>());
}
#else
inline void fill(WinogradSmallBricks&) {}
#endif

#if HWY_TARGET == HWY_SCALAR
inline void fill(WinogradBricks&) {}  // no layout has blocks of one lane
#else
inline void fill(WinogradBricks& b) { fill_transforms<DF, kWinogradTiles>(b); }
#endif

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
