// The node tests of the onnx package: FOLDER/<case>/model.onnx and test_data_set_<i>/{input,output}_<j>.pb, as onnx_nodes.py writes
// them, through the whole library and once more by the references alone. Arguments: FOLDER [--verbose] [part of a name]...
#include <cmath>
#include <filesystem>
#include <string>

#include "lite/exec/session.h"
#include "lite/format/onnx.h"

namespace fs = std::filesystem;
using namespace lite;

namespace {

std::vector<Array> tensors(const fs::path& folder, const char* what) {
    std::vector<Array> all;
    for (int i = 0;; ++i) {
        const fs::path file = folder / text(what, "_", i, ".pb");
        if (!fs::exists(file)) return all;
        all.push_back(read_onnx_tensor(open_model(file.string())));
    }
}
// What differs, or "".
std::string difference(const Array& got, const Array& want, double absolute, double relative) {
    if (got.dtype() != want.dtype() || !(got.shape() == want.shape())) return text(got.dtype(), got.shape(), " instead of ", want.dtype(), want.shape());
    const auto g = got.values<double>(), w = want.values<double>();
    for (size_t i = 0; i < g.size(); ++i) {
        const bool same = g[i] == w[i] || (std::isnan(g[i]) && std::isnan(w[i])) || std::abs(g[i] - w[i]) <= absolute + relative * std::abs(w[i]);
        if (!same) return text("element ", i, " is ", g[i], " instead of ", w[i]);
    }
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::printf("onnx_nodes FOLDER [--verbose] [part of a name]...\n");
        return 2;
    }
    bool verbose = false;
    std::vector<std::string> parts;
    for (int i = 2; i < argc; ++i) {
        if (std::string(argv[i]) == "--verbose") verbose = true;
        else parts.push_back(argv[i]);
    }
    std::vector<fs::path> cases;
    for (const auto& e : fs::directory_iterator(argv[1])) {
        const std::string name = e.path().filename().string();
        const bool wanted = parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& p) { return name.find(p) != std::string::npos; });
        if (wanted && fs::exists(e.path() / "model.onnx")) cases.push_back(e.path());
    }
    std::sort(cases.begin(), cases.end());
    int passed = 0, unsupported = 0, failed = 0;
    for (const fs::path& c : cases) {
        const std::string name = c.filename().string();
        std::string why;
        try {
            const ModelBytes bytes = open_model((c / "model.onnx").string());
            if (const auto missing = check_onnx(bytes); !missing.empty()) why = text(missing[0]);
            // 16-bit types carry 8 or 11 significant bits, and the tests' own answers are rounded to them.
            for (int d = 0; why.empty() && fs::exists(c / text("test_data_set_", d)); ++d) {
                const fs::path data = c / text("test_data_set_", d);
                const std::vector<Array> in = tensors(data, "input"), want = tensors(data, "output");
                for (const bool kernels : {true, false}) {
                    const Graph g = read_onnx(bytes);
                    SessionOptions options;
                    options.kernels = kernels;
                    options.optimize = {.fold = kernels, .fuse = kernels};
                    // A test feeds initializers that are inputs, too; here they are constants.
                    std::vector<Array> fed = in;
                    fed.resize(std::min(fed.size(), g.inputs.size()));
                    Session session(g, options);
                    const std::vector<Array> got = session.run(fed);
                    for (size_t i = 0; i < want.size() && why.empty(); ++i) {
                        const DType t = want[i].dtype();
                        const double tolerance = t == DType::bf16 ? 1e-2 : t == DType::f16 ? 2e-3 : 1e-3;
                        const std::string diff = i < got.size() ? difference(got[i], want[i], t == DType::f32 || t == DType::f64 ? 2e-6 : tolerance, tolerance) : "missing";
                        if (!diff.empty()) why = text("FAILED ", kernels ? "" : "by its reference, ", "output ", i, ": ", diff);
                    }
                    if (!why.empty()) break;
                }
            }
        } catch (const Error& e) {
            const std::string_view m = e.message();
            bool never = false;  // other kinds of data, training, opsets before the first that is read
            for (const char* part : {"which is not supported", "only tensors are supported", "only inference", "the ONNX model is of opset"})
                never = never || m.find(part) != m.npos;
            why = text(never ? "" : "FAILED ", m);
        }
        if (why.empty()) ++passed;
        else if (why.starts_with("FAILED")) ++failed;
        else ++unsupported;
        if (why.starts_with("FAILED") || (verbose && !why.empty())) std::printf("%s: %s\n", name.c_str(), why.c_str());
    }
    std::printf("%d passed, %d not supported, %d failed, of %zu\n", passed, unsupported, failed, cases.size());
    return failed ? 1 : 0;
}
