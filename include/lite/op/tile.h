// Tile: the tensor repeated along its axes.
#ifndef LITE_OP_TILE_H_
#define LITE_OP_TILE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Input 1 is the number of repeats of every axis; in opset 1 inputs 1 and 2 are that of one axis, and the axis.
struct Tile {
    static constexpr std::string_view name = "Tile";
    static constexpr Spelling spellings[] = {{"onnx", "", "Tile"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const Array* v = c.value(1);
        const bool one_axis = c.has_input(2);
        if (!x.has_shape) return c.output_unknown(0, x.dtype, c.input(1).shape_known() && !one_axis ? static_cast<int>(c.input(1).shape.count()) : -1);
        if (!v || (one_axis && !c.value(2))) return c.output_unknown(0, x.dtype, static_cast<int>(x.shape.rank()));
        const auto repeats = repeats_of(x.shape.rank(), v->values<int64_t>(), one_axis ? c.value(2)->values<int64_t>() : std::vector<int64_t>());
        c.check_that(repeats.size() == x.shape.rank(), "repeats ", repeats, " of a tensor of shape ", x.shape);
        Shape y = x.shape;
        for (size_t i = 0; i < y.rank(); ++i) {
            c.check_that(repeats[i] >= 0, "negative repeats ", repeats);
            if (y[i] >= 0) c.check_that(!__builtin_mul_overflow(y[i], repeats[i], &y[i]), "repeats ", repeats, " make too large a tensor");
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const auto repeats = repeats_of(x.shape.rank(), c.input(1).values<int64_t>(), c.has_input(2) ? c.input(2).values<int64_t>() : std::vector<int64_t>());
        int64_t ys[kMaxRank], xs[kMaxRank], ny = 1, nx = 1;
        for (size_t i = x.shape.rank(); i-- > 0; ny *= y.shape[i], nx *= x.shape[i]) {
            ys[i] = ny;
            xs[i] = nx;
        }
        StridedCopy copy;
        for (size_t i = 0; i < x.shape.rank(); ++i) {
            copy.axis(repeats[i], ys[i] * x.shape[i], 0);
            copy.axis(x.shape[i], ys[i], xs[i]);
        }
        copy.run(y.data, x.data, size_of(x.dtype), c.pool, c.bricks);
    }

private:
    static std::vector<int64_t> repeats_of(size_t rank, std::vector<int64_t> repeats, const std::vector<int64_t>& axis) {
        if (axis.empty()) return repeats;
        check(!repeats.empty(), name, ": its number of repeats is an empty tensor");
        std::vector<int64_t> all(rank, 1);
        all[normalize_axis(axis[0], rank, name)] = repeats[0];
        return all;
    }
};

LITE_NAMESPACE_END
#endif
