#include "lite/op/classical.h"
#include "tests/support/move_test.h"
using namespace lite_test;

// Figures of onnxruntime 1.32; they are rounded to float, and so are ours.
namespace {
const Array x = f32({3, 2}, {1, 2, -1, 0.5f, 0, 3});
using I = std::vector<int64_t>;
using F = std::vector<float>;
using S = std::vector<std::string>;
With trees(const std::string& kind, const std::string& weights) {
    return with("nodes_treeids", I{0, 0, 0, 1, 1, 1, 1, 1})("nodes_nodeids", I{0, 1, 2, 0, 1, 2, 3, 4})("nodes_featureids", I{0, 0, 0, 1, 0, 0, 0, 0})(
            "nodes_modes", S{"BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_GT", "BRANCH_LT", "LEAF", "LEAF", "LEAF"})("nodes_values", F{0, 0, 0, 1, .5f, 0, 0, 0})(
            "nodes_truenodeids", I{1, 0, 0, 1, 3, 0, 0, 0})("nodes_falsenodeids", I{2, 0, 0, 2, 4, 0, 0, 0})(kind + "_treeids", I{0, 0, 1, 1, 1})(
            kind + "_nodeids", I{1, 2, 2, 3, 4})(weights, F{1, 2, 3, 4, 5});
}
void labels_are(const Array& a, const S& want) {
    REQUIRE(a.count() == static_cast<int64_t>(want.size()));
    for (size_t i = 0; i < want.size(); ++i) CHECK(strings_of(a)[i] == want[i]);
}
}  // namespace

TEST_CASE("Columns are taken, put together, scaled and filled") {
    check_output(OpCase(describe<ArrayFeatureExtractor>(), {}, {activation(x), constant(i64({1}, {1}))}), f32({3, 1}, {2, .5f, 3}));
    check_output(OpCase(describe<Binarizer>(), with("threshold", 0.75f), {activation(x)}), f32({3, 2}, {1, 1, 0, 0, 0, 1}));
    check_output(OpCase(describe<FeatureVectorizer>(), {}, {activation(x), activation(i64({3, 1}, {7, 8, 9}))}), f32({3, 3}, {1, 2, 7, -1, .5f, 8, 0, 3, 9}));
    check_output(OpCase(describe<Imputer>(), with("imputed_value_floats", F{7, 8})("replaced_value_float", NAN), {activation(f32({2, 2}, {NAN, 1, 2, NAN}))}),
                 f32({2, 2}, {7, 1, 2, 8}));
    check_output(OpCase(describe<Scaler>(), with("offset", F{1, 2})("scale", F{2, .5f}), {activation(x)}), f32({3, 2}, {0, 0, -4, -.75f, -2, .5f}));
    check_close(OpCase(describe<Normalizer>(), with("norm", S{"L1"}[0]), {activation(x)}).run_reference()[0], f32({3, 2}, {1.f / 3, 2.f / 3, -2.f / 3, 1.f / 3, 0, 1}), 1e-7, 0, "L1");
    check_close(OpCase(describe<Normalizer>(), with("norm", S{"L2"}[0]), {activation(x)}).run_reference()[0],
                f32({3, 2}, {.4472136f, .8944272f, -.8944272f, .4472136f, 0, 1}), 1e-7, 0, "L2");
    check_output(OpCase(describe<Normalizer>(), {}, {activation(x)}), f32({3, 2}, {.5f, 1, -2, 1, 0, 1}));
}

TEST_CASE("LabelEncoder, OneHotEncoder and ZipMap know strings") {
    const Array words = make_strings(Shape{3}, {"b", "a", "z"});
    check_output(OpCase(describe<LabelEncoder>(), with("keys_strings", S{"a", "b"})("values_int64s", I{5, 6}), {activation(words)}), i64({3}, {6, 5, -1}));
    check_output(OpCase(describe<LabelEncoder>(), with("classes_strings", S{"a", "b"})("default_int64", int64_t{9}), {activation(words)}), i64({3}, {1, 0, 9}));
    labels_are(OpCase(describe<LabelEncoder>(), with("keys_floats", F{1, NAN})("values_strings", S{"one", "none"}), {activation(f32({3}, {NAN, 1, 2}))}).run_reference()[0],
               {"none", "one", "_Unused"});
    CHECK_THROWS_AS(OpCase(describe<LabelEncoder>(), with("keys_strings", S{"a"})("values_int64s", I{5, 6}), {activation(words)}), Error);
    check_output(OpCase(describe<OneHotEncoder>(), with("cats_strings", S{"a", "b"}), {activation(words)}), f32({3, 2}, {0, 1, 1, 0, 0, 0}));
    const Array maps = OpCase(describe<ZipMap>(), with("classlabels_strings", S{"p", "q"}), {activation(x)}).run_reference()[0];
    REQUIRE(items_of(maps).size() == 3);
    const Items& map = items_of(items_of(maps)[1]);
    labels_are(map[0], {"p", "q"});
    CHECK(map[1].values<float>() == F{-1, .5f});
}

TEST_CASE("LinearClassifier and LinearRegressor") {
    const auto three = OpCase(describe<LinearClassifier>(),
                              with("coefficients", F{1, -.5f, .25f, .5f, -1, .75f})("intercepts", F{.1f, .2f, .3f})("classlabels_ints", I{5, 6, 7})("post_transform", S{"SOFTMAX"}[0]),
                              {activation(x)}, 2).run_reference();
    CHECK(three[0].values<int>() == std::vector<int>{6, 7, 7});
    check_close(three[1], f32({3, 3}, {.14553544f, .56139219f, .29307237f, .04604398f, .1776112f, .77634484f, .01330968f, .29544753f, .69124281f}), 1e-6, 0, "softmax");
    const auto two = [](const std::string& transform) {
        return OpCase(describe<LinearClassifier>(),
                      with("coefficients", F{1, -.5f})("intercepts", F{.1f})("classlabels_strings", S{"no", "yes"})("post_transform", transform), {activation(x)}, 2).run_reference();
    };
    labels_are(two("NONE")[0], {"yes", "no", "no"});
    check_close(two("NONE")[1], f32({3, 2}, {.9f, .1f, 2.15f, -1.15f, 2.4f, -1.4f}), 1e-6, 0, "two");
    check_close(two("LOGISTIC")[1], f32({3, 2}, {.47502083f, .52497917f, .75951087f, .24048913f, .8021839f, .19781607f}), 1e-6, 0, "logistic");
    check_close(OpCase(describe<LinearRegressor>(), with("coefficients", F{1, -.5f, .25f, .5f})("intercepts", F{.1f, .2f})("targets", int64_t{2}), {activation(x)}).run_reference()[0],
                f32({3, 2}, {.1f, 1.45f, -1.15f, .2f, -1.4f, 1.7f}), 1e-6, 0, "regressor");
    CHECK_THROWS_AS(two("NO SUCH"), Error);
}

TEST_CASE("Trees answer as those of ONNX Runtime") {
    const auto regress = [](const std::string& how) {
        return OpCase(describe<TreeEnsembleRegressor>(),
                      trees("target", "target_weights")("target_ids", I{0, 1, 0, 0, 1})("n_targets", int64_t{2})("base_values", F{.5f, .25f})("aggregate_function", how),
                      {activation(x)}).run_reference()[0];
    };
    check_close(regress("SUM"), f32({3, 2}, {0, 7.25f, 4.5f, 0, 5.5f, 0}), 1e-6, 0, "sum");
    check_close(regress("AVERAGE"), f32({3, 2}, {0, 3.75f, 2.5f, 0, 3, 0}), 1e-6, 0, "average");
    check_close(regress("MIN"), f32({3, 2}, {0, 2.25f, 1.5f, 0, 1.5f, 0}), 1e-6, 0, "smallest");
    check_close(regress("MAX"), f32({3, 2}, {0, 5.25f, 3.5f, 0, 4.5f, 0}), 1e-6, 0, "largest");
    const auto three = OpCase(describe<TreeEnsembleClassifier>(),
                              trees("class", "class_weights")("class_ids", I{0, 1, 2, 0, 1})("classlabels_int64s", I{5, 6, 7})("post_transform", S{"LOGISTIC"}[0]), {activation(x)}, 2)
                               .run_reference();
    CHECK(three[0].values<int>() == std::vector<int>{6, 7, 5});
    check_close(three[1], f32({3, 3}, {.5f, .999089f, .5f, .7310586f, .5f, .9525741f, .9933072f, .5f, .5f}), 1e-6, 0, "logistic");
    const auto two = [](const F& weights) {
        return OpCase(describe<TreeEnsembleClassifier>(),
                      trees("class", "class_weights")("class_weights", weights)("class_ids", I{0, 0, 0, 0, 0})("classlabels_strings", S{"n", "y"}), {activation(x)}, 2).run_reference();
    };
    labels_are(two({.3f, .4f, .1f, .2f, .9f})[0], {"y", "n", "n"});
    check_close(two({.3f, .4f, .1f, .2f, .9f})[1], f32({3, 2}, {-.3f, 1.3f, .6f, .4f, .5f, .5f}), 1e-6, 0, "positive weights");
    labels_are(two({-1, 2, 3, -4, .5f})[0], {"y", "y", "n"});
    check_close(two({-1, 2, 3, -4, .5f})[1], f32({3, 2}, {-2.5f, 2.5f, -2, 2, 5, -5}), 1e-6, 0, "weights of both signs");
}

TEST_CASE("TreeEnsemble has sets, NaN and bad nodes") {
    const Array modes = Array::of(Shape{2}, std::vector<uint8_t>{6, 0});
    const auto run = [&](int64_t first, const F& in) {
        return OpCase(describe<TreeEnsemble>(),
                      with("nodes_modes", modes)("nodes_splits", f32({2}, {0, 1}))("nodes_featureids", I{0, 0})("nodes_truenodeids", I{0, 1})("nodes_falsenodeids", I{first, 2})(
                              "nodes_trueleafs", I{1, 1})("nodes_falseleafs", I{0, 1})("nodes_missing_value_tracks_true", I{0, 1})("membership_values", f32({3}, {5, 7, NAN}))(
                              "leaf_targetids", I{0, 0, 0})("leaf_weights", f32({3}, {10, 20, 30}))("tree_roots", I{0})("n_targets", int64_t{1}),
                      {activation(f32({static_cast<int64_t>(in.size()), 1}, in))}, 1, 5).run_reference()[0];
    };
    CHECK(run(1, {5, 7, 1, 2, NAN}).values<float>() == F{10, 10, 20, 30, 20});
    CHECK_THROWS_AS(run(9, {1}), Error);   // no such node
    CHECK_THROWS_AS(run(0, {1}), Error);   // a circle
}
