// Deterministic quantized data, the same in the script that asked ONNX Runtime for expectations and in the tests.
#ifndef LITE_TESTS_SUPPORT_QUANT_H_
#define LITE_TESTS_SUPPORT_QUANT_H_
#include "lite/op/dequantize_linear.h"
#include "lite/op/dynamic_quantize_linear.h"
#include "lite/op/matmul_integer.h"
#include "lite/op/qlinear_concat.h"
#include "lite/op/qlinear_conv.h"
#include "lite/op/qlinear_elemwise.h"
#include "lite/op/qlinear_matmul.h"
#include "lite/op/qlinear_pool.h"
#include "lite/op/qlinear_softmax.h"
#include "tests/support/op_test.h"

namespace lite_test {

// Element i is (i * i * 31 + i * 17 + seed * 59) mod (high - low + 1) + low.
inline Array pattern(DType t, const Shape& shape, int64_t seed, int64_t low, int64_t high) {
    Array a = Array::zeros(t, shape);
    for (int64_t i = 0; i < a.count(); ++i) {
        const int64_t v = (i * i * 31 + i * 17 + seed * 59) % (high - low + 1) + low;
        visit_dtype(t, [&](auto tag) {
            using T = decltype(tag);
            T x;
            if constexpr (std::is_arithmetic_v<T>) x = static_cast<T>(v);
            else x = T(static_cast<float>(v));
            std::memcpy(a.mutable_data() + static_cast<size_t>(i) * sizeof(T), &x, sizeof(T));
        });
    }
    return a;
}
// Seeded bytes over the whole range of u8 or i8.
inline Array random_bytes(DType t, const Shape& shape, uint32_t seed) {
    Array a = Array::zeros(t, shape);
    std::mt19937 g(seed);
    for (int64_t i = 0; i < a.count(); ++i) a.mutable_data()[i] = static_cast<std::byte>(g() & 255u);
    return a;
}
inline Array integers(DType t, const std::vector<int>& v) {
    Array a = Array::zeros(t, {static_cast<int64_t>(v.size())});
    for (size_t i = 0; i < v.size(); ++i) store_quantized({a.mutable_data(), t, a.shape(), LayoutTag::nchw}, static_cast<int64_t>(i), v[i]);
    return a;
}
inline Array integer(DType t, int v) { return integers(t, {v}).reshaped({}); }
inline Array real(float v) { return Array::scalar(v); }
inline Array reals(const std::vector<float>& v) { return Array::of(Shape{static_cast<int64_t>(v.size())}, v); }

inline void check_values(const Array& got, const std::vector<double>& want, double tolerance = 0) {
    const auto g = got.values<double>();
    REQUIRE(g.size() == want.size());
    for (size_t i = 0; i < g.size(); ++i) CHECK_MESSAGE(std::abs(g[i] - want[i]) <= tolerance, "element ", i, " is ", g[i], ", expected ", want[i]);
}

}  // namespace lite_test
#endif
