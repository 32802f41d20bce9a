// lite::compiled, fourth file: networks, from reading a model to running it.
#include "lite/network_impl.h"
