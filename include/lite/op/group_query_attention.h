// GroupQueryAttention of com.microsoft: the attention of decoders, with a cache of keys and values and rotary embedding.
#ifndef LITE_OP_GROUP_QUERY_ATTENTION_H_
#define LITE_OP_GROUP_QUERY_ATTENTION_H_
#include "lite/op/contrib_attention.h"
#include "lite/op/fused_attention.h"

LITE_NAMESPACE_BEGIN

// Queries and keys with rotary embedding, heads of keys that serve several of queries, a cache of known filling. Inputs query, key,
// value (or all three packed in the first), past keys, past values [batch, heads, room, size], last filled place of each sequence,
// length of the longest, cosines, sines, places of the queries [batch, length], bias of scores, for each head the score of a key whose
// value is zero. Outputs y, keys, values, and by qk_output the scores (1) or probabilities (2).
struct GroupQueryAttention {
    static constexpr std::string_view name = "GroupQueryAttention";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "GroupQueryAttention"}};
    struct Attributes {
        int64_t num_heads = 1, kv_num_heads = 1, do_rotary = 0, rotary_interleaved = 0, local_window_size = -1, smooth_softmax = 0, causal = 1, qk_output = 0,
                sliding_window_cache = 0;
        float scale = 0.f, softcap = 0.f;
        std::string k_quant_type = "NONE", v_quant_type = "NONE";
        template <class V> void visit(V& v) {
            v("num_heads", num_heads);
            v("kv_num_heads", kv_num_heads);
            v("do_rotary", do_rotary);
            v("rotary_interleaved", rotary_interleaved);
            v("local_window_size", local_window_size);
            v("smooth_softmax", smooth_softmax);
            v("causal", causal);
            v("qk_output", qk_output);
            v("sliding_window_cache", sliding_window_cache);
            v("scale", scale);
            v("softcap", softcap);
            v("k_quant_type", k_quant_type);
            v("v_quant_type", v_quant_type);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& q = c.shape(0);
        c.check_that(q.rank() == 3 && a.kv_num_heads > 0 && a.num_heads > 0 && a.num_heads <= kMaxElements && a.num_heads % a.kv_num_heads == 0, "its query is ", q, ", it has ",
                     a.num_heads, " and ", a.kv_num_heads, " heads");
        const int64_t all = c.has_input(1) ? a.num_heads : a.num_heads + 2 * a.kv_num_heads;
        c.check_that(q[2] != 0 && (q[2] < 0 || q[2] % all == 0), "its query is ", q, " for ", all, " heads");
        c.check_that(a.k_quant_type == "NONE" && a.v_quant_type == "NONE" && !a.sliding_window_cache, "a quantized cache and a sliding one are not supported");
        for (size_t i = 12; i < c.input_count(); ++i) c.check_that(!c.has_input(i), "input ", i, " is not supported");
        const int64_t size = q[2] < 0 ? kUnknown : q[2] / all, room = c.has_input(3) ? c.shape(3).at(2) : 0;
        const Array* total = c.value(6);
        const int64_t length = room < 0 || !total ? kUnknown : std::max(room, total->scalar_value<int64_t>());
        c.output(0, c.input(0).dtype, Shape{q[0], q[1], size < 0 ? kUnknown : a.num_heads * size});
        for (size_t i = 1; i < 3; ++i) c.output(i, c.input(0).dtype, Shape{q[0], a.kv_num_heads, length, size});
        c.output(3, c.input(0).dtype, Shape{q[0], a.num_heads, q[1], length});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t batch = s[0], length = s[1], heads = a.num_heads, kv = a.kv_num_heads, size = s[2] / (c.has_input(1) ? heads : heads + 2 * kv);
        const int64_t room = c.has_input(3) ? c.input(3).shape[2] : 0, total = std::max(room, c.input(6).scalar<int64_t>());
        const auto x = detail::doubles(c.input(0));
        const auto load = [&](size_t i, int64_t first, int64_t n) {  // heads [first, first + n) of a packed query, or input i
            if (c.has_input(1)) return detail::heads_first(i ? detail::doubles(c.input(i)) : x, batch, n, length, size);
            std::vector<double> part;
            for (int64_t r = 0; r < batch * length; ++r) part.insert(part.end(), x.begin() + r * s[2] + first * size, x.begin() + r * s[2] + (first + n) * size);
            return detail::heads_first(part, batch, n, length, size);
        };
        auto q = load(0, 0, heads), k = load(1, heads, kv), v = load(2, heads + kv, kv);
        const auto last = detail::integers(c.input(5));
        const auto old_k = room ? detail::doubles(c.input(3)) : std::vector<double>(), old_v = room ? detail::doubles(c.input(4)) : std::vector<double>();
        const auto co = a.do_rotary ? detail::doubles(c.input(7)) : std::vector<double>(), si = a.do_rotary ? detail::doubles(c.input(8)) : std::vector<double>();
        const int64_t half = a.do_rotary ? c.input(7).shape.back() : 0;
        if (room) {
            detail::check_count(old_k, batch * kv * room * size);
            detail::check_count(old_v, batch * kv * room * size);
        }
        const auto places = c.has_input(9) ? detail::integers(c.input(9)) : std::vector<int64_t>();
        c.check_that(places.empty() || static_cast<int64_t>(places.size()) == batch * length, "its places are ", static_cast<int64_t>(places.size()), " for ", batch, " sequences of ",
                     length);
        c.check_that(static_cast<int64_t>(last.size()) >= batch && 2 * half <= size, "it has ", static_cast<int64_t>(last.size()), " lengths for a batch of ", batch);
        std::vector<double> keys(detail::at(batch * kv * total * size)), values(keys.size());
        std::vector<int64_t> past(detail::at(batch));
        for (int64_t b = 0; b < batch; ++b) {
            const int64_t filled = last[detail::at(b)] + 1, before = std::max<int64_t>(filled - length, 0);
            c.check_that(filled >= 0 && before <= room && before + length <= total, "sequence ", b, " has ", filled, " keys, there is room for ", total);
            past[detail::at(b)] = before;
            const auto turn = [&](std::vector<double>& t, int64_t n) {
                for (int64_t h = 0; h < n; ++h)
                    for (int64_t i = 0; i < length; ++i)
                        for (int64_t d = 0; d < half; ++d) {
                            const int64_t place = places.empty() ? before + i : places[detail::at(b * length + i)];
                            c.check_that(place >= 0 && place < kMaxElements, "a query has the place ", place);
                            const size_t row = detail::at(place * half + d), from = detail::at(((b * n + h) * length + i) * size);
                            const size_t p = from + detail::at(a.rotary_interleaved ? 2 * d : d), r = from + detail::at(a.rotary_interleaved ? 2 * d + 1 : half + d);
                            c.check_that(row < co.size() && row < si.size(), "its tables of angles are too short");
                            const double u = t[p], w = t[r];
                            t[p] = co[row] * u - si[row] * w;
                            t[r] = si[row] * u + co[row] * w;
                        }
            };
            turn(q, heads);
            turn(k, kv);
            for (int64_t h = 0; h < kv; ++h) {
                const int64_t to = (b * kv + h) * total * size;
                if (room) {
                    std::copy_n(old_k.begin() + (b * kv + h) * room * size, before * size, keys.begin() + to);
                    std::copy_n(old_v.begin() + (b * kv + h) * room * size, before * size, values.begin() + to);
                }
                std::copy_n(k.begin() + (b * kv + h) * length * size, length * size, keys.begin() + to + before * size);
                std::copy_n(v.begin() + (b * kv + h) * length * size, length * size, values.begin() + to + before * size);
            }
        }
        const detail::HeadProducts p{batch, heads, kv, length, total, size, size};
        const double scale = a.scale != 0 ? double{a.scale} : 1 / std::sqrt(static_cast<double>(size));
        const auto extra = c.has_input(10) ? detail::doubles(c.input(10)) : std::vector<double>();
        const Shape es = c.has_input(10) ? c.input(10).shape : Shape();
        detail::AttendOptions options;
        options.softcap = double{a.softcap};
        if (c.has_input(11)) options.sinks = detail::doubles(c.input(11));
        else if (a.smooth_softmax > 0) options.sinks.resize(detail::at(heads));
        c.check_that(options.sinks.empty() || static_cast<int64_t>(options.sinks.size()) == heads, "its sinks are ", static_cast<int64_t>(options.sinks.size()), " for ", heads, " heads");
        std::vector<double> shown;
        if (c.has_output(3)) (a.qk_output == 2 ? options.probabilities : options.scores) = &shown;
        const auto y = detail::attend(p, q, keys, values, scale, options, [&](int64_t b, int64_t h, int64_t i, int64_t j) {
            const int64_t position = past[detail::at(b)] + i;
            if (a.causal ? j > position : j > last[detail::at(b)]) return detail::kMasked;
            return a.local_window_size >= 0 && j <= position - a.local_window_size ? detail::kMasked : detail::score_bias(extra, es, b, h, i, j);
        });
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{batch, length, heads * size}), detail::heads_last(y, batch, heads, length, size));
        if (c.has_output(1)) detail::put_doubles(c.output(1, c.input(0).dtype, Shape{batch, kv, total, size}), keys);
        if (c.has_output(2)) detail::put_doubles(c.output(2, c.input(0).dtype, Shape{batch, kv, total, size}), values);
        if (c.has_output(3)) detail::put_doubles(c.output(3, c.input(0).dtype, Shape{batch, heads, length, total}), shown);
    }
};

// Rotates queries and keys, writes what is new behind the cache, and lets FusedAttention's kernel do the rest, a sequence at a time.
template <> struct Kernel<GroupQueryAttention, NCHW, float> {
    static constexpr std::string_view name = "attention/group";
    using Attention = Kernel<FusedAttention, NCHW, float>;
    struct State {
        GroupQueryAttention::Attributes attributes;
        size_t batch = 0, length = 0, heads = 0, kv = 0, size = 0, room = 0, total = 0, half = 0, angles = 0;
        size_t q = 0, k = 0, v = 0, mask = 0, inner = 0;  // in the workspace, in floats
        bool packed = false;
        Attention::State attention;
    };
    static bool applicable(const NodeInfo& n) {
        for (size_t i = 0; i < n.inputs.size(); ++i)
            if (n.has_input(i) && !n.input(i).shape_known()) return false;
        for (const TensorInfo& t : n.outputs)
            if (t && !t.shape_known()) return false;
        const auto a = n.attributes<GroupQueryAttention::Attributes>();
        // Without room and keys there is nothing to attend to; the length of the keys is that of output 1.
        for (size_t i = 10; i < n.inputs.size(); ++i)
            if (n.has_input(i)) return false;
        if (n.has_input(9) && (n.input(9).dtype != DType::i64 || n.input(9).shape != Shape{n.output().shape[0], n.output().shape[1]})) return false;
        return a.softcap == 0 && a.causal && a.smooth_softmax <= 0 && (n.outputs.size() < 4 || !n.outputs[3]) && n.outputs.size() > 1 && n.outputs[1] && n.outputs[1].shape[2] > 0 && n.input(5).dtype == DType::i32 &&
               (!a.do_rotary || (n.has_input(7) && n.has_input(8) && n.input(7).shape.rank() == 2 && n.input(7).shape == n.input(8).shape && n.input(7).shape[0] > 0 &&
                                 2 * n.input(7).shape[1] <= n.outputs[1].shape[3]));
    }
    static double cost(const NodeInfo& n) {
        const Shape &q = n.output().shape, &k = n.outputs[1].shape;
        return 1000 + static_cast<double>(q.count()) * static_cast<double>(k[2]) / n.bricks->lanes;
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s;
        s.attributes = n.attributes<GroupQueryAttention::Attributes>();
        const Shape &q = n.output().shape, &keys = n.outputs[1].shape;
        s.batch = detail::at(q[0]);
        s.length = detail::at(q[1]);
        s.heads = detail::at(s.attributes.num_heads);
        s.kv = detail::at(s.attributes.kv_num_heads);
        s.size = detail::at(keys[3]);
        s.total = detail::at(keys[2]);
        s.room = n.has_input(3) ? detail::at(n.input(3).shape[2]) : 0;
        s.packed = !n.has_input(1);
        if (s.attributes.do_rotary) {
            s.half = detail::at(n.input(7).shape[1]);
            s.angles = detail::at(n.input(7).shape[0]);
        }
        FusedAttention::Attributes a;
        a.scale = s.attributes.scale != 0 ? s.attributes.scale : static_cast<float>(1 / std::sqrt(static_cast<double>(s.size)));
        a.q_time_first = a.y_time_first = 1;
        Node one;
        one.name = n.node->name;
        one.attributes = write_attributes(a);
        const auto info = [](const Shape& shape) { return TensorInfo{DType::f32, shape, true, nullptr, LayoutTag::nchw}; };
        const Shape rows{1, q[1], s.attributes.num_heads, keys[3]}, cache{1, keys[1], keys[2], keys[3]};
        const TensorInfo in[] = {info(rows), info(cache), info(cache), info({q[1], keys[2]})}, out[] = {info(rows)};
        PrepareContext inner;
        inner.weights = c.weights;
        s.attention = Attention::prepare(NodeInfo{&one, in, out, n.bricks, n.threads}, inner);
        size_t floats = 0;
        const auto take = [&](size_t count) {
            const size_t at = floats;
            floats += (count + 15) / 16 * 16;
            return at;
        };
        s.q = take(s.length * s.heads * s.size);
        s.v = take(n.outputs.size() > 2 && n.outputs[2] ? 0 : s.kv * s.total * s.size);
        s.mask = take(s.length * s.total);
        s.inner = take(inner.workspace_bytes / sizeof(float));
        c.need_workspace(floats * sizeof(float));
        return s;
    }
    // `n` floats of one head at `position`, rotated by the angles of that position.
    static void rotate(const State& s, const RunContext& c, size_t position, const float* from, float* to) noexcept {
        std::memcpy(to, from, s.size * sizeof(float));
        const size_t row = std::min(position, s.angles - 1) * s.half;
        const float *co = c.input(7).as<float>() + row, *si = c.input(8).as<float>() + row;
        for (size_t d = 0; d < s.half; ++d) {
            const size_t i = s.attributes.rotary_interleaved ? 2 * d : d, j = s.attributes.rotary_interleaved ? 2 * d + 1 : s.half + d;
            to[i] = co[d] * from[i] - si[d] * from[j];
            to[j] = si[d] * from[i] + co[d] * from[j];
        }
    }
    static void run(const State& s, const RunContext& c) noexcept {
        float* const work = reinterpret_cast<float*>(c.workspace);
        const size_t row = s.packed ? (s.heads + 2 * s.kv) * s.size : s.heads * s.size, kv_row = s.packed ? row : s.kv * s.size, cache = s.kv * s.total * s.size;
        for (size_t b = 0; b < s.batch; ++b) {
            // How many keys stand before the new ones. The reference refuses lengths that do not fit; here they are bounded.
            const int64_t filled = int64_t{c.input(5).as<const int32_t>()[b]} + 1 - static_cast<int64_t>(s.length);
            const size_t before = static_cast<size_t>(std::clamp<int64_t>(filled, 0, static_cast<int64_t>(std::min(s.room, s.total - std::min(s.total, s.length)))));
            const size_t fresh = std::min(s.length, s.total - before);
            const float* q = c.input(0).as<float>() + b * s.length * row;
            const float* k = s.packed ? q + s.heads * s.size : c.input(1).as<float>() + b * s.length * kv_row;
            const float* v = s.packed ? k + s.kv * s.size : c.input(2).as<float>() + b * s.length * kv_row;
            float* keys = c.output(1).as<float>() + b * cache;
            const int64_t* places = c.has_input(9) ? c.input(9).as<const int64_t>() + b * s.length : nullptr;
            const auto place = [&](size_t i) { return places ? static_cast<size_t>(std::max<int64_t>(places[i], 0)) : before + i; };
            float* values = c.has_output(2) ? c.output(2).as<float>() + b * cache : work + s.v;
            for (size_t h = 0; h < s.kv; ++h) {
                float *kh = keys + h * s.total * s.size, *vh = values + h * s.total * s.size;
                const size_t past = (b * s.kv + h) * s.room * s.size;
                if (before) std::memcpy(kh, c.input(3).as<float>() + past, before * s.size * sizeof(float));
                if (before) std::memcpy(vh, c.input(4).as<float>() + past, before * s.size * sizeof(float));
                for (size_t i = 0; i < fresh; ++i) {
                    const float* from = k + i * kv_row + h * s.size;
                    float* to = kh + (before + i) * s.size;
                    if (s.half) rotate(s, c, place(i), from, to);
                    else std::memcpy(to, from, s.size * sizeof(float));
                    std::memcpy(vh + (before + i) * s.size, v + i * kv_row + h * s.size, s.size * sizeof(float));
                }
                const size_t end = (before + fresh) * s.size, rest = (s.total * s.size - end) * sizeof(float);
                std::memset(kh + end, 0, rest);
                std::memset(vh + end, 0, rest);
            }
            for (size_t i = 0; i < s.length; ++i) {
                for (size_t h = 0; h < s.heads; ++h) {
                    const float* from = q + i * row + h * s.size;
                    float* to = work + s.q + (i * s.heads + h) * s.size;
                    if (s.half) rotate(s, c, place(i), from, to);
                    else std::memcpy(to, from, s.size * sizeof(float));
                }
                float* mask = work + s.mask + i * s.total;
                const size_t here = before + i, window = s.attributes.local_window_size < 0 ? s.total : static_cast<size_t>(s.attributes.local_window_size);
                for (size_t j = 0; j < s.total; ++j) mask[j] = j > here || j + window <= here ? -__builtin_inff() : 0.f;
            }
            const auto view = [](float* p, const Shape& shape) { return TensorView{p, DType::f32, shape, LayoutTag::nchw}; };
            const int64_t length = static_cast<int64_t>(s.length), total = static_cast<int64_t>(s.total), size = static_cast<int64_t>(s.size);
            const Shape rows{1, length, s.attributes.num_heads, size}, held{1, s.attributes.kv_num_heads, total, size};
            TensorView in[] = {view(work + s.q, rows), view(keys, held), view(values, held), view(work + s.mask, {length, total})};
            TensorView out[] = {view(c.output(0).as<float>() + b * s.length * s.heads * s.size, rows)};
            RunContext one = c;
            one.inputs = in;
            one.outputs = out;
            one.workspace = reinterpret_cast<std::byte*>(work + s.inner);
            Attention::run(s.attention, one);
        }
    }
};

LITE_NAMESPACE_END
#endif
