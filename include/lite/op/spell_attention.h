// The attention operators of ONNX and of ONNX Runtime, spelled out in matrix products and FusedAttention where shapes are known.
#ifndef LITE_OP_SPELL_ATTENTION_H_
#define LITE_OP_SPELL_ATTENTION_H_
#include "lite/base/elemwise_mode.h"
#include "lite/op/fused_attention.h"
#include "lite/op/registry.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// Writes to `made` the nodes that do what the node does. False where the node is left to its reference: in other types, with unknown
// shapes, or with options that FusedAttention lacks.
class AttentionSpeller {
public:
    AttentionSpeller(Graph& graph, const Node& node, std::vector<Node>& nodes) : g(graph), n(node), made(nodes) {}
    // Of ai.onnx.
    bool attention() {
        for (size_t i = 0; i < 3; ++i)
            if (in(i) == kNoValue || !absent_or(i, DType::f32)) return false;
        const bool flag = in(3) != kNoValue && g.value(in(3)).dtype == DType::boolean;
        if (!absent_or(3, flag ? DType::boolean : DType::f32) || !absent_or(4, DType::f32) || !absent_or(5, DType::f32) || in(6) != kNoValue || out(3) != kNoValue ||
            real("softcap", 0.f) != 0 || number("left_window_size", -1) >= 0 || number("right_window_size", -1) >= 0)
            return false;
        Heads q, k, v;
        if (!split_heads(in(0), shape(0), number("q_num_heads", 0), q) || !split_heads(in(1), shape(1), number("kv_num_heads", 0), k) ||
            !split_heads(in(2), shape(2), number("kv_num_heads", 0), v))
            return false;
        const int64_t past = in(4) != kNoValue ? shape(4).at(2) : 0;
        extend(k, in(4), past, out(1));
        extend(v, in(5), past, out(2));
        ValueId mask = in(3);
        if (mask != kNoValue && (shape(3).rank() == 0 || shape(3).back() != k.time)) return false;  // shorter ones leave keys out
        if (flag) mask = chosen(mask, -__builtin_inff());
        if (number("is_causal", 0)) mask = sum(mask, causal(q.time, k.time, past, q.time));
        attend(q, k, v, mask, real("scale", 0.f), shape(0).rank() == 3);
        return true;
    }
    // Of com.microsoft.
    bool multi_head() {
        for (size_t i = 0; i < 3; ++i)
            if (in(i) == kNoValue || !absent_or(i, DType::f32)) return false;
        if (!absent_or(6, DType::f32) || !absent_or(7, DType::f32) || (in(6) == kNoValue) != (in(7) == kNoValue) || out(3) != kNoValue) return false;
        const int64_t heads = number("num_heads", 1);
        Heads all[3];
        int64_t from = 0;
        for (size_t i = 0; i < 3; ++i) {
            ValueId x = in(i);
            if (shape(i).rank() == 3 && in(3) != kNoValue) {
                const Value& bias = g.value(in(3));
                if (!bias.is_constant() || bias.dtype != DType::f32 || bias.constant.count() < from + shape(i)[2]) return false;
                x = add("Add", {x, columns(in(3), from, shape(i)[2])});
                from += shape(i)[2];
            }
            if (!split_heads(x, shape(i), heads, all[i])) return false;
        }
        const int64_t past = in(6) != kNoValue ? shape(6).at(2) : 0;
        extend(all[1], in(6), past, out(1));
        extend(all[2], in(7), past, out(2));
        return finish(all[0], all[1], all[2], 4, past);
    }
    bool projected() {
        if (in(0) == kNoValue || !absent_or(0, DType::f32) || in(1) == kNoValue || !g.value(in(1)).is_constant() || !absent_or(1, DType::f32) || !absent_or(4, DType::f32) ||
            (in(2) != kNoValue && !g.value(in(2)).is_constant()) || !absent_or(2, DType::f32))
            return false;
        const int64_t heads = number("num_heads", 1);
        const auto sizes = n.attributes.get<std::vector<int64_t>>("qkv_hidden_sizes", {});
        const int64_t qk = sizes.size() == 3 ? sizes[0] : shape(1)[1] / 3;
        const int64_t width[3] = {qk, qk, shape(1)[1] - 2 * qk};
        Heads all[3];
        for (int64_t i = 0, from = 0; i < 3; from += width[i++]) {
            ValueId x = add("MatMul", {in(0), columns(in(1), from, width[i])});
            if (in(2) != kNoValue) x = add("Add", {x, columns(in(2), from, width[i])});
            if (!split_heads(x, {shape(0)[0], shape(0)[1], width[i]}, heads, all[i])) return false;
        }
        const int64_t past = in(4) != kNoValue ? shape(4).at(3) : 0;
        if (in(4) != kNoValue || out(1) != kNoValue) {
            ValueId both[2];
            for (size_t i = 0; i < 2; ++i) {
                Heads& h = all[i + 1];
                ValueId old = kNoValue;
                if (in(4) != kNoValue) {
                    const int64_t first = static_cast<int64_t>(i);
                    old = reshaped(add("Gather", {in(4), constant(Array::scalar(first))}), {h.batch, h.heads, past, h.size});
                }
                if (old == kNoValue) h.value = turned(h.value), h.time_first = false;
                else extend(h, old, past, kNoValue);
                both[i] = out(1) == kNoValue ? kNoValue : reshaped(h.value, {1, h.batch, h.heads, h.time, h.size});
            }
            if (out(1) != kNoValue) joined(both[0], both[1], 0, out(1));
        }
        return finish(all[0], all[1], all[2], 3, past);
    }

private:
    Graph& g;
    const Node& n;
    std::vector<Node>& made;

    ValueId in(size_t i) const { return i < n.inputs.size() ? n.inputs[i] : kNoValue; }
    ValueId out(size_t i) const { return i < n.outputs.size() ? n.outputs[i] : kNoValue; }
    Shape shape(size_t i) const { return g.value(in(i)).shape; }  // a copy: values move when others are added
    int64_t number(const char* key, int64_t otherwise) const { return n.attributes.get<int64_t>(key, otherwise); }
    float real(const char* key, float otherwise) const { return n.attributes.get<float>(key, otherwise); }
    // The input is absent, or of that type and of known shape.
    bool absent_or(size_t i, DType t) const { return in(i) == kNoValue || (g.value(in(i)).dtype == t && g.value(in(i)).shape_known()); }
    ValueId add(std::string_view op, std::vector<ValueId> inputs, Attributes a = {}, ValueId to = kNoValue) {
        const auto [found, mode] = registry().find("onnx", "", op);
        Node node;
        node.op = found ? found : &registry().named(op);
        node.name = text(n.name, '/', op, '_', made.size());
        node.inputs = std::move(inputs);
        node.outputs = {to == kNoValue ? g.add_value(node.name) : to};
        node.attributes = std::move(a);
        if (found && mode >= 0) node.attributes.set("mode", mode);
        made.push_back(std::move(node));
        return made.back().outputs[0];
    }
    ValueId constant(Array a) { return g.add_constant(text(n.name, "/constant"), std::move(a)); }
    ValueId reshaped(ValueId v, const Shape& s, ValueId to = kNoValue) { return add("Reshape", {v, constant(Array::vector_i64(s.vector()))}, {}, to); }
    ValueId turned(ValueId v, ValueId to = kNoValue) {  // heads and time exchanged
        Attributes a;
        a.set("perm", std::vector<int64_t>{0, 2, 1, 3});
        return add("Transpose", {v}, std::move(a), to);
    }
    ValueId joined(ValueId first, ValueId second, int64_t axis, ValueId to = kNoValue) {
        Attributes a;
        a.set("axis", axis);
        return add("Concat", {first, second}, std::move(a), to);
    }
    ValueId sum(ValueId a, ValueId b) { return a == kNoValue ? b : b == kNoValue ? a : add("Add", {a, b}); }
    // Columns [from, from + count) of a constant whose last axis they are; equal ones have one identity, so that weights packed for
    // one set of shapes serve the next.
    ValueId columns(ValueId v, int64_t from, int64_t count) {
        const Array all = g.value(v).constant;
        const int64_t width = all.shape().back(), rows = all.count() / std::max<int64_t>(width, 1);
        Shape s = all.shape();
        s[s.rank() - 1] = count;
        Array part = Array::uninitialized(all.dtype(), s);
        const size_t es = size_of(all.dtype());
        for (int64_t r = 0; r < rows; ++r)
            std::memcpy(part.mutable_data() + static_cast<size_t>(r * count) * es, all.data() + static_cast<size_t>(r * width + from) * es, static_cast<size_t>(count) * es);
        return constant(part.with_identity(derived_identity(all.identity(), lasting_identity(mix(static_cast<uint64_t>(from) + 1, static_cast<uint64_t>(count))))));
    }
    // 0 where a query of the row sees the key of the column, else minus infinity: the first `rows` see none behind their own place.
    ValueId causal(int64_t queries, int64_t keys, int64_t past, int64_t rows) {
        Array mask = Array::zeros(DType::f32, {queries, keys});
        auto* m = reinterpret_cast<float*>(mask.mutable_data());
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = past + i + 1; j < keys; ++j) m[i * keys + j] = -__builtin_inff();
        return constant(mask);
    }
    ValueId chosen(ValueId keep, float otherwise) { return add("Where", {keep, constant(Array::scalar(0.f)), constant(Array::scalar(otherwise))}); }

    // Queries, keys and values with their places in memory, [batch, heads, time, size] or time first.
    struct Heads {
        ValueId value = kNoValue;
        int64_t batch = 0, heads = 0, time = 0, size = 0;
        bool time_first = false;
    };
    // Of [batch, time, heads * size], or [batch, heads, time, size].
    bool split_heads(ValueId v, Shape s, int64_t heads, Heads& h) {
        if (s.rank() == 4) {
            h = {v, s[0], s[1], s[2], s[3], false};
            return true;
        }
        if (s.rank() != 3 || heads <= 0 || s[2] % heads != 0) return false;
        h = {reshaped(v, {s[0], s[1], heads, s[2] / heads}), s[0], heads, s[1], s[2] / heads, true};
        return true;
    }
    // `past` [batch, heads, time, size] in front, and all of it to `present`, which may be absent.
    void extend(Heads& h, ValueId past, int64_t past_time, ValueId present) {
        if (past == kNoValue && present == kNoValue) return;
        if (past == kNoValue) {
            if (h.time_first) turned(h.value, present);
            else add("Identity", {h.value}, {}, present);
            return;
        }
        h.value = joined(past, h.time_first ? turned(h.value) : h.value, 2, present);
        h.time += past_time;
        h.time_first = false;
    }
    // The attention itself; `packed`: to [batch, time, heads * size].
    void attend(const Heads& q, const Heads& k, const Heads& v, ValueId mask, float scale, bool packed) {
        FusedAttention::Attributes a;
        a.scale = scale != 0 ? scale : static_cast<float>(1 / std::sqrt(static_cast<double>(q.size)));
        a.q_time_first = q.time_first;
        a.k_time_first = k.time_first;
        a.v_time_first = v.time_first;
        a.y_time_first = packed;
        std::vector<ValueId> inputs{q.value, k.value, v.value};
        if (mask != kNoValue) inputs.push_back(mask);
        const ValueId y = add(FusedAttention::name, std::move(inputs), write_attributes(a), packed ? kNoValue : out(0));
        if (packed) reshaped(y, {q.batch, q.time, q.heads * v.size}, out(0));
    }

    // What a mask of com.microsoft adds, as [batch, 1, 1 or queries, keys]: of how many keys count, or of those that do.
    bool key_mask(size_t i, int64_t batch, int64_t queries, int64_t keys, ValueId& mask) {
        if (in(i) == kNoValue) return true;
        if (!absent_or(i, DType::i32)) return false;
        const float masked = real("mask_filter_value", -10000.f);
        const Shape s = shape(i);
        if (s == Shape{batch}) {
            Array places = Array::zeros(DType::i32, {1, 1, 1, keys});
            for (int64_t j = 0; j < keys; ++j) reinterpret_cast<int32_t*>(places.mutable_data())[j] = static_cast<int32_t>(j);
            mask = chosen(add("Less", {constant(places), reshaped(in(i), {batch, 1, 1, 1})}), masked);
            return true;
        }
        if (!(s == Shape{batch, keys}) && !(s == Shape{batch, queries, keys})) return false;
        Attributes to;
        to.set("to", int64_t{9});
        mask = chosen(add("Cast", {reshaped(in(i), {batch, 1, s.rank() == 3 ? queries : 1, keys})}, std::move(to)), masked);
        return true;
    }
    bool finish(Heads& q, Heads& k, Heads& v, size_t mask_input, int64_t past) {
        ValueId mask = kNoValue;
        if (!key_mask(mask_input, q.batch, q.time, k.time, mask) || !absent_or(5, DType::f32)) return false;
        if (in(5) != kNoValue) {
            if (shape(5).rank() != 4 || shape(5)[2] != q.time || shape(5)[3] != k.time) return false;
            mask = sum(mask, in(5));
        }
        if (number("unidirectional", 0)) mask = sum(mask, causal(q.time, k.time, past, q.time - 1));  // in com.microsoft the last sees all
        attend(q, k, v, mask, real("scale", 0.f), true);
        return true;
    }
};

}  // namespace detail

LITE_NAMESPACE_END
#endif
