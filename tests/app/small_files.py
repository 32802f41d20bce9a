"""Small ONNX models, numpy files and pictures as bytes, without any package: what the tests of lite-run feed it."""
import ast
import struct
import zlib

FLOAT, UINT8, INT64, STRING, BOOL, DOUBLE, BFLOAT16 = 1, 2, 7, 8, 9, 11, 16


# ---- a few lines of the protobuf wire format, enough for small ONNX models ----


def varint(v):
    v &= (1 << 64) - 1
    out = b""
    while v > 127:
        out += bytes([v & 127 | 128])
        v >>= 7
    return out + bytes([v])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def sequence_info(name, dtype):
    """An input or output that is a sequence of tensors, where (name, dtype, shape) stands for a tensor."""
    return field(1, name) + field(2, field(4, field(1, field(1, field(1, dtype)))))


def value_info(name, dtype, shape):
    """`shape` None: not even the rank is known."""
    if shape is None:
        return field(1, name) + field(2, field(1, field(1, dtype)))
    dims = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, dtype) + field(2, dims)))


def ints(name, values):
    """An attribute that is a list of integers."""
    return field(1, name) + b"".join(field(8, v) for v in values) + field(20, 7)


def graph_attribute(name, graph):
    return field(1, name) + field(6, graph) + field(20, 5)


def tensor(name, dtype, dims, raw=None, external=None):
    """An initializer; `external` are the entries of its external data."""
    out = b"".join(field(1, d) for d in dims) + field(2, dtype) + field(8, name)
    if external is not None:
        return out + b"".join(field(13, field(1, k) + field(2, str(v))) for k, v in external.items()) + field(14, 1)
    return out + (b"" if raw is None else field(9, raw))


def node(op, inputs, outputs, name="", domain="", attributes=()):
    out = b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + (field(3, name) if name else b"") + field(4, op)
    return out + b"".join(field(5, a) for a in attributes) + (field(7, domain) if domain else b"")


def graph(nodes, inputs, outputs, initializers=()):
    out = b"".join(field(1, node(*n)) for n in nodes) + field(2, "g") + b"".join(field(5, t) for t in initializers)
    info = lambda v: v if isinstance(v, bytes) else value_info(*v)
    return out + b"".join(field(11, info(i)) for i in inputs) + b"".join(field(12, info(o)) for o in outputs)


def model(nodes, inputs, outputs, initializers=(), opset=17, domains=()):
    out = field(1, 8) + field(7, graph(nodes, inputs, outputs, initializers)) + field(8, field(1, "") + field(2, opset))
    return out + b"".join(field(8, field(1, d) + field(2, 1)) for d in domains)


# ---- numpy's files and PNG ----

TYPES = {"<f4": "f", "<f8": "d", "<i8": "q", "|u1": "B", "|b1": "?", "<i4": "i"}


def npy(descr, shape, values):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, tuple(shape))
    head = head.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%d%s" % (len(values), TYPES[descr]), *values)


def read_npy(path):
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10:10 + length].decode())
    n = 1
    for d in head["shape"]:
        n *= d
    return head["descr"], list(head["shape"]), list(struct.unpack("<%d%s" % (n, TYPES[head["descr"]]), data[10 + length:]))


def png(width, height, pixels):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes(pixels[y * width * 3:(y + 1) * width * 3]) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
