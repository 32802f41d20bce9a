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
