// lite::compiled: the operators of integer arithmetic with scales and zero points.
#include "lite/op/quantized_ops.h"
template void lite::add_operators(lite::QuantizedOps, lite::Registry&, bool);
