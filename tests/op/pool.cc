#include "lite/op/pool.h"
#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
Attributes map_of(std::initializer_list<std::pair<const char*, AttributeValue>> list) {
    Attributes m;
    for (const auto& [k, v] : list) m.set(k, v);
    return m;
}
// As a reader of ONNX files would make the node.
Attributes spelled(std::string_view name, Attributes m) {
    for (const Spelling& spelling : Pool::spellings)
        if (spelling.name == name) m.set("mode", spelling.mode);
    REQUIRE(m.has("mode"));
    return m;
}
void check_case(std::string_view name, std::initializer_list<std::pair<const char*, AttributeValue>> attributes, const Shape& xs,
                const std::vector<float>& x, const Shape& ys, const std::vector<float>& y, const std::vector<int64_t>& indices) {
    const OpCase test(describe<Pool>(), spelled(name, map_of(attributes)), {activation(Array::of(xs, x))}, indices.empty() ? 1 : 2);
    const std::vector<Array> got = test.run_reference();
    // One rounding of a sum in double on our side, a few in float on theirs.
    check_close(got[0], Array::of(ys, y), 1e-6, 1e-6, std::string(name));
    if (!indices.empty()) check_close(got[1], Array::of(ys, indices), 0, 0, std::string(name) + " indices");
}
struct Window {
    std::vector<int64_t> kernel, strides, pads, dilations;
    bool ceil = false, include_pad = false;
};
int run(std::string_view name, const Shape& x, const Window& w) {
    Attributes a;
    a.set("kernel_shape", w.kernel);
    if (!w.strides.empty()) a.set("strides", w.strides);
    if (!w.pads.empty()) a.set("pads", w.pads);
    if (!w.dilations.empty()) a.set("dilations", w.dilations);
    a.set("ceil_mode", int64_t{w.ceil});
    a.set("count_include_pad", int64_t{w.include_pad});
    const OpCase test(describe<Pool>(), spelled(name, a), {activation(random_f32(x, 7))});
    // Sums of at most some hundred floats below 1, in another order.
    return check_all_kernels(test, 2e-6, 2e-6);
}
}  // namespace

TEST_CASE("Pool gives the answers of ONNX Runtime 1.32") {
    check_case("MaxPool", {{"kernel_shape", std::vector<int64_t>{3, 2}}, {"strides", std::vector<int64_t>{2, 1}}, {"pads",
               std::vector<int64_t>{1, 0, 1, 1}}, {"storage_order", int64_t{1}}},
               {1, 2, 4, 5}, {-5, 6, 7, -2, 8, 1, 0, -4, -1, 8, 8, -1, 4, 7, -1, 8, 4, 5, 3, -7, 7, 1, 2, 1, 1, -7, -1, 8, 6,
               -3, -8, 8, -4, 6, -4, 1, -6, -4, -2, 1},
               {1, 2, 2, 5}, {6, 7, 7, 8, 8, 8, 5, 7, 8, 8, 7, 8, 8, 6, 1, 8, 8, 8, 6, 1},
               {4, 8, 8, 16, 16, 2, 11, 14, 17, 17, 20, 29, 29, 33, 36, 26, 29, 29, 33, 39});
    check_case("MaxPool", {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}, {"ceil_mode",
               int64_t{1}}},
               {1, 1, 5, 5}, {-1, -4, 4, 5, 3, 3, -5, -7, -5, 6, -7, -1, 8, 6, 1, -2, 7, 8, -3, -6, 5, 5, 3, 0, -8},
               {1, 1, 3, 3}, {3, 5, 6, 7, 8, 1, 5, 3, -8},
               {5, 3, 9, 16, 12, 14, 20, 22, 24});
    check_case("MaxPool", {{"kernel_shape", std::vector<int64_t>{2, 2, 2}}, {"strides", std::vector<int64_t>{1, 2, 2}}, {"pads",
               std::vector<int64_t>{0, 1, 0, 0, 0, 1}}},
               {1, 1, 2, 3, 4}, {4, 4, -3, 6, 7, -8, -1, -1, 8, -8, 0, 4, -3, 3, -3, 1, -3, -7, 7, -2, -5, 7, 0, -8},
               {1, 1, 1, 2, 2}, {4, 6, 8, 7},
               {0, 3, 8, 18});
    check_case("MaxPool", {{"kernel_shape", std::vector<int64_t>{3}}, {"dilations", std::vector<int64_t>{2}}, {"pads",
               std::vector<int64_t>{2, 1}}},
               {2, 1, 7}, {5, 7, 3, -4, -4, 1, -8, 2, 7, -2, 1, 6, -6, -8},
               {2, 1, 6}, {5, 7, 5, 7, 3, 1, 2, 7, 6, 7, 6, 1},
               {0, 1, 0, 1, 2, 5, 7, 8, 11, 8, 11, 10});
    check_case("MaxPool", {{"kernel_shape", std::vector<int64_t>{3, 3}}, {"strides", std::vector<int64_t>{2, 2}}, {"auto_pad",
               std::string("SAME_LOWER")}},
               {1, 1, 4, 4}, {0, 0, -1, 4, 0, 2, 0, -8, 7, 6, -3, -5, 3, 3, -4, -8},
               {1, 1, 2, 2}, {2, 4, 7, 6},
               {5, 3, 8, 9});
    check_case("AveragePool", {{"kernel_shape", std::vector<int64_t>{3, 3}}, {"strides", std::vector<int64_t>{2, 2}}, {"pads",
               std::vector<int64_t>{1, 1, 0, 0}}, {"ceil_mode", int64_t{1}}},
               {1, 1, 5, 6}, {-6, -6, -7, 5, -7, -8, 5, 1, -7, 1, -8, 0, -1, -4, 7, -4, -7, -3, -4, -6, 5, -7, -5, -7, 1, -8,
               -6, 6, 0, 2},
               {1, 1, 3, 3}, {-1.5f, -2.16666675f, -2.83333325f, -1.5f, -1.55555558f, -4.44444466f, -4.25f, -2.66666675f,
               -1.83333337f},
               {});
    check_case("AveragePool", {{"kernel_shape", std::vector<int64_t>{3, 3}}, {"strides", std::vector<int64_t>{2, 2}}, {"pads",
               std::vector<int64_t>{1, 1, 0, 0}}, {"ceil_mode", int64_t{1}}, {"count_include_pad", int64_t{1}}},
               {1, 1, 5, 6}, {-3, 7, 6, -3, -8, 0, 6, -8, 5, -3, 1, 3, -5, 8, -5, -5, -6, -2, 7, -1, -8, -5, -3, -7, -2, -1, -5,
               6, 1, -1},
               {1, 1, 3, 3}, {0.222222224f, 0.444444448f, -1.11111116f, 0.777777791f, -2.44444442f, -3, 0.5f, -2.33333325f,
               -1.5f},
               {});
    check_case("AveragePool", {{"kernel_shape", std::vector<int64_t>{4}}, {"strides", std::vector<int64_t>{3}}, {"auto_pad",
               std::string("SAME_UPPER")}},
               {1, 2, 6}, {-1, -2, 6, -4, 2, 2, -4, -8, 8, -3, -5, 7},
               {1, 2, 2}, {-0.25f, 0, -1.75f, -0.333333343f},
               {});
    check_case("AveragePool", {{"kernel_shape", std::vector<int64_t>{2, 2, 2}}},
               {1, 1, 3, 3, 3}, {8, 3, 0, 2, 1, 6, -1, 1, 8, 4, 7, -1, 7, 5, -5, 6, 5, 8, -8, 6, 6, -6, 0, 0, 2, -2, 1},
               {1, 1, 2, 2, 2}, {4.625f, 2, 3.25f, 3.625f, 1.875f, 2.25f, 2.125f, 1.5f},
               {});
    check_case("AveragePool", {{"kernel_shape", std::vector<int64_t>{3, 2}}, {"dilations", std::vector<int64_t>{2, 3}}, {"pads",
               std::vector<int64_t>{1, 1, 1, 1}}},
               {1, 1, 6, 6}, {-7, 6, -3, 4, 5, 7, -2, 4, -7, -3, 3, 5, 2, 8, 3, 0, 2, -1, -5, 4, -4, -8, 5, 4, 5, 2, -7, -3, -7,
               -8, 4, -4, -8, 0, -3, 4},
               {1, 1, 4, 5}, {-5.5f, -4.5f, 4, -0.5f, -5.5f, -2.33333325f, 0.166666672f, 2.66666675f, -1.5f, 0.333333343f,
               -6.33333349f, -2.33333325f, 1.5f, -1, -3.66666675f, -2, 1, 1.25f, -3.25f, -1.5f},
               {});
    check_case("LpPool", {{"kernel_shape", std::vector<int64_t>{2, 3}}, {"pads", std::vector<int64_t>{1, 1, 0, 1}}, {"p",
               int64_t{1}}},
               {1, 1, 4, 4}, {5, -2, 5, 6, -6, 4, -2, 7, -3, 5, 7, 8, -1, -3, 6, -4},
               {1, 1, 4, 4}, {7, 12, 13, 11, 17, 24, 26, 20, 18, 27, 33, 24, 12, 25, 33, 25},
               {});
    check_case("LpPool", {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}},
               {1, 1, 4, 4}, {-4, -5, 1, 7, -8, 0, 2, -8, -4, 6, -3, 5, 1, 1, -3, 5},
               {1, 1, 2, 2}, {10.2469511f, 10.8627806f, 7.34846926f, 8.24621105f},
               {});
    check_case("GlobalAveragePool", {},
               {2, 2, 3, 3}, {-6, -6, 5, -7, -8, -7, -2, 6, -8, -3, -2, 1, 4, 7, 8, -2, 7, -2, 3, -4, 5, 8, -2, 1, -2, 5, 5, -6,
               -5, -3, -2, 3, 2, -7, 7, -2},
               {2, 2, 1, 1}, {-3.66666675f, 2, 2.11111116f, -1.44444442f},
               {});
    check_case("GlobalMaxPool", {},
               {1, 2, 4}, {8, 7, -2, -1, 1, 5, 2, -8},
               {1, 2, 1}, {8, 5},
               {});
}

TEST_CASE("Pool computes in every element type") {
    const std::vector<float> x = {1, 5, 2, 4, 3, 0};
    const Attributes a = map_of({{"kernel_shape", std::vector<int64_t>{2}}, {"strides", std::vector<int64_t>{2}}});
    const auto convert = [](DType t, const Shape& s, const std::vector<float>& v) {
        Array r = Array::zeros(t, s);
        visit_dtype(t, [&](auto tag) {
            using T = decltype(tag);
            for (size_t i = 0; i < v.size(); ++i) reinterpret_cast<T*>(r.mutable_data())[i] = T(v[i]);
        });
        return r;
    };
    for (DType t : {DType::f32, DType::f64, DType::f16, DType::bf16, DType::i8, DType::u8, DType::i32}) {
        const OpCase test(describe<Pool>(), spelled("MaxPool", a), {activation(convert(t, {1, 1, 6}, x))});
        check_close(test.run_reference()[0], convert(t, {1, 1, 3}, {5, 4, 3}), 0, 0, text("MaxPool ", t));
        if (!is_float(t)) {
            CHECK_THROWS_AS(OpCase(describe<Pool>(), spelled("AveragePool", a), {activation(convert(t, {1, 1, 6}, x))}), Error);
            continue;
        }
        const OpCase mean(describe<Pool>(), spelled("AveragePool", a), {activation(convert(t, {1, 1, 6}, x))});
        check_close(mean.run_reference()[0], convert(t, {1, 1, 3}, {3, 3, 1.5f}), 0, 0, text("AveragePool ", t));
    }
}

TEST_CASE("Pool rejects malformed attributes with a message of its own") {
    const auto made = [](std::initializer_list<std::pair<const char*, AttributeValue>> a) {
        return OpCase(describe<Pool>(), spelled("MaxPool", map_of(a)), {activation(random_f32({1, 1, 4, 4}, 1))});
    };
    using L = std::vector<int64_t>;
    CHECK_THROWS_WITH_AS(made({{"kernel_shape", L{3}}}), "Error: Pool \"test\": kernel_shape is [3], expected 2 numbers", Error);
    CHECK_THROWS_AS(made({}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{0, 1}}}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{2, 2}}, {"strides", L{1, 0}}}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{2, 2}}, {"pads", L{1, 0}}}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{2, 2}}, {"auto_pad", std::string("SAME")}}), Error);
    CHECK_THROWS_AS(made({{"kernel_shape", L{9, 9}}}), Error);
}

TEST_CASE("Pool kernels agree with the reference over windows") {
    for (std::string_view name : {"MaxPool", "AveragePool"}) {
        CAPTURE(name);
        for (int64_t k : {1, 2, 3, 5})
            for (int64_t stride : {1, 2, 3})
                for (int64_t size : {5, 8, 17, 40}) {
                    CAPTURE(k);
                    CAPTURE(stride);
                    CAPTURE(size);
                    CHECK(run(name, {1, 19, 7, size}, {{k, k}, {stride, stride}, {k / 2, k / 2, k / 2, k / 2}, {}}) == rows_of_all_layouts(4));
                }
        for (bool ceil : {false, true})
            for (bool include : {false, true}) {
                CHECK(run(name, {2, 5, 9, 10}, {{3, 3}, {2, 2}, {1, 1, 1, 1}, {}, ceil, include}) == rows_of_all_layouts(4));
                CHECK(run(name, {2, 5, 9, 10}, {{2, 2}, {2, 2}, {0, 0, 0, 0}, {}, ceil, include}) == rows_of_all_layouts(4));
                CHECK(run(name, {1, 33, 9, 10}, {{3, 3}, {1, 1}, {2, 0, 1, 2}, {}, ceil, include}) == rows_of_all_layouts(4));  // asymmetric
                CHECK(run(name, {1, 17, 12, 13}, {{3, 2}, {2, 3}, {1, 1, 2, 0}, {2, 3}, ceil, include}) == rows_of_all_layouts(4));
                CHECK(run(name, {1, 17, 4, 4}, {{9, 9}, {1, 1}, {4, 4, 4, 4}, {}, ceil, include}) == rows_of_all_layouts(4));  // wider than the image
                CHECK(run(name, {1, 17, 4, 4}, {{9, 9}, {2, 2}, {4, 4, 4, 4}, {}, ceil, include}) == rows_of_all_layouts(4));
                CHECK(run(name, {1, 70, 1, 1}, {{3, 3}, {1, 1}, {1, 1, 1, 1}, {}, ceil, include}) == rows_of_all_layouts(4));
                CHECK(run(name, {2, 3, 50}, {{7}, {2}, {3, 3}, {}, ceil, include}) == rows_of_all_layouts(3));                 // one spatial axis
            }
        CHECK(run(name, {1, 20, 7, 7}, {{7, 7}, {}, {}, {}}) == rows_of_all_layouts(4));         // all of the image
        CHECK(run(name, {1, 20, 13, 13}, {{13, 13}, {}, {6, 6, 6, 6}, {}}) == rows_of_all_layouts(4));
        CHECK(run(name, {1, 4, 3, 4, 5}, {{2, 2, 2}, {}, {}, {}}) == 0);              // three axes: the reference
        CHECK(run(name, {0, 4, 4, 5}, {{2, 2}, {}, {}, {}}) == 0);
    }
    CHECK(run("MaxPool", {1, 1, 4, 4}, {{1, 1}, {1, 1}, {1, 1, 1, 1}, {}}) == 0);     // windows without any input
    CHECK(run("LpPool", {1, 1, 4, 4}, {{2, 2}, {}, {}, {}}) == 0);
}

TEST_CASE("Global pools agree with the reference") {
    for (std::string_view name : {"GlobalMaxPool", "GlobalAveragePool"}) {
        const auto global = [&](const Shape& x) {
            return check_all_kernels(OpCase(describe<Pool>(), spelled(name, {}), {activation(random_f32(x, 3))}), 2e-6, 2e-6);
        };
        CHECK(global({2, 19, 7, 7}) == rows_of_all_layouts(4));
        CHECK(global({1, 8, 1, 1}) == rows_of_all_layouts(4));
        CHECK(global({1, 3, 50, 60}) == rows_of_all_layouts(4));
        CHECK(global({1, 200, 5, 3}) == rows_of_all_layouts(4));
        CHECK(global({3, 9, 11}) == rows_of_all_layouts(3));
        CHECK(global({1, 9, 2, 3, 4}) == rows_of_all_layouts(5));
    }
    // A sum of 150 000 numbers near 1 keeps six digits: it goes through partial sums.
    for (int64_t channels : {2, 20}) {
        const Array x = random_f32({1, channels, 387, 389}, 5, 0.9f, 1.1f);
        CHECK(check_all_kernels(OpCase(describe<Pool>(), spelled("GlobalAveragePool", {}), {activation(x)}), 0, 2e-6) > 0);
    }
}

TEST_CASE("Maxima of bytes agree with the reference") {
    const auto bytes = [](DType t, const Shape& s) {
        Array a = Array::zeros(t, s);
        std::mt19937 g(11);
        for (int64_t i = 0; i < a.count(); ++i) a.mutable_data()[i] = static_cast<std::byte>(g() >> 8);
        return a;
    };
    const int rows = rows_of_all_layouts(4);
    for (DType t : {DType::u8, DType::i8})
        for (int64_t channels : {1, 5, 16, 24, 64, 70, 300})
            for (int64_t k : {1, 2, 3, 5})
                for (int64_t stride : {1, 2, 3}) {
                    CAPTURE(channels);
                    CAPTURE(k);
                    CAPTURE(stride);
                    Attributes a = spelled("MaxPool", map_of({{"kernel_shape", std::vector<int64_t>{k, k}},
                                                              {"strides", std::vector<int64_t>{stride, stride}},
                                                              {"pads", std::vector<int64_t>{k / 2, k / 2, k / 2, k / 2}}}));
                    CHECK(check_all_kernels(OpCase(describe<Pool>(), a, {activation(bytes(t, {2, channels, 9, 11}))}), 0, 0) == rows);
                    if (k == 1 && stride == 1)
                        CHECK(check_all_kernels(OpCase(describe<Pool>(), spelled("GlobalMaxPool", {}), {activation(bytes(t, {2, channels, 9, 11}))}), 0, 0) == rows);
                }
}
