// The operators that few models use: they come with <lite/all_ops.h>, not with <lite/lite.h>.
#ifndef LITE_OP_RARE_OPS_H_
#define LITE_OP_RARE_OPS_H_
#include "lite/op/registry.h"
#include "lite/op/attention.h"
#include "lite/op/cast.h"
#include "lite/op/center_crop_pad.h"
#include "lite/op/classical.h"
#include "lite/op/compress.h"
#include "lite/op/contrib_attention.h"
#include "lite/op/correlation.h"
#include "lite/op/dequantize_bnb4.h"
#include "lite/op/dictionaries.h"
#include "lite/op/einsum.h"
#include "lite/op/eye_like.h"
#include "lite/op/gather_block_quantized.h"
#include "lite/op/grid_sample.h"
#include "lite/op/group_query_attention.h"
#include "lite/op/keep_boxes.h"
#include "lite/op/linear_attention.h"
#include "lite/op/losses.h"
#include "lite/op/matrix_inverse.h"
#include "lite/op/moved_roi_pool.h"
#include "lite/op/normalize.h"
#include "lite/op/random.h"
#include "lite/op/rare_images.h"
#include "lite/op/remap.h"
#include "lite/op/reverse_sequence.h"
#include "lite/op/roi_align.h"
#include "lite/op/roi_pool.h"
#include "lite/op/roi_samples.h"
#include "lite/op/rotary_embedding.h"
#include "lite/op/sequences.h"
#include "lite/op/signal.h"
#include "lite/op/strings.h"
#include "lite/op/support_vectors.h"
#include "lite/op/svd.h"
#include "lite/op/tokenizer.h"
#include "lite/op/unique.h"

LITE_NAMESPACE_BEGIN

// Adding one: its include and name here, and what ONNX calls it in `rare_names.h`.
using RareOps = Ops<
        AffineGrid,
        ArrayFeatureExtractor,
        Attention,
        Binarizer,
        BitCast,
        BlackmanWindow,
        CastMap,
        CategoryMapper,
        CausalConvWithState,
        CenterCropPad,
        Col2Im,
        Compress,
        ConcatFromSequence,
        Correlation,
        DFT,
        DeformConv,
        DequantizeBnb4,
        DequantizeNBits,
        Det,
        DictVectorizer,
        Einsum,
        EyeLike,
        FeatureVectorizer,
        FlexAttention,
        GatherBlockQuantized,
        GridSample,
        GroupQueryAttention,
        HammingWindow,
        HannWindow,
        Imputer,
        KeepBoxes,
        LabelEncoder,
        LinearAttention,
        LinearClassifier,
        LinearRegressor,
        LpNormalization,
        MatrixInverse,
        MaxUnpool,
        MeanVarianceNormalization,
        MelWeightMatrix,
        MovedRoiPool,
        MsAttention,
        MultiHeadAttention,
        NegativeLogLikelihoodLoss,
        Normalizer,
        OneHotEncoder,
        Optional,
        OptionalGetElement,
        OptionalHasElement,
        Random,
        RegexFullMatch,
        Remap,
        ReverseSequence,
        RoiAlign,
        RoiPool,
        RoiSamples,
        RotaryEmbedding,
        STFT,
        SVD,
        SVMClassifier,
        SVMRegressor,
        Scaler,
        SequenceAt,
        SequenceConstruct,
        SequenceEmpty,
        SequenceErase,
        SequenceInsert,
        SequenceLength,
        SequenceMap,
        SoftmaxCrossEntropyLoss,
        SplitToSequence,
        StringConcat,
        StringNormalizer,
        StringSplit,
        SwiGLU,
        TensorScatter,
        TfIdfVectorizer,
        Tokenizer,
        TreeEnsemble,
        TreeEnsembleClassifier,
        TreeEnsembleRegressor,
        Unique,
        WarpPerspective,
        ZipMap
        >;

#if defined(LITE_COMPILED) && !defined(LITE_IMPLEMENTATION)
extern template void add_operators(RareOps, Registry&, bool);
#endif

LITE_NAMESPACE_END
#endif
