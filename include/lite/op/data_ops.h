// The operators of moving, picking and making data; control flow.
#ifndef LITE_OP_DATA_OPS_H_
#define LITE_OP_DATA_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/concat.h"
#include "lite/op/constant.h"
#include "lite/op/constant_of_shape.h"
#include "lite/op/control_flow.h"
#include "lite/op/depth_to_space.h"
#include "lite/op/dropout.h"
#include "lite/op/expand.h"
#include "lite/op/flatten.h"
#include "lite/op/gather.h"
#include "lite/op/gather_elements.h"
#include "lite/op/gather_nd.h"
#include "lite/op/identity.h"
#include "lite/op/non_max_suppression.h"
#include "lite/op/non_zero.h"
#include "lite/op/one_hot.h"
#include "lite/op/pad.h"
#include "lite/op/range.h"
#include "lite/op/relayout.h"
#include "lite/op/reshape.h"
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
#include "lite/op/unsqueeze.h"

LITE_NAMESPACE_BEGIN

using DataOps = Ops<
        Concat,
        Constant,
        ConstantOfShape,
        DepthToSpace,
        Dropout,
        Expand,
        Flatten,
        Gather,
        GatherElements,
        GatherND,
        Identity,
        If,
        Loop,
        NonMaxSuppression,
        NonZero,
        OneHot,
        Pad,
        Range,
        Relayout,
        Reshape,
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
        Unsqueeze
        >;

LITE_NAMESPACE_END
#endif
