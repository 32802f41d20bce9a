// Measured times of algorithms, by category and key, in the format of MegEngine's fast-run cache.
#ifndef LITE_PLAN_ALGO_CACHE_H_
#define LITE_PLAN_ALGO_CACHE_H_
#include <mutex>
#include <optional>

#include "lite/format/bytes.h"

LITE_NAMESPACE_BEGIN

// Entries that others made, with keys or algorithms of theirs, are kept as they are and written again. Thread-safe.
class AlgoCache {
public:
    // Joins the file's entries, if there is one, to those that are here; with `sync` the file is written at once, and at each put.
    // Nothing changes if the file is damaged.
    [[gnu::cold]] void open(const std::string& path, bool sync) {
        check(!path.empty(), "set_persistent_cache: the path is empty");
        if (!real_path(path).empty()) {
            const FileBytes f = map_file(path);
            merge({f.data.get(), f.size}, text("the persistent cache '", path, "'"));
        }
        const std::lock_guard lock(mutex_);
        in_use_ = true;
        sync_path_ = sync ? path : std::string();
        write_through();
    }
    // Whether choices are to be kept.
    bool in_use() const {
        const std::lock_guard lock(mutex_);
        return in_use_;
    }
    [[gnu::cold]] void merge(std::span<const std::byte> bytes, const Who& who) {
        const std::vector<Category> read = parse(bytes, who);
        const std::lock_guard lock(mutex_);
        for (const Category& c : read)
            for (const Entry& e : c.entries) put_locked(c.name, e.key, e.value);
    }
    // From a packed model: the cache of the process from now on.
    void install(std::span<const std::byte> bytes, const Who& who) {
        merge(bytes, who);
        const std::lock_guard lock(mutex_);
        in_use_ = true;
    }
    std::optional<std::string> find(const std::string& category, const std::string& key) const {
        const std::lock_guard lock(mutex_);
        for (const Category& c : categories_)
            if (c.name == category)
                for (const Entry& e : c.entries)
                    if (e.key == key) return e.value;
        return {};
    }
    void put(const std::string& category, const std::string& key, const std::string& value) {
        const std::lock_guard lock(mutex_);
        put_locked(category, key, value);
        write_through();
    }
    std::vector<std::byte> bytes() const {
        const std::lock_guard lock(mutex_);
        return bytes_locked();
    }
    size_t entries() const {
        const std::lock_guard lock(mutex_);
        size_t n = 0;
        for (const Category& c : categories_) n += c.entries.size();
        return n;
    }

private:
    struct Entry {
        std::string key, value;
    };
    struct Category {
        std::string name;
        std::vector<Entry> entries;
    };
    [[gnu::cold]] static std::vector<Category> parse(std::span<const std::byte> bytes, const Who& who) {
        std::vector<Category> out;
        size_t at = 0;
        const auto number = [&] {
            check(bytes.size() - at >= 4, who, " is damaged: it ends within an entry");
            uint32_t v;
            std::memcpy(&v, bytes.data() + at, 4);
            at += 4;
            return v;
        };
        const auto string = [&](size_t limit, const char* what) {
            const size_t n = number();
            check(n <= limit && n <= bytes.size() - at, who, " is damaged: ", what, " of ", n, " bytes");
            std::string s(reinterpret_cast<const char*>(bytes.data() + at), n);
            at += n;
            return s;
        };
        if (bytes.empty()) return out;
        for (uint32_t n = number(); n > 0; --n) {
            Category c;
            c.name = string(255, "a category");
            for (uint32_t k = number(); k > 0; --k) {
                Entry e;
                e.key = string(SIZE_MAX, "a key");
                e.value = string(SIZE_MAX, "a value");
                c.entries.push_back(std::move(e));
            }
            out.push_back(std::move(c));
        }
        check(at == bytes.size(), who, " is damaged: ", bytes.size() - at, " bytes follow its last entry");
        return out;
    }
    [[gnu::cold]] void put_locked(const std::string& category, const std::string& key, const std::string& value) {
        Category* to = nullptr;
        for (Category& c : categories_)
            if (c.name == category) to = &c;
        if (!to) {
            categories_.push_back({category, {}});
            to = &categories_.back();
        }
        for (Entry& e : to->entries)
            if (e.key == key) {
                e.value = value;
                return;
            }
        to->entries.push_back({key, value});
    }
    [[gnu::cold]] std::vector<std::byte> bytes_locked() const {
        std::string s;
        const auto number = [&](size_t v) {
            const uint32_t n = static_cast<uint32_t>(v);
            s.append(reinterpret_cast<const char*>(&n), 4);
        };
        const auto string = [&](const std::string& v) {
            number(v.size());
            s += v;
        };
        number(categories_.size());
        for (const Category& c : categories_) {
            string(c.name);
            number(c.entries.size());
            for (const Entry& e : c.entries) {
                string(e.key);
                string(e.value);
            }
        }
        std::vector<std::byte> b(s.size());
        std::memcpy(b.data(), s.data(), s.size());
        return b;
    }
    void write_through() const {
        if (!sync_path_.empty()) write_file(sync_path_, bytes_locked());
    }

    mutable std::mutex mutex_;
    std::vector<Category> categories_;
    bool in_use_ = false;
    std::string sync_path_;
};

LITE_NAMESPACE_END
#endif
