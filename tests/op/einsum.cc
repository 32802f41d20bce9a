#include "lite/op/einsum.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
// Small integers, so that every sum is exact and the expected numbers (of numpy.einsum) hold for every type.
template <class T> Array integers(const Shape& shape, uint32_t seed) {
    std::vector<T> v(static_cast<size_t>(shape.count()));
    for (T& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<T>(static_cast<float>(static_cast<int>((seed >> 24) & 15u) - 7));
    }
    return Array::of(shape, v);
}
Attributes equation(const std::string& e) {
    Einsum::Attributes a;
    a.equation = e;
    return write_attributes(a);
}
struct Fixed {
    const char* equation;
    std::vector<Shape> operands;
    Shape y;
    std::vector<float> want;
};
const Fixed kFixed[] = {
        {"ij,jk->ik", {{2, 3}, {3, 4}}, {2, 4}, {31, 69, -38, 13, -22, 6, -15, 15}},
        {"ij,jk", {{2, 3}, {3, 2}}, {2, 2}, {-24, -10, -50, 85}},
        {"ba,ac", {{2, 3}, {3, 2}}, {2, 2}, {-24, -10, -50, 85}},
        {"ij->ji", {{2, 3}}, {3, 2}, {5, -3, 7, 5, -6, 7}},
        {"ii->i", {{3, 3}}, {3}, {5, 5, -3}},
        {"ii", {{3, 3}}, {}, {7}},
        {"ij->", {{2, 3}}, {}, {15}},
        {"...ij,...jk->...ik",
         {{2, 1, 2, 3}, {3, 3, 2}},
         {2, 3, 2, 2},
         {-24, -10, -50, 85, -4, -54, -17, 0, -13, -25, -15, -31, -54, 23, 29, 1, 5, -48, 4, 51, 11, -37, 11, 27}},
        {"i,i,i->i", {{3}, {3}, {3}}, {3}, {125, -70, 336}},
        {"i,j,k->kij", {{2}, {2}, {3}}, {3, 2, 2}, {125, -50, 175, -70, 125, -50, 175, -70, 200, -80, 280, -112}},
        {"bij, bjk -> bik", {{2, 2, 2}, {2, 2, 2}}, {2, 2, 2}, {-24, 32, -9, -6, -21, 42, -21, 0}},
        {"Aa,a->A", {{2, 3}, {3}}, {2}, {53, -74}},
        {"bhwc,hkc->bhwk", {{1, 2, 2, 3}, {2, 2, 3}}, {1, 2, 2, 2}, {53, -12, -74, 31, 13, -28, 0, 61}},
        {"a...b->b...a", {{2, 2, 2}}, {2, 2, 2}, {5, 5, -6, -1, 7, 7, -3, 7}},
        {"ij,kj->ki", {{2, 3}, {2, 3}}, {2, 2}, {53, -74, -12, 31}},
        {"ab,ab->a", {{1, 3}, {2, 3}}, {2}, {53, -12}},
        {"...->...", {{2, 2}}, {2, 2}, {5, 7, -6, -3}},
        {"ij,...->ij...", {{1, 2}, {2}}, {1, 2, 2}, {25, -10, 35, -14}},
};
template <class T> void check_fixed() {
    for (const Fixed& f : kFixed) {
        std::vector<TestTensor> in;
        for (size_t i = 0; i < f.operands.size(); ++i) in.push_back(activation(integers<T>(f.operands[i], static_cast<uint32_t>(i + 1))));
        const OpCase test(describe<Einsum>(), equation(f.equation), in);
        CHECK(test.outputs[0].shape == f.y);
        const Array got = test.run_reference()[0];
        CHECK(got.dtype() == dtype_of<T>);
        check_close(Array::of(got.shape(), got.values<float>()), Array::of(f.y, f.want), 0, 0, f.equation);
    }
}
int run(const char* e, const Shape& a, const Shape& b) {
    const OpCase test(describe<Einsum>(), equation(e), {activation(random_f32(a, 1)), activation(random_f32(b, 2))});
    // sums of some hundred products of numbers below 1
    return check_all_kernels(test, 2e-5, 1e-5);
}
}  // namespace

TEST_CASE("Einsum's reference on integers of every type") {
    check_fixed<float>();
    check_fixed<double>();
    check_fixed<Half>();
    check_fixed<int32_t>();
    check_fixed<int64_t>();
}

TEST_CASE("Einsum's kernel agrees with the reference where it applies") {
    CHECK(run("ij,jk->ik", {7, 13}, {13, 33}) > 0);
    CHECK(run("ij,jk->ki", {7, 13}, {13, 33}) > 0);
    CHECK(run("ij,kj->ik", {7, 13}, {33, 13}) > 0);
    CHECK(run("ji,jk->ki", {13, 7}, {13, 33}) > 0);
    CHECK(run("bhqd,bhkd->bhqk", {2, 3, 5, 8}, {2, 3, 17, 8}) > 0);
    CHECK(run("bqhd,bkhd->bhqk", {2, 5, 3, 8}, {2, 17, 3, 8}) > 0);
    CHECK(run("bhqk,bkhd->bqhd", {2, 3, 5, 17}, {2, 17, 3, 8}) > 0);
    CHECK(run("bhwc,hkc->bhwk", {2, 4, 5, 6}, {4, 7, 6}) > 0);
    CHECK(run("nchw,cd->ndhw", {2, 6, 3, 5}, {6, 9}) > 0);
    CHECK(run("...ij,jk->...ik", {2, 3, 4, 5}, {5, 6}) > 0);
    CHECK(run("i,j->ij", {5}, {9}) > 0);
    CHECK(run("i,i->", {200}, {200}) > 0);
    CHECK(run("i,i->i", {20}, {20}) > 0);
    CHECK(run(",ij->ij", {}, {3, 4}) > 0);
    CHECK(run("ii,ij->ij", {4, 4}, {4, 5}) > 0);
    CHECK(run("ab,ab->a", {1, 30}, {20, 30}) > 0);
    // a sum over one operand alone, an empty operand: the reference
    CHECK(run("ij,k->ik", {3, 4}, {5}) == 0);
    CHECK(run("ij,jk->ik", {3, 0}, {0, 5}) == 0);
}

TEST_CASE("Einsum of empty tensors and unknown extents") {
    const OpCase empty(describe<Einsum>(), equation("ij,jk->ik"), {activation(random_f32({2, 0}, 1)), activation(random_f32({0, 2}, 2))});
    check_close(empty.run_reference()[0], Array::zeros(DType::f32, {2, 2}), 0, 0, "empty sums");
    const auto infer = [](const char* e, std::vector<Shape> shapes) {
        Graph g;
        Node n;
        n.op = &describe<Einsum>();
        n.name = "sum";
        n.attributes = equation(e);
        n.outputs = {g.add_value("")};
        std::vector<TensorInfo> in;
        for (const Shape& s : shapes) in.push_back({DType::f32, s, true});
        InferContext c(g, n, in);
        Einsum::infer(c);
        return c.outputs()[0].shape;
    };
    CHECK(infer("bij,bjk->bik", {{kUnknown, 3, kUnknown}, {2, 5, kUnknown}}) == Shape{2, 3, kUnknown});
    CHECK_THROWS_WITH_AS(infer("ij,jk->ik", {{2, 3}, {4, 5}}), doctest::Contains("Einsum \"sum\": operand 1 is [4,5]"), Error);
    for (const char* bad : {"ij,jk->ii", "ij,jk->iq", "ij", "i,jk", "ij,j?", "ij,jk->i->k", "......ij,jk", "ij,jk->i,k"})
        CHECK_THROWS_AS(infer(bad, {{2, 3}, {3, 5}}), Error);
}
