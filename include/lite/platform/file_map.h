// Files as bytes: mapped read-only where the system can, read otherwise; and the real path behind links.
#ifndef LITE_PLATFORM_FILE_MAP_H_
#define LITE_PLATFORM_FILE_MAP_H_
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#if defined(_WIN32)
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "lite/base/error.h"

LITE_NAMESPACE_BEGIN

// Immutable bytes with shared ownership. `data` is never null for a file that exists, not even an empty one.
struct FileBytes {
    std::shared_ptr<const std::byte> data;
    size_t size = 0;
};

namespace detail {
// For what cannot be mapped: pipes, files of /proc, file systems without mapping. Such a stream has no size that could be
// checked beforehand, so it may hold what a protobuf message may hold at most.
inline FileBytes read_stream(std::FILE* f, const std::string& path) {
    constexpr size_t limit = size_t{1} << 31;
    size_t capacity = size_t{1} << 16, size = 0;
    std::unique_ptr<std::byte, void (*)(void*)> p(static_cast<std::byte*>(std::malloc(capacity)), std::free);
    check(p != nullptr, "out of memory reading '", path, "'");
    for (;;) {
        size += std::fread(p.get() + size, 1, capacity - size, f);
        if (size < capacity) break;
        check(size < limit, "'", path, "' is no plain file and goes on behind ", limit, " bytes");
        void* larger = std::realloc(p.get(), capacity * 2);
        check(larger != nullptr, "out of memory reading '", path, "' after ", size, " bytes");
        (void)p.release();
        p.reset(static_cast<std::byte*>(larger));
        capacity *= 2;
    }
    check(!std::ferror(f), "cannot read '", path, "'");
    return {std::shared_ptr<const std::byte>(p.release(), [](const std::byte* q) { std::free(const_cast<std::byte*>(q)); }), size};
}
}  // namespace detail

#if defined(_WIN32)

// Pages of a mapped file are the system's to drop here.
inline void release_pages(const void*, size_t) {}
inline void release_free_memory() {}

inline FileBytes map_file(const std::string& path) {
    const HANDLE file = CreateFileA(path.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    check(file != INVALID_HANDLE_VALUE, "failed to open '", path, "': system error ", static_cast<int64_t>(GetLastError()));
    LARGE_INTEGER size{};
    const HANDLE mapping = GetFileSizeEx(file, &size) && size.QuadPart > 0 ? CreateFileMappingA(file, nullptr, PAGE_READONLY, 0, 0, nullptr) : nullptr;
    const void* p = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : nullptr;
    if (mapping) CloseHandle(mapping);
    CloseHandle(file);
    if (p)
        return {std::shared_ptr<const std::byte>(static_cast<const std::byte*>(p), [](const std::byte* q) { UnmapViewOfFile(q); }),
                static_cast<size_t>(size.QuadPart)};
    std::FILE* f = std::fopen(path.c_str(), "rb");
    check(f != nullptr, "failed to open '", path, "'");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> close(f, std::fclose);
    return detail::read_stream(f, path);
}

// The absolute path with all links resolved, '/' between its parts; empty if there is no such file.
inline std::string real_path(const std::string& path) {
    const HANDLE h = CreateFileA(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
    if (h == INVALID_HANDLE_VALUE) return {};
    char b[32768];
    const DWORD n = GetFinalPathNameByHandleA(h, b, sizeof b, FILE_NAME_NORMALIZED);
    CloseHandle(h);
    if (n == 0 || n >= sizeof b) return {};
    std::string s(b, n);
    for (char& c : s)
        if (c == '\\') c = '/';
    return s;
}

// Puts the file `from` in the place of `to` in one step.
inline bool replace_file(const std::string& from, const std::string& to) {
    return MoveFileExA(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
}
inline int64_t process_id() { return static_cast<int64_t>(GetCurrentProcessId()); }
inline bool make_one_folder(const char* path) { return CreateDirectoryA(path, nullptr) != 0 || GetLastError() == ERROR_ALREADY_EXISTS; }

#else

// Memory that was freed and is kept for later goes back to the system.
inline void release_free_memory() {
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
}

namespace detail {
struct MappedRanges {
    std::mutex mutex;
    std::vector<std::pair<uintptr_t, size_t>> ranges;
};
inline MappedRanges& mapped_ranges() {
    static MappedRanges* const r = new MappedRanges;  // outlives every model of static duration
    return *r;
}
}  // namespace detail

// Tells the system that these bytes are not needed for now: whole pages of a file mapped by map_file leave memory, and come back
// from the file when they are read again. Does nothing to any other memory.
inline void release_pages(const void* data, size_t bytes) {
    const uintptr_t page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)), at = reinterpret_cast<uintptr_t>(data);
    const uintptr_t begin = (at + page - 1) / page * page, end = (at + bytes) / page * page;
    if (begin >= end) return;
    detail::MappedRanges& m = detail::mapped_ranges();
    std::lock_guard lock(m.mutex);
    for (const auto& [start, size] : m.ranges)
        if (start <= at && at + bytes <= start + size) {
            ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
            return;
        }
}

inline FileBytes map_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    check(fd >= 0, "failed to open '", path, "': ", std::strerror(errno));
    std::FILE* f = ::fdopen(fd, "rb");
    if (!f) ::close(fd);
    check(f != nullptr, "failed to open '", path, "'");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> close(f, std::fclose);
    struct stat st {};
    check(::fstat(fd, &st) == 0, "cannot read '", path, "': ", std::strerror(errno));
    check(!S_ISDIR(st.st_mode), "'", path, "' is a folder, a file was expected");
    check(!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode), "'", path, "' is a device, a file was expected");
    if (S_ISREG(st.st_mode) && st.st_size > 0) {
        const size_t size = static_cast<size_t>(st.st_size);
        void* p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p != MAP_FAILED) {
            detail::MappedRanges& m = detail::mapped_ranges();
            const std::pair<uintptr_t, size_t> range(reinterpret_cast<uintptr_t>(p), size);
            {
                std::lock_guard lock(m.mutex);
                m.ranges.push_back(range);
            }
            const auto unmap = [range, &m](const std::byte* q) {
                {
                    std::lock_guard lock(m.mutex);
                    std::erase(m.ranges, range);
                }
                ::munmap(const_cast<std::byte*>(q), range.second);
            };
            return {std::shared_ptr<const std::byte>(static_cast<const std::byte*>(p), unmap), size};
        }
    }
    return detail::read_stream(f, path);
}

// The absolute path with all links resolved, '/' between its parts; empty if there is no such file.
inline std::string real_path(const std::string& path) {
    const std::unique_ptr<char, void (*)(void*)> p(::realpath(path.c_str(), nullptr), std::free);
    return p ? std::string(p.get()) : std::string();
}

// Puts the file `from` in the place of `to` in one step.
inline bool replace_file(const std::string& from, const std::string& to) { return std::rename(from.c_str(), to.c_str()) == 0; }
inline int64_t process_id() { return static_cast<int64_t>(::getpid()); }
inline bool make_one_folder(const char* path) { return ::mkdir(path, 0777) == 0 || errno == EEXIST; }

#endif

// The folder and those above it, where they are missing.
inline void make_folder(const std::string& path) {
    for (size_t i = 1; i <= path.size(); ++i)
        if (i == path.size() || path[i] == '/') {
            const std::string part = path.substr(0, i);
            check(make_one_folder(part.c_str()), "cannot make the folder '", part, "': ", std::strerror(errno));
        }
}

LITE_NAMESPACE_END
#endif
