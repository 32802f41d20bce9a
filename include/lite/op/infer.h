// Shape inference over a whole graph, and what can be computed before a run: the sweep behind the passes, the builder and bodies.
#ifndef LITE_OP_INFER_H_
#define LITE_OP_INFER_H_
#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

LITE_NAMESPACE_BEGIN

struct FoldOptions {
    bool fold = true;  // nodes whose outputs are known become constants; false: the graph keeps its nodes, only shapes are written
    // A node is computed when its outputs take at most this many bytes, or no more than its inputs do; all that outgrow their inputs
    // together may take four times as many.
    int64_t max_bytes = int64_t{64} << 20;
    // Nodes for which it says true are left alone (quantized weights that a later pass wants to see, say); may be null.
    bool (*keep)(const Graph&, const Node&) = nullptr;
    // A node whose inputs do not fit gets unknown outputs instead of raising an error: it may stand in a branch that never runs.
    bool tolerant = false;
};

// Walks a graph in order, node by node, and remembers every value that is known already.
class Inference {
public:
    explicit Inference(Graph& g) : graph_(g) {}

    // The data of a value, if it is a constant or was computed by a step; else nullptr.
    const Array* known(ValueId id) const {
        if (id == kNoValue) return nullptr;
        if (graph_.value(id).is_constant()) return &graph_.value(id).constant;
        const size_t i = static_cast<size_t>(id);
        return i < known_.size() && known_[i] ? &known_[i] : nullptr;
    }
    TensorInfo info(ValueId id) const {
        if (id == kNoValue) return {};
        const Value& v = graph_.value(id);
        return {v.dtype, v.shape, v.has_shape, known(id), v.layout, v.element, v.nested};
    }
    // Infers the outputs of a node and, within options.max_bytes, computes them. True if all of its outputs are known now.
    bool step(const Node& n, const FoldOptions& options) {
        if (known_.size() < graph_.values.size()) known_.resize(graph_.values.size());
        for (ValueId o : n.outputs)
            if (o != kNoValue) known_[static_cast<size_t>(o)] = {};
        std::vector<TensorInfo> in;
        in.reserve(n.inputs.size());
        for (ValueId i : n.inputs) in.push_back(info(i));
        if (!n.op) fail("node \"", n.name, "\" has no operator");
        bool known = false;
        naming(n, [&] { known = infer(n, in, options.tolerant) && compute(n, in, options); });
        return known;
    }
    // Makes what step() computed for this node constants of the graph.
    void adopt(const Node& n) {
        for (ValueId o : n.outputs)
            if (o != kNoValue) graph_.value(o).constant = std::move(known_[static_cast<size_t>(o)]);
    }

private:
    void write(const Node& n, InferContext& c) {
        for (size_t i = 0; i < n.outputs.size(); ++i) {
            if (n.outputs[i] == kNoValue) continue;
            const TensorInfo& t = c.outputs()[i];
            if (t.shape_known()) c.check_that(t.shape.addressable(), "output ", i, " of shape ", t.shape, " is too large to address");
            Value& v = graph_.value(n.outputs[i]);
            v.dtype = t.dtype;
            v.shape = t.shape;
            v.has_shape = t.has_shape;
            v.element = t.element;
            v.nested = t.nested;
            v.symbols.clear();
            if (t.has_shape && !t.shape.known() && n.op->traits.elementwise)
                for (ValueId in : n.inputs)
                    if (in != kNoValue && graph_.value(in).has_shape && graph_.value(in).shape == t.shape) {
                        v.symbols = graph_.value(in).symbols;
                        break;
                    }
            if (c.output_values()[i]) known_[static_cast<size_t>(n.outputs[i])] = std::move(c.output_values()[i]);
        }
    }
    // False if nothing but the dtypes of the outputs could be told.
    bool infer(const Node& n, const std::vector<TensorInfo>& in, bool tolerant) {
        bool ranks = true;
        for (const TensorInfo& t : in) ranks = ranks && (!t || t.has_shape);
#if LITE_HAS_EXCEPTIONS
        if (tolerant || !ranks) {
            try {
                InferContext c(graph_, n, in);
                n.op->infer(c);
                write(n, c);
                return true;
            } catch (const Error&) {
                return unknown(n, in), false;
            }
        }
#else
        (void)tolerant;
        if (!ranks && !n.op->traits.elementwise && !n.op->traits.control_flow) return unknown(n, in), false;
#endif
        InferContext c(graph_, n, in);
        n.op->infer(c);
        write(n, c);
        return true;
    }
    // Outputs of unknown shape. Their dtypes do not depend on shapes, so any ranks that the operator accepts tell them.
    void unknown(const Node& n, const std::vector<TensorInfo>& in) {
        for (ValueId o : n.outputs) {
            if (o == kNoValue) continue;
            Value& v = graph_.value(o);
            v.dtype = in.empty() ? DType::f32 : in[0].dtype;
            v.shape = {};
            v.has_shape = false;
            v.symbols.clear();
        }
#if LITE_HAS_EXCEPTIONS
        for (size_t rank : {4, 3, 2, 1, 5, 0}) {
            std::vector<TensorInfo> guess = in;
            for (TensorInfo& t : guess)
                if (t && !t.value) {
                    t.shape = Shape::filled(rank, kUnknown);
                    t.has_shape = true;
                }
            try {
                InferContext c(graph_, n, guess);
                n.op->infer(c);
                for (size_t i = 0; i < n.outputs.size(); ++i)
                    if (n.outputs[i] != kNoValue && c.outputs()[i]) graph_.value(n.outputs[i]).dtype = c.outputs()[i].dtype;
                return;
            } catch (const Error&) {
            }
        }
#endif
    }
    bool all_known(const Node& n) const {
        return std::all_of(n.outputs.begin(), n.outputs.end(), [&](ValueId o) { return o == kNoValue || known_[static_cast<size_t>(o)]; });
    }
    bool compute(const Node& n, const std::vector<TensorInfo>& in, const FoldOptions& options) {
        if (options.keep && options.keep(graph_, n)) return false;
        const OperatorTraits& traits = n.op->traits;
        if (!traits.foldable || traits.random || traits.control_flow) return false;
        if (all_known(n)) return true;
        uint64_t in_bytes = 0, out_bytes = 0;
        for (const TensorInfo& t : in) {
            if (!t) continue;
            if (!t.value) return false;
            in_bytes += t.value->bytes();
        }
        for (ValueId o : n.outputs) {
            if (o == kNoValue) continue;
            const Value& v = graph_.value(o);
            if (v.dtype == DType::none || is_object(v.dtype)) return false;  // objects belong to a run
            if (v.shape_known()) {
                const uint64_t count = static_cast<uint64_t>(v.shape.count());
                out_bytes += std::min(count, uint64_t{1} << 50) * size_of(v.dtype);
            }
        }
        const uint64_t limit = static_cast<uint64_t>(options.max_bytes);
        if (out_bytes > limit && (!options.fold || out_bytes > in_bytes)) return false;
        if (!options.fold && in_bytes > limit) return false;
        if (out_bytes > in_bytes) {
            if (out_bytes - in_bytes > 4 * limit - std::min(grown_bytes_, 4 * limit)) return false;
            grown_bytes_ += out_bytes - in_bytes;
        }
#if LITE_HAS_EXCEPTIONS
        if (options.tolerant) {
            try {
                run(n, in);
            } catch (const Error&) {
                return false;
            }
            return true;
        }
#endif
        run(n, in);
        return true;
    }
    void run(const Node& n, const std::vector<TensorInfo>& in) {
        std::vector<Array> results(n.outputs.size()), aligned;
        std::vector<TensorView> inputs, outputs;
        aligned.reserve(in.size());
        for (const TensorInfo& t : in) {
            if (!t) {
                inputs.emplace_back();
                continue;
            }
            Array a = *t.value;
            if (reinterpret_cast<uintptr_t>(a.data()) % size_of(a.dtype())) {  // it lies somewhere in a file
                a = Array::zeros(t.value->dtype(), t.value->shape());
                t.value->copy_to(a.mutable_data());
            }
            inputs.push_back({const_cast<std::byte*>(a.data()), a.dtype(), a.shape(), LayoutTag::nchw});
            aligned.push_back(std::move(a));
        }
        for (size_t i = 0; i < n.outputs.size(); ++i) {
            outputs.emplace_back();
            if (n.outputs[i] == kNoValue) continue;
            const Value& v = graph_.value(n.outputs[i]);
            if (!v.shape_known()) continue;
            results[i] = Array::zeros(v.dtype, v.shape);
            outputs[i] = {results[i].mutable_data(), v.dtype, v.shape, LayoutTag::nchw};
        }
        InlinePool pool;
        RunContext c;
        c.node = &n;
        c.inputs = inputs;
        c.outputs = outputs;
        c.bricks = all_bricks().back();
        c.pool = &pool;
        c.dynamic_outputs = &results;
        n.op->reference(c);
        for (size_t i = 0; i < n.outputs.size(); ++i) {
            if (n.outputs[i] == kNoValue) continue;
            check(static_cast<bool>(results[i]), c.where(), ": output ", i, " was not made");
            Value& v = graph_.value(n.outputs[i]);
            v.dtype = results[i].dtype();
            v.shape = results[i].shape();
            v.has_shape = true;
            v.symbols.clear();
            known_[static_cast<size_t>(n.outputs[i])] = std::move(results[i]);
        }
    }

    Graph& graph_;
    std::vector<Array> known_;
    uint64_t grown_bytes_ = 0;
};

// Writes dtype, shape and symbols of every value that nodes make, from what is known of inputs and constants, and, if
// options.fold says so, replaces nodes whose outputs are known by constants. Shapes that were written before are forgotten, but
// what was folded stays: to infer for other input shapes, start again from the graph as it was read.
inline void infer_and_fold(Graph& g, const FoldOptions& options = {}) {
    Inference inference(g);
    std::vector<bool> gone(g.nodes.size(), false);
    bool any = false;
    for (size_t i = 0; i < g.nodes.size(); ++i)
        if (inference.step(g.nodes[i], options) && options.fold) {
            inference.adopt(g.nodes[i]);
            any = gone[i] = true;
        }
    if (!any) return;
    size_t kept = 0;
    for (size_t i = 0; i < g.nodes.size(); ++i)
        if (!gone[i]) {
            if (kept != i) g.nodes[kept] = std::move(g.nodes[i]);
            ++kept;
        }
    g.nodes.resize(kept);
}

LITE_NAMESPACE_END
#endif
