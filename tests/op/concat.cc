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
