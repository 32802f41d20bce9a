// The refusals of ModelPacker.
#ifndef LITE_PACK_MODEL_IMPL_H_
#define LITE_PACK_MODEL_IMPL_H_
#include "lite/base/log.h"
#include "lite/pack_model.h"

LITE_NAMESPACE_BEGIN

namespace detail {
[[noreturn]] inline void no_packing(const std::string& packed_path) {
    logged([&] { fail("ModelPacker ", packed_path, ": this release reads packed models and does not write them"); });
    std::abort();
}
}  // namespace detail

LITE_INLINE ModelPacker::ModelPacker(std::string, std::string packed_model_path, std::string, std::string, std::string) {
    detail::no_packing(packed_model_path);
}
LITE_INLINE ModelPacker::ModelPacker(std::vector<uint8_t>, std::string packed_model_path, std::vector<uint8_t>, std::vector<uint8_t>,
                                     std::vector<uint8_t>) {
    detail::no_packing(packed_model_path);
}
LITE_INLINE void ModelPacker::set_header(std::string, std::string, bool) { detail::no_packing(""); }
LITE_INLINE void ModelPacker::pack_model() { detail::no_packing(""); }

LITE_NAMESPACE_END
#endif
