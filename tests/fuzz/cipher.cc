// Any bytes through the three ciphers, with the usual keys and with one that the bytes begin with: they may be refused by a lite::Error,
// nothing else.
#include "lite/format/cipher.h"
#include "tests/fuzz/replay.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lite;
    const auto attempt = [](auto&& decrypt, const uint8_t* bytes, size_t n, const std::vector<uint8_t>& key) {
        try {
            if (decrypt(bytes, n, key).size() > n) std::abort();
        } catch (const Error&) {
        }
    };
    const size_t key_size = size == 0 ? 0 : std::min<size_t>(data[0], size - 1);
    const std::vector<uint8_t> key(data + (size != 0), data + (size != 0) + key_size);
    const uint8_t* rest = data + (size != 0) + key_size;
    const size_t n = static_cast<size_t>(data + size - rest);
    attempt(decrypt_rc4, data, size, default_rc4_key());
    attempt(decrypt_rc4, rest, n, key);
    attempt(decrypt_simple_fast_rc4, data, size, default_rc4_key());
    attempt(decrypt_simple_fast_rc4, rest, n, key);
    attempt(decrypt_aes, data, size, default_aes_key());
    attempt(decrypt_aes, rest, n, key);
    return 0;
}
