"""Drives lite-run with the options of MegEngine's load_and_run, each by its effect. Standard library only.

Usage: load_and_run.py PATH_OF_LITE_RUN FOLDER_OF_MODELS
"""
import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

from small_files import FLOAT, ints, model, npy, tensor

LITE_RUN = os.environ.get("LITE_EMULATOR", "").split() + [sys.argv[1]]
MODELS = sys.argv[2]


def conv_net():
    """x [N,3,8,8] -> two convolutions with an activation between -> y."""
    w1 = struct.pack("<216f", *[((i * 7) % 11 - 5) / 8 for i in range(216)])
    w2 = struct.pack("<576f", *[((i * 5) % 13 - 6) / 16 for i in range(576)])
    pads = [ints("pads", [1, 1, 1, 1])]
    return model([("Conv", ["x", "w1"], ["a"], "conv1", "", pads), ("Relu", ["a"], ["b"]), ("Conv", ["b", "w2"], ["y"], "conv2", "", pads)],
                 [("x", FLOAT, ["N", 3, 8, 8])], [("y", FLOAT, ["N", 8, 8, 8])],
                 [tensor("w1", FLOAT, [8, 3, 3, 3], w1), tensor("w2", FLOAT, [8, 8, 3, 3], w2)])


class LoadAndRun(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("net.onnx", conv_net())
        self.write("sum.onnx", model([("Add", ["a", "b"], ["y"])], [("a", FLOAT, [2, 3]), ("b", FLOAT, [2, 3])], [("y", FLOAT, [2, 3])]))
        self.net = self.path("net.onnx")
        self.mge = os.path.join(MODELS, "mge_pyramid", "model.mge")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def run_it(self, *args, code=0):
        done = subprocess.run([*LITE_RUN, *args], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, msg="%s\n%s\n%s" % (args, done.stdout, done.stderr))
        return done

    def floats(self, folder, name):
        data = self.read(os.path.join(folder, name))
        return list(struct.unpack("<%df" % (len(data) // 4), data))

    def net_output(self, *args):
        self.run_it(self.net, "--iter", "1", "--input", "x:" + self.path("x.npy"), "--bin_out_dump", self.path("o"), *args)
        return self.floats("o", "y")

    def near(self, a, b):
        self.assertEqual(len(a), len(b))
        # sums of 72 products of numbers below 1, in another order
        self.assertTrue(all(abs(p - q) <= 1e-4 + 1e-4 * abs(q) for p, q in zip(a, b)))

    def profile(self, *args):
        """The operators of a run with their parameters."""
        p = self.path("p.json")
        self.run_it(self.net, "--iter", "1", "--batch_size", "1", "--profile", p, *args)
        with open(p) as f:
            return list(json.load(f)["graph_exec"]["operator"].values())

    def test_runs_are_counted_and_timed(self):
        out = self.run_it(self.net, "--iter", "4", "--warmup-iter", "2", "--batch-size", "3").stdout
        self.assertEqual(len(re.findall(r"^warm up \d: [\d.]+ ms$", out, re.M)), 2)
        self.assertEqual(len(re.findall(r"^iter \d/4: [\d.]+ ms$", out, re.M)), 4)
        self.assertRegex(out, r"load model: [\d.]+ ms")
        self.assertRegex(out, r"=== finished test #0: time=[\d.]+ ms avg_time=[\d.]+ ms standard_deviation=[\d.]+ ms min=[\d.]+ ms max=[\d.]+ ms")
        self.assertIn("f32[3,8,8,8]", out)
        out = self.run_it(self.net, "--iter=1", "--warmup_iter=0", "--batch_size=1", "--thread", "3", "--share_param_mem", "--lite", "--cpu").stdout
        self.assertEqual(len(re.findall("=== finished test #", out)), 3)
        self.assertNotIn("warm up", out)

    def test_inputs(self):
        x = [i / 100 for i in range(192)]
        self.write("x.npy", npy("<f4", [1, 3, 8, 8], x))
        want = self.net_output()
        self.write("x.json", json.dumps({"x": {"shape": [1, 3, 8, 8], "type": "float32", "raw": x}}).encode())
        self.write("one.json", json.dumps({"shape": [1, 3, 8, 8], "raw": x}).encode())
        for value in ["x:" + self.path("x.json"), self.path("one.json"), "x:[" + ",".join(map(str, x)) + "]"]:
            self.run_it(self.net, "--iter", "1", "--batch_size", "1", "--input", value, "--bin_out_dump", self.path("o"))
            self.assertEqual(self.floats("o", "y"), want)
        self.assertIn("f32[5,8,8,8]", self.run_it(self.net, "--input", "x:{5,3,8,8}").stdout)
        self.write("x.ppm", b"P6\n8 8\n255\n" + bytes(i % 256 for i in range(192)))
        self.run_it(self.net, "--iter", "1", "--batch_size", "1", "--input", "x:" + self.path("x.ppm"), "--bin_out_dump", self.path("o"))
        picture = self.floats("o", "y")
        planes = [(3 * p + c) % 256 for c in range(3) for p in range(64)]
        self.write("x.npy", npy("<f4", [1, 3, 8, 8], planes))
        self.assertEqual(picture, self.net_output())
        self.run_it(self.path("sum.onnx"), "--input", "a:[[1,2,3],[4,5,6]];b:[[10,20,30],[40,50,60]]", "--bin_out_dump", self.path("o"))
        self.assertEqual(self.floats("o", "y"), [11, 22, 33, 44, 55, 66])
        for wrong in ["z:[1]", "a:[1,[2]]", "a:{x}", "a:{2,3", "a:"]:
            self.run_it(self.path("sum.onnx"), "--iter", "1", "--input", wrong, code=1)
        self.run_it(self.net, "--iter", "1", "--input", "x:" + self.path("none.npy"), code=2)

    def test_every_option_gives_the_answer(self):
        self.write("x.npy", npy("<f4", [1, 3, 8, 8], [((i * 37) % 19 - 9) / 9 for i in range(192)]))
        want = self.net_output()
        for options in [["--cpu_default"], ["--multithread", "2"], ["--multithread_default", "2"], ["--multithread", "2", "--multi_thread_core_ids", "0,0"],
                        ["--optimize-for-inference"], ["--enable-fuse-preprocess"], ["--enable_fuse_conv_bias_nonlinearity"], ["--enable_fuse_conv_bias_with_z"],
                        ["--weight-preprocess"], ["--enable_jit"], ["--const_shape"], ["--fake-first"], ["--no-sanity-check"], ["--record_comp_seq"],
                        ["--record-comp-seq2"], ["--disable_mem_opt"], ["--workspace_limit", "1000"], ["--fast-run"], ["--full_run"], ["--reproducible"],
                        ["--binary_equal_between_batch"], ["--fast_run", "--fast_run_shared_batch_size", "1"], ["--layout-transform", "cpu"],
                        ["--enable-nchw44", "--fast_run"]] + \
                       [["--enable_" + l] for l in ["nchw4", "nchw44", "nchw88", "nchw32", "nchw64", "nhwcd4", "nchw44_dot"]]:
            with self.subTest(options=options):
                self.near(self.net_output(*options), want)

    def test_half_precision(self):
        self.write("x.npy", npy("<f4", [1, 3, 8, 8], [((i * 37) % 19 - 9) / 9 for i in range(192)]))
        want, got = self.net_output(), self.net_output("--enable_ioc16")
        self.assertNotEqual(got, want)
        self.assertTrue(all(abs(p - q) <= 0.01 + 0.01 * abs(q) for p, q in zip(got, want)))  # four roundings to 11 bits
        self.assertEqual([struct.unpack("<e", struct.pack("<e", v))[0] for v in got], got)

    def test_layouts_are_seen_in_the_profile(self):
        for layout in ["nchw4", "nchw44", "nchw88", "nchw32", "nchw64", "nhwcd4", "nchw44-dot"]:
            convs = [o for o in self.profile("--enable-" + layout) if o["type"] == "Conv"]
            self.assertEqual([layout.replace("-", "_") in c["param"]["layout"] for c in convs], [True, True], msg=layout)
        self.assertIn("at most one", self.run_it(self.net, "--enable_nchw44", "--enable_nchw88", code=1).stderr)

    def test_choices_by_measuring_are_kept(self):
        cache = self.path("cache")
        self.run_it(self.net, "--batch_size", "1", "--fast_run", "--fast_run_algo_policy", cache)
        data = self.read("cache")
        self.assertIn(b"profile:plat=cpu", data)
        self.run_it(self.net, "--batch_size", "1", "--fast_run", "--fast_run_algo_policy", cache)
        self.assertEqual(self.read("cache"), data)

    def test_looking_inside(self):
        one = [self.net, "--iter", "1", "--warmup_iter", "0", "--batch_size", "1"]
        self.run_it(*one, "--io_dump", self.path("io.txt"))
        self.assertIn(b"name=y layout={1(512),8(64),8(8),8(1) Float32}", self.read("io.txt"))
        self.assertIn("name=y layout=", self.run_it(*one, "--io-dump-stdout").stdout)
        self.assertIn("name=y layout=", self.run_it(*one, "--io_dump_stderr").stderr)
        os.mkdir(self.path("values"))
        self.run_it(*one, "--bin_io_dump", self.path("values"))
        self.assertTrue(glob.glob(self.path("values/0000*")))
        self.run_it(*one, "--bin_io_dump", self.path("none"), code=2)
        self.run_it(*one, "--get-static-mem-info", self.path("memory"))
        for name in ["graph.json", "StaticMemoryInfo.json", "StaticMemoryInfo.html"]:
            self.assertTrue(self.read("memory/" + name))
        self.run_it(*one, "--profile_host", self.path("h.json"))
        self.assertIn("profiler", json.loads(self.read("h.json")))
        out = self.run_it(*one, "--model_info").stdout
        self.assertIn('input  "x" ', out)
        self.assertIn('output "y" f32', out)
        self.assertIn("LITE[", self.run_it(*one, "--verbose", "--optimize_for_inference").stderr)
        self.run_it(*one, "--range", "1e6")
        self.assertIn("--range is", self.run_it(*one, "--range", "1e-6", code=3).stderr)

    def test_packing(self):
        info = {"valid": True, "name": "net", "version": "1.13.0", "has_compression": False, "backend": "MGE", "device": {"type": "CPU", "number_threads": 2},
                "options": {}, "IO": {"inputs": [{"name": "x", "is_host": True, "io_type": "value", "dtype": "float32",
                                                  "shape": {"dim0": 1, "dim1": 3, "dim2": 8, "dim3": 8}}]}}
        self.write("info.json", json.dumps(info).encode())
        packed = self.path("net.lite")
        self.run_it(self.net, "--batch_size", "1", "--packed_model_dump", packed, "--pack_info_json", self.path("info.json"))
        self.assertTrue(self.read("net.lite").startswith(b"packed_model"))
        self.assertIn("f32[1,8,8,8]", self.run_it(packed, "--iter", "1", "--batch_size", "1").stdout)
        self.run_it(packed, "--iter", "1", "--batch_size", "1", "--model-dump", self.path("again.onnx"))
        self.assertEqual(self.read("again.onnx"), self.read("net.onnx"))
        out = self.run_it(self.net, "--iter", "2", "--batch_size", "1", "--fitting", "--dump-fitting-model", self.path("best.lite")).stdout
        self.assertRegex(out, "the fastest: ")
        self.run_it(self.path("best.lite"), "--iter", "1", "--batch_size", "1")

    def test_mge(self):
        out = self.run_it(self.mge, "--iter", "2", "--enable_nchw44", "--weight_preprocess").stdout
        self.assertEqual(len(re.findall("^output ", out, re.M)), 4)
        # The model with the layouts that were measured to be the fastest gives the same.
        dump = self.path("laid_out.mge")
        run = [self.mge, "--iter", "1", "--bin_out_dump", self.path("plain")]
        self.run_it(*run, "--layout_transform", "cpu", "--layout_transform_dump", dump)
        self.run_it(dump, "--iter", "1", "--bin_out_dump", self.path("laid_out"))
        for name in ["p1", "p2", "p3", "pool"]:
            self.near(self.floats("laid_out", name), self.floats("plain", name))

    def test_what_means_nothing_here_is_refused(self):
        for option in ["cuda", "mdl", "enable_chwn4", "tensorrt", "copy_to_host", "check_dispatch", "disable_assert_throw", "wait_gdb", "fuse_grain"]:
            done = self.run_it(self.net, "--" + option.replace("_", "-"), code=1)
            self.assertIn("--%s: " % option, done.stderr)
        for option, value in [("c_opr_lib", "lib.so"), ("check_var_value", "1"), ("tensorrt_cache", "file"), ("layout_transform", "cuda")]:
            self.assertTrue(self.run_it(self.net, "--" + option, value, code=1).stderr)
        for wrong in [["--thread", "0"], ["--io_dump", "a", "--io_dump_stdout"], ["--multithread", "2", "--multithread_default", "2"],
                      ["--multithread", "2", "--multi_thread_core_ids", "0"], ["--layout_transform_dump", "f"], ["--iter", "many"], ["--iter", "1", "--no_such"]]:
            self.run_it(self.net, "--batch_size", "1", *wrong, code=1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
