// Shapes and dtypes of all values of a graph.
#ifndef LITE_PASS_INFER_H_
#define LITE_PASS_INFER_H_
#include "lite/op/infer.h"

LITE_NAMESPACE_BEGIN

// Writes dtype, shape and symbols into every value; nodes stay. Small values that shapes depend on are computed on the way
// (64 KiB holds any shape arithmetic), so a Reshape behind Shape, Gather and Concat is known when the input's shape is.
inline void infer_shapes(Graph& g) { infer_and_fold(g, {.fold = false, .max_bytes = int64_t{64} << 10}); }

LITE_NAMESPACE_END
#endif
