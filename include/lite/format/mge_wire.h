// The bytes of .mge files: FlatBuffers tables of which every access is verified, and the two framings that hold them.
#ifndef LITE_FORMAT_MGE_WIRE_H_
#define LITE_FORMAT_MGE_WIRE_H_
#include <bit>

#include "lite/format/bytes.h"

#if LITE_HAS_MGE
#include <flatbuffers/flatbuffers.h>

LITE_NAMESPACE_BEGIN
namespace detail {

// Begins a vector of `size` bytes, aligned to its elements of `each` bytes where that is a power of two. FlatBuffers 23 and newer ask for the
// alignment besides the size of an element; the older take the one for the other.
template <class Builder> void start_vector(Builder& b, size_t size, size_t each) {
    if (!std::has_single_bit(each)) each = 1;
    if constexpr (requires { b.StartVector(size, each, each); }) b.StartVector(size / each, each, each);
    else b.StartVector(size / each, each);
}

// A FlatBuffers buffer, aligned to 8 bytes, and what was read from it: a file whose tables share vectors without end is an error.
class MgeBuffer {
public:
    MgeBuffer(const std::byte* data, size_t size)
            : data_(reinterpret_cast<const uint8_t*>(data)), size_(size), verifier_(data_, size, 64, UINT32_MAX), left_(16 * uint64_t{size} + (1 << 20)) {}
    flatbuffers::Verifier& verifier() { return verifier_; }
    const uint8_t* data() const { return data_; }
    size_t size() const { return size_; }
    void spend(uint64_t elements) {
        check(elements <= left_, "not a valid .mge model: its tables refer to the same data again and again");
        left_ -= elements;
    }
    [[noreturn]] static void damaged(std::string_view what) { fail("not a valid .mge model: damaged ", what); }

private:
    const uint8_t* data_;
    size_t size_;
    flatbuffers::Verifier verifier_;
    uint64_t left_;
};

// A table; field numbers are those of the schema. An absent table has no fields.
class MgeTable {
public:
    MgeTable() = default;
    MgeTable(MgeBuffer& buffer, const uint8_t* at) : buffer_(&buffer), table_(reinterpret_cast<const flatbuffers::Table*>(at)) {
        flatbuffers::Verifier& v = buffer.verifier();
        if (!table_->VerifyTableStart(v)) MgeBuffer::damaged("table");
        v.EndTable();
        buffer.spend(1);
    }
    explicit operator bool() const { return table_ != nullptr; }
    bool has(int field) const { return table_ && table_->CheckField(slot(field)); }
    // The number, or the default where the file leaves it out.
    template <class T> T number(int field, T otherwise = T{}) const {
        if (!table_) return otherwise;
        if (!table_->template VerifyField<T>(buffer_->verifier(), slot(field), sizeof(T))) MgeBuffer::damaged("number");
        return table_->template GetField<T>(slot(field), otherwise);
    }
    bool flag(int field, bool otherwise = false) const { return number<uint8_t>(field, otherwise) != 0; }
    MgeTable table(int field) const {
        const uint8_t* p = target(field);
        return p ? MgeTable(*buffer_, p) : MgeTable();
    }
    std::string_view string(int field) const {
        const auto [p, n] = elements(field, 1);
        return {reinterpret_cast<const char*>(p), n};
    }
    // The bytes of the elements of a vector; none if it is absent.
    std::span<const std::byte> bytes(int field, size_t element_size = 1) const {
        const auto [p, n] = elements(field, element_size);
        return {reinterpret_cast<const std::byte*>(p), n * element_size};
    }
    template <class T> std::vector<T> numbers(int field) const {
        const auto [p, n] = elements(field, sizeof(T));
        buffer_ ? buffer_->spend(n) : void();
        std::vector<T> v(n);
        if (n) std::memcpy(v.data(), p, n * sizeof(T));
        return v;
    }
    // A null entry is an absent table.
    std::vector<MgeTable> tables(int field) const {
        const auto [p, n] = elements(field, sizeof(flatbuffers::uoffset_t));
        std::vector<MgeTable> v(n);
        for (size_t i = 0; i < n; ++i)
            if (const uint8_t* at = entry(p, i)) v[i] = MgeTable(*buffer_, at);
        return v;
    }
    std::vector<std::string_view> strings(int field) const {
        const auto [p, n] = elements(field, sizeof(flatbuffers::uoffset_t));
        std::vector<std::string_view> v(n);
        for (size_t i = 0; i < n; ++i) {
            const uint8_t* at = entry(p, i);
            if (!at) continue;
            buffer_->spend(1);
            const auto* s = reinterpret_cast<const flatbuffers::String*>(at);
            if (!buffer_->verifier().VerifyString(s)) MgeBuffer::damaged("text");
            v[i] = {s->c_str(), s->size()};
        }
        return v;
    }
    const MgeBuffer& buffer() const { return *buffer_; }

private:
    static flatbuffers::voffset_t slot(int field) { return static_cast<flatbuffers::voffset_t>(4 + 2 * field); }
    const uint8_t* target(int field) const {
        if (!table_) return nullptr;
        if (!table_->VerifyOffset(buffer_->verifier(), slot(field))) MgeBuffer::damaged("offset");
        return table_->template GetPointer<const uint8_t*>(slot(field));
    }
    std::pair<const uint8_t*, size_t> elements(int field, size_t element_size) const {
        const uint8_t* p = target(field);
        if (!p) return {nullptr, 0};
        if (!buffer_->verifier().VerifyVectorOrString(p, element_size)) MgeBuffer::damaged("list");
        return {p + sizeof(flatbuffers::uoffset_t), flatbuffers::ReadScalar<flatbuffers::uoffset_t>(p)};
    }
    const uint8_t* entry(const uint8_t* list, size_t i) const {
        const uint8_t* at = list + i * sizeof(flatbuffers::uoffset_t);
        if (flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at) == 0) return nullptr;
        const flatbuffers::uoffset_t o = buffer_->verifier().VerifyOffset(static_cast<size_t>(at - buffer_->data()));
        if (!o) MgeBuffer::damaged("offset");
        return at + o;
    }
    MgeBuffer* buffer_ = nullptr;
    const flatbuffers::Table* table_ = nullptr;
};

// Element types as .mge files number them.
enum class MgeKind : uint8_t {
    f32, u8, i8, i16, i32, bit1, bit2, bit4, byte, f16, ubit4, q8_asymm, q_s32, q_s8, q4_asymm, q_s4, q_s16, bf16, boolean, u16, q_s1, complex64
};
struct MgeType {
    MgeKind kind = MgeKind::f32;
    float scale = 1.f;
    uint8_t zero = 0;
    bool operator==(const MgeType&) const = default;
};

// Bytes of an element of the types that images are made of.
constexpr size_t mge_bytes_of(MgeKind k) {
    switch (k) {
        case MgeKind::f32: case MgeKind::i32: case MgeKind::q_s32: return 4;
        case MgeKind::f16: case MgeKind::bf16: case MgeKind::i16: case MgeKind::u16: case MgeKind::q_s16: return 2;
        default: return 1;
    }
}

struct MgeTensor {
    std::string_view name;
    Shape shape;
    MgeType type;
    bool has_data = false;
    std::span<const std::byte> data;  // of the element type of the file, maybe longer than the elements
};
// An operator as both formats have it.
struct MgeOperator {
    std::string_view type, name;
    uint64_t id = 0;
    int param_kind = 0;
    MgeTable param;
    std::vector<uint32_t> inputs;
    int64_t outputs = -1;  // how many; -1: the file does not say
    std::vector<std::string_view> output_names;
    bool has_output_type = false;
    MgeType output_type;
    std::vector<MgeTensor> tensors;
    std::vector<std::span<const std::byte>> blobs;
};
struct MgeOutput {
    uint32_t var = 0;
    std::string_view name;  // empty: that of the variable
};
struct MgeFile {
    uint64_t identity = 0;  // of the bytes (ModelBytes::identity)
    std::shared_ptr<const std::byte> owner;   // of the tensors' bytes
    std::shared_ptr<const std::byte> tables;  // of the FlatBuffers, where they had to be copied to be aligned
    std::unique_ptr<MgeBuffer> buffer;
    std::vector<MgeOperator> operators;
    std::vector<MgeOutput> outputs;
    bool newest = false;  // "mgv2"
};

inline MgeType read_mge_type(const MgeTable& t) {
    MgeType r;
    if (!t) return r;
    const int kind = t.number<int8_t>(0);
    check(kind >= 0 && kind <= static_cast<int>(MgeKind::complex64), "the .mge model has elements of type ", kind, ", which is not known");
    r.kind = static_cast<MgeKind>(kind);
    if (const MgeTable q = t.table(2)) {
        r.scale = q.number<float>(0);
        r.zero = q.number<uint8_t>(1);
    }
    return r;
}
inline Shape read_mge_shape(const MgeTable& t, int field, std::string_view who) {
    const std::vector<uint32_t> d = t.numbers<uint32_t>(field);
    check(d.size() <= kMaxRank, "tensor '", who, "' of the .mge model has ", d.size(), " axes: at most ", kMaxRank, " are supported");
    Shape s;
    for (uint32_t v : d) s.push_back(v);
    check(s.addressable(), "not a valid .mge model: tensor '", who, "' of shape ", s, " is too large to address");
    return s;
}
inline uint32_t read_u32(std::string_view s, size_t at) {
    uint32_t v;
    std::memcpy(&v, s.data() + at, 4);
    return v;
}

// Where the model begins behind the header of files that carry their own test inputs.
inline size_t mge_start(std::string_view file) { return file.size() >= 12 && file.substr(0, 8) == "mgbtest0" ? 12 : 0; }

// The FlatBuffers part from `at` on, copied if its memory is not aligned.
inline void open_mge_tables(MgeFile& f, const ModelBytes& bytes, size_t at, size_t size) {
    std::shared_ptr<const std::byte> p(bytes.data, bytes.data.get() + at);
    if (reinterpret_cast<uintptr_t>(p.get()) % 8 != 0) {
        auto copy = allocate_bytes(size);
        std::memcpy(copy.get(), p.get(), size);
        p = std::move(copy);
    }
    f.tables = p;
    f.buffer = std::make_unique<MgeBuffer>(p.get(), size);
}
inline MgeTable mge_root(MgeFile& f) {
    const flatbuffers::uoffset_t o = f.buffer->verifier().VerifyOffset(size_t{4});
    if (!o) MgeBuffer::damaged("root");
    return MgeTable(*f.buffer, f.buffer->data() + 4 + o);
}
inline void read_mge_common(MgeOperator& o, const MgeTable& t, int id, int param, int inputs, int output_type, int blobs) {
    o.id = t.number<uint64_t>(id);
    o.param_kind = t.number<uint8_t>(param);
    if (o.param_kind) o.param = t.table(param + 1);
    o.inputs = t.numbers<uint32_t>(inputs);
    o.has_output_type = t.has(output_type);
    if (o.has_output_type) o.output_type = read_mge_type(t.table(output_type));
    for (const MgeTable& b : t.tables(blobs)) o.blobs.push_back(b.bytes(0));
}

// "mgv2": everything is one size-prefixed FlatBuffer.
inline MgeFile read_mge_v2(const ModelBytes& bytes, size_t start) {
    const size_t room = bytes.size - start, size = size_t{read_u32(bytes.text(), start)} + 4;
    check(size <= room, "not a valid .mge model: it says that it has ", size, " bytes, there are ", room);
    check(size < size_t{1} << 31, "a .mge model of 2 GiB or more is not supported");
    MgeFile f;
    f.newest = true;
    open_mge_tables(f, bytes, start, size);
    f.owner = f.tables;
    const MgeTable root = mge_root(f);
    std::vector<std::string_view> names;
    for (const MgeTable& t : root.tables(3)) names.push_back(t ? t.string(0) : std::string_view());
    for (const MgeTable& t : root.tables(2)) {
        if (!t) MgeBuffer::damaged("operator");
        MgeOperator o;
        o.type = t.string(0);
        o.name = t.string(2);
        read_mge_common(o, t, 1, 3, 7, 10, 14);
        const std::vector<uint32_t> out = t.numbers<uint32_t>(8);
        o.outputs = static_cast<int64_t>(out.size());
        for (uint32_t v : out) o.output_names.push_back(v < names.size() ? names[v] : std::string_view());
        for (const MgeTable& x : t.tables(11)) {
            if (!x) MgeBuffer::damaged("tensor");
            MgeTensor v;
            v.name = x.string(0);
            v.shape = read_mge_shape(x, 1, v.name);
            v.type = read_mge_type(x.table(3));
            v.has_data = x.has(6);
            v.data = x.bytes(6);
            // Images are stored as they are without rows being padded; low-bit formats are of types that are checked later.
            const size_t dense = static_cast<size_t>(v.shape.count()) * mge_bytes_of(v.type.kind);
            check(x.number<uint8_t>(4) <= 1 || !v.has_data || v.data.size() == dense, "tensor '", v.name, "' of the .mge model is stored in an image or low-bit format of ",
                  v.data.size(), " bytes, ", dense, " were expected");
            o.tensors.push_back(std::move(v));
        }
        f.operators.push_back(std::move(o));
    }
    std::vector<uint32_t> original;
    for (const MgeTable& t : root.tables(4)) {
        if (!t) MgeBuffer::damaged("output");
        f.outputs.push_back({t.number<uint32_t>(0), {}});
        original.push_back(t.number<uint32_t>(1));
    }
    std::vector<MgeOutput> aliased;
    for (const MgeTable& t : root.tables(5)) {
        if (!t) MgeBuffer::damaged("output");
        const auto it = std::find(original.begin(), original.end(), t.number<uint32_t>(0));
        check(it != original.end(), "not a valid .mge model: output '", t.string(1), "' stands for a variable that is no output");
        aliased.push_back({f.outputs[static_cast<size_t>(it - original.begin())].var, t.string(1)});
    }
    if (!aliased.empty()) f.outputs = std::move(aliased);
    return f;
}

// "MGBC", "MGBS": tensors lie before the FlatBuffer, one behind the other.
inline MgeFile read_mge_v1(const ModelBytes& bytes, size_t start) {
    const std::string_view file = bytes.text().substr(start);
    const size_t head = file.substr(0, 4) == "MGBC" ? 16 : 8;
    check(file.size() >= head + 8 + 16, "not a valid .mge model: it ends within its header");
    uint64_t distance;
    std::memcpy(&distance, file.data() + head, 8);
    size_t cursor = head + 8;
    check(distance <= file.size() - cursor - 16, "not a valid .mge model: its graph would lie ", distance, " bytes behind the header, the file has ", file.size());
    const size_t graph = cursor + static_cast<size_t>(distance), size = size_t{read_u32(file, graph)} + 4;
    check(size <= file.size() - graph && file.substr(graph + 8, 4) == "mgb1", "not a valid .mge model: no graph follows its tensors");
    MgeFile f;
    f.owner = bytes.data;
    open_mge_tables(f, bytes, start + graph, size);
    const MgeTable root = mge_root(f);
    for (const MgeTable& t : root.tables(3)) {
        if (!t) MgeBuffer::damaged("operator");
        MgeOperator o;
        read_mge_common(o, t, 0, 1, 3, 6, 9);
        o.output_names = t.strings(5);
        o.name = t.string(12);
        for (const MgeTable& x : t.tables(7)) {
            if (!x) MgeBuffer::damaged("tensor");
            MgeTensor v;
            v.name = x.string(0);
            v.shape = read_mge_shape(x, 1, v.name);
            v.type = read_mge_type(x.table(3));
            const size_t all = x.number<uint32_t>(4), skip = x.number<uint32_t>(5);
            check(all <= graph - cursor && skip <= all, "not a valid .mge model: tensor '", v.name, "' has ", all, " bytes, which the file has not");
            v.has_data = all > 0;
            v.data = {reinterpret_cast<const std::byte*>(file.data()) + cursor + skip, all - skip};
            cursor += all;
            o.tensors.push_back(std::move(v));
        }
        f.operators.push_back(std::move(o));
    }
    const std::span<const std::byte> out = root.bytes(4, 8);
    for (size_t i = 0; i + 8 <= out.size(); i += 8) {
        uint32_t var;
        std::memcpy(&var, out.data() + i, 4);
        f.outputs.push_back({var, {}});
    }
    return f;
}

// XXH64 of less than 32 bytes or more, with the seed of the format: operators are known by the hash of their names.
inline uint64_t mge_hash(std::string_view s) {
    constexpr uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p3 = 1609587929392839161u, p4 = 9650029242287828579u,
                       p5 = 2870177450012600261u, seed = 20160701;
    const auto word = [&](size_t at) {
        uint64_t v;
        std::memcpy(&v, s.data() + at, 8);
        return v;
    };
    const auto round = [](uint64_t a, uint64_t x) { return std::rotl(a + x * p2, 31) * p1; };
    uint64_t h;
    size_t at = 0;
    if (s.size() >= 32) {
        uint64_t v[4] = {seed + p1 + p2, seed + p2, seed, seed - p1};
        for (; at + 32 <= s.size(); at += 32)
            for (size_t i = 0; i < 4; ++i) v[i] = round(v[i], word(at + 8 * i));
        h = std::rotl(v[0], 1) + std::rotl(v[1], 7) + std::rotl(v[2], 12) + std::rotl(v[3], 18);
        for (uint64_t x : v) h = (h ^ round(0, x)) * p1 + p4;
    } else {
        h = seed + p5;
    }
    h += s.size();
    for (; at + 8 <= s.size(); at += 8) h = std::rotl(h ^ round(0, word(at)), 27) * p1 + p4;
    if (at + 4 <= s.size()) {
        h = std::rotl(h ^ read_u32(s, at) * p1, 23) * p2 + p3;
        at += 4;
    }
    for (; at < s.size(); ++at) h = std::rotl(h ^ static_cast<uint8_t>(s[at]) * p5, 11) * p1;
    h = (h ^ (h >> 33)) * p2;
    h = (h ^ (h >> 29)) * p3;
    return h ^ (h >> 32);
}

}  // namespace detail
LITE_NAMESPACE_END
#endif
#endif
