"""Drives lite-run as a user would: exit codes, files, and the JSON on the last line. Standard library only.

Usage: lite_run.py PATH_OF_LITE_RUN
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile

from small_files import BFLOAT16, BOOL, DOUBLE, FLOAT, INT64, STRING, UINT8, field, model, npy, png, read_npy, sequence_info, tensor

LITE_RUN = os.environ.get("LITE_EMULATOR", "").split() + [sys.argv[1]]  # an emulator, if it was cross-compiled


class LiteRun(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        files = {
            "relu.onnx": model([("Relu", ["x"], ["y/out:0"])], [("x", FLOAT, ["N", 3])], [("y/out:0", FLOAT, ["N", 3])]),
            "two.onnx": model(
                [("Add", ["a", "a"], ["sum"]), ("Identity", ["n"], ["same"])],
                [("a", FLOAT, [2, 2]), ("n", INT64, [2])],
                [("sum", FLOAT, [2, 2]), ("same", INT64, [2])],
            ),
            "image.onnx": model([("Neg", ["image"], ["out"])], [("image", FLOAT, ["N", 3, "H", "W"])], [("out", FLOAT, ["N", 3, "H", "W"])]),
            "last.onnx": model([("Identity", ["image"], ["out"])], [("image", UINT8, [1, 2, 2, 3])], [("out", UINT8, [1, 2, 2, 3])]),
            "others.onnx": model(
                [("Not", ["b"], ["nb"]), ("Neg", ["d"], ["nd"])],
                [("b", BOOL, [2]), ("d", DOUBLE, [2])],
                [("nb", BOOL, [2]), ("nd", DOUBLE, [2])],
            ),
            "unknown.onnx": model([("NoSuchOperator", ["x"], ["y"]), ("NorThis", ["y"], ["z"])], [("x", FLOAT, [1])], [("z", FLOAT, [1])]),
            "garbage.onnx": b"\xff\x00garbage" * 9,
            "x.npy": npy("<f4", [2, 3], [-1, 2, -3, 4, -5, 6]),
            "y.npy": npy("<f4", [2, 3], [0, 2, 0, 4, 0, 6]),
            "off.npy": npy("<f4", [2, 3], [0, 2, 0, 4, 0.5, 6]),
            "shape.npy": npy("<f4", [3, 2], [0, 2, 0, 4, 0, 6]),
            "int.npy": npy("<i4", [2, 3], [0, 2, 0, 4, 0, 6]),
            "picture.png": png(2, 2, [255, 0, 10, 0, 255, 20, 1, 2, 3, 100, 150, 200]),
            "picture.ppm": b"P6\n2 2\n255\n" + bytes([255, 0, 10, 0, 255, 20, 1, 2, 3, 100, 150, 200]),
            "broken.png": png(2, 2, [0] * 12)[:40],
        }
        for name, data in files.items():
            with open(self.path(name), "wb") as f:
                f.write(data)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_it(self, *args, code=0):
        done = subprocess.run([*LITE_RUN, *args], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, msg="%s\n%s\n%s" % (args, done.stdout, done.stderr))
        return done

    def result(self, *args, code=0):
        return json.loads(self.run_it(*args, "--json", code=code).stdout.splitlines()[-1])

    def test_runs_and_writes_outputs(self):
        out = self.path("new/folder")
        j = self.result(self.path("relu.onnx"), "--input", self.path("x.npy"), "--output-dir", out, "--expect", self.path("y.npy"))
        self.assertEqual(os.listdir(out), ["output_0_y_out_0.npy"])
        self.assertEqual(read_npy(os.path.join(out, "output_0_y_out_0.npy")), ("<f4", [2, 3], [0, 2, 0, 4, 0, 6]))
        for key in ["model", "inputs", "outputs", "isa", "threads", "load_ms", "latency_ms", "peak_rss_bytes", "arena_bytes", "weights_bytes", "max_abs_error"]:
            self.assertIn(key, j)
        self.assertEqual(j["inputs"], [{"name": "x", "dtype": "float32", "shape": [2, 3], "source": self.path("x.npy")}])
        self.assertEqual(j["max_abs_error"], {"y/out:0": 0})
        self.assertEqual(set(j["latency_ms"]), {"min", "median", "p90", "runs"})
        self.assertLessEqual(j["latency_ms"]["min"], j["latency_ms"]["median"])
        self.assertGreater(j["peak_rss_bytes"], 0)

    def test_expectations(self):
        m, x = self.path("relu.onnx"), self.path("x.npy")
        self.run_it(m, "--input", "x=" + x, "--expect", "y/out:0=" + self.path("y.npy"))
        j = self.result(m, "--input", x, "--expect", self.path("off.npy"), code=3)
        self.assertEqual(j["max_abs_error"], {"y/out:0": 0.5})
        self.run_it(m, "--input", x, "--expect", self.path("off.npy"), "--atol", "0.5")
        self.run_it(m, "--input", x, "--expect", self.path("off.npy"), "--atol", "0", "--rtol", "1")
        self.run_it(m, "--input", x, "--expect", self.path("off.npy"), "--atol", "0", "--rtol", "0.99", code=3)
        self.assertIn("shape", self.run_it(m, "--input", x, "--expect", self.path("shape.npy"), code=3).stderr)
        self.run_it(m, "--input", x, "--expect", self.path("missing.npy"), code=2)

    def test_inputs_that_are_not_given(self):
        j = self.result(self.path("two.onnx"), "--output-dir", self.path("o"))
        self.assertEqual([i["source"] for i in j["inputs"]], ["noise", "ones"])
        self.assertEqual(read_npy(self.path("o/output_1_same.npy"))[2], [1, 1])
        first = read_npy(self.path("o/output_0_sum.npy"))[2]
        self.result(self.path("two.onnx"), "--output-dir", self.path("o"), "--threads", "2")
        self.assertEqual(read_npy(self.path("o/output_0_sum.npy"))[2], first)
        self.assertTrue(any(first))
        self.assertEqual(self.result(self.path("relu.onnx"))["inputs"][0]["shape"], [1, 3])
        e = self.run_it(self.path("image.onnx"), code=1).stderr
        self.assertIn('input "image"', e)
        self.assertIn("--shape image=", e)
        j = self.result(self.path("image.onnx"), "--shape", "image=1,3,5,4")
        self.assertEqual(j["outputs"][0]["shape"], [1, 3, 5, 4])
        self.run_it(self.path("image.onnx"), "--shape", "image=1,4,5,4", code=2)
        self.run_it(self.path("image.onnx"), "--shape", "image=1,3,x,4", code=1)

    def test_types_that_the_interface_cannot_hold(self):
        with open(self.path("b.npy"), "wb") as f:
            f.write(npy("|b1", [2], [True, False]))
        self.result(self.path("others.onnx"), "--input", "b=" + self.path("b.npy"), "--output-dir", self.path("o"))
        self.assertEqual(read_npy(self.path("o/output_0_nb.npy")), ("|b1", [2], [False, True]))
        self.assertEqual(read_npy(self.path("o/output_1_nd.npy"))[0], "<f8")

    def test_text_sequences_and_types_that_numpy_lacks(self):
        def put(name, data):
            with open(self.path(name), "wb") as f:
                f.write(data)
            return self.path(name)

        o = self.path("o")
        words = put("words.onnx", model([("StringConcat", ["a", "a"], ["aa"])], [("a", STRING, ["N"])], [("aa", STRING, ["N"])], opset=20))
        text = npy("<i4", [2], [97, 0x20AC])  # the same bytes as two strings of one code point
        given = put("words.npy", text.replace(b"'<i4'", b"'<U1'"))
        want = put("want.npy", npy("<i4", [4], [97, 97, 0x20AC, 0x20AC]).replace(b"'<i4'", b"'<U2'").replace(b"(4,)", b"(2,)"))
        j = self.result(words, "--input", given, "--expect", want, "--output-dir", o)
        self.assertEqual(j["outputs"][0]["dtype"], "string")
        with open(o + "/output_0_aa.npy", "rb") as f:
            self.assertIn(b"'descr': '<U2'", f.read())
        self.assertIn("element 0 is 'aa'", self.run_it(words, "--input", given, "--expect", given, code=3).stderr)
        self.assertIn("--input a=FILE.npy", self.run_it(words, code=1).stderr)

        sequence = sequence_info("s", FLOAT)
        second = put("second.onnx", model([("SequenceAt", ["s", "i"], ["second"]), ("Identity", ["s"], ["same"])], [sequence, ("i", INT64, [])],
                                          [("second", FLOAT, None), sequence_info("same", FLOAT)]))
        values = put("s.pb", b"".join(field(3, tensor("", FLOAT, [1], npy("<f4", [1], [v])[-4:])) for v in (1, 2)))
        j = self.result(second, "--input", "s=" + values, "--input", "i=" + put("i.npy", npy("<i8", [], [1])), "--expect", "same=" + values, "--output-dir", o)
        self.assertEqual(read_npy(o + "/output_0_second.npy"), ("<f4", [1], [2]))
        self.assertEqual([os.path.basename(x["file"]) for x in j["outputs"]], ["output_0_second.npy", "output_1_same.pb"])
        self.run_it(second, "--input", "s=" + o + "/output_1_same.pb", "--expect", "same=" + values)
        self.assertIn("--input s=FILE.pb", self.run_it(second, code=1).stderr)

        brain = put("brain.onnx", model([("Identity", ["b"], ["same"])], [("b", BFLOAT16, [2])], [("same", BFLOAT16, [2])]))
        for file in (npy("<f4", [2], [1.5, -2]), npy("<i4", [1], [0xC0003FC0 - 2**32]).replace(b"'<i4'", b"'<V2'").replace(b"(1,)", b"(2,)")):
            self.assertEqual(self.result(brain, "--input", put("b.npy", file), "--output-dir", o)["outputs"][0]["dtype"], "bfloat16")
            self.assertEqual(read_npy(o + "/output_0_same.npy"), ("<f4", [2], [1.5, -2]))
        self.result(brain)

    def test_the_first_node_that_differs_from_a_reference(self):
        chain = self.path("chain.onnx")
        with open(chain, "wb") as f:
            f.write(model([("Abs", ["x"], ["a/abs"]), ("Neg", ["a/abs"], ["b:neg"]), ("Add", ["b:neg", "x"], ["c"])], [("x", FLOAT, [3])], [("c", FLOAT, [3])]))
        reference = self.path("reference")
        os.mkdir(reference)

        def put(**values):
            for name, v in values.items():
                with open(os.path.join(reference, name + ".npy"), "wb") as f:
                    f.write(npy("<f4", [len(v)], v))

        with open(self.path("in.npy"), "wb") as f:
            f.write(npy("<f4", [3], [1, -2, 3]))
        compare = [chain, "--input", self.path("in.npy"), "--compare-with"]
        put(a_abs=[1, 2, 3], b_neg=[-1, -2, -3], c=[0, -4, 0], unknown=[1])
        j = self.result(*compare, reference)
        self.assertEqual(j["compare"]["nodes"], {"compared": 3, "within": True})
        self.assertTrue(j["compare"]["optimized"]["within"])
        put(b_neg=[-1, -2.5, -3], c=[0, -4.5, 0])
        done = self.run_it(*compare, reference, "--json", code=3)
        first = json.loads(done.stdout.splitlines()[-1])["compare"]["nodes"]["first"]
        self.assertEqual((first["value"], first["max_abs_error"]), ("b:neg", 0.5))
        self.assertRegex(done.stderr, 'node by node, "b:neg" of .*element 1 is -2, expected -2.5')
        put(b_neg=[1])
        self.assertIn("the shape is [3], expected [1]", self.run_it(*compare, reference, code=3).stderr)
        with zipfile.ZipFile(self.path("r.npz"), "w") as z:  # as numpy.savez writes it
            z.writestr("a/abs.npy", npy("<f4", [3], [1, 2, 3]))
        self.assertEqual(self.result(*compare, self.path("r.npz"))["compare"]["nodes"]["compared"], 1)
        with zipfile.ZipFile(self.path("none.npz"), "w") as z:
            z.writestr("other.npy", npy("<f4", [1], [1]))
        self.assertIn("no value of a name", self.run_it(*compare, self.path("none.npz"), code=2).stderr)
        self.assertIn("neither a folder nor a .npz file", self.run_it(*compare, self.path("in.npy"), code=2).stderr)

    def test_pictures(self):
        want = [255, 0, 1, 100, 0, 255, 2, 150, 10, 20, 3, 200]
        for file in ["picture.png", "picture.ppm"]:
            self.run_it(self.path("image.onnx"), "--input", self.path(file), "--output-dir", self.path("o"))
            self.assertEqual(read_npy(self.path("o/output_0_out.npy")), ("<f4", [1, 3, 2, 2], [-v for v in want]))
        self.run_it(self.path("image.onnx"), "--input", self.path("picture.png"), "--bgr", "--mean", "1,2,3", "--std", "2", "--output-dir", self.path("o"))
        got = read_npy(self.path("o/output_0_out.npy"))[2]
        self.assertEqual(got, [-(v - m) / 2 for v, m in zip(want[8:] + want[4:8] + want[:4], [1] * 4 + [2] * 4 + [3] * 4)])
        j = self.result(self.path("image.onnx"), "--input", self.path("picture.png"), "--shape", "image=1,3,7,9")
        self.assertEqual(j["outputs"][0]["shape"], [1, 3, 7, 9])
        self.run_it(self.path("last.onnx"), "--input", self.path("picture.png"), "--output-dir", self.path("o"))
        self.assertEqual(read_npy(self.path("o/output_0_out.npy"))[2], [255, 0, 10, 0, 255, 20, 1, 2, 3, 100, 150, 200])
        self.assertIn("picture", self.run_it(self.path("image.onnx"), "--input", self.path("broken.png"), code=2).stderr)
        self.run_it(self.path("relu.onnx"), "--input", self.path("picture.png"), code=2)

    def test_wrong_use(self):
        m = self.path("relu.onnx")
        for args in [
            [],
            [m, "--no-such-option"],
            [m, "--threads", "0"],
            [m, "--threads", "many"],
            [m, "--isa", "PDP11"],
            [m, "--layout", "spiral"],
            [m, "--input", "z=" + self.path("x.npy")],
            [m, "--input", self.path("x.npy"), "--input", self.path("x.npy")],
            [m, "--input", "x=" + self.path("x.npy"), "--input", "x=" + self.path("x.npy")],
            [m, "--shape", "y=1,3"],
            [m, "--bench-seconds", "-1"],
            [m, "--mean", "a"] + ["--input", self.path("x.npy"), "--warmup", "-1"],
        ]:
            done = self.run_it(*args, code=1)
            self.assertTrue(done.stderr.strip() or done.stdout.strip(), msg=args)
        self.assertIn("x", self.run_it(m, "--input", "z=" + self.path("x.npy"), code=1).stderr)

    def test_what_cannot_be_used(self):
        m = self.path("relu.onnx")
        self.assertIn("missing.onnx", self.run_it(self.path("missing.onnx"), code=2).stderr)
        self.run_it(self.path("garbage.onnx"), code=2)
        self.run_it(self.folder.name, code=2)
        e = self.run_it(self.path("unknown.onnx"), code=2).stderr
        self.assertIn("NoSuchOperator", e)
        self.assertIn("NorThis", e)
        cannot = self.run_it(self.path("unknown.onnx"), "--check", code=2).stdout
        self.assertRegex(cannot, "cannot run: .*NoSuchOperator")
        self.assertRegex(cannot, "cannot run: .*NorThis")
        self.run_it(m, "--input", self.path("missing.npy"), code=2)
        self.run_it(m, "--input", self.path("shape.npy"), code=2)
        self.assertIn("float32", self.run_it(m, "--input", self.path("int.npy"), code=2).stderr)
        self.run_it(m, "--input", self.path("x.npy"), "--output-dir", self.path("x.npy"), code=2)

    def test_information_check_and_profile(self):
        self.assertEqual(self.run_it("--help").returncode, 0)
        text = self.run_it(self.path("image.onnx"), "--info").stdout
        self.assertIn('input  "image" float32 [N,3,H,W]', text)
        self.assertIn("add --shape image=...", text)
        for shape in ([], ["--measure"]):
            text = self.run_it(self.path("image.onnx"), "--info", "--shape", "image=1,3,8,8", *shape).stdout
            self.assertIn("kernels ", text)
            self.assertIn(" us", text)
        steps = self.result(self.path("image.onnx"), "--info", "--shape", "image=1,3,8,8")["steps"]
        self.assertTrue(steps and all(s["kernel"] and s["layout"] for s in steps))
        j = self.result(self.path("image.onnx"), "--info")
        self.assertEqual(j["inputs"], [{"name": "image", "dtype": "float32", "shape": ["N", 3, "H", "W"]}])
        self.assertIn("#define LITE_OPS lite::Ops<", self.run_it(self.path("two.onnx"), "--check").stdout)
        needs = self.result(self.path("image.onnx"), "--check")
        self.assertEqual(needs["unsupported"], [])
        self.assertIn("Relayout", needs["operators"])
        self.assertTrue(all(c["within"] for c in self.result(self.path("two.onnx"), "--check-reference")["check"]))
        self.run_it(self.path("two.onnx"), "--profile", self.path("p.json"))
        with open(self.path("p.json")) as f:
            events = json.load(f)["traceEvents"]
        self.assertTrue(events)
        for key in ["kernel", "layout", "ms", "gflops"]:
            self.assertIn(key, events[0]["args"])

    def test_measuring(self):
        j = self.result(self.path("two.onnx"), "--bench-seconds", "0.05", "--warmup", "0")
        self.assertGreater(j["latency_ms"]["runs"], 1)
        isa = j["isa"]
        self.assertEqual(self.result(self.path("two.onnx"), "--isa", isa, "--layout", "nchw")["isa"], isa)
        self.assertEqual(self.result(self.path("two.onnx"), "--isa", isa.lower())["isa"], isa)
        for layout in ["auto", "nhwc", "nchw44", "nchw88"]:
            self.run_it(self.path("image.onnx"), "--shape", "1,3,4,4", "--layout", layout, "--check-reference")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
