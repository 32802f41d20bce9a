// ReverseSequence: the first elements of each sequence of a batch in reverse order.
#ifndef LITE_OP_REVERSE_SEQUENCE_H_
#define LITE_OP_REVERSE_SEQUENCE_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// Input 1: how many elements of each sequence are reversed. The two axes are 0 and 1 in any order.
struct ReverseSequence {
    static constexpr std::string_view name = "ReverseSequence";
    static constexpr Spelling spellings[] = {{"onnx", "", "ReverseSequence"}};
    struct Attributes {
        int64_t batch_axis = 1, time_axis = 0;
        template <class V> void visit(V& v) {
            v("batch_axis", batch_axis);
            v("time_axis", time_axis);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        c.check_that((a.batch_axis == 0 && a.time_axis == 1) || (a.batch_axis == 1 && a.time_axis == 0), "batch axis ", a.batch_axis, " and time axis ", a.time_axis);
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        c.check_that(x.shape.rank() >= 2, "input 0 has shape ", x.shape, ", at least 2 axes were expected");
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const TensorView &x = c.input(0), &y = c.output(0);
        const bool time_first = c.attributes<Attributes>().time_axis == 0;
        const std::vector<int64_t> lengths = c.input(1).values<int64_t>();
        const int64_t batch = x.shape[time_first ? 1 : 0], time = x.shape[time_first ? 0 : 1];
        c.check_that(static_cast<int64_t>(lengths.size()) == batch, lengths.size(), " lengths for a batch of ", batch);
        const size_t run = static_cast<size_t>(x.shape.count(2, x.shape.rank())) * size_of(x.dtype);
        if (run == 0) return;
        const auto at = [&](int64_t b, int64_t t) { return static_cast<size_t>(time_first ? t * batch + b : b * time + t) * run; };
        for (int64_t b = 0; b < batch; ++b) {
            const int64_t n = lengths[static_cast<size_t>(b)];
            c.check_that(n >= 0 && n <= time, "a length of ", n, " of ", time);
            for (int64_t t = 0; t < time; ++t) std::memcpy(y.as<std::byte>() + at(b, t), x.as<std::byte>() + at(b, t < n ? n - 1 - t : t), run);
        }
    }
};

LITE_NAMESPACE_END
#endif
