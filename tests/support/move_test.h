// Small tensors with telling contents, and attributes, for tests of operators that only move data.
#ifndef LITE_TESTS_SUPPORT_MOVE_TEST_H_
#define LITE_TESTS_SUPPORT_MOVE_TEST_H_
#include "tests/support/op_test.h"

namespace lite_test {

// 0, 1, 2, ... in any dtype (wrapping where it is too small).
inline Array iota(const Shape& shape, DType dtype = DType::f32, int start = 0) {
    Array a = Array::zeros(dtype, shape);
    visit_dtype(dtype, [&](auto tag) {
        using T = decltype(tag);
        for (int64_t i = 0; i < a.count(); ++i) {
            T v;
            if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) v = T(static_cast<float>(start + static_cast<int>(i)));
            else v = static_cast<T>(start + static_cast<int>(i));
            std::memcpy(a.mutable_data() + static_cast<size_t>(i) * sizeof(T), &v, sizeof(T));
        }
    });
    return a;
}
inline Array f32(const Shape& shape, const std::vector<float>& v) { return Array::of(shape, v); }
inline Array i64(const Shape& shape, const std::vector<int64_t>& v) { return Array::of(shape, v); }
inline Array i64(const std::vector<int64_t>& v) { return Array::vector_i64(v); }
inline Array booleans(const Shape& shape, const std::vector<int>& v) {
    Array a = Array::zeros(DType::boolean, shape);
    for (size_t i = 0; i < v.size(); ++i) a.mutable_data()[i] = static_cast<std::byte>(v[i]);
    return a;
}

struct With : Attributes {
    With& operator()(std::string_view name, AttributeValue v) {
        set(name, std::move(v));
        return *this;
    }
};
inline With with(std::string_view name, AttributeValue v) { return With()(name, std::move(v)); }

inline constexpr DType kAllTypes[] = {DType::f32, DType::f16, DType::bf16, DType::f64, DType::i8,  DType::u8,     DType::i16,
                                      DType::u16, DType::i32, DType::u32,  DType::i64, DType::u64, DType::boolean};

// Runs the reference and compares output `index` bit by bit.
inline void check_output(const OpCase& test, const Array& want, const std::string& what = "", size_t index = 0) {
    const Array got = test.run_reference()[index];
    REQUIRE_MESSAGE(got.dtype() == want.dtype(), what);
    REQUIRE_MESSAGE(got.shape() == want.shape(), text(what, " got ", got.shape(), ", expected ", want.shape()));
    if (test.outputs[index].shape_known()) CHECK_MESSAGE(test.outputs[index].shape == want.shape(), what);
    const bool same = want.bytes() == 0 || std::memcmp(got.data(), want.data(), want.bytes()) == 0;
    CHECK_MESSAGE(same, text(what, " got ", got.values<double>(), ", expected ", want.values<double>()));
}

// What infer says when extents of the inputs are not known.
struct Inferred {
    Graph graph;
    std::vector<TensorInfo> outputs;
    std::vector<Array> values;
    Inferred(const Operator& op, Attributes attributes, std::vector<TensorInfo> in, size_t output_count = 1, int version = 17) {
        Node n;
        n.op = &op;
        n.name = "test";
        n.attributes = std::move(attributes);
        n.version = version;
        for (const TensorInfo& t : in) n.inputs.push_back(t ? graph.add_value("") : kNoValue);
        for (size_t i = 0; i < output_count; ++i) n.outputs.push_back(graph.add_value(""));
        graph.nodes.push_back(n);
        InferContext c(graph, graph.nodes[0], std::move(in));
        op.infer(c);
        outputs = c.outputs();
        values = std::move(c.output_values());
    }
};
inline TensorInfo info(const Shape& s, DType t = DType::f32) {
    TensorInfo i;
    i.dtype = t;
    i.shape = s;
    i.has_shape = true;
    return i;
}
inline TensorInfo info(const Array& value) {
    TensorInfo i = info(value.shape(), value.dtype());
    i.value = &value;
    return i;
}
inline TensorInfo no_shape(DType t = DType::f32) {
    TensorInfo i;
    i.dtype = t;
    return i;
}

}  // namespace lite_test
#endif
