// Visibility of public symbols, under the name that programs written for the interface use.
#ifndef LITE_MACRO_H_
#define LITE_MACRO_H_
#include "lite/base/config.h"

#if !defined(LITE_API)
#if defined(__GNUC__)
#define LITE_API __attribute__((visibility("default")))
#else
#define LITE_API
#endif
#endif

#endif
