// Sequences of tensors and optionals: making them, taking them apart, running a body over them. Their values are handles, see
// base/objects.h.
#ifndef LITE_OP_SEQUENCES_H_
#define LITE_OP_SEQUENCES_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

namespace detail {

struct NoAttributes {
    template <class V> void visit(V&) {}
};
inline void put_items(RunContext& c, size_t i, DType kind, Items items) {
    const Items* handle = c.objects().keep(std::move(items));
    std::memcpy(c.output(i, kind, Shape{}).data, &handle, sizeof(handle));
}
inline const Items& items_of(const TensorView& v) { return items_of(v.dtype, v.data); }
// An output that is a value which an object holds.
inline void put_item(const RunContext& c, size_t i, const Array& a) { c.set_output(i, dense_copy(dense_view(a))); }
// What is known of an item: all when the object is at hand, which is so in a run; else its element type.
inline void infer_item(InferContext& c, size_t output, const TensorInfo& sequence, const Array* item) {
    if (!item) return c.output_unknown(output, sequence.element == DType::none ? DType::f32 : sequence.element);
    if (is_object(item->dtype()) && item->dtype() != DType::string) c.output_items(output, item->dtype(), sequence.element);
    else c.output(output, item->dtype(), item->shape());
}
inline size_t position(int64_t i, size_t n, size_t end, const Who& where) {
    const int64_t count = static_cast<int64_t>(n), at = i < 0 ? i + count : i;
    check(at >= 0 && at < static_cast<int64_t>(end), where, ": position ", i, " in a sequence of ", count);
    return static_cast<size_t>(at);
}
inline const TensorInfo& check_sequence(InferContext& c, size_t i) {
    c.check_that(c.input(i).dtype == DType::sequence, "input ", i, " is ", c.input(i).dtype, ", a sequence was expected");
    return c.input(i);
}

}  // namespace detail

struct SequenceEmpty {
    static constexpr std::string_view name = "SequenceEmpty";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceEmpty"}};
    struct Attributes {
        int64_t dtype = 1;
        template <class V> void visit(V& v) { v("dtype", dtype); }
    };
    static void infer(InferContext& c) { c.output_items(0, DType::sequence, detail::dtype_of_onnx(c.attributes<Attributes>().dtype)); }
    static void reference(RunContext& c) { detail::put_items(c, 0, DType::sequence, {}); }
};

struct SequenceConstruct {
    static constexpr std::string_view name = "SequenceConstruct";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceConstruct"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) { c.output_items(0, DType::sequence, c.input(0).dtype); }
    static void reference(RunContext& c) {
        Items items;
        for (const TensorView& v : c.inputs) items.push_back(detail::dense_copy(v));
        detail::put_items(c, 0, DType::sequence, std::move(items));
    }
};

// Inputs: sequence, tensor, position (optional: the end).
struct SequenceInsert {
    static constexpr std::string_view name = "SequenceInsert";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceInsert"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) {
        detail::check_sequence(c, 0);
        c.output_items(0, DType::sequence, c.input(1).dtype);
    }
    static void reference(RunContext& c) {
        Items items = detail::items_of(c.input(0));
        const size_t at = c.has_input(2) ? detail::position(c.input(2).scalar<int64_t>(), items.size(), items.size() + 1, c.where()) : items.size();
        items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), detail::dense_copy(c.input(1)));
        detail::put_items(c, 0, DType::sequence, std::move(items));
    }
};

// Inputs: sequence, position (optional: the last).
struct SequenceErase {
    static constexpr std::string_view name = "SequenceErase";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceErase"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) { c.output_items(0, DType::sequence, detail::check_sequence(c, 0).element); }
    static void reference(RunContext& c) {
        Items items = detail::items_of(c.input(0));
        const size_t at = detail::position(c.has_input(1) ? c.input(1).scalar<int64_t>() : -1, items.size(), items.size(), c.where());
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
        detail::put_items(c, 0, DType::sequence, std::move(items));
    }
};

struct SequenceAt {
    static constexpr std::string_view name = "SequenceAt";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceAt"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) {
        const Array *sequence = c.value(0), *at = c.value(1);
        detail::check_sequence(c, 0);
        if (!sequence || !at) return detail::infer_item(c, 0, c.input(0), nullptr);
        const Items& items = items_of(*sequence);
        detail::infer_item(c, 0, c.input(0), &items[detail::position(at->scalar_value<int64_t>(), items.size(), items.size(), c.where())]);
    }
    static void reference(RunContext& c) {
        const Items& items = detail::items_of(c.input(0));
        detail::put_item(c, 0, items[detail::position(c.input(1).scalar<int64_t>(), items.size(), items.size(), c.where())]);
    }
};

struct SequenceLength {
    static constexpr std::string_view name = "SequenceLength";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceLength"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) {
        detail::check_sequence(c, 0);
        c.output(0, DType::i64, Shape{});
    }
    static void reference(RunContext& c) { *c.output(0, DType::i64, Shape{}).as<int64_t>() = static_cast<int64_t>(detail::items_of(c.input(0)).size()); }
};

// Pieces of a tensor along an axis: of the lengths of input 1, of the one length that it holds, or of 1, then without the axis unless
// keepdims says so.
struct SplitToSequence {
    static constexpr std::string_view name = "SplitToSequence";
    static constexpr Spelling spellings[] = {{"onnx", "", "SplitToSequence"}};
    struct Attributes {
        int64_t axis = 0, keepdims = 1;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("keepdims", keepdims);
        }
    };
    static void infer(InferContext& c) { c.output_items(0, DType::sequence, c.input(0).dtype); }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& x = c.input(0);
        const size_t axis = normalize_axis(a.axis, x.shape.rank(), c.where());
        const int64_t extent = x.shape[axis];
        std::vector<int64_t> lengths;
        if (!c.has_input(1)) lengths.assign(detail::at(extent), 1);
        else if (c.input(1).shape.rank() > 0) lengths = detail::integers(c.input(1));
        else {
            const int64_t piece = c.input(1).scalar<int64_t>();
            c.check_that(piece > 0, "pieces of length ", piece);
            for (int64_t i = 0; i < extent; i += piece) lengths.push_back(std::min(piece, extent - i));
        }
        Items items;
        int64_t from = 0;
        const int64_t outer = x.shape.count(0, axis);
        const size_t inner = detail::at(x.shape.count(axis + 1, x.shape.rank())) * size_of(x.dtype);
        for (int64_t length : lengths) {
            c.check_that(length >= 0 && length <= extent - from, "pieces do not fit an axis of ", extent);
            Shape s = x.shape;
            s[axis] = length;
            Array piece = Array::zeros(x.dtype, s);
            const size_t run = detail::at(length) * inner;
            for (int64_t o = 0; run && o < outer; ++o)
                std::memcpy(piece.mutable_data() + detail::at(o) * run, x.as<const std::byte>() + detail::at(o * extent + from) * inner, run);
            if (!c.has_input(1) && !a.keepdims) {
                s.erase(axis);
                piece = piece.reshaped(s);
            }
            items.push_back(std::move(piece));
            from += length;
        }
        c.check_that(from == extent, "pieces of together ", from, " split an axis of ", extent);
        detail::put_items(c, 0, DType::sequence, std::move(items));
    }
};

// The tensors of a sequence joined along an axis, or stacked along a new one.
struct ConcatFromSequence {
    static constexpr std::string_view name = "ConcatFromSequence";
    static constexpr Spelling spellings[] = {{"onnx", "", "ConcatFromSequence"}};
    struct Attributes {
        int64_t axis = 0, new_axis = 0;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("new_axis", new_axis);
        }
    };
    static Shape shape_of(const Attributes& a, const Items& items, size_t& axis, const Who& where) {
        check(!items.empty(), where, ": its sequence is empty");
        Shape s = items[0].shape();
        axis = normalize_axis(a.axis, s.rank() + (a.new_axis ? 1 : 0), where);
        int64_t extent = 0;
        for (const Array& i : items) {
            Shape same = s;
            if (!a.new_axis && i.shape().rank() == s.rank()) same[axis] = i.shape()[axis];
            check(i.shape() == same && i.dtype() == items[0].dtype(), where, ": tensors ", items[0].dtype(), s, " and ", i.dtype(), i.shape(), " do not join");
            extent += a.new_axis ? 1 : i.shape()[axis];
        }
        if (a.new_axis) s.insert(axis, extent);
        else s[axis] = extent;
        return s;
    }
    static void infer(InferContext& c) {
        const TensorInfo& x = detail::check_sequence(c, 0);
        size_t axis;
        if (!c.value(0)) return detail::infer_item(c, 0, x, nullptr);
        const Items& items = items_of(*c.value(0));
        const Shape s = shape_of(c.attributes<Attributes>(), items, axis, c.where());
        c.output(0, items[0].dtype(), s);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Items& items = detail::items_of(c.input(0));
        size_t axis;
        const Shape s = shape_of(a, items, axis, c.where());
        const TensorView y = c.output(0, items[0].dtype(), s);
        const size_t es = size_of(y.dtype), outer = detail::at(s.count(0, axis)), row = detail::at(s.count(axis, s.rank())) * es;
        size_t from = 0;
        for (const Array& i : items) {
            const size_t run = outer ? i.bytes() / outer : 0;
            for (size_t o = 0; run && o < outer; ++o) std::memcpy(y.as<std::byte>() + o * row + from, i.data() + o * run, run);
            from += run;
        }
    }
};

// A body run over the items of sequences, all of one length; tensors among the inputs go to every run as they are.
struct SequenceMap {
    static constexpr std::string_view name = "SequenceMap";
    static constexpr Spelling spellings[] = {{"onnx", "", "SequenceMap"}};
    static constexpr OperatorTraits traits{.control_flow = true, .foldable = false};
    struct Attributes {
        std::shared_ptr<const Graph> body;
        template <class V> void visit(V& v) { v("body", body); }
    };
    static void infer(InferContext& c) {
        const auto body = c.attributes<Attributes>().body;
        c.check_that(body && body->inputs.size() == c.input_count() && body->outputs.size() == c.output_count(), "its body does not fit its inputs and outputs");
        for (size_t i = 0; i < c.output_count(); ++i) c.output_items(i, DType::sequence, body->value(body->outputs[i]).dtype);
    }
    static void reference(RunContext& c) {
        const auto body = c.attributes<Attributes>().body;
        c.check_that(body && c.subgraphs, "its body cannot be run here");
        c.check_that(c.input(0).dtype == DType::sequence, "input 0 is ", c.input(0).dtype, ", a sequence was expected");
        const size_t count = detail::items_of(c.input(0)).size();
        std::vector<Items> made(c.outputs.size());
        std::vector<TensorView> in(c.inputs.begin(), c.inputs.end());
        for (size_t n = 0; n < count; ++n) {
            for (size_t i = 0; i < in.size() - body->captures; ++i) {
                if (c.input(i).dtype != DType::sequence) continue;
                const Items& items = detail::items_of(c.input(i));
                c.check_that(items.size() == count, "its sequences differ in length");
                in[i] = detail::dense_view(items[n]);
            }
            std::vector<Array> out = c.subgraphs->run(*body, in);
            c.check_that(out.size() == made.size(), "its body does not fit its outputs");
            for (size_t i = 0; i < made.size(); ++i) made[i].push_back(std::move(out[i]));
        }
        for (size_t i = 0; i < made.size(); ++i)
            if (c.has_output(i)) detail::put_items(c, i, DType::sequence, std::move(made[i]));
    }
};

// An optional with a value, or, without an input, an empty one.
struct Optional {
    static constexpr std::string_view name = "Optional";
    static constexpr Spelling spellings[] = {{"onnx", "", "Optional"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) {
        if (!c.has_input(0)) return c.output_items(0, DType::optional, DType::none);
        const TensorInfo& x = c.input(0);
        c.output_items(0, DType::optional, x.dtype == DType::sequence ? x.element : x.dtype, x.dtype == DType::sequence);
    }
    static void reference(RunContext& c) {
        Items items;
        if (c.has_input(0)) items.push_back(detail::dense_copy(c.input(0)));
        detail::put_items(c, 0, DType::optional, std::move(items));
    }
};

// Whether an optional has a value; tensors and sequences are taken for optionals that have one.
struct OptionalHasElement {
    static constexpr std::string_view name = "OptionalHasElement";
    static constexpr Spelling spellings[] = {{"onnx", "", "OptionalHasElement"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) { c.output(0, DType::boolean, Shape{}); }
    static void reference(RunContext& c) {
        const bool has = c.has_input(0) && (c.input(0).dtype != DType::optional || !detail::items_of(c.input(0)).empty());
        *c.output(0, DType::boolean, Shape{}).as<bool>() = has;
    }
};

struct OptionalGetElement {
    static constexpr std::string_view name = "OptionalGetElement";
    static constexpr Spelling spellings[] = {{"onnx", "", "OptionalGetElement"}};
    using Attributes = detail::NoAttributes;
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (x.dtype != DType::optional) return c.output_like(0, x);
        const Items* items = c.value(0) ? &items_of(*c.value(0)) : nullptr;
        if (items && !items->empty()) return detail::infer_item(c, 0, x, items->data());
        if (x.nested) c.output_items(0, DType::sequence, x.element);
        else detail::infer_item(c, 0, x, nullptr);
    }
    static void reference(RunContext& c) {
        if (c.input(0).dtype != DType::optional) return detail::put_item(c, 0, detail::dense_copy(c.input(0)));
        const Items& items = detail::items_of(c.input(0));
        c.check_that(!items.empty(), "the optional is empty");
        detail::put_item(c, 0, items[0]);
    }
};

LITE_NAMESPACE_END
#endif
