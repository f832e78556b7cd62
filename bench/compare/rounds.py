# SPDX-License-Identifier: MIT
"""Runs of lamina's benchmarks, and what rounds of them come to."""

import json
import statistics
import subprocess
import sys


def benchmark(program, *arguments):
    """What Google Benchmark says: its context and a list of rows."""
    answer = subprocess.run([program, "--benchmark_format=json", *arguments], text=True, capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"compare: {program} failed: {answer.stderr}")
    if not answer.stdout:
        sys.exit(f"compare: {program} has no row for {' '.join(arguments)} on this processor")
    result = json.loads(answer.stdout)
    for row in result["benchmarks"]:
        if row.get("error_occurred"):
            sys.exit(f"compare: {row['name']}: {row['error_message']}")
    return result["context"], result["benchmarks"]


def fastest(row):
    """Of a row of bench::run_beside_peak."""
    return {"ms": 1e3 * row["best_s"], "percent_of_peak": row["%peak"]}


def say(name, threads, number, one):
    """One round: for each contender its fastest run."""
    times = ", ".join(f"{who} {value['ms']:.4g} ms" for who, value in one.items())
    print(f"{name}, {counted(threads)}, round {number}: {times}", flush=True)


def summary(name, threads, rounds):
    """Of rounds as say() takes them; the best is the contender of lamina with the lowest median."""
    def of(who, what):
        return [one[who][what] for one in rounds if what in one[who]]

    contenders = list(rounds[0])
    best = min((who for who in contenders if who != "lamina"), key=lambda who: statistics.median(of(who, "ms")))
    return {"name": name, "threads": threads, "best": best, "ms": {who: of(who, "ms") for who in contenders},
            "percent_of_peak": {who: of(who, "percent_of_peak") for who in contenders},
            "ratio": [theirs / ours for theirs, ours in zip(of(best, "ms"), of("lamina", "ms"))]}


def counted(threads):
    return "1 thread" if threads == 1 else f"{threads} threads"
