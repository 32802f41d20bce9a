// lite::compiled: the operators that few models use.
#include "lite/op/rare_ops.h"
template void lite::add_operators(lite::RareOps, lite::Registry&, bool);
