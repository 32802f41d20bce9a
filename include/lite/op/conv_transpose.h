// ConvTranspose: transposed convolution of 1 to 3 spatial axes, with an optional fused activation.
#ifndef LITE_OP_CONV_TRANSPOSE_H_
#define LITE_OP_CONV_TRANSPOSE_H_
#include "lite/kernel/gemm.h"
#include "lite/op/conv.h"

LITE_NAMESPACE_BEGIN

// y[o] = f(b + sum of x[i] w[t] over all i, t with o = i * stride + t * dilation - pad). Inputs: x [N, C, spatial...],
// w [C, K / group, window...], b [K] (optional). Passes set activation*; the rest is ONNX.
struct ConvTranspose {
    static constexpr std::string_view name = "ConvTranspose";
    static constexpr Spelling spellings[] = {{"onnx", "", "ConvTranspose"}};
    struct Attributes {
        std::string auto_pad = "NOTSET";
        std::vector<int64_t> dilations, kernel_shape, output_padding, output_shape, pads, strides;
        int64_t group = 1;
        ElemwiseMode activation = ElemwiseMode::identity;
        float activation_alpha = 0.f, activation_beta = 0.f;
        template <class V> void visit(V& v) {
            v("auto_pad", auto_pad);
            v("dilations", dilations);
            v("group", group);
            v("kernel_shape", kernel_shape);
            v("output_padding", output_padding);
            v("output_shape", output_shape);
            v("pads", pads);
            v("strides", strides);
            v("activation", activation);
            v("activation_alpha", activation_alpha);
            v("activation_beta", activation_beta);
        }
        Activation fused() const { return {activation, activation_alpha, activation_beta}; }
    };
    static void infer(InferContext& c);
    static void reference(RunContext& c);
};

// One spatial axis; `in` may be kUnknown, then `out` is, too.
struct TransposeAxis {
    int64_t in = 1, out = 1, window = 1, stride = 1, dilation = 1, pad = 0 /* cut off before */;
    int64_t reach() const { return (window - 1) * dilation + 1; }
};

// A transposed convolution in numbers, always with three spatial axes (missing ones in front are 1).
struct TransposeShape {
    int64_t n = 0, c = 0, k = 0, group = 1;
    TransposeAxis axis[3];  // depth, height, width

    int64_t in_pixels() const { return axis[0].in * axis[1].in * axis[2].in; }
    int64_t out_pixels() const { return axis[0].out * axis[1].out * axis[2].out; }
    int64_t taps() const { return axis[0].window * axis[1].window * axis[2].window; }
    double flops() const {
        return 2.0 * static_cast<double>(n * c) * static_cast<double>(in_pixels()) * static_cast<double>(k / std::max<int64_t>(group, 1) * taps());
    }
    // Checks what is known of the shapes against each other.
    static TransposeShape of(const ConvTranspose::Attributes& a, const Shape& x, const Shape& w, const Who& who) {
        check(x.rank() >= 3 && x.rank() <= 5, who, ": input 0 is ", x, ", expected [N, C] and 1 to 3 spatial axes");
        check(w.rank() == x.rank(), who, ": input 1 is ", w, ", expected ", x.rank(), " axes as input 0 ", x, " has");
        check(w.known(), who, ": input 1 is ", w, ", its shape must be known");
        const size_t spatial = x.rank() - 2;
        constexpr int64_t limit = int64_t{1} << 31;  // keeps the arithmetic below from overflowing on malformed models
        const auto checked = [&](const std::vector<int64_t>& list, size_t count, int64_t low, std::string_view what) {
            check(list.empty() || list.size() == count, who, ": ", what, " is ", list, ", expected ", count, " numbers");
            for (int64_t v : list) check(v >= low && v < limit, who, ": ", what, " is ", list, ", expected numbers from ", low, " on");
        };
        checked(a.strides, spatial, 1, "strides");
        checked(a.dilations, spatial, 1, "dilations");
        checked(a.pads, 2 * spatial, 0, "pads");
        checked(a.output_padding, spatial, 0, "output_padding");
        checked(a.output_shape, spatial, 0, "output_shape");
        checked(a.kernel_shape, spatial, 1, "kernel_shape");
        const bool same = a.auto_pad == "SAME_UPPER" || a.auto_pad == "SAME_LOWER", valid = a.auto_pad == "VALID";
        check(same || valid || a.auto_pad.empty() || a.auto_pad == "NOTSET", who, ": auto_pad is '", a.auto_pad,
              "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
        check(a.group >= 1 && a.group < limit, who, ": group is ", a.group);
        TransposeShape s;
        s.n = x[0];
        s.c = w[0];
        check(w[1] <= kMaxElements / a.group, who, ": input 1 is ", w, " for ", a.group, " groups");
        s.k = w[1] * a.group;
        s.group = a.group;
        check(x[1] < 0 || x[1] == s.c, who, ": input 1 is ", w, ", input 0 has ", x[1], " channels");
        check(s.c % a.group == 0, who, ": ", s.c, " channels do not divide into ", a.group, " groups");
        for (size_t i = 0; i < spatial; ++i) {
            TransposeAxis& r = s.axis[3 - spatial + i];
            r.in = x[2 + i];
            r.window = w[2 + i];
            check(a.kernel_shape.empty() || a.kernel_shape[i] == r.window, who, ": kernel_shape is ", a.kernel_shape, ", input 1 is ", w);
            r.stride = a.strides.empty() ? 1 : a.strides[i];
            r.dilation = a.dilations.empty() ? 1 : a.dilations[i];
            check(r.window >= 1 && r.window < limit && r.reach() < limit && r.in < limit, who, ": input 0 is ", x, ", input 1 ", w,
                  ", dilations ", a.dilations, ", which is too large");
            if (r.in < 0) {
                r.out = a.output_shape.empty() ? kUnknown : a.output_shape[i];
                continue;
            }
            const int64_t full = r.in == 0 ? 0 : (r.in - 1) * r.stride + r.reach() + (a.output_padding.empty() ? 0 : a.output_padding[i]);
            int64_t end = 0;
            if (!a.output_shape.empty() || same) {
                r.out = a.output_shape.empty() ? r.in * r.stride : a.output_shape[i];
                const int64_t cut = std::max<int64_t>(0, full - r.out);
                r.pad = a.auto_pad == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
                end = cut - r.pad;
                if (!a.output_shape.empty()) continue;  // may be longer than what the input reaches: bias alone
            } else if (!valid && !a.pads.empty()) {
                r.pad = a.pads[i];
                end = a.pads[i + spatial];
            }
            r.out = full - r.pad - end;
            check(r.out >= 0, who, ": pads ", a.pads, " cut off more than the ", full, " positions that there are");
        }
        return s;
    }
    static TransposeShape of(const NodeInfo& n) {
        return of(n.attributes<ConvTranspose::Attributes>(), n.input(0).shape, n.input(1).shape, n.node->name);
    }
    Shape result(size_t rank) const {
        Shape y = Shape::filled(rank, 1);
        y[0] = n;
        y[1] = k;
        for (size_t i = 2; i < rank; ++i) y[i] = axis[3 - rank + i].out;
        return y;
    }
};

inline void ConvTranspose::infer(InferContext& c) {
    const TensorInfo &x = c.input(0), &w = c.input(1);
    c.check_that(is_float(x.dtype) && x.dtype == w.dtype, "inputs 0 and 1 are ", x.dtype, " and ", w.dtype, ", expected one floating type");
    if (!x.has_shape || !w.shape_known()) {
        if (x.has_shape || w.has_shape) c.output_unknown(0, x.dtype, static_cast<int>((x.has_shape ? x : w).shape.rank()));
        else c.output_unknown(0, x.dtype);
        return;
    }
    const TransposeShape s = TransposeShape::of(c.attributes<Attributes>(), x.shape, w.shape, c.where());
    if (c.has_input(2) && c.input(2).has_shape) {
        const Shape& b = c.shape(2);
        c.check_that(b.rank() == 1 && (b[0] < 0 || b[0] == s.k), "input 2 is ", b, ", expected one number for each of ", s.k, " output channels");
    }
    c.output(0, x.dtype, s.result(x.shape.rank()));
}

namespace detail {
// Sums in double, one row of outputs at a time.
inline void transpose_reference(const RunContext& c, const TransposeShape& s, const Activation& act, const TensorView& y) {
    const auto values = [&](size_t i) { return c.input(i).values<double>(); };
    const std::vector<double> x = values(0), w = values(1), b = c.has_input(2) ? values(2) : std::vector<double>();
    const auto &[d, h, v] = s.axis;
    const int64_t cg = s.c / s.group, kg = s.k / s.group;
    std::vector<double> row(static_cast<size_t>(v.out));
    int64_t at = 0;
    // The input position that tap t takes to output o, or -1.
    const auto source = [](const TransposeAxis& a, int64_t o, int64_t t) {
        const int64_t i = o + a.pad - t * a.dilation;
        return i >= 0 && i % a.stride == 0 && i / a.stride < a.in ? i / a.stride : int64_t{-1};
    };
    for (int64_t n = 0; n < s.n; ++n)
        for (int64_t k = 0; k < s.k; ++k)
            for (int64_t od = 0; od < d.out; ++od)
                for (int64_t oh = 0; oh < h.out; ++oh) {
                    std::fill(row.begin(), row.end(), b.empty() ? 0.0 : b[static_cast<size_t>(k)]);
                    for (int64_t i = k / kg * cg; i < (k / kg + 1) * cg; ++i)
                        for (int64_t kd = 0; kd < d.window; ++kd)
                            for (int64_t kh = 0; kh < h.window; ++kh) {
                                const int64_t id = source(d, od, kd), ih = source(h, oh, kh);
                                if (id < 0 || ih < 0) continue;
                                const double* line = x.data() + (((n * s.c + i) * d.in + id) * h.in + ih) * v.in;
                                const double* taps = w.data() + (((i * kg + k % kg) * d.window + kd) * h.window + kh) * v.window;
                                for (int64_t kw = 0; kw < v.window; ++kw)
                                    for (int64_t iw = 0; iw < v.in; ++iw) {
                                        const int64_t ow = iw * v.stride + kw * v.dilation - v.pad;
                                        if (ow >= 0 && ow < v.out) row[static_cast<size_t>(ow)] += line[iw] * taps[kw];
                                    }
                            }
                    for (double& sum : row) sum = activate(act, sum);
                    store_wide(y, at, 1, row.size(), row.data());
                    at += v.out;
                }
}
}  // namespace detail

inline void ConvTranspose::reference(RunContext& c) {
    const auto a = c.attributes<Attributes>();
    const TensorView& x = c.input(0);
    const TransposeShape s = TransposeShape::of(a, x.shape, c.input(1).shape, c.where());
    const TensorView y = c.output(0, x.dtype, s.result(x.shape.rank()));
    detail::transpose_reference(c, s, a.fused(), y);
}

// ---- packed layouts: each phase of the output is a convolution of its own ----

namespace detail {
// The outputs first, first + stride, ... of an axis: `count` of them, the m-th of which is the sum over `taps` of
// x[m + offset] w[tap].
struct TransposePhase {
    struct Tap {
        int64_t tap, offset;
    };
    int64_t first = 0, count = 0;
    std::vector<Tap> taps;
};
// All phases of an axis, and how many positions before and behind the input they read.
struct TransposePhases {
    std::vector<TransposePhase> phases;
    int64_t before = 0, behind = 0;

    explicit TransposePhases(const TransposeAxis& a) {
        for (int64_t first = 0; first < std::min(a.stride, a.out); ++first) {
            TransposePhase p;
            p.first = first;
            p.count = (a.out - first - 1) / a.stride + 1;
            for (int64_t t = 0; t < a.window; ++t) {
                const int64_t at = first + a.pad - t * a.dilation;
                if (at % a.stride != 0) continue;
                const int64_t offset = at / a.stride;
                if (offset + p.count <= 0 || offset >= a.in) continue;  // always outside
                p.taps.push_back({t, offset});
                before = std::max(before, -offset);
                behind = std::max(behind, offset + p.count - a.in);
            }
            phases.push_back(std::move(p));
        }
    }
};

struct TransposePackedPlan {
    TransposeShape s;
    ConvEpilogue end;
    size_t pack = 0;
    bool copy = false;  // the input is copied between pads first
    int64_t top = 0, bottom = 0, left = 0, right = 0;
    size_t planes = 0, row = 0, plane = 0;  // of what the tiles read; strides in floats
    struct Phase {
        int64_t row = 0, row_count = 0, column = 0, column_count = 0;
        size_t first_tap = 0, taps = 0;
    };
    std::vector<Phase> phases;  // those of one row phase lie together
    std::vector<ptrdiff_t> taps, pixels;
    std::vector<ConvPanel> panels;
    std::vector<size_t> tasks;  // task i is the panels tasks[i] .. tasks[i + 1], whole blocks of the output
    int64_t chunk = 1;          // rows of each phase that are computed together
    size_t chunks = 0;
    ConvTileArgs tile;
    ConvPicks picks;  // of more than one group
    std::shared_ptr<const std::byte> weights, bias;
    const ConvTiles* tiles = nullptr;
};

inline TransposePackedPlan transpose_packed_plan(const NodeInfo& node, PrepareContext& prepare, size_t pack) {
    TransposePackedPlan p;
    const TransposeShape& s = p.s = TransposeShape::of(node);
    const TransposeAxis &h = s.axis[1], &v = s.axis[2];
    p.end = ConvEpilogue(node.attributes<ConvTranspose::Attributes>().fused());
    p.pack = pack;
    const bool grouped = s.group > 1;
    p.tiles = grouped ? &node.bricks->conv.picks : &node.bricks->conv.tiles_for(pack);
    const size_t c = as_size(s.c), k = as_size(s.k), lanes = p.tiles->lanes, all_taps = as_size(s.taps());
    const TransposePhases rows(h), columns(v);
    p.top = rows.before, p.bottom = rows.behind, p.left = columns.before, p.right = columns.behind;
    p.copy = p.top || p.bottom || p.left || p.right;
    p.planes = (c + pack - 1) / pack;
    p.row = as_size(v.in + p.left + p.right) * pack;
    p.plane = as_size(h.in + p.top + p.bottom) * p.row;
    std::vector<size_t> order;  // the taps of the window in the order of the phases
    int64_t most = 0;
    for (const TransposePhase& r : rows.phases)
        for (const TransposePhase& q : columns.phases) {
            p.phases.push_back({r.first, r.count, q.first, q.count, p.taps.size(), r.taps.size() * q.taps.size()});
            most = std::max(most, r.count);
            for (const auto& a : r.taps)
                for (const auto& b : q.taps) {
                    p.taps.push_back(static_cast<ptrdiff_t>(as_size(a.offset + p.top) * p.row + as_size(b.offset + p.left) * pack));
                    order.push_back(as_size(a.tap * v.window + b.tap));
                }
        }
    for (size_t i = 0; i < ConvTiles::kMaxRows; ++i) p.pixels.push_back(static_cast<ptrdiff_t>(i * pack));
    if (grouped) {
        p.picks.make(c, k, as_size(s.group), pack);
        p.end.dirty |= p.picks.dirty;
    }
    const size_t vectors = up(k, pack) / lanes;
    size_t floats = 0;
    for (size_t done = 0; done < vectors;) {
        size_t nb = p.tiles->vectors;
        while (nb > vectors - done) nb /= 2;
        if (done * lanes % pack == 0) p.tasks.push_back(p.panels.size());
        p.panels.push_back({done * lanes, 0, nb, std::min(nb * lanes, k - std::min(k, done * lanes)), floats, done * lanes, p.tiles});
        floats += nb * lanes * (grouped ? p.picks.blocks[done].vectors : c) * order.size();
        done += nb;
    }
    // Rows that are computed together: their input stays in the second level cache while the panels read it, and there are
    // a few units for every thread.
    const size_t threads = as_size(std::max(node.threads, 1)), row_bytes = std::max<size_t>(p.planes * p.row * sizeof(float), 1);
    const size_t parts = as_size(s.n) * p.tasks.size();
    p.chunk = static_cast<int64_t>(std::max<size_t>(1, size_t{256} * 1024 / row_bytes));
    if (parts > 0 && threads > 1) {
        const int64_t units = static_cast<int64_t>((3 * threads + parts - 1) / parts);
        p.chunk = std::min(p.chunk, std::max<int64_t>(1, most / std::max<int64_t>(units, 1)));
    }
    p.chunks = as_size((most + p.chunk - 1) / p.chunk);
    p.tasks.push_back(p.panels.size());
    if (p.copy) prepare.need_workspace(as_size(s.n) * p.planes * p.plane * sizeof(float));

    p.tile.blocks = p.planes;
    p.tile.block_stride = p.plane;
    p.tile.steps = pack;
    p.tile.last_steps = c - (p.planes - 1) * pack;
    p.tile.rows = p.pixels.data();
    p.end.fill(p.tile);
    const Array& w = *node.constant(1);
    // The taps of a small image may be fewer than those of the window, so they belong to the name of the packed form.
    std::string key = text("conv_transpose ", pack, " ", lanes, "x", p.tiles->vectors, " group ", s.group);
    for (const auto& f : p.phases) append(key, text(" ", f.taps));
    for (size_t t : order) append(key, text(",", t));
    p.weights = prepare.weights->packed(w, key, std::max<size_t>(1, floats) * sizeof(float), [&](std::byte* to) {
        std::vector<float> keep;
        const float* const from = w.floats(keep);
        float* out = reinterpret_cast<float*>(to);
        const size_t kg = k / as_size(s.group), cg = c / as_size(s.group);
        for (const ConvPanel& panel : p.panels)
            for (const auto& f : p.phases) {
                if (grouped) {
                    out = p.picks.pack_weights(panel.channel / pack, pack, f.taps, out, [&](size_t lane, size_t channel, size_t t) {
                        const size_t o = panel.channel + lane;
                        return from[((o / kg * cg + channel) * kg + o % kg) * all_taps + order[f.first_tap + t]];
                    });
                    continue;
                }
                for (size_t b = 0; b < c; b += pack)
                    for (size_t t = f.first_tap; t < f.first_tap + f.taps; ++t)
                        for (size_t i = b; i < std::min(c, b + pack); ++i)
                            for (size_t o = 0; o < panel.vectors * lanes; ++o)
                                *out++ = o < panel.valid ? from[(i * k + panel.channel + o) * all_taps + order[t]] : 0.f;
            }
    });
    prepare.drop(1);
    if (const Array* b = node.constant(2)) {
        p.bias = prepare.weights->packed(*b, text("padded ", pack), std::max<size_t>(1, vectors * lanes) * sizeof(float), [&](std::byte* to) {
            const std::vector<float> from = b->values<float>();
            float* out = reinterpret_cast<float*>(to);
            std::fill(out, out + vectors * lanes, 0.f);
            std::copy(from.begin(), from.end(), out);
        });
        prepare.drop(2);
    }
    return p;
}

// The rows [first, last) of every phase, for one task of one image.
inline void transpose_unit(const TransposePackedPlan& p, const RunContext& c, const float* source, size_t n, size_t task, int64_t first, int64_t last) {
    const TransposeAxis &h = p.s.axis[1], &v = p.s.axis[2];
    const size_t k = as_size(p.s.k), lanes = p.tiles->lanes, pack = p.pack, row = as_size(v.out) * pack, block = as_size(h.out) * row;
    float* const image = c.output(0).as<float>() + n * ((k + pack - 1) / pack) * block;
    ConvTileArgs t = p.tile;
    t.y_row = static_cast<ptrdiff_t>(as_size(v.stride) * pack);
    for (size_t i = p.tasks[task]; i < p.tasks[task + 1]; ++i) {
        const ConvPanel& panel = p.panels[i];
        const size_t lane = panel.channel % pack;
        for (size_t j = 0; j < panel.vectors; ++j)
            t.y_vector[j] = static_cast<ptrdiff_t>((lane + j * lanes) / pack * block + (lane + j * lanes) % pack - lane);
        t.bias = p.bias ? reinterpret_cast<const float*>(p.bias.get()) + panel.bias : nullptr;
        size_t first_block = 0, products = panel.vectors * lanes * as_size(p.s.c);  // floats of weights for a tap
        if (!p.picks.blocks.empty()) {
            p.picks.set(panel.channel / pack, t);
            first_block = p.picks.blocks[panel.channel / pack].first;
            products = lanes * p.picks.blocks[panel.channel / pack].vectors;
        }
        t.w = reinterpret_cast<const float*>(p.weights.get()) + panel.weights;
        float* const out = image + panel.channel / pack * block + lane;
        for (const auto& f : p.phases) {
            t.taps = p.taps.data() + f.first_tap;
            t.tap_count = f.taps;
            for (int64_t r = first; r < std::min(last, f.row_count); ++r) {
                float* const y = out + as_size(f.row + r * h.stride) * row + as_size(f.column) * pack;
                const float* const x = source + first_block * p.plane + as_size(r) * p.row;
                for (size_t q = 0, count = as_size(f.column_count); q < count;) {
                    const size_t m = p.tiles->next_rows(count - q);
                    t.x = x + q * pack;
                    t.y = y + q * as_size(v.stride) * pack;
                    p.tiles->get(panel.vectors, m)(t);
                    q += m;
                }
            }
            t.w += products * f.taps;
        }
    }
    if (!p.end.unary && !p.end.dirty) return;
    const ConvPanel& last_panel = p.panels[p.tasks[task + 1] - 1];
    const size_t end_channel = last_panel.channel + last_panel.vectors * lanes;
    const size_t begin_row = as_size(first * h.stride), end_row = as_size(std::min(last * h.stride, h.out)), pixels = (end_row - begin_row) * as_size(v.out);
    for (size_t channel = p.panels[p.tasks[task]].channel; channel < end_channel; channel += pack) {
        float* const run = image + channel / pack * block + begin_row * row;
        if (p.end.unary) p.end.apply(*c.bricks, run, pixels * pack);
        if (p.end.dirty && channel + pack > k) zero_lanes(run, pixels, pack, k - channel);
    }
}

inline void transpose_packed_run(const TransposePackedPlan& p, const RunContext& c) {
    const TransposeAxis &h = p.s.axis[1], &v = p.s.axis[2];
    const size_t n = as_size(p.s.n), tasks = p.tasks.size() - 1;
    const float* source = c.input(0).as<float>();
    if (p.copy) {
        float* const to = reinterpret_cast<float*>(c.workspace);
        const size_t rows = p.plane / std::max<size_t>(p.row, 1), in_row = as_size(v.in) * p.pack, before = as_size(p.left) * p.pack;
        c.pool->parallel_for(n * p.planes * rows, std::max<size_t>(1, 4096 / std::max<size_t>(p.row, 1)), [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                float* const line = to + i * p.row;
                const int64_t r = static_cast<int64_t>(i % rows) - p.top;
                if (r < 0 || r >= h.in) {
                    std::fill(line, line + p.row, 0.f);
                    continue;
                }
                std::fill(line, line + before, 0.f);
                std::copy_n(source + (i / rows * as_size(h.in) + as_size(r)) * in_row, in_row, line + before);
                std::fill(line + before + in_row, line + p.row, 0.f);
            }
        });
        source = to;
    }
    c.pool->parallel_for(n * tasks * p.chunks, 1, [&](size_t begin, size_t end, int) {
        for (size_t i = begin; i < end; ++i) {
            const size_t image = i / p.chunks / tasks;
            const int64_t first = static_cast<int64_t>(i % p.chunks) * p.chunk;
            transpose_unit(p, c, source + image * p.planes * p.plane, image, i / p.chunks % tasks, first, first + p.chunk);
        }
    });
}
inline bool transpose_packed_applicable(const NodeInfo& n) {
    const auto a = n.attributes<ConvTranspose::Attributes>();
    if (a.group > 1 && !grouped_applicable(*n.bricks, n.input(0).shape[1], n.output().shape[1], a.group, as_size(pack_of(n.layout())))) return false;
    return n.input(0).shape.rank() <= 4 && n.input(0).shape.count() > 0 && n.output().shape.count() > 0 && n.constant(1) &&
           (!n.has_input(2) || n.constant(2));
}
inline double transpose_packed_cost(const NodeInfo& n, size_t P) {
    const TransposeShape s = TransposeShape::of(n);
    const size_t lanes = n.bricks->conv.tiles_for(P).lanes;
    const double channels = static_cast<double>(up(as_size(s.k), P)), k = static_cast<double>(s.k);
    const double bytes = 4.0 * static_cast<double>(s.n * s.in_pixels() * s.c + s.c * s.k * s.taps()) +
                         4.0 * static_cast<double>(s.n * s.out_pixels()) * channels;
    return conv_ns(lanes, s.flops() * channels / k, s.group > 1 ? 0.4 : 0.8, bytes);
}
}  // namespace detail

template <int P>
    requires(P <= 16)
struct Kernel<ConvTranspose, NCHWc<P>, float> {
    static constexpr std::string_view name = "conv_transpose/phases";
    using State = detail::TransposePackedPlan;
    static bool applicable(const NodeInfo& n) { return detail::transpose_packed_applicable(n); }
    static double cost(const NodeInfo& n) { return detail::transpose_packed_cost(n, P); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::transpose_packed_plan(n, c, P); }
    static void run(const State& s, const RunContext& c) noexcept { detail::transpose_packed_run(s, c); }
};

// ---- dense images: a product of matrices, whose rows are the taps, added to where they belong ----

namespace detail {
struct TransposeDensePlan {
    TransposeShape s;
    ConvEpilogue end;
    size_t channels = 1, channel_parts = 1;  // output channels of a unit
    size_t rows = 1, row_parts = 1;          // input rows of a unit, which computes the output rows from where its first one begins
    size_t shared_rows = 0;                  // input rows before those of a unit that reach its output rows, too
    size_t step = 1;                         // input rows that are multiplied at once
    size_t product_floats = 0, scratch_floats = 0;
    std::shared_ptr<const std::byte> weights;  // [group][output channel][tap][input channel]
};
inline TransposeDensePlan transpose_dense_plan(const NodeInfo& node, PrepareContext& prepare) {
    TransposeDensePlan p;
    const TransposeShape& s = p.s = TransposeShape::of(node);
    const auto &[d, h, v] = s.axis;
    p.end = ConvEpilogue(node.attributes<ConvTranspose::Attributes>().fused());
    const size_t groups = as_size(s.group), cg = as_size(s.c) / groups, kg = as_size(s.k) / groups, taps = as_size(s.taps());
    const size_t threads = as_size(std::max(node.threads, 1)), all_rows = as_size(d.in * h.in), wanted = 2 * threads;
    const size_t products = as_size(s.n) * groups;
    p.rows = all_rows;
    p.channels = kg;
    if (threads > 1) {
        // Rows that two units multiply are at most an eighth; parts of the channels of an image of three would be 2 : 1.
        const size_t shared = as_size((h.reach() - 1) / h.stride);
        const size_t parts = ((shared ? threads : wanted) + products - 1) / std::max<size_t>(products, 1);
        if (d.in == 1 && d.out == 1 && d.window == 1 && shared * (parts - 1) * 8 <= all_rows) {
            p.rows = std::max<size_t>(1, (all_rows + parts - 1) / parts);
            p.shared_rows = shared;
        } else {
            p.channels = std::max<size_t>(1, (kg * products + wanted - 1) / wanted);
        }
    }
    p.row_parts = (all_rows + p.rows - 1) / p.rows;
    p.channel_parts = (kg + p.channels - 1) / p.channels;
    // A product that stays in the second level cache until it has been added.
    const size_t row_floats = p.channels * taps * as_size(v.in);
    p.step = std::clamp<size_t>(size_t{64} * 1024 / std::max<size_t>(kg * taps * as_size(v.in), 1), 1, std::max<size_t>(p.rows, 1));
    p.product_floats = up(p.step * row_floats, 16);
    p.scratch_floats = up(gemm_scratch_size(*node.bricks, cg) / sizeof(float), 16);
    prepare.need_workspace((p.product_floats + p.scratch_floats) * threads * sizeof(float));
    const Array& w = *node.constant(1);
    p.weights = prepare.weights->packed(w, text("conv_transpose/rows of ", s.group), std::max<size_t>(1, as_size(w.count())) * sizeof(float), [&](std::byte* to) {
        std::vector<float> keep;
        const float* const from = w.floats(keep);
        float* out = reinterpret_cast<float*>(to);
        for (size_t g = 0; g < groups; ++g)
            for (size_t k = 0; k < kg * taps; ++k)
                for (size_t i = 0; i < cg; ++i) *out++ = from[(g * cg + i) * kg * taps + k];
    });
    prepare.drop(1);
    return p;
}

// Adds the products of one input row and one (output channel, depth tap, row tap) to the output row `y`.
inline void transpose_add_row(const TransposeAxis& v, const float* product, size_t tap_stride, float* y) {
    for (int64_t t = 0; t < v.window; ++t, product += tap_stride) {
        const int64_t shift = t * v.dilation - v.pad;  // output = input * stride + shift
        const int64_t from = shift >= 0 ? 0 : (-shift + v.stride - 1) / v.stride;
        const int64_t to = v.out > shift ? std::min(v.in, (v.out - shift - 1) / v.stride + 1) : 0;
        if (v.stride == 1) {
            for (int64_t i = from; i < to; ++i) y[i + shift] += product[i];
        } else if (v.stride == 2) {
            for (int64_t i = from; i < to; ++i) y[2 * i + shift] += product[i];
        } else {
            for (int64_t i = from; i < to; ++i) y[i * v.stride + shift] += product[i];
        }
    }
}

inline void transpose_dense_run(const TransposeDensePlan& p, const RunContext& c) {
    const TransposeShape& s = p.s;
    const TransposeAxis &d = s.axis[0], &h = s.axis[1], &v = s.axis[2];
    const size_t groups = as_size(s.group), cg = as_size(s.c) / groups, kg = as_size(s.k) / groups, taps = as_size(s.taps());
    const size_t in_pixels = as_size(s.in_pixels()), out_pixels = as_size(s.out_pixels()), columns = as_size(v.in), all_rows = as_size(d.in * h.in);
    const float* const bias = c.has_input(2) ? c.input(2).as<float>() : nullptr;
    c.pool->parallel_for(as_size(s.n) * groups * p.channel_parts * p.row_parts, 1, [&](size_t begin, size_t end, int part) {
        float* const product = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * (p.product_floats + p.scratch_floats);
        for (size_t u = begin; u < end; ++u) {
            const size_t row_part = u % p.row_parts, channel_part = u / p.row_parts % p.channel_parts, ng = u / p.row_parts / p.channel_parts, g = ng % groups;
            const size_t first = row_part * p.rows, last = std::min(all_rows, first + p.rows), k0 = channel_part * p.channels, ks = std::min(p.channels, kg - k0);
            float* const out = c.output(0).as<float>() + (ng * kg + k0) * out_pixels;
            // The output rows of this unit: all, or those from where its first input row begins to where the next unit's does.
            size_t from = 0, to = as_size(d.out * h.out), begin_row = first;
            if (p.row_parts > 1) {
                const auto at = [&](size_t row) { return as_size(std::clamp<int64_t>(static_cast<int64_t>(row) * h.stride - h.pad, 0, h.out)); };
                if (row_part > 0) from = at(first);
                if (row_part + 1 < p.row_parts) to = at(last);
                begin_row -= std::min(first, p.shared_rows);
            }
            const size_t out_columns = as_size(v.out);
            for (size_t k = 0; k < ks; ++k)
                std::fill(out + k * out_pixels + from * out_columns, out + k * out_pixels + to * out_columns, bias ? bias[g * kg + k0 + k] : 0.f);
            for (size_t row = begin_row; row < last; row += p.step) {
                const size_t rows = std::min(p.step, last - row), pixels = rows * columns;
                GemmCall call;
                call.m = ks * taps;
                call.n = pixels;
                call.k = cg;
                call.a = reinterpret_cast<const float*>(p.weights.get()) + (g * kg + k0) * taps * cg;
                call.lda = cg;
                call.form = GemmB::rows;
                call.b = c.input(0).as<float>() + ng * cg * in_pixels + row * columns;
                call.ldb = in_pixels;
                call.c = product;
                call.ldc = pixels;
                gemm_f32(*c.bricks, call, product + p.product_floats);
                // An output row gets the rows of the input in their order, so that neither units nor steps change its sums.
                for (size_t k = 0; k < ks; ++k)
                    for (size_t r = row; r < row + rows; ++r)
                        for (int64_t kd = 0; kd < d.window; ++kd)
                            for (int64_t kh = 0; kh < h.window; ++kh) {
                                const auto i = static_cast<int64_t>(r);
                                const int64_t od = i / h.in * d.stride + kd * d.dilation - d.pad, oh = i % h.in * h.stride + kh * h.dilation - h.pad;
                                const auto at = as_size(od * h.out + oh);
                                if (od < 0 || od >= d.out || oh < 0 || oh >= h.out || at < from || at >= to) continue;
                                const size_t tap = (k * as_size(d.window) + as_size(kd)) * as_size(h.window) + as_size(kh);
                                transpose_add_row(v, product + tap * as_size(v.window) * pixels + (r - row) * columns, pixels, out + k * out_pixels + at * out_columns);
                            }
            }
            if (!p.end.unary && !p.end.clamp) continue;
            for (size_t k = 0; k < ks; ++k) {
                float* const y = out + k * out_pixels;
                if (p.end.unary) p.end.apply(*c.bricks, y + from * out_columns, (to - from) * out_columns);
                else
                    for (size_t i = from * out_columns; i < to * out_columns; ++i) y[i] = p.end.clamped(y[i]);
            }
        }
    });
}
}  // namespace detail

template <> struct Kernel<ConvTranspose, NCHW, float> {
    static constexpr std::string_view name = "conv_transpose/product";
    using State = detail::TransposeDensePlan;
    static bool applicable(const NodeInfo& n) {
        return n.constant(1) && n.input(0).shape.count() > 0 && n.output().shape.count() > 0;
    }
    static double cost(const NodeInfo& n) {
        const TransposeShape s = TransposeShape::of(n);
        const double rows = static_cast<double>(s.k / s.group * s.taps()), pixels = static_cast<double>(s.in_pixels());
        const double images = static_cast<double>(s.n * s.group);
        return images * (gemm_cost(*n.bricks, rows, pixels, static_cast<double>(s.c / s.group)) + rows * pixels * 0.5) +
               static_cast<double>(s.n * s.k * s.out_pixels()) * 0.2 + 200;
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::transpose_dense_plan(n, c); }
    static void run(const State& s, const RunContext& c) noexcept { detail::transpose_dense_run(s, c); }
};

LITE_NAMESPACE_END
#endif
