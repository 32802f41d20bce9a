// lite::compiled, second file: the operators' meaning and their kernels above the bricks.
#include "lite/kernel/bricks.h"
#include "lite/op/all.h"
#include "lite/op/rare_ops.h"
namespace {
const bool rare_operators_added = (lite::add_operators(lite::RareOps(), lite::registry(), true), true);
}
