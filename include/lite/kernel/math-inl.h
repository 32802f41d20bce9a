// The math family of SIMD bricks, compiled once per target. No include guard: all-inl.h includes it once per pass.
// Polynomials are our own minimax fits; figures of error are the largest seen over a dense sample of all floats of the range.
HWY_BEFORE_NAMESPACE();
namespace lite {
inline namespace LITE_CFG_NS {
namespace HWY_NAMESPACE {

using DI = hn::RebindToSigned<DF>;
using VI = hn::Vec<DI>;

// ---- helpers ----

HWY_INLINE VF PolyStep(DF, VF, VF acc) { return acc; }
template <class... C>
HWY_INLINE VF PolyStep(DF d, VF x, VF acc, float c, C... rest) {
    return PolyStep(d, x, hn::MulAdd(acc, x, hn::Set(d, c)), rest...);
}
// Horner's rule, highest coefficient first.
template <class... C>
HWY_INLINE VF Poly(DF d, VF x, float c, C... rest) {
    return PolyStep(d, x, hn::Set(d, c), rest...);
}

// Bounds that keep a NaN of x. x86 returns the second operand then; Highway on NEON and others drops the NaN.
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128 && HWY_ARCH_X86
HWY_INLINE VF AtLeast(VF low, VF x) { return hn::Max(low, x); }
HWY_INLINE VF AtMost(VF high, VF x) { return hn::Min(high, x); }
#else
HWY_INLINE VF AtLeast(VF low, VF x) { return hn::IfThenElse(hn::Lt(x, low), low, x); }
HWY_INLINE VF AtMost(VF high, VF x) { return hn::IfThenElse(hn::Gt(x, high), high, x); }
#endif
HWY_INLINE VF Infinity(DF d) { return hn::Set(d, __builtin_inff()); }

// n = x rounded to an integer (|x| < 2^22), both as a float and, in the low bits, as an integer.
HWY_INLINE VF RoundSmall(DF d, VF x, VI& bits) {
    const VF magic = hn::Set(d, 12582912.f);  // 1.5 * 2^23: its last bit has the weight 1
    const VF t = hn::Add(x, magic);
    bits = hn::BitCast(DI(), t);
    return hn::Sub(t, magic);
}
// r + r^2/2 + ...: exp(r) - 1 for |r| <= ln(2) / 2.
HWY_INLINE VF ExpMinus1Reduced(DF d, VF r) {
    const VF p = Poly(d, r, 1.381453998924376e-3f, 8.368745116372672e-3f, 4.1668390787361086e-2f, 1.6666520398962253e-1f,
                      4.999999343211065e-1f);
    return hn::MulAdd(hn::Mul(r, r), p, r);
}
// x = n ln 2 + r, ln 2 in two parts.
HWY_INLINE VF ReduceExp(DF d, VF x, VI& n_bits) {
    const VF n = RoundSmall(d, hn::Mul(x, hn::Set(d, 1.44269504f)), n_bits);
    VF r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
    return hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
}

// ---- functions ----

// 1.0 ulp. Results below the smallest normal float are zero.
HWY_INLINE VF Exp(DF d, VF x) {
    VI n;
    const VF r = ReduceExp(d, x, n);
    const VF y = hn::Add(ExpMinus1Reduced(d, r), hn::Set(d, 1.f));
    const VF z = hn::BitCast(d, hn::Add(hn::BitCast(DI(), y), hn::ShiftLeft<23>(n)));  // y * 2^n
    const VF low = hn::IfThenElseZero(hn::Ge(x, hn::Set(d, -87.33654f)), z);
    return hn::IfThenElse(hn::Le(x, hn::Set(d, 88.72283f)), low, hn::Add(x, Infinity(d)));
}
// exp(x) = 2^n 2^f for |x| <= 87.3: relative error 1.5e-7 + 1.3e-8 |x|, the latter from log2(e) as one float (6e-8 |x| without FMA).
// Five operations fewer than Exp: 4.06 -> 2.97 ns a vector of 16 for SiLU on Zen 4.
HWY_INLINE VF ExpBase2(DF d, VF x) {
    const VF magic = hn::Set(d, 12582912.f), log2e = hn::Set(d, 1.44269504f);  // RoundSmall's
    const VF t = hn::MulAdd(x, log2e, magic), f = hn::MulSub(x, log2e, hn::Sub(t, magic));
    const VF y = Poly(d, f, 1.326472731307149e-3f, 9.671512991189957e-3f, 5.550733581185341e-2f, 2.4022242426872253e-1f,
                      6.931470036506653e-1f, 1.f);
    return hn::BitCast(d, hn::Add(hn::BitCast(DI(), y), hn::ShiftLeft<23>(hn::BitCast(DI(), t))));
}
// Of x held to [-87, 87], for 1 / (1 + exp(x)): no result is infinite or subnormal.
HWY_INLINE VF ExpHeld(DF d, VF x) { return ExpBase2(d, AtMost(hn::Set(d, 87.f), AtLeast(hn::Set(d, -87.f), x))); }
// For x <= 0 (softmax after the maximum is taken off); zero below -87.3, NaN stays.
HWY_INLINE VF ExpOfNegative(DF d, VF x) { return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.33654f)), ExpBase2(d, x)); }
// 2^n of RoundSmall's n, for n in [-126, 127].
HWY_INLINE VF PowerOfTwo(DF d, VI n) { return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(n, hn::Set(DI(), 127)))); }
// exp(x) - 1 for x <= 0 without cancellation near zero.
HWY_INLINE VF ExpMinus1OfNegative(DF d, VF x) {
    VI n;
    const VF r = ReduceExp(d, AtLeast(hn::Set(d, -30.f), x), n);
    const VF s = PowerOfTwo(d, n);
    return hn::MulAdd(s, ExpMinus1Reduced(d, r), hn::Sub(s, hn::Set(d, 1.f)));
}
// 0.8 ulp; log(0) = -inf, log of a negative number is NaN.
HWY_INLINE VF Log(DF d, VF x) {
    const DI di;
    const auto tiny = hn::Lt(x, hn::Set(d, 1.17549435e-38f));
    const VF scaled = hn::IfThenElse(tiny, hn::Mul(x, hn::Set(d, 8388608.f)), x);
    const VI b = hn::Sub(hn::BitCast(di, scaled), hn::Set(di, 0x3F3504F3));  // sqrt(1/2)
    const VF e = hn::Sub(hn::ConvertTo(d, hn::ShiftRight<23>(b)), hn::IfThenElseZero(tiny, hn::Set(d, 23.f)));
    const VF m = hn::BitCast(d, hn::Add(hn::And(b, hn::Set(di, 0x007FFFFF)), hn::Set(di, 0x3F3504F3)));
    const VF f = hn::Sub(m, hn::Set(d, 1.f));
    const VF p = Poly(d, f, -0.07634496525812212f, 0.12761577043766673f, -0.13160182396180842f, 0.14201757999315462f,
                      -0.16623357343689066f, 0.20001226876369385f, -0.2500082103434613f, 0.33333331707700053f);
    const VF f2 = hn::Mul(f, f);
    VF y = hn::MulAdd(hn::Mul(f2, f), p, hn::Mul(e, hn::Set(d, -2.12194440e-4f)));
    y = hn::NegMulAdd(hn::Set(d, 0.5f), f2, y);
    y = hn::MulAdd(e, hn::Set(d, 0.693359375f), hn::Add(f, y));
    y = hn::IfThenElse(hn::Eq(x, Infinity(d)), x, y);
    const VF special = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(Infinity(d)), hn::Set(d, __builtin_nanf("")));
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), y, special);
}
// log(1 + e) for e in [0, 1], right for tiny e too.
HWY_INLINE VF Log1p(DF d, VF e) {
    const VF u = hn::Add(e, hn::Set(d, 1.f));
    return hn::Add(Log(d, u), hn::Div(hn::Sub(e, hn::Sub(u, hn::Set(d, 1.f))), u));
}
// 4.3 ulp. One from 8.4 on, where the quotient could pass it by rounding.
HWY_INLINE VF Tanh(DF d, VF x) {
    const VF u = hn::Mul(x, x);
    const VF p = Poly(d, u, 1.3318908185924058e-08f, 2.058335650225926e-05f, 0.0034940267658192885f, 0.13379711357759405f, 0.9999999790707377f);
    const VF q = Poly(d, u, 7.761950387656859e-07f, 0.000328308022199889f, 0.025871043438812476f, 0.46713026613347564f, 1.f);
    const VF one = hn::CopySign(hn::Set(d, 1.f), x);
    return hn::IfThenElse(hn::Gt(hn::Abs(x), hn::Set(d, 8.4f)), one, hn::Div(hn::Mul(x, p), q));
}
// Upper tail of the normal distribution for t >= 0: 0.5 erfc(t / sqrt 2) = 2^q(t), q a polynomial; t counts as 6 beyond.
HWY_INLINE VF NormalTail(DF d, VF t) {
    t = AtMost(hn::Set(d, 6.f), t);
    const VF q = hn::Mul(t, Poly(d, t, 1.566277925088884e-07f, -3.93086611482433e-06f, 3.8902932533482835e-05f, -0.0001639285716354462f,
                                 -0.0002095676046977078f, 0.007164915619005949f, -0.05256329210556149f, -0.45918892981571274f,
                                 -1.1511069385742336f));
    VI n;
    const VF r = hn::Mul(hn::Sub(q, RoundSmall(d, q, n)), hn::Set(d, 0.69314718f));
    return hn::Mul(hn::Add(ExpMinus1Reduced(d, r), hn::Set(d, 1.f)), PowerOfTwo(d, hn::Sub(n, hn::Set(DI(), 1))));
}
// 2.4 ulp.
HWY_INLINE VF Erf(DF d, VF x) {
    const VF a = hn::Abs(x), u = hn::Mul(x, x);
    const VF tail = NormalTail(d, hn::Mul(a, hn::Set(d, 1.41421356f)));
    const VF big = hn::CopySign(hn::NegMulAdd(hn::Set(d, 2.f), tail, hn::Set(d, 1.f)), x);
    const VF small = hn::Mul(x, Poly(d, u, -0.0006090385139783154f, 0.005011968461442f, -0.02677891352501667f, 0.11282140977071715f,
                                     -0.37612523300467127f, 1.1283791538073271f));
    return hn::IfThenElse(hn::Lt(a, hn::Set(d, 0.9f)), small, big);
}

// Largest |x| whose quadrant n makes n * 1.5703125 and n * 4.8375e-4 exact, as the first two parts of pi / 2 have 11 bits.
inline constexpr float kLargestAngle = 6000.f;
// 1 ulp of one. Beyond kLargestAngle (in any lane) by the C library.
template <bool kCosine>
HWY_INLINE VF Sine(DF d, VF x) {
    if (!hn::AllFalse(d, hn::Gt(hn::Abs(x), hn::Set(d, kLargestAngle)))) {
        alignas(64) float t[16];
        hn::Store(x, d, t);
        for (size_t i = 0; i < hn::Lanes(d); ++i) t[i] = kCosine ? __builtin_cosf(t[i]) : __builtin_sinf(t[i]);
        return hn::Load(d, t);
    }
    const DI di;
    VI q;
    const VF n = RoundSmall(d, hn::Mul(x, hn::Set(d, 0.63661977f)), q);
    VF r = hn::NegMulAdd(n, hn::Set(d, 1.5703125f), x);
    r = hn::NegMulAdd(n, hn::Set(d, 4.837512969970703e-4f), r);
    r = hn::NegMulAdd(n, hn::Set(d, 7.549790126404332e-08f), r);
    if constexpr (kCosine) q = hn::Add(q, hn::Set(di, 1));
    const VF u = hn::Mul(r, r);
    const VF s = hn::MulAdd(hn::Mul(r, u), Poly(d, u, -1.9513520520270632e-4f, 8.332150970992682e-3f, -1.6666654527026029e-1f), r);
    const VF e = hn::NegMulAdd(u, hn::Set(d, 0.5f), hn::Set(d, 1.f));
    const VF c = hn::MulAdd(hn::Mul(u, u), Poly(d, u, 2.4434212272161047e-5f, -1.3887331699509785e-3f, 4.166664616222476e-2f), e);
    const VF y = hn::IfThenElse(hn::RebindMask(d, hn::TestBit(q, hn::Set(di, 1))), c, s);
    return hn::Xor(y, hn::BitCast(d, hn::ShiftLeft<30>(hn::And(q, hn::Set(di, 2)))));
}

// ---- element-wise functors: f(d, x) with the parameters a and b ----

#define LITE_UNARY(Name, ...)                                 \
    struct Name {                                             \
        float a, b;                                           \
        HWY_INLINE VF operator()([[maybe_unused]] DF d, VF x) const { \
            __VA_ARGS__                                       \
        }                                                     \
    };
LITE_UNARY(ReluF, return AtLeast(hn::Zero(d), x);)
LITE_UNARY(SigmoidF, return hn::Div(hn::Set(d, 1.f), hn::Add(hn::Set(d, 1.f), Exp(d, hn::Neg(x))));)
LITE_UNARY(TanhF, return Tanh(d, x);)
LITE_UNARY(ExpF, return Exp(d, x);)
LITE_UNARY(LogF, return Log(d, x);)
LITE_UNARY(SqrtF, return hn::Sqrt(x);)
LITE_UNARY(ReciprocalF, return hn::Div(hn::Set(d, 1.f), x);)
LITE_UNARY(AbsF, return hn::Abs(x);)
LITE_UNARY(NegF, return hn::Neg(x);)
LITE_UNARY(FloorF, return hn::Floor(x);)
LITE_UNARY(CeilF, return hn::Ceil(x);)
LITE_UNARY(RoundF, return hn::Round(x);)
LITE_UNARY(SignF, const VF one = hn::CopySign(hn::Set(d, 1.f), x);
           return hn::IfThenElse(hn::Gt(hn::Abs(x), hn::Zero(d)), one, x);)
LITE_UNARY(ErfF, return Erf(d, x);)
LITE_UNARY(SinF, return Sine<false>(d, x);)
LITE_UNARY(CosF, return Sine<true>(d, x);)
LITE_UNARY(SoftplusF, return hn::Add(AtLeast(hn::Zero(d), x), Log1p(d, Exp(d, hn::Neg(hn::Abs(x)))));)
LITE_UNARY(SoftsignF, return hn::Div(x, hn::Add(hn::Set(d, 1.f), hn::Abs(x)));)
// The bound keeps f(-inf) finite: -1.4e-36.
LITE_UNARY(SiluF, x = AtLeast(hn::Set(d, -87.f), x);
           return hn::Div(x, hn::Add(hn::Set(d, 1.f), ExpHeld(d, hn::Neg(x))));)
// tanh(log(1 + e)) = e (e + 2) / (e (e + 2) + 2), one in float from x = 20 on.
LITE_UNARY(MishF, x = AtLeast(hn::Set(d, -1000.f), x);
           const VF e = Exp(d, AtMost(hn::Set(d, 20.f), x));
           const VF t = hn::Mul(e, hn::Add(e, hn::Set(d, 2.f)));
           return hn::Mul(x, hn::Div(t, hn::Add(t, hn::Set(d, 2.f))));)
// x / 2 + x h, h = erf(x / sqrt 2) / 2 as an odd quotient that reaches 1 / 2 at 5.65. Error 6e-7 of the larger of 1, |x|, 9e-7 without FMA.
LITE_UNARY(GeluF, x = AtLeast(hn::Set(d, -1000.f), x);
           const VF t = AtMost(hn::Set(d, 5.65f), AtLeast(hn::Set(d, -5.65f), x)), u = hn::Mul(t, t);
           const VF p = Poly(d, u, 2.1857056609063e-08f, 6.363651209539967e-06f, 1.7656220006756485e-04f, 4.723626654595137e-03f,
                             3.4653984010219574e-02f, 0.3989422023296356f);
           const VF q = Poly(d, u, 1.172301722363045e-06f, 7.59094618842937e-05f, 1.928413170389831e-03f, 2.9097391292452812e-02f,
                             0.25353026390075684f, 1.f);
           const VF half = hn::Set(d, 0.5f), h = AtMost(half, AtLeast(hn::Neg(half), hn::Div(hn::Mul(t, p), q)));
           return hn::MulAdd(x, h, hn::Mul(x, half));)
// 0.5 (1 + tanh u) = 1 / (1 + exp(-2 u)).
LITE_UNARY(GeluTanhF, x = AtLeast(hn::Set(d, -87.f), x);
           const VF c = hn::MulAdd(hn::Mul(x, x), hn::Set(d, 0.044715f * -1.5957691216f), hn::Set(d, -1.5957691216f));
           return hn::Div(x, hn::Add(hn::Set(d, 1.f), ExpHeld(d, hn::Mul(x, c))));)
LITE_UNARY(HardSigmoidF, return AtMost(hn::Set(d, 1.f), AtLeast(hn::Zero(d), hn::MulAdd(x, hn::Set(d, a), hn::Set(d, b))));)
LITE_UNARY(HardSwishF, x = AtLeast(hn::Set(d, -1000.f), x);
           const VF s = hn::MulAdd(x, hn::Set(d, 1.f / 6), hn::Set(d, 0.5f));
           return hn::Mul(x, AtMost(hn::Set(d, 1.f), AtLeast(hn::Zero(d), s)));)
LITE_UNARY(LeakyReluF, return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(x, hn::Set(d, a)), x);)
// elu, selu and celu are s * (x < 0 ? t * expm1(x * r) : x); this one is elu with a = t, b = s.
LITE_UNARY(SeluF, const VF e = hn::Mul(hn::Set(d, a), ExpMinus1OfNegative(d, hn::Min(x, hn::Zero(d))));
           return hn::Mul(hn::Set(d, b), hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, x));)
LITE_UNARY(CeluF, const VF e = hn::Mul(hn::Set(d, a), ExpMinus1OfNegative(d, hn::Min(hn::Mul(x, hn::Set(d, b)), hn::Zero(d))));
           return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, x);)
LITE_UNARY(SwishF, return hn::Div(x, hn::Add(hn::Set(d, 1.f), Exp(d, hn::Mul(x, hn::Set(d, -a)))));)
LITE_UNARY(SquareF, return hn::Mul(x, x);)
LITE_UNARY(FastTanhF, const VF u = hn::Mul(x, x);
           const VF p = hn::Mul(x, hn::Add(u, hn::Set(d, 27.f)));
           return hn::Div(p, hn::MulAdd(u, hn::Set(d, 9.f), hn::Set(d, 27.f)));)
LITE_UNARY(ThresholdedReluF, return hn::IfThenElse(hn::Le(x, hn::Set(d, a)), hn::Zero(d), x);)
LITE_UNARY(ClipF, return AtMost(hn::Set(d, b), AtLeast(hn::Set(d, a), x));)
#undef LITE_UNARY

template <class F>
HWY_NOINLINE void MapUnary(F f, const float* x, float* y, size_t n) {
    const DF d;
    const size_t L = hn::Lanes(d);
    for (size_t i = 0; i < n; i += L) hn::StoreU(f(d, hn::LoadU(d, x + i)), d, y + i);
}
// n: a whole number of vectors.
inline void UnaryVectors(ElemwiseMode mode, float a, float b, const float* x, float* y, size_t n) {
    switch (mode) {
        case ElemwiseMode::identity:
            if (x != y) std::memcpy(y, x, n * sizeof(float));
            return;
        case ElemwiseMode::relu: return MapUnary(ReluF{a, b}, x, y, n);
        case ElemwiseMode::sigmoid: return MapUnary(SigmoidF{a, b}, x, y, n);
        case ElemwiseMode::tanh: return MapUnary(TanhF{a, b}, x, y, n);
        case ElemwiseMode::exp: return MapUnary(ExpF{a, b}, x, y, n);
        case ElemwiseMode::log: return MapUnary(LogF{a, b}, x, y, n);
        case ElemwiseMode::sqrt: return MapUnary(SqrtF{a, b}, x, y, n);
        case ElemwiseMode::reciprocal: return MapUnary(ReciprocalF{a, b}, x, y, n);
        case ElemwiseMode::abs: return MapUnary(AbsF{a, b}, x, y, n);
        case ElemwiseMode::neg: return MapUnary(NegF{a, b}, x, y, n);
        case ElemwiseMode::floor: return MapUnary(FloorF{a, b}, x, y, n);
        case ElemwiseMode::ceil: return MapUnary(CeilF{a, b}, x, y, n);
        case ElemwiseMode::round: return MapUnary(RoundF{a, b}, x, y, n);
        case ElemwiseMode::sign: return MapUnary(SignF{a, b}, x, y, n);
        case ElemwiseMode::erf: return MapUnary(ErfF{a, b}, x, y, n);
        case ElemwiseMode::sin: return MapUnary(SinF{a, b}, x, y, n);
        case ElemwiseMode::cos: return MapUnary(CosF{a, b}, x, y, n);
        case ElemwiseMode::softplus: return MapUnary(SoftplusF{a, b}, x, y, n);
        case ElemwiseMode::softsign: return MapUnary(SoftsignF{a, b}, x, y, n);
        case ElemwiseMode::silu: return MapUnary(SiluF{a, b}, x, y, n);
        case ElemwiseMode::mish: return MapUnary(MishF{a, b}, x, y, n);
        case ElemwiseMode::gelu: return MapUnary(GeluF{a, b}, x, y, n);
        case ElemwiseMode::gelu_tanh: return MapUnary(GeluTanhF{a, b}, x, y, n);
        case ElemwiseMode::hard_sigmoid: return MapUnary(HardSigmoidF{a, b}, x, y, n);
        case ElemwiseMode::hard_swish: return MapUnary(HardSwishF{a, b}, x, y, n);
        case ElemwiseMode::leaky_relu: return MapUnary(LeakyReluF{a, b}, x, y, n);
        case ElemwiseMode::elu: return MapUnary(SeluF{a, 1.f}, x, y, n);
        case ElemwiseMode::selu: return MapUnary(SeluF{a, b}, x, y, n);
        case ElemwiseMode::celu: return MapUnary(CeluF{a, 1.f / a}, x, y, n);
        case ElemwiseMode::thresholded_relu: return MapUnary(ThresholdedReluF{a, b}, x, y, n);
        case ElemwiseMode::swish:
        case ElemwiseMode::quick_gelu: return MapUnary(SwishF{a, b}, x, y, n);
        case ElemwiseMode::square: return MapUnary(SquareF{a, b}, x, y, n);
        case ElemwiseMode::fast_tanh: return MapUnary(FastTanhF{a, b}, x, y, n);
        case ElemwiseMode::clip: return MapUnary(ClipF{a, b}, x, y, n);
        default:
            for (size_t i = 0; i < n; ++i) y[i] = unary_value<float>(mode, a, b, x[i]);
    }
}
inline void Unary(ElemwiseMode mode, float a, float b, const float* x, float* y, size_t n) {
    const size_t full = n - n % hn::Lanes(DF());
    if (full) UnaryVectors(mode, a, b, x, y, full);
    if (full == n) return;
    alignas(64) float t[16] = {};
    std::memcpy(t, x + full, (n - full) * sizeof(float));
    UnaryVectors(mode, a, b, t, t, hn::Lanes(DF()));
    std::memcpy(y + full, t, (n - full) * sizeof(float));
}

// ---- two operands ----

#define LITE_BINARY(Name, ...)                                              \
    struct Name {                                                           \
        HWY_INLINE VF operator()([[maybe_unused]] DF d, VF a, VF b) const { \
            __VA_ARGS__                                                     \
        }                                                                   \
    };
LITE_BINARY(AddF, return hn::Add(a, b);)
LITE_BINARY(SubF, return hn::Sub(a, b);)
LITE_BINARY(MulF, return hn::Mul(a, b);)
LITE_BINARY(DivF, return hn::Div(a, b);)
LITE_BINARY(MaxF, return hn::IfThenElse(hn::IsNaN(a), a, AtLeast(a, b));)
LITE_BINARY(MinF, return hn::IfThenElse(hn::IsNaN(a), a, AtMost(a, b));)
LITE_BINARY(PreluF, return hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Mul(a, b), a);)
LITE_BINARY(CubeF, (void)b; return hn::Mul(a, hn::Mul(a, a));)
#undef LITE_BINARY

// Operands are at p + (i & mask): all ones for a dense one, 15 for 16 floats that repeat.
template <class F>
HWY_NOINLINE void MapBinary(F f, const float* a, size_t a_mask, const float* b, size_t b_mask, float* y, size_t n) {
    const DF d;
    const size_t L = hn::Lanes(d);
    for (size_t i = 0; i < n; i += L) hn::StoreU(f(d, hn::LoadU(d, a + (i & a_mask)), hn::LoadU(d, b + (i & b_mask))), d, y + i);
}
inline void BinaryVectors(ElemwiseMode mode, const float* a, size_t am, const float* b, size_t bm, float* y, size_t n) {
    switch (mode) {
        case ElemwiseMode::add: return MapBinary(AddF(), a, am, b, bm, y, n);
        case ElemwiseMode::sub: return MapBinary(SubF(), a, am, b, bm, y, n);
        case ElemwiseMode::mul: return MapBinary(MulF(), a, am, b, bm, y, n);
        case ElemwiseMode::div: return MapBinary(DivF(), a, am, b, bm, y, n);
        case ElemwiseMode::max: return MapBinary(MaxF(), a, am, b, bm, y, n);
        case ElemwiseMode::min: return MapBinary(MinF(), a, am, b, bm, y, n);
        case ElemwiseMode::prelu: return MapBinary(PreluF(), a, am, b, bm, y, n);
        default:
            for (size_t i = 0; i < n; ++i) y[i] = binary_value<float>(mode, a[i & am], b[i & bm]);
    }
}
inline void Binary(ElemwiseMode mode, const float* a, size_t a_step, const float* b, size_t b_step, float* y, size_t n) {
    if (n == 0) return;
    if (mode == ElemwiseMode::pow && b_step == kScalar && a_step == kDense) {  // the exponents that models use
        const float e = *b;
        if (e == 1.f) return Unary(ElemwiseMode::identity, 0, 0, a, y, n);
        if (e == 0.5f) return Unary(ElemwiseMode::sqrt, 0, 0, a, y, n);
        if (e == -1.f) return Unary(ElemwiseMode::reciprocal, 0, 0, a, y, n);
        if (e == 2.f) return Binary(ElemwiseMode::mul, a, kDense, a, kDense, y, n);
    }
    const bool cube = mode == ElemwiseMode::pow && b_step == kScalar && a_step == kDense && *b == 3.f;
    alignas(64) float pa[16], pb[16], ta[16] = {}, tb[16] = {};
    size_t am = ~size_t{0}, bm = am;
    const float *a0 = a, *b0 = b;
    if (a_step != kDense) {
        for (size_t i = 0; i < 16; ++i) pa[i] = a[a_step == kScalar ? 0 : i];
        a0 = pa;
        am = 15;
    }
    if (b_step != kDense) {
        for (size_t i = 0; i < 16; ++i) pb[i] = b[b_step == kScalar ? 0 : i];
        b0 = pb;
        bm = 15;
    }
    const size_t full = n - n % hn::Lanes(DF());
    if (full) {
        if (cube) MapBinary(CubeF(), a0, am, b0, bm, y, full);
        else BinaryVectors(mode, a0, am, b0, bm, y, full);
    }
    if (full == n) return;
    for (size_t i = full; i < n; ++i) {
        ta[i - full] = a0[i & am];
        tb[i - full] = b0[i & bm];
    }
    if (cube) MapBinary(CubeF(), ta, am, tb, bm, ta, hn::Lanes(DF()));
    else BinaryVectors(mode, ta, ~size_t{0}, tb, ~size_t{0}, ta, hn::Lanes(DF()));
    std::memcpy(y + full, ta, (n - full) * sizeof(float));
}

// y = x * s + t; operands as in MapBinary.
HWY_NOINLINE inline void MapScaleShift(const float* x, const float* s, size_t sm, const float* t, size_t tm, float* y, size_t n) {
    const DF d;
    const size_t L = hn::Lanes(d);
    for (size_t i = 0; i < n; i += L)
        hn::StoreU(hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, s + (i & sm)), hn::LoadU(d, t + (i & tm))), d, y + i);
}
inline void ScaleShift(const float* x, const float* s, size_t s_step, const float* t, size_t t_step, float* y, size_t n) {
    alignas(64) float ps[16], pt[16], tx[16] = {};
    size_t sm = ~size_t{0}, tm = sm;
    if (n == 0) return;
    if (s_step != kDense) {
        for (size_t i = 0; i < 16; ++i) ps[i] = s[s_step == kScalar ? 0 : i];
        s = ps;
        sm = 15;
    }
    if (t_step != kDense) {
        for (size_t i = 0; i < 16; ++i) pt[i] = t[t_step == kScalar ? 0 : i];
        t = pt;
        tm = 15;
    }
    const size_t full = n - n % hn::Lanes(DF());
    if (full) MapScaleShift(x, s, sm, t, tm, y, full);
    if (full == n) return;
    alignas(64) float ls[16] = {}, lt[16] = {};
    for (size_t i = full; i < n; ++i) {
        tx[i - full] = x[i];
        ls[i - full] = s[i & sm];
        lt[i - full] = t[i & tm];
    }
    MapScaleShift(tx, ls, ~size_t{0}, lt, ~size_t{0}, tx, hn::Lanes(DF()));
    std::memcpy(y + full, tx, (n - full) * sizeof(float));
}

// ---- reductions ----

// Step takes one more input into a partial result, Join makes one of two.
#define LITE_REDUCE(Name, neutral_value, step, join)               \
    struct Name {                                                  \
        static constexpr float neutral = neutral_value;            \
        static HWY_INLINE VF Step(VF s, VF x) { return step; }     \
        static HWY_INLINE VF Join(VF s, VF x) { return join; }     \
    };
LITE_REDUCE(SumR, 0.f, hn::Add(s, x), hn::Add(s, x))
LITE_REDUCE(L1R, 0.f, hn::Add(s, hn::Abs(x)), hn::Add(s, x))
LITE_REDUCE(SquareR, 0.f, hn::MulAdd(x, x, s), hn::Add(s, x))
LITE_REDUCE(ProdR, 1.f, hn::Mul(s, x), hn::Mul(s, x))
LITE_REDUCE(MaxR, -__builtin_inff(), hn::IfThenElse(hn::IsNaN(s), s, AtLeast(s, x)), Step(s, x))
LITE_REDUCE(MinR, __builtin_inff(), hn::IfThenElse(hn::IsNaN(s), s, AtMost(s, x)), Step(s, x))
#undef LITE_REDUCE

// Four chains hide the latency of an addition. Where a vector has fewer than 16 lanes, a block of 8 KB (it stays in L1) is
// swept once for each group of lanes.
template <class R>
HWY_NOINLINE void Reduce16(const float* x, size_t n, float* out) {
    const DF d;
    const size_t L = hn::Lanes(d);
    alignas(64) float state[64], last[16];
    for (float& v : state) v = R::neutral;
    const size_t full = n - n % 64;
    for (size_t from = 0; from < full; from += 2048) {
        const size_t to = from + 2048 < full ? from + 2048 : full;
        for (size_t j = 0; j < 16; j += L) {
            VF s0 = hn::Load(d, state + j), s1 = hn::Load(d, state + 16 + j), s2 = hn::Load(d, state + 32 + j), s3 = hn::Load(d, state + 48 + j);
            for (size_t i = from + j; i < to; i += 64) {
                s0 = R::Step(s0, hn::LoadU(d, x + i));
                s1 = R::Step(s1, hn::LoadU(d, x + i + 16));
                s2 = R::Step(s2, hn::LoadU(d, x + i + 32));
                s3 = R::Step(s3, hn::LoadU(d, x + i + 48));
            }
            hn::Store(s0, d, state + j);
            hn::Store(s1, d, state + 16 + j);
            hn::Store(s2, d, state + 32 + j);
            hn::Store(s3, d, state + 48 + j);
        }
    }
    for (size_t i = full; i < n; i += 16) {
        const float* p = x + i;
        if (n - i < 16) {
            for (float& v : last) v = R::neutral;
            std::memcpy(last, p, (n - i) * sizeof(float));
            p = last;
        }
        for (size_t j = 0; j < 16; j += L) hn::Store(R::Step(hn::Load(d, state + j), hn::LoadU(d, p + j)), d, state + j);
    }
    for (size_t j = 0; j < 16; j += L) {
        const VF a = R::Join(hn::Load(d, state + j), hn::Load(d, state + 16 + j));
        const VF b = R::Join(hn::Load(d, state + 32 + j), hn::Load(d, state + 48 + j));
        hn::StoreU(R::Join(a, b), d, out + j);
    }
}
inline void Reduce(ReduceMode mode, const float* x, size_t n, float* out) {
    switch (mode) {
        case ReduceMode::max: return Reduce16<MaxR>(x, n, out);
        case ReduceMode::min: return Reduce16<MinR>(x, n, out);
        case ReduceMode::prod: return Reduce16<ProdR>(x, n, out);
        case ReduceMode::l1: return Reduce16<L1R>(x, n, out);
        case ReduceMode::l2:
        case ReduceMode::sum_square: return Reduce16<SquareR>(x, n, out);
        default: return Reduce16<SumR>(x, n, out);
    }
}

// ---- rows ----

HWY_INLINE VF LoadTail(DF d, const float* x, size_t n, float fill_value) {
    alignas(64) float t[16];
    for (float& v : t) v = fill_value;
    std::memcpy(t, x, n * sizeof(float));
    return hn::Load(d, t);
}
HWY_INLINE void StoreTail(DF d, VF v, float* y, size_t n) {
    alignas(64) float t[16];
    hn::Store(v, d, t);
    std::memcpy(y, t, n * sizeof(float));
}

inline void Softmax(const float* x, float* y, size_t n, bool logarithm) {
    const DF d;
    const size_t L = hn::Lanes(d), full = n - n % L;
    if (n == 0) return;
    const float inf = __builtin_inff();
    VF m0 = hn::Set(d, -inf), m1 = m0, m2 = m0, m3 = m0;
    size_t i = 0;
    for (; i + 4 * L <= full; i += 4 * L) {
        m0 = hn::Max(m0, hn::LoadU(d, x + i));
        m1 = hn::Max(m1, hn::LoadU(d, x + i + L));
        m2 = hn::Max(m2, hn::LoadU(d, x + i + 2 * L));
        m3 = hn::Max(m3, hn::LoadU(d, x + i + 3 * L));
    }
    for (; i < full; i += L) m0 = hn::Max(m0, hn::LoadU(d, x + i));
    VF tail = m1;
    if (full < n) {
        tail = LoadTail(d, x + full, n - full, -inf);
        m1 = hn::Max(m1, tail);
    }
    const VF m = hn::MaxOfLanes(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3)));
    VF s0 = hn::Zero(d), s1 = s0;
    i = 0;
    if (logarithm) {
        for (; i < full; i += L) s0 = hn::Add(s0, ExpOfNegative(d, hn::Sub(hn::LoadU(d, x + i), m)));
        if (full < n) s0 = hn::Add(s0, ExpOfNegative(d, hn::Sub(tail, m)));
        const VF log_sum = Log(d, hn::SumOfLanes(d, s0));
        for (i = 0; i < full; i += L) hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(d, x + i), m), log_sum), d, y + i);
        if (full < n) StoreTail(d, hn::Sub(hn::Sub(tail, m), log_sum), y + full, n - full);
        return;
    }
    for (; i + 2 * L <= full; i += 2 * L) {
        const VF a = ExpOfNegative(d, hn::Sub(hn::LoadU(d, x + i), m)), b = ExpOfNegative(d, hn::Sub(hn::LoadU(d, x + i + L), m));
        hn::StoreU(a, d, y + i);
        hn::StoreU(b, d, y + i + L);
        s0 = hn::Add(s0, a);
        s1 = hn::Add(s1, b);
    }
    if (i < full) {
        const VF a = ExpOfNegative(d, hn::Sub(hn::LoadU(d, x + i), m));
        hn::StoreU(a, d, y + i);
        s0 = hn::Add(s0, a);
    }
    if (full < n) {
        tail = ExpOfNegative(d, hn::Sub(tail, m));
        s1 = hn::Add(s1, tail);
    }
    const VF scale = hn::Div(hn::Set(d, 1.f), hn::SumOfLanes(d, hn::Add(s0, s1)));
    for (i = 0; i < full; i += L) hn::StoreU(hn::Mul(scale, hn::LoadU(d, y + i)), d, y + i);
    if (full < n) StoreTail(d, hn::Mul(scale, tail), y + full, n - full);
}

// Sum of (x - shift)^2 if kSquare, else of x: blocks of 4096 in float, their sums in double.
template <bool kSquare>
inline double SumOfRow(const float* x, size_t n, float shift) {
    const DF d;
    const size_t L = hn::Lanes(d);
    const VF c = hn::Set(d, shift);
    double total = 0;
    for (size_t from = 0; from < n; from += 4096) {
        const size_t to = n - from < 4096 ? n : from + 4096;
        VF s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
        size_t i = from;
        for (; i + 4 * L <= to; i += 4 * L) {
            const VF a = hn::Sub(hn::LoadU(d, x + i), c), b = hn::Sub(hn::LoadU(d, x + i + L), c);
            const VF e = hn::Sub(hn::LoadU(d, x + i + 2 * L), c), f = hn::Sub(hn::LoadU(d, x + i + 3 * L), c);
            if constexpr (kSquare) {
                s0 = hn::MulAdd(a, a, s0);
                s1 = hn::MulAdd(b, b, s1);
                s2 = hn::MulAdd(e, e, s2);
                s3 = hn::MulAdd(f, f, s3);
            } else {
                s0 = hn::Add(s0, a);
                s1 = hn::Add(s1, b);
                s2 = hn::Add(s2, e);
                s3 = hn::Add(s3, f);
            }
        }
        for (; i < to; i += L) {  // the pad value leaves nothing after the subtraction
            const VF a = hn::Sub(to - i >= L ? hn::LoadU(d, x + i) : LoadTail(d, x + i, to - i, shift), c);
            if constexpr (kSquare) s0 = hn::MulAdd(a, a, s0);
            else s0 = hn::Add(s0, a);
        }
        total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)))));
    }
    return total;
}
inline void LayerNorm(const float* x, const float* gamma, const float* beta, float* y, size_t n, float epsilon, bool rms, float* mean_out,
                      float* inv_out) {
    alignas(64) float ones[16], zeros[16] = {};
    for (float& v : ones) v = 1.f;
    if (n == 0) return;
    const double count = static_cast<double>(n);
    const float mean = rms ? 0.f : static_cast<float>(SumOfRow<false>(x, n, 0.f) / count);
    const float inv = static_cast<float>(1.0 / __builtin_sqrt(SumOfRow<true>(x, n, mean) / count + static_cast<double>(epsilon)));
    if (mean_out) *mean_out = mean;
    if (inv_out) *inv_out = inv;
    const size_t gm = gamma ? ~size_t{0} : 15, bm = beta ? ~size_t{0} : 15;
    const float *g = gamma ? gamma : ones, *b = beta ? beta : zeros;
    const DF d;
    const size_t L = hn::Lanes(d), full = n - n % L;
    const VF vm = hn::Set(d, mean), vi = hn::Set(d, inv);
    for (size_t i = 0; i < full; i += L) {
        const VF v = hn::Mul(hn::Sub(hn::LoadU(d, x + i), vm), vi);
        hn::StoreU(hn::MulAdd(v, hn::LoadU(d, g + (i & gm)), hn::LoadU(d, b + (i & bm))), d, y + i);
    }
    if (full == n) return;
    const size_t r = n - full;
    const VF v = hn::Mul(hn::Sub(LoadTail(d, x + full, r, 0.f), vm), vi);
    StoreTail(d, hn::MulAdd(v, LoadTail(d, g + (full & gm), r, 0.f), LoadTail(d, b + (full & bm), r, 0.f)), y + full, r);
}

inline void fill(MathBricks& m) {
    m.unary = &Unary;
    m.binary = &Binary;
    m.scale_shift = &ScaleShift;
    m.reduce16 = &Reduce;
    m.softmax = &Softmax;
    m.layer_norm = &LayerNorm;
}

}  // namespace HWY_NAMESPACE
}  // namespace LITE_CFG_NS
}  // namespace lite
HWY_AFTER_NAMESPACE();
