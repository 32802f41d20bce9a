// The plan of one graph for one set of input shapes, as data: steps with kernels chosen and weights packed, offsets into an arena.
#ifndef LITE_PLAN_PLAN_H_
#define LITE_PLAN_PLAN_H_
#include <atomic>
#include <exception>

#include "lite/plan/layout_select.h"
#include "lite/plan/memory_plan.h"
#include "lite/plan/weight_store.h"
#include "lite/platform/file_map.h"

LITE_NAMESPACE_BEGIN

// Where a tensor of a step lives.
struct TensorPlace {
    enum Kind : uint8_t { absent, arena, constant, input, output, dynamic } kind = absent;
    size_t index = 0;   // arena: offset; input, output: number; dynamic: value id
    TensorView view;    // data is set for constants only
    int32_t storage = -1;  // arena: which of the plan's storages
    size_t within = 0;     // arena, output: bytes from the start of the storage or of the output's buffer
};

struct Step {
    size_t node = 0;
    const KernelRow* row = nullptr;         // null: the operator's reference
    KernelState state{nullptr, nullptr};    // what the kernel prepared: packed weights, loop bounds
    std::vector<TensorPlace> inputs, outputs;
    size_t workspace_offset = 0, workspace_bytes = 0;
    int32_t workspace_storage = -1;
    bool dynamic = false;                   // shapes are inferred when the step runs
    double predicted_ns = 0;
};

struct Plan {
    Graph graph;                            // optimized, with layouts and relayouts; steps refer to its nodes
    std::vector<NodeChoice> choices;        // in step with graph.nodes, for explain()
    std::vector<Step> steps;
    std::vector<TensorPlace> outputs;       // where each graph output is after the last step
    std::vector<BufferLife> storages;       // the buffers in the arena; `first` and `last` are nodes
    std::vector<std::pair<std::shared_ptr<const std::byte>, size_t>> constants;  // keeps constants that steps read, with their bytes
    size_t arena_bytes = 0, arena_lower_bound = 0;
    const Bricks* bricks = nullptr;
};

namespace detail {
struct PreparedKernel {
    KernelState state{nullptr, nullptr};
    PrepareContext context;
};
// Prepares the chosen kernels of all nodes, those with the largest constants first, on all threads: packing is most of loading.
// Constants that nobody reads from here on are gone from the graph when this returns; `uses` counts all uses.
inline std::vector<PreparedKernel> prepare_kernels(Graph& g, const std::vector<NodeChoice>& choices, const std::vector<int32_t>& uses, const Bricks& bricks,
                                                   const LayoutOptions& options, WeightCache& weights) {
    std::vector<PreparedKernel> prepared(g.nodes.size());
    std::vector<std::pair<size_t, size_t>> order;  // bytes of constants, node
    for (size_t n = 0; n < g.nodes.size(); ++n) {
        if (!choices[n].get().row) continue;
        size_t bytes = 0;
        for (ValueId i : g.nodes[n].inputs)
            if (i != kNoValue && g.value(i).is_constant()) bytes += g.value(i).constant.bytes();
        order.emplace_back(bytes, n);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    const auto prepare = [&](size_t n) {
        const Node& node = g.nodes[n];
        PreparedKernel& p = prepared[n];
        p.context.weights = &weights;
        const auto in = infos_of(g, node.inputs), out = infos_of(g, node.outputs);
        p.state = choices[n].get().row->prepare(NodeInfo{&node, in, out, &bricks, options.threads, options.uniform}, p.context);
        for (size_t i = 0; i < std::min(p.context.drop_input.size(), node.inputs.size()); ++i) {  // a bias that is absent may be dropped, too
            const ValueId id = p.context.drop_input[i] ? node.inputs[i] : kNoValue;
            if (id == kNoValue || !g.value(id).is_constant()) continue;
            Array& a = g.value(id).constant;
            if (!a.is_deferred() && a.bytes() >= 16384) release_pages(a.data(), a.bytes());
            if (uses[static_cast<size_t>(id)] == 1) a = Array();
        }
    };
    struct Work {
        std::atomic<size_t> next{0};
        std::vector<std::exception_ptr> errors;  // of each part
    } work;
    InlinePool alone;
    ThreadPool& pool = options.pool ? *options.pool : alone;
    const int parts = std::max(1, std::min(pool.threads(), static_cast<int>(std::min<size_t>(order.size(), 1024))));
    work.errors.resize(static_cast<size_t>(parts));
    auto job = [&](int part) {
        const auto all = [&] {
            for (size_t i = work.next++; i < order.size(); i = work.next++) prepare(order[i].second);
        };
#if LITE_HAS_EXCEPTIONS
        try {
            all();
        } catch (...) {
            work.errors[static_cast<size_t>(part)] = std::current_exception();
        }
#else
        (void)part;
        all();
#endif
    };
    pool.run(parts, [](void* f, int part) { (*static_cast<decltype(job)*>(f))(part); }, &job);
#if LITE_HAS_EXCEPTIONS
    for (const std::exception_ptr& e : work.errors)
        if (e) std::rethrow_exception(e);
#endif
    return prepared;
}
}  // namespace detail

// Makes the plan of an optimized graph whose input shapes are known. The graph's constants are released as soon as the last
// step that needs them has packed them.
inline Plan make_plan(Graph graph, const Bricks& bricks, const LayoutOptions& options, WeightCache& weights) {
    Plan plan;
    plan.bricks = &bricks;
    plan.choices = select_layouts(graph, bricks, options);
    insert_relayouts(graph, plan.choices);
    plan.graph = std::move(graph);
    Graph& g = plan.graph;
    const size_t values = g.values.size();
    const auto at = [](ValueId id) { return static_cast<size_t>(id); };

    // The value whose bytes each value shows: its own, or through views those of another.
    std::vector<ValueId> root_of(values);
    for (size_t v = 0; v < values; ++v) root_of[v] = static_cast<ValueId>(v);
    std::vector<char> is_view(g.nodes.size(), 0);
    for (size_t n = 0; n < g.nodes.size(); ++n) {
        const Node& node = g.nodes[n];
        bool view = node.op->traits.view && !plan.choices[n].dynamic && !plan.choices[n].get().row && node.inputs[0] != kNoValue;
        for (size_t o = 1; o < node.outputs.size(); ++o) view &= node.outputs[o] == kNoValue;
        if (!view) continue;
        is_view[n] = 1;
        root_of[at(node.outputs[0])] = root_of[at(node.inputs[0])];
    }
    // The last node that reads each root; graph outputs live to the end.
    std::vector<int> last_use(values, -1);
    for (size_t n = 0; n < g.nodes.size(); ++n)
        if (!is_view[n])
            for (ValueId i : g.nodes[n].inputs)
                if (i != kNoValue) last_use[at(root_of[at(i)])] = static_cast<int>(n);
    for (ValueId o : g.outputs) last_use[at(root_of[at(o)])] = static_cast<int>(g.nodes.size());
    std::vector<int32_t> constant_uses = g.use_counts();  // counted down, to release constants
    std::vector<detail::PreparedKernel> prepared = detail::prepare_kernels(g, plan.choices, constant_uses, bricks, options, weights);
    std::vector<int> input_number(values, -1);
    for (size_t i = 0; i < g.inputs.size(); ++i) input_number[at(g.inputs[i])] = static_cast<int>(i);

    // A storage is a buffer of one root, or of several where a result is written onto an operand or is a part of a joined one.
    std::vector<int32_t> storage_of(values, -1);
    std::vector<size_t> within_of(values, 0);
    std::vector<BufferLife> storages;
    const auto bytes_of = [](const Value& v) { return static_cast<size_t>(padded_count(v.layout, v.shape)) * size_of(v.dtype); };
    // Roots that their producer writes where a later step (Concat) wants them: into the output of that step, which may be a part itself.
    std::vector<ValueId> whole_of(values, kNoValue);
    std::vector<int> whole_last = last_use;  // of a whole and all its parts
    for (size_t n = 0; n < g.nodes.size(); ++n) {
        const Node& node = g.nodes[n];
        const KernelRow* row = plan.choices[n].get().row;
        if (!row || !row->place_of_input || plan.choices[n].dynamic) continue;
        const ValueId whole = node.outputs[0];
        if (!g.value(whole).shape_known()) continue;
        const auto in = infos_of(g, node.inputs), out = infos_of(g, node.outputs);
        const NodeInfo info{&node, in, out, &bricks, options.threads, options.uniform};
        for (size_t i = 0; i < node.inputs.size(); ++i) {
            if (node.inputs[i] == kNoValue) continue;
            const ValueId part = root_of[at(node.inputs[i])];
            const Value& v = g.value(part);
            const bool own = last_use[at(part)] == static_cast<int>(g.nodes.size());  // a graph output, in the caller's buffer
            if (v.is_constant() || input_number[at(part)] >= 0 || !v.shape_known() || whole_of[at(part)] != kNoValue || own) continue;
            const ptrdiff_t place = row->place_of_input(info, i);
            if (place < 0 || static_cast<size_t>(place) % kAlignment || bytes_of(v) % kAlignment) continue;
            whole_of[at(part)] = whole;
            within_of[at(part)] = static_cast<size_t>(place);
            whole_last[at(whole)] = std::max(whole_last[at(whole)], whole_last[at(part)]);
        }
    }
    const auto place_of = [&](ValueId id) {  // of a value that exists already
        const Value& v = g.value(id);
        const ValueId root = root_of[at(id)];
        const Value& r = g.value(root);
        TensorPlace p;
        p.view = {nullptr, v.dtype, v.shape, v.layout};
        if (r.is_constant()) {
            p.kind = TensorPlace::constant;
            std::shared_ptr<const std::byte> data = r.constant.owner();
            if (reinterpret_cast<uintptr_t>(data.get()) % size_of(v.dtype) != 0)  // a part of a file at an odd place
                data = weights.packed(r.constant, "dense", r.constant.bytes(), [&](std::byte* out) { r.constant.copy_to(out); });
            p.view.data = const_cast<std::byte*>(data.get());
            plan.constants.emplace_back(std::move(data), r.constant.bytes());
        } else if (input_number[at(root)] >= 0) {
            p.kind = TensorPlace::input;
            p.index = static_cast<size_t>(input_number[at(root)]);
        } else if (!r.shape_known()) {
            p.kind = TensorPlace::dynamic;
            p.index = at(root);
        } else {
            p.kind = TensorPlace::arena;
            p.index = static_cast<size_t>(storage_of[at(root)]);
            p.within = within_of[at(root)];
        }
        return p;
    };

    for (size_t n = 0; n < g.nodes.size(); ++n) {
        const Node& node = g.nodes[n];
        const int now = static_cast<int>(n);
        if (is_view[n]) {
            --constant_uses[at(node.inputs[0])];
            continue;
        }
        const NodeChoice& choice = plan.choices[n];
        Step s;
        s.node = n;
        s.dynamic = choice.dynamic;
        s.row = choice.get().row;
        s.predicted_ns = choice.get().cost;
        const PrepareContext& prepare = prepared[n].context;
        s.state = std::move(prepared[n].state);
        for (size_t i = 0; i < node.inputs.size(); ++i) {
            TensorPlace p;
            const ValueId id = node.inputs[i];
            if (id != kNoValue) {
                const bool dropped = i < prepare.drop_input.size() && prepare.drop_input[i];
                if (dropped) p = {TensorPlace::constant, 0, {nullptr, g.value(id).dtype, g.value(id).shape, LayoutTag::nchw}, -1};
                else p = place_of(id);
            }
            s.inputs.push_back(std::move(p));
        }
        for (size_t o = 0; o < node.outputs.size(); ++o) {
            TensorPlace p;
            const ValueId id = node.outputs[o];
            if (id != kNoValue) {
                const Value& v = g.value(id);
                p.view = {nullptr, v.dtype, v.shape, v.layout};
                if (!v.shape_known()) {
                    p.kind = TensorPlace::dynamic;
                    p.index = at(id);
                } else {
                    ValueId whole = id;
                    size_t within = 0;
                    for (; whole_of[at(whole)] != kNoValue; whole = whole_of[at(whole)]) within += within_of[at(whole)];
                    const int last = std::max(whole_last[at(whole)], now);
                    int32_t storage = storage_of[at(whole)];
                    if (storage < 0 && whole == id && o == 0 && s.row && s.row->in_place && s.inputs[0].kind == TensorPlace::arena) {
                        const BufferLife& have = storages[s.inputs[0].index];
                        bool shared = false;  // another operand has the same bytes
                        for (size_t i = 1; i < s.inputs.size(); ++i)
                            shared |= s.inputs[i].kind == TensorPlace::arena && s.inputs[i].index == s.inputs[0].index;
                        if (!shared && have.last == now && have.bytes == bytes_of(v)) storage = static_cast<int32_t>(s.inputs[0].index);
                    }
                    if (storage < 0) {
                        storage = static_cast<int32_t>(storages.size());
                        storages.push_back({bytes_of(g.value(whole)), now, last, 0});
                    } else {
                        storages[static_cast<size_t>(storage)].last = last;
                    }
                    storage_of[at(id)] = storage_of[at(whole)] = storage;
                    p.kind = TensorPlace::arena;
                    p.index = static_cast<size_t>(storage);
                    p.within = within_of[at(id)] = within;
                }
            }
            s.outputs.push_back(std::move(p));
        }
        if (prepare.workspace_bytes) {
            s.workspace_bytes = prepare.workspace_bytes;
            s.workspace_offset = storages.size();  // the storage's number; its offset below
            storages.push_back({prepare.workspace_bytes, now, now, 0});
        }
        for (ValueId i : node.inputs)  // packed, or kept by the plan: the graph need not hold it any longer
            if (i != kNoValue && --constant_uses[at(i)] == 0 && g.value(i).is_constant() && !choice.dynamic) g.value(i).constant = Array();
        plan.steps.push_back(std::move(s));
    }

    std::vector<int> output_of(storages.size(), -1);  // the graph output whose buffer the storage is
    for (size_t o = 0; o < g.outputs.size(); ++o) {
        TensorPlace p = place_of(g.outputs[o]);
        if (p.kind == TensorPlace::arena) {
            int& owner = output_of[p.index];
            if (owner < 0) owner = static_cast<int>(o);
            p.kind = TensorPlace::output;  // of another number than `o` if two outputs show the same bytes
            p.index = static_cast<size_t>(owner);
        }
        plan.outputs.push_back(std::move(p));
    }
    for (size_t i = 0; i < storages.size(); ++i)
        if (output_of[i] >= 0) storages[i].bytes = 0;
    plan.arena_bytes = plan_memory(storages);
    plan.arena_lower_bound = memory_lower_bound(storages);
    const auto settle = [&](TensorPlace& p) {
        if (p.kind != TensorPlace::arena) return;
        if (output_of[p.index] >= 0) {
            p = {TensorPlace::output, static_cast<size_t>(output_of[p.index]), p.view, -1, p.within};
        } else {
            p.storage = static_cast<int32_t>(p.index);
            p.index = storages[p.index].offset + p.within;
        }
    };
    for (Step& s : plan.steps) {
        for (TensorPlace& p : s.inputs) settle(p);
        for (TensorPlace& p : s.outputs) settle(p);
        if (s.workspace_bytes) {
            s.workspace_storage = static_cast<int32_t>(s.workspace_offset);
            s.workspace_offset = storages[s.workspace_offset].offset;
        }
    }
    plan.storages = std::move(storages);
    return plan;
}

LITE_NAMESPACE_END
#endif
