// What lite writes for MegEngine's runtime to read, and the other way round; the script exchange.py runs both sides.
//   exchange pack MODEL.mge FOLDER    packed files in every encryption: plain, with information and a policy, and bare encrypted models
//   exchange cache IN OUT MODEL.mge   reads a cache, runs the model with measured kernels, writes the cache; prints the numbers of entries
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "lite/algo_cache.h"
#include "lite/lite.h"
#include "lite/pack_model.h"
#include "tests/support/encrypt.h"

using namespace lite_test;

namespace {
std::vector<uint8_t> read_file(const std::string& path) {
    std::ifstream f(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(f), std::istreambuf_iterator<char>()};
}
void write_bytes(const std::string& path, const std::vector<uint8_t>& b) { write_file(path, std::as_bytes(std::span(b))); }

void pack(const std::string& model, const std::string& folder) {
    const std::vector<uint8_t> plain = read_file(model);
    const std::string json = R"({"valid": true, "name": "exchanged", "version": "1.13.0", "has_compression": false, "backend": "MGE",
      "device": {"type": "CPU", "device_id": 0, "number_threads": 2, "enable_inplace_model": false, "use_tensorrt": false},
      "options": {"weight_preprocess": true, "graph_opt_level": 2}, "IO": {"inputs": [], "outputs": []}, "extra_info": {"note": "both ways"}})";
    const std::vector<uint8_t> info(json.begin(), json.end());
    AlgoCache cache;
    cache.put("profile:plat=lite", "a key", "a value");
    const std::vector<std::byte> kept = cache.bytes();
    const std::vector<uint8_t> policy(reinterpret_cast<const uint8_t*>(kept.data()), reinterpret_cast<const uint8_t*>(kept.data()) + kept.size());
    std::vector<std::string> methods = {"NONE", "RC4_default", "SIMPLE_FAST_RC4_default"};
#if defined(LITE_WITH_NETTLE)
    methods.push_back("AES_default");
#endif
    for (const std::string& m : methods) {
        const std::vector<uint8_t> model_bytes = m == "NONE" ? plain : encrypt(m, plain, key_of(m));
        const std::vector<uint8_t> info_bytes = m == "NONE" ? info : encrypt(m, info, key_of(m));
        if (m != "NONE") write_bytes(folder + "/bare_" + m, model_bytes);
        ModelPacker without(model_bytes, folder + "/model_" + m + ".lite");
        without.set_header(m);
        without.pack_model();
        if (m != "NONE") continue;  // of encrypted information the packer cannot know the name
        ModelPacker with(model_bytes, folder + "/info_" + m + ".lite", info_bytes, policy);
        with.set_header(m, m);
        with.pack_model();
    }
}
void cache(const std::string& in, const std::string& out, const std::string& model) {
    set_persistent_cache(in);
    const size_t before = algo_cache().entries();
    const auto n = std::make_shared<Network>();
    Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE);
    n->load_model(model);
    n->get_input_tensor(0)->fill_zero();
    n->forward();
    n->wait();
    dump_persistent_cache(out);
    std::printf("%zu %zu\n", before, algo_cache().entries());
}
}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string what = argc > 1 ? argv[1] : "";
        if (what == "pack" && argc == 4) return pack(argv[2], argv[3]), 0;
        if (what == "cache" && argc == 5) return cache(argv[2], argv[3], argv[4]), 0;
        std::fprintf(stderr, "usage: exchange pack MODEL FOLDER | exchange cache IN OUT MODEL\n");
        return 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}
