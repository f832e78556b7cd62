#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times lamina's training steps and PyTorch's in turns and writes one table: docs/performance.md says how to read it.

A round runs each program for a moment, one after the other, so that what slows the machine down slows down both. The
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

ROOT = Path(__file__).resolve().parents[1]
STEPS = ["fc-AE", "cnn-AE", "VAE", "DCGAN-28", "DCGAN-64"]
VARIANTS = ["eager", "compiled"]


class PyTorch:
    """bench/peers/pytorch_steps.py with so many threads."""

    def __init__(self, threads):
        environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen([sys.executable, ROOT / "bench/peers/pytorch_steps.py", str(threads)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
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


def lamina_seconds(program, step, threads, duration):
    """The fastest step, and its share of the FMA peak measured beside it."""
    pattern = f"^{step}/threads:{threads}/"
    answer = subprocess.run([program, f"--benchmark_filter={pattern}", f"--benchmark_min_time={duration}",
                             "--benchmark_format=json"], check=True, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    (row,) = json.loads(answer.stdout)["benchmarks"]
    return row["best_s"], row["%peak"]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def row_of(rounds):
    peer = {variant: [one[variant] for one in rounds] for variant in VARIANTS}
    best = min(VARIANTS, key=lambda variant: statistics.median(peer[variant]))
    return {"ms": [1e3 * one["lamina"] for one in rounds], "percent": [one["percent"] for one in rounds], "best": best,
            "peer_ms": [1e3 * one[best] for one in rounds], "ratio": [one[best] / one["lamina"] for one in rounds]}


def markdown(result):
    lines = ["| step | threads | lamina, ms | percent of FMA peak | best of PyTorch, ms | | times faster |",
             "|---|---|---|---|---|---|---|"]
    for row in result["rows"]:
        lines.append(f"| {row['step']} | {row['threads']} | {spread(row['ms'], 1)} | {spread(row['percent'], 0)} "
                     f"| {spread(row['peer_ms'], 1)} | {row['best']} | **{spread(row['ratio'], 2)}** |")
    return "\n".join(lines) + "\n"


def draw(result, file):
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot

    rows = result["rows"]
    names = [f"{row['step']}, {row['threads']} thread{'s' if row['threads'] > 1 else ''}" for row in rows]
    medians = [statistics.median(row["ratio"]) for row in rows]
    errors = [[median - min(row["ratio"]) for median, row in zip(medians, rows)],
              [max(row["ratio"]) - median for median, row in zip(medians, rows)]]
    figure, axes = pyplot.subplots(figsize=(7, 0.4 * len(rows) + 1.2), layout="constrained")
    axes.barh(names, medians, xerr=errors, color="#4477aa", ecolor="#333333", capsize=3)
    axes.axvline(1, color="#cc3311", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel(f"times faster than the best of PyTorch {result['torch']} (eager, compiled)")
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
    for threads in options.threads:
        cores = set(list(sorted(os.sched_getaffinity(0)))[:threads])
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores)  # for the programs that are started from here
        torch = PyTorch(threads)
        for step in options.steps:
            rounds = []
            for number in range(options.rounds):
                one = {variant: torch.seconds(step, variant, options.seconds) for variant in VARIANTS}
                one["lamina"], one["percent"] = lamina_seconds(options.program, step, threads, options.seconds)
                rounds.append(one)
                print(f"{step}, {threads} threads, round {number + 1}: " + ", ".join(f"{name} {value:.4g}" for name, value in one.items()),
                      flush=True)
            rows.append({"step": step, "threads": threads, **row_of(rounds)})
        torch.close()
        os.sched_setaffinity(0, before)

    result = {"date": date.today().isoformat(), "processor": processor(), "torch": torch.version, "rounds": options.rounds,
              "seconds": options.seconds, "rows": rows}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "steps.json").write_text(json.dumps(result, indent=1) + "\n")
    (options.out / "steps.md").write_text(markdown(result))
    draw(result, options.out / "steps.svg")
    print(f"\n{result['processor']}, {result['date']}, PyTorch {result['torch']}: median of {options.rounds} rounds "
          f"(lowest to highest)\n\n{markdown(result)}\nin {options.out}/steps.{{json,md,svg}}")


if __name__ == "__main__":
    main()
