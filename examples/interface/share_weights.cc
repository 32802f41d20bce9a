// Two networks of one model with one copy of its weights, and inputs and outputs of their own.
#include "example.h"

int example(const std::string& model) {
    const auto first = std::make_shared<lite::Network>(), second = std::make_shared<lite::Network>();
    first->load_model(model);
    lite::Runtime::shared_weight_with_network(second, first);  // instead of loading the second
    fill_inputs(*first, 1.f);
    fill_inputs(*second, 2.f);
    for (const auto& network : {first, second}) {
        network->forward();
        network->wait();
    }
    print("first", *first->get_output_tensor(0));
    print("second", *second->get_output_tensor(0));
    return 0;
}
