// Writing packed models: one file with a model, its information, and the choices that measuring made.
#ifndef LITE_PACK_MODEL_H_
#define LITE_PACK_MODEL_H_
#include <cstdint>
#include <string>
#include <vector>

#include "lite/common_enum.h"
#include "lite/macro.h"

LITE_NAMESPACE_BEGIN

struct LITE_API FeatureBits32 {
    uint32_t is_fast_run_cache : 1;
    uint32_t : 31;
};

struct LITE_API Header {
    std::string name;
    std::string model_decryption_method;
    std::string info_decryption_method;
    std::string info_parse_method = "LITE_default";
    std::string info_cache_parse_method = "LITE_parse_cache";
    FeatureBits32 fb32 = {};
};

//     lite::ModelPacker packer("model.mge", "model.lite", "info.json");
//     packer.set_header();
//     packer.pack_model();
//
// A model that is packed already keeps its header and model; information that is given takes the place of its own, an algorithm policy
// is joined to its own. Throws lite::Error; the information is JSON (lite::packed).
class LITE_API ModelPacker {
public:
    // Files, of which the first two are needed.
    ModelPacker(std::string model_path, std::string packed_model_path, std::string info_data_path = "",
                std::string info_algo_policy_path = "", std::string info_binary_cache_path = "");
    ModelPacker(std::vector<uint8_t> model_data, std::string packed_model_path, std::vector<uint8_t> info_data = {},
                std::vector<uint8_t> info_algo_policy_data = {}, std::vector<uint8_t> info_binary_cache_data = {});
    // How the model and the information are encrypted: they must be given so; only the plain information tells the name of the
    // model. `is_fast_run_cache`: without an algorithm policy, that of this process (lite::set_persistent_cache) is packed.
    void set_header(std::string model_decryption_method = "NONE", std::string info_decryption_method = "NONE",
                    bool is_fast_run_cache = true);
    void pack_model();

private:
    std::string path_;
    std::vector<uint8_t> model_, info_, algo_policy_, binary_cache_;
    Header header_;
};

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/pack_model_impl.h"
#endif
#endif
