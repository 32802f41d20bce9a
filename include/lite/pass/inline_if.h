// If nodes whose condition is known become the nodes of the branch that they take.
#ifndef LITE_PASS_INLINE_IF_H_
#define LITE_PASS_INLINE_IF_H_
#include <unordered_set>

#include "lite/op/control_flow.h"
#include "lite/op/listed.h"

LITE_NAMESPACE_BEGIN

// Returns whether the graph changed; shapes must then be inferred again, which may make further conditions known.
inline bool inline_constant_if(Graph& g) {
    if constexpr (!kHasOperator<If>) return false;
    const auto taken = [&](const Node& n) -> std::shared_ptr<const Graph> {
        if (!n.op || n.op->name != "If" || n.inputs.empty() || n.inputs[0] == kNoValue) return nullptr;
        const Value& condition = g.value(n.inputs[0]);
        if (!condition.is_constant() || condition.constant.count() != 1) return nullptr;
        return n.attributes.get<std::shared_ptr<const Graph>>(condition.constant.scalar_value<int64_t>() ? "then_branch" : "else_branch", nullptr);
    };
    if (std::none_of(g.nodes.begin(), g.nodes.end(), taken)) return false;
    const Operator* const identity = registry().find("onnx", "", "Identity").first;
    check(identity != nullptr, "operator Identity is not in the list of operators; If needs it");
    std::unordered_set<std::string> names;
    for (const Value& v : g.values) names.insert(v.name);
    std::vector<Node> nodes;
    for (Node& n : g.nodes) {
        const std::shared_ptr<const Graph> body = taken(n);
        if (!body) {
            nodes.push_back(std::move(n));
            continue;
        }
        check(body->outputs.size() >= n.outputs.size() && body->inputs.size() == body->captures && body->captures < n.inputs.size(), "If \"", n.name,
              "\": its branch has ", body->inputs.size(), " inputs and ", body->outputs.size(), " outputs");
        std::vector<ValueId> to(body->values.size(), kNoValue);  // value of the branch -> value of the graph
        for (size_t i = 0; i < body->captures; ++i) to[static_cast<size_t>(body->inputs[i])] = n.inputs[n.inputs.size() - body->captures + i];
        const std::vector<int32_t> producers = body->producers();
        std::vector<bool> direct(n.outputs.size(), false);  // made by a node of the branch, and first to ask for it
        for (size_t i = 0; i < n.outputs.size(); ++i) {
            const size_t from = static_cast<size_t>(body->outputs[i]);
            if (n.outputs[i] == kNoValue || producers[from] < 0 || to[from] != kNoValue) continue;
            to[from] = n.outputs[i];
            direct[i] = true;
        }
        for (size_t v = 0; v < body->values.size(); ++v) {
            if (to[v] != kNoValue) continue;
            Value copy = body->values[v];
            if (!names.insert(copy.name).second) copy.name = n.name + "/" + copy.name;
            names.insert(copy.name);
            g.values.push_back(std::move(copy));
            to[v] = static_cast<ValueId>(g.values.size() - 1);
        }
        const auto map = [&](ValueId v) { return v == kNoValue ? kNoValue : to[static_cast<size_t>(v)]; };
        for (const Node& inner : body->nodes) {
            Node copy = inner;
            for (ValueId& v : copy.inputs) v = map(v);
            for (ValueId& v : copy.outputs) v = map(v);
            nodes.push_back(std::move(copy));
        }
        for (size_t i = 0; i < n.outputs.size(); ++i) {
            if (n.outputs[i] == kNoValue || direct[i]) continue;
            Node copy;
            copy.op = identity;
            copy.name = text(n.name, "/output_", i);
            copy.inputs = {map(body->outputs[i])};
            copy.outputs = {n.outputs[i]};
            copy.version = g.opset;
            nodes.push_back(std::move(copy));
        }
    }
    g.nodes = std::move(nodes);
    return true;
}

LITE_NAMESPACE_END
#endif
