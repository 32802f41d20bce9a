// Constant: a tensor written in an attribute.
#ifndef LITE_OP_CONSTANT_H_
#define LITE_OP_CONSTANT_H_
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// One of value, value_float, value_floats, value_int, value_ints. Text has no tensors here.
struct Constant {
    static constexpr std::string_view name = "Constant";
    static constexpr Spelling spellings[] = {{"onnx", "", "Constant"}};
    struct Attributes {
        Array value;
        template <class V> void visit(V& v) { v("value", value); }
    };
    static void infer(InferContext& c) {
        Array v = value_of(c.node());
        c.check_that(static_cast<bool>(v), "none of the attributes value, value_float, value_floats, value_int, value_ints is there; others are not supported");
        c.output_value(0, std::move(v));
    }
    static void reference(RunContext& c) {
        const Array v = value_of(*c.node);
        v.copy_to(c.output(0, v.dtype(), v.shape()).data);
    }

private:
    static Array value_of(const Node& n) {
        const lite::Attributes& a = n.attributes;
        if (a.has("value")) return a.get<Array>("value", Array());
        if (a.has("value_float")) return Array::scalar(a.get<float>("value_float", 0.f));
        if (a.has("value_int")) return Array::scalar(a.get<int64_t>("value_int", 0));
        if (a.has("value_ints")) return Array::vector_i64(a.get<std::vector<int64_t>>("value_ints", {}));
        if (a.has("value_floats")) {
            const auto v = a.get<std::vector<float>>("value_floats", {});
            return Array::of(Shape{static_cast<int64_t>(v.size())}, v);
        }
        return {};
    }
};

LITE_NAMESPACE_END
#endif
