// lite::compiled: the operators of element-wise functions, reductions, normalisations.
#include "lite/op/math_ops.h"
template void lite::add_operators(lite::MathOps, lite::Registry&, bool);
