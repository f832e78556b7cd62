#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains `dcgan --width 64` with PyTorch and scores it with the classifier that ships with the examples.

A score means nothing outside of its classifier, so that a figure to compare lamina's DCGAN with has to come from the
same one. Networks, initialisation, losses and optimisers are those of the program; random numbers are PyTorch's.

    pip install numpy safetensors torch
    bench/quality/pytorch_dcgan.py --epochs 5 --seed 1
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
BATCH = 128
LATENT = 100


def images_of(folder, part):
    """Pixels in [0, 1], float32 (N, 1, 28, 28)."""
    packed = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    pixels = np.frombuffer(packed, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def generator():
    return nn.Sequential(
        nn.ConvTranspose2d(LATENT, 128, 7), nn.BatchNorm2d(128), nn.ReLU(),
        nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh())


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Conv2d(128, 1, 7), nn.Flatten(0))


def initialise(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


def adam(network):
    return torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)


def epoch_of(g, d, g_adam, d_adam, images):
    """One pass over the images in an order of its own; the last batch is dropped. Returns the mean losses of d and g."""
    totals = torch.zeros(2)
    order = torch.randperm(len(images)).split(BATCH)
    order = [indices for indices in order if len(indices) == BATCH]
    for indices in order:
        real = images[indices].contiguous(memory_format=torch.channels_last)
        fake = g(torch.randn(BATCH, LATENT, 1, 1))
        ones, zeros = torch.ones(BATCH), torch.zeros(BATCH)
        d_adam.zero_grad()
        d_loss = (F.binary_cross_entropy_with_logits(d(real), ones)
                  + F.binary_cross_entropy_with_logits(d(fake.detach()), zeros))
        d_loss.backward()
        d_adam.step()
        d.requires_grad_(False)
        g_adam.zero_grad()
        g_loss = F.binary_cross_entropy_with_logits(d(fake), ones)
        g_loss.backward()
        g_adam.step()
        d.requires_grad_(True)
        totals += torch.stack([d_loss.detach(), g_loss.detach()])
    return totals / len(order)


class Classifier(nn.Module):
    """examples/common/networks/classifier.hpp, up to its last hidden layer."""

    def __init__(self):
        super().__init__()
        features = nn.Sequential(
            nn.Conv2d(1, 32, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 7 * 7, 128), nn.ReLU())
        self.network = nn.Sequential(features, nn.Linear(128, 10))
        self.network.load_state_dict(load_file(ROOT / "examples/data/classifier.safetensors"))
        self.eval()

    def forward(self, images):
        return self.network[0]((images - 0.2860) / 0.3530)


@torch.no_grad()
def features_of(classifier, batches):
    return torch.cat([classifier(batch) for batch in batches]).double().numpy()


def root_of(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T


def frechet_distance(a, b):
    of_a, of_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = root_of(of_a)
    cross = np.sqrt(np.linalg.eigvalsh(root @ of_b @ root).clip(0)).sum()
    return np.square(a.mean(0) - b.mean(0)).sum() + np.trace(of_a) + np.trace(of_b) - 2 * cross


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    options = options.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)

    classifier = Classifier()
    test = features_of(classifier, images_of(options.data, "t10k").split(125))
    train = images_of(options.data, "train")
    print(f"torch {torch.__version__}, {options.threads} threads, seed {options.seed}")
    print(f"score of as many training images: {frechet_distance(features_of(classifier, train[:10000].split(125)), test):.2f}")

    g, d = generator().apply(initialise), discriminator().apply(initialise)
    g, d = g.to(memory_format=torch.channels_last), d.to(memory_format=torch.channels_last)
    g_adam, d_adam = adam(g), adam(d)
    latents = torch.randn(len(test), LATENT, 1, 1)
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        d_loss, g_loss = epoch_of(g, d, g_adam, d_adam, 2 * train - 1)
        seconds = time.perf_counter() - start
        g.eval()
        score = frechet_distance(features_of(classifier, ((g(z) + 1) / 2 for z in latents.split(125))), test)
        g.train()
        print(f"epoch {epoch}: d_loss {d_loss:.4f}, g_loss {g_loss:.4f}, score {score:.2f}, seconds {seconds:.1f}", flush=True)


if __name__ == "__main__":
    main()
