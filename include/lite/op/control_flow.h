// Control flow: If, Loop and Scan, whose bodies are graphs of their own that the executor runs.
#ifndef LITE_OP_CONTROL_FLOW_H_
#define LITE_OP_CONTROL_FLOW_H_
#include "lite/op/infer.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// What is known of an output of a body; `data` holds the value that info.value points to.
struct BodyOutput {
    TensorInfo info;
    Array data;
};
// Bodies within bodies that are being inferred. Each level of loops multiplies the work, so deep ones are left to the run.
inline thread_local int body_depth = 0;
inline constexpr int kMaxBodyDepth = 6;
// Outputs of a body whose inputs are as described. Nodes that do not fit make unknown outputs: a body may never run.
inline std::vector<BodyOutput> infer_body(const Graph& body, std::span<const TensorInfo> inputs) {
    struct Level {
        Level() { ++body_depth; }
        ~Level() { --body_depth; }
    } level;
    if (body_depth > kMaxBodyDepth) {
        std::vector<BodyOutput> unknown(body.outputs.size());
        for (size_t i = 0; i < unknown.size(); ++i) {
            const DType t = body.value(body.outputs[i]).dtype;
            unknown[i].info.dtype = t == DType::none ? DType::f32 : t;
        }
        return unknown;
    }
    Graph g = body;
    for (size_t i = 0; i < g.inputs.size() && i < inputs.size(); ++i) {
        Value& v = g.value(g.inputs[i]);
        if (inputs[i]) v.dtype = inputs[i].dtype;
        if (inputs[i].element != DType::none) v.element = inputs[i].element, v.nested = inputs[i].nested;
        v.shape = inputs[i].shape;
        v.has_shape = inputs[i].has_shape;
        if (inputs[i].value) v.constant = *inputs[i].value;
    }
    Inference inference(g);
    for (const Node& n : g.nodes) inference.step(n, {.fold = false, .max_bytes = int64_t{64} << 10, .tolerant = true});
    std::vector<BodyOutput> out;
    for (ValueId o : g.outputs) {
        out.push_back({inference.info(o), {}});
        if (const Array* known = inference.known(o)) out.back().data = *known;
        out.back().info.value = nullptr;
    }
    return out;
}
// What holds of a tensor that is one or the other: extents that agree, unknown where they differ.
inline TensorInfo join(const TensorInfo& a, const TensorInfo& b) {
    TensorInfo r = a;
    r.value = nullptr;
    if (!a) r.dtype = b.dtype;
    if (a.element == DType::none) r.element = b.element, r.nested = b.nested;
    r.has_shape = a.has_shape && b.has_shape && a.shape.rank() == b.shape.rank();
    if (!r.has_shape) r.shape = {};
    else
        for (size_t i = 0; i < r.shape.rank(); ++i)
            if (a.shape[i] != b.shape[i]) r.shape[i] = kUnknown;
    return r;
}
inline TensorView view_of(const Array& a) { return {const_cast<std::byte*>(a.data()), a.dtype(), a.shape(), LayoutTag::nchw}; }
inline Array copy_of(const TensorView& v) {
    Array a = Array::uninitialized(v.dtype, v.shape);
    if (const size_t n = a.bytes()) std::memcpy(a.mutable_data(), v.data, n);
    return a;
}
inline std::shared_ptr<const Graph> body_of(const Node& n, const Who& where, std::string_view attribute) {
    auto body = n.attributes.get<std::shared_ptr<const Graph>>(attribute, nullptr);
    check(body != nullptr, where, ": it has no ", attribute);
    check(body->captures <= body->inputs.size() && body->captures <= n.inputs.size(), where, ": its ", attribute, " captures ", body->captures,
          " values, the node has ", n.inputs.size(), " inputs");
    return body;
}
inline std::vector<Array> run_body(RunContext& c, const Graph& body, std::span<const TensorView> inputs) {
    c.check_that(c.subgraphs != nullptr, "a body cannot be run here");
    std::vector<Array> r = c.subgraphs->run(body, inputs);
    c.check_that(r.size() == body.outputs.size(), "its body gave ", r.size(), " outputs instead of ", body.outputs.size());
    return r;
}
// The elements of a dense tensor at `index` of `axis`, without that axis.
inline Array take(const TensorView& v, size_t axis, int64_t index) {
    Shape s = v.shape;
    s.erase(axis);
    Array a = Array::uninitialized(v.dtype, s);
    const size_t es = size_of(v.dtype), outer = static_cast<size_t>(v.shape.count(0, axis)),
                 inner = static_cast<size_t>(v.shape.count(axis + 1, v.shape.rank())) * es, step = inner * static_cast<size_t>(v.shape[axis]);
    if (inner)
        for (size_t i = 0; i < outer; ++i)
            std::memcpy(a.mutable_data() + i * inner, static_cast<const std::byte*>(v.data) + i * step + static_cast<size_t>(index) * inner, inner);
    return a;
}
// The reverse: writes `a` to `index` of `axis` of a dense tensor that has one axis more.
inline void put(const TensorView& v, size_t axis, int64_t index, const Array& a) {
    const size_t es = size_of(v.dtype), outer = static_cast<size_t>(v.shape.count(0, axis)),
                 inner = static_cast<size_t>(v.shape.count(axis + 1, v.shape.rank())) * es, step = inner * static_cast<size_t>(v.shape[axis]);
    if (inner)
        for (size_t i = 0; i < outer; ++i)
            std::memcpy(static_cast<std::byte*>(v.data) + i * step + static_cast<size_t>(index) * inner, a.data() + i * inner, inner);
}
// Shape of a scan output of which each iteration makes `part`; extents that nobody knows are 0 where there were no iterations.
inline Shape stacked_shape(Shape part, size_t axis, int64_t length, bool unknown_is_zero) {
    if (unknown_is_zero)
        for (int64_t& d : part) d = std::max<int64_t>(d, 0);
    part.insert(axis, length);
    return part;
}
// States of a loop after any number of iterations: `state` widened until the body maps it into itself. `inputs` are those of the
// body with the states at `first`; outputs of the body with the states at `out_first`.
inline std::vector<BodyOutput> widen(const Graph& body, std::vector<TensorInfo>& inputs, size_t first, size_t count, size_t out_first) {
    for (;;) {
        std::vector<BodyOutput> out = infer_body(body, inputs);
        bool stable = true;
        for (size_t i = 0; i < count && out_first + i < out.size(); ++i) {
            const TensorInfo& was = inputs[first + i];
            const TensorInfo now = join(was, out[out_first + i].info);
            stable = stable && now.has_shape == was.has_shape && now.shape == was.shape;
            inputs[first + i] = now;
        }
        if (stable) return out;  // each round makes an extent or a rank unknown, so the rounds end
    }
}

}  // namespace detail

// outputs = (condition ? then_branch : else_branch)(captures). Inputs: condition (bool, one element), captures.
struct If {
    static constexpr std::string_view name = "If";
    static constexpr Spelling spellings[] = {{"onnx", "", "If"}};
    static constexpr OperatorTraits traits{.control_flow = true, .foldable = false};
    struct Attributes {
        std::shared_ptr<const Graph> then_branch, else_branch;
        template <class V> void visit(V& v) {
            v("then_branch", then_branch);
            v("else_branch", else_branch);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& condition = c.input(0);
        c.check_that(condition.dtype == DType::boolean, "its condition is ", condition.dtype, ", expected bool");
        const auto branch = [&](std::string_view which) {
            const auto body = detail::body_of(c.node(), c.where(), which);
            c.check_that(body->inputs.size() == body->captures && body->outputs.size() == c.output_count() && c.input_count() == 1 + body->captures,
                         which, " has ", body->inputs.size() - body->captures, " inputs, ", body->captures, " captures and ", body->outputs.size(),
                         " outputs, the node has ", c.input_count(), " inputs and ", c.output_count(), " outputs");
            std::vector<TensorInfo> in;
            for (size_t i = 1; i < c.input_count(); ++i) in.push_back(c.input(i));
            return detail::infer_body(*body, in);
        };
        if (const Array* known = c.value(0)) {
            const auto out = branch(known->scalar_value<int64_t>() ? "then_branch" : "else_branch");
            for (size_t i = 0; i < out.size(); ++i) c.output_like(i, out[i].info);
            return;
        }
        const auto a = branch("then_branch"), b = branch("else_branch");
        for (size_t i = 0; i < a.size(); ++i) c.output_like(i, detail::join(a[i].info, b[i].info));
    }
    static void reference(RunContext& c) {
        const bool condition = c.input(0).scalar<int64_t>() != 0;
        const auto body = detail::body_of(*c.node, c.where(), condition ? "then_branch" : "else_branch");
        std::vector<Array> out = detail::run_body(c, *body, c.inputs.last(body->captures));
        for (size_t i = 0; i < out.size(); ++i)
            if (c.has_output(i)) c.set_output(i, std::move(out[i]));
    }
};

// Inputs: trip count (optional), condition (optional), states, captures. Body: (iteration, condition, states, captures) ->
// (condition, states, scan outputs). Outputs: the last states, and each scan output of all iterations stacked on a new first axis.
struct Loop {
    static constexpr std::string_view name = "Loop";
    static constexpr Spelling spellings[] = {{"onnx", "", "Loop"}};
    static constexpr OperatorTraits traits{.control_flow = true, .foldable = false};
    struct Attributes {
        std::shared_ptr<const Graph> body;
        template <class V> void visit(V& v) { v("body", body); }
    };

    // What a body gets and makes, from the shapes of what the node gets; the states widened over all iterations.
    struct Shapes {
        std::vector<TensorInfo> inputs;
        std::vector<detail::BodyOutput> outputs;
    };
    static Shapes body_shapes(const Graph& body, std::vector<TensorInfo> states_and_captures, const Array& go_on) {
        Shapes s;
        s.inputs = {{DType::i64, scalar_shape(body, 0), true}, {DType::boolean, scalar_shape(body, 1), true, &go_on}};
        s.inputs.insert(s.inputs.end(), states_and_captures.begin(), states_and_captures.end());
        const size_t states = body.inputs.size() - body.captures - 2;
        for (size_t i = 0; i < states; ++i) s.inputs[2 + i].value = nullptr;
        s.outputs = detail::widen(body, s.inputs, 2, states, 1);
        return s;
    }
    // Files declare the iteration and the condition of a body as scalars or as vectors of one.
    static Shape scalar_shape(const Graph& body, size_t i) {
        const Value& v = body.value(body.inputs[i]);
        return v.has_shape && v.shape.rank() == 1 ? Shape{1} : Shape{};
    }
    static void check_body(const Graph& body, size_t inputs, size_t outputs, const Who& where) {
        check(body.inputs.size() >= 2 + body.captures && inputs == body.inputs.size() && outputs + 1 == body.outputs.size() &&
                      body.outputs.size() + 1 >= body.inputs.size() - body.captures,
              where, ": its body has ", body.inputs.size() - body.captures, " inputs, ", body.captures, " captures and ", body.outputs.size(),
              " outputs, the node has ", inputs, " inputs and ", outputs, " outputs");
    }

    static void infer(InferContext& c) {
        const auto body = detail::body_of(c.node(), c.where(), "body");
        check_body(*body, c.input_count(), c.output_count(), c.where());
        if (c.has_input(0)) c.check_that(c.input(0).dtype == DType::i64, "its trip count is ", c.input(0).dtype, ", expected i64");
        if (c.has_input(1)) c.check_that(c.input(1).dtype == DType::boolean, "its condition is ", c.input(1).dtype, ", expected bool");
        std::vector<TensorInfo> in;
        for (size_t i = 2; i < c.input_count(); ++i) in.push_back(c.input(i));
        const Array go_on = Array::scalar(true);
        const Shapes s = body_shapes(*body, std::move(in), go_on);
        const size_t states = body->inputs.size() - body->captures - 2;
        // All trips are made if the condition is true to begin with, and true follows from true.
        const bool all = (!c.has_input(1) || (c.value(1) && c.value(1)->scalar_value<int64_t>())) && s.outputs[0].data &&
                         s.outputs[0].data.count() == 1 && s.outputs[0].data.scalar_value<int64_t>();
        const bool none = c.value(1) && !c.value(1)->scalar_value<int64_t>();
        const int64_t trips = none ? 0 : all && c.value(0) ? std::max<int64_t>(c.value(0)->scalar_value<int64_t>(), 0) : kUnknown;
        for (size_t i = 0; i < c.output_count(); ++i) {
            if (i < states) {
                // An optional may go in, and what it holds come out.
                const TensorInfo& made = s.outputs[1 + i].info;
                c.output_like(i, s.inputs[2 + i].dtype == DType::optional && made ? made : s.inputs[2 + i]);
                continue;
            }
            const TensorInfo& part = s.outputs[1 + i].info;
            if (part.has_shape && part.shape.rank() < kMaxRank && (trips != 0 || part.shape.known()))
                c.output(i, part.dtype, detail::stacked_shape(part.shape, 0, trips, false));
            else c.output_unknown(i, part.dtype);
        }
    }
    static void reference(RunContext& c) {
        const auto body = detail::body_of(*c.node, c.where(), "body");
        check_body(*body, c.inputs.size(), c.outputs.size(), c.where());
        const int64_t trips = c.has_input(0) ? c.input(0).scalar<int64_t>() : INT64_MAX;
        bool go_on = !c.has_input(1) || c.input(1).scalar<int64_t>() != 0;
        const size_t states = body->inputs.size() - body->captures - 2, scans = body->outputs.size() - 1 - states;
        std::vector<Array> state(states);
        std::vector<std::vector<Array>> parts(scans);
        std::vector<TensorView> in(body->inputs.size());
        for (size_t i = 2; i < in.size(); ++i) in[i] = c.input(i);
        const Shape iteration_shape = scalar_shape(*body, 0), condition_shape = scalar_shape(*body, 1);
        int64_t t = 0;
        for (; t < trips && go_on; ++t) {
            in[0] = {&t, DType::i64, iteration_shape, LayoutTag::nchw};
            in[1] = {&go_on, DType::boolean, condition_shape, LayoutTag::nchw};
            std::vector<Array> out = detail::run_body(c, *body, in);
            go_on = out[0].scalar_value<int64_t>() != 0;
            for (size_t i = 0; i < states; ++i) {
                state[i] = std::move(out[1 + i]);
                in[2 + i] = detail::view_of(state[i]);
            }
            for (size_t i = 0; i < scans; ++i) {
                Array& part = out[1 + states + i];
                c.check_that(parts[i].empty() || (parts[i][0].shape() == part.shape() && parts[i][0].dtype() == part.dtype()), "scan output ", i, " is ",
                             part.dtype(), part.shape(), " in iteration ", t, ", it was ", parts[i].empty() ? Shape() : parts[i][0].shape(), " before");
                parts[i].push_back(std::move(part));
            }
        }
        for (size_t i = 0; i < states; ++i)
            if (c.has_output(i)) c.set_output(i, state[i] ? std::move(state[i]) : detail::copy_of(c.input(2 + i)));
        Shapes shapes;
        const Array yes = Array::scalar(true);
        for (size_t i = 0; i < scans; ++i) {
            if (!c.has_output(states + i)) continue;
            if (t == 0) {
                if (shapes.outputs.empty()) {
                    std::vector<TensorInfo> given;
                    for (const TensorView& v : c.inputs.subspan(2)) given.push_back({v.dtype, v.shape, true});
                    shapes = body_shapes(*body, std::move(given), yes);
                }
                const TensorInfo& part = shapes.outputs[1 + states + i].info;
                c.output(states + i, part.dtype, detail::stacked_shape(part.shape, 0, 0, true));
                continue;
            }
            const Array& first = parts[i][0];
            c.check_that(first.shape().rank() < kMaxRank, "scan output ", i, " would have more than ", kMaxRank, " axes");
            const TensorView y = c.output(states + i, first.dtype(), detail::stacked_shape(first.shape(), 0, t, false));
            for (int64_t k = 0; k < t; ++k) detail::put(y, 0, k, parts[i][static_cast<size_t>(k)]);
        }
    }
};

// Inputs: states, scanned tensors, captures. Each iteration gives the body one slice of every scanned tensor and stacks the slices
// that it makes. Opset 8 has a batch on the first axis of everything, and in front the (optional) lengths of the sequences.
struct Scan {
    static constexpr std::string_view name = "Scan";
    static constexpr Spelling spellings[] = {{"onnx", "", "Scan"}};
    static constexpr OperatorTraits traits{.control_flow = true, .foldable = false};
    struct Attributes {
        std::shared_ptr<const Graph> body;
        int64_t num_scan_inputs = 0;
        std::vector<int64_t> scan_input_axes, scan_input_directions, scan_output_axes, scan_output_directions, directions;
        template <class V> void visit(V& v) {
            v("body", body);
            v("num_scan_inputs", num_scan_inputs);
            v("scan_input_axes", scan_input_axes);
            v("scan_input_directions", scan_input_directions);
            v("scan_output_axes", scan_output_axes);
            v("scan_output_directions", scan_output_directions);
            v("directions", directions);  // opset 8: of the inputs
        }
    };
    // The attributes with every default written out.
    struct Form {
        std::shared_ptr<const Graph> body;
        bool batched = false;
        size_t first = 0, states = 0, scanned = 0, made = 0;
        std::vector<int64_t> in_axis, in_reverse, out_axis, out_reverse;
    };
    static Form form(const Node& n, const Who& where) {
        const Attributes a = read_attributes<Attributes>(n.attributes);
        Form f;
        f.body = detail::body_of(n, where, "body");
        f.batched = n.version < 9;
        f.first = f.batched ? 1 : 0;
        const size_t inputs = f.body->inputs.size() - f.body->captures;
        check(a.num_scan_inputs >= 1 && static_cast<size_t>(a.num_scan_inputs) <= inputs && n.inputs.size() == f.first + f.body->inputs.size() &&
                      n.outputs.size() == f.body->outputs.size() && f.body->outputs.size() >= inputs - static_cast<size_t>(a.num_scan_inputs),
              where, ": its body has ", inputs, " inputs, ", f.body->captures, " captures and ", f.body->outputs.size(), " outputs, num_scan_inputs is ",
              a.num_scan_inputs, ", the node has ", n.inputs.size(), " inputs and ", n.outputs.size(), " outputs");
        f.scanned = static_cast<size_t>(a.num_scan_inputs);
        f.states = inputs - f.scanned;
        f.made = f.body->outputs.size() - f.states;
        const auto list = [&](const std::vector<int64_t>& given, size_t size, std::string_view what) {
            check(given.empty() || given.size() == size, where, ": ", what, " has ", given.size(), " entries, expected ", size);
            return given.empty() ? std::vector<int64_t>(size, 0) : given;
        };
        f.in_axis = list(a.scan_input_axes, f.scanned, "scan_input_axes");
        f.in_reverse = list(f.batched ? a.directions : a.scan_input_directions, f.scanned, "scan_input_directions");
        f.out_axis = list(a.scan_output_axes, f.made, "scan_output_axes");
        f.out_reverse = list(a.scan_output_directions, f.made, "scan_output_directions");
        return f;
    }
    // Of one batch entry: the length of the sequences, the states and the outputs of the body.
    struct Shapes {
        int64_t length = kUnknown;
        std::vector<TensorInfo> inputs;
        std::vector<detail::BodyOutput> outputs;
    };
    static Shapes body_shapes(const Form& f, std::vector<TensorInfo> in, const Who& where) {
        Shapes s;
        for (size_t i = 0; i < in.size(); ++i) {
            if (i < f.states + f.scanned) in[i].value = nullptr;
            if (i < f.states || i >= f.states + f.scanned || !in[i].has_shape) continue;
            const size_t axis = normalize_axis(f.in_axis[i - f.states], in[i].shape.rank(), where);
            const int64_t length = in[i].shape[axis];
            check(s.length < 0 || length < 0 || s.length == length, where, ": a scanned input is ", in[i].shape, ", its axis ", axis,
                  " differs from the length ", s.length, " of another one");
            s.length = std::max(s.length, length);
            in[i].shape.erase(axis);
        }
        s.inputs = std::move(in);
        s.outputs = detail::widen(*f.body, s.inputs, 0, f.states, 0);
        return s;
    }
    static size_t out_axis(const Form& f, size_t i, size_t part_rank, const Who& where) {
        check(part_rank < kMaxRank, where, ": scan output ", i, " would have more than ", kMaxRank, " axes");
        return normalize_axis(f.out_axis[i], part_rank + 1, where);
    }

    static void infer(InferContext& c) {
        const Form f = form(c.node(), c.where());
        std::vector<TensorInfo> in;
        int64_t batch = kUnknown;
        for (size_t i = f.first; i < c.input_count(); ++i) {
            in.push_back(c.input(i));
            if (!f.batched || i - f.first >= f.states + f.scanned || !in.back().has_shape) continue;
            const bool scanned = i - f.first >= f.states;
            c.check_that(in.back().shape.rank() >= (scanned ? 2 : 1), "input ", i, " is ", in.back().shape, ", expected a batch in front",
                         scanned ? " and a sequence behind it" : "");
            batch = std::max(batch, in.back().shape[0]);
            in.back().shape.erase(0);
        }
        const Shapes s = body_shapes(f, std::move(in), c.where());
        for (size_t i = 0; i < c.output_count(); ++i) {
            TensorInfo t = i < f.states ? s.inputs[i] : s.outputs[i].info;
            if (t.has_shape && i >= f.states)
                t.shape = detail::stacked_shape(t.shape, out_axis(f, i - f.states, t.shape.rank(), c.where()), s.length, false);
            if (t.has_shape && f.batched) t.shape.insert(0, batch);
            c.output_like(i, t);
        }
    }
    // One sequence: states and scanned tensors in, the last states and the stacked slices out. `length` iterations, and room for
    // `room` of them in the outputs.
    static std::vector<Array> scan(RunContext& c, const Form& f, std::span<const TensorView> in, int64_t length, int64_t room) {
        std::vector<TensorView> views(in.begin(), in.end());
        std::vector<Array> states(f.states), slices(f.scanned), made(f.made);
        for (int64_t t = 0; t < length; ++t) {
            for (size_t i = 0; i < f.scanned; ++i) {
                const TensorView& x = in[f.states + i];
                slices[i] = detail::take(x, normalize_axis(f.in_axis[i], x.shape.rank(), c.where()), f.in_reverse[i] ? length - 1 - t : t);
                views[f.states + i] = detail::view_of(slices[i]);
            }
            std::vector<Array> out = detail::run_body(c, *f.body, views);
            for (size_t i = 0; i < f.states; ++i) {
                states[i] = std::move(out[i]);
                views[i] = detail::view_of(states[i]);
            }
            for (size_t i = 0; i < f.made; ++i) {
                const Array& part = out[f.states + i];
                const size_t axis = out_axis(f, i, part.shape().rank(), c.where());
                const Shape stacked = detail::stacked_shape(part.shape(), axis, room, false);
                if (t == 0) made[i] = Array::zeros(part.dtype(), stacked);
                c.check_that(made[i].shape() == stacked && made[i].dtype() == part.dtype(), "scan output ", i, " is ", part.dtype(), part.shape(),
                             " in iteration ", t, " and was another before");
                detail::put(detail::view_of(made[i]), axis, f.out_reverse[i] ? length - 1 - t : t, part);
            }
        }
        for (size_t i = 0; i < f.states; ++i)
            if (!states[i]) states[i] = detail::copy_of(in[i]);
        if (length == 0 && f.made) {
            std::vector<TensorInfo> given;
            for (const TensorView& v : in) given.push_back({v.dtype, v.shape, true});
            const Shapes s = body_shapes(f, std::move(given), c.where());
            for (size_t i = 0; i < f.made; ++i) {
                const TensorInfo& part = s.outputs[f.states + i].info;
                made[i] = Array::zeros(part.dtype, detail::stacked_shape(part.shape, out_axis(f, i, part.shape.rank(), c.where()), room, true));
            }
        }
        for (Array& m : made) states.push_back(std::move(m));
        return states;
    }
    static void reference(RunContext& c) {
        const Form f = form(*c.node, c.where());
        const std::span<const TensorView> in = c.inputs.subspan(f.first);
        const auto length_of = [&](size_t batch_axes) {
            int64_t length = -1;
            for (size_t i = 0; i < f.scanned; ++i) {
                const Shape& s = in[f.states + i].shape;
                c.check_that(s.rank() > batch_axes, "scanned input ", i, " is ", s, ": it has no axis to scan");
                const int64_t l = batch_axes ? s[1] : s[normalize_axis(f.in_axis[i], s.rank(), c.where())];
                c.check_that(length < 0 || length == l, "scanned input ", i, " has length ", l, ", another has ", length);
                length = l;
            }
            return length;
        };
        if (!f.batched) {
            const int64_t length = length_of(0);
            std::vector<Array> out = scan(c, f, in, length, length);
            for (size_t i = 0; i < out.size(); ++i)
                if (c.has_output(i)) c.set_output(i, std::move(out[i]));
            return;
        }
        const int64_t room = length_of(1), batch = in[f.states].shape[0];
        std::vector<int64_t> lengths(static_cast<size_t>(batch), room);
        if (c.has_input(0)) lengths = c.input(0).values<int64_t>();
        c.check_that(static_cast<int64_t>(lengths.size()) == batch, "it has ", lengths.size(), " sequence lengths for a batch of ", batch);
        c.check_that(batch > 0, "its batch is empty");
        for (int64_t b = 0; b < batch; ++b) {
            const int64_t length = lengths[static_cast<size_t>(b)];
            c.check_that(length >= 0 && length <= room, "a sequence length is ", length, ", the sequences have room for ", room);
            std::vector<Array> parts;
            std::vector<TensorView> views(in.begin(), in.end());
            for (size_t i = 0; i < f.states + f.scanned; ++i) {
                c.check_that(in[i].shape.rank() >= 1 && in[i].shape[0] == batch, "an input is ", in[i].shape, " in a batch of ", batch);
                parts.push_back(detail::take(in[i], 0, b));
                views[i] = detail::view_of(parts.back());
            }
            const std::vector<Array> out = scan(c, f, views, length, room);
            for (size_t i = 0; i < out.size(); ++i) {
                if (!c.has_output(i)) continue;
                const TensorView y = c.output(i, out[i].dtype(), detail::stacked_shape(out[i].shape(), 0, batch, false));
                detail::put(y, 0, b, out[i]);
            }
        }
    }
};

LITE_NAMESPACE_END
#endif
