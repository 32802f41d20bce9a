"""What the tree promises about itself: rooms, guards, includes, tests of every operator, names in the documents.

Usage: structure.py SOURCE_DIRECTORY. Standard library only; reads text and compiles nothing.
"""
import json
import os
import re
import sys
import unittest

SOURCE = os.path.abspath(sys.argv[1])
LIBRARY = os.path.join(SOURCE, "include", "lite")

# Each room includes only what stands to its left; equal numbers do not see each other.
ROOMS = {"base": 0, "platform": 1, "layout": 2, "graph": 3, "kernel": 4, "op": 5, "format": 6, "pass": 6, "plan": 7, "exec": 8}


def files_below(*folders, suffixes):
    out = []
    for folder in folders:
        for path, _, names in os.walk(os.path.join(SOURCE, folder)):
            out += [os.path.relpath(os.path.join(path, n), SOURCE) for n in names if n.endswith(suffixes)]
    return sorted(out)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as f:
        return f.read()


def without_comments(text):
    """Comments and the insides of string literals blanked; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)

    def blank(m):
        s = m.group(0)
        return '"' + " " * (len(s) - 2) + '"' if s.startswith('"') else re.sub(r"[^\n]", " ", s)

    return "\n".join(line if re.match(r"\s*#\s*include", line) else pattern.sub(blank, line) for line in text.split("\n"))


HEADERS = files_below("include/lite", suffixes=(".h",))
ALL_CODE = files_below("include", "apps", "tests", "benchmarks", "examples", "cmake", "docs", suffixes=(".h", ".cc"))
CODE = {path: without_comments(read(path)) for path in ALL_CODE}


def includes_of(path):
    return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', CODE[path], re.M)


class Structure(unittest.TestCase):
    def none(self, problems, what):
        self.assertFalse(problems, msg="%s:\n  %s" % (what, "\n  ".join(problems)))

    def grep(self, pattern, paths, allowed=()):
        found = []
        for path in paths:
            if path in allowed:
                continue
            for number, line in enumerate(CODE[path].split("\n"), 1):
                if re.search(pattern, line):
                    found.append("%s:%d: %s" % (path, number, line.strip()))
        return found

    def test_the_tree_is_there(self):
        self.assertGreater(len(HEADERS), 50)
        self.assertGreater(len(ALL_CODE), len(HEADERS))

    def test_rooms_include_only_to_their_left(self):
        problems = []
        for path in HEADERS:
            parts = path.split("/")[2:]
            for _, name in includes_of(path):
                to = name.split("/")
                if to[0] != "lite":
                    continue
                if not os.path.exists(os.path.join(SOURCE, "include", name)):
                    problems.append("%s includes %s, which does not exist" % (path, name))
                if len(parts) == 1:
                    continue  # the user's door sees everything
                if parts[0] not in ROOMS:
                    problems.append("%s lies in a room that HACKING.md does not order" % path)
                elif len(to) == 2 or (to[1] != parts[0] and ROOMS[to[1]] >= ROOMS[parts[0]]):
                    problems.append("%s includes %s" % (path, name))
        self.none(problems, "rooms include only what stands to their left")

    def test_the_order_is_that_of_the_documents(self):
        order = re.search(r"`(base < [^`]*)`", read("HACKING.md")).group(1)
        groups = [re.sub(r"\(.*?\)", "", g).replace("|", " ").split() for g in order.split("<")]
        self.assertEqual(groups[-1], ["network"])
        documented = {room: i for i, group in enumerate(groups[:-1]) for room in group}
        self.assertEqual(documented, ROOMS)
        self.assertEqual(sorted(ROOMS), sorted(d for d in os.listdir(LIBRARY) if os.path.isdir(os.path.join(LIBRARY, d))))

    def test_highway_is_seen_only_where_kernels_are_compiled(self):
        def may(path):
            return path.startswith("include/lite/kernel/") and (path.endswith("-inl.h") or path.endswith("/targets.h"))

        outside = [p for p in HEADERS if not may(p)]
        self.none(self.grep(r'include\s*[<"]hwy/|\bHWY_|\bhn::|\bhwy::', outside), "only kernel/*-inl.h and kernel/targets.h may name Highway")
        inl = [p for p in HEADERS if p.endswith("-inl.h")]
        self.none([p for p in inl if not p.startswith("include/lite/kernel/")], "*-inl.h belong to kernel/")
        includes = ["%s includes %s" % (p, name) for p in HEADERS for _, name in includes_of(p)
                    if name.endswith("-inl.h") and not name.startswith("hwy/") and not may(p)]
        self.none(includes, "*-inl.h are included only by each other and by targets.h")
        # What is first instantiated inside a pass over the targets is compiled for that target and may leak into others.
        self.none(["%s includes <%s>" % (p, name) for p in inl for kind, name in includes_of(p) if kind == "<"], "*-inl.h include nothing of std")
        self.none(self.grep(r"\bstd::(vector|string|function|map|unordered_|sort|min_element|max_element|copy|fill|accumulate|for_each|transform)\b", inl),
                  "*-inl.h use no containers and no algorithms of std")
        self.none(self.grep(r"#\s*pragma\s+once", CODE), "guards are macros")

    def test_guards_and_opening_sentences(self):
        problems = []
        for path in [p for p in ALL_CODE if p.endswith(".h")]:
            text = read(path)
            if not re.match(r"// [A-Z0-9`*].*[.:;,a-z)]\n", text):
                problems.append("%s does not open with a sentence that says what it is" % path)
            where = path[len("include/"):] if path.startswith("include/") else "lite/" + path
            guard = re.sub(r"[^A-Z0-9]", "_", where.upper()) + "_"
            guards = re.findall(r"^#ifndef (\w+_H_)\n#define (\w+)\n", text, re.M)
            if path.endswith("-inl.h"):
                if guards:
                    problems.append("%s has a guard, and is included once per target" % path)
            elif guards[:1] != [(guard, guard)]:
                problems.append("%s: the guard is %s, expected %s" % (path, guards[:1] or "absent", guard))
            elif not text.endswith("#endif\n"):
                problems.append("%s does not end with #endif" % path)
        for path in [p for p in HEADERS if not p.endswith("-inl.h")]:
            if CODE[path].count("LITE_NAMESPACE_BEGIN") != CODE[path].count("LITE_NAMESPACE_END") and not path.endswith("base/config.h"):
                problems.append("%s opens the namespace more or less often than it closes it" % path)
            if re.search(r"^\s*namespace lite\b", CODE[path], re.M) and not path.endswith(("base/config.h", "kernel/targets.h")):
                problems.append("%s opens namespace lite by hand, not by LITE_NAMESPACE_BEGIN" % path)
        self.none(problems, "headers")

    def test_headers_stay_light_and_portable(self):
        heavy = r"include\s*<(iostream|istream|ostream|sstream|fstream|iomanip|streambuf|locale|regex|map|set|filesystem|future|random)>"
        self.none(self.grep(heavy, HEADERS), "the library's headers include none of these")
        self.none(self.grep(r'include\s*[<"](xtensor|xsimd|xtl)', HEADERS, ["include/lite/xtensor.h"]), "only xtensor.h names xtensor")
        self.none(self.grep(r'include\s*[<"]protozero', HEADERS, ["include/lite/format/onnx_wire.h"]), "only onnx_wire.h names protozero")
        isa_or_os = r"#.*\b(_WIN32|__linux__|__APPLE__|__unix__|__x86_64__|__i386__|_M_X64|__aarch64__|__ARM_\w+|__AVX\w*|__SSE\w*)\b"
        rooms = [p for p in HEADERS if not p.startswith("include/lite/platform/") and not p.endswith("-inl.h")]
        self.none(self.grep(isa_or_os, rooms, ["include/lite/base/config.h"]), "only platform/ asks which OS or ISA this is")

    def test_errors_go_one_way(self):
        self.none(self.grep(r"\bthrow\b(?!\")", HEADERS, ["include/lite/base/error.h", "include/lite/base/log.h", "include/lite/format/onnx_wire.h"]),
                  "errors go through check and fail of base/error.h")
        self.none(self.grep(r"\bassert\s*\(|\bstd::(exit|terminate|quick_exit)\b|(?<!_)\bprintf\s*\(", HEADERS), "the library neither asserts, ends nor prints")

    def test_kernels_cannot_throw(self):
        problems = []
        for path in HEADERS:
            for m in re.finditer(r"static void run\((?:const )?State\s?&[^)]*\)\s*(\w+)?", CODE[path]):
                if m.group(1) != "noexcept":
                    problems.append("%s: %s" % (path, m.group(0)))
        self.none(problems, "Kernel::run is noexcept")

    def test_every_file_is_used(self):
        included = {}
        for path in ALL_CODE:
            for _, name in includes_of(path):
                included.setdefault(name, []).append(path)
                beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
                included.setdefault(beside, []).append(path)
        problems = []
        # Doors: what a user includes, and nothing of lite does.
        doors = {"lite/lite.h", "lite/all_ops.h", "lite/xtensor.h", "lite/common_enum_c.h", "lite/format/onnx_metadata.h"}
        for path in [p for p in ALL_CODE if p.endswith(".h")]:
            name = path[len("include/"):] if path.startswith("include/") else path
            if name not in doors and not included.get(name):
                problems.append("%s: no file includes it" % path)
        lists = "\n".join(read(p) for p in files_below("", suffixes=("CMakeLists.txt",)) if not p.startswith("build"))
        for path in [p for p in ALL_CODE if p.endswith(".cc")]:
            globbed = re.match(r"tests/(op|unit|fuzz)/[^/]*$", path)
            if not globbed and not re.search(r"(?<![\w-])%s\b" % re.escape(os.path.basename(path)), lists) and not (
                    path.startswith("benchmarks/op/") and re.search(r"\b%s\b" % os.path.basename(path)[:-3], read("benchmarks/CMakeLists.txt"))):
                problems.append("%s: no CMakeLists.txt names it" % path)
        scripts = files_below("tests", "benchmarks", "scripts", "docs", suffixes=(".py", ".sh", ".cmake"))
        texts = lists + "".join(read(p) for p in ["README.md", "HACKING.md", "tests/model/data/README.md"] + scripts)
        for path in scripts:
            imported = any(re.search(r"^(from|import) %s\b" % os.path.basename(path)[:-3], read(p), re.M) for p in scripts)
            if not imported and os.path.basename(path) not in texts.replace(read(path), "") and path != "tests/structure/structure.py":
                problems.append("%s: nothing runs or names it" % path)
        self.none(problems, "files that nothing reaches")

    def test_every_operator_is_listed_and_tested(self):
        rows = re.findall(r"^\| (\w+) \| ([^|]*) \|", read("docs/operators.md"), re.M)
        self.assertGreater(len(rows), 80)
        documented = {name for name, _ in rows} - {"operator"}
        tests = "\n".join(read(p) for p in files_below("tests/op", "tests/unit", suffixes=(".cc",)))
        problems, listed = [], set()
        spelled = {}  # struct -> name
        for path in HEADERS:
            if path.startswith("include/lite/op/"):
                for m in re.finditer(r'struct (\w+)[^;{]*\{(?:(?!\nstruct ).)*?std::string_view name = "(\w+)";', read(path), re.S):
                    spelled.setdefault(m.group(1), m.group(2))
        for path in [p for p in HEADERS if re.match(r"include/lite/op/\w+_ops\.h$", p)]:
            names = [n for body in re.findall(r"= Ops<(.*?)>;", CODE[path], re.S) for n in re.findall(r"\w+", body)]
            self.assertTrue(names, msg=path)
            self.assertEqual(names, sorted(names), msg="%s: the list is sorted" % path)
            for struct in names:
                listed.add(spelled.get(struct, struct))
                if not re.search(r"describe<%s>|\b%s\b" % (struct, struct), tests):
                    problems.append("%s of %s: no test in tests/op or tests/unit names it" % (struct, path))
        self.assertEqual(listed, documented, msg="docs/operators.md against the lists in op/*_ops.h")
        self.none(problems, "operators without a test")

    def test_text_is_clean(self):
        problems = []
        for path in ALL_CODE + files_below("cmake", "apps", "tests", "benchmarks", "scripts", "ports", suffixes=(".cmake", ".txt", ".py", ".sh")):
            for number, line in enumerate(read(path).split("\n"), 1):
                if "\t" in line or line != line.rstrip():
                    problems.append("%s:%d: a tab or a space at the end" % (path, number))
                if re.search(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b(?!ING)", line):
                    problems.append("%s:%d: %s" % (path, number, line.strip()))
            if not read(path).endswith("\n") or read(path).endswith("\n\n"):
                problems.append("%s does not end with one newline" % path)
        self.none(problems, "text")


class Documents(unittest.TestCase):
    """What README.md and HACKING.md name exists."""

    TEXTS = {p: read(p) for p in ["README.md", "HACKING.md"] + files_below("docs", suffixes=(".md",))}

    def test_paths(self):
        problems = []
        for document, text in self.TEXTS.items():
            named = re.findall(r"\]\(((?!https?:)[^)#]+)", text)
            named += re.findall(r"(?<![\w/>.-])((?:scripts|benchmarks|examples|docs|tests|cmake|ports|apps)/[\w./*-]*[\w*/])", text)
            named += [p for p in re.findall(r"`((?:base|platform|layout|graph|kernel|op|format|pass|plan|exec)/[\w./*-]+)`", text)]
            named += re.findall(r"`(\w[\w/]*\.h)`", text)
            for name in named:
                if "*" in name:
                    continue
                here = [name, "include/lite/" + name, "include/" + name, "include/lite/op/" + name, "include/lite/kernel/" + name,
                        "include/lite/pass/" + name, os.path.join(os.path.dirname(document), name)]
                if not any(os.path.exists(os.path.join(SOURCE, h)) for h in here):
                    problems.append("%s: %s" % (document, name))
        self.assertFalse(problems, msg="named, and not there: %s" % problems)
        for script in files_below("scripts", suffixes=(".sh",)):
            if script != "scripts/packages.sh":  # is sourced by the others
                self.assertTrue(os.access(os.path.join(SOURCE, script), os.X_OK), msg=script)

    def test_examples(self):
        named = set(re.findall(r"`(\w+)`", self.TEXTS["README.md"].split("## Examples")[1].split("\n## ")[0]))
        there = {d for d in os.listdir(os.path.join(SOURCE, "examples")) if os.path.isdir(os.path.join(SOURCE, "examples", d))}
        self.assertEqual(named, there)

    def test_presets(self):
        presets = json.loads(read("CMakePresets.json"))
        there = [p["name"] for p in presets["configurePresets"]]
        for kind in ["buildPresets", "testPresets"]:
            self.assertEqual([p["name"] for p in presets[kind]], there)
        line = re.search(r"^Presets: (.*?)(?:\n\n|\Z)", self.TEXTS["HACKING.md"], re.M | re.S).group(1)
        self.assertEqual(re.findall(r"`([\w-]+)`", line), there)

    def test_options(self):
        known = set(re.findall(r'"(--[\w-]+)"', read("apps/lite_run.cc") + read("apps/load_and_run.cc"))) | {"--help"}
        for document, text in self.TEXTS.items():
            for line in text.split("\n"):
                if re.search(r"\blite-run\b", line):
                    for option in re.findall(r"(?<![\w-])--[\w-]+", line.split("#")[0]):
                        self.assertIn(option, known, msg="%s: %s" % (document, line))
                m = re.search(r"(benchmarks/[\w/]+\.py)(.*)", line)
                if m:
                    for option in re.findall(r"(?<![\w-])--[\w-]+", m.group(2)):
                        self.assertIn('"%s"' % option, read(m.group(1)), msg="%s: %s" % (document, line))

    def test_cmake_names(self):
        cmake = "\n".join(read(p) for p in ["CMakeLists.txt", "apps/CMakeLists.txt", "tests/CMakeLists.txt", "cmake/liteConfig.cmake.in"])
        for document, text in self.TEXTS.items():
            for target in set(re.findall(r"lite::(lite|compiled|xtensor)\b", text)):
                self.assertIn("lite::" + target, cmake, msg=document)
            for program in set(re.findall(r"build/release/bin/(\w+)", text)):
                self.assertIn("add_executable(" + program, cmake, msg=document)
            for macro in set(re.findall(r"\bLITE_[A-Z_]+[A-Z]\b", text)):
                word = r"\b%s\b" % macro
                self.assertTrue(any(re.search(word, CODE[p]) for p in HEADERS) or re.search(word, cmake), msg="%s: %s" % (document, macro))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
