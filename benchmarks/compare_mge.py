#!/usr/bin/env python3
"""Latency of lite beside MegEngine Lite's own wheel on the same .mge files, interleaved in one run.

    compare_mge.py [--threads 1,2] [--rounds 3] [--seconds 0.3] [--wheel PYTHON] [--page FILE.md] MODEL.mge...

The wheel runs with each of its options that may win (as it is, nchw44, nchw88, each with weight_preprocess), shortly at first, and with the
best of them once more with algorithms chosen by profiling; the two best go on to the rounds, and the best one counts, and is named. With
more threads only the two options that were best with fewer are tried. What the wheel does not
survive or refuses is left out; a model that it cannot run at all has a row that says so. lite runs as it is. Every measurement is a process
of its own, of that many seconds after a warm-up; the table has the minimum over all rounds. Inputs are what the file says, of seeded noise;
outputs that differ from the wheel's by more than 1 % of the largest are an error. --wheel is a Python that has MegEngine 1.13 (CPython 3.10
or older, with numpy 1); lite-run is taken from build/release/bin.
"""
import argparse, json, math, os, pathlib, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
LITE_RUN = HERE.parent / "build" / "release" / "bin" / "lite-run"
TIMEOUT = 60  # seconds of one measurement; the wheel hangs where a thread of its own crashes
SETS = {"plain": {}, "weights": {"weight_preprocess": 1}, "nchw44": {"enable_nchw44": 1, "weight_preprocess": 1}, "nchw88": {"enable_nchw88": 1, "weight_preprocess": 1}}


def wheel(model, threads, seconds, options, profile, folder):
    """In a process of its own, with the wheel: prints a JSON object."""
    import time
    import numpy
    import megenginelite as mgl
    config = mgl.LiteConfig()
    for name, value in SETS[options].items():
        setattr(config.options, name, value)
    net = mgl.LiteNetwork(config)
    net.threads_number = threads
    if threads == 1:
        net.enable_cpu_inplace_mode()
    if profile:
        mgl.LiteGlobal.set_persistent_cache("%s/cache_%s_%d" % (folder, options, threads), True)  # profiled once
        net.set_network_algo_policy(mgl.LiteAlgoSelectStrategy.LITE_ALGO_PROFILE | mgl.LiteAlgoSelectStrategy.LITE_ALGO_OPTIMIZED)
    net.load(model)
    feed = numpy.random.default_rng(0)
    for i, name in enumerate(net.get_all_input_name()):
        t = net.get_io_tensor(name)
        x = feed.standard_normal(t.layout.shapes[:t.layout.ndim]).astype(t.layout.dtype)
        t.set_data_by_copy(x)
        numpy.save("%s/input_%d.npy" % (folder, i), x)

    def run():
        net.forward()
        net.wait()
    for _ in range(3):
        run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    names = list(net.get_all_input_name())
    outputs = {}
    for i, name in enumerate(net.get_all_output_name()):
        numpy.save("%s/output_%d.npy" % (folder, i), net.get_io_tensor(name).to_numpy())
        outputs[name] = "%s/output_%d.npy" % (folder, i)
    print(json.dumps({"ms": min(times), "inputs": names, "outputs": outputs}))


def last_json(arguments):
    """What the process prints last, or why there is nothing."""
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None, "does not return"
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0 and lines:
        return json.loads(lines[-1]), ""
    if done.returncode < 0:
        return None, "killed by signal %d" % -done.returncode
    said = [l for l in done.stderr.splitlines() if "rror" in l or "assert" in l]
    return None, said[-1].strip()[:120] if said else "exit status %d" % done.returncode


def measure(a, model, threads, folder, lost):
    """{options of the wheel: ms}, ms of lite, why the wheel ran with none of its options; `lost`: options that are of no use any more"""
    best, ours, problem = {}, float("inf"), ""

    def run_wheel(options, profile, seconds):
        return last_json([a.wheel, __file__, "--inside", model, str(threads), str(seconds), options, str(profile), folder])
    for options in SETS:
        r, why = (None, lost[options]) if options in lost else run_wheel(options, 0, a.seconds / 3)
        if r:
            best[options, 0] = r["ms"]
            ran = r
        else:
            problem = problem or why
            lost[options] = why
    if best:
        options, _ = min(best, key=best.get)
        r, _ = run_wheel(options, 1, a.seconds / 3)
        if r:
            best[options, 1] = r["ms"]
    arguments = [str(LITE_RUN), model, "--threads", str(threads), "--bench-seconds", str(a.seconds), "--warmup", "3", "--json"]
    if best:
        arguments += ["--rtol", "0.01", "--atol", "0.01"]
        for i, n in enumerate(ran["inputs"]):
            arguments += ["--input", "%s=%s/input_%d.npy" % (n, folder, i)]
        for n, f in ran["outputs"].items():
            arguments += ["--expect", "%s=%s" % (n, f)]
    for _ in range(a.rounds):
        for options, profile in sorted(best, key=best.get)[:2]:
            r, why = run_wheel(options, profile, a.seconds)
            if r:
                best[options, profile] = min(best[options, profile], r["ms"])
        r, why = last_json(arguments)
        if r is None:
            sys.exit("%s: lite-run fails or differs: %s: %s" % (model, why, " ".join(arguments)))
        ours = min(ours, r["latency_ms"]["min"])
    return best, ours, problem


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--inside":
        model, threads, seconds, options, profile, folder = sys.argv[2:]
        return wheel(model, int(threads), float(seconds), options, profile == "1", folder)
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", nargs="+")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=0.3)
    p.add_argument("--wheel", default=sys.executable)
    p.add_argument("--page")
    a = p.parse_args()
    if subprocess.run([a.wheel, "-c", "import megenginelite"], capture_output=True).returncode:
        sys.exit("%s cannot import megenginelite (PyPI MegEngine 1.13): --wheel names another Python" % a.wheel)
    rows, ratios = [], {}
    for model in a.models:
        name = pathlib.Path(model).parent.name if pathlib.Path(model).stem == "model" else pathlib.Path(model).stem
        lost = {}
        for threads in map(int, a.threads.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                best, ours, problem = measure(a, model, threads, folder, lost)
            if best:
                plain = sorted((o for o, p in best if not p), key=lambda o: best[o, 0])
                lost.update({o: "slower with fewer threads" for o in plain[2:]})
                options, profile = key = min(best, key=best.get)
                row = (name, threads, "%.3f" % best[key], options + (" profiled" if profile else ""), "%.3f" % ours, "%.2f" % (ours / best[key]))
                ratios.setdefault(threads, []).append(ours / best[key])
            else:
                row = (name, threads, "-", "does not run: " + problem, "%.3f" % ours, "-")
            rows.append(row)
            print("%-24s %d thread%s  wheel %8s ms (%s)  lite %8s ms  %s" % (name, threads, "s" if threads > 1 else " ", *row[2:]), flush=True)
    for threads, r in ratios.items():
        print("geometric mean of lite / MegEngine Lite with %d thread%s: %.2f, the largest %.2f" % (threads, "s" if threads > 1 else "", math.exp(sum(map(math.log, r)) / len(r)), max(r)))
    if a.page:
        with open(a.page, "w") as f:
            f.write("| net | threads | MegEngine Lite, ms | its options | lite, ms | lite / MegEngine Lite |\n|---|---|---|---|---|---|\n")
            for row in rows:
                f.write("| %s | %d | %s | %s | %s | %s |\n" % row)


if __name__ == "__main__":
    main()
