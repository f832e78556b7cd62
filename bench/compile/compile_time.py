#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What lamina costs the compiler: seconds, memory, template instantiations and the size of the object.

    compile_time.py [--runs 1] [--markdown] [--json FILE] [-- FLAGS...]
    compile_time.py --check | --renew [-- FLAGS...]

The first measures each subject with g++ and clang++-19, the files of a program one by one and without precompiled
headers, and fails if the networks of three DCGANs take half a second or more on top of the standard headers that
lamina/shapes.hpp includes. --check counts instantiations alone and fails if one has grown past budget.json;
--renew writes that file. FLAGS say where the libraries are.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BUDGET = FOLDER / "budget.json"
GROWTH = 0.03
SHAPES_SECONDS = 0.5

CLANG = "clang++-19"
COMPILERS = ("g++", CLANG)
LIBRARIES = [f"-isystem{path}" for path in (ROOT / "build/packages/usr/include", Path("/usr/include/eigen3"))]
FLAGS = ["-std=c++20", "-fopenmp", "-O3", f"-I{ROOT}/include", f"-I{ROOT}/examples",
         f"-DLAMINA_EXAMPLE_DATA=\"{ROOT}/examples/data\""]
# Without lamina::native and with it, for fixed processors: what is instantiated must not depend on where it is.
X86 = platform.machine() == "x86_64"
PORTABLE = ["-march=x86-64"] if X86 else []
NATIVE = ["-march=x86-64-v3" if X86 else "-march=native", "-ffp-contract=fast", "-fno-math-errno"]

PROGRAMS = ("autoencoder", "classifier", "common", "dcgan", "diffusion", "vae")
COUNTED = ("umbrella", "shapes", "dcgan", "vgg16")


def units_of(folder):
    """The sources of a program of examples/, or of what its programs share, as they are built."""
    return [f'#include "{path}"\n' for path in sorted((ROOT / "examples" / folder).glob("*.cpp"))]


def standard_headers(flags):
    """The standard headers that lamina/shapes.hpp includes, as they are written in lamina's own headers."""
    command = ["g++", *flags, "-M", "-x", "c++", str(ROOT / "include/lamina/shapes.hpp")]
    included = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    headers = set()
    for path in re.findall(r"\S+/lamina/\S+[.]hpp", included):
        headers.update(re.findall(r"^#include <[a-z_]+>$", Path(path).read_text(encoding="utf-8"), re.MULTILINE))
    return "\n".join(sorted(headers)) + "\n"


def subjects(flags):
    """What is compiled, by name: its units and their flags."""
    portable = {
        "shapes": ['#include "common/networks/dcgan.hpp"\n'],
        "umbrella": ['#include "lamina/lamina.hpp"\n'],
    }
    native = {
        "umbrella, AVX2": portable["umbrella"],
        **{program: units_of(program) for program in PROGRAMS},
        "vgg16": [f'#include "{FOLDER}/vgg16.cpp"\n'],
    }
    return ({name: (units, [*flags, *PORTABLE]) for name, units in portable.items()} |
            {name: (units, [*flags, *NATIVE]) for name, units in native.items()})


class Compilation:
    """Compiles sources in a folder of its own."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.source = self.folder / "subject.cpp"
        self.object = self.folder / "subject.o"
        self.trace = self.folder / "subject.json"

    def run(self, compiler, source, flags):
        """User and system seconds and the largest process's MB."""
        self.source.write_text(source, encoding="utf-8")
        with subprocess.Popen([compiler, *flags, str(self.source)], cwd=self.folder) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{compiler} does not compile:\n{source}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def measure(self, compiler, units, flags, runs):
        """The longest unit, the sum of all, the largest memory; of each the fastest of some runs."""
        seconds, memory, size = [], [], 0
        for source in units:
            times = [self.run(compiler, source, [*flags, "-c", "-o", str(self.object)]) for _ in range(runs)]
            seconds.append(min(taken for taken, _ in times))
            memory.append(min(taken for _, taken in times))
            size += self.object.stat().st_size
        return {"units": len(units), "seconds": max(seconds), "seconds_of_all": sum(seconds),
                "memory_mb": max(memory), "object_kb": size / 1024}

    def instantiations(self, units, flags):
        """How many classes and functions of lamina's own all units instantiate together, each counted once; no
        optimisation is needed to tell."""
        self.run(CLANG, "".join(units), [*flags, "-w", "-fsyntax-only", "-Xclang", f"-ftime-trace={self.trace}",
                                         "-Xclang", "-ftime-trace-granularity=0"])
        event = rb'"name":"Instantiate(?:Class|Function)","args":\{"detail":"lamina::'
        return len(re.findall(event, self.trace.read_bytes()))


def measure_all(compilation, flags, runs):
    """A row for each subject and compiler."""
    rows = []
    standard = {"standard headers": ([standard_headers(flags)], [*flags, *PORTABLE])}
    for name, (units, own_flags) in (standard | subjects(flags)).items():
        for compiler in COMPILERS:
            row = {"subject": name, "compiler": compiler,
                   **compilation.measure(compiler, units, own_flags, runs)}
            if compiler == CLANG:
                row["instantiations"] = compilation.instantiations(units, own_flags)
            rows.append(row)
            print(f"measured {name} with {compiler}", file=sys.stderr)
    return rows


def table(rows, markdown):
    """The rows as text, a line each."""
    header = ["subject", "compiler", "units", "longest, s", "all, s", "MB", "object kB", "instantiations"]
    cells = [[row["subject"], row["compiler"], str(row["units"]), f"{row['seconds']:.2f}",
              f"{row['seconds_of_all']:.2f}", f"{row['memory_mb']:.0f}", f"{row['object_kb']:.0f}",
              str(row.get("instantiations", ""))] for row in rows]
    widths = [max(len(line[i]) for line in [header, *cells]) for i in range(len(header))]
    lines = [[cell.ljust(width) if i < 2 else cell.rjust(width)
              for i, (cell, width) in enumerate(zip(line, widths))] for line in [header, *cells]]
    if not markdown:
        return "\n".join("  ".join(line) for line in lines)
    rule = ["-" * width if i < 2 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])


def check_shapes(rows):
    """Fails if shapes alone take too long."""
    seconds = {row["subject"]: row["seconds"] for row in rows if row["compiler"] == "g++"}
    more = seconds["shapes"] - seconds["standard headers"]
    print(f"\nthree DCGANs, shapes only, take {more:.2f} s more than the standard headers")
    if more >= SHAPES_SECONDS:
        sys.exit(f"that is past the {SHAPES_SECONDS} s they may take")


def count_all(compilation, flags):
    """The instantiations of what the budget is about."""
    chosen = subjects(flags)
    return {name: compilation.instantiations(*chosen[name]) for name in COUNTED}


def check_budget(counts):
    """Fails if a count has grown past the budget."""
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))["instantiations"]
    grown = []
    for name, count in counts.items():
        growth = count / budget[name] - 1
        print(f"{name:10} {count:6} instantiations, budget {budget[name]:6}: {growth:+.1%}")
        if growth > GROWTH:
            grown.append(name)
    if grown:
        sys.exit(f"{', '.join(grown)}: more than {GROWTH:.0%} past {BUDGET.relative_to(ROOT)}. If what it buys is "
                 "worth it, renew the budget with bench/compile/compile_time.py --renew and say why in the commit.")


def renew_budget(counts):
    """Writes the budget."""
    about = ("Classes and functions in namespace lamina that clang++-19 instantiates for x86-64-v3. Those of the "
             "standard library and of xtensor are not counted, but other versions than g++ 12's, xtensor 0.24 and "
             "xsimd 8.1 may move a count a little. compile_time.py --check compares, --renew writes this file.")
    BUDGET.write_text(json.dumps({"about": about, "instantiations": counts}, indent=2) + "\n", encoding="utf-8")


def main():
    own, given = sys.argv[1:], LIBRARIES
    if "--" in own:
        own, given = own[:own.index("--")], own[own.index("--") + 1:]
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--markdown", action="store_true")
    options.add_argument("--json", type=Path)
    budget = options.add_mutually_exclusive_group()
    budget.add_argument("--check", action="store_true")
    budget.add_argument("--renew", action="store_true")
    chosen = options.parse_args(own)
    flags = [*given, *FLAGS]
    with tempfile.TemporaryDirectory() as folder:
        compilation = Compilation(folder)
        if chosen.check:
            check_budget(count_all(compilation, flags))
        elif chosen.renew:
            renew_budget(count_all(compilation, flags))
        else:
            rows = measure_all(compilation, flags, chosen.runs)
            print(table(rows, chosen.markdown))
            if chosen.json:
                chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
            check_shapes(rows)


if __name__ == "__main__":
    main()
