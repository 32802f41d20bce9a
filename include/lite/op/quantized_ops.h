// The operators of integer arithmetic with scales and zero points.
#ifndef LITE_OP_QUANTIZED_OPS_H_
#define LITE_OP_QUANTIZED_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/conv_integer.h"
#include "lite/op/conv_integer_to_float.h"
#include "lite/op/dequantize_linear.h"
#include "lite/op/dynamic_quantize_linear.h"
#include "lite/op/dynamic_quantize_lstm.h"
#include "lite/op/matmul_integer.h"
#include "lite/op/qlinear_concat.h"
#include "lite/op/qlinear_conv.h"
#include "lite/op/qlinear_elemwise.h"
#include "lite/op/qlinear_matmul.h"
#include "lite/op/qlinear_pool.h"
#include "lite/op/qlinear_softmax.h"
#include "lite/op/quantize_linear.h"

LITE_NAMESPACE_BEGIN

using QuantizedOps = Ops<
        ConvInteger,
        ConvIntegerToFloat,
        DequantizeLinear,
        DynamicQuantizeLSTM,
        DynamicQuantizeLinear,
        DynamicQuantizeMatMul,
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
        QLinearSoftmax,
        QuantizeLinear
        >;

LITE_NAMESPACE_END
#endif
