// lite::compiled, first file: the SIMD bricks of every target. The only translation unit that sees Highway.
#include "lite/kernel/targets.h"
