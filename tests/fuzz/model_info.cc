// Any bytes as the information of a packed model: it may be refused by a lite::Error, nothing else.
#include "lite/model_info.h"
#include "tests/fuzz/replay.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lite;
    std::string name;
    try {
        name = name_in_info(data, size);
    } catch (const Error&) {
    }
    try {
        Config config;
        NetworkIO io;
        std::unordered_map<std::string, LiteAny> isolated;
        std::string extra;
        (void)parse_default_info(data, size, name, config, io, isolated, extra);
    } catch (const Error&) {
    }
    return 0;
}
