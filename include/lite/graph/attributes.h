// Attributes of a node as data: named values, converted from and to the plain structs that operators declare.
#ifndef LITE_GRAPH_ATTRIBUTES_H_
#define LITE_GRAPH_ATTRIBUTES_H_
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lite/base/array.h"

LITE_NAMESPACE_BEGIN

class Graph;

using AttributeValue = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>, std::vector<std::string>, Array,
                                    std::shared_ptr<const Graph>>;

// A small ordered map. Names are those of ONNX where ONNX has the operator.
class Attributes {
public:
    const AttributeValue* find(std::string_view name) const {
        for (const auto& [k, v] : items_)
            if (k == name) return &v;
        return nullptr;
    }
    bool has(std::string_view name) const { return find(name) != nullptr; }
    void set(std::string_view name, AttributeValue value) {
        for (auto& [k, v] : items_)
            if (k == name) {
                v = std::move(value);
                return;
            }
        items_.emplace_back(std::string(name), std::move(value));
    }
    void erase(std::string_view name) {
        std::erase_if(items_, [&](const auto& i) { return i.first == name; });
    }
    // The value if present and of a fitting type, else `fallback`; a value of another type is an error.
    template <class T> T get(std::string_view name, T fallback) const {
        const AttributeValue* v = find(name);
        if (!v) return fallback;
        if constexpr (std::is_same_v<T, bool>) return get<int64_t>(name, fallback) != 0;
        else if constexpr (std::is_enum_v<T>) return static_cast<T>(get<int64_t>(name, static_cast<int64_t>(fallback)));
        else if constexpr (std::is_same_v<T, float>) {
            if (auto* i = std::get_if<int64_t>(v)) return static_cast<float>(*i);
            if (auto* f = std::get_if<float>(v)) return *f;
        } else if constexpr (std::is_integral_v<T>) {
            if (auto* i = std::get_if<int64_t>(v)) return static_cast<T>(*i);
        } else {
            if (auto* p = std::get_if<T>(v)) return *p;
            if constexpr (std::is_same_v<T, std::vector<float>>)  // an empty list has no type of its own in some files
                if (auto* e = std::get_if<std::vector<int64_t>>(v); e && e->empty()) return {};
        }
        fail("attribute '", name, "' has the wrong type");
    }
    auto begin() const { return items_.begin(); }
    auto end() const { return items_.end(); }
    size_t size() const { return items_.size(); }

private:
    std::vector<std::pair<std::string, AttributeValue>> items_;
};

// An operator declares `struct Attributes { int64_t group = 1; ...; template <class V> void visit(V& v) { v("group", group); ... } }`.
// These two go between that struct and the map; members that hold their default are not written.
struct AttributeReader {
    const Attributes& from;
    template <class T> void operator()(std::string_view name, T& member) { member = from.get<T>(name, member); }
};
struct AttributeWriter {
    Attributes& to;
    template <class T> void operator()(std::string_view name, T& member) {
        if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T> || std::is_enum_v<T>) to.set(name, static_cast<int64_t>(member));
        else to.set(name, member);
    }
};
template <class A> A read_attributes(const Attributes& map) {
    A a;
    AttributeReader r{map};
    a.visit(r);
    return a;
}
template <class A> Attributes write_attributes(A a) {
    Attributes map;
    AttributeWriter w{map};
    a.visit(w);
    return map;
}

LITE_NAMESPACE_END
#endif
