// Times kernels at load, where the caller asks for measured costs in place of predicted ones.
#ifndef LITE_PLAN_MEASURE_H_
#define LITE_PLAN_MEASURE_H_
#include <algorithm>
#include <chrono>

#include "lite/kernel/bricks.h"
#include "lite/plan/weight_store.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

class KernelTimer {
public:
    explicit KernelTimer(ThreadPool& pool, MemorySource memory = {}) : pool_(pool), memory_(std::move(memory)) {}

    // Nanoseconds of one run of the kernel on this node's shapes, on all threads of the pool together (what Kernel::cost predicts),
    // the least of several runs. Tensors and packed weights live only while it is measured. Nodes that look alike are measured once.
    double measure(const KernelRow& row, const NodeInfo& info) {
        std::string key = describe_node(row, info);
        for (const auto& [k, ns] : known_)
            if (!key.empty() && k == key) return ns;
        const double ns = time(row, info);
        if (!key.empty()) known_.emplace_back(std::move(key), ns);
        return ns;
    }

private:
    // What the time depends on; empty if an attribute cannot be compared by its text.
    static std::string describe_node(const KernelRow& row, const NodeInfo& info) {
        std::string s = text(info.node->op->name, ' ', row.name, ' ', name_of(row.in_layout), ' ', name_of(row.out_layout));
        for (size_t i = 0; i < info.inputs.size(); ++i)
            append(s, info.has_input(i) ? text(' ', info.input(i).dtype, info.input(i).shape, info.constant(i) ? "c" : "") : std::string(" -"));
        for (const auto& [name, value] : info.node->attributes) {
            append(s, text(' ', name, '='));
            if (auto* i = std::get_if<int64_t>(&value)) append(s, *i);
            else if (auto* f = std::get_if<float>(&value)) append(s, *f);
            else if (auto* t = std::get_if<std::string>(&value)) append(s, *t);
            else if (auto* l = std::get_if<std::vector<int64_t>>(&value)) append(s, *l);
            else if (auto* m = std::get_if<std::vector<float>>(&value)) append(s, *m);
            else return {};
        }
        return s;
    }

    double time(const KernelRow& row, const NodeInfo& info) {
        WeightStore weights(memory_);
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto state = row.prepare(info, prepare);
        std::vector<std::shared_ptr<std::byte>> memory;
        const auto room = [&](size_t bytes) {  // zeros: valid as indices, and no float of them is slow
            memory.push_back(allocate_bytes(bytes, memory_));
            std::memset(memory.back().get(), 0, bytes);
            return memory.back().get();
        };
        std::vector<TensorView> in(info.inputs.size()), out(info.outputs.size());
        for (size_t i = 0; i < in.size(); ++i) {
            const TensorInfo& t = info.inputs[i];
            if (!t) continue;
            in[i] = {nullptr, t.dtype, t.shape, t.layout};
            const bool dropped = i < prepare.drop_input.size() && prepare.drop_input[i];
            if (!dropped) in[i].data = room(static_cast<size_t>(padded_count(t.layout, t.shape)) * size_of(t.dtype));
            if (!dropped && t.value) t.value->copy_to(static_cast<std::byte*>(in[i].data));
        }
        for (size_t o = 0; o < out.size(); ++o) {
            const TensorInfo& t = info.outputs[o];
            if (t) out[o] = {room(static_cast<size_t>(padded_count(t.layout, t.shape)) * size_of(t.dtype)), t.dtype, t.shape, t.layout};
        }
        RunContext c;
        c.node = info.node;
        c.inputs = in;
        c.outputs = out;
        c.workspace = prepare.workspace_bytes ? room(prepare.workspace_bytes) : nullptr;
        c.bricks = info.bricks;
        c.pool = &pool_;
        double best = 0, spent = 0;
        for (int i = 0; i < 20 && (i < 4 || spent < 2e6); ++i) {  // the first run, which takes the page faults, does not count
            const auto start = std::chrono::steady_clock::now();
            row.run(state.get(), c);
            const double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
            if (i == 1 || (i > 1 && ns < best)) best = ns;
            spent += ns;
        }
        return best * pool_.threads();
    }

    ThreadPool& pool_;
    MemorySource memory_;
    std::vector<std::pair<std::string, double>> known_;
};

LITE_NAMESPACE_END
#endif
