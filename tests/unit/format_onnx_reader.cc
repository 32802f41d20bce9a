#include <doctest/doctest.h>

#include "lite/format/onnx.h"
using namespace lite;

namespace {
std::string message_of(const std::string& bytes) {
    try {
        (void)read_onnx(borrow_model(bytes.data(), bytes.size()));
    } catch (const Error& e) {
        return std::string(e.message());
    }
    return "";
}
bool contains(const std::string& s, std::string_view part) { return s.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("Bytes that are no model are refused with a reason") {
    CHECK(contains(message_of(""), "not an ONNX model"));
    CHECK(contains(message_of("hello, I am a text file"), "not a valid ONNX model"));
    CHECK(contains(message_of(std::string("\x08\x07", 2)), "has no graph"));
    CHECK(contains(message_of(std::string(100, '\0')), "not a valid ONNX model"));
}
