// Range: start, start + delta, ... up to but not including limit.
#ifndef LITE_OP_RANGE_H_
#define LITE_OP_RANGE_H_
#include <cmath>

#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

struct Range {
    static constexpr std::string_view name = "Range";
    static constexpr Spelling spellings[] = {{"onnx", "", "Range"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const DType dtype = c.input(0).dtype;
        const Array *start = c.value(0), *limit = c.value(1), *delta = c.value(2);
        if (!start || !limit || !delta) return c.output_unknown(0, dtype, 1);
        const int64_t n = count(*start, *limit, *delta);
        c.check_that(n >= 0, "a step of zero");
        if (n > kSmall) return c.output(0, dtype, Shape{n});
        Array y = Array::zeros(dtype, Shape{n});
        fill(y.mutable_data(), n, *start, *delta);
        c.output_value(0, std::move(y));
    }
    static void reference(RunContext& c) {
        const Array start = array(c.input(0)), limit = array(c.input(1)), delta = array(c.input(2));
        const int64_t n = count(start, limit, delta);
        c.check_that(n >= 0, "a step of zero");
        fill(c.output(0, start.dtype(), Shape{n}).as<std::byte>(), n, start, delta);
    }

private:
    static constexpr int64_t kSmall = 4096;  // what shape computations need
    static Array array(const TensorView& v) {
        return Array(v.dtype, v.shape, std::shared_ptr<const std::byte>(std::shared_ptr<void>(), v.as<const std::byte>()));
    }
    static int64_t count(const Array& start, const Array& limit, const Array& delta) {
        if (is_float(start.dtype())) {
            const double d = delta.scalar_value<double>(), n = std::ceil((limit.scalar_value<double>() - start.scalar_value<double>()) / d);
            return d == 0 ? -1 : n >= 1 && n < 0x1p40 ? static_cast<int64_t>(n) : 0;
        }
        const int64_t a = start.scalar_value<int64_t>(), b = limit.scalar_value<int64_t>(), d = delta.scalar_value<int64_t>();
        if (d == 0) return -1;
        // Distances as unsigned numbers, which do not overflow.
        if (d > 0) return b > a ? static_cast<int64_t>((static_cast<uint64_t>(b) - static_cast<uint64_t>(a) - 1) / static_cast<uint64_t>(d)) + 1 : 0;
        return a > b ? static_cast<int64_t>((static_cast<uint64_t>(a) - static_cast<uint64_t>(b) - 1) / (~static_cast<uint64_t>(d) + 1)) + 1 : 0;
    }
    static void fill(std::byte* y, int64_t n, const Array& start, const Array& delta) {
        const TensorView to{y, start.dtype(), Shape{n}, LayoutTag::nchw};
        const auto each = [&](auto a, auto d, auto convert) {
            for (int64_t i = 0; i < n; ++i) {
                const auto v = convert(a + static_cast<decltype(a)>(i) * d);
                store_wide(to, i, 1, 1, &v);
            }
        };
        if (start.dtype() == DType::f64) each(start.scalar_value<double>(), delta.scalar_value<double>(), [](double v) { return v; });
        else if (is_float(start.dtype())) each(start.scalar_value<float>(), delta.scalar_value<float>(), [](float v) { return static_cast<double>(v); });
        else
            each(static_cast<uint64_t>(start.scalar_value<int64_t>()), static_cast<uint64_t>(delta.scalar_value<int64_t>()),
                 [](uint64_t v) { return static_cast<int64_t>(v); });
    }
};

LITE_NAMESPACE_END
#endif
