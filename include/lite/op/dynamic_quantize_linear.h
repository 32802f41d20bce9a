// DynamicQuantizeLinear: quantizes a tensor to u8 with the scale and zero point of its own range.
#ifndef LITE_OP_DYNAMIC_QUANTIZE_LINEAR_H_
#define LITE_OP_DYNAMIC_QUANTIZE_LINEAR_H_
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

struct DynamicScale {
    float scale = 1.f;
    int32_t zero = 0;
};
// Of u8 values for data between low and high; the range is widened to contain 0.
inline DynamicScale dynamic_scale(float low, float high) {
    low = std::min(low, 0.f);
    high = std::max(high, 0.f);
    DynamicScale s;
    s.scale = high == low ? 1.f : (high - low) / 255.f;
    const float zero = std::min(std::max(0.f - low / s.scale, 0.f), 255.f);
    s.zero = static_cast<int32_t>(std::nearbyint(zero));
    return s;
}

// Outputs: y (u8), its scale (f32 scalar), its zero point (u8 scalar).
struct DynamicQuantizeLinear {
    static constexpr std::string_view name = "DynamicQuantizeLinear";
    static constexpr Spelling spellings[] = {{"onnx", "", "DynamicQuantizeLinear"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        c.check_that(x.dtype == DType::f32, "the input is ", x.dtype, ", f32 was expected");
        if (x.has_shape) c.output(0, DType::u8, x.shape);
        else c.output_unknown(0, DType::u8);
        c.output(1, DType::f32, {});
        c.output(2, DType::u8, {});
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, DType::u8, x.shape);
        const float* in = x.as<const float>();
        float low = 0.f, high = 0.f;
        for (int64_t i = 0; i < x.count(); ++i) {
            low = std::min(low, in[i]);
            high = std::max(high, in[i]);
        }
        const DynamicScale s = dynamic_scale(low, high);
        for (int64_t i = 0; i < x.count(); ++i)
            y.as<uint8_t>()[i] = static_cast<uint8_t>(quantize_value(in[i] / s.scale, s.zero, {0, 255}));
        if (c.has_output(1)) *c.output(1, DType::f32, {}).as<float>() = s.scale;
        if (c.has_output(2)) *c.output(2, DType::u8, {}).as<uint8_t>() = static_cast<uint8_t>(s.zero);
    }
};

namespace detail {
// The range of a tensor, found by all threads. `scratch` holds dynamic_range_scratch floats.
inline size_t dynamic_range_scratch(int threads) { return static_cast<size_t>(threads) * 32; }
inline DynamicScale dynamic_scale(const RunContext& c, const float* x, size_t n, float* scratch) {
    const auto threads = static_cast<size_t>(c.pool->threads());
    std::fill(scratch, scratch + dynamic_range_scratch(c.pool->threads()), 0.f);
    c.pool->parallel_for(n, 8192, [&](size_t begin, size_t end, int part) {
        float* to = scratch + static_cast<size_t>(part) * 32;
        c.bricks->math.reduce16(ReduceMode::min, x + begin, end - begin, to);
        c.bricks->math.reduce16(ReduceMode::max, x + begin, end - begin, to + 16);
    });
    float low = 0.f, high = 0.f;
    for (size_t t = 0; t < threads; ++t)
        for (size_t i = 0; i < 16; ++i) {
            low = std::min(low, scratch[t * 32 + i]);
            high = std::max(high, scratch[t * 32 + 16 + i]);
        }
    return lite::dynamic_scale(low, high);
}
}  // namespace detail

namespace detail {
struct DynamicQuantizeFlat {
    static constexpr std::string_view name = "dynamic_quantize_linear";
    using State = NoState;
    static double cost(const NodeInfo& n) { return 400 + static_cast<double>(n.input(0).shape.count()) / n.bricks->lanes; }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        c.need_workspace(dynamic_range_scratch(n.threads) * sizeof(float));
        return {};
    }
    static void run(const State&, const RunContext& c) noexcept {
        const float* x = c.input(0).as<const float>();
        const auto n = static_cast<size_t>(c.output(0).count());
        const DynamicScale s = dynamic_scale(c, x, n, reinterpret_cast<float*>(c.workspace));
        uint8_t* y = c.output(0).as<uint8_t>();
        const Int8Store store = int8_store(DType::u8, s.zero);
        c.pool->parallel_for(n, 8192, [&](size_t begin, size_t end, int) { c.bricks->int8.quantize(x + begin, end - begin, s.scale, store, y + begin); });
        if (c.has_output(1)) *c.output(1).as<float>() = s.scale;
        if (c.has_output(2)) *c.output(2).as<uint8_t>() = static_cast<uint8_t>(s.zero);
    }
};
}  // namespace detail

template <> struct Kernel<DynamicQuantizeLinear, NCHW, float> : detail::DynamicQuantizeFlat {};
template <> struct Kernel<DynamicQuantizeLinear, NHWC, float> : detail::DynamicQuantizeFlat {};

LITE_NAMESPACE_END
#endif
