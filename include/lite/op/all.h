// The list of the library's operators. Adding one: its file, its include and its name here.
#ifndef LITE_OP_ALL_H_
#define LITE_OP_ALL_H_
#include "lite/op/registry.h"
#include "lite/op/conv.h"
#include "lite/op/conv_depthwise.h"
#include "lite/op/gemm.h"
#include "lite/op/identity.h"
#include "lite/op/matmul.h"
#include "lite/op/relayout.h"

LITE_NAMESPACE_BEGIN

using AllOps = Ops<
        Conv,
        Gemm,
        Identity,
        MatMul,
        Relayout
        >;
#if !defined(LITE_OPS)
#define LITE_OPS AllOps
#endif

LITE_INLINE Registry& registry() {
    static Registry* const r = [] {
        auto* made = new Registry;
        [&]<class... Op>(Ops<Op...>) { (made->add(describe<Op>()), ...); }(LITE_OPS());
        return made;
    }();
    return *r;
}

LITE_NAMESPACE_END
#endif
