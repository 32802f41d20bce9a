// Preprocess: a picture made ready for a network in one pass: converted, scaled and shifted per channel, channels put first, padded.
#ifndef LITE_OP_PREPROCESS_H_
#define LITE_OP_PREPROCESS_H_
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// y[n, c, h, w] = x * scale[c] + shift[c] in f32, and `pad` channels of zeros behind the last. x is [N, C, H, W], or [N, H, W, C] with
// channels_last, of any number type; scale and shift are f32 of C elements.
struct Preprocess {
    static constexpr std::string_view name = "Preprocess";
    static constexpr Spelling spellings[] = {{"lite", "", "Preprocess"}};
    struct Attributes {
        bool channels_last = false;
        int64_t pad = 0;
        template <class V> void visit(V& v) {
            v("channels_last", channels_last);
            v("pad", pad);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const Shape& x = c.shape(0);
        c.check_that(x.rank() == 4, "input 0 is ", x, ", an image of 4 axes is expected");
        c.check_that(a.pad >= 0 && a.pad <= kMaxElements, "pad is ", a.pad);
        const int64_t channels = x[a.channels_last ? 3 : 1];
        for (size_t i : {1u, 2u}) c.check_that(c.shape(i) == Shape{channels}, "input ", i, " is ", c.shape(i), ", the image has ", channels, " channels");
        c.output(0, DType::f32, Shape{x[0], channels < 0 ? channels : channels + a.pad, x[a.channels_last ? 1 : 2], x[a.channels_last ? 2 : 3]});
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView &x = c.input(0), y = c.output(0, DType::f32, c.output(0).shape);
        const Shape& s = y.shape;
        const int64_t channels = s[1] - a.pad, plane = s[2] * s[3];
        for (int64_t i = 0; i < y.count(); ++i) {
            const int64_t k = i / plane % s[1], n = i / plane / s[1], p = i % plane;
            double v = 0;
            if (k < channels) load_wide(x, a.channels_last ? (n * plane + p) * channels + k : (n * channels + k) * plane + p, 1, 1, &v);
            y.as<float>()[i] = k < channels ? static_cast<float>(v) * c.input(1).as<float>()[k] + c.input(2).as<float>()[k] : 0.f;
        }
    }
};

template <> struct Kernel<Preprocess, NCHW, void> {
    static constexpr std::string_view name = "preprocess";
    using State = Preprocess::Attributes;
    static bool applicable(const NodeInfo& n) {
        const DType t = n.input(0).dtype;
        return n.input(0).shape_known() && (t == DType::u8 || t == DType::i8 || t == DType::f32);
    }
    static double cost(const NodeInfo& n) { return 100 + 0.5 * static_cast<double>(n.output().shape.count()); }
    static State prepare(const NodeInfo& n, PrepareContext&) { return n.attributes<Preprocess::Attributes>(); }
    static void run(const State& s, const RunContext& c) noexcept {
        const TensorView& x = c.input(0);
        if (x.dtype == DType::u8) planes(s, c, x.as<const uint8_t>());
        else if (x.dtype == DType::i8) planes(s, c, x.as<const int8_t>());
        else planes(s, c, x.as<const float>());
    }

private:
    template <class T> static void planes(const State& a, const RunContext& c, const T* x) {
        const Shape& s = c.output(0).shape;
        const size_t all = static_cast<size_t>(s[1]), channels = all - static_cast<size_t>(a.pad), height = static_cast<size_t>(s[2]), width = static_cast<size_t>(s[3]);
        const float *scale = c.input(1).as<const float>(), *shift = c.input(2).as<const float>();
        float* const y = c.output(0).as<float>();
        c.pool->parallel_for(static_cast<size_t>(s[0]) * height, 4096 / (width * all + 1) + 1, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                const size_t n = i / height, h = i % height;
                for (size_t k = 0; k < all; ++k) {
                    float* to = y + ((n * all + k) * height + h) * width;
                    if (k >= channels) {
                        std::fill(to, to + width, 0.f);
                        continue;
                    }
                    const float m = scale[k], b = shift[k];
                    if (a.channels_last) {
                        const T* from = x + (n * height + h) * width * channels + k;
                        for (size_t w = 0; w < width; ++w) to[w] = static_cast<float>(from[w * channels]) * m + b;
                    } else {
                        const T* from = x + ((n * channels + k) * height + h) * width;
                        for (size_t w = 0; w < width; ++w) to[w] = static_cast<float>(from[w]) * m + b;
                    }
                }
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
