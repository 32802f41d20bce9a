// Pictures from files, by stb_image.
#include "app.h"

#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNM
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "lite/platform/file_map.h"

Picture read_picture(const std::string& path) {
    const lite::FileBytes file = lite::map_file(path);
    int width = 0, height = 0, channels = 0;
    lite::check(file.size < (size_t{1} << 31), path, " is too large for a picture");
    const std::unique_ptr<stbi_uc, void (*)(void*)> p(
            stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(file.data.get()), static_cast<int>(file.size), &width, &height,
                                  &channels, 0),
            stbi_image_free);
    lite::check(p != nullptr, path, " is neither a .npy file nor a picture (PNG, JPEG, PPM, BMP): ", stbi_failure_reason());
    Picture r{static_cast<size_t>(width), static_cast<size_t>(height), static_cast<size_t>(channels), {}};
    r.pixels.assign(p.get(), p.get() + r.width * r.height * r.channels);
    return r;
}
