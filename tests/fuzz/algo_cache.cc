// Any bytes as a persistent cache of algorithms: they may be refused by a lite::Error, and then nothing is joined; what is read is written
// and read again as it was.
#include "lite/algo_cache.h"
#include "tests/fuzz/replay.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lite;
    AlgoCache cache;
    try {
        const ModelBytes file = copy_model(data, size);
        cache.merge(file.span(), "the cache");
    } catch (const Error&) {
        if (cache.entries() != 0) std::abort();
        return 0;
    }
    AlgoCache again;
    again.merge(cache.bytes(), "the cache that was written");
    if (again.entries() != cache.entries() || again.bytes() != cache.bytes()) std::abort();
    return 0;
}
