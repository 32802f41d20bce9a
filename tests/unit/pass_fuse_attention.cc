// Attention in the forms in which exporters write it becomes one node with the same result.
#include "lite/pass/fuse_attention.h"

#include "lite/op/elemwise.h"
#include "lite/op/softmax.h"
#include "lite/op/transpose.h"
#include "lite/pass/infer.h"
#include "tests/support/op_test.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
template <class Op> ValueId add(Graph& g, std::vector<ValueId> in, Attributes a = {}) {
    Node n;
    n.op = &describe<Op>();
    n.name = text(Op::name, g.nodes.size());
    n.inputs = std::move(in);
    n.attributes = std::move(a);
    n.outputs = {g.add_value(text("v", g.values.size()))};
    g.nodes.push_back(n);
    return n.outputs[0];
}
ValueId transpose(Graph& g, ValueId x, std::vector<int64_t> perm) {
    Attributes a;
    a.set("perm", std::move(perm));
    return add<Transpose>(g, {x}, a);
}
ValueId elemwise(Graph& g, ElemwiseMode mode, ValueId x, ValueId y) {
    Attributes a;
    a.set("mode", static_cast<int64_t>(mode));
    return add<Elemwise>(g, {x, y}, a);
}
ValueId softmax(Graph& g, ValueId x) {
    Attributes a;
    a.set("axis", int64_t{-1});
    return add<Softmax>(g, {x}, a);
}
ValueId scalar(Graph& g, float v) { return g.add_constant("", Array::scalar(v)); }
// Runs the graph before and after the pass; returns the attributes of the one node that is left.
FusedAttention::Attributes check_fused(Graph g, size_t nodes_left = 1) {
    infer_shapes(g);
    std::vector<Array> in;
    for (size_t i = 0; i < g.inputs.size(); ++i) in.push_back(random_f32(g.value(g.inputs[i]).shape, static_cast<uint32_t>(i + 1)));
    const Array want = ReferenceRunner().run(g, in)[0];
    CHECK(fuse_attention(g));
    REQUIRE(g.nodes.size() == nodes_left);
    REQUIRE(g.nodes.back().op->name == "FusedAttention");
    infer_shapes(g);
    // scores round differently where a factor is applied elsewhere
    check_close(ReferenceRunner().run(g, in)[0], want, 1e-6, 1e-5, "fused attention");
    return read_attributes<FusedAttention::Attributes>(g.nodes.back().attributes);
}
}  // namespace

TEST_CASE("Attention with its transpositions and a scale behind the product") {
    Graph g;
    const Shape s{2, 7, 3, 4};
    const ValueId q = g.add_input("q", DType::f32, s), k = g.add_input("k", DType::f32, s), v = g.add_input("v", DType::f32, s);
    const ValueId qk = add<MatMul>(g, {transpose(g, q, {0, 2, 1, 3}), transpose(g, k, {0, 2, 3, 1})});
    const ValueId p = softmax(g, elemwise(g, ElemwiseMode::mul, qk, scalar(g, 0.5f)));
    g.outputs = {transpose(g, add<MatMul>(g, {p, transpose(g, v, {0, 2, 1, 3})}), {0, 2, 1, 3})};
    const auto a = check_fused(g);
    CHECK(a.scale == 0.5f);
    CHECK((a.q_time_first && a.k_time_first && a.v_time_first && a.y_time_first && !a.k_columns));
}

TEST_CASE("Attention with a mask, a division, and keys in columns") {
    Graph g;
    const ValueId q = g.add_input("q", DType::f32, {1, 2, 5, 4}), k = g.add_input("k", DType::f32, {1, 2, 4, 6}), v = g.add_input("v", DType::f32, {1, 2, 6, 3});
    const ValueId mask = g.add_input("mask", DType::f32, {1, 1, 5, 6});
    const ValueId scaled = elemwise(g, ElemwiseMode::div, add<MatMul>(g, {q, k}), scalar(g, 2.f));
    g.outputs = {add<MatMul>(g, {softmax(g, elemwise(g, ElemwiseMode::add, mask, scaled)), v})};
    const auto a = check_fused(g);
    CHECK(a.scale == 0.5f);
    CHECK((!a.q_time_first && !a.k_time_first && !a.v_time_first && !a.y_time_first && a.k_columns));
}

TEST_CASE("Attention with the scale on both operands") {
    Graph g;
    const ValueId q = g.add_input("q", DType::f32, {1, 2, 5, 4}), k = g.add_input("k", DType::f32, {1, 2, 6, 4}), v = g.add_input("v", DType::f32, {1, 2, 6, 3});
    const ValueId ks = elemwise(g, ElemwiseMode::mul, transpose(g, k, {0, 1, 3, 2}), scalar(g, 0.5f));
    g.outputs = {add<MatMul>(g, {softmax(g, add<MatMul>(g, {elemwise(g, ElemwiseMode::mul, q, scalar(g, 0.5f)), ks})), v})};
    const auto a = check_fused(g);
    CHECK(a.scale == 0.25f);
    CHECK(!a.k_columns);
}

TEST_CASE("What is used elsewhere or broadcasts is left alone") {
    for (int what = 0; what < 3; ++what) {
        Graph g;
        const int64_t heads = what == 1 ? 1 : 2;
        const ValueId q = g.add_input("q", DType::f32, {1, 2, 5, 4}), k = g.add_input("k", DType::f32, {1, heads, 4, 6}), v = g.add_input("v", DType::f32, {1, 2, 6, 3});
        const ValueId p = softmax(g, add<MatMul>(g, {q, k})), y = add<MatMul>(g, {p, v});
        g.outputs = {y};
        if (what == 0) g.outputs.push_back(p);
        if (what == 2) g.nodes[1].attributes.set("axis", int64_t{2});
        infer_shapes(g);
        CHECK_FALSE(fuse_attention(g));
        CHECK(g.nodes.size() == 3);
    }
}
