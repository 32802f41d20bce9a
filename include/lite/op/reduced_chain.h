// ReducedChain: a chain of element-wise functions whose result is only reduced, tile by tile, and never stored.
#ifndef LITE_OP_REDUCED_CHAIN_H_
#define LITE_OP_REDUCED_CHAIN_H_
#include "lite/op/elemwise_chain.h"
#include "lite/op/reduce.h"

LITE_NAMESPACE_BEGIN

// The program and inputs of an ElemwiseChain, the mode and axes of a Reduce of its result.
struct ReducedChain {
    static constexpr std::string_view name = "ReducedChain";
    static constexpr Spelling spellings[] = {{"lite", "", "ReducedChain"}};
    struct Attributes {
        std::vector<int64_t> program;
        std::vector<float> parameters;
        ReduceMode mode = ReduceMode::sum;
        std::vector<int64_t> axes;
        bool keepdims = true;
        template <class V> void visit(V& v) {
            v("program", program);
            v("parameters", parameters);
            v("mode", mode);
            v("axes", axes);
            v("keepdims", keepdims);
        }
    };
    static void infer(InferContext& c) {
        const Attributes a = c.attributes<Attributes>();
        ElemwiseProgram::read(c.node().attributes).validate(c.input_count(), c.where());
        const DType dtype = c.input(0).dtype;
        Shape shape;
        for (size_t i = 0; i < c.input_count(); ++i) {
            const TensorInfo& t = c.input(i);
            c.check_that(t.dtype == dtype, "input ", i, " is ", t.dtype, ", input 0 is ", dtype);
            if (!t.has_shape) return c.output_unknown(0, dtype);
            shape = broadcast(shape, t.shape, c.where());
        }
        c.output(0, dtype, Reduce::result_shape(shape, reduced_axes(a, shape, c.where()), a.keepdims));
    }
    static void reference(RunContext& c) {
        Shape shape;
        for (const TensorView& t : c.inputs) shape = broadcast(shape, t.shape, c.where());
        Array whole = Array::zeros(c.input(0).dtype, shape);
        TensorView view{whole.mutable_data(), whole.dtype(), shape, LayoutTag::nchw};
        RunContext chain = c;
        chain.outputs = {&view, 1};
        chain.dynamic_outputs = nullptr;
        ElemwiseChain::reference(chain);
        RunContext reduce = c;  // the attributes have the names of both
        reduce.inputs = {&view, 1};
        Reduce::reference(reduce);
    }
    static std::vector<bool> reduced_axes(const Attributes& a, const Shape& shape, const Who& who) {
        Reduce::Attributes r;
        r.axes = a.axes;
        return Reduce::reduced_axes(r, a.axes, shape.rank(), who);
    }
};

// Dense tensors whose last axes are reduced.
template <> struct Kernel<ReducedChain, NCHW, float> {
    using Chain = ElemwiseChainKernel;
    static constexpr std::string_view name = "reduced_chain";
    struct State {
        Chain::State chain;
        ReduceMode mode = ReduceMode::sum;
        size_t outer = 0, n = 0;
    };
    static bool split(const NodeInfo& n, State& s, Shape& shape) {
        for (const TensorInfo& t : n.inputs) {
            if (!t.shape_known()) return false;
            shape = broadcast(shape, t.shape, "ReducedChain");
        }
        const auto a = n.attributes<ReducedChain::Attributes>();
        s.mode = a.mode;
        const std::vector<bool> reduced = ReducedChain::reduced_axes(a, shape, "ReducedChain");
        s.outer = s.n = 1;
        bool inside = false;
        for (size_t k = 0; k < shape.rank(); ++k) {
            if (shape[k] == 1) continue;
            if (inside && !reduced[k]) return false;
            inside = reduced[k];
            (inside ? s.n : s.outer) *= static_cast<size_t>(shape[k]);
        }
        return s.mode != ReduceMode::log_sum_exp && shape.count() > 0;
    }
    static bool applicable(const NodeInfo& n) {
        State s;
        Shape shape, shapes[Chain::kInputs];
        if (n.inputs.size() > Chain::kInputs || !split(n, s, shape)) return false;
        for (size_t i = 0; i < n.inputs.size(); ++i) shapes[i] = n.input(i).shape;
        const BroadcastLoop<Chain::kInputs> loop(shape, std::span(shapes, Chain::kInputs));
        const ElemwiseProgram p = ElemwiseProgram::read(n.node->attributes);
        for (size_t i = 0; i < n.inputs.size(); ++i)
            if (loop.step[i] == kPattern) return false;
        for (const auto& step : p.steps)
            if (!has_float_kernel(step.mode) && !is_predicate(step.mode)) return false;
        return Chain::assign(p, s.chain.steps);
    }
    static double cost(const NodeInfo& n) {
        State s;
        Shape shape;
        split(n, s, shape);
        return 100 + (Chain::per_element(n) + 0.1) * static_cast<double>(shape.count());
    }
    static State prepare(const NodeInfo& n, PrepareContext&) {
        State s;
        Shape shape, shapes[Chain::kInputs];
        split(n, s, shape);
        Chain::assign(ElemwiseProgram::read(n.node->attributes), s.chain.steps);
        s.chain.inputs = n.inputs.size();
        for (size_t i = 0; i < s.chain.inputs; ++i) shapes[i] = n.input(i).shape;
        s.chain.loop = BroadcastLoop<Chain::kInputs>(shape, std::span(shapes, Chain::kInputs));
        s.chain.grain = std::max<size_t>(1, static_cast<size_t>(1500 / Chain::per_element(n)) / s.n);
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const float* in[Chain::kInputs] = {};
        for (size_t i = 0; i < s.chain.inputs; ++i) in[i] = c.input(i).as<const float>();
        const MathBricks& m = c.bricks->math;
        float* const y = c.output(0).as<float>();
        c.pool->parallel_for(s.outer, s.chain.grain, [&](size_t begin, size_t end, int) {
            alignas(64) float tile[Chain::kTile], lane[16];
            for (size_t row = begin; row < end; ++row) {
                double r = 0;
                bool first = true;
                s.chain.loop.for_each_run(row * s.n, (row + 1) * s.n, [&](size_t, const int64_t* at, size_t n) {
                    for (size_t k = 0; k < n; k += Chain::kTile) {
                        const size_t count = std::min(Chain::kTile, n - k);
                        int64_t here[Chain::kInputs];
                        for (size_t i = 0; i < Chain::kInputs; ++i) here[i] = at[i] + (s.chain.loop.step[i] == kDense ? static_cast<int64_t>(k) : 0);
                        Chain::tiles(s.chain, m, in, here, tile, count);
                        m.reduce16(s.mode, tile, count, lane);
                        ReduceKernel::fold(s.mode, lane, 1, &r, first);
                        first = false;
                    }
                });
                y[row] = static_cast<float>(ReduceKernel::finish(s.mode, r, s.n));
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
