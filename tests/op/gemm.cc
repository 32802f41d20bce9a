#include "lite/op/gemm.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
// Small integers, so that every sum is exact; expected numbers are numpy's.
template <class T = float> Array integers(const Shape& shape, uint32_t seed) {
    std::vector<T> v(static_cast<size_t>(shape.count()));
    for (T& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<T>(static_cast<float>(static_cast<int>((seed >> 24) & 15u) - 7));
    }
    return Array::of(shape, v);
}
template <class T> void check_fixed() {
    Gemm::Attributes at;
    at.alpha = 2.f;
    at.beta = 3.f;
    const OpCase plain(describe<Gemm>(), write_attributes(at), {activation(integers<T>({2, 3}, 1)), activation(integers<T>({3, 4}, 2)), activation(integers<T>({4}, 3))});
    CHECK(plain.outputs[0].shape == Shape{2, 4});
    CHECK(plain.run_reference()[0].values<float>() == std::vector<float>{77, 153, -52, 26, -29, 27, -6, 30});
    at = {};
    at.transA = at.transB = 1;
    const OpCase both(describe<Gemm>(), write_attributes(at), {activation(integers<T>({3, 2}, 1)), activation(integers<T>({4, 3}, 2)), activation(integers<T>({2, 1}, 3))});
    CHECK(both.run_reference()[0].values<float>() == std::vector<float>{7, 70, -21, 18, -3, 96, -26, 7});
}
}  // namespace

TEST_CASE("Gemm's reference on integers of every type") {
    check_fixed<float>();
    check_fixed<double>();
    check_fixed<Half>();
    check_fixed<int32_t>();
    check_fixed<int64_t>();
}

TEST_CASE("Gemm's kernels agree with the reference") {
    const Shape sizes[] = {{1, 1, 1}, {1, 100, 37}, {2, 7, 5}, {30, 33, 20}, {15, 8, 0}, {0, 8, 3}, {6, 0, 3}, {14, 129, 64}, {1, 1000, 512}, {100, 1, 9}};
    for (const Shape& s : sizes)
        for (int variant = 0; variant < 8; ++variant) {
            const int64_t m = s[0], n = s[1], k = s[2];
            const Shape addends[] = {{}, {1}, {n}, {1, n}, {m, 1}, {m, n}, {1, 1}};
            for (int addend = -1; addend < 7; ++addend) {
                Gemm::Attributes at;
                at.transA = variant & 1;
                at.transB = variant >> 1 & 1;
                const bool constant_b = variant >> 2 & 1;
                at.alpha = addend % 2 ? 1.f : -0.75f;
                at.beta = addend % 3 ? 1.f : 0.5f;
                at.activation = addend == 2 ? ElemwiseMode::relu : addend == 3 ? ElemwiseMode::hard_swish : ElemwiseMode::identity;
                std::vector<TestTensor> in{activation(random_f32(at.transA ? Shape{k, m} : Shape{m, k}, 1)),
                                           {random_f32(at.transB ? Shape{n, k} : Shape{k, n}, 2), constant_b}};
                if (addend >= 0) in.push_back({random_f32(addends[addend], 3), constant_b});
                const OpCase test(describe<Gemm>(), write_attributes(at), in);
                // sums of k products of numbers below 1, rounded once for each k
                CHECK(check_all_kernels(test, 1e-5, 1e-5) > 0);
            }
        }
}

TEST_CASE("Gemm refuses what does not fit") {
    const auto infer = [](const Shape& a, const Shape& b, const Shape& c0) {
        Graph g;
        Node n;
        n.op = &describe<Gemm>();
        n.name = "fc";
        n.outputs = {g.add_value("")};
        InferContext c(g, n, {TensorInfo{DType::f32, a, true}, TensorInfo{DType::f32, b, true}, TensorInfo{DType::f32, c0, true}});
        Gemm::infer(c);
        return c.outputs()[0].shape;
    };
    CHECK(infer({kUnknown, 3}, {3, 4}, {4}) == Shape{kUnknown, 4});
    CHECK_THROWS_WITH_AS(infer({2, 3}, {4, 5}, {5}), doctest::Contains("Gemm \"fc\": operands are [2,3] and [4,5]"), Error);
    CHECK_THROWS_AS(infer({2, 3}, {3, 5}, {4}), Error);
    CHECK_THROWS_AS(infer({2, 3}, {3, 5}, {1, 2, 5}), Error);
    CHECK_THROWS_AS(infer({2, 3, 1}, {3, 5}, {5}), Error);
}
