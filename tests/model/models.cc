// Real models against the outputs of ONNX Runtime on the same inputs: every folder with model.onnx and its card.json or input_0.npy
// and output_0.npy, at the card's tolerance,
// with 1 and 2 threads, every instruction set of the machine and every layout.
// Arguments: [--quick] [--best-isa] [--written] FOLDER...; a folder is one that holds model folders. --quick: one configuration per model
// and instruction set; --best-isa: only the machine's best; --written: not the model, but what is read from the .mge file that it is
// written to, in the layouts nchw, nchw44 and nchw88. ONNX models with operators that MegEngine has no form for are counted apart.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "lite/exec/session.h"
#include "lite/format/mge_writer.h"
#include "lite/format/model.h"
#include "tests/support/npy.h"

namespace fs = std::filesystem;
using namespace lite;

namespace {
struct Counts {
    int passed = 0, failed = 0, refused = 0;
};
struct Options {
    bool quick = false, best_isa = false, written = false;
};

// The largest violation of |got - want| <= absolute + relative * |want|; 0 if there is none.
double worst_excess(const TensorView& got, const Array& want, double absolute, double relative, bool written) {
    // A .mge file has neither integers of 64 bits nor tensors without axes.
    const bool narrowed = written && want.dtype() == DType::i64 && got.dtype == DType::i32;
    const Shape shape = written && want.shape().empty() ? Shape{1} : want.shape();
    if (!(got.shape == shape) || (got.dtype != want.dtype() && !narrowed)) return INFINITY;
    const auto g = got.values<double>(), w = want.values<double>();
    double worst = 0;
    for (size_t i = 0; i < g.size(); ++i) {
        if (std::isnan(w[i]) ? std::isnan(g[i]) : g[i] == w[i]) continue;
        const double excess = std::abs(g[i] - w[i]) - (absolute + relative * std::abs(w[i]));
        if (!(excess <= 0)) worst = std::max(worst, std::isnan(excess) ? INFINITY : excess);
    }
    return worst;
}

// Cards of .mge files leave the names of the arrays to a rule.
std::string file_of(const nlohmann::json& tensor, size_t test, const char* kind, const std::string& name) {
    if (tensor.contains("file")) return tensor["file"];
    return text(test ? text("case", test, "_") : std::string(), kind, name, ".npy");
}

// The array as the model takes it.
Array narrowed(const Array& a, DType t) {
    if (a.dtype() != DType::i64 || t != DType::i32) return a;
    return Array::of(a.shape(), a.values<int32_t>());
}
// What is read from the .mge file that the model is written to; shapes are those of the first case.
Graph through_mge(Graph g, const nlohmann::json& test, const fs::path& folder, LayoutTag layout) {
    std::vector<Shape> shapes;
    for (ValueId i : g.inputs) {
        Value& v = g.value(i);
        const std::string file = test.contains("any_input") ? std::string(test["any_input"]) : file_of(test["inputs"][v.name], 0, "input_", v.name);
        shapes.push_back(lite_test::read_npy((folder / file).string()).shape());
        v.usual = shapes.back();
    }
    if (layout != LayoutTag::nchw) {
        SessionOptions options;
        options.layout = layout;
        Session session(std::move(g), options);
        session.prepare(shapes);
        g = session.portable_graph();
    }
    const std::vector<std::byte> bytes = write_mge(g);
    return read_mge(copy_model(bytes.data(), bytes.size()));
}

void check_model(const fs::path& folder, const Options& how, Counts& counts) {
    nlohmann::json card;
    if (fs::exists(folder / "card.json")) {
        std::ifstream card_file(folder / "card.json");
        card = nlohmann::json::parse(card_file);
    } else {  // a generated net: one input, one output, the tolerance of the fp32 cards
        card["tolerance"] = {{"abs", 1e-4}, {"rel", 1e-3}};
        card["cases"] = {{{"any_input", "input_0.npy"}, {"any_output", "output_0.npy"}}};
    }
    const double absolute = card["tolerance"]["abs"], relative = card["tolerance"]["rel"];
    const std::string model = folder.filename().string();
    std::vector<std::optional<LayoutTag>> layouts = {std::nullopt};
    if (how.written) layouts = {LayoutTag::nchw, LayoutTag::nchw44, LayoutTag::nchw88};
    else if (!how.quick)
        layouts.insert(layouts.end(), {LayoutTag::nchw, LayoutTag::nhwc, LayoutTag::nchw44, LayoutTag::nchw88, LayoutTag::nchw1616, LayoutTag::nchw44_dot,
                                       LayoutTag::nhwcd4, LayoutTag::nchw32, LayoutTag::nchw64});
    for (const Bricks* bricks : how.best_isa ? std::vector<const Bricks*>{&find_bricks()} : all_bricks())
        for (int threads : how.quick ? std::vector<int>{1} : std::vector<int>{1, 2})
            for (const auto& layout : layouts) {
                const std::string what = text(model, " ", bricks->name, " threads ", threads, " layout ", layout ? name_of(*layout) : "auto");
                try {
                    const ModelBytes bytes = open_model((folder / (fs::exists(folder / "model.mge") ? "model.mge" : "model.onnx")).string());
                    SessionOptions options;
                    options.threads = threads;
                    options.isa = bricks->name;
                    if (!how.written) options.layout = layout;
                    Session session(how.written ? through_mge(read_model(bytes), card["cases"][0], folder, *layout) : read_model(bytes), options);
                    for (size_t c = 0; c < card["cases"].size(); ++c) {
                        const auto& test = card["cases"][c];
                        std::vector<Array> arrays;
                        std::vector<TensorView> in;
                        for (const TensorSignature& s : session.inputs()) {
                            check(test.contains("any_input") || test["inputs"].contains(s.name), "the card has no input ", s.name);
                            const std::string file = test.contains("any_input") ? std::string(test["any_input"]) : file_of(test["inputs"][s.name], c, "input_", s.name);
                            arrays.push_back(narrowed(lite_test::read_npy((folder / file).string()), s.dtype));
                            in.push_back({arrays.back().mutable_data(), arrays.back().dtype(), arrays.back().shape(), LayoutTag::nchw});
                        }
                        session.run(in);
                        session.run(in);  // the second run finds everything allocated and must agree
                        size_t compared = 0;
                        for (size_t o = 0; o < session.outputs().size(); ++o) {
                            const std::string& name = session.outputs()[o].name;
                            if (!test.contains("any_output") && !test["outputs"].contains(name)) continue;
                            // What the file computes is not what its network meant: a fault of the program that wrote it.
                            if (!test.contains("any_output") && test["outputs"][name].value("reference", "").find("is off by") != std::string::npos) {
                                ++compared;
                                continue;
                            }
                            const std::string file = test.contains("any_output") ? std::string(test["any_output"]) : file_of(test["outputs"][name], c, "output_", name);
                            const Array want = lite_test::read_npy((folder / file).string());
                            const double excess = worst_excess(session.output(o), want, absolute, relative, how.written);
                            if (excess > 0) fail("case ", c, " output ", name, " ", session.output(o).shape, " leaves the tolerance by ", excess);
                            ++compared;
                        }
                        check(compared == (test.contains("any_output") ? 1 : test["outputs"].size()), "case ", c, ": the card has outputs that the model has not");
                    }
                    ++counts.passed;
                } catch (const std::exception& e) {
                    if (how.written && std::string(e.what()).find("MegEngine has no form for") != std::string::npos && fs::exists(folder / "model.onnx")) {
                        ++counts.refused;
                        std::printf("refused %s: %s\n", what.c_str(), e.what());
                        continue;
                    }
                    ++counts.failed;
                    std::printf("FAILED %s: %s\n", what.c_str(), e.what());
                }
            }
    std::printf("%s done\n", model.c_str());
    std::fflush(stdout);
}
}  // namespace

int main(int argc, char** argv) {
    Options how;
    Counts counts;
    int skipped = 0;
    for (int i = 1; i < argc; ++i) {
        bool option = false;
        for (const auto& [name, flag] : {std::pair("--quick", &how.quick), std::pair("--best-isa", &how.best_isa), std::pair("--written", &how.written)})
            if (std::string(argv[i]) == name) option = *flag = true;
        if (option) continue;
        if (!fs::is_directory(argv[i])) {
            std::printf("skipped: the folder %s is absent\n", argv[i]);
            ++skipped;
            continue;
        }
        std::vector<fs::path> folders;
        const auto is_case = [](const fs::path& p) {
            return (fs::exists(p / "model.onnx") || (LITE_HAS_MGE && fs::exists(p / "model.mge"))) && (fs::exists(p / "card.json") || fs::exists(p / "input_0.npy"));
        };
        if (is_case(argv[i])) folders.push_back(argv[i]);
        else
            for (const auto& e : fs::directory_iterator(argv[i]))
                if (is_case(e.path())) folders.push_back(e.path());
        std::sort(folders.begin(), folders.end());
        for (const fs::path& f : folders) check_model(f, how, counts);
    }
    if (how.written) std::printf("%d refused\n", counts.refused);
    std::printf("%d passed, %d failed, %d skipped\n", counts.passed, counts.failed, skipped);
    return counts.failed != 0;
}
