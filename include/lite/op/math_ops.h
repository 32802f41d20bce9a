// The operators of element-wise functions, reductions, normalisations.
#ifndef LITE_OP_MATH_OPS_H_
#define LITE_OP_MATH_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/arg_reduce.h"
#include "lite/op/batch_norm.h"
#include "lite/op/cast.h"
#include "lite/op/cumsum.h"
#include "lite/op/elemwise.h"
#include "lite/op/elemwise_chain.h"
#include "lite/op/group_norm.h"
#include "lite/op/layer_norm.h"
#include "lite/op/normalize.h"
#include "lite/op/reduce.h"
#include "lite/op/reduced_chain.h"
#include "lite/op/softmax.h"
#include "lite/op/where.h"

LITE_NAMESPACE_BEGIN

using MathOps = Ops<
        ArgReduce,
        BatchNormalization,
        Cast,
        CumSum,
        Elemwise,
        ElemwiseChain,
        GroupNormalization,
        LRN,
        LayerNormalization,
        Reduce,
        ReducedChain,
        Softmax,
        Where
        >;

LITE_NAMESPACE_END
#endif
