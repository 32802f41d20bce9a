// What a packed model says of itself: JSON, read into the configuration of a network.
#ifndef LITE_MODEL_INFO_H_
#define LITE_MODEL_INFO_H_
#include <string>
#include <unordered_map>

#include "lite/tensor.h"

LITE_NAMESPACE_BEGIN

struct Config;
struct NetworkIO;

// The parser "LITE_default" (a ParseInfoFunc).
bool parse_default_info(const void* info, size_t size, const std::string model_name, Config& config, NetworkIO& network_io,
                        std::unordered_map<std::string, LiteAny>& isolated_config_map, std::string& extra_info);
// The text at the key "name" of such JSON.
std::string name_in_info(const void* info, size_t size);

LITE_NAMESPACE_END

#include "lite/network.h"  // after the declarations: in the header-only form it brings the definitions

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/model_info_impl.h"
#endif
#endif
