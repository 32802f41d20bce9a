// lite::compiled: the reader and the writer of .mge files.
#include "lite/format/mge_impl.h"
#include "lite/format/mge_writer_impl.h"
