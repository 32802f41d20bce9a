#include <doctest/doctest.h>

#include "lite/op/control_flow.h"
#include "lite/exec/session.h"
#include "lite/op/identity.h"
#include "lite/pass/close_bodies.h"
#include "lite/pass/infer.h"
#include "lite/pass/inline_if.h"
#include "lite/op/all.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
// z = x + y for f32 and i64 without broadcasting but of scalars.
struct Plus {
    static constexpr std::string_view name = "Plus";
    static constexpr Spelling spellings[] = {{"test", "", "Plus"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, broadcast(c.shape(0), c.shape(1), c.where())); }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const TensorView& y = c.input(1);
        const TensorView z = c.output(0, x.dtype, broadcast(x.shape, y.shape, c.where()));
        const auto a = x.values<double>(), b = y.values<double>();
        for (size_t i = 0; i < static_cast<size_t>(z.count()); ++i) {
            const double s = a[a.size() == 1 ? 0 : i] + b[b.size() == 1 ? 0 : i];
            if (z.dtype == DType::f32) z.as<float>()[i] = static_cast<float>(s);
            else z.as<int64_t>()[i] = static_cast<int64_t>(s);
        }
    }
};
// x < y for one element each
struct Below {
    static constexpr std::string_view name = "Below";
    static constexpr Spelling spellings[] = {{"test", "", "Below"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) { c.output(0, DType::boolean, {}); }
    static void reference(RunContext& c) { *c.output(0, DType::boolean, {}).as<bool>() = c.input(0).values<double>()[0] < c.input(1).values<double>()[0]; }
};

template <class Op> std::vector<ValueId> add(Graph& g, std::vector<ValueId> in, Attributes a = {}, size_t outputs = 1, int version = 17) {
    Node n;
    n.op = &describe<Op>();
    n.name = text(Op::name, g.nodes.size());
    n.inputs = std::move(in);
    for (size_t i = 0; i < outputs; ++i) n.outputs.push_back(g.add_value(text(n.name, "_", i)));
    n.attributes = std::move(a);
    n.version = version;
    g.nodes.push_back(n);
    return n.outputs;
}
ValueId untyped(Graph& g, std::string name) {
    g.inputs.push_back(g.add_value(std::move(name)));
    return g.inputs.back();
}
Attributes with(std::string_view name, Graph body) {
    Attributes a;
    a.set(name, std::make_shared<const Graph>(std::move(body)));
    return a;
}
std::vector<float> floats(const Array& a) { return a.values<float>(); }
const Array kX = Array::of<float>({2}, {1.f, 2.f}), kY = Array::of<float>({2}, {10.f, 20.f});

// x + y if the condition holds, else x; x and y are captured.
Graph if_graph(ValueId* condition, bool known, bool value) {
    Graph then_branch, else_branch;
    for (Graph* b : {&then_branch, &else_branch}) {
        untyped(*b, "x");
        untyped(*b, "y");
        b->captures = 2;
    }
    then_branch.outputs = add<Plus>(then_branch, {0, 1});
    else_branch.outputs = {0};
    Graph g;
    *condition = known ? g.add_constant("c", Array::scalar(value)) : g.add_input("c", DType::boolean, {});
    const ValueId x = g.add_input("x", DType::f32, {2}), y = g.add_input("y", DType::f32, {2});
    Attributes a = with("then_branch", then_branch);
    a.set("else_branch", std::make_shared<const Graph>(else_branch));
    g.outputs = add<If>(g, {*condition, x, y}, a);
    return g;
}
}  // namespace

TEST_CASE("If runs the branch that its condition names") {
    ValueId c;
    Graph g = if_graph(&c, false, false);
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).shape == Shape{2});
    CHECK(g.value(g.outputs[0]).dtype == DType::f32);
    CHECK(floats(run_by_reference(g, {Array::scalar(true), kX, kY})[0]) == std::vector<float>{11.f, 22.f});
    CHECK(floats(run_by_reference(g, {Array::scalar(false), kX, kY})[0]) == std::vector<float>{1.f, 2.f});
}

TEST_CASE("An If of known condition becomes the nodes of its branch") {
    for (const bool value : {true, false}) {
        ValueId c;
        Graph g = if_graph(&c, true, value);
        REQUIRE(inline_constant_if(g));
        CHECK_FALSE(inline_constant_if(g));
        REQUIRE(g.nodes.size() == 1);
        CHECK(g.nodes[0].op->name == (value ? "Plus" : "Identity"));
        CHECK(floats(run_by_reference(g, {kX, kY})[0]) == (value ? std::vector<float>{11.f, 22.f} : std::vector<float>{1.f, 2.f}));
    }
}

TEST_CASE("Branches that differ leave extents unknown, a branch that does not fit leaves all but the dtype unknown") {
    Graph a, b, bad;
    untyped(a, "x"), untyped(b, "x"), untyped(bad, "x");
    a.captures = b.captures = bad.captures = 1;
    a.outputs = {0};
    b.outputs = {b.add_constant("k", Array::of<float>({3}, {1, 2, 3}))};
    bad.outputs = add<Plus>(bad, {0, bad.add_constant("k", Array::of<float>({5}, {1, 2, 3, 4, 5}))});
    Graph g;
    const ValueId c = g.add_input("c", DType::boolean, {}), x = g.add_input("x", DType::f32, {2});
    Attributes at = with("then_branch", a);
    at.set("else_branch", std::make_shared<const Graph>(b));
    const ValueId y = add<If>(g, {c, x}, at)[0];
    at.set("else_branch", std::make_shared<const Graph>(bad));
    const ValueId z = add<If>(g, {c, x}, at)[0];
    g.outputs = {y, z};
    infer_shapes(g);
    CHECK(g.value(y).shape == Shape{kUnknown});
    CHECK_FALSE(g.value(z).has_shape);
    CHECK(g.value(z).dtype == DType::f32);
    CHECK(run_by_reference(g, {Array::scalar(true), kX})[1].shape() == Shape{2});
}

namespace {
// state += step (captured); scan output: the state before. Goes on while state < limit if that is given.
Graph loop_graph(bool with_trips, bool with_limit, bool symbolic_trips) {
    Graph body;
    const ValueId i = untyped(body, "i"), c = untyped(body, "c"), s = untyped(body, "s"), step = untyped(body, "step");
    (void)i;
    body.captures = 1;
    const ValueId next = add<Plus>(body, {s, step})[0];
    const ValueId go_on = with_limit ? add<Below>(body, {next, body.add_constant("limit", Array::scalar(6.f))})[0] : add<Identity>(body, {c})[0];
    body.outputs = {go_on, next, s};
    Graph g;
    const ValueId trips = !with_trips ? kNoValue : symbolic_trips ? g.add_input("m", DType::i64, {}) : g.add_constant("m", Array::scalar(int64_t{4}));
    const ValueId s0 = g.add_input("s0", DType::f32, {1}), st = g.add_input("step", DType::f32, {1});
    g.outputs = add<Loop>(g, {trips, kNoValue, s0, st}, with("body", body), 2);
    return g;
}
Array f1(float v) { return Array::of<float>({1}, {v}); }
}  // namespace

TEST_CASE("Loop counts trips, carries states and stacks scan outputs") {
    Graph g = loop_graph(true, false, false);
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).shape == Shape{1});
    CHECK(g.value(g.outputs[1]).shape == Shape{4, 1});
    auto out = run_by_reference(g, {f1(1), f1(2)});
    CHECK(floats(out[0]) == std::vector<float>{9.f});
    CHECK(floats(out[1]) == std::vector<float>{1.f, 3.f, 5.f, 7.f});

    g = loop_graph(true, true, false);  // the condition may end it sooner
    infer_shapes(g);
    CHECK(g.value(g.outputs[1]).shape == Shape{kUnknown, 1});
    out = run_by_reference(g, {f1(1), f1(2)});
    CHECK(floats(out[0]) == std::vector<float>{7.f});
    CHECK(floats(out[1]) == std::vector<float>{1.f, 3.f, 5.f});

    g = loop_graph(false, true, false);  // no trip count: only the condition ends it
    CHECK(floats(run_by_reference(g, {f1(1), f1(2)})[0]) == std::vector<float>{7.f});
}

TEST_CASE("A Loop of no trips gives its initial states and empty scan outputs") {
    Graph g = loop_graph(true, false, true);
    for (const int64_t trips : {0, -1}) {
        const auto out = run_by_reference(g, {Array::scalar(trips), f1(1), f1(2)});
        CHECK(floats(out[0]) == std::vector<float>{1.f});
        CHECK(out[1].shape() == Shape{0, 1});
    }
}

TEST_CASE("States of a Loop whose shape grows are of unknown shape") {
    Graph body;
    untyped(body, "i");
    const ValueId c = untyped(body, "c"), s = untyped(body, "s"), wide = untyped(body, "wide");
    body.captures = 1;
    body.outputs = {c, add<Plus>(body, {s, wide})[0]};
    Graph g;
    const ValueId s0 = g.add_input("s0", DType::f32, {1}), w = g.add_input("wide", DType::f32, {2});
    g.outputs = add<Loop>(g, {g.add_constant("m", Array::scalar(int64_t{3})), kNoValue, s0, w}, with("body", body));
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).has_shape);
    CHECK(g.value(g.outputs[0]).shape == Shape{kUnknown});
    CHECK(floats(run_by_reference(g, {f1(1), kX})[0]) == std::vector<float>{4.f, 7.f});
}

TEST_CASE("Loops in loops in loops are inferred in bounded time") {
    // Every level changes the shape of its state, so every level is inferred more than once: 2^40 times in all without a bound.
    Graph inner;
    for (int level = 0; level < 40; ++level) {
        Graph body;
        untyped(body, "i");
        const ValueId c = untyped(body, "c"), s = untyped(body, "s"), wide = untyped(body, "wide");
        body.captures = 1;
        const ValueId grown = add<Plus>(body, {s, wide})[0];
        if (level == 0) body.outputs = {c, grown};
        else body.outputs = {c, add<Loop>(body, {body.add_constant("m", Array::scalar(int64_t{1})), kNoValue, s, wide}, with("body", inner))[0]};
        inner = body;
    }
    Graph g;
    const ValueId s0 = g.add_input("s0", DType::f32, {1}), w = g.add_input("wide", DType::f32, {2});
    g.outputs = add<Loop>(g, {g.add_constant("m", Array::scalar(int64_t{1})), kNoValue, s0, w}, with("body", inner));
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).dtype == DType::f32);
    CHECK(run_by_reference(g, {f1(1), kX})[0].values<float>() == std::vector<float>{2, 3});
}

TEST_CASE("Scan slices any axis in either direction") {
    // running sum over columns of [2,3], from the last one; the sums are stacked on axis 1, again backwards
    Graph body;
    const ValueId s = untyped(body, "s"), x = untyped(body, "x");
    const ValueId sum = add<Plus>(body, {s, x})[0];
    body.outputs = {sum, sum};
    Graph g;
    const ValueId s0 = g.add_input("s0", DType::f32, {2}), in = g.add_input("x", DType::f32, {2, 3});
    Attributes a = with("body", body);
    a.set("num_scan_inputs", int64_t{1});
    a.set("scan_input_axes", std::vector<int64_t>{-1});
    a.set("scan_input_directions", std::vector<int64_t>{1});
    a.set("scan_output_axes", std::vector<int64_t>{1});
    a.set("scan_output_directions", std::vector<int64_t>{1});
    g.outputs = add<Scan>(g, {s0, in}, a, 2);
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).shape == Shape{2});
    CHECK(g.value(g.outputs[1]).shape == Shape{2, 3});
    const auto out = run_by_reference(g, {Array::of<float>({2}, {0, 100}), Array::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})});
    CHECK(floats(out[0]) == std::vector<float>{6, 115});
    CHECK(floats(out[1]) == std::vector<float>{6, 5, 3, 115, 111, 106});
}

TEST_CASE("Scan of opset 8 has a batch and lengths of sequences") {
    Graph body;
    const ValueId s = untyped(body, "s"), x = untyped(body, "x");
    const ValueId sum = add<Plus>(body, {s, x})[0];
    body.outputs = {sum, sum};
    Graph g;
    const ValueId lengths = g.add_input("lengths", DType::i64, {2});
    const ValueId s0 = g.add_input("s0", DType::f32, {2, 1}), in = g.add_input("x", DType::f32, {2, 3, 1});
    Attributes a = with("body", body);
    a.set("num_scan_inputs", int64_t{1});
    g.outputs = add<Scan>(g, {lengths, s0, in}, a, 2, 8);
    infer_shapes(g);
    CHECK(g.value(g.outputs[0]).shape == Shape{2, 1});
    CHECK(g.value(g.outputs[1]).shape == Shape{2, 3, 1});
    const auto out = run_by_reference(g, {Array::vector_i64({3, 2}), Array::of<float>({2, 1}, {0, 10}), Array::of<float>({2, 3, 1}, {1, 2, 3, 4, 5, 6})});
    CHECK(floats(out[0]) == std::vector<float>{6, 19});
    CHECK(floats(out[1]) == std::vector<float>{1, 3, 6, 14, 19, 0});
}

TEST_CASE("Nodes that do not fit their bodies are refused by name") {
    Graph body;
    untyped(body, "x");
    body.outputs = {0};
    Graph g;
    const ValueId c = g.add_input("c", DType::boolean, {});
    g.outputs = add<If>(g, {c}, with("then_branch", body));
    try {
        infer_shapes(g);
        FAIL("an If without an else_branch was accepted");
    } catch (const Error& e) {
        CHECK(std::string(e.what()).find("If \"If0\"") != std::string::npos);
    }
}

TEST_CASE("States that a loop hands on unchanged, and constants, become its body's own") {
    // Loop: s <- s + w, with w a state that never changes; scan output: s + k, with k captured. If behind it captures w, too.
    Graph body;
    for (const char* name : {"i", "c", "w", "s", "k"}) untyped(body, name);
    body.captures = 1;
    const ValueId next = add<Plus>(body, {3, 2})[0], scan = add<Plus>(body, {3, 4})[0];
    body.outputs = {1, 2, next, scan};
    for (const bool constant : {true, false}) {
        Graph then_branch, else_branch;
        untyped(then_branch, "w"), untyped(else_branch, "w");
        then_branch.captures = else_branch.captures = 1;
        then_branch.outputs = add<Plus>(then_branch, {0, 0});
        else_branch.outputs = {0};
        Graph g;
        const ValueId n = g.add_input("n", DType::i64, {}), c = g.add_input("c", DType::boolean, {}), s = g.add_input("s", DType::f32, {2});
        const ValueId w = constant ? g.add_constant("w", kY) : g.add_input("w", DType::f32, {2});
        const ValueId k = g.add_constant("k", Array::of<float>({1}, {100.f}));
        g.outputs = add<Loop>(g, {n, kNoValue, w, s, k}, with("body", body), 3);
        Attributes branches = with("then_branch", then_branch);
        branches.set("else_branch", std::make_shared<const Graph>(else_branch));
        g.outputs.push_back(add<If>(g, {c, g.outputs[0]}, branches)[0]);
        std::vector<Array> in = {Array::scalar(int64_t{3}), Array::scalar(true), kX};
        if (!constant) in.push_back(kY);
        const std::vector<Array> want = run_by_reference(g, in);
        Graph closed = g;
        REQUIRE(close_bodies(closed));
        CHECK_FALSE(close_bodies(closed));
        const Node& loop = *std::find_if(closed.nodes.begin(), closed.nodes.end(), [](const Node& node) { return node.op->name == "Loop"; });
        CHECK(loop.inputs == (constant ? std::vector<ValueId>{n, kNoValue, s} : std::vector<ValueId>{n, kNoValue, s, w}));
        CHECK(loop.outputs.size() == 2);
        const std::vector<Array> got = run_by_reference(closed, in), session = Session(g).run(in);
        REQUIRE(got.size() == want.size());
        for (size_t i = 0; i < want.size(); ++i) {
            CHECK(got[i].shape() == want[i].shape());
            CHECK(floats(got[i]) == floats(want[i]));
            CHECK(floats(session[i]) == floats(want[i]));
        }
        CHECK(floats(want[1]) == std::vector<float>{31.f, 62.f});
    }
}
