#include "lite/op/matmul.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
// Small integers, so that every sum is exact and the expected numbers (of numpy.matmul) hold for every type.
template <class T = float> Array integers(const Shape& shape, uint32_t seed) {
    std::vector<T> v(static_cast<size_t>(shape.count()));
    for (T& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<T>(static_cast<float>(static_cast<int>((seed >> 24) & 15u) - 7));
    }
    return Array::of(shape, v);
}
struct Fixed {
    Shape a, b, y;
    std::vector<float> want;
};
const Fixed kFixed[] = {
        {{2, 3}, {3, 4}, {2, 4}, {31, 69, -38, 13, -22, 6, -15, 15}},
        {{3}, {3, 2}, {2}, {-24, -10}},
        {{2, 3}, {3}, {2}, {53, -74}},
        {{4}, {4}, {}, {35}},
        {{2, 1, 2, 3}, {3, 3, 2}, {2, 3, 2, 2}, {-24, -10, -50, 85, -4, -54, -17, 0, -13, -25, -15, -31, -54, 23, 29, 1, 5, -48, 4, 51, 11, -37, 11, 27}},
        {{2, 2, 3}, {3, 2}, {2, 2, 2}, {-24, -10, -50, 85, -54, 23, 29, 1}},
};
template <class T> void check_fixed() {
    for (const Fixed& f : kFixed) {
        const OpCase test(describe<MatMul>(), {}, {activation(integers<T>(f.a, 1)), activation(integers<T>(f.b, 2))});
        CHECK(test.outputs[0].shape == f.y);
        const Array got = test.run_reference()[0];
        CHECK(got.dtype() == dtype_of<T>);
        check_close(Array::of(f.y, got.values<float>()), Array::of(f.y, f.want), 0, 0, text("matmul ", f.a, f.b));
    }
}
int run(const Shape& a, const Shape& b, const MatMul::Attributes& at, bool constant_b, int64_t bias = 0) {
    std::vector<TestTensor> in{activation(random_f32(a, 1)), {random_f32(b, 2), constant_b}};
    if (at.bias) in.push_back({random_f32({bias}, 3), constant_b});
    const OpCase test(describe<MatMul>(), write_attributes(at), in);
    // sums of k products of numbers below 1, rounded once for each k
    return check_all_kernels(test, 2e-5, 1e-5);
}
}  // namespace

TEST_CASE("MatMul's reference on integers of every type") {
    check_fixed<float>();
    check_fixed<double>();
    check_fixed<Half>();
    check_fixed<BFloat16>();
    check_fixed<int32_t>();
    check_fixed<int64_t>();
    // unsigned: the same residues
    const Array a = Array::of({1, 2}, std::vector<uint32_t>{3000000000u, 2u}), b = Array::of({2, 1}, std::vector<uint32_t>{2u, 5u});
    const OpCase test(describe<MatMul>(), {}, {activation(a), activation(b)});
    CHECK(test.run_reference()[0].values<uint32_t>()[0] == 1705032714u);
}

TEST_CASE("MatMul's kernels agree with the reference") {
    for (bool constant_b : {true, false})
        for (int64_t m : {0, 1, 2, 7, 29})
            for (int64_t n : {0, 1, 8, 15, 33, 100})
                for (int64_t k : {0, 1, 6, 65}) CHECK(run({m, k}, {k, n}, {}, constant_b) > 0);
    for (bool constant_b : {true, false}) {
        CHECK(run({5}, {5, 3}, {}, constant_b) > 0);
        CHECK(run({4, 5}, {5}, {}, constant_b) > 0);
        CHECK(run({5}, {5}, {}, constant_b) > 0);
        CHECK(run({2, 3, 19, 12}, {2, 3, 12, 21}, {}, constant_b) > 0);
        CHECK(run({3, 19, 12}, {2, 1, 12, 21}, {}, constant_b) > 0);
        CHECK(run({2, 1, 5, 12}, {3, 12, 21}, {}, constant_b) > 0);
        CHECK(run({2, 3, 5, 12}, {12, 21}, {}, constant_b) > 0);
        CHECK(run({2, 0, 5, 12}, {12, 21}, {}, constant_b) > 0);
        CHECK(run({12}, {4, 12, 7}, {}, constant_b) > 0);
        CHECK(run({4, 7, 12}, {12}, {}, constant_b) > 0);
        CHECK(run({70, 1024}, {1024, 40}, {}, constant_b) > 0);
        CHECK(run({70, 200}, {200, 1024}, {}, constant_b) > 0);
        CHECK(run({1, 1280}, {1280, 1000}, {}, constant_b) > 0);
    }
}

TEST_CASE("MatMul with transposed operands, a factor, a bias and activations") {
    for (bool constant_b : {true, false})
        for (int transpose = 0; transpose < 4; ++transpose)
            for (auto mode : {ElemwiseMode::identity, ElemwiseMode::relu, ElemwiseMode::clip, ElemwiseMode::sigmoid, ElemwiseMode::gelu})
                for (int64_t m : {1, 9}) {
                    MatMul::Attributes at;
                    at.transA = transpose & 1;
                    at.transB = transpose >> 1;
                    at.alpha = 0.5f;
                    at.bias = 1;
                    at.activation = mode;
                    at.activation_alpha = -0.25f;
                    at.activation_beta = 0.5f;
                    const int64_t n = 37, k = 13;
                    CHECK(run(at.transA ? Shape{2, k, m} : Shape{2, m, k}, at.transB ? Shape{n, k} : Shape{k, n}, at, constant_b, n) > 0);
                    CHECK(run(at.transA ? Shape{2, k, m} : Shape{2, m, k}, at.transB ? Shape{2, n, k} : Shape{2, k, n}, at, constant_b, n) > 0);
                }
}

TEST_CASE("MatMul infers what is known and refuses what does not fit") {
    const auto infer = [](const Shape& a, const Shape& b) {
        Graph g;
        Node n;
        n.op = &describe<MatMul>();
        n.name = "fc";
        n.outputs = {g.add_value("")};
        InferContext c(g, n, {TensorInfo{DType::f32, a, true}, TensorInfo{DType::f32, b, true}});
        MatMul::infer(c);
        return c.outputs()[0].shape;
    };
    CHECK(infer({kUnknown, 12, kUnknown}, {64, 3}) == Shape{kUnknown, 12, 3});
    CHECK(infer({kUnknown, 1, 2, 3}, {5, 3, kUnknown}) == Shape{kUnknown, 5, 2, kUnknown});
    CHECK_THROWS_WITH_AS(infer({2, 3}, {4, 5}), doctest::Contains("MatMul \"fc\": operands are [2,3] and [4,5]"), Error);
    CHECK_THROWS_AS(infer({}, {4, 5}), Error);
    CHECK_THROWS_AS(infer({2, 3, 4}, {3, 4, 5}), Error);
}
