// LinearAttention and CausalConvWithState: attention and convolution that carry a state from call to call.
#ifndef LITE_OP_LINEAR_ATTENTION_H_
#define LITE_OP_LINEAR_ATTENTION_H_
#include "lite/op/attention.h"

LITE_NAMESPACE_BEGIN

// A matrix S for each head of keys; for each time S = exp(decay) S, with a correction v = beta (v - S^T k) where the rule has "delta",
// then S += k v^T and y = scale S^T q. Inputs query, key, value of [batch, time, heads * size], past S, decay, beta.
struct LinearAttention {
    static constexpr std::string_view name = "LinearAttention";
    static constexpr Spelling spellings[] = {{"onnx", "", "LinearAttention"}};
    struct Attributes {
        int64_t q_num_heads = 0, kv_num_heads = 0;
        float scale = 0.f;
        std::string update_rule = "gated_delta";
        template <class V> void visit(V& v) {
            v("q_num_heads", q_num_heads);
            v("kv_num_heads", kv_num_heads);
            v("scale", scale);
            v("update_rule", update_rule);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
        c.check_that(a.kv_num_heads > 0 && a.q_num_heads > 0 && a.q_num_heads % a.kv_num_heads == 0, "it has ", a.q_num_heads, " heads of queries and ",
                     a.kv_num_heads, " of keys");
        c.check_that(q.rank() == 3 && k.rank() == 3 && v.rank() == 3 && (q[2] < 0 || q[2] % a.q_num_heads == 0) && (v[2] < 0 || v[2] % a.kv_num_heads == 0),
                     "queries are ", q, ", keys ", k, ", values ", v);
        const int64_t dk = q[2] < 0 ? kUnknown : q[2] / a.q_num_heads, dv = v[2] < 0 ? kUnknown : v[2] / a.kv_num_heads;
        c.check_that(dk < 0 || k[2] < 0 || k[2] == dk * a.kv_num_heads, "queries are ", q, ", keys ", k);
        c.check_that((a.update_rule.find("gated") == std::string::npos || c.has_input(4)) && (a.update_rule.find("delta") == std::string::npos || c.has_input(5)),
                     "rule ", a.update_rule, " lacks its decay or beta");
        c.output(0, c.input(0).dtype, Shape{q[0], q[1], dv < 0 ? kUnknown : dv * a.q_num_heads});
        c.output(1, c.has_input(3) ? c.input(3).dtype : c.input(0).dtype, Shape{q[0], a.kv_num_heads, dk, dv});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &qs = c.input(0).shape, &vs = c.input(2).shape;
        const int64_t batch = qs[0], time = qs[1], heads = a.q_num_heads, kv = a.kv_num_heads, dk = qs[2] / heads, dv = vs[2] / kv;
        const bool gated = a.update_rule.find("gated") != std::string::npos, delta = a.update_rule.find("delta") != std::string::npos;
        const auto q = detail::doubles(c.input(0)), k = detail::doubles(c.input(1)), v = detail::doubles(c.input(2));
        const auto decay = gated ? detail::doubles(c.input(4)) : std::vector<double>(), beta = delta ? detail::doubles(c.input(5)) : std::vector<double>();
        std::vector<double> state = c.has_input(3) ? detail::doubles(c.input(3)) : std::vector<double>(detail::at(batch * kv * dk * dv));
        std::vector<double> y(detail::at(batch * time * heads * dv)), want(detail::at(dv));
        const int64_t decays = gated ? c.input(4).shape.back() / kv : 1, betas = delta ? c.input(5).shape.back() : 1;  // of a head; of a time
        detail::check_count(q, batch * time * heads * dk);
        detail::check_count(k, batch * time * kv * dk);
        detail::check_count(v, batch * time * kv * dv);
        detail::check_count(state, batch * kv * dk * dv);
        if (gated) detail::check_count(decay, batch * time * kv * decays);
        if (delta) detail::check_count(beta, batch * time * betas);
        c.check_that((decays == 1 || decays == dk) && (betas == 1 || betas == kv), "its decays are of ", decays, " numbers, its betas of ", betas);
        const double scale = a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(dk));
        for (int64_t b = 0; b < batch; ++b)
            for (int64_t t = 0; t < time; ++t)
                for (int64_t h = 0; h < kv; ++h) {
                    const int64_t row = b * time + t;
                    double* s = state.data() + (b * kv + h) * dk * dv;
                    const double *key = k.data() + (row * kv + h) * dk, *value = v.data() + (row * kv + h) * dv;
                    for (int64_t i = 0; gated && i < dk; ++i) {
                        const double g = std::exp(decay[detail::at((row * kv + h) * decays + (decays == 1 ? 0 : i))]);
                        for (int64_t j = 0; j < dv; ++j) s[i * dv + j] *= g;
                    }
                    for (int64_t j = 0; j < dv; ++j) {
                        double seen = 0;
                        for (int64_t i = 0; delta && i < dk; ++i) seen += s[i * dv + j] * key[i];
                        want[detail::at(j)] = delta ? beta[detail::at(row * betas + (betas == 1 ? 0 : h))] * (value[j] - seen) : value[j];
                    }
                    for (int64_t i = 0; i < dk; ++i)
                        for (int64_t j = 0; j < dv; ++j) s[i * dv + j] += key[i] * want[detail::at(j)];
                    for (int64_t g = h * (heads / kv); g < (h + 1) * (heads / kv); ++g)
                        for (int64_t j = 0; j < dv; ++j) {
                            double sum = 0;
                            for (int64_t i = 0; i < dk; ++i) sum += q[detail::at((row * heads + g) * dk + i)] * s[i * dv + j];
                            y[detail::at((row * heads + g) * dv + j)] = sum * scale;
                        }
                }
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{batch, time, heads * dv}), y);
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.has_input(3) ? c.input(3).dtype : c.input(0).dtype, Shape{batch, kv, dk, dv}), state);
    }
};

// Each channel convolved with a window of its own over what came before: x [batch, channels, length], w [channels, 1, window],
// bias, past [batch, channels, window - 1].
struct CausalConvWithState {
    static constexpr std::string_view name = "CausalConvWithState";
    static constexpr Spelling spellings[] = {{"onnx", "", "CausalConvWithState"}};
    struct Attributes {
        std::string activation = "none";
        template <class V> void visit(V& v) { v("activation", activation); }
    };
    static void infer(InferContext& c) {
        const Shape &x = c.shape(0), &w = c.shape(1);
        c.check_that(x.rank() == 3 && w.rank() == 3 && w[2] != 0, "its input is ", x, ", its weights ", w);
        const std::string& a = c.attributes<Attributes>().activation;
        c.check_that(a == "none" || a == "silu" || a == "swish", "activation '", a, "' is not known");
        c.output(0, c.input(0).dtype, x);
        c.output(1, c.input(0).dtype, Shape{x[0], x[1], w[2] < 0 ? kUnknown : w[2] - 1});
    }
    static void reference(RunContext& c) {
        const Shape& s = c.input(0).shape;
        const int64_t rows = s[0] * s[1], channels = s[1], length = s[2], window = c.input(1).shape[2];
        const auto x = detail::with_past(c.has_input(3) ? detail::doubles(c.input(3)) : std::vector<double>(detail::at(rows * (window - 1))),
                                         detail::doubles(c.input(0)), rows);
        const auto w = detail::doubles(c.input(1)), bias = c.has_input(2) ? detail::doubles(c.input(2)) : std::vector<double>(detail::at(channels));
        c.check_that(window >= 1, "its window has no extent");
        detail::check_count(x, rows * (length + window - 1));
        detail::check_count(w, channels * window);
        detail::check_count(bias, channels);
        const bool silu = c.attributes<Attributes>().activation != "none";
        std::vector<double> y(detail::at(rows * length)), last;
        for (int64_t r = 0; r < rows; ++r) {
            const double* from = x.data() + r * (length + window - 1);
            for (int64_t i = 0; i < length; ++i) {
                double sum = bias[detail::at(r % channels)];
                for (int64_t k = 0; k < window; ++k) sum += from[i + k] * w[detail::at(r % channels * window + k)];
                y[detail::at(r * length + i)] = silu ? sum / (1 + std::exp(-sum)) : sum;
            }
            last.insert(last.end(), from + length, from + length + window - 1);
        }
        detail::put_doubles(c.output(0, c.input(0).dtype, s), y);
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(0).dtype, Shape{s[0], s[1], window - 1}), last);
    }
};

LITE_NAMESPACE_END
#endif
