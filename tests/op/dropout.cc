#include "lite/op/dropout.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("Dropout returns its input and a mask of ones") {
    const OpCase test(describe<Dropout>(), {}, {activation(iota({2, 3}))}, 2);
    check_output(test, iota({2, 3}));
    check_output(test, booleans({2, 3}, {1, 1, 1, 1, 1, 1}), "mask", 1);
    const OpCase old(describe<Dropout>(), {}, {activation(iota({2}))}, 2, 7);
    check_output(old, f32({2}, {1, 1}), "old mask", 1);
}
TEST_CASE("Dropout without a mask becomes Identity") {
    Graph g;
    const ValueId x = g.add_input("x", DType::f32, {2}), ratio = g.add_constant("ratio", Array::scalar(0.5f));
    const ValueId training = g.add_constant("training_mode", Array::scalar(false)), y = g.add_value("y");
    Node n;
    n.op = &describe<Dropout>();
    n.inputs = {x, ratio, training};
    n.outputs = {y, kNoValue};
    describe<Dropout>().normalize(g, n);
    CHECK(n.op == &describe<Identity>());
    CHECK(n.inputs.size() == 1);
    CHECK(n.outputs.size() == 1);
}
