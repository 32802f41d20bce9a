// ONNX files: reading, checking, writing.
#ifndef LITE_FORMAT_ONNX_H_
#define LITE_FORMAT_ONNX_H_
#include "lite/format/onnx_reader.h"
#include "lite/format/onnx_writer.h"

#endif
