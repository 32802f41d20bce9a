// lite::compiled: the reader of .mge files.
#include "lite/format/mge_impl.h"
