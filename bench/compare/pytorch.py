# SPDX-License-Identifier: MIT
"""PyTorch, as a process that times its networks when asked."""

import json
import subprocess
import sys
from pathlib import Path


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
