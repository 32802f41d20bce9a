// lite::compiled: the operators of matrix products and what is made of them.
#include "lite/op/product_ops.h"
template void lite::add_operators(lite::ProductOps, lite::Registry&, bool);
