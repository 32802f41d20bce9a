// The conv family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

inline void fill(ConvBricks&) {}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
