// The reader of the JSON in packed models.
#ifndef LITE_MODEL_INFO_IMPL_H_
#define LITE_MODEL_INFO_IMPL_H_
#include "lite/base/log.h"
#include "lite/model_info.h"

// JSON comes from nlohmann-json: defined by the CMake target lite::packed, which also finds it.
#if defined(LITE_WITH_JSON)
#include <nlohmann/json.hpp>
#endif

LITE_NAMESPACE_BEGIN

#if defined(LITE_WITH_JSON)
namespace detail {
using Json = nlohmann::json;

inline Json parse_info(const void* info, size_t size) {
    const char* text = static_cast<const char*>(info);
    size_t end = 0;  // of the object: ciphers leave something behind it
    for (int depth = 0, quoted = 0; end < size; ++end) {
        const char c = text[end];
        if (quoted && c == '\\') ++end;
        else if (c == '"') quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[')) ++depth;
        else if (!quoted && (c == '}' || c == ']') && --depth <= 0) break;
        check(depth <= 100, "the information of the packed model: more than 100 objects and lists in each other");  // writing it again recurses
    }
    end = std::min(end + 1, size);
    const Json j = Json::parse(text, text + end, nullptr, false);
    check(!j.is_discarded() && j.is_object(), "the information of the packed model is no JSON object: damaged, or encrypted in another way than the file says");
    return j;
}
inline const Json* member(const Json& j, const char* key) {
    const auto it = j.find(key);
    return it == j.end() ? nullptr : &*it;
}
inline std::string string_at(const Json& j, const char* key) {
    const Json* v = member(j, key);
    check(v && v->is_string(), "the information of the packed model: \"", key, "\" must be a string, but is ", v ? v->type_name() : "null");
    return v->get<std::string>();
}
inline bool read(const Json& j, const char* key, bool& out) {
    const Json* v = member(j, key);
    if (!v) return false;
    check(v->is_boolean(), "the information of the packed model: \"", key, "\" must be true or false, but is ", v->type_name());
    out = v->get<bool>();
    return true;
}
inline bool read(const Json& j, const char* key, int64_t& out, int64_t low, int64_t high) {
    const Json* v = member(j, key);
    if (!v) return false;
    const bool fits = v->is_number_unsigned() ? v->get<uint64_t>() <= static_cast<uint64_t>(high) : v->is_number_integer() && v->get<int64_t>() <= high;
    check(fits && v->get<int64_t>() >= low, "the information of the packed model: \"", key,
          "\" must be a whole number from ", low, " to ", high);
    out = v->get<int64_t>();
    return true;
}
// The value at `key` as the index of its word; -1 if there is none.
inline int word_at(const Json& j, const char* key, std::initializer_list<std::string_view> words, const char* what) {
    if (!member(j, key)) return -1;
    const std::string s = string_at(j, key);
    int i = 0;
    for (std::string_view w : words) {
        if (w == s) return i;
        ++i;
    }
    fail("LITE not support ", what, " of ", s, ".");
}
inline void read_options(const Json& j, Options& o) {
    read(j, "weight_preprocess", o.weight_preprocess);
    read(j, "fuse_preprocess", o.fuse_preprocess);
    read(j, "fake_next_exec", o.fake_next_exec);
    read(j, "var_sanity_check_first_run", o.var_sanity_check_first_run);
    read(j, "const_shape", o.const_shape);
    read(j, "force_dynamic_alloc", o.force_dynamic_alloc);
    read(j, "force_output_dynamic_alloc", o.force_output_dynamic_alloc);
    read(j, "no_profiling_on_shape_change", o.no_profiling_on_shape_change);
    int64_t v = 0;
    if (read(j, "jit_level", v, 0, 255)) o.jit_level = static_cast<uint8_t>(v);
    if (read(j, "comp_node_seq_record_level", v, 0, 255)) o.comp_node_seq_record_level = static_cast<uint8_t>(v);
    if (read(j, "graph_opt_level", v, 0, 255)) o.graph_opt_level = static_cast<uint8_t>(v);
    if (read(j, "async_exec_level", v, 0, 65535)) o.async_exec_level = static_cast<uint16_t>(v);
}
inline void read_ios(const Json& list, std::vector<IO>& ios) {
    check(list.is_array(), "the information of the packed model: \"inputs\" and \"outputs\" must be lists");
    for (const Json& j : list) {
        check(j.is_object(), "the information of the packed model: an input or output is no object");
        const std::string name = string_at(j, "name");
        IO* io = nullptr;
        for (IO& known : ios)
            if (known.name == name) io = &known;
        if (!io) {
            ios.emplace_back();
            io = &ios.back();
            io->name = name;
        }
        read(j, "is_host", io->is_host);
        if (const int w = word_at(j, "io_type", {"value", "shape"}, "IO type"); w >= 0) io->io_type = static_cast<LiteIOType>(w);
        const int type = word_at(j, "dtype", {"float32", "float16", "int32", "int16", "int8", "uint8", "uint16"}, "data type");
        constexpr LiteDataType types[] = {LITE_FLOAT, LITE_HALF, LITE_INT, LITE_INT16, LITE_INT8, LITE_UINT8, LITE_UINT16};
        if (type >= 0) io->config_layout.data_type = types[type];
        const Json* shape = member(j, "shape");
        if (!shape || !shape->is_object()) continue;
        io->config_layout.ndim = 0;
        for (const char* key : {"dim0", "dim1", "dim2", "dim3"}) {
            int64_t extent = 0;
            if (!read(*shape, key, extent, 0, int64_t{1} << 40)) break;
            io->config_layout.shapes[io->config_layout.ndim++] = static_cast<size_t>(extent);
        }
    }
}
}  // namespace detail

LITE_INLINE bool parse_default_info(const void* info, size_t size, const std::string model_name, Config& config, NetworkIO& network_io,
                                    std::unordered_map<std::string, LiteAny>& isolated, std::string& extra_info) {
    using namespace detail;
    const Json j = parse_info(info, size);
    bool valid = false;
    check(read(j, "valid", valid), "the information of the packed model: \"valid\" must be true or false, but is null");
    if (!valid) return false;
    const std::string name = string_at(j, "name"), version = string_at(j, "version");
    check(name == model_name, "infomation of model name is not match, packed model is ", model_name, ", but json info get ", name, ".");
    int major = 0, minor = 0, patch = 0;
    if (std::sscanf(version.c_str(), "%4d.%4d.%4d", &major, &minor, &patch) == 3 && major * 1000 + minor > 1013)
        log(LogLevel::warn, "the packed model was made for version ", version, ", which is newer than the formats that are known here (1.13)");
    read(j, "has_compression", config.has_compression);
    word_at(j, "backend", {"MGE"}, "backend type");
    if (const Json* d = member(j, "device"); d && d->is_object()) {
        constexpr LiteDeviceType types[] = {LITE_CPU, LITE_CUDA, LITE_ATLAS, LITE_CAMBRICON, LITE_NPU};
        if (const int w = word_at(*d, "type", {"CPU", "CUDA", "ATLAS", "CAMBRICON", "NPU"}, "device type"); w >= 0) config.device_type = types[w];
        int64_t v = 0;
        if (read(*d, "device_id", v, INT32_MIN, INT32_MAX)) isolated["device_id"] = static_cast<int32_t>(v);
        if (read(*d, "number_threads", v, 0, 1024)) isolated["number_threads"] = static_cast<uint32_t>(v);
        bool b = false;
        if (read(*d, "enable_inplace_model", b)) isolated["enable_inplace_model"] = b;
        if (read(*d, "use_tensorrt", b)) isolated["use_tensorrt"] = b;
    }
    if (const Json* o = member(j, "options"); o && o->is_object()) read_options(*o, config.options);
    if (const Json* io = member(j, "IO"); io && io->is_object()) {
        if (const Json* list = member(*io, "inputs")) read_ios(*list, network_io.inputs);
        if (const Json* list = member(*io, "outputs")) read_ios(*list, network_io.outputs);
    }
    if (const Json* e = member(j, "extra_info")) extra_info = e->dump();
    return true;
}
LITE_INLINE std::string name_in_info(const void* info, size_t size) { return detail::string_at(detail::parse_info(info, size), "name"); }
#else
namespace detail {
[[noreturn]] inline void no_json() {
    fail("the information of a packed model is JSON, which this program was built without; link the CMake target lite::packed (which needs nlohmann-json), or "
         "register a parser of your own by register_parse_info_func");
}
}  // namespace detail
LITE_INLINE bool parse_default_info(const void* info, size_t size, const std::string, Config&, NetworkIO&, std::unordered_map<std::string, LiteAny>&, std::string&) {
    if (std::string_view(static_cast<const char*>(info), size).starts_with("{\"valid\": false}")) return false;  // as ModelPacker writes it where there is none
    detail::no_json();
}
LITE_INLINE std::string name_in_info(const void*, size_t) { detail::no_json(); }
#endif

LITE_NAMESPACE_END
#endif
