// The attention of com.microsoft (Attention, MultiHeadAttention), and its weights of a few bits.
#ifndef LITE_OP_CONTRIB_ATTENTION_H_
#define LITE_OP_CONTRIB_ATTENTION_H_
#include "lite/op/attention.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// Between scores and probabilities.
struct AttendOptions {
    double softcap = 0;
    std::vector<double> sinks;             // of each head: the score of a key whose value is zero; empty: none
    std::vector<double>* scores = nullptr;         // out: as they go into the softmax, `masked` where a key is not seen
    std::vector<double>* probabilities = nullptr;  // out
    double masked = 0;
};
// Softmax of scores with what `bias` adds, times values.
inline std::vector<double> attend(const HeadProducts& p, const std::vector<double>& q, const std::vector<double>& k, const std::vector<double>& v, double scale,
                                  const AttendOptions& o, const std::function<double(int64_t, int64_t, int64_t, int64_t)>& bias) {
    std::vector<double> s = p.scores(q, k, scale);
    if (o.scores) o.scores->resize(s.size());
    for (int64_t b = 0; b < p.batch; ++b)
        for (int64_t h = 0; h < p.heads; ++h)
            for (int64_t i = 0; i < p.length; ++i) {
                double* row = s.data() + p.score(b, h, i);
                for (int64_t j = 0; j < p.kv_length; ++j) {
                    const double x = bias(b, h, i, j);
                    if (o.softcap > 0) row[j] = std::tanh(row[j] / o.softcap) * o.softcap;
                    row[j] = x == kMasked ? x : row[j] + x;
                }
                if (o.scores) std::replace_copy(row, row + p.kv_length, o.scores->data() + p.score(b, h, i), kMasked, o.masked);
                softmax_row(row, p.kv_length, o.sinks.empty() ? kMasked : o.sinks[at(h)]);
            }
    if (o.probabilities) *o.probabilities = s;
    return p.apply(s, v);
}
// In com.microsoft the last query sees all keys, whatever their number.
inline bool is_future(int64_t i, int64_t j, int64_t past, int64_t length) { return j > past + i && i + 1 < length; }
// What the masks of com.microsoft add: of keys [batch] (how many count), [2 batch] (their ends and beginnings), [3 batch + 2] (how many
// count, and more that follows from it), [batch, keys] or [batch, queries, keys] (0: masked).
struct KeyMask {
    std::vector<int64_t> mask;
    Shape shape;
    double value = -10000;
    double operator()(int64_t b, int64_t i, int64_t j, int64_t batch, int64_t length) const {
        if (mask.empty()) return 0;
        check(shape.rank() == 1 ? shape[0] >= batch : shape.rank() == 2 ? shape[0] >= batch : shape.rank() == 3 && shape[0] >= batch && shape[1] >= length,
              "a mask of ", shape, " does not fit ", batch, " sequences of ", length);
        bool keep = true;
        if (shape.rank() == 1) keep = j < mask[at(b)] && (shape[0] != 2 * batch || j >= mask[at(batch + b)]);
        else if (shape.rank() == 2) keep = mask[at(b * shape[1] + std::min(j, shape[1] - 1))] != 0;
        else keep = mask[at((b * length + i) * shape[2] + std::min(j, shape[2] - 1))] != 0;
        return keep ? 0 : value;
    }
};
// An added bias [1 or batch, 1 or heads, queries, keys].
inline double score_bias(const std::vector<double>& bias, const Shape& s, int64_t b, int64_t h, int64_t i, int64_t j) {
    if (bias.empty()) return 0;
    check(s.rank() == 4 && (s[0] == 1 || b < s[0]) && (s[1] == 1 || h < s[1]) && i < s[2] && j < s[3], "a bias of scores of ", s, " is too small");
    return bias[at((((s[0] == 1 ? 0 : b) * s[1] + (s[1] == 1 ? 0 : h)) * s[2] + i) * s[3] + j)];
}
inline void add_columns(std::vector<double>& x, const std::vector<double>& bias, size_t from, int64_t columns) {
    check(bias.size() >= from + at(columns), "a bias has ", bias.size(), " elements where ", from + at(columns), " are needed");
    for (size_t i = 0; i < x.size(); ++i) x[i] += bias[from + i % at(columns)];
}

}  // namespace detail

// Inputs x [batch, length, size], weights [size, queries + keys + values], bias, mask (see KeyMask), past [2, batch, heads, length,
// size], bias of scores. Outputs y, and past with what is new behind it.
struct MsAttention {
    static constexpr std::string_view name = "MsAttention";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "Attention"}};
    struct Attributes {
        int64_t num_heads = 1, unidirectional = 0, do_rotary = 0, past_present_share_buffer = 0;
        float scale = 0.f, mask_filter_value = -10000.f;
        std::vector<int64_t> qkv_hidden_sizes;
        template <class V> void visit(V& v) {
            v("num_heads", num_heads);
            v("unidirectional", unidirectional);
            v("do_rotary", do_rotary);
            v("past_present_share_buffer", past_present_share_buffer);
            v("scale", scale);
            v("mask_filter_value", mask_filter_value);
            v("qkv_hidden_sizes", qkv_hidden_sizes);
        }
        // Columns of queries (and keys), and of values.
        std::pair<int64_t, int64_t> columns(int64_t all, const Who& where) const {
            const bool given = qkv_hidden_sizes.size() == 3;
            const int64_t qk = given ? qkv_hidden_sizes[0] : all / 3, v = given ? qkv_hidden_sizes[2] : all / 3;
            check(num_heads > 0 && !do_rotary && !past_present_share_buffer && qk > 0 && 2 * qk + v == all && qk % num_heads == 0 && v % num_heads == 0, where,
                  ": weights of ", all, " columns for ", num_heads, " heads (rotary embedding and shared buffers are not supported)");
            return {qk, v};
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &x = c.shape(0), &w = c.shape(1);
        c.check_that(x.rank() == 3 && w.rank() == 2 && w[1] > 0, "its input is ", x, ", its weights ", w);
        const auto [qk, v] = a.columns(w[1], c.where());
        c.output(0, c.input(0).dtype, Shape{x[0], x[1], v});
        const int64_t past = c.has_input(4) ? c.shape(4).at(3) : 0;
        if (c.has_output(1)) c.output(1, c.input(0).dtype, Shape{2, x[0], a.num_heads, past < 0 || x[1] < 0 ? kUnknown : past + x[1], v / a.num_heads});
    }
    static bool spell(Graph& g, const Node& n, std::vector<Node>& made) { return detail::AttentionSpeller(g, n, made).projected(); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape &s = c.input(0).shape, &ws = c.input(1).shape;
        const auto [qk, vn] = a.columns(ws[1], c.where());
        const int64_t rows = s[0] * s[1], heads = a.num_heads, past = c.has_input(4) ? c.input(4).shape[3] : 0;
        const auto x = detail::doubles(c.input(0)), w = detail::doubles(c.input(1)), bias = c.has_input(2) ? detail::doubles(c.input(2)) : std::vector<double>(detail::at(ws[1]));
        detail::check_count(w, s[2] * ws[1]);
        detail::check_count(bias, ws[1]);
        const auto product = [&](int64_t from, int64_t n) {
            std::vector<double> y(detail::at(rows * n));
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t k = 0; k < n; ++k) {
                    double sum = bias[detail::at(from + k)];
                    for (int64_t i = 0; i < s[2]; ++i) sum += x[detail::at(r * s[2] + i)] * w[detail::at(i * ws[1] + from + k)];
                    y[detail::at(r * n + k)] = sum;
                }
            return detail::heads_first(y, s[0], heads, s[1], n / heads);
        };
        detail::HeadProducts p{s[0], heads, heads, s[1], past + s[1], qk / heads, vn / heads};
        std::vector<double> k = product(qk, qk), v = product(2 * qk, vn);
        if (past) {
            const auto old = detail::doubles(c.input(4));
            const auto half = old.begin() + static_cast<std::ptrdiff_t>(old.size() / 2);
            k = detail::with_past({old.begin(), half}, k, s[0] * heads);
            v = detail::with_past({half, old.end()}, v, s[0] * heads);
        }
        detail::KeyMask mask;
        if (c.has_input(3)) mask = {detail::integers(c.input(3)), c.input(3).shape, double{a.mask_filter_value}};
        const auto extra = c.has_input(5) ? detail::doubles(c.input(5)) : std::vector<double>();
        const Shape es = c.has_input(5) ? c.input(5).shape : Shape();
        const double scale = a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(p.size));
        const auto y = detail::attend(p, product(0, qk), k, v, scale, detail::AttendOptions(), [&](int64_t b, int64_t h, int64_t i, int64_t j) {
            if (a.unidirectional && detail::is_future(i, j, past, p.length)) return detail::kMasked;
            return mask(b, i, j, p.batch, p.length) + detail::score_bias(extra, es, b, h, i, j);
        });
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{s[0], s[1], vn}), detail::heads_last(y, s[0], heads, s[1], p.value_size));
        if (!c.has_output(1)) return;
        k.insert(k.end(), v.begin(), v.end());
        detail::put_doubles(c.output(1, c.input(0).dtype, Shape{2, s[0], heads, p.kv_length, p.value_size}), k);
    }
};

// Inputs query, key, value [batch, length, heads * size] (keys and values also [batch, heads, length, size]), bias of all three, mask
// of keys, bias of scores, past keys, past values. Outputs y, all keys, all values, scores.
struct MultiHeadAttention {
    static constexpr std::string_view name = "MultiHeadAttention";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "MultiHeadAttention"}};
    struct Attributes {
        int64_t num_heads = 1, unidirectional = 0;
        float scale = 0.f, mask_filter_value = -10000.f;
        template <class V> void visit(V& v) {
            v("num_heads", num_heads);
            v("unidirectional", unidirectional);
            v("scale", scale);
            v("mask_filter_value", mask_filter_value);
        }
    };
    static void infer(InferContext& c) {
        const int64_t heads = c.attributes<Attributes>().num_heads;
        const Shape& q = c.shape(0);
        c.check_that(q.rank() == 3 && c.has_input(1) && c.has_input(2) && heads > 0, "its query is ", q, " (packed queries, keys and values are not supported)");
        const Shape k = Attention::heads_shape(c.shape(1), heads, c.where()), v = Attention::heads_shape(c.shape(2), heads, c.where());
        const int64_t past = c.has_input(6) ? c.shape(6).at(2) : 0, total = past < 0 || k[2] < 0 ? kUnknown : past + k[2];
        c.output(0, c.input(0).dtype, Shape{q[0], q[1], v[3] < 0 ? kUnknown : heads * v[3]});
        c.output(1, c.input(0).dtype, Shape{q[0], heads, total, k[3]});
        c.output(2, c.input(0).dtype, Shape{q[0], heads, total, v[3]});
        c.output(3, c.input(0).dtype, Shape{q[0], heads, q[1], total});
    }
    static bool spell(Graph& g, const Node& n, std::vector<Node>& made) { return detail::AttentionSpeller(g, n, made).multi_head(); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const int64_t heads = a.num_heads;
        const Shape q = Attention::heads_shape(c.input(0).shape, heads, c.where()), ks = Attention::heads_shape(c.input(1).shape, heads, c.where()),
                    vs = Attention::heads_shape(c.input(2).shape, heads, c.where());
        const auto bias = c.has_input(3) ? detail::doubles(c.input(3)) : std::vector<double>();
        size_t from = 0;
        const auto load = [&](size_t i, const Shape& s) {
            auto x = detail::doubles(c.input(i));
            const int64_t n = heads * s[3];
            if (c.input(i).shape.rank() == 4) return x;
            if (!bias.empty()) detail::add_columns(x, bias, from, n);
            from += detail::at(n);
            return detail::heads_first(x, s[0], heads, s[2], s[3]);
        };
        const auto queries = load(0, q);
        auto k = load(1, ks), v = load(2, vs);
        const int64_t past = c.has_input(6) ? c.input(6).shape[2] : 0;
        if (past) {
            k = detail::with_past(detail::doubles(c.input(6)), k, q[0] * heads);
            v = detail::with_past(detail::doubles(c.input(7)), v, q[0] * heads);
        }
        const detail::HeadProducts p{q[0], heads, heads, q[2], past + ks[2], q[3], vs[3]};
        detail::KeyMask mask;
        if (c.has_input(4)) mask = {detail::integers(c.input(4)), c.input(4).shape, double{a.mask_filter_value}};
        const auto extra = c.has_input(5) ? detail::doubles(c.input(5)) : std::vector<double>();
        const Shape es = c.has_input(5) ? c.input(5).shape : Shape();
        const double scale = a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(p.size));
        std::vector<double> scores;
        detail::AttendOptions options;
        if (c.has_output(3)) options.scores = &scores;
        options.masked = double{std::numeric_limits<float>::lowest()};
        const auto y = detail::attend(p, queries, k, v, scale, options, [&](int64_t b, int64_t h, int64_t i, int64_t j) {
            if (a.unidirectional && detail::is_future(i, j, past, p.length)) return detail::kMasked;
            return mask(b, i, j, p.batch, p.length) + detail::score_bias(extra, es, b, h, i, j);
        });
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{q[0], q[2], heads * vs[3]}), detail::heads_last(y, q[0], heads, q[2], vs[3]));
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(0).dtype, Shape{q[0], heads, p.kv_length, q[3]}), k);
        if (c.has_output(2)) detail::put_doubles(c.output(2, c.input(0).dtype, Shape{q[0], heads, p.kv_length, vs[3]}), v);
        if (c.has_output(3)) detail::put_doubles(c.output(3, c.input(0).dtype, Shape{q[0], heads, q[2], p.kv_length}), scores);
    }
};

// The weights [K, N] of MatMulNBits: inputs are [N, blocks, bytes of a block], scales and zero points (packed as the weights are, or
// floats) of the blocks, and for each of the K rows the block whose scale and zero point are its own.
struct DequantizeNBits {
    static constexpr std::string_view name = "DequantizeNBits";
    static constexpr Spelling spellings[] = {{"onnx", "lite", "DequantizeNBits"}};
    struct Attributes {
        int64_t K = 0, N = 0, bits = 4, block_size = 32;
        template <class V> void visit(V& v) {
            v("K", K);
            v("N", N);
            v("bits", bits);
            v("block_size", block_size);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        c.check_that((a.bits == 2 || a.bits == 4 || a.bits == 8) && a.K > 0 && a.N > 0 && a.K <= kMaxElements && a.N <= kMaxElements && a.block_size >= 16 && a.block_size <= a.K * 2 + 4096,
                     "weights of ", a.K, " by ", a.N, " with ", a.bits, " bits in blocks of ", a.block_size);
        c.output(0, c.input(1).dtype, Shape{a.K, a.N});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const int64_t blocks = (a.K + a.block_size - 1) / a.block_size, per_byte = 8 / a.bits, bytes = (a.block_size * a.bits + 7) / 8, zero_bytes = (blocks * a.bits + 7) / 8;
        const bool zeros = c.has_input(2), packed = zeros && c.input(2).dtype == DType::u8;
        c.check_that(c.input(0).count() == a.N * blocks * bytes && c.input(1).count() == a.N * blocks && (!zeros || c.input(2).count() == a.N * (packed ? zero_bytes : blocks)),
                     "weights ", c.input(0).shape, ", scales ", c.input(1).shape, " do not fit ", a.K, " by ", a.N, " in blocks of ", a.block_size);
        const auto groups = c.has_input(3) ? detail::integers(c.input(3)) : std::vector<int64_t>();
        c.check_that(groups.empty() || static_cast<int64_t>(groups.size()) >= a.K, "its group index has ", static_cast<int64_t>(groups.size()), " elements for ", a.K, " rows");
        for (int64_t g : groups) c.check_that(g >= 0 && g < blocks, "group ", g, " is none of ", blocks);
        const auto* w = c.input(0).as<const uint8_t>();
        const auto scale = detail::doubles(c.input(1)), zero = zeros && !packed ? detail::doubles(c.input(2)) : std::vector<double>();
        const auto field = [&](const uint8_t* p, int64_t i) { return (p[i / per_byte] >> (i % per_byte * a.bits)) & ((1 << a.bits) - 1); };
        const TensorView y = c.output(0, c.input(1).dtype, Shape{a.K, a.N});
        std::vector<double> out(detail::at(a.K * a.N));
        for (int64_t n = 0; n < a.N; ++n)
            for (int64_t k = 0; k < a.K; ++k) {
                const int64_t group = groups.empty() ? k / a.block_size : groups[detail::at(k)], block = n * blocks + group;
                const double z = !zeros ? static_cast<double>(1 << (a.bits - 1))
                                 : packed ? field(c.input(2).as<const uint8_t>() + n * zero_bytes, group) : zero[detail::at(block)];
                out[detail::at(k * a.N + n)] = (field(w + (n * blocks + k / a.block_size) * bytes, k % a.block_size) - z) * scale[detail::at(block)];
            }
        detail::put_doubles(y, out);
    }
};

LITE_NAMESPACE_END
#endif
