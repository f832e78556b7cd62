# SPDX-License-Identifier: MIT
"""How bench/compare talks to the programs that time PyTorch.

Their argument is the number of threads. A line of JSON on stdin, [NAME, VARIANT, SECONDS], is answered by one: how many
seconds each run took of those that fitted into SECONDS.
"""

import json
import sys
import time

import torch

WARM_RUNS = 3


def times_of(run, seconds):
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def serve(make):
    """make(name, variant) returns what is to be timed, which is run warm first and kept until there is another name."""
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_flush_denormal(True)
    print(json.dumps({"torch": torch.__version__}), flush=True)
    name, made = None, {}
    for line in sys.stdin:
        previous, (name, variant, seconds) = name, json.loads(line)
        if name != previous:
            made = {}
            torch.compiler.reset()  # it compiles a function for a few shapes only
        if variant not in made:
            torch.manual_seed(1)
            made[variant] = run = make(name, variant)
            for _ in range(WARM_RUNS):
                run()
        print(json.dumps(times_of(made[variant], seconds)), flush=True)
