// What fusing passes ask of a graph: who makes a value, who uses it, what its constant is.
#ifndef LITE_PASS_MATCH_H_
#define LITE_PASS_MATCH_H_
#include <cmath>

#include "lite/base/elemwise_mode.h"
#include "lite/op/registry.h"
#include "lite/pass/dead.h"

LITE_NAMESPACE_BEGIN

// Indexes of a graph for matching. Made again after nodes were added or removed; edits of single inputs go through it.
class Matcher {
public:
    explicit Matcher(Graph& graph) : g(graph) { rebuild(); }
    void rebuild() {
        producer_ = g.producers();
        uses_ = g.use_counts();
        users_.assign(g.values.size(), {});
        for (size_t n = 0; n < g.nodes.size(); ++n)
            for (ValueId i : g.nodes[n].inputs)
                if (i != kNoValue) users_[static_cast<size_t>(i)].push_back(n);
    }
    Graph& g;

    Node* producer(ValueId v) {
        if (v == kNoValue) return nullptr;
        const int32_t p = producer_[static_cast<size_t>(v)];
        return p < 0 ? nullptr : &g.nodes[static_cast<size_t>(p)];
    }
    // The producer if it is that operator (by its name).
    Node* producer(ValueId v, std::string_view op) {
        Node* p = producer(v);
        return p && p->op->name == op ? p : nullptr;
    }
    // Exactly one node uses the value, once, and it is no output of the graph.
    bool single_use(ValueId v) const { return uses_[static_cast<size_t>(v)] == 1 && users_[static_cast<size_t>(v)].size() == 1; }
    Node* single_user(ValueId v) { return single_use(v) ? &g.nodes[users_[static_cast<size_t>(v)][0]] : nullptr; }
    const std::vector<size_t>& users(ValueId v) const { return users_[static_cast<size_t>(v)]; }
    int32_t index_of(const Node& n) const { return static_cast<int32_t>(&n - g.nodes.data()); }
    const Array* constant(ValueId v) const { return v != kNoValue && g.value(v).is_constant() ? &g.value(v).constant : nullptr; }
    // A constant of one element whose value is `want` to within one part in 10^4: exporters round constants such as 1/sqrt(2).
    bool is_scalar(ValueId v, double want) const {
        const Array* a = constant(v);
        if (!a || a->count() != 1 || !is_float(a->dtype())) return false;
        return std::abs(a->scalar_value<double>() - want) <= 1e-4 * std::max(1.0, std::abs(want));
    }
    static ElemwiseMode mode(const Node& n) {
        return n.op->name == "Elemwise" ? n.attributes.get<ElemwiseMode>("mode", ElemwiseMode::identity) : ElemwiseMode::identity;
    }
    Node* elemwise(ValueId v, ElemwiseMode m) {
        Node* p = producer(v);
        return p && mode(*p) == m ? p : nullptr;
    }
    // For a commutative node of two inputs: the input that `test` accepts and the other one.
    template <class F> bool either(const Node& n, F&& test, ValueId& matched, ValueId& other) const {
        if (n.inputs.size() != 2) return false;
        for (size_t i = 0; i < 2; ++i)
            if (test(n.inputs[i])) {
                matched = n.inputs[i];
                other = n.inputs[1 - i];
                return true;
            }
        return false;
    }
    // Takes the node out: it makes nothing any more, and dead-node removal drops it.
    void retire(Node& n) {
        for (ValueId& o : n.outputs) o = kNoValue;
    }
    // `from` now makes what `to` made; `to` is retired.
    void take_output(Node& from, Node& to) {
        from.outputs[0] = to.outputs[0];
        const size_t v = static_cast<size_t>(from.outputs[0]);
        retire(to);
        producer_[v] = index_of(from);
    }

private:
    std::vector<int32_t> producer_, uses_;
    std::vector<std::vector<size_t>> users_;
};

// Ends a pass that changed the graph.
inline void tidy(Graph& g) {
    remove_dead_nodes(g);
    sort_nodes(g);
}

LITE_NAMESPACE_END
#endif
