#include "lite/op/cumsum.h"

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

TEST_CASE("CumSum in all four directions") {
    const auto run = [](Array x, int64_t axis, bool exclusive, bool reverse) {
        return OpCase(describe<CumSum>(), attributes({{"exclusive", int64_t{exclusive}}, {"reverse", int64_t{reverse}}}),
                      {activation(std::move(x)), constant(Array::scalar<int32_t>(static_cast<int32_t>(axis)))}).run_reference()[0].values<float>();
    };
    const Array x = f32({2, 3}, {1, 2, 3, 4, 5, 6});
    using V = std::vector<float>;
    CHECK(run(x, 1, false, false) == V{1, 3, 6, 4, 9, 15});
    CHECK(run(x, -1, true, false) == V{0, 1, 3, 0, 4, 9});
    CHECK(run(x, 1, false, true) == V{6, 5, 3, 15, 11, 6});
    CHECK(run(x, 1, true, true) == V{5, 3, 0, 11, 6, 0});
    CHECK(run(x, 0, false, false) == V{1, 2, 3, 5, 7, 9});
    CHECK(run(Array::of<int32_t>({3}, std::vector<int32_t>{INT32_MAX, 1, 0}), 0, false, false) == V{2147483648.f, -2147483648.f, -2147483648.f});
    CHECK_THROWS_AS(run(x, 2, false, false), Error);
    CHECK(run(f32({0, 3}, {}), 0, false, false).empty());
}

TEST_CASE("CumProd") {
    const OpCase test(describe<CumSum>(), attributes({{"mode", int64_t{1}}, {"reverse", int64_t{1}}}), {activation(f32({4}, {1, 2, 3, 4})), constant(Array::scalar<int64_t>(0))});
    CHECK(test.run_reference()[0].values<float>() == std::vector<float>{24, 24, 12, 4});
    const OpCase exclusive(describe<CumSum>(), attributes({{"mode", int64_t{1}}, {"exclusive", int64_t{1}}}), {activation(f32({4}, {1, 2, 3, 4})), constant(Array::scalar<int64_t>(0))});
    CHECK(exclusive.run_reference()[0].values<float>() == std::vector<float>{1, 1, 2, 6});
}
