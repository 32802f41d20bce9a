// QLinearSoftmax: softmax from 8 bits to 8 bits, rows at a time.
#ifndef LITE_OP_QLINEAR_SOFTMAX_H_
#define LITE_OP_QLINEAR_SOFTMAX_H_
#include "lite/op/quantize_linear.h"
#include "lite/op/softmax.h"

LITE_NAMESPACE_BEGIN

// y = saturate(round(softmax((X - X_zero_point) * X_scale) * floor(1 / y_scale)) + y_zero_point): as ONNX Runtime has it, whose steps of y
// are a whole fraction of one. `axis` means what it means to Softmax in that opset.
// Inputs: X, X_scale, X_zero_point, y_scale, y_zero_point; absent zero points are 0.
struct QLinearSoftmax {
    static constexpr std::string_view name = "QLinearSoftmax";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearSoftmax"}};
    struct Attributes {
        int64_t axis = INT64_MIN, opset = 13;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("opset", opset);
        }
        AxisSplit split(const Shape& s, const Who& where) const { return Softmax::split({Softmax::plain, axis}, static_cast<int>(opset), s, where); }
    };
    static float levels(float y_scale) { return std::floor(1.f / y_scale); }
    static void infer(InferContext& c) {
        check_8bit(c, 0, "X");
        for (size_t i : {1, 2, 3, 4}) check_scalar(c, i, "a scale or zero point");
        if (!c.input(0).has_shape) return c.output_unknown(0, c.input(0).dtype);
        if (c.shape(0).known()) c.attributes<Attributes>().split(c.shape(0), c.where());
        c.output(0, c.input(0).dtype, c.shape(0));
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s = c.attributes<Attributes>().split(x.shape, c.where());
        const double scale = static_cast<double>(scales(c, 1)[0]);
        const float steps = levels(scales(c, 3)[0]);
        const int32_t zero = zero_points(c, 4)[0];
        std::vector<float> e(s.n);
        for (size_t row = 0; row < s.outer * s.inner; ++row) {
            const auto at = [&](size_t k) { return static_cast<int64_t>((row / s.inner * s.n + k) * s.inner + row % s.inner); };
            int32_t top = INT32_MIN;
            for (size_t k = 0; k < s.n; ++k) top = std::max(top, load_quantized(x, at(k)));
            float sum = 0.f;
            for (size_t k = 0; k < s.n; ++k) {
                e[k] = static_cast<float>(std::exp((load_quantized(x, at(k)) - top) * scale));
                sum += e[k];
            }
            for (size_t k = 0; k < s.n; ++k) store_quantized(y, at(k), quantize_value(e[k] * steps / sum, zero, quant_range(y.dtype)));
        }
    }
};

namespace detail {
// Some rows become floats in L1, and 8 bits again.
struct QLinearSoftmaxRows {
    static constexpr std::string_view name = "qlinear_softmax";
    static constexpr bool in_place = true;
    struct State {
        size_t n = 0, rows = 0, together = 1;
    };
    static AxisSplit split(const NodeInfo& n) { return n.attributes<QLinearSoftmax::Attributes>().split(n.output().shape, *n.node); }
    static bool applicable(const NodeInfo& n) {
        const DType t = n.input(0).dtype;
        return is_scalar_f32(n, 1) && is_scalar_f32(n, 3) && is_scalar_zero(n, 2, t) && is_scalar_zero(n, 4, t) && split(n).inner == 1;
    }
    static double cost(const NodeInfo& n) { return 200 + static_cast<double>(n.output().shape.count()) * 5.0 / std::min(n.bricks->lanes, 8); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const AxisSplit s = split(n);
        const size_t together = std::max<size_t>(1, 2048 / std::max<size_t>(s.n, 1));
        c.need_workspace(static_cast<size_t>(n.threads) * s.n * together * sizeof(float));
        return {s.n, s.outer, together};
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const DType t = c.input(0).dtype;
        const float scale = scalar_f32(c, 1), y_scale = 1.f / QLinearSoftmax::levels(scalar_f32(c, 3));
        const int32_t zero = scalar_zero(c, 2) + byte_shift(t);
        const Int8Store store = int8_store(t, scalar_zero(c, 4));
        const uint8_t* x = c.input(0).as<const uint8_t>();
        uint8_t* y = c.output(0).as<uint8_t>();
        if (s.n == 0) return;
        c.pool->parallel_for(s.rows, s.together, [&](size_t begin, size_t end, int part) {
            float* buffer = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(part) * s.n * s.together;
            for (size_t row = begin; row < end; row += s.together) {
                const size_t count = std::min(s.together, end - row) * s.n;
                c.bricks->int8.dequantize(x + row * s.n, count, scale, zero, byte_flip(t), buffer);
                for (size_t i = 0; i < count; i += s.n) c.bricks->math.softmax(buffer + i, buffer + i, s.n, false);
                c.bricks->int8.quantize(buffer, count, y_scale, store, y + row * s.n);
            }
        });
    }
};
}  // namespace detail

template <> struct Kernel<QLinearSoftmax, NCHW, uint8_t> : detail::QLinearSoftmaxRows {};
template <> struct Kernel<QLinearSoftmax, NCHW, int8_t> : detail::QLinearSoftmaxRows {};

LITE_NAMESPACE_END
#endif
