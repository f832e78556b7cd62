# SPDX-License-Identifier: MIT
"""PyTorch, as a process that times its networks when asked, and lamina beside it."""

import json
import subprocess
import sys
from pathlib import Path

import rounds


class PyTorch:
    """A program of bench/peers with so many threads: see pytorch_timing.py there."""

    def __init__(self, program, threads):
        program = Path(__file__).resolve().parents[1] / "peers" / program
        self.process = subprocess.Popen([sys.executable, program, str(threads)], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.version = self.answer()["torch"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("compare: PyTorch's program ended early; what it says of this stands above")
        return json.loads(line)

    def fastest(self, name, variant, duration):
        print(json.dumps([name, variant, duration]), file=self.process.stdin, flush=True)
        return {"ms": 1e3 * min(self.answer())}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def rows(program, variants, benchmark, cases, threads, options, seconds):
    """Summaries of cases, and PyTorch's version. A case is a name, and what lamina's benchmark calls it up to a slash;
    a round runs each variant of PyTorch's program and lamina for so many seconds."""
    torch = PyTorch(program, threads)
    seconds = options.seconds or seconds
    result = []
    for name, row in cases:
        all_rounds = []
        for number in range(1, options.rounds + 1):
            one = {variant: torch.fastest(name, variant, seconds) for variant in variants}
            _, (timed,) = rounds.benchmark(options.programs / benchmark, f"--benchmark_min_time={seconds}",
                                           f"--benchmark_filter=^{row}/")
            one["lamina"] = rounds.fastest(timed)
            rounds.say(name, threads, number, one)
            all_rounds.append(one)
        result.append(rounds.summary(name, threads, all_rounds))
    torch.close()
    return result, {"PyTorch": torch.version}
