// Plans of several input shapes: how many are kept, and what they share.
#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/graph.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Graph open_net() {
    GraphBuilder g;
    const Var x = g.input("x", {1, 32, kUnknown, kUnknown});
    // The transposed weights are computed at load; they are the same array for every shape.
    const Var w = transpose(g.constant(random_f32({32, 64, 3, 3}, 1, -0.1f, 0.1f)), {1, 0, 2, 3});
    return g.finish({relu(conv2d(x, w, {}, {.pads = {1, 1, 1, 1}})).named("y")});
}
Array image(int64_t size) { return random_f32({1, 32, size, size}, static_cast<uint32_t>(size)); }
}  // namespace

TEST_CASE("plans of other shapes are kept up to a number and a size") {
    Session plain(open_net());
    for (int64_t size : {20, 21, 22, 20, 21}) plain.run({image(size)});
    CHECK(plain.plans_kept() == 3);
    CHECK(plain.weights_packed() <= 2);  // three plans, and at most two forms of one array
    SessionOptions options;
    options.plan_cache = 2;
    Session two(open_net(), options);
    for (int64_t size : {20, 21, 22, 23}) two.run({image(size)});
    CHECK(two.plans_kept() == 2);
    // Images of 3x3 and of 64x64 want other kernels with other packed weights, for which there is no room beside the first.
    options.plan_cache_bytes = 0;
    Session tight(open_net(), options);
    const auto small = tight.run({image(3)}), large = tight.run({image(64)});
    CHECK((tight.weights_packed() < 2 || tight.plans_kept() == 1));
    check_close(tight.run({image(3)})[0], small[0], 0, 0, "planned again");
    check_close(tight.run({image(64)})[0], large[0], 0, 0, "planned again");
    CHECK(tight.weights_bytes() <= plain.weights_bytes() * 6);  // of one plan, not of both
}
