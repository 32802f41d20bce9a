#!/usr/bin/env python3
"""Packed and encrypted models of lite in MegEngine's runtime, and caches of measured algorithms both ways.

usage: exchange.py EXCHANGE FOLDER          FOLDER holds mge models with their cards, ../shared/models/mge say

Needs the PyPI packages MegEngine 1.13 and numpy below 2, for CPython 3.10 or older: LITE_MGE_PYTHON names an interpreter that has them.
Skips (exit status 77), saying so, without them. The wheel has no packer and does not encrypt; what it writes is the cache.
"""
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77

# Run by the other interpreter: argv[1] is a JSON object. Prints the answer as JSON.
WHEEL = r'''
import json, os, sys
import numpy as np
from megenginelite import *
job = json.loads(sys.argv[1])
if "cache" in job:
    LiteGlobal.set_persistent_cache(job["cache"])
config = LiteConfig()
if job.get("cipher"):
    config.bare_model_cryption_name = job["cipher"].encode()
net = LiteNetwork(config)
if "cache" in job:
    net.set_network_algo_policy(LiteAlgoSelectStrategy.LITE_ALGO_PROFILE)
net.load(job["model"])
if "cache" in job:
    net.set_network_algo_policy(LiteAlgoSelectStrategy.LITE_ALGO_PROFILE)
x = np.load(job["input"])
net.get_io_tensor(job["name"]).set_data_by_copy(x)
net.forward()
net.wait()
got = {n: [float(v) for v in net.get_io_tensor(n).to_numpy().ravel()] for n in net.get_all_output_name()}
answer = {"threads": net.threads_number, "got": got}
if "dump" in job:
    LiteGlobal.dump_persistent_cache(job["dump"])
print("ANSWER" + json.dumps(answer))
'''


def main(exchange, folder):
    python = os.environ.get("LITE_MGE_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import megenginelite, numpy"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        print("skipped: MegEngine's wheel (PyPI MegEngine 1.13, numpy below 2) is not installed for %s; LITE_MGE_PYTHON names another interpreter" % python)
        return SKIPPED
    model = os.path.join(folder, "mini_resnet")
    if not os.path.isdir(model):
        print("skipped: %s is absent" % model)
        return SKIPPED
    mge, x = os.path.join(model, "model.mge"), os.path.join(model, "input_data.npy")
    failed = []

    def wheel(**job):
        job.setdefault("input", x)
        job.setdefault("name", "data")
        r = subprocess.run([python, "-c", WHEEL, json.dumps(job)], capture_output=True, text=True, timeout=300)
        for line in r.stdout.splitlines():
            if line.startswith("ANSWER"):
                return json.loads(line[6:])
        return {"error": "\n".join(l for l in r.stderr.splitlines() if "libmegengine" not in l)[-400:]}

    def expect(what, answer, want, **more):
        got = answer.get("got", {})  # another algorithm of the wheel may sum in another order
        near = got.keys() == want["got"].keys() and all(abs(a - b) <= 1e-4 + 1e-3 * abs(b) for k in got for a, b in zip(got[k], want["got"][k]))
        if not near:
            failed.append("%s: %s" % (what, answer.get("error", "other values")))
        for key, value in more.items():
            if answer.get(key) != value:
                failed.append("%s: %s is %s, expected %s" % (what, key, answer.get(key), value))

    with tempfile.TemporaryDirectory() as t:
        want = wheel(model=mge)
        if "error" in want:
            print("FAILED: the wheel does not run %s: %s" % (mge, want["error"]))
            return 1
        subprocess.run([exchange, "pack", mge, t], check=True)
        written = sorted(os.listdir(t))
        for f in written:
            path = os.path.join(t, f)
            if f.startswith("bare_"):
                expect(f, wheel(model=path, cipher=f[5:]), want)
            else:
                expect(f, wheel(model=path), want, **({"threads": 2} if f.startswith("info_") else {}))
        # The wheel's cache is read, joined to ours, and read by the wheel again, which then measures nothing: it dumps the same entries.
        theirs, joined, again = (os.path.join(t, n) for n in ("theirs.cache", "joined.cache", "again.cache"))
        open(theirs, "wb").write(b"\0\0\0\0")
        wheel(model=mge, cache=theirs, dump=theirs)
        size = os.path.getsize(theirs)
        out = subprocess.run([exchange, "cache", theirs, joined, mge], capture_output=True, text=True)
        if out.returncode:
            failed.append("our reading of the wheel's cache: " + out.stderr.strip())
        else:
            before, after = map(int, out.stdout.split())
            if size <= 4 or before == 0 or after <= before:
                failed.append("the cache of the wheel has %d bytes, %d entries, with ours %d" % (size, before, after))
            expect("joined cache", wheel(model=mge, cache=joined, dump=again), want)
            if open(theirs, "rb").read()[4:] not in open(again, "rb").read() and os.path.getsize(again) < os.path.getsize(joined):
                failed.append("the wheel lost entries of the joined cache")
        print("%d packed or encrypted files, a cache of %d bytes" % (len(written), size))
    for f in failed:
        print("FAILED " + f)
    return failed != []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
