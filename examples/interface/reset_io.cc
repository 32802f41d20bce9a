// The network reads its input from memory of the program's and writes its output there: nothing is copied.
#include "example.h"

int example(const std::string& model) {
    lite::Config config;
    config.options.force_output_use_user_specified_memory = true;
    lite::Network network(config);
    network.load_model(model);
    fill_inputs(network);

    const auto input = network.get_input_tensor(0), output = network.get_output_tensor(0);
    std::vector<char> pixels(input->get_tensor_total_size_in_byte());
    const auto* from = static_cast<const char*>(input->get_memory_ptr());
    std::copy(from, from + pixels.size(), pixels.begin());
    input->reset(pixels.data(), input->get_layout());

    std::vector<std::vector<char>> results;
    for (size_t i = 0; i < network.get_all_output_name().size(); ++i) {  // every output needs memory
        const auto t = network.get_output_tensor(i);
        results.emplace_back(t->get_tensor_total_size_in_byte());
        t->reset(results.back().data(), results.back().size());
    }
    network.forward();
    network.wait();
    print("output", *output);
    const bool mine = output->get_memory_ptr() == results[0].data() && input->get_memory_ptr() == pixels.data();
    std::printf("in the program's own memory: %s\n", mine ? "yes" : "no");
    return mine ? 0 : 1;
}
