// Activations fused behind another operator: their attributes, and their scalar meaning for references.
#ifndef LITE_OP_ACTIVATION_H_
#define LITE_OP_ACTIVATION_H_
#include <algorithm>
#include <cmath>

#include "lite/base/elemwise_mode.h"
#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

// f(x) of the one-input functions that a pass may fuse. NaN stays NaN.
inline double activate(const Activation& a, double x) {
    const double alpha = static_cast<double>(a.alpha), beta = static_cast<double>(a.beta);
    const auto clamp = [](double v, double low, double high) { return v < low ? low : v > high ? high : v; };
    const auto softplus = [](double v) { return std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))); };
    switch (a.mode) {
        case ElemwiseMode::identity: return x;
        case ElemwiseMode::relu: return x < 0 ? 0 : x;
        case ElemwiseMode::sigmoid: return 1 / (1 + std::exp(-x));
        case ElemwiseMode::tanh: return std::tanh(x);
        case ElemwiseMode::exp: return std::exp(x);
        case ElemwiseMode::log: return std::log(x);
        case ElemwiseMode::sqrt: return std::sqrt(x);
        case ElemwiseMode::reciprocal: return 1 / x;
        case ElemwiseMode::abs: return std::abs(x);
        case ElemwiseMode::neg: return -x;
        case ElemwiseMode::floor: return std::floor(x);
        case ElemwiseMode::ceil: return std::ceil(x);
        case ElemwiseMode::round: return std::nearbyint(x);
        case ElemwiseMode::sign: return x > 0 ? 1 : x < 0 ? -1 : x;
        case ElemwiseMode::erf: return std::erf(x);
        case ElemwiseMode::sin: return std::sin(x);
        case ElemwiseMode::cos: return std::cos(x);
        case ElemwiseMode::softplus: return softplus(x);
        case ElemwiseMode::softsign: return x / (1 + std::abs(x));
        case ElemwiseMode::silu: return x / (1 + std::exp(-x));
        case ElemwiseMode::mish: return x * std::tanh(softplus(x));
        case ElemwiseMode::gelu: return 0.5 * x * std::erfc(-x * 0.70710678118654752440);
        case ElemwiseMode::gelu_tanh: return 0.5 * x * (1 + std::tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
        case ElemwiseMode::hard_sigmoid: return clamp(alpha * x + beta, 0, 1);
        case ElemwiseMode::hard_swish: return x * clamp(x / 6 + 0.5, 0, 1);
        case ElemwiseMode::leaky_relu: return x < 0 ? alpha * x : x;
        case ElemwiseMode::elu: return x < 0 ? alpha * std::expm1(x) : x;
        case ElemwiseMode::selu: return beta * (x < 0 ? alpha * std::expm1(x) : x);
        case ElemwiseMode::celu: return x < 0 ? alpha * std::expm1(x / alpha) : x;
        case ElemwiseMode::thresholded_relu: return x > alpha ? x : 0;
        case ElemwiseMode::clip: return clamp(x, alpha, beta);
        case ElemwiseMode::shrink: return x < -alpha ? x + beta : x > alpha ? x - beta : 0;
        default: fail("function ", static_cast<int64_t>(a.mode), " cannot be fused as an activation");
    }
}

LITE_NAMESPACE_END
#endif
