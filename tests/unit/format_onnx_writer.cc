#include <cstdlib>

#include <doctest/doctest.h>

#include "lite/graph.h"
#include "lite/op/identity.h"
#include "tests/support/onnx_bytes.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
Graph round_trip(const Graph& g) {
    const std::vector<std::byte> bytes = write_onnx(g);
    return read_onnx(copy_model(bytes.data(), bytes.size()));
}
std::string write_error(const Graph& g) {
    try {
        (void)write_onnx(g);
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
// Equal in everything that a file holds: the same nodes in the same order, by the names of their values.
void check_same(const Graph& a, const Graph& b) {
    REQUIRE(a.nodes.size() == b.nodes.size());
    const auto name = [](const Graph& g, ValueId v) { return v == kNoValue ? std::string() : g.value(v).name; };
    for (size_t i = 0; i < a.nodes.size(); ++i) {
        const Node &x = a.nodes[i], &y = b.nodes[i];
        CHECK(x.op == y.op);
        CHECK(x.name == y.name);
        CHECK(x.version == y.version);
        REQUIRE(x.inputs.size() == y.inputs.size());
        REQUIRE(x.outputs.size() == y.outputs.size());
        for (size_t k = 0; k < x.inputs.size(); ++k) CHECK(name(a, x.inputs[k]) == name(b, y.inputs[k]));
        for (size_t k = 0; k < x.outputs.size(); ++k) CHECK(name(a, x.outputs[k]) == name(b, y.outputs[k]));
        CHECK(x.attributes.size() == y.attributes.size());
        for (const auto& [key, v] : x.attributes) {
            const AttributeValue* w = y.attributes.find(key);
            REQUIRE(w != nullptr);
            REQUIRE(w->index() == v.index());
            if (auto* p = std::get_if<int64_t>(&v)) CHECK(*p == std::get<int64_t>(*w));
            if (auto* p = std::get_if<float>(&v)) CHECK(*p == std::get<float>(*w));
            if (auto* p = std::get_if<std::string>(&v)) CHECK(*p == std::get<std::string>(*w));
            if (auto* p = std::get_if<std::vector<int64_t>>(&v)) CHECK(*p == std::get<std::vector<int64_t>>(*w));
            if (auto* p = std::get_if<std::vector<float>>(&v)) CHECK(*p == std::get<std::vector<float>>(*w));
            if (auto* p = std::get_if<std::shared_ptr<const Graph>>(&v)) check_same(**p, *std::get<std::shared_ptr<const Graph>>(*w));
        }
    }
    REQUIRE(a.inputs.size() == b.inputs.size());
    REQUIRE(a.outputs.size() == b.outputs.size());
    CHECK(a.captures == b.captures);
    CHECK(a.opset == b.opset);
    for (size_t i = 0; i < a.inputs.size(); ++i) {
        const Value &x = a.value(a.inputs[i]), &y = b.value(b.inputs[i]);
        CHECK(x.name == y.name);
        CHECK(x.dtype == y.dtype);
        CHECK(x.shape == y.shape);
    }
    for (size_t i = 0; i < a.outputs.size(); ++i) CHECK(name(a, a.outputs[i]) == name(b, b.outputs[i]));
}
}  // namespace

TEST_CASE("A graph comes back as it was written") {
    GraphBuilder b("net");
    const Var x = b.input("x", {kUnknown, 3, 8, 8});
    const Var w = b.constant({4, 3, 3, 3}, std::vector<float>(108, 0.25f));
    const Var y = leaky_relu(conv(x, w, Var(), {.strides = {2}, .pads = {1}}), 0.25f);
    const auto parts = split(y, {1, 3}, 1);
    const Var s = b.add("Gemm", {flatten(parts[1]), b.constant({48, 2}, std::vector<float>(96, 0.5f))}, {{"alpha", 2.f}});
    Graph g = b.finish({s.named("s"), parts[0].named("p")});
    g.value(g.inputs[0]).symbols = {"batch"};
    const Graph again = round_trip(g);
    check_same(g, again);
    CHECK(again.value(again.inputs[0]).symbols[0] == "batch");
    CHECK(again.name == "net");
    check_same(again, round_trip(again));
    std::vector<float> data(2 * 3 * 64);
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i % 11) - 5.f;
    const Array in = Array::of<float>({2, 3, 8, 8}, data);
    const auto p = run_by_reference(g, {in}), q = run_by_reference(again, {in});
    CHECK(p[0].values<float>() == q[0].values<float>());
    CHECK(p[1].values<float>() == q[1].values<float>());
}

TEST_CASE("Constants of every dtype come back bit for bit") {
    for (const DType t : {DType::f32, DType::f16, DType::bf16, DType::f64, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::u32, DType::i64,
                          DType::u64, DType::boolean}) {
        GraphBuilder b;
        Array a = Array::zeros(t, {2, 3});
        for (size_t i = 0; i < a.bytes(); ++i) a.mutable_data()[i] = static_cast<std::byte>(t == DType::boolean ? i % 2 : 17 * i + 3);
        const Graph again = round_trip(b.finish({identity(b.constant(a, "k"))}));
        const Array& c = again.value(again.nodes[0].inputs[0]).constant;
        CHECK(again.value(again.nodes[0].inputs[0]).name == "k");
        CHECK(c.dtype() == t);
        CHECK(c.shape() == a.shape());
        CHECK(std::memcmp(c.data(), a.data(), a.bytes()) == 0);
    }
}

TEST_CASE("Bodies come back with what they capture") {
    // Loop: state = state + step (captured), scan output = If(cond) state + k (a constant) else state
    const Message then_branch = Message().message(1, onnx_node("Add", {"next", "k"}, {"t"})).message(12, onnx_output("t"));
    const Message else_branch = Message().message(1, onnx_node("Identity", {"next"}, {"e"})).message(12, onnx_output("e"));
    const Message body = Message()
                                 .message(1, onnx_node("Add", {"state", "step"}, {"next"}))
                                 .message(1, onnx_node("Less", {"next", "limit"}, {"low"}))
                                 .message(1, onnx_node("If", {"low"}, {"scan"}, {onnx_body("then_branch", then_branch), onnx_body("else_branch", else_branch)}))
                                 .message(11, onnx_value("i", 7, {}))
                                 .message(11, onnx_value("go", 9, {}))
                                 .message(11, onnx_value("state", 1, {"1"}))
                                 .message(12, onnx_output("go"))
                                 .message(12, onnx_output("next"))
                                 .message(12, onnx_output("scan"));
    const Graph g = read(onnx_model(Message()
                                            .message(1, onnx_node("Loop", {"m", "", "s0"}, {"last", "all"}, {onnx_body("body", body)}))
                                            .message(5, onnx_tensor("m", 7, {}).packed(7, {3}))
                                            .message(5, onnx_floats("k", {1}, {100}))
                                            .message(5, onnx_floats("limit", {1}, {5}))
                                            .message(11, onnx_value("s0", 1, {"1"}))
                                            .message(11, onnx_value("step", 1, {"1"}))
                                            .message(12, onnx_output("last"))
                                            .message(12, onnx_output("all"))));
    const Graph again = round_trip(g);
    CHECK(again.nodes.size() == 1);
    const std::vector<Array> in = {Array::of<float>({1}, {1}), Array::of<float>({1}, {2})};
    for (const Graph* x : {&g, &again}) {
        const auto out = run_by_reference(*x, in);
        CHECK(out[0].values<float>() == std::vector<float>{7});
        CHECK(out[1].values<float>() == std::vector<float>{103, 5, 7});
    }
}

TEST_CASE("Names that are missing or used twice become different ones") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2}), a = g.add_value("", DType::f32), b = g.add_value("x", DType::f32);
    for (const auto& [from, to] : {std::pair(x, a), std::pair(a, b)}) {
        Node n;
        n.op = &describe<Identity>();
        n.inputs = {from};
        n.outputs = {to};
        g.nodes.push_back(n);
    }
    g.outputs = {b, b};
    const Graph again = round_trip(g);
    CHECK(again.value(again.inputs[0]).name == "x");
    CHECK(run_by_reference(again, {Array::of<float>({2}, {1, 2})})[1].values<float>() == std::vector<float>{1, 2});
}

TEST_CASE("What ONNX cannot say is refused by name") {
    GraphBuilder b;
    const Var y = conv(b.input("x", {1, 1, 4, 4}), b.constant({1, 1, 1, 1}, std::vector<float>{1}));
    Graph g = b.finish({y});
    CHECK(write_error(g) == "");
    g.nodes[0].attributes.set("activation", int64_t{0});
    CHECK(write_error(g) == "");
    CHECK_FALSE(round_trip(g).nodes[0].attributes.has("activation"));
    g.nodes[0].attributes.set("activation", static_cast<int64_t>(ElemwiseMode::relu));
    CHECK(contains(write_error(g), "activation"));
    g.nodes[0].attributes.set("activation", int64_t{0});
    g.nodes[0].version = 9;
    CHECK(contains(write_error(g), "opset 9"));
}

TEST_CASE("Files are written whole or not at all") {
    GraphBuilder b;
    const Graph g = b.finish({relu(b.input("x", {1})).named("y")});
    const std::string path = "lite_writer_test.onnx";
    write_onnx(g, path);
    CHECK(read_onnx(open_model(path)).nodes.size() == 1);
    std::remove(path.c_str());
    CHECK_THROWS_AS(write_onnx(g, "no_such_folder/m.onnx"), Error);
}
