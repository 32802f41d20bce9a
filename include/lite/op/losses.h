// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.
#ifndef LITE_OP_LOSSES_H_
#define LITE_OP_LOSSES_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

namespace detail {

struct LossAttributes {
    int64_t ignore_index = INT64_MIN;  // none
    std::string reduction = "mean";
    template <class V> void visit(V& v) {
        v("ignore_index", ignore_index);
        v("reduction", reduction);
    }
};
inline void infer_loss(InferContext& c) {
    const auto a = c.attributes<LossAttributes>();
    const Shape &x = c.shape(0), &labels = c.shape(1);
    c.check_that(x.rank() >= 2 && labels.rank() + 1 == x.rank(), "scores are ", x, ", labels ", labels);
    for (size_t i = 0; i < labels.rank(); ++i) c.check_that(may_equal(labels[i], x[i == 0 ? 0 : i + 1]), "scores are ", x, ", labels ", labels);
    c.check_that(x[1] != 0, "scores of no classes: ", x);
    c.check_that(a.reduction == "mean" || a.reduction == "sum" || a.reduction == "none", "reduction '", a.reduction, "' is not known");
    c.output(0, c.input(0).dtype, a.reduction == "none" ? labels : Shape{});
    c.output(1, c.input(0).dtype, x);
}
// x: logarithms of probabilities [batch, classes, ...]; -x of the label, weighted by the label's class, and averaged by these weights.
inline void loss(RunContext& c, const std::vector<double>& x) {
    const auto a = c.attributes<LossAttributes>();
    const Shape& s = c.input(0).shape;
    const auto labels = integers(c.input(1));
    const auto weights = c.has_input(2) ? doubles(c.input(2)) : std::vector<double>(at(s[1]), 1.0);
    const int64_t inner = s.count(2, s.rank());
    std::vector<double> y(labels.size());
    double sum = 0, weight = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
        const int64_t label = labels[i], n = static_cast<int64_t>(i);
        if (label == a.ignore_index) continue;
        c.check_that(label >= 0 && label < s[1] && at(label) < weights.size(), "label ", label, " of ", s[1], " classes");
        const double w = weights[at(label)];
        y[i] = -w * x[at((n / inner * s[1] + label) * inner + n % inner)];
        sum += y[i];
        weight += w;
    }
    if (a.reduction == "none") put_doubles(c.output(0, c.input(0).dtype, c.input(1).shape), y);
    else put_doubles(c.output(0, c.input(0).dtype, Shape{}), {a.reduction == "sum" ? sum : sum / weight});
}

}  // namespace detail

// Inputs: logarithms of probabilities [batch, classes, ...], labels [batch, ...], weights of classes (optional).
struct NegativeLogLikelihoodLoss {
    static constexpr std::string_view name = "NegativeLogLikelihoodLoss";
    static constexpr Spelling spellings[] = {{"onnx", "", "NegativeLogLikelihoodLoss"}};
    using Attributes = detail::LossAttributes;
    static void infer(InferContext& c) { detail::infer_loss(c); }
    static void reference(RunContext& c) { detail::loss(c, detail::doubles(c.input(0))); }
};

// The same of scores, through a log-softmax, which is output 1.
struct SoftmaxCrossEntropyLoss {
    static constexpr std::string_view name = "SoftmaxCrossEntropyLoss";
    static constexpr Spelling spellings[] = {{"onnx", "", "SoftmaxCrossEntropyLoss"}};
    using Attributes = detail::LossAttributes;
    static void infer(InferContext& c) { detail::infer_loss(c); }
    static void reference(RunContext& c) {
        const Shape& s = c.input(0).shape;
        std::vector<double> x = detail::doubles(c.input(0));
        const int64_t inner = s.count(2, s.rank()), classes = s[1];
        for (int64_t i = 0; i < s[0] * inner; ++i) {
            double* p = x.data() + i / inner * classes * inner + i % inner;
            double top = p[0], sum = 0;
            for (int64_t k = 1; k < classes; ++k) top = std::max(top, p[k * inner]);
            for (int64_t k = 0; k < classes; ++k) sum += std::exp(p[k * inner] - top);
            for (int64_t k = 0; k < classes; ++k) p[k * inner] -= top + std::log(sum);
        }
        detail::loss(c, x);
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(0).dtype, s), x);
    }
};

LITE_NAMESPACE_END
#endif
