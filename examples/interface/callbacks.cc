// Functions that see the inputs before each run, and the outputs after it.
#include "example.h"

int example(const std::string& model) {
    lite::Network network;
    network.load_model(model);
    fill_inputs(network);
    network.set_start_callback(
            [](const std::unordered_map<std::string, std::pair<lite::IO, std::shared_ptr<lite::Tensor>>>& inputs) {
                for (const auto& [name, input] : inputs)
                    std::printf("before: input %s has %zu bytes\n", name.c_str(), input.second->get_tensor_total_size_in_byte());
            });
    network.set_finish_callback(
            [](const std::unordered_map<std::string, std::pair<lite::IO, std::shared_ptr<lite::Tensor>>>& outputs) {
                for (const auto& [name, output] : outputs) print(("after: output " + name).c_str(), *output.second);
            });
    network.forward();
    network.wait();
    return 0;
}
