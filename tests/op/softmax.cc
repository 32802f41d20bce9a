#include "lite/op/softmax.h"

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

TEST_CASE("Softmax by numpy, in the meaning of both opsets") {
    const TestTensor x = activation(f32({2, 3}, {1, 2, -1, 0.5f, -3, 4}));
    const Operator& op = describe<Softmax>();
    check_close(OpCase(op, {}, {x}, 1, 13).run_reference()[0], f32({2, 3}, {0.25949646f, 0.70538451f, 0.035119027f, 0.029286308f, 0.00088436987f, 0.96982932f}), 0, 1e-6, "last axis");
    check_close(OpCase(op, attributes({{"axis", int64_t{0}}}), {x}, 1, 13).run_reference()[0], f32({2, 3}, {0.62245933f, 0.99330715f, 0.0066928509f, 0.37754067f, 0.0066928509f, 0.99330715f}), 0, 1e-6, "axis 0");
    check_close(OpCase(op, attributes({{"axis", int64_t{0}}}), {x}, 1, 11).run_reference()[0], f32({2, 3}, {0.040709982f, 0.1106612f, 0.0055094969f, 0.024691852f, 0.00074562932f, 0.81768184f}), 0, 1e-6, "opset 11");
    // Opset 11 without an axis: 1, which joins the axes behind it.
    const Array wide = random_f32({2, 3, 4}, 1);
    const Array a = OpCase(op, {}, {activation(wide)}, 1, 11).run_reference()[0], b = OpCase(op, {}, {activation(wide.reshaped({2, 12}))}, 1, 13).run_reference()[0];
    check_close(a.reshaped({2, 12}), b, 0, 0, "coerced to rows");
    const Array hard = OpCase(op, attributes({{"mode", int64_t{2}}}), {activation(f32({2, 3}, {1, 3, 3, 0, -1, -2}))}, 1, 13).run_reference()[0];
    CHECK(hard.values<float>() == std::vector<float>{0, 1, 0, 1, 0, 0});
    CHECK_THROWS_AS(OpCase(op, attributes({{"axis", int64_t{2}}}), {x}, 1, 13), Error);
}

TEST_CASE("Softmax and LogSoftmax kernels: rows, inner axes, odd lengths") {
    for (int64_t mode : {0, 1})
        for (const Shape& s : {Shape{1, 1}, Shape{3, 7}, Shape{2, 3, 197}, Shape{5, 16}, Shape{2, 9, 5, 3}, Shape{2, 3, 20, 30}, Shape{0, 4}, Shape{3, 0}, Shape{4}, Shape{700, 2}, Shape{300, 12}, Shape{300, 13}})
            for (int64_t axis : {-1, 0}) {
                const OpCase test(describe<Softmax>(), attributes({{"mode", mode}, {"axis", axis}}), {activation(random_f32(s, 2, -8.f, 8.f))}, 1, 13);
                // log: of values to -30, exp 1 ulp, sums of up to 200 terms
                CHECK(check_all_kernels(test, mode ? 4e-6 : 1e-7, 4e-6) == static_cast<int>(all_bricks().size()) * 2);
            }
    for (int64_t axis : {1, 2}) {
        const OpCase test(describe<Softmax>(), attributes({{"axis", axis}}), {activation(random_f32({2, 3, 20, 30}, 2, -8.f, 8.f))}, 1, 13);
        CHECK(check_all_kernels(test, 1e-7, 4e-6) > 0);
        const OpCase old(describe<Softmax>(), attributes({{"axis", axis}}), {activation(random_f32({2, 3, 20, 30}, 2, -8.f, 8.f))}, 1, 11);
        CHECK(check_all_kernels(old, 1e-7, 4e-6) > 0);
    }
    // A masked row: -inf has no weight; nothing but -inf, or a NaN, makes the row NaN.
    const float inf = std::numeric_limits<float>::infinity();
    const OpCase masked(describe<Softmax>(), {}, {activation(f32({3, 3}, {-inf, 1, 2, -inf, -inf, -inf, 1, NAN, 2}))}, 1, 13);
    CHECK(check_all_kernels(masked, 1e-7, 4e-6) > 0);
}
