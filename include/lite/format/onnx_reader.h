// ONNX files to graphs: every encoding of tensors, bodies of If, Loop and Scan, functions of the model, external data.
#ifndef LITE_FORMAT_ONNX_READER_H_
#define LITE_FORMAT_ONNX_READER_H_
#include <functional>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "lite/base/objects.h"
#include "lite/format/bytes.h"
#include "lite/format/onnx_expand.h"
#include "lite/format/onnx_wire.h"
#include "lite/op/onnx_types.h"
#include "lite/op/rare_names.h"
#include "lite/op/registry.h"

LITE_NAMESPACE_BEGIN

// Opsets of the default domain whose meaning is known here. Of older ones those models are read whose operators have kept theirs.
inline constexpr int kOldestOnnxOpset = 7, kNewestOnnxOpset = 28;

struct ReadOptions {
    // Reads models of an opset newer than kNewestOnnxOpset, too, as if its operators meant what they mean today.
    bool allow_newer_opset = false;
    // Opens a file of external data by the name that the model gives; empty: it is sought in the model's folder, never outside.
    std::function<FileBytes(const std::string& location)> open_external = {};
};

struct UnsupportedNode {
    std::string op, domain;  // as the file spells them; domain "" is ai.onnx
    int opset = 0;
    std::string node;
    std::string reason;  // "" when the operator is not known
};

namespace detail {

// Whether the operator meant in that opset, one before 7, what it means in opset 7: nothing but element types and the shapes that it
// takes were added since.
inline bool means_today(std::string_view op, int opset) {
    struct Since {
        std::string_view op;
        int opset;
    };
    constexpr Since unchanged[] = {
            {"Abs", 1},       {"ArgMax", 1},       {"ArgMin", 1},     {"Cast", 6},        {"Ceil", 1},          {"Clip", 1},         {"Concat", 4},
            {"Constant", 1},  {"Conv", 1},         {"ConvTranspose", 1}, {"DepthToSpace", 1}, {"Elu", 1},       {"Exp", 1},          {"Flatten", 1},
            {"Floor", 1},     {"Gather", 1},       {"GlobalAveragePool", 1}, {"GlobalMaxPool", 1}, {"HardSigmoid", 1}, {"Hardmax", 1}, {"Identity", 1},
            {"InstanceNormalization", 1}, {"LRN", 1}, {"LeakyRelu", 1}, {"Log", 1},       {"LogSoftmax", 1},    {"LpNormalization", 1}, {"MatMul", 1},
            {"Max", 1},       {"MaxPool", 1},      {"Mean", 1},       {"Min", 1},         {"Neg", 1},           {"Not", 1},          {"Pad", 2},
            {"Reciprocal", 1}, {"ReduceL1", 1},    {"ReduceL2", 1},   {"ReduceLogSum", 1}, {"ReduceLogSumExp", 1}, {"ReduceMax", 1}, {"ReduceMean", 1},
            {"ReduceMin", 1}, {"ReduceProd", 1},   {"ReduceSum", 1},  {"ReduceSumSquare", 1}, {"Relu", 1},      {"Reshape", 5},      {"Selu", 1},
            {"Shape", 1},     {"Sigmoid", 1},      {"Size", 1},       {"Slice", 1},       {"Softmax", 1},       {"Softplus", 1},     {"Softsign", 1},
            {"SpaceToDepth", 1}, {"Split", 2},     {"Sqrt", 1},       {"Squeeze", 1},     {"Sum", 1},           {"Tanh", 1},         {"Tile", 6},
            {"TopK", 1},      {"Transpose", 1},    {"Unsqueeze", 1},
    };
    for (const Since& s : unchanged)
        if (s.op == op) return opset >= s.opset;
    return false;
}

class OnnxReader {
public:
    OnnxReader(const ModelBytes& bytes, const ReadOptions& options) : bytes_(bytes), options_(options) {}

    Graph read() {
        check(bytes_.size > 0, "not an ONNX model: there are no bytes");
        const std::string_view file = bytes_.text();
        check(file.size() < 8 || file.substr(4, 4) != "ORTM", "an .ort file was given; convert the .onnx file that it was made from");
        std::string_view graph_bytes;
        std::vector<std::string_view> opsets, functions;
        bool has_graph = false;
        for (WireReader m(file, file.data(), "ModelProto"); m.next();) switch (m.tag()) {
                case 7: graph_bytes = m.bytes(), has_graph = true; break;
                case 8: opsets.push_back(m.bytes()); break;
                case 25: functions.push_back(m.bytes()); break;
                default: m.skip();
            }
        check(has_graph, "not an ONNX model: the file has no graph");
        const Opsets model_opsets = read_opsets(opsets);
        if (const int* v = model_opsets.find("")) check_version(*v);
        else check(!model_opsets.items.empty(), "the ONNX model names no opset: it is older than opset ", kOldestOnnxOpset);
        for (std::string_view f : functions) read_function(f);
        Graph g;
        Scope scope{g};
        scope.opsets = &model_opsets;
        read_graph(scope, graph_bytes, false);
        return g;
    }
    // Kernels run on the items of sequences where they are, which in a file may be at any address.
    static Array aligned_copy(const Array& in_file) {
        if (is_object(in_file.dtype())) return in_file;  // handles, and what they point to
        Array a = Array::uninitialized(in_file.dtype(), in_file.shape());
        in_file.copy_to(a.mutable_data());
        return a;
    }
    // A tensor, a sequence, an optional or a map in a file of its own.
    Array read_value(std::string_view bytes, DType kind, int depth = 0) {
        check(depth < kMaxDepth, "not a valid ONNX model: a value is nested deeper than ", kMaxDepth, " levels");
        if (!is_object(kind) || kind == DType::string) return decode_tensor(bytes, "");
        Items items;
        if (kind == DType::map) {
            std::vector<std::string> strings;
            std::vector<int64_t> numbers;
            Items values;
            for (WireReader m = reader(bytes, "MapProto"); m.next();) switch (m.tag()) {
                    case 3: m.each_integer([&](int64_t v) { numbers.push_back(v); }); break;
                    case 4: strings.emplace_back(m.bytes()); break;
                    case 5: {
                        const std::string_view sequence = m.bytes();
                        for (WireReader s = reader(sequence, "SequenceProto"); s.next();) {
                            if (s.tag() == 3) values.push_back(decode_tensor(s.bytes(), ""));
                            else s.skip();
                        }
                        break;
                    }
                    default: m.skip();
                }
            const Shape count{static_cast<int64_t>(strings.empty() ? numbers.size() : strings.size())};
            return make_items(kind, {strings.empty() ? Array::vector_i64(numbers) : make_strings(count, std::move(strings)), map_values(values, count)});
        }
        for (WireReader m = reader(bytes, kind == DType::optional ? "OptionalProto" : "SequenceProto"); m.next();) switch (m.tag()) {
                case 3: items.push_back(aligned_copy(read_value(m.bytes(), DType::f32, depth + 1))); break;
                case 5: items.push_back(read_value(m.bytes(), DType::sequence, depth + 1)); break;
                case 6: items.push_back(read_value(m.bytes(), DType::map, depth + 1)); break;
                case 7: items.push_back(read_value(m.bytes(), DType::optional, depth + 1)); break;
                default: m.skip();
            }
        return make_items(kind, std::move(items));
    }
    Array read_value_file(DType kind) { return read_value(bytes_.text(), kind); }
    std::vector<UnsupportedNode>& unsupported() { return unsupported_; }

private:
    static constexpr int kMaxDepth = 48;  // of bodies in bodies and functions in functions: each level takes stack
    // What functions may grow to when they are written out, in bytes of their nodes (twenty doublings need no more than
    // a few hundred bytes of file), and what sparse tensors may.
    static constexpr size_t kMaxExpansion = size_t{64} << 20, kMaxSparseBytes = size_t{256} << 20;

    struct Opsets {
        std::vector<std::pair<std::string_view, int>> items;
        const int* find(std::string_view domain) const {
            for (const auto& [d, v] : items)
                if (d == domain) return &v;
            return nullptr;
        }
    };
    struct RawNode {
        std::vector<std::string_view> inputs, outputs, attributes;
        std::string_view name, op, domain, overload, whole;
    };
    struct RawAttribute {
        std::string_view name, ref, s, t, g, sparse;
        int64_t type = 0, i = 0;
        float f = 0.f;
        std::vector<int64_t> ints;
        std::vector<float> floats;
        std::vector<std::string_view> strings;
        bool has_i = false, has_f = false, has_s = false, has_t = false, has_g = false, has_sparse = false, other = false;
    };
    struct Function {
        std::vector<std::string_view> inputs, outputs, attributes, defaults, nodes;
        std::string_view name;
        Opsets opsets;
    };
    // The attributes with which a function was called; they stand for its ref_attr_name.
    struct Call {
        const Function* function;
        std::vector<RawAttribute> attributes;
    };
    // Where names mean something: a graph, a body inside `outer`, or a function written out into the graph of its caller.
    struct Scope {
        Graph& graph;
        Scope* outer = nullptr;
        const Opsets* opsets = nullptr;
        const Call* call = nullptr;
        std::string prefix = {};  // of the names that a function brings
        int depth = 0;
        std::unordered_map<std::string_view, ValueId> names = {};
        std::vector<std::pair<ValueId, ValueId>> captured = {};  // value of the outer graph, value here
    };
    struct Body {
        std::string name;
        std::shared_ptr<Graph> graph;
        std::vector<std::pair<ValueId, ValueId>> captured;
    };

    WireReader reader(std::string_view bytes, const char* what) const { return {bytes, bytes_.text().data(), what}; }
    static std::string_view canonical(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

    void check_version(int v) const {
        check(v >= 1, "the ONNX model is of opset ", v, "; ", kOldestOnnxOpset, " to ", kNewestOnnxOpset, " are read");
        check(v <= kNewestOnnxOpset || options_.allow_newer_opset, "the ONNX model is of opset ", v, "; ", kOldestOnnxOpset, " to ", kNewestOnnxOpset,
              " are known here (ReadOptions::allow_newer_opset reads it as ", kNewestOnnxOpset, ")");
    }
    Opsets read_opsets(const std::vector<std::string_view>& list) const {
        Opsets o;
        for (std::string_view bytes : list) {
            std::string_view domain;
            int64_t version = 0;
            for (WireReader m = reader(bytes, "OperatorSetIdProto"); m.next();) switch (m.tag()) {
                    case 1: domain = m.bytes(); break;
                    case 2: version = m.integer(); break;
                    default: m.skip();
                }
            check(version >= 0 && version < 1000000, "the ONNX model names opset ", version, " of domain '", domain, "'");
            o.items.emplace_back(canonical(domain), static_cast<int>(version));
        }
        return o;
    }
    static std::string function_key(std::string_view domain, std::string_view name, std::string_view overload) {
        return text(canonical(domain), '\n', name, '\n', overload);
    }
    void read_function(std::string_view bytes) {
        Function f;
        std::string_view domain, overload;
        std::vector<std::string_view> opsets;
        for (WireReader m = reader(bytes, "FunctionProto"); m.next();) switch (m.tag()) {
                case 1: f.name = m.bytes(); break;
                case 4: f.inputs.push_back(m.bytes()); break;
                case 5: f.outputs.push_back(m.bytes()); break;
                case 6: f.attributes.push_back(m.bytes()); break;
                case 7: f.nodes.push_back(m.bytes()); break;
                case 9: opsets.push_back(m.bytes()); break;
                case 10: domain = m.bytes(); break;
                case 11: f.defaults.push_back(m.bytes()); break;
                case 13: overload = m.bytes(); break;
                default: m.skip();
            }
        f.opsets = read_opsets(opsets);
        if (const int* v = f.opsets.find("")) check_version(*v);
        const std::string_view name = f.name;
        check(functions_.emplace(function_key(domain, name, overload), std::move(f)).second, "the ONNX model defines function '", name, "' twice");
    }
    RawNode read_node(std::string_view bytes) const {
        RawNode n;
        n.whole = bytes;
        for (WireReader m = reader(bytes, "NodeProto"); m.next();) switch (m.tag()) {
                case 1: n.inputs.push_back(m.bytes()); break;
                case 2: n.outputs.push_back(m.bytes()); break;
                case 3: n.name = m.bytes(); break;
                case 4: n.op = m.bytes(); break;
                case 5: n.attributes.push_back(m.bytes()); break;
                case 7: n.domain = canonical(m.bytes()); break;
                case 8: n.overload = m.bytes(); break;
                default: m.skip();
            }
        check(!n.op.empty(), "not a valid ONNX model: node '", n.name, "' has no operator");
        return n;
    }
    RawAttribute read_attribute(std::string_view bytes) const {
        RawAttribute a;
        for (WireReader m = reader(bytes, "AttributeProto"); m.next();) switch (m.tag()) {
                case 1: a.name = m.bytes(); break;
                case 2: a.f = m.real(), a.has_f = true; break;
                case 3: a.i = m.integer(), a.has_i = true; break;
                case 4: a.s = m.bytes(), a.has_s = true; break;
                case 5: a.t = m.bytes(), a.has_t = true; break;
                case 6: a.g = m.bytes(), a.has_g = true; break;
                case 7: {
                    std::vector<std::string_view> runs;
                    m.append_fixed(runs, 4);
                    for (std::string_view r : runs) {
                        const size_t at = a.floats.size();
                        a.floats.resize(at + r.size() / 4);
                        if (!r.empty()) std::memcpy(a.floats.data() + at, r.data(), r.size());
                    }
                    break;
                }
                case 8: m.each_integer([&](int64_t v) { a.ints.push_back(v); }); break;
                case 9: a.strings.push_back(m.bytes()); break;
                case 20: a.type = m.integer(); break;
                case 21: a.ref = m.bytes(); break;
                case 22: a.sparse = m.bytes(), a.has_sparse = true; break;
                case 10: case 11: case 14: case 15: case 23: a.other = true; m.skip(); break;
                default: m.skip();
            }
        if (a.type == 0 && a.ref.empty())  // files of the first years do not say
            a.type = a.has_f ? 1 : a.has_i ? 2 : a.has_s ? 3 : a.has_t ? 4 : a.has_g ? 5 : a.has_sparse ? 11 : !a.floats.empty() ? 6
                     : !a.ints.empty() ? 7 : !a.strings.empty() ? 8 : a.other ? 9 : 0;
        return a;
    }
    // The attributes of a node; inside a function, references stand for the caller's values or the function's defaults, or for nothing.
    std::vector<RawAttribute> read_attributes_of(const Scope& scope, const RawNode& n) const {
        std::vector<RawAttribute> all;
        for (std::string_view bytes : n.attributes) {
            RawAttribute a = read_attribute(bytes);
            if (!a.ref.empty()) {
                check(scope.call, "not a valid ONNX model: node '", n.name, "' refers to attribute '", a.ref, "' of a function, and is in none");
                const RawAttribute* given = nullptr;
                for (const RawAttribute& c : scope.call->attributes)
                    if (c.name == a.ref) given = &c;
                if (!given) continue;
                const std::string_view name = a.name;
                a = *given;
                a.name = name;
            }
            all.push_back(std::move(a));
        }
        return all;
    }

    // ---- tensors ----

    Array read_tensor(std::string_view bytes, std::string_view who) {
        if (!expanding_) return decode_tensor(bytes, who);
        Array& a = tensors_[bytes.data()];  // a function written out many times shares its constants
        if (!a) a = decode_tensor(bytes, who);
        return a;
    }
    Shape read_shape(const std::vector<int64_t>& dims, std::string_view who) const {
        check(dims.size() <= kMaxRank, "tensor '", who, "' has ", dims.size(), " axes: at most ", kMaxRank, " are supported");
        for (int64_t d : dims) check(d >= 0 && d <= kMaxElements, "not a valid ONNX model: tensor '", who, "' has an extent of ", d);
        return Shape(dims);
    }
    Array decode_tensor(std::string_view bytes, std::string_view who) {
        std::vector<int64_t> dims;
        std::vector<std::string_view> external;
        std::string_view raw;
        int64_t type = 0, location = 0;
        bool has_raw = false;
        for (WireReader m = reader(bytes, "TensorProto"); m.next();) switch (m.tag()) {
                case 1:
                    m.each_integer([&](int64_t v) {
                        check(dims.size() <= kMaxRank, "tensor '", who, "' has more than ", kMaxRank, " axes");
                        dims.push_back(v);
                    });
                    break;
                case 2: type = m.integer(); break;
                case 8: if (const auto name = m.bytes(); who.empty()) who = name; break;
                case 9: raw = m.bytes(), has_raw = true; break;
                case 13: external.push_back(m.bytes()); break;
                case 14: location = m.integer(); break;
                default: m.skip();
            }
        const DType dtype = dtype_of_onnx(type);
        check(dtype != DType::none, "tensor '", who, "' has elements of type ", onnx_type_name(type), " (", type, "), which is not supported");
        const Shape shape = read_shape(dims, who);
        check(shape.addressable(), "not a valid ONNX model: tensor '", who, "' of shape ", shape, " is too large to address");
        const uint64_t count = static_cast<uint64_t>(shape.count()), es = size_of(dtype);
        if (dtype == DType::string) return string_tensor(bytes, shape, count, who);
        if (location == 1) return external_tensor(dtype, shape, count, external, who);
        check(location == 0, "not a valid ONNX model: tensor '", who, "' has data location ", location);
        if (has_raw) {
            if (const size_t per_byte = small_per_byte(dtype); per_byte > 1) return unpack(dtype, shape, count, per_byte, raw, who);
            check(raw.size() / es == count && raw.size() % es == 0, "not a valid ONNX model: tensor '", who, "' of shape ", shape, " needs ", count,
                  " elements of ", es, " bytes, its raw_data has ", raw.size(), " bytes");
            return in_place(dtype, shape, raw);
        }
        return decode_typed(bytes, dtype, shape, count, who);
    }
    // The values of a map: one tensor of all, or one for each key.
    static Array map_values(const Items& values, const Shape& count) {
        if (values.size() == 1 && values[0].shape() == count) return values[0];
        check(static_cast<int64_t>(values.size()) == count.count(), "not a valid ONNX value: a map of ", count.count(), " keys has ", values.size(), " values");
        if (values.empty()) return Array::zeros(DType::f32, count);
        const DType t = values[0].dtype();
        Array all = Array::zeros(t, count);
        for (size_t i = 0; i < values.size(); ++i) {
            check(values[i].dtype() == t && values[i].count() == 1 && t != DType::string, "not a valid ONNX value: the values of a map must be numbers of one type");
            values[i].copy_to(all.mutable_data() + i * size_of(t));
        }
        return all;
    }
    // The elements where they lie in the file.
    Array in_place(DType dtype, const Shape& shape, std::string_view raw) const {
        if (raw.empty()) return Array::zeros(dtype, shape);
        const auto* p = reinterpret_cast<const std::byte*>(raw.data());
        return checked_bool(Array(dtype, shape, std::shared_ptr<const std::byte>(bytes_.data, p))
                                    .with_identity(derived_identity(bytes_.identity, lasting_identity(static_cast<uint64_t>(p - bytes_.data.get())))));
    }
    // A bool that is neither 0 nor 1 cannot be read as a bool.
    static Array checked_bool(Array a) {
        if (a.dtype() != DType::boolean) return a;
        const size_t n = a.bytes();
        if (std::all_of(a.data(), a.data() + n, [](std::byte b) { return b <= std::byte{1}; })) return a;
        Array clean = Array::zeros(DType::boolean, a.shape());
        for (size_t i = 0; i < n; ++i) clean.mutable_data()[i] = a.data()[i] == std::byte{0} ? std::byte{0} : std::byte{1};
        return clean;
    }
    Array string_tensor(std::string_view bytes, const Shape& shape, uint64_t count, std::string_view who) const {
        std::vector<std::string> strings;
        for (WireReader m = reader(bytes, "TensorProto"); m.next();) {
            if (m.tag() == 6) strings.emplace_back(m.bytes());
            else m.skip();
        }
        check(strings.size() == count, "not a valid ONNX model: tensor '", who, "' of shape ", shape, " needs ", count, " strings, it has ", strings.size());
        return make_strings(shape, std::move(strings));
    }
    // Elements of two and four bits get a byte each, the first from the low bits.
    static Array unpack(DType dtype, const Shape& shape, uint64_t count, size_t per_byte, std::string_view raw, std::string_view who) {
        check(raw.size() == (count + per_byte - 1) / per_byte, "not a valid ONNX model: tensor '", who, "' of shape ", shape, " needs ", count, " elements, ", per_byte,
              " in a byte, its data have ", raw.size(), " bytes");
        Array a = Array::zeros(dtype, shape);
        const size_t bits = 8 / per_byte;
        for (size_t i = 0; i < count; ++i) {
            const int code = (static_cast<uint8_t>(raw[i / per_byte]) >> (i % per_byte * bits)) & ((1 << bits) - 1);
            a.mutable_data()[i] = static_cast<std::byte>(dtype == DType::f4e2m1 ? code : wrap_small_int(dtype, code));
        }
        return a;
    }
    Array decode_typed(std::string_view bytes, DType dtype, const Shape& shape, uint64_t count, std::string_view who) const {
        const uint32_t field = dtype == DType::f32 ? 4 : dtype == DType::f64 ? 10 : dtype == DType::i64 ? 7
                               : dtype == DType::u32 || dtype == DType::u64 ? 11 : 5;
        if (const size_t per_byte = small_per_byte(dtype); per_byte > 1) {
            std::string packed;
            for (WireReader m = reader(bytes, "TensorProto"); m.next();) {
                if (m.tag() == 5) m.each_integer([&](int64_t v) { packed += static_cast<char>(v); });
                else m.skip();
            }
            return unpack(dtype, shape, count, per_byte, packed, who);
        }
        // An element takes at least one byte of the file, so what is allocated is bounded by what was given.
        check(count <= bytes.size(), "not a valid ONNX model: tensor '", who, "' of shape ", shape, " needs ", count, " elements, it has fewer");
        const size_t es = size_of(dtype);
        uint64_t got = 0;
        Array a;
        if (field == 4 || field == 10) {
            std::vector<std::string_view> runs;
            for (WireReader m = reader(bytes, "TensorProto"); m.next();) {
                if (m.tag() == field) m.append_fixed(runs, es);
                else m.skip();
            }
            for (std::string_view r : runs) got += r.size() / es;
            if (got == count && runs.size() == 1) return in_place(dtype, shape, runs[0]);
            if (got == count) {
                a = Array::zeros(dtype, shape);
                std::byte* out = a.mutable_data();
                for (std::string_view r : runs) {
                    if (!r.empty()) std::memcpy(out, r.data(), r.size());
                    out += r.size();
                }
            }
        } else {
            a = Array::zeros(dtype, shape);
            std::byte* out = a.mutable_data();
            for (WireReader m = reader(bytes, "TensorProto"); m.next();) {
                if (m.tag() == field)
                    m.each_integer([&](int64_t v) {
                        if (dtype == DType::boolean) v = v != 0;
                        if (got++ < count) {  // little-endian: the low bytes are the narrower value
                            std::memcpy(out, &v, es);
                            out += es;
                        }
                    });
                else m.skip();
            }
        }
        check(got == count, "not a valid ONNX model: tensor '", who, "' of shape ", shape, " needs ", count, " elements, it has ", got);
        return a;
    }
    static uint64_t parse_number(std::string_view s, std::string_view who) {
        uint64_t v = 0;
        check(!s.empty() && s.size() <= 18, "not a valid ONNX model: external data of tensor '", who, "' has the number '", s, "'");
        for (char c : s) {
            check(c >= '0' && c <= '9', "not a valid ONNX model: external data of tensor '", who, "' has the number '", s, "'");
            v = v * 10 + static_cast<uint64_t>(c - '0');
        }
        return v;
    }
    Array external_tensor(DType dtype, const Shape& shape, uint64_t count, const std::vector<std::string_view>& entries, std::string_view who) {
        std::string location;
        uint64_t offset = 0, length = 0;
        bool has_length = false;
        for (std::string_view bytes : entries) {
            std::string_view key, value;
            for (WireReader m = reader(bytes, "StringStringEntryProto"); m.next();) switch (m.tag()) {
                    case 1: key = m.bytes(); break;
                    case 2: value = m.bytes(); break;
                    default: m.skip();
                }
            if (key == "location") location = std::string(value);
            else if (key == "offset") offset = parse_number(value, who);
            else if (key == "length") length = parse_number(value, who), has_length = true;
        }
        const FileBytes& file = external_file(location, who);
        const uint64_t es = size_of(dtype), room = offset <= file.size ? file.size - offset : 0, bytes = count * es;
        check(count <= room / es && (!has_length || length == bytes), "tensor '", who, "' of shape ", shape, " needs ", bytes, " bytes at ", offset,
              " of file '", location, "'", has_length ? text(", the model says ", length) : std::string(), ", the file has ", file.size);
        if (count == 0) return Array::zeros(dtype, shape);
        return checked_bool(Array(dtype, shape, std::shared_ptr<const std::byte>(file.data, file.data.get() + offset)));
    }
    const FileBytes& external_file(const std::string& location, std::string_view who) {
        for (const auto& [name, file] : files_)
            if (name == location) return file;
        FileBytes file;
        if (options_.open_external) {
            file = options_.open_external(location);
            check(file.data != nullptr, "tensor '", who, "' lies in file '", location, "', which was not found");
        } else {
            check(!bytes_.folder.empty(), "tensor '", who, "' lies in file '", location, "', but the model was loaded from memory: load it by its path");
            bool inside = !location.empty() && location[0] != '/' && location.find_first_of(std::string_view("\\:\0", 3)) == std::string::npos;
            for (size_t at = 0; inside && at <= location.size();) {  // no part of the path may be ".."
                const size_t slash = std::min(location.find('/', at), location.size());
                inside = location.compare(at, slash - at, "..") != 0;
                at = slash + 1;
            }
            check(inside, "tensor '", who, "' lies in '", location, "', which is not a path inside the model's folder");
            std::string folder = real_path(bytes_.folder);
            const std::string path = real_path(bytes_.folder + "/" + location);
            check(!path.empty(), "tensor '", who, "' lies in file '", location, "', which is not in the model's folder '", bytes_.folder, "'");
            if (folder.empty() || folder.back() != '/') folder += '/';
            check(path.compare(0, folder.size(), folder) == 0, "tensor '", who, "' lies in '", location, "', which leads outside the model's folder '",
                  bytes_.folder, "'");
            file = map_file(path);
        }
        files_.emplace_back(location, std::move(file));
        return files_.back().second;
    }
    // A sparse tensor made dense; `name` becomes that of its values.
    Array read_sparse(std::string_view bytes, std::string_view& name) {
        std::string_view values_bytes, indices_bytes;
        std::vector<int64_t> dims;
        for (WireReader m = reader(bytes, "SparseTensorProto"); m.next();) switch (m.tag()) {
                case 1: values_bytes = m.bytes(); break;
                case 2: indices_bytes = m.bytes(); break;
                case 3:
                    m.each_integer([&](int64_t v) {
                        check(dims.size() <= kMaxRank, "a sparse tensor has more than ", kMaxRank, " axes");
                        dims.push_back(v);
                    });
                    break;
                default: m.skip();
            }
        for (WireReader m = reader(values_bytes, "TensorProto"); m.next();) {
            if (m.tag() == 8) name = m.bytes();
            else m.skip();
        }
        const Array values = read_tensor(values_bytes, name), indices = read_tensor(indices_bytes, name);
        const Shape shape = read_shape(dims, name);
        const size_t es = size_of(values.dtype());
        const uint64_t count = static_cast<uint64_t>(shape.count());
        check(count <= (kMaxSparseBytes - sparse_bytes_) / es, "sparse tensor '", name, "' of shape ", shape, " is too large when made dense");
        sparse_bytes_ += count * es;
        const int64_t n = values.count(), rank = static_cast<int64_t>(dims.size());
        const bool linear = indices.shape().rank() == 1;
        check(values.shape().rank() == 1 && !is_object(values.dtype()) && indices.dtype() == DType::i64 &&
                      (linear ? indices.shape()[0] == n : indices.shape() == Shape{n, rank}),
              "not a valid ONNX model: sparse tensor '", name, "' has values ", values.shape(), " and indices ", indices.dtype(), indices.shape());
        Array dense = Array::zeros(values.dtype(), shape);
        const std::vector<int64_t> at = indices.values<int64_t>();
        for (int64_t i = 0; i < n; ++i) {
            int64_t offset = 0;
            if (linear) offset = at[static_cast<size_t>(i)];
            else
                for (int64_t k = 0; k < rank; ++k) {
                    const int64_t v = at[static_cast<size_t>(i * rank + k)];
                    check(v >= 0 && v < shape[static_cast<size_t>(k)], "not a valid ONNX model: sparse tensor '", name, "' has an index of ", v, " in axis ", k);
                    offset = offset * shape[static_cast<size_t>(k)] + v;
                }
            check(offset >= 0 && static_cast<uint64_t>(offset) < count, "not a valid ONNX model: sparse tensor '", name, "' has an index of ", offset);
            std::memcpy(dense.mutable_data() + static_cast<size_t>(offset) * es, values.data() + static_cast<size_t>(i) * es, es);
        }
        return dense;
    }

    // ---- graphs ----

    void add_input(Graph& g, std::string_view name, std::string_view type, bool body) const {
        const ValueId id = g.add_value(std::string(name));
        g.inputs.push_back(id);
        Value& v = g.value(id);
        std::string_view tensor;
        bool has_tensor = false;
        for (int depth = 0; depth < 3; ++depth) {  // an optional of a sequence of tensors has three levels
            std::string_view inner;
            DType kind = DType::none;
            for (WireReader m = reader(type, "TypeProto"); m.next();) switch (m.tag()) {
                    case 1: tensor = m.bytes(), has_tensor = true; break;
                    case 4: inner = m.bytes(), kind = DType::sequence; break;
                    case 5: inner = m.bytes(), kind = DType::map; break;
                    case 9: inner = m.bytes(), kind = DType::optional; break;
                    case 7: case 8: fail("input '", name, "' of the ONNX model is a sparse tensor or opaque, which is not supported");
                    default: m.skip();
                }
            if (kind == DType::none) break;
            if (depth == 0) v.dtype = kind, v.has_shape = true;
            else v.nested = v.dtype == DType::optional && kind == DType::sequence;
            type = {};
            for (WireReader m = reader(inner, "TypeProto.Sequence"); m.next();) {
                if (m.tag() == (kind == DType::map ? 2u : 1u)) type = m.bytes();  // of a map the type of its values
                else m.skip();
            }
        }
        if (is_object(v.dtype)) {
            for (WireReader m = reader(tensor, "TypeProto.Tensor"); m.next();) {
                if (m.tag() == 1) v.element = dtype_of_onnx(m.integer());
                else m.skip();
            }
            return;
        }
        check(has_tensor || body, "not a valid ONNX model: input '", name, "' has no type");
        int64_t elements = 0;
        for (WireReader m = reader(tensor, "TypeProto.Tensor"); m.next();) switch (m.tag()) {
                case 1: elements = m.integer(); break;
                case 2: {
                    Shape s;
                    std::vector<std::string> symbols;
                    const std::string_view dims = m.bytes();
                    for (WireReader d = reader(dims, "TensorShapeProto"); d.next();) {
                        if (d.tag() != 1) {
                            d.skip();
                            continue;
                        }
                        int64_t extent = kUnknown;
                        std::string_view symbol;
                        for (WireReader e = d.message("Dimension"); e.next();) switch (e.tag()) {
                                case 1: extent = e.integer(); break;
                                case 2: symbol = e.bytes(); break;
                                default: e.skip();
                            }
                        check(s.rank() < kMaxRank, "input '", name, "' of the ONNX model has more than ", kMaxRank, " axes");
                        check(extent <= kMaxElements, "not a valid ONNX model: input '", name, "' has an extent of ", extent);
                        s.push_back(extent < 0 ? kUnknown : extent);  // exporters write -1 for unknown
                        symbols.emplace_back(extent < 0 ? symbol : std::string_view());
                    }
                    v.shape = s;
                    v.has_shape = true;
                    v.symbols = std::move(symbols);
                    break;
                }
                default: m.skip();
            }
        v.dtype = dtype_of_onnx(elements);
        check(v.dtype != DType::none || (body && elements == 0), "input '", name, "' of the ONNX model has elements of type ", onnx_type_name(elements),
              " (", elements, "), which is not supported");
    }

    void read_graph(Scope& scope, std::string_view bytes, bool body) {
        Graph& g = scope.graph;
        std::vector<std::string_view> nodes, initializers, sparse, inputs, outputs;
        for (WireReader m = reader(bytes, "GraphProto"); m.next();) switch (m.tag()) {
                case 1: nodes.push_back(m.bytes()); break;
                case 2: g.name = std::string(m.bytes()); break;
                case 5: initializers.push_back(m.bytes()); break;
                case 11: inputs.push_back(m.bytes()); break;
                case 12: outputs.push_back(m.bytes()); break;
                case 15: sparse.push_back(m.bytes()); break;
                default: m.skip();
            }
        if (const int* v = scope.opsets->find("")) g.opset = std::max(*v, kOldestOnnxOpset);
        const auto value_info = [&](std::string_view b, std::string_view& type) {
            std::string_view name;
            for (WireReader m = reader(b, "ValueInfoProto"); m.next();) switch (m.tag()) {
                    case 1: name = m.bytes(); break;
                    case 2: type = m.bytes(); break;
                    default: m.skip();
                }
            return name;
        };
        const auto define = [&](std::string_view name, ValueId id, std::string_view as) {
            check(!name.empty(), "not a valid ONNX model: an ", as, " has no name");
            check(scope.names.emplace(name, id).second, "not a valid ONNX model: ", as, " '", name, "' is defined twice");
        };
        for (std::string_view b : initializers) {
            std::string_view name;
            for (WireReader m = reader(b, "TensorProto"); m.next();) {
                if (m.tag() == 8) name = m.bytes();
                else m.skip();
            }
            define(name, g.add_constant(std::string(name), read_tensor(b, name)), "initializer");
        }
        for (std::string_view b : sparse) {
            std::string_view name;
            Array a = read_sparse(b, name);
            define(name, g.add_constant(std::string(name), std::move(a)), "initializer");
        }
        std::unordered_set<std::string_view> seen;
        for (std::string_view b : inputs) {
            std::string_view type;
            const std::string_view name = value_info(b, type);
            check(seen.insert(name).second, "not a valid ONNX model: input '", name, "' is defined twice");
            if (scope.names.count(name)) continue;  // files of the first years list initializers among the inputs
            add_input(g, name, type, body);
            define(name, g.inputs.back(), "input");
        }
        read_nodes(scope, nodes, nullptr);
        for (std::string_view b : outputs) {
            std::string_view type;
            const std::string_view name = value_info(b, type);
            const ValueId id = find(scope, name);
            check(id != kNoValue, "not a valid ONNX model: output '", name, "' is made by no node");
            g.outputs.push_back(id);
        }
        check(body || !g.outputs.empty(), "not a valid ONNX model: the graph has no outputs");
        sort(g);
    }

    // First every value, so that nodes may come in any order, then the nodes. `pending` are outputs of a function not made yet.
    void read_nodes(Scope& scope, const std::vector<std::string_view>& list, std::unordered_set<std::string_view>* pending) {
        Graph& g = scope.graph;
        std::vector<RawNode> nodes;
        nodes.reserve(list.size());
        for (std::string_view b : list) {
            if (expanding_) {
                expanded_bytes_ += 64 + b.size();
                check(expanded_bytes_ <= kMaxExpansion, "not a valid ONNX model: its functions grow without bound");
            }
            RawNode n = read_node(b);
            Array constant;
            bool skip = false;
            if (n.op == "Constant" && n.domain.empty()) {
                skip = true;
                constant = read_constant(scope, n);
            }
            for (std::string_view out : n.outputs) {
                if (out.empty()) continue;
                if (pending && pending->erase(out)) {
                    if (constant) {
                        Value& v = g.value(scope.names.find(out)->second);
                        v.dtype = constant.dtype();
                        v.shape = constant.shape();
                        v.has_shape = true;
                        v.constant = constant;
                    }
                    continue;
                }
                const ValueId id = constant ? g.add_constant(scope.prefix + std::string(out), constant) : g.add_value(scope.prefix + std::string(out));
                check(scope.names.emplace(out, id).second, "not a valid ONNX model: value '", out, "' is made twice, last by node '", n.name, "' (", n.op, ")");
            }
            if (!skip) nodes.push_back(std::move(n));
        }
        for (const RawNode& n : nodes) convert(scope, n);
    }

    Array read_constant(Scope& scope, const RawNode& n) {
        const std::string_view who = n.outputs.empty() ? n.name : n.outputs[0];
        for (RawAttribute& a : read_attributes_of(scope, n)) {
            if (a.name == "value" && a.type == 4) return read_tensor(a.t, who);
            if (a.name == "sparse_value" && a.type == 11) {
                std::string_view name = who;
                return read_sparse(a.sparse, name);
            }
            if (a.name == "value_int" && a.type == 2) return Array::scalar(a.i);
            if (a.name == "value_float" && a.type == 1) return Array::scalar(a.f);
            if (a.name == "value_ints" && a.type == 7) return Array::vector_i64(a.ints);
            if (a.name == "value_floats" && a.type == 6) return Array::of(Shape{static_cast<int64_t>(a.floats.size())}, a.floats);
            if (a.name == "value_string" && a.type == 3) return make_strings(Shape{}, {std::string(a.s)});
            if (a.name == "value_strings" && a.type == 8)
                return make_strings(Shape{static_cast<int64_t>(a.strings.size())}, std::vector<std::string>(a.strings.begin(), a.strings.end()));
        }
        fail("not a valid ONNX model: Constant '", who, "' has no value");
    }

    // The value of that name here, from outside as a capture; kNoValue if there is none.
    ValueId find(Scope& scope, std::string_view name) {
        if (const auto it = scope.names.find(name); it != scope.names.end()) return it->second;
        if (!scope.outer) return kNoValue;
        const ValueId from = find(*scope.outer, name);
        if (from == kNoValue) return kNoValue;
        const Value& v = scope.outer->graph.value(from);
        ValueId id;
        if (v.is_constant()) {
            id = scope.graph.add_constant(v.name, v.constant);
        } else {
            id = capture(scope.graph, v);
            scope.captured.emplace_back(from, id);
        }
        scope.names.emplace(name, id);
        return id;
    }
    static ValueId capture(Graph& g, const Value& v) {
        const ValueId id = g.add_value(v.name, v.dtype);
        g.value(id).shape = v.shape;
        g.value(id).has_shape = v.has_shape;
        g.value(id).symbols = v.symbols;
        g.value(id).element = v.element;
        g.value(id).nested = v.nested;
        return id;
    }

    static int version_of(const Scope& scope, const RawNode& n) {
        const int* v = scope.opsets->find(n.domain);
        if (!v) check(!n.domain.empty(), "not a valid ONNX model: node '", n.name, "' (", n.op, ") is of ai.onnx, of which the model names no opset");
        return v ? *v : 1;
    }
    std::pair<const Operator*, int64_t> find_operator(std::string_view domain, std::string_view name) {
        const auto [it, fresh] = operators_.try_emplace(text(domain, '\n', name));
        if (fresh) it->second = registry().find("onnx", domain, name);
        return it->second;
    }

    void convert(Scope& scope, const RawNode& raw) {
        Graph& g = scope.graph;
        Node n;
        n.name = scope.prefix + (raw.name.empty() ? text(raw.op, '_', g.nodes.size()) : std::string(raw.name));
        for (std::string_view in : raw.inputs) {
            const ValueId id = in.empty() ? kNoValue : find(scope, in);
            check(id != kNoValue || in.empty(), "not a valid ONNX model: input '", in, "' of node '", n.name, "' (", raw.op,
                  ") is made by no node, and is no input or initializer");
            n.inputs.push_back(id);
        }
        for (std::string_view out : raw.outputs) n.outputs.push_back(out.empty() ? kNoValue : scope.names.find(out)->second);
        std::vector<RawAttribute> attributes = read_attributes_of(scope, raw);
        if (const auto f = functions_.find(function_key(raw.domain, raw.op, raw.overload)); f != functions_.end())
            return expand(scope, f->second, n, std::move(attributes));
        n.version = version_of(scope, raw);
        const bool too_old = raw.domain.empty() && n.version < kOldestOnnxOpset && !means_today(raw.op, n.version);
        const auto [op, mode] = too_old ? std::pair<const Operator*, int64_t>() : find_operator(raw.domain, raw.op);
        if (!op && raw.domain == "com.microsoft")
            for (const OnnxExpansion& e : kOnnxExpansions)
                if (e.name == raw.op && e.write) {
                    for (const RawAttribute& a : attributes) set_attribute(n, a);
                    OnnxExpander expander(g, n, raw.op);
                    return e.write(expander);
                }
        if (!op)
            unsupported_.push_back({std::string(raw.op), std::string(raw.domain), n.version, n.name,
                                    too_old ? "it meant something else before opset 7; onnx.version_converter lifts the model"
                                    : is_rare(raw.domain, raw.op) ? "it comes with #include <lite/all_ops.h>" : ""});
        if (raw.domain.empty()) n.version = std::max(n.version, kOldestOnnxOpset);
        n.op = op;
        std::vector<Body> bodies;
        for (const RawAttribute& a : attributes) {
            if (a.type == 5) read_body(scope, a, n, raw.op, bodies);
            else if (op) set_attribute(n, a);
        }
        if (op && mode >= 0) n.attributes.set("mode", mode);
        if (!bodies.empty()) attach(n, g, bodies);
        if (op && op->normalize) op->normalize(g, n);
        g.nodes.push_back(std::move(n));
    }
    void set_attribute(Node& n, const RawAttribute& a) {
        switch (a.type) {
            case 1: n.attributes.set(a.name, a.f); break;
            case 2: n.attributes.set(a.name, a.i); break;
            case 3: n.attributes.set(a.name, std::string(a.s)); break;
            case 4: n.attributes.set(a.name, read_tensor(a.t, text(n.name, '.', a.name))); break;
            case 6: n.attributes.set(a.name, a.floats); break;
            case 7: n.attributes.set(a.name, a.ints); break;
            case 8: n.attributes.set(a.name, std::vector<std::string>(a.strings.begin(), a.strings.end())); break;
            case 11: {
                std::string_view name = n.name;
                n.attributes.set(a.name, read_sparse(a.sparse, name));
                break;
            }
            case 13: break;  // a type, which follows from the inputs
            default: fail("attribute '", a.name, "' of node '", n.name, "' (", n.op ? n.op->name : std::string_view(), ") is of a kind (", a.type, ") that is not supported");
        }
    }
    void read_body(Scope& scope, const RawAttribute& a, const Node& n, std::string_view op, std::vector<Body>& bodies) {
        check(scope.depth < kMaxDepth, "node '", n.name, "' (", op, ") is nested deeper than ", kMaxDepth, " levels");
        auto body = std::make_shared<Graph>();
        Scope inner{*body, &scope, scope.opsets, scope.call, scope.prefix, scope.depth + 1};
        read_graph(inner, a.g, true);
        bodies.push_back({std::string(a.name), std::move(body), std::move(inner.captured)});
    }
    // Gives all bodies of a node the same list of captured values, and the node these values as its last inputs.
    static void attach(Node& n, const Graph& g, std::vector<Body>& bodies) {
        std::vector<ValueId> all;
        for (const Body& b : bodies)
            for (const auto& c : b.captured)
                if (std::find(all.begin(), all.end(), c.first) == all.end()) all.push_back(c.first);
        for (Body& b : bodies) {
            std::unordered_map<ValueId, ValueId> local(b.captured.begin(), b.captured.end());
            for (ValueId from : all) {
                const auto it = local.find(from);
                b.graph->inputs.push_back(it != local.end() ? it->second : capture(*b.graph, g.value(from)));
            }
            b.graph->captures = all.size();
            n.attributes.set(b.name, std::shared_ptr<const Graph>(std::move(b.graph)));
        }
        n.inputs.insert(n.inputs.end(), all.begin(), all.end());
    }
    // Writes the nodes of a function in the place of its call.
    void expand(Scope& scope, const Function& f, const Node& n, std::vector<RawAttribute> attributes) {
        check(scope.depth < kMaxDepth, "not a valid ONNX model: function '", f.name, "' is nested deeper than ", kMaxDepth, " levels, or calls itself");
        check(n.inputs.size() <= f.inputs.size() && n.outputs.size() <= f.outputs.size(), "not a valid ONNX model: node '", n.name, "' calls function '",
              f.name, "' with ", n.inputs.size(), " inputs and ", n.outputs.size(), " outputs, it has ", f.inputs.size(), " and ", f.outputs.size());
        Call call{&f, std::move(attributes)};
        for (std::string_view bytes : f.defaults) {
            RawAttribute d = read_attribute(bytes);
            if (std::none_of(call.attributes.begin(), call.attributes.end(), [&](const RawAttribute& a) { return a.name == d.name; }))
                call.attributes.push_back(std::move(d));
        }
        Scope inner{scope.graph, nullptr, &f.opsets, &call, n.name + "/", scope.depth + 1};
        for (size_t i = 0; i < f.inputs.size(); ++i) {
            // An input that was not given is named by nodes all the same; they see it as absent.
            check(inner.names.emplace(f.inputs[i], i < n.inputs.size() ? n.inputs[i] : kNoValue).second, "not a valid ONNX model: function '", f.name,
                  "' has two inputs '", f.inputs[i], "'");
        }
        std::unordered_set<std::string_view> pending;
        for (size_t i = 0; i < f.outputs.size(); ++i) {
            const ValueId to = i < n.outputs.size() ? n.outputs[i] : kNoValue;
            if (to == kNoValue) continue;
            if (const auto it = inner.names.find(f.outputs[i]); it != inner.names.end()) {  // an input handed through
                Node copy;
                copy.op = find_operator("", "Identity").first;
                copy.name = n.name + "/" + std::string(f.outputs[i]);
                copy.inputs = {it->second};
                copy.outputs = {to};
                copy.version = scope.graph.opset;
                check(copy.op && it->second != kNoValue, "node '", n.name, "': function '", f.name, "' hands through an input that is absent");
                scope.graph.nodes.push_back(std::move(copy));
                continue;
            }
            inner.names.emplace(f.outputs[i], to);
            pending.insert(f.outputs[i]);
        }
        ++expanding_;
        read_nodes(inner, f.nodes, &pending);
        --expanding_;
        check(pending.empty(), "not a valid ONNX model: function '", f.name, "' does not make all of its outputs");
    }

    // Nodes into an order in which each comes after those that make its inputs; the file's order where it is one.
    static void sort(Graph& g) {
        const std::vector<int32_t> from = g.producers();
        const size_t n = g.nodes.size();
        std::vector<int32_t> missing(n, 0);
        std::vector<std::vector<int32_t>> users(n);
        bool sorted = true;
        for (size_t i = 0; i < n; ++i)
            for (ValueId v : g.nodes[i].inputs) {
                if (v == kNoValue || from[static_cast<size_t>(v)] < 0) continue;
                const size_t p = static_cast<size_t>(from[static_cast<size_t>(v)]);
                sorted = sorted && p < i;
                users[p].push_back(static_cast<int32_t>(i));
                ++missing[i];
            }
        if (sorted) return;
        std::priority_queue<int32_t, std::vector<int32_t>, std::greater<>> ready;
        for (size_t i = 0; i < n; ++i)
            if (!missing[i]) ready.push(static_cast<int32_t>(i));
        std::vector<Node> ordered;
        ordered.reserve(n);
        while (!ready.empty()) {
            const size_t i = static_cast<size_t>(ready.top());
            ready.pop();
            for (int32_t u : users[i])
                if (--missing[static_cast<size_t>(u)] == 0) ready.push(u);
            ordered.push_back(std::move(g.nodes[i]));
        }
        if (ordered.size() == n) {
            g.nodes = std::move(ordered);
            return;
        }
        // Walking back from a node that waits, always to one that waits, ends up in the circle.
        size_t at = 0;
        while (missing[at] == 0) ++at;
        const auto waits_for = [&](size_t i) {
            for (ValueId v : g.nodes[i].inputs)
                if (v != kNoValue && from[static_cast<size_t>(v)] >= 0 && missing[static_cast<size_t>(from[static_cast<size_t>(v)])] > 0)
                    return static_cast<size_t>(from[static_cast<size_t>(v)]);
            return i;
        };
        for (size_t k = 0; k < n; ++k) at = waits_for(at);
        std::string names = text("'", g.nodes[at].name, "'");
        size_t shown = 1;
        for (size_t i = waits_for(at); i != at && shown < 8; i = waits_for(i), ++shown) names += text(" <- '", g.nodes[i].name, "'");
        fail("not a valid ONNX model: nodes wait for each other in a circle: ", names);
    }

    const ModelBytes& bytes_;
    const ReadOptions& options_;
    std::unordered_map<std::string, Function> functions_;
    std::unordered_map<std::string, std::pair<const Operator*, int64_t>> operators_;
    std::unordered_map<const char*, Array> tensors_;
    std::vector<std::pair<std::string, FileBytes>> files_;
    std::vector<UnsupportedNode> unsupported_;
    int expanding_ = 0;
    size_t expanded_bytes_ = 0, sparse_bytes_ = 0;
};

}  // namespace detail

inline void append(std::string& s, const UnsupportedNode& n) {
    append(s, text(n.domain.empty() ? "" : n.domain + ".", n.op, " (opset ", n.opset, n.reason.empty() ? "" : ", " + n.reason, ") at node '", n.node, "'"));
}

// The graph of the model; constants that are stored as plain bytes stay in `bytes`, which the graph keeps alive. Throws lite::Error
// if the bytes are no valid model, or with the whole list if operators are not supported.
inline Graph read_onnx(const ModelBytes& bytes, const ReadOptions& options = {}) {
    detail::OnnxReader reader(bytes, options);
    Graph g = reader.read();
    const std::vector<UnsupportedNode>& missing = reader.unsupported();
    if (!missing.empty()) {
        std::string list;
        for (const UnsupportedNode& n : missing) append(list, text("\n  ", n));
        fail("the ONNX model has ", missing.size(), missing.size() == 1 ? " node" : " nodes", " whose operator is not supported", kListNote, ':', list);
    }
    return g;
}
inline Graph read_onnx(std::shared_ptr<const std::byte> bytes, size_t size, const std::string& folder, const ReadOptions& options = {}) {
    return read_onnx(ModelBytes{std::move(bytes), size, folder}, options);
}
// The nodes of the model whose operators are not supported, all of them; throws only if the bytes are no valid model.
inline std::vector<UnsupportedNode> check_onnx(const ModelBytes& bytes, const ReadOptions& options = {}) {
    detail::OnnxReader reader(bytes, options);
    (void)reader.read();
    return std::move(reader.unsupported());
}
// A tensor in a file of its own, as the test data of ONNX models are; or, if `kind` says so, a sequence, an optional or a map.
inline Array read_onnx_tensor(const ModelBytes& bytes, DType kind = DType::f32) { return detail::OnnxReader(bytes, ReadOptions()).read_value_file(kind); }

LITE_NAMESPACE_END
#endif
