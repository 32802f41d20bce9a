// The tiles of int8 products, included once per way of making 4-way dot products: the enclosing namespace has `dot`,
// Heights, and kSteps, the quads of bytes that one turn of the loop takes.

// Four bytes at p in every 32-bit lane.
template <class D> HWY_INLINE hn::Vec<D> i8_four(D d, const uint8_t* p) {
    int32_t v;
    std::memcpy(&v, p, 4);
    return hn::Set(d, v);
}
// The last 1 to 3 bytes of a run, zeros behind them.
template <class D> HWY_INLINE hn::Vec<D> i8_tail(D d, const uint8_t* p, size_t n) {
    uint32_t v = p[0];
    if (n > 1) v |= static_cast<uint32_t>(p[1]) << 8;
    if (n > 2) v |= static_cast<uint32_t>(p[2]) << 16;
    return hn::Set(d, static_cast<int32_t>(v));
}
// Bytes i ... i + 4 * Steps of all rows.
template <size_t Steps, size_t MR, size_t NB>
HWY_INLINE void i8_steps(const uint8_t* const* a, size_t i, const int8_t* HWY_RESTRICT w, VI (&acc)[MR][NB]) {
    const DI d;
    const size_t L = hn::Lanes(d);
    LITE_UNROLL
    for (size_t j = 0; j < Steps; ++j) {
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            LITE_UNROLL
            for (size_t v = 0; v < NB; ++v) acc[r][v] = dot(d, acc[r][v], i8_four(d, a[r] + i + 4 * j), i8_weights(d, w + (j * NB + v) * 4 * L));
        }
    }
}
template <size_t NB, size_t MR> HWY_NOINLINE void i8_tile(const Int8TileArgs& g) {
    const DI d;
    const size_t L = hn::Lanes(d), k = g.k, step = 4 * NB * L, stride = g.a_stride;
    VI acc[MR][NB];
    LITE_UNROLL
    for (size_t v = 0; v < NB; ++v) {
        const auto bias = hn::LoadU(d, g.bias + v * L);
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) acc[r][v] = bias;
    }
    const int8_t* HWY_RESTRICT w = g.w;
    const uint8_t* const* a = g.a;
    for (size_t t = 0; t < g.taps; ++t, a += stride) {
        size_t i = 0;
        if constexpr (kSteps > 1)
            for (; i + 4 * kSteps <= k; i += 4 * kSteps, w += kSteps * step) i8_steps<kSteps>(a, i, w, acc);
        for (; i + 4 <= k; i += 4, w += step) i8_steps<1>(a, i, w, acc);
        if (i < k) {
            LITE_UNROLL
            for (size_t r = 0; r < MR; ++r) {
                const auto x = i8_tail(d, a[r] + i, k - i);
                LITE_UNROLL
                for (size_t v = 0; v < NB; ++v) acc[r][v] = dot(d, acc[r][v], x, i8_weights(d, w + v * 4 * L));
            }
            w += step;
        }
    }
    if (g.row_sums) {
        LITE_UNROLL
        for (size_t r = 0; r < MR; ++r) {
            LITE_UNROLL
            for (size_t v = 0; v < NB; ++v)
                acc[r][v] = hn::Add(acc[r][v], hn::Mul(hn::Set(d, g.row_sums[r]), hn::LoadU(d, g.column_zero + v * L)));
        }
    }
#if LITE_INT8_BLOCKS
    if constexpr (MR % 2 == 0 && NB <= 2) {
        if (HWY_LIKELY(g.scale && g.rows == MR && (g.n == NB * L || kI8Masks))) {
            // Copies, which stores of bytes cannot change.
            const Int8Store s = g.store;
            const float* scale = g.scale;
            const size_t ldy = g.ldy, n = g.n;
            uint8_t* y = static_cast<uint8_t*>(g.y);
            if constexpr (NB == 2) {
                LITE_UNROLL
                for (size_t r = 0; r < MR; r += 2) i8_store_pair(s, scale, y + r * ldy, ldy, n, acc[r], acc[r + 1]);
            } else {
                LITE_UNROLL
                for (size_t r = 0; r < MR; r += 4) {
                    const size_t last = r + 2 < MR ? r + 2 : r;
                    i8_store_quad(s, scale, y + r * ldy, ldy, n, last > r, acc[r][0], acc[r + 1][0], acc[last][0], acc[last + 1][0]);
                }
            }
            return;
        }
    }
#endif
    alignas(64) int32_t sums[MR * NB * 16];
    LITE_UNROLL
    for (size_t r = 0; r < MR; ++r) {
        LITE_UNROLL
        for (size_t v = 0; v < NB; ++v) hn::StoreU(acc[r][v], d, sums + (r * NB + v) * L);
    }
    i8_store_rows<NB>(g, sums);
}

// A tile takes its own number of rows, or one less: a row that is computed and not stored costs less than the code.
template <size_t NB, size_t M> inline void i8_add_tile(Int8Tile* tiles, size_t* height) {
    for (size_t r = M; r > 0 && r + 1 >= M; --r) {
        if (r < M && height[r - 1] == r) continue;
        tiles[r - 1] = &i8_tile<NB, M>;
        height[r - 1] = M;
    }
}
template <size_t NB, size_t... M> inline void i8_fill_heights(std::index_sequence<M...>, Int8Bricks& t, Int8Tile* tiles) {
    for (size_t r = 0; r < Int8Bricks::kMaxRows; ++r) {
        tiles[r] = nullptr;
        t.height[r] = 0;
    }
    (i8_add_tile<NB, M>(tiles, t.height), ...);
    ((t.rows = M), ...);
}

#if LITE_INT8_BLOCKS
// Every quad of columns is transposed to four bytes per channel once, and used by all outputs of the tile.
template <class D8, size_t Outputs> HWY_NOINLINE void i8_depthwise(const Int8DepthwiseArgs& g) {
    const D8 d8;
    const hn::Repartition<uint16_t, D8> d16;
    const hn::Repartition<int32_t, D8> d;
    using V = hn::Vec<decltype(d)>;
    const size_t B = hn::Lanes(d8), at = g.channel, rows = g.rows, quads = g.quads;
    for (size_t first = 0, tile = 0; first < g.count; first += Outputs, ++tile) {
        V acc[Outputs][4];
        LITE_UNROLL
        for (size_t o = 0; o < Outputs; ++o) {
            LITE_UNROLL
            for (size_t v = 0; v < 4; ++v) acc[o][v] = hn::LoadU(d, g.bias + v * hn::Lanes(d));
        }
        const int8_t* HWY_RESTRICT w = g.w;
        const uint8_t* const* const* lines = g.a;
        for (size_t r = 0; r < rows; ++r, w += 4 * Outputs * quads * B) {
            const uint8_t* const* a = lines[r] + tile * 4 * quads;
            for (size_t q = 0; q < quads; ++q, a += 4) {
                const auto c0 = hn::LoadU(d8, a[0] + at), c1 = hn::LoadU(d8, a[1] + at), c2 = hn::LoadU(d8, a[2] + at), c3 = hn::LoadU(d8, a[3] + at);
                const auto l0 = hn::BitCast(d16, hn::InterleaveLower(d8, c0, c1)), l1 = hn::BitCast(d16, hn::InterleaveLower(d8, c2, c3));
                const auto u0 = hn::BitCast(d16, hn::InterleaveUpper(d8, c0, c1)), u1 = hn::BitCast(d16, hn::InterleaveUpper(d8, c2, c3));
                const V x[4] = {hn::BitCast(d, hn::InterleaveLower(d16, l0, l1)), hn::BitCast(d, hn::InterleaveUpper(d16, l0, l1)),
                                hn::BitCast(d, hn::InterleaveLower(d16, u0, u1)), hn::BitCast(d, hn::InterleaveUpper(d16, u0, u1))};
                LITE_UNROLL
                for (size_t o = 0; o < Outputs; ++o) {
                    LITE_UNROLL
                    for (size_t v = 0; v < 4; ++v) acc[o][v] = dot(d, acc[o][v], x[v], i8_weights(d, w + (o * quads + q) * 4 * B + v * B));
                }
            }
        }
        LITE_UNROLL
        for (size_t o = 0; o < Outputs; ++o) i8_store_output(d8, g, first + o, acc[o]);
    }
}
template <class D8, size_t... F> inline void i8_fill_depthwise(std::index_sequence<F...>, size_t& block, Int8Depthwise* to) {
    block = hn::Lanes(D8());
    ((to[F] = &i8_depthwise<D8, kInt8DepthwiseForms[F].outputs>), ...);
}
#endif

inline void i8_fill_tiles(Int8Bricks& t) {
    t.lanes = hn::Lanes(DI());
    t.panel = kI8NB * t.lanes;
    t.blocked = LITE_INT8_BLOCKS;
    i8_fill_heights<kI8NB>(Heights(), t, t.wide);
    i8_fill_heights<1>(Heights(), t, t.narrow);
#if LITE_INT8_BLOCKS
    const std::make_index_sequence<kInt8DepthwiseFormCount> forms;
    size_t i = 0;
#if HWY_MAX_BYTES >= 64
    i8_fill_depthwise<hn::FixedTag<uint8_t, 64>>(forms, t.depthwise_block[i], t.depthwise[i]);
    ++i;
#endif
#if HWY_MAX_BYTES >= 32
    i8_fill_depthwise<hn::FixedTag<uint8_t, 32>>(forms, t.depthwise_block[i], t.depthwise[i]);
    ++i;
#endif
    i8_fill_depthwise<hn::FixedTag<uint8_t, 16>>(forms, t.depthwise_block[i], t.depthwise[i]);
#endif
}
