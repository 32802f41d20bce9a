// Maps and categories of ai.onnx.ml: CastMap, CategoryMapper, DictVectorizer.
#ifndef LITE_OP_DICTIONARIES_H_
#define LITE_OP_DICTIONARIES_H_
#include <cstdlib>
#include <numeric>

#include "lite/op/classical.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline const TensorInfo& check_map(InferContext& c, size_t i) {
    c.check_that(c.input(i).dtype == DType::map, "input ", i, " is ", c.input(i).dtype, ", a map was expected");
    return c.input(i);
}
inline DType value_type(const TensorInfo& map) { return map.element == DType::none ? DType::f32 : map.element; }
// Element `from` of a tensor to element `to` of another, of the same type.
inline void put_element(RunContext& c, const TensorView& y, int64_t to, const Array& x, int64_t from) {
    c.check_that(x.dtype() == y.dtype, "a value of the map is ", x.dtype(), ", ", y.dtype, " was expected");
    if (y.dtype == DType::string) y.as<std::string_view>()[to] = keep_text(c, strings_of(x)[from]);
    else std::memcpy(y.as<std::byte>() + at(to) * size_of(y.dtype), x.data() + at(from) * size_of(y.dtype), size_of(y.dtype));
}
}  // namespace detail

// The values of a map from integers as a row: in the order of their keys, or with map_form SPARSE each at the column of its key.
struct CastMap {
    static constexpr std::string_view name = "CastMap";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "CastMap"}};
    struct Attributes {
        std::string cast_to = "TO_FLOAT", map_form = "DENSE";
        int64_t max_map = 1;
        template <class V> void visit(V& v) {
            v("cast_to", cast_to);
            v("map_form", map_form);
            v("max_map", max_map);
        }
        DType type(const Who& where) const {
            check(cast_to == "TO_FLOAT" || cast_to == "TO_STRING" || cast_to == "TO_INT64", where, ": cast_to '", cast_to, "' is not known");
            return cast_to == "TO_FLOAT" ? DType::f32 : cast_to == "TO_STRING" ? DType::string : DType::i64;
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_map(c, 0);
        const bool sparse = a.map_form == "SPARSE";
        c.check_that(sparse || a.map_form == "DENSE", "map_form '", a.map_form, "' is not known");
        c.check_that(!sparse || a.max_map > 0, "max_map is ", a.max_map);
        c.output(0, a.type(c.where()), Shape{1, sparse ? a.max_map : kUnknown});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Items& map = detail::items_of(c.input(0));
        c.check_that(map.size() == 2 && map[0].dtype() == DType::i64, "the keys of its map are no integers");
        const auto keys = map[0].values<int64_t>();
        const Array& values = map[1];
        const bool sparse = a.map_form == "SPARSE";
        const DType t = a.type(c.where());
        std::vector<size_t> order(keys.size());
        std::iota(order.begin(), order.end(), size_t{0});
        std::sort(order.begin(), order.end(), [&](size_t i, size_t k) { return keys[i] < keys[k]; });
        const int64_t columns = sparse ? a.max_map : static_cast<int64_t>(keys.size());
        const TensorView y = c.output(0, t, Shape{1, columns});
        for (int64_t i = 0; i < columns && sparse; ++i) put(c, y, i, 0.0, t == DType::string ? "0.f" : "");
        for (size_t i = 0; i < order.size(); ++i) {
            const int64_t key = keys[order[i]], from = static_cast<int64_t>(order[i]);
            if (sparse && (key < 0 || key >= columns)) continue;
            const bool words = values.dtype() == DType::string;
            const std::string_view word = words ? strings_of(values)[from] : std::string_view();
            put(c, y, sparse ? key : static_cast<int64_t>(i), words ? 0.0 : values.values<double>()[detail::at(from)], word);
        }
    }

private:
    // A number, or the text of one.
    static void put(RunContext& c, const TensorView& y, int64_t i, double v, std::string_view word) {
        if (!word.empty() && y.dtype != DType::string) {
            const std::string whole(word);  // std::from_chars of libc++ reads integers alone
            char* end = nullptr;
            v = std::strtod(whole.c_str(), &end);
            const bool plain = word[0] != '+' && word.find_first_of("xX \t\n\v\f\r") == std::string_view::npos;  // strtod takes more
            c.check_that(plain && end == whole.c_str() + whole.size(), "'", word, "' is no number");
        }
        if (y.dtype == DType::i64) y.as<int64_t>()[i] = static_cast<int64_t>(v);
        else if (y.dtype == DType::f32) y.as<float>()[i] = static_cast<float>(v);
        else if (!word.empty()) y.as<std::string_view>()[i] = detail::keep_text(c, word);
        else y.as<std::string_view>()[i] = c.objects().keep(std::to_string(v));  // six digits behind the point, as ONNX Runtime has it
    }
};

// Strings to integers, or integers to strings, by two lists.
struct CategoryMapper {
    static constexpr std::string_view name = "CategoryMapper";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "CategoryMapper"}};
    struct Attributes {
        std::vector<int64_t> cats_int64s;
        std::vector<std::string> cats_strings;
        std::string default_string = "_Unused";
        int64_t default_int64 = -1;
        template <class V> void visit(V& v) {
            v("cats_int64s", cats_int64s);
            v("cats_strings", cats_strings);
            v("default_string", default_string);
            v("default_int64", default_int64);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const DType t = c.input(0).dtype;
        c.check_that(t == DType::string || t == DType::i64, "the input is ", t, ", strings or i64 were expected");
        c.check_that(a.cats_int64s.size() == a.cats_strings.size(), "it has ", static_cast<int64_t>(a.cats_int64s.size()), " integers for ", static_cast<int64_t>(a.cats_strings.size()),
                     " strings");
        detail::like_input(c, 0, 0, t == DType::string ? DType::i64 : DType::string);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const bool words = x.dtype == DType::string;
        const TensorView y = c.output(0, words ? DType::i64 : DType::string, x.shape);
        for (int64_t i = 0; i < x.count(); ++i) {
            if (words) {
                const auto k = std::find(a.cats_strings.begin(), a.cats_strings.end(), detail::text_of(x)[i]) - a.cats_strings.begin();
                y.as<int64_t>()[i] = detail::at(k) < a.cats_strings.size() ? a.cats_int64s[detail::at(k)] : a.default_int64;
            } else {
                const auto k = std::find(a.cats_int64s.begin(), a.cats_int64s.end(), x.as<const int64_t>()[i]) - a.cats_int64s.begin();
                y.as<std::string_view>()[i] = detail::keep_text(c, detail::at(k) < a.cats_int64s.size() ? a.cats_strings[detail::at(k)] : a.default_string);
            }
        }
    }
};

// The values of a map as a row, in the order of a list of keys; those that it lacks are 0 or empty.
struct DictVectorizer {
    static constexpr std::string_view name = "DictVectorizer";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "DictVectorizer"}};
    struct Attributes {
        std::vector<std::string> string_vocabulary;
        std::vector<int64_t> int64_vocabulary;
        template <class V> void visit(V& v) {
            v("string_vocabulary", string_vocabulary);
            v("int64_vocabulary", int64_vocabulary);
        }
        int64_t size() const { return static_cast<int64_t>(std::max(string_vocabulary.size(), int64_vocabulary.size())); }
    };
    static void infer(InferContext& c) {
        const TensorInfo& map = detail::check_map(c, 0);
        const auto a = c.attributes<Attributes>();
        c.check_that(a.string_vocabulary.empty() != a.int64_vocabulary.empty(), "it needs one vocabulary, of strings or of integers");
        c.output(0, detail::value_type(map), Shape{1, a.size()});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Items& map = detail::items_of(c.input(0));
        const TensorView y = c.output(0);
        const bool words = !a.string_vocabulary.empty();
        std::memset(y.data, 0, y.bytes());
        if (map.empty()) return;
        c.check_that(map.size() == 2 && map[0].dtype() == (words ? DType::string : DType::i64), "the keys of its map and its vocabulary are of different types");
        const auto keys = words ? std::vector<int64_t>() : map[0].values<int64_t>();
        for (int64_t k = 0; k < map[0].count(); ++k) {
            const int64_t i = words ? std::find(a.string_vocabulary.begin(), a.string_vocabulary.end(), strings_of(map[0])[k]) - a.string_vocabulary.begin()
                                    : std::find(a.int64_vocabulary.begin(), a.int64_vocabulary.end(), keys[detail::at(k)]) - a.int64_vocabulary.begin();
            if (i < a.size()) detail::put_element(c, y, i, map[1], k);
        }
    }
};

LITE_NAMESPACE_END
#endif
