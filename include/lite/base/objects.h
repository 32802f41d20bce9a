// Values that are no numbers: strings, sequences of tensors, optionals, maps. A tensor of strings has std::string_view elements;
// a sequence, an optional and a map are tensors without axes whose only element is a handle (const Items*).
#ifndef LITE_BASE_OBJECTS_H_
#define LITE_BASE_OBJECTS_H_
#include <deque>
#include <mutex>

#include "lite/base/array.h"

LITE_NAMESPACE_BEGIN

// Of a sequence: its elements. Of an optional: none or one. Of a map: keys and values, two tensors of equal length.
using Items = std::vector<Array>;

inline const Items& items_of(DType t, const void* data) {
    check(t == DType::sequence || t == DType::optional || t == DType::map, "a sequence, an optional or a map was expected, found ", t);
    const Items* handle;
    std::memcpy(&handle, data, sizeof(handle));
    static const Items none;
    return handle ? *handle : none;  // memory that was only zeroed holds an empty one
}
inline const Items& items_of(const Array& a) { return items_of(a.dtype(), a.data()); }

// A value of that kind that owns what it holds: inputs of a run, constants.
inline Array make_items(DType kind, Items items) {
    struct Owner {
        Items items;
        alignas(kAlignment) const Items* handle = nullptr;
    };
    auto owner = std::make_shared<Owner>();
    owner->items = std::move(items);
    owner->handle = &owner->items;
    return Array(kind, Shape{}, std::shared_ptr<const std::byte>(owner, reinterpret_cast<const std::byte*>(&owner->handle)));
}
inline Array make_strings(const Shape& shape, std::vector<std::string> strings) {
    check(static_cast<int64_t>(strings.size()) == shape.count(), "an array of shape ", shape, " got ", strings.size(), " strings");
    struct Owner {
        std::vector<std::string> strings;
        std::shared_ptr<std::byte> views;
    };
    auto owner = std::make_shared<Owner>();
    owner->strings = std::move(strings);
    owner->views = allocate_bytes(owner->strings.size() * sizeof(std::string_view));
    std::uninitialized_copy(owner->strings.begin(), owner->strings.end(), reinterpret_cast<std::string_view*>(owner->views.get()));
    return Array(DType::string, shape, std::shared_ptr<const std::byte>(owner, owner->views.get()));
}
inline const std::string_view* strings_of(const Array& a) {
    check(a.dtype() == DType::string, "strings were expected, found ", a.dtype());
    return reinterpret_cast<const std::string_view*>(a.data());
}

// What the nodes of a run make of such values. Handles point here: what a run makes lives until the one after the next begins, so
// that outputs of one may be inputs of the next.
class ObjectPool {
public:
    std::string_view keep(std::string s) {
        std::lock_guard lock(mutex_);
        return strings_.emplace_back(std::move(s));
    }
    const Items* keep(Items items) {
        std::lock_guard lock(mutex_);
        return &items_.emplace_back(std::move(items));
    }
    void begin_run() {
        if (strings_.empty() && items_.empty() && old_strings_.empty() && old_items_.empty()) return;
        old_strings_.swap(strings_);
        old_items_.swap(items_);
        strings_.clear();
        items_.clear();
    }

private:
    std::mutex mutex_;
    std::deque<std::string> strings_, old_strings_;
    std::deque<Items> items_, old_items_;
};

LITE_NAMESPACE_END
#endif
