"""Code blocks of the documents: what is C++ compiles against the headers, what is a command exists.

Usage: documents.py SOURCE_DIRECTORY COMPILER [FLAGS...]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

source, compiler = sys.argv[1:3]
flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-DLITE_COMPILED", "-I" + os.path.join(source, "include")] + [f for f in sys.argv[3:] if f]
# A block without includes is a piece of a program that has these.
AROUND = "#include <cstdio>\n#include <string>\n#include <vector>\n#include <lite/graph.h>\n#include <lite/lite.h>\nusing namespace lite;\n"
# What a reader has beside the tree.
TOOLS = {"apt-get", "cmake", "ctest", "g++", "c++", "clang++", "git", "lite-run", "make", "pip", "python3", "sudo", "vcpkg"}

documents = ["README.md", "HACKING.md", "CHANGELOG.md"]
documents += sorted("docs/" + n for n in os.listdir(os.path.join(source, "docs")) if n.endswith(".md"))
problems, compiled, commands = [], 0, 0


def text_of(path):
    with open(os.path.join(source, path), encoding="utf-8") as f:
        return f.read()


def compiles(code):
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, "block.cc")
        with open(unit, "w") as f:
            f.write(code)
        done = subprocess.run([compiler, *flags, unit], capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr


def statements(code):
    return [line for line in (re.sub(r"//.*", "", l).strip() for l in code.split("\n")) if line]


for document in documents:
    for language, block in re.findall(r"^```([^\n]*)\n(.*?)^```", text_of(document), re.M | re.S):
        where = "%s, the block that begins '%s'" % (document, block.strip().split("\n")[0][:60])
        if language in ("cpp", "c++"):
            compiled += 1
            if "LITE_IMPLEMENTATION" in block:
                # This compiles every kernel: the test of consumption does it, with the very same lines.
                if statements(block) != statements(text_of("tests/consume/project/implementation.cc")):
                    problems.append("%s differs from tests/consume/project/implementation.cc" % where)
                continue
            error = compiles(block) if "#include" in block else (compiles(AROUND + block) and compiles(AROUND + "void block() {\n" + block + "}\n"))
            if error:
                problems.append("%s does not compile:\n%s" % (where, error[:3000]))
        elif language in ("", "sh", "bash", "console"):
            if not re.search(r"^\$? ?(\./)?(scripts/|benchmarks/|" + "|".join(re.escape(t) + r"\b" for t in sorted(TOOLS)) + ")", block, re.M):
                continue  # a picture in text
            for line in block.replace("\\\n", " ").split("\n"):
                command = re.sub(r"^\$ ", "", line.strip()).split("#")[0].split()
                while command and re.match(r"\w+=", command[0]):
                    command = command[1:]
                if not command or command[0] == "cd":
                    continue
                commands += 1
                path = os.path.join(source, command[0])
                if "/" in command[0] and not command[0].startswith("build/"):
                    if not (os.path.isfile(path) and (os.access(path, os.X_OK) or command[0].endswith(".py"))):
                        problems.append("%s: %s is no program of the tree" % (where, command[0]))
                elif "/" not in command[0] and command[0] not in TOOLS and not shutil.which(command[0]):
                    problems.append("%s: %s is no command" % (where, command[0]))
        elif language == "cmake":
            commands += 1
            if re.search(r"lite::(?!lite\b|compiled\b|xtensor\b)\w+", block):
                problems.append("%s names a target that is not there" % where)
print("%d blocks of C++, %d commands" % (compiled, commands))
for p in problems:
    print(p)
sys.exit(1 if problems or not compiled or not commands else 0)
