// Build configuration: the namespace that keeps differently compiled copies apart, and the linkage of public functions.
#ifndef LITE_BASE_CONFIG_H_
#define LITE_BASE_CONFIG_H_

#define LITE_VERSION_MAJOR 0
#define LITE_VERSION_MINOR 1
#define LITE_VERSION_PATCH 0

// MegEngine's .mge files are read where FlatBuffers' headers are found; LITE_NO_MGE leaves the reader out.
#if !defined(LITE_NO_MGE) && __has_include(<flatbuffers/flatbuffers.h>)
#define LITE_HAS_MGE 1
#else
#define LITE_HAS_MGE 0
#endif

// LITE_COMPILED: only declarations are seen; the definitions come from one file of the user's that also
// defines LITE_IMPLEMENTATION, or from the static library lite::compiled.
// Otherwise the library is header-only, and each set of compiler flags gets its own inline namespace, so that
// translation units built with different flags have different symbols instead of an ODR violation.
#if defined(LITE_COMPILED)
#define LITE_CFG_NS compiled
#else
#if defined(__AVX512F__)
#define LITE_CFG_ISA 3
#elif defined(__AVX2__)
#define LITE_CFG_ISA 2
#elif defined(__SSE4_2__)
#define LITE_CFG_ISA 1
#else
#define LITE_CFG_ISA 0
#endif
#if defined(LITE_DISABLE_AVX3)
#define LITE_CFG_NO_AVX3 1
#else
#define LITE_CFG_NO_AVX3 0
#endif
#if defined(LITE_TARGETS_STATIC)
#define LITE_CFG_STATIC 1
#else
#define LITE_CFG_STATIC 0
#endif
#if defined(LITE_WITH_JSON)
#define LITE_CFG_JSON 1
#else
#define LITE_CFG_JSON 0
#endif
#if defined(LITE_WITH_NETTLE)
#define LITE_CFG_NETTLE 1
#else
#define LITE_CFG_NETTLE 0
#endif
#define LITE_CFG_PASTE2(a, b, c, d, e, f) cfg_##a##b##c##d##e##f
#define LITE_CFG_PASTE(a, b, c, d, e, f) LITE_CFG_PASTE2(a, b, c, d, e, f)
#define LITE_CFG_NS LITE_CFG_PASTE(LITE_CFG_ISA, LITE_CFG_NO_AVX3, LITE_CFG_STATIC, LITE_HAS_MGE, LITE_CFG_JSON, LITE_CFG_NETTLE)
#endif

#if defined(LITE_COMPILED)
#define LITE_INLINE
#else
#define LITE_INLINE inline
#endif

// Every header of the library opens and closes its code with these two.
#define LITE_NAMESPACE_BEGIN \
    namespace lite { \
    inline namespace LITE_CFG_NS {
#define LITE_NAMESPACE_END \
    } \
    }

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define LITE_HAS_EXCEPTIONS 1
#else
#define LITE_HAS_EXCEPTIONS 0
#endif

#endif
