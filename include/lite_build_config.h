// What programs written for MegEngine Lite ask of the library they are compiled with: the names of its own configuration header.
#ifndef LITE_BUILD_CONFIG_H_
#define LITE_BUILD_CONFIG_H_
#include "lite/base/config.h"

#define LITE_BUILD_WITH_MGE 1  // .mge models and all that belongs to them
#define LITE_WITH_CUDA 0
#define LITE_BUILD_WITH_RKNPU 0
#define LITE_ENABLE_LOGGING 1
#define LITE_ENABLE_EXCEPTION LITE_HAS_EXCEPTIONS
#define LITE_ASSERT_LOC 0  // messages carry no places of the source

#endif
