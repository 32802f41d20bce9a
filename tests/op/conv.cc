#include "lite/op/conv.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
// Small integers from a fixed generator, so that sums are exact and the expected numbers below (computed with ONNX Runtime)
// can be compared bit for bit.
Array integers(const Shape& shape, uint32_t seed, DType type = DType::f32) {
    Array a = Array::zeros(type, shape);
    for (int64_t i = 0; i < a.count(); ++i) {
        seed = seed * 1664525u + 1013904223u;
        const float v = static_cast<float>(static_cast<int>((seed >> 24) & 15u) - 7);
        if (type == DType::f32) reinterpret_cast<float*>(a.mutable_data())[i] = v;
        else if (type == DType::f64) reinterpret_cast<double*>(a.mutable_data())[i] = static_cast<double>(v);
        else reinterpret_cast<Half*>(a.mutable_data())[i] = Half(v);
    }
    return a;
}
using Ints = std::vector<int64_t>;
struct Fixed {
    Conv::Attributes a;
    Shape x, w, y;
    bool bias;
    std::vector<float> want;
};
std::vector<Fixed> fixed_cases() {
    std::vector<Fixed> list;
    Conv::Attributes a;
    a.group = 2;
    a.dilations = {1, 2};
    a.strides = {2, 1};
    a.pads = {1, 0, 0, 2};
    list.push_back({a, {1, 4, 5, 6}, {4, 2, 3, 2}, {1, 4, 2, 6}, true,
                    {-112, -141, 63,  85,  -20, -55, -23, 24, -67, -116, -54, 35,  63, 49,  -50, -6, 12,  -5,   -40, 30, -30, 30, 37, 40,
                     150,  29,   -55, 32,  66,  64,  -74, -96, 142, 137,  7,   -55, 61, 40,  -5,  -49, 26, 4,    -146, -26, 72, 11, 26, -42}});
    a = {};
    a.auto_pad = "SAME_LOWER";
    a.strides = {2};
    list.push_back({a, {2, 3, 7}, {2, 3, 3}, {2, 2, 4}, false, {-79, -2, -98, 34, 10, -52, 72, -39, -15, 43, 74, 34, -50, 41, 23, -2}});
    a = {};
    a.pads = {0, 1, 1, 1, 0, 1};
    a.strides = {1, 2, 2};
    list.push_back({a, {1, 2, 3, 3, 4}, {2, 2, 2, 2, 3}, {1, 2, 3, 2, 2}, true,
                    {18, 43, -157, -15, 52, -38, 124, -59, -41, -46, 59, -97, 94, 105, -3, 105, 3, 62, 80, -67, -29, 25, -57, 58}});
    a = {};
    a.auto_pad = "SAME_UPPER";
    a.strides = {1, 3};
    list.push_back({a, {1, 1, 5, 5}, {1, 1, 2, 2}, {1, 1, 5, 2}, false, {-44, -28, 116, 30, -43, -58, 28, 39, -6, -18}});
    return list;
}
}  // namespace

TEST_CASE("Conv has the results of ONNX Runtime in every floating type") {
    for (const Fixed& f : fixed_cases())
        for (DType t : {DType::f32, DType::f64, DType::f16}) {
            std::vector<TestTensor> in = {activation(integers(f.x, 1, t)), constant(integers(f.w, 2, t))};
            if (f.bias) in.push_back(constant(integers({f.w[0]}, 3, t)));
            const OpCase test(describe<Conv>(), write_attributes(f.a), std::move(in));
            CHECK(test.outputs[0].shape == f.y);
            const std::vector<float> got = test.run_reference()[0].values<float>();
            CHECK(got == f.want);  // integers below 2048: exact in f16, too
        }
}

TEST_CASE("Conv infers around unknown extents and refuses what does not fit") {
    const auto infer = [](Conv::Attributes a, const Shape& x, const Shape& w) {
        Graph g;
        Node n;
        n.op = &describe<Conv>();
        n.name = "c";
        n.attributes = write_attributes(a);
        n.inputs = {g.add_input("x", DType::f32, x), g.add_input("w", DType::f32, w)};
        n.outputs = {g.add_value("y")};
        InferContext c(g, n, {TensorInfo{DType::f32, x, true}, TensorInfo{DType::f32, w, true}});
        Conv::infer(c);
        return c.outputs()[0].shape;
    };
    Conv::Attributes a;
    a.pads = {1, 1, 1, 1};
    CHECK(infer(a, {kUnknown, 3, kUnknown, 8}, {5, 3, 3, 3}) == Shape{kUnknown, 5, kUnknown, 8});
    CHECK(infer(a, {1, 3, 7, 8}, {5, 3, 3, 4}) == Shape{1, 5, 7, 7});
    CHECK(infer(a, {0, 3, 7, 8}, {5, 3, 3, 3}) == Shape{0, 5, 7, 8});
    CHECK(infer({}, {1, 3, 0, 8}, {5, 3, 3, 3}) == Shape{1, 5, 0, 6});
    a = {};
    a.auto_pad = "SAME_UPPER";
    a.strides = {2, 2};
    CHECK(infer(a, {1, 3, 7, kUnknown}, {5, 3, 3, 3}) == Shape{1, 5, 4, kUnknown});
    CHECK_THROWS_AS(infer({}, {1, 3, 7, 7}, {5, 4, 3, 3}), Error);
    CHECK_THROWS_AS(infer({}, {1, 3, 2, 7}, {5, 3, 3, 3}), Error);
    CHECK_THROWS_AS(infer({}, {1, 3, 7, 7}, {5, 3, 3}), Error);
    a = {};
    a.strides = {0, 1};
    CHECK_THROWS_AS(infer(a, {1, 3, 7, 7}, {5, 3, 3, 3}), Error);
    a = {};
    a.pads = {1, 1};
    CHECK_THROWS_AS(infer(a, {1, 3, 7, 7}, {5, 3, 3, 3}), Error);
    a = {};
    a.auto_pad = "SOME";
    CHECK_THROWS_AS(infer(a, {1, 3, 7, 7}, {5, 3, 3, 3}), Error);
}

namespace {
Conv::Attributes window(Ints strides = {}, Ints pads = {}, Ints dilations = {}, int64_t group = 1) {
    Conv::Attributes a;
    a.strides = std::move(strides);
    a.pads = std::move(pads);
    a.dilations = std::move(dilations);
    a.group = group;
    return a;
}
// Sums of n products of numbers in [-1, 1) in another order. Each addition rounds its partial sum, of size sqrt(k) / 3 after k
// products, by up to 2^-24 of it: together a deviation of about n / 7 * 2^-24, of which six are n; short sums have the products'
// own roundings besides, sqrt(n) of them, where 16 covers the tails.
double tolerance(const Shape& w) {
    double n = 1;
    for (size_t i = 1; i < w.rank(); ++i) n *= static_cast<double>(w[i]);
    return (n + 16 * std::sqrt(n + 1)) * 0x1p-24 + 1e-6;
}
int check_case(Conv::Attributes a, const Shape& x, const Shape& w, bool bias = true, bool constant_weights = true) {
    std::vector<TestTensor> in = {activation(random_f32(x, 1)), {random_f32(w, 2), constant_weights}};
    if (bias) in.push_back({random_f32({w[0]}, 3), constant_weights});
    if (a.residual) {
        if (!bias) in.push_back(absent());
        const OpCase plain(describe<Conv>(), write_attributes([&] { auto b = a; b.residual = 0; return b; }()), {in[0], in[1]});
        in.push_back(activation(random_f32(plain.outputs[0].shape, 4)));
    }
    const OpCase test(describe<Conv>(), write_attributes(a), std::move(in));
    INFO("x ", text(x), " w ", text(w), " strides ", text(a.strides), " pads ", text(a.pads), " group ", a.group);
    // Winograd's transforms cost about 2 bits, and its sums have 4 times the terms.
    const bool winograd = w.rank() == 4 && w[2] == 3 && w[3] == 3 && a.group == 1;
    return check_all_kernels(test, tolerance(w) * (winograd ? 4 : 1), 1e-6);
}
}  // namespace

TEST_CASE("Conv kernels: pointwise") {
    for (const auto& [x, w] : std::vector<std::pair<Shape, Shape>>{{{1, 16, 5, 5}, {32, 16, 1, 1}},
                                                                   {{2, 3, 7, 9}, {5, 3, 1, 1}},
                                                                   {{1, 40, 1, 1}, {33, 40, 1, 1}},
                                                                   {{1, 33, 1, 37}, {48, 33, 1, 1}},
                                                                   {{3, 24, 2, 2}, {1, 24, 1, 1}},
                                                                   {{1, 512, 7, 7}, {160, 512, 1, 1}},
                                                                   {{1, 20, 31}, {20, 20, 1}},
                                                                   {{1, 6, 3, 4, 5}, {9, 6, 1, 1, 1}}}) {
        CHECK(check_case({}, x, w) > 0);
        CHECK(check_case({}, x, w, false) > 0);
    }
    CHECK(check_case(window({2, 2}), {1, 20, 7, 8}, {36, 20, 1, 1}) > 0);
    CHECK(check_case(window({3, 2}, {1, 0, 2, 1}), {2, 20, 7, 8}, {36, 20, 1, 1}) > 0);
}

TEST_CASE("Conv kernels: windows, strides, dilations, pads, groups") {
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {1, 16, 9, 11}, {16, 16, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {2, 19, 30, 30}, {35, 19, 3, 3}) > 0);
    CHECK(check_case(window({2, 2}, {0, 0, 1, 1}), {1, 17, 12, 13}, {40, 17, 3, 3}) > 0);
    CHECK(check_case(window({3, 2}, {2, 0, 1, 3}), {1, 8, 13, 9}, {24, 8, 5, 4}) > 0);
    CHECK(check_case(window({1, 1}, {3, 3, 3, 3}), {1, 8, 7, 7}, {8, 8, 7, 7}) > 0);
    CHECK(check_case(window({1, 1}, {2, 4, 2, 4}, {2, 4}), {1, 12, 10, 11}, {20, 12, 3, 3}) > 0);
    CHECK(check_case(window({2, 1}, {1, 0, 0, 2}, {1, 2}), {2, 16, 6, 7}, {16, 16, 2, 3}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {1, 16, 1, 1}, {16, 16, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {4, 4, 4, 4}), {1, 16, 1, 2}, {16, 16, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {0, 2, 0, 2}), {1, 16, 6, 6}, {16, 16, 1, 5}) > 0);
    CHECK(check_case(window({1, 1}, {2, 0, 2, 0}), {1, 16, 6, 6}, {16, 16, 5, 1}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}, {}, 2), {1, 32, 6, 6}, {64, 16, 3, 3}) > 0);
    CHECK(check_case(window({2, 2}, {1, 1, 1, 1}, {}, 4), {1, 64, 7, 6}, {64, 16, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}, {}, 3), {2, 15, 5, 6}, {21, 5, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {}, {}, 8), {1, 8, 6, 6}, {8, 1, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {}, {}, 8), {1, 8, 6, 6}, {16, 1, 3, 3}) > 0);
    Conv::Attributes same;
    same.auto_pad = "SAME_LOWER";
    same.strides = {2, 2};
    CHECK(check_case(same, {1, 16, 9, 10}, {16, 16, 4, 3}) > 0);
}

TEST_CASE("Conv kernels: groups narrower than a block") {
    for (const auto& [c, k, group] : std::vector<std::array<int64_t, 3>>{
                 {32, 32, 8}, {64, 64, 8}, {40, 40, 5}, {104, 104, 13}, {12, 12, 6}, {8, 16, 8}, {20, 40, 20}, {32, 16, 8}, {30, 60, 10}, {16, 128, 8}, {7, 7, 7}, {36, 36, 3}}) {
        const Shape w{k, c / group, 3, 3};
        CHECK(check_case(window({1, 1}, {1, 1, 1, 1}, {}, group), {2, c, 9, 8}, w) > 0);
        CHECK(check_case(window({2, 1}, {0, 1, 1, 0}, {1, 2}, group), {1, c, 7, 19}, w, false) > 0);
        CHECK(check_case(window({1, 1}, {}, {}, group), {1, c, 5, 5}, {k, c / group, 1, 1}) > 0);
        Conv::Attributes a = window({1, 1}, {1, 1, 1, 1}, {}, group);
        a.residual = 1;
        a.activation = ElemwiseMode::hard_sigmoid;
        a.activation_alpha = 0.2f;
        a.activation_beta = 0.5f;
        CHECK(check_case(a, {1, c, 4, 5}, w) > 0);
    }
    CHECK(check_case(window({1, 1, 1}, {1, 1, 1, 1, 1, 1}, {}, 24), {1, 24, 3, 4, 5}, {24, 1, 3, 3, 3}) > 0);
    CHECK(check_case(window({1}, {1, 1}, {}, 8), {1, 32, 50}, {32, 4, 3}) > 0);
}

TEST_CASE("Conv kernels: few output channels on dense images") {
    for (int64_t k : {1, 2, 3, 5, 8}) {
        CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {2, 5, 9, 70}, {k, 5, 3, 3}) > 0);
        CHECK(check_case(window({1, 1}), {1, 16, 40, 33}, {k, 16, 1, 1}, false) > 0);
        CHECK(check_case(window({1, 1}, {3, 19, 3, 19}), {1, 2, 17, 50}, {k, 2, 7, 39}) > 0);
        CHECK(check_case(window({1, 1}, {4, 0, 1, 6}, {2, 3}), {1, 3, 30, 20}, {k, 3, 3, 4}) > 0);
        CHECK(check_case(window({1}, {0, 5}), {2, 4, 200}, {k, 4, 5}) > 0);
        CHECK(check_case(window({1, 1}, {0, 9, 0, 9}), {1, 1, 5, 3}, {k, 1, 2, 5}) > 0);  // windows that lie in the padding
    }
    Conv::Attributes a = window({1, 1}, {1, 1, 1, 1}, {}, 2);
    a.activation = ElemwiseMode::sigmoid;
    CHECK(check_case(a, {1, 6, 12, 14}, {4, 3, 3, 3}) > 0);
    a.activation = ElemwiseMode::relu;
    CHECK(check_case(a, {1, 6, 12, 14}, {4, 3, 3, 3}) > 0);
}

TEST_CASE("Conv kernels: an infinity stays in its group") {
    Array x = random_f32({1, 40, 4, 4}, 1);
    reinterpret_cast<float*>(x.mutable_data())[11 * 16 + 5] = INFINITY;
    const OpCase test(describe<Conv>(), write_attributes(window({1, 1}, {1, 1, 1, 1}, {}, 5)), {activation(std::move(x)), constant(random_f32({40, 8, 3, 3}, 2))});
    CHECK(check_all_kernels(test, 1e-5, 1e-6) > 0);
}

TEST_CASE("Conv kernels: 3x3 of stride 1 on images of every size around a tile") {
    for (int64_t size = 1; size <= 9; ++size) CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {1, 17, size, 10 - size}, {19, 17, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {2, 16, 23, 41}, {16, 16, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {0, 2, 2, 1}), {1, 48, 13, 14}, {80, 48, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}), {1, 200, 9, 9}, {64, 200, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {2, 530, 7, 6}, {40, 530, 3, 3}) > 0);
}

TEST_CASE("Conv kernels: first layers, one and three spatial axes") {
    CHECK(check_case(window({2, 2}, {1, 1, 1, 1}), {1, 3, 21, 22}, {32, 3, 3, 3}) > 0);
    CHECK(check_case(window({2, 2}, {3, 3, 3, 3}), {2, 3, 23, 30}, {24, 3, 7, 7}) > 0);
    CHECK(check_case(window({1, 1}, {2, 2, 2, 2}, {2, 2}), {1, 1, 9, 8}, {17, 1, 3, 3}) > 0);
    CHECK(check_case(window({1, 1}), {1, 4, 9, 8}, {17, 4, 2, 5}) > 0);
    CHECK(check_case(window({2}, {1, 2}), {1, 16, 33}, {24, 16, 5}) > 0);
    CHECK(check_case(window({4}, {0, 3}, {3}), {2, 3, 50}, {24, 3, 6}) > 0);
    CHECK(check_case(window({1}, {2, 2}), {1, 32, 3000}, {24, 32, 5}) > 0);
    CHECK(check_case(window({2}, {0, 0}), {1, 1, 600}, {20, 1, 64}) > 0);
    CHECK(check_case(window({2}, {3, 1}, {2}), {2, 40, 9}, {8, 40, 3}) > 0);
    CHECK(check_case(window({1, 2, 2}, {1, 1, 1, 1, 1, 1}), {1, 16, 4, 6, 7}, {18, 16, 3, 3, 3}) > 0);
    CHECK(check_case(window({2, 1, 1}, {0, 1, 0, 1, 1, 2}, {1, 2, 1}), {1, 3, 6, 6, 7}, {8, 3, 2, 3, 3}) > 0);
}

TEST_CASE("Conv kernels: residual and activations, computed weights, nothing at all") {
    for (ElemwiseMode mode : {ElemwiseMode::relu, ElemwiseMode::clip, ElemwiseMode::silu, ElemwiseMode::sigmoid, ElemwiseMode::hard_swish,
                              ElemwiseMode::leaky_relu})
        for (int64_t residual : {0, 1}) {
            Conv::Attributes a = window({1, 1}, {1, 1, 1, 1});
            a.activation = mode;
            a.activation_alpha = 0.25f;
            a.activation_beta = 0.75f;
            a.residual = residual;
            CHECK(check_case(a, {1, 18, 5, 6}, {21, 18, 3, 3}, residual == 0) > 0);
            a.pads = {};
            CHECK(check_case(a, {2, 10, 3, 5}, {21, 10, 1, 1}) > 0);
        }
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {1, 18, 5, 6}, {21, 18, 3, 3}, true, false) > 0);
    CHECK(check_case(window({1, 1}, {1, 1, 1, 1}), {0, 18, 5, 6}, {21, 18, 3, 3}) > 0);
    CHECK(check_case(window(), {1, 18, 0, 6}, {21, 18, 3, 3}) > 0);
}

TEST_CASE("Conv kernels: images of one pixel") {
    for (ElemwiseMode mode : {ElemwiseMode::identity, ElemwiseMode::relu, ElemwiseMode::hard_sigmoid})
        for (int64_t c : {1, 16, 37, 480})
            for (int64_t k : {1, 8, 21, 120}) {
                Conv::Attributes a;
                a.activation = mode;
                a.activation_alpha = 0.2f;
                a.activation_beta = 0.5f;
                CHECK(check_case(a, {c % 3 + 1, c, 1, 1}, {k, c, 1, 1}, c != 37) > 0);
            }
}
