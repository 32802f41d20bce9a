// Reshape: the same elements under another shape.
#ifndef LITE_OP_RESHAPE_H_
#define LITE_OP_RESHAPE_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// The shape is an input, or before opset 5 an attribute. 0 keeps the extent of the input (unless allowzero), -1 is what is left.
struct Reshape {
    static constexpr std::string_view name = "Reshape";
    static constexpr Spelling spellings[] = {{"onnx", "", "Reshape"}};
    static constexpr OperatorTraits traits{.view = true};
    struct Attributes {
        std::vector<int64_t> shape;
        bool allowzero = false;
        template <class V> void visit(V& v) {
            v("shape", shape);
            v("allowzero", allowzero);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        const auto a = c.attributes<Attributes>();
        std::vector<int64_t> wanted = a.shape;
        if (c.has_input(1)) {
            const Array* v = c.value(1);
            if (!v) {
                const TensorInfo& s = c.input(1);
                return c.output_unknown(0, x.dtype, s.shape_known() && s.shape.rank() == 1 ? static_cast<int>(s.shape[0]) : -1);
            }
            wanted = v->values<int64_t>();
        }
        Shape y(wanted);
        int rest = -1;
        // Extents that are copied stand on both sides and cancel, even if they are not known yet.
        int64_t given = 1;
        std::vector<bool> copied(x.has_shape ? x.shape.rank() : 0);
        for (size_t i = 0; i < y.rank(); ++i) {
            if (y[i] == -1) {
                c.check_that(rest < 0, "the shape ", wanted, " has more than one -1");
                rest = static_cast<int>(i);
            } else if (y[i] == 0 && !a.allowzero) {
                if (!x.has_shape) {
                    y[i] = kUnknown;
                    continue;
                }
                c.check_that(i < x.shape.rank(), "the shape ", wanted, " copies axis ", i, " of an input of shape ", x.shape);
                y[i] = x.shape[i];
                copied[i] = true;
            } else {
                c.check_that(y[i] >= 0, "the shape ", wanted, " has a negative extent");
                c.check_that(!__builtin_mul_overflow(given, y[i], &given), "the shape ", wanted, " is too large");
            }
        }
        bool known = x.has_shape;
        int64_t left = 1;
        for (size_t i = 0; i < copied.size(); ++i)
            if (!copied[i]) {
                if (x.shape[i] < 0) known = false;
                else c.check_that(!__builtin_mul_overflow(left, x.shape[i], &left), "an input of shape ", x.shape, " is too large");
            }
        if (rest >= 0) {
            // A copied extent of 0 makes -1 ambiguous; like numpy's, it is what fits the others.
            y[static_cast<size_t>(rest)] = kUnknown;
            if (known) {
                c.check_that(given > 0 ? left % given == 0 : left == 0, "an input of shape ", x.shape, " does not fit the shape ", wanted);
                y[static_cast<size_t>(rest)] = given > 0 ? left / given : 0;
            }
        } else if (x.shape_known() && y.known()) {
            c.check_that(x.shape.count() == y.count(), "an input of shape ", x.shape, " does not fit the shape ", wanted);
        }
        c.output(0, x.dtype, y);
    }
    static void reference(RunContext& c) {
        const TensorView& y = c.output(0);
        copy_bytes(y.data, c.input(0).data, y.bytes(), c.pool);
    }
};

LITE_NAMESPACE_END
#endif
