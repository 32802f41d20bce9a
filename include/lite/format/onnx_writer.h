// Graphs to ONNX files: the reader's way back, through the spellings of the operators.
#ifndef LITE_FORMAT_ONNX_WRITER_H_
#define LITE_FORMAT_ONNX_WRITER_H_
#include <unordered_set>

#include "lite/base/objects.h"
#include "lite/format/bytes.h"
#include "lite/format/onnx_wire.h"
#include "lite/op/infer.h"
#include "lite/op/onnx_types.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline int64_t written_type(DType t) {
    const int64_t code = onnx_of_dtype(t);
    check(code != 0, "values of type ", name_of(t), " cannot be written to an ONNX file");
    return code;
}
// The fields of a TensorProto.
inline void write_onnx_tensor(WireWriter& w, std::string_view name, const Array& a) {
    for (int64_t d : a.shape()) w.integer(1, d);
    w.integer(2, written_type(a.dtype()));
    if (a.dtype() == DType::string)
        for (int64_t i = 0; i < a.count(); ++i) w.bytes(6, strings_of(a)[i]);
    if (!name.empty()) w.bytes(8, name);
    if (a.dtype() == DType::string) return;
    const std::string_view raw(reinterpret_cast<const char*>(a.data()), a.bytes());
    const size_t per_byte = small_per_byte(a.dtype()), bits = 8 / per_byte;
    if (per_byte == 1) return w.bytes(9, raw);
    std::string packed((raw.size() + per_byte - 1) / per_byte, '\0');  // the first from the low bits
    for (size_t i = 0; i < raw.size(); ++i) packed[i / per_byte] = static_cast<char>(packed[i / per_byte] | (raw[i] & ((1 << bits) - 1)) << (i % per_byte * bits));
    w.bytes(9, packed);
}
// The fields of the message that holds a value of that kind: TensorProto, SequenceProto, OptionalProto or MapProto.
inline void write_onnx_value(WireWriter& w, std::string_view name, const Array& a) {
    if (!is_object(a.dtype()) || a.dtype() == DType::string) return write_onnx_tensor(w, name, a);
    const Items& items = items_of(a);
    if (!name.empty()) w.bytes(1, name);
    if (a.dtype() == DType::map) {
        const Array& keys = items.at(0);
        w.integer(2, written_type(keys.dtype()));
        if (keys.dtype() == DType::string)
            for (int64_t i = 0; i < keys.count(); ++i) w.bytes(4, strings_of(keys)[i]);
        else
            for (int64_t k : keys.values<int64_t>()) w.integer(3, k);
        w.message(5, [&] { w.message(3, [&] { write_onnx_tensor(w, {}, items.at(1)); }); });
        return;
    }
    // What the items are: a tensor, a sequence, a map or an optional; field of the item, and its number as a type.
    const DType t = items.empty() ? DType::f32 : items[0].dtype();
    const uint32_t field = t == DType::sequence ? 5 : t == DType::map ? 6 : t == DType::optional ? 7 : 3;
    if (!items.empty() || a.dtype() == DType::sequence) w.integer(2, field == 3 ? 1 : field - 2);
    for (const Array& item : items) w.message(field, [&] { write_onnx_value(w, {}, item); });
}

class OnnxWriter {
public:
    std::string write(const Graph& given) {
        Graph g = given;
        if (std::any_of(g.outputs.begin(), g.outputs.end(), [&](ValueId o) { return g.value(o).dtype == DType::none; }))
            infer_and_fold(g, {.fold = false, .max_bytes = int64_t{64} << 10});
        domains_ = {{"", g.opset}};
        // The format version that came with the opset; runtimes of that time refuse a newer one.
        w_.integer(1, g.opset <= 18 ? 8 : g.opset <= 20 ? 9 : g.opset <= 22 ? 10 : g.opset <= 24 ? 11 : g.opset <= 25 ? 12 : 13);
        w_.bytes(2, "lite");
        w_.message(7, [&] { write_graph(g, names_of(g, {}), false); });
        for (const auto& [domain, version] : domains_)
            w_.message(8, [&, d = domain, v = version] {
                w_.bytes(1, d);
                w_.integer(2, v);
            });
        check(w_.out.size() < (size_t{1} << 31), "the graph takes ", w_.out.size(), " bytes as an ONNX file, which may have 2 GiB at most");
        return std::move(w_.out);
    }

private:
    using Names = std::vector<std::string>;

    // A name for every value: its own where it has one that is free. `captured` are those of the last inputs of a body.
    Names names_of(const Graph& g, std::span<const std::string> captured) {
        Names names(g.values.size());
        for (size_t i = 0; i < captured.size(); ++i) names[static_cast<size_t>(g.inputs[g.inputs.size() - captured.size() + i])] = captured[i];
        const auto give = [&](size_t i) {
            if (!names[i].empty()) return;
            const std::string base = g.values[i].name.empty() ? text("value_", i) : g.values[i].name;
            names[i] = base;
            for (size_t k = 2; !used_.insert(names[i]).second; ++k) names[i] = text(base, '_', k);
        };
        for (ValueId v : g.inputs) give(static_cast<size_t>(v));  // what a user names comes first
        for (ValueId v : g.outputs) give(static_cast<size_t>(v));
        for (size_t i = 0; i < names.size(); ++i) give(i);
        return names;
    }
    // How ONNX calls the operator of the node. Domains other than ai.onnx have their own, low versions.
    const Spelling& spelling_of(const Node& n) {
        check(n.op != nullptr, "node \"", n.name, "\" has no operator");
        const bool family = std::any_of(n.op->spellings.begin(), n.op->spellings.end(), [](const Spelling& s) { return s.mode >= 0; });
        const int64_t mode = family ? n.attributes.get<int64_t>("mode", 0) : -1;
        const Spelling* best = nullptr;
        for (const Spelling& s : n.op->spellings) {
            if (s.format != "onnx" || s.mode != mode) continue;
            // Two operators of ai.onnx got other names; of the old and the new one, each opset knows one.
            if (n.version >= 7 && n.version < (s.name == "ScatterElements" ? 11 : s.name == "Resize" ? 10 : 0)) continue;
            if ((s.name == "Scatter" && n.version >= 11) || (s.name == "Upsample" && n.version >= 10)) continue;
            if (!best || (best->domain.empty() != (n.version >= 7) && s.domain.empty() == (n.version >= 7))) best = &s;
        }
        check(best != nullptr, n.op->name, " \"", n.name, "\" has no counterpart in ONNX");
        auto it = std::find_if(domains_.begin(), domains_.end(), [&](const auto& d) { return d.first == best->domain; });
        if (it == domains_.end()) it = domains_.insert(it, {best->domain, n.version});
        check(it->second == n.version, n.op->name, " \"", n.name, "\" is of opset ", n.version, " in a graph of opset ", it->second,
              "; an ONNX file has one opset for all nodes");
        return *best;
    }

    void write_value(uint32_t tag, const std::string& name, const Value& v) {
        w_.message(tag, [&] {
            w_.bytes(1, name);
            if (v.dtype == DType::none) return;
            w_.message(2, [&] {
                w_.message(1, [&] {
                    w_.integer(1, written_type(v.dtype));
                    if (v.has_shape) w_.message(2, [&] { write_dims(v); });
                });
            });
        });
    }
    void write_dims(const Value& v) {
        for (size_t i = 0; i < v.shape.rank(); ++i)
            w_.message(1, [&] {
                if (v.shape[i] >= 0) w_.integer(1, v.shape[i]);
                else if (i < v.symbols.size() && !v.symbols[i].empty()) w_.bytes(2, v.symbols[i]);
            });
    }
    void write_tensor(uint32_t tag, const std::string& name, const Array& a) {
        check(a.bytes() < (size_t{1} << 31), "constant '", name, "' takes ", a.bytes(), " bytes, an ONNX file may have 2 GiB at most");
        check(!is_object(a.dtype()) || a.dtype() == DType::string, "constant '", name, "' is a ", name_of(a.dtype()), ", which cannot be written to an ONNX file");
        w_.message(tag, [&] { write_onnx_tensor(w_, name, a); });
    }
    void write_body(uint32_t tag, const Node& n, const Graph& body, const Names& names) {
        std::vector<std::string> captured;
        for (size_t i = n.inputs.size() - body.captures; i < n.inputs.size(); ++i) captured.push_back(names[static_cast<size_t>(n.inputs[i])]);
        w_.message(tag, [&] { write_graph(body, names_of(body, captured), true); });
    }
    void write_attribute(const Node& n, const std::string& name, const AttributeValue& value, const Names& names) {
        w_.message(5, [&] {
            w_.bytes(1, name);
            const auto write = [&](const auto& v) -> int64_t {
                using T = std::decay_t<decltype(v)>;
                if constexpr (std::is_same_v<T, float>) return w_.real(2, v), 1;
                else if constexpr (std::is_same_v<T, int64_t>) return w_.integer(3, v), 2;
                else if constexpr (std::is_same_v<T, std::string>) return w_.bytes(4, v), 3;
                else if constexpr (std::is_same_v<T, Array>) return write_tensor(5, "", v), 4;
                else if constexpr (std::is_same_v<T, std::shared_ptr<const Graph>>) return write_body(6, n, *v, names), 5;
                else if constexpr (std::is_same_v<T, std::vector<float>>) {
                    for (float f : v) w_.real(7, f);
                    return 6;
                } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
                    for (int64_t i : v) w_.integer(8, i);
                    return 7;
                } else {
                    for (const std::string& s : v) w_.bytes(9, s);
                    return 8;
                }
            };
            w_.integer(20, std::visit(write, value));
        });
    }
    // Attributes that passes set when they fuse something into an operator. They are harmless while they say that nothing was.
    static bool is_internal(const Node& n, const std::string& name, const AttributeValue& value) {
        const bool internal = name == "residual" || name == "activation" || name == "activation_alpha" || name == "activation_beta";
        if (!internal || std::holds_alternative<std::vector<float>>(value)) return false;  // LSTM's are lists
        const auto* i = std::get_if<int64_t>(&value);
        check(!i || *i == 0, n.op->name, " \"", n.name, "\" has its ", name, " fused into it, which ONNX cannot say: write the graph before it is optimized");
        return i || std::holds_alternative<float>(value);
    }
    void write_node(const Node& n, const Names& names) {
        const Spelling& spelling = spelling_of(n);
        size_t captures = 0;
        for (const auto& [name, value] : n.attributes)
            if (const auto* g = std::get_if<std::shared_ptr<const Graph>>(&value)) {
                check(*g != nullptr && (*g)->captures <= n.inputs.size() && (*g)->captures <= (*g)->inputs.size(), n.op->name, " \"", n.name, "\": its ", name,
                      " does not fit it");
                captures = (*g)->captures;
            }
        w_.message(1, [&] {
            const auto write_names = [&](uint32_t tag, std::span<const ValueId> ids) {
                for (ValueId v : ids) w_.bytes(tag, v == kNoValue ? std::string_view() : std::string_view(names[static_cast<size_t>(v)]));
            };
            write_names(1, std::span(n.inputs).first(n.inputs.size() - captures));
            write_names(2, n.outputs);
            if (!n.name.empty()) w_.bytes(3, n.name);
            w_.bytes(4, spelling.name);
            for (const auto& [name, value] : n.attributes)
                if (!(name == "mode" && spelling.mode >= 0) && !is_internal(n, name, value)) write_attribute(n, name, value, names);
            if (!spelling.domain.empty()) w_.bytes(7, spelling.domain);
        });
    }
    void write_graph(const Graph& g, const Names& names, bool body) {
        for (const Node& n : g.nodes) write_node(n, names);
        w_.bytes(2, g.name.empty() ? std::string_view("graph") : std::string_view(g.name));
        std::vector<bool> used(g.values.size(), false);
        for (const Node& n : g.nodes)
            for (ValueId v : n.inputs)
                if (v != kNoValue) used[static_cast<size_t>(v)] = true;
        for (ValueId v : g.outputs) used[static_cast<size_t>(v)] = true;
        for (size_t i = 0; i < g.values.size(); ++i)
            if (g.values[i].is_constant() && used[i]) write_tensor(5, names[i], g.values[i].constant);
        const size_t captures = body ? g.captures : 0;
        for (size_t i = 0; i + captures < g.inputs.size(); ++i) write_value(11, names[static_cast<size_t>(g.inputs[i])], g.value(g.inputs[i]));
        // A body may not give out what it was given, and no graph the same value twice: a copy does.
        std::vector<bool> given(g.values.size(), false);
        if (body)
            for (ValueId v : g.inputs) given[static_cast<size_t>(v)] = true;
        for (ValueId v : g.outputs) {
            std::string name = names[static_cast<size_t>(v)];
            if (given[static_cast<size_t>(v)]) {
                for (size_t k = 2; !used_.insert(name).second; ++k) name = text(names[static_cast<size_t>(v)], '_', k);
                w_.message(1, [&] {
                    w_.bytes(1, names[static_cast<size_t>(v)]);
                    w_.bytes(2, name);
                    w_.bytes(4, "Identity");
                });
            }
            given[static_cast<size_t>(v)] = true;
            write_value(12, name, g.value(v));
        }
    }

    WireWriter w_;
    std::vector<std::pair<std::string_view, int>> domains_;
    std::unordered_set<std::string> used_;
};

}  // namespace detail

// The graph as an ONNX model of its opset. Throws lite::Error, naming the node, where ONNX has no word for it.
inline std::vector<std::byte> write_onnx(const Graph& g) {
    const std::string s = detail::OnnxWriter().write(g);
    std::vector<std::byte> bytes(s.size());
    std::memcpy(bytes.data(), s.data(), s.size());
    return bytes;
}
// The same to a file, which is there completely or not at all.
inline void write_onnx(const Graph& g, const std::string& path) {
    const std::string s = detail::OnnxWriter().write(g);
    write_file(path, std::as_bytes(std::span(s)));
}
// A value in a file of its own, as the test data of ONNX models are: a TensorProto, SequenceProto, OptionalProto or MapProto.
inline std::vector<std::byte> write_onnx_value(const Array& a, std::string_view name = {}) {
    WireWriter w;
    detail::write_onnx_value(w, name, a);
    const auto bytes = std::as_bytes(std::span(w.out));
    return {bytes.begin(), bytes.end()};
}

LITE_NAMESPACE_END
#endif
