#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times lamina's training steps and PyTorch's in turns and writes one table: docs/performance.md says how to read it.

A round runs each program for a moment, one after the other, so that what slows the machine down slows down all. The
ratio of a round is that of the fastest steps in it; the table has the median over the rounds, and the lowest and highest.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402: once it is known what to draw with

ROOT = Path(__file__).resolve().parents[1]
STEPS = ["fc-AE", "cnn-AE", "VAE", "DCGAN-28", "DCGAN-64"]
VARIANTS = ["eager", "compiled"]


class PyTorch:
    """bench/peers/pytorch_steps.py with so many threads."""

    def __init__(self, threads):
        program = ROOT / "bench/peers/pytorch_steps.py"
        self.process = subprocess.Popen([sys.executable, program, str(threads)], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.version = self.answer()["torch"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("compare: PyTorch's program ended early; what it says of this stands above")
        return json.loads(line)

    def seconds(self, step, variant, duration):
        print(step, variant, duration, file=self.process.stdin, flush=True)
        return min(self.answer())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def lamina_row(program, step, threads, duration):
    """What Google Benchmark says of the step."""
    answer = subprocess.run([program, f"--benchmark_filter=^{step}/threads:{threads}/",
                             f"--benchmark_min_time={duration}", "--benchmark_format=json"], text=True,
                            capture_output=True)
    if answer.returncode != 0:
        sys.exit(f"compare: {program} failed: {answer.stderr}")
    (row,) = json.loads(answer.stdout)["benchmarks"]
    return row


def rounds_of(step, threads, torch, options):
    rounds = []
    for number in range(1, options.rounds + 1):
        one = {variant: torch.seconds(step, variant, options.seconds) for variant in VARIANTS}
        row = lamina_row(options.program, step, threads, options.seconds)
        rounds.append(one | {"lamina": row["best_s"], "percent_of_peak": row["%peak"]})
        print(f"{step}, {counted(threads)}, round {number}: "
              + ", ".join(f"{name} {value:.4g}" for name, value in rounds[-1].items()), flush=True)
    return rounds


def summary(step, threads, rounds):
    def of(name):
        return [one[name] for one in rounds]

    best = min(VARIANTS, key=lambda variant: statistics.median(of(variant)))
    return {"step": step, "threads": threads, "ms": [1e3 * seconds for seconds in of("lamina")],
            "percent_of_peak": of("percent_of_peak"), "best": best, "best_ms": [1e3 * seconds for seconds in of(best)],
            "ratio": [theirs / ours for theirs, ours in zip(of(best), of("lamina"))]}


def counted(threads):
    return "1 thread" if threads == 1 else f"{threads} threads"


def processor():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return names[0] if names else platform.processor()


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def markdown(rows):
    lines = ["| step | threads | lamina, ms | percent of the peak | best of PyTorch, ms | variant | times faster |",
             "|---|---|---|---|---|---|---|"]
    lines += [f"| {row['step']} | {row['threads']} | {spread(row['ms'], 1)} | {spread(row['percent_of_peak'], 0)} "
              f"| {spread(row['best_ms'], 1)} | {row['best']} | **{spread(row['ratio'], 2)}** |" for row in rows]
    return "\n".join(lines) + "\n"


def draw(rows, version, file):
    medians = [statistics.median(row["ratio"]) for row in rows]
    errors = [[median - min(row["ratio"]) for median, row in zip(medians, rows)],
              [max(row["ratio"]) - median for median, row in zip(medians, rows)]]
    figure, axes = pyplot.subplots(figsize=(7, 0.4 * len(rows) + 1.2), layout="constrained")
    axes.barh([f"{row['step']}, {counted(row['threads'])}" for row in rows], medians, xerr=errors, color="#4477aa",
              ecolor="#333333", capsize=3)
    axes.axvline(1, color="#cc3311", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel(f"times faster than the best of PyTorch {version} (eager, compiled)")
    figure.savefig(file, metadata={"Date": None})


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--program", type=Path, default=ROOT / "build/release/bench/training_step")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0, help="of each program in a round")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    options.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    options.add_argument("--out", type=Path, default=ROOT / "build/bench")
    options = options.parse_args()

    rows = []
    cores = sorted(os.sched_getaffinity(0))
    for threads in options.threads:
        os.sched_setaffinity(0, cores[:threads])  # for the programs that are started from here
        torch = PyTorch(threads)
        rows += [summary(step, threads, rounds_of(step, threads, torch, options)) for step in options.steps]
        torch.close()

    result = {"date": date.today().isoformat(), "processor": processor(), "torch": torch.version,
              "rounds": options.rounds, "seconds": options.seconds, "rows": rows}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "steps.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.out / "steps.md").write_text(markdown(rows))
    draw(rows, torch.version, options.out / "steps.svg")
    print(f"\n{result['processor']}, {result['date']}, PyTorch {torch.version}: median of {options.rounds} rounds "
          f"(lowest to highest)\n\n{markdown(rows)}\nin {options.out}/steps.{{json,md,svg}}")


if __name__ == "__main__":
    main()
