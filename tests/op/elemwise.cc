#include "lite/op/elemwise.h"

#include "lite/op/all.h"
#include "tests/support/op_test.h"
using namespace lite_test;
using M = lite::ElemwiseMode;

namespace {

Attributes with_mode(M m, std::initializer_list<std::pair<const char*, AttributeValue>> more = {}) {
    Attributes a;
    a.set("mode", static_cast<int64_t>(m));
    for (const auto& [k, v] : more) a.set(k, v);
    return a;
}
Array run(M m, std::vector<TestTensor> in, std::initializer_list<std::pair<const char*, AttributeValue>> more = {}) {
    return OpCase(describe<Elemwise>(), with_mode(m, more), std::move(in)).run_reference()[0];
}
template <class T> Array vec(std::vector<T> v) { return Array::of<T>(Shape{static_cast<int64_t>(v.size())}, v); }
Array bools(std::vector<int> v) {
    Array a = Array::zeros(DType::boolean, {static_cast<int64_t>(v.size())});
    for (size_t i = 0; i < v.size(); ++i) reinterpret_cast<bool*>(a.mutable_data())[i] = v[i] != 0;
    return a;
}
template <class T> void expect(const Array& got, std::vector<T> want) {
    CHECK(got.dtype() == dtype_of<T>);
    CHECK(got.values<T>() == want);
}
void expect_bool(const Array& got, std::vector<int> want) {
    CHECK(got.dtype() == DType::boolean);
    CHECK(got.values<int>() == want);
}

// The value of a tensor at an index of the output, by numpy's rules, without any of the library's loops.
float at(const Array& a, const Shape& out, size_t flat) {
    size_t offset = 0, stride = 1, rest = flat;
    for (size_t k = 0; k < out.rank(); ++k) {
        const size_t e = static_cast<size_t>(out[out.rank() - 1 - k]), i = rest % e;
        rest /= e;
        if (k < a.shape().rank()) {
            const size_t d = static_cast<size_t>(a.shape()[a.shape().rank() - 1 - k]);
            if (d != 1) offset += i * stride;
            stride *= d;
        }
    }
    float v;
    std::memcpy(&v, a.data() + offset * sizeof v, sizeof v);
    return v;
}

}  // namespace

TEST_CASE("integers: truncating division, modulo of both signs, powers, shifts, bits, wrapping") {
    expect<int32_t>(run(M::div, {activation(vec<int32_t>({7, -7, 7, -7, 5, INT32_MIN})), activation(vec<int32_t>({2, 2, -2, -2, 0, -1}))}),
                    {3, -3, -3, 3, 0, INT32_MIN});
    expect<int64_t>(run(M::div, {activation(vec<int64_t>({INT64_MIN, 9})), activation(vec<int64_t>({-1, 4}))}), {INT64_MIN, 2});
    expect<int32_t>(run(M::mod, {activation(vec<int32_t>({-4, 7, 5, 4, -7, 8})), activation(vec<int32_t>({2, -3, 8, -2, 3, 5}))}), {0, -2, 5, 0, 2, 3});
    expect<int32_t>(run(M::mod, {activation(vec<int32_t>({-4, 7, 5, 4, -7, 8})), activation(vec<int32_t>({2, -3, 8, -2, 3, 5}))}, {{"fmod", int64_t{1}}}),
                    {0, 1, 5, 0, -1, 3});
    expect<int32_t>(run(M::floor_div, {activation(vec<int32_t>({-7, 7})), activation(vec<int32_t>({2, 2}))}), {-4, 3});
    expect<int64_t>(run(M::pow, {activation(vec<int64_t>({3, -2, 2, 10})), activation(vec<int64_t>({4, 3, -1, 0}))}), {81, -8, 0, 1});
    expect<int32_t>(run(M::pow, {activation(vec<int32_t>({4, 9})), activation(vec<float>({0.5f, 1.5f}))}), {2, 27});
    expect<float>(run(M::pow, {activation(vec<float>({4, 9})), activation(vec<int64_t>({2, -1}))}), {16.f, 1.f / 9});
    expect<uint8_t>(run(M::add, {activation(vec<uint8_t>({250, 1})), activation(vec<uint8_t>({10, 2}))}), {4, 3});
    expect<int8_t>(run(M::mul, {activation(vec<int8_t>({100, -128})), activation(vec<int8_t>({3, -1}))}), {44, -128});
    expect<uint64_t>(run(M::max_n, {activation(vec<uint64_t>({UINT64_MAX, 1})), activation(vec<uint64_t>({3, 2}))}), {UINT64_MAX, 2});
    expect<uint32_t>(run(M::shift_left, {activation(vec<uint32_t>({16, 4, 1})), activation(vec<uint32_t>({1, 2, 40}))}), {32, 16, 0});
    expect<uint8_t>(run(M::shift_left, {activation(vec<uint8_t>({16, 4, 1})), activation(vec<uint8_t>({1, 2, 3}))}, {{"direction", std::string("RIGHT")}}),
                    {8, 1, 0});
    // Amounts beyond the width, negative ones among them, leave nothing but the sign.
    expect<int8_t>(run(M::shift_left, {activation(vec<int8_t>({-8, 8, -8})), activation(vec<int8_t>({1, -1, 9}))}, {{"direction", std::string("RIGHT")}}), {-4, 0, -1});
    expect<uint64_t>(run(M::shift_right, {activation(vec<uint64_t>({UINT64_MAX})), activation(vec<uint64_t>({64}))}), {0});
    expect<int16_t>(run(M::bitwise_and, {activation(vec<int16_t>({12, -1})), activation(vec<int16_t>({10, 7}))}), {8, 7});
    expect<int16_t>(run(M::bitwise_xor, {activation(vec<int16_t>({12, -1})), activation(vec<int16_t>({10, 7}))}), {6, -8});
    expect<uint8_t>(run(M::bitwise_not, {activation(vec<uint8_t>({0, 0x0f}))}), {0xff, 0xf0});
    expect<int32_t>(run(M::bitwise_not, {activation(vec<int32_t>({0, 5}))}), {-1, -6});
    expect<int64_t>(run(M::abs, {activation(vec<int64_t>({-5, INT64_MIN}))}), {5, INT64_MIN});
    expect<int8_t>(run(M::neg, {activation(vec<int8_t>({-128, 3}))}), {-128, -3});
    expect<int32_t>(run(M::sign, {activation(vec<int32_t>({-5, 0, 9}))}), {-1, 0, 1});
    expect<int32_t>(run(M::relu, {activation(vec<int32_t>({-5, 0, 9}))}), {0, 0, 9});
    expect<int64_t>(run(M::clip, {activation(vec<int64_t>({-5, 0, 9})), constant(Array::scalar<int64_t>(-1)), constant(Array::scalar<int64_t>(4))}),
                    {-1, 0, 4});
    expect<uint8_t>(run(M::clip, {activation(vec<uint8_t>({5, 0, 9})), absent(), constant(Array::scalar<uint8_t>(6))}), {5, 0, 6});
    expect<int64_t>(run(M::sum, {activation(vec<int64_t>({1, 2})), activation(vec<int64_t>({10})), activation(vec<int64_t>({100, 200}))}), {111, 212});
}

TEST_CASE("comparisons and logic give truth values") {
    const TestTensor a = activation(vec<float>({1, 2, 3, NAN})), b = activation(vec<float>({2, 2, 2, NAN}));
    expect_bool(run(M::equal, {a, b}), {0, 1, 0, 0});
    expect_bool(run(M::less, {a, b}), {1, 0, 0, 0});
    expect_bool(run(M::less_equal, {a, b}), {1, 1, 0, 0});
    expect_bool(run(M::greater, {a, b}), {0, 0, 1, 0});
    expect_bool(run(M::greater_equal, {a, b}), {0, 1, 1, 0});
    expect_bool(run(M::equal, {activation(vec<int64_t>({1, INT64_MAX})), activation(vec<int64_t>({2, INT64_MAX}))}), {0, 1});
    expect_bool(run(M::equal, {activation(bools({0, 1})), activation(bools({1, 1}))}), {0, 1});
    expect_bool(run(M::less, {activation(vec<uint64_t>({1, UINT64_MAX})), activation(vec<uint64_t>({UINT64_MAX, 1}))}), {1, 0});
    const TestTensor p = activation(bools({0, 0, 1, 1})), q = activation(bools({0, 1, 0, 1}));
    expect_bool(run(M::logical_and, {p, q}), {0, 0, 0, 1});
    expect_bool(run(M::logical_or, {p, q}), {0, 1, 1, 1});
    expect_bool(run(M::logical_xor, {p, q}), {0, 1, 1, 0});
    expect_bool(run(M::logical_not, {p}), {1, 1, 0, 0});
    expect_bool(run(M::is_nan, {a}), {0, 0, 0, 1});
    const TestTensor i = activation(vec<float>({INFINITY, -INFINITY, NAN, 3}));
    expect_bool(run(M::is_inf, {i}), {1, 1, 0, 0});
    expect_bool(run(M::is_inf, {i}, {{"detect_positive", int64_t{0}}}), {0, 1, 0, 0});
    expect_bool(run(M::is_inf, {i}, {{"detect_negative", int64_t{0}}}), {1, 0, 0, 0});
}

TEST_CASE("half and double, and the defaults of parameters") {
    Array h = Array::zeros(DType::f16, {2});
    reinterpret_cast<Half*>(h.mutable_data())[0] = Half(-3.f);
    reinterpret_cast<Half*>(h.mutable_data())[1] = Half(2.f);
    CHECK(run(M::leaky_relu, {activation(h)}).values<float>()[0] == doctest::Approx(-0.03).epsilon(1e-3));
    CHECK(run(M::exp, {activation(vec<double>({1.0}))}).values<double>()[0] == doctest::Approx(2.718281828459045).epsilon(1e-15));
    const TestTensor x = activation(vec<float>({-1.5f, 0.25f, 3.f}));
    const auto f = [&](M m, std::initializer_list<std::pair<const char*, AttributeValue>> more = {}) { return run(m, {x}, more).values<float>(); };
    using V = std::vector<float>;
    // Values of numpy for the formulas of the ONNX specification.
    const auto close = [](const V& a, const V& b) {
        for (size_t i = 0; i < 3; ++i)
            if (std::abs(a[i] - b[i]) > 1e-6f) return false;
        return true;
    };
    CHECK(close(f(M::hard_sigmoid), {0.2f, 0.55f, 1.f}));
    CHECK(close(f(M::hard_sigmoid, {{"alpha", 0.5f}, {"beta", 0.6f}}), {0.f, 0.725f, 1.f}));
    CHECK(close(f(M::elu), {-0.77686984f, 0.25f, 3.f}));
    CHECK(close(f(M::selu), {-1.3658143f, 0.26267525f, 3.152103f}));
    CHECK(close(f(M::selu, {{"alpha", 2.f}, {"gamma", 3.f}}), {-4.6612191f, 0.75f, 9.f}));
    CHECK(close(f(M::celu, {{"alpha", 2.f}}), {-1.0552669f, 0.25f, 3.f}));
    CHECK(close(f(M::thresholded_relu), {0.f, 0.f, 3.f}));
    CHECK(close(f(M::shrink), {-1.5f, 0.f, 3.f}));
    CHECK(close(f(M::shrink, {{"lambd", 1.f}, {"bias", 0.5f}}), {-1.f, 0.f, 2.5f}));
    CHECK(close(f(M::clip, {{"min", -1.f}, {"max", 1.f}}), {-1.f, 0.25f, 1.f}));
    CHECK(close(f(M::gelu), {-0.10021080f, 0.14967659f, 2.9959502f}));
    CHECK(close(f(M::gelu, {{"approximate", std::string("tanh")}}), {-0.10042840f, 0.14967535f, 2.9963627f}));
    CHECK(close(f(M::quick_gelu), {-0.1083378f, 0.15119965f, 2.9819287f}));
    CHECK(close(f(M::swish, {{"alpha", 2.f}}), {-0.07113881f, 0.15561485f, 2.9925821f}));
    CHECK(close(f(M::mish), {-0.29809974f, 0.16957241f, 2.986535f}));
    CHECK(close(f(M::round), {-2.f, 0.f, 3.f}));
    CHECK(close(run(M::gelu_tanh, {x, activation(vec<float>({0.5f}))}).values<float>(), {-0.15880801f, 0.57996056f, 3.4993838f}));
}

TEST_CASE("shapes: what is broadcast, what is unknown, what is wrong") {
    CHECK(OpCase(describe<Elemwise>(), with_mode(M::add), {activation(random_f32({2, 1, 4}, 1)), activation(random_f32({3, 1}, 2))}).outputs[0].shape ==
          Shape{2, 3, 4});
    CHECK_THROWS_WITH_AS(OpCase(describe<Elemwise>(), with_mode(M::add), {activation(random_f32({2, 3}, 1)), activation(random_f32({2, 4}, 2))}),
                         doctest::Contains("do not broadcast"), Error);
    CHECK_THROWS_WITH_AS(OpCase(describe<Elemwise>(), with_mode(M::add), {activation(random_f32({2}, 1)), activation(vec<int64_t>({1, 2}))}),
                         doctest::Contains("input 1 is i64, input 0 is f32"), Error);
    CHECK(run(M::add, {activation(random_f32({0, 3}, 1)), activation(random_f32({3}, 2))}).shape() == Shape{0, 3});
}

TEST_CASE("the reference broadcasts like numpy") {
    const std::pair<Shape, Shape> cases[] = {{{3}, {3}}, {{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{2, 1, 4}, {3, 1}}, {{}, {2, 3}}, {{5, 1, 2, 1}, {4, 1, 3}},
                                             {{2, 4, 1, 8}, {1, 4, 5, 8}}, {{6, 8}, {8}}, {{6, 8}, {6, 1}}, {{2, 3, 4}, {1, 1, 4}}, {{1, 7, 16}, {3, 1, 16}}};
    for (const auto& shapes : cases) {
        const Array a = random_f32(shapes.first, 1), b = random_f32(shapes.second, 2);
        const Array y = run(M::sub, {activation(a), activation(b)});
        const std::vector<float> got = y.values<float>();
        bool same = true;
        for (size_t i = 0; i < got.size(); ++i) same = same && got[i] == at(a, y.shape(), i) - at(b, y.shape(), i);
        CHECK_MESSAGE(same, text(shapes.first, shapes.second));
    }
}

TEST_CASE("functions of one input in every layout: pads stay zero") {
    for (M m : {M::relu, M::sigmoid, M::tanh, M::exp, M::cos, M::neg, M::gelu, M::softplus, M::hard_sigmoid, M::hard_swish, M::silu, M::mish, M::erf, M::abs})
        for (const Shape& s : {Shape{2, 5, 3, 7}, Shape{1, 16, 2, 2}, Shape{2, 3, 9}, Shape{7}, Shape{2, 19, 1, 1}, Shape{1, 3, 2, 2, 2}}) {
            const OpCase test(describe<Elemwise>(), with_mode(m), {activation(random_f32(s, 3, -4.f, 4.f))});
            CHECK(check_all_kernels(test, 5e-7, 2e-6) == rows_of_all_layouts(s.rank()));  // a few ulp of either sign of cancellation
        }
    const OpCase clip(describe<Elemwise>(), with_mode(M::clip),
                      {activation(random_f32({2, 5, 3, 3}, 3, -9.f, 9.f)), activation(Array::scalar(0.5f)), constant(Array::scalar(6.f))});
    CHECK(check_all_kernels(clip, 0, 0) > 0);
    const OpCase empty(describe<Elemwise>(), with_mode(M::exp), {activation(random_f32({2, 0, 3, 3}, 3))});
    CHECK(check_all_kernels(empty, 0, 0) > 0);
}

TEST_CASE("functions of two inputs: broadcasting of constants and of activations in every layout") {
    struct Case {
        Shape a, b;
        bool constant_b;
        int layouts;  // rows that must run: NCHW, NHWC, or 5: in every layout
    };
    const Case cases[] = {
            {{2, 5, 3, 7}, {2, 5, 3, 7}, false, 5}, {{2, 5, 3, 7}, {}, true, 5}, {{2, 5, 3, 7}, {1}, false, 5},
            {{2, 5, 3, 7}, {5, 1, 1}, true, 5}, {{2, 16, 3, 7}, {1, 16, 1, 1}, true, 5}, {{2, 20, 4, 4}, {2, 20, 1, 1}, false, 5},
            {{2, 5, 3, 7}, {1, 5, 1, 1}, false, 5}, {{2, 5, 3, 7}, {1, 5, 3, 7}, true, 5}, {{2, 5, 3, 7}, {3, 7}, true, 5},
            {{2, 5, 3, 7}, {7}, true, 5}, {{2, 5, 3, 7}, {2, 1, 3, 7}, false, 2}, {{2, 5, 3, 7}, {5, 3, 7}, false, 1},
            {{2, 20, 1, 1}, {2, 20, 4, 4}, false, 5}, {{2, 4, 6, 6}, {4, 1, 1}, true, 5}, {{3, 8, 4}, {8, 1}, true, 5},
            {{4, 6}, {6}, true, 1}, {{4, 6}, {4, 1}, false, 1}, {{2, 3, 4}, {1, 3, 1}, true, 5}, {{5}, {5}, false, 1},
            {{1, 3, 40, 40}, {1, 3, 1, 1}, true, 5}, {{2, 5, 30, 31}, {2, 5, 30, 31}, false, 5}, {{2, 0, 3, 3}, {1}, true, 5},
            {{1, 2, 7, 16}, {1, 1, 1, 16}, true, 5}, {{4, 1, 16}, {4, 9, 16}, false, 2}};
    for (const Case& k : cases)
        for (M m : {M::add, M::div, M::max, M::pow, M::prelu, M::sub}) {
            const Array b = random_f32(k.b, 6, 0.5f, 2.f);
            const OpCase test(describe<Elemwise>(), with_mode(m), {activation(random_f32(k.a, 5, 0.5f, 2.f)), k.constant_b ? constant(b) : activation(b)});
            INFO(text("mode ", static_cast<int64_t>(m), " ", k.a, " ", k.b));
            const int rows = k.layouts == 5 ? rows_of_all_layouts(std::max(k.a.rank(), k.b.rank())) : static_cast<int>(all_bricks().size()) * 2 * k.layouts;
            CHECK(check_all_kernels(test, 0, 3e-7) == rows);  // 1 ulp; pow of floats: 2
            const OpCase swapped(describe<Elemwise>(), with_mode(m), {k.constant_b ? constant(b) : activation(b), activation(random_f32(k.a, 5, 0.5f, 2.f))});
            CHECK(check_all_kernels(swapped, 0, 3e-7) > 0);
        }
}

TEST_CASE("any number of inputs") {
    for (M m : {M::sum, M::mean, M::max_n, M::min_n}) {
        for (size_t n : {1u, 2u, 3u, 5u}) {
            std::vector<TestTensor> in;
            for (size_t i = 0; i < n; ++i) in.push_back(activation(random_f32(i == 2 ? Shape{2, 7, 1, 1} : Shape{2, 7, 5, 3}, 10 + static_cast<uint32_t>(i))));
            const OpCase test(describe<Elemwise>(), with_mode(m), in);
            // The reference rounds once per step of two inputs, the kernel, too; the mean multiplies last.
            CHECK(check_all_kernels(test, 1e-7, 3e-7) == rows_of_all_layouts(4));
        }
    }
    expect<float>(run(M::mean, {activation(vec<float>({1, 2})), activation(vec<float>({3, 4})), activation(vec<float>({5, 0}))}), {3, 2});
}

TEST_CASE("typed kernels agree with the reference") {
    const auto some = [](DType t, const Shape& s, uint32_t seed) {
        Array a = Array::zeros(t, s);
        visit_dtype(t, [&](auto tag) {
            using T = decltype(tag);
            for (int64_t i = 0; i < a.count(); ++i) {
                const T v = convert_element<T>(static_cast<float>((static_cast<uint32_t>(i) * 2654435761u + seed) >> 29) - (std::is_signed_v<T> ? 4.f : 0.f));
                std::memcpy(a.mutable_data() + static_cast<size_t>(i) * sizeof(T), &v, sizeof v);
            }
        });
        return a;
    };
    const auto rows = [](const OpCase& test) { return check_all_kernels(test, 0, 0); };
    const int all = static_cast<int>(all_bricks().size()) * 2;
    for (const auto& [p, q] : {std::pair{Shape{3, 50}, Shape{3, 50}}, {Shape{3, 50}, Shape{}}, {Shape{1}, Shape{3, 50}}, {Shape{7, 8}, Shape{8}}, {Shape{4, 1, 5}, Shape{6, 1}}, {Shape{0, 2}, Shape{2}}}) {
        for (M m : {M::equal, M::not_equal, M::less, M::less_equal, M::greater, M::greater_equal})
            for (DType t : {DType::f32, DType::u8, DType::i8, DType::i32, DType::i64})
                CHECK(rows(OpCase(describe<Elemwise>(), with_mode(m), {activation(some(t, p, 1)), activation(some(t, q, 77777777))})) == all);
        for (M m : {M::add, M::sub, M::mul, M::div, M::max_n, M::min_n, M::sum})
            for (DType t : {DType::i32, DType::i64})
                CHECK(rows(OpCase(describe<Elemwise>(), with_mode(m), {activation(some(t, p, 1)), activation(some(t, q, 77777777))})) == all);
        for (M m : {M::equal, M::logical_and, M::logical_or, M::logical_xor})
            CHECK(rows(OpCase(describe<Elemwise>(), with_mode(m), {activation(some(DType::boolean, p, 1)), activation(some(DType::boolean, q, 77777777))})) == all);
    }
    CHECK(rows(OpCase(describe<Elemwise>(), with_mode(M::add), {activation(some(DType::i16, {3}, 1)), activation(some(DType::i16, {3}, 2))})) == 0);
}

TEST_CASE("work in place") {
    const Operator& op = describe<Elemwise>();
    for (const KernelRow& row : op.rows) CHECK(row.in_place == (row.dtype == DType::f32));
    const Array x = random_f32({3, 7, 5}, 1), b = random_f32({7, 1}, 2);
    const OpCase test(op, with_mode(M::mul), {activation(x), activation(b)});
    const Array want = test.run_reference()[0];
    Array y = random_f32({3, 7, 5}, 1);
    for (const KernelRow& row : op.rows) {
        if (row.in_layout != LayoutTag::nchw || !row.in_place) continue;
        const NodeInfo info{&test.node(), test.inputs, test.outputs, all_bricks().front(), 1};
        PrepareContext prepare;
        const auto state = row.prepare(info, prepare);
        TensorView in[] = {{y.mutable_data(), DType::f32, y.shape(), LayoutTag::nchw},
                           {const_cast<std::byte*>(b.data()), DType::f32, b.shape(), LayoutTag::nchw}};
        TensorView out[] = {in[0]};
        InlinePool pool;
        RunContext c;
        c.node = &test.node();
        c.inputs = in;
        c.outputs = out;
        c.bricks = all_bricks().front();
        c.pool = &pool;
        row.run(state.get(), c);
        check_close(y, want, 0, 0, "in place");
    }
}

TEST_CASE("nodes as activations") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2, 3});
    const ValueId six = g.add_constant("six", Array::scalar(6.f)), zero = g.add_constant("zero", Array::scalar(0.f));
    const ValueId wide = g.add_constant("wide", Array::of<float>({1, 1, 1}, std::vector<float>{1.f})), late = g.add_input("late", DType::f32, {});
    const auto ask = [&](M m, std::vector<ValueId> in, Activation& a, Attributes more = {}) {
        Node n;
        n.op = &describe<Elemwise>();
        n.attributes = more;
        n.attributes.set("mode", static_cast<int64_t>(m));
        n.inputs = std::move(in);
        return as_activation(n, g, a);
    };
    Activation a;
    CHECK((ask(M::relu, {x}, a) && a.mode == M::relu));
    CHECK((ask(M::clip, {x, zero, six}, a) && a.mode == M::clip && a.alpha == 0.f && a.beta == 6.f));
    CHECK((ask(M::clip, {x, zero}, a) && a.mode == M::relu));
    CHECK((ask(M::clip, {x, kNoValue, six}, a) && a.mode == M::clip && a.beta == 6.f && std::isinf(a.alpha)));
    CHECK(!ask(M::clip, {x, late, six}, a));
    CHECK((ask(M::max_n, {x, zero}, a) && a.mode == M::relu));
    CHECK((ask(M::min_n, {x, six}, a) && a.mode == M::clip && a.beta == 6.f));
    CHECK((ask(M::prelu, {x, six}, a) && a.mode == M::leaky_relu && a.alpha == 6.f));
    CHECK(!ask(M::prelu, {x, wide}, a));
    CHECK(!ask(M::add, {x, six}, a));
    CHECK(!ask(M::is_nan, {x}, a));
    CHECK((ask(M::hard_sigmoid, {x}, a) && a.alpha == 0.2f && a.beta == 0.5f));
    Attributes tanh;
    tanh.set("approximate", std::string("tanh"));
    CHECK((ask(M::gelu, {x}, a, tanh) && a.mode == M::gelu_tanh));
}

TEST_CASE("every spelling is found") {
    for (const Spelling& s : Elemwise::spellings) {
        const auto [op, mode] = registry().find(s.format, s.domain, s.name);
        CHECK(op == &describe<Elemwise>());
        CHECK(mode == s.mode);
    }
}
