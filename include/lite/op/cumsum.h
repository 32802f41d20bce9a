// CumSum, CumProd: running sums and products along an axis.
#ifndef LITE_OP_CUMSUM_H_
#define LITE_OP_CUMSUM_H_
#include "lite/op/axis_split.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Mode 0: y[i] = x[0] + ... + x[i]; mode 1: the product of them; along the axis that input 1 gives (or, where that is absent, the attribute "axis"); `exclusive`
// leaves x[i] out, `reverse` starts at the end. Floats are taken as double.
struct CumSum {
    static constexpr std::string_view name = "CumSum";
    static constexpr Spelling spellings[] = {{"onnx", "", "CumSum", 0}, {"onnx", "", "CumProd", 1}};
    struct Attributes {
        int64_t mode = 0, axis = 0;
        bool exclusive = false, reverse = false;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("axis", axis);
            v("exclusive", exclusive);
            v("reverse", reverse);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (x.has_shape && c.value(1)) normalize_axis(c.value(1)->scalar_value<int64_t>(), x.shape.rank(), c.where());
        if (x.has_shape) c.output(0, x.dtype, x.shape);
        else c.output_unknown(0, x.dtype);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s(x.shape, normalize_axis(c.has_input(1) ? c.input(1).scalar<int64_t>() : a.axis, x.shape.rank(), c.where()));
        if (s.total() == 0) return;
        visit_wide(x.dtype, [&](auto tag) {
            using W = decltype(tag);
            std::vector<W> row(s.n);
            for (size_t i = 0; i < s.outer * s.inner; ++i) {
                const int64_t at = static_cast<int64_t>(i / s.inner * s.n * s.inner + i % s.inner), step = static_cast<int64_t>(s.inner);
                load_wide(x, at, step, s.n, row.data());
                const bool product = a.mode == 1;
                W sum = static_cast<W>(product);
                for (size_t k = 0; k < s.n; ++k) {
                    W& v = row[a.reverse ? s.n - 1 - k : k];
                    W next;
                    if constexpr (std::is_integral_v<W>) {
                        const uint64_t p = static_cast<uint64_t>(sum), q = static_cast<uint64_t>(v);
                        next = static_cast<W>(product ? p * q : p + q);
                    } else {
                        next = product ? sum * v : sum + v;
                    }
                    v = a.exclusive ? sum : next;
                    sum = next;
                }
                store_wide(y, at, step, s.n, row.data());
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
