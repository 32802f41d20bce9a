// The operators of matrix products and what is made of them.
#ifndef LITE_OP_PRODUCT_OPS_H_
#define LITE_OP_PRODUCT_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/fused_attention.h"
#include "lite/op/gemm.h"
#include "lite/op/matmul.h"
#include "lite/op/recurrent.h"

LITE_NAMESPACE_BEGIN

using ProductOps = Ops<
        FusedAttention,
        GRU,
        Gemm,
        LSTM,
        MatMul,
        RNN
        >;

LITE_NAMESPACE_END
#endif
