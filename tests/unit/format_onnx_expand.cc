#include "lite/exec/session.h"
#include "tests/support/move_test.h"
#include "tests/support/onnx_bytes.h"
using namespace lite_test;

namespace {
// A model of one node of com.microsoft with inputs a, b, ... of the shapes.
std::vector<Array> run(const std::string& op, const std::vector<Array>& inputs, const std::vector<Message>& attributes, std::vector<std::string> outputs = {"y"}) {
    std::vector<std::string> names;
    Message graph;
    for (const Array& x : inputs) {
        names.push_back(x ? std::string(1, static_cast<char>('a' + names.size())) : "");
        if (!x) continue;
        std::vector<std::string> dims;
        for (int64_t d : x.shape()) dims.push_back(std::to_string(d));
        const DType t = x.dtype();
        const int type = t == DType::i32 ? 6 : t == DType::u8 ? 2 : t == DType::i8 ? 3 : t == DType::i64 ? 7 : t == DType::boolean ? 9 : 1;
        graph = std::move(graph).message(11, onnx_value(names.back(), type, dims));
    }
    graph = std::move(graph).message(1, onnx_node(op, names, outputs, attributes, "com.microsoft"));
    for (const std::string& o : outputs)
        if (!o.empty()) graph = std::move(graph).message(12, onnx_output(o));
    Session session(read(onnx_model(graph)));
    std::vector<Array> given;
    for (const Array& x : inputs)
        if (x) given.push_back(x);
    return session.run(given);
}
Message onnx_text(std::string_view name, std::string_view v) { return Message().text(1, name).text(4, v).integer(20, 3); }
}  // namespace

TEST_CASE("Fused activations are nodes of their own") {
    const Array x = f32({1, 1, 1, 3}, {-1, 0, 2}), w = f32({1, 1, 1, 1}, {2}), z = f32({1, 1, 1, 3}, {1, -1, 0});
    check_close(run("FusedConv", {x, w, {}, z}, {onnx_text("activation", "Relu")})[0], f32({1, 1, 1, 3}, {0, 0, 4}), 0, 0, "Relu");
    check_close(run("FusedConv", {x, w}, {onnx_text("activation", "LeakyRelu"), Message().text(1, "activation_params").raw<float>(7, {0.5f}).integer(20, 6)})[0],
                f32({1, 1, 1, 3}, {-1, 0, 4}), 0, 0, "LeakyRelu");
    check_close(run("FusedConv", {x, w}, {onnx_text("activation", "Clip"), Message().text(1, "activation_params").raw<float>(7, {-1.f, 3.f}).integer(20, 6)})[0],
                f32({1, 1, 1, 3}, {-1, 0, 3}), 0, 0, "Clip");
    check_close(run("FusedGemm", {f32({1, 2}, {1, 2}), f32({2, 1}, {3, -4}), f32({1}, {1})}, {onnx_text("activation", "Relu")})[0], f32({1, 1}, {0}), 0, 0, "Gemm");
    check_close(run("BiasGelu", {f32({2}, {0, 1}), f32({2}, {0, -1})}, {})[0], f32({2}, {0, 0}), 1e-7, 0, "Gelu");
}

TEST_CASE("Sums are normalised, and shown where asked for") {
    const Array x = f32({1, 2}, {1, 2}), skip = f32({1, 2}, {0, 1}), scale = f32({2}, {1, 10}), bias = f32({2}, {5, 0});
    const auto y = run("SkipLayerNormalization", {x, skip, scale, bias}, {}, {"y", "", "", "s"});
    check_close(y[0], f32({1, 2}, {4, 10}), 1e-5, 0, "normalised");
    check_close(y[1], f32({1, 2}, {1, 3}), 0, 0, "sum");
    check_close(run("SkipSimplifiedLayerNormalization", {x, skip, scale}, {})[0], f32({1, 2}, {1 / std::sqrt(5.f), 30 / std::sqrt(5.f)}), 1e-5, 0, "without mean");
}

TEST_CASE("EmbedLayerNormalization looks words and places up") {
    const Array ids = Array::of(Shape{1, 2}, std::vector<int32_t>{1, 0}), words = f32({2, 2}, {0, 0, 1, 3}), places = f32({3, 2}, {0, 0, 0, 4, 9, 9});
    const auto y = run("EmbedLayerNormalization", {ids, {}, words, places, {}, f32({2}, {1, 1}), f32({2}, {0, 0})}, {}, {"y", "n", "s"});
    check_close(y[2], f32({1, 2, 2}, {1, 3, 0, 4}), 0, 0, "sum");
    check_close(y[0], f32({1, 2, 2}, {-1, 1, -1, 1}), 1e-5, 0, "normalised");
    CHECK(y[1].values<int>() == std::vector<int>{0});
}

namespace {
Array u8(const Shape& shape, const std::vector<uint8_t>& v) { return Array::of(shape, v); }
Array i8(const Shape& shape, const std::vector<int8_t>& v) { return Array::of(shape, v); }
}  // namespace

TEST_CASE("QAttention: 8-bit products, then attention") {
    // Queries and keys are zero, so values are averaged; these are 0.5 x + 0.5.
    const Array x = u8({1, 2, 1}, {2, 4}), w = i8({1, 3}, {0, 0, 1}), bias = f32({3}, {0, 0, .5f}), half = f32({}, {.5f}), one = f32({}, {1});
    check_close(run("QAttention", {x, w, bias, half, one}, {onnx_int("num_heads", 1)})[0], f32({1, 2, 1}, {2, 2}), 1e-6, 0, "plain");
    check_close(run("QAttention", {x, w, bias, half, one, Array::of(Shape{1}, std::vector<int32_t>{1})}, {onnx_int("num_heads", 1)})[0], f32({1, 2, 1}, {1.5f, 1.5f}), 1e-6, 0,
                "one key counts");
    const auto y = run("QAttention", {x, w, bias, half, one, {}, u8({}, {2}), i8({}, {0}), f32({2, 1, 1, 1, 1}, {9, 6})}, {onnx_int("num_heads", 1)}, {"y", "p"});
    check_close(y[0], f32({1, 2, 1}, {8.f / 3, 8.f / 3}), 1e-6, 0, "with a past and a zero point");
    check_close(y[1], f32({2, 1, 1, 3, 1}, {9, 0, 0, 6, .5f, 1.5f}), 1e-6, 0, "present");
}

TEST_CASE("QEmbedLayerNormalization has quantized tables") {
    const Array ids = Array::of(Shape{1, 2}, std::vector<int32_t>{1, 0}), one = f32({}, {1}), none = u8({}, {0});
    const auto y = run("QEmbedLayerNormalization", {ids, {}, u8({2, 2}, {0, 0, 1, 3}), u8({3, 2}, {0, 0, 0, 4, 9, 9}), {}, u8({2}, {3, 3}), u8({2}, {0, 0}), {}, one, one, {}, f32({}, {.5f}),
                                                    one, none, none, {}, u8({}, {1}), none},
                       {}, {"y", "count"});
    check_close(y[0], f32({1, 2, 2}, {-1, 1, -1, 1}), 1e-5, 0, "normalised");
    CHECK(y[1].values<int>() == std::vector<int>{0});
}

TEST_CASE("Quantized choices, pools with the channels last") {
    const auto y = run("QLinearWhere", {booleans({2}, {1, 0}), u8({2}, {10, 20}), f32({}, {1}), u8({}, {0}), u8({2}, {30, 40}), f32({}, {.5f}), u8({}, {10}), f32({}, {2}), u8({}, {1})}, {});
    CHECK(y[0].values<int>() == std::vector<int>{6, 9});
    const auto pooled = run("NhwcMaxPool", {u8({1, 2, 2, 2}, {1, 2, 3, 4, 9, 6, 7, 8})}, {Message().text(1, "kernel_shape").integer(8, 2).integer(8, 2).integer(20, 7)});
    CHECK(pooled[0].shape() == Shape{1, 1, 1, 2});
    CHECK(pooled[0].values<int>() == std::vector<int>{9, 8});
}

TEST_CASE("Operators that com.microsoft had before ai.onnx") {
    const Array a = f32({2, 2}, {0, 0, 3, 4}), b = f32({1, 2}, {0, 0});
    check_close(run("CDist", {a, b}, {})[0], f32({2, 1}, {0, 25}), 0, 0, "squares");
    check_close(run("CDist", {a, b}, {onnx_text("metric", "euclidean")})[0], f32({2, 1}, {0, 5}), 1e-6, 0, "distances");
    CHECK(run("ExpandDims", {a, Array::of(Shape{}, std::vector<int32_t>{1})}, {})[0].shape() == Shape{2, 1, 2});
    check_close(run("Range", {f32({}, {2}), f32({}, {5})}, {})[0], f32({3}, {2, 3, 4}), 0, 0, "Range");
    check_close(run("Trilu", {a}, {onnx_int("upper", 0)})[0], f32({2, 2}, {0, 0, 3, 4}), 0, 0, "Trilu");
    check_close(run("Pad", {b, i64({4}, {0, 1, 0, 0}), f32({}, {7})}, {})[0], f32({1, 3}, {7, 0, 0}), 0, 0, "Pad");
    check_close(run("GatherND", {a, i64({1, 1}, {1})}, {})[0], f32({1, 2}, {3, 4}), 0, 0, "GatherND");
    check_close(run("TransposeMatMul", {a, b}, {onnx_int("transB", 1)})[0], f32({2, 1}, {0, 0}), 0, 0, "TransposeMatMul");
    const auto unique = run("Unique", {f32({4}, {2, 1, 2, 3})}, {}, {"y", "i", "n"});
    check_close(unique[0], f32({3}, {2, 1, 3}), 0, 0, "values");
    CHECK(unique[1].values<int>() == std::vector<int>{0, 1, 0, 2});
    CHECK(unique[2].values<int>() == std::vector<int>{2, 1, 1});
    check_close(run("GridSample", {f32({1, 1, 1, 2}, {1, 3}), f32({1, 1, 1, 2}, {0, 0})}, {})[0], f32({1, 1, 1, 1}, {2}), 1e-6, 0, "GridSample");
}

TEST_CASE("What cannot be spelled out is refused") {
    const Array x = f32({1, 16}, std::vector<float>(16, 1.f));
    CHECK_THROWS_AS(run("MatMulNBits", {x, x, x}, {onnx_int("K", 16), onnx_int("N", 1), onnx_int("weight_prepacked", 1)}), Error);
    CHECK_THROWS_AS(run("CDist", {x, x}, {onnx_text("metric", "cosine")}), Error);
    CHECK_THROWS_AS(run("MatMulBnb4", {x, x, x}, {onnx_int("transB", 0)}), Error);
    CHECK_THROWS_AS(run("QAttention", {x, x, x, x, x}, {onnx_int("do_rotary", 1)}), Error);
    CHECK_THROWS_AS(run("FusedConv", {f32({1, 1, 1, 1}, {1}), f32({1, 1, 1, 1}, {1})}, {onnx_text("activation", "NoSuch")}), Error);
    CHECK_THROWS_AS(run("BiasGelu", {{}, {}}, {}), Error);
}
