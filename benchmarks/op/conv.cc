// Times every kernel of Conv on layers of real networks: milliseconds, GFLOP/s by the definition of the operator, and the share
// of a register-only FMA peak measured in the same run (Winograd may pass 100 %).
#include "benchmarks/support/bench.h"
#include "lite/op/conv.h"

using namespace lite_bench;

namespace {
struct Layer {
    const char* net;
    int64_t c, h, w, k, kh, kw, stride, pad_h, pad_w, group;
};
constexpr Layer kLayers[] = {
        {"resnet conv1", 3, 224, 224, 64, 7, 7, 2, 3, 3, 1},  {"mobilenet conv1", 3, 224, 224, 32, 3, 3, 2, 1, 1, 1},
        {"yolo conv1", 3, 320, 320, 16, 3, 3, 2, 1, 1, 1},    {"unet conv1", 3, 128, 128, 16, 3, 3, 1, 1, 1, 1},
        {"resnet 56", 64, 56, 56, 64, 3, 3, 1, 1, 1, 1},      {"resnet 28", 128, 28, 28, 128, 3, 3, 1, 1, 1, 1},
        {"resnet 14", 256, 14, 14, 256, 3, 3, 1, 1, 1, 1},    {"resnet 7", 512, 7, 7, 512, 3, 3, 1, 1, 1, 1},
        {"resnet 56/2", 64, 56, 56, 128, 3, 3, 2, 1, 1, 1},   {"resnet 28/2", 128, 28, 28, 256, 3, 3, 2, 1, 1, 1},
        {"resnet 14/2", 256, 14, 14, 512, 3, 3, 2, 1, 1, 1},  {"resnet down", 64, 56, 56, 128, 1, 1, 2, 0, 0, 1},
        {"resnet50 1x1", 64, 56, 56, 256, 1, 1, 1, 0, 0, 1},  {"resnet50 1x1", 256, 56, 56, 64, 1, 1, 1, 0, 0, 1},
        {"resnet50 1x1", 512, 28, 28, 128, 1, 1, 1, 0, 0, 1}, {"resnet50 1x1", 1024, 14, 14, 256, 1, 1, 1, 0, 0, 1},
        {"resnet50 1x1", 2048, 7, 7, 512, 1, 1, 1, 0, 0, 1},  {"resnet50 1x1", 512, 7, 7, 2048, 1, 1, 1, 0, 0, 1},
        {"mobilenet 1x1", 32, 112, 112, 16, 1, 1, 1, 0, 0, 1}, {"mobilenet 1x1", 16, 112, 112, 96, 1, 1, 1, 0, 0, 1},
        {"mobilenet 1x1", 24, 56, 56, 144, 1, 1, 1, 0, 0, 1}, {"mobilenet 1x1", 144, 56, 56, 24, 1, 1, 1, 0, 0, 1},
        {"mobilenet 1x1", 96, 14, 14, 576, 1, 1, 1, 0, 0, 1}, {"mobilenet 1x1", 576, 14, 14, 96, 1, 1, 1, 0, 0, 1},
        {"mobilenet 1x1", 960, 7, 7, 320, 1, 1, 1, 0, 0, 1},  {"squeeze 1x1", 960, 1, 1, 240, 1, 1, 1, 0, 0, 1},
        {"shuffle 1x1", 116, 28, 28, 116, 1, 1, 1, 0, 0, 1},  {"unet 3x3", 16, 256, 256, 16, 3, 3, 1, 1, 1, 1},
        {"unet 3x3", 32, 128, 128, 32, 3, 3, 1, 1, 1, 1},     {"unet 3x3", 64, 64, 64, 64, 3, 3, 1, 1, 1, 1},
        {"unet 3x3", 128, 32, 32, 128, 3, 3, 1, 1, 1, 1},     {"vgg 3x3", 64, 112, 112, 64, 3, 3, 1, 1, 1, 1},
        {"resnext", 128, 28, 28, 128, 3, 3, 1, 1, 1, 8},      {"inception 1x7", 128, 17, 17, 128, 1, 7, 1, 0, 3, 1},
};

void measure(const Bricks& b, ThreadPool& pool, const Layer& l, double top, std::string_view only, bool all_layouts, double budget) {
    Conv::Attributes a;
    a.strides = {l.stride, l.stride};
    a.pads = {l.pad_h, l.pad_w, l.pad_h, l.pad_w};
    a.group = l.group;
    a.activation = ElemwiseMode::relu;
    Graph graph;
    Node node;
    node.op = &describe<Conv>();
    node.attributes = write_attributes(a);
    const Array w = random_f32({l.k, l.c / l.group, l.kh, l.kw}, 1), bias = random_f32({l.k}, 2);
    node.inputs = {graph.add_input("x", DType::f32, {1, l.c, l.h, l.w}), graph.add_constant("w", w), graph.add_constant("b", bias)};
    node.outputs = {graph.add_value("y")};
    std::vector<TensorInfo> in = {{DType::f32, {1, l.c, l.h, l.w}, true}, {DType::f32, w.shape(), true, &w}, {DType::f32, bias.shape(), true, &bias}};
    InferContext infer(graph, node, in);
    Conv::infer(infer);
    std::vector<TensorInfo> out = infer.outputs();
    const ConvShape s = ConvShape::of(a, in[0].shape, w.shape(), "layer");
    for (const KernelRow& row : node.op->rows) {
        if (row.dtype != DType::f32 || (!only.empty() && row.name.find(only) == std::string_view::npos)) continue;
        if (!all_layouts && row.out_layout != b.native) continue;
        in[0].layout = row.in_layout;
        out[0].layout = row.out_layout;
        const NodeInfo info{&node, in, out, &b, pool.threads()};
        if (!row.applicable(info)) continue;
        WeightStore weights;
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto state = row.prepare(info, prepare);
        auto x = allocate_bytes(static_cast<size_t>(padded_count(row.in_layout, in[0].shape)) * 4);
        auto y = allocate_bytes(static_cast<size_t>(padded_count(row.out_layout, out[0].shape)) * 4);
        auto scratch = allocate_bytes(prepare.workspace_bytes);
        std::memset(x.get(), 0, static_cast<size_t>(padded_count(row.in_layout, in[0].shape)) * 4);
        const TensorView inputs[] = {{x.get(), DType::f32, in[0].shape, row.in_layout}, {nullptr, DType::f32, w.shape()}, {bias.data() ? const_cast<std::byte*>(bias.data()) : nullptr, DType::f32, bias.shape()}};
        TensorView outputs[] = {{y.get(), DType::f32, out[0].shape, row.out_layout}};
        RunContext c;
        c.node = &node;
        c.inputs = inputs;
        c.outputs = outputs;
        c.workspace = scratch.get();
        c.bricks = &b;
        c.pool = &pool;
        const double t = best_time([&] { row.run(state.get(), c); }, budget);
        const double gf = s.flops() / t * 1e-9;
        std::printf("%-15s %4lldx%3lldx%3lld->%4lld %lldx%lld/%lld g%-2lld %-16s %-8s %8.3f ms %7.1f GF/s %6.1f %%  predicted %7.3f\n", l.net, static_cast<long long>(l.c),
                    static_cast<long long>(l.h), static_cast<long long>(l.w), static_cast<long long>(l.k), static_cast<long long>(l.kh),
                    static_cast<long long>(l.kw), static_cast<long long>(l.stride), static_cast<long long>(l.group), std::string(row.name).c_str(),
                    std::string(name_of(row.out_layout)).c_str(), t * 1e3, gf, 100 * gf / top, row.cost(info) * 1e-6);
        std::fflush(stdout);
    }
}
}  // namespace

// usage: conv [threads] [part of a kernel's name] [ISA] [all: every layout] [seconds for each]
int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    const Bricks& b = find_bricks(argc > 3 ? argv[3] : "");
    const bool all_layouts = argc > 4 && std::string_view(argv[4]) == "all";
    SpinPool pool(threads);
    const double before = measure_peak_gflops(b.probe, 0.3);
    std::printf("%s, %d threads, peak of one thread %.1f GF/s\n", b.name, threads, before);
    for (const Layer& l : kLayers) measure(b, pool, l, before * threads, argc > 2 ? argv[2] : "", all_layouts, argc > 5 ? std::atof(argv[5]) : 0.06);
    std::printf("peak afterwards %.1f GF/s\n", measure_peak_gflops(b.probe, 0.3));
}
