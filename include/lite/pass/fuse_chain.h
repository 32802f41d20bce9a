// Runs of element-wise nodes over one shape become one node, computed tile by tile in cache.
#ifndef LITE_PASS_FUSE_CHAIN_H_
#define LITE_PASS_FUSE_CHAIN_H_
#include "lite/op/reduced_chain.h"
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

namespace detail {
class ChainBuilder {
public:
    static constexpr size_t kDepth = 64;  // of the recursion: steps that wait for their operand; longer chains are cut
    static constexpr size_t kInputs = 8, kSteps = 12;  // what the kernel of ElemwiseChain has operands and registers for

    ChainBuilder(const ChainBuilder&) = default;
    ChainBuilder& operator=(const ChainBuilder&) = delete;
    ChainBuilder(Matcher& m, const Shape& shape) : m_(m), shape_(shape) {}
    // Adds the node as the last step, its single-use producers before it. False: the node cannot be a step.
    bool add(Node& n, int64_t& operand, size_t depth = 0) {
        ElemwiseProgram::Step s;
        if (!as_program_step(n, m_.g, s)) return false;
        const size_t operands = s.two() ? 2 : 1;
        const Value& y = m_.g.value(n.outputs[0]);
        if (y.dtype != DType::f32 || !y.shape_known() || y.shape != shape_) return false;
        for (size_t i = 0; i < operands; ++i)
            if (!fits(n.inputs[i])) return false;
        int64_t at[2] = {0, 0};
        for (size_t i = 0; i < operands; ++i) {
            Node* p = m_.single_use(n.inputs[i]) ? m_.producer(n.inputs[i], "Elemwise") : nullptr;
            if (p && program.steps.size() + 1 < kSteps && depth < kDepth) {
                const ChainBuilder before = *this;
                if (add(*p, at[i], depth + 1) && inputs.size() < kInputs) {
                    absorbed.push_back(p);
                    continue;
                }
                restore(before);
            }
            if (!external(n.inputs[i], at[i])) return false;
        }
        s.a = at[0];
        s.b = s.two() ? at[1] : at[0];
        operand = ~static_cast<int64_t>(program.steps.size());
        program.steps.push_back(s);
        return true;
    }
    ElemwiseProgram program;
    std::vector<ValueId> inputs;
    std::vector<Node*> absorbed;  // nodes besides the last whose steps are in the program

private:
    void restore(const ChainBuilder& o) {
        program = o.program;
        inputs = o.inputs;
        absorbed = o.absorbed;
    }
    // Operands that the packed kernels read, too: the whole shape, or one value for all or for each channel.
    bool fits(ValueId v) const {
        const Value& x = m_.g.value(v);
        if (x.dtype != DType::f32 || !x.shape_known()) return false;
        if (x.shape == shape_ || x.shape.count() == 1) return true;
        if (x.shape.rank() > shape_.rank() || shape_.rank() < 3) return false;
        Shape s = x.shape;
        while (s.rank() < shape_.rank()) s.insert(0, 1);
        for (size_t i = 2; i < s.rank(); ++i)
            if (s[i] != 1) return false;
        return s[1] == shape_[1] && (s[0] == 1 || s[0] == shape_[0]);
    }
    bool external(ValueId v, int64_t& at) {
        for (size_t i = 0; i < inputs.size(); ++i)
            if (inputs[i] == v) return at = static_cast<int64_t>(i), true;
        if (inputs.size() == kInputs) return false;
        at = static_cast<int64_t>(inputs.size());
        inputs.push_back(v);
        return true;
    }
    Matcher& m_;
    Shape shape_;
};
}  // namespace detail

// Chains of two and more fp32 element-wise nodes whose intermediate results nobody else reads. Runs after the passes that
// fuse activations into what computes their input.
inline bool fuse_chains(Graph& g) {
    if constexpr (!kHasOperator<ElemwiseChain>) return false;
    bool changed = false;
    Matcher m(g);
    for (size_t n = g.nodes.size(); n-- > 0;) {
        Node& node = g.nodes[n];
        if (node.op->name != "Elemwise" || node.outputs[0] == kNoValue) continue;
        const Value& y = g.value(node.outputs[0]);
        if (!y.shape_known() || y.shape.count() == 0) continue;
        detail::ChainBuilder chain(m, y.shape);
        int64_t result = 0;
        if (!chain.add(node, result) || chain.program.steps.size() < 2) continue;
        const bool whole = std::any_of(chain.inputs.begin(), chain.inputs.end(), [&](ValueId v) { return !m.constant(v) && g.value(v).shape == y.shape; });
        if (!whole) continue;
        // The first operand may be overwritten by the result: let it be one of the whole shape.
        for (size_t i = 0; i < chain.inputs.size(); ++i)
            if (!m.constant(chain.inputs[i]) && g.value(chain.inputs[i]).shape == y.shape) {
                std::swap(chain.inputs[0], chain.inputs[i]);
                const int64_t k = static_cast<int64_t>(i);
                for (auto& s : chain.program.steps)
                    for (int64_t* o : {&s.a, &s.b})
                        if (*o == 0) *o = k;
                        else if (*o == k) *o = 0;
                break;
            }
        node.op = &registry().named("ElemwiseChain");
        node.inputs = chain.inputs;
        node.attributes = Attributes();
        chain.program.write(node.attributes);
        changed = true;
        for (Node* a : chain.absorbed) m.retire(*a);
        m.update(node);
    }
    if (changed) tidy(g);
    return changed;
}

// A sum, a mean, ... of the last axes takes the chain (or the one element-wise node) before it in, so that its result is never stored.
// Runs after fuse_chains.
inline bool fuse_reductions(Graph& g) {
    if constexpr (!kHasOperator<ReducedChain>) return false;
    bool changed = false;
    Matcher m(g);
    for (size_t n = g.nodes.size(); n-- > 0;) {
        Node& node = g.nodes[n];
        if (node.op->name != "Reduce" || node.inputs.empty() || node.inputs[0] == kNoValue || !m.single_use(node.inputs[0])) continue;
        const auto mode = node.attributes.get<ReduceMode>("mode", ReduceMode::sum);
        const Value x = g.value(node.inputs[0]);
        if (mode == ReduceMode::log_sum_exp || x.dtype != DType::f32 || !x.shape_known() || x.shape.count() == 0) continue;
        auto axes = node.attributes.get<std::vector<int64_t>>("axes", {});
        if (node.inputs.size() > 1 && node.inputs[1] != kNoValue) {
            if (!m.constant(node.inputs[1])) continue;
            axes = m.constant(node.inputs[1])->values<int64_t>();
        }
        if (axes.empty() && node.attributes.get<bool>("noop_with_empty_axes", false)) continue;
        bool last = true, before = false;
        const std::vector<bool> reduced = Reduce::reduced_axes({}, axes, x.shape.rank(), node);
        for (size_t k = 0; k < reduced.size(); ++k) {
            if (x.shape[k] == 1) continue;
            last = last && (reduced[k] || !before);
            before = before || reduced[k];
        }
        if (!last) continue;
        Node* from = m.producer(node.inputs[0]);
        if (!from) continue;
        ElemwiseProgram program;
        if (from->op->name == "ElemwiseChain") {
            program = ElemwiseProgram::read(from->attributes);
        } else {
            ElemwiseProgram::Step s;
            if (!as_program_step(*from, g, s)) continue;
            program.steps.push_back(s);
            from->inputs.resize(s.two() ? 2 : 1);
        }
        const bool keep = node.attributes.get<bool>("keepdims", true);
        const bool all_f32 = std::all_of(from->inputs.begin(), from->inputs.end(), [&](ValueId v) { return v != kNoValue && g.value(v).dtype == DType::f32; });
        if (!all_f32) continue;
        node.op = &registry().named("ReducedChain");
        node.inputs = from->inputs;
        node.attributes = Attributes();
        program.write(node.attributes);
        node.attributes.set("mode", static_cast<int64_t>(mode));
        node.attributes.set("axes", axes);
        node.attributes.set("keepdims", static_cast<int64_t>(keep));
        changed = true;
        m.retire(*from);
        m.update(node);
    }
    if (changed) tidy(g);
    return changed;
}

LITE_NAMESPACE_END
#endif
