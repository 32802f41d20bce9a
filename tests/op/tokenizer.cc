#include "lite/op/tokenizer.h"
#include "tests/support/move_test.h"
using namespace lite_test;

// What onnxruntime 1.32 answers.
namespace {
using S = std::vector<std::string>;
void check_words(const Attributes& a, const S& texts, const Shape& shape, const S& want) {
    const Array y = OpCase(describe<Tokenizer>(), a, {activation(make_strings({static_cast<int64_t>(texts.size())}, texts))}, 1, 1).run_reference()[0];
    REQUIRE(y.shape() == shape);
    for (size_t i = 0; i < want.size(); ++i) CHECK(strings_of(y)[i] == want[i]);
}
With between(const S& separators, int64_t mark, int64_t least) {
    return with("separators", separators)("mark", mark)("mincharnum", least)("pad_value", std::string("#"));
}
With matching(const char* pattern) { return with("tokenexp", std::string(pattern))("pad_value", std::string("#")); }
}  // namespace

TEST_CASE("Tokenizer: words between separators, marked and filled up") {
    check_words(between({" "}, 0, 1), {"the cat, sat", "a  b;c", ""}, {3, 3}, {"the", "cat,", "sat", "a", "b;c", "#", "#", "#", "#"});
    check_words(between({" ", ",", ";"}, 1, 2), {"the cat, sat", "a  b;c"}, {2, 5}, {"\x02", "the", "cat", "sat", "\x03", "\x02", "\x03", "#", "#", "#"});
    check_words(between({"[ ,;]+"}, 0, 1), {"a  b;c"}, {1, 3}, {"a", "b", "c"});
    check_words(between({" "}, 1, 1), {"", "  "}, {2, 0}, {});
}

TEST_CASE("Tokenizer: characters, and the longest matches of a pattern") {
    check_words(between({""}, 1, 1), {"h\xc3\xa4h", "a"}, {2, 5}, {"\x02", "h", "\xc3\xa4", "h", "\x03", "\x02", "a", "\x03", "#", "#"});
    check_words(matching("[a-zA-Z0-9_]+"), {"one-two", "h\xc3\xa4h"}, {2, 2}, {"one", "two", "h", "h"});
    check_words(matching("a|ab|abc"), {"ab", "abc ab"}, {2, 2}, {"ab", "#", "abc", "ab"});
    check_words(matching("."), {"ab"}, {1, 2}, {"a", "b"});
    CHECK_THROWS_AS(check_words(matching("(a"), {"a"}, {1, 1}, {}), Error);
    CHECK_THROWS_AS(check_words({}, {"a"}, {1, 1}, {}), Error);
}
