// An encrypted model, a decryption method of the program's own, and a new key for it.
#include "example.h"

#include <fstream>
#include <iterator>

namespace {
// Not a cipher to use: every byte with a byte of the key.
std::vector<uint8_t> exclusive_or(const void* data, size_t size, const std::vector<uint8_t>& key) {
    std::vector<uint8_t> out(static_cast<const uint8_t*>(data), static_cast<const uint8_t*>(data) + size);
    for (size_t i = 0; i < size; ++i) out[i] ^= key[i % key.size()];
    return out;
}
}  // namespace

int example(const std::string& model) {
    std::ifstream file(model, std::ios::binary);
    const std::vector<char> plain{std::istreambuf_iterator<char>(file), {}};
    const std::vector<uint8_t> old_key = {7, 11, 13}, new_key = {1, 2, 3, 4};

    lite::register_decryption_and_key("exclusive or", exclusive_or, old_key);
    lite::Config config;
    config.bare_model_cryption_name = "exclusive or";
    for (const auto& key : {old_key, new_key}) {
        if (key == new_key) lite::update_decryption_or_key("exclusive or", {}, new_key);  // the function stays
        std::vector<uint8_t> encrypted = exclusive_or(plain.data(), plain.size(), key);
        lite::Network network(config);
        network.load_model(encrypted.data(), encrypted.size());
        fill_inputs(network);
        network.forward();
        network.wait();
        print("output", *network.get_output_tensor(0));
    }
    return 0;
}
