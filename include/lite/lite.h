// The one include of a program that uses lite.
#ifndef LITE_LITE_H_
#define LITE_LITE_H_
#include "lite/global.h"
#include "lite/network.h"
#include "lite/tensor.h"

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/impl.h"
#endif
#endif
