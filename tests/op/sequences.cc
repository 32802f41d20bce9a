#include "lite/op/sequences.h"
#include "lite/exec/session.h"
#include "tests/support/move_test.h"
#include "tests/support/onnx_bytes.h"
using namespace lite_test;

namespace {
Array run1(const Operator& op, Attributes a, std::vector<TestTensor> in) { return OpCase(op, std::move(a), std::move(in)).run_reference()[0]; }
const Array two = make_items(DType::sequence, {f32({1}, {4}), f32({2}, {5, 6})});
}  // namespace

TEST_CASE("Sequences are made, changed and read") {
    CHECK(items_of(run1(describe<SequenceEmpty>(), {}, {})).empty());
    const Array made = run1(describe<SequenceConstruct>(), {}, {activation(f32({1}, {1})), activation(f32({2}, {2, 3}))});
    REQUIRE(items_of(made).size() == 2);
    CHECK(items_of(made)[1].values<float>() == std::vector<float>{2, 3});
    const Array front = run1(describe<SequenceInsert>(), {}, {activation(two), activation(f32({}, {9})), activation(i64({}, {0}))});
    REQUIRE(items_of(front).size() == 3);
    CHECK(items_of(front)[0].shape() == Shape{});
    CHECK(items_of(run1(describe<SequenceInsert>(), {}, {activation(two), activation(f32({}, {9})), absent()}))[2].scalar_value<float>() == 9);
    CHECK(items_of(two).size() == 2);
    CHECK(items_of(run1(describe<SequenceErase>(), {}, {activation(two), activation(i64({}, {-2}))}))[0].shape() == Shape{2});
    CHECK(run1(describe<SequenceAt>(), {}, {activation(two), activation(i64({}, {-1}))}).values<float>() == std::vector<float>{5, 6});
    CHECK(run1(describe<SequenceLength>(), {}, {activation(two)}).scalar_value<int64_t>() == 2);
    CHECK_THROWS_AS(run1(describe<SequenceAt>(), {}, {activation(two), activation(i64({}, {2}))}), Error);
    CHECK_THROWS_AS(run1(describe<SequenceLength>(), {}, {activation(f32({1}, {1}))}), Error);
}

TEST_CASE("Tensors are split into sequences and put together again") {
    const Array x = iota({2, 5});
    const Array pieces = run1(describe<SplitToSequence>(), with("axis", int64_t{1}), {activation(x), activation(i64({}, {2}))});
    REQUIRE(items_of(pieces).size() == 3);
    CHECK(items_of(pieces)[2].values<float>() == std::vector<float>{4, 9});
    CHECK(run1(describe<ConcatFromSequence>(), with("axis", int64_t{-1}), {activation(pieces)}).values<float>() == x.values<float>());
    const Array rows = run1(describe<SplitToSequence>(), with("keepdims", int64_t{0}), {activation(x)});
    REQUIRE(items_of(rows).size() == 2);
    CHECK(items_of(rows)[1].shape() == Shape{5});
    const Array stacked = run1(describe<ConcatFromSequence>(), with("axis", int64_t{1})("new_axis", int64_t{1}), {activation(rows)});
    CHECK(stacked.shape() == Shape{5, 2});
    CHECK(stacked.values<float>() == std::vector<float>{0, 5, 1, 6, 2, 7, 3, 8, 4, 9});
    CHECK(run1(describe<ConcatFromSequence>(), {}, {activation(two)}).values<float>() == std::vector<float>{4, 5, 6});
    CHECK_THROWS_AS(run1(describe<ConcatFromSequence>(), with("new_axis", int64_t{1}), {activation(two)}), Error);
    CHECK_THROWS_AS(run1(describe<SplitToSequence>(), {}, {activation(x), activation(i64({1}, {1}))}), Error);
    CHECK_THROWS_AS(run1(describe<SplitToSequence>(), {}, {activation(x), activation(i64({2}, {1, INT64_MAX}))}), Error);
}

TEST_CASE("Optionals hold a value or none") {
    const Array full = run1(describe<Optional>(), {}, {activation(f32({1}, {3}))}), empty = run1(describe<Optional>(), {}, {absent()});
    CHECK(full.dtype() == DType::optional);
    CHECK(run1(describe<OptionalHasElement>(), {}, {activation(full)}).values<int>() == std::vector<int>{1});
    CHECK(run1(describe<OptionalHasElement>(), {}, {activation(empty)}).values<int>() == std::vector<int>{0});
    CHECK(run1(describe<OptionalHasElement>(), {}, {absent()}).values<int>() == std::vector<int>{0});
    CHECK(run1(describe<OptionalGetElement>(), {}, {activation(full)}).values<float>() == std::vector<float>{3});
    CHECK(run1(describe<OptionalGetElement>(), {}, {activation(f32({1}, {3}))}).values<float>() == std::vector<float>{3});
    CHECK_THROWS_AS(run1(describe<OptionalGetElement>(), {}, {activation(empty)}), Error);
}

TEST_CASE("A session takes sequences, and gives what the next run may take") {
    // y = SequenceMap(x, body: a -> a + a); last = SequenceAt(y, -1)
    const Message body = Message().message(1, onnx_node("Add", {"a", "a"}, {"b"})).message(11, onnx_value("a", 1, {"n"})).message(12, onnx_output("b"));
    const Message type = Message().message(4, Message().message(1, Message().message(1, Message().integer(1, 1))));
    static_assert(std::is_same_v<decltype(describe<SequenceMap>()), const Operator&>);
    const Graph g = read(onnx_model(Message()
                                            .message(1, onnx_node("SequenceMap", {"x"}, {"y"}, {onnx_body("body", body)}))
                                            .message(1, onnx_node("Constant", {}, {"minus"}, {onnx_int("value_int", -1)}))
                                            .message(1, onnx_node("SequenceAt", {"y", "minus"}, {"last"}))
                                            .message(11, Message().text(1, "x").message(2, type))
                                            .message(12, onnx_output("y"))
                                            .message(12, onnx_output("last"))));
    Session session(g);
    CHECK(session.inputs()[0].dtype == DType::sequence);
    CHECK(session.inputs()[0].element == DType::f32);
    Array state = two;
    for (int i = 1; i < 5; ++i) {
        const std::vector<Array> out = session.run({state});
        const float factor = static_cast<float>(1 << i);
        CHECK(out[1].values<float>() == std::vector<float>{5 * factor, 6 * factor});
        REQUIRE(items_of(out[0]).size() == 2);
        CHECK(items_of(out[0])[0].values<float>() == std::vector<float>{4 * factor});
        state = out[0];
    }
}
