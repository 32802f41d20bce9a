// The bytes of a model file, from disk or memory, and files written whole or not at all.
#ifndef LITE_FORMAT_BYTES_H_
#define LITE_FORMAT_BYTES_H_
#include <bit>
#include <span>

#include "lite/base/array.h"
#include "lite/platform/file_map.h"

LITE_NAMESPACE_BEGIN

static_assert(std::endian::native == std::endian::little, "model files are little-endian and used in place");

// A model as bytes, and the folder in which files that it names lie (empty: it came from memory and may name none).
struct ModelBytes {
    std::shared_ptr<const std::byte> data;
    size_t size = 0;
    std::string folder;
    uint64_t identity = new_lasting_identity();  // from which that of its constants follows

    std::string_view text() const { return {reinterpret_cast<const char*>(data.get()), size}; }
    std::span<const std::byte> span() const { return {data.get(), size}; }
};

// The file, mapped: constants of the model stay where they are in it, and pages that are never read never load.
inline ModelBytes open_model(const std::string& path) {
    FileBytes f = map_file(path);
    const size_t slash = path.find_last_of("/\\");
    return {std::move(f.data), f.size, slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash)};
}
// A copy of the caller's bytes.
inline ModelBytes copy_model(const void* data, size_t size) {
    auto p = allocate_bytes(size);
    if (size) std::memcpy(p.get(), data, size);
    return {std::move(p), size, {}};
}
// The caller's bytes in place: they must outlive everything that is made from them.
inline ModelBytes borrow_model(const void* data, size_t size) {
    return {std::shared_ptr<const std::byte>(std::shared_ptr<void>(), static_cast<const std::byte*>(data)), size, {}};
}

// Writes the parts, one behind the other, under a name beside that of the file and renames it, so that no reader ever sees half of it.
inline void write_file(const std::string& path, std::span<const std::span<const std::byte>> parts) {
    const std::string part = text(path, ".", process_id(), ".part");
    std::FILE* f = std::fopen(part.c_str(), "wb");
    check(f != nullptr, "cannot write '", part, "': ", std::strerror(errno));
    bool ok = true;
    for (std::span<const std::byte> bytes : parts) ok = ok && (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), f) == bytes.size());
    ok = std::fclose(f) == 0 && ok;
    ok = ok && replace_file(part, path);
    if (!ok) {
        const std::string why = std::strerror(errno);
        std::remove(part.c_str());
        fail("cannot write '", path, "': ", why);
    }
}
inline void write_file(const std::string& path, std::span<const std::byte> bytes) { write_file(path, std::span(&bytes, 1)); }

LITE_NAMESPACE_END
#endif
