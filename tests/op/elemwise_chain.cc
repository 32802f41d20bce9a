#include "lite/op/elemwise_chain.h"

#include "tests/support/op_test.h"
using namespace lite_test;
using M = lite::ElemwiseMode;

namespace {
OpCase chain(std::vector<ElemwiseProgram::Step> steps, std::vector<TestTensor> in) {
    Attributes a;
    ElemwiseProgram{std::move(steps)}.write(a);
    return OpCase(describe<ElemwiseChain>(), a, std::move(in));
}
}  // namespace

TEST_CASE("a program goes to attributes and back") {
    Attributes a;
    ElemwiseProgram{{{M::add, 0, 1}, {M::leaky_relu, ~0, 0, 0.1f}, {M::mul, ~1, ~0}}}.write(a);
    const ElemwiseProgram p = ElemwiseProgram::read(a);
    REQUIRE(p.steps.size() == 3);
    CHECK(p.steps[1].alpha == 0.1f);
    CHECK(p.steps[2].a == ~1);
    CHECK(p.steps[2].b == ~0);
    CHECK_THROWS_WITH_AS(chain({{M::add, 0, 1}}, {activation(random_f32({2}, 1))}), doctest::Contains("step 0 reads operand 1"), Error);
    CHECK_THROWS_WITH_AS(chain({{M::relu, ~0}}, {activation(random_f32({2}, 1))}), doctest::Contains("step 0 reads operand -1"), Error);
    CHECK_THROWS_WITH_AS(chain({}, {activation(random_f32({2}, 1))}), doctest::Contains("no steps"), Error);
    CHECK_THROWS_WITH_AS(chain({{M::sum, 0, 1}}, {activation(random_f32({2}, 1)), activation(random_f32({2}, 1))}), doctest::Contains("mode 200"), Error);
}

TEST_CASE("the reference computes step by step") {
    const Array x = random_f32({2, 3}, 1), b = random_f32({3}, 2);
    const Array y = chain({{M::add, 0, 1}, {M::relu, ~0}, {M::mul, ~1, 0}, {M::sub, 1, ~2}}, {activation(x), activation(b)}).run_reference()[0];
    for (size_t i = 0; i < 6; ++i) {
        const float v = x.values<float>()[i], w = b.values<float>()[i % 3];
        const float product = std::max(v + w, 0.f) * v;  // fused with the difference by some compilers: one rounding less
        CHECK(std::abs(y.values<float>()[i] - (w - product)) <= 1e-6f);
    }
    const Array k = Array::of<int64_t>({2}, std::vector<int64_t>{5, -7});
    CHECK(chain({{M::mul, 0, 0}, {M::sub, ~0, 0}}, {activation(k)}).run_reference()[0].values<int64_t>() == std::vector<int64_t>{20, 56});
}

TEST_CASE("kernels in every layout, operands of every kind, lengths around a tile") {
    // y = hard_swish((x * scale + shift) + residual) * gate, with values that live over several steps
    const std::vector<ElemwiseProgram::Step> program = {{M::mul, 0, 1}, {M::add, ~0, 2}, {M::add, ~1, 3}, {M::hard_swish, ~2}, {M::sigmoid, 4}, {M::mul, ~3, ~4},
                                                        {M::max, ~5, ~1}};
    for (const Shape& s : {Shape{2, 5, 3, 7}, Shape{1, 16, 20, 30}, Shape{2, 3, 9}, Shape{1, 4, 2, 2}, Shape{2, 0, 2, 2}}) {
        Shape channel = Shape::filled(s.rank(), 1), gate = channel;
        channel[1] = gate[1] = s[1];
        gate[0] = s[0];
        const OpCase test = chain(program, {activation(random_f32(s, 1, -3.f, 3.f)), constant(random_f32(channel, 2)), constant(Array::scalar(0.25f)),
                                            activation(random_f32(s, 3)), activation(random_f32(gate, 4))});
        CHECK(check_all_kernels(test, 1e-6, 1e-6) == rows_of_all_layouts(s.rank()));  // a few ulp of values up to 4
    }
    for (const Shape& s : {Shape{}, Shape{1}, Shape{511}, Shape{512}, Shape{513}, Shape{5, 1000}}) {
        const OpCase test = chain({{M::neg, 0}, {M::exp, ~0}, {M::add, ~1, 1}, {M::reciprocal, ~2}}, {activation(random_f32(s, 1)), constant(Array::scalar(1.f))});
        CHECK(check_all_kernels(test, 1e-6, 1e-6) == static_cast<int>(all_bricks().size()) * 2);
    }
    // Rows against columns, and a function of a broadcast operand.
    const OpCase outer = chain({{M::tanh, 1}, {M::mul, 0, ~0}, {M::less, ~1, 0}, {M::sub, ~2, 1}}, {activation(random_f32({40, 1}, 1)), activation(random_f32({1, 33}, 2))});
    CHECK(check_all_kernels(outer, 1e-6, 1e-6) == static_cast<int>(all_bricks().size()) * 2);
    const OpCase lanes = chain({{M::exp, 1}, {M::mul, 0, ~0}}, {activation(random_f32({2, 8, 5, 5}, 1)), constant(random_f32({8, 1, 1}, 2))});
    CHECK(check_all_kernels(lanes, 1e-6, 1e-6) == rows_of_all_layouts(4));
}

TEST_CASE("more live values than registers: the reference") {
    std::vector<ElemwiseProgram::Step> steps;
    for (int i = 0; i < 9; ++i) steps.push_back({M::leaky_relu, 0, 0, 0.1f * static_cast<float>(i)});
    for (int i = 0; i < 8; ++i) steps.push_back({M::add, i == 0 ? ~0 : ~(8 + i), ~(i + 1)});
    const OpCase test = chain(steps, {activation(random_f32({3, 4}, 1))});
    CHECK(check_all_kernels(test, 1e-6, 1e-6) == 0);
}

TEST_CASE("nodes as steps") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2, 3}), y = g.add_input("y", DType::f32, {2, 3});
    const ValueId zero = g.add_constant("zero", Array::scalar(0.f));
    const auto ask = [&](M m, std::vector<ValueId> in, ElemwiseProgram::Step& s) {
        Node n;
        n.op = &describe<Elemwise>();
        n.attributes.set("mode", static_cast<int64_t>(m));
        n.inputs = std::move(in);
        return as_program_step(n, g, s);
    };
    ElemwiseProgram::Step s;
    CHECK((ask(M::sum, {x, y}, s) && s.mode == M::add && s.b == 1));
    CHECK((ask(M::sub, {x, y}, s) && s.mode == M::sub));
    CHECK((ask(M::max_n, {x, zero}, s) && s.mode == M::relu));
    CHECK((ask(M::elu, {x}, s) && s.mode == M::elu && s.alpha == 1.f));
    CHECK(!ask(M::sum, {x, y, x}, s));
    CHECK(!ask(M::mean, {x, y}, s));
    CHECK(!ask(M::equal, {x, y}, s));
    CHECK(!ask(M::bitwise_and, {x, y}, s));
    CHECK(!ask(M::clip, {x, y}, s));
}
