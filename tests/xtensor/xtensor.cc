#include <random>

#include <doctest/doctest.h>

#include "lite/base/log.h"
#include "lite/xtensor.h"

namespace {
using namespace lite;

xt::xarray<float> noise(std::vector<size_t> shape, uint32_t seed) {
    xt::xarray<float> x = xt::xarray<float>::from_shape(shape);
    std::mt19937 g(seed);
    std::uniform_real_distribution<float> u(-3.f, 3.f);
    for (float& v : x) v = u(g);
    return x;
}
template <class F>
std::string failure_of(F&& f) {
    try {
        f();
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
}  // namespace

TEST_CASE("a tensor as a view: reading, writing, slices with gaps") {
    Tensor t(LITE_CPU, Layout{{4, 5, 6}, 3});
    auto all = as_xtensor<float>(t);
    xt::xarray<float> numbers = xt::arange<float>(120);
    numbers.reshape({4, 5, 6});
    all = numbers;
    CHECK(static_cast<float*>(t.get_memory_ptr())[119] == 119.f);
    const auto part = t.slice({1, 0, 2}, {4, 5, 5}, {2, 1, 2});
    auto view = as_xtensor<float>(*part);
    REQUIRE(view.dimension() == 3);
    for (size_t i = 0; i < 2; ++i)
        for (size_t j = 0; j < 5; ++j)
            for (size_t k = 0; k < 2; ++k) CHECK(view(i, j, k) == static_cast<float>((1 + 2 * i) * 30 + j * 6 + 2 + 2 * k));
    view *= 0.f;
    CHECK(xt::sum(all)() == doctest::Approx(7140 - (2 * 5 * 2) * (60 + 12 + 3)));
    const auto one = t.slice({0, 2}, {4, 3});  // an axis of extent 1 inside
    CHECK(as_xtensor<float>(*one)(3, 0, 5) == all(3, 2, 5));
    CHECK(xt::sum(as_xtensor<float>(*one) + all)() > 0.f);  // broadcasts
    CHECK(failure_of([&] { as_xtensor<int>(t); }).find("holds f32, it was asked for as i32") != std::string::npos);
    CHECK(failure_of([&] { as_xtensor<int>(Tensor()); }).find("is empty") != std::string::npos);
}

TEST_CASE("expressions become tensors") {
    const xt::xarray<float> x = noise({2, 3}, 1);
    const Tensor t = to_tensor(x * 2.f + 1.f);
    CHECK(t.get_layout() == Layout{{2, 3}, 2});
    CHECK(xt::allclose(as_xtensor<float>(t), x * 2.f + 1.f));
    Tensor bytes(LITE_CPU, Layout{{7}, 1, LITE_INT8});
    assign(bytes, xt::round(x));  // keeps its type, takes the shape
    CHECK(bytes.get_layout() == Layout{{2, 3}, 2, LITE_INT8});
    CHECK(as_xtensor<int8_t>(bytes)(1, 2) == static_cast<int8_t>(std::round(x(1, 2))));
    Tensor half(LITE_CPU, Layout{{1}, 1, LITE_HALF});
    assign(half, x);
    CHECK(static_cast<float>(as_xtensor<Half>(half)(0, 1)) == doctest::Approx(x(0, 1)).epsilon(1e-3));  // 11 bits of mantissa
    Tensor wide(LITE_CPU, Layout{{2, 5}, 2});
    wide.fill_zero();
    Tensor columns = *wide.slice({0, 1}, {2, 4});
    assign(columns, x);
    CHECK(as_xtensor<float>(wide)(1, 1) == x(1, 0));
    CHECK(as_xtensor<float>(wide)(1, 4) == 0.f);
    CHECK(failure_of([&] { assign(columns, xt::transpose(x)); }).find("shape [3,2] for a slice of shape [2,3]") != std::string::npos);
    CHECK(to_tensor(xt::xarray<float>(5.f)).get_layout() == Layout{{1}, 1});
    CHECK(failure_of([&] { to_tensor(xt::xarray<int64_t>{1}); }).find("unsupport dtype") != std::string::npos);
}

TEST_CASE("every memory layout looks like its logical shape") {
    for (const Shape& s : {Shape{2, 5, 3, 4}, Shape{1, 16, 2, 2}, Shape{1, 1, 1, 1}, Shape{2, 3, 4}})
        for (int i = 0; i <= static_cast<int>(LayoutTag::nchw64); ++i) {
            const LayoutTag tag = static_cast<LayoutTag>(i);
            if (!layout_fits(tag, s.rank())) continue;
            const xt::xarray<float> x = noise({s.begin(), s.end()}, 7);
            const auto memory = allocate_bytes(static_cast<size_t>(padded_count(tag, s)) * 4);
            std::memset(memory.get(), 0x7f, static_cast<size_t>(padded_count(tag, s)) * 4);
            const TensorView v{memory.get(), DType::f32, s, tag};
            assign_logical<float>(v, x);
            CHECK_MESSAGE(xt::all(xt::equal(xt::xarray<float>(logical<float>(v)), x)), name_of(tag));
            CHECK_MESSAGE(xt::allclose(logical<float>(v) * 2.f, x + x), name_of(tag));
            float sum = 0;  // padding lanes are zero
            for (int64_t k = 0; k < padded_count(tag, s); ++k) sum += v.as<float>()[k];
            CHECK(sum == doctest::Approx(xt::sum(x)()).epsilon(1e-4));
            if (tag == LayoutTag::nchw || tag == LayoutTag::nhwc) {
                auto view = as_xtensor<float>(v);
                CHECK(xt::all(xt::equal(view, x)));
                view *= -1.f;
                CHECK(xt::all(xt::equal(xt::xarray<float>(logical<float>(v)), -x)));
            } else {
                CHECK(failure_of([&] { as_xtensor<float>(v); }).find("has no strides") != std::string::npos);
            }
        }
}

TEST_CASE("numpy's files") {
    const std::string path = "xtensor_test.npy", zip = "xtensor_test.npz";
    const xt::xarray<float> x = noise({3, 1, 2}, 3);
    save_npy(path, x + 1.f);
    CHECK(xt::allclose(load_npy<float>(path), x + 1.f));
    CHECK(xt::allclose(load_npy<double>(path), x + 1.f));
    const Tensor t = load_npy(path);
    CHECK(t.get_layout() == Layout{{3, 1, 2}, 3});
    save_npy(path, *Tensor(t).slice({0, 0, 1}, {3, 1, 2}));
    CHECK(xt::allclose(load_npy<float>(path), xt::view(x, xt::all(), xt::all(), xt::range(1, 2)) + 1.f));
    save_npz(zip, "x", x, "sum", xt::sum(x), "bytes", xt::xarray<uint8_t>{1, 2, 255});
    const auto arrays = load_npz<float>(zip);
    REQUIRE(arrays.size() == 3);
    CHECK(xt::allclose(arrays.at("x"), x));
    CHECK(arrays.at("sum")() == doctest::Approx(xt::sum(x)()));
    CHECK(load_npz(zip).at("bytes").get_layout() == Layout{{3}, 1, LITE_UINT8});
    std::remove(path.c_str());
    std::remove(zip.c_str());
    CHECK(failure_of([&] { load_npy(path); }).find(path) != std::string::npos);
}

TEST_CASE("resize is the textbook's, for any factors") {
    for (auto [h, w, nh, nw] : {std::array<size_t, 4>{5, 7, 11, 3}, {4, 4, 4, 4}, {1, 1, 3, 3}, {9, 6, 2, 1}, {3, 8, 6, 16}}) {
        const xt::xarray<float> x = noise({h, w, 3}, 5);
        const auto bilinear = resize(x, nh, nw), nearest = resize(x, nh, nw, Interpolation::nearest);
        for (size_t y = 0; y < nh; ++y)
            for (size_t i = 0; i < nw; ++i)
                for (size_t c = 0; c < 3; ++c) {
                    const double fy = std::clamp((double(y) + .5) * double(h) / double(nh) - .5, 0., double(h - 1));
                    const double fx = std::clamp((double(i) + .5) * double(w) / double(nw) - .5, 0., double(w - 1));
                    const size_t y0 = size_t(fy), x0 = size_t(fx), y1 = std::min(y0 + 1, h - 1), x1 = std::min(x0 + 1, w - 1);
                    const double a = fy - double(y0), b = fx - double(x0);
                    const double want = (1 - a) * ((1 - b) * x(y0, x0, c) + b * x(y0, x1, c)) + a * ((1 - b) * x(y1, x0, c) + b * x(y1, x1, c));
                    CHECK(bilinear(y, i, c) == doctest::Approx(want).epsilon(1e-5).scale(3));  // float against double
                    CHECK(nearest(y, i, c) == x((2 * y + 1) * h / (2 * nh), (2 * i + 1) * w / (2 * nw), c));
                }
    }
    const xt::xarray<uint8_t> bytes = xt::ones<uint8_t>({2, 2, 1}) * 200;
    CHECK(xt::allclose(resize(bytes, 5, 5), 200.f));
    CHECK(failure_of([&] { resize(xt::xarray<float>(xt::zeros<float>({0, 2, 1})), 5, 5); }).find("from 0 x 2") != std::string::npos);
}

TEST_CASE("letterbox keeps proportions and tells where the picture went") {
    const xt::xarray<float> x = noise({10, 20, 3}, 6);
    const Letterbox l = letterbox(x, 32, 32, 9.f);
    CHECK(l.scale == doctest::Approx(1.6));
    CHECK(l.top == 8);
    CHECK(l.left == 0);
    CHECK(l.image(7, 0, 0) == 9.f);
    CHECK(l.image(24, 31, 2) == 9.f);
    CHECK(xt::allclose(xt::view(l.image, xt::range(8, 24)), resize(x, 16, 32)));
    const Letterbox corner = letterbox(x, 32, 32, 0.f, false);
    CHECK(corner.top == 0);
    CHECK(xt::allclose(xt::view(corner.image, xt::range(0, 16)), resize(x, 16, 32)));
    CHECK(letterbox(xt::xarray<float>(xt::ones<float>({1, 1000, 1})), 8, 8).image(3, 0, 0) == 1.f);
}

TEST_CASE("normalise, and the order of channels") {
    const xt::xarray<float> x = noise({4, 5, 3}, 8);
    const xt::xtensor<float, 3> n = hwc_to_chw(normalise(x, {1.f, 2.f, 3.f}, {2.f, 4.f, 8.f}));
    REQUIRE(n.shape() == std::array<size_t, 3>{3, 4, 5});
    for (size_t c = 0; c < 3; ++c)
        for (size_t y = 0; y < 4; ++y)
            for (size_t i = 0; i < 5; ++i) CHECK(n(c, y, i) == doctest::Approx((x(y, i, c) - float(c + 1)) / float(2 << c)));
    CHECK(xt::all(xt::equal(chw_to_hwc(hwc_to_chw(x)), x)));
    const auto lazy = normalise(noise({2, 2, 3}, 9), {0.f, 0.f, 0.f}, {1.f, 1.f, 1.f});  // owns what it was made of
    CHECK(xt::allclose(lazy, noise({2, 2, 3}, 9)));
}

TEST_CASE("softmax, argmax, top-k") {
    const xt::xarray<float> x = noise({3, 4, 5}, 10) * 30.f;
    for (std::ptrdiff_t axis : {0, 1, 2, -1}) {
        const auto s = softmax(x, axis);
        const auto best = lite::argmax(x, axis);
        const size_t a = axis < 0 ? 2 : static_cast<size_t>(axis), n = x.shape()[a];
        for (size_t i = 0; i < x.size() / n; ++i) {
            std::array<size_t, 3> at{};
            std::array<size_t, 2> out{};
            size_t rest = i;
            for (size_t k = 3, o = 2; k-- > 0;)
                if (k != a) {
                    out[--o] = at[k] = rest % x.shape()[k];
                    rest /= x.shape()[k];
                }
            double sum = 0, top = -1e30;
            size_t where = 0;
            for (at[a] = 0; at[a] < n; ++at[a])
                if (x[at] > top) {
                    top = x[at];
                    where = at[a];
                }
            for (at[a] = 0; at[a] < n; ++at[a]) sum += std::exp(x[at] - top);
            for (at[a] = 0; at[a] < n; ++at[a]) CHECK(s[at] == doctest::Approx(std::exp(x[at] - top) / sum).epsilon(1e-4));
            CHECK(best[out] == where);
        }
    }
    CHECK(xt::allclose(softmax(xt::xarray<float>{1000.f, 1000.f}), 0.5f));
    const auto best = top_k(xt::xarray<float>{{1, 5, 3}, {5, 0, 4}}, 4);
    REQUIRE(best.size() == 4);
    CHECK(best[0].index == 1);
    CHECK(best[1].index == 3);
    CHECK(best[2].index == 5);
    CHECK(best[3].score == 3.f);
    CHECK(top_k(xt::xarray<int>{1, 2}, 9).size() == 2);
    CHECK(failure_of([&] { softmax(x, 3); }).find("axis 3") != std::string::npos);
}

TEST_CASE("non-maximum suppression") {
    const size_t n = 60;
    xt::xarray<float> boxes = noise({n, 4}, 11), scores = noise({n}, 12);
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < 2; ++k) boxes(i, k + 2) = boxes(i, k) + 2.f + 0.1f * boxes(i, k + 2);
    const auto kept = nms(boxes, scores, 0.4f, -1.f);
    std::vector<bool> gone(n, false);
    std::vector<size_t> want;
    for (;;) {
        size_t best = n;
        for (size_t i = 0; i < n; ++i)
            if (!gone[i] && scores(i) >= -1.f && (best == n || scores(i) > scores(best))) best = i;
        if (best == n) break;
        want.push_back(best);
        for (size_t i = 0; i < n; ++i) {
            const float w = std::max(0.f, std::min(boxes(i, 2), boxes(best, 2)) - std::max(boxes(i, 0), boxes(best, 0)));
            const float h = std::max(0.f, std::min(boxes(i, 3), boxes(best, 3)) - std::max(boxes(i, 1), boxes(best, 1)));
            const auto area = [&](size_t k) { return (boxes(k, 2) - boxes(k, 0)) * (boxes(k, 3) - boxes(k, 1)); };
            if (w * h / (area(i) + area(best) - w * h) > 0.4f) gone[i] = true;
        }
        gone[best] = true;
    }
    CHECK(kept == want);
    CHECK(kept.size() > 3);
    CHECK(kept.size() < n / 2);
    CHECK(nms(xt::xarray<float>(xt::zeros<float>({0, 4})), xt::xarray<float>(xt::zeros<float>({0})), 0.5f).empty());
    CHECK(failure_of([&] { nms(boxes, xt::xarray<float>{1.f}, 0.5f); }).find("[n,4]") != std::string::npos);
}
