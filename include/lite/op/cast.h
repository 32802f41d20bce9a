// Cast, CastLike: the same numbers in another element type. BitCast: the same bits.
#ifndef LITE_OP_CAST_H_
#define LITE_OP_CAST_H_
#include <charconv>
#include <cstdlib>

#include "lite/op/operator.h"
#include "lite/op/quantization.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Mode 0: Cast to the ONNX type `to`; mode 1: CastLike, to the type of input 1. Floats to integers drop the fraction and
// saturate (ONNX leaves the overflow open), integers to integers wrap, to bool everything but 0 is true.
struct Cast {
    static constexpr std::string_view name = "Cast";
    static constexpr Spelling spellings[] = {{"onnx", "", "Cast", 0}, {"onnx", "", "CastLike", 1}};
    struct Attributes {
        int64_t mode = 0, to = 1, saturate = 1;  // the last two: of casts to small floats
        std::string round_mode = "up";
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("to", to);
            v("saturate", saturate);
            v("round_mode", round_mode);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const DType to = a.mode == 1 ? c.input(1).dtype : dtype_of_onnx_code(a.to);
        c.check_that(to != DType::none, "type ", a.to, " is not supported");
        const TensorInfo& x = c.input(0);
        if (x.has_shape) c.output(0, to, x.shape);
        else c.output_unknown(0, to);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView& y = c.output(0, a.mode == 1 ? c.input(1).dtype : dtype_of_onnx_code(a.to), x.shape);
        if (x.dtype == y.dtype) return run(x, y, *c.pool);
        if (y.dtype == DType::string) return to_strings(c, x, y);
        if (x.dtype == DType::string) return from_strings(x, y);
        if (!is_small_float(y.dtype)) return run(x, y, *c.pool);
        const SmallRound round = y.dtype != DType::f8e8m0 || a.round_mode == "nearest" ? SmallRound::nearest : a.round_mode == "down" ? SmallRound::down : SmallRound::up;
        for (int64_t i = 0; i < x.count(); ++i) {
            double v;
            load_wide(x, i, 1, 1, &v);
            y.as<uint8_t>()[i] = small_from_double(y.dtype, v, a.saturate != 0, round);
        }
    }
    static void run(const TensorView& x, const TensorView& y, ThreadPool& pool) {
        if (x.dtype == y.dtype) {
            if (y.bytes()) std::memcpy(y.data, x.data, y.bytes());
            return;
        }
        pool.parallel_for(static_cast<size_t>(x.count()), 4096, [&](size_t begin, size_t end, int) {
            // The pairs that models have, without the detour over a wide type.
            switch (x.dtype) {
                case DType::boolean:
                    if (y.dtype == DType::f32) return direct<uint8_t, float>(x, y, begin, end);
                    if (y.dtype == DType::i64) return direct<uint8_t, int64_t>(x, y, begin, end);
                    break;
                case DType::u8:
                    if (y.dtype == DType::f32) return direct<uint8_t, float>(x, y, begin, end);
                    break;
                case DType::i32:
                    if (y.dtype == DType::f32) return direct<int32_t, float>(x, y, begin, end);
                    if (y.dtype == DType::i64) return direct<int32_t, int64_t>(x, y, begin, end);
                    break;
                case DType::i64:
                    if (y.dtype == DType::f32) return direct<int64_t, float>(x, y, begin, end);
                    if (y.dtype == DType::i32) return direct<int64_t, int32_t>(x, y, begin, end);
                    break;
                case DType::f32:
                    if (y.dtype == DType::f16) return direct<float, Half>(x, y, begin, end);
                    break;
                case DType::f16:
                    if (y.dtype == DType::f32) return direct<Half, float>(x, y, begin, end);
                    break;
                default: break;
            }
            visit_wide(x.dtype, [&](auto tag) {
                decltype(tag) t[256];
                for (size_t i = begin; i < end; i += 256) {
                    const size_t n = std::min<size_t>(256, end - i);
                    load_wide(x, static_cast<int64_t>(i), 1, n, t);
                    store_wide(y, static_cast<int64_t>(i), 1, n, t);
                }
            });
        });
    }

private:
    static void to_strings(RunContext& c, const TensorView& x, const TensorView& y) {
        const auto keep = [&](int64_t i, std::string s) { y.as<std::string_view>()[i] = c.objects().keep(std::move(s)); };
        for (int64_t i = 0; i < x.count(); ++i) {
            char digits[40];
            const auto print = [&](auto v) { keep(i, std::string(digits, std::to_chars(digits, digits + sizeof(digits), v).ptr)); };
            double v = 0;
            int64_t n = 0;
            if (is_float(x.dtype) || is_small_float(x.dtype)) {
                load_wide(x, i, 1, 1, &v);
                if (v != v) keep(i, "NaN");
                else if (std::isinf(v)) keep(i, v < 0 ? "-INF" : "INF");
                else if (x.dtype == DType::f64) print(v);
                else print(static_cast<float>(v));
            } else if (x.dtype == DType::boolean) {
                keep(i, x.as<const uint8_t>()[i] ? "True" : "False");
            } else {
                load_wide(x, i, 1, 1, &n);
                if (x.dtype == DType::u64) print(static_cast<uint64_t>(n));
                else print(n);
            }
        }
    }
    static void from_strings(const TensorView& x, const TensorView& y) {
        for (int64_t i = 0; i < x.count(); ++i) {
            const std::string s(x.as<const std::string_view>()[i]);
            const double v = std::strtod(s.c_str(), nullptr);
            const int64_t n = std::strtoll(s.c_str(), nullptr, 10);
            const bool integer = !is_float(y.dtype) && !is_small_float(y.dtype) && s.find_first_of(".eE") == std::string::npos;
            if (integer) store_wide(y, i, 1, 1, &n);
            else store_wide(y, i, 1, 1, &v);
        }
    }
    template <class From, class To>
    static void direct(const TensorView& x, const TensorView& y, size_t begin, size_t end) {
        const From* p = x.as<const From>();
        To* q = y.as<To>();
        for (size_t i = begin; i < end; ++i) q[i] = convert_element<To>(p[i]);
    }
};

// Between binary32 and binary16, in the layout that is there.
struct CastHalfKernel {
    static constexpr std::string_view name = "cast/half";
    struct State {};
    static bool applicable(const NodeInfo& n) {
        const DType x = n.input(0).dtype, y = n.output().dtype;
        return n.output().shape_known() && ((x == DType::f32 && y == DType::f16) || (x == DType::f16 && y == DType::f32));
    }
    static double cost(const NodeInfo& n) { return 50 + 0.15 * static_cast<double>(n.output().shape.count()); }
    static State prepare(const NodeInfo&, PrepareContext&) { return {}; }
    static void run(const State&, const RunContext& c) noexcept {
        const TensorView &x = c.input(0), &y = c.output(0);
        const bool widens = y.dtype == DType::f32;
        const size_t n = y.bytes() / size_of(y.dtype);  // with the padding, whose zeros stay zeros
        c.pool->parallel_for(n, 16384, [&](size_t begin, size_t end, int) {
            if (widens) c.bricks->move.from_half(x.as<const uint16_t>() + begin, y.as<float>() + begin, end - begin);
            else c.bricks->move.to_half(x.as<const float>() + begin, y.as<uint16_t>() + begin, end - begin);
        });
    }
};
template <LayoutType L> struct Kernel<Cast, L, void> : CastHalfKernel {};

// The bits of every element read as the ONNX type `to`, which has the same size.
struct BitCast {
    static constexpr std::string_view name = "BitCast";
    static constexpr Spelling spellings[] = {{"onnx", "", "BitCast"}};
    struct Attributes {
        int64_t to = 1;
        template <class V> void visit(V& v) { v("to", to); }
    };
    static void infer(InferContext& c) {
        const DType from = c.input(0).dtype, to = dtype_of_onnx_code(c.attributes<Attributes>().to);
        c.check_that(size_of(from) == size_of(to), "the bits of ", from, " are not as many as those of ", to);
        if (c.input(0).has_shape) c.output(0, to, c.input(0).shape);
        else c.output_unknown(0, to);
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, dtype_of_onnx_code(c.attributes<Attributes>().to), x.shape);
        if (y.bytes()) std::memcpy(y.data, x.data, y.bytes());
    }
};

LITE_NAMESPACE_END
#endif
