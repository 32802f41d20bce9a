// Bodies of If, Loop and Scan get less from outside: a state that every iteration hands on as it came becomes a capture, and a
// capture that is a constant becomes a constant of the body, whose nodes may then fold and pack it. Loops that were converted
// from TensorFlow carry all weights of their bodies as such states.
#ifndef LITE_PASS_CLOSE_BODIES_H_
#define LITE_PASS_CLOSE_BODIES_H_
#include "lite/op/control_flow.h"
#include "lite/op/listed.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// Where the states of a loop stand: counted from these inputs and outputs on, in the node and in its body.
struct LoopStates {
    size_t node_in = 0, body_in = 0, body_out = 0, count = 0;
};
inline LoopStates loop_states(const Node& n, const Graph& body) {
    const size_t given = body.inputs.size() - std::min(body.captures, body.inputs.size());
    if (n.op->name == "Loop" && given >= 2) return {2, 2, 1, given - 2};
    const auto scanned = static_cast<size_t>(std::max<int64_t>(n.attributes.get<int64_t>("num_scan_inputs", 0), 0));
    if (n.op->name == "Scan" && n.version >= 9 && scanned <= given) return {0, 0, 0, given - scanned};
    return {};
}
// States that the body hands on become captures; outputs of the node that are such states are copies of what it got.
inline bool capture_states(Node& n, Graph& body, std::vector<Node>& copies, const Operator& identity) {
    const LoopStates s = loop_states(n, body);
    if (n.inputs.size() != s.node_in - s.body_in + body.inputs.size() || n.outputs.size() + s.body_out != body.outputs.size() ||
        s.body_out + s.count > body.outputs.size())
        return false;  // not as its operator wants it: the error is inference's
    bool changed = false;
    for (size_t i = s.count; i-- > 0;) {
        const auto in = static_cast<std::ptrdiff_t>(s.body_in + i), out = static_cast<std::ptrdiff_t>(s.body_out + i);
        const auto given = n.inputs.begin() + static_cast<std::ptrdiff_t>(s.node_in + i);
        if (body.inputs[static_cast<size_t>(in)] != body.outputs[static_cast<size_t>(out)] || *given == kNoValue) continue;
        const auto made = n.outputs.begin() + static_cast<std::ptrdiff_t>(i);
        if (*made != kNoValue) {
            Node copy;
            copy.op = &identity;
            copy.name = text(n.name, "/state_", i);
            copy.inputs = {*given};
            copy.outputs = {*made};
            copies.push_back(std::move(copy));
        }
        body.inputs.push_back(body.inputs[static_cast<size_t>(in)]);
        body.inputs.erase(body.inputs.begin() + in);
        body.outputs.erase(body.outputs.begin() + out);
        ++body.captures;
        n.inputs.push_back(*given);  // a copy of the id: `given` may move
        n.inputs.erase(n.inputs.begin() + static_cast<std::ptrdiff_t>(s.node_in + i));
        n.outputs.erase(made);
        changed = true;
    }
    return changed;
}
}  // namespace detail

// Needs no shapes. Returns whether the graph changed.
inline bool close_bodies(Graph& g) {
    if constexpr (!kHasAny<Ops<If, Loop, Scan>>) return false;
    if (std::none_of(g.nodes.begin(), g.nodes.end(), [](const Node& n) { return n.op->traits.control_flow; })) return false;
    const Operator* const identity = registry().find("onnx", "", "Identity").first;
    bool changed = false;
    std::vector<Node> nodes;
    for (Node& n : g.nodes) {
        std::vector<std::pair<std::string_view, Graph>> bodies;
        if (n.op->traits.control_flow)
            for (const std::string_view name : {"body", "then_branch", "else_branch"})
                if (const auto body = n.attributes.get<std::shared_ptr<const Graph>>(name, nullptr)) bodies.emplace_back(name, *body);
        const size_t captures = bodies.empty() ? 0 : bodies[0].second.captures;
        bool valid = !bodies.empty();
        for (const auto& [name, body] : bodies) valid = valid && body.captures == captures && captures <= body.inputs.size() && captures <= n.inputs.size();
        if (!valid) {
            nodes.push_back(std::move(n));
            continue;
        }
        bool edited = identity && bodies.size() == 1 && detail::capture_states(n, bodies[0].second, nodes, *identity);
        for (size_t i = bodies[0].second.captures; i-- > 0;) {
            const size_t at = n.inputs.size() - bodies[0].second.captures + i;
            if (n.inputs[at] == kNoValue || !g.value(n.inputs[at]).is_constant()) continue;
            const Array& constant = g.value(n.inputs[at]).constant;
            const auto inner = [&](Graph& b) { return b.inputs.end() - static_cast<std::ptrdiff_t>(b.captures - i); };
            if (std::any_of(bodies.begin(), bodies.end(), [&](auto& b) {
                    const DType t = b.second.value(*inner(b.second)).dtype;
                    return t != DType::none && t != constant.dtype();
                }))
                continue;
            for (auto& [name, body] : bodies) {
                Value& v = body.value(*inner(body));
                v.dtype = constant.dtype();
                v.shape = constant.shape();
                v.has_shape = true;
                v.constant = constant;
                body.inputs.erase(inner(body));
                --body.captures;
            }
            n.inputs.erase(n.inputs.begin() + static_cast<std::ptrdiff_t>(at));
            edited = true;
        }
        if (edited)
            for (auto& [name, body] : bodies) n.attributes.set(name, std::shared_ptr<const Graph>(std::make_shared<Graph>(std::move(body))));
        changed |= edited;
        nodes.push_back(std::move(n));
    }
    g.nodes = std::move(nodes);
    return changed;
}

LITE_NAMESPACE_END
#endif
