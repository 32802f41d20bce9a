// Writing JSON: objects and lists, nested by calls.
#ifndef LITE_EXEC_JSON_H_
#define LITE_EXEC_JSON_H_
#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

// The text grows from call to call; commas come by themselves.
class JsonWriter {
public:
    [[gnu::cold, gnu::noinline]] JsonWriter& open(char bracket) {  // '{' or '['
        next();
        text_ += bracket;
        first_ = true;
        return *this;
    }
    [[gnu::cold, gnu::noinline]] JsonWriter& close(char bracket) {
        text_ += bracket;
        first_ = false;
        return *this;
    }
    [[gnu::cold, gnu::noinline]] JsonWriter& key(std::string_view k) {
        next();
        quote(k);
        text_ += ':';
        first_ = true;
        return *this;
    }
    [[gnu::cold, gnu::noinline]] JsonWriter& value(std::string_view v) {
        next();
        quote(v);
        return *this;
    }
    // Verbatim: a number, true, or JSON that was made elsewhere.
    [[gnu::cold, gnu::noinline]] JsonWriter& raw(std::string_view v) {
        next();
        text_ += v;
        return *this;
    }
    [[gnu::cold, gnu::noinline]] JsonWriter& number(double v) {
        char b[40];
        std::snprintf(b, sizeof b, "%.9g", v);
        return raw(v == v && v - v == 0 ? b : "null");
    }
    [[gnu::cold, gnu::noinline]] JsonWriter& field(std::string_view k, std::string_view v) { return key(k).value(v); }
    [[gnu::cold, gnu::noinline]] JsonWriter& field(std::string_view k, double v) { return key(k).number(v); }
    const std::string& text() const { return text_; }

private:
    [[gnu::cold, gnu::noinline]] void next() {
        if (!first_) text_ += ',';
        first_ = false;
    }
    [[gnu::cold, gnu::noinline]] void quote(std::string_view v) {
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
