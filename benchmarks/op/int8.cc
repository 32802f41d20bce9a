// Times QLinearConv in NHWC on layers of real networks, on every instruction set: microseconds, Gop/s (two per multiply-accumulate)
// and the share of the peak of the largest register tile whose operands stay in the first-level cache, measured in the same run.
#include "benchmarks/support/bench.h"
#include "lite/op/qlinear_conv.h"

using namespace lite_bench;

namespace {
double peak(const Int8Bricks& b) {
    const size_t k = 512, times = 50;
    std::vector<uint8_t> row(k, 3);
    std::vector<int8_t> w(b.panel * k, 1);
    std::vector<int32_t> bias(b.panel), y(b.rows * b.panel);
    std::vector<const uint8_t*> a(b.rows, row.data());
    Int8TileArgs g{};
    g.a = a.data();
    g.a_stride = b.rows;
    g.taps = 1;
    g.k = k;
    g.w = w.data();
    g.bias = bias.data();
    g.y = y.data();
    g.ldy = g.n = b.panel;
    g.rows = b.rows;
    const double s = best_time([&] { for (size_t i = 0; i < times; ++i) b.wide[b.rows - 1](g); }, 0.2);
    return 2e-9 * static_cast<double>(b.rows * b.panel * k * times) / s;
}

struct Layer {
    const char* name;
    int64_t c, size, k, window, stride, group;
};
constexpr Layer layers[] = {
        {"first 3x3/2 3->32", 3, 224, 32, 3, 2, 1},
        {"1x1 32->16", 32, 112, 16, 1, 1, 1},
        {"1x1 16->96", 16, 112, 96, 1, 1, 1},
        {"1x1 96->24", 96, 56, 24, 1, 1, 1},
        {"1x1 24->144", 24, 56, 144, 1, 1, 1},
        {"1x1 144->40", 144, 28, 40, 1, 1, 1},
        {"1x1 240->80", 240, 14, 80, 1, 1, 1},
        {"1x1 672->112", 672, 14, 112, 1, 1, 1},
        {"1x1 192->1152", 192, 7, 1152, 1, 1, 1},
        {"1x1 1152->320", 1152, 7, 320, 1, 1, 1},
        {"1x1 320->1280", 320, 7, 1280, 1, 1, 1},
        {"3x3 64->64", 64, 56, 64, 3, 1, 1},
        {"3x3 256->256", 256, 14, 256, 3, 1, 1},
        {"3x3/2 128->256", 128, 28, 256, 3, 2, 1},
        {"1x1 256->1024", 256, 14, 1024, 1, 1, 1},
        {"dw 3x3 32", 32, 112, 32, 3, 1, 32},
        {"dw 3x3/2 96", 96, 112, 96, 3, 2, 96},
        {"dw 3x3 144", 144, 56, 144, 3, 1, 144},
        {"dw 5x5/2 144", 144, 56, 144, 5, 2, 144},
        {"dw 5x5 240", 240, 28, 240, 5, 1, 240},
        {"dw 3x3 480", 480, 14, 480, 3, 1, 480},
        {"dw 5x5 672", 672, 14, 672, 5, 1, 672},
        {"dw 5x5 1152", 1152, 7, 1152, 5, 1, 1152},
};

Array bytes(DType t, const Shape& s) {
    Array a = Array::zeros(t, s);
    std::mt19937 g(1);
    for (size_t i = 0; i < a.bytes(); ++i) a.mutable_data()[i] = static_cast<std::byte>(g());
    return a;
}

double measure(const Bricks& b, const Layer& l, ThreadPool& pool) {
    const Array x = bytes(DType::u8, {1, l.c, l.size, l.size}), w = bytes(DType::i8, {l.k, l.c / l.group, l.window, l.window});
    const Array scale = Array::scalar(0.02f), w_scale = Array::scalar(1e-4f), zero = Array::of(Shape{}, std::vector<uint8_t>{128});
    const Array w_zero = Array::of(Shape{}, std::vector<int8_t>{0}), bias = Array::zeros(DType::i32, {l.k});
    Node node;
    node.op = &describe<QLinearConv>();
    const int64_t p = l.window / 2;
    node.attributes.set("pads", std::vector<int64_t>{p, p, p, p});
    node.attributes.set("strides", std::vector<int64_t>{l.stride, l.stride});
    node.attributes.set("group", l.group);
    const auto constant = [](const Array& a) { return TensorInfo{a.dtype(), a.shape(), true, &a, LayoutTag::nchw}; };
    std::vector<TensorInfo> in = {{DType::u8, x.shape(), true, nullptr, LayoutTag::nhwc}, constant(scale), constant(zero), constant(w),
                                  constant(w_scale), constant(w_zero), constant(scale), constant(zero), constant(bias)};
    const int64_t size = (l.size - 1) / l.stride + 1;
    std::vector<TensorInfo> out = {{DType::u8, {1, l.k, size, size}, true, nullptr, LayoutTag::nhwc}};
    const NodeInfo info{&node, in, out, &b, pool.threads()};
    for (const KernelRow& row : node.op->rows) {
        if (row.in_layout != LayoutTag::nhwc || row.dtype != DType::u8 || !row.applicable(info)) continue;
        WeightStore weights;
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto state = row.prepare(info, prepare);
        const auto workspace = allocate_bytes(prepare.workspace_bytes);
        Array y = Array::zeros(DType::u8, out[0].shape);
        std::vector<TensorView> views(9), results = {{y.mutable_data(), DType::u8, y.shape(), LayoutTag::nhwc}};
        views[0] = {const_cast<std::byte*>(x.data()), DType::u8, x.shape(), LayoutTag::nhwc};
        RunContext c;
        c.node = &node;
        c.inputs = views;
        c.outputs = results;
        c.workspace = workspace.get();
        c.bricks = &b;
        c.pool = &pool;
        return best_time([&] { row.run(state.get(), c); }, 0.05);
    }
    return 0;
}
}  // namespace

int main(int argc, char** argv) {
    SpinPool pool(argc > 1 ? std::atoi(argv[1]) : 1);
    for (const Bricks* b : all_bricks()) {
        if (argc > 2 && std::string_view(argv[2]) != b->name) continue;
        const double top = peak(b->int8) * pool.threads();
        std::printf("%s: peak %.0f Gop/s\n", b->name, top);
        double total = 0;
        for (const Layer& l : layers) {
            const double s = measure(*b, l, pool), size = static_cast<double>((l.size - 1) / l.stride + 1);
            const double gops = 2e-9 * size * size * static_cast<double>(l.k * (l.c / l.group) * l.window * l.window) / s;
            std::printf("  %-20s %8.1f us %7.1f Gop/s %5.1f %%\n", l.name, s * 1e6, gops, 100 * gops / top);
            total += s;
        }
        std::printf("  %-20s %8.1f us\n", "all", total * 1e6);
    }
}
