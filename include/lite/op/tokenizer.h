// Tokenizer of com.microsoft: strings to lists of words or characters.
#ifndef LITE_OP_TOKENIZER_H_
#define LITE_OP_TOKENIZER_H_
#include "lite/op/strings.h"

LITE_NAMESPACE_BEGIN

// A new last axis, as long as the longest list, of what lies between the matches of the separators (one after the other), or of the
// matches of tokenexp; of one empty separator: of characters. `mark` puts each list between "\x02" and "\x03"; shorter ones are filled up
// with pad_value. Words of less than mincharnum characters are left out.
struct Tokenizer {
    static constexpr std::string_view name = "Tokenizer";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "Tokenizer"}};
    struct Attributes {
        int64_t mark = 0, mincharnum = 1;
        std::string pad_value, tokenexp;
        std::vector<std::string> separators;
        template <class V> void visit(V& v) {
            v("mark", mark);
            v("mincharnum", mincharnum);
            v("pad_value", pad_value);
            v("tokenexp", tokenexp);
            v("separators", separators);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_text(c, 0);
        c.check_that(a.separators.empty() != a.tokenexp.empty(), "it needs either separators or tokenexp");
        for (const std::string& s : patterns(a)) detail::Regex(s, c.where());
        if (!c.input(0).has_shape) return c.output_unknown(0, DType::string);
        Shape y = c.shape(0);
        c.check_that(y.rank() == 1 || y.rank() == 2, "the input is ", y, ", one or two axes were expected");
        y.push_back(kUnknown);
        c.output(0, DType::string, y);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const Who where = c.where();
        const std::vector<std::string> texts = patterns(a);
        std::vector<detail::Regex> regexes;
        for (const std::string& s : texts) regexes.emplace_back(s, where);
        std::vector<std::vector<std::string_view>> lists;
        size_t most = 0;
        for (int64_t i = 0; i < x.count(); ++i) {
            lists.push_back(words(a, regexes, detail::text_of(x)[i]));
            most = std::max(most, lists.back().size());
        }
        Shape s = x.shape;
        const size_t marks = a.mark && most ? 2 : 0, n = most + marks;
        s.push_back(static_cast<int64_t>(n));
        const TensorView y = c.output(0, DType::string, s);
        auto* to = y.as<std::string_view>();
        const auto put = [&](std::string_view w) { *to++ = c.objects().keep(std::string(w)); };
        for (const auto& list : lists) {
            if (marks) put("\x02");
            for (std::string_view w : list) put(w);
            if (marks) put("\x03");
            for (size_t i = list.size(); i < most; ++i) put(a.pad_value);
        }
    }

private:
    static bool by_character(const Attributes& a) { return a.separators.size() == 1 && a.separators[0].empty(); }
    static std::vector<std::string> patterns(const Attributes& a) {
        if (by_character(a) || a.tokenexp == ".") return {};
        return a.separators.empty() ? std::vector<std::string>{a.tokenexp} : a.separators;
    }
    static size_t width(std::string_view s, size_t i) {  // of the character at i, in bytes
        size_t n = 1;
        while (i + n < s.size() && (static_cast<uint8_t>(s[i + n]) & 0xc0) == 0x80) ++n;
        return n;
    }
    static int64_t characters(std::string_view s) {
        int64_t n = 0;
        for (size_t i = 0; i < s.size(); i += width(s, i)) ++n;
        return n;
    }
    static std::vector<std::string_view> words(const Attributes& a, const std::vector<detail::Regex>& regexes, std::string_view s) {
        std::vector<std::string_view> list, next;
        if (regexes.empty()) {
            for (size_t i = 0; i < s.size(); i += width(s, i)) list.push_back(s.substr(i, width(s, i)));
            return list;
        }
        list.push_back(s);
        for (const detail::Regex& regex : regexes) {
            next.clear();
            for (std::string_view piece : list) {
                size_t begin = 0;
                for (size_t i = 0; i < piece.size();) {
                    const size_t n = regex.longest(piece, i);
                    if (n == 0) {
                        i += width(piece, i);
                        continue;
                    }
                    if (a.separators.empty()) next.push_back(piece.substr(i, n));
                    else if (i > begin) next.push_back(piece.substr(begin, i - begin));
                    begin = i += n;
                }
                if (!a.separators.empty() && begin < piece.size()) next.push_back(piece.substr(begin));
            }
            list.swap(next);
        }
        std::erase_if(list, [&](std::string_view w) { return characters(w) < a.mincharnum; });
        return list;
    }
};

LITE_NAMESPACE_END
#endif
