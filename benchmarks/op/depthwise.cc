// Times the kernels of depthwise convolution, Pool and ConvTranspose on layers of real networks: milliseconds, GFLOP/s and its
// share of a measured peak, and GB/s of the tensors read and written.
// Usage: depthwise [ISA or ""] [threads] [seconds for each layer] [a word that the name of the layer must hold]
#include <string>

#include "benchmarks/support/bench.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/pool.h"

using namespace lite_bench;

namespace {
struct Options {
    const Bricks* bricks;
    int threads;
    double budget, peak;
    std::string only;
};
void measure(const Options& o, const std::string& name, const Operator& op, Attributes attributes, const Shape& x, const Shape& w, double flops) {
    if (name.find(o.only) == std::string::npos) return;
    Graph graph;
    Node node;
    node.op = &op;
    node.attributes = std::move(attributes);
    node.inputs = {graph.add_input("x", DType::f32, x)};
    std::vector<Array> constants;
    if (!w.empty()) {
        constants = {random_f32(w, 1), random_f32({op.name == "Conv" ? w[0] : w[1]}, 2)};
        for (const Array& a : constants) node.inputs.push_back(graph.add_constant("", a));
    }
    node.outputs = {graph.add_value("y")};
    graph.nodes.push_back(node);
    std::vector<TensorInfo> in = {{DType::f32, x, true, nullptr, LayoutTag::nchw}};
    for (const Array& a : constants) in.push_back({DType::f32, a.shape(), true, &a, LayoutTag::nchw});
    InferContext infer(graph, node, in);
    op.infer(infer);
    std::vector<TensorInfo> out = infer.outputs();
    SpinPool pool(o.threads);
    for (const KernelRow& row : op.rows) {
        if (row.dtype != DType::f32 || row.in_layout != row.out_layout) continue;
        if (row.in_layout != LayoutTag::nchw && row.in_layout != LayoutTag::nhwc && row.in_layout != o.bricks->native) continue;
        in[0].layout = row.in_layout;
        out[0].layout = row.out_layout;
        const NodeInfo info{&node, in, out, o.bricks, o.threads};
        if (!row.applicable(info)) continue;
        WeightStore weights;
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto state = row.prepare(info, prepare);
        std::vector<std::shared_ptr<std::byte>> memory;
        size_t bytes = 0;
        const auto tensor = [&](const TensorInfo& t) {
            const size_t n = static_cast<size_t>(padded_count(t.layout, t.shape)) * 4;
            bytes += n;
            memory.push_back(allocate_bytes(n));
            std::memset(memory.back().get(), 0, n);
            return TensorView{memory.back().get(), t.dtype, t.shape, t.layout};
        };
        std::vector<TensorView> inputs = {tensor(in[0])}, outputs = {tensor(out[0])};
        for (const Array& a : constants) inputs.push_back({const_cast<std::byte*>(a.data()), a.dtype(), a.shape(), LayoutTag::nchw});
        const auto workspace = allocate_bytes(prepare.workspace_bytes);
        RunContext c;
        c.node = &node;
        c.inputs = inputs;
        c.outputs = outputs;
        c.workspace = workspace.get();
        c.bricks = o.bricks;
        c.pool = &pool;
        const double s = best_time([&] { row.run(state.get(), c); }, o.budget);
        std::printf("%-30s %-24s %-9s %9.4f ms  predicted %9.4f", name.c_str(), std::string(row.name).c_str(),
                    std::string(name_of(row.out_layout)).c_str(), s * 1e3, row.cost(info) * 1e-6);
        if (flops > 0) std::printf("  %7.1f GFLOP/s", flops / s * 1e-9);
        if (flops > 0 && o.peak > 0) std::printf(" %5.1f %%", flops / s * 1e-7 / o.peak);
        std::printf("  %6.1f GB/s\n", static_cast<double>(bytes) / s * 1e-9);
    }
}
}  // namespace

int main(int argc, char** argv) {
    Options o{&find_bricks(argc > 1 ? argv[1] : ""), argc > 2 ? std::atoi(argv[2]) : 1, argc > 3 ? std::atof(argv[3]) : 0.1, 0, argc > 4 ? argv[4] : ""};
    o.peak = measure_peak_gflops(o.bricks->probe, 0.3) * o.threads;
    std::printf("%s, %d threads, peak %.1f GFLOP/s\n", o.bricks->name, o.threads, o.peak);
    struct {
        int64_t k, stride, size, channels;
    } const depthwise[] = {{3, 1, 112, 32}, {3, 2, 112, 96}, {3, 1, 56, 144}, {3, 2, 56, 144}, {3, 1, 28, 192}, {3, 1, 14, 576}, {3, 1, 7, 960},
                           {5, 2, 56, 144}, {5, 1, 28, 240}, {5, 1, 14, 672}, {5, 1, 7, 1152}, {7, 1, 14, 384}, {5, 1, 52, 128}};
    for (const auto& l : depthwise) {
        Conv::Attributes a;
        a.group = l.channels;
        a.strides = {l.stride, l.stride};
        a.pads = {l.k / 2, l.k / 2, l.k / 2, l.k / 2};
        const int64_t out = (l.size - 1) / l.stride + 1;
        measure(o, text("depthwise ", l.k, "x", l.k, "/", l.stride, " ", l.channels, " ", l.size), describe<Conv>(), write_attributes(a),
                {1, l.channels, l.size, l.size}, {l.channels, 1, l.k, l.k}, 2.0 * static_cast<double>(l.k * l.k * l.channels * out * out));
    }
    struct {
        PoolMode mode;
        int64_t k, stride, pad, size, channels;
    } const pools[] = {{PoolMode::max, 3, 2, 1, 112, 64},  {PoolMode::max, 2, 2, 0, 112, 64},  {PoolMode::max, 3, 1, 1, 56, 64}, {PoolMode::max, 5, 1, 2, 13, 128},
                       {PoolMode::max, 13, 1, 6, 13, 128}, {PoolMode::average, 3, 1, 1, 56, 64}, {PoolMode::average, 3, 2, 1, 56, 64}, {PoolMode::average, 7, 1, 0, 7, 1280}};
    for (const auto& l : pools) {
        Pool::Attributes a;
        a.mode = l.mode;
        a.kernel_shape = {l.k, l.k};
        a.strides = {l.stride, l.stride};
        a.pads = {l.pad, l.pad, l.pad, l.pad};
        measure(o, text(l.mode == PoolMode::max ? "max " : "average ", l.k, "x", l.k, "/", l.stride, " ", l.channels, " ", l.size), describe<Pool>(),
                write_attributes(a), {1, l.channels, l.size, l.size}, {}, 0);
    }
    for (const auto& [channels, size] : {std::pair<int64_t, int64_t>{1280, 7}, {64, 112}, {96, 56}}) {
        Pool::Attributes a;
        a.mode = PoolMode::global_average;
        measure(o, text("global average ", channels, " ", size), describe<Pool>(), write_attributes(a), {1, channels, size, size}, {}, 0);
    }
    struct {
        int64_t k, stride, pad, size, c, out;
    } const transposed[] = {{2, 2, 0, 16, 256, 128}, {2, 2, 0, 64, 64, 32}, {2, 2, 0, 128, 32, 16}, {2, 2, 0, 160, 24, 24}, {2, 2, 0, 320, 24, 1}, {4, 2, 1, 32, 128, 64}, {3, 2, 1, 32, 128, 64}};
    for (const auto& l : transposed) {
        ConvTranspose::Attributes a;
        a.strides = {l.stride, l.stride};
        a.pads = {l.pad, l.pad, l.pad, l.pad};
        measure(o, text("transposed ", l.k, "x", l.k, "/", l.stride, " ", l.c, "-", l.out, " ", l.size), describe<ConvTranspose>(), write_attributes(a),
                {1, l.c, l.size, l.size}, {l.c, l.out, l.k, l.k}, 2.0 * static_cast<double>(l.c * l.out * l.k * l.k * l.size * l.size));
    }
}
