// Expectations are those of ONNX Runtime 1.32.
#include "tests/support/quant.h"
using namespace lite_test;

namespace {
Attributes conv(std::vector<int64_t> pads, std::vector<int64_t> strides = {}, std::vector<int64_t> dilations = {}, int64_t group
        = 1) {
    Attributes a;
    if (!pads.empty()) a.set("pads", std::move(pads));
    if (!strides.empty()) a.set("strides", std::move(strides));
    if (!dilations.empty()) a.set("dilations", std::move(dilations));
    a.set("group", group);
    return a;
}
}  // namespace

TEST_CASE("QLinearConv with groups, strides, pads and a scale per channel") {
    const OpCase test(describe<QLinearConv>(), conv({1, 1, 0, 1}, {2, 1}, {}, 2),
                      {activation(pattern(DType::u8, {1, 4, 4, 5}, 1, 0, 255)), constant(real(.02f)),
                              constant(integer(DType::u8, 120)),
                       constant(pattern(DType::i8, {6, 2, 3, 3}, 2, -127, 127)),
                       constant(reals({1.f / 512, 2.f / 512, 3.f / 512, 4.f / 512, 5.f / 512, 6.f / 512})),
                       constant(integers(DType::i8, {0, 0, 0, 0, 0, 0})), constant(real(.25f)), constant(integer(DType::u8, 110)),
                       constant(pattern(DType::i32, {6}, 3, -4000, 4000))});
    CHECK(test.outputs[0].shape == Shape{1, 6, 2, 5});
    check_values(test.run_reference()[0],
                 {115, 113, 106, 111, 111, 107, 108, 112, 111, 105, 109, 105, 95, 110, 111, 104, 107, 110, 102, 109, 109, 103,
                         104, 116, 119, 105, 99, 114, 93, 112, 102, 107, 107, 90, 101, 101, 118, 127, 118, 86, 106, 100, 111,
                         114, 94, 109, 108, 91, 127, 109, 117, 100, 109, 111, 110, 107, 111, 90, 133, 119});
}

TEST_CASE("QLinearConv of i8 images") {
    const OpCase test(describe<QLinearConv>(), conv({}, {}, {2, 1}),
                      {activation(pattern(DType::i8, {1, 3, 3, 3}, 1, -128, 127)), constant(real(.02f)),
                              constant(integer(DType::i8, -5)),
                       constant(pattern(DType::i8, {2, 3, 2, 2}, 2, -128, 127)), constant(real(.01f)),
                               constant(integer(DType::i8, 0)),
                       constant(real(.125f)), constant(integer(DType::i8, 7))});
    check_values(test.run_reference()[0], {-37, 27, -22, -16});
}

TEST_CASE("QLinearConv with u8 weights that have a zero point") {
    Attributes a;
    a.set("auto_pad", std::string("SAME_UPPER"));
    const OpCase test(describe<QLinearConv>(), a,
                      {activation(pattern(DType::u8, {1, 3, 3, 3}, 1, 0, 255)), constant(real(.02f)),
                              constant(integer(DType::u8, 50)),
                       constant(pattern(DType::u8, {2, 3, 2, 2}, 2, 0, 255)), constant(real(.01f)), constant(integer(DType::u8,
                               140)),
                       constant(real(.125f)), constant(integer(DType::u8, 7))});
    check_values(test.run_reference()[0], {19, 72, 0, 0, 51, 0, 31, 41, 19, 0, 0, 0, 0, 0, 0, 6, 0, 0});
}

TEST_CASE("ConvInteger") {
    const OpCase image(describe<ConvInteger>(), conv({1, 0, 0, 1}),
                       {activation(pattern(DType::u8, {1, 2, 3, 3}, 1, 0, 255)), constant(pattern(DType::u8, {2, 2, 2, 2}, 2, 0,
                               255)),
                        activation(integer(DType::u8, 100)), constant(integer(DType::u8, 130))});
    check_values(image.run_reference()[0],
                 {-8628, 18940, -17088, -5140, 15108, -14280, -12652, 9996, 1804, -7652, 22124, -13776, -6996, 16388, -6456,
                         -1772, 17100, 7964});
    const OpCase line(describe<ConvInteger>(), conv({}, {2}),
                      {activation(pattern(DType::u8, {1, 2, 6}, 1, 0, 255)), constant(pattern(DType::i8, {2, 2, 3}, 2, -128,
                              127)),
                       activation(integer(DType::u8, 100))});
    check_values(line.run_reference()[0], {2936, -4592, 23812, -14788});
}

TEST_CASE("Quantized convolutions refuse what does not fit") {
    const Array x = Array::zeros(DType::u8, {1, 3, 4, 4}), w = Array::zeros(DType::i8, {2, 2, 3, 3});
    CHECK_THROWS_AS(OpCase(describe<ConvInteger>(), {}, {activation(x), constant(w)}), Error);
    CHECK_THROWS_AS(OpCase(describe<ConvInteger>(), {}, {activation(Array::zeros(DType::f32, {1, 2, 4, 4})), constant(w)}),
            Error);
}
