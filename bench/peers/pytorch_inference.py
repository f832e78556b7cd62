#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the networks of bench/inference in evaluation with PyTorch: see pytorch_timing. Names end with "/BATCH"."""

import pytorch_models as models
import pytorch_timing
import torch
from torch._inductor import config as inductor

# For each network, named as in forward_bench.cpp: how to make it, and the shape of an image.
NETWORKS = {
    "fc-AE": (models.fc_autoencoder, (1, 28, 28)),
    "cnn-AE": (models.cnn_autoencoder, (1, 28, 28)),
    "VAE's decoder": (models.decoder, (128, 1, 1)),
    "DCGAN-28's generator": (lambda: models.dcgan28(128)[0], (models.LATENT, 1, 1)),
    "DCGAN-28's discriminator": (lambda: models.dcgan28(128)[1], (1, 28, 28)),
    "DCGAN-64's generator": (lambda: models.dcgan64()[0], (models.LATENT, 1, 1)),
    "DCGAN-64's discriminator": (lambda: models.dcgan64()[1], (1, 64, 64)),
}


def frozen(network, images):
    """BatchNorm folded into the weights, which oneDNN stores in its own order."""
    return torch.jit.optimize_for_inference(torch.jit.trace(network, images))


def compiled(network, _):
    """The same by the compiler."""
    inductor.freezing = True
    return torch.compile(network, dynamic=False)


VARIANTS = {"eager": lambda network, _: network, "frozen": frozen, "compiled": compiled}


def made(name, variant):
    name, batch = name.rsplit("/", 1)
    make, shape = NETWORKS[name]
    images = models.channels_last(torch.rand(int(batch), *shape))
    with torch.no_grad():
        network = VARIANTS[variant](models.channels_last(make()).eval(), images)

    @torch.no_grad()
    def run():
        return network(images)

    return run


if __name__ == "__main__":
    pytorch_timing.serve(made)
