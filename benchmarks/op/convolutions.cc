// Conv, ConvTranspose, Pool and QLinearConv on layers of real networks.
#include "benchmarks/support/bench.h"
#include "lite/op/conv.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/pool.h"
#include "lite/op/qlinear_conv.h"

namespace lite_bench {
namespace {
struct Layer {
    const char* net;
    int64_t c, h, w, k, kh, kw, stride, group = 1;
};
constexpr Layer kLayers[] = {
        {"first resnet", 3, 224, 224, 64, 7, 7, 2},   {"first mobilenet", 3, 224, 224, 32, 3, 3, 2}, {"first yolo", 3, 320, 320, 16, 3, 3, 2},
        {"first unet", 3, 128, 128, 16, 3, 3, 1},     {"resnet", 64, 56, 56, 64, 3, 3, 1},           {"resnet", 128, 28, 28, 128, 3, 3, 1},
        {"resnet", 256, 14, 14, 256, 3, 3, 1},        {"resnet", 512, 7, 7, 512, 3, 3, 1},           {"resnet", 64, 56, 56, 128, 3, 3, 2},
        {"resnet", 128, 28, 28, 256, 3, 3, 2},        {"resnet", 256, 14, 14, 512, 3, 3, 2},         {"resnet", 64, 56, 56, 128, 1, 1, 2},
        {"resnet50", 64, 56, 56, 256, 1, 1, 1},       {"resnet50", 256, 56, 56, 64, 1, 1, 1},        {"resnet50", 512, 28, 28, 128, 1, 1, 1},
        {"resnet50", 1024, 14, 14, 256, 1, 1, 1},     {"resnet50", 2048, 7, 7, 512, 1, 1, 1},        {"resnet50", 512, 7, 7, 2048, 1, 1, 1},
        {"mobilenet", 32, 112, 112, 16, 1, 1, 1},     {"mobilenet", 16, 112, 112, 96, 1, 1, 1},      {"mobilenet", 24, 56, 56, 144, 1, 1, 1},
        {"mobilenet", 144, 56, 56, 24, 1, 1, 1},      {"mobilenet", 96, 14, 14, 576, 1, 1, 1},       {"mobilenet", 576, 14, 14, 96, 1, 1, 1},
        {"mobilenet", 960, 7, 7, 320, 1, 1, 1},       {"squeeze", 960, 1, 1, 240, 1, 1, 1},          {"shufflenet", 116, 28, 28, 116, 1, 1, 1},
        {"unet", 16, 256, 256, 16, 3, 3, 1},          {"unet", 32, 128, 128, 32, 3, 3, 1},           {"unet", 64, 64, 64, 64, 3, 3, 1},
        {"unet", 128, 32, 32, 128, 3, 3, 1},          {"unet", 32, 256, 256, 16, 3, 3, 1},           {"unet", 16, 256, 256, 2, 1, 1, 1},
        {"vgg", 64, 112, 112, 64, 3, 3, 1},           {"last", 16, 256, 256, 3, 3, 3, 1},            {"resnext", 128, 56, 56, 128, 3, 3, 1, 32},
        {"resnext", 256, 28, 28, 256, 3, 3, 1, 32},   {"resnext", 512, 14, 14, 512, 3, 3, 1, 32},    {"regnet", 208, 14, 14, 208, 3, 3, 1, 26},
        {"multiplier 2", 64, 28, 28, 128, 3, 3, 1, 64}, {"inception", 128, 17, 17, 128, 1, 7, 1},
        {"depthwise", 32, 112, 112, 32, 3, 3, 1, 32}, {"depthwise", 96, 112, 112, 96, 3, 3, 2, 96},  {"depthwise", 144, 56, 56, 144, 3, 3, 1, 144},
        {"depthwise", 144, 56, 56, 144, 3, 3, 2, 144}, {"depthwise", 192, 28, 28, 192, 3, 3, 1, 192}, {"depthwise", 576, 14, 14, 576, 3, 3, 1, 576},
        {"depthwise", 960, 7, 7, 960, 3, 3, 1, 960},  {"depthwise", 144, 56, 56, 144, 5, 5, 2, 144}, {"depthwise", 240, 28, 28, 240, 5, 5, 1, 240},
        {"depthwise", 672, 14, 14, 672, 5, 5, 1, 672}, {"depthwise", 1152, 7, 7, 1152, 5, 5, 1, 1152}, {"depthwise", 384, 14, 14, 384, 7, 7, 1, 384},
};
struct Transposed {
    int64_t k, stride, pad, size, c, out, group = 1;
};
constexpr Transposed kTransposed[] = {{2, 2, 0, 16, 256, 128}, {2, 2, 0, 64, 64, 32}, {2, 2, 0, 128, 32, 16}, {2, 2, 0, 160, 24, 24}, {2, 2, 0, 320, 24, 1},
                                      {4, 2, 1, 32, 128, 64},  {3, 2, 1, 32, 128, 64}, {9, 2, 4, 160, 56, 3}, {4, 2, 1, 64, 64, 64, 64}};
struct Pooled {
    PoolMode mode;
    int64_t k, stride, pad, size, channels;
};
constexpr Pooled kPooled[] = {{PoolMode::max, 3, 2, 1, 112, 64},  {PoolMode::max, 2, 2, 0, 112, 64},     {PoolMode::max, 3, 1, 1, 56, 64},
                              {PoolMode::max, 5, 1, 2, 13, 128},  {PoolMode::max, 13, 1, 6, 13, 128},    {PoolMode::average, 3, 1, 1, 56, 64},
                              {PoolMode::average, 3, 2, 1, 56, 64}, {PoolMode::average, 7, 1, 0, 7, 1280}};
constexpr Layer kInt8[] = {
        {"first mobilenet", 3, 224, 224, 32, 3, 3, 2}, {"mobilenet", 32, 112, 112, 16, 1, 1, 1}, {"mobilenet", 16, 112, 112, 96, 1, 1, 1},
        {"mobilenet", 96, 56, 56, 24, 1, 1, 1},        {"mobilenet", 24, 56, 56, 144, 1, 1, 1},  {"mobilenet", 144, 28, 28, 40, 1, 1, 1},
        {"mobilenet", 240, 14, 14, 80, 1, 1, 1},       {"mobilenet", 672, 14, 14, 112, 1, 1, 1}, {"mobilenet", 192, 7, 7, 1152, 1, 1, 1},
        {"mobilenet", 1152, 7, 7, 320, 1, 1, 1},       {"mobilenet", 320, 7, 7, 1280, 1, 1, 1},  {"resnet", 64, 56, 56, 64, 3, 3, 1},
        {"resnet", 256, 14, 14, 256, 3, 3, 1},         {"resnet", 128, 28, 28, 256, 3, 3, 2},    {"resnet50", 256, 14, 14, 1024, 1, 1, 1},
        {"depthwise", 32, 112, 112, 32, 3, 3, 1, 32},  {"depthwise", 96, 112, 112, 96, 3, 3, 2, 96}, {"depthwise", 144, 56, 56, 144, 3, 3, 1, 144},
        {"depthwise", 144, 56, 56, 144, 5, 5, 2, 144}, {"depthwise", 240, 28, 28, 240, 5, 5, 1, 240}, {"depthwise", 480, 14, 14, 480, 3, 3, 1, 480},
        {"depthwise", 672, 14, 14, 672, 5, 5, 1, 672}, {"depthwise", 1152, 7, 7, 1152, 5, 5, 1, 1152}};

std::string name_of_layer(const char* op, const Layer& l) {
    return text(op, "/", l.net, " ", l.c, "x", l.h, "x", l.w, "->", l.k, " ", l.kh, "x", l.kw, l.stride > 1 ? text("/", l.stride) : "", l.group > 1 ? text(" group ", l.group) : "");
}
double operations(const Layer& l) {
    const int64_t pixels = ((l.h - 1) / l.stride + 1) * ((l.w - 1) / l.stride + 1);
    return 2.0 * static_cast<double>(pixels * l.k * (l.c / l.group) * l.kh * l.kw);
}
Array bytes(DType t, const Shape& s) {
    Array a = Array::zeros(t, s);
    std::mt19937 g(1);
    for (size_t i = 0; i < a.bytes(); ++i) a.mutable_data()[i] = static_cast<std::byte>(g());
    return a;
}
}  // namespace

void add_convolutions(const Machine& m) {
    for (const Layer& l : kLayers) {
        Conv::Attributes a;
        a.strides = {l.stride, l.stride};
        a.pads = {l.kh / 2, l.kw / 2, l.kh / 2, l.kw / 2};
        a.group = l.group;
        a.activation = ElemwiseMode::relu;
        add_node(m, name_of_layer("Conv", l), describe<Conv>(), write_attributes(a),
                 {{random_f32({1, l.c, l.h, l.w}, 1)}, {random_f32({l.k, l.c / l.group, l.kh, l.kw}, 2), true}, {random_f32({l.k}, 3), true}}, 1, {operations(l)});
    }
    for (const Transposed& l : kTransposed) {
        ConvTranspose::Attributes a;
        a.strides = {l.stride, l.stride};
        a.pads = {l.pad, l.pad, l.pad, l.pad};
        a.group = l.group;
        add_node(m, text("ConvTranspose/", l.c, "x", l.size, "x", l.size, "->", l.out, " ", l.k, "x", l.k, "/", l.stride, l.group > 1 ? text(" group ", l.group) : ""),
                 describe<ConvTranspose>(), write_attributes(a),
                 {{random_f32({1, l.c, l.size, l.size}, 1)}, {random_f32({l.c, l.out / l.group, l.k, l.k}, 2), true}, {random_f32({l.out}, 3), true}}, 1,
                 {2.0 * static_cast<double>(l.c * l.out / l.group * l.k * l.k * l.size * l.size)});
    }
    for (const Pooled& l : kPooled) {
        Pool::Attributes a;
        a.mode = l.mode;
        a.kernel_shape = {l.k, l.k};
        a.strides = {l.stride, l.stride};
        a.pads = {l.pad, l.pad, l.pad, l.pad};
        add_node(m, text("Pool/", l.mode == PoolMode::max ? "max " : "average ", l.channels, "x", l.size, "x", l.size, " ", l.k, "x", l.k, "/", l.stride), describe<Pool>(),
                 write_attributes(a), {{random_f32({1, l.channels, l.size, l.size}, 1)}}, 1, {});
    }
    for (const auto& [channels, size] : {std::pair<int64_t, int64_t>{1280, 7}, {64, 112}, {96, 56}}) {
        Pool::Attributes a;
        a.mode = PoolMode::global_average;
        add_node(m, text("Pool/global average ", channels, "x", size, "x", size), describe<Pool>(), write_attributes(a), {{random_f32({1, channels, size, size}, 1)}}, 1, {});
    }
    for (const Layer& l : kInt8) {
        Attributes a;
        a.set("pads", std::vector<int64_t>{l.kh / 2, l.kw / 2, l.kh / 2, l.kw / 2});
        a.set("strides", std::vector<int64_t>{l.stride, l.stride});
        a.set("group", l.group);
        const Input scale{Array::scalar(0.02f), true}, zero{Array::of(Shape{}, std::vector<uint8_t>{128}), true};
        add_node(m, name_of_layer("QLinearConv", l), describe<QLinearConv>(), a,
                 {{bytes(DType::u8, {1, l.c, l.h, l.w})}, scale, zero, {bytes(DType::i8, {l.k, l.c / l.group, l.kh, l.kw}), true}, {Array::scalar(1e-4f), true},
                  {Array::of(Shape{}, std::vector<int8_t>{0}), true}, scale, zero, {Array::zeros(DType::i32, {l.k}), true}}, 1, {operations(l), 0, 0, m.int8_peak});
    }
}

}  // namespace lite_bench
