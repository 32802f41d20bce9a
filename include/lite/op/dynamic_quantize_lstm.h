// DynamicQuantizeLSTM: an LSTM whose weights are 8-bit.
#ifndef LITE_OP_DYNAMIC_QUANTIZE_LSTM_H_
#define LITE_OP_DYNAMIC_QUANTIZE_LSTM_H_
#include "lite/op/quantization.h"
#include "lite/op/recurrent.h"

LITE_NAMESPACE_BEGIN

// The LSTM with the weights (w - zero point) * scale, X and the state rounded to 8 bits in their products: a network that is near its
// edges answers otherwise without. The range of the state is that of each sequence; ONNX Runtime takes that of the sequences that one of its
// threads computes, so that its answer depends on their number, and is this one where each has its own. Inputs: those of LSTM, but W
// [D, I, 4 H] and R [D, H, 4 H] of u8 or i8, then W_scale, W_zero_point, R_scale, R_zero_point, each [D] or [D, 4 H]. A pass replaces it by
// LSTM when the weights are constants.
struct DynamicQuantizeLSTM {
    static constexpr std::string_view name = "DynamicQuantizeLSTM";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "DynamicQuantizeLSTM"}};
    using Attributes = LSTM::Attributes;
    static void infer(InferContext& c) {
        c.check_that(c.input(0).dtype == DType::f32, "X is ", c.input(0).dtype, ", f32 was expected");
        for (size_t i : {1, 2}) check_8bit(c, i, "a weight");
        for (size_t i : {8, 10}) c.check_that(c.input(i).dtype == DType::f32, "input ", i, " is ", c.input(i).dtype, ", f32 was expected");
        const int64_t d = c.attributes<Attributes>().directions(), h = c.attributes<Attributes>().hidden_size;
        c.check_that(h <= kMaxElements, "hidden_size is ", h);
        Shape y = Shape::filled(4, kUnknown), state = Shape::filled(3, kUnknown);
        y[1] = state[0] = d;
        if (h > 0) y[3] = state[2] = h;
        if (c.input(0).has_shape) {
            const Shape& x = c.shape(0);
            c.check_that(x.rank() == 3, "X has shape ", x, ", [time, batch, size] was expected");
            y[0] = x[0];
            y[2] = state[1] = x[1];
        }
        for (size_t i : {1, 2})
            if (c.input(i).shape_known()) {
                const Shape& w = c.shape(i);
                c.check_that(w.rank() == 3 && w[0] == d && w[2] % 4 == 0 && (h <= 0 || w[2] == 4 * h), "input ", i, " has shape ", w, ", ", d,
                             " directions and four gates of ", h, " were expected");
                if (h <= 0) y[3] = state[2] = w[2] / 4;
                for (size_t k : {6 + 2 * i, 7 + 2 * i})
                    if (c.has_input(k) && c.input(k).shape_known())
                        c.check_that(c.shape(k).count() == 1 || c.shape(k).count() == d || c.shape(k).count() == d * w[2], "input ", k, " has shape ",
                                     c.shape(k), " for weights ", w);
            }
        c.output(0, DType::f32, y);
        c.output(1, DType::f32, state);
        c.output(2, DType::f32, state);
    }
    // Float weights in LSTM's order: [D, 4 H, rows] from [D, rows, 4 H].
    static Array dequantize(const TensorView& w, const std::vector<float>& scale, const std::vector<int32_t>& zero) {
        const int64_t d = w.shape[0], rows = w.shape[1], gates = w.shape[2];
        Array a = Array::zeros(DType::f32, {d, gates, rows});
        float* to = reinterpret_cast<float*>(a.mutable_data());
        const auto at = [&](const auto& v, int64_t k, int64_t g) {
            const auto n = static_cast<int64_t>(v.size());
            return v[static_cast<size_t>(n == 1 ? 0 : n == d ? k : k * gates + g)];
        };
        for (int64_t k = 0; k < d; ++k)
            for (int64_t g = 0; g < gates; ++g)
                for (int64_t r = 0; r < rows; ++r)
                    *to++ = static_cast<float>(load_quantized(w, (k * rows + r) * gates + g) - at(zero, k, g)) * at(scale, k, g);
        return a;
    }
    static void reference(RunContext& c) {
        Array w = dequantize(c.input(1), scales(c, 8), zero_points(c, 9)), r = dequantize(c.input(2), scales(c, 10), zero_points(c, 11));
        std::vector<TensorView> in(c.inputs.begin(), c.inputs.begin() + 8);
        in[1] = {w.mutable_data(), DType::f32, w.shape(), LayoutTag::nchw};
        in[2] = {r.mutable_data(), DType::f32, r.shape(), LayoutTag::nchw};
        auto rounded = c.attributes<Attributes>();
        rounded.quantized = 1;
        Node node = *c.node;
        node.attributes = write_attributes(rounded);
        RunContext lstm = c;
        lstm.node = &node;
        lstm.inputs = in;
        LSTM::reference(lstm);
    }
};

LITE_NAMESPACE_END
#endif
