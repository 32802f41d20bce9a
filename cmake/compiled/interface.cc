// lite::compiled, third file: the public interface.
#include "lite/global_impl.h"
#include "lite/graph_impl.h"
#include "lite/tensor_impl.h"
