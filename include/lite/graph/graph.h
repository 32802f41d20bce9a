// The compute graph as plain data: values, and nodes in topological order. Formats make it, passes change it, the plan reads it.
#ifndef LITE_GRAPH_GRAPH_H_
#define LITE_GRAPH_GRAPH_H_
#include "lite/graph/attributes.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

struct Operator;  // op/operator.h

using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;  // an optional input or output that is absent

struct Value {
    std::string name;
    DType dtype = DType::none;
    Shape shape;              // kUnknown where only a run tells; meaningless while !has_shape
    bool has_shape = false;
    std::vector<std::string> symbols;  // names of the unknown axes, "" where there is none; may be shorter than the rank
    Shape usual;              // of an input that takes any extents: those of a run that says nothing else; empty: none
    DType element = DType::none;  // of the tensors that a sequence or an optional holds, if it is known
    bool nested = false;      // an optional: of a sequence of them
    Array constant;           // set for initializers and folded values
    LayoutTag layout = LayoutTag::nchw;  // set by layout selection

    bool is_constant() const { return static_cast<bool>(constant); }
    bool shape_known() const { return has_shape && shape.known(); }
};

struct Node {
    const Operator* op = nullptr;
    std::string name;
    std::vector<ValueId> inputs, outputs;  // kNoValue for an absent optional
    Attributes attributes;
    int version = 17;  // opset version of the operator's domain, whose semantics hold
};

// A graph owns its values and nodes; constants are shared. A subgraph (body of If, Loop, Scan) is a Graph of its own in an
// attribute of its node. What it uses from outside comes in as additional inputs: the last `captures` inputs of the subgraph
// correspond, in order, to the last inputs of the node (for If both branches have the same list).
class Graph {
public:
    std::vector<Node> nodes;  // each after the nodes that make its inputs
    std::vector<Value> values;
    std::vector<ValueId> inputs, outputs;
    std::string name;
    int opset = 17;  // of the default domain
    size_t captures = 0;

    Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
    const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
    ValueId add_value(std::string value_name, DType dtype = DType::none) {
        Value v;
        v.name = std::move(value_name);
        v.dtype = dtype;
#if defined(LITE_MOVE_VALUES)  // as the sanitizers' preset does: what was kept of another value is then seen to be gone
        if (values.size() < 1000) values.shrink_to_fit();  // a graph of 20,000 nodes would take half an hour
#endif
        values.push_back(std::move(v));
        return static_cast<ValueId>(values.size() - 1);
    }
    ValueId add_constant(std::string value_name, Array data) {
        const ValueId id = add_value(std::move(value_name), data.dtype());
        Value& v = value(id);
        v.shape = data.shape();
        v.has_shape = true;
        v.constant = std::move(data);
        return id;
    }
    ValueId add_input(std::string value_name, DType dtype, const Shape& shape, std::vector<std::string> symbols = {}) {
        const ValueId id = add_value(std::move(value_name), dtype);
        Value& v = value(id);
        v.shape = shape;
        v.has_shape = true;
        v.symbols = std::move(symbols);
        inputs.push_back(id);
        return id;
    }
    // Index of the node that produces each value, -1 for inputs and constants.
    std::vector<int32_t> producers() const {
        std::vector<int32_t> p(values.size(), -1);
        for (size_t n = 0; n < nodes.size(); ++n)
            for (ValueId o : nodes[n].outputs)
                if (o != kNoValue) p[static_cast<size_t>(o)] = static_cast<int32_t>(n);
        return p;
    }
    // Number of uses of each value: inputs of nodes, and graph outputs.
    std::vector<int32_t> use_counts() const {
        std::vector<int32_t> u(values.size(), 0);
        for (const Node& n : nodes)
            for (ValueId i : n.inputs)
                if (i != kNoValue) ++u[static_cast<size_t>(i)];
        for (ValueId o : outputs) ++u[static_cast<size_t>(o)];
        return u;
    }
};

LITE_NAMESPACE_END
#endif
