// Attention and FlexAttention: softmax(q k^T) v of many heads, with masks, caches of keys and values, and shared heads.
#ifndef LITE_OP_ATTENTION_H_
#define LITE_OP_ATTENTION_H_
#include "lite/op/rare.h"
#include "lite/op/spell_attention.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// [batch, length, heads * size] to [batch, heads, length, size].
inline std::vector<double> heads_first(const std::vector<double>& x, int64_t batch, int64_t heads, int64_t length, int64_t size) {
    check_count(x, batch * heads * length * size);
    std::vector<double> y(x.size());
    for (int64_t b = 0; b < batch; ++b)
        for (int64_t h = 0; h < heads; ++h)
            for (int64_t s = 0; s < length; ++s)
                std::copy_n(x.begin() + ((b * length + s) * heads + h) * size, size, y.begin() + ((b * heads + h) * length + s) * size);
    return y;
}
// The reverse, which is the same exchange of two axes.
inline std::vector<double> heads_last(const std::vector<double>& x, int64_t batch, int64_t heads, int64_t length, int64_t size) {
    return heads_first(x, batch, length, heads, size);
}
// `past` in front of `x` along the length, both [batch * heads, length, size].
inline std::vector<double> with_past(const std::vector<double>& past, const std::vector<double>& x, int64_t rows) {
    if (past.empty()) return x;
    std::vector<double> y;
    y.reserve(past.size() + x.size());
    const int64_t p = static_cast<int64_t>(past.size()) / std::max<int64_t>(rows, 1), n = static_cast<int64_t>(x.size()) / std::max<int64_t>(rows, 1);
    for (int64_t r = 0; r < rows; ++r) {
        y.insert(y.end(), past.begin() + r * p, past.begin() + (r + 1) * p);
        y.insert(y.end(), x.begin() + r * n, x.begin() + (r + 1) * n);
    }
    return y;
}
inline constexpr double kMasked = -std::numeric_limits<double>::infinity();
// `sink`: the score of one more key, which takes its share.
inline void softmax_row(double* x, int64_t n, double sink = kMasked) {
    double top = sink;
    for (int64_t i = 0; i < n; ++i) top = std::max(top, x[i]);
    if (top == kMasked) {
        std::fill_n(x, n, 0.0);
        return;
    }
    double sum = std::exp(sink - top);
    for (int64_t i = 0; i < n; ++i) sum += x[i] = std::exp(x[i] - top);
    for (int64_t i = 0; i < n; ++i) x[i] /= sum;
}

// Scaled dot products of queries [batch, heads, length, size] with keys and values of `kv_heads`, each of which serves
// heads / kv_heads queries in turn.
struct HeadProducts {
    int64_t batch = 1, heads = 1, kv_heads = 1, length = 0, kv_length = 0, size = 0, value_size = 0;
    int64_t score(int64_t b, int64_t h, int64_t i) const { return ((b * heads + h) * length + i) * kv_length; }
    int64_t kv_row(int64_t b, int64_t h) const { return (b * kv_heads + h / (heads / kv_heads)) * kv_length; }
    std::vector<double> scores(const std::vector<double>& q, const std::vector<double>& k, double scale) const {
        check_count(q, batch * heads * length * size);
        check_count(k, batch * kv_heads * kv_length * size);
        std::vector<double> s(at(batch * heads * length * kv_length));
        for (int64_t b = 0; b < batch; ++b)
            for (int64_t h = 0; h < heads; ++h)
                for (int64_t i = 0; i < length; ++i)
                    for (int64_t j = 0; j < kv_length; ++j) {
                        const double *x = q.data() + ((b * heads + h) * length + i) * size, *y = k.data() + (kv_row(b, h) + j) * size;
                        double sum = 0;
                        for (int64_t d = 0; d < size; ++d) sum += x[d] * y[d];
                        s[at(score(b, h, i) + j)] = sum * scale;
                    }
        return s;
    }
    std::vector<double> apply(const std::vector<double>& p, const std::vector<double>& v) const {
        check_count(p, batch * heads * length * kv_length);
        check_count(v, batch * kv_heads * kv_length * value_size);
        std::vector<double> y(at(batch * heads * length * value_size));
        for (int64_t b = 0; b < batch; ++b)
            for (int64_t h = 0; h < heads; ++h)
                for (int64_t i = 0; i < length; ++i)
                    for (int64_t j = 0; j < kv_length; ++j) {
                        const double w = p[at(score(b, h, i) + j)];
                        if (w == 0) continue;  // a masked key may hold anything
                        const double* x = v.data() + (kv_row(b, h) + j) * value_size;
                        double* out = y.data() + ((b * heads + h) * length + i) * value_size;
                        for (int64_t d = 0; d < value_size; ++d) out[d] += w * x[d];
                    }
        return y;
    }
};

// Queries, keys and values of [batch, heads, length, size] fit each other as far as their extents are known.
inline void check_heads(const Shape& q, const Shape& k, const Shape& v, const Who& where) {
    check(q.rank() == 4 && k.rank() == 4 && v.rank() == 4 && may_equal(q[0], k[0]) && may_equal(q[0], v[0]) && may_equal(k[1], v[1]) && may_equal(k[2], v[2]) &&
              may_equal(q[3], k[3]) && k[1] != 0 && (q[1] < 0 || k[1] < 0 || q[1] % k[1] == 0),
          where, ": queries of ", q, " do not fit keys of ", k, " and values of ", v, " (batch, heads, length, size)");
}

}  // namespace detail

// Inputs Q, K, V of [batch, heads, length, size] or [batch, length, heads * size], mask (bool, or added), past keys, past values,
// number of keys of each sequence that are no padding. Outputs Y, all keys, all values, scores.
struct Attention {
    static constexpr std::string_view name = "Attention";
    static constexpr Spelling spellings[] = {{"onnx", "", "Attention"}};
    struct Attributes {
        int64_t is_causal = 0, q_num_heads = 0, kv_num_heads = 0, qk_matmul_output_mode = 0, softmax_precision = 0, left_window_size = -1, right_window_size = -1;
        float scale = 0.f, softcap = 0.f;
        template <class V> void visit(V& v) {
            v("is_causal", is_causal);
            v("q_num_heads", q_num_heads);
            v("kv_num_heads", kv_num_heads);
            v("qk_matmul_output_mode", qk_matmul_output_mode);
            v("softmax_precision", softmax_precision);
            v("left_window_size", left_window_size);
            v("right_window_size", right_window_size);
            v("scale", scale);
            v("softcap", softcap);
        }
    };
    // [batch, heads, length, size] of an input.
    static Shape heads_shape(const Shape& s, int64_t heads, const Who& where) {
        check(s.rank() == 4 || (s.rank() == 3 && heads > 0 && (s[2] < 0 || s[2] % heads == 0)), where, ": an input of shape ", s, " has no ", heads, " heads");
        return s.rank() == 4 ? s : Shape{s[0], heads, s[1], s[2] < 0 ? kUnknown : s[2] / heads};
    }
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape q = heads_shape(c.shape(0), a.q_num_heads, c.where()), k = heads_shape(c.shape(1), a.kv_num_heads, c.where()),
                    v = heads_shape(c.shape(2), a.kv_num_heads, c.where());
        const DType t = c.input(0).dtype;
        detail::check_heads(q, k, v, c.where());
        c.check_that(c.shape(0).rank() == c.shape(1).rank() && c.shape(0).rank() == c.shape(2).rank(), "queries are ", c.shape(0), ", keys ", c.shape(1), ", values ",
                     c.shape(2));
        c.check_that(c.has_input(4) == c.has_input(5), "past keys and past values come together");
        if (c.has_input(4)) {
            const Shape &pk = c.shape(4), &pv = c.shape(5);
            c.check_that(pk.rank() == 4 && pv.rank() == 4 && detail::may_equal(pk[0], k[0]) && detail::may_equal(pk[1], k[1]) && detail::may_equal(pk[3], k[3]) &&
                             detail::may_equal(pv[0], v[0]) && detail::may_equal(pv[1], v[1]) && detail::may_equal(pv[3], v[3]) && detail::may_equal(pk[2], pv[2]),
                         "past keys are ", pk, " and past values ", pv, ", keys ", k, ", values ", v);
        }
        if (c.has_input(6)) c.check_that(c.shape(6).rank() == 1 && detail::may_equal(c.shape(6)[0], q[0]), "the numbers of keys are ", c.shape(6), " for ", q[0], " sequences");
        if (c.has_input(3)) {  // a mask may be shorter than the keys: what it leaves out is masked
            const Shape& m = c.shape(3);
            bool fits = m.rank() <= 4;
            for (size_t d = 0; fits && d + 1 < m.rank(); ++d) fits = m[d] == 1 || detail::may_equal(m[d], q[4 - m.rank() + d]);
            c.check_that(fits, "the mask is ", m, ", queries are ", q);
        }
        const int64_t past = c.has_input(4) ? c.shape(4).at(2) : 0, total = past < 0 || k[2] < 0 ? kUnknown : past + k[2];
        c.output(0, t, c.shape(0).rank() == 4 ? Shape{q[0], q[1], q[2], v[3]} : Shape{q[0], q[2], v[3] < 0 ? kUnknown : q[1] * v[3]});
        c.output(1, c.input(1).dtype, Shape{k[0], k[1], total, k[3]});
        c.output(2, c.input(2).dtype, Shape{v[0], v[1], total, v[3]});
        c.output(3, t, Shape{q[0], q[1], q[2], total});
    }
    static bool spell(Graph& g, const Node& n, std::vector<Node>& made) { return detail::AttentionSpeller(g, n, made).attention(); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const bool packed = c.input(0).shape.rank() == 3;
        const Shape q = heads_shape(c.input(0).shape, a.q_num_heads, c.where()), k = heads_shape(c.input(1).shape, a.kv_num_heads, c.where()),
                    v = heads_shape(c.input(2).shape, a.kv_num_heads, c.where());
        const auto load = [&](size_t i, const Shape& s) {
            return packed ? detail::heads_first(detail::doubles(c.input(i)), s[0], s[1], s[2], s[3]) : detail::doubles(c.input(i));
        };
        const bool has_past = c.has_input(4);
        const int64_t past = has_past ? c.input(4).shape[2] : 0;
        detail::HeadProducts p{q[0], q[1], k[1], q[2], past + k[2], q[3], v[3]};
        std::vector<double> keys = load(1, k), values = load(2, v);
        if (has_past) {
            keys = detail::with_past(detail::doubles(c.input(4)), keys, k[0] * k[1]);
            values = detail::with_past(detail::doubles(c.input(5)), values, v[0] * v[1]);
        }
        const double scale = a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(q[3]));
        std::vector<double> scores = p.scores(load(0, q), keys, scale);
        if (a.softcap > 0)
            for (double& s : scores) s = std::tanh(s / double{a.softcap}) * double{a.softcap};
        std::vector<double> shown = a.qk_matmul_output_mode < 2 && c.has_output(3) ? scores : std::vector<double>();
        const std::vector<int64_t> filled = c.has_input(6) ? detail::integers(c.input(6)) : std::vector<int64_t>();
        const std::vector<double> mask = c.has_input(3) ? detail::doubles(c.input(3)) : std::vector<double>();
        const Shape m = c.has_input(3) ? c.input(3).shape : Shape();
        const bool boolean = c.has_input(3) && c.input(3).dtype == DType::boolean;
        // What is added to a score.
        const auto bias = [&](int64_t b, int64_t h, int64_t i, int64_t j) {
            const int64_t n = filled.empty() ? 0 : filled[detail::at(b)];
            if (!filled.empty() && j >= n) return detail::kMasked;
            const int64_t position = i + (has_past ? past : filled.empty() ? 0 : n - p.length);
            if (a.is_causal && j > position) return detail::kMasked;
            if ((a.left_window_size >= 0 && position - j > a.left_window_size) || (a.right_window_size >= 0 && j - position > a.right_window_size))
                return detail::kMasked;
            if (!c.has_input(3)) return 0.0;
            if (m.rank() && j >= m.back()) return detail::kMasked;
            const int64_t index[4] = {b, h, i, j};
            int64_t offset = 0;
            for (size_t d = 0; d < m.rank(); ++d) offset = offset * m[d] + (m[d] == 1 ? 0 : index[4 - m.rank() + d]);
            const double x = mask[detail::at(offset)];
            return boolean ? (x != 0 ? 0.0 : detail::kMasked) : x;
        };
        for (int64_t b = 0; b < p.batch; ++b)
            for (int64_t h = 0; h < p.heads; ++h)
                for (int64_t i = 0; i < p.length; ++i) {
                    double* row = scores.data() + p.score(b, h, i);
                    for (int64_t j = 0; j < p.kv_length; ++j) {
                        const double x = bias(b, h, i, j);
                        row[j] = x == detail::kMasked ? x : row[j] + x;
                    }
                }
        if (a.qk_matmul_output_mode == 2 && c.has_output(3)) shown = scores;
        for (int64_t r = 0; r < p.batch * p.heads * p.length; ++r) detail::softmax_row(scores.data() + r * p.kv_length, p.kv_length);
        if (a.qk_matmul_output_mode == 3 && c.has_output(3)) shown = scores;
        std::vector<double> y = p.apply(scores, values);
        const DType t = c.input(0).dtype;
        detail::put_doubles(c.output(0, t, packed ? Shape{q[0], q[2], q[1] * v[3]} : Shape{q[0], q[1], q[2], v[3]}),
                            packed ? detail::heads_last(y, q[0], q[1], q[2], v[3]) : y);
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(1).dtype, Shape{k[0], k[1], p.kv_length, k[3]}), keys);
        if (c.has_output(2)) detail::put_doubles(c.output(2, c.input(2).dtype, Shape{v[0], v[1], p.kv_length, v[3]}), values);
        if (c.has_output(3)) detail::put_doubles(c.output(3, t, Shape{q[0], q[1], q[2], p.kv_length}), shown);
    }
};

// The same of four axes, with bodies that change the scores and the probabilities.
struct FlexAttention {
    static constexpr std::string_view name = "FlexAttention";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.preview", "FlexAttention"}};
    static constexpr OperatorTraits traits{.control_flow = true, .foldable = false};
    struct Attributes {
        std::shared_ptr<const Graph> score_mod, prob_mod;
        int64_t softmax_precision = 0;
        float scale = 0.f;
        template <class V> void visit(V& v) {
            v("score_mod", score_mod);
            v("prob_mod", prob_mod);
            v("softmax_precision", softmax_precision);
            v("scale", scale);
        }
    };
    static void infer(InferContext& c) {
        const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
        detail::check_heads(q, k, v, c.where());
        c.output(0, c.input(0).dtype, Shape{q[0], q[1], q[2], v[3]});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &q = c.input(0).shape, &k = c.input(1).shape, &v = c.input(2).shape;
        detail::check_heads(q, k, v, c.where());
        const detail::HeadProducts p{q[0], q[1], k[1], q[2], k[2], q[3], v[3]};
        const DType t = a.softmax_precision ? detail::dtype_of_onnx(a.softmax_precision) : c.input(0).dtype == DType::f64 ? DType::f64 : DType::f32;
        std::vector<double> s = p.scores(detail::doubles(c.input(0)), detail::doubles(c.input(1)),
                                         a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(q[3])));
        const auto change = [&](const std::shared_ptr<const Graph>& body) {
            if (!body) return;
            const Array x = detail::array_of_doubles(t, Shape{p.batch, p.heads, p.length, p.kv_length}, s);
            std::vector<TensorView> in{detail::dense_view(x)};
            for (const TensorView& captured : c.inputs.last(body->captures)) in.push_back(captured);
            c.check_that(c.subgraphs != nullptr && in.size() == body->inputs.size(), "its body cannot be run here");
            const std::vector<Array> made = c.subgraphs->run(*body, in);
            c.check_that(made.size() == 1 && made[0].count() == x.count(), "its body does not keep the shape ", x.shape());
            s = detail::doubles(detail::dense_view(made[0]));
        };
        change(a.score_mod);
        for (int64_t r = 0; r < p.batch * p.heads * p.length; ++r) detail::softmax_row(s.data() + r * p.kv_length, p.kv_length);
        change(a.prob_mod);
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{q[0], q[1], q[2], v[3]}), p.apply(s, detail::doubles(c.input(2))));
    }
};

LITE_NAMESPACE_END
#endif
