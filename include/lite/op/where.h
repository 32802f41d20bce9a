// Where: elements of one tensor or of another, as a third one says.
#ifndef LITE_OP_WHERE_H_
#define LITE_OP_WHERE_H_
#include "lite/op/broadcast.h"
#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// y = condition ? a : b, inputs condition (bool), a, b; all three broadcast.
struct Where {
    static constexpr std::string_view name = "Where";
    static constexpr Spelling spellings[] = {{"onnx", "", "Where"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        const TensorInfo &q = c.input(0), &a = c.input(1), &b = c.input(2);
        c.check_that(q.dtype == DType::boolean, "the condition is ", q.dtype, ", expected bool");
        c.check_that(a.dtype == b.dtype, "inputs 1 and 2 are ", a.dtype, " and ", b.dtype);
        if (q.has_shape && a.has_shape && b.has_shape)
            c.output(0, a.dtype, broadcast(q.shape, broadcast(a.shape, b.shape, c.where()), c.where()));
        else c.output_unknown(0, a.dtype);
    }
    static void reference(RunContext& c) {
        const Shape s[] = {c.input(0).shape, c.input(1).shape, c.input(2).shape};
        const Shape out = broadcast(s[0], broadcast(s[1], s[2], c.where()), c.where());
        const TensorView y = c.output(0, c.input(1).dtype, out);
        run(BroadcastLoop<3>(out, s), c, y);
    }
    static void run(const BroadcastLoop<3>& loop, const RunContext& c, const TensorView& y) {
        c.pool->parallel_for(loop.total, 4096, [&](size_t begin, size_t end, int) {
            switch (size_of(y.dtype)) {
                case 1: return select<uint8_t>(loop, c, y, begin, end);
                case 2: return select<uint16_t>(loop, c, y, begin, end);
                case 4: return select<uint32_t>(loop, c, y, begin, end);
                default: return select<uint64_t>(loop, c, y, begin, end);
            }
        });
    }

private:
    template <class T>
    static void select(const BroadcastLoop<3>& loop, const RunContext& c, const TensorView& y, size_t begin, size_t end) {
        const auto* q = static_cast<const uint8_t*>(c.input(0).data);
        const T *a = c.input(1).as<const T>(), *b = c.input(2).as<const T>();
        T* out = y.as<T>();
        const size_t mq = loop.mask(0), ma = loop.mask(1), mb = loop.mask(2);
        loop.for_each_run(begin, end, [&](size_t first, const int64_t* at, size_t n) {
            const uint8_t* pq = q + at[0];
            const T *pa = a + at[1], *pb = b + at[2];
            for (size_t i = 0; i < n; ++i) out[first + i] = pq[i & mq] ? pa[i & ma] : pb[i & mb];
        });
    }
};

template <> struct Kernel<Where, NCHW, void> {
    static constexpr std::string_view name = "where";
    struct State {
        BroadcastLoop<3> loop;
    };
    static bool applicable(const NodeInfo& n) { return n.output().shape_known(); }
    static double cost(const NodeInfo& n) { return 50 + 0.5 * static_cast<double>(n.output().shape.count()); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const Shape s[] = {n.input(0).shape, n.input(1).shape, n.input(2).shape};
        return {BroadcastLoop<3>(n.output().shape, s)};
    }
    static void run(const State& s, const RunContext& c) noexcept { Where::run(s.loop, c, c.output(0)); }
};

LITE_NAMESPACE_END
#endif
