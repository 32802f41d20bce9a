// Averages of quantized images: QLinearGlobalAveragePool and QLinearAveragePool.
#ifndef LITE_OP_QLINEAR_POOL_H_
#define LITE_OP_QLINEAR_POOL_H_
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

// Inputs: X, x_scale, x_zero_point, y_scale, y_zero_point. With channels_last the axes themselves are [N, spatial..., C].
struct QLinearGlobalAveragePool {
    static constexpr std::string_view name = "QLinearGlobalAveragePool";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearGlobalAveragePool"}};
    struct Attributes {
        bool channels_last = false;
        template <class V> void visit(V& v) { v("channels_last", channels_last); }
    };
    static Shape output_shape(Shape s, bool channels_last, const Who& where) {
        check(s.rank() >= 3, where, ": the image has shape ", s, ", 3 axes or more were expected");
        for (size_t i = channels_last ? 1 : 2; i < s.rank() - channels_last; ++i) s[i] = 1;
        return s;
    }
    static void infer(InferContext& c) {
        check_8bit(c, 0, "X");
        for (size_t i : {1, 2, 3, 4}) check_scalar(c, i, "a scale or zero point");
        if (c.input(0).has_shape) c.output(0, c.input(0).dtype, output_shape(c.shape(0), c.attributes<Attributes>().channels_last, c.where()));
        else c.output_unknown(0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        const bool last = c.attributes<Attributes>().channels_last;
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, output_shape(x.shape, last, c.where()));
        const int64_t n = x.shape[0], channels = last ? x.shape.back() : x.shape[1];
        const int64_t area = x.shape.count(last ? 1 : 2, x.shape.rank() - last);
        const int32_t zx = zero_points(c, 2)[0], zy = zero_points(c, 4)[0];
        const float scale = scales(c, 1)[0] / (scales(c, 3)[0] * static_cast<float>(area));
        for (int64_t i = 0; i < n * channels; ++i) {
            int64_t sum = 0;
            for (int64_t p = 0; p < area; ++p)
                sum += load_quantized(x, last ? (i / channels * area + p) * channels + i % channels : i * area + p) - zx;
            store_quantized(y, i, quantize_value(static_cast<float>(sum) * scale, zy, quant_range(y.dtype)));
        }
    }
};

struct QLinearAveragePool {
    static constexpr std::string_view name = "QLinearAveragePool";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearAveragePool"}};
    struct Attributes {
        std::vector<int64_t> kernel_shape, strides, dilations, pads;
        std::string auto_pad = "NOTSET";
        bool ceil_mode = false, count_include_pad = false, channels_last = false;
        template <class V> void visit(V& v) {
            v("kernel_shape", kernel_shape);
            v("strides", strides);
            v("pads", pads);
            v("auto_pad", auto_pad);
            v("ceil_mode", ceil_mode);
            v("count_include_pad", count_include_pad);
            v("channels_last", channels_last);
        }
        // In numbers: k = c and group = c do not matter here.
        ConvShape window(const Shape& x, const Who& where) const {
            check(x.rank() >= 3 && x.rank() <= 5, where, ": the image has shape ", x, ", [N, C] and 1 to 3 spatial axes were expected");
            const size_t spatial = x.rank() - 2;
            check(kernel_shape.size() == spatial, where, ": kernel_shape is ", kernel_shape, ", ", spatial, " numbers were expected");
            ConvShape s;
            s.n = x[0];
            s.c = s.k = channels_last ? x.back() : x[1];
            for (size_t i = 0; i < spatial; ++i) {
                const int64_t in = x[i + (channels_last ? 1 : 2)];
                WindowAxis& w = s.axis[i + 3 - spatial];
                w = window_axis({auto_pad, strides, dilations, pads}, i, spatial, in, kernel_shape[i], where);
                const bool explicit_pads = auto_pad.empty() || auto_pad == "NOTSET";
                const int64_t room = in + w.pad + (explicit_pads && !pads.empty() ? pads[i + spatial] : 0) - w.reach();
                // The last window may hang over the end, but must start inside the image or its leading pad.
                if (ceil_mode && in >= 0 && auto_pad != "SAME_UPPER" && auto_pad != "SAME_LOWER" && room % w.stride != 0 &&
                    w.out * w.stride < in + w.pad)
                    ++w.out;
            }
            return s;
        }
        Shape output_shape(Shape s, const ConvShape& w) const {
            for (size_t i = 0; i + 2 < s.rank(); ++i) s[i + (channels_last ? 1 : 2)] = w.axis[i + 5 - s.rank()].out;
            return s;
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        check_8bit(c, 0, "X");
        for (size_t i : {1, 2, 3, 4}) check_scalar(c, i, "a scale or zero point");
        if (c.input(0).has_shape) c.output(0, c.input(0).dtype, a.output_shape(c.shape(0), a.window(c.shape(0), c.where())));
        else c.output_unknown(0, c.input(0).dtype);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const ConvShape w = a.window(x.shape, c.where());
        const TensorView y = c.output(0, x.dtype, a.output_shape(x.shape, w));
        const int64_t n = x.shape[0], channels = a.channels_last ? x.shape.back() : x.shape[1], in = w.in_pixels(), out = w.out_pixels(), taps = w.taps();
        const int32_t zx = zero_points(c, 2)[0], zy = zero_points(c, 4)[0];
        const float ratio = scales(c, 1)[0] / scales(c, 3)[0];
        const auto offsets = tap_offsets(w);
        for (int64_t i = 0; i < n * channels; ++i)
            for (int64_t p = 0; p < out; ++p) {
                int32_t sum = 0;
                int64_t inside = 0;
                for (int64_t t = 0; t < taps; ++t)
                    if (const int64_t at = offsets[static_cast<size_t>(p * taps + t)]; at >= 0) {
                        sum += load_quantized(x, a.channels_last ? (i / channels * in + at) * channels + i % channels : i * in + at) - zx;
                        ++inside;
                    }
                const float scale = ratio / static_cast<float>(a.count_include_pad ? taps : std::max<int64_t>(inside, 1));
                store_quantized(y, a.channels_last ? (i / channels * out + p) * channels + i % channels : i * out + p,
                                quantize_value(static_cast<float>(sum) * scale, zy, quant_range(y.dtype)));
            }
    }
};

namespace detail {
// Both pools: the sum over pixels of a window, 32-bit, scaled. Signed images are summed as bytes of their two's complement made
// unsigned, which needs a copy.
struct QLinearPoolBody {
    struct State {
        ConvShape s;
        bool global = false, count_pad = false;
        size_t copy_at = 0, sums_at = 0;
    };
    static bool applicable(const NodeInfo& n, bool channels_last) {
        const DType t = n.input(0).dtype;
        if (channels_last || n.input(0).shape.rank() < 3 || n.input(0).shape.rank() > 5) return false;
        return is_scalar_f32(n, 1) && is_scalar_f32(n, 3) && is_scalar_zero(n, 2, t) && is_scalar_zero(n, 4, t);
    }
    static double cost(const NodeInfo& n, bool global) {
        return 500 + static_cast<double>(n.output().shape.count() * window(n, global).taps()) / n.bricks->lanes * 0.4;
    }
    static ConvShape window(const NodeInfo& n, bool global) {
        const Shape& x = n.input(0).shape;
        if (!global) return n.attributes<QLinearAveragePool::Attributes>().window(x, n.node->name);
        ConvShape s;
        s.n = x[0];
        s.c = x[1];
        for (size_t i = 2; i < x.rank(); ++i) s.axis[i - 2].in = s.axis[i - 2].window = x[i];
        return s;
    }
    static State prepare(const NodeInfo& n, PrepareContext& c, bool global) {
        State s{window(n, global), global};
        if (!global) s.count_pad = n.attributes<QLinearAveragePool::Attributes>().count_include_pad;
        const auto round = [](int64_t bytes) { return (static_cast<size_t>(bytes) + 63) / 64 * 64; };
        s.sums_at = n.input(0).dtype == DType::i8 ? round(n.input(0).shape.count()) : 0;
        c.need_workspace(s.sums_at + round(s.s.c * 4) * static_cast<size_t>(n.threads));
        return s;
    }
    static void run(const State& state, const RunContext& c) noexcept {
        if (c.output(0).count() == 0) return;  // images without channels may be any number
        const ConvShape& s = state.s;
        const WindowAxis &ad = s.axis[0], &ah = s.axis[1], &aw = s.axis[2];
        const DType t = c.output(0).dtype;
        const Int8Bricks& b = c.bricks->int8;
        const auto channels = static_cast<size_t>(s.c);
        const int32_t zero = scalar_zero(c, 2) + byte_shift(t);
        const float x_scale = scalar_f32(c, 1), y_scale = scalar_f32(c, 3);
        const Int8Store store = int8_store(t, scalar_zero(c, 4));
        const uint8_t* x = c.input(0).as<const uint8_t>();
        if (t == DType::i8) {
            auto* copy = reinterpret_cast<uint8_t*>(c.workspace);
            c.pool->parallel_for(static_cast<size_t>(c.input(0).count()), 16384, [&](size_t begin, size_t end, int) { b.flip(x + begin, end - begin, copy + begin); });
            x = copy;
        }
        uint8_t* y = c.output(0).as<uint8_t>();
        const auto rows = static_cast<size_t>(s.n * s.out_pixels());
        // Few outputs: channels are shared out, too.
        const size_t chunk = 64, chunks = rows >= 16 ? 1 : (channels + chunk - 1) / chunk, width = chunks == 1 ? channels : chunk;
        c.pool->parallel_for(rows * chunks, chunks == 1 ? 4 : 2, [&](size_t begin, size_t end, int part) {
            auto* sums = reinterpret_cast<int32_t*>(c.workspace + state.sums_at + static_cast<size_t>(part) * ((channels * 4 + 63) / 64 * 64));
            for (size_t unit = begin; unit < end; ++unit) {
                const auto row = static_cast<int64_t>(unit / chunks);
                const size_t first = unit % chunks * width, count = std::min(width, channels - first);
                const int64_t ow = row % aw.out, oh = row / aw.out % ah.out, od = row / (aw.out * ah.out) % ad.out, n = row / s.out_pixels();
                const int64_t d0 = od * ad.stride - ad.pad, h0 = oh * ah.stride - ah.pad, w0 = ow * aw.stride - aw.pad;
                const int64_t wb = std::max<int64_t>(w0, 0), we = std::min(w0 + aw.window, aw.in);
                int64_t inside = 0;
                std::memset(sums, 0, count * sizeof(int32_t));
                for (int64_t d = std::max<int64_t>(d0, 0); d < std::min(d0 + ad.window, ad.in); ++d)
                    for (int64_t h = std::max<int64_t>(h0, 0); h < std::min(h0 + ah.window, ah.in); ++h) {
                        if (we <= wb) continue;
                        b.sum_rows(x + static_cast<size_t>(((n * ad.in + d) * ah.in + h) * aw.in + wb) * channels + first, static_cast<size_t>(we - wb),
                                   channels, count, sums);
                        inside += we - wb;
                    }
                for (size_t i = 0; i < count; ++i) sums[i] -= static_cast<int32_t>(inside) * zero;
                const auto by = static_cast<float>(state.count_pad ? s.taps() : std::max<int64_t>(inside, 1));
                const float scale = state.global ? x_scale / (y_scale * by) : x_scale / y_scale / by;
                b.requantize(sums, count, scale, store, y + static_cast<size_t>(row) * channels + first);
            }
        });
    }
};
template <bool kGlobal> struct QLinearPoolNhwc : QLinearPoolBody {
    using Op = std::conditional_t<kGlobal, QLinearGlobalAveragePool, QLinearAveragePool>;
    static constexpr std::string_view name = kGlobal ? "qlinear_global_average_pool/nhwc" : "qlinear_average_pool/nhwc";
    static bool applicable(const NodeInfo& n) { return QLinearPoolBody::applicable(n, n.attributes<typename Op::Attributes>().channels_last); }
    static double cost(const NodeInfo& n) { return QLinearPoolBody::cost(n, kGlobal); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return QLinearPoolBody::prepare(n, c, kGlobal); }
};
}  // namespace detail

template <> struct Kernel<QLinearGlobalAveragePool, NHWC, uint8_t> : detail::QLinearPoolNhwc<true> {};
template <> struct Kernel<QLinearGlobalAveragePool, NHWC, int8_t> : detail::QLinearPoolNhwc<true> {};
template <> struct Kernel<QLinearAveragePool, NHWC, uint8_t> : detail::QLinearPoolNhwc<false> {};
template <> struct Kernel<QLinearAveragePool, NHWC, int8_t> : detail::QLinearPoolNhwc<false> {};

LITE_NAMESPACE_END
#endif
