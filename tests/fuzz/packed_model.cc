// Any bytes as a packed model: the container, the information in it, its algorithm policy, and the model as far as it is decrypted; what was
// read is written and read again. It may be refused by a lite::Error, nothing else.
#include "lite/algo_cache.h"
#include "lite/format/pack.h"
#include "lite/model_info.h"
#include "lite/registries.h"
#include "tests/fuzz/replay.h"

namespace {
using namespace lite;

std::vector<uint8_t> plain(const std::string& method, std::span<const std::byte> bytes) {
    const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
    return method == "NONE" ? std::vector<uint8_t>(p, p + bytes.size()) : decryption_registry().decrypt(method, p, bytes.size());
}
template <class F> void attempt(const F& f) {
    try {
        f();
    } catch (const Error&) {
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ModelBytes file = copy_model(data, size);
    if (!is_packed(file.text())) return 0;
    attempt([&] {
        const PackedModel p = read_packed(file.span());
        attempt([&] {
            const std::vector<uint8_t> info = plain(p.info_decryption_method, p.info);
            Config config;
            NetworkIO io;
            std::unordered_map<std::string, LiteAny> isolated;
            std::string extra;
            (void)parse_default_info(info.data(), info.size(), p.name, config, io, isolated, extra);
        });
        attempt([&] {
            AlgoCache cache;
            cache.merge(p.algo_policy, "the algorithm policy");
        });
        attempt([&] { (void)plain(p.model_decryption_method, p.model); });
        const std::vector<std::byte> again = write_packed(p);
        const PackedModel q = read_packed(again);
        if (q.name != p.name || q.model.size() != p.model.size() || q.info.size() != p.info.size()) std::abort();
    });
    return 0;
}
