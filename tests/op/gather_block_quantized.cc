#include "lite/op/gather_block_quantized.h"
#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
Array bytes(const Shape& shape, const std::vector<uint8_t>& v) { return Array::of(shape, v); }
OpCase packed(int64_t bits, const Array& data, const TestTensor& zero) {
    return OpCase(describe<GatherBlockQuantized>(), with("bits", bits)("block_size", int64_t{16}),
                  {constant(data), activation(i64({2}, {-1, 0})), constant(f32({2, 1}, {1, .5f})), zero});
}
// The first elements of both rows.
std::vector<float> first(const OpCase& test, int64_t width) {
    const Array y = test.run_reference()[0];
    REQUIRE(y.shape() == Shape{2, width});
    const auto v = y.values<float>();
    return {v[0], v[1], v[static_cast<size_t>(width)], v[static_cast<size_t>(width) + 1]};
}
}  // namespace

TEST_CASE("Rows of packed elements: low bits first, around the middle or a zero point") {
    std::vector<uint8_t> nibbles(16);
    nibbles[0] = 0x2f;
    nibbles[8] = 0x81;
    CHECK(first(packed(4, bytes({2, 8}, nibbles), absent()), 16) == std::vector<float>{-3.5f, 0, 7, -6});
    CHECK(first(packed(4, bytes({2, 8}, nibbles), constant(bytes({2, 1}, {1, 2}))), 16) == std::vector<float>{-.5f, 3, 14, 1});
    std::vector<uint8_t> pairs(8);
    pairs[0] = 0x0d;
    pairs[4] = 0x02;
    CHECK(first(packed(2, bytes({2, 4}, pairs), absent()), 16) == std::vector<float>{0, -1, -1, 1});
    std::vector<uint8_t> whole(32);
    whole[0] = 130;
    whole[16] = 255;
    CHECK(first(packed(8, bytes({2, 16}, whole), absent()), 16) == std::vector<float>{63.5f, -64, 2, -128});
}

TEST_CASE("Elements of four bits with axes of their own") {
    std::vector<int> v(16 * 3);
    for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<int>(i % 8);
    const auto run = [&](DType t, float first_element) {
        Array data = Array::zeros(t, {16, 3});
        for (size_t i = 0; i < v.size(); ++i) data.mutable_data()[i] = static_cast<std::byte>(v[i]);
        const Array y = OpCase(describe<GatherBlockQuantized>(), with("gather_axis", int64_t{1})("quantize_axis", int64_t{0})("block_size", int64_t{16}),
                               {constant(data), activation(i64({1, 2}, {2, 1})), constant(f32({1, 3}, {1, 10, 100}))})
                                .run_reference()[0];
        REQUIRE(y.shape() == Shape{16, 1, 2});
        CHECK(y.values<float>()[0] == first_element);
        CHECK(y.values<float>()[1] == 10);
        CHECK(y.values<float>()[2] == 500);
    };
    run(DType::u4, 200);
    run(DType::i4, 200);
}

TEST_CASE("GatherBlockQuantized refuses what does not fit") {
    CHECK_THROWS_AS(packed(3, bytes({2, 8}, std::vector<uint8_t>(16)), absent()), Error);
    CHECK_THROWS_AS(packed(4, bytes({2, 8}, std::vector<uint8_t>(16)), constant(bytes({2, 2}, {0, 0, 0, 0}))).run_reference(), Error);
    CHECK_THROWS_AS(packed(4, bytes({1, 8}, std::vector<uint8_t>(8)), absent()).run_reference(), Error);  // two rows of scales
}
