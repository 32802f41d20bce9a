#include "lite/op/channel_shuffle.h"
#include "tests/support/move_test.h"
using namespace lite_test;

TEST_CASE("ChannelShuffle interleaves groups") {
    check_output(OpCase(describe<ChannelShuffle>(), with("group", int64_t{2}), {activation(iota({1, 6, 1, 1}))}), f32({1, 6, 1, 1}, {0, 3, 1, 4, 2, 5}));
    check_output(OpCase(describe<ChannelShuffle>(), with("group", int64_t{3}), {activation(iota({1, 6, 1, 1}))}), f32({1, 6, 1, 1}, {0, 2, 4, 1, 3, 5}));
    CHECK_THROWS_AS(OpCase(describe<ChannelShuffle>(), with("group", int64_t{4}), {activation(iota({1, 6, 1, 1}))}), Error);
}
TEST_CASE("ChannelShuffle kernels in every layout, any group") {
    for (const Shape& s : {Shape{1, 116, 7, 9}, Shape{2, 24, 10, 10}, Shape{1, 12, 1, 1}, Shape{1, 48, 33, 35}, Shape{1, 36, 5}})
        for (int64_t group : {1, 2, 3, 4, 6}) {
            if (s[1] % group) continue;
            for (DType t : {DType::f32, DType::u8})
                CHECK(check_all_kernels(OpCase(describe<ChannelShuffle>(), with("group", group), {activation(iota(s, t))}), 0, 0) == 10 * static_cast<int>(all_bricks().size()));
        }
}
