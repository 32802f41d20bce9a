// Einsum: sums of products of any number of tensors, as an equation over labelled axes says.
#ifndef LITE_OP_EINSUM_H_
#define LITE_OP_EINSUM_H_
#include "lite/kernel/strided_copy.h"
#include "lite/op/product.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// As numpy.einsum with an equation of letters: terms separated by commas, optionally "->" and the result's term; "..." stands for
// axes that broadcast. A label that occurs twice in a term takes the diagonal; an axis of extent 1 broadcasts.
struct Einsum {
    static constexpr std::string_view name = "Einsum";
    static constexpr Spelling spellings[] = {{"onnx", "", "Einsum"}};
    struct Attributes {
        std::string equation;
        template <class V> void visit(V& v) { v("equation", equation); }
    };

    // The equation resolved for operands of given shapes. Labels are numbered: those of the result first, in its order.
    struct Loops {
        std::vector<int64_t> extent;                // of each label
        size_t result = 0;                          // labels that the result has
        std::vector<std::vector<int64_t>> stride;   // [operand][label], in elements of the dense operand; 0: it lacks the label
        Shape shape;                                // of the result
        static Loops of(const std::string& equation, const std::vector<Shape>& shapes, const Who& who) {
            // Letters are themselves; the axis of an ellipsis that is the j-th from its end is 256 + j.
            using Term = std::vector<int>;
            constexpr int kEllipsis = -1;
            std::vector<Term> terms(1);
            Term result;
            bool explicit_result = false;
            for (size_t i = 0; i < equation.size(); ++i) {
                const char ch = equation[i];
                Term& now = explicit_result ? result : terms.back();
                if (ch == ' ') continue;
                if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')) {
                    now.push_back(ch);
                } else if (ch == ',' && !explicit_result) {
                    terms.emplace_back();
                } else if (equation.compare(i, 3, "...") == 0 && std::find(now.begin(), now.end(), kEllipsis) == now.end()) {
                    now.push_back(kEllipsis);
                    i += 2;
                } else if (equation.compare(i, 2, "->") == 0 && !explicit_result) {
                    explicit_result = true;
                    ++i;
                } else {
                    fail(who, ": equation '", equation, "' is malformed at its character ", i + 1);
                }
            }
            check(terms.size() == shapes.size(), who, ": equation '", equation, "' has ", terms.size(), " operands, the node has ", shapes.size());
            size_t wide = 0;  // axes of the widest ellipsis
            for (size_t o = 0; o < terms.size(); ++o) {
                Term& t = terms[o];
                const auto dots = std::find(t.begin(), t.end(), kEllipsis);
                const size_t letters = t.size() - (dots != t.end()), rank = shapes[o].rank();
                check(dots != t.end() ? rank >= letters : rank == letters, who, ": operand ", o, " is ", shapes[o], ", equation '", equation,
                      "' wants ", letters, " axes");
                if (dots == t.end()) continue;
                const size_t n = rank - letters, at = static_cast<size_t>(dots - t.begin());
                wide = std::max(wide, n);
                t.erase(dots);
                for (size_t j = 0; j < n; ++j) t.insert(t.begin() + static_cast<std::ptrdiff_t>(at), 256 + static_cast<int>(j));
            }
            const auto ellipsis = [&](Term& t, size_t at) {
                for (size_t j = 0; j < wide; ++j) t.insert(t.begin() + static_cast<std::ptrdiff_t>(at), 256 + static_cast<int>(j));
            };
            if (!explicit_result) {
                ellipsis(result, 0);
                for (int letter = 'A'; letter <= 'z'; ++letter) {
                    size_t count = 0;
                    for (const Term& t : terms) count += static_cast<size_t>(std::count(t.begin(), t.end(), letter));
                    if (count == 1) result.push_back(letter);
                }
            } else if (const auto dots = std::find(result.begin(), result.end(), kEllipsis); dots != result.end()) {
                const size_t at = static_cast<size_t>(dots - result.begin());
                result.erase(dots);
                ellipsis(result, at);
            }
            Loops l;
            std::vector<int> labels = result;
            for (size_t i = 0; i < result.size(); ++i)
                check(std::count(result.begin(), result.end(), result[i]) == 1, who, ": equation '", equation, "' names an axis of the result twice");
            l.result = result.size();
            for (const Term& t : terms)
                for (int x : t)
                    if (std::find(labels.begin(), labels.end(), x) == labels.end()) labels.push_back(x);
            l.extent.assign(labels.size(), 0);
            std::vector<bool> seen(labels.size());
            for (size_t o = 0; o < terms.size(); ++o) {
                for (size_t a = 0; a < terms[o].size(); ++a) {
                    const size_t id = static_cast<size_t>(std::find(labels.begin(), labels.end(), terms[o][a]) - labels.begin());
                    const int64_t have = shapes[o][a];
                    int64_t& e = l.extent[id];
                    if (!seen[id] || e == 1) e = have;
                    else if (e < 0 && have > 1) e = have;
                    else check(have == e || have == 1 || have < 0 || e < 0, who, ": operand ", o, " is ", shapes[o], ", another operand has ", e,
                               " on its axis ", a, " in equation '", equation, "'");
                    seen[id] = true;
                }
            }
            for (size_t i = 0; i < l.result; ++i) {
                check(seen[i], who, ": equation '", equation, "' has an axis in the result that no operand has");
                l.shape.push_back(l.extent[i]);
            }
            for (size_t o = 0; o < terms.size(); ++o) {
                l.stride.emplace_back(labels.size(), 0);
                if (!shapes[o].known()) continue;
                int64_t step = 1;
                for (size_t a = terms[o].size(); a-- > 0; step *= shapes[o][a]) {
                    const size_t id = static_cast<size_t>(std::find(labels.begin(), labels.end(), terms[o][a]) - labels.begin());
                    if (shapes[o][a] != 1) l.stride[o][id] += step;
                }
            }
            return l;
        }
    };

    static void infer(InferContext& c) {
        const auto at = c.attributes<Attributes>();
        c.check_that(c.input_count() > 0, "no operands");
        const DType type = c.input(0).dtype;
        c.check_that(type != DType::boolean, "the operands are bool, expected numbers");
        std::vector<Shape> shapes;
        for (size_t i = 0; i < c.input_count(); ++i) {
            c.check_that(c.input(i).dtype == type, "operand ", i, " is ", c.input(i).dtype, ", operand 0 is ", type);
            if (!c.input(i).has_shape) return c.output_unknown(0, type);
            shapes.push_back(c.input(i).shape);
        }
        c.output(0, type, Loops::of(at.equation, shapes, c.where()).shape);
    }

    // Floating-point sums are kept in double; integers wrap around.
    static void reference(RunContext& c) {
        std::vector<Shape> shapes;
        for (const TensorView& v : c.inputs) shapes.push_back(v.shape);
        const Loops l = Loops::of(c.attributes<Attributes>().equation, shapes, c.where());
        const TensorView y = c.output(0, c.input(0).dtype, l.shape);
        const size_t labels = l.extent.size();
        bool nothing = false;  // an empty sum
        for (size_t i = l.result; i < labels; ++i) nothing |= l.extent[i] == 0;
        std::vector<int64_t> index(labels, 0), at(shapes.size(), 0);
        const auto next = [&](size_t first, size_t last) {  // counts up the labels [first, last); false after the last combination
            for (size_t i = last; i-- > first;) {
                const bool carry = ++index[i] == l.extent[i];
                for (size_t o = 0; o < at.size(); ++o) at[o] += carry ? -l.stride[o][i] * (l.extent[i] - 1) : l.stride[o][i];
                if (!carry) return true;
                index[i] = 0;
            }
            return false;
        };
        visit_sums(y.dtype, [&](auto zero, auto value) {
            using Sum = decltype(zero);
            using V = decltype(value);
            std::vector<std::vector<V>> operands;
            for (const TensorView& v : c.inputs) operands.push_back(v.values<V>());
            std::vector<V> result(static_cast<size_t>(l.shape.count()));
            for (V& e : result) {
                Sum sum{};
                if (!nothing) do {
                        Sum product = 1;
                        for (size_t o = 0; o < at.size(); ++o) product *= static_cast<Sum>(operands[o][static_cast<size_t>(at[o])]);
                        sum += product;
                    } while (next(l.result, labels));
                e = static_cast<V>(sum);
                next(0, l.result);
            }
            store_wide(y, 0, 1, result.size(), result.data());
        });
    }
};

// Two operands whose labels are those of a batch of matrix products: operands and result are brought into that order by copies
// where they are not in it.
template <> struct Kernel<Einsum, NCHW, float> {
    static constexpr std::string_view name = "einsum/gemm";
    struct State {
        ProductPlan plan;
        size_t first = 0, second = 1;  // operands of the product: the result's columns come from the second
        bool copy_a = false, copy_b = false, copy_c = false;
        StridedCopy to_a, to_b, from_c;
        size_t a_offset = 0, b_offset = 0, c_offset = 0;  // floats of workspace
    };
    // Labels of the roles; extents of 1 have none.
    struct Roles {
        std::vector<size_t> batch, m, n, k;
        bool product = true;
    };
    static Einsum::Loops loops(const NodeInfo& n) {
        std::vector<Shape> shapes;
        for (const TensorInfo& t : n.inputs) shapes.push_back(t.shape);
        return Einsum::Loops::of(n.attributes<Einsum::Attributes>().equation, shapes, n.node->name);
    }
    static Roles roles(const Einsum::Loops& l, size_t first, size_t second) {
        Roles r;
        for (size_t i = 0; i < l.extent.size(); ++i) {
            if (l.extent[i] == 1) continue;
            const bool a = l.stride[first][i] != 0, b = l.stride[second][i] != 0, y = i < l.result;
            if (a && b) (y ? r.batch : r.k).push_back(i);
            else if (a && y) r.m.push_back(i);
            else if (b && y) r.n.push_back(i);
            else r.product = false;
        }
        return r;
    }
    static bool applicable(const NodeInfo& n) {
        if (n.inputs.size() != 2) return false;
        for (const TensorInfo& t : n.inputs)
            if (!t.shape_known() || t.shape.count() == 0) return false;
        return roles(loops(n), 0, 1).product;
    }
    static size_t count(const Einsum::Loops& l, const std::vector<size_t>& labels) {
        size_t c = 1;
        for (size_t i : labels) c *= static_cast<size_t>(l.extent[i]);
        return c;
    }
    // Whether walking the labels in that order walks the operand densely.
    static bool dense(const Einsum::Loops& l, const std::vector<int64_t>& stride, const std::vector<size_t>& order) {
        int64_t want = 1;
        for (size_t i = order.size(); i-- > 0; want *= l.extent[order[i]])
            if (stride[order[i]] != want) return false;
        return true;
    }
    static std::vector<size_t> join(std::initializer_list<const std::vector<size_t>*> lists) {
        std::vector<size_t> all;
        for (const auto* list : lists) all.insert(all.end(), list->begin(), list->end());
        return all;
    }
    // A copy between an operand and its dense form in the given order of labels.
    static StridedCopy copy(const Einsum::Loops& l, const std::vector<int64_t>& stride, const std::vector<size_t>& order, bool to_dense) {
        std::vector<int64_t> own(order.size());
        int64_t step = 1;
        for (size_t i = order.size(); i-- > 0; step *= l.extent[order[i]]) own[i] = step;
        StridedCopy c;
        for (size_t i = 0; i < order.size(); ++i)
            if (to_dense) c.axis(l.extent[order[i]], own[i], stride[order[i]]);
        if (!to_dense)  // the result is written in its own order
            for (size_t label = 0; label < l.result; ++label)
                for (size_t i = 0; i < order.size(); ++i)
                    if (order[i] == label) c.axis(l.extent[label], stride[label], own[i]);
        return c;
    }
    static State plan(const NodeInfo& n) {
        const Einsum::Loops l = loops(n);
        State s;
        Roles r = roles(l, 0, 1);
        if (!r.m.empty() && !r.n.empty() && r.n.back() < r.m.back()) {  // the result ends with labels of operand 0
            std::swap(s.first, s.second);
            std::swap(r.m, r.n);
        }
        std::vector<int64_t> result_stride(l.extent.size(), 0);
        int64_t step = 1;
        for (size_t i = l.result; i-- > 0; step *= l.extent[i]) result_stride[i] = l.extent[i] == 1 ? 0 : step;
        const auto a_order = join({&r.batch, &r.m, &r.k}), b_order = join({&r.batch, &r.k, &r.n}), bt_order = join({&r.batch, &r.n, &r.k}),
                   c_order = join({&r.batch, &r.m, &r.n});
        s.copy_a = !dense(l, l.stride[s.first], a_order);
        const bool bt = dense(l, l.stride[s.second], bt_order);
        s.copy_b = !bt && !dense(l, l.stride[s.second], b_order);
        s.copy_c = !dense(l, result_stride, c_order);
        s.to_a = copy(l, l.stride[s.first], a_order, true);
        s.to_b = copy(l, l.stride[s.second], b_order, true);
        s.from_c = copy(l, result_stride, c_order, false);
        ProductShape& p = s.plan.shape;
        p.m = count(l, r.m);
        p.n = count(l, r.n);
        p.k = count(l, r.k);
        p.trans_b = bt && !r.k.empty() && !r.n.empty();
        for (size_t i = 0; i < count(l, r.batch); ++i) p.a_at.push_back(i);
        p.b_at = p.a_at;
        p.a_count = p.b_count = p.a_at.size();
        return s;
    }
    static double cost(const NodeInfo& n) {
        const State s = plan(n);
        const ProductShape& p = s.plan.shape;
        const double moved = static_cast<double>(p.batch() * (s.copy_a * p.m * p.k + s.copy_b * p.k * p.n + s.copy_c * p.m * p.n));
        return s.plan.cost(n, false) + 0.5 * moved;
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        State s = plan(n);
        const ProductShape& p = s.plan.shape;
        const auto take = [&](size_t floats) {
            const size_t at = s.plan.workspace;
            s.plan.workspace += (floats * sizeof(float) + 63) / 64 * 64;
            return at / sizeof(float);
        };
        if (s.copy_a) s.a_offset = take(p.batch() * p.m * p.k);
        if (s.copy_b) s.b_offset = take(p.batch() * p.k * p.n);
        if (s.copy_c) s.c_offset = take(p.batch() * p.m * p.n);
        s.plan.prepare(n, c, kNoInput, 1.f);
        return s;
    }
    static constexpr size_t kNoInput = 2;  // of a node with two: B is not packed ahead
    static void run(const State& s, const RunContext& c) noexcept {
        float* scratch = reinterpret_cast<float*>(c.workspace);
        const float *a = c.input(s.first).as<float>(), *b = c.input(s.second).as<float>();
        float* y = c.output(0).as<float>();
        if (s.copy_a) {
            StridedCopy copy = s.to_a;
            copy.run(scratch + s.a_offset, a, sizeof(float), c.pool, c.bricks);
            a = scratch + s.a_offset;
        }
        if (s.copy_b) {
            StridedCopy copy = s.to_b;
            copy.run(scratch + s.b_offset, b, sizeof(float), c.pool, c.bricks);
            b = scratch + s.b_offset;
        }
        float* to = s.copy_c ? scratch + s.c_offset : y;
        s.plan.run(c, s.plan.call, a, b, to);
        if (s.copy_c) {
            StridedCopy copy = s.from_c;
            copy.run(y, to, sizeof(float), c.pool, c.bricks);
        }
    }
};

LITE_NAMESPACE_END
#endif
