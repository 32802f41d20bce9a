#include "lite/op/reduced_chain.h"

#include "lite/graph.h"
#include "lite/pass/pipeline.h"
#include "tests/support/op_test.h"
using namespace lite_test;
using M = lite::ElemwiseMode;

namespace {
OpCase reduced(std::vector<ElemwiseProgram::Step> steps, ReduceMode mode, const std::vector<int64_t>& axes, bool keep, std::vector<TestTensor> in) {
    Attributes a;
    ElemwiseProgram{std::move(steps)}.write(a);
    a.set("mode", static_cast<int64_t>(mode));
    a.set("axes", axes);
    a.set("keepdims", static_cast<int64_t>(keep));
    return OpCase(describe<ReducedChain>(), a, std::move(in));
}
}  // namespace

TEST_CASE("the reference reduces what the chain gives") {
    const Array x = random_f32({2, 3, 5}, 1), b = random_f32({5}, 2);
    for (bool keep : {true, false}) {
        const Array y = reduced({{M::add, 0, 1}, {M::relu, ~0}}, ReduceMode::sum, {2}, keep, {activation(x), activation(b)}).run_reference()[0];
        CHECK(y.shape() == (keep ? Shape{2, 3, 1} : Shape{2, 3}));
        for (size_t r = 0; r < 6; ++r) {
            double want = 0;
            for (size_t i = 0; i < 5; ++i) want += std::max(x.values<float>()[r * 5 + i] + b.values<float>()[i], 0.f);
            CHECK(std::abs(y.values<float>()[r] - want) < 1e-5);
        }
    }
    CHECK_THROWS_WITH_AS(reduced({}, ReduceMode::sum, {0}, true, {activation(x)}), doctest::Contains("no steps"), Error);
}

TEST_CASE("the kernel, over all modes that it has and lengths around a tile") {
    const int rows = static_cast<int>(all_bricks().size()) * 2;
    for (ReduceMode mode : {ReduceMode::sum, ReduceMode::mean, ReduceMode::max, ReduceMode::min, ReduceMode::l1, ReduceMode::l2, ReduceMode::log_sum, ReduceMode::sum_square,
                            ReduceMode::prod})
        for (const Shape& s : {Shape{3, 7}, Shape{2, 511}, Shape{2, 512}, Shape{3, 1025}, Shape{1, 1}, Shape{9}}) {
            const OpCase test = reduced({{M::mul, 0, 0}, {M::add, ~0, 1}}, mode, {-1}, true, {activation(random_f32(s, 1, 0.9f, 1.f)), constant(Array::scalar(0.1f))});
            // up to 1025 terms near 1, in another order: the sum of the rounding errors; the product of them grows with its value
            CHECK(check_all_kernels(test, 1e-3, 1e-4) == rows);
        }
    const std::vector<ElemwiseProgram::Step> program = {{M::mul, 0, 1}, {M::hard_swish, ~0}};
    const TestTensor x = activation(random_f32({2, 6, 9, 11}, 3)), channel = activation(random_f32({1, 6, 1, 1}, 4)), row = activation(random_f32({11}, 5));
    CHECK(check_all_kernels(reduced(program, ReduceMode::mean, {2, 3}, true, {x, channel}), 1e-5, 1e-5) == rows);
    CHECK(check_all_kernels(reduced(program, ReduceMode::max, {3}, false, {x, row}), 1e-5, 1e-5) == rows);
    CHECK(check_all_kernels(reduced(program, ReduceMode::sum, {}, false, {x, channel}), 1e-4, 1e-4) == rows);
    CHECK(check_all_kernels(reduced(program, ReduceMode::sum, {1}, true, {x, channel}), 1e-5, 1e-5) == 0);  // not the last axes
}

TEST_CASE("the pass takes chains and single functions into reductions") {
    const auto graph = [](int64_t axis, bool used_twice) {
        GraphBuilder g;
        const Var x = g.input("x", {2, 40, 33});
        const Var a = exp(neg(x) * 0.5);
        const Var r = reduce_mean(a, {axis}).named("y");
        return used_twice ? g.finish({r, a.named("a")}) : g.finish({r});
    };
    const auto nodes = [](Graph g, int jit) {
        optimize(g, {.fold = false, .fuse = false, .jit = jit});
        std::string names;
        for (const Node& n : g.nodes) names += std::string(n.op->name) + ' ';
        return names;
    };
    CHECK(nodes(graph(2, false), 0) == "Elemwise Elemwise Elemwise Reduce ");
    CHECK(nodes(graph(2, false), 1) == "ElemwiseChain Reduce ");
    CHECK(nodes(graph(2, false), 2) == "ReducedChain ");
    CHECK(nodes(graph(1, false), 2) == "ElemwiseChain Reduce ");
    CHECK(nodes(graph(2, true), 2) == "ElemwiseChain Reduce ");
}
