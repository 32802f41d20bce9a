// What fusing passes ask of a graph: who makes a value, who uses it, what its constant is.
#ifndef LITE_PASS_MATCH_H_
#define LITE_PASS_MATCH_H_
#include <algorithm>
#include <cmath>

#include "lite/base/elemwise_mode.h"
#include "lite/op/listed.h"
#include "lite/pass/dead.h"

LITE_NAMESPACE_BEGIN

// Indexes of a graph for matching. Nodes may be edited and values added, but nodes are neither added nor removed. All nodes that
// are not handed in must be reached through here: update() looks again at those, and so a pass over a long chain stays linear.
class Matcher {
public:
    explicit Matcher(Graph& graph) : g(graph) {
        producer_ = g.producers();
        uses_ = g.use_counts();
        users_.resize(g.values.size());
        known_.resize(g.nodes.size());
        handed_.assign(g.nodes.size(), 0);
        for (size_t n = 0; n < g.nodes.size(); ++n) {
            known_[n] = {g.nodes[n].inputs, g.nodes[n].outputs};
            for (ValueId i : g.nodes[n].inputs)
                if (i != kNoValue) users_[static_cast<size_t>(i)].push_back(n);
        }
    }
    // To be called after a match: `edited` and every node that was handed out since the last call may have changed.
    void update(Node& edited) {
        node(static_cast<size_t>(index_of(edited)));
        producer_.resize(g.values.size(), -1);
        uses_.resize(g.values.size(), 0);
        users_.resize(g.values.size());
        // What a node makes no more may be what another makes now: first everything goes, then everything comes.
        size_t changed = 0;
        for (size_t n : touched_) {
            handed_[n] = 0;
            Edges& old = known_[n];
            if (old.inputs == g.nodes[n].inputs && old.outputs == g.nodes[n].outputs) continue;
            touched_[changed++] = n;
            for (ValueId i : old.inputs)
                if (i != kNoValue) {
                    std::vector<size_t>& users = users_[static_cast<size_t>(i)];
                    users.erase(std::lower_bound(users.begin(), users.end(), n));
                    --uses_[static_cast<size_t>(i)];
                }
            for (ValueId o : old.outputs)
                if (o != kNoValue && producer_[static_cast<size_t>(o)] == static_cast<int32_t>(n)) producer_[static_cast<size_t>(o)] = -1;
        }
        for (size_t k = 0; k < changed; ++k) {
            const size_t n = touched_[k];
            known_[n] = {g.nodes[n].inputs, g.nodes[n].outputs};
            for (ValueId i : known_[n].inputs)
                if (i != kNoValue) {
                    std::vector<size_t>& users = users_[static_cast<size_t>(i)];
                    users.insert(std::upper_bound(users.begin(), users.end(), n), n);
                    ++uses_[static_cast<size_t>(i)];
                }
            for (ValueId o : known_[n].outputs)
                if (o != kNoValue) producer_[static_cast<size_t>(o)] = static_cast<int32_t>(n);
        }
        touched_.clear();
    }
    Graph& g;

    // A node by its index, to be edited.
    Node& node(size_t n) {
        if (!handed_[n]) {
            handed_[n] = 1;
            touched_.push_back(n);
        }
        return g.nodes[n];
    }
    Node* producer(ValueId v) {
        if (v == kNoValue || static_cast<size_t>(v) >= producer_.size()) return nullptr;  // a constant that was added just now
        const int32_t p = producer_[static_cast<size_t>(v)];
        return p < 0 ? nullptr : &node(static_cast<size_t>(p));
    }
    // The producer if it is that operator (by its name).
    Node* producer(ValueId v, std::string_view op) {
        Node* p = producer(v);
        return p && p->op->name == op ? p : nullptr;
    }
    // Exactly one node uses the value, once, and it is no output of the graph.
    bool single_use(ValueId v) const { return uses_[static_cast<size_t>(v)] == 1 && users_[static_cast<size_t>(v)].size() == 1; }
    Node* single_user(ValueId v) { return single_use(v) ? &node(users_[static_cast<size_t>(v)][0]) : nullptr; }
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
        retire(to);
        producer_[static_cast<size_t>(from.outputs[0])] = index_of(from);
    }

private:
    struct Edges {
        std::vector<ValueId> inputs, outputs;  // of a node, as they are in the indexes
    };
    std::vector<int32_t> producer_, uses_;
    std::vector<std::vector<size_t>> users_;  // ascending, a node once for each use
    std::vector<Edges> known_;
    std::vector<size_t> touched_;
    std::vector<char> handed_;  // whether a node is in touched_
};

// Ends a pass that changed the graph. A node may read now what one behind it makes (the sum that a convolution took in), so nodes are
// sorted before it is asked which of them are dead.
inline void tidy(Graph& g) {
    sort_nodes(g);
    remove_dead_nodes(g);
}

LITE_NAMESPACE_END
#endif
