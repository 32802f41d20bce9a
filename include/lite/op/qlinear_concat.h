// QLinearConcat: joins quantized tensors of different scales along an axis.
#ifndef LITE_OP_QLINEAR_CONCAT_H_
#define LITE_OP_QLINEAR_CONCAT_H_
#include "lite/op/qlinear_elemwise.h"

LITE_NAMESPACE_BEGIN

// Inputs: Y_scale, Y_zero_point, then X, X_scale, X_zero_point of every part.
struct QLinearConcat {
    static constexpr std::string_view name = "QLinearConcat";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "QLinearConcat"}};
    struct Attributes {
        int64_t axis = 0;
        template <class V> void visit(V& v) { v("axis", axis); }
    };
    static void infer(InferContext& c) {
        c.check_that(c.input_count() >= 5 && (c.input_count() - 2) % 3 == 0, c.input_count(), " inputs: 2 and 3 for every part were expected");
        const DType type = c.input(1).dtype;
        Shape y;
        bool known = true;
        for (size_t i = 2; i < c.input_count(); i += 3) {
            check_8bit(c, i, "a part");
            c.check_that(c.input(i).dtype == type, "a part is ", c.input(i).dtype, ", the output ", type);
            known = known && c.input(i).has_shape;
        }
        if (!known) {
            c.output_unknown(0, type);
            return;
        }
        y = c.shape(2);
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, y.rank(), c.where());
        for (size_t i = 5; i < c.input_count(); i += 3) {
            const Shape& s = c.shape(i);
            c.check_that(s.rank() == y.rank(), "shapes ", y, " and ", s, " do not join");
            for (size_t k = 0; k < s.rank(); ++k) {
                if (k == axis) y[k] = y[k] < 0 || s[k] < 0 ? kUnknown : y[k] + s[k];
                else if (y[k] < 0) y[k] = s[k];
                else c.check_that(s[k] < 0 || s[k] == y[k], "shapes ", y, " and ", s, " do not join along axis ", axis);
            }
        }
        c.output(0, type, y);
    }
    static void reference(RunContext& c) {
        Shape shape = c.input(2).shape;
        const size_t axis = normalize_axis(c.attributes<Attributes>().axis, shape.rank(), c.where());
        for (size_t i = 5; i < c.inputs.size(); i += 3) shape[axis] += c.input(i).shape[axis];
        const TensorView y = c.output(0, c.input(1).dtype, shape);
        const float y_scale = scales(c, 0)[0];
        const int32_t y_zero = zero_points(c, 1)[0];
        const int64_t outer = shape.count(0, axis), inner = shape.count(axis + 1, shape.rank());
        int64_t at = 0;
        for (size_t i = 2; i < c.inputs.size(); i += 3) {
            const TensorView& x = c.input(i);
            const auto table = quantized_table(x.dtype, scales(c, i + 1)[0], zero_points(c, i + 2)[0], y.dtype, y_scale, y_zero, [](float v, float) { return v; }, 0.f);
            const int64_t run = x.shape[axis] * inner;
            for (int64_t o = 0; o < outer; ++o)
                for (int64_t k = 0; k < run; ++k)
                    y.as<uint8_t>()[o * shape[axis] * inner + at + k] = table[x.as<const uint8_t>()[o * run + k]];
            at += run;
        }
    }
};

namespace detail {
// Parts go through tables of 256 results, or are copied where the parameters agree.
struct QLinearConcatBody {
    struct Part {
        std::array<uint8_t, 256> table;
        bool copy;
        int64_t extent;
    };
    struct State {
        std::vector<Part> parts;
        int64_t outer, inner, extent;
    };
    static size_t axis(const NodeInfo& n) { return normalize_axis(n.attributes<QLinearConcat::Attributes>().axis, n.output().shape.rank(), "QLinearConcat"); }
    static bool applicable(const NodeInfo& n, bool last) {
        if (last && axis(n) != 1) return false;
        for (size_t i = 0; i < n.inputs.size(); ++i)
            if ((i < 2 || (i - 2) % 3 != 0) ? n.has_input(i) && !n.constant(i) : n.constant(i) != nullptr) return false;
        return true;
    }
    static double cost(const NodeInfo& n) { return 500 + static_cast<double>(n.output().shape.count()) * 0.4; }
    static State prepare(const NodeInfo& n, bool last) {
        const Shape& y = n.output().shape;
        const size_t a = axis(n);
        State s{{}, last ? y[0] * y.count(2, y.rank()) : y.count(0, a), last ? 1 : y.count(a + 1, y.rank()), y[a]};
        const float y_scale = n.constant(0)->scalar_value<float>();
        const int32_t y_zero = constant_zero_points(n, 1)[0];
        for (size_t i = 2; i < n.inputs.size(); i += 3) {
            const float scale = n.constant(i + 1)->scalar_value<float>();
            const int32_t zero = constant_zero_points(n, i + 2)[0];
            s.parts.push_back({quantized_table(n.input(i).dtype, scale, zero, n.output().dtype, y_scale, y_zero, [](float v, float) { return v; }, 0.f),
                               scale == y_scale && zero == y_zero, n.input(i).shape[a]});
        }
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        c.pool->parallel_for(static_cast<size_t>(s.outer), 1 + 4096 / static_cast<size_t>(s.extent * s.inner + 1), [&](size_t begin, size_t end, int) {
            for (size_t o = begin; o < end; ++o) {
                uint8_t* y = c.output(0).as<uint8_t>() + o * static_cast<size_t>(s.extent * s.inner);
                for (size_t i = 0; i < s.parts.size(); ++i) {
                    const Part& p = s.parts[i];
                    const auto length = static_cast<size_t>(p.extent * s.inner);
                    const uint8_t* x = c.input(2 + 3 * i).as<const uint8_t>() + o * length;
                    if (p.copy && length) std::memcpy(y, x, length);
                    if (!p.copy)
                        for (size_t k = 0; k < length; ++k) y[k] = p.table[x[k]];
                    y += length;
                }
            }
        });
    }
};
template <bool kLast> struct QLinearConcatKernel : QLinearConcatBody {
    static constexpr std::string_view name = kLast ? "qlinear_concat/nhwc" : "qlinear_concat";
    static bool applicable(const NodeInfo& n) { return QLinearConcatBody::applicable(n, kLast); }
    static State prepare(const NodeInfo& n, PrepareContext&) { return QLinearConcatBody::prepare(n, kLast); }
};
}  // namespace detail

// The first input is the scale of the result.
template <> struct Kernel<QLinearConcat, NCHW, float> : detail::QLinearConcatKernel<false> {};
template <> struct Kernel<QLinearConcat, NHWC, float> : detail::QLinearConcatKernel<true> {};

LITE_NAMESPACE_END
#endif
