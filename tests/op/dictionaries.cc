#include "lite/op/dictionaries.h"
#include "tests/support/move_test.h"
using namespace lite_test;

// Figures of onnxruntime 1.32.
namespace {
using I = std::vector<int64_t>;
using S = std::vector<std::string>;
Array map(const Array& keys, const Array& values) { return make_items(DType::map, {keys, values}); }
void words_are(const Array& a, const Shape& shape, const S& want) {
    REQUIRE(a.shape() == shape);
    for (size_t i = 0; i < want.size(); ++i) CHECK(strings_of(a)[i] == want[i]);
}
}  // namespace

TEST_CASE("DictVectorizer puts values where their keys stand in the vocabulary") {
    const Array floats = map(make_strings({3}, {"a", "b", "q"}), f32({3}, {1.5f, 2, 7}));
    check_output(OpCase(describe<DictVectorizer>(), with("string_vocabulary", S{"a", "c", "b"}), {activation(floats)}, 1, 1), f32({1, 3}, {1.5f, 0, 2}));
    check_output(OpCase(describe<DictVectorizer>(), with("int64_vocabulary", I{4, 1}), {activation(map(i64({1, 2}), f32({2}, {1.5f, 2})))}, 1, 1), f32({1, 2}, {0, 1.5f}));
    CHECK_THROWS_AS(OpCase(describe<DictVectorizer>(), with("int64_vocabulary", I{4, 1}), {activation(floats)}, 1, 1).run_reference(), Error);
    CHECK_THROWS_AS(OpCase(describe<DictVectorizer>(), {}, {activation(floats)}, 1, 1), Error);
    CHECK_THROWS_AS(OpCase(describe<DictVectorizer>(), with("int64_vocabulary", I{4, 1}), {activation(f32({1}, {1}))}, 1, 1), Error);
}

TEST_CASE("CastMap lists values by their keys") {
    const Array floats = map(i64({3, 1}), f32({2}, {1.5f, -2})), words = map(i64({3, 1}), make_strings({2}, {"7", "2"}));
    const auto run = [](const Array& m, const char* to, const char* form) {
        return OpCase(describe<CastMap>(), with("cast_to", std::string(to))("map_form", std::string(form))("max_map", int64_t{4}), {activation(m)}, 1, 1).run_reference()[0];
    };
    check_close(run(floats, "TO_FLOAT", "DENSE"), f32({1, 2}, {-2, 1.5f}), 0, 0, "dense");
    check_close(run(floats, "TO_FLOAT", "SPARSE"), f32({1, 4}, {0, -2, 0, 1.5f}), 0, 0, "sparse");
    CHECK(run(floats, "TO_INT64", "SPARSE").values<int64_t>() == I{0, -2, 0, 1});
    words_are(run(floats, "TO_STRING", "SPARSE"), {1, 4}, {"0.f", "-2.000000", "0.f", "1.500000"});
    CHECK(run(words, "TO_INT64", "DENSE").values<int64_t>() == I{2, 7});
    words_are(run(words, "TO_STRING", "DENSE"), {1, 2}, {"2", "7"});
    for (const char* no : {"x", " 1", "+1", "0x1", "1 "})
        CHECK_THROWS_AS(run(map(i64({1}), make_strings({1}, {no})), "TO_FLOAT", "DENSE"), Error);
    CHECK_THROWS_AS(run(floats, "TO_WHAT", "DENSE"), Error);
}

TEST_CASE("CategoryMapper knows both directions") {
    const auto a = with("cats_strings", S{"a", "b"})("cats_int64s", I{5, 6});
    check_output(OpCase(describe<CategoryMapper>(), a, {activation(make_strings({3}, {"b", "a", "z"}))}, 1, 1), i64({3}, {6, 5, -1}));
    words_are(OpCase(describe<CategoryMapper>(), a, {activation(i64({5, 9}))}, 1, 1).run_reference()[0], {2}, {"a", "_Unused"});
    CHECK_THROWS_AS(OpCase(describe<CategoryMapper>(), with("cats_strings", S{"a"}), {activation(i64({5}))}, 1, 1), Error);
}
