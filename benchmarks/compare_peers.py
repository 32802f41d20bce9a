#!/usr/bin/env python3
"""Latency of lite and its peers on the same ONNX files, interleaved in one run.

    compare_peers.py [--threads 1,2] [--rounds 3] [--seconds 1] [--csv FILE] [--markdown] MODEL.onnx...

Each round runs every engine once, in a process of its own, for that many seconds after a warm-up; the table has the minimum and
the median over all rounds. An engine whose outputs differ from ONNX Runtime's by more than 2 % of the largest is left out.
Inputs are seeded noise; unknown axes are 1 (first) or 224. Needs, from PyPI, what of these is to be compared: onnxruntime
openvino ncnn MNN (with pnnx for ncnn). lite-run is taken from build/release/bin.
"""
import argparse, csv, json, os, pathlib, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
LITE_RUN = HERE.parent / "build" / "release" / "bin" / "lite-run"
PEERS = ["onnxruntime", "openvino", "ncnn", "MNN"]


def noise(model):
    """Name -> array for every input of the model, and ONNX Runtime's outputs."""
    import numpy, onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    random, feed = numpy.random.default_rng(0), {}
    for i in session.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else (1 if k == 0 else 224) for k, d in enumerate(i.shape)]
        feed[i.name] = random.standard_normal(shape).astype(numpy.float32) if "float" in i.type else numpy.ones(
            shape, numpy.int64 if "int64" in i.type else numpy.int32)
    return feed, session.run(None, feed)


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


def measure(engine, model, threads, seconds):
    """In a process of its own: prints milliseconds as JSON."""
    import time, numpy
    feed, want = noise(model)
    run = runner(engine, model, threads, feed)
    got = [numpy.asarray(o, numpy.float64).ravel() for o in run()]
    for w in (numpy.asarray(w, numpy.float64).ravel() for w in want):
        assert any(g.size == w.size and abs(g - w).max() <= 0.02 * max(abs(w).max(), 1e-6) for g in got), "outputs differ"
    for _ in range(2):
        run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps(times))


def convert(model):
    """The files of ncnn and MNN beside the model, made by their own converters."""
    if not os.path.exists(model + ".mnn"):
        subprocess.run(["mnnconvert", "-f", "ONNX", "--modelFile", model, "--MNNModel", model + ".mnn", "--bizCode", "lite"], capture_output=True)
    if not os.path.exists(model + ".ncnn.param"):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath(model), os.path.join(folder, "m.onnx"))
            subprocess.run(["pnnx", "m.onnx", "fp16=0"], cwd=folder, capture_output=True)
            for end in ("param", "bin"):
                if os.path.exists(f"{folder}/m.ncnn.{end}"):
                    os.replace(f"{folder}/m.ncnn.{end}", f"{model}.ncnn.{end}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--csv")
    parser.add_argument("--markdown", action="store_true", help="print the table of minima as Markdown at the end")
    a = parser.parse_args()
    rows = []
    for model in a.models:
        convert(model)
        name = os.path.splitext(os.path.basename(model))[0]
        name = os.path.basename(os.path.dirname(os.path.abspath(model))) if name == "model" else name
        for threads in map(int, a.threads.split(",")):
            times = {e: [] for e in PEERS + ["lite"]}
            failed = set()
            for _ in range(a.rounds):
                for engine in times:
                    if engine in failed:
                        continue
                    if engine == "lite":
                        command = [str(LITE_RUN), model, "--threads", str(threads), "--bench-seconds", str(a.seconds), "--json"]
                    else:
                        command = [sys.executable, __file__, "--one", engine, model, str(threads), str(a.seconds)]
                    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
                    try:
                        result = json.loads(done.stdout.strip().splitlines()[-1])
                        times[engine] += [result["latency_ms"]["min"], result["latency_ms"]["median"]] if engine == "lite" else result
                    except (IndexError, ValueError):
                        failed.add(engine)
            row = {"model": name, "threads": threads}
            for engine, t in times.items():
                row[engine], row[engine + "_median"] = (round(min(t), 3), round(statistics.median(t), 3)) if t else (None, None)
            best = min(row[e] for e in PEERS if row[e])
            row["ratio"] = round(row["lite"] / best, 2) if row["lite"] else None
            rows.append(row)
            print(name, f"threads {threads}:", "  ".join(f"{e} {row[e]} ({row[e + '_median']})" for e in times), f" lite / best peer {row['ratio']}", flush=True)
    if a.csv:
        with open(a.csv, "w", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    if a.markdown:
        print("\n| net | threads | ONNX Runtime | OpenVINO | ncnn | MNN | lite | lite / best peer |\n|---|---|---|---|---|---|---|---|")
        for r in rows:
            print("| " + " | ".join(str(r[k]) if r[k] is not None else "-" for k in ["model", "threads"] + PEERS + ["lite", "ratio"]) + " |")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
    else:
        main()
