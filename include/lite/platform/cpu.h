// What this CPU can run: exactly the features that the Highway targets compile for, plus the operating system's support.
#ifndef LITE_PLATFORM_CPU_H_
#define LITE_PLATFORM_CPU_H_
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>

#include "lite/base/config.h"
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

LITE_NAMESPACE_BEGIN

struct Cpu {
    bool avx2 = false;     // AVX2, FMA, BMI1/2, F16C, PCLMUL, AES: Highway's AVX2
    bool avx3 = false;     // and AVX-512 F, DQ, BW, VL: Highway's AVX3
    bool vnni = false;     // and AVX-512 VNNI: 4-way int8 dot products
    bool avx_vnni = false; // AVX2 and AVX-VNNI: the same on 256 bits
    bool halves_512 = false; // its units have 256 bits: an AVX-512 multiply-add takes them twice (Zen 4)
};

inline Cpu detect_cpu() {
    Cpu c;
#if defined(__x86_64__) || defined(__i386__)
    unsigned a, b, c1, d;
    if (!__get_cpuid(1, &a, &b, &c1, &d)) return c;
    const auto has = [](unsigned r, std::initializer_list<int> bits) {
        for (int i : bits)
            if (!((r >> i) & 1u)) return false;
        return true;
    };
    const bool sse4 = has(c1, {0, 1, 9, 19, 20, 25});  // SSE3, PCLMUL, SSSE3, SSE4.1, SSE4.2, AES
    uint32_t xcr0 = 0;
    if (has(c1, {27})) {  // OSXSAVE
        uint32_t high;
        __asm__ volatile("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
    }
    unsigned a7 = 0, b7 = 0, c7 = 0, d7 = 0, a71 = 0, b71 = 0, c71 = 0, d71 = 0;
    __get_cpuid_count(7, 0, &a7, &b7, &c7, &d7);
    if (a7 >= 1) __get_cpuid_count(7, 1, &a71, &b71, &c71, &d71);
    c.avx2 = sse4 && (xcr0 & 6) == 6 && has(c1, {12, 28, 29}) && has(b7, {3, 5, 8});  // FMA AVX F16C; BMI1 AVX2 BMI2
    c.avx3 = c.avx2 && (xcr0 & 0xE6) == 0xE6 && has(b7, {16, 17, 30, 31});
    c.vnni = c.avx3 && has(c7, {11});
    c.avx_vnni = c.avx2 && has(a71, {4});
    char maker[13] = {};
    unsigned r[4] = {};
    __get_cpuid(0, &r[0], &r[1], &r[2], &r[3]);
    std::memcpy(maker, &r[1], 4);
    std::memcpy(maker + 4, &r[3], 4);
    std::memcpy(maker + 8, &r[2], 4);
    c.halves_512 = c.avx3 && std::strcmp(maker, "AuthenticAMD") == 0 && (a >> 8 & 15) + (a >> 20 & 255) == 0x19;  // family
#endif
    return c;
}
// What the maker calls it, to tell machines apart.
inline std::string cpu_name() {
#if defined(__x86_64__) || defined(__i386__)
    unsigned r[4] = {};
    char name[49] = {};
    for (unsigned i = 0; i < 3; ++i) {
        if (!__get_cpuid(0x80000002u + i, &r[0], &r[1], &r[2], &r[3])) return "x86";
        std::memcpy(name + 16 * i, r, 16);
    }
    std::string s(name);
    while (!s.empty() && s.back() == ' ') s.pop_back();
    return s;
#elif defined(__aarch64__)
    return "aarch64";
#else
    return "unknown";
#endif
}
inline const Cpu& this_cpu() {
    static const Cpu c = detect_cpu();
    return c;
}

LITE_NAMESPACE_END
#endif
