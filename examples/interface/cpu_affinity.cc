// Several threads, each bound to a processor of its own.
#include "example.h"

#if defined(__linux__)
#include <sched.h>
#endif

int example(const std::string& model) {
    const auto network = std::make_shared<lite::Network>();
    const size_t threads = std::min<size_t>(lite::get_device_count(LITE_CPU), 4);
    lite::Runtime::set_cpu_threads_number(network, threads);  // before the model is loaded
    network->load_model(model);
    lite::Runtime::set_runtime_thread_affinity(network, [](int id) {  // called once in each thread
#if defined(__linux__)
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(static_cast<size_t>(id), &set);
        const bool bound = sched_setaffinity(0, sizeof set, &set) == 0;
        std::printf("thread %d %s processor %d\n", id, bound ? "runs on" : "cannot use", id);
#else
        std::printf("thread %d\n", id);
#endif
    });
    fill_inputs(*network);
    network->forward();
    network->wait();
    print("output", *network->get_output_tensor(0));
    return 0;
}
