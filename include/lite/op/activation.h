// Activations fused behind another operator: their scalar meaning for references.
#ifndef LITE_OP_ACTIVATION_H_
#define LITE_OP_ACTIVATION_H_
#include "lite/kernel/math_bricks.h"

LITE_NAMESPACE_BEGIN

inline double activate(const Activation& a, double x) {
    return unary_value<double>(a.mode, static_cast<double>(a.alpha), static_cast<double>(a.beta), x);
}

LITE_NAMESPACE_END
#endif
