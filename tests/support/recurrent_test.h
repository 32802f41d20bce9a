// What the tests of LSTM, GRU and RNN share: generated inputs, checks against fixed numbers, runs of the kernels.
#ifndef LITE_TESTS_SUPPORT_RECURRENT_TEST_H_
#define LITE_TESTS_SUPPORT_RECURRENT_TEST_H_
#include "lite/op/recurrent.h"
#include "tests/support/op_test.h"

namespace lite_test {
// Multiples of 1/8 in (-1, 1].
Array eighths(const Shape& shape, uint32_t seed) {
    std::vector<float> v(static_cast<size_t>(shape.count()));
    for (float& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<float>(static_cast<int>((seed >> 24) & 15u) - 7) / 8.f;
    }
    return Array::of(shape, v);
}
template <class Op> std::vector<TestTensor> tensors(const typename Op::Attributes& a, int64_t t, int64_t b, int64_t in, int64_t h, bool constant_weights,
                                                    bool bias, const std::vector<int32_t>& lengths, bool state, bool peepholes) {
    const int64_t d = a.directions(), g = Op::kGates;
    const Shape first = a.layout ? Shape{b, d, h} : Shape{d, b, h};
    std::vector<TestTensor> list{activation(eighths(a.layout ? Shape{b, t, in} : Shape{t, b, in}, 1)),
                                 {eighths({d, g * h, in}, 2), constant_weights},
                                 {eighths({d, g * h, h}, 3), constant_weights},
                                 bias ? TestTensor{eighths({d, 2 * g * h}, 4), constant_weights} : absent(),
                                 lengths.empty() ? absent() : activation(Array::of({b}, lengths)),
                                 state ? activation(eighths(first, 5)) : absent()};
    if (Op::kStates == 2) {
        list.push_back(state ? activation(eighths(first, 6)) : absent());
        list.push_back(peepholes ? TestTensor{eighths({d, 3 * h}, 7), constant_weights} : absent());
    }
    return list;
}
// Expected numbers are ONNX Runtime's, in single precision: 3 steps, a batch of 2, 2 inputs, 3 states.
template <class Op, class F> void check_fixed(const char* what, F&& set, bool bias, const std::vector<int32_t>& lengths, bool state, bool peepholes,
                                              const std::vector<std::vector<float>>& want) {
    typename Op::Attributes a;
    a.hidden_size = 3;
    set(a);
    const OpCase test(describe<Op>(), write_attributes(a), tensors<Op>(a, 3, 2, 2, 3, true, bias, lengths, state, peepholes), 1 + Op::kStates);
    const auto got = test.run_reference();
    for (size_t i = 0; i < got.size(); ++i) check_close(got[i], Array::of(got[i].shape(), want[i]), 1e-6, 1e-6, text(what, ", output ", i));
}
template <class Op> int run(const typename Op::Attributes& a, int64_t t, int64_t b, int64_t in, int64_t h, int variant) {
    std::vector<int32_t> lengths;
    if (variant & 1)
        for (int64_t i = 0; i < b; ++i) lengths.push_back(static_cast<int32_t>((i * 7 + 2) % (t + 1)));
    const OpCase test(describe<Op>(), write_attributes(a), tensors<Op>(a, t, b, in, h, variant & 2, variant & 4, lengths, variant & 8, variant & 16), 1 + Op::kStates);
    // single precision against double: roundings of `h` products in each step, which the state carries on
    return check_all_kernels(test, 1e-5, 1e-4);
}
// Every kernel over odd sizes, lists of lengths, absent and present inputs, constant and other weights, both ways of time.
template <class Op> void check_kernels(const typename Op::Attributes& base) {
    struct Size {
        int64_t t, b, in, h;
    };
    for (const Size& s : {Size{1, 1, 1, 1}, Size{5, 1, 10, 33}, Size{4, 3, 7, 16}, Size{3, 2, 64, 20}, Size{0, 2, 3, 4}, Size{2, 0, 3, 4}, Size{1, 17, 5, 130}})
        for (const char* direction : {"forward", "reverse", "bidirectional"})
            for (int variant = 0; variant < 32; variant += s.h == 33 ? 1 : 5) {
                auto a = base;
                a.direction = direction;
                a.layout = variant >> 1 & 1;
                if (a.activations.size() && a.directions() == 2) a.activations.insert(a.activations.end(), base.activations.begin(), base.activations.end());
                CHECK(run<Op>(a, s.t, s.b, s.in, s.h, variant) > 0);
            }
}

}  // namespace lite_test
#endif
