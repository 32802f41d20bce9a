// Averages of quantized images: QLinearGlobalAveragePool and QLinearAveragePool.
#ifndef LITE_OP_QLINEAR_POOL_H_
#define LITE_OP_QLINEAR_POOL_H_
#include "lite/op/quantization.h"

LITE_NAMESPACE_BEGIN

// Inputs: X, x_scale, x_zero_point, y_scale, y_zero_point. With channels_last the axes themselves are [N, spatial..., C].
struct QLinearGlobalAveragePool {
    static constexpr std::string_view name = "QLinearGlobalAveragePool";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearGlobalAveragePool"}};
    struct Attributes {
        bool channels_last = false;
        template <class V> void visit(V& v) { v("channels_last", channels_last); }
    };
    static Shape output_shape(Shape s, bool channels_last, const std::string& where) {
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
        ConvShape window(const Shape& x, const std::string& where) const {
            check(x.rank() >= 3 && x.rank() <= 5, where, ": the image has shape ", x, ", [N, C] and 1 to 3 spatial axes were expected");
            const size_t spatial = x.rank() - 2;
            check(kernel_shape.size() == spatial, where, ": kernel_shape is ", kernel_shape, ", ", spatial, " numbers were expected");
            ConvShape s;
            s.n = x[0];
            s.c = s.k = channels_last ? x.back() : x[1];
            for (size_t i = 0; i < spatial; ++i) {
                const int64_t in = x[i + (channels_last ? 1 : 2)];
                WindowAxis& w = s.axis[i + 3 - spatial];
                w = window_axis(*this, i, spatial, in, kernel_shape[i], where);
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

LITE_NAMESPACE_END
#endif
