#include "tests/support/recurrent_test.h"
using namespace lite_test;

TEST_CASE("LSTM's reference against ONNX Runtime") {
    check_fixed<LSTM>("plain", [](auto&) {}, false, {}, false, false,
        {{0.1555236f, 0.06987428f, 0.01173909f, -0.1143096f, -0.07881161f, -0.07795153f, 0.2126758f, 0.1173298f, 0.002025698f,
          0.007823763f, 0.04294187f, -0.2250362f, 0.03129235f, 0.1079896f, -0.009900254f, -0.04255224f, 0.1249843f, -0.3700458f},
         {0.03129235f, 0.1079896f, -0.009900254f, -0.04255224f, 0.1249843f, -0.3700458f},
         {0.06480879f, 0.1718292f, -0.01991459f, -0.07354178f, 0.2659856f, -0.669064f}});
    check_fixed<LSTM>("reverse with lengths", [](auto& a) { a.direction = "reverse"; }, true, {3, 1}, true, false,
        {{0.1150834f, 0.0368162f, 0.4672583f, 0.07883013f, -0.2169395f, 0.1503209f, 0.1177422f, -0.008657324f, 0.4218848f, 0.f,
          0.f, 0.f, 0.130465f, -0.2144913f, 0.5659062f, 0.f, 0.f, 0.f},
         {0.1150834f, 0.0368162f, 0.4672583f, 0.07883013f, -0.2169395f, 0.1503209f},
         {0.9358297f, 0.1270614f, 0.5852904f, 0.436474f, -0.4524913f, 0.16989f}});
    check_fixed<LSTM>("both directions with peepholes", [](auto& a) { a.direction = "bidirectional"; }, true, {}, true, true,
        {{0.2476691f, 0.0008131252f, 0.5608455f, 0.09147152f, -0.1617537f, 0.1063353f, 0.3660782f, 0.1319427f, 0.1665502f,
          0.500429f, -0.008445959f, -0.1850813f, 0.294188f, 0.04368061f, 0.4413703f, 0.1694011f, 0.02264003f, -0.1374781f,
          0.3812538f, 0.01910845f, 0.3482164f, 0.4058384f, -0.01550966f, -0.1752934f, 0.3422521f, 0.0366992f, 0.3975644f,
          0.2231949f, 0.1461041f, -0.4197899f, 0.5675167f, -0.03122053f, 0.5159544f, 0.4634149f, -0.03739931f, -0.04946149f},
         {0.3422521f, 0.0366992f, 0.3975644f, 0.2231949f, 0.1461041f, -0.4197899f, 0.3660782f, 0.1319427f, 0.1665502f, 0.500429f,
          -0.008445959f, -0.1850813f},
         {1.475908f, 0.06540006f, 0.4820318f, 0.859099f, 0.2855555f, -0.5194671f, 0.9704564f, 0.3829753f, 0.2437884f, 0.9586878f,
          -0.04833117f, -0.4349161f}});
    check_fixed<LSTM>("lengths and no steps", [](auto&) {}, true, {0, 2}, true, false,
        {{0.f, 0.f, 0.f, 0.07883013f, -0.2169395f, 0.1503209f, 0.f, 0.f, 0.f, 0.1033685f, 0.001647154f, -0.1455487f, 0.f, 0.f,
          0.f, 0.f, 0.f, 0.f},
         {0.f, 0.f, 0.f, 0.1033685f, 0.001647154f, -0.1455487f},
         {0.f, 0.f, 0.f, 0.6416102f, 0.005195007f, -0.1644349f}});
    check_fixed<LSTM>("clip and coupled gates", [](auto& a) { a.clip = 0.25f; a.input_forget = 1; }, true, {}, true, true,
        {{0.190456f, -0.1048115f, 0.2445504f, -0.03548389f, -0.181042f, 0.04556221f, 0.144056f, -0.01313624f, 0.1793056f,
          0.03318175f, -0.05914181f, -0.03763009f, 0.1224397f, -0.01750638f, 0.1546573f, 0.06515078f, 0.02745959f, -0.09304095f},
         {0.1224397f, -0.01750638f, 0.1546573f, 0.06515078f, 0.02745959f, -0.09304095f},
         {0.2873082f, -0.03115044f, 0.282378f, 0.1499192f, 0.06250911f, -0.1670377f}});
    check_fixed<LSTM>("other functions", [](auto& a) { a.activations = {"HardSigmoid", "Softsign",
          "LeakyRelu"}; a.activation_alpha = {0.3f, 0.1f}; a.activation_beta = {0.4f}; }, true, {}, true, false,
        {{0.f, -0.002122554f, 0.7097656f, 0.f, -0.01544775f, 0.248383f, 0.f, 0.001401777f, 0.6043332f, 0.f, 0.002534624f,
          0.04101388f, 0.001922495f, -0.001334753f, 0.5324346f, 0.01173073f, 0.03656121f, -0.02868712f},
         {0.001922495f, -0.001334753f, 0.5324346f, 0.01173073f, 0.03656121f, -0.02868712f},
         {0.4833379f, -0.03586571f, 0.5631279f, 0.3001406f, 0.1191046f, -0.2868712f}});
    check_fixed<LSTM>("affine functions", [](auto& a) { a.activations = {"Affine", "ScaledTanh",
          "Softplus"}; a.activation_alpha = {0.3f, 0.9f}; a.activation_beta = {0.4f, 1.5f}; }, true, {}, true, false,
        {{-0.2027385f, 0.1497663f, 1.402223f, -0.02948862f, 0.2122388f, 0.7897854f, 0.1114269f, -0.06336869f, 1.370509f,
          0.07123449f, 0.07450371f, 0.7648175f, 0.08253127f, 0.1089138f, 1.003747f, 0.124335f, 0.1175153f, 0.4572266f},
         {0.08253127f, 0.1089138f, 1.003747f, 0.124335f, 0.1175153f, 0.4572266f},
         {1.004931f, -0.3354241f, 0.4538476f, 0.7839065f, -0.01179747f, -0.7764645f}});
}

TEST_CASE("LSTM's kernels agree with the reference") {
    LSTM::Attributes a;
    check_kernels<LSTM>(a);
    a.clip = 0.5f;
    a.input_forget = 1;
    check_kernels<LSTM>(a);
    a = {};
    a.activations = {"HardSigmoid", "affine", "ScaledTanh"};
    a.activation_alpha = {0.25f, 0.5f, 0.75f};
    check_kernels<LSTM>(a);
}

TEST_CASE("LSTM in half and double precision") {
    for (DType type : {DType::f64, DType::f16}) {
        LSTM::Attributes a;
        auto in = tensors<LSTM>(a, 3, 2, 4, 5, true, true, {}, true, true);
        const OpCase single(describe<LSTM>(), write_attributes(a), in, 3);
        for (TestTensor& t : in) {
            if (!t.data) continue;
            if (type == DType::f64) {
                t.data = Array::of(t.data.shape(), t.data.values<double>());
            } else {
                std::vector<Half> v;
                for (float x : t.data.values<float>()) v.emplace_back(x);
                t.data = Array::of(t.data.shape(), v);
            }
        }
        const OpCase other(describe<LSTM>(), write_attributes(a), in, 3);
        const auto want = single.run_reference(), got = other.run_reference();
        for (size_t i = 0; i < 3; ++i) {
            CHECK(got[i].dtype() == type);
            check_close(Array::of(got[i].shape(), got[i].values<float>()), want[i], type == DType::f16 ? 1e-3 : 1e-6, 0, "precision");
        }
    }
}

TEST_CASE("LSTM refuses what does not fit") {
    const auto make = [](LSTM::Attributes a, Shape w) {
        auto in = tensors<LSTM>(a, 3, 2, 4, 5, true, true, {}, true, true);
        if (w.rank()) in[1].data = eighths(w, 1);
        const OpCase test(describe<LSTM>(), write_attributes(a), in, 3);
    };
    make({}, {});
    LSTM::Attributes a;
    a.direction = "sideways";
    CHECK_THROWS_WITH_AS(make(a, {}), doctest::Contains("sideways"), Error);
    a = {};
    a.activations = {"Sigmoid", "Swoosh", "Tanh"};
    CHECK_THROWS_WITH_AS(make(a, {}), doctest::Contains("Swoosh"), Error);
    a.activations = {"Sigmoid"};
    CHECK_THROWS_AS(make(a, {}), Error);
    CHECK_THROWS_WITH_AS(make({}, {1, 20, 3}), doctest::Contains("input 1 is [1,20,3], expected [1,20,4]"), Error);
}
