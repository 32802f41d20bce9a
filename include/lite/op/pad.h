// Pad: the tensor with borders added or, where a pad is negative, cut off.
#ifndef LITE_OP_PAD_H_
#define LITE_OP_PAD_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

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
        std::byte fill[8] = {};
        if (a.mode == "constant") fill_value(c, a, x.dtype, fill);
        run(x, y, a.mode, borders, fill, c.pool);
    }
    // Whether the pads fit; fills one border per axis.
    static bool expand(const std::vector<int64_t>& pads, const std::vector<int64_t>& axes, bool has_axes, size_t rank, Border* borders) {
        const size_t n = has_axes ? axes.size() : rank;
        if (pads.size() != 2 * n) return false;
        for (size_t i = 0; i < n; ++i) borders[has_axes ? normalize_axis(axes[i], rank, name) : i] = {pads[i], pads[n + i]};
        return true;
    }

private:
    static void fill_value(const RunContext& c, const Attributes& a, DType t, std::byte* out) {
        if (c.has_input(2) && c.input(2).count() == 1) {
            std::memcpy(out, c.input(2).data, size_of(t));
        } else if (!c.has_input(2)) {
            visit_dtype(t, [&](auto tag) {
                using T = decltype(tag);
                const T v = static_cast<T>(a.value);
                std::memcpy(out, &v, sizeof v);
            });
        }
    }
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
    static void run(const TensorView& x, const TensorView& y, std::string_view mode, const Border* borders, const std::byte* fill, ThreadPool* pool) {
        if (y.count() == 0) return;
        const size_t rank = y.shape.rank(), size = size_of(x.dtype);
        if (rank == 0) {
            std::memcpy(y.data, x.data, size);
            return;
        }
        std::vector<int64_t> maps[kMaxRank];
        for (size_t i = 0; i < rank; ++i)
            for (int64_t k = 0; k < y.shape[i]; ++k) maps[i].push_back(source(k, borders[i], x.shape[i], mode));
        // Trailing axes without borders move as one element.
        size_t last = rank - 1, run_bytes = size;
        while (last > 0 && borders[last].before == 0 && borders[last].after == 0) run_bytes *= static_cast<size_t>(x.shape[last--]);
        const std::vector<int64_t>& inner = maps[last];
        const int64_t width = y.shape[last];
        const int64_t lead = std::min(width, std::max<int64_t>(0, borders[last].before));
        const int64_t body = std::max<int64_t>(0, std::min(width, width - std::max<int64_t>(0, borders[last].after)) - lead);
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
        const size_t rows = static_cast<size_t>(y.shape.count(0, last)), row_bytes = static_cast<size_t>(width) * run_bytes;
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                size_t rest = r;
                int64_t offset = 0, stride = 1;
                for (size_t i = last; i-- > 0;) {
                    const int64_t s = maps[i][rest % static_cast<size_t>(y.shape[i])];
                    rest /= static_cast<size_t>(y.shape[i]);
                    if (s < 0) offset = -1;
                    if (offset >= 0) offset += s * stride;
                    stride *= x.shape[i];
                }
                std::byte* to = y.as<std::byte>() + r * row_bytes;
                const std::byte* row = offset < 0 ? nullptr : x.as<const std::byte>() + static_cast<size_t>(offset * x.shape[last]) * run_bytes;
                if (!row) {
                    put(to, nullptr, 0, width);
                    continue;
                }
                put(to, row, 0, lead);
                if (body > 0) std::memcpy(to + static_cast<size_t>(lead) * run_bytes, row + static_cast<size_t>(inner[static_cast<size_t>(lead)]) * run_bytes, static_cast<size_t>(body) * run_bytes);
                put(to, row, lead + body, width - lead - body);
            }
        };
        if (!pool || rows * row_bytes < kParallelBytes) work(0, rows, 0);
        else pool->parallel_for(rows, std::max<size_t>(1, kParallelBytes / 2 / row_bytes), work);
    }
};

LITE_NAMESPACE_END
#endif
