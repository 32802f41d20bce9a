// Any bytes through the reader of .mge files, shape inference, and for small graphs the passes, the plan and a run: they may be refused
// by a lite::Error, nothing else. With clang and -DLITE_FUZZ=ON it fuzzes; else it replays the files it is given.
#include "lite/format/mge.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    try {
        const ModelBytes bytes = copy_model(data, size);
        const Graph g = read_mge(bytes);
        Graph inferred = g;
        infer_shapes(inferred);
        run(g);
    } catch (const Error&) {
    }
    return 0;
}
