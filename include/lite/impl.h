// Every definition of the library: what lite.h adds in the header-only form, and what lite::compiled is made of.
#ifndef LITE_IMPL_H_
#define LITE_IMPL_H_
#include "lite/format/mge_impl.h"
#include "lite/global_impl.h"
#include "lite/graph_impl.h"
#include "lite/model_info_impl.h"
#include "lite/network_impl.h"
#include "lite/op/all.h"
#include "lite/pack_model_impl.h"
#include "lite/tensor_impl.h"

#include "lite/kernel/targets.h"
#endif
