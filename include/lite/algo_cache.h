// The choices of algorithms that measuring made, kept for other networks, processes and packed models.
#ifndef LITE_ALGO_CACHE_H_
#define LITE_ALGO_CACHE_H_
#include "lite/plan/algo_cache.h"

LITE_NAMESPACE_BEGIN

// That of the process, which lite::set_persistent_cache fills.
AlgoCache& algo_cache();

LITE_NAMESPACE_END
#endif
