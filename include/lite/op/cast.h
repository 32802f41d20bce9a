// Cast, CastLike: the same numbers in another element type. BitCast: the same bits.
#ifndef LITE_OP_CAST_H_
#define LITE_OP_CAST_H_
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
        int64_t mode = 0, to = 1;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("to", to);
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
        run(x, c.output(0, a.mode == 1 ? c.input(1).dtype : dtype_of_onnx_code(a.to), x.shape), *c.pool);
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
    template <class From, class To>
    static void direct(const TensorView& x, const TensorView& y, size_t begin, size_t end) {
        const From* p = x.as<const From>();
        To* q = y.as<To>();
        for (size_t i = begin; i < end; ++i) q[i] = convert_element<To>(p[i]);
    }
};

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
