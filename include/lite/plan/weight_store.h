// Where packed weights are kept.
#ifndef LITE_PLAN_WEIGHT_STORE_H_
#define LITE_PLAN_WEIGHT_STORE_H_
#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <unordered_map>

#include "lite/base/log.h"
#include "lite/format/prepared.h"
#include "lite/op/operator.h"
#include "lite/platform/huge_pages.h"

LITE_NAMESPACE_BEGIN

// Packed weights, shared by plans and by networks that share weights. Thread-safe; what is missing is packed by the thread that
// asks first, others that ask for the same wait for it.
class WeightStore final : public WeightCache {
public:
    explicit WeightStore(MemorySource memory = {}) : memory_(std::move(memory)) {}
    std::shared_ptr<const std::byte> packed(const Array& source, const std::string& key, size_t bytes, WeightFill fill) override {
        const uint64_t id = source.content_identity();
        std::unique_lock lock(mutex_);
        const auto found = [&] {
            return std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.source == id && e.key == key; });
        };
        auto e = found();
        for (; e != entries_.end(); e = found()) {
            if (auto data = e->data.lock()) return data;
            if (!e->in_work) break;
            done_.wait(lock);
        }
        if (e != entries_.end()) entries_.erase(e);
        entries_.remove_if([](const Entry& old) { return !old.in_work && old.data.expired(); });
        e = entries_.insert(entries_.end(), {id, key, bytes, {}, true});
        const struct Finish {  // also when memory is missing
            WeightStore& store;
            std::unique_lock<std::mutex>& lock;
            Entry& entry;
            ~Finish() {
                if (!lock.owns_lock()) lock.lock();
                entry.in_work = false;
                store.done_.notify_all();
            }
        } finish{*this, lock, *e};
        lock.unlock();
        std::shared_ptr<const std::byte> data = prepared(id, key, bytes);
        const bool fresh = !data;
        if (fresh) {
            lock.lock();
            auto memory = blocks_.allocate(bytes, memory_);
            lock.unlock();
            fill(memory.get());
            data = std::move(memory);
        }
        lock.lock();
        packed_ += fresh;
        e->data = data;
        return data;
    }
    // From now on what a prepared model holds is taken from there. Before packed() is called from several threads.
    void use(std::shared_ptr<const PreparedModel> model) {
        prepared_ = std::move(model);
        places_.clear();
        for (size_t i = 0; i < prepared_->weights.size(); ++i) places_.emplace(prepared_->weights[i].source, i);
    }
    // How many weights were packed here, not found prepared.
    size_t packed_count() const {
        std::lock_guard lock(mutex_);
        return packed_;
    }
    // All packed weights alive, for a prepared model.
    std::vector<PackedWeight> all() const {
        std::vector<PackedWeight> list;
        std::lock_guard lock(mutex_);
        for (const Entry& e : entries_)
            if (auto data = e.data.lock()) list.push_back({e.source, e.key, data, e.bytes, hash_of(data.get(), e.bytes)});
        return list;
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
    // Null if the prepared model does not have it, or not undamaged.
    std::shared_ptr<const std::byte> prepared(uint64_t id, const std::string& key, size_t bytes) const {
        for (auto [place, end] = places_.equal_range(id); place != end; ++place) {
            const PackedWeight& w = prepared_->weights[place->second];
            if (w.key != key || w.bytes != bytes) continue;
            if (hash_of(w.data.get(), w.bytes) == w.hash) return w.data;
            log(LogLevel::warn, "packed weights of ", bytes, " bytes in the prepared model are damaged, they are packed again from the original ones");
        }
        return nullptr;
    }
    struct Entry {
        uint64_t source;
        std::string key;
        size_t bytes;
        std::weak_ptr<const std::byte> data;
        bool in_work;
    };
    MemorySource memory_;
    HugeBlocks blocks_;
    mutable std::mutex mutex_;
    std::condition_variable done_;
    size_t packed_ = 0;
    std::shared_ptr<const PreparedModel> prepared_;
    std::unordered_multimap<uint64_t, size_t> places_;  // in prepared_->weights, by source
    std::list<Entry> entries_;
};

LITE_NAMESPACE_END
#endif
