"""The node tests of the onnx package through lite-run: onnx_nodes.py LITE_RUN FOLDER [--json FILE]. Needs onnx and numpy (exit code 77 without).

FOLDER (or what tests/model/onnx_nodes.py made in it) holds <case>/model.onnx and <case>/test_data_set_<i>/{input,output}_<j>.pb. Shares nothing with the library: inputs are written by numpy,
outputs read by numpy and compared here. A case passes if lite-run ends with 0 and every output has the type, the shape and, within
rtol 1e-3 and atol 1e-5 (wider for types of 16 bits and less), the values of the test. Those of tests/model/onnx_not_passing.txt may fail.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except Exception as e:  # absent, or it does not go together with what else is installed
    print(f"the Python packages onnx and numpy cannot be used ({e}): nothing was tested")
    sys.exit(77)

LITE_RUN = os.environ.get("LITE_EMULATOR", "").split() + [sys.argv[1]]
FOLDER = os.path.join(sys.argv[2], "onnx-" + onnx.__version__)
if not os.path.isdir(FOLDER):
    FOLDER = sys.argv[2]
HERE = os.path.dirname(os.path.abspath(__file__))
# Only training has these operators, or no two programs make the same numbers.
SKIPPED = {"Adagrad", "Adam", "Bernoulli", "Gradient", "Momentum", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
SKIPPED_CASES = ("test_training_dropout", "test_bernoulli")
PROTOS = {"tensor_type": onnx.TensorProto, "sequence_type": onnx.SequenceProto, "optional_type": onnx.OptionalProto, "map_type": onnx.MapProto}
NUMPY_LACKS = {"bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn", "int4", "uint4", "int2", "uint2"}


def load(path, kind):
    message = PROTOS[kind]()
    with open(path, "rb") as f:
        message.ParseFromString(f.read())
    return message


def value_of(message):
    if isinstance(message, onnx.TensorProto):
        return numpy_helper.to_array(message)
    if isinstance(message, onnx.SequenceProto):
        return numpy_helper.to_list(message)
    if isinstance(message, onnx.OptionalProto):
        return numpy_helper.to_optional(message)
    return numpy_helper.to_dict(message)


def difference(got, want, dtype=None):
    """What differs, or ''. `dtype` is what lite-run calls the type of a tensor in a .npy file, which may hold a wider one."""
    if isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(got) != len(want):
            return f"{got} instead of {want}"
        return next((f"item {i}: {d}" for i, d in enumerate(map(difference, got, want)) if d), "")
    if want is None or got is None:
        return "" if want is got else f"{got} instead of {want}"
    got, want = np.asarray(got), np.asarray(want)
    if want.dtype.kind in "OSU":
        as_text = lambda a: [x.decode() if isinstance(x, bytes) else str(x) for x in a.ravel()]
        return "" if got.shape == want.shape and as_text(got) == as_text(want) else f"{got} instead of {want}"
    name = dtype or got.dtype.name
    if name != want.dtype.name or got.shape != want.shape:
        return f"{name}{list(got.shape)} instead of {want.dtype.name}{list(want.shape)}"
    if dtype in NUMPY_LACKS and got.dtype.name not in ("float32", "int8", "uint8"):
        return f"{dtype} in elements of {got.dtype}"
    # float16 and bfloat16 carry 11 and 8 significant bits, and the tests' own answers are rounded to them; of narrower types they are exact.
    rtol = 1e-2 if name == "bfloat16" else 2e-3 if name == "float16" else 1e-3
    atol = rtol if name in ("float16", "bfloat16") else 1e-5
    g, w = (a.astype(np.float64) if a.dtype.kind != "c" else a for a in (got, want))
    with np.errstate(all="ignore"):
        wrong = ~((g == w) | (np.isnan(g) & np.isnan(w)) | (np.abs(g - w) <= atol + rtol * np.abs(w)))
    return f"element {np.argmax(wrong)} is {g.ravel()[np.argmax(wrong)]} instead of {w.ravel()[np.argmax(wrong)]}" if wrong.any() else ""


def run(case):
    folder = os.path.join(FOLDER, case)
    graph = onnx.load(os.path.join(folder, "model.onnx")).graph
    if case.startswith(SKIPPED_CASES) or any(n.op_type in SKIPPED for n in graph.node):
        return "skipped"
    constants = {t.name for t in graph.initializer}  # a test feeds those that are inputs, too
    for data in sorted(d for d in os.listdir(folder) if d.startswith("test_data_set_")):
        data = os.path.join(folder, data)
        with tempfile.TemporaryDirectory() as work:
            args = [*LITE_RUN, os.path.join(folder, "model.onnx"), "--json", "--warmup", "0", "--output-dir", work]
            for i, info in enumerate(graph.input):
                path = os.path.join(data, f"input_{i}.pb")
                if info.name in constants or not os.path.exists(path):
                    continue
                kind = info.type.WhichOneof("value")
                if kind == "tensor_type":
                    value = value_of(load(path, kind))
                    path = os.path.join(work, f"in_{i}.npy")
                    np.save(path, value.astype(np.str_) if value.dtype == object else value)
                args += ["--input", f"{info.name}={path}"]
            try:
                done = subprocess.run(args, capture_output=True, text=True, timeout=120)
            except subprocess.TimeoutExpired:
                return "lite-run hangs"
            if done.returncode != 0:
                return f"lite-run ends with {done.returncode}: {done.stderr.strip()}"
            result = json.loads(done.stdout.splitlines()[-1])
            for i, (info, out) in enumerate(zip(graph.output, result["outputs"], strict=True)):
                path = os.path.join(data, f"output_{i}.pb")
                if not os.path.exists(path):
                    continue
                kind = info.type.WhichOneof("value")
                is_tensor = kind == "tensor_type"
                got = np.load(out["file"]) if is_tensor else value_of(load(out["file"], kind))
                d = difference(got, value_of(load(path, kind)), out["dtype"] if is_tensor else None)
                if d:
                    return f"output {i}: {d}"
    return "passed"


cases = sorted(c for c in os.listdir(FOLDER) if os.path.exists(os.path.join(FOLDER, c, "model.onnx")))
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    results = dict(zip(cases, pool.map(run, cases)))
for case, result in results.items():
    if result not in ("passed", "skipped"):
        print(f"{case}: {result}")
count = lambda kind: sum(r == kind for r in results.values())
print(f"{count('passed')} passed, {len(results) - count('passed') - count('skipped')} failed, {count('skipped')} skipped")
if "--json" in sys.argv:
    with open(sys.argv[sys.argv.index("--json") + 1], "w") as f:
        json.dump(results, f, indent=1, sort_keys=True)
with open(os.path.join(HERE, "..", "model", "onnx_not_passing.txt")) as f:
    listed = {line.split("#")[0].strip() for line in f}
sys.exit(any(r not in ("passed", "skipped") and c not in listed for c, r in results.items()))
