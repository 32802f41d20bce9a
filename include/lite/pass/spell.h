// Nodes become others that do the same and have kernels, where their operator says how (Operator::spell).
#ifndef LITE_PASS_SPELL_H_
#define LITE_PASS_SPELL_H_
#include "lite/pass/match.h"

LITE_NAMESPACE_BEGIN

inline bool spell_out(Graph& g) {
    std::vector<Node> added;
    for (Node& n : g.nodes) {
        std::vector<Node> made;
        if (!n.op->spell || !n.op->spell(g, n, made)) continue;
        added.insert(added.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
        n.outputs.assign(n.outputs.size(), kNoValue);
    }
    if (added.empty()) return false;
    g.nodes.insert(g.nodes.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    tidy(g);
    return true;
}

LITE_NAMESPACE_END
#endif
