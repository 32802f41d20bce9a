// The conv family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// Accumulators are a parameter pack, i.e. local variables: arrays of vectors end up in memory at -O2. I = row * NB + vector.
template <size_t J, class D, size_t NB, size_t... I, class... Vs>
HWY_INLINE void conv_step(std::index_sequence<I...>, const float* HWY_RESTRICT x, const ptrdiff_t* HWY_RESTRICT rows,
                          const float* HWY_RESTRICT w, Vs&... acc) {
    const D d;
    const size_t lanes = hn::Lanes(d);
    ((acc = hn::MulAdd(hn::Set(d, x[rows[I / NB] + static_cast<ptrdiff_t>(J)]), hn::LoadU(d, w + (J * NB + I % NB) * lanes), acc)), ...);
}
// Three or four steps row by row, the order for panels of one vector: there are registers for all their weights, each row's offset
// is loaded once instead of for each step, and loads are what limits such panels (52 -> 73 % of peak on Zen 5).
template <size_t Steps, class D, size_t... I, class... Vs>
HWY_INLINE void conv_steps_by_row(std::index_sequence<I...>, const float* HWY_RESTRICT x, const ptrdiff_t* HWY_RESTRICT rows,
                                  const float* HWY_RESTRICT w, Vs&... acc) {
    const D d;
    const size_t lanes = hn::Lanes(d);
    const auto w0 = hn::LoadU(d, w), w1 = hn::LoadU(d, w + lanes), w2 = hn::LoadU(d, w + 2 * lanes);
    ((acc = hn::MulAdd(hn::Set(d, x[rows[I]]), w0, acc), acc = hn::MulAdd(hn::Set(d, x[rows[I] + 1]), w1, acc),
      acc = hn::MulAdd(hn::Set(d, x[rows[I] + 2]), w2, acc)), ...);
    if constexpr (Steps == 4) {
        const auto w3 = hn::LoadU(d, w + 3 * lanes);
        ((acc = hn::MulAdd(hn::Set(d, x[rows[I] + 3]), w3, acc)), ...);
    }
}
template <size_t I, class D>
HWY_INLINE hn::Vec<D> conv_bias(const ConvTileArgs& a, size_t row) {
    const D d;
    if (!a.bias) return hn::Zero(d);
    return a.row_bias ? hn::Set(d, a.bias[row]) : hn::LoadU(d, a.bias + I * hn::Lanes(d));
}
template <class D, size_t NB, size_t... I, class... Vs>
HWY_INLINE void conv_body(std::index_sequence<I...> is, const ConvTileArgs& a, Vs... acc) {
    const D d;
    const size_t lanes = hn::Lanes(d);
    const float* HWY_RESTRICT w = a.w;
    const ptrdiff_t* HWY_RESTRICT rows = a.rows;
    const float* HWY_RESTRICT block = a.x;
    for (size_t b = 0; b < a.blocks; ++b, block += a.block_stride) {
        const size_t steps = b + 1 == a.blocks ? a.last_steps : a.steps;
        for (size_t t = 0; t < a.tap_count; ++t) {
            const float* HWY_RESTRICT x = block + a.taps[t];
            size_t i = steps;
            for (; i >= 4; i -= 4, x += 4, w += 4 * NB * lanes) {
                __asm__("" : "+r"(rows));
                if constexpr (NB == 1) {
                    conv_steps_by_row<4, D>(is, x, rows, w, acc...);
                } else {
                    conv_step<0, D, NB>(is, x, rows, w, acc...);
                    conv_step<1, D, NB>(is, x, rows, w, acc...);
                    conv_step<2, D, NB>(is, x, rows, w, acc...);
                    conv_step<3, D, NB>(is, x, rows, w, acc...);
                }
            }
            if constexpr (NB == 1) {
                if (i == 3) {
                    __asm__("" : "+r"(rows));
                    conv_steps_by_row<3, D>(is, x, rows, w, acc...);
                    w += 3 * lanes;
                    i = 0;
                }
            }
            for (; i; --i, ++x, w += NB * lanes) conv_step<0, D, NB>(is, x, rows, w, acc...);
        }
    }
    if (const float* HWY_RESTRICT r = a.residual)
        ((acc = hn::Add(acc, hn::LoadU(d, r + static_cast<ptrdiff_t>(I / NB) * a.y_row + a.y_vector[I % NB]))), ...);
    if (a.clamp) {  // the bound first: x86 returns the second operand if one is NaN
        const auto low = hn::Set(d, a.low), high = hn::Set(d, a.high);
        ((acc = hn::Min(high, hn::Max(low, acc))), ...);
    }
    float* HWY_RESTRICT y = a.y;
    (hn::StoreU(acc, d, y + static_cast<ptrdiff_t>(I / NB) * a.y_row + a.y_vector[I % NB]), ...);
}
template <class D, size_t NB, size_t... I>
HWY_INLINE void conv_start(std::index_sequence<I...> is, const ConvTileArgs& a) {
    conv_body<D, NB>(is, a, conv_bias<I % NB, D>(a, I / NB)...);
}
template <class D, size_t NB, size_t MR>
HWY_NOINLINE void conv_tile(const ConvTileArgs& a) {
    conv_start<D, NB>(std::make_index_sequence<MR * NB>(), a);
}

template <class D, size_t NB, size_t... M>
inline void fill_tiles(ConvTiles& t, std::index_sequence<M...>) {
    t.lanes = hn::Lanes(D());
    t.vectors = NB > t.vectors ? NB : t.vectors;
    ((t.max_rows = M > t.max_rows ? M : t.max_rows), ...);
    ((t.tile[NB == 4 ? 2 : NB - 1][M - 1] = conv_tile<D, NB, M>), ...);
}
// A panel of kNB vectors, and smaller ones for the last channels.
template <class D, class Rows>
inline void fill_panels(ConvTiles& t, Rows rows) {
    fill_tiles<D, 1>(t, rows);
    if constexpr (kNB >= 2) fill_tiles<D, 2>(t, rows);
    if constexpr (kNB >= 4) fill_tiles<D, 4>(t, rows);
}

inline void fill(ConvBricks& b) {
    fill(b.winograd);
    fill(b.winograd_small);
#if HWY_TARGET == HWY_SCALAR
    fill_panels<DF>(b.tiles[0], std::index_sequence<1, 2>());
#elif HWY_MAX_BYTES == 64 && !HWY_HAVE_SCALABLE
    fill_panels<DF>(b.tiles[0], std::index_sequence<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>());
    fill_panels<hn::CappedTag<float, 8>>(b.tiles[1], std::index_sequence<1, 2, 4, 7, 14>());
    fill_panels<hn::CappedTag<float, 4>>(b.tiles[2], std::index_sequence<1, 2, 4, 7, 14>());
#elif HWY_MAX_BYTES == 32 && !HWY_HAVE_SCALABLE
    fill_panels<DF>(b.tiles[0], std::index_sequence<1, 2, 3, 4, 5, 6>());
    fill_panels<hn::CappedTag<float, 4>>(b.tiles[2], std::index_sequence<1, 2, 3, 6>());
#else
    fill_panels<DF>(b.tiles[0], std::index_sequence<1, 2, 3, 4, 5>());
    if (b.tiles[0].lanes > 4) fill_panels<hn::CappedTag<float, 4>>(b.tiles[2], std::index_sequence<1, 2, 3, 5>());
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
