"""Every header alone, and twice, in a translation unit of its own: it includes what it uses, and its guard holds.

Usage: headers.py SOURCE_DIRECTORY COMPILER [--full] [--xtensor] [FLAGS...]
The headers of a user's include line are compiled in the light form; --full takes all, in the light and in the header-only form.
The benchmarks, which the presets for tests do not build, are checked too.
"""
import os
import subprocess
import sys
import tempfile

source, compiler = sys.argv[1:3]
full, xtensor = "--full" in sys.argv, "--xtensor" in sys.argv
flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-I" + os.path.join(source, "include")]
flags += [f for f in sys.argv[3:] if f not in ("--full", "--xtensor", "")]

headers = []
library = os.path.join(source, "include", "lite")
for folder, _, names in os.walk(library):
    headers += [os.path.relpath(os.path.join(folder, n), library) for n in names if n.endswith(".h") and not n.endswith("-inl.h")]
public = [h for h in headers if "/" not in h and not h.endswith("impl.h")]
# Where users' own operators begin, and what the documents name for them.
public += ["op/operator.h", "format/onnx.h", "format/onnx_metadata.h", "format/npy.h"]
heavy = {"kernel/targets.h", "impl.h", "lite.h"}  # header-only, these compile every kernel: what tests/consume does anyway

failed = runs = 0
with tempfile.TemporaryDirectory() as folder:
    unit = os.path.join(folder, "unit.cc")
    for header in sorted(headers if full else public):
        if header == "xtensor.h" and not xtensor:
            continue
        with open(unit, "w") as f:
            f.write('#include "lite/{0}"\n#include "lite/{0}"\nint main() {{}}\n'.format(header))
        forms = [["-DLITE_COMPILED"]] + ([[]] if full and header not in heavy else [])
        for form in forms:
            done = subprocess.run([compiler, *flags, *form, unit], capture_output=True, text=True)
            runs += 1
            if done.returncode:
                failed += 1
                print("lite/%s alone %s:\n%s" % (header, " ".join(form), done.stderr[:3000]))
    folder = os.path.join(source, "benchmarks", "op")
    probe = subprocess.run([compiler, *flags, "-x", "c++", "-"], input="#include <benchmark/benchmark.h>\n", capture_output=True, text=True)
    if probe.returncode:
        print("benchmarks/op is skipped: Google Benchmark (libbenchmark-dev) is not here")
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".cc") and not probe.returncode):
        done = subprocess.run([compiler, *flags, "-DLITE_COMPILED", "-I" + source, os.path.join(folder, name)], capture_output=True, text=True)
        runs += 1
        if done.returncode:
            failed += 1
            print("benchmarks/op/%s:\n%s" % (name, done.stderr[:3000]))
print("%d units, among them %d headers, %d failed" % (runs, len(headers if full else public), failed))
sys.exit(1 if failed or not runs else 0)
