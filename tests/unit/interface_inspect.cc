// Looking inside a run: profiles, dumps of values, the plan of the memory.
#include <random>

#include <nlohmann/json.hpp>

#include "tests/support/interface_test.h"

using namespace lite_test;
using nlohmann::json;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
std::shared_ptr<Network> profiled(const std::string& path, const Config& c = {}) {
    auto n = std::make_shared<Network>(c);
    n->enable_profile_performance(path);
    n->load_model(small_net());
    return n;
}
}  // namespace

TEST_CASE("a profile in MegEngine's shape, before or after loading") {
    const Folder folder;
    for (bool before : {true, false}) {
        const std::string path = folder / (before ? "before.json" : "after.json");
        const auto n = before ? profiled(path) : make_network(small_net());
        if (!before) n->enable_profile_performance(path);
        CHECK(read_text(path).empty());
        run(*n, kData);
        const json j = json::parse(read_text(path));
        const json& ops = j.at("graph_exec").at("operator");
        CHECK(j.at("graph_exec").at("comp_seq").size() == ops.size());
        bool conv = false;
        for (const auto& [id, op] : ops.items()) {
            conv |= op.at("type") == "Conv";
            for (const auto& v : op.at("input")) CHECK(j.at("graph_exec").at("var").contains(v.get<std::string>()));
            for (const char* where : {"device", "host"}) {
                const json& times = j.at("profiler").at(where).at(id).begin().value();
                CHECK(times.at("start").get<double>() >= 0);
                CHECK(times.at("kern").get<double>() <= times.at("end").get<double>());
            }
            const json& print = j.at("profiler").at("opr_footprint").at(id);
            CHECK(print.at("memory").get<double>() > 0);
            CHECK(print.at("computation").get<double>() > 0);
            CHECK(print.at("out_shapes").size() >= 1);
            CHECK(print.at("param").at("kernel").is_string());
        }
        CHECK(conv);
        CHECK(j.at("profiler").contains("opr_internal_pf"));
        CHECK(json::parse(read_text(path + ".trace.json")).at("traceEvents").size() == ops.size());
    }
}

namespace {
struct NamedLayout {
    bool Options::*option;
    std::string name;
};
const NamedLayout kLayouts[] = {{&Options::enable_nchw44, "nchw44"}, {&Options::enable_nchw44_dot, "nchw44_dot"}, {&Options::enable_nchw88, "nchw88"},
                                {&Options::enable_nhwcd4, "nhwcd4"}, {&Options::enable_nchw4, "nchw4"},           {&Options::enable_nchw32, "nchw32"},
                                {&Options::enable_nchw64, "nchw64"}};
// The layouts of all operators of a type in a profile.
std::vector<std::string> layouts_of_type(const std::string& path, const std::string& type) {
    std::vector<std::string> out;
    const json profile = json::parse(read_text(path));
    for (const auto& [id, op] : profile.at("graph_exec").at("operator").items())
        if (op.at("type") == type) out.push_back(op.at("param").at("layout").get<std::string>());
    return out;
}
Array random_i8(const Shape& shape, uint32_t seed) {
    Array a = Array::zeros(DType::i8, shape);
    std::mt19937 g(seed);
    for (int64_t i = 0; i < a.count(); ++i) a.mutable_data()[i] = static_cast<std::byte>(g() >> 24);
    return a;
}
// Signed bytes: a convolution, a depthwise one, a sum of both, one more convolution.
Graph quantized_net() {
    GraphBuilder g;
    const Var one = g.constant(Array::scalar(0.02f)), zero = g.constant(Array::scalar(int8_t{0})), w_scale = g.constant(Array::scalar(0.001f));
    const auto conv = [&](Var x, const Shape& w, uint32_t seed, int64_t group) {
        return g.add("QLinearConv", {x, one, zero, g.constant(random_i8(w, seed)), w_scale, zero, one, zero},
                     {{"pads", std::vector<int64_t>{1, 1, 1, 1}}, {"group", group}});
    };
    const Var x = g.add("QuantizeLinear", {g.input("data", {1, 16, 12, 12}), one, zero});
    const Var a = conv(x, {20, 16, 3, 3}, 1, 1), b = conv(a, {20, 1, 3, 3}, 2, 20);
    const Var c = conv(g.add("QLinearAdd", {a, one, zero, b, one, zero, one, zero}, {}, "com.microsoft"), {8, 20, 3, 3}, 3, 1);
    return g.finish({g.add("DequantizeLinear", {c, one, zero}).named("prob")});
}
}  // namespace

TEST_CASE("a layout that is asked for is seen in the profile") {
    const Folder folder;
    const std::string path = folder / "p.json";
    const auto all = [](const std::vector<std::string>& layouts, size_t count, const std::string& name) {
        return layouts.size() == count && std::all_of(layouts.begin(), layouts.end(), [&](const std::string& l) { return l.ends_with(name); });
    };
    for (const NamedLayout& l : kLayouts) {
        CAPTURE(l.name);
        Config c;
        c.options.*l.option = true;
        CHECK(near(run(*profiled(path, c), kData), floats(expected(small_net(), {kData})[0])));
        CHECK(all(layouts_of_type(path, "Conv"), 2, l.name));
        CHECK(all(layouts_of_type(path, "Pool"), 2, l.name));
    }
    // Depthwise convolutions, sums, channels side by side.
    GraphBuilder g;
    const Var x = g.input("data", {1, 3, 32, 32});
    const Var a = conv2d(x, g.constant(random_f32({64, 3, 3, 3}, 1)), {}, {.pads = {1, 1, 1, 1}});
    const Var b = sigmoid(conv2d(a, g.constant(random_f32({64, 1, 3, 3}, 2)), {}, {.pads = {1, 1, 1, 1}, .group = 64}));
    const Var d = concat({a, mul(a, b)}, 1);
    const Graph graph = g.finish({conv2d(d, g.constant(random_f32({8, 128, 1, 1}, 3, -0.1f, 0.1f))).named("prob")});
    for (const NamedLayout& l : kLayouts) {
        CAPTURE(l.name);
        Config c;
        c.options.*l.option = true;
        Network n(c);
        n.enable_profile_performance(path);
        n.load_model(graph);
        CHECK(near(run(n, kData), floats(expected(graph, {kData})[0]), 1e-3f));  // sums of 128 sums of 27 products
        CHECK(all(layouts_of_type(path, "Conv"), 3, l.name));
        CHECK(all(layouts_of_type(path, "Concat"), 1, l.name));
    }
}

TEST_CASE("quantized operators run in the layout that is asked for") {
    const Folder folder;
    const std::string path = folder / "p.json";
    const Array x = random_f32({1, 16, 12, 12}, 9, -2.f, 2.f);
    const Graph graph = quantized_net();
    const std::vector<float> wanted = floats(expected(graph, {x})[0]);
    for (const NamedLayout& l : kLayouts) {
        CAPTURE(l.name);
        Config c;
        c.options.*l.option = true;
        Network n(c);
        n.enable_profile_performance(path);
        n.load_model(graph);
        CHECK(run(n, x) == wanted);  // integers
        const bool packs_bytes = l.name != "nchw88" && l.name != "nhwcd4";
        for (const std::string& layout : layouts_of_type(path, "QLinearConv")) CHECK(layout == (packs_bytes ? l.name : "nhwc"));
        if (packs_bytes)
            for (const std::string& layout : layouts_of_type(path, "QLinearAdd")) CHECK(layout == l.name);
    }
}

TEST_CASE("values as text") {
    const Folder folder;
    for (bool before : {true, false}) {
        const std::string path = folder / (before ? "before.txt" : "after.txt");
        const auto n = std::make_shared<Network>();
        GraphBuilder g;
        const Var x = g.input("data", {1, 6});
        const Var y = neg(x);
        const Graph graph = g.finish({softmax(y).named("prob")});
        if (before) Runtime::enable_io_txt_dump(n, path);
        n->load_model(graph);
        if (!before) Runtime::enable_io_txt_dump(n, path);
        run(*n, Array::of<float>({1, 6}, std::vector<float>{1, 2, 3, 4, 5, 6}));
        const std::string s = read_text(path);
        CHECK(s.find("produced: name=data layout={1(6),6(1) Float32} owner_opr=data{Host2DeviceCopy} opr2\n deps:\n val: [1, 2, 3, 4, 5, ...]min=1 max=6 mean=3.5 "
                     "l2=3.89 sd=1.87 s\n") != std::string::npos);
        CHECK(s.find("layout={1(6),6(1) Float32} owner_opr=") != std::string::npos);
        CHECK(s.find("{Elemwise} opr0\n deps:\n  [i0]var0: [1, 2, 3, 4, 5, ...] s\n val: [-1, -2, -3, -4, -5, ...]min=-6 max=-1") != std::string::npos);
        CHECK(s.find("produced: name=prob ") != std::string::npos);
        const size_t once = s.size();
        n->forward();
        n->wait();
        CHECK(read_text(path).size() == 2 * once);  // every run
    }
    CHECK_FAILS(Runtime::enable_io_txt_dump(make_network(small_net()), folder / "none" + "/file"), "cannot write");
}

TEST_CASE("values as files") {
    const Folder folder;
    const auto n = make_network(small_net());
    CHECK_FAILS(Runtime::enable_io_bin_dump(n, folder / "none"), "there is no folder");
    Runtime::enable_io_bin_dump(n, folder.path);
    const std::vector<float> prob = run(*n, kData);
    bool found = false;
    for (int id = 0; id < 100; ++id) {
        char name[16];
        std::snprintf(name, sizeof name, "%06x", static_cast<unsigned>(id));
        const std::string s = read_text(folder / name);
        if (s.empty()) continue;
        uint32_t head[10];
        REQUIRE(s.size() >= sizeof head);
        std::memcpy(head, s.data(), sizeof head);
        CHECK(head[1] == 0);  // Float32
        CHECK(head[2] == 7);
        const std::string title = s.substr(sizeof head, head[0]);
        CHECK(title.starts_with("var={"));
        size_t count = 1;
        for (int i = 0; i < 7 && head[3 + i]; ++i) count *= head[3 + i];
        REQUIRE(s.size() == sizeof head + head[0] + count * 4);
        if (title.find("name:prob ") == std::string::npos) continue;
        found = true;
        std::vector<float> v(count);
        std::memcpy(v.data(), s.data() + sizeof head + head[0], count * 4);
        CHECK(v == prob);
    }
    CHECK(found);
}

TEST_CASE("the plan of the memory, as JSON and as a page") {
    const Folder folder;
    const auto n = std::make_shared<Network>();
    Runtime::set_cpu_threads_number(n, 2);
    CHECK_FAILS(n->get_static_memory_alloc_info(folder.path), "should be used after model loaded");
    n->load_model(small_net());
    n->get_static_memory_alloc_info(folder / "logs/test");
    const json graph = json::parse(read_text(folder / "logs/test/graph.json")), info = json::parse(read_text(folder / "logs/test/StaticMemoryInfo.json"));
    CHECK(graph.at("operator").size() == info.at("opr").size());
    const json& chunks = info.at("chunk");
    CHECK(chunks.size() > 3);
    bool weights = false;
    for (const auto& [id, a] : chunks.items()) {
        CHECK(a.at("id") == id);
        weights |= a.at("type") == "weight_mem";
        const auto of = [](const json& c, const char* key) { return std::stoll(c.at(key).get<std::string>()); };
        CHECK(of(a, "time_begin") < of(a, "time_end"));
        for (const auto& [other, b] : chunks.items()) {  // no two use the same bytes at the same time
            if (other == id) continue;
            const bool time = of(a, "time_begin") < of(b, "time_end") && of(b, "time_begin") < of(a, "time_end");
            const bool space = of(a, "logic_addr_begin") < of(b, "logic_addr_end") && of(b, "logic_addr_begin") < of(a, "logic_addr_end");
            CHECK_FALSE((time && space));
        }
    }
    CHECK(weights);
    const std::string page = read_text(folder / "logs/test/StaticMemoryInfo.html");
    CHECK(page.find("<svg") != std::string::npos);
    CHECK(page.find("http") == page.find("http://www.w3.org/2000/svg"));  // nothing from elsewhere
    CHECK(near(run(*n, kData), floats(expected(small_net(), {kData})[0])));

    const auto open = make_network(small_net({kUnknown, 3, kUnknown, kUnknown}));
    open->get_static_memory_alloc_info(folder / "later");
    run(*open, kData);
    CHECK_FALSE(read_text(folder / "later/StaticMemoryInfo.json").empty());
}

TEST_CASE("a recorded network without its graph cannot be looked into") {
    const Folder folder;
    Config c;
    c.options.comp_node_seq_record_level = 2;
    c.options.var_sanity_check_first_run = false;
    const auto n = make_network(small_net(), c);
    CHECK_FAILS(n->enable_profile_performance(folder / "p.json"), "is gone");
    CHECK_FAILS(Runtime::enable_io_txt_dump(n, folder / "t.txt"), "is gone");
    CHECK_FAILS(n->get_static_memory_alloc_info(folder.path), "is gone");
    CHECK_FAILS(profiled(folder / "p.json", c), "drops the graph");
}

TEST_CASE("profiles, dumps and callbacks of an asynchronous run") {
    const Folder folder;
    const auto n = profiled(folder / "p.json");
    Runtime::enable_io_txt_dump(n, folder / "t.txt");
    std::atomic<bool> done{false};
    n->set_async_callback([&] { done = true; });
    set_input(*n, kData);
    n->forward();
    while (!done) std::this_thread::yield();
    CHECK(json::parse(read_text(folder / "p.json")).contains("profiler"));
    CHECK_FALSE(read_text(folder / "t.txt").empty());
}

TEST_CASE("an observer sees every value that the model names, and finds the node that differs from a reference") {
    Config plain;
    plain.options.graph_opt_level = 0;
    const auto values_of = [&](const Config& c, bool wrong) {
        GraphBuilder g("named");
        const Var x = g.input("data", {1, 2, 3, 3});
        const Var y = relu(conv2d(x, g.constant(random_f32({4, 2, 1, 1}, 1))).named("conv")).named("positive");
        const Var z = (y * g.constant(Array::scalar(wrong ? 2.5f : 2.f))).named("scaled");
        auto n = make_network(g.finish({reduce_sum(z, {1, 2, 3}).named("prob")}), c);
        std::vector<std::pair<std::string, std::vector<float>>> seen;
        Runtime::observe_nodes(n, [&](const NodeRun& r) {
            CHECK(!r.type.empty());
            for (const auto& [name, t] : r.outputs) {
                CHECK(t->get_layout().data_type == LITE_FLOAT);
                const auto* p = static_cast<const float*>(t->get_memory_ptr());
                seen.emplace_back(name, std::vector<float>(p, p + t->get_tensor_total_size_in_byte() / 4));
            }
        });
        run(*n, random_f32({1, 2, 3, 3}, 7));
        const size_t observed = seen.size();
        Runtime::observe_nodes(n, {});
        run(*n, random_f32({1, 2, 3, 3}, 8));
        CHECK(seen.size() == observed);
        return seen;
    };
    const auto good = values_of(plain, false), bad = values_of(plain, true);
    REQUIRE(good.size() == 4);
    std::vector<std::string> names, differ;
    for (size_t i = 0; i < good.size(); ++i) {
        names.push_back(good[i].first);
        if (good[i] != bad[i]) differ.push_back(good[i].first);
    }
    CHECK(names == std::vector<std::string>{"conv", "positive", "scaled", "prob"});
    CHECK(differ == std::vector<std::string>{"scaled", "prob"});
    CHECK(values_of({}, false).size() < 4);  // fused, fewer nodes run
    CHECK_FAILS(Runtime::observe_nodes(std::make_shared<Network>(), {}), "observe_nodes should be used after model loaded");
}
