// Pad: the tensor with borders added or, where a pad is negative, cut off.
#ifndef LITE_OP_PAD_H_
#define LITE_OP_PAD_H_
#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Modes: constant, reflect (without the border element), edge, wrap. Pads (begins, then ends) and the constant are attributes
// before opset 11, inputs 1 and 2 since; input 3 names the axes.
struct Pad {
    static constexpr std::string_view name = "Pad";
    static constexpr Spelling spellings[] = {{"onnx", "", "Pad"}};
    struct Attributes {
        std::vector<int64_t> pads, paddings;  // `paddings` is opset 1's name
        std::string mode = "constant";
        float value = 0.f;
        template <class V> void visit(V& v) {
            v("pads", pads);
            v("paddings", paddings);
            v("mode", mode);
            v("value", value);
        }
    };
    // Of every axis: what is added in front and behind, both maybe negative.
    struct Border {
        int64_t before = 0, after = 0;
    };

    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        c.check_that(a.mode == "constant" || a.mode == "reflect" || a.mode == "edge" || a.mode == "wrap", "mode '", a.mode, "'");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        const size_t rank = x.shape.rank();
        if ((c.has_input(1) && !c.value(1)) || (c.has_input(3) && !c.value(3))) return c.output_unknown(0, x.dtype, static_cast<int>(rank));
        const auto pads = c.has_input(1) ? c.value(1)->values<int64_t>() : a.pads.empty() ? a.paddings : a.pads;
        const auto axes = c.has_input(3) ? c.value(3)->values<int64_t>() : std::vector<int64_t>();
        Border borders[kMaxRank];
        c.check_that(expand(pads, axes, c.has_input(3), rank, borders), "pads ", pads, " of a tensor of shape ", x.shape);
        Shape y = x.shape;
        for (size_t i = 0; i < rank; ++i) {
            for (int64_t p : {borders[i].before, borders[i].after}) c.check_that(p > -(int64_t{1} << 40) && p < (int64_t{1} << 40), "a pad of ", p);
            if (y[i] < 0) continue;
            const int64_t kept = y[i] + std::min<int64_t>(0, borders[i].before) + std::min<int64_t>(0, borders[i].after);
            y[i] += borders[i].before + borders[i].after;
            c.check_that(y[i] >= 0 && kept >= 0, "pads ", pads, " cut more than there is of ", x.shape);
            c.check_that(kept > 0 || y[i] == 0 || a.mode == "constant", "mode '", a.mode, "' needs elements to repeat, axis ", i, " of ", x.shape, " has none left");
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const auto a = c.attributes<Attributes>();
        const auto pads = c.has_input(1) ? c.input(1).values<int64_t>() : a.pads.empty() ? a.paddings : a.pads;
        const auto axes = c.has_input(3) ? c.input(3).values<int64_t>() : std::vector<int64_t>();
        Border borders[kMaxRank];
        expand(pads, axes, c.has_input(3), x.shape.rank(), borders);
        alignas(8) std::byte fill[8] = {};
        fill_value(c.has_input(2) && c.input(2).count() == 1 ? c.input(2).data : nullptr, a, x.dtype, fill);
        Pad::run(x.data, y.data, size_of(x.dtype), Pad::maps(x.shape, y.shape, a.mode, borders), fill, c.pool);
    }
    // Whether the pads fit; fills one border per axis.
    static bool expand(const std::vector<int64_t>& pads, const std::vector<int64_t>& axes, bool has_axes, size_t rank, Border* borders) {
        const size_t n = has_axes ? axes.size() : rank;
        if (pads.size() != 2 * n) return false;
        for (size_t i = 0; i < n; ++i) borders[has_axes ? normalize_axis(axes[i], rank, name) : i] = {pads[i], pads[n + i]};
        return true;
    }

    // The constant; zero where it is not given.
    static void fill_value(const void* given, const Attributes& a, DType t, std::byte* out) {
        if (given) {
            std::memcpy(out, given, size_of(t));
        } else {
            const double value = static_cast<double>(a.value);
            store_wide({out, t, Shape{}, LayoutTag::nchw}, 0, 1, 1, &value);
        }
    }
    // Everything about a pad but its data.
    struct Maps {
        Shape x, y;
        size_t last = 0;                      // the last axis with a border; those behind it move with it
        std::vector<int64_t> source[kMaxRank];  // of each index of y up to `last`: that of x, -1: the constant
        int64_t lead = 0, body = 0;           // of the last axis: elements of border, and of the copied run, that come first
    };
    static Maps maps(const Shape& x, const Shape& y, std::string_view mode, const Border* borders) {
        Maps m;
        m.x = x;
        m.y = y;
        if (y.empty()) return m;
        m.last = y.rank() - 1;
        while (m.last > 0 && borders[m.last].before == 0 && borders[m.last].after == 0) --m.last;
        for (size_t i = 0; i <= m.last; ++i)
            for (int64_t k = 0; k < y[i]; ++k) m.source[i].push_back(source(k, borders[i], x[i], mode));
        const int64_t width = y[m.last];
        m.lead = std::min(width, std::max<int64_t>(0, borders[m.last].before));
        m.body = std::max<int64_t>(0, width - std::max<int64_t>(0, borders[m.last].after) - m.lead);
        return m;
    }
    // `fill`: one element, the constant.
    static void run(const void* x, void* y, size_t size, const Maps& m, const std::byte* fill, ThreadPool* pool) noexcept {
        if (m.y.count() == 0) return;
        if (m.y.empty()) {
            std::memcpy(y, x, size);
            return;
        }
        const std::vector<int64_t>& inner = m.source[m.last];
        const int64_t width = m.y[m.last];
        const size_t run_bytes = static_cast<size_t>(m.y.count(m.last + 1, m.y.rank())) * size;
        const auto put = [&](std::byte* to, const std::byte* row, int64_t from, int64_t n) {  // elements [from, from + n) of a row, one by one
            if (n <= 0) return;
            visit_element_size(size, [&](auto tag) {
                using T = decltype(tag);
                const T v = load_element<T>(fill);
                for (int64_t k = from; k < from + n; ++k) {
                    std::byte* q = to + static_cast<size_t>(k) * run_bytes;
                    const int64_t s = row ? inner[static_cast<size_t>(k)] : -1;
                    if (s < 0) {
                        for (size_t j = 0; j < run_bytes; j += sizeof(T)) store_element(q + j, v);
                    } else if (run_bytes == sizeof(T)) {
                        store_element(q, load_element<T>(row + static_cast<size_t>(s) * sizeof(T)));
                    } else {
                        std::memcpy(q, row + static_cast<size_t>(s) * run_bytes, run_bytes);
                    }
                }
            });
        };
        const size_t rows = static_cast<size_t>(m.y.count(0, m.last)), row_bytes = static_cast<size_t>(width) * run_bytes;
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                size_t rest = r;
                int64_t offset = 0, stride = 1;
                for (size_t i = m.last; i-- > 0;) {
                    const int64_t s = m.source[i][rest % static_cast<size_t>(m.y[i])];
                    rest /= static_cast<size_t>(m.y[i]);
                    if (s < 0) offset = -1;
                    if (offset >= 0) offset += s * stride;
                    stride *= m.x[i];
                }
                std::byte* to = static_cast<std::byte*>(y) + r * row_bytes;
                if (offset < 0) {
                    put(to, nullptr, 0, width);
                    continue;
                }
                const std::byte* row = static_cast<const std::byte*>(x) + static_cast<size_t>(offset * m.x[m.last]) * run_bytes;
                put(to, row, 0, m.lead);
                if (m.body > 0)
                    std::memcpy(to + static_cast<size_t>(m.lead) * run_bytes, row + static_cast<size_t>(inner[static_cast<size_t>(m.lead)]) * run_bytes,
                                static_cast<size_t>(m.body) * run_bytes);
                put(to, row, m.lead + m.body, width - m.lead - m.body);
            }
        };
        if (!pool || rows * row_bytes < kParallelBytes) work(0, rows, 0);
        else pool->parallel_for(rows, std::max<size_t>(1, kParallelBytes / 2 / row_bytes), work);
    }

private:
    // Where the element `i` of the padded axis comes from; -1: the constant.
    static int64_t source(int64_t i, const Border& b, int64_t extent, std::string_view mode) {
        const int64_t low = std::max<int64_t>(0, -b.before), n = extent - low - std::max<int64_t>(0, -b.after);
        i -= std::max<int64_t>(0, b.before);
        if (i < 0 || i >= n) {
            if (mode == "constant") return -1;
            if (mode == "edge") {
                i = i < 0 ? 0 : n - 1;
            } else if (mode == "wrap") {
                i = (i % n + n) % n;
            } else if (n == 1) {
                i = 0;
            } else {
                const int64_t period = 2 * (n - 1);
                i = (i % period + period) % period;
                if (i >= n) i = period - i;
            }
        }
        return low + i;
    }
};

// Borders of the memory of every layout; channels only where they are not packed.
struct PadKernel {
    static constexpr std::string_view name = "pad/copy";
    struct State {
        Pad::Maps maps;
        alignas(8) std::byte fill[8] = {};
    };
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        State s;
        return n.input(0).layout == layout && (layout == LayoutTag::nchw || n.input(0).shape.rank() <= 6) && state(n, s);
    }
    static double cost(const NodeInfo& n) { return copy_cost(n, 40); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        State s;
        state(n, s);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        Pad::run(c.input(0).data, c.output(0).data, size_of(c.input(0).dtype), s.maps, s.fill, c.pool);
    }

private:
    static bool state(const NodeInfo& n, State& s) {
        const LayoutTag layout = n.layout();
        const Shape &x = n.input(0).shape, &y = n.output().shape;
        const auto a = n.attributes<Pad::Attributes>();
        for (size_t i = 1; i < 4; ++i)
            if (n.has_input(i) && !n.constant(i)) return false;
        const auto pads = n.has_input(1) ? n.constant(1)->values<int64_t>() : a.pads.empty() ? a.paddings : a.pads;
        const auto axes = n.has_input(3) ? n.constant(3)->values<int64_t>() : std::vector<int64_t>();
        Pad::Border logical[kMaxRank], borders[kMaxRank];
        Pad::expand(pads, axes, n.has_input(3), x.rank(), logical);
        Pad::fill_value(n.has_input(2) && n.constant(2)->count() == 1 ? n.constant(2)->data() : nullptr, a, n.input(0).dtype, s.fill);
        if (const int64_t pack = pack_of(layout); pack > 1) {
            if (logical[1].before || logical[1].after) return false;
            // The padding lanes of a border must be zero.
            if (a.mode == "constant" && x[1] % pack != 0)
                for (std::byte b : s.fill)
                    if (b != std::byte{0}) return false;
        }
        for (size_t i = 0; i < x.rank(); ++i) borders[memory_axis(layout, i, x.rank())] = logical[i];
        s.maps = Pad::maps(memory_shape(layout, x), memory_shape(layout, y), a.mode, borders);
        return true;
    }
};
template <LayoutType L> struct Kernel<Pad, L, void> : PadKernel {};

LITE_NAMESPACE_END
#endif
