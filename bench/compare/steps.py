# SPDX-License-Identifier: MIT
"""Training steps, lamina's and PyTorch's."""

import pytorch
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
    prefixes = ["" if precision == "float32" else f"{precision}/" for precision in options.precision]
    names = [prefix + step for prefix in prefixes for step in chosen or STEPS]
    cases = [(name, f"{name}/threads:{threads}") for name in names]
    return pytorch.rows("pytorch_steps.py", VARIANTS, "training_step", cases, threads, options, 2.0)
