#include "lite/op/where.h"

#include "tests/support/op_test.h"
using namespace lite_test;

TEST_CASE("Where broadcasts all three, any type") {
    const auto truth = [](const Shape& s, uint32_t seed) {
        Array a = Array::zeros(DType::boolean, s);
        for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<bool*>(a.mutable_data())[i] = (static_cast<uint32_t>(i) * 2654435761u + seed) >> 30 & 1;
        return a;
    };
    const Shape cases[][3] = {{{2, 3}, {2, 3}, {2, 3}}, {{2, 3}, {}, {3}}, {{3, 1}, {1, 4}, {3, 4}}, {{1}, {5}, {5}}, {{2, 1, 3}, {4, 1}, {2, 4, 3}}, {{7, 8}, {8}, {7, 1}}, {{0, 3}, {3}, {1}}};
    for (const auto& s : cases) {
        const OpCase test(describe<Where>(), {}, {activation(truth(s[0], 3)), activation(random_f32(s[1], 1)), activation(random_f32(s[2], 2))});
        const Array y = test.run_reference()[0];
        // By indices alone.
        const auto at = [&](const Array& a, int64_t flat) {
            int64_t offset = 0, stride = 1;
            for (size_t k = 0; k < y.shape().rank(); ++k) {
                const int64_t e = y.shape()[y.shape().rank() - 1 - k], i = flat % e;
                flat /= e;
                if (k >= a.shape().rank()) continue;
                const int64_t d = a.shape()[a.shape().rank() - 1 - k];
                if (d != 1) offset += i * stride;
                stride *= d;
            }
            return a.values<float>()[static_cast<size_t>(offset)];
        };
        bool same = true;
        for (int64_t i = 0; i < y.count(); ++i)
            same = same && y.values<float>()[static_cast<size_t>(i)] == (at(test.tensors[0].data, i) != 0 ? at(test.tensors[1].data, i) : at(test.tensors[2].data, i));
        CHECK(same);
        CHECK(check_all_kernels(test, 0, 0) == static_cast<int>(all_bricks().size()) * 2);
    }
    const Array a = Array::of<int64_t>({2}, std::vector<int64_t>{1, 2}), b = Array::of<int64_t>({2}, std::vector<int64_t>{INT64_MIN, 9});
    Array q = Array::zeros(DType::boolean, {2});
    reinterpret_cast<bool*>(q.mutable_data())[1] = true;
    CHECK(OpCase(describe<Where>(), {}, {activation(q), activation(a), activation(b)}).run_reference()[0].values<int64_t>() == std::vector<int64_t>{INT64_MIN, 2});
    CHECK_THROWS_WITH_AS(OpCase(describe<Where>(), {}, {activation(a), activation(a), activation(b)}), doctest::Contains("expected bool"), Error);
}
