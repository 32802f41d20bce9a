// Extents of a tensor: up to 8 axes held in place, so that shapes never allocate.
#ifndef LITE_BASE_SHAPE_H_
#define LITE_BASE_SHAPE_H_
#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>

#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

inline constexpr size_t kMaxRank = 8;
// Of a tensor, and of one axis: more than any machine holds, and sums, small multiples and bytes with all padding of a layout stay
// far from an overflow.
inline constexpr int64_t kMaxElements = int64_t{1} << 40;
inline constexpr int64_t kUnknown = -1;  // an extent that only an input or a run tells

class Shape {
public:
    Shape() = default;
    Shape(std::initializer_list<int64_t> d) { assign(std::span(d.begin(), d.size())); }
    explicit Shape(std::span<const int64_t> d) { assign(d); }
    explicit Shape(const std::vector<int64_t>& d) { assign(d); }
    // `rank` axes, all of extent `fill`.
    static Shape filled(size_t rank, int64_t fill) {
        Shape s;
        s.resize(rank, fill);
        return s;
    }

    size_t rank() const { return rank_; }
    bool empty() const { return rank_ == 0; }
    int64_t operator[](size_t i) const { return d_[i]; }
    int64_t& operator[](size_t i) { return d_[i]; }
    // Counted from the end for negative i, as in back(-1).
    int64_t at(int64_t i) const {
        const size_t axis = static_cast<size_t>(i < 0 ? i + static_cast<int64_t>(rank_) : i);
        if (axis >= rank_) [[unlikely]] fail_axis(i);
        return d_[axis];
    }
    const int64_t* begin() const { return d_.data(); }
    const int64_t* end() const { return d_.data() + rank_; }
    int64_t* begin() { return d_.data(); }
    int64_t* end() { return d_.data() + rank_; }
    int64_t back() const { return at(-1); }
    void resize(size_t rank, int64_t fill = 1) {
        if (rank > kMaxRank) [[unlikely]] fail_rank(rank);
        for (size_t i = rank_; i < rank; ++i) d_[i] = fill;
        rank_ = static_cast<uint8_t>(rank);
    }
    void push_back(int64_t v) {
        resize(rank_ + size_t{1}, v);
    }
    void insert(size_t at, int64_t v) {
        push_back(v);
        std::rotate(begin() + at, end() - 1, end());
    }
    void erase(size_t at) {
        std::rotate(begin() + at, begin() + at + 1, end());
        --rank_;
    }
    bool known() const {
        return std::none_of(begin(), end(), [](int64_t d) { return d < 0; });
    }
    // Whether count() has an answer for these known extents.
    bool addressable() const {
        int64_t n = 1;
        for (int64_t d : *this)
            if (__builtin_mul_overflow(n, d, &n) || n > kMaxElements) return false;
        return true;
    }
    // Number of elements; 1 for rank 0. All extents must be known. Products that pass kMaxElements are an error.
    int64_t count() const { return count(0, rank_); }
    // Product of the extents of the axes [from, to).
    int64_t count(size_t from, size_t to) const {
        int64_t n = 1;
        for (size_t i = from; i < to; ++i) {
            check(d_[i] >= 0, "the shape is not known yet");
            int64_t r;
            check(!__builtin_mul_overflow(n, d_[i], &r) && r <= kMaxElements, "a tensor too large to address");
            n = r;
        }
        return n;
    }
    std::vector<int64_t> vector() const { return {begin(), end()}; }
    bool operator==(const Shape& o) const { return rank_ == o.rank_ && std::equal(begin(), end(), o.begin()); }

private:
    [[noreturn, gnu::cold, gnu::noinline]] void fail_axis(int64_t axis) const { fail("axis ", axis, " of a tensor of ", size_t{rank_}, " axes"); }
    [[noreturn, gnu::cold, gnu::noinline]] static void fail_rank(size_t rank) { fail("a tensor of ", rank, " axes: at most ", kMaxRank, " are supported"); }
    void assign(std::span<const int64_t> d) {
        resize(d.size());
        std::copy(d.begin(), d.end(), d_.begin());
    }
    std::array<int64_t, kMaxRank> d_{};
    uint8_t rank_ = 0;
};

inline void append(std::string& s, const Shape& v) {
    s += '[';
    for (size_t i = 0; i < v.rank(); ++i) {
        if (i) s += ',';
        if (v[i] < 0) s += '?';
        else append(s, v[i]);
    }
    s += ']';
}

// An axis given as in ONNX, counted from the end if negative; `who` opens the error message.
inline size_t normalize_axis(int64_t axis, size_t rank, const Who& who) {
    const int64_t r = static_cast<int64_t>(rank);
    check(axis >= -r && axis < r, who, ": axis ", axis, " is outside a tensor of ", rank, " axes");
    return static_cast<size_t>(axis < 0 ? axis + r : axis);
}

// The shape to which numpy's rules broadcast both; unknown extents stay unknown unless the other side is > 1.
inline Shape broadcast(const Shape& a, const Shape& b, const Who& who) {
    Shape r = Shape::filled(std::max(a.rank(), b.rank()), 1);
    for (size_t i = 0; i < r.rank(); ++i) {
        const int64_t x = i < a.rank() ? a[a.rank() - 1 - i] : 1, y = i < b.rank() ? b[b.rank() - 1 - i] : 1;
        int64_t& out = r[r.rank() - 1 - i];
        if (x == y) out = x;
        else if (x == 1) out = y;
        else if (y == 1) out = x;
        else if (x < 0) out = y;
        else if (y < 0) out = x;
        else fail(who, ": shapes ", a, " and ", b, " do not broadcast");
    }
    return r;
}

LITE_NAMESPACE_END
#endif
