// The one error type of the library.
#ifndef LITE_BASE_EXCEPTION_H_
#define LITE_BASE_EXCEPTION_H_
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

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

LITE_NAMESPACE_END
#endif
