// KeepBoxes: non-maximum suppression of boxes that are sorted already.
#ifndef LITE_OP_KEEP_BOXES_H_
#define LITE_OP_KEEP_BOXES_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Input: boxes f32 [N, M, 4] as x0, y0, x1, y1, the best first. A box stays unless it shares more than `threshold` of the union with one
// that stays. Outputs, i32: the indices of the boxes that stay [N, most], those behind the last being that of the last one (0 if there is
// none), and how many they are [N].
struct KeepBoxes {
    static constexpr std::string_view name = "KeepBoxes";
    static constexpr Spelling spellings[] = {{"mge", "", "NMSKeepMGB"}};
    struct Attributes {
        float threshold = 0.f;
        int64_t most = 0;
        template <class V> void visit(V& v) {
            v("threshold", threshold);
            v("most", most);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        c.check_that(x.dtype == DType::f32, "the boxes are ", x.dtype, ", f32 was expected");
        c.check_that(a.most >= 0 && a.most <= INT32_MAX, "at most ", a.most, " boxes");
        if (x.has_shape) c.check_that(x.shape.rank() == 3 && (x.shape[2] < 0 || x.shape[2] == 4), "the boxes have shape ", x.shape, ", [N, M, 4] was expected");
        const int64_t n = x.has_shape ? x.shape[0] : kUnknown;
        c.output(0, DType::i32, Shape{n, a.most});
        c.output(1, DType::i32, Shape{n});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const int64_t n = x.shape[0], boxes = x.shape[1];
        std::vector<int32_t> kept;
        for (int64_t i = 0; i < n; ++i) {
            const float* p = x.as<const float>() + i * boxes * 4;
            kept.clear();
            for (int64_t k = 0; k < boxes && static_cast<int64_t>(kept.size()) < a.most; ++k)
                if (std::none_of(kept.begin(), kept.end(), [&](int32_t j) { return overlap(p + 4 * j, p + 4 * k) > a.threshold; })) kept.push_back(static_cast<int32_t>(k));
            if (c.has_output(0))
                for (int64_t k = 0; k < a.most; ++k)
                    c.output(0).as<int32_t>()[i * a.most + k] = kept.empty() ? 0 : kept[std::min(static_cast<size_t>(k), kept.size() - 1)];
            if (c.has_output(1)) c.output(1).as<int32_t>()[i] = static_cast<int32_t>(kept.size());
        }
    }

private:
    static float overlap(const float* p, const float* q) {
        const auto area = [](float w, float h) { return std::max(w, 0.f) * std::max(h, 0.f); };
        const float both = area(std::min(p[2], q[2]) - std::max(p[0], q[0]), std::min(p[3], q[3]) - std::max(p[1], q[1]));
        const float all = area(p[2] - p[0], p[3] - p[1]) + area(q[2] - q[0], q[3] - q[1]) - both;
        return all > 0 ? both / all : 0.f;
    }
};

LITE_NAMESPACE_END
#endif
