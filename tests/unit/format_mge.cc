#include "lite/format/mge.h"

#include <random>

#include <doctest/doctest.h>

#include "tests/support/move_test.h"

using namespace lite;

#if LITE_HAS_MGE
#include "tests/support/mge_bytes.h"
using namespace lite_test;
using detail::MgeKind;

namespace {
Array i32(const Shape& s, const std::vector<int32_t>& v) { return Array::of(s, v); }

// One operator on f32 inputs and i32 constants.
Array run_op(const std::string& name, const MgeParam& p, const std::vector<Array>& in, size_t outputs = 1, size_t which = 0) {
    MgeWriter w;
    std::vector<uint32_t> vars;
    std::vector<Array> given;
    for (size_t k = 0; k < in.size(); ++k) {
        std::vector<uint32_t> s;
        for (int64_t d : in[k].shape()) s.push_back(static_cast<uint32_t>(d));
        if (in[k].dtype() == DType::i32) {
            vars.push_back(w.constant<int32_t>(s, in[k].values<int32_t>(), {MgeKind::i32}));
            continue;
        }
        vars.push_back(w.input(text("x", k), s));
        given.push_back(in[k]);
    }
    w.output(w.op(name, vars, p, outputs) + static_cast<uint32_t>(which), "y");
    return w.run(given)[0];
}
MgeParam param(int kind, std::vector<std::pair<int, uint32_t>> numbers = {}, std::vector<std::pair<int, float>> reals = {}) { return {kind, std::move(numbers), std::move(reals), {}, {}, 1}; }
std::string message_of(const std::string& bytes) {
    try {
        (void)read_mge(MgeWriter::bytes(bytes));
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
}  // namespace

TEST_CASE(".mge: a convolution with bias and activation") {
    MgeWriter w;
    const uint32_t x = w.input("data", {1, 2, 5, 5}), k = w.constant<float>({3, 2, 3, 3}, std::vector<float>(54, 0.5f)), b = w.constant<float>({1, 3, 1, 1}, {-40, 0, 40});
    const uint32_t c = w.op("ConvBiasForward", {x, k, b}, param(6, {{0, 1}, {4, 1}, {5, 1}}));
    w.output(c, "out");
    const Graph g = read_mge(MgeWriter::bytes(w.v2()));
    REQUIRE(g.inputs.size() == 1);
    CHECK(g.value(g.inputs[0]).name == "data");
    CHECK(g.value(g.inputs[0]).usual == Shape{1, 2, 5, 5});
    CHECK(g.value(g.inputs[0]).shape == Shape::filled(4, kUnknown));
    CHECK(g.value(g.outputs[0]).name == "out");
    Session s(g);
    const Array y = s.run({Array::of(Shape{1, 2, 5, 5}, std::vector<float>(50, 2.f))})[0];
    CHECK(y.shape() == Shape{1, 3, 5, 5});
    CHECK(y.values<float>()[12] == 0);            // 18 - 40
    CHECK(y.values<float>()[25 + 12] == 18);      // whole window
    CHECK(y.values<float>()[25] == 8);            // corner
    CHECK(s.run({Array::of(Shape{2, 2, 1, 3}, std::vector<float>(12, 1.f))})[0].shape() == Shape{2, 3, 1, 3});
    for (const Node& n : s.plan().graph.nodes) CHECK((n.op->name == "Conv" || n.op->name == "Relayout"));  // bias and activation are part of it
}

TEST_CASE(".mge: every element-wise mode") {
    const std::vector<float> xs = {-3.5f, -1.25f, -0.5f, 0.f, 0.25f, 0.75f, 2.5f, 5.f}, ys = {1.5f, -0.75f, 2.f, 0.5f, -3.f, 0.75f, 1.f, -2.f};
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    struct Mode {
        uint32_t number;
        std::function<double(double, double)> f;
        bool unary;
    };
    const auto one = [](auto f) { return [f](double x, double) { return static_cast<double>(f(x)); }; };
    const auto hard = [](double x) { return std::min(std::max(x + 3, 0.), 6.) / 6; };
    std::vector<Mode> modes = {
            {0, one([](double x) { return std::max(x, 0.); }), true}, {1, one([](double x) { return std::abs(x); }), true}, {4, one([](double x) { return std::ceil(x); }), true},
            {5, one([](double x) { return std::cos(x); }), true}, {6, one([](double x) { return std::exp(x); }), true}, {7, one([](double x) { return std::expm1(x); }), true},
            {8, one([](double x) { return std::floor(x); }), true}, {11, one([](double x) { return -x; }), true}, {12, one(sigmoid), true},
            {13, one([](double x) { return std::sin(x); }), true}, {14, one([](double x) { return std::tanh(x); }), true},
            {15, [](double x, double y) { return x > 0 ? y : -y; }, false}, {16, [](double x, double y) { return x + y; }, false},
            {17, [](double x, double y) { return std::floor(x / y); }, false}, {18, [](double x, double y) { return std::max(x, y); }, false},
            {19, [](double x, double y) { return std::min(x, y); }, false}, {20, [](double x, double y) { return std::fmod(x, y); }, false},
            {21, [](double x, double y) { return x * y; }, false}, {23, [](double x, double y) { return x * (1 - x) * y; }, false},
            {24, [](double x, double y) { return x - y; }, false}, {25, [](double x, double y) { return x > 0 ? y : 0; }, false},
            {26, [](double x, double y) { return (1 - x * x) * y; }, false}, {27, [](double x, double y) { return x / y; }, false},
            {28, [](double x, double y) { return std::log(std::exp(x) + std::exp(y)); }, false}, {29, [](double x, double y) { return x < y; }, false},
            {30, [](double x, double y) { return x <= y; }, false}, {31, [](double x, double y) { return x == y; }, false},
            {37, [](double x, double y) { return std::max(x + y, 0.); }, false}, {38, [=](double x, double y) { return sigmoid(x + y); }, false},
            {39, [](double x, double y) { return std::tanh(x + y); }, false}, {40, one([](double x) { return x * (27 + x * x) / (27 + 9 * x * x); }), true},
            {42, one([](double x) { return std::round(x); }), true}, {44, [](double x, double y) { return std::atan2(x, y); }, false},
            {45, one([](double x) { return std::erf(x); }), true}, {47, one([](double x) { return std::erfc(x); }), true}, {49, one([=](double x) { return x * hard(x); }), true},
            {51, [=](double x, double y) { return (x + y) * hard(x + y); }, false}, {56, one([=](double x) { return x * sigmoid(x); }), true},
            {58, one([](double x) { return x * std::erfc(-x / std::sqrt(2.)) / 2; }), true}, {61, [](double x, double y) { return x != y; }, false},
            {64, one([](double x) { return std::sinh(x); }), true}, {65, one([](double x) { return std::cosh(x); }), true}, {66, one([](double x) { return std::asinh(x); }), true},
            {69, one([](double x) { return std::tan(x); }), true}, {70, [](double x, double y) { return y / std::sqrt(x * x + 1); }, false},
            {73, [](double x, double y) { return x > 0 ? x : x * y; }, false}, {76, one([](double x) { return std::log1p(std::exp(x)); }), true},
            {77, [=](double x, double y) { return y * sigmoid(x); }, false}, {78, one([](double x) { return std::min(std::max(x, 0.), 6.); }), true},
            {79, [](double x, double y) { return x > 0 && x < 6 ? y : 0; }, false}, {80, one(hard), true}, {81, [](double x, double y) { return x > -3 && x < 3 ? y / 6 : 0; }, false},
            {82, one([](double x) { return -std::log1p(std::exp(-x)); }), true}, {84, one([](double x) { return x * x; }), true},
            {85, one([](double x) { return (x > 0) - (x < 0); }), true},
    };
    const auto derivative = [](auto f) {  // times y
        return [f](double x, double y) { return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6 * y; };
    };
    modes.push_back({41, derivative([](double x) { return x * (27 + x * x) / (27 + 9 * x * x); }), false});
    modes.push_back({50, derivative([=](double x) { return x * hard(x); }), false});
    modes.push_back({57, derivative([=](double x) { return x * sigmoid(x); }), false});
    modes.push_back({59, derivative([](double x) { return x * std::erfc(-x / std::sqrt(2.)) / 2; }), false});
    const Array x = Array::of(Shape{8}, xs), y = Array::of(Shape{8}, ys);
    for (const Mode& m : modes) {
        const Array got = run_op("Elemwise", param(17, {{0, m.number}}), m.unary ? std::vector<Array>{x} : std::vector<Array>{x, y});
        CHECK(got.dtype() == DType::f32);
        const std::vector<float> v = got.values<float>();
        for (size_t i = 0; i < 8; ++i) {
            const double want = m.f(static_cast<double>(xs[i]), static_cast<double>(ys[i]));
            CHECK_MESSAGE(std::abs(static_cast<double>(v[i]) - want) <= 2e-5 * (1 + std::abs(want)), text("mode ", m.number, " of ", xs[i], ", ", ys[i], ": ", v[i], ", expected ", want));
        }
    }
    // Inverse functions where they have values; the one of erf against erf itself.
    const std::vector<float> small = {-0.999f, -0.5f, -0.25f, 0.f, 1e-4f, 0.5f, 0.75f, 0.99999f};
    const std::vector<float> inverse = run_op("Elemwise", param(17, {{0, 46}}), {Array::of(Shape{8}, small)}).values<float>();
    for (size_t i = 0; i < 8; ++i) CHECK(std::erf(static_cast<double>(inverse[i])) == doctest::Approx(static_cast<double>(small[i])).epsilon(1e-6));
    const Array z = f32({1}, {0.5f});
    const auto three = [&](uint32_t mode) { return run_op("Elemwise", param(17, {{0, mode}}), {x, y, z}).values<float>(); };
    CHECK(three(34)[0] == 0.5f);   // -3.5 <= 1.5 ? 0.5 : 0
    CHECK(three(34)[1] == 0.5f);
    CHECK(three(60)[6] == 0.f);    // 2.5 < 1
    CHECK(three(35)[7] == -9.5f);  // 5 * -2 + 0.5
    CHECK(three(74)[6] == 0.5f);   // min(max(2.5, 1), 0.5)
    CHECK(three(75)[0] == 0.75f);  // prelu'
    CHECK(message_of([&] {
              MgeWriter w;
              w.output(w.op("Elemwise", {w.input("x", {1})}, param(17, {{0, 999}})), "y");
              return w.v2();
          }()).find("mode 999") != std::string::npos);
}

TEST_CASE(".mge: integers and truth values") {
    const Array x = i32({4}, {-5, 5, 7, 1 << 30}), y = i32({4}, {3, -3, 2, 1 << 30});
    CHECK(run_op("Elemwise", param(17, {{0, 20}}), {x, y}).values<int>() == std::vector<int>{1, -1, 1, 0});
    CHECK(run_op("Elemwise", param(17, {{0, 17}}), {x, y}).values<int>() == std::vector<int>{-2, -2, 3, 1});
    CHECK(run_op("Elemwise", param(17, {{0, 43}}), {x, y}).values<int>()[3] == 1 << 29);
    CHECK(run_op("Elemwise", param(17, {{0, 29}}), {x, y}).dtype() == DType::i32);
    const Array truth = run_op("ElemwiseMultiType", param(18, {{0, 60}}), {x, y});
    CHECK(truth.dtype() == DType::boolean);
    CHECK(truth.values<int>() == std::vector<int>{1, 0, 0, 0});
}

TEST_CASE(".mge: quantized types round halves away from zero") {
    MgeWriter w;
    const uint32_t x = w.input("x", {6});
    const auto cvt = [&](uint32_t v, MgeDType t) {
        const uint32_t zero = w.constant<float>({1}, {0.f});
        return w.op("ElemwiseMultiType", {v, zero}, param(18, {{0, 6}}), 1, &t);
    };
    w.output(cvt(x, {MgeKind::q_s8, 0.5f}), "signed");
    w.output(cvt(x, {MgeKind::q8_asymm, 0.5f, 10}), "unsigned");
    w.output(cvt(x, {MgeKind::q_s4, 0.5f}), "four");
    const std::vector<Array> y = w.run({f32({6}, {0.25f, -0.25f, 0.75f, 1e9f, -1e9f, 1.f})});
    CHECK(y[0].dtype() == DType::i8);
    CHECK(y[0].values<int>() == std::vector<int>{1, -1, 2, 127, -128, 2});
    CHECK(y[1].values<int>() == std::vector<int>{11, 9, 12, 255, 0, 12});
    CHECK(y[2].values<int>() == std::vector<int>{1, -1, 2, 7, -8, 2});
}

TEST_CASE(".mge: constants of 4 bits, low bits first") {
    MgeWriter w;
    const uint32_t x = w.input("x", {3}), c = w.constant<uint8_t>({3}, {0xf1, 0x08}, {MgeKind::q_s4, 2.f});
    const MgeDType f32_type;
    w.output(w.op("ElemwiseMultiType", {x, c}, param(18, {{0, 6}}), 1, &f32_type), "y");
    CHECK(w.run({f32({3}, {0, 0, 0})})[0].values<float>() == std::vector<float>{2, -2, -16});
}

TEST_CASE(".mge: compressed tensors are stride * q + base") {
    const float parts[] = {0.5f, -1.f};
    const auto read = [&](char method, const std::string& rest) {
        const std::string all = [&] {
            std::string b(1, method);
            if (method) b.append(reinterpret_cast<const char*>(parts), sizeof parts);
            return b + rest;
        }();
        MgeWriter w;
        const uint32_t x = w.input("x", {2}), c = w.constant<uint8_t>({2}, std::vector<uint8_t>(all.begin(), all.end()));
        w.output(w.op("Elemwise", {x, c}, param(17, {{0, 16}})), "y");
        return Session(read_mge(MgeWriter::bytes(w.v2()), {.compressed = true})).run({f32({2}, {0, 0})})[0].values<float>();
    };
    CHECK(read(1, std::string("\4\6", 2)) == std::vector<float>{1, 2});
    CHECK(read(2, std::string("\4\0\0\1", 4)) == std::vector<float>{1, 127});
    CHECK(read(0, std::string("\0\0\200\77\0\0\0\100", 8)) == std::vector<float>{1, 2});
    CHECK_THROWS_AS(read(1, "\4"), Error);
    CHECK_THROWS_AS(read(3, "\4\6"), Error);
}

TEST_CASE(".mge: indexing") {
    const Array x = iota({2, 3, 4});
    const auto items = [](std::vector<std::vector<int>> list) {
        MgeParam p;
        p.kind = 66;
        p.list_size = 5;
        for (const auto& i : list)
            for (int v : i) p.list.push_back(static_cast<std::byte>(v));
        return p;
    };
    const auto index = [](std::vector<int32_t> v) { return i32({static_cast<int64_t>(v.size())}, v); };
    check_close(run_op("Subtensor", items({{1, 0, 0, 1, 0}, {0, 0, 0, 0, 1}}), {x, index({-1}), index({1})}), f32({3, 4}, {20, 21, 22, 23, 16, 17, 18, 19, 12, 13, 14, 15}), 0, 0, "backwards, and one");
    CHECK(run_op("Subtensor", items({{0, 0, 0, 0, 1}}), {iota({5}), index({-2})}).shape() == Shape{1});
    check_close(run_op("IndexingMultiAxisVec", items({{2, 0, 0, 0, 1}, {1, 0, 0, 0, 1}}), {x, index({0, 3}), index({2, 1})}), f32({2, 2}, {8, 7, 20, 19}), 0, 0, "neighbours");
    check_close(run_op("IndexingMultiAxisVec", items({{0, 0, 0, 0, 1}, {2, 0, 0, 0, 1}}), {x, index({1, 0}), index({3, 0})}), f32({2, 3}, {15, 19, 23, 0, 4, 8}), 0, 0, "axes apart: in front");
    check_close(run_op("SetSubtensor", items({{0, 0, 1, 0, 0}}), {iota({4}), f32({1}, {9}), index({2})}), f32({4}, {9, 9, 2, 3}), 0, 0, "set");
    check_close(run_op("IncrSubtensor", items({{0, 1, 0, 0, 0}}), {iota({4}), f32({1}, {9}), index({2})}), f32({4}, {0, 1, 11, 12}), 0, 0, "add");
    check_close(run_op("IndexingOneHot", param(2, {{0, 1}}), {iota({2, 3}), index({2, 0})}), f32({2, 1}, {2, 3}), 0, 0, "one of each row");
    check_close(run_op("MeshIndexing", items({{0, 0, 0, 0, 1}, {1, 0, 0, 0, 1}}), {iota({3, 3}), index({2, 0}), index({1, 2})}), f32({2, 2}, {7, 8, 1, 2}), 0, 0, "mesh");
}

TEST_CASE(".mge: an adaptive pool's windows follow from the extents") {
    MgeWriter w;
    w.output(w.op("AdaptivePoolingV1", {w.input("x", {1, 1, 1, 5}), w.constant<int32_t>({2}, {1, 2}, {MgeKind::i32})}, param(70, {{0, 1}})), "y");
    Session s(read_mge(MgeWriter::bytes(w.v2())));
    check_close(s.run({iota({1, 1, 1, 5})})[0], f32({1, 1, 1, 2}, {1, 3}), 1e-6, 0, "windows of 3 at a stride of 2");
    check_close(s.run({iota({1, 1, 1, 4})})[0], f32({1, 1, 1, 2}, {0.5f, 2.5f}), 1e-6, 0, "windows of 2");
}

TEST_CASE(".mge: what cannot be read is one error with all operators") {
    MgeWriter w;
    const uint32_t x = w.input("x", {1});
    w.output(w.op("MadeUpOpr", {w.op("OtherOpr", {x})}), "y");
    const std::string m = message_of(w.v2());
    CHECK(m.find("2 operators") != std::string::npos);
    CHECK(m.find("MadeUpOpr") != std::string::npos);
    CHECK(m.find("OtherOpr") != std::string::npos);
    CHECK(message_of("").find("not a .mge model") != std::string::npos);
    CHECK(message_of("MGBCxxxxxxxxxxxxxxxxxxxx").find("ends within") != std::string::npos);
}

TEST_CASE(".mge: damaged files are errors") {
    MgeWriter w;
    const uint32_t x = w.input("data", {1, 2, 5, 5}), k = w.constant<float>({3, 2, 3, 3}, std::vector<float>(54, 0.5f));
    const uint32_t c = w.op("Convolution", {x, k}, param(3, {{1, 1}, {2, 1}}));
    w.output(w.op("ReduceV2", {w.op("Elemwise", {c}, param(17, {{0, 0}}))}, param(23, {{0, 5}, {1, 3}})), "out");
    const std::string good = w.v2();
    const auto survive = [](const std::string& bytes) {
        try {
            (void)read_mge(MgeWriter::bytes(bytes));
        } catch (const Error& e) {
            CHECK(e.message().size() > 10);
        }
    };
    survive(good);
    for (size_t n = 0; n < good.size(); n += 3) {
        CHECK(message_of(good.substr(0, n)) != "");
        std::string cut = good.substr(0, n);  // a prefix that fits the shorter file
        const uint32_t size = static_cast<uint32_t>(n < 4 ? 0 : n - 4);
        if (n >= 4) std::memcpy(cut.data(), &size, 4);
        survive(cut);
    }
    std::mt19937 random(7);
    for (size_t i = 0; i < good.size(); ++i)
        for (int n = 0; n < 4; ++n) {
            std::string bad = good;
            bad[i] = n ? static_cast<char>(random()) : static_cast<char>(bad[i] ^ 1 << random() % 8);
            survive(bad);
        }
    // Memory that is not aligned, and a header of test cases in front.
    const std::string shifted = "x" + good, wrapped = std::string("mgbtest0\1\0\0\0", 12) + good;
    CHECK(read_mge(borrow_model(shifted.data() + 1, good.size())).nodes.size() == 3);
    CHECK(read_mge(MgeWriter::bytes(wrapped)).nodes.size() == 3);
}
#else
TEST_CASE(".mge without FlatBuffers names the remedy") {
    const std::string bytes("\0\0\0\0\0\0\0\0mgv2\0\0\0\0", 16);
    CHECK_THROWS_WITH_AS((void)read_mge(copy_model(bytes.data(), bytes.size())), doctest::Contains("libflatbuffers-dev"), Error);
}
#endif
