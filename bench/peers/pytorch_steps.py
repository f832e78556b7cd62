#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the training steps of bench/training with PyTorch, in batches of 128: see pytorch_timing.

A name that begins with bfloat16/ is the step with the networks under autocast, the loss in float32.
"""

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


def under_autocast(network):
    def forward(images):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result = network(images)
        return result.float()

    return forward


def made(name, variant):
    precision, _, step = name.rpartition("/")
    make, size = STEPS[step]
    prepare = VARIANTS[variant]
    step = make((lambda network: under_autocast(prepare(network))) if precision == "bfloat16" else prepare)
    batch = models.channels_last(torch.rand(128, 1, size, size))
    return lambda: step(batch)


if __name__ == "__main__":
    pytorch_timing.serve(made)
