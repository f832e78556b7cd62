#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the training steps of bench/training with PyTorch, for bench/compare.

Its argument is the number of threads. A line "STEP VARIANT SECONDS" on stdin is answered by a line of JSON: how many
seconds each step took that fitted into SECONDS, in a batch of 128. Steps have the names that step_bench.cpp gives them.
"""

import json
import sys
import time

import pytorch_models as models
import torch

# For each step: how to make it, and the height and width of its images.
STEPS = {
    "fc-AE": (lambda prepare: models.autoencoder_step(models.fc_autoencoder(), prepare), 28),
    "cnn-AE": (lambda prepare: models.autoencoder_step(models.cnn_autoencoder(), prepare), 28),
    "VAE": (models.vae_step, 28),
    "DCGAN-28": (lambda prepare: models.gan_step(*models.dcgan28(128), prepare), 28),
    "DCGAN-64": (lambda prepare: models.gan_step(*models.dcgan64(), prepare), 64),
}
VARIANTS = {"eager": lambda network: network, "compiled": torch.compile}


def made(name, variant):
    """A step on one batch, run warm."""
    torch.manual_seed(1)
    make, size = STEPS[name]
    step, batch = make(VARIANTS[variant]), models.channels_last(torch.rand(128, 1, size, size))
    for _ in range(3):
        step(batch)
    return lambda: step(batch)


def times_of(step, seconds):
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_flush_denormal(True)
    print(json.dumps({"torch": torch.__version__}), flush=True)
    steps = {}
    for line in sys.stdin:
        name, variant, seconds = line.split()
        if (name, variant) not in steps:
            steps[name, variant] = made(name, variant)
        print(json.dumps(times_of(steps[name, variant], float(seconds))), flush=True)


if __name__ == "__main__":
    main()
