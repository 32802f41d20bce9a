// Removes nodes whose results nobody uses, and values that nothing names any more.
#ifndef LITE_PASS_DEAD_H_
#define LITE_PASS_DEAD_H_
#include "lite/graph/graph.h"

LITE_NAMESPACE_BEGIN

// Nodes, which must be sorted, are kept when a graph output depends on them. Graph inputs stay even if unused: they are the graph's signature.
inline void remove_dead_nodes(Graph& g) {
    std::vector<char> needed(g.values.size(), 0);
    for (ValueId o : g.outputs) needed[static_cast<size_t>(o)] = 1;
    std::vector<char> keep(g.nodes.size(), 0);
    for (size_t n = g.nodes.size(); n-- > 0;) {
        for (ValueId o : g.nodes[n].outputs)
            if (o != kNoValue && needed[static_cast<size_t>(o)]) keep[n] = 1;
        if (!keep[n]) continue;
        for (ValueId i : g.nodes[n].inputs)
            if (i != kNoValue) needed[static_cast<size_t>(i)] = 1;
    }
    size_t to = 0;
    for (size_t n = 0; n < g.nodes.size(); ++n)
        if (keep[n]) {
            if (to != n) g.nodes[to] = std::move(g.nodes[n]);
            ++to;
        }
    g.nodes.resize(to);
    for (size_t v = 0; v < g.values.size(); ++v)  // frees the memory of constants that were folded away
        if (!needed[v] && g.values[v].is_constant()) g.values[v].constant = Array();
}

// Puts the nodes into an order in which each stands after those that make its inputs, changing as little as possible.
// Passes that add nodes at the end call it. A cycle is an error that names a node in it.
inline void sort_nodes(Graph& g) {
    const std::vector<int32_t> producer = g.producers();
    std::vector<char> state(g.nodes.size(), 0);  // 1: being visited, 2: placed
    std::vector<size_t> order;
    std::vector<std::pair<size_t, size_t>> stack;  // node, next input to look at
    for (size_t root = 0; root < g.nodes.size(); ++root) {
        if (state[root]) continue;
        stack.emplace_back(root, 0);
        state[root] = 1;
        while (!stack.empty()) {
            auto& [n, next] = stack.back();
            if (next == g.nodes[n].inputs.size()) {
                state[n] = 2;
                order.push_back(n);
                stack.pop_back();
                continue;
            }
            const ValueId in = g.nodes[n].inputs[next++];
            const int32_t p = in == kNoValue ? -1 : producer[static_cast<size_t>(in)];
            if (p < 0 || state[static_cast<size_t>(p)] == 2) continue;
            check(state[static_cast<size_t>(p)] == 0, "the graph has a cycle through node \"", g.nodes[static_cast<size_t>(p)].name, "\"");
            state[static_cast<size_t>(p)] = 1;
            stack.emplace_back(static_cast<size_t>(p), 0);
        }
    }
    std::vector<Node> sorted;
    sorted.reserve(order.size());
    for (size_t n : order) sorted.push_back(std::move(g.nodes[n]));
    g.nodes = std::move(sorted);
}

LITE_NAMESPACE_END
#endif
