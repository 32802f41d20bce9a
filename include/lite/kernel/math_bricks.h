// The math family of SIMD bricks: element-wise functions, reductions and row-wise normalisations over dense runs of floats.
#ifndef LITE_KERNEL_MATH_BRICKS_H_
#define LITE_KERNEL_MATH_BRICKS_H_
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "lite/base/elemwise_mode.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

// The value that every `step` of one float operand may have.
inline constexpr size_t kScalar = 0;    // one float for all elements
inline constexpr size_t kDense = 1;     // one float per element
inline constexpr size_t kPattern = 16;  // 16 floats that repeat: the lanes of a packed block (of 4, 8 or 16 channels)

enum class ReduceMode : int64_t { sum, mean, max, min, prod, l1, l2, log_sum, log_sum_exp, sum_square };

// All functions take any n, read and write nothing behind n elements, and let y be the same array as an operand that is read
// with step 1. NaN in gives NaN out; what lies beyond the range of float is an infinity or zero.
struct MathBricks {
    // y[i] = f(x[i]; alpha, beta) for a mode of one input. The parameters are those of ElemwiseMode's comments.
    void (*unary)(ElemwiseMode mode, float alpha, float beta, const float* x, float* y, size_t n) = nullptr;
    // y[i] = f(a[i], b[i]) for a mode of two inputs; comparisons and logic write 1.f or 0.f.
    void (*binary)(ElemwiseMode mode, const float* a, size_t a_step, const float* b, size_t b_step, float* y, size_t n) = nullptr;
    // y[i] = x[i] * s[i] + t[i].
    void (*scale_shift)(const float* x, const float* s, size_t s_step, const float* t, size_t t_step, float* y, size_t n) = nullptr;
    // out[j] = f over the x[i] with i % 16 == j; f: sum, max, min, prod, l1 (sum of |x|), sum_square. A lane without elements
    // gets the neutral element (0, -inf, inf, 1). Sums go through 64 partial sums, so they are good to n of some thousands.
    void (*reduce16)(ReduceMode mode, const float* x, size_t n, float* out16) = nullptr;
    // A row: y = exp(x - max) / sum, or its logarithm.
    void (*softmax)(const float* x, float* y, size_t n, bool logarithm) = nullptr;
    // A row: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; `rms`: without the mean. gamma and beta may be null,
    // mean_out and inv_out (1 / sqrt) too.
    void (*layer_norm)(const float* x, const float* gamma, const float* beta, float* y, size_t n, float epsilon, bool rms,
                       float* mean_out, float* inv_out) = nullptr;
};

// Is the mode a function of one input?
constexpr bool is_unary(ElemwiseMode m) { return m < ElemwiseMode::add; }
constexpr bool is_binary(ElemwiseMode m) { return m >= ElemwiseMode::add && m < ElemwiseMode::sum; }

// The x with erf(x) = y, to the last bits of a double: a rational start (Winitzki's) and Newton steps, which near the ends
// are of erfc, where erf has no digits left.
inline double erf_inverse(double y) {
    if (!(std::abs(y) < 1)) return std::abs(y) == 1 ? std::copysign(std::numeric_limits<double>::infinity(), y) : std::numeric_limits<double>::quiet_NaN();
    const double rest = 1 - std::abs(y), l = std::log(rest * (1 + std::abs(y))), t = 4.3307467508 + 0.5 * l;
    double x = std::sqrt(std::sqrt(std::max(t * t - l / 0.147, 0.0)) - t);
    if (x != x) x = 0;
    for (int i = 0; i < 4; ++i) x += (std::erfc(x) - rest) * 0.88622692545275801365 * std::exp(x * x);
    return std::copysign(x, y);
}

// The meaning of every one-input mode on one value, by the C library. Bricks take it for the functions that they have no
// vector code for; tests and references take it in double.
template <class T>
inline T unary_value(ElemwiseMode mode, T alpha, T beta, T x) {
    constexpr T half = T(0.5), one = T(1), zero = T(0);
    const auto sigmoid = [](T v) { return T(1) / (T(1) + std::exp(-v)); };
    const auto log1p_exp = [](T v) { return (v > 0 ? v : v <= 0 ? T(0) : v) + std::log1p(std::exp(-std::abs(v))); };
    switch (mode) {
        case ElemwiseMode::relu: return x < zero ? zero : x;
        case ElemwiseMode::sigmoid: return sigmoid(x);
        case ElemwiseMode::tanh: return std::tanh(x);
        case ElemwiseMode::exp: return std::exp(x);
        case ElemwiseMode::log: return std::log(x);
        case ElemwiseMode::sqrt: return std::sqrt(x);
        case ElemwiseMode::reciprocal: return one / x;
        case ElemwiseMode::abs: return std::abs(x);
        case ElemwiseMode::neg: return -x;
        case ElemwiseMode::floor: return std::floor(x);
        case ElemwiseMode::ceil: return std::ceil(x);
        case ElemwiseMode::round: return std::nearbyint(x);
        case ElemwiseMode::sign: return x > zero ? one : x < zero ? -one : x == zero ? zero : x;
        case ElemwiseMode::erf: return std::erf(x);
        case ElemwiseMode::sin: return std::sin(x);
        case ElemwiseMode::cos: return std::cos(x);
        case ElemwiseMode::tan: return std::tan(x);
        case ElemwiseMode::asin: return std::asin(x);
        case ElemwiseMode::acos: return std::acos(x);
        case ElemwiseMode::atan: return std::atan(x);
        case ElemwiseMode::sinh: return std::sinh(x);
        case ElemwiseMode::cosh: return std::cosh(x);
        case ElemwiseMode::asinh: return std::asinh(x);
        case ElemwiseMode::acosh: return std::acosh(x);
        case ElemwiseMode::atanh: return std::atanh(x);
        case ElemwiseMode::softplus: return log1p_exp(x);
        case ElemwiseMode::softsign: return x / (one + std::abs(x));
        case ElemwiseMode::silu: return x < T(-1000) ? -zero : x * sigmoid(x);
        case ElemwiseMode::mish: return x < T(-1000) ? -zero : x * std::tanh(log1p_exp(x));
        case ElemwiseMode::gelu: return x < T(-1000) ? -zero : x * (half * std::erfc(-x * T(0.70710678118654752440)));
        case ElemwiseMode::gelu_tanh: {
            if (x < T(-1000)) return -zero;
            return half * x * (one + std::tanh(T(0.79788456080286535588) * (x + T(0.044715) * x * x * x)));
        }
        case ElemwiseMode::hard_sigmoid: {
            const T v = alpha * x + beta;
            return v < zero ? zero : v > one ? one : v;
        }
        case ElemwiseMode::hard_swish: {
            const T v = x / T(6) + half;
            return v < zero ? -zero : v > one ? x : x * v;
        }
        case ElemwiseMode::leaky_relu: return x < zero ? alpha * x : x;
        case ElemwiseMode::elu: return x < zero ? alpha * std::expm1(x) : x;
        case ElemwiseMode::selu: return beta * (x < zero ? alpha * std::expm1(x) : x);
        case ElemwiseMode::celu: return x < zero ? alpha * std::expm1(x / alpha) : x;
        case ElemwiseMode::thresholded_relu: return x > alpha || x != x ? x : zero;
        case ElemwiseMode::clip: {
            const T v = x < alpha ? alpha : x;
            return v > beta ? beta : v;
        }
        case ElemwiseMode::shrink: return x < -alpha ? x + beta : x > alpha ? x - beta : x == x ? zero : x;
        case ElemwiseMode::logical_not: return x == zero ? one : zero;
        case ElemwiseMode::is_nan: return x != x ? one : zero;
        case ElemwiseMode::is_inf:
            return (beta != zero && x == std::numeric_limits<T>::infinity()) || (alpha != zero && x == -std::numeric_limits<T>::infinity())
                           ? one
                           : zero;
        case ElemwiseMode::swish:
        case ElemwiseMode::quick_gelu: return alpha * x < T(-1000) ? -zero : x * sigmoid(alpha * x);
        case ElemwiseMode::square: return x * x;
        case ElemwiseMode::expm1: return std::expm1(x);
        case ElemwiseMode::log1p: return std::log1p(x);
        case ElemwiseMode::erfc: return std::erfc(x);
        case ElemwiseMode::round_away: return std::round(x);
        case ElemwiseMode::log_sigmoid: return -log1p_exp(-x);
        case ElemwiseMode::erfinv: return static_cast<T>(erf_inverse(static_cast<double>(x)));
        case ElemwiseMode::fast_tanh: return x * (T(27) + x * x) / (T(27) + T(9) * x * x);
        default: return x;
    }
}

// The meaning of every two-input mode on floating-point values.
template <class T>
inline T binary_value(ElemwiseMode mode, T a, T b) {
    const auto truth = [](bool v) { return v ? T(1) : T(0); };
    switch (mode) {
        case ElemwiseMode::add: return a + b;
        case ElemwiseMode::sub: return a - b;
        case ElemwiseMode::mul: return a * b;
        case ElemwiseMode::div: return a / b;
        case ElemwiseMode::pow: return std::pow(a, b);
        case ElemwiseMode::max: return a != a ? a : b != b ? b : a > b ? a : b;
        case ElemwiseMode::min: return a != a ? a : b != b ? b : a < b ? a : b;
        case ElemwiseMode::mod: {
            const T r = std::fmod(a, b);
            return r != T(0) && (r < T(0)) != (b < T(0)) ? r + b : r;
        }
        case ElemwiseMode::fmod: return std::fmod(a, b);
        case ElemwiseMode::prelu: return a < T(0) ? a * b : a;
        case ElemwiseMode::equal: return truth(a == b);
        case ElemwiseMode::less: return truth(a < b);
        case ElemwiseMode::less_equal: return truth(a <= b);
        case ElemwiseMode::greater: return truth(a > b);
        case ElemwiseMode::greater_equal: return truth(a >= b);
        case ElemwiseMode::not_equal: return truth(a != b);
        case ElemwiseMode::floor_div: return std::floor(a / b);
        case ElemwiseMode::atan2: return std::atan2(a, b);
        case ElemwiseMode::log_sum_exp: {
            const T top = a > b ? a : b, other = a > b ? b : a;
            return top == other ? top + T(0.69314718055994530942) : top + std::log1p(std::exp(other - top));
        }
        case ElemwiseMode::switch_gt0: return a > T(0) ? b : T(0);
        case ElemwiseMode::logical_and: return truth(a != T(0) && b != T(0));
        case ElemwiseMode::logical_or: return truth(a != T(0) || b != T(0));
        case ElemwiseMode::logical_xor: return truth((a != T(0)) != (b != T(0)));
        default: return a;
    }
}

LITE_NAMESPACE_END
#endif
