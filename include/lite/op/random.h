// RandomNormal, RandomUniform (of a shape, or of the shape of the input), Bernoulli, Multinomial.
#ifndef LITE_OP_RANDOM_H_
#define LITE_OP_RANDOM_H_
#include <atomic>
#include <numbers>

#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// Numbers of a generator of our own. With a seed every run gives the same ones, without each run others. `dtype` is ONNX's number of a type.
// Bernoulli: input 0 are the probabilities of ones. Multinomial: input [batch, classes] are logarithms of what is in proportion to the
// probabilities, output [batch, sample_size] the numbers of the classes drawn.
struct Random {
    enum Mode : int64_t { normal, uniform, normal_like, uniform_like, bernoulli, multinomial };
    static constexpr std::string_view name = "Random";
    static constexpr Spelling spellings[] = {{"onnx", "", "RandomNormal", normal},           {"onnx", "", "RandomUniform", uniform},
                                             {"onnx", "", "RandomNormalLike", normal_like},  {"onnx", "", "RandomUniformLike", uniform_like},
                                             {"onnx", "", "Bernoulli", bernoulli},           {"onnx", "", "Multinomial", multinomial}};
    static constexpr OperatorTraits traits{.random = true};
    struct Attributes {
        int64_t mode = normal, dtype = 0, sample_size = 1;
        float mean = 0.f, scale = 1.f, low = 0.f, high = 1.f;
        float seed = std::numeric_limits<float>::quiet_NaN();
        std::vector<int64_t> shape;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("dtype", dtype);
            v("sample_size", sample_size);
            v("mean", mean);
            v("scale", scale);
            v("low", low);
            v("high", high);
            v("seed", seed);
            v("shape", shape);
        }
    };
    static DType type_of(const Attributes& a, DType input) {
        if (a.dtype) return detail::dtype_of_onnx(a.dtype);
        return a.mode == multinomial ? DType::i32 : a.mode == normal || a.mode == uniform ? DType::f32 : input;
    }
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const bool alone = a.mode == normal || a.mode == uniform;
        const DType t = type_of(a, alone ? DType::f32 : c.input(0).dtype);
        const bool fits = a.mode == bernoulli ? t != DType::none && !is_object(t) : a.mode == multinomial ? t == DType::i32 || t == DType::i64 : is_float(t);
        c.check_that(fits, "it cannot make numbers of type ", t == DType::none ? detail::onnx_type_name(a.dtype) : name_of(t));
        c.check_that(!alone || Shape(a.shape).known(), "its shape is ", Shape(a.shape));
        if (alone) return c.output(0, t, Shape(a.shape));
        if (a.mode != multinomial) return c.output_like(0, {t, c.input(0).shape, c.input(0).has_shape, nullptr, LayoutTag::nchw});
        c.check_that(a.sample_size > 0 && c.shape(0).rank() == 2 && c.shape(0)[1] != 0, "it draws ", a.sample_size, " times from ", c.shape(0), ", expected [batch, classes]");
        c.output(0, t, Shape{c.shape(0)[0], a.sample_size});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const bool alone = a.mode == normal || a.mode == uniform;
        const Shape shape = alone ? Shape(a.shape) : a.mode == multinomial ? Shape{c.input(0).shape[0], a.sample_size} : c.input(0).shape;
        std::vector<double> y(detail::at(shape.count()));
        uint64_t state = start(a.seed);
        const auto next = [&] { return fraction(state); };
        if (a.mode == bernoulli) {
            y = detail::doubles(c.input(0));
            for (double& v : y) v = next() < v ? 1 : 0;
        } else if (a.mode == multinomial) {
            draw(detail::doubles(c.input(0)), c.input(0).shape[1], a.sample_size, y, next);
        } else if (a.mode == uniform || a.mode == uniform_like) {
            for (double& v : y) v = double{a.low} + next() * (double{a.high} - double{a.low});
        } else {
            for (double& v : y) {  // Box and Muller's; next() is never 1
                const double length = std::sqrt(-2 * std::log(1 - next()));
                v = double{a.mean} + double{a.scale} * length * std::cos(2 * std::numbers::pi * next());
            }
        }
        detail::put_doubles(c.output(0, type_of(a, alone ? DType::f32 : c.input(0).dtype), shape), y);
    }

private:
    static uint64_t start(float seed) {
        static std::atomic<uint64_t> runs{0};
        return std::isnan(seed) ? (runs.fetch_add(1, std::memory_order_relaxed) << 32) + 0x5DEECE66Du : std::bit_cast<uint32_t>(seed);
    }
    // In [0, 1), by splitmix64.
    static double fraction(uint64_t& state) {
        uint64_t z = state += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    template <class Next> static void draw(const std::vector<double>& logs, int64_t classes, int64_t samples, std::vector<double>& y, const Next& next) {
        std::vector<double> sum(detail::at(classes));
        for (size_t b = 0; b * detail::at(samples) < y.size(); ++b) {
            const double* x = logs.data() + b * detail::at(classes);
            const double top = *std::max_element(x, x + classes);
            double total = 0;
            for (size_t k = 0; k < sum.size(); ++k) sum[k] = total += std::exp(x[k] - top);
            for (int64_t s = 0; s < samples; ++s) {
                const auto drawn = std::upper_bound(sum.begin(), sum.end(), next() * total) - sum.begin();
                y[b * detail::at(samples) + detail::at(s)] = static_cast<double>(std::min<int64_t>(drawn, classes - 1));
            }
        }
    }
};

LITE_NAMESPACE_END
#endif
