#!/usr/bin/env python3
"""Latency, loading time and memory of lite and its peers on the same ONNX files, interleaved in one run.

    compare_peers.py [--threads 1,2] [--rounds 3] [--seconds 1] [--isa NAME] [--shape NAME=1,3,8,8]... [--input NAME=FILE.npy]...
                     [--csv FILE] [--page FILE.md] MODEL.onnx...
    compare_peers.py --pages FILE.md 'TITLE=FILE.csv'...

Each round runs every engine once, in a process of its own, for that many seconds after a warm-up; the table has the minimum and
the median over all rounds, the shortest load (from the file to an engine that is ready to run, without the start of Python) and
the least peak of resident memory over what the process held before it loaded the model. A peer
whose outputs differ from ONNX Runtime's by more than 2 % of the largest is left out; if lite's do, that is an error. Inputs are seeded noise; unknown axes are 1
(first) or 224. --isa holds lite to an older instruction set, and OpenVINO by ONEDNN_MAX_CPU_ISA; the others have no such option and
run as they do. --page writes the tables as Markdown with date, machine and versions, and a bar chart FILE.svg beside it; --csv adds
its rows to a file that is there, and --pages makes one page of such files, the first with the chart.
Needs, from PyPI, what of these is to be compared: onnxruntime openvino ncnn MNN (with pnnx for ncnn). lite-run is taken from
build/release/bin.
"""
import argparse, csv, datetime, importlib.metadata, json, math, os, pathlib, platform, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
LITE_RUN = HERE.parent / "build" / "release" / "bin" / "lite-run"
PEERS = ["onnxruntime", "openvino", "ncnn", "MNN"]
TITLES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "ncnn": "ncnn", "MNN": "MNN", "lite": "lite"}
COLORS = {"onnxruntime": "#8da0cb", "openvino": "#a6d854", "ncnn": "#fc8d62", "MNN": "#e5c494", "lite": "#1f6f8b"}


def noise(model, shapes, given, folder):
    """Writes an array for every input of the model (noise unless given), and ONNX Runtime's outputs, into the folder."""
    import numpy, onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    random, feed = numpy.random.default_rng(0), {}
    for i in session.get_inputs():
        if i.name in given:
            feed[i.name] = numpy.load(given[i.name])
            continue
        shape = shapes.get(i.name) or [d if isinstance(d, int) and d > 0 else (1 if k == 0 else 224) for k, d in enumerate(i.shape)]
        feed[i.name] = random.standard_normal(shape).astype(numpy.float32) if "float" in i.type else numpy.ones(
            shape, numpy.int64 if "int64" in i.type else numpy.int32)
    numpy.savez(f"{folder}/feed.npz", **feed)
    numpy.savez(f"{folder}/want.npz", *session.run(None, feed))
    arguments = []
    for k, (name, array) in enumerate(feed.items()):
        numpy.save(f"{folder}/input_{k}.npy", array)
        arguments += ["--input", f"{name}={folder}/input_{k}.npy"]
    return arguments, ",".join(str(list(v.shape)).replace(" ", "") + {"float32": "f32", "int64": "i64", "int32": "i32"}[str(v.dtype)] for v in feed.values())


def runner(engine, model, threads, feed):
    """A function that runs the model once and returns its outputs as arrays."""
    import numpy
    if engine == "onnxruntime":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, feed)
    if engine == "openvino":
        import openvino
        compiled = openvino.Core().compile_model(model, "CPU", {
            "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
        request = compiled.create_infer_request()
        return lambda: list(request.infer(list(feed.values())).values())
    if engine == "ncnn":
        import ncnn
        net = ncnn.Net()
        net.opt.num_threads = threads
        for option in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
            setattr(net.opt, option, False)
        assert net.load_param(model + ".ncnn.param") == 0 and net.load_model(model + ".ncnn.bin") == 0
        mats = [ncnn.Mat(numpy.ascontiguousarray(v[0] if v.ndim == 4 else v)).clone() for v in feed.values()]

        def run():
            extractor = net.create_extractor()
            for name, mat in zip(net.input_names(), mats):
                extractor.input(name, mat)
            return [numpy.asarray(extractor.extract(name)[1]) for name in net.output_names()]
        return run
    import MNN.expr, MNN.nn
    manager = MNN.nn.create_runtime_manager(({"backend": 0, "precision": "high", "numThread": threads},))
    net = MNN.nn.load_module_from_file(model + ".mnn", list(feed), [], runtime_manager=manager)
    inputs = []
    for v in feed.values():
        x = MNN.expr.const(v, list(v.shape), MNN.expr.NCHW)
        inputs.append(MNN.expr.convert(x, MNN.expr.NC4HW4) if v.ndim == 4 else x)

    def run():
        out = net.forward(inputs if len(inputs) > 1 else inputs[0])
        return [MNN.expr.convert(o, MNN.expr.NCHW).read() for o in (out if isinstance(out, (list, tuple)) else [out])]
    return run


def resident(what):
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith(what))


def check_outputs(got, folder):
    """Fails unless ONNX Runtime's outputs are all among these."""
    import numpy
    got = [numpy.asarray(g, numpy.float64).ravel() for g in got]
    for w in (numpy.asarray(w, numpy.float64).ravel() for w in numpy.load(f"{folder}/want.npz").values()):
        assert any(g.size == w.size and abs(g - w).max() <= 0.02 * max(abs(w).max(), 1e-6) for g in got), "outputs differ"


def measure(engine, model, threads, seconds, folder):
    """In a process of its own: prints a JSON object."""
    import time, numpy
    feed = dict(numpy.load(f"{folder}/feed.npz"))
    importlib.import_module("MNN.expr" if engine == "MNN" else engine)
    before = resident("VmRSS")
    start = time.perf_counter()
    run = runner(engine, model, threads, feed)
    load_ms = (time.perf_counter() - start) * 1e3
    got = [numpy.array(o) for o in run()]
    for _ in range(2):
        run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    rss = resident("VmHWM") - before  # not ru_maxrss, which begins with what the process that started this one held
    check_outputs(got, folder)
    print(json.dumps({"latency_ms": {"min": min(times), "median": statistics.median(times)}, "load_ms": load_ms, "peak_rss_bytes": rss}))


def convert(model, inputs):
    """The files of ncnn and MNN beside the model, made by their own converters; inputs: shapes and types as pnnx writes them."""
    if not os.path.exists(model + ".mnn"):
        subprocess.run(["mnnconvert", "-f", "ONNX", "--modelFile", model, "--MNNModel", model + ".mnn", "--bizCode", "lite"], capture_output=True)
    if not os.path.exists(model + ".ncnn.param"):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath(model), os.path.join(folder, "m.onnx"))
            subprocess.run(["pnnx", "m.onnx", "fp16=0", "inputshape=" + inputs], cwd=folder, capture_output=True)
            for end in ("param", "bin"):
                if os.path.exists(f"{folder}/m.ncnn.{end}"):
                    os.replace(f"{folder}/m.ncnn.{end}", f"{model}.ncnn.{end}")


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def machine():
    """CPU, system and versions, one line each."""
    cpu = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            info = dict((p.strip() for p in line.split(":", 1)) for line in f.read().split("\n\n")[0].splitlines() if ":" in line)
        flags = [x for x in ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile") if x in info.get("flags", "").split()]
        cpu = f"{info.get('model name', '?')} (family {info.get('cpu family', '?')}, model {info.get('model', '?')}), {os.cpu_count()} threads; {' '.join(flags)}"
    def version(package):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None
    found = [f"{TITLES[p]} {version(p)}" for p in PEERS if version(p)]
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout.splitlines()
    return [cpu, platform.platform(), ", ".join(found), f"lite: {compiler[0] if compiler else '?'}, -O2, one binary for all CPUs"]


def chart(rows, title):
    """Bars of every engine's least latency over the best peer's, a group for each model: shorter is better, 1 is the best peer."""
    bar, gap, left, width, limit = 13, 14, 190, 560, 3.0
    engines = ["lite"] + PEERS
    height = 60 + sum(bar * sum(1 for e in engines if r[e]) + gap for r in rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" font-family="sans-serif" font-size="11">',
           f'<rect width="100%" height="100%" fill="white"/><text x="10" y="18" font-size="14">{title}</text>']
    for i, e in enumerate(engines):
        out.append(f'<rect x="{left + 120 * i}" y="28" width="10" height="10" fill="{COLORS[e]}"/><text x="{left + 14 + 120 * i}" y="37">{TITLES[e]}</text>')
    y = 52
    for r in rows:
        best = min(r[e] for e in PEERS if r[e])
        out.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{r["model"]}</text>')
        for e in engines:
            if not r[e]:
                continue
            ratio = r[e] / best
            w = min(ratio, limit) / limit * width
            out.append(f'<rect x="{left}" y="{y}" width="{w:.1f}" height="{bar - 2}" fill="{COLORS[e]}"/><text x="{left + w + 4:.1f}" y="{y + 9}" font-size="9">'
                       f'{r[e]:.2f} ms{"" if ratio <= limit else f" ({ratio:.1f} times)"}</text>')
            y += bar
        y += gap
    x = left + width / limit
    out.append(f'<line x1="{x}" x2="{x}" y1="46" y2="{height - 8}" stroke="#444" stroke-dasharray="3 3"/></svg>')
    return "\n".join(out)


def table(rows, suffix, last):
    lines = ["| net | threads | " + " | ".join(TITLES[e] for e in PEERS + ["lite"]) + f" | {last} |", "|---" * (len(PEERS) + 4) + "|"]
    for r in rows:
        lines.append("| " + " | ".join(str(r[k]) if r[k] is not None else "-" for k in ["model", "threads"] + [e + suffix for e in PEERS + ["lite"]] + ["ratio" + suffix]) + " |")
    return "\n".join(lines)


def means(rows):
    return "; ".join(f"{t} thread{'s' if t > 1 else ''}: {geometric_mean(r):.2f}, worst {max(r):.2f}" for t in sorted({r["threads"] for r in rows})
                     if (r := [x["ratio"] for x in rows if x["threads"] == t and x["ratio"]]))


def write_page(page, measured, groups):
    """One page of groups (title or None, rows); the chart shows the first."""
    rows = groups[0][1]
    first = [r for r in rows if r["threads"] == rows[0]["threads"]]
    page.with_suffix(".svg").write_text(chart([r for r in first if r["lite"] and any(r[e] for e in PEERS)],
                                              f"Latency over the best peer's, {rows[0]['threads']} thread(s): shorter is better"))
    out = ["# Speed beside other runtimes", "", *measured, *[f"- {line}" for line in machine()], ""]
    for i, (title, rows) in enumerate(groups):
        deeper = "###" if title else "##"
        out += [f"## {title}", ""] if title else []
        out += [f"Geometric mean of lite's least latency over the best peer's: {means(rows)}.", ""]
        out += [f"![Latency over the best peer's]({page.with_suffix('.svg').name})", ""] if i == 0 else []
        out += [f"{deeper} Least latency, ms", "", table(rows, "", "lite / best peer"), "",
                f"{deeper} Median latency, ms", "", table(rows, "_median", "lite / best peer"), ""]
        if i == 0:
            out += [f"{deeper} Shortest load, ms", "", table(rows, "_load", "lite / best peer"), "",
                    f"{deeper} Least peak of resident memory, MB", "",
                    "Over what the process held before it loaded the model: Python and the library of the peers, lite-run (5 MB) of lite.", "",
                    table(rows, "_rss", "lite / best peer"), ""]
    page.write_text("\n".join(out))


def read_rows(file):
    """Rows of a CSV, the latest of each net and number of threads."""
    def value(key, text):
        return text if key == "model" else int(text) if key == "threads" else float(text) if text else None
    with open(file, newline="") as f:
        found = {(r["model"], r["threads"]): {k: value(k, v) for k, v in r.items()} for r in csv.DictReader(f)}
    return list(found.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--isa", help="lite's instruction set, to compare what an older CPU would run")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=DIMS", help="of an input, for all models that have it")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy", help="instead of noise, for all models that have it")
    parser.add_argument("--csv", help="a file to add rows to")
    parser.add_argument("--page", help="Markdown file for the tables; the chart is written beside it")
    parser.add_argument("--pages", nargs="+", metavar="FILE.md TITLE=FILE.csv", help="make a page of CSV files, measure nothing")
    parser.add_argument("--markdown", action="store_true", help="print the table of minima as Markdown at the end")
    a = parser.parse_args()
    shapes = {s.partition("=")[0]: [int(d) for d in s.partition("=")[2].split(",")] for s in a.shape}
    given = dict(i.split("=", 1) for i in a.input)
    if a.pages:
        files = [p.rsplit("=", 1) for p in a.pages[1:]]
        days = sorted({datetime.date.fromtimestamp(os.path.getmtime(f)) for _, f in files})
        write_page(pathlib.Path(a.pages[0]), [f"Measured on {' and '.join(map(str, days))} by benchmarks/compare_peers.py, engines interleaved.", ""],
                   [(title, read_rows(file)) for title, file in files])
        return
    if a.isa:
        os.environ["ONEDNN_MAX_CPU_ISA"] = a.isa.upper()
    import numpy
    rows = []
    for model in a.models:
        name = os.path.splitext(os.path.basename(model))[0]
        name = os.path.basename(os.path.dirname(os.path.abspath(model))) if name == "model" else name
        with tempfile.TemporaryDirectory() as folder:
            inputs, described = noise(model, shapes, given, folder)
            convert(model, described)
            isa = ["--isa", a.isa] if a.isa else []
            subprocess.run([str(LITE_RUN), model, *inputs, *isa, "--output-dir", folder + "/got"], capture_output=True)
            check_outputs([numpy.load(f) for f in pathlib.Path(folder, "got").glob("*.npy")], folder)
            for threads in map(int, a.threads.split(",")):
                results = {e: [] for e in PEERS + ["lite"]}
                failed = set()
                for _ in range(a.rounds):
                    for engine in results:
                        if engine in failed:
                            continue
                        if engine == "lite":
                            command = [str(LITE_RUN), model, *inputs, "--threads", str(threads), "--bench-seconds", str(a.seconds), "--json", *isa]
                        else:
                            command = [sys.executable, __file__, "--one", engine, model, str(threads), str(a.seconds), folder]
                        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
                        try:
                            results[engine].append(json.loads(done.stdout.strip().splitlines()[-1]))
                        except (IndexError, ValueError):
                            failed.add(engine)
                for f in results["lite"]:  # like the peers: over what the program held before
                    f["peak_rss_bytes"] = f.get("peak_rss_growth_bytes") or f["peak_rss_bytes"]
                row = {"model": name, "threads": threads}
                for engine, found in results.items():
                    if engine in failed:
                        found = []
                    row[engine] = round(min(f["latency_ms"]["min"] for f in found), 3) if found else None
                    row[engine + "_median"] = round(statistics.median(f["latency_ms"]["median"] for f in found), 3) if found else None
                    row[engine + "_load"] = round(min(f["load_ms"] for f in found), 1) if found else None
                    row[engine + "_rss"] = round(min(f["peak_rss_bytes"] for f in found) / 1e6, 1) if found else None
                for suffix in ("", "_median", "_load", "_rss"):
                    best = min((row[e + suffix] for e in PEERS if row[e + suffix]), default=None)
                    row["ratio" + suffix] = round(row["lite" + suffix] / best, 2) if row["lite" + suffix] and best else None
                rows.append(row)
                print(name, f"threads {threads}:", "  ".join(f"{e} {row[e]} ({row[e + '_median']})" for e in results), f" lite / best peer {row['ratio']}",
                      f" load {row['ratio_load']}  memory {row['ratio_rss']}", flush=True)
    print("geometric mean of lite / best peer:", means(rows))
    if a.csv:
        new = not os.path.exists(a.csv)
        with open(a.csv, "a", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys())
            if new:
                writer.writeheader()
            writer.writerows(rows)
    if a.markdown:
        print("\n" + table(rows, "", "lite / best peer"))
    if a.page:
        measured = [f"Measured on {datetime.date.today()}, {a.rounds} interleaved rounds of {a.seconds} s for each engine, by", "",
                    "    " + " ".join(["benchmarks/compare_peers.py"] + [os.path.basename(x) if os.path.exists(x) else x for x in sys.argv[1:]]), ""]
        write_page(pathlib.Path(a.page), measured, [(None, rows)])


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6])
    else:
        main()
