#!/usr/bin/env python3
"""MegEngine's own runtime on the .mge files that lite-run --save writes, against what lite-run answers.

usage: wheel.py LITE_RUN FOLDER...          FOLDER holds model folders, or is one

Every model is written as it is, in version 1 of the format, and in the layout nchw44 (MegEngine's own files in nchw88 end with an error of
its code generator on a CPU with AVX-512). Needs numpy and the PyPI packages MegEngine 1.13 and numpy below 2, for CPython 3.10 or older:
LITE_MGE_PYTHON names an interpreter that has them. Skips (exit status 77), saying so, without them. Plain files run in megenginelite; files
with packed layouts in MegEngine itself, as megenginelite crashes on those of its own.
"""
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77

# Run by the other interpreter: argv[1] "lite" or "engine", argv[2] the model, argv[3] a folder with in_<name>.npy; writes got_<k>.npy and
# names.json there.
WHEEL = r'''
import json, os, sys
import numpy as np
how, model, folder = sys.argv[1:]
feeds = {k: np.load(os.path.join(folder, f)) for k, f in json.load(open(os.path.join(folder, "inputs.json"))).items()}
if how == "lite":
    from megenginelite import LiteNetwork
    net = LiteNetwork()
    net.load(model)
    for k, v in feeds.items():
        net.get_io_tensor(k).set_data_by_copy(np.ascontiguousarray(v))
    net.forward()
    net.wait()
    names = list(net.get_all_output_name())
    got = [net.get_io_tensor(n).to_numpy() for n in names]
else:
    from megengine.utils.comp_graph_tools import GraphInference
    results = GraphInference(model).run(inp_dict=feeds)
    names = list(results)
    got = [np.asarray(results[n]) for n in names]
for i, g in enumerate(got):
    np.save(os.path.join(folder, "got_%d.npy" % i), g)
json.dump(names, open(os.path.join(folder, "names.json"), "w"))
'''


def cases(folder):
    for root in sorted(os.listdir(folder)) if not has_model(folder) else [""]:
        d = os.path.join(folder, root)
        if has_model(d):
            yield d


def has_model(d):
    return any(os.path.exists(os.path.join(d, m)) for m in ("model.mge", "model.onnx"))


def inputs_of(folder):
    """name -> file of the first case"""
    card = os.path.join(folder, "card.json")
    if not os.path.exists(card):
        return None, {"abs": 1e-4, "rel": 1e-3}
    card = json.load(open(card))
    case = card["cases"][0]["inputs"]
    return {k: v.get("file", "input_%s.npy" % k) for k, v in case.items()}, card["tolerance"]


def main(lite_run, folders):
    python = os.environ.get("LITE_MGE_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import megenginelite, megengine"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        print("skipped: MegEngine's wheel (PyPI MegEngine 1.13, numpy below 2) is not installed for %s; LITE_MGE_PYTHON names another interpreter" % python)
        return SKIPPED
    try:
        import numpy as np
    except ImportError:
        print("skipped: numpy (PyPI) is not installed")
        return SKIPPED
    only = os.environ.get("LITE_WHEEL_ONLY", "")
    failed = passed = refused = 0
    for folder in folders:
        if not os.path.isdir(folder):
            print("absent: %s" % folder)
            continue
        for d in cases(folder):
            if only not in d:
                continue
            feeds, tolerance = inputs_of(d)
            if feeds is None:
                continue
            model = next(os.path.join(d, m) for m in ("model.mge", "model.onnx") if os.path.exists(os.path.join(d, m)))
            arrays = {k: np.load(os.path.join(d, f)) for k, f in feeds.items()}
            for layout, version in (("auto", 2), ("auto", 1), ("nchw44", 2)):
                what = "%s %s" % (os.path.basename(d), "version 1" if version == 1 else layout)
                with tempfile.TemporaryDirectory() as t:
                    written = os.path.join(t, "written.mge")
                    shapes = [a for k, v in arrays.items() for a in ("--shape", "%s=%s" % (k, ",".join(map(str, v.shape))))]
                    fixed = shapes if model.endswith(".onnx") else []
                    save = subprocess.run([lite_run, model, "--save", written, "--layout", layout, "--mge-version", str(version)] + fixed, capture_output=True, text=True)
                    if save.returncode:
                        if "MegEngine has no form for" in save.stderr + save.stdout and model.endswith(".onnx"):
                            refused += 1
                            print("refused %s: %s" % (what, (save.stderr + save.stdout).strip().splitlines()[1].strip()))
                        else:
                            failed += 1
                            print("FAILED %s: %s" % (what, (save.stderr + save.stdout).strip()[-300:]))
                        continue
                    wants = os.path.join(t, "want")
                    options = [a for k, f in feeds.items() for a in ("--input", "%s=%s" % (k, os.path.join(d, f)))]
                    run = subprocess.run([lite_run, model, "--output-dir", wants] + options, capture_output=True, text=True)
                    if run.returncode:
                        failed += 1
                        print("FAILED %s: lite-run: %s" % (what, run.stderr.strip()[-300:]))
                        continue
                    files = {}
                    for i, (k, v) in enumerate(arrays.items()):
                        files[k] = "in_%d.npy" % i
                        np.save(os.path.join(t, files[k]), v.astype("int32") if v.dtype == np.int64 else v)
                    json.dump(files, open(os.path.join(t, "inputs.json"), "w"))
                    try:
                        how = "lite" if layout == "auto" else "engine"
                        wheel = subprocess.run([python, "-c", WHEEL, how, written, t], capture_output=True, text=True, timeout=120)
                    except subprocess.TimeoutExpired:
                        failed += 1
                        print("FAILED %s: the wheel does not return" % what)
                        continue
                    if wheel.returncode:
                        failed += 1
                        lines = [line for line in wheel.stderr.splitlines() if ".so" not in line]
                        print("FAILED %s: the wheel: %s" % (what, "\n".join(lines)[-600:]))
                        continue
                    names = json.load(open(os.path.join(t, "names.json")))
                    problem = ""
                    for f in sorted(os.listdir(wants)):
                        want = np.load(os.path.join(wants, f))
                        name = f.split("_", 2)[2][:-4]
                        match = [i for i, n in enumerate(names) if "".join(c if c.isalnum() or c in "._-" else "_" for c in n) == name]
                        if not match:
                            problem = "there is no output %s, only %s" % (name, names)
                            break
                        got = np.load(os.path.join(t, "got_%d.npy" % match[0])).astype("float64")
                        want = want.astype("float64")
                        if want.ndim == 0:
                            want = want.reshape(1)
                        if got.shape != want.shape:
                            problem = "output %s has shape %s, expected %s" % (name, got.shape, want.shape)
                            break
                        far = np.abs(got - want) > tolerance["abs"] + tolerance["rel"] * np.abs(want)
                        if (far & ~(np.isnan(got) & np.isnan(want))).any():
                            problem = "output %s differs by %g (peak %g)" % (name, np.nanmax(np.abs(got - want)), np.nanmax(np.abs(want)))
                            break
                    if problem:
                        failed += 1
                        print("FAILED %s: %s" % (what, problem))
                    else:
                        passed += 1
    print("%d passed, %d failed, %d refused" % (passed, failed, refused))
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
