// A model file of any format that is read here: told by its first bytes.
#ifndef LITE_FORMAT_MODEL_H_
#define LITE_FORMAT_MODEL_H_
#include "lite/format/mge.h"
#include "lite/format/onnx_reader.h"

LITE_NAMESPACE_BEGIN

inline Graph read_model(const ModelBytes& bytes, const MgeOptions& mge = {}) { return is_mge(bytes.text()) ? read_mge(bytes, mge) : read_onnx(bytes); }

LITE_NAMESPACE_END
#endif
