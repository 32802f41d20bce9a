#include "lite/op/transpose.h"
#include "tests/support/move_test.h"
using namespace lite_test;

// By the definition, index by index.
static Array transposed(const Array& x, const std::vector<int64_t>& perm) {
    Shape s = x.shape();
    for (size_t i = 0; i < perm.size(); ++i) s[i] = x.shape()[static_cast<size_t>(perm[i])];
    Array y = Array::zeros(x.dtype(), s);
    const size_t size = size_of(x.dtype());
    std::vector<int64_t> to(s.rank()), from(s.rank());
    for (int64_t n = 0; n < y.count(); ++n) {
        for (size_t i = 0; i < s.rank(); ++i) from[static_cast<size_t>(perm[i])] = to[i];
        std::memcpy(y.mutable_data() + static_cast<size_t>(n) * size, x.data() + static_cast<size_t>(NCHW::offset(x.shape(), from.data())) * size, size);
        for (size_t k = s.rank(); k-- > 0;)
            if (++to[k] < s[k]) break;
            else to[k] = 0;
    }
    return y;
}

TEST_CASE("Transpose by every order of four axes, every element size") {
    for (const Shape& s : {Shape{2, 3, 4, 5}, Shape{1, 17, 1, 33}, Shape{3, 2, 16, 20}, Shape{2, 0, 3, 4}}) {
        std::vector<int64_t> perm{0, 1, 2, 3};
        do {
            for (DType t : {DType::f32, DType::u8, DType::f16, DType::f64}) {
                const Array x = iota(s, t);
                check_output(OpCase(describe<Transpose>(), with("perm", perm), {activation(x)}), transposed(x, perm), text(s, " ", perm, " ", t));
            }
        } while (std::next_permutation(perm.begin(), perm.end()));
    }
}
TEST_CASE("Transpose of large tensors by several threads") {
    SpinPool pool(2);
    for (const auto& [s, perm] : {std::pair<Shape, std::vector<int64_t>>{{1, 300, 200}, {0, 2, 1}}, {{4, 64, 30, 40}, {0, 2, 3, 1}}, {{2, 197, 3, 64}, {0, 2, 1, 3}},
                                  {{70, 50, 30}, {2, 1, 0}}}) {
        const OpCase test(describe<Transpose>(), with("perm", perm), {activation(iota(s))});
        const Array want = transposed(iota(s), perm);
        for (const Bricks* bricks : all_bricks()) {
            Array got = Array::zeros(DType::f32, want.shape());
            const TensorView in{const_cast<std::byte*>(test.tensors[0].data.data()), DType::f32, s, LayoutTag::nchw};
            TensorView out{got.mutable_data(), DType::f32, want.shape(), LayoutTag::nchw};
            RunContext c;
            c.node = &test.node();
            c.inputs = {&in, 1};
            c.outputs = {&out, 1};
            c.pool = &pool;
            c.bricks = bricks;
            Transpose::reference(c);
            CHECK(std::memcmp(got.data(), want.data(), want.bytes()) == 0);
        }
    }
}
TEST_CASE("Transpose without perm reverses; wrong perms are errors") {
    check_output(OpCase(describe<Transpose>(), {}, {activation(iota({2, 3}))}), f32({3, 2}, {0, 3, 1, 4, 2, 5}));
    check_output(OpCase(describe<Transpose>(), {}, {activation(Array::scalar(3.f))}), Array::scalar(3.f));
    CHECK_THROWS_AS(OpCase(describe<Transpose>(), with("perm", std::vector<int64_t>{0, 0}), {activation(iota({2, 3}))}), Error);
    CHECK_THROWS_AS(OpCase(describe<Transpose>(), with("perm", std::vector<int64_t>{0}), {activation(iota({2, 3}))}), Error);
    CHECK(Inferred(describe<Transpose>(), with("perm", std::vector<int64_t>{1, 0}), {info({kUnknown, 3})}).outputs[0].shape == Shape{3, kUnknown});
}
TEST_CASE("Transpose kernels: dense, and the two orders that are a change of layout") {
    const int sets = static_cast<int>(all_bricks().size());
    CHECK(check_all_kernels(OpCase(describe<Transpose>(), with("perm", std::vector<int64_t>{0, 2, 3, 1}), {activation(iota({2, 5, 3, 7}))}), 0, 0) == 4 * sets);
    CHECK(check_all_kernels(OpCase(describe<Transpose>(), with("perm", std::vector<int64_t>{0, 3, 1, 2}), {activation(iota({2, 5, 3, 7}))}), 0, 0) == 4 * sets);
    CHECK(check_all_kernels(OpCase(describe<Transpose>(), with("perm", std::vector<int64_t>{0, 2, 1, 3}), {activation(iota({1, 50, 3, 64}))}), 0, 0) == 2 * sets);
}
