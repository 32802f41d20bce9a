// Runs a whole graph by the references of its operators, bodies included: the slow, plain executor that others are compared with.
#ifndef LITE_TESTS_SUPPORT_REFERENCE_RUNNER_H_
#define LITE_TESTS_SUPPORT_REFERENCE_RUNNER_H_
#include "lite/op/infer.h"

namespace lite_test {
using namespace lite;

class ReferenceRunner final : public SubgraphRunner {
public:
    std::vector<Array> run(const Graph& body, std::span<const TensorView> inputs) override {
        std::vector<Array> owned;
        for (const TensorView& v : inputs) {
            Array a = Array::zeros(v.dtype, v.shape);
            if (a.bytes()) std::memcpy(a.mutable_data(), v.data, a.bytes());
            owned.push_back(std::move(a));
        }
        return run(body, std::move(owned));
    }
    ObjectPool& objects() override { return objects_; }
    std::vector<Array> run(const Graph& original, std::vector<Array> inputs) {
        Graph g = original;
        check(inputs.size() == g.inputs.size(), "the graph has ", g.inputs.size(), " inputs, ", inputs.size(), " were given");
        std::vector<Array> values(g.values.size());
        for (size_t i = 0; i < g.values.size(); ++i) {
            if (!g.values[i].constant) continue;
            values[i] = Array::zeros(g.values[i].constant.dtype(), g.values[i].constant.shape());  // aligned
            g.values[i].constant.copy_to(values[i].mutable_data());
        }
        for (size_t i = 0; i < inputs.size(); ++i) values[static_cast<size_t>(g.inputs[i])] = inputs[i];
        InlinePool pool;
        for (const Node& n : g.nodes) {
            std::vector<TensorInfo> info;
            std::vector<TensorView> in, out;
            for (ValueId i : n.inputs) {
                if (i == kNoValue) {
                    info.emplace_back();
                    in.emplace_back();
                    continue;
                }
                const Array& a = values[static_cast<size_t>(i)];
                check(static_cast<bool>(a), "an input of node ", n.name, " has not been made");
                info.push_back({a.dtype(), a.shape(), true, &a});
                in.push_back({const_cast<std::byte*>(a.data()), a.dtype(), a.shape(), LayoutTag::nchw});
            }
            InferContext infer(g, n, info);
            n.op->infer(infer);
            std::vector<Array> results(n.outputs.size());
            for (size_t i = 0; i < n.outputs.size(); ++i) {
                out.emplace_back();
                const TensorInfo& t = infer.outputs()[i];
                if (n.outputs[i] == kNoValue || !t.shape_known()) continue;
                results[i] = Array::zeros(t.dtype, t.shape);
                out[i] = {results[i].mutable_data(), t.dtype, t.shape, LayoutTag::nchw};
            }
            RunContext c;
            c.node = &n;
            c.inputs = in;
            c.outputs = out;
            c.pool = &pool;
            c.bricks = all_bricks().back();
            c.dynamic_outputs = &results;
            c.subgraphs = this;
            n.op->reference(c);
            for (size_t i = 0; i < n.outputs.size(); ++i) {
                if (n.outputs[i] == kNoValue) continue;
                check(static_cast<bool>(results[i]), "output ", i, " of node ", n.name, " has not been made");
                check(infer.outputs()[i].dtype == results[i].dtype(), "output ", i, " of node ", n.name, " was inferred as ", infer.outputs()[i].dtype,
                      ", it is ", results[i].dtype());
                values[static_cast<size_t>(n.outputs[i])] = results[i];
            }
        }
        std::vector<Array> outputs;
        for (ValueId o : g.outputs) outputs.push_back(values[static_cast<size_t>(o)]);
        return outputs;
    }

private:
    ObjectPool objects_;
};

inline std::vector<Array> run_by_reference(const Graph& g, std::vector<Array> inputs) { return ReferenceRunner().run(g, std::move(inputs)); }

}  // namespace lite_test
#endif
