#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/op/elemwise.h"
#include "lite/pass/fuse_chain.h"
#include "lite/pass/infer.h"
using namespace lite;

namespace {
// x -> sin -> leaky_relu -> sin ...
Graph chain_of(size_t length) {
    Graph g;
    ValueId v = g.add_input("x", DType::f32, {3, 5});
    for (size_t i = 0; i < length; ++i) {
        Node n;
        n.op = &registry().named("Elemwise");
        n.name = text("node", i);
        n.version = 17;
        n.attributes.set("mode", static_cast<int64_t>(i % 2 ? ElemwiseMode::leaky_relu : ElemwiseMode::sin));
        n.attributes.set("alpha", 0.9f);
        n.inputs = {v};
        n.outputs = {v = g.add_value("")};
        g.nodes.push_back(n);
    }
    g.outputs = {v};
    return g;
}
}  // namespace

TEST_CASE("Long chains are cut into pieces, each of many steps") {
    Graph g = chain_of(1000);
    infer_shapes(g);
    CHECK(fuse_chains(g));
    CHECK(g.nodes.size() >= 1000 / 100);
    CHECK(g.nodes.size() <= 1000 / 50);
    for (const Node& n : g.nodes) CHECK(n.op->name == "ElemwiseChain");
    CHECK_FALSE(fuse_chains(g));
}

TEST_CASE("A chain of many thousand nodes is fused, and computes what its nodes do") {
    std::vector<float> x(15);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) * 0.3f - 2.f;
    const std::vector<Array> inputs = {Array::of({3, 5}, x)};
    const Graph g = chain_of(20000);
    SessionOptions slow;
    slow.kernels = false;
    slow.optimize.fuse = false;
    const std::vector<float> want = Session(g, slow).run(inputs)[0].values<float>(), got = Session(g).run(inputs)[0].values<float>();
    REQUIRE(got.size() == want.size());
    // Every second step shrinks what is negative, so errors of single steps (2 ulp for sin) do not add up.
    for (size_t i = 0; i < want.size(); ++i) CHECK(std::abs(got[i] - want[i]) <= 1e-5f);
}
