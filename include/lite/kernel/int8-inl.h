// The int8 family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

inline void fill(Int8Bricks&) {}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();

// The same bricks with 4-way int8 dot products. An extra attribute instead of one more target: Highway 1.0.3 has no target
// with AVX-512 VNNI and without AVX-VNNI.
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {
namespace vnni {}  // namespace vnni
inline void fill_vnni(Int8Bricks&) {}
}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_POP_ATTRIBUTES
#endif
