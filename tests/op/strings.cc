#include "lite/op/strings.h"
#include "lite/op/elemwise.h"
#include "tests/support/move_test.h"
using namespace lite_test;

namespace {
using S = std::vector<std::string>;
Array words(S s) {
    const int64_t n = static_cast<int64_t>(s.size());
    return make_strings(Shape{n}, std::move(s));
}
S list(const Array& a) { return S(strings_of(a), strings_of(a) + a.count()); }
}  // namespace

TEST_CASE("StringConcat and Equal broadcast") {
    const Array a = make_strings(Shape{2, 1}, {"x", "y"}), b = words({"1", "2"});
    const Array y = OpCase(describe<StringConcat>(), {}, {activation(a), activation(b)}, 1, 20).run_reference()[0];
    CHECK(y.shape() == Shape{2, 2});
    CHECK(list(y) == S{"x1", "x2", "y1", "y2"});
    check_output(OpCase(describe<Elemwise>(), with("mode", mode_of(ElemwiseMode::equal)), {activation(make_strings(Shape{2, 1}, {"x", "1"})), activation(words({"1", "x"}))}, 1, 19),
                 booleans({2, 2}, {0, 1, 1, 0}));
    CHECK_THROWS_AS(OpCase(describe<StringConcat>(), {}, {activation(a), activation(i64({2}))}), Error);
}

TEST_CASE("StringNormalizer drops words and changes their case") {
    const auto run = [](Attributes a, const Array& x) { return list(OpCase(describe<StringNormalizer>(), a, {activation(x)}, 1, 10).run_reference()[0]); };
    const Attributes stop = with("stopwords", S{"monday"});
    CHECK(run(stop, words({"Monday", "tuesday"})) == S{"tuesday"});
    Attributes a = stop;
    a.set("is_case_sensitive", int64_t{1});
    a.set("case_change_action", std::string("UPPER"));
    CHECK(run(a, words({"Monday", "monday", "\xc3\xa9t\xc3\xa9"})) == S{"MONDAY", "\xc3\x89T\xc3\x89"});
    CHECK(run(a, words({"monday"})) == S{""});
    CHECK_THROWS_AS(run({}, make_strings(Shape{2, 2}, {"a", "b", "c", "d"})), Error);
}

TEST_CASE("StringSplit cuts at delimiters and at white space") {
    const auto run = [](Attributes a, const Array& x) { return OpCase(describe<StringSplit>(), a, {activation(x)}, 2, 20).run_reference(); };
    const auto commas = run(with("delimiter", std::string(",")), words({"a,b,,c", "", ","}));
    CHECK(commas[0].shape() == Shape{3, 4});
    CHECK(list(commas[0]) == S{"a", "b", "", "c", "", "", "", "", "", "", "", ""});
    CHECK(commas[1].values<int>() == std::vector<int>{4, 1, 2});
    const auto spaces = run(with("maxsplit", int64_t{1}), words({"  a  b c ", " "}));
    CHECK(list(spaces[0]) == S{"a", "b c ", "", ""});
    CHECK(spaces[1].values<int>() == std::vector<int>{2, 0});
    CHECK(run({}, make_strings(Shape{0}, {}))[0].shape() == Shape{0, 0});
}

TEST_CASE("RegexFullMatch") {
    const auto match = [](const std::string& pattern, const std::string& s) {
        return OpCase(describe<RegexFullMatch>(), with("pattern", pattern), {activation(words({s}))}, 1, 20).run_reference()[0].values<int>()[0] != 0;
    };
    CHECK(match("abc", "abc"));
    CHECK_FALSE(match("abc", "abcd"));
    CHECK(match("a*b+c?", "aab"));
    CHECK_FALSE(match("a*b+c?", "aa"));
    CHECK(match("(ab|c)*d", "abcabd"));
    CHECK(match("a|bc|", ""));
    CHECK(match("(?:x|y){2,3}z{2}", "xyxzz"));
    CHECK_FALSE(match("(?:x|y){2,3}z{2}", "xyxyzz"));
    CHECK(match("(a{2}){2,}", "aaaaaa"));
    CHECK(match("[a-c0-9_.-]+@[^@\\s]+\\.com", "a_1-b@site.com"));
    CHECK_FALSE(match("[a-c]+", "abd"));
    CHECK(match("\\w+\\b \\d{3}", "word 123"));
    CHECK(match("^a.c$", "a\xc3\xa9" "c"));
    CHECK(match("[^x]*", "\xe2\x82\xac"));
    CHECK(match("[\\]a]\\.\\\\", "].\\"));
    CHECK(match("x{,2}", "x{,2}"));
    CHECK_FALSE(match("(a*)*b", std::string(5000, 'a')));  // in no more than linear time
    for (const char* bad : {"(", ")", "[a", "*a", "a**", "a\\", "(a)\\1", "a{3,2}", "(?=a)", "(((){9999}){9999}){9999}"}) CHECK_THROWS_AS(match(bad, "a"), Error);
}

TEST_CASE("TfIdfVectorizer counts groups of words") {
    const auto run = [](Attributes a, const Array& x) { return OpCase(describe<TfIdfVectorizer>(), a, {activation(x)}, 1, 9).run_reference()[0]; };
    using I = std::vector<int64_t>;
    Attributes a = with("mode", std::string("TF"))("max_gram_length", int64_t{2})("max_skip_count", int64_t{0})("ngram_counts", I{0, 2})("ngram_indexes", I{0, 1, 2, 3})(
            "pool_int64s", I{2, 3, 5, 4, 5, 6});
    check_output(OpCase(describe<TfIdfVectorizer>(), a, {activation(i64({2, 5}, {1, 2, 3, 2, 7, 5, 6, 5, 6, 4}))}, 1, 9), f32({2, 4}, {2, 1, 0, 0, 0, 0, 0, 2}));
    a.set("min_gram_length", int64_t{2});
    a.set("max_skip_count", int64_t{1});
    check_close(run(a, i64({5}, {5, 1, 4, 5, 6})), f32({4}, {0, 0, 1, 1}), 0, 0, "one word between");
    Attributes s = with("mode", std::string("TFIDF"))("max_gram_length", int64_t{1})("ngram_counts", I{0})("ngram_indexes", I{1, 0})("pool_strings", S{"a", "b"})(
            "weights", std::vector<float>{10, 100});
    check_close(run(s, words({"a", "a", "b", "c"})), f32({2}, {100, 20}), 0, 0, "weights by group");
}
