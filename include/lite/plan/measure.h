// Times kernels at load, where the caller asks for measured costs in place of predicted ones.
#ifndef LITE_PLAN_MEASURE_H_
#define LITE_PLAN_MEASURE_H_
#include <algorithm>
#include <chrono>
#include <deque>

#include "lite/kernel/bricks.h"
#include "lite/plan/algo_cache.h"
#include "lite/plan/weight_store.h"
#include "lite/platform/cpu.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

class KernelTimer {
public:
    // What is measured goes to `cache`, and what it holds is not measured again.
    explicit KernelTimer(ThreadPool& pool, MemorySource memory = {}, AlgoCache* cache = nullptr)
            : pool_(pool), memory_(std::move(memory)), cache_(cache), category_(text("profile:plat=cpu:", cpu_name(), ":threads=", pool.threads(), ":")) {}

    // Nanoseconds of one run of the kernel on this node's shapes, on all threads of the pool together (what Kernel::cost predicts),
    // the least of several runs. Tensors and packed weights live only while it is measured. Nodes that look alike are measured once.
    double measure(const KernelRow& row, const NodeInfo& info) {
        const std::string key = describe_node(info), algorithm = describe_algorithm(row, info);
        Known& node = known(key, info);
        for (const auto& [name, ns] : node.times)
            if (name == algorithm) return ns;
        const double ns = time(row, info);
        ++timed_;
        node.times.emplace_back(algorithm, ns);
        node.changed = true;
        return ns;
    }
    // All candidates of the node are measured: they go to the cache.
    void finish(const NodeInfo& info) {
        const std::string key = describe_node(info);
        Known& node = known(key, info);
        if (!node.changed || !cache_) return;
        node.changed = false;
        cache_->put(category_ + std::string(info.node->op->name), key, write(node));
    }
    // Kernels that were really run to be timed.
    size_t timed() const { return timed_; }

private:
    struct Known {
        std::string key;
        std::vector<std::pair<std::string, double>> times;  // by algorithm
        bool changed = false;
    };
    Known& known(const std::string& key, const NodeInfo& info) {
        for (Known& k : known_)
            if (k.key == key) return k;
        Known& k = known_.emplace_back();
        k.key = key;
        if (cache_)
            if (const auto value = cache_->find(category_ + std::string(info.node->op->name), key)) read(*value, k);
        return k;
    }
    // The value of the cache: a number of { algorithm, ":attribute;seconds;workspace:" }, fastest first. Those of others have algorithms
    // that are not ours; what cannot be read is measured again.
    [[gnu::cold]] static std::string write(const Known& node) {
        auto times = node.times;
        for (size_t i = 1; i < times.size(); ++i)
            for (size_t k = i; k > 0 && times[k].second < times[k - 1].second; --k) std::swap(times[k], times[k - 1]);
        std::string s;
        const auto number = [&](size_t v) {
            const auto n = static_cast<uint32_t>(v);
            s.append(reinterpret_cast<const char*>(&n), 4);
        };
        number(times.size());
        for (const auto& [name, ns] : times) {
            number(name.size());
            s += name;
            std::string entry = ":1;";
            detail::append_printed(entry, "%.9g;0:", ns * 1e-9);
            number(entry.size() + 1);
            s.append(entry.c_str(), entry.size() + 1);
        }
        return s;
    }
    [[gnu::cold]] static void read(const std::string& s, Known& node) {
        size_t at = 0;
        uint32_t n = 0;
        const auto number = [&](uint32_t& v) {
            if (s.size() - at < 4) return false;
            std::memcpy(&v, s.data() + at, 4);
            at += 4;
            return true;
        };
        const auto string = [&](std::string& out) {
            uint32_t size = 0;
            if (!number(size) || s.size() - at < size) return false;
            out.assign(s, at, size);
            at += size;
            return true;
        };
        std::string name, entry;
        if (!number(n)) return;
        for (; n > 0 && string(name) && string(entry); --n) {
            double seconds = 0;
            if (std::sscanf(entry.c_str(), ":%*u;%lf;", &seconds) == 1 && seconds > 0) node.times.emplace_back(name, seconds * 1e9);
        }
    }
    static std::string describe_algorithm(const KernelRow& row, const NodeInfo& info) {
        return text(row.name, ' ', name_of(row.in_layout), ' ', name_of(row.out_layout), ' ', bricks_name(info));
    }
    static std::string bricks_name(const NodeInfo& info) { return std::string(info.bricks->name); }
    // What the time depends on.
    [[gnu::cold]] static std::string describe_node(const NodeInfo& info) {
        std::string s(info.node->op->name);
        for (size_t i = 0; i < info.inputs.size(); ++i)
            append(s, info.has_input(i) ? text(' ', info.input(i).dtype, info.input(i).shape, info.constant(i) ? "c" : "") : std::string(" -"));
        for (const auto& [name, value] : info.node->attributes) {
            append(s, text(' ', name, '='));
            if (auto* i = std::get_if<int64_t>(&value)) append(s, *i);
            else if (auto* f = std::get_if<float>(&value)) append(s, *f);
            else if (auto* t = std::get_if<std::string>(&value)) append(s, *t);
            else if (auto* l = std::get_if<std::vector<int64_t>>(&value)) append(s, *l);
            else if (auto* m = std::get_if<std::vector<float>>(&value)) append(s, *m);
            else if (auto* a = std::get_if<Array>(&value)) append(s, text(a->dtype(), a->shape()));
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
        pool_.expect(row.cost(info));
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
    AlgoCache* cache_;
    std::string category_;
    std::deque<Known> known_;
    size_t timed_ = 0;
};

LITE_NAMESPACE_END
#endif
