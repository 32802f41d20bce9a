// Without libFuzzer a fuzz target is a program that replays the files it is given.
#ifndef LITE_TESTS_FUZZ_REPLAY_H_
#define LITE_TESTS_FUZZ_REPLAY_H_
#include <cstdio>

#include "lite/format/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#if !defined(LITE_FUZZER)
int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const lite::ModelBytes bytes = lite::open_model(argv[i]);
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data.get()), bytes.size);
        std::printf("%s: survived\n", argv[i]);
    }
    return 0;
}
#endif
#endif
