// Direct convolution: one driver over register tiles for packed and channels-last layouts and for first layers, and another
// that unrolls windows for dense images.
#include "lite/op/conv.h"  // includes this file behind the operator
#ifndef LITE_OP_CONV_DIRECT_H_
#define LITE_OP_CONV_DIRECT_H_
#include "lite/platform/cpu.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline size_t up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }
inline size_t as_size(int64_t n) { return static_cast<size_t>(n); }

// The activation: a clamp in the registers of the tile, or a brick over outputs that were just written and are still in the
// cache. Blocks whose last lanes are no channels get zeros there again where f(0) may be something else.
struct ConvEpilogue {
    Activation act;
    float low = 0.f, high = 0.f;
    bool clamp = false, unary = false, dirty = false;

    explicit ConvEpilogue(const Activation& a = {}) : act(a) {
        unary = !as_clamp(a, low, high);
        if (unary) as_clamp({}, low, high);
        clamp = !unary && a.mode != ElemwiseMode::identity;
        dirty = unary || activate(a, 0.0) != 0.0;
    }
    void fill(ConvTileArgs& t) const {
        t.low = low;
        t.high = high;
        t.clamp = clamp;
    }
    float clamped(float x) const { return x < low ? low : x > high ? high : x; }
    void apply(const Bricks& b, float* y, size_t n) const { b.math.unary(act.mode, act.alpha, act.beta, y, y, n); }
};

// Predicted nanoseconds: two FMAs of full vectors per cycle at 4 GHz, `efficiency` of it reached; bytes that come from the last
// level cache at 40 GB/s, half hidden behind arithmetic.
inline double conv_ns(size_t lanes, double flops, double efficiency, double bytes) {
    return flops / (16.0 * static_cast<double>(lanes) * efficiency) + bytes / 80.0 + 200.0;
}

// Zeroes the lanes behind the last channel in `pixels` pixels of a block of `pack`.
inline void zero_lanes(float* block, size_t pixels, size_t pack, size_t used) {
    static constexpr float half[8] = {};
    if (pack == 16 && used == 8) {
        for (size_t p = 0; p < pixels; ++p) std::memcpy(block + p * 16 + 8, half, sizeof half);
        return;
    }
    for (size_t p = 0; p < pixels; ++p)
        for (size_t i = used; i < pack; ++i) block[p * pack + i] = 0.f;
}

// The output channels that one pass over the input computes, and the part of them that exists.
struct ConvPanel {
    size_t channel, group, vectors, valid;
    size_t weights, bias;  // offsets in floats
    const ConvTiles* tiles;
    size_t width() const { return vectors * tiles->lanes; }
};

// What each block of output channels reads of a tensor in packed layout when groups are narrower than a block: a few input blocks,
// whose lanes are multiplied in another order. Only for groups of which no lane would multiply another group's channels.
struct ConvPicks {
    struct Block {
        size_t first, count;  // input blocks
        size_t steps, lanes;  // where these begin in the lists below
        size_t vectors;       // of weights, for each tap
    };
    std::vector<Block> blocks;      // of the output
    std::vector<size_t> steps;      // of each input block
    std::vector<int32_t> lanes;     // [input block][step][pack]
    std::vector<int64_t> channels;  // the same as channels of the lane's group; -1: the lane is behind the last channel
    bool dirty = false;             // lanes behind the last channel may read others

    bool make(size_t c, size_t k, size_t group, size_t pack) {
        const size_t cg = c / group, kg = k / group, planes = (c + pack - 1) / pack;
        for (size_t o = 0; o < k; o += pack) {
            const size_t last_group = (std::min(o + pack, k) - 1) / kg, first = o / kg * cg / pack;
            Block b{first, ((last_group + 1) * cg - 1) / pack + 1 - first, steps.size(), lanes.size(), 0};
            for (size_t i = first; i < first + b.count; ++i) {
                const auto begin = [&](size_t lane) { return std::max((o + lane) / kg * cg, i * pack); };  // of the lane's channels in this block
                const auto end = [&](size_t lane) { return std::min(((o + lane) / kg + 1) * cg, (i + 1) * pack); };
                if (end(0) <= begin(0)) return false;
                const size_t n = end(0) - begin(0), at = lanes.size();
                lanes.resize(at + n * pack, 0);
                channels.resize(at + n * pack, -1);
                for (size_t lane = 0; lane < pack; ++lane) {
                    const bool same = end(lane) == begin(lane) + n;
                    if (o + lane < k && !same) return false;
                    if (o + lane >= k && (!same || i + 1 > planes)) {
                        dirty = true;
                        continue;
                    }
                    for (size_t j = 0; j < n; ++j) {
                        lanes[at + j * pack + lane] = static_cast<int32_t>(begin(lane) + j - i * pack);
                        if (o + lane < k) channels[at + j * pack + lane] = static_cast<int64_t>(begin(lane) + j - (o + lane) / kg * cg);
                    }
                }
                steps.push_back(n);
                b.vectors += n;
            }
            blocks.push_back(b);
        }
        return true;
    }
    void set(size_t block, ConvTileArgs& t) const {
        t.blocks = blocks[block].count;
        t.block_steps = steps.data() + blocks[block].steps;
        t.picks = lanes.data() + blocks[block].lanes;
    }
    // The weights of one output block for the tiles: value(lane, channel of its group, tap).
    template <class Value> float* pack_weights(size_t block, size_t pack, size_t taps, float* out, const Value& value) const {
        const Block& b = blocks[block];
        for (size_t i = 0, at = b.lanes; i < b.count; at += steps[b.steps + i++] * pack)
            for (size_t t = 0; t < taps; ++t)
                for (size_t j = 0; j < steps[b.steps + i] * pack; ++j) {
                    const int64_t channel = channels[at + j];
                    *out++ = channel < 0 ? 0.f : value(j % pack, static_cast<size_t>(channel), t);
                }
        return out;
    }
};

// Everything that a direct convolution of one shape needs at run time.
struct ConvDirectPlan {
    ConvShape s;
    ConvEpilogue end;
    bool residual = false, copy = false;
    size_t pack = 0;  // channels of a block of the output; 0: channels last
    // The input tensor: planes of depth x height x width pixels of `pixel` floats; strides in floats.
    size_t planes = 0, pixel = 1, row = 0, slice = 0, plane = 0, image = 0;
    size_t out_row = 0, out_block = 0, out_image = 0;  // strides of the output, in floats
    bool lines = false;  // the input's rows of all channel blocks stand side by side (nhwcd4)
    size_t rows = 1, units_per_slice = 1, units = 0;  // a unit is `rows` output rows of one slice of one image
    size_t buffer_rows = 0, buffer_row = 0, buffer_floats = 0;  // the padded copy of what a unit reads
    ConvTileArgs tile;  // the parts that never change
    std::vector<ptrdiff_t> taps, pixels;
    std::vector<ConvPanel> panels;
    std::vector<size_t> tasks;  // task i is the panels tasks[i] .. tasks[i + 1], whole blocks of the output
    size_t group_stride = 0;
    ConvPicks picks;  // of ConvForm::grouped
    std::shared_ptr<const std::byte> weights, bias;
    const ConvTiles* tiles = nullptr;
};

// Copies the input rows that a unit reads into `to`, with zeros for the padding.
inline void conv_copy_padded(const ConvDirectPlan& p, const float* image, int64_t od, int64_t row0, int64_t row_count, float* to) {
    const auto &[d, h, v] = p.s.axis;
    const size_t left = as_size(v.pad) * p.pixel, inside = std::min(as_size(v.in) * p.pixel, p.buffer_row - std::min(left, p.buffer_row));
    const size_t behind = p.buffer_row - std::min(left + inside, p.buffer_row);
    const int64_t first = row0 * h.stride - h.pad, count = (row_count - 1) * h.stride + h.reach();
    for (size_t plane = 0; plane < p.planes; ++plane)
        for (int64_t kd = 0; kd < d.window; ++kd) {
            const int64_t id = od * d.stride + kd * d.dilation - d.pad;
            float* out = to + (plane * as_size(d.window) + as_size(kd)) * p.buffer_rows * p.buffer_row;
            if (id >= 0 && id < d.in && p.buffer_row == p.row && left == 0 && !p.lines) {  // whole rows lie behind each other
                const int64_t from = std::clamp<int64_t>(-first, 0, count), until = std::clamp<int64_t>(h.in - first, from, count);
                const size_t before = as_size(from) * p.row, rows = as_size(until - from) * p.row;
                if (before) std::memset(out, 0, before * sizeof(float));
                if (rows) std::memcpy(out + before, image + plane * p.plane + as_size(id) * p.slice + as_size(first + from) * p.row, rows * sizeof(float));
                if (until < count) std::memset(out + before + rows, 0, as_size(count - until) * p.row * sizeof(float));
                continue;
            }
            for (int64_t i = 0; i < count; ++i, out += p.buffer_row) {
                const int64_t ih = first + i;
                if (id < 0 || id >= d.in || ih < 0 || ih >= h.in || inside == 0) {
                    std::memset(out, 0, p.buffer_row * sizeof(float));
                    continue;
                }
                if (left) std::memset(out, 0, left * sizeof(float));
                std::memcpy(out + left, image + plane * p.plane + as_size(id) * p.slice + as_size(ih) * p.row, inside * sizeof(float));
                if (behind) std::memset(out + left + inside, 0, behind * sizeof(float));
            }
        }
}

// Tasks [first, last) of one unit; `source` is where its input begins.
inline void conv_unit(const ConvDirectPlan& p, const RunContext& c, size_t unit, const float* source, size_t first, size_t last) {
    const auto &[d, h, v] = p.s.axis;
    const size_t slices = as_size(d.out), slice = unit / p.units_per_slice, row0 = unit % p.units_per_slice * p.rows;
    const size_t n = slice / slices, od = slice % slices;
    const size_t pixels = std::min(p.rows, as_size(h.out) - row0) * as_size(v.out);
    const size_t first_row = n * p.out_image + (od * as_size(h.out) + row0) * p.out_row;
    const size_t k = as_size(p.s.k), pack = p.pack, block = p.out_block;
    float* const out = c.output(0).as<float>();
    const float* const res = p.residual ? c.input(3).as<float>() : nullptr;
    alignas(64) float partial[ConvTiles::kMaxRows * 64];
    ConvTileArgs t = p.tile;
    for (size_t task = first; task < last; ++task) {
        for (size_t i = p.tasks[task]; i < p.tasks[task + 1]; ++i) {
            const ConvPanel& panel = p.panels[i];
            const size_t lanes = panel.tiles->lanes;
            t.x = source + panel.group * p.group_stride;
            if (!p.picks.blocks.empty()) {
                const size_t k_block = panel.channel / pack;
                t.x = source + p.picks.blocks[k_block].first * p.tile.block_stride;
                p.picks.set(k_block, t);
            }
            t.w = reinterpret_cast<const float*>(p.weights.get()) + panel.weights;
            t.bias = p.bias ? reinterpret_cast<const float*>(p.bias.get()) + panel.bias : nullptr;
            const size_t lane = pack ? panel.channel % pack : 0, stride = pack ? pack : k;
            const size_t at = first_row + (pack ? panel.channel / pack * block + lane : panel.channel);
            for (size_t j = 0; j < panel.vectors; ++j)
                t.y_vector[j] = static_cast<ptrdiff_t>(pack ? (lane + j * lanes) / pack * block + (lane + j * lanes) % pack - lane : j * lanes);
            t.y_row = static_cast<ptrdiff_t>(stride);
            const size_t width = panel.width();
            const bool whole = pack || panel.valid == width;
            if (!whole) {
                t.y = partial;
                t.residual = nullptr;
                t.y_row = static_cast<ptrdiff_t>(width);
                t.clamp = false;
            }
            for (size_t q = 0; q < pixels;) {
                const size_t m = panel.tiles->next_rows(pixels - q);
                float* y = out + at + q * stride;
                const float* r = res ? res + at + q * stride : nullptr;
                t.rows = p.pixels.data() + q;
                if (whole) {
                    t.y = y;
                    t.residual = r;
                }
                (p.pixel == lanes ? panel.tiles->get(panel.vectors, m, t.rows) : panel.tiles->get(panel.vectors, m))(t);
                if (!whole) {
                    for (size_t j = 0; j < m; ++j)
                        for (size_t to = j * stride, o = 0; o < panel.valid; ++o, ++to) {
                            const float sum = partial[j * width + o] + (r ? r[to] : 0.f);
                            y[to] = p.end.clamp ? p.end.clamped(sum) : sum;
                        }
                }
                if (!pack && p.end.unary)
                    for (size_t j = 0; j < m; ++j) p.end.apply(*c.bricks, y + j * stride, panel.valid);
                q += m;
            }
            t.clamp = p.tile.clamp;
        }
        if (!pack || !(p.end.unary || p.end.dirty)) continue;
        const ConvPanel& last_panel = p.panels[p.tasks[task + 1] - 1];
        const size_t end_channel = last_panel.channel + last_panel.width();
        for (size_t channel = p.panels[p.tasks[task]].channel; channel < end_channel; channel += pack) {
            float* run = out + first_row + channel / pack * block;
            if (p.end.unary) p.end.apply(*c.bricks, run, pixels * pack);
            if (p.end.dirty && channel + pack > k) zero_lanes(run, pixels, pack, k - channel);
        }
    }
}

inline void conv_direct_run(const ConvDirectPlan& p, const RunContext& c) {
    const size_t tasks = p.tasks.size() - 1;
    const float* const x = c.input(0).as<float>();
    c.pool->parallel_shares(p.units * tasks, 1, [&](ThreadPool::Share& share, int part) {
        const WindowAxis &d = p.s.axis[0], &h = p.s.axis[1];
        float* const buffer = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * p.buffer_floats;
        size_t copied = p.units;  // the unit in the buffer
        for (size_t begin = 0, end = 0; begin < end || share.next(begin, end);) {
            const size_t unit = begin / tasks, first = begin % tasks, last = std::min(tasks, first + (end - begin));
            const size_t slice = unit / p.units_per_slice, row0 = unit % p.units_per_slice * p.rows;
            const size_t n = slice / as_size(d.out), od = slice % as_size(d.out);
            const float* source = x + n * p.image;
            if (p.copy) {
                const auto row_count = static_cast<int64_t>(std::min(p.rows, as_size(h.out) - row0));
                if (unit != copied) conv_copy_padded(p, source, static_cast<int64_t>(od), static_cast<int64_t>(row0), row_count, buffer);
                copied = unit;
                source = buffer;
            } else {
                source += od * as_size(d.stride) * p.slice + row0 * as_size(h.stride) * p.row;
            }
            conv_unit(p, c, unit, source, first, last);
            begin += last - first;
        }
    });
}

enum class ConvForm { packed, first_layer /* dense in, packed out */, channels_last, grouped /* packed, groups narrower than a block */ };

inline ConvDirectPlan conv_direct_plan(const NodeInfo& node, PrepareContext& prepare, ConvForm form, size_t pack) {
    const auto a = node.attributes<Conv::Attributes>();
    ConvDirectPlan p;
    ConvShape& s = p.s = ConvShape::of(node);
    p.end = ConvEpilogue(a.fused());
    p.residual = a.residual != 0;
    p.pack = form == ConvForm::channels_last ? 0 : pack;
    p.tiles = form == ConvForm::grouped ? &node.bricks->conv.picks : &node.bricks->conv.tiles_for(form == ConvForm::channels_last ? 64 : pack);
    const bool lines = node.layout() == LayoutTag::nhwcd4, packed = form == ConvForm::packed || form == ConvForm::grouped;
    p.lines = lines && packed;
    const auto plain = [](const WindowAxis& w) { return w.pad == 0 && w.window == 1 && w.stride == 1 && w.out == w.in; };
    if (lines) {  // its rows cannot be joined
    } else if (plain(s.axis[0]) && plain(s.axis[1]) && plain(s.axis[2])) {  // pointwise: one long column of pixels, cut anywhere
        s.axis[1].in = s.axis[1].out = s.out_pixels();
        s.axis[0].in = s.axis[0].out = s.axis[2].in = s.axis[2].out = 1;
    } else if (s.axis[1].in == 1 && s.axis[1].window == 1 && s.axis[1].out == 1 && s.axis[1].pad == 0) {  // one spatial axis: a column, which can be cut
        std::swap(s.axis[1], s.axis[2]);
    }
    const auto &[d, h, v] = s.axis;
    const size_t c = as_size(s.c), k = as_size(s.k), cg = c / as_size(s.group), kg = k / as_size(s.group);
    const size_t taps = as_size(s.taps()), lanes = p.tiles->lanes;
    p.planes = packed ? (c + pack - 1) / pack : form == ConvForm::first_layer ? c : 1;
    p.pixel = packed ? pack : form == ConvForm::first_layer ? 1 : c;
    p.row = as_size(v.in) * p.pixel * (p.lines ? p.planes : 1);
    p.slice = as_size(h.in) * p.row;
    p.plane = p.lines ? as_size(v.in) * p.pixel : as_size(d.in) * p.slice;
    p.image = as_size(s.in_pixels()) * p.pixel * p.planes;
    const size_t out_channels = p.pack ? up(k, pack) : k, line = as_size(v.out) * (p.pack ? pack : k);
    p.out_image = as_size(s.out_pixels()) * out_channels;
    p.out_row = lines ? as_size(v.out) * out_channels : line;
    p.out_block = lines ? line : as_size(s.out_pixels()) * pack;
    for (const WindowAxis& w : s.axis) p.copy |= w.pad > 0 || (w.out - 1) * w.stride + w.reach() - w.pad > w.in;

    // The panels of output channels, and what one of them costs.
    if (form == ConvForm::grouped) {
        p.picks.make(c, k, as_size(s.group), pack);
        p.end.dirty |= p.picks.dirty;
        for (size_t channel = 0, at = 0; channel < k; at += p.picks.blocks[channel / pack].vectors * taps * pack, channel += pack) {
            p.tasks.push_back(p.panels.size());
            p.panels.push_back({channel, 0, 1, std::min(pack, k - channel), at, channel, p.tiles});
        }
    }
    // Where 512 bits take two turns, a last block of at most half a vector's channels takes half vectors: 13 % less for 24 channels on Zen 4.
    const ConvTiles& narrow = node.bricks->conv.tiles[1];
    const bool half = p.pack && this_cpu().halves_512 && lanes == 16 && pack == 16 && narrow.lanes == 8 && s.group == 1 && (k - 1) % 16 < 8;
    for (size_t g = 0; g < as_size(s.group) && form != ConvForm::grouped; ++g) {
        const size_t vectors = ((p.pack ? up(kg, pack) : kg) + lanes - 1) / lanes;
        for (size_t done = 0; done < vectors;) {
            const bool last = half && done + 1 == vectors;
            size_t nb = p.tiles->vectors;
            while (nb > vectors - done - (half && !last)) nb /= 2;
            const ConvTiles* tiles = last ? &narrow : p.tiles;
            const size_t channel = g * kg + done * lanes, at = p.panels.empty() ? 0 : p.panels.back().weights + p.panels.back().width() * cg * taps;
            const size_t bias = p.panels.empty() ? 0 : p.panels.back().bias + p.panels.back().width();
            if (!p.pack || done * lanes % pack == 0) p.tasks.push_back(p.panels.size());
            p.panels.push_back({channel, g, nb, std::min(nb * tiles->lanes, kg - std::min(kg, done * lanes)), at, bias, tiles});
            done += nb;
        }
    }
    p.end.dirty |= half;  // half vectors leave the other half of the block
    const size_t task_count = p.tasks.size();
    p.tasks.push_back(p.panels.size());

    // Output rows of a unit: its input stays in the second level cache while every panel reads it, and every weight that is
    // loaded serves some 30 pixels; then smaller if that spreads better over the threads.
    const size_t slices = as_size(s.n * d.out), out_rows = as_size(h.out), out_row = std::max<size_t>(as_size(v.out), 1);
    const size_t row_bytes = p.planes * as_size(d.window) * std::max<size_t>(p.row, 1) * as_size(h.stride) * sizeof(float);
    size_t rows = std::max<size_t>({size_t{256} * 1024 / row_bytes, (28 + out_row - 1) / out_row, 1});
    rows = std::min(rows, std::max<size_t>(out_rows, 1));
    const size_t threads = static_cast<size_t>(std::max(node.threads, 1));
    if (threads > 1 && out_rows) {
        size_t best = rows;
        double best_cost = 1e300;
        for (size_t units = (out_rows + rows - 1) / rows, most = units + 4 * threads; units <= most && units <= out_rows; ++units) {
            const size_t r = (out_rows + units - 1) / units, tasks = slices * units * task_count;
            // the busiest thread's rows, plus what reading all weights once more costs, plus what half a unit's input costs that another
            // core wrote, 10 GB/s (unless a thread has whole units, whose rows it mostly wrote itself)
            const double far = slices * units % threads == 0 ? 0 : 10.0 / static_cast<double>(taps * lanes * p.tiles->vectors);
            const double cost = static_cast<double>((tasks + threads - 1) / threads * r) + far * static_cast<double>(r) +
                                8.0 / static_cast<double>(out_row) * static_cast<double>((tasks + threads - 1) / threads);
            if (cost < best_cost * 0.98) best_cost = cost, best = r;
        }
        rows = best;
    }
    if (lines) rows = 1;
    p.units_per_slice = (out_rows + rows - 1) / rows;
    p.rows = p.units_per_slice ? (out_rows + p.units_per_slice - 1) / p.units_per_slice : 1;
    p.units = slices * p.units_per_slice * (v.out ? 1 : 0);

    // Where rows and taps lie.
    size_t row = p.row, slice = p.slice, plane = p.plane;
    if (p.copy) {
        p.buffer_row = row = as_size((v.out - 1) * v.stride + v.reach()) * p.pixel;
        p.buffer_rows = as_size((static_cast<int64_t>(p.rows) - 1) * h.stride + h.reach());
        slice = p.buffer_rows * row;
        plane = as_size(d.window) * slice;
        p.buffer_floats = up(p.planes * plane, 16);
        prepare.need_workspace(p.buffer_floats * threads * sizeof(float));
    }
    for (size_t r = 0; r < p.rows; ++r)
        for (size_t q = 0; q < as_size(v.out); ++q)
            p.pixels.push_back(static_cast<ptrdiff_t>(r * as_size(h.stride) * row + q * as_size(v.stride) * p.pixel));
    // Taps that are neighbours in a dense image are steps of one tap.
    const bool column = v.in == 1 && v.out == 1 && v.window == 1;
    const bool runs = form == ConvForm::first_layer && (column ? h : v).dilation == 1;
    const size_t taps_h = runs && column ? 1 : as_size(h.window), taps_v = runs ? 1 : as_size(v.window);
    for (size_t i = 0; i < (form == ConvForm::first_layer ? c : 1); ++i)
        for (size_t kd = 0; kd < as_size(d.window); ++kd)
            for (size_t kh = 0; kh < taps_h; ++kh)
                for (size_t kw = 0; kw < taps_v; ++kw)
                    p.taps.push_back(static_cast<ptrdiff_t>(i * plane + kd * (p.copy ? 1 : as_size(d.dilation)) * slice + kh * as_size(h.dilation) * row +
                                                            kw * as_size(v.dilation) * p.pixel));
    const size_t pack_in = form == ConvForm::packed ? pack : cg;
    p.tile.taps = p.taps.data();
    p.tile.tap_count = p.taps.size();
    p.tile.blocks = form == ConvForm::packed ? (cg + pack - 1) / pack : 1;
    p.tile.block_stride = plane;
    p.tile.steps = form == ConvForm::first_layer ? (runs ? as_size((column ? h : v).window) : 1) : pack_in;
    p.tile.last_steps = form == ConvForm::packed ? cg - (p.tile.blocks - 1) * pack : p.tile.steps;
    p.group_stride = form == ConvForm::packed ? cg / pack * plane : form == ConvForm::channels_last ? cg : 0;
    p.end.fill(p.tile);

    // Weights in the order in which the tiles read them: panel, block, tap, channel of the block, output channel.
    const Array& w = *node.constant(1);
    const size_t floats = p.panels.back().weights + p.panels.back().width() * taps * (form == ConvForm::grouped ? p.picks.blocks.back().vectors : cg);
    const size_t step_block = form == ConvForm::first_layer ? 1 : pack_in;
    p.weights = prepare.weights->packed(w, text(form == ConvForm::grouped ? "conv/grouped " : "conv/direct ", step_block, " ", lanes, "x", p.tiles->vectors, half ? " half of " : " of ", up(kg, std::max<size_t>(p.pack, 1)), " group ", s.group),
                                        floats * sizeof(float), [&](std::byte* to) {
        std::vector<float> keep;
        const float* const from = w.floats(keep);
        float* out = reinterpret_cast<float*>(to);
        for (size_t i = 0; i < p.picks.blocks.size(); ++i)
            out = p.picks.pack_weights(i, pack, taps, out, [&](size_t lane, size_t channel, size_t t) { return from[((i * pack + lane) * cg + channel) * taps + t]; });
        for (const ConvPanel& panel : p.panels)
            for (size_t b = form == ConvForm::grouped ? cg : 0; b < cg; b += step_block)
                for (size_t t = 0; t < taps; ++t)
                    for (size_t i = b; i < std::min(cg, b + step_block); ++i)
                        for (size_t o = 0; o < panel.width(); ++o)
                            *out++ = o < panel.valid ? from[((panel.channel + o) * cg + i) * taps + t] : 0.f;
    });
    prepare.drop(1);
    if (const Array* b = node.constant(2)) {
        const size_t count = p.panels.back().bias + p.panels.back().width();
        p.bias = prepare.weights->packed(*b, text("conv/bias ", lanes, "x", p.tiles->vectors, half ? " half of " : " of ", up(kg, std::max<size_t>(p.pack, 1)), " group ", s.group),
                                         count * sizeof(float), [&](std::byte* to) {
            const std::vector<float> from = b->values<float>();
            float* out = reinterpret_cast<float*>(to);
            for (const ConvPanel& panel : p.panels)
                for (size_t o = 0; o < panel.width(); ++o) *out++ = o < panel.valid ? from[panel.channel + o] : 0.f;
        });
        prepare.drop(2);
    }
    return p;
}

// The parts of applicable() that all kernels with packed weights share.
inline bool conv_packable(const NodeInfo& n) {
    if (!n.constant(1) || (n.has_input(2) && !n.constant(2)) || n.input(1).dtype != DType::f32) return false;
    return n.input(0).shape_known() && n.output().shape_known() && n.output().shape[1] > 0 && n.input(1).shape[1] > 0;
}

inline bool conv_direct_applicable(const NodeInfo& n, int64_t P) {
    if (!conv_packable(n)) return false;
    const ConvShape s = ConvShape::of(n);
    return s.group == 1 || (s.c / s.group % P == 0 && s.k / s.group % P == 0);
}
inline double conv_direct_cost(const NodeInfo& n, size_t P) {
    const ConvShape s = ConvShape::of(n);
    const double used = s.flops() * static_cast<double>(up(as_size(s.k), P)) / static_cast<double>(s.k);
    const double bytes = 4.0 * static_cast<double>(s.n * (s.in_pixels() * s.c * (s.taps() > 1 ? 2 : 1) + s.out_pixels() * s.k) + s.k * s.c / s.group * s.taps());
    return conv_ns(n.bricks->conv.tiles_for(P).lanes, used, 0.9, bytes);
}
inline bool conv_first_layer_applicable(const NodeInfo& n) {
    if (!conv_packable(n)) return false;
    const auto a = n.attributes<Conv::Attributes>();
    return a.group == 1 && a.residual == 0 && n.input(1).shape[1] <= 16;
}
inline double conv_first_layer_cost(const NodeInfo& n, size_t P) {
    const ConvShape s = ConvShape::of(n);
    const double used = s.flops() * static_cast<double>(up(as_size(s.k), P)) / static_cast<double>(s.k);
    const double bytes = 4.0 * static_cast<double>(s.n * (s.in_pixels() * s.c * 2 + s.out_pixels() * s.k));
    return conv_ns(n.bricks->conv.tiles_for(P).lanes, used, s.axis[2].window >= 4 ? 0.9 : s.axis[2].window > 1 ? 0.75 : 0.4, bytes);
}
}  // namespace detail

namespace detail {
struct ConvPackedKernel {
    static constexpr std::string_view name = "conv/direct";
    using State = ConvDirectPlan;
    static bool applicable(const NodeInfo& n) { return conv_direct_applicable(n, pack_of(n.layout())); }
    static double cost(const NodeInfo& n) { return conv_direct_cost(n, as_size(pack_of(n.layout()))); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return conv_direct_plan(n, c, ConvForm::packed, as_size(pack_of(n.layout()))); }
    static void run(const State& s, const RunContext& c) noexcept { conv_direct_run(s, c); }
};
// A dense image of few channels into a packed layout: input values are broadcast from the rows as they are.
struct ConvFirstLayerKernel {
    static constexpr std::string_view name = "conv/first_layer";
    static constexpr LayoutTag in_layout = LayoutTag::nchw;
    using State = ConvDirectPlan;
    static bool applicable(const NodeInfo& n) { return conv_first_layer_applicable(n); }
    static double cost(const NodeInfo& n) { return conv_first_layer_cost(n, as_size(pack_of(n.layout()))); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return conv_direct_plan(n, c, ConvForm::first_layer, as_size(pack_of(n.layout()))); }
    static void run(const State& s, const RunContext& c) noexcept { conv_direct_run(s, c); }
};
}  // namespace detail
template <LayoutType L>
    requires(L::pack > 1)
struct Kernel<Conv, L, float, Default> : detail::ConvPackedKernel {};
template <LayoutType L>
    requires(L::pack > 1)
struct Kernel<Conv, L, float, FirstLayer> : detail::ConvFirstLayerKernel {};

template <> struct Kernel<Conv, NHWC, float, Default> {
    static constexpr std::string_view name = "conv/direct";
    using State = detail::ConvDirectPlan;
    static bool applicable(const NodeInfo& n) { return detail::conv_packable(n); }
    static double cost(const NodeInfo& n) {
        const ConvShape s = ConvShape::of(n);
        const size_t lanes = n.bricks->conv.tiles[0].lanes;
        const double kg = static_cast<double>(s.k / s.group);
        const double used = s.flops() * static_cast<double>(detail::up(detail::as_size(s.k / s.group), lanes)) / kg;
        const double bytes = 4.0 * static_cast<double>(s.n * (s.in_pixels() * s.c * (s.taps() > 1 ? 2 : 1) + s.out_pixels() * s.k) + s.k * s.c / s.group * s.taps());
        return detail::conv_ns(lanes, used, 0.85, bytes);
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return detail::conv_direct_plan(n, c, detail::ConvForm::channels_last, 0); }
    static void run(const State& s, const RunContext& c) noexcept { detail::conv_direct_run(s, c); }
};

namespace detail {
// Windows unrolled into a panel [k][pixels of a few vectors], which the tiles multiply with rows of output channels.
struct ConvUnrollPlan {
    ConvShape s;
    ConvEpilogue end;
    bool residual = false;
    size_t k = 0;              // products per output
    size_t weight_row = 0;     // floats from one output channel's weights to the next
    size_t panels = 0;         // of an image
    size_t parts = 1;          // of the output channels of a group, so that few pixels can use all threads
    size_t part_rows = 0;
    size_t buffer_floats = 0;
    std::vector<ptrdiff_t> rows;
    std::shared_ptr<const std::byte> weights;  // null: as they come
    const ConvTiles* tiles = nullptr;
};

// panel[i * width + j] = the value under tap i (channel, depth, row, column) of pixel `first + j`.
inline void conv_unroll(const ConvShape& s, const float* image, size_t channels, size_t first, size_t count, size_t width, float* panel) {
    const auto &[d, h, v] = s.axis;
    const int64_t plane = s.in_pixels();
    for (size_t done = 0; done < count;) {  // runs of pixels in one output row
        const int64_t pixel = static_cast<int64_t>(first + done), ow = pixel % v.out, oh = pixel / v.out % h.out, od = pixel / v.out / h.out;
        const int64_t run = std::min<int64_t>(v.out - ow, static_cast<int64_t>(count - done));
        float* out = panel + done;
        for (int64_t c = 0; c < static_cast<int64_t>(channels); ++c)
            for (int64_t kd = 0; kd < d.window; ++kd)
                for (int64_t kh = 0; kh < h.window; ++kh) {
                    const int64_t id = od * d.stride + kd * d.dilation - d.pad, ih = oh * h.stride + kh * h.dilation - h.pad;
                    const bool inside = id >= 0 && id < d.in && ih >= 0 && ih < h.in;
                    const float* line = inside ? image + c * plane + (id * h.in + ih) * v.in : nullptr;
                    for (int64_t kw = 0; kw < v.window; ++kw, out += width) {
                        const int64_t shift = kw * v.dilation - v.pad;  // input column = (ow + j) * stride + shift
                        int64_t from = shift >= 0 ? 0 : (-shift + v.stride - 1) / v.stride, to = v.in > shift ? (v.in - shift - 1) / v.stride + 1 : 0;
                        from = std::clamp<int64_t>(from - ow, 0, run);
                        to = inside ? std::clamp<int64_t>(to - ow, from, run) : from;
                        const int64_t base = ow * v.stride + shift;
                        for (int64_t j = 0; j < from; ++j) out[j] = 0.f;
                        if (v.stride == 1 && to > from) std::memcpy(out + from, line + base + from, as_size(to - from) * sizeof(float));
                        else
                            for (int64_t j = from; j < to; ++j) out[j] = line[base + j * v.stride];
                        for (int64_t j = to; j < run; ++j) out[j] = 0.f;
                    }
                }
        done += static_cast<size_t>(run);
    }
    if (count < width)
        for (size_t i = 0; i < channels * as_size(s.taps()); ++i) std::memset(panel + i * width + count, 0, (width - count) * sizeof(float));
}

inline void conv_unroll_run(const ConvUnrollPlan& p, const RunContext& c) {
    const ConvShape& s = p.s;
    const size_t groups = as_size(s.group), cg = as_size(s.c) / groups, kg = as_size(s.k) / groups, out_pixels = as_size(s.out_pixels());
    const size_t lanes = p.tiles->lanes, full = p.tiles->vectors * lanes;
    const float *const x = c.input(0).as<float>(), *const w = p.weights ? reinterpret_cast<const float*>(p.weights.get()) : c.input(1).as<float>();
    const float *const bias = c.has_input(2) ? c.input(2).as<float>() : nullptr, *const res = p.residual ? c.input(3).as<float>() : nullptr;
    float* const out = c.output(0).as<float>();
    c.pool->parallel_shares(as_size(s.n) * groups * p.panels * p.parts, 1, [&](ThreadPool::Share& share, int index) {
        float* const panel = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(index) * p.buffer_floats;
        alignas(64) float partial[ConvTiles::kMaxRows * 64];
        const ptrdiff_t tap = 0;
        ConvTileArgs t;
        p.end.fill(t);
        t.taps = &tap;
        t.steps = t.last_steps = p.k;
        t.row_bias = true;
        size_t unrolled = SIZE_MAX;  // the panel in the buffer
        for (size_t i = 0, end = 0; i < end || share.next(i, end); ++i) {
            const size_t part = i % p.parts, q0 = i / p.parts % p.panels * full, ng = i / p.parts / p.panels, g = ng % groups, n = ng / groups;
            const size_t count = std::min(full, out_pixels - q0);
            size_t vectors = p.tiles->vectors;
            while (vectors > 1 && count <= vectors / 2 * lanes) vectors /= 2;
            const size_t width = vectors * lanes;
            if (i / p.parts != unrolled) conv_unroll(s, x + (n * as_size(s.c) + g * cg) * as_size(s.in_pixels()), cg, q0, count, width, panel);
            unrolled = i / p.parts;
            const bool whole = count == width;
            t.w = panel;
            for (size_t j = 0; j < vectors; ++j) t.y_vector[j] = static_cast<ptrdiff_t>(j * lanes);
            t.y_row = static_cast<ptrdiff_t>(whole ? out_pixels : width);
            t.rows = p.rows.data();
            t.clamp = whole && p.end.clamp;
            for (size_t r = part * p.part_rows, last = std::min(kg, r + p.part_rows); r < last;) {
                const size_t m = p.tiles->next_rows(last - r), k = g * kg + r, at = (n * as_size(s.k) + k) * out_pixels + q0;
                t.x = w + k * p.weight_row;
                t.bias = bias ? bias + k : nullptr;
                t.y = whole ? out + at : partial;
                t.residual = whole && res ? res + at : nullptr;
                p.tiles->get(vectors, m)(t);
                for (size_t j = 0; j < m; ++j) {
                    float* y = out + at + j * out_pixels;
                    if (!whole)
                        for (size_t q = 0; q < count; ++q) {
                            const float sum = partial[j * width + q] + (res ? res[at + j * out_pixels + q] : 0.f);
                            y[q] = p.end.clamp ? p.end.clamped(sum) : sum;
                        }
                    if (p.end.unary) p.end.apply(*c.bricks, y, count);
                }
                r += m;
            }
        }
    });
}
}  // namespace detail

// Any convolution on dense tensors, weights and bias computed or constant.
template <> struct Kernel<Conv, NCHW, float, Default> {
    static constexpr std::string_view name = "conv/unroll";
    using State = detail::ConvUnrollPlan;
    static bool applicable(const NodeInfo& n) {
        return n.input(1).dtype == DType::f32 && n.input(0).shape_known() && n.input(1).shape_known() && n.output().shape_known();
    }
    static double cost(const NodeInfo& n) {
        const ConvShape s = ConvShape::of(n);
        const ConvTiles& t = n.bricks->conv.tiles[0];
        const double pixels = static_cast<double>(detail::up(detail::as_size(s.out_pixels()), t.lanes)), kg = static_cast<double>(s.k / s.group);
        const double k = static_cast<double>(s.c / s.group * s.taps()), images = static_cast<double>(s.n * s.group);
        const double bytes = 4.0 * static_cast<double>(s.n * (s.in_pixels() * s.c + s.out_pixels() * s.k) + s.k * s.c / s.group * s.taps());
        return detail::conv_ns(t.lanes, 2.0 * images * kg * k * pixels, 0.85, bytes) + images * k * pixels * (s.axis[2].stride == 1 ? 0.3 : 0.6);
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        using namespace detail;
        const auto a = n.attributes<Conv::Attributes>();
        State p;
        p.s = ConvShape::of(n);
        p.end = ConvEpilogue(a.fused());
        p.residual = a.residual != 0;
        p.tiles = &n.bricks->conv.tiles[0];
        const size_t kg = as_size(p.s.k / p.s.group), full = p.tiles->vectors * p.tiles->lanes, threads = static_cast<size_t>(std::max(n.threads, 1));
        p.k = as_size(p.s.c / p.s.group * p.s.taps());
        p.weight_row = p.k;
        if (const Array* w = n.constant(1)) {  // rows a power of two apart would share a few sets of the first level cache
            p.weight_row = p.k % 256 == 0 ? p.k + 16 : p.k;
            p.weights = c.weights->packed(*w, "conv/rows", std::max<size_t>(as_size(p.s.k) * p.weight_row, 1) * sizeof(float), [&](std::byte* to) {
                for (size_t i = 0; i < as_size(p.s.k) && p.k; ++i)
                    std::memcpy(to + i * p.weight_row * sizeof(float), w->data() + i * p.k * sizeof(float), p.k * sizeof(float));
            });
            c.drop(1);
        }
        p.panels = (as_size(p.s.out_pixels()) + full - 1) / full;
        p.part_rows = kg;
        if (const size_t units = as_size(p.s.n * p.s.group) * p.panels; units && units < 2 * threads && kg >= 2 * p.tiles->max_rows) {
            p.parts = std::min(threads, kg / p.tiles->max_rows);
            p.part_rows = (kg + p.parts - 1) / p.parts;
            p.parts = (kg + p.part_rows - 1) / p.part_rows;
        }
        for (size_t r = 0; r < p.tiles->max_rows; ++r) p.rows.push_back(static_cast<ptrdiff_t>(r * p.weight_row));
        p.buffer_floats = up(p.k * full, 16);
        c.need_workspace(p.buffer_floats * threads * sizeof(float));
        return p;
    }
    static void run(const State& s, const RunContext& c) noexcept { detail::conv_unroll_run(s, c); }
};

LITE_NAMESPACE_END
#endif
