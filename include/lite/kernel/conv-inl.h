// The conv family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// Adjacent rows are one vector apart and need no table: loads limit 6x2 tiles on AVX2 (1x1 of resnet50: 78 -> 83 % of peak on Zen 4).
template <bool Adjacent> HWY_INLINE ptrdiff_t row_offset(const ptrdiff_t* rows, size_t r, size_t lanes) {
    return Adjacent ? static_cast<ptrdiff_t>(r * lanes) : rows[r];
}

// `Steps` steps of a tap. Panels of one vector go row by row: there are registers for the weights of all steps, each row's offset is
// loaded once instead of for each step, and loads are what limits such panels (52 -> 73 % of peak on Zen 5).
template <size_t Steps, bool Adjacent, class D, size_t MR, size_t NB>
HWY_INLINE void conv_steps(D d, const float* HWY_RESTRICT x, const ptrdiff_t* HWY_RESTRICT rows, const float* HWY_RESTRICT w,
                           hn::Vec<D> (&acc)[MR][NB]) {
    const size_t lanes = hn::Lanes(d);
    if constexpr (!Adjacent) __asm__("" : "+r"(rows));  // else the offsets are kept in registers, which are too few
    if constexpr (NB == 1) {
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            LITE_UNROLL
            for (size_t j = 0; j < Steps; ++j)
                acc[r][0] = hn::MulAdd(hn::Set(d, x[row_offset<Adjacent>(rows, r, lanes) + static_cast<ptrdiff_t>(j)]), hn::LoadU(d, w + j * lanes), acc[r][0]);
        }
    } else {
        LITE_UNROLL
        for (size_t j = 0; j < Steps; ++j) {
            LITE_UNROLL
            for (size_t r = 0; r < MR; ++r) {
                LITE_UNROLL
                for (size_t v = 0; v < NB; ++v)
                    acc[r][v] = hn::MulAdd(hn::Set(d, x[row_offset<Adjacent>(rows, r, lanes) + static_cast<ptrdiff_t>(j)]), hn::LoadU(d, w + (j * NB + v) * lanes), acc[r][v]);
            }
        }
    }
}

// Adds the residual, clamps and stores.
template <class D, size_t MR, size_t NB>
HWY_INLINE void conv_finish(D d, const ConvTileArgs& a, hn::Vec<D> (&acc)[MR][NB]) {
    const ptrdiff_t y_row = a.y_row;
    if (const float* HWY_RESTRICT residual = a.residual) {
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            LITE_UNROLL
            for (size_t v = 0; v < NB; ++v)
                acc[r][v] = hn::Add(acc[r][v], hn::LoadU(d, residual + static_cast<ptrdiff_t>(r) * y_row + a.y_vector[v]));
        }
    }
    // Without a clamp the bounds are infinite. They come first: x86 returns the second operand if one is NaN.
    const float inf = __builtin_inff();
    const auto low = hn::Set(d, a.clamp ? a.low : -inf), high = hn::Set(d, a.clamp ? a.high : inf);
    float* HWY_RESTRICT y = a.y;
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) {
        LITE_UNROLL
        for (size_t v = 0; v < NB; ++v) hn::StoreU(hn::Min(high, hn::Max(low, acc[r][v])), d, y + static_cast<ptrdiff_t>(r) * y_row + a.y_vector[v]);
    }
}

template <class D, size_t NB, size_t MR, bool Adjacent = false>
HWY_NOINLINE void conv_tile(const ConvTileArgs& a) {
    const D d;
    const size_t lanes = hn::Lanes(d);
    hn::Vec<D> acc[MR][NB];
    LITE_UNROLL
    for (size_t v = 0; v < NB; ++v) {
        const auto bias = a.bias && !a.row_bias ? hn::LoadU(d, a.bias + v * lanes) : hn::Zero(d);
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) acc[r][v] = bias;
    }
    if (a.bias && a.row_bias) {
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            LITE_UNROLL
            for (size_t v = 0; v < NB; ++v) acc[r][v] = hn::Set(d, a.bias[r]);
        }
    }
    const float* HWY_RESTRICT w = a.w;
    const ptrdiff_t* HWY_RESTRICT rows = a.rows;
    const float* HWY_RESTRICT block = a.x + (Adjacent ? rows[0] : 0);
    constexpr size_t kSteps = NB == 1 ? 4 : 2;  // with 4, g++ 12 moves accumulators between registers: 99 -> 107 GF/s (2x6, AVX2, Zen 4)
    for (size_t b = 0; b < a.blocks; ++b, block += a.block_stride) {
        const size_t steps = b + 1 == a.blocks ? a.last_steps : a.steps;
        for (size_t t = 0; t < a.tap_count; ++t) {
            const float* HWY_RESTRICT x = block + a.taps[t];
            size_t i = steps;
            for (; i >= kSteps; i -= kSteps, x += kSteps, w += kSteps * NB * lanes) conv_steps<kSteps, Adjacent>(d, x, rows, w, acc);
            if constexpr (NB == 1) {
                if (i == 3) {
                    conv_steps<3, Adjacent>(d, x, rows, w, acc);
                    w += 3 * lanes;
                    i = 0;
                }
            }
            for (; i; --i, ++x, w += NB * lanes) conv_steps<1, Adjacent>(d, x, rows, w, acc);
        }
    }
    conv_finish(d, a, acc);
}

// A tile of a grouped convolution whose groups lie within blocks: y[r] = f(bias + sum over blocks b, taps t, steps i of
//     x[rows[r] + b * block_stride + taps[t] + picks[b][i][lane]] * w[b][t][i][lane] + residual[r]).
// The permutation shares ports with the multiply-add: 70 % of peak at most on Zen 4.
template <size_t MR>
HWY_NOINLINE void conv_pick_tile(const ConvTileArgs& a) {
    const DF d;
    const size_t lanes = hn::Lanes(d);
    VF acc[MR][1];
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) acc[r][0] = a.bias ? hn::LoadU(d, a.bias) : hn::Zero(d);
    const float* HWY_RESTRICT w = a.w;
    const ptrdiff_t* HWY_RESTRICT rows = a.rows;
    const float* HWY_RESTRICT block = a.x;
    const int32_t* HWY_RESTRICT picks = a.picks;
    for (size_t b = 0; b < a.blocks; ++b, block += a.block_stride) {
        const size_t steps = a.block_steps[b];
        for (size_t t = 0; t < a.tap_count; ++t) {
            const float* HWY_RESTRICT x = block + a.taps[t];
            for (size_t i = 0; i < steps; ++i, w += lanes) {
                const auto pick = hn::SetTableIndices(d, picks + i * lanes);
                const auto weight = hn::LoadU(d, w);
                LITE_UNROLL
                for (size_t r = 0; r < MR; ++r) acc[r][0] = hn::MulAdd(hn::TableLookupLanes(hn::LoadU(d, x + rows[r]), pick), weight, acc[r][0]);
            }
        }
        picks += steps * lanes;
    }
    conv_finish(d, a, acc);
}

// Four vectors of neighbouring pixels x MR output channels of a dense image.
inline constexpr size_t kPixelVectors = 4;
template <size_t MR>
HWY_NOINLINE void conv_pixel_tile(const ConvTileArgs& a) {
    const DF d;
    const size_t lanes = hn::Lanes(d);
    VF acc[MR][kPixelVectors];
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) {
        const VF bias = a.bias ? hn::Set(d, a.bias[r]) : hn::Zero(d);
        LITE_UNROLL
        for (size_t v = 0; v < kPixelVectors; ++v) acc[r][v] = bias;
    }
    const float* HWY_RESTRICT w = a.w;
    const ptrdiff_t* HWY_RESTRICT taps = a.taps;
    for (size_t t = 0; t < a.tap_count; ++t, w += MR) {
        const float* HWY_RESTRICT x = a.x + taps[t];
        VF pixels[kPixelVectors];
        LITE_UNROLL
        for (size_t v = 0; v < kPixelVectors; ++v) pixels[v] = hn::LoadU(d, x + v * lanes);
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            const VF weight = hn::Set(d, w[r]);
            LITE_UNROLL
            for (size_t v = 0; v < kPixelVectors; ++v) acc[r][v] = hn::MulAdd(weight, pixels[v], acc[r][v]);
        }
    }
    ConvTileArgs finish = a;
    finish.residual = nullptr;
    for (size_t v = 0; v < kPixelVectors; ++v) finish.y_vector[v] = static_cast<ptrdiff_t>(v * lanes);
    conv_finish(d, finish, acc);
}

template <class D, size_t NB, size_t... M>
inline void fill_tiles(ConvTiles& t, std::index_sequence<M...>) {
    t.lanes = hn::Lanes(D());
    t.vectors = NB > t.vectors ? NB : t.vectors;
    ((t.max_rows = M > t.max_rows ? M : t.max_rows), ...);
    ((t.tile[NB == 4 ? 2 : NB - 1][M - 1] = conv_tile<D, NB, M>), ...);
}
template <size_t... M>
inline void fill_picks(ConvTiles& t, std::index_sequence<M...>) {
    t.lanes = hn::Lanes(DF());
    ((t.max_rows = M > t.max_rows ? M : t.max_rows), ...);
    ((t.tile[0][M - 1] = conv_pick_tile<M>), ...);
}
template <size_t... M>
inline void fill_pixels(ConvTiles& t, std::index_sequence<M...>) {
    t.lanes = hn::Lanes(DF());
    t.vectors = kPixelVectors;
    ((t.max_rows = M > t.max_rows ? M : t.max_rows), ...);
    ((t.tile[0][M - 1] = conv_pixel_tile<M>), ...);
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
    fill_panels<DF>(b.tiles[0], TileHeights());
    b.tiles[0].adjacent = conv_tile<DF, kNB, kMR, true>;
#if HWY_TARGET != HWY_SCALAR
#if HWY_MAX_BYTES == 64 && !HWY_HAVE_SCALABLE
    fill_panels<hn::CappedTag<float, 8>>(b.tiles[1], FewHeights());
#endif
    fill_picks(b.picks, FewHeights());
    if constexpr (kNB * kMR >= 20) fill_pixels(b.pixels, std::index_sequence<1, 2, 3, 4, 6>());  // of 32 registers
    else fill_pixels(b.pixels, std::index_sequence<1, 2, 3>());
    if (b.tiles[0].lanes > 4) fill_panels<hn::CappedTag<float, 4>>(b.tiles[2], FewHeights());
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
