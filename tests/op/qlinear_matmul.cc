// Expectations are those of ONNX Runtime 1.32.
#include "tests/support/quant.h"
using namespace lite_test;

namespace {
Array left() { return pattern(DType::u8, {2, 3, 5}, 1, 0, 255); }
Array left_matrix() { return pattern(DType::u8, {3, 5}, 1, 0, 255); }
Array right() { return pattern(DType::i8, {5, 4}, 2, -128, 127); }
Array transposed(const Array& a) {
    Array t = Array::zeros(a.dtype(), {a.shape()[1], a.shape()[0]});
    for (int64_t i = 0; i < a.count(); ++i)
        t.mutable_data()[i % a.shape()[1] * a.shape()[0] + i / a.shape()[1]] = a.data()[i];
    return t;
}
}  // namespace

TEST_CASE("MatMulInteger") {
    const OpCase test(describe<MatMulInteger>(), {},
                      {activation(left()), constant(right()), activation(integer(DType::u8, 77)), constant(integers(DType::i8,
                              {1, 2, -3, 0}))});
    CHECK(test.outputs[0].shape == Shape{2, 3, 4});
    check_values(test.run_reference()[0],
                 {12882, 19344, -10986, 16296, 14602, 30080, -21538, 29752, 10672, 15320, 9248, 7192, 4676, 8856, -16420, 9032,
                         1990, 11712, -18926, 10696, 2102, 11600, 8386, 10136});
    const OpCase stack(describe<MatMulInteger>(), {},
                       {activation(pattern(DType::u8, {2, 1, 2, 3}, 1, 0, 255)), activation(pattern(DType::u8, {2, 3, 2}, 2, 0,
                               255)),
                        activation(integer(DType::u8, 5)), activation(integer(DType::u8, 9))});
    check_values(stack.run_reference()[0],
                 {41140, 69756, 38624, 68840, 31812, 77004, 32648, 79808, 49034, 92810, 41650, 54626, 46318, 111638, 14454,
                         63950});
}

TEST_CASE("QLinearMatMul with a scale per column") {
    const OpCase test(describe<QLinearMatMul>(), {},
                      {activation(left()), constant(real(.02f)), constant(integer(DType::u8, 77)), constant(right()),
                       constant(reals({.01f, .02f, .03f, .04f})), constant(integers(DType::i8, {0, 0, 0, 0})),
                               constant(real(.5f)),
                       constant(integer(DType::u8, 30))});
    check_values(test.run_reference()[0],
                 {35, 46, 16, 56, 36, 55, 2, 78, 34, 43, 40, 42, 32, 37, 10, 44, 31, 40, 6, 47, 31, 40, 39, 46});
}

TEST_CASE("MatMulIntegerToFloat and DynamicQuantizeMatMul") {
    const OpCase test(describe<MatMulIntegerToFloat>(), {},
                      {activation(left()), constant(right()), activation(real(.02f)), constant(reals({.01f, .02f, .03f, .04f})),
                       activation(integer(DType::u8, 77)), constant(integers(DType::i8, {1, 2, -3, 0})), constant(reals({1.f,
                               2.f, 3.f, 4.f}))});
    // Tolerances: float rounding of one product and one sum.
    check_values(test.run_reference()[0],
                 {3.57640004, 9.73760033, -3.59159946, 17.0368004, 3.9203999, 14.0319996, -9.92279911, 27.8015995, 3.13439989,
                         8.12800026, 8.54879951, 9.75359917, 1.93519998, 5.54239988, -6.85199928, 11.2255993, 1.398, 6.68479967,
                         -8.3555994, 12.5567999, 1.42040002, 6.63999987, 8.03159904, 12.1087999},
                 1e-5);
    Array a = pattern(DType::f32, {3, 5}, 1, -99, 120);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] /= 10.f;
    const OpCase dynamic(describe<DynamicQuantizeMatMul>(), {},
                         {activation(a), constant(right()), constant(real(.02f)), constant(integer(DType::i8, 3)),
                                 constant(reals({1.f, 2.f, 3.f, 4.f}))});
    check_values(dynamic.run_reference()[0],
                 {23.6543045, 34.9906807, -3.52856398, 24.1820221, 24.800375, 34.2856445, -26.6394329, 30.8627739, -7.94494057,
                         -18.3124695, 64.7076645, -26.437645},
                 1e-4);
}

TEST_CASE("QGemm to u8 and to float") {
    Attributes t;
    t.set("transB", int64_t{1});
    t.set("alpha", .5f);
    const OpCase test(describe<QGemm>(), t,
                      {activation(left_matrix()), constant(real(.02f)), constant(integer(DType::u8, 77)),
                              constant(transposed(right())),
                       constant(reals({.01f, .02f, .03f, .04f})), constant(integers(DType::i8, {0, 0, 0, 0})),
                       constant(pattern(DType::i32, {4}, 3, -3000, 3000)), constant(real(.5f)), constant(integer(DType::u8,
                               30))});
    check_values(test.run_reference()[0], {32, 37, 21, 41, 32, 41, 15, 52, 32, 35, 33, 34});
    const OpCase real_result(describe<QGemm>(), {},
                             {activation(left_matrix()), constant(real(.02f)), constant(integer(DType::u8, 77)),
                                     constant(right()),
                              constant(real(.01f)), constant(integer(DType::i8, 4))});
    check_values(real_result.run_reference()[0],
                 {2.43120003, 3.77199984, -2.53600001, 3.06559992, 2.63599992, 5.8263998, -4.97119999, 5.57119989, 1.97599995,
                         2.95840001, 1.48000002, 1.22719991},
                 1e-5);
}

TEST_CASE("Kernels of integer matrix products") {
    for (DType a : {DType::u8, DType::i8})
        for (DType b : {DType::u8, DType::i8})
            for (int64_t m : {1, 2, 15, 40})
                for (int64_t n : {1, 17, 40, 70}) {
                    const int64_t k = m == 15 ? 33 : 20;
                    const TestTensor x = activation(random_bytes(a, {m, k}, 1)), w = constant(random_bytes(b, {k, n}, 2));
                    const TestTensor za = activation(integer(a, 100)), zb = constant(integer(b, 9)), s = constant(real(.02f));
                    std::vector<float> column(static_cast<size_t>(n));
                    for (size_t i = 0; i < column.size(); ++i) column[i] = .001f * static_cast<float>(i % 5 + 1);
                    CHECK(check_all_kernels(OpCase(describe<MatMulInteger>(), {}, {x, w, za, zb}), 0, 0) > 0);
                    // A product and a sum in float, with one rounding or two.
                    CHECK(check_all_kernels(OpCase(describe<MatMulIntegerToFloat>(), {}, {x, w, activation(real(.02f)), constant(reals(column)), za, zb,
                                                                                          constant(random_f32({n}, 3))}),
                                            1e-5, 1e-6) > 0);
                    CHECK(check_all_kernels(OpCase(describe<QLinearMatMul>(), {}, {x, s, constant(integer(a, 100)), w, constant(reals(column)), zb,
                                                                                  constant(real(.25f)), constant(integer(a, 30))}),
                                            0, 0) > 0);
                }
}

TEST_CASE("Kernels of QGemm and DynamicQuantizeMatMul") {
    for (int64_t transposed : {0, 1})
        for (int64_t n : {5, 70}) {
            Attributes t;
            t.set("transB", transposed);
            t.set("alpha", .5f);
            const TestTensor x = activation(random_bytes(DType::u8, {7, 20}, 1)), w = constant(random_bytes(DType::i8, transposed ? Shape{n, 20} : Shape{20, n}, 2));
            const std::vector<TestTensor> in = {x, constant(real(.02f)), constant(integer(DType::u8, 100)), w, constant(real(.003f)),
                                                constant(integer(DType::i8, 0)), constant(pattern(DType::i32, {n}, 3, -3000, 3000))};
            std::vector<TestTensor> bytes = in;
            bytes.push_back(constant(real(.05f)));
            bytes.push_back(constant(integer(DType::u8, 30)));
            CHECK(check_all_kernels(OpCase(describe<QGemm>(), t, bytes), 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<QGemm>(), t, in), 0, 0) > 0);
            const OpCase dynamic(describe<DynamicQuantizeMatMul>(), {},
                                 {activation(random_f32({2, 7, 20}, 4)), constant(random_bytes(DType::u8, {20, n}, 2)), constant(real(.003f)),
                                  constant(integer(DType::u8, 120)), constant(random_f32({n}, 3))});
            CHECK(check_all_kernels(dynamic, 1e-5, 1e-6) > 0);
        }
}
