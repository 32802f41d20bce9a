// lite-run: runs a model from the command line, measures it, and compares its outputs with expected ones.
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app.h"
#include "lite/exec/explain.h"
#include "lite/format/mge_writer.h"
#include "lite/format/model.h"
#include "lite/format/onnx_writer.h"
#include "lite/format/value_file.h"
#include "lite/op/registry.h"
#include "lite/xtensor.h"

namespace fs = std::filesystem;
using nlohmann::json;
using namespace lite;

namespace {

struct Arguments {
    std::string model, output_dir, isa, layout = "auto", profile, compare_with, save_prepared, save;
    std::vector<std::string> inputs, shapes, expected, mean, deviation;
    double rtol = 1e-3, atol = 1e-4, bench_seconds = 0;
    int mge_version = 2;
    int threads = 1, warmup = 1;
    bool bgr = false, info = false, check = false, check_reference = false, as_json = false, measure = false;
};

// numpy's names of the element types: those of the files that go in and out.
std::string_view numpy_name(DType t) {
    switch (t) {
        case DType::f32: return "float32";
        case DType::f16: return "float16";
        case DType::bf16: return "bfloat16";
        case DType::f64: return "float64";
        case DType::i8: return "int8";
        case DType::u8: return "uint8";
        case DType::i16: return "int16";
        case DType::u16: return "uint16";
        case DType::i32: return "int32";
        case DType::u32: return "uint32";
        case DType::i64: return "int64";
        case DType::u64: return "uint64";
        case DType::boolean: return "bool";
        case DType::f8e4m3fn: return "float8_e4m3fn";  // from here on ml_dtypes' names
        case DType::f8e4m3fnuz: return "float8_e4m3fnuz";
        case DType::f8e5m2: return "float8_e5m2";
        case DType::f8e5m2fnuz: return "float8_e5m2fnuz";
        case DType::f8e8m0: return "float8_e8m0fnu";
        case DType::f4e2m1: return "float4_e2m1fn";
        case DType::i4: return "int4";
        case DType::u4: return "uint4";
        case DType::i2: return "int2";
        case DType::u2: return "uint2";
        case DType::none: return "unknown";
        default: return name_of(t);
    }
}
std::string shape_text(const TensorSignature& t) {
    if (!t.has_shape) return "[...]";
    std::string s = "[";
    for (size_t i = 0; i < t.shape.rank(); ++i) {
        if (i) s += ',';
        if (t.shape[i] >= 0) s += std::to_string(t.shape[i]);
        else s += i < t.symbols.size() && !t.symbols[i].empty() ? t.symbols[i] : "?";
    }
    return s + "]";
}
json shape_json(const TensorSignature& t) {
    if (!t.has_shape) return nullptr;
    json j = json::array();
    for (size_t i = 0; i < t.shape.rank(); ++i) {
        if (t.shape[i] >= 0) j.push_back(t.shape[i]);
        else j.push_back(i < t.symbols.size() && !t.symbols[i].empty() ? t.symbols[i] : "?");
    }
    return j;
}
double milliseconds_since(std::chrono::steady_clock::time_point t) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - t).count();
}
bool has_suffix(std::string_view s, std::string_view suffix) {
    if (s.size() < suffix.size()) return false;
    for (size_t i = 0; i < suffix.size(); ++i)
        if (std::tolower(static_cast<unsigned char>(s[s.size() - suffix.size() + i])) != suffix[i]) return false;
    return true;
}
std::vector<double> numbers(const std::string& list, std::string_view option) {
    std::vector<double> out;
    for (size_t at = 0; at <= list.size();) {
        const size_t end = std::min(list.find(',', at), list.size());
        const std::string part = list.substr(at, end - at);
        char* stop = nullptr;
        const double v = std::strtod(part.c_str(), &stop);
        use_check(!part.empty() && *stop == '\0' && std::isfinite(v), option, " ", list, ": '", part, "' is no number");
        out.push_back(v);
        at = end + 1;
    }
    return out;
}

// "NAME=VALUE" or "VALUE" split against the tensors there are: values without a name go to the tensors in order.
struct Assignment {
    size_t index;
    std::string value;
};
std::vector<Assignment> assign_names(const std::vector<std::string>& given, const std::vector<TensorSignature>& tensors, std::string_view option,
                                     std::string_view kind, bool name_needed) {
    std::vector<Assignment> out;
    std::vector<char> taken(tensors.size(), 0);
    std::vector<std::string> unnamed;
    for (const std::string& g : given) {
        size_t found = tensors.size(), length = 0;
        for (size_t i = 0; i < tensors.size(); ++i)  // names may contain '=' themselves: the longest that fits
            if (g.size() > tensors[i].name.size() && g[tensors[i].name.size()] == '=' && g.compare(0, tensors[i].name.size(), tensors[i].name) == 0 &&
                (found == tensors.size() || tensors[i].name.size() > length)) {
                found = i;
                length = tensors[i].name.size();
            }
        if (found < tensors.size()) {
            use_check(!taken[found], option, " ", g, ": \"", tensors[found].name, "\" was given before");
            taken[found] = 1;
            out.push_back({found, g.substr(length + 1)});
            continue;
        }
        const size_t equals = g.find('=');
        if (equals != std::string::npos && (name_needed || !fs::exists(g))) {
            std::string have;
            for (const TensorSignature& t : tensors) append(have, text(have.empty() ? "" : ", ", "\"", t.name, "\""));
            use_check(false, option, " ", g, ": there is no ", kind, " \"", g.substr(0, equals), "\"; the model has ", have);
        }
        use_check(!name_needed || tensors.size() == 1, option, " ", g, ": the model has ", tensors.size(), " ", kind, "s, write ", option, " NAME=...");
        unnamed.push_back(g);
    }
    for (const std::string& u : unnamed) {
        const size_t i = static_cast<size_t>(std::find(taken.begin(), taken.end(), 0) - taken.begin());
        use_check(i < taken.size(), option, " ", u, ": the model has only ", tensors.size(), " ", kind, tensors.size() == 1 ? "" : "s");
        taken[i] = 1;
        out.push_back({i, u});
    }
    return out;
}

// Seeded values, the same everywhere: normal for floats, ones for the rest.
Array made_up(DType dtype, const Shape& shape, uint64_t seed) {
    Array a = Array::zeros(dtype, shape);
    const auto next = [&] {  // splitmix64
        uint64_t z = (seed += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    };
    if (is_small_float(dtype)) {
        for (int64_t i = 0; i < a.count(); ++i) a.mutable_data()[i] = static_cast<std::byte>(small_from_double(dtype, 1));
        return a;
    }
    visit_dtype(dtype, [&](auto tag) {
        using T = decltype(tag);
        T* p = reinterpret_cast<T*>(a.mutable_data());
        for (int64_t i = 0; i < a.count(); ++i) {
            if constexpr (std::is_integral_v<T>) {
                p[i] = static_cast<T>(1);
            } else {
                const double u = (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53, v = static_cast<double>(next() >> 11) * 0x1p-53;
                p[i] = T(static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v)));
            }
        }
    });
    return a;
}

// A picture as the input wants it: [N,C,H,W] or [N,H,W,C] (or without N), float or uint8, its size or the picture's own.
Array picture(const std::string& path, const TensorSignature& input, std::optional<Shape> wanted, const Arguments& args) {
    const Picture pixels = read_picture(path);
    const auto width = static_cast<int64_t>(pixels.width), height = static_cast<int64_t>(pixels.height);
    Shape shape = wanted ? *wanted : input.shape;
    check(wanted || input.has_shape, "input \"", input.name, "\": its rank is not known; give --shape ", input.name, "=1,3,H,W");
    const size_t rank = shape.rank();
    check(rank == 3 || rank == 4, "input \"", input.name, "\" has shape ", shape, ": a picture needs 3 or 4 axes");
    check(input.dtype == DType::f32 || input.dtype == DType::u8, "input \"", input.name, "\" is ", numpy_name(input.dtype),
          ": a picture becomes float32 or uint8");
    if (rank == 4 && shape[0] < 0) shape[0] = 1;
    const size_t first = rank - 3;
    const auto is_count = [](int64_t c) { return c == 1 || c == 3; };
    const bool last = !is_count(shape[first]) && is_count(shape[first + 2]);
    check(last || is_count(shape[first]) || shape[first] < 0, "input \"", input.name, "\" has shape ", shape, ": neither axis ", first, " nor axis ",
          first + 2, " can be the channels of a picture");
    const size_t c_axis = last ? first + 2 : first, h_axis = last ? first : first + 1;
    if (shape[c_axis] < 0) shape[c_axis] = 3;
    if (shape[h_axis] < 0) shape[h_axis] = height;
    if (shape[h_axis + 1] < 0) shape[h_axis + 1] = width;
    check(rank == 3 || shape[0] == 1, "input \"", input.name, "\" has a batch of ", shape[0], ": one picture was given");
    check(shape.addressable() && shape.count() < (int64_t{1} << 30), "input \"", input.name, "\" of shape ", shape, " is too large for a picture");
    const size_t c = static_cast<size_t>(shape[c_axis]), w = pixels.width, h = pixels.height, from = pixels.channels;
    xt::xtensor<float, 3> image = xt::xtensor<float, 3>::from_shape({h, w, c});
    for (size_t i = 0; i < h * w; ++i) {
        const uint8_t* p = pixels.pixels.data() + i * from;
        const float r = p[0], g = from >= 3 ? p[1] : p[0], b = from >= 3 ? p[2] : p[0];  // an alpha channel is left out
        float* to = image.data() + i * c;
        if (c == 1) {
            to[0] = from >= 3 ? 0.299f * r + 0.587f * g + 0.114f * b : r;
        } else {
            to[0] = args.bgr ? b : r;
            to[1] = g;
            to[2] = args.bgr ? r : b;
        }
    }
    image = lite::resize(image, static_cast<size_t>(shape[h_axis]), static_cast<size_t>(shape[h_axis + 1]));
    const auto per_channel = [&](const std::vector<std::string>& given, std::string_view option, float fallback) {
        std::vector<float> v(c, fallback);
        if (given.empty()) return v;
        const std::vector<double> n = numbers(given.back(), option);
        use_check(n.size() == 1 || n.size() == c, option, " ", given.back(), ": 1 or ", c, " numbers are expected");
        for (size_t i = 0; i < c; ++i) v[i] = static_cast<float>(n[n.size() == 1 ? 0 : i]);
        return v;
    };
    const std::vector<float> mean = per_channel(args.mean, "--mean", 0.f), deviation = per_channel(args.deviation, "--std", 1.f);
    for (float d : deviation) use_check(d != 0, "--std: a deviation of 0");
    image = normalise(xt::xtensor<float, 3>(image), mean, deviation);
    if (!last) image = hwc_to_chw(image);
    Array a = Array::zeros(input.dtype, shape);
    for (size_t i = 0; i < image.size(); ++i) {
        if (input.dtype == DType::u8) a.mutable_data()[i] = static_cast<std::byte>(std::lround(std::clamp(image.data()[i], 0.f, 255.f)));
        else std::memcpy(a.mutable_data() + i * 4, image.data() + i, 4);
    }
    return a;
}

// The largest |got - want|, and whether every element is within atol + rtol * |want|. NaN equals NaN.
struct Difference {
    double largest = 0;
    bool within = true;
    std::string why;
};
Difference difference(const Array& got, const Array& want, const Arguments& args) {
    Difference d;
    const auto differs = [&](std::string why) {
        d.largest = NAN;
        d.within = false;
        d.why = std::move(why);
        return d;
    };
    if (!(got.shape() == want.shape())) return differs(text("the shape is ", got.shape(), ", expected ", want.shape()));
    if (is_object(got.dtype()) || is_object(want.dtype())) {
        if (got.dtype() != want.dtype()) return differs(text("it is of type ", numpy_name(got.dtype()), ", expected ", numpy_name(want.dtype())));
        if (got.dtype() == DType::string) {
            for (int64_t i = 0; i < got.count(); ++i)
                if (strings_of(got)[i] != strings_of(want)[i]) return differs(text("element ", i, " is '", strings_of(got)[i], "', expected '", strings_of(want)[i], "'"));
            return d;
        }
        const Items &g = items_of(got), &w = items_of(want);
        if (g.size() != w.size()) return differs(text("it holds ", g.size(), " values, expected ", w.size()));
        for (size_t i = 0; i < g.size() && d.within; ++i) {
            const Difference item = difference(g[i], w[i], args);
            if (!item.within) d.why = text("value ", i, ": ", item.why);
            d.within = item.within;
            if (!(item.largest <= d.largest)) d.largest = item.largest;
        }
        return d;
    }
    const auto g = got.values<double>(), w = want.values<double>();
    for (size_t i = 0; i < g.size(); ++i) {
        if (g[i] == w[i] || (std::isnan(g[i]) && std::isnan(w[i]))) continue;
        const double e = std::abs(g[i] - w[i]);
        if (!(e <= args.atol + args.rtol * std::abs(w[i])) && d.within) {
            d.within = false;
            d.why = text("element ", i, " is ", g[i], ", expected ", w[i]);
        }
        if (!(e <= d.largest)) d.largest = e;
    }
    return d;
}
json number_or_null(double v) { return std::isfinite(v) ? json(v) : json(nullptr); }

size_t peak_rss_bytes() {
#if defined(__linux__)  // ru_maxrss would count what the process that started this one held when it did
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0) return std::stoull(line.substr(6)) * 1024;
#endif
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
#if defined(__APPLE__)
    return static_cast<size_t>(u.ru_maxrss);
#else
    return static_cast<size_t>(u.ru_maxrss) * 1024;
#endif
}

// What this process holds in memory now; 0 if the system does not tell.
size_t resident_bytes() {
    std::ifstream f("/proc/self/statm");
    size_t pages = 0, resident = 0;
    return f >> pages >> resident ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::string file_name_of(std::string name) {
    for (char& c : name)
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')) c = '_';
    return name;
}

// Values by the names that the model gives them: a .npz file, or a folder of .npy files named as --output-dir spells names.
class NamedReference {
public:
    explicit NamedReference(const std::string& path) : folder_(fs::is_directory(path) ? path : std::string()) {
        if (!folder_.empty()) return;
        check(has_suffix(path, ".npz"), path, " is neither a folder nor a .npz file: --compare-with wants the values of a reference by their names");
        for (auto& [name, a] : load_npz_arrays(path)) arrays_.insert_or_assign(std::move(name), std::move(a));
    }
    // An empty array where there is none of that name.
    const Array& find(const std::string& name, DType dtype) {
        auto it = arrays_.find(name);
        if (it == arrays_.end()) {
            const std::string file = folder_.empty() ? std::string() : (fs::path(folder_) / (file_name_of(name) + ".npy")).string();
            it = arrays_.emplace(name, !file.empty() && fs::exists(file) ? load_value(file, dtype) : Array()).first;
        }
        return it->second;
    }

private:
    std::string folder_;
    std::map<std::string, Array> arrays_;
};

// What the nodes of a run make, compared with a reference, in their order.
struct Comparison {
    size_t compared = 0;
    std::string node, value, why;  // of the first that is outside the tolerance, if there is one
    double largest = 0;            // difference of that
    json to_json() const {
        json j{{"compared", compared}, {"within", why.empty()}};
        if (!why.empty()) j["first"] = {{"node", node}, {"value", value}, {"reason", why}, {"max_abs_error", number_or_null(largest)}};
        return j;
    }
};
Comparison compare(const Graph& graph, const SessionOptions& options, const std::vector<Array>& inputs, NamedReference& reference, const Arguments& args) {
    Session session(graph, options);
    Comparison c;
    session.observe([&](const Step& step, std::span<const TensorView>, std::span<const TensorView> outputs) {
        const Plan& plan = session.plan();
        const Node& n = plan.graph.nodes[step.node];
        for (size_t o = 0; o < outputs.size(); ++o) {
            if (n.outputs[o] == kNoValue) continue;
            const std::string& name = plan.graph.value(n.outputs[o]).name;
            const Array& want = reference.find(name, outputs[o].dtype);
            if (!want) continue;
            ++c.compared;
            if (!c.why.empty()) continue;
            const Difference d = difference(dense_array(outputs[o], *plan.bricks), want, args);
            if (d.within) continue;
            c.node = text(n);
            c.value = name;
            c.why = d.why;
            c.largest = d.largest;
        }
    });
    session.run(inputs);
    return c;
}

void print_info(const Session& session, const Graph& as_read, const Arguments& args, double load_ms, const std::string& missing) {
    std::vector<std::pair<std::string_view, int>> counts;
    for (const Node& n : as_read.nodes) {
        auto it = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == n.op->name; });
        if (it == counts.end()) counts.emplace_back(n.op->name, 1);
        else ++it->second;
    }
    std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second || (a.second == b.second && a.first < b.first); });
    size_t constants = 0;
    for (const Value& v : as_read.values)
        if (v.is_constant()) constants += v.constant.bytes();
    if (args.as_json) {
        json j = {{"model", args.model},     {"opset", as_read.opset},     {"nodes", as_read.nodes.size()}, {"constants_bytes", constants},
                  {"inputs", json::array()}, {"outputs", json::array()}, {"load_ms", load_ms}};
        for (const auto& [name, n] : counts) j["operators"][std::string(name)] = n;
        for (const TensorSignature& t : session.inputs()) j["inputs"].push_back({{"name", t.name}, {"dtype", numpy_name(t.dtype)}, {"shape", shape_json(t)}});
        for (const TensorSignature& t : session.outputs())
            j["outputs"].push_back({{"name", t.name}, {"dtype", numpy_name(t.dtype)}, {"shape", shape_json(t)}});
        if (missing.empty()) {
            const Plan& p = session.plan();
            for (const Step& step : p.steps) {
                const Node& n = p.graph.nodes[step.node];
                j["steps"].push_back({{"node", n.name}, {"operator", n.op->name}, {"kernel", kernel_name(step, p.graph)}, {"layout", layouts_of(step)},
                                      {p.choices[step.node].get().measured ? "measured_ns" : "predicted_ns", step.predicted_ns}});
            }
        }
        std::printf("%s\n", j.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
        return;
    }
    std::printf("%s: opset %d, %zu nodes, %zu bytes of constants\n", args.model.c_str(), as_read.opset, as_read.nodes.size(), constants);
    for (const TensorSignature& t : session.inputs())
        std::printf("input  \"%s\" %s %s\n", t.name.c_str(), std::string(numpy_name(t.dtype)).c_str(), shape_text(t).c_str());
    for (const TensorSignature& t : session.outputs())
        std::printf("output \"%s\" %s %s\n", t.name.c_str(), std::string(numpy_name(t.dtype)).c_str(), shape_text(t).c_str());
    for (const auto& [name, n] : counts) std::printf("%6d %s\n", n, std::string(name).c_str());
    if (missing.empty()) std::printf("\n%s", explain(session).c_str());
    else std::printf("\nwhich kernels run depends on the shapes: add%s\n", missing.c_str());
}

// The operators of a graph and its bodies.
void collect_operators(const Graph& g, std::vector<std::string>& names) {
    for (const Node& n : g.nodes) {
        names.push_back(n.op->name == "Shape" ? "ShapeOf" : std::string(n.op->name));
        for (const auto& [key, value] : n.attributes)
            if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&value); body && *body) collect_operators(**body, names);
    }
}
// What a model needs, without running it. Exit status 2 if nodes of it cannot run.
int check_model(const Arguments& args) {
    ModelBytes bytes = open_model(args.model);
    if (const auto prepared = open_prepared(bytes)) bytes = prepared->model;
    json j{{"model", args.model}, {"unsupported", json::array()}, {"reference_only", json::array()}, {"operators", json::array()}};
    const auto finish = [&](int status) {
        if (args.as_json) std::printf("%s\n", j.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
        return status;
    };
    if (!is_mge(bytes.text())) {
        const std::vector<UnsupportedNode> missing = check_onnx(without_padding(bytes));
        for (const UnsupportedNode& n : missing) {
            std::printf("cannot run: %s\n", text(n).c_str());
            j["unsupported"].push_back({{"op", n.op}, {"domain", n.domain}, {"opset", n.opset}, {"node", n.node}, {"reason", n.reason}});
        }
        if (!missing.empty()) return finish(cannot_use);
    }
    const Graph graph = read_model(bytes);
    std::vector<std::string> names{"Relayout"};  // passes and the plan may want it in any graph
    collect_operators(graph, names);
    Session session(graph);
    std::vector<Shape> shapes;
    for (const TensorSignature& t : session.inputs()) {
        shapes.push_back(t.usual.empty() ? t.shape : t.usual);
        for (size_t k = 0; k < shapes.back().rank(); ++k)
            if (shapes.back()[k] < 0) shapes.back()[k] = k == 0 ? 1 : 64;
    }
    collect_operators(session.graph(), names);
    const Graph* planned = &session.graph();
    std::vector<char> fast(planned->nodes.size(), 0);
    for (size_t i = 0; i < planned->nodes.size(); ++i) fast[i] = !planned->nodes[i].op->rows.empty() || planned->nodes[i].op->traits.view;
    try {  // extents that nobody gave may not fit; then the operators themselves are asked
        session.prepare(shapes);
        planned = &session.plan().graph;
        fast.assign(planned->nodes.size(), 1);  // views have no step
        for (const Step& s : session.plan().steps) fast[s.node] = s.row != nullptr || (s.dynamic && !planned->nodes[s.node].op->rows.empty());
        collect_operators(*planned, names);
    } catch (const Error&) {
    }
    for (size_t i = 0; i < planned->nodes.size(); ++i) {
        const Node& n = planned->nodes[i];
        if (fast[i] || n.op->name == "Relayout" || n.op->traits.control_flow) continue;
        std::printf("reference only: %s\n", text(n).c_str());
        j["reference_only"].push_back({{"op", n.op->name}, {"node", n.name}});
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string list;
    for (const std::string& n : names) {
        append(list, text(list.empty() ? "" : ", ", "lite::", n));
        j["operators"].push_back(n);
    }
    std::printf("all nodes can run\n#define LITE_OPS lite::Ops<%s>\n", list.c_str());
    return finish(right);
}

int run(const Arguments& args) {
    use_check(!args.model.empty(), "the name of the model file is empty");
    if (args.check) return check_model(args);
    use_check(args.threads >= 1 && args.threads <= 1024, "--threads ", args.threads, ": 1 to 1024 are possible");
    use_check(args.warmup >= 0, "--warmup ", args.warmup, ": a number of runs is expected");
    use_check(args.bench_seconds >= 0 && std::isfinite(args.bench_seconds), "--bench-seconds ", args.bench_seconds, ": a time is expected");
    use_check(args.rtol >= 0 && args.atol >= 0, "--rtol and --atol must not be negative");
    SessionOptions options;
    options.threads = args.threads;
    options.isa = args.isa;
    options.measure = args.measure;
    const char* isa_of_environment = std::getenv("LITE_ISA");
    const std::string isa = !args.isa.empty() || !isa_of_environment ? args.isa : isa_of_environment;
    if (!isa.empty()) {
        std::string have;
        for (const Bricks* b : all_bricks()) append(have, text(have.empty() ? "" : ", ", b->name));
        use_check(named_bricks(isa) != nullptr, args.isa.empty() ? "LITE_ISA=" : "--isa ", isa, ": this machine and build have ", have);
    }
    if (args.layout != "auto") {
        LayoutTag tag{};
        std::string have = "auto";
        for (int i = 0; i <= static_cast<int>(LayoutTag::nchw64); ++i) append(have, text(", ", name_of(static_cast<LayoutTag>(i))));
        use_check(parse_layout(args.layout, tag), "--layout ", args.layout, ": the layouts are ", have);
        options.layout = tag;
    }

    const size_t resident_before = resident_bytes();
    const auto start = std::chrono::steady_clock::now();
    ModelBytes model = open_model(args.model);
    options.prepared = open_prepared(model);
    if (options.prepared) model = options.prepared->model;
    const Graph graph = read_model(model);
    Session session(graph, options);
    double load_ms = milliseconds_since(start);
    const std::vector<TensorSignature>& in = session.inputs();
    const std::vector<TensorSignature>& out = session.outputs();
    std::vector<std::optional<Shape>> shapes(in.size());
    for (const Assignment& a : assign_names(args.shapes, in, "--shape", "input", true)) {
        Shape s;
        if (!a.value.empty())
            for (double v : numbers(a.value, "--shape")) {
                use_check(v >= 0 && v == std::floor(v) && v < 1e15 && s.rank() < kMaxRank, "--shape ", in[a.index].name, "=", a.value, " is no shape");
                s.push_back(static_cast<int64_t>(v));
            }
        const TensorSignature& t = in[a.index];
        bool fits = !t.has_shape || t.shape.rank() == s.rank();
        for (size_t i = 0; fits && t.has_shape && i < s.rank(); ++i) fits = t.shape[i] < 0 || t.shape[i] == s[i];
        check(fits, "--shape ", t.name, "=", a.value, ": the model has ", shape_text(t));
        shapes[a.index] = s;
    }
    // The shape of an input of which nothing else is said: a batch of 1 where it is free.
    const auto shape_of_input = [&](size_t i) {
        Shape s = shapes[i] ? *shapes[i] : in[i].usual.empty() ? in[i].shape : in[i].usual;
        if (s.rank() && s[0] < 0) s[0] = 1;
        return s;
    };
    if (args.info) {
        std::vector<Shape> known;  // those for which the kernels are chosen
        std::string missing;
        for (size_t i = 0; i < in.size(); ++i) {
            known.push_back(shape_of_input(i));
            if ((!shapes[i] && !in[i].has_shape) || !known[i].known()) append(missing, text(" --shape ", in[i].name, "=..."));
        }
        if (missing.empty()) session.prepare(known);
        print_info(session, graph, args, milliseconds_since(start), missing);
        return right;
    }
    if (!args.save.empty()) {
        const bool mge = has_suffix(args.save, ".mge");
        use_check(mge || has_suffix(args.save, ".onnx"), "--save ", args.save, ": a name that ends in .mge or .onnx is expected");
        Graph g = graph;
        if (mge && (options.layout || options.measure)) {  // with the layouts that are chosen
            std::vector<Shape> known;
            for (size_t i = 0; i < in.size(); ++i) known.push_back(shape_of_input(i));
            session.prepare(known);
            g = session.portable_graph();
        }
        for (size_t i = 0; i < in.size(); ++i)
            if (shapes[i]) {
                g.value(g.inputs[i]).shape = g.value(g.inputs[i]).usual = *shapes[i];
                g.value(g.inputs[i]).has_shape = true;
            }
        if (mge) write_mge(g, args.save, args.mge_version);
        else write_onnx(g, args.save);
        return right;
    }
    std::vector<Array> inputs(in.size());
    std::vector<std::string> sources(in.size(), "noise");
    for (const Assignment& a : assign_names(args.inputs, in, "--input", "input", false)) {
        sources[a.index] = a.value;
        inputs[a.index] = is_value_file(a.value) ? load_value(a.value, in[a.index].dtype) : picture(a.value, in[a.index], shapes[a.index], args);
        check(!shapes[a.index] || *shapes[a.index] == inputs[a.index].shape(), a.value, " has shape ", inputs[a.index].shape(), ", --shape says ",
              shapes[a.index] ? *shapes[a.index] : Shape());
        check(inputs[a.index].dtype() == in[a.index].dtype, a.value, " holds ", numpy_name(inputs[a.index].dtype()), ", input \"", in[a.index].name,
              "\" is ", numpy_name(in[a.index].dtype));
    }
    for (size_t i = 0; i < in.size(); ++i) {
        if (inputs[i]) continue;
        if (in[i].dtype == DType::optional) {
            inputs[i] = make_items(DType::optional, {});
            sources[i] = "absent";
            continue;
        }
        use_check(!is_object(in[i].dtype), "input \"", in[i].name, "\" is of type ", numpy_name(in[i].dtype), ", which cannot be made up; give --input ", in[i].name,
                  "=FILE", in[i].dtype == DType::string ? ".npy" : ".pb");
        const Shape s = shape_of_input(i);
        use_check(shapes[i] || in[i].has_shape, "input \"", in[i].name, "\": its rank is not known; give --shape ", in[i].name, "=...");
        for (size_t k = 0; k < s.rank(); ++k)
            use_check(s[k] >= 0, "input \"", in[i].name, "\" has shape ", shape_text(in[i]), ": axis ", k, " is not known; give --shape ", in[i].name, "=",
                      s.rank() == 4 ? "1,3,H,W" : "...", " or --input ", in[i].name, "=FILE");
        try {
            inputs[i] = made_up(in[i].dtype, s, i + 1);
        } catch (const Error& e) {
            fail("input \"", in[i].name, "\" of shape ", s, ": ", e.message());
        }
        if (!is_float(in[i].dtype)) sources[i] = "ones";
    }
    const std::vector<Assignment> expected = assign_names(args.expected, out, "--expect", "output", false);
    std::vector<Array> wanted;
    for (const Assignment& e : expected) wanted.push_back(load_value(e.value, out[e.index].dtype));

    std::vector<TensorView> views;
    std::vector<Shape> input_shapes;
    for (Array& a : inputs) {
        views.push_back({a.mutable_data(), a.dtype(), a.shape(), LayoutTag::nchw});
        input_shapes.push_back(a.shape());
    }
    const auto plan_start = std::chrono::steady_clock::now();
    session.prepare(input_shapes);
    load_ms += milliseconds_since(plan_start);

    // At least one run; then until the time is over.
    for (int i = 0; i < args.warmup; ++i) session.run(views);
    const bool progress = isatty(2) && args.bench_seconds >= 2;
    std::vector<double> times;
    size_t runs = 0, every = 1;  // a million of times are kept, of more runs evenly spaced ones
    constexpr size_t most_times = 1 << 20;
    double fastest = INFINITY;
    const auto bench = std::chrono::steady_clock::now();
    double shown = 0;
    do {
        const auto one = std::chrono::steady_clock::now();
        session.run(views);
        const double took = milliseconds_since(one);
        fastest = std::min(fastest, took);
        if (runs++ % every == 0) times.push_back(took);
        if (times.size() == most_times) {
            for (size_t i = 0; i < most_times / 2; ++i) times[i] = times[2 * i];
            times.resize(most_times / 2);
            every *= 2;
        }
        const double seconds = milliseconds_since(bench) / 1e3;
        if (progress && seconds - shown > 0.5) {
            shown = seconds;
            std::fprintf(stderr, "\rrun %zu, %.0f of %.0f s ", runs, seconds, args.bench_seconds);
        }
    } while (milliseconds_since(bench) < args.bench_seconds * 1e3);
    if (progress) std::fprintf(stderr, "\r%40s\r", "");
    std::sort(times.begin(), times.end());
    const auto quantile = [&](double q) {
        const double at = q * static_cast<double>(times.size() - 1);
        const size_t k = static_cast<size_t>(at), next = std::min(k + 1, times.size() - 1);
        return times[k] + (times[next] - times[k]) * (at - static_cast<double>(k));
    };

    if (!args.profile.empty()) {
        session.profile(true);
        session.run(views);
        session.profile(false);
        const double peak = measure_peak_gflops(session.bricks().probe) * args.threads;
        const std::string trace = chrome_trace(session, peak);
        write_file(args.profile, std::as_bytes(std::span(trace.data(), trace.size())));
    }

    // Behind the runs, which pack the weights of bodies of If and Loop.
    if (!args.save_prepared.empty()) write_prepared(args.save_prepared, session.prepared(model));

    std::vector<Array> results;
    for (size_t i = 0; i < out.size(); ++i) {
        const TensorView& v = session.output(i);
        Array a = Array::zeros(v.dtype, v.shape);
        if (a.bytes()) std::memcpy(a.mutable_data(), v.data, a.bytes());
        results.push_back(std::move(a));
    }
    json j;
    j["model"] = args.model;
    j["inputs"] = json::array();
    for (size_t i = 0; i < in.size(); ++i)
        j["inputs"].push_back({{"name", in[i].name}, {"dtype", numpy_name(in[i].dtype)}, {"shape", inputs[i].shape().vector()}, {"source", sources[i]}});
    j["outputs"] = json::array();
    for (size_t i = 0; i < out.size(); ++i)
        j["outputs"].push_back({{"name", out[i].name}, {"dtype", numpy_name(results[i].dtype())}, {"shape", results[i].shape().vector()}});
    j["isa"] = session.bricks().name;
    j["threads"] = args.threads;
    j["layout"] = args.layout;
    j["load_ms"] = load_ms;
    j["latency_ms"] = {{"min", fastest}, {"median", quantile(0.5)}, {"p90", quantile(0.9)}, {"runs", runs}};
    j["arena_bytes"] = session.arena_bytes();
    j["arena_lower_bound_bytes"] = session.plan().arena_lower_bound;
    j["weights_bytes"] = session.weights_bytes();
    j["weights_packed"] = session.weights_packed();

    std::string report = text(args.model, ": ", session.plan().steps.size(), " steps, ", session.bricks().name, ", ", args.threads,
                              args.threads == 1 ? " thread" : " threads", ", load ", load_ms, " ms\n");
    for (size_t i = 0; i < in.size(); ++i)
        append(report, text("input  \"", in[i].name, "\" ", numpy_name(in[i].dtype), " ", inputs[i].shape(), " ", sources[i], "\n"));
    for (size_t i = 0; i < out.size(); ++i) {
        append(report, text("output \"", out[i].name, "\" ", numpy_name(results[i].dtype()), " ", results[i].shape()));
        if (results[i].dtype() == DType::string) {
            if (results[i].count()) append(report, text(" first '", strings_of(results[i])[0], "'"));
        } else if (is_object(results[i].dtype())) {
            append(report, text(" of ", items_of(results[i]).size()));
        } else if (const auto v = results[i].values<double>(); !v.empty()) {
            double sum = 0;
            for (double x : v) sum += x;
            const auto [low, high] = std::minmax_element(v.begin(), v.end());
            append(report, text(" min ", *low, " max ", *high, " mean ", sum / static_cast<double>(v.size())));
        }
        report += '\n';
    }
    append(report, text("latency of ", runs, runs == 1 ? " run" : " runs", ": min ", fastest, ", median ", quantile(0.5), ", p90 ",
                        quantile(0.9), " ms\n"));

    if (!args.output_dir.empty()) {
        std::error_code failed;
        fs::create_directories(args.output_dir, failed);
        check(fs::is_directory(args.output_dir), "the folder ", args.output_dir, " cannot be made");
        for (size_t i = 0; i < out.size(); ++i)
            j["outputs"][i]["file"] = save_value((fs::path(args.output_dir) / text("output_", i, "_", file_name_of(out[i].name))).string(), results[i]);
    }
    bool all_within = true;
    for (size_t e = 0; e < expected.size(); ++e) {
        const Difference d = difference(results[expected[e].index], wanted[e], args);
        const std::string& name = out[expected[e].index].name;
        all_within = all_within && d.within;
        j["max_abs_error"][name] = number_or_null(d.largest);
        j["outputs"][expected[e].index]["max_abs_error"] = number_or_null(d.largest);
        j["expect"].push_back({{"output", name}, {"file", expected[e].value}, {"max_abs_error", number_or_null(d.largest)}, {"within", d.within}});
        append(report, text("expected \"", name, "\": largest error ", d.largest, d.within ? ", within" : ", outside", " atol ", args.atol, " + rtol ", args.rtol, "\n"));
        if (!d.within) std::fprintf(stderr, "lite-run: output \"%s\": %s (%s)\n", name.c_str(), d.why.c_str(), expected[e].value.c_str());
    }
    if (args.check_reference) {
        // The meaning of every operator by its slow reference, nothing fused, nothing packed.
        SessionOptions slow;
        slow.kernels = false;
        slow.optimize.fuse = false;
        if (isatty(2)) std::fprintf(stderr, "computing the reference ...\n");
        Session reference(graph, slow);
        const std::vector<Array> want = reference.run(inputs);
        for (size_t i = 0; i < out.size(); ++i) {
            const Difference d = difference(results[i], want[i], args);
            all_within = all_within && d.within;
            j["check"].push_back({{"output", out[i].name}, {"max_abs_error", number_or_null(d.largest)}, {"within", d.within}});
            append(report, text("checked \"", out[i].name, "\": largest difference from the reference ", d.largest, d.within ? ", within" : ", outside", "\n"));
            if (!d.within) std::fprintf(stderr, "lite-run: output \"%s\" differs from the reference: %s\n", out[i].name.c_str(), d.why.c_str());
        }
    }
    if (!args.compare_with.empty()) {
        // Node by node as the model has them, then as they were fused: that tells a wrong kernel from a wrong fusion.
        NamedReference reference(args.compare_with);
        size_t compared = 0;
        for (const bool fused : {false, true}) {
            SessionOptions o = options;
            if (!fused) o.optimize = {.fold = false, .fuse = false};
            const Comparison c = compare(graph, o, inputs, reference, args);
            const char* how = fused ? "as optimized" : "node by node";
            compared += c.compared;
            all_within = all_within && c.why.empty();
            j["compare"][fused ? "optimized" : "nodes"] = c.to_json();
            append(report, text("compared ", how, ": ", c.compared, " values",
                                c.why.empty() ? std::string(", all within") : text("; the first outside is \"", c.value, "\" of ", c.node, ": ", c.why), "\n"));
            if (!c.why.empty()) std::fprintf(stderr, "lite-run: %s, \"%s\" of %s: %s\n", how, c.value.c_str(), c.node.c_str(), c.why.c_str());
        }
        check(compared > 0, args.compare_with, " has no value of a name that a node of the model makes; \"", out.empty() ? "" : out[0].name, "\" is one");
    }
    j["peak_rss_bytes"] = peak_rss_bytes();
    j["peak_rss_growth_bytes"] = resident_before ? json(peak_rss_bytes() - resident_before) : json();  // over what the program held before the model
    j["within"] = all_within;
    std::fputs(report.c_str(), stdout);
    if (args.as_json) std::printf("%s\n", j.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
    return all_within ? right : expectation_missed;
}

// Runs the body; what it throws becomes a message and an exit status.
template <class F> int guarded(const std::string& model, F&& body) {
    std::string problem;
    try {
        const int code = body();
        if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
        problem = text("the output cannot be written: ", std::strerror(errno));
    } catch (const UseError& e) {
        std::fprintf(stderr, "lite-run: %s\n", e.message.c_str());
        return wrong_use;
    } catch (const Error& e) {
        problem = e.message();
    } catch (const std::bad_alloc&) {
        problem = "out of memory";
    } catch (const std::exception& e) {
        problem = e.what();
    }
    // What is said of a model names its file; what is said of another file, too, as it may be this model that wants it so.
    if (problem.find(model) == std::string::npos) problem = text(model, ": ", problem);
    std::fprintf(stderr, "lite-run: %s\n", problem.c_str());
    return cannot_use;
}

}  // namespace

int main(int argc, char** argv) {
    if (speaks_load_and_run(argc, argv)) return guarded("", [&] { return load_and_run(argc, argv); });
    CLI::App app("Runs a neural network (ONNX, MegEngine) on the CPU, measures it, and compares its outputs with expected ones.", "lite-run");
    app.footer("Exit: 0 all right, 1 wrong use, 2 the model or an input cannot be used, 3 an expectation was missed.\n"
               "The options of MegEngine's load_and_run are understood, too: lite-run MODEL --iter 1 --help");
    Arguments a;
    const auto list = [&](const char* name, std::vector<std::string>& to, const char* what, const char* type) {
        app.add_option(name, to, what)->allow_extra_args(false)->type_name(type);
    };
    app.add_option("model", a.model, "the model file")->required()->type_name("MODEL");
    list("--input", a.inputs, "a .npy file, a .npz or .pb file (sequences, optionals, all types), or a picture (PNG, JPEG, PPM, BMP) for an input; without a name for the next one in order", "[NAME=]FILE");
    list("--shape", a.shapes, "the shape of an input that is filled with noise, or to which a picture is fitted", "NAME=1,3,224,224");
    app.add_option("--output-dir", a.output_dir, "outputs are written there as output_<index>_<name>.npy, sequences, optionals and maps as .pb")->type_name("DIR");
    list("--expect", a.expected, "an output must be |got - want| <= atol + rtol * |want|", "[NAME=]FILE");
    app.add_option("--compare-with", a.compare_with,
                   "values of a reference by their names in the model: finds the first node whose output is outside the tolerance (folder: NAME.npy)")
            ->type_name("FILE.npz|DIR");
    app.add_option("--rtol", a.rtol, "relative tolerance")->capture_default_str();
    app.add_option("--atol", a.atol, "absolute tolerance")->capture_default_str();
    app.add_option("--threads", a.threads, "threads")->capture_default_str();
    app.add_option("--isa", a.isa, "instruction set of the kernels (default: the best that this machine has)")->type_name("NAME");
    app.add_option("--layout", a.layout, "memory layout of images: auto, nchw, nhwc, nchw44, nchw88, ...")->capture_default_str()->type_name("NAME");
    app.add_flag("--measure", a.measure, "choose kernels by timing them at load instead of by their predicted cost");
    app.add_option("--bench-seconds", a.bench_seconds, "run again and again for that long")->type_name("S");
    app.add_option("--warmup", a.warmup, "runs before those that are measured")->capture_default_str()->type_name("N");
    app.add_option("--profile", a.profile, "write a profile of one run as Chrome-trace JSON: an event per step with its kernel, layout, ms, GFLOP/s, share of peak")
            ->type_name("FILE");
    app.add_option("--save-prepared", a.save_prepared, "write the model with the kernels chosen for these shapes and the packed weights: it loads without packing")
            ->type_name("FILE");
    app.add_option("--mean", a.mean, "of pictures, in units of 0 to 255, one number or one per channel: the input is (pixel - mean) / std")
            ->allow_extra_args(false)->type_name("M[,M,M]");
    app.add_option("--std", a.deviation, "see --mean")->allow_extra_args(false)->type_name("D[,D,D]");
    app.add_flag("--bgr", a.bgr, "channels of pictures in the order blue, green, red");
    app.add_option("--save", a.save, "write the model to FILE, .mge or .onnx by its name, and do not run it; --shape fixes extents in it, with "
                                     "--layout or --measure a .mge has the layouts that were chosen")
            ->type_name("FILE");
    app.add_option("--mge-version", a.mge_version, "of a .mge that --save writes: 2, or 1, which older releases of MegEngine read")
            ->check(CLI::Range(1, 2))->capture_default_str()->type_name("N");
    app.add_flag("--info", a.info, "print what the model is and which kernels are chosen, and do not run it");
    app.add_flag("--check", a.check, "say which nodes cannot run and why, which have a slow reference only, and which operators a program needs (LITE_OPS)");
    app.add_flag("--check-reference", a.check_reference, "compare the outputs with those of the slow reference of every operator");
    app.add_flag("--json", a.as_json, "print the results as one JSON object on the last line");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? right : wrong_use;
    }
    return guarded(a.model, [&] { return run(a); });
}
