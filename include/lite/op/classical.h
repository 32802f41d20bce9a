// Classical machine learning (ai.onnx.ml): encoders, scalers, linear models and trees.
#ifndef LITE_OP_CLASSICAL_H_
#define LITE_OP_CLASSICAL_H_
#include "lite/op/sequences.h"
#include "lite/op/strings.h"

LITE_NAMESPACE_BEGIN

namespace detail {

inline std::string_view keep_text(RunContext& c, std::string_view s) { return c.objects().keep(std::string(s)); }
// Rows and columns of a table; a list is one row.
inline int64_t columns_of(const Shape& s) { return s.rank() == 0 ? 1 : s.back(); }
inline int64_t rows_of(const Shape& s) { return s.rank() <= 1 ? 1 : s.count(0, s.rank() - 1); }

// Scores of one row to probabilities, by the names of ONNX.
inline void post_transform(const std::string& how, double* x, int64_t n) {
    if (how == "LOGISTIC") {
        for (int64_t i = 0; i < n; ++i) x[i] = 1 / (1 + std::exp(-x[i]));
    } else if (how == "SOFTMAX" || how == "SOFTMAX_ZERO") {
        double top = n > 0 ? x[0] : 0, sum = 0;
        for (int64_t i = 1; i < n; ++i) top = std::max(top, x[i]);
        for (int64_t i = 0; i < n; ++i) {
            if (how == "SOFTMAX_ZERO" && std::abs(x[i]) < 1e-7) x[i] = 0;
            else x[i] = std::exp(x[i] - top);
            sum += x[i];
        }
        for (int64_t i = 0; i < n; ++i) x[i] /= sum;
    } else if (how == "PROBIT") {
        for (int64_t i = 0; i < n; ++i) {  // the approximation that ONNX Runtime takes
            const double y = 2 * x[i] - 1, l = std::log((1 - y) * (1 + y)), a = 2 / (3.14159 * 0.147) + 0.5 * l, b = l / 0.147;
            x[i] = 1.41421356 * (y < 0 ? -1 : 1) * std::sqrt(std::sqrt(a * a - b) - a);
        }
    }
}
inline void check_transform(const Who& where, const std::string& how) {
    check(how == "NONE" || how == "LOGISTIC" || how == "SOFTMAX" || how == "SOFTMAX_ZERO" || how == "PROBIT", where, ": post_transform '", how, "' is not known");
}

// Labels are strings or integers.
struct Labels {
    std::vector<std::string> strings;
    std::vector<int64_t> numbers;
    DType dtype() const { return strings.empty() ? DType::i64 : DType::string; }
    int64_t size() const { return static_cast<int64_t>(strings.empty() ? numbers.size() : strings.size()); }
    void put(RunContext& c, const TensorView& y, int64_t i, int64_t label) const {
        if (!strings.empty()) y.as<std::string_view>()[i] = label < size() ? keep_text(c, strings[at(label)]) : std::string_view();
        else y.as<int64_t>()[i] = label < size() ? numbers[at(label)] : label;
    }
};
// Scores [rows, n] of a classifier to labels and probabilities. One score of two classes is the second's if it is above `threshold`;
// the first's is what lacks to `whole`.
inline void classify(RunContext& c, const Labels& labels, const std::string& transform, std::vector<double> scores, int64_t rows, int64_t n, double threshold,
                     double whole) {
    const bool binary = n == 1 && labels.size() == 2;
    const int64_t out = binary ? 2 : n;
    std::vector<double> y(at(rows * out));
    const TensorView label = c.output(0, labels.dtype(), Shape{rows});
    for (int64_t r = 0; r < rows; ++r) {
        double *x = scores.data() + r * n, *p = y.data() + r * out;
        if (binary) {
            const double s = static_cast<double>(static_cast<float>(x[0]));  // scores are floats
            labels.put(c, label, r, s > threshold ? 1 : 0);
            if (transform == "LOGISTIC") p[1] = 1 / (1 + std::exp(-s)), p[0] = 1 - p[1];
            else p[1] = s, p[0] = whole - s;
            continue;
        }
        labels.put(c, label, r, std::max_element(x, x + n) - x);
        post_transform(transform, x, n);
        std::copy_n(x, n, p);
    }
    if (c.has_output(1)) put_doubles(c.output(1, DType::f32, Shape{rows, out}), y);
}
inline void infer_classifier(InferContext& c, const Labels& labels, int64_t n) {
    const Shape& x = c.shape(0);
    const int64_t rows = x.rank() <= 1 ? 1 : x[0];
    c.output(0, labels.dtype(), Shape{rows});
    c.output(1, DType::f32, Shape{rows, n == 1 && labels.size() == 2 ? 2 : n});
}

}  // namespace detail

// x[..., y]: the columns of input 1.
struct ArrayFeatureExtractor {
    static constexpr std::string_view name = "ArrayFeatureExtractor";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "ArrayFeatureExtractor"}};
    using Attributes = detail::NoAttributes;
    static Shape shape_of(const Shape& x, const Shape& y) {
        Shape s = x.rank() <= 1 ? Shape{1, 0} : x;
        s[s.rank() - 1] = y.known() ? y.count() : kUnknown;
        return s;
    }
    static void infer(InferContext& c) { c.output(0, c.input(0).dtype, shape_of(c.shape(0), c.shape(1))); }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const auto columns = detail::integers(c.input(1));
        const TensorView y = c.output(0, x.dtype, shape_of(x.shape, c.input(1).shape));
        const int64_t n = detail::columns_of(x.shape), rows = detail::rows_of(x.shape);
        const size_t es = size_of(x.dtype);
        auto* to = y.as<std::byte>();
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t k : columns) {
                c.check_that(k >= 0 && k < n, "column ", k, " of ", n);
                std::memcpy(to, x.as<const std::byte>() + detail::at(r * n + k) * es, es);
                to += es;
            }
    }
};

struct Binarizer {
    static constexpr std::string_view name = "Binarizer";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "Binarizer"}};
    struct Attributes {
        float threshold = 0.f;
        template <class V> void visit(V& v) { v("threshold", threshold); }
    };
    static void infer(InferContext& c) { detail::like_input(c, 0, 0, c.input(0).dtype); }
    static void reference(RunContext& c) {
        const double threshold = c.attributes<Attributes>().threshold;
        auto x = detail::doubles(c.input(0));
        for (double& v : x) v = v > threshold;
        detail::put_doubles(c.output(0, c.input(0).dtype, c.input(0).shape), x);
    }
};

// Tables side by side, as floats.
struct FeatureVectorizer {
    static constexpr std::string_view name = "FeatureVectorizer";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "FeatureVectorizer"}};
    struct Attributes {
        std::vector<int64_t> inputdimensions;
        template <class V> void visit(V& v) { v("inputdimensions", inputdimensions); }
    };
    static void infer(InferContext& c) {
        int64_t columns = 0;
        for (size_t i = 0; i < c.input_count(); ++i) {
            c.check_that(c.shape(i).rank() == 1 || c.shape(i).rank() == 2, "input ", i, " is ", c.shape(i));
            columns = columns < 0 || c.shape(i).back() < 0 ? kUnknown : columns + c.shape(i).back();
        }
        c.output(0, DType::f32, Shape{c.shape(0).rank() == 1 ? 1 : c.shape(0)[0], columns});
    }
    static void reference(RunContext& c) {
        const int64_t rows = detail::rows_of(c.input(0).shape);
        int64_t columns = 0, from = 0;
        for (const TensorView& v : c.inputs) columns += detail::columns_of(v.shape);
        std::vector<double> y(detail::at(rows * columns));
        for (const TensorView& v : c.inputs) {
            const auto x = detail::doubles(v);
            const int64_t n = detail::columns_of(v.shape);
            c.check_that(detail::rows_of(v.shape) == rows, "its tables have ", rows, " and ", detail::rows_of(v.shape), " rows");
            for (int64_t r = 0; r < rows; ++r) std::copy_n(x.begin() + r * n, n, y.begin() + r * columns + from);
            from += n;
        }
        detail::put_doubles(c.output(0, DType::f32, Shape{rows, columns}), y);
    }
};

// What is missing (NaN, or a number that says so) becomes the column's value.
struct Imputer {
    static constexpr std::string_view name = "Imputer";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "Imputer"}};
    struct Attributes {
        std::vector<float> imputed_value_floats;
        std::vector<int64_t> imputed_value_int64s;
        float replaced_value_float = 0.f;
        int64_t replaced_value_int64 = 0;
        template <class V> void visit(V& v) {
            v("imputed_value_floats", imputed_value_floats);
            v("imputed_value_int64s", imputed_value_int64s);
            v("replaced_value_float", replaced_value_float);
            v("replaced_value_int64", replaced_value_int64);
        }
    };
    static void infer(InferContext& c) { detail::like_input(c, 0, 0, c.input(0).dtype); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const bool floats = is_float(c.input(0).dtype);
        std::vector<double> values(a.imputed_value_floats.begin(), a.imputed_value_floats.end());
        if (!floats) values.assign(a.imputed_value_int64s.begin(), a.imputed_value_int64s.end());
        c.check_that(!values.empty(), "it has no values to put in");
        const double missing = floats ? double{a.replaced_value_float} : static_cast<double>(a.replaced_value_int64);
        auto x = detail::doubles(c.input(0));
        const size_t n = detail::at(detail::columns_of(c.input(0).shape));
        for (size_t i = 0; i < x.size(); ++i)
            if (x[i] == missing || (missing != missing && x[i] != x[i])) x[i] = values[values.size() == 1 ? 0 : std::min(i % n, values.size() - 1)];
        detail::put_doubles(c.output(0, c.input(0).dtype, c.input(0).shape), x);
    }
};

// Keys to values, either of them strings, integers or floats; what is no key becomes the default.
struct LabelEncoder {
    static constexpr std::string_view name = "LabelEncoder";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "LabelEncoder"}};
    struct Attributes {
        std::vector<std::string> keys_strings, values_strings, classes_strings;
        std::vector<int64_t> keys_int64s, values_int64s;
        std::vector<float> keys_floats, values_floats;
        Array keys_tensor, values_tensor, default_tensor;
        std::string default_string = "_Unused";
        int64_t default_int64 = -1;
        float default_float = -0.f;
        template <class V> void visit(V& v) {
            v("keys_strings", keys_strings);
            v("values_strings", values_strings);
            v("classes_strings", classes_strings);
            v("keys_int64s", keys_int64s);
            v("values_int64s", values_int64s);
            v("keys_floats", keys_floats);
            v("values_floats", values_floats);
            v("keys_tensor", keys_tensor);
            v("values_tensor", values_tensor);
            v("default_tensor", default_tensor);
            v("default_string", default_string);
            v("default_int64", default_int64);
            v("default_float", default_float);
        }
        static Array list(const std::vector<std::string>& s, const std::vector<int64_t>& i, const std::vector<float>& f, const Array& t) {
            if (t) return t.reshaped(Shape{t.count()});
            if (!s.empty()) return make_strings(Shape{static_cast<int64_t>(s.size())}, s);
            if (!i.empty()) return Array::vector_i64(i);
            return Array::of(Shape{static_cast<int64_t>(f.size())}, f);
        }
        // The oldest form: a list of strings, and their numbers.
        Array counted() const {
            std::vector<int64_t> n(classes_strings.size());
            for (size_t k = 0; k < n.size(); ++k) n[k] = static_cast<int64_t>(k);
            return Array::vector_i64(n);
        }
        Array keys(DType in) const {
            if (!classes_strings.empty()) return in == DType::string ? list(classes_strings, {}, {}, {}) : counted();
            return list(keys_strings, keys_int64s, keys_floats, keys_tensor);
        }
        Array values(DType in) const {
            if (!classes_strings.empty()) return in == DType::string ? counted() : list(classes_strings, {}, {}, {});
            return list(values_strings, values_int64s, values_floats, values_tensor);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        const DType in = c.input(0).dtype;
        const Array keys = a.keys(in), values = a.values(in);
        c.check_that(keys.count() == values.count(), "it has ", keys.count(), " keys and ", values.count(), " values");
        c.check_that((keys.dtype() == DType::string) == (in == DType::string), "its keys are ", keys.dtype(), ", its input is ", in);
        detail::like_input(c, 0, 0, values.dtype());
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const Array keys = a.keys(x.dtype), values = a.values(x.dtype);
        const TensorView y = c.output(0, values.dtype(), x.shape);
        const bool words = x.dtype == DType::string;
        const auto numbers = words ? std::vector<double>() : keys.values<double>(), in = words ? std::vector<double>() : detail::doubles(x);
        Array missing = a.default_tensor;
        c.check_that(!missing || missing.count() == 1, "its default is ", missing.shape());
        if (!missing || missing.dtype() != values.dtype()) {
            if (values.dtype() == DType::string) missing = make_strings(Shape{}, {a.default_string});
            else missing = detail::array_of_doubles(values.dtype(), Shape{}, {is_float(values.dtype()) ? double{a.default_float} : static_cast<double>(a.default_int64)});
        }
        const size_t es = size_of(y.dtype);
        for (int64_t i = 0; i < x.count(); ++i) {
            size_t found = 0;
            const size_t n = detail::at(keys.count());
            if (words) {
                while (found < n && strings_of(keys)[found] != detail::text_of(x)[i]) ++found;
            } else {
                const double v = in[detail::at(i)];
                while (found < n && !(numbers[found] == v || (v != v && numbers[found] != numbers[found]))) ++found;
            }
            const std::byte* from = found < n ? values.data() + found * es : missing.data();
            if (y.dtype == DType::string) y.as<std::string_view>()[i] = detail::keep_text(c, *reinterpret_cast<const std::string_view*>(from));
            else std::memcpy(y.as<std::byte>() + detail::at(i) * es, from, es);
        }
    }
};

struct LinearClassifier {
    static constexpr std::string_view name = "LinearClassifier";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "LinearClassifier"}};
    struct Attributes {
        std::vector<float> coefficients, intercepts;
        std::vector<std::string> classlabels_strings;
        std::vector<int64_t> classlabels_ints;
        std::string post_transform = "NONE";
        int64_t multi_class = 0;
        template <class V> void visit(V& v) {
            v("coefficients", coefficients);
            v("intercepts", intercepts);
            v("classlabels_strings", classlabels_strings);
            v("classlabels_ints", classlabels_ints);
            v("post_transform", post_transform);
            v("multi_class", multi_class);
        }
        int64_t scores(int64_t columns) const { return columns > 0 ? static_cast<int64_t>(coefficients.size()) / columns : 0; }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_transform(c.where(), a.post_transform);
        const int64_t n = a.intercepts.empty() ? a.scores(detail::columns_of(c.shape(0))) : static_cast<int64_t>(a.intercepts.size());
        detail::infer_classifier(c, {a.classlabels_strings, a.classlabels_ints}, n);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t columns = detail::columns_of(s), rows = detail::rows_of(s), n = a.scores(columns);
        c.check_that(n > 0 && n * columns == static_cast<int64_t>(a.coefficients.size()), "it has ", static_cast<int64_t>(a.coefficients.size()), " coefficients for ", columns, " columns");
        const auto x = detail::doubles(c.input(0));
        std::vector<double> y(detail::at(rows * n));
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t k = 0; k < n; ++k) {
                double sum = detail::at(k) < a.intercepts.size() ? double{a.intercepts[detail::at(k)]} : 0;
                for (int64_t i = 0; i < columns; ++i) sum += x[detail::at(r * columns + i)] * double{a.coefficients[detail::at(k * columns + i)]};
                y[detail::at(r * n + k)] = sum;
            }
        detail::classify(c, {a.classlabels_strings, a.classlabels_ints}, a.post_transform, std::move(y), rows, n, 0, 1);
    }
};

struct LinearRegressor {
    static constexpr std::string_view name = "LinearRegressor";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "LinearRegressor"}};
    struct Attributes {
        std::vector<float> coefficients, intercepts;
        std::string post_transform = "NONE";
        int64_t targets = 1;
        template <class V> void visit(V& v) {
            v("coefficients", coefficients);
            v("intercepts", intercepts);
            v("post_transform", post_transform);
            v("targets", targets);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_transform(c.where(), a.post_transform);
        c.check_that(a.targets > 0, "it has ", a.targets, " targets");
        c.output(0, DType::f32, Shape{c.shape(0).rank() <= 1 ? 1 : c.shape(0)[0], a.targets});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t columns = detail::columns_of(s), rows = detail::rows_of(s), n = a.targets;
        c.check_that(n * columns == static_cast<int64_t>(a.coefficients.size()), "it has ", static_cast<int64_t>(a.coefficients.size()), " coefficients for ", columns, " columns");
        const auto x = detail::doubles(c.input(0));
        std::vector<double> y(detail::at(rows * n));
        for (int64_t r = 0; r < rows; ++r) {
            for (int64_t k = 0; k < n; ++k) {
                double sum = detail::at(k) < a.intercepts.size() ? double{a.intercepts[detail::at(k)]} : 0;
                for (int64_t i = 0; i < columns; ++i) sum += x[detail::at(r * columns + i)] * double{a.coefficients[detail::at(k * columns + i)]};
                y[detail::at(r * n + k)] = sum;
            }
            detail::post_transform(a.post_transform, y.data() + r * n, n);
        }
        detail::put_doubles(c.output(0, DType::f32, Shape{rows, n}), y);
    }
};

// Rows divided by their largest, their sum (of absolute values), or their length.
struct Normalizer {
    static constexpr std::string_view name = "Normalizer";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "Normalizer"}};
    struct Attributes {
        std::string norm = "MAX";
        template <class V> void visit(V& v) { v("norm", norm); }
    };
    static void infer(InferContext& c) {
        const std::string norm = c.attributes<Attributes>().norm;
        c.check_that(norm == "MAX" || norm == "L1" || norm == "L2", "norm '", norm, "' is not known");
        detail::like_input(c, 0, 0, DType::f32);
    }
    static void reference(RunContext& c) {
        const std::string norm = c.attributes<Attributes>().norm;
        const Shape& s = c.input(0).shape;
        const int64_t n = detail::columns_of(s);
        auto x = detail::doubles(c.input(0));
        for (int64_t r = 0; r < detail::rows_of(s); ++r) {
            double* p = x.data() + r * n;
            double by = norm == "MAX" && n > 0 ? p[0] : 0;
            for (int64_t i = 0; i < n; ++i) by = norm == "MAX" ? std::max(by, p[i]) : norm == "L1" ? by + std::abs(p[i]) : by + p[i] * p[i];
            if (norm == "L2") by = std::sqrt(by);
            for (int64_t i = 0; by != 0 && i < n; ++i) p[i] /= by;
        }
        detail::put_doubles(c.output(0, DType::f32, s), x);
    }
};

// A new last axis with a 1 at the place of the category.
struct OneHotEncoder {
    static constexpr std::string_view name = "OneHotEncoder";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "OneHotEncoder"}};
    struct Attributes {
        std::vector<int64_t> cats_int64s;
        std::vector<std::string> cats_strings;
        int64_t zeros = 1;
        template <class V> void visit(V& v) {
            v("cats_int64s", cats_int64s);
            v("cats_strings", cats_strings);
            v("zeros", zeros);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        Shape s = c.shape(0);
        s.push_back(static_cast<int64_t>(std::max(a.cats_int64s.size(), a.cats_strings.size())));
        c.output(0, DType::f32, s);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const bool words = x.dtype == DType::string;
        const size_t n = words ? a.cats_strings.size() : a.cats_int64s.size();
        const auto numbers = words ? std::vector<int64_t>() : detail::integers(x);
        std::vector<double> y(detail::at(x.count()) * n);
        for (size_t i = 0; i < detail::at(x.count()); ++i) {
            size_t k = 0;
            while (k < n && (words ? a.cats_strings[k] != detail::text_of(x)[i] : a.cats_int64s[k] != numbers[i])) ++k;
            c.check_that(k < n || a.zeros, "element ", static_cast<int64_t>(i), " is of no category");
            if (k < n) y[i * n + k] = 1;
        }
        Shape s = x.shape;
        s.push_back(static_cast<int64_t>(std::max(a.cats_int64s.size(), a.cats_strings.size())));
        detail::put_doubles(c.output(0, DType::f32, s), y);
    }
};

// (x - offset) * scale, of one column or of each.
struct Scaler {
    static constexpr std::string_view name = "Scaler";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "Scaler"}};
    struct Attributes {
        std::vector<float> offset, scale;
        template <class V> void visit(V& v) {
            v("offset", offset);
            v("scale", scale);
        }
    };
    static void infer(InferContext& c) { detail::like_input(c, 0, 0, DType::f32); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const size_t n = detail::at(detail::columns_of(s));
        c.check_that((a.offset.size() == 1 || a.offset.size() == n) && (a.scale.size() == 1 || a.scale.size() == n), "it has ", static_cast<int64_t>(a.offset.size()),
                     " offsets for ", static_cast<int64_t>(n), " columns");
        auto x = detail::doubles(c.input(0));
        for (size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - double{a.offset[a.offset.size() == 1 ? 0 : i % n]}) * double{a.scale[a.scale.size() == 1 ? 0 : i % n]};
        detail::put_doubles(c.output(0, DType::f32, s), x);
    }
};

namespace detail {

// Decision trees as a list of nodes. A node asks one column; a leaf adds weights to targets.
struct Trees {
    enum Mode : int { leq, lt, gte, gt, eq, neq, member, leaf };
    struct TreeNode {
        int mode = leaf;
        int64_t feature = 0;
        double value = 0;
        size_t yes = 0, no = 0;
        bool missing = false;  // NaN goes to `yes`
        std::vector<double> members = {};
        std::vector<std::pair<int64_t, double>> weights = {};
    };
    std::vector<TreeNode> nodes;
    std::vector<size_t> roots;

    void check_all(int64_t columns, int64_t targets, const Who& where) const {
        for (const TreeNode& n : nodes) {
            check(n.mode == leaf || (n.yes < nodes.size() && n.no < nodes.size()), where, ": a branch leads to no node");
            check(n.mode == leaf || (n.feature >= 0 && n.feature < columns), where, ": a node asks column ", n.feature, " of ", columns);
            for (const auto& w : n.weights) check(w.first >= 0 && w.first < targets, where, ": a leaf is of target ", w.first, ", there are ", targets);
        }
        for (size_t r : roots) check(r < nodes.size(), where, ": a root is no node");
    }
    const TreeNode& find(size_t at, const double* x, const Who& where) const {
        for (size_t steps = 0; nodes[at].mode != leaf; ++steps) {
            check(steps <= nodes.size(), where, ": its nodes form a circle");
            const TreeNode& n = nodes[at];
            const double v = x[n.feature];
            bool yes = false;
            switch (n.mode) {
                case leq: yes = v <= n.value; break;
                case lt: yes = v < n.value; break;
                case gte: yes = v >= n.value; break;
                case gt: yes = v > n.value; break;
                case eq: yes = v == n.value; break;
                case neq: yes = v != n.value; break;
                default: yes = std::find(n.members.begin(), n.members.end(), v) != n.members.end();
            }
            at = yes || (n.missing && v != v) ? n.yes : n.no;
        }
        return nodes[at];
    }
    // [rows, targets]; aggregate: 0 average, 1 sum, 2 smallest, 3 largest. The base goes to targets that some leaf is of.
    std::vector<double> run(const std::vector<double>& x, int64_t rows, int64_t columns, int64_t targets, int aggregate, const std::vector<double>& base,
                            const Who& where) const {
        check_all(columns, targets, where);
        std::vector<double> y(at(rows * targets));
        std::vector<char> seen(at(targets));
        for (int64_t r = 0; r < rows; ++r) {
            double* out = y.data() + r * targets;
            std::fill(seen.begin(), seen.end(), 0);
            for (size_t root : roots)
                for (const auto& [target, weight] : find(root, x.data() + r * columns, where).weights) {
                    double& v = out[target];
                    if (aggregate < 2) v += weight;
                    else if (!seen[at(target)]) v = weight;
                    else v = aggregate == 2 ? std::min(v, weight) : std::max(v, weight);
                    seen[at(target)] = 1;
                }
            for (int64_t t = 0; t < targets; ++t) {
                if (aggregate == 0) out[t] /= static_cast<double>(std::max<size_t>(roots.size(), 1));
                if (seen[at(t)] && base.size() == at(targets)) out[t] += base[at(t)];
            }
        }
        return y;
    }
};

// How the older operators say it: nodes and weights by tree and number.
struct TreeLists {
    std::vector<int64_t> treeids, nodeids, featureids, yes, no, missing, weight_treeids, weight_nodeids, weight_ids;
    std::vector<float> values, weights, base_values;
    std::vector<std::string> modes;
    Array values_tensor, weights_tensor, base_tensor;
    template <class V> void visit_nodes(V& v) {
        v("nodes_treeids", treeids);
        v("nodes_nodeids", nodeids);
        v("nodes_featureids", featureids);
        v("nodes_truenodeids", yes);
        v("nodes_falsenodeids", no);
        v("nodes_missing_value_tracks_true", missing);
        v("nodes_values", values);
        v("nodes_modes", modes);
        v("nodes_values_as_tensor", values_tensor);
        v("base_values", base_values);
        v("base_values_as_tensor", base_tensor);
    }
    static std::vector<double> numbers(const std::vector<float>& f, const Array& t) { return t ? t.values<double>() : std::vector<double>(f.begin(), f.end()); }
    std::vector<double> base() const { return numbers(base_values, base_tensor); }
    Trees trees(const Who& where) const {
        const size_t n = treeids.size();
        const auto value = numbers(values, values_tensor), weight = numbers(weights, weights_tensor);
        check(nodeids.size() == n && featureids.size() == n && yes.size() == n && no.size() == n && modes.size() == n && value.size() == n, where,
              ": its lists of nodes differ in length");
        check(weight_nodeids.size() == weight.size() && weight_treeids.size() == weight.size() && weight_ids.size() == weight.size(), where,
              ": its lists of weights differ in length");
        std::vector<std::pair<std::pair<int64_t, int64_t>, size_t>> places(n);
        for (size_t i = 0; i < n; ++i) places[i] = {{treeids[i], nodeids[i]}, i};
        std::sort(places.begin(), places.end());
        const auto place = [&](int64_t tree, int64_t node) {
            const auto it = std::lower_bound(places.begin(), places.end(), std::pair{std::pair{tree, node}, size_t{0}});
            check(it != places.end() && it->first == std::pair{tree, node}, where, ": tree ", tree, " has no node ", node);
            return it->second;
        };
        constexpr std::string_view names[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "", "LEAF"};
        Trees t;
        for (size_t i = 0; i < n; ++i) {
            const auto mode = std::find(std::begin(names), std::end(names), modes[i]);
            check(mode != std::end(names) && !mode->empty(), where, ": mode '", modes[i], "' is not known");
            Trees::TreeNode node;
            node.mode = static_cast<int>(mode - std::begin(names));
            node.feature = featureids[i];
            node.value = value[i];
            node.missing = i < missing.size() && missing[i];
            if (node.mode != Trees::leaf) node.yes = place(treeids[i], yes[i]), node.no = place(treeids[i], no[i]);
            t.nodes.push_back(std::move(node));
            if (i == 0 || treeids[i] != treeids[i - 1]) t.roots.push_back(i);  // the first node of a tree is its root
        }
        for (size_t i = 0; i < weight.size(); ++i) t.nodes[place(weight_treeids[i], weight_nodeids[i])].weights.emplace_back(weight_ids[i], weight[i]);
        return t;
    }
};

}  // namespace detail

// Trees with tensors for attributes; leaves have one weight each.
struct TreeEnsemble {
    static constexpr std::string_view name = "TreeEnsemble";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "TreeEnsemble"}};
    struct Attributes {
        int64_t aggregate_function = 1, n_targets = 1, post_transform = 0;
        Array leaf_weights, membership_values, nodes_modes, nodes_splits;
        std::vector<int64_t> leaf_targetids, nodes_falseleafs, nodes_falsenodeids, nodes_featureids, nodes_missing_value_tracks_true, nodes_trueleafs, nodes_truenodeids,
                tree_roots;
        template <class V> void visit(V& v) {
            v("aggregate_function", aggregate_function);
            v("n_targets", n_targets);
            v("post_transform", post_transform);
            v("leaf_weights", leaf_weights);
            v("membership_values", membership_values);
            v("nodes_modes", nodes_modes);
            v("nodes_splits", nodes_splits);
            v("leaf_targetids", leaf_targetids);
            v("nodes_falseleafs", nodes_falseleafs);
            v("nodes_falsenodeids", nodes_falsenodeids);
            v("nodes_featureids", nodes_featureids);
            v("nodes_missing_value_tracks_true", nodes_missing_value_tracks_true);
            v("nodes_trueleafs", nodes_trueleafs);
            v("nodes_truenodeids", nodes_truenodeids);
            v("tree_roots", tree_roots);
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        c.check_that(a.post_transform >= 0 && a.post_transform <= 4 && a.aggregate_function >= 0 && a.aggregate_function <= 3 && a.n_targets > 0,
                     "post_transform ", a.post_transform, ", aggregate_function ", a.aggregate_function, ", n_targets ", a.n_targets);
        c.output(0, c.input(0).dtype, Shape{c.shape(0).rank() <= 1 ? 1 : c.shape(0)[0], a.n_targets});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const size_t n = a.nodes_featureids.size(), leaves = a.leaf_targetids.size();
        const auto modes = a.nodes_modes.values<int>();
        const auto splits = a.nodes_splits.values<double>(), weights = a.leaf_weights.values<double>(), sets = a.membership_values ? a.membership_values.values<double>() : std::vector<double>();
        c.check_that(modes.size() == n && splits.size() == n && a.nodes_trueleafs.size() == n && a.nodes_falseleafs.size() == n && a.nodes_truenodeids.size() == n &&
                             a.nodes_falsenodeids.size() == n && weights.size() == leaves, "its lists of nodes differ in length");
        detail::Trees t;
        size_t next = 0;  // in the sets, each of which ends with NaN
        for (size_t i = 0; i < n; ++i) {
            const auto to = [&](int64_t is_leaf, int64_t id) { return is_leaf ? n + detail::at(id) : detail::at(id); };
            c.check_that(modes[i] >= 0 && modes[i] <= detail::Trees::member, "mode ", modes[i], " is not known");
            detail::Trees::TreeNode node;
            node.mode = modes[i];
            node.feature = a.nodes_featureids[i];
            node.value = splits[i];
            node.yes = to(a.nodes_trueleafs[i], a.nodes_truenodeids[i]);
            node.no = to(a.nodes_falseleafs[i], a.nodes_falsenodeids[i]);
            node.missing = i < a.nodes_missing_value_tracks_true.size() && a.nodes_missing_value_tracks_true[i];
            if (node.mode == detail::Trees::member) {
                for (; next < sets.size() && sets[next] == sets[next]; ++next) node.members.push_back(sets[next]);
                ++next;
            }
            t.nodes.push_back(std::move(node));
        }
        for (size_t i = 0; i < leaves; ++i) {
            detail::Trees::TreeNode leaf;
            leaf.weights.emplace_back(a.leaf_targetids[i], weights[i]);
            t.nodes.push_back(std::move(leaf));
        }
        for (int64_t r : a.tree_roots) t.roots.push_back(detail::at(r));
        const Shape& s = c.input(0).shape;
        const int64_t rows = detail::rows_of(s);
        auto y = t.run(detail::doubles(c.input(0)), rows, detail::columns_of(s), a.n_targets, static_cast<int>(a.aggregate_function), {}, c.where());
        constexpr const char* transforms[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
        for (int64_t r = 0; r < rows; ++r) detail::post_transform(transforms[a.post_transform], y.data() + r * a.n_targets, a.n_targets);
        detail::put_doubles(c.output(0, c.input(0).dtype, Shape{rows, a.n_targets}), y);
    }
};

struct TreeEnsembleClassifier {
    static constexpr std::string_view name = "TreeEnsembleClassifier";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "TreeEnsembleClassifier"}};
    struct Attributes : detail::TreeLists {
        std::vector<std::string> classlabels_strings;
        std::vector<int64_t> classlabels_int64s;
        std::string post_transform = "NONE";
        template <class V> void visit(V& v) {
            visit_nodes(v);
            v("class_treeids", weight_treeids);
            v("class_nodeids", weight_nodeids);
            v("class_ids", weight_ids);
            v("class_weights", weights);
            v("class_weights_as_tensor", weights_tensor);
            v("classlabels_strings", classlabels_strings);
            v("classlabels_int64s", classlabels_int64s);
            v("post_transform", post_transform);
        }
        detail::Labels labels() const { return {classlabels_strings, classlabels_int64s}; }
        // Two classes of which the leaves name only one: its score decides.
        bool binary() const {
            return labels().size() == 2 && !weight_ids.empty() && std::all_of(weight_ids.begin(), weight_ids.end(), [&](int64_t i) { return i == weight_ids[0]; });
        }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_transform(c.where(), a.post_transform);
        detail::infer_classifier(c, a.labels(), a.labels().size());
    }
    static void reference(RunContext& c) {
        auto a = c.attributes<Attributes>();
        const bool binary = a.binary();
        if (binary) std::fill(a.weight_ids.begin(), a.weight_ids.end(), 0);
        const int64_t n = binary ? 1 : a.labels().size();
        const Shape& s = c.input(0).shape;
        const int64_t rows = detail::rows_of(s);
        auto base = a.base();
        if (binary && base.size() == 2) base.erase(base.begin());
        auto y = a.trees(c.where()).run(detail::doubles(c.input(0)), rows, detail::columns_of(s), n, 1, base, c.where());
        const auto weights = detail::TreeLists::numbers(a.weights, a.weights_tensor);
        const bool positive = std::all_of(weights.begin(), weights.end(), [](double w) { return w >= 0; });
        detail::classify(c, a.labels(), a.post_transform, std::move(y), rows, n, positive ? 0.5 : 0, positive ? 1 : 0);
    }
};

struct TreeEnsembleRegressor {
    static constexpr std::string_view name = "TreeEnsembleRegressor";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "TreeEnsembleRegressor"}};
    struct Attributes : detail::TreeLists {
        int64_t n_targets = 1;
        std::string post_transform = "NONE", aggregate_function = "SUM";
        template <class V> void visit(V& v) {
            visit_nodes(v);
            v("target_treeids", weight_treeids);
            v("target_nodeids", weight_nodeids);
            v("target_ids", weight_ids);
            v("target_weights", weights);
            v("target_weights_as_tensor", weights_tensor);
            v("n_targets", n_targets);
            v("post_transform", post_transform);
            v("aggregate_function", aggregate_function);
        }
        int aggregate() const { return aggregate_function == "AVERAGE" ? 0 : aggregate_function == "SUM" ? 1 : aggregate_function == "MIN" ? 2 : aggregate_function == "MAX" ? 3 : -1; }
    };
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        detail::check_transform(c.where(), a.post_transform);
        c.check_that(a.n_targets > 0 && a.aggregate() >= 0, "n_targets ", a.n_targets, ", aggregate_function '", a.aggregate_function, "'");
        c.output(0, DType::f32, Shape{c.shape(0).rank() <= 1 ? 1 : c.shape(0)[0], a.n_targets});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t rows = detail::rows_of(s), n = a.n_targets;
        auto y = a.trees(c.where()).run(detail::doubles(c.input(0)), rows, detail::columns_of(s), n, a.aggregate(), a.base(), c.where());
        for (int64_t r = 0; r < rows; ++r) detail::post_transform(a.post_transform, y.data() + r * n, n);
        detail::put_doubles(c.output(0, DType::f32, Shape{rows, n}), y);
    }
};

// Rows of numbers to maps from labels to them.
struct ZipMap {
    static constexpr std::string_view name = "ZipMap";
    static constexpr Spelling spellings[] = {{"onnx", "ai.onnx.ml", "ZipMap"}};
    struct Attributes {
        std::vector<std::string> classlabels_strings;
        std::vector<int64_t> classlabels_int64s;
        template <class V> void visit(V& v) {
            v("classlabels_strings", classlabels_strings);
            v("classlabels_int64s", classlabels_int64s);
        }
    };
    static void infer(InferContext& c) { c.output_items(0, DType::sequence, DType::none); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const int64_t n = detail::columns_of(s);
        const Array keys = a.classlabels_strings.empty() ? Array::vector_i64(a.classlabels_int64s)
                                                         : make_strings(Shape{static_cast<int64_t>(a.classlabels_strings.size())}, a.classlabels_strings);
        c.check_that(keys.count() == n, "it has ", keys.count(), " labels for ", n, " columns");
        const auto x = detail::doubles(c.input(0));
        Items maps;
        for (int64_t r = 0; r < detail::rows_of(s); ++r)
            maps.push_back(make_items(DType::map, {keys, detail::array_of_doubles(DType::f32, Shape{n}, std::vector<double>(x.begin() + r * n, x.begin() + (r + 1) * n))}));
        detail::put_items(c, 0, DType::sequence, std::move(maps));
    }
};

LITE_NAMESPACE_END
#endif
