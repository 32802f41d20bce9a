"""Models that lite read and wrote again must give the same results in onnxruntime: onnx_rewrite.py PROGRAM FOLDER [MODEL]...

FOLDER holds the node tests that onnx_nodes.py wrote. Exit code 77 without onnx and onnxruntime.
"""
import glob
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnxruntime
    from onnx import numpy_helper
except Exception:  # absent, or the packages do not go together
    print("the Python packages onnx and onnxruntime are not installed: nothing was tested")
    sys.exit(77)

program, folder, models = sys.argv[1], sys.argv[2], sys.argv[3:]
emulator = os.environ.get("LITE_EMULATOR", "").split()  # of a cross-compiled program
onnxruntime.set_default_logger_severity(4)
models += sorted(glob.glob(os.path.join(folder, "*", "*", "model.onnx")))
TYPES = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64, "tensor(float16)": numpy.float16, "tensor(int64)": numpy.int64,
         "tensor(int32)": numpy.int32, "tensor(uint8)": numpy.uint8, "tensor(int8)": numpy.int8, "tensor(bool)": bool}


def feeds_of(model, session):
    pbs = sorted(glob.glob(os.path.join(os.path.dirname(model), "test_data_set_0", "input_*.pb")), key=lambda p: int(p[:-3].rsplit("_", 1)[1]))
    if pbs:
        values = []
        for p in pbs:
            t = onnx.TensorProto()
            with open(p, "rb") as f:
                t.ParseFromString(f.read())
            values.append(numpy_helper.to_array(t))
        return dict(zip([i.name for i in session.get_inputs()], values))
    random = numpy.random.default_rng(1)
    feeds = {}
    for i in session.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in i.shape]
        feeds[i.name] = random.random(shape).astype(TYPES[i.type])
    return feeds


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind in "fc":  # the same operators in the same order, but constants may be folded in another one
        return numpy.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)
    return numpy.array_equal(a, b)


failed = compared = skipped = 0
with tempfile.TemporaryDirectory() as out:
    pairs = [(m, os.path.join(out, f"{i}.onnx")) for i, m in enumerate(models)]
    for start in range(0, len(pairs), 200):
        subprocess.run(emulator + [program] + [p for pair in pairs[start:start + 200] for p in pair], stdout=subprocess.DEVNULL, check=True)
    for model, rewritten in pairs:
        if not os.path.exists(rewritten):
            skipped += 1
            continue
        try:
            session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
            feeds = feeds_of(model, session)
            want = session.run(None, feeds)
        except Exception:  # what onnxruntime does not run says nothing about us
            skipped += 1
            continue
        try:
            session = onnxruntime.InferenceSession(rewritten, providers=["CPUExecutionProvider"])
            names = {i.name for i in session.get_inputs()}
            got = session.run(None, {k: v for k, v in feeds.items() if k in names})
            ok, why = same(want, got), "results differ"
        except Exception as e:
            ok, why = False, str(e)
        compared += 1
        if not ok:
            failed += 1
            print(f"FAILED {os.path.basename(os.path.dirname(model))}: {why[:300]}")
print(f"{compared} models compared, {skipped} skipped, {failed} failed")
sys.exit(1 if failed or not compared else 0)
