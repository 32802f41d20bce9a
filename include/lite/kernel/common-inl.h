// Vector types and register tiles that every brick uses, once per target.
//
// Register tiles keep their sums in arrays of vectors and unroll every loop over one: only then are the arrays put into registers
// at -O2, and a loop whose body is inlined once and then repeated compiles several times faster than an expression for each sum.
#undef LITE_UNROLL
#define LITE_UNROLL _Pragma("GCC unroll 16")
// No functions here, so no HWY_BEFORE_NAMESPACE: clang warns of a region without any.
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The widest float vector that we use: 16 lanes at most, so that a packed channel block is never smaller than a vector.
using DF = hn::CappedTag<float, 16>;
using VF = hn::Vec<DF>;

// Register tiles of GEMM-like loops: kMR rows (pixels) x kNB vectors, so that accumulators + kNB weights + one broadcast fit
// the register file: 28 + 3 of 32 on AVX-512, 12 + 3 of 16 on AVX2. clang spills one register earlier than g++.
// The heights that exist: those that remain are made of two; tiles of four rows come close to the largest in speed.
#if HWY_TARGET == HWY_SCALAR
inline constexpr size_t kNB = 1, kMR = 2;
using TileHeights = std::index_sequence<1, 2>;
using FewHeights = TileHeights;
#elif HWY_MAX_BYTES == 64 && !HWY_HAVE_SCALABLE
inline constexpr size_t kNB = 2, kMR = 14;
using TileHeights = std::index_sequence<1, 2, 3, 4, 5, 6, 7, 14>;
using FewHeights = std::index_sequence<1, 2, 4, 7, 14>;
#elif defined(__aarch64__)
inline constexpr size_t kNB = 4, kMR = 5;  // g++ 12 hoists by-element operands and spills 2 of 24 accumulators with 6x4
using TileHeights = std::index_sequence<1, 2, 3, 4, 5>;
using FewHeights = std::index_sequence<1, 2, 3, 5>;
#else
inline constexpr size_t kNB = 2, kMR = 6;
using TileHeights = std::index_sequence<1, 2, 3, 4, 5, 6>;
using FewHeights = std::index_sequence<1, 2, 3, 6>;
#endif

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
