#include "lite/op/space_to_depth.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("SpaceToDepth in both orders") {
    const Array x = iota({1, 2, 2, 4});
    const auto run = [&](const char* mode) { return OpCase(describe<SpaceToDepth>(), with("blocksize", int64_t{2})("mode", std::string(mode)), {activation(x)}); };
    check_output(run("DCR"), f32({1, 8, 1, 2}, {0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15}));
    check_output(run("CRD"), f32({1, 8, 1, 2}, {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15}));
    CHECK_THROWS_AS(OpCase(describe<SpaceToDepth>(), with("blocksize", int64_t{3}), {activation(x)}), Error);
    CHECK(Inferred(describe<SpaceToDepth>(), with("blocksize", int64_t{2}), {info({1, 3, kUnknown, 4})}).outputs[0].shape == Shape{1, 12, kUnknown, 2});
}
