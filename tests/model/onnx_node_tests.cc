// The node tests of the onnx package: DIR/<case>/model.onnx and test_data_set_<i>/{input,output}_<j>.pb, as onnx_nodes.py writes them,
// through the whole library and once more by the references alone. A line for each case that does not pass, with the reason.
//
//     onnx_node_tests DIR [--filter PART_OF_A_NAME]... [--json FILE]
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "lite/exec/session.h"
#include "lite/format/onnx.h"

namespace fs = std::filesystem;
using namespace lite;

namespace {

// Cases with these are skipped: only training needs them, or no two programs make the same numbers.
constexpr std::string_view kSkipped[] = {"Adagrad", "Adam", "Bernoulli", "Gradient", "Momentum", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
                                         "RandomUniformLike"};
constexpr std::string_view kSkippedCases[] = {"test_training_dropout", "test_bernoulli"};

// Values of the test data, of the kinds and types that the graph names.
std::vector<Array> values(const fs::path& folder, const char* what, const std::vector<DType>& kinds) {
    std::vector<Array> all;
    for (size_t i = 0;; ++i) {
        const fs::path file = folder / text(what, "_", i, ".pb");
        if (!fs::exists(file)) return all;
        all.push_back(read_onnx_tensor(open_model(file.string()), i < kinds.size() ? kinds[i] : DType::f32));
    }
}
// What differs, or "".
std::string difference(const Array& got, const Array& want) {
    if (got.dtype() != want.dtype() || !(got.shape() == want.shape())) return text(got.dtype(), got.shape(), " instead of ", want.dtype(), want.shape());
    const DType t = want.dtype();
    if (t == DType::string) {
        for (int64_t i = 0; i < got.count(); ++i)
            if (strings_of(got)[i] != strings_of(want)[i]) return text("element ", i, " is '", strings_of(got)[i], "' instead of '", strings_of(want)[i], "'");
        return "";
    }
    if (is_object(t)) {
        const Items &g = items_of(got), &w = items_of(want);
        if (g.size() != w.size()) return text(t, " of ", g.size(), " instead of ", w.size());
        for (size_t i = 0; i < g.size(); ++i)
            if (const std::string d = difference(g[i], w[i]); !d.empty()) return text("item ", i, ": ", d);
        return "";
    }
    // 16-bit types carry 8 or 11 significant bits, and the tests' own answers are rounded to them.
    const double relative = t == DType::bf16 ? 1e-2 : t == DType::f16 ? 2e-3 : 1e-3, absolute = t == DType::f32 || t == DType::f64 ? 1e-5 : relative;
    const auto g = got.values<double>(), w = want.values<double>();
    for (size_t i = 0; i < g.size(); ++i) {
        const bool same = g[i] == w[i] || (std::isnan(g[i]) && std::isnan(w[i])) || std::abs(g[i] - w[i]) <= absolute + relative * std::abs(w[i]);
        if (!same) return text("element ", i, " is ", g[i], " instead of ", w[i]);
    }
    return "";
}
// "" if the case passes, "skipped: ..." if it is skipped.
std::string run_case(const fs::path& folder) {
    const std::string name = folder.filename().string();
    try {
        const ModelBytes bytes = open_model((folder / "model.onnx").string());
        for (std::string_view s : kSkippedCases)
            if (name.starts_with(s)) return "skipped: random numbers";
        if (const auto missing = check_onnx(bytes); !missing.empty()) {
            for (std::string_view s : kSkipped)
                if (missing[0].op == s) return text("skipped: ", s);
            return text("not supported: ", missing[0]);
        }
        for (int d = 0; fs::exists(folder / text("test_data_set_", d)); ++d) {
            const fs::path data = folder / text("test_data_set_", d);
            for (const bool kernels : {true, false}) {
                const Graph g = read_onnx(bytes);
                SessionOptions options;
                options.kernels = kernels;
                options.optimize = {.fold = kernels, .fuse = kernels};
                Session session(g, options);
                std::vector<DType> kinds;
                for (const TensorSignature& s : session.inputs()) kinds.push_back(s.dtype);
                // A test feeds initializers that are inputs, too; here they are constants.
                std::vector<Array> fed = values(data, "input", kinds);
                fed.resize(std::min(fed.size(), g.inputs.size()));
                const std::vector<Array> got = session.run(fed);
                kinds.clear();
                for (const Array& a : got) kinds.push_back(a.dtype());
                const std::vector<Array> want = values(data, "output", kinds);
                for (size_t i = 0; i < want.size(); ++i)
                    if (const std::string d2 = i < got.size() ? difference(got[i], want[i]) : "missing"; !d2.empty())
                        return text(kernels ? "" : "by its reference, ", "output ", i, ": ", d2);
            }
        }
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
std::string json_string(const std::string& s) {
    std::string out = "\"";
    for (char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 32) out += ' ';
        else out += c;
    }
    return out + "\"";
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> parts;
    std::string folder, json;
    for (int i = 1; i < argc; ++i) {
        const std::string a = argv[i];
        if (a == "--filter" && i + 1 < argc) parts.push_back(argv[++i]);
        else if (a == "--json" && i + 1 < argc) json = argv[++i];
        else if (folder.empty() && a[0] != '-') folder = a;
        else folder.clear(), i = argc;
    }
    if (folder.empty() || !fs::is_directory(folder)) {
        std::printf("onnx_node_tests DIR [--filter PART_OF_A_NAME]... [--json FILE]\n");
        return 2;
    }
    std::vector<fs::path> cases;
    for (const auto& e : fs::directory_iterator(folder)) {
        const std::string name = e.path().filename().string();
        const bool wanted = parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& p) { return name.find(p) != std::string::npos; });
        if (wanted && fs::exists(e.path() / "model.onnx")) cases.push_back(e.path());
    }
    std::sort(cases.begin(), cases.end());
    int passed = 0, failed = 0, skipped = 0;
    std::string report = "{";
    for (const fs::path& c : cases) {
        const std::string name = c.filename().string(), why = run_case(c);
        if (why.empty()) ++passed;
        else if (why.starts_with("skipped: ")) ++skipped;
        else ++failed;
        if (!why.empty()) std::printf("%s: %s\n", name.c_str(), why.c_str());
        report += text(report.size() > 1 ? "," : "", "\n ", json_string(name), ": ", json_string(why.empty() ? "passed" : why));
    }
    std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    if (!json.empty()) {
        std::FILE* f = std::fopen(json.c_str(), "w");
        if (!f) return 2;
        report += "\n}\n";
        const bool written = std::fwrite(report.data(), 1, report.size(), f) == report.size();
        if (std::fclose(f) || !written) return 2;
    }
    return failed ? 1 : 0;
}
