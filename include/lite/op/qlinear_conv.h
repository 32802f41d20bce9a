// QLinearConv: convolution of 8-bit tensors whose sums are scaled back to 8 bits.
#ifndef LITE_OP_QLINEAR_CONV_H_
#define LITE_OP_QLINEAR_CONV_H_
#include "lite/op/conv_integer.h"
#include "lite/op/int8_conv.h"

LITE_NAMESPACE_BEGIN

// y = saturate(round((conv(x - x_zp, w - w_zp) + bias) * (x_scale * w_scale / y_scale)) + y_zp); bias is i32, of scale x_scale * w_scale.
// A fused activation is a clamp: its bounds, quantized as y is.
// Inputs: x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias (optional); parameters of w may be one
// per output channel.
struct QLinearConv {
    static constexpr std::string_view name = "QLinearConv";
    static constexpr Spelling spellings[] = {{"onnx", "", "QLinearConv"}, {"onnx", "com.microsoft", "QLinearConv"}};
    using Attributes = Conv::Attributes;
    static void infer(InferContext& c) {
        c.check_that(!c.node().attributes.get<int64_t>("channels_last", 0), "channels_last = 1 is not supported");
        const auto a = c.attributes<Attributes>();
        float low, high;
        c.check_that(!a.residual && as_clamp(a.fused(), low, high), "only a clamp can be fused");
        check_8bit(c, 7, "y_zero_point");
        infer_integer_conv(c, 0, 3, c.input(7).dtype);
        check_scalar(c, 1, "x_scale");
        check_scalar(c, 2, "x_zero_point");
        check_scalar(c, 6, "y_scale");
        check_scalar(c, 7, "y_zero_point");
        if (!c.input(3).shape_known()) return;
        const int64_t m = c.shape(3)[0];
        for (size_t i : {4, 5})
            if (c.has_input(i) && c.input(i).shape_known())
                c.check_that(c.shape(i).count() == 1 || c.shape(i).count() == m, "input ", i, " has shape ", c.shape(i), ", 1 or ", m,
                             " elements were expected");
        if (c.has_input(8)) {
            c.check_that(c.input(8).dtype == DType::i32, "the bias is ", c.input(8).dtype, ", i32 was expected");
            if (c.input(8).shape_known()) c.check_that(c.shape(8).count() == m, "the bias has shape ", c.shape(8), ", ", m, " elements were expected");
        }
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &w = c.input(3);
        const ConvShape s = ConvShape::of(c.attributes<Attributes>(), x.shape, w.shape, c.where());
        const TensorView y = c.output(0, c.input(7).dtype, integer_conv_output(s, x.shape));
        const auto sums = integer_conv_sums(x, w, zero_points(c, 2)[0], zero_points(c, 5), s);
        const auto w_scale = scales(c, 4);
        const float x_scale = scales(c, 1)[0], y_scale = scales(c, 6)[0];
        const auto bias = c.has_input(8) ? c.input(8).values<int32_t>() : std::vector<int32_t>(1);
        const int32_t zero = zero_points(c, 7)[0];
        const QuantRange range = clamp_range(c.attributes<Attributes>().fused(), y.dtype, y_scale, zero);
        const auto m = static_cast<size_t>(w.shape[0]), out = static_cast<size_t>(s.out_pixels());
        for (size_t i = 0; i < sums.size(); ++i) {
            const size_t o = i / out % m;
            const float scale = x_scale * pick(w_scale, o) / y_scale;
            store_quantized(y, static_cast<int64_t>(i), quantize_value(static_cast<float>(wrap_add(sums[i], pick(bias, o))) * scale, zero, range));
        }
    }
};

namespace detail {
struct QLinearConvNhwc {
    static constexpr std::string_view name = "qlinear_conv/nhwc";
    static ConvShape shape(const NodeInfo& n) {
        return ConvShape::of(n.attributes<Conv::Attributes>(), n.input(0).shape, n.input(3).shape, n.node->name);
    }
    static Int8ConvSpec spec(const NodeInfo& n) {
        Int8ConvSpec s;
        s.x_type = n.input(0).dtype;
        s.w = n.constant(3);
        s.w_zero = constant_zero_points(n, 5);
        if (n.constant(8)) s.bias = n.constant(8)->values<int32_t>();
        const float x_scale = n.constant(1)->scalar_value<float>(), y_scale = n.constant(6)->scalar_value<float>();
        s.scale = n.constant(4)->values<float>();
        for (float& f : s.scale) f = x_scale * f / y_scale;
        const DType type = n.output().dtype;
        const int32_t zero = n.constant(7)->scalar_value<int32_t>();
        const QuantRange range = clamp_range(n.attributes<Conv::Attributes>().fused(), type, y_scale, zero);
        s.store = int8_store(type, zero, range.low, range.high);
        return s;
    }
    static bool applicable(const NodeInfo& n) {
        for (size_t i : {1, 2, 6, 7})
            if (!constant_scalar(n, i)) return false;
        if (!n.constant(3) || !n.constant(4) || !n.input(0).shape_known() || (n.has_input(5) && !n.constant(5)) || (n.has_input(8) && !n.constant(8)))
            return false;
        return Int8ConvPlan::in_range(shape(n), spec(n));
    }
    static double cost(const NodeInfo& n) { return Int8ConvPlan::cost(*n.bricks, shape(n), spec(n)); }
    struct State {
        Int8ConvPlan plan;
        int32_t x_zero;
    };
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        for (size_t i = 1; i < 9; ++i)
            if (n.has_input(i)) c.drop(i);
        return {Int8ConvPlan(n, c, shape(n), spec(n)), n.constant(2)->scalar_value<int32_t>()};
    }
    static void run(const State& s, const RunContext& c) noexcept { s.plan.run(c, c.input(0).as<const uint8_t>(), s.x_zero, c.output(0).data); }
};
// In packed layouts the product runs over the image as it lies: a block of channels of a pixel is a run of bytes, a block of output
// channels a product of its own. Depthwise windows are summed lane by lane.
struct QLinearConvPacked {
    static constexpr std::string_view name = "qlinear_conv/packed";
    struct State {
        ConvShape s;
        Int8Store store;
        bool depthwise = false;
        uint8_t flip = 0, x_zero = 0;  // of x as unsigned bytes
        size_t pack = 0, blocks = 0, group_blocks = 0, out_blocks = 0;  // of channels: of the input, of one group's input, of the output
        Int8Shape shape;
        size_t columns = 0, each = 0;  // of one product
        std::shared_ptr<const std::byte> weights;
        std::vector<int32_t> bias;
        std::vector<float> scale;
        size_t scratch_at = 0;
    };
    static bool is_depthwise(const ConvShape& s) { return s.group == s.c && s.k == s.c; }
    static bool applicable(const NodeInfo& n) {
        if (!QLinearConvNhwc::applicable(n)) return false;
        const ConvShape s = QLinearConvNhwc::shape(n);
        const int32_t zero = n.constant(3)->dtype() == DType::u8 ? 128 : 0;
        for (int32_t z : constant_zero_points(n, 5))
            if (z != zero) return false;
        const int64_t pack = pack_of(n.layout());
        return s.c > 0 && s.k > 0 && (s.group == 1 || is_depthwise(s) || (s.c / s.group % pack == 0 && s.k / s.group % pack == 0));
    }
    static double cost(const NodeInfo& n) {
        const ConvShape s = QLinearConvNhwc::shape(n);
        const double macs = s.flops() / 2;
        if (is_depthwise(s)) return 500 + macs * 2;
        return 500 + int8_cost(*n.bricks, macs * 2 * std::max(1., static_cast<double>(n.bricks->int8.lanes) / static_cast<double>(pack_of(n.layout()))));
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const Int8ConvSpec spec = QLinearConvNhwc::spec(n);
        const Int8Bricks& b = n.bricks->int8;
        State p;
        p.s = QLinearConvNhwc::shape(n);
        const ConvShape& s = p.s;
        p.store = spec.store;
        p.depthwise = is_depthwise(s);
        p.flip = byte_flip(spec.x_type);
        p.x_zero = static_cast<uint8_t>(n.constant(2)->scalar_value<int32_t>() + byte_shift(spec.x_type));
        p.pack = static_cast<size_t>(pack_of(n.layout()));
        const auto blocks = [&](int64_t channels) { return (static_cast<size_t>(channels) + p.pack - 1) / p.pack; };
        p.blocks = blocks(s.c);
        p.group_blocks = p.depthwise ? 1 : blocks(s.c / s.group);
        p.out_blocks = blocks(s.k);
        const auto taps = static_cast<size_t>(s.taps()), k = static_cast<size_t>(s.k), channels = static_cast<size_t>(s.c / s.group);
        const uint8_t sign = spec.w->dtype() == DType::u8 ? 0x80 : 0;
        const auto* w = reinterpret_cast<const uint8_t*>(spec.w->data());
        // Of output channel o, tap t, input channel i of its group; zero behind the last channels.
        const auto weight = [&](size_t o, size_t t, size_t i) {
            return o < k && i < channels ? static_cast<int8_t>(w[(o * channels + i) * taps + t] ^ sign) : int8_t{0};
        };
        p.shape = {p.pack, taps * p.group_blocks, p.pack};
        p.columns = p.depthwise ? p.pack : int8_columns(b, p.pack);
        p.each = p.depthwise ? taps * p.pack : packed_int8_size(b, p.shape);
        p.weights = c.weights->packed(*spec.w, text("int8 packed ", n.bricks->name, ' ', p.pack, ' ', p.depthwise, ' ', s.group), p.each * p.out_blocks, [&](std::byte* out) {
            for (size_t block = 0; block < p.out_blocks; ++block) {
                auto* to = reinterpret_cast<int8_t*>(out) + block * p.each;
                if (p.depthwise) {
                    for (size_t t = 0; t < taps; ++t)
                        for (size_t i = 0; i < p.pack; ++i) to[t * p.pack + i] = weight(block * p.pack + i, t, 0);
                } else {
                    pack_int8(b, p.shape, true, to, [&](size_t o, size_t t, size_t i) {
                        return weight(block * p.pack + o, t / p.group_blocks, t % p.group_blocks * p.pack + i);
                    });
                }
            }
        });
        p.bias.assign(p.columns * p.out_blocks, 0);
        p.scale.assign(p.bias.size(), 0.f);
        for (size_t o = 0; o < k; ++o) {
            const size_t at = o / p.pack * p.columns + (p.depthwise ? o % p.pack : int8_position(b, p.pack, true, o % p.pack));
            int32_t sum = 0;
            for (size_t t = 0; t < taps; ++t)
                for (size_t i = 0; i < channels; ++i) sum += weight(o, t, i);
            p.bias[at] = wrap_add(spec.bias.empty() ? 0 : spec.bias[o], static_cast<int32_t>(0u - static_cast<uint32_t>(p.x_zero) * static_cast<uint32_t>(sum)));
            p.scale[at] = pick(spec.scale, o);
        }
        const size_t image = p.flip ? (static_cast<size_t>(padded_count(n.layout(), n.input(0).shape)) + 63) / 64 * 64 : 0;
        p.scratch_at = image + 64;  // between them a pixel of zero points
        c.need_workspace(p.scratch_at + (p.depthwise ? 0 : int8_scratch_size(b, p.shape) * static_cast<size_t>(n.threads)));
        for (size_t i = 1; i < 9; ++i)
            if (n.has_input(i)) c.drop(i);
        return p;
    }
    static void run(const State& p, const RunContext& c) noexcept {
        const ConvShape& s = p.s;
        const auto *x = c.input(0).as<const uint8_t>();
        auto* const y = c.output(0).as<uint8_t>();
        auto* const zeros = reinterpret_cast<uint8_t*>(c.workspace + p.scratch_at - 64);
        std::memset(zeros, p.x_zero, 64);
        if (p.flip) {
            auto* const copy = reinterpret_cast<uint8_t*>(c.workspace);
            c.pool->parallel_for(c.input(0).bytes(), 16384, [&](size_t begin, size_t end, int) { c.bricks->int8.flip(x + begin, end - begin, copy + begin); });
            x = copy;
        }
        const auto in_plane = static_cast<size_t>(s.in_pixels()) * p.pack, out_pixels = static_cast<size_t>(s.out_pixels());
        Int8Call call;
        call.shape = p.shape;
        call.ldy = p.pack;
        call.store = p.store;
        for (size_t plane = 0; plane < static_cast<size_t>(s.n) * p.out_blocks; ++plane) {
            const size_t block = plane % p.out_blocks, group = p.depthwise ? block : block * p.pack / static_cast<size_t>(s.k / s.group);
            const uint8_t* const image = x + (plane / p.out_blocks * p.blocks + group * p.group_blocks) * in_plane;
            call.w = reinterpret_cast<const int8_t*>(p.weights.get()) + block * p.each;
            call.bias = p.bias.data() + block * p.columns;
            call.scale = p.scale.data() + block * p.columns;
            call.y = y + plane * out_pixels * p.pack;
            if (p.depthwise) {
                c.pool->parallel_for(out_pixels, 64, [&](size_t begin, size_t end, int) { depthwise(p, call, image, zeros, begin, end); });
                continue;
            }
            int8_product(*c.bricks, *c.pool, call, out_pixels, c.workspace + p.scratch_at, [&](size_t row, size_t count, const uint8_t** to, size_t stride) {
                for (size_t j = 0; j < count; ++j)
                    each_tap(s, static_cast<int64_t>(row + j), [&](size_t t, int64_t pixel) {
                        for (size_t i = 0; i < p.group_blocks; ++i)
                            to[(t * p.group_blocks + i) * stride + j] = pixel < 0 ? zeros : image + i * in_plane + static_cast<size_t>(pixel) * p.pack;
                    });
            });
        }
        zero_pad_lanes(c.output(0), *c.pool);
    }

private:
    // f(tap, input pixel under it or -1)
    template <class F> static void each_tap(const ConvShape& s, int64_t out, F&& f) {
        const auto &[d, h, v] = s.axis;
        const int64_t od = out / (h.out * v.out) * d.stride - d.pad, oh = out / v.out % h.out * h.stride - h.pad, ow = out % v.out * v.stride - v.pad;
        size_t t = 0;
        for (int64_t i = 0; i < d.window; ++i)
            for (int64_t j = 0; j < h.window; ++j)
                for (int64_t k = 0; k < v.window; ++k, ++t) {
                    const int64_t id = od + i * d.dilation, ih = oh + j * h.dilation, iw = ow + k * v.dilation;
                    const bool inside = id >= 0 && id < d.in && ih >= 0 && ih < h.in && iw >= 0 && iw < v.in;
                    f(t, inside ? (id * h.in + ih) * v.in + iw : -1);
                }
    }
    static void depthwise(const State& p, const Int8Call& call, const uint8_t* image, const uint8_t* zeros, size_t begin, size_t end) {
        for (size_t pixel = begin; pixel < end; ++pixel) {
            int32_t sum[64];
            std::memcpy(sum, call.bias, p.pack * sizeof(int32_t));
            each_tap(p.s, static_cast<int64_t>(pixel), [&](size_t t, int64_t from) {
                const uint8_t* x = from < 0 ? zeros : image + static_cast<size_t>(from) * p.pack;
                const int8_t* w = call.w + t * p.pack;
                for (size_t i = 0; i < p.pack; ++i) sum[i] += x[i] * w[i];
            });
            auto* y = static_cast<uint8_t*>(call.y) + pixel * p.pack;
            for (size_t i = 0; i < p.pack; ++i)
                y[i] = static_cast<uint8_t>(quantize_value(static_cast<float>(sum[i]) * call.scale[i], p.store.zero, {p.store.low, p.store.high})) ^ p.store.flip;
        }
    }
};
}  // namespace detail

template <PackedInt8Layout L> struct Kernel<QLinearConv, L, uint8_t> : detail::QLinearConvPacked {};
template <PackedInt8Layout L> struct Kernel<QLinearConv, L, int8_t> : detail::QLinearConvPacked {};
template <> struct Kernel<QLinearConv, NHWC, uint8_t> : detail::QLinearConvNhwc {};
template <> struct Kernel<QLinearConv, NHWC, int8_t> : detail::QLinearConvNhwc {};

LITE_NAMESPACE_END
#endif
