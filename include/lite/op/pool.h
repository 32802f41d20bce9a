// Pool: maximum, average and Lp norm of sliding windows or of all positions, over any number of spatial axes.
#ifndef LITE_OP_POOL_H_
#define LITE_OP_POOL_H_
#include <cmath>
#include <limits>

#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Values are stored in graphs: append, never renumber.
enum class PoolMode : int64_t { max, average, lp, global_max, global_average, global_lp };

// Input x [N, C, spatial...]. Outputs: y, and for max optionally the position of each maximum in x as one int64 number that
// counts over all of x, along rows or (storage_order 1) along columns.
struct Pool {
    static constexpr std::string_view name = "Pool";
    static constexpr Spelling spellings[] = {
            {"onnx", "", "MaxPool", static_cast<int64_t>(PoolMode::max)},
            {"onnx", "", "AveragePool", static_cast<int64_t>(PoolMode::average)},
            {"onnx", "", "LpPool", static_cast<int64_t>(PoolMode::lp)},
            {"onnx", "", "GlobalMaxPool", static_cast<int64_t>(PoolMode::global_max)},
            {"onnx", "", "GlobalAveragePool", static_cast<int64_t>(PoolMode::global_average)},
            {"onnx", "", "GlobalLpPool", static_cast<int64_t>(PoolMode::global_lp)},
    };
    struct Attributes {
        PoolMode mode = PoolMode::max;
        std::string auto_pad = "NOTSET";
        std::vector<int64_t> dilations, kernel_shape, pads, strides;
        // Extents of the output: windows then have the size in - (out - 1) * stride at strides of in / out, and no pads. Else empty.
        std::vector<int64_t> adaptive;
        bool ceil_mode = false, count_include_pad = false;
        int64_t storage_order = 0;
        float p = 2.f;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("adaptive", adaptive);
            v("auto_pad", auto_pad);
            v("ceil_mode", ceil_mode);
            v("count_include_pad", count_include_pad);
            v("dilations", dilations);
            v("kernel_shape", kernel_shape);
            v("p", p);
            v("pads", pads);
            v("storage_order", storage_order);
            v("strides", strides);
        }
        bool global() const { return mode >= PoolMode::global_max; }
        // The same reduction over a window.
        PoolMode windowed() const { return global() ? static_cast<PoolMode>(static_cast<int64_t>(mode) - 3) : mode; }
    };
    static void infer(InferContext& c);
    static void reference(RunContext& c);
};

// Where the windows lie on one spatial axis.
struct PoolAxis {
    int64_t in = 1, out = 1, window = 1, stride = 1, dilation = 1, pad = 0 /* before */, pad_end = 0;

    // The first and behind the last tap of window o that lie in the input; with_pads: or in its pads.
    int64_t first_tap(int64_t o) const {
        const int64_t at = o * stride - pad;
        return at >= 0 ? 0 : std::min(window, (-at + dilation - 1) / dilation);
    }
    int64_t last_tap(int64_t o) const { return taps_before(in - (o * stride - pad)); }
    int64_t taps(int64_t o) const { return std::max<int64_t>(0, last_tap(o) - first_tap(o)); }
    // What an average divides by on this axis. The last window may reach behind the pads (ceil_mode); that never counts.
    int64_t counted(int64_t o, bool include_pad) const { return include_pad ? taps_before(in + pad_end - (o * stride - pad)) : taps(o); }
    bool always_taps() const {
        for (int64_t o = 0; o < out; ++o)
            if (taps(o) == 0) return false;
        return true;
    }

private:
    int64_t taps_before(int64_t room) const { return room <= 0 ? 0 : std::min(window, (room - 1) / dilation + 1); }
};

// The axis `i` of `spatial`; `who` opens the messages. An unknown extent gives an unknown one.
inline PoolAxis pool_axis(const Pool::Attributes& a, size_t i, size_t spatial, int64_t in, const Who& who) {
    PoolAxis r;
    r.in = in;
    if (a.global()) {
        r.window = in;
        return r;
    }
    const auto checked = [&](const std::vector<int64_t>& list, size_t count, int64_t low, std::string_view what) {
        check(list.empty() || list.size() == count, who, ": ", what, " is ", list, ", expected ", count, " numbers");
        constexpr int64_t limit = int64_t{1} << 31;  // keeps the arithmetic below from overflowing on malformed models
        for (int64_t v : list) check(v >= low && v < limit, who, ": ", what, " is ", list, ", expected numbers from ", low, " on");
    };
    if (!a.adaptive.empty()) {
        checked(a.adaptive, spatial, 1, "adaptive");
        r.out = a.adaptive[i];
        if (in < 0) return r;
        check(in >= r.out, who, ": ", in, " positions cannot become ", r.out);
        r.stride = in / r.out;
        r.window = in - (r.out - 1) * r.stride;
        return r;
    }
    check(a.kernel_shape.size() == spatial, who, ": kernel_shape is ", a.kernel_shape, ", expected ", spatial, " numbers");
    checked(a.kernel_shape, spatial, 1, "kernel_shape");
    checked(a.strides, spatial, 1, "strides");
    checked(a.dilations, spatial, 1, "dilations");
    checked(a.pads, 2 * spatial, 0, "pads");
    r.window = a.kernel_shape[i];
    if (!a.strides.empty()) r.stride = a.strides[i];
    if (!a.dilations.empty()) r.dilation = a.dilations[i];
    const bool same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER";
    if (a.auto_pad.empty() || a.auto_pad == "NOTSET") {
        if (!a.pads.empty()) {
            r.pad = a.pads[i];
            r.pad_end = a.pads[i + spatial];
        }
    } else {
        check(same || a.auto_pad == "VALID", who, ": auto_pad is '", a.auto_pad, "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
    }
    if (in < 0) {
        r.out = kUnknown;
        return r;
    }
    const int64_t reach = (r.window - 1) * r.dilation + 1;
    if (same) {
        r.out = (in + r.stride - 1) / r.stride;
        const int64_t total = std::max<int64_t>(0, (r.out - 1) * r.stride + reach - in);
        r.pad = a.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
        r.pad_end = total - r.pad;
        return r;
    }
    const int64_t room = in + r.pad + r.pad_end - reach;
    check(room >= 0 || in == 0, who, ": a window of ", r.window, " with dilation ", r.dilation, " does not fit in ", in, " + ", r.pad, " + ",
          r.pad_end, " positions");
    r.out = room < 0 ? 0 : room / r.stride + 1;
    // One more window that sticks out, unless it would begin behind the input and its first pad.
    if (a.ceil_mode && room > 0 && room % r.stride != 0 && r.out * r.stride < in + r.pad) ++r.out;
    return r;
}

inline void Pool::infer(InferContext& c) {
    const TensorInfo& x = c.input(0);
    const auto a = c.attributes<Attributes>();
    c.check_that(a.mode >= PoolMode::max && a.mode <= PoolMode::global_lp, "mode ", static_cast<int64_t>(a.mode), " is not known");
    c.check_that(is_float(x.dtype) || (a.windowed() == PoolMode::max && x.dtype != DType::boolean), "input 0 is ", x.dtype,
                 a.windowed() == PoolMode::max ? ", expected numbers" : ", expected a floating type");
    c.check_that(a.storage_order == 0 || a.storage_order == 1, "storage_order is ", a.storage_order, ", expected 0 or 1");
    c.check_that(!c.has_output(1) || a.mode == PoolMode::max, "only MaxPool has a second output");
    if (!x.has_shape) {
        for (size_t i = 0; i < c.output_count(); ++i) c.output_unknown(i, i ? DType::i64 : x.dtype);
        return;
    }
    c.check_that(x.shape.rank() >= 3, "input 0 is ", x.shape, ", expected [N, C] and spatial axes");
    const size_t spatial = x.shape.rank() - 2;
    Shape y = x.shape;
    for (size_t i = 0; i < spatial; ++i) y[2 + i] = a.global() ? 1 : pool_axis(a, i, spatial, x.shape[2 + i], c.where()).out;
    c.output(0, x.dtype, y);
    c.output(1, DType::i64, y);
}

namespace detail {
// Floats are reduced in double, integers in int64_t, into which numbers of u64 go with their first bit turned round: it keeps their order.
template <class V> void pool_reference(const RunContext& c, const Pool::Attributes& a, std::span<const PoolAxis> axes, const TensorView& y, int64_t* indices) {
    if (y.count() == 0) return;  // a plane may have any number of pixels if there is none
    std::vector<V> values = c.input(0).values<V>(), result(static_cast<size_t>(y.count()));
    const auto turn = [&](std::vector<V>& list) {
        if constexpr (std::is_integral_v<V>)
            if (y.dtype == DType::u64)
                for (V& v : list) v ^= std::numeric_limits<V>::min();
    };
    turn(values);
    const Shape& s = c.input(0).shape;
    const size_t rank = axes.size();
    const int64_t pixels = s.count(2, s.rank()), out_pixels = y.shape.count(2, s.rank()), planes = s[0] * s[1];
    const PoolMode mode = a.windowed();
    // The maximum of nothing: the lowest number of the type.
    const bool is_signed = y.dtype == DType::i8 || y.dtype == DType::i16 || y.dtype == DType::i32;
    const int64_t lowest = size_of(y.dtype) == 8 ? INT64_MIN : is_signed ? -(int64_t{1} << (8 * size_of(y.dtype) - 1)) : 0;
    // For every window of one plane: the taps inside, and what an average divides by.
    std::array<int64_t, kMaxRank> o{}, tap{}, first{}, last{}, row_major{}, column_major{};
    for (size_t i = rank, stride = 1; i-- > 0; stride *= static_cast<size_t>(axes[i].in)) row_major[i] = static_cast<int64_t>(stride);
    for (size_t i = 0, stride = 1; i < rank; stride *= static_cast<size_t>(axes[i++].in)) column_major[i] = static_cast<int64_t>(stride);
    const auto next = [&](std::array<int64_t, kMaxRank>& index, auto&& low, auto&& high) {
        for (size_t i = rank; i-- > 0;)
            if (++index[i] < high(i)) return true;
            else index[i] = low(i);
        return false;
    };
    for (int64_t at = 0; at < out_pixels; ++at) {
        bool any = true;
        double counted = 1;
        for (size_t i = 0; i < rank; ++i) {
            tap[i] = first[i] = axes[i].first_tap(o[i]);
            last[i] = axes[i].last_tap(o[i]);
            any = any && first[i] < last[i];
            counted *= static_cast<double>(axes[i].counted(o[i], a.count_include_pad));
        }
        for (int64_t plane = 0; plane < planes; ++plane) {
            const V* x = values.data() + plane * pixels;
            V best = std::is_integral_v<V> ? static_cast<V>(lowest) : -std::numeric_limits<V>::infinity();
            double sum = 0;
            int64_t where = 0;
            if (any) {
                bool begin = true;
                std::copy(first.begin(), first.end(), tap.begin());
                do {
                    int64_t from = 0, column_from = 0;
                    for (size_t i = 0; i < rank; ++i) {
                        const int64_t in = o[i] * axes[i].stride - axes[i].pad + tap[i] * axes[i].dilation;
                        from += in * row_major[i];
                        column_from += in * column_major[i];
                    }
                    const V v = x[from];
                    if (mode == PoolMode::max) {
                        if (begin || v > best) {
                            best = v;
                            where = a.storage_order ? column_from : from;
                        }
                    } else if (mode == PoolMode::average) {
                        sum += static_cast<double>(v);
                    } else {
                        sum += std::pow(std::abs(static_cast<double>(v)), static_cast<double>(a.p));
                    }
                    begin = false;
                } while (next(tap, [&](size_t i) { return first[i]; }, [&](size_t i) { return last[i]; }));
            }
            if (mode == PoolMode::average) best = static_cast<V>(sum / counted);
            if (mode == PoolMode::lp) best = static_cast<V>(std::pow(sum, 1 / static_cast<double>(a.p)));
            result[static_cast<size_t>(plane * out_pixels + at)] = best;
            if (indices) indices[plane * out_pixels + at] = plane * pixels + where;
        }
        next(o, [](size_t) { return int64_t{0}; }, [&](size_t i) { return axes[i].out; });
    }
    turn(result);
    store_wide(y, 0, 1, result.size(), result.data());
}
}  // namespace detail

inline void Pool::reference(RunContext& c) {
    const auto a = c.attributes<Attributes>();
    const TensorView& x = c.input(0);
    const size_t spatial = x.shape.rank() - 2;
    std::array<PoolAxis, kMaxRank> axes;
    Shape s = x.shape;
    for (size_t i = 0; i < spatial; ++i) {
        axes[i] = pool_axis(a, i, spatial, x.shape[2 + i], c.where());
        s[2 + i] = axes[i].out;
    }
    const TensorView y = c.output(0, x.dtype, s);
    int64_t* const indices = c.has_output(1) ? c.output(1, DType::i64, s).template as<int64_t>() : nullptr;
    if (is_float(x.dtype)) detail::pool_reference<double>(c, a, std::span(axes.data(), spatial), y, indices);
    else detail::pool_reference<int64_t>(c, a, std::span(axes.data(), spatial), y, indices);
}

// ---- kernels ----

namespace detail {
// Maximum and average of images with one or two spatial axes, or of all positions, in every layout where a pixel of a plane is
// `run` elements: the block of a packed layout, all channels of NHWC, one value of NCHW. Bytes have a maximum only.
struct PoolState {
    PoolAxis h, w;
    bool max = false, include_pad = false, whole = false /* one window that holds everything */, separable = false;
    bool lines = false;  // rows of all `blocks` planes of an image stand side by side (nhwcd4)
    size_t planes = 0, blocks = 1, run = 0;
    // From one row of a plane to the next, and where plane i begins, in the input (&PoolAxis::in) or the output.
    size_t row(int64_t PoolAxis::*extent) const { return static_cast<size_t>(w.*extent) * run * (lines ? blocks : 1); }
    size_t plane(size_t i, int64_t PoolAxis::*extent) const {
        const size_t width = static_cast<size_t>(w.*extent) * run, height = static_cast<size_t>(h.*extent);
        return lines ? (i / blocks * height * blocks + i % blocks) * width : i * height * width;
    }
    size_t line = 0;  // elements of one thread's line buffer, for separable
};
inline PoolState pool_state(const NodeInfo& n, LayoutTag layout) {
    const auto a = n.attributes<Pool::Attributes>();
    const Shape& x = n.input(0).shape;
    const size_t spatial = x.rank() - 2;
    PoolState s;
    s.max = a.windowed() == PoolMode::max;
    s.include_pad = a.count_include_pad;
    const bool nhwc = layout == LayoutTag::nhwc;
    const int64_t pack = pack_of(layout);
    s.run = static_cast<size_t>(nhwc ? x[1] : pack);
    s.blocks = static_cast<size_t>(nhwc ? 1 : (x[1] + pack - 1) / pack);
    s.planes = static_cast<size_t>(x[0]) * s.blocks;
    s.lines = layout == LayoutTag::nhwcd4;
    if (a.global() && !s.lines) {
        s.whole = true;
        s.w.in = s.w.window = x.count(2, x.rank());
        return s;
    }
    s.w = pool_axis(a, spatial - 1, spatial, x[spatial + 1], n.node->name);
    if (spatial == 2) s.h = pool_axis(a, 0, spatial, x[2], n.node->name);
    s.whole = !s.lines && s.h.out == 1 && s.w.out == 1 && s.h.taps(0) == s.h.in && s.w.taps(0) == s.w.in && s.h.dilation == 1 && s.w.dilation == 1 &&
              !(s.include_pad && !s.max);
    // Loads and stores per output vector of both ways; dense rows have vectors only along the row.
    const int64_t separable = s.w.stride * (s.h.window + 1) + s.w.window, direct = s.h.window * s.w.window;
    s.separable = s.run == 1 || separable < direct;
    if (s.separable) {
        const int64_t pixels = std::max<int64_t>(0, (s.w.out - 1) * s.w.stride + (s.w.window - 1) * s.w.dilation + 1);
        s.line = (static_cast<size_t>(pixels) * s.run + 16 + 63) / 64 * 64;
    }
    return s;
}
inline bool pool_applicable(const NodeInfo& n, LayoutTag layout) {
    const auto a = n.attributes<Pool::Attributes>();
    const Shape& x = n.input(0).shape;
    if (a.windowed() == PoolMode::lp || (n.input(0).dtype != DType::f32 && a.windowed() != PoolMode::max) || (n.node->outputs.size() > 1 && n.node->outputs[1] != kNoValue) || x.count() == 0) return false;
    if (a.global() && layout != LayoutTag::nhwcd4) return true;
    if (x.rank() > 4) return false;
    const PoolState s = pool_state(n, layout);
    return s.h.always_taps() && s.w.always_taps();  // an empty window has no maximum, and would leave one in the padding lanes
}
inline double pool_cost(const NodeInfo& n, LayoutTag layout) {
    const PoolState s = pool_state(n, layout);
    const double size = static_cast<double>(size_of(n.input(0).dtype));
    const double in = static_cast<double>(s.planes * s.run) * static_cast<double>(s.h.in * s.w.in);
    const double out = static_cast<double>(s.planes * s.run) * static_cast<double>(s.h.out * s.w.out);
    if (s.whole) return 200 + in * size / 60 + (s.run == 1 ? 30.0 * static_cast<double>(s.planes) : 0.0);
    const double steps = static_cast<double>(s.separable ? s.w.stride * (s.h.window + 1) + s.w.window : s.h.window * s.w.window);
    // 60 GB/s; 5 loads per ns of a vector. Dense rows fill the vectors badly when short, and not at all at strides above 2.
    const double full = n.bricks->lanes * 4 / size, lanes = s.run > 1 ? std::min(full, static_cast<double>(s.run)) : s.w.stride > 2 ? 1 : std::clamp(static_cast<double>(s.w.out) / 4, 1.0, full);
    const double rows = static_cast<double>(s.planes) * static_cast<double>(s.h.out) * 20;
    return 200 + rows + std::max((in + out) * size / 60, out * steps / (5 * lanes));
}
template <class T> auto pool_brick(const PoolState& s, const Bricks& b) {
    if constexpr (std::is_same_v<T, uint8_t>) return b.pool.max_u8;
    else if constexpr (std::is_same_v<T, int8_t>) return b.pool.max_i8;
    else return s.max ? b.pool.max : b.pool.sum;
}
// Maximum or sum of `count` pixels of `run` floats that lie one after another.
inline void pool_whole_lanes(const PoolState& s, const Bricks& b, const float* x, float* y, size_t count, float scale) {
    const size_t run = s.run;
    float part[16], total[16];
    constexpr size_t chunk = 8192;  // floats that are summed before the sums of the chunks are
    for (size_t i = 0, n = count * run; i < n; i += chunk) {
        b.math.reduce16(s.max ? ReduceMode::max : ReduceMode::sum, x + i, std::min(chunk, n - i), part);
        for (size_t j = 0; j < 16; ++j) total[j] = i == 0 ? part[j] : s.max ? std::max(total[j], part[j]) : total[j] + part[j];
    }
    for (size_t width = 16; width > run; width /= 2)
        for (size_t j = 0; j < width / 2; ++j)
            total[j] = s.max ? std::max(total[j], total[j + width / 2]) : total[j] + total[j + width / 2];
    for (size_t j = 0; j < run; ++j) y[j] = s.max ? total[j] : total[j] * scale;
}
template <class T> void pool_whole(const PoolState& s, const Bricks& b, const T* x, T* y) {
    const size_t run = s.run, count = static_cast<size_t>(s.h.in * s.w.in);
    const float scale = s.max ? 1.f : 1.f / static_cast<float>(count);
    if (!std::is_same_v<T, float> || run > 16 || 16 % run != 0) {
        pool_brick<T>(s, b)({x, y, 1, run, count, 1, 0, static_cast<ptrdiff_t>(run), 0, scale});
        return;
    }
    if constexpr (std::is_same_v<T, float>) pool_whole_lanes(s, b, x, y, count, scale);
}
// One output row; `line` is the thread's buffer.
template <class T> void pool_row(const PoolState& s, const Bricks& b, const T* plane, int64_t r, T* y, T* line) {
    const PoolAxis &h = s.h, &w = s.w;
    const ptrdiff_t run = static_cast<ptrdiff_t>(s.run);
    const auto reduce = pool_brick<T>(s, b);
    const int64_t first = h.first_tap(r), rows = h.last_tap(r) - first;
    const float by_rows = s.max ? 1.f : 1.f / static_cast<float>(h.counted(r, s.include_pad));
    PoolWindows<T> g{};
    const ptrdiff_t x_row = static_cast<ptrdiff_t>(s.row(&PoolAxis::in));
    g.x = plane + (r * h.stride - h.pad + first * h.dilation) * x_row;
    g.rows = static_cast<size_t>(rows);
    g.row = h.dilation * x_row;
    if (!s.separable) {
        g.columns = static_cast<size_t>(w.window);
        g.column = w.dilation * run;
        g.n = s.run;
        g.step = w.stride * run;
        const T* const row = g.x;
        for (int64_t q = 0; q < w.out;) {
            // Windows inside the image go together, others one by one.
            const int64_t tap = w.first_tap(q), taps = w.last_tap(q) - tap;
            int64_t last = q + 1;
            if (taps == w.window)
                last = std::max(last, std::min(w.out, (w.in + w.pad - (w.window - 1) * w.dilation - 1) / w.stride + 1));
            g.x = row + (q * w.stride - w.pad + tap * w.dilation) * run;
            g.columns = static_cast<size_t>(taps);
            g.pixels = static_cast<size_t>(last - q);
            g.y = y + q * run;
            g.scale = by_rows / static_cast<float>(w.counted(q, s.include_pad));
            reduce(g);
            q = last;
        }
        return;
    }
    // First down the columns into the line, whose pads hold the neutral element; then along the line.
    const int64_t pixels = (w.out - 1) * w.stride + (w.window - 1) * w.dilation + 1;
    g.columns = 1;
    g.n = static_cast<size_t>(std::max<int64_t>(0, std::min(w.in, pixels - w.pad)) * run);
    g.pixels = 1;
    g.y = line + w.pad * run;
    g.scale = 1.f;
    reduce(g);
    g.x = line;
    g.y = y;
    g.rows = 1;
    g.row = 0;
    g.columns = static_cast<size_t>(w.window);
    g.column = w.dilation * run;
    g.scale = by_rows / static_cast<float>(w.window);
    if (w.stride == 1) {
        g.n = static_cast<size_t>(w.out * run);
        reduce(g);
    } else {
        g.n = s.run;
        g.pixels = static_cast<size_t>(w.out);
        g.step = w.stride * run;
        if constexpr (std::is_same_v<T, float>) {
            if (s.run == 1 && w.stride == 2) (s.max ? b.pool.max_pairs : b.pool.sum_pairs)(g);
            else reduce(g);
        } else {
            reduce(g);
        }
    }
    if (s.max || !std::is_same_v<T, float>) return;
    // Averages that divide by less than the window, at both ends.
    const auto correct = [&](int64_t q) {
        const int64_t counted = w.counted(q, s.include_pad);
        if (counted == w.window) return false;
        const float f = static_cast<float>(w.window) / static_cast<float>(counted);
        for (ptrdiff_t i = 0; i < run; ++i) y[q * run + i] = static_cast<T>(static_cast<float>(y[q * run + i]) * f);
        return true;
    };
    int64_t q = 0;
    while (q < w.out && correct(q)) ++q;
    for (int64_t e = w.out; --e > q && correct(e);) {}
}
template <class T> void pool_run(const PoolState& s, const RunContext& c) noexcept {
    const Bricks& b = *c.bricks;
    const T* const x = c.input(0).as<T>();
    T* const y = c.output(0).as<T>();
    const size_t in = static_cast<size_t>(s.h.in * s.w.in) * s.run, out = static_cast<size_t>(s.h.out * s.w.out) * s.run;
    if (s.whole) {
        if (s.run > 16) {  // NHWC: threads split the channels, too
            constexpr size_t grain = 64;
            const size_t parts = (s.run + grain - 1) / grain;
            c.pool->parallel_for(s.planes * parts, 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) {
                    const size_t plane = i / parts, channel = i % parts * grain, count = static_cast<size_t>(s.h.in * s.w.in), n = std::min(grain, s.run - channel);
                    T part[grain], *const to = y + plane * out + channel;
                    constexpr size_t rows = 1024;  // pixels that are summed before the sums are
                    for (size_t p = 0; p < count; p += rows) {
                        pool_brick<T>(s, b)({x + plane * in + p * s.run + channel, p ? part : to, 1, n, std::min(rows, count - p), 1, 0,
                                             static_cast<ptrdiff_t>(s.run), 0, s.max ? 1.f : 1.f / static_cast<float>(count)});
                        for (size_t j = 0; p && j < n; ++j) to[j] = s.max ? std::max(to[j], part[j]) : static_cast<T>(to[j] + part[j]);
                    }
                }
            });
            return;
        }
        const size_t grain = std::max<size_t>(1, 4096 / std::max<size_t>(in, 1));
        c.pool->parallel_for(s.planes, grain, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) pool_whole(s, b, x + i * in, y + i * out);
        });
        return;
    }
    const size_t rows = static_cast<size_t>(s.h.out), row = out / std::max<size_t>(rows, 1);
    c.pool->parallel_for(s.planes * rows, std::max<size_t>(1, 1024 / std::max<size_t>(row, 1)), [&](size_t begin, size_t end, int part) {
        T* line = nullptr;
        if (s.separable) {
            line = reinterpret_cast<T*>(c.workspace) + static_cast<size_t>(part) * s.line;
            constexpr T lowest = std::is_same_v<T, float> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
            std::fill(line, line + s.line, s.max ? lowest : T(0));
        }
        for (size_t i = begin; i < end; ++i)
            pool_row(s, b, x + s.plane(i / rows, &PoolAxis::in), static_cast<int64_t>(i % rows),
                     y + s.plane(i / rows, &PoolAxis::out) + i % rows * s.row(&PoolAxis::out), line);
    });
}
template <class T> struct PoolKernel {
    static constexpr std::string_view name = "pool/windows";
    using State = PoolState;
    static bool applicable(const NodeInfo& n) { return pool_applicable(n, n.layout()); }
    static double cost(const NodeInfo& n) { return pool_cost(n, n.layout()); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const State s = pool_state(n, n.layout());
        c.need_workspace(s.line * static_cast<size_t>(n.threads) * sizeof(T));
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept { pool_run<T>(s, c); }
};
}  // namespace detail

template <LayoutType L> struct Kernel<Pool, L, float> : detail::PoolKernel<float> {};
template <LayoutType L> struct Kernel<Pool, L, uint8_t> : detail::PoolKernel<uint8_t> {};
template <LayoutType L> struct Kernel<Pool, L, int8_t> : detail::PoolKernel<int8_t> {};

LITE_NAMESPACE_END
#endif
