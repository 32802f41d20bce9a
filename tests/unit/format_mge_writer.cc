// Graphs written to .mge files and read again compute the same; what MegEngine has no form for is listed.
#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/format/mge.h"
#include "lite/format/mge_writer.h"
#include "lite/graph.h"
#include "tests/support/op_test.h"
using namespace lite;

#if LITE_HAS_MGE
#include "tests/support/mge_bytes.h"
namespace {
Graph again(const Graph& g, int version = 2) {
    const std::vector<std::byte> bytes = write_mge(g, version);
    return read_mge(copy_model(bytes.data(), bytes.size()));
}
Array noise(const Shape& s, uint32_t seed = 1, float scale = 1.f) {
    std::vector<float> v(static_cast<size_t>(s.count()));
    for (float& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = scale * (static_cast<float>(seed >> 8) * 0x1p-23f - 1.f);
    }
    return Array::of(s, v);
}
std::vector<double> values(const Array& a) { return a.values<double>(); }
// The written graph gives what the graph gives, up to the order of sums.
void same(const Graph& g, const std::vector<Array>& in, double tolerance = 1e-5) {
    std::vector<Array> narrow = in;  // a .mge file has no integers of 64 bits
    for (Array& a : narrow)
        if (a.dtype() == DType::i64) a = Array::of(a.shape(), a.values<int32_t>());
    const std::vector<Array> want = Session(g).run(in), got = Session(again(g)).run(narrow), older = Session(again(g, 1)).run(narrow);
    REQUIRE(got.size() == want.size());
    REQUIRE(older.size() == want.size());
    for (size_t o = 0; o < want.size(); ++o) {
        CHECK(older[o].shape() == got[o].shape());
        CHECK(std::memcmp(older[o].data(), got[o].data(), got[o].bytes()) == 0);
        const Shape s = want[o].shape().empty() ? Shape{1} : want[o].shape();
        CHECK(got[o].shape() == s);
        const auto w = values(want[o]), y = values(got[o]);
        REQUIRE(y.size() == w.size());
        for (size_t i = 0; i < w.size(); ++i) {
            if (w[i] == y[i] || (std::isnan(w[i]) && std::isnan(y[i])) || std::abs(y[i] - w[i]) <= tolerance * (1 + std::abs(w[i]))) continue;
            FAIL_CHECK("output " << o << " element " << i << " is " << y[i] << ", expected " << w[i]);
            break;
        }
    }
}
std::string refusal(const Graph& g) {
    try {
        (void)write_mge(g);
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "written";
}
// One node of ONNX behind inputs of these values; `extra` are its further inputs, constants.
void node(std::string_view op, const std::vector<Array>& in, const std::vector<Array>& extra, std::initializer_list<AttributeEntry> attributes = {}, size_t outputs = 1,
          double tolerance = 1e-5, bool open = false) {
    CAPTURE(std::string(op));
    GraphBuilder b;
    std::vector<Var> inputs;
    for (size_t i = 0; i < in.size(); ++i) {
        const Shape s = open ? Shape::filled(in[i].shape().rank(), kUnknown) : in[i].shape();
        inputs.push_back(b.input(text("x", i), s, in[i].dtype()));
    }
    for (const Array& a : extra) inputs.push_back(a ? b.constant(a) : Var());
    std::vector<Var> out = b.add_node(op, "", inputs, {attributes.begin(), attributes.size()}, outputs);
    for (size_t o = 0; o < out.size(); ++o) out[o].named(text("y", o));
    Graph g = b.finish(out);
    for (size_t i = 0; i < in.size(); ++i) g.value(g.inputs[i]).usual = in[i].shape();
    same(g, in, tolerance);
}
void both(std::string_view op, const std::vector<Array>& in, const std::vector<Array>& extra, std::initializer_list<AttributeEntry> attributes = {}, size_t outputs = 1,
          double tolerance = 1e-5) {
    node(op, in, extra, attributes, outputs, tolerance, false);
    node(op, in, extra, attributes, outputs, tolerance, true);
}
Array i64(const std::vector<int64_t>& v) { return Array::vector_i64(v); }
const Array kX = noise({2, 3, 7, 6}, 3, 2.f);
}  // namespace

TEST_CASE("element-wise functions") {
    for (const char* f : {"Relu", "Sigmoid", "Tanh", "Exp", "Reciprocal", "Abs", "Neg", "Floor", "Ceil", "Round", "Sign", "Erf", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh",
                          "Asinh", "Softplus", "Softsign", "Mish", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Shrink", "IsNaN"})
        node(f, {kX}, {});
    for (const char* f : {"Sqrt", "Log", "Asin", "Acos", "Atanh"}) node(f, {noise({3, 4}, 5, 0.9f)}, {});
    node("Acosh", {Array::of(Shape{3}, std::vector<float>{1, 1.5f, 9})}, {});
    node("Gelu", {kX}, {}, {{"approximate", "tanh"}});
    const float inf = std::numeric_limits<float>::infinity();
    const Array odd = Array::of(Shape{7}, std::vector<float>{inf, -inf, NAN, 0.5f, 1.5f, 2.5f, -2.5f});
    for (const char* f : {"Round", "IsInf", "IsNaN"}) node(f, {odd}, {});
    node("IsInf", {odd}, {}, {{"detect_negative", 0}});
    node("Clip", {kX}, {Array::scalar(-0.5f), Array::scalar(1.f)});
    node("Clip", {kX}, {Array(), Array::scalar(1.f)});
    for (const char* f : {"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu", "Mod"}) {
        if (std::string_view(f) == "Mod") node(f, {kX, noise({3, 1, 1}, 9)}, {}, {{"fmod", 1}});
        else both(f, {kX, noise({3, 1, 1}, 9)}, {});
    }
    node("Pow", {Array::of(Shape{3}, std::vector<float>{1, 2, 3}), noise({3}, 4)}, {});
    node("Sum", {kX, kX, noise({6}, 2)}, {});
    node("Mean", {kX, kX, noise({6}, 2)}, {});
    const Array a = Array::of(Shape{6}, std::vector<int32_t>{7, -7, 7, -7, 6, 0}), b = Array::of(Shape{6}, std::vector<int32_t>{2, 2, -2, -2, 3, 5});
    for (const char* f : {"Add", "Sub", "Mul", "Div", "Mod", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}) node(f, {a, b}, {});
}

TEST_CASE("truth values") {
    GraphBuilder b;
    const Var x = b.input("x", {4}), y = b.input("y", {4});
    const Var p = less(x, y), q = greater(x, b.constant(0.f));
    std::vector<Var> out = {b.add("And", {p, q}), b.add("Or", {p, q}), b.add("Xor", {p, q}), b.add("Not", {p}), equal(p, q), where(p, x, y), cast(q, DType::i32), cast(x, DType::boolean)};
    for (size_t i = 0; i < out.size(); ++i) out[i].named(text("o", i));
    same(b.finish(out), {Array::of(Shape{4}, std::vector<float>{0, 1, -2, 0.25f}), Array::of(Shape{4}, std::vector<float>{1, 0.5f, -3, 0.25f})});
}

TEST_CASE("convolutions") {
    const Array w = noise({4, 3, 3, 3}, 8), bias = noise({4}, 2);
    both("Conv", {kX}, {w});
    both("Conv", {kX}, {w, bias}, {{"pads", {1, 1, 1, 1}}, {"strides", {2, 1}}});
    both("Conv", {kX}, {w, bias}, {{"pads", {1, 0, 0, 1}}, {"dilations", {2, 1}}});
    node("Conv", {kX}, {w}, {{"auto_pad", "SAME_UPPER"}, {"strides", {2, 2}}});
    both("Conv", {kX}, {w}, {{"auto_pad", "SAME_LOWER"}});
    both("Conv", {kX}, {noise({3, 1, 3, 3}), noise({3})}, {{"group", 3}});
    both("Conv", {noise({1, 4, 5, 5})}, {noise({6, 2, 1, 1})}, {{"group", 2}});
    both("Conv", {noise({2, 3, 9})}, {noise({4, 3, 3}), noise({4})}, {{"pads", {1, 1}}, {"strides", {2}}});
    node("Conv", {noise({1, 2, 4, 5, 6})}, {noise({3, 2, 2, 2, 2}), noise({3})}, {{"pads", {1, 0, 1, 1, 0, 1}}});
    both("ConvTranspose", {kX}, {noise({3, 2, 3, 3}), noise({2})}, {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
    both("ConvTranspose", {kX}, {noise({3, 2, 3, 3})}, {{"strides", {2, 2}}, {"pads", {1, 0, 1, 2}}, {"output_padding", {1, 0}}});
    both("ConvTranspose", {kX}, {noise({3, 2, 2, 2})}, {{"strides", {2, 2}}, {"output_padding", {1, 1}}});
    both("ConvTranspose", {noise({1, 4, 3, 3})}, {noise({4, 2, 3, 3})}, {{"group", 2}});
    both("ConvTranspose", {noise({1, 4, 5})}, {noise({4, 2, 3})}, {{"strides", {2}}});
}

TEST_CASE("pools") {
    for (const char* op : {"MaxPool", "AveragePool"}) {
        both(op, {kX}, {}, {{"kernel_shape", {2, 3}}, {"strides", {2, 1}}});
        both(op, {kX}, {}, {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}});
        node(op, {kX}, {}, {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {0, 1, 1, 0}}});
        node(op, {kX}, {}, {{"kernel_shape", {3, 2}}, {"strides", {3, 3}}, {"ceil_mode", 1}});
        node(op, {kX}, {}, {{"kernel_shape", {2, 2}}, {"auto_pad", "SAME_UPPER"}});
        both(op, {noise({2, 3, 9})}, {}, {{"kernel_shape", {3}}, {"strides", {2}}});
    }
    node("AveragePool", {kX}, {}, {{"kernel_shape", {3, 3}}, {"pads", {1, 1, 1, 1}}, {"count_include_pad", 1}});
    both("GlobalAveragePool", {kX}, {});
    both("GlobalMaxPool", {kX}, {});
}

TEST_CASE("products") {
    both("MatMul", {noise({4, 5}), noise({5, 3}, 2)}, {});
    both("MatMul", {noise({2, 4, 5}), noise({5, 3}, 2)}, {});
    both("MatMul", {noise({2, 4, 5}), noise({2, 5, 3}, 2)}, {});
    both("MatMul", {noise({2, 3, 4, 5}), noise({2, 3, 5, 3}, 2)}, {});
    node("MatMul", {noise({2, 1, 4, 5}), noise({3, 5, 3}, 2)}, {});
    node("MatMul", {noise({5}), noise({5, 3}, 2)}, {});
    node("MatMul", {noise({2, 4, 5}), noise({5}, 2)}, {});
    node("MatMul", {noise({5}), noise({5}, 2)}, {});
    both("Gemm", {noise({4, 5})}, {noise({3, 5}), noise({3})}, {{"transB", 1}, {"alpha", 0.5f}, {"beta", 2.f}});
}

TEST_CASE("normalisations, reductions and sorting") {
    const Array s = noise({3}, 4), b = noise({3}, 5), m = noise({3}, 6), v = Array::of(Shape{3}, std::vector<float>{0.5f, 1, 2});
    both("BatchNormalization", {kX}, {s, b, m, v});
    both("LayerNormalization", {noise({2, 3, 8})}, {noise({8}), noise({8}, 2)});
    node("LayerNormalization", {noise({2, 3, 8})}, {noise({3, 8}), noise({3, 8}, 2)}, {{"axis", -2}});
    node("InstanceNormalization", {kX}, {s, b});
    node("InstanceNormalization", {noise({2, 3, 9})}, {s, b});
    node("LRN", {noise({1, 6, 3, 3})}, {}, {{"size", 3}, {"alpha", 0.3f}});
    for (int64_t axis : {0, 1, -1}) both("Softmax", {noise({3, 4, 5})}, {}, {{"axis", axis}});
    both("LogSoftmax", {noise({3, 4, 5})}, {}, {{"axis", 1}});
    for (const char* op : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare"}) {
        both(op, {kX}, {i64({2, -1})});
        both(op, {kX}, {i64({1})}, {{"keepdims", 0}});
        both(op, {kX}, {}, {{"keepdims", 0}});
    }
    both("ArgMax", {kX}, {}, {{"axis", 1}});
    both("ArgMin", {kX}, {}, {{"axis", -1}, {"keepdims", 0}});
    both("CumSum", {kX}, {Array::scalar(int64_t{1})}, {{"exclusive", 1}, {"reverse", 1}});
    both("TopK", {noise({3, 9})}, {i64({4})}, {}, 2);
    both("TopK", {noise({3, 9, 2})}, {i64({4})}, {{"axis", 1}, {"largest", 0}}, 2);
}

TEST_CASE("shapes and moves") {
    both("Transpose", {kX}, {}, {{"perm", {0, 2, 3, 1}}});
    both("Reshape", {kX}, {i64({2, -1})});
    both("Reshape", {kX}, {i64({0, 0, -1})});
    both("Flatten", {kX}, {});
    both("Flatten", {kX}, {}, {{"axis", 2}});
    both("Squeeze", {noise({1, 3, 1})}, {i64({0, 2})});
    both("Unsqueeze", {noise({3, 4})}, {i64({0, 3})});
    both("Concat", {kX, noise({2, 1, 7, 6})}, {}, {{"axis", 1}});
    node("Split", {kX}, {}, {{"axis", 3}, {"num_outputs", 3}}, 3);
    both("Split", {kX}, {i64({2, 5})}, {{"axis", 2}}, 2);
    both("Slice", {kX}, {i64({1, 0}), i64({5, INT64_MAX}), i64({2, 3}), i64({2, 1})});
    both("Slice", {kX}, {i64({-1}), i64({INT64_MIN}), i64({2}), i64({-1})});
    both("Slice", {kX}, {i64({-3}), i64({-1}), i64({3})});
    both("Gather", {kX}, {i64({2, 0, -1})}, {{"axis", 1}});
    both("Gather", {kX}, {Array::scalar(int64_t{-1})}, {{"axis", 2}});
    both("Gather", {kX}, {Array::of(Shape{2, 2}, std::vector<int64_t>{0, 1, 2, 0})}, {{"axis", 1}});
    both("GatherElements", {noise({3, 4})}, {Array::of(Shape{3, 2}, std::vector<int64_t>{0, 1, 3, 0, 2, 2})}, {{"axis", 1}});
    both("GatherND", {noise({3, 4, 2})}, {Array::of(Shape{2, 2}, std::vector<int64_t>{0, 1, 2, 3})});
    node("ScatterND", {noise({3, 4})}, {Array::of(Shape{2, 1}, std::vector<int64_t>{2, 0}), noise({2, 4}, 7)});
    node("ScatterElements", {noise({3, 4})}, {Array::of(Shape{1, 2}, std::vector<int64_t>{1, 2}), noise({1, 2}, 7)}, {{"axis", 0}});
    both("Expand", {noise({3, 1})}, {i64({2, 1, 4})});
    both("Tile", {noise({2, 3})}, {i64({2, 3})});
    both("Pad", {kX}, {i64({0, 0, 1, 2, 0, 0, 0, 1}), Array::scalar(0.5f)});
    both("Pad", {kX}, {i64({0, 0, 1, 2, 0, 0, 2, 1})}, {{"mode", "reflect"}});
    both("Pad", {kX}, {i64({0, 0, -1, 2, 0, 0, 2, -1})}, {{"mode", "edge"}});
    both("DepthToSpace", {noise({1, 8, 2, 3})}, {}, {{"blocksize", 2}});
    both("DepthToSpace", {noise({1, 8, 2, 3})}, {}, {{"blocksize", 2}, {"mode", "CRD"}});
    both("SpaceToDepth", {noise({1, 2, 4, 6})}, {}, {{"blocksize", 2}});
    both("Shape", {kX}, {});
    both("Size", {kX}, {});
    both("NonZero", {Array::of(Shape{2, 3}, std::vector<float>{0, 1, 2, 0, 0, 3})}, {});
    node("OneHot", {Array::of(Shape{3}, std::vector<int64_t>{1, -1, 7})}, {Array::scalar(int64_t{4}), Array::of(Shape{2}, std::vector<float>{2, 5})});
}

TEST_CASE("images of another size") {
    const Array none, up = Array::of(Shape{4}, std::vector<float>{1, 1, 2, 3}), odd = Array::of(Shape{4}, std::vector<float>{1, 1, 1.7f, 0.6f});
    for (const char* mode : {"nearest", "linear", "cubic"})
        for (const char* coordinates : {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"}) {
            node("Resize", {kX}, {none, up}, {{"mode", mode}, {"coordinate_transformation_mode", coordinates}});
            node("Resize", {kX}, {none, odd}, {{"mode", mode}, {"coordinate_transformation_mode", coordinates}});
            node("Resize", {kX}, {none, none, i64({2, 3, 5, 9})}, {{"mode", mode}, {"coordinate_transformation_mode", coordinates}});
        }
    both("Resize", {kX}, {none, up});
    both("Resize", {kX}, {none, up}, {{"mode", "linear"}});
}

TEST_CASE("recurrent layers") {
    const Array x = noise({5, 2, 3});
    for (int64_t d : {1, 2}) {
        const char* direction = d == 1 ? "forward" : "bidirectional";
        node("LSTM", {x}, {noise({d, 16, 3}), noise({d, 16, 4}, 2), noise({d, 32}, 3)}, {{"hidden_size", 4}, {"direction", direction}}, 3);
        node("RNN", {x}, {noise({d, 4, 3}), noise({d, 4, 4}, 2), noise({d, 8}, 3)}, {{"hidden_size", 4}, {"direction", direction}}, 2);
    }
    node("LSTM", {x}, {noise({1, 16, 3}), noise({1, 16, 4}, 2), Array(), Array(), noise({1, 2, 4}), noise({1, 2, 4}, 5)}, {{"hidden_size", 4}}, 3);
}

TEST_CASE("convolutions in packed layouts, with what stands between them") {
    GraphBuilder b;
    const Var x = b.input("x", {1, 3, 12, 10});
    const auto conv = [&](const Var& v, const Array& w, const Conv2dOptions& o) { return conv2d(v, b.constant(w), b.constant(noise({w.shape()[0]})), o); };
    const Var first = relu(conv(x, noise({16, 3, 3, 3}, 1, 0.3f), {.pads = {1, 1, 1, 1}}));
    const Var second = hard_swish(conv(first, noise({16, 1, 3, 3}, 2, 0.3f), {.pads = {1, 1, 1, 1}, .group = 16}));
    const Var third = conv(second, noise({16, 8, 1, 1}, 3, 0.3f), {.group = 2}) + first;
    const Var pooled = max_pool(relu6(third), {2, 2}, {.strides = {2, 2}});
    const Var scaled = pooled * b.constant(noise({1, 16, 1, 1}, 4)) + 0.5;
    const Var odd = conv(concat({scaled, pooled}, 1), noise({6, 32, 1, 1}, 5, 0.3f), {});
    const Graph g = b.finish({Var(odd).named("y"), Var(third).named("z")});
    const Array in = noise({1, 3, 12, 10}, 9);
    for (LayoutTag layout : {LayoutTag::nchw44, LayoutTag::nchw88}) {
        SessionOptions options;
        options.layout = layout;
        Session s(g, options);
        const std::vector<Array> want = s.run({in});
        const Graph chosen = s.portable_graph();
        CHECK(std::any_of(chosen.values.begin(), chosen.values.end(), [&](const Value& v) { return v.layout == layout; }));
        const std::vector<std::byte> bytes = write_mge(chosen);
        CHECK(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find("RelayoutFormatV1") != std::string_view::npos);
        const std::vector<Array> got = Session(read_mge(copy_model(bytes.data(), bytes.size()))).run({in});
        for (size_t o = 0; o < want.size(); ++o) {
            const auto y = values(got[o]), w = values(want[o]);
            REQUIRE(y.size() == w.size());
            for (size_t i = 0; i < y.size(); ++i) CHECK(std::abs(y[i] - w[i]) < 1e-5);
        }
    }
}

TEST_CASE("quantized tensors stay quantized") {
    GraphBuilder b;
    const Var x = b.input("x", {1, 4, 6, 6});
    const Var zero = b.constant(int8_t{0});
    const auto quantized = [&](const Var& v, float scale) {
        const Var q = b.add("QuantizeLinear", {v, b.constant(scale), zero});
        return b.add("DequantizeLinear", {q, b.constant(scale), zero});
    };
    std::vector<int8_t> w(4 * 4 * 9);
    for (size_t k = 0; k < w.size(); ++k) w[k] = static_cast<int8_t>(k * 37 % 255 - 127);
    const Var weights = b.add("DequantizeLinear", {b.constant(Array::of(Shape{4, 4, 3, 3}, w)), b.constant(0.01f), zero});
    const Var in = quantized(x, 0.02f);
    const Var y = quantized(relu(conv2d(in, weights, b.constant(noise({4})), {.pads = {1, 1, 1, 1}})), 0.0517f);  // scales of which no sum falls between two integers
    const Var sum = quantized(relu(in + y), 0.0431f);
    const Graph g = b.finish({Var(sum).named("sum")});
    const std::vector<std::byte> bytes = write_mge(g);
    const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    CHECK(file.find("ConvBiasForward") != std::string_view::npos);
    CHECK(file.find("ElemwiseMultiType") != std::string_view::npos);
    same(g, {noise({1, 4, 6, 6}, 12)}, 1e-6);
}

TEST_CASE("names, extents that are left open, and outputs that are copies") {
    GraphBuilder b;
    const Var x = b.input("pixels", {kUnknown, 3, kUnknown, 8});
    const Var y = relu(x);
    Graph g = b.finish({Var(y).named("out"), Var(identity(y)).named("again"), Var(b.constant(2.f)).named("two")});
    CHECK(refusal(g).find("input 'pixels' of the graph has shape [?,3,?,8]") == 0);
    g.value(g.inputs[0]).usual = {2, 3, 5, 8};
    const Graph r = again(g);
    CHECK(r.value(r.inputs[0]).name == "pixels");
    CHECK(r.value(r.inputs[0]).usual == Shape{2, 3, 5, 8});
    REQUIRE(r.outputs.size() == 3);
    CHECK(r.value(r.outputs[0]).name == "out");
    CHECK(r.value(r.outputs[1]).name == "again");
    CHECK(r.value(r.outputs[2]).name == "two");
    same(g, {noise({1, 3, 4, 8})});
}

TEST_CASE("what MegEngine has no form for is listed, all of it") {
    GraphBuilder b;
    const Var x = b.input("x", {2, 4});
    const Var h = b.add("Hardmax", {x});
    const Var d = b.add("Det", {b.constant(noise({2, 2}))});
    const Var l = b.add("LpNormalization", {relu(h)});
    const std::string e = refusal(b.finish({Var(l + d).named("y")}));
    CHECK(e.find("the graph has 2 operators that MegEngine has no form for:") == 0);
    CHECK(e.find("Softmax \"") != std::string::npos);
    CHECK(e.find("LpNormalization \"") != std::string::npos);
    GraphBuilder wide;
    const Var n = wide.input("n", {1}, DType::i64);
    CHECK(refusal(wide.finish({Var(n + wide.constant(int64_t{1} << 40)).named("y")})).find("MegEngine has no integers of 64 bits") != std::string::npos);
}

TEST_CASE("matrices of ones on a diagonal, and random numbers") {
    both("EyeLike", {noise({4, 5})}, {}, {{"k", -2}});
    both("EyeLike", {noise({4, 5})}, {}, {{"k", 1}, {"dtype", 6}});
    GraphBuilder b;
    const Var x = b.input("x", {400});
    std::vector<Var> out = {b.add("RandomUniformLike", {x}, {{"low", -3.f}, {"high", -1.f}}), b.add("RandomNormalLike", {x}, {{"mean", 50.f}, {"scale", 2.f}}), b.add("Bernoulli", {x})};
    for (size_t i = 0; i < out.size(); ++i) out[i].named(text("o", i));
    const std::vector<Array> y = Session(again(b.finish(out))).run({Array::of(Shape{400}, std::vector<float>(400, 0.75f))});
    double mean[3] = {};
    for (size_t i = 0; i < 3; ++i)
        for (double v : values(y[i])) {
            mean[i] += v / 400;
            if (i == 0) CHECK((v >= -3 && v < -1));
            if (i == 1) CHECK(std::abs(v - 50) < 20);  // ten deviations
            if (i == 2) CHECK((v == 0 || v == 1));
        }
    CHECK(std::abs(mean[0] + 2) < 0.3);  // ten deviations of the mean
    CHECK(std::abs(mean[1] - 50) < 1);
    CHECK(std::abs(mean[2] - 0.75) < 0.22);
}

TEST_CASE("the high half of a product, and shifts of 64 bits that are none") {
    lite_test::MgeWriter w;
    const lite_test::MgeDType t{detail::MgeKind::i32};
    const uint32_t x = w.input("x", {4}, t), y = w.input("y", {4}, t);
    w.output(w.op("Elemwise", {x, y}, {17, {{0, 43}}, {}, {}, {}, 1}), "z");
    const Graph g = read_mge(lite_test::MgeWriter::bytes(w.v2()));
    CHECK(again(g, 1).value(again(g, 1).outputs[0]).name == "z");
    CHECK_THROWS_AS(again(g, 3), Error);
    same(g, {Array::of(Shape{4}, std::vector<int32_t>{INT32_MIN, 1 << 30, -123456789, 7}), Array::of(Shape{4}, std::vector<int32_t>{INT32_MIN, 1 << 30, 987654321, -7})});
    GraphBuilder b;
    const Var in[] = {b.input("x", {4}, DType::u64), b.constant(Array::of(Shape{1}, std::vector<uint64_t>{3}))};
    const AttributeEntry right[] = {{"direction", "RIGHT"}};
    Var shifted = b.add_node("BitShift", "", in, right, 1)[0];
    CHECK(refusal(b.finish({shifted.named("y")})).find("shifts of integers of 64 bits") != std::string::npos);
}
#endif
