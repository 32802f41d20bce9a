#include "lite/op/losses.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("NegativeLogLikelihoodLoss picks the label, weighs and ignores") {
    const Array x = f32({2, 3}, {-1, -2, -3, -4, -5, -6}), labels = i64({2}, {2, 0}), weights = f32({3}, {1, 2, 3});
    const auto run = [&](Attributes a, bool weighted) {
        return OpCase(describe<NegativeLogLikelihoodLoss>(), a, {activation(x), activation(labels), weighted ? constant(weights) : absent()}, 1, 13);
    };
    check_output(run(with("reduction", std::string("none")), false), f32({2}, {3, 4}));
    check_output(run({}, false), f32({}, {3.5f}));
    check_output(run(with("reduction", std::string("sum")), true), f32({}, {13}));
    check_output(run({}, true), f32({}, {13.f / 4}));
    check_output(run(with("ignore_index", int64_t{2}), true), f32({}, {4}));
    CHECK_THROWS_AS(OpCase(describe<NegativeLogLikelihoodLoss>(), {}, {activation(x), activation(i64({2}, {3, 0}))}).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<NegativeLogLikelihoodLoss>(), {}, {activation(x), activation(x)}), Error);
    CHECK_THROWS_AS(OpCase(describe<NegativeLogLikelihoodLoss>(), {}, {activation(x), activation(i64({3}, {0, 0, 0}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<NegativeLogLikelihoodLoss>(), {}, {activation(f32({2, 0}, {})), activation(i64({2}, {0, 0}))}), Error);
}

TEST_CASE("SoftmaxCrossEntropyLoss is that of the log-softmax") {
    const Array x = random_f32({2, 4, 3}, 5, -3, 3), labels = i64({2, 3}, {0, 1, 2, 3, 0, 1});
    const auto got = OpCase(describe<SoftmaxCrossEntropyLoss>(), with("reduction", std::string("none")), {activation(x), activation(labels)}, 2, 13).run_reference();
    const auto v = x.values<double>();
    std::vector<float> logs(v.size()), loss;
    for (size_t b = 0; b < 2; ++b)
        for (size_t i = 0; i < 3; ++i) {
            double sum = 0;
            for (size_t k = 0; k < 4; ++k) sum += std::exp(v[(b * 4 + k) * 3 + i]);
            for (size_t k = 0; k < 4; ++k) logs[(b * 4 + k) * 3 + i] = static_cast<float>(v[(b * 4 + k) * 3 + i] - std::log(sum));
            loss.push_back(-logs[(b * 4 + labels.values<size_t>()[b * 3 + i]) * 3 + i]);
        }
    check_close(got[0], f32({2, 3}, loss), 1e-6, 1e-6, "loss");  // rounding of double results to float, twice
    check_close(got[1], f32({2, 4, 3}, logs), 1e-6, 1e-6, "logarithms");
}
