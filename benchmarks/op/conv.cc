// Times every kernel of Conv on layers of real networks: milliseconds, GFLOP/s by the definition of the operator, and the share
// of a register-only FMA peak measured in the same run (Winograd may pass 100 %).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "lite/kernel/bricks.h"
#include "lite/op/conv.h"

using namespace lite;

namespace {
double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
template <class F> double best_time(F&& f, double budget) {
    f();
    double best = 1e9;
    const double end = now() + budget;
    for (int n = 0; n < 6 || now() < end; ++n) {
        const double t = now();
        f();
        best = std::min(best, now() - t);
    }
    return best;
}

// FLOPs of `rounds` rounds of 12 independent chains of FMAs on vectors.
#if defined(__x86_64__)
#define PEAK_CHAINS(OP) OP(0) OP(1) OP(2) OP(3) OP(4) OP(5) OP(6) OP(7) OP(8) OP(9) OP(10) OP(11)
volatile float g_sink = 0.5f, g_out;
__attribute__((target("avx512f"))) double chains512(int rounds) {
    const __m512 m = _mm512_set1_ps(g_sink);
#define PEAK_SET(i) __m512 a##i = _mm512_set1_ps(static_cast<float>(i));
#define PEAK_FMA(i) a##i = _mm512_fmadd_ps(a##i, m, m); __asm__("" : "+v"(a##i));
#define PEAK_SUM(i) s = _mm512_add_ps(s, a##i);
    PEAK_CHAINS(PEAK_SET)
    for (int r = 0; r < rounds; ++r) {
        PEAK_CHAINS(PEAK_FMA)
    }
    __m512 s = m;
    PEAK_CHAINS(PEAK_SUM)
    g_out = s[0];
    return 2.0 * 12 * 16 * rounds;
}
__attribute__((target("avx2,fma"))) double chains256(int rounds) {
    const __m256 m = _mm256_set1_ps(g_sink);
#undef PEAK_SET
#undef PEAK_FMA
#undef PEAK_SUM
#define PEAK_SET(i) __m256 a##i = _mm256_set1_ps(static_cast<float>(i));
#define PEAK_FMA(i) a##i = _mm256_fmadd_ps(a##i, m, m); __asm__("" : "+x"(a##i));
#define PEAK_SUM(i) s = _mm256_add_ps(s, a##i);
    PEAK_CHAINS(PEAK_SET)
    for (int r = 0; r < rounds; ++r) {
        PEAK_CHAINS(PEAK_FMA)
    }
    __m256 s = m;
    PEAK_CHAINS(PEAK_SUM)
    g_out = s[0];
    return 2.0 * 12 * 8 * rounds;
}
#endif
double peak(const Bricks& b) {
    double flops = 0;
#if defined(__x86_64__)
    const double s = best_time([&] { flops = b.lanes >= 16 ? chains512(200000) : b.lanes >= 8 ? chains256(200000) : 0; }, 0.3);
    return flops / s * 1e-9;
#else
    (void)b;
    return flops;
#endif
}

class Cache final : public WeightCache {
public:
    std::shared_ptr<const std::byte> packed(const Array&, const std::string&, size_t bytes, const std::function<void(std::byte*)>& fill) override {
        auto p = allocate_bytes(bytes);
        fill(p.get());
        return p;
    }
};
Array noise(const Shape& s) {
    Array a = Array::zeros(DType::f32, s);
    std::mt19937 g(1);
    std::uniform_real_distribution<float> u(-1, 1);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] = u(g);
    return a;
}

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
    const Array w = noise({l.k, l.c / l.group, l.kh, l.kw}), bias = noise({l.k});
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
        Cache cache;
        PrepareContext prepare;
        prepare.weights = &cache;
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
    const double before = peak(b);
    std::printf("%s, %d threads, peak of one thread %.1f GF/s\n", b.name, threads, before);
    for (const Layer& l : kLayers) measure(b, pool, l, before * threads, argc > 2 ? argv[2] : "", all_layouts, argc > 5 ? std::atof(argv[5]) : 0.06);
    std::printf("peak afterwards %.1f GF/s\n", peak(b));
}
