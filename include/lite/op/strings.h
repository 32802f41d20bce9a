// StringConcat, StringNormalizer, StringSplit, RegexFullMatch, TfIdfVectorizer: operators on text.
#ifndef LITE_OP_STRINGS_H_
#define LITE_OP_STRINGS_H_
#include <bitset>

#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline const std::string_view* text_of(const TensorView& v) { return v.as<const std::string_view>(); }
inline void check_text(InferContext& c, size_t i) { c.check_that(c.input(i).dtype == DType::string, "input ", i, " is ", c.input(i).dtype, ", strings were expected"); }

// A regular expression that is matched in time that grows with its length times that of the text: characters, classes, groups,
// alternatives, repetitions, anchors; no references back.
class Regex {
public:
    Regex(std::string_view pattern, const Who& where) : p_(pattern), where_(where) {
        alternatives();
        check(at_ == p_.size(), where_, ": the pattern '", p_, "' has a ')' too many");
        add({Step::match, 0, 0});
    }
    bool full_match(std::string_view s) const {
        std::vector<size_t> now, next;
        std::vector<char> seen(steps_.size());
        enter(0, now, seen, s, 0);
        for (size_t i = 0; i < s.size(); ++i) {
            next.clear();
            std::fill(seen.begin(), seen.end(), 0);
            for (size_t t : now)
                if (steps_[t].kind == Step::set && sets_[steps_[t].a].test(static_cast<uint8_t>(s[i]))) enter(t + 1, next, seen, s, i + 1);
            now.swap(next);
        }
        return std::any_of(now.begin(), now.end(), [&](size_t t) { return steps_[t].kind == Step::match; });
    }
    // The length of the longest match that begins at `from`; 0 if there is none.
    size_t longest(std::string_view s, size_t from) const {
        std::vector<size_t> now, next;
        std::vector<char> seen(steps_.size());
        size_t length = 0;
        enter(0, now, seen, s, from);
        for (size_t i = from; i < s.size() && !now.empty(); ++i) {
            next.clear();
            std::fill(seen.begin(), seen.end(), 0);
            for (size_t t : now)
                if (steps_[t].kind == Step::set && sets_[steps_[t].a].test(static_cast<uint8_t>(s[i]))) enter(t + 1, next, seen, s, i + 1);
            now.swap(next);
            for (size_t t : now)
                if (steps_[t].kind == Step::match) length = i + 1 - from;
        }
        return length;
    }

private:
    using Set = std::bitset<256>;
    struct Step {
        enum Kind : uint8_t { set, fork, jump, begin, end, edge, inside, match } kind;
        size_t a, b;
    };
    size_t add(Step s) {
        check(steps_.size() < 20000, where_, ": the pattern '", p_, "' is too large");
        steps_.push_back(s);
        return steps_.size() - 1;
    }
    // All steps that can be reached from `t` in front of character i.
    void enter(size_t t, std::vector<size_t>& list, std::vector<char>& seen, std::string_view s, size_t i) const {
        const auto word = [&](size_t k) {
            Set w;
            return k < s.size() && named('w', w) && w.test(static_cast<uint8_t>(s[k]));
        };
        const bool edge = (i > 0 && word(i - 1)) != word(i);
        std::vector<size_t> stack{t};
        while (!stack.empty()) {
            t = stack.back();
            stack.pop_back();
            if (seen[t]) continue;
            seen[t] = 1;
            const Step& step = steps_[t];
            switch (step.kind) {
                case Step::fork: stack.push_back(step.b), stack.push_back(step.a); break;
                case Step::jump: stack.push_back(step.a); break;
                case Step::begin: if (i == 0) stack.push_back(t + 1); break;
                case Step::end: if (i == s.size()) stack.push_back(t + 1); break;
                case Step::edge: if (edge) stack.push_back(t + 1); break;
                case Step::inside: if (!edge) stack.push_back(t + 1); break;
                default: list.push_back(t);
            }
        }
    }
    bool more() const { return at_ < p_.size(); }
    // Inserts a step in front of those from `at` on.
    void insert(size_t at, Step s) {
        add(s);
        std::rotate(steps_.begin() + static_cast<std::ptrdiff_t>(at), steps_.end() - 1, steps_.end());
        for (size_t i = at; i < steps_.size(); ++i) {
            Step& t = steps_[i];
            if (i == at || (t.kind != Step::fork && t.kind != Step::jump)) continue;
            t.a += t.a >= at;
            t.b += t.b >= at;
        }
    }
    void alternatives() {
        check(++depth_ < 200, where_, ": the pattern '", p_, "' is nested too deep");
        const size_t first = steps_.size();
        sequence();
        if (more() && p_[at_] == '|') {
            ++at_;
            insert(first, {Step::fork, first + 1, 0});
            const size_t over = add({Step::jump, 0, 0});
            steps_[first].b = over + 1;
            alternatives();
            steps_[over].a = steps_.size();
        }
        --depth_;
    }
    void sequence() {
        while (more() && p_[at_] != '|' && p_[at_] != ')') {
            const size_t first = steps_.size(), from = at_;
            atom();
            const size_t to = at_;
            int64_t low, high;
            while (repetition(low, high)) {
                const size_t after = at_;
                steps_.resize(first);
                const auto once = [&] {
                    at_ = from;
                    atom();
                    check(at_ == to, where_, ": the pattern '", p_, "' cannot be read");
                };
                for (int64_t i = 0; i < low; ++i) once();
                if (high < 0) {
                    const size_t loop = add({Step::fork, steps_.size() + 1, 0});
                    once();
                    add({Step::jump, loop, 0});
                    steps_[loop].b = steps_.size();
                }
                std::vector<size_t> outs;
                for (int64_t i = low; i < high; ++i) {
                    outs.push_back(add({Step::fork, steps_.size() + 1, 0}));
                    once();
                }
                for (size_t o : outs) steps_[o].b = steps_.size();
                at_ = after;
                if (more() && p_[at_] == '?') ++at_;  // not greedy: the same for whole matches
                if (more() && (p_[at_] == '*' || p_[at_] == '+' || p_[at_] == '?')) fail(where_, ": the pattern '", p_, "' repeats a repetition");
                break;
            }
        }
    }
    bool repetition(int64_t& low, int64_t& high) {
        if (!more()) return false;
        const char c = p_[at_];
        if (c == '*' || c == '+' || c == '?') {
            ++at_;
            low = c == '+';
            high = c == '?' ? 1 : -1;
            return true;
        }
        const size_t close = c == '{' ? p_.find('}', at_) : p_.npos;
        if (close == p_.npos) return false;
        int64_t numbers[2] = {0, 0};
        size_t n = 0, digits[2] = {0, 0};
        for (size_t i = at_ + 1; i < close; ++i) {
            if (p_[i] == ',' && n == 0) n = 1;
            else if (p_[i] >= '0' && p_[i] <= '9' && digits[n] < 4) numbers[n] = numbers[n] * 10 + (p_[i] - '0'), ++digits[n];
            else return false;  // braces that are text
        }
        if (digits[0] == 0) return false;
        at_ = close + 1;
        low = numbers[0];
        high = n == 0 ? low : digits[1] ? numbers[1] : -1;
        check(high < 0 || low <= high, where_, ": the pattern '", p_, "' repeats ", low, " to ", high, " times");
        return true;
    }
    static void range(Set& s, int from, int to) {
        for (int i = from; i <= to; ++i) s.set(static_cast<size_t>(i));
    }
    static bool named(char c, Set& s) {
        Set t;
        switch (c | 0x20) {
            case 'd': range(t, '0', '9'); break;
            case 'w': range(t, '0', '9'), range(t, 'a', 'z'), range(t, 'A', 'Z'), t.set('_'); break;
            case 's': for (char b : {' ', '\t', '\n', '\f', '\r'}) t.set(static_cast<uint8_t>(b)); break;
            default: return false;
        }
        s |= c & 0x20 ? t : ~t;
        return true;
    }
    static char escaped(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'f' ? '\f' : c == 'v' ? '\v' : c; }
    // A set; those of more than ASCII take the bytes that go on a character, too.
    void add_set(const Set& s) {
        sets_.push_back(s);
        add({Step::set, sets_.size() - 1, 0});
        if (!s.test(0xe9)) return;
        Set rest;
        range(rest, 0x80, 0xbf);
        const size_t loop = add({Step::fork, steps_.size() + 1, 0});
        sets_.push_back(rest);
        add({Step::set, sets_.size() - 1, 0});
        add({Step::jump, loop, 0});
        steps_[loop].b = steps_.size();
    }
    void atom() {
        check(++atoms_ < 100000, where_, ": the pattern '", p_, "' is too large");  // groups of nothing repeat without a step
        const char c = p_[at_++];
        Set s;
        if (c == '(') {
            if (p_.substr(at_, 2) == "?:") at_ += 2;
            else check(!more() || p_[at_] != '?', where_, ": the pattern '", p_, "' has a group of an unknown kind");
            alternatives();
            check(more() && p_[at_] == ')', where_, ": the pattern '", p_, "' lacks a ')'");
            ++at_;
        } else if (c == '[') {
            const bool negated = more() && p_[at_] == '^';
            at_ += negated;
            for (bool first = true;; first = false) {
                check(more(), where_, ": the pattern '", p_, "' lacks a ']'");
                char from = p_[at_++];
                if (from == ']' && !first) break;
                if (from == '\\' && more()) {
                    from = p_[at_++];
                    if (named(from, s)) continue;
                    from = escaped(from);
                }
                char to = from;
                if (at_ + 1 < p_.size() && p_[at_] == '-' && p_[at_ + 1] != ']') {
                    to = p_[at_ + 1];
                    at_ += 2;
                    if (to == '\\' && more()) to = escaped(p_[at_++]);
                }
                range(s, static_cast<uint8_t>(from), static_cast<uint8_t>(to));
            }
            if (negated) {
                s = ~s;
                for (int i = 0x80; i <= 0xbf; ++i) s.reset(static_cast<size_t>(i));
            }
            add_set(s);
        } else if (c == '.') {
            range(s, 0, 0x7f), range(s, 0xc0, 0xff);
            s.reset('\n');
            add_set(s);
        } else if (c == '^') {
            add({Step::begin, 0, 0});
        } else if (c == '$') {
            add({Step::end, 0, 0});
        } else if (c == '\\') {
            check(more(), where_, ": the pattern '", p_, "' ends with a backslash");
            const char e = p_[at_++];
            check(e < '1' || e > '9', where_, ": the pattern '", p_, "' refers back to a group");
            if (e == 'b' || e == 'B') return void(add({e == 'b' ? Step::edge : Step::inside, 0, 0}));
            if (named(e, s)) return add_set(s & ~(~Set() << 128));
            s.set(static_cast<uint8_t>(escaped(e)));
            sets_.push_back(s);
            add({Step::set, sets_.size() - 1, 0});
        } else {
            check(c != '*' && c != '+' && c != '?', where_, ": the pattern '", p_, "' repeats nothing");
            s.set(static_cast<uint8_t>(c));
            sets_.push_back(s);
            add({Step::set, sets_.size() - 1, 0});
        }
    }

    std::string_view p_;
    const Who& where_;
    size_t at_ = 0;
    int depth_ = 0, atoms_ = 0;
    std::vector<Step> steps_;
    std::vector<Set> sets_;
};

// ASCII and the Latin letters of two bytes; other characters stay.
inline std::string change_case(std::string_view s, bool upper) {
    std::string out(s);
    for (size_t i = 0; i < out.size(); ++i) {
        const auto b = static_cast<uint8_t>(out[i]);
        if (b < 0x80) {
            if (upper ? b >= 'a' && b <= 'z' : b >= 'A' && b <= 'Z') out[i] = static_cast<char>(b ^ 0x20);
        } else if (b == 0xc3 && i + 1 < out.size()) {
            const auto next = static_cast<uint8_t>(out[++i]);
            if (next != 0x97 && next != 0xb7 && next != 0x9f && next != 0xbf && (upper ? next >= 0xa0 : next < 0xa0)) out[i] = static_cast<char>(next ^ 0x20);
        }
    }
    return out;
}

}  // namespace detail

// Two tensors of strings, joined element by element, broadcast.
struct StringConcat {
    static constexpr std::string_view name = "StringConcat";
    static constexpr Spelling spellings[] = {{"onnx", "", "StringConcat"}};
    struct Attributes {
        template <class V> void visit(V&) {}
    };
    static void infer(InferContext& c) {
        detail::check_text(c, 0);
        detail::check_text(c, 1);
        c.output(0, DType::string, broadcast(c.shape(0), c.shape(1), c.where()));
    }
    static void reference(RunContext& c) {
        const Shape &a = c.input(0).shape, &b = c.input(1).shape, s = broadcast(a, b, c.where());
        const TensorView y = c.output(0, DType::string, s);
        const auto offset = [&](const Shape& x, int64_t i) {
            int64_t at = 0, step = 1;
            for (size_t k = 0; k < x.rank(); ++k) {
                const size_t axis = x.rank() - 1 - k;
                const int64_t extent = s[s.rank() - 1 - k];
                if (x[axis] != 1) at += i % extent * step;
                step *= x[axis];
                i /= extent;
            }
            return at;
        };
        for (int64_t i = 0; i < s.count(); ++i)
            y.as<std::string_view>()[i] = c.objects().keep(text(detail::text_of(c.input(0))[offset(a, i)], detail::text_of(c.input(1))[offset(b, i)]));
    }
};

// A list of words, or one row of them: without the stop words, in upper or lower case. Nothing left: one empty string.
struct StringNormalizer {
    static constexpr std::string_view name = "StringNormalizer";
    static constexpr Spelling spellings[] = {{"onnx", "", "StringNormalizer"}};
    struct Attributes {
        std::string case_change_action = "NONE", locale;
        int64_t is_case_sensitive = 0;
        std::vector<std::string> stopwords;
        template <class V> void visit(V& v) {
            v("case_change_action", case_change_action);
            v("is_case_sensitive", is_case_sensitive);
            v("locale", locale);
            v("stopwords", stopwords);
        }
    };
    static void infer(InferContext& c) {
        detail::check_text(c, 0);
        const size_t rank = c.shape(0).rank();
        c.check_that(rank == 1 || (rank == 2 && (c.shape(0)[0] < 0 || c.shape(0)[0] == 1)), "its input is ", c.shape(0), ", a list or one row was expected");
        const std::string action = c.attributes<Attributes>().case_change_action;
        c.check_that(action == "NONE" || action == "LOWER" || action == "UPPER", "case_change_action '", action, "' is not known");
        c.output(0, DType::string, rank == 1 ? Shape{kUnknown} : Shape{1, kUnknown});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        std::vector<std::string> kept;
        for (int64_t i = 0; i < x.count(); ++i) {
            const std::string_view word = detail::text_of(x)[i];
            const bool stop = std::any_of(a.stopwords.begin(), a.stopwords.end(), [&](const std::string& s) {
                return a.is_case_sensitive ? s == word : detail::change_case(s, false) == detail::change_case(word, false);
            });
            if (!stop) kept.push_back(a.case_change_action == "NONE" ? std::string(word) : detail::change_case(word, a.case_change_action == "UPPER"));
        }
        if (kept.empty()) kept.emplace_back();
        const int64_t n = static_cast<int64_t>(kept.size());
        const TensorView y = c.output(0, DType::string, x.shape.rank() == 1 ? Shape{n} : Shape{1, n});
        for (size_t i = 0; i < kept.size(); ++i) y.as<std::string_view>()[i] = c.objects().keep(std::move(kept[i]));
    }
};

// Each string cut at a delimiter (none: at white space) into at most maxsplit + 1 pieces; empty strings fill the rows. Output 1: how
// many pieces each has.
struct StringSplit {
    static constexpr std::string_view name = "StringSplit";
    static constexpr Spelling spellings[] = {{"onnx", "", "StringSplit"}};
    struct Attributes {
        std::string delimiter;
        int64_t maxsplit = -1;
        template <class V> void visit(V& v) {
            v("delimiter", delimiter);
            v("maxsplit", maxsplit);
        }
    };
    static std::vector<std::string_view> split(std::string_view s, const Attributes& a) {
        std::vector<std::string_view> out;
        const auto limit = [&] { return a.maxsplit >= 0 && static_cast<int64_t>(out.size()) >= a.maxsplit; };
        if (!a.delimiter.empty()) {
            for (size_t at; !limit() && (at = s.find(a.delimiter)) != s.npos; s.remove_prefix(at + a.delimiter.size())) out.push_back(s.substr(0, at));
            out.push_back(s);
            return out;
        }
        constexpr std::string_view space = " \t\n\r\f\v";
        for (;;) {
            const size_t from = s.find_first_not_of(space);
            if (from == s.npos) return out;
            s.remove_prefix(from);
            if (limit()) break;
            const size_t to = std::min(s.find_first_of(space), s.size());
            out.push_back(s.substr(0, to));
            s.remove_prefix(to);
        }
        out.push_back(s);
        return out;
    }
    static void infer(InferContext& c) {
        detail::check_text(c, 0);
        Shape s = c.shape(0);
        c.output(1, DType::i64, s);
        s.push_back(kUnknown);
        c.output(0, DType::string, s);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        std::vector<std::vector<std::string_view>> rows;
        size_t most = 0;
        for (int64_t i = 0; i < x.count(); ++i) {
            rows.push_back(split(detail::text_of(x)[i], a));
            most = std::max(most, rows.back().size());
        }
        Shape s = x.shape;
        s.push_back(static_cast<int64_t>(most));
        const TensorView y = c.output(0, DType::string, s);
        for (size_t r = 0; r < rows.size(); ++r)
            for (size_t i = 0; i < most; ++i)  // pieces of strings of another tensor, which may be gone before this one
                y.as<std::string_view>()[r * most + i] = i < rows[r].size() ? c.objects().keep(std::string(rows[r][i])) : std::string_view();
        if (!c.has_output(1)) return;
        int64_t* counts = c.output(1, DType::i64, x.shape).as<int64_t>();
        for (size_t r = 0; r < rows.size(); ++r) counts[r] = static_cast<int64_t>(rows[r].size());
    }
};

// Whether a pattern matches the whole of a string.
struct RegexFullMatch {
    static constexpr std::string_view name = "RegexFullMatch";
    static constexpr Spelling spellings[] = {{"onnx", "", "RegexFullMatch"}};
    struct Attributes {
        std::string pattern;
        template <class V> void visit(V& v) { v("pattern", pattern); }
    };
    static void infer(InferContext& c) {
        detail::check_text(c, 0);
        const std::string pattern = c.attributes<Attributes>().pattern;
        const Who where = c.where();
        detail::Regex(pattern, where);
        detail::like_input(c, 0, 0, DType::boolean);
    }
    static void reference(RunContext& c) {
        const std::string pattern = c.attributes<Attributes>().pattern;
        const Who where = c.where();
        const detail::Regex regex(pattern, where);
        const TensorView y = c.output(0, DType::boolean, c.input(0).shape);
        for (int64_t i = 0; i < y.count(); ++i) y.as<bool>()[i] = regex.full_match(detail::text_of(c.input(0))[i]);
    }
};

// How often groups of words (numbers or strings) of a list occur in each row, the words next to each other or up to max_skip_count
// words apart.
struct TfIdfVectorizer {
    static constexpr std::string_view name = "TfIdfVectorizer";
    static constexpr Spelling spellings[] = {{"onnx", "", "TfIdfVectorizer"}};
    struct Attributes {
        int64_t max_gram_length = 1, max_skip_count = 0, min_gram_length = 1;
        std::string mode = "TF";
        std::vector<int64_t> ngram_counts, ngram_indexes, pool_int64s;
        std::vector<std::string> pool_strings;
        std::vector<float> weights;
        template <class V> void visit(V& v) {
            v("max_gram_length", max_gram_length);
            v("max_skip_count", max_skip_count);
            v("min_gram_length", min_gram_length);
            v("mode", mode);
            v("ngram_counts", ngram_counts);
            v("ngram_indexes", ngram_indexes);
            v("pool_int64s", pool_int64s);
            v("pool_strings", pool_strings);
            v("weights", weights);
        }
    };
    static int64_t columns(const Attributes& a, const Who& where) {
        int64_t n = 0;
        for (int64_t i : a.ngram_indexes) {
            check(i >= 0 && i < kMaxElements, where, ": ngram_indexes has ", i);
            n = std::max(n, i + 1);
        }
        return n;
    }
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& x = c.shape(0);
        c.check_that(x.rank() <= 2, "its input is ", x);
        const int64_t n = columns(a, c.where());
        c.output(0, DType::f32, x.rank() == 2 ? Shape{x[0], n} : Shape{n});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const int64_t n = columns(a, c.where()), rows = x.shape.rank() == 2 ? x.shape[0] : 1, length = x.shape.rank() == 0 ? 1 : x.shape.back();
        // Words become numbers: their place in the pool, -1 for those that are not in it.
        std::vector<int64_t> pool = a.pool_int64s, words;
        if (x.dtype == DType::string) {
            const auto number = [&](std::string_view w) {
                const auto at = std::find(a.pool_strings.begin(), a.pool_strings.end(), w);
                return at == a.pool_strings.end() ? int64_t{-1} : static_cast<int64_t>(at - a.pool_strings.begin());
            };
            for (const std::string& s : a.pool_strings) pool.push_back(number(s));
            for (int64_t i = 0; i < x.count(); ++i) words.push_back(number(detail::text_of(x)[i]));
        } else {
            words = detail::integers(x);
        }
        const TensorView y = c.output(0, DType::f32, x.shape.rank() == 2 ? Shape{rows, n} : Shape{n});
        std::vector<double> out(detail::at(rows * n));
        size_t gram = 0;
        for (size_t k = 0; k < a.ngram_counts.size(); ++k) {
            const int64_t size = static_cast<int64_t>(k) + 1, end = k + 1 < a.ngram_counts.size() ? a.ngram_counts[k + 1] : static_cast<int64_t>(pool.size());
            c.check_that(a.ngram_counts[k] >= 0 && end <= static_cast<int64_t>(pool.size()), "ngram_counts has ", a.ngram_counts[k], ", its pool ",
                         static_cast<int64_t>(pool.size()), " words");
            for (int64_t p = a.ngram_counts[k]; p + size <= end; p += size, ++gram) {
                c.check_that(gram < a.ngram_indexes.size(), "ngram_indexes is too short");
                if (size < a.min_gram_length || size > a.max_gram_length) continue;
                for (int64_t skip = 1; skip == 1 || (size > 1 && skip - 1 <= a.max_skip_count && skip * (size - 1) < length); ++skip)
                    for (int64_t r = 0; r < rows; ++r)
                        for (int64_t i = 0; i + skip * (size - 1) < length; ++i) {
                            bool same = true;
                            for (int64_t w = 0; same && w < size; ++w) same = words[detail::at(r * length + i + skip * w)] == pool[detail::at(p + w)];
                            out[detail::at(r * n + a.ngram_indexes[gram])] += same;
                        }
            }
        }
        for (int64_t i = 0; i < rows * n; ++i) {
            double& v = out[detail::at(i)];
            if (a.mode == "IDF") v = v > 0;
            // Weights stand in the order of the groups, which is that of their columns.
            if (a.mode != "TF" && !a.weights.empty()) {
                for (size_t g = 0; g < a.ngram_indexes.size() && g < a.weights.size(); ++g)
                    if (a.ngram_indexes[g] == i % n) {
                        v *= double{a.weights[g]};
                        break;
                    }
            }
        }
        detail::put_doubles(y, out);
    }
};

LITE_NAMESPACE_END
#endif
