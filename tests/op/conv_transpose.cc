#include "lite/op/conv_transpose.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
using L = std::vector<int64_t>;
using Pairs = std::initializer_list<std::pair<const char*, AttributeValue>>;
Attributes map_of(Pairs list) {
    Attributes m;
    for (const auto& [k, v] : list) m.set(k, v);
    return m;
}
void check_case(Pairs attributes, const Shape& xs, const std::vector<float>& x, const Shape& ws, const std::vector<float>& w,
                const std::vector<float>& b, const Shape& ys, const std::vector<float>& y) {
    std::vector<TestTensor> in = {activation(Array::of(xs, x)), constant(Array::of(ws, w))};
    if (!b.empty()) in.push_back(constant(Array::of({static_cast<int64_t>(b.size())}, b)));
    const OpCase test(describe<ConvTranspose>(), map_of(attributes), in);
    check_close(test.run_reference()[0], Array::of(ys, y), 0, 0, "ConvTranspose");  // sums of small integers are exact
    check_all_kernels(test, 0, 0);
}
struct Window {
    L kernel, strides, pads, dilations, output_padding;
};
int run(const Shape& x, int64_t k, const Window& w, int64_t group = 1, ElemwiseMode mode = ElemwiseMode::identity, float alpha = 0.f,
        float beta = 0.f, bool bias = true) {
    ConvTranspose::Attributes a;
    a.strides = w.strides;
    a.pads = w.pads;
    a.dilations = w.dilations;
    a.output_padding = w.output_padding;
    a.group = group;
    a.activation = mode;
    a.activation_alpha = alpha;
    a.activation_beta = beta;
    Shape ws{x[1], k / group};
    for (int64_t i : w.kernel) ws.push_back(i);
    const OpCase test(describe<ConvTranspose>(), write_attributes(a),
                      {activation(random_f32(x, 1)), constant(random_f32(ws, 2)), bias ? constant(random_f32({k}, 3)) : absent()});
    // Sums of some hundred products below 1 in float, in another order.
    return check_all_kernels(test, 2e-5, 2e-5);
}
// Dense and three packed layouts, each with 1 and 2 threads.
int packed_rows() { return static_cast<int>(all_bricks().size()) * 8; }
int dense_rows() { return static_cast<int>(all_bricks().size()) * 2; }
}  // namespace

TEST_CASE("ConvTranspose gives the answers of ONNX Runtime 1.32") {
    check_case({}, {1, 1, 3, 3}, {4, -1, 4, 4, -4, 1, -1, 1, 3}, {1, 2, 3, 3}, {2, -4, 0, 3, 4, -3, 2, -2, -2, -3, -1, 1, 4, -3,
               4, 3, 4, -3}, {}, {1, 2, 5, 5}, {8, -18, 12, -16, 0, 20, -11, 14, 15, -12, 18, 0, -21, -2, -11, 5, -17, 18, 15,
               -11, -2, 4, 6, -8, -6, -12, -1, -7, -5, 4, 4, -8, 40, -21, 17, 31, -17, 17, -2, -5, 8, 11, -20, 11, 9, -3, -1,
               16, 9, -9});
    check_case({{"strides", L{2, 3}}, {"pads", L{1, 0, 0, 1}}, {"output_padding", L{1, 0}}}, {1, 2, 2, 3}, {0, -3, 1, 0, 3, 2,
               -4, -4, -2, 0, 1, 4}, {2, 1, 3, 2}, {4, 3, 1, -3, -3, -3, 1, 1, 3, 0, -1, -4}, {-4}, {1, 1, 5, 7}, {-16, -4, -4,
               -19, 5, -4, -9, 0, 12, -4, 22, 31, -4, 7, -4, -4, -4, 2, -13, -4, 10, -4, -4, -4, -14, -17, -4, -14, -4, -4, -4,
               -4, -4, -4, -4});
    check_case({{"strides", L{3}}, {"output_padding", L{2}}}, {1, 2, 4}, {-4, -4, -2, -2, 3, -4, 1, -4}, {2, 1, 3}, {-3, 0, -3,
               -2, -2, 0}, {}, {1, 1, 14}, {6, -6, 12, 20, 8, 12, 4, -2, 6, 14, 8, 6, 0, 0});
    check_case({{"strides", L{2, 2}}, {"auto_pad", std::string("SAME_UPPER")}}, {1, 1, 3, 2}, {-4, 2, -4, 0, -3, 1}, {1, 1, 3,
               3}, {-3, 4, 4, 3, -4, -4, -3, 3, 4}, {}, {1, 1, 6, 4}, {12, -16, -22, 8, -12, 16, 22, -8, 24, -28, -38, 6, -12,
               16, 16, 0, 21, -24, -31, 4, -9, 12, 15, -4});
    check_case({{"strides", L{2, 2}}, {"auto_pad", std::string("SAME_LOWER")}}, {1, 1, 3, 2}, {0, -4, -4, 0, -1, -4}, {1, 1, 3,
               3}, {4, -2, 3, -2, -3, -1, -2, 0, -3}, {}, {1, 1, 6, 4}, {0, 8, 12, 4, 8, -4, 0, 12, 12, 4, 0, 0, 2, -7, 8, -12,
               3, 9, 12, 4, 0, 11, 0, 12});
    check_case({{"strides", L{3, 3}}, {"auto_pad", std::string("SAME_UPPER")}}, {1, 1, 3, 2}, {-2, 3, -1, 0, -3, 2}, {1, 1, 2,
               2}, {3, -3, -4, -4}, {1}, {1, 1, 8, 5}, {-5, 7, 1, 10, -8, 9, 9, 1, -11, -11, 1, 1, 1, 1, 1, -2, 4, 1, 1, 1, 5,
               5, 1, 1, 1, 1, 1, 1, 1, 1, -8, 10, 1, 7, -5, 13, 13, 1, -7, -7});
    check_case({{"strides", L{2, 2}}, {"output_shape", L{4, 5}}}, {1, 1, 2, 2}, {4, 0, 4, 4}, {1, 1, 3, 3}, {-1, 0, -2, 1, 0, 3,
               -3, -4, 3}, {}, {1, 1, 4, 5}, {4, 0, 12, 0, 0, -16, -16, 0, 0, -8, 4, 0, 16, 0, 12, -12, -16, 0, -16, 12});
    check_case({{"strides", L{2, 2}}, {"output_shape", L{3, 3}}}, {1, 1, 2, 2}, {4, 4, 0, -3}, {1, 1, 2, 2}, {0, -4, 1, 2}, {},
               {1, 1, 3, 3}, {8, 4, 8, 0, 0, 12, 0, -3, -6});
    check_case({{"dilations", L{2, 3}}, {"pads", L{1, 1, 1, 1}}}, {1, 1, 3, 3}, {-4, 3, 4, -3, 1, -1, 2, -3, -1}, {1, 1, 2, 2},
               {3, 0, -4, 4}, {}, {1, 1, 3, 4}, {3, -3, 0, 0, -21, -19, -16, 12, -4, 4, -12, 4});
    check_case({{"group", int64_t{2}}, {"strides", L{2, 2}}}, {1, 4, 2, 2}, {3, 4, 1, 2, 3, -1, 1, -3, 4, -2, 4, 0, 1, -4, 4,
               3}, {4, 1, 2, 2}, {-3, -2, 1, -2, 3, 2, 3, -3, 1, 3, 1, 3, -2, 2, 0, 4}, {0, -1}, {1, 2, 4, 4}, {0, 0, -15, -10,
               12, -15, 1, -5, 0, 0, -15, -10, 4, -5, -7, 5, 1, 13, 5, -15, 3, 15, -3, -23, -5, 19, -7, 5, 3, 27, -1, 11});
    check_case({{"strides", L{2, 1, 2}}}, {1, 1, 2, 2, 2}, {4, 1, 2, -1, 4, 0, -2, 3}, {1, 1, 2, 1, 2}, {3, -2, -2, -4}, {}, {1,
               1, 4, 2, 4}, {12, -8, 3, -2, 6, -4, -3, 2, -8, -16, -2, -4, -4, -8, 2, 4, 12, -8, 0, 0, -6, 4, 9, -6, -8, -16, 0,
               0, 4, 8, -6, -12});
    check_case({{"auto_pad", std::string("VALID")}, {"strides", L{2}}}, {2, 1, 3}, {1, -4, -1, -1, 1, 1}, {1, 1, 2}, {0, 3}, {},
               {2, 1, 6}, {0, 3, 0, -12, 0, -3, 0, -3, 0, 3, 0, 3});
}

TEST_CASE("ConvTranspose kernels agree with the reference") {
    CHECK(run({1, 24, 10, 12}, 24, {{2, 2}, {2, 2}, {}, {}, {}}) == packed_rows());
    CHECK(run({2, 19, 5, 3}, 37, {{2, 2}, {2, 2}, {}, {}, {}}) == packed_rows());
    CHECK(run({1, 24, 9, 7}, 1, {{2, 2}, {2, 2}, {}, {}, {}}) == packed_rows());
    CHECK(run({1, 20, 6, 7}, 18, {{4, 4}, {2, 2}, {1, 1, 1, 1}, {}, {}}) == packed_rows());
    CHECK(run({1, 20, 6, 7}, 18, {{3, 3}, {2, 2}, {1, 1, 1, 1}, {}, {1, 1}}) == packed_rows());
    CHECK(run({1, 20, 6, 7}, 18, {{3, 3}, {2, 2}, {0, 1, 2, 0}, {}, {}}) == packed_rows());
    CHECK(run({2, 5, 6, 7}, 3, {{3, 3}, {1, 1}, {1, 1, 1, 1}, {}, {}}) == packed_rows());
    CHECK(run({2, 5, 6, 7}, 3, {{1, 1}, {2, 3}, {}, {}, {1, 2}}) == packed_rows());         // outputs that get the bias alone
    CHECK(run({1, 8, 6, 7}, 20, {{3, 2}, {2, 3}, {2, 1, 0, 3}, {3, 2}, {}}) == packed_rows());
    CHECK(run({1, 8, 6, 7}, 20, {{3, 3}, {2, 2}, {}, {2, 2}, {1, 1}}) == packed_rows());
    CHECK(run({1, 8, 1, 1}, 20, {{7, 7}, {}, {}, {}, {}}) == packed_rows());
    CHECK(run({1, 8, 1, 1}, 20, {{5, 5}, {2, 2}, {2, 2, 2, 2}, {}, {}}) == packed_rows());  // most taps are cut off
    CHECK(run({1, 8, 1, 40}, 20, {{5, 5}, {4, 4}, {2, 2, 2, 2}, {}, {}}) == packed_rows());
    CHECK(run({2, 70, 19}, 33, {{4}, {2}, {1, 1}, {}, {}}) == packed_rows());                // one spatial axis
    CHECK(run({1, 33, 16, 17}, 40, {{2, 2}, {2, 2}, {1, 0, 0, 1}, {}, {}}, 1, ElemwiseMode::identity, 0.f, 0.f, false) == packed_rows());
    // Groups: dense, and in the native layout if no lane would multiply another group's channels.
    int native_rows = 0, wide_rows = 0;  // wide: a block is more than a group of 4 channels
    for (const Bricks* b : all_bricks()) {
        native_rows += b->conv.picks.lanes ? 2 : 0;
        wide_rows += b->conv.picks.lanes > 4 ? 2 : 0;
    }
    CHECK(run({1, 40, 5, 6}, 72, {{3, 3}, {2, 2}, {1, 1, 1, 1}, {}, {}}, 8) == dense_rows());
    CHECK(run({2, 6, 5, 6}, 6, {{4, 4}, {2, 2}, {1, 1, 1, 1}, {}, {}}, 6) == dense_rows() + native_rows);
    CHECK(run({1, 36, 5, 6}, 36, {{4, 4}, {2, 2}, {1, 1, 1, 1}, {}, {}}, 36) == dense_rows() + native_rows);
    CHECK(run({1, 24, 5, 6}, 48, {{3, 3}, {2, 1}, {0, 1, 2, 0}, {1, 2}, {}}, 24) == dense_rows() + native_rows);
    CHECK(run({2, 40, 5, 6}, 40, {{3, 3}, {2, 2}, {1, 1, 1, 1}, {}, {1, 1}}, 10, ElemwiseMode::sigmoid) == dense_rows() + wide_rows);
    CHECK(run({1, 6, 3, 4, 5}, 4, {{2, 3, 2}, {2, 1, 2}, {0, 1, 0, 1, 1, 1}, {}, {}}) == dense_rows());
    CHECK(run({1, 6, 1, 4, 5}, 4, {{1, 2, 2}, {1, 2, 2}, {}, {}, {}}, 2) == dense_rows());
    CHECK(run({0, 6, 4, 5}, 4, {{2, 2}, {2, 2}, {}, {}, {}}) == 0);
}

TEST_CASE("ConvTranspose applies an activation and leaves the padding lanes zero") {
    const Window k2{{2, 2}, {2, 2}, {}, {}, {}}, k4{{4, 4}, {2, 2}, {1, 1, 1, 1}, {}, {}};
    for (const Window& w : {k2, k4}) {
        CHECK(run({1, 10, 6, 5}, 11, w, 1, ElemwiseMode::relu) == packed_rows());
        CHECK(run({1, 10, 6, 5}, 11, w, 1, ElemwiseMode::clip, 0.25f, 1.5f) == packed_rows());  // clip(0) is not 0
        CHECK(run({1, 10, 6, 5}, 11, w, 1, ElemwiseMode::sigmoid) == packed_rows());             // nor is sigmoid(0)
        CHECK(run({1, 10, 6, 5}, 35, w, 1, ElemwiseMode::hard_swish, 0.f, 0.f, false) == packed_rows());
    }
}

TEST_CASE("ConvTranspose computes in every floating type") {
    const auto convert = [](DType t, const Shape& s, const std::vector<float>& v) {
        Array r = Array::zeros(t, s);
        visit_dtype(t, [&](auto tag) {
            using T = decltype(tag);
            for (size_t i = 0; i < v.size(); ++i) reinterpret_cast<T*>(r.mutable_data())[i] = T(v[i]);
        });
        return r;
    };
    for (DType t : {DType::f64, DType::f16, DType::bf16}) {
        const OpCase test(describe<ConvTranspose>(), map_of({{"strides", L{2}}}),
                          {activation(convert(t, {1, 1, 3}, {1, 2, 3})), constant(convert(t, {1, 1, 3}, {1, 10, 100}))});
        check_close(test.run_reference()[0], convert(t, {1, 1, 7}, {1, 10, 102, 20, 203, 30, 300}), 0, 8e-3, text(t));
    }
    CHECK_THROWS_AS(OpCase(describe<ConvTranspose>(), {}, {activation(convert(DType::i32, {1, 1, 3}, {1, 2, 3})),
                                                           constant(convert(DType::i32, {1, 1, 1}, {1}))}),
                    Error);
}

TEST_CASE("ConvTranspose rejects malformed nodes with a message of its own") {
    const auto made = [](Pairs a, const Shape& w = {4, 2, 3, 3}) {
        return OpCase(describe<ConvTranspose>(), map_of(a), {activation(random_f32({1, 4, 5, 5}, 1)), constant(random_f32(w, 1))});
    };
    CHECK_THROWS_WITH_AS(made({}, {3, 2, 3, 3}), "Error: ConvTranspose \"test\": input 1 is [3,2,3,3], input 0 has 4 channels", Error);
    CHECK_THROWS_AS(made({{"group", int64_t{3}}}), Error);
    CHECK_THROWS_AS(made({{"group", int64_t{0}}}), Error);
    CHECK_THROWS_AS(made({{"strides", L{0, 1}}}), Error);
    CHECK_THROWS_AS(made({{"pads", L{1, 1}}}), Error);
    CHECK_THROWS_AS(made({{"pads", L{9, 9, 9, 9}}}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{2, 3}}}), Error);
    CHECK_THROWS_AS(made({{"auto_pad", std::string("SAME")}}), Error);
    CHECK_THROWS_AS(made({}, {4, 2, 3}), Error);
}
