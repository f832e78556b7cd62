#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times lamina's products, training steps and inference in turns with those of others: docs/performance.md says how to read it.

A round runs each program for a moment, one after the other, so that what slows the machine down slows down all. The
ratio of a round is that of the fastest runs in it; a table has the median over the rounds, and the lowest and highest.
"""

import argparse
import os
from pathlib import Path

import inference
import operations
import report
import steps

ROOT = Path(__file__).resolve().parents[2]


def parsed():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--operations", nargs="*", metavar="TEXT",
                         help="only products, those whose name has one of these in it (or all)")
    options.add_argument("--steps", nargs="*", choices=steps.STEPS, metavar="STEP",
                         help=f"only training steps, these (or all): {', '.join(steps.STEPS)}")
    options.add_argument("--inference", nargs="*", choices=inference.NETWORKS, metavar="NETWORK",
                         help="only networks in evaluation, these (or all): " + ", ".join(inference.NETWORKS))
    options.add_argument("--precision", nargs="+", default=["float32"], choices=["float32", "bfloat16"],
                         help="of training steps (default: float32); bfloat16 needs a processor with AVX512-BF16")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float,
                         help="of each program in a round (default: 0.2 for a product, 2 for a training step, 0.3 for "
                              "inference)")
    options.add_argument("--threads", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    options.add_argument("--programs", type=Path, default=ROOT / "build/release/bench")
    options.add_argument("--out", type=Path, default=ROOT / "build/bench")
    options = options.parse_args()
    if options.operations is None and options.steps is None and options.inference is None:
        options.operations = options.steps = options.inference = []
    return options


def compare(kind, chosen, options):
    rows = []
    processors = sorted(os.sched_getaffinity(0))
    for threads in options.threads:
        os.sched_setaffinity(0, processors[:threads])  # for the programs that are started from here
        more, versions = kind.rows(chosen, threads, options)
        rows += more
    os.sched_setaffinity(0, processors)
    report.write(kind, rows, versions, options)


def main():
    options = parsed()
    for kind in operations, steps, inference:
        chosen = getattr(options, kind.NAME)
        if chosen is not None:
            compare(kind, chosen, options)


if __name__ == "__main__":
    main()
