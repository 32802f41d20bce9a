#include "lite/op/preprocess.h"

#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Array bytes_of(const Shape& s, DType t) {
    Array a = Array::zeros(t, s);
    for (int64_t i = 0; i < a.count(); ++i) a.mutable_data()[i] = std::byte(static_cast<uint8_t>(i * 37 % 251));
    return a;
}
OpCase preprocess(const Array& x, bool last, int64_t pad) {
    const int64_t channels = x.shape()[last ? 3 : 1];
    Attributes a;
    a.set("channels_last", static_cast<int64_t>(last));
    a.set("pad", pad);
    return OpCase(describe<Preprocess>(), a, {activation(x), constant(random_f32({channels}, 1)), constant(random_f32({channels}, 2))});
}
}  // namespace

TEST_CASE("the reference scales, shifts, transposes and pads") {
    const Array x = bytes_of({2, 3, 5, 3}, DType::u8);
    const OpCase test = preprocess(x, true, 1);
    const Array y = test.run_reference()[0];
    REQUIRE(y.shape() == Shape{2, 4, 3, 5});
    const auto scale = random_f32({3}, 1).values<float>(), shift = random_f32({3}, 2).values<float>(), got = y.values<float>();
    const auto from = x.values<float>();
    for (size_t n = 0; n < 2; ++n)
        for (size_t c = 0; c < 4; ++c)
            for (size_t p = 0; p < 15; ++p) {
                const float want = c == 3 ? 0.f : from[(n * 15 + p) * 3 + c] * scale[c] + shift[c];
                CHECK(std::abs(got[(n * 4 + c) * 15 + p] - want) <= 1e-5f * std::abs(want) + 1e-5f);  // one rounding, of a fused multiply-add
            }
}

TEST_CASE("the kernel, of every type that it has") {
    const int rows = static_cast<int>(all_bricks().size()) * 2;
    for (bool last : {false, true})
        for (int64_t pad : {0, 2})
            for (const Shape& s : {Shape{1, 3, 7, 3}, Shape{2, 1, 1, 1}, Shape{1, 4, 33, 4}, Shape{0, 3, 2, 3}}) {
                // one rounding of values up to 256
                CHECK(check_all_kernels(preprocess(bytes_of(s, DType::u8), last, pad), 4e-5, 1e-6) == rows);
                CHECK(check_all_kernels(preprocess(bytes_of(s, DType::i8), last, pad), 4e-5, 1e-6) == rows);
                CHECK(check_all_kernels(preprocess(random_f32(s, 5), last, pad), 1e-6, 1e-6) == rows);
                CHECK(check_all_kernels(preprocess(Array::zeros(DType::i32, s), last, pad), 0, 0) == 0);
            }
    CHECK_THROWS_WITH_AS(preprocess(bytes_of({2, 3, 5}, DType::u8), false, 0), doctest::Contains("4 axes"), Error);
}
