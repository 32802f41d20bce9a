// A second translation unit of the same program, compiled with other flags: its library has not seen the second include.
#include "check_xor.h"
bool other_is_right(const char* model) { return xor_is_right(model) && !has_rare_operators(); }
