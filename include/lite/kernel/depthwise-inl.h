// The depthwise family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
//
// A tile is 1 or 2 output rows x C pixels. An input row that belongs to both output rows is loaded once and feeds two
// accumulators per vector, so that windows of any size run at the rate of the multiply-adds and not of the loads.
#undef LITE_KEEP_IN_REGISTER
#if HWY_ARCH_X86 && defined(__GNUC__) && !defined(__clang__) && HWY_TARGET != HWY_SCALAR
// g++ 12 otherwise reads a vector from memory again in each multiply-add that uses it.
#define LITE_KEEP_IN_REGISTER(v) __asm__("" : "+v"(v.raw))
#else
#define LITE_KEEP_IN_REGISTER(v) (void)0
#endif
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

// 14 of 32 registers for sums, 12 of 16.
inline constexpr bool kDepthwiseManyRegisters = HWY_MAX_BYTES == 64 || HWY_ARCH_ARM_A64;
inline constexpr bool kDepthwiseNoRegisters = HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128;
inline constexpr size_t kDepthwiseColumns = kDepthwiseNoRegisters ? 2 : kDepthwiseManyRegisters ? 7 : 6;

// A tile of R rows x C columns. K and S fix the width and the stride of the window, for blocks of one vector and no dilation; 0:
// anything. Fixed windows may reach K / 2 columns out of the image.
template <ptrdiff_t K, ptrdiff_t S, size_t R, ptrdiff_t C>
struct DepthwiseTileOf {
    const DepthwiseArgs& g;
    const float* zero;

    static constexpr ptrdiff_t kColumns = (C - 1) * S + K;
    HWY_INLINE ptrdiff_t pack() const { return K ? static_cast<ptrdiff_t>(hn::Lanes(DF())) : g.pack; }
    HWY_INLINE ptrdiff_t stride() const { return K ? S : g.stride_w; }
    HWY_INLINE ptrdiff_t dilation() const { return K ? 1 : g.dilation_w; }
    // Tap `j` of one input row, whose weights in output rows 0 and 1 are at `wa` and `wb`. Bit r of `Rows`: row r has this input
    // row. The first pixel's first tap is `p`, in column `column`.
    template <bool Edge, int Rows>
    HWY_INLINE void tap(const float* p, ptrdiff_t column, ptrdiff_t j, const float* wa, const float* wb, VF (&acc)[R][C]) const {
        const DF d;
        const VF a = hn::LoadU(d, wa + j * pack()), b = hn::LoadU(d, wb + j * pack());
        LITE_UNROLL
        for (ptrdiff_t c = 0; c < C; ++c) {
            const ptrdiff_t i = c * stride() + j * dilation();
            const float* x = p + i * pack();
            if (Edge && (K == 0 || i < K / 2 || i >= kColumns - K / 2))
                x = static_cast<size_t>(column + i) < static_cast<size_t>(g.width) ? x : zero;
            VF v = hn::LoadU(d, x);
            if constexpr (Rows == 3) LITE_KEEP_IN_REGISTER(v);
            if constexpr (Rows & 1) acc[0][c] = hn::MulAdd(v, a, acc[0][c]);
            if constexpr (Rows & 2) acc[R - 1][c] = hn::MulAdd(v, b, acc[R - 1][c]);
        }
    }
    // All taps of one input row.
    template <bool Edge, int Rows>
    HWY_INLINE void row(const float* HWY_RESTRICT p, ptrdiff_t column, const float* HWY_RESTRICT wa, const float* HWY_RESTRICT wb,
                        VF (&acc)[R][C]) const {
        if constexpr (K != 0) {
            LITE_UNROLL
            for (ptrdiff_t j = 0; j < K; ++j) tap<Edge, Rows>(p, column, j, wa, wb, acc);
        } else {
            for (ptrdiff_t j = 0; j < g.kernel_w; ++j) tap<Edge, Rows>(p, column, j, wa, wb, acc);
        }
    }
    // `y` is where this tile's first pixel goes, `c` the first lane of the block, `column` the input column of the first tap.
    template <bool Edge> HWY_INLINE void pixels(ptrdiff_t column, ptrdiff_t c, float* y) const {
        const DF d;
        VF acc[R][C];
        LITE_UNROLL
        for (size_t r = 0; r < R; ++r) {
            LITE_UNROLL
            for (ptrdiff_t i = 0; i < C; ++i) acc[r][i] = hn::LoadU(d, g.bias + c);
        }
        const ptrdiff_t w_row = g.kernel_w * pack(), shift = R == 2 ? g.row_shift : 0;
        const float* p = g.x + c + column * pack() + g.top * g.x_row;
        const float* w = g.weights + c;
        ptrdiff_t at = g.top;
        for (ptrdiff_t i = 0; i < g.kernel_h + shift; ++i, at += g.dilation_h, p += g.dilation_h * g.x_row, w += w_row) {
            if (static_cast<size_t>(at) >= static_cast<size_t>(g.height)) continue;
            if constexpr (R == 1) {
                row<Edge, 1>(p, column, w, w, acc);
            } else {
                const float* wb = w - shift * w_row;
                if (i < g.kernel_h && i >= shift) row<Edge, 3>(p, column, w, wb, acc);
                else if (i < g.kernel_h) row<Edge, 1>(p, column, w, w, acc);
                else if (i >= shift) row<Edge, 2>(p, column, wb, wb, acc);
            }
        }
        if (const float* residual = g.residual) {
            residual += y - g.y;
            LITE_UNROLL
            for (size_t r = 0; r < R; ++r) {
                LITE_UNROLL
                for (ptrdiff_t i = 0; i < C; ++i)
                    acc[r][i] = hn::Add(acc[r][i], hn::LoadU(d, residual + static_cast<ptrdiff_t>(r) * g.y_row + i * pack()));
            }
        }
        const VF low = hn::Set(d, g.low), high = hn::Set(d, g.high);
        const ptrdiff_t y_row = g.y_row;
        LITE_UNROLL
        for (size_t r = 0; r < R; ++r) {
            LITE_UNROLL
            for (ptrdiff_t i = 0; i < C; ++i)  // the bounds first: x86 returns the second operand if one is NaN
                hn::StoreU(hn::Min(high, hn::Max(low, acc[r][i])), d, y + static_cast<ptrdiff_t>(r) * y_row + i * pack());
        }
    }
};
template <ptrdiff_t K, ptrdiff_t S, size_t R, ptrdiff_t C>
HWY_NOINLINE void depthwise_tiles(const DepthwiseArgs& g, size_t tiles) {
    alignas(64) static constexpr float zero[16] = {};
    const DepthwiseTileOf<K, S, R, C> s{g, zero};
    ptrdiff_t column = g.left;
    float* y = g.y;
    for (size_t t = 0; t < tiles; ++t, column += C * s.stride(), y += C * s.pack()) {
        if constexpr (K != 0) {
            s.template pixels<true>(column, 0, y);
        } else {
            const bool edge = column < 0 || column + (C - 1) * g.stride_w + (g.kernel_w - 1) * g.dilation_w >= g.width;
            for (ptrdiff_t c = 0; c < g.pack; c += static_cast<ptrdiff_t>(hn::Lanes(DF())))
                if (edge) s.template pixels<true>(column, c, y + c);
                else s.template pixels<false>(column, c, y + c);
        }
    }
}
template <ptrdiff_t K, ptrdiff_t S, size_t R, ptrdiff_t... C>
inline void fill_depthwise(DepthwiseTile* row, std::integer_sequence<ptrdiff_t, C...>) {
    ((row[C - 1] = &depthwise_tiles<K, S, R, C>), ...);
}
inline void fill(DepthwiseBricks& b) {
    b.columns = kDepthwiseColumns;
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    constexpr std::integer_sequence<ptrdiff_t, 1, 2> all{};
#else
    constexpr std::integer_sequence<ptrdiff_t, 1, 2, 4, kDepthwiseColumns> all{};
#endif
    fill_depthwise<0, 0, 1>(b.tile[0], all);
    fill_depthwise<0, 0, 2>(b.tile[1], all);
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
    constexpr std::integer_sequence<ptrdiff_t, 4, 5, 6, 7> wide{};
    constexpr size_t rows = kDepthwiseManyRegisters ? 2 : 1;
    b.fixed_rows = rows;
    fill_depthwise<3, 1, rows>(b.fixed[0][0], wide);
    fill_depthwise<3, 2, rows>(b.fixed[0][1], wide);
    fill_depthwise<5, 1, rows>(b.fixed[1][0], wide);
    fill_depthwise<5, 2, rows>(b.fixed[1][1], wide);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
