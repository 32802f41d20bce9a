// All operators that come with <lite/lite.h>. Adding one: its file, and its include and name in the list of its group.
#ifndef LITE_OP_ALL_H_
#define LITE_OP_ALL_H_
#include "lite/op/data_ops.h"
#include "lite/op/image_ops.h"
#include "lite/op/math_ops.h"
#include "lite/op/product_ops.h"
#include "lite/op/quantized_ops.h"

LITE_NAMESPACE_BEGIN

#if defined(LITE_COMPILED) && !defined(LITE_IMPLEMENTATION)  // each group has a translation unit of its own
extern template void add_operators(DataOps, Registry&, bool);
extern template void add_operators(ImageOps, Registry&, bool);
extern template void add_operators(MathOps, Registry&, bool);
extern template void add_operators(ProductOps, Registry&, bool);
extern template void add_operators(QuantizedOps, Registry&, bool);
#endif

LITE_INLINE Registry& registry() {
    static Registry* const r = [] {
        auto* made = new Registry;
#if defined(LITE_OPS)
        add_operators(LITE_OPS(), *made);
        add_operators(Ops<Relayout>(), *made, true);  // the plan makes nodes of it itself
#else
        add_operators(DataOps(), *made);
        add_operators(ImageOps(), *made);
        add_operators(MathOps(), *made);
        add_operators(ProductOps(), *made);
        add_operators(QuantizedOps(), *made);
#endif
        return made;
    }();
    return *r;
}

LITE_NAMESPACE_END
#endif
