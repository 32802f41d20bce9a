// The tiles of int8 products, included once per way of making 4-way dot products: the enclosing namespace has `dot` and kI8Rows.

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
template <size_t NB, size_t... I, class... Vs>
HWY_INLINE void i8_body(std::index_sequence<I...>, const Int8TileArgs& g, Vs... acc) {  // I = row * NB + vector
    const DI d;
    const size_t L = hn::Lanes(d), k = g.k, step = 4 * NB * L, stride = g.a_stride;
    const int8_t* HWY_RESTRICT w = g.w;
    const uint8_t* const* a = g.a;
    for (size_t t = 0; t < g.taps; ++t, a += stride) {
        size_t i = 0;
        for (; i + 16 <= k; i += 16, w += 4 * step) {
            ((acc = dot(d, acc, i8_four(d, a[I / NB] + i), i8_weights(d, w + (I % NB) * 4 * L))), ...);
            ((acc = dot(d, acc, i8_four(d, a[I / NB] + i + 4), i8_weights(d, w + step + (I % NB) * 4 * L))), ...);
            ((acc = dot(d, acc, i8_four(d, a[I / NB] + i + 8), i8_weights(d, w + 2 * step + (I % NB) * 4 * L))), ...);
            ((acc = dot(d, acc, i8_four(d, a[I / NB] + i + 12), i8_weights(d, w + 3 * step + (I % NB) * 4 * L))), ...);
        }
        for (; i + 4 <= k; i += 4, w += step)
            ((acc = dot(d, acc, i8_four(d, a[I / NB] + i), i8_weights(d, w + (I % NB) * 4 * L))), ...);
        if (i < k) {
            ((acc = dot(d, acc, i8_tail(d, a[I / NB] + i, k - i), i8_weights(d, w + (I % NB) * 4 * L))), ...);
            w += step;
        }
    }
    if (g.row_sums)
        ((acc = hn::Add(acc, hn::Mul(hn::Set(d, g.row_sums[I / NB]), hn::LoadU(d, g.column_zero + (I % NB) * L)))), ...);
    const VI sums[] = {acc...};
#if LITE_INT8_BLOCKS
    constexpr size_t kRows = sizeof...(I) / NB;
    if (HWY_LIKELY(g.scale && g.rows == kRows && (g.n == NB * L || kI8Masks))) {
        if constexpr (NB == 2 && kRows % 2 == 0) {
            i8_store_pairs(std::make_index_sequence<kRows / 2>(), g, sums);
            return;
        }
        if constexpr (NB == 1 && kRows % 2 == 0) {
            i8_store_quads<kRows>(std::make_index_sequence<(kRows + 3) / 4>(), g, sums);
            return;
        }
    }
#endif
    alignas(64) int32_t all[sizeof...(I) * 16];
    (hn::StoreU(sums[I], d, all + I * L), ...);
    i8_store_rows<NB>(g, all);
}
template <size_t NB, size_t... I> HWY_INLINE void i8_init(std::index_sequence<I...> s, const Int8TileArgs& g) {
    const DI d;
    i8_body<NB>(s, g, hn::LoadU(d, g.bias + (I % NB) * hn::Lanes(d))...);
}
template <size_t NB, size_t MR> HWY_NOINLINE void i8_tile(const Int8TileArgs& g) { i8_init<NB>(std::make_index_sequence<MR * NB>(), g); }

// Tiles of 1 row and of even numbers of rows: a row that is computed and not stored costs less than twice the code.
constexpr size_t i8_height(size_t rows) { return rows == 1 ? 1 : (rows + 1) / 2 * 2; }
template <size_t NB, size_t... I> inline const Int8Tile* i8_tiles(std::index_sequence<I...>) {
    static constexpr Int8Tile tiles[] = {&i8_tile<NB, i8_height(I + 1)>...};
    return tiles;
}
template <size_t... I> inline const size_t* i8_heights(std::index_sequence<I...>) {
    static constexpr size_t heights[] = {i8_height(I + 1)...};
    return heights;
}

#if LITE_INT8_BLOCKS
// Every quad of columns is transposed to four bytes per channel once, and used by all outputs of the tile.
template <class D8, size_t Quads, size_t Outputs, size_t... I, class... Vs>
HWY_INLINE void i8_depthwise_body(std::index_sequence<I...>, const Int8DepthwiseArgs& g, size_t tile, Vs... acc) {  // I = output * 4 + vector
    const D8 d8;
    const hn::Repartition<uint16_t, D8> d16;
    const hn::Repartition<int32_t, D8> d;
    const size_t B = hn::Lanes(d8), at = g.channel, rows = g.rows;
    const int8_t* HWY_RESTRICT w = g.w;
    const uint8_t* const* const* lines = g.a;
    for (size_t r = 0; r < rows; ++r, w += 4 * Outputs * Quads * B) {
        const uint8_t* const* a = lines[r] + tile * 4 * Quads;
        for (size_t q = 0; q < Quads; ++q, a += 4) {
            const auto c0 = hn::LoadU(d8, a[0] + at), c1 = hn::LoadU(d8, a[1] + at), c2 = hn::LoadU(d8, a[2] + at), c3 = hn::LoadU(d8, a[3] + at);
            const auto l0 = hn::BitCast(d16, hn::InterleaveLower(d8, c0, c1)), l1 = hn::BitCast(d16, hn::InterleaveLower(d8, c2, c3));
            const auto u0 = hn::BitCast(d16, hn::InterleaveUpper(d8, c0, c1)), u1 = hn::BitCast(d16, hn::InterleaveUpper(d8, c2, c3));
            const hn::Vec<decltype(d)> x[4] = {hn::BitCast(d, hn::InterleaveLower(d16, l0, l1)), hn::BitCast(d, hn::InterleaveUpper(d16, l0, l1)),
                                               hn::BitCast(d, hn::InterleaveLower(d16, u0, u1)), hn::BitCast(d, hn::InterleaveUpper(d16, u0, u1))};
            ((acc = dot(d, acc, x[I % 4], i8_weights(d, w + (I / 4 * Quads + q) * 4 * B + I % 4 * B))), ...);
        }
    }
    const hn::Vec<decltype(d)> sums[] = {acc...};
    i8_store_depthwise<D8>(std::make_index_sequence<Outputs>(), g, tile * Outputs, sums);
}
template <class D8, size_t Quads, size_t Outputs, size_t... I>
HWY_INLINE void i8_depthwise_init(std::index_sequence<I...> s, const Int8DepthwiseArgs& g) {
    const hn::Repartition<int32_t, D8> d;
    const size_t tiles = (g.count + Outputs - 1) / Outputs;
    for (size_t t = 0; t < tiles; ++t) i8_depthwise_body<D8, Quads, Outputs>(s, g, t, hn::LoadU(d, g.bias + I % 4 * hn::Lanes(d))...);
}
template <class D8, size_t Outputs, size_t Quads> HWY_NOINLINE void i8_depthwise(const Int8DepthwiseArgs& g) {
    i8_depthwise_init<D8, Quads, Outputs>(std::make_index_sequence<4 * Outputs>(), g);
}
template <class D8, size_t... F> inline void i8_fill_depthwise(std::index_sequence<F...>, size_t& block, Int8Depthwise* to) {
    block = hn::Lanes(D8());
    ((to[F] = &i8_depthwise<D8, kInt8DepthwiseForms[F].outputs, kInt8DepthwiseForms[F].quads>), ...);
}
#endif

inline void i8_fill_tiles(Int8Bricks& t) {
    t.lanes = hn::Lanes(DI());
    t.panel = kI8NB * t.lanes;
    t.blocked = LITE_INT8_BLOCKS;
    t.rows = kI8Rows;
    t.wide = i8_tiles<kI8NB>(std::make_index_sequence<kI8Rows>());
    t.narrow = i8_tiles<1>(std::make_index_sequence<kI8Rows>());
    t.height = i8_heights(std::make_index_sequence<kI8Rows>());
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
