// What benchmarks of operators share: a clock, the best of many samples, and one node run by its kernel without a network around it.
#ifndef LITE_BENCHMARKS_SUPPORT_BENCH_H_
#define LITE_BENCHMARKS_SUPPORT_BENCH_H_
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/plan/weight_store.h"
#include "lite/platform/thread_pool.h"

namespace lite_bench {
using namespace lite;

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
// Seconds of the best of many samples of at least 30 us each, spread over `budget` seconds.
template <class F> double best_time(F&& f, double budget = 0.1) {
    f();
    const double t0 = now();
    f();
    const double one = now() - t0;
    const int inner = one > 3e-5 ? 1 : static_cast<int>(3e-5 / std::max(one, 1e-8)) + 1;
    double best = 1e9;
    const double end = now() + budget;
    for (int n = 0; n < 8 || now() < end; ++n) {
        const double t = now();
        for (int i = 0; i < inner; ++i) f();
        best = std::min(best, (now() - t) / inner);
    }
    return best;
}
inline Array random_f32(const Shape& shape, uint32_t seed) {
    Array a = Array::zeros(DType::f32, shape);
    std::mt19937 g(seed);
    std::uniform_real_distribution<float> u(-0.1f, 0.1f);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] = u(g);
    return a;
}
struct Input {
    Array data;  // none: an absent optional
    bool constant = false;
};
// Seconds of one run of the first kernel that applies to a node of dense operands; negative if there is none.
inline double time_node(const Operator& op, Attributes attributes, const std::vector<Input>& inputs, size_t outputs, const Bricks& bricks, ThreadPool& pool,
                        double budget = 0.1) {
    Graph g;
    Node n;
    n.op = &op;
    n.attributes = std::move(attributes);
    std::vector<TensorInfo> in;
    std::vector<TensorView> views, results;
    for (const Input& i : inputs) {
        n.inputs.push_back(i.data ? g.add_value("") : kNoValue);
        in.push_back(i.data ? TensorInfo{i.data.dtype(), i.data.shape(), true, i.constant ? &i.data : nullptr, LayoutTag::nchw} : TensorInfo{});
        views.push_back(i.data ? TensorView{const_cast<std::byte*>(i.data.data()), i.data.dtype(), i.data.shape(), LayoutTag::nchw} : TensorView{});
    }
    for (size_t i = 0; i < outputs; ++i) n.outputs.push_back(g.add_value(""));
    InferContext infer(g, n, in);
    op.infer(infer);
    std::vector<Array> memory;
    for (const TensorInfo& t : infer.outputs()) {
        memory.push_back(Array::zeros(t.dtype, t.shape));
        results.push_back({memory.back().mutable_data(), t.dtype, t.shape, LayoutTag::nchw});
    }
    for (const KernelRow& row : op.rows) {
        const NodeInfo info{&n, in, infer.outputs(), &bricks, pool.threads()};
        if (row.in_layout != LayoutTag::nchw || row.out_layout != LayoutTag::nchw || (row.dtype != DType::none && row.dtype != in[0].dtype) ||
            !row.applicable(info))
            continue;
        WeightStore weights;
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto state = row.prepare(info, prepare);
        const auto workspace = allocate_bytes(prepare.workspace_bytes);
        RunContext c;
        c.node = &n;
        c.inputs = views;
        c.outputs = results;
        c.workspace = workspace.get();
        c.bricks = &bricks;
        c.pool = &pool;
        return best_time([&] { row.run(state.get(), c); }, budget);
    }
    return -1;
}

}  // namespace lite_bench
#endif
