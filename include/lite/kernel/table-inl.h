// The table of this target's bricks: plain data, filled once.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {
inline int vector_lanes() { return static_cast<int>(hn::Lanes(DF())); }
}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();

namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {
inline const Bricks& table() {
    static const Bricks b = [] {
        Bricks t;
        t.name = hwy::TargetName(HWY_TARGET);
        t.lanes = vector_lanes();
        t.native = t.lanes >= 16 ? LayoutTag::nchw1616 : t.lanes >= 8 ? LayoutTag::nchw88 : LayoutTag::nchw44;
        if constexpr (kConvBricks) {
            fill(t.conv);
            fill(t.depthwise);
        }
        fill(t.gemm);
        if constexpr (kIntegerBricks) fill(t.int8);
        fill(t.math);
        fill(t.move);
        fill(t.pool);
        fill(t.probe);
        return t;
    }();
    return b;
}
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
// The same with the int8 dot products of AVX-512 VNNI.
inline const Bricks& table_vnni() {
    static const Bricks b = [] {
        Bricks t = table();
        t.name = "AVX3_VNNI";
        if constexpr (kIntegerBricks) fill_vnni(t.int8);
        return t;
    }();
    return b;
}
#endif
}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
