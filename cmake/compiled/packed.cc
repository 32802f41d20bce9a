// lite::compiled, another file: packed models, whose JSON takes its time to compile.
#include "lite/model_info_impl.h"
#include "lite/pack_model_impl.h"
