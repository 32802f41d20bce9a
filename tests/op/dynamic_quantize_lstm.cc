// Expectations are those of ONNX Runtime 1.32.
#include "lite/op/dynamic_quantize_lstm.h"
#include "tests/support/quant.h"
using namespace lite_test;

namespace {
Array divided(Array a, float by) {
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] /= by;
    return a;
}
}  // namespace

TEST_CASE("DynamicQuantizeLSTM in both directions") {
    Attributes a;
    a.set("direction", std::string("bidirectional"));
    a.set("hidden_size", int64_t{3});
    const auto scale = constant(reals({.004f, .005f})), zero = constant(integers(DType::u8, {120, 130}));
    const OpCase test(describe<DynamicQuantizeLSTM>(), a,
                      {activation(divided(pattern(DType::f32, {3, 2, 4}, 1, -50, 50), 50.f)), constant(pattern(DType::u8, {2, 4, 12}, 2, 0, 255)),
                       constant(pattern(DType::u8, {2, 3, 12}, 3, 0, 255)), constant(divided(pattern(DType::f32, {2, 24}, 4, -20, 20), 100.f)), absent(),
                       absent(), absent(), absent(), scale, zero, scale, zero},
                      3);
    const auto r = test.run_reference();
    // ONNX Runtime quantizes X and the state to 8 bits on the way: half a step of 1/128 for each of 4 and 3 terms of weight 0.5.
    const double tolerance = 0.01;
    check_values(r[0],
                 {0.10707, 0.029982, 0.17398, 0.063598, 0.1406, -0.067122, 0.25366, 0.08375, 0.15588, 0.17814, 0.12023, -0.16324,
                  0.17676, 0.20303, -0.032242, 0.10509, -0.020639, 0.11598, 0.12475, 0.10189, 0.095882, 0.097894, 0.13726, 0.089534,
                  0.18637, 0.068911, 0.21171, 0.21465, 0.15987, -0.011943, 0.12617, 0.080294, 0.1638, 0.16991, 0.030976, 0.012003},
                 tolerance);
    check_values(r[1], {0.18637, 0.068911, 0.21171, 0.21465, 0.15987, -0.011943, 0.25366, 0.08375, 0.15588, 0.17814, 0.12023, -0.16324}, tolerance);
    check_values(r[2], {0.373, 0.10339, 0.35864, 0.44424, 0.26829, -0.022269, 0.4303, 0.44216, 0.27797, 0.33351, 0.34305, -0.24908}, tolerance);
}
