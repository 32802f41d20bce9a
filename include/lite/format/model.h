// A model file of any format that is read here: told by its first bytes.
#ifndef LITE_FORMAT_MODEL_H_
#define LITE_FORMAT_MODEL_H_
#include "lite/format/onnx_reader.h"

LITE_NAMESPACE_BEGIN

inline Graph read_model(const ModelBytes& bytes) {
    const std::string_view t = bytes.text();
    check(!t.starts_with("mgv2") && !t.starts_with("MGBC") && !t.starts_with("MGBS") && !t.starts_with("mgbtest0"),
          "invalid model format: a MegEngine file (", t.substr(0, 4), "), which this release does not read");
    return read_onnx(bytes);
}

LITE_NAMESPACE_END
#endif
