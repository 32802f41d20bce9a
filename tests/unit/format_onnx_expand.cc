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
        graph = std::move(graph).message(11, onnx_value(names.back(), x.dtype() == DType::i32 ? 6 : 1, dims));
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

TEST_CASE("What cannot be spelled out is refused") {
    const Array x = f32({1, 16}, std::vector<float>(16, 1.f));
    CHECK_THROWS_AS(run("MatMulNBits", {x, x, x, {}, x}, {onnx_int("K", 16), onnx_int("N", 1)}), Error);  // a group index
    CHECK_THROWS_AS(run("FusedConv", {f32({1, 1, 1, 1}, {1}), f32({1, 1, 1, 1}, {1})}, {onnx_text("activation", "NoSuch")}), Error);
    CHECK_THROWS_AS(run("BiasGelu", {{}, {}}, {}), Error);
}
