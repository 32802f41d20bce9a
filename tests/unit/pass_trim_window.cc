#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/pass/infer.h"
#include "lite/pass/trim_window.h"
using namespace lite;

namespace {
struct Case {
    std::vector<int64_t> image, window, strides, dilations, pads;
    std::vector<int64_t> trimmed;  // the window that remains; empty: all of it
    std::string auto_pad = "NOTSET";
};
Graph graph_of(const Case& c) {
    Graph g;
    Shape x = {2, 4}, w = {6, 2};
    for (int64_t i : c.image) x.push_back(i);
    for (int64_t k : c.window) w.push_back(k);
    std::vector<float> data(static_cast<size_t>(w.count()));
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i % 23) - 11.f;
    Node n;
    n.op = &registry().named("Conv");
    n.version = 17;
    n.name = "c";
    n.attributes.set("group", int64_t{2});
    n.attributes.set("auto_pad", c.auto_pad);
    n.attributes.set("strides", c.strides);
    n.attributes.set("dilations", c.dilations);
    if (!c.pads.empty()) n.attributes.set("pads", c.pads);
    const ValueId in = g.add_input("x", DType::f32, x);
    n.inputs = {in, g.add_constant("w", Array::of(w, data))};
    n.outputs = {g.add_value("y")};
    g.outputs = n.outputs;
    g.nodes.push_back(n);
    infer_and_fold(g, {});
    return g;
}
// By the reference, without other passes.
std::vector<float> run(const Graph& g, const std::vector<float>& x) {
    SessionOptions plain;
    plain.kernels = false;
    plain.optimize.fuse = false;
    return Session(g, plain).run({Array::of(g.value(g.inputs[0]).shape, x)})[0].values<float>();
}
}  // namespace

TEST_CASE("Taps that only meet padding are taken from a window, and the results stay the same") {
    const std::vector<Case> cases = {
            {{16, 16}, {3, 3}, {1, 1}, {18, 18}, {18, 18, 18, 18}, {1, 1}},
            {{16, 16}, {3, 3}, {1, 1}, {12, 12}, {12, 12, 12, 12}, {}},
            {{1, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, {1, 3}},
            {{1, 1}, {5, 4}, {1, 1}, {1, 1}, {2, 1, 2, 2}, {1, 1}},
            {{2, 2}, {7, 7}, {2, 2}, {1, 1}, {3, 3, 3, 3}, {2, 2}},
            {{2, 3}, {5, 5}, {1, 1}, {1, 1}, {2, 2, 2, 2}, {3, 5}},
            {{1, 5}, {3, 1}, {1, 1}, {1, 1}, {0, 0, 2, 0}, {1, 1}},
            {{1, 5}, {3, 1}, {1, 1}, {1, 1}, {2, 0, 0, 0}, {1, 1}},
            {{4}, {3}, {1}, {5}, {5, 5}, {1}},
            {{3, 1, 2}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, {3, 1, 3}},
            {{1, 1}, {3, 3}, {2, 2}, {1, 1}, {}, {1, 1}, "SAME_UPPER"},
            {{5, 5}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, {}},
            {{2, 2}, {3, 3}, {4, 4}, {2, 2}, {4, 4, 4, 4}, {}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.image);
        CAPTURE(c.window);
        const Graph before = graph_of(c);
        Graph after = before;
        const bool changed = trim_windows(after);
        CHECK(changed == !c.trimmed.empty());
        REQUIRE(after.nodes.size() == 1);
        const Shape w = after.value(after.nodes[0].inputs[1]).constant.shape();
        const std::vector<int64_t> expected = c.trimmed.empty() ? c.window : c.trimmed;
        CHECK(std::vector<int64_t>(w.begin() + 2, w.end()) == expected);
        infer_and_fold(after, {});
        CHECK(after.value(after.outputs[0]).shape == before.value(before.outputs[0]).shape);
        CHECK_FALSE(trim_windows(after));

        std::vector<float> x(static_cast<size_t>(before.value(before.inputs[0]).shape.count()));
        for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7 % 19) - 9.f;  // sums of whole numbers are exact
        CHECK(run(after, x) == run(before, x));
    }
}

TEST_CASE("Windows stay as they are where the image or the weights are not known") {
    Graph g = graph_of({{1, 1}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, {}});
    Graph unknown = g;
    unknown.value(unknown.inputs[0]).shape[2] = kUnknown;
    CHECK_FALSE(trim_windows(unknown));
    Graph computed = g;
    computed.nodes[0].inputs[1] = computed.add_input("w", DType::f32, {6, 2, 3, 3});
    CHECK_FALSE(trim_windows(computed));
}
