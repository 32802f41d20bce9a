"""Writes the node tests of the installed onnx package and runs them: onnx_nodes.py PROGRAM FOLDER. Exit code 77 without onnx.

Those that onnx_not_passing.txt lists may fail; any other that fails is an error, and so is one of the list that passes: it is to
be taken off, so that it cannot fail again unseen.
"""
import json
import os
import subprocess
import sys

program, folder = sys.argv[1:3]
emulator = os.environ.get("LITE_EMULATOR", "").split()  # of a cross-compiled program
try:
    import onnx
    from onnx import numpy_helper
    from onnx.backend.test.case import node
except Exception as e:  # absent, or it does not go together with what else is installed
    print(f"the Python package onnx cannot be used ({e}): nothing was tested")
    sys.exit(77)


def proto_of(value, info):
    kind = info.type.WhichOneof("value")
    if isinstance(value, onnx.TensorProto):
        return value
    if kind == "map_type":
        return numpy_helper.from_dict(value, info.name)
    if kind == "sequence_type":
        return numpy_helper.from_list(value, info.name)
    if kind == "optional_type":
        return numpy_helper.from_optional(value, info.name)
    return numpy_helper.from_array(value, info.name)


def write(path, message):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(message.SerializeToString())


root = os.path.join(folder, "onnx-" + onnx.__version__)
if not os.path.exists(os.path.join(root, "complete")):
    for case in node.collect_testcases(None):
        write(os.path.join(root, case.name, "model.onnx"), case.model)
        graph = case.model.graph
        for i, (inputs, outputs) in enumerate(case.data_sets):
            for what, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
                for j, value in enumerate(values):
                    write(os.path.join(root, case.name, f"test_data_set_{i}", f"{what}_{j}.pb"), proto_of(value, infos[j]))
    open(os.path.join(root, "complete"), "w").close()
report = os.path.join(folder, "report.json")
status = subprocess.call(emulator + [program, root, "--json", report] + sys.argv[3:])
if status not in (0, 1):
    sys.exit(f"{program} ended with status {status}")
with open(report) as f:
    results = json.load(f)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnx_not_passing.txt")) as f:
    listed = {line.split("#")[0].strip() for line in f} - {""}
failed = {name for name, result in results.items() if result != "passed" and not result.startswith("skipped: ")}
passed = {name for name, result in results.items() if result == "passed"}
for name in sorted(failed - listed):
    print(f"{name} must pass: {results[name]}")
for name in sorted(passed & listed):
    print(f"{name} passes: take it off onnx_not_passing.txt")
sys.exit(1 if failed - listed or passed & listed else 0)
