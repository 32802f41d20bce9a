#include <lite/all_ops.h>

#include "check_xor.h"
#if defined(HWY_HIGHWAY_INCLUDED)
#error "the light headers must not include Highway"
#endif
int main(int, char** argv) { return xor_is_right(argv[1]) && has_rare_operators() ? 0 : 1; }
