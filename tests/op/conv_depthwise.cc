#include "lite/op/conv_depthwise.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
struct Window {
    std::vector<int64_t> kernel, strides, pads, dilations;
};
int run(const Shape& x, const Window& w, ElemwiseMode activation = ElemwiseMode::identity, float alpha = 0.f, float beta = 0.f,
        bool bias = true, bool residual = false) {
    Conv::Attributes a;
    a.group = x[1];
    a.kernel_shape = w.kernel;
    a.strides = w.strides;
    a.pads = w.pads;
    a.dilations = w.dilations;
    a.activation = activation;
    a.activation_alpha = alpha;
    a.activation_beta = beta;
    a.residual = residual;
    Shape ws{x[1], 1};
    for (int64_t k : w.kernel) ws.push_back(k);
    std::vector<TestTensor> in = {lite_test::activation(random_f32(x, 1)), constant(random_f32(ws, 2)),
                                  bias ? constant(random_f32({x[1]}, 3)) : absent()};
    if (residual) {
        a.residual = 0;
        const Shape y = OpCase(describe<Conv>(), write_attributes(a), in).outputs[0].shape;
        a.residual = 1;
        in.push_back(lite_test::activation(random_f32(y, 4)));
    }
    const OpCase test(describe<Conv>(), write_attributes(a), in);
    // Sums of at most 121 products below 1, rounded to float in another order: about 1e-6 each.
    return check_all_kernels(test, 1e-5, 1e-5);
}
// Every instruction set has the layouts of 4, 8 and 16 channels whose block is whole vectors; each runs with 1 and 2 threads.
int depthwise_rows() {
    int n = 0;
    for (const Bricks* b : all_bricks())
        for (int p : {4, 8, 16}) n += p % b->lanes == 0 ? 2 : 0;
    return n;
}
}  // namespace

TEST_CASE("Depthwise convolutions of the common windows agree with the reference") {
    for (int64_t k : {3, 5, 7})
        for (int64_t stride : {1, 2})
            for (int64_t size : {1, 2, 4, 5, 7, 14, 19}) {
                const int64_t p = k / 2;
                CAPTURE(k);
                CAPTURE(stride);
                CAPTURE(size);
                CHECK(run({1, 19, size, size + 1}, {{k, k}, {stride, stride}, {p, p, p, p}, {}}) >= depthwise_rows());
            }
}

TEST_CASE("Depthwise convolutions with unusual windows, strides, pads and dilations") {
    CHECK(run({2, 5, 9, 11}, {{3, 3}, {3, 3}, {1, 1, 1, 1}, {}}) >= depthwise_rows());
    CHECK(run({2, 17, 9, 11}, {{3, 3}, {1, 1}, {0, 0, 0, 0}, {}}) >= depthwise_rows());
    CHECK(run({1, 8, 9, 11}, {{3, 5}, {1, 2}, {0, 2, 2, 1}, {}}) >= depthwise_rows());      // asymmetric, not square
    CHECK(run({1, 8, 9, 11}, {{3, 3}, {1, 1}, {3, 4, 5, 2}, {}}) >= depthwise_rows());      // pads wider than the window
    CHECK(run({1, 8, 12, 13}, {{3, 3}, {1, 1}, {2, 2, 2, 2}, {2, 2}}) >= depthwise_rows());
    CHECK(run({1, 8, 12, 13}, {{3, 3}, {2, 2}, {2, 2, 2, 2}, {2, 2}}) >= depthwise_rows());  // rows two apart share input rows
    CHECK(run({1, 8, 12, 13}, {{3, 3}, {4, 4}, {2, 2, 2, 2}, {2, 3}}) >= depthwise_rows());
    CHECK(run({1, 8, 12, 13}, {{2, 4}, {1, 1}, {1, 2, 0, 1}, {}}) >= depthwise_rows());
    CHECK(run({1, 8, 12, 13}, {{1, 1}, {1, 1}, {}, {}}) >= depthwise_rows());
    CHECK(run({1, 8, 12, 13}, {{1, 1}, {3, 2}, {}, {}}) >= depthwise_rows());
    CHECK(run({1, 8, 3, 3}, {{11, 11}, {1, 1}, {5, 5, 5, 5}, {}}) >= depthwise_rows());     // wider than the image
    CHECK(run({1, 20, 40}, {{5}, {1}, {2, 2}, {}}) >= depthwise_rows());                    // one spatial axis
    CHECK(run({3, 20, 40}, {{9}, {2}, {0, 3}, {3}}) >= depthwise_rows());
    CHECK(run({0, 8, 9, 9}, {{3, 3}, {1, 1}, {1, 1, 1, 1}, {}}) >= depthwise_rows());       // an empty batch
}

TEST_CASE("Depthwise convolutions add a residual and apply an activation, and leave the padding lanes zero") {
    const Window w3{{3, 3}, {1, 1}, {1, 1, 1, 1}, {}}, w7{{7, 7}, {2, 2}, {3, 3, 3, 3}, {}};
    for (const Window& w : {w3, w7}) {
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::relu) >= depthwise_rows());
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::clip, 0.25f, 0.75f) >= depthwise_rows());  // clip(0) is not 0
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::relu, 0.f, 0.f, true, true) >= depthwise_rows());
        CHECK(run({2, 16, 8, 9}, w, ElemwiseMode::identity, 0.f, 0.f, false, true) >= depthwise_rows());
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::hard_swish) >= depthwise_rows());
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::silu, 0.f, 0.f, true, true) >= depthwise_rows());
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::sigmoid) >= depthwise_rows());             // sigmoid(0) is not 0
        CHECK(run({1, 13, 8, 9}, w, ElemwiseMode::leaky_relu, 0.1f) >= depthwise_rows());
    }
}
