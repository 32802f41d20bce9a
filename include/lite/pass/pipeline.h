// The passes in their order. Run once when a graph is loaded, with symbolic shapes, and again when the input shapes are known:
// each pass takes what it can prove and leaves the rest.
#ifndef LITE_PASS_PIPELINE_H_
#define LITE_PASS_PIPELINE_H_
#include "lite/pass/fold.h"
#include "lite/pass/fold_affine.h"
#include "lite/pass/fuse_attention.h"
#include "lite/pass/fuse_chain.h"
#include "lite/pass/fuse_epilogue.h"
#include "lite/pass/fuse_patterns.h"
#include "lite/pass/fuse_preprocess.h"
#include "lite/pass/halve.h"
#include "lite/pass/inline_if.h"
#include "lite/pass/quantize.h"
#include "lite/pass/spell.h"
#include "lite/pass/trim_window.h"

LITE_NAMESPACE_BEGIN

struct OptimizeOptions {
    bool fold = true;  // constants
    bool fuse = true;  // everything that merges nodes
    bool preprocess = false;  // what stands behind an input picture becomes one node
    bool portable = false;    // of what merges nodes only that which files of other formats can say: batch norms, residuals, activations in what makes their input
    bool half = false;        // values between nodes are halves; after all else
    int jit = 0;       // 1: runs of element-wise nodes become one also without the other fusions; 2: and with a reduction at their end
};

// Identity and its like: users read the input instead. Outputs of the graph that are such a copy keep their node.
inline bool remove_identities(Graph& g) {
    std::vector<ValueId> to(g.values.size());
    for (size_t v = 0; v < to.size(); ++v) to[v] = static_cast<ValueId>(v);
    std::vector<char> is_output(g.values.size(), 0);
    for (ValueId o : g.outputs) is_output[static_cast<size_t>(o)] = 1;
    bool changed = false;
    for (Node& n : g.nodes) {
        for (ValueId& i : n.inputs)
            if (i != kNoValue) i = to[static_cast<size_t>(i)];
        if (n.op->name != "Identity" || (n.outputs.size() > 1 && n.outputs[1] != kNoValue) || is_output[static_cast<size_t>(n.outputs[0])]) continue;
        to[static_cast<size_t>(n.outputs[0])] = n.inputs[0];
        changed = true;
    }
    if (changed) remove_dead_nodes(g);
    return changed;
}

inline void simplify(Graph& g, const OptimizeOptions& options) {
    FoldOptions fold;
    fold.fold = options.fold;
    fold.keep = keep_dequantized;
    infer_and_fold(g, fold);
    while (options.fold && inline_constant_if(g)) infer_and_fold(g, fold);  // a branch may hold further ones
    remove_identities(g);
    remove_dead_nodes(g);
    const auto chains = [&] {
        if (options.fuse || options.jit >= 1) fuse_chains(g);
        if (options.jit >= 2) fuse_reductions(g);
    };
    if (options.preprocess) fuse_preprocess(g);
    if (!options.fuse) return chains();
    if (!options.portable) {
        fuse_qdq(g);
        fold.keep = nullptr;
    }
    spell_out(g);
    infer_and_fold(g, fold);
    for (int round = 0; round < 4; ++round) {
        bool changed = !options.portable && fuse_attention(g);
        changed |= fuse_patterns(g);
        changed |= fold_affine(g);
        changed |= fuse_epilogue(g);
        if (!changed) break;
    }
    if (options.portable) return;
    trim_windows(g);
    chains();
}
inline void optimize(Graph& g, const OptimizeOptions& options) {
    // A graph whose inputs have no rank yet (the body of a loop) waits for the second time.
    for (ValueId i : g.inputs)
        if (!g.value(i).has_shape || g.value(i).dtype == DType::none) return;
    simplify(g, options);
    if (options.half) halve(g);
}

LITE_NAMESPACE_END
#endif
