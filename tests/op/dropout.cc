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
    Node n;
    n.op = &describe<Dropout>();
    n.inputs = {0, 1, 2};
    n.outputs = {3, kNoValue};
    describe<Dropout>().normalize(g, n);
    CHECK(n.op == &describe<Identity>());
    CHECK(n.inputs.size() == 1);
    CHECK(n.outputs.size() == 1);
}
