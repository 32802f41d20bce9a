#include "lite/op/support_vectors.h"
#include "tests/support/move_test.h"
using namespace lite_test;

// Figures of onnxruntime 1.32, which computes in float.
namespace {
const Array x = f32({3, 2}, {1, 2, -1, 0.5f, 0, 3});
using I = std::vector<int64_t>;
using F = std::vector<float>;
using S = std::vector<std::string>;
With three(const char* kernel, const F& params) {
    return with("support_vectors", F{1, 0, 0, 1, 2, -1, -1, 1, 0, 2})("vectors_per_class", I{2, 2, 1})("coefficients", F{.5f, -.3f, .8f, .2f, -.6f, 1, .4f, -.7f, .1f, -.9f})(
            "rho", F{.1f, -.2f, .3f})("classlabels_ints", I{4, 5, 6})("kernel_type", std::string(kernel))("kernel_params", params);
}
With two(const char* transform) {
    return with("support_vectors", F{1, 0, 0, 1, 2, -1})("vectors_per_class", I{2, 1})("coefficients", F{.5f, -.3f, .8f})("rho", F{.1f})("classlabels_strings", S{"no", "yes"})(
            "kernel_type", std::string("RBF"))("kernel_params", F{.4f, 0, 0})("post_transform", std::string(transform));
}
void check_classes(const Attributes& a, const std::vector<int>& labels, const Array& scores) {
    const auto y = OpCase(describe<SVMClassifier>(), a, {activation(x)}, 2, 1).run_reference();
    CHECK(y[0].values<int>() == labels);
    check_close(y[1], scores, 1e-6, 1e-6, "scores");
}
}  // namespace

TEST_CASE("Support vectors of three classes vote in pairs; calibrated pairs become probabilities") {
    const auto calibrated = [](With a) { return a("prob_a", F{-1, -.5f, -2})("prob_b", F{.1f, .2f, -.3f}); };
    const auto linear = three("LINEAR", {0, 0, 0}), poly = three("POLY", {.5f, 1, 2}), rbf = three("RBF", {.4f, 0, 0}), sigmoid = three("SIGMOID", {.3f, .1f, 0});
    check_classes(linear, {6, 5, 6}, f32({3, 3}, {0.2f, -0.8f, -3.2f, -2.25f, -1.6f, 1.3f, -2.6f, -2.6f, -2.7f}));
    check_classes(calibrated(linear), {6, 5, 6},
                  f32({3, 3}, {0.28388938f, 0.0697281f, 0.64638263f, 0.060465775f, 0.88101834f, 0.058516126f, 0.095370054f, 0.026023103f, 0.8786069f}));
    check_classes(poly, {6, 6, 6}, f32({3, 3}, {1.275f, -1.75f, -8.275f, 0.41875f, -0.675f, -1.4625f, 0.175f, -6.3f, -13.65f}));
    check_classes(calibrated(poly), {6, 6, 6},
                  f32({3, 3}, {0.23855036f, 0.028632551f, 0.7328171f, 0.30000454f, 0.09885037f, 0.6011452f, 0.028498074f, 0.0057609393f, 0.9657409f}));
    check_classes(rbf, {6, 4, 6},
                  f32({3, 3}, {0.10786914f, -0.22056392f, -0.3025754f, 0.19923724f, 0.061776713f, 0.13742886f, 0.07592429f, -0.5031178f, -0.2899893f}));
    check_classes(calibrated(rbf), {6, 4, 6},
                  f32({3, 3}, {0.2963817f, 0.29877642f, 0.4048421f, 0.33341396f, 0.3809467f, 0.28563935f, 0.2767496f, 0.30504924f, 0.41820115f}));
    check_classes(sigmoid, {6, 5, 6},
                  f32({3, 3}, {0.26438835f, -0.09533781f, -0.5073235f, -0.4293952f, -0.52737725f, 0.40826693f, -0.45755494f, -0.36943686f, -0.019628406f}));
    check_classes(calibrated(sigmoid), {6, 5, 6},
                  f32({3, 3}, {0.3206711f, 0.23852381f, 0.4408051f, 0.23949055f, 0.532923f, 0.2275864f, 0.2379142f, 0.42632344f, 0.33576232f}));
}

TEST_CASE("The one score of two classes is shown from both sides") {
    const auto run = [](const Attributes& a) {
        const auto y = OpCase(describe<SVMClassifier>(), a, {activation(x)}, 2, 1).run_reference();
        for (int64_t i = 0; i < 3; ++i) CHECK(strings_of(y[0])[i] == "no");
        return y[1];
    };
    check_close(run(two("NONE")), f32({3, 2}, {-0.08080208f, 0.08080208f, -0.018269744f, 0.018269744f, -0.048857234f, 0.048857234f}), 1e-6, 0, "score");
    check_close(run(two("LOGISTIC")), f32({3, 2}, {0.47981042f, 0.5201896f, 0.49543267f, 0.5045673f, 0.48778808f, 0.5122119f}), 1e-6, 0, "logistic");
    check_close(run(two("SOFTMAX")), f32({3, 2}, {0.9191979f, 0.08080208f, 0.9817303f, 0.018269744f, 0.9511428f, 0.048857234f}), 1e-6, 0, "softmax");
    check_close(run(two("NONE")("prob_a", F{-1})("prob_b", F{.2f})), f32({3, 2}, {0.47022915f, 0.5297708f, 0.4546559f, 0.5453441f, 0.4622689f, 0.5377311f}), 1e-6, 0, "calibrated");
}

TEST_CASE("Without support vectors a row of coefficients is a class") {
    const auto linear = [](const I& labels, const char* transform) {
        F rows{.5f, -.25f, -1, .75f, .25f, .5f};
        rows.resize(labels.size() * 2);
        return with("coefficients", rows)("rho", F{.25f})("classlabels_ints", labels)("post_transform", std::string(transform));
    };
    check_classes(linear({7, 8, 9}, "NONE"), {9, 8, 8}, f32({3, 3}, {0.25f, 0.75f, 1.5f, -0.375f, 1.625f, 0.25f, -0.5f, 2.5f, 1.75f}));
    check_classes(linear({7, 8, 9}, "SOFTMAX"), {9, 8, 8},
                  f32({3, 3}, {0.16289128f, 0.26856232f, 0.5685464f, 0.09749152f, 0.72037035f, 0.18213814f, 0.032708306f, 0.65696394f, 0.31032777f}));
    check_classes(linear({7, 8}, "NONE"), {8, 8, 8}, f32({3, 2}, {0.25f, 0.75f, -0.375f, 1.625f, -0.5f, 2.5f}));
    CHECK_THROWS_AS(check_classes(linear({7}, "NONE")("rho", F{}), {}, f32({0}, {})), Error);
    CHECK_THROWS_AS(check_classes(three("NONE", {}), {}, f32({0}, {})), Error);
    CHECK_THROWS_AS(check_classes(three("RBF", {1, 0, 0})("rho", F{1}), {}, f32({0}, {})), Error);
}

TEST_CASE("SVMRegressor sums over support vectors or columns; one class is a sign") {
    const auto check_regressor = [](const char* kernel, const F& params, const F& sums, const F& signs) {
        const auto a = with("support_vectors", F{1, 0, 0, 1, 2, -1})("n_supports", int64_t{3})("coefficients", F{.5f, -.3f, .8f})("rho", F{.1f})("kernel_type", std::string(kernel))(
                "kernel_params", params);
        check_close(OpCase(describe<SVMRegressor>(), a, {activation(x)}, 1, 1).run_reference()[0], f32({3, 1}, sums), 1e-6, 1e-6, kernel);
        With one = a;
        check_output(OpCase(describe<SVMRegressor>(), one("one_class", int64_t{1}), {activation(x)}, 1, 1), f32({3, 1}, signs), kernel);
    };
    check_regressor("POLY", {.5f, 1, 3}, {0.1875f, -0.4359375f, -4.1875f}, {1, -1, -1});
    check_regressor("RBF", {.4f, 0, 0}, {0.080802076f, 0.018269747f, 0.048857234f}, {1, 1, 1});
    check_regressor("SIGMOID", {.3f, .1f, 0}, {0.18839854f, -0.52949923f, -0.6098738f}, {1, -1, -1});
    check_close(OpCase(describe<SVMRegressor>(), with("coefficients", F{.5f, -.25f})("rho", F{.1f}), {activation(x)}, 1, 1).run_reference()[0],
                f32({3, 1}, {.1f, -.525f, -.65f}), 1e-6, 0, "columns");
    CHECK_THROWS_AS(OpCase(describe<SVMRegressor>(), with("coefficients", F{.5f})("rho", F{.1f}), {activation(x)}, 1, 1).run_reference(), Error);
}
