// The one error type of the library, and the small string builder that its messages are made with.
#ifndef LITE_BASE_ERROR_H_
#define LITE_BASE_ERROR_H_
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "lite/base/config.h"

// As in the interface that lite re-creates: plain enumerators, usable with and without the enum's name.
enum ErrorCode {
    OK = 0,
    LITE_INTERNAL_ERROR = 1,
    LITE_UNKNOWN_ERROR = 2,
};

LITE_NAMESPACE_BEGIN

// What every failed call throws. `what()` is "Error: " + message; the message names the thing that failed
// (file, operator, tensor), what was found and what was expected.
class Error : public std::exception {
public:
    explicit Error(std::string message, ErrorCode code = LITE_INTERNAL_ERROR)
            : what_("Error: " + std::move(message)), code_(code) {}
    const char* what() const noexcept override { return what_.c_str(); }
    // The text without the "Error: " in front.
    std::string_view message() const noexcept { return std::string_view(what_).substr(7); }
    ErrorCode code() const noexcept { return code_; }

private:
    std::string what_;
    ErrorCode code_;
};

// Called instead of `throw` where exceptions are off (-fno-exceptions); must not return. The default prints and aborts.
using ErrorHandler = void (*)(const Error&);
inline ErrorHandler& error_handler() {
    static ErrorHandler handler = [](const Error& e) {
        std::fprintf(stderr, "%s\n", e.what());
        std::abort();
    };
    return handler;
}

inline void append(std::string& s, std::string_view v) { s += v; }
inline void append(std::string& s, const char* v) { s += v; }
inline void append(std::string& s, const std::string& v) { s += v; }
inline void append(std::string& s, char v) { s += v; }
inline void append(std::string& s, bool v) { s += v ? "true" : "false"; }
template <class T>
    requires std::is_arithmetic_v<T>
inline void append(std::string& s, T v) {
    if constexpr (std::is_floating_point_v<T>) {
        char b[40];
        std::snprintf(b, sizeof b, "%g", static_cast<double>(v));
        s += b;
    } else {
        s += std::to_string(v);
    }
}
template <class T>
inline void append(std::string& s, const std::vector<T>& v) {
    s += '[';
    for (size_t i = 0; i < v.size(); ++i) {
        if (i) s += ',';
        append(s, static_cast<T>(v[i]));
    }
    s += ']';
}
// Concatenates its arguments as text; lists print as [1,2,3]. Types of ours join by an `append` of their own.
template <class... Parts>
std::string text(const Parts&... parts) {
    std::string s;
    (append(s, parts), ...);
    return s;
}

[[noreturn]] inline void raise(Error e) {
#if LITE_HAS_EXCEPTIONS
    throw e;
#else
    error_handler()(e);
    std::abort();
#endif
}
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
    raise(Error(text(parts...)));
}
// The check of the whole library: `check(ok, "conv ", name, ": ...")`. The message is built only on failure.
template <class... Parts>
inline void check(bool ok, const Parts&... parts) {
    if (!ok) [[unlikely]]
        fail(parts...);
}

LITE_NAMESPACE_END
#endif
