// `check` and `fail`, and the small string builder that their messages are made with.
#ifndef LITE_BASE_ERROR_H_
#define LITE_BASE_ERROR_H_
#include <cstdarg>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "lite/base/exception.h"

LITE_NAMESPACE_BEGIN

inline void append(std::string& s, std::string_view v) { s += v; }
inline void append(std::string& s, const char* v) { s += v; }
inline void append(std::string& s, const std::string& v) { s += v; }
inline void append(std::string& s, char v) { s += v; }
inline void append(std::string& s, bool v) { s += v ? "true" : "false"; }
namespace detail {
[[gnu::noinline, gnu::format(printf, 2, 3)]] inline void append_printed(std::string& s, const char* format, ...) {
    char b[40];
    std::va_list values;
    va_start(values, format);
    std::vsnprintf(b, sizeof b, format, values);
    va_end(values);
    s += b;
}
}  // namespace detail
template <class T>
    requires std::is_arithmetic_v<T>
inline void append(std::string& s, T v) {
    if constexpr (std::is_floating_point_v<T>) detail::append_printed(s, "%g", static_cast<double>(v));
    else if constexpr (std::is_signed_v<T>) detail::append_printed(s, "%lld", static_cast<long long>(v));
    else detail::append_printed(s, "%llu", static_cast<unsigned long long>(v));
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

// A piece of a message without its type, so that one function builds all messages: numbers, enumerators and literals travel by
// value, which leaves the variables named in a message in registers; anything else by its address.
namespace detail {
using AppendErased = void (*)(std::string&, uint64_t);
template <class T> struct Erased {
    using Type = T;
    static uint64_t bits(const T& v) { return reinterpret_cast<uintptr_t>(&v); }
    static void append_to(std::string& s, uint64_t v) { append(s, *reinterpret_cast<const T*>(static_cast<uintptr_t>(v))); }
};
template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
struct Erased<T> {
    static constexpr bool wide = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;
    using Type = std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<!wide, T, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>>;
    static uint64_t bits(T v) {
        if constexpr (std::is_floating_point_v<T>) return __builtin_bit_cast(uint64_t, static_cast<double>(v));
        else return static_cast<uint64_t>(v);
    }
    static void append_to(std::string& s, uint64_t v) {
        if constexpr (std::is_floating_point_v<T>) append(s, __builtin_bit_cast(double, v));
        else append(s, static_cast<T>(v));
    }
};
template <> struct Erased<const char*> {
    using Type = const char*;
    static uint64_t bits(const char* v) { return reinterpret_cast<uintptr_t>(v); }
    static void append_to(std::string& s, uint64_t v) { s += reinterpret_cast<const char*>(static_cast<uintptr_t>(v)); }
};
template <size_t N> struct Erased<char[N]> : Erased<const char*> {};
template <class... T> inline constexpr AppendErased kAppend[sizeof...(T)] = {&Erased<T>::append_to...};

inline std::string join(const AppendErased* append_to, const uint64_t* pieces, size_t count) {
    std::string s;
    for (size_t i = 0; i < count; ++i) append_to[i](s, pieces[i]);
    return s;
}
}  // namespace detail

// Who a message speaks of (`Conv "block3/conv1"`), made into text only if there is a message.
class Who {
public:
    template <class T> Who(const T& v) : append_(&detail::Erased<T>::append_to), bits_(detail::Erased<T>::bits(v)) {}
    void append_to(std::string& s) const { append_(s, bits_); }

private:
    detail::AppendErased append_;
    uint64_t bits_;
};
inline void append(std::string& s, const Who& v) { v.append_to(s); }

// Concatenates its arguments as text; lists print as [1,2,3]. Types of ours join by an `append` of their own.
template <class... Parts>
[[gnu::always_inline]] inline std::string text(const Parts&... parts) {
    const uint64_t pieces[] = {detail::Erased<Parts>::bits(parts)...};
    return detail::join(detail::kAppend<typename detail::Erased<Parts>::Type...>, pieces, sizeof...(Parts));
}

[[noreturn]] inline void raise(Error e) {
#if LITE_HAS_EXCEPTIONS
    throw e;
#else
    error_handler()(e);
    std::abort();
#endif
}
namespace detail {
[[noreturn, gnu::cold, gnu::noinline]] inline void raise_text(const AppendErased* append_to, const uint64_t* pieces, size_t count) {
    raise(Error(join(append_to, pieces, count)));
}
}  // namespace detail
template <class... Parts>
[[noreturn, gnu::always_inline]] inline void fail(const Parts&... parts) {
    const uint64_t pieces[] = {detail::Erased<Parts>::bits(parts)...};
    detail::raise_text(detail::kAppend<typename detail::Erased<Parts>::Type...>, pieces, sizeof...(Parts));
}
// The check of the whole library: `check(ok, "conv ", name, ": ...")`. The message is built only on failure.
template <class... Parts>
[[gnu::always_inline]] inline void check(bool ok, const Parts&... parts) {
    if (!ok) [[unlikely]]
        fail(parts...);
}

LITE_NAMESPACE_END
#endif
