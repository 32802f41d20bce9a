// The definitions of the library, for all programs of this folder.
#define LITE_IMPLEMENTATION
#include <lite/lite.h>
