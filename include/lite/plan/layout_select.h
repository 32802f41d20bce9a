// Chooses for every node a kernel specialization, and with it the memory layouts between nodes, so that the predicted time of
// kernels and relayouts together is least; then makes the relayouts nodes of the graph.
#ifndef LITE_PLAN_LAYOUT_SELECT_H_
#define LITE_PLAN_LAYOUT_SELECT_H_
#include <optional>
#include <unordered_map>

#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/op/registry.h"
#include "lite/op/relayout.h"
#include "lite/plan/measure.h"

LITE_NAMESPACE_BEGIN

// One way to run a node. `row` is null for the operator's reference.
struct Candidate {
    const KernelRow* row = nullptr;
    LayoutTag in = LayoutTag::nchw, out = LayoutTag::nchw;
    double cost = 0;  // ns on one thread, without relayouts: predicted, or
    bool measured = false;
};
struct NodeChoice {
    std::vector<Candidate> candidates;  // cheapest first
    size_t chosen = 0;
    bool dynamic = false;  // some shape is known only at run time: inferred and run by the reference then
    const Candidate& get() const { return candidates[chosen]; }
};
// The kernels that an earlier plan chose, by the name of the node's first output.
using KeptChoices = std::unordered_map<std::string, std::string>;
// One of the rows of an operator, in words.
inline std::string kernel_text(const KernelRow& row) { return text(row.name, ' ', row.dtype, ' ', row.in_layout, ' ', row.out_layout); }
struct LayoutOptions {
    std::optional<LayoutTag> forced;  // kernels of this layout wherever there are any
    bool kernels = true;              // false: references only
    int threads = 1;
    ThreadPool* pool = nullptr;       // packs weights; none: the caller does
    bool uniform = false;             // each sample of a batch is computed alike, whatever the batch
    KernelTimer* timer = nullptr;     // costs are measured where there is a choice; none: predicted
    const KeptChoices* keep = nullptr;  // these, where they apply
    std::optional<size_t> workspace_limit;          // kernels that need more scratch memory are not chosen
};

inline TensorInfo info_of(const Graph& g, ValueId id) {
    if (id == kNoValue) return {};
    const Value& v = g.value(id);
    return {v.dtype, v.shape, v.has_shape, v.is_constant() ? &v.constant : nullptr, v.layout};
}
inline std::vector<TensorInfo> infos_of(const Graph& g, const std::vector<ValueId>& ids) {
    std::vector<TensorInfo> r;
    r.reserve(ids.size());
    for (ValueId i : ids) r.push_back(info_of(g, i));
    return r;
}
// The layout in which a kernel with that input layout wants the tensor.
inline LayoutTag wanted_layout(LayoutTag in, const TensorInfo& t) {
    return t && !t.value && t.has_shape && layout_fits(in, t.shape.rank()) ? in : LayoutTag::nchw;
}

// Puts measured costs in the place of the predicted ones of all that might win: predictions are within a factor of 4.
inline void measure_candidates(NodeChoice& c, const Node& n, std::vector<TensorInfo> in, std::vector<TensorInfo> out, const Bricks& bricks,
                               const LayoutOptions& options) {
    const double limit = 4 * c.candidates.front().cost;
    double slowest = 0;
    for (Candidate& k : c.candidates) {
        if (!k.row || k.cost > limit) continue;
        for (TensorInfo& t : in)
            if (t) t.layout = wanted_layout(k.in, t);
        for (TensorInfo& t : out)
            if (t) t.layout = layout_fits(k.out, t.shape.rank()) ? k.out : LayoutTag::nchw;
        k.cost = options.timer->measure(*k.row, NodeInfo{&n, in, out, &bricks, options.threads, options.uniform});
        k.measured = true;
        slowest = std::max(slowest, k.cost);
    }
    for (TensorInfo& t : in) t.layout = LayoutTag::nchw;
    options.timer->finish(NodeInfo{&n, in, out, &bricks, options.threads, options.uniform});
    for (Candidate& k : c.candidates)  // what was not worth measuring does not win by its prediction
        if (!k.measured) k.cost = std::max(k.cost, slowest);
}

// Only preparing tells: the weights that it packs are gone at once.
inline size_t workspace_of(const KernelRow& row, const NodeInfo& info) {
    WeightStore weights;
    PrepareContext prepare;
    prepare.weights = &weights;
    row.prepare(info, prepare);
    return prepare.workspace_bytes;
}

// `kept`: only that kernel; no candidates if it does not apply.
inline NodeChoice enumerate_candidates(const Graph& g, const Node& n, const Bricks& bricks, const LayoutOptions& options, const std::string* kept = nullptr) {
    NodeChoice c;
    std::vector<TensorInfo> in = infos_of(g, n.inputs), out = infos_of(g, n.outputs);
    double bytes = 0;
    const auto look = [&](const TensorInfo& t) {
        if (!t.shape_known()) c.dynamic = true;
        else bytes += static_cast<double>(t.shape.count() * static_cast<int64_t>(size_of(t.dtype)));
    };
    for (size_t i = 0; i < in.size(); ++i)
        if (n.inputs[i] != kNoValue) look(in[i]);
    for (size_t i = 0; i < out.size(); ++i)
        if (n.outputs[i] != kNoValue) look(out[i]);
    // References of movement operators copy at a few GB/s; those of arithmetic have a kernel that beats this by far.
    c.candidates.push_back({nullptr, LayoutTag::nchw, LayoutTag::nchw, 200 + bytes * 0.5});
    if (c.dynamic || !options.kernels) return c;
    bool forced_found = false;
    // Where a layout is asked for: that and dense tensors; what has no kernel there takes any other.
    const auto collect = [&](bool any) {
        const auto allowed = [&](LayoutTag l) {
            return l == LayoutTag::nchw || (options.forced && l == *options.forced) || ((any || !options.forced) && !on_request(l));
        };
        for (const KernelRow& row : n.op->rows) {
            if (kept && (!kept->starts_with(row.name) || *kept != kernel_text(row))) continue;
            if (row.dtype != DType::none && (in.empty() || in[0].dtype != row.dtype)) continue;
            if (!kept && (!allowed(row.in_layout) || !allowed(row.out_layout))) continue;
            bool fits = true, any_in = row.in_layout == LayoutTag::nchw;
            for (TensorInfo& t : in) {
                if (!t) continue;
                t.layout = wanted_layout(row.in_layout, t);
                any_in |= t.layout == row.in_layout;
            }
            for (TensorInfo& t : out)
                if (t) {
                    const bool fit = layout_fits(row.out_layout, t.shape.rank());
                    if (&t == &out[0]) fits = fit;  // others, of a lower rank, stay dense
                    t.layout = fit ? row.out_layout : LayoutTag::nchw;
                }
            if (!fits || !any_in) continue;
            const bool is_forced = options.forced && row.out_layout == *options.forced;
            const NodeInfo info{&n, in, out, &bricks, options.threads, options.uniform};
            if (!row.applicable(info)) continue;
            if (options.workspace_limit && workspace_of(row, info) > *options.workspace_limit) continue;
            c.candidates.push_back({&row, row.in_layout, row.out_layout, row.cost(info)});
            forced_found |= is_forced;
        }
    };
    collect(false);
    if (options.forced && !kept && c.candidates.size() == 1) collect(true);
    if (c.candidates.size() > 1 || kept) c.candidates.erase(c.candidates.begin());  // a kernel that applies replaces the reference
    if (kept) return c;
    if (forced_found && *options.forced != LayoutTag::nchw)
        std::erase_if(c.candidates, [&](const Candidate& k) { return k.out != *options.forced; });
    const auto sort = [&] {  // a few, by cost; equal ones stay in the order of their rows
        for (auto end = c.candidates.begin(); end != c.candidates.end(); ++end)
            for (auto k = end; k != c.candidates.begin() && k->cost < (k - 1)->cost; --k) std::swap(k[0], k[-1]);
    };
    sort();
    if (options.timer && c.candidates.size() > 1) {
        measure_candidates(c, n, std::move(in), std::move(out), bricks, options);
        sort();
    }
    return c;
}

// Sets each choice to that on the shortest path through operators and their candidates, relayouts between them: exact where every value
// has one user. The cost of a value with several users is shared by them, and its last user decides.
template <class RelayoutCost>
void shortest_path(const Graph& g, std::vector<NodeChoice>& choices, const std::vector<int32_t>& producer, const std::vector<std::vector<size_t>>& users,
                   const RelayoutCost& relayout_ns) {
    struct From {
        size_t node, candidate;
    };
    std::vector<std::vector<double>> cost(choices.size());
    std::vector<std::vector<std::vector<From>>> from(choices.size());
    for (size_t n = 0; n < choices.size(); ++n)
        for (const Candidate& k : choices[n].candidates) {
            double sum = k.cost;
            std::vector<From> path;
            for (ValueId in : g.nodes[n].inputs) {
                if (in == kNoValue) continue;
                const TensorInfo t = info_of(g, in);
                if (t.value || !t.shape_known()) continue;
                const LayoutTag want = wanted_layout(k.in, t);
                const int32_t p = producer[static_cast<size_t>(in)];
                if (p < 0) {
                    sum += relayout_ns(in, LayoutTag::nchw, want);
                    continue;
                }
                const auto made = static_cast<size_t>(p);
                double least = 0;
                From best{made, 0};
                for (size_t j = 0; j < cost[made].size(); ++j) {
                    const LayoutTag out = layout_fits(choices[made].candidates[j].out, t.shape.rank()) ? choices[made].candidates[j].out : LayoutTag::nchw;
                    const double c = cost[made][j] / static_cast<double>(std::max<size_t>(users[static_cast<size_t>(in)].size(), 1)) + relayout_ns(in, out, want);
                    if (j == 0 || c < least) least = c, best.candidate = j;
                }
                sum += least;
                path.push_back(best);
            }
            cost[n].push_back(sum);
            from[n].push_back(std::move(path));
        }
    std::vector<char> decided(choices.size(), 0);
    for (size_t n = choices.size(); n-- > 0;) {
        NodeChoice& c = choices[n];
        if (!decided[n]) {
            c.chosen = 0;
            for (size_t k = 1; k < cost[n].size(); ++k)
                if (cost[n][k] < cost[n][c.chosen]) c.chosen = k;
        }
        for (const From& f : from[n][c.chosen])
            if (!decided[f.node]) {
                decided[f.node] = 1;
                choices[f.node].chosen = f.candidate;
            }
    }
}

// A choice for every node (in the order of g.nodes). Coordinate descent over the nodes, from two starting points: each node's
// own cheapest kernel, and the cheapest given the layouts of its producers; with measured costs also from the shortest path. The best
// end is taken. Exact on chains and on regions that one sweep can flip; 2 to 4 sweeps on the nets measured.
inline std::vector<NodeChoice> select_layouts(const Graph& g, const Bricks& bricks, const LayoutOptions& options) {
    std::vector<NodeChoice> choices;
    choices.reserve(g.nodes.size());
    for (const Node& n : g.nodes) {
        if (options.keep && !n.outputs.empty() && n.outputs[0] != kNoValue)
            if (const auto kept = options.keep->find(g.value(n.outputs[0]).name); kept != options.keep->end())
                if (NodeChoice c = enumerate_candidates(g, n, bricks, options, &kept->second); !c.candidates.empty()) {
                    choices.push_back(std::move(c));
                    continue;
                }
        choices.push_back(enumerate_candidates(g, n, bricks, options));
    }

    const std::vector<int32_t> producer = g.producers();
    std::vector<std::vector<size_t>> users(g.values.size());
    for (size_t n = 0; n < g.nodes.size(); ++n)
        for (ValueId i : g.nodes[n].inputs)
            if (i != kNoValue) users[static_cast<size_t>(i)].push_back(n);
    std::vector<char> is_output(g.values.size(), 0);
    for (ValueId o : g.outputs) is_output[static_cast<size_t>(o)] = 1;

    const auto made_in = [&](ValueId v) {  // the layout in which v comes out of its producer
        const int32_t p = producer[static_cast<size_t>(v)];
        if (p < 0) return LayoutTag::nchw;
        const Value& value = g.value(v);
        const LayoutTag out = choices[static_cast<size_t>(p)].get().out;
        return value.has_shape && layout_fits(out, value.shape.rank()) ? out : LayoutTag::nchw;
    };
    const auto relayout_ns = [&](ValueId v, LayoutTag from, LayoutTag to) {
        return from == to ? 0.0 : relayout_cost(info_of(g, v), from, to);
    };
    const auto cost_of = [&](size_t n, const Candidate& k, bool look_ahead) {
        double cost = k.cost;
        for (ValueId in : g.nodes[n].inputs) {
            if (in == kNoValue) continue;
            const TensorInfo t = info_of(g, in);
            if (!t.value && t.shape_known()) cost += relayout_ns(in, made_in(in), wanted_layout(k.in, t));
        }
        if (!look_ahead) return cost;
        for (ValueId o : g.nodes[n].outputs) {
            if (o == kNoValue) continue;
            const TensorInfo t = info_of(g, o);
            if (!t.shape_known()) continue;
            const LayoutTag made = layout_fits(k.out, t.shape.rank()) ? k.out : LayoutTag::nchw;
            uint32_t counted = 0;  // one relayout serves all users that want the same layout
            const auto add = [&](LayoutTag want) {
                if (counted & (1u << static_cast<unsigned>(want))) return;
                counted |= 1u << static_cast<unsigned>(want);
                cost += relayout_ns(o, made, want);
            };
            if (is_output[static_cast<size_t>(o)]) add(LayoutTag::nchw);
            for (size_t u : users[static_cast<size_t>(o)]) add(wanted_layout(choices[u].get().in, t));
        }
        return cost;
    };
    const auto total = [&] {
        double sum = 0;
        for (size_t n = 0; n < choices.size(); ++n) sum += cost_of(n, choices[n].get(), false);
        for (ValueId o : g.outputs)
            if (info_of(g, o).shape_known()) sum += relayout_ns(o, made_in(o), LayoutTag::nchw);
        return sum;
    };
    const auto improve = [&](size_t n, bool look_ahead) {
        NodeChoice& c = choices[n];
        if (c.candidates.size() < 2) return false;
        size_t best = c.chosen;
        double best_cost = cost_of(n, c.candidates[best], look_ahead);
        for (size_t k = 0; k < c.candidates.size(); ++k) {
            const double cost = cost_of(n, c.candidates[k], look_ahead);
            if (cost < best_cost * (1 - 1e-9)) best = k, best_cost = cost;
        }
        const bool changed = best != c.chosen;
        c.chosen = best;
        return changed;
    };
    const auto descend = [&] {
        for (int sweep = 0; sweep < 10; ++sweep) {
            bool changed = false;
            for (size_t n = 0; n < choices.size(); ++n) changed |= improve(n, true);
            for (size_t n = choices.size(); n-- > 0;) changed |= improve(n, true);
            if (!changed) break;
        }
        return total();
    };
    double least = descend();
    std::vector<NodeChoice> best = choices;
    const auto try_from_here = [&] {
        if (const double cost = descend(); cost < least) least = cost, best = choices;
    };
    for (NodeChoice& c : choices) c.chosen = 0;
    for (size_t n = 0; n < choices.size(); ++n) improve(n, false);
    try_from_here();
    if (options.timer) {  // costs that were measured are worth the shortest path
        shortest_path(g, choices, producer, users, relayout_ns);
        try_from_here();
    }
    return best;
}

// Writes the chosen layouts into the values and adds a Relayout node wherever a user wants another layout than the producer's.
// `choices` is extended in step with the nodes.
inline void insert_relayouts(Graph& g, std::vector<NodeChoice>& choices) {
    std::vector<Node> nodes;
    std::vector<NodeChoice> out;
    std::vector<std::pair<std::pair<ValueId, LayoutTag>, ValueId>> made;
    const auto convert = [&](ValueId v, LayoutTag to) {
        for (const auto& [key, id] : made)
            if (key.first == v && key.second == to) return id;
        const Value from = g.value(v);
        const ValueId id = g.add_value(text(from.name, "@", name_of(to)), from.dtype);
        g.value(id).shape = from.shape;
        g.value(id).has_shape = true;
        g.value(id).layout = to;
        Node n;
        n.op = &registry().named("Relayout");
        n.name = text("relayout_", from.name, "_", name_of(to));
        n.inputs = {v};
        n.outputs = {id};
        n.attributes.set("from", static_cast<int64_t>(from.layout));
        n.attributes.set("to", static_cast<int64_t>(to));
        NodeChoice c;
        c.candidates.push_back({nullptr, from.layout, to, relayout_cost(info_of(g, v), from.layout, to)});
        nodes.push_back(std::move(n));
        out.push_back(std::move(c));
        made.push_back({{v, to}, id});
        return id;
    };
    for (size_t n = 0; n < g.nodes.size(); ++n) {
        Node node = std::move(g.nodes[n]);
        const Candidate& k = choices[n].get();
        for (ValueId& in : node.inputs) {
            if (in == kNoValue) continue;
            const TensorInfo t = info_of(g, in);
            if (t.value || !t.shape_known()) continue;
            const LayoutTag want = wanted_layout(k.in, t);
            if (t.layout != want) in = convert(in, want);
        }
        for (ValueId o : node.outputs)
            if (o != kNoValue && g.value(o).has_shape && layout_fits(k.out, g.value(o).shape.rank())) g.value(o).layout = k.out;
        nodes.push_back(std::move(node));
        out.push_back(std::move(choices[n]));
    }
    for (ValueId& o : g.outputs)
        if (g.value(o).layout != LayoutTag::nchw) o = convert(o, LayoutTag::nchw);
    g.nodes = std::move(nodes);
    choices = std::move(out);
}

LITE_NAMESPACE_END
#endif
