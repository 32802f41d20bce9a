"""lite-run used wrongly, and fed with what it cannot use: the exit status, a message that names what and where, no file half written.

Usage: misuse.py PATH_OF_LITE_RUN [FOLDER_OF_MODELS]. Standard library only.
Exit: 0 right, 1 wrong use, 2 the model or an input cannot be used, 3 an expectation missed; never a signal.
"""
import os
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

from small_files import FLOAT, INT64, field, graph, graph_attribute, ints, model, npy, png, tensor, value_info

LITE_RUN = os.path.abspath(sys.argv[1])
MODELS = sys.argv[2] if len(sys.argv) > 2 else None
STRING, BFLOAT = 8, 16
GIB = 1 << 30

X, Y = ("x", FLOAT, ["N", 3]), ("y", FLOAT, ["N", 3])
RIGHT, WRONG_USE, CANNOT_USE, MISSED = 0, 1, 2, 3


def one(op, shape, out=("y", FLOAT, ["?"]), **more):
    """A model of one node from x to y."""
    return model([(op, ["x"], ["y"], "the_node")], [("x", FLOAT, shape)], [out], **more)


def constant_shape(op, dims, extra=()):
    """A node whose output has the extents of a constant."""
    return model([(op, [*extra, "s"], ["y"], "the_node")], [("x", FLOAT, [1])], [("y", FLOAT, ["?"])],
                 [tensor("s", INT64, [len(dims)], struct.pack("<%dq" % len(dims), *dims))])


def floats(*values):
    return struct.pack("<%df" % len(values), *values)


def weights(dims, raw=None, external=None):
    """y = x + w."""
    return model([("Add", ["x", "w"], ["y"], "the_node")], [X], [Y], [tensor("w", FLOAT, dims, raw, external)])


def external(**entries):
    return weights([3], external=entries)


def conv(w, attributes=()):
    n = 1
    for d in w:
        n *= d
    return model([("Conv", ["x", "w"], ["y"], "block3/conv1", "", attributes)], [("x", FLOAT, [1, 4, 8, 8])], [("y", FLOAT, ["?"] * 4)],
                 [tensor("w", FLOAT, w, floats(*[1.0] * n))])


def nested(depth):
    body = graph([("Identity", ["x"], ["y"])], [], [("y", FLOAT, [1])])
    for i in range(depth):
        node_of_body = ("If", ["c"], ["y"], "if%d" % i, "", [graph_attribute("then_branch", body)])
        body = graph([node_of_body], [], [("y", FLOAT, [1])])
    return field(1, 8) + field(7, body) + field(8, field(1, "") + field(2, 17))


RELU = one("Relu", ["N", 3], Y)
# Several kinds of everything: what the damaged copies are made of.
RICH = model(
    [("Conv", ["x", "w", "b"], ["c"], "conv", "", [ints("pads", [1, 1, 1, 1]), ints("strides", [2, 2])]), ("Relu", ["c"], ["r"], "relu"),
     ("Reshape", ["r", "s"], ["f"], "flat"), ("Add", ["f", "e"], ["y"], "add")],
    [("x", FLOAT, ["N", 2, 4, 4])], [("y", FLOAT, ["N", 8])],
    [tensor("w", FLOAT, [2, 2, 3, 3], floats(*range(36))), tensor("b", FLOAT, [2], floats(1, 2)), tensor("s", INT64, [2], struct.pack("<2q", -1, 8)),
     tensor("e", FLOAT, [8], external={"location": "side.bin", "offset": 4, "length": 32})])

X_NPY = npy("<f4", [2, 3], [-1, 2, -3, 4, -5, 6])


def header(shape="(2, 3)", descr="<f4", order="False", version=1, length=None):
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)
    text = text.ljust(117) + "\n"
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", size) + text.encode()


FILES = {
    "relu.onnx": RELU, "rich.onnx": RICH, "side.bin": floats(*range(9)), "x.npy": X_NPY,
    "want.npy": npy("<f4", [2, 3], [0, 2, 0, 4, 0, 6]), "off.npy": npy("<f4", [2, 3], [0, 2, 0, 4, 0, 7]), "nan.npy": npy("<f4", [2, 3], [0, 2, 0, 4, 0, float("nan")]),
    "narrow.npy": npy("<f4", [2, 2], [0] * 4), "rank.npy": npy("<f4", [1, 2, 3], [0] * 6), "double.npy": npy("<f8", [2, 3], [0] * 6),
    "scalar.npy": npy("<f4", [], [1]), "long.npy": npy("<i8", [2, 3], [0] * 6),
    # numpy files that are none
    "empty.npy": b"", "text.npy": b"1.0, 2.0, 3.0\n" * 20, "short.npy": X_NPY[:-1], "head.npy": X_NPY[:60], "magic.npy": X_NPY[:6],
    "huge.npy": header("(%d,)" % (1 << 40)), "product.npy": header("(%d, %d, %d)" % ((1 << 31,) * 3)), "wrap.npy": header("(4294967296, 4294967296)") + b"1234",
    "digits.npy": header("(99999999999999999999999999, 1)"), "minus.npy": header("(-2, 3)"), "axes.npy": header("(" + "1, " * 40 + ")"),
    "object.npy": header(descr="|O") + bytes(48), "complex.npy": header(descr="<c8") + bytes(48), "version.npy": header(version=9) + bytes(24),
    "length.npy": header(length=60000) + bytes(24), "order.npy": header(order="Maybe") + bytes(24), "tuple.npy": header("2, 3") + bytes(24),
    "gap.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + b"{'shape': (2, 3)}".ljust(118) + bytes(24),
    # pictures
    "noise.png": bytes(random.Random(1).randrange(256) for _ in range(300)), "cut.png": png(4, 4, [9] * 48)[:50],
    "vast.png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 2, 0, 0, 0) + bytes(40),
    "photo.png": png(2, 2, [7] * 12),
    # files that are no models
    "empty.onnx": b"", "text.onnx": b"this is a text file, not a model\n" * 9, "zip.onnx": b"PK\x03\x04" + bytes(200), "zeros.onnx": bytes(500),
    "ones.onnx": b"\xff" * 500, "npy.onnx": X_NPY, "picture.onnx": png(2, 2, [7] * 12), "no_graph.onnx": field(1, 8) + field(8, field(1, "") + field(2, 17)),
    "length.onnx": field(1, 8) + b"\x3a\xff\xff\xff\xff\x0f" + b"abc", "varint.onnx": b"\x08" + b"\xff" * 12,
    # models that cannot be
    "circle.onnx": model([("Add", ["x", "b"], ["a"], "first"), ("Relu", ["a"], ["b"], "second")], [X], [("b", FLOAT, ["N", 3])]),
    "self.onnx": model([("Add", ["x", "y"], ["y"], "eats_itself")], [X], [Y]),
    "lost.onnx": model([("Add", ["x", "nowhere"], ["y"], "the_node")], [X], [Y]),
    "twice.onnx": model([("Relu", ["x"], ["y"], "one"), ("Neg", ["x"], ["y"], "two")], [X], [Y]),
    "no_output.onnx": model([("Relu", ["x"], ["z"], "the_node")], [X], [Y]),
    "opset.onnx": one("Relu", ["N", 3], Y, opset=9999), "old.onnx": one("Erf", ["N", 3], Y, opset=1),
    "strings.onnx": model([("Identity", ["x"], ["y"], "the_node")], [("x", STRING, [2])], [("y", STRING, [2])]),
    "type.onnx": model([("Identity", ["x"], ["y"], "the_node")], [("x", 77, [2])], [("y", 77, [2])]),
    "too_few.onnx": model([("Add", ["x"], ["y"], "the_node")], [X], [Y]),
    "channels.onnx": conv([8, 3, 3, 3]), "groups.onnx": conv([8, 4, 3, 3], [field(1, "group") + field(3, 3) + field(20, 2)]),
    "strides.onnx": conv([8, 4, 3, 3], [ints("strides", [0, 0])]), "minus_pads.onnx": conv([8, 4, 3, 3], [ints("pads", [-99, 0, -99, 0])]),
    "window.onnx": conv([8, 4, 30, 30]), "kernel_shape.onnx": conv([8, 4, 3, 3], [ints("kernel_shape", [5, 5])]),
    "huge_pads.onnx": conv([8, 4, 3, 3], [ints("pads", [1 << 61] * 4)]), "huge_strides.onnx": conv([8, 4, 3, 3], [ints("dilations", [1 << 62] * 2)]),
    "broadcast.onnx": weights([5], floats(*range(5))),
    "reshape.onnx": constant_shape("Reshape", [7, 9], ["x"]), "two_minus.onnx": constant_shape("Reshape", [-1, -1], ["x"]),
    "minus_shape.onnx": constant_shape("ConstantOfShape", [-5]), "nested.onnx": nested(3000),
    # extents without reason
    "huge_input.onnx": one("Relu", [1 << 40], ("y", FLOAT, [1 << 40])), "huge_product.onnx": one("Relu", [1 << 40, 1 << 40], ("y", FLOAT, [1 << 40] * 2)),
    "wrap_product.onnx": one("Relu", [1 << 32, 1 << 32], ("y", FLOAT, [1 << 32] * 2)), "minus_input.onnx": one("Relu", [-7, 3]),
    "huge_weights.onnx": weights([1 << 40]), "huge_weights_raw.onnx": weights([1 << 40], floats(1)), "wrap_weights.onnx": weights([1 << 31, 1 << 31, 4], floats(1)),
    "minus_weights.onnx": weights([-3], floats(1, 2, 3)), "short_weights.onnx": weights([3], floats(1, 2)), "no_weights.onnx": weights([3]),
    "huge_fill.onnx": constant_shape("ConstantOfShape", [1 << 40]), "byte_fill.onnx": constant_shape("ConstantOfShape", [(1 << 61) + 1]), "wrap_fill.onnx": constant_shape("ConstantOfShape", [1 << 32, 1 << 32]),
    "huge_expand.onnx": constant_shape("Expand", [1 << 41], ["x"]), "wrap_expand.onnx": constant_shape("Expand", [1 << 62, 1 << 62, 16], ["x"]),
    "huge_tile.onnx": constant_shape("Tile", [1 << 41], ["x"]), "wrap_tile.onnx": model([("Tile", ["x", "s"], ["y"], "the_node")], [("x", FLOAT, [16])], [("y", FLOAT, ["?"])],
                                                                                        [tensor("s", INT64, [1], struct.pack("<q", (1 << 62) + 1))]),
    "wrap_pad.onnx": constant_shape("Pad", [(1 << 63) - 1, (1 << 63) - 1], ["x"]), "huge_pad.onnx": constant_shape("Pad", [1 << 40, 0], ["x"]),
    # external data
    "up.onnx": external(location="../outside.bin"), "deep_up.onnx": external(location="sub/../../outside.bin"), "absolute.onnx": external(location="/etc/hostname"),
    "link.onnx": external(location="link.bin"), "link_folder.onnx": external(location="link_folder/hostname"), "gone.onnx": external(location="gone.bin"),
    "folder.onnx": external(location="sub"), "nothing.onnx": external(location=""), "dot.onnx": external(location="."), "no_location.onnx": external(offset=0),
    "truncated.onnx": external(location="three.bin", length=12), "offset.onnx": external(location="side.bin", offset=1 << 40),
    "wrap_offset.onnx": external(location="side.bin", offset=(1 << 64) - 8, length=12), "minus_offset.onnx": external(location="side.bin", offset=-4),
    "word_offset.onnx": external(location="side.bin", offset="four"), "wrong_length.onnx": external(location="side.bin", length=8), "three.bin": b"123",
    "nul.onnx": external(location="side.bin\0.txt"),
    # what is not supported
    "unsupported.onnx": model(
        [("NoSuch", ["x"], ["a"], "n1"), ("Relu", ["a"], ["b"], "n2"), ("Fancy", ["b"], ["c"], "n3", "com.example"), ("NoSuch", ["c"], ["y"], "n4")],
        [X], [Y], domains=["com.example"]),
}

# Name of the case, arguments ("@name" is a file of the test's folder), exit status, what stderr must say.
CASES = [
    # wrong use
    ("nothing", [], WRONG_USE, ["model"]),
    ("empty model name", [""], WRONG_USE, ["model"]),
    ("two models", ["@relu.onnx", "@rich.onnx"], WRONG_USE, ["rich.onnx"]),
    ("unknown option", ["@relu.onnx", "--speed"], WRONG_USE, ["--speed"]),
    ("option without value", ["@relu.onnx", "--input"], WRONG_USE, ["--input"]),
    ("threads 0", ["@relu.onnx", "--threads", "0"], WRONG_USE, ["--threads", "0"]),
    ("threads -1", ["@relu.onnx", "--threads", "-1"], WRONG_USE, ["--threads", "-1"]),
    ("threads 1025", ["@relu.onnx", "--threads", "1025"], WRONG_USE, ["--threads", "1025", "1024"]),
    ("threads beyond int", ["@relu.onnx", "--threads", "99999999999999999999"], WRONG_USE, ["--threads"]),
    ("threads in words", ["@relu.onnx", "--threads", "two"], WRONG_USE, ["--threads", "two"]),
    ("threads 1.5", ["@relu.onnx", "--threads", "1.5"], WRONG_USE, ["--threads"]),
    ("threads empty", ["@relu.onnx", "--threads", ""], WRONG_USE, ["--threads"]),
    ("isa", ["@relu.onnx", "--isa", "PDP11"], WRONG_USE, ["--isa", "PDP11"]),
    ("layout", ["@relu.onnx", "--layout", "spiral"], WRONG_USE, ["--layout", "spiral", "nhwc"]),
    ("layout empty", ["@relu.onnx", "--layout", ""], WRONG_USE, ["--layout"]),
    ("negative time", ["@relu.onnx", "--bench-seconds", "-1"], WRONG_USE, ["--bench-seconds"]),
    ("time without end", ["@relu.onnx", "--bench-seconds", "inf"], WRONG_USE, ["--bench-seconds"]),
    ("time that is none", ["@relu.onnx", "--bench-seconds", "nan"], WRONG_USE, ["--bench-seconds"]),
    ("negative warmup", ["@relu.onnx", "--warmup", "-3"], WRONG_USE, ["--warmup"]),
    ("negative tolerance", ["@relu.onnx", "--atol", "-1"], WRONG_USE, ["--atol"]),
    ("tolerance that is none", ["@relu.onnx", "--rtol", "nan"], WRONG_USE, ["--rtol"]),
    ("unknown input", ["@relu.onnx", "--input", "z=@x.npy"], WRONG_USE, ['"z"', '"x"']),
    ("input twice", ["@relu.onnx", "--input", "x=@x.npy", "--input", "x=@x.npy"], WRONG_USE, ['"x"']),
    ("too many inputs", ["@relu.onnx", "--input", "@x.npy", "--input", "@x.npy"], WRONG_USE, ["x.npy", "1 input"]),
    ("unknown output", ["@relu.onnx", "--expect", "z=@x.npy"], WRONG_USE, ['"z"', '"y"']),
    ("shape of nothing", ["@relu.onnx", "--shape", "z=1,3"], WRONG_USE, ['"z"', '"x"']),
    ("shape of words", ["@relu.onnx", "--shape", "x=1,three"], WRONG_USE, ["three"]),
    ("shape with minus", ["@relu.onnx", "--shape", "x=-1,3"], WRONG_USE, ["-1,3"]),
    ("shape with fraction", ["@relu.onnx", "--shape", "x=1.5,3"], WRONG_USE, ["1.5"]),
    ("shape with a gap", ["@relu.onnx", "--shape", "x=1,,3"], WRONG_USE, ["1,,3"]),
    ("shape of 99 axes", ["@relu.onnx", "--shape", "x=" + ",".join("1" * 99)], WRONG_USE, ["--shape"]),
    ("axes that are not known", ["@image.onnx"], WRONG_USE, ['"image"', "--shape image="]),
    ("mean of words", ["@image.onnx", "--input", "@photo.png", "--mean", "a,b"], WRONG_USE, ["--mean", "a,b"]),
    ("two means", ["@image.onnx", "--input", "@photo.png", "--mean", "1,2"], WRONG_USE, ["--mean", "1,2"]),
    ("deviation 0", ["@image.onnx", "--input", "@photo.png", "--std", "0"], WRONG_USE, ["--std"]),
    # inputs that cannot be used
    ("missing model", ["@gone.model"], CANNOT_USE, ["gone.model"]),
    ("missing input", ["@relu.onnx", "--input", "x=@gone.npy"], CANNOT_USE, ["gone.npy"]),
    ("folder as input", ["@relu.onnx", "--input", "@sub"], CANNOT_USE, ["sub"]),
    ("folder called .npy", ["@relu.onnx", "--input", "@sub.npy"], CANNOT_USE, ["sub.npy"]),
    ("wrong shape", ["@relu.onnx", "--input", "@narrow.npy"], CANNOT_USE, ['"x"', "[2,2]", "3]"]),
    ("wrong rank", ["@relu.onnx", "--input", "@rank.npy"], CANNOT_USE, ['"x"', "[1,2,3]"]),
    ("scalar", ["@relu.onnx", "--input", "@scalar.npy"], CANNOT_USE, ['"x"']),
    ("wrong dtype", ["@relu.onnx", "--input", "@double.npy"], CANNOT_USE, ["double.npy", "float64", "float32", '"x"']),
    ("wrong integer", ["@relu.onnx", "--input", "@long.npy"], CANNOT_USE, ["long.npy", "int64", "float32"]),
    ("shape against the model", ["@relu.onnx", "--shape", "x=2,4"], CANNOT_USE, ["x=2,4", "3]"]),
    ("shape against the file", ["@relu.onnx", "--shape", "x=5,3", "--input", "@x.npy"], CANNOT_USE, ["x.npy", "[5,3]", "[2,3]"]),
    ("absurd --shape", ["@relu.onnx", "--shape", "x=100000000000000,3"], CANNOT_USE, ['"x"', "100000000000000"]),
    ("picture for two axes", ["@relu.onnx", "--input", "@photo.png"], CANNOT_USE, ['"x"', "picture"]),
    ("picture cut off", ["@image.onnx", "--input", "@cut.png"], CANNOT_USE, ["cut.png"]),
    ("picture of noise", ["@image.onnx", "--input", "@noise.png"], CANNOT_USE, ["noise.png"]),
    ("picture without end", ["@image.onnx", "--input", "@vast.png"], CANNOT_USE, ["vast.png"]),
    ("picture made vast", ["@image.onnx", "--input", "@photo.png", "--shape", "image=1,3,9000000,9000000"], CANNOT_USE, ["9000000"]),
    ("expected file missing", ["@relu.onnx", "--input", "@x.npy", "--expect", "y=@gone.npy"], CANNOT_USE, ["gone.npy"]),
    ("expected file is none", ["@relu.onnx", "--input", "@x.npy", "--expect", "@text.npy"], CANNOT_USE, ["text.npy"]),
    # expectations
    ("as expected", ["@relu.onnx", "--input", "@x.npy", "--expect", "@want.npy"], RIGHT, []),
    ("not as expected", ["@relu.onnx", "--input", "@x.npy", "--expect", "@off.npy"], MISSED, ['"y"', "off.npy", "7"]),
    ("not a number", ["@relu.onnx", "--input", "@x.npy", "--expect", "@nan.npy"], MISSED, ['"y"', "nan.npy"]),
    ("other shape", ["@relu.onnx", "--input", "@x.npy", "--expect", "@rank.npy"], MISSED, ['"y"', "[1,2,3]", "[2,3]"]),
    # outputs that cannot be written
    ("output in a file", ["@relu.onnx", "--output-dir", "@x.npy"], CANNOT_USE, ["x.npy"]),
    ("output below a file", ["@relu.onnx", "--output-dir", "@x.npy/sub"], CANNOT_USE, ["x.npy/sub"]),
    ("output in /proc", ["@relu.onnx", "--output-dir", "/proc"], CANNOT_USE, ["/proc"]),
    ("output is a folder", ["@relu.onnx", "--output-dir", "@taken"], CANNOT_USE, ["taken", "output_0_y.npy"]),
    ("profile in a folder that is not there", ["@relu.onnx", "--profile", "@gone/p.json"], CANNOT_USE, ["gone/p.json"]),
    ("profile is a folder", ["@relu.onnx", "--profile", "@sub"], CANNOT_USE, ["sub"]),
    ("unsupported", ["@unsupported.onnx"], CANNOT_USE,
     ["unsupported.onnx", "3 nodes", "NoSuch (opset 17", "'n1'", "com.example.Fancy (opset 1", "'n3'", "'n4'"]),
    # models
    ("circle", ["@circle.onnx"], CANNOT_USE, ["circle.onnx", "first"]),
    ("circle of one", ["@self.onnx"], CANNOT_USE, ["self.onnx", "eats_itself"]),
    ("value from nowhere", ["@lost.onnx"], CANNOT_USE, ["lost.onnx", "nowhere", "the_node"]),
    ("value made twice", ["@twice.onnx"], CANNOT_USE, ["twice.onnx", "'y'"]),
    ("output that nothing makes", ["@no_output.onnx"], CANNOT_USE, ["no_output.onnx", "'y'"]),
    ("opset of the future", ["@opset.onnx"], CANNOT_USE, ["opset.onnx", "9999"]),
    ("opset of the past", ["@old.onnx"], CANNOT_USE, ["old.onnx", "Erf (opset 1", "before opset 7"]),
    ("strings", ["@strings.onnx"], WRONG_USE, ['"x"', "string", "--input x=FILE.npy"]),
    ("element type 77", ["@type.onnx"], CANNOT_USE, ["type.onnx", "77"]),
    ("too few inputs", ["@too_few.onnx"], CANNOT_USE, ["too_few.onnx", "the_node"]),
    ("channels", ["@channels.onnx"], CANNOT_USE, ["channels.onnx", "Conv", "block3/conv1", "[8,3,3,3]"]),
    ("groups", ["@groups.onnx"], CANNOT_USE, ["groups.onnx", "block3/conv1", "3"]),
    ("strides of 0", ["@strides.onnx"], CANNOT_USE, ["block3/conv1", "stride"]),
    ("pads below the image", ["@minus_pads.onnx"], CANNOT_USE, ["block3/conv1"]),
    ("pads without end", ["@huge_pads.onnx"], CANNOT_USE, ["block3/conv1"]),
    ("dilations without end", ["@huge_strides.onnx"], CANNOT_USE, ["block3/conv1"]),
    ("window larger than the image", ["@window.onnx"], CANNOT_USE, ["block3/conv1"]),
    ("kernel_shape against the weights", ["@kernel_shape.onnx"], CANNOT_USE, ["block3/conv1", "[5,5]"]),
    ("broadcast", ["@broadcast.onnx"], CANNOT_USE, ["broadcast.onnx", "the_node", "5"]),
    ("reshape", ["@reshape.onnx"], CANNOT_USE, ["reshape.onnx", "the_node"]),
    ("reshape with two -1", ["@two_minus.onnx"], CANNOT_USE, ["two_minus.onnx", "the_node"]),
    ("negative fill", ["@minus_shape.onnx"], CANNOT_USE, ["minus_shape.onnx", "the_node"]),
    ("nested without end", ["@nested.onnx"], CANNOT_USE, ["nested.onnx"]),
    ("folder as model", ["@sub"], CANNOT_USE, ["sub"]),
    ("device as model", ["/dev/zero"], CANNOT_USE, ["/dev/zero", "device"]),
    ("folder as external data", ["@folder.onnx"], CANNOT_USE, ["folder.onnx", "inside/sub"]),
]
CASES += [("no model: " + f, ["@" + f], CANNOT_USE, [f]) for f in
          ["empty.onnx", "text.onnx", "zip.onnx", "zeros.onnx", "ones.onnx", "npy.onnx", "picture.onnx", "no_graph.onnx", "length.onnx", "varint.onnx"]]
CASES += [("no array: " + f, ["@relu.onnx", "--input", "@" + f], CANNOT_USE, [f]) for f in
          ["empty.npy", "text.npy", "short.npy", "head.npy", "magic.npy", "huge.npy", "product.npy", "wrap.npy", "digits.npy", "minus.npy", "axes.npy",
           "object.npy", "complex.npy", "version.npy", "length.npy", "order.npy", "tuple.npy", "gap.npy"]]
CASES += [("extents: " + f, ["@" + f], CANNOT_USE, [f, who]) for f, who in
          [("huge_input.onnx", '"x"'), ("huge_product.onnx", "x"), ("wrap_product.onnx", "x"), ("huge_weights.onnx", "'w'"), ("huge_weights_raw.onnx", "'w'"),
           ("wrap_weights.onnx", "'w'"), ("minus_weights.onnx", "'w'"), ("short_weights.onnx", "'w'"), ("no_weights.onnx", "'w'"), ("huge_fill.onnx", '"y"'),
           ("wrap_fill.onnx", "the_node"), ("byte_fill.onnx", "the_node"), ("huge_expand.onnx", "the_node"), ("wrap_expand.onnx", "the_node"), ("huge_tile.onnx", "the_node"),
           ("wrap_tile.onnx", "the_node"), ("wrap_pad.onnx", "the_node"), ("huge_pad.onnx", "the_node")]]
CASES += [("external data: " + f, ["@" + f], CANNOT_USE, [f, "'w'", *words]) for f, *words in
          [("up.onnx", "../outside.bin"), ("deep_up.onnx", "outside.bin"), ("absolute.onnx", "/etc/hostname"), ("link.onnx", "link.bin"),
           ("link_folder.onnx", "link_folder"), ("gone.onnx", "gone.bin"), ("nothing.onnx",), ("dot.onnx",), ("no_location.onnx",),
           ("truncated.onnx", "three.bin"), ("offset.onnx", "side.bin"), ("wrap_offset.onnx", "18446744073709551608"), ("minus_offset.onnx",), ("word_offset.onnx", "four"),
           ("wrong_length.onnx", "side.bin"), ("nul.onnx",)]]
FILES["image.onnx"] = model([("Neg", ["image"], ["out"])], [("image", FLOAT, ["N", 3, "H", "W"])], [("out", FLOAT, ["N", 3, "H", "W"])])


def limited(file_bytes=None):
    def apply():
        # Under a sanitizer the address space is full of shadow, and the limit would end it.
        if not SANITIZED:
            resource.setrlimit(resource.RLIMIT_AS, (8 * GIB, 8 * GIB))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if file_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return apply


SANITIZED = False
SANITIZED = subprocess.run([LITE_RUN, "--help"], preexec_fn=limited(), capture_output=True).returncode != 0
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "allocator_may_return_null=1:max_allocation_size_mb=4096:detect_leaks=0"}


class Misuse(unittest.TestCase):
    def setUp(self):
        outer = tempfile.TemporaryDirectory()
        self.addCleanup(outer.cleanup)
        self.folder = os.path.join(outer.name, "inside")
        for name in ["sub", "sub.npy", "taken/output_0_y.npy", "empty"]:
            os.makedirs(self.path(name))
        for name, data in FILES.items():
            self.write(name, data)
        with open(os.path.join(outer.name, "outside.bin"), "wb") as f:
            f.write(floats(1, 2, 3))
        os.symlink("../outside.bin", self.path("link.bin"))
        os.symlink("/etc", self.path("link_folder"))

    @classmethod
    def tearDownClass(cls):
        kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        assert kib < 2 << 20, "a run took %d KiB" % kib

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)

    def state(self):
        """Every file with its bytes."""
        out = {}
        for folder, folders, names in os.walk(self.folder):
            out.update({os.path.join(folder, n): None for n in folders})
            for n in names:
                with open(os.path.join(folder, n), "rb") as f:
                    out[os.path.join(folder, n)] = f.read()
        return out

    def run_it(self, args, environment=None, limit=limited()):
        args = [a.replace("@", self.folder + "/") for a in args]
        return subprocess.run([LITE_RUN, *args], capture_output=True, timeout=60, cwd=self.path("empty"), preexec_fn=limit,
                              env={**ENVIRONMENT, **(environment or {})})

    def problem(self, name, done, code, words):
        """What is wrong with how a run ended; None if nothing is."""
        err = done.stderr.decode(errors="replace")
        # The address sanitizer says it when it refuses memory; what lite makes of the refusal comes behind.
        err = re.sub(r"^==\d+==WARNING: AddressSanitizer failed to allocate .*\n", "", err, flags=re.M)
        what = None
        if done.returncode not in (code if isinstance(code, tuple) else (code,)):
            what = "exit status %d, expected %s" % (done.returncode, code)
        elif "\0" in err or "ERROR: " in err and "Sanitizer" in err or "runtime error" in err:
            what = "a broken message"
        elif done.returncode and not err.strip():
            what = "no message"
        elif done.returncode in (CANNOT_USE, MISSED) and not err.startswith("lite-run: "):
            what = "the message does not say who speaks"
        elif [w for w in words if w not in err]:
            what = "the message does not name %s" % [w for w in words if w not in err]
        elif len(err) > 3000:
            what = "a message of %d characters" % len(err)
        return what and "%s: %s\n      %s" % (name, what, err[:600].strip())

    def test_table(self):
        before, problems = self.state(), []
        self.assertEqual(len({c[0] for c in CASES}), len(CASES))
        for name, args, code, words in CASES:
            problems.append(self.problem(name, self.run_it(args), code, words))
            after = self.state()
            if after != before:
                problems.append("%s: left %s" % (name, [p for p in after if after[p] != before.get(p, "")]))
                before = after
        problems = [p for p in problems if p]
        self.assertFalse(problems, msg="%d of %d cases:\n  %s" % (len(problems), len(CASES), "\n  ".join(problems)))

    def test_environment(self):
        p = self.problem("LITE_ISA", self.run_it(["@relu.onnx"], {"LITE_ISA": "PDP11"}), WRONG_USE, ["LITE_ISA", "PDP11"])
        self.assertIsNone(p, msg=p)

    def test_without_rights(self):
        if os.geteuid() == 0:
            self.skipTest("root may read and write everything")
        os.makedirs(self.path("locked"))
        os.chmod(self.path("locked"), 0o555)
        os.chmod(self.path("x.npy"), 0)
        os.chmod(self.path("rich.onnx"), 0)
        for args, word in [(["@relu.onnx", "--output-dir", "@locked"], "locked"), (["@relu.onnx", "--output-dir", "@locked/sub"], "locked/sub"),
                           (["@relu.onnx", "--profile", "@locked/p.json"], "locked/p.json"), (["@relu.onnx", "--input", "@x.npy"], "x.npy"),
                           (["@rich.onnx"], "rich.onnx")]:
            p = self.problem(str(args), self.run_it(args), CANNOT_USE, [word])
            self.assertIsNone(p, msg=p)

    def test_a_full_disk_leaves_the_old_file(self):
        for args, file in [(["@relu.onnx", "--input", "@x.npy", "--output-dir", "@sub"], "output_0_y.npy"),
                           (["@relu.onnx", "--input", "@x.npy", "--profile", "@sub/p.json"], "p.json")]:
            self.write("sub/" + file, b"what was there before")
            before = self.state()
            p = self.problem(file, self.run_it(args, limit=limited(file_bytes=64)), CANNOT_USE, [file])
            self.assertIsNone(p, msg=p)
            self.assertEqual(self.state(), before)
            self.assertEqual(self.run_it(args).returncode, 0)
            self.assertNotEqual(self.state(), before)
            self.assertEqual([n for n in os.listdir(self.path("sub")) if n.endswith(".part")], [])

    def test_what_is_printed_arrives(self):
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                done = subprocess.run([LITE_RUN, self.path("relu.onnx"), "--json"], stdout=full, stderr=subprocess.PIPE, timeout=300)
            self.assertEqual(done.returncode, CANNOT_USE, msg=done.stderr)
            self.assertIn(b"output", done.stderr)

    def damaged(self, name, copies, args=()):
        """Each copy ends with an answer or a message, whatever is broken in it."""
        problems = []
        for what, data in copies:
            self.write("damaged.onnx", data)
            done = self.run_it(["@damaged.onnx", *args])
            # A damaged extent may be one that is not known, and then the use is wrong.
            p = self.problem("%s, %s" % (name, what), done, (RIGHT, WRONG_USE, CANNOT_USE), ["damaged.onnx"] if done.returncode == CANNOT_USE else [])
            problems += [p] if p else []
        os.remove(self.path("damaged.onnx"))
        self.assertFalse(problems, msg="%d:\n  %s" % (len(problems), "\n  ".join(problems[:20])))

    def test_models_cut_off(self):
        self.assertEqual(self.run_it(["@rich.onnx"]).returncode, RIGHT)
        self.damaged("rich.onnx", (("the first %d bytes" % n, RICH[:n]) for n in range(0, len(RICH), 3)))

    def flips(self, data, positions, seed):
        r = random.Random(seed)
        for position in positions:
            bit = r.randrange(8)
            yield "bit %d of byte %d" % (bit, position), data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1:]

    def test_models_with_a_bit_flipped(self):
        # All bytes of the structure; of the raw weights, which may hold any bits, every fourth.
        positions = [i for i in range(len(RICH)) if i % 4 == 0 or not RICH.find(floats(0, 1)) <= i < RICH.find(floats(34, 35)) + 8]
        self.damaged("rich.onnx", self.flips(RICH, positions, 1))

    def test_a_real_model_damaged(self):
        file = MODELS and os.path.join(MODELS, "mtcnn_pnet", "model.onnx")
        if not file or not os.path.exists(file):
            self.skipTest("no model was given")
        with open(file, "rb") as f:
            data = f.read()
        r = random.Random(7)
        self.damaged("mtcnn_pnet", self.flips(data, [r.randrange(len(data)) for _ in range(40)] + list(range(0, 400, 9)), 2), ["--info"])
        self.damaged("mtcnn_pnet", (("the first %d bytes" % n, data[:n]) for n in r.sample(range(len(data)), 12)), ["--info"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
