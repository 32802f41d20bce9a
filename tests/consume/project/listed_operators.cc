// Header-only with a list of operators: what the list holds runs, also where a pass would make other operators of it; the rest is refused.
#define LITE_OPS lite::Ops<lite::Gemm, lite::MatMul, lite::Elemwise, lite::Reduce, lite::Softmax, lite::Transpose>
#include <lite/lite.h>

#include "check_xor.h"

namespace {
bool throws_about_conv() {
    lite::GraphBuilder g;
    try {
        g.add("Conv", {g.input("x", {1, 1, 4, 4}), g.constant({1, 1, 1, 1}, std::vector<float>{1})});
    } catch (const lite::Error& e) {
        return std::string(e.what()).find("Conv (this program has the operators of its LITE_OPS alone)") != std::string::npos;
    }
    return false;
}
// Attention, a chain of element-wise nodes with a sum behind it: none of the operators that stand for them is in the list.
bool unfused_is_right() {
    lite::GraphBuilder g;
    const std::vector<float> ones(2 * 3 * 4, 1.f);
    const lite::Var x = g.input("x", {1, 2, 3, 4});
    const lite::Var k = g.constant({1, 2, 4, 3}, ones), v = g.constant({1, 2, 3, 4}, ones);
    const lite::Var attention = matmul(softmax(matmul(x, k)), v);  // ones: each row of the softmax sums to one
    const lite::Var sum = g.add("ReduceSum", {sigmoid(relu(attention + x)) * x, g.constant({1}, std::vector<int64_t>{-1})});
    lite::Network network;
    network.load_model(g.finish({sum}));
    std::vector<float> values(24, 1.f);
    network.get_input_tensor(0)->reset(values.data(), values.size() * sizeof(float));
    network.forward();
    network.wait();
    const auto* y = static_cast<const float*>(network.get_output_tensor(0)->get_memory_ptr());
    const float want = 4.f / (1.f + std::exp(-2.f));
    for (int i = 0; i < 6; ++i)
        if (std::abs(y[i] - want) > 1e-5f) return false;
    return true;
}
}  // namespace

int main(int, char** argv) { return xor_is_right(argv[1]) && unfused_is_right() && throws_about_conv() ? 0 : 1; }
