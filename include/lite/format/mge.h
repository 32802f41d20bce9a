// MegEngine's model files: reading .mge of both formats into graphs.
#ifndef LITE_FORMAT_MGE_H_
#define LITE_FORMAT_MGE_H_
#include "lite/format/bytes.h"
#include "lite/graph/graph.h"

LITE_NAMESPACE_BEGIN

struct MgeOptions {
    bool compressed = false;  // tensors begin with a byte that says how they are compressed (Config::has_compression)
};

// Whether these are the first bytes of a .mge model (not packed, not encrypted); files that carry their own test inputs count.
inline bool is_mge(std::string_view file) {
    if (file.size() >= 12 && file.substr(0, 8) == "mgbtest0") file.remove_prefix(12);
    return file.size() >= 12 && (file.substr(0, 4) == "MGBC" || file.substr(0, 4) == "MGBS" || file.substr(8, 4) == "mgv2");
}

// The graph of the model; constants that need no conversion stay in `bytes`, which the graph keeps alive. Inputs take any extents; those
// of the file are their usual ones. Throws lite::Error if the bytes are no valid model, or with the whole list if operators are
// not supported, and always where FlatBuffers' headers were not found when lite was compiled.
Graph read_mge(const ModelBytes& bytes, const MgeOptions& options = {});

namespace detail {
// Writes a graph to a file: null unless format/mge_writer_impl.h is compiled into the program (lite::compiled, <lite/all_ops.h>).
inline void (*mge_file_writer)(const Graph& graph, const std::string& path) = nullptr;
}  // namespace detail

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/format/mge_impl.h"
#endif
#endif
