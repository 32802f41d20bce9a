// The definitions of the settings of the whole process.
#ifndef LITE_GLOBAL_IMPL_H_
#define LITE_GLOBAL_IMPL_H_
#include <thread>

#include "lite/base/log.h"
#include "lite/global.h"
#include "lite/registries.h"

LITE_NAMESPACE_BEGIN

LITE_INLINE DecryptionRegistry& decryption_registry() {
    static auto* const r = new DecryptionRegistry;
    return *r;
}
LITE_INLINE ParseInfoRegistry& parse_info_registry() {
    static auto* const r = new ParseInfoRegistry;
    return *r;
}

LITE_INLINE bool register_decryption_and_key(std::string decrypt_name, const DecryptionFunc& func, const std::vector<uint8_t>& key) {
    logged([&] { decryption_registry().add(decrypt_name, func, key); });
    return true;
}
LITE_INLINE bool update_decryption_or_key(std::string decrypt_name, const DecryptionFunc& func, const std::vector<uint8_t>& key) {
    logged([&] { decryption_registry().update(decrypt_name, func, key); });
    return true;
}
LITE_INLINE bool register_parse_info_func(std::string info_type, const ParseInfoFunc& parse_func) {
    logged([&] { parse_info_registry().add(info_type, parse_func); });
    return true;
}

LITE_INLINE void get_version(int& major, int& minor, int& patch) {
    major = LITE_VERSION_MAJOR;
    minor = LITE_VERSION_MINOR;
    patch = LITE_VERSION_PATCH;
}
LITE_INLINE void set_log_level(LiteLogLevel level) { log_level().store(static_cast<int>(level), std::memory_order_relaxed); }
LITE_INLINE LiteLogLevel get_log_level() { return static_cast<LiteLogLevel>(log_level().load(std::memory_order_relaxed)); }
LITE_INLINE size_t get_device_count(LiteDeviceType device_type) {
    const bool cpu = device_type == LITE_CPU || device_type == LITE_DEVICE_DEFAULT;
    return cpu ? std::max(1u, std::thread::hardware_concurrency()) : 0u;
}
LITE_INLINE void try_coalesce_all_free_memory() {}
LITE_INLINE void set_loader_lib_path(const std::string& loader_path) {
    logged([&] { fail("failed to open c opr lib ", loader_path, ": operators of the user's own are registered in code, by lite::register_operator"); });
}
LITE_INLINE void set_persistent_cache(const std::string& cache_path, bool) {
    logged([&] { fail("set_persistent_cache ", cache_path, ": this release does not keep the choices of algorithms in files"); });
}
LITE_INLINE void dump_persistent_cache(const std::string& cache_path) {
    logged([&] { fail("dump_persistent_cache ", cache_path, ": this release does not keep the choices of algorithms in files"); });
}
LITE_INLINE void set_tensor_rt_cache(std::string) {
    logged([] { fail("TensorRT is disable at compile time."); });
}
LITE_INLINE void dump_tensor_rt_cache() {
    logged([] { fail("TensorRT is disable at compile time."); });
}
LITE_INLINE bool register_memory_pair(void*, void*, size_t, LiteDeviceType, LiteBackend) {
    logged([] { fail("register_memory_pair is not implement yet!"); });
    return false;
}
LITE_INLINE bool clear_memory_pair(void*, void*, LiteDeviceType, LiteBackend) {
    logged([] { fail("clear_memory_pair is not implement yet!"); });
    return false;
}
LITE_INLINE void* lookup_physic_ptr(void*, LiteDeviceType, LiteBackend) {
    logged([] { fail("lookup_physic_ptr is not implement yet!"); });
    return nullptr;
}

LITE_NAMESPACE_END
#endif
