// Programs of MegEngine Lite's users: loading, inputs and outputs, callbacks, threads, memory, weights.
#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
const std::vector<float>& want() {
    static const std::vector<float> w = floats(expected(small_net(), {kData})[0]);
    return w;
}
}  // namespace

TEST_CASE("a model from a path, from memory, from a graph") {
    const Folder folder;
    write_onnx(small_net(), folder / "small.onnx");
    Network a;
    a.load_model(folder / "small.onnx");
    CHECK(near(run(a, kData), want()));
    std::vector<std::byte> bytes = write_onnx(small_net());
    Network b;
    b.load_model(bytes.data(), bytes.size());
    std::fill(bytes.begin(), bytes.end(), std::byte{0});  // the caller's memory is the caller's again
    CHECK(near(run(b, kData), want()));
    CHECK(near(run(*make_network(small_net()), kData), want()));
    CHECK_FAILS(Network().load_model(folder / "none.onnx"), "failed to open '" + folder.path + "/none.onnx': No such file or directory");
    std::string garbage = "this is no model";
    CHECK_FAILS(Network().load_model(garbage.data(), garbage.size()), "invalid model format");
    CHECK_FAILS(Runtime::get_model_io_info(garbage.data(), garbage.size()), "invalid model format");
    CHECK_FAILS(Network().load_model(nullptr, 0), "empty");
}

TEST_CASE("names and layouts are there after loading, and ahead of it") {
    const auto n = make_network(small_net());
    CHECK(n->get_all_input_name() == std::vector<std::string>{"data"});
    CHECK(n->get_all_output_name() == std::vector<std::string>{"prob"});
    CHECK(n->get_input_name(0) == "data");
    CHECK(n->get_output_name(0) == "prob");
    CHECK(n->get_output_tensor(0)->get_layout() == Layout{{1, 10}, 2});
    CHECK(n->get_input_tensor(0)->get_layout() == Layout{{1, 3, 32, 32}, 4});
    CHECK_FAILS(n->get_input_name(1), "The input tensor index is large than the total inputs number.");
    CHECK_FAILS(n->get_output_name(1), "The output tensor index is large than the total outputs number.");
    CHECK_FAILS(n->get_io_tensor("nobody"), "tensor name must be nobody input tensor name or the registered output tensor name");
    CHECK_FAILS(Network().get_io_tensor("data"), "get_io_tensor should be used after model loaded.");
    CHECK_FAILS(Network().forward(), "forward should be used after model loaded.");
    CHECK_FAILS(Network().wait(), "wait should be used after model loaded.");

    const Folder folder;
    write_onnx(small_net({1, 3, kUnknown, kUnknown}), folder / "small.onnx");
    const NetworkIO info = Runtime::get_model_io_info(folder / "small.onnx");
    REQUIRE(info.inputs.size() == 1);
    REQUIRE(info.outputs.size() == 1);
    CHECK(info.inputs[0].name == "data");
    CHECK(info.outputs[0].config_layout == Layout{{1, 10}, 2});  // follows although the image's size is open
    std::vector<std::byte> bytes = write_onnx(small_net());
    CHECK(Runtime::get_model_io_info(bytes.data(), bytes.size()).inputs[0].config_layout == Layout{{1, 3, 32, 32}, 4});
}

TEST_CASE("settings that belong before loading, and the ids") {
    Network n;
    n.set_device_id(4);
    n.set_stream_id(2);
    n.load_model(small_net());
    CHECK(n.get_device_id() == 4);
    CHECK(n.get_stream_id() == 2);
    CHECK(n.get_device_type() == LITE_CPU);
    CHECK(n.get_input_tensor(0)->get_device_id() == 4);
    CHECK(n.get_output_tensor(0)->get_device_id() == 4);
    CHECK_FAILS(n.set_device_id(1), "set_device_id should be used before model loaded.");
    CHECK_FAILS(n.set_stream_id(1), "set_stream_id should be used before model loaded.");
    CHECK_FAILS(n.compute_only_configured_output(), "compute_only_configured_output should be used before model loaded.");
    const auto m = make_network(small_net());
    CHECK(Runtime::get_cpu_threads_number(m) == 1);
    CHECK_FALSE(Runtime::is_cpu_inplace_mode(m));
    CHECK_FAILS(Runtime::set_cpu_threads_number(m, 2), "set_cpu_threads_number should be used before model loaded.");
    CHECK_FAILS(Runtime::set_cpu_inplace_mode(m), "set_cpu_inplace_mode should be used before model loaded.");
    CHECK_FAILS(Runtime::set_memory_allocator(m, std::make_shared<CountingAllocator>()), "before model loaded");
    CHECK_FAILS(Runtime::share_runtime_memory_with(m, m), "before model loaded");
    CHECK_FAILS(m->extra_configure({}), "disable_configure_by_model_info should be configured before model loaded.");
    const auto fresh = std::make_shared<Network>();
    Runtime::set_cpu_threads_number(fresh, 0);
    Runtime::use_tensorrt(fresh);
    CHECK(Runtime::get_cpu_threads_number(fresh) == 1);
    CHECK_FAILS(Runtime::set_runtime_thread_affinity(fresh, [](int) {}), "set_runtime_thread_affinity should be used after model loaded.");
    Config cuda;
    cuda.device_type = LITE_CUDA;
    CHECK_FAILS(make_network(small_net(), cuda), "LITE_CUDA");
    Config any;
    any.device_type = LITE_DEVICE_DEFAULT;
    CHECK(near(run(*make_network(small_net(), any), kData), want()));
}

TEST_CASE("an error that leaves a call is a line on the error stream") {
    const Folder folder;
    const int old = ::dup(2);
    std::FILE* f = std::freopen((folder / "log").c_str(), "w", stderr);
    set_log_level(ERROR);
    CHECK_FAILS(Network().load_model(folder / "none"), "none");
    set_log_level(static_cast<LiteLogLevel>(ERROR + 1));
    std::fflush(f);
    ::dup2(old, 2);
    ::close(old);
    const std::string line = read_text(folder / "log");
    CHECK(line.starts_with("LITE[ERR] "));
    CHECK(line.substr(12, 1) == ":");
    CHECK(line.find(" Lite exception: Error: failed to open ") != std::string::npos);
}

TEST_CASE("input memory: reset, shared, of another shape, with gaps") {
    const auto n = make_network(small_net({kUnknown, 3, kUnknown, kUnknown}));
    const auto in = n->get_io_tensor("data");
    CHECK_FAILS(n->forward(), "has no layout");
    std::vector<float> mine = floats(kData);
    in->reset(mine.data(), Layout{{1, 3, 32, 32}, 4});
    n->forward();
    n->wait();
    CHECK(near(floats(*n->get_output_tensor(0)), want()));
    Tensor other(LITE_CPU, Layout{{1, 3, 32, 32}, 4});
    std::memcpy(other.get_memory_ptr(), mine.data(), mine.size() * 4);
    in->share_memory_with(other);
    n->forward();
    n->wait();
    CHECK(near(floats(*n->get_output_tensor(0)), want()));
    // ChangeInputShape
    const Array two = random_f32({2, 3, 20, 24}, 8);
    CHECK(near(run(*n, two), floats(expected(small_net({kUnknown, 3, kUnknown, kUnknown}), {two})[0])));
    CHECK(n->get_output_tensor(0)->get_layout() == Layout{{2, 10}, 2});
    CHECK(n->get_io_tensor("data")->get_memory_ptr() == n->get_io_tensor("data")->get_memory_ptr());
    // a slice as input
    Tensor wide(LITE_CPU, Layout{{1, 3, 32, 40}, 4});
    auto view = wide.slice({0, 0, 0, 0}, {1, 3, 32, 32});
    Tensor dense(LITE_CPU, Layout{{1, 3, 32, 32}, 4});
    std::memcpy(dense.get_memory_ptr(), mine.data(), mine.size() * 4);
    view->copy_from(dense);
    in->share_memory_with(*view);
    n->forward();
    n->wait();
    CHECK(near(floats(*n->get_output_tensor(0)), want()));
    in->set_layout(Layout{{1, 3, 32, 32}, 4, LITE_UINT8});
    CHECK_FAILS(n->forward(), "dtype mismatch: get=u8 expect=f32");
}

TEST_CASE("output memory of the user's") {
    const auto n = make_network(small_net());
    std::vector<float> mine(10);
    n->get_output_tensor(0)->reset(mine.data(), mine.size() * 4);
    set_input(*n, kData);
    n->forward();
    n->wait();
    CHECK(n->get_output_tensor(0)->get_memory_ptr() == mine.data());
    CHECK(near(mine, want()));
}

TEST_CASE("calls in an unusual order") {
    const auto n = make_network(small_net());
    n->wait();
    n->forward();  // whatever the memory holds
    n->forward();
    n->wait();
    n->wait();
    n->load_model(small_net());  // once more
    CHECK(near(run(*n, kData), want()));
}

TEST_CASE("callbacks get the tensors by name") {
    const auto n = make_network(small_net());
    int started = 0, finished = 0;
    n->set_start_callback([&](const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>& inputs) {
        ++started;
        REQUIRE(inputs.size() == 1);
        CHECK(inputs.begin()->first == "data");
        CHECK(floats(*inputs.begin()->second.second) == floats(kData));
    });
    n->set_finish_callback([&](const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>& outputs) {
        ++finished;
        REQUIRE(outputs.size() == 1);
        CHECK(near(floats(*outputs.at("prob").second), want()));
    });
    set_input(*n, kData);
    n->forward();
    CHECK(started == 1);
    CHECK(finished == 0);  // in wait, and once for each
    n->wait();
    n->wait();
    CHECK(started == 1);
    CHECK(finished == 2);
}

TEST_CASE("asynchronous forward") {
    const auto n = make_network(small_net());
    std::atomic<int> done{0};
    std::atomic<bool> hold{true};
    std::thread::id where;
    std::vector<float> seen;
    n->set_finish_callback([&](const auto& outputs) { seen = floats(*outputs.at("prob").second); });
    n->set_async_callback([&] {
        while (hold) std::this_thread::yield();
        where = std::this_thread::get_id();
        ++done;
    });
    set_input(*n, kData);
    n->forward();
    CHECK(done == 0);  // returned while the callback is held
    n->wait();         // does not wait
    hold = false;
    while (done == 0) std::this_thread::yield();
    CHECK(where != std::this_thread::get_id());
    CHECK(near(seen, want()));
    CHECK(near(floats(*n->get_output_tensor(0)), want()));
    for (int i = 0; i < 3; ++i) n->forward();  // in order
    n->set_async_callback({});                 // the usual way again
    CHECK(done == 4);
    CHECK(near(run(*n, kData), want()));

    SUBCASE("destroyed while it runs") {
        auto other = make_network(small_net());
        std::atomic<bool> called{false};
        other->set_async_callback([&] { called = true; });
        other->forward();
        other = nullptr;
        CHECK(called);
    }
    SUBCASE("an error of the callback comes out of the next call") {
        n->set_async_callback([] { lite::fail("the callback failed"); });
        n->forward();
        CHECK_FAILS(n->forward(), "the callback failed");
    }
    SUBCASE("the callback starts the next forward") {
        std::atomic<int> rounds{0};
        n->set_async_callback([&] {
            if (++rounds < 5) n->forward();
        });
        n->forward();
        while (rounds < 5) std::this_thread::yield();
    }
    SUBCASE("what excludes it") {
        const auto inplace = std::make_shared<Network>();
        Runtime::set_cpu_inplace_mode(inplace);
        CHECK_FAILS(inplace->set_async_callback([] {}), "cpu inplace mode not support async mode");
        Config c;
        c.options.force_output_use_user_specified_memory = true;
        CHECK_FAILS(Network(c).set_async_callback([] {}), "Async mode can't run with force_output_use_user_specified_memory");
    }
}

TEST_CASE("async_exec_level with 4 runs in a thread of the network's") {
    for (uint16_t level : {0, 1, 2, 4}) {
        Config c;
        c.options.async_exec_level = level;
        const auto n = make_network(small_net(), c);
        std::thread::id ran;
        Runtime::set_runtime_thread_affinity(n, [&](int) { ran = std::this_thread::get_id(); });
        CHECK(near(run(*n, kData), want()));
        CHECK((ran == std::this_thread::get_id()) == (level < 4));
    }
}

TEST_CASE("threads and their affinity") {
    for (bool inplace : {false, true})
        for (size_t threads : {size_t{1}, size_t{2}, size_t{4}}) {
            const auto n = std::make_shared<Network>();
            Runtime::set_cpu_threads_number(n, threads);
            if (inplace) Runtime::set_cpu_inplace_mode(n);
            n->load_model(small_net());
            CHECK(Runtime::get_cpu_threads_number(n) == threads);
            CHECK(Runtime::is_cpu_inplace_mode(n) == inplace);
            CHECK(n->get_device_id() == (inplace ? (threads > 1 ? -1025 : -1024) : 0));
            std::mutex mutex;
            std::vector<std::pair<int, std::thread::id>> calls;
            Runtime::set_runtime_thread_affinity(n, [&](int id) {
                const std::lock_guard lock(mutex);
                calls.emplace_back(id, std::this_thread::get_id());
            });
            CHECK(near(run(*n, kData), want()));
            CHECK(near(run(*n, kData), want()));
            REQUIRE(calls.size() == threads);  // once in each
            std::vector<bool> seen(threads, false);
            for (auto [id, thread] : calls) {
                seen.at(static_cast<size_t>(id)) = true;
                CHECK((thread == std::this_thread::get_id()) == (id == static_cast<int>(threads) - 1));
                for (auto [other, where] : calls) CHECK((other == id) == (where == thread));
            }
            CHECK(std::count(seen.begin(), seen.end(), true) == static_cast<std::ptrdiff_t>(threads));
        }
}

TEST_CASE("in place, a network runs where forward is called, whoever loaded it") {
    const auto n = std::make_shared<Network>();
    Runtime::set_cpu_inplace_mode(n);
    n->load_model(small_net());
    for (int round = 0; round < 2; ++round) {
        std::thread::id ran, caller;
        int id = -1;
        Runtime::set_runtime_thread_affinity(n, [&](int i) {
            id = i;
            ran = std::this_thread::get_id();
        });
        std::thread t([&] {
            caller = std::this_thread::get_id();
            CHECK(near(run(*n, kData), want()));
        });
        t.join();
        CHECK(id == 0);
        CHECK(ran == caller);
    }
}

TEST_CASE("configured outputs and unknown names") {
    const Array x = random_f32({1, 8, 4, 4}, 9);
    const auto all = expected(two_outputs(), {x});
    NetworkIO io;
    io.inputs.push_back({"data", false});    // host and device are one
    io.inputs.push_back({"nobody", false});  // ignored
    io.outputs.push_back({"total"});
    io.outputs.push_back({"no_output"});
    {
        const auto n = make_network(two_outputs(), {}, io);
        CHECK(n->get_all_output_name() == std::vector<std::string>{"total", "clsfy"});  // configured ones first
        CHECK(n->get_output_name(0) == "clsfy");                                       // the order of the file
        CHECK(near(run(*n, x, "clsfy"), floats(all[0])));
        CHECK(near(floats(*n->get_io_tensor("total")), floats(all[1])));
    }
    io.outputs = {{"clsfy"}};
    Network only(Config{}, io);
    only.compute_only_configured_output();
    only.load_model(two_outputs());
    CHECK(only.get_all_output_name() == std::vector<std::string>{"clsfy"});
    CHECK(near(run(only, x, "clsfy"), floats(all[0])));
    CHECK_FAILS(only.get_io_tensor("total"), "total");
    Network none;
    none.compute_only_configured_output();
    CHECK_FAILS(none.load_model(two_outputs()), "compute configured output only with no configure output.");
}

TEST_CASE("an output of which only the shape is wanted") {
    NetworkIO io;
    io.outputs.push_back({"prob", true, LITE_IO_SHAPE});
    const auto n = make_network(small_net({kUnknown, 3, 32, 32}), {}, io);
    run(*n, random_f32({3, 3, 32, 32}, 1));
    CHECK(n->get_io_tensor("prob")->get_tensor_total_size_in_byte() / 4 == 30);
    CHECK(n->get_io_tensor("prob")->get_layout() == Layout{{3, 10}, 2});
}

TEST_CASE("the layout that the user configures is there after loading") {
    NetworkIO io;
    io.inputs.push_back({"data", true, LITE_IO_VALUE, Layout{{2, 3, 24, 24}, 4}});
    const auto n = make_network(small_net({kUnknown, 3, kUnknown, kUnknown}), {}, io);
    CHECK(n->get_input_tensor(0)->get_layout() == Layout{{2, 3, 24, 24}, 4});
    CHECK(n->get_output_tensor(0)->get_layout() == Layout{{2, 10}, 2});
    io = {{}, {{"prob", true, LITE_IO_VALUE, Layout{{5, 6}, 2}}}};  // of an output it says nothing
    CHECK(near(run(*make_network(small_net(), {}, io), kData), want()));
}

TEST_CASE("every allocation of a network goes through the user's allocator and comes back") {
    const auto dynamic = [] {  // the number of rows is known only when it runs
        GraphBuilder g;
        const Var x = g.input("data", {1, 3, 32, 32});
        const Var places = g.add("NonZero", {relu(x)});
        return g.finish({reduce_sum(g.add("Cast", {places}, {{"to", 1}}), {1}, false).named("prob")});
    };
    for (bool own : {false, true})
        for (const Graph& graph : {small_net(), dynamic()}) {
            const auto counting = std::make_shared<CountingAllocator>();
            Config c;
            c.options.force_dynamic_alloc = own;
            {
                const auto n = std::make_shared<Network>(c);
                Runtime::set_memory_allocator(n, counting);
                n->load_model(graph);
                CHECK(near(run(*n, kData), floats(expected(graph, {kData})[0])));
                CHECK(counting->taken >= 1);
                CHECK(counting->left >= (own ? 0 : 1));
                const int before = counting->taken;
                run(*n, kData);
                if (own) CHECK(counting->taken > before);  // values come and go in every run
                run(*n, kData);
            }
            CHECK(counting->left == 0);
        }
}

TEST_CASE("networks that share one arena") {
    const auto first = std::make_shared<CountingAllocator>(), second = std::make_shared<CountingAllocator>(), alone = std::make_shared<CountingAllocator>();
    auto a = std::make_shared<Network>(), b = std::make_shared<Network>(), c = std::make_shared<Network>();
    Runtime::set_memory_allocator(a, first);
    Runtime::set_memory_allocator(b, second);
    Runtime::set_memory_allocator(c, alone);
    Runtime::share_runtime_memory_with(b, a);  // before both loads
    for (auto& n : {a, b, c}) n->load_model(small_net());
    CHECK(near(run(*a, kData), want()));
    CHECK(near(run(*b, kData), want()));
    CHECK(near(run(*a, kData), want()));
    CHECK(near(run(*c, kData), want()));
    CHECK(second->bytes < alone->bytes);  // by the arena
    // from several threads, and whoever dies first
    std::thread t([&] {
        for (int i = 0; i < 20; ++i) CHECK(near(run(*b, kData), want()));
        b = nullptr;
    });
    for (int i = 0; i < 10; ++i) CHECK(near(run(*a, kData), want()));
    a = nullptr;
    t.join();
    // one that is loaded already
    const auto d = std::make_shared<Network>();
    Runtime::share_runtime_memory_with(d, c);
    d->load_model(small_net({1, 3, 64, 64}));
    const Array large = random_f32({1, 3, 64, 64}, 3);
    CHECK(near(run(*d, large), floats(expected(small_net({1, 3, 64, 64}), {large})[0])));
    CHECK(near(run(*c, kData), want()));
}

TEST_CASE("networks that share weights") {
    auto source = std::make_shared<Network>();
    const auto first = std::make_shared<CountingAllocator>(), second = std::make_shared<CountingAllocator>();
    Runtime::set_memory_allocator(source, first);
    auto copy = std::make_shared<Network>();
    CHECK_FAILS(Runtime::shared_weight_with_network(copy, source), "should be used after model loaded.");
    source->load_model(small_net());
    Runtime::set_memory_allocator(copy, second);
    Runtime::set_cpu_inplace_mode(copy);
    Runtime::shared_weight_with_network(copy, source);
    CHECK(Runtime::is_cpu_inplace_mode(copy));
    CHECK_FAILS(Runtime::shared_weight_with_network(copy, source), "before model loaded");
    const Array other = random_f32({1, 3, 32, 32}, 11);
    const std::vector<float> want_other = floats(expected(small_net(), {other})[0]);
    CHECK(near(run(*source, kData), want()));
    CHECK(near(run(*copy, other), want_other));
    CHECK(source->get_input_tensor(0) != copy->get_input_tensor(0));
    CHECK(source->get_output_tensor(0)->get_memory_ptr() != copy->get_output_tensor(0)->get_memory_ptr());
    CHECK(near(floats(*source->get_output_tensor(0)), want()));
    CHECK(second->bytes + 16 * 32 * 9 * 4 <= first->bytes);  // by the packed weights of the second convolution at least
    std::thread t([&] {
        for (int i = 0; i < 20; ++i) CHECK(near(run(*copy, other), want_other));
    });
    for (int i = 0; i < 10; ++i) CHECK(near(run(*source, kData), want()));
    source->load_model(small_net());  // reloaded, then gone, while the other runs
    source = nullptr;
    t.join();
    CHECK(near(run(*copy, other), want_other));
    CHECK(first->left > 0);  // the weights, which came from there
    copy = nullptr;
    CHECK(first->left == 0);
    CHECK(second->left == 0);
}

TEST_CASE("networks are loaded and run in several threads at once") {
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int id = 0; id < 4; ++id)
        threads.emplace_back([&, id] {
            Network n;
            n.set_device_id(id % 2);
            n.load_model(small_net());
            right += near(run(n, kData), want());
        });
    for (auto& t : threads) t.join();
    CHECK(right == 4);
}

TEST_CASE("a discrete input comes as tensors of batch 1") {
    Config c;
    c.discrete_input_name = "data";
    NetworkIO io;
    io.inputs.push_back({"data", true, LITE_IO_VALUE, Layout{{3, 3, 32, 32}, 4}});
    const auto n = make_network(small_net({kUnknown, 3, 32, 32}), c, io);
    const Array batch = random_f32({3, 3, 32, 32}, 12);
    const auto parts = n->get_discrete_tensors("data");
    REQUIRE(parts.size() == 3);
    const size_t one = batch.bytes() / 3;
    for (size_t i = 0; i < 3; ++i) {
        CHECK(parts[i]->get_layout() == Layout{{1, 3, 32, 32}, 4});
        std::memcpy(parts[i]->get_memory_ptr(), batch.data() + i * one, one);
    }
    n->forward();
    n->wait();
    CHECK(near(floats(*n->get_output_tensor(0)), floats(expected(small_net({kUnknown, 3, 32, 32}), {batch})[0])));
    CHECK(n->get_input_tensors(0).size() == 3);
    CHECK(n->get_io_tensor("data") != nullptr);
    CHECK_FAILS(n->get_discrete_tensors("prob"), "tensor name must be prob input tensor name.");
    const auto plain = make_network(small_net());
    CHECK_FAILS(plain->get_discrete_tensors("data"), "tensor name must be data input tensor name.");
    CHECK(plain->get_input_tensors(0).size() == 1);
    CHECK_FAILS(make_network(small_net({kUnknown, 3, 32, 32}), c), "discrete_input_name");
}
