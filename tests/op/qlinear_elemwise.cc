// QLinearAdd, Mul, Sigmoid, LeakyRelu, Softmax, pools and Concat; expectations are those of ONNX Runtime 1.32.
#include "tests/support/quant.h"
using namespace lite_test;

namespace {
Array wave(DType t) {
    Array a = pattern(DType::u8, {2, 3, 4}, 1, 0, 255);
    return Array(t, a.shape(), a.owner());
}
Array column(DType t) {
    Array a = pattern(DType::u8, {3, 1}, 2, 0, 255);
    return Array(t, a.shape(), a.owner());
}
std::vector<TestTensor> quantized(Array x, float scale, int zero) {
    const DType t = x.dtype();
    return {activation(std::move(x)), constant(real(scale)), constant(integer(t, zero))};
}
std::vector<TestTensor> operator+(std::vector<TestTensor> a, const std::vector<TestTensor>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
std::vector<TestTensor> target(DType t, float scale, int zero) { return {constant(real(scale)), constant(integer(t, zero))}; }
}  // namespace

TEST_CASE("QLinearAdd broadcasts") {
    const OpCase test(describe<QLinearAdd>(), {}, quantized(wave(DType::u8), .02f, 100) + quantized(column(DType::u8), .03f, 90)
            + target(DType::u8, .04f, 80));
    // One step: halves may round either way, depending on whether the sum is made with one rounding or two.
    check_values(test.run_reference()[0],
                 {80, 104, 160, 118, 142, 162, 214, 168, 43, 59, 0, 56, 110, 122, 166, 112, 124, 132, 172, 114, 105, 0, 16, 82},
                 1);
}

TEST_CASE("QLinearMul broadcasts") {
    const OpCase test(describe<QLinearMul>(), {}, quantized(wave(DType::i8), .02f, 0) + quantized(column(DType::i8), .03f, -9) +
            target(DType::i8, .04f, 8));
    check_values(test.run_reference()[0],
                 {120, 127, -66, -128, -127, 127, 12, 123, -46, -32, 8, -35, 127, -128, -43, 127, -83, -103, 114, -56, 8, 11,
                         41, -12});
}

TEST_CASE("Kernels of QLinearAdd and QLinearMul broadcast") {
    const auto constants = [](DType t, const Shape& s, int zero) {
        return std::vector<TestTensor>{constant(random_bytes(t, s, 2)), constant(real(.03f)), constant(integer(t, zero))};
    };
    for (DType t : {DType::u8, DType::i8})
        for (const auto& [a, b] : {std::pair<Shape, Shape>{{2, 3, 5, 7}, {1, 3, 1, 1}}, {{1, 70, 9, 4}, {}}, {{1, 5, 3000}, {1, 5, 1}}, {{2, 3, 1, 4}, {3, 2, 1}}, {{4, 8}, {8}},
                                   {{1, 3, 6, 8}, {2, 3, 1, 8}}, {{6, 1, 4}, {6, 5, 1}}}) {
            const auto x = quantized(random_bytes(t, a, 1), .02f, 10), y = quantized(random_bytes(t, b, 2), .03f, -3 + byte_shift(t) / 32);
            const auto to = target(t, .04f, 5), c = constants(t, b, 5);
            // One step: the kernel sums with one rounding.
            CHECK(check_all_kernels(OpCase(describe<QLinearAdd>(), {}, x + y + to), 1, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearMul>(), {}, x + y + to), 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearAdd>(), {}, c + x + to), 1, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearMul>(), {}, x + c + to), 0, 0) > 0);
        }
}

TEST_CASE("QLinearSigmoid and QLinearLeakyRelu") {
    check_values(OpCase(describe<QLinearSigmoid>(), {}, quantized(wave(DType::u8), .05f, 100) + target(DType::u8, 1.f / 256,
            0)).run_reference()[0],
                 {29, 150, 255, 215, 162, 237, 255, 244, 211, 245, 2, 242, 185, 229, 255, 190, 57, 100, 248, 22, 255, 2, 62,
                         255});
    Attributes a;
    a.set("alpha", .2f);
    check_values(OpCase(describe<QLinearLeakyRelu>(), a, quantized(wave(DType::i8), .05f, -3) + target(DType::i8, .04f,
            10)).run_reference()[0],
                 {88, 127, 1, -20, 127, -16, 10, -13, -21, -13, 15, -14, 127, -18, 4, 127, 108, 127, -11, 80, 12, 22, 110, -1});
}

TEST_CASE("QLinearSoftmax along one axis, or before opset 13 over all that follow") {
    Attributes a;
    const auto u8 = quantized(wave(DType::u8), .02f, 100);
    check_values(OpCase(describe<QLinearSoftmax>(), a, u8 + target(DType::u8, .0039f, 0)).run_reference()[0],
                 {8, 21, 191, 36, 11, 25, 190, 30, 55, 104, 4, 93, 20, 33, 182, 21, 27, 37, 175, 17, 179, 1, 5, 71});
    a.set("axis", int64_t{1});
    check_values(OpCase(describe<QLinearSoftmax>(), a, quantized(wave(DType::i8), .02f, -3) + target(DType::i8, .0031f, -128)).run_reference()[0],
                 {-44, 127, -67, -54, 108, -124, -3, 1, -126, -122, 8, -9, 86, -123, -93, 121, -39, 127, -118, -64, -109, -78, 127, -119});
    InferContext open(Graph(), Node(), {{DType::u8, {2, kUnknown}, true}, {DType::f32, {}, true}, {}, {DType::f32, {}, true}, {}});
    QLinearSoftmax::infer(open);  // an extent may come with the input
    a.set("opset", int64_t{12});
    check_values(OpCase(describe<QLinearSoftmax>(), a, u8 + target(DType::u8, .0039f, 5)).run_reference()[0],
                 {7, 11, 57, 15, 11, 19, 111, 22, 14, 23, 6, 21, 12, 16, 65, 12, 8, 9, 23, 7, 106, 6, 8, 45});
}

TEST_CASE("QLinearGlobalAveragePool and QLinearAveragePool") {
    const auto in = quantized(pattern(DType::u8, {1, 2, 4, 4}, 4, 0, 255), .05f, 100) + target(DType::u8, .04f, 90);
    check_values(OpCase(describe<QLinearGlobalAveragePool>(), {}, in).run_reference()[0], {82, 162});
    Attributes a;
    a.set("kernel_shape", std::vector<int64_t>{3, 2});
    a.set("strides", std::vector<int64_t>{2, 1});
    a.set("pads", std::vector<int64_t>{1, 0, 1, 1});
    check_values(OpCase(describe<QLinearAveragePool>(), a, in).run_reference()[0],
                 {80, 94, 105, 50, 37, 115, 112, 49, 160, 134, 185, 190, 143, 182, 192, 162});
    a.set("count_include_pad", int64_t{1});
    check_values(OpCase(describe<QLinearAveragePool>(), a, in).run_reference()[0],
                 {83, 92, 100, 77, 37, 115, 112, 70, 137, 119, 153, 123, 143, 182, 192, 126});
}

TEST_CASE("QLinearConcat rescales its parts") {
    Attributes a;
    a.set("axis", int64_t{1});
    const OpCase test(describe<QLinearConcat>(), a, target(DType::u8, .04f, 90) + quantized(wave(DType::u8), .05f, 100) +
                                                            quantized(pattern(DType::u8, {2, 1, 4}, 5, 0, 255), .03f, 7));
    CHECK(test.outputs[0].shape == Shape{2, 4, 4});
    check_values(test.run_reference()[0],
                 {39, 99, 236, 131, 104, 154, 255, 166, 129, 169, 0, 161, 114, 150, 232, 170, 114, 144, 251, 116, 59, 79, 176,
                         31, 255, 0, 61, 226, 153, 183, 255, 190});
}

TEST_CASE("Kernels of element-wise operators, pools and QLinearConcat") {
    for (DType t : {DType::u8, DType::i8})
        for (const Shape& s : {Shape{2, 3, 5, 7}, Shape{1, 70, 9, 4}, Shape{1, 20, 3}, Shape{2, 130, 1, 1}}) {
            const Array a = random_bytes(t, s, 1), b = random_bytes(t, s, 2);
            const auto x = quantized(a, .02f, 10), y = quantized(b, .03f, -3 + byte_shift(t) / 32);
            const auto to = target(t, .04f, 5);
            // One step: the kernel sums with one rounding.
            CHECK(check_all_kernels(OpCase(describe<QLinearAdd>(), {}, x + y + to), 1, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearMul>(), {}, x + y + to), 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearSigmoid>(), {}, x + target(t, 1.f / 256, 0)), 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearLeakyRelu>(), {}, x + to), 0, 0) > 0);
            // Probabilities at a half may round either way.
            CHECK(check_all_kernels(OpCase(describe<QLinearSoftmax>(), {}, x + target(t, .0005f, byte_shift(t) / 2)), 1, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QLinearGlobalAveragePool>(), {}, x + to), 0, 0) > 0);
            Attributes axis;
            axis.set("axis", int64_t{1});
            CHECK(check_all_kernels(OpCase(describe<QLinearConcat>(), axis, to + x + y + quantized(a, .04f, 5)), 0, 0) > 0);
            if (s.rank() != 4 || s[2] < 3) continue;
            Attributes pool;
            pool.set("kernel_shape", std::vector<int64_t>{3, 2});
            pool.set("strides", std::vector<int64_t>{2, 1});
            pool.set("pads", std::vector<int64_t>{1, 0, 1, 1});
            CHECK(check_all_kernels(OpCase(describe<QLinearAveragePool>(), pool, x + to), 0, 0) > 0);
            pool.set("count_include_pad", int64_t{1});
            CHECK(check_all_kernels(OpCase(describe<QLinearAveragePool>(), pool, x + to), 0, 0) > 0);
        }
}
