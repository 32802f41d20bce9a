// What a run took and what its memory is used for, in the JSON files of MegEngine, and a page that draws the memory over time.
#ifndef LITE_EXEC_PROFILE_H_
#define LITE_EXEC_PROFILE_H_
#include "lite/exec/explain.h"
#include "lite/exec/json.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline void shape_json(JsonWriter& j, const Shape& s) {
    j.open('[');
    for (int64_t d : s) j.raw(lite::text(d));
    j.close(']');
}
inline std::string step_param(const Step& s, const Graph& g) {
    JsonWriter j;
    j.open('{').field("kernel", kernel_name(s, g)).field("layout", layouts_of(s)).field("predicted_seconds", s.predicted_ns * 1e-9).close('}');
    return j.text();
}
// The graph of a plan: operators by their number in the sequence of steps, values by theirs.
[[gnu::cold]] inline void graph_json(JsonWriter& j, const Plan& p) {
    const Graph& g = p.graph;
    j.open('{').key("operator").open('{');
    for (size_t i = 0; i < p.steps.size(); ++i) {
        const Node& n = g.nodes[p.steps[i].node];
        j.key(lite::text(i)).open('{').field("node_type", "operator").field("id", lite::text(i)).field("type", n.op->name).field("name", n.name);
        for (const auto* ids : {&n.inputs, &n.outputs}) {
            j.key(ids == &n.inputs ? "input" : "output").open('[');
            for (ValueId v : *ids)
                if (v != kNoValue) j.value(lite::text(v));
            j.close(']');
        }
        j.key("param").raw(step_param(p.steps[i], g)).close('}');
    }
    j.close('}').key("var").open('{');
    for (size_t v = 0; v < g.values.size(); ++v) {
        const Value& x = g.values[v];
        if (x.dtype == DType::none) continue;
        j.key(lite::text(v)).open('{').field("node_type", "var").field("id", lite::text(v)).field("name", x.name).field("dtype", name_of(x.dtype));
        j.field("layout", name_of(x.layout)).key("shape");
        shape_json(j, x.shape);
        j.close('}');
    }
    j.close('}').key("comp_seq").open('[');
    for (size_t i = 0; i < p.steps.size(); ++i) j.value(lite::text(i));
    j.close(']').close('}');
}
}  // namespace detail

// The last profiled run: seconds from its start, by the number of each step.
[[gnu::cold]] inline std::string profile_json(const Session& session) {
    const Plan& p = session.plan();
    const Graph& g = p.graph;
    const std::vector<StepTime>& t = session.step_times();
    JsonWriter j;
    j.open('{').key("graph_exec");
    detail::graph_json(j, p);
    j.key("profiler").open('{');
    for (const char* where : {"device", "host"}) {
        j.key(where).open('{');
        for (size_t i = 0; i < t.size() && i < p.steps.size(); ++i) {
            j.key(text(i)).open('{').key(where[0] == 'd' ? "cpu0:0" : "0").open('{');
            j.field("start", t[i].begin_ns * 1e-9).field("kern", t[i].begin_ns * 1e-9).field("end", t[i].end_ns * 1e-9).close('}').close('}');
        }
        j.close('}');
    }
    j.key("opr_footprint").open('{');
    for (size_t i = 0; i < p.steps.size(); ++i) {
        const Step& s = p.steps[i];
        double bytes = 0;
        for (const auto* places : {&s.inputs, &s.outputs})
            for (const TensorPlace& x : *places)
                if (x.kind != TensorPlace::absent && x.view.shape.known()) bytes += static_cast<double>(x.view.bytes());
        j.key(text(i)).open('{').field("computation", flops_of(g, g.nodes[s.node])).field("memory", bytes);
        for (const auto* places : {&s.inputs, &s.outputs}) {
            j.key(places == &s.inputs ? "in_shapes" : "out_shapes").open('[');
            for (const TensorPlace& x : *places)
                if (x.kind != TensorPlace::absent) detail::shape_json(j, x.view.shape);
            j.close(']');
        }
        j.key("param").raw(detail::step_param(s, g)).close('}');
    }
    j.close('}').key("opr_internal_pf").open('{').close('}').close('}').close('}');
    return j.text();
}

// The graph of the plan, as the first of the two files about memory.
inline std::string graph_json(const Session& session) {
    JsonWriter j;
    detail::graph_json(j, session.plan());
    return j.text();
}

// One piece of memory, from `begin` to `end` (exclusive) in time, which counts steps.
struct MemoryChunk {
    bool weight = false;
    size_t begin = 0, end = 0, address = 0, bytes = 0;
    std::string what;
};
// Of the arena, and behind it the packed weights and constants, which live all the time.
[[gnu::cold]] inline std::vector<MemoryChunk> memory_chunks(const Session& session) {
    const Plan& p = session.plan();
    const auto step_of = [&](int node) {
        size_t s = 0;
        while (s < p.steps.size() && static_cast<int>(p.steps[s].node) < node) ++s;
        return s;
    };
    std::vector<MemoryChunk> chunks;
    for (const BufferLife& b : p.storages)
        chunks.push_back({false, step_of(b.first), std::min(step_of(b.last) + 1, p.steps.size()), b.offset, b.bytes, ""});
    for (const Step& s : p.steps) {
        const Node& n = p.graph.nodes[s.node];
        for (size_t o = 0; o < s.outputs.size(); ++o)
            if (s.outputs[o].storage >= 0) {
                std::string& what = chunks[static_cast<size_t>(s.outputs[o].storage)].what;
                what += what.empty() ? "" : ", ";
                what += p.graph.value(n.outputs[o]).name;
            }
        if (s.workspace_storage >= 0) chunks[static_cast<size_t>(s.workspace_storage)].what = text("workspace of ", n);
    }
    std::erase_if(chunks, [](const MemoryChunk& c) { return c.bytes == 0; });
    size_t at = p.arena_bytes;
    for (size_t bytes : session.weight_sizes()) {
        chunks.push_back({true, 0, p.steps.size(), at, bytes, "packed weights"});
        at += bytes;
    }
    return chunks;
}
[[gnu::cold]] inline std::string static_memory_json(const Session& session) {
    const Plan& p = session.plan();
    const auto chunks = memory_chunks(session);
    JsonWriter j;
    j.open('{').key("chunk").open('{');
    for (size_t i = 0; i < chunks.size(); ++i) {
        const MemoryChunk& c = chunks[i];
        j.key(text(i)).open('{').field("id", text(i)).field("type", c.weight ? "weight_mem" : "static_mem");
        j.field("time_begin", text(c.begin)).field("time_end", text(c.end));
        j.field("logic_addr_begin", text(c.address)).field("logic_addr_end", text(c.address + c.bytes)).field("overwrite_dest_id", "-1").close('}');
    }
    j.close('}').key("opr").open('{');
    for (size_t i = 0; i < p.steps.size(); ++i)
        j.key(text(i)).open('{').field("id", text(i)).field("name", p.graph.nodes[p.steps[i].node].name).close('}');
    j.close('}').close('}');
    return j.text();
}
// A page that needs nothing else: time to the right, addresses upwards, a box for every piece of memory, which names it when pointed at.
[[gnu::cold]] inline std::string static_memory_html(const Session& session) {
    const Plan& p = session.plan();
    const auto chunks = memory_chunks(session);
    JsonWriter j;
    j.open('{').key("arena").number(static_cast<double>(p.arena_bytes)).key("bound").number(static_cast<double>(p.arena_lower_bound)).key("steps").open('[');
    for (const Step& s : p.steps) j.value(text(p.graph.nodes[s.node].op->name, " ", p.graph.nodes[s.node].name));
    j.close(']').key("chunks").open('[');
    for (const MemoryChunk& c : chunks)
        if (!c.weight) {
            j.open('[');
            for (size_t v : {c.begin, c.end, c.address, c.bytes}) j.raw(text(v));
            j.value(c.what).close(']');
        }
    j.close(']').close('}');
    std::string data;
    for (char c : j.text()) data += c == '<' ? std::string("\\u003c") : std::string(1, c);  // a name must not end the script
    return R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Memory of the network over time</title>
<style>body{font:14px sans-serif;margin:16px;background:#fff;color:#222}svg{border:1px solid #999;background:#f8f8f8}rect:hover{stroke:#000;stroke-width:2}</style>
</head><body><h1>Memory of the network over time</h1><p id="sum"></p><svg id="plot" width="1200" height="640" role="img" aria-label="memory over time"></svg><p id="what">Point at a box.</p>
<script>
const d = )" + data + R"(;
const W = 1200, H = 640, svg = document.getElementById('plot'), what = document.getElementById('what');
const n = Math.max(1, d.steps.length), top = Math.max(1, d.arena), mb = b => (b / 1048576).toFixed(3) + ' MB';
document.getElementById('sum').textContent = n + ' steps from left to right; an arena of ' + mb(d.arena) + ' from bottom to top; at most ' + mb(d.bound) + ' are in use at once.';
for (const [b, e, a, s, name] of d.chunks) {
  const r = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  r.setAttribute('x', b / n * W); r.setAttribute('width', Math.max(1, (e - b) / n * W - 0.5));
  r.setAttribute('y', H - (a + s) / top * H); r.setAttribute('height', Math.max(1, s / top * H - 0.5));
  r.setAttribute('fill', 'hsl(' + (a * 2654435761 + b * 40503) % 360 + ',60%,65%)');
  const t = name + ': ' + mb(s) + ' at ' + a + ', from step ' + b + ' (' + (d.steps[b] || '') + ') to ' + (e - 1) + ' (' + (d.steps[e - 1] || '') + ')';
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = t; r.appendChild(title);
  r.addEventListener('mouseover', () => { what.textContent = t; });
  svg.appendChild(r);
}
</script></body></html>
)";
}

LITE_NAMESPACE_END
#endif
