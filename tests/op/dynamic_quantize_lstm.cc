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
    // ONNX Runtime takes the steps of the state from both sequences together: half a step of 1/255 for each of 3 terms of weight 0.5.
    const double tolerance = 0.003;
    check_values(r[0],
                 {0.10707, 0.029982, 0.17398, 0.063598, 0.1406, -0.067122, 0.25366, 0.08375, 0.15588, 0.17814, 0.12023, -0.16324,
                  0.17676, 0.20303, -0.032242, 0.10509, -0.020639, 0.11598, 0.12475, 0.10189, 0.095882, 0.097894, 0.13726, 0.089534,
                  0.18637, 0.068911, 0.21171, 0.21465, 0.15987, -0.011943, 0.12617, 0.080294, 0.1638, 0.16991, 0.030976, 0.012003},
                 tolerance);
    check_values(r[1], {0.18637, 0.068911, 0.21171, 0.21465, 0.15987, -0.011943, 0.25366, 0.08375, 0.15588, 0.17814, 0.12023, -0.16324}, tolerance);
    check_values(r[2], {0.373, 0.10339, 0.35864, 0.44424, 0.26829, -0.022269, 0.4303, 0.44216, 0.27797, 0.33351, 0.34305, -0.24908}, tolerance);
}

TEST_CASE("DynamicQuantizeLSTM rounds its operands as ONNX Runtime does; as an LSTM, too") {
    Attributes a;
    a.set("hidden_size", int64_t{3});
    const Array w = integers(DType::u8, {71, 110, 67, 248, 45, 228, 203, 215, 29, 100, 160, 125, 169, 172, 169, 15, 244, 141, 230, 69, 92, 224, 47, 16, 95, 173, 31, 221,
                    86, 57, 138, 228, 225, 222, 78, 4}).reshaped({1, 3, 12});
    const Array r = integers(DType::u8, {198, 180, 196, 0, 9, 128, 85, 111, 237, 51, 134, 82, 75, 205, 39, 80, 30, 38, 71, 178, 147, 114, 43, 203, 203, 60, 15, 81, 37,
                    203, 132, 129, 74, 129, 246, 60}).reshaped({1, 3, 12});
    const auto x = activation(reals({-1.6f, -2.6f, -0.5f, 0.8f, 2.3f, 0.2f, -1.1f, -1.6f, 1.5f, 3.3f, 0.5f, -2.5f}).reshaped({4, 1, 3}));
    const Array bias = reals({-0.2f, -0.3f, 1.f, -1.2f, 0.7f, -1.1f, -0.3f, -0.8f, 1.4f, 0.6f, 2.4f, 0.6f, 0.8f, 0.8f, -0.6f, -0.1f, 1.4f, -0.4f, 0.2f, -0.f,
                    0.6f, -0.4f, -0.2f, 0.2f}).reshaped({1, 24});
    const auto got = OpCase(describe<DynamicQuantizeLSTM>(), a,
                            {x, constant(w), constant(r), constant(bias), absent(), absent(), absent(), absent(), constant(reals({0.02f})),
                             constant(integers(DType::u8, {120})), constant(reals({0.03f})), constant(integers(DType::u8, {130}))}, 3)
                             .run_reference();
    const auto check = [](const std::vector<Array>& y) {  // a rounding of the products may flip one of the state, of which there is none here
        check_values(y[0], {-0.1201421, 0.01390864, 0.002466472, 0.01440162, -0.504038, -0.3597997, 0.1960383, 0.1038125, -0.001262456, -0.07161769,
                             0.05687265, 0.7039445}, 2e-6);
        check_values(y[1], {-0.07161769, 0.05687265, 0.7039445}, 2e-6);
        check_values(y[2], {-0.1348885, 0.2021016, 0.8753078}, 2e-6);
    };
    check(got);
    const auto floats = [](const Array& q, float scale, int32_t zero) {
        return constant(DynamicQuantizeLSTM::dequantize({const_cast<std::byte*>(q.data()), q.dtype(), q.shape(), LayoutTag::nchw}, {scale}, {zero}));
    };
    a.set("quantized", int64_t{1});
    const OpCase lstm(describe<LSTM>(), a, {x, floats(w, 0.02f, 120), floats(r, 0.03f, 130), constant(bias)}, 3);
    check(lstm.run_reference());
    CHECK(check_all_kernels(lstm, 1e-5, 1e-5) > 0);
}
