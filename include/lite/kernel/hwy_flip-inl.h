// One step of Highway's per-target parity: every per-target guard compares its own definedness with this macro.
#ifdef HWY_TARGET_TOGGLE
#undef HWY_TARGET_TOGGLE
#else
#define HWY_TARGET_TOGGLE
#endif
