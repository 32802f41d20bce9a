// Dense data with an owner (constants, dynamic results), and views of tensors that somebody else owns.
#ifndef LITE_BASE_ARRAY_H_
#define LITE_BASE_ARRAY_H_
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <new>

#include "lite/base/hash.h"
#include "lite/base/shape.h"
#include "lite/base/small_number.h"

LITE_NAMESPACE_BEGIN

inline constexpr size_t kAlignment = 64;  // of every buffer of ours: a cache line and the widest vector

// 64-byte aligned bytes, freed with the last owner; null when memory is missing.
inline std::shared_ptr<std::byte> try_allocate_bytes(size_t bytes) {
    if (bytes > SIZE_MAX - kAlignment) return nullptr;
    const size_t rounded = (std::max<size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
    void* p = ::operator new(rounded, std::align_val_t(kAlignment), std::nothrow);
    if (!p) return nullptr;
    return {static_cast<std::byte*>(p), [](std::byte* q) { ::operator delete(q, std::align_val_t(kAlignment)); }};
}
// The same; throws lite::Error when memory is missing.
inline std::shared_ptr<std::byte> allocate_bytes(size_t bytes) {
    auto p = try_allocate_bytes(bytes);
    check(p != nullptr, "out of memory: ", bytes, " bytes were asked for");
    return p;
}

// Where a network takes its memory from: 64-byte aligned bytes, null when memory is missing. Empty: the system. Called from any thread.
using MemorySource = std::function<std::shared_ptr<std::byte>(size_t bytes)>;
inline std::shared_ptr<std::byte> try_allocate_bytes(size_t bytes, const MemorySource& from) { return from ? from(bytes) : try_allocate_bytes(bytes); }
inline std::shared_ptr<std::byte> allocate_bytes(size_t bytes, const MemorySource& from) {
    auto p = try_allocate_bytes(bytes, from);
    check(p != nullptr, "out of memory: ", bytes, " bytes were asked for");
    return p;
}

// A floating-point number without its fraction; one that T has no integer for (or a NaN) is an error.
template <class T>
[[gnu::noinline]] T integer_of(double v) {
    constexpr double low = static_cast<double>(std::numeric_limits<T>::min()), end = static_cast<double>(std::numeric_limits<T>::max() / 2 + 1) * 2;
    check(v < end && (v >= low || v > low - 1), "the number ", v, " was given where an integer of ", 8 * sizeof(T), " bits was expected");
    return static_cast<T>(v);
}
// Element types to each other, as `values` has it.
template <class T, class S>
T number_of(S v) {
    if constexpr (std::is_same_v<S, Half> || std::is_same_v<S, BFloat16>) return number_of<T>(static_cast<float>(v));
    else if constexpr (std::is_floating_point_v<S> && std::is_integral_v<T> && !std::is_same_v<T, bool>) return integer_of<T>(static_cast<double>(v));
    else return static_cast<T>(v);
}

// Identities of arrays with the highest bit set are lasting: that of a model and the place of the array in it, so they are the same
// again where the model is given the same identity.
inline constexpr uint64_t kLasting = uint64_t{1} << 63;
inline uint64_t lasting_identity(uint64_t id) { return id | kLasting; }
// One that no other model has, in this process or another.
inline uint64_t new_lasting_identity() {
    static std::atomic<uint64_t> counter{0};
    static const uint64_t process = mix(static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()), reinterpret_cast<uintptr_t>(&counter));
    return lasting_identity(mix(process, counter.fetch_add(1, std::memory_order_relaxed)));
}
// Of what is made from `a` and `b`: lasting if both are.
inline uint64_t derived_identity(uint64_t a, uint64_t b) { return (mix(a, b) & ~kLasting) | (a & b & kLasting); }

// A dense, row-major, immutable array with shared ownership: an initializer, a folded value. May be a part of a mapped
// file, so its address need not be aligned to its element: read it with `values` or `copy_to`.
class Array {
public:
    Array() = default;
    // Adopts `data` (shape.count() elements of `dtype`).
    Array(DType dtype, Shape shape, std::shared_ptr<const std::byte> data)
            : dtype_(dtype), shape_(shape), data_(std::move(data)), identity_(next_identity()) {}
    // Adopts a function that writes all of the bytes; it is called when they are first read, by whichever thread reads them.
    static Array deferred(DType dtype, const Shape& shape, std::function<void(std::byte*)> fill) {
        Array a(dtype, shape, nullptr);
        a.content_ = std::make_shared<Content>();
        a.content_->fill = std::move(fill);
        return a;
    }
    // Memory of its own, writable through `mutable_data` until it is shared: for those who write all of it, and zero-filled.
    static Array uninitialized(DType dtype, const Shape& shape, const MemorySource& memory = {}) {
        return Array(dtype, shape, allocate_bytes(static_cast<size_t>(shape.count()) * size_of(dtype), memory));
    }
    static Array zeros(DType dtype, const Shape& shape, const MemorySource& memory = {}) {
        Array a = uninitialized(dtype, shape, memory);
        std::memset(a.mutable_data(), 0, a.bytes());
        return a;
    }
    template <class T> static Array of(const Shape& shape, std::span<const T> values) {
        Array a = zeros(dtype_of<T>, shape);
        check(static_cast<int64_t>(values.size()) == shape.count(), "an array of shape ", shape, " got ", values.size(), " values");
        if (!values.empty()) std::memcpy(a.mutable_data(), values.data(), values.size_bytes());
        return a;
    }
    template <class T> static Array of(const Shape& shape, const std::vector<T>& values) { return of(shape, std::span<const T>(values)); }
    template <class T> static Array scalar(T v) { return of(Shape{}, std::span<const T>(&v, 1)); }
    static Array vector_i64(const std::vector<int64_t>& v) { return of(Shape{static_cast<int64_t>(v.size())}, v); }

    explicit operator bool() const { return data_ || content_; }
    bool is_deferred() const { return content_ != nullptr; }
    DType dtype() const { return dtype_; }
    const Shape& shape() const { return shape_; }
    int64_t count() const { return shape_.count(); }
    size_t bytes() const { return static_cast<size_t>(count()) * size_of(dtype_); }
    const std::byte* data() const { return owner().get(); }
    std::byte* mutable_data() { return const_cast<std::byte*>(data()); }
    const std::shared_ptr<const std::byte>& owner() const { return content_ ? computed() : data_; }
    // The same bytes under another shape of the same count.
    Array reshaped(const Shape& s) const { return Array(dtype_, s, owner()); }
    // Tells arrays apart as keys of caches: copies share it. A value that is computed again from the same sources, such as
    // weights with a batch normalisation folded in, is given the same one again by with_identity.
    uint64_t identity() const { return identity_; }
    // The identity if it is lasting, else one that follows from the content.
    uint64_t content_identity() const {
        if (identity_ & kLasting) return identity_;
        uint64_t h = static_cast<uint64_t>(dtype_);
        for (int64_t d : shape_) h = mix(h, static_cast<uint64_t>(d));
        return lasting_identity(hash_of(data(), bytes(), h));
    }
    Array with_identity(uint64_t id) const {
        Array a = *this;
        a.identity_ = id;
        return a;
    }
    // The elements converted to T (from any dtype), e.g. axes or a scalar parameter. Floating-point numbers lose their fraction; an error
    // where an integer cannot hold one.
    template <class T> std::vector<T> values() const {
        std::vector<T> out(static_cast<size_t>(count()));
        if (is_small_float(dtype_)) {
            for (size_t i = 0; i < out.size(); ++i) out[i] = number_of<T>(small_to_double(dtype_, static_cast<uint8_t>(data()[i])));
            return out;
        }
        visit_dtype(dtype_, [&](auto tag) {
            using S = decltype(tag);
            for (size_t i = 0; i < out.size(); ++i) {
                S s;
                std::memcpy(&s, data() + i * sizeof(S), sizeof(S));
                out[i] = number_of<T>(s);
            }
        });
        return out;
    }
    // The first element converted to T.
    template <class T> T scalar_value() const {
        check(count() == 1, "a scalar was expected, the tensor has shape ", shape_);
        return values<T>()[0];
    }
    // The elements as floats: where they lie, or converted in `keep` if they are of another type or at an odd place in a file.
    const float* floats(std::vector<float>& keep) const {
        if (dtype_ == DType::f32 && reinterpret_cast<uintptr_t>(data()) % alignof(float) == 0) return reinterpret_cast<const float*>(data());
        keep = values<float>();
        return keep.data();
    }
    void copy_to(void* out) const {
        if (bytes()) std::memcpy(out, data(), bytes());
    }

private:
    struct Content {
        std::once_flag once;
        std::function<void(std::byte*)> fill;
        std::shared_ptr<const std::byte> data;
    };
    const std::shared_ptr<const std::byte>& computed() const {
        std::call_once(content_->once, [this] {
            auto bytes_here = allocate_bytes(bytes());
            content_->fill(bytes_here.get());
            content_->data = std::move(bytes_here);
            content_->fill = nullptr;  // with what it was computed from
        });
        return content_->data;
    }
    static uint64_t next_identity() {
        static std::atomic<uint64_t> counter{1};
        return counter.fetch_add(1, std::memory_order_relaxed);
    }
    DType dtype_ = DType::none;
    Shape shape_;
    std::shared_ptr<const std::byte> data_;
    std::shared_ptr<Content> content_;  // of a deferred array; data_ is null then
    uint64_t identity_ = 0;
};

LITE_NAMESPACE_END
#endif
