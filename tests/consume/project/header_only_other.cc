// A second translation unit of the same program, compiled with other flags.
#include "check_xor.h"
bool other_is_right(const char* model) { return xor_is_right(model); }
