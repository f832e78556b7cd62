# SPDX-License-Identifier: MIT
"""Networks in evaluation, lamina's and PyTorch's."""

import rounds
from pytorch import PyTorch
from report import spread

NAME = "inference"
PEERS = "the best of PyTorch (eager, frozen, compiled)"
NETWORKS = ["fc-AE", "cnn-AE", "VAE's decoder", "DCGAN-28's generator", "DCGAN-28's discriminator",
            "DCGAN-64's generator", "DCGAN-64's discriminator"]
BATCHES = [1, 16, 128]
VARIANTS = ["eager", "frozen", "compiled"]
COLUMNS = {
    "network, batch": lambda row: row["name"],
    "threads": lambda row: row["threads"],
    "lamina, ms": lambda row: spread(row["ms"]["lamina"], 3),
    "best of PyTorch, ms": lambda row: spread(row["ms"][row["best"]], 3),
    "variant": lambda row: row["best"],
    "times faster": lambda row: f"**{spread(row['ratio'], 2)}**",
}


def rows(chosen, threads, options):
    """Summaries of the networks, all if none is chosen, and the versions of what lamina is compared with."""
    torch = PyTorch("pytorch_inference.py", threads)
    seconds = options.seconds or 0.3
    result = []
    for network, batch in [(network, batch) for network in chosen or NETWORKS for batch in BATCHES]:
        all_rounds = []
        for number in range(1, options.rounds + 1):
            one = {variant: torch.fastest(f"{network}/{batch}", variant, seconds) for variant in VARIANTS}
            _, (row,) = rounds.benchmark(options.programs / "inference_forward", f"--benchmark_min_time={seconds}",
                                         f"--benchmark_filter=^{network}/threads:{threads}/batch:{batch}/")
            one["lamina"] = rounds.fastest(row)
            rounds.say(f"{network}, {batch}", threads, number, one)
            all_rounds.append(one)
        result.append(rounds.summary(f"{network}, {batch}", threads, all_rounds))
    torch.close()
    return result, {"PyTorch": torch.version}
