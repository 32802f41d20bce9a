// The SIMD bricks of one instruction set: plain tables of function pointers, one per family. Operators' kernels are ordinary
// code that calls them; only the *-inl.h files behind the tables see Highway.
#ifndef LITE_KERNEL_BRICKS_H_
#define LITE_KERNEL_BRICKS_H_
#include "lite/kernel/conv_bricks.h"
#include "lite/kernel/depthwise_bricks.h"
#include "lite/kernel/gemm_bricks.h"
#include "lite/kernel/int8_bricks.h"
#include "lite/kernel/math_bricks.h"
#include "lite/kernel/move_bricks.h"
#include "lite/kernel/pool_bricks.h"
#include "lite/kernel/probe_bricks.h"

LITE_NAMESPACE_BEGIN

struct Bricks {
    const char* name = "";  // of the Highway target: "AVX3", "AVX2", "NEON", "SCALAR", ...
    int lanes = 1;          // floats in a vector
    LayoutTag native = LayoutTag::nchw44;  // the packed layout whose block is one vector
    ConvBricks conv;
    DepthwiseBricks depthwise;
    GemmBricks gemm;
    Int8Bricks int8;
    MathBricks math;
    MoveBricks move;
    PoolBricks pool;
    ProbeBricks probe;
};

// Tables that this CPU can run, best first; the last is the baseline that every CPU runs.
const std::vector<const Bricks*>& all_bricks();
// The table of that name in any case of letters ("avx512" is another name of AVX3), or null.
const Bricks* named_bricks(std::string_view name);
// The table of that name, or the best for an empty name; throws lite::Error naming the choices if there is none.
// The environment variable LITE_ISA takes the place of an empty name.
const Bricks& find_bricks(std::string_view name = {});

LITE_NAMESPACE_END
#endif
