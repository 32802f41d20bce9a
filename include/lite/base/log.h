// Messages of the library on the standard error stream, filtered by a level of the whole process.
#ifndef LITE_BASE_LOG_H_
#define LITE_BASE_LOG_H_
#include <atomic>
#include <ctime>

#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

enum class LogLevel : int { debug, info, warn, error };

inline std::atomic<int>& log_level() {
    static std::atomic<int> level{static_cast<int>(LogLevel::error)};
    return level;
}
// Prints `LITE[ERR] HH:MM:SS.uuuuuu message` if the level is enabled; the text is built only then.
template <class... Parts>
void log(LogLevel level, const Parts&... parts) {
    if (static_cast<int>(level) < log_level().load(std::memory_order_relaxed)) return;
    constexpr const char* names[] = {"DBG", "INF", "WRN", "ERR"};
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm local{};
    localtime_r(&now.tv_sec, &local);
    std::fprintf(stderr, "LITE[%s] %02d:%02d:%02d.%06ld %s\n", names[static_cast<int>(level)], local.tm_hour, local.tm_min, local.tm_sec,
                 now.tv_nsec / 1000, text(parts...).c_str());
}

// Runs the body of a public call: an error that leaves it is logged.
template <class F>
decltype(auto) logged(F&& body) {
#if LITE_HAS_EXCEPTIONS
    try {
        return body();
    } catch (const Error& e) {
        log(LogLevel::error, "Lite exception: ", e.what(), ".");
        throw;
    }
#else
    return body();
#endif
}

LITE_NAMESPACE_END
#endif
