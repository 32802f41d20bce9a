// Reduce: sums, means, extrema, products and norms over some axes.
#ifndef LITE_OP_REDUCE_H_
#define LITE_OP_REDUCE_H_
#include "lite/kernel/bricks.h"
#include "lite/op/axis_split.h"
#include "lite/op/elemwise.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

constexpr int64_t mode_of(ReduceMode m) { return static_cast<int64_t>(m); }

// The mode is a ReduceMode. Axes come from input 1 or, in old opsets, from the attribute; none means all, or with
// noop_with_empty_axes that every element is a group of its own. A group without elements gives the neutral element.
struct Reduce {
    static constexpr std::string_view name = "Reduce";
    static constexpr Spelling spellings[] = {
            {"onnx", "", "ReduceSum", mode_of(ReduceMode::sum)},
            {"onnx", "", "ReduceMean", mode_of(ReduceMode::mean)},
            {"onnx", "", "ReduceMax", mode_of(ReduceMode::max)},
            {"onnx", "", "ReduceMin", mode_of(ReduceMode::min)},
            {"onnx", "", "ReduceProd", mode_of(ReduceMode::prod)},
            {"onnx", "", "ReduceL1", mode_of(ReduceMode::l1)},
            {"onnx", "", "ReduceL2", mode_of(ReduceMode::l2)},
            {"onnx", "", "ReduceLogSum", mode_of(ReduceMode::log_sum)},
            {"onnx", "", "ReduceLogSumExp", mode_of(ReduceMode::log_sum_exp)},
            {"onnx", "", "ReduceSumSquare", mode_of(ReduceMode::sum_square)},
    };
    struct Attributes {
        ReduceMode mode = ReduceMode::sum;
        std::vector<int64_t> axes;
        bool keepdims = true, noop_with_empty_axes = false;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("axes", axes);
            v("keepdims", keepdims);
            v("noop_with_empty_axes", noop_with_empty_axes);
        }
    };
    // Which axes of `rank` are reduced.
    static std::vector<bool> reduced_axes(const Attributes& a, const std::vector<int64_t>& axes, size_t rank, const Who& who) {
        std::vector<bool> r(rank, axes.empty() && !a.noop_with_empty_axes);
        for (int64_t k : axes) r[normalize_axis(k, rank, who)] = true;
        return r;
    }
    static Shape result_shape(const Shape& s, const std::vector<bool>& reduced, bool keep) {
        Shape out;
        for (size_t k = 0; k < s.rank(); ++k) {
            if (!reduced[k]) out.push_back(s[k]);
            else if (keep) out.push_back(1);
        }
        return out;
    }
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorInfo& x = c.input(0);
        std::vector<int64_t> axes = a.axes;
        if (c.has_input(1)) {
            const Array* v = c.value(1);
            if (!v) return c.output_unknown(0, x.dtype, a.keepdims && x.has_shape ? static_cast<int>(x.shape.rank()) : -1);
            axes = v->values<int64_t>();
        }
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.output(0, x.dtype, result_shape(x.shape, reduced_axes(a, axes, x.shape.rank(), c.where()), a.keepdims));
    }
    static void reference(RunContext& c);
};

namespace detail {
// One group, elements x[0..n).
inline double reduce_group(ReduceMode mode, const double* x, size_t n) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    double r = mode == ReduceMode::prod ? 1 : mode == ReduceMode::max ? -inf : mode == ReduceMode::min ? inf : 0;
    double top = -inf;
    if (mode == ReduceMode::log_sum_exp)
        for (size_t i = 0; i < n; ++i) top = x[i] > top ? x[i] : top;
    if (!(top < inf)) top = 0;  // an infinite or absent maximum: plain exponentials
    if (top == -inf) top = 0;
    for (size_t i = 0; i < n; ++i) {
        const double v = x[i];
        switch (mode) {
            case ReduceMode::prod: r *= v; break;
            case ReduceMode::max: r = r != r || r > v ? r : v; break;
            case ReduceMode::min: r = r != r || r < v ? r : v; break;
            case ReduceMode::l1: r += std::abs(v); break;
            case ReduceMode::l2:
            case ReduceMode::sum_square: r += v * v; break;
            case ReduceMode::log_sum_exp: r += std::exp(v - top); break;
            default: r += v;
        }
    }
    switch (mode) {
        case ReduceMode::mean: return r / static_cast<double>(n);
        case ReduceMode::l2: return std::sqrt(r);
        case ReduceMode::log_sum: return std::log(r);
        case ReduceMode::log_sum_exp: return std::log(r) + top;
        default: return r;
    }
}
// Integers: sums and products wrap; means, roots and logarithms are cut to integers. `low`, `high`: of the element type.
template <class I>
I reduce_group(ReduceMode mode, const I* x, size_t n, I low, I high) {
    uint64_t r = mode == ReduceMode::prod ? 1 : 0;
    I best = mode == ReduceMode::max ? low : high;
    double exponentials = 0;
    for (size_t i = 0; i < n; ++i) {
        const I v = x[i];
        const uint64_t u = static_cast<uint64_t>(v);
        switch (mode) {
            case ReduceMode::prod: r *= u; break;
            case ReduceMode::max: best = v > best ? v : best; break;
            case ReduceMode::min: best = v < best ? v : best; break;
            case ReduceMode::l1: r += std::is_signed_v<I> && v < I(0) ? uint64_t{0} - u : u; break;
            case ReduceMode::l2:
            case ReduceMode::sum_square: r += u * u; break;
            case ReduceMode::log_sum_exp: exponentials += std::exp(static_cast<double>(v)); break;
            default: r += u;
        }
    }
    const I sum = static_cast<I>(r);
    switch (mode) {
        case ReduceMode::max:
        case ReduceMode::min: return best;
        case ReduceMode::mean: return n ? divide(sum, static_cast<I>(n)) : I(0);
        case ReduceMode::l2: return convert_element<I>(std::sqrt(static_cast<double>(sum)));
        case ReduceMode::log_sum: return convert_element<I>(std::log(static_cast<double>(sum)));
        case ReduceMode::log_sum_exp: return convert_element<I>(std::log(exponentials));
        default: return sum;
    }
}
}  // namespace detail

inline void Reduce::reference(RunContext& c) {
    const Attributes a = c.attributes<Attributes>();
    const TensorView& x = c.input(0);
    const Shape& s = x.shape;
    const std::vector<bool> reduced = reduced_axes(a, c.has_input(1) ? c.input(1).values<int64_t>() : a.axes, s.rank(), c.where());
    const TensorView y = c.output(0, x.dtype, result_shape(s, reduced, a.keepdims));
    // Offsets of the groups, and of the elements within one.
    std::vector<int64_t> groups{0}, members{0};
    int64_t stride = 1;
    for (size_t k = s.rank(); k-- > 0;) {
        std::vector<int64_t>& list = reduced[k] ? members : groups;
        std::vector<int64_t> next;
        next.reserve(list.size() * static_cast<size_t>(s[k]));
        for (int64_t i = 0; i < s[k]; ++i)
            for (int64_t v : list) next.push_back(v + i * stride);
        list = std::move(next);
        stride *= s[k];
    }
    // A row of neighbours in memory is loaded at once.
    size_t run = 1;
    while (run < members.size() && members[run] == members[run - 1] + 1) ++run;
    visit_wide(x.dtype, [&](auto tag) {
        using W = decltype(tag);
        std::vector<W> row(members.size());
        for (size_t g = 0; g < groups.size(); ++g) {
            for (size_t i = 0; i < members.size(); i += run) load_wide(x, groups[g] + members[i], 1, std::min(run, members.size() - i), row.data() + i);
            W r;
            if constexpr (std::is_same_v<W, double>) {
                r = detail::reduce_group(a.mode, row.data(), row.size());
            } else {
                W low{}, high{};
                visit_dtype(x.dtype, [&](auto element) {
                    using T = decltype(element);
                    if constexpr (std::is_integral_v<T>) {
                        low = static_cast<W>(std::numeric_limits<T>::min());
                        high = static_cast<W>(std::numeric_limits<T>::max());
                    }
                });
                r = detail::reduce_group<W>(a.mode, row.data(), row.size(), low, high);
            }
            store_wide(y, static_cast<int64_t>(g), 1, 1, &r);
        }
    });
}

// Reductions whose axes are neighbours in memory: [outer, n, inner] -> [outer, inner]. In NHWC and in packed layouts that are
// the spatial axes; there the extents must be kept.
struct ReduceKernel {
    static constexpr std::string_view name = "reduce";
    struct State {
        ReduceMode mode = ReduceMode::sum;
        AxisSplit s;
    };
    // The axes as they lie in memory; false if they are no run of neighbours (axes of extent 1 do not count).
    static bool split(const NodeInfo& n, AxisSplit& out) {
        const LayoutTag layout = n.layout();
        const auto a = n.attributes<Reduce::Attributes>();
        const Shape& s = n.input(0).shape;
        if (n.has_input(1) && !n.constant(1)) return false;
        const std::vector<bool> reduced =
                Reduce::reduced_axes(a, n.has_input(1) ? n.constant(1)->values<int64_t>() : a.axes, s.rank(), "Reduce");
        Shape p = s;
        std::vector<bool> r = reduced;
        if (layout != LayoutTag::nchw) {
            if (!a.keepdims || s.rank() < 3) return false;
            p = memory_shape(layout, s);
            if (layout != LayoutTag::nhwc) {
                if (reduced[1]) return false;
                r.push_back(false);
            } else {
                r.erase(r.begin() + 1);
                r.push_back(reduced[1]);
            }
        }
        size_t from = p.rank(), to = 0;
        for (size_t k = 0; k < p.rank(); ++k)
            if (r[k] && p[k] != 1) {
                from = std::min(from, k);
                to = k + 1;
            }
        if (from >= to) from = to = p.rank();
        for (size_t k = from; k < to; ++k)
            if (!r[k] && p[k] != 1) return false;
        out = AxisSplit(p, from, to);
        return true;
    }
    static bool applicable(const NodeInfo& n) {
        AxisSplit s;
        return n.input(0).shape_known() && n.output().shape_known() && split(n, s) && s.total() > 0;
    }
    static double cost(const NodeInfo& n) {
        const double elements = static_cast<double>(padded_count(n.layout(), n.input(0).shape));
        const bool exponentials = n.attributes<Reduce::Attributes>().mode == ReduceMode::log_sum_exp;
        return 100 + elements * (exponentials ? 4.0 : 0.8) / std::min(n.bricks->lanes, 8);
    }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        State st;
        st.mode = n.attributes<Reduce::Attributes>().mode;
        split(n, st.s);
        return st;
    }
    static void run(const State& st, const RunContext& c) noexcept {
        const AxisSplit& s = st.s;
        const float* x = c.input(0).as<const float>();
        float* y = c.output(0).as<float>();
        const MathBricks& m = c.bricks->math;
        if (s.inner == 1 && s.n <= kNarrow) {
            c.pool->parallel_for(s.outer, 4096 / s.n + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; i += kTile) narrow(st, m, x + i * s.n, y + i, std::min(kTile, end - i));
            });
        } else if (s.inner == 1) {
            c.pool->parallel_for(s.outer, 8192 / s.n + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) y[i] = static_cast<float>(row(st.mode, m, x + i * s.n, s.n));
            });
        } else if (s.inner <= 16 && (s.inner & (s.inner - 1)) == 0) {
            c.pool->parallel_for(s.outer, 8192 / (s.n * s.inner) + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) lanes(st.mode, m, x + i * s.n * s.inner, s.n, s.inner, y + i * s.inner);
            });
        } else {
            const size_t tiles = (s.inner + kTile - 1) / kTile;
            c.pool->parallel_for(s.outer * tiles, 8192 / (s.n * std::min(s.inner, kTile)) + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) {
                    const size_t o = i / tiles, column = i % tiles * kTile;
                    columns(st, m, x + o * s.n * s.inner + column, s.inner, y + o * s.inner + column, std::min(kTile, s.inner - column));
                }
            });
        }
        zero_pad_lanes(c.output(0), *c.pool);
    }

    static double join(ReduceMode mode, double a, double b) {
        switch (mode) {
            case ReduceMode::prod: return a * b;
            case ReduceMode::max: return a != a || a > b ? a : b;
            case ReduceMode::min: return a != a || a < b ? a : b;
            default: return a + b;
        }
    }
    static double finish(ReduceMode mode, double r, size_t n) {
        switch (mode) {
            case ReduceMode::mean: return r / static_cast<double>(n);
            case ReduceMode::l2: return std::sqrt(r);
            case ReduceMode::log_sum: return std::log(r);
            default: return r;
        }
    }
    // 16 lanes of which those with the same index modulo `period` belong together, joined into r.
    static void fold(ReduceMode mode, const float* lane, size_t period, double* r, bool first) {
        for (size_t i = 0; i < 16; ++i)
            r[i % period] = first && i < period ? static_cast<double>(lane[i]) : join(mode, r[i % period], static_cast<double>(lane[i]));
    }

private:
    static constexpr size_t kTile = 256, kBlock = 8192;  // columns of a tile; elements that are summed in float
    static constexpr size_t kNarrow = 12;  // rows of so few elements are turned into columns: 3 ns for a row of 2, not 60

    static double row(ReduceMode mode, const MathBricks& m, const float* x, size_t n) {
        double r[16];
        period_of(mode, m, x, n, 1, r);
        return r[0];
    }
    static void lanes(ReduceMode mode, const MathBricks& m, const float* x, size_t n, size_t period, float* y) {
        double r[16];
        period_of(mode, m, x, n, period, r);
        for (size_t i = 0; i < period; ++i) y[i] = static_cast<float>(r[i]);
    }
    // r[j] over x[i * period + j], i < n.
    static void period_of(ReduceMode mode, const MathBricks& m, const float* x, size_t n, size_t period, double* r) {
        alignas(64) float lane[16], e[256], top[16];
        const size_t total = n * period;
        if (mode == ReduceMode::log_sum_exp) {
            period_of(ReduceMode::max, m, x, n, period, r);
            for (size_t i = 0; i < 16; ++i) {
                top[i] = static_cast<float>(r[i % period]);
                if (!std::isfinite(top[i])) top[i] = 0.f;
            }
            for (size_t at = 0; at < total; at += 256) {
                const size_t k = std::min<size_t>(256, total - at);
                m.binary(ElemwiseMode::sub, x + at, kDense, top, kPattern, e, k);
                m.unary(ElemwiseMode::exp, 0.f, 0.f, e, e, k);
                m.reduce16(ReduceMode::sum, e, k, lane);
                fold(ReduceMode::sum, lane, period, r, at == 0);
            }
            for (size_t i = 0; i < period; ++i) r[i] = std::log(r[i]) + static_cast<double>(top[i]);
            return;
        }
        for (size_t at = 0; at < total; at += kBlock) {
            m.reduce16(mode, x + at, std::min(kBlock, total - at), lane);
            fold(mode, lane, period, r, at == 0);
        }
        for (size_t i = 0; i < period; ++i) r[i] = finish(mode, r[i], n);
    }
    static ElemwiseMode step(ReduceMode mode) {
        switch (mode) {
            case ReduceMode::prod: return ElemwiseMode::mul;
            case ReduceMode::max: return ElemwiseMode::max;
            case ReduceMode::min: return ElemwiseMode::min;
            default: return ElemwiseMode::add;
        }
    }
    static void narrow(const State& st, const MathBricks& m, const float* x, float* y, size_t rows) {
        alignas(64) float t[kNarrow * kTile];
        const size_t n = st.s.n;
        for (size_t k = 0; k < n; ++k)
            for (size_t i = 0; i < rows; ++i) t[k * kTile + i] = x[i * n + k];
        columns(st, m, t, kTile, y, rows);
    }
    // Up to kTile neighbouring columns of rows that lie `stride` apart. Sums of more than 256 rows go through partial sums.
    static void columns(const State& st, const MathBricks& m, const float* x, size_t stride, float* y, size_t n) {
        alignas(64) float e[kTile], top[kTile], part[kTile];
        const size_t rows = st.s.n;
        const bool exponentials = st.mode == ReduceMode::log_sum_exp;
        if (exponentials) {
            std::memcpy(top, x, n * sizeof(float));
            for (size_t k = 1; k < rows; ++k) m.binary(ElemwiseMode::max, top, kDense, x + k * stride, kDense, top, n);
            for (size_t i = 0; i < n; ++i)
                if (!std::isfinite(top[i])) top[i] = 0.f;
        }
        const auto load = [&](size_t k) -> const float* {
            const float* p = x + k * stride;
            switch (st.mode) {
                case ReduceMode::l1: m.unary(ElemwiseMode::abs, 0.f, 0.f, p, e, n); return e;
                case ReduceMode::l2:
                case ReduceMode::sum_square: m.unary(ElemwiseMode::square, 0.f, 0.f, p, e, n); return e;
                case ReduceMode::log_sum_exp:
                    m.binary(ElemwiseMode::sub, p, kDense, top, kDense, e, n);
                    m.unary(ElemwiseMode::exp, 0.f, 0.f, e, e, n);
                    return e;
                default: return p;
            }
        };
        const ElemwiseMode join_mode = step(st.mode);
        for (size_t k0 = 0; k0 < rows; k0 += 256) {
            float* acc = k0 == 0 ? y : part;
            std::memcpy(acc, load(k0), n * sizeof(float));
            for (size_t k = k0 + 1; k < std::min(rows, k0 + 256); ++k) m.binary(join_mode, acc, kDense, load(k), kDense, acc, n);
            if (k0) m.binary(join_mode, y, kDense, part, kDense, y, n);
        }
        const float scale = static_cast<float>(rows);
        switch (st.mode) {
            case ReduceMode::mean: m.binary(ElemwiseMode::div, y, kDense, &scale, kScalar, y, n); break;
            case ReduceMode::l2: m.unary(ElemwiseMode::sqrt, 0.f, 0.f, y, y, n); break;
            case ReduceMode::log_sum: m.unary(ElemwiseMode::log, 0.f, 0.f, y, y, n); break;
            case ReduceMode::log_sum_exp:
                m.unary(ElemwiseMode::log, 0.f, 0.f, y, y, n);
                m.binary(ElemwiseMode::add, y, kDense, top, kDense, y, n);
                break;
            default: break;
        }
    }
};
template <ImageLayout L> struct Kernel<Reduce, L, float> : ReduceKernel {};

LITE_NAMESPACE_END
#endif
