// ElemwiseChain: several element-wise functions in one pass over the data, a tile in L1 at a time.
#ifndef LITE_OP_ELEMWISE_CHAIN_H_
#define LITE_OP_ELEMWISE_CHAIN_H_
#include "lite/op/elemwise.h"

LITE_NAMESPACE_BEGIN

// The program of a chain. Step j computes f(a) for a mode of one input and f(a, b) for one of two; the last step is the result.
// An operand >= 0 is that input of the node; an operand ~j is the result of step j, which must stand before. In a node it is
// the attribute "program", [mode, a, b] per step, and the attribute "parameters", [alpha, beta] per step.
struct ElemwiseProgram {
    struct Step {
        ElemwiseMode mode = ElemwiseMode::identity;
        int64_t a = 0, b = 0;  // b of a one-input mode is not read
        float alpha = 0.f, beta = 0.f;
        bool two() const { return is_binary(mode); }
    };
    std::vector<Step> steps;

    static ElemwiseProgram read(const Attributes& from) {
        ElemwiseProgram p;
        const auto code = from.get("program", std::vector<int64_t>());
        const auto parameters = from.get("parameters", std::vector<float>());
        check(code.size() % 3 == 0 && parameters.size() * 3 == code.size() * 2, "a program of ", code.size(), " numbers with ", parameters.size(),
              " parameters: expected 3 and 2 for each step");
        for (size_t i = 0; i < code.size() / 3; ++i)
            p.steps.push_back({static_cast<ElemwiseMode>(code[3 * i]), code[3 * i + 1], code[3 * i + 2], parameters[2 * i], parameters[2 * i + 1]});
        return p;
    }
    void write(Attributes& to) const {
        std::vector<int64_t> code;
        std::vector<float> parameters;
        for (const Step& s : steps) {
            code.insert(code.end(), {static_cast<int64_t>(s.mode), s.a, s.b});
            parameters.insert(parameters.end(), {s.alpha, s.beta});
        }
        to.set("program", std::move(code));
        to.set("parameters", std::move(parameters));
    }
    // Fails, opening the message with `who`, unless every step reads inputs that exist and earlier steps only.
    void validate(size_t inputs, const Who& who) const {
        check(!steps.empty(), who, ": the program has no steps");
        for (size_t j = 0; j < steps.size(); ++j) {
            const Step& s = steps[j];
            check(is_unary(s.mode) || is_binary(s.mode), who, ": step ", j, " has mode ", static_cast<int64_t>(s.mode), ", which is not of one or two inputs");
            for (int64_t o : {s.a, s.two() ? s.b : s.a})
                check(o >= 0 ? o < static_cast<int64_t>(inputs) : ~o < static_cast<int64_t>(j), who, ": step ", j, " reads operand ", o, ", there are ", inputs,
                      " inputs and the steps before");
        }
    }
};

// An Elemwise node as a step whose operands are the node's first one or two inputs; false if it is none (bounds that only a run
// tells, more than two inputs, a result that is not of the type of the inputs).
inline bool as_program_step(const Node& n, const Graph& g, ElemwiseProgram::Step& out) {
    if (n.op->name != Elemwise::name || n.inputs.empty() || n.inputs[0] == kNoValue) return false;
    Activation f;
    if (as_activation(n, g, f)) {
        out = {f.mode, 0, 0, f.alpha, f.beta};
        return true;
    }
    f = elemwise_function(n);
    if (is_predicate(f.mode) || is_unary(f.mode) || n.inputs.size() != 2 || n.inputs[1] == kNoValue) return false;
    const ElemwiseMode m = detail::joining_mode(f.mode);
    if (f.mode == ElemwiseMode::mean || !has_float_kernel(m)) return false;
    out = {m, 0, 1, f.alpha, f.beta};
    return true;
}

// Outputs one tensor of the dtype of input 0 and the shape to which all inputs broadcast; all inputs have that dtype.
// Comparisons inside a program give 0 and 1.
struct ElemwiseChain {
    static constexpr std::string_view name = "ElemwiseChain";
    static constexpr Spelling spellings[] = {{"lite", "", "ElemwiseChain"}};
    static constexpr OperatorTraits traits{.elementwise = true};
    struct Attributes {
        std::vector<int64_t> program;
        std::vector<float> parameters;
        template <class V> void visit(V& v) {
            v("program", program);
            v("parameters", parameters);
        }
    };
    static void infer(InferContext& c) {
        ElemwiseProgram::read(c.node().attributes).validate(c.input_count(), c.where());
        const TensorInfo& x = c.input(0);
        Shape shape;
        for (size_t i = 0; i < c.input_count(); ++i) {
            const TensorInfo& t = c.input(i);
            c.check_that(t.dtype == x.dtype, "input ", i, " is ", t.dtype, ", input 0 is ", x.dtype);
            if (!t.has_shape) return c.output_unknown(0, x.dtype);
            shape = broadcast(shape, t.shape, c.where());
        }
        c.output(0, x.dtype, shape);
    }
    static void reference(RunContext& c) {
        const ElemwiseProgram p = ElemwiseProgram::read(c.node->attributes);
        const DType dtype = c.input(0).dtype;
        Shape shape;
        for (const TensorView& t : c.inputs) shape = broadcast(shape, t.shape, c.where());
        const TensorView y = c.output(0, dtype, shape);
        if (shape.count() == 0) return;
        std::vector<Array> results;
        std::vector<TensorView> views;
        for (size_t j = 0; j < p.steps.size(); ++j) {
            const ElemwiseProgram::Step& s = p.steps[j];
            const auto operand = [&](int64_t o) { return o >= 0 ? c.input(static_cast<size_t>(o)) : views[static_cast<size_t>(~o)]; };
            const TensorView in[] = {operand(s.a), operand(s.two() ? s.b : s.a)};
            const size_t count = s.two() ? 2 : 1;
            // The last step is as large as the output even if it reads less.
            const Shape of = j + 1 == p.steps.size() ? shape : broadcast(in[0].shape, in[count - 1].shape, c.where());
            results.push_back(Array::zeros(dtype, of));
            views.push_back(j + 1 == p.steps.size() ? y : TensorView{results.back().mutable_data(), dtype, of, LayoutTag::nchw});
            visit_wide(dtype, [&](auto tag) {
                using W = decltype(tag);
                const detail::ElemwiseParameters<W> q{convert_element<W>(s.alpha), convert_element<W>(s.beta)};
                detail::elemwise_reference<W>({s.mode, s.alpha, s.beta}, q, in, count, views.back());
            });
        }
    }
};

struct ElemwiseChainKernel {
    static constexpr std::string_view name = "elemwise_chain";
    static constexpr bool in_place = true;
    static constexpr size_t kInputs = 8, kRegisters = 8, kTile = 512;  // 8 registers of 2 KB and the operands' tiles fit L1

    // An operand in a run: an input, or a register.
    struct Source {
        bool input = false;
        size_t index = 0;
    };
    struct Step {
        ElemwiseProgram::Step f;
        Source a, b;
        size_t to = 0;
    };
    struct State {
        std::vector<Step> steps;
        BroadcastLoop<kInputs> loop;
        size_t inputs = 0, grain = 64;
        std::vector<std::shared_ptr<const std::byte>> packed;
        bool clean = false;
    };

    // Registers for the results; false if there are too few.
    static bool assign(const ElemwiseProgram& p, std::vector<Step>& out) {
        std::vector<size_t> last(p.steps.size(), 0), where(p.steps.size(), 0);
        for (size_t j = 0; j < p.steps.size(); ++j)
            for (int64_t o : {p.steps[j].a, p.steps[j].two() ? p.steps[j].b : p.steps[j].a})
                if (o < 0) last[static_cast<size_t>(~o)] = j;
        bool used[kRegisters] = {};
        for (size_t j = 0; j < p.steps.size(); ++j) {
            const ElemwiseProgram::Step& s = p.steps[j];
            const auto source = [&](int64_t o) {
                if (o >= 0) return Source{true, static_cast<size_t>(o)};
                const size_t k = static_cast<size_t>(~o);
                if (last[k] == j) used[where[k]] = false;  // its last use: the result may take its place
                return Source{false, where[k]};
            };
            Step step{s, source(s.a), source(s.two() ? s.b : s.a), 0};
            while (step.to < kRegisters && used[step.to]) ++step.to;
            if (step.to == kRegisters) return false;
            used[step.to] = last[j] > j;
            where[j] = step.to;
            out.push_back(step);
        }
        return true;
    }
    static bool applicable(const NodeInfo& n) {
        const LayoutTag layout = n.layout();
        const TensorInfo& y = n.output();
        if (!y.shape_known() || n.inputs.size() > kInputs || (layout != LayoutTag::nchw && y.shape.rank() < 3)) return false;
        bool image = layout == LayoutTag::nchw;
        for (const TensorInfo& t : n.inputs) {
            const ElemwiseOperand o = elemwise_operand(layout, t, y.shape);
            if (!o.usable) return false;
            image = image || (!o.packed && !o.scalar);
        }
        const ElemwiseProgram p = ElemwiseProgram::read(n.node->attributes);
        for (const auto& s : p.steps)
            if (!has_float_kernel(s.mode) && !is_predicate(s.mode)) return false;
        std::vector<Step> steps;
        return image && assign(p, steps);
    }
    static double per_element(const NodeInfo& n) {
        double ns = 0.1 * static_cast<double>(n.inputs.size());
        for (const auto& s : ElemwiseProgram::read(n.node->attributes).steps) ns += 0.5 * elemwise_cost(s.mode, *n.bricks);
        return ns;
    }
    static double cost(const NodeInfo& n) { return 100 + per_element(n) * static_cast<double>(padded_count(n.layout(), n.output().shape)); }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const LayoutTag layout = n.layout();
        State s;
        assign(ElemwiseProgram::read(n.node->attributes), s.steps);
        const Shape& out = n.output().shape;
        s.inputs = n.inputs.size();
        s.packed.resize(s.inputs);
        Shape shapes[kInputs];
        for (size_t i = 0; i < s.inputs; ++i) {
            const ElemwiseOperand o = elemwise_operand(layout, n.input(i), out);
            shapes[i] = o.shape;
            if (o.packed) s.packed[i] = pack_operand(layout, o, n, i, c);
        }
        s.loop = BroadcastLoop<kInputs>(memory_shape(layout, out), std::span(shapes, kInputs));
        s.grain = std::max<size_t>(64, static_cast<size_t>(1500 / per_element(n)) / 64 * 64);
        s.clean = out[1] % pack_of(layout) != 0;
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        float* const y = c.output(0).as<float>();
        const float* in[kInputs] = {};
        for (size_t i = 0; i < s.inputs; ++i)
            in[i] = s.packed[i] ? reinterpret_cast<const float*>(s.packed[i].get()) : c.input(i).as<const float>();
        c.pool->parallel_for(s.loop.total, s.grain, [&](size_t begin, size_t end, int) {
            s.loop.for_each_run(begin, end, [&](size_t first, const int64_t* at, size_t n) { tiles(s, c.bricks->math, in, at, y + first, n); });
        });
        if (s.clean) zero_pad_lanes(c.output(0), *c.pool);
    }

    // n elements of the result, from the operands' elements `at` on.
    static void tiles(const State& s, const MathBricks& m, const float* const* in, const int64_t* at, float* y, size_t n) {
        alignas(64) float registers[kRegisters][kTile];
        alignas(64) float pattern[kInputs][16];
        for (size_t i = 0; i < s.inputs; ++i)
            if (s.loop.step[i] == kPattern)
                for (size_t j = 0; j < 16; ++j) pattern[i][j] = in[i][at[i] + static_cast<int64_t>(j % s.loop.period)];
        for (size_t k = 0; k < n; k += kTile) {
            const size_t count = std::min(kTile, n - k);
            for (size_t j = 0; j < s.steps.size(); ++j) {
                const Step& t = s.steps[j];
                float* to = j + 1 == s.steps.size() ? y + k : registers[t.to];
                const auto address = [&](const Source& o) -> const float* {
                    if (!o.input) return registers[o.index];
                    if (s.loop.step[o.index] == kPattern) return pattern[o.index];
                    return in[o.index] + at[o.index] + (s.loop.step[o.index] == kDense ? static_cast<int64_t>(k) : 0);
                };
                const auto step = [&](const Source& o) { return o.input ? s.loop.step[o.index] : kDense; };
                if (t.f.two()) {
                    m.binary(t.f.mode, address(t.a), step(t.a), address(t.b), step(t.b), to, count);
                } else if (step(t.a) == kDense) {
                    m.unary(t.f.mode, t.f.alpha, t.f.beta, address(t.a), to, count);
                } else {  // spread first
                    const float* from = address(t.a);
                    for (size_t i = 0; i < count; ++i) to[i] = from[step(t.a) == kScalar ? 0 : i % 16];
                    m.unary(t.f.mode, t.f.alpha, t.f.beta, to, to, count);
                }
            }
        }
    }
};
template <LayoutType L> struct Kernel<ElemwiseChain, L, float> : ElemwiseChainKernel {};

LITE_NAMESPACE_END
#endif
