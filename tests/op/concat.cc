#include "lite/op/concat.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Concat along every axis, every dtype") {
    for (DType t : kAllTypes) {
        const Array a = iota({1, 2, 2}, t), b = iota({1, 2, 2}, t, 1);
        const auto run = [&](int64_t axis) { return OpCase(describe<Concat>(), with("axis", axis), {activation(a), activation(b)}).run_reference()[0].values<float>(); };
        const auto v = [&](std::vector<float> x) {
            if (t == DType::boolean)
                for (float& f : x) f = f != 0;
            return x;
        };
        CHECK(run(0) == v({0, 1, 2, 3, 1, 2, 3, 4}));
        CHECK(run(1) == v({0, 1, 2, 3, 1, 2, 3, 4}));
        CHECK(run(2) == v({0, 1, 1, 2, 2, 3, 3, 4}));
        CHECK(run(-1) == run(2));
    }
}
TEST_CASE("Concat with empty, single and scalar-run inputs") {
    check_output(OpCase(describe<Concat>(), with("axis", int64_t{0}), {activation(iota({0, 2})), activation(iota({1, 2}))}), iota({1, 2}));
    check_output(OpCase(describe<Concat>(), with("axis", int64_t{0}), {activation(iota({3}))}), iota({3}));
    check_output(OpCase(describe<Concat>(), with("axis", int64_t{1}), {activation(iota({3, 1})), activation(iota({3, 1}, DType::f32, 5))}), f32({3, 2}, {0, 5, 1, 6, 2, 7}));
}
TEST_CASE("Concat infers unknown extents and refuses what does not fit") {
    const auto y = Inferred(describe<Concat>(), with("axis", int64_t{1}), {info({kUnknown, 2, 5}), info({3, kUnknown, 5})}).outputs[0];
    CHECK(y.shape == Shape{3, kUnknown, 5});
    CHECK_FALSE(Inferred(describe<Concat>(), with("axis", int64_t{1}), {no_shape(), no_shape()}).outputs[0].has_shape);
    CHECK_THROWS_AS(OpCase(describe<Concat>(), with("axis", int64_t{1}), {activation(iota({2, 3})), activation(iota({3, 3}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Concat>(), with("axis", int64_t{2}), {activation(iota({2, 3}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Concat>(), with("axis", int64_t{0}), {activation(iota({2})), activation(iota({2}, DType::i64))}), Error);
}
TEST_CASE("Concat kernels in every layout, channels that fill blocks and channels that do not") {
    struct Case {
        int64_t axis;
        std::vector<Shape> shapes;
    };
    const Case cases[] = {{1, {{2, 16, 3, 5}, {2, 32, 3, 5}}}, {1, {{1, 58, 7, 7}, {1, 58, 7, 7}}}, {1, {{1, 3, 2, 2}, {1, 1, 2, 2}, {1, 30, 2, 2}, {1, 5, 2, 2}}},
                          {1, {{1, 16, 1, 1}, {1, 7, 1, 1}}},  {2, {{2, 10, 3, 5}, {2, 10, 1, 5}}},  {3, {{1, 20, 3, 2}, {1, 20, 3, 4}, {1, 20, 3, 1}}},
                          {0, {{1, 6, 2, 3}, {2, 6, 2, 3}}},   {1, {{1, 8, 40, 40}, {1, 24, 40, 40}, {1, 9, 40, 40}}}, {2, {{1, 5, 9}, {1, 5, 3}}}, {1, {{1, 4, 2, 3, 2}, {1, 9, 2, 3, 2}}}};
    for (const Case& k : cases)
        for (DType t : {DType::f32, DType::u8}) {
            std::vector<TestTensor> in;
            for (const Shape& s : k.shapes) in.push_back(activation(iota(s, t, static_cast<int>(in.size()) * 7 + 1)));
            CHECK(check_all_kernels(OpCase(describe<Concat>(), with("axis", k.axis), in), 0, 0) >= 10 * static_cast<int>(all_bricks().size()));
        }
}
