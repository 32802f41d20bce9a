// The math bricks on data in the first-level cache, one thread.
#include "benchmarks/support/bench.h"

namespace lite_bench {
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

struct Operands {
    static constexpr size_t n = 2048;
    std::vector<float> x, y, z;
    Operands() : x(n), y(n), z(n, 1.5f) {
        for (size_t i = 0; i < n; ++i) x[i] = 0.05f + 8.f * static_cast<float>(i) / n;
    }
};
}  // namespace

void add_elements(const Machine& m) {
    const auto o = std::make_shared<Operands>();
    const MathBricks& b = m.bricks->math;
    const size_t n = Operands::n;
    Work work;
    work.elements = n;
    const auto add = [&](const std::string& name, auto f) { add_function(m, "math/" + name, [o, f] { f(o->x.data(), o->z.data(), o->y.data()); }, 50, work); };
    for (const Named& f : kUnary) add(f.name, [&b, f](const float* x, const float*, float* y) { b.unary(f.mode, f.alpha, f.beta, x, y, n); });
    for (const Named& f : kBinary) add(f.name, [&b, f](const float* x, const float* z, float* y) { b.binary(f.mode, x, kDense, z, kDense, y, n); });
    add("add scalar", [&b](const float* x, const float* z, float* y) { b.binary(ElemwiseMode::add, x, kDense, z, kScalar, y, n); });
    add("scale_shift", [&b](const float* x, const float* z, float* y) { b.scale_shift(x, z, kPattern, z, kPattern, y, n); });
    add("sum", [&b](const float* x, const float*, float* y) { b.reduce16(ReduceMode::sum, x, n, y); });
    add("softmax", [&b](const float* x, const float*, float* y) { b.softmax(x, y, n, false); });
    add("log_softmax", [&b](const float* x, const float*, float* y) { b.softmax(x, y, n, true); });
    add("layer_norm", [&b](const float* x, const float* z, float* y) { b.layer_norm(x, z, z, y, n, 1e-5f, false, nullptr, nullptr); });
}

}  // namespace lite_bench
