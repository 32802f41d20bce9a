// All memory of a network comes from an allocator of the program's.
#include "example.h"

#include <atomic>
#include <cstdlib>

class CountingAllocator : public lite::Allocator {
public:
    void* allocate(LiteDeviceType, int, size_t size, size_t align) override {
        bytes_ += size;
        ++pieces_;
        return std::aligned_alloc(align, (size + align - 1) / align * align);
    }
    void free(LiteDeviceType, int, void* p) override {
        --pieces_;
        std::free(p);
    }
    size_t bytes() const { return bytes_; }
    int pieces() const { return pieces_; }

private:
    std::atomic<size_t> bytes_{0};
    std::atomic<int> pieces_{0};
};

int example(const std::string& model) {
    const auto allocator = std::make_shared<CountingAllocator>();
    {
        const auto network = std::make_shared<lite::Network>();
        lite::Runtime::set_memory_allocator(network, allocator);  // before the model is loaded
        network->load_model(model);
        fill_inputs(*network);
        network->forward();
        network->wait();
        print("output", *network->get_output_tensor(0));
        std::printf("%zu bytes in %d pieces\n", allocator->bytes(), allocator->pieces());
    }
    std::printf("%d pieces are left\n", allocator->pieces());
    return allocator->pieces() == 0 && allocator->bytes() > 0 ? 0 : 1;
}
