// The decryption methods and the parsers of model information that are known to this process.
#ifndef LITE_REGISTRIES_H_
#define LITE_REGISTRIES_H_
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "lite/base/error.h"
#include "lite/tensor.h"

LITE_NAMESPACE_BEGIN

struct Config;
struct NetworkIO;

// As in global.h, which this file does not need.
using DecryptionFunc = std::function<std::vector<uint8_t>(const void* data, size_t size, const std::vector<uint8_t>& key)>;
using ParseInfoFunc = std::function<bool(const void* info, size_t size, const std::string model_name, Config& config, NetworkIO& network_io,
                                         std::unordered_map<std::string, LiteAny>& isolated_config_map, std::string& extra_info)>;

// Decryption methods by name. Networks copy what they need, so that a method may be replaced while another thread loads.
class DecryptionRegistry {
public:
    struct Method {
        DecryptionFunc function;
        std::vector<uint8_t> key;
    };
    void add(const std::string& name, DecryptionFunc function, std::vector<uint8_t> key) {
        std::lock_guard lock(mutex_);
        check(methods_.emplace(name, Method{std::move(function), std::move(key)}).second, "The decryption method ", name,
              " is already registered.");
    }
    void update(const std::string& name, const DecryptionFunc& function, const std::vector<uint8_t>& key) {
        std::lock_guard lock(mutex_);
        const auto it = methods_.find(name);
        check(it != methods_.end(), "The decryption method ", name, " is not registered.");
        if (function) it->second.function = function;
        if (!key.empty()) it->second.key = key;
    }
    std::vector<uint8_t> decrypt(const std::string& name, const void* data, size_t size) const {
        Method m;
        {
            std::lock_guard lock(mutex_);
            const auto it = methods_.find(name);
            check(it != methods_.end(), "The decryption method ", name, " is not registed yet.");
            m = it->second;
        }
        check(static_cast<bool>(m.function), "No decryption function in ", name, " method.");
        return m.function(data, size, m.key);
    }
    size_t size() const {
        std::lock_guard lock(mutex_);
        return methods_.size();
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Method> methods_;
};

// Parsers of the information in packed models, by the name that the file gives.
class ParseInfoRegistry {
public:
    void add(const std::string& name, ParseInfoFunc function) {
        std::lock_guard lock(mutex_);
        check(functions_.emplace(name, std::move(function)).second, "The parse info method ", name, " is already registered.");
    }
    ParseInfoFunc find(const std::string& name) const {
        std::lock_guard lock(mutex_);
        const auto it = functions_.find(name);
        check(it != functions_.end(), "can't find model info parse function ", name, ".");
        return it->second;
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, ParseInfoFunc> functions_;
};

DecryptionRegistry& decryption_registry();
ParseInfoRegistry& parse_info_registry();

LITE_NAMESPACE_END
#endif
