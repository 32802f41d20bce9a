// Runs xor.onnx and says whether it is right; asks for an operator of the second include.
#ifndef LITE_TESTS_CONSUME_PROJECT_CHECK_XOR_H_
#define LITE_TESTS_CONSUME_PROJECT_CHECK_XOR_H_
#include <cmath>

#include <lite/graph.h>
#include <lite/lite.h>

// Static, as files of one program may have compiled it with different flags.
static inline bool xor_is_right(const char* model) {
    lite::Network network;
    network.load_model(std::string(model));
    float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const float want[] = {0, 1, 1, 0};
    network.get_input_tensor(0)->reset(x, sizeof x);
    network.forward();
    network.wait();
    const auto* y = static_cast<const float*>(network.get_output_tensor(0)->get_memory_ptr());
    for (int i = 0; i < 4; ++i)
        if (std::abs(y[i] - want[i]) > 1e-5f) return false;
    return true;
}
static inline bool has_rare_operators() {
    try {
        lite::GraphBuilder g;
        g.add("EyeLike", {g.input("x", {2, 2})});
        return true;
    } catch (const lite::Error& e) {
        if (std::string(e.what()).find("lite/all_ops.h") == std::string::npos) throw;
        return false;
    }
}
#endif
