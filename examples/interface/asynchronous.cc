// forward() returns at once; a callback tells when the outputs are there.
#include "example.h"

#include <condition_variable>
#include <mutex>

int example(const std::string& model) {
    lite::Network network;
    network.load_model(model);
    fill_inputs(network);

    std::mutex mutex;
    std::condition_variable changed;
    bool finished = false;
    network.set_async_callback([&] {  // in another thread
        const std::lock_guard lock(mutex);
        finished = true;
        changed.notify_one();
    });
    network.forward();
    std::printf("forward() has returned\n");
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return finished; });
    print("output", *network.get_output_tensor(0));
    return 0;
}
