// The operators of convolutions, pooling, resampling.
#ifndef LITE_OP_IMAGE_OPS_H_
#define LITE_OP_IMAGE_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/channel_shuffle.h"
#include "lite/op/conv.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/conv_transpose.h"
#include "lite/op/pool.h"
#include "lite/op/preprocess.h"
#include "lite/op/resize.h"

LITE_NAMESPACE_BEGIN

using ImageOps = Ops<
        ChannelShuffle,
        Conv,
        ConvTranspose,
        Pool,
        Preprocess,
        Resize
        >;

LITE_NAMESPACE_END
#endif
