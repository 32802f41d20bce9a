// Prepared models: the same answers without choosing and packing; what does not fit or is damaged.
#include "lite/format/prepared.h"

#include "lite/network_core.h"
#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
Session& session_of(const Network& n) { return *NetworkAccess::impl(n).session; }
std::vector<std::string> kernels(const Session& s) {
    std::vector<std::string> names;
    for (const Step& step : s.plan().steps) names.push_back(step.row ? kernel_text(*step.row) : "reference");
    return names;
}
// Weights that a normalisation goes into, a matrix in a loaded form, and constants that are computed at load.
Graph net() {
    GraphBuilder g("net");
    const Var x = g.input("data", {1, 3, 32, 32});
    const Var a = conv2d(x, g.constant(random_f32({16, 3, 3, 3}, 1)), {}, {.pads = {1, 1, 1, 1}});
    const Var b = relu(batch_norm(a, g.constant(random_f32({16}, 2)), g.constant(random_f32({16}, 3)), g.constant(random_f32({16}, 4)),
                                  g.constant(random_f32({16}, 5, 0.5f, 1.f))));
    const Var c = relu(conv2d(max_pool(b, {2, 2}), g.constant(random_f32({32, 16, 3, 3}, 6, -0.2f, 0.2f)), {}, {.pads = {1, 1, 1, 1}}));
    const Var w = transpose(g.constant(random_f32({10, 32}, 8)), {1, 0});
    return g.finish({softmax(gemm(flatten(global_average_pool(c)), w, g.constant(random_f32({10}, 9)))).named("prob")});
}
struct Files : Folder {
    std::string model, prepared;
    std::vector<float> want;
    explicit Files(size_t threads = 1) : model(*this / "m.onnx"), prepared(*this / "m.lite") {
        write_onnx(net(), model);
        const auto n = std::make_shared<Network>();
        Runtime::set_cpu_threads_number(n, threads);
        n->load_model(model);
        want = run(*n, kData);
        CHECK(session_of(*n).weights_packed() >= 4);
        n->save_prepared(prepared);
    }
    std::string bytes() const { return read_text(prepared); }
    void put(const std::string& s) const { write_file(prepared, std::as_bytes(std::span(s))); }
    // The weights that were packed while it loads; the answer must be right to the bit.
    size_t packed(size_t threads = 1) const {
        const auto n = std::make_shared<Network>();
        Runtime::set_cpu_threads_number(n, threads);
        n->load_model(prepared);
        CHECK(run(*n, kData) == want);
        return session_of(*n).weights_packed();
    }
    // Writes it anew with something else in it.
    template <class F> void change(const F& f) const {
        PreparedModel p = read_prepared(open_model(prepared));
        f(p);
        write_prepared(prepared, p);
    }
};
}  // namespace

TEST_CASE("a prepared model gives the same bits and packs nothing") {
    for (size_t threads : {1, 2}) {
        const Files f(threads);
        CHECK(f.packed(threads) == 0);
        Network n;  // from memory
        std::string s = f.bytes();
        n.load_model(s.data(), s.size());
        CHECK(run(n, kData) == f.want);
        CHECK(session_of(n).weights_packed() == 0);
        n.save_prepared(f.prepared);  // once more, from what was loaded
        CHECK(f.packed(threads) == 0);
    }
}

TEST_CASE("choices of a prepared model are taken, also those that cost would not choose") {
    const Files f;
    Network plain;
    plain.load_model(f.model);
    run(plain, kData);
    const auto before = kernels(session_of(plain));
    // A layout that was asked for is a choice, too: one that this CPU would not take by itself.
    Config c;
    (all_bricks().front()->native == LayoutTag::nchw44 ? c.options.enable_nchw88 : c.options.enable_nchw44) = true;
    Network other(c);
    other.load_model(f.model);
    const auto want = run(other, kData);
    const auto chosen = kernels(session_of(other));
    REQUIRE(chosen != before);
    other.save_prepared(f.prepared);
    Network again;
    again.load_model(f.prepared);
    CHECK(kernels(session_of(again)) == chosen);
    CHECK(run(again, kData) == want);
    CHECK(session_of(again).weights_packed() == 0);
}

TEST_CASE("where a prepared model does not fit its weights are packed again") {
    const Files f;
    CHECK(f.packed(2) < 2);  // the choices may differ, the forms hardly do
    f.change([](PreparedModel& p) { p.kernels = "lite 0.0.1"; });
    CHECK(f.packed() >= 4);
    const Files g;
    g.change([](PreparedModel& p) { p.options = "threads 99"; });
    CHECK(g.packed() == 0);  // chosen anew, but the forms are the same
    g.change([](PreparedModel& p) {
        for (PreparedPlan& plan : p.plans)
            for (PreparedChoice& c : plan.choices) c.kernel = "no such kernel";
    });
    CHECK(g.packed() == 0);
    g.change([](PreparedModel& p) {
        for (PackedWeight& w : p.weights) w.key += '?';
    });
    CHECK(g.packed() >= 4);
    ModelBytes bytes = open_model(g.prepared);
    SessionOptions other;
    other.isa = std::string(all_bricks().back()->name);
    other.prepared = open_prepared(bytes);
    Session s(read_model(bytes), other);
    CHECK(near(floats(s.run({kData})[0]), f.want));
    if (all_bricks().back()->name != all_bricks().front()->name) CHECK(s.weights_packed() >= 4);
}

TEST_CASE("the model in a prepared file is found by whoever asks for a model") {
    const Files f;
    const NetworkIO io = Runtime::get_model_io_info(f.prepared);
    REQUIRE(io.inputs.size() == 1);
    CHECK(io.inputs[0].name == "data");
    CHECK(read_model(open_model(f.prepared)).nodes.size() == read_model(open_model(f.model)).nodes.size());
}

TEST_CASE("other shapes are planned as usual") {
    GraphBuilder g("open");
    const Var x = g.input("data", {1, 8, kUnknown, kUnknown});
    const Graph graph = g.finish({relu(conv2d(x, g.constant(random_f32({16, 8, 3, 3}, 1)))).named("prob")});
    const Folder folder;
    write_onnx(graph, folder / "m.onnx");
    Network n;
    n.load_model(folder / "m.onnx");
    CHECK_FAILS(n.save_prepared(folder / "m.lite"), "the input shapes are not known");
    const Array small = random_f32({1, 8, 9, 9}, 1), large = random_f32({1, 8, 40, 30}, 2), third = random_f32({1, 8, 5, 64}, 3);
    const auto a = run(n, small), b = run(n, large), c = run(n, third);
    run(n, small);
    n.save_prepared(folder / "m.lite");
    Network again;
    again.load_model(folder / "m.lite");
    CHECK(run(again, small) == a);
    CHECK(run(again, large) == b);
    CHECK(run(again, third) == c);
    CHECK(session_of(again).weights_packed() == 0);
    CHECK(near(run(again, random_f32({1, 8, 11, 12}, 4)), floats(expected(graph, {random_f32({1, 8, 11, 12}, 4)})[0])));
}

TEST_CASE("a prepared file that is cut short or changed") {
    const Files f;
    const std::string whole = f.bytes();
    const auto load = [&] {
        Network n;
        n.load_model(f.prepared);
        return run(n, kData);
    };
    for (size_t size : {size_t{16}, size_t{40}, size_t{48}, size_t{200}, whole.size() / 2, whole.size() - 1}) {
        f.put(whole.substr(0, size));
        CHECK_FAILS(load(), "this prepared model is damaged; make it again from its original");
    }
    f.put(whole + 'x');
    CHECK_FAILS(load(), "this prepared model is damaged");
    const size_t table_end = 48 + [&] {
        uint64_t v;
        std::memcpy(&v, whole.data() + 24, 8);
        return static_cast<size_t>(v);
    }();
    // Every bit of the header and a spread of those of the table are guarded.
    for (size_t bit = 16 * 8; bit < table_end * 8; bit += bit < 48 * 8 ? 1 : 61) {
        std::string s = whole;
        s[bit / 8] = static_cast<char>(s[bit / 8] ^ (1 << bit % 8));
        f.put(s);
        CHECK_FAILS(load(), "this prepared model is damaged");
    }
    // Bits of the packed weights: found when they are used, and made again.
    const size_t first_weight = static_cast<size_t>(whole.size() - 64 * 8);
    std::string s = whole;
    s[first_weight] = static_cast<char>(s[first_weight] ^ 4);
    f.put(s);
    CHECK(f.packed() <= 1);
    // No other program's file, and a file within a file.
    f.put(std::string(kPreparedTag) + std::string(100, 'x'));
    CHECK_FAILS(load(), "this prepared model is damaged");
    f.put(whole);
    PreparedModel nested = read_prepared(open_model(f.prepared));
    nested.model = open_model(f.prepared);
    write_prepared(f / "nested", nested);
    Network n;
    CHECK_FAILS(n.load_model(f / "nested"), "this prepared model is damaged");
}

TEST_CASE("what cannot be prepared") {
    const Folder folder;
    Network n;
    CHECK_FAILS(n.save_prepared(folder / "m"), "should be used after model loaded");
    n.load_model(net());
    CHECK_FAILS(n.save_prepared(folder / "m"), "there is no plain model file to put in it");
    CHECK(read_text(folder / "m").empty());
}
