#include <doctest/doctest.h>

#include "lite/graph.h"
#include "tests/support/onnx_bytes.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
// A user's operator: y = x * factor, on f32.
struct Scale {
    static constexpr std::string_view name = "Scale";
    static constexpr Spelling spellings[] = {{"onnx", "my.domain", "Scale"}};
    struct Attributes {
        float factor = 1.f;
        template <class V> void visit(V& v) { v("factor", factor); }
    };
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, c.shape(0)); }
    static void reference(RunContext& c) {
        const float f = c.attributes<Attributes>().factor;
        const TensorView y = c.output(0, DType::f32, c.input(0).shape);
        for (int64_t i = 0; i < y.count(); ++i) y.as<float>()[i] = c.input(0).as<float>()[i] * f;
    }
};
std::vector<float> ramp(size_t n) {
    std::vector<float> v(n);
    for (size_t i = 0; i < n; ++i) v[i] = static_cast<float>(i % 7) - 3.f;
    return v;
}
template <class F> std::string error_in(F&& f) {
    try {
        f();
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
}  // namespace

TEST_CASE("Values have their shape as soon as they are made") {
    GraphBuilder g;
    const Var x = g.input("x", {1, 3, 8, 8});
    const Var y = relu(conv2d(x, g.constant({4, 3, 3, 3}, ramp(108)), g.constant({4}, ramp(4)), {.strides = {2}, .pads = {1}}));
    CHECK(y.shape() == Shape{1, 4, 4, 4});
    CHECK(y.dtype() == DType::f32);
    CHECK(max_pool(y, {2}).shape() == Shape{1, 4, 2, 2});
    CHECK(average_pool(y, {3}, {.strides = {1}}).shape() == Shape{1, 4, 2, 2});
    CHECK(global_average_pool(y).shape() == Shape{1, 4, 1, 1});
    CHECK(flatten(y).shape() == Shape{1, 64});
    CHECK(reshape(y, {0, -1}).shape() == Shape{1, 64});
    CHECK(transpose(y, {0, 2, 3, 1}).shape() == Shape{1, 4, 4, 4});
    CHECK(concat({y, y}, 1).shape() == Shape{1, 8, 4, 4});
    CHECK(linear(flatten(y), g.constant({10, 64}, ramp(640)), g.constant({10}, ramp(10))).shape() == Shape{1, 10});
    const auto parts = split(y, {1, 3}, 1);
    REQUIRE(parts.size() == 2);
    CHECK(parts[1].shape() == Shape{1, 3, 4, 4});
    CHECK(slice(y, {0}, {2}, {1}).shape() == Shape{1, 2, 4, 4});
    CHECK(squeeze(global_average_pool(y), {2, 3}).shape() == Shape{1, 4});
    CHECK(unsqueeze(y, {0}).shape() == Shape{1, 1, 4, 4, 4});
    CHECK(reshape(x, shape_of(transpose(x, {0, 2, 3, 1}))).shape() == Shape{1, 8, 8, 3});  // arithmetic on shapes is followed
    CHECK((2.0 * x + x / 3.0 - x).shape() == x.shape());
}

TEST_CASE("A built graph runs, by its names") {
    GraphBuilder g("small");
    const Var x = g.input("x", {2, 2});
    const Var y = (relu(x) * 2.0 + 1.0).named("y");
    const Graph graph = g.finish({y});
    CHECK(graph.name == "small");
    CHECK(graph.value(graph.outputs[0]).name == "y");
    const auto out = run_by_reference(graph, {Array::of<float>({2, 2}, {-1, 2, 3, -4})});
    CHECK(out[0].values<float>() == std::vector<float>{1, 5, 7, 1});
}

TEST_CASE("What does not fit is an error that names the operator and the shapes, and leaves the builder as it was") {
    GraphBuilder g;
    const Var x = g.input("x", {1, 3, 8, 8}), w = g.constant({4, 5, 3, 3}, ramp(180));
    const std::string e = error_in([&] { conv2d(x, w); });
    CHECK(contains(e, "Conv"));
    CHECK(contains(e, "[4,5,3,3]"));
    CHECK(contains(e, "3"));
    CHECK(g.graph().nodes.empty());
    const size_t values = g.graph().values.size();
    CHECK(contains(error_in([&] { matmul(x, w); }), "MatMul"));
    CHECK(g.graph().values.size() == values);
    CHECK(contains(error_in([&] { g.add("NoSuchThing", {x}); }), "NoSuchThing"));
    CHECK(contains(error_in([&] { g.input("x", {1}); }), "'x'"));
    CHECK(contains(error_in([&] { relu(Var()); }), "Relu"));
    CHECK(contains(error_in([&] { (void)g.finish(std::span<const Var>()); }), "output"));
    GraphBuilder other;
    CHECK(contains(error_in([&] { other.add("Relu", {x}); }), "another graph"));
    CHECK(relu(x).name() == "Relu_0");
}

TEST_CASE("Operators are added by their ONNX name, and a user's own by their type") {
    register_operator<Scale>();
    GraphBuilder g;
    const Var x = g.input("x", {2});
    const Var a = g.add("LeakyRelu", {x}, {{"alpha", 0.5f}}), b = g.add<Scale>({a}, {.factor = 3.f}), c = g.add("Scale", {b}, {{"factor", 2.f}}, "my.domain");
    const Graph graph = g.finish({c.named("y")});
    CHECK(graph.nodes[1].name == "Scale_1");
    CHECK(graph.nodes[1].version == 1);
    CHECK(run_by_reference(graph, {Array::of<float>({2}, {-2, 1})})[0].values<float>() == std::vector<float>{-6, 6});
    const std::vector<std::byte> bytes = write_onnx(graph);
    const Graph again = read_onnx(copy_model(bytes.data(), bytes.size()));
    CHECK(run_by_reference(again, {Array::of<float>({2}, {-2, 1})})[0].values<float>() == std::vector<float>{-6, 6});
}

TEST_CASE("Unknown extents flow through") {
    GraphBuilder g;
    const Var x = g.input("x", {kUnknown, 3, 8, 8});
    CHECK(relu(x).shape() == Shape{kUnknown, 3, 8, 8});
    CHECK(global_average_pool(x).shape() == Shape{kUnknown, 3, 1, 1});
}

TEST_CASE("A builder is empty after it has finished") {
    GraphBuilder g;
    const Var x = g.input("x", {1});
    (void)g.finish({relu(x)});
    CHECK(contains(error_in([&] { relu(x); }), "finished"));
    CHECK(g.finish({relu(g.input("x", {3}))}).inputs.size() == 1);
}
