// What the operators of .mge files are made with: variables with their types and packings, and nodes of ours that are inferred as
// they are added.
#ifndef LITE_FORMAT_MGE_BUILDER_H_
#define LITE_FORMAT_MGE_BUILDER_H_
#include "lite/format/mge_wire.h"
#include "lite/op/infer.h"
#include "lite/op/onnx_types.h"
#include "lite/op/quantization.h"
#include "lite/op/registry.h"
#include "lite/op/wide.h"

#if LITE_HAS_MGE
LITE_NAMESPACE_BEGIN
namespace detail {

// How a tensor of .mge is a packed form of N, C, H, W: [N, C/4, H, W, 4] and its like, or another order of axes.
enum class MgePacking : uint8_t { none, c4, c8, c32, c64, nhwc, chwn4, nhwcd4 };
constexpr int64_t mge_block(MgePacking p) {
    switch (p) {
        case MgePacking::c8: return 8;
        case MgePacking::c32: return 32;
        case MgePacking::c64: return 64;
        default: return 4;
    }
}

// A variable. Quantized 4-, 8- and 16-bit types are held as their integers; 16-bit floats and QuantizedS32 as the f32 numbers that they
// stand for. A packed one is held as its N, C, H, W, so that what runs on it runs in the layouts of ours.
struct MgeVar {
    ValueId id = kNoValue;
    MgeType type;
    MgePacking packing = MgePacking::none;
    explicit operator bool() const { return id != kNoValue; }
};

constexpr bool is_mge_quantized(MgeKind k) {
    switch (k) {
        case MgeKind::q8_asymm: case MgeKind::q_s8: case MgeKind::q4_asymm: case MgeKind::q_s4: case MgeKind::q_s16: case MgeKind::q_s1: return true;
        default: return false;
    }
}
// The dtype that holds the variable here.
constexpr DType held_as(MgeKind k) {
    switch (k) {
        case MgeKind::u8: case MgeKind::byte: case MgeKind::q8_asymm: case MgeKind::q4_asymm: case MgeKind::ubit4: return DType::u8;
        case MgeKind::i8: case MgeKind::q_s8: case MgeKind::q_s4: case MgeKind::bit4: case MgeKind::q_s1: case MgeKind::bit1: case MgeKind::bit2: return DType::i8;
        case MgeKind::i16: case MgeKind::q_s16: return DType::i16;
        case MgeKind::u16: return DType::u16;
        case MgeKind::i32: return DType::i32;
        case MgeKind::boolean: return DType::boolean;
        case MgeKind::complex64: return DType::none;
        default: return DType::f32;
    }
}
// The dtype that the user of the network sees.
constexpr DType shown_as(MgeKind k) {
    switch (k) {
        case MgeKind::f16: return DType::f16;
        case MgeKind::bf16: return DType::bf16;
        case MgeKind::q_s32: return DType::i32;
        default: return held_as(k);
    }
}
constexpr bool is_mge_float(MgeKind k) { return k == MgeKind::f32 || k == MgeKind::f16 || k == MgeKind::bf16; }
// The integers of a quantized type.
inline QuantRange mge_range(MgeKind k) {
    switch (k) {
        case MgeKind::q4_asymm: return {0, 15};
        case MgeKind::q_s4: return {-8, 7};
        case MgeKind::q_s1: return {-1, 1};
        default: return quant_range(held_as(k));
    }
}
constexpr MgeType mge_type(MgeKind k) { return {k, 1.f, 0}; }

// A list given in braces or as a vector, in place.
template <class T> struct MgeList : std::span<const T> {
    MgeList(std::initializer_list<T> l) : std::span<const T>(l.begin(), l.size()) {}
    MgeList(const std::vector<T>& v) : std::span<const T>(v) {}
    std::vector<T> vector() const { return {this->begin(), this->end()}; }
};
// An extent of a shape that is made: a number, or that of an axis of a value.
struct MgeExtent {
    int64_t number = 0;
    ValueId of = kNoValue;
    size_t axis = 0;
    MgeExtent(int64_t n) : number(n) {}
    MgeExtent(ValueId v, size_t a) : of(v), axis(a) {}
};
// An attribute on its way into a node; lists and tensors stay where they are until then, so that the many places that name some need
// no code for variants.
struct MgeAttribute {
    std::string_view name;
    enum class Kind : uint8_t { integer, real, text, list, any } kind;
    union {
        int64_t i;
        double f;
        const char* s;
        const std::vector<int64_t>* v;
        const AttributeValue* a;
    };
    MgeAttribute(std::string_view n, std::integral auto x) : name(n), kind(Kind::integer), i(static_cast<int64_t>(x)) {}
    MgeAttribute(std::string_view n, std::floating_point auto x) : name(n), kind(Kind::real), f(static_cast<double>(x)) {}
    MgeAttribute(std::string_view n, ElemwiseMode m) : name(n), kind(Kind::integer), i(static_cast<int64_t>(m)) {}
    MgeAttribute(std::string_view n, const char* x) : name(n), kind(Kind::text), s(x) {}
    MgeAttribute(std::string_view n, const std::vector<int64_t>& x) : name(n), kind(Kind::list), v(&x) {}
    MgeAttribute(std::string_view n, const AttributeValue& x) : name(n), kind(Kind::any), a(&x) {}
    AttributeValue value() const {
        switch (kind) {
            case Kind::integer: return i;
            case Kind::real: return static_cast<float>(f);
            case Kind::text: return std::string(s);
            case Kind::list: return *v;
            case Kind::any: break;
        }
        return *a;
    }
};

class MgeBuilder {
public:
    Graph graph;
    std::vector<MgeVar> vars;
    const MgeOperator* op = nullptr;  // the one that is converted
    std::string refusals;
    size_t refused = 0;
    bool asserts = false;

    // ---- the operator at hand ----

    [[gnu::noinline]] std::string who() const { return text(op->type, " '", label(), "'"); }
    std::string_view label() const { return !op->name.empty() ? op->name : !op->output_names.empty() ? op->output_names[0] : std::string_view("?"); }
    size_t inputs() const { return op->inputs.size(); }
    // A copy: a reference would not survive the variables that a conversion adds.
    MgeVar in(size_t i) const {
        check(i < op->inputs.size(), "not a valid .mge model: ", who(), " has ", op->inputs.size(), " inputs, more were expected");
        return vars[op->inputs[i]];
    }
    uint32_t u(int field, uint32_t otherwise = 0) const { return op->param.number<uint32_t>(field, otherwise); }
    int32_t i(int field, int32_t otherwise = 0) const { return op->param.number<int32_t>(field, otherwise); }
    float f(int field, float otherwise = 0) const { return op->param.number<float>(field, otherwise); }
    bool flag(int field, bool otherwise = false) const { return op->param.flag(field, otherwise); }

    [[gnu::noinline]] void put(ValueId id, const MgeType& type = {}, MgePacking packing = MgePacking::none) { vars.push_back({id, type, packing}); }
    [[gnu::noinline]] void put(const MgeVar& v) { vars.push_back(v); }
    [[gnu::noinline]] void put_none(size_t n = 1) { vars.resize(vars.size() + n); }
    // The operator cannot be read: it joins the list of the error.
    [[gnu::noinline]] void refuse(std::string_view why) {
        if (++refused <= 64) append(refusals, text("\n  ", op->type.empty() ? std::string_view("operator") : op->type, " at '", label(), "'", why.empty() ? "" : ": ", why));
    }

    // ---- what is known of a value ----

    const Value& value(ValueId id) const { return graph.value(id); }
    [[gnu::noinline]] size_t rank(ValueId id) const {
        const Value& v = value(id);
        check(v.has_shape, "the .mge model's ", who(), " works on a tensor whose number of axes only a run tells, which is not supported");
        return v.shape.rank();
    }
    int64_t extent(ValueId id, size_t axis) const { return value(id).has_shape && axis < value(id).shape.rank() ? value(id).shape[axis] : kUnknown; }
    DType dtype(ValueId id) const { return value(id).dtype; }
    bool is_single(ValueId id) const { return value(id).shape_known() && value(id).shape.count() == 1; }
    const Array* known(ValueId id) const { return inference_.known(id); }
    // The only number of a constant, if it is known.
    bool known_number(ValueId id, int64_t& out) const {
        const Array* a = known(id);
        if (!a || a->count() != 1) return false;
        out = a->scalar_value<int64_t>();
        return true;
    }
    size_t axis_of(ValueId id, int64_t axis) const { return normalize_axis(axis, rank(id), text("the .mge model's ", who())); }

    // ---- making nodes ----

    ValueId constant(Array a) { return graph.add_constant(text("const:", graph.values.size()), std::move(a)); }
    [[gnu::noinline]] ValueId ints(MgeList<int64_t> v) { return constant(Array::of(Shape{static_cast<int64_t>(v.size())}, std::span<const int64_t>(v))); }
    [[gnu::noinline]] ValueId number(double v, DType t = DType::f32) {
        Array a = Array::zeros(t, Shape{});
        visit_dtype(t, [&](auto tag) {
            using T = decltype(tag);
            tag = convert_element<T>(v);
            std::memcpy(a.mutable_data(), &tag, sizeof tag);
        });
        return constant(std::move(a));
    }
    [[gnu::noinline]] std::vector<ValueId> nodes(std::string_view name, MgeList<ValueId> in, std::initializer_list<MgeAttribute> attributes, size_t outputs) {
        Node n;
        n.op = find(name);
        n.version = 20;
        n.name = text(label(), "/", n.op->name, graph.nodes.size());
        n.inputs = in.vector();
        for (const MgeAttribute& a : attributes) n.attributes.set(a.name, a.value());
        for (size_t k = 0; k < outputs; ++k) n.outputs.push_back(graph.add_value(text(label(), ":", graph.values.size())));
        if (n.op->normalize) n.op->normalize(graph, n);
        inference_.step(n, {.fold = false, .max_bytes = int64_t{64} << 10});
        std::vector<ValueId> out = n.outputs;
        graph.nodes.push_back(std::move(n));
        return out;
    }
    [[gnu::noinline]] ValueId node(std::string_view name, MgeList<ValueId> in, std::initializer_list<MgeAttribute> attributes = {}) {
        return nodes(name, in, attributes, 1)[0];
    }

    // ---- small expressions ----

    [[gnu::noinline]] ValueId unary(ElemwiseMode m, ValueId x) { return node("Elemwise", {x}, {{"mode", m}}); }
    [[gnu::noinline]] ValueId unary(ElemwiseMode m, ValueId x, double alpha, double beta = 0) { return node("Elemwise", {x}, {{"mode", m}, {"alpha", alpha}, {"beta", beta}}); }
    [[gnu::noinline]] ValueId binary(ElemwiseMode m, ValueId x, ValueId y) { return node("Elemwise", {x, y}, {{"mode", m}}); }
    ValueId add(ValueId x, ValueId y) { return binary(ElemwiseMode::add, x, y); }
    ValueId sub(ValueId x, ValueId y) { return binary(ElemwiseMode::sub, x, y); }
    ValueId mul(ValueId x, ValueId y) { return binary(ElemwiseMode::mul, x, y); }
    ValueId div(ValueId x, ValueId y) { return binary(ElemwiseMode::div, x, y); }
    void add(ValueId, double) = delete;  // a number would become the value of that number
    void sub(ValueId, double) = delete;
    void mul(ValueId, double) = delete;
    [[gnu::noinline]] ValueId plus(ValueId x, double y) { return add(x, number(y, dtype(x))); }
    [[gnu::noinline]] ValueId minus(ValueId x, double y) { return sub(x, number(y, dtype(x))); }
    [[gnu::noinline]] ValueId times(ValueId x, double y) { return mul(x, number(y, dtype(x))); }
    [[gnu::noinline]] ValueId where(ValueId q, ValueId a, ValueId b) { return node("Where", {q, a, b}); }
    [[gnu::noinline]] ValueId cast(ValueId x, DType t) { return dtype(x) == t ? x : node("Cast", {x}, {{"to", onnx_of_dtype(t)}}); }
    [[gnu::noinline]] ValueId transpose(ValueId x, MgeList<int64_t> perm) {
        bool same = true;
        for (size_t k = 0; k < perm.size(); ++k) same = same && perm[k] == static_cast<int64_t>(k);
        return same ? x : node("Transpose", {x}, {{"perm", perm.vector()}});
    }
    [[gnu::noinline]] ValueId squeeze(ValueId x, MgeList<int64_t> axes) { return axes.empty() ? x : node("Squeeze", {x, ints(axes)}); }
    [[gnu::noinline]] ValueId unsqueeze(ValueId x, MgeList<int64_t> axes) { return axes.empty() ? x : node("Unsqueeze", {x, ints(axes)}); }
    [[gnu::noinline]] ValueId concat(MgeList<ValueId> parts, int64_t axis) { return parts.size() == 1 ? parts[0] : node("Concat", parts, {{"axis", axis}}); }
    [[gnu::noinline]] ValueId slice(ValueId x, int64_t axis, int64_t from, int64_t to, int64_t step = 1) {
        return node("Slice", {x, ints({from}), ints({to}), ints({axis}), ints({step})});
    }
    [[gnu::noinline]] ValueId shape_of(ValueId x) { return node("Shape", {x}); }
    [[gnu::noinline]] ValueId extents(ValueId x, int64_t from, int64_t to) { return node("Shape", {x}, {{"start", from}, {"end", to}}); }
    // The shape of these extents as an i64 vector, a constant where all are known.
    [[gnu::noinline]] ValueId shape(MgeList<MgeExtent> list) {
        std::vector<int64_t> numbers;
        for (const MgeExtent& e : list) numbers.push_back(e.of == kNoValue ? e.number : extent(e.of, e.axis));
        bool all = true;
        for (size_t k = 0; k < list.size(); ++k) all = all && (list[k].of == kNoValue || numbers[k] >= 0);
        if (all) return ints(numbers);
        std::vector<ValueId> parts;
        for (size_t k = 0; k < list.size(); ++k) {
            if (list[k].of == kNoValue || numbers[k] >= 0) parts.push_back(ints({numbers[k]}));
            else parts.push_back(extents(list[k].of, static_cast<int64_t>(list[k].axis), static_cast<int64_t>(list[k].axis) + 1));
        }
        return concat(parts, 0);
    }
    [[gnu::noinline]] ValueId reshape_to(ValueId x, ValueId to) {
        const Value& v = value(x);
        if (const Array* s = known(to); s && v.is_constant()) {  // the same bytes
            Shape want(s->values<int64_t>());
            int64_t given = 1, rest = -1;
            for (size_t k = 0; k < want.rank(); ++k) {
                if (want[k] < 0) rest = static_cast<int64_t>(k);
                else given = want[k] > 0 && given <= kMaxElements / want[k] ? given * want[k] : 0;
            }
            if (rest >= 0 && given > 0) want[static_cast<size_t>(rest)] = v.constant.count() / given;
            if (want.known() && want.addressable() && want.count() == v.constant.count()) return constant(v.constant.reshaped(want));
        }
        return node("Reshape", {x, to}, {{"allowzero", 1}});
    }
    [[gnu::noinline]] ValueId reshape(ValueId x, MgeList<MgeExtent> to) { return reshape_to(x, shape(to)); }
    [[gnu::noinline]] ValueId flatten(ValueId x) { return value(x).has_shape && value(x).shape.rank() == 1 ? x : reshape(x, {-1}); }
    [[gnu::noinline]] ValueId expand(ValueId x, ValueId to) { return node("Expand", {x, to}); }
    // Scalars of .mge have one axis.
    ValueId at_least_1d(ValueId x) { return value(x).has_shape && value(x).shape.rank() == 0 ? reshape(x, {1}) : x; }
    // 0, 1, 2... up to an i64 number of one element, as f32 or i64.
    ValueId iota(ValueId count, DType t) {
        const ValueId n = cast(reshape_to(count, ints({})), t);
        return node("Range", {number(0, t), n, number(1, t)});
    }

    // ---- packed tensors ----

    static MgePacking packing_of(uint32_t format) {
        switch (format) {
            case 1: case 13: return MgePacking::nhwc;
            case 2: return MgePacking::nhwcd4;
            case 3: case 7: case 8: case 9: case 11: case 14: case 17: return MgePacking::c4;
            case 5: case 10: return MgePacking::c32;
            case 4: case 6: return MgePacking::c8;
            case 15: return MgePacking::chwn4;
            case 16: return MgePacking::c64;
            default: return MgePacking::none;
        }
    }
    // The value as N, C, H, W, given that the variable is of that packing (or already is N, C, H, W, as what goes into a first
    // convolution of a packed network).
    [[gnu::noinline]] ValueId nchw(const MgeVar& v, MgePacking p) {
        if (v.packing == p || p == MgePacking::none) return v.packing == MgePacking::none || v.packing == p ? v.id : flat(v).id;
        const ValueId x = flat(v).id;
        const size_t r = rank(x);
        if (p == MgePacking::nhwc) return r == 4 ? transpose(x, {0, 3, 1, 2}) : x;
        if (r != 5) return x;
        if (p == MgePacking::chwn4) {  // [C/4, H, W, N, 4]
            const ValueId t = transpose(x, {3, 0, 4, 1, 2});
            return reshape(t, {{t, 0}, channels(t, 1, 4), {t, 3}, {t, 4}});
        }
        const ValueId t = p == MgePacking::nhwcd4 ? transpose(x, {0, 2, 4, 1, 3}) : transpose(x, {0, 1, 4, 2, 3});
        return reshape(t, {{t, 0}, channels(t, 1, extent(t, 2)), {t, 3}, {t, 4}});
    }
    // The variable with the axes that the file says.
    [[gnu::noinline]] MgeVar flat(const MgeVar& v) {
        if (v.packing == MgePacking::none) return v;
        const ValueId x = v.id;
        if (v.packing == MgePacking::nhwc) return {transpose(x, {0, 2, 3, 1}), v.type};
        const int64_t b = mge_block(v.packing), c = extent(x, 1);
        const ValueId t = reshape(x, {{x, 0}, c >= 0 ? MgeExtent(c / b) : MgeExtent(-1), b, {x, 2}, {x, 3}});  // N C/b b H W
        if (v.packing == MgePacking::chwn4) return {transpose(t, {1, 3, 4, 0, 2}), v.type};
        if (v.packing == MgePacking::nhwcd4) return {transpose(t, {0, 3, 1, 4, 2}), v.type};
        return {transpose(t, {0, 1, 3, 4, 2}), v.type};
    }
    MgeExtent channels(ValueId x, size_t axis, int64_t block) const {
        const int64_t n = extent(x, axis);
        return n >= 0 && block >= 0 ? MgeExtent(n * block) : MgeExtent(-1);
    }
    [[gnu::noinline]] ValueId plain(size_t k) { return flat(in(k)).id; }

    // ---- types ----

    // The numbers that the variable stands for; integers stay integers.
    [[gnu::noinline]] ValueId real(const MgeVar& v) {
        if (!is_mge_quantized(v.type.kind)) return v.id;
        Array zero = Array::zeros(held_as(v.type.kind), Shape{});
        *zero.mutable_data() = static_cast<std::byte>(v.type.zero);
        return node("DequantizeLinear", {v.id, number(static_cast<double>(v.type.scale)), constant(std::move(zero))});
    }
    ValueId real_f32(const MgeVar& v) { return cast(real(v), DType::f32); }
    // The variable of that type that holds these numbers.
    [[gnu::noinline]] MgeVar typed(ValueId x, const MgeType& t, MgePacking packing = MgePacking::none) {
        if (t.kind == MgeKind::q_s32 || held_as(t.kind) == DType::none) return {x, t, packing};
        if (is_mge_float(t.kind)) return {cast(x, DType::f32), t, packing};
        if (!is_mge_quantized(t.kind)) return {cast(x, held_as(t.kind)), t, packing};
        x = cast(x, DType::f32);
        Array zero = Array::zeros(held_as(t.kind), Shape{});
        *zero.mutable_data() = static_cast<std::byte>(t.zero);
        const QuantRange r = mge_range(t.kind), whole = quant_range(held_as(t.kind));
        const double scale = static_cast<double>(t.scale);
        if (r.low != whole.low || r.high != whole.high) x = unary(ElemwiseMode::clip, x, (r.low - t.zero) * scale, (r.high - t.zero) * scale);
        // MegEngine rounds halves away from zero, and averages of integers are halves often; ours go to even. A scale that is smaller by
        // its last bits moves halves, and what a float cannot tell from them, to the right side, in all kernels.
        return {node("QuantizeLinear", {x, number(scale * (1 - 0x1p-22)), constant(std::move(zero))}), t, packing};
    }
    MgeType result_type(const MgeType& otherwise) const { return op->has_output_type ? op->output_type : otherwise; }

    // A constant of the file in the form that is held here.
    Array held_constant(const MgeTensor& t, const std::shared_ptr<const std::byte>& owner, bool compressed) const;

    // Gives a value that was made for this operator the name that the file has for it.
    void rename(ValueId id, std::string_view name, size_t first_value) {
        if (id == kNoValue || name.empty() || static_cast<size_t>(id) < first_value) return;
        graph.value(id).name = std::string(name);
    }
    void copied_name(Node& n, ValueId out, std::string_view name) {
        n.name = std::string(name);
        graph.value(out).name = std::string(name);
    }

private:
    const Operator* find(std::string_view name) {
        for (const auto& [n, p] : found_)
            if (n == name) return p;
        for (const Operator* o : registry().all())
            if (o->name == name) {
                found_.emplace_back(name, o);
                return o;
            }
        fail("the .mge model's ", who(), " takes the operator ", name, ", which comes with #include <lite/all_ops.h>");
    }
    Inference inference_{graph};
    std::vector<std::pair<std::string_view, const Operator*>> found_;
};

// A tensor whose values are stored in few bits: one byte that says how, then stride, base and an integer for each element.
inline Array mge_decompress(const MgeTensor& t, std::span<const std::byte>& data) {
    const int method = static_cast<int>(data[0]);
    data = data.subspan(1);
    if (method == 0) return {};
    check(method == 1 || method == 2, "tensor '", t.name, "' of the .mge model is compressed by method ", method, ", which is not known");
    const size_t n = static_cast<size_t>(t.shape.count()), each = static_cast<size_t>(method);
    check(data.size() >= 8 && (data.size() - 8) / each >= n, "not a valid .mge model: compressed tensor '", t.name, "' of shape ", t.shape, " has ", data.size(), " bytes");
    float stride, base;
    std::memcpy(&stride, data.data(), 4);
    std::memcpy(&base, data.data() + 4, 4);
    Array a = Array::zeros(DType::f32, t.shape);
    for (size_t i = 0; i < n; ++i) {
        uint16_t q = 0;
        std::memcpy(&q, data.data() + 8 + i * each, each);
        const float v = stride * static_cast<float>(q) + base;
        std::memcpy(a.mutable_data() + 4 * i, &v, 4);
    }
    return a;
}
inline Array MgeBuilder::held_constant(const MgeTensor& t, const std::shared_ptr<const std::byte>& owner, bool compressed) const {
    const DType held = held_as(t.type.kind), shown = shown_as(t.type.kind);
    check(held != DType::none, "tensor '", t.name, "' of the .mge model holds complex numbers, which are not supported");
    std::span<const std::byte> data = t.data;
    const size_t n = static_cast<size_t>(t.shape.count());
    if (compressed && !data.empty())
        if (Array a = mge_decompress(t, data)) return a;
    const MgeKind k = t.type.kind;
    const size_t bits = k == MgeKind::bit1 || k == MgeKind::q_s1 ? 1 : k == MgeKind::bit2 ? 2 : held == DType::none ? 8
                        : k == MgeKind::bit4 || k == MgeKind::ubit4 || k == MgeKind::q_s4 || k == MgeKind::q4_asymm ? 4 : 8 * size_of(shown);
    const size_t bytes = (n * bits + 7) / 8;
    check(data.size() >= bytes, "not a valid .mge model: tensor '", t.name, "' of shape ", t.shape, " needs ", bytes, " bytes, it has ", data.size());
    if (n == 0) return Array::zeros(held, t.shape);
    const Array stored(bits < 8 ? DType::u8 : shown, bits < 8 ? Shape{static_cast<int64_t>(bytes)} : t.shape, std::shared_ptr<const std::byte>(owner, data.data()));
    if (bits < 8) {  // low bits first
        check(bits == 4, "tensor '", t.name, "' of the .mge model has elements of ", bits, " bits, which are not supported");
        const bool sign = k == MgeKind::bit4 || k == MgeKind::q_s4;
        Array a = Array::zeros(held, t.shape);
        for (size_t i = 0; i < n; ++i) {
            const int v = static_cast<int>(data[i / 2]) >> (i % 2 * 4) & 15;
            a.mutable_data()[i] = static_cast<std::byte>(sign && v > 7 ? v - 16 : v);
        }
        return a;
    }
    if (held == DType::boolean) {
        Array a = Array::zeros(held, t.shape);
        for (size_t i = 0; i < n; ++i) a.mutable_data()[i] = data[i] == std::byte{0} ? std::byte{0} : std::byte{1};
        return a;
    }
    if (held == shown) return stored;
    std::vector<float> v = stored.values<float>();
    if (k == MgeKind::q_s32)
        for (float& x : v) x *= t.type.scale;
    return Array::of(t.shape, v);
}

}  // namespace detail
LITE_NAMESPACE_END
#endif
#endif
