#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the training steps of bench/training with PyTorch, in batches of 128: see pytorch_timing."""

import pytorch_models as models
import pytorch_timing
import torch

# For each step, named as in step_bench.cpp: how to make it, and the height and width of its images.
STEPS = {
    "fc-AE": (lambda prepare: models.autoencoder_step(models.fc_autoencoder(), prepare), 28),
    "cnn-AE": (lambda prepare: models.autoencoder_step(models.cnn_autoencoder(), prepare), 28),
    "VAE": (models.vae_step, 28),
    "DCGAN-28": (lambda prepare: models.gan_step(*models.dcgan28(128), prepare), 28),
    "DCGAN-64": (lambda prepare: models.gan_step(*models.dcgan64(), prepare), 64),
}
VARIANTS = {"eager": lambda network: network, "compiled": torch.compile}


def made(name, variant):
    make, size = STEPS[name]
    step, batch = make(VARIANTS[variant]), models.channels_last(torch.rand(128, 1, size, size))
    return lambda: step(batch)


if __name__ == "__main__":
    pytorch_timing.serve(made)
