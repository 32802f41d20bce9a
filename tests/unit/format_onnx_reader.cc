#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/op/control_flow.h"
#include "lite/op/identity.h"
#include "tests/support/onnx_bytes.h"
#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
using namespace lite_test;

namespace {
// An operator of the test's own domain: y = a * x + b, whatever the inputs are called.
struct Affine {
    static constexpr std::string_view name = "Affine";
    static constexpr Spelling spellings[] = {{"onnx", "test", "Affine"}, {"onnx", "test", "Double", 2}, {"onnx", "test", "Triple", 3}};
    struct Attributes {
        float a = 1.f, b = 0.f;
        template <class V> void visit(V& v) {
            v("a", a);
            v("b", b);
        }
    };
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, c.shape(0)); }
    static void reference(RunContext&) {}
};
const bool registered = (register_operator<Affine>(), true);

Message identity_graph() {
    return Message().message(1, onnx_node("Identity", {"x"}, {"y"})).text(2, "g").message(11, onnx_value("x", 1, {"1", "n", "", "-1"})).message(12, onnx_output("y"));
}
// Graph outputs are the tensors themselves.
Message tensors_model(const std::vector<Message>& tensors, const std::vector<std::string>& names) {
    Message g = Message().messages(5, tensors);
    for (const std::string& n : names) g = std::move(g).message(12, onnx_output(n));
    return onnx_model(g);
}
Array tensor_of(const Message& t, std::string_view name = "t") {
    const Graph g = read(tensors_model({t}, {std::string(name)}));
    REQUIRE(g.outputs.size() == 1);
    return g.value(g.outputs[0]).constant;
}
std::string tensor_error(const Message& t) { return error_of(tensors_model({t}, {"t"})); }
}  // namespace

TEST_CASE("Bytes that are no model are refused with a reason") {
    const auto message_of = [](const std::string& bytes) {
        try {
            (void)read_onnx(borrow_model(bytes.data(), bytes.size()));
        } catch (const Error& e) {
            return std::string(e.message());
        }
        return std::string();
    };
    CHECK(contains(message_of(""), "not an ONNX model"));
    CHECK(contains(message_of("hello, I am a text file"), "not a valid ONNX model"));
    CHECK(contains(message_of(std::string("\x08\x07", 2)), "has no graph"));
    CHECK(contains(message_of(std::string(100, '\0')), "not a valid ONNX model"));
    CHECK(contains(message_of(std::string("\x18\x00\x00\x00ORTM", 8)), ".ort"));
}

TEST_CASE("Inputs keep their names, extents and symbols") {
    const Graph g = read(onnx_model(identity_graph()));
    REQUIRE(g.inputs.size() == 1);
    const Value& x = g.value(g.inputs[0]);
    CHECK(x.name == "x");
    CHECK(x.dtype == DType::f32);
    CHECK(x.shape == Shape{1, kUnknown, kUnknown, kUnknown});
    CHECK(x.symbols == std::vector<std::string>{"", "n", "", ""});
    CHECK(g.opset == 17);
    CHECK(g.name == "g");
    REQUIRE(g.nodes.size() == 1);
    CHECK(g.nodes[0].name == "Identity_0");
    CHECK(g.nodes[0].version == 17);
    CHECK(g.value(g.outputs[0]).name == "y");
}

TEST_CASE("Every encoding of tensors is read") {
    CHECK(tensor_of(onnx_floats("t", {2, 2}, {1, 2, 3, 4})).values<float>() == std::vector<float>{1, 2, 3, 4});
    CHECK(tensor_of(onnx_tensor("t", 1, {2}).raw<float>(4, {1.5f, -2.f})).values<float>() == std::vector<float>{1.5f, -2.f});
    CHECK(tensor_of(onnx_tensor("t", 1, {2}).real(4, 1.5f).real(4, -2.f)).values<float>() == std::vector<float>{1.5f, -2.f});  // not packed
    CHECK(tensor_of(onnx_tensor("t", 11, {2}).raw<double>(10, {1.5, -2})).values<double>() == std::vector<double>{1.5, -2});
    CHECK(tensor_of(onnx_tensor("t", 7, {3}).packed(7, {1, -1, INT64_MIN})).values<int64_t>() == std::vector<int64_t>{1, -1, INT64_MIN});
    CHECK(tensor_of(onnx_tensor("t", 7, {2}).integer(7, 5).integer(7, -6)).values<int64_t>() == std::vector<int64_t>{5, -6});
    CHECK(tensor_of(onnx_tensor("t", 6, {2}).packed(5, {7, -7})).values<int64_t>() == std::vector<int64_t>{7, -7});
    CHECK(tensor_of(onnx_tensor("t", 5, {2}).packed(5, {7, -7})).values<int64_t>() == std::vector<int64_t>{7, -7});
    CHECK(tensor_of(onnx_tensor("t", 4, {1}).packed(5, {65535})).values<int64_t>() == std::vector<int64_t>{65535});
    CHECK(tensor_of(onnx_tensor("t", 3, {2}).packed(5, {-128, 127})).values<int64_t>() == std::vector<int64_t>{-128, 127});
    CHECK(tensor_of(onnx_tensor("t", 2, {1}).packed(5, {200})).values<int64_t>() == std::vector<int64_t>{200});
    CHECK(tensor_of(onnx_tensor("t", 9, {3}).packed(5, {0, 1, 2})).values<int64_t>() == std::vector<int64_t>{0, 1, 1});
    CHECK(tensor_of(onnx_tensor("t", 9, {3}).raw<uint8_t>(9, {0, 1, 255})).values<int64_t>() == std::vector<int64_t>{0, 1, 1});
    CHECK(tensor_of(onnx_tensor("t", 10, {1}).packed(5, {0x3c00})).values<float>() == std::vector<float>{1.f});
    CHECK(tensor_of(onnx_tensor("t", 16, {1}).packed(5, {0x3f80})).values<float>() == std::vector<float>{1.f});
    CHECK(tensor_of(onnx_tensor("t", 12, {1}).packed(11, {4294967295})).values<int64_t>() == std::vector<int64_t>{4294967295});
    CHECK(tensor_of(onnx_tensor("t", 13, {1}).packed(11, {-1})).values<uint64_t>() == std::vector<uint64_t>{UINT64_MAX});
    CHECK(tensor_of(onnx_floats("t", {}, {3})).shape() == Shape{});
    CHECK(tensor_of(onnx_tensor("t", 1, {0, 3})).shape() == Shape{0, 3});
}

TEST_CASE("Plain constants stay in the bytes of the model") {
    const Message m = tensors_model({onnx_floats("t", {3}, {1, 2, 3})}, {"t"});
    const ModelBytes bytes = copy_model(m.bytes().data(), m.bytes().size());
    const Graph g = read_onnx(bytes);
    const std::byte* p = g.value(g.outputs[0]).constant.data();
    CHECK(p > bytes.data.get());
    CHECK(p < bytes.data.get() + bytes.size);
}

TEST_CASE("Tensors whose data do not fit their shape are refused") {
    CHECK(contains(tensor_error(onnx_floats("t", {3}, {1, 2})), "'t' of shape [3] needs 3 elements"));
    CHECK(contains(tensor_error(onnx_floats("t", {1}, {1, 2})), "needs 1 elements"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {1000000, 1000000})), "needs"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {int64_t{1} << 40, int64_t{1} << 40})), "too large"));
    CHECK(contains(tensor_error(onnx_tensor("t", 6, {3}).packed(5, {1, 2})), "it has 2"));
    CHECK(contains(tensor_error(onnx_tensor("t", 6, {1}).packed(5, {1, 2})), "it has 2"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {-1})), "extent of -1"));
    CHECK(contains(tensor_error(onnx_tensor("t", 8, {2}).text(6, "abc")), "needs 2 strings, it has 1"));
    CHECK(contains(tensor_error(onnx_tensor("t", 22, {3}).packed(5, {1})), "needs 3 elements, 2 in a byte"));
    CHECK(contains(tensor_error(onnx_tensor("t", 14, {1})), "COMPLEX64"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {1, 1, 1, 1, 1, 1, 1, 1, 1})), "axes"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {1}).text(4, "abc")), "cut short"));
    CHECK(contains(tensor_error(onnx_tensor("t", 1, {1}).integer(9, 4)), "expected bytes"));
}

TEST_CASE("Sparse initializers become dense") {
    const auto sparse = [](const Message& values, const Message& indices, std::vector<int64_t> dims) {
        return onnx_model(Message().message(15, Message().message(1, values).message(2, indices).integers(3, dims)).message(12, onnx_output("t")));
    };
    Graph g = read(sparse(onnx_floats("t", {2}, {5, 6}), onnx_tensor("", 7, {2}).packed(7, {1, 5}), {2, 3}));
    CHECK(g.value(g.outputs[0]).constant.values<float>() == std::vector<float>{0, 5, 0, 0, 0, 6});
    g = read(sparse(onnx_floats("t", {2}, {5, 6}), onnx_tensor("", 7, {2, 2}).packed(7, {0, 1, 1, 2}), {2, 3}));
    CHECK(g.value(g.outputs[0]).constant.values<float>() == std::vector<float>{0, 5, 0, 0, 0, 6});
    CHECK(contains(error_of(sparse(onnx_floats("t", {1}, {5}), onnx_tensor("", 7, {1}).packed(7, {6}), {2, 3})), "index of 6"));
    CHECK(contains(error_of(sparse(onnx_floats("t", {1}, {5}), onnx_tensor("", 7, {1, 2}).packed(7, {0, 3}), {2, 3})), "index of 3"));
    CHECK(contains(error_of(sparse(onnx_floats("t", {1}, {5}), onnx_tensor("", 7, {1}).packed(7, {0}), {100000, 100000})), "too large"));
}

TEST_CASE("Old files list initializers among the inputs") {
    const Graph g = read(onnx_model(Message()
                                            .message(1, onnx_node("Affine", {"w"}, {"y"}, {}, "test"))
                                            .message(5, onnx_floats("w", {1}, {2}))
                                            .message(11, onnx_value("x", 1, {"1"}))
                                            .message(11, onnx_value("w", 1, {"1"}))
                                            .message(12, onnx_output("y"))));
    CHECK(g.inputs.size() == 1);
    CHECK(g.value(g.nodes[0].inputs[0]).is_constant());
}

TEST_CASE("Attributes keep their kinds, families their mode") {
    const Graph g = read(onnx_model(Message()
                                            .message(1, onnx_node("Triple", {"x"}, {"y"}, {onnx_float("a", 2.f)}, "test", "three"))
                                            .message(1, onnx_node("Affine", {"y"}, {"z"}, {Message().text(1, "ints").packed(8, {1, 2}), Message().text(1, "s").text(4, "hi"),
                                                                                            Message().text(1, "t").message(5, onnx_floats("", {1}, {7}))}, "test"))
                                            .message(11, onnx_value("x", 1, {"1"}))
                                            .message(12, onnx_output("z"))));
    CHECK(g.nodes[0].name == "three");
    CHECK(g.nodes[0].version == 1);
    CHECK(g.nodes[0].attributes.get<int64_t>("mode", -1) == 3);
    CHECK(g.nodes[0].attributes.get<float>("a", 0) == 2.f);
    CHECK(g.nodes[1].attributes.get<std::vector<int64_t>>("ints", {}) == std::vector<int64_t>{1, 2});  // the kind follows from the field
    CHECK(g.nodes[1].attributes.get<std::string>("s", "") == "hi");
    CHECK(g.nodes[1].attributes.get<Array>("t", {}).scalar_value<float>() == 7.f);
}

TEST_CASE("Constant nodes become constants") {
    const auto constant = [](const Message& attribute) {
        const Graph g = read(onnx_model(Message().message(1, onnx_node("Constant", {}, {"c"}, {attribute})).message(12, onnx_output("c"))));
        CHECK(g.nodes.empty());
        return g.value(g.outputs[0]).constant;
    };
    CHECK(constant(onnx_int("value_int", 3)).scalar_value<int64_t>() == 3);
    CHECK(constant(onnx_float("value_float", 3)).scalar_value<float>() == 3);
    CHECK(constant(Message().text(1, "value_ints").packed(8, {1, 2}).integer(20, 7)).values<int64_t>() == std::vector<int64_t>{1, 2});
    CHECK(constant(Message().text(1, "value_floats").raw<float>(7, {1, 2}).integer(20, 6)).values<float>() == std::vector<float>{1, 2});
    CHECK(constant(Message().text(1, "value").message(5, onnx_floats("", {1, 1}, {4})).integer(20, 4)).shape() == Shape{1, 1});
    CHECK(strings_of(constant(Message().text(1, "value_string").text(4, "s").integer(20, 3)))[0] == "s");
}

TEST_CASE("Nodes may come in any order, but not in a circle") {
    const auto model = [](const std::string& back) {
        return onnx_model(Message()
                                  .message(1, onnx_node("Affine", {"b"}, {"c"}, {}, "test", "third"))
                                  .message(1, onnx_node("Affine", {back}, {"a"}, {}, "test", "first"))
                                  .message(1, onnx_node("Affine", {"a"}, {"b"}, {}, "test", "second"))
                                  .message(11, onnx_value("x", 1, {"1"}))
                                  .message(12, onnx_output("c")));
    };
    const Graph g = read(model("x"));
    CHECK(g.nodes[0].name == "first");
    CHECK(g.nodes[1].name == "second");
    CHECK(g.nodes[2].name == "third");
    const std::string error = error_of(model("b"));
    CHECK(contains(error, "circle"));
    CHECK(contains(error, "'first'"));
    CHECK(contains(error, "'second'"));
    CHECK_FALSE(contains(error, "'third'"));
}

TEST_CASE("Values that are missing or made twice are named") {
    const auto model = [](const Message& node) {
        return onnx_model(Message().message(1, node).message(11, onnx_value("x", 1, {"1"})).message(12, onnx_output("y")));
    };
    CHECK(contains(error_of(model(onnx_node("Affine", {"gone"}, {"y"}, {}, "test", "n1"))), "input 'gone' of node 'n1' (Affine)"));
    CHECK(contains(error_of(model(onnx_node("Affine", {"x"}, {"z"}, {}, "test"))), "output 'y'"));
    CHECK(contains(error_of(model(onnx_node("Affine", {"x"}, {"x"}, {}, "test", "n1"))), "'x' is made twice"));
    CHECK(contains(error_of(model(onnx_node("", {"x"}, {"y"}))), "has no operator"));
    CHECK(contains(error_of(tensors_model({onnx_floats("t", {1}, {1}), onnx_floats("t", {1}, {1})}, {"t"})), "'t' is defined twice"));
    CHECK(contains(error_of(onnx_model(Message().message(11, Message().text(1, "x").message(2, Message().message(8, Message()))).message(12, onnx_output("x")))),
                   "sparse"));
    CHECK(contains(error_of(onnx_model(Message().message(11, onnx_value("x", 14, {"1"})).message(12, onnx_output("x")))), "COMPLEX64"));
    CHECK(read(model(onnx_node("Affine", {"", "x"}, {"y", ""}, {}, "test"))).nodes[0].inputs[0] == kNoValue);
}

TEST_CASE("All operators that are not supported are listed at once") {
    const Message inner = Message().message(1, onnx_node("Inner", {"x"}, {"z"})).message(12, onnx_output("z"));
    const Message m = onnx_model(Message()
                                         .message(1, onnx_node("Nothing", {"x"}, {"a"}, {}, "", "one"))
                                         .message(1, onnx_node("Weird", {"a"}, {"c"}, {}, "test"))
                                         .message(1, onnx_node("If", {"x"}, {"y"}, {onnx_body("then_branch", inner), onnx_body("else_branch", inner)}))
                                         .message(11, onnx_value("x", 9, {}))
                                         .message(12, onnx_output("y")));
    const std::string error = error_of(m);
    CHECK(contains(error, "4 nodes"));
    CHECK(contains(error, "Nothing (opset 17) at node 'one'"));
    CHECK(contains(error, "test.Weird (opset 1)"));
    CHECK(contains(error, "Inner"));
    const auto list = check_onnx(copy_model(m.bytes().data(), m.bytes().size()));
    REQUIRE(list.size() == 4);
    CHECK(list[1].op == "Weird");
    CHECK(list[1].domain == "test");
    CHECK(list[1].opset == 1);
}

TEST_CASE("Opsets outside of what is known are refused, newer ones on request accepted") {
    CHECK(error_of(onnx_model(identity_graph(), 1)) == "");  // Identity never changed
    const Message add = Message().message(1, onnx_node("Add", {"x", "x"}, {"y"})).message(11, onnx_value("x", 1, {"2"})).message(12, onnx_output("y"));
    CHECK(contains(error_of(onnx_model(add, 6)), "Add (opset 6, it meant something else before opset 7"));
    CHECK(error_of(onnx_model(add, 7)) == "");
    CHECK(contains(error_of(onnx_model(identity_graph(), kNewestOnnxOpset + 1)), "allow_newer_opset"));
    CHECK(error_of(onnx_model(identity_graph(), kNewestOnnxOpset)) == "");
    CHECK(error_of(onnx_model(identity_graph(), 7)) == "");
    const Message m = onnx_model(identity_graph(), 99);
    CHECK(read_onnx(copy_model(m.bytes().data(), m.bytes().size()), {.allow_newer_opset = true}).nodes[0].version == 99);
    CHECK(contains(error_of(Message().integer(1, 3).message(7, identity_graph())), "no opset"));
    CHECK(contains(error_of(Message().message(7, identity_graph()).message(8, onnx_opset("test", 1))), "of ai.onnx"));
    CHECK(error_of(Message().message(7, identity_graph()).message(8, onnx_opset("ai.onnx", 12))) == "");
}

TEST_CASE("What bodies use from outside becomes their last inputs, the same for both branches") {
    // then: x + nested If on (y); else: w (a constant) only
    const Message nested = Message().message(1, onnx_node("Affine", {"y"}, {"deep"}, {}, "test")).message(12, onnx_output("deep"));
    const Message then_branch = Message()
                                        .message(1, onnx_node("Affine", {"x"}, {"t"}, {}, "test"))
                                        .message(1, onnx_node("If", {"c"}, {"r"}, {onnx_body("then_branch", nested), onnx_body("else_branch", nested)}))
                                        .message(12, onnx_output("r"));
    const Message else_branch = Message().message(1, onnx_node("Affine", {"w"}, {"r2"}, {}, "test")).message(12, onnx_output("r2"));
    const Graph g = read(onnx_model(Message()
                                            .message(1, onnx_node("If", {"c"}, {"out"}, {onnx_body("then_branch", then_branch), onnx_body("else_branch", else_branch)}))
                                            .message(5, onnx_floats("w", {1}, {2}))
                                            .message(11, onnx_value("c", 9, {}))
                                            .message(11, onnx_value("x", 1, {"2"}))
                                            .message(11, onnx_value("y", 1, {"3"}))
                                            .message(12, onnx_output("out"))));
    REQUIRE(g.nodes.size() == 1);
    const Node& n = g.nodes[0];
    const auto name = [](const Graph& graph, ValueId v) { return graph.value(v).name; };
    REQUIRE(n.inputs.size() == 4);  // the condition, then x, c and y
    CHECK(name(g, n.inputs[0]) == "c");
    const auto a = n.attributes.get<std::shared_ptr<const Graph>>("then_branch", nullptr), b = n.attributes.get<std::shared_ptr<const Graph>>("else_branch", nullptr);
    for (const auto& body : {a, b}) {
        REQUIRE(body->captures == 3);
        REQUIRE(body->inputs.size() == 3);
        for (size_t i = 0; i < 3; ++i) CHECK(name(*body, body->inputs[i]) == name(g, n.inputs[1 + i]));
    }
    CHECK(b->value(b->nodes[0].inputs[0]).is_constant());
    const Node& deep = a->nodes[1];
    REQUIRE(deep.inputs.size() == 2);
    CHECK(name(*a, deep.inputs[1]) == "y");
    CHECK(deep.attributes.get<std::shared_ptr<const Graph>>("then_branch", nullptr)->captures == 1);
    CHECK(a->value(a->inputs[0]).shape == Shape{2});
}

TEST_CASE("Functions of the model are written out") {
    // f(u) = { v = Affine(u, a = alpha, b = beta); w = Affine(v); w, u }; g(p) = f(f(p))
    const Message f = Message()
                              .text(1, "f")
                              .texts(4, {"u"})
                              .texts(5, {"w", "u"})
                              .text(6, "alpha")
                              .message(7, onnx_node("Affine", {"u"}, {"v"}, {onnx_reference("a", "alpha", 1), onnx_reference("b", "beta", 1), onnx_reference("none", "none", 1)}, "test", "in"))
                              .message(7, onnx_node("Affine", {"v"}, {"w"}, {}, "test"))
                              .message(9, onnx_opset("test", 1))
                              .text(10, "mine")
                              .message(11, onnx_float("beta", 9.f));
    const Message g2 = Message()
                               .text(1, "g")
                               .texts(4, {"p"})
                               .texts(5, {"q"})
                               .message(7, onnx_node("f", {"p"}, {"m"}, {onnx_float("alpha", 2.f)}, "mine", "one"))
                               .message(7, onnx_node("f", {"m"}, {"q"}, {onnx_float("alpha", 3.f), onnx_float("beta", 4.f)}, "mine", "two"))
                               .message(9, onnx_opset("mine", 1))
                               .text(10, "mine");
    const Message graph = Message()
                                  .message(1, onnx_node("g", {"x"}, {"y"}, {}, "mine", "call"))
                                  .message(1, onnx_node("f", {"y"}, {"z", "same"}, {onnx_float("alpha", 5.f)}, "mine", "last"))
                                  .message(11, onnx_value("x", 1, {"1"}))
                                  .message(12, onnx_output("z"))
                                  .message(12, onnx_output("same"));
    const Graph g = read(Message().integer(1, 8).message(7, graph).message(8, onnx_opset("", 17)).message(8, onnx_opset("mine", 1)).message(25, f).message(25, g2));
    REQUIRE(g.nodes.size() == 7);
    CHECK(g.nodes[0].name == "call/one/in");
    CHECK(g.nodes[0].attributes.get<float>("a", 0) == 2.f);
    CHECK(g.nodes[0].attributes.get<float>("b", 0) == 9.f);
    CHECK_FALSE(g.nodes[0].attributes.has("none"));
    CHECK(g.nodes[2].attributes.get<float>("b", 0) == 4.f);
    CHECK(g.value(g.nodes[0].outputs[0]).name == "call/one/v");
    CHECK(g.nodes[2].inputs[0] == g.nodes[1].outputs[0]);
    CHECK(g.value(g.nodes[3].outputs[0]).name == "y");
    CHECK(g.value(g.outputs[1]).name == "same");
    CHECK(std::any_of(g.nodes.begin(), g.nodes.end(), [](const Node& n) { return n.op->name == "Identity"; }));
}

TEST_CASE("Functions that call themselves or grow without bound are refused") {
    const auto function = [](const std::string& name, const std::string& calls, int times) {
        Message f = Message().text(1, name).texts(4, {"u"}).texts(5, {"w"});
        for (int i = 0; i < times; ++i)
            f = std::move(f).message(7, onnx_node(calls, {i ? "v" + std::to_string(i) : std::string("u")}, {i + 1 < times ? "v" + std::to_string(i + 1) : std::string("w")}, {}, "mine"));
        return std::move(f).message(9, onnx_opset("mine", 1)).message(9, onnx_opset("test", 1)).text(10, "mine");
    };
    const Message graph = Message().message(1, onnx_node("f0", {"x"}, {"y"}, {}, "mine")).message(11, onnx_value("x", 1, {"1"})).message(12, onnx_output("y"));
    const auto model = [&](const std::vector<Message>& functions) {
        return Message().integer(1, 8).message(7, graph).message(8, onnx_opset("", 17)).message(8, onnx_opset("mine", 1)).messages(25, functions);
    };
    CHECK(contains(error_of(model({function("f0", "f0", 1)})), "calls itself"));
    std::vector<Message> bomb;
    for (int i = 0; i < 30; ++i) bomb.push_back(function("f" + std::to_string(i), "f" + std::to_string(i + 1), 4));
    CHECK(contains(error_of(model(bomb)), "grow without bound"));
    CHECK(contains(error_of(model({function("f0", "f1", 1), function("f0", "f1", 1)})), "twice"));
}

TEST_CASE("Damaged models never do worse than an error") {
    const Message branch = Message().message(1, onnx_node("Affine", {"x"}, {"t"}, {onnx_float("a", 3)}, "test")).message(12, onnx_output("t"));
    const std::string good = onnx_model(Message()
                                                .message(1, onnx_node("If", {"c"}, {"y"}, {onnx_body("then_branch", branch), onnx_body("else_branch", branch)}))
                                                .message(5, onnx_floats("w", {2, 2}, {1, 2, 3, 4}))
                                                .message(5, onnx_tensor("v", 6, {3}).packed(5, {1, 2, 3}))
                                                .message(11, onnx_value("c", 9, {}))
                                                .message(11, onnx_value("x", 1, {"1", "n"}))
                                                .message(12, onnx_output("y")))
                                     .bytes();
    const auto survive = [](const std::string& bytes) {
        try {
            (void)read_onnx(copy_model(bytes.data(), bytes.size()));
        } catch (const Error& e) {
            CHECK(e.message().size() > 10);
        }
    };
    survive(good);
    for (size_t n = 0; n < good.size(); ++n) survive(good.substr(0, n));
    std::mt19937 random(7);
    for (size_t i = 0; i < good.size(); ++i)
        for (int k = 0; k < 8; ++k) {
            std::string bad = good;
            bad[i] = static_cast<char>(random());
            survive(bad);
        }
}

#if !defined(_WIN32)
TEST_CASE("External data of more than 2 GiB is mapped, not copied") {
    std::string folder = (std::filesystem::temp_directory_path() / "lite_test_XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()));
    const struct Clean {
        const std::string& folder;
        ~Clean() { std::filesystem::remove_all(folder); }
    } clean{folder};
    constexpr int64_t rows = 3000, columns = 256 << 10;  // 2.93 GiB that take no room on a disk with sparse files
    const float last[] = {3.5f, -7.25f};
    const off_t size = static_cast<off_t>(rows * columns * 4);
    const int file = ::open((folder + "/table").c_str(), O_RDWR | O_CREAT, 0600);
    REQUIRE(file >= 0);
    struct stat st {};
    const bool sparse = ::ftruncate(file, size) == 0 && ::pwrite(file, last, sizeof last, size - 8) == 8 && ::fstat(file, &st) == 0 && st.st_blocks < 2048;
    ::close(file);
    if (!sparse) {
        MESSAGE("skipped: no sparse files in ", folder);
        return;
    }
    Message t = onnx_tensor("table", 1, {rows, columns}).integer(14, 1).message(13, Message().text(1, "location").text(2, "table"));
    const Message m = onnx_model(Message()
                                         .message(1, onnx_node("Gather", {"table", "i"}, {"y"}))
                                         .message(5, t)
                                         .message(11, onnx_value("i", 7, {"1"}))
                                         .message(12, onnx_output("y")));
    write_file(folder + "/m.onnx", std::as_bytes(std::span(m.bytes())));
    const auto resident = [] {
        std::ifstream f("/proc/self/statm");
        size_t pages = 0, here = 0;
        f >> pages >> here;
        return here * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    };
    const size_t before = resident();
    Session s(read_onnx(open_model(folder + "/m.onnx")));
    const Array index = Array::vector_i64({rows - 1});
    const auto y = s.run({index})[0].values<float>();
    REQUIRE(y.size() == columns);
    CHECK(y[0] == 0);
    CHECK(y[columns - 2] == last[0]);
    CHECK(y[columns - 1] == last[1]);
    CHECK(resident() < before + (size_t{64} << 20));  // a row of 1 MB in a few copies
}

TEST_CASE("External data lies in the model's folder and nowhere else") {
    std::string root = (std::filesystem::temp_directory_path() / "lite_test_XXXXXX").string();
    REQUIRE(::mkdtemp(root.data()));
    const std::string folder = root + "/model";
    REQUIRE(::mkdir(folder.c_str(), 0700) == 0);
    REQUIRE(::mkdir((folder + "/sub").c_str(), 0700) == 0);
    const std::vector<float> data = {1, 2, 3, 4};
    for (const std::string& path : {folder + "/weights.bin", folder + "/sub/weights.bin", root + "/secret"}) write_file(path, std::as_bytes(std::span(data)));
    REQUIRE(::symlink("../secret", (folder + "/link").c_str()) == 0);
    const auto external = [](const std::string& location, const std::string& offset, const std::string& length) {
        Message t = onnx_tensor("t", 1, {2}).integer(14, 1).message(13, Message().text(1, "location").text(2, location));
        if (!offset.empty()) t = std::move(t).message(13, Message().text(1, "offset").text(2, offset));
        if (!length.empty()) t = std::move(t).message(13, Message().text(1, "length").text(2, length));
        return tensors_model({t}, {"t"});
    };
    const auto load = [&](const Message& m) {
        write_file(folder + "/m.onnx", std::as_bytes(std::span(m.bytes())));
        return read_onnx(open_model(folder + "/m.onnx"));
    };
    const auto error = [&](const Message& m) {
        try {
            (void)load(m);
        } catch (const Error& e) {
            return std::string(e.message());
        }
        return std::string();
    };
    Graph g = load(external("weights.bin", "8", "8"));
    CHECK(g.value(g.outputs[0]).constant.values<float>() == std::vector<float>{3, 4});
    g = load(external("./sub/weights.bin", "", ""));
    CHECK(g.value(g.outputs[0]).constant.values<float>() == std::vector<float>{1, 2});
    CHECK(contains(error(external("weights.bin", "12", "")), "needs 8 bytes at 12"));
    CHECK(contains(error(external("weights.bin", "0", "12")), "the model says 12"));
    CHECK(contains(error(external("weights.bin", "999999999999999999", "")), "needs 8 bytes"));
    CHECK(contains(error(external("weights.bin", "-4", "")), "number '-4'"));
    CHECK(contains(error(external("missing.bin", "", "")), "not in the model's folder"));
    CHECK(contains(error(external("../secret", "", "")), "not a path inside"));
    CHECK(contains(error(external("sub/../../secret", "", "")), "not a path inside"));
    CHECK(contains(error(external(root + "/secret", "", "")), "not a path inside"));
    CHECK(contains(error(external("link", "", "")), "leads outside"));
    CHECK(contains(error(external("", "", "")), "not a path inside"));
    CHECK(contains(error(external("sub", "", "")), "folder"));
    CHECK(contains(error_of(external("weights.bin", "", "")), "loaded from memory"));
    const Message m = external("any", "4", "");
    ReadOptions options;
    options.open_external = [&](const std::string&) { return map_file(root + "/secret"); };
    g = read_onnx(copy_model(m.bytes().data(), m.bytes().size()), options);
    CHECK(g.value(g.outputs[0]).constant.values<float>() == std::vector<float>{2, 3});
    CHECK_THROWS_AS((void)open_model(root), Error);
    CHECK_THROWS_AS((void)open_model(root + "/none"), Error);
    for (const char* f : {"/model/weights.bin", "/model/sub/weights.bin", "/secret", "/model/link", "/model/m.onnx"}) ::unlink((root + f).c_str());
    for (const char* f : {"/model/sub", "/model", ""}) ::rmdir((root + f).c_str());
}
#endif

TEST_CASE("Elements of few bits are unpacked, strings and sequences are read") {
    const auto tensor = [](const Message& m) { return read_onnx_tensor(copy_model(m.bytes().data(), m.bytes().size())); };
    CHECK(tensor(onnx_tensor("t", 22, {3}).packed(5, {0xf1, 0x08})).values<int>() == std::vector<int>{1, -1, -8});
    CHECK(tensor(onnx_tensor("t", 21, {3}).text(9, std::string("\xf1\x08", 2))).values<int>() == std::vector<int>{1, 15, 8});
    CHECK(tensor(onnx_tensor("t", 26, {4}).text(9, std::string("\xe4", 1))).values<int>() == std::vector<int>{0, 1, -2, -1});
    CHECK(tensor(onnx_tensor("t", 23, {2}).text(9, std::string("\x72", 1))).values<float>() == std::vector<float>{1, 6});
    CHECK(tensor(onnx_tensor("t", 17, {2}).text(9, std::string("\x38\xff", 2))).values<float>()[0] == 1);
    const Array s = tensor(onnx_tensor("t", 8, {2}).text(6, "ab").text(6, ""));
    CHECK(s.shape() == Shape{2});
    CHECK(strings_of(s)[0] == "ab");
    CHECK(strings_of(s)[1].empty());
    const Message sequence = Message().message(3, onnx_floats("", {1}, {4})).message(3, onnx_floats("", {2}, {5, 6}));
    const Array q = read_onnx_tensor(copy_model(sequence.bytes().data(), sequence.bytes().size()), DType::sequence);
    REQUIRE(items_of(q).size() == 2);
    CHECK(items_of(q)[1].values<float>() == std::vector<float>{5, 6});
    for (const Array& item : items_of(q)) CHECK(reinterpret_cast<uintptr_t>(item.data()) % sizeof(float) == 0);
    // optional(sequence(tensor(float)))
    const Message type = Message().message(9, Message().message(1, Message().message(4, Message().message(1, Message().message(1, Message().integer(1, 1))))));
    const Graph g = read(onnx_model(Message().message(11, Message().text(1, "x").message(2, type)).message(12, onnx_output("x"))));
    const Value& x = g.value(g.inputs[0]);
    CHECK(x.dtype == DType::optional);
    CHECK(x.element == DType::f32);
    CHECK(x.nested);
}
