// The shortest program: hello xor.onnx. Loads a model, sets its input, runs it, prints its output.
#include <cstdio>

#include <lite/lite.h>

int main(int, char** argv) {
    lite::Network network;
    network.load_model(argv[1]);
    float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    network.get_io_tensor("x")->reset(x, sizeof x);
    network.forward();
    network.wait();
    const auto* y = static_cast<const float*>(network.get_io_tensor("xor")->get_memory_ptr());
    for (int i = 0; i < 4; ++i) std::printf("%g xor %g = %g\n", double(x[2 * i]), double(x[2 * i + 1]), double(y[i]));
}
