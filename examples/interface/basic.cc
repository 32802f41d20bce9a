// Loads a model from its file and from memory, runs it, and prints its outputs.
#include "example.h"

#include <fstream>
#include <iterator>

int example(const std::string& model) {
    lite::Network from_file;
    from_file.load_model(model);

    std::ifstream file(model, std::ios::binary);
    std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    lite::Network from_memory;
    from_memory.load_model(bytes.data(), bytes.size());  // the bytes are not needed afterwards

    for (lite::Network* network : {&from_file, &from_memory}) {
        fill_inputs(*network);
        network->forward();
        network->wait();
        for (const std::string& name : network->get_all_output_name())
            print(name.c_str(), *network->get_io_tensor(name, LITE_OUTPUT));
    }
    return 0;
}
