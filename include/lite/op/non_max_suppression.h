// NonMaxSuppression: the best boxes of each class that do not overlap a better one too much.
#ifndef LITE_OP_NON_MAX_SUPPRESSION_H_
#define LITE_OP_NON_MAX_SUPPRESSION_H_
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Inputs: boxes f32 [N, B, 4], scores f32 [N, C, B], optional scalars: most boxes per class, IoU threshold, score threshold.
// Output: i64 [count, 3] of (image, class, box), best first within a class. Boxes are corners in any order, or with
// center_point_box centre, width and height.
struct NonMaxSuppression {
    static constexpr std::string_view name = "NonMaxSuppression";
    static constexpr Spelling spellings[] = {{"onnx", "", "NonMaxSuppression"}};
    struct Attributes {
        bool center_point_box = false;
        template <class V> void visit(V& v) { v("center_point_box", center_point_box); }
    };
    static void infer(InferContext& c) {
        for (size_t i : {size_t{0}, size_t{1}}) {
            const TensorInfo& x = c.input(i);
            c.check_that(x.dtype == DType::f32, "input ", i, " is ", x.dtype, ", f32 was expected");
            c.check_that(!x.has_shape || x.shape.rank() == 3, "input ", i, " has shape ", x.shape, ", 3 axes were expected");
        }
        if (c.input(0).shape_known() && c.input(1).shape_known()) {
            const Shape &b = c.input(0).shape, &s = c.input(1).shape;
            c.check_that(b[2] == 4 && b[0] == s[0] && b[1] == s[2], "boxes of shape ", b, " and scores of shape ", s);
        }
        c.output(0, DType::i64, Shape{kUnknown, 3});
    }
    static void reference(RunContext& c) {
        const TensorView &boxes = c.input(0), &scores = c.input(1);
        const bool center = c.attributes<Attributes>().center_point_box;
        const int64_t most = c.has_input(2) ? c.input(2).scalar<int64_t>() : 0;
        const float overlap = c.has_input(3) ? c.input(3).scalar<float>() : 0.f;
        const bool limited = c.has_input(4);
        const float limit = limited ? c.input(4).scalar<float>() : 0.f;
        const int64_t images = scores.shape[0], classes = scores.shape[1], n = scores.shape[2];
        std::vector<int64_t> found;
        std::vector<Box> corners(static_cast<size_t>(n));
        std::vector<uint64_t> keys(static_cast<size_t>(n));
        std::vector<KeyedIndex> order;
        std::vector<Box> kept;
        for (int64_t image = 0; image < images && most > 0; ++image) {
            for (int64_t i = 0; i < n; ++i) {
                float b[4];
                std::memcpy(b, boxes.as<const float>() + (image * n + i) * 4, sizeof b);
                corners[static_cast<size_t>(i)] = center ? Box{b[0] - b[2] / 2, b[1] - b[3] / 2, b[0] + b[2] / 2, b[1] + b[3] / 2}
                                                         : Box{std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
            }
            for (int64_t k = 0; k < classes; ++k) {
                const float* score = scores.as<const float>() + (image * classes + k) * n;
                order.clear();
                load_keys(scores, (image * classes + k) * n, 1, keys.size(), keys.data());
                for (int64_t i = 0; i < n; ++i)
                    if (!limited ? score[i] == score[i] : score[i] > limit) order.push_back({~keys[static_cast<size_t>(i)], i});
                std::sort(order.begin(), order.end());
                kept.clear();
                for (const auto& [key, i] : order) {
                    if (static_cast<int64_t>(kept.size()) >= most) break;
                    const Box& b = corners[static_cast<size_t>(i)];
                    if (std::any_of(kept.begin(), kept.end(), [&](const Box& other) { return iou(b, other) > overlap; })) continue;
                    kept.push_back(b);
                    found.insert(found.end(), {image, k, i});
                }
            }
        }
        const TensorView y = c.output(0, DType::i64, Shape{static_cast<int64_t>(found.size() / 3), 3});
        if (!found.empty()) std::memcpy(y.data, found.data(), y.bytes());
    }

private:
    struct Box {
        float a0, b0, a1, b1;
    };
    // 0 for boxes without an area.
    static float iou(const Box& p, const Box& q) {
        const float h = std::min(p.a1, q.a1) - std::max(p.a0, q.a0), w = std::min(p.b1, q.b1) - std::max(p.b0, q.b0);
        if (!(h > 0 && w > 0)) return 0.f;
        const float both = h * w, area_p = (p.a1 - p.a0) * (p.b1 - p.b0), area_q = (q.a1 - q.a0) * (q.b1 - q.b0), all = area_p + area_q - both;
        return area_p <= 0 || area_q <= 0 || all <= 0 ? 0.f : both / all;
    }
};

LITE_NAMESPACE_END
#endif
