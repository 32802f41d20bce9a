// The options of a network, each by what a user can observe of it.
#include "lite/network_core.h"
#include "lite/op/remap.h"
#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
const std::vector<float>& want() {
    static const std::vector<float> w = floats(expected(small_net(), {kData})[0]);
    return w;
}
Config with(const std::function<void(Options&)>& set) {
    Config c;
    set(c.options);
    return c;
}
// A picture whose shape arithmetic is done by nodes: what const_shape folds.
Graph shape_arithmetic() {
    GraphBuilder g("shapes");
    const Var x = g.input("data", {kUnknown, 3, kUnknown, kUnknown});
    const Var area = reduce_sum(gather(shape_of(x), g.constant(Array::vector_i64({2, 3}))), {0}, true);
    return g.finish({mul(global_average_pool(x), g.add("Cast", {area}, {{"to", 1}})).named("prob")});
}

// Adds one, and on demand writes over its input: what no operator may do.
bool corrupting = false;
struct AddOne {
    static constexpr std::string_view name = "InterfaceTestAddOne";
    static constexpr Spelling spellings[] = {{"onnx", "test", "InterfaceTestAddOne"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, c.shape(0)); }
    static void reference(RunContext& c) {
        auto* x = c.input(0).as<float>();
        auto* y = c.output(0).as<float>();
        for (int64_t i = 0; i < c.input(0).count(); ++i) y[i] = x[i] + 1;
        if (corrupting) x[0] = -5;
    }
};
Graph add_one() {
    GraphBuilder g;
    const Var x = g.input("data", {4});
    const Var a = neg(x);
    const Var b = g.add<AddOne>({a});
    return g.finish({add(a, b).named("prob")});
}
}  // namespace

TEST_CASE("fake_next_exec: the first forward computes nothing") {
    const auto n = make_network(small_net(), with([](Options& o) { o.fake_next_exec = true; }));
    std::vector<float> mine(10, 123.f);
    n->get_output_tensor(0)->reset(mine.data(), mine.size() * 4);
    set_input(*n, kData);
    n->forward();
    n->wait();
    CHECK(mine == std::vector<float>(10, 123.f));
    n->forward();
    n->wait();
    CHECK(near(mine, want()));
    CHECK_FAILS(make_network(small_net(), with([](Options& o) {
                    o.fake_next_exec = true;
                    o.comp_node_seq_record_level = 1;
                })),
                "can only be set at the first run and var sanity check should be disabled");
    const auto recorded = make_network(small_net(), with([](Options& o) {
                                           o.fake_next_exec = true;
                                           o.var_sanity_check_first_run = false;
                                           o.comp_node_seq_record_level = 1;
                                       }));
    run(*recorded, kData);
    CHECK(near(run(*recorded, kData), want()));
}

TEST_CASE("var_sanity_check_first_run finds what writes over its inputs, in the first run only") {
    const Array x = Array::of<float>({4}, std::vector<float>{1, 2, 3, 4});
    for (bool option : {true, false})
        for (bool from_start : {true, false}) {
            corrupting = from_start;
            const auto n = make_network(add_one(), with([&](Options& o) { o.var_sanity_check_first_run = option; }));
            if (option && from_start) {
                CHECK_FAILS(run(*n, x), "var sanity check failed");
                CHECK_FAILS(make_network(add_one())->get_io_tensor("x"), "x");
            } else {
                CHECK_NOTHROW(run(*n, x));
                corrupting = true;
                CHECK_NOTHROW(run(*n, x));
            }
        }
    corrupting = false;
}

TEST_CASE("const_shape: what follows from shapes is folded at load, and they are final") {
    NetworkIO io;
    io.inputs.push_back({"data", true, LITE_IO_VALUE, Layout{{1, 3, 32, 32}, 4}});
    const Config c = with([](Options& o) { o.const_shape = true; });
    const auto n = make_network(shape_arithmetic(), c, io);
    CHECK(near(run(*n, kData), floats(expected(shape_arithmetic(), {kData})[0])));
    CHECK_FAILS(run(*n, random_f32({1, 3, 32, 40}, 1)), "the model expects [1,3,32,32]");
    CHECK(near(run(*n, kData), floats(expected(shape_arithmetic(), {kData})[0])));
    CHECK_FAILS(make_network(shape_arithmetic(), c), "const_shape: the shape of the input \"data\" is not known");
    // fewer nodes
    SessionOptions o;
    o.optimize.fuse = false;
    Graph fixed = shape_arithmetic();
    fixed.value(fixed.inputs[0]).shape = {1, 3, 32, 32};
    CHECK(Session(fixed, o).graph().nodes.size() < Session(shape_arithmetic(), o).graph().nodes.size());
}

TEST_CASE("force_output_dynamic_alloc: fresh memory in each run, which the output tensor has") {
    const auto n = make_network(small_net(), with([](Options& o) { o.force_output_dynamic_alloc = true; }));
    const auto out = n->get_io_tensor("prob");  // fetched before
    std::vector<Tensor> kept(5);
    for (size_t i = 0; i < 5; ++i) {
        const Array x = random_f32({1, 3, 32, 32}, static_cast<uint32_t>(20 + i));
        CHECK(near(run(*n, x), floats(expected(small_net(), {x})[0])));
        kept[i].share_memory_with(*out);
        for (size_t k = 0; k < i; ++k) CHECK(kept[k].get_memory_ptr() != out->get_memory_ptr());
    }
    for (size_t i = 0; i < 5; ++i)  // nobody wrote over the older ones
        CHECK(near(floats(kept[i]), floats(expected(small_net(), {random_f32({1, 3, 32, 32}, static_cast<uint32_t>(20 + i))})[0])));
    CHECK_FAILS(make_network(small_net(), with([](Options& o) { o.force_output_dynamic_alloc = o.force_output_use_user_specified_memory = true; })),
                "Can't set force_output_dynamic_alloc and force_output_use_user_specified_memory at the same time.");
}

TEST_CASE("force_output_use_user_specified_memory and new input memory in each run, recorded or not") {
    for (uint8_t level : {0, 1}) {
        const auto n = make_network(small_net(), with([&](Options& o) {
                                        o.force_output_use_user_specified_memory = true;
                                        o.comp_node_seq_record_level = level;
                                        o.var_sanity_check_first_run = false;
                                    }));
        set_input(*n, kData);
        CHECK_FAILS(n->forward(), "asks for reset() before forward()");
        const Layout l{{1, 10}, 2};
        std::vector<std::vector<float>> out(5, std::vector<float>(10)), in(3, floats(kData));
        for (size_t i = 0; i < 5; ++i) {
            n->get_input_tensor(0)->reset(in[i % 3].data(), Layout{{1, 3, 32, 32}, 4});
            n->get_output_tensor(0)->reset(out[i].data(), l);
            n->forward();
            n->wait();
            CHECK(n->get_output_tensor(0)->get_memory_ptr() == out[i].data());
        }
        for (const auto& o : out) CHECK(near(o, want()));
    }
    GraphBuilder g;
    const Config c = with([](Options& o) { o.force_output_use_user_specified_memory = true; });
    const auto dynamic = make_network(g.finish({g.add("NonZero", {g.input("data", {4})}).named("y")}), c);
    CHECK_FAILS(dynamic->forward(), "depends on data");
}

TEST_CASE("recording without the graph: outputs may still go to other memory in each run") {
    const auto n = make_network(small_net(), with([](Options& o) {
                                    o.force_output_use_user_specified_memory = true;
                                    o.comp_node_seq_record_level = 2;
                                    o.var_sanity_check_first_run = false;
                                }));
    set_input(*n, kData);
    std::vector<std::vector<float>> out(4, std::vector<float>(10));
    for (auto& o : out) {
        n->get_output_tensor(0)->reset(o.data(), Layout{{1, 10}, 2});
        n->forward();
        n->wait();
        CHECK(n->get_output_tensor(0)->get_memory_ptr() == o.data());
        CHECK(near(o, want()));
    }
}

TEST_CASE("recording: level 1 replays and records anew, level 2 is final") {
    for (uint8_t level : {1, 2})
        for (size_t threads : {size_t{1}, size_t{2}}) {
            const auto n = std::make_shared<Network>(with([&](Options& o) {
                o.comp_node_seq_record_level = level;
                o.var_sanity_check_first_run = false;
            }));
            Runtime::set_cpu_threads_number(n, threads);
            NetworkIO io;
            n->load_model(level == 2 ? small_net() : small_net({kUnknown, 3, kUnknown, kUnknown}));
            for (uint32_t i = 0; i < 4; ++i) {  // other data in the same memory
                const Array x = random_f32({1, 3, 32, 32}, 30 + i);
                const auto t = n->get_input_tensor(0);
                if (t->get_layout().ndim == 0) t->set_layout(Layout{{1, 3, 32, 32}, 4});
                std::memcpy(t->get_memory_ptr(), x.data(), x.bytes());
                n->forward();
                n->wait();
                CHECK(near(floats(*n->get_output_tensor(0)), floats(expected(small_net(), {x})[0])));
            }
            const Array large = random_f32({1, 3, 40, 40}, 40);
            if (level == 1) {
                CHECK(near(run(*n, large), floats(expected(small_net({kUnknown, 3, kUnknown, kUnknown}), {large})[0])));
                CHECK(near(run(*n, kData), want()));
                std::vector<float> other = floats(kData);
                n->get_input_tensor(0)->reset(other.data(), other.size() * 4);
                n->forward();
                n->wait();
                CHECK(near(floats(*n->get_output_tensor(0)), want()));
            } else {
                const auto copy = std::make_shared<Network>();
                CHECK_FAILS(Runtime::shared_weight_with_network(copy, n), "the graph of this network is gone");
                std::vector<float> other = floats(kData);
                n->get_input_tensor(0)->reset(other.data(), other.size() * 4);
                CHECK_FAILS(n->forward(), "the memory of the input \"data\" is final");
                CHECK_FAILS(run(*n, large), "shapes of inputs are final");
            }
        }
}

TEST_CASE("record level 2 with const_shape, three times") {
    const auto n = make_network(small_net(), with([](Options& o) {
                                    o.const_shape = true;
                                    o.var_sanity_check_first_run = false;
                                    o.comp_node_seq_record_level = 2;
                                }));
    for (int i = 0; i < 3; ++i) CHECK(near(run(*n, kData), want()));
}

TEST_CASE("recording into memory of the user's, images of bytes, results of 16 bits") {
    const auto graph = [] {
        GraphBuilder g;
        const Var x = cast(g.input("data", {1, 3, 8, 8}, DType::u8), DType::f32);
        const Var y = relu(conv2d(x, g.constant(random_f32({4, 3, 3, 3}, 1)), {}, {.pads = {1, 1, 1, 1}}));
        return g.finish({cast(y, DType::i16).named("y")});
    };
    for (size_t threads : {size_t{1}, size_t{2}}) {
        const auto n = std::make_shared<Network>(with([](Options& o) {
            o.const_shape = o.force_output_use_user_specified_memory = true;
            o.var_sanity_check_first_run = false;
            o.comp_node_seq_record_level = 1;
            o.graph_opt_level = 2;
        }));
        Runtime::set_cpu_threads_number(n, threads);
        n->load_model(graph());
        std::vector<std::vector<uint8_t>> in(3, std::vector<uint8_t>(192));
        std::vector<std::vector<int16_t>> out(5, std::vector<int16_t>(256));
        for (size_t i = 0; i < 5; ++i) {
            Array x = Array::zeros(DType::u8, {1, 3, 8, 8});
            for (size_t k = 0; k < 192; ++k) in[i % 3][k] = static_cast<uint8_t>(k * 7 + i * 31);
            std::memcpy(x.mutable_data(), in[i % 3].data(), 192);
            n->get_input_tensor(0)->reset(in[i % 3].data(), Layout{{1, 3, 8, 8}, 4, LITE_UINT8});
            n->get_output_tensor(0)->reset(out[i].data(), Layout{{1, 4, 8, 8}, 4, LITE_INT16});
            n->forward();
            n->wait();
            CHECK(n->get_output_tensor(0)->get_memory_ptr() == out[i].data());
            const auto wanted = expected(graph(), {x})[0].values<int>();
            for (size_t k = 0; k < 256; ++k) CHECK(std::abs(out[i][k] - wanted[k]) <= 1);  // a sum beside a whole number is cut either way
        }
    }
}

TEST_CASE("recording: what excludes it") {
    for (bool fake : {false, true})
        CHECK_FAILS(make_network(small_net(), with([&](Options& o) {
                        o.comp_node_seq_record_level = 2;
                        o.fake_next_exec = fake;
                        o.var_sanity_check_first_run = !fake;
                    })),
                    "both fake_next_exec and var_sanity_check_first_run must be false when comp_node_seq_record_level is 2");
    CHECK_FAILS(make_network(small_net(), with([](Options& o) { o.comp_node_seq_record_level = 3; })), "invalid comp_node_seq_record_level");
    // with force_dynamic_alloc: a normal run
    const auto n = make_network(small_net(), with([](Options& o) {
                                    o.comp_node_seq_record_level = 1;
                                    o.force_dynamic_alloc = true;
                                }));
    CHECK(near(run(*n, kData), want()));
    CHECK(near(run(*n, kData), want()));
}

TEST_CASE("record level 2 frees the graph with its weights as they were read") {
    // A large matrix as a constant of its own: after packing, one copy is left instead of two.
    const auto graph = [](std::weak_ptr<const std::byte>& weights) {
        GraphBuilder g;
        const Array w = random_f32({512, 512}, 3);
        weights = w.owner();
        return g.finish({matmul(g.input("data", {4, 512}), g.constant(w)).named("prob")});
    };
    const Array x = random_f32({4, 512}, 4);
    for (uint8_t level : {0, 1, 2}) {
        std::weak_ptr<const std::byte> weights;
        const auto n = make_network(graph(weights), with([&](Options& o) {
                                        o.comp_node_seq_record_level = level;
                                        o.var_sanity_check_first_run = false;
                                    }));
        CHECK(weights.expired() == (level == 2));
        std::weak_ptr<const std::byte> other;
        CHECK(near(run(*n, x), floats(expected(graph(other), {x})[0])));
    }
}

TEST_CASE("fuse_preprocess: what stands behind an input picture becomes one node") {
    const auto graph = [](bool bytes, bool last, bool pad, bool normalize) {
        GraphBuilder g;
        Var x = g.input("data", last ? Shape{1, 12, 9, 3} : Shape{1, 3, 12, 9}, bytes ? DType::u8 : DType::f32);
        if (bytes) x = cast(x, DType::f32);
        const Shape channel = last ? Shape{3} : Shape{1, 3, 1, 1};
        if (normalize) x = (x - g.constant<float>(channel, std::vector<float>{100, 110, 120})) / 50.0;
        if (last) x = transpose(x, {0, 3, 1, 2});
        if (normalize) x = x * g.constant<float>({3, 1, 1}, std::vector<float>{1, 2, 3});
        if (pad) x = lite::pad(x, {0, 0, 0, 0, 0, 1, 0, 0});
        return g.finish({conv2d(x, g.constant(random_f32({4, pad ? 4 : 3, 3, 3}, 2)), {}, {.pads = {1, 1, 1, 1}}).named("prob")});
    };
    for (bool bytes : {false, true})
        for (bool last : {false, true})
            for (bool pad : {false, true})
                for (bool normalize : {false, true}) {
                    const Graph g = graph(bytes, last, pad, normalize);
                    const Array image = random_f32(g.value(g.inputs[0]).shape, 3, 0, 255);
                    Array x = image;
                    if (bytes) {
                        x = Array::zeros(DType::u8, image.shape());
                        for (int64_t i = 0; i < x.count(); ++i) x.mutable_data()[i] = std::byte(static_cast<uint8_t>(image.values<float>()[static_cast<size_t>(i)]));
                    }
                    size_t nodes[2];
                    for (bool fused : {false, true}) {
                        const auto n = make_network(g, with([&](Options& o) {
                                                        o.fuse_preprocess = fused;
                                                        o.graph_opt_level = 0;
                                                    }));
                        std::memcpy(n->get_io_tensor("data")->get_memory_ptr(), x.data(), x.bytes());
                        n->forward();
                        n->wait();
                        // sums of 27 products of numbers up to 255
                        CHECK(near(floats(*n->get_output_tensor(0)), floats(expected(g, {x})[0]), 1e-3f));
                        nodes[fused] = NetworkAccess::impl(n).session->plan().graph.nodes.size();
                    }
                    const int behind = bytes + last + pad + 3 * normalize;
                    if (behind >= 2) CHECK(nodes[1] < nodes[0]);
                    else CHECK(nodes[1] == nodes[0]);
                }
}

TEST_CASE("graph_opt_level and jit_level change the graph, never the answer") {
    const auto graph = [] {
        GraphBuilder g;
        const Var x = g.input("data", {1, 3, 32, 32});
        return g.finish({reduce_mean(exp(neg(x) * 0.5), {2, 3}).named("prob")});
    };
    const auto steps = [&](uint8_t level, uint8_t jit) {
        const auto n = make_network(graph(), with([&](Options& o) {
                                        o.graph_opt_level = level;
                                        o.jit_level = jit;
                                    }));
        CHECK(near(run(*n, kData), floats(expected(graph(), {kData})[0])));
        return std::pair(NetworkAccess::impl(n).session->plan().steps.size(), NetworkAccess::impl(n).session->arena_bytes());
    };
    for (uint8_t level : {0, 1, 2, 3}) CHECK(near(run(*make_network(small_net(), with([&](Options& o) { o.graph_opt_level = level; })), kData), want()));
    CHECK(steps(0, 0).first == 4);
    CHECK(steps(0, 1).first == 2);
    CHECK(steps(0, 2).first == 1);
    CHECK(steps(2, 2).first == 1);
    CHECK(steps(3, 0).first == 2);
    CHECK(steps(0, 2).second < steps(0, 1).second);  // the result of the chain is never stored
    CHECK(steps(0, 1).second <= steps(0, 0).second);
    CHECK_FAILS(steps(4, 0), "graph_opt_level is 4");
    CHECK_FAILS(steps(2, 3), "jit_level is 3");
}

TEST_CASE("enable_f16_io_comp: values between operators are halves, inputs and outputs floats") {
    const auto set = [](Options& o) { o.enable_f16_io_comp = true; };
    const auto n = make_network(small_net(), with(set));
    size_t halves = 0;
    Runtime::observe_nodes(n, [&](const NodeRun& r) {
        for (const auto& o : r.outputs) {
            const LiteDataType t = o.second->get_layout().data_type;
            halves += t == LITE_HALF;
            if (r.type == "Cast" || r.type == "Relayout") continue;
            CHECK(t == (r.type == "Flatten" ? LITE_HALF : LITE_FLOAT));  // what moves elements moves halves, what computes makes floats
        }
    });
    const std::vector<float> y = run(*n, kData);
    CHECK(halves >= 5);
    CHECK(n->get_output_tensor(0)->get_layout().data_type == LITE_FLOAT);
    CHECK(near(y, want(), 0.01f));  // ten roundings to 11 bits, and sums of 288 products of rounded weights
    CHECK_FALSE(y == want());
    for (float v : y) CHECK(static_cast<float>(Half(v)) == v);
    // The same in every layout, with other shapes, and where sums that no half can hold only name places.
    for (auto layout : {&Options::enable_nchw44, &Options::enable_nchw88, &Options::enable_nhwcd4}) {
        CHECK(near(run(*make_network(small_net(), with([&](Options& o) { o.enable_f16_io_comp = o.*layout = true; })), kData), want(), 0.01f));
    }
    const auto open = make_network(small_net({kUnknown, 3, kUnknown, kUnknown}), with(set));
    for (const Shape& s : {Shape{1, 3, 32, 32}, Shape{2, 3, 20, 24}}) {
        const Array x = random_f32(s, 7);
        CHECK(near(run(*open, x), floats(expected(small_net(s), {x})[0]), 0.01f));
    }
    GraphBuilder g("places");
    const Var x = g.input("data", {1, 1, 1, 2});
    const Var map = g.constant(Array::of(Shape{1, 1, 2, 2}, std::vector<float>{0.0003f, 0, 0.5001f, 0}));
    const Graph sampled = g.finish({g.add<Remap>({x, map}).named("prob")});
    const std::vector<float> exact = run(*make_network(sampled, with(set)), Array::of(Shape{1, 1, 1, 2}, std::vector<float>{0, 1}));
    CHECK(exact == std::vector<float>{static_cast<float>(Half(0.0003f)), static_cast<float>(Half(0.5001f))});
}

TEST_CASE("auto_optimize_inference is what lite does anyway") {
    Config c;
    c.auto_optimize_inference = true;
    CHECK(near(run(*make_network(small_net(), c), kData), want()));
}

TEST_CASE("each layout gives the answer, two at once are an error") {
    bool Options::*const layouts[] = {&Options::enable_nchw44, &Options::enable_nchw44_dot, &Options::enable_nchw88, &Options::enable_nhwcd4,
                                      &Options::enable_nchw4,  &Options::enable_nchw32,     &Options::enable_nchw64};
    for (auto a : layouts) {
        CHECK(near(run(*make_network(small_net(), with([&](Options& o) { o.*a = true; })), kData), want()));
        for (auto b : layouts)
            if (a != b) CHECK_FAILS(make_network(small_net(), with([&](Options& o) { o.*a = o.*b = true; })), "at most one");
    }
}
