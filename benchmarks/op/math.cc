// Elements per nanosecond of the math bricks on data in L1, for every instruction set of the machine; optionally one ISA by name.
#include <cstring>

#include "benchmarks/support/bench.h"

using namespace lite_bench;

namespace {
struct Named {
    ElemwiseMode mode;
    const char* name;
    float alpha = 0.f, beta = 0.f;
};
constexpr Named kUnary[] = {{ElemwiseMode::relu, "relu"}, {ElemwiseMode::clip, "clip", 0.f, 6.f}, {ElemwiseMode::exp, "exp"}, {ElemwiseMode::log, "log"},
                            {ElemwiseMode::tanh, "tanh"}, {ElemwiseMode::sigmoid, "sigmoid"}, {ElemwiseMode::silu, "silu"}, {ElemwiseMode::erf, "erf"},
                            {ElemwiseMode::gelu, "gelu"}, {ElemwiseMode::gelu_tanh, "gelu_tanh"}, {ElemwiseMode::mish, "mish"},
                            {ElemwiseMode::softplus, "softplus"}, {ElemwiseMode::elu, "elu", 1.f}, {ElemwiseMode::hard_swish, "hard_swish"},
                            {ElemwiseMode::sqrt, "sqrt"}, {ElemwiseMode::sin, "sin"}, {ElemwiseMode::cos, "cos"}};
constexpr Named kBinary[] = {{ElemwiseMode::add, "add"}, {ElemwiseMode::mul, "mul"}, {ElemwiseMode::div, "div"}, {ElemwiseMode::max, "max"},
                             {ElemwiseMode::prelu, "prelu"}, {ElemwiseMode::pow, "pow"}};
}  // namespace

int main(int argc, char** argv) {
    constexpr size_t n = 2048;
    std::vector<float> x(n), y(n), z(n);
    for (size_t i = 0; i < n; ++i) {
        x[i] = 0.05f + 8.f * static_cast<float>(i) / n;
        z[i] = 1.5f;
    }
    std::vector<const Bricks*> tables;
    for (const Bricks* b : all_bricks())
        if (std::strcmp(b->name, "AVX3_VNNI") != 0 && (argc < 2 || std::strcmp(argv[1], b->name) == 0)) tables.push_back(b);
    std::printf("%-14s", "elements/ns");
    for (const Bricks* b : tables) std::printf("%10s", b->name);
    const auto row = [&](const char* name, auto&& f) {
        std::printf("\n%-14s", name);
        for (const Bricks* b : tables) std::printf("%10.2f", n / (1e9 * best_time([&] { f(b->math); }, 0.02)));
    };
    for (const Named& f : kUnary) row(f.name, [&](const MathBricks& m) { m.unary(f.mode, f.alpha, f.beta, x.data(), y.data(), n); });
    for (const Named& f : kBinary) row(f.name, [&](const MathBricks& m) { m.binary(f.mode, x.data(), kDense, z.data(), kDense, y.data(), n); });
    row("add scalar", [&](const MathBricks& m) { m.binary(ElemwiseMode::add, x.data(), kDense, z.data(), kScalar, y.data(), n); });
    row("scale_shift", [&](const MathBricks& m) { m.scale_shift(x.data(), z.data(), kPattern, z.data(), kPattern, y.data(), n); });
    row("reduce sum", [&](const MathBricks& m) { m.reduce16(ReduceMode::sum, x.data(), n, y.data()); });
    row("softmax", [&](const MathBricks& m) { m.softmax(x.data(), y.data(), n, false); });
    row("log_softmax", [&](const MathBricks& m) { m.softmax(x.data(), y.data(), n, true); });
    row("layer_norm", [&](const MathBricks& m) { m.layer_norm(x.data(), z.data(), z.data(), y.data(), n, 1e-5f, false, nullptr, nullptr); });
    std::printf("\n");
}
