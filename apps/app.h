// What the parts of lite-run share: exit statuses, errors of use, pictures.
#ifndef LITE_APPS_APP_H_
#define LITE_APPS_APP_H_
#include <cstdint>
#include <string>
#include <vector>

#include "lite/base/error.h"

enum Exit { right = 0, wrong_use = 1, cannot_use = 2, expectation_missed = 3 };

// The command line asks for something that there is not.
struct UseError {
    std::string message;
};
template <class... Parts>
void use_check(bool ok, const Parts&... parts) {
    if (!ok) throw UseError{lite::text(parts...)};
}

// A picture file (PNG, JPEG, PPM, BMP): rows of pixels of `channels` bytes, red first. Throws lite::Error.
struct Picture {
    size_t width = 0, height = 0, channels = 0;
    std::vector<uint8_t> pixels;
};
Picture read_picture(const std::string& path);

// The same program in the words of MegEngine's load_and_run, if the command line has one of its options.
bool speaks_load_and_run(int argc, char** argv);
int load_and_run(int argc, char** argv);

#endif
