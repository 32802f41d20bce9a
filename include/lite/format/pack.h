// The packed container: one file with a model, what to know of it, and the choices that measuring made.
#ifndef LITE_FORMAT_PACK_H_
#define LITE_FORMAT_PACK_H_
#include "lite/format/bytes.h"

#if LITE_HAS_MGE
#include <flatbuffers/flatbuffers.h>
#endif

LITE_NAMESPACE_BEGIN

inline constexpr std::string_view kPackedTag = "packed_model";
inline bool is_packed(std::string_view file) { return file.starts_with(kPackedTag); }

// Spans lie in the file's bytes; those that the file does not have are empty.
struct PackedModel {
    std::string name, model_decryption_method = "NONE", info_decryption_method = "NONE", info_parse_method = "LITE_default",
                      info_cache_parse_method = "LITE_parse_cache";
    bool is_fast_run_cache = false;
    std::span<const std::byte> info, algo_policy, binary_cache, model;
};

#if LITE_HAS_MGE
namespace detail {
// Field i of a table lies at 4 + 2 i in its table of offsets.
constexpr flatbuffers::voffset_t fb_slot(int i) { return static_cast<flatbuffers::voffset_t>(4 + 2 * i); }

class PackedReader {
public:
    using Table = flatbuffers::Table;
    explicit PackedReader(std::span<const std::byte> b) : data_(reinterpret_cast<const uint8_t*>(b.data())), size_(b.size()), verifier_(data_, b.size()) {}
    const Table* root() {
        ok(size_ >= 8);
        const size_t at = verifier_.VerifyOffset(size_t{0});
        ok(at != 0);
        return table(data_ + at);
    }
    const Table* table(const Table* t, int i) {
        const auto* p = target<uint8_t>(t, i);
        return p ? table(p) : nullptr;
    }
    const Table* only_table(const Table* t, int i) {
        const auto* v = target<flatbuffers::Vector<flatbuffers::Offset<Table>>>(t, i);
        ok(v != nullptr && verifier_.VerifyVector(v));
        check(v->size() == 1, "a packed model file with ", v->size(), " models: Now only support one model");
        const auto* e = reinterpret_cast<const uint8_t*>(v->data());
        const size_t at = verifier_.VerifyOffset(static_cast<size_t>(e - data_));
        ok(at != 0);
        return table(e + at);
    }
    std::string string(const Table* t, int i) {
        const auto* s = target<flatbuffers::String>(t, i);
        if (!s) return {};
        ok(verifier_.VerifyString(s));
        return s->str();
    }
    std::span<const std::byte> bytes(const Table* t, int i) {
        const auto* v = target<flatbuffers::Vector<uint8_t>>(t, i);
        if (!v) return {};
        ok(verifier_.VerifyVector(v));
        return std::as_bytes(std::span(v->data(), v->size()));
    }
    bool flag(const Table* t, int i) {
        if (!t) return false;
        ok(t->VerifyField<uint8_t>(verifier_, fb_slot(i), 1));
        return t->GetField<uint8_t>(fb_slot(i), 0) != 0;
    }

private:
    static void ok(bool good) { check(good, "invalid model format: a damaged packed model file"); }
    const Table* table(const uint8_t* p) {
        const auto* t = reinterpret_cast<const Table*>(p);
        ok(t->VerifyTableStart(verifier_));
        verifier_.EndTable();
        return t;
    }
    template <class T> const T* target(const Table* t, int i) {
        if (!t) return nullptr;
        ok(t->VerifyOffset(verifier_, fb_slot(i)));
        return t->GetPointer<const T*>(fb_slot(i));
    }
    const uint8_t* data_;
    size_t size_;
    flatbuffers::Verifier verifier_;
};
}  // namespace detail

[[gnu::cold]] inline PackedModel read_packed(std::span<const std::byte> file) {
    detail::PackedReader r(file.subspan(kPackedTag.size()));
    const auto* model = r.only_table(r.root(), 0);
    const auto *header = r.table(model, 0), *info = r.table(model, 1), *data = r.table(model, 2);
    check(header != nullptr && data != nullptr, "invalid model format: a packed model file without a header or without a model");
    PackedModel p;
    p.name = r.string(header, 0);
    p.info_decryption_method = r.string(header, 1);
    p.info_parse_method = r.string(header, 2);
    p.model_decryption_method = r.string(header, 3);
    p.info_cache_parse_method = r.string(header, 4);
    p.is_fast_run_cache = r.flag(header, 5);
    p.info = r.bytes(info, 0);
    p.algo_policy = r.bytes(info, 1);
    p.binary_cache = r.bytes(info, 2);
    p.model = r.bytes(data, 0);
    return p;
}
[[gnu::cold]] inline std::vector<std::byte> write_packed(const PackedModel& p) {
    check(p.model.size() + p.info.size() + p.algo_policy.size() + p.binary_cache.size() < (size_t{1} << 31) - 4096,
          "the packed container holds at most 2 GB");
    flatbuffers::FlatBufferBuilder b;
    using Ref = flatbuffers::Offset<void>;
    const auto bytes = [&](std::span<const std::byte> s) { return Ref(b.CreateVector(reinterpret_cast<const uint8_t*>(s.data()), s.size()).o); };
    const auto string = [&](const std::string& s) { return Ref(b.CreateString(s).o); };
    const auto table = [&](std::span<const Ref> fields, int flag = -1, bool value = false) {
        const auto start = b.StartTable();
        for (size_t i = 0; i < fields.size(); ++i)
            if (!fields[i].IsNull()) b.AddOffset(detail::fb_slot(static_cast<int>(i)), fields[i]);
        if (flag >= 0) b.AddElement<uint8_t>(detail::fb_slot(flag), value, 0);
        return Ref(b.EndTable(start));
    };
    const Ref model_data[] = {bytes(p.model)};
    const Ref data = table(model_data);
    const Ref info_parts[] = {bytes(p.info), p.algo_policy.empty() ? Ref() : bytes(p.algo_policy), p.binary_cache.empty() ? Ref() : bytes(p.binary_cache)};
    const Ref info = table(info_parts);
    const Ref strings[] = {string(p.name), string(p.info_decryption_method), string(p.info_parse_method), string(p.model_decryption_method),
                           string(p.info_cache_parse_method)};
    const Ref header = table(strings, 5, p.is_fast_run_cache);
    const Ref parts[] = {header, info, data};
    const flatbuffers::Offset<flatbuffers::Table> model(table(parts).o);
    const Ref models[] = {Ref(b.CreateVector(&model, 1).o)};
    b.Finish(flatbuffers::Offset<flatbuffers::Table>(table(models).o));
    std::vector<std::byte> out(kPackedTag.size() + b.GetSize());
    std::memcpy(out.data(), kPackedTag.data(), kPackedTag.size());
    std::memcpy(out.data() + kPackedTag.size(), b.GetBufferPointer(), b.GetSize());
    return out;
}
#else
namespace detail {
[[noreturn]] inline void no_pack() { fail("packed model files need FlatBuffers' headers, which were not there when this program was compiled"); }
}  // namespace detail
inline PackedModel read_packed(std::span<const std::byte>) { detail::no_pack(); }
inline std::vector<std::byte> write_packed(const PackedModel&) { detail::no_pack(); }
#endif

LITE_NAMESPACE_END
#endif
