#include "lite/op/identity.h"
#include "tests/support/op_test.h"
using namespace lite_test;

TEST_CASE("Identity returns its input bit for bit") {
    const Array x = random_f32({2, 3, 5}, 1);
    const OpCase test(describe<Identity>(), {}, {activation(x)});
    CHECK(test.outputs[0].shape == x.shape());
    check_close(test.run_reference()[0], x, 0, 0, "identity");
}
