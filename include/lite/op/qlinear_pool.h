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
        std::vector<int64_t> kernel_shape, strides, pads;
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
        QuantWindow window(const Shape& x, const std::string& where) const {
            check(x.rank() >= 3, where, ": the image has shape ", x, ", 3 axes or more were expected");
            const size_t first = channels_last ? 1 : 2;
            return quant_window({x.begin() + first, x.begin() + first + x.rank() - 2}, kernel_shape, strides, {}, pads, auto_pad, ceil_mode, where);
        }
        Shape output_shape(Shape s, const QuantWindow& w) const {
            for (size_t i = 0; i < w.rank; ++i) s[i + (channels_last ? 1 : 2)] = w.out[i];
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
        const QuantWindow w = a.window(x.shape, c.where());
        const TensorView y = c.output(0, x.dtype, a.output_shape(x.shape, w));
        const int64_t n = x.shape[0], channels = a.channels_last ? x.shape.back() : x.shape[1], in = w.in_count(), out = w.out_count(), taps = w.taps();
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
