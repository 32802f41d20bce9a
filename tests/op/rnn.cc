#include "tests/support/recurrent_test.h"
using namespace lite_test;

TEST_CASE("RNN's reference against ONNX Runtime") {
    check_fixed<RNN>("plain", [](auto&) {}, false, {}, false, false,
        {{0.1702023f, 0.108941f, 0.6443782f, -0.3583574f, 0.3583574f, -0.316835f, 0.7576683f, 0.4812199f, 0.6085408f,
          -0.5467334f, 0.294992f, 0.6206248f, 0.8547355f, 0.1083412f, -0.7534451f, -0.2353433f, 0.9079057f, 0.635342f},
         {0.8547355f, 0.1083412f, -0.7534451f, -0.2353433f, 0.9079057f, 0.635342f}});
    check_fixed<RNN>("both directions", [](auto& a) { a.direction = "bidirectional"; }, true, {1, 3}, true, false,
        {{0.9051483f, 0.6063476f, 0.9480852f, 0.2301757f, 0.7982427f, 0.7866188f, -0.316835f, 0.6534235f, 0.9253461f, 0.3827429f,
          0.9399259f, 0.9350846f, 0.f, 0.f, 0.f, 0.7076722f, 0.8028884f, 0.9517217f, 0.f, 0.f, 0.f, 0.6777958f, 0.5498714f,
          0.9560192f, 0.f, 0.f, 0.f, 0.7364589f, 0.9349526f, 0.8876131f, 0.f, 0.f, 0.f, -0.01562375f, 0.5963736f, 0.8866951f},
         {0.9051483f, 0.6063476f, 0.9480852f, 0.7364589f, 0.9349526f, 0.8876131f, -0.316835f, 0.6534235f, 0.9253461f, 0.3827429f,
          0.9399259f, 0.9350846f}});
    check_fixed<RNN>("clip and relu", [](auto& a) { a.direction = "reverse"; a.clip = 0.5f; a.activations = {"Relu"}; }, true,
          {}, true, false,
        {{0.5f, 0.4707031f, 0.5f, 0.3535156f, 0.5f, 0.5f, 0.5f, 0.421875f, 0.5f, 0.265625f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.f,
          0.5f, 0.5f},
         {0.5f, 0.4707031f, 0.5f, 0.3535156f, 0.5f, 0.5f}});
}

TEST_CASE("RNN's kernels agree with the reference") {
    RNN::Attributes a;
    check_kernels<RNN>(a);
    a.clip = 0.5f;
    a.activations = {"Softsign"};
    check_kernels<RNN>(a);
}
