// Where packed weights are kept.
#ifndef LITE_PLAN_WEIGHT_STORE_H_
#define LITE_PLAN_WEIGHT_STORE_H_
#include <mutex>

#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Packed weights, shared by plans and by networks that share weights. Thread-safe.
class WeightStore final : public WeightCache {
public:
    explicit WeightStore(MemorySource memory = {}) : memory_(std::move(memory)) {}
    std::shared_ptr<const std::byte> packed(const Array& source, const std::string& key, size_t bytes, WeightFill fill) override {
        std::lock_guard lock(mutex_);
        for (Entry& e : entries_)
            if (e.source == source.identity() && e.key == key)
                if (auto data = e.data.lock()) return data;
        std::erase_if(entries_, [](const Entry& e) { return e.data.expired(); });
        auto data = allocate_bytes(bytes, memory_);
        fill(data.get());
        entries_.push_back({source.identity(), key, bytes, data});
        return data;
    }
    // Bytes of all packed weights alive.
    size_t bytes() const {
        std::lock_guard lock(mutex_);
        size_t sum = 0;
        for (const Entry& e : entries_)
            if (!e.data.expired()) sum += e.bytes;
        return sum;
    }

    // Of each of them.
    std::vector<size_t> sizes() const {
        std::lock_guard lock(mutex_);
        std::vector<size_t> s;
        for (const Entry& e : entries_)
            if (!e.data.expired()) s.push_back(e.bytes);
        return s;
    }

private:
    struct Entry {
        uint64_t source;
        std::string key;
        size_t bytes;
        std::weak_ptr<const std::byte> data;
    };
    MemorySource memory_;
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

LITE_NAMESPACE_END
#endif
