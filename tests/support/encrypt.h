// Encrypting what the library only decrypts.
#ifndef LITE_TESTS_SUPPORT_ENCRYPT_H_
#define LITE_TESTS_SUPPORT_ENCRYPT_H_
#include <cstring>
#include <string>
#include <vector>

#include "lite/format/cipher.h"

namespace lite_test {
using namespace lite;

// The plain side of the two streams, written down from their description on its own.
struct Rc4 {
    uint8_t s[256], i = 0, j = 0;
    explicit Rc4(uint64_t key) {
        for (int k = 0; k < 256; ++k) s[k] = static_cast<uint8_t>(k);
        uint8_t a = 0;
        for (int k = 0; k < 256; ++k) {
            a = static_cast<uint8_t>(a + s[k] + (key >> (8 * (k % 8)) & 255));
            const uint8_t t = s[k];
            s[k] = s[a];
            s[a] = t;
        }
        for (int k = 0; k < 768; ++k) next();
        const int more = next();
        for (int k = 0; k < more; ++k) next();
    }
    uint8_t next() {
        i = static_cast<uint8_t>(i + 1);
        const int a = s[i];
        j = static_cast<uint8_t>(j + a);
        const int b = s[j];
        s[i] = static_cast<uint8_t>(b);
        s[j] = static_cast<uint8_t>(a);
        const int c = (s[((i << 5) ^ (j >> 3)) & 255] + s[((j << 5) ^ (i >> 3)) & 255]) & 255;
        return static_cast<uint8_t>(((s[(a + b) & 255] + s[c ^ 0xAA]) & 255) ^ s[(j + b) & 255]);
    }
    uint64_t word() {
        uint8_t w[8];
        for (uint8_t& x : w) x = next();
        uint64_t v;
        std::memcpy(&v, w, 8);
        return v;
    }
};
inline uint64_t hash(uint64_t seed, const std::vector<uint64_t>& words) {
    const uint8_t m0[] = {0x37, 0x5C, 0x32, 0xF4, 0x9B, 0x59, 0x27, 0x21}, m1[] = {0x65, 0x19, 0x6D, 0x1E, 0xF2, 0x55, 0x03, 0x88};
    uint64_t a, b, h = seed;
    std::memcpy(&a, m0, 8);
    std::memcpy(&b, m1, 8);
    for (uint64_t v : words) {
        v = (v ^ (v >> 23)) * a;
        h = (h ^ v ^ (v >> 47)) * b;
    }
    return h;
}
inline std::vector<uint8_t> encrypt(const std::string& method, std::vector<uint8_t> plain, const std::vector<uint8_t>& key) {
    if (method == "NONE") return plain;
#if defined(LITE_WITH_NETTLE)
    if (method == "AES_default") {
        const size_t size = plain.size(), padding = 16 - size % 16;
        plain.insert(plain.end(), padding, static_cast<uint8_t>(padding));
        aes256_ctx context;
        aes256_set_encrypt_key(&context, key.data());
        uint8_t iv[16];
        for (int i = 0; i < 16; ++i) iv[i] = static_cast<uint8_t>(i * 7);
        std::vector<uint8_t> out(iv, iv + 16);
        out.resize(16 + plain.size());
        cbc_encrypt(&context, reinterpret_cast<nettle_cipher_func*>(&aes256_encrypt), 16, iv, plain.size(), out.data() + 16, plain.data());
        for (int i = 56; i >= 0; i -= 8) out.push_back(static_cast<uint8_t>(size >> i));
        return out;
    }
#endif
    plain.resize((plain.size() + 7) / 8 * 8);
    std::vector<uint64_t> p(plain.size() / 8), x;
    std::memcpy(p.data(), plain.data(), plain.size());
    uint64_t hash_key, stream_key;
    std::memcpy(&hash_key, key.data(), 8);
    std::memcpy(&stream_key, key.data() + 8, 8);
    Rc4 e(stream_key);
    std::vector<uint64_t> out;
    if (method == "RC4_default") {
        const uint64_t h = hash(hash_key, p);
        Rc4 a(h);
        for (uint64_t w : p) {
            x.push_back(w ^ a.word());
            out.push_back(x.back() ^ e.word());
        }
        out.push_back(h ^ hash(hash_key, x) ^ e.word());
    } else {
        for (uint64_t w : p) {
            x.push_back(w ^ e.word());
            out.push_back(x.back());
        }
        out.push_back(hash(hash_key, x));
        out.back() ^= 0;
    }
    std::vector<uint8_t> b(out.size() * 8);
    std::memcpy(b.data(), out.data(), b.size());
    return b;
}
inline std::vector<uint8_t> key_of(const std::string& method) { return method == "AES_default" ? default_aes_key() : default_rc4_key(); }

}  // namespace lite_test
#endif
