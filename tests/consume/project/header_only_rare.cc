// A third one: the only file that has the second include, for itself and for those that were compiled with the same flags.
#include <lite/all_ops.h>

#include "check_xor.h"
bool rare_is_right(const char* model) { return xor_is_right(model) && has_rare_operators(); }
