// lite::compiled, second file: the operators' meaning and their kernels above the bricks.
#include "lite/kernel/bricks.h"
#include "lite/op/all.h"
