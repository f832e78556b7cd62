# SPDX-License-Identifier: MIT
"""Products of convolutions and linear layers, lamina's and those of the libraries that its benchmark is built with."""

import subprocess
import sys

import rounds
from report import spread

NAME = "operations"
PEERS = "the best of the other libraries"
LIBRARIES = ["oneDNN", "OpenBLAS"]
COLUMNS = {
    "product": lambda row: row["name"],
    "threads": lambda row: row["threads"],
    "lamina, percent of the peak": lambda row: spread(row["percent_of_peak"]["lamina"], 0),
    "best other": lambda row: row["best"],
    "its percent of the peak": lambda row: spread(row["percent_of_peak"][row["best"]], 0),
    "times faster": lambda row: f"**{spread(row['ratio'], 2)}**",
}


def geometries(program, chosen):
    """Names such as "Linear<784, 512>", in their order."""
    lines = subprocess.run([program, "--benchmark_list_tests"], text=True, check=True, capture_output=True).stdout
    names = dict.fromkeys(line.split("/")[0] for line in lines.splitlines())
    found = [name for name in names if not chosen or any(text in name for text in chosen)]
    if not found:
        sys.exit(f"compare: no product has {' or '.join(chosen)} in its name; there are {'; '.join(names)}")
    return found


def round_of(program, geometry, threads, seconds):
    """For each direction the fastest run of each contender, one after the other in one program."""
    context, timed = rounds.benchmark(program, f"--benchmark_min_time={seconds}",
                                      f"--benchmark_filter=^{geometry}/.*/threads:{threads}/")
    directions = {}
    for row in timed:
        _, direction, *library = row["name"].split("/threads:")[0].split("/")
        directions.setdefault(direction, {})["".join(library) or "lamina"] = rounds.fastest(row)
    versions = {library: context[library] for library in LIBRARIES if library in context}
    if not versions:
        sys.exit(f"compare: {program} is built without {' and '.join(LIBRARIES)}")
    return directions, versions


def rows(chosen, threads, options):
    """Summaries of the products, all if none is chosen, and the versions of what lamina is compared with."""
    program = options.programs / "operations_window"
    result = []
    for geometry in geometries(program, chosen):
        all_rounds = {}
        for number in range(1, options.rounds + 1):
            directions, versions = round_of(program, geometry, threads, options.seconds or 0.2)
            for direction, one in directions.items():
                name = f"{geometry}, {direction.replace('_', ' ')}"
                rounds.say(name, threads, number, one)
                all_rounds.setdefault(name, []).append(one)
        result += [rounds.summary(name, threads, its) for name, its in all_rounds.items()]
    return result, versions
