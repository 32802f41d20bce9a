// The one place that compiles the bricks for every SIMD target, on a privately renamed view of Highway (namespace lite_hwy).
// Afterwards every piece of Highway's preprocessor state is as it was, so a translation unit may use Highway in any way
// before, after and around this header; foreach_target.h, which works only once per unit, is not used.
//
// State of Highway that this relies on (the same in 1.0.3, 1.2, 1.3 and 1.4):
//   HWY_TARGET               the target to generate
//   HWY_TARGET_TOGGLE        flips once per generated target
//   HWY_HIGHWAY_PER_TARGET   equal to the toggle: the ops may be read ("open"); different: they were read already
//   three once-only guards   the namespace has another name, so they must be read again
#ifndef LITE_KERNEL_TARGETS_H_
#define LITE_KERNEL_TARGETS_H_
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "lite/kernel/bricks.h"
#include "lite/platform/cpu.h"

#if !defined(LITE_OPS)  // otherwise op/listed.h says which families of bricks the program has
LITE_NAMESPACE_BEGIN
inline constexpr bool kConvBricks = true, kIntegerBricks = true;
LITE_NAMESPACE_END
#endif

#include "hwy/detect_targets.h"
#pragma push_macro("HWY_TARGET")
#pragma push_macro("HWY_ONCE")
#pragma push_macro("HWY_HIGHWAY_INCLUDED")
#pragma push_macro("HIGHWAY_HWY_BASE_H_")
#pragma push_macro("HIGHWAY_HWY_TARGETS_H_")
#undef HWY_HIGHWAY_INCLUDED
#undef HIGHWAY_HWY_BASE_H_
#undef HIGHWAY_HWY_TARGETS_H_
#define hwy lite_hwy

#if defined(HWY_HIGHWAY_PER_TARGET) == defined(HWY_TARGET_TOGGLE)
#define LITE_HWY_WAS_OPEN 1
#else
#define LITE_HWY_WAS_OPEN 0
#include "lite/kernel/hwy_flip-inl.h"
#endif
// From here the state is "open". Each pass: include, flip. The number of passes must be even.

// The bricks keep vectors in arrays, so vectors must have a size that the compiler knows: NEON in place of SVE.
#undef LITE_STATIC_TARGET
#if HWY_ARCH_ARM_A64 && HWY_STATIC_TARGET < HWY_NEON
#define LITE_STATIC_TARGET HWY_NEON
#elif HWY_STATIC_TARGET == HWY_RVV
#define LITE_STATIC_TARGET HWY_SCALAR
#else
#define LITE_STATIC_TARGET HWY_STATIC_TARGET
#endif
#undef HWY_TARGET
#define HWY_TARGET LITE_STATIC_TARGET
#include "lite/kernel/all-inl.h"
#include "lite/kernel/hwy_flip-inl.h"

#if (HWY_TARGETS & HWY_AVX2) && LITE_STATIC_TARGET != HWY_AVX2 && !defined(LITE_TARGETS_STATIC)
#undef HWY_TARGET
#define HWY_TARGET HWY_AVX2
#include "lite/kernel/all-inl.h"
#include "lite/kernel/hwy_flip-inl.h"
#define LITE_HAVE_AVX2 1
#else
#define LITE_HAVE_AVX2 0
#endif

#if (HWY_TARGETS & HWY_AVX3) && LITE_STATIC_TARGET != HWY_AVX3 && !defined(LITE_DISABLE_AVX3) && !defined(LITE_TARGETS_STATIC)
#undef HWY_TARGET
#define HWY_TARGET HWY_AVX3
#include "lite/kernel/all-inl.h"
#include "lite/kernel/hwy_flip-inl.h"
#define LITE_HAVE_AVX3 1
#else
#define LITE_HAVE_AVX3 0
#endif

// One more target, ops only, where the count is odd.
#if ((1 + LITE_HAVE_AVX2 + LITE_HAVE_AVX3) & 1)
#undef HWY_TARGET
#if LITE_STATIC_TARGET != HWY_SCALAR
#define HWY_TARGET HWY_SCALAR
#else
#define HWY_TARGET HWY_SSSE3
#endif
#include "hwy/highway.h"
#include "lite/kernel/hwy_flip-inl.h"
#endif

#if !LITE_HWY_WAS_OPEN
#include "lite/kernel/hwy_flip-inl.h"
#endif

// Called by the assertions that Highway has in debug and sanitizer builds; its library, which would define it, is not linked.
namespace hwy {
HWY_NORETURN inline void Abort(const char* file, int line, const char* format, ...) {
    std::va_list args;
    va_start(args, format);
    std::fprintf(stderr, "%s:%d: ", file, line);
    std::vfprintf(stderr, format, args);
    std::fputc('\n', stderr);
    va_end(args);
    std::abort();
}
}  // namespace hwy
#undef hwy
#pragma pop_macro("HIGHWAY_HWY_TARGETS_H_")
#pragma pop_macro("HIGHWAY_HWY_BASE_H_")
#pragma pop_macro("HWY_HIGHWAY_INCLUDED")
#pragma pop_macro("HWY_ONCE")
#pragma pop_macro("HWY_TARGET")
#if !LITE_HWY_WAS_OPEN
// Highway was set up for HWY_TARGET already: compute HWY_NAMESPACE, HWY_ATTR and the others for it again.
#pragma push_macro("HWY_SET_MACROS_PER_TARGET")
#include "hwy/ops/set_macros-inl.h"
#pragma pop_macro("HWY_SET_MACROS_PER_TARGET")
#endif

#if LITE_STATIC_TARGET == HWY_SCALAR
#define LITE_STATIC_NS N_SCALAR
#elif LITE_STATIC_TARGET == HWY_EMU128
#define LITE_STATIC_NS N_EMU128
#elif LITE_STATIC_TARGET == HWY_SSSE3
#define LITE_STATIC_NS N_SSSE3
#elif LITE_STATIC_TARGET == HWY_SSE4
#define LITE_STATIC_NS N_SSE4
#elif LITE_STATIC_TARGET == HWY_AVX2
#define LITE_STATIC_NS N_AVX2
#elif LITE_STATIC_TARGET == HWY_AVX3
#define LITE_STATIC_NS N_AVX3
#elif LITE_STATIC_TARGET == HWY_AVX3_DL
#define LITE_STATIC_NS N_AVX3_DL
#elif LITE_STATIC_TARGET == HWY_WASM
#define LITE_STATIC_NS N_WASM
#elif LITE_STATIC_TARGET == HWY_NEON
#define LITE_STATIC_NS N_NEON
#elif defined(HWY_SSE2) && LITE_STATIC_TARGET == HWY_SSE2
#define LITE_STATIC_NS N_SSE2
#elif defined(HWY_AVX3_ZEN4) && LITE_STATIC_TARGET == HWY_AVX3_ZEN4
#define LITE_STATIC_NS N_AVX3_ZEN4
#elif defined(HWY_AVX3_SPR) && LITE_STATIC_TARGET == HWY_AVX3_SPR
#define LITE_STATIC_NS N_AVX3_SPR
#elif defined(HWY_NEON_WITHOUT_AES) && LITE_STATIC_TARGET == HWY_NEON_WITHOUT_AES
#define LITE_STATIC_NS N_NEON_WITHOUT_AES
#else
#error "lite: a static target of Highway that it does not know"
#endif

LITE_NAMESPACE_BEGIN

LITE_INLINE const std::vector<const Bricks*>& all_bricks() {
    static const std::vector<const Bricks*> list = [] {
        std::vector<const Bricks*> l;
        [[maybe_unused]] const Cpu& cpu = this_cpu();
#if LITE_HAVE_AVX3
        if (cpu.vnni) l.push_back(&N_AVX3::table_vnni());
        if (cpu.avx3) l.push_back(&N_AVX3::table());
#elif LITE_STATIC_TARGET <= HWY_AVX3 && HWY_ARCH_X86
        if (cpu.vnni) l.push_back(&LITE_STATIC_NS::table_vnni());
#endif
#if LITE_HAVE_AVX2
        if (cpu.avx2) l.push_back(&N_AVX2::table());
#endif
        l.push_back(&LITE_STATIC_NS::table());
        return l;
    }();
    return list;
}

LITE_INLINE const Bricks* named_bricks(std::string_view name) {
    std::string upper(name);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (upper == "AVX512") upper = "AVX3";
    for (const Bricks* b : all_bricks())
        if (upper == b->name) return b;
    return nullptr;
}

LITE_INLINE const Bricks& find_bricks(std::string_view name) {
    if (name.empty())
        if (const char* e = std::getenv("LITE_ISA")) name = e;
    if (name.empty()) return *all_bricks().front();
    if (const Bricks* b = named_bricks(name)) return *b;
    std::string have;
    for (const Bricks* b : all_bricks()) {
        append(have, " ");
        append(have, b->name);
    }
    fail("no kernels for the instruction set '", name, "': this CPU and build have", have);
}

LITE_NAMESPACE_END
#endif
