// Memory-layout tags: empty types that say how a logical [N, C, spatial...] tensor lies in memory, and their run-time twin.
#ifndef LITE_LAYOUT_LAYOUT_H_
#define LITE_LAYOUT_LAYOUT_H_
#include <concepts>

#include "lite/base/dtype.h"
#include "lite/base/shape.h"

LITE_NAMESPACE_BEGIN

// The run-time twin of the tags. `dense` (= NCHW) is row-major of any rank.
enum class LayoutTag : uint8_t { nchw, nhwc, nchw44, nchw88, nchw1616, nchw44_dot, nhwcd4, nchw4, nchw32, nchw64 };

// Row-major in the logical order of the axes; the layout of every tensor that is not an image, too.
struct NCHW {
    static constexpr LayoutTag tag = LayoutTag::nchw;
    static constexpr std::string_view name = "nchw";
    static constexpr int64_t pack = 1;
    static constexpr bool channels_last = false;
    // Elements that the tensor takes in memory.
    static int64_t padded_count(const Shape& s) { return s.count(); }
    // Element offset of a logical index (one entry per axis).
    static int64_t offset(const Shape& s, const int64_t* index) {
        int64_t o = 0;
        for (size_t i = 0; i < s.rank(); ++i) o = o * s[i] + index[i];
        return o;
    }
};

// Channels last: [N, spatial..., C].
struct NHWC {
    static constexpr LayoutTag tag = LayoutTag::nhwc;
    static constexpr std::string_view name = "nhwc";
    static constexpr int64_t pack = 1;
    static constexpr bool channels_last = true;
    static int64_t padded_count(const Shape& s) { return s.count(); }
    static int64_t offset(const Shape& s, const int64_t* index) {
        int64_t o = index[0];
        for (size_t i = 2; i < s.rank(); ++i) o = o * s[i] + index[i];
        return o * s[1] + index[1];
    }
};

// [N, ceil(C/P), spatial..., P]: channels in blocks of P, the block innermost. The lanes behind the last channel
// are zero whenever a kernel has written the tensor; kernels may read them.
template <int P> struct NCHWc {
    static_assert(P == 4 || P == 8 || P == 16 || P == 32 || P == 64, "packs of 4, 8, 16, 32 and 64 channels exist");
    static constexpr LayoutTag tag = P == 4 ? LayoutTag::nchw44 : P == 8 ? LayoutTag::nchw88 : P == 16 ? LayoutTag::nchw1616
                                   : P == 32 ? LayoutTag::nchw32 : LayoutTag::nchw64;
    static constexpr std::string_view name = P == 4 ? "nchw44" : P == 8 ? "nchw88" : P == 16 ? "nchw1616" : P == 32 ? "nchw32" : "nchw64";
    static constexpr int64_t pack = P;
    static constexpr bool channels_last = false;
    static int64_t padded_count(const Shape& s) { return s[0] * ((s[1] + P - 1) / P) * P * s.count(2, s.rank()); }
    static int64_t offset(const Shape& s, const int64_t* index) {
        int64_t o = index[0] * ((s[1] + P - 1) / P) + index[1] / P;
        for (size_t i = 2; i < s.rank(); ++i) o = o * s[i] + index[i];
        return o * P + index[1] % P;
    }
};
using NCHW44 = NCHWc<4>;
using NCHW88 = NCHWc<8>;
using NCHW1616 = NCHWc<16>;
using NCHW32 = NCHWc<32>;
using NCHW64 = NCHWc<64>;

// The same bytes as NCHW44 for int8 activations; its weights are ordered for 4-way dot products. A type of its own.
struct NCHW44_DOT : NCHWc<4> {
    static constexpr LayoutTag tag = LayoutTag::nchw44_dot;
    static constexpr std::string_view name = "nchw44_dot";
};
// The same bytes as NCHW44 for int8 tensors, with weights [O, I/4, H, W, 4].
struct NCHW4 : NCHWc<4> {
    static constexpr LayoutTag tag = LayoutTag::nchw4;
    static constexpr std::string_view name = "nchw4";
};
// [N, H, ceil(C/4), W, 4]: the rows of an image as OpenCL images hold them. Only for rank 4.
struct NHWCD4 {
    static constexpr LayoutTag tag = LayoutTag::nhwcd4;
    static constexpr std::string_view name = "nhwcd4";
    static constexpr int64_t pack = 4;
    static constexpr bool channels_last = false;
    static int64_t padded_count(const Shape& s) { return s[0] * s[2] * ((s[1] + 3) / 4) * s[3] * 4; }
    static int64_t offset(const Shape& s, const int64_t* i) {
        return (((i[0] * s[2] + i[2]) * ((s[1] + 3) / 4) + i[1] / 4) * s[3] + i[3]) * 4 + i[1] % 4;
    }
};

template <class L>
concept LayoutType = requires(const Shape& s, const int64_t* i) {
    { L::tag } -> std::convertible_to<LayoutTag>;
    { L::name } -> std::convertible_to<std::string_view>;
    { L::pack } -> std::convertible_to<int64_t>;
    { L::padded_count(s) } -> std::same_as<int64_t>;
    { L::offset(s, i) } -> std::same_as<int64_t>;
};

template <class... T> struct TypeList {};
// Every tag; a new layout is one struct above and its row here.
using AllLayouts = TypeList<NCHW, NHWC, NCHW44, NCHW88, NCHW1616, NCHW44_DOT, NHWCD4, NCHW4, NCHW32, NCHW64>;

// The one place where the run-time value becomes the type: visit_layout(tag, [&](auto l) { using L = decltype(l); ... }).
template <class F>
decltype(auto) visit_layout(LayoutTag t, F&& f) {
    switch (t) {
        case LayoutTag::nchw: return f(NCHW());
        case LayoutTag::nhwc: return f(NHWC());
        case LayoutTag::nchw44: return f(NCHW44());
        case LayoutTag::nchw88: return f(NCHW88());
        case LayoutTag::nchw1616: return f(NCHW1616());
        case LayoutTag::nchw44_dot: return f(NCHW44_DOT());
        case LayoutTag::nhwcd4: return f(NHWCD4());
        case LayoutTag::nchw4: return f(NCHW4());
        case LayoutTag::nchw32: return f(NCHW32());
        case LayoutTag::nchw64: return f(NCHW64());
    }
    fail("an unknown memory layout");
}
inline std::string_view name_of(LayoutTag t) {
    return visit_layout(t, [](auto l) { return std::string_view(decltype(l)::name); });
}
inline void append(std::string& s, LayoutTag t) { s += name_of(t); }
// The tag of that name; false if there is none.
inline bool parse_layout(std::string_view name, LayoutTag& out) {
    for (int i = 0; i <= static_cast<int>(LayoutTag::nchw64); ++i)
        if (name_of(static_cast<LayoutTag>(i)) == name) {
            out = static_cast<LayoutTag>(i);
            return true;
        }
    return false;
}
inline int64_t pack_of(LayoutTag t) {
    constexpr auto packs = []<class... L>(TypeList<L...>) { return std::array<int64_t, sizeof...(L)>{L::pack...}; }(AllLayouts());  // in the order of the tags
    return packs[static_cast<size_t>(t)];
}
// Layouts that are taken only when they are asked for: on every machine measured another one is as fast or faster.
constexpr bool on_request(LayoutTag t) { return t > LayoutTag::nchw1616; }
// Elements in memory of a tensor of that logical shape.
inline int64_t padded_count(LayoutTag t, const Shape& s) {
    const int64_t pack = pack_of(t), n = s.count();  // if it is not 0 and in range, so is every product of some of the extents
    return pack == 1 || n == 0 ? n : s[0] * ((s[1] + pack - 1) / pack) * pack * s.count(2, s.rank());
}
// Whether a tensor of that rank can lie in the layout: anything in NCHW, images [N, C, ...] in the others.
inline bool layout_fits(LayoutTag t, size_t rank) {
    return t == LayoutTag::nchw || (t == LayoutTag::nhwcd4 ? rank == 4 : rank >= 3);
}

LITE_NAMESPACE_END
#endif
