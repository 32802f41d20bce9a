// A batch whose images come as tensors of their own, wherever they lie: the network joins them.
#include "example.h"

int example(const std::string& model) {
    const lite::NetworkIO info = lite::Runtime::get_model_io_info(model);
    lite::Layout batch = info.inputs.at(0).config_layout;
    if (batch.ndim == 0) batch = {{1, 3, 224, 224}, 4};
    batch.shapes[0] = 3;

    lite::Config config;
    config.discrete_input_name = info.inputs[0].name;
    lite::NetworkIO io;
    io.inputs = {{info.inputs[0].name, true, LITE_IO_VALUE, batch}};
    lite::Network discrete(config, io), whole(io);
    discrete.load_model(model);
    whole.load_model(model);

    fill_inputs(whole);
    const auto* images = static_cast<const char*>(whole.get_input_tensor(0)->get_memory_ptr());
    for (const auto& image : discrete.get_discrete_tensors(config.discrete_input_name)) {
        const size_t bytes = image->get_tensor_total_size_in_byte();
        std::copy(images, images + bytes, static_cast<char*>(image->get_memory_ptr()));
        images += bytes;
    }
    for (lite::Network* network : {&discrete, &whole}) {
        network->forward();
        network->wait();
    }
    print("output", *discrete.get_output_tensor(0));
    const bool same = equal(*discrete.get_output_tensor(0), *whole.get_output_tensor(0));
    std::printf("as of one tensor: %s\n", same ? "yes" : "no");
    return same ? 0 : 1;
}
