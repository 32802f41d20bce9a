#!/usr/bin/env python3
"""What including lite costs: compile seconds (CPU), memory of the compiler, preprocessed lines, size of the stripped program.

    header_cost.py [--compiler g++] [--repeat 2] [--json FILE] [--markdown]

The best of the repeats is kept. The limits are those that the project sets itself; a figure over its limit is marked.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = "int main(int, char** v) { lite::Network n; n.load_model(std::string(v[1])); n.forward(); n.wait(); }\n"
CASES = [  # name, source, flags, limit in seconds and MB (None: no limit), link a program
    ("light include (LITE_COMPILED)", "#include <lite/lite.h>\nint main() {}\n", ["-DLITE_COMPILED"], (0.8, None), False),
    ("header-only, all targets", "#include <lite/lite.h>\n" + PROGRAM, [], (25, 900), True),
    ("header-only, without AVX-512", "#include <lite/lite.h>\n" + PROGRAM, ["-DLITE_DISABLE_AVX3"], (25, 900), True),
    ("header-only, baseline target only", "#include <lite/lite.h>\n" + PROGRAM, ["-DLITE_TARGETS_STATIC"], (None, None), True),
    ("header-only, five operators (LITE_OPS)",
     "#define LITE_OPS lite::Ops<lite::Conv, lite::Elemwise, lite::Pool, lite::Gemm, lite::Softmax>\n"
     "#include <lite/lite.h>\n" + PROGRAM, [], (12, None), True),
    ("header-only, the same five operators, ONNX files only (LITE_NO_MGE)",
     "#define LITE_OPS lite::Ops<lite::Conv, lite::Elemwise, lite::Pool, lite::Gemm, lite::Softmax>\n"
     "#include <lite/lite.h>\n" + PROGRAM, ["-DLITE_NO_MGE"], (12, None), True),
]


def compile_once(compiler, source, output, flags):
    """CPU seconds and peak MB of one compiler run."""
    pid = os.posix_spawnp(compiler, [compiler, "-std=c++20", "-O2", f"-I{ROOT}/include", *flags, str(source), "-o", str(output)], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{compiler} failed on {source}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--json")
    parser.add_argument("--markdown", action="store_true")
    a = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, output = pathlib.Path(folder) / "unit.cc", pathlib.Path(folder) / "unit.o"
        for name, text, flags, (limit_s, limit_mb), link in CASES:
            source.write_text(text)
            runs = [compile_once(a.compiler, source, output, [*flags, "-c"]) for _ in range(a.repeat)]
            seconds, mb = min(r[0] for r in runs), min(r[1] for r in runs)
            lines = subprocess.run([a.compiler, "-std=c++20", "-E", "-P", f"-I{ROOT}/include", *flags, str(source)], capture_output=True).stdout.count(b"\n")
            kb = None
            if link:
                program = pathlib.Path(folder) / "program"
                subprocess.run([a.compiler, str(output), "-o", str(program), "-pthread", "-s"], check=True)
                kb = program.stat().st_size // 1024
            over = (limit_s and seconds > limit_s) or (limit_mb and mb > limit_mb)
            rows.append({"case": name, "seconds": round(seconds, 2), "mb": round(mb), "lines": lines, "stripped_kb": kb,
                         "limit_s": limit_s, "limit_mb": limit_mb, "over": bool(over)})
            print(f"{name}: {seconds:.2f} s, {mb:.0f} MB, {lines} lines, {kb or '-'} KB stripped{'  OVER ITS LIMIT' if over else ''}", flush=True)
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps({"compiler": a.compiler, "cases": rows}, indent=1) + "\n")
    if a.markdown:
        print("\n| what is included | s (CPU) | compiler MB | lines | stripped KB |\n|---|---|---|---|---|")
        for r in rows:
            print(f"| {r['case']} | {r['seconds']} | {r['mb']} | {r['lines']} | {r['stripped_kb'] or '-'} |")


if __name__ == "__main__":
    main()
