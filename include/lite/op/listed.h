// Which operators the program holds: all, unless LITE_OPS lists them.
#ifndef LITE_OP_LISTED_H_
#define LITE_OP_LISTED_H_
#include <string_view>
#include <type_traits>

#include "lite/op/registry.h"
#if defined(LITE_OPS)
#include "lite/op/all.h"  // what the list names
#endif

LITE_NAMESPACE_BEGIN

namespace detail {
template <class Op, class... Listed> consteval bool is_listed(Ops<Listed...>) { return (std::is_same_v<Op, Listed> || ...); }
}  // namespace detail

// Passes make nodes of operators that are there, and those that make none are left out, too.
#if defined(LITE_OPS)
template <class Op> inline constexpr bool kHasOperator = detail::is_listed<Op>(LITE_OPS());
inline constexpr std::string_view kListNote = " (this program has the operators of its LITE_OPS alone)";  // behind errors of absent ones
#else
template <class Op> inline constexpr bool kHasOperator = true;
inline constexpr std::string_view kListNote;
#endif

namespace detail {
template <class... Op> consteval bool has_any(Ops<Op...>) { return (kHasOperator<Op> || ...); }
}  // namespace detail
template <class List> inline constexpr bool kHasAny = detail::has_any(List());
#if defined(LITE_OPS)
// Families of bricks that none of the operators calls are left out (kernel/table-inl.h).
inline constexpr bool kConvBricks = kHasAny<Ops<Conv, ConvTranspose>>, kIntegerBricks = kHasAny<QuantizedOps>;
#endif

LITE_NAMESPACE_END
#endif
