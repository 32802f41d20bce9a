// Runs one operator by its reference and by every kernel row of every instruction set of this machine, and compares.
#ifndef LITE_TESTS_SUPPORT_OP_TEST_H_
#define LITE_TESTS_SUPPORT_OP_TEST_H_
#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "lite/kernel/bricks.h"
#include "lite/op/operator.h"
#include "lite/platform/thread_pool.h"

namespace lite_test {
using namespace lite;

// A dense tensor of a test: data and whether the operator sees it as a constant (weights, axes).
struct TestTensor {
    Array data;
    bool constant = false;
};
inline TestTensor activation(Array a) { return {std::move(a), false}; }
inline TestTensor constant(Array a) { return {std::move(a), true}; }
inline TestTensor absent() { return {}; }

// Seeded uniform values in [low, high).
inline Array random_f32(const Shape& shape, uint32_t seed, float low = -1.f, float high = 1.f) {
    Array a = Array::zeros(DType::f32, shape);
    std::mt19937 g(seed);
    std::uniform_real_distribution<float> u(low, high);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] = u(g);
    return a;
}

// Keeps the strings and sequences of all tests; bodies cannot be run.
class TestObjects final : public SubgraphRunner {
public:
    std::vector<Array> run(const Graph&, std::span<const TensorView>) override { fail("no bodies here"); }
    ObjectPool& objects() override {
        static ObjectPool pool;
        return pool;
    }
};

struct OpCase {
    Graph graph;
    std::vector<TestTensor> tensors;
    std::vector<TensorInfo> inputs, outputs;

    OpCase(const Operator& op, Attributes attributes, std::vector<TestTensor> in, size_t output_count = 1, int version = 17)
            : tensors(std::move(in)) {
        Node n;
        n.op = &op;
        n.name = "test";
        n.attributes = std::move(attributes);
        n.version = version;
        for (const TestTensor& t : tensors) {
            if (!t.data) {
                n.inputs.push_back(kNoValue);
            } else if (t.constant) {
                n.inputs.push_back(graph.add_constant("", t.data));
            } else {
                n.inputs.push_back(graph.add_input("", t.data.dtype(), t.data.shape()));
            }
        }
        for (size_t i = 0; i < output_count; ++i) n.outputs.push_back(graph.add_value(""));
        graph.nodes.push_back(n);
        for (const TestTensor& t : tensors)
            inputs.push_back(t.data ? TensorInfo{t.data.dtype(), t.data.shape(), true, t.constant ? &t.data : nullptr, LayoutTag::nchw}
                                    : TensorInfo{});
        InferContext c(graph, graph.nodes[0], inputs);
        op.infer(c);
        outputs = c.outputs();
    }
    const Node& node() const { return graph.nodes[0]; }

    std::vector<Array> run_reference() const {
        std::vector<TensorView> in;
        for (const TestTensor& t : tensors)
            in.push_back(t.data ? TensorView{const_cast<std::byte*>(t.data.data()), t.data.dtype(), t.data.shape(), LayoutTag::nchw}
                                : TensorView{});
        std::vector<TensorView> out;
        std::vector<Array> result(outputs.size());
        for (size_t i = 0; i < outputs.size(); ++i) {
            if (outputs[i].shape_known()) {
                result[i] = Array::zeros(outputs[i].dtype, outputs[i].shape);
                out.push_back({result[i].mutable_data(), outputs[i].dtype, outputs[i].shape, LayoutTag::nchw});
            } else {
                out.emplace_back();
            }
        }
        InlinePool pool;
        RunContext c;
        c.node = &node();
        c.inputs = in;
        c.outputs = out;
        c.pool = &pool;
        c.bricks = all_bricks().back();
        c.dynamic_outputs = &result;
        TestObjects objects;
        c.subgraphs = &objects;
        node().op->reference(c);
        return result;
    }
};

// A dense array into a layout, pads filled with `fill`, and back: by the mapping of the tag, element by element.
inline std::shared_ptr<std::byte> to_layout(const Array& a, LayoutTag tag, std::byte fill = std::byte{0}) {
    const size_t es = size_of(a.dtype()), bytes = static_cast<size_t>(padded_count(tag, a.shape())) * es;
    auto p = allocate_bytes(bytes);
    std::memset(p.get(), static_cast<int>(fill), bytes);
    visit_layout(tag, [&](auto l) {
        std::vector<int64_t> index(a.shape().rank(), 0);
        for (int64_t i = 0; i < a.count(); ++i) {
            std::memcpy(p.get() + static_cast<size_t>(decltype(l)::offset(a.shape(), index.data())) * es,
                        a.data() + static_cast<size_t>(i) * es, es);
            for (size_t k = index.size(); k-- > 0;)
                if (++index[k] < a.shape()[k]) break;
                else index[k] = 0;
        }
    });
    return p;
}
inline Array from_layout(const std::byte* p, DType t, const Shape& s, LayoutTag tag) {
    Array a = Array::zeros(t, s);
    const size_t es = size_of(t);
    visit_layout(tag, [&](auto l) {
        std::vector<int64_t> index(s.rank(), 0);
        for (int64_t i = 0; i < a.count(); ++i) {
            std::memcpy(a.mutable_data() + static_cast<size_t>(i) * es, p + static_cast<size_t>(decltype(l)::offset(s, index.data())) * es, es);
            for (size_t k = index.size(); k-- > 0;)
                if (++index[k] < s[k]) break;
                else index[k] = 0;
        }
    });
    return a;
}

class TestWeightCache final : public WeightCache {
public:
    std::shared_ptr<const std::byte> packed(const Array&, const std::string&, size_t bytes, WeightFill fill) override {
        auto p = allocate_bytes(bytes);
        fill(p.get());
        return p;
    }
};

// |got - want| <= absolute + relative * |want|, element by element; equal for integers; NaN equals NaN.
inline void check_close(const Array& got, const Array& want, double absolute, double relative, const std::string& what) {
    REQUIRE_MESSAGE(got.shape() == want.shape(), what);
    REQUIRE_MESSAGE(got.dtype() == want.dtype(), what);
    const auto g = got.values<double>(), w = want.values<double>();
    for (size_t i = 0; i < g.size(); ++i) {
        const bool same = g[i] == w[i] || (std::isnan(g[i]) && std::isnan(w[i])) || std::abs(g[i] - w[i]) <= absolute + relative * std::abs(w[i]);
        if (!same) {
            FAIL_CHECK(what, ": element ", i, " is ", g[i], ", expected ", w[i]);
            return;
        }
    }
}

// How many rows run where every layout that a tensor of that rank can have, but for some, has a kernel.
inline int rows_of_all_layouts(size_t rank, int without = 0) {
    int layouts = -without;
    for (int t = 0; t <= static_cast<int>(LayoutTag::nchw64); ++t) layouts += layout_fits(static_cast<LayoutTag>(t), rank);
    return layouts * 2 * static_cast<int>(all_bricks().size());
}

// Runs every applicable row on every instruction set with 1 and `threads` threads and compares with the reference. Returns how
// many rows ran, so that a test can require that its kernels were really applicable. The padding lanes of packed inputs are
// zero, as in a graph; those of packed outputs must be zero afterwards although the memory was poisoned before.
inline int check_all_kernels(const OpCase& test, double absolute, double relative, int threads = 2) {
    const std::vector<Array> want = test.run_reference();
    int ran = 0;
    for (const Bricks* bricks : all_bricks())
        for (const KernelRow& row : test.node().op->rows) {
            std::vector<TensorInfo> in = test.inputs, out = test.outputs;
            if (row.dtype != DType::none && (in.empty() || in[0].dtype != row.dtype)) continue;
            for (TensorInfo& t : in)
                if (t && !t.value && layout_fits(row.in_layout, t.shape.rank())) t.layout = row.in_layout;
            for (TensorInfo& t : out)
                if (t && layout_fits(row.out_layout, t.shape.rank())) t.layout = row.out_layout;
            if (out[0].layout != row.out_layout) continue;
            for (int n : {1, threads}) {
                const NodeInfo info{&test.node(), in, out, bricks, n};
                if (!row.applicable(info)) continue;
                const std::string what = text(row.name, " ", name_of(row.in_layout), "->", name_of(row.out_layout), " on ", bricks->name, ", ", n, " threads");
                CHECK_MESSAGE(row.cost(info) > 0, what);
                TestWeightCache weights;
                PrepareContext prepare;
                prepare.weights = &weights;
                const auto state = row.prepare(info, prepare);
                std::vector<std::shared_ptr<std::byte>> memory;
                std::vector<TensorView> views, results;
                for (size_t i = 0; i < in.size(); ++i) {
                    if (!in[i]) {
                        views.emplace_back();
                        continue;
                    }
                    memory.push_back(to_layout(test.tensors[i].data, in[i].layout));
                    views.push_back({memory.back().get(), in[i].dtype, in[i].shape, in[i].layout});
                    if (i < prepare.drop_input.size() && prepare.drop_input[i]) views.back().data = nullptr;
                }
                for (const TensorInfo& t : out) {
                    if (!t) {
                        results.emplace_back();
                        continue;
                    }
                    const size_t bytes = static_cast<size_t>(padded_count(t.layout, t.shape)) * size_of(t.dtype);
                    memory.push_back(allocate_bytes(bytes));
                    std::memset(memory.back().get(), 0x7f, bytes);
                    results.push_back({memory.back().get(), t.dtype, t.shape, t.layout});
                }
                auto workspace = allocate_bytes(prepare.workspace_bytes);
                std::memset(workspace.get(), 0x7f, prepare.workspace_bytes);
                SpinPool pool(n);
                RunContext c;
                c.node = &test.node();
                c.inputs = views;
                c.outputs = results;
                c.workspace = workspace.get();
                c.bricks = bricks;
                c.pool = &pool;
                row.run(state.get(), c);
                for (size_t i = 0; i < out.size(); ++i) {
                    if (!out[i]) continue;
                    const auto* p = static_cast<const std::byte*>(results[i].data);
                    const Array got = from_layout(p, out[i].dtype, out[i].shape, out[i].layout);
                    check_close(got, want[i], absolute, relative, what);
                    const auto clean = to_layout(got, out[i].layout);
                    CHECK_MESSAGE(std::memcmp(clean.get(), p, results[i].bytes()) == 0, what, ": padding lanes are not zero");
                }
                ++ran;
            }
        }
    return ran;
}

}  // namespace lite_test
#endif
