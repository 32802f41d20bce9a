// The convolution of 8-bit images in NHWC that QLinearConv and ConvInteger run: planned once from shapes and constants.
#ifndef LITE_OP_INT8_CONV_H_
#define LITE_OP_INT8_CONV_H_
#include "lite/kernel/int8.h"
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

// The packed layouts of 8-bit images; NHWC is faster.
template <class L>
concept PackedInt8Layout = std::is_same_v<L, NCHW44> || (on_request(L::tag) && L::tag != LayoutTag::nhwcd4);

// How bytes of a signed tensor become unsigned (and its zero point 128 more).
inline uint8_t byte_flip(DType t) { return t == DType::i8 ? 0x80 : 0; }
inline int32_t byte_shift(DType t) { return t == DType::i8 ? 128 : 0; }
// Stores that saturate to the dtype. With the values that the results may have: [low, high] in the dtype.
inline Int8Store int8_store(DType t, int32_t zero, int32_t low, int32_t high) {
    const int32_t shift = byte_shift(t);
    return {zero + shift, static_cast<uint8_t>(low + shift), static_cast<uint8_t>(high + shift), byte_flip(t)};
}
inline Int8Store int8_store(DType t, int32_t zero) { return int8_store(t, zero, quant_range(t).low, quant_range(t).high); }

// What a quantized convolution is beside its shape.
struct Int8ConvSpec {
    DType x_type = DType::u8;
    const Array* w = nullptr;             // [K, C / group, window...]
    bool columns = false;                 // w is a matrix [C, K] instead: the product of matrices is a convolution of single pixels
    std::vector<int32_t> w_zero = {0};    // one, or one per output channel
    std::vector<int32_t> bias;            // one per output channel, or none
    std::vector<float> scale;             // one, or one per output channel: of the sums; none: the result is i32
    Int8Store store;
};

class Int8ConvPlan {
public:
    // Weights without a zero point once they are signed, at least a block of channels, one output per channel, windows in a plane.
    static bool is_depthwise(const Int8Bricks& b, const ConvShape& s, const Int8ConvSpec& spec) {
        const size_t smallest = smallest_block(b);
        return smallest && s.group == s.c && s.k == s.c && s.c >= static_cast<int64_t>(smallest) && s.axis[0].window == 1 && s.axis[0].pad == 0 &&
               s.axis[0].stride == 1 && s.axis[1].reach() <= 64 && s.axis[2].window <= 8 && symmetric(spec);
    }
    // The shape of a product of `rows` rows with a constant matrix [k, n].
    static ConvShape product(int64_t rows, int64_t k, int64_t n) {
        ConvShape s;
        s.n = 1;
        s.c = k;
        s.k = n;
        s.axis[2].in = s.axis[2].out = rows;
        return s;
    }
    // Whether the sums cannot come near the end of i32, so that 8-bit results need no clamp before they are rounded.
    static bool in_range(const ConvShape& s, const Int8ConvSpec& spec) {
        const double products = static_cast<double>(s.c / std::max<int64_t>(s.group, 1) * s.taps()) * 255 * 255;
        for (size_t i = 0; i < spec.scale.size(); ++i) {
            const double bias = spec.bias.empty() ? 0 : std::abs(static_cast<double>(pick(spec.bias, spec.bias.size() > i ? i : 0)));
            if (!((products + bias) * std::abs(static_cast<double>(spec.scale[i])) < 5e8)) return false;
        }
        return true;
    }
    static double cost(const Bricks& b, const ConvShape& s, const Int8ConvSpec& spec) {
        const double macs = s.flops() / 2;
        if (is_depthwise(b.int8, s, spec)) return 500 + int8_cost(b, macs * 4);
        // Groups of a few channels leave most of a panel empty.
        const double per_group = static_cast<double>(s.k / std::max<int64_t>(s.group, 1));
        return 500 + int8_cost(b, macs * std::max(1., static_cast<double>(b.int8.lanes) / std::max(per_group, 1.)) * 1.3) +
               (spec.x_type == DType::i8 ? static_cast<double>(s.n * s.c * s.in_pixels()) / 30 : 0);
    }

    // The packed weights go through the cache of `c`; `threads` and the bricks are those of the run.
    Int8ConvPlan(const NodeInfo& node, PrepareContext& c, const ConvShape& shape, const Int8ConvSpec& spec)
            : s_(shape), flip_(byte_flip(spec.x_type)), store_(spec.store), bytes_(!spec.scale.empty()) {
        const Bricks& bricks = *node.bricks;
        const Int8Bricks& b = bricks.int8;
        depthwise_ = is_depthwise(b, s_, spec);
        cg_ = static_cast<size_t>(s_.c / s_.group);
        kg_ = static_cast<size_t>(s_.k / s_.group);
        channels_ = static_cast<size_t>(s_.c);
        // A few channels: rows of the window are made contiguous by copying the image with its padding.
        padded_ = !depthwise_ && s_.group == 1 && cg_ < 16 && s_.taps() > 1 && s_.axis[2].dilation == 1;
        for (size_t i = 0; i < 3; ++i) {
            const WindowAxis& a = s_.axis[i];
            extent_[i] = padded_ ? std::max<int64_t>(a.out - 1, 0) * a.stride + a.reach() : a.in;
            pad_[i] = padded_ ? 0 : a.pad;
        }
        if (depthwise_) prepare_depthwise(node, c, spec);
        else prepare_general(node, c, spec);
        const size_t image = static_cast<size_t>(s_.n * extent_[0] * extent_[1] * extent_[2]) * channels_;
        copy_at_ = workspace_;
        if (padded_ || flip_) workspace_ += round64(image);
        zeros_at_ = workspace_;
        workspace_ += round64(std::max(channels_, shape_.k));
        bias_at_ = workspace_;
        workspace_ += round64(bias_.size() * sizeof(int32_t));
        scratch_at_ = workspace_;
        workspace_ += scratch_ * static_cast<size_t>(node.threads);
        c.need_workspace(workspace_);
    }

    // x and y in NHWC; x_zero as x has it.
    void run(const RunContext& c, const uint8_t* x, int32_t x_zero, void* y) const noexcept {
        if (s_.n * s_.k * s_.out_pixels() == 0) return;
        x_zero += flip_;
        std::byte* const work = c.workspace;
        if (padded_) copy_padded(c, x, static_cast<uint8_t>(x_zero), reinterpret_cast<uint8_t*>(work + copy_at_));
        else if (flip_)
            c.pool->parallel_for(static_cast<size_t>(s_.n * s_.in_pixels()) * channels_, 16384, [&](size_t begin, size_t end, int) {
                c.bricks->int8.flip(x + begin, end - begin, reinterpret_cast<uint8_t*>(work + copy_at_) + begin);
            });
        if (padded_ || flip_) x = reinterpret_cast<uint8_t*>(work + copy_at_);
        auto* zeros = reinterpret_cast<uint8_t*>(work + zeros_at_);
        std::memset(zeros, x_zero, std::max(channels_, shape_.k));
        auto* bias = reinterpret_cast<int32_t*>(work + bias_at_);
        for (size_t i = 0; i < bias_.size(); ++i)
            bias[i] = static_cast<int32_t>(static_cast<uint32_t>(bias_[i]) - static_cast<uint32_t>(x_zero) * static_cast<uint32_t>(sums_[i]));
        if (depthwise_) run_depthwise(c, x, zeros, bias, static_cast<std::byte*>(y));
        else run_general(c, x, zeros, bias, static_cast<std::byte*>(y));
    }

    // Of the workspace, from its begin.
    size_t workspace_bytes() const { return workspace_; }

private:
    struct Block {
        size_t form;     // row of depthwise[][]
        size_t channel;  // the first
        size_t at;       // of its bias and scale
        size_t w_at;     // of its weights
    };
    static size_t round64(size_t n) { return (n + 63) / 64 * 64; }
    static size_t smallest_block(const Int8Bricks& b) {
        size_t smallest = 0;
        for (size_t i : b.depthwise_block)
            if (i) smallest = i;
        return smallest;
    }
    static bool symmetric(const Int8ConvSpec& spec) {
        const int32_t shift = spec.w->dtype() == DType::u8 ? 128 : 0;
        return std::all_of(spec.w_zero.begin(), spec.w_zero.end(), [&](int32_t z) { return z == shift; });
    }
    // The weight of output channel o, window position t, channel i of its group, as signed.
    static int8_t weight(const Int8ConvSpec& spec, size_t taps, size_t channels, size_t o, size_t t, size_t i) {
        const Array& w = *spec.w;
        const size_t at = spec.columns ? i * static_cast<size_t>(w.shape().back()) + o : (o * channels + i) * taps + t;
        const auto v = static_cast<uint8_t>(w.data()[at]);
        return static_cast<int8_t>(w.dtype() == DType::u8 ? v ^ 0x80 : v);
    }

    void prepare_general(const NodeInfo& node, PrepareContext& c, const Int8ConvSpec& spec) {
        const Int8Bricks& b = node.bricks->int8;
        const auto taps = static_cast<size_t>(s_.taps()), kw = static_cast<size_t>(s_.axis[2].window), groups = static_cast<size_t>(s_.group);
        shape_.n = kg_;
        shape_.taps = padded_ ? taps / kw : taps;
        // Behind the copy there is room to read on, but sums of rows may not.
        shape_.k = !padded_ ? cg_ : symmetric(spec) ? (kw * cg_ + 3) / 4 * 4 : kw * cg_;
        columns_ = int8_columns(b, kg_);
        const size_t bytes = packed_int8_size(b, shape_);
        packed_ = c.weights->packed(*spec.w, text("int8 ", node.bricks->name, ' ', shape_.taps, 'x', shape_.k, ' ', groups, ' ', bytes_, ' ', spec.columns), bytes * groups,
                                    [&](std::byte* out) {
                                        for (size_t g = 0; g < groups; ++g)
                                            pack_int8(b, shape_, bytes_, reinterpret_cast<int8_t*>(out) + g * bytes, [&](size_t o, size_t t, size_t i) {
                                                return padded_ ? (i < kw * cg_ ? weight(spec, taps, cg_, o, t * kw + i / cg_, i % cg_) : int8_t{0})
                                                               : weight(spec, taps, cg_, g * kg_ + o, t, i);
                                            });
                                    });
        const bool with_zero = !symmetric(spec);
        bias_.assign(columns_ * groups, 0);
        sums_ = bias_;
        if (bytes_) scale_.assign(bias_.size(), 0.f);
        if (with_zero) column_zero_ = bias_;
        const int32_t shift = spec.w->dtype() == DType::u8 ? 128 : 0;
        for (size_t o = 0; o < groups * kg_; ++o) {
            const size_t at = o / kg_ * columns_ + int8_position(b, kg_, bytes_, o % kg_);
            const int32_t zero = pick(spec.w_zero, o) - shift;
            int32_t sum = -zero * static_cast<int32_t>(taps * cg_);
            for (size_t i = 0; i < cg_; ++i)
                for (size_t t = 0; t < taps; ++t) sum += weight(spec, taps, cg_, o, t, i);
            sums_[at] = sum;
            bias_[at] = spec.bias.empty() ? 0 : spec.bias[o];
            if (bytes_) scale_[at] = pick(spec.scale, o);
            if (with_zero) column_zero_[at] = -zero;
        }
        scratch_ = int8_scratch_size(b, shape_);
        const size_t row_taps = padded_ ? 1 : kw;
        for (int64_t d = 0; d < s_.axis[0].window; ++d)
            for (int64_t h = 0; h < s_.axis[1].window; ++h)
                for (size_t w = 0; w < row_taps; ++w)
                    offsets_.push_back(((d * s_.axis[0].dilation * extent_[1] + h * s_.axis[1].dilation) * extent_[2] +
                                        static_cast<int64_t>(w) * s_.axis[2].dilation) * s_.c);
    }

    void prepare_depthwise(const NodeInfo& node, PrepareContext& c, const Int8ConvSpec& spec) {
        const Int8Bricks& b = node.bricks->int8;
        const WindowAxis& w = s_.axis[2];
        const auto kw = static_cast<size_t>(w.window), kh = static_cast<size_t>(s_.axis[1].window), taps = kw * kh;
        // The most outputs whose columns fit: neighbours share columns where the window is not dilated. Sixteen vectors of sums
        // need 32 registers.
        form_ = kw <= 4 ? 1 : 4;
        for (size_t f : {size_t{0}, size_t{3}, size_t{2}}) {
            const Int8DepthwiseForm& form = kInt8DepthwiseForms[f];
            if (form.quads != (kw <= 4 ? 1u : 2u) || w.dilation != 1) continue;
            if (form.outputs == 4 && node.bricks->lanes < 16) continue;
            if ((form.outputs - 1) * static_cast<size_t>(w.stride) + kw <= 4 * form.quads) form_ = f;
        }
        const Int8DepthwiseForm form = kInt8DepthwiseForms[form_];
        // Whole blocks, then one that fits the rest; it overlaps the one before where channels are missing.
        size_t at = 0, w_at = 0;
        const auto block_weights = [&](size_t block) { return kh * form.outputs * form.quads * 4 * block; };
        for (size_t done = 0; done < channels_;) {
            size_t i = 0;
            while (!b.depthwise_block[i] || (i + 1 < 3 && b.depthwise_block[i + 1] >= channels_ - done) ||
                   (i + 1 < 3 && b.depthwise_block[i] > channels_))
                ++i;
            const size_t block = b.depthwise_block[i], from = done + block > channels_ ? channels_ - block : done;
            blocks_.push_back({i, from, at, w_at});
            at += block;
            w_at += block_weights(block);
            done = from + block;
        }
        packed_ = c.weights->packed(*spec.w, text("int8 depthwise ", node.bricks->name, ' ', kh, 'x', kw, ' ', form_, ' ', w.stride), w_at, [&](std::byte* out) {
            std::memset(out, 0, w_at);
            for (const Block& k : blocks_) {
                const size_t block = b.depthwise_block[k.form];
                auto* to = reinterpret_cast<int8_t*>(out) + k.w_at;
                for (size_t h = 0; h < kh; ++h)
                    for (size_t o = 0; o < form.outputs; ++o)
                        for (size_t column = 0; column < 4 * form.quads; ++column) {
                            const size_t first = o * static_cast<size_t>(w.stride);
                            if (column < first || column - first >= kw) continue;
                            for (size_t i = 0; i < block; ++i)
                                to[((h * form.outputs + o) * form.quads + column / 4) * 4 * block + int8_depthwise_channel(block, i) * 4 + column % 4] =
                                        weight(spec, taps, 1, k.channel + i, h * kw + column - first, 0);
                        }
            }
        });
        bias_.assign(at, 0);
        sums_ = bias_;
        if (bytes_) scale_.assign(at, 0.f);
        for (const Block& k : blocks_) {
            const size_t block = b.depthwise_block[k.form];
            for (size_t i = 0; i < block; ++i) {
                const size_t to = k.at + int8_depthwise_channel(block, i), o = k.channel + i;
                for (size_t t = 0; t < taps; ++t) sums_[to] += weight(spec, taps, 1, o, t, 0);
                if (!spec.bias.empty()) bias_[to] = spec.bias[o];
                if (bytes_) scale_[to] = pick(spec.scale, o);
            }
        }
        const size_t tiles = (static_cast<size_t>(w.out) + form.outputs - 1) / form.outputs;
        scratch_ = round64(((depthwise_lines() + 1) * tiles * 4 * form.quads + kh + depthwise_lines()) * sizeof(void*));
    }

    // The image with its padding, so that every window lies inside.
    void copy_padded(const RunContext& c, const uint8_t* x, uint8_t zero, uint8_t* to) const noexcept {
        const auto rows = static_cast<size_t>(s_.n * extent_[0] * extent_[1]);
        const WindowAxis& w = s_.axis[2];
        const int64_t left = std::min(w.pad, extent_[2]), width = std::clamp<int64_t>(extent_[2] - left, 0, w.in);
        const size_t line = static_cast<size_t>(extent_[2]) * channels_, front = static_cast<size_t>(left) * channels_,
                     middle = static_cast<size_t>(width) * channels_;
        c.pool->parallel_for(rows, 16, [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                const auto row = static_cast<int64_t>(r);
                const int64_t h = row % extent_[1] - s_.axis[1].pad, d = row / extent_[1] % extent_[0] - s_.axis[0].pad;
                const int64_t n = row / (extent_[1] * extent_[0]);
                uint8_t* out = to + r * line;
                if (h < 0 || h >= s_.axis[1].in || d < 0 || d >= s_.axis[0].in) {
                    std::memset(out, zero, line);
                    continue;
                }
                const uint8_t* from = x + static_cast<size_t>(((n * s_.axis[0].in + d) * s_.axis[1].in + h) * w.in) * channels_;
                std::memset(out, zero, front);
                if (flip_) c.bricks->int8.flip(from, middle, out + front);
                else if (middle) std::memcpy(out + front, from, middle);
                std::memset(out + front + middle, zero, line - front - middle);
            }
        });
    }

    void run_general(const RunContext& c, const uint8_t* x, const uint8_t* zeros, const int32_t* bias, std::byte* y) const noexcept {
        const auto groups = static_cast<size_t>(s_.group), element = bytes_ ? sizeof(uint8_t) : sizeof(int32_t);
        const auto rows = static_cast<size_t>(s_.n * s_.out_pixels());
        Int8Call call;
        call.shape = shape_;
        call.ldy = groups * kg_;
        call.store = store_;
        const size_t each = packed_int8_size(c.bricks->int8, shape_);
        const bool direct = s_.taps() == 1 && s_.in_pixels() == s_.out_pixels() && pad_[0] == 0 && pad_[1] == 0 && pad_[2] == 0 &&
                            s_.axis[0].stride == 1 && s_.axis[1].stride == 1 && s_.axis[2].stride == 1;
        for (size_t g = 0; g < groups; ++g) {
            call.w = reinterpret_cast<const int8_t*>(packed_.get()) + g * each;
            call.bias = bias + g * columns_;
            call.scale = bytes_ ? scale_.data() + g * columns_ : nullptr;
            call.column_zero = column_zero_.empty() ? nullptr : column_zero_.data() + g * columns_;
            call.y = y + g * kg_ * element;
            const uint8_t* from = x + g * cg_;
            if (direct) {
                int8_product(*c.bricks, *c.pool, call, rows, c.workspace + scratch_at_, [&](size_t row, size_t count, const uint8_t** to, size_t) {
                    for (size_t j = 0; j < count; ++j) to[j] = from + (row + j) * channels_;
                });
            } else {
                int8_product(*c.bricks, *c.pool, call, rows, c.workspace + scratch_at_,
                             [&](size_t row, size_t count, const uint8_t** to, size_t stride) { window_pointers(from, zeros, row, count, to, stride); });
            }
        }
    }
    void window_pointers(const uint8_t* x, const uint8_t* zeros, size_t row, size_t count, const uint8_t** to, size_t stride) const noexcept {
        const WindowAxis &ad = s_.axis[0], &ah = s_.axis[1], &aw = s_.axis[2];
        const size_t taps = shape_.taps;
        auto at = static_cast<int64_t>(row);
        int64_t ow = at % aw.out, oh = at / aw.out % ah.out, od = at / (aw.out * ah.out) % ad.out, n = at / (aw.out * ah.out * ad.out);
        for (size_t j = 0; j < count; ++j) {
            const int64_t d = od * ad.stride - pad_[0], h = oh * ah.stride - pad_[1], w = ow * aw.stride - pad_[2];
            const int64_t first = (((n * extent_[0] + d) * extent_[1] + h) * extent_[2] + w) * s_.c;
            if (d >= 0 && h >= 0 && w >= 0 && d + ad.reach() <= extent_[0] && h + ah.reach() <= extent_[1] && w + aw.reach() <= extent_[2]) {
                for (size_t t = 0; t < taps; ++t) to[t * stride + j] = x + (first + offsets_[t]);
            } else {
                size_t t = 0;
                for (int64_t kd = 0; kd < ad.window; ++kd)
                    for (int64_t kh = 0; kh < ah.window; ++kh) {
                        const int64_t pd = d + kd * ad.dilation, ph = h + kh * ah.dilation;
                        const bool inside = pd >= 0 && pd < extent_[0] && ph >= 0 && ph < extent_[1];
                        for (int64_t kw = 0; kw < aw.window; ++kw, ++t) {
                            const int64_t pw = w + kw * aw.dilation;
                            to[t * stride + j] = inside && pw >= 0 && pw < extent_[2] ? x + (first + offsets_[t]) : zeros;
                        }
                    }
            }
            if (++ow < aw.out) continue;
            ow = 0;
            if (++oh < ah.out) continue;
            oh = 0;
            if (++od < ad.out) continue;
            od = 0;
            ++n;
        }
    }

    void run_depthwise(const RunContext& c, const uint8_t* x, const uint8_t* zeros, const int32_t* bias, std::byte* y) const noexcept {
        const Int8Bricks& b = c.bricks->int8;
        const WindowAxis &ah = s_.axis[1], &aw = s_.axis[2];
        const Int8DepthwiseForm form = kInt8DepthwiseForms[form_];
        const auto outs = static_cast<size_t>(aw.out), kh = static_cast<size_t>(ah.window);
        const size_t columns = 4 * form.quads, tiles = (outs + form.outputs - 1) / form.outputs, element = bytes_ ? 1 : sizeof(int32_t);
        const auto rows = static_cast<size_t>(s_.n * s_.axis[0].out * ah.out), threads = static_cast<size_t>(c.pool->threads());
        // A last block that overlaps the one before goes to the same thread.
        const Block& last = blocks_.back();
        const size_t split = blocks_.size() - (blocks_.size() > 1 && last.channel < blocks_[blocks_.size() - 2].channel +
                                                                                              b.depthwise_block[blocks_[blocks_.size() - 2].form]);
        const size_t parts = rows >= 4 * threads || threads == 1 ? 1 : std::min(split, (4 * threads + rows - 1) / rows);
        const size_t line = tiles * columns, lines = depthwise_lines();
        c.pool->parallel_shares(rows * parts, 1, [&](ThreadPool::Share& share, int part) {
            // Pointers of the last lines of the image, line h in slot h % lines; and which lines they are.
            auto* scratch = c.workspace + scratch_at_ + static_cast<size_t>(part) * scratch_;
            const auto** pointers = reinterpret_cast<const uint8_t**>(scratch);
            const auto** of_rows = reinterpret_cast<const uint8_t* const**>(pointers + (lines + 1) * line);
            auto* held = reinterpret_cast<int64_t*>(of_rows + kh);
            for (size_t i = 0; i < lines; ++i) held[i] = -1;
            for (size_t i = 0; i < line; ++i) pointers[lines * line + i] = zeros;
            Int8DepthwiseArgs g;
            g.a = of_rows;
            g.rows = kh;
            g.ldy = channels_;
            g.count = outs;
            g.store = store_;
            g.quads = form.quads;
            for (size_t unit = 0, end = 0; unit < end || share.next(unit, end); ++unit) {
                const auto row = static_cast<int64_t>(unit / parts);
                const int64_t image = row / ah.out, top = row % ah.out * ah.stride - ah.pad;
                for (size_t r = 0; r < kh; ++r) {
                    const int64_t h = top + static_cast<int64_t>(r) * ah.dilation;
                    if (h < 0 || h >= ah.in) {
                        of_rows[r] = pointers + lines * line;
                        continue;
                    }
                    const int64_t id = image * ah.in + h;
                    const size_t slot = static_cast<size_t>(h) % lines;
                    of_rows[r] = pointers + slot * line;
                    if (held[slot] == id) continue;
                    held[slot] = id;
                    depthwise_line(x + id * aw.in * s_.c, zeros, tiles, form, pointers + slot * line);
                }
                std::byte* out = y + static_cast<size_t>(row) * outs * channels_ * element;
                const size_t of = unit % parts, end_block = of + 1 == parts ? blocks_.size() : split * (of + 1) / parts;
                for (size_t k = split * of / parts; k < end_block; ++k) {
                    const Block& block = blocks_[k];
                    g.channel = block.channel;
                    g.w = reinterpret_cast<const int8_t*>(packed_.get()) + block.w_at;
                    g.bias = bias + block.at;
                    g.scale = bytes_ ? scale_.data() + block.at : nullptr;
                    g.y = out + block.channel * element;
                    b.depthwise[block.form][form_](g);
                }
            }
        });
    }
    // Lines of the image that one window covers, so that no two of them share a slot.
    size_t depthwise_lines() const { return static_cast<size_t>(s_.axis[1].reach()); }
    void depthwise_line(const uint8_t* from, const uint8_t* zeros, size_t tiles, const Int8DepthwiseForm& form, const uint8_t** to) const noexcept {
        const WindowAxis& w = s_.axis[2];
        const auto columns = static_cast<int64_t>(4 * form.quads);
        const int64_t step = static_cast<int64_t>(form.outputs) * w.stride;
        for (size_t i = 0; i < tiles; ++i, to += columns) {
            const int64_t first = static_cast<int64_t>(i) * step - w.pad;
            if (first >= 0 && first + (columns - 1) * w.dilation < w.in) {
                const uint8_t* p = from + first * s_.c;
                for (int64_t k = 0; k < columns; ++k, p += w.dilation * s_.c) to[k] = p;
            } else {
                for (int64_t k = 0; k < columns; ++k) {
                    const int64_t at = first + k * w.dilation;
                    to[k] = at < 0 || at >= w.in ? zeros : from + at * s_.c;
                }
            }
        }
    }

    ConvShape s_;
    uint8_t flip_;
    Int8Store store_;
    bool bytes_, depthwise_ = false, padded_ = false;
    size_t cg_ = 0, kg_ = 0, channels_ = 0;
    int64_t extent_[3] = {}, pad_[3] = {};   // of the image that windows slide over
    Int8Shape shape_;                        // of one group
    size_t columns_ = 0;                     // packed, of one group
    std::vector<int64_t> offsets_;           // of the taps from the first
    size_t form_ = 0;
    std::vector<Block> blocks_;
    std::shared_ptr<const std::byte> packed_;
    std::vector<int32_t> bias_, sums_, column_zero_;  // sums: of (w - w_zero), which the zero point of x multiplies
    std::vector<float> scale_;
    size_t copy_at_ = 0, zeros_at_ = 0, bias_at_ = 0, scratch_at_ = 0, scratch_ = 0, workspace_ = 0;
};

LITE_NAMESPACE_END
#endif
