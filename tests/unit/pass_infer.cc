#include <doctest/doctest.h>

#include <limits>

#include "lite/op/identity.h"
#include "lite/op/registry.h"
#include "lite/pass/fold.h"
#include "lite/pass/infer.h"
#include "lite/pass/inline_if.h"
using namespace lite;

namespace {
// Small operators of the test's own, so that it does not depend on the library's list.
struct NoAttributes {
    template <class V> void visit(V&) {}
};
struct TestShape {
    static constexpr std::string_view name = "TestShape";
    static constexpr Spelling spellings[] = {{"test", "", "Shape"}};
    using Attributes = NoAttributes;
    static void infer(InferContext& c) {
        if (!c.input(0).has_shape) return c.output_unknown(0, DType::i64, 1);
        if (c.shape(0).known()) c.output_value(0, Array::vector_i64(c.shape(0).vector()));
        else c.output(0, DType::i64, {static_cast<int64_t>(c.shape(0).rank())});
    }
    static void reference(RunContext&) { fail("never run"); }
};
// y[i] = x[i] + 1 for i64 and f32
struct TestIncrement {
    static constexpr std::string_view name = "TestIncrement";
    static constexpr Spelling spellings[] = {{"test", "", "Increment"}};
    static constexpr OperatorTraits traits{.elementwise = true};
    using Attributes = NoAttributes;
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, c.shape(0)); }
    static void reference(RunContext& c) {
        const TensorView y = c.output(0, c.input(0).dtype, c.input(0).shape);
        for (int64_t i = 0; i < y.count(); ++i) {
            if (y.dtype == DType::f32) y.as<float>()[i] = c.input(0).as<float>()[i] + 1;
            else y.as<int64_t>()[i] = c.input(0).as<int64_t>()[i] + 1;
        }
    }
};
// Zeros of the shape that is its input.
struct TestFill {
    static constexpr std::string_view name = "TestFill";
    static constexpr Spelling spellings[] = {{"test", "", "Fill"}};
    using Attributes = NoAttributes;
    static void infer(InferContext& c) {
        if (const Array* v = c.value(0)) c.output(0, DType::f32, Shape(v->values<int64_t>()));
        else c.output_unknown(0, DType::f32);
    }
    static void reference(RunContext& c) { c.output(0, DType::f32, Shape(c.input(0).values<int64_t>())); }
};
struct TestRandom : TestIncrement {
    static constexpr OperatorTraits traits{.random = true};
};

template <class Op> ValueId add(Graph& g, std::vector<ValueId> in) {
    Node n;
    n.op = &describe<Op>();
    n.name = text(Op::name, g.nodes.size());
    n.inputs = std::move(in);
    n.outputs = {g.add_value(text("v", g.values.size()))};
    g.nodes.push_back(n);
    return n.outputs[0];
}
}  // namespace

TEST_CASE("Shapes flow through arithmetic on shapes, without folding nodes away") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2, 3});
    const ValueId s = add<TestShape>(g, {x}), s1 = add<TestIncrement>(g, {s}), y = add<TestFill>(g, {s1});
    g.outputs = {y};
    infer_shapes(g);
    CHECK(g.nodes.size() == 3);
    CHECK(g.value(y).shape == Shape{3, 4});
    CHECK_FALSE(g.value(s1).is_constant());
}

TEST_CASE("What depends on constants and known shapes only is folded") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2, 3});
    const ValueId s = add<TestShape>(g, {x}), s1 = add<TestIncrement>(g, {s});
    const ValueId y = add<TestIncrement>(g, {x}), k = add<TestIncrement>(g, {g.add_constant("c", Array::scalar(2.f))});
    g.outputs = {y, s1, k};
    fold_constants(g);
    REQUIRE(g.nodes.size() == 1);
    CHECK(g.nodes[0].outputs[0] == y);
    CHECK(g.value(s1).constant.values<int64_t>() == std::vector<int64_t>{3, 4});
    CHECK(g.value(k).constant.scalar_value<float>() == 3.f);
}

TEST_CASE("Constants that are not aligned are read all the same") {
    auto bytes = allocate_bytes(64);
    const int64_t two = 2;
    std::memcpy(bytes.get() + 1, &two, 8);
    Graph g;
    const ValueId k = add<TestIncrement>(g, {g.add_constant("c", Array(DType::i64, {1}, std::shared_ptr<const std::byte>(bytes, bytes.get() + 1)))});
    g.outputs = {k};
    fold_constants(g);
    CHECK(g.value(k).constant.values<int64_t>() == std::vector<int64_t>{3});
}

TEST_CASE("Random operators, too large results and kept nodes stay") {
    Graph g;
    const ValueId one = g.add_constant("c", Array::scalar(1.f));
    const ValueId r = add<TestRandom>(g, {one});
    const ValueId big = add<TestFill>(g, {g.add_constant("n", Array::vector_i64({1000, 1000}))});
    g.outputs = {r, big};
    fold_constants(g, 1000);
    CHECK(g.nodes.size() == 2);
    CHECK(g.value(big).shape == Shape{1000, 1000});
    infer_and_fold(g, {.keep = [](const Graph&, const Node& n) { return n.op == &describe<TestFill>(); }});
    CHECK(g.nodes.size() == 2);
    fold_constants(g);
    CHECK(g.nodes.size() == 1);
}

TEST_CASE("Many results that are each small enough do not fill the memory either") {
    Graph g;
    const ValueId n = g.add_constant("n", Array::vector_i64({100}));  // 400 bytes each, from 8
    for (int i = 0; i < 20; ++i) g.outputs.push_back(add<TestFill>(g, {n}));
    fold_constants(g, 500);  // 2000 bytes in all
    CHECK(g.nodes.size() == 15);
}

TEST_CASE("Sizes that nobody can address are errors, not overflows") {
    constexpr int64_t huge = int64_t{1} << 62, most = kMaxElements;
    const auto infer = [](std::string_view op, const std::vector<Shape>& in, const std::function<void(Attributes&)>& set = [](Attributes&) {}) {
        Graph g;
        Node n;
        n.op = &registry().named(op);
        n.name = op;
        for (const Shape& s : in) n.inputs.push_back(g.add_input("x", DType::f32, s));
        n.outputs = {g.add_value("y")};
        set(n.attributes);
        g.nodes.push_back(n);
        infer_shapes(g);
    };
    CHECK_THROWS_AS((void)(Shape{most, 2}.count()), Error);
    CHECK((Shape{most, 1}.count()) == most);
    CHECK_THROWS_AS(infer("Identity", {{huge}}), Error);
    CHECK_THROWS_AS(infer("Identity", {{most, most}}), Error);
    CHECK_NOTHROW(infer("Identity", {{most}}));
    CHECK_NOTHROW(infer("Identity", {{most, kUnknown}}));
    CHECK_THROWS_AS(infer("Concat", {{most}, {most}}, [](Attributes& a) { a.set("axis", int64_t{0}); }), Error);
    CHECK_THROWS_AS(infer("SpaceToDepth", {{1, most, 0, 0}}, [](Attributes& a) { a.set("blocksize", int64_t{1} << 14); }), Error);
    CHECK_THROWS_AS(infer("Conv", {{1, 4, 8, 8}, {4, huge / 4, 1, 1}}, [](Attributes& a) { a.set("group", int64_t{16}); }), Error);
    CHECK_THROWS_AS(infer("ConvTranspose", {{1, 0, 8, 8}, {0, most, 1, 1}}, [](Attributes& a) { a.set("group", int64_t{1} << 30); }), Error);
    CHECK_THROWS_AS(infer("LSTM", {{1, 1, 4}, {1, 4, 4}, {1, 4, 1}}, [](Attributes& a) { a.set("hidden_size", int64_t{1} << 62); }), Error);
}

TEST_CASE("Unknown extents and ranks propagate; their names survive element-wise operators") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {kUnknown, 3}, {"batch"});
    const ValueId y = add<TestIncrement>(g, {x}), z = add<TestFill>(g, {add<TestIncrement>(g, {add<TestShape>(g, {y})})}), w = add<TestIncrement>(g, {z});
    g.outputs = {w};
    infer_shapes(g);
    CHECK(g.value(y).shape == Shape{kUnknown, 3});
    CHECK(g.value(y).symbols == std::vector<std::string>{"batch"});
    CHECK_FALSE(g.value(z).has_shape);
    CHECK_FALSE(g.value(w).has_shape);
    CHECK(g.value(w).dtype == DType::f32);
}

TEST_CASE("a number that no integer holds is an error that names the operator") {
    for (const float v : {1e30f, -1e30f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        Graph g;
        const ValueId shape = g.add_constant("shape", Array::of(Shape{1}, std::vector<float>{v}));
        g.outputs = {add<TestFill>(g, {shape})};
        try {
            infer_and_fold(g);
            FAIL("no error");
        } catch (const Error& e) {
            CHECK(std::string(e.message()).find("TestFill \"TestFill0\": the number ") == 0);
        }
    }
    const Array limits = Array::of(Shape{3}, std::vector<double>{-2147483648.9, 2147483647.9, -0.5});
    CHECK(limits.values<int32_t>() == std::vector<int32_t>{INT32_MIN, INT32_MAX, 0});
    CHECK(limits.values<int64_t>() == std::vector<int64_t>{-2147483648, 2147483647, 0});
    CHECK_THROWS_AS(limits.values<int8_t>(), Error);
    CHECK_THROWS_AS(limits.values<uint32_t>(), Error);
}
