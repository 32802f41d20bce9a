// The definitions of ModelPacker.
#ifndef LITE_PACK_MODEL_IMPL_H_
#define LITE_PACK_MODEL_IMPL_H_
#include "lite/algo_cache.h"
#include "lite/base/log.h"
#include "lite/format/pack.h"
#include "lite/model_info.h"
#include "lite/pack_model.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline std::vector<uint8_t> bytes_of_file(const std::string& path) {
    if (path.empty()) return {};
    const FileBytes f = map_file(path);
    const auto* p = reinterpret_cast<const uint8_t*>(f.data.get());
    return {p, p + f.size};
}
}  // namespace detail

LITE_INLINE ModelPacker::ModelPacker(std::string model_path, std::string packed_model_path, std::string info_data_path,
                                     std::string info_algo_policy_path, std::string info_binary_cache_path)
        : path_(std::move(packed_model_path)) {
    logged([&] {
        model_ = detail::bytes_of_file(model_path);
        info_ = detail::bytes_of_file(info_data_path);
        algo_policy_ = detail::bytes_of_file(info_algo_policy_path);
        binary_cache_ = detail::bytes_of_file(info_binary_cache_path);
    });
}
LITE_INLINE ModelPacker::ModelPacker(std::vector<uint8_t> model_data, std::string packed_model_path, std::vector<uint8_t> info_data,
                                     std::vector<uint8_t> info_algo_policy_data, std::vector<uint8_t> info_binary_cache_data)
        : path_(std::move(packed_model_path)), model_(std::move(model_data)), info_(std::move(info_data)), algo_policy_(std::move(info_algo_policy_data)),
          binary_cache_(std::move(info_binary_cache_data)) {}
LITE_INLINE void ModelPacker::set_header(std::string model_decryption_method, std::string info_decryption_method, bool is_fast_run_cache) {
    logged([&] {
        header_.model_decryption_method = std::move(model_decryption_method);
        header_.info_decryption_method = std::move(info_decryption_method);
        header_.fb32.is_fast_run_cache = is_fast_run_cache;
        if (!info_.empty()) header_.name = name_in_info(info_.data(), info_.size());
    });
}
LITE_INLINE void ModelPacker::pack_model() {
    logged([&] {
        check(!model_.empty(), "ModelPacker: the model is empty");
        static constexpr std::string_view no_info = "{\"valid\": false}";
        const auto span = [](const std::vector<uint8_t>& v) { return std::as_bytes(std::span(v)); };
        PackedModel p;
        std::vector<std::byte> policy;
        const bool again = is_packed({reinterpret_cast<const char*>(model_.data()), model_.size()});
        if (again) {
            p = read_packed(span(model_));
        } else {
            p.name = header_.name;
            p.model_decryption_method = header_.model_decryption_method;
            p.info_decryption_method = header_.info_decryption_method;
            p.info_parse_method = header_.info_parse_method;
            p.info_cache_parse_method = header_.info_cache_parse_method;
            p.is_fast_run_cache = header_.fb32.is_fast_run_cache;
            p.info = std::as_bytes(std::span(no_info));
            p.model = span(model_);
        }
        if (!info_.empty()) p.info = span(info_);
        if (!algo_policy_.empty()) {
            AlgoCache merged;
            merged.merge(p.algo_policy, "the algorithm policy in the packed model");
            merged.merge(span(algo_policy_), "the algorithm policy");
            policy = merged.bytes();
            p.algo_policy = policy;
        } else if (!again && p.is_fast_run_cache && algo_cache().in_use()) {
            policy = algo_cache().bytes();
            p.algo_policy = policy;
        }
        if (!binary_cache_.empty()) p.binary_cache = span(binary_cache_);
        write_file(path_, write_packed(p));
    });
}

LITE_NAMESPACE_END
#endif
