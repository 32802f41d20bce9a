// Expectations are those of ONNX Runtime 1.32.
#include "tests/support/quant.h"
using namespace lite_test;

namespace {
Array sevenths(int factor = 1) {
    Array a = pattern(DType::f32, {2, 3, 2}, 1, -300, 300);
    for (int64_t i = 0; i < a.count(); ++i) {
        float* v = reinterpret_cast<float*>(a.mutable_data()) + i;
        *v = *v / 7.f * static_cast<float>(factor);
    }
    return a;
}
Array quarters(const Shape& s, int64_t seed) {
    Array a = pattern(DType::f32, s, seed, 1, 9);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] /= 4.f;
    return a;
}
Attributes blocks_of_two() {
    Attributes a;
    a.set("axis", int64_t{1});
    a.set("block_size", int64_t{2});
    return a;
}
}  // namespace

TEST_CASE("QuantizeLinear rounds half to even and saturates") {
    const Operator& op = describe<QuantizeLinear>();
    check_values(OpCase(op, {}, {activation(sevenths()), constant(real(.25f)), constant(integer(DType::u8,
            100))}).run_reference()[0],
                 {0, 0, 53, 151, 0, 110, 0, 211, 143, 111, 114, 152});
    const Array ties = reals({-2.5f, -1.5f, -.5f, .5f, 1.5f, 2.5f, 1000.f, -1000.f});
    check_values(OpCase(op, {}, {activation(ties), constant(real(1.f)), constant(integer(DType::i8, 3))}).run_reference()[0],
                 {1, 1, 3, 3, 5, 5, 127, -128});
    check_values(OpCase(op, {}, {activation(sevenths(1000)), constant(real(.5f)), constant(integer(DType::u16,
            30000))}).run_reference()[0],
                 {0, 0, 6286, 55429, 0, 35143, 0, 65535, 51714, 35429, 36857, 56000});
}

TEST_CASE("QuantizeLinear per axis and in blocks") {
    const Operator& op = describe<QuantizeLinear>();
    check_values(OpCase(op, {}, {activation(sevenths(100)), constant(reals({.5f, .25f, 2.f})), constant(integers(DType::i16, {3,
            -4, 100}))})
                         .run_reference()[0],
                 {-6883, -5511, -4747, 5082, -1886, 229, -6426, 5574, 4339, 1082, 271, 750});
    check_values(OpCase(op, blocks_of_two(), {activation(sevenths()), constant(quarters({2, 2, 2}, 2)),
            constant(pattern(DType::u8, {2, 2, 2}, 3, 90, 150))})
                         .run_reference()[0],
                 {76, 110, 121, 142, 97, 110, 83, 106, 104, 92, 146, 162});
}

TEST_CASE("DequantizeLinear per axis, in blocks, of i32") {
    const Operator& op = describe<DequantizeLinear>();
    const Array q = pattern(DType::u8, {2, 3, 2}, 1, 0, 255);
    check_values(OpCase(op, {}, {activation(q), constant(reals({.5f, .25f, 2.f})), constant(integers(DType::u8, {3, 200,
            100}))}).run_reference()[0],
                 {28, 52, 4.25, -16.75, 22, 102, 125, 79, -17.25, -9.25, -198, 114});
    check_values(OpCase(op, {}, {activation(pattern(DType::i32, {5}, 1, -100000, 100000)),
            constant(real(.125f))}).run_reference()[0],
                 {-12492.625, -12486.625, -12472.875, -12451.375, -12422.125});
    check_values(OpCase(op, blocks_of_two(), {activation(q), constant(quarters({2, 2, 2}, 2)), constant(pattern(DType::u8, {2,
            2, 2}, 3, 90, 150))})
                         .run_reference()[0],
                 {-43, -31.25, 36, 1.25, -15.75, 84, 308, 124.25, 64, 127.75, -177.5, 10.5});
}

TEST_CASE("DynamicQuantizeLinear takes scale and zero point from the data") {
    const Operator& op = describe<DynamicQuantizeLinear>();
    const auto r = OpCase(op, {}, {activation(sevenths())}, 3).run_reference();
    check_values(r[0], {20, 46, 105, 198, 0, 160, 29, 255, 191, 160, 163, 199});
    check_values(r[1], {0.264985979}, 1e-7);
    check_values(r[2], {150});
    Array positive = sevenths();
    for (int64_t i = 0; i < positive.count(); ++i) {
        float* v = reinterpret_cast<float*>(positive.mutable_data()) + i;
        *v = std::abs(*v) + 1.f;
    }
    const auto p = OpCase(op, {}, {activation(positive)}, 3).run_reference();
    check_values(p[0], {222, 179, 81, 86, 255, 22, 208, 181, 74, 23, 28, 88});
    check_values(p[1], {0.159663871}, 1e-7);
    check_values(p[2], {0});
    const auto zero = OpCase(op, {}, {activation(Array::zeros(DType::f32, {3}))}, 3).run_reference();
    check_values(zero[0], {0, 0, 0});
    check_values(zero[1], {1});
}

TEST_CASE("QuantizeLinear and DequantizeLinear refuse what does not fit") {
    const Array x = Array::zeros(DType::f32, {2, 3});
    CHECK_THROWS_AS(OpCase(describe<QuantizeLinear>(), {}, {activation(x), constant(reals({1.f, 2.f}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<QuantizeLinear>(), {}, {activation(integers(DType::u8, {1})), constant(real(1.f))}), Error);
    CHECK_THROWS_AS(OpCase(describe<DequantizeLinear>(), {}, {activation(x), constant(real(1.f))}), Error);
}

TEST_CASE("Kernels of QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear") {
    for (const Shape& s : {Shape{2, 3, 5, 7}, Shape{1, 100}, Shape{1}, Shape{0, 3, 2}, Shape{2, 70, 16, 9}})
        for (DType t : {DType::u8, DType::i8}) {
            const OpCase q(describe<QuantizeLinear>(), {}, {activation(random_f32(s, 1, -9.f, 9.f)), constant(real(.05f)), constant(integer(t, 20))});
            CHECK(check_all_kernels(q, 0, 0) > 0);
            const OpCase d(describe<DequantizeLinear>(), {}, {activation(random_bytes(t, s, 1)), constant(real(.05f)), constant(integer(t, 20))});
            CHECK(check_all_kernels(d, 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<DynamicQuantizeLinear>(), {}, {activation(random_f32(s, 1, -9.f, 9.f))}, 3), 0, 0) > 0);
        }
    for (const Shape& s : {Shape{2, 3, 5, 7}, Shape{1, 3000}, Shape{0, 3, 2}})
        for (DType t : {DType::u16, DType::i16}) {
            const int zero = t == DType::u16 ? 30000 : -20;
            CHECK(check_all_kernels(OpCase(describe<QuantizeLinear>(), {}, {activation(random_f32(s, 1, -9.f, 9.f)), constant(real(.0002f)), constant(integer(t, zero))}), 0, 0) > 0);
            CHECK(check_all_kernels(OpCase(describe<DequantizeLinear>(), {}, {activation(pattern(t, s, 1, t == DType::u16 ? 0 : -32768, 32767)), constant(real(.05f)), constant(integer(t, zero))}),
                                    0, 0) > 0);
        }
    const float inf = INFINITY, nan = NAN;
    for (DType t : {DType::u16, DType::i16})
        CHECK(check_all_kernels(OpCase(describe<QuantizeLinear>(), {},
                                       {activation(reals({inf, -inf, nan, 1e30f, -1e30f, .5f, 1.5f, -2.5f})), constant(real(1.f)), constant(integer(t, 3))}), 0, 0) > 0);
    const OpCase odd(describe<QuantizeLinear>(), {},
                     {activation(reals({inf, -inf, nan, 1e30f, -1e30f, .5f, 1.5f, -2.5f})), constant(real(1.f)), constant(integer(DType::i8, 3))});
    CHECK(check_all_kernels(odd, 0, 0) > 0);
}
