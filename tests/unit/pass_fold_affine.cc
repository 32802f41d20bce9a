#include <doctest/doctest.h>

#include "lite/exec/session.h"
#include "lite/pass/fold_affine.h"
#include "lite/pass/infer.h"
using namespace lite;

namespace {
// conv -> batch_norm -> * c -> / c -> + c -> - c, once with and once without a bias, for Conv and ConvTranspose.
struct Case {
    Graph g;
    ValueId v;
    uint32_t seed = 1;

    float next() {
        seed = seed * 1664525u + 1013904223u;
        return static_cast<float>(seed >> 8) * 0x1p-24f + 0.5f;
    }
    ValueId constant(const Shape& s) {
        std::vector<float> data(static_cast<size_t>(s.count()));
        for (float& f : data) f = next();
        return g.add_constant("", Array::of(s, data));
    }
    void add(const char* op, std::vector<ValueId> in, Attributes attributes = {}) {
        Node n;
        n.op = &registry().named(op);
        n.version = 17;
        n.attributes = std::move(attributes);
        n.inputs = std::move(in);
        n.outputs = {v = g.add_value("")};
        g.nodes.push_back(n);
    }
    void elemwise(ElemwiseMode mode, const Shape& s) {
        Attributes a;
        a.set("mode", static_cast<int64_t>(mode));
        add("Elemwise", {v, constant(s)}, a);
    }
    Case(const char* op, const Shape& w, int64_t group, bool bias) {
        v = g.add_input("x", DType::f32, {2, 4, 5, 6});
        Attributes a;
        a.set("group", group);
        std::vector<ValueId> in = {v, constant(w)};
        if (bias) in.push_back(constant({6}));
        add(op, in, a);
        add("BatchNormalization", {v, constant({6}), constant({6}), constant({6}), constant({6})});
        elemwise(ElemwiseMode::mul, {6, 1, 1});
        elemwise(ElemwiseMode::div, {1, 6, 1, 1});
        elemwise(ElemwiseMode::add, {6, 1, 1});
        elemwise(ElemwiseMode::sub, {});
        g.outputs = {v};
    }
};
}  // namespace

TEST_CASE("Scales and shifts per channel go into the weights of the convolution before them") {
    for (const bool bias : {false, true})
        for (const auto& kind : std::vector<std::tuple<const char*, Shape, int64_t>>{
                 {"Conv", {6, 4, 3, 3}, 1}, {"Conv", {6, 2, 1, 2}, 2}, {"ConvTranspose", {4, 6, 2, 2}, 1}, {"ConvTranspose", {4, 3, 2, 1}, 2}}) {
            const char* const op = std::get<0>(kind);
            const int64_t group = std::get<2>(kind);
            Case c(op, std::get<1>(kind), group, bias);
            INFO(op, " group ", group, bias ? " with a bias" : "");
            const std::vector<Array> x = {Array::of({2, 4, 5, 6}, [&] { std::vector<float> f(240); for (float& e : f) e = c.next(); return f; }())};
            SessionOptions plain;
            plain.kernels = false;
            plain.optimize.fuse = false;
            const std::vector<float> want = Session(c.g, plain).run(x)[0].values<float>();
            infer_shapes(c.g);
            CHECK(fold_affine(c.g));
            CHECK(c.g.nodes.size() == 1);
            CHECK_FALSE(fold_affine(c.g));
            const std::vector<float> got = Session(c.g, plain).run(x)[0].values<float>();
            REQUIRE(got.size() == want.size());
            // Sums of at most 36 products, in another order, and six more roundings.
            for (size_t i = 0; i < want.size(); ++i) CHECK(std::abs(got[i] - want[i]) <= 1e-5f * (1 + std::abs(want[i])));
        }
}
