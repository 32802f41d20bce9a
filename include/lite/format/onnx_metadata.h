// The notes that an ONNX file carries beside its graph (metadata_props): class names, alphabets, training settings.
#ifndef LITE_FORMAT_ONNX_METADATA_H_
#define LITE_FORMAT_ONNX_METADATA_H_
#include "lite/format/bytes.h"
#include "lite/format/onnx_wire.h"

LITE_NAMESPACE_BEGIN

// Keys and values in the order of the file.
inline std::vector<std::pair<std::string, std::string>> read_onnx_metadata(const ModelBytes& bytes) {
    std::vector<std::pair<std::string, std::string>> out;
    WireReader model(bytes.text(), bytes.text().data(), "ModelProto");
    while (model.next()) {
        if (model.tag() != 14) {
            model.skip();
            continue;
        }
        WireReader entry = model.message("StringStringEntryProto");
        std::pair<std::string, std::string> e;
        while (entry.next()) switch (entry.tag()) {
                case 1: e.first = entry.bytes(); break;
                case 2: e.second = entry.bytes(); break;
                default: entry.skip();
            }
        out.push_back(std::move(e));
    }
    return out;
}
inline std::vector<std::pair<std::string, std::string>> read_onnx_metadata(const std::string& path) { return read_onnx_metadata(open_model(path)); }

LITE_NAMESPACE_END
#endif
