// The pool family of SIMD bricks: argument structs and the table of function pointers.
#ifndef LITE_KERNEL_POOL_BRICKS_H_
#define LITE_KERNEL_POOL_BRICKS_H_
#include <cstddef>
#include <cstdint>

#include "lite/base/config.h"
#include "lite/layout/layout.h"

LITE_NAMESPACE_BEGIN

struct PoolBricks {};

LITE_NAMESPACE_END
#endif
