// Settings of the whole process: version, log level, decryption methods, parsers of model information, the algorithm cache.
#ifndef LITE_GLOBAL_H_
#define LITE_GLOBAL_H_
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lite/tensor.h"

LITE_NAMESPACE_BEGIN

struct Config;
struct NetworkIO;

// Gets the encrypted bytes and the key that was registered; gives the plain bytes.
using DecryptionFunc = std::function<std::vector<uint8_t>(const void* data, size_t size, const std::vector<uint8_t>& key)>;

// Reads the information that a packed model carries: fills `config` and `network_io`, puts what has no place there into
// `isolated_config_map` ("device_id" int, "number_threads" uint32_t, "enable_inplace_model" bool, "use_tensorrt" bool) and the text for
// Network::get_model_extra_info into `extra_info`. False: not of that type.
using ParseInfoFunc = std::function<bool(const void* info, size_t size, const std::string model_name, Config& config, NetworkIO& network_io,
                                         std::unordered_map<std::string, LiteAny>& isolated_config_map, std::string& extra_info)>;

// Makes a decryption method known by its name, which a packed model or Config::bare_model_cryption_name refers to. Throws if the
// name is taken. An empty function may be replaced later. Predefined: AES_default, RC4_default, SIMPLE_FAST_RC4_default.
LITE_API bool register_decryption_and_key(std::string decrypt_name, const DecryptionFunc& func, const std::vector<uint8_t>& key);
// Replaces the function, if `func` is not empty, and the key, if it is not empty. Throws for an unknown name.
LITE_API bool update_decryption_or_key(std::string decrypt_name, const DecryptionFunc& func, const std::vector<uint8_t>& key);
// Makes a parser of model information known. Throws if the name is taken. Predefined: LITE_default.
LITE_API bool register_parse_info_func(std::string info_type, const ParseInfoFunc& parse_func);

LITE_API void get_version(int& major, int& minor, int& patch);
// Messages below the level are not printed (on the standard error stream). ERROR at the start.
LITE_API void set_log_level(LiteLogLevel level);
LITE_API LiteLogLevel get_log_level();
// The number of processors for the CPU, 0 for other devices.
LITE_API size_t get_device_count(LiteDeviceType device_type);
// Gives memory that is kept for reuse back to the system.
LITE_API void try_coalesce_all_free_memory();
// Operators of the user's own are registered in code (lite::register_operator): this throws.
LITE_API void set_loader_lib_path(const std::string& loader_path);
// Choices made by measuring (LITE_ALGO_PROFILE) are read from that file, if it exists, and kept for dump_persistent_cache; with
// `always_sync` each is written at once.
LITE_API void set_persistent_cache(const std::string& cache_path, bool always_sync = false);
LITE_API void dump_persistent_cache(const std::string& cache_path);

// Of other devices: these throw.
LITE_API void set_tensor_rt_cache(std::string tensorrt_cache_path);
LITE_API void dump_tensor_rt_cache();
LITE_API bool register_memory_pair(void* vir_ptr, void* phy_ptr, size_t length, LiteDeviceType device,
                                   LiteBackend backend = LiteBackend::LITE_DEFAULT);
LITE_API bool clear_memory_pair(void* vir_ptr, void* phy_ptr, LiteDeviceType device, LiteBackend backend = LiteBackend::LITE_DEFAULT);
LITE_API void* lookup_physic_ptr(void* vir_ptr, LiteDeviceType device, LiteBackend backend = LiteBackend::LITE_DEFAULT);

LITE_NAMESPACE_END

#include "lite/network.h"  // after the declarations: in the header-only form it brings the definitions

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/global_impl.h"
#endif
#endif
