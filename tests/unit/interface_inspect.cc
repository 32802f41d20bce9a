// Looking inside a run: profiles, dumps of values, the plan of the memory.
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

TEST_CASE("a layout that is asked for is seen in the profile") {
    const Folder folder;
    bool Options::*const layouts[] = {&Options::enable_nchw44, &Options::enable_nchw88};
    const char* names[] = {"nchw44", "nchw88"};
    for (int i = 0; i < 2; ++i) {
        Config c;
        c.options.*layouts[i] = true;
        run(*profiled(folder / "p.json", c), kData);
        const json j = json::parse(read_text(folder / "p.json"));
        int in_layout = 0;
        for (const auto& [id, op] : j.at("graph_exec").at("operator").items())
            in_layout += op.at("type") == "Conv" && op.at("param").at("layout").get<std::string>().find(names[i]) != std::string::npos;
        CHECK(in_layout == 2);
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
