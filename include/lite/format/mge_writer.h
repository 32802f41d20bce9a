// Graphs to MegEngine's model files.
#ifndef LITE_FORMAT_MGE_WRITER_H_
#define LITE_FORMAT_MGE_WRITER_H_
#include "lite/format/bytes.h"
#include "lite/graph/graph.h"

LITE_NAMESPACE_BEGIN

// The graph as a .mge model whose operators are MegEngine's own, those of its release 1.13. Inputs and outputs keep their names; an
// extent of an input that the graph leaves open is written as its usual one (Value::usual), an open batch (axis 0) as 1.
// Where a convolution's result has the layout nchw44 or nchw88 and the channels fit, it is written in that format, with RelayoutFormat
// at the borders. Convolutions and element-wise functions between DequantizeLinear and QuantizeLinear of one scale for each tensor
// are written as operators on QuantizedS8 or Quantized8Asymm.
// What is different there: integers of 64 bits become Int32, tensors without axes have one of extent 1, QuantizeLinear rounds halves away
// from zero. Throws lite::Error with the list of all operators that MegEngine has no form for, or if the shape of an input is open,
// a constant does not fit its type, the file would pass 2 GiB, or FlatBuffers' headers were not found when lite was compiled.
// Version 2 is what MegEngine writes today, 1 what its older releases read ("MGBC").
std::vector<std::byte> write_mge(const Graph& graph, int version = 2);
// The same to a file, which is there completely or not at all.
inline void write_mge(const Graph& graph, const std::string& path, int version = 2) { write_file(path, write_mge(graph, version)); }

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/format/mge_writer_impl.h"
#endif
#endif
