# SPDX-License-Identifier: MIT
"""Training steps, lamina's and PyTorch's."""

import rounds
from pytorch import PyTorch
from report import spread

NAME = "steps"
PEERS = "the best of PyTorch (eager, compiled)"
STEPS = ["fc-AE", "cnn-AE", "VAE", "DCGAN-28", "DCGAN-64"]
VARIANTS = ["eager", "compiled"]
COLUMNS = {
    "step": lambda row: row["name"],
    "threads": lambda row: row["threads"],
    "lamina, ms": lambda row: spread(row["ms"]["lamina"], 1),
    "percent of the peak": lambda row: spread(row["percent_of_peak"]["lamina"], 0),
    "best of PyTorch, ms": lambda row: spread(row["ms"][row["best"]], 1),
    "variant": lambda row: row["best"],
    "times faster": lambda row: f"**{spread(row['ratio'], 2)}**",
}


def rows(chosen, threads, options):
    """Summaries of the steps, all if none is chosen, and the versions of what lamina is compared with."""
    torch = PyTorch("pytorch_steps.py", threads)
    seconds = options.seconds or 2.0
    result = []
    for step in chosen or STEPS:
        all_rounds = []
        for number in range(1, options.rounds + 1):
            one = {variant: torch.fastest(step, variant, seconds) for variant in VARIANTS}
            _, (row,) = rounds.benchmark(options.programs / "training_step", f"--benchmark_min_time={seconds}",
                                         f"--benchmark_filter=^{step}/threads:{threads}/")
            one["lamina"] = rounds.fastest(row)
            rounds.say(step, threads, number, one)
            all_rounds.append(one)
        result.append(rounds.summary(step, threads, all_rounds))
    torch.close()
    return result, {"PyTorch": torch.version}
