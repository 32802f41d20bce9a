// The definitions of the settings of the whole process.
#ifndef LITE_GLOBAL_IMPL_H_
#define LITE_GLOBAL_IMPL_H_
#include <thread>

#include "lite/algo_cache.h"
#include "lite/base/log.h"
#include "lite/format/cipher.h"
#include "lite/global.h"
#include "lite/model_info.h"
#include "lite/registries.h"

LITE_NAMESPACE_BEGIN

LITE_INLINE DecryptionRegistry& decryption_registry() {
    static auto* const r = [] {
        auto* d = new DecryptionRegistry;
        d->add("AES_default", decrypt_aes, default_aes_key());
        d->add("RC4_default", decrypt_rc4, default_rc4_key());
        d->add("SIMPLE_FAST_RC4_default", decrypt_simple_fast_rc4, default_rc4_key());
        return d;
    }();
    return *r;
}
LITE_INLINE ParseInfoRegistry& parse_info_registry() {
    static auto* const r = [] {
        auto* p = new ParseInfoRegistry;
        p->add("LITE_default", parse_default_info);
        return p;
    }();
    return *r;
}
LITE_INLINE AlgoCache& algo_cache() {
    static auto* const c = new AlgoCache;
    return *c;
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
LITE_INLINE void try_coalesce_all_free_memory() { release_free_memory(); }
LITE_INLINE void set_loader_lib_path(const std::string& loader_path) {
    logged([&] { fail("failed to open c opr lib ", loader_path, ": operators of the user's own are registered in code, by lite::register_operator"); });
}
LITE_INLINE void set_persistent_cache(const std::string& cache_path, bool always_sync) {
    logged([&] {
        if (algo_cache().in_use()) log(LogLevel::warn, "set_persistent_cache ", cache_path, ": a cache is set already; it takes what the file holds");
        algo_cache().open(cache_path, always_sync);
    });
}
LITE_INLINE void dump_persistent_cache(const std::string& cache_path) {
    logged([&] { write_file(cache_path, algo_cache().bytes()); });
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
