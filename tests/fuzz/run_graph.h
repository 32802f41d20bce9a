// What the fuzz targets of model readers share: a graph that was read goes through the passes, the plan and a run if it is small.
#ifndef LITE_TESTS_FUZZ_RUN_GRAPH_H_
#define LITE_TESTS_FUZZ_RUN_GRAPH_H_
#include <cmath>

#include "lite/exec/session.h"
#include "lite/pass/infer.h"
#include "tests/fuzz/replay.h"

namespace {
using namespace lite;

// Enough for every operator with windows, tails and borders; more would only be slower.
constexpr double kElements = 1 << 17, kProducts = 1 << 24;

bool small(const Graph& g) {
    double elements = 0, products = 0;
    for (const Value& v : g.values) {
        if (!v.is_constant() && !v.has_shape && v.name.empty() && v.dtype == DType::none) continue;  // nobody makes it
        if (!v.shape_known()) return false;
        elements += static_cast<double>(v.shape.count());
    }
    for (const Node& n : g.nodes) {
        // A matrix product has as many multiplications as the root of the product of the three sizes says; the others about.
        double product = 1;
        for (const auto* list : {&n.inputs, &n.outputs})
            for (size_t i = 0; i < list->size() && i < 2; ++i)
                if ((*list)[i] != kNoValue) product *= std::max<double>(1, static_cast<double>(g.value((*list)[i]).shape.count()));
        products += std::sqrt(product);
        for (const auto& [name, value] : n.attributes) {
            if (std::holds_alternative<std::shared_ptr<const Graph>>(value)) return false;  // how often a body runs is not bounded
            const auto* window = name == "kernel_shape" ? std::get_if<std::vector<int64_t>>(&value) : nullptr;
            if (!window || n.inputs.empty() || n.outputs.empty() || n.inputs[0] == kNoValue || n.outputs[0] == kNoValue) continue;
            double taps = 1;
            for (int64_t w : *window) taps *= static_cast<double>(w);
            // A tap of a reference takes about as long as eight products.
            products += 8 * static_cast<double>(g.value(n.outputs[0]).shape.count()) * std::min(taps, static_cast<double>(g.value(n.inputs[0]).shape.count()));
        }
    }
    return elements <= kElements && products <= kProducts;
}

void run(const Graph& graph) {
    std::vector<Array> in;
    Graph g = graph;
    for (ValueId i : g.inputs) {
        Value& v = g.value(i);
        if (!v.has_shape || v.dtype == DType::none) return;
        for (int64_t& extent : v.shape)
            if (extent < 0) extent = 2;
        if (!v.usual.empty()) v.shape = v.usual;
        if (v.shape.count() > kElements) return;
        in.push_back(Array::zeros(v.dtype, v.shape));
        if (v.dtype == DType::f32) {
            float* x = reinterpret_cast<float*>(in.back().mutable_data());
            for (int64_t k = 0; k < v.shape.count(); ++k) x[k] = static_cast<float>(k % 7) - 3.f;
        } else if (v.dtype != DType::boolean && size_of(v.dtype) == 1) {
            for (int64_t k = 0; k < v.shape.count(); ++k) in.back().mutable_data()[k] = static_cast<std::byte>(k);
        }
    }
    infer_shapes(g);
    if (!small(g)) return;
    Session session(graph);
    (void)session.run(in);
}
}  // namespace
#endif
