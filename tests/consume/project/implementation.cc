#define LITE_IMPLEMENTATION
#include <lite/all_ops.h>
