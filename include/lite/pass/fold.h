// Constant folding: what depends on no input is computed once, when the model is loaded.
#ifndef LITE_PASS_FOLD_H_
#define LITE_PASS_FOLD_H_
#include "lite/op/infer.h"

LITE_NAMESPACE_BEGIN

// Replaces nodes that depend on constants only (and Shape of known shapes) by their results, through the operators' references.
// A result larger than max_bytes is left to the run, unless it is no larger than what it is made from.
inline void fold_constants(Graph& g, int64_t max_bytes = int64_t{64} << 20) { infer_and_fold(g, {.fold = true, .max_bytes = max_bytes}); }

LITE_NAMESPACE_END
#endif
