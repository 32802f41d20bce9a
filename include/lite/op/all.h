// The list of the library's operators. Adding one: its file, its include and its name here.
#ifndef LITE_OP_ALL_H_
#define LITE_OP_ALL_H_
#include "lite/op/registry.h"
#include "lite/op/arg_reduce.h"
#include "lite/op/batch_norm.h"
#include "lite/op/cast.h"
#include "lite/op/compress.h"
#include "lite/op/concat.h"
#include "lite/op/constant.h"
#include "lite/op/constant_of_shape.h"
#include "lite/op/control_flow.h"
#include "lite/op/conv.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/conv_integer.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/cumsum.h"
#include "lite/op/depth_to_space.h"
#include "lite/op/dequantize_linear.h"
#include "lite/op/dropout.h"
#include "lite/op/dynamic_quantize_linear.h"
#include "lite/op/dynamic_quantize_lstm.h"
#include "lite/op/einsum.h"
#include "lite/op/elemwise.h"
#include "lite/op/elemwise_chain.h"
#include "lite/op/expand.h"
#include "lite/op/eye_like.h"
#include "lite/op/flatten.h"
#include "lite/op/fused_attention.h"
#include "lite/op/gather.h"
#include "lite/op/gather_elements.h"
#include "lite/op/gather_nd.h"
#include "lite/op/gemm.h"
#include "lite/op/grid_sample.h"
#include "lite/op/group_norm.h"
#include "lite/op/identity.h"
#include "lite/op/layer_norm.h"
#include "lite/op/matmul.h"
#include "lite/op/matmul_integer.h"
#include "lite/op/non_max_suppression.h"
#include "lite/op/non_zero.h"
#include "lite/op/normalize.h"
#include "lite/op/one_hot.h"
#include "lite/op/pad.h"
#include "lite/op/pool.h"
#include "lite/op/qlinear_concat.h"
#include "lite/op/qlinear_conv.h"
#include "lite/op/qlinear_elemwise.h"
#include "lite/op/qlinear_matmul.h"
#include "lite/op/qlinear_pool.h"
#include "lite/op/quantize_linear.h"
#include "lite/op/range.h"
#include "lite/op/recurrent.h"
#include "lite/op/reduce.h"
#include "lite/op/relayout.h"
#include "lite/op/reshape.h"
#include "lite/op/resize.h"
#include "lite/op/reverse_sequence.h"
#include "lite/op/roi_align.h"
#include "lite/op/scatter_elements.h"
#include "lite/op/scatter_nd.h"
#include "lite/op/shape.h"
#include "lite/op/size.h"
#include "lite/op/slice.h"
#include "lite/op/softmax.h"
#include "lite/op/space_to_depth.h"
#include "lite/op/split.h"
#include "lite/op/squeeze.h"
#include "lite/op/tile.h"
#include "lite/op/top_k.h"
#include "lite/op/transpose.h"
#include "lite/op/trilu.h"
#include "lite/op/unique.h"
#include "lite/op/unsqueeze.h"
#include "lite/op/where.h"

LITE_NAMESPACE_BEGIN

using AllOps = Ops<
        ArgReduce,
        BatchNormalization,
        Cast,
        Compress,
        Concat,
        Constant,
        ConstantOfShape,
        Conv,
        ConvInteger,
        ConvTranspose,
        CumSum,
        DepthToSpace,
        DequantizeLinear,
        Dropout,
        DynamicQuantizeLinear,
        DynamicQuantizeLSTM,
        DynamicQuantizeMatMul,
        Einsum,
        Elemwise,
        ElemwiseChain,
        Expand,
        EyeLike,
        Flatten,
        FusedAttention,
        Gather,
        GatherElements,
        GatherND,
        Gemm,
        GridSample,
        GroupNormalization,
        GRU,
        Identity,
        If,
        LayerNormalization,
        Loop,
        LpNormalization,
        LRN,
        LSTM,
        MatMul,
        MatMulInteger,
        MatMulIntegerToFloat,
        MeanVarianceNormalization,
        NonMaxSuppression,
        NonZero,
        OneHot,
        Pad,
        Pool,
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
        Range,
        Reduce,
        Relayout,
        Reshape,
        Resize,
        ReverseSequence,
        RNN,
        RoiAlign,
        Scan,
        ScatterElements,
        ScatterND,
        ShapeOf,
        Size,
        Slice,
        Softmax,
        SpaceToDepth,
        Split,
        Squeeze,
        Tile,
        TopK,
        Transpose,
        Trilu,
        Unique,
        Unsqueeze,
        Where
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
