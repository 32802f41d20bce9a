// Runs a plan: walks its steps with tensors resolved to addresses. Knows no operator and no layout.
#ifndef LITE_EXEC_RUNNER_H_
#define LITE_EXEC_RUNNER_H_
#include <chrono>

#include "lite/exec/sanity.h"
#include "lite/plan/plan.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Measured wall time of the steps, for profiles.
struct StepTime {
    double begin_ns = 0, end_ns = 0;  // since the start of the run
};

// Called after a step with its inputs and outputs, in their layouts: to look inside a run.
using Observer = std::function<void(const Step&, std::span<const TensorView> inputs, std::span<const TensorView> outputs)>;

// What the caller wants of one run beside its results.
struct RunHooks {
    std::vector<StepTime>* times = nullptr;  // gets one entry per step
    const Observer* observe = nullptr;
    SanityCheck* sanity = nullptr;
    explicit operator bool() const { return times || observe || sanity; }
};

class Runner {
public:
    // `own_memory`: every value and workspace gets memory when its step comes and loses it after its last use; there is no arena.
    Runner(Plan plan, ThreadPool& pool, SubgraphRunner& subgraphs, WeightCache& weights, MemorySource memory = {}, bool own_memory = false)
            : plan_(std::move(plan)), pool_(&pool), subgraphs_(subgraphs), weights_(weights), memory_(std::move(memory)), own_memory_(own_memory),
              dynamic_(plan_.graph.values.size()) {
        for (const Step& s : plan_.steps) {
            Bound b;
            for (const TensorPlace& p : s.inputs) b.inputs.push_back(p.kind == TensorPlace::absent ? TensorView{} : p.view);
            for (const TensorPlace& p : s.outputs) b.outputs.push_back(p.kind == TensorPlace::absent ? TensorView{} : p.view);
            bound_.push_back(std::move(b));
            replayable_ = replayable_ && !s.dynamic;
        }
        replayable_ = replayable_ && !own_memory_;
        storage_.resize(own_memory_ ? plan_.storages.size() : 0);
    }
    const Plan& plan() const { return plan_; }
    const Graph& graph() const { return plan_.graph; }
    void set_pool(ThreadPool& pool) {
        pool_ = &pool;
        calls_.clear();
    }
    size_t arena_bytes() const { return own_memory_ ? 0 : plan_.arena_bytes; }

    // Tells where the arena, the inputs and the outputs are. Cheap when nothing moved since the last run.
    void bind(std::byte* arena, std::span<void* const> inputs, std::span<void* const> outputs) {
        if (arena == arena_ && std::equal(inputs.begin(), inputs.end(), inputs_.begin(), inputs_.end()) &&
            std::equal(outputs.begin(), outputs.end(), outputs_.begin(), outputs_.end()))
            return;
        arena_ = arena;
        inputs_.assign(inputs.begin(), inputs.end());
        outputs_.assign(outputs.begin(), outputs.end());
        for (size_t s = 0; s < bound_.size(); ++s) {
            const Step& step = plan_.steps[s];
            for (size_t i = 0; i < step.inputs.size(); ++i) resolve(step.inputs[i], bound_[s].inputs[i]);
            for (size_t o = 0; o < step.outputs.size(); ++o) resolve(step.outputs[o], bound_[s].outputs[o]);
        }
        calls_.clear();
    }
    // Runs all steps.
    void run(const RunHooks& hooks = {}) {
        pool_->enter();
        const auto start = std::chrono::steady_clock::now();
        const auto now = [&] { return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count(); };
        if (hooks.times) hooks.times->assign(bound_.size(), {});
        if (hooks.sanity)
            for (const Bound& b : bound_)
                for (size_t i = 0; i < b.inputs.size(); ++i)
                    if (plan_.steps[static_cast<size_t>(&b - bound_.data())].inputs[i].kind == TensorPlace::input) hooks.sanity->made(b.inputs[i], "the caller");
        for (size_t s = 0; s < bound_.size(); ++s) {
            const Step& step = plan_.steps[s];
            if (own_memory_) take_memory(s);
            if (hooks.sanity)
                for (const TensorView& t : bound_[s].inputs) hooks.sanity->about_to_use(t, plan_.graph.nodes[step.node]);
            if (hooks.times) (*hooks.times)[s].begin_ns = now();
            RunContext c = context(s);
            pool_->expect(step.predicted_ns);
            if (step.dynamic) run_dynamic(step, bound_[s], c);
            else if (step.row) step.row->run(step.state.get(), c);
            else c.node->op->reference(c);
            if (hooks.times) (*hooks.times)[s].end_ns = now();
            if (hooks.sanity)
                for (const TensorView& t : bound_[s].outputs) hooks.sanity->made(t, text(plan_.graph.nodes[step.node]));
            if (hooks.observe) (*hooks.observe)(step, bound_[s].inputs, bound_[s].outputs);
            if (own_memory_) give_memory_back(step.node);
        }
        copy_outputs();
    }
    // Runs all steps as a flat list of calls with their addresses, which is made by the first call after bind(). The whole graph
    // must have been planned (can_replay).
    void replay() {
        pool_->enter();
        if (calls_.empty()) {
            calls_.reserve(bound_.size());
            for (size_t s = 0; s < bound_.size(); ++s) {
                const Step& step = plan_.steps[s];
                calls_.push_back({step.row ? step.row->run : nullptr, step.state.get(), step.predicted_ns, context(s)});
            }
        }
        for (Call& c : calls_) {
            pool_->expect(c.predicted_ns);
            if (c.run) c.run(c.state, c.context);
            else c.context.node->op->reference(c.context);
        }
        copy_outputs();
    }
    bool can_replay() const { return replayable_; }
    // Drops what replay() does not read: the values of the graph with their names and shapes, and the candidates that lost.
    void drop_graph() {
        std::vector<Value>().swap(plan_.graph.values);
        std::vector<NodeChoice>().swap(plan_.choices);
        std::vector<BufferLife>().swap(plan_.storages);
        std::vector<Array>().swap(dynamic_);
        for (Node& n : plan_.graph.nodes) std::string().swap(n.name);
    }

private:
    struct Call {
        void (*run)(const void*, const RunContext&);  // null: the reference of the node's operator
        const void* state;
        double predicted_ns;
        RunContext context;
    };
    RunContext context(size_t s) {
        RunContext c;
        c.node = &plan_.graph.nodes[plan_.steps[s].node];
        c.inputs = bound_[s].inputs;
        c.outputs = bound_[s].outputs;
        c.workspace = own_memory_ ? storage_at(plan_.steps[s].workspace_storage) : arena_ + plan_.steps[s].workspace_offset;
        c.bricks = plan_.bricks;
        c.pool = pool_;
        c.subgraphs = &subgraphs_;
        c.memory = &memory_;
        return c;
    }
    // Null where the storage does not live yet.
    std::byte* storage_at(int32_t storage, size_t within = 0) const {
        std::byte* const p = storage < 0 ? nullptr : storage_[static_cast<size_t>(storage)].get();
        return p ? p + within : nullptr;
    }
    // The memory of what begins to live at this step, and its addresses.
    void take_memory(size_t s) {
        const Step& step = plan_.steps[s];
        const auto take = [&](int32_t storage) {
            if (storage < 0 || storage_[static_cast<size_t>(storage)]) return;
            storage_[static_cast<size_t>(storage)] = allocate_bytes(plan_.storages[static_cast<size_t>(storage)].bytes, memory_);
        };
        for (const TensorPlace& p : step.outputs) take(p.storage);
        take(step.workspace_storage);
        for (size_t i = 0; i < step.inputs.size(); ++i) resolve(step.inputs[i], bound_[s].inputs[i]);
        for (size_t o = 0; o < step.outputs.size(); ++o) resolve(step.outputs[o], bound_[s].outputs[o]);
    }
    void give_memory_back(size_t node) {
        for (size_t i = 0; i < storage_.size(); ++i)
            if (plan_.storages[i].last == static_cast<int>(node)) storage_[i] = nullptr;
    }
    void copy_outputs() {
        for (size_t o = 0; o < plan_.outputs.size(); ++o) {  // outputs that no step wrote to their own buffer
            const TensorPlace& p = plan_.outputs[o];
            if (p.kind == TensorPlace::dynamic || (p.kind == TensorPlace::output && p.index == o)) continue;
            TensorView from = p.view;
            resolve(p, from);
            if (from.bytes() && from.data != outputs_[o]) std::memcpy(outputs_[o], from.data, from.bytes());
        }
    }

public:
    // A graph output whose shape only the run told.
    const Array* dynamic_output(size_t o) const {
        const TensorPlace& p = plan_.outputs[o];
        return p.kind == TensorPlace::dynamic ? &dynamic_[p.index] : nullptr;
    }

private:
    struct Bound {
        std::vector<TensorView> inputs, outputs;
        // of a dynamic step: the kernel prepared for the shapes of its last run
        std::vector<Shape> shapes;
        const KernelRow* row = nullptr;
        KernelState state{nullptr, nullptr};
        double predicted_ns = 0;
        std::shared_ptr<std::byte> workspace;
    };
    void resolve(const TensorPlace& p, TensorView& v) const {
        switch (p.kind) {
            case TensorPlace::arena: v.data = own_memory_ ? storage_at(p.storage, p.within) : arena_ + p.index; break;
            case TensorPlace::input: v.data = inputs_[p.index]; break;
            case TensorPlace::output: v.data = static_cast<std::byte*>(outputs_[p.index]) + p.within; break;
            case TensorPlace::constant: v.data = p.view.data; break;
            case TensorPlace::absent: case TensorPlace::dynamic: break;
        }
    }
    // Shapes are inferred from the tensors at hand, then the step runs on dense memory that is allocated as needed; memory and
    // kernel of the last run are used again when the shapes are the same. What bodies make has its shapes when they have run:
    // inferring a body first took as long as all else in a run of a small net.
    void run_dynamic(const Step& step, Bound& b, RunContext& c) {
        const Node& node = *c.node;
        std::vector<Array> data(node.inputs.size());
        std::vector<TensorInfo> in(node.inputs.size());
        for (size_t i = 0; i < node.inputs.size(); ++i) {
            if (node.inputs[i] == kNoValue) continue;
            TensorView& v = b.inputs[i];
            if (step.inputs[i].kind == TensorPlace::dynamic) {
                data[i] = dynamic_[step.inputs[i].index];
                v = {data[i].mutable_data(), data[i].dtype(), data[i].shape(), LayoutTag::nchw};
            } else {
                data[i] = Array(v.dtype, v.shape, std::shared_ptr<const std::byte>(std::shared_ptr<void>(), static_cast<const std::byte*>(v.data)));
            }
            const Value& value = plan_.graph.value(node.inputs[i]);
            in[i] = {v.dtype, v.shape, true, &data[i], LayoutTag::nchw, value.element, value.nested};
        }
        InferContext infer(plan_.graph, node, in);
        if (!node.op->traits.control_flow) naming(node, [&] { node.op->infer(infer); });
        std::vector<Array> results(node.outputs.size());
        bool all_known = true;
        for (size_t o = 0; o < node.outputs.size(); ++o) {
            if (step.outputs[o].kind != TensorPlace::dynamic) continue;
            const TensorInfo& t = infer.outputs()[o];
            if (!t.shape_known()) {
                all_known = false;
                b.outputs[o] = {nullptr, t.dtype, t.shape, LayoutTag::nchw};
                continue;
            }
            Array& kept = dynamic_[step.outputs[o].index];
            if (kept && kept.owner().use_count() == 1 && kept.dtype() == t.dtype && kept.shape() == t.shape) results[o] = std::move(kept);
            else results[o] = Array::zeros(t.dtype, t.shape, memory_);
            b.outputs[o] = {results[o].mutable_data(), t.dtype, t.shape, LayoutTag::nchw};
        }
        c.inputs = b.inputs;
        c.outputs = b.outputs;
        c.dynamic_outputs = &results;
        if (all_known) choose_dynamic(node, b, in, infer.outputs());
        else b.row = nullptr;
        if (all_known && b.row) {
            c.workspace = b.workspace.get();
            pool_->expect(b.predicted_ns);
            b.row->run(b.state.get(), c);
        } else {
            naming(node, [&] { node.op->reference(c); });
        }
        for (size_t o = 0; o < node.outputs.size(); ++o)
            if (step.outputs[o].kind == TensorPlace::dynamic) dynamic_[step.outputs[o].index] = std::move(results[o]);
    }
    void choose_dynamic(const Node& node, Bound& b, std::vector<TensorInfo> in, std::span<const TensorInfo> out) {
        std::vector<Shape> shapes;
        for (const TensorInfo& t : in) shapes.push_back(t.shape);
        if (b.state && shapes == b.shapes) return;
        b.shapes = std::move(shapes);
        b.row = nullptr;
        b.state = nullptr;
        for (size_t i = 0; i < in.size(); ++i)
            if (node.inputs[i] != kNoValue && !plan_.graph.value(node.inputs[i]).is_constant()) in[i].value = nullptr;
        const NodeInfo info{&node, in, out, plan_.bricks, pool_->threads()};
        double& best = b.predicted_ns;
        for (const KernelRow& row : node.op->rows) {
            if (row.in_layout != LayoutTag::nchw || row.out_layout != LayoutTag::nchw) continue;
            if (row.dtype != DType::none && (in.empty() || in[0].dtype != row.dtype)) continue;
            if (!row.applicable(info)) continue;
            const double cost = row.cost(info);
            if (!b.row || cost < best) b.row = &row, best = cost;
        }
        if (!b.row) return;
        PrepareContext prepare;
        prepare.weights = &weights_;
        b.state = b.row->prepare(info, prepare);
        b.workspace = allocate_bytes(prepare.workspace_bytes, memory_);
    }

    Plan plan_;
    ThreadPool* pool_;
    SubgraphRunner& subgraphs_;
    WeightCache& weights_;
    MemorySource memory_;
    bool own_memory_ = false, replayable_ = true;
    std::vector<std::shared_ptr<std::byte>> storage_;  // with own_memory_: of the plan's storages
    std::vector<Call> calls_;
    std::vector<Bound> bound_;
    std::byte* arena_ = nullptr;
    std::vector<void*> inputs_, outputs_;
    std::vector<Array> dynamic_;  // by value id
};

LITE_NAMESPACE_END
#endif
