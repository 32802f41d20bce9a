#include <doctest/doctest.h>

#include "lite/format/onnx_metadata.h"

namespace {
std::vector<std::pair<std::string, std::string>> metadata_of(std::string_view bytes) {
    return lite::read_onnx_metadata(lite::borrow_model(bytes.data(), bytes.size()));
}
}  // namespace

TEST_CASE("the notes of an ONNX file") {
    // ir_version 8; metadata {"a": "1\n2"}; producer_name "p" between; metadata {"b": ""} without a value.
    const std::string_view file("\x08\x08\x72\x08\x0a\x01\x61\x12\x03\x31\x0a\x32\x12\x01p\x72\x03\x0a\x01\x62", 20);
    const auto m = metadata_of(file);
    REQUIRE(m.size() == 2);
    CHECK(m[0] == std::pair<std::string, std::string>("a", "1\n2"));
    CHECK(m[1] == std::pair<std::string, std::string>("b", ""));
    CHECK(metadata_of("").empty());
    for (size_t n = 1; n < file.size(); ++n) {  // cut off anywhere: an error or fewer notes
        try {
            const size_t notes = metadata_of(file.substr(0, n)).size();
            CHECK(notes <= 1);
        } catch (const lite::Error& e) {
            CHECK(std::string(e.what()).size() > 10);
        }
    }
}
