// How algorithms are chosen: policies, the workspace limit, choices kept across shapes, and the cache of measured times.
#include "lite/exec/explain.h"
#include "lite/network_core.h"
#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
const std::vector<float>& want() {
    static const std::vector<float> w = floats(expected(small_net(), {kData})[0]);
    return w;
}
Session& session_of(const std::shared_ptr<Network>& n) { return *NetworkAccess::impl(n).session; }
// Kernels of the convolutions and matrix products, in order.
std::vector<std::string> kernels(const Session& s) {
    std::vector<std::string> names;
    for (const Step& step : s.plan().steps)
        if (const auto op = s.plan().graph.nodes[step.node].op->name; op == "Conv" || op == "Gemm") names.emplace_back(kernel_name(step, s.plan().graph));
    return names;
}
}  // namespace

TEST_CASE("every policy gives the answer, before loading and after") {
    for (int strategy = 0; strategy < 16; ++strategy)
        for (bool before : {true, false}) {
            const auto n = std::make_shared<Network>();
            const auto set = [&] { Runtime::set_network_algo_policy(n, static_cast<LiteAlgoSelectStrategy>(strategy)); };
            if (before) set();
            n->load_model(small_net());
            if (!before) set();
            CHECK(near(run(*n, kData), want()));
            const bool profile = (strategy & LITE_ALGO_PROFILE) != 0;
            CHECK((explain(session_of(n)).find("measured") != std::string::npos) == profile);
        }
    const auto n = std::make_shared<Network>();
    Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE | LITE_ALGO_REPRODUCIBLE);
    Runtime::set_network_algo_policy(n, static_cast<LiteAlgoSelectStrategy>(0));  // keeps the strategy
    n->load_model(small_net());
    CHECK(explain(session_of(n)).find("measured") != std::string::npos);
}

TEST_CASE("a policy before loading together with a layout, and with batches that share their choice") {
    Config c;
    c.options.enable_nchw44 = true;
    const auto n = std::make_shared<Network>(c);
    Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE | LITE_ALGO_REPRODUCIBLE);
    n->load_model(small_net());
    CHECK(near(run(*n, kData), want()));
    const Graph g = small_net({kUnknown, 3, 32, 32});
    for (LiteAlgoSelectStrategy strategy : {LITE_ALGO_HEURISTIC, LITE_ALGO_PROFILE}) {
        const auto m = std::make_shared<Network>();
        Runtime::set_network_algo_policy(m, strategy, 1, true);
        m->load_model(g);
        const Array batch = random_f32({3, 3, 32, 32}, 14);
        const std::vector<float> together = run(*m, batch);
        CHECK(near(together, floats(expected(g, {batch})[0])));
        Array one = Array::zeros(DType::f32, {1, 3, 32, 32});
        std::memcpy(one.mutable_data(), batch.data() + one.bytes(), one.bytes());
        const std::vector<float> alone = run(*m, one);
        CHECK(std::equal(alone.begin(), alone.end(), together.begin() + 10));
    }
}

TEST_CASE("the workspace limit is obeyed") {
    const auto n = std::make_shared<Network>();
    CHECK_FAILS(Runtime::set_network_algo_workspace_limit(n, 1000), "set_network_algo_policy should be used after model loaded.");
    n->load_model(small_net());
    run(*n, kData);
    size_t most = 0;
    for (const Step& s : session_of(n).plan().steps) most = std::max(most, s.workspace_bytes);
    for (size_t limit : {size_t{1000}, size_t{0}, most}) {
        Runtime::set_network_algo_workspace_limit(n, limit);
        CHECK(near(run(*n, kData), want()));
        for (const Step& s : session_of(n).plan().steps) CHECK(s.workspace_bytes <= limit);
    }
}

TEST_CASE("no_profiling_on_shape_change keeps the kernels of the first shape") {
    // 1x1 images and large ones want different convolutions: 64 channels, 3x3.
    const auto graph = [] {
        GraphBuilder g;
        const Var x = g.input("data", {1, 64, kUnknown, kUnknown});
        return g.finish({relu(conv2d(x, g.constant(random_f32({64, 64, 3, 3}, 1, -0.1f, 0.1f)), {}, {.pads = {1, 1, 1, 1}})).named("prob")});
    };
    const Array first = random_f32({1, 64, 48, 48}, 1), second = random_f32({1, 64, 2, 3}, 2);
    for (bool measured : {false, true})
        for (bool keep : {false, true}) {
            Config c;
            c.options.no_profiling_on_shape_change = keep;
            const auto n = std::make_shared<Network>(c);
            if (measured) Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE);
            n->load_model(graph());
            CHECK(near(run(*n, first), floats(expected(graph(), {first})[0])));
            const auto before = kernels(session_of(n));
            const size_t timed = session_of(n).kernels_timed();
            CHECK(near(run(*n, second), floats(expected(graph(), {second})[0])));
            if (keep) CHECK(kernels(session_of(n)) == before);
            if (measured) CHECK((session_of(n).kernels_timed() == timed) == keep);
        }
}

TEST_CASE("binary_equal_between_batch: a sample gives the same bits in every batch") {
    const auto n = std::make_shared<Network>();
    Runtime::set_network_algo_policy(n, LITE_ALGO_HEURISTIC, 0, true);
    const Graph g = small_net({kUnknown, 3, kUnknown, kUnknown});
    n->load_model(g);
    const Array batch = random_f32({5, 3, 32, 32}, 13);
    const std::vector<float> together = run(*n, batch);
    for (int64_t i = 0; i < 5; ++i) {
        Array one = Array::zeros(DType::f32, {1, 3, 32, 32});
        std::memcpy(one.mutable_data(), batch.data() + static_cast<size_t>(i) * one.bytes(), one.bytes());
        const std::vector<float> alone = run(*n, one);
        CHECK(std::equal(alone.begin(), alone.end(), together.begin() + i * 10));
    }
}

TEST_CASE("shared_batch_size: kernels are measured with that batch") {
    const auto n = std::make_shared<Network>();
    Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE, 1);
    n->load_model(small_net({kUnknown, 3, kUnknown, kUnknown}));
    run(*n, random_f32({1, 3, 20, 20}, 1));
    const size_t timed = session_of(n).kernels_timed();
    CHECK(near(run(*n, random_f32({4, 3, 20, 20}, 2)), floats(expected(small_net({kUnknown, 3, kUnknown, kUnknown}), {random_f32({4, 3, 20, 20}, 2)})[0])));
    CHECK(session_of(n).kernels_timed() == timed);  // nothing new
}

TEST_CASE("a process that reads the cache measures nothing") {
    const Folder folder;
    const std::string path = folder / "cache";
    SessionOptions o;
    o.measure = true;
    AlgoCache written;
    o.cache = &written;
    Session first(small_net(), o);
    const Array want_bits = first.run({kData})[0];
    CHECK(first.kernels_timed() > 0);
    CHECK(written.entries() > 0);
    write_file(path, written.bytes());

    AlgoCache read;  // as in another process
    read.open(path, false);
    o.cache = &read;
    Session second(small_net(), o);
    CHECK(floats(second.run({kData})[0]) == floats(want_bits));  // the same kernels, the same bits
    CHECK(second.kernels_timed() == 0);
    CHECK(kernels(second) == kernels(first));
    o.threads = 2;  // other times hold there
    Session third(small_net(), o);
    third.run({kData});
    CHECK(third.kernels_timed() > 0);
}

TEST_CASE("the persistent cache of the process") {
    const Folder folder;
    const std::string path = folder / "cache", copy = folder / "copy";
    set_persistent_cache(path, true);
    CHECK(read_text(path).size() >= 4);  // written at once
    const auto n = make_network(small_net({1, 3, 36, 36}));
    Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE | LITE_ALGO_OPTIMIZED);
    const Array x = random_f32({1, 3, 36, 36}, 5);
    run(*n, x);
    dump_persistent_cache(copy);
    CHECK(read_text(copy).size() > 100);
    CHECK(read_text(copy).find("profile:plat=cpu:") != std::string::npos);
    CHECK(read_text(copy) == read_text(path));  // always_sync
    set_persistent_cache(copy);                 // again: warns, and merges
    const auto m = std::make_shared<Network>();
    Runtime::set_network_algo_policy(m, LITE_ALGO_PROFILE);
    m->load_model(small_net({1, 3, 36, 36}));
    CHECK(near(run(*m, x), floats(expected(small_net({1, 3, 36, 36}), {x})[0])));
    CHECK(session_of(m).kernels_timed() == 0);
    CHECK_FAILS(dump_persistent_cache(folder / "none" + "/cache"), "cannot write");
}

TEST_CASE("entries of others are kept, damaged files change nothing") {
    const Folder folder;
    AlgoCache theirs;
    theirs.put("profile:plat=cpu:ConvolutionForwardv5F0", "2,3,16,16;Float32|8,3,3,3;Float32|", std::string("\1\0\0\0", 4));
    CHECK(AlgoCache().bytes().size() == 4);  // empty: 4 zeros
    write_file(folder / "theirs", theirs.bytes());
    AlgoCache cache;
    cache.put("ours", "key", "value");
    cache.open(folder / "theirs", false);
    CHECK(cache.entries() == 2);
    CHECK(cache.find("profile:plat=cpu:ConvolutionForwardv5F0", "2,3,16,16;Float32|8,3,3,3;Float32|").has_value());
    cache.open(folder / "absent", false);  // may be
    const auto bytes = cache.bytes();
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
        AlgoCache other;
        other.put("ours", "key", "value");
        CHECK_FAILS(other.merge(std::span(bytes).first(cut), "the file"), "the file is damaged");
        CHECK(other.entries() == 1);
    }
    std::string damaged = "\xff\xff\xff\xff and more";
    write_file(folder / "damaged", std::as_bytes(std::span(damaged)));
    AlgoCache other;
    CHECK_FAILS(other.open(folder / "damaged", true), "damaged' is damaged");
    CHECK(read_text(folder / "damaged") == damaged);  // nothing overwritten
    CHECK_FALSE(other.in_use());
    // a value that is no list of times is measured again
    SessionOptions o;
    o.measure = true;
    AlgoCache good, odd;
    o.cache = &good;
    Session(small_net(), o).run({kData});
    std::vector<std::byte> b = good.bytes();
    for (size_t i = 0; i + 4 < b.size(); ++i)
        if (std::memcmp(&b[i], ":1;", 3) == 0) b[i + 3] = std::byte{'x'};
    odd.merge(b, "the file");
    o.cache = &odd;
    Session again(small_net(), o);
    CHECK(near(floats(again.run({kData})[0]), want()));
    CHECK(again.kernels_timed() > 0);
}

TEST_CASE("a packed model brings its cache, unless that is disabled") {
    const Folder folder;
    const std::string path = folder / "small.lite";
    AlgoCache mine;
    mine.put("from the packed model", "key", "value");
    const auto policy = mine.bytes();
    const auto model = write_onnx(small_net());
    const auto* m = reinterpret_cast<const uint8_t*>(model.data());
    const auto* p = reinterpret_cast<const uint8_t*>(policy.data());
    ModelPacker packer(std::vector<uint8_t>(m, m + model.size()), path, {}, std::vector<uint8_t>(p, p + policy.size()));
    packer.set_header();
    packer.pack_model();
    Network without;
    without.extra_configure({true});
    without.load_model(path);
    CHECK_FALSE(algo_cache().find("from the packed model", "key"));
    Network with;
    with.load_model(path);
    CHECK(algo_cache().find("from the packed model", "key"));
    CHECK(near(run(with, kData), want()));
}

TEST_CASE("a cache that MegEngine's wheel wrote stays as it is beside ours") {
    // Of release 1.13, after one matrix product with LITE_ALGO_PROFILE.
    constexpr std::string_view hex =
        "010000002300000070726f66696c653a706c61743d6370753a4d61747269784d756c763544454641554c540400000030000000342c353b466c6f617433327c352c"
        "333b466c6f617433327c342c333b466c6f617433327c000000000000000000000000f6000000050000002100000002000000010100000000000011000000583836"
        "5f4633325f4d4b4c5f5041434b41080000003a393b303b303a00180000000100000003000000000000000800000046425f4e414956450c0000003a333b31652d30"
        "363b303a001c0000000200000008010000000000000c0000005838365f4633325f367831360f0000003a313b31652d30363b313533363a001e0000000100000001"
        "000000000000000e00000046425f4633325f4b3858313258310f0000003a333b31652d30363b313533363a00170000000100000002000000000000000700000046"
        "425f47454d560e0000003a333b322e31652d30353b303a0030000000352c343b466c6f617433327c332c353b466c6f617433327c342c333b466c6f617433327c01"
        "0100000000000000000000f900000005000000180000000100000003000000000000000800000046425f4e41495645080000003a333b303b303a00210000000200"
        "00000101000000000000110000005838365f4633325f4d4b4c5f5041434b410c0000003a393b31652d30363b303a001c0000000200000008010000000000000c00"
        "00005838365f4633325f367831360f0000003a313b31652d30363b313533363a001e0000000100000001000000000000000e00000046425f4633325f4b38583132"
        "58310f0000003a333b31652d30363b313533363a001c0000000200000000010000000000000c0000005838365f4633325f424c41530c0000003a393b32652d3036"
        "3b303a0030000000352c343b466c6f617433327c352c333b466c6f617433327c342c333b466c6f617433327c0100000000000000000000008f0000000300000018"
        "0000000100000003000000000000000800000046425f4e41495645080000003a333b303b303a001c0000000200000000010000000000000c0000005838365f4633"
        "325f424c41530c0000003a393b31652d30363b303a001c0000000200000008010000000000000c0000005838365f4633325f367831360f0000003a313b31652d30"
        "363b313533363a0030000000342c353b466c6f617433327c332c353b466c6f617433327c342c333b466c6f617433327c000100000000000000000000be00000004"
        "0000001c0000000200000000010000000000000c0000005838365f4633325f424c4153080000003a393b303b303a00180000000100000003000000000000000800"
        "000046425f4e41495645080000003a333b303b303a001e0000000100000008000000000000000e00000046425f47495f4633325f347831320b0000003a313b303b"
        "313533363a001e0000000100000001000000000000000e00000046425f4633325f4b3858313258310f0000003a333b31652d30363b313533363a00";
    std::vector<std::byte> theirs;
    for (size_t i = 0; i < hex.size(); i += 2) theirs.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    AlgoCache cache;
    cache.merge(theirs, "the cache of the wheel");
    CHECK(cache.entries() == 4);
    CHECK(cache.bytes() == theirs);
    cache.put("ours", "key", "value");
    cache.merge(theirs, "the same again");
    CHECK(cache.entries() == 5);
    AlgoCache again;
    again.merge(cache.bytes(), "both");
    CHECK(again.entries() == 5);
    CHECK(again.bytes() == cache.bytes());
}

TEST_CASE("the global layout transform measures, and its model is written") {
    const Folder folder;
    const auto n = std::make_shared<Network>();
    Runtime::enable_global_layout_transform(n);
    CHECK_FAILS(Runtime::dump_layout_transform_model(n, folder / "x.mge"), "should be used after model loaded");
    n->load_model(small_net());
    CHECK(near(run(*n, kData), want()));
    CHECK(explain(session_of(n)).find("measured") != std::string::npos);
    CHECK_FAILS(Runtime::dump_layout_transform_model(make_network(small_net()), folder / "x.mge"),
                "dump layout transform model should call enable_global_layout_transform before");
    CHECK_FAILS(Runtime::enable_global_layout_transform(n), "before model loaded");
#if LITE_HAS_MGE
    Runtime::dump_layout_transform_model(n, folder / "x.mge");
    Network again;
    again.load_model(folder / "x.mge");
    CHECK(again.get_all_input_name() == n->get_all_input_name());
    CHECK(again.get_all_output_name() == n->get_all_output_name());
    CHECK(near(run(again, kData), want()));
#endif
}
