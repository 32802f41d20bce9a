#include <random>

#include <doctest/doctest.h>

#include "lite/op/identity.h"
#include "lite/pass/match.h"
using namespace lite;

namespace {
// What the indexes say, against what the graph says. To ask for producers hands nodes out, and would hide that one was forgotten.
void check_indexes(Matcher& m, const Graph& g, bool with_producers) {
    const std::vector<int32_t> uses = g.use_counts(), producers = g.producers();
    std::vector<std::vector<size_t>> users(g.values.size());
    for (size_t n = 0; n < g.nodes.size(); ++n)
        for (ValueId i : g.nodes[n].inputs)
            if (i != kNoValue) users[static_cast<size_t>(i)].push_back(n);
    size_t wrong = 0;
    for (size_t v = 0; v < g.values.size(); ++v) {
        const auto id = static_cast<ValueId>(v);
        if (m.users(id) != users[v]) ++wrong;
        if (m.single_use(id) != (uses[v] == 1 && users[v].size() == 1)) ++wrong;
        if (with_producers && m.producer(id) != (producers[v] < 0 ? nullptr : &g.nodes[static_cast<size_t>(producers[v])])) ++wrong;
    }
    CHECK(wrong == 0);
}
}  // namespace

TEST_CASE("The indexes of a graph follow edits of its nodes") {
    std::mt19937 random(1);
    const auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
    for (int repeat = 0; repeat < 20; ++repeat) {
        Graph g;
        std::vector<ValueId> made = {g.add_input("x", DType::f32, {2}), g.add_input("y", DType::f32, {2})};
        for (int n = 0; n < 30; ++n) {
            Node node;
            node.op = &describe<Identity>();
            for (size_t i = 0, count = 1 + below(3); i < count; ++i) node.inputs.push_back(below(8) ? made[below(made.size())] : kNoValue);
            node.outputs = {g.add_value("")};
            made.push_back(node.outputs[0]);
            g.nodes.push_back(node);
        }
        g.outputs = {made.back(), made[5]};
        Matcher m(g);
        check_indexes(m, g, false);
        for (int edit = 0; edit < 40; ++edit) {
            Node& n = g.nodes[below(g.nodes.size())];
            if (n.inputs.empty() || n.outputs[0] == kNoValue) continue;
            Node* before = m.producer(n.inputs[0]);
            switch (below(5)) {
                case 0:  // an operand moves, another is new
                    n.inputs = {n.inputs.back(), g.add_constant("c", Array::scalar(1.f))};
                    break;
                case 1:
                    if (before && before != &n) m.take_output(*before, n);
                    break;
                case 2: n.inputs.push_back(n.inputs[0]); break;
                case 3: m.retire(n); break;
                default:  // all users of a value read another
                    for (size_t u : m.users(n.outputs[0]))
                        for (ValueId& i : m.node(u).inputs)
                            if (i == n.outputs[0]) i = made[0];
            }
            m.update(n);
            check_indexes(m, g, edit % 20 == 19);
        }
    }
}

TEST_CASE("What a node reads stays, also where it is made by a node behind it") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2}), late = g.add_value("late"), y = g.add_value("y");
    for (const auto& [in, out] : {std::pair{late, y}, std::pair{x, late}, std::pair{x, g.add_value("dead")}}) {
        Node n;
        n.op = &describe<Identity>();
        n.inputs = {in};
        n.outputs = {out};
        g.nodes.push_back(n);
    }
    g.outputs = {y};
    tidy(g);
    REQUIRE(g.nodes.size() == 2);
    CHECK(g.nodes[0].outputs[0] == late);
    CHECK(g.nodes[1].outputs[0] == y);
}
