// Tensors as xtensor views, numpy's files as xtensor arrays, and the steps before and after a network as xtensor expressions.
// Opt-in: the only header of lite that names xtensor (0.24 and newer).
#ifndef LITE_XTENSOR_H_
#define LITE_XTENSOR_H_
#include <cmath>
#include <numeric>
#include <unordered_map>

#if __has_include(<xtensor/containers/xadapt.hpp>)  // since 0.26
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/generators/xgenerator.hpp>
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xgenerator.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

#include "lite/format/npy.h"
#include "lite/layout/tensor_view.h"
#include "lite/tensor_data.h"

LITE_NAMESPACE_BEGIN

// ---- tensors as xtensor ----

namespace detail {

// A strided view of xtensor, whose assignments go element by element into the memory.
template <class T>
auto adapt_strided(T* data, const Shape& extents, const std::ptrdiff_t* strides) {
    const size_t rank = extents.rank();
    std::vector<size_t> shape(rank);  // not xt::svector, which xtensor 0.24 takes for a fixed rank of 4 under C++17
    std::vector<std::ptrdiff_t> steps(rank);
    size_t last = 0, count = 1;
    std::ptrdiff_t dense = 1;
    bool row_major = true;
    for (size_t i = rank; i-- > 0;) {
        shape[i] = static_cast<size_t>(extents[i]);
        steps[i] = shape[i] == 1 ? 0 : strides[i];  // xtensor wants 0 on axes of extent 1, to broadcast them
        count *= shape[i];
        if (shape[i]) last += (shape[i] - 1) * static_cast<size_t>(strides[i]);
        row_major = row_major && (shape[i] == 1 || strides[i] == dense);
        dense *= static_cast<std::ptrdiff_t>(shape[i]);
    }
    const size_t n = count ? last + 1 : 0;
    return xt::strided_view<xt::layout_type::dynamic>(xt::adapt(data, n, xt::no_ownership(), std::array<size_t, 1>{n}), std::move(shape), std::move(steps),
                                                      0, row_major ? xt::layout_type::row_major : xt::layout_type::dynamic);
}
// What xt::xgenerator calls with the indices of an element: fewer than the rank stand for leading zeros left out, more for
// axes that broadcast.
template <class T>
struct LogicalElement {
    using value_type = T;
    TensorView view;
    template <class... I>
    T operator()(I... i) const {
        const int64_t index[] = {static_cast<int64_t>(i)..., 0};
        return at(index, sizeof...(I));
    }
    template <class It>
    T element(It first, It last) const {
        int64_t index[kMaxRank + 1] = {};
        size_t n = 0;
        for (; first != last && n < kMaxRank; ++first) index[n++] = static_cast<int64_t>(*first);
        return at(index, n);
    }

private:
    T at(const int64_t* given, size_t n) const {
        int64_t index[kMaxRank] = {};
        const size_t rank = view.shape.rank();
        for (size_t k = 0; k < std::min(n, rank); ++k) index[rank - 1 - k] = given[n - 1 - k];
        const int64_t o = visit_layout(view.layout, [&](auto l) { return decltype(l)::offset(view.shape, index); });
        return view.as<T>()[o];
    }
};
inline std::vector<size_t> extents(const Shape& s) { return {s.begin(), s.end()}; }
template <class E>
Shape shape_of(const xt::xexpression<E>& e) {
    Shape s;
    for (auto d : e.derived_cast().shape()) s.push_back(static_cast<int64_t>(d));
    return s;
}
// Elements of another type: through float where one of them is a 16-bit float.
template <class To, class From>
To convert(From v) {
    if constexpr (std::is_same_v<To, From>) return v;
    else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat16>) return To(static_cast<float>(v));
    else if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>) return static_cast<To>(static_cast<float>(v));
    else return static_cast<To>(v);
}

}  // namespace detail

// The tensor as a view of xtensor: reads and writes go to its memory, slices with gaps included. The tensor must outlive it and
// keep its layout. Throws if the element type is another one.
template <class T>
auto as_xtensor(const Tensor& tensor) {
    TensorImpl& t = TensorAccess::impl(tensor);
    check(t.layout().ndim > 0, "as_xtensor: the tensor is empty");
    check(t.dtype() == dtype_of<T>, "as_xtensor: the tensor holds ", t.dtype(), ", it was asked for as ", dtype_of<T>);
    std::ptrdiff_t strides[Layout::MAXDIM];
    std::copy(t.strides(), t.strides() + t.layout().ndim, strides);
    return detail::adapt_strided(reinterpret_cast<T*>(t.data()), t.shape(), strides);
}
// The same for a tensor inside a graph, in its logical order [N, C, spatial...], for the two layouts in which every axis has one
// stride: NCHW and NHWC. For the packed ones see `logical`.
template <class T>
auto as_xtensor(const TensorView& v) {
    check(v.dtype == dtype_of<T>, "as_xtensor: the tensor holds ", v.dtype, ", it was asked for as ", dtype_of<T>);
    check(v.layout == LayoutTag::nchw || v.layout == LayoutTag::nhwc, "as_xtensor: a tensor in the layout ", v.layout, " has no strides");
    const size_t rank = v.shape.rank();
    std::ptrdiff_t strides[kMaxRank], stride = 1;
    const auto put = [&](size_t axis) {
        strides[axis] = stride;
        stride *= v.shape[axis];
    };
    if (v.layout == LayoutTag::nchw) {
        for (size_t i = rank; i-- > 0;) put(i);
    } else {
        put(1);
        for (size_t i = rank; i-- > 2;) put(i);
        put(0);
    }
    return detail::adapt_strided(v.as<T>(), v.shape, strides);
}
// A tensor of any layout as a lazy, read-only expression in its logical order: a packed image looks like [N, C, H, W]. The memory
// must outlive the expression.
template <class T>
auto logical(const TensorView& v) {
    check(v.dtype == dtype_of<T>, "logical: the tensor holds ", v.dtype, ", it was asked for as ", dtype_of<T>);
    using Functor = detail::LogicalElement<T>;
    return xt::xgenerator<Functor, T, std::vector<size_t>>(Functor{v}, detail::extents(v.shape));
}
// Writes an expression of the same logical shape into a tensor of any layout. The lanes behind the last channel become zero.
template <class T, class E>
void assign_logical(const TensorView& to, const xt::xexpression<E>& expression) {
    check(to.dtype == dtype_of<T>, "assign_logical: the tensor holds ", to.dtype, ", it was asked for as ", dtype_of<T>);
    check(detail::shape_of(expression) == to.shape, "assign_logical: an expression of shape ", detail::shape_of(expression),
          " for a tensor of shape ", to.shape);
    if (to.bytes()) std::memset(to.data, 0, to.bytes());
    const auto& e = expression.derived_cast();
    auto it = e.template begin<xt::layout_type::row_major>();
    visit_layout(to.layout, [&](auto l) {
        int64_t index[kMaxRank] = {};
        const int64_t n = to.shape.count();
        for (int64_t i = 0; i < n; ++i, ++it) {
            to.as<T>()[decltype(l)::offset(to.shape, index)] = detail::convert<T>(*it);
            for (size_t k = to.shape.rank(); k-- > 0;) {
                if (++index[k] < to.shape[k]) break;
                index[k] = 0;
            }
        }
    });
}

// Evaluates the expression into the tensor, which takes its shape. A tensor with a layout keeps its element type and the values
// are converted; an empty one takes that of the expression.
template <class E>
void assign(Tensor& tensor, const xt::xexpression<E>& expression) {
    using From = std::decay_t<typename E::value_type>;
    const E& e = expression.derived_cast();
    TensorImpl& t = TensorAccess::impl(tensor);
    const DType type = t.layout().ndim ? t.dtype() : dtype_of<From>;
    Shape shape = detail::shape_of(expression);
    if (shape.rank() == 0) shape = {1};
    const Layout layout = to_layout(shape, type, "assign");
    if (t.contiguous()) t.set_layout(layout);
    else check(t.layout() == layout, "assign: an expression of shape ", shape, " for a slice of shape ", t.shape());
    visit_dtype(type, [&](auto tag) {
        using To = decltype(tag);
        if constexpr (std::is_same_v<To, From>) {
            auto view = as_xtensor<To>(tensor);
            if (e.dimension()) xt::noalias(view) = e;
            else *reinterpret_cast<To*>(t.data()) = *e.begin();
        } else {
            auto it = e.template begin<xt::layout_type::row_major>();
            t.for_each_run([&](std::byte* p, size_t bytes) {
                for (To *q = reinterpret_cast<To*>(p), *end = q + bytes / sizeof(To); q != end; ++q, ++it) *q = detail::convert<To>(*it);
            });
        }
    });
}
// A new tensor with the values of the expression.
template <class E>
Tensor to_tensor(const xt::xexpression<E>& expression) {
    Tensor t;
    assign(t, expression);
    return t;
}

// ---- numpy's files ----

namespace detail {
template <class T>
xt::xarray<T> to_xarray(const Array& a) {
    xt::xarray<T> out = xt::xarray<T>::from_shape(extents(a.shape()));
    if (a.dtype() == dtype_of<T>) {
        a.copy_to(out.data());
    } else {
        const std::vector<T> v = a.values<T>();
        std::copy(v.begin(), v.end(), out.begin());
    }
    return out;
}
template <class E>
Array to_array(const xt::xexpression<E>& expression) {
    using T = std::decay_t<typename E::value_type>;
    Array a = Array::zeros(dtype_of<T>, shape_of(expression));
    const E& e = expression.derived_cast();
    std::copy(e.template begin<xt::layout_type::row_major>(), e.template end<xt::layout_type::row_major>(), reinterpret_cast<T*>(a.mutable_data()));
    return a;
}
inline Tensor to_tensor(const Array& a, const std::string& who) {
    Tensor t;
    t.set_layout(to_layout(a.shape().rank() ? a.shape() : Shape{1}, a.dtype(), who));
    a.copy_to(t.get_memory_ptr());
    return t;
}
}  // namespace detail

// The array in a .npy file, its elements converted to T.
template <class T>
xt::xarray<T> load_npy(const std::string& path) {
    return detail::to_xarray<T>(load_npy_array(path));
}
// The same as a tensor, with the element type of the file.
inline Tensor load_npy(const std::string& path) { return detail::to_tensor(load_npy_array(path), path); }
template <class E>
void save_npy(const std::string& path, const xt::xexpression<E>& expression) {
    save_npy_array(path, detail::to_array(expression));
}
inline void save_npy(const std::string& path, const Tensor& tensor) {
    TensorImpl& t = TensorAccess::impl(tensor);
    Array a = Array::zeros(t.dtype(), t.shape());
    t.copy_out(a.mutable_data());
    save_npy_array(path, a);
}
// The arrays of a .npz file by their names, elements converted to T.
template <class T>
std::unordered_map<std::string, xt::xarray<T>> load_npz(const std::string& path) {
    std::unordered_map<std::string, xt::xarray<T>> out;
    for (const auto& [name, a] : load_npz_arrays(path)) out.emplace(name, detail::to_xarray<T>(a));
    return out;
}
inline std::unordered_map<std::string, Tensor> load_npz(const std::string& path) {
    std::unordered_map<std::string, Tensor> out;
    for (const auto& [name, a] : load_npz_arrays(path)) out.emplace(name, detail::to_tensor(a, path + ", array '" + name + "'"));
    return out;
}
// Writes any number of named arrays: save_npz("x.npz", "boxes", boxes, "scores", scores).
template <class... NamesAndArrays>
void save_npz(const std::string& path, const NamesAndArrays&... rest) {
    NamedArrays arrays;
    const auto put = [&](const auto& self, const auto& name, const auto& e, const auto&... more) -> void {
        arrays.emplace_back(name, detail::to_array(e));
        if constexpr (sizeof...(more)) self(self, more...);
    };
    if constexpr (sizeof...(rest)) put(put, rest...);
    save_npz_arrays(path, arrays);
}

// ---- before the network: images as [height, width, channels] ----

enum class Interpolation { nearest, bilinear };

// The image at another size. Pixels are areas: the centre of output pixel x lies at (x + 1/2) * old / new - 1/2 of the input, as
// most networks were trained with; nothing is averaged when it shrinks.
template <class E>
xt::xtensor<float, 3> resize(const xt::xexpression<E>& picture, size_t height, size_t width, Interpolation how = Interpolation::bilinear) {
    const xt::xtensor<float, 3> image = xt::cast<float>(picture.derived_cast());
    const size_t h = image.shape()[0], w = image.shape()[1], c = image.shape()[2];
    check(h > 0 && w > 0 && height > 0 && width > 0, "resize: from ", h, " x ", w, " to ", height, " x ", width);
    struct Tap {
        size_t low, high;
        float share;  // of `high`
    };
    const auto taps = [&](size_t from, size_t to) {
        std::vector<Tap> t(to);
        const double scale = static_cast<double>(from) / static_cast<double>(to), last = static_cast<double>(from - 1);
        for (size_t i = 0; i < to; ++i) {
            const double centre = std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, last);
            if (how == Interpolation::nearest) {
                const size_t k = static_cast<size_t>(std::min((static_cast<double>(i) + 0.5) * scale, last));
                t[i] = {k, k, 0.f};
            } else {
                const size_t k = static_cast<size_t>(centre);
                t[i] = {k, std::min(k + 1, from - 1), static_cast<float>(centre - static_cast<double>(k))};
            }
        }
        return t;
    };
    const std::vector<Tap> rows = taps(h, height), columns = taps(w, width);
    xt::xtensor<float, 3> out = xt::xtensor<float, 3>::from_shape({height, width, c});
    xt::xtensor<float, 2> line = xt::xtensor<float, 2>::from_shape({w, c});
    for (size_t y = 0; y < height; ++y) {
        const auto low = xt::view(image, rows[y].low), high = xt::view(image, rows[y].high);
        xt::noalias(line) = low + (high - low) * rows[y].share;
        float* to = out.data() + y * width * c;
        for (const Tap& t : columns) {
            const float *a = line.data() + t.low * c, *b = line.data() + t.high * c;
            for (size_t k = 0; k < c; ++k) *to++ = a[k] + (b[k] - a[k]) * t.share;
        }
    }
    return out;
}

// A picture fitted into a frame with its proportions kept, and how: a point (x, y) of the picture lies at
// (x * scale + left, y * scale + top) of the frame.
struct Letterbox {
    xt::xtensor<float, 3> image;
    float scale;
    size_t top, left;
};
// The rest of the frame is filled with `fill`, on both sides alike, or (centred = false) below and to the right.
template <class E>
Letterbox letterbox(const xt::xexpression<E>& picture, size_t height, size_t width, float fill = 114.f, bool centred = true) {
    const auto& p = picture.derived_cast();
    const double h = static_cast<double>(p.shape()[0]), w = static_cast<double>(p.shape()[1]);
    check(h > 0 && w > 0, "letterbox: the picture is empty");
    const double scale = std::min(static_cast<double>(height) / h, static_cast<double>(width) / w);
    const size_t nh = std::clamp<size_t>(static_cast<size_t>(std::lround(h * scale)), 1, height);
    const size_t nw = std::clamp<size_t>(static_cast<size_t>(std::lround(w * scale)), 1, width);
    Letterbox r{xt::xtensor<float, 3>::from_shape({height, width, p.shape()[2]}), static_cast<float>(scale), centred ? (height - nh) / 2 : 0,
                centred ? (width - nw) / 2 : 0};
    r.image.fill(fill);
    xt::view(r.image, xt::range(r.top, r.top + nh), xt::range(r.left, r.left + nw)) = resize(picture, nh, nw);
    return r;
}

// (image - mean) / deviation, per channel of the last axis: a lazy expression.
template <class E>
auto normalise(E&& image, const std::vector<float>& mean, const std::vector<float>& deviation) {
    xt::xtensor<float, 1> m = xt::adapt(mean, std::array<size_t, 1>{mean.size()});
    xt::xtensor<float, 1> d = 1.f / xt::adapt(deviation, std::array<size_t, 1>{deviation.size()});
    return (std::forward<E>(image) - std::move(m)) * std::move(d);
}

// [height, width, channels] -> [channels, height, width] and back.
template <class E>
auto hwc_to_chw(const xt::xexpression<E>& image) {
    using T = std::decay_t<typename E::value_type>;
    const xt::xtensor<T, 3> x = image.derived_cast();
    return xt::xtensor<T, 3>(xt::transpose(x, {2, 0, 1}));
}
template <class E>
auto chw_to_hwc(const xt::xexpression<E>& image) {
    using T = std::decay_t<typename E::value_type>;
    const xt::xtensor<T, 3> x = image.derived_cast();
    return xt::xtensor<T, 3>(xt::transpose(x, {1, 2, 0}));
}

// ---- behind the network ----

// Along one axis, counted from the end if negative.
template <class E>
xt::xarray<float> softmax(const xt::xexpression<E>& scores, std::ptrdiff_t axis = -1) {
    const xt::xarray<float> x = xt::cast<float>(scores.derived_cast());
    const std::array<size_t, 1> a{normalize_axis(axis, x.dimension(), "softmax")};
    const xt::xarray<float> top = xt::amax(x, a, xt::keep_dims);
    xt::xarray<float> e = xt::exp(x - top);
    const xt::xarray<float> sum = xt::sum(e, a, xt::keep_dims);
    e /= sum;
    return e;
}
// The index of the largest value along an axis; of equal ones the first.
template <class E>
xt::xarray<size_t> argmax(const xt::xexpression<E>& scores, std::ptrdiff_t axis = -1) {
    using T = std::decay_t<typename E::value_type>;
    const xt::xarray<T> x = scores.derived_cast();
    const size_t a = normalize_axis(axis, x.dimension(), "argmax"), n = x.shape()[a];
    check(n > 0, "argmax: axis ", axis, " has no elements");
    size_t inner = 1;
    std::vector<size_t> shape;
    for (size_t i = 0; i < x.dimension(); ++i) {
        if (i != a) shape.push_back(x.shape()[i]);
        if (i > a) inner *= x.shape()[i];
    }
    xt::xarray<size_t> best = xt::xarray<size_t>::from_shape(shape);
    for (size_t i = 0; i < best.size(); ++i) {
        const T* p = x.data() + i / inner * n * inner + i % inner;
        size_t top = 0;
        for (size_t k = 1; k < n; ++k)
            if (p[k * inner] > p[top * inner]) top = k;
        best.data()[i] = top;
    }
    return best;
}

struct Ranked {
    size_t index;
    float score;
};
// The k largest values (all, if there are fewer), largest first; of equal ones the first. Indices count row-major.
template <class E>
std::vector<Ranked> top_k(const xt::xexpression<E>& scores, size_t k) {
    const auto& e = scores.derived_cast();
    std::vector<Ranked> all;
    all.reserve(e.size());
    for (auto it = e.template begin<xt::layout_type::row_major>(); it != e.template end<xt::layout_type::row_major>(); ++it)
        all.push_back({all.size(), static_cast<float>(*it)});
    k = std::min(k, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), all.end(),
                      [](const Ranked& a, const Ranked& b) { return a.score > b.score || (a.score == b.score && a.index < b.index); });
    all.resize(k);
    return all;
}

// Non-maximum suppression: the indices of the boxes [n, 4] (x0, y0, x1, y1) that stay, best score first. A box goes if its
// intersection over union with a better one that stays is above the threshold, or its score is below `score_threshold`.
template <class E1, class E2>
std::vector<size_t> nms(const xt::xexpression<E1>& box_list, const xt::xexpression<E2>& score_list, float iou_threshold,
                        float score_threshold = -std::numeric_limits<float>::infinity()) {
    const xt::xtensor<float, 2> boxes = xt::cast<float>(box_list.derived_cast());
    const xt::xtensor<float, 1> scores = xt::cast<float>(score_list.derived_cast());
    check(boxes.shape()[0] == scores.size() && boxes.shape()[1] == 4, "nms: boxes of shape [", boxes.shape()[0], ",", boxes.shape()[1],
          "] and ", scores.size(), " scores; [n,4] and n are expected");
    const auto area = [&](size_t i) { return std::max(0.f, boxes(i, 2) - boxes(i, 0)) * std::max(0.f, boxes(i, 3) - boxes(i, 1)); };
    std::vector<size_t> kept;
    for (const Ranked& r : top_k(scores, scores.size())) {
        if (r.score < score_threshold) break;
        const size_t i = r.index;
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](size_t k) {
            const float w = std::min(boxes(i, 2), boxes(k, 2)) - std::max(boxes(i, 0), boxes(k, 0));
            const float h = std::min(boxes(i, 3), boxes(k, 3)) - std::max(boxes(i, 1), boxes(k, 1));
            const float both = std::max(0.f, w) * std::max(0.f, h);
            return both > iou_threshold * (area(i) + area(k) - both);
        });
        if (!covered) kept.push_back(i);
    }
    return kept;
}

LITE_NAMESPACE_END
#endif
