// What the rare operators share: they are written once, on numbers widened to double, for every element type.
#ifndef LITE_OP_RARE_H_
#define LITE_OP_RARE_H_
#include <functional>

#include "lite/op/onnx_types.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline std::vector<double> doubles(const TensorView& v) {
    std::vector<double> d(static_cast<size_t>(v.count()));
    load_wide(v, 0, 1, d.size(), d.data());
    return d;
}
// Shapes that come together in a node but do not fit each other end here, if nothing before found them.
inline void check_count(const std::vector<double>& d, int64_t want) {
    check(want >= 0 && d.size() == static_cast<size_t>(want), "an operand has ", d.size(), " elements where its node needs ", want);
}
inline void put_doubles(const TensorView& y, const std::vector<double>& d) {
    check_count(d, y.count());
    store_wide(y, 0, 1, d.size(), d.data());
}
inline std::vector<int64_t> integers(const TensorView& v) {
    std::vector<int64_t> d(static_cast<size_t>(v.count()));
    load_wide(v, 0, 1, d.size(), d.data());
    return d;
}
inline size_t at(int64_t i) { return static_cast<size_t>(i); }
constexpr bool may_equal(int64_t a, int64_t b) { return a < 0 || b < 0 || a == b; }  // extents, of which some are not known
// What windows, steps and paddings in attributes may be, so that places computed from them do not overflow.
inline bool sane(const std::vector<int64_t>& list, int64_t low) {
    return std::all_of(list.begin(), list.end(), [=](int64_t v) { return v >= low && v <= int64_t{1} << 31; });
}
inline TensorView dense_view(const Array& a) { return {const_cast<std::byte*>(a.data()), a.dtype(), a.shape(), LayoutTag::nchw}; }
inline Array dense_copy(const TensorView& v) {
    Array a = Array::zeros(v.dtype, v.shape);
    if (const size_t n = a.bytes()) std::memcpy(a.mutable_data(), v.data, n);
    return a;
}
inline Array array_of_doubles(DType t, const Shape& s, const std::vector<double>& d) {
    const Array a = Array::zeros(t, s);
    put_doubles(dense_view(a), d);
    return a;
}
// The shape of an output that is that of input i, if that is known.
inline void like_input(InferContext& c, size_t output, size_t input, DType t) {
    if (c.input(input).has_shape) c.output(output, t, c.input(input).shape);
    else c.output_unknown(output, t);
}

}  // namespace detail

LITE_NAMESPACE_END
#endif
