// ONNX models written field by field, well-formed or not, for tests of the reader.
#ifndef LITE_TESTS_SUPPORT_ONNX_BYTES_H_
#define LITE_TESTS_SUPPORT_ONNX_BYTES_H_
#include "lite/format/onnx.h"

namespace lite_test {
using namespace lite;

// A message under construction: Message().text(1, "name").integer(2, 7).message(3, Message()...)
class Message {
public:
    Message integer(uint32_t tag, int64_t v) && { return w_.integer(tag, v), std::move(*this); }
    Message real(uint32_t tag, float v) && { return w_.real(tag, v), std::move(*this); }
    Message text(uint32_t tag, std::string_view v) && { return w_.bytes(tag, v), std::move(*this); }
    Message message(uint32_t tag, const Message& m) && { return w_.bytes(tag, m.w_.out), std::move(*this); }
    Message integers(uint32_t tag, const std::vector<int64_t>& v) && {
        for (int64_t i : v) w_.integer(tag, i);
        return std::move(*this);
    }
    Message texts(uint32_t tag, const std::vector<std::string>& v) && {
        for (const std::string& s : v) w_.bytes(tag, s);
        return std::move(*this);
    }
    Message messages(uint32_t tag, const std::vector<Message>& v) && {
        for (const Message& m : v) w_.bytes(tag, m.w_.out);
        return std::move(*this);
    }
    // A packed run of varints.
    Message packed(uint32_t tag, const std::vector<int64_t>& v) && {
        std::string run;
        for (int64_t i : v) {
            uint64_t u = static_cast<uint64_t>(i);
            for (; u >= 0x80; u >>= 7) run += static_cast<char>(u | 0x80);
            run += static_cast<char>(u);
        }
        return std::move(*this).text(tag, run);
    }
    template <class T> Message raw(uint32_t tag, const std::vector<T>& v) && {
        return std::move(*this).text(tag, {reinterpret_cast<const char*>(v.data()), v.size() * sizeof(T)});
    }
    const std::string& bytes() const { return w_.out; }

private:
    WireWriter w_;
};

inline Message onnx_tensor(std::string_view name, int64_t type, const std::vector<int64_t>& dims) {
    return Message().integers(1, dims).integer(2, type).text(8, name);
}
inline Message onnx_floats(std::string_view name, const std::vector<int64_t>& dims, const std::vector<float>& v) {
    return onnx_tensor(name, 1, dims).raw(9, v);
}
// dims: a number, or a name for a symbolic one ("" for unknown)
inline Message onnx_value(std::string_view name, int64_t type, const std::vector<std::string>& dims) {
    Message shape;
    for (const std::string& d : dims) {
        const bool number = !d.empty() && (d[0] == '-' || (d[0] >= '0' && d[0] <= '9'));
        shape = std::move(shape).message(1, number ? Message().integer(1, std::stoll(d)) : d.empty() ? Message() : Message().text(2, d));
    }
    return Message().text(1, name).message(2, Message().message(1, Message().integer(1, type).message(2, shape)));
}
inline Message onnx_output(std::string_view name) { return Message().text(1, name); }
inline Message onnx_node(std::string_view op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                         const std::vector<Message>& attributes = {}, std::string_view domain = "", std::string_view name = "") {
    return Message().texts(1, inputs).texts(2, outputs).text(3, name).text(4, op).messages(5, attributes).text(7, domain);
}
inline Message onnx_int(std::string_view name, int64_t v) { return Message().text(1, name).integer(3, v).integer(20, 2); }
inline Message onnx_float(std::string_view name, float v) { return Message().text(1, name).real(2, v).integer(20, 1); }
inline Message onnx_body(std::string_view name, const Message& graph) { return Message().text(1, name).message(6, graph).integer(20, 5); }
inline Message onnx_reference(std::string_view name, std::string_view of, int64_t type) {
    return Message().text(1, name).integer(20, type).text(21, of);
}
inline Message onnx_opset(std::string_view domain, int64_t version) { return Message().text(1, domain).integer(2, version); }
inline Message onnx_model(const Message& graph, int64_t opset = 17) {
    return Message().integer(1, 8).message(7, graph).message(8, onnx_opset("", opset)).message(8, onnx_opset("test", 1));
}
inline Graph read(const Message& model) { return read_onnx(copy_model(model.bytes().data(), model.bytes().size())); }
// The message of the error that reading ends with; "" if it does not.
inline std::string error_of(const Message& model) {
    try {
        (void)read(model);
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
inline bool contains(const std::string& s, std::string_view part) { return s.find(part) != std::string::npos; }

}  // namespace lite_test
#endif
