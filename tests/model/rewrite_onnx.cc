// Reads ONNX models and writes them again, for onnx_rewrite.py: FROM TO [FROM TO]... Says what could not be read or written.
#include "lite/format/onnx.h"

int main(int argc, char** argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        try {
            lite::write_onnx(lite::read_onnx(lite::open_model(argv[i])), std::string(argv[i + 1]));
        } catch (const lite::Error& e) {
            std::printf("%s: %s\n", argv[i], e.what());
        }
    }
    return 0;
}
