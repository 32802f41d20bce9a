#!/usr/bin/env python3
"""Single operators of MegEngine as .mge files: lite's answers against those of MegEngine's own runtime.

usage: wheel_operators.py MODEL_CHECK REFERENCE [FOLDER] [PART_OF_A_NAME]

MODEL_CHECK is the program of the tests, REFERENCE the folder with write_mge.py (../shared/reference). Files, inputs and answers go to FOLDER
(default: one that is removed). Needs the PyPI packages MegEngine 1.13 and numpy below 2, for CPython 3.10 or older: LITE_MGE_PYTHON names
an interpreter that has them. Skips (exit status 77), saying so, without them. Cases that the wheel itself refuses are left out.
"""
import fnmatch
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77

# Where lite's answer is not that of the wheel, and why.
KNOWN = {
    "convbias_z_*": "the wheel's float kernels leave the fourth input of ConvBias out of the sum; its schema, and lite, add it",
    "cvtcolor_*": "colours of bytes are computed in fixed point there: up to 2 of 255 apart",
    "resize_u8_*LINEAR": "bytes are interpolated in fixed point there: 1 of 255 apart",
    "gauss_u8": "bytes are filtered in fixed point there: up to 2 of 255 apart",
    "topk_*_NOSORT": "the order of unsorted results is open",
    "lstmcell": "the third output is none of the sums tried; h and c are equal",
}

UNARY = ("RELU ABS ACOS ASIN CEIL COS EXP EXPM1 FLOOR LOG LOG1P NEGATE SIGMOID SIN TANH FAST_TANH ROUND ERF ERFINV ERFC ERFCINV H_SWISH SILU GELU "
         "SINH COSH ASINH ACOSH ATANH TAN SOFTPLUS RELU6 HSIGMOID LOGSIGMOID SQRT SQUARE SIGN").split()
BINARY = ("ABS_GRAD ADD FLOOR_DIV MAX MIN MOD MUL POW SIGMOID_GRAD SUB SWITCH_GT0 TANH_GRAD TRUE_DIV LOG_SUM_EXP LT LEQ EQ FUSE_ADD_RELU "
          "FUSE_ADD_SIGMOID FUSE_ADD_TANH FAST_TANH_GRAD ATAN2 H_SWISH_GRAD FUSE_ADD_H_SWISH SILU_GRAD GELU_GRAD ASINH_GRAD ACOSH_GRAD ATANH_GRAD "
          "PRELU SOFTPLUS_GRAD RELU6_GRAD HSIGMOID_GRAD").split()
INTEGER = "ADD SUB MUL MAX MIN MOD FLOOR_DIV TRUE_DIV POW LT LEQ EQ SHL SHR SWITCH_GT0 RMULH ABS_GRAD".split()
QUANTIZED_UNARY = ("QRELU QABS QSIGMOID QEXP QTANH QFAST_TANH QNEGATE QACOS QASIN QCEIL QCOS QEXPM1 QFLOOR QLOG QLOG1P QSIN QROUND QERF QERFINV "
                   "QERFC QERFCINV QH_SWISH").split()
QUANTIZED_BINARY = ("QADD QFUSE_ADD_RELU QMUL QMIN QMAX QSUB QTRUE_DIV QFUSE_ADD_SIGMOID QFUSE_ADD_TANH QPOW QLOG_SUM_EXP QATAN2 QFUSE_ADD_H_SWISH "
                    "QSWITCH_GT0 QLT QLEQ QEQ QMOD QFLOOR_DIV QABS_GRAD QSIGMOID_GRAD QTANH_GRAD QFAST_TANH_GRAD QH_SWISH_GRAD").split()
BORDERS = "REPLICATE REFLECT REFLECT_101 WRAP CONSTANT".split()


class Cases:
    """Builds each case as (name, model bytes, inputs)."""

    def __init__(self, writer, np):
        self.w, self.np, self.list, self.taken = writer, np, [], {}
        self.random = np.random.RandomState(0)

    # values; one in a tuple is a constant
    def f(self, *shape):
        return self.random.randn(*shape).astype("f4")

    def i(self, low, high, *shape, t="i4"):
        return self.random.randint(low, high, shape).astype(t)

    def ints(self, *v):
        return (self.np.array(v, "i4"),)

    def index(self, *items):
        """(axis, begin?, end?, step?, index?) of each item"""
        return [(66, ("t", {0: ("raw", len(items), b"".join(struct.pack("5b", *k) for k in items), 1)}))]

    def p(self, table, **fields):
        return [self.w.param(table, **fields)] + ([self.w.param("ExecutionPolicy")] if table.startswith("Conv") else [])

    def add(self, name, kind, inputs, params=(), outputs=1, keep=None, result=None, between=None, behind=None):
        """between: types to which the inputs are converted, behind: the type to which the result is"""
        np, m, values, feeds = self.np, self.w.Model(), [], {}
        kinds = {"f4": "Float32", "i4": "Int32", "i1": "Int8", "u1": "Uint8", "i2": "Int16", "b1": "Bool"}
        for k, a in enumerate(inputs):
            x = np.ascontiguousarray(a[0] if isinstance(a, tuple) else a)
            t = kinds[x.dtype.str[1:]]
            if isinstance(a, tuple):
                values.append(m.const(x, dt=self.w.dtype(t)))
                continue
            feeds["x%d" % k] = x
            values.append(m.input("x%d" % k, x.shape, t))
        if between:
            values = [m.opr("TypeCvtV2", [v], [(67, t)]) for v, t in zip(values, between)]
        made = m.opr(kind, values, list(params), nr_out=outputs, out_dtype=result)
        made = [made] if outputs == 1 else made
        if behind:
            made = [m.opr("TypeCvtV2", [made[0]], [(67, behind)])]
        if not feeds:
            feeds["x"] = np.zeros(1, "f4")
            m.output(m.opr("Identity", [m.input("x", (1,))], [(1, ("t", {}))]), "same")
        for k in keep or range(len(made)):
            m.output(made[k], "o%d" % k)
        name = re.sub(r"[ {}':,]+", "_", name)
        self.taken[name] = self.taken.get(name, 0) + 1
        self.list.append((name + ("_%d" % self.taken[name] if self.taken[name] > 1 else ""), m.dump(), feeds))

    # ---- the families ----

    def elementwise(self):
        np, mode = self.np, lambda m: self.p("Elemwise", mode=m)
        for m in UNARY:
            x = self.f(3, 5)
            if m in ("ACOS", "ASIN", "ATANH", "ERFINV"):
                x = np.tanh(x) * 0.9
            if m in ("LOG", "SQRT", "ERFCINV"):
                x = np.abs(x) * 0.4 + 0.1
            if m in ("LOG1P", "ACOSH"):
                x = np.abs(x) + 1.1
            if m == "ROUND":
                x = np.array([0.5, 1.5, -0.5, -2.5, 2.4])
            self.add("elem " + m, "Elemwise", [x.astype("f4")], mode(m))
        for m in BINARY:
            x, y = self.f(3, 5), self.f(3, 5)
            if m in ("POW", "ACOSH_GRAD"):
                x = np.abs(x) + 1.5
            if m == "EQ":
                y = np.where(self.random.rand(3, 5) > 0.5, x, y)
            if m == "ATANH_GRAD":
                x = np.tanh(x) * 0.8
            self.add("elem " + m, "Elemwise", [x.astype("f4"), y.astype("f4")], mode(m))
            self.add("elem row " + m, "Elemwise", [x.astype("f4"), (y[:1].astype("f4"),)], mode(m))
        for m in "COND_LEQ_MOV COND_LT_MOV FUSE_MUL_ADD3 PRELU_GRAD".split():
            self.add("elem " + m, "Elemwise", [self.f(3, 5), self.f(3, 5), self.f(3, 5)], mode(m))
        self.add("elem CLIP", "Elemwise", [self.f(3, 5), (np.array([-0.5], "f4"),), (np.array([0.5], "f4"),)], mode("CLIP"))
        self.add("elem FUSE_MUL_ADD4", "Elemwise", [self.f(3, 5)] * 4, mode("FUSE_MUL_ADD4"))
        for m in "RELU ABS NEGATE SQUARE SIGN".split():
            self.add("elem i32 " + m, "Elemwise", [self.i(-9, 9, 3, 5)], mode(m))
        for m in INTEGER:
            x, y = self.i(-9, 9, 3, 5), self.i(1, 5, 3, 5)
            if m in ("MOD", "FLOOR_DIV", "TRUE_DIV"):
                y = np.where(self.random.rand(3, 5) > 0.5, y, -y).astype("i4")
            if m == "RMULH":
                x, y = self.i(-2**31, 2**31 - 1, 3, 5), self.i(-2**31, 2**31 - 1, 3, 5)
            self.add("elem i32 " + m, "Elemwise", [x, y], mode(m))
        for m in "ADD SUB MAX MIN MUL".split():
            for t in ("i1", "u1", "i2"):
                self.add("elem %s %s" % (t, m), "Elemwise", [self.i(0, 11, 3, 5, t=t), self.i(0, 11, 3, 5, t=t)], mode(m))
        for e in (1.7, 2.0, -1.0, 0.5, 3.0):
            self.add("powc %g" % e, "PowC", [np.abs(self.f(3, 5)) + 0.1], self.p("PowC", exp=e))

    def types(self):
        names = {"f4": "Float32", "i4": "Int32", "u1": "Uint8", "i1": "Int8", "i2": "Int16"}
        for t, own in names.items():
            for to in names.values():
                if to != own:
                    x = self.np.abs(self.f(3, 5) * 5) if t == "f4" else self.i(0, 100, 3, 5, t=t)
                    self.add("convert %s %s" % (t, to), "TypeCvtV2", [x.astype(t)], [(67, self.w.dtype(to))])
        signed, unsigned = lambda s: self.w.dtype("QuantizedS8", s), lambda s, z: self.w.dtype("Quantized8Asymm", s, z)
        real = self.w.dtype("Float32")
        for name, q in (("qs8", signed(0.05)), ("qu8", unsigned(0.05, 100)), ("qs32", self.w.dtype("QuantizedS32", 0.01))):
            self.add("convert " + name, "TypeCvtV2", [self.f(3, 5) * 4], [(67, q)], behind=real)
        for m in QUANTIZED_BINARY:
            positive = m in ("QPOW", "QTRUE_DIV", "QMOD", "QFLOOR_DIV")
            x, y = [self.np.abs(self.f(3, 5)) + 0.5 if positive else self.f(3, 5) for _ in range(2)]
            self.add("multi " + m, "ElemwiseMultiType", [x, y], self.p("ElemwiseMultiType", mode=m), result=signed(0.05),
                     between=[signed(0.03), signed(0.04)], behind=real)
        for m in QUANTIZED_UNARY:
            x = self.f(3, 5)
            if m in ("QACOS", "QASIN", "QERFINV"):
                x = self.np.tanh(x) * 0.8
            if m in ("QLOG", "QERFCINV", "QLOG1P"):
                x = self.np.abs(x) * 0.4 + 0.2
            for sign, a, b in (("", signed(0.03), signed(0.05)), ("u ", unsigned(0.03, 128), unsigned(0.05, 120))):
                self.add("multi " + sign + m, "ElemwiseMultiType", [x.astype("f4")], self.p("ElemwiseMultiType", mode=m), result=b,
                         between=[a], behind=real)

    def convolutions(self):
        for kw in ({}, {"pad_h": 1, "pad_w": 2}, {"stride_h": 2}, {"dilate_h": 2, "dilate_w": 2, "pad_h": 2}, {"mode": "CONVOLUTION", "pad_h": 1}):
            self.add("conv %s" % kw, "Convolution", [self.f(2, 3, 9, 8), (self.f(4, 3, 3, 3),)], self.p("Convolution", **kw))
            for name, weights in (("group", self.f(2, 3, 2, 3, 3)), ("depth", self.f(4, 1, 1, 3, 3))):
                self.add("conv %s %s" % (name, kw), "Convolution", [self.f(2, 4, 9, 8), (weights,)], self.p("Convolution", sparse="GROUP", **kw))
            self.add("deconv %s" % kw, "ConvolutionBackwardData", [(self.f(3, 4, 3, 3),), self.f(2, 3, 6, 5)], self.p("Convolution", **kw))
        for m in ("IDENTITY", "RELU", "SIGMOID", "H_SWISH"):
            x, weights, bias = self.f(2, 3, 7, 7), (self.f(4, 3, 3, 3),), (self.f(1, 4, 1, 1),)
            p = self.p("ConvBias", nonlineMode=m, pad_h=1, pad_w=1)
            self.add("convbias " + m, "ConvBiasForward", [x, weights, bias], p)
            self.add("convbias z " + m, "ConvBiasForward", [x, weights, bias, self.f(2, 4, 7, 7)], p)
        volume, weights = self.f(1, 2, 5, 6, 7), (self.f(3, 2, 3, 3, 3),)
        self.add("conv3d", "Convolution3D", [volume, weights], self.p("Convolution3D", pad_d=1, stride_h=2))
        self.add("deconv3d", "Convolution3DBackwardData", [weights, self.f(1, 3, 3, 4, 3)], self.p("Convolution3D", stride_d=2))
        moved = [self.f(1, 4, 6, 6), (self.f(3, 4, 3, 3),), self.f(1, 18, 6, 6) * 0.5, self.f(1, 9, 6, 6)]
        self.add("deform", "DeformableConvForward", moved, self.p("Convolution", pad_h=1, pad_w=1))
        self.add("local", "LocalV2", [self.f(2, 3, 5, 5), (self.f(3, 3, 3, 3, 3, 4),)], self.p("Convolution")[:1])
        for name, weights in (("dense", self.f(3, 4, 3, 3)), ("depth", self.f(4, 1, 1, 3, 3))):
            regions = self.i(0, 2, 2, 6, 7)
            self.add("regionconv " + name, "RegionRestrictedConvolution", [self.f(2, 4, 6, 7), (weights,), regions, regions],
                     self.p("Convolution", pad_h=1, pad_w=1, sparse="GROUP" if name == "depth" else "DENSE"))
        self.add("mask", "MaskPropagate", [self.i(0, 2, 6, 6)], self.p("MaskPropagate", kernel_h=3, kernel_w=2, pad_h=1, stride_w=2))
        for m in ("MAX", "AVERAGE", "AVERAGE_COUNT_EXCLUDE_PADDING"):
            for kw in ({}, {"window_h": 3, "window_w": 3, "pad_h": 1, "pad_w": 1}, {"window_h": 3, "stride_h": 1}):
                self.add("pool %s %s" % (m, kw), "PoolingV1", [self.f(2, 3, 9, 8)], self.p("Pooling", mode=m, **kw))
            self.add("adaptive " + m, "AdaptivePoolingV1", [self.f(2, 3, 9, 8), self.ints(4, 3)], self.p("AdaptivePooling", mode=m))
            self.add("pool i8 " + m, "PoolingV1", [self.i(-128, 127, 1, 2, 8, 8, t="i1")], self.p("Pooling", mode=m))

    def products_and_reductions(self):
        for a, b in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = self.f(2, *((5, 4) if a else (4, 5))), self.f(2, *((3, 5) if b else (5, 3)))
            p = self.p("MatrixMul", transposeA=bool(a), transposeB=bool(b))
            self.add("matmul %d%d" % (a, b), "MatrixMulV2", [x[0], y[0]], p)
            self.add("batched %d%d" % (a, b), "BatchedMatrixMulV2", [x, y], p)
        for m in ("SUM", "SUM_SQR", "PRODUCT", "MIN", "MAX", "MEAN"):
            for axis in (0, 1, -1):
                self.add("reduce %s %d" % (m, axis), "ReduceV2", [self.f(3, 4, 5)], self.p("Reduce", mode=m, axis=axis))
            self.add("reduce i32 " + m, "ReduceV2", [self.i(-9, 9, 3, 4)], self.p("Reduce", mode=m, axis=1))
            self.add("reduce all " + m, "ReduceV2", [self.f(3, 4, 5), self.ints(1)], self.p("Reduce", mode=m))
            self.add("reduce to " + m, "ReduceV2", [self.f(3, 4, 5), self.ints(1, 4, 1)], self.p("Reduce", mode=m))
        for axis in (0, 1):
            for kind in ("Argmax", "Argmin"):
                self.add("%s %d" % (kind, axis), kind, [self.f(3, 4)], self.p("Axis", axis=axis))
        for exclusive in (False, True):
            self.add("cumsum %d" % exclusive, "CumsumV1", [self.f(3, 4)], self.p("Cumsum", axis=1, exclusive=exclusive, reverse=not exclusive))
        for o in ("ASCENDING", "DESCENDING"):
            self.add("argsort " + o, "Argsort", [self.f(3, 7)], self.p("Argsort", order=o), outputs=2)
        for k in (3, -3, 1, -1):
            for m in ("KTH_ONLY", "VALUE_IDX_NOSORT", "VALUE_IDX_SORTED"):
                outputs = 1 if m == "KTH_ONLY" else 2
                self.add("topk %d %s" % (k, m), "TopK", [self.f(3, 7), self.ints(k)], self.p("TopK", mode=m), outputs=outputs)
        for axis in (0, 1, -1):
            self.add("softmax %d" % axis, "Softmax", [self.f(3, 4, 5)], self.p("Softmax", axis=axis))
        four, affine = self.f(2, 4, 3, 3), [(self.f(4),), (self.f(4),)]
        self.add("groupnorm", "GroupNorm", [four] + affine, self.p("GroupNorm", group=2), outputs=3)
        self.add("instancenorm", "InstanceNorm", [four] + affine, self.p("GroupNorm", group=4), outputs=3)
        self.add("layernorm", "LayerNorm", [self.f(2, 3, 4)] + affine, self.p("LayerNorm", normalized_dim=1, normalized_size=4), outputs=3)
        self.add("lrn", "LRN", [self.np.abs(self.f(1, 6, 3, 3))], self.p("LRN", n=3, k=1.0, alpha=0.1, beta=0.6))

    def matrices(self):
        for shape in ((3, 5), (2, 5, 3), (4, 4)):  # the signs of the vectors are open, so that their product is compared
            m, r = self.w.Model(), min(shape[-2:])
            u, s, v = m.opr("SVD", [m.input("x0", shape)], self.p("SVD"), nr_out=3)
            if len(shape) == 2:
                scaled = m.opr("Elemwise", [u, s], self.p("Elemwise", mode="MUL"))
                m.output(m.opr("MatrixMulV2", [scaled, v], self.p("MatrixMul")), "product")
            m.output(s, "values")
            self.list.append(("svd_%d_%d" % (len(shape), r), m.dump(), {"x0": self.f(*shape)}))
        self.add("matinv", "MatrixInverse", [self.f(2, 4, 4)], [(1, ("t", {}))])
        self.add("finite", "CheckNonFinite", [self.f(3, 4), self.f(2)], self.p("CheckNonFinite", scale=2.0), outputs=3)
        odd = self.f(3, 4)
        odd[1, 2] = self.np.inf
        self.add("not finite", "CheckNonFinite", [self.f(2), odd], self.p("CheckNonFinite"), outputs=3, keep=[0, 2])
        sizes = {"embeding_size": 4, "k_size": 4, "v_size": 4, "qproj_size": 6, "kproj_size": 6, "vproj_size": 6, "oproj_size": 8}
        common = dict(sizes, num_heads=2, training=False, sm_scaler=0.5, need_weights=True)
        q, k, v, weights = self.f(2, 3, 4), self.f(2, 5, 4), self.f(2, 5, 4), self.f(3 * 24 + 48)
        self.add("attention", "MultiHeadAttn", [q, k, v, (weights,)], self.p("MultiHeadAttn", **common), outputs=4, keep=[0, 1])
        common.update(qbias=True, kbias=True, vbias=True, obias=True)
        weights = self.np.concatenate([weights, self.f(26)])
        self.add("attention biases", "MultiHeadAttn", [q, k, v, (weights,)], self.p("MultiHeadAttn", **common), outputs=4, keep=[0, 1])
        for mask in (self.f(3, 5), self.f(4, 3, 5)):
            p = self.p("MultiHeadAttn", attn_mask_type="USER_DEFINED_MASK", tensor_combination_type="ONLY_MASK", **common)
            self.add("attention masked", "MultiHeadAttn", [q, k, v, (weights,), mask], p, outputs=4, keep=[0, 1])

    def moves(self):
        one, x = self.ints, self.f(4, 5)
        self.add("concat", "Concat", [self.f(2, 3), self.f(2, 4)], self.p("Axis", axis=1))
        self.add("split", "Split", [self.f(2, 7), one(3), one(4)], self.p("Axis", axis=1), outputs=2)
        self.add("reshape", "ReshapeV1", [self.f(2, 6), one(3, -1)], self.p("OptionalAxisV1", axis=1))
        for name, rest, items in (("index", [2], (0, 0, 0, 0, 1)), ("from", [1], (0, 1, 0, 0, 0)), ("from to", [1, 4], (1, 1, 1, 0, 0)),
                                  ("steps", [0, 5, 2], (1, 1, 1, 1, 0)), ("reversed", [-1], (1, 0, 0, 1, 0)), ("back", [-3, -1], (1, 1, 1, 0, 0)),
                                  ("down", [4, 0, -2], (1, 1, 1, 1, 0))):
            self.add("subtensor " + name, "Subtensor", [x] + [one(v) for v in rest], self.index(items))
        for kind in ("SetSubtensor", "IncrSubtensor"):
            self.add(kind, kind, [x, self.f(4, 3), one(1), one(4)], self.index((1, 1, 1, 0, 0)))
        first, second = (self.i(0, 4, 3),), (self.i(0, 4, 3),)
        self.add("pick one", "IndexingMultiAxisVec", [x, first], self.index((0, 0, 0, 0, 1)))
        self.add("pick two", "IndexingMultiAxisVec", [self.f(4, 5, 6), first, second], self.index((0, 0, 0, 0, 1), (1, 0, 0, 0, 1)))
        self.add("pick apart", "IndexingMultiAxisVec", [self.f(4, 5, 6), first, second], self.index((0, 0, 0, 0, 1), (2, 0, 0, 0, 1)))
        self.add("mesh", "MeshIndexing", [self.f(4, 5, 6), first, second], self.index((0, 0, 0, 0, 1), (2, 0, 0, 0, 1)))
        self.add("set rows", "IndexingSetMultiAxisVec", [x, self.f(2, 5), one(1, 3)], self.index((0, 0, 0, 0, 1)))
        self.add("add rows", "IndexingIncrMultiAxisVec", [x, self.f(2, 5), one(1, 1)], self.index((0, 0, 0, 0, 1)))
        self.add("one hot", "IndexingOneHot", [x, one(0, 1, 4, 2)], self.p("Axis", axis=1))
        self.add("set one hot", "IndexingSetOneHot", [x, one(0, 1, 4, 2), self.f(4, 1)], self.p("Axis", axis=1))
        for m in ("EQ", "NEQ", "LT", "LEQ", "GT", "GEQ"):
            mask = (self.i(0, 2, 3, 4).astype("f4"),)
            self.add("condtake " + m, "CondTake", [self.f(3, 4), mask], self.p("CondTake", mode=m, val=1.0), outputs=2)
        for k in (0, 1, -2):
            self.add("eye %d" % k, "Eye", [one(4, 5)], self.p("Eye", k=k))
            self.add("diag %d" % k, "Diag", [x], self.p("Diag", k=k))
        for m in ("CONSTANT", "REFLECT", "REPLICATE"):
            p = self.p("Padding", front_offset_dim1=2, back_offset_dim2=3, padding_val=1.5, padding_mode=m)
            self.add("pad " + m, "Padding", [self.f(2, 4, 5)], p)

    def images(self):
        np, size = self.np, self.ints(5, 6)
        matrix = np.tile(np.array([[1.1, 0.2, -0.5], [-0.1, 0.9, 0.3], [0.01, 0.02, 1.0]], "f4"), (2, 1, 1))
        for layout, x in (("NCHW", self.f(2, 3, 6, 7)), ("NHWC", self.f(2, 6, 7, 3))):
            for m in ("LINEAR", "NEAREST", "CUBIC"):
                for to in ((9, 11), (4, 3)):
                    self.add("resize %s %s %dx%d" % (layout, m, *to), "ResizeV2", [x, self.ints(*to)], self.p("Resize", imode=m, format=layout))
            pixels = self.i(0, 255, *x.shape, t="u1")
            self.add("resize u8 %s LINEAR" % layout, "ResizeV2", [pixels, self.ints(9, 5)], self.p("Resize", format=layout))
            for b in BORDERS:
                for m in ("LINEAR", "NEAREST"):
                    self.add("warp %s %s %s" % (layout, b, m), "WarpPerspectiveV2", [x, (matrix,), size],
                             self.p("WarpPerspective", imode=m, bmode=b, format=layout, border_val=0.5))
        for b in BORDERS:
            for m in ("LINEAR", "NEAREST"):
                self.add("affine %s %s" % (b, m), "WarpAffineV2", [self.f(2, 6, 7, 3), (matrix[:, :2].copy(),), size],
                         self.p("WarpAffine", imode=m, border_mode=b, format="NHWC", border_val=0.5))
                places = self.random.rand(2, 4, 5, 2) * 9 - 1
                self.add("remap %s %s" % (b, m), "RemapV1", [self.f(2, 3, 6, 7), ((np.round(places * 4) / 4).astype("f4"),)],
                         self.p("Remap", imode=m, border_type=b, format="NCHW", scalar=0.5))
        for m in ("LINEAR", "NEAREST"):
            turned = np.tile(np.array([[0.93, 0.31, -1.7], [-0.24, 1.07, 0.6]], "f4"), (2, 1, 1)) + 0.01 * self.f(2, 2, 3)
            self.add("affine turned " + m, "WarpAffineV2", [self.f(2, 9, 11, 3), (turned,), self.ints(13, 12)], self.p("WarpAffine", imode=m))
        parts = [self.f(1, 3, 6, 7) for _ in range(3)]
        three = (np.concatenate([matrix, matrix[:1] * 1.1]),)
        self.add("warp apart", "WarpPerspectiveV2", parts + [three, size], self.p("WarpPerspective"))
        self.add("warp apart chosen", "WarpPerspectiveV2", parts + [three, self.ints(2, 0, 1), size], self.p("WarpPerspective"))
        for kw in ({}, {"kernel_size": 3, "max_displacement": 2, "stride1": 2, "stride2": 2, "pad_size": 3, "is_multiply": False},
                   {"kernel_size": 2, "pad_size": 1}):
            self.add("corr %s" % kw, "CorrelationForward", [self.f(2, 3, 8, 9), self.f(2, 3, 8, 9)], self.p("Correlation", **kw))
        image = self.i(0, 16, 2, 2, 16, 24, t="u1")  # small, as both round their sums
        self.add("dct", "DctChannelSelectV1", [image], self.p("DctChannelSelect"))
        self.add("dct chosen", "DctChannelSelectV1", [image, self.ints(0, 3, 5), self.ints(0, 5, 9, 1, 63)], self.p("DctChannelSelect"))
        self.add("dct 4", "DctChannelSelectV1", [image], self.p("DctChannelSelect", dct_block_size=4))
        corners = (np.array([[0, 0.5, 1.5, 5.2, 6], [1, 2, 2, 8, 7.5], [1, -2, -3, 2, 1]], "f4"),)
        for kw in ({"no_trans": True, "pooled_h": 3, "pooled_w": 2, "part_size": 2}, {"no_trans": False, "pooled_h": 3, "pooled_w": 3, "part_size": 3},
                   {"no_trans": False, "pooled_h": 4, "pooled_w": 4, "part_size": 2}):
            shifts = (self.f(3, 2, kw["pooled_h"], kw["pooled_w"]),)
            self.add("deformroi %s" % kw, "DeformablePSROIPoolingForward", [self.f(2, 4, 8, 9), corners, shifts],
                     self.p("DeformablePSROIPooling", spatial_scale=0.9, trans_std=0.3, sample_per_part=2, **kw), outputs=2)
        regions = (np.array([[0, 0.5, 0.5, 5, 4], [1, 1, 2, 6.3, 5.2]], "f4"),)
        for m in ("MAX", "AVERAGE"):
            self.add("roialign " + m, "ROIAlignV1", [self.f(2, 3, 8, 9), regions],
                     self.p("ROIAlign", mode=m, pooled_height=3, pooled_width=2, spatial_scale=0.9, offset=0.5), outputs=2, keep=[0])
            self.add("roipool " + m, "ROIPooling", [self.f(2, 3, 8, 9), regions, self.ints(3, 2)], self.p("ROIPooling", mode=m, scale=0.8),
                     outputs=2, keep=[0])
        for m in ("RGB2GRAY", "RGB2YUV", "YUV2RGB", "GRAY2RGB", "YUV2BGR_NV21", "BT601_YUV2RGB_NV12"):
            channels = 1 if m == "GRAY2RGB" or "NV" in m else 3
            self.add("cvtcolor " + m, "CvtColor", [self.i(0, 255, 1, 6, 8, channels, t="u1")], self.p("CvtColor", mode=m))
        blur = self.p("GaussianBlur", kernel_height=3, kernel_width=5, sigma_x=1.0, sigma_y=1.2)
        self.add("gauss", "GaussianBlur", [self.f(1, 6, 7, 3)], blur)
        boxes = np.array([[[0, 0, 4, 4], [0.5, 0.5, 4, 4], [5, 5, 8, 8], [5.2, 5, 8, 8.5], [0, 6, 2, 8]]], "f4")
        self.add("nms", "NMSKeepMGB", [boxes], self.p("NMSKeep", iou_thresh=0.5, max_output=4), outputs=2)

    def recurrent(self):
        cell = [self.f(2, 3), (self.f(16, 3),), (self.f(1, 16),), self.f(2, 4), (self.f(16, 4),), (self.f(1, 16),), self.f(2, 4)]
        self.add("lstmcell", "LSTMCellForward", cell, [(1, ("t", {}))], outputs=3)
        for d in (1, 2):
            common = {"bidirectional": d == 2, "hidden_size": 4, "fwd_mode": "INFERENCE"}
            state = [(self.f(d, 2, 4),), (self.f(d, 2, 4),)]
            self.add("lstm %d" % d, "LSTMForward", [self.f(5, 2, 3)] + state + [(self.f(d * 144),)], self.p("LSTM", **common), outputs=4,
                     keep=[0, 1, 2])
            self.add("rnn %d" % d, "RNNForward", [self.f(5, 2, 3), state[0], (self.f(d * 36),)], self.p("RNN", nonlineMode="TANH", **common),
                     outputs=3, keep=[0, 1])


def run_wheel(folders):
    """In a process of its own: a crash of the runtime ends it, and the next begins behind that case."""
    import numpy as np
    from megenginelite import LiteNetwork
    for d in folders:
        print(d, flush=True)
        try:
            net = LiteNetwork()
            net.load(os.path.join(d, "model.mge"))
            inputs = {f[6:-4]: f for f in os.listdir(d) if f.startswith("input_")}
            for k, f in inputs.items():
                net.get_io_tensor(k).set_data_by_copy(np.load(os.path.join(d, f)))
            net.forward()
            net.wait()
            outputs = {}
            for o in net.get_all_output_name():
                outputs[o] = {"file": "output_%s.npy" % o}
                np.save(os.path.join(d, outputs[o]["file"]), net.get_io_tensor(o).to_numpy())
        except Exception:  # what the wheel refuses is no case
            continue
        card = {"tolerance": {"abs": 2e-5, "rel": 2e-5}, "cases": [{"inputs": {k: {"file": f} for k, f in inputs.items()}, "outputs": outputs}]}
        with open(os.path.join(d, "card.json"), "w") as f:
            json.dump(card, f)


def load_writer(reference):
    sys.path.insert(0, reference)
    import write_mge as writer
    plain = writer.FB.emit

    def emit(self, node):  # besides its kinds: ("raw", count, bytes, alignment), a vector of structs
        if node[0] != "raw":
            return plain(self, node)
        self.pad(4)
        while (len(self.buf) + 4) % node[3]:
            self.buf.append(0)
        at = len(self.buf)
        self.buf += struct.pack("<I", node[1]) + node[2]
        return at
    writer.FB.emit = emit
    writer.Model.V2 |= {"Convolution3DBackwardData"}
    return writer


def main(model_check, reference, folder, part):
    if not os.path.exists(os.path.join(reference, "write_mge.py")):
        print("skipped: %s has no write_mge.py" % reference)
        return SKIPPED
    import numpy as np
    cases = Cases(load_writer(reference), np)
    for family in (cases.elementwise, cases.types, cases.convolutions, cases.products_and_reductions, cases.matrices, cases.moves, cases.images, cases.recurrent):
        family()
    folders = []
    for name, model, feeds in cases.list:
        if part not in name:
            continue
        d = os.path.join(folder, name)
        os.makedirs(d, exist_ok=True)
        folders.append(d)
        with open(os.path.join(d, "model.mge"), "wb") as f:
            f.write(model)
        for k, v in feeds.items():
            np.save(os.path.join(d, "input_%s.npy" % k), v)
    left = folders
    while left:
        out = subprocess.run([sys.executable, __file__, "--wheel"] + left, capture_output=True, text=True).stdout
        begun = [d for d in out.splitlines() if d in left]
        left = left[left.index(begun[-1]) + 1:] if begun else []
    usable = [d for d in folders if os.path.exists(os.path.join(d, "card.json"))]
    check = subprocess.run([model_check, "--quick", "--best-isa"] + usable, capture_output=True, text=True).stdout
    failed = []
    for line in check.splitlines():
        if line.startswith("FAILED "):
            name = line.split()[1]
            reason = next((why for pattern, why in KNOWN.items() if fnmatch.fnmatch(name, pattern)), None)
            print("%s %s: %s" % ("known" if reason else "FAILED", name, reason or line.split(": ", 1)[-1]))
            if not reason:
                failed.append(name)
    print("%d operators, %d of them refused by the wheel, %d failed" % (len(folders), len(folders) - len(usable), len(failed)))
    return failed != [] or not usable


if __name__ == "__main__":
    if sys.argv[1] == "--wheel":
        run_wheel(sys.argv[2:])
        sys.exit(0)
    python = os.environ.get("LITE_MGE_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import megenginelite, numpy"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        print("skipped: MegEngine's wheel (PyPI MegEngine 1.13, numpy below 2) is not installed for %s; LITE_MGE_PYTHON names another interpreter" % python)
        sys.exit(SKIPPED)
    if python != sys.executable:
        os.execv(python, [python, __file__] + sys.argv[1:])
    if len(sys.argv) > 3:
        sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else ""))
    with tempfile.TemporaryDirectory() as made:
        sys.exit(main(sys.argv[1], sys.argv[2], made, ""))
