// lite-run in the words of MegEngine's load_and_run: its options, set on a lite::Network as its users' programs set them.
#include <cmath>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app.h"
#include "lite/format/model.h"
#include "lite/format/npy.h"
#include "lite/format/pack.h"
#include "lite/global.h"
#include "lite/network.h"
#include "lite/pack_model.h"
#include "lite/registries.h"
#include "lite/tensor_data.h"

namespace fs = std::filesystem;
using nlohmann::json;
using namespace lite;

namespace {

struct Asked {
    std::string model, inputs, io_dump, bin_io_dump, bin_out_dump, profile, profile_host, layout_transform, layout_transform_dump,
            static_mem, core_ids, cache, packed_dump, pack_info, pack_cache,
            pack_info_cryption = "NONE", pack_model_cryption = "NONE", model_dump, fitting_dump;
    size_t iter = 10, warmup = 1, runners = 1, threads = 0, threads_default = 0, batch = 0;
    uint32_t shared_batch = 0;
    long long workspace_limit = -1;
    double range = 0;
    bool lite = false, cpu = false, cpu_default = false, share_weights = false, dump_stdout = false, dump_stderr = false,
         optimize = false, fuse_preprocess = false, fuse_bias = false, fuse_z = false, weight_preprocess = false, f16 = false,
         jit = false, const_shape = false, fake_first = false, no_sanity = false, record = false, record2 = false,
         no_memory_plan = false, fast_run = false, full_run = false, reproducible = false, binary_equal = false,
         model_info = false, verbose = false, fitting = false;
    std::set<std::string> layouts;
};

struct LayoutOption {
    const char* name;
    bool Options::*member;
};
constexpr LayoutOption kLayouts[] = {
        {"--enable_nchw4", &Options::enable_nchw4},   {"--enable_nchw44", &Options::enable_nchw44}, {"--enable_nchw88", &Options::enable_nchw88},
        {"--enable_nchw32", &Options::enable_nchw32}, {"--enable_nchw64", &Options::enable_nchw64}, {"--enable_nhwcd4", &Options::enable_nhwcd4},
        {"--enable_nchw44_dot", &Options::enable_nchw44_dot}};

// Options that have no meaning here, and why.
const std::map<std::string, const char*>& refused() {
    static const std::map<std::string, const char*> list = {
            {"cuda", "lite computes on the CPU"},
            {"mdl", "there is one engine here, that of --lite"},
            {"enable_chwn4", "that memory layout is one of GPUs"},
            {"tensorrt", "TensorRT runs on GPUs"},
            {"tensorrt_cache", "TensorRT runs on GPUs"},
            {"copy_to_host", "outputs are in the memory of the host"},
            {"fuse_grain", "there is no such pass; graph_opt_level and jit are what fuses"},
            {"check_dispatch", "it looks into MegEngine's own dispatcher"},
            {"check_var_value", "it compares MegEngine's own variables; --io_dump writes the values"},
            {"disable_assert_throw", "errors are exceptions here"},
            {"wait_gdb", "start the program in the debugger"},
            {"c_opr_lib", "operators of your own are registered in code, by lite::register_operator"},
            {"c_opr_lib_with_param", "operators of your own are registered in code, by lite::register_operator"},
            {"c_opr_init_interface", "operators of your own are registered in code, by lite::register_operator"},
    };
    return list;
}

void declare(CLI::App& app, Asked& a) {
    const auto flag = [&](const char* name, bool& to, const char* what) { app.add_flag(name, to, what); };
    const auto value = [&](const char* name, auto& to, const char* what, const char* type) {
        app.add_option(name, to, what)->type_name(type)->capture_default_str();
    };
    app.add_option("model", a.model, "the model file: .mge, packed, or .onnx")->required()->type_name("MODEL");
    flag("--lite", a.lite, "the interface of lite::Network (always)");
    flag("--cpu", a.cpu, "run on the CPU (always)");
    flag("--cpu_default", a.cpu_default, "in the calling thread (in-place mode)");
    value("--multithread", a.threads, "threads", "N");
    value("--multithread_default", a.threads_default, "threads, in in-place mode", "N");
    value("--multi_thread_core_ids", a.core_ids, "the processor of each thread", "0,1,...");
    value("--iter", a.iter, "measured runs", "N");
    value("--warmup_iter", a.warmup, "runs before them", "N");
    value("--thread", a.runners, "independent runners", "N");
    flag("--share_param_mem", a.share_weights, "runners share one copy of the weights");
    value("--input", a.inputs,
          "NAME:VALUE;... where a value is a file (.npy, .json, PPM, BMP, PNG, JPEG), [numbers], or {shape} for random ones",
          "INPUTS");
    value("--batch_size", a.batch, "first extent of every input", "N");
    value("--io_dump", a.io_dump, "write all values as text", "FILE");
    flag("--io_dump_stdout", a.dump_stdout, "the same, to the standard output");
    flag("--io_dump_stderr", a.dump_stderr, "the same, to the error stream");
    value("--bin_io_dump", a.bin_io_dump, "write each value as a file into an existing folder", "DIR");
    value("--bin_out_dump", a.bin_out_dump, "write the bytes of each output into a folder", "DIR");
    flag("--optimize_for_inference", a.optimize, "auto_optimize_inference");
    flag("--enable_fuse_preprocess", a.fuse_preprocess, "fuse_preprocess");
    flag("--enable_fuse_conv_bias_nonlinearity", a.fuse_bias,
         "fuse activations into convolutions (graph_opt_level 1 and above do)");
    flag("--enable_fuse_conv_bias_with_z", a.fuse_z, "fuse additions into convolutions (graph_opt_level 1 and above do)");
    flag("--weight_preprocess", a.weight_preprocess, "weight_preprocess");
    flag("--enable_ioc16", a.f16, "enable_f16_io_comp");
    flag("--enable_jit", a.jit, "jit_level 1");
    for (const LayoutOption& l : kLayouts)
        app.add_flag_callback(l.name, [&a, &l] { a.layouts.insert(l.name); }, text("memory layout ", std::string_view(l.name).substr(9)));
    value("--layout_transform", a.layout_transform, "choose the layout of every operator by measuring", "cpu");
    value("--layout_transform_dump", a.layout_transform_dump, "write the model with these layouts", "FILE");
    flag("--const_shape", a.const_shape, "const_shape");
    flag("--fake_first", a.fake_first, "fake_next_exec");
    flag("--no_sanity_check", a.no_sanity, "var_sanity_check_first_run = false");
    flag("--record_comp_seq", a.record, "comp_node_seq_record_level 1");
    flag("--record_comp_seq2", a.record2, "comp_node_seq_record_level 2");
    flag("--disable_mem_opt", a.no_memory_plan, "force_dynamic_alloc");
    value("--workspace_limit", a.workspace_limit, "scratch memory that an algorithm may take", "BYTES");
    flag("--fast_run", a.fast_run, "choose by measuring, among optimized algorithms");
    flag("--full_run", a.full_run, "choose by measuring, among all algorithms");
    flag("--reproducible", a.reproducible, "only algorithms that give the same bits in every run");
    flag("--binary_equal_between_batch", a.binary_equal, "only algorithms that compute each sample of a batch alike");
    value("--fast_run_shared_batch_size", a.shared_batch, "measure with that batch", "N");
    value("--fast_run_algo_policy", a.cache, "the measured choices: read if the file exists, else written", "FILE");
    flag("--model_info", a.model_info, "print a table of inputs and outputs");
    flag("--verbose", a.verbose, "print all messages");
    value("--profile", a.profile, "write what every operator took, as JSON", "FILE");
    value("--profile_host", a.profile_host, "the same", "FILE");
    value("--get_static_mem_info", a.static_mem, "write the plan of the memory", "DIR");
    value("--range", a.range, "all outputs must be below that in absolute value", "X");
    value("--packed_model_dump", a.packed_dump, "pack the model", "FILE");
    value("--pack_info_json", a.pack_info, "with that information", "FILE");
    value("--pack_cache", a.pack_cache, "with these measured choices", "FILE");
    value("--pack_info_cryption", a.pack_info_cryption, "how the information is encrypted", "NAME");
    value("--pack_model_cryption", a.pack_model_cryption, "how the model is encrypted", "NAME");
    value("--model_dump", a.model_dump, "write the model itself, unpacked and decrypted", "FILE");
    flag("--fitting", a.fitting, "try sets of options and report the fastest");
    value("--dump_fitting_model", a.fitting_dump, "pack the model with the fastest set", "FILE");
}

// --some-name and --some_name are one.
std::vector<std::string> canonical(int argc, char** argv) {
    std::vector<std::string> out;
    for (int i = 1; i < argc; ++i) {
        std::string s = argv[i];
        if (s.starts_with("--"))
            for (size_t k = 2; k < s.size() && s[k] != '='; ++k)
                if (s[k] == '-') s[k] = '_';
        out.push_back(std::move(s));
    }
    return out;
}
std::string option_name(const std::string& argument) {
    return argument.starts_with("--") ? argument.substr(2, argument.find('=') - 2) : "";
}

using Clock = std::chrono::steady_clock;
double milliseconds_since(Clock::time_point t) { return std::chrono::duration<double, std::milli>(Clock::now() - t).count(); }

// ---- inputs ----

struct Given {
    std::string name;
    Array value;  // empty: random numbers of `shape`
    Shape shape;
    bool is_picture = false;
};
Array array_of(const std::vector<double>& v, const Shape& shape, DType type) {
    Array a = Array::zeros(type, shape);
    visit_dtype(type, [&](auto tag) {
        using T = decltype(tag);
        for (size_t i = 0; i < v.size(); ++i) reinterpret_cast<T*>(a.mutable_data())[i] = static_cast<T>(v[i]);
    });
    return a;
}
Shape shape_in(const std::string& s, char open, char close, std::string_view who) {
    const size_t end = s.find(close);
    use_check(s.size() > 2 && s[0] == open && end != std::string::npos, who, ": '", s, "' is no list in ", open, " and ", close);
    Shape shape;
    for (size_t at = 1; at < end;) {
        size_t stop = std::min(s.find(',', at), end);
        char* rest = nullptr;
        const std::string part = s.substr(at, stop - at);
        const long long v = std::strtoll(part.c_str(), &rest, 10);
        use_check(!part.empty() && *rest == '\0' && v > 0 && shape.rank() < kMaxRank, who, ": '", s, "' is no shape");
        shape.push_back(v);
        at = stop + 1;
    }
    return shape;
}
Array numbers_in(const std::string& s, std::string_view who) {
    const json j = json::parse(s, nullptr, false);
    use_check(!j.is_discarded() && j.is_array(), who, ": '", s, "' is no list of numbers");
    std::vector<double> v;
    Shape shape;
    const std::function<void(const json&, size_t)> walk = [&](const json& x, size_t depth) {
        if (x.is_number()) {
            use_check(v.empty() || shape.rank() == depth, who, ": '", s, "': numbers stand beside lists");
            return v.push_back(x.get<double>());
        }
        use_check(x.is_array() && depth < kMaxRank, who, ": '", s, "' is no list of numbers");
        if (shape.rank() == depth) {
            use_check(v.empty(), who, ": '", s, "': numbers stand beside lists");
            shape.push_back(static_cast<int64_t>(x.size()));
        }
        use_check(shape[depth] == static_cast<int64_t>(x.size()), who, ": '", s, "': the lists differ in length");
        for (const json& e : x) walk(e, depth + 1);
    };
    walk(j, 0);
    use_check(static_cast<int64_t>(v.size()) == shape.count(), who, ": '", s, "': numbers stand beside lists");
    return array_of(v, shape, DType::f32);
}
// {"shape": [...], "type": "float32", "raw": [...]}, for one input or under the names of inputs.
std::vector<Given> json_in(const std::string& name, const std::string& path) {
    std::ifstream f(path);
    check(f.good(), "failed to open '", path, "'");
    const json j = json::parse(f, nullptr, false);
    check(!j.is_discarded() && j.is_object(), path, " is no JSON object");
    std::vector<Given> out;
    const auto one = [&](const std::string& of, const json& x) {
        check(x.is_object() && x.contains("shape") && x["shape"].is_array() && (x.contains("raw") || x.contains("data")), path,
              ": an input needs \"shape\" and \"raw\"");
        Shape shape;
        for (const json& d : x["shape"]) {
            check(d.is_number_integer() && d.get<int64_t>() >= 0 && shape.rank() < kMaxRank, path,
                  ": \"shape\" is no list of extents");
            shape.push_back(d.get<int64_t>());
        }
        const std::string type = x.value("type", "float32");
        const std::map<std::string, DType> types = {{"float32", DType::f32}, {"float16", DType::f16}, {"int32", DType::i32},
                                                    {"int16", DType::i16},   {"int8", DType::i8},     {"uint8", DType::u8},
                                                    {"uint16", DType::u16}};
        check(types.contains(type), path, ": \"type\" is \"", type,
              "\"; float32, float16, int32, int16, int8, uint8 and uint16 are known");
        std::vector<double> v;
        for (const json& e : x.contains("raw") ? x["raw"] : x["data"]) {
            check(e.is_number(), path, ": \"raw\" is no list of numbers");
            v.push_back(e.get<double>());
        }
        check(shape.addressable() && static_cast<int64_t>(v.size()) == shape.count(), path, ": ", v.size(),
              " numbers for the shape ", shape);
        out.push_back({of, array_of(v, shape, types.at(type)), shape});
    };
    if (j.contains("shape"))
        one(name, j);
    else
        for (const auto& [of, x] : j.items()) one(of, x);
    return out;
}
std::vector<Given> parse_inputs(const std::string& s) {
    std::vector<Given> out;
    for (size_t at = 0; at < s.size();) {
        size_t end = at, depth = 0;
        for (; end < s.size() && (s[end] != ';' || depth); ++end)
            depth += (s[end] == '[' || s[end] == '{') ? 1 : 0, depth -= (s[end] == ']' || s[end] == '}') && depth ? 1 : 0;
        const std::string item = s.substr(at, end - at);
        at = end + 1;
        if (item.empty()) continue;
        const size_t bracket = item.find_first_of("[{"), colon = item.rfind(':', bracket);
        const std::string name = colon == std::string::npos ? "" : item.substr(0, colon),
                          value = colon == std::string::npos ? item : item.substr(colon + 1);
        use_check(!value.empty(), "--input ", item, ": there is nothing behind the name");
        if (value[0] == '{') {
            out.push_back({name, {}, shape_in(value, '{', '}', "--input")});
        } else if (value[0] == '[') {
            out.push_back({name, numbers_in(value, "--input"), {}});
        } else if (value.ends_with(".npy")) {
            out.push_back({name, load_npy_array(value), {}});
        } else if (value.ends_with(".json")) {
            for (Given& g : json_in(name, value)) out.push_back(std::move(g));
        } else {
            const Picture p = read_picture(value);
            Array a = Array::zeros(DType::u8, {1, static_cast<int64_t>(p.height), static_cast<int64_t>(p.width),
                                               static_cast<int64_t>(p.channels)});
            std::memcpy(a.mutable_data(), p.pixels.data(), p.pixels.size());
            out.push_back({name, std::move(a), {}, true});
        }
    }
    return out;
}
Array converted(const Array& a, DType type) {
    if (a.dtype() == type) return a;
    return array_of(a.values<double>(), a.shape(), type);
}
// Pixels for an input of planes.
Array planes_of(const Array& pixels) {
    const Shape& s = pixels.shape();
    Array a = Array::zeros(pixels.dtype(), {1, s[3], s[1], s[2]});
    const int64_t n = s[1] * s[2];
    for (int64_t i = 0; i < n; ++i)
        for (int64_t c = 0; c < s[3]; ++c) a.mutable_data()[c * n + i] = pixels.data()[i * s[3] + c];
    return a;
}
void fill_random(Tensor& t, uint32_t seed) {
    const Layout l = t.get_layout();
    std::mt19937 g(seed);
    const size_t n = t.get_tensor_total_size_in_byte() / l.get_elem_size();
    void* p = t.get_memory_ptr();
    if (l.data_type == LITE_FLOAT) {
        std::uniform_real_distribution<float> u(-1.f, 1.f);
        for (size_t i = 0; i < n; ++i) static_cast<float*>(p)[i] = u(g);
    } else if (l.data_type == LITE_UINT8 || l.data_type == LITE_INT8) {
        for (size_t i = 0; i < n; ++i) static_cast<uint8_t*>(p)[i] = static_cast<uint8_t>(g() >> 24);
    } else {
        t.fill_zero();
    }
}
// `infos` are those of the model: what is given is brought to their types, and named where there is no name.
struct Feed {
    std::vector<IO> ios;
    std::vector<Array> values;  // empty: random numbers
};
Feed make_feed(const Asked& a, const NetworkIO& infos) {
    Feed feed;
    for (const IO& io : infos.inputs) {
        feed.ios.push_back(io);
        feed.values.emplace_back();
        Layout& l = feed.ios.back().config_layout;
        if (l.ndim && a.batch) l.shapes[0] = a.batch;
    }
    size_t next = 0;
    for (Given& g : parse_inputs(a.inputs)) {
        size_t i = 0;
        while (i < feed.ios.size() && feed.ios[i].name != g.name) ++i;
        if (g.name.empty()) i = next++;
        std::string have;
        for (const IO& io : infos.inputs) append(have, text(have.empty() ? "" : ", ", "\"", io.name, "\""));
        use_check(i < feed.ios.size(), "--input: there is no input \"", g.name, "\"; the model has ", have);
        const Layout model = infos.inputs[i].config_layout;
        const DType type = model.ndim ? to_dtype(model.data_type) : g.value ? g.value.dtype() : DType::f32;
        if (g.is_picture && model.ndim == 4 && model.shapes[1] == static_cast<size_t>(g.value.shape()[3]) &&
            model.shapes[3] != model.shapes[1])
            g.value = planes_of(g.value);
        if (g.value) {
            feed.values[i] = converted(g.value, type);
            if (model.ndim && g.value.shape().rank() == 1 && model.ndim != 1) {  // a flat list for the shape of the model
                const Shape s = to_shape(feed.ios[i].config_layout);
                if (s.count() == g.value.count()) {
                    Array shaped = Array::zeros(type, s);
                    std::memcpy(shaped.mutable_data(), feed.values[i].data(), shaped.bytes());
                    feed.values[i] = shaped;
                }
            }
            feed.ios[i].config_layout = to_layout(feed.values[i].shape(), type, "an input");
        } else {
            feed.ios[i].config_layout = to_layout(g.shape, type, "an input");
        }
    }
    return feed;
}

// ---- one runner ----

struct Timing {
    double load = 0;
    std::vector<double> warmup, runs;
};
double average(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += x;
    return v.empty() ? 0 : sum / static_cast<double>(v.size());
}

Config config_of(const Asked& a) {
    Config c;
    Options& o = c.options;
    c.auto_optimize_inference = a.optimize;
    o.fuse_preprocess = a.fuse_preprocess;
    o.weight_preprocess = a.weight_preprocess;
    o.enable_f16_io_comp = a.f16;
    o.jit_level = a.jit ? 1 : 0;
    o.const_shape = a.const_shape;
    o.fake_next_exec = a.fake_first;
    o.var_sanity_check_first_run = !(a.no_sanity || a.record2);
    o.comp_node_seq_record_level = a.record2 ? 2 : a.record ? 1 : 0;
    o.force_dynamic_alloc = a.no_memory_plan;
    for (const LayoutOption& l : kLayouts)
        if (a.layouts.contains(l.name)) o.*l.member = true;
    return c;
}
LiteAlgoSelectStrategy strategy_of(const Asked& a) {
    int s = 0;
    if (a.fast_run) s |= LITE_ALGO_PROFILE | LITE_ALGO_OPTIMIZED;
    if (a.full_run) s |= LITE_ALGO_PROFILE;
    if (a.reproducible) s |= LITE_ALGO_REPRODUCIBLE | (a.fast_run || a.full_run ? 0 : LITE_ALGO_HEURISTIC);
    return static_cast<LiteAlgoSelectStrategy>(s);
}
std::vector<size_t> core_ids(const Asked& a, size_t threads) {
    std::vector<size_t> ids;
    if (a.core_ids.empty()) return ids;
    for (size_t at = 0; at <= a.core_ids.size();) {
        const size_t end = std::min(a.core_ids.find(',', at), a.core_ids.size());
        const std::string part = a.core_ids.substr(at, end - at);
        use_check(!part.empty() && part.find_first_not_of("0123456789") == std::string::npos && part.size() < 5,
                  "--multi_thread_core_ids ", a.core_ids, ": '", part, "' is no number of a processor");
        ids.push_back(std::stoul(part));
        at = end + 1;
    }
    use_check(ids.size() == threads, "--multi_thread_core_ids ", a.core_ids, ": ", ids.size(), " processors for ", threads,
              " threads");
    return ids;
}
void pin(size_t core) {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (core < CPU_SETSIZE) CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        std::fprintf(stderr, "lite-run: processor %zu cannot be used: %s\n", core, std::strerror(errno));
#else
    std::fprintf(stderr, "lite-run: threads cannot be bound to processor %zu on this system\n", core);
#endif
}

// A file that is printed when it is done.
struct Spool {
    std::string path;
    std::FILE* to = nullptr;
    explicit Spool(std::FILE* f) : to(f) {
        path = (fs::temp_directory_path() / "lite-run-XXXXXX").string();
        const int fd = ::mkstemp(path.data());
        check(fd >= 0, "no file can be made in the folder for temporary files: ", std::strerror(errno));
        std::fclose(::fdopen(fd, "w"));
    }
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool() {
        std::ifstream f(path);
        for (std::string line; std::getline(f, line);) std::fprintf(to, "%s\n", line.c_str());
        std::remove(path.c_str());
    }
};

class Runner {
public:
    // Loads; `weights_of`: another runner whose weights are shared, or null.
    Runner(const Asked& a, const Feed& feed, const Runner* weights_of) : a_(a) {
        NetworkIO io;
        io.inputs = feed.ios;
        network = std::make_shared<Network>(config_of(a), io);
        const size_t threads = std::max<size_t>({a.threads, a.threads_default, 1});
        if (threads > 1) Runtime::set_cpu_threads_number(network, threads);
        if (a.cpu_default || a.threads_default) Runtime::set_cpu_inplace_mode(network);
        const LiteAlgoSelectStrategy strategy = strategy_of(a);
        if (strategy || a.shared_batch || a.binary_equal)
            Runtime::set_network_algo_policy(network, strategy, a.shared_batch, a.binary_equal);
        if (!a.layout_transform.empty()) Runtime::enable_global_layout_transform(network);
        if (!a.profile.empty() || !a.profile_host.empty())
            network->enable_profile_performance(a.profile.empty() ? a.profile_host : a.profile);
        if (!a.io_dump.empty()) Runtime::enable_io_txt_dump(network, a.io_dump);
        if (a.dump_stdout || a.dump_stderr)
            Runtime::enable_io_txt_dump(network, spool_.emplace(a.dump_stdout ? stdout : stderr).path);
        if (!a.bin_io_dump.empty()) Runtime::enable_io_bin_dump(network, a.bin_io_dump);
        const auto start = Clock::now();
        if (weights_of)
            Runtime::shared_weight_with_network(network, weights_of->network);
        else
            network->load_model(a.model);
        time.load = milliseconds_since(start);
        if (a.workspace_limit >= 0) Runtime::set_network_algo_workspace_limit(network, static_cast<size_t>(a.workspace_limit));
        if (const auto ids = core_ids(a, threads); !ids.empty())
            Runtime::set_runtime_thread_affinity(network, [ids](int id) { pin(ids[static_cast<size_t>(id)]); });
        if (!a.static_mem.empty()) network->get_static_memory_alloc_info(a.static_mem);
        for (size_t i = 0; i < feed.ios.size(); ++i) {
            const auto t = network->get_io_tensor(feed.ios[i].name, LITE_INPUT);
            Layout l = t->get_layout();  // a packed model may have said it
            use_check(l.ndim > 0, "the shape of the input \"", feed.ios[i].name, "\" is not known; give --input ",
                      feed.ios[i].name, ":{1,3,H,W} or a file");
            if (feed.ios[i].config_layout.ndim == 0 && a.batch) {
                l.shapes[0] = a.batch;
                t->set_layout(l);
            }
            if (feed.values[i])
                std::memcpy(t->get_memory_ptr(), feed.values[i].data(), feed.values[i].bytes());
            else
                fill_random(*t, static_cast<uint32_t>(i + 1));
        }
    }
    void run() {
        const auto once = [&] {
            const auto start = Clock::now();
            network->forward();
            network->wait();
            return milliseconds_since(start);
        };
        for (size_t i = 0; i < a_.warmup; ++i) time.warmup.push_back(once());
        for (size_t i = 0; i < a_.iter; ++i) time.runs.push_back(once());
    }
    void report(size_t id) const {
        std::printf("load model: %.3f ms\n", time.load);
        for (size_t i = 0; i < time.warmup.size(); ++i) std::printf("warm up %zu: %.3f ms\n", i, time.warmup[i]);
        for (size_t i = 0; i < time.runs.size(); ++i) std::printf("iter %zu/%zu: %.3f ms\n", i, time.runs.size(), time.runs[i]);
        if (time.runs.empty()) return;
        const double mean = average(time.runs);
        double squares = 0;
        for (double t : time.runs) squares += (t - mean) * (t - mean);
        const auto [low, high] = std::minmax_element(time.runs.begin(), time.runs.end());
        std::printf("=== finished test #%zu: time=%.3f ms avg_time=%.3f ms standard_deviation=%.3f ms min=%.3f ms max=%.3f ms\n",
                    id, mean * static_cast<double>(time.runs.size()), mean,
                    std::sqrt(squares / static_cast<double>(time.runs.size())), *low, *high);
    }
    // Prints the outputs; false if one leaves --range.
    bool outputs() const {
        bool within = true;
        for (size_t i = 0; i < network->get_all_output_name().size(); ++i) {
            const auto t = network->get_output_tensor(i);
            const Layout l = t->get_layout();
            Array v = Array::zeros(to_dtype(l.data_type), to_shape(l));
            std::memcpy(v.mutable_data(), t->get_memory_ptr(), v.bytes());
            std::printf("output \"%s\" %s", network->get_output_name(i).c_str(), text(v.dtype(), v.shape()).c_str());
            const std::vector<double> x = v.values<double>();
            if (!x.empty()) {
                const auto [low, high] = std::minmax_element(x.begin(), x.end());
                double sum = 0, largest = 0;
                for (double e : x) sum += e, largest = std::isnan(e) ? INFINITY : std::max(largest, std::abs(e));
                std::printf(" max=%.6g min=%.6g sum=%.6g", *high, *low, sum);
                if (a_.range > 0 && !(largest < a_.range)) {
                    within = false;
                    std::fprintf(stderr, "lite-run: output \"%s\" has a value of %g, --range is %g\n",
                                 network->get_output_name(i).c_str(), largest, a_.range);
                }
            }
            std::printf("\n");
            if (a_.bin_out_dump.empty()) continue;
            std::string file = network->get_output_name(i);
            for (char& c : file)
                if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_' && c != '-') c = '_';
            std::error_code failed;
            fs::create_directories(a_.bin_out_dump, failed);
            write_file((fs::path(a_.bin_out_dump) / file).string(), {v.data(), v.bytes()});
        }
        return within;
    }
    std::shared_ptr<Network> network;
    Timing time;

private:
    const Asked& a_;
    std::optional<Spool> spool_;
};

// ---- models as files ----

void dump_model(const Asked& a) {
    const FileBytes file = map_file(a.model);
    const std::string_view bytes(reinterpret_cast<const char*>(file.data.get()), file.size);
    if (!is_packed(bytes)) return write_file(a.model_dump, {file.data.get(), file.size});
    const PackedModel p = read_packed({file.data.get(), file.size});
    if (p.model_decryption_method == "NONE") return write_file(a.model_dump, p.model);
    const std::vector<uint8_t> plain = decryption_registry().decrypt(p.model_decryption_method, p.model.data(), p.model.size());
    write_file(a.model_dump, std::as_bytes(std::span(plain)));
}

// Every set of options that may win, each beside the plain one.
int fit(const Asked& asked, const Feed& feed) {
    std::vector<std::pair<std::string, Asked>> sets{{"as given", asked}};
    for (const char* layout : {"--enable_nchw44", "--enable_nchw88"}) {
        sets.emplace_back(layout, asked);
        sets.back().second.layouts = {layout};
    }
    sets.emplace_back("--fast_run", asked);
    sets.back().second.fast_run = true;
    sets.emplace_back("--record_comp_seq --no_sanity_check", asked);
    sets.back().second.record = sets.back().second.no_sanity = true;
    size_t best = 0;
    double least = INFINITY;
    for (size_t i = 0; i < sets.size(); ++i) {
        Runner r(sets[i].second, feed, nullptr);
        r.run();
        const double t = average(r.time.runs);
        std::printf("%-40s avg_time=%.3f ms\n", sets[i].first.c_str(), t);
        if (t < least) least = t, best = i;
    }
    std::printf("the fastest: %s\n", sets[best].first.c_str());
    if (asked.fitting_dump.empty()) return right;
    const Asked& b = sets[best].second;
    const Config c = config_of(b);
    json info = {{"valid", true},
                 {"name", fs::path(asked.model).filename().string()},
                 {"version", text(LITE_VERSION_MAJOR, ".", LITE_VERSION_MINOR, ".", LITE_VERSION_PATCH)},
                 {"has_compression", false},
                 {"backend", "MGE"},
                 {"device",
                  {{"type", "CPU"},
                   {"number_threads", std::max<size_t>({b.threads, b.threads_default, 1})},
                   {"enable_inplace_model", b.cpu_default || b.threads_default > 0}}},
                 {"options",
                  {{"weight_preprocess", c.options.weight_preprocess},
                   {"var_sanity_check_first_run", c.options.var_sanity_check_first_run},
                   {"comp_node_seq_record_level", c.options.comp_node_seq_record_level},
                   {"enable_nchw44", c.options.enable_nchw44},
                   {"enable_nchw88", c.options.enable_nchw88}}}};
    for (const IO& io : feed.ios) {
        json shape;
        for (size_t k = 0; k < io.config_layout.ndim; ++k) shape[text("dim", k)] = io.config_layout.shapes[k];
        if (io.config_layout.ndim == 0) continue;
        constexpr const char* types[] = {"float32", "float16", "int32", "int16", "int8", "uint8", "uint32", "uint16", "int64"};
        info["IO"]["inputs"].push_back({{"name", io.name},
                                        {"is_host", true},
                                        {"io_type", "value"},
                                        {"dtype", types[io.config_layout.data_type]},
                                        {"shape", shape}});
    }
    const std::string t = info.dump();
    const FileBytes file = map_file(asked.model);
    const auto* p = reinterpret_cast<const uint8_t*>(file.data.get());
    std::vector<uint8_t> policy;
    if (b.fast_run) {  // what was measured
        Spool spool(stderr);
        dump_persistent_cache(spool.path);
        const FileBytes cache = map_file(spool.path);
        const auto* q = reinterpret_cast<const uint8_t*>(cache.data.get());
        policy.assign(q, q + cache.size);
        std::ofstream(spool.path, std::ios::trunc).flush();
    }
    ModelPacker packer(std::vector<uint8_t>(p, p + file.size), asked.fitting_dump, std::vector<uint8_t>(t.begin(), t.end()),
                       policy);
    packer.set_header("NONE", "NONE", b.fast_run);
    packer.pack_model();
    return right;
}

// Inputs of which only the batch is open, which the interface has no layout for.
void complete(NetworkIO& infos, const Asked& a) {
    if (std::all_of(infos.inputs.begin(), infos.inputs.end(), [](const IO& io) { return io.config_layout.ndim > 0; })) return;
    const ModelBytes file = open_model(a.model);
    if (is_packed(file.text())) return;
    const Graph g = read_model(file);
    for (size_t i = 0; i < infos.inputs.size(); ++i) {
        const Value& v = g.value(g.inputs[i]);
        Shape s = v.shape;
        if (infos.inputs[i].config_layout.ndim || !v.has_shape || s.rank() == 0) continue;
        if (s[0] < 0) s[0] = 1;
        if (s.known()) infos.inputs[i].config_layout = to_layout(s, v.dtype, text("input \"", v.name, "\""));
    }
}

void print_info(const NetworkIO& infos) {
    for (const auto* list : {&infos.inputs, &infos.outputs})
        for (const IO& io : *list) {
            const Layout& l = io.config_layout;
            std::printf("%-6s \"%s\" %s\n", list == &infos.inputs ? "input" : "output", io.name.c_str(),
                        l.ndim ? text(to_dtype(l.data_type), to_shape(l)).c_str() : "of a shape that is not known");
        }
}

}  // namespace

bool speaks_load_and_run(int argc, char** argv) {
    static const std::set<std::string> shared = {"input", "profile"};  // lite-run has these, too
    Asked a;
    CLI::App app;
    declare(app, a);
    const auto arguments = canonical(argc, argv);
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string name = option_name(arguments[i]);
        if (name.empty()) continue;
        if (refused().contains(name) || (!shared.contains(name) && name != "help" && app.get_option_no_throw("--" + name)))
            return true;
        if (name != "input") continue;
        const std::string value = arguments[i].find('=') == std::string::npos ? i + 1 < arguments.size() ? arguments[i + 1] : ""
                                                                              : arguments[i].substr(8);
        if (value.find(':') != std::string::npos && value.find('=') == std::string::npos && !fs::exists(value)) return true;
    }
    return false;
}

int load_and_run(int argc, char** argv) {
    Asked a;
    CLI::App app("Runs a model as MegEngine's load_and_run does; names may be written with - for _.", "lite-run");
    declare(app, a);
    auto arguments = canonical(argc, argv);
    for (const std::string& s : arguments)
        if (const auto it = refused().find(option_name(s)); it != refused().end())
            use_check(false, "--", it->first, ": ", it->second);
    try {
        std::reverse(arguments.begin(), arguments.end());
        app.parse(arguments);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? right : wrong_use;
    }
    use_check(a.layouts.size() <= 1, "--enable_nchw44 and the like: ", a.layouts.size(), " memory layouts are asked for, at most one can be");
    use_check(a.layout_transform.empty() || a.layout_transform == "cpu", "--layout_transform ", a.layout_transform,
              ": lite computes on the CPU");
    use_check(a.layout_transform_dump.empty() || !a.layout_transform.empty(),
              "--layout_transform_dump needs --layout_transform cpu");
    use_check(a.profile.empty() || a.profile_host.empty(), "--profile and --profile_host are one file here");
    use_check(a.io_dump.empty() + !a.dump_stdout + !a.dump_stderr >= 2,
              "one of --io_dump, --io_dump_stdout and --io_dump_stderr");
    use_check(a.runners >= 1 && a.runners <= 256, "--thread ", a.runners, ": 1 to 256 runners are possible");
    use_check(a.fitting || a.fitting_dump.empty(), "--dump_fitting_model needs --fitting");
    use_check(a.threads == 0 || a.threads_default == 0, "one of --multithread and --multithread_default");
    use_check((a.pack_info.empty() && a.pack_cache.empty()) || !a.packed_dump.empty(),
              "--pack_info_json and --pack_cache need --packed_model_dump");
    set_log_level(a.verbose ? DEBUG : WARN);
    const bool cache_exists = !a.cache.empty() && fs::exists(a.cache);
    if (cache_exists) set_persistent_cache(a.cache);
    NetworkIO infos = Runtime::get_model_io_info(a.model);
    if (a.model_info) print_info(infos);
    if (!a.model_dump.empty()) dump_model(a);
    if (!a.packed_dump.empty()) {
        ModelPacker packer(a.model, a.packed_dump, a.pack_info, a.pack_cache);
        packer.set_header(a.pack_model_cryption, a.pack_info_cryption, !a.pack_cache.empty());
        packer.pack_model();
    }
    complete(infos, a);
    const Feed feed = make_feed(a, infos);
    if (a.fitting) return fit(a, feed);

    std::vector<std::unique_ptr<Runner>> runners;
    for (size_t i = 0; i < a.runners; ++i)
        runners.push_back(std::make_unique<Runner>(a, feed, a.share_weights && i ? runners[0].get() : nullptr));
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> errors(runners.size());
    for (size_t i = 1; i < runners.size(); ++i)
        threads.emplace_back([&, i] {
            try {
                runners[i]->run();
            } catch (...) {
                errors[i] = std::current_exception();
            }
        });
    try {
        runners[0]->run();
    } catch (...) {
        errors[0] = std::current_exception();
    }
    for (std::thread& t : threads) t.join();
    for (const std::exception_ptr& e : errors)
        if (e) std::rethrow_exception(e);
    for (size_t i = 0; i < runners.size(); ++i) runners[i]->report(i);
    const bool within = runners[0]->outputs();
    if (!a.layout_transform_dump.empty()) Runtime::dump_layout_transform_model(runners[0]->network, a.layout_transform_dump);
    if (!a.cache.empty() && !cache_exists) dump_persistent_cache(a.cache);
    return within ? right : expectation_missed;
}
