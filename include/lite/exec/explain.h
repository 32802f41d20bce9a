// What was chosen for a graph and why, as text; and a profile of a run as Chrome-trace JSON.
#ifndef LITE_EXEC_EXPLAIN_H_
#define LITE_EXEC_EXPLAIN_H_
#include "lite/exec/session.h"

LITE_NAMESPACE_BEGIN

// Multiply-adds times two of convolutions and matrix products, one per output element of everything else.
inline double flops_of(const Graph& g, const Node& n) {
    double out = 0;
    for (ValueId o : n.outputs)
        if (o != kNoValue && g.value(o).shape_known()) out += static_cast<double>(g.value(o).shape.count());
    const auto shape = [&](size_t i) { return i < n.inputs.size() && n.inputs[i] != kNoValue ? g.value(n.inputs[i]).shape : Shape(); };
    const std::string_view op = n.op->name;
    if (op == "Conv" || op == "QLinearConv" || op == "ConvInteger") {
        const Shape w = shape(op == "QLinearConv" ? 3 : 1);
        return w.rank() > 1 ? 2 * out * static_cast<double>(w.count(1, w.rank())) : out;
    }
    if (op == "ConvTranspose") {
        const Shape x = shape(0), w = shape(1);
        return w.rank() > 1 && x.known() ? 2 * static_cast<double>(x.count()) * static_cast<double>(w.count(1, w.rank())) : out;
    }
    if (op == "MatMul" || op == "MatMulInteger") {
        const Shape a = shape(0);
        return a.rank() && a.back() >= 0 ? 2 * out * static_cast<double>(a.at(n.attributes.get<int64_t>("transA", 0) ? -2 : -1)) : out;
    }
    if (op == "Gemm") {
        const Shape a = shape(0);
        return a.rank() == 2 && a.known() ? 2 * out * static_cast<double>(a[n.attributes.get<int64_t>("transA", 0) ? 0 : 1]) : out;
    }
    return out;
}
inline std::string_view kernel_name(const Step& s, const Graph& g) {
    return s.row ? s.row->name : g.nodes[s.node].op->name == "Relayout" ? std::string_view("relayout") : std::string_view("reference");
}
// Layouts of the first image input and the first output, e.g. "nchw->nchw88".
inline std::string layouts_of(const Step& s) {
    LayoutTag in = LayoutTag::nchw, out = LayoutTag::nchw;
    for (const TensorPlace& p : s.inputs)
        if (p.kind != TensorPlace::absent && p.kind != TensorPlace::constant) {
            in = p.view.layout;
            break;
        }
    if (!s.outputs.empty()) out = s.outputs[0].view.layout;
    return in == out ? std::string(name_of(in)) : text(name_of(in), "->", name_of(out));
}

inline std::string microseconds(double ns) {
    char b[32];
    std::snprintf(b, sizeof b, ns < 1e5 ? "%.3g us" : "%.0f us", ns / 1e3);
    return b;
}
// A line per step: number, operator, kernel, layouts, shape of the result, predicted or measured time, and the candidates that lost.
inline std::string explain(const Session& session) {
    const Plan& p = session.plan();
    const Graph& g = p.graph;
    std::string s = text("kernels ", p.bricks->name, " (", p.bricks->lanes, " floats a vector), ", p.steps.size(), " steps, arena ",
                         p.arena_bytes, " bytes (lower bound ", p.arena_lower_bound, "), packed weights ", session.weights_bytes(), " bytes\n");
    const auto pad = [](std::string t, size_t width) {
        if (t.size() < width) t.append(width - t.size(), ' ');
        return t;
    };
    for (size_t i = 0; i < p.steps.size(); ++i) {
        const Step& step = p.steps[i];
        const Node& n = g.nodes[step.node];
        std::string op(n.op->name);
        if (n.attributes.get<int64_t>("residual", 0)) op += "+add";
        if (n.attributes.get<int64_t>("activation", 0)) op += "+act";
        const std::string shape = step.outputs.empty() ? std::string() : step.dynamic ? "dynamic" : text(step.outputs[0].view.shape);
        s += pad(text(i), 4) + ' ' + pad(op, 18) + ' ' + pad(text(kernel_name(step, g)), 24) + ' ' + pad(layouts_of(step), 16) + ' ' + pad(shape, 18) +
             ' ' + pad(text(microseconds(step.predicted_ns), p.choices[step.node].get().measured ? " measured" : ""), 12) + ' ' + n.name;
        const NodeChoice& c = p.choices[step.node];
        std::string lost;
        for (size_t k = 0; k < c.candidates.size(); ++k) {
            if (k == c.chosen) continue;
            const Candidate& o = c.candidates[k];
            lost += text(lost.empty() ? "  [not " : ", ", o.row ? o.row->name : std::string_view("reference"), ' ',
                         o.in == o.out ? std::string(name_of(o.out)) : text(name_of(o.in), "->", name_of(o.out)), ' ',
                         microseconds(o.cost));
        }
        s += lost.empty() ? "\n" : lost + "]\n";
    }
    return s;
}

namespace detail {
inline void append_json_string(std::string& s, std::string_view v) {
    s += '"';
    for (char c : v) {
        if (c == '"' || c == '\\') s += '\\';
        if (static_cast<unsigned char>(c) < 0x20) s += ' ';
        else s += c;
    }
    s += '"';
}
// For each step those whose results it reads, directly or through views, in ascending order.
inline std::vector<std::vector<size_t>> steps_before(const Plan& p) {
    std::vector<std::vector<size_t>> before(p.steps.size());
    std::vector<size_t> maker(p.graph.values.size(), SIZE_MAX);  // of each value
    for (size_t n = 0, s = 0; n < p.graph.nodes.size(); ++n) {
        const Node& node = p.graph.nodes[n];
        const bool view = s >= p.steps.size() || p.steps[s].node != n;
        for (ValueId i : node.inputs) {
            const size_t from = i == kNoValue ? SIZE_MAX : maker[static_cast<size_t>(i)];
            if (from != SIZE_MAX && !view && std::find(before[s].begin(), before[s].end(), from) == before[s].end()) before[s].push_back(from);
        }
        for (ValueId o : node.outputs)
            if (o != kNoValue) maker[static_cast<size_t>(o)] = !view ? s : node.inputs.empty() || node.inputs[0] == kNoValue ? SIZE_MAX : maker[static_cast<size_t>(node.inputs[0])];
        if (!view) std::sort(before[s].begin(), before[s].end()), ++s;
    }
    return before;
}
}  // namespace detail

// The last profiled run for chrome://tracing and Perfetto: an event per step with kernel, layout, shape, ms, GFLOP/s, the numbers of the
// steps whose results it reads, and the share of `peak_gflops` (of all threads together) if that is given.
inline std::string chrome_trace(const Session& session, double peak_gflops = 0) {
    const Plan& p = session.plan();
    const Graph& g = p.graph;
    const std::vector<StepTime>& t = session.step_times();
    std::string s = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
    char number[64];
    const auto field = [&](std::string_view name, double v) {
        std::snprintf(number, sizeof number, "%.6g", v);
        s += text(",\"", name, "\":", number);
    };
    const std::vector<std::vector<size_t>> before = detail::steps_before(p);
    for (size_t i = 0; i < t.size() && i < p.steps.size(); ++i) {
        const Step& step = p.steps[i];
        const Node& n = g.nodes[step.node];
        const double ns = t[i].end_ns - t[i].begin_ns, gflops = flops_of(g, n) / std::max(ns, 1.0);
        s += i ? ",\n{\"name\":" : "\n{\"name\":";
        detail::append_json_string(s, n.name.empty() ? n.op->name : std::string_view(n.name));
        s += ",\"cat\":";
        detail::append_json_string(s, n.op->name);
        s += ",\"ph\":\"X\",\"pid\":0,\"tid\":0";
        field("ts", t[i].begin_ns / 1e3);
        field("dur", ns / 1e3);
        s += ",\"args\":{\"kernel\":";
        detail::append_json_string(s, kernel_name(step, g));
        s += ",\"layout\":";
        detail::append_json_string(s, layouts_of(step));
        s += ",\"output\":";
        detail::append_json_string(s, step.outputs.empty() ? std::string() : text(step.outputs[0].view.shape));
        field("ms", ns / 1e6);
        field("gflops", gflops);
        if (peak_gflops > 0) field("share_of_peak", gflops / peak_gflops);
        field("predicted_ms", step.predicted_ns / 1e6);
        s += ",\"after\":[";  // the steps whose results it reads
        for (const char* comma = ""; size_t from : before[i]) s += text(comma, from), comma = ",";
        s += "]}}";
    }
    return s + "\n]}\n";
}

LITE_NAMESPACE_END
#endif
