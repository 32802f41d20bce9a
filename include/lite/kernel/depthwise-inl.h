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

// A window as the code sees it: K and S fix its width and the stride, for blocks of one vector and no dilation; 0: anything.
// Fixed windows may reach K / 2 columns out of the image.
template <ptrdiff_t K, ptrdiff_t S, ptrdiff_t C>
struct DepthwiseWindow {
    const DepthwiseArgs& g;
    const float* zero;

    static constexpr ptrdiff_t kColumns = (C - 1) * S + K;
    HWY_INLINE ptrdiff_t pack() const { return K ? static_cast<ptrdiff_t>(hn::Lanes(DF())) : g.pack; }
    HWY_INLINE ptrdiff_t stride() const { return K ? S : g.stride_w; }
    HWY_INLINE ptrdiff_t dilation() const { return K ? 1 : g.dilation_w; }
    // The vector of pixel `c` for tap `j`, in a tile whose first pixel's first tap is `p`, in column `column`.
    template <bool Edge>
    HWY_INLINE VF load(const float* p, ptrdiff_t column, ptrdiff_t c, ptrdiff_t j) const {
        const ptrdiff_t i = c * stride() + j * dilation();
        p += i * pack();
        if constexpr (Edge)
            if (K == 0 || i < K / 2 || i >= kColumns - K / 2)
                p = static_cast<size_t>(column + i) < static_cast<size_t>(g.width) ? p : zero;
        return hn::LoadU(DF(), p);
    }
};
// Tap `j` of one input row for one output row: acc += x * w.
template <bool Edge, ptrdiff_t I, class Window, class... Vs>
HWY_INLINE void depthwise_tap(const Window& s, const float* p, ptrdiff_t column, ptrdiff_t j, VF w, VF& a, Vs&... rest) {
    a = hn::MulAdd(s.template load<Edge>(p, column, I, j), w, a);
    if constexpr (sizeof...(rest) > 0) depthwise_tap<Edge, I + 1>(s, p, column, j, w, rest...);
}
// The same in tiles of two output rows; accumulators alternate between the rows. Bit r of `Rows`: row r has this input row.
template <bool Edge, int Rows, ptrdiff_t I, class Window, class... Vs>
HWY_INLINE void depthwise_tap2(const Window& s, const float* p, ptrdiff_t column, ptrdiff_t j, VF wa, VF wb, VF& a, VF& b, Vs&... rest) {
    VF v = s.template load<Edge>(p, column, I, j);
    if constexpr (Rows == 3) LITE_KEEP_IN_REGISTER(v);
    if constexpr (Rows & 1) a = hn::MulAdd(v, wa, a);
    if constexpr (Rows & 2) b = hn::MulAdd(v, wb, b);
    if constexpr (sizeof...(rest) > 0) depthwise_tap2<Edge, Rows, I + 1>(s, p, column, j, wa, wb, rest...);
}
// All taps of one input row; `wa` and `wb` are the weights that output rows 0 and 1 have for it.
template <bool Edge, int Rows, class Window, class... Vs>
HWY_INLINE void depthwise_taps(const Window& s, const float* p, ptrdiff_t column, ptrdiff_t j, const float* wa, const float* wb, Vs&... acc) {
    const DF d;
    if constexpr (Rows == 0) depthwise_tap<Edge, 0>(s, p, column, j, hn::LoadU(d, wa + j * s.pack()), acc...);
    else depthwise_tap2<Edge, Rows, 0>(s, p, column, j, hn::LoadU(d, wa + j * s.pack()), hn::LoadU(d, wb + j * s.pack()), acc...);
}
template <bool Edge, int Rows, ptrdiff_t K, ptrdiff_t S, ptrdiff_t C, class... Vs>
HWY_INLINE void depthwise_row(const DepthwiseWindow<K, S, C>& s, const float* HWY_RESTRICT p, ptrdiff_t column,
                              const float* HWY_RESTRICT wa, const float* HWY_RESTRICT wb, Vs&... acc) {
    if constexpr (K == 3 || K == 5) {
        depthwise_taps<Edge, Rows>(s, p, column, 0, wa, wb, acc...);
        depthwise_taps<Edge, Rows>(s, p, column, 1, wa, wb, acc...);
        depthwise_taps<Edge, Rows>(s, p, column, 2, wa, wb, acc...);
        if constexpr (K == 5) {
            depthwise_taps<Edge, Rows>(s, p, column, 3, wa, wb, acc...);
            depthwise_taps<Edge, Rows>(s, p, column, 4, wa, wb, acc...);
        }
    } else {
        for (ptrdiff_t j = 0; j < s.g.kernel_w; ++j) depthwise_taps<Edge, Rows>(s, p, column, j, wa, wb, acc...);
    }
}
HWY_INLINE void depthwise_store(const DepthwiseArgs& g, VF v, float* y, const float* residual, VF low, VF high) {
    const DF d;
    if (residual) v = hn::Add(v, hn::LoadU(d, residual + (y - g.y)));
    hn::StoreU(hn::Min(high, hn::Max(low, v)), d, y);  // the bounds first: x86 returns the second operand if one is NaN
}
// `y` is where this tile's first pixel goes, `c` the first lane of the block, `column` the input column of the first tap.
template <bool Edge, size_t R, class Window, size_t... I, class... Vs>
HWY_INLINE void depthwise_body(std::index_sequence<I...>, const Window& s, ptrdiff_t column, ptrdiff_t c, float* y, Vs... acc) {
    const DF d;
    const DepthwiseArgs& g = s.g;
    const ptrdiff_t w_row = g.kernel_w * s.pack(), shift = R == 2 ? g.row_shift : 0;
    const float* p = g.x + c + column * s.pack() + g.top * g.x_row;
    const float* w = g.weights + c;
    ptrdiff_t row = g.top;
    for (ptrdiff_t i = 0; i < g.kernel_h + shift; ++i, row += g.dilation_h, p += g.dilation_h * g.x_row, w += w_row) {
        if (static_cast<size_t>(row) >= static_cast<size_t>(g.height)) continue;
        if constexpr (R == 1) {
            depthwise_row<Edge, 0>(s, p, column, w, w, acc...);
        } else {
            const float* wb = w - shift * w_row;
            if (i < g.kernel_h && i >= shift) depthwise_row<Edge, 3>(s, p, column, w, wb, acc...);
            else if (i < g.kernel_h) depthwise_row<Edge, 1>(s, p, column, w, w, acc...);
            else if (i >= shift) depthwise_row<Edge, 2>(s, p, column, wb, wb, acc...);
        }
    }
    const VF low = hn::Set(d, g.low), high = hn::Set(d, g.high);
    (depthwise_store(g, acc, y + static_cast<ptrdiff_t>(I % R) * g.y_row + static_cast<ptrdiff_t>(I / R) * s.pack(), g.residual, low, high), ...);
}
template <size_t>
HWY_INLINE VF depthwise_start(const float* bias) {
    return hn::LoadU(DF(), bias);
}
template <bool Edge, size_t R, class Window, size_t... I>
HWY_INLINE void depthwise_pixels(std::index_sequence<I...> all, const Window& s, ptrdiff_t column, ptrdiff_t c, float* y) {
    depthwise_body<Edge, R>(all, s, column, c, y, depthwise_start<I>(s.g.bias + c)...);
}
template <ptrdiff_t K, ptrdiff_t S, size_t R, ptrdiff_t C>
HWY_NOINLINE void depthwise_tiles(const DepthwiseArgs& g, size_t tiles) {
    constexpr std::make_index_sequence<R * static_cast<size_t>(C)> all{};
    alignas(64) static constexpr float zero[16] = {};
    const DepthwiseWindow<K, S, C> s{g, zero};
    ptrdiff_t column = g.left;
    float* y = g.y;
    for (size_t t = 0; t < tiles; ++t, column += C * s.stride(), y += C * s.pack()) {
        if constexpr (K != 0) {
            depthwise_pixels<true, R>(all, s, column, 0, y);
        } else {
            const bool edge = column < 0 || column + (C - 1) * g.stride_w + (g.kernel_w - 1) * g.dilation_w >= g.width;
            for (ptrdiff_t c = 0; c < g.pack; c += static_cast<ptrdiff_t>(hn::Lanes(DF())))
                if (edge) depthwise_pixels<true, R>(all, s, column, c, y + c);
                else depthwise_pixels<false, R>(all, s, column, c, y + c);
        }
    }
}
template <ptrdiff_t K, ptrdiff_t S, size_t R, ptrdiff_t First, ptrdiff_t... C>
inline void fill_depthwise(DepthwiseTile* row, std::integer_sequence<ptrdiff_t, C...>) {
    ((row[C] = &depthwise_tiles<K, S, R, First + C>), ...);
}
inline void fill(DepthwiseBricks& b) {
    constexpr std::make_integer_sequence<ptrdiff_t, kDepthwiseColumns> all{};
    b.columns = kDepthwiseColumns;
    fill_depthwise<0, 0, 1, 1>(b.tile[0], all);
    fill_depthwise<0, 0, 2, 1>(b.tile[1], all);
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
    constexpr std::make_integer_sequence<ptrdiff_t, 4> wide{};
    constexpr size_t rows = kDepthwiseManyRegisters ? 2 : 1;
    b.fixed_rows = rows;
    fill_depthwise<3, 1, rows, 4>(b.fixed[0][0], wide);
    fill_depthwise<3, 2, rows, 4>(b.fixed[0][1], wide);
    fill_depthwise<5, 1, rows, 4>(b.fixed[1][0], wide);
    fill_depthwise<5, 2, rows, 4>(b.fixed[1][1], wide);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
