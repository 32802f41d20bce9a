// Unique: the different elements, or slices along an axis, of a tensor.
#ifndef LITE_OP_UNIQUE_H_
#define LITE_OP_UNIQUE_H_
#include <numeric>

#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Outputs: values (sorted, or in the order of their first appearance), i64 index of the first appearance of each, i64 number of the
// value of each input element, i64 counts. Without an axis the input is taken as flat.
struct Unique {
    static constexpr std::string_view name = "Unique";
    static constexpr Spelling spellings[] = {{"onnx", "", "Unique"}};
    struct Attributes {
        int64_t axis = INT64_MAX;  // none
        bool sorted = true;
        template <class V> void visit(V& v) {
            v("axis", axis);
            v("sorted", sorted);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const int64_t axis = c.attributes<Attributes>().axis;
        int64_t n = kUnknown;
        if (axis == INT64_MAX) {
            c.output(0, x.dtype, Shape{kUnknown});
            if (x.shape_known()) n = x.shape.count();
        } else if (x.has_shape) {
            Shape y = x.shape;
            const size_t i = normalize_axis(axis, y.rank(), c.where());
            n = y[i];
            y[i] = kUnknown;
            c.output(0, x.dtype, y);
        } else {
            c.output_unknown(0, x.dtype);
        }
        c.output(1, DType::i64, Shape{kUnknown});
        c.output(2, DType::i64, Shape{n});
        c.output(3, DType::i64, Shape{kUnknown});
    }
    static void reference(RunContext& c) {
        const TensorView& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        const bool flat = a.axis == INT64_MAX;
        const Shape shape = flat ? Shape{x.count()} : x.shape;
        const size_t axis = flat ? 0 : normalize_axis(a.axis, shape.rank(), name), size = size_of(x.dtype);
        const int64_t n = shape[axis], outer = shape.count(0, axis), inner = shape.count(axis + 1, shape.rank());
        const size_t width = static_cast<size_t>(outer * inner);
        // Slice i as row i of a matrix.
        std::vector<std::byte> rows(static_cast<size_t>(n) * width * size);
        StridedCopy gather;
        gather.axis(n, outer * inner, inner);
        gather.axis(outer, inner, n * inner);
        gather.axis(inner, 1, 1);
        gather.run(rows.data(), x.data, size, nullptr, nullptr);
        std::vector<size_t> order(static_cast<size_t>(n));
        std::iota(order.begin(), order.end(), size_t{0});
        std::vector<size_t> group(order.size());  // of each slice: the first slice that equals it
        std::vector<uint64_t> keys(order.size() * width);
        load_keys({rows.data(), x.dtype, Shape{}, LayoutTag::nchw}, 0, 1, keys.size(), keys.data());
        const auto compare = [&](size_t p, size_t q) {
            for (size_t i = 0; i < width; ++i)
                if (keys[p * width + i] != keys[q * width + i]) return keys[p * width + i] < keys[q * width + i] ? -1 : 1;
            return 0;
        };
        std::sort(order.begin(), order.end(), [&](size_t p, size_t q) {
            const int r = compare(p, q);
            return r != 0 ? r < 0 : p < q;
        });
        for (size_t i = 0; i < order.size(); ++i) group[order[i]] = i > 0 && compare(order[i - 1], order[i]) == 0 ? group[order[i - 1]] : order[i];
        std::vector<int64_t> first, inverse(order.size()), number(order.size());
        for (size_t i = 0; i < order.size(); ++i) {
            const size_t slice = a.sorted ? order[i] : i;
            if (group[slice] != slice) continue;
            number[slice] = static_cast<int64_t>(first.size());
            first.push_back(static_cast<int64_t>(slice));
        }
        std::vector<int64_t> counts(first.size());
        for (size_t i = 0; i < order.size(); ++i) {
            inverse[i] = number[group[i]];
            ++counts[static_cast<size_t>(inverse[i])];
        }
        if (c.has_output(0)) {
            Shape to = shape;
            to[axis] = static_cast<int64_t>(first.size());
            const TensorView y = c.output(0, x.dtype, to);
            for (size_t i = 0; i < first.size(); ++i) {
                StridedCopy put;
                put.axis(outer, to[axis] * inner, inner);
                put.axis(inner, 1, 1);
                put.run(y.as<std::byte>() + i * static_cast<size_t>(inner) * size, rows.data() + static_cast<size_t>(first[i]) * width * size, size, nullptr, nullptr);
            }
        }
        const std::vector<int64_t>* lists[] = {&first, &inverse, &counts};
        for (size_t i = 0; i < 3; ++i)
            if (c.has_output(i + 1)) {
                const TensorView y = c.output(i + 1, DType::i64, Shape{static_cast<int64_t>(lists[i]->size())});
                if (!lists[i]->empty()) std::memcpy(y.data, lists[i]->data(), y.bytes());
            }
    }
};

LITE_NAMESPACE_END
#endif
