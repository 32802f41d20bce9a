// Second include of a program that needs what few do: adds the operators that <lite/lite.h> leaves out to the registry, and the writer
// of .mge files.
#ifndef LITE_ALL_OPS_H_
#define LITE_ALL_OPS_H_
#include "lite/lite.h"

// With lite::compiled they are there already.
#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/format/mge_writer.h"
#include "lite/op/rare_ops.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// One variable of the whole program, however many of its files include this, set before main.
inline const bool rare_operators_added = (add_operators(RareOps(), registry(), true), true);
}  // namespace detail

LITE_NAMESPACE_END
#endif
#endif
