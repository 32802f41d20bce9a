#include "lite/op/reduce.h"

#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Array f32(const Shape& s, std::vector<float> v) { return Array::of<float>(s, v); }
Attributes attributes(std::initializer_list<std::pair<const char*, AttributeValue>> list) {
    Attributes a;
    for (const auto& [k, v] : list) a.set(k, v);
    return a;
}
}  // namespace

namespace {
constexpr ReduceMode kModes[] = {ReduceMode::sum, ReduceMode::mean, ReduceMode::max, ReduceMode::min, ReduceMode::prod, ReduceMode::l1, ReduceMode::l2,
                                 ReduceMode::log_sum, ReduceMode::log_sum_exp, ReduceMode::sum_square};
Array axes(std::vector<int64_t> v) { return Array::vector_i64(v); }
}  // namespace

TEST_CASE("every reduction over two axes by numpy") {
    const auto check = [](ReduceMode m, std::vector<float> want) {
        std::vector<float> v {-1.f, 2.f, 3.f, -4.f, 5.f, 6.f, -7.f, 8.f, 9.f, -10.f, 11.f, 12.f};
        if (m == ReduceMode::log_sum)
            for (float& f : v) f = std::abs(f);
        const Array x = f32({2, 3, 2}, v);
        for (bool keep : {false, true}) {
            const Attributes a = attributes({{"mode", mode_of(m)}, {"keepdims", int64_t{keep}}});
            const Array got = OpCase(describe<Reduce>(), a, {activation(x), constant(axes({0, -1}))}, 1, 18).run_reference()[0];
            check_close(got, f32(keep ? Shape{1, 3, 1} : Shape{3}, want), 0, 1e-6, "axes from an input");
            Attributes old = a;
            old.set("axes", std::vector<int64_t>{0, 2});
            check_close(OpCase(describe<Reduce>(), old, {activation(x)}, 1, 11).run_reference()[0], got, 0, 0, "axes from the attribute");
        }
    };
    check(ReduceMode::sum, {2.f, -2.f, 34.f});
    check(ReduceMode::mean, {0.5f, -0.5f, 8.5f});
    check(ReduceMode::max, {8.f, 9.f, 12.f});
    check(ReduceMode::min, {-7.f, -10.f, 5.f});
    check(ReduceMode::prod, {112.f, 1080.f, 3960.f});
    check(ReduceMode::l1, {18.f, 26.f, 34.f});
    check(ReduceMode::l2, {10.86278f, 14.3527f, 18.05547f});
    check(ReduceMode::log_sum, {2.8903718f, 3.2580965f, 3.5263605f});
    check(ReduceMode::log_sum_exp, {8.0025991f, 9.0024779f, 12.315737f});
    check(ReduceMode::sum_square, {118.f, 206.f, 326.f});
}

TEST_CASE("no axes, empty groups, integers") {
    const float inf = std::numeric_limits<float>::infinity();
    for (ReduceMode m : kModes) {
        const Attributes all = attributes({{"mode", mode_of(m)}, {"keepdims", int64_t{0}}});
        const Array x = f32({2, 2}, {1, 2, 3, 4});
        CHECK(OpCase(describe<Reduce>(), all, {activation(x)}, 1, 18).outputs[0].shape == Shape{});
        const Array none = OpCase(describe<Reduce>(), attributes({{"mode", mode_of(m)}, {"noop_with_empty_axes", int64_t{1}}}), {activation(x), constant(axes({}))}, 1, 18)
                                   .run_reference()[0];
        CHECK(none.shape() == x.shape());
        CHECK(none.values<float>()[3] == doctest::Approx(m == ReduceMode::sum_square ? 16 : m == ReduceMode::log_sum ? std::log(4.f) : 4));
        const float want = m == ReduceMode::prod ? 1 : m == ReduceMode::max || m == ReduceMode::log_sum || m == ReduceMode::log_sum_exp ? -inf : m == ReduceMode::min ? inf : 0;
        const float got = OpCase(describe<Reduce>(), all, {activation(f32({0, 3}, {}))}, 1, 18).run_reference()[0].values<float>()[0];
        if (m == ReduceMode::mean) CHECK(std::isnan(got));
        else CHECK(got == want);
    }
    const auto run = [](ReduceMode m, Array x) {
        return OpCase(describe<Reduce>(), attributes({{"mode", mode_of(m)}, {"keepdims", int64_t{0}}}), {activation(x)}, 1, 18).run_reference()[0].values<int64_t>()[0];
    };
    const Array i = Array::of<int32_t>({4}, std::vector<int32_t>{7, -2, 3, -9});
    CHECK(run(ReduceMode::sum, i) == -1);
    CHECK(run(ReduceMode::mean, i) == 0);
    CHECK(run(ReduceMode::max, i) == 7);
    CHECK(run(ReduceMode::min, i) == -9);
    CHECK(run(ReduceMode::prod, i) == 378);
    CHECK(run(ReduceMode::l1, i) == 21);
    CHECK(run(ReduceMode::max, Array::of<int8_t>({0}, std::vector<int8_t>{})) == -128);
    CHECK(run(ReduceMode::min, Array::of<uint8_t>({2}, std::vector<uint8_t>{200, 100})) == 100);
    CHECK_THROWS_AS(OpCase(describe<Reduce>(), {}, {activation(i), constant(axes({1}))}), Error);
}

TEST_CASE("kernels over neighbouring axes") {
    struct Case {
        Shape shape;
        std::vector<int64_t> axes;
        int rows;  // layouts that must run with extents kept
    };
    const Case cases[] = {{{2, 5, 6, 7}, {2, 3}, 5}, {{2, 16, 3, 3}, {-1, -2}, 5}, {{3, 7}, {1}, 1}, {{3, 7}, {0}, 1}, {{4, 300, 5}, {1}, 2}, {{4, 5, 300}, {2}, 5},
                          {{2, 5, 6, 7}, {1}, 2}, {{2, 5, 6, 7}, {3}, 5}, {{2, 3, 4}, {}, 1}, {{1, 20000}, {1}, 1}, {{1, 3, 1, 1}, {2, 3}, 5}, {{600, 3}, {0}, 1},
                          {{4, 9, 8}, {1}, 2}, {{3, 5, 520}, {1}, 2}, {{3, 200, 2}, {2}, 5}, {{300, 12}, {1}, 1}};
    for (const Case& k : cases)
        for (ReduceMode m : kModes)
            for (bool keep : {true, false}) {
                const Array x = m == ReduceMode::log_sum ? random_f32(k.shape, 3, 0.1f, 2.f) : random_f32(k.shape, 3, -2.f, 2.f);
                const OpCase test(describe<Reduce>(), attributes({{"mode", mode_of(m)}, {"keepdims", int64_t{keep}}}), {activation(x), constant(axes(k.axes))}, 1, 18);
                INFO(text(k.shape, " mode ", mode_of(m)));
                // Sums of n terms of size 4 in float: n * 1e-7 at worst, for 20000 the blocks of 8192 with 64 partial sums.
                CHECK(check_all_kernels(test, 2e-5, 1e-5) >= static_cast<int>(all_bricks().size()) * 2 * (keep ? k.rows : 1));
            }
    // Axes apart: the reference.
    const OpCase apart(describe<Reduce>(), {}, {activation(random_f32({2, 3, 4, 5}, 1)), constant(axes({0, 3}))});
    CHECK(check_all_kernels(apart, 0, 0) == 0);
}
