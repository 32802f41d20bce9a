// Softmax, LogSoftmax, Hardmax along one axis.
#ifndef LITE_OP_SOFTMAX_H_
#define LITE_OP_SOFTMAX_H_
#include "lite/kernel/bricks.h"
#include "lite/op/axis_split.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

// Along `axis`: mode 0: exp(x - max) / sum; 1: its logarithm; 2: one where the first maximum is, else zero. Before opset 13 all
// axes from `axis` (default 1) on count as one; from then on it is that axis (default -1) alone.
struct Softmax {
    static constexpr std::string_view name = "Softmax";
    static constexpr Spelling spellings[] = {{"onnx", "", "Softmax", 0}, {"onnx", "", "LogSoftmax", 1}, {"onnx", "", "Hardmax", 2}};
    enum Mode : int64_t { plain, logarithm, hard };
    struct Attributes {
        Mode mode = plain;
        int64_t axis = INT64_MIN;  // not given
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("axis", axis);
        }
    };
    static AxisSplit split(const Attributes& a, int version, const Shape& s, const Who& who) {
        const bool old = version < 13;
        const int64_t axis = a.axis != INT64_MIN ? a.axis : old ? 1 : -1;
        if (s.rank() == 0) return {};
        if (old && axis == static_cast<int64_t>(s.rank())) return AxisSplit(s, s.rank(), s.rank());
        const size_t k = normalize_axis(axis, s.rank(), who);
        return old ? AxisSplit(s, k, s.rank()) : AxisSplit(s, k);
    }
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        c.check_that(is_float(x.dtype), "the input is ", x.dtype, ", expected floats");
        if (!x.has_shape) return c.output_unknown(0, x.dtype);
        const Attributes a = c.attributes<Attributes>();
        if (x.shape.rank() && !(c.version() < 13 && a.axis == static_cast<int64_t>(x.shape.rank())) && a.axis != INT64_MIN)
            normalize_axis(a.axis, x.shape.rank(), c.where());
        c.output(0, x.dtype, x.shape);
    }
    static void reference(RunContext& c) {
        const Attributes a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const TensorView y = c.output(0, x.dtype, x.shape);
        const AxisSplit s = split(a, c.version(), x.shape, c.where());
        if (s.total() == 0) return;
        std::vector<double> row(s.n);
        for (size_t o = 0; o < s.outer; ++o)
            for (size_t i = 0; i < s.inner; ++i) {
                const int64_t at = static_cast<int64_t>(o * s.n * s.inner + i), step = static_cast<int64_t>(s.inner);
                load_wide(x, at, step, s.n, row.data());
                size_t best = 0;
                bool nan = false;
                for (size_t k = 0; k < s.n; ++k) {
                    nan = nan || row[k] != row[k];
                    if (row[k] > row[best]) best = k;
                }
                if (a.mode == hard) {
                    for (size_t k = 0; k < s.n; ++k) row[k] = k == best;
                } else {
                    const double top = nan ? std::numeric_limits<double>::quiet_NaN() : row[best];
                    double sum = 0;
                    for (double v : row) sum += std::exp(v - top);
                    for (double& v : row) v = a.mode == logarithm ? v - top - std::log(sum) : std::exp(v - top) / sum;
                }
                store_wide(y, at, step, s.n, row.data());
            }
    }
};

// Rows in one brick; along an inner axis, tiles of up to 256 columns whose running maxima and sums stay in L1.
template <> struct Kernel<Softmax, NCHW, float> {
    static constexpr std::string_view name = "softmax";
    static constexpr bool in_place = true;
    struct State {
        AxisSplit s;
        bool logarithm = false;
        size_t stride = 0;  // of the rows that columns() reads
    };
    static bool applicable(const NodeInfo& n) { return n.attributes<Softmax::Attributes>().mode != Softmax::hard; }
    static double cost(const NodeInfo& n) { return 100 + static_cast<double>(n.output().shape.count()) * 4.0 / std::min(n.bricks->lanes, 8); }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        const auto a = n.attributes<Softmax::Attributes>();
        const AxisSplit s = Softmax::split(a, n.node->version, n.output().shape, "Softmax");
        return {s, a.mode == Softmax::logarithm, s.inner};
    }
    static void run(const State& st, const RunContext& c) noexcept {
        const AxisSplit& s = st.s;
        const float* x = c.input(0).as<const float>();
        float* y = c.output(0).as<float>();
        if (s.total() == 0) return;
        if (s.inner == 1 && s.n <= kNarrow) {
            c.pool->parallel_for(s.outer, 2048 / s.n + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; i += kTile) narrow(st, c.bricks->math, x + i * s.n, y + i * s.n, std::min(kTile, end - i));
            });
            return;
        }
        if (s.inner == 1) {
            c.pool->parallel_for(s.outer, 2048 / s.n + 1, [&](size_t begin, size_t end, int) {
                for (size_t i = begin; i < end; ++i) c.bricks->math.softmax(x + i * s.n, y + i * s.n, s.n, st.logarithm);
            });
            return;
        }
        const size_t tiles = (s.inner + kTile - 1) / kTile;
        c.pool->parallel_for(s.outer * tiles, 2048 / (s.n * kTile) + 1, [&](size_t begin, size_t end, int) {
            for (size_t i = begin; i < end; ++i) {
                const size_t column = i % tiles * kTile, at = i / tiles * s.n * s.inner + column;
                columns(st, c.bricks->math, x + at, y + at, std::min(kTile, s.inner - column));
            }
        });
    }

private:
    // Rows of at most kNarrow elements (two classes of thousands of boxes) are turned into columns: 3 ns for a row of 2, not 25.
    static constexpr size_t kTile = 256, kNarrow = 12;
    static void narrow(const State& st, const MathBricks& m, const float* x, float* y, size_t rows) {
        alignas(64) float t[kNarrow * kTile];
        const size_t n = st.s.n;
        for (size_t k = 0; k < n; ++k)
            for (size_t i = 0; i < rows; ++i) t[k * kTile + i] = x[i * n + k];
        columns({st.s, st.logarithm, kTile}, m, t, t, rows);
        for (size_t k = 0; k < n; ++k)
            for (size_t i = 0; i < rows; ++i) y[i * n + k] = t[k * kTile + i];
    }
    static void columns(const State& st, const MathBricks& m, const float* x, float* y, size_t n) {
        alignas(64) float top[kTile] = {}, sum[kTile] = {}, e[kTile];
        const size_t rows = st.s.n, step = st.stride;
        std::memcpy(top, x, n * sizeof(float));
        for (size_t k = 1; k < rows; ++k) m.binary(ElemwiseMode::max, top, kDense, x + k * step, kDense, top, n);
        for (size_t k = 0; k < rows; ++k) {
            float* to = st.logarithm ? e : y + k * step;
            m.binary(ElemwiseMode::sub, x + k * step, kDense, top, kDense, to, n);
            m.unary(ElemwiseMode::exp, 0.f, 0.f, to, to, n);
            if (k == 0) std::memcpy(sum, to, n * sizeof(float));
            else m.binary(ElemwiseMode::add, sum, kDense, to, kDense, sum, n);
        }
        if (st.logarithm) {
            m.unary(ElemwiseMode::log, 0.f, 0.f, sum, sum, n);
            for (size_t k = 0; k < rows; ++k) {
                m.binary(ElemwiseMode::sub, x + k * step, kDense, top, kDense, e, n);
                m.binary(ElemwiseMode::sub, e, kDense, sum, kDense, y + k * step, n);
            }
            return;
        }
        m.unary(ElemwiseMode::reciprocal, 0.f, 0.f, sum, sum, n);
        for (size_t k = 0; k < rows; ++k) m.binary(ElemwiseMode::mul, y + k * step, kDense, sum, kDense, y + k * step, n);
    }
};

LITE_NAMESPACE_END
#endif
