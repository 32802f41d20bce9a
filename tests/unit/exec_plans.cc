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

TEST_CASE("parts of a concatenation are made in their place") {
    const auto weights = [](int64_t out, int64_t in, uint32_t seed) { return random_f32({out, in, 3, 3}, seed, -0.1f, 0.1f); };
    GraphBuilder g;
    const Var x = g.input("x", {1, 16, 12, 12});
    const auto conv = [&](const Var& from, int64_t out, int64_t in, uint32_t seed) {
        return conv2d(from, g.constant(weights(out, in, seed)), {}, {.pads = {1, 1, 1, 1}});
    };
    const Var a = conv(x, 32, 16, 1), b = relu(conv(x, 16, 16, 2));
    const Var c = concat({a, b, a}, 1);                     // a is in its place once and copied once
    const Var d = concat({c, conv(c, 48, 80, 3)}, 1);       // a whole that is a part
    const Var both = concat({sigmoid(a), conv(d, 24, 128, 4)}, 1);  // a lives on; the last part does not fill its blocks
    const Var other = concat({b, x}, 1);                    // b has a place already, and an input stays where it is
    const Var flat = concat({reshape(other, {1, 32, 144}), reshape(d, {1, 128, 144})}, 1);  // parts by way of views
    Graph graph = g.finish({both.named("both"), softmax(flat, 1).named("flat"), b.named("b")});
    const Array image = random_f32({1, 16, 12, 12}, 5);
    SessionOptions by_reference;
    by_reference.kernels = false;
    const std::vector<Array> want = Session(graph, by_reference).run({image});
    for (const std::optional<LayoutTag> layout : {std::optional<LayoutTag>(), std::optional(LayoutTag::nchw), std::optional(LayoutTag::nchw88)})
        for (const bool own_memory : {false, true}) {
            SessionOptions options;
            options.layout = layout;
            options.own_memory = own_memory;
            Session session(graph, options);
            for (int run = 0; run < 2; ++run) {
                const std::vector<Array> y = session.run({image});
                for (size_t i = 0; i < want.size(); ++i) check_close(y[i], want[i], 1e-4, 1e-5, "parts in place");  // sums of 1152 products
            }
        }

    // Two parts of 64 KiB that become an output: nothing but the output's buffer is needed.
    GraphBuilder h;
    const Var in = h.input("in", {1, 64, 16, 16});
    Session joined(h.finish({concat({sigmoid(in), tanh(in)}, 1).named("out")}));
    joined.run({random_f32({1, 64, 16, 16}, 6)});
    CHECK(joined.arena_bytes() == 0);
}
