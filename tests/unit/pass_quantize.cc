// Float operators between DequantizeLinear and QuantizeLinear become operators on quantized tensors with the same result.
#include "lite/pass/quantize.h"

#include "lite/graph.h"
#include "lite/pass/infer.h"
#include "tests/support/quant.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
struct Net {
    GraphBuilder g;
    Var scale(float v) { return g.constant(Array::scalar(v)); }
    Var zero(DType t, int v) { return g.constant(integer(t, v)); }
    Var q(const Var& x, float s, int z, DType t = DType::u8) { return g.add("QuantizeLinear", {x, scale(s), zero(t, z)}); }
    Var dq(const Var& x, float s, int z) { return g.add("DequantizeLinear", {x, scale(s), zero(x.dtype(), z)}); }
    Var qdq(const Var& x, float s, int z, DType t = DType::u8) { return dq(q(x, s, z, t), s, z); }
    // 8-bit weights with a scale for each index of `axis`.
    Var weights(const Shape& s, int64_t axis, uint32_t seed = 7) {
        std::vector<float> scales(static_cast<size_t>(s[static_cast<size_t>(axis)]));
        for (size_t i = 0; i < scales.size(); ++i) scales[i] = 0.002f + 0.0005f * static_cast<float>(i % 4);
        return g.add("DequantizeLinear", {g.constant(random_bytes(DType::i8, s, seed)), g.constant(reals(scales)),
                                          g.constant(integers(DType::i8, std::vector<int>(scales.size(), 0)))}, {{"axis", axis}});
    }
};
size_t count(const Graph& g, std::string_view op) {
    size_t n = 0;
    for (const Node& k : g.nodes) n += k.op->name == op;
    return n;
}
// Runs the graph before and after the pass: equal to within `steps` of the last quantization, whose scale is `scale`. Returns the
// graph as it is afterwards.
Graph check_same(Graph g, float scale, int steps = 1) {
    FoldOptions keep;
    keep.keep = keep_dequantized;
    infer_and_fold(g, keep);
    std::vector<Array> in;
    for (size_t i = 0; i < g.inputs.size(); ++i) in.push_back(random_f32(g.value(g.inputs[i]).shape, static_cast<uint32_t>(i + 1), -3.f, 3.f));
    const auto want = run_by_reference(g, in);
    CHECK(fuse_qdq(g));
    infer_and_fold(g);
    const auto got = run_by_reference(g, in);
    for (size_t i = 0; i < want.size(); ++i) check_close(got[i], want[i], static_cast<double>(scale) * steps * 1.001, 1e-5, "fused");
    CHECK(!fuse_qdq(g));
    return g;
}
}  // namespace

TEST_CASE("Conv with a bias and a clamp becomes QLinearConv") {
    for (const char* clamp : {"", "Relu", "Clip"})
        for (DType t : {DType::u8, DType::i8}) {
            Net n;
            const int z = t == DType::u8 ? 128 : 0;
            const Var x = n.g.input("x", {1, 4, 6, 6});
            const Var bias = n.g.constant(random_f32({8}, 5));
            Var y = n.g.add("Conv", {n.qdq(x, .025f, z, t), n.weights({8, 4, 3, 3}, 0), bias}, {{"pads", {1, 1, 1, 1}}});
            if (clamp == std::string_view("Relu")) y = n.g.add("Relu", {y});
            if (clamp == std::string_view("Clip")) y = n.g.add("Clip", {y, n.scale(-1.f), n.scale(2.f)});
            const Graph g = check_same(n.g.finish({n.qdq(y, .03f, z, t)}), .03f);
            CHECK(count(g, "QLinearConv") == 1);
            CHECK(count(g, "Conv") == 0);
            CHECK(g.nodes.size() == 3);
        }
}

TEST_CASE("A residual block stays in 8 bits") {
    Net n;
    const Var x = n.qdq(n.g.input("x", {1, 4, 5, 5}), .025f, 128);
    const Var a = n.qdq(n.g.add("Conv", {x, n.weights({4, 4, 1, 1}, 0)}), .02f, 120);
    const Var b = n.qdq(n.g.add("Relu", {n.g.add("Add", {a, x})}), .03f, 0);
    const Var pool = n.qdq(n.g.add("GlobalAveragePool", {b}), .01f, 3);
    const Var flat = n.qdq(n.g.add("Flatten", {pool}), .01f, 3);
    const Var y = n.g.add("Gemm", {flat, n.weights({6, 4}, 0), n.g.constant(random_f32({6}, 5))}, {{"transB", 1}});
    // A step of an inner tensor may show in the result.
    const Graph g = check_same(n.g.finish({n.qdq(y, .02f, 100)}), .02f, 2);
    for (const char* op : {"QLinearConv", "QLinearAdd", "QLinearGlobalAveragePool", "Flatten", "QGemm", "QuantizeLinear", "DequantizeLinear"})
        CHECK_MESSAGE(count(g, op) == 1, op);
    CHECK(g.nodes.size() == 7);
}

TEST_CASE("A clamp that the quantized range does not imply stays") {
    Net n;
    const Var x = n.qdq(n.g.input("x", {1, 4, 5, 5}), .025f, 128), y = n.qdq(n.g.input("y", {1, 4, 5, 5}), .025f, 128);
    Graph g = n.g.finish({n.qdq(n.g.add("Relu", {n.g.add("Add", {x, y})}), .03f, 128)});
    infer_shapes(g);
    CHECK(!fuse_qdq(g));
}

TEST_CASE("Products of matrices") {
    Net n;
    const Var x = n.qdq(n.g.input("x", {2, 3, 8}), .025f, 128);
    const Var y = n.g.add("MatMul", {x, n.weights({8, 5}, 1)});
    const Var z = n.g.add("MatMul", {x, n.weights({8, 6}, 1, 9)});
    const Graph g = check_same(n.g.finish({n.qdq(y, .02f, 100), z}), .02f);
    CHECK(count(g, "QLinearMatMul") == 1);
    CHECK(count(g, "MatMulIntegerToFloat") == 1);
    Net to_float;
    const Var a = to_float.qdq(to_float.g.input("x", {3, 8}), .025f, 128);
    const Graph f = check_same(to_float.g.finish({to_float.g.add("Gemm", {a, to_float.weights({8, 5}, 1), to_float.g.constant(random_f32({5}, 5))}, {{"alpha", .5f}})}), .001f);
    CHECK(count(f, "QGemm") == 1);
}

TEST_CASE("QLinearMatMul of two computed tensors becomes a product of floats") {
    Net n;
    const Var x = n.q(n.g.input("x", {2, 3, 8}), .025f, 128), y = n.q(n.g.input("y", {2, 8, 5}), .03f, 120);
    const Var z = n.g.add("QLinearMatMul", {x, n.scale(.025f), n.zero(DType::u8, 128), y, n.scale(.03f), n.zero(DType::u8, 120), n.scale(.1f), n.zero(DType::u8, 100)});
    const Graph g = check_same(n.g.finish({n.dq(z, .1f, 100)}), .1f);
    CHECK(count(g, "QLinearMatMul") == 0);
    CHECK(count(g, "MatMul") == 1);
}

TEST_CASE("Element-wise functions, pools, joins and movements") {
    Net n;
    const Var x = n.qdq(n.g.input("x", {1, 4, 6, 6}), .025f, 128), y = n.qdq(n.g.input("y", {1, 4, 6, 6}), .03f, 120);
    const Var sigmoid = n.qdq(n.g.add("Sigmoid", {x}), 1.f / 256, 0);
    const Var leaky = n.qdq(n.g.add("LeakyRelu", {x}, {{"alpha", .1f}}), .02f, 20);
    const Var product = n.qdq(n.g.add("Mul", {x, y}), .05f, 128);
    const Var average = n.qdq(n.g.add("AveragePool", {x}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}), .02f, 128);
    const Var largest = n.qdq(n.g.add("MaxPool", {x}, {{"kernel_shape", {2, 2}}}), .025f, 128);
    const Var softmax = n.qdq(n.g.add("Softmax", {x}), 1.f / 256, 0);
    const Var join = n.qdq(n.g.add("Concat", {x, y}, {{"axis", 1}}), .03f, 120);
    const Var turned = n.qdq(n.g.add("Transpose", {x}, {{"perm", {0, 2, 3, 1}}}), .025f, 128);
    const Var kept = n.g.add("Tanh", {n.qdq(n.g.add("Transpose", {y}, {{"perm", {0, 2, 3, 1}}}), .02f, 128)});
    const Graph g = check_same(n.g.finish({sigmoid, leaky, product, average, largest, softmax, join, turned, kept}), .05f);
    for (const char* op : {"QLinearSigmoid", "QLinearLeakyRelu", "QLinearMul", "QLinearAveragePool", "Pool", "QLinearSoftmax", "QLinearConcat"})
        CHECK_MESSAGE(count(g, op) == 1, op);
    CHECK(count(g, "QuantizeLinear") == 3);  // of x and y, and of the movement whose scales differ
}

TEST_CASE("Unsigned products broadcast in 8 bits, sums and signed products as floats") {
    for (DType t : {DType::u8, DType::i8}) {
        Net n;
        const Var x = n.qdq(n.g.input("x", {1, 4, 6, 6}), .025f, 10, t), c = n.dq(n.g.constant(random_bytes(t, {4, 1, 1}, 5)), .02f, 9);
        Graph g = n.g.finish({n.qdq(n.g.add("Mul", {x, c}), .04f, 3, t), n.qdq(n.g.add("Add", {x, c}), .04f, 3, t)});
        if (t == DType::u8) {
            g = check_same(std::move(g), .04f);
        } else {
            infer_shapes(g);
            CHECK(!fuse_qdq(g));
        }
        CHECK(count(g, "QLinearMul") == (t == DType::u8 ? 1 : 0));
        CHECK(count(g, "QLinearAdd") == 0);
    }
}

TEST_CASE("DequantizeLinear and QuantizeLinear with the same parameters cancel, the other way round they do not") {
    Net n;
    const Var x = n.q(n.g.input("x", {3, 4}), .025f, 128);
    const Var y = n.dq(n.q(n.dq(n.q(n.dq(x, .025f, 128), .025f, 128), .025f, 128), .025f, 128), .025f, 128);
    const Graph g = check_same(n.g.finish({y}), 0.f, 0);
    CHECK(g.nodes.size() == 2);
}

TEST_CASE("Dynamically quantized products take their scales and bias in") {
    Net n;
    const Var x = n.g.input("x", {3, 8});
    const std::vector<Var> in = {x};
    const auto q = n.g.add_node("DynamicQuantizeLinear", "", in, {}, 3);
    const Var sum = n.g.add("MatMulInteger", {q[0], n.g.constant(random_bytes(DType::i8, {8, 5}, 3)), q[2], n.zero(DType::i8, 3)});
    const Var y = n.g.add("Mul", {n.g.add("Cast", {sum}, {{"to", 1}}), n.g.add("Mul", {q[1], n.scale(.01f)})});
    const Graph g = check_same(n.g.finish({n.g.add("Add", {y, n.g.constant(random_f32({5}, 5))})}), 1e-5f);
    CHECK(count(g, "MatMulIntegerToFloat") == 1);
    CHECK(g.nodes.size() == 2);
}

TEST_CASE("Dynamically quantized convolutions take their scales, bias and clamp in") {
    Net n;
    const Var x = n.g.input("x", {1, 4, 6, 6});
    const std::vector<Var> in = {x};
    const auto q = n.g.add_node("DynamicQuantizeLinear", "", in, {}, 3);
    const Var sum = n.g.add("ConvInteger", {q[0], n.g.constant(random_bytes(DType::u8, {5, 4, 3, 3}, 3)), q[2], n.zero(DType::u8, 120)}, {{"pads", {1, 1, 1, 1}}});
    const Var y = n.g.add("Mul", {n.g.add("Cast", {sum}, {{"to", 1}}), n.g.add("Mul", {q[1], n.scale(.001f)})});
    const Graph g = check_same(n.g.finish({n.g.add("Relu", {n.g.add("Add", {y, n.g.constant(random_f32({1, 5, 1, 1}, 5))})})}), 1e-5f);
    CHECK(count(g, "ConvIntegerToFloat") == 1);
    CHECK(g.nodes.size() == 2);
}

TEST_CASE("DynamicQuantizeLSTM with constant weights becomes LSTM") {
    Net n;
    const Var x = n.g.input("x", {3, 2, 4});
    const Var none, w = n.g.constant(random_bytes(DType::u8, {1, 4, 12}, 1)), r = n.g.constant(random_bytes(DType::u8, {1, 3, 12}, 2));
    const Var scale = n.g.constant(reals({.004f})), zero = n.g.constant(integers(DType::u8, {120}));
    const Var y = n.g.add("DynamicQuantizeLSTM", {x, w, r, none, none, none, none, none, scale, zero, scale, zero}, {{"hidden_size", 3}}, "com.microsoft");
    const Graph g = check_same(n.g.finish({y}), 1e-6f);
    CHECK(count(g, "LSTM") == 1);
}
