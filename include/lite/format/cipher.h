// The three ciphers that files of MegEngine may be encrypted with, as their readers need them: bytes and key to plain bytes.
#ifndef LITE_FORMAT_CIPHER_H_
#define LITE_FORMAT_CIPHER_H_
#include <array>
#include <cstring>

#include "lite/base/error.h"

// AES comes from nettle: defined by the CMake target lite::cryption, which also links it.
#if defined(LITE_WITH_NETTLE)
#include <nettle/aes.h>
#include <nettle/cbc.h>
#endif

LITE_NAMESPACE_BEGIN
namespace detail {

inline uint64_t read_u64(const uint8_t* p) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
}
// The 64-bit hash over words of these files.
class FileHash {
public:
    explicit FileHash(uint64_t seed) : h_(seed) {}
    void feed(uint64_t v) {
        v ^= v >> 23;
        v *= 0x2127599BF4325C37u;
        v ^= v >> 47;
        h_ ^= v;
        h_ *= 0x880355F21E6D1965u;
    }
    uint64_t value() const { return h_; }

private:
    uint64_t h_;
};
// MegEngine's relative of RC4 as a stream of words.
class Rc4Stream {
public:
    explicit Rc4Stream(uint64_t key) {
        for (size_t i = 0; i < 256; ++i) s_[i] = static_cast<uint8_t>(i);
        for (size_t i = 0; i < 256; ++i) {
            j_ = static_cast<uint8_t>(j_ + s_[i] + static_cast<uint8_t>(key >> (i % 8 * 8)));
            std::swap(s_[i], s_[j_]);
        }
        j_ = 0;
        for (int k = 0; k < 768; ++k) next();
        for (int t = next(); t > 0; --t) next();
    }
    uint64_t word() {
        uint64_t w = 0;
        for (int k = 0; k < 64; k += 8) w |= static_cast<uint64_t>(next()) << k;
        return w;
    }

private:
    uint8_t next() {
        ++i_;
        const uint8_t a = s_[i_];
        j_ = static_cast<uint8_t>(j_ + a);
        const uint8_t b = s_[j_];
        s_[i_] = b;
        s_[j_] = a;
        const auto at = [&](int index) { return s_[static_cast<uint8_t>(index)]; };
        const int c = at((i_ << 5) ^ (j_ >> 3)) + at((j_ << 5) ^ (i_ >> 3));
        return static_cast<uint8_t>((at(a + b) + at(static_cast<uint8_t>(c) ^ 0xAA)) ^ at(j_ + b));
    }
    std::array<uint8_t, 256> s_{};
    uint8_t i_ = 0, j_ = 0;
};
inline void check_rc4(std::string_view name, size_t size, const std::vector<uint8_t>& key) {
    check(key.size() >= 16, name, ": the key has ", key.size(), " bytes, it begins with two words of 8");
    check(size >= 8 && size % 8 == 0, name, ": ", size, " encrypted bytes are no whole number of words with a checksum");
}

}  // namespace detail

// Both give whole words: up to 7 zeros follow the plain data, whose size the files do not tell.
inline std::vector<uint8_t> decrypt_rc4(const void* data, size_t size, const std::vector<uint8_t>& key) {
    detail::check_rc4("RC4_default", size, key);
    const uint64_t hash_key = detail::read_u64(key.data());
    detail::Rc4Stream stream(detail::read_u64(key.data() + 8));
    detail::FileHash after(hash_key);
    std::vector<uint8_t> out(size);
    uint64_t x = 0;
    for (size_t i = 0; i < size; i += 8) {
        x = detail::read_u64(static_cast<const uint8_t*>(data) + i) ^ stream.word();
        if (i + 8 < size) after.feed(x);
        std::memcpy(out.data() + i, &x, 8);
    }
    const uint64_t plain_hash = x ^ after.value();
    detail::Rc4Stream inner(plain_hash);
    detail::FileHash check_hash(hash_key);
    for (size_t i = 0; i + 8 < size; i += 8) {
        x = detail::read_u64(out.data() + i) ^ inner.word();
        check_hash.feed(x);
        std::memcpy(out.data() + i, &x, 8);
    }
    check(check_hash.value() == plain_hash,
          "RC4_default: The checksum of the file cannot be verified. The file may be encrypted in the wrong algorithm or different keys.");
    out.resize(size - 8);
    return out;
}
inline std::vector<uint8_t> decrypt_simple_fast_rc4(const void* data, size_t size, const std::vector<uint8_t>& key) {
    detail::check_rc4("SIMPLE_FAST_RC4_default", size, key);
    detail::Rc4Stream stream(detail::read_u64(key.data() + 8));
    detail::FileHash sum(detail::read_u64(key.data()));
    std::vector<uint8_t> out(size - 8);
    const auto* words = static_cast<const uint8_t*>(data);
    for (size_t i = 0; i + 8 < size; i += 8) sum.feed(detail::read_u64(words + i));
    check(detail::read_u64(words + size - 8) == sum.value(),
          "SIMPLE_FAST_RC4_default: The checksum of the file cannot be verified. The file may be encrypted in the wrong algorithm or different keys.");
    for (size_t i = 0; i + 8 < size; i += 8) {
        const uint64_t x = detail::read_u64(words + i) ^ stream.word();
        std::memcpy(out.data() + i, &x, 8);
    }
    return out;
}

// AES-256-CBC with PKCS#7 padding: 16 bytes of IV, the blocks, and the plain length in 8 bytes, the highest first.
inline std::vector<uint8_t> decrypt_aes(const void* data, size_t size, const std::vector<uint8_t>& key) {
#if defined(LITE_WITH_NETTLE)
    check(key.size() == AES256_KEY_SIZE, "AES_default: the key has ", key.size(), " bytes, expected 32");
    check(size >= 24 && (size - 24) % 16 == 0, "AES_default: ", size, " encrypted bytes are not an IV of 16, blocks of 16, and a length of 8");
    const auto* p = static_cast<const uint8_t*>(data);
    uint64_t length = 0;
    for (size_t i = size - 8; i < size; ++i) length = length << 8 | p[i];
    check(length <= size - 24, "AES_default: a plain length of ", length, " in ", size, " encrypted bytes: wrong algorithm or damaged file");
    aes256_ctx context;
    aes256_set_decrypt_key(&context, key.data());
    uint8_t iv[16];
    std::memcpy(iv, p, 16);
    std::vector<uint8_t> out(size - 24);
    if (!out.empty()) cbc_decrypt(&context, reinterpret_cast<nettle_cipher_func*>(&aes256_decrypt), 16, iv, out.size(), out.data(), p + 16);
    out.resize(static_cast<size_t>(length));
    return out;
#else
    (void)data, (void)size, (void)key;
    fail("AES_default: this program was built without AES; link the CMake target lite::cryption (which needs nettle), or register a function of "
         "your own by update_decryption_or_key");
#endif
}

// The keys that the original registers for them.
inline std::vector<uint8_t> default_aes_key() {
    std::vector<uint8_t> k(32);
    for (size_t i = 0; i < 32; ++i) k[i] = static_cast<uint8_t>(i);
    return k;
}
inline std::vector<uint8_t> default_rc4_key() {
    std::vector<uint8_t> k = {0x6C, 0x69, 0x65, 0x6A, 0x67, 0x66, 0x6B, 0x68, 0x7C, 0x7F, 0x7E, 0x79, 0x78, 0x7D, 0x7B, 0x7A};
    k.resize(128);
    return k;
}

LITE_NAMESPACE_END
#endif
