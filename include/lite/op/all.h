// The list of the library's operators. Adding one: its file, its include and its name here.
#ifndef LITE_OP_ALL_H_
#define LITE_OP_ALL_H_
#include "lite/op/registry.h"
#include "lite/op/channel_shuffle.h"
#include "lite/op/compress.h"
#include "lite/op/concat.h"
#include "lite/op/constant.h"
#include "lite/op/constant_of_shape.h"
#include "lite/op/control_flow.h"
#include "lite/op/conv.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/conv_integer.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/data_ops.h"
#include "lite/op/depth_to_space.h"
#include "lite/op/dequantize_linear.h"
#include "lite/op/dropout.h"
#include "lite/op/dynamic_quantize_linear.h"
#include "lite/op/einsum.h"
#include "lite/op/elemwise.h"
#include "lite/op/expand.h"
#include "lite/op/eye_like.h"
#include "lite/op/flatten.h"
#include "lite/op/fused_attention.h"
#include "lite/op/gather.h"
#include "lite/op/gather_elements.h"
#include "lite/op/gather_nd.h"
#include "lite/op/gemm.h"
#include "lite/op/grid_sample.h"
#include "lite/op/identity.h"
#include "lite/op/image_ops.h"
#include "lite/op/math_ops.h"
#include "lite/op/matmul.h"
#include "lite/op/matmul_integer.h"
#include "lite/op/non_max_suppression.h"
#include "lite/op/non_zero.h"
#include "lite/op/one_hot.h"
#include "lite/op/pad.h"
#include "lite/op/pool.h"
#include "lite/op/product_ops.h"
#include "lite/op/qlinear_concat.h"
#include "lite/op/qlinear_conv.h"
#include "lite/op/qlinear_elemwise.h"
#include "lite/op/qlinear_matmul.h"
#include "lite/op/qlinear_pool.h"
#include "lite/op/quantize_linear.h"
#include "lite/op/quantized_ops.h"
#include "lite/op/range.h"
#include "lite/op/recurrent.h"
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
#include "lite/op/space_to_depth.h"
#include "lite/op/split.h"
#include "lite/op/squeeze.h"
#include "lite/op/tile.h"
#include "lite/op/top_k.h"
#include "lite/op/transpose.h"
#include "lite/op/trilu.h"
#include "lite/op/unique.h"
#include "lite/op/unsqueeze.h"

LITE_NAMESPACE_BEGIN

using AllOps = Ops<
        ChannelShuffle,
        Compress,
        Concat,
        Constant,
        ConstantOfShape,
        Conv,
        ConvInteger,
        ConvTranspose,
        DepthToSpace,
        DequantizeLinear,
        Dropout,
        DynamicQuantizeLinear,
        DynamicQuantizeMatMul,
        Einsum,
        Elemwise,
        Expand,
        EyeLike,
        Flatten,
        FusedAttention,
        GRU,
        Gather,
        GatherElements,
        GatherND,
        Gemm,
        GridSample,
        Identity,
        If,
        LSTM,
        Loop,
        MatMul,
        MatMulInteger,
        MatMulIntegerToFloat,
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
        RNN,
        Range,
        Relayout,
        Reshape,
        Resize,
        ReverseSequence,
        RoiAlign,
        Scan,
        ScatterElements,
        ScatterND,
        ShapeOf,
        Size,
        Slice,
        SpaceToDepth,
        Split,
        Squeeze,
        Tile,
        TopK,
        Transpose,
        Trilu,
        Unique,
        Unsqueeze
        >;
#if !defined(LITE_OPS)
#define LITE_OPS AllOps
>>>>>>> 0265afe (Kernels of Concat, Split, Slice, Pad, Resize, ChannelShuffle in packed layouts)
#endif

LITE_INLINE Registry& registry() {
    static Registry* const r = [] {
        auto* made = new Registry;
#if defined(LITE_OPS)
        add_operators(LITE_OPS(), *made);
#else
        add_operators(DataOps(), *made);
        add_operators(ImageOps(), *made);
        add_operators(MathOps(), *made);
        add_operators(ProductOps(), *made);
        add_operators(QuantizedOps(), *made);
#endif
        return made;
    }();
    return *r;
}

LITE_NAMESPACE_END
#endif
