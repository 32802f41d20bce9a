#include "lite/op/arg_reduce.h"

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

TEST_CASE("ArgMax and ArgMin") {
    const auto run = [](Array x, std::initializer_list<std::pair<const char*, AttributeValue>> a) {
        const OpCase test(describe<ArgReduce>(), attributes(a), {activation(std::move(x))});
        if (test.inputs[0].dtype == DType::f32) CHECK(check_all_kernels(test, 0, 0) > 0);
        return test.run_reference()[0];
    };
    const Array x = f32({2, 4}, {1, 5, 5, -2, 3, 3, -7, -7});
    using V = std::vector<int64_t>;
    CHECK(run(x, {{"axis", int64_t{1}}}).values<int64_t>() == V{1, 0});
    CHECK(run(x, {{"axis", int64_t{1}}}).shape() == Shape{2, 1});
    CHECK(run(x, {{"axis", int64_t{-1}}, {"select_last_index", int64_t{1}}}).values<int64_t>() == V{2, 1});
    CHECK(run(x, {{"axis", int64_t{1}}, {"mode", int64_t{1}}, {"keepdims", int64_t{0}}}).values<int64_t>() == V{3, 2});
    CHECK(run(x, {{"axis", int64_t{1}}, {"mode", int64_t{1}}, {"keepdims", int64_t{0}}}).shape() == Shape{2});
    CHECK(run(x, {}).values<int64_t>() == V{1, 0, 0, 0});
    CHECK(run(Array::of<uint8_t>({3}, std::vector<uint8_t>{4, 200, 9}), {}).values<int64_t>() == V{1});
    CHECK_THROWS_AS(run(f32({2, 0}, {}), {{"axis", int64_t{1}}}), Error);
    CHECK(run(random_f32({30, 70, 9}, 1), {{"axis", int64_t{1}}}).shape() == Shape{30, 1, 9});
}
