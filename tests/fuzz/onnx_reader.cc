// Any bytes through the ONNX reader, shape inference and the writer: they may be refused by a lite::Error, nothing else.
// With clang: -fsanitize=fuzzer,address,undefined -DLITE_FUZZER. Without: a program that replays the files it is given.
#include "lite/format/onnx.h"
#include "lite/pass/infer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lite;
    try {
        const ModelBytes bytes = copy_model(data, size);
        (void)check_onnx(bytes);
        Graph g = read_onnx(bytes);
        const std::vector<std::byte> again = write_onnx(g);
        (void)read_onnx(copy_model(again.data(), again.size()));
        infer_shapes(g);
    } catch (const Error&) {
    }
    return 0;
}

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
