// The attention operators of ONNX and ONNX Runtime, spelled out, compute what their references do.
#include "lite/pass/spell.h"

#include "lite/op/contrib_attention.h"
#include "lite/pass/infer.h"
#include "tests/support/op_test.h"
#include "tests/support/reference_runner.h"
using namespace lite_test;

namespace {
struct Case {
    Graph g;
    std::vector<Array> inputs;
    std::vector<ValueId> ids;
    ValueId input(const Array& a) {
        const ValueId v = g.add_input(text("in", g.inputs.size()), a.dtype(), a.shape());
        inputs.push_back(a);
        return v;
    }
    ValueId random(const Shape& s) { return input(random_f32(s, static_cast<uint32_t>(g.inputs.size() + 1))); }
    template <class Op> void node(std::vector<ValueId> in, size_t outputs, std::initializer_list<std::pair<const char*, AttributeValue>> attributes) {
        Node n;
        n.op = &describe<Op>();
        n.name = "attention";
        n.inputs = std::move(in);
        for (const auto& [key, value] : attributes) n.attributes.set(key, value);
        for (size_t i = 0; i < outputs; ++i) n.outputs.push_back(g.add_value(text("out", i)));
        n.version = 24;
        g.outputs = n.outputs;
        g.nodes.push_back(std::move(n));
    }
    // The pass takes the node apart, and nothing else changes.
    void check_spelled(const char* what) {
        infer_shapes(g);
        const std::vector<Array> want = ReferenceRunner().run(g, inputs);
        REQUIRE_MESSAGE(spell_out(g), what);
        infer_shapes(g);
        bool fused = false;
        for (const Node& n : g.nodes) fused = fused || n.op->name == "FusedAttention";
        CHECK(fused);
        const std::vector<Array> got = ReferenceRunner().run(g, inputs);
        // sums of up to 12 products, stored as float in between
        for (size_t i = 0; i < want.size(); ++i) check_close(got[i], want[i], 1e-5, 1e-5, text(what, ", output ", i).c_str());
    }
    void check_left(const char* what) {
        infer_shapes(g);
        CHECK_MESSAGE(!spell_out(g), what);
        CHECK(g.nodes.size() == 1);
    }
};
Array bools(const Shape& s, std::vector<bool> v) {
    Array a = Array::zeros(DType::boolean, s);
    for (size_t i = 0; i < v.size(); ++i) a.mutable_data()[i] = v[i] ? std::byte{1} : std::byte{0};
    return a;
}
}  // namespace

TEST_CASE("Attention of ai.onnx") {
    for (const bool packed : {false, true})
        for (const bool past : {false, true})
            for (int mask = 0; mask < 4; ++mask) {
                Case c;
                // 4 heads of queries, 2 of keys and values, 3 queries, 4 keys (with 2 of the past), sizes 6 and 5
                const ValueId q = c.random(packed ? Shape{2, 3, 24} : Shape{2, 4, 3, 6}), k = c.random(packed ? Shape{2, 4, 12} : Shape{2, 2, 4, 6}),
                              v = c.random(packed ? Shape{2, 4, 10} : Shape{2, 2, 4, 5});
                const int64_t keys = past ? 6 : 4;
                ValueId m = kNoValue;
                if (mask == 1) m = c.random({3, keys});
                if (mask == 2) m = c.random({2, 1, 3, keys});
                if (mask == 3) {  // one row sees nothing
                    std::vector<bool> seen(static_cast<size_t>(3 * keys), true);
                    std::fill_n(seen.begin() + keys, keys, false);
                    seen[0] = false;
                    m = c.input(bools({3, keys}, seen));
                }
                std::vector<ValueId> in{q, k, v, m};
                if (past) in.insert(in.end(), {c.random({2, 2, 2, 6}), c.random({2, 2, 2, 5})});
                c.node<Attention>(in, past || mask == 0 ? 3 : 1,
                                  {{"q_num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}, {"is_causal", int64_t{mask != 2}}, {"scale", mask == 1 ? 0.25f : 0.f}});
                c.check_spelled(text(packed ? "packed" : "heads", past ? ", past" : "", ", mask ", mask).c_str());
            }
    for (const char* option : {"softcap", "left_window_size", "short mask", "lengths", "unknown"}) {
        const std::string what = option;
        Case c;
        const ValueId q = c.random({1, 1, 2, 4}), k = c.random({1, 1, 3, 4}), v = c.random({1, 1, 3, 4});
        std::vector<ValueId> in{q, k, v};
        if (what == "short mask") in.push_back(c.random({2, 2}));
        if (what == "lengths") in.insert(in.end(), {kNoValue, kNoValue, kNoValue, c.input(Array::vector_i64({2}))});
        if (what == "unknown") c.g.value(q).shape[2] = kUnknown;
        c.node<Attention>(in, 1, {{"softcap", what == "softcap" ? 1.f : 0.f}, {"left_window_size", int64_t{what == "left_window_size" ? 1 : -1}}});
        c.check_left(option);
    }
}

TEST_CASE("Attention of com.microsoft") {
    for (const bool past : {false, true})
        for (int mask = 0; mask < 5; ++mask) {
            Case c;
            const bool wide = !past && mask == 0;  // values of another size than keys
            const ValueId x = c.random({2, 3, 5}), w = c.g.add_constant("w", random_f32({5, wide ? 22 : 24}, 7)), b = c.g.add_constant("b", random_f32({wide ? 22 : 24}, 8));
            const int64_t keys = past ? 5 : 3;
            const ValueId m = mask == 1   ? c.input(Array::of<int32_t>({2}, {2, 3}))
                              : mask == 2 ? c.input(Array::of<int32_t>({2, keys}, std::vector<int32_t>(static_cast<size_t>(2 * keys), 1)))
                              : mask == 3 ? c.input(Array::of<int32_t>({2, 3, keys}, std::vector<int32_t>(static_cast<size_t>(6 * keys), 0)))
                                          : kNoValue;
            const ValueId p = past ? c.random({2, 2, 2, 2, 4}) : kNoValue, bias = mask == 4 ? c.random({1, 2, 3, keys}) : kNoValue;
            std::vector<int64_t> sizes = wide ? std::vector<int64_t>{8, 8, 6} : std::vector<int64_t>{};
            c.node<MsAttention>({x, w, mask == 2 ? kNoValue : b, m, p, bias}, wide || mask == 4 ? 1 : 2,
                                {{"num_heads", int64_t{2}}, {"unidirectional", int64_t{mask % 2}}, {"qkv_hidden_sizes", sizes}});
            c.check_spelled(text(past ? "past, " : "", "mask ", mask).c_str());
        }
    Case c;
    c.node<MsAttention>({c.random({1, 2, 4}), c.random({4, 12}), c.random({12})}, 1, {{"num_heads", int64_t{2}}});
    c.check_left("weights that are no constants");
}

TEST_CASE("MultiHeadAttention of com.microsoft") {
    for (const bool past : {false, true})
        for (const bool heads : {false, true}) {
            Case c;
            const ValueId q = c.random({2, 3, 8}), k = c.random(heads ? Shape{2, 2, 4, 4} : Shape{2, 4, 8}), v = c.random(heads ? Shape{2, 2, 4, 3} : Shape{2, 4, 6});
            const ValueId b = heads ? kNoValue : c.g.add_constant("b", random_f32({22}, 9));
            const int64_t keys = past ? 5 : 4;
            std::vector<ValueId> in{q, k, v, b, c.input(Array::of<int32_t>({2, keys}, std::vector<int32_t>(static_cast<size_t>(2 * keys), 1))), c.random({2, 1, 3, keys})};
            if (past) in.insert(in.end(), {c.random({2, 2, 1, 4}), c.random({2, 2, 1, 3})});
            c.node<MultiHeadAttention>(in, past ? 3 : 1, {{"num_heads", int64_t{2}}, {"scale", 0.3f}});
            c.check_spelled(text(past ? "past" : "", heads ? " heads" : "").c_str());
        }
}
