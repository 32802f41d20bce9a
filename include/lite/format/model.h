// A model file of any format that is read here: told by its first bytes.
#ifndef LITE_FORMAT_MODEL_H_
#define LITE_FORMAT_MODEL_H_
#include "lite/format/mge.h"
#include "lite/format/onnx_reader.h"
#include "lite/format/prepared.h"

LITE_NAMESPACE_BEGIN

// Protobuf has no end of its own: up to 7 zeros behind the last field, which ciphers of whole words leave there, are taken away.
inline ModelBytes without_padding(ModelBytes bytes) {
    const std::string_view t = bytes.text();
    size_t at = 0;
    const auto varint = [&] {
        uint64_t v = 0;
        for (int shift = 0; shift < 64 && at < t.size(); shift += 7) {
            const auto b = static_cast<uint8_t>(t[at++]);
            v |= static_cast<uint64_t>(b & 0x7F) << shift;
            if (b < 0x80) return v;
        }
        at = t.size();
        return v;
    };
    while (at < t.size()) {
        const std::string_view rest = t.substr(at);
        if (rest.size() < 8 && rest.find_first_not_of('\0') == std::string_view::npos) {
            bytes.size = at;
            break;
        }
        const uint64_t tag = varint();
        if ((tag & 7) == 0) {
            varint();
        } else {
            const uint64_t n = (tag & 7) == 2 ? varint() : (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : UINT64_MAX;
            if (n > t.size() - at) break;
            at += static_cast<size_t>(n);
        }
    }
    return bytes;
}

// Whether the bytes begin as a file that is read here: an .mge file's magic, or a field of ONNX's ModelProto.
inline bool begins_like_model(std::string_view t) {
    const uint8_t first = t.empty() ? 0 : static_cast<uint8_t>(t[0]), wire = first & 7u;
    return is_mge(t) || (first >= 8 && (wire == 0 || wire == 2));
}
// What loading may take from a prepared model; null if the file is none.
inline std::shared_ptr<const PreparedModel> open_prepared(const ModelBytes& file) {
    return is_prepared(file.text()) ? std::make_shared<const PreparedModel>(read_prepared(file)) : nullptr;
}
inline Graph read_model(const ModelBytes& bytes, const MgeOptions& mge = {}) {
    if (const auto prepared = open_prepared(bytes)) return read_model(prepared->model, mge);
    return is_mge(bytes.text()) ? read_mge(bytes, mge) : read_onnx(without_padding(bytes));
}

LITE_NAMESPACE_END
#endif
