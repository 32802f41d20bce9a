// Resize: images of another size, by nearest, linear or cubic interpolation.
#ifndef LITE_OP_RESIZE_H_
#define LITE_OP_RESIZE_H_
#include <cmath>

#include "lite/kernel/packed_copy.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Inputs: x, roi, scales, sizes (opset 10: x, scales; Upsample: x, scales as input or attribute), one of scales and sizes. Any number
// of axes may change. Attributes as in ONNX; their defaults depend on the version.
struct Resize {
    static constexpr std::string_view name = "Resize";
    static constexpr Spelling spellings[] = {{"onnx", "", "Resize"}, {"onnx", "", "Upsample"}};
    struct Attributes {
        std::string mode = "nearest", coordinate_transformation_mode, nearest_mode, keep_aspect_ratio_policy = "stretch";
        float cubic_coeff_a = -0.75f, extrapolation_value = 0.f;
        bool exclude_outside = false, antialias = false;
        std::vector<int64_t> axes;
        std::vector<float> scales;  // Upsample of opset 7
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("coordinate_transformation_mode", coordinate_transformation_mode);
            v("nearest_mode", nearest_mode);
            v("keep_aspect_ratio_policy", keep_aspect_ratio_policy);
            v("cubic_coeff_a", cubic_coeff_a);
            v("extrapolation_value", extrapolation_value);
            v("exclude_outside", exclude_outside);
            v("antialias", antialias);
            v("axes", axes);
            v("scales", scales);
        }
    };
    enum class Mode { nearest, linear, cubic };
    enum class Coordinates { half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric, tf_half_pixel_for_nn, tf_crop_and_resize };
    enum class Nearest { round_prefer_floor, round_prefer_ceil, floor, ceil, simple /* opset 10: floor up, ceil down */ };
    // The attributes with their defaults filled in and understood.
    struct Options {
        Mode mode = Mode::nearest;
        Coordinates coordinates = Coordinates::half_pixel;
        Nearest nearest = Nearest::round_prefer_floor;
        float cubic_a = -0.75f;
        bool exclude_outside = false, antialias = false;
    };
    // One axis: `scale` is what coordinates are computed with, which need not be exactly out / in.
    struct Axis {
        int64_t in = 1, out = 1;
        float scale = 1.f, roi_begin = 0.f, roi_end = 1.f;
    };
    // What one output coordinate is made of: `taps` source indices and weights; index -1 in the first: outside, extrapolated.
    struct Table {
        int64_t taps = 1;
        std::vector<int32_t> index;
        std::vector<float> weight;
        bool outside = false;
    };

    static bool parse(const Attributes& a, int version, Options& o) {
        const auto find = [](std::string_view s, std::initializer_list<std::string_view> names, auto& out) {
            int i = 0;
            for (std::string_view n : names) {
                if (n == s) {
                    out = static_cast<std::remove_reference_t<decltype(out)>>(i);
                    return true;
                }
                ++i;
            }
            return false;
        };
        o.cubic_a = a.cubic_coeff_a;
        o.exclude_outside = a.exclude_outside;
        o.antialias = a.antialias;
        const std::string coordinates = !a.coordinate_transformation_mode.empty() ? a.coordinate_transformation_mode : version < 11 ? "asymmetric" : "half_pixel";
        const std::string nearest = !a.nearest_mode.empty() ? a.nearest_mode : version < 11 ? "simple" : "round_prefer_floor";
        if (a.mode == "bilinear") o.mode = Mode::linear;
        else if (!find(a.mode, {"nearest", "linear", "cubic"}, o.mode)) return false;
        return find(coordinates, {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"}, o.coordinates) &&
               find(nearest, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"}, o.nearest);
    }
    static size_t scales_input(int version) { return version < 11 ? 1 : 2; }

    // The axes from the data of the inputs; `out` has the extents of the output if they are known from elsewhere. Empty text if fine.
    static std::string geometry(const Attributes& a, const Shape& x, const std::vector<float>& roi, const std::vector<float>& scales,
                                const std::vector<int64_t>& sizes, const Shape* out, Axis* axes) {
        std::vector<size_t> which;
        for (size_t i = 0; i < x.rank(); ++i) axes[i] = {x[i], x[i], 1.f, 0.f, 1.f};
        if (a.axes.empty())
            for (size_t i = 0; i < x.rank(); ++i) which.push_back(i);
        for (int64_t axis : a.axes) which.push_back(normalize_axis(axis, x.rank(), name));
        const size_t n = which.size();
        if (!roi.empty() && roi.size() == 2 * n)
            for (size_t i = 0; i < n; ++i) {
                axes[which[i]].roi_begin = roi[i];
                axes[which[i]].roi_end = roi[n + i];
            }
        if (!scales.empty()) {
            if (scales.size() != n) return text("scales ", scales, " for ", n, " axes");
            for (size_t i = 0; i < n; ++i) {
                Axis& d = axes[which[i]];
                if (!(scales[i] > 0.f && scales[i] < 1e6f)) return text("scales ", scales);
                d.scale = scales[i];
                d.out = d.in < 0 ? (d.scale == 1.f ? d.in : kUnknown) : static_cast<int64_t>(std::floor(d.scale * static_cast<float>(d.in)));
            }
            return {};
        }
        std::vector<int64_t> wanted = sizes;
        if (wanted.empty() && out) {
            for (size_t i : which) wanted.push_back((*out)[i]);
        } else if (wanted.size() != n) {
            return text("sizes ", sizes, " for ", n, " axes");
        }
        for (int64_t s : wanted)
            if (s < 0 || s > (int64_t{1} << 31)) return text("sizes ", sizes);
        if (a.keep_aspect_ratio_policy == "stretch") {
            for (size_t i = 0; i < n; ++i) {
                Axis& d = axes[which[i]];
                d.out = wanted[i];
                if (d.in > 0) d.scale = static_cast<float>(d.out) / static_cast<float>(d.in);
            }
            return {};
        }
        const bool larger = a.keep_aspect_ratio_policy == "not_smaller";
        if (!larger && a.keep_aspect_ratio_policy != "not_larger") return text("keep_aspect_ratio_policy '", a.keep_aspect_ratio_policy, "'");
        if (sizes.empty()) return "the sizes are not known";
        float scale = larger ? 0.f : 1e6f;
        for (size_t i = 0; i < n; ++i) {
            const Axis& d = axes[which[i]];
            if (d.in <= 0) {
                for (size_t k : which) axes[k].out = kUnknown;
                return {};
            }
            const float s = static_cast<float>(wanted[i]) / static_cast<float>(d.in);
            scale = larger ? std::max(scale, s) : std::min(scale, s);
        }
        for (size_t i : which) {
            axes[i].scale = scale;
            axes[i].out = static_cast<int64_t>(std::round(scale * static_cast<float>(axes[i].in)));
        }
        return {};
    }

    static Table table(const Axis& d, const Options& o, bool extrapolate) {
        Table t;
        const bool soft = o.antialias && o.mode != Mode::nearest && d.scale < 1.f;
        const float s = soft ? d.scale : 1.f;
        const int64_t reach = o.mode == Mode::nearest ? 0 : static_cast<int64_t>(std::ceil((o.mode == Mode::linear ? 1.f : 2.f) / s));
        t.taps = std::max<int64_t>(1, 2 * reach);
        t.index.resize(static_cast<size_t>(d.out * t.taps));
        t.weight.resize(t.index.size(), 1.f);
        for (int64_t i = 0; i < d.out; ++i) {
            const float x = coordinate(static_cast<float>(i), d, o.coordinates);
            int32_t* index = &t.index[static_cast<size_t>(i * t.taps)];
            float* weight = &t.weight[static_cast<size_t>(i * t.taps)];
            const bool outside = extrapolate && (x < 0.f || x > static_cast<float>(d.in - 1));
            if (o.mode == Mode::nearest) {
                index[0] = static_cast<int32_t>(std::clamp<int64_t>(nearest(x, d.scale, o.nearest), 0, d.in - 1));
            } else {
                const float base = std::floor(x), r = x - base;
                float sum = 0.f;
                for (int64_t k = 0; k < t.taps; ++k) {
                    const int64_t at = static_cast<int64_t>(base) + k - reach + 1;
                    const float distance = std::abs((static_cast<float>(k - reach + 1) - r) * s);
                    weight[k] = o.mode == Mode::linear ? std::max(0.f, 1.f - distance) : cubic(distance, o.cubic_a);
                    if (o.exclude_outside && (at < 0 || at >= d.in)) weight[k] = 0.f;
                    index[k] = static_cast<int32_t>(std::clamp<int64_t>(at, 0, d.in - 1));
                    sum += weight[k];
                }
                if ((soft || o.exclude_outside) && sum != 0.f)
                    for (int64_t k = 0; k < t.taps; ++k) weight[k] /= sum;
            }
            if (outside) {
                index[0] = -1;
                t.outside = true;
            }
        }
        return t;
    }

    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        Options o;
        c.check_that(parse(a, c.version(), o), "mode '", a.mode, "', coordinate_transformation_mode '", a.coordinate_transformation_mode,
                     "', nearest_mode '", a.nearest_mode, "'");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        std::vector<float> scales = a.scales;
        std::vector<int64_t> sizes;
        const size_t s = scales_input(c.version());
        for (size_t i : {s, size_t{3}}) {
            if (!c.has_input(i) || (i == 3 && s == 1)) continue;
            const Array* v = c.value(i);
            if (!v) {
                if (c.input(i).shape_known() && c.input(i).shape.count() == 0) continue;
                return c.output_unknown(0, x.dtype, static_cast<int>(x.shape.rank()));
            }
            if (i == s) scales = v->values<float>();
            else if (scales.empty()) sizes = v->values<int64_t>();
        }
        c.check_that(!scales.empty() || !sizes.empty(), "neither scales nor sizes are given");
        Axis axes[kMaxRank];
        const std::string problem = geometry(a, x.shape, {}, scales, sizes, nullptr, axes);
        c.check_that(problem.empty(), problem, " of an input of shape ", x.shape);
        Shape y = x.shape;
        for (size_t i = 0; i < y.rank(); ++i) {
            y[i] = axes[i].out;
            c.check_that(axes[i].in != 0 || axes[i].out == 0, "axis ", i, " of ", x.shape, " has nothing to make ", axes[i].out, " elements of");
            c.check_that(axes[i].in < INT32_MAX, "axis ", i, " of ", x.shape, " is too long");
        }
        c.output(0, x.dtype, y);
    }

    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const auto a = c.attributes<Attributes>();
        Options o;
        parse(a, c.version(), o);
        if (y.count() == 0) return;
        std::vector<float> scales = a.scales, roi;
        std::vector<int64_t> sizes;
        const size_t s = scales_input(c.version());
        if (c.has_input(s)) scales = c.input(s).values<float>();
        if (s == 2 && c.has_input(1)) roi = c.input(1).values<float>();
        if (s == 2 && c.has_input(3) && scales.empty()) sizes = c.input(3).values<int64_t>();
        Axis axes[kMaxRank];
        const std::string problem = geometry(a, x.shape, roi, scales, sizes, &y.shape, axes);
        c.check_that(problem.empty(), problem);
        std::array<Table, kMaxRank> tables;
        bool outside = false;
        for (size_t i = 0; i < x.shape.rank(); ++i) {
            if (!same(axes[i], o)) tables[i] = table(axes[i], o, o.coordinates == Coordinates::tf_crop_and_resize);
            outside = outside || tables[i].outside;
        }
        if (o.mode == Mode::nearest) {
            pick(x, y, tables, c.pool);
        } else {
            if (x.dtype == DType::f64) blend<double>(x, y, tables, o, c.pool);
            else blend<float>(x, y, tables, o, c.pool);
        }
        if (outside) extrapolate(y, tables, a.extrapolation_value);
    }
    // Whether the axis stays as it is.
    static bool same(const Axis& d, const Options& o) {
        return d.in == d.out && (d.scale == 1.f || o.coordinates == Coordinates::align_corners) && o.coordinates != Coordinates::tf_crop_and_resize;
    }

private:
    static float coordinate(float i, const Axis& d, Coordinates mode) {
        const float in = static_cast<float>(d.in), out = static_cast<float>(d.out);
        switch (mode) {
            case Coordinates::half_pixel: return (i + 0.5f) / d.scale - 0.5f;
            case Coordinates::half_pixel_symmetric: {
                const float shrunk = out / (d.scale * in);  // < 1 where rounding made the output smaller than scale says
                return in / 2.f * (1.f - shrunk) + (i + 0.5f) / d.scale - 0.5f;
            }
            case Coordinates::pytorch_half_pixel: return d.out > 1 ? (i + 0.5f) / d.scale - 0.5f : 0.f;
            case Coordinates::align_corners: {
                // By the standard the length is in * scale, maybe not whole; rounding errors of scale do not count.
                const float length = std::abs(d.scale * in - out) < 1e-3f ? out : d.scale * in;
                return d.out > 1 ? i * (in - 1.f) / (length - 1.f) : 0.f;
            }
            case Coordinates::asymmetric: return i / d.scale;
            case Coordinates::tf_half_pixel_for_nn: return (i + 0.5f) / d.scale;
            case Coordinates::tf_crop_and_resize:
                return d.out > 1 ? d.roi_begin * (in - 1.f) + i * (d.roi_end - d.roi_begin) * (in - 1.f) / (out - 1.f)
                                 : 0.5f * (d.roi_begin + d.roi_end) * (in - 1.f);
        }
        return 0.f;
    }
    static int64_t nearest(float x, float scale, Nearest mode) {
        switch (mode) {
            case Nearest::round_prefer_floor: return static_cast<int64_t>(std::ceil(x - 0.5f));
            case Nearest::round_prefer_ceil: return static_cast<int64_t>(std::floor(x + 0.5f));
            case Nearest::floor: return static_cast<int64_t>(std::floor(x));
            case Nearest::ceil: return static_cast<int64_t>(std::ceil(x));
            case Nearest::simple: return static_cast<int64_t>(scale < 1.f ? std::ceil(x) : std::floor(x));
        }
        return 0;
    }
    static float cubic(float d, float a) {
        if (d <= 1.f) return ((a + 2.f) * d - (a + 3.f)) * d * d + 1.f;
        return d < 2.f ? ((a * d - 5.f * a) * d + 8.f * a) * d - 4.f * a : 0.f;
    }
    // Nearest: every output element is an input element.
    static void pick(const TensorView& x, const TensorView& y, const std::array<Table, kMaxRank>& tables, ThreadPool* pool) {
        const size_t rank = y.shape.rank(), size = size_of(x.dtype);
        size_t last = rank, run = size;
        while (last > 0 && tables[last - 1].index.empty()) run *= static_cast<size_t>(x.shape[--last]);
        if (last == 0) return copy_bytes(y.data, x.data, y.bytes(), pool);
        const std::vector<int32_t>& inner = tables[--last].index;
        const size_t rows = static_cast<size_t>(y.shape.count(0, last)), width = inner.size();
        const auto work = [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                size_t rest = r;
                int64_t offset = 0, stride = 1;
                for (size_t i = last; i-- > 0;) {
                    const size_t at = rest % static_cast<size_t>(y.shape[i]);
                    rest /= static_cast<size_t>(y.shape[i]);
                    offset += (tables[i].index.empty() ? static_cast<int64_t>(at) : std::max(0, tables[i].index[at])) * stride;
                    stride *= x.shape[i];
                }
                const auto* from = x.as<const std::byte>() + static_cast<size_t>(offset * x.shape[last]) * run;
                auto* to = y.as<std::byte>() + r * width * run;
                if (run == size) {
                    visit_element_size(size, [&](auto tag) {
                        using T = decltype(tag);
                        for (size_t i = 0; i < width; ++i) store_element(to + i * sizeof(T), load_element<T>(from + static_cast<size_t>(std::max(0, inner[i])) * sizeof(T)));
                    });
                } else {
                    for (size_t i = 0; i < width; ++i) std::memcpy(to + i * run, from + static_cast<size_t>(std::max(0, inner[i])) * run, run);
                }
            }
        };
        if (!pool || rows * width * run < kParallelBytes) work(0, rows, 0);
        else pool->parallel_for(rows, std::max<size_t>(1, kParallelBytes / 2 / (width * run)), work);
    }
    // Linear and cubic: one axis after the other, those that shrink first.
    template <class V>
    static void blend(const TensorView& x, const TensorView& y, const std::array<Table, kMaxRank>& tables, const Options& o, ThreadPool* pool) {
        std::vector<V> from = x.values<V>(), to;
        Shape shape = x.shape;
        const auto ratio = [&](size_t i) { return static_cast<double>(y.shape[i]) / static_cast<double>(x.shape[i]); };
        size_t order[kMaxRank], axes = 0;
        for (size_t i = 0; i < shape.rank(); ++i) {
            if (tables[i].index.empty()) continue;
            size_t at = axes++;
            for (; at > 0 && ratio(i) < ratio(order[at - 1]); --at) order[at] = order[at - 1];
            order[at] = i;
        }
        for (size_t axis : std::span(order, axes)) {
            const Table& t = tables[axis];
            const size_t inner = static_cast<size_t>(shape.count(axis + 1, shape.rank())), in = static_cast<size_t>(shape[axis]), out = static_cast<size_t>(y.shape[axis]);
            const size_t outer = static_cast<size_t>(shape.count(0, axis)), taps = static_cast<size_t>(t.taps);
            shape[axis] = y.shape[axis];
            to.assign(static_cast<size_t>(shape.count()), V(0));
            const auto work = [&](size_t begin, size_t end, int) {
                for (size_t r = begin; r < end; ++r) {
                    const size_t i = r % out;
                    const V* plane = &from[r / out * in * inner];
                    V* row = &to[r * inner];
                    for (size_t k = 0; k < taps; ++k) {
                        const V w = static_cast<V>(t.weight[i * taps + k]);
                        const V* p = plane + static_cast<size_t>(std::max(0, t.index[i * taps + k])) * inner;
                        for (size_t j = 0; j < inner; ++j) row[j] += w * p[j];
                    }
                }
            };
            if (!pool || to.size() < kParallelBytes / 4) work(0, outer * out, 0);
            else pool->parallel_for(outer * out, std::max<size_t>(1, kParallelBytes / 8 / inner), work);
            from.swap(to);
        }
        // Plain linear interpolation truncates integers, as other runtimes do; the others may overshoot.
        if (!is_float(y.dtype) && y.dtype != DType::boolean && (o.mode == Mode::cubic || o.antialias))
            for (V& v : from) v = std::nearbyint(v);
        store_wide(y, 0, 1, from.size(), from.data());
    }
    static void extrapolate(const TensorView& y, const std::array<Table, kMaxRank>& tables, float value) {
        const double v = static_cast<double>(value);
        int64_t at[kMaxRank] = {};
        for (int64_t n = 0; n < y.count(); ++n) {
            for (size_t i = 0; i < y.shape.rank(); ++i)
                if (tables[i].outside && tables[i].index[static_cast<size_t>(at[i] * tables[i].taps)] < 0) {
                    store_wide(y, n, 1, 1, &v);
                    break;
                }
            for (size_t k = y.shape.rank(); k-- > 0;)
                if (++at[k] < y.shape[k]) break;
                else at[k] = 0;
        }
    }
};

// Nearest and linear over the last two of four axes: a row of the source is stretched once, then blended with its neighbour.
struct ResizeKernel {
    static constexpr std::string_view name = "resize/rows";
    struct State {
        int64_t pack = 1;                         // channels of a pixel of a plane; 0: all of them
        Resize::Table y, x;                       // x's indices are offsets in floats
        std::vector<int32_t> first, second;       // of every output column, linear
        std::vector<float> weight;
        bool linear = false, stretch = true;      // stretch: columns change at all
        bool twice = false;                       // every column twice, nearest
    };
    static bool applicable(const NodeInfo& n) {
        State s;
        const LayoutTag layout = n.layout();
        const TensorInfo &x = n.input(0), &y = n.output();
        return x.layout == layout && y.layout == layout && x.shape.rank() == 4 && y.shape.count() > 0 && y.shape.count() < (int64_t{1} << 31) && state(n, s);
    }
    static double cost(const NodeInfo& n) {
        // Measured: 0.07 ns for an element of the output; stretching a row costs another 0.4 ns for each where single floats are gathered
        // (0.2 for nearest), and is done once for all rows that are made of it.
        const bool linear = n.attributes<Resize::Attributes>().mode != "nearest";
        const TensorInfo &x = n.input(0), &y = n.output();
        const double out = static_cast<double>(padded_count(n.layout(), y.shape));
        const double once = std::min(1., static_cast<double>(x.shape[2]) / static_cast<double>(y.shape[2]));
        return 300 + out * (0.07 + (pack_of(n.layout()) > 1 ? 0. : (linear ? 0.4 : 0.2) * once));
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s;
        state(n, s);
        c.need_workspace(static_cast<size_t>(n.threads) * 2 * row_floats(n.output().shape, s.pack) * sizeof(float));
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView &x = c.input(0), &y = c.output(0);
        const size_t in_row = row_floats(x.shape, s.pack), out_row = row_floats(y.shape, s.pack), height = static_cast<size_t>(y.shape[2]), in_height = static_cast<size_t>(x.shape[2]);
        const size_t unit = out_row / static_cast<size_t>(y.shape[3]), rows = static_cast<size_t>(y.shape[0] * (s.pack == 0 ? 1 : (y.shape[1] + s.pack - 1) / s.pack)) * height;
        const auto stretched = [&](const float* from, float* to) { stretch(s, from, to, static_cast<size_t>(y.shape[3]), unit, *c.bricks); };
        const auto work = [&](size_t begin, size_t end, int part) {
            float* cache[2];
            const float* cached[2] = {nullptr, nullptr};  // the source rows that the cache has
            for (size_t k = 0; k < 2; ++k) cache[k] = reinterpret_cast<float*>(c.workspace) + (2 * static_cast<size_t>(part) + k) * out_row;
            for (size_t r = begin; r < end; ++r) {
                const size_t i = r % height;
                const float* plane = x.as<const float>() + r / height * in_height * in_row;
                float* to = y.as<float>() + r * out_row;
                const size_t taps = static_cast<size_t>(s.y.taps);
                const float* source[2];
                for (size_t k = 0; k < taps; ++k) source[k] = plane + static_cast<size_t>(s.y.index[i * taps + k]) * in_row;
                if (!s.linear) {
                    if (r > begin && i > 0 && s.y.index[i] == s.y.index[i - 1]) std::memcpy(to, to - out_row, out_row * sizeof(float));
                    else stretched(source[0], to);
                    continue;
                }
                if (s.y.weight[i * 2 + 1] == 0.f) {
                    stretched(source[0], to);
                    continue;
                }
                const float* rows_now[2] = {source[0], source[1]};
                if (s.stretch) {
                    if (cached[0] != source[0] && cached[1] == source[0]) {
                        std::swap(cache[0], cache[1]);
                        std::swap(cached[0], cached[1]);
                    }
                    for (size_t k = 0; k < 2; ++k) {
                        if (k == 1 && source[1] == source[0]) {
                            rows_now[1] = cache[0];
                            break;
                        }
                        if (cached[k] != source[k]) stretched(source[k], cache[k]);
                        cached[k] = source[k];
                        rows_now[k] = cache[k];
                    }
                }
                c.bricks->move.lerp_rows(rows_now[0], rows_now[1], to, out_row, s.y.weight[i * 2 + 1]);
            }
        };
        c.pool->parallel_for(rows, std::max<size_t>(1, 16 * 1024 / out_row), work);
    }

private:
    static size_t row_floats(const Shape& s, int64_t pack) { return static_cast<size_t>(s[3] * (pack == 0 ? s[1] : pack)); }
    static void stretch(const State& s, const float* from, float* to, size_t n, size_t unit, const Bricks& bricks) noexcept {
        if (!s.stretch) {
            std::memcpy(to, from, n * unit * sizeof(float));
        } else if (s.linear) {
            bricks.move.lerp_pixels({from, to, s.first.data(), s.second.data(), s.weight.data(), n, unit});
        } else if (unit == 1) {
            if (s.twice) return bricks.move.transpose32({from, 0, to, 2, 2, n / 2, 2});
            for (size_t i = 0; i < n; ++i) to[i] = from[s.x.index[i]];
        } else {
            const auto each = [&](auto copy) {
                for (size_t i = 0; i < n; ++i) copy(to + i * unit, from + s.x.index[i]);
            };
            if (unit == 4) each([](float* p, const float* q) { std::memcpy(p, q, 16); });
            else if (unit == 8) each([](float* p, const float* q) { std::memcpy(p, q, 32); });
            else if (unit == 16) each([](float* p, const float* q) { std::memcpy(p, q, 64); });
            else each([unit](float* p, const float* q) { std::memcpy(p, q, unit * sizeof(float)); });
        }
    }
    static bool state(const NodeInfo& n, State& s) {
        const int64_t pack = s.pack = n.layout() == LayoutTag::nhwc ? 0 : pack_of(n.layout());
        const auto a = n.attributes<Resize::Attributes>();
        Resize::Options o;
        if (!Resize::parse(a, n.node->version, o) || o.mode == Resize::Mode::cubic || o.coordinates == Resize::Coordinates::tf_crop_and_resize) return false;
        std::vector<float> scales = a.scales;
        std::vector<int64_t> sizes;
        const size_t si = Resize::scales_input(n.node->version);
        if (n.has_input(si) && n.input(si).shape.count() > 0) {
            if (!n.constant(si)) return false;
            scales = n.constant(si)->values<float>();
        }
        if (si == 2 && scales.empty() && n.has_input(3)) {
            if (n.constant(3)) sizes = n.constant(3)->values<int64_t>();
            else if (a.keep_aspect_ratio_policy != "stretch") return false;
        }
        const Shape &x = n.input(0).shape, &y = n.output().shape;
        Resize::Axis axes[kMaxRank];
        if (!Resize::geometry(a, x, {}, scales, sizes, &y, axes).empty()) return false;
        if (!Resize::same(axes[0], o) || !Resize::same(axes[1], o)) return false;
        s.linear = o.mode == Resize::Mode::linear;
        s.y = Resize::table(axes[2], o, false);
        s.x = Resize::table(axes[3], o, false);
        if (s.linear && (s.y.taps != 2 || s.x.taps != 2)) return false;
        s.stretch = !Resize::same(axes[3], o);
        if (Resize::same(axes[2], o))
            for (size_t i = 0; i < s.y.index.size(); ++i) {
                s.y.index[i] = static_cast<int32_t>(i / static_cast<size_t>(s.y.taps));
                s.y.weight[i] = i % static_cast<size_t>(s.y.taps) == 0 ? 1.f : 0.f;
            }
        const int32_t unit = static_cast<int32_t>(pack == 0 ? x[1] : pack);
        s.twice = !s.linear && unit == 1 && y[3] == 2 * x[3];
        for (size_t i = 0; i < s.x.index.size(); ++i) s.twice = s.twice && s.x.index[i] == static_cast<int32_t>(i / 2);
        for (int32_t& i : s.x.index) i *= unit;
        if (s.linear)
            for (size_t i = 0; i < s.x.index.size(); i += 2) {
                s.first.push_back(s.x.index[i]);
                s.second.push_back(s.x.index[i + 1]);
                s.weight.push_back(s.x.weight[i + 1]);
            }
        return true;
    }
};
template <LayoutType L>
    requires(L::tag != LayoutTag::nhwcd4)
struct Kernel<Resize, L, float> : ResizeKernel {};

LITE_NAMESPACE_END
#endif
