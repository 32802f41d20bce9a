// Writing JSON: objects and lists, nested by calls.
#ifndef LITE_EXEC_JSON_H_
#define LITE_EXEC_JSON_H_
#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

// The text grows from call to call; commas come by themselves.
class JsonWriter {
public:
    JsonWriter& open(char bracket) {  // '{' or '['
        next();
        text_ += bracket;
        first_ = true;
        return *this;
    }
    JsonWriter& close(char bracket) {
        text_ += bracket;
        first_ = false;
        return *this;
    }
    JsonWriter& key(std::string_view k) {
        next();
        quote(k);
        text_ += ':';
        first_ = true;
        return *this;
    }
    JsonWriter& value(std::string_view v) {
        next();
        quote(v);
        return *this;
    }
    // Verbatim: a number, true, or JSON that was made elsewhere.
    JsonWriter& raw(std::string_view v) {
        next();
        text_ += v;
        return *this;
    }
    JsonWriter& number(double v) {
        char b[40];
        std::snprintf(b, sizeof b, "%.9g", v);
        return raw(v == v && v - v == 0 ? b : "null");
    }
    JsonWriter& field(std::string_view k, std::string_view v) { return key(k).value(v); }
    JsonWriter& field(std::string_view k, double v) { return key(k).number(v); }
    const std::string& text() const { return text_; }

private:
    void next() {
        if (!first_) text_ += ',';
        first_ = false;
    }
    void quote(std::string_view v) {
        text_ += '"';
        for (char c : v) {
            if (c == '"' || c == '\\') text_ += '\\';
            if (static_cast<unsigned char>(c) < 0x20) detail::append_printed(text_, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            else text_ += c;
        }
        text_ += '"';
    }
    std::string text_;
    bool first_ = true;
};

LITE_NAMESPACE_END
#endif
