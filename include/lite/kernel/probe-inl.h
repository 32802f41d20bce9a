// The peak of fused multiply-adds, measured once per target.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

inline HWY_NOINLINE double probe_fma(size_t rounds) {
    const DF d;
    // Values that the compiler cannot know, near a fixed point, so that nothing overflows or turns denormal.
    static volatile float seed = 0.5f;
    const VF m = hn::Set(d, seed), c = hn::Set(d, seed);
    VF a0 = m, a1 = hn::Add(m, c), a2 = hn::Add(a1, c), a3 = hn::Add(a2, c), a4 = hn::Add(a3, c), a5 = hn::Add(a4, c);
    VF a6 = hn::Add(a5, c), a7 = hn::Add(a6, c), a8 = hn::Add(a7, c), a9 = hn::Add(a8, c), a10 = hn::Add(a9, c), a11 = hn::Add(a10, c);
    for (size_t i = 0; i < rounds; ++i) {
        a0 = hn::MulAdd(a0, m, c);
        a1 = hn::MulAdd(a1, m, c);
        a2 = hn::MulAdd(a2, m, c);
        a3 = hn::MulAdd(a3, m, c);
        a4 = hn::MulAdd(a4, m, c);
        a5 = hn::MulAdd(a5, m, c);
        a6 = hn::MulAdd(a6, m, c);
        a7 = hn::MulAdd(a7, m, c);
        a8 = hn::MulAdd(a8, m, c);
        a9 = hn::MulAdd(a9, m, c);
        a10 = hn::MulAdd(a10, m, c);
        a11 = hn::MulAdd(a11, m, c);
    }
    const VF s = hn::Add(hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(hn::Add(a4, a5), hn::Add(a6, a7))),
                         hn::Add(hn::Add(a8, a9), hn::Add(a10, a11)));
    [[maybe_unused]] static volatile float sink = 0.f;
    sink = hn::GetLane(s);
    return 2.0 * 12.0 * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}
inline void fill(ProbeBricks& b) { b.fma = &probe_fma; }

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
