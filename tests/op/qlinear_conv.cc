// Expectations are those of ONNX Runtime 1.32.
#include "lite/op/conv_integer_to_float.h"
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

namespace {
struct QConv {
    Shape x, w;
    Attributes attributes;
    DType x_type = DType::u8, w_type = DType::i8, y_type = DType::u8;
    int x_zero = 120, w_zero = 0, y_zero = 110;
    bool per_channel = true;
};
std::vector<TestTensor> tensors(const QConv& q) {
    const auto k = static_cast<size_t>(q.w[0]);
    std::vector<float> scales(q.per_channel ? k : 1);
    std::vector<int> zeros(scales.size(), q.w_zero);
    // Sums of n products of bytes spread by about 5000 sqrt(n): scaled to some 50 steps.
    const auto n = static_cast<float>(q.w.count(1, q.w.rank()));
    for (size_t i = 0; i < scales.size(); ++i) scales[i] = (0.5f + static_cast<float>(i % 7) * 0.25f) / (100.f * std::sqrt(n)) * 0.04f;
    return {activation(random_bytes(q.x_type, q.x, 1)), constant(real(.5f)), constant(integer(q.x_type, q.x_zero)), constant(random_bytes(q.w_type, q.w, 2)),
            constant(reals(scales)), constant(integers(q.w_type, zeros)), constant(real(.02f)), constant(integer(q.y_type, q.y_zero)),
            constant(pattern(DType::i32, {q.w[0]}, 3, -4000, 4000))};
}
// Every row, every instruction set, bit for bit.
int check_exact(const QConv& q) {
    const OpCase test(describe<QLinearConv>(), q.attributes, tensors(q));
    const auto v = test.run_reference()[0].values<int>();
    int inside = 0;
    for (int i : v) inside += i != -128 && i != 0 && i != 255 && i != 127;
    if (v.size() > 50) CHECK(inside > static_cast<int>(v.size()) / 4);  // the data must not only saturate
    return check_all_kernels(test, 0, 0);
}
}  // namespace

TEST_CASE("QLinearConv kernels: 1 x 1, any number of channels") {
    for (int64_t c : {1, 3, 4, 7, 16, 18, 35, 64})
        for (int64_t k : {1, 8, 16, 24, 33, 70}) CHECK(check_exact({{1, c, 5, 7}, {k, c, 1, 1}, {}}) > 0);
    CHECK(check_exact({{2, 20, 9, 9}, {40, 20, 1, 1}, conv({}, {2, 2})}) > 0);
}

TEST_CASE("QLinearConv kernels: windows, pads, strides, dilations, groups") {
    for (int64_t c : {3, 8, 17}) {
        CHECK(check_exact({{1, c, 7, 9}, {20, c, 3, 3}, conv({1, 1, 1, 1})}) > 0);
        CHECK(check_exact({{2, c, 8, 7}, {9, c, 3, 3}, conv({0, 1, 1, 0}, {2, 2})}) > 0);
        CHECK(check_exact({{1, c, 9, 11}, {5, c, 3, 2}, conv({2, 1, 2, 1}, {1, 2}, {2, 3})}) > 0);
        CHECK(check_exact({{1, c, 12}, {6, c, 5}, conv({2, 2})}) > 0);
        CHECK(check_exact({{1, c, 4, 5, 3}, {6, c, 2, 3, 2}, conv({1, 1, 0, 0, 1, 1})}) > 0);
    }
    CHECK(check_exact({{1, 12, 6, 6}, {8, 3, 3, 3}, conv({1, 1, 1, 1}, {}, {}, 4)}) > 0);
    CHECK(check_exact({{1, 64, 6, 6}, {96, 32, 3, 3}, conv({1, 1, 1, 1}, {}, {}, 2)}) > 0);
    CHECK(check_exact({{1, 3, 2, 2}, {4, 3, 7, 7}, conv({3, 3, 3, 3}, {2, 2})}) > 0);
}

TEST_CASE("QLinearConv kernels: signed and unsigned, zero points of weights") {
    for (DType x : {DType::u8, DType::i8})
        for (DType w : {DType::u8, DType::i8})
            for (int w_zero : {0, 100}) {
                QConv q{{1, 20, 6, 6}, {18, 20, 3, 3}, conv({1, 1, 1, 1})};
                q.x_type = x;
                q.w_type = w;
                q.y_type = x;
                q.x_zero = x == DType::i8 ? -5 : 140;
                q.y_zero = x == DType::i8 ? 9 : 110;
                q.w_zero = w == DType::u8 ? 128 - w_zero / 20 : w_zero / 20;
                q.per_channel = w_zero == 0;
                CHECK(check_exact(q) > 0);
                q.x = {1, 5, 6, 6};
                q.w = {18, 5, 3, 3};
                CHECK(check_exact(q) > 0);
            }
}

TEST_CASE("QLinearConv kernels: depthwise") {
    for (int64_t c : {16, 20, 32, 40, 48, 64, 96, 144, 1})
        for (int64_t k : {3, 5, 7}) {
            const int64_t p = k / 2;
            CHECK(check_exact({{1, c, 8, 9}, {c, 1, k, k}, conv({p, p, p, p}, {}, {}, c)}) > 0);
            CHECK(check_exact({{2, c, 9, 8}, {c, 1, k, k}, conv({p, p, p, p}, {2, 2}, {}, c)}) > 0);
        }
    CHECK(check_exact({{1, 24, 9, 9}, {24, 1, 3, 3}, conv({2, 2, 2, 2}, {}, {2, 2}, 24)}) > 0);
    CHECK(check_exact({{1, 24, 9, 9}, {24, 1, 1, 4}, conv({0, 0, 0, 3}, {1, 3}, {}, 24)}) > 0);
    CHECK(check_exact({{1, 24, 19}, {24, 1, 8}, conv({4, 3}, {}, {}, 24)}) > 0);
    CHECK(check_exact({{1, 24, 19}, {48, 1, 3}, conv({1, 1}, {}, {}, 24)}) > 0);
    QConv q{{1, 40, 5, 5}, {40, 1, 3, 3}, conv({1, 1, 1, 1}, {}, {}, 40)};
    q.x_type = q.y_type = DType::i8;
    q.x_zero = 3;
    q.y_zero = -20;
    CHECK(check_exact(q) > 0);
    q.w_type = DType::u8;
    q.w_zero = 130;
    CHECK(check_exact(q) > 0);
}

TEST_CASE("QLinearConv kernels: a fused clamp, empty images") {
    QConv q{{1, 8, 6, 6}, {40, 8, 1, 1}, {}};
    q.attributes.set("activation", static_cast<int64_t>(ElemwiseMode::relu));
    CHECK(check_exact(q) > 0);
    q.attributes.set("activation", static_cast<int64_t>(ElemwiseMode::clip));
    q.attributes.set("activation_alpha", -.5f);
    q.attributes.set("activation_beta", .75f);
    CHECK(check_exact(q) > 0);
    CHECK(check_all_kernels(OpCase(describe<QLinearConv>(), {}, tensors({{0, 8, 6, 6}, {4, 8, 1, 1}, {}})), 0, 0) > 0);
}

TEST_CASE("ConvInteger kernels") {
    for (DType x : {DType::u8, DType::i8})
        for (DType w : {DType::u8, DType::i8})
            for (int64_t c : {3, 20})
                for (int64_t k : {5, 40}) {
                    const OpCase test(describe<ConvInteger>(), conv({1, 1, 1, 1}),
                                      {activation(random_bytes(x, {1, c, 6, 7}, 1)), constant(random_bytes(w, {k, c, 3, 3}, 2)),
                                       activation(integer(x, 100)), constant(integer(w, 7))});
                    CHECK(check_all_kernels(test, 0, 0) > 0);
                }
    const OpCase depthwise(describe<ConvInteger>(), conv({1, 1, 1, 1}, {}, {}, 40),
                           {activation(random_bytes(DType::u8, {1, 40, 6, 7}, 1)), constant(random_bytes(DType::i8, {40, 1, 3, 3}, 2)),
                            activation(integer(DType::u8, 100))});
    CHECK(check_all_kernels(depthwise, 0, 0) > 0);
}

TEST_CASE("ConvIntegerToFloat kernels") {
    for (DType x : {DType::u8, DType::i8})
        for (int64_t k : {5, 40})
            for (int64_t mode : {static_cast<int64_t>(ElemwiseMode::identity), static_cast<int64_t>(ElemwiseMode::relu)}) {
                Attributes a = conv({1, 1, 1, 1});
                a.set("activation", mode);
                const OpCase test(describe<ConvIntegerToFloat>(), a,
                                  {activation(random_bytes(x, {1, 20, 6, 7}, 1)), constant(random_bytes(DType::i8, {k, 20, 3, 3}, 2)),
                                   activation(real(.01f)), constant(real(.003f)), activation(integer(x, 100)), absent(),
                                   mode ? constant(random_f32({k}, 3)) : absent()});
                // A product and a sum in float, with one rounding or two.
                CHECK(check_all_kernels(test, 1e-5, 1e-6) > 0);
            }
}
