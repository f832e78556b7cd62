# SPDX-License-Identifier: MIT
"""Networks in evaluation, lamina's and PyTorch's."""

import pytorch
from report import spread

NAME = "inference"
PEERS = "the best of PyTorch (eager, frozen, compiled)"
NETWORKS = ["fc-AE", "cnn-AE", "VAE's decoder", "DCGAN-28's generator", "DCGAN-28's discriminator",
            "DCGAN-64's generator", "DCGAN-64's discriminator"]
BATCHES = [1, 16, 128]
VARIANTS = ["eager", "frozen", "compiled"]
COLUMNS = {
    "network / batch": lambda row: row["name"],
    "threads": lambda row: row["threads"],
    "lamina, ms": lambda row: spread(row["ms"]["lamina"], 3),
    "best of PyTorch, ms": lambda row: spread(row["ms"][row["best"]], 3),
    "variant": lambda row: row["best"],
    "times faster": lambda row: f"**{spread(row['ratio'], 2)}**",
}


def rows(chosen, threads, options):
    """Summaries of the networks, all if none is chosen, and the versions of what lamina is compared with."""
    cases = [(f"{network}/{batch}", f"{network}/threads:{threads}/batch:{batch}")
             for network in chosen or NETWORKS for batch in BATCHES]
    return pytorch.rows("pytorch_inference.py", VARIANTS, "inference_forward", cases, threads, options, 0.3)
