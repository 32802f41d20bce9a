// Highway with dynamic dispatch, lite, Highway again: in one translation unit, in this order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "header_only_main.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace user {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
inline float Sum(const float* x, size_t n) {
    const hn::ScalableTag<float> d;
    auto sum = hn::Zero(d);
    size_t i = 0;
    for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) sum = hn::Add(sum, hn::LoadU(d, x + i));
    float s = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; i < n; ++i) s += x[i];
    return s;
}
}  // namespace HWY_NAMESPACE
}  // namespace user
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "check_xor.h"
namespace user {
HWY_EXPORT(Sum);
inline float DispatchedSum(const float* x, size_t n) { return HWY_DYNAMIC_DISPATCH(Sum)(x, n); }
}  // namespace user
bool other_is_right(const char* model);
bool rare_is_right(const char* model);

// Static dispatch behind lite's headers: Highway's macros are as they were.
HWY_BEFORE_NAMESPACE();
namespace after {
namespace hn = hwy::HWY_NAMESPACE;
inline float First(const float* x) {
    const hn::ScalableTag<float> d;
    return hn::GetLane(hn::Add(hn::Set(d, x[0]), hn::Zero(d)));
}
}  // namespace after
HWY_AFTER_NAMESPACE();

int main(int, char** argv) {
    float x[37];
    for (int i = 0; i < 37; ++i) x[i] = static_cast<float>(i);
    const bool sums = user::DispatchedSum(x, 37) == 666.f && after::First(x + 5) == 5.f;
    return sums && xor_is_right(argv[1]) && has_rare_operators() && other_is_right(argv[1]) && rare_is_right(argv[1]) ? 0 : 1;
}
#endif
