// lite::compiled: the operators of convolutions, pooling, resampling.
#include "lite/op/image_ops.h"
template void lite::add_operators(lite::ImageOps, lite::Registry&, bool);
