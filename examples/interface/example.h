// What the programs of this folder have in common: a main() that reports errors, inputs, and a line for each output.
#ifndef LITE_EXAMPLES_INTERFACE_EXAMPLE_H_
#define LITE_EXAMPLES_INTERFACE_EXAMPLE_H_
#include <algorithm>
#include <cstdio>
#include <numeric>

#include <lite/lite.h>

// Gives every input a layout, where the model leaves it open, and values: a ramp from 0 to `top`.
inline void fill_inputs(lite::Network& network, float top = 1.f) {
    for (const std::string& name : network.get_all_input_name()) {
        const auto input = network.get_io_tensor(name, LITE_INPUT);
        if (input->get_layout().ndim == 0) input->set_layout({{1, 3, 224, 224}, 4});
        input->fill_zero();
        if (input->get_layout().data_type != LITE_FLOAT) continue;
        auto* values = static_cast<float*>(input->get_memory_ptr());
        const size_t count = input->get_tensor_total_size_in_byte() / sizeof(float);
        for (size_t i = 0; i < count; ++i) values[i] = top * static_cast<float>(i) / static_cast<float>(count);
    }
}

// The largest value of a tensor of floats and the sum of all.
inline void print(const char* what, const lite::Tensor& tensor) {
    const auto* values = static_cast<const float*>(tensor.get_memory_ptr());
    const size_t count = tensor.get_tensor_total_size_in_byte() / sizeof(float);
    std::printf("%s: %zu values, max %g, sum %g\n", what, count, static_cast<double>(*std::max_element(values, values + count)),
                std::accumulate(values, values + count, 0.0));
}

inline bool equal(const lite::Tensor& a, const lite::Tensor& b) {
    const auto* p = static_cast<const float*>(a.get_memory_ptr());
    return a.get_layout() == b.get_layout() &&
           std::equal(p, p + a.get_tensor_total_size_in_byte() / sizeof(float), static_cast<const float*>(b.get_memory_ptr()));
}

int example(const std::string& model);  // what each program does

int main(int argc, char** argv) try {
    if (argc != 2) return std::fprintf(stderr, "usage: %s MODEL (.mge or .onnx)\n", argv[0]), 1;
    return example(argv[1]);
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
#endif
