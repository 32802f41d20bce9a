// The list of the library's operators. Adding one: its file, its include and its name here.
#ifndef LITE_OP_ALL_H_
#define LITE_OP_ALL_H_
#include "lite/op/registry.h"
#include "lite/op/conv.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/conv_integer.h"
#include "lite/op/dequantize_linear.h"
#include "lite/op/dynamic_quantize_linear.h"
#include "lite/op/gemm.h"
#include "lite/op/identity.h"
#include "lite/op/matmul.h"
#include "lite/op/matmul_integer.h"
#include "lite/op/qlinear_concat.h"
#include "lite/op/qlinear_conv.h"
#include "lite/op/qlinear_elemwise.h"
#include "lite/op/qlinear_matmul.h"
#include "lite/op/qlinear_pool.h"
#include "lite/op/quantize_linear.h"
#include "lite/op/relayout.h"

LITE_NAMESPACE_BEGIN

using AllOps = Ops<
        Conv,
        ConvInteger,
        DequantizeLinear,
        DynamicQuantizeLinear,
        DynamicQuantizeMatMul,
        Gemm,
        Identity,
        MatMul,
        MatMulInteger,
        MatMulIntegerToFloat,
        QGemm,
        QLinearAdd,
        QLinearAveragePool,
        QLinearConcat,
        QLinearConv,
        QLinearGlobalAveragePool,
        QLinearLeakyRelu,
        QLinearMatMul,
        QLinearMul,
        QLinearSigmoid,
        QuantizeLinear,
        Relayout
        >;
#if !defined(LITE_OPS)
#define LITE_OPS AllOps
#endif

LITE_INLINE Registry& registry() {
    static Registry* const r = [] {
        auto* made = new Registry;
        [&]<class... Op>(Ops<Op...>) { (made->add(describe<Op>()), ...); }(LITE_OPS());
        return made;
    }();
    return *r;
}

LITE_NAMESPACE_END
#endif
