// Copies between strided views of any rank and element size: what nearly every operator that only moves data comes down to.
#ifndef LITE_KERNEL_STRIDED_COPY_H_
#define LITE_KERNEL_STRIDED_COPY_H_
#include <array>
#include <cstring>

#include "lite/kernel/bricks.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Below this many bytes a second thread costs more than it brings (a fork-join is ~0.2 us, a copy ~20 bytes/ns).
inline constexpr size_t kParallelBytes = 64 * 1024;

// memcpy of `bytes` bytes for each row; strides in bytes.
inline void copy_rows(std::byte* y, ptrdiff_t y_stride, const std::byte* x, ptrdiff_t x_stride, size_t rows, size_t bytes) noexcept {
    const auto fixed = [&]<size_t N>(std::integral_constant<size_t, N>) {
        for (size_t r = 0; r < rows; ++r, y += y_stride, x += x_stride) std::memcpy(y, x, N);
    };
    switch (bytes) {
        case 1: return fixed(std::integral_constant<size_t, 1>());
        case 2: return fixed(std::integral_constant<size_t, 2>());
        case 4: return fixed(std::integral_constant<size_t, 4>());
        case 8: return fixed(std::integral_constant<size_t, 8>());
        case 16: return fixed(std::integral_constant<size_t, 16>());
        case 32: return fixed(std::integral_constant<size_t, 32>());
        case 64: return fixed(std::integral_constant<size_t, 64>());
        default: break;
    }
    for (size_t r = 0; r < rows; ++r, y += y_stride, x += x_stride) std::memcpy(y, x, bytes);
}

// Calls f with an unsigned integer of the size of an element: moving data needs no more of its type.
template <class F>
inline void visit_element_size(size_t size, F&& f) {
    switch (size) {
        case 1: return f(uint8_t());
        case 2: return f(uint16_t());
        case 4: return f(uint32_t());
        default: return f(uint64_t());
    }
}
// Constants may lie at any address of a mapped file: elements are read and written byte-wise, which costs nothing.
template <class T> T load_element(const std::byte* p) noexcept {
    T v;
    std::memcpy(&v, p, sizeof(T));
    return v;
}
template <class T> void store_element(std::byte* p, T v) noexcept { std::memcpy(p, &v, sizeof(T)); }

// The contract of TransposeArgs for elements of any size; `bricks` may be null.
inline void transpose_2d(size_t size, const TransposeArgs& a, const Bricks* bricks) noexcept {
    if (bricks && size < 8) return (size == 4 ? bricks->move.transpose32 : size == 2 ? bricks->move.transpose16 : bricks->move.transpose8)(a);
    visit_element_size(size, [&](auto tag) {
        using T = decltype(tag);
        constexpr ptrdiff_t s = sizeof(T);
        const auto* x = static_cast<const std::byte*>(a.x);
        auto* y = static_cast<std::byte*>(a.y);
        constexpr size_t tile = 16;  // 16 cache lines of either side stay in L1
        for (size_t i0 = 0; i0 < a.padded_rows; i0 += tile) {
            const size_t i1 = std::min(i0 + tile, a.padded_rows), valid = std::min(std::max(i0, a.rows), i1);
            for (size_t j = 0; j < a.cols; ++j) {
                std::byte* out = y + static_cast<ptrdiff_t>(j) * a.y_stride * s;
                const std::byte* in = x + static_cast<ptrdiff_t>(j) * s;
                for (size_t i = i0; i < valid; ++i)
                    store_element(out + static_cast<ptrdiff_t>(i) * s, load_element<T>(in + static_cast<ptrdiff_t>(i) * a.x_stride * s));
                if (valid < i1) std::memset(out + static_cast<ptrdiff_t>(valid) * s, 0, (i1 - valid) * sizeof(T));
            }
        }
    });
}

// memcpy by all threads; pool may be null.
inline void copy_bytes(void* y, const void* x, size_t bytes, ThreadPool* pool) noexcept {
    if (bytes == 0) return;
    if (!pool || bytes < 4 * kParallelBytes) {
        std::memcpy(y, x, bytes);
        return;
    }
    pool->parallel_for(bytes, kParallelBytes, [&](size_t begin, size_t end, int) {
        std::memcpy(static_cast<std::byte*>(y) + begin, static_cast<const std::byte*>(x) + begin, end - begin);
    });
}

// y[sum index * y_stride] = x[sum index * x_stride] for all indices below the extents. Strides count elements; those of x may
// be zero (broadcast) or negative, those of y must not make two elements meet.
class StridedCopy {
public:
    static constexpr size_t kMaxAxes = 2 * kMaxRank;

    void axis(int64_t extent, int64_t y_stride, int64_t x_stride) {
        if (extent == 0) empty_ = true;
        if (extent == 1) return;
        const Axis a{extent, y_stride, x_stride};
        if (rank_ > 0) {
            Axis& last = axes_[rank_ - 1];
            if (last.y == a.y * extent && last.x == a.x * extent) {  // one axis of the product of both extents
                last = {last.n * extent, a.y, a.x};
                return;
            }
        }
        axes_[rank_++] = a;
    }
    // Axes of a row-major y of that shape read through strides of x.
    void row_major(const Shape& shape, const int64_t* x_strides) {
        int64_t stride[kMaxRank], n = 1;
        for (size_t i = shape.rank(); i-- > 0; n *= shape[i]) stride[i] = n;
        for (size_t i = 0; i < shape.rank(); ++i) axis(shape[i], stride[i], x_strides[i]);
    }

    // pool and bricks may be null.
    void run(void* y, const void* x, size_t size, ThreadPool* pool, const Bricks* bricks) noexcept {
        if (empty_) return;
        auto* to = static_cast<std::byte*>(y);
        const auto* from = static_cast<const std::byte*>(x);
        if (rank_ == 0) {
            std::memcpy(to, from, size);
            return;
        }
        Axis b = axes_[rank_ - 1];
        if (rank_ == 1 && b.y == 1 && b.x == 1) return copy_bytes(to, from, static_cast<size_t>(b.n) * size, pool);
        const size_t s = size;
        // The innermost pair of axes: b is the last; a the one along which x is contiguous if b is not, else the one before b.
        Kind kind = b.y != 1 ? Kind::scatter : b.x == 1 ? Kind::copy : b.x == 0 ? Kind::fill : Kind::gather;
        size_t at = rank_ - 1;
        if (kind == Kind::gather)
            for (size_t i = 0; i + 1 < rank_; ++i)
                if (axes_[i].x == 1) {
                    kind = Kind::transpose;
                    at = i + 1;
                }
        Axis a{1, 0, 0};
        size_t outer = rank_ - 1;
        if (outer > 0) {
            --outer;
            --at;
            if (at > outer) at = outer;
            a = axes_[at];
            for (size_t i = at; i < outer; ++i) axes_[i] = axes_[i + 1];
        }
        if (rank_ == 1 && pool && static_cast<size_t>(b.n) * s >= kParallelBytes) {  // nothing to split but the axis itself
            pool->parallel_for(static_cast<size_t>(b.n), kParallelBytes / 2 / s, [&](size_t begin, size_t end, int) {
                const auto i = static_cast<ptrdiff_t>(begin * s);
                pair(kind, to + i * b.y, from + i * b.x, 1, a, {static_cast<int64_t>(end - begin), b.y, b.x}, s, bricks);
            });
            return;
        }
        size_t count = 1;
        for (size_t i = 0; i < outer; ++i) count *= static_cast<size_t>(axes_[i].n);
        // Split a so that one item is about 32 KB.
        const size_t row_bytes = static_cast<size_t>(b.n) * size, an = static_cast<size_t>(a.n);
        size_t tile = std::max<size_t>(16, 32 * 1024 / row_bytes / 16 * 16);
        if (tile > an) tile = an;
        const size_t tiles = (an + tile - 1) / tile, items = count * tiles;
        const auto work = [&](size_t begin, size_t end, int) {
            int64_t index[kMaxAxes] = {};
            ptrdiff_t yo = 0, xo = 0;
            size_t t = begin % tiles, rest = begin / tiles;
            for (size_t i = outer; i-- > 0;) {
                index[i] = static_cast<int64_t>(rest % static_cast<size_t>(axes_[i].n));
                rest /= static_cast<size_t>(axes_[i].n);
                yo += index[i] * axes_[i].y;
                xo += index[i] * axes_[i].x;
            }
            for (size_t item = begin; item < end; ++item) {
                const int64_t a0 = static_cast<int64_t>(t * tile);
                const size_t n = std::min(tile, an - static_cast<size_t>(a0));
                pair(kind, to + (yo + a0 * a.y) * static_cast<ptrdiff_t>(s), from + (xo + a0 * a.x) * static_cast<ptrdiff_t>(s), n, a, b, s, bricks);
                if (++t < tiles) continue;
                t = 0;
                for (size_t i = outer; i-- > 0;) {
                    yo += axes_[i].y;
                    xo += axes_[i].x;
                    if (++index[i] < axes_[i].n) break;
                    yo -= axes_[i].y * axes_[i].n;
                    xo -= axes_[i].x * axes_[i].n;
                    index[i] = 0;
                }
            }
        };
        const size_t item_bytes = std::max<size_t>(1, tile * row_bytes);
        if (!pool || items * item_bytes < kParallelBytes) work(0, items, 0);
        else pool->parallel_for(items, std::max<size_t>(1, kParallelBytes / 2 / item_bytes), work);
    }

private:
    struct Axis {
        int64_t n, y, x;
    };
    enum class Kind { copy, fill, transpose, gather, scatter };

    static void pair(Kind kind, std::byte* y, const std::byte* x, size_t an, const Axis& a, const Axis& b, size_t size, const Bricks* bricks) noexcept {
        const ptrdiff_t s = static_cast<ptrdiff_t>(size);
        const size_t bn = static_cast<size_t>(b.n);
        if (kind == Kind::copy) return copy_rows(y, a.y * s, x, a.x * s, an, bn * size);
        if (kind == Kind::transpose) return transpose_2d(size, {x, static_cast<ptrdiff_t>(b.x), y, static_cast<ptrdiff_t>(a.y), bn, an, bn}, bricks);
        visit_element_size(size, [&](auto tag) {
            using T = decltype(tag);
            for (size_t i = 0; i < an; ++i, y += a.y * s, x += a.x * s) {
                const std::byte* p = x;
                std::byte* q = y;
                if (kind == Kind::fill) {
                    const T v = load_element<T>(x);
                    for (size_t j = 0; j < bn; ++j, q += sizeof(T)) store_element(q, v);
                } else if (kind == Kind::gather) {
                    for (size_t j = 0; j < bn; ++j, q += sizeof(T), p += b.x * s) store_element(q, load_element<T>(p));
                } else {
                    for (size_t j = 0; j < bn; ++j, q += b.y * s, p += b.x * s) store_element(q, load_element<T>(p));
                }
            }
        });
    }

    std::array<Axis, kMaxAxes> axes_{};
    size_t rank_ = 0;
    bool empty_ = false;
};

LITE_NAMESPACE_END
#endif
