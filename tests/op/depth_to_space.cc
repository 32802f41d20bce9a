#include "lite/op/depth_to_space.h"
#include "lite/op/space_to_depth.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("DepthToSpace in both orders") {
    const Array x = iota({1, 8, 1, 2});
    const auto run = [&](const char* mode) { return OpCase(describe<DepthToSpace>(), with("blocksize", int64_t{2})("mode", std::string(mode)), {activation(x)}); };
    check_output(run("DCR"), f32({1, 2, 2, 4}, {0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15}));
    check_output(run("CRD"), f32({1, 2, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15}));
    CHECK_THROWS_AS(OpCase(describe<DepthToSpace>(), with("blocksize", int64_t{3}), {activation(x)}), Error);
    CHECK_THROWS_AS(OpCase(describe<DepthToSpace>(), with("blocksize", int64_t{0}), {activation(x)}), Error);
    CHECK(Inferred(describe<DepthToSpace>(), with("blocksize", int64_t{2}), {info({kUnknown, 8, 3, kUnknown})}).outputs[0].shape == Shape{kUnknown, 2, 6, kUnknown});
}
TEST_CASE("DepthToSpace undoes SpaceToDepth") {
    for (const char* mode : {"DCR", "CRD"})
        for (int64_t b : {1, 2, 3})
            for (DType t : kAllTypes) {
                const Array x = iota({2, 3, 2 * b, 5 * b}, t);
                const Attributes a = with("blocksize", b)("mode", std::string(mode));
                const Array deep = OpCase(describe<SpaceToDepth>(), a, {activation(x)}).run_reference()[0];
                check_output(OpCase(describe<DepthToSpace>(), a, {activation(deep)}), x);
            }
}
