#include "lite/op/cast.h"

#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
Array cast(Array x, int64_t to) {
    Attributes a;
    a.set("to", to);
    return OpCase(describe<Cast>(), a, {activation(std::move(x))}).run_reference()[0];
}
template <class T> Array vec(std::vector<T> v) { return Array::of<T>({static_cast<int64_t>(v.size())}, v); }
constexpr int64_t kF32 = 1, kU8 = 2, kI8 = 3, kI32 = 6, kI64 = 7, kBool = 9, kF16 = 10, kF64 = 11, kU64 = 13, kBf16 = 16;  // ONNX's numbers
}  // namespace

TEST_CASE("Cast: fractions drop, floats saturate, integers wrap") {
    const Array x = vec<float>({-1.7f, 2.9f, 300.f, -3e10f, 5e20f, NAN, 0.f});
    CHECK(cast(x, kI32).values<int32_t>() == std::vector<int32_t>{-1, 2, 300, INT32_MIN, INT32_MAX, 0, 0});
    CHECK(cast(x, kI64).values<int64_t>() == std::vector<int64_t>{-1, 2, 300, -30000001024, INT64_MAX, 0, 0});
    CHECK(cast(x, kU8).values<int>() == std::vector<int>{0, 2, 255, 0, 255, 0, 0});
    CHECK(cast(x, kBool).values<int>() == std::vector<int>{1, 1, 1, 1, 1, 1, 0});
    CHECK(cast(vec<int64_t>({-1, 256 + 7, INT64_MAX}), kU8).values<int>() == std::vector<int>{255, 7, 255});
    CHECK(cast(vec<int32_t>({-1, 200}), kI8).values<int>() == std::vector<int>{-1, -56});
    CHECK(cast(vec<uint64_t>({UINT64_MAX}), kF64).values<double>()[0] == 18446744073709551616.0);
    CHECK(cast(vec<double>({1.8e19, -1}), kU64).values<uint64_t>() == std::vector<uint64_t>{18000000000000000000u, 0});
    CHECK(cast(vec<int64_t>({16777217}), kF32).values<float>()[0] == 16777216.f);
    CHECK(cast(vec<float>({65504.f, 1e6f, 0.1f}), kF16).values<float>() == std::vector<float>{65504.f, INFINITY, 0.0999755859375f});
    CHECK(cast(vec<float>({1.00390625f, -3.f}), kBf16).values<float>() == std::vector<float>{1.f, -3.f});
    CHECK(cast(cast(vec<float>({0.5f, -2.f}), kF16), kF32).values<float>() == std::vector<float>{0.5f, -2.f});
    CHECK(cast(Array::zeros(DType::boolean, {2}), kF32).dtype() == DType::f32);
    CHECK(cast(vec<float>(std::vector<float>(5000, 3.5f)), kI64).values<int64_t>()[4999] == 3);
    // Pairs with loops of their own against those without: through f64 and i8, which hold these values.
    for (DType from : {DType::boolean, DType::u8, DType::i32, DType::i64, DType::f32, DType::f16}) {
        const Array v = vec<float>({1, 0, 1, 1}), wide = cast(v, kF64);
        const std::pair<DType, int64_t> codes[] = {{DType::boolean, kBool}, {DType::u8, kU8}, {DType::i32, kI32}, {DType::i64, kI64}, {DType::f32, kF32}, {DType::f16, kF16}};
        for (const auto& [t, code] : codes)
            if (t == from)
                for (const auto& [to, to_code] : codes) {
                    const Array y = cast(cast(wide, code), to_code);
                    CHECK(y.dtype() == to);
                    CHECK(y.values<float>() == v.values<float>());
                }
    }
    CHECK_THROWS_AS(cast(x, 14), Error);  // complex numbers
}

TEST_CASE("Cast between floats and halves has kernels, which round as the reference does") {
    std::vector<float> all;
    for (uint32_t h = 0; h < 0x10000; ++h)  // every half, and what lies between it and the next
        for (uint32_t more : {0U, 0x0fffU, 0x1000U, 0x1001U}) all.push_back(std::bit_cast<float>(std::bit_cast<uint32_t>(static_cast<float>(std::bit_cast<Half>(static_cast<uint16_t>(h)))) + more));
    for (float f : {1e-30f, -1e-30f, 3e38f, -3e38f, 65519.f, 65520.f, 0x1p-25f, 0x1.8p-25f}) all.push_back(f);
    for (float& f : all)
        if (std::isnan(f)) f = NAN;
    Attributes to_half = with("to", kF16), to_float = with("to", kF32);
    const OpCase down(describe<Cast>(), to_half, {activation(vec<float>(all))});
    CHECK(check_all_kernels(down, 0, 0) > 0);
    const Array halves = down.run_reference()[0];
    CHECK(check_all_kernels(OpCase(describe<Cast>(), to_float, {activation(halves)}), 0, 0) > 0);
    CHECK(check_all_kernels(OpCase(describe<Cast>(), to_half, {activation(random_f32({2, 5, 3, 7}, 1))}), 0, 0) > 4);  // packed
}

TEST_CASE("CastLike takes the type of its second input") {
    Attributes a;
    a.set("mode", int64_t{1});
    const OpCase test(describe<Cast>(), a, {activation(vec<float>({1.5f})), activation(vec<int64_t>({1, 2}))});
    CHECK(test.run_reference()[0].values<int64_t>() == std::vector<int64_t>{1});
    CHECK(test.outputs[0].dtype == DType::i64);
}

TEST_CASE("BitCast keeps the bits") {
    Attributes a;
    a.set("to", kI32);
    CHECK(OpCase(describe<BitCast>(), a, {activation(vec<float>({1.f, -0.f}))}).run_reference()[0].values<int32_t>() == std::vector<int32_t>{0x3f800000, INT32_MIN});
    CHECK_THROWS_AS(OpCase(describe<BitCast>(), a, {activation(vec<double>({1.0}))}), Error);
}

TEST_CASE("Cast goes to numbers of few bits and back, and to text and back") {
    const auto cast = [](const Array& x, int64_t to, Attributes a = {}) {
        a.set("to", to);
        return OpCase(describe<Cast>(), a, {activation(x)}, 1, 25).run_reference()[0];
    };
    const Array x = Array::of(Shape{6}, std::vector<float>{0.f, 1.5f, -7.f, 7.6f, 500.f, -1e9f});
    CHECK(cast(x, 17).dtype() == DType::f8e4m3fn);
    CHECK(cast(x, 17).values<float>() == std::vector<float>{0, 1.5f, -7, 7.5f, 448, -448});
    CHECK(cast(x, 19).values<float>() == std::vector<float>{0, 1.5f, -7, 8, 512, -57344});
    CHECK(std::isnan(cast(x, 17, with("saturate", int64_t{0})).values<float>()[4]));
    CHECK(cast(x, 23).values<float>() == std::vector<float>{0, 1.5f, -6, 6, 6, -6});
    const Array n = Array::of(Shape{4}, std::vector<int32_t>{-9, 7, 8, 17});
    CHECK(cast(n, 22).values<int>() == std::vector<int>{7, 7, -8, 1});
    CHECK(cast(n, 21).values<int>() == std::vector<int>{7, 7, 8, 1});
    CHECK(cast(cast(n, 22), 6).values<int>() == std::vector<int>{7, 7, -8, 1});
    const Array s = cast(Array::of(Shape{4}, std::vector<float>{1.f, -0.25f, INFINITY, NAN}), 8);
    REQUIRE(s.dtype() == DType::string);
    CHECK(strings_of(s)[0] == "1");
    CHECK(strings_of(s)[1] == "-0.25");
    CHECK(strings_of(s)[2] == "INF");
    CHECK(strings_of(s)[3] == "NaN");
    const std::vector<float> back = cast(s, 1).values<float>();
    CHECK(back[1] == -0.25f);
    CHECK((std::isinf(back[2]) && std::isnan(back[3])));
    CHECK(cast(make_strings(Shape{2}, {"-12", "9007199254740993"}), 7).values<int64_t>() == std::vector<int64_t>{-12, 9007199254740993});
}
