// Runs a plan: walks its steps with tensors resolved to addresses. Knows no operator and no layout.
#ifndef LITE_EXEC_RUNNER_H_
#define LITE_EXEC_RUNNER_H_
#include <chrono>

#include "lite/plan/plan.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Measured wall time of the steps, for profiles.
struct StepTime {
    double begin_ns = 0, end_ns = 0;  // since the start of the run
};

class Runner {
public:
    Runner(Plan plan, ThreadPool& pool, SubgraphRunner& subgraphs, WeightCache& weights)
            : plan_(std::move(plan)), pool_(pool), subgraphs_(subgraphs), weights_(weights), dynamic_(plan_.graph.values.size()) {
        for (const Step& s : plan_.steps) {
            Bound b;
            for (const TensorPlace& p : s.inputs) b.inputs.push_back(p.kind == TensorPlace::absent ? TensorView{} : p.view);
            for (const TensorPlace& p : s.outputs) b.outputs.push_back(p.kind == TensorPlace::absent ? TensorView{} : p.view);
            bound_.push_back(std::move(b));
        }
    }
    const Plan& plan() const { return plan_; }
    const Graph& graph() const { return plan_.graph; }

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
    }
    // Runs all steps. `times`, if given, gets one entry per step; `observe(step, outputs)` is called after each.
    void run(std::vector<StepTime>* times = nullptr, const std::function<void(const Step&, std::span<const TensorView>)>* observe = nullptr) {
        const auto start = std::chrono::steady_clock::now();
        const auto now = [&] { return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count(); };
        if (times) times->assign(bound_.size(), {});
        for (size_t s = 0; s < bound_.size(); ++s) {
            if (times) (*times)[s].begin_ns = now();
            const Step& step = plan_.steps[s];
            RunContext c;
            c.node = &plan_.graph.nodes[step.node];
            c.inputs = bound_[s].inputs;
            c.outputs = bound_[s].outputs;
            c.workspace = arena_ + step.workspace_offset;
            c.bricks = plan_.bricks;
            c.pool = &pool_;
            c.subgraphs = &subgraphs_;
            if (step.dynamic) run_dynamic(step, bound_[s], c);
            else if (step.row) step.row->run(step.state.get(), c);
            else c.node->op->reference(c);
            if (times) (*times)[s].end_ns = now();
            if (observe) (*observe)(step, bound_[s].outputs);
        }
        for (size_t o = 0; o < plan_.outputs.size(); ++o) {  // outputs that no step wrote to their own buffer
            const TensorPlace& p = plan_.outputs[o];
            if (p.kind == TensorPlace::dynamic || (p.kind == TensorPlace::output && p.index == o)) continue;
            TensorView from = p.view;
            resolve(p, from);
            if (from.bytes()) std::memcpy(outputs_[o], from.data, from.bytes());
        }
    }
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
        std::shared_ptr<std::byte> workspace;
    };
    void resolve(const TensorPlace& p, TensorView& v) const {
        switch (p.kind) {
            case TensorPlace::arena: v.data = arena_ + p.index; break;
            case TensorPlace::input: v.data = inputs_[p.index]; break;
            case TensorPlace::output: v.data = outputs_[p.index]; break;
            case TensorPlace::constant: v.data = p.view.data; break;
            case TensorPlace::absent: case TensorPlace::dynamic: break;
        }
    }
    // Shapes are inferred from the tensors at hand, then the step runs on dense memory that is allocated as needed; memory and
    // kernel of the last run are used again when the shapes are the same.
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
            in[i] = {v.dtype, v.shape, true, &data[i], LayoutTag::nchw};
        }
        InferContext infer(plan_.graph, node, in);
        node.op->infer(infer);
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
            else results[o] = Array::zeros(t.dtype, t.shape);
            b.outputs[o] = {results[o].mutable_data(), t.dtype, t.shape, LayoutTag::nchw};
        }
        c.inputs = b.inputs;
        c.outputs = b.outputs;
        c.dynamic_outputs = &results;
        if (all_known) choose_dynamic(node, b, in, infer.outputs());
        else b.row = nullptr;
        if (all_known && b.row) {
            c.workspace = b.workspace.get();
            b.row->run(b.state.get(), c);
        } else {
            node.op->reference(c);
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
        const NodeInfo info{&node, in, out, plan_.bricks, pool_.threads()};
        double best = 0;
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
        b.workspace = allocate_bytes(prepare.workspace_bytes);
    }

    Plan plan_;
    ThreadPool& pool_;
    SubgraphRunner& subgraphs_;
    WeightCache& weights_;
    std::vector<Bound> bound_;
    std::byte* arena_ = nullptr;
    std::vector<void*> inputs_, outputs_;
    std::vector<Array> dynamic_;  // by value id
};

LITE_NAMESPACE_END
#endif
