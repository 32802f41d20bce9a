// The enumerations under the header name that programs written for the interface include.
#ifndef LITE_COMMON_ENUM_C_H_
#define LITE_COMMON_ENUM_C_H_
#include "lite/common_enum.h"
#endif
