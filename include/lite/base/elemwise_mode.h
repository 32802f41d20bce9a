// The functions of the element-wise family: one list for the operator, for activations fused into others, and for fused chains.
#ifndef LITE_BASE_ELEMWISE_MODE_H_
#define LITE_BASE_ELEMWISE_MODE_H_
#include <cstdint>
#include <string_view>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// Values are stored in graphs (attribute "mode", "activation"): append, never renumber.
enum class ElemwiseMode : int64_t {
    identity = 0,
    // one input
    relu, sigmoid, tanh, exp, log, sqrt, reciprocal, abs, neg, floor, ceil, round /* half to even */, sign, erf,
    sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh,
    softplus, softsign, silu /* x sigmoid(x) */, mish, gelu /* by erf */, gelu_tanh,
    hard_sigmoid /* clamp(alpha x + beta, 0, 1) */, hard_swish /* x clamp(x/6 + 1/2, 0, 1) */,
    leaky_relu /* x < 0 ? alpha x : x */, elu /* alpha */, selu /* alpha, beta = gamma */, celu /* alpha */,
    thresholded_relu /* alpha */, clip /* alpha = low, beta = high */, shrink /* alpha = lambd, beta = bias */,
    logical_not, bitwise_not, is_nan, is_inf /* alpha = detect_negative, beta = detect_positive */,
    swish /* x sigmoid(alpha x) */, quick_gelu /* swish, alpha = 1.702 where it is not given */, square, expm1, log1p, erfc,
    round_away /* half away from zero */, log_sigmoid, fast_tanh /* x (27 + x^2) / (27 + 9 x^2) */, erfinv,
    // two inputs, broadcast
    add = 100, sub, mul, div, pow, max, min, mod /* sign of the divisor */, fmod /* sign of the dividend */, prelu /* x < 0 ? slope x : x */,
    equal, less, less_equal, greater, greater_equal,
    logical_and, logical_or, logical_xor, bitwise_and, bitwise_or, bitwise_xor, shift_left, shift_right,
    not_equal, floor_div, atan2, log_sum_exp /* log(e^x + e^y) */, switch_gt0 /* x > 0 ? y : 0 */,
    // any number of inputs
    sum = 200, mean, max_n, min_n,
};

// What may follow a kernel in the same pass over the data: y = f(x; alpha, beta).
struct Activation {
    ElemwiseMode mode = ElemwiseMode::identity;
    float alpha = 0.f, beta = 0.f;
};
// Activations that are a clamp to [low, high] cost nothing at the store of an accumulator.
constexpr bool as_clamp(const Activation& a, float& low, float& high) {
    constexpr float inf = __builtin_inff();
    switch (a.mode) {
        case ElemwiseMode::identity: low = -inf; high = inf; return true;
        case ElemwiseMode::relu: low = 0.f; high = inf; return true;
        case ElemwiseMode::clip: low = a.alpha; high = a.beta; return true;
        default: return false;
    }
}

LITE_NAMESPACE_END
#endif
