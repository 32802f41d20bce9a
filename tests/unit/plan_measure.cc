// Kernels chosen by timing them: the same answer, and measured costs wherever there was a choice.
#include <doctest/doctest.h>

#include "lite/exec/explain.h"
#include "lite/graph.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Graph three_convolutions() {
    GraphBuilder g;
    const auto weights = [&](Shape s, uint32_t seed) { return g.constant(random_f32(s, seed)); };
    const Var a = relu(conv2d(g.input("x", {1, 32, 14, 14}), weights({32, 32, 3, 3}, 1), {}, {.pads = {1, 1, 1, 1}}));
    const Var b = relu(conv2d(a, weights({32, 32, 3, 3}, 2), {}, {.pads = {1, 1, 1, 1}}));
    return g.finish({relu(conv2d(b, weights({8, 32, 1, 1}, 3))).named("y")});
}
}  // namespace

TEST_CASE("Measured choices give the answer that predicted ones give") {
    const Array x = random_f32({1, 32, 14, 14}, 7);
    for (int threads : {1, 2}) {
        SessionOptions options;
        options.threads = threads;
        Session predicted(three_convolutions(), options);
        options.measure = true;
        Session measured(three_convolutions(), options);
        // 3x3x32 sums of products of numbers below 1, three in a row; Winograd has twice direct's rounding error
        check_close(measured.run({x})[0], predicted.run({x})[0], 1e-3, 1e-4, "measured");
        CHECK(explain(measured).find("measured") != std::string::npos);
        CHECK(explain(predicted).find("measured") == std::string::npos);
        size_t convolutions = 0;
        for (const NodeChoice& c : measured.plan().choices) {
            size_t timed = 0;
            for (const Candidate& k : c.candidates) timed += k.measured;
            if (c.candidates.size() > 1) CHECK(timed >= 1);
            else CHECK(timed == 0);
            for (const Candidate& k : c.candidates) CHECK(k.cost > 0);
            convolutions += timed > 0;
        }
        CHECK(convolutions >= 3);
    }
}

TEST_CASE("Nodes that look alike are measured once") {
    Session s(three_convolutions(), [] {
        SessionOptions o;
        o.measure = true;
        return o;
    }());
    s.prepare(std::vector<Shape>{{1, 32, 14, 14}});
    std::vector<const NodeChoice*> conv;
    for (size_t i = 0; i < s.plan().steps.size(); ++i)
        if (s.plan().graph.nodes[s.plan().steps[i].node].op->name == "Conv") conv.push_back(&s.plan().choices[s.plan().steps[i].node]);
    REQUIRE(conv.size() == 3);
    REQUIRE(conv[0]->candidates.size() == conv[1]->candidates.size());
    for (size_t k = 0; k < conv[0]->candidates.size(); ++k) CHECK(conv[0]->candidates[k].cost == conv[1]->candidates[k].cost);
}
