// What .mge files are written with: FlatBuffers tables, variables with their types and packings, and small expressions of MegEngine's
// operators.
#ifndef LITE_FORMAT_MGE_EMITTER_H_
#define LITE_FORMAT_MGE_EMITTER_H_
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "lite/format/mge_builder.h"

#if LITE_HAS_MGE
LITE_NAMESPACE_BEGIN
namespace detail {

// A variable of the file that is written.
struct MgeOut {
    uint32_t var = UINT32_MAX;
    MgeType type;
    MgePacking packing = MgePacking::none;
    explicit operator bool() const { return var != UINT32_MAX; }
};
// A field of a table of parameters by its number in the schema: a scalar of 1, 4 or 8 bytes.
struct MgeField {
    int id;
    uint8_t size;
    uint64_t bits;
    MgeField(int i, bool v) : id(i), size(1), bits(v) {}
    MgeField(int i, int8_t v) : id(i), size(1), bits(static_cast<uint8_t>(v)) {}
    MgeField(int i, int32_t v) : id(i), size(4), bits(static_cast<uint32_t>(v)) {}
    MgeField(int i, uint32_t v) : id(i), size(4), bits(v) {}
    MgeField(int i, int64_t v) : id(i), size(4), bits(static_cast<uint32_t>(v)) {}  // extents, pads and the like, which are u32 there
    MgeField(int i, uint64_t v) : id(i), size(8), bits(v) {}
    MgeField(int i, float v) : id(i), size(4), bits(std::bit_cast<uint32_t>(v)) {}
};
// A table of parameters: its index in the union, and what it holds.
struct MgeParam {
    int kind;
    std::vector<MgeField> fields;
    std::vector<int32_t> list;                   // field 0 as a vector of i32
    std::vector<std::array<int8_t, 5>> items;    // of an index: axis, and whether begin, end, step, index are given
    std::vector<std::array<int32_t, 2>> steps;   // of AxisAddRemove: 0 to add, 1 to remove, and the axis
    bool is_type = false;                        // the table of an element type
    MgeType type;
    [[gnu::noinline]] MgeParam(int k = 0, std::initializer_list<MgeField> f = {}) : kind(k), fields(f) {}
    [[gnu::noinline]] ~MgeParam() {}
};
// An extent that is a number or a variable i32 [1].
struct MgeSize {
    int64_t number = 0;
    MgeOut var;
    MgeSize(int64_t n) : number(n) {}
    MgeSize(const MgeOut& v) : number(kUnknown), var(v) {}
    bool known() const { return !var; }
};

class MgeEmitter {
public:
    using Inputs = MgeList<MgeOut>;
    using Offset = flatbuffers::uoffset_t;

    MgeEmitter(Graph g, int version) : graph(std::move(g)), version_(version), producer_(graph.producers()), of_(graph.values.size()) {}
    Graph graph;
    const Node* node = nullptr;  // the one that is written

    // ---- the node at hand ----

    const Value& value(ValueId id) const { return graph.value(id); }
    ValueId id(size_t i) const { return i < node->inputs.size() ? node->inputs[i] : kNoValue; }
    bool has(size_t i) const { return id(i) != kNoValue; }
    const Shape& shape(size_t i) const { return value(id(i)).shape; }
    size_t rank(size_t i) const { return shape(i).rank(); }
    const Array* known(ValueId v) const { return v != kNoValue && value(v).is_constant() ? &value(v).constant : nullptr; }
    const Array* given(size_t i) const { return known(id(i)); }  // input i, if it is a constant
    // The node that makes a value, nullptr for inputs and constants.
    const Node* producer(ValueId v) const {
        const int32_t p = v == kNoValue ? -1 : producer_[static_cast<size_t>(v)];
        return p < 0 ? nullptr : &graph.nodes[static_cast<size_t>(p)];
    }
    DType dtype(size_t i) const { return value(id(i)).dtype; }
    const Value& result(size_t o = 0) const { return value(node->outputs[o]); }
    bool wants(size_t o) const { return o < node->outputs.size() && node->outputs[o] != kNoValue; }

    // The operator has no form in MegEngine: it joins the list of the error.
    [[gnu::noinline]] void refuse(std::string_view why = {}) {
        if (++refused_ <= 64) append(refusals_, text("\n  ", *node, why.empty() ? "" : ": ", why));
    }
    [[gnu::noinline]] bool need(bool ok, std::string_view why) {
        if (!ok) refuse(why);
        return ok;
    }
    size_t refused() const { return refused_; }
    void finish_refusals() const {
        if (refused_)
            fail("the graph has ", refused_, refused_ == 1 ? " operator that MegEngine has" : " operators that MegEngine has", " no form for:", refusals_,
                 refused_ > 64 ? "\n  ..." : "");
    }

    // ---- variables of values ----

    // As it was written: quantized or packed, maybe. Constants are written when they are first used.
    [[gnu::noinline]] MgeOut raw(ValueId v) {
        MgeOut& o = of_[static_cast<size_t>(v)];
        if (!o && value(v).is_constant()) o = constant(value(v).constant, value(v).name);
        check(static_cast<bool>(o), "value '", value(v).name, "' of the graph is used before it is made");
        return o;
    }
    bool written(ValueId v) const { return of_[static_cast<size_t>(v)] || value(v).is_constant(); }
    // With the axes and the plain element type of our value.
    [[gnu::noinline]] MgeOut plain(ValueId v) {
        const MgeOut o = flat(raw(v));
        return is_mge_quantized(o.type.kind) ? integers(o, value(v).dtype) : o;
    }
    MgeOut in(size_t i) { return plain(id(i)); }
    [[gnu::noinline]] void put(const MgeOut& v, size_t o = 0) {
        if (!wants(o)) return;
        of_[static_cast<size_t>(node->outputs[o])] = v;
        if (v.packing == MgePacking::none && result(o).shape_known()) shapes_[v.var] = at_least_1d(result(o).shape);
        if (v.var >= first_var_ && !given_[v.var]) name(v.var, result(o).name);
    }
    void set(ValueId v, const MgeOut& o) { of_[static_cast<size_t>(v)] = o; }
    // Names of inputs and outputs of the graph are kept for them.
    void reserve(std::string_view n) { names_taken_.insert(std::string(n)); }
    void begin(const Node& n) {
        node = &n;
        first_var_ = static_cast<uint32_t>(names_.size());
    }
    [[gnu::noinline]] void name(uint32_t var, std::string_view wanted, bool reserved = false) {
        if (!reserved && (wanted.empty() || !names_taken_.insert(std::string(wanted)).second)) return;
        names_[var] = wanted;
        given_[var] = 1;
    }
    bool named(uint32_t var) const { return given_[var]; }

    // ---- operators ----

    std::vector<MgeOut> add(std::string_view op, Inputs in, const MgeParam& p, std::span<const MgeType> results, const MgeType* forced = nullptr);
    [[gnu::noinline]] MgeOut add(std::string_view op, Inputs in, const MgeParam& p, const MgeType& result, const MgeType* forced = nullptr) {
        return add(op, in, p, std::span(&result, 1), forced)[0];
    }
    // The result has the type of the first input.
    [[gnu::noinline]] MgeOut add(std::string_view op, Inputs in, const MgeParam& p = {1}) { return add(op, in, p, in[0].type); }

    MgeOut input(const std::string& name, const Shape& shape, const MgeType& type);
    MgeOut stored(const Array& a, const MgeType& type, const std::string& name = {});
    // In the plain type of its elements; i64 and its like as Int32, an error where that cannot hold them.
    MgeOut constant(const Array& a, const std::string& name = {});
    MgeOut number(double v, const MgeType& like = {});
    MgeOut ints(MgeList<int64_t> v);

    [[gnu::noinline]] MgeOut elemwise(int mode, Inputs in) { return add("Elemwise", in, {17, {{0, mode}}}); }
    [[gnu::noinline]] MgeOut sum(const MgeOut& a, const MgeOut& b) { return elemwise(16, {a, b}); }
    [[gnu::noinline]] MgeOut difference(const MgeOut& a, const MgeOut& b) { return elemwise(24, {a, b}); }
    [[gnu::noinline]] MgeOut product(const MgeOut& a, const MgeOut& b) { return elemwise(21, {a, b}); }
    [[gnu::noinline]] MgeOut quotient(const MgeOut& a, const MgeOut& b) { return elemwise(27, {a, b}); }
    [[gnu::noinline]] MgeOut scaled(const MgeOut& a, double factor) { return factor == 1 ? a : product(a, number(factor, a.type)); }
    [[gnu::noinline]] MgeOut shifted(const MgeOut& a, double by) { return by == 0 ? a : sum(a, number(by, a.type)); }
    [[gnu::noinline]] MgeOut convert(const MgeOut& x, const MgeType& to) {
        if (x.type == to) return x;
        MgeParam p{67};
        p.is_type = true;
        p.type = to;
        MgeOut y = add("TypeCvtV2", {x}, p, to);
        y.packing = x.packing;
        return y;
    }
    [[gnu::noinline]] MgeOut convert(const MgeOut& x, MgeKind k) { return convert(x, mge_type(k)); }
    // Packed quantized variables to what our value of that type holds.
    [[gnu::noinline]] MgeOut integers(const MgeOut& q, DType t) {
        const MgeOut x = scaled(convert(q, MgeKind::f32), 1. / static_cast<double>(q.type.scale));
        return convert(elemwise(42, {shifted(x, q.type.zero)}), plain_type(t));
    }
    [[gnu::noinline]] MgeOut real(const MgeOut& x) { return is_mge_float(x.type.kind) ? x : convert(x, MgeKind::f32); }
    [[gnu::noinline]] MgeOut reduce(const MgeOut& x, int mode, int64_t axis) { return add("ReduceV2", {x}, {23, {{0, mode}, {1, static_cast<int32_t>(axis)}}}); }

    // ---- shapes ----

    // Extents of our values, as variables where they are not known.
    [[gnu::noinline]] MgeSize size(ValueId v, size_t axis) {
        const Value& x = value(v);
        if (axis < x.shape.rank() && x.shape[axis] >= 0) return x.shape[axis];
        return add("GetVarShapeV1", {flat(raw(v))}, {54, {{0, static_cast<int32_t>(axis)}}}, mge_type(MgeKind::i32));
    }
    [[gnu::noinline]] MgeOut var_of(const MgeSize& s) { return s.known() ? ints({s.number}) : s.var; }
    [[gnu::noinline]] MgeSize product(const MgeSize& a, const MgeSize& b) {
        if (a.known() && b.known()) return a.number * b.number;
        return product(var_of(a), var_of(b));
    }
    [[gnu::noinline]] MgeSize quotient(const MgeSize& a, int64_t by) {
        if (a.known()) return a.number / by;
        return elemwise(17, {a.var, ints({by})});
    }
    [[gnu::noinline]] MgeOut shape_var(MgeList<MgeSize> s) {
        std::vector<int64_t> numbers;
        std::vector<MgeOut> parts;
        const auto flush = [&] {
            if (!numbers.empty()) parts.push_back(ints(numbers));
            numbers.clear();
        };
        for (const MgeSize& e : s) {
            if (e.known()) numbers.push_back(e.number);
            else flush(), parts.push_back(e.var);
        }
        flush();
        return concat(parts, 0);
    }
    [[gnu::noinline]] MgeOut concat(const std::vector<MgeOut>& parts, int64_t axis) {
        return parts.size() == 1 ? parts[0] : add("Concat", parts, {2, {{0, static_cast<int32_t>(axis)}}});
    }
    // One extent may be -1. Tensors without axes have one of extent 1 there. A shape that is known to be that already is left: MegEngine
    // leaves such operators out while it reads a file, and then misses them.
    [[gnu::noinline]] MgeOut reshape(const MgeOut& x, MgeList<MgeSize> to) {
        if (to.empty()) return reshape(x, {MgeSize(1)});
        int32_t free = 7;
        for (size_t k = 0; k < to.size(); ++k)
            if (to[k].known() && to[k].number < 0) free = static_cast<int32_t>(k);
        Shape made;
        const bool known = known_target(x, to, made);
        if (known && shapes_[x.var] && *shapes_[x.var] == made) return x;
        const MgeOut y = add("ReshapeV1", {x, shape_var(to)}, {54, {{0, free}}}, x.type);
        if (known) shapes_[y.var] = made;
        return y;
    }
    [[gnu::noinline]] std::vector<MgeSize> sizes(ValueId v) {
        std::vector<MgeSize> s;
        for (size_t k = 0; k < value(v).shape.rank(); ++k) s.push_back(size(v, k));
        return s;
    }
    [[gnu::noinline]] MgeOut broadcast(const MgeOut& x, MgeList<MgeSize> to) {
        Shape made;
        const bool known = known_target({}, to, made);
        if (known && shapes_[x.var] && *shapes_[x.var] == made) return x;
        const MgeOut y = add("Broadcast", {x, shape_var(to)}, {1}, x.type);
        if (known) shapes_[y.var] = made;
        return y;
    }
    [[gnu::noinline]] MgeOut dimshuffle(const MgeOut& x, MgeList<int64_t> pattern, size_t rank) {
        MgeParam p{64, {{1, static_cast<uint32_t>(rank)}}};
        for (int64_t a : pattern) p.list.push_back(static_cast<int32_t>(a));
        return add("Dimshuffle", {x}, p);
    }
    [[gnu::noinline]] MgeOut add_axes(const MgeOut& x, std::vector<int64_t> axes) {  // of the result
        std::sort(axes.begin(), axes.end());
        return axis_steps(x, axes, 0);
    }
    [[gnu::noinline]] MgeOut remove_axes(const MgeOut& x, std::vector<int64_t> axes) {
        std::sort(axes.rbegin(), axes.rend());
        return axis_steps(x, axes, 1);
    }
    // Positions [from, to) of an axis, `to` < 0: to the end; negative steps go from the end.
    [[gnu::noinline]] MgeOut slice(const MgeOut& x, int64_t axis, int64_t from, int64_t to, int64_t step = 1) {
        std::vector<MgeOut> in{x};
        MgeParam p{66};
        p.items = {{static_cast<int8_t>(axis), from > 0, to >= 0, step != 1, 0}};
        if (from > 0) in.push_back(ints({from}));
        if (to >= 0) in.push_back(ints({to}));
        if (step != 1) in.push_back(ints({step}));
        return add("Subtensor", in, p);
    }
    [[gnu::noinline]] MgeOut gather(const MgeOut& x, int64_t axis, const MgeOut& index) {
        MgeParam p{66};
        p.items = {{static_cast<int8_t>(axis), 0, 0, 0, 1}};
        return add("IndexingMultiAxisVec", {x, index}, p);
    }
    // 0, 1, 2... as i32.
    [[gnu::noinline]] MgeOut iota(const MgeSize& n) {
        if (n.known()) {
            std::vector<int64_t> v(static_cast<size_t>(n.number));
            for (size_t k = 0; k < v.size(); ++k) v[k] = static_cast<int64_t>(k);
            return ints(v);
        }
        const MgeOut end = convert(n.var, MgeKind::f32);
        return convert(elemwise(42, {add("Linspace", {number(0), end, n.var}, {29, {{0, false}}}, MgeType{})}), MgeKind::i32);
    }

    // ---- types ----

    [[gnu::noinline]] static MgeType plain_type(DType t) {
        switch (t) {
            case DType::f32: return mge_type(MgeKind::f32);
            case DType::f16: return mge_type(MgeKind::f16);
            case DType::bf16: return mge_type(MgeKind::bf16);
            case DType::i8: return mge_type(MgeKind::i8);
            case DType::u8: return mge_type(MgeKind::u8);
            case DType::i16: return mge_type(MgeKind::i16);
            case DType::u16: return mge_type(MgeKind::u16);
            case DType::i32: case DType::i64: case DType::u32: case DType::u64: return mge_type(MgeKind::i32);
            case DType::boolean: return mge_type(MgeKind::boolean);
            default: break;
        }
        fail("elements of type ", name_of(t), " have no counterpart in MegEngine");
    }
    static bool has_type(DType t) { return (t >= DType::f32 && t <= DType::boolean && t != DType::f64); }

    // ---- packed tensors ----

    [[gnu::noinline]] MgeOut flat(const MgeOut& x) {
        if (x.packing == MgePacking::none) return x;
        MgeOut& kept = repacked_[uint64_t{x.var} << 8];
        if (!kept) kept = add("RelayoutFormatV1", {x}, {45, {{0, x.packing == MgePacking::c8 ? 21 : 25}}}, x.type);
        return kept;
    }
    [[gnu::noinline]] MgeOut packed(const MgeOut& x, MgePacking p) {
        if (x.packing == p) return x;
        if (p == MgePacking::none) return flat(x);
        const MgeOut from = flat(x);
        MgeOut& kept = repacked_[uint64_t{from.var} << 8 | static_cast<uint64_t>(p)];
        if (!kept) {
            kept = add("RelayoutFormatV1", {from}, {45, {{0, p == MgePacking::c8 ? 20 : 24}}}, x.type);
            kept.packing = p;
        }
        return kept;
    }

    // ---- the file ----

    void output(const MgeOut& v, const std::string& name) {
        names_[v.var] = name;
        given_[v.var] = 1;
        outputs_.push_back(v.var);
    }
    bool is_output(uint32_t var) const { return std::find(outputs_.begin(), outputs_.end(), var) != outputs_.end(); }
    std::vector<std::byte> finish();

private:
    static Shape at_least_1d(const Shape& s) { return s.empty() ? Shape{1} : s; }
    // The target as numbers; what -1 stands for follows from x.
    bool known_target(const MgeOut& x, MgeList<MgeSize> to, Shape& out) const {
        int64_t given = 1, free = -1;
        for (const MgeSize& e : to) {
            if (!e.known()) return false;
            if (e.number < 0) free = static_cast<int64_t>(out.rank());
            else given *= e.number;
            out.push_back(e.number);
        }
        if (free < 0) return true;
        if (!x || !shapes_[x.var] || given <= 0) return false;
        out[static_cast<size_t>(free)] = shapes_[x.var]->count() / given;
        return true;
    }
    // An operator without its table, which holds names in version 1: they are known at the end.
    struct Emitted {
        Offset type, param, more, more_types, inputs, forced, tensors;
        uint64_t id;
        uint8_t kind;
        bool newer;
        std::vector<uint32_t> outputs;
    };
    struct Tensor {
        std::string_view name;
        std::vector<uint32_t> shape;
        MgeType type;
        const std::byte* data;
        size_t bytes;
    };
    template <class F> Offset table(F&& fields) {
        const Offset start = b_.StartTable();
        fields();
        return b_.EndTable(start);
    }
    static flatbuffers::voffset_t slot(int field) { return static_cast<flatbuffers::voffset_t>(4 + 2 * field); }
    template <class T> void scalar(int field, T v) { b_.AddElement<T>(slot(field), v, T{}); }
    void ref(int field, Offset o) {
        if (o) b_.AddOffset(slot(field), flatbuffers::Offset<void>(o));
    }
    Offset refs(const std::vector<Offset>& v) {
        const std::vector<flatbuffers::Offset<void>> o(v.begin(), v.end());
        return b_.CreateVector(o).o;
    }
    [[gnu::noinline]] Offset bytes(const void* p, size_t count, size_t each) {
        start_vector(b_, count * each, each);
        b_.PushBytes(static_cast<const uint8_t*>(p), count * each);
        return b_.EndVector(count);
    }
    template <class T> Offset list(const std::vector<T>& v) { return bytes(v.data(), v.size(), sizeof(T)); }
    Offset type_table(const MgeType& t);
    Offset param_table(const MgeParam& p);
    std::vector<MgeOut> emit(std::string_view op, Inputs in, const MgeParam& p, std::span<const MgeType> results, const MgeType* forced,
                             const Tensor* tensor);
    [[gnu::noinline]] MgeOut axis_steps(const MgeOut& x, const std::vector<int64_t>& axes, int32_t method) {
        if (axes.empty()) return x;
        MgeParam p{65};
        for (int64_t a : axes) p.steps.push_back({method, static_cast<int32_t>(a)});
        return add("AxisAddRemove", {x}, p);
    }

    int version_;  // of the format
    std::vector<int32_t> producer_;
    flatbuffers::FlatBufferBuilder b_{size_t{64} << 10};
    std::vector<Emitted> operators_;
    std::vector<std::byte> values_;  // of all tensors, in version 1
    std::vector<std::string> names_;  // of the variables
    std::vector<char> given_;
    std::vector<std::optional<Shape>> shapes_;  // as far as they are known, without packing
    std::vector<uint32_t> outputs_;
    std::vector<MgeOut> of_;  // of our values
    std::unordered_map<uint64_t, MgeOut> repacked_;
    std::unordered_map<std::string, MgeOut> ints_, numbers_;  // by their text
    std::unordered_set<std::string> names_taken_;
    uint32_t first_var_ = 0;
    std::string refusals_;
    size_t refused_ = 0;
};

[[gnu::cold]] inline MgeEmitter::Offset MgeEmitter::type_table(const MgeType& t) {
    const bool quantized = is_mge_quantized(t.kind) || t.kind == MgeKind::q_s32;
    Offset q = 0;
    if (quantized)
        q = table([&] {
            scalar<float>(0, t.scale);
            scalar<uint8_t>(1, t.zero);
        });
    return table([&] {
        scalar<int8_t>(0, static_cast<int8_t>(t.kind));
        if (q) scalar<uint8_t>(1, 1), ref(2, q);
    });
}
[[gnu::cold]] inline MgeEmitter::Offset MgeEmitter::param_table(const MgeParam& p) {
    if (p.is_type) return type_table(p.type);
    Offset l = 0;
    if (!p.list.empty()) l = list(p.list);
    if (!p.items.empty()) l = bytes(p.items.data(), p.items.size(), 5);
    if (!p.steps.empty()) l = bytes(p.steps.data(), p.steps.size(), 8);  // structs of {i8, 3 bytes that are not used, i32}
    return table([&] {
        b_.ForceDefaults(true);
        ref(0, l);
        for (const MgeField& f : p.fields) {
            if (f.size == 1) scalar<uint8_t>(f.id, static_cast<uint8_t>(f.bits));
            else if (f.size == 4) scalar<uint32_t>(f.id, static_cast<uint32_t>(f.bits));
            else scalar<uint64_t>(f.id, f.bits);
        }
        b_.ForceDefaults(false);
    });
}
[[gnu::cold]] inline std::vector<MgeOut> MgeEmitter::emit(std::string_view op, Inputs in, const MgeParam& p, std::span<const MgeType> results,
                                                          const MgeType* forced, const Tensor* tensor) {
    // Operators that are registered with their full name; the others with it less the version, which their number says. In version 1 all
    // have the version of their class in the name.
    struct Newer {
        std::string_view name, version;
    };
    constexpr Newer newer[] = {{"Host2DeviceCopy", ""}, {"ImmutableTensor", ""}, {"Convolution", "V2"}, {"ConvolutionBackwardData", "V2"}, {"ConvBiasForward", "V4"}, {"Convolution3D", ""},
                               {"Convolution3DBackwardData", ""}, {"DeformableConvForward", "V1"}, {"GroupNorm", ""}, {"InstanceNorm", ""}, {"Softmax", ""}};
    const auto known = std::find_if(std::begin(newer), std::end(newer), [&](const Newer& n) { return n.name == op; });
    const bool is_newer = known != std::end(newer);
    std::string hashed(op);
    if (version_ == 1) (hashed += is_newer ? known->version : "") += '\0';
    else if (is_newer) hashed += '\0';
    else if (op.size() > 2 && op[op.size() - 2] == 'V' && op.back() >= '0' && op.back() <= '9') hashed.resize(op.size() - 2);
    // The convolutions say how their algorithm is chosen.
    const bool policy = op.starts_with("Conv") || op.starts_with("DeformableConv");

    std::vector<uint32_t> inputs, outputs;
    for (const MgeOut& i : in) inputs.push_back(i.var);
    std::vector<MgeOut> out;
    for (const MgeType& t : results) {
        out.push_back({static_cast<uint32_t>(names_.size()), t});
        outputs.push_back(out.back().var);
        names_.push_back(text("var:", names_.size()));
        given_.push_back(0);
        shapes_.emplace_back();
    }
    Offset tensors = 0;
    if (tensor) {
        const Offset n = tensor->name.empty() ? 0 : b_.CreateString(tensor->name.data(), tensor->name.size()).o;
        const bool apart = version_ == 1;
        const Offset s = list(tensor->shape), t = type_table(tensor->type), data = tensor->data && !apart ? bytes(tensor->data, tensor->bytes, 1) : 0;
        const Offset place = b_.CreateString("xpux:0").o, where = table([&] { ref(0, place); }), format = apart ? 0 : table([] {});
        const size_t stored = tensor->data && apart ? tensor->bytes : 0, gap = stored ? (64 - values_.size() % 64) % 64 : 0;
        if (stored) {
            values_.resize(values_.size() + gap);
            values_.insert(values_.end(), tensor->data, tensor->data + stored);
        }
        tensors = refs({table([&] {
            ref(0, n);
            ref(1, s);
            ref(2, where);
            ref(3, t);
            if (apart) {
                scalar<uint32_t>(4, static_cast<uint32_t>(gap + stored));
                scalar<uint32_t>(5, static_cast<uint32_t>(gap));
                return;
            }
            scalar<uint8_t>(4, 1);
            ref(5, format);
            ref(6, data);
        })});
    }
    const Offset param = p.kind ? param_table(p) : 0, forced_type = forced ? type_table(*forced) : 0;
    Offset more = 0, more_types = 0;
    if (policy) {
        more = refs({param_table({55, {{0, 1}}})});
        more_types = list(std::vector<uint8_t>{55});
    }
    const Offset type = b_.CreateString(op.data(), op.size()).o, ins = inputs.empty() ? 0 : list(inputs);
    operators_.push_back({type, param, more, more_types, ins, forced_type, tensors, mge_hash(hashed), static_cast<uint8_t>(p.kind), is_newer, outputs});
    check(b_.GetSize() + values_.size() < (size_t{1} << 31) - (size_t{64} << 20), "the graph takes more than 2 GiB as a .mge file, which is the most that one may have");
    return out;
}
[[gnu::cold]] inline std::vector<MgeOut> MgeEmitter::add(std::string_view op, Inputs in, const MgeParam& p, std::span<const MgeType> results, const MgeType* forced) {
    return emit(op, in, p, results, forced, nullptr);
}
[[gnu::cold]] inline MgeOut MgeEmitter::input(const std::string& name, const Shape& shape, const MgeType& type) {
    Tensor t{name, {}, type, nullptr, 0};
    for (int64_t d : shape) t.shape.push_back(static_cast<uint32_t>(d));
    if (t.shape.empty()) t.shape.push_back(1);
    const MgeOut o = emit("Host2DeviceCopy", {}, {63}, std::span(&type, 1), nullptr, &t)[0];
    this->name(o.var, name, true);
    return o;
}
[[gnu::cold]] inline MgeOut MgeEmitter::stored(const Array& a, const MgeType& type, const std::string& name) {
    check(a.bytes() < (size_t{1} << 31) - (size_t{64} << 20), "constant '", name, "' takes ", a.bytes(), " bytes, a .mge file may have 2 GiB at most");
    Tensor t{{}, {}, type, a.count() ? a.data() : nullptr, a.bytes()};
    for (int64_t d : a.shape()) t.shape.push_back(static_cast<uint32_t>(d));
    if (t.shape.empty()) t.shape.push_back(1);
    const MgeOut o = emit("ImmutableTensor", {}, {}, std::span(&type, 1), nullptr, &t)[0];
    shapes_[o.var] = at_least_1d(a.shape());
    this->name(o.var, name);
    return o;
}
[[gnu::cold]] inline MgeOut MgeEmitter::constant(const Array& a, const std::string& name) {
    check(has_type(a.dtype()), "constant '", name, "' of the graph is of type ", name_of(a.dtype()), ", for which MegEngine has none");
    const MgeType t = plain_type(a.dtype());
    if (t.kind != MgeKind::i32 || a.dtype() == DType::i32) return stored(a, t, name);
    const std::vector<int64_t> wide = a.values<int64_t>();
    std::vector<int32_t> v;
    for (int64_t x : wide) {
        check(x >= INT32_MIN && x <= INT32_MAX, "constant '", name, "' of the graph holds ", x, ": MegEngine has no integers of 64 bits");
        v.push_back(static_cast<int32_t>(x));
    }
    return stored(Array::of(a.shape(), v), t, name);
}
[[gnu::cold]] inline MgeOut MgeEmitter::number(double v, const MgeType& like) {
    MgeOut& kept = numbers_[text(std::bit_cast<uint64_t>(v), ' ', static_cast<int>(like.kind))];
    if (kept) return kept;
    const DType t = shown_as(like.kind);
    Array a = Array::zeros(t, Shape{1});
    visit_dtype(t, [&](auto tag) {
        using T = decltype(tag);
        if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) tag = T(static_cast<float>(v));
        else tag = number_of<T>(v);
        std::memcpy(a.mutable_data(), &tag, sizeof tag);
    });
    return kept = stored(a, mge_type(like.kind));
}
[[gnu::cold]] inline MgeOut MgeEmitter::ints(MgeList<int64_t> v) {
    MgeOut& kept = ints_[text(v.vector())];
    if (!kept) kept = constant(Array::of(Shape{static_cast<int64_t>(v.size())}, std::span<const int64_t>(v)));
    return kept;
}
[[gnu::cold]] inline std::vector<std::byte> MgeEmitter::finish() {
    constexpr uint32_t release = 101300;  // of the MegEngine whose operators these are
    std::vector<Offset> made, middle, out;
    for (const Emitted& o : operators_) {
        if (version_ == 1) {
            std::vector<Offset> names;  // of operators that make outputs of the graph
            if (std::any_of(o.outputs.begin(), o.outputs.end(), [&](uint32_t v) { return is_output(v); }))
                for (uint32_t v : o.outputs) names.push_back(b_.CreateString(names_[v]).o);
            const Offset named = names.empty() ? 0 : refs(names);
            made.push_back(table([&] {
                scalar<uint64_t>(0, o.id);
                if (o.param) scalar<uint8_t>(1, o.kind), ref(2, o.param);
                ref(3, o.inputs);
                ref(5, named);
                ref(6, o.forced);
                ref(7, o.tensors);
                ref(10, o.more_types);
                ref(11, o.more);
            }));
            continue;
        }
        const Offset outs = list(o.outputs);
        made.push_back(table([&] {
            ref(0, o.type);
            scalar<uint64_t>(1, o.id);
            if (o.param) scalar<uint8_t>(3, o.kind), ref(4, o.param);
            ref(5, o.more_types);
            ref(6, o.more);
            ref(7, o.inputs);
            ref(8, outs);
            ref(10, o.forced);
            ref(11, o.tensors);
            scalar<uint32_t>(12, o.newer ? 2 : 1);
        }));
    }
    const Offset ops = refs(made), about = table([&] { scalar<uint8_t>(0, 1); });
    Offset root;
    std::vector<std::byte> file;
    if (version_ == 1) {
        std::vector<std::array<uint32_t, 2>> pairs;
        for (uint32_t o : outputs_) pairs.push_back({o, o});
        start_vector(b_, 8 * pairs.size(), 4);
        b_.PushBytes(reinterpret_cast<const uint8_t*>(pairs.data()), 8 * pairs.size());
        const Offset outs = b_.EndVector(pairs.size());
        root = table([&] {
            scalar<uint32_t>(0, release);
            scalar<uint64_t>(1, mge_hash(text(names_.size(), ' ', values_.size())) | 1);  // it may not be 0
            ref(3, ops);
            ref(4, outs);
            ref(5, about);
        });
        // "MGBC", no features, a reserved number, and how far behind the tensors the graph is
        file.resize(24 + values_.size());
        const uint64_t distance = values_.size();
        std::memcpy(file.data(), "MGBC", 4);
        std::memcpy(file.data() + 16, &distance, 8);
        if (distance) std::memcpy(file.data() + 24, values_.data(), values_.size());
    } else {
        for (const std::string& n : names_) {
            const Offset s = b_.CreateString(n).o;
            middle.push_back(table([&] { ref(0, s); }));
        }
        for (uint32_t o : outputs_)
            out.push_back(table([&] {
                scalar<uint32_t>(0, o);
                scalar<uint32_t>(1, o);
            }));
        const Offset mids = refs(middle), outs = refs(out);
        root = table([&] {
            scalar<uint32_t>(0, release);
            scalar<uint32_t>(1, 2);
            ref(2, ops);
            ref(3, mids);
            ref(4, outs);
            ref(7, about);
        });
    }
    b_.FinishSizePrefixed(flatbuffers::Offset<void>(root), version_ == 1 ? "mgb1" : "mgv2");
    const size_t head = file.size();
    file.resize(head + b_.GetSize());
    std::memcpy(file.data() + head, b_.GetBufferPointer(), b_.GetSize());
    return file;
}

}  // namespace detail
LITE_NAMESPACE_END
#endif
#endif
