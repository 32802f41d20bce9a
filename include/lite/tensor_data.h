// What is behind a Tensor of the public interface: strides and shared memory; and its types and shapes as the graph has them.
#ifndef LITE_TENSOR_DATA_H_
#define LITE_TENSOR_DATA_H_
#include <algorithm>
#include <cstring>

#include "lite/base/array.h"
#include "lite/tensor.h"

LITE_NAMESPACE_BEGIN

inline constexpr int kDefaultCpuId = -1024;  // what the interface calls the CPU when no other id is meant

// ---- LiteDataType and DType, Layout and Shape ----

inline std::string_view name_of(LiteDeviceType t) {
    switch (t) {
        case LITE_CPU: return "LITE_CPU";
        case LITE_CUDA: return "LITE_CUDA";
        case LITE_ATLAS: return "LITE_ATLAS";
        case LITE_NPU: return "LITE_NPU";
        case LITE_CAMBRICON: return "LITE_CAMBRICON";
        case LITE_DEVICE_DEFAULT: return "LITE_DEVICE_DEFAULT";
    }
    return "of an unknown type";
}
// Throws for the two types that a tensor cannot hold.
inline DType to_dtype(LiteDataType t) {
    switch (t) {
        case LITE_FLOAT: return DType::f32;
        case LITE_HALF: return DType::f16;
        case LITE_INT: return DType::i32;
        case LITE_INT16: return DType::i16;
        case LITE_INT8: return DType::i8;
        case LITE_UINT8: return DType::u8;
        case LITE_UINT16: return DType::u16;
        case LITE_UINT: case LITE_INT64: break;
    }
    fail("unsupport dtype in lite: LiteDataType ", static_cast<int>(t));
}
// Whether a tensor of the interface can hold elements of that type.
constexpr bool has_lite_type(DType t) {
    return t == DType::f32 || t == DType::f16 || t == DType::i32 || t == DType::i16 || t == DType::i8 || t == DType::u8 || t == DType::u16;
}
inline LiteDataType to_lite_type(DType t, const Who& who = "a tensor") {
    switch (t) {
        case DType::f32: return LITE_FLOAT;
        case DType::f16: return LITE_HALF;
        case DType::i32: return LITE_INT;
        case DType::i16: return LITE_INT16;
        case DType::i8: return LITE_INT8;
        case DType::u8: return LITE_UINT8;
        case DType::u16: return LITE_UINT16;
        default: break;
    }
    fail(who, ": unsupport dtype in lite: ", t, " has no LiteDataType");
}
inline Shape to_shape(const Layout& l) {
    Shape s;
    for (size_t i = 0; i < l.ndim; ++i) s.push_back(static_cast<int64_t>(l.shapes[i]));
    return s;
}
inline Layout to_layout(const Shape& s, DType t, const Who& who = "a tensor") {
    check(s.rank() < Layout::MAXDIM, who, ": a tensor of ", s.rank(), " axes; the interface has at most ", Layout::MAXDIM - 1);
    Layout l;
    l.ndim = s.rank();
    for (size_t i = 0; i < l.ndim; ++i) l.shapes[i] = static_cast<size_t>(s[i]);
    l.data_type = to_lite_type(t, who);
    return l;
}

// ---- the tensor ----

class TensorImpl {
public:
    const Layout& layout() const { return layout_; }
    const int64_t* strides() const { return strides_; }  // in elements
    DType dtype() const { return to_dtype(layout_.data_type); }
    Shape shape() const { return to_shape(layout_); }
    size_t elem_size() const { return layout_.get_elem_size(); }
    size_t count() const {
        if (layout_.ndim == 0) return 0;
        size_t n = 1;
        for (size_t i = 0; i < layout_.ndim; ++i) n *= layout_.shapes[i];
        return n;
    }
    size_t bytes() const { return count() * elem_size(); }
    bool contiguous() const {
        int64_t expected = 1;
        for (size_t i = layout_.ndim; i-- > 0;) {
            if (layout_.shapes[i] == 0) return true;
            if (layout_.shapes[i] != 1 && strides_[i] != expected) return false;
            expected *= static_cast<int64_t>(layout_.shapes[i]);
        }
        return true;
    }
    // The first element; nullptr while no memory was needed.
    std::byte* data_or_null() const { return data_; }
    std::byte* data() {
        if (!data_) adopt(allocate_bytes(bytes()), bytes());
        return data_;
    }
    // Whether the memory was given by `reset` and belongs to the user.
    bool is_user_memory() const { return user_memory_; }
    const std::shared_ptr<std::byte>& owner() const { return owner_; }
    size_t capacity() const { return capacity_; }
    // Changes whenever the address, shape or type may have changed.
    uint64_t generation() const { return generation_; }

    // Row-major strides; memory stays if it is large enough.
    void set_layout(const Layout& l) {
        check(l.ndim < Layout::MAXDIM, "the layout has ", l.ndim, " axes; a tensor has at most ", Layout::MAXDIM - 1);
        to_dtype(l.data_type);
        static_cast<void>(to_shape(l).count() * static_cast<int64_t>(l.get_elem_size()));  // refuses what cannot be addressed
        layout_ = l;
        std::fill(layout_.shapes + l.ndim, layout_.shapes + Layout::MAXDIM, size_t{0});
        int64_t stride = 1;
        for (size_t i = l.ndim; i-- > 0;) {
            strides_[i] = stride;
            stride *= static_cast<int64_t>(l.shapes[i]);
        }
        if (data_ && bytes() > capacity_) release();
        ++generation_;
    }
    // Memory of somebody who keeps it alive by `owner`.
    void adopt(std::shared_ptr<std::byte> owner, size_t capacity) {
        owner_ = std::move(owner);
        data_ = owner_.get();
        capacity_ = capacity;
        user_memory_ = false;
        ++generation_;
    }
    void adopt_user(void* data, size_t capacity) {
        owner_.reset();
        data_ = static_cast<std::byte*>(data);
        capacity_ = capacity;
        user_memory_ = true;
        ++generation_;
    }
    void release() {
        owner_.reset();
        data_ = nullptr;
        capacity_ = 0;
        user_memory_ = false;
        ++generation_;
    }
    // The same memory and layout as `o` from element `offset` on.
    void share(TensorImpl& o) {
        o.data();
        layout_ = o.layout_;
        std::copy(o.strides_, o.strides_ + Layout::MAXDIM, strides_);
        owner_ = o.owner_;
        data_ = o.data_;
        capacity_ = o.capacity_;
        user_memory_ = o.user_memory_;
        ++generation_;
    }
    // Narrows the axis to the elements start, start + step, ... : `extent` of them.
    void narrow(size_t axis, int64_t start, int64_t step, size_t extent) {
        if (extent) data_ += start * strides_[axis] * static_cast<int64_t>(elem_size());
        strides_[axis] *= step;
        layout_.shapes[axis] = extent;
        ++generation_;
    }
    // After narrowing: what lies behind the last element belongs to others.
    void clamp_capacity() {
        int64_t last = 0;
        for (size_t i = 0; i < layout_.ndim; ++i) last += (static_cast<int64_t>(layout_.shapes[i]) - 1) * strides_[i];
        capacity_ = count() ? (static_cast<size_t>(last) + 1) * elem_size() : 0;
    }
    // Calls f(pointer, bytes) for each run of neighbouring elements, in row-major order.
    template <class F>
    void for_each_run(F&& f) {
        if (count() == 0) return;
        const size_t es = elem_size(), rank = layout_.ndim;
        size_t tail = rank;  // axes [tail, rank) are contiguous
        int64_t run = 1;
        while (tail > 0 && (layout_.shapes[tail - 1] == 1 || strides_[tail - 1] == run)) {
            --tail;
            run *= static_cast<int64_t>(layout_.shapes[tail]);
        }
        size_t index[Layout::MAXDIM] = {};
        std::byte* base = data();
        for (;;) {
            int64_t offset = 0;
            for (size_t i = 0; i < tail; ++i) offset += static_cast<int64_t>(index[i]) * strides_[i];
            f(base + offset * static_cast<int64_t>(es), static_cast<size_t>(run) * es);
            size_t k = tail;
            while (k-- > 0) {
                if (++index[k] < layout_.shapes[k]) break;
                index[k] = 0;
            }
            if (k == static_cast<size_t>(-1)) return;
        }
    }
    // Dense bytes out of, and into, a tensor that may have gaps.
    void copy_out(std::byte* to) {
        for_each_run([&](std::byte* p, size_t n) {
            std::memcpy(to, p, n);
            to += n;
        });
    }
    void copy_in(const std::byte* from) {
        for_each_run([&](std::byte* p, size_t n) {
            std::memmove(p, from, n);
            from += n;
        });
    }

    LiteDeviceType device_type = LITE_CPU;
    int device_id = 0;
    int stream_id = 0;

private:
    Layout layout_;
    int64_t strides_[Layout::MAXDIM] = {};
    std::shared_ptr<std::byte> owner_;
    std::byte* data_ = nullptr;
    size_t capacity_ = 0;  // bytes from data_ on that belong to this tensor
    bool user_memory_ = false;
    uint64_t generation_ = 0;
};

// The library's own way to what is behind a tensor.
struct TensorAccess {
    static TensorImpl& impl(const Tensor& t) { return *t.impl_; }
};

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/tensor_impl.h"
#endif
#endif
