// lite::compiled: the operators of moving, picking and making data; control flow.
#include "lite/op/data_ops.h"
template void lite::add_operators(lite::DataOps, lite::Registry&, bool);
