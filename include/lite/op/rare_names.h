// What ONNX calls the operators of RareOps: known without them, so that an error can name their include.
#ifndef LITE_OP_RARE_NAMES_H_
#define LITE_OP_RARE_NAMES_H_
#include <string_view>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// Sorted; names of other domains follow their domain and a dot.
inline constexpr std::string_view kRareNames[] = {
        "AffineGrid",
        "Attention",
        "Bernoulli",
        "BitCast",
        "BlackmanWindow",
        "CausalConvWithState",
        "CenterCropPad",
        "Col2Im",
        "Compress",
        "ConcatFromSequence",
        "DFT",
        "DeformConv",
        "Det",
        "Einsum",
        "EyeLike",
        "GridSample",
        "HammingWindow",
        "HannWindow",
        "LinearAttention",
        "LpNormalization",
        "MaxRoiPool",
        "MaxUnpool",
        "MeanVarianceNormalization",
        "MelWeightMatrix",
        "Multinomial",
        "NegativeLogLikelihoodLoss",
        "Optional",
        "OptionalGetElement",
        "OptionalHasElement",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
        "RegexFullMatch",
        "ReverseSequence",
        "RoiAlign",
        "RotaryEmbedding",
        "STFT",
        "SequenceAt",
        "SequenceConstruct",
        "SequenceEmpty",
        "SequenceErase",
        "SequenceInsert",
        "SequenceLength",
        "SequenceMap",
        "SoftmaxCrossEntropyLoss",
        "SplitToSequence",
        "StringConcat",
        "StringNormalizer",
        "StringSplit",
        "SwiGLU",
        "TensorScatter",
        "TfIdfVectorizer",
        "Unique",
        "ai.onnx.ml.ArrayFeatureExtractor",
        "ai.onnx.ml.Binarizer",
        "ai.onnx.ml.CastMap",
        "ai.onnx.ml.CategoryMapper",
        "ai.onnx.ml.DictVectorizer",
        "ai.onnx.ml.FeatureVectorizer",
        "ai.onnx.ml.Imputer",
        "ai.onnx.ml.LabelEncoder",
        "ai.onnx.ml.LinearClassifier",
        "ai.onnx.ml.LinearRegressor",
        "ai.onnx.ml.Normalizer",
        "ai.onnx.ml.OneHotEncoder",
        "ai.onnx.ml.SVMClassifier",
        "ai.onnx.ml.SVMRegressor",
        "ai.onnx.ml.Scaler",
        "ai.onnx.ml.TreeEnsemble",
        "ai.onnx.ml.TreeEnsembleClassifier",
        "ai.onnx.ml.TreeEnsembleRegressor",
        "ai.onnx.ml.ZipMap",
        "ai.onnx.preview.FlexAttention",
        "com.microsoft.Attention",
        "com.microsoft.GatherBlockQuantized",
        "com.microsoft.GroupQueryAttention",
        "com.microsoft.Inverse",
        "com.microsoft.MultiHeadAttention",
        "com.microsoft.RotaryEmbedding",
        "com.microsoft.Tokenizer",
};
inline constexpr bool is_rare(std::string_view domain, std::string_view name) {
    for (std::string_view r : kRareNames)
        if (domain.empty() ? r == name : r.size() == domain.size() + 1 + name.size() && r.starts_with(domain) && r.ends_with(name) && r[domain.size()] == '.')
            return true;
    return false;
}

LITE_NAMESPACE_END
#endif
