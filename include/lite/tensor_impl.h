// The definitions of the public Layout, Tensor and TensorUtils.
#ifndef LITE_TENSOR_IMPL_H_
#define LITE_TENSOR_IMPL_H_
#include "lite/base/log.h"
#include "lite/tensor_data.h"

LITE_NAMESPACE_BEGIN

LITE_INLINE size_t Layout::get_elem_size() const {
    switch (data_type) {
        case LITE_INT64: return 8;
        case LITE_FLOAT: case LITE_INT: case LITE_UINT: return 4;
        case LITE_HALF: case LITE_INT16: case LITE_UINT16: return 2;
        case LITE_INT8: case LITE_UINT8: return 1;
    }
    fail("not support data type: ", static_cast<int>(data_type), " is no LiteDataType");
}
LITE_INLINE bool Layout::operator==(const Layout& o) const {
    return ndim == o.ndim && data_type == o.data_type && std::equal(shapes, shapes + std::min<size_t>(ndim, MAXDIM), o.shapes);
}

namespace detail {
inline void check_device(LiteDeviceType t, int id, int stream, Tensor& tensor) {
    check(t == LITE_CPU || t == LITE_DEVICE_DEFAULT, "a tensor on the device ", name_of(t), ": lite computes on the CPU (LITE_CPU) only");
    TensorImpl& x = TensorAccess::impl(tensor);
    x.device_type = LITE_CPU;
    x.device_id = id;
    x.stream_id = stream;
}
}  // namespace detail

LITE_INLINE Tensor::Tensor() : impl_(std::make_shared<TensorImpl>()) {}
LITE_INLINE Tensor::Tensor(LiteDeviceType device_type, bool is_pinned) : Tensor(0, 0, device_type, is_pinned) {}
LITE_INLINE Tensor::Tensor(LiteDeviceType device_type, const Layout& layout, bool is_pinned) : Tensor(0, device_type, layout, is_pinned) {}
LITE_INLINE Tensor::Tensor(int device_id, LiteDeviceType device_type, const Layout& layout, bool is_pinned)
        : Tensor(device_id, 0, device_type, is_pinned) {
    logged([&] {
        if (layout.ndim) impl_->set_layout(layout);
    });
}
LITE_INLINE Tensor::Tensor(int device_id, int stream_id, LiteDeviceType device_type, bool) : Tensor() {
    logged([&] { detail::check_device(device_type, device_id, stream_id, *this); });
}
LITE_INLINE Tensor::Tensor(LiteBackend backend, LiteDeviceType device_type, int device_id, const Layout& layout, bool is_pinned)
        : Tensor(device_id, device_type, layout, is_pinned) {
    logged([&] { check(backend == LITE_DEFAULT, "a tensor of the backend ", static_cast<int>(backend), ": there is only LITE_DEFAULT"); });
}
LITE_INLINE Tensor::~Tensor() = default;
LITE_INLINE Tensor::Tensor(const Tensor&) = default;
// Moving copies the handle: a moved-from tensor stays usable.
LITE_INLINE Tensor::Tensor(Tensor&& o) noexcept : impl_(o.impl_) {}
LITE_INLINE Tensor& Tensor::operator=(const Tensor&) = default;
LITE_INLINE Tensor& Tensor::operator=(Tensor&& o) noexcept {
    impl_ = o.impl_;
    return *this;
}

LITE_INLINE LiteDeviceType Tensor::get_device_type() const { return impl_->device_type; }
LITE_INLINE int Tensor::get_device_id() const { return impl_->device_id; }
LITE_INLINE Layout Tensor::get_layout() const { return impl_->layout(); }
LITE_INLINE bool Tensor::is_pinned_host() const { return false; }
LITE_INLINE size_t Tensor::get_tensor_total_size_in_byte() const { return impl_->bytes(); }
LITE_INLINE bool Tensor::is_continue_memory() const { return impl_->contiguous(); }
LITE_INLINE void Tensor::update_from_implement() {}

LITE_INLINE void* Tensor::get_memory_ptr() const {
    return logged([&]() -> void* {
        check(impl_->layout().ndim > 0, "Tensor layout is not valid when get memory ptr.");
        return impl_->data();
    });
}
LITE_INLINE void* Tensor::get_memory_ptr(const std::vector<size_t>& index) const {
    return logged([&]() -> void* {
        const Layout& l = impl_->layout();
        check(l.ndim > 0, "Tensor layout is not valid when get memory ptr.");
        check(index.size() <= l.ndim, "get_memory_ptr: ", index.size(), " indices into a tensor of ", l.ndim, " axes");
        int64_t offset = 0;
        for (size_t i = 0; i < index.size(); ++i) {
            check(index[i] < l.shapes[i], "get_memory_ptr: index ", index[i], " on axis ", i, " of extent ", l.shapes[i]);
            offset += static_cast<int64_t>(index[i]) * impl_->strides()[i];
        }
        return impl_->data() + offset * static_cast<int64_t>(impl_->elem_size());
    });
}
LITE_INLINE void Tensor::set_layout(const Layout& layout) {
    logged([&] { impl_->set_layout(layout); });
}
LITE_INLINE void Tensor::reset(void* prepared_data, size_t length) {
    logged([&] {
        check(impl_->layout().ndim > 0, "The tensor is empty, please reset with layout.");
        check(length >= impl_->bytes(), "the memory reset to the tensor is too small.");
        check(prepared_data != nullptr || length == 0, "The data reset to the tensor is a null pointer.");
        if (!impl_->contiguous()) impl_->set_layout(impl_->layout());
        impl_->adopt_user(prepared_data, length);
    });
}
LITE_INLINE void Tensor::reset(void* prepared_data, const Layout& layout) {
    logged([&] {
        check(prepared_data != nullptr, "The data reset to the tensor is a null pointer.");
        impl_->set_layout(layout);
        impl_->adopt_user(prepared_data, impl_->bytes());
    });
}
LITE_INLINE void Tensor::reshape(const std::vector<int>& shape) {
    logged([&] {
        check(impl_->layout().ndim > 0, "The tensor to be reshape is empty.");
        check(shape.size() < Layout::MAXDIM, "The ndim of reshape input is too large.");
        check(impl_->contiguous(), "The tensor to be reshape is a slice with gaps.");
        const size_t total = impl_->count();
        Layout l = impl_->layout();
        l.ndim = shape.size();
        size_t known = 1, inferred = Layout::MAXDIM;
        for (size_t i = 0; i < shape.size(); ++i) {
            if (shape[i] == -1) {
                check(inferred == Layout::MAXDIM, "The reshape inputs invalid.", " More than one extent of ", shape, " is -1.");
                inferred = i;
                continue;
            }
            check(shape[i] > 0 && !__builtin_mul_overflow(known, static_cast<size_t>(shape[i]), &known), "The reshape inputs invalid.",
                  " Extent ", shape[i], " in ", shape, ".");
            l.shapes[i] = static_cast<size_t>(shape[i]);
        }
        if (inferred != Layout::MAXDIM) {
            check(total % known == 0 && total != 0, "The reshape inputs invalid.", " ", shape, " for ", total, " elements.");
            l.shapes[inferred] = total / known;
        } else {
            check(known == total && l.ndim > 0, "The reshape inputs invalid.", " ", shape, " for ", total, " elements.");
        }
        impl_->set_layout(l);
    });
}
LITE_INLINE std::shared_ptr<Tensor> Tensor::slice(const std::vector<size_t>& start, const std::vector<size_t>& end,
                                                  const std::vector<size_t>& step) {
    return logged([&] {
        const Layout& l = impl_->layout();
        check(l.ndim > 0, "The tensor to be sliced is empty.");
        check(start.size() == end.size(), "slice: the sizes of start and end differ: ", start.size(), " and ", end.size());
        check(step.empty() || step.size() == start.size(), "slice: the sizes of start and step differ: ", start.size(), " and ", step.size());
        check(start.size() <= l.ndim, "slice: ", start.size(), " ranges for a tensor of ", l.ndim, " axes");
        auto view = std::make_shared<Tensor>();
        TensorImpl& v = *view->impl_;
        v.device_id = impl_->device_id;
        v.stream_id = impl_->stream_id;
        v.share(*impl_);
        for (size_t i = 0; i < start.size(); ++i) {
            // As in Python a negative index, cast to size_t by the caller, counts from the end.
            const int64_t extent = static_cast<int64_t>(l.shapes[i]);
            int64_t from = static_cast<int64_t>(start[i]), to = static_cast<int64_t>(end[i]);
            const int64_t by = step.empty() ? 1 : static_cast<int64_t>(step[i]);
            check(by > 0, "slice: step ", by, " on axis ", i, ": it must be positive");
            from = std::clamp<int64_t>(from < 0 ? from + extent : from, 0, extent);
            to = std::clamp<int64_t>(to < 0 ? to + extent : to, 0, extent);
            const int64_t n = to > from ? (to - from - 1) / by + 1 : 0;
            v.narrow(i, from, by, static_cast<size_t>(n));
        }
        v.clamp_capacity();
        return view;
    });
}
LITE_INLINE void Tensor::fill_zero() {
    logged([&] {
        check(impl_->layout().ndim > 0, "The tensor to be filled with zero is empty: fill_zero can't apply on a tensor without a layout.");
        impl_->for_each_run([](std::byte* p, size_t n) { std::memset(p, 0, n); });
    });
}
LITE_INLINE void Tensor::copy_from(const Tensor& source) {
    logged([&] {
        TensorImpl& from = *source.impl_;
        check(from.layout().ndim > 0, "when tensor copy, if the src layout is empty. There is nothing to copy.");
        if (&from == impl_.get()) return;
        if (impl_->contiguous()) impl_->set_layout(from.layout());
        else check(impl_->layout() == from.layout(), "copy_from: a slice of shape ", impl_->shape(), ", ", impl_->dtype(), " cannot take a tensor of shape ",
                   from.shape(), ", ", from.dtype());
        impl_->device_id = kDefaultCpuId;
        const std::byte* a = from.data();
        const std::byte* b = impl_->data();
        const bool apart = a + from.capacity() <= b || b + impl_->capacity() <= a;
        if (from.contiguous() && apart) {
            impl_->copy_in(a);
        } else {  // gaps on both sides, or views of the same memory
            const auto dense = allocate_bytes(from.bytes());
            from.copy_out(dense.get());
            impl_->copy_in(dense.get());
        }
    });
}
LITE_INLINE void Tensor::share_memory_with(const Tensor& source) {
    logged([&] {
        check(source.impl_->layout().ndim > 0, "share_memory_with: the src layout is empty.");
        if (source.impl_ == impl_) return;
        impl_->share(*source.impl_);
        impl_->device_id = kDefaultCpuId;
    });
}

LITE_INLINE std::shared_ptr<Tensor> TensorUtils::concat(const std::vector<Tensor>& tensors, int dim, LiteDeviceType dst_device, int dst_device_id) {
    return logged([&] {
        if (tensors.empty()) return std::make_shared<Tensor>();
        const Layout first = tensors[0].get_layout();
        check(dim >= 0 && static_cast<size_t>(dim) < first.ndim, "the dim in concat is error. Axis ", dim, " of tensors of ", first.ndim, " axes.");
        const size_t axis = static_cast<size_t>(dim);
        Layout out = first;
        out.shapes[axis] = 0;
        for (const Tensor& t : tensors) {
            const Layout l = t.get_layout();
            check(l.ndim == first.ndim, "the dim size of tensors is not same!");
            check(l.data_type == first.data_type, "the dtype of tensors is not same!");
            for (size_t i = 0; i < l.ndim; ++i)
                check(i == axis || l.shapes[i] == first.shapes[i], "the shape of tensors is not same!");
            out.shapes[axis] += l.shapes[axis];
        }
        auto result = std::make_shared<Tensor>(dst_device_id == -1 ? tensors[0].get_device_id() : dst_device_id,
                                               dst_device == LITE_DEVICE_DEFAULT ? tensors[0].get_device_type() : dst_device, out);
        size_t at = 0;
        for (const Tensor& t : tensors) {
            const size_t n = t.get_layout().shapes[axis];
            if (n == 0) continue;
            std::vector<size_t> start(out.ndim, 0), end(out.shapes, out.shapes + out.ndim);
            start[axis] = at;
            end[axis] = at + n;
            TensorImpl& from = TensorAccess::impl(t);
            const auto view = result->slice(start, end);
            TensorImpl& to = TensorAccess::impl(*view);
            if (from.contiguous()) {
                to.copy_in(from.data());
            } else {
                const auto dense = allocate_bytes(from.bytes());
                from.copy_out(dense.get());
                to.copy_in(dense.get());
            }
            at += n;
        }
        return result;
    });
}

LITE_INLINE void LiteAny::fail_cast(Type wanted) const {
    fail("The type store in LiteAny is not match the visit type, type of storage enum is ", static_cast<size_t>(type_),
         ", type of visit enum is ", static_cast<size_t>(wanted), ".");
}

LITE_NAMESPACE_END
#endif
