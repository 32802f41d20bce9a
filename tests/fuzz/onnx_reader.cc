// Any bytes through the ONNX reader, the writer, shape inference, and for small graphs the passes, the plan and a run: they may
// be refused by a lite::Error, nothing else. With clang and -DLITE_FUZZ=ON it fuzzes; else it replays the files it is given.
#include "lite/format/onnx.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    try {
        const ModelBytes bytes = copy_model(data, size);
        (void)check_onnx(bytes);
        Graph g = read_onnx(bytes);
        const std::vector<std::byte> again = write_onnx(g);
        (void)read_onnx(copy_model(again.data(), again.size()));
        Graph inferred = g;
        infer_shapes(inferred);
        run(g);
    } catch (const Error&) {
    }
    return 0;
}
