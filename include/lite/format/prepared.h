// Prepared models: a model file as it is, and behind it what loading makes of it for one kind of CPU: the kernels that were chosen
// and the weights in the forms that they read, which are used where they lie in the mapped file.
//
// The file: 16 bytes that name the format and its revision; the sizes and the hash of what follows; a table (kernels, model, choices
// for each set of input shapes, packed weights with the hash of each); then the model and the weights, each at a multiple of 64.
#ifndef LITE_FORMAT_PREPARED_H_
#define LITE_FORMAT_PREPARED_H_
#include <cstddef>
#include <utility>
#include <vector>

#include "lite/format/bytes.h"

LITE_NAMESPACE_BEGIN

// To be raised whenever a kernel reads its weights in another order under the same key.
inline constexpr int kPackedForms = 1;

// The kernel of a node, named by the node's first output.
struct PreparedChoice {
    std::string value, kernel;
};
// What was chosen for these shapes of the inputs.
struct PreparedPlan {
    std::vector<Shape> shapes;
    std::vector<PreparedChoice> choices;
};
// The packed form `key` of the constant of that identity.
struct PackedWeight {
    uint64_t source = 0;
    std::string key;
    std::shared_ptr<const std::byte> data;
    size_t bytes = 0;
    uint64_t hash = 0;
};
struct PreparedModel {
    std::string kernels;     // what packed the weights: version and instruction set
    std::string options;     // what the choices depend on besides
    ModelBytes model;        // as it was before
    std::vector<PreparedPlan> plans;
    std::vector<PackedWeight> weights;
};

inline constexpr std::string_view kPreparedTag = "lite prepared 1\n";
inline bool is_prepared(std::string_view file) { return file.starts_with(kPreparedTag); }

namespace detail {
struct PreparedHeader {
    char tag[16];
    uint64_t file_bytes, table_bytes, table_hash;
    uint64_t header_hash;  // of all before it
};
static_assert(sizeof(PreparedHeader) == 48);

class TableWriter {
public:
    void number(uint64_t v) { out_.append(reinterpret_cast<const char*>(&v), sizeof v); }
    void string(std::string_view s) {
        number(s.size());
        out_ += s;
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};
class TableReader {
public:
    explicit TableReader(std::string_view table) : rest_(table) {}
    uint64_t number() {
        uint64_t v;
        const std::string_view s = bytes(sizeof v);
        std::memcpy(&v, s.data(), sizeof v);
        return v;
    }
    std::string string() { return std::string(bytes(number())); }
    // How many items follow, each of at least `least` bytes.
    size_t count(size_t least) {
        const uint64_t n = number();
        check(n <= rest_.size() / least, kDamaged);
        return static_cast<size_t>(n);
    }
    bool empty() const { return rest_.empty(); }
    static constexpr std::string_view kDamaged = "this prepared model is damaged; make it again from its original";

private:
    std::string_view bytes(uint64_t n) {
        check(n <= rest_.size(), kDamaged);
        const std::string_view s = rest_.substr(0, static_cast<size_t>(n));
        rest_.remove_prefix(static_cast<size_t>(n));
        return s;
    }
    std::string_view rest_;
};
inline size_t up_to_64(size_t n) { return (n + 63) / 64 * 64; }
}  // namespace detail

// Parts lie in the bytes of the file. Throws lite::Error if they are not whole or anything but the model and the packed weights
// was changed; the weights themselves are checked by their hash when they are used.
[[gnu::cold]] inline PreparedModel read_prepared(const ModelBytes& file) {
    using detail::TableReader;
    detail::PreparedHeader h;
    check(file.size >= sizeof h, TableReader::kDamaged, ": it has ", file.size, " bytes");
    std::memcpy(&h, file.data.get(), sizeof h);
    check(h.header_hash == hash_of(&h, offsetof(detail::PreparedHeader, header_hash)), TableReader::kDamaged);
    check(h.file_bytes == file.size, TableReader::kDamaged, ": it has ", file.size, " bytes, ", h.file_bytes, " were written");
    check(h.table_bytes <= file.size - sizeof h, TableReader::kDamaged);
    const std::string_view table = file.text().substr(sizeof h, static_cast<size_t>(h.table_bytes));
    check(h.table_hash == hash_of(table.data(), table.size()), TableReader::kDamaged);
    TableReader t(table);
    const auto part = [&](uint64_t at, uint64_t bytes) {
        check(at <= file.size && bytes <= file.size - at && at % 64 == 0, TableReader::kDamaged);
        return std::shared_ptr<const std::byte>(file.data, file.data.get() + at);
    };
    PreparedModel p;
    p.kernels = t.string();
    p.options = t.string();
    const uint64_t identity = t.number(), model_at = t.number(), model_bytes = t.number();
    p.model = {part(model_at, model_bytes), static_cast<size_t>(model_bytes), file.folder, lasting_identity(identity)};
    p.plans.resize(t.count(16));
    for (PreparedPlan& plan : p.plans) {
        plan.shapes.resize(t.count(8));
        for (Shape& s : plan.shapes) {
            const size_t rank = t.count(8);
            check(rank <= kMaxRank, TableReader::kDamaged);
            for (size_t i = 0; i < rank; ++i) s.push_back(static_cast<int64_t>(t.number()));
        }
        plan.choices.resize(t.count(16));
        for (PreparedChoice& c : plan.choices) {
            c.value = t.string();
            c.kernel = t.string();
        }
    }
    p.weights.resize(t.count(40));
    for (PackedWeight& w : p.weights) {
        w.source = t.number();
        w.key = t.string();
        const uint64_t at = t.number(), bytes = t.number();
        w.data = part(at, bytes);
        w.bytes = static_cast<size_t>(bytes);
        w.hash = t.number();
    }
    check(t.empty() && !is_prepared(p.model.text()), TableReader::kDamaged);
    return p;
}

[[gnu::cold]] inline void write_prepared(const std::string& path, const PreparedModel& p) {
    detail::PreparedHeader h{};
    std::string table;
    // Offsets depend on the size of the table, which does not depend on them: the second round has them right.
    for (int round = 0; round < 2; ++round) {
        size_t at = detail::up_to_64(sizeof h + table.size());
        const auto place = [&](size_t bytes) { return std::exchange(at, detail::up_to_64(at + bytes)); };
        detail::TableWriter t;
        t.string(p.kernels);
        t.string(p.options);
        t.number(p.model.identity);
        t.number(place(p.model.size));
        t.number(p.model.size);
        t.number(p.plans.size());
        for (const PreparedPlan& plan : p.plans) {
            t.number(plan.shapes.size());
            for (const Shape& s : plan.shapes) {
                t.number(s.rank());
                for (int64_t d : s) t.number(static_cast<uint64_t>(d));
            }
            t.number(plan.choices.size());
            for (const PreparedChoice& c : plan.choices) {
                t.string(c.value);
                t.string(c.kernel);
            }
        }
        t.number(p.weights.size());
        for (const PackedWeight& w : p.weights) {
            t.number(w.source);
            t.string(w.key);
            t.number(place(w.bytes));
            t.number(w.bytes);
            t.number(w.hash);
        }
        table = t.take();
        h.file_bytes = at;
    }
    std::memcpy(h.tag, kPreparedTag.data(), sizeof h.tag);
    h.table_bytes = table.size();
    h.table_hash = hash_of(table.data(), table.size());
    h.header_hash = hash_of(&h, offsetof(detail::PreparedHeader, header_hash));
    static constexpr std::byte zeros[64]{};
    std::vector<std::span<const std::byte>> parts;
    const auto add = [&](const void* data, size_t bytes) { parts.emplace_back(static_cast<const std::byte*>(data), bytes); };
    const auto pad = [&](size_t bytes) { add(zeros, detail::up_to_64(bytes) - bytes); };
    add(&h, sizeof h);
    add(table.data(), table.size());
    pad(sizeof h + table.size());
    add(p.model.data.get(), p.model.size);
    pad(p.model.size);
    for (const PackedWeight& w : p.weights) {
        add(w.data.get(), w.bytes);
        pad(w.bytes);
    }
    write_file(path, parts);
}

LITE_NAMESPACE_END
#endif
