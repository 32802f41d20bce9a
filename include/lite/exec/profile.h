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
// A page that needs nothing else: steps to the right, addresses upwards, a box for every piece of memory in the colour of the operator
// that makes it, and above them the line of what is in use.
[[gnu::cold]] inline std::string static_memory_html(const Session& session) {
    const Plan& p = session.plan();
    const auto chunks = memory_chunks(session);
    double weights = 0;
    JsonWriter j;
    j.open('{').key("arena").number(static_cast<double>(p.arena_bytes)).key("bound").number(static_cast<double>(p.arena_lower_bound)).key("steps").open('[');
    for (const Step& s : p.steps) j.open('[').value(p.graph.nodes[s.node].op->name).value(p.graph.nodes[s.node].name).close(']');
    j.close(']').key("chunks").open('[');
    for (const MemoryChunk& c : chunks) {
        if (c.weight) {
            weights += static_cast<double>(c.bytes);
            continue;
        }
        j.open('[');
        for (size_t v : {c.begin, c.end, c.address, c.bytes}) j.raw(text(v));
        j.value(c.what).close(']');
    }
    j.close(']').key("weights").number(weights).close('}');
    std::string data;
    for (char c : j.text()) data += c == '<' ? std::string("\\u003c") : std::string(1, c);  // a name must not end the script
    return R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Memory of the network over time</title>
<style>
body{font:14px/1.4 system-ui,sans-serif;margin:20px;background:#fff;color:#222;max-width:1280px}h1{font-size:20px;margin:0 0 4px}
svg{display:block;width:100%;height:auto}.axis{stroke:#888;stroke-width:1}.grid{stroke:#e4e4e4}text{font-size:12px;fill:#444}
.box{stroke:#fff;stroke-width:.6}.box:hover{stroke:#000;stroke-width:2}.name{font-size:11px;fill:#000;pointer-events:none}
#use{fill:none;stroke:#b00020;stroke-width:1.5;pointer-events:none}#now{stroke:#000;stroke-dasharray:3 3;pointer-events:none}
#legend span{display:inline-block;margin:0 14px 4px 0}#legend i{display:inline-block;width:12px;height:12px;margin-right:5px;vertical-align:-1px}
#what{min-height:42px;background:#f5f5f5;padding:6px 10px;border-radius:4px}
</style></head><body><h1>Memory of the network over time</h1><p id="sum"></p><div id="legend"></div>
<p id="what">Point at a box or at a step.</p><svg id="plot" viewBox="0 0 1240 700" role="img" aria-label="memory over time"></svg>
<script>
{  // of its own: some names of a window cannot be declared again
const d = )" + data + R"(;
const L = 76, T = 12, W = 1150, H = 620, svg = document.getElementById('plot'), what = document.getElementById('what');
const n = Math.max(1, d.steps.length), arena = Math.max(1, d.arena);
const size = b => b < 10240 ? b + ' B' : b < 1048576 ? (b / 1024).toFixed(1) + ' KB' : (b / 1048576).toFixed(2) + ' MB';
const x = step => L + step / n * W, y = byte => T + H - byte / arena * H;
const add = (kind, attributes, text) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', kind);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  svg.appendChild(e);
  return e;
};
const step = i => i < d.steps.length ? i + ' (' + d.steps[i].join(' ') + ')' : 'the end';
const use = new Array(n).fill(0);
for (const [b, e, , s] of d.chunks) for (let i = b; i < e; ++i) use[i] += s;
document.getElementById('sum').textContent = n + ' steps; an arena of ' + size(d.arena) + ', of which at most ' + size(d.bound) +
  ' are in use at once; packed weights beside it: ' + size(d.weights) + '.';
const nice = (limit, count) => {
  const raw = limit / count, power = Math.pow(10, Math.floor(Math.log10(raw)));
  return [1, 2, 5, 10].map(f => f * power).find(f => f >= raw);
};
const unit = arena < 1048576 ? 1024 : 1048576;
for (let b = 0, by = nice(arena / unit, 8) * unit; b <= arena; b += by) {
  add('line', {class: 'grid', x1: L, x2: L + W, y1: y(b), y2: y(b)});
  add('text', {x: L - 8, y: y(b) + 4, 'text-anchor': 'end'}, +(b / unit).toFixed(3) + (unit === 1024 ? ' KB' : ' MB'));
}
for (let i = 0, by = Math.max(1, nice(n, 16)); i <= n; i += by) {
  add('line', {class: 'axis', x1: x(i), x2: x(i), y1: T + H, y2: T + H + 5});
  add('text', {x: x(i), y: T + H + 20, 'text-anchor': 'middle'}, i);
}
add('text', {x: L + W / 2, y: T + H + 40, 'text-anchor': 'middle'}, 'step');
const kinds = new Map(), work = '#c9c9c9';
const colour = kind => {
  if (kind === 'workspace') return work;
  if (!kinds.has(kind)) kinds.set(kind, 'hsl(' + kinds.size * 137.5 % 360 + ',62%,70%)');
  return kinds.get(kind);
};
for (const [b, e, a, s, name] of d.chunks) {
  const kind = name.startsWith('workspace of ') ? 'workspace' : d.steps[b] ? d.steps[b][0] : '';
  const w = Math.max(1, (e - b) / n * W), h = Math.max(1, s / arena * H);
  const r = add('rect', {class: 'box', x: x(b), y: y(a + s), width: w, height: h, fill: colour(kind)});
  const t = name + ': ' + size(s) + ' at ' + a + ', from step ' + step(b) + ' to step ' + step(e - 1);
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = t; r.appendChild(title);
  r.addEventListener('mouseover', event => { what.textContent = t; event.stopPropagation(); });
  const letters = Math.floor((w - 6) / 6.2);
  if (h >= 14 && letters >= 3) add('text', {class: 'name', x: x(b) + 3, y: y(a + s) + 12}, name.length > letters ? name.slice(0, letters - 1) + '\u2026' : name);
}
add('polyline', {id: 'use', points: use.map((b, i) => x(i) + ',' + y(b) + ' ' + x(i + 1) + ',' + y(b)).join(' ')});
add('line', {class: 'axis', x1: L, x2: L, y1: T, y2: T + H}); add('line', {class: 'axis', x1: L, x2: L + W, y1: T + H, y2: T + H});
const now = add('line', {id: 'now', y1: T, y2: T + H, visibility: 'hidden'});
svg.addEventListener('mousemove', event => {
  const box = svg.getBoundingClientRect(), i = Math.floor(((event.clientX - box.left) / box.width * 1240 - L) / W * n);
  if (i < 0 || i >= n) return;
  for (const k of ['x1', 'x2']) now.setAttribute(k, x(i + 0.5));
  now.setAttribute('visibility', 'visible');
  if (event.target.tagName !== 'rect') what.textContent = 'step ' + step(i) + ': ' + size(use[i]) + ' in use';
});
const legend = document.getElementById('legend');
const entry = (fill, text) => {
  const s = document.createElement('span'), i = document.createElement('i');
  i.style.background = fill; s.append(i, text); legend.append(s);
};
for (const [kind, fill] of kinds) entry(fill, kind);
if (d.chunks.some(c => c[4].startsWith('workspace of '))) entry(work, 'workspace');
entry('#b00020', 'in use');
}
</script></body></html>
)";
}

LITE_NAMESPACE_END
#endif
