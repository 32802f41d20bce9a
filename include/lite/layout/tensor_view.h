// A tensor that a kernel reads or writes: an address, an element type, a logical shape and a memory layout.
#ifndef LITE_LAYOUT_TENSOR_VIEW_H_
#define LITE_LAYOUT_TENSOR_VIEW_H_
#include "lite/base/array.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

struct TensorView {
    void* data = nullptr;  // 64-byte aligned for tensors of ours; a user's own buffer has the alignment of its element
    DType dtype = DType::none;
    Shape shape;  // logical: [N, C, spatial...] whatever the layout
    LayoutTag layout = LayoutTag::nchw;

    explicit operator bool() const { return dtype != DType::none; }  // false for an optional input that is absent
    int64_t count() const { return shape.count(); }
    size_t bytes() const { return static_cast<size_t>(padded_count(layout, shape)) * size_of(dtype); }
    template <class T> T* as() const { return static_cast<T*>(data); }
    // The elements (dense layout) converted to T: for small parameter inputs such as axes, pads, a scale.
    template <class T> std::vector<T> values() const {
        return Array(dtype, shape, std::shared_ptr<const std::byte>(std::shared_ptr<void>(), static_cast<const std::byte*>(data))).values<T>();
    }
    template <class T> T scalar() const {
        check(count() == 1, "a scalar was expected, the tensor has shape ", shape);
        return values<T>()[0];
    }
};

LITE_NAMESPACE_END
#endif
