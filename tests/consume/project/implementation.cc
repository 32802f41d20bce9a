#define LITE_IMPLEMENTATION
#include <lite/lite.h>
