// Tensors of the public interface: their shape and type (Layout), the memory they own or view (Tensor), and LiteAny.
#ifndef LITE_TENSOR_H_
#define LITE_TENSOR_H_
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lite/common_enum.h"
#include "lite/macro.h"

LITE_NAMESPACE_BEGIN

// The shape and element type of a tensor, row-major. (How an image lies in memory inside a network is another thing: see
// layout/layout.h.) An aggregate: `Layout{{1, 3, 224, 224}, 4}`, `Layout{{2, 3}, 2, LITE_INT8}`.
struct LITE_API Layout {
    static constexpr uint32_t MAXDIM = 7;  // places in `shapes`; a tensor uses at most 6 of them
    size_t shapes[MAXDIM] = {};
    size_t ndim = 0;
    LiteDataType data_type = LITE_FLOAT;

    // Bytes of one element. Throws for a value that is no LiteDataType.
    size_t get_elem_size() const;
    // Equal rank, element type and extents.
    bool operator==(const Layout& other) const;
};

class TensorImpl;
struct TensorAccess;

// Memory with a Layout. Memory is taken at the first use (get_memory_ptr, copies, views) and released with the last owner.
// Copying a Tensor object gives a second handle of the same tensor, not a copy of the data (copy_from does that).
// Not synchronized: one tensor belongs to one thread at a time.
class LITE_API Tensor {
public:
    // An empty tensor (rank 0), to be given a layout by set_layout, copy_from, share_memory_with or reset.
    Tensor();
    // All constructors throw for a device other than the CPU. `is_pinned_host` has no meaning for memory of the CPU.
    Tensor(LiteDeviceType device_type, bool is_pinned_host = false);
    Tensor(LiteDeviceType device_type, const Layout& layout, bool is_pinned_host = false);
    // `device_id` is only reported back by get_device_id.
    Tensor(int device_id, LiteDeviceType device_type, const Layout& layout = {}, bool is_pinned_host = false);
    Tensor(int device_id, int stream_id, LiteDeviceType device_type, bool is_pinned_host = false);
    Tensor(LiteBackend backend, LiteDeviceType device_type = LITE_CPU, int device_id = 0, const Layout& layout = {},
           bool is_pinned_host = false);
    ~Tensor();
    Tensor(const Tensor&);
    Tensor(Tensor&&) noexcept;
    Tensor& operator=(const Tensor&);
    Tensor& operator=(Tensor&&) noexcept;

    LiteDeviceType get_device_type() const;
    // As given; -1024, the id of the default CPU, after copy_from and share_memory_with.
    int get_device_id() const;
    Layout get_layout() const;
    // False: memory of the CPU is never pinned.
    bool is_pinned_host() const;

    // The address of the first element, 64-byte aligned unless the memory is the user's or the tensor is a slice. Allocates if
    // needed. Throws if the tensor is empty (rank 0).
    void* get_memory_ptr() const;
    // The address of the element at `index`; axes behind the end of the list count as 0. Follows the strides of a slice.
    void* get_memory_ptr(const std::vector<size_t>& index) const;
    // Product of the extents times the element size; 0 for rank 0 and where an extent is 0.
    size_t get_tensor_total_size_in_byte() const;
    // Whether the elements follow one another without gaps.
    bool is_continue_memory() const;

    // Changes shape and element type. The memory (and its content) stays if the new size fits into it, else the tensor takes new
    // memory. Throws for more than 6 axes, and for LITE_UINT and LITE_INT64.
    void set_layout(const Layout& layout);
    // Uses memory of the user's from now on; it must outlive its use and is never freed by the tensor. Throws if the tensor
    // is empty or needs more than `length_in_byte` bytes.
    void reset(void* prepared_data, size_t length_in_byte);
    // set_layout and reset in one: `prepared_data` must hold a tensor of that layout.
    void reset(void* prepared_data, const Layout& layout);
    // Changes the shape only. At most one extent may be -1 and follows from the others, which must be positive.
    void reshape(const std::vector<int>& shape);
    // A view (no copy) of the elements start[i], start[i] + step[i], ... < end[i] of each leading axis i; axes behind the end of
    // the lists are taken whole. Ends behind the extent are clamped to it. Throws if the lists differ in length or are longer
    // than the rank, and for a step of 0. The view keeps the memory alive.
    std::shared_ptr<Tensor> slice(const std::vector<size_t>& start, const std::vector<size_t>& end, const std::vector<size_t>& step = {});
    // Sets every element (of a slice: only its own) to zero. Throws if the tensor is empty.
    void fill_zero();
    // Copies the data of `source`. A contiguous (or empty) tensor takes its layout, too; a slice with gaps keeps its own, which
    // must be the same. Throws if `source` is empty.
    void copy_from(const Tensor& source);
    // Becomes one more owner of the memory of `source`, with its layout. Throws if `source` is empty.
    void share_memory_with(const Tensor& source);
    // Nothing to do: the getters always tell the present state. Kept for programs that call it.
    void update_from_implement();

private:
    friend struct TensorAccess;
    std::shared_ptr<TensorImpl> impl_;
};

class LITE_API TensorUtils {
public:
    // One tensor with the tensors one behind the other along axis `dim`; those of extent 0 on it are skipped. An empty list gives
    // an empty tensor. Throws if ranks, element types or other extents differ.
    static std::shared_ptr<Tensor> concat(const std::vector<Tensor>& tensors, int dim, LiteDeviceType dst_device = LITE_DEVICE_DEFAULT,
                                          int dst_device_id = -1);
};

// A value of one of a few types, as the parsers of model information hand them over.
class LITE_API LiteAny {
public:
    enum Type {
        STRING = 0,
        INT32 = 1,
        UINT32 = 2,
        UINT8 = 3,
        INT8 = 4,
        INT64 = 5,
        UINT64 = 6,
        BOOL = 7,
        VOID_PTR = 8,
        FLOAT = 9,
        NONE_SUPPORT = 10,
    };

    LiteAny() = default;
    template <class T> LiteAny(T value) : holder_(new Holder<T>(std::move(value))), type_(type_of<T>()) {}
    LiteAny(const char* value) : LiteAny(std::string(value)) {}
    LiteAny(const LiteAny& other) : holder_(other.holder_ ? other.holder_->clone() : nullptr), type_(other.type_) {}
    LiteAny(LiteAny&& other) noexcept = default;
    LiteAny& operator=(LiteAny other) noexcept {
        std::swap(holder_, other.holder_);
        std::swap(type_, other.type_);
        return *this;
    }

    // The tag of a type; NONE_SUPPORT for those that have none.
    template <class T> Type get_type() const { return type_of<T>(); }
    // A copy of the value. Throws if it is of another type, or if there is none.
    template <class T> T safe_cast() const {
        if (!try_cast<T>()) fail_cast(type_of<T>());
        return *static_cast<const T*>(holder_->address());
    }
    // Whether safe_cast<T> would succeed.
    template <class T> bool try_cast() const { return holder_ && type_ == type_of<T>() && type_ != NONE_SUPPORT; }
    // The address of the value; nullptr if there is none.
    void* cast_void_ptr() const { return holder_ ? holder_->address() : nullptr; }

private:
    struct HolderBase {
        virtual ~HolderBase() = default;
        virtual std::unique_ptr<HolderBase> clone() const = 0;
        virtual void* address() = 0;
    };
    template <class T> struct Holder final : HolderBase {
        explicit Holder(T v) : value(std::move(v)) {}
        std::unique_ptr<HolderBase> clone() const override { return std::unique_ptr<HolderBase>(new Holder(value)); }
        void* address() override { return &value; }
        T value;
    };
    template <class T> static constexpr Type type_of() {
        if (std::is_same_v<T, std::string>) return STRING;
        if (std::is_same_v<T, int32_t>) return INT32;
        if (std::is_same_v<T, uint32_t>) return UINT32;
        if (std::is_same_v<T, uint8_t>) return UINT8;
        if (std::is_same_v<T, int8_t>) return INT8;
        if (std::is_same_v<T, int64_t>) return INT64;
        if (std::is_same_v<T, uint64_t>) return UINT64;
        if (std::is_same_v<T, bool>) return BOOL;
        if (std::is_same_v<T, void*>) return VOID_PTR;
        if (std::is_same_v<T, float>) return FLOAT;
        return NONE_SUPPORT;
    }
    [[noreturn]] void fail_cast(Type wanted) const;
    std::unique_ptr<HolderBase> holder_;
    Type type_ = NONE_SUPPORT;
};

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/tensor_data.h"
#endif
#endif
